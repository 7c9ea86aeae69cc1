"""Handling an accepted case: sessions, notes, suspensions, the next meeting (办法 第十条)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

import msgspec

from app.clock import SHANGHAI, legal_day
from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain import reducer, short_title
from app.domain.agreement import STANDING
from app.domain.entries import APPOINTMENT_MOVED
from app.domain.errors import FieldError, FieldErrors, StateError
from app.domain.filings_of import answer_key, answer_untold, latest
from app.domain.performance import partly_problem
from app.domain.phrases import within
from app.domain.plan import BEFORE_DECISION, HANDLING
from app.domain.reducer import CaseFile
from app.domain.states import case_machine, filing_machine
from app.domain.workdays import moment
from app.services import casework, drafts
from app.services.casework import Casework
from app.services.changes import Written
from app.services.desk import Desk

CALL_AT = dt.time(9)
"""When somebody who was not reached is called again, in Shanghai."""


@dataclass(frozen=True)
class Appointment:
    """下次调解 of a case: its instant, ``None`` while there is none, and its place."""

    at: dt.datetime | None = None
    place: str = ""

    @classmethod
    def of(cls, head: cf.Case) -> Appointment:
        """What a case has."""
        return cls(head.next_session_at, head.next_session_place)

    def words(self, today: dt.date) -> str:
        """12月1日 09:30，第二调解室, with the year when it is another than ``today``'s; empty for none."""
        if self.at is None:
            return ""
        return "，".join(part for part in (moment(self.at, today), within(self.place)) if part)


class AnotherAppointmentError(StateError):
    """Another appointment than the person saw stands by now; ``now`` is told, and so seen."""

    def __init__(self, now: Appointment, today: dt.date) -> None:
        became = f"改成了{now.words(today)}" if now.at is not None else "取消了"
        super().__init__(
            f"下次调解已经{became}，和您看到的不一样，没有改动案件。还要照您填的办，就再按一次。",
            code="E-APPOINTMENT",
        )
        self.now = now


class AnotherTitleError(FieldError):
    """The case is called otherwise than the person saw by now; ``now`` is told, and so seen."""

    def __init__(self, now: str) -> None:
        super().__init__(
            "title",
            f"简称刚改成了“{now}”，和您看到的不一样。您写的还在，没有改动案件。还要用您写的，就再按一次。",
            code="E-TITLE-MOVED",
        )
        self.now = now


@dataclass(frozen=True)
class SessionEntry:
    """A mediation session as written down."""

    started_at: dt.datetime
    place: str
    present: tuple[cf.Present, ...]
    segments: tuple[cf.Segment, ...]
    rights_told_at: dt.datetime | None
    undisputed: tuple[str, ...]
    result: Literal["agreed", "not_agreed", "next_time"]
    result_note: str = ""
    next_at: dt.datetime | None = None
    next_place: str = ""
    seen: Appointment | None = None
    """The appointment that stood when the next one was decided on; without it, the one that stands."""


class Handling:
    """The verbs while a case is being mediated."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def record_session(self, case_id: str, entry: SessionEntry) -> Written[str]:
        """Finish a session; returns the record's id.

        Raises :class:`FieldErrors` naming what is missing, :class:`AnotherAppointmentError` where the next
        one was appointed otherwise since.
        """
        self._desk.require("session.record")
        if lacking := self.lacking(entry):
            raise FieldErrors(lacking)

        def work(case: Casework) -> str:
            held = len(case.file(case_id).of_type(cf.Session))
            session = cf.Session(
                ordinal=held + 1,
                started_at=entry.started_at,
                ended_at=case.now,
                place=entry.place.strip(),
                present=entry.present,
                segments=entry.segments,
                rights_told_at=entry.rights_told_at,
                undisputed=entry.undisputed,
                result=entry.result,
                result_note=entry.result_note.strip(),
                next_at=entry.next_at,
                next_place=entry.next_place.strip(),
            )
            state = case.file(case_id).head.state
            if state not in ("accepted", "mediating"):
                raise StateError("这件案件现在不在调解中，记录仍存在草稿里。", code="E-STATE", detail=state)
            record = case.record(case_id, session, entry.started_at)
            case.issue(
                case_id,
                cmd.RecordSession(record=record),
                audit_detail={"ordinal": session.ordinal, "result": entry.result},
            )
            # The appointment is the case's own, and a colleague may have made another: it is merged as such.
            _appoint(case, case_id, Appointment(session.next_at, session.next_place), entry.seen)
            drafts.forget(case.conn, self._desk.person.person_id, "session", case_id)
            return record.record_id

        return casework.write(self._desk, work)

    def lacking(self, entry: SessionEntry) -> tuple[FieldError, ...]:
        """What a record still lacks, or has wrong."""
        errors = []
        if entry.started_at > self._desk.clock.now() + dt.timedelta(minutes=5):
            errors.append(FieldError("started_at", "开始时间在将来，看看日期和钟点。"))
        if not entry.present:
            errors.append(FieldError("present", "还没有在场的人，至少加一位当事人和调解员。"))
        if not any(segment.text.strip() for segment in entry.segments):
            errors.append(FieldError("segments", "还没有记下内容，写一句也行。"))
        if entry.rights_told_at is None:
            errors.append(FieldError("rights_told_at", "还没有记“已告知权利义务”。"))
        if entry.result == "next_time" and entry.next_at is None:
            errors.append(FieldError("next_at", "另定时间要写下次的日子和钟点。"))
        if entry.next_at is not None and entry.next_at <= self._desk.clock.now():
            errors.append(FieldError("next_at", "下次调解的时间已经过了，换一个以后的时间。"))
        return tuple(errors)

    def add_note(self, case_id: str, text: str) -> Written[str]:
        """记一笔 in the timeline."""
        self._desk.require("record.add")
        if not text.strip():
            raise FieldError("text", "写一句再存。")

        def work(case: Casework) -> str:
            record = case.record(case_id, cf.Note(text=text.strip()))
            case.issue(case_id, cmd.AddRecord(record=record))
            drafts.forget(case.conn, self._desk.person.person_id, "note", case_id)
            return record.record_id

        return casework.write(self._desk, work)

    def note_told(self, case_id: str, seen: str = "") -> Written[str]:
        """The parties were told what the court said; ``seen``: which answer (``answer_key``) was shown.

        Raises :class:`StateError` where nobody has to be, or the court has said something else meanwhile.
        """
        self._desk.require("record.add")

        def work(case: Casework) -> str:
            file = case.file(case_id)
            filing = latest(file)
            if filing is None or answer_untold(file, filing) is None:
                raise StateError("这件案件没有要告诉当事人的法院答复，没有改动。", code="E-NO-ANSWER")
            words = f"{filing.court_name}{filing_machine().labels[filing.state]}"
            if seen not in ("", answer_key(filing)):
                raise StateError(
                    f"法院又有了新的答复：{words}。还没有记，看过再点。", code="E-ANOTHER-ANSWER"
                )
            told = cf.Note(text=f"已把法院的答复告诉当事人：{words}。", about=answer_key(filing))
            record = case.record(case_id, told)
            case.issue(case_id, cmd.AddRecord(record=record))
            return record.record_id

        return casework.write(self._desk, work)

    def plan_session(
        self, case_id: str, at: dt.datetime | None, place: str, seen: Appointment | None = None
    ) -> Written[None]:
        """Set, move or cancel (``None``) the next session.

        Raises :class:`AnotherAppointmentError` where another than ``seen`` stands by now, and
        :class:`StateError` once mediation is over.
        """
        self._desk.require("session.plan")
        if at is not None and at <= self._desk.clock.now():
            raise FieldError("at", "这个时间已经过了，换一个以后的时间。")

        wanted = Appointment(at, place.strip())

        def work(case: Casework) -> None:
            state = case.file(case_id).head.state
            if at is not None and not may_meet(state):
                label = case_machine().labels[state]
                raise StateError(
                    f"案件现在是“{label}”，下次调解没有约上，填的都在。双方还要谈，先“再谈一次”。",
                    code="E-MEDIATION-OVER",
                )
            before = Appointment.of(case.file(case_id).head)
            _appoint(case, case_id, wanted, seen)
            if before.at is not None and before.at > case.now and before != wanted:
                told = cf.Note(text=_moved(before, wanted, self._desk.today()), about=APPOINTMENT_MOVED)
                case.issue(case_id, cmd.AddRecord(record=case.record(case_id, told)))

        return casework.write(self._desk, work)

    def rename(self, case_id: str, title: str, seen: str | None = None) -> Written[None]:
        """Give the case another 案件简称.

        Raises :class:`FieldError` when it holds personal data, :class:`AnotherTitleError` where the case is
        called otherwise than ``seen`` by now.
        """
        self._desk.require("case.edit")

        def work(case: Casework) -> None:
            file = case.file(case_id)
            if file.head.state == "archived":
                raise StateError("已归档，只能看。要改请负责人开卷。", code="E-ARCHIVED")
            clean = short_title.require_clean(title, file.parties.values())
            if clean != file.head.title:
                if seen not in (None, file.head.title):
                    raise AnotherTitleError(file.head.title)
                base = reducer.field_values(file.head, frozenset({"title"}))
                case.issue(case_id, cmd.EditCase(fields={"title": clean}), base=base)

        return casework.write(self._desk, work)

    def suspend(self, case_id: str, reason: str, first_day: dt.date) -> Written[None]:
        """Stop the mediation clock, for an appraisal or by written agreement (domain rules 5)."""
        self._desk.require("suspension.mark")
        if not reason.strip():
            raise FieldError("reason", "写明为什么暂停计时，例如送鉴定。")

        def work(case: Casework) -> None:
            head = case.file(case_id).head
            if head.state not in ("accepted", "mediating"):
                raise StateError(
                    "这件案件现在不在调解中，没有期限可以暂停。", code="E-STATE", detail=head.state
                )
            if any(span.last_day is None for span in head.suspensions):
                raise StateError("已经在暂停计时。先恢复，再暂停新的一段。", code="E-SUSPENDED")
            if head.accepted_at and first_day < legal_day(head.accepted_at):
                raise FieldError("first_day", "暂停的第一天早于受理日，看看日期。")
            mark = cf.SuspensionMark(what="start", reason=reason.strip(), day=first_day)
            _mark(case, case_id, mark)

        return casework.write(self._desk, work)

    def resume_clock(self, case_id: str, last_day: dt.date, seen: str | None = None) -> Written[None]:
        """Let the mediation clock run again; ``last_day`` is the last day not counted.

        ``seen`` is the entry of the suspension that the person ends. Raises :class:`StateError` where another
        one runs by now, or none.
        """
        self._desk.require("suspension.mark")

        def work(case: Casework) -> None:
            running = [s for s in case.file(case_id).head.suspensions if s.last_day is None]
            if not running:
                raise StateError("现在没有暂停计时。", code="E-NOT-SUSPENDED")
            if seen not in (None, running[0].record_id):
                raise StateError(
                    "您看到的那一段已经恢复了，现在暂停的是另一段，没有改动案件。关掉这张单子，看一看再办。",
                    code="E-SUSPENDED-ANEW",
                )
            if last_day < running[0].first_day:
                raise FieldError("last_day", "最后一天早于暂停的第一天，看看日期。")
            mark = cf.SuspensionMark(
                what="end", reason=running[0].reason, day=last_day, start_record_id=running[0].record_id
            )
            _mark(case, case_id, mark)

        return casework.write(self._desk, work)

    def record_performance(self, case_id: str, body: cf.Performance) -> Written[None]:
        """履行: one payment or act under the agreement. Raises :class:`StateError` if it does not stand."""
        self._desk.require("performance.record")
        if body.on > self._desk.today():
            raise FieldError("on", "履行日期在将来，看看日期。")
        if body.amount_fen < 0:
            raise FieldError("amount_fen", "金额不能小于零，看一看。")

        def work(case: Casework) -> None:
            file = case.file(case_id)
            _require_standing(file, body.agreement_id)
            made = file.agreements[body.agreement_id]
            whole = partly_problem(made, body.payment_no, body.amount_fen) if body.state == "partly" else ""
            if whole:
                raise FieldError("amount_fen", whole)
            case.issue(case_id, cmd.AddRecord(record=case.record(case_id, body)))

        return casework.write(self._desk, work)

    def record_follow_up(self, case_id: str, body: cf.FollowUp) -> Written[None]:
        """回访 (F08)."""
        self._desk.require("follow_up.record")
        return casework.write(
            self._desk,
            lambda case: _drop(case.issue(case_id, cmd.AddRecord(record=case.record(case_id, body)))),
        )

    def missed_call(self, case_id: str, party_id: str) -> Written[dt.datetime]:
        """没打通，明天再打: kept with the case; when to call again, at nine on the next working day."""
        self._desk.require("follow_up.record")
        desk = self._desk
        day = desk.calendar.add_workdays(desk.today(), 1)
        again = dt.datetime.combine(day, CALL_AT, SHANGHAI).astimezone(dt.UTC)

        def work(case: Casework) -> dt.datetime:
            if party_id not in case.file(case_id).parties:
                raise StateError("这件案件没有这位当事人，没有登记。", code="E-NO-PARTY")
            call = cf.Contact(
                party_id=party_id, channel="phone", result="unreached", said="回访没打通", remind_at=again
            )
            case.issue(case_id, cmd.AddRecord(record=case.record(case_id, call)))
            return again

        return casework.write(self._desk, work)


def may_meet(state: str) -> bool:
    """Whether a session can be appointed in a case in this state."""
    return state in BEFORE_DECISION | HANDLING


def _require_standing(file: CaseFile, agreement_id: str) -> None:
    held = file.agreements.get(file.head.agreement_id)
    if agreement_id not in file.agreements or held is None:
        raise StateError("这件案件没有这份协议，履行没有登记。", code="E-NO-AGREEMENT")
    kept = "履行没有登记，填的都在。"
    if held.agreement_id != agreement_id:
        raise StateError(
            f"协议刚换成第 {held.version_no} 版，{kept}关掉这张单子，在这一版上登记。",
            code="E-AGREEMENT-OTHER",
        )
    if file.head.state not in STANDING:
        raise StateError(
            f"案件现在是“{case_machine().labels[file.head.state]}”，协议不在用，{kept}"
            "要先留下这件事，到案件里记一笔。",
            code="E-NOT-AGREED",
        )


def _appoint(case: Casework, case_id: str, wanted: Appointment, seen: Appointment | None) -> None:
    """The case's next session (下次调解): its time and place, on what stood there."""
    head = case.file(case_id).head
    base = reducer.field_values(head, cmd.APPOINTMENT)
    after = msgspec.structs.replace(head, next_session_at=wanted.at, next_session_place=wanted.place)
    fields = reducer.field_values(after, frozenset(base))
    if fields == base:
        return
    if seen is not None and (now := Appointment.of(head)) != seen:
        raise AnotherAppointmentError(now, case.desk.today())
    # Both, though one stays: where a colleague changes that one meanwhile, both are asked about.
    case.issue(case_id, cmd.EditCase(fields=fields), base=base)


def _moved(before: Appointment, wanted: Appointment, today: dt.date) -> str:
    """What the timeline says of an appointment that somebody had been told of, and that is no more."""
    if wanted.at is None:
        return f"不约了，原来约的是 {before.words(today)}。"
    return f"改约：{before.words(today)}改为 {wanted.words(today)}。"


def _mark(case: Casework, case_id: str, mark: cf.SuspensionMark) -> None:
    """Start or end a span, on those that stood there: another that a colleague wrote is asked about."""
    base = reducer.field_values(case.file(case_id).head, frozenset({"suspensions"}))
    case.issue(case_id, cmd.MarkSuspension(record=case.record(case_id, mark)), base=base)


def _drop(_: object) -> None:
    return None
