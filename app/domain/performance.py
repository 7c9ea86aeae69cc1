"""履行与回访: which payments are settled, and whether the case was followed up."""

from __future__ import annotations

import datetime as dt

from app.clock import legal_day
from app.domain.casefile import Agreement, FollowUp, Payment, Performance
from app.domain.reducer import CaseFile


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
