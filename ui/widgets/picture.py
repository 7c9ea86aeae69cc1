"""A picture in memory, fitted or enlarged; dragging, wheel and keys move it."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QWidget

from ui.theme.look import Look
from ui.widgets.base import identify

LONGEST_EDGE = 3000
"""Pictures are kept at most this wide or high: enough to read a page, quick to draw."""
LARGEST_PIXELS = 120_000_000
"""Pictures that say they have more are not decoded: a small file may claim to be enormous."""
ZOOMS = (0.5, 0.75, 1.0, 1.5, 2.0, 3.0, 4.0)


def read_picture(content: bytes) -> QImage:
    """The picture in ``content``, upright and at most :data:`LONGEST_EDGE`; null when it is none.

    Slow for large photographs: run it off the GUI thread.
    """
    from PySide6.QtCore import QBuffer, QByteArray, QIODevice

    held = QByteArray(content)
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.width() * size.height() > LARGEST_PIXELS:
        return QImage()
    if size.isValid() and max(size.width(), size.height()) > LONGEST_EDGE:
        size.scale(LONGEST_EDGE, LONGEST_EDGE, Qt.AspectRatioMode.KeepAspectRatio)
        reader.setScaledSize(size)
    return reader.read()


class _Canvas(QWidget):
    """Paints the picture into its own rectangle."""

    def __init__(self) -> None:
        super().__init__()
        self.image = QImage()
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def paintEvent(self, event: QPaintEvent) -> None:
        """The picture, smoothly scaled."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(QRectF(self.rect()), self.image)
        painter.end()


class PictureView(QScrollArea):
    """Shows one picture; ``+`` and ``-`` enlarge and shrink, ``0`` fits it into the window."""

    def __init__(self, look: Look, spoken: str, *, name: str) -> None:
        super().__init__()
        self.look = look
        identify(self, name, spoken, "按 + 放大，按 - 缩小，按 0 看全图")
        self._canvas = _Canvas()
        self._zoom = 1.0
        self.setWidget(self._canvas)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)

    @property
    def zoom(self) -> float:
        """1.0 fits the picture into the window."""
        return self._zoom

    def show_picture(self, image: QImage) -> None:
        """Show ``image``, fitted."""
        self._canvas.image = image
        self.set_zoom(1.0)

    def clear_picture(self) -> None:
        """Show nothing and forget the picture."""
        self.show_picture(QImage())

    def set_zoom(self, zoom: float) -> None:
        """Enlarge against the fitted size."""
        self._zoom = zoom
        self._place()

    def step(self, direction: int) -> None:
        """One step larger (+1) or smaller (-1)."""
        larger = [z for z in ZOOMS if (z > self._zoom if direction > 0 else z < self._zoom)]
        if larger:
            self.set_zoom(larger[0] if direction > 0 else larger[-1])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Plus, minus and 0."""
        steps = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        elif event.key() in steps:
            self.step(steps[Qt.Key(event.key())])
        elif event.key() == Qt.Key.Key_0:
            self.set_zoom(1.0)
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: object) -> None:
        """Fit anew."""
        super().resizeEvent(event)  # type: ignore[arg-type]
        self._place()

    def _place(self) -> None:
        image = self._canvas.image
        if image.isNull():
            self._canvas.resize(QSize(0, 0))
            return
        room = self.viewport().size()
        fitted = image.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio)
        if fitted.width() > image.width():
            fitted = image.size()
        self._canvas.resize(fitted * self._zoom)
        self._canvas.update()
