"""Above the record: phrases and evidence put in at the cursor, a sentence marked as undisputed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QBoxLayout, QLayout, QMenu

from ui.widgets.base import Divider, identify, row
from ui.widgets.buttons import Button, FlatButton
from ui.widgets.fitting import FittingRow

if TYPE_CHECKING:
    from ui.pages.session import SessionPage


class ToolLine(FittingRow):
    """Whom one talks with, and the tools; below each other where both do not fit in one line."""

    ONE_LINE, TWO_LINES = range(2)
    GAP, MARGINS = 6, (10, 8, 16, 8)

    def __init__(self, tabs: QLayout, tools: QLayout) -> None:
        super().__init__()
        self._tabs, self._tools, self._divided = tabs, tools, False
        self._bar = Divider(vertical=True)
        self._line = row(tabs, self._bar, tools, spacing=self.GAP)
        self._line.setContentsMargins(*self.MARGINS)
        self.setLayout(self._line)
        self.fit()

    def set_divided(self, on: bool) -> None:
        """Whether a line stands between both where they are beside each other."""
        self._divided = on
        self._bar.setVisible(on and self.form == self.ONE_LINE)
        self.fit()

    def minimumSizeHint(self) -> QSize:
        """As wide as the longer of both must be."""
        least = max(self._tabs.minimumSize().width(), self._tools.minimumSize().width())
        return QSize(least + self.MARGINS[0] + self.MARGINS[2], super().minimumSizeHint().height())

    def _wanted(self) -> int:
        both = self._tabs.sizeHint().width() + self._tools.sizeHint().width()
        gaps = self.MARGINS[0] + self.MARGINS[2] + 2 * self.GAP + self._bar.sizeHint().width()
        return self.ONE_LINE if both + gaps <= self.width() else self.TWO_LINES

    def _take_form(self, form: int) -> None:
        beside, ways = form == self.ONE_LINE, QBoxLayout.Direction
        self._line.setDirection(ways.LeftToRight if beside else ways.TopToBottom)
        self._line.setStretch(2, 1 if beside else 0)
        self._bar.setVisible(self._divided and beside)


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
