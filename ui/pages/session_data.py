"""A mediation record while it is written: what the draft holds, and what the finished entry is made of."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Literal

import msgspec

from app.domain import casefile as cf
from app.domain.reducer import CaseFile, put
from app.services.handling import SessionEntry
from app.services.sync_centre import Standing, SyncCentre
from ui.pages.case_data import CaseData, read_case

if TYPE_CHECKING:
    from app.services.office import Office

STEPS = (
    ("告知权利义务", "念告知书，问清听懂没有"),
    ("双方陈述", "各说各的，不打断"),
    ("核对事实", "逐项核对，没争议的记下来"),
    ("提出调解意见", "讲依据，提方案"),
    ("结果", "谈成／没谈成／另定时间"),
)
ROLES = {
    "applicant": ("申", "申请人"),
    "respondent": ("被", "被申请人"),
    "agent": ("代", "代理人"),
    "mediator": ("调", "调解员"),
    "recorder": ("记", "记录人"),
    "invited": ("邀", "邀请参加"),
}
PHRASES = (
    "调解员告知双方权利义务，双方表示听清、没有异议。",
    "双方对以上事实没有争议。",
    "双方都同意由调解员提出方案。",
    "以上记录已念给双方听，双方认为没有差错。",
)


class Turn(msgspec.Struct, kw_only=True):
    """One turn of speech being written; ``at`` is an instant."""

    speaker: int
    at: dt.datetime
    text: str = ""
    step: int = 2
    undisputed: bool = False
    """A sentence for the list of undisputed facts instead of speech."""


class Ending(msgspec.Struct, kw_only=True, frozen=True):
    """What was filled in of 结束这次调解; ``next_at`` by Shanghai's clock, without a zone."""

    result: str = ""
    note: str = ""
    next_at: dt.datetime | None = None
    next_place: str = ""


class Writing(msgspec.Struct, kw_only=True):
    """The whole record being written, as the draft keeps it."""

    started_at: dt.datetime
    place: str = ""
    present: list[cf.Present] = msgspec.field(default_factory=list)
    turns: list[Turn] = msgspec.field(default_factory=list)
    rights_told_at: dt.datetime | None = None
    step: int = 1
    ending: Ending | None = None

    def as_draft(self) -> dict[str, Any]:
        """JSON values."""
        return dict(msgspec.to_builtins(self))

    def entry(self, result: str, note: str, next_at: dt.datetime | None, next_place: str) -> SessionEntry:
        """The finished record."""
        spoken = [t for t in self.turns if t.text.strip() and not t.undisputed]
        return SessionEntry(
            started_at=self.started_at,
            place=self.place,
            present=tuple(self.present),
            segments=tuple(
                cf.Segment(speaker=t.speaker, at=t.at, text=t.text.strip(), step=t.step) for t in spoken
            ),
            rights_told_at=self.rights_told_at,
            undisputed=tuple(t.text.strip() for t in self.turns if t.undisputed and t.text.strip()),
            result=result,  # type: ignore[arg-type]
            result_note=note,
            next_at=next_at,
            next_place=next_place,
        )

    @property
    def characters(self) -> int:
        """How many characters were written."""
        return sum(len(t.text) for t in self.turns)


@dataclass(frozen=True)
class SessionData:
    """What the page reads."""

    case: CaseData
    writing: Writing
    resumed: bool
    phrases: tuple[str, ...]
    standing: Standing
    number: int
    writable: bool
    draft: dict[str, Any] | None = field(default=None)


def begin(case: CaseData, office: Office) -> Writing:
    """An empty record: the parties, their agents and the person at the desk are there."""
    desk, file = office.desk, case.view.file
    present = []
    sides: tuple[Literal["applicant", "respondent"], ...] = ("applicant", "respondent")
    for side in sides:
        for party in file.side(side):
            present.append(cf.Present(label=party.name, role=side, party_id=party.party_id))
            if party.agent is not None:
                agent = cf.Present(label=party.agent.name, role="agent", party_id=party.party_id)
                present.append(agent)
    present.append(cf.Present(label=desk.person.name, role="mediator"))
    now = desk.clock.now()
    return Writing(started_at=now, place=case.head.next_session_place, present=present)


def read_session(office: Office, case_id: str) -> SessionData:
    """Read case and draft. Raises :class:`~app.domain.errors.NotFoundError`."""
    case = read_case(office, case_id)
    kept = office.drafts.get("session", case_id)
    writing = msgspec.convert(kept.body, Writing) if kept is not None else begin(case, office)
    return SessionData(
        case=case,
        writing=writing,
        resumed=kept is not None,
        phrases=(*office.settings.personal().phrases, *PHRASES),
        standing=SyncCentre(office.desk).standing(),
        number=len(case.view.file.of_type(cf.Session)) + 1,
        writable=case.head.state in ("accepted", "mediating"),
        draft=kept.body if kept is not None else None,
    )


def with_draft(file: CaseFile, writing: Writing, office: Office, number: int) -> tuple[CaseFile, str]:
    """The case file with the unfinished record in it, for a print to be corrected by hand; and its id."""
    desk = office.desk
    entry = writing.entry("next_time", "", None, "")
    body = cf.Session(
        ordinal=number, started_at=entry.started_at, ended_at=desk.clock.now(), place=entry.place,
        present=entry.present, segments=entry.segments, rights_told_at=entry.rights_told_at,
        undisputed=entry.undisputed, result="next_time",
    )  # fmt: skip
    record = cf.Record(
        record_id="draft",
        case_id=file.head.case_id,
        at=entry.started_at,
        author=desk.person.person_id,
        body=body,
    )
    return replace(put(file, "record", record)), "draft"
