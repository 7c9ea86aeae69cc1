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
