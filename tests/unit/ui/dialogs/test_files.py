"""Qt's own file dialog speaks Chinese throughout, and its line of kinds fits."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QFileDialog,
    QLabel,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ui.dialogs.files import open_file, open_files, save_file
from ui.theme.look import Look

KINDS = "扫描件和照片 (*.pdf *.jpg *.png)"
ENGLISH = re.compile(r"[A-Za-z]{4,}")


MAKERS = {
    "one": lambda window: open_file(window, "选扫描件", KINDS, name="t.choose"),
    "several": lambda window: open_files(window, "选材料", KINDS, name="t.choose"),
    "save": lambda window: save_file(window, "存成 PDF", "协议书.pdf", KINDS, name="t.choose"),
}


@pytest.mark.parametrize("maker", MAKERS.values(), ids=MAKERS)
def test_no_english_word_and_nothing_cut_off(
    qtbot: QtBot, look: Look, tmp_path: Path, maker: Callable[[QWidget], QFileDialog]
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    window = QWidget()
    qtbot.addWidget(window)
    dialog = maker(window)
    dialog.open()
    dialog.setDirectory(str(tmp_path))
    dialog.setViewMode(QFileDialog.ViewMode.Detail)
    view = dialog.findChild(QTreeView)
    assert view is not None
    model = view.model()
    qtbot.waitUntil(lambda: model.rowCount(view.rootIndex()) == 2)
    said = [model.headerData(column, view.header().orientation()) for column in range(4)]
    for widget in dialog.findChildren(QWidget):
        if isinstance(widget, (QLabel, QAbstractButton)) and widget.isVisible():
            said += [widget.text(), widget.toolTip()]
    for number in range(2):
        for column in range(1, 4):
            index = model.index(number, column, view.rootIndex())
            option = QStyleOptionViewItem()
            view.itemDelegate().initStyleOption(option, index)
            said.append(option.text)
    assert "文件夹" in said
    assert "大小" in said
    columns = sum(view.header().sectionSize(column) for column in range(4))
    assert columns <= view.viewport().width(), "the last column is not cut"
    assert any(re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d", words) for words in said if words)
    assert [words for words in said if words and ENGLISH.search(words)] == []
    kinds = dialog.findChild(QComboBox, "fileTypeCombo")
    assert kinds is not None
    assert kinds.currentText() == "扫描件和照片"
    assert kinds.fontMetrics().horizontalAdvance(kinds.currentText()) < kinds.width()
    dialog.reject()


def test_the_folder_is_remembered_and_a_name_gets_its_ending(
    qtbot: QtBot, look: Look, tmp_path: Path
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    first = save_file(window, "存成 PDF", "协议书.pdf", "PDF (*.pdf)", name="t.save")
    first.setDirectory(str(tmp_path))
    first.selectFile("协议书")
    first.open()
    first.accept()
    assert first.selectedFiles() == [str(tmp_path / "协议书.pdf")]
    again = open_file(window, "选扫描件", KINDS, name="t.again")
    assert again.directory().absolutePath() == str(tmp_path)


def test_file_dialogs_are_made_in_one_place() -> None:
    ui = Path(__file__).parents[4] / "ui"
    making = [
        p.relative_to(ui).as_posix() for p in ui.rglob("*.py") if "QFileDialog(" in p.read_text("utf-8")
    ]
    assert making == ["dialogs/files.py"]


def test_the_folders_one_went_through_are_kept_nowhere(look: Look, qtbot: QtBot, tmp_path: Path) -> None:
    """Folders bear the names of parties, and Qt would write them into the person's settings in plain."""
    QSettings.setPath(QSettings.Format.NativeFormat, QSettings.Scope.UserScope, str(tmp_path / "config"))
    before = QSettings(QSettings.Scope.UserScope, "QtProject")
    before.setValue("FileDialog/history", ["file:///home/x/yuezhen"])
    before.sync()
    folder = tmp_path / "戚根宝案"
    folder.mkdir()
    (folder / "照片.jpg").write_bytes(b"x")
    host = QWidget()
    qtbot.addWidget(host)
    dialog = open_file(host, "选材料", name="choose")
    dialog.setDirectory(str(folder))
    dialog.open()
    dialog.selectFile("照片.jpg")
    gone: list[bool] = []
    dialog.destroyed.connect(lambda: gone.append(True))
    dialog.accept()
    assert dialog.selectedFiles()
    qtbot.waitUntil(lambda: bool(gone))
    kept = b"".join(one.read_bytes() for one in (tmp_path / "config").rglob("*") if one.is_file())
    for form in ("戚根宝".encode(), quote("戚根宝").encode(), "戚根宝".encode("unicode_escape")):
        assert form not in kept
    assert b"yuezhen" in kept, "what another program keeps there is its own"
    assert b"lastVisited" not in kept


def test_it_begins_where_the_persons_files_are(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not in the folder that the product happens to run in."""
    monkeypatch.setattr("ui.dialogs.files._Folder.last", "")
    window = QWidget()
    qtbot.addWidget(window)
    dialog = open_file(window, "选扫描件", KINDS, name="t.choose")
    begins = Path(dialog.directory().absolutePath())
    assert begins != Path.cwd()
    assert Path.home() in (begins, begins.parent)
    dialog.reject()
