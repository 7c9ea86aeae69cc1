"""The bar on top: command box, the platform, what is covered, help."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QPushButton, QSizePolicy

from ui.theme import icons, tokens
from ui.theme.look import Look
from ui.widgets.base import announce, identify, row
from ui.widgets.buttons import IconButton

COMMAND_HINT = "找案件、人、文书，或输入要做的事"
PAD, GAP = 11, 7
"""Inside a state: at its ends, and between icon and words."""


class CommandBox(QPushButton):
    """Looks like a field and opens the command palette."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        identify(self, "shell.command.open", f"命令框，{COMMAND_HINT}", "Ctrl+K")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Take the present size."""
        self.setFixedHeight(self.look.metrics.px(34))
        self.setMaximumWidth(self.look.metrics.px(440))
        self.setMinimumWidth(self.look.metrics.px(180))

    def sizeHint(self) -> QSize:
        """As wide as the mock-up's."""
        return QSize(self.look.metrics.px(440), self.look.metrics.px(34))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Field, glass, hint and the key."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, metrics = self.look, self.look.metrics
        line = 2 if look.colors.high_contrast else 1
        box = QRectF(self.rect()).adjusted(line / 2, line / 2, -line / 2, -line / 2)
        painter.setPen(QPen(look.color("border"), line))
        painter.setBrush(look.color("surface"))
        painter.drawRoundedRect(box, 6, 6)
        if not look.colors.high_contrast:
            painter.setPen(QPen(look.color("borderControl"), 1))
            low = int(box.bottom())
            painter.drawLine(int(box.left()) + 6, low, int(box.right()) - 6, low)
        edge = metrics.px(18)
        square = QRectF(12, (self.height() - edge) / 2, edge, edge)
        icons.paint(painter, "search", look.colors["textSecondary"], square)
        key = "Ctrl K"
        small = QFontMetrics(look.font("caption"))
        wide = small.horizontalAdvance(key) + 12
        chip = QRectF(self.width() - wide - 10, (self.height() - metrics.px(22)) / 2, wide, metrics.px(22))
        painter.setPen(QPen(look.color("border"), line))
        painter.drawRoundedRect(chip, 4, 4)
        painter.setPen(look.color("textSecondary"))
        painter.setFont(look.font("caption"))
        painter.drawText(chip, int(Qt.AlignmentFlag.AlignCenter), key)
        painter.setFont(look.font("label"))
        words = QRectF(square.right() + 8, 0, chip.left() - square.right() - 16, self.height())
        elide = Qt.TextElideMode.ElideRight
        text = painter.fontMetrics().elidedText(COMMAND_HINT, elide, int(words.width()))
        painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), text)
        painter.end()


class StateButton(QPushButton):
    """A state as a tag that can be pressed; ``boxed`` or plain, ``brief`` without its words."""

    def __init__(self, look: Look, name: str) -> None:
        super().__init__()
        self.look = look
        self._status, self._text, self._icon, self._boxed, self._brief = "neutral", "", "", True, False
        identify(self, name)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.follow(self, self.restyle)

    def show_state(self, status: str, text: str, icon: str, *, boxed: bool, spoken: str) -> None:
        """Show a state."""
        self._status, self._text, self._icon, self._boxed = status, text, icon, boxed
        self.setAccessibleName(spoken)
        self.setToolTip(text)
        self.restyle()

    def set_brief(self, brief: bool) -> None:
        """In a narrow window the icon stands alone; the words are spoken and in the tool tip."""
        self._brief = brief
        self.restyle()

    @property
    def shown(self) -> str:
        """The words of the state."""
        return self._text

    def restyle(self) -> None:
        """Take the present size."""
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """The tag with some air."""
        high = self.look.metrics.hit
        if self._brief:
            return QSize(self.look.metrics.px(36), high)
        words = QFontMetrics(self.look.font("label")).horizontalAdvance(self._text)
        return QSize(words + self.look.metrics.icon + GAP + 2 * PAD, high)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Box, icon, words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look = self.look
        colors = look.colors.status[self._status]
        plain = self._status == "neutral"
        if self._boxed:
            line = 2 if look.colors.high_contrast else 1
            painter.setPen(QPen(look.color("border") if plain else icons.qcolor(colors.border), line))
            painter.setBrush(look.color("surface") if plain else icons.qcolor(colors.bg))
            inset = line / 2
            corner = tokens.radius("control")
            painter.drawRoundedRect(
                QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), corner, corner
            )
        edge = look.metrics.icon
        left = (self.width() - edge) / 2 if self._brief else PAD
        icons.paint(painter, self._icon, colors.fg, QRectF(left, (self.height() - edge) / 2, edge, edge))
        if not self._brief:
            painter.setPen(icons.qcolor(colors.fg))
            painter.setFont(look.font("label"))
            words = QRectF(self.rect()).adjusted(PAD + edge + GAP, 0, 0, 0)
            painter.drawText(words, int(Qt.AlignmentFlag.AlignVCenter), self._text)
        painter.end()


class TopBar(QFrame):
    """The bar; ``command_asked``, ``sync_asked``, ``mask_asked``, ``help_asked`` when pressed."""

    command_asked = Signal()
    sync_asked = Signal()
    mask_asked = Signal()
    help_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.setProperty("kind", "topbar")
        self.command = CommandBox(look)
        self.command.clicked.connect(self.command_asked)
        self.sync = StateButton(look, "shell.sync.open")
        self.sync.clicked.connect(self.sync_asked)
        self.cover = StateButton(look, "shell.mask.all")
        self.cover.clicked.connect(self.mask_asked)
        self.help = IconButton(look, "circle-question-mark", "本页帮助", name="shell.help.open", keys="F1")
        self.help.clicked.connect(self.help_asked)
        inside = row(self.command, None, self.sync, self.cover, self.help, spacing=10)
        inside.setStretch(0, 1)
        inside.setContentsMargins(24, 0, 20, 0)
        self.setLayout(inside)
        self.set_synced("")
        self.set_mask(shown=0)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Take the present height."""
        self.setFixedHeight(self.look.metrics.px(tokens.size("topBar")))

    def set_brief(self, brief: bool) -> None:
        """Narrow form."""
        self.cover.set_brief(brief)

    def set_synced(self, clock: str) -> None:
        """All was delivered; ``clock`` is 10:41, 11月25日 17:50 of another day, empty when never."""
        text = f"已同步 {clock}" if clock else "还没有同步过"
        self._sync("ok" if clock else "neutral", text, "cloud-check" if clock else "hard-drive", boxed=False)

    def set_waiting(self, count: int) -> None:
        """Online, ``count`` things wait to be sent."""
        self._sync("waiting", f"{count} 项等待发送", "cloud-upload", boxed=True)

    def set_offline(self, count: int) -> None:
        """Offline; everything can be used."""
        text = f"离线可用 · {count} 项等待发送" if count else "离线可用"
        self._sync("offline", text, "cloud-off", boxed=True)

    def set_halted(self, words: str, count: int) -> None:
        """Nothing goes out until the person does something: ``words`` say what it is."""
        text = f"{words} · {count} 项等待发送" if count else words
        self._sync("overdue", text, "cloud-alert", boxed=True)

    def set_unregistered(self, count: int) -> None:
        """The platform does not know this computer yet; what is written waits."""
        text = f"还没有登记 · {count} 项等待发送" if count else "还没有登记"
        self._sync("waiting", text, "cloud-off", boxed=True)

    def set_mask(self, *, shown: int) -> None:
        """How many items show their original now."""
        if shown:
            text = f"{shown} 项正在显示"
            self.cover.show_state("dueSoon", text, "eye", boxed=True, spoken=f"{text}，按一下全部遮挡")
        else:
            self.cover.show_state("neutral", "个人信息已遮挡", "eye-off", boxed=True, spoken="个人信息已遮挡")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right move between the bar's controls."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Right)
            return
        super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Empty places take no click."""
        event.accept()

    def _sync(self, status: str, text: str, icon: str, *, boxed: bool) -> None:
        changed = self.sync.shown != text
        self.sync.show_state(status, text, icon, boxed=boxed, spoken=f"同步：{text}，打开同步中心")
        if changed and status == "offline":
            announce(self.sync, "已离线，可以照常办理")
