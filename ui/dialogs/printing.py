"""Printing a finished PDF and keeping it as a file; both off the GUI thread."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QMarginsF, QRectF
from PySide6.QtGui import QImage, QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from app.domain.errors import DiskFullFault, StorageFault
from ui.background.lanes import Job
from ui.background.operations import Operations
from ui.dialogs.files import save_file
from ui.widgets.base import identify

Then = Callable[[bytes], None]
Source = Callable[[Then], None]
"""Gives the PDF to what it is called with, at once or when it is written."""
DPI = 300
NO_SPACE = 28
"""errno ENOSPC."""


def draw_pdf(content: bytes, printer: QPrinter, job: Job | None = None) -> int:
    """Paint each page of ``content`` on ``printer``; the number of pages. Long: never on the GUI thread."""
    import pypdfium2

    paper = pypdfium2.PdfDocument(io.BytesIO(content))
    painter = QPainter()
    if not painter.begin(printer):
        raise StorageFault("打印机没有收下这一页，文书还在，可以再打一次或存成 PDF。", code="E-PRINTER")
    try:
        for number in range(len(paper)):
            if job is not None:
                job.check()
            if number:
                printer.newPage()
            drawn = paper[number].render(scale=DPI / 72, rev_byteorder=True)
            image = QImage(
                bytes(drawn.buffer), drawn.width, drawn.height, drawn.stride, QImage.Format.Format_RGB888
            )
            painter.drawImage(QRectF(printer.pageLayout().fullRectPixels(printer.resolution())), image)
    finally:
        painter.end()
        paper.close()
    return number + 1


def has_printer() -> bool:
    """Whether this computer knows a printer."""
    return bool(QPrinterInfo.availablePrinterNames())


def a4_printer() -> QPrinter:
    """A printer set to A4 upright without margins of its own: the paper's margins are in the PDF."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setResolution(DPI)
    printer.setPageLayout(
        QPageLayout(QPageSize(QPageSize.PageSizeId.A4), QPageLayout.Orientation.Portrait, QMarginsF())
    )
    printer.setFullPage(True)
    return printer


def print_pdf(
    operations: Operations,
    parent: QWidget,
    source: Source,
    title: str,
    done: Callable[[int], None],
) -> QPrintDialog:
    """Ask for printer and copies, then print; ``done(pages)`` on the GUI thread.

    ``source`` is asked for the PDF once the person said yes.
    """
    printer = a4_printer()
    printer.setDocName(title)
    dialog = QPrintDialog(printer, parent)
    identify(dialog, "printing.dialog", f"打印，{title}")
    dialog.setWindowTitle("打印")

    def start(content: bytes) -> None:
        operations.read(f"打印{title}", lambda job: draw_pdf(content, printer, job), done)

    dialog.accepted.connect(lambda: source(start))
    QDialog.open(dialog)
    return dialog


def save_pdf(
    operations: Operations,
    parent: QWidget,
    source: Source,
    name: str,
    done: Callable[[Path], None],
) -> QFileDialog:
    """Ask where, then write the PDF there; ``done(path)`` on the GUI thread.

    ``source`` is asked for the PDF once the person chose the place.
    """
    dialog = save_file(parent, "存成 PDF", name, "PDF (*.pdf)", name="printing.save")

    def start(path: Path, content: bytes) -> None:
        operations.read("存成 PDF", lambda _job: write_file(path, content), done)

    def chosen() -> None:
        # The chooser may be gone by the time the PDF is written.
        path = Path(dialog.selectedFiles()[0])
        source(lambda content: start(path, content))

    dialog.accepted.connect(chosen)
    dialog.open()
    return dialog


def write_file(path: Path, content: bytes) -> Path:
    """Write a file the person chose. Raises :class:`StorageFault` in words."""
    try:
        path.write_bytes(content)
    except OSError as error:
        detail = type(error).__name__
        if error.errno == NO_SPACE:
            raise DiskFullFault(
                "这个盘满了，文件没有存下。文书还在，换个地方再存。", detail=detail
            ) from error
        raise StorageFault("文件没有存下，文书还在。换个文件夹或文件名再存。", detail=detail) from error
    return path
