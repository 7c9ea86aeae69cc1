"""Several people at one window: a refusal through the head, and a colleague who joins; to the end."""

from __future__ import annotations

from typing import Any

from app.services import lockscreen
from app.storage.tables import outbox
from tests.helpers.screens import assert_named, assert_not_clipped, grab
from tests.helpers.window import Pilot
from ui.practice import PASSPHRASE

CASE = "小区停车费涨价"
FACTS = "申请人说，11月19日已向市场监管部门投诉同一件事，并收到受理短信。"
OWN = "登记台的秋天又高又远又亮堂"
"""沈佳怡's own passphrase."""


def go(pilot: Pilot, key: str, words: str) -> None:
    pilot.click_row("nav.pages.list", words)
    pilot.until(lambda: pilot.page == key, f"page {key}")
    pilot.idle()


def toast(pilot: Pilot, words: str) -> None:
    pilot.until(lambda: words in pilot.window.shell.toast.text.text(), f"toast {words}")


def unlock(pilot: Pilot, passphrase: str, name: str) -> None:
    """Type the passphrase at the lock screen; today comes up for whoever it is."""
    pilot.until(lambda: pilot.window.shell.lock_screen._name.text() == name, f"{name} on the lock screen")
    edit = pilot.window.shell.lock_screen.edit
    if not passphrase.isascii():
        pilot.click("lock.passphrase.show")
    pilot.write(passphrase, edit)
    pilot.press("Return")
    opened: Any = lambda: pilot.window.context is not None and not pilot.window.shell.locked  # noqa: E731
    pilot.until(opened, f"open for {name}", 60)
    pilot.until(lambda: pilot.page == "today" and not pilot.window.shell._offered, "today, pages built")
    pilot.idle()
    assert pilot.office.desk.person.name == name


def switch(pilot: Pilot, name: str, passphrase: str = PASSPHRASE) -> None:
    """换人登录 in the user menu offers the people at once."""
    pilot.click("nav.user.menu")
    pilot.menu("换人登录")
    screen = pilot.window.shell.lock_screen
    # Nobody is signed in, so no role is known: the line begins at the same edge as the name above it.
    assert screen._role.text() == screen._role.text().strip(" 　")
    pilot.menu(name)
    unlock(pilot, passphrase, name)


def test_what_one_has_to_do_is_not_counted_for_another(pilot: Pilot) -> None:
    screen = pilot.window.shell.lock_screen
    pilot.press("Ctrl+L")
    pilot.until(screen.due.isVisible, "周敏芳 has something to do today")
    pilot.click("lock.switch.open")
    pilot.menu("何静")
    pilot.until(lambda: screen._name.text() == "何静", "何静 is asked for")
    assert not screen.due.isVisible()
    pilot.click("lock.switch.open")
    pilot.menu("周敏芳")
    pilot.until(screen.due.isVisible, "her own count again")
    unlock(pilot, PASSPHRASE, "周敏芳")


def refuse(pilot: Pilot) -> str:
    """The mediator writes the four parts; the case's id."""
    go(pilot, "inbox", "办件箱")
    pilot.click_row("inbox.list", CASE)
    pilot.until(lambda: pilot.window.shell.current.detail.case_id != "", "the 办件 opened")
    case_id: str = pilot.window.shell.current.detail.case_id
    pilot.window.navigate("decide", case_id, to="refuse")
    pilot.until(lambda: pilot.page == "decide", "the decision")
    pilot.idle()
    pilot.click("decide.ground.N2")
    pilot.write(FACTS, "decide.facts")
    return case_id


def waiting(pilot: Pilot, name: str) -> list[str]:
    return pilot.rows(name) if pilot.here(name) is not None else []


def states(pilot: Pilot) -> list[str]:
    rows = pilot.office.desk.store.read(lambda conn: conn.execute(outbox.select()).all())
    return [row.state for row in rows if row.kind == "case.refuse"]


def test_a_refusal_goes_to_the_head_comes_back_and_goes_out(pilot: Pilot) -> None:
    case_id = refuse(pilot)
    assert pilot.text("decide.act") == "送何静批准"
    pilot.click("decide.act")
    toast(pilot, "已存在本机，等何静批准。")
    assert pilot.text("decide.act") == "已送何静批准"
    assert "练习里换成何静登录" in pilot.window.shell.current.notice.title.text()
    grab(pilot.window.shell, "decide-sent-to-the-head", (1440, 869))
    assert_not_clipped(pilot.window.shell.current)
    assert states(pilot) == []
    # 批准前可撤回: back to a draft, and sent again.
    pilot.click("decide.proposal.back")
    pilot.until(lambda: pilot.text("decide.act") == "送何静批准", "taken back")
    assert pilot.text("decide.facts") == FACTS
    pilot.click("decide.act")
    pilot.until(lambda: pilot.text("decide.act") == "已送何静批准", "sent again")

    switch(pilot, "何静")
    pilot.until(lambda: any(CASE in line for line in waiting(pilot, "today.approve.list")), "in 今日")
    assert waiting(pilot, "today.resume.list") == []
    grab(pilot.window.shell, "today-of-the-head", (1440, 869))
    pilot.click_row("today.approve.list", CASE)
    pilot.press("Return")
    pilot.until(lambda: pilot.page == "decide", "the same page")
    pilot.idle()
    assert pilot.text("decide.facts") == FACTS
    assert "周敏芳送来" in pilot.window.shell.current.notice.title.text()
    pilot.click("decide.proposal.back")
    pilot.until(lambda: pilot.focused("decide.proposal.back.text"), "what is to be changed")
    pilot.write("收据也写上。", "decide.proposal.back.text")
    pilot.click("decide.proposal.back.act")
    toast(pilot, "已退回")
    pilot.until(lambda: pilot.office.deciding.proposed_refusal(case_id) is None, "sent back")

    switch(pilot, "周敏芳")
    pilot.until(
        lambda: any("不予受理" in line and CASE in line for line in waiting(pilot, "today.resume.list")),
        "her draft",
    )
    pilot.window.navigate("decide", case_id)
    pilot.until(lambda: pilot.page == "decide", "the decision again")
    pilot.idle()
    assert pilot.window.shell.current.notice.title.text() == "何静退回来改：收据也写上。"
    pilot.write("收据已看过。", "decide.facts")
    pilot.click("decide.act")
    pilot.until(lambda: pilot.text("decide.act") == "已送何静批准", "sent a third time")

    # By the practice panel this time, as it tells a newcomer.
    go(pilot, "practice", "练习台")
    assert pilot.text("practice.people.act") == "换成何静登录"
    pilot.click("practice.people.act")
    unlock(pilot, PASSPHRASE, "何静")
    pilot.click_row("today.approve.list", CASE)
    pilot.press("Return")
    pilot.until(lambda: pilot.page == "decide", "the decision of the head")
    pilot.idle()
    assert pilot.text("decide.act") == "批准并发给平台"
    pilot.click("decide.act")
    pilot.click("decide.confirm.act")
    pilot.until(lambda: pilot.office.cases.open(case_id).head.state == "refused", "refused")
    refusal = pilot.office.cases.open(case_id).head.refusal
    assert refusal is not None
    assert (refusal.approved_by, refusal.ground_code) == ("p-he", "N2")
    assert "收据已看过" in refusal.facts
    assert refusal.notice_no
    # The notice is there to be printed, and the platform has the decision with a receipt.
    paper = pilot.office.papers.produce(case_id, "P05", extra={"refusal": refusal})
    pilot.until(lambda: paper.content.startswith(b"%PDF"), "the notice")
    pilot.until(lambda: states(pilot) == ["delivered"], "delivered with a receipt", 60)
    seen = {one["case_id"]: one["state"] for one in pilot.control.overview()}
    assert seen[case_id] == "refused"
    go(pilot, "today", "今日")
    assert waiting(pilot, "today.approve.list") == []


def test_a_colleague_joins_at_the_lock_screen_with_a_passphrase_of_her_own(pilot: Pilot) -> None:
    pilot.press("Ctrl+L")
    pilot.click("lock.switch.open")
    pilot.menu("加一位同事")
    dialog = pilot.find("colleague.dialog")
    assert "shenjiayi" in pilot.text("colleague.practice.hint")
    grab(dialog, "colleague", None)
    assert_named(dialog)
    assert_not_clipped(dialog)
    assert dialog.lacking.text() == "还差打开档案的口令"
    pilot.write("wrong passphrase", "colleague.by_passphrase.text")
    pilot.write("shenjiayi", "colleague.login.text")
    pilot.write("wrong", "colleague.password.text")
    pilot.write(OWN, "colleague.passphrase.first")
    pilot.write(OWN, "colleague.passphrase.second")
    pilot.click("colleague.next")
    pilot.until(lambda: "口令不对" in dialog.fields["by_passphrase"].message.text(), "the opener's", 60)
    pilot.overwrite(PASSPHRASE, "colleague.by_passphrase.text")
    pilot.click("colleague.next")
    pilot.until(lambda: dialog.fields["password"].message.text() != "", "the platform's password", 60)
    assert len(lockscreen.people_of(pilot.window.paths, pilot.window.clock)) == 2, "nothing was kept"
    pilot.overwrite("wutong-88", "colleague.password.text")
    pilot.click("colleague.next")
    pilot.until(lambda: "沈佳怡可以登录了" in dialog.title.text(), "added", 60)
    pilot.until(lambda: dialog.part.keeper._code != "", "the sheet")
    pilot.click("colleague.new.code.kept")
    pilot.write(dialog.part.keeper._code[-4:], "colleague.new.code.last")
    pilot.click("colleague.next")
    pilot.until(lambda: pilot.window.context is not None, "open for her", 60)
    pilot.until(lambda: pilot.page == "today" and not pilot.window.shell._offered, "her day")
    pilot.idle()
    person = pilot.office.desk.person
    assert (person.name, person.role) == ("沈佳怡", "clerk")
    case_id = pilot.case_id(CASE)
    pilot.office.handling.add_note(case_id, "沈佳怡记的一笔")
    switch(pilot, "周敏芳")
    switch(pilot, "沈佳怡", OWN)


def test_the_head_adds_a_colleague_in_the_settings(pilot: Pilot) -> None:
    pilot.window.navigate("settings")
    pilot.until(lambda: pilot.page == "settings", "settings")
    pilot.idle()
    button = pilot.find("settings.people.add")
    assert "由负责人加" in button.unavailable  # type: ignore[attr-defined]
    switch(pilot, "何静")
    pilot.window.navigate("settings")
    pilot.until(lambda: pilot.page == "settings", "the head's settings")
    pilot.idle()
    pilot.click("settings.people.add")
    dialog = pilot.find("colleague.dialog")
    assert pilot.here("colleague.by_passphrase.text") is None, "the profile is open already"
    pilot.write("luxiaowen", "colleague.login.text")
    pilot.write("wutong-88", "colleague.password.text")
    pilot.write(OWN, "colleague.passphrase.first")
    pilot.write(OWN, "colleague.passphrase.second")
    pilot.click("colleague.next")
    pilot.until(lambda: "统计员" in dialog.problem.text(), "a statistician has a profile apart", 60)
    pilot.overwrite("shenjiayi", "colleague.login.text")
    pilot.click("colleague.next")
    pilot.until(lambda: "沈佳怡可以登录了" in dialog.title.text(), "added", 60)
    pilot.until(lambda: dialog.part.keeper._code != "", "the sheet")
    pilot.click("colleague.new.code.kept")
    pilot.write(dialog.part.keeper._code[-4:], "colleague.new.code.last")
    pilot.click("colleague.next")
    toast(pilot, "沈佳怡可以在本机登录了")
    assert pilot.office.desk.person.name == "何静"
    pilot.until(lambda: len(pilot.window.shell.current.picture.people) == 3, "three people")
    switch(pilot, "沈佳怡", OWN)
