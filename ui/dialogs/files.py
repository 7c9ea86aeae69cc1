"""Qt's own file dialog in the product's manner: short kinds of file, Chinese words and days throughout."""

from __future__ import annotations

from PySide6.QtCore import QFileInfo, QModelIndex, QPersistentModelIndex
from PySide6.QtWidgets import QFileDialog, QFileSystemModel, QStyledItemDelegate, QStyleOptionViewItem

PATH = int(QFileSystemModel.Roles.FilePathRole)
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


def dress(dialog: QFileDialog) -> QFileDialog:
    """Have ``dialog`` name kinds of file without their endings, which do not fit its line."""
    dialog.setOption(QFileDialog.Option.HideNameFilterDetails, on=True)
    if dialog.testOption(QFileDialog.Option.DontUseNativeDialog):
        dialog.setItemDelegate(FileLines(dialog))
    return dialog
