"""Restore of the platform, two values for one field, cut uploads, one filing from lodging to ruling."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from app.clock import from_text
from app.domain import commands as cmd
from app.domain.errors import StateError
from app.services import casework
from app.services.attachments import Attachments, FileEntry
from app.services.deciding import ContactEntry, Deciding
from app.services.filing import Filing
from app.services.handling import Handling
from app.services.resolving import Resolving
from app.services.sync_centre import SyncCentre
from app.storage.tables import conflicts, uploads
from tests.helpers.clients import Office, open_office
from tests.helpers.filings import PDF, agreed_case, edit_respondent, lodgings, prepare_filing, under_way
from tests.helpers.sandbox import Sandbox


def test_the_platform_restored_from_a_backup_gets_everything_again(ready: Office, sandbox: Sandbox) -> None:
    case_id, other = ready.case_ids("received", "contacting")[:2]
    Handling(ready.desk).add_note(case_id, "备份以前写的。")
    ready.good_run()
    sandbox.control("backup")
    Handling(ready.desk).add_note(case_id, "备份以后写的。")
    Handling(ready.desk).add_note(other, "备份以后写的另一条。")
    ready.good_run()
    before, bytes_before = ready.everything(), [row.bytes for row in ready.outbox()]
    sandbox.control("restore")
    Handling(ready.desk).add_note(other, "恢复以后写的，还没有发出。")
    result = ready.good_run()
    assert result.sent == 3
    ready.good_run()
    assert [row.bytes for row in ready.outbox()][:3] == bytes_before
    assert ready.states() == ["delivered"] * 4
    assert set(before) <= set(ready.everything())
    for one in (case_id, other):
        assert ready.file(one) == ready.shadow(one)
        assert len({*ready.shadow(one).records} & {*ready.file(one).records}) == len(ready.file(one).records)


def test_one_field_two_values_and_a_person_decides(ready: Office, sandbox: Sandbox) -> None:
    case_id = ready.case_ids("received", "contacting")[0]
    sandbox.control("edit-same-field", case_id=case_id, value="云浦区梧桐里街道棠溪路88弄9号302室")
    edit_respondent(ready, case_id, "云浦区梧桐里街道棠溪路88弄6号302室")
    result = ready.good_run()
    assert (result.conflicts, result.failed, result.waiting) == (1, 0, 0)
    centre, resolving = SyncCentre(ready.desk), Resolving(ready.desk)
    row = centre.rows("needs_you")[0]
    assert (row.status, row.what, row.action) == ("conflict", "被申请人送达地址", "去选")
    assert "都改过" in row.why
    (conflict_id,) = resolving.open_ids()
    masked = resolving.conflict(conflict_id)
    assert masked.masked
    assert "6号" not in masked.mine.text + masked.theirs.text
    shown = resolving.conflict(conflict_id, reveal_reason="verify")
    assert (shown.mine.text[-7:], shown.theirs.text[-7:]) == ("弄6号302室", "弄9号302室")
    resolving.resolve(conflict_id, "mine")
    assert centre.counts().needs_you == 0
    assert ready.good_run().sent == 1
    ready.good_run()
    party = ready.shadow(case_id).side("respondent")[0]
    assert party.service_address == "云浦区梧桐里街道棠溪路88弄6号302室"
    kept = ready.desk.store.read(lambda conn: conn.execute(select(conflicts)).one())
    assert ("6号" in kept.mine, "9号" in kept.theirs, kept.choice) == (True, True, "mine")


@pytest.mark.parametrize(("choice", "value"), [("theirs", None), ("edited", "云浦区梧桐里街道棠溪路1号")])
def test_theirs_or_a_third_value(ready: Office, sandbox: Sandbox, choice: Any, value: str | None) -> None:
    case_id = ready.case_ids("received", "contacting")[0]
    sandbox.control("edit-same-field", case_id=case_id, value="云浦区梧桐里街道棠溪路9号")
    edit_respondent(ready, case_id, "云浦区梧桐里街道棠溪路6号")
    ready.good_run()
    (conflict_id,) = Resolving(ready.desk).open_ids()
    assert Resolving(ready.desk).resolve(conflict_id, choice, value).value == ""
    ready.good_run()
    ready.good_run()
    address = ready.shadow(case_id).side("respondent")[0].service_address
    assert address == (value or "云浦区梧桐里街道棠溪路9号")
    assert ready.file(case_id) == ready.shadow(case_id)


def test_amounts_in_dispute_are_exact_and_in_words_of_money(ready: Office, sandbox: Sandbox) -> None:
    case_id = ready.case_ids("accepted", "mediating")[0]
    before = ready.file(case_id).head.amount_fen
    largest = 10**14
    sandbox.control("edit-same-field", case_id=case_id, field="amount_fen", value=largest)
    payload = cmd.EditCase(fields={"amount_fen": 1250})
    casework.write(ready.desk, lambda case: case.issue(case_id, payload, base={"amount_fen": before}))
    assert ready.good_run().conflicts == 1
    view = Resolving(ready.desk).conflict(Resolving(ready.desk).open_ids()[0])
    assert (view.mine.text, view.theirs.text) == ("12.50 元", "1,000,000,000,000 元")


def test_two_computers_end_up_with_the_same(ready: Office, sandbox: Sandbox, tmp_path: Path) -> None:
    other = open_office(tmp_path / "second", sandbox, "clerk")
    other.good_run()
    case_id = ready.case_ids("received", "contacting")[0]
    Handling(ready.desk).add_note(case_id, "第一台写的。")
    Handling(other.desk).add_note(case_id, "第二台写的。")
    for one in (ready, other, ready, other):
        one.good_run()
    assert ready.everything() == other.everything()
    assert ready.seqs() == sorted(ready.seqs())
    other.close()


def test_both_values_bear_the_time_at_which_they_were_written(
    ready: Office, sandbox: Sandbox, tmp_path: Path
) -> None:
    """Who was without a network for longer did not write later."""
    other = open_office(tmp_path / "second", sandbox, "clerk")
    other.good_run()
    case_id = ready.case_ids("received", "contacting")[0]
    Handling(other.desk).rename(case_id, "先写的")
    written = msgspec.json.decode(other.outbox()[-1].bytes)["written_at"]
    Handling(ready.desk).rename(case_id, "后写的")
    other.good_run()
    assert ready.good_run().conflicts == 1
    view = Resolving(ready.desk).conflict(Resolving(ready.desk).open_ids()[0])
    assert from_text(view.theirs.at) == from_text(written)
    assert from_text(view.theirs.at) < from_text(view.mine.at)
    other.close()


@pytest.mark.parametrize("choice", ["theirs", "mine"])
def test_a_decision_taken_twice_is_never_merged(
    ready: Office, sandbox: Sandbox, tmp_path: Path, choice: Any
) -> None:
    other = open_office(tmp_path / "second", sandbox, "head")
    other.good_run()
    case_id = ready.case_ids("received")[0]
    respondent = ready.file(case_id).side("respondent")[0].party_id
    Deciding(other.desk).waive_contact(case_id, "双方都在场。")
    Deciding(ready.desk).waive_contact(case_id, "电话里都同意了。")
    other.good_run()
    assert ready.good_run().conflicts >= 1
    resolving = Resolving(ready.desk)
    view = resolving.conflict(resolving.open_ids()[0])
    assert (view.editable, view.mine_possible, view.what) == (False, False, "不征求意愿的说明")
    assert (view.mine.text, view.base.text) == ("待决定受理", "新办件")
    if choice == "mine":
        with pytest.raises(StateError, match="还留着"):
            resolving.resolve(view.conflict_id, "mine")
        assert resolving.open_ids()
    resolving.resolve(view.conflict_id, "theirs")
    assert resolving.open_ids() == ()
    ready.good_run()
    ready.good_run()
    assert ready.file(case_id) == ready.shadow(case_id)
    Deciding(ready.desk).record_contact(
        case_id, ContactEntry(respondent, "phone", "willing", ready.clock.now())
    )
    assert ready.good_run().sent == 1
    other.close()


def test_a_cut_upload_goes_on_where_it_stopped(ready: Office, sandbox: Sandbox) -> None:
    case_id = ready.case_ids("received", "contacting")[0]
    data = PDF + hashlib.shake_128(b"photo").digest(3_500_000)
    added = Attachments(ready.desk).add_bytes(
        case_id, data, "现场.pdf", "application/pdf", FileEntry(role="evidence")
    )
    sandbox.control("network/drop-reply", only="/uploads/", count=2)
    ready.run()
    row = ready.desk.store.read(lambda conn: conn.execute(select(uploads)).one())
    assert row.state == "sending"
    assert SyncCentre(ready.desk).counts().waiting == 1
    ready.later()
    sandbox.control("network/normal")
    ready.good_run()
    ready.good_run()
    row = ready.desk.store.read(lambda conn: conn.execute(select(uploads)).one())
    assert (row.state, row.sent) == ("stored", len(data))
    assert ready.shadow(case_id).attachments[added.value.attachment_id].stored
    client = ready.client()
    assert b"".join(client.download(f"/files/{added.value.sha256}", 0)) == data
    assert b"".join(client.download(f"/files/{added.value.sha256}", 1_000_000)) == data[1_000_000:]


def test_a_damaged_attachment_holds_up_no_other(ready: Office) -> None:
    case_id = ready.case_ids("received", "contacting")[0]
    files = Attachments(ready.desk)
    first = files.add_bytes(case_id, PDF + b"1", "一.pdf", "application/pdf", FileEntry(role="evidence"))
    files.add_bytes(case_id, PDF + b"2", "二.pdf", "application/pdf", FileEntry(role="evidence"))
    blob = ready.desk.vault.blob_path(ready.desk.vault.blob_name(first.value.sha256))
    blob.unlink()
    result = ready.good_run()
    assert result.failed == 1
    states = ready.desk.store.read(lambda conn: list(conn.execute(select(uploads.c.state)).scalars()))
    assert sorted(states) == ["failed", "stored"]
    assert SyncCentre(ready.desk).rows("needs_you")[0].kind == "upload"


def test_lodged_once_supplemented_and_ruled(ready: Office, sandbox: Sandbox) -> None:
    before = lodgings(sandbox)
    case_id = agreed_case(ready)
    prepare_filing(ready, case_id)
    submission_id = Filing(ready.desk).lodge(case_id).value
    sandbox.control("network/drop-reply", only="/lodge", count=1)
    assert ready.run().unknown == 1
    ready.later()
    result = ready.good_run()
    assert (result.unknown, result.waiting, result.failed) == (0, 0, 0)
    assert lodgings(sandbox) == before + 1
    assert any(
        row.kind == "filing" and "平台回执" in row.why for row in SyncCentre(ready.desk).rows("delivered")
    )
    sandbox.control(f"court/{submission_id}/ask-supplement", asked=["送达地址确认书"])
    ready.good_run()
    assert ready.file(case_id).submissions[submission_id].state == "supplement_asked"
    entry = FileEntry(role="scan", title="送达地址确认书", material="service_address")
    Attachments(ready.desk).add_bytes(case_id, PDF + b"more", "补.pdf", "application/pdf", entry)
    Filing(ready.desk).supplement(case_id)
    ready.good_run()
    assert ready.file(case_id).submissions[submission_id].state == "supplemented"
    sandbox.control(f"court/{submission_id}/accept")
    sandbox.control(f"court/{submission_id}/confirm")
    ready.good_run()
    submission = ready.file(case_id).submissions[submission_id]
    assert submission.state == "confirmed"
    ruling = next(d for event in submission.events for d in event.documents)
    content = Attachments(ready.desk).read(ruling.sha256)
    assert hashlib.sha256(content).hexdigest() == ruling.sha256
    assert content.startswith(b"%PDF")


def test_material_the_platform_refused_is_asked_for_until_it_goes_again(
    ready: Office, sandbox: Sandbox
) -> None:
    case_id = agreed_case(ready)
    prepare_filing(ready, case_id)
    submission_id = Filing(ready.desk).lodge(case_id).value
    ready.good_run()
    sandbox.control(f"court/{submission_id}/ask-supplement", asked=["送达地址确认书"])
    ready.good_run()
    entry = FileEntry(role="scan", title="送达地址确认书", material="service_address")
    Attachments(ready.desk).add_bytes(case_id, PDF + b"more", "补.pdf", "application/pdf", entry)
    Filing(ready.desk).supplement(case_id)

    def shown() -> str:
        return ready.file(case_id).submissions[submission_id].state

    # As the engine writes a refusal down.
    ready.port.filings.failed(under_way(ready, submission_id), "field", "材料名称太长，平台没有收下。")
    assert shown() == "supplement_asked"
    SyncCentre(ready.desk).retry_now(f"filing:{submission_id}")
    assert shown() == "supplemented"
    ready.good_run()
    assert shown() == "supplemented"
    assert ready.file(case_id).submissions[submission_id].manifest_no == 2
