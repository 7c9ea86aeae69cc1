"""暂停接收 told by the platform reaches the page in front without a new start, and goes again."""

from __future__ import annotations

from tests.helpers.screens import assert_not_clipped, grab
from tests.helpers.window import Pilot


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
    assert_not_clipped(pilot.window.shell)
    assert pilot.find("inbox.receive.now").unavailable  # type: ignore[attr-defined]
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
