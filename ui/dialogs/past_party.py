"""找过我们的人: look for somebody who was here before, and take their particulars over."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from app.services.past_parties import PastParty
from ui.dialogs.base import Dialog
from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import Text, announce, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.fields import SearchField
from ui.widgets.radio_cards import RadioCardGroup

PAUSE_MS = 200
TITLE = "找过我们的人"
WHY = "输姓名、拼音首字母，或电话、证件号里连着的四位。资料都遮挡着，带入后在这次登记里核对。"
NOTHING_YET = "还没有输入。"
NOBODY = "没有找到这样的人。换个写法，或者直接填写。"
MANY = 8
CANNOT = "先选一位"


class PastPartyDialog(Dialog):
    """``taken(found)`` when the person takes one over.

    ``look_up(text, show)`` finds, and calls ``show`` with what it found when that is there.
    """

    taken = Signal(object)

    def __init__(
        self,
        look: Look,
        look_up: Callable[[str, Callable[[Sequence[PastParty]], None]], None],
        parent: QWidget | None = None,
        *,
        start: str = "",
    ) -> None:
        super().__init__(parent)
        self.look, self._look_up, self._asked = look, look_up, ""
        self.setWindowTitle(TITLE)
        self.setModal(True)
        self.setFixedWidth(look.metrics.px(tokens.size("dialogWidth", "medium")))
        identify(self, "past_party.dialog", TITLE, WHY)
        self.edit = SearchField(
            look, "找谁", name="past_party.query.text", placeholder="如 柳玉兰、lyl、4471"
        )
        self.edit.setText(start)
        self.told = Text(NOTHING_YET, role="label", tone="textSecondary", wrap=True)
        self.found: tuple[PastParty, ...] = ()
        self.cards: RadioCardGroup | None = None
        self._results = column(spacing=0)
        body = column(self.told, self._results, None, spacing=10)
        self.back_button = Button(look, "不用", name="past_party.back")
        self.take_button = PrimaryButton(look, "带入资料", name="past_party.take")
        self.take_button.set_unavailable(CANNOT)
        head = column(
            Text(TITLE, role="section"), Text(WHY, tone="textSecondary", wrap=True), self.edit, spacing=10
        )
        self.arrange(head, body, row(None, self.back_button, self.take_button))
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self._ask)
        self.edit.textChanged.connect(lambda _text: self._pause.start())
        self.back_button.clicked.connect(self.reject)
        self.take_button.clicked.connect(self._take)
        if start:
            self._ask()

    def _ask(self) -> None:
        text = self.edit.text().strip()
        self._asked = text
        self._look_up(text, lambda found: self.show_found(text, found))

    def show_found(self, text: str, found: Sequence[PastParty]) -> None:
        """What was found for ``text``; of an earlier one it is dropped."""
        if text != self._asked:
            return
        self.found = tuple(found)
        if self.cards is not None:
            self._results.removeWidget(self.cards)
            self.cards.hide()
            self.cards.deleteLater()
            self.cards = None
        if found:
            choices = [(str(number), _title(one), _hint(one)) for number, one in enumerate(found)]
            self.cards = RadioCardGroup(self.look, "找到的人", choices, name="past_party.found", columns=1)
            self.cards.chosen.connect(lambda _key: self.take_button.set_unavailable(""))
            self._results.addWidget(self.cards)
            self.setTabOrder(self.edit, self.cards)
        said = NOBODY if text else NOTHING_YET
        if found:
            said = f"找到 {len(found)} 位{'，最近来的在前' if len(found) > 1 else ''}。"
        if len(found) == MANY:
            said = f"先列出最近来的 {MANY} 位，再多输几个字会更准。"
        self.told.setText(said)
        announce(self.told, said)
        self.take_button.set_unavailable(CANNOT)
        if self.cards is not None and len(found) == 1:
            self.cards.choose("0")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Down leads from the words to who was found; Enter takes the chosen one."""
        if event.key() == Qt.Key.Key_Down and self.edit.hasFocus() and self.cards is not None:
            self.cards.choose(self.cards.value or "0")
            self.cards.setFocus(Qt.FocusReason.TabFocusReason)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self._pause.isActive():
                self._pause.stop()
                self._ask()
            else:
                self._take()
        else:
            super().keyPressEvent(event)

    def _take(self) -> None:
        if self.cards is not None and self.cards.value:
            self.taken.emit(self.found[int(self.cards.value)])
            self.accept()


def _title(one: PastParty) -> str:
    return f"{one.name}　来过 {one.times} 次" if one.times > 1 else one.name


def _hint(one: PastParty) -> str:
    return "\n".join(line for line in (one.about, f"最近一件：{one.latest}") if line)
