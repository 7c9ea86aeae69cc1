"""The short notice at the foot of the page: what was done, and 撤销 where it can be undone."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QDeadlineTimer, QEvent, QObject, QPoint, QRect, Qt, QTimer, SignalInstance
from PySide6.QtGui import QEnterEvent, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QWidget

from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, announce, identify, row
from ui.widgets.buttons import IconButton, LinkButton

PLAIN_MS = 6_000
LOOK_MS = 250
"""Between two looks whether the page has put something under the notice since."""
UNDO_MS = 10_000
SETTLES = 4
"""Looks at the beginning during which what is no longer in the way lets the notice down again."""
LIFT, GAP = 24, 8
"""Above the host's lower edge; between the notice and what must not be covered."""
UNDO = "撤销"
HIGHEST = 0.5
"""Part of the host's height above which it is not pushed."""
Kept = Callable[[], Sequence[QRect]]
"""Gives the places, in the host, that a notice must not cover now."""


class Toast(QFrame):
    """One notice at a time, 6 s, with an undo 10 s; it stays while the mouse or the focus is on it."""

    def __init__(
        self, look: Look, host: QWidget, kept: Kept = tuple, gone_on: SignalInstance | None = None
    ) -> None:
        """``kept``: what must not be covered; the notice floats above it. ``gone_on``: a page was shown."""
        super().__init__(host)
        self.look, self._host = look, host
        self.setProperty("kind", "floating")
        identify(self, "shell.toast")
        self._kept = kept
        self._action: Callable[[], None] | None = None
        self._icon = IconLabel(look, "circle-check", color="ok.fg")
        self.text = Text("")
        self.action = LinkButton(look, UNDO, name="shell.toast.undo")
        self.action.clicked.connect(self._act)
        self._close = IconButton(look, "x", "收起提示", name="shell.toast.close")
        self._close.clicked.connect(self.dismiss)
        inside = row(self._icon, self.text, self.action, self._close, spacing=12)
        inside.setContentsMargins(16, 8, 8, 8)
        self.setLayout(inside)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.timeout.connect(self._over)
        self._looking = QTimer(self)
        self._looking.setInterval(LOOK_MS)
        self._looking.timeout.connect(self._make_way)
        self._looks = 0
        self._until, self._left_behind = QDeadlineTimer(), False
        if gone_on is not None:
            gone_on.connect(self._gone_on)
        host.installEventFilter(self)
        self.hide()

    def say(
        self,
        text: str,
        *,
        undo: Callable[[], None] | None = None,
        action: str = UNDO,
        status: str = "ok",
        icon: str = "circle-check",
    ) -> None:
        """Show ``text``; ``undo`` runs when the person presses ``action``."""
        self._action = undo
        self._icon.set_icon(icon, f"{status}.fg")
        self.text.setText(text)
        self.setAccessibleName(text)
        self.action.relabel(action)
        self.action.set_about(text)
        self.action.setVisible(undo is not None)
        self._timer.start(UNDO_MS if undo is not None else PLAIN_MS)
        self._until, self._left_behind = QDeadlineTimer(self._timer.interval()), False
        self._place()
        self._looks = 0
        self._looking.start()
        self.show()
        self.raise_()
        announce(self, text)

    def take_back(self) -> None:
        """Ctrl+Z: undo what the notice tells of; what else it offers waits for its own button."""
        if self.isVisible() and self.action.text() == UNDO:
            self._act()

    def dismiss(self) -> None:
        """Take the notice away; what it offered is no longer offered."""
        self._timer.stop()
        self._looking.stop()
        self._action = None
        self.hide()

    def enterEvent(self, event: QEnterEvent) -> None:
        """The mouse on it holds it."""
        self._left_behind = False
        self._timer.stop()

    def leaveEvent(self, event: QEvent) -> None:
        """Without mouse and focus the time starts again."""
        self._hold_or_run()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc takes it away."""
        if event.key() == Qt.Key.Key_Escape:
            self.dismiss()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay in the middle when the window changes."""
        if isinstance(event, QResizeEvent) and watched is self._host:
            self._place()
        return False

    def _gone_on(self, *_: object) -> None:
        """It tells of the page before: it has its time, and no mouse that rests there holds it on."""
        if self.isVisible():
            self._left_behind = True
            self._timer.start(max(self._until.remainingTime(), 0))

    def _over(self) -> None:
        focused = self._host.window().focusWidget()
        if self._left_behind:
            self.dismiss()
        elif self.underMouse() or (focused is not None and self.isAncestorOf(focused)):
            self._timer.start(1_000)
        else:
            self.dismiss()

    def _hold_or_run(self) -> None:
        if self.isVisible():
            self._timer.start(UNDO_MS if self._action is not None else PLAIN_MS)

    def _act(self) -> None:
        action = self._action
        self.dismiss()
        if action is not None:
            action()

    def _make_way(self) -> None:
        """The page went on: what must not be covered now lies under the notice, or soon after it came what
        held it up is gone."""
        self._looks += 1
        settles = self._looks <= SETTLES
        if not self.underMouse() and (
            settles or any(one.intersects(self.geometry()) for one in self._kept())
        ):
            self._place()

    def _place(self) -> None:
        self.adjustSize()
        kept, room = self._beside_walls(self._kept())
        left = max((room - self.width()) // 2, 8)
        lowest = self._host.height() - self.height() - LIFT
        spot = QRect(left, lowest, self.width(), self.height())
        while covered := [one for one in kept if one.intersects(spot.adjusted(0, -GAP, 0, GAP))]:
            spot.moveBottom(min(one.top() for one in covered) - GAP - 1)
        if spot.top() < self._host.height() * HIGHEST:
            spot = self._least_harm(kept, left, lowest)
        self.move(spot.topLeft())

    def _beside_walls(self, kept: Sequence[QRect]) -> tuple[Sequence[QRect], int]:
        """What is not to be covered, and how wide the room is beside a drawer, which leaves no way over it.

        Where the drawer leaves too little room, the notice may lie on what is no button in it.
        """
        host = self._host.rect()
        walls = [
            one for one in kept if one.right() >= host.right() and one.height() > host.height() * HIGHEST
        ]
        room = min((one.left() for one in walls), default=host.width())
        if room >= self.width() + 2 * GAP:
            return kept, room
        return [one for one in kept if one not in walls], host.width()

    def _least_harm(self, kept: Sequence[QRect], middle: int, lowest: int) -> QRect:
        """Where buttons stand one above the other all the way up: the place that covers least of them."""
        size, highest = self.size(), self._host.height() * HIGHEST
        rows = {lowest, *(one.top() - GAP - 1 - size.height() for one in kept)}
        rights = max(self._host.width() - size.width() - GAP, GAP)
        spots = [
            QRect(QPoint(x, y), size)
            for x in dict.fromkeys((middle, rights, GAP))
            for y in sorted(rows, reverse=True)
            if highest <= y <= lowest
        ]

        def covered(spot: QRect) -> int:
            parts = [one.intersected(spot) for one in kept]
            return sum(part.width() * part.height() for part in parts if not part.isEmpty())

        return min(spots, key=covered, default=QRect(QPoint(middle, lowest), size))
