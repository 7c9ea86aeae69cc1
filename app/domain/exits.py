"""出口路线: where a dispute goes when mediation failed (办法 第十一条、第十三条).

Six yes-or-no questions, answered beforehand by the kind of dispute, decide which of the packaged routes
are offered. Cost and time are estimates; the court or institution decides.
"""

from __future__ import annotations

import datetime as dt
import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from app.domain.casefile import Case, Doc, Outcome
from app.domain.counting import Deadline
from app.domain.errors import FieldError
from app.domain.taxonomy import dispute_kinds
from app.domain.workdays import full_date, resource


class Question(Doc, frozen=True, kw_only=True):
    """One of the six."""

    code: str
    text: str
    default: bool


class Row(Doc, frozen=True, array_like=True):
    """One line of a route's card: 去哪, 带什么, 多久, 费用, 提醒, 我能帮您."""

    label: str
    text: str


class Route(Doc, frozen=True, kw_only=True):
    """One way on."""

    code: str
    name: str
    when: tuple[dict[str, bool], ...]
    """Sets of answers; one of them must hold whole."""
    tag: str
    """适合, 要双方同意, 看条件, 建议同时做."""
    rows: tuple[Row, ...]
    sentence: str
    """As the notice tells it (救济途径)."""
    basis: tuple[str, ...]


class Ground(Doc, frozen=True, kw_only=True):
    """终止原因, with the outcome it makes."""

    code: str
    name: str
    outcome: Outcome
    after_term: bool = False
    """Whether it can be true only once 调解期限 has ended."""


class _Data(Doc, frozen=True, kw_only=True):
    questions: tuple[Question, ...]
    routes: tuple[Route, ...]
    grounds: tuple[Ground, ...]
    court_rules: dict[Literal["real_estate", "default"], str]


@functools.cache
def _data() -> _Data:
    return msgspec.convert(resource("legal/exits.json"), _Data)


def questions() -> tuple[Question, ...]:
    """The six, in order."""
    return _data().questions


def grounds() -> tuple[Ground, ...]:
    """Why mediation can end."""
    return _data().grounds


def before_its_term(ground: str, term: Deadline | None, today: dt.date) -> str:
    """Why a ground, by name, does not hold yet, in a sentence: the period has not ended. Empty when it holds.

    The last day belongs to the period (民法典 203).
    """
    if term is None or not any(g.after_term for g in grounds() if g.name == ground):
        return ""
    if term.paused:
        return "调解期限现在停着计时，还没有届满。"
    if today > term.due_on:
        return ""
    doubt = "（暂估）" if term.provisional else ""
    return f"调解期限到 {full_date(term.due_on)}（含当天）{doubt}，还没有届满。"


def pre_answers(dispute_kind: str) -> dict[str, bool]:
    """Answers by the kind of dispute; the person changes only what is not right."""
    kind = dispute_kinds().get(dispute_kind)
    known: Mapping[str, bool] = kind.answers if kind else {}
    return {q.code: known.get(q.code, q.default) for q in questions()}


def routes(answers: Mapping[str, bool], *, district: str = "", court_name: str = "") -> tuple[Route, ...]:
    """The routes that are open under ``answers``, with court and place filled in.

    ``court_name`` is the court a suit goes to where one is known; else the rule is told in words.
    Raises :class:`FieldError` when a question is not answered.
    """
    for question in questions():
        if question.code not in answers:
            raise FieldError(question.code, "这一题还没有答，答完才列得出路线。")
    return tuple(
        r
        for r in routes_of(answers, court_name=court_name)
        if any(all(answers[code] is value for code, value in case.items()) for case in r.when)
    )


def routes_of(answers: Mapping[str, bool], *, court_name: str = "") -> tuple[Route, ...]:
    """Every packaged route, open or not, with court and place filled in as ``answers`` have it."""
    rule = _data().court_rules["real_estate" if answers["real_estate"] else "default"]
    if court_name and answers["real_estate"]:
        where = f"{court_name}：租房归房屋所在地法院管"
    else:
        where = court_name or rule
    name = court_name or "有管辖权的人民法院"
    return tuple(_filled(r, where, name) for r in _data().routes)


def suggested(route: Route, *, recorded: bool) -> bool:
    """Whether a route is ticked beforehand: what fits, and 无争议事实 where a session ``recorded`` some.

    They are written down only with everybody's consent (法发〔2016〕14号 第二十三条).
    """
    return route.tag == "适合" or (route.tag == "建议同时做" and recorded)


def routes_for(case: Case, *, court_name: str = "") -> tuple[Route, ...]:
    """The routes of a case by its kind's answers alone."""
    return routes(pre_answers(case.dispute_kind), court_name=court_name)


def told_routes(case: Case, remedies: Iterable[str], *, court_name: str = "") -> tuple[Route | str, ...]:
    """The routes that were told in ``remedies``; a sentence in other words stands for itself."""
    rows = routes_of(pre_answers(case.dispute_kind), court_name=court_name)
    known = {route.sentence: route for route in rows}
    return tuple(known.get(sentence, sentence) for sentence in remedies)


def remedy_sentences(chosen: Sequence[Route]) -> tuple[str, ...]:
    """The numbered paragraph 救济途径 of the notice. Raises :class:`FieldError` without a route."""
    if not chosen:
        raise FieldError("remedies", "至少选一条路，会写进告知书。")
    return tuple(f"{n}. {route.sentence}" for n, route in enumerate(chosen, 1))


def basis_of(chosen: Iterable[Route]) -> tuple[str, ...]:
    """The legal bases of several routes, each once."""
    return tuple(dict.fromkeys(b for route in chosen for b in route.basis))


def _filled(route: Route, where: str, name: str) -> Route:
    rows = tuple(Row(r.label, r.text.replace("{court}", where)) for r in route.rows)
    return msgspec.structs.replace(route, rows=rows, sentence=route.sentence.replace("{court_name}", name))
