"""What an exchange costs when nothing has moved, and that it is still a whole exchange."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from app.storage.engine import Store
from app.storage.tables import meta, sync_log
from tests.harness.world import World, a_world, make_template

CLOSE = {"sync.stage": "", "sync.failures": "0"}


@pytest.fixture
def world(tmp_path: Path) -> Any:
    with a_world(make_template(tmp_path / "template", computers=1), tmp_path / "world", computers=1) as one:
        yield one


def counting(store: Store, monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How many transactions of each kind the store begins from now on."""
    seen: Counter[str] = Counter()
    for name in ("read", "write"):
        real: Callable[..., Any] = getattr(store, name)

        def count(*args: Any, real: Callable[..., Any] = real, name: str = name, **named: Any) -> Any:
            seen[name] += 1
            return real(*args, **named)

        monkeypatch.setattr(store, name, count)
    return seen


def test_nothing_moved_is_one_question_and_one_write(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    computer = world.computers[0]
    assert computer.run().error is None
    world.pass_time(60)
    seen, asked = counting(computer.office.desk.store, monkeypatch), computer.line.requests
    result = computer.run()
    assert (result.error, computer.line.requests - asked) == (None, 1)
    assert seen["write"] == 1
    assert seen["read"] <= 8
    last = computer.read(select(sync_log.c.stage, sync_log.c.outcome).order_by(sync_log.c.at.desc()).limit(1))
    assert [tuple(row) for row in last] == [("reconcile", "equal")], "both sides were compared all the same"
    assert CLOSE.items() <= {row.key: row.value for row in computer.read(select(meta))}.items()


def test_news_are_fetched_by_the_next_exchange(world: World) -> None:
    computer = world.computers[0]
    assert computer.run().received == 0
    world.actors.dispatch("leak")
    assert computer.run().received > 0
    assert computer.run().received == 0
