"""证据材料 beside the record: photographs as tiles, papers as lines, and where more can be dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QImage, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QSizePolicy

from app.domain import casefile as cf
from ui.pages.case_data import CaseData
from ui.pages.case_files import from_mime, origin_words
from ui.theme import icons, tokens
from ui.theme.look import Look
from ui.widgets.base import Divider, IconLabel, Text, clear, column, identify, row
from ui.widgets.buttons import Button, LinkButton
from ui.widgets.cards import Card
from ui.widgets.progress_line import ProgressLine

CAPTION_OPACITY = 0.8
"""How much of the picture the caption's ground covers: the words stay readable on any photograph."""


class DropZone(QFrame):
    """把照片、文件拖到这里. ``dropped(files)``."""

    dropped = Signal(object)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        identify(self, "session.drop", "把照片、文件拖到这里，或按 Ctrl V 粘贴")
        self.setAcceptDrops(True)
        words = Text("把照片、文件拖到这里\n或按 Ctrl+V 粘贴", tone="textSecondary")
        words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setLayout(column(None, words, None))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Height and line at the present size and colour."""
        self.setMinimumHeight(self.look.metrics.px(96))
        self.setMaximumHeight(self.look.metrics.px(200))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A dashed line around the place."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        width = 2 if self.look.colors.high_contrast else 1
        pen = QPen(self.look.color("borderControl"), width, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        corner = tokens.radius("control")
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(1, 1, -1, -1), corner, corner)
        painter.end()

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files and pictures are welcome."""
        if event.mimeData().hasUrls() or event.mimeData().hasImage():
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        """Take what was dropped."""
        if found := from_mime(event.mimeData()):
            event.acceptProposedAction()
            self.dropped.emit(found)


class Tile(QPushButton):
    """One photograph with its title on a dark strip; a click opens it."""

    def __init__(self, look: Look, one: cf.Attachment, *, name: str) -> None:
        super().__init__()
        self.look, self.sha256 = look, one.sha256
        self._title = one.title or "照片"
        self._icon = "eye-off" if one.role == "identity" else "image"
        self._image = QImage()
        self.setProperty("kind", "painted")
        self.setAutoDefault(False)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setToolTip(self._title)
        identify(self, name, f"{self._title}，打开看")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        look.follow(self, self.updateGeometry)

    def sizeHint(self) -> QSize:
        """A little wider than high; the width follows the card."""
        return QSize(self.look.metrics.px(120), self.look.metrics.px(84))

    def minimumSizeHint(self) -> QSize:
        """Small enough for two in a row."""
        return QSize(self.look.metrics.px(90), self.look.metrics.px(84))

    def show_image(self, image: QImage) -> None:
        """Show the picture, cut to the tile."""
        self._image = image
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Picture or icon, the caption below, an outline."""
        painter = QPainter(self)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        look, frame = self.look, QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        corner = tokens.radius("control")
        shape = QPainterPath()
        shape.addRoundedRect(frame, corner, corner)
        painter.setClipPath(shape)
        painter.fillPath(shape, look.color("maskFill"))
        high = look.metrics.px(24)
        if self._image.isNull():
            edge = look.metrics.icon_small * 1.5
            spot = QRectF((self.width() - edge) / 2, (self.height() - high - edge) / 2, edge, edge)
            icons.paint(painter, self._icon, look.colors["textTertiary"], spot)
        else:
            painter.drawImage(frame, self._image, self._cut(frame))
        strip = QRectF(0, self.height() - high, self.width(), high)
        painter.setOpacity(1.0 if look.colors.high_contrast else CAPTION_OPACITY)
        painter.fillRect(strip, look.color("text"))
        painter.setOpacity(1.0)
        painter.setPen(look.color("textInverse"))
        painter.setFont(look.font("caption"))
        words = painter.fontMetrics().elidedText(
            self._title, Qt.TextElideMode.ElideRight, round(strip.width()) - 16
        )
        painter.drawText(strip.adjusted(8, 0, -8, 0), Qt.AlignmentFlag.AlignVCenter, words)
        painter.setClipping(False)
        painter.setPen(QPen(look.color("border"), 2 if look.colors.high_contrast else 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(shape)
        painter.end()

    def _cut(self, frame: QRectF) -> QRectF:
        """The middle of the picture in the tile's proportion."""
        image, wanted = self._image, frame.width() / frame.height()
        wide, high = image.width(), image.height()
        if wide / high > wanted:
            return QRectF((wide - high * wanted) / 2, 0, high * wanted, high)
        return QRectF(0, (high - wide / wanted) / 2, wide, wide / wanted)


class EvidenceCard(Card):
    """证据材料 beside the record. ``opened(index)``, ``choose_asked()``."""

    opened = Signal(int)
    choose_asked = Signal()

    def __init__(self, look: Look) -> None:
        self.choose_button = Button(look, "加材料", name="session.evidence.choose", icon="plus", compact=True)
        super().__init__("证据材料", "", self.choose_button)
        self.look = look
        identify(self, "session.evidence.card", "证据材料")
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(8)
        self._lines = column(spacing=0)
        self.progress = ProgressLine(look, name="session.evidence.progress")
        self.zone = DropZone(look)
        self.body.addLayout(self._grid)
        self.body.addLayout(self._lines)
        self.body.addWidget(self.progress)
        self.body.addWidget(self.zone, 1)
        self.body.addStretch(1)
        self.choose_button.clicked.connect(self.choose_asked)
        self.thumbs: list[Tile] = []
        self.attachments: tuple[cf.Attachment, ...] = ()

    def show_files(self, case: CaseData, *, writable: bool) -> bool:
        """Show the files; true when the pictures are to be read."""
        found = tuple(
            sorted(case.view.file.attachments.values(), key=lambda a: (a.added_at, a.attachment_id))
        )
        self.choose_button.setVisible(writable)
        self.zone.setVisible(writable)
        if found == self.attachments:
            return False
        self.attachments = found
        clear(self._grid)
        clear(self._lines)
        self.thumbs = []
        if self.header is not None:
            self.header.set_texts("证据材料", str(len(found)))
        for number, one in enumerate(found):
            if one.media_type.startswith("image/"):
                self._add_tile(number, one)
            else:
                self._add_line(case, number, one)
        return True

    def show_images(self, images: Mapping[str, QImage]) -> None:
        """The pictures, by content; a tile without one keeps its icon."""
        for tile in self.thumbs:
            image = images.get(tile.sha256)
            if image is not None and not image.isNull():
                tile.show_image(image)

    def _add_tile(self, number: int, one: cf.Attachment) -> None:
        tile = Tile(self.look, one, name=f"session.evidence.{number}")
        tile.clicked.connect(self._opener(number))
        place = len(self.thumbs)
        self.thumbs.append(tile)
        self._grid.addWidget(tile, place // 2, place % 2)
        for side in (0, 1):
            self._grid.setColumnStretch(side, 1)

    def _add_line(self, case: CaseData, number: int, one: cf.Attachment) -> None:
        words = column(
            Text(one.title or "材料", wrap=True),
            Text(origin_words(one, case), role="label", tone="textSecondary", wrap=True),
            spacing=0,
        )
        look = LinkButton(self.look, "看", name=f"session.evidence.{number}", about=one.title or "材料")
        look.clicked.connect(self._opener(number))
        line = row(IconLabel(self.look, "file-text", color="textSecondary"), words, look, spacing=10)
        line.setStretch(1, 1)
        line.setContentsMargins(0, 6, 0, 6)
        if self._lines.count() or self.thumbs:
            self._lines.addWidget(Divider())
        self._lines.addLayout(line)

    def _opener(self, number: int) -> Callable[[], None]:
        return lambda: self.opened.emit(number)
