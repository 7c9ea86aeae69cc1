"""The end of mediation and closing the case (办法 第十一条)."""

from __future__ import annotations

from dataclasses import dataclass

from app.domain import agreement as agreement_rules
from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain.errors import FieldError, FieldErrors, StateError
from app.domain.reducer import CaseFile
from app.services import casework, drafts
from app.services.casework import Casework
from app.services.changes import Written
from app.services.desk import Desk


@dataclass(frozen=True)
class FailureEntry:
    """Why mediation ended without an agreement, and what the parties were told to do next."""

    outcome: cf.Outcome
    ground: str
    focus: str = ""
    remedies: tuple[str, ...] = ()


@dataclass(frozen=True)
class ClosingEntry:
    """What the platform wants to know at closing."""

    method: str
    """化解方式"""
    summary: str = ""


class Closing:
    """The verbs that end a case."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def conclude(self, case_id: str, entry: FailureEntry) -> Written[None]:
        """End mediation without an agreement.

        Raises :class:`FieldErrors`: a failed case needs its ground and at least one remedy told to the
        applicant (办法 第十一条).
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
            conclusion = cf.Conclusion(
                outcome=entry.outcome,
                at=case.now,
                ground=entry.ground.strip(),
                focus=entry.focus.strip(),
                remedies=entry.remedies,
                remedies_told_at=case.now if entry.remedies else None,
            )
            record = case.record(case_id, cf.Concluded(outcome=entry.outcome, text=entry.ground.strip()))
            case.issue(
                case_id,
                cmd.ConcludeCase(record=record, conclusion=conclusion, outcome=entry.outcome),
                immediate=True,
                audit_detail={"outcome": entry.outcome},
            )
            drafts.forget(case.conn, self._desk.person.person_id, "exit", case_id)

        return casework.write(self._desk, work)

    def resume(self, case_id: str) -> Written[None]:
        """再谈一次: back to mediating."""
        self._desk.require("case.resume")

        def work(case: Casework) -> None:
            record = case.record(case_id, cf.Note(text="再谈一次，恢复调解。"))
            case.issue(case_id, cmd.ResumeCase(record=record))

        return casework.write(self._desk, work)

    def close(self, case_id: str, entry: ClosingEntry) -> Written[None]:
        """结案. A success needs an effective agreement; a failure needs its remedies told."""
        self._desk.require("case.close")
        if not entry.method.strip():
            raise FieldError("method", "选一项化解方式，平台结案要用。")

        def work(case: Casework) -> None:
            file = case.file(case_id)
            conclusion = self._conclusion(case, file, entry)
            record = case.record(case_id, cf.Closed(text=entry.method.strip()))
            case.issue(
                case_id,
                cmd.CloseCase(record=record, closed_at=case.now, conclusion=conclusion),
                immediate=True,
                audit_detail={"outcome": conclusion.outcome},
            )
            drafts.forget(case.conn, self._desk.person.person_id, "closing", case_id)

        return casework.write(self._desk, work)

    def _conclusion(self, case: Casework, file: CaseFile, entry: ClosingEntry) -> cf.Conclusion:
        head = file.head
        if head.state == "agreed":
            effect = agreement_rules.effectiveness_of(file)
            if effect is None or effect.complete_on is None:
                missing = "、".join(effect.missing) if effect else "协议"
                raise StateError(f"还没有生效，缺：{missing}。登记齐了再结案。", code="E-NOT-EFFECTIVE")
            return cf.Conclusion(
                outcome="agreed", at=case.now, method=entry.method.strip(), summary=entry.summary.strip()
            )
        if head.conclusion is None:
            raise StateError("还没有登记调解结果。先写谈成还是没谈成，再结案。", code="E-NO-OUTCOME")
        told = head.conclusion
        return cf.Conclusion(
            outcome=told.outcome,
            at=told.at,
            ground=told.ground,
            focus=told.focus,
            remedies=told.remedies,
            remedies_told_at=told.remedies_told_at,
            method=entry.method.strip(),
            summary=entry.summary.strip(),
        )
