"""Contacting the respondent and deciding: accept, refuse with reasons, hand back (办法 第九条)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import msgspec

from app.clock import to_text
from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain import reducer, roles, short_title
from app.domain.errors import FieldError, FieldErrors, NotPermittedError, UserError
from app.services import casework, drafts, numbering
from app.services.case_seen import CaseSeen, require_seen
from app.services.casework import Casework
from app.services.changes import Written
from app.services.desk import Desk


@dataclass(frozen=True)
class ContactEntry:
    """What the person wrote about one attempt to reach a party."""

    party_id: str
    channel: str
    result: str
    at: dt.datetime
    said: str = ""
    reply_by: dt.date | None = None
    remind_at: dt.datetime | None = None
    """When to be reminded to try again; aware, UTC."""


@dataclass(frozen=True)
class RefusalEntry:
    """不予受理: the four things that must be there."""

    ground_code: str
    ground: str
    facts: str
    basis: tuple[str, ...]
    next_routes: tuple[str, ...] = field(default=())


@dataclass(frozen=True)
class Proposal:
    """A refusal that waits for the head's approval on this computer; ``by`` wrote it."""

    entry: RefusalEntry
    by: str
    saved_at: str


class Deciding:
    """The verbs of step 1 to 3 of an incoming 办件."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def record_contact(self, case_id: str, entry: ContactEntry) -> Written[str]:
        """Record one attempt; returns the case's state afterwards.

        Raises :class:`FieldErrors` for a time in the future, an unwilling answer without its reason,
        or a promised answer without a day.
        """
        self._desk.require("contact.record")
        self._check_contact(entry)

        def work(case: Casework) -> str:
            if entry.party_id not in case.file(case_id).parties:
                raise FieldError("party_id", "选一位这件案件里的当事人。")
            body = cf.Contact(
                party_id=entry.party_id,
                channel=entry.channel,  # type: ignore[arg-type]
                result=entry.result,  # type: ignore[arg-type]
                said=entry.said.strip(),
                reply_by=entry.reply_by,
                remind_at=entry.remind_at,
            )
            record = case.record(case_id, body, entry.at)
            case.issue(
                case_id,
                cmd.RecordContact(record=record, result=entry.result),
                audit_detail={"channel": entry.channel, "result": entry.result},
            )
            drafts.forget(case.conn, self._desk.person.person_id, "contact", case_id)
            return case.file(case_id).head.state

        return casework.write(self._desk, work)

    def _check_contact(self, entry: ContactEntry) -> None:
        errors = []
        if entry.at > self._desk.clock.now() + dt.timedelta(minutes=5):
            errors.append(FieldError("at", "联系时间在将来，看看日期和钟点。"))
        if entry.result == "unwilling" and not entry.said.strip():
            errors.append(FieldError("said", "写一句对方说的理由，写不予受理理由时要用。"))
        if entry.result == "considering":
            if entry.reply_by is None:
                errors.append(FieldError("reply_by", "约一个答复的日子，到时会提醒您。"))
            elif entry.reply_by < self._desk.today():
                errors.append(FieldError("reply_by", "答复的日子已经过了，换一个以后的日子。"))
        if errors:
            raise FieldErrors(tuple(errors))

    def waive_contact(self, case_id: str, reason: str, seen: CaseSeen | None = None) -> Written[None]:
        """The respondent's wish need not be asked; the reason is kept (办法 第九条第一款).

        Raises :class:`StateError` where the case is not as ``seen`` any more.
        """
        self._desk.require("contact.waive")
        if not reason.strip():
            raise FieldError("reason", "写明为什么不需要征求意愿，理由会留在案件里。")

        def work(case: Casework) -> None:
            require_seen(case.file(case_id), seen)
            record = case.record(case_id, cf.Decision(what="contact_waived", text=reason.strip()))
            case.issue(case_id, cmd.WaiveContact(record=record, reason=reason.strip()))
            drafts.forget(case.conn, self._desk.person.person_id, "waive", case_id)

        return casework.write(self._desk, work)

    def accept(self, case_id: str, title: str = "", seen: CaseSeen | None = None) -> Written[str]:
        """受理: gives the case its number; returns the number. Sent at once, after a confirmation.

        Raises :class:`FieldError` when ``title`` holds personal data, :class:`StateError` where the case is
        not as ``seen``.
        """
        self._desk.require("case.accept")

        def work(case: Casework) -> str:
            require_seen(case.file(case_id), seen)
            head = case.file(case_id).head
            if title and title != head.title:
                clean = short_title.require_clean(title, case.file(case_id).parties.values())
                case.issue(
                    case_id,
                    cmd.EditCase(fields={"title": clean}),
                    base=reducer.field_values(head, frozenset({"title"})),
                    immediate=True,
                )
            number = numbering.take(case.conn, self._desk)
            record = case.record(case_id, cf.Decision(what="accepted", text=number))
            case.issue(
                case_id,
                cmd.AcceptCase(
                    record=record,
                    accepted_at=case.now,
                    number=number,
                    mediator_id=head.mediator_id or self._desk.person.person_id,
                ),
                immediate=True,
                audit_detail={"number": number},
            )
            _proposal_is_over(case, case_id)
            return number

        return casework.write(self._desk, work)

    def refuse(self, case_id: str, entry: RefusalEntry, seen: CaseSeen | None = None) -> Written[None]:
        """不予受理. Raises :class:`FieldErrors` unless ground, facts, basis and a next route are given.

        Raises :class:`StateError` where the case is not as ``seen``.

        Where the institution asks for the head's approval, only the head may send the decision.
        """
        self._desk.require("case.refuse")
        check_refusal(entry)
        needs_approval = self._desk.rules.refusal_needs_head
        if needs_approval and not roles.may(self._desk.person.role, "case.approve_refusal"):
            raise NotPermittedError("不予受理要负责人批准。请送负责人批准，由负责人在这一页发出。")

        def work(case: Casework) -> None:
            require_seen(case.file(case_id), seen)
            refusal = cf.Refusal(
                ground_code=entry.ground_code,
                ground=entry.ground,
                facts=entry.facts.strip(),
                basis=entry.basis,
                next_routes=entry.next_routes,
                notice_no=numbering.notice_number(case.conn, self._desk),
                approved_by=self._desk.person.person_id if needs_approval else "",
            )
            record = case.record(case_id, cf.Decision(what="refused", text=entry.ground))
            case.issue(
                case_id,
                cmd.RefuseCase(record=record, decided_at=case.now, refusal=refusal),
                immediate=True,
                audit_detail={"ground": entry.ground_code},
            )
            drafts.forget(case.conn, self._desk.person.person_id, "refusal", case_id)
            _proposal_is_over(case, case_id)

        return casework.write(self._desk, work)

    def propose_refusal(self, case_id: str, entry: RefusalEntry) -> Written[None]:
        """送负责人批准: kept on this computer until the head sends it or it is taken back.

        Raises :class:`FieldErrors` unless all four parts are there.
        """
        self._desk.require("case.refuse")
        check_refusal(entry)
        body = {**msgspec.to_builtins(entry), "by": self._desk.person.person_id}

        def work(case: Casework) -> None:
            case.replan(case_id)
            drafts.put_shared(case.conn, drafts.APPROVAL, case_id, body, to_text(case.now))
            drafts.forget(case.conn, self._desk.person.person_id, "refusal", case_id)
            case.note("refusal.propose", case_id, "", {"ground": entry.ground_code})
            case.kinds.add("drafts")

        return casework.write(self._desk, work)

    def proposed_refusal(self, case_id: str) -> Proposal | None:
        """What waits for approval, if anything does."""
        self._desk.require("case.view")
        draft = drafts.Drafts(self._desk).shared(drafts.APPROVAL, case_id)
        if draft is None:
            return None
        body = dict(draft.body)
        by = str(body.pop("by", ""))
        return Proposal(msgspec.convert(body, RefusalEntry), by, draft.saved_at)

    def withdraw_proposal(self, case_id: str, reason: str = "") -> Written[None]:
        """Take it back before the approval, or send it back to be changed: it becomes its writer's draft.

        Who sends back what another wrote says what is to be changed: ``reason`` stays with the draft until it
        is sent once more. Raises :class:`FieldError` without it, and :class:`UserError` when nothing waits.
        """
        self._desk.require("case.refuse")
        proposal = self.proposed_refusal(case_id)
        if proposal is None:
            raise UserError("这件的不予受理已经不在等批准了，没有退回。看看这一页现在的样子。")
        me = self._desk.person.person_id
        body = msgspec.to_builtins(proposal.entry)
        if me != proposal.by:
            if not reason.strip():
                raise FieldError("reason", "写一句要改什么，写的人改的时候看得到。")
            body |= {drafts.RETURNED_BY: me, drafts.RETURNED_FOR: reason.strip()}

        def work(case: Casework) -> None:
            drafts.forget(case.conn, drafts.SHARED, drafts.APPROVAL, case_id)
            drafts.put(case.conn, proposal.by, "refusal", case_id, body, to_text(case.now))
            drafts.forget_of_all(case.conn, drafts.REFUSAL_BACK, case_id)
            case.replan(case_id)
            case.note("refusal.withdraw", case_id, "", {"by_another": me != proposal.by})
            case.kinds.add("drafts")

        return casework.write(self._desk, work)

    def hand_back(self, case_id: str, reason: str, seen: CaseSeen | None = None) -> Written[None]:
        """退回平台, with its reason. Raises :class:`StateError` where the case is not as ``seen``."""
        self._desk.require("case.hand_back")
        if not reason.strip():
            raise FieldError("reason", "写明为什么退回，平台会转给下一个机构看。")

        def work(case: Casework) -> None:
            require_seen(case.file(case_id), seen)
            record = case.record(case_id, cf.Decision(what="handed_back", text=reason.strip()))
            case.issue(
                case_id,
                cmd.HandBackCase(record=record, decided_at=case.now, reason=reason.strip()),
                immediate=True,
            )
            _proposal_is_over(case, case_id)

        return casework.write(self._desk, work)


def _proposal_is_over(case: Casework, case_id: str) -> None:
    """The case is decided: nothing of it waits for the head any more."""
    drafts.forget(case.conn, drafts.SHARED, drafts.APPROVAL, case_id)
    drafts.forget_of_all(case.conn, drafts.REFUSAL_BACK, case_id)
    case.kinds.add("drafts")


def check_refusal(entry: RefusalEntry) -> None:
    """Raise :class:`FieldErrors` naming which of the four parts are still missing."""
    errors = []
    if not entry.ground_code:
        errors.append(FieldError("ground", "还差理由：选一条。"))
    if not entry.facts.strip():
        errors.append(FieldError("facts", "还差说明：写给申请人看的事实。"))
    if not entry.basis:
        errors.append(FieldError("basis", "还差依据：至少选一条。"))
    if not entry.next_routes:
        errors.append(FieldError("next_routes", "还差途径：至少选一条，会写进告知书。"))
    if errors:
        raise FieldErrors(tuple(errors))
