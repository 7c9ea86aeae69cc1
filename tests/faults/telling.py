"""What the sync centre tells the person at this moment, to be held against what it should tell."""

from __future__ import annotations

from app.domain import casefile as cf
from app.services.sync_rows import SyncRow
from tests.harness.acts import a_case
from tests.harness.world import Computer, World


def standing(pc: Computer) -> tuple[str, str, bool]:
    """Of the line: code, words, and whether it goes on by itself."""
    now = pc.office.sync_centre.standing()
    return now.error_code, now.error, now.next_attempt_at is not None


def headline(pc: Computer) -> str:
    """The page's first sentence."""
    return pc.office.sync_centre.headline()


def rows(pc: Computer, status: str = "") -> list[SyncRow]:
    """The rows, or those of one status."""
    return [row for row in pc.office.sync_centre.rows("all") if status in ("", row.status)]


def notes(world: World, which: int = 0) -> list[int]:
    """Numbers of the notes of a case (``第 N 次``) as every computer shows them: the same on all."""
    shown = [sorted(_numbers(pc, which)) for pc in world.computers]
    assert all(one == shown[0] for one in shown), shown
    return shown[0]


def _numbers(pc: Computer, which: int) -> list[int]:
    file = pc.office.cases.open(a_case(pc, which)).file
    return [int(body.text.split("第 ")[1].split(" 次")[0]) for _, body in file.of_type(cf.Note)]
