"""The drawer of two values under a person's hands: opening, typing, what comes from elsewhere meanwhile."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget
from sqlalchemy import select, update

from app.services.disputes import to_json
from app.storage.tables import conflicts
from tests.helpers.desks import incoming, make_workplace
from tests.helpers.disputes import conflict
from tests.helpers.pages import Bench, type_chinese
from tests.helpers.screens import settle
from ui.pages.case import CasePage
from ui.pages.sync import SyncPage
from ui.pages.sync_conflict import ConflictPart

BOTH = (Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
NEWER = {"author": "p-shen", "at": "2026-11-23T02:41:00.000Z"}


def bench_with_two(qtbot, look, folder) -> Bench:  # type: ignore[no-untyped-def]
    """A window on a case with two values for its claims (c1) and for a telephone number (c2)."""
    made = Bench(qtbot, look, make_workplace(folder / "profile"), folder)
    made.add(SyncPage(made.context), CasePage(made.context))
    incoming(made.workplace, title="宠物犬咬伤赔偿", state="mediating")
    conflict(made.workplace, 1, "claims", "赔 500 元", "赔 600 元", entity="case")
    conflict(made.workplace, 2, "phone", "13900000001", "13900000002")
    return made


def page_of(bench: Bench) -> SyncPage:
    bench.show("sync")
    page = bench.shell.current
    assert isinstance(page, SyncPage)
    return page


def look_at(bench: Bench, page: SyncPage, conflict_id: str) -> ConflictPart:
    """Open one; come back with the part once the drawer stands."""
    page.open_conflict(conflict_id)
    bench.idle()
    bench.qtbot.waitUntil(lambda: page.drawer.x() + page.drawer.width() == page.width(), timeout=5_000)
    return page.conflict


def drafts(bench: Bench) -> dict[str, str]:
    draft = bench.context.office.drafts.get("conflict", "case-1")
    return draft.body["texts"] if draft is not None else {}


def choice_of(bench: Bench, conflict_id: str) -> str:
    query = select(conflicts.c.choice).where(conflicts.c.conflict_id == conflict_id)
    return bench.workplace.desk.store.read(lambda conn: str(conn.execute(query).scalar_one()))


def types(bench: Bench, words: str) -> None:
    """Type into whatever has the keyboard, letter by letter, as hands and an input method do."""
    for letter in words:
        if letter.isascii():
            bench.qtbot.keyClicks(bench.focus(), letter)
        else:
            type_chinese(bench.focus(), letter)
        settle()


def moves_on(bench: Bench, conflict_id: str, theirs: str, author: str = "", at: str = "") -> None:
    """A third computer writes while the drawer is open, as the end of a pull has it."""
    where = conflicts.c.conflict_id == conflict_id
    newer = update(conflicts).where(where).values(theirs=to_json(theirs), theirs_author=author, theirs_at=at)
    bench.workplace.desk.store.write(lambda conn: conn.execute(newer) and None)


def in_words(part: QWidget) -> str:
    """All that a card or a part says."""
    return part.accessibleDescription()


def reveals_of(bench: Bench) -> list[tuple[str, str]]:
    return [one for one in bench.audit() if one[0] == "reveal.field"]
