"""The end of mediation and closing the case (办法 第十一条)."""

from __future__ import annotations

import datetime as dt
import logging
from dataclasses import dataclass

import msgspec
from sqlalchemy import Connection

from app.clock import legal_day
from app.domain import agreement as agreement_rules
from app.domain import casefile as cf
from app.domain import closing as rules
from app.domain import commands as cmd
from app.domain import exits
from app.domain.errors import FieldError, FieldErrors, StateError
from app.domain.phrases import sentence
from app.domain.reducer import CaseFile
from app.services import casework, drafts, too_early
from app.services.case_seen import CaseSeen, require_seen, seen_of
from app.services.casework import Casework
from app.services.catalogue import handed_down
from app.services.changes import Written
from app.services.desk import Desk
from app.storage import casestore

log = logging.getLogger(__name__)
SERVED = "终止调解告知书已交双方签收。"
"""What stands in the timeline once both sides have signed for the notice."""


@dataclass(frozen=True)
class FailureEntry:
    """Why mediation ended without an agreement, and what the parties were told to do next."""

    outcome: cf.Outcome
    ground: str
    focus: str = ""
    remedies: tuple[str, ...] = ()
    early_reason: str = ""
    """Why mediation ends for the period's end although that has not come; stands in the record."""


@dataclass(frozen=True)
class ClosingEntry:
    """What the platform wants to know at closing."""

    method: str
    """Code of the 化解方式."""
    summary: str = ""
    remedies: tuple[str, ...] = ()
    """救济途径 told just now; only where none were told when mediation ended."""


def served_on(file: CaseFile) -> dt.date | None:
    """The legal day on which service of the present ending's notice was registered, if it was."""
    ended = file.head.conclusion.at if file.head.conclusion is not None else None
    days = [
        legal_day(record.at)
        for record, note in file.of_type(cf.Note)
        if note.text == SERVED and ended is not None and record.at >= ended
    ]
    return max(days, default=None)


@dataclass(frozen=True)
class ClosingForm:
    """What the closing of one case asks for."""

    outcome: cf.Outcome
    ground: str
    methods: tuple[rules.ClosingMethod, ...]
    told: tuple[str, ...]
    """救济途径 told when mediation ended, in sentences."""
    told_on: dt.date | None
    to_tell: tuple[exits.Route, ...]
    """Routes to choose from where a failed case has no remedies told yet; else empty."""
    seen: CaseSeen
    """The case that this was read from."""


def methods_in(conn: Connection) -> tuple[rules.ClosingMethod, ...]:
    """The 化解方式 in force: the platform's catalogue where it hands one down, else the packaged list."""
    return handed_down(conn, "closing_methods", rules.ClosingMethod) or rules.packaged_methods()


class Closing:
    """The verbs that end a case."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def conclude(self, case_id: str, entry: FailureEntry, seen: CaseSeen | None = None) -> Written[None]:
        """End mediation without an agreement.

        Raises :class:`FieldErrors`: a failed case needs its ground and at least one remedy told to the
        applicant (办法 第十一条). Raises :class:`FieldError` for a period that has not ended yet, unless the
        entry says why it is ended for that all the same, and :class:`StateError` where the case is not as
        ``seen``.
        """
        self._desk.require("case.conclude")
        errors = []
        if entry.outcome not in ("failed", "withdrawn", "terminated"):
            errors.append(FieldError("outcome", "选调解不成、已撤回或已终止。"))
        if not entry.ground.strip():
            errors.append(FieldError("ground", "选一条终止原因。"))
        if entry.outcome in ("failed", "terminated") and not entry.remedies:
            errors.append(FieldError("remedies", "至少告知一条救济途径，会写进告知书。"))
        if errors:
            raise FieldErrors(tuple(errors))

        def work(case: Casework) -> None:
            require_seen(case.file(case_id), seen)
            early, reason = self.early(case.file(case_id), entry.ground), entry.early_reason.strip()
            if early and not reason:
                raise FieldError(
                    "ground", f"{early}换一条终止原因，或写明为什么现在就按届满终止。", code="E-EARLY"
                )
            ground = entry.ground.strip()
            told = f"{sentence(ground)}{early}仍按届满终止的理由：{reason}" if early else ground
            conclusion = cf.Conclusion(
                outcome=entry.outcome,
                at=case.now,
                ground=ground,
                focus=entry.focus.strip(),
                remedies=entry.remedies,
                remedies_told_at=case.now if entry.remedies else None,
            )
            record = case.record(case_id, cf.Concluded(outcome=entry.outcome, text=told))
            case.issue(
                case_id,
                cmd.ConcludeCase(record=record, conclusion=conclusion, outcome=entry.outcome),
                immediate=True,
                audit_detail={"outcome": entry.outcome},
            )
            drafts.forget(case.conn, self._desk.person.person_id, "exit", case_id)

        return casework.write(self._desk, work)

    def early(self, file: CaseFile, ground: str) -> str:
        """Why 调解期限 cannot be the ground yet, in a sentence; empty when it can, or for other grounds."""
        return too_early.why(self._desk, file, ground)

    def resume(self, case_id: str, seen: CaseSeen | None = None) -> Written[None]:
        """再谈一次: back to mediating.

        Raises :class:`StateError` where the case is not as ``seen``, or an application about its agreement is
        at the court.
        """
        self._desk.require("case.resume")

        def work(case: Casework) -> None:
            require_seen(case.file(case_id), seen)
            record = case.record(case_id, cf.Note(text="再谈一次，恢复调解。"))
            case.issue(case_id, cmd.ResumeCase(record=record))

        return casework.write(self._desk, work)

    def register_served(self, case_id: str) -> Written[None]:
        """登记送达: both sides have signed for the notice that ended mediation.

        Raises :class:`StateError` before mediation has ended, and when it is registered already.
        """
        self._desk.require("record.add")

        def work(case: Casework) -> None:
            file = case.file(case_id)
            if file.head.conclusion is None:
                raise StateError("还没有终止调解，没有告知书可以登记送达。")
            if served_on(file) is not None:
                raise StateError("送达已经登记过，不再写第二遍。")
            case.issue(case_id, cmd.AddRecord(record=case.record(case_id, cf.Note(text=SERVED))))

        return casework.write(self._desk, work)

    def form(self, case_id: str) -> ClosingForm:
        """What closing this case asks for. Raises :class:`StateError` while it has no outcome."""
        self._desk.require("case.view")

        def read(conn: Connection) -> ClosingForm:
            file = casestore.load(conn, case_id)
            conclusion = self._conclusion(file)
            told = conclusion.remedies_told_at
            lacking = rules.remedies_lacking(conclusion)
            return ClosingForm(
                outcome=conclusion.outcome,
                ground=conclusion.ground,
                methods=rules.offered(methods_in(conn), conclusion.outcome),
                told=() if lacking else conclusion.remedies,
                told_on=legal_day(told) if told else None,
                to_tell=exits.routes_for(file.head) if lacking else (),
                seen=seen_of(file),
            )

        return self._desk.store.read(read)

    def close(self, case_id: str, entry: ClosingEntry, seen: CaseSeen | None = None) -> Written[None]:
        """结案. A success needs an effective agreement; a failure needs its remedies told (办法 第十一条).

        Raises :class:`FieldErrors` naming each field that is missing, :class:`StateError` too early, or where
        the case is not as ``seen``.
        """
        self._desk.require("case.close")

        def work(case: Casework) -> None:
            require_seen(case.file(case_id), seen)
            told = self._conclusion(case.file(case_id), case.now)
            conclusion = self._completed(told, entry, methods_in(case.conn), case.now)
            record = case.record(case_id, cf.Closed(text=conclusion.method))
            case.issue(
                case_id,
                cmd.CloseCase(record=record, closed_at=case.now, conclusion=conclusion),
                immediate=True,
                audit_detail={"outcome": conclusion.outcome},
            )
            drafts.forget(case.conn, self._desk.person.person_id, "close", case_id)

        return casework.write(self._desk, work)

    def _conclusion(self, file: CaseFile, now: dt.datetime | None = None) -> cf.Conclusion:
        head = file.head
        if head.state == "agreed":
            effect = agreement_rules.effectiveness_of(file)
            if effect is None or effect.complete_on is None:
                missing = "、".join(effect.missing) if effect else "协议"
                raise StateError(f"还没有生效，缺：{missing}。登记齐了再结案。", code="E-NOT-EFFECTIVE")
            return cf.Conclusion(outcome="agreed", at=now or self._desk.clock.now())
        if head.conclusion is None:
            raise StateError("还没有登记调解结果。先写谈成还是没谈成，再结案。", code="E-NO-OUTCOME")
        return head.conclusion

    def _completed(
        self,
        told: cf.Conclusion,
        entry: ClosingEntry,
        methods: tuple[rules.ClosingMethod, ...],
        now: dt.datetime,
    ) -> cf.Conclusion:
        """The conclusion with what closing adds. Raises :class:`FieldErrors`."""
        errors = []
        known = {m.code: m for m in rules.offered(methods, told.outcome)}
        method, summary = known.get(entry.method), entry.summary.strip()
        if method is None:
            errors.append(FieldError("method", "选一项化解方式，平台结案要用。"))
        elif method.explain and not summary:
            errors.append(FieldError("summary", f"化解方式选了“{method.name}”，用一句话写清楚。"))
        if rules.remedies_lacking(told):
            if entry.remedies:
                told = msgspec.structs.replace(told, remedies=entry.remedies, remedies_told_at=now)
            else:
                errors.append(FieldError("remedies", "没谈成的要先告知申请人救济途径，至少选一条。"))
        if errors or method is None:
            raise FieldErrors(tuple(errors))
        return msgspec.structs.replace(told, method=method.name, summary=summary)
