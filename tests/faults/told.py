"""What the person reads in the sync centre while a fault lasts, and when it is over."""

from __future__ import annotations

from sqlalchemy import select

from app.domain import casefile as cf
from app.services.sync_centre import clock_text
from app.services.sync_rows import SyncRow
from sync.sandbox import tables as t
from tests.harness.claims import platform_rows
from tests.harness.play import Play
from tests.harness.steps import Act, Exchange, Pass
from tests.harness.world import Computer

KEPT = "内容都在本机"
UNKNOWN = "发出去了，没等到回执，连上后先核对，不会重复"
UNDO_SECONDS = 11
"""Past the ten seconds in which what was saved can be taken back."""
PC = 0
"""The computer that meets the fault."""


def first(play: Play) -> Computer:
    """The computer that meets the fault."""
    return play.world.computers[PC]


def write(play: Play, *names: str) -> None:
    """The person does these things, and the time to undo them passes."""
    for number, name in enumerate(names or ("note",)):
        play.take(Act(PC, name, number % 2, number))
    play.take(Pass(UNDO_SECONDS))


def exchange(play: Play, *fates: str) -> str:
    """One exchange of that computer; ``whole`` or the code it ended with."""
    play.take(Exchange(PC, fates))
    return play.trace[-1].rpartition(" -> ")[2]


def interrupted(play: Play, code: str, *words: str, waiting: int = 1, online: bool = False) -> None:
    """The page's notice says why, that all is kept and when it goes on; headline and rows agree."""
    centre = first(play).office.sync_centre
    standing, counts = centre.standing(), centre.counts()
    title, text = standing.trouble
    assert standing.error_code == code, (standing.error_code, standing.error)
    assert standing.online is online
    assert title == ("这次没有收发完" if online else "没有连上平台")
    assert KEPT in text
    assert not [word for word in words if word not in f"{title}。{text}"], text
    assert not text.startswith(title), "said once"
    assert standing.next_attempt_at is not None
    assert first(play).clock.now() < standing.next_attempt_at
    due = clock_text(standing.next_attempt_at)
    assert f"下次 {due}" in text
    assert f"下次 {due}" in centre.footer()
    assert counts.waiting == waiting == len(centre.rows("waiting"))
    assert counts.needs_you == 0
    assert (f"{waiting} 项在本机等着" if waiting else "都送到了。") in centre.headline()


def halted(play: Play, code: str, *words: str, waiting: int = 1) -> None:
    """A person has to act: the notice says what to do, nothing is planned, everything is kept."""
    centre = first(play).office.sync_centre
    standing = centre.standing()
    text = standing.trouble[1]
    assert standing.error_code == code, (standing.error_code, standing.error)
    assert standing.next_attempt_at is None
    assert not [word for word in words if word not in text], text
    assert centre.counts().waiting == waiting
    assert centre.headline() == f"收发停下来了。{waiting} 项在本机等着，处理好后自动发。"
    assert {row.why for row in centre.rows("waiting")} <= {"收发停着，处理好后接着发", UNKNOWN}
    assert "照上面的提示办好就再连" in centre.footer()


def why(play: Play, kind: str = "command") -> list[str]:
    """Why each waiting row of a kind waits."""
    return [row.why for row in first(play).office.sync_centre.rows("waiting") if row.kind == kind]


def explained(play: Play, row: SyncRow) -> dict[str, str]:
    """The lines behind a row."""
    return {line.label: line.text for line in first(play).office.sync_centre.explain(row.row_id)}


def all_went(play: Play, *, delivered: int) -> None:
    """Everything comes to rest, all 17 invariants hold, and the page says so with a receipt each."""
    play.rest()
    centre = first(play).office.sync_centre
    standing, counts = centre.standing(), centre.counts()
    assert standing.trouble == ("", "")
    assert (counts.needs_you, counts.waiting) == (0, 0)
    rows = centre.rows("delivered")
    assert (counts.delivered_today, len(rows)) == (delivered, delivered)
    assert centre.headline() == f"都送到了。最近一次 {clock_text(standing.last_success_at)}。"
    assert all(row.why.startswith(("平台回执 ", "平台已核对整个文件")) for row in rows)
    receipts = [row.why for row in rows if row.kind == "command"]
    assert len(receipts) == len(set(receipts))


def notes_at_the_platform(play: Play) -> list[str]:
    """The texts of all notes as the platform has them, in its order."""
    rows = platform_rows(play.world, select(t.docs).where(t.docs.c.entity == "record").order_by(t.docs.c.seq))
    bodies = [cf.decode("record", row.body.encode()) for row in rows]
    return [b.body.text for b in bodies if isinstance(b, cf.Record) and isinstance(b.body, cf.Note)]
