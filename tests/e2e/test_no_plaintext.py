"""No personal data in clear text anywhere on the disk: profile, temporary folder, logs, backups."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.domain import casefile as cf
from app.paths import ProfilePaths
from app.services import profile
from app.services.attachments import FileEntry
from app.services.office import Office
from app.storage import casestore
from app.storage.tables import cases
from tests.helpers.desks import QUICK
from ui import practice, practice_profile

ROOT = Path(__file__).resolve().parents[2]
PHOTO = b"\xff\xd8\xff\xe0" + b"plain-picture-" * 4000


@pytest.fixture(scope="module")
def used(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, frozenset[bytes]]]:
    """A practice profile that was filled, worked on, backed up and killed; and what must not be found."""
    folder = tmp_path_factory.mktemp("used")
    temporary = folder / "tmp"
    temporary.mkdir()
    environment = {**os.environ, "TMPDIR": str(temporary), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
    worker = subprocess.run(
        [sys.executable, "-m", "tests.e2e.test_no_plaintext", str(folder)],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=100, check=False,
    )  # fmt: skip
    assert worker.returncode == -9, worker.stderr[-2000:]
    desk = profile.unlock(ProfilePaths(folder / "practice"), practice.PASSPHRASE, "周敏芳", cost=QUICK)
    yield folder, _secrets(desk)
    profile.close(desk)


def _secrets(desk: profile.Desk) -> frozenset[bytes]:
    """Names, numbers, telephones and addresses of everybody in the store, as they might lie in a file."""
    ids = desk.store.read(lambda conn: list(conn.execute(cases.select()).scalars(1)))
    found: set[str] = set()
    for start in range(0, len(ids), 200):
        some = ids[start : start + 200]
        for file in desk.store.read(lambda conn, some=some: casestore.load_many(conn, some)).values():
            found |= {file.head.claims, file.head.facts, file.head.occurred_place}
            for party in file.parties.values():
                found |= _of(party)
    words = {word for word in found if len(word) >= 3}
    assert len(words) > 200, "the practice data is too thin to prove anything"
    return frozenset(encoded for word in words for encoded in (word.encode(), word.encode("utf-16-le"))) | {
        PHOTO[:64]
    }


def _of(party: cf.Party) -> set[str]:
    agent = party.agent
    own = {party.name, party.id_number, party.phone, party.address, party.email, party.service_address}
    return own | ({agent.name, agent.phone, agent.id_number} if agent else set())


def test_nothing_stands_in_clear_text(used: tuple[Path, frozenset[bytes]]) -> None:
    folder, secrets = used
    files = [path for part in ("practice", "tmp") for path in (folder / part).rglob("*") if path.is_file()]
    assert any(path.name.endswith("-wal") for path in files), "the journal was still there when it was killed"
    leaks = [
        f"{path.relative_to(folder)}: {len(hits)} strings"
        for path in files
        if (hits := _hits(path.read_bytes(), secrets))
    ]
    assert not leaks


def _hits(content: bytes, secrets: frozenset[bytes]) -> list[bytes]:
    return [secret for secret in secrets if secret in content]


def work(folder: Path) -> None:
    """Fill, work, back up, and die without warning."""
    paths = ProfilePaths(folder / "practice")
    running = practice.start(paths)
    try:
        desk = practice_profile.ensure_practice_profile(running, QUICK)
        office = Office(desk)
        case_id = office.cases.page(office.cases.query(), 0, 1)[0].case_id
        entry = FileEntry(role="photo", title="照片")
        office.attachments.add_bytes(case_id, PHOTO, "照片.jpg", "image/jpeg", entry)
        party = next(iter(office.cases.open(case_id).file.parties))
        office.reveal.field(case_id, party, "phone", "contact")
        office.handling.add_note(case_id, "电话里说愿意来谈，约在下周。")
        office.papers.produce(case_id, "F02")
        office.drafts.save("note", case_id, {"text": "写到一半的话"})
        office.backups.make()
    finally:
        running.close()
    os.kill(os.getpid(), 9)


if __name__ == "__main__":
    work(Path(sys.argv[1]))
