"""Files that are not on this computer: of closed cases, large ones, damaged ones; fetched when needed."""

from __future__ import annotations

import hashlib
import os
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import select

from app.domain import casefile as cf
from app.domain.errors import DamagedFault, JiefenError, NotFoundError, UserError
from app.services import feedwork
from app.services.attachments import Attachments, FileEntry
from app.services.fetching import Fetching, FilesAwayError, is_away
from app.services.filing import Filing
from app.storage.tables import downloads, files
from tests.helpers.clients import Office, open_office
from tests.helpers.sandbox import Sandbox


def away(office: Office, *states: str) -> list[cf.Attachment]:
    """Attachments of cases in these states that the platform holds and this computer does not."""
    here = office.desk.store.read(lambda conn: set(conn.execute(select(files.c.sha256)).scalars()))
    found = [a for case_id in office.case_ids(*states) for a in office.file(case_id).attachments.values()]
    return [a for a in found if a.stored and a.sha256 not in here]


def good(office: Office, one: cf.Attachment) -> bool:
    content = Attachments(office.desk).read(one.sha256)
    return hashlib.sha256(content).hexdigest() == one.sha256


def test_a_file_of_a_closed_case_comes_when_it_is_opened(ready: Office) -> None:
    one = away(ready, "closed", "archived")[0]
    with pytest.raises(NotFoundError) as caught:
        Attachments(ready.desk).read(one.sha256)
    assert is_away(caught.value)
    asked = Fetching(ready.desk).ask(one.case_id, [one.sha256])
    assert [s.state for s in asked.value] == ["wanted"]
    assert "attachments" in asked.changes.kinds
    ready.good_run()
    assert [s.state for s in Fetching(ready.desk).standing(one.case_id, [one.sha256])] == ["here"]
    assert good(ready, one)


@pytest.mark.parametrize("harm", ["missing", "flipped", "another"])
def test_what_is_not_whole_any_more_is_fetched_again(ready: Office, harm: str) -> None:
    vault, store = ready.desk.vault, ready.desk.store
    ids = ready.case_ids("mediating", "received", "accepted")
    held = [a for case_id in ids for a in ready.file(case_id).attachments.values() if a.stored]
    one, other = held[:2]
    row = store.read(lambda conn: conn.execute(select(files).where(files.c.sha256 == one.sha256)).one())
    blob = vault.blob_path(row.blob)
    if harm == "missing":
        blob.unlink()
    elif harm == "flipped":
        content = bytearray(blob.read_bytes())
        content[-30] ^= 1
        blob.write_bytes(content)
    else:
        blob.write_bytes(vault.blob_path(vault.blob_name(other.sha256)).read_bytes())
    with pytest.raises(DamagedFault) as caught:
        Attachments(ready.desk).read(one.sha256)
    assert is_away(caught.value)
    assert [s.state for s in Fetching(ready.desk).ask(one.case_id, [one.sha256]).value] == ["wanted"]
    ready.good_run()
    assert good(ready, one)


def test_a_large_file_of_another_computer_comes_when_it_is_opened(
    ready: Office, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(feedwork, "FETCH_AT_ONCE", 1000)
    other = open_office(tmp_path / "other", sandbox)
    try:
        other.good_run()
        case_id = ready.case_ids("mediating")[0]
        content = b"%PDF-1.4\n" + os.urandom(3_000_000)
        entry = FileEntry(role="evidence", title="鉴定意见")
        made = Attachments(other.desk).add_bytes(case_id, content, "鉴定.pdf", "application/pdf", entry).value
        other.good_run()
    finally:
        other.close()
    ready.good_run()
    assert made.sha256 in {a.sha256 for a in away(ready, "mediating")}
    Fetching(ready.desk).ask(case_id, [made.sha256])
    ready.good_run()
    assert Attachments(ready.desk).read(made.sha256) == content


def test_nobody_waits_any_more(ready: Office) -> None:
    one = away(ready, "closed", "archived")[0]
    fetching = Fetching(ready.desk)
    fetching.ask(one.case_id, [one.sha256])
    fetching.give_up(one.case_id, [one.sha256])
    ready.good_run()
    with pytest.raises(NotFoundError):
        Attachments(ready.desk).read(one.sha256)


def test_asked_for_goes_before_what_comes_by_itself(ready: Office) -> None:
    first, second, *_ = away(ready, "closed", "archived")
    store = ready.desk.store
    store.write(lambda conn: feedwork.want(conn, first.case_id, first.sha256, first.size, first.name, "x/y"))
    Fetching(ready.desk).ask(second.case_id, [second.sha256])
    store.write(
        lambda conn: feedwork.want(conn, second.case_id, second.sha256, second.size, second.name, "x/y")
    )
    job = ready.port.transfers.next_download()
    assert job is not None
    assert job.sha256 == second.sha256
    following = ready.port.transfers.next_download([second.sha256])
    assert following is not None
    assert following.sha256 == first.sha256


def test_one_that_was_given_up_after_failures_is_tried_again_at_once(ready: Office) -> None:
    one = away(ready, "closed", "archived")[0]
    fetching = Fetching(ready.desk)
    fetching.ask(one.case_id, [one.sha256])
    job = ready.port.transfers.next_download()
    assert job is not None
    changes = ready.port.transfers.download_delayed(
        job, "2099-01-01T00:00:00.000Z", "平台没有这个文件。", failed=True
    )
    assert one.case_id in changes.case_ids
    (standing,) = fetching.standing(one.case_id, [one.sha256])
    assert (standing.state, standing.text) == ("failed", "平台没有这个文件。")
    fetching.ask(one.case_id, [one.sha256])
    ready.good_run()
    assert good(ready, one)
    rows = ready.desk.store.read(lambda conn: conn.execute(select(downloads)).all())
    assert {r.state for r in rows if r.sha256 == one.sha256} == {"stored"}


def test_a_damaged_file_that_the_platform_has_not_got_is_lost_here(ready: Office) -> None:
    case_id = ready.case_ids("mediating")[0]
    made = Attachments(ready.desk).add_bytes(
        case_id, b"%PDF-1.4\nonly here", "a.pdf", "application/pdf", FileEntry(role="evidence")
    )
    ready.desk.vault.blob_path(ready.desk.vault.blob_name(made.value.sha256)).unlink()
    (standing,) = Fetching(ready.desk).ask(case_id, [made.value.sha256]).value
    assert standing.state == "lost"


def test_a_pack_names_every_file_that_is_away_and_is_made_when_they_came(ready: Office) -> None:
    filing = Filing(ready.desk)
    lacking: dict[str, FilesAwayError] = {}
    for case_id in ready.case_ids("agreed", "closed", "archived"):
        try:
            filing.pack_pdf(case_id)
        except FilesAwayError as error:
            lacking[case_id] = error
        except JiefenError:
            continue  # no agreement, or nothing in its pack
    assert lacking
    for case_id, error in lacking.items():
        titles = {a.sha256: a.title for a in ready.file(case_id).attachments.values()}
        assert all(titles[sha256] in error.message for sha256 in error.hashes)
        some = set(error.hashes[1:])
        if some:
            with pytest.raises(FilesAwayError) as caught:
                filing.pack_pdf(case_id, some)
            assert caught.value.hashes == error.hashes[:1], "only what the person was told is left out"
        Fetching(ready.desk).ask(case_id, error.hashes)
    ready.good_run()
    for case_id in lacking:
        assert filing.pack_pdf(case_id).startswith(b"%PDF")
    # Of one whose file went away again the rest can be had; the index says what is not in it.
    items = filing.prepare(case_id).materials
    inside = [key for item in items for key in (*item.attachment_ids, *item.paper_ids)]
    gone = ready.file(case_id).attachments[inside[0]]
    ready.desk.vault.blob_path(ready.desk.vault.blob_name(gone.sha256)).unlink()
    with pytest.raises(FilesAwayError) as away_now:
        filing.pack_pdf(case_id)
    assert len(away_now.value.hashes) < len(inside)
    rest = filing.pack_pdf(case_id, away_now.value.hashes)
    text = subprocess.run(["pdftotext", "-l", "2", "-", "-"], input=rest, capture_output=True, check=True)
    assert text.stdout.decode().count("（这一包里没有）") == 1
    hashes = {ready.file(case_id).attachments[key].sha256 for key in inside}
    for sha256 in hashes - {gone.sha256}:
        ready.desk.vault.blob_path(ready.desk.vault.blob_name(sha256)).unlink()
    with pytest.raises(UserError) as nothing:
        filing.pack_pdf(case_id, hashes)
    assert nothing.value.code == "E-PACK-AWAY"
