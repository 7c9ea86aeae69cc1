from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtCore import QBuffer, QEvent, QIODevice, QObject, QSize, Qt
from PySide6.QtGui import QPageSize, QPainter, QPdfWriter
from PySide6.QtWidgets import QApplication

from tests.helpers.screens import grab
from ui.theme.look import Look
from ui.widgets.paper import MARGIN, PaperPreview


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
        painter.fillRect(1000, 1500, 2000, 2000, Qt.GlobalColor.black)
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


def test_keys_turn_the_pages_and_every_page_is_drawn(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    paper = PaperPreview(look, "协议书", name="test.paper.preview")
    qtbot.addWidget(paper)
    told: list[tuple[int, int]] = []
    paper.page_changed.connect(lambda page, count: told.append((page, count)))
    assert paper.show_pdf(_pdf(3))
    paper.resize(500, 400)
    with qtbot.waitExposed(paper):
        paper.show()
    for keys, page in ((Qt.Key.Key_PageDown, 2), (Qt.Key.Key_End, 3), (Qt.Key.Key_PageUp, 2)):
        qtbot.keyClick(paper, keys)
        assert told[-1] == (page, 3)
        picture = paper.viewport().grab().toImage()
        ink = [
            (x, y)
            for x in range(0, picture.width(), 4)
            for y in range(0, picture.height(), 4)
            if picture.pixelColor(x, y).lightness() < 90
        ]
        assert ink, f"nothing is drawn of page {page}"
    paper.verticalScrollBar().setValue(0)
    assert told[-1] == (1, 3)


@pytest.mark.parametrize("way", ["clear", "delete", "exit"])
@pytest.mark.usefixtures("qapp")
def test_previews_come_and_go_without_ending_the_process(way: str, tmp_path: Path) -> None:
    """Sixty previews shown, drawn and taken down while they may still be drawing, in one process."""
    (tmp_path / "paper.pdf").write_bytes(_pdf(4))
    root = Path(__file__).resolve().parents[3]
    run = subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", COMING_AND_GOING, way, str(tmp_path / "paper.pdf")],
        cwd=root, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, capture_output=True, text=True,
        timeout=100, check=False,
    )  # fmt: skip
    assert (run.returncode, run.stdout.strip()) == (0, "60"), run.stderr


COMING_AND_GOING = """
import sys
from pathlib import Path
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication, QWidget
from ui.theme.look import Look
from ui.widgets.base import column
from ui.widgets.paper import MARGIN, PaperPreview

way, content = sys.argv[1], Path(sys.argv[2]).read_bytes()
app = QApplication([])
look = Look(app, mode="light")
kept, drawn = [], 0
for number in range(60):
    window = QWidget()
    paper = PaperPreview(look, "样张", name="test.paper")
    window.setLayout(column(paper))
    window.resize(420, 320)
    assert paper.show_pdf(content)
    window.show()
    app.processEvents()
    paper.go_to(number % 4 + 1)
    app.processEvents()
    drawn += not paper.viewport().grab().isNull()
    paper.show_pdf(content)
    if way == "clear":
        paper.clear_pdf()
    if way == "exit":
        kept.append(window)
    else:
        window.deleteLater()
        if number % 2:
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
print(drawn)
"""


def test_the_scroll_bar_settles_at_every_height(look: Look, qtbot) -> None:  # type: ignore[no-untyped-def]
    """Near the height of one page a bar of its own accord would come and go for ever."""
    paper = PaperPreview(look, "协议书", name="test.paper.preview")
    qtbot.addWidget(paper)
    assert paper.show_pdf(_pdf(1))
    paper.resize(400, 500)
    paper.show()
    fits = next(box.bottom() for _, box in paper._places(paper.contentsRect().width())) + MARGIN
    frame = paper.height() - paper.contentsRect().height()
    resizes: list[QSize] = []

    class Watcher(QObject):
        def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Resize:
                resizes.append(paper.viewport().size())
            return False

    watcher = Watcher()
    paper.viewport().installEventFilter(watcher)
    for height in range(fits + frame - 24, fits + frame + 4):
        resizes.clear()
        paper.resize(400, height)
        for _ in range(20):
            QApplication.processEvents()
        assert len(resizes) <= 4, height
    assert paper.verticalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff
    assert paper.verticalScrollBar().maximum() == 0
