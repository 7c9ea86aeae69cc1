"""What every dialog is: no larger than its screen; what is read scrolls, the buttons always show."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QMargins, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QBoxLayout, QDialog, QLayout, QWidget

from ui.theme.look import Look
from ui.widgets.base import column, first_focusable, row
from ui.widgets.gutter import GUTTER, GutterArea
from ui.widgets.states import EmptyState

USUAL_FRAME = QMargins(8, 40, 8, 8)
"""Room left for a window frame before any window has told how wide its own is."""
LEAST_BODY = 72
"""Pixels of the body that stay in sight on the lowest screen; the rest scrolls."""
USUAL_MARGINS = (24, 20, 24, 20)


def room_on_screen(dialog: QWidget) -> QRect:
    """Where a window may lie: the screen without task bars, less the frame around the window."""
    above = dialog.parentWidget()
    screen = above.window().screen() if above is not None else dialog.screen()
    return screen.availableGeometry().marginsRemoved(_frame(dialog))


def hold_on_screen(dialog: QWidget) -> None:
    """Shrink ``dialog`` to its screen and move it there, where it is larger or sticks out."""
    room = room_on_screen(dialog)
    size = dialog.size().boundedTo(room.size())
    if dialog.minimumWidth() > room.width():
        dialog.setMinimumWidth(room.width())
    if size != dialog.size():
        dialog.resize(size)
    place = dialog.geometry()
    left = max(room.left(), min(place.left(), room.right() + 1 - place.width()))
    top = max(room.top(), min(place.top(), room.bottom() + 1 - place.height()))
    if dialog.isVisible() and (left, top) != (place.left(), place.top()):
        frame = _frame(dialog)
        dialog.move(left - frame.left(), top - frame.top())


def _frame(dialog: QWidget) -> QMargins:
    """The frame of the window, of the one it lies over while it has none yet, or the usual one."""
    above = dialog.parentWidget()
    for window in (dialog, above.window() if above is not None else None):
        handle = window.windowHandle() if window is not None else None
        if handle is not None and not handle.frameMargins().isNull():
            return handle.frameMargins()
    return USUAL_FRAME


class BodyArea(GutterArea):
    """The part of a dialog that scrolls: it may be lower than its content, never narrower."""

    def __init__(self, body: QLayout) -> None:
        super().__init__()
        inside = QWidget()
        inside.setProperty("kind", "scrolled")
        inside.setLayout(body)
        self._body = body
        self.setWidget(inside)

    def needed(self, width: int) -> int:
        """Height at which all of it shows when the area is ``width`` wide."""
        inner = width - GUTTER
        body = self._body
        hint = body.totalHeightForWidth(inner) if body.hasHeightForWidth() else body.totalSizeHint().height()
        return max(hint, body.totalMinimumSize().height())

    def sizeHint(self) -> QSize:
        """As wide as the content likes to be; its height is asked for by :meth:`needed`."""
        return QSize(self._body.totalSizeHint().width() + GUTTER, LEAST_BODY)

    def minimumSizeHint(self) -> QSize:
        """As wide as the content must be."""
        return QSize(super().minimumSizeHint().width(), LEAST_BODY)


class Dialog(QDialog):
    """Base of all dialogs. A subclass puts itself together with :meth:`arrange` or :meth:`arrange_around`.

    It is as high as its words need at its width, but no larger than the screen; problems and fields that
    appear let it grow as far as that, and it stays on the screen as a whole.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._body: BodyArea | None = None
        self._middle: QWidget | None = None
        self._shade: QWidget | None = None

    def shade(self, look: Look) -> None:
        """Cover a paper or a file until the person asks for it: the window was locked meanwhile (ui.md 5)."""
        if self._middle is None or self._shade is not None:
            return
        shade = EmptyState(
            look, "锁屏时遮挡了，里面可能有个人信息。", name="dialog.shade", icon="eye-off", action="再显示"
        )
        shade.acted.connect(self._unshade)
        layout = self.layout()
        assert isinstance(layout, QBoxLayout)
        layout.insertWidget(layout.indexOf(self._middle), shade, 1)
        self._middle.hide()
        self._shade = shade

    def _unshade(self) -> None:
        if self._shade is None or self._middle is None:
            return
        self._shade.deleteLater()
        self._shade = None
        self._middle.show()
        first = first_focusable(self._middle) or self._middle
        first.setFocus(Qt.FocusReason.OtherFocusReason)

    def arrange(
        self,
        head: QWidget | QLayout | None,
        body: QLayout,
        foot: QLayout,
        *,
        spacing: int = 12,
        margins: tuple[int, int, int, int] = USUAL_MARGINS,
    ) -> None:
        """``head`` and ``foot`` stand, ``body`` between them scrolls where the screen is low."""
        self._body = BodyArea(body)
        whole = column(spacing=spacing)
        for part in (head, self._body, foot):
            if part is self._body:
                whole.addWidget(self._body, 1)
            elif part is not None:
                line = row(part)
                line.setStretch(0, 1)
                line.setContentsMargins(0, 0, GUTTER, 0)
                whole.addLayout(line)
        left, top, right, bottom = margins
        whole.setContentsMargins(left, top, right - GUTTER, bottom)
        self.setLayout(whole)

    def arrange_around(
        self,
        head: QWidget | QLayout,
        middle: QWidget | QLayout,
        foot: QLayout | None = None,
        *,
        spacing: int = 12,
        margins: tuple[int, int, int, int] = (20, 16, 20, 16),
    ) -> None:
        """As :meth:`arrange`, for a ``middle`` that scrolls by itself, such as a paper or a list."""
        whole = column(spacing=spacing)
        if isinstance(middle, QLayout):
            held = QWidget()
            middle.setContentsMargins(0, 0, 0, 0)
            held.setLayout(middle)
            middle = held
        self._middle = middle
        for part in (head, middle, foot):
            if isinstance(part, QWidget):
                whole.addWidget(part)
            elif part is not None:
                whole.addLayout(part)
        whole.setStretch(1, 1)
        whole.setContentsMargins(*margins)
        self.setLayout(whole)

    def fit(self) -> None:
        """Take the size that its words need and the screen has; wrapped lines count only once laid out."""
        self._take_size()
        hold_on_screen(self)

    def _take_size(self) -> None:
        layout = self.layout()
        if layout is None:
            return
        layout.activate()
        room = room_on_screen(self)
        if self.minimumWidth() > room.width():
            self.setFixedWidth(room.width())
        width = min(max(self.width(), layout.totalMinimumSize().width()), room.width())
        self.resize(width, min(max(self.height(), self._needed(layout, width)), room.height()))

    def event(self, event: QEvent) -> bool:
        """A problem that shows or a field that appears must not press the others into each other."""
        taken = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest and self.isVisible():
            self.fit()
        return taken

    def showEvent(self, event: QShowEvent) -> None:
        """Its size first, its place after it, and once more when the frame around it is known.

        Qt puts it over its window only while nothing has moved it, and some window managers put it into a
        corner: the middle of its window is taken here.
        """
        super().showEvent(event)
        if not event.spontaneous():
            self._take_place()
            QTimer.singleShot(0, self, self._take_place)

    def _take_place(self) -> None:
        self._take_size()
        above = self.parentWidget()
        if above is not None:
            place, frame = self.rect(), _frame(self)
            place.moveCenter(above.window().geometry().center())
            self.move(place.left() - frame.left(), place.top() - frame.top())
        hold_on_screen(self)

    def _needed(self, layout: QLayout, width: int) -> int:
        if self._body is None:
            bound = layout.hasHeightForWidth()
            least = layout.minimumHeightForWidth(width) if bound else 0
            return max(least, layout.totalMinimumSize().height())
        bare = layout.totalHeightForWidth(width) if layout.hasHeightForWidth() else 0
        around = (bare or layout.totalSizeHint().height()) - LEAST_BODY
        margins = layout.contentsMargins()
        return around + self._body.needed(width - margins.left() - margins.right())
