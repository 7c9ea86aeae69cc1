"""What still waits, what wants a person, what went: the conditions, written once.

Lists, counts, badges and the result of a run all read the tables through these, so that a shown number
is always the number of rows.
"""

from __future__ import annotations

import datetime as dt
import functools
import operator
from typing import Any

from sqlalchemy import (
    BindParameter,
    Boolean,
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
)
from sqlalchemy.sql.expression import FromClause

from app.clock import SHANGHAI, from_text, to_text
from app.services.drafts import CARRIED_OUT
from app.services.line_state import DEVICE_CODES
from app.services.port_values import Counted
from app.storage import kv
from app.storage import outbox as ledger
from app.storage.direct import among
from app.storage.firstpaint import APPOINTED, AWAITS_CHOICE, DECIDED, FILE_STANDS, HELD_UP, LOST
from app.storage.tables import conflicts, drafts, filing_steps, filings, inbox, outbox, uploads

UNDER_WAY = ("waiting", "in_flight", "unknown")

_STANDS = literal_column(FILE_STANDS, Boolean)

_SINCE: BindParameter[str] = bindparam("since")
_LONGER: BindParameter[str] = bindparam("longer")
OPEN_CONFLICT = conflicts.c.settled_at == ""
_beside = conflicts.alias("beside")


def _told_beside(fields: tuple[str, ...]) -> ColumnElement[bool]:
    beside = exists().where(
        _beside.c.command_id == conflicts.c.command_id, _beside.c.settled_at == "",
        among(_beside.c.field, fields), _beside.c.conflict_id > conflicts.c.conflict_id,
    )  # fmt: skip
    return and_(among(conflicts.c.field, fields), beside)


ASKED = and_(OPEN_CONFLICT, ~_told_beside(DECIDED), ~_told_beside(APPOINTED))
"""What a person is asked about: each field by itself, but the fields of one decision, and hour and room of
one appointment, as one choice."""
# Of a value that moved on while it was open it is not always known when.
_LATEST = func.coalesce(func.nullif(conflicts.c.theirs_at, ""), conflicts.c.mine_at)
IN_TURN = (
    func.max(_LATEST).over(partition_by=conflicts.c.case_id).desc(), conflicts.c.case_id,
    _LATEST.desc(), conflicts.c.conflict_id,
)  # fmt: skip
"""The one order of open conflicts, for the list, for 第几处 and for the next one: the case with the newest
first, those of one case together."""
REFUSED = and_(outbox.c.state == "waiting", outbox.c.error_code != "")
"""Refused for a cause outside the command (device, author, signature): its number in the lane is not used
up, it goes out again once a person has put the cause right. A mere delay carries no code."""
_AWAITS_CHOICE: ColumnElement[bool] = literal_column(AWAITS_CHOICE, Boolean)
UNDECIDED = and_(ledger.unmended(), _AWAITS_CHOICE)
"""Signatures that the platform refused because it has another text of their agreement: they go the way of the
text that is chosen (``signed_along``), and ask nobody for anything but that choice."""
COMMAND_FAILED: ColumnElement[bool] = or_(and_(ledger.unmended(), ~_AWAITS_CHOICE), REFUSED)
COMMAND_UNSETTLED = among(outbox.c.state, ledger.UNSETTLED)
COMMAND_QUEUED: ColumnElement[bool] = and_(COMMAND_UNSETTLED, ~REFUSED)
FOR_THE_LOST: ColumnElement[bool] = outbox.c.error_field.startswith(LOST)
"""Commands that wait for what a restored platform has not back."""
COMMAND_HELD_UP = and_(COMMAND_QUEUED, literal_column(HELD_UP, Boolean))
"""Those, and what waits behind them in their line."""
LET_THROUGH = "let_through"
"""Code of a waiting upload that a person wants sent although the network is paid by volume."""
METERED = "现在的网络按流量计费，大文件等接上不计流量的网络再传。文件在本机；要现在传，按“现在传”。"
UPLOAD_FAILED = and_(uploads.c.state == "failed", _STANDS)
UPLOAD_QUEUED = and_(among(uploads.c.state, ("waiting", "sending")), _STANDS)
LODGED_ELSEWHERE = "lodged_elsewhere"
"""Code of a step of a filing that a restored platform forgot and that another computer had lodged."""
NOT_ASKED = "not_asked"
"""Code of a supplement to a question that a restored platform has not back."""
SUPPLEMENTED = "supplemented_first"
"""Code of a supplement that a colleague's, with other papers, came before."""
NOT_IN_THE_LIST = (SUPPLEMENTED, NOT_ASKED)
"""Codes of a supplement that did not go: a list that another hands in later may hold its papers."""
FILING_FAILED = filings.c.job == "failed"
FILING_QUEUED = among(filings.c.job, UNDER_WAY)
FILING_SETTLED = filings.c.job == "settled"
"""Settled without having been carried out: nothing waits any more, nothing was delivered."""
CAME_SECOND = "E-CAME-SECOND"
"""Code of one that a colleague's came before: nobody here put it aside."""
CONFIRMED_BEFORE = "E-CONFIRMED-BEFORE"
"""Code of a round that a restored platform forgot, and whose court then ruled on the one before."""
ROUND_TAKEN = "round_taken"
"""Beginning of the code of one whose round the court has from an application that a restored platform forgot:
behind a colon the number of the next round."""
STILL_AT_COURT = "still_at_court"
"""Code of one beside which the court is at another of the case, which a restored platform forgot."""
CONFIRMED_AT_COURT = "confirmed_at_court"
"""Code of one whose agreement the court has confirmed in another, which a restored platform forgot."""
BESIDE_ANOTHER = "E-BESIDE-ANOTHER"
"""Code of one that the court did not take beside one about another text of the case, which is back now."""
NOT_NEEDED = (CAME_SECOND, CONFIRMED_BEFORE, BESIDE_ANOTHER)
REPLACED = "E-REPLACED"
"""Code of a step in whose place another was asked for before it had gone."""
TAKEN_BACK = "E-TAKEN-BACK"
"""Code of a step that was taken back while it lay in a package that had been given up."""
STEPS = (filings, filing_steps)
"""Where steps of filings stand: the last one asked for, and those before it."""
SECOND_SHOWN = dt.timedelta(days=7)
"""So long it stays in the list: who handed it in may not be here on the day it is settled."""

LEFT_SCOPE = "left_scope:"
"""Key of a mark, before the case's id: its tombstone says that it goes on in other hands."""
HELD = "held"
"""Mark in the raw inbox of a tombstone that waits because unsent work stands on its case."""
PARKED = and_(inbox.c.error != "", inbox.c.error != HELD)
"""Changes of the platform that this program could not read; kept as they came, tried again at each run."""
HELD_BACK = inbox.c.error == HELD
KEPT = or_(PARKED, HELD_BACK)
_HELD_OF_CASE = and_(inbox.c.case_id == bindparam("of_case"), HELD_BACK)
_DEVICE_REFUSED = and_(
    outbox.c.state == "waiting",
    among(outbox.c.error_code, DEVICE_CODES),
    outbox.c.device_id == bindparam("of_device"),
)

COMMAND_DELIVERED = and_(outbox.c.settled_at >= _SINCE, outbox.c.state == "delivered")
"""Commands with a receipt ``since`` an instant."""
UPLOAD_DELIVERED = and_(uploads.c.state == "stored", uploads.c.settled_at >= _SINCE)
"""Files that the platform confirmed ``since`` an instant."""
STEPS_DELIVERED = tuple((step, and_(step.c.job == "done", step.c.settled_at >= _SINCE)) for step in STEPS)
"""Steps of filings carried out ``since`` an instant, in each of :data:`STEPS`."""
STEPS_SETTLED = tuple(
    (
        step,
        and_(
            step.c.job == "settled",
            or_(
                step.c.settled_at >= _SINCE,
                and_(among(step.c.error_code, NOT_NEEDED), step.c.settled_at >= _LONGER),
            ),
        ),
    )
    for step in STEPS
)
"""Those settled without having been carried out ``since`` the begin of a day, and not needed since
``longer`` (:func:`longer`)."""
RECEIVED = and_(
    inbox.c.received_at >= _SINCE, inbox.c.error == "", ~exists().where(outbox.c.command_id == inbox.c.cause)
)
"""Changes of others received ``since`` an instant: not the echo of what was written here."""

QUEUED = ((outbox, COMMAND_QUEUED), (uploads, UPLOAD_QUEUED), (filings, FILING_QUEUED))
FAILED = ((outbox, COMMAND_FAILED), (uploads, UPLOAD_FAILED), (filings, FILING_FAILED))
DELIVERED = ((outbox, COMMAND_DELIVERED), (uploads, UPLOAD_DELIVERED), *STEPS_DELIVERED)


def day_start(day: dt.date) -> str:
    """The first instant of a day in Shanghai, as the store writes instants."""
    return to_text(dt.datetime.combine(day, dt.time(), SHANGHAI))


def longer(since: str) -> str:
    """Since when what turned out not to be needed is still shown on the day that began at ``since``."""
    return to_text(from_text(since) - SECOND_SHOWN)


def number(conn: Connection, *counted: tuple[FromClause, ColumnElement[bool]], **values: str) -> int:
    """How many rows of each table meet its condition, all together. ``values`` fill in the conditions."""
    return int(conn.execute(_counting(counted), values).scalar_one())


@functools.lru_cache(maxsize=256)
def _counting(counted: tuple[tuple[FromClause, ColumnElement[bool]], ...]) -> Select[Any]:
    """The conditions are the constants above: their statement is built once."""
    return select(functools.reduce(operator.add, (_count(table, where) for table, where in counted)))


@functools.lru_cache(maxsize=256)
def listing(table: Table, conditions: tuple[Any, ...], order: tuple[Any, ...]) -> Select[Any]:
    """The first ``most`` rows of ``table`` that meet the conditions."""
    return select(table).where(*conditions).order_by(*order).limit(bindparam("most"))


def goes_on(conn: Connection, case_id: str) -> bool:
    """Whether a case that is still here because of what was not sent is only in other hands: the platform
    takes commands for it as ever."""
    return taken_back(conn, case_id) and bool(kv.get(conn, f"{LEFT_SCOPE}{case_id}"))


def taken_back(conn: Connection, case_id: str) -> bool:
    """Whether the platform took a case back that is still here because of what was not sent."""
    return number(conn, (inbox, _HELD_OF_CASE), of_case=case_id) > 0


def undecided_records(conn: Connection, case_id: str) -> frozenset[str]:
    """Ids of the signatures of a case that wait for a choice between two texts (:data:`UNDECIDED`)."""
    mine = select(outbox.c.bytes).where(outbox.c.case_id == case_id, UNDECIDED)
    return ledger.records_in(conn.execute(mine).scalars())


def cases_taken_back(conn: Connection) -> int:
    """How many cases the platform took back that are still here because of what was not sent."""
    held = select(func.count(inbox.c.case_id.distinct())).where(HELD_BACK)
    return int(conn.execute(held).scalar_one())


def device_refused(conn: Connection, device_id: str) -> int:
    """Commands of this computer that the platform refused for the device's sake."""
    return number(conn, (outbox, _DEVICE_REFUSED), of_device=device_id)


def queued(conn: Connection) -> int:
    """Everything that waits to be sent: commands, files, filings."""
    return number(conn, *QUEUED)


def held_up(conn: Connection) -> int:
    """Commands that wait for what a restored platform has not back."""
    return number(conn, (outbox, COMMAND_HELD_UP))


def failed(conn: Connection) -> int:
    """Everything that was refused and wants a person."""
    return number(conn, *FAILED)


def _count(table: FromClause, *conditions: Any) -> Any:
    return select(func.count()).select_from(table).where(*conditions).scalar_subquery()


_COUNTED = select(
    (_count(outbox, COMMAND_QUEUED) + _count(uploads, UPLOAD_QUEUED) + _count(filings, FILING_QUEUED)).label(
        "waiting"
    ),
    (_count(outbox, outbox.c.state == "unknown") + _count(filings, filings.c.job == "unknown")).label(
        "unknown"
    ),
    _count(conflicts, ASKED).label("conflicts"),
    (_count(outbox, COMMAND_FAILED) + _count(uploads, UPLOAD_FAILED) + _count(filings, FILING_FAILED)).label(
        "failed"
    ),
    _count(inbox, PARKED).label("parked"),
)
"""Built once, one statement: every run ends with it."""


def counted(conn: Connection) -> Counted:
    """The numbers that a run reports. ``waiting`` includes the unknown ones."""
    row = conn.execute(_COUNTED).one()
    return Counted(
        waiting=row.waiting,
        unknown=row.unknown,
        conflicts=row.conflicts,
        failed=row.failed,
        parked=row.parked,
    )


def has_unsent(conn: Connection, case_id: str) -> bool:
    """Whether a case holds work of ours that the platform has not taken in, or has refused or disputed:
    commands, files, filings, two values of a field, and what somebody here has begun to type."""
    command = select(outbox.c.ordinal).where(
        outbox.c.case_id == case_id, or_(outbox.c.state.in_(ledger.UNSETTLED), ledger.unmended())
    )
    dispute = select(conflicts.c.conflict_id).where(conflicts.c.case_id == case_id, OPEN_CONFLICT)
    filing = select(filings.c.submission_id).where(filings.c.case_id == case_id, FILING_QUEUED)
    file = select(uploads.c.sha256).where(uploads.c.case_id == case_id, UPLOAD_QUEUED)
    draft = select(drafts.c.subject).where(drafts.c.subject == case_id, drafts.c.person_id != CARRIED_OUT)
    queries = (command, dispute, filing, file, draft)
    return any(conn.execute(query.limit(1)).first() is not None for query in queries)
