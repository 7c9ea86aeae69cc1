"""暂停接收 told by the platform reaches the page in front without a new start, and goes again."""

from __future__ import annotations

from app.domain.workdays import short_date
from sync.engine.loop import LoopState
from tests.helpers.screens import assert_not_clipped, grab
from tests.helpers.window import Pilot
from ui.pages.working import when_sent
from ui.widgets.states import InfoBar


def test_a_run_that_brings_another_standing_changes_the_inbox(pilot: Pilot) -> None:
    pilot.press("Ctrl+2")
    pilot.until(lambda: pilot.page == "inbox", "inbox")
    exchange = pilot.window.exchange
    assert exchange is not None
    pilot.control.suspend("年审没有通过")
    exchange.retry_now()
    pilot.until(lambda: pilot.here("inbox.suspended") is not None, "the bar of a suspended institution")
    pilot.idle()
    grab(pilot.window.shell, "inbox-suspended", (1440, 869))
    told = pilot.find("inbox.suspended", InfoBar).title.text()
    assert told.startswith(f"平台自 {short_date(pilot.office.desk.today())}起暂停本机构接收新办件"), told
    assert_not_clipped(pilot.window.shell)
    assert not pilot.find("inbox.receive.now").unavailable  # type: ignore[attr-defined]
    pilot.control.resume()
    exchange.retry_now()
    pilot.until(lambda: pilot.here("inbox.suspended") is None, "the bar is gone")


def test_the_command_box_presses_what_the_page_offers(pilot: Pilot) -> None:
    pilot.press("Ctrl+1")
    pilot.press("Ctrl+K")
    pilot.write("rl")
    box = pilot.window.shell.command

    def first() -> str:
        return next((line.item.text for line in box._lines.lines if line.item), "")

    pilot.until(lambda: first() == "看日历", "the page's button in the box")
    pilot.press("Return")
    pilot.until(lambda: pilot.here("today.calendar.dialog") is not None, "the calendar")


def test_an_expired_sign_in_is_told_wherever_one_works(pilot: Pilot) -> None:
    exchange, shell = pilot.window.exchange, pilot.window.shell
    assert exchange is not None
    pilot.until(lambda: exchange.last is not None and exchange.last.name == "online", "online")
    exchange.pause()
    pilot.until(lambda: exchange.last is not None and exchange.last.name == "paused", "quiet")
    exchange._told(LoopState("sign_in", "登录已过期，请重新登录。"))
    pilot.idle()
    assert shell.topbar.sync.shown.startswith("登录已过期")
    assert "登录已过期" in shell.toast.text.text()
    context = pilot.window.context
    assert context is not None
    assert when_sent("已存好，10 秒后发送。", context.outlook) == "已存好，重新登录平台后自动发送。"
    grab(shell, "signed-out", (1440, 869))
    assert_not_clipped(shell)
    pilot.click("shell.toast.undo")
    pilot.until(lambda: pilot.page == "sync", "where one signs in again")
