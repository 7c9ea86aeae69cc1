"""Applications at the court: nobody changes the agreement under them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from sync.contract import commands as c
from sync.contract.codes import WireError
from sync.sandbox import tables as t
from sync.sandbox.store import Tx
from sync.sandbox.work import Work

KIND_NAMES = {
    "judicial_confirmation": "司法确认申请",
    "arbitration_confirmation": "仲裁确认申请",
    "arbitration": "仲裁申请",
    "suit": "立案申请",
}


def require_unfiled(work: Work, record_id: str = "") -> None:
    """Raise :class:`WireError` where an application about the standing agreement is with the court.

    It is from its lodging until it was let go, not admitted, dismissed or ruled on, by the platform's own
    account or by the court's register, which a restore leaves as it is. ``record_id``: the entry that moves
    the day of a signature; one that stood there when the application was handed in comes again to a restored
    platform, and moves nothing under it.
    """
    agreement_id = work.head.body["agreement_id"]
    if not agreement_id:
        return
    over = work.command.base_values.get(c.FILINGS_OVER, [])
    if not isinstance(over, list) or not all(isinstance(one, str) for one in over):
        raise WireError("field", "“办完的申请”要写成一列编号。", field=f"base_values.{c.FILINGS_OVER}")
    for kind, submission_id, stood in _with_the_court(work.tx, work.command.case_id, agreement_id):
        if record_id and record_id in stood:
            continue
        if work.restored and submission_id in over:
            # Written after its end, which the court has told and the restored platform has forgotten.
            raise WireError("behind_lost", field=f"base_values.{c.FILINGS_OVER}")
        raise WireError(
            "filed_meanwhile",
            f"法院正在办这份协议的{KIND_NAMES[kind]}，这一步没有收下，协议照交给法院的那样。写的都在本机。"
            "双方还要改、还要谈，先到“司法确认”撤回申请，法院准许后再办这一步；不改了，按“知道了，收起”。",
            details={"submission_id": submission_id},
        )


def _with_the_court(tx: Tx, case_id: str, agreement_id: str) -> Iterator[tuple[str, str, list[str]]]:
    """Kind and id of each application about an agreement, and the signatures that stood when it went."""
    register, held = t.court_register, set()
    query = select(register).where(register.c.case_id == case_id, register.c.subject_id == agreement_id)
    stood = {row.submission_id: row for row in tx.conn.execute(query)}
    for row in stood.values():
        if not row.over:
            held.add(row.submission_id)
            yield row.kind, row.submission_id, json.loads(row.stood)
    mine = (t.submissions.c.case_id == case_id, t.submissions.c.subject_id == agreement_id)
    for row in tx.conn.execute(select(t.submissions).where(*mine, t.submissions.c.active == 1)):
        if row.submission_id not in held:
            known = stood.get(row.submission_id)
            yield row.kind, row.submission_id, json.loads(known.stood) if known is not None else []


def signatures_on(tx: Tx, row: Any) -> list[str]:
    """The entries of signatures on the agreement that the submission ``row`` is about, by id."""
    bodies = (doc.body for doc in tx.of_case(row.case_id, "record"))
    return sorted(
        one["record_id"]
        for one in bodies
        if one["body"]["type"] == "signature" and one["body"]["agreement_id"] == row.subject_id
    )
