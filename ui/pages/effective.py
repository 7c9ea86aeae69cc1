"""登记生效日: place by place the date on the signed paper; from which day the agreement holds."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QWidget

from app.clock import from_text, shanghai
from app.domain import agreement as rules
from app.domain import casefile as cf
from app.domain import filing
from app.domain.errors import FieldErrors, UserError
from app.services.agreeing import Shown, SignatureEntry
from app.services.attachments import FileEntry
from app.services.changes import ChangeSet
from app.services.drafts import Draft
from ui.context import Context
from ui.dialogs.closing import open_closing
from ui.labels import Label
from ui.pages import agreement_parts as parts
from ui.pages.drafting import DraftKeeper
from ui.pages.effective_other import OtherDaysBar
from ui.pages.effective_places import (
    SEEN,
    DayBox,
    Loaded,
    PlaceRow,
    key_of,
    next_words,
    read,
    shown_when_typed,
    words_of,
)
from ui.pages.effective_scan import ScanCard
from ui.pages.working import WorkingPage
from ui.widgets.base import Divider, IconLabel, Text, clear, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.cards import Card
from ui.widgets.deadline import DeadlineCard
from ui.widgets.states import EmptyState
from ui.widgets.stepper import Step, Stepper


class EffectivePage(WorkingPage):
    """The page. ``params``: ``case_id``."""

    names_its_case = True
    drawer_below = 1230
    kinds = frozenset({"cases", "submissions", "attachments"})
    help_text = "照纸面把每一处签名、盖章的日期填上，Tab 到下一格，T 是今天。各处齐了就算出生效日。"

    def __init__(self, context: Context) -> None:
        super().__init__(context, "effective", nav="agreements", title="登记生效日")
        self.case_id = ""
        self.loaded: Loaded | None = None
        self.rows: list[PlaceRow] = []
        self._filling = False
        self._typed_on = ""
        """The agreement off whose paper the dates in the fields are typed."""
        look = self.look
        self.keeper = DraftKeeper(self, "signatures", self._collect, self._kept, self._came_back)
        steps = [Step(f"s{n}", t, "", "now" if n == 2 else "done") for n, t in enumerate(parts.STEPS)]
        self.stepper = Stepper(look, "协议书的三步", steps, name="effective.steps")
        self.stepper.entered.connect(self._to_paper)
        self.set_header_aside(self.stepper)
        self.close_button = Button(look, "去结案", name="effective.close", icon="circle-check", parent=self)
        self.primary_button = PrimaryButton(look, "存好，算生效日", name="effective.dates.save")
        self.close_button.clicked.connect(self.close_case)
        self.close_button.hide()
        self.primary_button.clicked.connect(self.go_on)
        self.hint = Text("照纸面写的日期填，Tab 到下一格", role="caption", tone="textSecondary")
        # 已存在本机 stands here: in the header, full with the three steps, it would push the dates down.
        self.card = Card("每一处哪天签的、盖的", " ", self._saved, self.hint, flush=True)
        self._list = column(spacing=0)
        self.card.add(self._list)
        self.card.body.setContentsMargins(0, 0, 0, 0)
        self.scan_card = ScanCard(self)
        self.scan_card.add_asked.connect(self.add_scan)
        self.empty = EmptyState(
            look, "还没有定稿的协议", name="effective.empty", icon="file-text",
            hint="先写好协议，打印签字以后再来登记。",
            action="去写协议",
        )  # fmt: skip
        self.empty.acted.connect(lambda: self.navigate.emit("agreement_editor", {"case_id": self.case_id}))
        self.other = OtherDaysBar(look)
        self.other.acted.connect(lambda: self._decided(mine=True))
        self.other.dropped.connect(lambda: self._decided(mine=False))
        self.set_below_header(self.other)
        content = QWidget()
        content.setLayout(column(self.empty, self.card, self.scan_card, None, spacing=16))
        self.set_content(content, scrolled=True)
        self._build_side()
        self.set_actions([], self.primary_button)
        self.add_shortcut("Ctrl+S", "立即存", self.keeper.flush)
        self.add_shortcut("Ctrl+T", "加扫描件", self.add_scan)

    def _to_paper(self, _step: str) -> None:
        """The two steps before: the text that was fixed, to print, to save as Word, or to write anew."""
        self.navigate.emit("agreement_editor", {"case_id": self.case_id})

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
        """Keep what was typed, put the scan away."""
        self.keeper.flush()
        self.drop_all()
        self.cover()

    def cover(self) -> None:
        """The scan carries names and numbers in full."""
        if self.scan_card.shows:
            self.scan_card.put_away()

    def refresh(self, changes: ChangeSet) -> None:
        """The case changed."""
        if self.case_id and (not changes.case_ids or self.case_id in changes.case_ids):
            self._read()

    def _read(self) -> None:
        case_id = self.case_id
        if case_id:
            self.fetch("看签名盖章", lambda office: read(office, case_id), self._show)

    def _show(self, loaded: Loaded) -> None:
        before = [(r.agreement.agreement_id, key_of(r.place), r.place.on) for r in self.rows]
        loaded = self._with_typed(loaded)
        self.loaded = loaded
        effect = loaded.effect
        self.empty.setVisible(effect is None)
        for part in (self.card, self.scan_card, self.stepper, self.next_card):
            part.setVisible(effect is not None)
        if effect is None:
            self.set_title("登记生效日", parts.subtitle(loaded.file))
            self._forget_dates()
            self.other.hide()
            self.primary_button.set_unavailable("还没有定稿的协议")
            return
        held = loaded.file.head.agreement_id
        if before != [(held, key_of(p), p.on) for p in effect.places]:
            self._fill(loaded, effect)
            self.keeper.follow(self.case_id, dict(loaded.draft) or None)
        for one in self.rows:
            one.set_locked(locked=loaded.locked)
            one.restyle()  # Another day may have begun.
        self.scan_card.show_scans(self.case_id, self._scans())
        self._say_other()
        self._renew()

    def _with_typed(self, loaded: Loaded) -> Loaded:
        """``loaded`` with what is being typed, also where it was not kept yet."""
        typed = self._collect() if self.loaded is not None and self.keeper in self.keepers else None
        return dataclasses.replace(loaded, draft={**loaded.draft, **typed}) if typed else loaded

    def _forget_dates(self) -> None:
        """No agreement, no dates: those of the case before must not stand beside this one."""
        for place in (self._list, self.clock_place, self.next_lines):
            clear(place)
        self.rows, self.clock = [], None
        self.early.set_day(None)
        self.complete.set_day(None)
        self.basis.setText("写好协议、签上日期以后，从这里看哪天生效。")

    def _fill(self, loaded: Loaded, effect: rules.Effectiveness) -> None:
        self._filling = True
        clear(self._list)
        self.rows = []
        agreement = loaded.file.agreements[loaded.file.head.agreement_id]
        shown = shown_when_typed(loaded, agreement.agreement_id)
        self._typed_on = shown.agreement_id
        for index, place in enumerate(effect.places):
            words = words_of(place, loaded.file, self.office.desk)
            one = PlaceRow(self.look, agreement, place, words, self.office.desk.today, index)
            if not loaded.locked and (kept := loaded.draft.get(key_of(place))):
                one.date.edit.setText(str(kept))
                one.seen = shown.days.get(key_of(place))
                one.field.show_problem(one.problem())
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
        # What was typed and refused is not there; pressing the button leads to it.
        saved = not self._entries() and not any(r.problem() for r in self.rows)
        if not effect.is_effective:
            tag = Label("待签署", "pen-line", "dueSoon")
        elif saved:
            tag = Label("已生效", "circle-check", "ok")
        else:
            tag = Label("填齐了，还没存", "pen-line", "dueSoon")
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
        view = parts.clock_view("申请司法确认", clock.reminds, desk.today(), desk.calendar)
        if self.clock is None:
            self.clock = DeadlineCard(self.look, view, name="effective.clock")
            self.clock_place.addWidget(self.clock)
        else:
            self.clock.set_view(view)
        self._next(effect, loaded)
        ready = effect.is_effective and saved
        self.primary_button.relabel("准备司法确认" if ready else "存好，算生效日")
        closable = ready and parts.may_close(self.office, loaded.file)
        parts.offer_buttons(self, [self.close_button] if closable else [], self.close_button)
        locked = "已经提交司法确认，日期锁定了" if loaded.locked and not ready else ""
        nothing = "" if ready or not saved else "还没有新填的日期"
        self.primary_button.set_unavailable(locked or nothing)

    def _next(self, effect: rules.Effectiveness, loaded: Loaded) -> None:
        clear(self.next_lines)
        for icon, words in next_words(effect, loaded.file, self.office.desk):
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
            found.append(SignatureEntry(place.by, day, place.signer.party_id, method))
        return tuple(found)

    def go_on(self) -> None:
        """Save the dates; once effective, go on to the confirmation."""
        if self.primary_button.unavailable:
            return
        if self.other.isVisible():
            self.said.emit("没有登记，填的都在。先看上面这一条，再决定。")
            return
        problems = [one.field.problem() for one in self.rows]
        if any(problems):
            bad = next(one for one in self.rows if one.problem())
            bad.field.take_focus()
            return
        entries, case_id = self._entries(), self.case_id
        if not entries:
            self.navigate.emit("confirmation", {"case_id": case_id})
            return
        self.keeper.flush()
        shown = self._shown()
        self.save(
            "登记签名盖章",
            lambda office: office.agreeing.register_signatures(case_id, entries, shown),
            said="日期已存好，10 秒后发送。",
            refused=self._refused,
        )

    def close_case(self) -> None:
        """去结案: the agreement holds, the case is a success."""
        open_closing(self, self.case_id)

    def _refused(self, error: UserError) -> bool:
        if not isinstance(error, FieldErrors):
            return False
        wrong = {one.field: one.message for one in error.errors}
        lines = [line for line in self.rows if key_of(line.place) in wrong]
        for line in lines:
            line.field.show_problem(wrong[key_of(line.place)])
        if lines:
            lines[0].field.take_focus()
        return True

    def add_scan(self) -> None:
        """Choose the scan of the signed agreement."""
        parts.choose_file(self.window(), "选签好的协议书扫描件", self.take_scan, name="effective.scan.choose")

    def take_scan(self, path: Path) -> None:
        """Keep the scan among the case's files, for the court's list too."""
        case_id = self.case_id
        entry = FileEntry(role="scan", title="调解协议书", original="original", material="agreement")

        def refused(error: UserError) -> bool:
            self.scan_card.note.setText(error.message)
            return True

        self.save(
            "加协议书扫描件", lambda office: office.attachments.add_path(case_id, path, entry),
            said="扫描件已存好，10 秒后发送。", refused=refused, again=True,
        )  # fmt: skip

    def _collect(self) -> dict[str, Any] | None:
        """What differs from what is registered, as typed: also a date that is objected to."""
        kept = {key_of(r.place): r.date.edit.text().strip() for r in self.rows if r.differs()}
        typed: dict[str, Any] = {key: text for key, text in kept.items() if text}
        return {**typed, SEEN: msgspec.to_builtins(self._shown())} if typed else None

    def _shown(self) -> Shown:
        """What stood there when what is typed was begun."""
        return Shown(self._typed_on, {key_of(r.place): r.seen for r in self.rows if r.seen is not None})

    def _say_other(self) -> None:
        """Above the places: what was registered, or fixed, since the dates were typed."""
        if self.loaded is not None and self.rows:
            typed_elsewhere = self._typed_on != self.loaded.file.head.agreement_id
            other_text = typed_elsewhere and any(row.differs() for row in self.rows)
            self.other.show_for(self.rows, self.loaded.file, self.office.desk, other_text=other_text)

    def _decided(self, *, mine: bool) -> None:
        """改成我填的, or 不用我填的: what is there now was seen, and gives way or stays."""
        held = self.rows[0].agreement.agreement_id
        same, self._typed_on = self._typed_on == held, held
        for one in self.rows:
            if not mine and (one.unseen() or not same):
                one.date.set_value(one.place.on)
            elif same:
                one.seen = one.place.on
        self._changed()
        self._say_other()

    def _changed(self) -> None:
        if not self._filling:
            self.keeper.touch()
            self._renew()

    def _came_back(self, draft: Draft) -> None:
        loaded = self.loaded
        if loaded is not None and loaded.effect is not None:
            self.loaded = dataclasses.replace(loaded, draft=draft.body)
            self._fill(self.loaded, loaded.effect)
            self.keeper.follow(self.case_id, draft.body)
            self._renew()

    def _kept(self, saved_at: str) -> None:
        self.hint.hide()
        self.set_saved(f"{shanghai(from_text(saved_at)):%H:%M:%S} 已存在本机")
