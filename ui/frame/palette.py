"""The command palette (Ctrl+K): cases, people, papers and things to do in one box, all covered."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import (
    QEvent,
    QModelIndex,
    QObject,
    Qt,
    QTimer,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListView,
    QWidget,
)
from shiboken6 import isValid

from ui.frame.palette_lines import (
    CANNOT,
    LINE,
    Line,
    LineDelegate,
    Lines,
    PaletteGroup,
    PaletteItem,
    PaletteSource,
)
from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import Divider, IconLabel, Text, announce, column, identify, row

PAUSE_MS = 120
PER_GROUP = 4


class CommandPalette(QWidget):
    """The palette over ``host``; ``chosen(key)`` for a result that can be done now.

    Arrow keys choose, Enter opens, Tab narrows to the next heading, Esc closes and gives the focus back.
    """

    chosen = Signal(str)

    def __init__(self, look: Look, host: QWidget, source: PaletteSource) -> None:
        super().__init__(host)
        self.look, self._host, self._source = look, host, source
        identify(self, "palette.overlay.cover")
        self._before: QWidget | None = None
        self._pending = self._entered = False
        self._generation = 0
        self._only = ""
        self._headings: list[str] = []
        self.edit = QLineEdit()
        self.edit.setPlaceholderText("找案件、人、文书，或输入要做的事")
        self.edit.setFrame(False)
        self.edit.setProperty("ringless", True)
        identify(self.edit, "palette.query.text", "命令框，输入案件、人、文书或要做的事，拼音首字母也行")
        self.list = QListView()
        self._lines = Lines()
        self.list.setModel(self._lines)
        self.list.setItemDelegate(LineDelegate(look, self.list))
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setMouseTracking(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        identify(self.list, "palette.results.list", "结果")
        self.empty = Text("没有找到，换个说法，或输入编号后四位", tone="textSecondary")
        self._hint = Text("Tab 只看一类", role="caption", tone="textSecondary")
        self._build()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._ask)
        self.edit.textEdited.connect(self._typed)
        self.edit.installEventFilter(self)
        self.list.clicked.connect(self._clicked)
        host.installEventFilter(self)
        look.follow(self, self.restyle)
        self.hide()

    def _build(self) -> None:
        self.panel = QFrame(self)
        self.panel.setProperty("kind", "floating")
        glass = IconLabel(self.look, "search", edge=24)
        aside = Text("拼音首字母也行", role="caption", tone="textSecondary")
        head = row(glass, self.edit, aside, spacing=12)
        head.setContentsMargins(18, 8, 18, 8)
        first = Text("↑↓ 选择　　Enter 打开", role="caption", tone="textSecondary")
        last = Text("结果已遮挡个人信息", role="caption", tone="textSecondary")
        foot = row(first, 12, self._hint, None, last)
        foot.setContentsMargins(18, 10, 18, 10)
        self.empty.setContentsMargins(18, 12, 18, 12)
        inside = column(head, Divider(), self.empty, self.list, Divider(), foot, spacing=0)
        inside.setStretch(3, 1)
        inside.setContentsMargins(1, 1, 1, 1)
        self.panel.setLayout(inside)

    def open_palette(self, text: str = "") -> None:
        """Show the palette; an empty one lists recent cases and what can be done here."""
        if not self.isVisible():
            self._before = self.window().focusWidget()
        self._only = ""
        self.edit.setText(text)
        self.setGeometry(self._host.rect())
        self.show()
        self.raise_()
        self.edit.setFocus(Qt.FocusReason.OtherFocusReason)
        self._ask()

    def close_palette(self) -> None:
        """Take it away; answers on their way are dropped, the focus goes back."""
        self._generation += 1
        self._pending = self._entered = False
        self._pause.stop()
        self.hide()
        self._lines.replace([])
        before, self._before = self._before, None
        # Its page may have renewed its rows since, and what had the focus went with them.
        if before is not None and isValid(before) and before.isVisible():
            before.setFocus(Qt.FocusReason.OtherFocusReason)

    def restyle(self) -> None:
        """Field and panel at the present look."""
        high = self.look.metrics.px(44)
        self.edit.setFixedHeight(high)
        size = self.look.metrics.type_px("section")
        # The panel is the frame of the field, which alone takes keys in it.
        plain = f"border: 0; padding: 0; background: transparent; font-size: {size}px; min-height: {high}px;"
        self.edit.setStyleSheet(f"QLineEdit, QLineEdit:focus {{ {plain} }}")
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys of the field; the host's size."""
        if watched is self._host and isinstance(event, QResizeEvent) and self.isVisible():
            self.setGeometry(self._host.rect())
        elif watched is self.edit and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            return self._key(event)
        return False

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the panel in its place."""
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The veil over the window."""
        painter = QPainter(self)
        painter.fillRect(self.rect(), self.look.color("scrim"))
        painter.end()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """A click beside the panel closes."""
        if not self.panel.geometry().contains(event.position().toPoint()):
            self.close_palette()

    def _key(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.close_palette()
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            self._move(1 if key == Qt.Key.Key_Down else -1)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
        elif key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self._narrow()
        else:
            return False
        return True

    @property
    def pending(self) -> bool:
        """Whether the list is still the answer to other words than those in the field."""
        return self._pending

    def _typed(self, _text: str) -> None:
        self._pending, self._entered = True, False
        self._pause.start(PAUSE_MS)

    def _enter(self) -> None:
        """Take the chosen line; typed faster than the answer comes, the first of the answer."""
        if not self._pending:
            self._take(self.list.currentIndex())
            return
        self._entered = True
        if self._pause.isActive():
            self._pause.stop()
            self._ask()

    def _ask(self) -> None:
        self._generation += 1
        generation = self._generation

        def deliver(groups: Sequence[PaletteGroup]) -> None:
            if generation == self._generation and self.isVisible():
                self._show(groups)
                entered, self._pending, self._entered = self._entered, False, False
                if entered:
                    self._take(self.list.currentIndex())

        self._source.query(self.edit.text().strip(), self._only, deliver)

    def _show(self, groups: Sequence[PaletteGroup]) -> None:
        lines: list[Line] = []
        barred: list[PaletteItem] = []
        if not self._only:
            self._headings = [group.title for group in groups if group.items]
        limit = PER_GROUP if not self._only else 50
        for group in groups:
            most = max(limit, group.most)
            able = [item for item in group.items if not item.reason][:most]
            barred += [item for item in group.items if item.reason]
            if able:
                lines += [Line(group.title), *(Line(group.title, item) for item in able)]
        if barred:
            lines += [Line(CANNOT), *(Line(CANNOT, item) for item in barred[:PER_GROUP])]
        self._lines.replace(lines)
        self.empty.setVisible(not lines)
        self._place()
        self._move(1)
        count = sum(1 for line in lines if line.item is not None)
        announce(self.edit, f"{count} 个结果" if count else self.empty.text())

    def _move(self, step: int) -> None:
        rows = [number for number, line in enumerate(self._lines.lines) if line.item is not None]
        if not rows:
            return
        current = self.list.currentIndex().row()
        at = rows.index(current) + step if current in rows else 0
        index = self._lines.index(rows[at % len(rows)])
        self.list.setCurrentIndex(index)
        announce(self.edit, str(index.data(Qt.ItemDataRole.DisplayRole)))

    def _narrow(self) -> None:
        ring = ["", *(title for title in self._headings if title != CANNOT)]
        at = ring.index(self._only) if self._only in ring else 0
        self._only = ring[(at + 1) % len(ring)]
        after = ring[(ring.index(self._only) + 1) % len(ring)]
        self._hint.setText(f"Tab 只看{after}" if after else "Tab 看全部")
        self._ask()

    def _clicked(self, index: QModelIndex) -> None:
        self._take(index)

    def _take(self, index: QModelIndex) -> None:
        line = index.data(LINE) if index.isValid() else None
        if not isinstance(line, Line) or line.item is None:
            return
        if line.item.reason:
            announce(self.edit, f"{CANNOT}：{line.item.reason}")
            return
        key = line.item.key
        self.close_palette()
        self.chosen.emit(key)

    def _place(self) -> None:
        metrics = self.look.metrics
        wide = min(metrics.px(tokens.size("commandPalette")), self.width() - 48)
        rows = sum(metrics.px(34 if line.item is None else 43) for line in self._lines.lines)
        wanted = metrics.px(44) + 16 + rows + metrics.px(44) + (metrics.px(48) if not rows else 8)
        top = min(84, self.height() // 8)
        high = min(wanted, self.height() - top - 24)
        self.list.setVisible(bool(rows))
        self.panel.setGeometry((self.width() - wide) // 2, top, wide, max(high, 120))
