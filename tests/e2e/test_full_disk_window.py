"""A full disk under the window: the exchange says so where the sync centre could not even write it down."""

from __future__ import annotations

from tests.faults.disks import full_disk
from tests.helpers.window import Pilot
from ui.pages.sync import SyncPage


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
