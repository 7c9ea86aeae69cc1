"""找过我们的人: who was a party here before, so that nobody is asked and typed twice.

What is shown to choose from is covered. Taking somebody's particulars into a new registration leaves a trace.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Connection, select

from app.clock import from_text, shanghai
from app.domain import casefile as cf
from app.domain import masking
from app.domain.errors import NotFoundError
from app.services import casework
from app.services.casework import Casework
from app.services.desk import Desk
from app.services.palette import matches
from app.services.sync_words import SIDES
from app.storage import search_text
from app.storage.tables import case_docs, cases

LOOKED_AT = 200
"""So many of the newest cases that match are looked through."""
SHORTEST_TAIL = 4
"""Digits that a number has to be looked for by; fewer would find everybody."""
_DIGITS = re.compile(r"[0-9]+x?", re.IGNORECASE)


@dataclass(frozen=True)
class PastParty:
    """Somebody who was a party before, as the latest case has them; covered."""

    case_id: str
    """The latest case."""
    party_id: str
    name: str
    about: str
    """Telephone, number of the document, address: covered, as far as they are known."""
    times: int
    """In how many cases."""
    latest: str
    """相邻漏水（2026年8月，申请人）"""


@dataclass(frozen=True)
class SameDispute:
    """A case of the same two people that is not over: what is registered may be that one (重复申请)."""

    case_id: str
    title: str


@dataclass(frozen=True)
class _Met:
    """A party with the case it stood in, the newest case first."""

    party: cf.Party
    case_id: str
    title: str
    received_at: str


class PastParties:
    """Look up who came before."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def find(self, text: str, limit: int = 8) -> tuple[PastParty, ...]:
        """People whose name, initials, or four figures of a number match, who came last first."""
        self._desk.require_cases()
        self._desk.require("search")
        wanted = text.strip()
        if not wanted:
            return ()

        def work(conn: Connection) -> list[_Met]:
            return [
                one for one in _met(conn, search_text.search(conn, wanted, LOOKED_AT)) if _is(wanted, one)
            ]

        return _grouped(self._desk.store.read(work))[:limit]

    def known(self, party: cf.Party) -> PastParty | None:
        """Who is surely this one: the same document, or the same name with the same telephone."""
        self._desk.require_cases()
        self._desk.require("search")
        number = party.id_number or party.phone
        if not number:
            return None

        def work(conn: Connection) -> list[_Met]:
            rids = search_text.search(conn, number, LOOKED_AT)
            return [one for one in _met(conn, rids) if same_person(one.party, party)]

        return next(iter(_grouped(self._desk.store.read(work))), None)

    def open_between(self, parties: Iterable[cf.Party]) -> tuple[SameDispute, ...]:
        """Cases of the same applicant and the same respondent that are not closed."""
        self._desk.require_cases()
        self._desk.require("search")
        ours = tuple(parties)
        leading = next((one for one in ours if one.side == "applicant" and one.name), None)
        if leading is None or not any(one.side == "respondent" and one.name for one in ours):
            return ()

        def work(conn: Connection) -> list[SameDispute]:
            rids = search_text.search(conn, leading.id_number or leading.name, LOOKED_AT)
            # One that is closed stays open for its follow-up alone: what comes now is another matter.
            running = (cases.c.is_open == 1, cases.c.state != "closed")
            open_ones = select(cases.c.rid).where(cases.c.rid.in_(rids), *running)
            together: dict[str, list[cf.Party]] = {}
            for one in _met(conn, list(conn.execute(open_ones).scalars())):
                together.setdefault(one.case_id, []).append(one.party)
            same = [case_id for case_id, theirs in together.items() if _between(ours, theirs)]
            shown = select(cases.c.case_id, cases.c.title).where(cases.c.case_id.in_(same))
            return [SameDispute(*row) for row in conn.execute(shown.order_by(cases.c.rid.desc()))]

        return tuple(self._desk.store.read(work))

    def take(self, case_id: str, party_id: str) -> cf.Party:
        """The particulars in plain, for a new registration. The trace is written first.

        Raises :class:`NotFoundError` where the case or the party is not here any more, and
        :class:`NotPermittedError` for who may see no personal data.
        """
        self._desk.require("reveal")

        def work(case: Casework) -> cf.Party:
            party = case.file(case_id).parties.get(party_id)
            if party is None:
                raise NotFoundError("这位当事人的资料已不在本机，请直接填写。", code="E-NO-PARTY")
            case.note("party.reuse", case_id, party_id, {"reason": "registration"})
            return party

        return casework.write(self._desk, work).value


def _grouped(met: list[_Met]) -> tuple[PastParty, ...]:
    """Each person once, with how often they came, who came last first."""
    groups: list[list[_Met]] = []
    for one in met:
        same = (group for group in groups if same_person(group[0].party, one.party))
        group = next(same, None)
        if group is None:
            groups.append([one])
        else:
            group.append(one)
    return tuple(_past(group) for group in groups)


def same_person(one: cf.Party, other: cf.Party) -> bool:
    """Whether two records are surely of one person or organisation.

    By the document where both have one: two people of one name share a telephone more often than a number.
    """
    if one.kind != other.kind:
        return False
    if one.id_number and other.id_number:
        return one.id_number.upper() == other.id_number.upper()
    return bool(one.phone) and (one.name, one.phone) == (other.name, other.phone)


def _between(ours: Iterable[cf.Party], theirs: Iterable[cf.Party]) -> bool:
    """Whether an applicant and a respondent of ours stand against each other in theirs too."""
    beside = [one for one in theirs if one.side != "third"]

    def sides(mine: str) -> set[str]:
        return {
            str(other.side)
            for one in ours
            if one.side == mine
            for other in beside
            if same_person(one, other) or (one.name == other.name and not _differ(one, other))
        }

    applicant, respondent = sides("applicant"), sides("respondent")
    return any(one != other for one in applicant for other in respondent)


def _differ(one: cf.Party, other: cf.Party) -> bool:
    """Whether what is known of both says that they are two."""
    pairs = ((one.id_number, other.id_number), (one.phone, other.phone))
    return any(mine and theirs and mine != theirs for mine, theirs in pairs)


def _met(conn: Connection, rids: list[int]) -> Iterator[_Met]:
    """The parties of some cases, of the newest case first."""
    if not rids:
        return
    statement = (
        select(case_docs.c.body, cases.c.case_id, cases.c.title, cases.c.received_at)
        .join(cases, cases.c.case_id == case_docs.c.case_id)
        .where(cases.c.rid.in_(rids), case_docs.c.entity == "party", case_docs.c.body.is_not(None))
        .order_by(cases.c.received_at.desc(), cases.c.rid.desc(), case_docs.c.doc_id)
    )
    for row in conn.execute(statement):
        party = cf.decode("party", row.body)
        assert isinstance(party, cf.Party)
        yield _Met(party, row.case_id, row.title, row.received_at)


def _is(wanted: str, met: _Met) -> bool:
    """Whether what was typed is this party's, and not another's of the same case."""
    party = met.party
    if found := _DIGITS.fullmatch(wanted):
        figures = found[0].upper()
        numbers = (party.id_number.upper(), re.sub(r"\D", "", party.phone))
        return len(figures) >= SHORTEST_TAIL and any(figures in number for number in numbers)
    return matches(wanted, party.name)


def _past(group: list[_Met]) -> PastParty:
    newest = group[0]
    party = newest.party
    person = party.kind == "person"
    known = (
        masking.phone(party.phone) if party.phone else "",
        masking.identity(party.id_kind, party.id_number) if party.id_number else "",
        masking.address(party.address) if party.address else "",
    )
    told = (word for word in known if word.strip("*"))
    day = shanghai(from_text(newest.received_at))
    return PastParty(
        case_id=newest.case_id,
        party_id=party.party_id,
        name=masking.person(party.name) if person else masking.organisation(party.name),
        about="　".join(told),
        times=len({one.case_id for one in group}),
        latest=f"{newest.title}（{day.year}年{day.month}月，{SIDES[party.side]}）",
    )
