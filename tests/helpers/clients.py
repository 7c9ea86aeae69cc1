"""A real client in a temporary folder: profile, encrypted store, enrolment and engine, against a sandbox."""

from __future__ import annotations

import datetime as dt
import random
import shutil
from dataclasses import dataclass, field, replace
from pathlib import Path
from threading import Event
from typing import Any

from sqlalchemy import Connection, select

from app.clock import SystemClock
from app.domain import casefile as cf
from app.paths import ProfilePaths
from app.services import profile
from app.services.desk import Desk
from app.services.sync_port import SyncPort
from app.storage import casestore
from app.storage.crypto import Cost
from app.storage.tables import cases, inbox, outbox
from sync.engine.client import Client
from sync.engine.enroll import register
from sync.engine.run import SyncResult, SyncRun
from sync.engine.tokens import SealedTokens
from tests.helpers.sandbox import Sandbox

PASSPHRASE = "梧桐里的春天很长也很暖和"
QUICK = Cost(memory_kib=8, passes=1, lanes=1)


@dataclass
class Office:
    """One computer of the institution with one person at it."""

    sandbox: Sandbox
    paths: ProfilePaths
    desk: Desk
    clock: SystemClock
    seed: int = 7
    clients: list[Client] = field(default_factory=list)

    @property
    def port(self) -> SyncPort:
        return SyncPort(self.desk)

    def client(self) -> Client:
        """A new line to the platform with the profile's own token."""
        port = self.port
        client = Client(port.url, SealedTokens(port), self.clock, device_id=self.desk.device_id)
        self.clients.append(client)
        return client

    def run(self) -> SyncResult:
        """One complete run over a new line."""
        client = self.client()
        try:
            jitter = random.Random(self.seed).uniform
            return SyncRun(self.port, client, self.clock, jitter).run(Event())
        finally:
            client.close()

    def good_run(self) -> SyncResult:
        """A run that must come to its end."""
        result = self.run()
        assert result.error is None, (result.error, getattr(result.error, "detail", ""))
        return result

    def later(self, seconds: float = 600.0) -> None:
        """Let time pass on this computer, so that back-offs are over."""
        self.clock.offset += dt.timedelta(seconds=seconds)

    def case_ids(self, *states: str) -> list[str]:
        """Cases here, in a stable order."""
        query = select(cases.c.case_id).where(cases.c.state.in_(states)).order_by(cases.c.case_id)
        return self.desk.store.read(lambda conn: list(conn.execute(query).scalars()))

    def file(self, case_id: str) -> Any:
        return self.desk.store.read(lambda conn: casestore.load(conn, case_id))

    def shadow(self, case_id: str) -> Any:
        return self.desk.store.read(lambda conn: casestore.shadow(conn, case_id))

    def states(self) -> list[str]:
        """States of the outbox, oldest first."""
        query = select(outbox.c.state).order_by(outbox.c.ordinal)
        return self.desk.store.read(lambda conn: list(conn.execute(query).scalars()))

    def outbox(self) -> list[Any]:
        query = select(outbox).order_by(outbox.c.ordinal)
        return self.desk.store.read(lambda conn: list(conn.execute(query)))

    def seqs(self) -> list[int]:
        query = select(inbox.c.seq).order_by(inbox.c.seq)
        return self.desk.store.read(lambda conn: list(conn.execute(query).scalars()))

    def everything(self) -> dict[str, Any]:
        """The local picture of every case, to compare with another computer's."""

        def work(conn: Connection) -> dict[str, Any]:
            ids = conn.execute(select(cases.c.case_id)).scalars()
            return {case_id: plain(casestore.load(conn, case_id)) for case_id in ids}

        return self.desk.store.read(work)

    def close(self) -> None:
        for client in self.clients:
            client.close()
        self.desk.store.close()


def plain(file: Any) -> dict[str, Any]:
    """The documents of a case as JSON values."""
    return {
        "case": cf.encode(file.case),
        **{
            f"{group}:{key}": cf.encode(doc)
            for group in ("parties", "records", "agreements", "attachments", "submissions")
            for key, doc in getattr(file, group).items()
        },
    }


def open_office(
    folder: Path, sandbox: Sandbox, role: str = "mediator", user: Any = None, scope: str = ""
) -> Office:
    """Make a profile, register it, and sit down at it. Nothing is fetched yet."""
    who = user or sandbox.user(role)
    clock = SystemClock()
    paths = ProfilePaths(folder)
    person = profile.NewPerson(who["display"], who["name"])
    desk, _ = profile.create_profile(paths, person, PASSPHRASE, practice=True, clock=clock, cost=QUICK)
    # On a day of rest the platform is at the next working day.
    profile.set_practice_offset(desk, dt.timedelta(seconds=sandbox.look("state")["offset_seconds"]))
    facts, token = register(
        sandbox.url,
        clock,
        device_id=desk.device_id,
        device_name="测试机",
        user=who["name"],
        password=who["password"],
        sign_public=desk.keys.sign_public,
        seal_public=desk.keys.seal_public,
        practice=True,
        scope=scope,
    )
    desk = replace(profile.finish_enrolment(paths, desk, facts), undo_window=dt.timedelta(0))
    SealedTokens(SyncPort(desk)).save(token)
    return Office(sandbox, paths, desk, clock)


def reopened(office: Office) -> Office:
    """The same computer after the program was started again."""
    office.close()
    desk = profile.unlock(office.paths, PASSPHRASE, clock=office.clock, cost=QUICK)
    return Office(office.sandbox, office.paths, replace(desk, undo_window=dt.timedelta(0)), office.clock)


def copy_of(office: Office, folder: Path) -> None:
    """The profile's files as they lie on the disk now, as a backup by copying would take them."""
    office.desk.store.checkpoint()
    shutil.copytree(office.paths.root, folder)
