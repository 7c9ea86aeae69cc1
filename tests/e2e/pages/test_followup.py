"""回访 in the window."""

from __future__ import annotations

import datetime as dt

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton

from app.domain import casefile as cf
from app.domain import reducer
from app.services import casework
from app.services.oral import Term
from app.storage import casestore
from tests.helpers.desks import make_workplace
from tests.helpers.oral import registered
from tests.helpers.pages import Bench, type_chinese
from tests.helpers.screens import LOOKS, assert_looks, grab
from ui.pages.followup import FollowupPage

CTRL = Qt.KeyboardModifier.ControlModifier
RETURN = Qt.Key.Key_Return


def pay(day: dt.date, no: int) -> cf.Payment:
    return cf.Payment(no=no, payer_party_id="b", payee_party_id="a", amount_fen=150_000, due_on=day)


@pytest.fixture
def bench(qtbot, look, tmp_path):
    place = make_workplace(tmp_path / "profile")
    registered(place, Term(done=True))
    registered(
        place, Term(payments=(pay(dt.date(2026, 12, 2), 1), pay(dt.date(2026, 12, 28), 2))), "consumer"
    )
    place.clock.advance(dt.timedelta(days=7))
    made = Bench(qtbot, look, place, tmp_path)
    made.add(FollowupPage(made.context))
    yield made
    made.close()


def records(bench, case_id, kind):
    return [body for _, body in bench.context.office.cases.open(case_id).file.of_type(kind)]


def archive(bench, case_id):
    """As the platform tells it once the case is in the archive."""
    desk = bench.workplace.desk

    def put(conn):
        file = casestore.load(conn, case_id)
        head = msgspec.structs.replace(file.head, state="archived")
        casework.store_projection(conn, desk, file, reducer.put(file, "case", head))

    desk.store.write(put)
    bench.changed("cases")


def test_called_and_on_to_the_next_by_keyboard(bench):
    bench.show("followup")
    page = bench.shell.current
    assert page._subtitle.text().startswith("今天给 1 户打电话。2 户待回访，1 笔付款 12月2日到期")
    first = page.lines.current_key
    assert page.lines.hasFocus()
    bench.key(RETURN)
    assert QApplication.focusWidget() is page.form.phones[0].button
    page.form.kept.setFocus()
    QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_2)
    page.form.text.setFocus()
    type_chinese(page.form.text, "都搬走了，两家和好。")
    bench.key(RETURN, CTRL)
    (said,) = records(bench, first, cf.FollowUp)
    assert (said.performed, said.text) == ("full", "都搬走了，两家和好。")
    assert page.lines.current_key not in ("", first)
    assert page.form.text.toPlainText() == "", "the next one's form is its own"
    assert bench.context.office.drafts.get("followup", first) is None
    tab = bench.shell.findChild(QPushButton, "followup.tabs.done")
    assert tab.text() == "做完的"
    bench.click(tab)
    assert (tab.text(), page.lines.current_key) == ("做完的 1", first)
    assert page.form.detail.said.words == "都搬走了，两家和好。"
    grab(bench.shell, "followup-done-light-100")
    assert not page.go_button.unavailable, "somebody may ring again"
    archive(bench, first)
    for button in (page.go_button, page.missed_button):
        assert button.unavailable.startswith("已归档")


def test_what_is_typed_stays_with_its_case(bench):
    bench.show("followup")
    page = bench.shell.current
    first, second = (line.case_id for line in page.lines.lines)
    type_chinese(page.form.text, "说周末清完。")
    page.lines.choose(second)
    bench.idle()
    assert page.form.text.toPlainText() == ""
    page.lines.choose(first)
    bench.idle()
    assert page.form.text.toPlainText() == "说周末清完。"


def test_a_regret_wants_a_reason_and_stands_apart(bench):
    bench.show("followup")
    page = bench.shell.current
    first = page.lines.current_key
    bench.click(page.form.kept.cards["regret"])
    bench.click(page.go_button)
    assert "为什么反悔" in page.form.fields["text"].message.text()
    type_chinese(page.form.text, "觉得赔少了。")
    bench.click(page.go_button)
    (said,) = records(bench, first, cf.FollowUp)
    assert (said.performed, said.warning) == ("none", "regret")
    bench.click(page.tabs._buttons["unkept"])
    assert [line.case_id for line in page.lines.lines] == [first]
    assert "觉得赔少了" in page.form.said.text.text()


def test_not_reached_is_kept_and_said_when(bench):
    bench.show("followup")
    page = bench.shell.current
    first = page.lines.current_key
    bench.click(page.missed_button)
    (call,) = [c for c in records(bench, first, cf.Contact) if c.result == "unreached"]
    assert call.said == "回访没打通"
    line = next(one for one in page.lines.lines if one.case_id == first)
    assert line.standing == "没打通，12月1日再打"


def test_month_and_payments_beside_it(bench):
    bench.show("followup")
    page = bench.shell.current
    assert page.panel.month.marks[dt.date(2026, 12, 2)].payments == 1
    second = page.lines.lines[1].case_id
    page.lines.choose(second)
    bench.idle()
    assert page.form.kept.cards["as_agreed"].accessibleDescription() == "第 1 期 12月2日"
    bench.click(page.panel.perform_button)
    assert bench.went[-1] == ("case", {"case_id": second, "tab": "performance", "ask": "perform@1"})


@pytest.mark.parametrize(("mode", "scale", "size"), LOOKS)
def test_it_can_be_read_in_every_look(bench, plain_look, mode, scale, size):
    plain_look.set_mode(mode)
    plain_look.metrics.set_scale(scale)
    bench.shell.resize(*size)
    bench.show("followup")
    page = bench.shell.current
    page.form.kept.choose("as_agreed")
    page.form.satisfaction.choose("good")
    bench.idle()
    grab(bench.shell, f"followup-{mode}-{round(scale * 100)}")
    assert_looks(page)
