"""First sync, then work offline, then both sides hold the same."""

from __future__ import annotations

from app.services.handling import Handling
from app.services.sync_centre import SyncCentre
from tests.helpers.clients import Office, reopened
from tests.helpers.sandbox import Sandbox


def test_first_run_brings_everything(office: Office, sandbox: Sandbox) -> None:
    result = office.good_run()
    assert result.received > 0
    overview = sandbox.look("overview")["cases"]
    assert set(office.everything()) == {case["case_id"] for case in overview}
    for case_id in office.everything():
        assert office.file(case_id) == office.shadow(case_id)
    again = office.good_run()
    assert (again.received, again.waiting, again.failed) == (0, 0, 0)


def test_words_go_out_with_receipts(office: Office) -> None:
    office.good_run()
    case_id = office.case_ids("received", "contacting", "accepted", "mediating")[0]
    Handling(office.desk).add_note(case_id, "约了周三再谈。")
    centre = SyncCentre(office.desk)
    assert centre.counts().waiting == 1
    assert [row.what for row in centre.rows("waiting")] == ["记事 1 条"]
    result = office.good_run()
    assert (result.sent, result.waiting) == (1, 0)
    row = office.outbox()[-1]
    assert row.state == "delivered"
    assert row.receipt
    assert centre.counts().delivered_today == 1
    assert centre.rows("delivered")[0].why.startswith("平台回执 ")
    assert office.file(case_id) == office.shadow(case_id)
    assert centre.status_text().startswith("已同步 ")


def test_killed_between_sending_and_settling(office: Office) -> None:
    office.good_run()
    case_id = office.case_ids("received", "contacting", "accepted", "mediating")[0]
    Handling(office.desk).add_note(case_id, "电话里说好了。")
    assert len(office.port.outgoing.begin_batch(100, 10**6)) == 1
    again = reopened(office)
    assert again.states()[-1] == "in_flight"
    result = again.good_run()
    assert result.sent == 1
    assert again.states()[-1] == "delivered"
    office.desk = again.desk
