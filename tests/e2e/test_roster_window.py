"""The platform changes the roster while the window is open: pages offer who is there, a new role holds."""

from __future__ import annotations

from typing import Any

from PySide6.QtWidgets import QComboBox

from tests.helpers.window import Pilot
from ui.practice import PASSPHRASE


def staff(pilot: Pilot, **told: Any) -> None:
    pilot.control._call("POST", "staff", told)
    assert pilot.window.exchange is not None
    pilot.window.exchange.retry_now()


def offered(pilot: Pilot) -> list[str]:
    combo = pilot.find("intake.mediator", QComboBox)
    return [combo.itemText(n).partition("　")[0] for n in range(combo.count())]


def test_a_new_colleague_can_be_chosen_and_one_who_left_cannot(pilot: Pilot) -> None:
    pilot.press("Ctrl+N")
    pilot.until(lambda: pilot.page == "intake", "intake")
    pilot.idle()
    assert "赵一" not in offered(pilot)
    staff(pilot, login="zhaoyi", name="赵一", role="mediator")
    pilot.until(lambda: "赵一" in offered(pilot), "she is offered", 40)
    pilot.choose("intake.mediator", "p-he")
    staff(pilot, login="hejing", active=False)
    pilot.until(lambda: "何静" not in offered(pilot), "he left", 40)
    assert pilot.find("intake.mediator", QComboBox).currentData() == "p-zhou"


def test_another_role_lays_the_window_out_anew_but_never_unlocks_it(pilot: Pilot) -> None:
    shell = pilot.window.shell
    pilot.press("Ctrl+L")
    staff(pilot, login="zhouminfang", role="head")
    pilot.until(lambda: pilot.office.desk.person.role == "head", "known", 40)
    assert shell.locked
    pilot.overwrite(PASSPHRASE, shell.lock_screen.edit)
    pilot.press("Return")
    pilot.until(lambda: "改成了负责人" in shell.toast.text.text(), "it is told", 40)
    pilot.until(
        lambda: not shell.locked and pilot.page == "today" and not shell._offered, "laid out anew", 60
    )
    pilot.idle()
    pilot.window.navigate("settings")
    pilot.until(lambda: pilot.page == "settings", "settings")
    pilot.idle()
    assert not pilot.find("settings.people.add").unavailable  # type: ignore[attr-defined]
