"""Status tags: colour never without icon and words. Painted alike in widgets and in delegates."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.theme import icons, tokens
from ui.theme.look import Look

PAD = 7
GAP = 5


def default_icon(status: str) -> str:
    """The icon of a status by the tokens."""
    return str(tokens.raw()["status"][status]["icon"])


def tag_size(look: Look, text: str) -> QSize:
    """The room a tag with ``text`` needs."""
    metrics = look.metrics
    words = QFontMetrics(look.font("label")).horizontalAdvance(text)
    return QSize(words + metrics.icon_small + GAP + 2 * PAD + 2, metrics.px(26))


def tag_words(look: Look, text: str, room: float) -> str:
    """``text`` of a tag, shortened with an ellipsis where ``room`` does not hold it."""
    beside = tag_size(look, "").width()
    font = QFontMetrics(look.font("label"))
    return font.elidedText(text, Qt.TextElideMode.ElideRight, max(0, int(room) - beside + PAD))


def paint_tag(
    painter: QPainter, look: Look, spot: QRectF, status: str, text: str, icon: str = "", *, boxed: bool = True
) -> None:
    """Draw a tag at the left of ``spot``, centred upright; without a box only icon and words."""
    need = tag_size(look, text)
    colors = look.colors.status[status]
    box = QRectF(spot.x(), spot.center().y() - need.height() / 2, need.width(), need.height())
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if boxed:
        line = 2 if look.colors.high_contrast else 1
        painter.setPen(QPen(icons.qcolor(colors.border), line))
        painter.setBrush(icons.qcolor(colors.bg))
        corner = tokens.radius("chip")
        painter.drawRoundedRect(box.adjusted(line / 2, line / 2, -line / 2, -line / 2), corner, corner)
    edge = look.metrics.icon_small
    x = box.x() + (PAD if boxed else 0)
    square = QRectF(x, box.center().y() - edge / 2, edge, edge)
    icons.paint(painter, icon or default_icon(status), colors.fg, square)
    painter.setPen(icons.qcolor(colors.fg))
    painter.setFont(look.font("label"))
    words = QRectF(square.right() + GAP, box.y(), box.width(), box.height())
    painter.drawText(words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)
    painter.restore()


class StatusTag(QWidget):
    """A tag beside a title or in a card; read out as 状态：今天到期."""

    def __init__(self, look: Look, status: str, text: str, *, icon: str = "", boxed: bool = True) -> None:
        super().__init__()
        self.look = look
        self._boxed = boxed
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.set_status(status, text, icon=icon)
        look.follow(self, self.restyle)

    def set_status(self, status: str, text: str, *, icon: str = "") -> None:
        """Show another status. Raises ``KeyError`` for one that the tokens do not name."""
        self.look.colors.status[status]
        self._status, self._text, self._icon = status, text, icon
        self.setAccessibleName(f"状态：{text}")
        self.restyle()

    @property
    def text(self) -> str:
        """The words on the tag."""
        return self._text

    def restyle(self) -> None:
        """Measure again after a change of look."""
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Icon and words, whole."""
        return tag_size(self.look, self._text)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the tag."""
        painter = QPainter(self)
        spot = QRectF(self.rect())
        paint_tag(painter, self.look, spot, self._status, self._text, self._icon, boxed=self._boxed)
        painter.end()
