"""The computers of one institution and the platform, on one virtual clock, in one folder.

Everything random is drawn from one seed: ids, jitter, the platform's keys. A world is a copy of a template
made once, so that a sequence begins within some milliseconds on profiles that are registered and synced.
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any
from unittest import mock

from sqlalchemy import Table, select
from sqlalchemy.util import LRUCache

from app.domain.ids import uuid7
from app.domain.states import filing_machine
from app.paths import ProfilePaths
from app.services import profile
from app.services.desk import Desk
from app.services.office import Office
from app.services.sync_port import SyncPort
from app.storage.tables import case_docs, cases, filings, meta, outbox
from sync.engine.client import Client
from sync.engine.enroll import register
from sync.engine.run import SyncResult, SyncRun
from sync.engine.tokens import SealedTokens
from sync.sandbox import backups
from sync.sandbox import tables as t
from sync.sandbox.actors import Actors
from sync.sandbox.platform import Platform
from sync.sandbox.seeding import PASSWORD, ready
from sync.sandbox.source import Source, StillClock
from tests.harness.line import Bag, Line
from tests.harness.sight import Sight, rows_of, value_of
from tests.helpers.desks import QUICK

BEGIN = dt.datetime(2026, 11, 23, 2, 0, tzinfo=dt.UTC)
"""Monday 23 November 2026, 10:00 in Shanghai."""
BEFORE = dt.timedelta(minutes=10)
"""What a template is made of happened before the world begins."""
URL = "http://127.0.0.1:9"
PASSPHRASE = "梧桐里的春天很长也很暖和"
SEATS = (("pc1", "zhouminfang", "周敏芳"), ("pc2", "hejing", "何静"), ("pc3", "zhouminfang", "周敏芳"),
         ("pc4", "shenjiayi", "沈佳怡"), ("pc5", "hejing", "何静"))  # fmt: skip
"""Computers and who sits at them; two people have a second one."""
KINDS = ("leak", "parking")


class _OneDialect(LRUCache[Any, Any]):
    """Statements compiled once for the platforms of all worlds, each of which has a dialect of its own."""

    def get(self, key: Any, default: Any = None) -> Any:
        """What was compiled for whichever platform."""
        return super().get(key[1:], default)

    def __setitem__(self, key: Any, value: Any) -> None:
        super().__setitem__(key[1:], value)


_COMPILED: Any = _OneDialect(4000)
_WRITTEN = select(outbox.c.command_id, outbox.c.hash)
_RECORDS = select(case_docs.c.doc_id).where(case_docs.c.entity == "record")
_CASES = select(cases.c.case_id)
_TOLD = select(case_docs.c.doc_id, case_docs.c.case_id, case_docs.c.body).where(
    case_docs.c.entity == "submission", case_docs.c.body.is_not(None)
)
_GONE = select(filings.c.receipt, filings.c.submission_id, filings.c.state).where(filings.c.job == "done")
_ASKED = select(
    filings.c.submission_id, filings.c.wanted, filings.c.job, filings.c.author, filings.c.manifest_no
).where(filings.c.wanted.in_(("lodge", "withdraw")))
"""Built once: building a statement costs more than running it."""


class ComputerClock:
    """A computer's clock: the virtual one, wrong by ``skew``."""

    def __init__(self, true: StillClock) -> None:
        self.true = true
        self.skew = dt.timedelta()

    def now(self) -> dt.datetime:
        """What this computer takes for the present."""
        return self.true.now() + self.skew


Answer = tuple[str, str, tuple[str, ...]]
"""State, code and papers of an event."""


def answers_in(events: Iterable[Mapping[str, Any]]) -> Iterator[Answer]:
    """The events that came with papers."""
    for event in events:
        if papers := tuple(paper["sha256"] for paper in event.get("documents", ())):
            yield str(event["state"]), str(event.get("code", "")), papers


class Killed(BaseException):
    """The computer's process ended here, as by ``kill -9``. No handler of the product may catch it."""


@dataclass
class Computer:
    """One PC with one person at it."""

    name: str
    login: str
    folder: Path
    clock: ComputerClock
    line: Line
    chance: random.Random
    desk: Desk | None = None
    saved: dict[str, str] = field(default_factory=dict)
    """Every command that was written here, by id, with its hash: the ground truth of what may not be lost."""
    knew: dict[str, tuple[str, int, frozenset[str]]] = field(default_factory=dict)
    """For each of them what its author could have seen: the epoch and the cursor when it was written, and the
    records that lay here, which a restore of the platform takes from nobody."""
    receipts: dict[bytes, str] = field(default_factory=dict)
    """Receipts of filings that were seen here, with the epoch that was known then: none may go again."""
    saw: dict[str, tuple[str, frozenset[str]]] = field(default_factory=dict)
    """Of each application that was handed over here by whom, and the records that lay here then."""
    wished: dict[str, int] = field(default_factory=dict)
    """Of each that was to be withdrawn the number of the last list that was known here then."""
    jobs: dict[tuple[str, str], str] = field(default_factory=dict)
    """Of each step of an application where it stood last."""
    ended: set[str] = field(default_factory=set)
    """Applications that are over, as far as this computer knows: ruled on, taken back, not admitted."""
    lost: str = ""
    """The device's id, once the computer burnt: it never comes back."""
    disk_lies: bool = False
    """Files of its vault were taken away from outside."""
    went_back: bool = False
    """Its files were put back from an earlier state: what the platform had taken since is kept there only."""
    kept: set[tuple[str, str, str]] = field(default_factory=set)
    """Documents from the platform, with their case, that it has forgotten since: here they stay."""
    answers: dict[tuple[str, Answer], str] = field(default_factory=dict)
    """What came from the courts with papers, by application, with its case: none may go from here."""
    sight: Sight = field(default_factory=Sight)

    @property
    def office(self) -> Office:
        """The services, opening the profile when it is closed."""
        if self.desk is None:
            self.open()
        assert self.desk is not None
        return Office(self.desk)

    @property
    def port(self) -> SyncPort:
        """The engine's door."""
        return self.office.sync_port

    def open(self) -> None:
        """Start the program: unlock with the passphrase."""
        desk = profile.unlock(ProfilePaths(self.folder), PASSPHRASE, clock=self.clock, cost=QUICK)
        self.desk = replace(desk, new_id=lambda: uuid7(self.clock.now(), self.chance.randbytes))

    def leave(self) -> None:
        """End the program in good order."""
        if self.desk is not None:
            profile.close(self.desk)
            self.desk = None

    def client(self) -> Client:
        """A line to the platform with the profile's own sign-in."""
        return Client(
            URL, SealedTokens(self.port), self.clock, device_id=self.office.desk.device_id,
            make_session=self.line.session,
        )  # fmt: skip

    def run(self) -> SyncResult:
        """One complete exchange."""
        client = self.client()
        try:
            return SyncRun(self.port, client, self.clock, self.chance.uniform).run(Event())
        finally:
            client.close()

    def sign_in(self) -> None:
        """The person types the platform's password."""
        client = self.client()
        try:
            client.sign_in(self.login, PASSWORD)
        finally:
            client.close()

    def read(self, query: Any) -> list[Any]:
        """Rows of the local store."""
        return self.office.desk.store.read(lambda conn: list(conn.execute(query)))

    def rows(self, table: Table) -> list[Any]:
        """All of a table of the local store."""
        store = self.office.desk.store
        return self.sight.once((self.name, table), lambda: store.read(lambda conn: rows_of(conn, table)))

    @property
    def values(self) -> dict[str, str]:
        """The single values of the local store."""
        return self.sight.once((self.name, "values"), lambda: {one.key: one.value for one in self.rows(meta)})

    @property
    def stand(self) -> tuple[str, int]:
        """The epoch that is known here, and the cursor in it."""
        return self.values.get("epoch", ""), int(self.values.get("cursor", "0"))

    def note_saved(self) -> None:
        """Remember what the outbox holds: what is durable now must stay."""
        epoch, cursor = self.stand
        rows = self.read(_WRITTEN)
        self.saved |= {row.command_id: row.hash for row in rows}
        if new := [row.command_id for row in rows if row.command_id not in self.knew]:
            here = self.read(_RECORDS)
            stand = (epoch, cursor, frozenset(row.doc_id for row in here))
            self.knew |= dict.fromkeys(new, stand)
        gone = self.read(_GONE)
        self._note_pressed()
        for row in gone:
            self.receipts.setdefault(bytes(row.receipt or b""), epoch)
        self.ended = {row.submission_id for row in gone if row.state in filing_machine().final}
        self._note_answers()

    def _note_pressed(self) -> None:
        """Remember what was to be seen here when somebody pressed “提交申请” or “撤回申请”, or sent what had
        been refused once more."""
        asked = self.read(_ASKED)
        for row in asked:
            again = self.jobs.get((row.submission_id, row.wanted)) in ("", "failed") and row.job == "waiting"
            if (row.submission_id, row.wanted) in self.jobs and not again:
                continue
            if row.wanted == "lodge":
                before = self.saw.get(row.submission_id, ("", frozenset[str]()))[1]
                here = {one.doc_id for one in self.read(_RECORDS)}
                self.saw[row.submission_id] = (row.author, before | here)
            elif row.wanted == "withdraw":
                told = [one for one in self.read(_TOLD) if one.doc_id == row.submission_id]
                shown = max((value_of(one.body)["manifest_no"] for one in told), default=0)
                self.wished[row.submission_id] = max(shown, row.manifest_no)
        self.jobs = {(row.submission_id, row.wanted): row.job for row in asked}

    def _note_answers(self) -> None:
        """Remember what came from the courts with papers. With a case that is taken back its answers go."""
        here = {row.case_id for row in self.read(_CASES)}
        seen = {} if self.went_back else {one: of for one, of in self.answers.items() if of in here}
        for row in self.read(_TOLD):
            events = value_of(row.body).get("events", ())
            seen |= dict.fromkeys(((row.doc_id, answer) for answer in answers_in(events)), row.case_id)
        self.answers = seen


class World:
    """A platform and its computers. ``close`` when done."""

    def __init__(
        self, template: Path, folder: Path, seed: int, computers: int = 3, begin: dt.datetime = BEGIN
    ) -> None:
        self.folder = folder
        self.seed = seed
        shutil.copytree(template, folder, dirs_exist_ok=True)
        self.clock = StillClock(begin)
        self.chance = random.Random(f"platform {seed}")
        self.bag = Bag()
        self.platform = self._open_platform()
        self.sight = Sight()
        self.forgotten: set[tuple[str, str]] = set()
        """Documents that the platform no longer had after a restore."""
        self.court: set[tuple[str, str, str, int, str]] = set()
        """What reached the court: case, kind, subject, round and submission."""
        self.court_over: set[str] = set()
        """Submissions on which the court has decided, whatever a restored platform knows of it."""
        self.brought: set[tuple[str, str]] = set()
        """Steps that the platform had a receipt for, with their submission; the court knows of them."""
        self.wishes: set[str] = set()
        """Submissions of which the platform has taken the wish to withdraw at some time."""
        self.stood: dict[str, frozenset[str]] = {}
        """By application the records of signatures that the platform had when the court first got it."""
        self.fixed: dict[str, frozenset[str]] = {}
        """By application the agreements that had been fixed in its case by then."""
        self.computers = [
            Computer(
                name, login, folder / name, ComputerClock(self.clock), Line(lambda: self.platform, self.bag),
                random.Random(f"{name} {seed}"), sight=self.sight,
            )
            for name, login, _ in SEATS[:computers]
        ]  # fmt: skip

    @property
    def present(self) -> list[Computer]:
        """The computers that are still there."""
        return [pc for pc in self.computers if not pc.lost]

    def lost_cases(self) -> set[str]:
        """Cases that the platform dispatched and forgot in a restore: only it can bring them back."""
        lost = {doc_id for entity, doc_id in self.forgotten if entity == "case"}
        return lost - {row.doc_id for row in self.rows(t.docs) if row.entity == "case"} if lost else lost

    def rows(self, table: Table) -> list[Any]:
        """All of a table of the platform's store."""

        def read() -> list[Any]:
            with self.platform.store.read() as conn:
                return rows_of(conn, table)

        return self.sight.once(table, read)

    def _open_platform(self) -> Platform:
        source = Source(self.clock, self.chance.randbytes)
        platform = Platform(f"sqlite:///{self.folder}/platform.db", self.folder / "platform", source)
        platform.store.engine._compiled_cache = _COMPILED
        return platform

    @property
    def actors(self) -> Actors:
        """What other people do at the platform."""
        return Actors(self.platform)

    def restart_platform(self) -> None:
        """End the platform's process and start it again on what it left."""
        self.platform.close()
        self.platform = self._open_platform()

    def note_court(self) -> None:
        """Write down what has reached the court so far; the platform may forget it, the court does not."""
        for row in self.rows(t.submissions):
            if row.lodged:
                self.court.add((row.case_id, row.kind, row.subject_id, row.round, row.submission_id))
                self.brought |= {(row.submission_id, step) for step in value_of(row.receipts)}

    def pass_time(self, seconds: float) -> None:
        """The virtual clock goes on."""
        self.clock.offset += dt.timedelta(seconds=seconds)

    def close(self) -> None:
        """Let go of everything."""
        for computer in self.computers:
            computer.leave()
        self.platform.close()


def make_template(folder: Path, cases: int = 2, computers: int = len(SEATS)) -> Path:
    """A platform with some dispatched cases, and registered computers that have fetched them."""
    folder.mkdir(parents=True)
    chance = random.Random("template")
    clock = StillClock(BEGIN - BEFORE)
    (folder / "platform").mkdir()
    platform = Platform(
        f"sqlite:///{folder}/platform.db", folder / "platform", Source(clock, chance.randbytes)
    )
    ready(platform, "empty")
    for number in range(cases):
        clock.offset += dt.timedelta(seconds=1)
        Actors(platform).dispatch(KINDS[number % len(KINDS)])
    with mock.patch.object(profile, "uuid7", lambda instant: uuid7(instant, chance.randbytes)):
        for name, login, shown in SEATS[:computers]:
            clock.offset += dt.timedelta(seconds=1)
            _register(folder / name, platform, clock, login, shown)
    backups.make(platform)
    platform.close()
    return folder


def _register(folder: Path, platform: Platform, clock: StillClock, login: str, shown: str) -> None:
    paths, own = ProfilePaths(folder), ComputerClock(clock)
    person = profile.NewPerson(shown, login)
    desk, _ = profile.create_profile(paths, person, PASSPHRASE, practice=True, clock=own, cost=QUICK)
    line = Line(lambda: platform, Bag())
    facts, token = register(
        URL, own, device_id=desk.device_id, device_name=folder.name, user=login, password=PASSWORD,
        sign_public=desk.keys.sign_public, seal_public=desk.keys.seal_public, practice=True,
        make_session=line.session,
    )  # fmt: skip
    desk = profile.finish_enrolment(paths, desk, facts)
    SealedTokens(SyncPort(desk)).save(token)
    computer = Computer(folder.name, login, folder, own, line, random.Random(folder.name), desk)
    result = computer.run()
    if result.error is not None:
        raise result.error
    computer.leave()


@contextmanager
def a_world(template: Path, folder: Path, seed: int = 0, computers: int = 3) -> Iterator[World]:
    """A world for the length of a ``with``."""
    world = World(template, folder, seed, computers)
    try:
        yield world
    finally:
        world.close()
        shutil.rmtree(folder, ignore_errors=True)
