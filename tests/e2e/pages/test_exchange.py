"""离线交换包 in the window: pack, hand in, read back by keyboard and mouse; real stores, a real platform."""

from __future__ import annotations

import io
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pypdf import PdfReader
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QLineEdit
from sqlalchemy import select, update

from app.services import revoked
from app.services.handling import Handling
from app.services.office import Office as Services
from app.storage.package_file import head_of
from app.storage.tables import outbox
from tests.helpers.clients import Office, open_office
from tests.helpers.desks import Workplace
from tests.helpers.disputes import conflict
from tests.helpers.packages import carry, pack
from tests.helpers.pages import Bench, dialog
from tests.helpers.sandbox import Sandbox, running
from tests.helpers.screens import LOOKS, assert_looks, grab
from ui.dialogs.confirm import ConfirmDialog
from ui.dialogs.paper import PaperDialog
from ui.pages.exchange import ExchangePage
from ui.pages.exchange_in import PURPOSE, UNMATCHED
from ui.pages.exchange_out import FOLDER, NOTHING, packed_words
from ui.sticks import Stick, is_removable, packages_on
from ui.widgets.base import Text


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sandbox]:
    with running(tmp_path_factory.mktemp("platform")) as one:
        yield one


@pytest.fixture
def home(tmp_path: Path, sandbox: Sandbox) -> Iterator[Office]:
    """A registered computer that holds its cases."""
    one = open_office(tmp_path / "home", sandbox)
    one.good_run()
    yield one
    for client in one.clients:
        client.close()


@pytest.fixture
def stick(tmp_path: Path, monkeypatch) -> Path:
    """A folder that the system names as the stick plugged in: tests have no USB port."""
    place = tmp_path / "media" / "blue"
    place.mkdir(parents=True)
    found = lambda: (Stick("调解室蓝色 U 盘", place, 27 * 1024**3, packages_on(place)),)  # noqa: E731
    monkeypatch.setattr("ui.pages.exchange.plugged_in", found)
    return place


@pytest.fixture
def bench(qtbot, plain_look, home: Office, stick: Path, tmp_path: Path):
    place = Workplace(home.desk, home.paths.root, home.clock)  # type: ignore[arg-type]
    made = Bench(qtbot, plain_look, place, tmp_path)
    made.add(ExchangePage(made.context))
    yield made
    made.close()


def write(home: Office, count: int = 1) -> str:
    case_id = home.case_ids("received", "contacting", "accepted", "mediating")[0]
    for number in range(count):
        Handling(home.desk).add_note(case_id, f"离线写的第 {number} 条。")
    return case_id


def page_of(bench: Bench) -> ExchangePage:
    bench.show("exchange")
    page = bench.shell.current
    assert isinstance(page, ExchangePage)
    return page


def wait(bench: Bench, page: ExchangePage) -> None:
    """Until the stick is left alone and the page shows what came of it."""
    bench.qtbot.waitUntil(lambda: page._job is None, timeout=30_000)
    bench.idle()


def test_nothing_to_carry(bench, home):
    page = page_of(bench)
    assert page.out.empty.isVisible()
    assert page.out.empty.text.text() == NOTHING == page._subtitle.text()
    assert page.out.primary.unavailable == "没有要带的"
    assert page.earlier.empty.isVisible()
    grab(bench.shell, "exchange-empty")
    assert_looks(page)


def test_what_was_not_delivered_is_told_beside_what_can_be_carried(bench, home):
    write(home, 2)
    refused = select(outbox.c.command_id).order_by(outbox.c.ordinal).limit(1).scalar_subquery()

    def refuse(**values: str) -> None:
        done = {"settled_at": "2026-11-23T02:43:00.000Z", **values}
        statement = update(outbox).where(outbox.c.command_id == refused).values(done)
        home.desk.store.write(lambda conn: conn.execute(statement) and None)

    refuse(state="rejected", error_code="field", error_text="缺一项，请补上再发。")
    why = "平台已有答复，带去也一样，先到同步中心“要您处理”里办。"
    page = page_of(bench)
    conflict(home, 1, "phone", "13900000001", "13900000002")
    bench.changed("conflicts")
    asked = Services(home.desk).sync_centre.rows("needs_you")
    assert [row.status for row in asked] == ["conflict", "failed"]
    both = "没有送达的 1 项、两处不同的 1 处"
    assert page.out.header.note.text().startswith("1 项")
    assert f"{both}不装：{why}" in [text.text() for text in page.out.lines.findChildren(Text)]
    settled = update(outbox).where(outbox.c.state == "waiting").values(state="delivered", receipt=b"{}")
    home.desk.store.write(lambda conn: conn.execute(settled) and None)
    bench.changed("outbox")
    assert page._subtitle.text() == page.out.empty.text.text() == f"没有要带的。{both}，{why}"
    grab(bench.shell, "exchange-answered")
    assert_looks(page)


def test_the_whole_way_by_keyboard(bench, home, stick, sandbox, tmp_path):
    write(home, 2)
    page = page_of(bench)
    assert page.out.header.note.text().startswith("2 项")
    assert page.out.primary.unavailable == ""
    said: list[str] = []
    page.said.connect(said.append)
    bench.key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    wait(bench, page)
    (package,) = stick.glob("*.jfp")
    assert package.name in said[-1]
    sheet = dialog(PaperDialog)
    bench.qtbot.waitUntil(lambda: bool(sheet.content), timeout=30_000)
    text = "".join(p.extract_text() for p in PdfReader(io.BytesIO(sheet.content)).pages).replace("\n", "")
    (record,) = Services(home.desk).packages.known()
    assert record.code in text
    assert record.label in text
    assert "记事" in text
    personal = [p.name for case_id in home.everything() for p in home.file(case_id).parties.values()]
    assert not any(name in text for name in personal)
    sheet.reject()
    bench.idle()
    # Packed is not delivered.
    assert Services(home.desk).sync_centre.counts().waiting == 2
    assert page.earlier.table.records.cell(record, 4).text == "等回执"
    page.earlier.code.setText(record.code.lower())
    assert page.earlier.found.text() == f"对得上 {record.label}，2 项"
    town = open_office(tmp_path / "town", sandbox, "head")
    receipt = carry(town, package).receipt
    town.close()
    bench.front()
    bench.key(Qt.Key.Key_O, Qt.KeyboardModifier.ControlModifier)
    chooser = dialog(QFileDialog)
    chooser.findChild(QLineEdit, "fileNameEdit").setText(str(receipt))
    chooser.accept()
    wait(bench, page)
    assert page.back_card.good.isVisible()
    assert "送达 2" in page.back_card.good.text.text()
    assert Services(home.desk).sync_centre.counts().waiting == 0
    assert page.out.empty.isVisible()
    page.take_file(receipt)
    wait(bench, page)
    assert page.back_card.good.isVisible()
    assert [a for a, _ in bench.audit() if a.startswith("package.")] == ["package.pack", "package.receipt"]


def test_a_stick_without_room_says_so_and_the_one_with_room_is_meant(bench, home, stick, monkeypatch):
    write(home, 3)
    full = (Stick("满了的", stick, 0, 0), Stick("快满的", stick, 1024, 0), Stick("空的", stick, 1 << 30, 2))
    sticks = tuple(replace(one, path=stick / str(number)) for number, one in enumerate(full))
    monkeypatch.setattr("ui.pages.exchange.plugged_in", lambda: sticks)
    page = page_of(bench)
    cards = {card._title.text(): card._hint.text() for card in page.out.place.group.cards.values()}
    assert cards["移动盘　满了的"].startswith("装不下：已经满了，要 ")
    assert cards["移动盘　快满的"].startswith("装不下：只剩 1 KB，要 ")
    assert cards["移动盘　空的"] == "可用，还有 1.0 GB；上面有 2 个交换包"
    assert page.out.place.place == stick / "2"


def test_handing_in_for_another_computer(bench, home, stick, sandbox, tmp_path):
    other = open_office(tmp_path / "other", sandbox, "clerk")
    other.good_run()
    write(other)
    package = pack(other, stick)
    page = page_of(bench)
    sandbox.control("network/offline")
    page.take_file(package)
    wait(bench, page)
    assert page.back_card.bad.text.text().startswith("这是装好的包，不是回执。")
    sandbox.control("network/normal")
    page.take_file(package)
    wait(bench, page)
    (receipt,) = stick.glob("*.jfr")
    assert head_of(receipt).package_id == head_of(package).package_id
    (record,) = Services(home.desk).packages.known()
    assert page.earlier.table.records.cell(record, 4).text == "替交了"
    assert page.earlier.print.unavailable
    assert "已交给平台。" in bench.shell.toast.text.text()
    page.take_file(package)
    wait(bench, page)
    assert "这一包已经交过，没有重复提交。" in bench.shell.toast.text.text()
    page.take_file(receipt)
    wait(bench, page)
    assert "这份回执不是本机装的包换来的，没有读。" in page.back_card.bad.text.text()
    other.close()


def test_a_package_of_which_all_went_by_the_line_need_not_be_carried(bench, home, stick):
    write(home, 2)
    pack(home, stick)
    page = page_of(bench)
    records = page.earlier.table.records
    assert records.cell(records.records[0], 4).text == "等回执"
    assert "1 个还没有回执" in page.earlier.header.note.text()
    home.good_run()
    page.renew()
    bench.idle()
    assert records.cell(records.records[0], 4).text == "都联网送出了"
    assert "还没有回执" not in page.earlier.header.note.text()


def test_a_lost_package_is_given_up_in_words(bench, home, stick):
    write(home, 2)
    page = page_of(bench)
    assert page.earlier.void.unavailable
    bench.click(page.out.primary)
    wait(bench, page)
    dialog(PaperDialog).reject()
    bench.idle()
    assert "都已经在" in packed_words(Services(home.desk).packages.offer())
    assert page.out.primary.text() == "再装一包，打印交接单"
    bench.click(page.earlier.void)
    asked = dialog(ConfirmDialog)
    assert "只有确定这个包没有交" in asked.asked.effects[0]
    grab(bench.shell, "exchange-void")
    bench.click(asked.action_button)
    (record,) = Services(home.desk).packages.known()
    assert record.state == "given_up"
    assert page.earlier.void.unavailable
    assert packed_words(Services(home.desk).packages.offer()) == ""
    assert page.out.primary.text() == "装好，打印交接单"


def test_the_mark_goes_to_the_package_that_was_just_packed(bench, home, stick):
    """Its sheet goes with the stick: another one's code would not fit it."""
    write(home)
    pack(home, stick)
    page = page_of(bench)
    (old,) = Services(home.desk).packages.known()
    assert page.earlier.table.current == old
    write(home)
    home.later(60)
    bench.changed("outbox")
    bench.click(page.out.primary)
    wait(bench, page)
    dialog(PaperDialog).reject()
    bench.idle()
    new = Services(home.desk).packages.known()[0]
    assert new.package_id != old.package_id
    assert page.earlier.table.current == new
    assert not page.earlier.void.unavailable
    bench.click(page.earlier.void)
    assert new.label in dialog(ConfirmDialog).asked.title
    dialog(ConfirmDialog).reject()
    bench.idle()
    page.earlier.table.selectRow(1)
    bench.changed("outbox")
    assert page.earlier.table.current.package_id == old.package_id, "what a person marked stays marked"


def test_a_code_marks_its_package_and_a_wrong_one_is_told_until_something_changes(bench, home, stick):
    for _ in range(2):
        write(home)
        pack(home, stick)
        home.later(60)
    page = page_of(bench)
    earlier = page.earlier
    new, old = Services(home.desk).packages.known()
    assert earlier.table.current == new
    assert earlier.found.text() == PURPOSE
    earlier.code.setText(old.code.lower())
    assert earlier.found.text() == f"对得上 {old.label}，{old.items} 项"
    assert earlier.table.current == old
    grab(bench.shell, "exchange-code")
    bench.click(earlier.void)
    assert old.label in dialog(ConfirmDialog).asked.title
    dialog(ConfirmDialog).reject()
    bench.idle()
    earlier.code.setText("0000-0000")
    assert earlier.found.text() == UNMATCHED
    page.renew()
    bench.idle()
    assert earlier.found.text() == UNMATCHED, "the same list says the same"
    Services(home.desk).packages.give_up(new.package_id)
    bench.changed("packages")
    assert earlier.found.text() == PURPOSE
    assert earlier.header.note.text().startswith("2 个，"), "the one given up is a row as well"
    earlier.code.setText("0000-0000")
    earlier.code.setText("0000")
    assert earlier.found.text() == PURPOSE


def test_without_a_window_at_the_platform_the_package_is_given_up_first(bench, home, stick):
    write(home)
    pack(home, stick)
    page = page_of(bench)
    foot = " ".join(text.text() for text in page.earlier.findChildren(Text))
    assert foot.index("先点“这个包作废”") < foot.index("再到案件里撤回申请")


def test_a_folder_without_room_is_not_called_a_stick(bench, home, stick, tmp_path, monkeypatch):
    write(home)
    page = page_of(bench)
    full = lambda _place: shutil._ntuple_diskusage(1024, 0, 1024)  # noqa: E731 - a full disk is not at hand
    monkeypatch.setattr("app.services.exchange_package.shutil.disk_usage", full)
    page.pack_into(tmp_path)
    wait(bench, page)
    assert page.out.progress.text.text().startswith("选的地方只剩 1 KB，放不下 ")
    assert "移动盘" not in page.out.progress.text.text()


def test_a_package_handed_in_where_it_was_packed_has_its_receipt_read_at_once(bench, home, stick):
    write(home, 2)
    package = pack(home, stick)
    page = page_of(bench)
    page.take_file(package)
    wait(bench, page)
    assert "读好了：送达 2" in bench.shell.toast.text.text()
    records = page.earlier.table.records
    assert records.cell(records.records[0], 4).text == "都送到了"
    assert Services(home.desk).sync_centre.counts().waiting == 0


def test_what_was_said_of_a_file_is_gone_on_coming_back(bench, home, stick):
    page = page_of(bench)
    (stick / "别的.jfr").write_bytes(b"nothing of ours")
    page.take_file(stick / "别的.jfr")
    wait(bench, page)
    assert page.back_card.bad.isVisible()
    page.open({})
    bench.idle()
    assert not page.back_card.bad.isVisible()


def test_spoilt_and_foreign_files_are_told_where_they_are_chosen(bench, home, stick):
    write(home)
    page = page_of(bench)
    package = pack(home, stick)
    package.write_bytes(package.read_bytes()[:-5])
    page.take_file(package)
    wait(bench, page)
    assert "移动盘可能拔早了，这个文件不完整，没有读" in page.back_card.bad.text.text()
    (stick / "别的.jfr").write_bytes(b"nothing of ours")
    page.take_file(stick / "别的.jfr")
    wait(bench, page)
    assert "不是离线交换包" in page.back_card.bad.text.text()
    grab(bench.shell, "exchange-refused")
    assert_looks(page)


def test_a_folder_of_this_computer_and_a_place_that_is_gone(bench, home, stick, tmp_path):
    write(home)
    page = page_of(bench)
    page.out.place.group.cards[FOLDER].click()
    bench.click(page.out.primary)
    chooser = dialog(QFileDialog)
    chooser.reject()
    bench.idle()
    page.pack_into(tmp_path / "gone")
    wait(bench, page)
    assert page.out.progress.isVisible()
    assert "移动盘拔早了" in page.out.progress.text.text()
    assert Services(home.desk).packages.known() == ()
    assert Services(home.desk).sync_centre.counts().waiting == 1


def test_what_can_still_be_undone_is_not_offered_yet(bench, home, stick, monkeypatch):
    monkeypatch.setattr("ui.pages.exchange.HELD_MS", 50)
    desk = replace(home.desk, undo_window=__import__("datetime").timedelta(seconds=10))
    Handling(desk).add_note(home.case_ids("received", "contacting")[0], "刚写的。")
    page = page_of(bench)
    assert "还能撤销" in page._subtitle.text()
    assert page.out.primary.unavailable == "还能撤销，过几秒再装"
    home.later(11)
    bench.qtbot.waitUntil(lambda: not page.out.primary.unavailable)


def test_where_sticks_are_mounted():
    assert is_removable(Path("/media/user/BLUE"))
    assert is_removable(Path("/run/media/user/BLUE"))
    assert not is_removable(Path("/"))
    assert not is_removable(Path("/home/media"))


@pytest.mark.parametrize(("mode", "scale", "size"), LOOKS)
def test_looks(bench, home, stick, mode, scale, size):
    bench.look.set_mode(mode)
    bench.look.metrics.set_scale(scale)
    bench.shell.resize(*size)
    case_id = write(home, 2)
    pack(home, stick)
    Handling(home.desk).add_note(case_id, "装了以后又写的。")
    page = page_of(bench)
    grab(bench.shell, f"exchange-{mode}-{round(scale * 100)}")
    assert_looks(page)
    assert page.out.primary.isVisible()


def test_handing_in_where_this_computer_was_taken_out_of_use(bench, home, stick, sandbox, tmp_path):
    other = open_office(tmp_path / "other", sandbox, "clerk")
    other.good_run()
    write(other)
    package = pack(other, stick)
    other.close()
    sandbox.control(f"device/{home.desk.device_id}/revoke")
    seen: list[str] = []
    bench.context.operations.broken.connect(lambda error: seen.append(error.code))
    page = page_of(bench)
    page.take_file(package)
    wait(bench, page)
    assert seen == [revoked.CODE], "the window hears of it and locks"
    assert revoked.standing(home.paths, home.desk) is not None, "it stays locked at the next start"
