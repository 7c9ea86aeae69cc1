"""Lists of cases and the view of one case, masked at the source."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import Connection, select

from app.domain import casefile as cf
from app.domain import masking
from app.domain.errors import NotFoundError
from app.domain.plan import CasePlan, plan
from app.domain.reducer import CaseFile
from app.services import backlog, drafts, kept_answers
from app.services.desk import Desk
from app.services.kept_answers import KeptAnswers
from app.storage import casequery, casestore
from app.storage.casequery import CaseQuery
from app.storage.tables import cases as table
from app.storage.tables import counters

SHORTEST_END = 4
"""Figures of an 办件编号 that are enough to mean one."""
_ORDINAL = re.compile(r"(\d+)(?=\D*$)")
"""The running number at the end of a case number: 0318 in （2026）云梧民调字第0318号."""
PROTECTED = masking.PARTY_FIELDS
"""Fields of a party shown masked until revealed (办法 第二十三条)."""


@dataclass(frozen=True)
class CaseRow:
    """One row of a case list. ``next_due`` is an ISO day or instant, ``9999`` when there is none."""

    case_id: str
    label: str
    state: str
    title: str
    dispute_kind: str
    parties: str
    next_kind: str
    next_text: str
    next_due: str
    source: str
    number: str
    intake_no: str
    received_at: str
    updated_at: str
    sync: str


@dataclass(frozen=True)
class PartyView:
    """A party as shown: every protected field masked. ``masked`` maps field to shown text."""

    party_id: str
    side: str
    kind: str
    gender: str
    township: str
    occupation: str
    masked: Mapping[str, str]
    no_phone_reason: str
    agent: str
    """Masked name and relation of the agent, or empty."""


@dataclass(frozen=True)
class CaseView:
    """Everything a page shows of one case.

    ``file`` holds plain values: pages show of it only what its handlers see without asking (claims,
    course of events, dates); titles of attachments are masked, and protected fields of parties come from
    ``parties``.
    """

    file: CaseFile
    plan: CasePlan
    parties: tuple[PartyView, ...]
    sync: str
    version: int
    refused: frozenset[str] = frozenset()
    """Records that the platform did not accept: they stand here, and have no effect."""
    undecided: frozenset[str] = frozenset()
    """Of these, signatures on an agreement of which somebody has to choose between two texts."""
    taken_back: bool = False
    """平台已收回或改派; it is shown as long as something of it was not sent or is being typed."""
    kept: tuple[KeptAnswers, ...] = ()
    """What the court told, and the platform tells no more since it was restored."""

    @property
    def head(self) -> cf.Case:
        """The header."""
        return self.file.head


class Cases:
    """Reading cases."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def query(self, tab: str = "all", **filters: object) -> CaseQuery:
        """A query with the person and this week filled in."""
        today = self._desk.today()
        week_end = today + dt.timedelta(days=6 - today.weekday())
        return CaseQuery(
            tab=tab,
            person_id=self._desk.person.person_id,
            week_end=week_end.isoformat(),
            **filters,  # type: ignore[arg-type]
        )

    def page(self, query: CaseQuery, offset: int, limit: int) -> tuple[CaseRow, ...]:
        """One page of rows, sorted in the database. Raises ``NotPermittedError``, as every read here."""
        self._may(query)
        return self._rows(lambda conn: casequery.page(conn, query, offset, limit))

    def _rows(self, look: Callable[[Connection], Sequence[Any]]) -> tuple[CaseRow, ...]:
        return tuple(_row(row) for row in self._desk.store.read(look))

    def count(self, query: CaseQuery) -> int:
        """How many rows the list has. A number, too, tells whether a name or a telephone is here."""
        self._may(query)
        return self._desk.store.read(lambda conn: casequery.count(conn, query))

    def inbox(self, bucket: str) -> tuple[CaseRow, ...]:
        """Incoming 办件: ``todo``, ``waiting`` or ``refused``; most urgent first, of the
        refused the latest."""
        self._desk.require_cases()
        return self._rows(lambda conn: casequery.bucket(conn, bucket))

    def numbers(self) -> Mapping[str, int]:
        """Counters by ``state:…`` and ``bucket:…``, kept by the database itself."""
        self._desk.require_cases()
        rows = self._desk.store.read(lambda conn: conn.execute(select(counters)).all())
        return {row.name: row.value for row in rows}

    def open(self, case_id: str) -> CaseView:
        """One case. Raises :class:`NotFoundError` and ``NotPermittedError``."""
        self._desk.require("case.view")
        file, kept, sync, version, held, undecided, approving = self._desk.store.read(
            lambda conn: (
                file := casestore.load(conn, case_id),
                kept_answers.of_case(conn, file),
                conn.execute(select(table.c.sync).where(table.c.case_id == case_id)).scalar_one_or_none(),
                casestore.version_of(conn, case_id),
                backlog.taken_back(conn, case_id),
                backlog.undecided_records(conn, case_id),
                drafts.awaits_approval(conn, self._desk, case_id),
            )
        )
        if file.case is None:
            raise NotFoundError("这件案件不在本机，可能已经移交。", code="E-NO-CASE")
        self._desk.hide(masking.personal_words(file.parties.values()))
        file = replace(file, attachments=titled(file))
        parties = sorted(file.parties.values(), key=lambda p: (p.side, p.ordinal))
        desk = self._desk
        rules, today = desk.rules_for(file.head), desk.today()
        return CaseView(
            file=file,
            plan=plan(file, rules, desk.calendar, today, approving=approving),
            parties=tuple(party_view(p) for p in parties),
            sync=sync or "",
            version=version,
            refused=file.refused,
            undecided=undecided,
            taken_back=held,
            kept=kept,
        )

    def find(self, text: str) -> str:
        """The case id behind an id, a case number or an 办件编号, whole or by its end (0318, 318).

        Raises :class:`NotFoundError` when nothing fits, or several do, also where a damaged or foreign
        number is borne by two.
        """
        self._desk.require_cases()
        statement = select(table.c.case_id, table.c.title).where(
            (table.c.case_id == text) | (table.c.number == text) | (table.c.intake_no == text)
        )
        found = self._desk.store.read(lambda conn: conn.execute(statement.order_by(table.c.case_id)).all())
        if len(found) > 1 and text not in {row.case_id for row in found}:
            raise _borne_by_several(text, [(row.case_id, row.title) for row in found])
        if any(row.case_id == text for row in found):
            return text
        return str(found[0].case_id) if found else self._by_end(text)

    def _by_end(self, text: str) -> str:
        """By the running number of the case number, or the last figures (four or more) of the 办件编号."""
        fitting: list[tuple[str, str, str]] = []
        if text.isascii() and text.isdigit():
            columns = (table.c.case_id, table.c.number, table.c.intake_no, table.c.title)
            like = select(*columns).where(
                table.c.number.like(f"%{text}%") | table.c.intake_no.like(f"%{text}")
            )
            for row in self._desk.store.read(lambda conn: conn.execute(like.order_by(table.c.case_id)).all()):
                ordinals = _ORDINAL.findall(row.number)
                if ordinals and int(ordinals[-1]) == int(text):
                    fitting.append((row.case_id, row.number, row.title))
                elif len(text) >= SHORTEST_END and row.intake_no.endswith(text):
                    fitting.append((row.case_id, row.intake_no, row.title))
        if len(fitting) == 1:
            return fitting[0][0]
        if len({name for _, name, _ in fitting}) == 1:
            raise _borne_by_several(fitting[0][1], [(case_id, title) for case_id, _, title in fitting])
        if fitting:
            names = "、".join(name for _, name, _ in fitting[:5])
            more = "" if len(fitting) <= 5 else " 等"
            words = f"编号末尾是“{text}”的有 {len(fitting)} 件：{names}{more}。请把编号写全。"
            raise NotFoundError(words, code="E-WHICH-CASE")
        raise NotFoundError(f"没有找到“{text}”这件案件，看看编号。", code="E-NO-CASE")

    def _may(self, query: CaseQuery) -> None:
        self._desk.require_cases()
        if query.text:
            self._desk.require("search")


def _borne_by_several(number: str, cases: list[tuple[str, str]]) -> NotFoundError:
    """What is said of a number that several cases bear, though one number is one case's: none is guessed."""
    names = "、".join(f"{title or '还没有简称'}（标识 {case_id}）" for case_id, title in cases)
    return NotFoundError(
        f"编号“{number}”有 {len(cases)} 件案件在用：{names}。"
        "要看哪一件，请写它的标识；编号重了，请告诉管理员。",
        code="E-WHICH-CASE",
    )


def titled(file: CaseFile) -> dict[str, cf.Attachment]:
    """The attachments of a case with their titles as lists show them."""
    parties = tuple(file.parties.values())
    return {
        key: msgspec.structs.replace(one, title=masking.shown_title(one.title, parties))
        for key, one in file.attachments.items()
    }


def party_view(party: cf.Party) -> PartyView:
    """A party with every protected field masked."""
    agent = party.agent
    return PartyView(
        party_id=party.party_id,
        side=party.side,
        kind=party.kind,
        gender=party.gender,
        township=party.township,
        occupation=party.occupation,
        masked={name: masking.party_field(party, name) for name in PROTECTED},
        no_phone_reason=party.no_phone_reason,
        agent=f"{masking.agent_name(agent)}（{agent.relation}）" if agent else "",
    )


def _row(row: object) -> CaseRow:
    return CaseRow(**{name: getattr(row, name) for name in CaseRow.__dataclass_fields__})
