"""The demo's day, opened at any hour: nothing that happened lies in the future."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
import sqlalchemy as sa

from app.clock import SHANGHAI, from_text
from sync.sandbox import seeding
from sync.sandbox import tables as t
from sync.sandbox.platform import Platform
from sync.sandbox.source import Source, StillClock


@pytest.mark.parametrize("hour", [0, 2, 10, 23])
def test_what_happened_was_before_now(tmp_path: Path, hour: int) -> None:
    now = dt.datetime(2026, 11, 23, hour, 20, tzinfo=SHANGHAI)
    platform = Platform(f"sqlite:///{tmp_path / 'platform.db'}", tmp_path, Source(StillClock(now)))
    seeding.ready(platform, "demo")
    with platform.store.engine.connect() as conn:
        docs = conn.execute(sa.select(t.docs.c.entity, t.docs.c.body)).all()
    platform.close()
    bodies = [(entity, json.loads(body)) for entity, body in docs]
    told = [body["at"] for entity, body in bodies if entity == "record"]
    received = [body["received_at"] for entity, body in bodies if entity == "case"]
    assert max(map(from_text, told + received)) <= now
    assert {now.date()} <= {from_text(one).astimezone(SHANGHAI).date() for one in received}


@pytest.mark.parametrize(("day", "begins"), [(28, 30), (29, 30), (30, 30)])
def test_the_practice_begins_on_a_working_day(tmp_path: Path, day: int, begins: int) -> None:
    """On a Saturday no contact falls due, and the first duty to practise would be missing from 今日."""
    now = dt.datetime(2026, 11, day, 9, 20, tzinfo=SHANGHAI)
    clock = StillClock(now)
    platform = Platform(f"sqlite:///{tmp_path / 'platform.db'}", tmp_path, Source(clock))
    seeding.ready(platform, "demo")
    assert platform.source.today() == dt.date(2026, 11, begins)
    with platform.store.engine.connect() as conn:
        told = (
            conn.execute(sa.select(t.happenings.c.text).where(t.happenings.c.kind == "clock")).scalars().all()
        )
    assert told == (["今天休息，练习从下一个工作日11月30日开始"] if day < begins else [])
    platform.close()

    clock.offset = dt.timedelta()
    again = Platform(f"sqlite:///{tmp_path / 'platform.db'}", tmp_path, Source(clock))
    seeding.ready(again, "demo")
    assert again.source.today() == dt.date(2026, 11, begins), "a later start keeps the practice date"
    seeding.reset(again, "demo")
    assert again.source.today() == dt.date(2026, 11, begins), "and so does 从头来"
    again.close()
