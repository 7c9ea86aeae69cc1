"""初次使用 by real widgets: three steps without a network, continuing where one left, and recovery."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from app.clock import SystemClock
from app.paths import ProfilePaths
from app.services import enrolment, profile
from app.services.profile import NewPerson
from tests.helpers.pages import type_chinese
from tests.helpers.screens import LOOKS, assert_looks, grab, settle
from ui.background.hub import ChangeHub
from ui.background.lanes import Lanes
from ui.background.operations import Operations
from ui.dialogs.recovery import RecoveryDialog
from ui.pages import first_run_state
from ui.pages.first_run import FirstRun

GOOD = "plum blossoms in the lane"


@pytest.fixture
def stage(qtbot, plain_look, tmp_path):
    """A window to cover, lanes, an empty folder."""

    class Stage:
        def __init__(self) -> None:
            self.look, self.lanes = plain_look, Lanes()
            self.operations = Operations(self.lanes, ChangeHub())
            self.failures: list[tuple[str, BaseException]] = []
            self.operations.failed.connect(lambda name, error: self.failures.append((name, error)))
            self.paths = ProfilePaths(tmp_path / "profile")
            self.host = QWidget()
            self.host.resize(1440, 869)
            qtbot.addWidget(self.host)
            self.host.show()

        def begin(self) -> FirstRun:
            made = FirstRun(self.look, self.operations, self.paths, SystemClock())
            made.cover(self.host)
            self.idle()
            return made

        def idle(self) -> None:
            def quiet() -> bool:
                settle()
                return not any(x.busy for x in (self.lanes.write, self.lanes.read, self.lanes.network))

            qtbot.waitUntil(quiet, timeout=15000)
            settle()

    made = Stage()
    yield made
    assert made.lanes.close()
    settle()
    assert not made.failures, made.failures


def fill_first(qtbot, page: FirstRun) -> None:
    page.who.url.setText("https://127.0.0.1:9")
    page.who.login.setText("zhou")
    type_chinese(page.who.person, "周敏芳")
    qtbot.keyClick(page.who.person, Qt.Key.Key_Return)


def test_three_steps_without_a_network(qtbot, stage):
    page = stage.begin()
    assert page.primary.unavailable == "填好平台地址就能继续"
    page.who.url.setText("http://platform.example")
    assert "没有加密" in page.who._url_problem()
    fill_first(qtbot, page)
    stage.idle()
    assert page.step == 2
    again = FirstRun(stage.look, stage.operations, stage.paths, SystemClock())
    assert again.who.login.text() == "zhou", "leaving keeps what was filled in"
    again.deleteLater()
    qtbot.keyClicks(page.pair.first, GOOD)
    qtbot.keyClicks(page.pair.second, GOOD[:-1])
    assert page.primary.unavailable
    qtbot.keyClicks(page.pair.second, GOOD[-1:])
    qtbot.keyClick(page.pair.second, Qt.Key.Key_Return)
    stage.idle()
    qtbot.waitUntil(lambda: page.step == 3 and bool(page._code) and not page._busy, timeout=15000)
    stage.idle()
    assert first_run_state.unfinished(stage.paths)
    assert "登记" in page.note.text()
    qtbot.mouseClick(page.keeper.kept, Qt.MouseButton.LeftButton)
    qtbot.keyClicks(page.keeper.last, "0000")
    assert "对不上" in page.primary.unavailable
    page.keeper.last.clear()
    qtbot.keyClicks(page.keeper.last, page._code[-4:])
    code = page._code
    with qtbot.waitSignal(page.finished, timeout=10000) as done:
        qtbot.keyClick(page.keeper.last, Qt.Key.Key_Return)
    desk = done.args[0]
    assert desk.store.read(enrolment.load_wish).login == "zhou"
    assert not profile.enrolment_of(desk).complete
    assert not first_run_state.unfinished(stage.paths)
    profile.close(desk)

    dialog = RecoveryDialog(stage.look, stage.operations, stage.paths, SystemClock(), "zhou")
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.code.setText(code)
    dialog.pair.first.setText(f"{GOOD} again")
    dialog.pair.second.setText(f"{GOOD} again")
    dialog.go_on()
    qtbot.waitUntil(lambda: bool(dialog.part.keeper._code), timeout=15000)
    assert dialog.part.keeper._code != code
    grab(dialog, "recovery-new-code")
    dialog.reject()
    assert dialog.isVisible(), "the old sheet is void: the new one has to be kept first"
    dialog.part.keeper.kept.setChecked(True)
    dialog.part.keeper.last.setText(dialog.part.keeper._code[-4:])
    with qtbot.waitSignal(dialog.recovered) as recovered:
        dialog.go_on()
    profile.close(recovered.args[0])


def test_taken_up_after_an_end_in_the_last_step_the_old_code_is_said_to_be_void(qtbot, stage):
    desk, first = profile.create_profile(stage.paths, NewPerson("周敏芳", "zhou"), GOOD)
    page = stage.begin()
    page.take_up(desk)
    qtbot.waitUntil(lambda: bool(page._code), timeout=15000)
    stage.idle()
    assert page._code != first
    assert "先前打印或抄下的那份作废" in page.note.text()
    grab(stage.host, "first-run-taken-up")
    profile.close(desk)


@pytest.mark.parametrize(("mode", "scale", "size"), LOOKS)
def test_looks(qtbot, stage, mode, scale, size):
    stage.look.set_mode(mode)
    stage.look.metrics.set_scale(scale)
    stage.host.resize(*size)
    page = stage.begin()
    grab(stage.host, f"first-run-{mode}-{round(scale * 100)}")
    assert_looks(page)
    page.who.choice.choose("practice")
    with qtbot.waitSignal(page.practice_asked):
        qtbot.mouseClick(page.primary, Qt.MouseButton.LeftButton)
