"""协议体检: findings numbered as on the paper, what follows from each, where it stands, the repair."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QFrame, QLayout, QSizePolicy, QWidget

from app.domain import checks
from app.domain.checks import Finding
from ui.theme import icons, tokens
from ui.theme.look import Look
from ui.widgets.base import Divider, IconLabel, Text, clear, column, identify, row
from ui.widgets.buttons import Button, LinkButton
from ui.widgets.cards import Card
from ui.widgets.choices import CheckBox
from ui.widgets.dates import DateField, Today
from ui.widgets.gutter import FittingArea

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
        self.link = LinkButton(look, "看这一处", name=f"{name}.look", about="到纸面上这一处")
        self.link.clicked.connect(self.looked)
        self.date: DateField | None = None
        self.fix: Button | None = None
        body = column(Text(finding.sentence, role="bodyStrong", wrap=True), spacing=4)
        if finding.consequence:
            body.addWidget(Text(finding.consequence, role="label", tone="textSecondary", wrap=True))
        if finding.basis:
            body.addWidget(Text(f"依据：{finding.basis}", role="caption", tone="textSecondary", wrap=True))
        body.addLayout(self._acts(finding, name, today))
        line = row(column(NumberMark(look, number, finding.level), None, spacing=0), body, spacing=10)
        line.setStretch(1, 1)
        line.setContentsMargins(16, 12, 16, 8)
        self.setLayout(line)
        self._current = False
        look.follow(self, self.restyle)

    def _acts(self, finding: Finding, name: str, today: Today) -> QLayout:
        """The repair, with the day where it needs one, and the way to the place on the paper."""
        repair = finding.repair
        if repair is None:
            return row(self.link, None)
        day = repair.day
        self.fix = Button(
            self.look, "改成这样" if day else repair.label, name=f"{name}.fix", about=finding.sentence,
            compact=True,
        )  # fmt: skip
        self.fix.clicked.connect(self.apply)
        if day is None:
            return row(self.fix, None, self.link)
        spoken = f"第 {self.number} 处改成哪天"
        self.date = DateField(self.look, spoken, name=f"{name}.date", today=today, value=day)
        chosen = row(self.date, Text("（含当天）前", role="label"))
        chosen.setStretch(0, 1)
        return column(chosen, row(self.fix, None, self.link), spacing=6)

    def apply(self) -> None:
        """一键改."""
        repair = self.finding.repair
        if repair is None:
            return
        day = self.date.value() if self.date is not None else None
        self.repair_asked.emit(with_day(self.finding, day) if day is not None else repair.value)

    def set_current(self, *, on: bool) -> None:
        """The finding F7 stands on."""
        self._current = on
        self.restyle()

    def restyle(self) -> None:
        """The ground of the one in hand, in the present colours."""
        ground = self.look.colors["primarySubtle"] if self._current else "transparent"
        self.setStyleSheet(f'QFrame[kind="finding"] {{ background: {ground}; border: 0; }}')


class NumberMark(QWidget):
    """The number as it stands on the paper, on the ground of its level, with the level's icon under it."""

    def __init__(self, look: Look, number: int, level: str) -> None:
        super().__init__()
        self.look, self._number = look, number
        self._icon, self._status = next((i, s) for key, i, s in ICONS if key == level)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.follow(self, self.updateGeometry)

    def sizeHint(self) -> QSize:
        """A square and a small icon."""
        edge = self.look.metrics.px(22)
        return QSize(edge, edge * 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Square, number, icon."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        look, edge = self.look, float(self.width())
        square = QRectF(1, 1, edge - 2, edge - 2)
        painter.setPen(QPen(look.color(f"{self._status}.border"), 2 if look.colors.high_contrast else 1))
        painter.setBrush(look.color(f"{self._status}.bg"))
        painter.drawRoundedRect(square, tokens.radius("chip"), tokens.radius("chip"))
        painter.setPen(look.color(f"{self._status}.fg"))
        painter.setFont(look.font("caption", bold=True))
        painter.drawText(square, Qt.AlignmentFlag.AlignCenter, str(self._number))
        small = edge * 0.7
        spot = QRectF((edge - small) / 2, edge + 4, small, small)
        icons.paint(painter, self._icon, look.colors.resolve(f"{self._status}.fg"), spot)
        painter.end()


class CheckPanel(QWidget):
    """The panel. It asks by ``repair_asked(finding, value)``, ``looked(finding)``, ``reason_asked()``.

    ``told(words)`` is for the person.
    """

    repair_asked = Signal(object, str)
    looked = Signal(object)
    reason_asked = Signal()
    wanted = Signal(bool)
    told = Signal(str)

    def __init__(self, look: Look, today: Today) -> None:
        super().__init__()
        self.look, self._today = look, today
        identify(self, "agreement_editor.check", "协议体检")
        self.findings: tuple[Finding, ...] = ()
        self.rows: list[FindingRow] = []
        self.at = self._resume = -1
        self.card = Card("协议体检", "随写随查，在本机进行", flush=True)
        self.numbers: dict[str, Text] = {}
        self.card.add(self._counts())
        self.card.add(Divider())
        self._list = column(spacing=0)
        inside = QWidget()
        inside.setProperty("kind", "scrolled")
        inside.setLayout(column(self._list, None, spacing=0))
        self._area = FittingArea()
        self._area.setWidget(inside)
        self.card.add(self._area)
        self.card.body.setStretch(2, 1)
        self.wants = CheckBox(look, "要做司法确认", name="agreement_editor.confirmation.want")
        self.wants.setChecked(True)
        self.wants.toggled.connect(self.wanted)
        self.foot = Text("", role="label", tone="textSecondary", wrap=True)
        self.reason = LinkButton(look, "确有原因，写理由后继续", name="agreement_editor.reason.write")
        self.reason.clicked.connect(self.reason_asked)
        self._every_ok = False
        self.more_ok = LinkButton(look, "另外", name="agreement_editor.check.more", about="没问题的")
        self.more_ok.setParent(self)
        self.more_ok.hide()
        self.more_ok.clicked.connect(self._show_every_ok)
        below = QWidget()
        below.setLayout(column(self.wants, self.foot, row(self.reason, None), spacing=4))
        self.card.set_footer(below)
        self.setLayout(column(self.card))
        look.follow(self, self._fit)

    def _fit(self) -> None:
        self._area.setMinimumHeight(self.look.metrics.px(160))

    def _counts(self) -> QWidget:
        """How many of each level, in three equal parts."""
        line = row(spacing=0)
        for number, (level, icon, status) in enumerate(ICONS):
            if number:
                line.addWidget(Divider(vertical=True))
            self.numbers[level] = Text("0", role="title", tone=status)
            words = Text(WORDS[level], role="label", tone=status)
            mark = IconLabel(self.look, icon, color=f"{status}.fg")
            cell = row(None, mark, self.numbers[level], words, None, spacing=6)
            cell.setContentsMargins(4, 8, 4, 8)
            line.addLayout(cell, 1)
        holder = QWidget()
        holder.setLayout(line)
        return holder

    @property
    def open_findings(self) -> tuple[Finding, ...]:
        """What must or should be looked at, in the order of the numbers."""
        return tuple(f for f in self.findings if f.level != "ok")

    def show_findings(self, findings: Sequence[Finding]) -> None:
        """Show another result; the current finding stays current where it is still there."""
        if tuple(findings) == self.findings:
            return
        before, among = self.marked.finding if self.marked is not None else None, self.open_findings
        self.findings = tuple(findings)
        counts = checks.counts(findings)
        for level, label in self.numbers.items():
            label.setText(str(counts[level]))  # type: ignore[index]
        self.more_ok.setParent(self)
        clear(self._list)
        self.rows = []
        for number, finding in enumerate(self.open_findings, start=1):
            line = FindingRow(self.look, number, finding, self._today)
            line.repair_asked.connect(self._fixer(finding))
            line.looked.connect(self._looker(finding))
            self.rows.append(line)
            self._list.addWidget(line)
            self._list.addWidget(Divider())
        self._show_ok()
        must = counts["must"]
        words = f"改完 {must} 处必须改的，就能去打印签字。" if must else "可以去打印签字。"
        self.foot.setText(f"{words}体检不代替法律审查。F7 下一处，Alt+Enter 一键改。")
        self.reason.setVisible(bool(must))
        self.at = self._place_of(before, among)
        if self.marked is not None:
            self.marked.set_current(on=True)

    def _show_ok(self) -> None:
        """What is in order: three sentences, the others when asked."""
        fine = [f for f in self.findings if f.level == "ok"]
        shown = fine if self._every_ok else fine[:SHOWN_OK]
        done = column(*(self._ok(f.sentence) for f in shown), spacing=6)
        rest = len(fine) - len(shown)
        self.more_ok.setVisible(rest > 0)
        if rest > 0:
            self.more_ok.relabel(f"另外 {rest} 项")
            done.addLayout(row(24, self.more_ok, None, spacing=0))
        done.setContentsMargins(18, 10, 16, 10)
        self._list.addLayout(done)

    def _show_every_ok(self) -> None:
        found, self._every_ok, self.findings = self.findings, True, ()
        self.show_findings(found)
        self._area.verticalScrollBar().setValue(self._area.verticalScrollBar().maximum())

    def next(self) -> None:
        """F7: on to the next finding, from the top again after the last."""
        if not self.rows:
            return
        if self.marked is not None:
            self.marked.set_current(on=False)
        self.at = (self.at + 1 if self._resume < 0 else self._resume) % len(self.rows)
        self._resume = -1
        self.rows[self.at].set_current(on=True)
        self._area.ensureWidgetVisible(self.rows[self.at])
        self.looked.emit(self.rows[self.at].finding)

    def repair_marked(self) -> None:
        """Alt+Enter: the repair of the finding that F7 marked, and of no other."""
        marked = self.marked
        if marked is None:
            self.next()
            if self.rows:
                self.told.emit("先看这一处，要改就再按 Alt+Enter。")
        elif marked.fix is not None:
            marked.apply()
        else:
            self.looked.emit(marked.finding)
            self.told.emit(f"第 {marked.number} 处没有一键改，在纸面上自己改。F7 到下一处。")

    @property
    def marked(self) -> FindingRow | None:
        """The finding F7 stands on."""
        return self.rows[self.at] if 0 <= self.at < len(self.rows) else None

    def _place_of(self, before: Finding | None, among: Sequence[Finding]) -> int:
        """Where the finding ``before``, marked ``among`` those, stands now; -1 once it is gone.

        F7 then goes on at its place: what came there was not shown yet.
        """
        if before is None:
            return -1
        place, now = (before.code, before.field), [row.finding for row in self.rows]
        same = [
            n for n, one in enumerate(now) if (one.code, one.field, one.sentence) == (*place, before.sentence)
        ]
        if not same and sum((one.code, one.field) == place for one in among) == 1:
            # It says something else of the same place.
            same = [n for n, one in enumerate(now) if (one.code, one.field) == place]
        self._resume = -1 if same else self.at
        return same[0] if same else -1

    def _ok(self, sentence: str) -> QWidget:
        holder = QWidget()
        line = row(IconLabel(self.look, "check", color="ok.fg", edge=16), Text(sentence, role="label"), None)
        holder.setLayout(line)
        return holder

    def _fixer(self, finding: Finding) -> object:
        return lambda value: self.repair_asked.emit(finding, value)

    def _looker(self, finding: Finding) -> object:
        return lambda: self.looked.emit(finding)
