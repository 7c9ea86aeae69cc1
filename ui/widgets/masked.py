"""Personal data on the screen: covered until the person shows it for a reason, covered again by itself."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import (
    QAction,
    QFontMetrics,
    QGuiApplication,
    QHideEvent,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPaintEvent,
)
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import announce, identify, row
from ui.widgets.buttons import Button

REASONS = (("contact", "联系当事人"), ("verify", "核对身份"), ("paper", "填写文书"), ("other", "其他"))
"""Reasons for showing one item (界面设计 J): key and words."""

Deliver = Callable[[str, int], None]
Reveal = Callable[[str, Deliver], None]
"""Asked with a reason; answers by calling ``deliver(plain, seconds)`` on the GUI thread, or not at all."""

CLIPBOARD_MS = 60_000


class MaskedChip(QWidget):
    """The covered text on its chip; yellow while the original shows."""

    copy_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look, self.text, self.plain = look, "", False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.follow(self, self.updateGeometry)

    def sizeHint(self) -> QSize:
        """Text and a little room."""
        words = QFontMetrics(self.look.font("body")).horizontalAdvance(self.text)
        return QSize(words + 14, self.look.metrics.px(26))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+C copies what shows."""
        if event.matches(QKeySequence.StandardKey.Copy):
            self.copy_asked.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Chip and text."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill, ink = ("dueSoon.bg", "text") if self.plain else ("maskFill", "maskText")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(self.look.color(fill))
        corner = tokens.radius("chip")
        painter.drawRoundedRect(QRectF(self.rect()), corner, corner)
        painter.setPen(self.look.color(ink))
        painter.setFont(self.look.font("body"))
        painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self.text)
        painter.end()


class MaskedField(QWidget):
    """One covered item with its 显示 button.

    The widget never holds the original until ``reveal`` delivers it, and forgets it when the time is over,
    at :meth:`cover`, and when it is hidden. A screen reader hears 电话，已遮挡，尾号 6027.
    """

    covered = Signal()
    toggle_asked = Signal()
    """Alt+M on an item that its holder shows together with others: it has no ``reveal`` of its own."""

    def __init__(
        self, look: Look, label: str, masked: str, *, name: str, reveal: Reveal | None, noun: str = ""
    ) -> None:
        super().__init__()
        self.look, self._label, self._masked, self._reveal = look, label, masked, reveal
        self._left = 0
        self._noun = noun
        self.chip = MaskedChip(look)
        identify(self, name)
        identify(self.chip, f"{name}.value")
        self.button = Button(
            look, f"显示{noun}", name=f"{name}.reveal", icon="eye", about=label, compact=True
        )
        self.setLayout(row(self.chip, self.button, None))
        self.button.setVisible(reveal is not None)
        self.button.clicked.connect(self._pressed)
        self.chip.copy_asked.connect(self._copy)
        self._tick = QTimer(self)
        self._tick.setInterval(1000)
        self._tick.timeout.connect(self._second)
        self._wipe = QTimer(self)
        self._wipe.setSingleShot(True)
        self._wipe.timeout.connect(self._wipe_clipboard)
        self._copied = ""
        self.cover()

    @property
    def shown(self) -> bool:
        """Whether the original is on the screen."""
        return self.chip.plain

    def set_masked(self, masked: str) -> None:
        """Show another covered value; an original that shows is covered."""
        self._masked = masked
        self.cover()

    def cover(self) -> None:
        """Cover again and forget the original."""
        was, self.chip.plain, self.chip.text = self.chip.plain, False, self._masked
        self._tick.stop()
        tail = self._masked.rstrip("*")[-4:] if self._masked[-1:].isdigit() else ""
        tail = tail.lstrip("*")
        self.chip.setAccessibleName(f"{self._label}，已遮挡" + (f"，尾号 {tail}" if tail else ""))
        self.button.relabel(f"显示{self._noun}", "eye")
        self.chip.updateGeometry()
        self.chip.update()
        if was:
            self.covered.emit()

    def ask(self, reason: str) -> None:
        """Ask for the original for one of :data:`REASONS`."""
        if self._reveal is not None:
            self._reveal(reason, self.deliver)

    def deliver(self, plain: str, seconds: int) -> None:
        """Show ``plain`` for ``seconds``."""
        self.chip.plain, self.chip.text, self._left = True, plain, seconds
        self.chip.setAccessibleName(f"{self._label}，正在显示")
        self.chip.updateGeometry()
        self.chip.update()
        self._write_left()
        self._tick.start()
        announce(self.chip, f"{self._label}已显示，{seconds // 60} 分钟后遮挡")

    def open_menu(self) -> None:
        """Ask for the reason; the digits choose."""
        menu = QMenu(self)
        identify(menu, f"{self.objectName()}.reasons", f"为什么要看{self._label}")
        for number, (key, words) in enumerate(REASONS, start=1):
            action = menu.addAction(f"&{number}  {words}")
            action.setData(key)
        menu.triggered.connect(self._reason_chosen)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.button.mapToGlobal(self.button.rect().bottomLeft()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Alt+M shows or covers."""
        if event.key() == Qt.Key.Key_M and event.modifiers() == Qt.KeyboardModifier.AltModifier:
            self.toggle()
        else:
            super().keyPressEvent(event)

    def hideEvent(self, event: QHideEvent) -> None:
        """Out of sight is covered."""
        self.cover()
        super().hideEvent(event)

    def toggle(self) -> None:
        """Show (asking why) or cover."""
        if self._reveal is None:
            self.toggle_asked.emit()
        elif self.shown:
            self.cover()
        else:
            self.open_menu()

    def _pressed(self) -> None:
        self.toggle()

    def _reason_chosen(self, action: QAction) -> None:
        self.ask(str(action.data()))

    def _second(self) -> None:
        self._left -= 1
        if self._left <= 0:
            self.cover()
        else:
            self._write_left()

    def _write_left(self) -> None:
        self.button.relabel(f"遮挡 {self._left // 60}:{self._left % 60:02d}", "eye-off")

    def _copy(self) -> None:
        self._copied = self.chip.text if self.shown else ""
        QGuiApplication.clipboard().setText(self.chip.text)
        if self._copied:
            self._wipe.start(CLIPBOARD_MS)

    def _wipe_clipboard(self) -> None:
        clipboard = QGuiApplication.clipboard()
        if self._copied and clipboard.text() == self._copied:
            clipboard.clear()
        self._copied = ""
