"""A full disk under the window: the exchange says so where the sync centre could not even write it down."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLineEdit

from tests.faults.disks import full_disk
from tests.helpers.window import Pilot
from ui.pages.sync import SyncPage
from ui.practice import PASSPHRASE

PLACE = "梧桐里小区门口的报亭旁"


def test_an_exchange_on_a_full_disk_is_told_and_goes_on_by_itself(pilot: Pilot) -> None:
    exchange, shell = pilot.window.exchange, pilot.window.shell
    assert exchange is not None
    shell.go("sync", {})
    pilot.until(lambda: pilot.page == "sync", "sync centre")
    page = shell.current
    assert isinstance(page, SyncPage)
    assert pilot.here("sync.notice") is None
    with full_disk(pilot, 0):
        exchange.retry_now()
        pilot.until(lambda: exchange.last is not None and exchange.last.name == "waiting", "it fails")
        pilot.until(lambda: pilot.here("sync.notice") is not None, "the notice")
        assert exchange.last is not None
        assert "磁盘满了" in exchange.last.message
        assert "请腾出一些空间" in exchange.last.message
        assert exchange.last.next_attempt_at is not None
    pilot.until(lambda: exchange.last is not None and exchange.last.name == "online", "by itself", 60)
    pilot.until(lambda: pilot.here("sync.notice") is None, "nothing more is said")


def test_words_a_full_disk_did_not_take_outlast_the_keys(
    pilot: Pilot, caplog: pytest.LogCaptureFixture
) -> None:
    """Sealed to who typed them while nobody is signed in, and kept as soon as the disk takes them."""
    shell, unkept = pilot.window.shell, pilot.window.unkept
    pilot.press("Ctrl+N")
    pilot.until(lambda: pilot.page == "intake", "intake")
    pilot.idle()
    with full_disk(pilot, 0):
        pilot.write(PLACE, pilot.find("intake.place", QLineEdit))
        pilot.until(
            lambda: unkept.count == 1 and pilot.here("intake.unkept") is not None, "not taken, and told"
        )
        assert pilot.failures == [], "no dialog opens in the middle of typing"
        pilot.window.sign_out()
        assert pilot.window.context is None
        assert unkept.count == 1, "the window still asks before it closes"
        assert PLACE.encode() not in repr(vars(unkept)).encode()
    pilot.overwrite(PASSPHRASE, shell.lock_screen.edit)
    pilot.press("Return")
    pilot.until(lambda: not shell.locked and pilot.window.context is not None, "signed in again")
    pilot.until(lambda: unkept.count == 0, "kept")
    context = pilot.window.context
    assert context is not None
    assert any(PLACE in str(draft.body) for draft in context.office.drafts.all())
    assert "profile not closed cleanly: E-DISK-FULL" in caplog.text
