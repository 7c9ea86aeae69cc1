"""登记生效日: place by place the date on the signed paper; from which day the agreement holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QFrame, QWidget

from app.clock import legal_day
from app.domain import agreement as rules
from app.domain import casefile as cf
from app.domain import deadlines, filing
from app.domain.errors import FieldErrors, UserError
from app.domain.filings_of import active_filing
from app.domain.reducer import CaseFile
from app.domain.workdays import short_date
from app.services.agreeing import SignatureEntry
from app.services.attachments import FileEntry
from app.services.changes import ChangeSet
from ui.context import Context
from ui.labels import Label, day_text, month_day, weekday
from ui.pages import agreement_parts as parts
from ui.pages.working import DraftKeeper, WorkingPage
from ui.theme.look import Look
from ui.widgets.base import Divider, IconLabel, Text, clear, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.cards import Card
from ui.widgets.dates import DateField
from ui.widgets.deadline import DeadlineCard
from ui.widgets.fields import FormField
from ui.widgets.states import EmptyState
from ui.widgets.stepper import Step, Stepper

if TYPE_CHECKING:
    from app.services.office import Office


@dataclass(frozen=True)
class Loaded:
    """One reading of the page."""

    file: CaseFile
    effect: rules.Effectiveness | None
    draft: Mapping[str, str]
    today: dt.date
    locked: bool
    """The court has the agreement: dates are changed only by a correction."""


def key_of(place: rules.Place) -> str:
    """The name of a place as drafts and errors know it."""
    return f"{place.signer.signer}:{place.signer.party_id}"


def read(office: Office, case_id: str) -> Loaded:
    """Read on the read lane."""
    file = office.cases.open(case_id).file
    saved = office.drafts.get("signatures", case_id)
    locked = active_filing(file) is not None or file.head.state == "archived"
    return Loaded(
        file, rules.effectiveness_of(file), saved.body if saved else {}, office.desk.today(), locked
    )


class PlaceRow(QFrame):
    """One place on the paper with its date. ``changed()`` follows each edit."""

    changed = Signal()

    def __init__(self, look: Look, place: rules.Place, words: str, today: dt.date, index: int) -> None:
        super().__init__()
        self.look, self.place, self.words, self.today = look, place, words, today
        self.first_day = today
        self.setProperty("kind", "placerow")
        identify(self, f"effective.place.{index}", words)
        self.icon = IconLabel(look, "clock", color="dueSoon.fg")
        self.title = Text(words, wrap=True)
        needed = "" if place.signer.needed else "法律没有要求这一处，可以不填"
        self.note = Text(needed, role="label", tone="textSecondary", wrap=True)
        self.note.setVisible(bool(needed))
        self.date = DateField(
            look, f"{words}的日期", name=f"effective.date.{index}", today=lambda: today, value=place.on
        )
        self.date.edit.setPlaceholderText("还没签，T 是今天")
        self.field = FormField("", self.date, check=self.problem)
        for part in self.field.findChildren(Text):
            part.setVisible(part is self.field.message and bool(part.text()))
        self.weekday = Text("", role="label", tone="textSecondary")
        self.today_button = Button(
            look, "今天签了", name=f"effective.today.{index}", about=words, compact=True
        )
        self.today_button.clicked.connect(self.sign_today)
        self.date.edit.textChanged.connect(self._edited)
        self._words = QWidget()
        self._words.setLayout(column(self.title, self.note, spacing=0))
        inside = row(self.icon, self._words, self.field, self.weekday, None)
        inside.addWidget(self.today_button)
        inside.setContentsMargins(16, 6, 16, 6)
        self.setLayout(inside)
        look.follow(self, self.restyle)

    def value(self) -> dt.date | None:
        """The date; ``None`` while there is none."""
        return self.date.value()

    def problem(self) -> str:
        """A sentence when the date cannot be right."""
        if found := self.date.problem():
            return found
        value = self.value()
        if value is not None and value > self.today:
            return "日期晚于今天，照纸面看一看。"
        if value is not None and value < self.first_day:
            return f"日期早于协议定稿的 {month_day(self.first_day)}，看一看。"
        return ""

    def sign_today(self) -> None:
        """T in the field does the same."""
        self.date.set_value(self.today)
        self.changed.emit()

    def set_locked(self, *, locked: bool) -> None:
        """Only to be read."""
        self.date.edit.setReadOnly(locked)
        self.date.button.setEnabled(not locked)
        self.today_button.setVisible(not locked and self.value() is None)

    def restyle(self) -> None:
        """A place without a date stands out."""
        self.date.setFixedWidth(self.look.metrics.px(190))
        self._words.setFixedWidth(self.look.metrics.px(200))
        self.weekday.setMinimumWidth(self.look.metrics.px(110))
        value = self.value()
        open_ = value is None and self.place.signer.needed
        self.icon.set_icon(
            "clock" if value is None else "circle-check", "dueSoon.fg" if value is None else "ok.fg"
        )
        self.weekday.setText((weekday(value) + ("，今天" if value == self.today else "")) if value else "")
        self.today_button.setVisible(value is None and not self.date.edit.isReadOnly())
        ground = self.look.colors.resolve("dueSoon.bg") if open_ else "transparent"
        self.setStyleSheet(f'QFrame[kind="placerow"] {{ background: {ground}; border: 0; }}')

    def _edited(self, _text: str) -> None:
        self.restyle()
        if not self.problem():
            self.field.show_problem("")
        self.changed.emit()


class DayBox(QFrame):
    """One of the two days: 最早可能生效, 要件齐备."""

    def __init__(self, look: Look, title: str, note: str, *, strong: bool) -> None:
        super().__init__()
        self.look, self._strong = look, strong
        self.setProperty("kind", "daybox")
        self.day = Text("还定不了", role="section")
        inside = column(
            Text(title, role="label", tone="textSecondary"), self.day,
            Text(note, role="caption", tone="textSecondary"),
            spacing=2,
        )  # fmt: skip
        inside.setContentsMargins(12, 8, 12, 8)
        self.setLayout(inside)
        look.follow(self, self.restyle)

    def set_day(self, day: dt.date | None) -> None:
        """Show the day."""
        self.day.setText(month_day(day) if day else "还定不了")

    def restyle(self) -> None:
        """The earlier one filled, the other with a dashed edge."""
        c = self.look.colors
        fill = c["primarySubtle"] if self._strong else "transparent"
        line = f"1px solid {c['primaryBorder']}" if self._strong else f"1px dashed {c['borderControl']}"
        self.setStyleSheet(
            f'QFrame[kind="daybox"] {{ background: {fill}; border: {line}; border-radius: 4px; }}'
        )


class EffectivePage(WorkingPage):
    """The page. ``params``: ``case_id``."""

    kinds = frozenset({"cases", "submissions", "attachments"})
    help_text = "照纸面把每一处签名、盖章的日期填上，Tab 到下一格，T 是今天。各处齐了就算出生效日。"

    def __init__(self, context: Context) -> None:
        super().__init__(context, "effective", nav="agreements", title="登记生效日")
        self.case_id = ""
        self.loaded: Loaded | None = None
        self.rows: list[PlaceRow] = []
        self._filling = False
        look = self.look
        self.keeper = DraftKeeper(self, "signatures", self._collect, self._kept)
        steps = [Step(f"s{n}", t, "", "now" if n == 2 else "done") for n, t in enumerate(parts.STEPS)]
        self.stepper = Stepper(look, "协议书的三步", steps, name="effective.steps")
        self.set_header_aside(self.stepper)
        self.scan_button = Button(look, "加协议书扫描件", name="effective.scan.add", icon="scan")
        self.look_button = Button(look, "看扫描件", name="effective.scan.look", icon="eye")
        self.primary_button = PrimaryButton(look, "存好，算生效日", name="effective.dates.save")
        self.scan_button.clicked.connect(self.add_scan)
        self.look_button.clicked.connect(self.look_at_scan)
        self.primary_button.clicked.connect(self.go_on)
        self.card = Card(
            "每一处哪天签的、盖的", " ", Text("照纸面写的日期填，Tab 到下一格", role="label"), flush=True
        )
        self._list = column(spacing=0)
        self.card.add(self._list)
        self.card.body.setContentsMargins(0, 0, 0, 0)
        self.scan_note = Text("", tone="textSecondary", wrap=True)
        self.scan_card = Card("扫描件")
        self.scan_card.add(self.scan_note)
        self.empty = EmptyState(
            look, "还没有定稿的协议", name="effective.empty", icon="file-text",
            hint="先写好协议，打印签字以后再来登记。",
            action="去写协议",
        )  # fmt: skip
        self.empty.acted.connect(lambda: self.navigate.emit("agreement_editor", {"case_id": self.case_id}))
        content = QWidget()
        content.setLayout(column(self.empty, self.card, self.scan_card, None, spacing=16))
        self.set_content(content, scrolled=True)
        self._build_side()
        self.set_actions([self.look_button, self.scan_button], self.primary_button)
        self.add_shortcut("Ctrl+S", "立即存", self.keeper.flush)
        self.add_shortcut("Ctrl+T", "加扫描件", self.add_scan)

    def _build_side(self) -> None:
        look = self.look
        self.early = DayBox(look, "最早可能生效", "各方签完的那天", strong=True)
        self.complete = DayBox(look, "要件齐备", "最晚一处的那天", strong=False)
        self.basis = Text("", role="caption", tone="textTertiary", wrap=True)
        when = Card("哪天生效", " ")
        days = row(self.early, self.complete, spacing=12)
        when.add(days)
        when.add(self.basis)
        self.clock_place = column(spacing=0)
        self.clock: DeadlineCard | None = None
        self.next_card = Card("接下来")
        self.next_lines = column(spacing=6)
        self.next_card.add(self.next_lines)
        side = QWidget()
        identify(side, "effective.side", "哪天生效和期限")
        side.setLayout(column(when, self.clock_place, self.next_card, None, spacing=16))
        self.set_side(side, "哪天生效", "看期限", "收起期限")

    # -- page --------------------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """Show the places of a case's agreement."""
        case_id = str(params.get("case_id", ""))
        if case_id != self.case_id:
            self.keeper.stop()
            self.case_id, self.loaded = case_id, None
        self._read()

    def leave(self) -> None:
        """Keep what was typed."""
        self.keeper.flush()
        self.drop_all()

    def refresh(self, changes: ChangeSet) -> None:
        """The case changed."""
        if self.case_id and (not changes.case_ids or self.case_id in changes.case_ids):
            self._read()

    def _read(self) -> None:
        case_id = self.case_id
        if case_id:
            self.fetch("看签名盖章", lambda office: read(office, case_id), self._show)

    def _show(self, loaded: Loaded) -> None:
        before = [(key_of(r.place), r.place.on) for r in self.rows]
        self.loaded = loaded
        effect = loaded.effect
        self.empty.setVisible(effect is None)
        for part in (self.card, self.scan_card):
            part.setVisible(effect is not None)
        if effect is None:
            self.set_title("登记生效日", parts.subtitle(loaded.file))
            self.primary_button.set_unavailable("还没有定稿的协议")
            return
        if before != [(key_of(p), p.on) for p in effect.places]:
            self._fill(loaded, effect)
            self.keeper.follow(self.case_id, dict(loaded.draft) or None)
        for one in self.rows:
            one.set_locked(locked=loaded.locked)
        scans = self._scans()
        words = f"已加 {len(scans)} 份" if scans else "还没有扫描件，也可以先照纸面填。"
        self.scan_note.setText(words + ("" if scans else "扫描件只存在本机和平台，加密保存。"))
        self.look_button.set_unavailable("" if scans else "还没有扫描件")
        self._renew()

    def _fill(self, loaded: Loaded, effect: rules.Effectiveness) -> None:
        self._filling = True
        clear(self._list)
        self.rows = []
        agreement = loaded.file.agreements[loaded.file.head.agreement_id]
        for index, place in enumerate(effect.places):
            words = rules.place_words(place, loaded.file.parties)
            one = PlaceRow(self.look, place, words, loaded.today, index)
            one.first_day = legal_day(agreement.finalised_at)
            if place.on is None and (kept := loaded.draft.get(key_of(place))):
                one.date.edit.setText(str(kept))
            one.changed.connect(self._changed)
            self.rows.append(one)
            if index:
                self._list.addWidget(Divider())
            self._list.addWidget(one)
        self._filling = False
        first = next((r for r in self.rows if r.value() is None), None)
        if first is not None and self.isVisible():
            QTimer.singleShot(0, first.date.edit, first.date.edit.setFocus)

    def _scans(self) -> list[cf.Attachment]:
        files = self.loaded.file.attachments.values() if self.loaded else ()
        return [a for a in files if a.material == "agreement" and a.role == "scan"]

    # -- what the dates come to ----------------------------------------------------------------------

    def effect(self) -> rules.Effectiveness | None:
        """The effect of the dates as they stand in the fields."""
        loaded = self.loaded
        if loaded is None or loaded.effect is None:
            return None
        agreement = loaded.file.agreements[loaded.file.head.agreement_id]
        made = [
            cf.Signature(agreement_id=agreement.agreement_id, signer=e.signer, party_id=e.party_id, on=e.on)
            for e in self._entries(every=True)
        ]
        return rules.effectiveness(agreement, loaded.file.parties, made)

    def _renew(self) -> None:
        loaded, effect = self.loaded, self.effect()
        if loaded is None or effect is None:
            return
        tag = (
            Label("已生效", "circle-check", "ok")
            if effect.is_effective
            else Label("待签署", "pen-line", "dueSoon")
        )
        many = len(effect.missing) > 1
        title = f"还没有生效，还缺 {len(effect.missing)} 处" if many else effect.conclusion
        self.set_title(title, parts.subtitle(loaded.file), tag)
        done = sum(r.value() is not None for r in self.rows)
        if self.card.header is not None:
            self.card.header.note.setText(f"{len(self.rows)} 处，已登记 {done} 处")
        self.early.set_day(effect.earliest_possible)
        self.complete.set_day(effect.complete_on)
        self.basis.setText("依据：" + "；".join(effect.basis))
        desk = self.office.desk
        clock = filing.confirmation_clock(effect, desk.calendar, desk.rules_for(loaded.file.head))
        view = parts.clock_view("申请司法确认", clock.reminds, loaded.today)
        if self.clock is None:
            self.clock = DeadlineCard(self.look, view, name="effective.clock")
            self.clock_place.addWidget(self.clock)
        else:
            self.clock.set_view(view)
        self._next(effect, loaded)
        saved = not self._entries()
        ready = effect.is_effective and saved
        self.primary_button.relabel("准备司法确认" if ready else "存好，算生效日")
        locked = "已经提交司法确认，日期锁定了" if loaded.locked and not ready else ""
        nothing = "" if ready or not saved else "还没有新填的日期"
        self.primary_button.set_unavailable(locked or nothing)

    def _next(self, effect: rules.Effectiveness, loaded: Loaded) -> None:
        clear(self.next_lines)
        lines = []
        if effect.missing and effect.first_signed_on is not None:
            desk = self.office.desk
            due = deadlines.signature(effect.first_signed_on, desk.calendar, desk.rules_for(loaded.file.head))
            left = parts.days_left(due.due_on, loaded.today)
            lines.append(
                (
                    "pen-line",
                    f"{day_text(due.due_on)}（含当天）前补齐{'、'.join(effect.missing)}，机构设定，{left}",
                )
            )
        if effect.is_effective:
            lines.append(("landmark", "双方可以一起申请司法确认，不收费"))
            lines.append(("circle-check", f"{short_date(effect.complete_on or loaded.today)}生效，可以结案"))
        lines.append(("bell", "生效后自动排回访、履行提醒"))
        for icon, words in lines:
            line = row(
                IconLabel(self.look, icon, color="textSecondary", edge=18),
                Text(words, role="label", wrap=True),
            )
            line.setStretch(1, 1)
            self.next_lines.addLayout(line)

    # -- acting --------------------------------------------------------------------------------------

    def _entries(self, *, every: bool = False) -> tuple[SignatureEntry, ...]:
        found = []
        for one in self.rows:
            day, place = one.value(), one.place
            if day is None or (day == place.on and not every):
                continue
            method = "seal" if place.signer.signer == "seal" or "盖章" in place.signer.label else "sign"
            found.append(SignatureEntry(place.signer.signer, day, place.signer.party_id, method))
        return tuple(found)

    def go_on(self) -> None:
        """Save the dates; once effective, go on to the confirmation."""
        if self.primary_button.unavailable:
            return
        problems = [one.field.problem() for one in self.rows]
        if any(problems):
            bad = next(one for one in self.rows if one.problem())
            bad.date.edit.setFocus()
            return
        entries, case_id = self._entries(), self.case_id
        if not entries:
            self.navigate.emit("confirmation", {"case_id": case_id})
            return
        self.keeper.flush()
        self.save(
            "登记签名盖章",
            lambda office: office.agreeing.register_signatures(case_id, entries),
            said="日期已存好，10 秒后发送。",
            refused=self._refused,
        )

    def _refused(self, error: UserError) -> bool:
        if not isinstance(error, FieldErrors):
            return False
        for one in error.errors:
            for line in self.rows:
                if one.field == key_of(line.place):
                    line.field.show_problem(one.message)
        return True

    def add_scan(self) -> None:
        """Choose the scan of the signed agreement."""
        parts.choose_file(self.window(), "选签好的协议书扫描件", self.take_scan, name="effective.scan.choose")

    def take_scan(self, path: Path) -> None:
        """Keep the scan among the case's files, for the court's list too."""
        case_id = self.case_id
        entry = FileEntry(role="scan", title="调解协议书", original="original", material="agreement")

        def refused(error: UserError) -> bool:
            self.scan_note.setText(error.message)
            return True

        self.save(
            "加协议书扫描件", lambda office: office.attachments.add_path(case_id, path, entry),
            said="扫描件已存好，10 秒后发送。", refused=refused,
        )  # fmt: skip

    def look_at_scan(self) -> None:
        """看扫描件."""
        if not self.look_button.unavailable:
            parts.show_files(self, self.case_id, self._scans(), title="调解协议书")

    def _collect(self) -> dict[str, Any] | None:
        kept = {key_of(r.place): r.date.edit.text().strip() for r in self.rows if r.value() != r.place.on}
        return {key: text for key, text in kept.items() if text} or None

    def _changed(self) -> None:
        if not self._filling:
            self.keeper.touch()
            self._renew()

    def _kept(self, saved_at: str) -> None:
        from app.clock import from_text, shanghai

        self.set_saved(f"{shanghai(from_text(saved_at)):%H:%M:%S} 已存在本机")
