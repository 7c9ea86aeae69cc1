"""The formal paper as it will be printed: the PDF itself, shown from memory, never from a file.

Pages are drawn here as they come into sight, on the thread of the window. Qt's own PDF view draws on a
thread of its own that may still hold the document when the view is taken down, which ends the process.
"""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize, Qt, Signal
from PySide6.QtGui import QImage, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPalette, QResizeEvent
from PySide6.QtPdf import QPdfDocument
from PySide6.QtWidgets import QAbstractScrollArea

from ui.theme.look import Look
from ui.widgets.base import identify

GAP, MARGIN = 8, 6
TRIM, TRIM_TOP = 0.095, 0.05
"""Parts of the page's width and height that ``trimmed`` leaves out: most of the blank margins."""
KEPT = 4
"""Drawn pages kept, so that scrolling back and forth does not draw again."""


class PaperPreview(QAbstractScrollArea):
    """Shows a PDF from bytes, fitted to the width; PgUp and PgDn turn pages.

    ``page_changed(number, count)`` counts from 1 and tells which page is at the middle.
    """

    page_changed = Signal(int, int)
    enlarge_asked = Signal()
    """Enter or a click on a small sample (:meth:`offer_large`)."""

    def __init__(self, look: Look, spoken: str, *, name: str, trimmed: bool = False) -> None:
        """``trimmed`` leaves most of the blank margins out, so that a narrow preview can be read."""
        super().__init__()
        self.look, self._trim = look, (TRIM, TRIM_TOP) if trimmed else (0.0, 0.0)
        identify(self, name, spoken)
        self._bytes = QByteArray()
        self._paper = QPdfDocument(self)
        # The bytes must outlive the document that reads them, also while both are being taken down.
        self._buffer = QBuffer(self._paper)
        self._page = 0
        self._placing = self._offers = False
        self._drawn: dict[int, QImage] = {}
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.verticalScrollBar().valueChanged.connect(self._scrolled)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """The ground around the pages in token colour; the paper itself stays white in every scheme."""
        palette = self.viewport().palette()
        palette.setBrush(QPalette.ColorRole.Window, self.look.color("track"))
        self.viewport().setPalette(palette)
        self.viewport().setAutoFillBackground(True)
        self._bounds()

    @property
    def pages(self) -> int:
        """Number of pages; 0 while there is none."""
        return max(self._paper.pageCount(), 0)

    def show_pdf(self, content: bytes) -> bool:
        """Show ``content``, staying on the same page when it exists; false when it is no readable PDF."""
        page = self._page
        self.clear_pdf()
        self._bytes = QByteArray(content)
        self._buffer.setData(self._bytes)
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._paper.load(self._buffer)
        ready = self._paper.status() == QPdfDocument.Status.Ready
        self._page = page if ready and page < self.pages else 0
        self._bounds()
        self.go_to(self._page + 1)
        self.page_changed.emit(self._page + 1 if ready else 0, self.pages)
        return ready

    def clear_pdf(self) -> None:
        """Show nothing and forget the bytes and what was drawn of them."""
        self._drawn.clear()
        self._paper.close()
        self._buffer.close()
        self._bytes = QByteArray()
        self._bounds()

    @property
    def content(self) -> bytes:
        """The PDF shown; empty while there is none."""
        return bytes(self._bytes.data())

    def offer_large(self) -> None:
        """Say that a click or Enter shows the paper large, and take them."""
        self._offers = True
        self.setToolTip("点一下放大看")
        self.setAccessibleDescription("按 Enter 放大看")
        self.viewport().setCursor(Qt.CursorShape.PointingHandCursor)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """A click on a small sample shows it large."""
        super().mouseReleaseEvent(event)
        inside = self.viewport().rect().contains(event.position().toPoint())
        if self._offers and inside and event.button() == Qt.MouseButton.LeftButton:
            self.enlarge_asked.emit()

    def go_to(self, page: int) -> None:
        """Go to ``page``, counted from 1."""
        if not 1 <= page <= self.pages:
            return
        self._turn(page - 1)
        top = next((box.top() for number, box in self._places() if number == page - 1), MARGIN)
        self.verticalScrollBar().setValue(top - MARGIN)
        self._turn(page - 1)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """PgUp and PgDn turn the page, Home and End go to the ends, arrows scroll."""
        key = event.key()
        turns = {
            Qt.Key.Key_PageUp: self._page,
            Qt.Key.Key_PageDown: self._page + 2,
            Qt.Key.Key_Home: 1,
            Qt.Key.Key_End: self.pages,
        }
        if self._offers and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.enlarge_asked.emit()
        elif key in turns:
            self.go_to(min(max(turns[Qt.Key(key)], 1), max(self.pages, 1)))
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the pages to the width, staying on the page."""
        super().resizeEvent(event)
        self._bounds()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the pages in sight."""
        painter = QPainter(self.viewport())
        shift = self.verticalScrollBar().value()
        for number, box in self._places():
            shown = box.translated(0, -shift)
            if shown.intersects(event.rect()):
                painter.fillRect(shown, Qt.GlobalColor.white)
                painter.setClipRect(shown)
                painter.drawImage(self._whole(shown), self._image(number, self._whole(box).size()))
                painter.setClipping(False)
        painter.end()

    def _places(self, room: int = 0) -> Iterator[tuple[int, QRect]]:
        """Each page with its place; ``room`` is the width there is, else that of the viewport."""
        width, top = max((room or self.viewport().width()) - 2 * MARGIN, 1), MARGIN
        for number in range(self.pages):
            size = self._paper.pagePointSize(number)
            side, top_and_foot = self._trim
            tall = size.height() * (1 - 2 * top_and_foot) / (1 - 2 * side)
            high = round(width * tall / size.width()) if size.width() > 0 else width
            yield number, QRect(MARGIN, top, width, high)
            top += high + GAP

    def _whole(self, seen: QRect) -> QRect:
        """Where the whole page would lie of which ``seen`` shows the middle."""
        side, top_and_foot = self._trim
        wide, high = round(seen.width() / (1 - 2 * side)), round(seen.height() / (1 - 2 * top_and_foot))
        return QRect(seen.x() - round(wide * side), seen.y() - round(high * top_and_foot), wide, high)

    def _image(self, number: int, size: QSize) -> QImage:
        ratio = self.devicePixelRatioF()
        wanted = size * ratio
        image = self._drawn.pop(number, None)
        if image is None or image.size() != wanted:
            image = self._paper.render(number, wanted)
        self._drawn[number] = image
        while len(self._drawn) > KEPT:
            del self._drawn[next(iter(self._drawn))]
        return image

    def _bounds(self) -> None:
        """Room for all pages at this width; what is in sight stays in sight."""
        self._choose_bar()
        bar, seen, page = self.verticalScrollBar(), self.viewport().height(), self._page
        part = bar.value() / bar.maximum() if bar.maximum() else 0.0
        bottom = max((box.bottom() + MARGIN for _, box in self._places()), default=0)
        self._placing = True
        bar.setRange(0, max(bottom - seen, 0))
        bar.setPageStep(seen)
        bar.setSingleStep(self.look.metrics.px(40))
        bar.setValue(round(part * bar.maximum()))
        self._placing = False
        self._page = page
        self.viewport().update()

    def _choose_bar(self) -> None:
        """A scroll bar if the pages are higher than the whole width lets them be.

        Left to itself the bar would come and go for ever: with it the pages are narrower, so low that it is
        not needed, without it wider and too high.
        """
        whole = self.contentsRect()
        bottom = max((box.bottom() + MARGIN for _, box in self._places(whole.width())), default=0)
        needed = Qt.ScrollBarPolicy.ScrollBarAlwaysOn
        policy = needed if bottom > whole.height() else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        if policy != self.verticalScrollBarPolicy():
            self.setVerticalScrollBarPolicy(policy)

    def _scrolled(self, value: int) -> None:
        if self._placing:
            return
        middle = value + self.viewport().height() // 2
        found = [number for number, box in self._places() if box.top() <= middle]
        self._turn(found[-1] if found else 0)
        self.viewport().update()

    def _turn(self, page: int) -> None:
        if page != self._page and self.pages:
            self._page = page
            self.page_changed.emit(page + 1, self.pages)
