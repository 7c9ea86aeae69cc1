"""The agreement: drafting, fixing its text, registering signatures and seals, and when it takes effect."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import msgspec

from app.domain import agreement as agreement_rules
from app.domain import casefile as cf
from app.domain import checks
from app.domain import commands as cmd
from app.domain.errors import FieldError, FieldErrors, StateError
from app.domain.reducer import CaseFile
from app.domain.states import case_machine
from app.domain.workdays import short_date
from app.services import agreement_seen, casework, drafts, filed_ground, signed_along
from app.services.agreement_seen import Met, Seen
from app.services.casework import Casework
from app.services.changes import Written
from app.services.desk import Desk
from app.storage import casestore

DRAFT_KIND = "agreement"
REASON_DRAFT = "override"
"""The draft of the reason for going on although the check objects."""


@dataclass(frozen=True)
class SignatureEntry:
    """One place on paper: who, and the date written there."""

    signer: cf.SignerKind
    on: dt.date
    party_id: str = ""
    method: str = "sign"
    note: str = ""


class Shown(msgspec.Struct, frozen=True):
    """What a person had before them when they wrote dates: the agreement, and the days that stood on it.

    ``days`` goes by the place on paper, signer and party with a colon between; a place without a day is not
    in it.
    """

    agreement_id: str
    days: dict[str, dt.date] = {}


class Agreeing:
    """The verbs from a draft to an effective agreement."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def draft(self, case_id: str) -> cf.Agreement:
        """The draft being written: the saved one, else one begun from the case."""
        self._desk.require("case.view")
        saved = drafts.Drafts(self._desk).get(DRAFT_KIND, case_id)
        if saved is not None:
            return msgspec.convert(saved.body, cf.Agreement)
        return self._fresh(self._desk.store.read(lambda conn: casestore.load(conn, case_id)))

    def _fresh(self, file: CaseFile) -> cf.Agreement:
        head = file.head
        current = file.agreements.get(head.agreement_id)
        parties = (*file.side("applicant"), *file.side("respondent"))
        if current is not None:
            return msgspec.structs.replace(
                current,
                agreement_id=self._desk.make_id(),
                form="written",  # What is written down and signed is no oral agreement any more.
                version_no=current.version_no + 1,
                number=head.number,  # Of this version it is the case's, whatever the other bears.
                finalised_at=self._desk.clock.now(),
                dated_on=None,
                perform_by=None,  # Its new words say by when.
            )
        sessions = file.of_type(cf.Session)
        facts = [head.facts.strip()]
        for _, session in sessions:
            facts += [f"双方对以下事实没有争议：{sentence}" for sentence in session.undisputed]
        return cf.Agreement(
            agreement_id=self._desk.make_id(),
            case_id=head.case_id,
            version_no=1,
            law_kind=head.law_kind,
            number=head.number,
            facts="\n".join(line for line in facts if line),
            clauses=(cf.Clause(no=1, text=""),),
            copies=len(parties) + 1,
            party_ids=tuple(p.party_id for p in parties),
            mediator_id=head.mediator_id,
            finalised_at=self._desk.clock.now(),
        )

    def seen(self, case_id: str) -> Seen:
        """What the draft being written rests on: what held when it was begun, or was last looked at."""
        self._desk.require("case.view")
        saved = drafts.Drafts(self._desk).get(DRAFT_KIND, case_id)
        file = self._desk.store.read(lambda conn: casestore.load(conn, case_id))
        return agreement_seen.standing(file) if saved is None else agreement_seen.kept_seen(saved.body, file)

    def met(self, case_id: str, seen: Seen) -> Met | None:
        """What was fixed or signed since ``seen``, in words; nothing where nothing was."""
        self._desk.require("case.view")
        return self._desk.store.read(
            lambda conn: agreement_seen.met(conn, self._desk, casestore.load(conn, case_id), seen)
        )

    def save_draft(self, draft: cf.Agreement) -> str:
        """Keep the draft on this computer, with what it rests on; returns when it was saved."""
        self._desk.require("agreement.draft")
        body = msgspec.to_builtins(draft)
        body[agreement_seen.SEEN] = msgspec.to_builtins(self.seen(draft.case_id))
        return drafts.Drafts(self._desk).save(DRAFT_KIND, draft.case_id, body)

    def examine(
        self, draft: cf.Agreement, wants_confirmation: bool, unread: Collection[str] = ()
    ) -> tuple[checks.Finding, ...]:
        """协议体检 of a draft; ``unread`` names what was typed and is not understood."""
        file = self._desk.store.read(lambda conn: casestore.load(conn, draft.case_id))
        return checks.examine(draft, file, wants_confirmation=wants_confirmation, unread=unread)

    def finalise(
        self,
        draft: cf.Agreement,
        *,
        wants_confirmation: bool,
        overrides: tuple[str, ...] = (),
        seen: Seen | None = None,
    ) -> Written[str]:
        """Fix the text, to be printed and signed; returns the agreement's id.

        The paper bears ``draft.dated_on``, or today's date where the draft names none. It takes the place of
        what held in ``seen``, without which the kept draft says it, as the next version.

        Raises :class:`FieldErrors` with each 必须改 finding, unless a reason for going on is given;
        the reasons go into the file. Raises :class:`StateError` where another text was fixed or signed since,
        or an application about the one that holds is at the court.
        """
        self._desk.require("agreement.finalise")

        overrides = tuple(reason.strip() for reason in overrides if reason.strip())

        if draft.form == "oral":
            agreement_rules.require_oral_allowed(draft.law_kind)
        rests = seen or self.seen(draft.case_id)

        def work(case: Casework) -> str:
            file = case.file(draft.case_id)
            if (since := agreement_seen.met(case.conn, self._desk, file, rests)) is not None:
                raise since.refusal()
            blocking = [
                f
                for f in checks.examine(draft, file, wants_confirmation=wants_confirmation)
                if f.level == "must"
            ]
            if blocking and not overrides:
                raise FieldErrors(tuple(FieldError(f.field, f.sentence) for f in blocking))
            dated_on = draft.dated_on or self._desk.today()
            if problem := agreement_rules.dated_problem(dated_on, self._desk.today()):
                raise FieldErrors((FieldError("dated_on", problem),))
            held = file.agreements.get(file.head.agreement_id)
            agreement = msgspec.structs.replace(
                draft,
                version_no=draft.version_no if held is None else held.version_no + 1,
                finalised_at=case.now,
                dated_on=dated_on,
                overrides=overrides,
                number=file.head.number,
                omitted_ids=agreement_rules.omitted(file, draft.party_ids),
            )
            case.issue(
                draft.case_id,
                cmd.FinaliseAgreement(agreement=agreement),
                audit_detail={"version": agreement.version_no, "overrides": len(overrides)},
            )
            for kind in (DRAFT_KIND, REASON_DRAFT):
                drafts.forget(case.conn, self._desk.person.person_id, kind, draft.case_id)
            return agreement.agreement_id

        return casework.write(self._desk, work)

    def register_signatures(
        self, case_id: str, entries: tuple[SignatureEntry, ...], shown: Shown | None = None
    ) -> Written[None]:
        """Register what stands on the signed paper, place by place.

        Raises :class:`FieldErrors`, one for each date before the agreement's day or after today, or of a
        place where another day was registered since ``shown``; and :class:`StateError` while the parties
        talk again, their agreement standing no longer, where another text was fixed since, or where a day
        would move under an application at the court.
        """
        self._desk.require("signature.register")

        def work(case: Casework) -> None:
            file = case.file(case_id)
            agreement = file.agreements.get(file.head.agreement_id)
            if agreement is None:
                raise StateError("还没有定稿的协议。先写好协议，再登记签名。", code="E-NO-AGREEMENT")
            if file.head.state not in agreement_rules.STANDING:
                label = case_machine().labels[file.head.state]
                raise StateError(
                    f"案件现在是“{label}”，协议要先定稿才能登记签名。刚才填的还在，没有改动案件。",
                    code="E-NOT-STANDING",
                )
            if shown is not None and shown.agreement_id != agreement.agreement_id:
                fixed = agreement_seen.fixed_words(case.conn, self._desk, file, agreement)
                raise StateError(
                    f"{fixed}。您填的日期是照前一版的纸面写的，都还在，没有登记。看看签的是哪一版。",
                    code="E-NOT-THIS-TEXT",
                )
            stands = agreement_rules.signed(file, agreement.agreement_id)
            self._check(entries, agreement)
            if why := filed_ground.held(file, "signature.register"):
                self._check_unmoved(entries, stands, why)
            if shown is not None:
                self._check_unseen(entries, stands, shown)
            known = {agreement_rules.filled(s): r.record_id for r, s in stands}
            for entry in entries:
                body = _signature(entry, agreement.agreement_id)
                old = known.get(agreement_rules.filled(body), "")
                record = msgspec.structs.replace(case.record(case_id, body), supersedes=old)
                registered = case.issue(
                    case_id,
                    cmd.RegisterSignature(record=record),
                    audit_detail={"signer": entry.signer, "on": entry.on.isoformat()},
                )
                signed_along.redo_refused(case, case_id, registered)
            case.look_anew(case_id)
            drafts.forget(case.conn, self._desk.person.person_id, "signatures", case_id)

        return casework.write(self._desk, work)

    def _check_unmoved(
        self,
        entries: tuple[SignatureEntry, ...],
        stands: tuple[tuple[cf.Record, cf.Signature], ...],
        why: str,
    ) -> None:
        """Raise :class:`StateError` with ``why`` where a day, or who signed, would move; a place that had
        nothing moves nothing."""
        there = {agreement_rules.filled(made): (made.on, made.signer) for _, made in stands}
        said = ((agreement_rules.filled(_signature(one)), (one.on, one.signer)) for one in entries)
        if any(there.get(place, here) != here for place, here in said):
            raise StateError(why, code=filed_ground.FILED)

    def _check_unseen(
        self,
        entries: tuple[SignatureEntry, ...],
        stands: tuple[tuple[cf.Record, cf.Signature], ...],
        shown: Shown,
    ) -> None:
        """Raise :class:`FieldErrors` for each place with a day that is neither ``shown`` nor its entry's."""
        now = {agreement_rules.filled(made): (record, made) for record, made in stands}
        errors = []
        for entry in entries:
            filled = agreement_rules.filled(_signature(entry))
            place = ":".join(filled)
            record, made = now.get(filled, (None, None))
            if record is None or made is None or made.on in (entry.on, shown.days.get(place)):
                continue
            name = agreement_seen.name_of(self._desk, record.author)
            errors.append(FieldError(place, f"{name}登记的是{short_date(made.on)}，照纸面看一看。"))
        if errors:
            raise FieldErrors(tuple(errors))

    def _check(self, entries: tuple[SignatureEntry, ...], agreement: cf.Agreement) -> None:
        errors = []
        for entry in entries:
            place = ":".join(agreement_rules.filled(_signature(entry)))
            if entry.party_id and entry.party_id not in agreement.party_ids:
                errors.append(FieldError(place, "协议上没有这位当事人，看一看是谁签的。"))
            if problem := agreement_rules.signed_problem(entry.on, agreement, self._desk.today()):
                errors.append(FieldError(place, problem))
        if errors:
            raise FieldErrors(tuple(errors))


def _signature(entry: SignatureEntry, agreement_id: str = "") -> cf.Signature:
    return cf.Signature(
        agreement_id=agreement_id,
        signer=entry.signer,
        party_id=entry.party_id,
        on=entry.on,
        method=entry.method,  # type: ignore[arg-type]
        note=entry.note,
    )
