"""Qt's own file dialog in the product's manner: short kinds of file, Chinese words and days throughout."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QFileInfo, QModelIndex, QPersistentModelIndex, QSettings, QStandardPaths
from PySide6.QtWidgets import (
    QFileDialog,
    QFileSystemModel,
    QHeaderView,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from ui.widgets.base import identify

PATH = int(QFileSystemModel.Roles.FilePathRole)
GROUP = "FileDialog/"
"""Where Qt keeps what its file dialogs remember."""
SIZE, CHANGED = 1, 3
"""Columns of Qt's model."""


class FileLines(QStyledItemDelegate):
    """Writes the day of the last change as the rest of the product does; Qt takes the system's language."""

    def initStyleOption(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """The cell as it is painted."""
        super().initStyleOption(option, index)
        if index.column() == SIZE:
            option.text = option.text.replace(" bytes", " 字节")  # type: ignore[attr-defined]
        elif index.column() == CHANGED:
            changed = QFileInfo(str(index.data(PATH))).lastModified()
            option.text = changed.toString("yyyy-MM-dd HH:mm")  # type: ignore[attr-defined]


class _Folder:
    """Where files were taken from or put last, as long as the product runs."""

    last = ""


def open_file(parent: QWidget, title: str, kinds: str = "", *, name: str) -> QFileDialog:
    """A dialog that has the person choose one file that is there; not open yet."""
    return _made(parent, title, kinds, name)


def open_files(parent: QWidget, title: str, kinds: str = "", *, name: str) -> QFileDialog:
    """As :func:`open_file`, for several files at once."""
    dialog = open_file(parent, title, kinds, name=name)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
    return dialog


def open_folder(parent: QWidget, title: str, *, name: str) -> QFileDialog:
    """A dialog that has the person choose a folder; not open yet."""
    dialog = _made(parent, title, "", name)
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    return dialog


def save_file(parent: QWidget, title: str, file_name: str, kinds: str, *, name: str) -> QFileDialog:
    """A dialog that asks under which name and where; the ending of ``file_name`` is added where it lacks."""
    dialog = _made(parent, title, kinds, name)
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setFileMode(QFileDialog.FileMode.AnyFile)
    dialog.setDefaultSuffix(Path(file_name).suffix.removeprefix("."))
    dialog.selectFile(file_name)
    return dialog


def _made(parent: QWidget, title: str, kinds: str, name: str) -> QFileDialog:
    """Qt's own dialog, which alone can be worded; kinds of file without endings, the folder remembered."""
    before = _kept_by_qt()
    dialog = QFileDialog(parent, title, _Folder.last or _documents(), kinds)
    identify(dialog, name, title)
    dialog.setOption(QFileDialog.Option.DontUseNativeDialog, on=True)
    dialog.setOption(QFileDialog.Option.HideNameFilterDetails, on=True)
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    dialog.setItemDelegate(FileLines(dialog))
    lines = dialog.findChild(QTreeView)
    if lines is not None:
        # The names give way, so that the last column is never cut.
        header = lines.header()
        header.setStretchLastSection(False)
        for column in range(1, CHANGED + 1):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
    dialog.accepted.connect(lambda: _remember(dialog))
    # Qt writes its history as the dialog goes.
    dialog.destroyed.connect(lambda: _put_back(before))
    dialog.finished.connect(dialog.deleteLater)
    return dialog


def _documents() -> str:
    """Where a person's files are, before any was chosen: never the folder the product happens to run in."""
    place = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return place if Path(place).is_dir() else str(Path.home())


def _kept_by_qt() -> dict[str, Any]:
    """What Qt's file dialogs of all programs have written into the person's settings."""
    kept = QSettings(QSettings.Scope.UserScope, "QtProject")
    return {key: kept.value(key) for key in kept.allKeys() if key.startswith(GROUP)}


def _put_back(before: Mapping[str, Any]) -> None:
    """Take what this dialog has added out again; what other programs wrote is theirs.

    Names of folders are often those of parties, and that file is nobody's profile: it lies there in plain.
    """
    kept = QSettings(QSettings.Scope.UserScope, "QtProject")
    kept.remove(GROUP.rstrip("/"))
    for key, value in before.items():
        kept.setValue(key, value)
    kept.sync()


def _remember(dialog: QFileDialog) -> None:
    _Folder.last = dialog.directory().absolutePath()
