"""SRV: what a platform, or a gateway in front of it, answers."""

from __future__ import annotations

import datetime as dt
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
from sqlalchemy import delete, select, update

from app.services.handling import Handling
from app.services.sync_centre import SyncCentre
from app.storage.tables import sync_log
from sync.contract import commands as contract
from sync.contract.codes import WireError
from sync.sandbox import feedout
from sync.sandbox import tables as t
from sync.sandbox.http import Request, Response
from sync.sandbox.ledger import Ledger
from tests.faults.aimed import Aim, aimed
from tests.faults.told import (
    UNKNOWN,
    all_went,
    exchange,
    explained,
    first,
    halted,
    interrupted,
    notes_at_the_platform,
    why,
    write,
)
from tests.harness.acts import PLATFORM_ACTS, a_case
from tests.harness.line import HTML
from tests.harness.play import Play
from tests.harness.steps import Act, Elsewhere, Exchange, Pass, SignIn
from tests.helpers.clients import Office, open_office
from tests.helpers.sandbox import Sandbox, running

COMMANDS = ("POST", "/v1/commands")
HOUR = dt.timedelta(hours=1)


def gateway(status: int, **headers: str) -> Aim:
    """The next delivery of commands is answered by something in front of the platform."""
    told = {**HTML, **{name.replace("_", "-"): value for name, value in headers.items()}}
    return Aim(*COMMANDS, instead=lambda _: Response(status, dict(told), b"<h1>sorry</h1>"))


# -- later -------------------------------------------------------------------------------------------


@pytest.mark.fault("SRV.e500")
@pytest.mark.parametrize("after", [0, 1])
def test_the_platform_breaks_down_in_the_middle_of_a_batch(
    play: Play, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, after: int
) -> None:
    """A bug of the platform's while it takes the first or the second of two: neither is in it afterwards."""
    whole, done = Ledger._one, []

    def one(self: Ledger, *args: Any) -> Any:
        if len(done) == after:
            raise ZeroDivisionError("a bug of the platform's")
        done.append(1)
        return whole(self, *args)

    write(play, "note", "note")
    with monkeypatch.context() as patch:
        patch.setattr(Ledger, "_one", one)
        assert exchange(play) == "E-BUSY"
    assert [record.message for record in caplog.records] == ["request failed: POST /v1/commands"]
    assert notes_at_the_platform(play) == []
    interrupted(play, "E-BUSY", "平台出了问题", waiting=2, online=True)
    assert why(play) == [UNKNOWN] * 2
    all_went(play, delivered=2)
    assert len(notes_at_the_platform(play)) == 2


@pytest.mark.fault("SRV.e502_504")
@pytest.mark.parametrize("status", [502, 504])
@pytest.mark.parametrize("reached", [False, True])
def test_a_gateway_has_no_platform_behind_it(play: Play, status: int, reached: bool) -> None:
    """502: nothing arrived. 504: the platform may well have done it, only the gateway lost patience."""
    write(play)
    aim = gateway(status)
    if reached:
        aim = Aim(*COMMANDS, after=lambda _: Response(status, dict(HTML), b"<h1>sorry</h1>"))
    aimed(play.world, first(play), aim)
    assert exchange(play) == "E-BUSY"
    interrupted(play, "E-BUSY", "平台正忙或在维护", online=True)
    assert len(notes_at_the_platform(play)) == reached
    all_went(play, delivered=1)
    assert len(notes_at_the_platform(play)) == 1


@pytest.mark.parametrize(
    ("asked", "seconds"),
    [
        pytest.param("1800", 1800, marks=pytest.mark.fault("SRV.e503_seconds")),
        pytest.param("Mon, 23 Nov 2026 02:45:00 GMT", None, marks=pytest.mark.fault("SRV.e503_date")),
    ],
)
@pytest.mark.parametrize("ours", [False, True])
def test_maintenance_until_a_moment_it_names(
    play: Play, monkeypatch: pytest.MonkeyPatch, asked: str, seconds: int | None, ours: bool
) -> None:
    """By seconds and by date, from the platform itself and from a gateway: tried then, and not before."""
    write(play)
    now = first(play).clock.now()
    aim = gateway(503, retry_after=asked)
    if ours:
        aim = Aim(*COMMANDS, before=lambda: None, after=lambda reply: _maintenance(reply, asked))
    line = aimed(play.world, first(play), aim)
    assert exchange(play) == "E-BUSY"
    assert line.spent()
    interrupted(play, "E-BUSY", "维护", online=True)
    due = first(play).office.sync_centre.standing().next_attempt_at
    wanted = (
        now + dt.timedelta(seconds=seconds) if seconds else dt.datetime(2026, 11, 23, 2, 45, tzinfo=dt.UTC)
    )
    assert due is not None
    assert wanted <= due <= wanted + dt.timedelta(seconds=4)
    all_went(play, delivered=1)


def _maintenance(reply: Response, asked: str) -> Response:
    code = WireError("maintenance")
    body = msgspec.json.encode({"code": code.code, "message": code.message})
    return Response(503, {**reply.headers, "retry-after": asked}, body)


@pytest.mark.fault("SRV.e429_bare")
def test_slow_down_without_a_word_how_long(play: Play) -> None:
    """No Retry-After: the pause is ours, and grows with each refusal up to five minutes."""
    write(play)
    pauses = []
    for _ in range(10):
        aimed(play.world, first(play), gateway(429))
        assert exchange(play) == "E-BUSY"
        interrupted(play, "E-BUSY", "平台正忙", online=True)
        due = first(play).office.sync_centre.standing().next_attempt_at
        assert due is not None
        pauses.append((due - first(play).clock.now()).total_seconds())
        play.take(Pass(int(pauses[-1]) + 1))
    assert all(2 <= pause <= 300 for pause in pauses)
    assert max(pauses[:2]) <= 4 < max(pauses)
    all_went(play, delivered=1)


# -- a person has to act -----------------------------------------------------------------------------


@pytest.mark.fault("SRV.e401_mid_batch")
@pytest.mark.parametrize("access_only", [True, False])
def test_the_sign_in_ends_between_two_batches(
    play: Play, monkeypatch: pytest.MonkeyPatch, access_only: bool
) -> None:
    """The short token: renewed unseen. The whole sign-in: the queue stays, the rest goes after signing in."""
    monkeypatch.setattr(contract, "MAX_COMMANDS", 2)
    write(play, "note", "address", "note", "rename", "note")
    accounts = play.world.platform.accounts
    line = aimed(
        play.world, first(play),
        Aim(*COMMANDS, skip=1, before=lambda: accounts.expire_all(access_only=access_only)),
    )  # fmt: skip
    if access_only:
        assert exchange(play) == "whole"
        assert line.count("POST /v1/session/refresh") == 1
    else:
        assert exchange(play) == "E-SIGN-IN"
        halted(play, "E-SIGN-IN", "登录已过期", "内容都还在", waiting=3)
        centre = first(play).office.sync_centre
        assert centre.counts().delivered_today == 2
        assert centre.status_text() == "要重新登录 · 3 项等待发送"
        play.take(SignIn(0))
        assert exchange(play) == "whole"
    assert line.spent()
    all_went(play, delivered=5)


@pytest.mark.fault("SRV.e403_item")
def test_the_author_of_one_item_is_not_let_through(play: Play) -> None:
    """The platform lost a person's signing key for this computer: what they wrote waits, and says so."""
    write(play, "note", "note")
    pc, store = first(play), play.world.platform.store
    mine = t.device_people.c.device_id == pc.office.desk.device_id
    with store.read() as conn:
        kept = [dict(row._mapping) for row in conn.execute(select(t.device_people).where(mine))]
    with store.write(pc.clock.now()) as tx:
        tx.conn.execute(delete(t.device_people).where(mine))
    assert exchange(play) == "whole"
    centre = pc.office.sync_centre
    rows = centre.rows("needs_you")
    assert [(row.status, row.action) for row in rows] == [("failed", "再试")] * 2
    assert all("没有登记签名钥匙" in row.why or "没有在这台电脑登记" in row.why for row in rows)
    assert explained(play, rows[0])["代码"] == "author_unknown"
    assert centre.headline() == "有 2 件事要您看一下。所有内容都在本机，没有丢失。"
    assert notes_at_the_platform(play) == []
    with store.write(pc.clock.now()) as tx:
        tx.conn.execute(t.device_people.insert(), kept)
    centre.retry_now(rows[0].row_id)
    assert exchange(play) == "whole"
    assert len(notes_at_the_platform(play)) == 1
    all_went(play, delivered=2)


@pytest.mark.fault("SRV.e403_item")
def test_a_role_that_may_not_do_this_is_told_and_holds_up_nobody_else(play: Play) -> None:
    """A final 403: the sentence of the platform, put aside by the person; the colleague's own goes."""
    write(play, "note")
    play.take(Act(1, "note"))
    play.take(Pass(11))
    author = first(play).office.desk.person.person_id
    with play.world.platform.store.write(first(play).clock.now()) as tx:
        was = tx.conn.execute(select(t.users.c.role).where(t.users.c.person_id == author)).scalar_one()
        tx.conn.execute(update(t.users).where(t.users.c.person_id == author).values(role="statistician"))
    play.world.platform.accounts.forget()
    code = exchange(play)
    play.take(Exchange(1))
    assert [text.split()[0] for text in notes_at_the_platform(play)] == ["pc2"]
    centre = first(play).office.sync_centre
    assert centre.counts().waiting + centre.counts().needs_you == 1
    assert "您的岗位不能做这一步" in (centre.standing().error or centre.rows("needs_you")[0].why), code
    with play.world.platform.store.write(first(play).clock.now()) as tx:
        tx.conn.execute(update(t.users).where(t.users.c.person_id == author).values(role=was))
    play.world.platform.accounts.forget()
    centre.retry_now()
    all_went(play, delivered=1)
    assert len(notes_at_the_platform(play)) == 2


@pytest.mark.fault("SRV.e426")
@pytest.mark.parametrize("where", ["hello", "commands"])
def test_a_program_too_old_goes_on_recording(play: Play, monkeypatch: pytest.MonkeyPatch, where: str) -> None:
    write(play)
    with monkeypatch.context() as patch:
        if where == "hello":
            patch.setattr(feedout, "MIN_VERSION", 2)
            patch.setattr(feedout, "MAX_VERSION", 2)
        else:
            patch.setattr(Ledger, "take", _too_old)
        assert exchange(play) == "E-UPGRADE"
        halted(play, "E-UPGRADE", "版本过旧", "记录", "升级后", "自动发送")
        write(play, "address")
        assert exchange(play) == "E-UPGRADE"
        halted(play, "E-UPGRADE", "版本过旧", waiting=2)
    # The upgraded program starts, and goes on with the queue as it lies.
    first(play).leave()
    all_went(play, delivered=2)


def _too_old(*_: object) -> Any:
    raise WireError("upgrade_required")


# -- the item's own ----------------------------------------------------------------------------------


@pytest.mark.fault("SRV.e409")
def test_the_platform_stands_elsewhere_in_a_file(play: Play) -> None:
    """A piece that came twice: 409, then it goes on where the platform stands; nobody has to act."""
    write(play, "attach")
    line = aimed(play.world, first(play), Aim("PATCH", "/uploads", fate="twice"))
    assert exchange(play) == "whole"
    assert line.spent()
    rows = first(play).office.sync_centre.rows("delivered")
    assert [row.why for row in rows if row.kind == "upload"] == ["平台已核对整个文件"]
    all_went(play, delivered=2)


@pytest.mark.fault("SRV.e409")
def test_a_file_goes_missing_just_before_lodging(play: Play) -> None:
    """files_missing: the application waits and says for what; the file goes again, then it is lodged once."""
    write(play, "agree")
    assert exchange(play) == "whole"
    write(play, "lodge")
    store, files = play.world.platform.store, play.world.platform.files

    def lose() -> None:
        with store.write(first(play).clock.now()) as tx:
            sha256 = tx.conn.execute(select(t.files.c.sha256)).scalars().first()
            tx.conn.execute(delete(t.files).where(t.files.c.sha256 == sha256))
        files.path(sha256).unlink()

    line = aimed(play.world, first(play), Aim("POST", "/lodge", before=lose))
    assert exchange(play) == "whole"
    assert line.spent()
    assert not play.world.court
    assert "等材料传完，传完后自动提交。" in why(play, "filing")
    play.rest()
    assert len(play.world.court) == 1
    (row,) = [r for r in first(play).office.sync_centre.rows("delivered") if r.kind == "filing"]
    assert row.why.startswith("平台回执 ")


@pytest.mark.fault("SRV.e410")
@pytest.mark.parametrize("part", ["/changes", "/commands"])
def test_the_platform_is_restored_in_the_middle_of_an_exchange(play: Play, part: str) -> None:
    """410 or an unknown command mid-run: the same exchange starts over and everything is there again."""
    write(play, "note")
    assert exchange(play) == "whole"
    write(play, "note")
    method = "GET" if part == "/changes" else "POST"
    line = aimed(
        play.world, first(play), Aim(method, part, before=lambda: PLATFORM_ACTS["restore"](play.world, 0, 0))
    )
    assert exchange(play) == "whole"
    assert line.spent()
    again(play)
    # What was on its way when the platform forgot what came before it waits until that is there again.
    assert why(play) == ([] if part == "/changes" else ["这件案件前面还有内容没有送到，先等一等。"])
    all_went(play, delivered=2)
    assert len(notes_at_the_platform(play)) == 2


@pytest.mark.fault("SRV.restore_from_backup")
def test_a_platform_from_a_backup_gets_back_what_it_forgot(play: Play) -> None:
    """Of two computers, words and a file: everything again, as the same commands, each once."""
    write(play, "note", "address", "attach")
    for step in (Act(1, "note"), Act(1, "phone"), Pass(11), Exchange(0), Exchange(1)):
        play.take(step)
    assert len(notes_at_the_platform(play)) == 2
    play.take(Elsewhere("restore"))
    assert notes_at_the_platform(play) == []
    write(play, "note")
    assert exchange(play) == "whole"
    again(play)
    play.take(Exchange(1))
    assert len(notes_at_the_platform(play)) == 3
    all_went(play, delivered=5)


def again(play: Play) -> None:
    """The log tells that the platform was restored and how many were sent again."""
    texts = [row.text for row in first(play).read(select(sync_log)) if row.outcome == "epoch"]
    assert texts
    assert all("平台恢复过数据，重新核对，补发" in text for text in texts)


@pytest.mark.fault("SRV.e413")
def test_the_platform_takes_less_at_once_than_it_said(play: Play, monkeypatch: pytest.MonkeyPatch) -> None:
    """Halved until it fits; what alone is too much waits by itself and says what to do."""
    write(play, "note", "note", "note", "note", "note")
    line = aimed(play.world, first(play), Aim("GET", "/hello", after=lambda reply: _less(monkeypatch, reply)))
    assert exchange(play) == "whole"
    assert line.count("POST /v1/commands") > 2
    assert len(notes_at_the_platform(play)) == 5
    monkeypatch.setattr(contract, "MAX_BYTES", 1500)
    long_note = "双方各说了一遍经过。" * 60
    first(play).office.handling.add_note(a_case(first(play), 1), long_note)
    write(play, "note")
    assert exchange(play) == "whole"
    (row,) = first(play).office.sync_centre.rows("needs_you")
    assert row.why == "这一条内容太多，平台收不下。内容在本机，请分成几条再写。"
    assert long_note not in notes_at_the_platform(play)
    assert len(notes_at_the_platform(play)) == 6, "it holds up no other case"
    monkeypatch.setattr(contract, "MAX_BYTES", 1_000_000)
    play.take(Act(0, "retry"))
    all_went(play, delivered=5 + 2)


def _less(patch: pytest.MonkeyPatch, reply: Response) -> Response:
    patch.setattr(contract, "MAX_BYTES", 3000)
    return reply


@pytest.mark.fault("SRV.e413")
@pytest.mark.parametrize("most", [3000, 200])
def test_a_gateway_lets_less_through(play: Play, most: int) -> None:
    """Halved as well; but a gateway refuses nothing: what does not fit waits, says why, and goes later."""
    write(play, "note", "note", "note", "note", "note", "attach")

    def limit(asked: Request) -> Response:
        if len(asked.body) > most:
            return Response(413, dict(HTML), b"<h1>413 Request Entity Too Large</h1>")
        return play.world.platform.handle(asked)

    posts = Aim("POST", "/v1/", instead=limit, count=1000)
    pieces = Aim("PATCH", "/v1/", instead=limit, count=1000)
    line = aimed(play.world, first(play), posts, pieces)
    code = exchange(play)
    if most == 3000:
        assert code == "whole"
        assert len(notes_at_the_platform(play)) == 5
    else:
        assert notes_at_the_platform(play) == []
        centre = first(play).office.sync_centre
        assert centre.counts().needs_you == 0
        assert any("中间的网关不让这么大的内容通过" in text and "网络管理员" in text for text in why(play))
    line.aims = []
    all_went(play, delivered=7)


@pytest.mark.fault("SRV.partial_batch_reply")
@pytest.mark.parametrize("keep", [0, 1])
def test_half_of_a_batch_is_not_answered(play: Play, keep: int) -> None:
    """What has no answer is asked for: it has been done, and is not done again."""
    write(play, "note", "address", "note", "phone")

    def half(reply: Response) -> Response:
        answers = msgspec.json.decode(reply.body)["answers"]
        return replace(reply, body=msgspec.json.encode({"answers": answers[keep::2]}))

    line = aimed(play.world, first(play), Aim(*COMMANDS, after=half))
    assert exchange(play) == "whole"
    assert len(notes_at_the_platform(play)) == 2
    centre = first(play).office.sync_centre
    assert centre.counts().delivered_today == 2
    assert why(play) == [UNKNOWN] * 2
    assert exchange(play) == "whole"
    assert line.count("POST /v1/commands") == 1
    all_went(play, delivered=4)


# -- many at once ------------------------------------------------------------------------------------


@pytest.mark.fault("SRV.commit_order_race")
def test_no_reader_skips_what_is_committed_beside_it(tmp_path: Path) -> None:
    """A real platform; two computers send at the same time while a third reads on all the while."""
    with running(tmp_path / "platform") as sandbox:
        reader = _synced(tmp_path / "reader", sandbox)
        writers = [_synced(tmp_path / f"writer{number}", sandbox) for number in (1, 2)]
        over, errors = threading.Event(), []
        begun = threading.Barrier(3)

        def send(office: Office) -> None:
            case_id = office.case_ids("accepted", "mediating")[0]
            begun.wait(30)
            for number in range(12):
                Handling(office.desk).add_note(case_id, f"{office.desk.device_id} 第 {number} 条")
                errors.append(office.run().error)

        def read() -> None:
            begun.wait(30)
            while not over.is_set():
                errors.append(reader.run().error)

        threads = [threading.Thread(target=send, args=(one,)) for one in writers]
        watching = threading.Thread(target=read)
        for thread in (*threads, watching):
            thread.start()
        for thread in threads:
            thread.join(60)
        over.set()
        watching.join(60)
        for office in (*writers, reader, *writers):
            office.later()
            errors.append(office.run().error)
        assert set(errors) == {None}
        seqs = [seq for seq in reader.seqs() if seq > 0]
        assert seqs == list(range(seqs[0], seqs[0] + len(seqs))), "no number of the feed was passed over"
        assert reader.everything() == writers[0].everything() == writers[1].everything()
        for office in writers:
            assert office.states() == ["delivered"] * 12
            assert SyncCentre(office.desk).headline().startswith("都送到了。")
        for office in (reader, *writers):
            office.close()


def _synced(folder: Path, sandbox: Sandbox) -> Office:
    office = open_office(folder, sandbox)
    office.good_run()
    return office
