"""司法确认: which court, what is needed, until when, and what a court will not confirm.

Rules from 民诉法 (2023) 205, 206; 民诉法解释 (2022) 351–358; 劳动争议解释一 52. The words searched for
stand in ``resources/legal/agreement_words.json``; the material list in ``materials.json``.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec

from app.domain import deadlines
from app.domain.agreement import Effectiveness
from app.domain.casefile import Agreement, Attachment, Case, Doc, Party, Session
from app.domain.masking import STAR, party_name
from app.domain.reducer import CaseFile
from app.domain.rules import InstitutionRules
from app.domain.taxonomy import Court
from app.domain.workdays import Calendar, resource

MSS205 = "《民事诉讼法》（2023修正）第205条"
ORAL_PAPER = "口头协议登记表"
REAL_ESTATE_KINDS = frozenset({"housing", "demolition", "forest_land"})
"""Kinds whose subject matter (标的物) lies where the dispute is."""


@dataclass(frozen=True)
class CourtChoice:
    """A court that may take the application, and why."""

    court: Court
    reason: str
    """调解组织所在地；罗** 也住这里."""
    basis: str


@dataclass(frozen=True)
class Obstacle:
    """Something that may stand against confirmation: words that look so, never a legal conclusion.

    ``must`` wants a written reason before one goes on; ``look`` only says so.
    """

    code: str
    level: Literal["must", "look"]
    sentence: str
    basis: str
    words: tuple[str, ...] = ()
    """The passages that look so."""


@dataclass(frozen=True)
class ConfirmationClock:
    """The two ends of the 30 days; the earlier one reminds."""

    earliest: deadlines.Deadline | None
    complete: deadlines.Deadline | None
    reminds: deadlines.Deadline | None

    def days_late(self, lodged: dt.date) -> int:
        """How many days past the end that reminds an application came to the court; 0 where it kept it."""
        return max((lodged - self.reminds.due_on).days, 0) if self.reminds is not None else 0

    def is_late(self, today: dt.date) -> bool:
        """Whether both ends lie before ``today``."""
        last = self.complete or self.earliest
        return last is not None and today > last.due_on


class Material(Doc, frozen=True, kw_only=True):
    """One line of the material list."""

    code: str
    name: str
    legal: bool
    """Named by law or interpretation: without it the application is not lodged."""
    note: str
    source: str
    form: str = ""
    """Form that produces it, such as ``P15``."""
    when: Literal["always", "agent", "property"] = "always"
    each_party: bool = False
    signed: bool = False
    """Must be signed or sealed: a paper the product wrote does not fulfil it, a scan of it does."""
    sealed: bool = False
    """The seal of the mediation organisation makes it, not the parties' signatures."""
    titles: tuple[str, ...] = ()
    """Titles of attachments that fulfil it."""
    roles: tuple[str, ...] = ()
    """Roles of attachments that fulfil it."""


@dataclass(frozen=True)
class MaterialItem:
    """A material and how it stands in this case."""

    material: Material
    status: Literal["ready", "missing", "later", "not_needed"]
    """missing: 法定必有的还缺; later: 可后补."""
    detail: str
    attachment_ids: tuple[str, ...] = ()
    lacking_party_ids: tuple[str, ...] = ()
    awaits: str = ""
    """待双方签, 待本人签, 待盖章: written, but not signed or sealed yet; empty otherwise."""
    paper_ids: tuple[str, ...] = ()
    """The written papers that still have to be signed or sealed."""
    asked: str = ""
    """The court's words while it waits for this (补正); empty otherwise."""
    left_out: str = ""
    """The court's words of what the supplement was handed over without; empty otherwise."""
    elsewhere: str = ""
    """What is said of its papers on colleagues' computers; empty where there are none."""

    @property
    def blocks(self) -> bool:
        """Whether the application cannot be lodged for want of it."""
        return self.status == "missing"


def competent_courts(
    case: Case, parties: Iterable[Party], institution_district: str, courts: Sequence[Court]
) -> tuple[CourtChoice, ...]:
    """The courts that may be asked, the organisation's own first (民诉法 205).

    A court that invited mediation is the only one (一). Labour disputes go to the court at the people's
    mediation committee's seat (劳动争议解释一 52). Habitual residence goes before 户籍 (民法典 25);
    ``Party.district`` is taken as where a party lives or has its main office.
    """
    if case.inviting_court:
        invited = [c for c in courts if c.code == case.inviting_court]
        basis = f"{MSS205}第1项"
        return tuple(CourtChoice(c, "邀请本机构先行调解的法院", basis) for c in invited)
    by_district = {c.district: c for c in courts if c.level == "basic" and c.district}
    points: dict[str, list[str]] = {}
    if institution_district:
        points.setdefault(institution_district, []).append("调解组织所在地")
    if case.law_kind == "labour":
        basis = "《劳动争议解释（一）》第52条"
    else:
        basis = f"{MSS205}第2项"
        if case.dispute_kind in REAL_ESTATE_KINDS and case.district:
            points.setdefault(case.district, []).append("标的物所在地")
        for party in parties:
            if party.district and party.side != "third":
                points.setdefault(party.district, []).append(_lives(party, points.get(party.district)))
    return tuple(
        CourtChoice(by_district[district], "；".join(words), basis)
        for district, words in points.items()
        if district in by_district
    )


def _lives(party: Party, others: list[str] | None) -> str:
    name = party_name(party)
    if not others:
        return f"{name} 住所地"
    return f"{name} 也在这里" if party.kind == "organisation" else f"{name} 也住这里"


@functools.cache
def words() -> Any:
    """Words that mark contents a court does not confirm, and vague ones."""
    return resource("legal/agreement_words.json")


def text_of(agreement: Agreement) -> str:
    """All that the parties agreed, as one text."""
    return "\n".join((*(c.text for c in agreement.clauses), agreement.performance))


class _Contents(Doc, frozen=True, kw_only=True):
    """One kind of contents in the word table."""

    code: str
    sentence: str
    basis: str
    patterns: tuple[str, ...]
    unless: tuple[str, ...] = ()
    law_kind: str = ""


@functools.cache
def _contents() -> tuple[tuple[_Contents, re.Pattern[str], re.Pattern[str] | None], ...]:
    table = msgspec.convert(words()["contents"], tuple[_Contents, ...])
    return tuple(
        (one, re.compile("|".join(one.patterns)), re.compile("|".join(one.unless)) if one.unless else None)
        for one in table
    )


_CLAUSE_END = re.compile("[，。；\n]")


def _passages(text: str, wanted: re.Pattern[str], unless: re.Pattern[str] | None) -> tuple[str, ...]:
    """Where ``wanted`` stands in a part of a sentence in which ``unless`` does not."""
    parts = (p for p in _CLAUSE_END.split(text) if unless is None or not unless.search(p))
    return tuple(dict.fromkeys(match[0] for part in parts if (match := wanted.search(part))))


def eligibility(case: Case, agreement: Agreement) -> tuple[Obstacle, ...]:
    """What may stand against confirmation (民诉法解释 355, 358; 劳动争议解释一 52, 解释二 19).

    Found by words, so it may be wrong both ways: it warns, and whoever goes on writes down why.
    """
    text = text_of(agreement)
    found = []
    for kind, wanted, unless in _contents():
        if kind.law_kind in ("", case.law_kind) and (hits := _passages(text, wanted, unless)):
            found.append(Obstacle(kind.code, "must", kind.sentence, kind.basis, hits))
    if case.law_kind == "labour" and not agreement.payments:
        sentence = "劳动争议只确认给付义务，看看有没有要付的钱"
        found.append(Obstacle("labour_pay", "look", sentence, "《劳动争议解释（一）》第52条"))
    if agreement.form == "oral":
        found.append(Obstacle("oral", "look", "口头协议法院一般要求先补成书面（待核）", MSS205))
    return tuple(found)


def confirmation_clock(
    effect: Effectiveness, calendar: Calendar, rules: InstitutionRules | None = None
) -> ConfirmationClock:
    """Both ends of the 30 days; the one from the earliest possible day reminds."""
    earliest = complete = None
    if effect.earliest_possible is not None:
        earliest = deadlines.confirmation(effect.earliest_possible, calendar, rules)
    if effect.complete_on is not None:
        complete = deadlines.confirmation(effect.complete_on, calendar, rules)
    ends = [d for d in (earliest, complete) if d is not None]
    return ConfirmationClock(earliest, complete, min(ends, key=lambda d: d.due_on, default=None))


@functools.cache
def material_list() -> tuple[Material, ...]:
    """The packaged list, in the order of the pack."""
    return msgspec.convert(resource("legal/materials.json")["materials"], tuple[Material, ...])


def materials(
    file: CaseFile,
    *,
    not_needed: Mapping[str, str] | None = None,
    needed: Iterable[str] = (),
    chosen: Mapping[str, tuple[str, ...]] | None = None,
) -> tuple[MaterialItem, ...]:
    """What the court needs, how each stands, and what fulfils it; what blocks comes first.

    ``not_needed`` gives the person's reason by code (never for what the law names for every case);
    ``needed`` overrules a derived 不需要; ``chosen`` names attachments by hand.
    """
    agreement = file.agreements.get(file.head.agreement_id)
    overruled = frozenset(needed)
    items = []
    for listed in material_list():
        material = _of_oral(listed) if agreement and agreement.form == "oral" else listed
        why = _not_needed(material, file, agreement)
        if why and material.code not in overruled:
            items.append(MaterialItem(material, "not_needed", why))
            continue
        reason = (not_needed or {}).get(material.code, "")
        if reason and not (material.legal and material.when == "always"):
            items.append(MaterialItem(material, "not_needed", reason))
            continue
        items.append(_stand(material, file, agreement, (chosen or {}).get(material.code, ())))
    order = {"missing": 0, "later": 1, "ready": 2, "not_needed": 3}
    return tuple(sorted(items, key=lambda i: order[i.status]))


def _of_oral(material: Material) -> Material:
    """Of an oral agreement there is no 协议书: what was registered of it stands in its place."""
    if material.code != "agreement":
        return material
    return msgspec.structs.replace(
        material,
        name=ORAL_PAPER,
        note="口头协议没有协议书，交登记表；法院可能要先补成书面（待核）",
        form="F07",
        sealed=True,
        titles=(ORAL_PAPER, f"人民调解{ORAL_PAPER}"),
    )


def can_lodge(items: Iterable[MaterialItem]) -> bool:
    """Whether nothing that the law names is missing; the rest may follow (先交后补)."""
    return not any(i.blocks for i in items)


class LateRoute(Doc, frozen=True, kw_only=True):
    """A way that is open after the 30 days."""

    text: str
    basis: str


def late_routes() -> tuple[LateRoute, ...]:
    """What can be done once the 30 days are over."""
    return msgspec.convert(resource("legal/exits.json")["late"], tuple[LateRoute, ...])


def _not_needed(material: Material, file: CaseFile, agreement: Agreement | None) -> str:
    if material.when == "agent" and not any(p.agent for p in file.parties.values()):
        return "双方都是本人办理"
    if material.when == "property":
        text = text_of(agreement) if agreement else ""
        if not any(w in text for w in resource("legal/materials.json")["property_words"]):
            return "不涉及房屋、车辆、股权"
    return ""


def _signing_parties(file: CaseFile, agreement: Agreement | None) -> tuple[Party, ...]:
    ids = agreement.party_ids if agreement and agreement.party_ids else tuple(file.parties)
    return tuple(file.parties[i] for i in ids if i in file.parties)


def _stand(
    material: Material, file: CaseFile, agreement: Agreement | None, chosen: tuple[str, ...]
) -> MaterialItem:
    fitting = [a for a in file.attachments.values() if a.attachment_id in chosen or _fulfils(material, a)]
    fitting.sort(key=lambda a: (a.added_at, a.attachment_id))
    unsigned = [a for a in fitting if _only_written(material, a) and a.attachment_id not in chosen]
    found = [a for a in fitting if a not in unsigned]
    ids = tuple(a.attachment_id for a in found)
    lacking: tuple[Party, ...] = ()
    if material.each_party and not any(a.attachment_id in chosen for a in found):
        given = {a.provided_by for a in found}
        everybody = "" in given and material.code != "identity"
        lacking = tuple(
            p for p in _signing_parties(file, agreement) if p.party_id not in given and not everybody
        )
    if found and not lacking:
        return MaterialItem(material, "ready", _ready_words(material, file, found), ids)
    status: Literal["missing", "later"] = "missing" if material.legal else "later"
    awaits, detail = _awaited(material) if unsigned else ("", "")
    if not awaits or (found and lacking):
        detail = _lacking_words(material, lacking, bool(found))
    return MaterialItem(
        material,
        status,
        detail,
        ids,
        tuple(p.party_id for p in lacking),
        awaits,
        tuple(a.attachment_id for a in unsigned),
    )


def _only_written(material: Material, attachment: Attachment) -> bool:
    return material.signed and attachment.role == "paper"


def _awaited(material: Material) -> tuple[str, str]:
    """The tag and the sentence for a paper that is written but not signed yet."""
    needed = "法定必有；" if material.legal else ""
    if material.sealed:
        return "待盖章", f"{needed}已写好，须盖章"
    if material.each_party:
        return "待本人签", f"{needed}已写好，须各方本人签名"
    return "待双方签", f"{needed}已写好，须双方共同签名"


def _fulfils(material: Material, attachment: Attachment) -> bool:
    if attachment.material:
        return attachment.material == material.code
    if attachment.role in material.roles:
        return True
    title = attachment.title or attachment.name
    return attachment.role in ("scan", "paper", "application", "identity", "other") and title.startswith(
        material.titles
    )


def _ready_words(material: Material, file: CaseFile, found: Sequence[Attachment]) -> str:
    pages = sum(a.pages or 0 for a in found)
    if material.code == "record":
        return f"共 {len(file.of_type(Session))} 次调解"
    if material.code == "identity":
        return f"共 {len({a.provided_by for a in found})} 方"
    # Of some files nobody knows how many pages they have; a sum of the others would be less than the files.
    counted = all(a.pages for a in found)
    return f"共 {len(found)} 件" + (f" {pages} 页" if counted else "")


def _lacking_words(material: Material, lacking: Sequence[Party], some: bool) -> str:
    later = "" if material.legal else "，先交后补也行"
    if lacking and some:
        names = "、".join(party_name(p) for p in lacking)
        return f"{names}{' ' if names.endswith(STAR) else ''}的还没有{later}"
    if material.form == "P15":
        return "法定必有；写好后双方共同签名"
    return f"{'法定必有；' if material.legal else ''}{material.note}{later}"
