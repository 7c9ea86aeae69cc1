"""司法确认: signed scans taken into the pack, as long as it may be changed."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from app.services.attachments import FileEntry
from ui.pages import agreement_parts as parts
from ui.widgets.base import identify

if TYPE_CHECKING:
    from ui.pages.confirmation import ConfirmationPage

ROLES = {"identity": "identity", "evidence": "evidence"}
"""Materials whose files have a role of their own; all others are scans."""


class Scans:
    """Asks what a scan is of, and for the file; looks each time whether the pack may still be changed."""

    def __init__(self, page: ConfirmationPage) -> None:
        self._page = page

    def add(self, code: str) -> None:
        """Take in a signed scan; for a paper of each party, first ask whose."""
        page = self._page
        item = page.item(code)
        view = page.loaded.view if page.loaded is not None else None
        if view is None or self._locked():
            return
        if not item.material.each_party:
            self._choose(code, "")
            return
        lacking = item.lacking_party_ids or tuple(view.file.agreements[view.file.head.agreement_id].party_ids)
        if len(lacking) == 1:
            self._choose(code, lacking[0])
            return
        menu = QMenu(page)
        identify(menu, "confirmation.whose.menu", f"谁的{item.material.name}")
        for number, party_id in enumerate(lacking, start=1):
            action = menu.addAction(f"&{number}  {parts.whose(view.file.parties[party_id])}")
            action.setData(party_id)
        menu.triggered.connect(lambda action: self._choose(code, str(action.data())))
        menu.aboutToHide.connect(menu.deleteLater)
        button = page.materials.rows[code].buttons["scan"]
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def ask_which(self) -> None:
        """加扫描件 from the card's header: first for which material."""
        page = self._page
        view = page.loaded.view if page.loaded is not None else None
        if view is None or self._locked():
            return
        menu = QMenu(page)
        identify(menu, "confirmation.scan.menu", "给哪一项加扫描件")
        for one in view.materials:
            if one.status != "not_needed":
                menu.addAction(one.material.name).setData(one.material.code)
        menu.triggered.connect(lambda action: self.add(str(action.data())))
        menu.aboutToHide.connect(menu.deleteLater)
        button = page.materials.scan_button
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _locked(self) -> bool:
        """Whether the pack went to the court, perhaps while a menu or a dialog stood open; it is told."""
        page = self._page
        locked = page.loaded is None or not page.loaded.editable
        if locked:
            page.said.emit("材料包已经提交，锁住了，没有加进去。法院要求补材料时再加。")
        return locked

    def _choose(self, code: str, party: str) -> None:
        if self._locked():
            return
        page = self._page
        parts.choose_file(
            page.window(),
            f"选{page.item(code).material.name}的扫描件",
            lambda path: self.take(code, party, path),
            name="confirmation.scan.choose",
        )

    def take(self, code: str, party: str, path: Path) -> None:
        """Keep the chosen file as the material ``code`` of ``party``."""
        if self._locked():
            return
        page = self._page
        item, case_id = page.item(code), page.case_id
        entry = FileEntry(
            role=ROLES.get(code, "scan"),
            title=item.material.name,
            provided_by=party,
            original="original" if item.material.signed else "copy",
            material=code,
        )
        asked = page.loaded is not None and page.loaded.asked
        # The file itself goes to the platform; to the court it goes with the next press alone.
        onward = f"放进了材料包。补齐后点“{'补交给法院' if asked else page.lodge_button.text()}”才交"
        page.save(
            f"加{item.material.name}",
            lambda office: office.attachments.add_path(case_id, path, entry),
            said=f"{item.material.name}已存好，{onward}。",
            refused=page.say_problem,
            again=True,
        )
