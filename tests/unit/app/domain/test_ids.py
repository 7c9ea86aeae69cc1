"""Identifiers sort by time of making."""

from __future__ import annotations

import datetime as dt
import uuid

from app.domain.ids import InOrder

NOON = dt.datetime(2026, 11, 23, 4, 0, tzinfo=dt.UTC)


def test_of_one_millisecond_each_sorts_behind_the_one_before() -> None:
    ids = InOrder()
    made = [ids.make(NOON) for _ in range(1000)]
    assert made == sorted(set(made))
    assert {uuid.UUID(one).version for one in made} == {7}
    assert made[-1] < ids.make(NOON + dt.timedelta(milliseconds=1))


def test_two_sources_make_none_of_each_others() -> None:
    one, other = InOrder(), InOrder()
    assert not {one.make(NOON) for _ in range(1000)} & {other.make(NOON) for _ in range(1000)}
