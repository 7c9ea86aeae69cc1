"""The rows of the sync centre say what each of them waits for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update

from app.clock import to_text
from app.services.handling import Handling
from app.services.sync_centre import SyncCentre
from app.services.sync_port import SyncPort
from app.storage.tables import outbox
from sync.engine.faults import BusyFault, SignInNeededFault, SyncFault, UnreachableFault
from tests.helpers.desks import Workplace, incoming, make_workplace


@pytest.fixture
def place(tmp_path: Path) -> Iterator[Workplace]:
    """One case with two notes that wait, another with one; the line is well."""
    workplace = make_workplace(tmp_path, undo_seconds=0)
    SyncPort(workplace.desk).state.succeeded(workplace.clock.now(), ())
    for case_id in ("case-1", "case-2"):
        incoming(workplace, case_id, state="mediating")
    for case_id in ("case-1", "case-1", "case-2"):
        Handling(workplace.desk).add_note(case_id, "约好周五再谈")
    yield workplace
    workplace.close()


def hold_first(place: Workplace, **values: Any) -> None:
    first = select(outbox.c.command_id).order_by(outbox.c.ordinal).limit(1).scalar_subquery()
    statement = update(outbox).where(outbox.c.command_id == first).values(**values)
    place.desk.store.write(lambda conn: conn.execute(statement) and None)


def told(place: Workplace) -> list[tuple[str, str]]:
    return [(row.status, row.why) for row in SyncCentre(place.desk).rows("waiting")]


def test_what_waits_behind_another_of_its_line_names_it(place: Workplace) -> None:
    assert told(place) == [("queued", "排队中，连着就发")] * 3
    due = to_text(place.clock.now() + dt.timedelta(minutes=4))
    hold_first(place, next_attempt_at=due, error_text="平台正忙，稍后再发。")
    assert told(place) == [
        ("queued", "平台正忙，稍后再发。"),
        ("queued", "等前面的“记事 1 条”先送到再发"),
        ("queued", "排队中，连着就发"),
    ], "another case waits for nothing"


LATER = "2026-11-23T02:50:00.000Z"
REFUSED = {"error_code": "signature", "error_text": "签名核对不上。", "next_attempt_at": LATER}


@pytest.mark.parametrize(
    ("values", "words", "sending"),
    [
        ({"state": "unknown"}, "等前面的“记事 1 条”核对好再发", 0),
        (REFUSED, "等前面的“记事 1 条”办好再发，它在“要您处理”里", 0),
        ({"state": "in_flight"}, "排队中，连着就发", 1),
    ],
)
def test_what_has_to_become_of_the_first_is_said(
    place: Workplace, values: dict[str, str], words: str, sending: int
) -> None:
    hold_first(place, **values)
    rows = told(place)
    assert rows[-2:] == [("queued", words), ("queued", "排队中，连着就发")]
    assert rows.count(("sending", "正在发送")) == sending


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (None, "过几秒自动发"),
        (UnreachableFault(maybe_done=False), "断线中，连上就发"),
        (BusyFault(), "下次连成就发"),
        (SignInNeededFault(), "收发停着，处理好后接着发"),
    ],
)
def test_what_can_still_be_undone_says_when_it_truly_goes(
    place: Workplace, fault: SyncFault | None, words: str
) -> None:
    state, now = SyncPort(place.desk).state, place.clock.now()
    if fault is not None:
        again = None if isinstance(fault, SignInNeededFault) else now + dt.timedelta(minutes=4)
        state.failed(now, (fault.message, fault.code), again, ())
    hold_first(place, not_before=to_text(now + dt.timedelta(seconds=10)))
    assert told(place)[0][1] == f"还能撤销，{words}"


@pytest.mark.parametrize(
    ("code", "action", "page"),
    [
        ("state", "去补", "case"),
        ("signed_otherwise", "去补", "effective"),
        ("filed_meanwhile", "看原因", "case"),
    ],
)
def test_the_button_of_what_was_refused_says_what_it_does(
    place: Workplace, code: str, action: str, page: str
) -> None:
    """An application that is not known here cannot be withdrawn here: its drawer leads to the case."""
    hold_first(place, state="rejected", error_code=code, error_text="没有收下。")
    (row,) = SyncCentre(place.desk).rows("needs_you")
    assert (row.action, row.page) == (action, page)
