"""Steps of applications that stopped as a backup took a damaged database's place (``salvaged_filings``).

Whether one has gone since that backup, or was taken back, cannot be read here. A person says that it is to
go, or the platform tells that it has it; either way the platform is asked first, as of any whose reply was
lost.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, and_, case, func, select, update

from app.domain.casefile import Submission
from app.domain.filings_of import WITHDRAWAL_ASKED
from app.domain.unsent import HEALED
from app.storage.tables import filings

WHY = (
    "案件库损坏过，是从备份找回的；备份以后这一步有没有发出、有没有收回，读不出来，所以停下，没有再发。"
    "写的和材料都在本机。要交的，按“现在再发”：先向平台核对，已经交过的不会重复交；不要交的，按“知道了，收起”。"
)
NOT_TAKEN_BACK = (
    "案件库是从备份找回的，这份申请可能已经发给了平台，没有撤回。不要交的，在同步中心把它收起；"
    "要交的，在那里按“现在再发”，有了回执再撤回。"
)
_UNREAD = filings.c.error_code == HEALED
_AGAIN = {
    "job": case((_UNREAD, "unknown"), else_="waiting"),
    "attempts": case((_UNREAD, func.max(filings.c.attempts, 1)), else_=filings.c.attempts),
}
"""One that nobody can tell of counts as gone with its reply lost."""
_SAYS_NO_MORE = {"error_code": "", "error_text": "", "settled_at": "", "next_attempt_at": ""}


def stop(conn: Connection, rows: Iterable[Any], now: str) -> None:
    """These rows of ``filings`` go nowhere by themselves any more."""
    stopped = {"job": "failed", "error_code": HEALED, "error_text": WHY, "settled_at": now}
    for row in rows:
        mine = filings.c.submission_id == row.submission_id
        conn.execute(update(filings).where(mine).values(**stopped, next_attempt_at=""))


def again() -> dict[str, Any]:
    """Columns by which a step that was refused, or stopped, goes once more because a person says so."""
    return dict(_AGAIN)


def heard(conn: Connection, submission: Submission) -> None:
    """The platform tells of an application: a step that stopped and that it has by now is asked for, so that
    its receipt comes."""
    mine = and_(filings.c.submission_id == submission.submission_id, filings.c.job == "failed", _UNREAD)
    row = conn.execute(select(filings).where(mine)).one_or_none()
    if row is None:
        return
    asked = any(event.code == WITHDRAWAL_ASKED for event in submission.events)
    has = {
        "lodge": submission.state not in ("prepared", "queued"),
        "supplement": submission.manifest_no >= row.manifest_no,
        "withdraw": asked or submission.state == "withdrawn",
    }
    if has[row.wanted]:
        conn.execute(update(filings).where(mine).values(**again(), **_SAYS_NO_MORE))
