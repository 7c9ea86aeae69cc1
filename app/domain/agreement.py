"""When an agreement takes effect: who has to sign, what is missing, from which day it holds.

What makes an agreement effective differs by law, and practice differs on whether the parties' signing
is enough; so two days are kept: the *earliest possible* (各方签完) and the *complete* one (要件齐备, the
latest of all places). Reminders go by the earlier; the court decides.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from app.clock import legal_day
from app.domain.casefile import Agreement, LawKind, Party, Record, Signature, SignerKind
from app.domain.errors import StateError
from app.domain.masking import party_name
from app.domain.reducer import CaseFile
from app.domain.rules import InstitutionRules
from app.domain.workdays import short_date

SEALED: frozenset[LawKind] = frozenset({"people", "labour", "medical", "rural_land", "commercial"})
"""Law kinds whose agreement also needs the mediator's signature and the organisation's seal."""

BASIS: Mapping[LawKind, str] = {
    "people": "《人民调解法》第29条第2款：各方、调解员、印章都齐",
    "labour": "《劳动争议调解仲裁法》第14条：双方、调解员、印章都齐",
    "medical": "《医疗纠纷预防和处理条例》第39条、《人民调解法》第29条",
    "rural_land": "《农村土地承包经营纠纷调解仲裁法》第10条第2款：双方、调解员、印章都齐",
    "court_delegated": "《最高人民法院关于人民法院特邀调解的规定》第24条第3款：各方签章后生效",
    "online": "《人民法院在线调解规则》第19条：各方电子签章完成之时",
    "commercial": "《商事调解条例》第22条：双方签署、调解员签名、组织印章（生效时点待核）",
}
ORAL_BASIS = "《人民调解法》第30条：各方达成协议之日"
NO_ORAL: Mapping[LawKind, str] = {
    "labour": "《劳动争议调解仲裁法》第14条第1款",
    "medical": "《医疗纠纷预防和处理条例》第39条第1款",
    "rural_land": "《农村土地承包经营纠纷调解仲裁法》第10条第1款",
}
"""Kinds of dispute that need a written agreement, with the article that says so."""
LETTERS = "甲乙丙丁戊己庚辛壬癸"


STANDING = frozenset({"agreed", "closed", "archived"})
"""States in which the case's agreement stands and may be signed: in any other the parties talk (again)."""


@dataclass(frozen=True)
class Signer:
    """One place on the paper: who signs or seals there."""

    signer: SignerKind
    party_id: str = ""
    label: str = ""
    """调解员签名, 甲方签名, 加盖印章: without a name."""
    needed: bool = True
    """False for places that the law does not ask for, such as the recorder's."""


@dataclass(frozen=True)
class Place:
    """A place together with what stands there."""

    signer: Signer
    signature: Signature | None

    @property
    def by(self) -> SignerKind:
        """Who signed there, as a party's agent; where nobody did, who is to."""
        return self.signature.signer if self.signature else self.signer.signer

    @property
    def on(self) -> dt.date | None:
        """The date written there."""
        return self.signature.on if self.signature else None


@dataclass(frozen=True)
class Effectiveness:
    """From which day an agreement holds."""

    earliest_possible: dt.date | None
    """The day the last party signed; ``None`` while one is missing."""
    complete_on: dt.date | None
    """The latest of all needed places; ``None`` while one is missing."""
    missing: tuple[str, ...]
    conclusion: str
    basis: tuple[str, ...]
    places: tuple[Place, ...] = ()
    first_signed_on: dt.date | None = None

    @property
    def is_effective(self) -> bool:
        """Whether every needed place is there."""
        return self.complete_on is not None


def party_letter(index: int) -> str:
    """甲方, 乙方, …; from the eleventh on, by number."""
    return f"{LETTERS[index]}方" if index < len(LETTERS) else f"第{index + 1}方"


def signers_needed(agreement: Agreement, parties: Mapping[str, Party]) -> tuple[Signer, ...]:
    """The places of an agreement, in the order of the paper. None for an oral one."""
    if agreement.form == "oral":
        return ()
    places = []
    for index, party_id in enumerate(agreement.party_ids):
        party = parties.get(party_id)
        verb = "盖章" if party is not None and party.kind == "organisation" else "签名"
        places.append(Signer("party", party_id, f"{party_letter(index)}{verb}"))
    sealed = agreement.law_kind in SEALED
    places.append(Signer("mediator", "", "调解员签名", needed=sealed))
    if agreement.needs_recorder or agreement.recorder_id:
        places.append(Signer("recorder", "", "记录人签名", needed=agreement.needs_recorder))
    places.append(Signer("seal", "", "调解组织印章", needed=sealed))
    return tuple(places)


def paper_day(agreement: Agreement) -> dt.date:
    """协议日期: the date the paper bears; the day its text was fixed where it bears none."""
    return agreement.dated_on or legal_day(agreement.finalised_at)


def dated_problem(day: dt.date, today: dt.date) -> str:
    """One sentence when ``day`` cannot be the date of an agreement written down today; else empty."""
    return "协议日期晚于今天，照纸面看一看。" if day > today else ""


def signed_problem(day: dt.date, agreement: Agreement, today: dt.date) -> str:
    """One sentence when nobody can have signed ``agreement`` on ``day``; else empty (界面设计 27)."""
    first = paper_day(agreement)
    if day > today:
        return "日期晚于今天，照纸面看一看。"
    if day < first:
        return f"日期早于协议日期 {short_date(first, today)}，照纸面看一看。"
    return ""


def effectiveness(
    agreement: Agreement, parties: Mapping[str, Party], signatures: Iterable[Signature]
) -> Effectiveness:
    """From which day ``agreement`` holds, given what has been signed.

    A party's own signature or seal and its agent's both fill the party's place. ``signatures`` of other
    versions are ignored; of several for one place the last counts (:func:`signed`).
    """
    if agreement.form == "oral":
        day = paper_day(agreement)
        return Effectiveness(day, day, (), f"{short_date(day)}生效", (ORAL_BASIS,), (), day)
    found: dict[tuple[str, str], Signature] = {}
    for s in signatures:
        if s.agreement_id == agreement.agreement_id:
            found[filled(s)] = s
    places = tuple(Place(n, found.get((n.signer, n.party_id))) for n in signers_needed(agreement, parties))
    of_parties = [p.on for p in places if p.signer.signer == "party"]
    needed = [p.on for p in places if p.signer.needed]
    missing = tuple(p.signer.label for p in places if p.signer.needed and p.on is None)
    dates = [s.on for s in found.values()]
    complete = _latest(needed)
    return Effectiveness(
        earliest_possible=_latest(of_parties),
        complete_on=complete,
        missing=missing,
        conclusion=f"{short_date(complete)}生效" if complete else f"还没有生效，缺：{'、'.join(missing)}",
        basis=(BASIS[agreement.law_kind], "以法院认定为准"),
        places=places,
        first_signed_on=min(dates) if dates else None,
    )


def effectiveness_of(file: CaseFile) -> Effectiveness | None:
    """From which day the case's current agreement holds; ``None`` without an agreement."""
    agreement = file.agreements.get(file.head.agreement_id)
    if agreement is None:
        return None
    return effectiveness(agreement, file.parties, (s for _, s in signed(file, agreement.agreement_id)))


def signed(file: CaseFile, agreement_id: str) -> tuple[tuple[Record, Signature], ...]:
    """What is registered as signed on an agreement; of several for one place the one that counts is last.

    That is the one put right most often, and only then the later: two computers may have entered the same
    day, and a correction of one of them holds against both whatever their clocks say. The platform goes by
    the same order when it lets nobody move a day unseen.
    """
    pairs = [pair for pair in file.of_type(Signature) if pair[1].agreement_id == agreement_id]
    return tuple(sorted(pairs, key=lambda pair: (_corrections(file, pair[0]), pair[0].at, pair[0].record_id)))


def _corrections(file: CaseFile, record: Record) -> int:
    """How many entries ``record`` stands for, one in place of the other."""
    seen = {record.record_id}
    while (before := file.records.get(record.supersedes)) is not None and before.record_id not in seen:
        record = before
        seen.add(record.record_id)
    return len(seen) - 1


def places_signed(file: CaseFile, agreement_id: str) -> tuple[str, ...]:
    """The places of an agreement that are signed or sealed, as the wire names them: ``mediator``, or
    ``party:`` with the party's id."""
    made = {place_of(s) for _, s in file.of_type(Signature) if s.agreement_id == agreement_id}
    return tuple(sorted(made))


def place_of(signature: Signature) -> str:
    """The place of a signature as the wire names it."""
    return f"{signature.signer}:{signature.party_id}" if signature.party_id else signature.signer


def require_oral_allowed(law_kind: LawKind) -> None:
    """Raise :class:`StateError` for kinds of dispute that need a written agreement."""
    basis = NO_ORAL.get(law_kind)
    if basis:
        raise StateError(f"这类纠纷要写协议书，不能只登记口头协议（{basis}）。请起草协议。", code="E-NO-ORAL")


def paper_form(agreement: Agreement) -> str:
    """The paper of an agreement: 人民调解协议书 (F06); of an oral one 口头协议登记表 (F07), which the
    organisation fills in and the parties need not sign (司发通〔2010〕239号)."""
    return "F07" if agreement.form == "oral" else "F06"


def may_be_confirmed(agreement: Agreement, rules: InstitutionRules) -> bool:
    """Whether an application to confirm ``agreement`` may be made.

    Whether courts confirm an oral one is uncertain (领域事实 1.2); the institution says
    (``oral_confirmation``).
    """
    return agreement.form != "oral" or rules.oral_confirmation.value


def place_words(place: Place, parties: Mapping[str, Party]) -> str:
    """甲方 许** 签名: a place with the party's masked name."""
    party = parties.get(place.signer.party_id)
    if party is None:
        return place.signer.label
    label = place.signer.label
    return f"{label[:-2]} {party_name(party)} {label[-2:]}"


def performance_ends_on(agreement: Agreement, effective_on: dt.date | None) -> dt.date | None:
    """The last day of the performance period: the last instalment's or that of what is no payment; ``None``
    when no day is named."""
    days = [day for day in (agreement.perform_by, *(p.due_on for p in agreement.payments)) if day is not None]
    if effective_on is not None and any(p.on_signing for p in agreement.payments):
        days.append(effective_on)
    return max(days) if days else None


def filled(signature: Signature) -> tuple[str, str]:
    """The place on paper that a signature fills: a party's agent, or its seal, fills the party's."""
    if signature.signer == "agent" or (signature.signer == "seal" and signature.party_id):
        return ("party", signature.party_id)
    if signature.signer == "party":
        return ("party", signature.party_id)
    return (signature.signer, "")


def _latest(days: list[dt.date | None]) -> dt.date | None:
    known = [d for d in days if d is not None]
    return max(known) if known and len(known) == len(days) else None


def omitted(file: CaseFile, party_ids: Iterable[str]) -> tuple[str, ...]:
    """The parties of a case that do not stand on a text with ``party_ids``."""
    return tuple(sorted(file.parties.keys() - set(party_ids)))
