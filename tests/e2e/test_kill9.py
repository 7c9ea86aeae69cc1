"""``kill -9`` at every step of a case and at random moments inside: nothing acknowledged is ever lost,
and in the end each act exists exactly once at the platform."""

from __future__ import annotations

import contextlib
import os
import queue
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from sqlalchemy import func, select

from app.clock import SystemClock
from app.domain import casefile as cf
from app.domain.reducer import CaseFile
from app.paths import ProfilePaths
from app.services import enrolment, profile
from app.services.office import Office
from app.storage import doctor
from app.storage.tables import outbox, uploads
from sync.engine.client import Client
from tests.helpers import journey, sandbox
from tests.helpers.desks import QUICK
from tests.helpers.sandbox import Sandbox
from ui import connection
from ui.practice import PASSPHRASE

ROOT = Path(__file__).resolve().parents[2]
SEED = 20261123
ANSWER_SECONDS = 40.0
"""How long a step may take before the test gives up on it."""


class Driver:
    """A process that works on the profile until it is killed."""

    def __init__(self, folder: Path, case_id: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.helpers.journey", str(folder), case_id],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            cwd=ROOT,
            env={**os.environ, "PYTHONUTF8": "1"},
        )
        self._lines: queue.Queue[str] = queue.Queue()
        assert self.process.stdout is not None
        self._reader = threading.Thread(target=self._pump, args=(self.process.stdout,))
        self._reader.start()
        self.expect("open")

    def _pump(self, stream: IO[str]) -> None:
        for line in stream:
            self._lines.put(line.strip())
        self._lines.put("end")

    def ask(self, step: str) -> None:
        """Have it begin a step."""
        assert self.process.stdin is not None
        self.process.stdin.write(step + "\n")
        self.process.stdin.flush()
        self.expect(f"begin {step}")

    def expect(self, line: str) -> None:
        """Wait for exactly this line."""
        got = self._lines.get(timeout=ANSWER_SECONDS)
        if got != line:
            raise AssertionError(f"expected {line!r}, got {got!r}: {self.kill()[-2000:]}")

    def heard(self, line: str, seconds: float) -> bool:
        """Whether the line comes within so many seconds."""
        try:
            return self._lines.get(timeout=seconds) == line
        except queue.Empty:
            return False

    def kill(self) -> str:
        """SIGKILL, and wait for the end; what it had said on stderr."""
        self.process.kill()
        self.process.wait()
        self._reader.join()
        assert self.process.stderr is not None
        said = self.process.stderr.read()
        for stream in (self.process.stdin, self.process.stdout, self.process.stderr):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        return said


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox.running(tmp_path / "platform", "empty") as running:
        yield running


@contextlib.contextmanager
def connection_of(office: Office) -> Iterator[Client]:
    """A line to the platform with the profile's sign-in."""
    client = connection.client_for(office.sync_port)
    try:
        yield client
    finally:
        client.close()


def enrolled(folder: Path, platform: Sandbox) -> None:
    """A practice profile of the mediator, registered, with everything the platform has."""
    paths, user = ProfilePaths(folder), platform.user("mediator")
    person = profile.NewPerson("周敏芳", user["name"])
    desk, _ = profile.create_profile(paths, person, PASSPHRASE, practice=True, cost=QUICK)
    desk = connection.enrol(
        paths, desk, url=platform.url, user=user["name"], password=user["password"], name="测试机"
    )
    assert connection.sync_once(desk).error is None
    profile.close(desk)


def check(folder: Path, case_id: str, acknowledged: list[str], begun: str) -> bool:
    """Open what the killed process left: sound, holding all it acknowledged. Whether ``begun`` is there."""
    office = journey.open_office(folder)
    try:
        missing = [name for name in acknowledged if not journey.STEPS[name].done(office, case_id)]
        assert not missing, f"acknowledged and lost: {missing}"
        assert_sound(office)
        return journey.STEPS[begun].done(office, case_id)
    finally:
        profile.close(office.desk)


def assert_sound(office: Office) -> None:
    """Database, vault, audit chain and outbox chain are whole."""
    paths = ProfilePaths(office.desk.store.path.parent)
    findings = doctor.examine(paths, office.desk.keys, SystemClock(), deep=False)
    bad = [f for f in findings if not f.ok and f.area != "backup"]
    assert not bad, bad


@pytest.mark.timeout(300)
def test_nothing_acknowledged_is_lost_and_everything_happens_once(tmp_path: Path, platform: Sandbox) -> None:
    chance = random.Random(SEED)
    case_id = platform.control("dispatch", kind="leak")["case_id"]
    folder = tmp_path / "profile"
    enrolled(folder, platform)
    acknowledged: list[str] = []
    for name, step in journey.STEPS.items():
        before(name, platform, case_id)
        driver = Driver(folder, case_id)
        driver.ask(name)
        if driver.heard(f"ack {name}", chance.uniform(0, 0.8 if step.slow else 0.06)):
            acknowledged.append(name)
        driver.kill()
        if not check(folder, case_id, acknowledged, name):
            driver = Driver(folder, case_id)
            driver.ask(name)
            driver.expect(f"ack {name}")
            driver.kill()
            assert check(folder, case_id, acknowledged, name)
        acknowledged = list(dict.fromkeys([*acknowledged, name]))
    everything_once(folder, case_id)
    at_the_platform(tmp_path / "colleague", platform, case_id)


def before(name: str, platform: Sandbox, case_id: str) -> None:
    """What others do before a step: the network goes and comes back, the court asks and rules."""
    if name == "session":
        platform.control("network/offline")
    elif name == "send":
        platform.control("network/normal")
    elif name == "hear":
        platform.control(f"court/{filing(platform, case_id)}/ask_supplement", asked=["缴费凭证"])
    elif name == "ruling":
        platform.control(f"court/{filing(platform, case_id)}/confirm")


def filing(platform: Sandbox, case_id: str) -> str:
    """The one submission that the court has of the case."""
    cases = {c["case_id"]: c["submissions"] for c in platform.look("overview")["cases"]}
    assert len(cases[case_id]) == 1, "lodged exactly once"
    return str(cases[case_id][0]["submission_id"])


def everything_once(folder: Path, case_id: str) -> None:
    """Every command has its receipt; every file is at the platform."""
    office = journey.open_office(folder)
    for _ in range(3):
        result = connection.sync_once(office.desk)
        assert result.error is None
    assert (result.waiting, result.unknown, result.failed, result.conflicts) == (0, 0, 0, 0)

    def receipts(conn: object) -> tuple[int, int, int]:
        def number(query: object) -> int:
            return int(conn.execute(query).scalar_one())  # type: ignore[attr-defined]

        rows = select(func.count()).select_from(outbox)
        return (
            number(rows),
            number(rows.where(outbox.c.state == "delivered", outbox.c.receipt.is_not(None))),
            number(select(func.count()).select_from(uploads).where(uploads.c.state != "stored")),
        )

    written, delivered, unstored = office.desk.store.read(receipts)
    assert written == delivered
    assert unstored == 0
    once(office.cases.open(case_id).file)
    profile.close(office.desk)


def at_the_platform(folder: Path, platform: Sandbox, case_id: str) -> None:
    """A second computer that knows only what the platform tells sees the same, once each."""
    enrolled(folder, platform)
    office = journey.open_office(folder)
    once(office.cases.open(case_id).file)
    assert filing(platform, case_id)
    profile.close(office.desk)


def once(file: CaseFile) -> None:
    """Exactly one of each act of the journey."""
    records = {
        kind: len(file.of_type(kind))
        for kind in (cf.Contact, cf.Decision, cf.Session, cf.Signature, cf.Closed)
    }
    assert records == {cf.Contact: 1, cf.Decision: 1, cf.Session: 1, cf.Signature: 4, cf.Closed: 1}
    assert len(file.agreements) == 1
    hashes = [a.sha256 for a in file.attachments.values()]
    assert len(hashes) == len(set(hashes))
    assert all(a.stored for a in file.attachments.values())
    (submission,) = file.submissions.values()
    assert submission.state == "confirmed"
    states = [event.state for event in submission.events]
    assert len(states) == len(set(states)), states


class Killed(BaseException):
    """Ends what runs, as a kill does: no handler of the product may catch it."""


def test_ended_before_the_new_registration_stood_the_computer_is_not_taken_for_a_revoked_one(
    tmp_path: Path, platform: Sandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    enrolled(tmp_path / "profile", platform)
    office, user = journey.open_office(tmp_path / "profile"), platform.user("mediator")
    with connection_of(office) as client:
        client.call("DELETE", f"/devices/{office.desk.device_id}")

    def ended(*_: object) -> None:
        raise Killed

    complete = enrolment.complete

    def complete_and_end(*args: object) -> None:
        complete(*args)  # type: ignore[arg-type]
        raise Killed

    for where in (ended, complete_and_end):
        monkeypatch.setattr(enrolment, "complete", where)
        with pytest.raises(Killed):
            connection.enrol_again(ProfilePaths(tmp_path / "profile"), office.desk, user["password"])
        monkeypatch.setattr(enrolment, "complete", complete)
        profile.close(office.desk)
        office = journey.open_office(tmp_path / "profile")
        error = connection.sync_once(office.desk).error
        assert error is None or error.code == "E-SIGN-IN"
    assert error is None
    profile.close(office.desk)
