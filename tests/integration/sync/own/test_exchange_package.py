"""离线交换包 between two real computers and a real platform: exactly once, whichever way comes first."""

from __future__ import annotations

import datetime as dt
import json
import threading
from pathlib import Path

import pytest
from sqlalchemy import select

from app.clock import from_text, shanghai
from app.domain import casefile as cf
from app.domain.errors import Cancelled, StateError, StorageFault, UserError
from app.domain.unsent import GROUND_MOVED
from app.services import casework
from app.services.act_words import NONE
from app.services.agreeing import Agreeing, SignatureEntry
from app.services.attachments import Attachments, FileEntry
from app.services.caucus import Caucus
from app.services.exchange_package import ExchangePackages
from app.services.filing import Filing
from app.services.handling import Handling
from app.services.resolving import Resolving
from app.services.sync_centre import SyncCentre
from app.storage import package_file as pf
from app.storage.tables import audit, filings, uploads
from sync.engine.faults import BusyFault, UnreachableFault
from tests.helpers.clients import Office, open_office, reopened
from tests.helpers.decisions import agreement, finalise, first_view, sign_all
from tests.helpers.filings import PDF, agreed_case, edit_respondent, lodgings, prepare_filing
from tests.helpers.packages import carry, pack, read, round_trip
from tests.helpers.restored import at_the_platform, lodge, states
from tests.helpers.sandbox import Sandbox, running
from ui.pages.exchange_in import told

SECRET = "梧桐里的密语不出门"


@pytest.fixture
def stick(tmp_path: Path) -> Path:
    """A stick."""
    place = tmp_path / "stick"
    place.mkdir()
    return place


def work_offline(home: Office) -> str:
    """Words, a file and its declaration on one case; returns the case."""
    case_id = home.case_ids("received", "contacting", "accepted", "mediating")[0]
    Handling(home.desk).add_note(case_id, SECRET)
    entry = FileEntry(role="photo", title=SECRET)
    Attachments(home.desk).add_bytes(case_id, PDF + SECRET.encode(), "墙面.pdf", "application/pdf", entry)
    return case_id


def notes(office: Office, case_id: str) -> int:
    """How often the secret note stands in a case."""
    return sum(getattr(r.body, "text", "") == SECRET for r in office.file(case_id).records.values())


def upload_states(office: Office) -> list[str]:
    return office.desk.store.read(lambda conn: list(conn.execute(select(uploads.c.state)).scalars()))


def jobs(office: Office) -> list[str]:
    return office.desk.store.read(lambda conn: list(conn.execute(select(filings.c.job)).scalars()))


def actions(office: Office) -> list[str]:
    query = select(audit.c.action).where(audit.c.action.like("package.%")).order_by(audit.c.seq)
    return office.desk.store.read(lambda conn: list(conn.execute(query).scalars()))


def waiting(office: Office) -> int:
    return SyncCentre(office.desk).counts().waiting


def test_there_and_back(ready: Office, town: Office, stick: Path) -> None:
    case_id = work_offline(ready)
    bytes_before = [row.bytes for row in ready.outbox()]
    package = pack(ready, stick)
    assert waiting(ready) == 3, "packed is not delivered"
    handed = carry(town, package)
    assert waiting(ready) == 3
    record = read(ready, handed.receipt)
    assert (record.state, record.delivered, record.mend, record.waiting) == ("read", 3, 0, 0)
    assert waiting(ready) == 0
    assert ready.states() == ["delivered"] * 2
    assert upload_states(ready) == ["stored"]
    assert [row.bytes for row in ready.outbox()] == bytes_before
    assert all(row.receipt for row in ready.outbox())
    town.good_run()
    assert notes(town, case_id) == notes(ready, case_id) == 1
    # Once there is a network the computer finds nothing left to do, and both sides hold the same.
    result = ready.good_run()
    assert (result.sent, result.waiting) == (0, 0)
    assert ready.everything() == town.everything()
    assert ready.file(case_id) == ready.shadow(case_id)
    assert actions(ready) == ["package.pack", "package.receipt"]
    assert actions(town) == ["package.hand_in"]


def whys(office: Office) -> list[str]:
    """What each row that waits says of itself."""
    return [row.why for row in SyncCentre(office.desk).rows("waiting")]


def test_rows_say_which_package_they_lie_in_until_the_receipt(
    ready: Office, town: Office, stick: Path
) -> None:
    work_offline(ready)
    assert not any("交换包" in why for why in whys(ready))
    package = pack(ready, stick)
    (record,) = ExchangePackages(ready.desk).known()
    day = shanghai(from_text(record.packed_at))
    said = f"已装进离线交换包 {record.label}（{day.month}月{day.day}日，待交）"
    assert whys(ready) == [said] * 3
    row = SyncCentre(ready.desk).rows("waiting")[0]
    lines = {line.label: line.text for line in SyncCentre(ready.desk).explain(row.row_id)}
    assert lines["离线交换包"] == said
    Handling(ready.desk).add_note(ready.case_ids("received")[0], "装包以后写的")
    assert whys(ready).count(said) == 3
    assert len(whys(ready)) == 4
    second = pack(ready, stick)
    assert [why.partition("（")[0][-2:] for why in whys(ready)] == ["02"] * 4, "the latest one is named"
    read(ready, carry(town, package).receipt)
    assert whys(ready) == [said.replace("-01", "-02")]
    read(ready, carry(town, second).receipt)
    assert whys(ready) == []


def test_what_went_online_meanwhile_says_so(ready: Office, stick: Path) -> None:
    work_offline(ready)
    pack(ready, stick)
    ready.good_run()
    rows = SyncCentre(ready.desk).rows("all")
    assert {row.status for row in rows} == {"delivered"}
    assert not any("交换包" in row.why for row in rows)
    (record,) = ExchangePackages(ready.desk).known()
    lines = {line.label: line.text for line in SyncCentre(ready.desk).explain(rows[0].row_id)}
    assert lines["离线交换包"] == f"也装进过 {record.label}，这一项已经由网络送达"


def test_a_package_that_did_not_come_to_its_end_is_not_named(ready: Office, stick: Path) -> None:
    work_offline(ready)
    with pytest.raises(Cancelled):
        ExchangePackages(ready.desk).pack(stick, lambda _done, _all: False)
    assert not any("交换包" in why for why in whys(ready))


def test_the_carrying_computer_learns_and_keeps_nothing(ready: Office, town: Office, stick: Path) -> None:
    work_offline(ready)
    town.good_run()
    before = {path for path in town.paths.root.rglob("*") if path.is_file()}
    package = pack(ready, stick)
    carry(town, package)
    assert {path for path in town.paths.root.rglob("*") if path.is_file()} <= before | {
        path.with_name(path.name + end) for path in before for end in ("-wal", "-shm")
    }
    with pytest.raises(UserError, match="不是本机装的包换来的"):
        read(town, package.with_name("回执-" + package.stem + ".jfr"))


def test_nothing_lies_on_the_stick_in_plain(ready: Office, town: Office, stick: Path) -> None:
    case_id = work_offline(ready)
    Caucus(ready.desk).write(case_id, SECRET + "单独谈")
    carry(town, pack(ready, stick))
    file = ready.file(case_id)
    names = [party.name for party in file.parties.values()]
    ids = [case_id, ready.desk.person.person_id, ready.desk.device_id, *names, SECRET, file.head.title]
    for place in stick.iterdir():
        content = place.read_bytes()
        for word in ids:
            for coding in ("utf-8", "gb18030", "utf-16-le"):
                assert word.encode(coding) not in content, (place.name, word)
        assert not any(name in place.name for name in names)


def test_private_notes_never_go_along(ready: Office, stick: Path) -> None:
    case_id = ready.case_ids("received", "contacting", "accepted", "mediating")[0]
    Caucus(ready.desk).write(case_id, SECRET)
    assert ExchangePackages(ready.desk).offer().items == 0
    with pytest.raises(StateError, match="没有要带的"):
        pack(ready, stick)
    assert list(stick.iterdir()) == []


def test_read_twice_and_handed_in_twice(ready: Office, town: Office, stick: Path) -> None:
    case_id = work_offline(ready)
    package = pack(ready, stick)
    first = carry(town, package).receipt.read_bytes()
    handed = carry(town, package)
    assert handed.receipt.read_bytes() == first
    record = read(ready, handed.receipt)
    outbox = ready.outbox()
    assert read(ready, handed.receipt) == record
    assert ready.outbox() == outbox
    assert actions(ready) == ["package.pack", "package.receipt"]
    town.good_run()
    assert notes(town, case_id) == 1


def test_on_two_computers_at_once(
    ready: Office, town: Office, sandbox: Sandbox, stick: Path, tmp_path: Path
) -> None:
    case_id = work_offline(ready)
    package = pack(ready, stick)
    other = open_office(tmp_path / "other", sandbox, "clerk")
    copy = tmp_path / "copy"
    copy.mkdir()
    twin = copy / package.name
    twin.write_bytes(package.read_bytes())
    problems: list[BaseException] = []

    def go(office: Office, path: Path) -> None:
        try:
            carry(office, path)
        except BaseException as error:  # noqa: BLE001 - told by the assertion below
            problems.append(error)

    threads = [threading.Thread(target=go, args=each) for each in ((town, package), (other, twin))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not problems
    receipts = [*stick.glob("*.jfr"), *copy.glob("*.jfr")]
    assert len({path.read_bytes() for path in receipts}) == 1
    assert read(ready, receipts[1]).delivered == 3
    town.good_run()
    assert notes(town, case_id) == 1
    other.close()


@pytest.mark.parametrize("first", ["line", "stick"])
def test_online_again_meanwhile(ready: Office, town: Office, stick: Path, first: str) -> None:
    case_id = work_offline(ready)
    package = pack(ready, stick)
    if first == "line":
        assert ready.good_run().sent == 2
        handed = carry(town, package)
    else:
        handed = carry(town, package)
        assert ready.good_run().sent == 2, "the first result is given again, as a duplicate"
    assert waiting(ready) == 0
    before = ready.outbox()
    assert read(ready, handed.receipt).delivered == 3
    assert ready.outbox() == before
    ready.good_run()
    town.good_run()
    assert notes(town, case_id) == 1
    assert ready.everything() == town.everything()


def test_what_was_written_later_goes_with_the_next_package(ready: Office, town: Office, stick: Path) -> None:
    case_id = work_offline(ready)
    first = pack(ready, stick)
    Handling(ready.desk).add_note(case_id, "第二天又写的。")
    second = pack(ready, stick)
    # In the wrong order: the second holds what the first holds, too.
    later = carry(town, second)
    earlier = carry(town, first)
    assert read(ready, later.receipt).delivered == 4
    assert waiting(ready) == 0
    assert read(ready, earlier.receipt).delivered == 3
    town.good_run()
    assert notes(town, case_id) == 1


def test_cut_in_the_middle_it_goes_on(ready: Office, town: Office, sandbox: Sandbox, stick: Path) -> None:
    case_id = work_offline(ready)
    big = FileEntry(role="photo", title="全景")
    Attachments(ready.desk).add_bytes(case_id, PDF + bytes(3_000_000), "大.pdf", "application/pdf", big)
    package = pack(ready, stick)
    for mode in ("offline", "normal"):
        sandbox.control(f"network/{mode}")
        if mode == "offline":
            with pytest.raises(UnreachableFault):
                carry(town, package)
            assert list(stick.glob("*.jfr")) == []
            assert waiting(ready) > 0
    handed = carry(town, package)
    assert read(ready, handed.receipt).mend == 0
    assert waiting(ready) == 0


@pytest.mark.parametrize(
    ("mode", "only"), [("drop_reply", "/v1/packages"), ("e502", "/receipt"), ("drop_reply", "/v1/uploads/")]
)
def test_a_lost_reply_changes_nothing(
    ready: Office, town: Office, sandbox: Sandbox, stick: Path, mode: str, only: str
) -> None:
    """The reply to the hand-in, the receipt, or that of a piece is lost: handed in again, it is the same."""
    case_id = work_offline(ready)
    package = pack(ready, stick)
    sandbox.control(f"network/{mode}", count=1, only=only)
    with pytest.raises((UnreachableFault, BusyFault)):
        carry(town, package)
    assert list(stick.glob("*.jfr")) == []
    record = read(ready, carry(town, package).receipt)
    assert (record.delivered, waiting(ready)) == (3, 0)
    town.good_run()
    assert notes(town, case_id) == 1


def test_one_changed_byte_anywhere_and_nothing_has_an_effect(
    ready: Office, town: Office, stick: Path
) -> None:
    case_id = work_offline(ready)
    package = pack(ready, stick)
    good = package.read_bytes()
    spots = [0, 6, 40, 200, len(good) // 3, len(good) // 2, len(good) - 40, len(good) - 1]
    for spot in spots:
        package.write_bytes(good[:spot] + bytes([good[spot] ^ 1]) + good[spot + 1 :])
        with pytest.raises((UserError, StorageFault)):
            carry(town, package)
        # Not even by somebody who knows the form and puts the file's own hash right again.
        spoilt = package.read_bytes()[: -pf.TRAILER]
        package.write_bytes(spoilt + _sha(spoilt))
        if spot < len(good) - pf.TRAILER:
            with pytest.raises(UserError):
                carry(town, package)
    town.good_run()
    assert notes(town, case_id) == 0
    package.write_bytes(good)
    receipt = carry(town, package).receipt
    proof = receipt.read_bytes()
    for spot in (0, 6, 40, 300, len(proof) // 2, len(proof) - 40, len(proof) - 1):
        spoilt = proof[:spot] + bytes([proof[spot] ^ 1]) + proof[spot + 1 : -pf.TRAILER]
        receipt.write_bytes(spoilt + _sha(spoilt) if spot < len(proof) - pf.TRAILER else spoilt)
        with pytest.raises((UserError, StorageFault)):
            read(ready, receipt)
    assert waiting(ready) == 3
    receipt.write_bytes(proof)
    assert read(ready, receipt).delivered == 3


def _sha(data: bytes) -> bytes:
    import hashlib

    return hashlib.sha256(data).digest()


def test_a_stick_pulled_too_early(ready: Office, town: Office, stick: Path) -> None:
    work_offline(ready)
    package = pack(ready, stick)
    good = package.read_bytes()
    for size in (len(good) - 1, len(good) // 2, 100):
        package.write_bytes(good[:size])
        with pytest.raises((StorageFault, UserError), match=r"这个文件不完整|不是离线交换包"):
            carry(town, package)
    assert waiting(ready) == 3


def test_cancelled_or_full_there_is_no_package_and_everything_waits(ready: Office, stick: Path) -> None:
    work_offline(ready)
    with pytest.raises(Cancelled):
        pack(ready, stick, lambda done, _total: done < 200)
    with pytest.raises(StorageFault, match="移动盘拔早了"):
        ExchangePackages(ready.desk).pack(stick / "gone")
    assert list(stick.iterdir()) == []
    assert ExchangePackages(ready.desk).known() == ()
    assert waiting(ready) == 3
    assert ready.good_run().sent == 2


def test_a_foreign_institution(ready: Office, tmp_path: Path, stick: Path) -> None:
    """Another platform can neither open the package nor make a receipt for it; its own are not ours."""
    work_offline(ready)
    package = pack(ready, stick)
    with running(tmp_path / "elsewhere") as elsewhere:
        stranger = open_office(tmp_path / "stranger", elsewhere)
        stranger.good_run()
        with pytest.raises(UserError, match="不完整，或被改动过"):
            carry(stranger, package)
        work_offline(stranger)
        theirs = tmp_path / "theirs"
        receipt = carry(stranger, pack(stranger, theirs)).receipt
        with pytest.raises(UserError, match="这份回执不是本机装的包换来的，没有读。"):
            read(ready, receipt)
        stranger.close()
    assert waiting(ready) == 3


def test_what_was_packed_cannot_be_undone_any_more(ready: Office, town: Office, stick: Path) -> None:
    case_id = ready.case_ids("received", "contacting", "accepted", "mediating")[0]
    Handling(ready.desk).add_note(case_id, SECRET)
    package = pack(ready, stick)
    command_id = ready.outbox()[-1].command_id
    with pytest.raises(StateError, match="已经发出"):
        casework.undo(ready.desk, command_id)
    read(ready, carry(town, package).receipt)
    assert ready.states() == ["delivered"]


def test_an_application_with_its_files(ready: Office, town: Office, sandbox: Sandbox, stick: Path) -> None:
    before = lodgings(sandbox)
    case_id = agreed_case(ready)
    ready.good_run()
    prepare_filing(ready, case_id)
    submission_id = Filing(ready.desk).lodge(case_id).value
    package = pack(ready, stick)
    assert any("交换包" in row.why for row in SyncCentre(ready.desk).rows("waiting") if row.kind == "filing")
    with pytest.raises(StateError, match="正在核对平台收到这份申请没有"):
        Filing(ready.desk).withdraw(case_id)
    handed = carry(town, package)
    assert lodgings(sandbox) == before + 1
    carry(town, package)
    record = read(ready, handed.receipt)
    assert (record.mend, record.waiting) == (0, 0)
    assert jobs(ready) == ["done"]
    assert whys(ready) == []
    ready.good_run()
    assert lodgings(sandbox) == before + 1
    shown = Filing(ready.desk).prepare(case_id).submission
    assert shown is not None
    assert (shown.submission_id, shown.state) == (submission_id, "lodged")
    # Asked to be withdrawn offline, too: the wish travels the same way.
    Filing(ready.desk).withdraw(case_id)
    assert round_trip(ready, town, stick).delivered == 1
    assert jobs(ready) == ["done"]


def test_a_day_that_moved_while_the_application_lay_on_the_stick(
    ready: Office, town: Office, sandbox: Sandbox, stick: Path
) -> None:
    """It rests on the days that its author saw: nothing is handed in on others before that person says so."""
    before = lodgings(sandbox)
    case_id = agreed_case(ready, days_ago=3)
    ready.good_run()
    prepare_filing(ready, case_id)
    ready.good_run()
    Filing(ready.desk).lodge(case_id)
    package = pack(ready, stick)
    town.good_run()
    yesterday = town.desk.today() - dt.timedelta(days=1)
    Agreeing(town.desk).register_signatures(case_id, (SignatureEntry("mediator", yesterday),))
    town.good_run()
    assert read(ready, carry(town, package).receipt).mend == 1
    assert lodgings(sandbox) == before
    view = Filing(ready.desk).prepare(case_id)
    assert (view.job, view.job_code) == ("failed", GROUND_MOVED)
    assert f"何静 {shanghai(town.desk.clock.now()):%-m月%-d日}" in view.job_error
    assert f"改成{yesterday.month}月{yesterday.day}日。申请没有交给法院" in view.job_error
    # Told of it, also without the entry itself, the person hands it in as it stands now.
    (row,) = (one for one in SyncCentre(ready.desk).rows("needs_you") if one.kind == "filing")
    SyncCentre(ready.desk).retry_now(row.row_id)
    assert round_trip(ready, town, stick).mend == 0
    assert lodgings(sandbox) == before + 1
    assert jobs(ready) == ["done"]


def test_without_the_receipt_a_lodged_application_is_asked_for(
    ready: Office, town: Office, sandbox: Sandbox, stick: Path
) -> None:
    before = lodgings(sandbox)
    case_id = agreed_case(ready)
    ready.good_run()
    prepare_filing(ready, case_id)
    Filing(ready.desk).lodge(case_id)
    carry(town, pack(ready, stick))
    ready.good_run()
    ready.good_run()
    assert lodgings(sandbox) == before + 1
    assert jobs(ready) == ["done"]
    assert waiting(ready) == 0


def test_a_case_taken_back_and_two_values_inside(
    ready: Office, town: Office, sandbox: Sandbox, stick: Path
) -> None:
    disputed, gone = ready.case_ids("received", "contacting")[:2]
    sandbox.control("edit-same-field", case_id=disputed, value="云浦区梧桐里街道棠溪路88弄9号302室")
    edit_respondent(ready, disputed, "云浦区梧桐里街道棠溪路88弄6号302室")
    Handling(ready.desk).add_note(gone, SECRET)
    sandbox.control("tombstone", case_id=gone)
    record = round_trip(ready, town, stick)
    assert (record.delivered, record.mend) == (0, 2)
    assert told(record) == "2 项：送达 0；要您处理 2，已列在同步中心", "one of them is 两处不同"
    centre = SyncCentre(ready.desk)
    assert {row.status for row in centre.rows("needs_you")} == {"conflict", "failed"}
    assert ready.states() == ["conflict", "rejected"]
    again = read(ready, next(stick.glob("*.jfr")))
    assert again == record
    result = ready.good_run()
    assert (result.conflicts, result.sent) == (1, 0)


def test_a_decision_chosen_from_the_receipt_holds(
    ready: Office, other: Office, town: Office, stick: Path
) -> None:
    """What the receipt told is what it was chosen on, though the case itself has not come yet."""
    case_id = next(
        one for one in ready.case_ids("accepted", "mediating") if not ready.file(one).head.suspensions
    )
    first = ready.desk.today()
    for office in (other, ready):
        office.good_run()
    Handling(ready.desk).suspend(case_id, "送鉴定", first)
    for office in (ready, other):
        office.later(60)
        office.good_run()
    Handling(other.desk).resume_clock(case_id, first + dt.timedelta(days=2))
    Handling(ready.desk).resume_clock(case_id, first + dt.timedelta(days=5))
    other.later(60)
    other.good_run()
    round_trip(ready, town, stick)
    (conflict_id,) = Resolving(ready.desk).open_ids()
    Resolving(ready.desk).resolve(conflict_id, "mine")
    ready.later(60)
    ready.good_run()
    assert SyncCentre(ready.desk).counts().needs_you == 0
    other.good_run()
    for office in (ready, other):
        (span,) = office.file(case_id).head.suspensions
        assert span.last_day == first + dt.timedelta(days=5)


def test_a_decision_met_what_the_receipt_alone_tells_of(
    ready: Office, other: Office, town: Office, stick: Path
) -> None:
    """The receipt has not the words of what a colleague entered: no particular is called missing there."""
    case_id = ready.case_ids("accepted", "mediating")[0]
    finalise(ready, case_id, agreement(ready, case_id, "held", 500_00))
    sign_all(ready, case_id, "held")
    for office in (ready, other):
        office.good_run()
    paid = cf.Performance(agreement_id="held", payment_no=1, on=other.desk.today(), state="defaulted")
    Handling(other.desk).record_performance(case_id, paid)
    other.good_run()
    finalise(ready, case_id, agreement(ready, case_id, "anew", 300_00))
    round_trip(ready, town, stick)
    view = first_view(ready)
    told = {one.name: (one.mine, one.theirs) for one in view.act.differences}
    mine, theirs = told["履行登记"]
    assert (mine.startswith("您定稿时还没有收到何静 "), theirs) == (True, "全文还没有收到")
    assert told["合计"] == ("300 元", "500 元"), "the text that holds is here, and compared"
    assert NONE not in {theirs for _, theirs in told.values()}
    assert view.why_not_mine.startswith("平台上的这一份登记了履行，全文还没有收到。")


def test_a_platform_restored_since(ready: Office, town: Office, sandbox: Sandbox, stick: Path) -> None:
    """The receipt proves what the platform has forgotten: it does not count, and the package works again."""
    sandbox.control("backup")
    case_id = work_offline(ready)
    package = pack(ready, stick)
    receipt = carry(town, package).receipt
    old = receipt.read_bytes()
    sandbox.control("restore")
    anew = carry(town, package).receipt.read_bytes()
    assert anew != old
    assert read(ready, receipt).delivered == 3
    # Of the time before the restore: later is known by now, also without network.
    receipt.write_bytes(old)
    with pytest.raises(StateError, match="恢复过数据"):
        read(ready, receipt)
    assert waiting(ready) == 0
    ready.good_run()
    with pytest.raises(StateError, match="恢复过数据"):
        read(ready, receipt)
    assert ready.good_run().sent == 0
    town.good_run()
    assert notes(town, case_id) == notes(ready, case_id) == 1
    assert ready.everything() == town.everything()


def test_a_restored_platform_gets_back_by_sticks_what_it_forgot(
    ready: Office, town: Office, sandbox: Sandbox, stick: Path
) -> None:
    """A computer without network hears of it by a receipt, and its next package brings what is missing."""
    case_id = ready.case_ids("received", "contacting", "accepted", "mediating")[0]
    sandbox.control("backup")
    Handling(ready.desk).add_note(case_id, SECRET)
    ready.good_run()
    sandbox.control("restore")
    Handling(ready.desk).add_note(case_id, SECRET)
    first = read(ready, carry(town, pack(ready, stick)).receipt)
    assert (first.delivered, first.waiting) == (0, 1), "the one before it is not there"
    assert waiting(ready) == 2
    town.good_run()
    assert notes(town, case_id) == 0
    Handling(ready.desk).add_note(case_id, SECRET)
    second = read(ready, carry(town, pack(ready, stick)).receipt)
    assert (second.delivered, second.waiting) == (3, 0)
    # What was carried since the restore is not carried again, and is shown although no feed brought it.
    Handling(ready.desk).add_note(case_id, SECRET)
    third = read(ready, carry(town, pack(ready, stick)).receipt)
    assert third.delivered == 1
    assert notes(ready, case_id) == 4
    town.good_run()
    ready.good_run()
    assert ready.good_run().sent == 0
    assert notes(town, case_id) == notes(ready, case_id) == 4
    assert ready.everything() == town.everything()


def test_a_restored_platform_gets_back_by_sticks_an_application_and_its_files(
    ready: Office, town: Office, sandbox: Sandbox, stick: Path
) -> None:
    case_id = agreed_case(ready)
    ready.good_run()
    prepare_filing(ready, case_id)
    sandbox.control("backup")
    other_case = work_offline(ready)
    ready.good_run()
    mine = lodge(ready, case_id)
    sandbox.control("restore")
    Handling(ready.desk).add_note(case_id, SECRET)
    round_trip(ready, town, stick)
    assert SyncCentre(ready.desk).standing().restored, "told, also without network"
    round_trip(ready, town, stick)
    assert (waiting(ready), whys(ready)) == (0, [])
    assert states(at_the_platform(town, mine)) == ["lodged"]
    town.good_run()
    (kept,) = (one for one in town.file(other_case).attachments.values() if one.title == SECRET)
    assert kept.stored
    for office in (ready, town):
        office.good_run()
    assert ready.everything() == town.everything()


def test_the_program_ends_while_packing(ready: Office, stick: Path) -> None:
    """Killed between choosing and the stick: nothing is lost, nothing can be undone that may have left."""
    work_offline(ready)
    packing = ExchangePackages(ready.desk)
    packing._begun()
    again = reopened(ready)
    assert waiting(again) == 3
    (record,) = ExchangePackages(again.desk).known()
    assert record.state == "packing"
    pack(again, stick)
    assert again.good_run().sent == 2
    ready.desk = again.desk


def test_the_program_ends_right_after_the_package_got_its_name(
    ready: Office, town: Office, stick: Path
) -> None:
    work_offline(ready)
    packing = ExchangePackages(ready.desk)
    key, record, plan = packing._begun()
    packing._write(stick / record.file_name, key, record, plan, None)
    again = reopened(ready)
    ready.desk = again.desk
    assert ExchangePackages(again.desk).known()[0].state == "packing"
    assert read(again, carry(town, stick / record.file_name).receipt).delivered == 3
    assert waiting(again) == 0


def test_everybody_of_the_packing_computer_may_read_its_receipt(
    ready: Office, town: Office, stick: Path
) -> None:
    work_offline(ready)
    receipt = carry(town, pack(ready, stick)).receipt
    head = pf.head_of(receipt)
    assert len(head.keys) == 1
    assert json.loads(json.dumps(head.kind)) == "receipt"
    with pytest.raises(UserError, match="不用交"):
        carry(town, receipt)
    with pytest.raises(UserError, match="不是回执"):
        read(ready, next(stick.glob("*.jfp")))
