"""Opening and packing files that are not on this computer: asked for, waited for, opened when they came."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest
from sqlalchemy import select, update

from app.domain import casefile as cf
from app.services.attachments import FileEntry
from app.services.office import Office
from app.services.port_files import Transfers
from app.storage.tables import case_docs, cases, downloads, files
from tests.helpers.agreements import APPLICANT, RESPONDENT, effective
from tests.helpers.case_desk import CASE, at, picture, told_case
from tests.helpers.desks import Workplace, make_workplace
from tests.helpers.pages import Bench, dialog
from ui.dialogs.paper import PaperDialog
from ui.dialogs.viewer import ViewerDialog
from ui.exchange import Exchange
from ui.pages.case import CasePage
from ui.pages.confirmation import ConfirmationPage


@pytest.fixture
def bench(qtbot, look, tmp_path):
    made = Bench(qtbot, look, make_workplace(tmp_path / "profile"), tmp_path)
    made.context.sync = Exchange(made.workplace.desk)
    yield made
    made.close()


def sent(workplace: Workplace, one: cf.Attachment) -> None:
    """The platform holds the file."""
    body = cf.encode(msgspec.structs.replace(one, stored=True))

    def work(conn):
        known = case_docs.c.doc_id == one.attachment_id
        conn.execute(update(case_docs).where(known).values(body=body, shadow=body))
        conn.execute(update(cases).where(cases.c.case_id == one.case_id).values(version=cases.c.version + 1))

    workplace.desk.store.write(work)


def lost(workplace: Workplace, one: cf.Attachment) -> bytes:
    """The blob is gone; gives what the file holds."""
    vault = workplace.desk.vault
    query = select(files).where(files.c.sha256 == one.sha256)
    row = workplace.desk.store.read(lambda conn: conn.execute(query).one())
    with vault.open(row) as stream:
        content = stream.read()
    vault.remove(row.blob)
    return content


def arrive(bench: Bench, content: bytes) -> None:
    """The exchange brings what is wanted next."""
    transfers = Transfers(bench.workplace.desk)
    job = transfers.next_download()
    assert job is not None
    changes = transfers.keep(job, io.BytesIO(content))
    assert changes is not None
    bench.hub.publish(changes)
    bench.idle()


def line(bench: Bench, name: str, **more: object) -> None:
    """How the exchange stands."""
    from sync.engine.loop import LoopState

    bench.context.sync._told(LoopState(name, **more))


def wanted(bench: Bench) -> list[str]:
    query = select(downloads.c.sha256).where(downloads.c.state == "wanted")
    return bench.workplace.desk.store.read(lambda conn: list(conn.execute(query).scalars()))


def damaged_and_opened(bench, sha256: str, *, backed_up: bool) -> tuple[Path, ViewerDialog]:
    """The file in the vault, spoilt after a backup or without one, and the viewer opened on it."""
    disk = bench.workplace.folder.parent / "disk"
    disk.mkdir()
    head = Office(bench.workplace.as_person("p-he"))
    head.backups.change_policy(folder=str(disk))
    if backed_up:
        head.backups.make()
    vault = bench.workplace.desk.vault
    blob = vault.blob_path(vault.blob_name(sha256))
    blob.write_bytes(blob.read_bytes()[:-1] + b"x")
    bench.show("case", case_id=CASE)
    page = bench.shell.current
    page.tabs.choose("evidence")
    bench.idle()
    bench.click(page.findChild(type(page.plan_button), "case.evidence.0.open"))
    viewer = dialog(ViewerDialog)
    bench.idle()
    return blob, viewer


def away(bench: Bench) -> tuple[CasePage, ViewerDialog, bytes]:
    told_case(bench.workplace)
    bench.add(CasePage(bench.context))
    (one,) = bench.context.office.attachments.of_case(CASE)
    sent(bench.workplace, one)
    content = lost(bench.workplace, one)
    bench.show("case", case_id=CASE)
    page = bench.shell.current
    page.tabs.choose("evidence")
    bench.idle()
    bench.click(page.findChild(type(page.plan_button), "case.evidence.0.open"))
    bench.idle()
    return page, dialog(ViewerDialog), content


def test_a_file_that_is_away_opens_by_itself_when_it_came(bench):
    line(bench, "online")
    _page, viewer, content = away(bench)
    assert viewer.message.text() == "正在从平台取“客厅墙面”…"
    assert viewer.stop_button.isVisible()
    assert len(wanted(bench)) == 1
    arrive(bench, content)
    bench.qtbot.waitUntil(lambda: viewer.content == content)
    assert viewer.stack.currentWidget() is viewer.picture
    assert wanted(bench) == []
    viewer.close()


def test_offline_it_says_when(bench):
    line(bench, "offline", next_attempt_at=at(11, 23, 10, 56))
    _page, viewer, content = away(bench)
    assert "登记信息都在" in viewer.message.text()
    assert "10:56 再试" in viewer.message.text()
    line(bench, "online")
    assert viewer.message.text() == "正在从平台取“客厅墙面”…"
    arrive(bench, content)
    bench.qtbot.waitUntil(lambda: viewer.content == content)
    viewer.close()


def test_who_does_not_wait_fetches_nothing(bench):
    line(bench, "online")
    _page, viewer, _content = away(bench)
    bench.click(viewer.stop_button)
    assert wanted(bench) == []
    assert "没有再等" in viewer.message.text()
    assert not viewer.stop_button.isVisible()
    viewer.close()


def test_one_that_the_platform_has_not_got_says_so(bench):
    line(bench, "online")
    _page, viewer, _content = away(bench)
    transfers = Transfers(bench.workplace.desk)
    job = transfers.next_download()
    bench.hub.publish(
        transfers.download_delayed(job, "2099-01-01T00:00:00.000Z", "平台没有这个文件。", failed=True)
    )
    bench.idle()
    assert viewer.message.text().startswith("没有取到“客厅墙面”：平台没有这个文件。")
    assert not viewer.stop_button.isVisible()
    viewer.close()


def test_a_pack_waits_for_all_it_lacks(bench):
    workplace = bench.workplace
    effective(workplace)
    for number, party in enumerate((APPLICANT, RESPONDENT)):
        entry = FileEntry(role="identity", title="证件", provided_by=party, material="identity")
        card = picture(colour=(90, 120, 40 * number))
        bench.context.office.attachments.add_bytes(CASE, card, "证件.png", "image/png", entry)
    bench.add(ConfirmationPage(bench.context))
    line(bench, "online")
    ids = [a for a in bench.context.office.attachments.of_case(CASE) if a.role == "identity"]
    contents = {}
    for one in ids:
        sent(workplace, one)
        contents[one.sha256] = lost(workplace, one)
    bench.show("confirmation", case_id=CASE)
    page = bench.shell.current
    bench.click(page.offers.pack)
    paper = dialog(PaperDialog)
    bench.idle()
    assert paper.problem.text.text().startswith(f"正在从平台取 {len(contents)} 份文件：")
    assert paper.problem.button.text() == "不等了"
    for _ in range(len(contents)):
        assert paper.content == b""
        arrive(bench, contents[wanted(bench)[-1]])
    bench.qtbot.waitUntil(lambda: paper.content.startswith(b"%PDF"), timeout=20_000)
    paper.close()
    page.leave()
    bench.idle()


def test_a_lost_file_comes_back_from_the_backup_on_request(bench):
    from ui.dialogs.confirm import ConfirmDialog

    line(bench, "online")
    told_case(bench.workplace)
    bench.add(CasePage(bench.context))
    (one,) = bench.context.office.attachments.of_case(CASE)
    backups = bench.context.office.backups
    blob, viewer = damaged_and_opened(bench, one.sha256, backed_up=True)
    broken = blob.read_bytes()
    assert "平台上也还没有" in viewer.message.text()
    bench.click(viewer.heal_button)
    asked = dialog(ConfirmDialog)
    assert any("留着" in line for line in asked.asked.effects)
    assert blob.read_bytes() == broken
    bench.click(asked.action_button)
    bench.qtbot.waitUntil(lambda: viewer.content != b"")
    assert blob.with_name(f"{blob.name}.damaged").read_bytes() == broken
    assert backups.folder() == bench.workplace.folder.parent / "disk"
    viewer.close()


@pytest.mark.parametrize("backed_up", [True, False])
def test_offline_a_damaged_file_can_be_had_from_the_backup_at_once(bench, backed_up):
    from ui.dialogs.confirm import ConfirmDialog

    line(bench, "offline", next_attempt_at=at(11, 23, 10, 56))
    told_case(bench.workplace)
    bench.add(CasePage(bench.context))
    (one,) = bench.context.office.attachments.of_case(CASE)
    sent(bench.workplace, one)
    _, viewer = damaged_and_opened(bench, one.sha256, backed_up=backed_up)
    assert "有损坏" in viewer.message.text()
    assert "10:56 再试" in viewer.message.text()
    assert viewer.stop_button.isVisible()
    assert wanted(bench) == [one.sha256]
    bench.click(viewer.heal_button)
    bench.click(dialog(ConfirmDialog).action_button)
    bench.idle()
    if backed_up:
        bench.qtbot.waitUntil(lambda: viewer.content != b"")
        assert wanted(bench) == []
    else:
        assert "备份里没有完好的这一份" in viewer.message.text()
        assert wanted(bench) == [one.sha256], "the platform is still asked for it"
    viewer.close()
