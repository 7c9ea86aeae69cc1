"""A case with a history on a real workplace: contact, two sessions, an appraisal that stopped the clock."""

from __future__ import annotations

import datetime as dt
import struct
import zlib

from app.clock import SHANGHAI
from app.domain import casefile as cf
from app.services.attachments import FileEntry
from app.services.deciding import ContactEntry
from app.services.handling import SessionEntry
from app.services.office import Office
from tests.helpers.desks import Workplace, incoming

CASE = "case-1"


def at(month: int, day: int, hour: int, minute: int = 0) -> dt.datetime:
    """An instant of 2026 by Shanghai's clock."""
    return dt.datetime(2026, month, day, hour, minute, tzinfo=SHANGHAI)


def picture(width: int = 240, height: int = 160, colour: tuple[int, int, int] = (205, 190, 170)) -> bytes:
    """A PNG of one colour."""
    raw = b"".join(b"\0" + bytes(colour) * width for _ in range(height))

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    size = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", size) + chunk(b"IDAT", zlib.compress(raw)) + chunk(b"IEND", b"")
    )


def segment(text: str, moment: dt.datetime, speaker: int = 0) -> cf.Segment:
    """One turn of speech."""
    return cf.Segment(speaker=speaker, at=moment, text=text)


def session_entry(begun: dt.datetime, result: str = "next_time", **more: object) -> SessionEntry:
    """A session of both parties and the mediator."""
    values: dict[str, object] = {
        "started_at": begun,
        "place": "第二调解室",
        "present": (
            cf.Present(label="陈秀英", role="applicant", party_id=f"{CASE}-applicant"),
            cf.Present(label="吴刚", role="respondent", party_id=f"{CASE}-respondent"),
            cf.Present(label="周敏芳", role="mediator"),
        ),
        "segments": (segment("墙面起皮，要求修好。", begun), segment("同意先看原因。", begun, 1)),
        "rights_told_at": begun,
        "undisputed": ("墙面修复面积 18 平方米",),
        "result": result,
        "result_note": "都同意先做鉴定。",
        **more,
    }
    return SessionEntry(**values)  # type: ignore[arg-type]


def told_case(place: Workplace) -> Office:
    """Accepted on 26 October, two sessions, an appraisal that stopped the clock, a session today."""
    place.clock.set(at(10, 26, 9, 0))
    incoming(
        place,
        CASE,
        received_at=at(10, 26, 9, 0),
        applied_at=at(10, 26, 8, 50),
        source="walk_in",
        intake_no="",
    )
    office = Office(place.desk)
    place.clock.set(at(10, 26, 9, 20))
    office.deciding.record_contact(
        CASE, ContactEntry(f"{CASE}-respondent", "phone", "willing", at(10, 26, 9, 15), said="愿意来谈谈")
    )
    place.clock.set(at(10, 26, 9, 35))
    office.deciding.accept(CASE)
    place.clock.set(at(10, 29, 15, 30))
    office.handling.record_session(
        CASE, session_entry(at(10, 29, 14), next_at=at(11, 5, 14, 30), next_place="第二调解室")
    )
    place.clock.set(at(11, 5, 16, 0))
    office.handling.record_session(CASE, session_entry(at(11, 5, 14, 30), "not_agreed"))
    place.clock.set(at(11, 9, 10, 5))
    office.handling.suspend(CASE, "送鉴定", dt.date(2026, 11, 9))
    entry = FileEntry(role="photo", title="客厅墙面", provided_by=f"{CASE}-applicant", original="photo")
    office.attachments.add_bytes(CASE, picture(), "wall.png", "image/png", entry)
    place.clock.set(at(11, 16, 9, 20))
    office.handling.resume_clock(CASE, dt.date(2026, 11, 13))
    office.handling.plan_session(CASE, at(11, 23, 14), "第二调解室")
    place.clock.set(at(11, 23, 10, 42))
    return office
