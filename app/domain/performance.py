"""履行与回访: which payments are settled, and whether the case was followed up."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Iterable, Iterator

from app.clock import legal_day
from app.domain.casefile import Agreement, Contact, FollowUp, Payment, Performance, Record
from app.domain.findings import Finding, Subject
from app.domain.money import text
from app.domain.reducer import CaseFile
from app.domain.workdays import short_date

SAID = {"performed": "已履行", "partly": "部分履行", "defaulted": "没有履行"}
"""What an entry says, in words."""
SAID_ON_CALL = {"full": "都履行了", "partly": "履行了一部分", "none": "还没有履行", "not_due": "还没到期"}
"""What a 回访 says, in words."""


def entries(file: CaseFile, agreement_id: str) -> tuple[str, ...]:
    """Ids of what is said of keeping an agreement and was not refused by the platform: what was registered as
    performed under it, or not, and the 回访. Those name no agreement: each counts, whichever stands."""
    held = (record for record in file.records.values() if record.record_id not in file.refused)
    return tuple(sorted(record.record_id for record in held if _tells(record, agreement_id)))


def _tells(record: Record, agreement_id: str) -> bool:
    match record.body:
        case Performance() as body:
            return body.agreement_id == agreement_id
        case FollowUp() as body:
            return body.performed != "not_due"
    return False


def in_words(file: CaseFile, record_ids: Iterable[str]) -> str:
    """第 1 期已履行 3,000 元（11月23日）: these entries, in the order of their days; empty for none."""
    made = [record for one in record_ids if (record := file.records.get(one)) is not None]
    return "；".join(words for *_, words in sorted(filter(None, map(_entry, made))))


def _entry(record: Record) -> tuple[dt.date, int, str] | None:
    """The day, the number of the payment, and the words of what tells of performance."""
    match record.body:
        case Performance() as body:
            which = f"第 {body.payment_no} 期" if body.payment_no else ""
            amount = f" {text(body.amount_fen)}" if body.amount_fen else ""
            words = f"{which}{SAID[body.state]}{amount}（{short_date(body.on)}）"
            return body.on, body.payment_no, words
        case FollowUp() as body:
            day = legal_day(record.at)
            return day, 0, f"回访时说{SAID_ON_CALL[body.performed]}（{short_date(day)}）"
    return None


def partly_problem(agreement: Agreement, payment_no: int, amount_fen: int) -> str:
    """One sentence where what is said to be a part of an instalment is no less than the whole; else empty."""
    payment = next((p for p in agreement.payments if p.no == payment_no), None)
    if payment is None or not 0 < payment.amount_fen <= amount_fen:
        return ""
    return (
        f"这一期一共 {text(payment.amount_fen)}，付了一部分的，写收到的那一部分；都付了的，上面选“都付了”。"
    )


def already(d: Subject) -> Iterator[Finding]:
    """What was performed under the version that the draft takes the place of (协议体检)."""
    held = d.file.agreements.get(d.file.head.agreement_id)
    if held is None or held.agreement_id == d.agreement.agreement_id:
        return
    made = (d.file.records[one] for one in entries(d.file, held.agreement_id))
    under = [r.record_id for r in made if not isinstance(r.body, FollowUp) or r.at >= held.finalised_at]
    if done := in_words(d.file, under):
        yield Finding(
            "performed", "should", "payments", f"现在这一版已登记履行：{done}",
            "新的一版要写清已经付的怎么算，不然等于从头再付。", "《人民调解法》第31条",
        )  # fmt: skip


def states(file: CaseFile, agreement: Agreement) -> dict[int, str]:
    """State of each payment by its number: pending, partly, performed or defaulted.

    Partial payments that add up to the whole amount count as performed, one that two people may have
    registered once (:func:`_parts`).
    """
    return {p.no: _state(p, _registered(file, agreement, p)) for p in agreement.payments}


def _registered(file: CaseFile, agreement: Agreement, payment: Payment) -> list[tuple[str, Performance]]:
    """What was registered of a payment, in the order of time, each with whose entry it is."""
    return [
        (record.author, body)
        for record, body in file.of_type(Performance)
        if body.agreement_id == agreement.agreement_id and body.payment_no == payment.no
    ]


def _state(payment: Payment, registered: list[tuple[str, Performance]]) -> str:
    if not registered:
        return "pending"
    state = registered[-1][1].state
    # Parts alone add up: one who says that it was a part has put right who said that it was all.
    paid = sum(amount * times for amount, times in _parts(registered).items())
    if state == "partly" and payment.amount_fen and paid >= payment.amount_fen:
        return "performed"
    return state


def _parts(registered: list[tuple[str, Performance]]) -> Counter[int]:
    """How often each part was paid. The same amount registered by different people may be one payment, of
    which neither knew that the other had it: it counts as often as one of them registered it."""
    of_each: dict[str, Counter[int]] = {}
    for author, body in registered:
        if body.state == "partly":
            of_each.setdefault(author, Counter())[body.amount_fen] += 1
    whole: Counter[int] = Counter()
    for counted in of_each.values():
        whole |= counted
    return whole


def agreed_words(file: CaseFile, agreement: Agreement, payment: Payment, due: dt.date | None) -> str:
    """约定 12月1日（含当天）前付: until when a payment is to be made; and where the same part of it was
    registered by two people, that it is to be looked at whether that was one."""
    until = f"约定 {short_date(due)}（含当天）前付" if due is not None else "约定签署当日付"
    registered = _registered(file, agreement, payment)
    doubled = _parts(registered).total() < sum(body.state == "partly" for _, body in registered)
    return f"{until}；两个人都登记了同样的一笔，看是一笔还是两笔，都付清了的记“都付了”" if doubled else until


def settled_payments(file: CaseFile, agreement: Agreement) -> frozenset[int]:
    """Numbers of the payments that were made, or given up as defaulted."""
    return frozenset(
        no for no, state in states(file, agreement).items() if state in ("performed", "defaulted")
    )


def fully_performed(file: CaseFile, agreement: Agreement) -> bool:
    """Whether every payment of the agreement was made. False for one without payments."""
    found = states(file, agreement)
    return bool(found) and all(state == "performed" for state in found.values())


def visits_under(file: CaseFile, agreement: Agreement) -> list[tuple[Record, FollowUp]]:
    """回访 since ``agreement`` was fixed; those before it were about another version."""
    return [pair for pair in file.of_type(FollowUp) if pair[0].at >= agreement.finalised_at]


def followed_up(file: CaseFile, agreement: Agreement, end: dt.date) -> bool:
    """Whether the parties were asked after the performance period ended on ``end``, or all was done."""
    return any(
        body.performed == "full" or (body.performed != "not_due" and legal_day(record.at) >= end)
        for record, body in visits_under(file, agreement)
    )


def last_said(file: CaseFile, agreement: Agreement) -> tuple[Record, FollowUp] | None:
    """The newest 回访 about keeping ``agreement``, if anybody was called."""
    return max(visits_under(file, agreement), key=lambda pair: pair[0].at, default=None)


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
    said = last_said(file, agreement)
    calls = [pair for pair in calls_made(file, agreement) if said is None or pair[0].at > said[0].at]
    if not calls:
        return None
    _, last = max(calls, key=lambda pair: pair[0].at)
    return last.remind_at if last.result == "unreached" else None
