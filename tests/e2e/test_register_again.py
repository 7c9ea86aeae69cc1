"""重新登记本机 in the window: a profile put back from an old copy goes on under a new device id."""

from __future__ import annotations

from app.domain import casefile as cf
from app.storage import kv
from tests.helpers.screens import assert_not_clipped
from tests.helpers.window import Pilot
from ui.practice import PracticeControl

CASE = "三楼漏水赔墙面"


def notes(pilot: Pilot) -> list[str]:
    file = pilot.office.cases.open(pilot.case_id(CASE)).file
    return [body.text for _, body in file.of_type(cf.Note) if body.text.startswith("登记")]


def settled(pilot: Pilot) -> bool:
    standing, counts = pilot.office.sync_centre.standing(), pilot.office.sync_centre.counts()
    return not standing.error and not counts.waiting


def test_the_person_registers_the_computer_anew_and_it_goes_on(pilot: Pilot) -> None:
    case_id = pilot.case_id(CASE)
    pilot.office.handling.add_note(case_id, "登记前写的")
    exchange = pilot.window.exchange
    assert exchange is not None
    exchange.retry_now()
    pilot.until(lambda: settled(pilot), "the note is sent", 40)
    old = pilot.office.desk.device_id
    # As an old copy of the folder would: it knows less of its own writing than the platform.
    pilot.office.desk.store.write(lambda conn: kv.put(conn, "dev_seq", "0"))
    pilot.window.shell.go("sync", {})
    pilot.until(lambda: pilot.page == "sync", "sync centre")
    exchange.retry_now()
    pilot.until(lambda: pilot.office.sync_centre.standing().register_again != "", "it is told", 40)
    pilot.idle()
    pilot.until(lambda: pilot.here("sync.notice") is not None, "the notice")
    pilot.window.shell.go("today", {})
    pilot.until(lambda: pilot.here("today.attention.register") is not None, "今日 says it too")
    pilot.click("today.attention.register")
    pilot.until(lambda: pilot.page == "sync", "it leads to where one registers")
    pilot.until(lambda: pilot.here("sync.notice") is not None, "the notice again")
    pilot.idle()
    assert "请重新登记本机" in pilot.office.sync_centre.standing().register_again
    assert_not_clipped(pilot.window.shell)
    pilot.click(pilot.window.shell.current.notice.button)  # type: ignore[union-attr]
    pilot.until(lambda: pilot.here("enrol_again.dialog") is not None, "the password is asked")
    pilot.write("not the password", "enrol_again.password.text")
    pilot.press("Return")
    field = pilot.find("enrol_again.dialog").fields["password"]  # type: ignore[attr-defined]
    pilot.until(lambda: bool(field.message.text()), "the password was refused")
    assert pilot.office.desk.device_id == old
    control: PracticeControl = pilot.control
    pilot.overwrite(control.ready.users[0].password, "enrol_again.password.text")
    pilot.press("Return")
    pilot.until(lambda: pilot.window.context is not None and pilot.office.desk.device_id != old, "anew", 40)
    pilot.idle()
    pilot.office.handling.add_note(pilot.case_id(CASE), "登记后写的")
    assert pilot.window.exchange is not None
    pilot.window.exchange.retry_now()
    pilot.until(lambda: settled(pilot), "it is sent", 40)
    assert sorted(notes(pilot)) == ["登记前写的", "登记后写的"]
