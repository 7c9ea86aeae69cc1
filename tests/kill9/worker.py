"""What runs in the processes that die: the platform, the person's computer, and the judge at the end.

Each is a fork of a parent that has everything imported and nothing open: no database, no thread, no socket
but the one it listens on.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
import functools
import json
import os
import sys
import tempfile
import traceback
from collections import Counter
from pathlib import Path
from typing import Any

import requests
from sqlalchemy import select

from app.clock import SystemClock
from app.domain.errors import JiefenError
from app.storage import doctor
from app.storage.raw import open_raw
from sync.sandbox import tables as t
from sync.sandbox.asgi import Shell
from sync.sandbox.control import Control
from sync.sandbox.faults import Faults
from sync.sandbox.platform import Platform
from sync.sandbox.seeding import ready, reset
from sync.sandbox.server import Server
from sync.sandbox.source import OffsetClock, Source
from tests.harness import rules
from tests.harness.line import Bag, Line
from tests.harness.world import Computer, World
from tests.kill9.journey_care import ACTS
from tests.kill9.place import HEAD, TOKEN, Place, WedgedError
from tests.kill9.watch import Journal, Plan, Watch, counts, heard, platform_counts

DONE, BROKEN, HINDERED = 0, 4, 3
"""How a process ends by itself: all done, something is wrong, or the line was cut under it."""
EXPECTED = ("backup", "inbox")
"""What a doctor may find on the way: no backup yet, and what a later platform tells."""
PERSONAL = ("name", "phone")
TOLD = ("create", "second sync", "last sync")
"""Acts after which the personal words that are known by then are written down."""
SHORTEST = 3
"""Names of two characters may turn up in random bytes by chance."""


@dataclasses.dataclass
class Orders:
    """What a process is told when it begins."""

    folder: Path
    url: str
    plan: Plan
    side: str
    """The only side that is killed; empty for both."""
    met: Counter[str]
    spent: set[str]

    def plan_of(self, side: str) -> Plan:
        """Which occurrences kill a process of that side."""
        return self.plan if self.side in ("", side) else {}

    def journal(self, side: str) -> Journal:
        """Where that side writes down what it meets."""
        return Journal(self.folder / f"{side}.journal")


# -- the platform --------------------------------------------------------------------------------------


def platform(orders: Orders, sock: Any) -> int:
    """The sandbox as its own command starts it, on a socket that outlives it."""
    folder = orders.folder / "platform"
    folder.mkdir(exist_ok=True)
    journal = orders.journal("platform")
    database = folder / "platform.db"
    left = last(journal.path, "dying")
    if left is not None and left["left"] is not None:
        stands = platform_counts(database)
        if stands != left["left"]:
            raise AssertionError(f"platform: killed at {left['dying']} with {differ(left['left'], stands)}")
    watch = Watch("platform", journal, orders.plan_of("platform"), orders.met, orders.spent)
    watch.print = lambda: platform_counts(database)
    watch.install()
    source = Source(OffsetClock())
    core = Platform(f"sqlite:///{database}", folder, source)
    ready(core, "empty")
    faults = Faults()
    control = Control(core, faults, TOKEN, lambda: reset(core, "empty"))
    control.begin()
    shell = Shell(core, control, faults)
    faults.changed.append(shell.network_changed)
    Server(shell, sock).serve_here()
    return DONE


def differ(before: dict[str, int], after: dict[str, int]) -> dict[str, tuple[int | None, int | None]]:
    """Tables whose rows are not as many as they were."""
    names = sorted(before.keys() | after.keys())
    return {n: (before.get(n), after.get(n)) for n in names if before.get(n) != after.get(n)}


def last(path: Path, what: str) -> dict[str, Any] | None:
    """The last line of a journal with ``what`` in it."""
    return next((line for line in reversed(heard(path)[0]) if what in line), None)


# -- the computer --------------------------------------------------------------------------------------


def computer(orders: Orders) -> int:
    """Go on with the journey where the journal says that it stands."""
    journal = orders.journal("client")
    tempfile.tempdir = str(orders.folder / "tmp")
    place = Place(orders.folder, orders.url)
    lines, _ = heard(journal.path)
    begun = [line["begin"] for line in lines if "begin" in line]
    acked = [line["ack"] for line in lines if "ack" in line]
    if "upgrade" in begun:
        place.next_version()
    if place.paths.exists:
        as_it_was_left(place, lines, begun)
    watch = Watch("client", journal, orders.plan_of("client"), orders.met, orders.spent)
    watch.print = lambda: store_counts(watch)
    watch.install()
    try:
        for number, act in enumerate(ACTS):
            if number < len(acked):
                continue
            watch.act = act.name
            place.sit(act.login)
            known = act.name in begun
            journal.say(begin=act.name)
            if act.done is not None and act.done(place):
                if not known:
                    raise AssertionError(f"{act.name} was there before it began")
            else:
                act.do(place)
            if act.done is not None and not act.done(place):
                raise AssertionError(f"{act.name} was done and is not there")
            if act.name in TOLD:
                note_words(orders, place)
            journal.say(ack=act.name, written=place.written() if act.whole and place.exists() else {})
        place.leave()
    except (JiefenError, requests.RequestException) as error:
        journal.say(hindered=traceback.format_exc(limit=-4), code=getattr(error, "code", ""))
        return HINDERED
    return DONE


def store_counts(watch: Watch) -> dict[str, Any] | None:
    """What the store that is open holds as committed."""
    for store in reversed(watch.stores):
        if not store._closed and store.path.name == "store.db":
            return {"path": str(store.path), "rows": counts(functools.partial(_all, store._raw_reader))}
    return None


def _all(conn: Any, query: str) -> list[Any]:
    return list(conn.execute(query).fetchall())


def as_it_was_left(place: Place, lines: list[dict[str, Any]], begun: list[str]) -> None:
    """Before anybody opens it: what was committed is there, nothing else is, and all of it is sound."""
    known = {act.name: act for act in ACTS}
    whole = not begun or known[begun[-1]].whole
    if not whole:
        return
    end = next((line for line in reversed(lines) if "dying" in line), None)
    keys = place.keys()
    try:
        if end is not None and lines[-1] is end and end["left"] is not None:
            same_rows(place, end, keys.db_key)
        findings = doctor.examine(place.paths, keys, SystemClock(), deep=True)
        bad = [f for f in findings if not f.ok and f.area not in EXPECTED]
        if bad:
            raise AssertionError(f"after {begun[-1:]}: {bad}")
    finally:
        keys.clear()
    promised: dict[str, str] = {}
    for line in lines:
        if "went_back" in line:
            promised.clear()
        promised |= line.get("written", {})
    here = place.written()
    lost = {i: h for i, h in promised.items() if i not in here or (here[i] and h and here[i] != h)}
    if lost:
        raise AssertionError(f"acknowledged and lost: {lost}")
    place.leave()


def same_rows(place: Place, end: dict[str, Any], key: bytes) -> None:
    """The database holds exactly what was committed when the process died."""
    if end["left"]["path"] != str(place.paths.database):
        return
    raw = open_raw(place.paths.database, key, read_only=True)
    try:
        rows = counts(functools.partial(_all, raw))
    finally:
        raw.close()
    if rows != end["left"]["rows"]:
        raise AssertionError(f"killed at {end['dying']} with {differ(end['left']['rows'], rows)}")


# -- the end -------------------------------------------------------------------------------------------


def judge(orders: Orders) -> int:
    """All that must hold when everything has come to rest, by the harness's own rules."""
    place = Place(orders.folder, orders.url)
    place.next_version()
    place.login = HEAD
    lines, _ = heard(orders.folder / "client.journal")
    pc = Computer(
        "profile", place.login, place.paths.root, SystemClock(),  # type: ignore[arg-type]
        Line(lambda: world.platform, Bag()), None, place.desk,  # type: ignore[arg-type]
    )  # fmt: skip
    pc.went_back = any("went_back" in line for line in lines)
    world = World.__new__(World)
    world.folder, world.computers, world.sight = orders.folder, [pc], pc.sight
    world.court, world.court_over, world.brought = set(), set(), set()
    world.stood, world.fixed, world.wishes = {}, {}, set()
    world.clock = OffsetClock()  # type: ignore[assignment]
    world.clock.offset = dt.timedelta(days=1)
    source = Source(OffsetClock())
    folder = orders.folder / "platform"
    world.platform = Platform(f"sqlite:///{folder / 'platform.db'}", folder, source)
    forgotten = orders.folder / "before-restore.json"
    world.forgotten = {(entity, doc_id) for entity, doc_id in json.loads(forgotten.read_text())["keys"]}
    for line in lines:
        pc.saved |= line.get("written", {})
    pc.saved = {i: h for i, h in (pc.saved | place.written()).items() if h}
    found = rules.broken_at_rest(world)
    findings = doctor.examine(place.paths, place.desk.keys, SystemClock())
    bad = [f for f in findings if not f.ok and f.area != "inbox"]
    place.leave()
    world.platform.close()
    if found or bad:
        raise AssertionError("\n".join([*found, *map(str, bad)]))
    return DONE


def note_words(orders: Orders, place: Place) -> None:
    """Write down the personal words that must lie nowhere in plain, as the platform has them by now.

    Here, because the driver must open no database: SQLite's locks do not outlive a fork in good order.
    """
    if not (orders.folder / "platform" / "platform.db").exists():
        return
    found: set[str] = set()
    for row in place.platform(select(t.docs.c.body).where(t.docs.c.entity == "party")):
        body = json.loads(row.body)
        found |= {body[name] for name in PERSONAL if len(body.get(name) or "") >= SHORTEST}
    (orders.folder / "words").write_text(json.dumps(sorted(found)), "utf-8")


def words_in(orders: Orders) -> list[bytes]:
    """Those words, as they would lie in a file."""
    path = orders.folder / "words"
    found = json.loads(path.read_text("utf-8")) if path.exists() else []
    return [word.encode(code) for word in found for code in ("utf-8", "utf-16-le")]


def fork(work: Any, *args: Any) -> int:
    """Run ``work`` in a child; its process id. It ends with the code that ``work`` gives."""
    child = os.fork()
    if child:
        return child
    code = BROKEN
    try:
        code = work(*args)
    except WedgedError:
        tell(args[0], traceback.format_exc(limit=-6))
    except BaseException:  # noqa: BLE001 - whatever it is, it is what was looked for
        tell(args[0], traceback.format_exc())
    finally:
        sys.stdout.flush()
        os._exit(code)


def tell(orders: Orders, trace: str) -> None:
    """What went wrong, for the parent."""
    (orders.folder / "trouble").write_text(trace, "utf-8")
