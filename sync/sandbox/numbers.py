"""Numbers: runs leased to devices, never twice, also after a restore; and which case bears which."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import func, select

from sync.contract import handed_down as h
from sync.contract.codes import WireError
from sync.sandbox import tables as t
from sync.sandbox.accounts import Caller
from sync.sandbox.source import Source
from sync.sandbox.store import Store, Tx, get_meta


def _block(row: Any) -> h.NumberBlock:
    return h.NumberBlock(
        block_id=row.block_id,
        series=row.series,
        year=row.year,
        first=row.first,
        last=row.last,
        returned_from=row.returned_from,
    )


def lease(store: Store, source: Source, caller: Caller, body: h.NumberBlockIn) -> h.NumberBlock:
    """``POST /number-blocks``: the same ``block_id`` gives the same run."""
    with store.write(source.now()) as tx:
        query = select(t.number_blocks).where(t.number_blocks.c.block_id == body.block_id)
        row = tx.conn.execute(query).one_or_none()
        if row is None:
            last = tx.conn.execute(
                select(func.max(t.number_blocks.c.last)).where(
                    t.number_blocks.c.institution_id == caller.institution,
                    t.number_blocks.c.series == body.series,
                    t.number_blocks.c.year == body.year,
                )
            ).scalar_one()
            if last is None:
                # Where the first institution's own numbering stood; a neighbour begins at 1.
                neighbour = get_meta(tx.conn, f"institution:{caller.institution}")
                begun = "" if neighbour else get_meta(tx.conn, f"numbers:{body.series}:{body.year}")
                last = int(begun or "0")
            run: dict[str, Any] = {
                "first": last + 1,
                "last": last + body.count,
                "device_id": caller.device_id,
            }
            run["institution_id"] = caller.institution
            values = {"block_id": body.block_id, "series": body.series, "year": body.year, **run}
            tx.conn.execute(t.number_blocks.insert(), values)
            row = tx.conn.execute(query).one()
        elif (row.device_id, row.series, row.year) != (caller.device_id, body.series, body.year):
            # Two computers with a copy of one profile ask under the same id: one run would serve both.
            raise WireError("number_block", field="block_id")
        return _block(row)


def give_back(
    store: Store, source: Source, caller: Caller, block_id: str, body: h.NumberBlockReturn
) -> h.NumberBlock:
    """``POST /number-blocks/{id}/return``: what is left is void and never leased again."""
    with store.write(source.now()) as tx:
        ours = t.number_blocks.c.institution_id == caller.institution
        query = select(t.number_blocks).where(t.number_blocks.c.block_id == block_id, ours)
        row = tx.conn.execute(query).one_or_none()
        if row is None:
            raise WireError("not_found")
        if (
            row.returned_from not in (None, body.returned_from)
            or not row.first <= body.returned_from <= row.last
        ):
            raise WireError("number_block", field="returned_from")
        tx.conn.execute(
            t.number_blocks.update()
            .where(t.number_blocks.c.block_id == block_id)
            .values(returned_from=body.returned_from)
        )
        return _block(tx.conn.execute(query).one())


def claim(tx: Tx, case_id: str, number: str, field: str) -> None:
    """The case bears this number from now on. Raises ``number_used`` when another one does."""
    if not number:
        return
    holder = tx.conn.execute(select(t.numbers.c.case_id).where(t.numbers.c.number == number))
    known = holder.scalar_one_or_none()
    if known is None:
        tx.conn.execute(t.numbers.insert(), {"number": number, "case_id": case_id})
    elif known != case_id:
        raise WireError("number_used", field=field)


def borne(case: Mapping[str, Any]) -> Iterator[str]:
    """The numbers in a case's header: its own, and that of its notice of refusal."""
    yield from filter(None, (case.get("number"), (case.get("refusal") or {}).get("notice_no")))
