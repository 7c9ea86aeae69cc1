"""都不对，我来写: what a person types is theirs, whatever comes from elsewhere, and behind the lock."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from sqlalchemy import update

from app.storage.tables import conflicts
from tests.helpers.choosing import (
    BOTH,
    NEWER,
    bench_with_two,
    choice_of,
    drafts,
    in_words,
    look_at,
    moves_on,
    page_of,
    reveals_of,
    types,
)
from tests.helpers.disputes import conflict
from tests.helpers.hands import PERSON
from tests.helpers.pages import Bench
from tests.helpers.screens import assert_looks, grab
from ui.pages import today_routes
from ui.pages.sync import SyncPage
from ui.pages.sync_choosing import CHOSEN
from ui.pages.working import when_sent
from ui.widgets.buttons import PrimaryButton


@pytest.fixture
def bench(qtbot, plain_look, tmp_path):
    made = bench_with_two(qtbot, plain_look, tmp_path)
    yield made
    made.close()


def test_while_one_writes_a_value_that_moves_on_takes_no_key(bench):
    """A list with digits and Enter, typed over a change of the same field from elsewhere."""
    page = page_of(bench)
    part = look_at(bench, page, "c1")
    bench.key(Qt.Key.Key_3)
    types(bench, "1. 赔 550 元")
    bench.key(Qt.Key.Key_Left)
    moves_on(bench, "c1", "赔 900 元", **NEWER)
    bench.changed("conflicts")
    bench.qtbot.waitUntil(lambda: "900" in in_words(part.theirs), timeout=5_000)
    assert bench.focus() is part.writing.text
    assert (part.choice, part.moved.isVisible()) == ("edited", True)
    assert "沈佳怡，11月23日 10:41" in part.moved.title.text()
    assert "您写的原样留着" in part.moved.title.text()
    assert not part.moved.visibleRegion().isEmpty(), "told where one writes"
    assert_looks(page)
    grab(bench.shell, "sync-moved-on-writing")
    types(bench, "2")
    bench.key(Qt.Key.Key_End)
    bench.key(Qt.Key.Key_Return)
    types(bench, "2. 3 日内付")
    whole = "1. 赔 550 2元\n2. 3 日内付"
    assert part.writing.text.toPlainText() == whole
    assert (choice_of(bench, "c1"), reveals_of(bench)) == ("", [])
    bench.key(*BOTH)
    assert choice_of(bench, "c1") == "edited"
    assert bench.context.office.cases.open("case-1").file.case.claims == whole
    assert part.view.conflict_id == "c2"


def test_a_press_that_was_faster_than_the_news_loses_no_letter(bench):
    page = page_of(bench)
    part = look_at(bench, page, "c1")
    bench.key(Qt.Key.Key_3)
    types(bench, "赔 550 元")
    moves_on(bench, "c1", "赔 900 元", **NEWER)
    bench.key(*BOTH)
    bench.qtbot.waitUntil(lambda: "900" in in_words(part.theirs), timeout=5_000)
    assert choice_of(bench, "c1") == "", "it was chosen against what did not show"
    assert (bench.focus(), part.choice) == (part.writing.text, "edited")
    assert part.writing.value == "赔 550 元"
    bench.key(*BOTH)
    assert choice_of(bench, "c1") == "edited"


@pytest.mark.parametrize("why", ["moved on", "the time is over"])
def test_masked_again_while_one_writes_the_text_stays_in_hand(bench, why):
    page = page_of(bench)
    part = look_at(bench, page, "c2")
    bench.key(Qt.Key.Key_2)
    bench.key(Qt.Key.Key_3)
    types(bench, "1391")
    bench.key(Qt.Key.Key_Left)
    if why == "moved on":
        moves_on(bench, "c2", "13900000009", **NEWER)
        bench.changed("conflicts")
    else:
        part.bars.over.emit()
        bench.idle()
    bench.qtbot.waitUntil(lambda: part.view.masked, timeout=5_000)
    assert bench.focus() is part.writing.line
    assert "13900000002" not in in_words(part.theirs)
    assert "13900000009" not in in_words(part.theirs)
    assert part.bars.isVisible()
    assert part.take.unavailable == "先选显示的理由"
    assert_looks(page)
    grab(bench.shell, f"sync-writing-{why.replace(' ', '-')}")
    types(bench, "23")
    bench.key(Qt.Key.Key_Return)
    assert part.writing.value == "139231"
    assert (len(reveals_of(bench)), choice_of(bench, "c2")) == (1, "")
    bench.key(Qt.Key.Key_Tab)
    assert part.writing.value == "", "out of the field it is covered"
    bench.key(Qt.Key.Key_2)
    assert len(reveals_of(bench)) == 2
    assert (part.writing.value, part.choice) == ("139231", "edited")
    assert bench.focus() is part.writing.line
    types(bench, "4")
    assert part.writing.value == "1392341", "and the cursor is where it was"
    assert part.moved.isVisible() == (why == "moved on"), "still told once it can be seen"


def test_settled_elsewhere_while_one_writes_it_stands_there_to_be_copied(bench):
    page = page_of(bench)
    part = look_at(bench, page, "c1")
    bench.key(Qt.Key.Key_3)
    types(bench, "赔 550")
    done = {"settled_at": "2026-11-23T02:41:00.000Z", "choice": "theirs"}
    where = conflicts.c.conflict_id == "c1"
    bench.workplace.desk.store.write(
        lambda conn: conn.execute(update(conflicts).where(where).values(done)) and None
    )
    bench.changed("conflicts")
    bench.qtbot.waitUntil(lambda: part.moved.isVisible(), timeout=5_000)
    assert bench.focus() is part.writing.text
    types(bench, " 元，1 次")
    bench.key(*BOTH)
    assert (page.drawer.is_open, part.writing.value) == (True, "赔 550 元，1 次")
    assert part.take.unavailable == "这一处已经选定了"
    part.bars.over.emit()
    bench.changed("conflicts")
    assert (bench.focus(), part.writing.value) == (part.writing.text, "赔 550 元，1 次")
    bench.click(part.later)
    assert not page.drawer.is_open
    assert drafts(bench) == {}


def test_keys_that_were_on_their_way_do_nothing_to_another_value(bench, monkeypatch):
    """Where something is not being written, another value comes up in their place: they are dropped."""
    page = page_of(bench)
    part = look_at(bench, page, "c2")
    bench.key(Qt.Key.Key_2)
    bench.key(Qt.Key.Key_2)
    assert part.choice == "theirs"
    for name, wait in PERSON.items():
        monkeypatch.setattr(PrimaryButton, name, wait)
    moves_on(bench, "c2", "13900000009")
    bench.changed("conflicts")
    bench.qtbot.waitUntil(lambda: part.moved.isVisible(), timeout=5_000)
    before = reveals_of(bench)
    for key in (Qt.Key.Key_1, Qt.Key.Key_Return, Qt.Key.Key_Space):
        bench.key(key)
    assert (part.view.masked, reveals_of(bench), choice_of(bench, "c2")) == (True, before, "")
    bench.qtbot.waitUntil(lambda: part.take._shown.elapsed() > PERSON["SETTLE_MS"], timeout=5_000)
    bench.key(Qt.Key.Key_1)
    assert not part.view.masked
    page.open_conflict("c1")
    bench.idle()
    bench.qtbot.waitUntil(lambda: part.take._shown.elapsed() > PERSON["SETTLE_MS"], timeout=5_000)
    bench.key(Qt.Key.Key_2)
    moves_on(bench, "c1", "赔 900 元")
    bench.changed("conflicts")
    bench.qtbot.waitUntil(lambda: part.moved.isVisible(), timeout=5_000)
    bench.key(Qt.Key.Key_2)
    bench.key(Qt.Key.Key_Space)
    assert part.choice == "", "a digit that was meant for the value before chooses nothing of this one"


def test_enter_alone_sends_no_text_wherever_the_focus_is(bench):
    page = page_of(bench)
    part = look_at(bench, page, "c2")
    bench.key(Qt.Key.Key_2)
    bench.key(Qt.Key.Key_3)
    types(bench, "13900000003")
    assert "Ctrl+Enter" in part.writing.field.message.text()
    for spot in (part.own, part.mine, part.writing.line):
        spot.setFocus()
        bench.key(Qt.Key.Key_Return)
        assert choice_of(bench, "c2") == ""
    bench.key(*BOTH)
    assert choice_of(bench, "c2") == "edited"


def test_what_was_begun_in_the_next_one_is_offered_not_chosen(bench):
    page = page_of(bench)
    part = look_at(bench, page, "c1")
    bench.key(Qt.Key.Key_3)
    types(bench, "赔 5")
    part = look_at(bench, page, "c2")
    bench.key(Qt.Key.Key_2)
    bench.key(Qt.Key.Key_2)
    bench.key(Qt.Key.Key_Return)
    assert part.view.conflict_id == "c1"
    assert (part.choice, part.begun.isVisible()) == ("", True)
    assert_looks(page)
    grab(bench.shell, "sync-begun")
    bench.key(Qt.Key.Key_Return)
    bench.key(*BOTH)
    assert choice_of(bench, "c1") == ""
    bench.key(Qt.Key.Key_3)
    assert (part.choice, part.writing.value, part.begun.isVisible()) == ("edited", "赔 5", False)
    assert bench.focus() is part.writing.text
    types(bench, "50 元")
    bench.key(*BOTH)
    assert choice_of(bench, "c1") == "edited"
    assert bench.context.office.cases.open("case-1").file.case.claims == "赔 550 元"
    assert (bench.shell.toast.text.text(), page.drawer.is_open) == (CHOSEN, False)
    assert when_sent(CHOSEN, "online") == "选好了，已存在本机，联网后自动发送。"
    bench.click(bench.shell.toast.action)
    assert (choice_of(bench, "c1"), choice_of(bench, "c2")) == ("", "theirs")
    assert (part.view.conflict_id, part.choice, part.writing.value) == ("c1", "edited", "赔 550 元")
    assert drafts(bench) == {"c1": "赔 550 元"}
    bench.qtbot.waitUntil(lambda: part.own.hasFocus(), timeout=5_000)
    bench.key(Qt.Key.Key_1)
    assert (part.choice, part.writing.value) == ("mine", "赔 550 元"), "the digit chooses, it is not typed"
    assert page.table.current_id == "conflict:c1"


def test_a_text_can_begin_with_either_of_the_two(bench):
    page = page_of(bench)
    part = look_at(bench, page, "c1")
    own = part.writing
    bench.key(Qt.Key.Key_3)
    assert (own.from_mine.isVisible(), own.from_theirs.isVisible()) == (True, True)
    assert_looks(page)
    grab(bench.shell, "sync-begin-with")
    bench.click(own.from_theirs)
    assert (bench.focus(), own.value) == (own.text, "赔 600 元")
    assert not own.from_mine.isVisible(), "what is there is not replaced"
    types(bench, "，分两次")
    bench.key(Qt.Key.Key_Escape)
    assert drafts(bench) == {"c1": "赔 600 元，分两次"}
    part = look_at(bench, page, "c1")
    for _ in range(2):
        bench.key(Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
        bench.key(Qt.Key.Key_Backspace)
    assert own.from_mine.isVisible()
    bench.click(own.from_mine)
    bench.key(*BOTH)
    assert bench.context.office.cases.open("case-1").file.case.claims == "赔 500 元"


def test_what_is_masked_or_empty_is_nothing_to_begin_with(bench):
    conflict(bench.workplace, 5, "email", "", "b@example.com")
    page = page_of(bench)
    part = look_at(bench, page, "c5")
    own = part.writing
    bench.key(Qt.Key.Key_1)
    bench.key(Qt.Key.Key_3)
    assert (own.from_mine.isVisible(), own.from_theirs.isVisible()) == (False, True)
    moves_on(bench, "c5", "c@example.com", **NEWER)
    bench.changed("conflicts")
    bench.qtbot.waitUntil(lambda: part.moved.isVisible(), timeout=5_000)
    assert not own.from_theirs.isVisible()
    assert "@" not in str(own._sources)


@pytest.mark.parametrize(
    ("field", "mine", "theirs", "shown"),
    [
        ("amount_fen", 580_000, 620_050, "6,200.50 元"),
        ("occurred_on", "2026-11-01", "2026-11-02", "2026年11月2日"),
    ],
)
def test_what_is_begun_with_is_read_as_it_is_shown(bench, field, mine, theirs, shown):
    conflict(bench.workplace, 5, field, mine, theirs, "case")
    page = page_of(bench)
    part = look_at(bench, page, "c5")
    bench.key(Qt.Key.Key_3)
    bench.click(part.writing.from_theirs)
    assert part.writing.value == shown
    bench.key(*BOTH)
    assert choice_of(bench, "c5") == "edited"


def test_gone_on_with_is_what_was_typed_last_not_the_first_of_the_case(bench):
    page = page_of(bench)
    part = look_at(bench, page, "c2")
    bench.key(Qt.Key.Key_1)
    bench.key(Qt.Key.Key_3)
    types(bench, "139")
    part = look_at(bench, page, "c1")
    bench.key(Qt.Key.Key_3)
    types(bench, "赔 5")
    part = look_at(bench, page, "c2")
    bench.key(Qt.Key.Key_1)
    assert (part.choice, part.writing.value) == ("edited", "139")
    assert bench.focus() is part.own, "the digit after the reason chooses, it is not typed"
    bench.key(Qt.Key.Key_3)
    types(bench, "1")
    assert part.writing.value == "1391"
    bench.click(part.later)
    (left,) = bench.context.office.drafts.unfinished()
    for wanted in ("c2", "c1"):
        bench.show("case", case_id="case-1")
        key, params = today_routes.of_draft(left)
        bench.show(key, **params)
        assert (page.drawer.is_open, part.view.conflict_id) == (True, wanted)
        bench.click(part.later)
        bench.context.office.resolving.resolve(wanted, "mine")
        bench.changed("conflicts")
    assert bench.context.office.drafts.unfinished() == ()


def test_what_was_begun_for_what_is_settled_by_now_is_said_so(bench):
    page = page_of(bench)
    part = look_at(bench, page, "c1")
    bench.key(Qt.Key.Key_3)
    types(bench, "赔 5")
    bench.click(part.later)
    (left,) = bench.context.office.drafts.unfinished()
    done = {"settled_at": "2026-11-23T02:41:00.000Z", "choice": "theirs"}
    where = conflicts.c.conflict_id == "c1"
    bench.workplace.desk.store.write(
        lambda conn: conn.execute(update(conflicts).where(where).values(done)) and None
    )
    said = []
    page.said.connect(said.append)
    bench.show("case", case_id="case-1")
    key, params = today_routes.of_draft(left)
    bench.show(key, **params)
    assert not page.drawer.is_open
    assert said == ["您写过一半的那一处，已经选定了。选了哪个，在案件的“经过”里看。"]
    assert bench.context.office.drafts.unfinished() == ()


# -- the lock ----------------------------------------------------------------------------------------


def locked_and_unlocked(bench: Bench, page: SyncPage) -> None:
    bench.shell.lock()
    bench.idle()
    assert not page.drawer.isVisible()
    bench.shell.unlock()
    bench.idle()


def test_after_the_lock_one_writes_on_where_one_was(bench):
    page = page_of(bench)
    part = look_at(bench, page, "c1")
    bench.key(Qt.Key.Key_3)
    types(bench, "赔 50 元")
    for _ in range(3):
        bench.key(Qt.Key.Key_Left)
    locked_and_unlocked(bench, page)
    assert (page.drawer.is_open, part.view.conflict_id, part.choice) == (True, "c1", "edited")
    assert bench.focus() is part.writing.text
    types(bench, "5")
    assert part.writing.value == "赔 550 元"
    bench.key(Qt.Key.Key_Escape)
    assert bench.focus() is page.table, "and closing it one is in the list"


@pytest.mark.parametrize("choice", [Qt.Key.Key_1, Qt.Key.Key_2])
def test_after_the_lock_the_same_is_chosen(bench, choice):
    page = page_of(bench)
    part = look_at(bench, page, "c1")
    bench.key(choice)
    chosen = part.choice
    locked_and_unlocked(bench, page)
    assert (page.drawer.is_open, part.choice, bench.focus()) == (True, chosen, part.cards[chosen])
    bench.key(Qt.Key.Key_Return)
    assert choice_of(bench, "c1") == chosen


def test_after_the_lock_what_is_personal_is_masked_and_goes_on_with_the_reason(bench):
    page = page_of(bench)
    part = look_at(bench, page, "c2")
    bench.key(Qt.Key.Key_2)
    bench.key(Qt.Key.Key_3)
    types(bench, "1390003")
    for _ in range(2):
        bench.key(Qt.Key.Key_Left)
    locked_and_unlocked(bench, page)
    assert (page.drawer.is_open, part.view.conflict_id) == (True, "c2")
    assert (part.view.masked, part.writing.value, part.choice) == (True, "", "")
    assert bench.focus() is part.bars.first
    bench.key(Qt.Key.Key_2)
    assert (part.choice, bench.focus()) == ("edited", part.writing.line)
    types(bench, "00")
    assert part.writing.value == "139000003"


@pytest.mark.parametrize("writing", [True, False])
def test_a_value_that_moved_on_behind_the_lock_is_told_and_not_chosen(bench, writing):
    page = page_of(bench)
    part = look_at(bench, page, "c1")
    bench.key(Qt.Key.Key_3 if writing else Qt.Key.Key_2)
    if writing:
        types(bench, "赔 550 元")
    bench.shell.lock()
    bench.idle()
    moves_on(bench, "c1", "赔 900 元", **NEWER)
    bench.shell.unlock()
    bench.idle()
    assert (page.drawer.is_open, part.moved.isVisible()) == (True, True)
    assert part.choice == ("edited" if writing else "")
    assert part.writing.value == ("赔 550 元" if writing else "")


def test_settled_behind_the_lock_nothing_opens(bench):
    page = page_of(bench)
    look_at(bench, page, "c1")
    bench.shell.lock()
    bench.idle()
    bench.context.office.resolving.resolve("c1", "mine")
    bench.shell.unlock()
    bench.idle()
    assert not page.drawer.is_open


def test_another_person_finds_nothing_of_it(bench):
    page = page_of(bench)
    part = look_at(bench, page, "c2")
    bench.key(Qt.Key.Key_2)
    bench.key(Qt.Key.Key_3)
    types(bench, "1390003")
    bench.shell.lock()
    bench.be("p-shen")
    bench.shell.unlock()
    bench.idle()
    assert not page.drawer.is_open
    assert (part.view, part.writing.value, part.held.conflict_id) == (None, "", "")
