"""同步中心: what was sent, what waits, what was not taken and why, and what to do next.

Every shown number is the number of rows that the tables hold for the same condition (``backlog``).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import Connection, and_, select, update

from app.clock import from_text, shanghai, to_text
from app.domain import commands as cmd
from app.domain.errors import SIGN_IN, StateError
from app.domain.unsent import GROUND_MOVED
from app.services import (
    backlog,
    casework,
    conflict_rows,
    filing_ground,
    held_filings,
    lost_work,
    sync_explain,
    sync_rows,
    sync_words,
    unread_steps,
)
from app.services.changes import ChangeSet
from app.services.clock_words import CLOCK_SKEW
from app.services.desk import Desk
from app.services.line_state import DEVICE_STOPPED, LAST_ERROR_CODE, RESTORED, Wait
from app.services.port_state import LAST_ATTEMPT, LAST_ERROR, LAST_SUCCESS, NEXT_ATTEMPT
from app.services.sync_rows import Line, SyncRow
from app.storage import casestore, filerows, kv, tail
from app.storage import outbox as ledger
from app.storage.tables import conflicts, filings, inbox, outbox, uploads

Filter = Literal["all", "needs_you", "waiting", "delivered", "received"]
_UPLOAD_GONE = and_(backlog.UPLOAD_FAILED, uploads.c.error_code == filerows.DAMAGED)
OFFLINE_CODES = frozenset({"E-UNREACHABLE", "E-NOT-PLATFORM", "E-TLS", "E-PROXY"})


@dataclass(frozen=True)
class Counts:
    """The four numbers at the top, which are filters too."""

    needs_you: int
    waiting: int
    delivered_today: int
    received_today: int


@dataclass(frozen=True)
class Standing:
    """How the line to the platform stands. Instants are UTC; ``None``: never, or nothing planned."""

    online: bool
    last_success_at: dt.datetime | None
    last_attempt_at: dt.datetime | None
    next_attempt_at: dt.datetime | None
    error: str
    """Why the last attempt did not come to its end; empty when it did."""
    error_code: str
    clock_skew_seconds: int
    """How far this computer's clock is from the platform's, when it is worth saying; else 0."""
    lost_tail: int
    """How many of the last things written were gone when the program was started, until that is read."""

    restored: str
    """That the platform was restored from a backup, when that was learnt and what was sent anew, until it is
    read; else empty."""

    awaited: Wait | None
    """What waits here for what a restored platform has not back; ``None`` while nothing does."""

    held: Wait | None
    """Applications that wait for something on a colleague's computer; ``None`` while none does."""

    register_again: str
    """Why this computer has to be registered anew; empty when it need not be."""

    @property
    def stopped(self) -> bool:
        """Whether nothing goes on by itself: a person has to sign in, register or upgrade first."""
        return bool(self.error) and self.next_attempt_at is None and self.online

    @property
    def waits(self) -> tuple[Wait, ...]:
        """What waits for something elsewhere."""
        return tuple(one for one in (self.awaited, self.held) if one is not None)

    @property
    def sign_in(self) -> bool:
        """Whether the platform asks for the password again."""
        return self.error_code == SIGN_IN

    @property
    def trouble(self) -> tuple[str, str]:
        """Why nothing goes at present: a title, and what happened, what was kept, what comes next.

        Both empty while all is well.
        """
        if not self.error:
            return "", ""
        if self.next_attempt_at is None:
            return ("登录已过期" if self.sign_in else "收发停下来了"), self.error
        title = "这次没有收发完" if self.online else "没有连上平台"
        said = self.error.removeprefix(f"{title}。")
        return title, f"{said}下次 {clock_text(self.next_attempt_at)}，也可以现在再连。"


class SyncCentre:
    """Reading and steering what lies between this computer and the platform."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def counts(self) -> Counts:
        """The four numbers."""
        return self._desk.store.read(self._counts)

    def _counts(self, conn: Connection) -> Counts:
        since = backlog.day_start(self._desk.today())
        number = backlog.number
        return Counts(
            needs_you=number(conn, (conflicts, backlog.ASKED), *backlog.FAILED, (inbox, backlog.KEPT)),
            waiting=backlog.queued(conn),
            delivered_today=number(conn, *backlog.DELIVERED, since=since),
            received_today=number(conn, (inbox, backlog.RECEIVED), since=since),
        )

    def standing(self) -> Standing:
        """How the line stands."""
        return self._desk.store.read(self._standing)

    def _standing(self, conn: Connection) -> Standing:
        code = kv.get(conn, LAST_ERROR_CODE)
        return Standing(
            online=code not in OFFLINE_CODES and bool(kv.get(conn, LAST_SUCCESS)),
            last_success_at=_moment(kv.get(conn, LAST_SUCCESS)),
            last_attempt_at=_moment(kv.get(conn, LAST_ATTEMPT)),
            next_attempt_at=_moment(kv.get(conn, NEXT_ATTEMPT)),
            error=kv.get(conn, LAST_ERROR),
            error_code=code,
            clock_skew_seconds=int(kv.get(conn, CLOCK_SKEW) or "0"),
            lost_tail=int(kv.get(conn, tail.LOST) or "0"),
            restored=sync_words.restored(kv.get(conn, RESTORED)),
            awaited=lost_work.look(conn, self._desk),
            held=held_filings.look(conn),
            register_again=self._register_again(conn, code),
        )

    def _register_again(self, conn: Connection, code: str) -> str:
        if code in DEVICE_STOPPED:
            return kv.get(conn, LAST_ERROR)
        return sync_words.ID_TAKEN if backlog.device_refused(conn, self._desk.device_id) else ""

    def status_text(self) -> str:
        """The top bar: 已同步 10:41 / 5 项等待发送 / 离线可用 · 5 项等待发送."""

        def work(conn: Connection) -> tuple[Standing, int]:
            return self._standing(conn), backlog.queued(conn)

        standing, waiting = self._desk.store.read(work)
        queue = f"{waiting} 项等待发送"
        if standing.sign_in:
            return f"要重新登录 · {queue}" if waiting else "要重新登录"
        if not standing.online:
            return f"离线可用 · {queue}" if waiting else "离线可用"
        return queue if waiting else f"已同步 {clock_text(standing.last_success_at)}"

    def headline(self) -> str:
        """The page's answer in one sentence."""
        counts, standing = self.counts(), self.standing()
        if standing.lost_tail:
            return f"最后写的 {standing.lost_tail} 项不在本机了，之前的都在。"
        if counts.needs_you:
            return f"有 {counts.needs_you} 件事要您看一下。{self._what_is_kept()}"
        if not standing.online and counts.waiting:
            return f"离线。{counts.waiting} 项在本机等着，联网自动发。"
        if standing.stopped and counts.waiting:
            return f"收发停下来了。{counts.waiting} 项在本机等着，处理好后自动发。"
        if counts.waiting and standing.error:
            return f"{counts.waiting} 项在本机等着，{clock_text(standing.next_attempt_at)} 自动再发。"
        if standing.waits:
            rest = counts.waiting - sum(one.number for one in standing.waits)
            going = f"另有 {rest} 项正在等待发送，随存随发。" if rest > 0 else "都在本机，没有丢。"
            return f"{'，'.join(one.title for one in standing.waits)}。{going}"
        if counts.waiting:
            return f"{counts.waiting} 项正在等待发送，随存随发。"
        if not standing.last_success_at:
            return "还没有和平台连过。连上后随到随收、随存随发。"
        return f"都送到了。最近一次 {clock_text(standing.last_success_at)}。"

    def _what_is_kept(self) -> str:
        """That nothing was lost, where that is so."""
        number = self._desk.store.read(lambda conn: backlog.number(conn, (uploads, _UPLOAD_GONE)))
        if not number:
            return "所有内容都在本机，没有丢失。"
        return f"有 {number} 个文件不在本机了或坏了，登记信息和其余内容都在。"

    def footer(self) -> str:
        """When it was last tried and when it is tried next, as it really is."""
        standing = self.standing()
        if not standing.error:
            goes = (
                "等平台补回的，补回就发" if standing.awaited is not None else "",
                "等同事的，那边办好就发" if standing.held is not None else "",
            )
            return "；".join(("随到随收", *filter(None, goes))) if standing.waits else "随到随收、随存随发"
        last = clock_text(standing.last_attempt_at)
        if standing.next_attempt_at is None:
            return f"{last} 没有连成，照上面的提示办好就再连"
        # When the line went is not known, only when it was last tried.
        word = "没有连成" if standing.online else "试过，网络断着"
        return f"{last} {word}，下次 {clock_text(standing.next_attempt_at)} 再连；连上后随到随收、随存随发"

    def rows(self, which: Filter = "all", limit: int = 500) -> tuple[SyncRow, ...]:
        """What wants the person first, then what waits in the order of sending, then what went today."""
        self._desk.require_cases()

        def work(conn: Connection) -> tuple[SyncRow, ...]:
            standing = self._standing(conn)
            context = sync_rows.Context(
                conn=conn,
                desk=self._desk,
                offline=not standing.online,
                stopped=standing.stopped,
                halted=bool(standing.error),
                since=backlog.day_start(self._desk.today()),
                limit=limit,
            )
            found: list[SyncRow] = []
            if which in ("all", "needs_you"):
                found += sync_rows.needs_you(context)
            if which in ("all", "waiting"):
                found += sync_rows.waiting(context)
            if which == "all":
                found += sync_rows.undecided(context)
                # Before what went: it waited, and whoever looks for it looks here.
                found += sync_rows.settled(context)
            if which in ("all", "delivered"):
                found += sync_rows.delivered(context)
            if which == "received":
                found += sync_rows.received(context)
            return tuple(found[:limit])

        return self._desk.store.read(work)

    def explain(self, row_id: str) -> tuple[Line, ...]:
        """The lines behind a row: when, who, how often, why, receipt number. Raises ``NotFoundError``."""
        self._desk.require_cases()
        return self._desk.store.read(lambda conn: sync_explain.explain(conn, self._desk, row_id))

    def command(self, command_id: str) -> cmd.Command | None:
        """What was written here, as it goes to the platform; nothing once its content was erased."""
        self._desk.require_cases()
        return self._desk.store.read(lambda conn: conflict_rows.command_of(conn, command_id))

    def retry_now(self, row_id: str = "") -> ChangeSet:
        """Let one row, or everything that waits or failed, go at the next run; then wake the loop."""
        kind, _, subject = row_id.partition(":")

        def work(conn: Connection) -> ChangeSet:
            now = {"next_attempt_at": ""}
            for name, table, key, state, failed in (
                ("command", outbox, outbox.c.command_id, outbox.c.state, {}),
                ("upload", uploads, uploads.c.attachment_id, uploads.c.state, {"state": "waiting"}),
                ("filing", filings, filings.c.submission_id, filings.c.job, unread_steps.again()),
            ):
                if kind not in ("", name):
                    continue
                mine = [key == subject] if kind else []
                through = {"error_code": backlog.LET_THROUGH} if kind == "upload" else {}
                conn.execute(update(table).where(state == "waiting", *mine).values(**now, **through))
                if failed and kind:
                    again = {**now, **failed, "error_code": "", "error_text": ""}
                    if name == "filing":
                        self._rest_anew(conn, subject)
                    failing = update(table).where(state == "failed", *mine).values(**again)
                    # Material that goes out again counts as handed over.
                    for case_id in conn.execute(failing.returning(table.c.case_id)).scalars().all():
                        casework.rebuild(conn, self._desk, case_id)
            return ChangeSet.of("cases", "outbox", "attachments", "submissions")

        return self._desk.store.write(work)

    def _rest_anew(self, conn: Connection, submission_id: str) -> None:
        """One that stopped over a signature goes as it stands now: its author has read of that."""
        mine = filings.c.submission_id == submission_id
        row = conn.execute(select(filings).where(mine, filings.c.error_code == GROUND_MOVED)).one_or_none()
        if row is not None:
            file = casestore.load(conn, row.case_id)
            filing_ground.rest_on(conn, file, submission_id, row.subject_id)

    def notice_read(self, notice: str) -> ChangeSet:
        """The person has read that the last things written are gone (``lost_tail``), or that the platform was
        restored from a backup (``restored``)."""
        key = {"lost_tail": tail.LOST, "restored": RESTORED}[notice]
        self._desk.store.write(lambda conn: kv.put(conn, key, ""))
        return ChangeSet.of("outbox")

    def put_aside(self, row_id: str) -> ChangeSet:
        """The person has read a refusal and needs no more of it; reason and content stay in the ledger.

        A refused application is then settled: it can be handed in anew, and what it asked for is not sent.
        What waits for a case that the platform has lost goes on waiting.
        Raises :class:`StateError` for anything that was not refused.
        """
        kind, _, command_id = row_id.partition(":")

        def work(conn: Connection) -> ChangeSet:
            if kind == "filing":
                return self._settle_filing(conn, command_id)
            row = conn.execute(
                select(outbox.c.case_id).where(
                    outbox.c.command_id == command_id, outbox.c.state == "rejected"
                )
            ).one_or_none()
            if row is None and (case_id := lost_work.put_aside(conn, command_id)):
                return ChangeSet.of("cases", "outbox", case_ids=frozenset({case_id}))
            if row is None:
                raise StateError("这一项不是平台没收下的内容，没有改动。", code="E-NOT-REJECTED")
            ledger.acknowledge(conn, command_id, self._desk.clock.now())
            casework.rebuild(conn, self._desk, row.case_id)
            return ChangeSet.of("cases", "outbox", case_ids=frozenset({row.case_id}))

        return self._desk.store.write(work)

    def _settle_filing(self, conn: Connection, submission_id: str) -> ChangeSet:
        now = to_text(self._desk.clock.now())
        case_id = conn.execute(
            update(filings)
            .where(
                filings.c.submission_id == submission_id,
                backlog.FILING_FAILED,
                filings.c.error_code != GROUND_MOVED,
            )
            .values(job="settled", settled_at=now)
            .returning(filings.c.case_id)
        ).scalar_one_or_none()
        if case_id is None:
            raise StateError("这一项不是平台没收下的内容，没有改动。", code="E-NOT-REJECTED")
        casework.rebuild(conn, self._desk, case_id)
        return ChangeSet.of("cases", "tasks", "outbox", "submissions", case_ids=frozenset({case_id}))


def clock_text(moment: dt.datetime | None) -> str:
    """Hour and minute in Shanghai."""
    return shanghai(moment).strftime("%H:%M") if moment else "—"


def _moment(text: str) -> dt.datetime | None:
    return from_text(text) if text else None


__all__ = ["Counts", "Filter", "Line", "Standing", "SyncCentre", "SyncRow", "to_text"]
