"""今日 before anything else is there: the board from one snapshot, with none of the store's libraries.

Light on purpose. What it gives equals what the services give once they are loaded (a test compares them);
until then nothing can be done with it but to show it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from app.clock import Clock, SystemClock, legal_day
from app.services import dayboard
from app.services.clock_words import CLOCK_SKEW
from app.services.dayboard import SHARED, Board, Numbers, Unfinished
from app.services.holidays import calendar_of
from app.services.line_state import LAST_ERROR_CODE, RESTORED
from app.storage import backupfiles, firstpaint
from app.storage.firstpaint import FirstPaint, PersonLine, Question

if TYPE_CHECKING:
    from app.paths import ProfilePaths
    from app.services.lockscreen import CardPerson
    from app.storage.unlocked import UnlockedKeys


@dataclass(frozen=True)
class FirstBoard:
    """What 今日 and the frame show first."""

    board: Board
    drafts: tuple[Unfinished, ...]
    backup_at: dt.datetime | None
    """When the newest backup was made; ``None`` when there is none."""
    registered: bool
    now: dt.datetime
    name: str
    role: str
    institution: str


class _Named(msgspec.Struct):
    name: str = ""


class _Folder(msgspec.Struct):
    folder: str = ""


def read(paths: ProfilePaths, keys: UnlockedKeys, person: CardPerson, clock: Clock) -> FirstBoard | None:
    """The board of the present legal day; sets a practice profile's clock.

    ``None`` when the schema has to be upgraded first, when the practice profile was not filled yet, or
    when this computer is not registered or was revoked: then the desk is opened first. Raises the
    storage faults.
    """
    asked: list[tuple[PersonLine, dt.datetime]] = []

    def ask(meta: Mapping[str, str], people: Mapping[str, PersonLine]) -> Question:
        if meta.get("practice") == "1" and isinstance(clock, SystemClock):
            clock.offset = dt.timedelta(seconds=float(meta.get("clock_offset", "0")))
        known = people.get(meta.get(f"person:{person.slot_id}", ""))
        who = known if known and known.role else PersonLine(person.slot_id, person.name, "", person.login)
        now = clock.now()
        asked.append((who, now))
        span = dayboard.span_of(legal_day(now))
        owners = (who.person_id, SHARED) if who.role == "head" else (who.person_id,)
        day = legal_day(now).isoformat()
        return Question(who.person_id, owners, span.until, span.month, span.start, span.end, day)

    found = firstpaint.read(paths.database, keys.db_key, ask)
    filled = found is not None and int(found.meta.get("cursor", "0")) > 0
    if found is None or not filled or found.meta.get("enrolment") != "complete":
        return None
    if found.meta.get("revoked_device", "") == found.meta.get("device_id"):
        return None
    ((who, now),) = asked
    return _made(found, who, now, paths)


def _made(found: FirstPaint, who: PersonLine, now: dt.datetime, paths: ProfilePaths) -> FirstBoard:
    day = legal_day(now)
    calendar = calendar_of(found.settings.get("holidays", ""), found.holidays)
    rows = dayboard.ones_day((dayboard.task_row(line, day, calendar) for line in found.tasks), who.role)
    counts = found.counts
    numbers = Numbers(counts.open, counts.signing, dayboard.follow_ups(rows), counts.closed_this_month)
    clock = int(found.meta.get(CLOCK_SKEW) or "0")
    elsewhere = counts.elsewhere if dayboard.sees_colleagues(who.role) else 0
    attention = dayboard.attention_of(
        counts.conflicts,
        counts.rejected,
        counts.unsent,
        clock,
        colleagues=elsewhere,
        error_code=found.meta.get(LAST_ERROR_CODE, ""),
        device_refused=counts.device_refused,
        taken_back=counts.taken_back,
        restored=bool(found.meta.get(RESTORED)),
        held_up=counts.held_up,
        held_filings=counts.held_filings,
    )
    board = dayboard.build_board(
        rows, day, now, found.appointments, numbers, attention, dayboard.next_words(found.next_due)
    )
    policy = found.settings.get("backup", "")
    chosen = msgspec.json.decode(policy, type=_Folder).folder if policy else ""
    institution = found.meta.get("institution", "")
    return FirstBoard(
        board=board,
        drafts=tuple(Unfinished(*line) for line in found.drafts),
        backup_at=backupfiles.newest_made_at(Path(chosen) if chosen else paths.backups, now),
        registered=True,
        now=now,
        name=who.name,
        role=who.role,
        institution=msgspec.json.decode(institution, type=_Named).name if institution else "",
    )
