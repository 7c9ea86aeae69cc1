"""One computer and the platform it speaks with, in one folder, as a process sees them that may be killed."""

from __future__ import annotations

import contextlib
import datetime as dt
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from unittest import mock

import requests
import sqlalchemy as sa
from sqlalchemy import select

from app.clock import SystemClock
from app.paths import ProfilePaths
from app.services import lockscreen, profile
from app.services.desk import Desk
from app.services.office import Office
from app.storage import profile_swap
from app.storage import tables as local
from app.storage.keyslots import KeyFile, WrongPassphraseError
from app.storage.lock import ProfileLock
from app.storage.schema import head, migrate
from app.storage.unlocked import UnlockedKeys
from sync.engine.client import Client
from sync.sandbox import tables as t
from sync.sandbox.seeding import PASSWORD
from tests.helpers.desks import QUICK
from tests.kill9.watch import heard
from ui import connection

LOGIN, HEAD = "zhouminfang", "hejing"
PASSPHRASE = "梧桐里的春天很长也很暖和"
CHANGED = "桂花开的时候我们一起去走走"
TOKEN = "k" * 48
"""The control token of the platforms under proof."""
PAUSE = 330.0
"""Seconds after which every back-off is over."""
ROUNDS = 5
"""Exchanges within which everything must be over, once nobody is killed any more."""
NO_UNDO = dt.timedelta()


class WedgedError(AssertionError):
    """It cannot go on although nothing hinders it any more."""


class Place:
    """The person at the computer. ``office`` opens the profile when it is closed."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url
        self.paths = ProfilePaths(folder / "profile")
        self.stick = folder / "stick"
        self.login = LOGIN
        self._lock: ProfileLock | None = None
        self._desk: Desk | None = None
        self._version = contextlib.ExitStack()
        self._engine = sa.create_engine(
            f"sqlite:///{folder / 'platform' / 'platform.db'}", poolclass=sa.NullPool
        )

    # -- the profile -----------------------------------------------------------------------------------

    @property
    def desk(self) -> Desk:
        """The open desk of whoever sits here; what is written goes out at once."""
        if self._desk is None:
            self.hold()
            self._desk = self._unlocked()
        return replace(self._desk, undo_window=NO_UNDO)

    def _unlocked(self) -> Desk:
        user = self.login if len(self.people()) > 1 else ""
        with contextlib.suppress(WrongPassphraseError):
            return profile.unlock(
                self.paths, PASSPHRASE, user, clock=SystemClock(), cost=QUICK, although_revoked=True
            )
        return profile.unlock(
            self.paths, CHANGED, user, clock=SystemClock(), cost=QUICK, although_revoked=True
        )

    def hold(self) -> None:
        """Take the profile's lock, as the program does."""
        if self._lock is None:
            self._lock = ProfileLock(self.paths.lock)
            self._lock.acquire(kind="command")
            profile_swap.finish(self.paths)

    def keep(self, desk: Desk) -> None:
        """The desk as it is from now on."""
        self._desk = desk

    @property
    def office(self) -> Office:
        """The services."""
        return Office(self.desk)

    def sit(self, login: str) -> None:
        """Whoever is to work now unlocks the profile."""
        if login != self.login:
            self.leave()
            self.login = login

    def leave(self) -> None:
        """Close the program in good order."""
        if self._desk is not None:
            profile.close(self._desk)
            self._desk = None
        if self._lock is not None:
            self._lock.release()
            self._lock = None

    def next_version(self) -> None:
        """From now on the program is a later version, whose schema has changed the outbox."""
        location = self.folder / "schema"
        if not location.exists():
            made = self.folder / "schema.made"
            shutil.copytree(migrate.LOCATION, made, ignore=shutil.ignore_patterns("__pycache__"))
            (made / "versions" / f"{LATER}_next.py").write_text(SECOND, "utf-8")
            made.rename(location)
        directory = migrate.scripts(location)
        for module, name, value in (
            (head, "HEAD", LATER), (head, "KNOWN", (*head.KNOWN, LATER)), (migrate, "HEAD", LATER),
            (migrate, "scripts", lambda *_: directory),
        ):  # fmt: skip
            self._version.enter_context(mock.patch.object(module, name, value))

    # -- the wire --------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Exchange until nothing waits and nothing is wrong; the person signs in where asked."""
        told: list[str] = []
        ended = 0
        while len(told) < ROUNDS:
            if ended != (ended := self._platform_ended()):
                told.clear()
            result = connection.sync_once(self.desk)
            if result.error is None and not result.waiting and not result.unknown:
                return
            told.append(f"{result.error.code} {result.error.detail}" if result.error else f"{result.waiting}")
            if result.error is not None and result.error.code == "E-SIGN-IN":
                connection.sign_in(self.desk, PASSWORD)
            else:
                self.later(PAUSE)
        rows = [(row.what, row.why) for row in self.office.sync_centre.rows("waiting")]
        raise WedgedError(f"does not come to rest: {told}, waiting: {rows}")

    def _platform_ended(self) -> int:
        """How often the platform was killed so far."""
        lines, _ = heard(self.folder / "platform.journal")
        return sum("dying" in line for line in lines)

    def later(self, seconds: float) -> None:
        """The practice clock goes on."""
        clock = self.desk.clock
        assert isinstance(clock, SystemClock)
        profile.set_practice_offset(self.desk, clock.offset + dt.timedelta(seconds=seconds))

    @contextlib.contextmanager
    def client(self) -> Iterator[Client]:
        """A line of one's own with the profile's sign-in."""
        client = connection.client_for(self.office.sync_port)
        try:
            yield client
        finally:
            client.close()

    def control(self, path: str, **data: Any) -> Any:
        """Somebody at the platform does something."""
        reply = requests.post(
            f"{self.url}/sandbox/{path}", json=data, headers={"X-Sandbox-Token": TOKEN}, timeout=60
        )
        reply.raise_for_status()
        return reply.json()

    # -- looking ---------------------------------------------------------------------------------------

    def read(self, query: Any) -> list[Any]:
        """Rows of the local store."""
        return self.desk.store.read(lambda conn: list(conn.execute(query)))

    def platform(self, query: Any) -> list[Any]:
        """Rows of the platform's store, as committed."""
        with self._engine.connect() as conn:
            return list(conn.execute(query))

    def at_platform(self, *statements: Any) -> None:
        """Something that only its own disk or a later version of it does happens to the platform's store."""
        with self._engine.begin() as conn:
            for statement in statements:
                conn.execute(statement)

    def cases(self) -> list[str]:
        """The platform's own cases in the order of their dispatch."""
        query = select(t.feed.c.case_id).where(t.feed.c.entity == "case", t.feed.c.version == 1)
        known = self.platform(query.where(t.feed.c.cause.is_(None)).order_by(t.feed.c.seq))
        return list(dict.fromkeys(row.case_id for row in known))

    def case(self, letter: str) -> str:
        """The case that is called so here: A was dispatched first."""
        return self.cases()[ord(letter) - ord("A")]

    def happened(self, kind: str) -> int:
        """How often the platform's panel tells of something."""
        rows = self.platform(select(t.happenings.c.kind).where(t.happenings.c.kind == kind))
        return len(rows)

    def audited(self, action: str) -> int:
        """How often an action stands in the audit chain."""
        return len(self.read(select(local.audit.c.seq).where(local.audit.c.action == action)))

    def written(self) -> dict[str, str]:
        """Every command that stands here, sent or withdrawn, with its hash."""
        rows = self.read(select(local.outbox.c.command_id, local.outbox.c.hash))
        gone = self.read(select(local.withdrawn_commands.c.command_id))
        return {row.command_id: "" for row in gone} | {row.command_id: row.hash for row in rows}

    def people(self) -> tuple[lockscreen.CardPerson, ...]:
        """Who can unlock the profile."""
        return lockscreen.people_of(self.paths, SystemClock())

    def keys(self) -> UnlockedKeys:
        """The profile's keys, by whichever passphrase is the present one."""
        who = lockscreen.choose(self.paths, SystemClock(), self.login if len(self.people()) > 1 else "")
        file = KeyFile(self.paths.keys, SystemClock(), cost=QUICK)
        with contextlib.suppress(WrongPassphraseError):
            return file.unlock(who.slot_id, PASSPHRASE)
        return file.unlock(who.slot_id, CHANGED)

    def exists(self) -> bool:
        """Whether a profile is here, as a program sees that begins."""
        if profile_swap.unfinished(self.paths) is not None:
            return True
        return lockscreen.exists(self.paths)


LATER = "9999"
"""The schema of a version that does not exist yet."""
SECOND = f'''
"""A later version's schema."""
from alembic import op

revision, down_revision = "{LATER}", "{head.HEAD}"


def upgrade() -> None:
    op.execute("CREATE TABLE later (a TEXT)")
    op.execute("ALTER TABLE outbox ADD COLUMN later TEXT NOT NULL DEFAULT ''")
'''
