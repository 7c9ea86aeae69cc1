"""履行与回访: which payments are settled, and whether the case was followed up."""

from __future__ import annotations

import datetime as dt

from app.clock import legal_day
from app.domain.casefile import Agreement, Contact, FollowUp, Payment, Performance, Record
from app.domain.reducer import CaseFile

WATCHED_DAYS = 30
"""So long an agreement that is not kept, or regretted, stands among what is to be done (本机构做法, 待核)."""


def states(file: CaseFile, agreement: Agreement) -> dict[int, str]:
    """State of each payment by its number: pending, partly, performed or defaulted.

    Partial payments that add up to the whole amount count as performed.
    """
    result: dict[int, str] = {}
    for payment in agreement.payments:
        records = [
            body
            for _, body in file.of_type(Performance)
            if body.agreement_id == agreement.agreement_id and body.payment_no == payment.no
        ]
        result[payment.no] = _state(payment, records)
    return result


def _state(payment: Payment, records: list[Performance]) -> str:
    if not records:
        return "pending"
    paid = sum(r.amount_fen for r in records if r.state != "defaulted")
    if records[-1].state == "partly" and payment.amount_fen and paid >= payment.amount_fen:
        return "performed"
    return records[-1].state


def settled_payments(file: CaseFile, agreement: Agreement) -> frozenset[int]:
    """Numbers of the payments that were made, or given up as defaulted."""
    return frozenset(
        no for no, state in states(file, agreement).items() if state in ("performed", "defaulted")
    )


def fully_performed(file: CaseFile, agreement: Agreement) -> bool:
    """Whether every payment of the agreement was made. False for one without payments."""
    found = states(file, agreement)
    return bool(found) and all(state == "performed" for state in found.values())


def followed_up(file: CaseFile, end: dt.date) -> bool:
    """Whether the parties were asked after the performance period ended on ``end``, or all was done."""
    return any(
        body.performed == "full" or (body.performed != "not_due" and legal_day(record.at) >= end)
        for record, body in file.of_type(FollowUp)
    )


def last_said(file: CaseFile) -> tuple[Record, FollowUp] | None:
    """The newest 回访, if anybody was called."""
    found = file.of_type(FollowUp)
    return max(found, key=lambda pair: pair[0].at) if found else None


def unkept_words(said: FollowUp, *, over: bool) -> str:
    """What is wrong by the last 回访, in a few words; empty while all goes as agreed.

    ``over``: the performance period had ended by then; before, a part is all that was due.
    """
    warned = {"urgent": "很急，可能激化", "regret": "想反悔", "signs": "有苗头"}.get(said.warning, "")
    part = "只履行了一部分" if over else ""
    return warned or {"none": "没有按约履行", "partly": part}.get(said.performed, "")


def calls_made(file: CaseFile, agreement: Agreement) -> list[tuple[Record, Contact]]:
    """Attempts to reach a party about keeping ``agreement``; those before it were about mediating."""
    return [pair for pair in file.of_type(Contact) if pair[0].at > agreement.finalised_at]


def call_again_at(file: CaseFile, agreement: Agreement) -> dt.datetime | None:
    """没打通，明天再打: when to call again, where the last attempt was in vain."""
    said = last_said(file)
    calls = [pair for pair in calls_made(file, agreement) if said is None or pair[0].at > said[0].at]
    if not calls:
        return None
    _, last = max(calls, key=lambda pair: pair[0].at)
    return last.remind_at if last.result == "unreached" else None
