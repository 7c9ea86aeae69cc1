"""One 办件 from 今日 to the court's ruling in the real window: by mouse, and by keyboard alone."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtGui import QColor, QGuiApplication, QImage
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QListView
from sqlalchemy import func, select

from app.domain import agreement
from app.domain import casefile as cf
from app.domain.filing import MaterialItem
from app.storage.tables import files, outbox, uploads
from tests.helpers.window import Pilot
from ui.dialogs.paper import PaperDialog
from ui.dialogs.viewer import ViewerDialog
from ui.practice import PASSPHRASE
from ui.widgets.buttons import PrimaryButton

CASE = "小区停车费涨价"
OTHER = "老人赡养轮流"
CLAUSE = "乙方退还甲方多收的停车费人民币2400元（大写：贰仟肆佰元整），分两期付清。"


@pytest.fixture(autouse=True)
def stalls(pilot: Pilot) -> Iterator[None]:
    """Print what held the window up, worst first; the start is measured elsewhere."""
    pilot.stalls.clear()
    yield
    for stall in sorted(pilot.stalls, key=lambda one: -one.milliseconds):
        print(stall.report())


def go(pilot: Pilot, key: str, words: str) -> None:
    """By mouse in the navigation."""
    pilot.click_row("nav.pages.list", words)
    pilot.until(lambda: pilot.page == key, f"page {key}")
    pilot.idle()


def toast(pilot: Pilot, words: str) -> None:
    pilot.until(lambda: words in pilot.window.shell.toast.text.text(), f"toast {words}")


@pytest.mark.timeout(360)
def test_from_today_to_the_ruling_by_mouse(pilot: Pilot, tmp_path: Path) -> None:
    case_id = contact_and_accept(pilot)
    network(pilot, "offline")
    record_session(pilot, case_id)
    write_agreement(pilot, case_id)
    sign_today(pilot, case_id)
    close_case(pilot, case_id)
    fail_another(pilot)
    network(pilot, "normal")
    everything_sent(pilot)
    lodge(pilot, case_id, tmp_path)
    supplement(pilot, case_id)
    read_the_ruling(pilot, case_id)
    lock_and_unlock(pilot)
    quit_and_open_again(pilot, case_id)


@pytest.mark.timeout(360)
def test_from_today_to_the_ruling_by_keyboard_alone(pilot: Pilot, tmp_path: Path) -> None:
    """Journeys A, B and F, closing, the court's supplement and ruling, the lock; no mouse at any step."""
    case_id = accept_by_keys(pilot)
    agreement_by_keys(pilot, case_id)
    close_by_keys(pilot, case_id)
    lodge_by_keys(pilot, case_id, tmp_path)
    court_by_keys(pilot, case_id, "ask_supplement")
    pilot.until(lambda: submission(pilot, case_id) == "supplement_asked", "asked for a supplement", 45)
    supplement_by_keys(pilot, case_id)
    court_by_keys(pilot, case_id, "confirm")
    pilot.until(lambda: submission(pilot, case_id) == "confirmed", "the ruling", 45)
    ruling_by_keys(pilot, case_id)
    lock_by_keys(pilot)


@pytest.mark.timeout(240)
def test_a_refusal_by_keyboard_alone(pilot: Pilot) -> None:
    """决定 25: Alt+2, the reason by the arrow keys, its three other parts, Ctrl+Enter to the head."""
    page_by_keys(pilot, "Ctrl+2", "inbox")
    pilot.tab_to("inbox.list")
    pilot.press("Home")
    pilot.press("Down", pilot.row_of("inbox.list", CASE))
    detail = pilot.window.shell.current.detail
    case_id = pilot.case_id(CASE)
    pilot.until(lambda: detail.case_id == case_id, "the 办件 opened")
    pilot.press("Alt+2")
    pilot.tab_to("inbox.said")
    pilot.write("不愿意调解，让对方去起诉。")
    pilot.press("Ctrl+Return")
    pilot.until(lambda: pilot.page == "decide", "the decision")
    pilot.press("Alt+2")
    pilot.tab_to("decide.ground")
    form = pilot.window.shell.current.refusal
    for _ in range(12):
        if form.reasons.group.value == "N3":
            break
        pilot.press("Down")
    assert form.reasons.group.value == "N3"
    pilot.tab_to("decide.facts")
    pilot.press("Ctrl+A")
    pilot.write("11月电话联系时，被申请人说不愿意调解，让申请人去起诉。")
    pilot.until(lambda: form.missing() == (), "all four parts")
    pilot.press("Ctrl+Return")
    pilot.until(lambda: pilot.text("decide.act") == "已送何静批准", "with the head")
    assert pilot.office.drafts.shared("refusal_approval", case_id) is not None
    lock_by_keys(pilot)


def page_by_keys(pilot: Pilot, keys: str, page: str) -> None:
    pilot.press(keys)
    pilot.until(lambda: pilot.page == page, f"page {page}")
    pilot.idle()


def accept_by_keys(pilot: Pilot) -> str:
    """今日's first row, the telephone with its reason, the contact, the decision and its confirmation."""
    pilot.until(lambda: pilot.focused("today.today.list"), "the first row has the focus")
    row = pilot.row_of("today.today.list", CASE)
    pilot.press("Down", row)
    pilot.press("Return")
    pilot.until(lambda: pilot.page == "inbox" and pilot.focused("inbox.phone.respondent"), "the telephone")
    pilot.press("Alt+M")
    pilot.press("1")
    phone = pilot.find("inbox.phone.respondent.value")
    pilot.until(lambda: "正在显示" in phone.accessibleName(), "the telephone shown")
    case_id = pilot.window.shell.current.detail.case_id
    pilot.press("Alt+1")
    pilot.press("Ctrl+Return")
    pilot.until(lambda: pilot.page == "decide", "the decision")
    pilot.press("Alt+1")
    pilot.press("Ctrl+Return")
    pilot.until(lambda: pilot.focused("decide.confirm.back"), "再看看 has the focus")
    pilot.press("Tab")
    pilot.press("Return")
    pilot.until(lambda: pilot.page == "case", "the case")
    return case_id


def agreement_by_keys(pilot: Pilot, case_id: str) -> None:
    """Written, repaired, fixed; every place dated with T."""
    pilot.find("case.agreement.draft")
    pilot.press("Ctrl+Shift+A")
    pilot.until(lambda: pilot.page == "agreement_editor", "the agreement")
    pilot.find("agreement_editor.clause1.text")
    pilot.tab_to("agreement_editor.facts.text")
    pilot.write("双方因停车费涨价发生争议。")
    pilot.tab_to("agreement_editor.clause1.text")
    pilot.write("乙方自2026年12月1日起恢复原来的停车费标准。")
    pilot.tab_to("agreement_editor.performance.text")
    pilot.write("乙方在公示栏公告后执行。")
    repair_all(pilot)
    pilot.press("Ctrl+Return")
    pilot.until(lambda: pilot.text("agreement_editor.finalise") == "登记签名盖章", "on to the dates")
    pilot.press("Ctrl+Return")
    pilot.until(lambda: pilot.page == "effective" and pilot.focused("effective.date.0"), "the first date")
    for number in range(len(pilot.window.shell.current.rows)):
        pilot.tab_to(f"effective.date.{number}")
        pilot.press("T")
    pilot.press("Ctrl+Return")
    effective(pilot, case_id)


def close_by_keys(pilot: Pilot, case_id: str) -> None:
    """去结案 beside the dates: the method, then the confirmation, whose focus stands on 再看看."""
    pilot.tab_to("effective.close")
    pilot.press("Return")
    pilot.until(lambda: pilot.focused("closing.method.in_person"), "the first method has the focus")
    pilot.press("Space")
    pilot.press("Ctrl+Return")
    sure(pilot, "closing.confirm")
    pilot.until(lambda: pilot.office.cases.open(case_id).head.state == "closed", "closed")
    pilot.until(lambda: pilot.here("closing.dialog") is None, "back at the dates")
    pilot.idle()


def sure(pilot: Pilot, name: str) -> None:
    """A confirmation: a stray Enter would do nothing; Tab, Enter does it."""
    pilot.until(lambda: pilot.focused(f"{name}.back"), "再看看 has the focus")
    pilot.press("Tab")
    pilot.press("Return")


def lodge_by_keys(pilot: Pilot, case_id: str, folder: Path) -> None:
    """准备司法确认: the court, each paper printed, each scan chosen by its path; lodged once."""
    pilot.until(lambda: pilot.text("effective.dates.save") == "准备司法确认", "the way on")
    pilot.press("Ctrl+Return")
    pilot.until(lambda: pilot.page == "confirmation", "the pack")
    court = pilot.office.filing.prepare(case_id).courts[0].court.code
    pilot.tab_to(f"confirmation.court.{court}")
    pilot.press("Space")
    pilot.until(lambda: pilot.office.filing.prepare(case_id).choices.court_code == court, "the court chosen")
    for item in pilot.office.filing.prepare(case_id).materials:
        if item.blocks:
            material_by_keys(pilot, item, folder)
    ready = pilot.find("confirmation.lodge.ask", PrimaryButton)
    pilot.until(lambda: not ready.unavailable, "the pack is complete")
    pilot.press("Ctrl+Return")
    sure(pilot, "confirmation.lodge")
    pilot.until(lambda: filings_of(pilot, case_id) != [], "the application at the platform", 60)


def material_by_keys(pilot: Pilot, item: MaterialItem, folder: Path) -> None:
    """One material: print it, come back with Esc, choose its signed scan in the file dialog."""
    code = item.material.code
    if item.material.form:
        pilot.tab_to(f"confirmation.print.{code}")
        pilot.press("Return")
        paper = pilot.find("confirmation.paper.dialog", PaperDialog)
        pilot.until(lambda: paper.content != b"", "the paper")
        pilot.press("Escape")
        pilot.until(lambda: pilot.here("confirmation.paper.dialog") is None, "the paper closed")
        pilot.idle()
    whose = item.lacking_party_ids if item.material.each_party else ("",)
    for number in range(len(whose)):
        path = folder / f"{code}-{number}.pdf"
        path.write_bytes(b"%PDF-1.4\n" + f"{code} {number}".encode() + b"\n%%EOF\n")
        pilot.tab_to(f"confirmation.scan.{code}")
        pilot.press("Return")
        if number + 1 < len(whose):
            pilot.press("1")
        pilot.until(lambda: pilot.focused("fileNameEdit"), "the name of the file has the focus")
        pilot.write(str(path))
        pilot.press("Return")
        pilot.until(lambda: pilot.here("confirmation.scan.choose") is None, "the scan taken")
        pilot.idle()


def command(pilot: Pilot, words: str) -> None:
    """Ctrl+K: the first thing found for ``words``."""
    pilot.press("Ctrl+K")
    pilot.until(lambda: pilot.focused("palette.query.text"), "the command box")
    pilot.write(words)
    pilot.until(lambda: not pilot.window.shell.command.pending, "the answer to the words")
    row = pilot.row_of("palette.results.list", words)
    held = pilot.find("palette.results.list", QListView)
    while held.currentIndex().row() != row:
        before = held.currentIndex().row()
        pilot.press("Down" if before < row else "Up")
        assert held.currentIndex().row() != before, "the arrow keys do not reach it"
    pilot.press("Return")


def court_by_keys(pilot: Pilot, case_id: str, move: str) -> None:
    """The practice panel without the mouse."""
    command(pilot, "练习台")
    pilot.until(lambda: pilot.page == "practice", "the practice panel")
    (filing,) = filings_of(pilot, case_id)
    box = pilot.find("practice.court.filing", QComboBox)
    wanted = filing["submission_id"]
    pilot.until(lambda: box.findData(wanted) >= 0, "the filing in the panel")
    pilot.tab_to("practice.court.filing")
    while box.currentData() != wanted:
        before = box.currentIndex()
        pilot.press("Down" if before < box.findData(wanted) else "Up")
        assert box.currentIndex() != before, "the arrow keys do not reach the filing"
    card = pilot.find(f"practice.court.move.{move}", QAbstractButton)
    pilot.tab_to("practice.court.move")
    # The cards stand in two columns, and each arrow stays in its own line.
    for _ in range(12):
        here = QApplication.focusWidget()
        if card.isChecked() or here is None:
            break
        aside, below = card.x() - here.x(), card.y() - here.y()
        pilot.press("Right" if aside > 0 else "Left" if aside < 0 else "Down" if below > 0 else "Up")
    assert card.isChecked(), move
    pilot.tab_to("practice.court.forward")
    pilot.press("Return")


def supplement_by_keys(pilot: Pilot, case_id: str) -> None:
    """今日 says that the court asks; its button leads to the pack, which goes once more."""
    page_by_keys(pilot, "Ctrl+1", "today")
    words = f"去补交，{CASE}"
    row = pilot.row_of("today.soon.list", words)
    pilot.tab_to("today.soon.list")
    listed = pilot.find("today.soon.list", QListView)
    while listed.currentIndex().row() != row:
        before = listed.currentIndex().row()
        pilot.press("Down" if before < row else "Up")
        assert listed.currentIndex().row() != before, "the arrow keys do not reach the row"
    pilot.press("Return")
    pilot.until(lambda: pilot.page == "confirmation", "the pack")
    again = pilot.find("confirmation.lodge.ask", PrimaryButton)
    pilot.until(lambda: again.text() == "补交给法院" and not again.unavailable, "补交给法院")
    pilot.press("Ctrl+Return")
    sure(pilot, "confirmation.supplement")
    pilot.until(
        lambda: "confirm" in [m["move"] for m in filings_of(pilot, case_id)[0]["moves"]],
        "the supplement at the court", 60,
    )  # fmt: skip


def ruling_by_keys(pilot: Pilot, case_id: str) -> None:
    """The case by Ctrl+K, the ruling in its course by the arrow keys, read with Enter."""
    (filed,) = pilot.office.cases.open(case_id).file.submissions.values()
    ruling = filed.events[-1].documents[-1]
    pilot.until(lambda: kept(pilot, ruling.sha256), "the ruling's file", 45)
    command(pilot, CASE)
    pilot.until(lambda: pilot.page == "case", "the case")
    row = pilot.row_of("case.course.list", "民事裁定书")
    pilot.tab_to("case.course.list")
    pilot.press("Home")
    pilot.press("Down", row)
    pilot.press("Return")
    viewer = pilot.find("case.viewer.dialog", ViewerDialog)
    pilot.until(lambda: viewer.content != b"", "the ruling on the screen")
    assert hashlib.sha256(viewer.content).hexdigest() == ruling.sha256
    pilot.press("Escape")
    pilot.until(lambda: pilot.here("case.viewer.dialog") is None, "the viewer closed")
    pilot.idle()


def lock_by_keys(pilot: Pilot) -> None:
    """Ctrl+L, the passphrase, Enter: the same page."""
    page = pilot.page
    pilot.press("Ctrl+L")
    pilot.until(lambda: pilot.focused("lock.passphrase.text"), "the passphrase is asked for")
    pilot.write(PASSPHRASE)
    pilot.press("Return")
    pilot.until(lambda: not pilot.window.shell.locked, "unlocked")
    assert pilot.page == page


def contact_and_accept(pilot: Pilot) -> str:
    """Steps 1 to 3: today, the application with its attachments, the telephone, the contact, the decision."""
    pilot.until(lambda: any(CASE in row for row in pilot.rows("today.today.list")), "the case in 今日")
    go(pilot, "inbox", "办件箱")
    pilot.click_row("inbox.list", CASE)
    pilot.until(lambda: pilot.window.shell.current.detail.case_id != "", "the 办件 opened")
    assert "下班前要联系到被申请人" in pilot.find("inbox.deadline.bar").accessibleName()
    pilot.click("inbox.deadline.how")
    phone = pilot.find("inbox.phone.respondent.value")
    assert "已遮挡" in phone.accessibleName()
    pilot.click("inbox.phone.respondent.reveal")
    pilot.menu("联系当事人")
    pilot.until(lambda: "正在显示" in phone.accessibleName(), "the telephone")
    pilot.click("inbox.result.willing")
    pilot.write("愿意坐下来谈，希望安排在周四以后。", "inbox.said")
    case_id = pilot.window.shell.current.detail.case_id
    pilot.click("inbox.contact.next")
    pilot.until(lambda: pilot.page == "decide", "the decision")
    toast(pilot, "已存好")
    pilot.click("decide.act")
    pilot.click("decide.confirm.act")
    pilot.until(lambda: pilot.page == "case", "the case")
    assert pilot.office.cases.open(case_id).head.state == "accepted"
    return case_id


def network(pilot: Pilot, mode: str) -> None:
    """The switch in the practice panel."""
    go(pilot, "practice", "练习台")
    pilot.click(f"practice.network.{mode}")
    pilot.until(lambda: pilot.control.state()["network"] == mode, f"network {mode}")
    state = pilot.window.shell.topbar.sync
    wanted = "离线" if mode == "offline" else "同步"
    pilot.until(lambda: wanted in state.shown, f"{wanted} in the bar on top", 30)


def record_session(pilot: Pilot, case_id: str) -> None:
    """Step 4: the mediation record and a photo."""
    open_case(pilot, case_id)
    pilot.click("case.step.go")
    pilot.until(lambda: pilot.page == "session", "the record")
    pilot.find("session.offline")
    pilot.click("session.rights.told")
    pilot.click("session.speak.0")
    pilot.write("停车费一下子涨了三成，没有征求业主意见。")
    pilot.click("session.speak.1")
    pilot.write("愿意退回多收的两千四百元，分两次退。")
    pilot.click("session.tools.undisputed")
    picture = QImage(640, 480, QImage.Format.Format_RGB32)
    picture.fill(QColor("#8aa"))
    QGuiApplication.clipboard().setImage(picture)
    pilot.press("Ctrl+V")
    pilot.overwrite("公示栏照片", "evidence.title")
    pilot.click("evidence.act")
    pilot.until(lambda: "公示栏照片" in titles(pilot, case_id), "the photo in the case")
    pilot.click("session.end.open")
    pilot.click("session.end.result.agreed")
    pilot.click("session.end.act")
    pilot.until(lambda: pilot.page == "case", "back in the case")
    paper = pilot.find("case.paper.dialog", PaperDialog)
    pilot.until(lambda: paper.content.startswith(b"%PDF"), "the record to be signed")
    pilot.click("case.paper.close")
    (session,) = sessions(pilot, case_id)
    assert session.result == "agreed"


def open_case(pilot: Pilot, case_id: str) -> None:
    """Through the list of cases."""
    go(pilot, "cases", "案件")
    pilot.open_record("cases.list.table", case_id)
    pilot.until(lambda: pilot.page == "case", "the case")
    pilot.find("case.step.go")


def titles(pilot: Pilot, case_id: str) -> set[str]:
    return {a.title for a in pilot.office.attachments.of_case(case_id)}


def sessions(pilot: Pilot, case_id: str) -> list[cf.Session]:
    return [body for _, body in pilot.office.cases.open(case_id).file.of_type(cf.Session)]


def write_agreement(pilot: Pilot, case_id: str) -> None:
    """An agreement with two instalments, checked, repaired and fixed."""
    pilot.click("case.step.go")
    pilot.until(lambda: pilot.page == "agreement_editor", "the agreement")
    pilot.overwrite(CLAUSE, "agreement_editor.clause1.text")
    today = pilot.office.desk.today()
    for number, days in ((1, 10), (2, 40)):
        pilot.click("agreement_editor.payment.add")
        pilot.overwrite("1200", f"agreement_editor.payment.{number}.amount")
        pilot.overwrite(str(today + dt.timedelta(days=days)), f"agreement_editor.payment.{number}.due.text")
    pilot.overwrite("2400", "agreement_editor.total")
    pilot.overwrite("银行转账，收款后出具收条。", "agreement_editor.performance.text")
    repair_all(pilot)
    pilot.click("agreement_editor.finalise")
    toast(pilot, "已定稿")
    assert pilot.office.cases.open(case_id).head.state == "agreed"


def repair_all(pilot: Pilot) -> None:
    """F7 and Alt+Enter until nothing must be changed."""
    go_on = pilot.find("agreement_editor.finalise", PrimaryButton)
    for _ in range(6):
        findings = pilot.window.shell.current.panel.open_findings
        if not findings:
            break
        pilot.press("F7")
        pilot.press("Alt+Return")
        pilot.until(lambda held=findings: pilot.window.shell.current.panel.open_findings != held, "repaired")
    pilot.until(lambda: not go_on.unavailable, "nothing must be changed any more")


def sign_today(pilot: Pilot, case_id: str) -> None:
    """Every signature and the seal with its date; the effective date follows."""
    pilot.until(lambda: pilot.text("agreement_editor.finalise") == "登记签名盖章", "on to the dates")
    pilot.click("agreement_editor.finalise")
    pilot.until(lambda: pilot.page == "effective", "the dates")
    pilot.find("effective.date.0")
    for number in range(len(pilot.window.shell.current.rows)):
        pilot.write("t", f"effective.date.{number}.text")
    pilot.click("effective.dates.save")
    effective(pilot, case_id)


def effective(pilot: Pilot, case_id: str) -> None:
    """The page and the store say that the agreement is in force."""

    def in_force() -> bool:
        effect = agreement.effectiveness_of(pilot.office.cases.open(case_id).file)
        return effect is not None and effect.is_effective

    pilot.until(in_force, "the agreement in force")
    pilot.until(lambda: pilot.text("effective.dates.save") == "准备司法确认", "the way on")


def close_case(pilot: Pilot, case_id: str) -> None:
    """结案 from the case."""
    open_case(pilot, case_id)
    pilot.click("case.step.go")
    pilot.click("closing.method.in_person")
    pilot.click("closing.act")
    pilot.click("closing.confirm.act")
    pilot.until(lambda: pilot.office.cases.open(case_id).head.state == "closed", "closed")


def fail_another(pilot: Pilot) -> None:
    """Another case ends without agreement: ground, remedies, notice, served, closed."""
    case_id = pilot.case_id(OTHER)
    open_case(pilot, case_id)
    pilot.click("case.menu.open")
    pilot.menu("没谈成")
    pilot.until(lambda: pilot.page == "exit", "the ways on")
    box = pilot.find("exit.ground", QComboBox)
    pilot.choose("exit.ground", str(box.itemData(1)))
    pilot.click("exit.notice.print")
    # The period has not ended: the ground holds only with a reason.
    pilot.write("双方都要求现在就终止。", "exit.early.text")
    pilot.click("exit.early.act")
    pilot.click("exit.conclude.act")
    pilot.click("exit.paper.close")
    told = pilot.office.cases.open(case_id).head.conclusion
    assert told is not None
    assert told.remedies
    pilot.click("exit.served")
    pilot.click("exit.served.act")
    pilot.click("exit.close")
    pilot.click("closing.method.telephone")
    pilot.click("closing.act")
    pilot.click("closing.confirm.act")
    pilot.until(lambda: pilot.office.cases.open(case_id).head.state == "closed", "closed without agreement")


def everything_sent(pilot: Pilot) -> None:
    """Step 5: nothing waits; every item shows its receipt; 同步中心 tells the truth."""
    pilot.until(lambda: pilot.office.sync_centre.counts().waiting == 0, "the outbox drained", 45)
    go(pilot, "sync", "同步中心")
    counts = pilot.office.sync_centre.counts()
    assert (counts.waiting, counts.needs_you) == (0, 0), counts
    assert receipts(pilot) == (0, 0)


def receipts(pilot: Pilot) -> tuple[int, int]:
    """Commands without a receipt, files not at the platform."""

    def read(conn: Any) -> tuple[int, int]:
        open_ = select(func.count()).select_from(outbox).where(outbox.c.receipt.is_(None))
        away = select(func.count()).select_from(uploads).where(uploads.c.state != "stored")
        return int(conn.execute(open_).scalar_one()), int(conn.execute(away).scalar_one())

    return pilot.office.desk.store.read(read)


def lodge(pilot: Pilot, case_id: str, folder: Path) -> None:
    """Step 6: court, papers printed and their signed scans added; lodged by a double click, once."""
    open_case(pilot, case_id)
    pilot.click("case.menu.open")
    pilot.menu("司法确认")
    pilot.until(lambda: pilot.page == "confirmation", "the pack")
    courts = pilot.office.filing.prepare(case_id).courts
    assert courts[0].reason
    pilot.click(f"confirmation.court.{courts[0].court.code}")
    for item in pilot.office.filing.prepare(case_id).materials:
        if item.blocks:
            fill_material(pilot, item, folder)
    ready = pilot.find("confirmation.lodge.ask", PrimaryButton)
    pilot.until(lambda: not ready.unavailable, "the pack is complete")
    pilot.click("confirmation.lodge.ask")
    pilot.double_click("confirmation.lodge.act")
    pilot.until(lambda: filings_of(pilot, case_id) != [], "the application at the platform", 45)
    assert len(filings_of(pilot, case_id)) == 1


def fill_material(pilot: Pilot, item: MaterialItem, folder: Path) -> None:
    """Print what has a form, then add the signed scan, for each party where each has to give one."""
    code = item.material.code
    content = b"%PDF-1.4\n" + code.encode() + b"\n%%EOF\n"
    if item.material.form:
        pilot.click(f"confirmation.print.{code}")
        paper = pilot.find("confirmation.paper.dialog", PaperDialog)
        pilot.until(lambda: paper.content != b"", "the paper")
        content = paper.content
        pilot.click("confirmation.paper.close")
    whose = item.lacking_party_ids if item.material.each_party else ("",)
    for number, party in enumerate(whose):
        path = folder / f"{code}-{number}.pdf"
        path.write_bytes(content + f"\n% signed {number}\n".encode())
        pilot.click(f"confirmation.scan.{code}")
        if party and number + 1 < len(whose):
            pilot.press("1")
        pilot.choose_file("confirmation.scan.choose", path)
        pilot.until(lambda: pilot.here("confirmation.scan.choose") is None, "the scan taken")
        pilot.idle()


def filings_of(pilot: Pilot, case_id: str) -> list[Any]:
    return next(c["submissions"] for c in pilot.control.overview() if c["case_id"] == case_id)


def court(pilot: Pilot, case_id: str, move: str) -> None:
    """The court's move in the practice panel."""
    go(pilot, "practice", "练习台")
    (filing,) = filings_of(pilot, case_id)
    box = pilot.find("practice.court.filing", QComboBox)
    pilot.until(lambda: box.findData(filing["submission_id"]) >= 0, "the filing in the panel")
    pilot.choose("practice.court.filing", filing["submission_id"])
    pilot.click(f"practice.court.move.{move}")
    pilot.click("practice.court.forward")


def submission(pilot: Pilot, case_id: str) -> str:
    return next(iter(pilot.office.cases.open(case_id).file.submissions.values())).state


def supplement(pilot: Pilot, case_id: str) -> None:
    """The court asks for more; the pack goes once more."""
    court(pilot, case_id, "ask_supplement")
    pilot.until(lambda: submission(pilot, case_id) == "supplement_asked", "asked for a supplement", 45)
    open_case(pilot, case_id)
    pilot.click("case.menu.open")
    pilot.menu("司法确认")
    again = pilot.find("confirmation.lodge.ask", PrimaryButton)
    pilot.until(lambda: again.text() == "补交给法院" and not again.unavailable, "补交给法院")
    pilot.click("confirmation.lodge.ask")
    pilot.click("confirmation.supplement.act")
    pilot.until(
        lambda: "confirm" in [m["move"] for m in filings_of(pilot, case_id)[0]["moves"]],
        "the supplement at the court", 45,
    )  # fmt: skip


def read_the_ruling(pilot: Pilot, case_id: str) -> None:
    """The ruling comes back, opens from the course of the case, and is the file its hash names."""
    court(pilot, case_id, "confirm")
    pilot.until(lambda: submission(pilot, case_id) == "confirmed", "the ruling", 45)
    (filed,) = pilot.office.cases.open(case_id).file.submissions.values()
    ruling = filed.events[-1].documents[-1]
    pilot.until(lambda: kept(pilot, ruling.sha256), "the ruling's file", 45)
    open_case(pilot, case_id)
    pilot.click_row("case.course.list", "民事裁定书")
    pilot.press("Return")
    viewer = pilot.find("case.viewer.dialog", ViewerDialog)
    pilot.until(lambda: viewer.content != b"", "the ruling on the screen")
    assert viewer.content.startswith(b"%PDF")
    assert hashlib.sha256(viewer.content).hexdigest() == ruling.sha256
    viewer.reject()
    pilot.idle()


def kept(pilot: Pilot, sha256: str) -> bool:
    query = select(files.c.state).where(files.c.sha256 == sha256)
    return pilot.office.desk.store.read(lambda conn: conn.execute(query).scalar_one_or_none()) == "present"


def lock_and_unlock(pilot: Pilot) -> None:
    """Step 7: locked, nothing can be read; a wrong passphrase is told; the right one leads back."""
    page = pilot.page
    pilot.press("Ctrl+L")
    assert pilot.window.shell.locked
    pilot.write("not the passphrase", "lock.passphrase.text")
    pilot.click("lock.unlock.now")
    pilot.until(lambda: pilot.window.shell.lock_screen.problem.isVisible(), "the wrong passphrase told")
    pilot.overwrite(PASSPHRASE, "lock.passphrase.text")
    pilot.click("lock.unlock.now")
    pilot.until(lambda: not pilot.window.shell.locked, "unlocked")
    assert pilot.page == page


def quit_and_open_again(pilot: Pilot, case_id: str) -> None:
    """Quit, open again: everything is there."""
    pilot.close()
    again = Pilot(pilot.app, pilot.folder)
    again.begin(build=False)
    file = again.office.cases.open(case_id).file
    assert file.head.state == "closed"
    assert len(file.of_type(cf.Session)) == 1
    assert submission(again, case_id) == "confirmed"
    assert "公示栏照片" in titles(again, case_id)
    open_case(again, case_id)
    assert any("裁定" in row for row in again.rows("case.course.list"))
    again.close()
