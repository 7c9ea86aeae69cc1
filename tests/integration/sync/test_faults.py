"""Bad networks and platforms: nothing is lost, nothing happens twice, each says what to do."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from app.services.handling import Handling
from app.services.sync_centre import SyncCentre
from sync.engine import faults
from sync.engine.enroll import register
from tests.helpers.clients import Office
from tests.helpers.sandbox import Sandbox, running
from tests.helpers.spoiling import spoiling

OPEN = ("received", "contacting", "deciding", "accepted", "mediating")


def write_notes(office: Office, count: int = 3) -> list[str]:
    """Notes on as many cases; returns the texts."""
    texts = [f"第{number}条，{office.desk.make_id()[-8:]}。" for number in range(count)]
    for case_id, text in zip(office.case_ids(*OPEN), texts, strict=False):
        Handling(office.desk).add_note(case_id, text)
    return texts


def notes_at_platform(office: Office) -> list[str]:
    """Texts of all notes as the platform shows them."""
    found = []
    for case_id in office.everything():
        for record in office.shadow(case_id).records.values():
            if record.body.__struct_config__.tag == "note":
                found.append(record.body.text)
    return found


@pytest.mark.parametrize("mode", ["offline", "captive-200", "captive-302", "foreign-json", "e500", "e502"])
def test_nothing_changes_and_everything_stays(ready: Office, sandbox: Sandbox, mode: str) -> None:
    texts = write_notes(ready)
    before = ready.everything()
    sandbox.control(f"network/{mode}")
    result = ready.run()
    assert result.error is not None
    assert "本机" in result.error.message
    assert (result.sent, result.waiting) == (0, 3)
    assert result.next_attempt_at is not None
    assert ready.everything() == before
    sandbox.control("network/normal")
    ready.later()
    assert ready.good_run().sent == 3
    assert sorted(t for t in notes_at_platform(ready) if t in texts) == sorted(texts)


def test_first_run_behind_a_login_page_keeps_nothing_of_it(office: Office, sandbox: Sandbox) -> None:
    sandbox.control("network/captive-200")
    result = office.run()
    assert isinstance(result.error, faults.NotOurPlatformFault)
    assert office.everything() == {}
    sandbox.control("network/normal")
    assert office.good_run().received > 0


@pytest.mark.parametrize("mode", ["drop-reply", "stall-free", "flaky"])
def test_lost_replies_do_nothing_twice(ready: Office, sandbox: Sandbox, mode: str) -> None:
    texts = write_notes(ready)
    if mode == "stall-free":
        sandbox.control("network/drop-reply", only="/commands", count=1)
    else:
        sandbox.control(f"network/{mode}")
    for _ in range(3):
        ready.run()
        ready.later()
    sandbox.control("network/normal")
    for _ in range(3):
        result = ready.run()
        ready.later()
    assert (result.error, result.waiting, result.unknown, result.failed) == (None, 0, 0, 0)
    assert sorted(t for t in notes_at_platform(ready) if t in texts) == sorted(texts)
    assert all(row.state == "delivered" and row.receipt for row in ready.outbox())


def test_lost_reply_is_asked_for_not_assumed(ready: Office, sandbox: Sandbox) -> None:
    write_notes(ready, 2)
    sandbox.control("network/drop-reply", only="/commands", count=1)
    result = ready.run()
    assert result.unknown == 2
    assert set(ready.states()) == {"unknown"}
    assert "核对" in SyncCentre(ready.desk).rows("waiting")[0].why or SyncCentre(ready.desk).counts().waiting
    assert ready.good_run().sent == 2
    assert set(ready.states()) == {"delivered"}


@pytest.mark.parametrize(("mode", "least"), [("e503", 3), ("e429", 2)])
def test_retry_after_is_honoured(ready: Office, sandbox: Sandbox, mode: str, least: int) -> None:
    write_notes(ready, 1)
    sandbox.control(f"network/{mode}")
    began = ready.clock.now()
    result = ready.run()
    assert isinstance(result.error, faults.BusyFault)
    assert result.next_attempt_at is not None
    assert result.next_attempt_at - began >= dt.timedelta(seconds=least)
    assert SyncCentre(ready.desk).standing().next_attempt_at == result.next_attempt_at


def test_back_off_grows_and_ends_at_five_minutes(ready: Office, sandbox: Sandbox) -> None:
    sandbox.control("network/offline")
    waits = []
    for _ in range(12):
        result = ready.run()
        assert result.next_attempt_at is not None
        waits.append((result.next_attempt_at - ready.clock.now()).total_seconds())
    assert all(1.0 <= wait <= 300.0 for wait in waits)
    assert ready.port.state.failures == 12
    sandbox.control("network/normal")
    ready.good_run()
    assert ready.port.state.failures == 0
    assert ready.port.state.next_attempt_at is None


def test_expired_sign_in_pauses_with_the_queue_intact(ready: Office, sandbox: Sandbox) -> None:
    write_notes(ready)
    sandbox.control("network/expired")
    result = ready.run()
    assert isinstance(result.error, faults.SignInNeededFault)
    assert result.next_attempt_at is None
    assert result.waiting == 3
    assert SyncCentre(ready.desk).status_text() == "要重新登录 · 3 项等待发送"
    user = sandbox.user("mediator")
    client = ready.client()
    client.sign_in(user["name"], user["password"])
    client.close()
    assert ready.good_run().sent == 3


def test_access_token_expired_in_the_middle_is_renewed(ready: Office, sandbox: Sandbox) -> None:
    write_notes(ready)
    sandbox.control("network/access-expired")
    assert ready.good_run().sent == 3


def test_a_lost_reply_to_a_renewal_does_not_ask_the_person_to_sign_in(
    ready: Office, sandbox: Sandbox
) -> None:
    write_notes(ready)
    with spoiling(sandbox.url) as line:
        ready.port.state.put(platform_url=line.url)
        sandbox.control("network/access-expired")
        cut = (502, {"Content-Type": "text/html"}, b"<h1>502</h1>")
        line.spoil = lambda path, *reply: cut if path.endswith("/session/refresh") else reply
        for _ in range(2):
            assert isinstance(ready.run().error, faults.BusyFault)
            ready.later()
        assert line.seen.count("/v1/session/refresh") == 2
        line.spoil = None
        assert ready.good_run().sent == 3


def test_one_refused_item_holds_up_no_other(ready: Office) -> None:
    first, second = ready.case_ids(*OPEN)[:2]
    Handling(ready.desk).add_note(first, "这一条签名坏了。")
    Handling(ready.desk).add_note(second, "这一条是好的。")
    bad = ready.outbox()[0]
    from app.storage import outbox

    ready.desk.store.write(
        lambda conn: outbox.mark(conn, [bad.command_id], signature=bytes(len(bad.signature)))
    )
    result = ready.good_run()
    assert (result.sent, result.failed) == (1, 1)
    centre = SyncCentre(ready.desk)
    assert [row.status for row in centre.rows("needs_you")] == ["failed"]
    assert centre.rows("needs_you")[0].why
    assert centre.counts().needs_you == 1


def test_another_platform_at_the_same_address_gets_and_gives_nothing(ready: Office, tmp_path: Path) -> None:
    """The right content type, the right contract, a sign-in even: but not the key learned at enrolment."""
    write_notes(ready)
    before = ready.everything()
    with running(tmp_path / "stranger") as stranger:
        user = stranger.user("mediator")
        keys = ready.desk.keys
        _, token = register(
            stranger.url, ready.clock, device_id=ready.desk.device_id, device_name="测试机", practice=True,
            user=user["name"], password=user["password"], sign_public=keys.sign_public,
            seal_public=keys.seal_public,
        )  # fmt: skip
        ready.port.state.put(platform_url=stranger.url)
        ready.port.keep_refresh_token(token)
        result = ready.run()
        assert result.error is not None
        assert (result.error.code, result.sent, result.received) == ("E-PLATFORM-KEY", 0, 0)
        assert stranger.look("state")["epoch"] != ready.port.state.get("epoch")
    assert ready.states() == ["waiting"] * 3
    assert ready.everything() == before
