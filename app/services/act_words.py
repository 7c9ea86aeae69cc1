"""Two decisions on one case (受理, 定稿, 结案) side by side: what each says, and where they differ.

Such decisions are never merged. What stands in the conflict's row is only the state that both moved; what
was decided stands in the command written here and in the platform's picture of the case.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain import masking, money
from app.domain.agreement import places_signed
from app.domain.phrases import within
from app.domain.reducer import CaseFile
from app.domain.states import case_machine
from app.domain.workdays import full_date, moment
from app.services.field_words import (
    FORMS,
    LAW_NAMES,
    Known,
    conclusion_lines,
    flag,
    refusal_lines,
)

NONE = "（没有）"
_ACCEPTED = frozenset({"案号", "承办调解员", "受理时间"})
"""What accepting said: a later decision says nothing of it, and takes none of it back."""
_NOT_ACCEPTED = frozenset({"deciding", "refused", "handed_back"})
SIGNERS = {
    "party": "当事人", "agent": "代理人", "mediator": "调解员", "recorder": "记录人", "seal": "印章",
}  # fmt: skip
SIGNED_BY = {
    "sign": "签名", "fingerprint": "按指印", "sign_fingerprint": "签名并按指印", "seal": "盖章",
    "esign": "电子签名",
}  # fmt: skip
Lines = tuple[tuple[str, str], ...]
"""Name and text of each particular, in reading order."""


@dataclass(frozen=True)
class Difference:
    """One particular in which the two decisions differ."""

    name: str
    mine: str
    theirs: str
    missed: bool = False
    """Whether ours is a sentence: that theirs had not come when the decision was taken here."""


@dataclass(frozen=True)
class ActView:
    """The decision written here beside what the platform has."""

    what: str
    """What was decided here, such as 结案信息."""
    differences: tuple[Difference, ...]
    mine: Lines
    """All of what was decided here."""
    theirs: Lines
    """All of what the platform has decided."""


def written(
    payload: cmd.AnyPayload,
    file: CaseFile,
    known: Known,
    *,
    plain: bool,
    signed: Sequence[cf.Signature] = (),
) -> Lines:
    """All that a decision says. ``file`` names the parties; names and numbers are masked unless ``plain``.

    ``signed``: what is registered as signed or sealed on an agreement's paper, each place once.
    """
    match payload:
        case cmd.FinaliseAgreement():
            lines = (_signed(len(signed)), *_agreement(payload.agreement, file, known, plain=plain))
        case cmd.CloseCase():
            lines = (*conclusion_lines(payload.conclusion, known), _at("结案时间", payload.closed_at, known))
        case cmd.ConcludeCase():
            ended = _at("结束时间", payload.conclusion.at, known)
            lines = (*conclusion_lines(payload.conclusion, known), ended)
        case cmd.AcceptCase():
            lines = (
                ("案号", payload.number),
                ("承办调解员", known.name_of(payload.mediator_id)),
                _at("受理时间", payload.accepted_at, known),
            )
        case cmd.RefuseCase():
            lines = (*refusal_lines(payload.refusal), _at("决定时间", payload.decided_at, known))
        case cmd.HandBackCase():
            lines = (("退回的理由", payload.reason), _at("决定时间", payload.decided_at, known))
        case cmd.WaiveContact():
            lines = (("不征求意愿的理由", payload.reason),)
        case _:
            lines = ()
    return _hide(lines, file, plain=plain)


def standing(file: CaseFile, known: Known, *, plain: bool) -> Lines:
    """All that the case ``file`` has been decided on last, as its state tells."""
    head = file.head
    lines: Lines = ()
    agreement = file.agreements.get(head.agreement_id)
    match head.state:
        case "agreed" if agreement is not None:
            signed = len(places_signed(file, agreement.agreement_id))
            lines = (_signed(signed), *_agreement(agreement, file, known, plain=plain))
        case "failed" | "withdrawn" | "terminated" if head.conclusion is not None:
            ended = _at("结束时间", head.conclusion.at, known)
            lines = (*conclusion_lines(head.conclusion, known), ended)
        case "closed" | "archived" if head.conclusion is not None:
            lines = conclusion_lines(head.conclusion, known)
            if head.closed_at is not None:
                lines = (*lines, _at("结案时间", head.closed_at, known))
        case "refused" if head.refusal is not None:
            lines = refusal_lines(head.refusal)
            if head.decided_at is not None:
                lines = (*lines, _at("决定时间", head.decided_at, known))
        case "handed_back":
            lines = (("退回的理由", head.handback_reason),)
            if head.decided_at is not None:
                lines = (*lines, _at("决定时间", head.decided_at, known))
        case "accepted" | "mediating" if head.accepted_at is not None:
            lines = (
                ("案号", head.number),
                ("承办调解员", known.name_of(head.mediator_id)),
                _at("受理时间", head.accepted_at, known),
            )
        case "deciding" if head.contact_waiver:
            lines = (("不征求意愿的理由", head.contact_waiver),)
    return _hide(lines, file, plain=plain)


def compared(
    what: str, states: tuple[str, str], mine: Lines, theirs: Lines, *, alike: bool = True
) -> ActView:
    """Both decisions with what differs between them. ``states``: where each of them leaves the case.

    ``alike``: whether the lines of both are about the same thing. Otherwise only where the case is left is
    compared: what one of them does not speak of is not missing there.
    """
    labels = case_machine().labels
    moved = [labels.get(state, "") for state in states]
    mine, theirs = (("案件状态", moved[0]), *mine), (("案件状态", moved[1]), *theirs)
    ours, others = (dict(mine), dict(theirs)) if alike else (dict(mine[:1]), dict(theirs[:1]))
    accepted = not _NOT_ACCEPTED & {*states}
    differences = tuple(
        Difference(name, ours.get(name) or NONE, others.get(name) or NONE)
        for name in dict.fromkeys((*ours, *others))
        if ours.get(name, "") != others.get(name, "")
        and not (accepted and name in _ACCEPTED and (name in ours) != (name in others))
    )
    return ActView(what, differences, _said(mine), _said(theirs))


def _said(lines: Iterable[tuple[str, str]]) -> Lines:
    return tuple((name, text) for name, text in lines if text)


def places(signed: Iterable[cf.Signature], file: CaseFile, *, plain: bool) -> Lines:
    """Who signed or sealed an agreement's paper, and the day written there."""
    return tuple(
        (_place(one, file, plain=plain), f"{SIGNED_BY[one.method]}，{full_date(one.on)}") for one in signed
    )


def _place(one: cf.Signature, file: CaseFile, *, plain: bool) -> str:
    kind = SIGNERS[one.signer]
    return f"{kind}{_who(file, one.party_id, plain=plain)}" if one.party_id else kind


def _signed(places: int) -> tuple[str, str]:
    return "签名盖章", f"已登记 {places} 处" if places else ""


def _at(name: str, at: dt.datetime, known: Known) -> tuple[str, str]:
    return name, moment(at, known.today)


def _hide(lines: Lines, file: CaseFile, *, plain: bool) -> Lines:
    if plain:
        return _said(lines)
    names = tuple(masking.names(file.parties.values()))
    return _said((name, masking.redact(text, names)) for name, text in lines)


def _agreement(made: cf.Agreement, file: CaseFile, known: Known, *, plain: bool) -> Lines:
    lines = [
        ("版本", f"第 {made.version_no} 版"),
        ("形式", FORMS[made.form]),
        ("适用规定", LAW_NAMES[made.law_kind]),
        ("协议书编号", made.number),
        ("当事人", "、".join(_who(file, party_id, plain=plain) for party_id in made.party_ids)),
        ("主要事实", made.facts),
        *((f"协议第 {clause.no} 条", clause.text) for clause in made.clauses),
        *((f"第 {one.no} 期付款", _payment(one, file, plain=plain)) for one in made.payments),
        ("合计", money.text(made.total_fen) if made.total_fen is not None else ""),
        ("履行方式、时限", made.performance),
        ("最迟履行日", full_date(made.perform_by) if made.perform_by else ""),
        ("协议日期", full_date(made.dated_on) if made.dated_on else ""),
        ("份数", f"{made.copies} 份"),
        ("调解员", known.name_of(made.mediator_id) if made.mediator_id else ""),
        ("记录人", known.name_of(made.recorder_id) if made.recorder_id else ""),
        ("要记录人签名", flag(made.needs_recorder)),
        ("体检后仍继续的理由", "\n".join(made.overrides)),
        _at("定稿时间", made.finalised_at, known),
    ]
    return tuple(lines)


def _payment(one: cf.Payment, file: CaseFile, *, plain: bool) -> str:
    payer, payee = (_who(file, who, plain=plain) for who in (one.payer_party_id, one.payee_party_id))
    by = "签订当天" if one.on_signing else f"{full_date(one.due_on)}（含当天）前" if one.due_on else ""
    account = f"账号尾号 {one.account_tail}" if one.account_tail else ""
    parts = (f"{payer}付给{payee} {money.text(one.amount_fen)}", by, within(one.method), account)
    return "，".join(part for part in parts if part)


def _who(file: CaseFile, party_id: str, *, plain: bool) -> str:
    party = file.parties.get(party_id)
    if party is None:
        return "当事人"
    return party.name if plain else masking.party_name(party)
