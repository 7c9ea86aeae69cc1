"""Qt's own file dialog speaks Chinese throughout, and its line of kinds fits."""

from __future__ import annotations

import re
from pathlib import Path

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

from ui.pages.agreement_parts import choose_file
from ui.theme.look import Look

ENGLISH = re.compile(r"[A-Za-z]{4,}")


def test_no_english_word_and_nothing_cut_off(qtbot: QtBot, look: Look, tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.4")
    window = QWidget()
    qtbot.addWidget(window)
    dialog = choose_file(window, "选扫描件", lambda _path: None, name="t.choose")
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
    assert any(re.fullmatch(r"20\d\d-\d\d-\d\d \d\d:\d\d", words) for words in said if words)
    assert [words for words in said if words and ENGLISH.search(words)] == []
    kinds = dialog.findChild(QComboBox, "fileTypeCombo")
    assert kinds is not None
    assert kinds.currentText() == "扫描件和照片"
    assert kinds.fontMetrics().horizontalAdvance(kinds.currentText()) < kinds.width()
    dialog.reject()
