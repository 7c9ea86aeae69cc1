"""The viewer: PDF, picture, text, covered identity papers, damaged files; printing to a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPdfWriter
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtWidgets import QWidget

from app.domain.errors import DamagedFault, DiskFullFault, StorageFault
from tests.helpers.screens import assert_named, assert_not_clipped, grab, settle
from ui.background.hub import ChangeHub
from ui.background.lanes import Lanes
from ui.background.operations import Operations
from ui.dialogs.printing import a4_printer, draw_pdf, write_file
from ui.dialogs.viewer import ViewerDialog, ViewItem, size_text
from ui.widgets.picture import LONGEST_EDGE, read_picture


def png(width: int = 80, height: int = 60) -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor("#88aa66"))
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(held.data())


def pdf(pages: int = 2) -> bytes:
    held = QByteArray()
    buffer = QBuffer(held)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    painter = QPainter(writer)
    for number in range(pages):
        if number:
            writer.newPage()
        painter.drawRect(500, 500, 3000, 3000)
    painter.end()
    return bytes(held.data())


ITEMS = (
    ViewItem("a", "缴费凭证", "image/png", "12 KB"),
    ViewItem("b", "协议扫描件", "application/pdf", "1.2 MB"),
    ViewItem("c", "申请人证件", "image/png", "2 KB", covered=True),
    ViewItem("d", "坏了的文件", "application/pdf"),
    ViewItem("e", "表格", "application/vnd.ms-excel"),
    ViewItem("f", "说明", "text/plain"),
)
CONTENT = {"a": png(), "b": pdf(), "c": png(), "f": "第一行\n第二行".encode()}


def read(item: ViewItem) -> bytes:
    if item.key not in CONTENT:
        raise DamagedFault("文件不在了或坏了，登记信息还在。可以从备份找回。", subject="attachment:x")
    return CONTENT[item.key]


@pytest.fixture
def lanes(qapp):
    made = Lanes()
    yield made
    assert made.close()


@pytest.fixture
def viewer(qtbot, look, lanes):
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(1000, 760)
    host.show()
    seen: list[tuple[str, str]] = []
    dialog = ViewerDialog(
        look, Operations(lanes, ChangeHub()), read, ITEMS, host,
        trace=lambda item, reason: seen.append((item.key, reason)),
    )  # fmt: skip
    dialog.traces = seen
    dialog.start()
    yield dialog
    dialog.close()
    settle()


def test_picture_pdf_text_and_pages(qtbot, viewer):
    qtbot.waitUntil(lambda: viewer.stack.currentWidget() is viewer.picture)
    assert viewer.title.text() == "缴费凭证"
    grab(viewer, "viewer-picture")
    assert_not_clipped(viewer)
    assert_named(viewer)
    qtbot.mouseClick(viewer.larger, Qt.MouseButton.LeftButton)
    assert viewer.picture.zoom == 1.5
    qtbot.keyClick(viewer.picture, Qt.Key.Key_Minus)
    assert viewer.picture.zoom == 1.0
    qtbot.keyClick(viewer.list, Qt.Key.Key_Down)
    qtbot.waitUntil(lambda: viewer.stack.currentWidget() is viewer.paper)
    assert viewer.pages.text() == "第 1／2 页"
    viewer.list.setCurrentRow(5)
    qtbot.waitUntil(lambda: viewer.stack.currentWidget() is viewer.text)
    assert viewer.text.toPlainText() == "第一行\n第二行"


def test_identity_papers_stay_covered_until_a_reason_is_chosen(qtbot, viewer):
    viewer.list.setCurrentRow(2)
    settle()
    assert viewer.stack.currentWidget() not in (viewer.picture, viewer.waiting)
    assert viewer.content == b""
    grab(viewer, "viewer-covered")
    qtbot.keyClick(viewer, Qt.Key.Key_2)
    qtbot.waitUntil(lambda: viewer.stack.currentWidget() is viewer.picture)
    assert viewer.traces == [("c", "verify")]


def test_what_cannot_be_shown_says_why(qtbot, viewer):
    viewer.list.setCurrentRow(3)
    qtbot.waitUntil(lambda: "从备份找回" in viewer.message.text())
    viewer.list.setCurrentRow(4)
    assert "看不了" in viewer.message.text()


def test_closing_forgets(qtbot, look, lanes):
    dialog = ViewerDialog(look, Operations(lanes, ChangeHub()), read, ITEMS[:1])
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)
    qtbot.addWidget(dialog)
    dialog.start()
    qtbot.waitUntil(lambda: dialog.content != b"")
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert dialog.content == b""
    assert not dialog.isVisible()


def test_a_large_photograph_is_read_smaller():
    image = read_picture(png(LONGEST_EDGE * 2, 100))
    assert image.width() == LONGEST_EDGE
    assert read_picture(b"not a picture").isNull()
    assert size_text(340 * 1024) == "340 KB"
    assert size_text(1_258_291) == "1.2 MB"


def test_printing_paints_every_page(qapp, tmp_path):
    printer = a4_printer()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "out.pdf"))
    assert draw_pdf(pdf(3), printer) == 3
    import pypdfium2

    with pypdfium2.PdfDocument(tmp_path / "out.pdf") as made:
        assert len(made) == 3
        width, height = made[0].get_size()
        assert abs(width - 595) < 2
        assert abs(height - 842) < 2


def test_a_file_that_cannot_be_written_is_told(tmp_path):
    assert write_file(tmp_path / "a.pdf", b"x").read_bytes() == b"x"
    with pytest.raises(StorageFault):
        write_file(tmp_path / "no" / "a.pdf", b"x")
    with pytest.raises(DiskFullFault):
        write_file(Path("/dev/full"), b"x" * 10)
