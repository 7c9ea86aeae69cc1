"""What lies behind one row: when, who, how often, why, the receipt; and what can be done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QFrame

from app.services.sync_rows import Line, SyncRow
from ui.labels import sync_state
from ui.theme.look import Look
from ui.widgets.base import Text, column, identify, row
from ui.widgets.buttons import Button
from ui.widgets.tags import StatusTag


class ReceiptPart(QFrame):
    """``case_asked(case_id)``, ``again_asked(row_id)``, ``aside_asked(row_id)``."""

    case_asked = Signal(str)
    again_asked = Signal(str)
    aside_asked = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.row: SyncRow | None = None
        identify(self, "sync.receipt", "这一项的来龙去脉")
        self.setProperty("kind", "scrolled")
        self.tag = StatusTag(look, "neutral", "　")
        self.case = Text("", tone="textSecondary", wrap=True)
        self.why = Text("", wrap=True, selectable=True)
        self.lines = QFormLayout()
        self.lines.setHorizontalSpacing(16)
        self.lines.setVerticalSpacing(8)
        self.to_case = Button(look, "打开案件", name="sync.receipt.case", icon="folder-open")
        self.again = Button(look, "现在再发", name="sync.receipt.again", icon="refresh-cw")
        self.aside = Button(look, "知道了，收起", name="sync.receipt.aside")
        foot = row(self.aside, None, self.again, self.to_case, spacing=10)
        self.setLayout(column(row(self.tag, None), self.case, self.why, self.lines, None, foot, spacing=10))
        self.to_case.clicked.connect(self._to_case)
        self.again.clicked.connect(self._again)
        self.aside.clicked.connect(self._aside)

    def show_row(self, found: SyncRow, lines: Sequence[Line]) -> None:
        """Show one row."""
        self.row = found
        label = sync_state(found.status)
        self.tag.set_status(label.status, label.text, icon=label.icon)
        self.case.setText(found.case_title)
        self.case.setVisible(bool(found.case_title))
        self.why.setText(found.why)
        while self.lines.rowCount():
            self.lines.removeRow(0)
        for line in lines:
            name = Text(line.label, role="label", tone="textSecondary")
            value = Text(_breakable(line.text), role="label", wrap=True, selectable=True)
            value.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            self.lines.addRow(name, value)
        failed = found.status == "failed"
        refused = failed and found.kind == "command"
        self.to_case.relabel("去案件里补" if failed else "打开案件")
        self.to_case.setVisible(bool(found.case_id))
        self.again.setVisible(found.status == "queued" or (failed and not refused))
        self.aside.setVisible(failed and found.kind in ("command", "filing"))

    def _to_case(self) -> None:
        if self.row is not None:
            self.case_asked.emit(self.row.case_id)

    def _again(self) -> None:
        if self.row is not None:
            self.again_asked.emit(self.row.row_id)

    def _aside(self) -> None:
        if self.row is not None:
            self.aside_asked.emit(self.row.row_id)


def _breakable(text: str) -> str:
    """Long ids may break after any eight signs."""
    if len(text) < 24 or " " in text or not text.isascii():
        return text
    return "\u200b".join(text[at : at + 8] for at in range(0, len(text), 8))
