"""What lies behind one row: when, who, how often, why, the receipt; and what can be done."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFormLayout, QFrame, QWidget

from app.services.conflict_views import ConflictView
from app.services.sync_mends import ADD, CHECK
from app.services.sync_rows import Line, SyncRow
from ui.labels import sync_state
from ui.pages.sync_settled import CHOSEN
from ui.theme.look import Look
from ui.widgets.base import Text, column, identify, row
from ui.widgets.buttons import Button, LinkButton
from ui.widgets.tags import StatusTag

_MENDS = {"effective": "去登记生效日", "confirmation": "去司法确认"}
"""Where else than in the case it is put right."""


class ReceiptPart(QFrame):
    """``case_asked(case_id)``, ``again_asked(row_id)``, ``aside_asked(row_id)``, ``values_asked(id)``."""

    case_asked = Signal(str)
    again_asked = Signal(str)
    aside_asked = Signal(str)
    values_asked = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        self.row: SyncRow | None = None
        self._left: tuple[str, SyncRow] | None = None
        """Who read what when the page was left."""
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
        self.values = Button(look, "看两处写法", name="sync.receipt.values", icon="history")
        self._settled = ""
        self.foot = QWidget()
        self.foot.setLayout(row(self.aside, None, self.again, self.to_case, spacing=10))
        self.more = LinkButton(look, "详细", name="sync.receipt.more")
        self.details = QWidget()
        self.technical = QFormLayout(self.details)
        self.technical.setContentsMargins(0, 0, 0, 0)
        self.technical.setHorizontalSpacing(16)
        self.technical.setVerticalSpacing(8)
        self.details.hide()
        more = row(self.more, None)
        parts = (
            row(self.tag, None),
            self.case,
            self.why,
            self.lines,
            row(self.values, None),
            more,
            self.details,
        )
        self.more.clicked.connect(lambda: self._show_details(on=self.details.isHidden()))
        self.setLayout(column(*parts, None, spacing=10))
        self.values.clicked.connect(lambda: self.values_asked.emit(self._settled))
        self.to_case.clicked.connect(self._to_case)
        self.again.clicked.connect(self._again)
        self.aside.clicked.connect(self._aside)

    def show_row(self, found: SyncRow, lines: Sequence[Line], settled: Sequence[ConflictView] = ()) -> None:
        """Show one row; ``settled``: the values that it chose between, masked."""
        self.row = found
        label = sync_state(found.status)
        self.tag.set_status(label.status, label.text, icon=label.icon)
        self.case.setText(found.case_title)
        self.case.setVisible(bool(found.case_title))
        self.why.setText(found.why)
        for form in (self.lines, self.technical):
            while form.rowCount():
                form.removeRow(0)
        self._show_details(on=False)
        self.more.setVisible(any(line.detail for line in lines))
        self._settled = settled[0].conflict_id if settled else ""
        self.values.setVisible(bool(settled))
        # The reason stands above already.
        for line in (*_values(settled), *(one for one in lines if one.text != found.why)):
            name = Text(line.label, role="label", tone="textSecondary")
            # Beside several lines the layout makes a label higher than its words, which then stand too low.
            name.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
            value = Text(_breakable(line.text), role="label", wrap=True, selectable=True)
            value.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            (self.technical if line.detail else self.lines).addRow(name, value)
        failed = found.status == "failed"
        refused = failed and found.kind == "command"
        mends = _MENDS.get(found.page, "去案件里补" if found.action == ADD else "打开案件")
        self.to_case.relabel(mends if failed or found.page in _MENDS else "打开案件")
        self.to_case.setVisible(bool(found.case_id))
        anew = failed and not refused and found.action != CHECK
        self.again.setVisible(found.status in ("queued", "doubt") or anew)
        self.aside.setVisible(failed and found.kind in ("command", "filing") and not found.asks)

    @property
    def first(self) -> QWidget | None:
        """Where the keyboard begins: at what mends it, else at the way on; never at the codes."""
        return self.mends or (None if self.to_case.isHidden() else self.to_case)

    @property
    def mends(self) -> QWidget | None:
        """The button that puts right what was not taken; nothing where all is well."""
        if self.row is None or self.row.status != "failed":
            return None
        return next((one for one in (self.to_case, self.again) if not one.isHidden()), None)

    def leave(self, person_id: str) -> None:
        """The page is left, such as for the lock: remember what is read now, and by whom."""
        self._left = (person_id, self.row) if self.row is not None and self.isVisible() else None

    def left_by(self, person_id: str) -> SyncRow | None:
        """What that person read when the page was left; asked for once."""
        left, self._left = self._left, None
        return left[1] if left is not None and left[0] == person_id else None

    def _show_details(self, *, on: bool) -> None:
        self.details.setVisible(on)
        self.more.relabel("收起详细" if on else "详细")

    def _to_case(self) -> None:
        if self.row is not None:
            self.case_asked.emit(self.row.case_id)

    def _again(self) -> None:
        if self.row is not None:
            self.again_asked.emit(self.row.row_id)

    def _aside(self) -> None:
        if self.row is not None:
            self.aside_asked.emit(self.row.row_id)


def _values(settled: Sequence[ConflictView]) -> list[Line]:
    """What stood against what, and which was taken."""
    found = []
    for one in settled:
        found.append(Line("改的是", one.what))
        if one.act is None:
            found += [Line("本机写的", one.mine.text), Line("平台上的", one.theirs.text)]
        else:
            found += [Line(d.name, f"本机：{d.mine}\n平台：{d.theirs}") for d in one.act.differences]
        taken = CHOSEN.get(one.choice, "")
        written = f"：{one.chosen.text}" if one.choice == "edited" and one.chosen is not None else ""
        found.append(Line("选了", f"{taken}{written}"))
    return found


def _breakable(text: str) -> str:
    """Long ids may break after any eight signs."""
    if len(text) < 24 or " " in text or not text.isascii():
        return text
    return "\u200b".join(text[at : at + 8] for at in range(0, len(text), 8))
