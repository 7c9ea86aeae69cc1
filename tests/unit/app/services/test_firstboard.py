"""The board of the first paint is the board of the services, word for word."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Connection

from app.clock import SHANGHAI, to_text
from app.domain.unsent import COLLEAGUES_FILES
from app.paths import ProfilePaths
from app.services import enrolment, firstboard, rulebook
from app.services.agenda import Agenda
from app.services.backlog import HELD
from app.services.backups import Backups
from app.services.clock_words import CLOCK_SKEW
from app.services.dayboard import RETURNED_BY
from app.services.desk import Desk
from app.services.drafts import Drafts
from app.services.firstboard import FirstBoard
from app.services.holidays import HolidayYear
from app.services.line_state import RESTORED
from app.services.lockscreen import CardPerson
from app.services.reissue import CLONED
from app.services.today import Today
from app.storage import kv
from app.storage.firstpaint import LOST
from app.storage.tables import case_docs, cases, conflicts, filings, inbox, outbox, tasks, uploads
from tests.helpers.desks import INSTITUTION, MONDAY, PEOPLE, Workplace, incoming, make_workplace

DAY = dt.date(2026, 11, 23)


@pytest.fixture
def workplace(tmp_path: Path) -> Iterator[Workplace]:
    made = make_workplace(tmp_path)
    made.desk.store.write(_registered)
    yield made
    made.close()


def _registered(conn: Connection) -> None:
    enrolment.put_people(conn, PEOPLE)
    enrolment.put_institution(conn, INSTITUTION)
    device = "d1f0c0de-0000-7000-8000-000000000001"
    known = {"enrolment": "complete", "cursor": "7", "person:slot-1": "p-zhou", "device_id": device}
    for key, value in known.items():
        kv.put(conn, key, value)


def first(workplace: Workplace, slot: str = "slot-1") -> FirstBoard | None:
    person = CardPerson(slot_id=slot, name="周敏芳", login="zhou")
    desk = workplace.desk
    return firstboard.read(ProfilePaths(workplace.folder), desk.keys, person, desk.clock)


def assert_same(shown: FirstBoard | None, desk: Desk) -> None:
    assert shown is not None
    assert shown.board == Today(desk).board()
    assert shown.drafts == Drafts(desk).unfinished()
    last = Backups(desk).last()
    assert shown.backup_at == (last.made_at if last is not None else None)


def test_an_empty_day(workplace: Workplace) -> None:
    shown = first(workplace)
    assert_same(shown, workplace.desk)
    assert shown is not None
    assert (shown.name, shown.role, shown.institution) == ("周敏芳", "mediator", INSTITUTION.name)
    assert shown.now == MONDAY


def test_tasks_appointments_numbers_and_what_needs_attention(workplace: Workplace) -> None:
    desk = workplace.desk
    for number in range(4):
        incoming(workplace, f"case-{number}", title=f"第 {number} 件")
    incoming(
        workplace, "case-9", state="accepted", received_at=dt.datetime(2026, 11, 20, 1, tzinfo=dt.UTC),
        accepted_at=dt.datetime(2026, 11, 20, 2, tzinfo=dt.UTC),
    )  # fmt: skip
    Agenda(desk).add(dt.datetime.combine(DAY, dt.time(14, 30), SHANGHAI), "接待来访", "第二调解室")
    Agenda(desk).add(dt.datetime.combine(DAY + dt.timedelta(1), dt.time(9), SHANGHAI), "明天的", "")
    Drafts(desk).save("contact", "case-1", {"said": "再打"})
    Drafts(desk).save("intake", "", {"place": "门口"})
    Drafts(desk).save("refusal", "case-2", {"facts": "再想想", RETURNED_BY: "p-he"})
    Drafts(workplace.as_person("p-shen")).save("note", "case-2", {"text": "别人的"})
    Backups(desk).make()
    desk.store.write(_disorder)
    for key, value in ((CLOCK_SKEW, "-7200"), (RESTORED, "2026-11-23T01:00:00.000000Z 3")):
        desk.store.write(lambda conn, key=key, value=value: kv.put(conn, key, value))  # type: ignore[misc]
    shown = first(workplace)
    assert_same(shown, desk)
    assert shown is not None
    assert len(shown.board.today) >= 4
    assert shown.board.schedule
    assert sorted(draft.returned_by for draft in shown.drafts) == ["", "", "p-he"]
    assert [line.count for line in shown.board.attention if line.kind == "conflict"] == [3]
    assert {line.kind for line in shown.board.attention} == {
        "clock", "conflict", "failed", "held_filings", "held_up", "register", "restored", "taken_back",
        "waiting",
    }  # fmt: skip


def test_what_only_this_computer_can_send_stands_there_though_the_case_is_in_other_hands(
    workplace: Workplace,
) -> None:
    for case_id, handed_over in (("case-here", True), ("case-hers", False)):
        incoming(workplace, case_id, title=case_id)
        asked = {
            "submission_id": case_id,
            "case_id": case_id,
            "job": "waiting",
            "round": 1,
            "author": "p-zhou",
        }
        due = tasks.update().where(tasks.c.case_id == case_id, tasks.c.kind == "contact")
        hers = cases.update().where(cases.c.case_id == case_id).values(mediator_id="p-he")

        def put(conn: Connection, asked=asked, due=due, hers=hers, handed_over=handed_over) -> None:  # type: ignore[no-untyped-def]
            conn.execute(due.values(kind="confirm", person_id="p-he"))
            conn.execute(hers)
            if handed_over:
                conn.execute(filings.insert().values({**_filled(filings), **asked}))

        workplace.desk.store.write(put)
    shown = first(workplace)
    assert_same(shown, workplace.desk)
    assert shown is not None
    rows = [
        row for row in (*shown.board.today, *shown.board.soon) if row.case_id in ("case-here", "case-hers")
    ]
    told = {row.case_id for row in rows if row.reason.startswith("已由何静承办，只能从这台电脑交；")}
    assert told == {"case-here"}
    assert "case-hers" not in {row.case_id for row in rows}, "nothing of it waits here"


def test_a_session_whose_day_is_past_is_not_on_todays_axis(workplace: Workplace) -> None:
    desk = workplace.desk
    accepted = {
        "state": "mediating", "received_at": dt.datetime(2026, 11, 16, 1, tzinfo=dt.UTC),
        "accepted_at": dt.datetime(2026, 11, 17, 2, tzinfo=dt.UTC),
    }  # fmt: skip
    for case_id, day in (("case-past", 20), ("case-today", 23), ("case-later", 25)):
        at = dt.datetime(2026, 11, day, 6, tzinfo=dt.UTC)
        incoming(workplace, case_id, title=case_id, next_session_at=at, **accepted)
    shown = first(workplace)
    assert_same(shown, desk)
    assert shown is not None
    assert [item.case_id for item in shown.board.schedule] == ["case-today"]
    tags = {row.case_id: row.tag for row in shown.board.today if row.kind == "session"}
    assert tags == {"case-past": "11月20日 14:00", "case-today": "今天 14:00"}
    assert shown.board.subtitle.endswith("最急的一件：第 1 次调解，11月20日 14:00。")
    month = Agenda(desk).between(dt.date(2026, 11, 1), dt.date(2026, 11, 30))
    sessions = {day: [i.case_id for i in items if i.verb == "第 1 次调解"] for day, items in month.items()}
    assert {day.day: found for day, found in sessions.items() if found} == {
        20: ["case-past"], 23: ["case-today"], 25: ["case-later"],
    }  # fmt: skip


def _disorder(conn: Connection) -> None:
    """A task that waits; conflicts of a field, an appointment and a decision; commands that wait, one
    refused, one refused for the device's sake, one for what a restored platform forgot; files and filings
    that wait and were refused, one of them for a colleague; a case taken back."""
    conn.execute(tasks.update().where(tasks.c.case_id == "case-3").values(waiting=1))
    for name in ("title", "next_session_at", "next_session_place", "state", "conclusion"):
        own = {"conflict_id": f"k:{name}", "command_id": "k", "entity": "case", "field": name}
        conn.execute(conflicts.insert().values({**_filled(conflicts), **own, "settled_at": ""}))
    conn.execute(inbox.insert().values({**_filled(inbox), "case_id": "case-2", "error": HELD}))
    for number, state in enumerate(("waiting", "in_flight", "unknown", "rejected", "confirmed"), start=1):
        own = {"ordinal": number, "lane_seq": number, "dev_seq": number, "command_id": f"c{number}"}
        conn.execute(outbox.insert().values({**_filled(outbox), **own, "state": state}))
    device = kv.get(conn, "device_id")
    conn.execute(outbox.update().where(outbox.c.ordinal == 1).values(error_code=CLONED, device_id=device))
    conn.execute(outbox.update().where(outbox.c.ordinal == 2).values(error_field=f"{LOST}case_id"))
    for state in ("waiting", "sending", "stored", "failed"):
        conn.execute(uploads.insert().values({**_filled(uploads), "attachment_id": state, "state": state}))
        # What was sending was taken back.
        named = {"entity": "attachment", "doc_id": state, "body": None if state == "sending" else b"{}"}
        conn.execute(case_docs.insert().values({**_filled(case_docs), **named}))
    for number, job in enumerate(("waiting", "in_flight", "unknown", "done", "failed", "settled")):
        own = {"submission_id": job, "job": job, "round": number}
        conn.execute(filings.insert().values({**_filled(filings), **own}))
    waits = filings.update().where(filings.c.job == "unknown")
    conn.execute(waits.values(error_code=COLLEAGUES_FILES))


def _filled(table: object) -> dict[str, object]:
    """A value for each column that must have one."""
    blank: dict[type, object] = {int: 0, bytes: b"{}", str: ""}
    columns = table.columns  # type: ignore[attr-defined]
    return {c.name: blank[c.type.python_type] for c in columns if not c.nullable}


def test_another_person_another_day_and_other_holidays(workplace: Workplace) -> None:
    for number in range(3):
        incoming(workplace, f"case-{number}")
    year = HolidayYear(
        year=2026, off=(DAY + dt.timedelta(1), DAY + dt.timedelta(2)), work=(), notice=("试",),
        loaded_at=MONDAY, by="周敏芳",
    )  # fmt: skip
    workplace.desk.store.write(lambda conn: rulebook.put_holidays(conn, year))
    workplace.desk.store.write(lambda conn: kv.put(conn, "person:slot-2", "p-he"))
    Drafts(workplace.as_person("p-he")).save("note", "case-1", {"text": "x"})
    workplace.clock.advance(dt.timedelta(days=2))
    calendar = workplace.desk.store.read(rulebook.calendar_in)
    head = replace(workplace.as_person("p-he"), calendar=calendar)
    assert calendar != workplace.desk.calendar
    shown = first(workplace, "slot-2")
    assert_same(shown, head)
    assert shown is not None
    assert shown.role == "head"
    assert len(shown.drafts) == 1


def test_not_before_the_first_exchange_and_the_registration(workplace: Workplace) -> None:
    store = workplace.desk.store
    store.write(lambda conn: kv.put(conn, "cursor", "0"))
    assert first(workplace) is None
    store.write(lambda conn: kv.put(conn, "cursor", "3"))
    assert first(workplace) is not None
    store.write(lambda conn: kv.put(conn, "enrolment", enrolment.PENDING))
    assert first(workplace) is None


def test_the_instants_are_those_of_the_store(workplace: Workplace) -> None:
    shown = first(workplace)
    assert shown is not None
    assert to_text(shown.now) == to_text(workplace.clock.now())
