"""Where the values of a form's fields come from: named sources over a case and its surroundings.

A form definition names a source; adding a form needs no code as long as its values are among these.
Every source is pure. Text sources give ``str``; others give tuples that their field type prints.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import TypeVar

from app.clock import legal_day
from app.documents import people, texts
from app.documents.scope import Scope
from app.domain import casefile as cf
from app.domain import masking, performance
from app.domain.agreement import party_letter
from app.domain.taxonomy import kind_label

Source = Callable[[Scope], object]
SOURCES: dict[str, Source] = {}
S = TypeVar("S", bound=Source)


def _source(name: str) -> Callable[[S], S]:
    def keep(function: S) -> S:
        SOURCES[name] = function
        return function

    return keep


def _text(name: str, get: Callable[[Scope], str | None]) -> None:
    SOURCES[name] = lambda scope: get(scope) or ""


def _day(name: str, get: Callable[[Scope], dt.date | dt.datetime | None]) -> None:
    def read(scope: Scope) -> str:
        value = get(scope)
        if value is None:
            return ""
        return texts.day(legal_day(value) if isinstance(value, dt.datetime) else value)

    SOURCES[name] = read


# institution, people, court -----------------------------------------------------------------
_text("institution.name", lambda s: s.context.institution_name)
_text("institution.type", lambda s: s.context.institution_type)
_text("institution.uscc", lambda s: s.context.uscc)
_text("institution.address", lambda s: s.context.address)
_text("institution.phone", lambda s: s.context.phone)
_text("institution.free", lambda s: "不收取费用" if s.context.free_of_charge else "")
_text("court.number", lambda s: s.context.filing.court_number if s.context.filing else "")
_text("paper.number", lambda s: s.context.number)
_day("paper.printed_on", lambda s: s.context.printed_at)
_text("staff.mediator", lambda s: s.staff(_mediator(s)))
_text("staff.recorder", lambda s: s.staff(_recorder(s)))


@_source("court.name")
def _court_name(scope: Scope) -> str:
    filing = scope.context.filing
    return scope.context.court_name or (filing.court_name if filing else "")


@_source("institution.seal")
def _seal(scope: Scope) -> str:
    kind = scope.context.institution_type + scope.context.institution_name
    return "人民调解委员会印" if "人民调解" in kind or "调委会" in kind else "调解组织印"


def _mediator(scope: Scope) -> str:
    agreement = scope.agreement
    return (agreement.mediator_id if agreement else "") or (scope.case.mediator_id if scope.case else "")


def _recorder(scope: Scope) -> str:
    agreement = scope.agreement
    return (agreement.recorder_id if agreement else "") or (scope.case.clerk_id if scope.case else "")


# the case -----------------------------------------------------------------------------------
_text("case.number", lambda s: s.case.number if s.case else "")
_text("case.intake_no", lambda s: s.case.intake_no if s.case else "")
_text("case.title", lambda s: s.case.title if s.case else "")
_text("case.facts", lambda s: s.case.facts if s.case else "")
_text("case.occurred_on", lambda s: s.case.occurred_on if s.case else "")
_text("case.occurred_place", lambda s: s.case.occurred_place if s.case else "")
_day("case.received_on", lambda s: s.case.received_at if s.case else None)
_day("case.applied_on", lambda s: (s.case.applied_at or s.case.received_at) if s.case else None)
_day("case.accepted_on", lambda s: s.case.accepted_at if s.case else None)
_day("case.decided_on", lambda s: s.case.decided_at if s.case else None)
_day("case.closed_on", lambda s: s.case.closed_at if s.case else None)


@_source("case.kind")
def _kind(scope: Scope) -> str:
    if scope.context.dispute_kind or scope.case is None:
        return scope.context.dispute_kind
    return kind_label(scope.case.dispute_kind) if scope.case.dispute_kind else ""


@_source("case.term")
def _term(scope: Scope) -> str:
    """The last day of 调解期限, that day included; 暂估 where a year's holidays are not known."""
    term = scope.context.term
    return "" if term is None else texts.due(term.due_on) + ("（暂估）" if term.provisional else "")


@_source("case.any_number")
def _any_number(scope: Scope) -> str:
    return (scope.case.number or scope.case.intake_no) if scope.case else ""


@_source("case.claims")
def _claims(scope: Scope) -> tuple[str, ...]:
    return texts.paragraphs(scope.case.claims) if scope.case else ()


@_source("case.amount")
def _amount(scope: Scope) -> str:
    fen = scope.case.amount_fen if scope.case else None
    return "" if fen is None else texts.yuan(fen)


@_source("case.source")
def _case_source(scope: Scope) -> tuple[str, ...]:
    return (scope.case.source,) if scope.case else ()


@_source("case.own_motion")
def _own_motion(scope: Scope) -> str:
    return "是" if scope.case and scope.case.source == "own_motion" else ""


# the parties --------------------------------------------------------------------------------
def _of(side: cf.Side) -> Source:
    def read(scope: Scope) -> tuple[tuple[str, cf.Party], ...]:
        captions: Mapping[str, str] = {"applicant": "申请人", "respondent": "被申请人", "third": "第三人"}
        return tuple((captions[side], p) for p in scope.file.side(side))

    return read


SOURCES["people.applicants"] = _of("applicant")
SOURCES["people.respondents"] = _of("respondent")


@_source("people.all")
def _all(scope: Scope) -> tuple[tuple[str, cf.Party], ...]:
    names: Mapping[str, str] = {"applicant": "申请人", "respondent": "被申请人", "third": "第三人"}
    return tuple((names[p.side], p) for p in scope.parties)


@_source("people.agreed")
def _agreed(scope: Scope) -> tuple[tuple[str, cf.Party], ...]:
    return tuple((party_letter(i), p) for i, p in enumerate(scope.agreed_parties))


@_source("people.joint")
def _joint(scope: Scope) -> tuple[tuple[str, cf.Party], ...]:
    """Before the court both sides apply together (民诉法 2023, 205): each is 申请人.

    甲方, 乙方 are kept beside it, as the agreement's clauses speak of them.
    """
    return tuple((f"申请人（{party_letter(i)}）", p) for i, p in enumerate(scope.agreed_parties))


_text("names.all", lambda s: "、".join(s.name(p) for p in s.parties))
_text("names.joint", lambda s: _joined([s.name(p) for p in s.agreed_parties]))
_text("names.applicants", lambda s: "、".join(s.name(p) for p in s.file.side("applicant")))
_text("names.respondents", lambda s: "、".join(s.name(p) for p in s.file.side("respondent")))


def _joined(names: list[str]) -> str:
    return "、".join(names[:-1]) + "与" + names[-1] if len(names) > 1 else "".join(names)


def _party(name: str, field: str) -> None:
    def read(scope: Scope) -> str:
        party = scope.party
        return "" if party is None else people.shown(party, scope.context.masked)[field]

    SOURCES[name] = read


for _name in ("name", "id_number", "phone", "email", "contact_person", "legal_representative"):
    _party(f"party.{_name}", _name)


@_source("party.id_kind")
def _party_id_kind(scope: Scope) -> str:
    return people.ID_KINDS.get(scope.party.id_kind, "") if scope.party else ""


@_source("party.service_address")
def _service_address(scope: Scope) -> str:
    if scope.party is None:
        return ""
    view = people.shown(scope.party, scope.context.masked)
    return view["service_address"] or view["address"]


# sessions -----------------------------------------------------------------------------------
def _session(get: Callable[[Scope, cf.Session], object]) -> Source:
    def read(scope: Scope) -> object:
        found = scope.body(cf.Session)
        return "" if found is None else get(scope, found[1])

    return read


def _label(scope: Scope, who: cf.Present) -> str:
    hidden = scope.context.masked and who.role not in ("mediator", "recorder")
    return masking.present_name(who, scope.file.parties.values()) if hidden else texts.clean(who.label)


_ROLES = {
    "applicant": "申请人",
    "respondent": "被申请人",
    "agent": "代理人",
    "mediator": "调解员",
    "recorder": "记录人",
    "invited": "参加人",
}


def _talk(scope: Scope, session: cf.Session) -> tuple[tuple[str, str], ...]:
    turns: list[tuple[str, str]] = []
    for segment in session.segments:
        if 0 <= segment.speaker < len(session.present):
            who = session.present[segment.speaker]
            speaker = f"{_ROLES[who.role]}{_label(scope, who)}"
        else:
            speaker = "记录"
        turns.append((speaker, scope.hide(segment.text)))
    return tuple(turns)


def _present(*roles: str) -> Callable[[Scope, cf.Session], str]:
    return lambda scope, session: "、".join(_label(scope, p) for p in session.present if p.role in roles)


SOURCES["session.ordinal"] = _session(lambda _s, b: f"第{texts.count(b.ordinal)}次调解")
SOURCES["session.time"] = _session(lambda _s, b: texts.span(b.started_at, b.ended_at))
SOURCES["session.place"] = _session(lambda _s, b: b.place)
SOURCES["session.parties"] = _session(_present("applicant", "respondent", "agent"))
SOURCES["session.invited"] = _session(lambda s, b: _present("invited")(s, b) or "无")
SOURCES["session.talk"] = _session(_talk)
SOURCES["session.result"] = _session(lambda _s, b: (b.result,))
SOURCES["session.note"] = _session(lambda _s, b: b.result_note)
SOURCES["session.rights_told"] = _session(
    lambda _s, b: texts.minute(b.rights_told_at) if b.rights_told_at else ""
)
SOURCES["session.next"] = _session(
    lambda _s, b: "，".join(t for t in (texts.minute(b.next_at) if b.next_at else "", b.next_place) if t)
)
_RESULTS = {"agreed": "达成协议", "not_agreed": "未达成协议", "next_time": "另定时间"}


@_source("sessions.count")
def _sessions_count(scope: Scope) -> str:
    found = scope.file.of_type(cf.Session)
    return texts.count(len(found)) if found else ""


@_source("sessions.rows")
def _sessions_rows(scope: Scope) -> tuple[tuple[str, ...], ...]:
    return tuple(
        (str(b.ordinal), texts.minute(b.started_at), b.place, _RESULTS[b.result])
        for _, b in scope.file.of_type(cf.Session)
    )


@_source("sessions.undisputed")
def _undisputed(scope: Scope) -> tuple[str, ...]:
    """Facts nobody disputes, of all sessions, each once; concessions are not among them."""
    found: dict[str, None] = {}
    for _, body in scope.file.of_type(cf.Session):
        found.update(dict.fromkeys(body.undisputed))
    return tuple(found)


# the agreement ------------------------------------------------------------------------------
_text(
    "agreement.holders",
    lambda s: texts.holders(s.agreement.copies, len(s.agreed_parties)) if s.agreement else "",
)
_text("agreement.number", lambda s: (s.agreement.number if s.agreement else "") or _case_number(s))
_text("agreement.paper", lambda s: s.agreement_paper)
_text("agreement.facts", lambda s: s.agreement.facts if s.agreement else "")
_text("agreement.copies", lambda s: texts.count(s.agreement.copies) if s.agreement else "")
_day("agreement.on", lambda s: _agreed_on(s))
_day("agreement.dated_on", lambda s: s.agreement.dated_on if s.agreement else None)
_day(
    "agreement.effective_on", lambda s: s.context.effective_on or (s.effect.complete_on if s.effect else None)
)


def _agreed_on(scope: Scope) -> dt.date | None:
    """The day an agreement is known by: the date on its paper, else the day the last party signed."""
    if scope.agreement is not None and scope.agreement.dated_on is not None:
        return scope.agreement.dated_on
    return scope.effect.earliest_possible if scope.effect else None


def _case_number(scope: Scope) -> str:
    return scope.case.number if scope.case else ""


@_source("agreement.clauses")
def _clauses(scope: Scope) -> tuple[str, ...]:
    if scope.agreement is None:
        return ()
    return tuple(c.text for c in sorted(scope.agreement.clauses, key=lambda c: c.no))


def payment_sentence(scope: Scope, payment: cf.Payment) -> str:
    """One instalment in a sentence: who pays whom by when (that day included), in figures and capitals."""
    oral = scope.agreement is not None and scope.agreement.form == "oral"
    at_once = "于达成协议当日" if oral else "于签署本协议当日"
    when = at_once if payment.on_signing else ""
    if not when and payment.due_on is not None:
        when = f"于{texts.due(payment.due_on)}"
    how = f"，以{payment.method}方式" if payment.method else ""
    tail = f"（收款账户尾号{payment.account_tail}）" if payment.account_tail else ""
    amount = texts.yuan(payment.amount_fen)
    payer, payee = scope.caption(payment.payer_party_id), scope.caption(payment.payee_party_id)
    return f"{payer}{when}{how}向{payee}支付{amount}{tail}。"


@_source("agreement.performance")
def _performance(scope: Scope) -> tuple[str, ...]:
    agreement = scope.agreement
    if agreement is None:
        return ()
    lines = list(texts.paragraphs(agreement.performance))
    several = len(agreement.payments) > 1
    for index, payment in enumerate(sorted(agreement.payments, key=lambda p: p.no), 1):
        head = f"第{texts.count(index)}期：" if several else ""
        lines.append(head + payment_sentence(scope, payment))
    if agreement.payments and agreement.total_fen is not None:
        lines.append(f"以上合计{texts.yuan(agreement.total_fen)}。")
    return tuple(lines)


@_source("agreement.content")
def _content(scope: Scope) -> tuple[str, ...]:
    """Clauses and performance together, as an application to the court repeats them."""
    clauses = tuple(f"{texts.count(i)}、{text}" for i, text in enumerate(_clauses(scope), 1))
    return clauses + _performance(scope)


# follow-up, refusal, conclusion -------------------------------------------------------------
def _follow_up(get: Callable[[cf.Record, cf.FollowUp, Scope], object]) -> Source:
    def read(scope: Scope) -> object:
        found = scope.body(cf.FollowUp)
        return "" if found is None else get(found[0], found[1], scope)

    return read


SOURCES["follow_up.time"] = _follow_up(lambda r, _b, _s: texts.minute(r.at))
SOURCES["follow_up.by"] = _follow_up(lambda r, _b, s: s.staff(r.author))
SOURCES["follow_up.performed"] = _follow_up(lambda _r, b, _s: (b.performed,))
SOURCES["follow_up.satisfaction"] = _follow_up(lambda _r, b, _s: (b.satisfaction,) if b.satisfaction else ())
SOURCES["follow_up.warning"] = _follow_up(lambda _r, b, _s: (b.warning or "none",))
SOURCES["follow_up.text"] = _follow_up(lambda _r, b, _s: b.text)

_text("refusal.ground", lambda s: s.refusal.ground if s.refusal else "")
_text("refusal.facts", lambda s: s.refusal.facts if s.refusal else "")
_text("refusal.number", lambda s: s.context.number or (s.refusal.notice_no if s.refusal else ""))
SOURCES["refusal.basis"] = lambda s: s.refusal.basis if s.refusal else ()
SOURCES["refusal.routes"] = lambda s: s.refusal.next_routes if s.refusal else ()

_text("conclusion.ground", lambda s: s.conclusion.ground if s.conclusion else "")
_text("conclusion.focus", lambda s: s.conclusion.focus if s.conclusion else "")
_text("conclusion.summary", lambda s: s.conclusion.summary if s.conclusion else "")
_text("conclusion.method", lambda s: s.conclusion.method if s.conclusion else "")
_day("conclusion.on", lambda s: s.conclusion.at if s.conclusion else None)
SOURCES["conclusion.outcome"] = lambda s: (s.conclusion.outcome,) if s.conclusion else ()


@_source("conclusion.remedies")
def _remedies(scope: Scope) -> tuple[str, ...]:
    return scope.context.remedies or (scope.conclusion.remedies if scope.conclusion else ())


@_source("performance.state")
def _performance_state(scope: Scope) -> str:
    """履行情况 in words: how many of the agreed payments were performed in full."""
    agreement = scope.agreement
    if agreement is None or not agreement.payments:
        return ""
    states = list(performance.states(scope.file, agreement).values())
    partly = f"，部分履行{states.count('partly')}期" if "partly" in states else ""
    return f"约定履行{len(states)}期，已履行{states.count('performed')}期{partly}。"
