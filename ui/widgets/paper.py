"""The formal paper as it will be printed: the PDF itself, shown from memory, never from a file."""

from __future__ import annotations

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPointF, Signal
from PySide6.QtGui import QPalette
from PySide6.QtPdf import QPdfDocument
from PySide6.QtPdfWidgets import QPdfView

from ui.theme.look import Look
from ui.widgets.base import identify


class PaperPreview(QPdfView):
    """Shows a PDF from bytes; ``page_changed(number, count)`` counts from 1. PgUp and PgDn turn pages."""

    page_changed = Signal(int, int)

    def __init__(self, look: Look, spoken: str, *, name: str) -> None:
        super().__init__()
        self.look = look
        identify(self, name, spoken)
        self._bytes = QByteArray()
        # Not a child: a document that closes while its view is taken apart would still tell the view.
        self._paper = QPdfDocument(look)
        self.destroyed.connect(self._paper.deleteLater)
        # The bytes must outlive the document that reads them, also while both are being taken down.
        self._buffer = QBuffer(self._paper)
        self.setDocument(self._paper)
        self.setPageMode(QPdfView.PageMode.MultiPage)
        self.setZoomMode(QPdfView.ZoomMode.FitToWidth)
        self.pageNavigator().currentPageChanged.connect(self._page_changed)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """The ground around the pages in token colour."""
        palette = self.palette()
        palette.setBrush(QPalette.ColorRole.Dark, self.look.color("track"))
        self.setPalette(palette)

    @property
    def pages(self) -> int:
        """Number of pages; 0 while there is none."""
        return self._paper.pageCount()

    def show_pdf(self, content: bytes) -> bool:
        """Show ``content``, staying on the same page when it exists; false when it is no readable PDF."""
        page = self.pageNavigator().currentPage()
        self.clear_pdf()
        self._bytes = QByteArray(content)
        self._buffer.setData(self._bytes)
        self._buffer.open(QIODevice.OpenModeFlag.ReadOnly)
        self._paper.load(self._buffer)
        ready = self._paper.status() == QPdfDocument.Status.Ready
        if ready and page < self.pages:
            self.go_to(page + 1)
        self.page_changed.emit(self.pageNavigator().currentPage() + 1 if ready else 0, self.pages)
        return ready

    def clear_pdf(self) -> None:
        """Show nothing and forget the bytes."""
        self._paper.close()
        self._buffer.close()
        self._bytes = QByteArray()

    def go_to(self, page: int) -> None:
        """Go to ``page``, counted from 1."""
        self.pageNavigator().jump(page - 1, QPointF())

    def _page_changed(self, page: int) -> None:
        self.page_changed.emit(page + 1, self.pages)
