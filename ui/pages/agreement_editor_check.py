"""协议体检: findings numbered as on the paper, what follows from each, where it stands, the repair."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.domain import checks
from app.domain.checks import Finding
from ui.theme.look import Look
from ui.widgets.base import Divider, IconLabel, Text, clear, column, identify, row
from ui.widgets.buttons import Button, LinkButton
from ui.widgets.cards import Card
from ui.widgets.choices import CheckBox
from ui.widgets.dates import DateField, Today

SHOWN_OK = 3
ICONS = (
    ("must", "circle-alert", "overdue"),
    ("should", "triangle-alert", "dueSoon"),
    ("ok", "circle-check", "ok"),
)
WORDS = {"must": "必须改", "should": "建议看", "ok": "没问题"}


def with_day(finding: Finding, day: dt.date) -> str:
    """The repair's value for another day."""
    repair = finding.repair
    if repair is None:
        return ""
    if repair.field.startswith("payments."):
        return day.isoformat()
    return f"于{day.year}年{day.month}月{day.day}日（含当天）前"


class FindingRow(QFrame):
    """One finding. ``repair_asked(value)``, ``looked()`` when it is pressed."""

    repair_asked = Signal(str)
    looked = Signal()

    def __init__(self, look: Look, number: int, finding: Finding, today: Today) -> None:
        super().__init__()
        self.look, self.finding, self.number = look, finding, number
        self.setProperty("kind", "finding")
        name = f"agreement_editor.finding{number}"
        identify(self, name, f"第 {number} 处，{WORDS[finding.level]}，{finding.sentence}")
        status = "overdue" if finding.level == "must" else "dueSoon"
        self.link = LinkButton(
            look, f"{number}　{finding.sentence}", name=f"{name}.look", about="到纸面上这一处"
        )
        self.link.clicked.connect(self.looked)
        body = column(spacing=4)
        badge = Text(WORDS[finding.level], role="caption", tone=status)
        body.addLayout(row(Text(f"{number}　{finding.sentence}", role="bodyStrong", wrap=True)))
        if finding.consequence:
            body.addWidget(Text(finding.consequence, role="label", tone="textSecondary", wrap=True))
        if finding.basis:
            body.addWidget(Text(f"依据：{finding.basis}", role="caption", tone="textTertiary", wrap=True))
        self.link.relabel("看这一处")
        foot = row(badge, self.link, None)
        self.date: DateField | None = None
        self.fix: Button | None = None
        if (repair := finding.repair) is not None:
            dated = repair.field.startswith("payments.") or "（含当天）前" in repair.value
            self.fix = Button(
                look,
                "改成这样" if dated else repair.label,
                name=f"{name}.fix",
                about=finding.sentence,
                compact=True,
            )
            self.fix.clicked.connect(self.apply)
            if dated:
                day = _day_of(repair.value)
                self.date = DateField(
                    look, f"第 {number} 处改成哪天", name=f"{name}.date", today=today, value=day
                )
                body.addLayout(row(self.date, Text("（含当天）前"), self.fix))
            else:
                foot.addWidget(self.fix)
        body.addLayout(foot)
        body.setContentsMargins(14, 10, 14, 8)
        self.setLayout(body)
        self.set_current(on=False)

    def apply(self) -> None:
        """一键改."""
        repair = self.finding.repair
        if repair is None:
            return
        day = self.date.value() if self.date is not None else None
        self.repair_asked.emit(with_day(self.finding, day) if day is not None else repair.value)

    def set_current(self, *, on: bool) -> None:
        """The finding F7 stands on."""
        ground = self.look.colors["primarySubtle"] if on else "transparent"
        self.setStyleSheet(f'QFrame[kind="finding"] {{ background: {ground}; border: 0; }}')


def _day_of(value: str) -> dt.date | None:
    from ui.widgets.dates import parse_date

    plain = value.removeprefix("于").removesuffix("（含当天）前")
    return parse_date(plain, dt.date.min.replace(year=2000))


class CheckPanel(QWidget):
    """The panel. It asks by ``repair_asked(finding, value)``, ``looked(finding)``, ``reason_asked()``."""

    repair_asked = Signal(object, str)
    looked = Signal(object)
    reason_asked = Signal()
    wanted = Signal(bool)

    def __init__(self, look: Look, today: Today) -> None:
        super().__init__()
        self.look, self._today = look, today
        identify(self, "agreement_editor.check", "协议体检")
        self.findings: tuple[Finding, ...] = ()
        self.rows: list[FindingRow] = []
        self.at = -1
        self.card = Card("协议体检", "随写随查，在本机进行", flush=True)
        self.numbers: dict[str, Text] = {}
        counts = row(spacing=16)
        for level, icon, status in ICONS:
            self.numbers[level] = Text("0", role="bodyStrong", tone=status)
            counts.addLayout(row(IconLabel(look, icon, color=f"{status}.fg", edge=18), self.numbers[level]))
        counts.addStretch(1)
        counts.setContentsMargins(14, 8, 14, 8)
        self.card.add(counts)
        self.card.add(Divider())
        self._list = column(spacing=0)
        self.card.add(self._list)
        self.wants = CheckBox(look, "要做司法确认", name="agreement_editor.confirmation.want")
        self.wants.setChecked(True)
        self.wants.toggled.connect(self.wanted)
        self.foot = Text("", role="label", tone="textSecondary", wrap=True)
        self.reason = LinkButton(look, "确有原因，写理由后继续", name="agreement_editor.reason.write")
        self.reason.clicked.connect(self.reason_asked)
        below = column(self.wants, self.foot, row(self.reason, None), spacing=4)
        below.setContentsMargins(14, 8, 14, 10)
        self.card.add(Divider())
        self.card.add(below)
        self.setLayout(column(self.card, None))

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """What must or should be looked at, in the order of the numbers."""
        return tuple(f for f in self.findings if f.level != "ok")

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show another result; the current finding stays current where it is still there."""
        if tuple(findings) == self.findings:
            return
        self.findings = tuple(findings)
        counts = checks.counts(findings)
        for level, label in self.numbers.items():
            label.setText(f"{counts[level]} {WORDS[level]}")  # type: ignore[index]
        clear(self._list)
        self.rows = []
        for number, finding in enumerate(self.open_findings, start=1):
            line = FindingRow(self.look, number, finding, self._today)
            line.repair_asked.connect(self._fixer(finding))
            line.looked.connect(self._looker(finding))
            self.rows.append(line)
            self._list.addWidget(line)
            self._list.addWidget(Divider())
        fine = [f for f in findings if f.level == "ok"]
        done = column(*(self._ok(f.sentence) for f in fine[:SHOWN_OK]), spacing=4)
        if len(fine) > SHOWN_OK:
            done.addWidget(Text(f"另外 {len(fine) - SHOWN_OK} 项", role="label", tone="textSecondary"))
        done.setContentsMargins(14, 8, 14, 8)
        self._list.addLayout(done)
        must = counts["must"]
        words = f"改完 {must} 处必须改的，就能去打印签字。" if must else "可以去打印签字。"
        self.foot.setText(f"{words}体检不代替法律审查。F7 下一处，Alt+Enter 一键改。")
        self.reason.setVisible(bool(must))
        self.at = min(self.at, len(self.rows) - 1)
        if self.at >= 0:
            self.rows[self.at].set_current(on=True)

    def next(self) -> Finding | None:
        """F7: the next finding, from the top again after the last."""
        if not self.rows:
            return None
        if 0 <= self.at < len(self.rows):
            self.rows[self.at].set_current(on=False)
        self.at = (self.at + 1) % len(self.rows)
        self.rows[self.at].set_current(on=True)
        return self.rows[self.at].finding

    def repair_current(self) -> None:
        """Alt+Enter: the repair of the current finding, else of the first that has one."""
        able = [r for r in self.rows if r.fix is not None]
        current = self.rows[self.at] if 0 <= self.at < len(self.rows) else None
        target = current if current is not None and current.fix is not None else next(iter(able), None)
        if target is not None:
            target.apply()

    def _ok(self, sentence: str) -> QWidget:
        holder = QWidget()
        line = row(IconLabel(self.look, "check", color="ok.fg", edge=16), Text(sentence, role="label"), None)
        holder.setLayout(line)
        return holder

    def _fixer(self, finding: Finding) -> object:
        return lambda value: self.repair_asked.emit(finding, value)

    def _looker(self, finding: Finding) -> object:
        return lambda: self.looked.emit(finding)
