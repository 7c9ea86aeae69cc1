"""分类与目录: dispute kinds, refusal reasons, courts, laws — packaged data, read once.

The platform's catalogues, once received, go before these; the shapes are the same (``*_from_data``).
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any

import msgspec

from app.domain.casefile import Doc, LawKind
from app.domain.workdays import resource


class DisputeKind(Doc, frozen=True, kw_only=True):
    """One of the 18 classes of the statistics, with its platform kinds and causes of action."""

    code: str
    name: str
    """As statistics and lists name it: 邻里."""
    label: str
    """As a sentence names it: 邻里纠纷."""
    causes: tuple[str, ...]
    """法院案由, the usual ones first."""
    law_kind: LawKind
    """Law an agreement and its periods follow when nothing else decides."""
    title: tuple[str, ...] = ()
    """Words to propose a 案件简称 from."""
    platform: tuple[str, ...] = ()
    """平台类 that map to this class."""
    answers: dict[str, bool] = msgspec.field(default_factory=dict)
    """Answers to the six questions of the exits, where the kind decides them."""


class RefusalReason(Doc, frozen=True, kw_only=True):
    """A ground of 不予受理, with the legal bases and next routes to choose from."""

    code: str
    name: str
    hint: str
    basis: tuple[str, ...]
    routes: tuple[str, ...]
    waives_contact: bool
    """The respondent's wish need not be asked where this ground holds."""


class Court(Doc, frozen=True, kw_only=True):
    """A court that an application may go to."""

    code: str
    name: str
    district: str = ""
    level: str = "basic"
    """basic, intermediate or special."""
    demo: bool = False
    """Invented, for practice."""


class Article(Doc, frozen=True, kw_only=True):
    """One article's number in the current version, and what it was called before."""

    now: str
    old: str = ""
    topic: str = ""


class Law(Doc, frozen=True, kw_only=True):
    """A law, regulation or interpretation that the product cites."""

    key: str
    name: str
    version: str
    articles: tuple[Article, ...]
    note: str = ""


def kinds_from_data(data: Any) -> Mapping[str, DisputeKind]:
    """Dispute kinds by code. Raises ``msgspec.ValidationError`` on data of another shape."""
    return {k.code: k for k in msgspec.convert(data["kinds"], tuple[DisputeKind, ...])}


@functools.cache
def dispute_kinds() -> Mapping[str, DisputeKind]:
    """The 18 classes by code, in the order of the statistics."""
    return kinds_from_data(resource("legal/dispute_kinds.json"))


def kind_name(code: str) -> str:
    """邻里; an unknown code counts as 其他."""
    return dispute_kinds().get(code, dispute_kinds()["other"]).name


GENDERS: Mapping[str, str] = {"male": "男", "female": "女"}
AUTHORITIES: Mapping[str, str] = {"ordinary": "一般授权", "special": "特别授权"}
"""代理权限 of an agent."""


def kind_label(code: str) -> str:
    """邻里纠纷."""
    return dispute_kinds().get(code, dispute_kinds()["other"]).label


def kind_of_platform(platform_kind: str) -> DisputeKind:
    """The class a platform kind belongs to; 其他 when the mapping does not know it."""
    for kind in dispute_kinds().values():
        if platform_kind in kind.platform or platform_kind in (kind.name, kind.label):
            return kind
    return dispute_kinds()["other"]


def reasons_from_data(data: Any) -> Mapping[str, RefusalReason]:
    """Refusal reasons by code, the basis and route keys replaced by their words."""
    reasons = msgspec.convert(data["reasons"], tuple[RefusalReason, ...])
    basis, routes = data["basis"], data["routes"]
    return {
        r.code: msgspec.structs.replace(
            r, basis=tuple(basis[b] for b in r.basis), routes=tuple(routes[n] for n in r.routes)
        )
        for r in reasons
    }


@functools.cache
def refusal_reasons() -> Mapping[str, RefusalReason]:
    """N1 to N12."""
    return reasons_from_data(resource("legal/refusal_reasons.json"))


def courts_from_data(data: Any) -> tuple[Court, ...]:
    """Courts in the catalogue's order."""
    return msgspec.convert(data["courts"], tuple[Court, ...])


@functools.cache
def all_courts() -> tuple[Court, ...]:
    """Every court of the packaged list, the invented ones included."""
    return courts_from_data(resource("legal/courts.json"))


def courts(practice: bool = False) -> tuple[Court, ...]:
    """The courts to offer: the invented ones in practice only."""
    return tuple(c for c in all_courts() if practice or not c.demo)


def court_by_code(code: str) -> Court | None:
    """The court behind a code, if the list has it."""
    return next((c for c in all_courts() if c.code == code), None)


@functools.cache
def laws() -> Mapping[str, Law]:
    """The laws cited, by key."""
    return {law.key: law for law in msgspec.convert(resource("legal/laws.json")["laws"], tuple[Law, ...])}


def current_article(key: str, old: str) -> str:
    """Today's number of an article known by its former one; ``old`` itself when unchanged."""
    for article in laws()[key].articles:
        if article.old == old:
            return article.now
    return old
