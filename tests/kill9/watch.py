"""Inside a process that is to die: every durable step is noted, and the process kills itself at a wanted one.

Only the processes that a test starts come here; the product has no switch for it. A point is named by the
side, what is done, where in the sources, and whether it is just before or just after: for a transaction
before is behind its last statement and ahead of the commit.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import sqlite3
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from app.storage import engine
from app.storage.engine import Store
from app.storage.schema import migrate
from sync.sandbox.store import Store as PlatformStore
from tests.kill9.sites import PLUMBING, ROOT, SCANNED

Plan = dict[str, int] | None
"""Which occurrence of each point kills; ``None``: the first of every one that has not killed yet."""
_TOPS = tuple(str(ROOT / top) + os.sep for top in SCANNED)


class Journal:
    """Lines that outlive the process: a file apart from what is under proof, in one write each."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def say(self, **line: Any) -> None:
        """Add a line."""
        os.write(self._number, json.dumps(line, ensure_ascii=False).encode() + b"\n")


def heard(path: Path, start: int = 0) -> tuple[list[dict[str, Any]], int]:
    """What was said from byte ``start`` on, and where it ends."""
    if not path.exists():
        return [], 0
    with path.open("rb") as file:
        file.seek(start)
        raw = file.read()
    return [json.loads(line) for line in raw.splitlines()], start + len(raw)


class Watch:
    """Notes the points of one process and kills it at the wanted one."""

    def __init__(self, side: str, journal: Journal, plan: Plan, met: Counter[str], spent: set[str]) -> None:
        self.side = side
        self.journal = journal
        self.act = ""
        self.stores: list[Store] = []
        self.print: Callable[[], Any] = lambda: None
        self._plan, self._met, self._spent = plan, Counter(met), spent

    def point(self, place: str, step: str, when: str) -> None:
        """A durable step is about to be made or was made; those of the test itself are none."""
        if not place:
            return
        key = f"{self.side} {step} {place} {when}"
        self._met[key] += 1
        self.journal.say(met=key, act=self.act)
        if key in self._spent:
            return
        wanted = 1 if self._plan is None else self._plan.get(key, 0)
        if self._met[key] >= wanted > 0:
            self.journal.say(dying=key, act=self.act, left=self.print())
            os.kill(os.getpid(), signal.SIGKILL)

    @contextlib.contextmanager
    def around(self, step: str) -> Iterator[None]:
        """Before and after a file operation of ours; those of others are no points."""
        place = whose()
        self.point(place, step, "before")
        yield
        self.point(place, step, "after")

    def install(self) -> None:
        """Put the notes where things become durable, for the rest of this process's life."""
        watch = self

        def follow(module: Any, name: str, step: str, real: Callable[..., bool] = lambda *_: True) -> None:
            original = getattr(module, name)

            def followed(*args: Any, **more: Any) -> Any:
                if not real(*args):
                    return original(*args, **more)
                with watch.around(step):
                    return original(*args, **more)

            setattr(module, name, followed)

        follow(os, "fsync", "flush")
        follow(os, "replace", "name")
        follow(os, "rename", "name")
        follow(os, "unlink", "drop", os.path.lexists)
        for name in FILE_METHODS:
            follow(Path, name, "file")
        self._client()
        self._platform()

    def _client(self) -> None:
        watch, whole, begun = self, Store.write, Store.__init__

        def write(store: Store, fn: Callable[[Any], Any], *, background: bool = False) -> Any:
            place = whose()

            def then(conn: Any) -> Any:
                value = fn(conn)
                watch.point(place, "commit", "before")
                return value

            done = whole(store, then, background=background)
            watch.point(place, "commit", "after")
            return done

        def begin(store: Store, *args: Any) -> None:
            begun(store, *args)
            watch.stores.append(store)

        run, apply = migrate._run, migrate._apply

        def migrated(*args: Any) -> None:
            place = whose()

            def applied(*more: Any) -> None:
                apply(*more)
                watch.point(place, "commit", "before")

            migrate._apply = applied
            run(*args)
            watch.point(place, "commit", "after")

        engine.Store.write = write  # type: ignore[method-assign]
        engine.Store.__init__ = begin  # type: ignore[method-assign,assignment]
        migrate._run = migrated

    def _platform(self) -> None:
        watch, whole = self, PlatformStore.write

        @contextlib.contextmanager
        def write(store: PlatformStore, now: Any) -> Iterator[Any]:
            place = whose()
            with whole(store, now) as tx:
                yield tx
                watch.point(place, "commit", "before")
            watch.point(place, "commit", "after")

        PlatformStore.write = write  # type: ignore[method-assign]


FILE_METHODS = ("write_text", "write_bytes", "touch")


def whose() -> str:
    """The function of ours, besides the plumbing, that is nearest above; empty when there is none."""
    frame = sys._getframe(1)
    while frame is not None:
        code = frame.f_code
        if code.co_filename.startswith(_TOPS):
            place = f"{os.path.relpath(code.co_filename, ROOT)}:{_named(code.co_qualname)}"
            if place not in PLUMBING:
                return place
        frame = frame.f_back  # type: ignore[assignment]
    return ""


def _named(qualname: str) -> str:
    """Lambdas and comprehensions stand in their function."""
    parts = [part for part in qualname.split(".") if not part.startswith("<") or part == "<locals>"]
    while parts and parts[-1] == "<locals>":
        parts.pop()
    return ".".join(parts)


def counts(rows: Callable[[str], list[Any]]) -> dict[str, int]:
    """How many rows each table has, and the newest: what was committed shows, and nothing else does."""
    names = [
        row[0]
        for row in rows("SELECT name FROM sqlite_master WHERE type='table' AND sql NOT LIKE '%VIRTUAL%'")
        if not row[0].startswith("sqlite_")
    ]
    return {name: int(rows(f'SELECT count(*) FROM "{name}"')[0][0]) for name in sorted(names)}


def platform_counts(path: Path) -> dict[str, int]:
    """:func:`counts` of a platform's database as committed."""
    with contextlib.closing(sqlite3.connect(path)) as conn:
        return counts(lambda query: conn.execute(query).fetchall())
