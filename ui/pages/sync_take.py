"""Below the two values: 先放着 and the button that takes; and what says that a value moved on meanwhile."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.services.conflict_views import ConflictView
from ui.pages.sync_versions import when
from ui.theme.look import Look
from ui.widgets.base import announce, row
from ui.widgets.buttons import LinkButton, PrimaryButton
from ui.widgets.states import InfoBar

BY_BOTH = "写好了按 Ctrl+Enter，或点“用我写的”。"
"""What Enter alone says over a text that was typed: it might as well begin a line."""
PRESSING = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)


class TakeButton(PrimaryButton):
    """Shows Enter, which the part takes wherever the focus is in it; a shortcut would take it from others."""

    def show_key(self, keys: str) -> None:
        """Which key takes at present."""
        self._chip = keys
        self.updateGeometry()
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Pressed by a key it waits as well: the key was meant for what stood here before."""
        if event.key() in PRESSING and self.too_early():
            event.accept()
            return
        super().keyPressEvent(event)


class Foot(QWidget):
    """先放着 and the primary button, below what scrolls; keys that neither takes go to ``take_key``."""

    def __init__(self, later: LinkButton, take: TakeButton, take_key: Callable[[QKeyEvent], bool]) -> None:
        super().__init__()
        self._take_key = take_key
        self.setLayout(row(later, None, take))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits and Enter work from here too."""
        if not self._take_key(event):
            super().keyPressEvent(event)


class MovedBar(InfoBar):
    """平台上的又变了: whose value it is now and since when, and what is to be done about it."""

    def __init__(self, look: Look, *, name: str) -> None:
        super().__init__(look, "dueSoon", "平台上的刚刚又变了", name=name, icon="refresh-cw")
        self.title.setWordWrap(True)
        self.hide()

    def move_before(self, part: QWidget) -> None:
        """Stand right above ``part``: what is told is told where one looks."""
        around = part.parentWidget()
        inside = around.layout() if around is not None else None
        if isinstance(inside, QVBoxLayout):
            inside.removeWidget(self)
            inside.insertWidget(inside.indexOf(part), self)

    def tell(self, view: ConflictView, *, writing: bool) -> None:
        """The platform's value is another one than a moment ago; ``writing``: a third one is being typed."""
        by = "，".join(part for part in (view.theirs.author, when(view.theirs.at)) if part)
        first = f"平台上的刚刚又变了（{by}）" if by else "平台上的刚刚又变了"
        if not writing:
            self._say(f"{first}，这里是现在的，看过再选。")
        elif view.masked:
            self._say(f"{first}。您写的原样留着；要看现在的，先在上面选显示的理由。")
        else:
            self._say(f"{first}，上面是现在的。您写的原样留着，看过再用。")

    def tell_settled(self) -> None:
        """Somebody else chose while the person wrote."""
        self._say("这一处刚刚已经选定了，您写的没有用上。要用先复制下来，到案件里改。")

    def _say(self, words: str) -> None:
        self.set_texts(words)
        self.show()
        announce(self, words)
