"""Above the record: phrases and evidence put in at the cursor, a sentence marked as undisputed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from ui.widgets.base import identify
from ui.widgets.buttons import Button, FlatButton

if TYPE_CHECKING:
    from ui.pages.session import SessionPage


class SessionTools:
    """The three buttons of the common record, and what they do on ``page``."""

    def __init__(self, page: SessionPage) -> None:
        look, self._page = page.look, page
        self.phrase = FlatButton(look, "常用句", name="session.tools.phrase", icon="quote")
        self.quote = FlatButton(look, "插证据", name="session.tools.evidence", icon="paperclip")
        self.fact = FlatButton(look, "记为无争议", name="session.tools.undisputed", icon="circle-check")
        self.buttons = (self.phrase, self.quote, self.fact)
        self.phrase.clicked.connect(self._open_phrases)
        self.quote.clicked.connect(self._open_evidence)
        self.fact.clicked.connect(self._mark)

    def _mark(self) -> None:
        page = self._page
        if not page.turns.mark_undisputed(page.office.desk.clock.now()):
            page.said.emit("先选中一句双方都认的话，再点“记为无争议”。")

    def _open_phrases(self) -> None:
        self._menu(self.phrase, "常用句", self._page.phrases)

    def _open_evidence(self) -> None:
        titles = [f"（出示：{a.title or '材料'}）" for a in self._page.evidence.attachments]
        if titles:
            self._menu(self.quote, "插证据", titles)
        else:
            self._page.said.emit("还没有证据材料，先加材料。")

    def _menu(self, button: Button, title: str, texts: Sequence[str]) -> None:
        menu = QMenu(self._page)
        identify(menu, f"{button.objectName()}.menu", title)
        for text in texts:
            menu.addAction(text).triggered.connect(self._inserter(text))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(button.mapToGlobal(button.rect().bottomLeft()))

    def _inserter(self, text: str) -> Callable[[], None]:
        def insert() -> None:
            if not self._page.turns.insert(text):
                self._page.said.emit("先按 F2 选说话人。")

        return insert
