"""While an agreement is being written, another text may be fixed or signed: said above it, to be decided."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal

from app.services.agreement_seen import Met, Seen
from ui.pages import agreement_parts as parts
from ui.widgets.base import announce, bring_into_view
from ui.widgets.buttons import Button
from ui.widgets.states import InfoBar

if TYPE_CHECKING:
    from app.domain.reducer import CaseFile
    from ui.pages.working import WorkingPage


class OtherTextBar(InfoBar):
    """Shows itself while something holds that the draft's writer has not seen; 看那一份 shows it.

    ``adopted(file, seen)`` when the writer goes on with their own: the case as it stands, and what was told.
    """

    adopted = Signal(object, object)

    def __init__(self, page: WorkingPage) -> None:
        super().__init__(
            page.look, "dueToday", "协议有了另一版", " ", name="agreement_editor.other", icon="file-pen",
            action="照我写的接着来",
        )  # fmt: skip
        self._page = page
        self._file: CaseFile | None = None
        self._met: Met | None = None
        self.look_button = Button(
            page.look, "看那一份", name="agreement_editor.other.look", icon="eye", compact=True
        )
        self.look_button.clicked.connect(self.look_at_it)
        self.add_act(self.look_button)
        self.acted.connect(self._adopt)
        self.hide()

    def look_for(self, case_id: str, seen: Seen) -> None:
        """Read anew whether something was fixed or signed since ``seen``."""
        self._page.fetch(
            "看另一版协议",
            lambda office: (office.cases.open(case_id).file, office.agreeing.met(case_id, seen)),
            self._show,
        )

    def put_away(self) -> None:
        """Nothing is being written."""
        self._page.drop("看另一版协议")
        self._met = None
        self.hide()

    def _show(self, found: tuple[CaseFile, Met | None]) -> None:
        before = self._met
        self._file, self._met = found
        self.setVisible(self._met is not None)
        if self._met is None or self._met == before:
            return
        self.set_texts(self._met.title, self._met.text)
        announce(self, f"{self._met.title}。{self._met.text}")
        if (typing := self._page.focusWidget()) is not None:
            bring_into_view(typing)

    def look_at_it(self) -> None:
        """看那一份, names covered."""
        if (file := self._file) is not None:
            form = parts.fixed_paper(file).form_id
            parts.show_paper(
                self._page, lambda office: office.papers.preview_of(file, form, draft=False).content,
                title="已定稿的那一份", note="姓名已遮挡",
            )  # fmt: skip

    def _adopt(self) -> None:
        file, met = self._file, self._met
        if file is not None and met is not None:
            self.put_away()
            self.adopted.emit(file, met.seen)
