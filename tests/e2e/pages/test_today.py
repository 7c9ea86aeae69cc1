"""今日 in the window: the answer, groups, keys, the day's axis, the printed sheet, unfinished drafts."""

from __future__ import annotations

import datetime as dt

import pytest
from PySide6.QtCore import QPoint, QRectF, Qt
from shiboken6 import delete

from app.clock import SHANGHAI
from app.services.agenda import Agenda
from app.services.casework import undo
from app.services.dayboard import RETURNED_BY
from app.services.drafts import Drafts
from app.services.handling import Handling
from tests.helpers.desks import incoming, make_workplace
from tests.helpers.pages import Bench, dialog, type_chinese
from tests.helpers.screens import assert_named, assert_not_clipped, grab
from ui.dialogs.paper import PaperDialog
from ui.pages.today import TodayPage
from ui.pages.today_calendar import AddItemDialog, CalendarDialog

DAY = dt.date(2026, 11, 23)


def at(hour: int, minute: int = 0, day: dt.date = DAY) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(hour, minute), SHANGHAI)


@pytest.fixture
def empty(qtbot, look, tmp_path):
    made = Bench(qtbot, look, make_workplace(tmp_path / "profile"), tmp_path)
    made.add(TodayPage(made.context))
    yield made
    made.close()


@pytest.fixture
def bench(empty):
    """Two due today, one session at 14:00, two in the next days."""
    place = empty.workplace
    incoming(place, "case-1", title="小区停车费涨价")
    incoming(place, "case-2", title="合租押金不退", received_at=at(15, 40, dt.date(2026, 11, 20)))
    mediating = {"state": "mediating", "accepted_at": at(9, 0, dt.date(2026, 11, 9)), "number": "第0318号"}
    incoming(place, "case-3", title="三楼漏水赔墙面", **mediating)
    Handling(place.desk).plan_session("case-3", at(14), "第二调解室")
    Agenda(place.desk).add(at(9), "接待来访", "一楼大厅")
    return empty


def page_of(bench: Bench) -> TodayPage:
    page = bench.shell.current
    assert isinstance(page, TodayPage)
    return page


def test_the_title_answers_and_the_first_row_has_the_focus(bench):
    bench.show("today")
    page = page_of(bench)
    assert page.title == "今天必须办 2 件"
    assert bench.focus() is page.today_list
    verbs = [t.verb for t in page.today_list.model().tasks]
    assert verbs == ["联系被申请人", "第 1 次调解"]
    assert page.soon_list.model().tasks[0].title == "合租押金不退"
    assert "陈秀英" not in str([t.spoken for t in page.today_list.model().tasks])
    bench.key(Qt.Key.Key_Return)
    assert bench.went[-1] == ("inbox", {"case_id": "case-1"})


def test_the_arrows_go_through_all_groups_and_only_one_row_is_current(bench):
    bench.show("today")
    page = page_of(bench)
    bench.key(Qt.Key.Key_Down)
    assert page.today_list.currentIndex().row() == 1
    bench.key(Qt.Key.Key_Down)
    assert bench.focus() is page.soon_list
    assert page.soon_list.currentIndex().row() == 0
    assert not page.today_list.currentIndex().isValid()
    bench.key(Qt.Key.Key_Up)
    assert bench.focus() is page.today_list
    assert page.today_list.currentIndex().row() == 1
    bench.key(Qt.Key.Key_Return)
    assert bench.went[-1] == ("session", {"case_id": "case-3"})


def test_the_mouse_presses_the_buttons_in_the_rows(bench):
    bench.show("today")
    page = page_of(bench)
    index = page.today_list.model().index(0, 0)
    spot = page.today_list.itemDelegate().button_box(QRectF(page.today_list.visualRect(index))).center()
    bench.qtbot.mouseClick(
        page.today_list.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(round(spot.x()), round(spot.y()))
    )
    assert bench.went[-1] == ("inbox", {"case_id": "case-1"})
    bench.click(page.side_panel.numbers.buttons["signing"])
    assert bench.went[-1] == ("cases", {"tab": "signing", "mediators": ("p-zhou",)})


def test_the_axis_shows_the_day_and_moves_with_the_minute(bench):
    bench.show("today")
    axis = page_of(bench).side_panel.schedule.axis
    assert [m.title for m in axis.marks] == ["接待来访", "现在", "三楼漏水赔墙面 第 1 次"]
    bench.workplace.clock.set(at(14, 1))
    bench.schedule.check()
    assert [m.title for m in axis.marks] == ["接待来访", "三楼漏水赔墙面 第 1 次", "现在"]
    axis.setFocus()
    bench.key(Qt.Key.Key_Down)
    bench.key(Qt.Key.Key_Return)
    assert bench.went[-1] == ("case", {"case_id": "case-3"})


def test_nothing_due_says_when_the_next_is(empty):
    empty.show("today")
    page = page_of(empty)
    assert page.title == "今天没有到期的事"
    assert page.today_empty.isVisible()
    grab(empty.shell, "today-empty")
    received = dt.datetime(2026, 11, 20, 1, tzinfo=dt.UTC)
    incoming(empty.workplace, "case-8", received_at=received, applied_at=received)
    empty.changed("cases", "tasks")
    assert page.today_empty.isVisible()
    assert "最近一件在 11月25日。" in page._subtitle.text(), "what 这几天到期 lists is the nearest"
    incoming(empty.workplace, "case-9")
    empty.changed("cases", "tasks")
    assert page.title == "今天必须办 1 件"


def test_adding_an_item_by_keyboard_and_what_is_missing_is_said(bench):
    bench.show("today")
    page = page_of(bench)
    bench.click(page.side_panel.schedule.add_link)
    form = dialog(AddItemDialog)
    bench.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    bench.qtbot.waitUntil(lambda: form.fields["title"].message.text() == "写一句要做什么。")
    assert form.fields["at"].message.text().startswith("写日子和钟点")
    bench.qtbot.keyClicks(form.at.time, "16:30")
    type_chinese(form.what, "电话回访 2 户")
    form.reject()
    bench.idle()
    bench.changed("tasks")
    key = next(key for key in page._drafts if "appointment" in key)
    page._acted(key)
    bench.idle()
    form = dialog(AddItemDialog)
    assert (form.what.text(), form.at.time.text()) == ("电话回访 2 户", "16:30")
    bench.click(form.add_button)
    assert "appointment" not in [one.kind for one in bench.context.office.drafts.all()]
    titles = [m.title for m in page.side_panel.schedule.axis.marks]
    assert titles == ["接待来访", "现在", "三楼漏水赔墙面 第 1 次", "电话回访 2 户"]


def test_the_calendar_shows_the_days_and_takes_an_own_item_away(bench):
    bench.show("today")
    bench.click(page_of(bench).calendar_button)
    calendar = dialog(CalendarDialog)
    grab(calendar, "today-calendar")
    assert_named(calendar)
    lines = [(t.verb, t.title) for t in calendar.list.model().tasks]
    assert lines[0] == ("接待来访", "")
    assert ("联系被申请人", "小区停车费涨价") in lines
    calendar.list.setFocus()
    calendar.list.setCurrentIndex(calendar.list.model().index(0, 0))
    bench.key(Qt.Key.Key_Return)
    assert Agenda(bench.workplace.desk).between(DAY, DAY)[DAY][0].title != "接待来访"
    assert "接待来访" not in [t.verb for t in calendar.list.model().tasks]
    bench.click(calendar.close_button)


def test_the_day_sheet_is_previewed_masked(bench):
    import io

    from pypdf import PdfReader

    bench.show("today")
    bench.click(page_of(bench).print_button)
    sheet = dialog(PaperDialog)
    bench.qtbot.waitUntil(lambda: sheet.content != b"")
    text = PdfReader(io.BytesIO(sheet.content)).pages[0].extract_text()
    assert "小区停车费涨价" in text
    assert "陈秀英" not in text
    grab(sheet, "today-sheet")
    assert_named(sheet)
    assert_not_clipped(sheet)
    bench.key(Qt.Key.Key_Escape)


def test_unfinished_drafts_are_offered_and_lead_back(bench):
    Drafts(bench.workplace.desk).save("contact", "case-1", {"said": "写了一半"})
    bench.show("today")
    page = page_of(bench)
    assert page.resume_card.isVisible()
    (draft,) = page.resume_list.model().tasks
    assert (draft.verb, draft.title, draft.action) == ("记录联系", "小区停车费涨价", "接着写")
    page.resume_list.setFocus()
    bench.key(Qt.Key.Key_Return)
    assert bench.went[-1] == ("inbox", {"case_id": "case-1"})


def test_a_refusal_that_was_sent_back_is_no_ordinary_draft(bench):
    body = {"ground_code": "N2", "facts": "不在受案范围", RETURNED_BY: "p-he"}
    drafts = Drafts(bench.workplace.desk)
    drafts.save("refusal", "case-1", body)
    bench.show("today")
    (row,) = page_of(bench).resume_list.model().tasks
    assert (row.label.text, row.verb, row.action) == ("退回来改", "不予受理", "去改")
    assert "没有发给平台" in row.why
    drafts.save("refusal", "case-1", {**body, RETURNED_BY: ""})
    bench.changed("drafts")
    (row,) = page_of(bench).resume_list.model().tasks
    assert (row.label.text, row.action) == ("没写完", "接着写")


def test_a_change_keeps_the_current_row(bench):
    bench.show("today")
    page = page_of(bench)
    bench.key(Qt.Key.Key_Down)
    held = page.today_list.current_key
    written = Handling(bench.workplace.desk).plan_session("case-3", at(13), "第一调解室")
    bench.changed("cases", "tasks")
    assert page.today_list.current_key == held
    undo(bench.workplace.desk, str(written.undo_id))


@pytest.mark.parametrize(
    ("mode", "scale", "size"),
    [
        ("light", 1.0, (1440, 869)),
        ("dark", 1.0, (1440, 869)),
        ("highContrast", 1.0, (1440, 869)),
        ("light", 1.25, (1366, 737)),
        ("light", 1.5, (1366, 737)),
    ],
)
def test_it_can_be_read_in_every_look(bench, plain_look, mode, scale, size):
    plain_look.set_mode(mode)
    plain_look.metrics.set_scale(scale)
    bench.shell.resize(*size)
    bench.show("today")
    grab(bench.shell, f"today-{mode}-{round(scale * 100)}")
    assert page_of(bench)._subtitle.isVisible(), "which is the most urgent, and until when"
    assert_not_clipped(page_of(bench))
    assert_named(page_of(bench))


def test_an_answer_that_comes_when_the_page_is_gone_is_nobodys(bench):
    """The profile may be closed, for damage or another person, while a read is on its way."""
    page, came = TodayPage(bench.context), []
    page.fetch("看", lambda _office: 1, came.append, lambda _error: came.append(2) or True)
    delete(page)
    bench.idle()
    assert came == []
