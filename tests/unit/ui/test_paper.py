from __future__ import annotations

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QPageSize, QPainter, QPdfWriter

from tests.helpers.screens import grab
from ui.theme.look import Look
from ui.widgets.paper import PaperPreview


def _pdf(pages: int) -> bytes:
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    painter = QPainter(writer)
    for number in range(pages):
        if number:
            writer.newPage()
        painter.drawText(1000, 1000, f"{number + 1}")
    painter.end()
    return bytes(buffer.data().data())


def test_pdf_from_memory_keeps_its_page_and_is_forgotten(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    paper = PaperPreview(look, "协议书", name="test.paper.preview")
    qtbot.addWidget(paper)
    told: list[tuple[int, int]] = []
    paper.page_changed.connect(lambda page, count: told.append((page, count)))
    assert paper.show_pdf(_pdf(3))
    grab(paper, "paper", (500, 600))
    assert paper.pages == 3
    paper.go_to(2)
    assert paper.show_pdf(_pdf(3))
    assert told[-1] == (2, 3)
    assert not paper.show_pdf(b"not a paper")
    assert told[-1] == (0, 0)
    paper.clear_pdf()
    assert paper.pages == 0
