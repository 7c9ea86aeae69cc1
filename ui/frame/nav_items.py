"""What stands in the navigation: the pages in their order, and how many things wait at each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

Index = QModelIndex | QPersistentModelIndex
ITEM = int(Qt.ItemDataRole.UserRole) + 1


@dataclass(frozen=True)
class NavItem:
    """A page in the navigation. ``gap`` draws a line above it."""

    key: str
    text: str
    icon: str
    gap: bool = False
    count: int = 0
    urgent: bool = False

    @property
    def spoken(self) -> str:
        """The item as a screen reader says it."""
        if not self.count:
            return self.text
        return f"{self.text}，{self.count} 件要办" + ("，今天有期限" if self.urgent else "")


NAV_ITEMS = (
    NavItem("today", "今日", "sun"),
    NavItem("inbox", "办件箱", "inbox"),
    NavItem("cases", "案件", "folder-open"),
    NavItem("agreements", "协议与确认", "file-check"),
    NavItem("followup", "回访", "phone-call"),
    NavItem("archive", "卷宗", "archive"),
    NavItem("stats", "统计", "chart-column"),
    NavItem("institution", "机构与人员", "building-2", gap=True),
    NavItem("sync", "同步中心", "refresh-cw"),
)
"""The nine pages in the order of Ctrl+1 to Ctrl+9."""
PRACTICE_ITEM = NavItem("practice", "练习台", "graduation-cap")


class NavModel(QAbstractListModel):
    """The items shown to this person."""

    def __init__(self, items: Sequence[NavItem]) -> None:
        super().__init__()
        self.items = list(items)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's own default
        """Number of items."""
        return 0 if parent.isValid() else len(self.items)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """The item and its words."""
        item = self.items[index.row()]
        if role == ITEM:
            return item
        if role == Qt.ItemDataRole.DisplayRole:
            return item.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return item.spoken
        return None

    def row_of(self, key: str) -> int:
        """The row of ``key``, or -1."""
        return next((i for i, item in enumerate(self.items) if item.key == key), -1)

    def put(self, number: int, item: NavItem) -> None:
        """Replace one item."""
        self.items[number] = item
        self.dataChanged.emit(self.index(number), self.index(number))
