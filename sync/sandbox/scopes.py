"""What a device's feed brings: all cases of its institution, or those in the hands of its people.

A case in nobody's hands yet is in every scope, so that somebody can take it. One that goes into other hands
leaves with a tombstone that says so; one that comes in is told again as it stands.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
from sqlalchemy import Connection, select

from sync.sandbox import tables as t

if TYPE_CHECKING:
    from sync.sandbox.accounts import Caller
    from sync.sandbox.store import Tx


def hands(conn: Connection, device_id: str) -> frozenset[str]:
    """Ids of the people registered on a device."""
    mine = t.device_people.c.device_id == device_id
    return frozenset(conn.execute(select(t.device_people.c.person_id).where(mine)).scalars())


def bring(tx: Tx, institution: str, newcomers: frozenset[str]) -> None:
    """People were added to a device that has its people's cases only: theirs come with the feed."""
    order = t.case_order
    theirs = select(order.c.case_id).where(
        order.c.institution_id == institution, order.c.mediator_id.in_(newcomers)
    )
    for case_id in tx.conn.execute(theirs.order_by(order.c.ordinal)).scalars().all() if newcomers else ():
        tx.tell_again(case_id)


def within(caller: Caller, holder: Any) -> Any:
    """Whether a case in these hands is in the device's scope: its people's, and those in nobody's hands."""
    return sa.true() if caller.hands is None else holder.in_([*sorted(caller.hands), ""])


def seen(caller: Caller) -> Any:
    """The changes of the device's feed: what is in its scope, and what leaves it."""
    feed = t.feed.c
    if caller.hands is None:
        return feed.again == 0
    return within(caller, feed.mediator_id) | (feed.was.is_not(None) & within(caller, feed.was))


def leaves(caller: Caller, holder: str) -> bool:
    """Whether a change after which the case is in these hands takes it out of the device's scope."""
    return caller.hands is not None and holder not in (*caller.hands, "")


def left(conn: Connection, caller: Caller) -> list[Any]:
    """Cases that went out of the device's scope, each by the change with which it left last."""
    if caller.hands is None:
        return []
    here = select(t.case_order.c.case_id).where(
        t.case_order.c.case_id == t.feed.c.case_id, ~within(caller, t.case_order.c.mediator_id)
    )
    rows = conn.execute(
        select(t.feed)
        .where(t.feed.c.institution_id == caller.institution, t.feed.c.was.is_not(None), here.exists())
        .where(within(caller, t.feed.c.was), ~within(caller, t.feed.c.mediator_id))
        .order_by(t.feed.c.seq)
    )
    last = {row.case_id: row for row in rows}
    return list(last.values())
