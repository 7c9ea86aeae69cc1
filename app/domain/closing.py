"""结案: the 化解方式 that the platform asks for, and what has to be told first (办法 第十一条).

The platform asks for a 化解方式 at closing and has not published its values (待核); the list is data that an
institution changes, and the platform's own catalogue goes before it.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import msgspec

from app.domain.casefile import Conclusion, Doc, Outcome
from app.domain.workdays import resource

TOLD_FIRST: frozenset[Outcome] = frozenset({"failed", "terminated"})
"""Outcomes after which the applicant must have been told the remedies before closing (办法 第十一条)."""


class ClosingMethod(Doc, frozen=True, kw_only=True):
    """One 化解方式: how the dispute was worked on."""

    code: str
    name: str
    hint: str = ""
    outcomes: tuple[Outcome, ...]
    """Ends of mediation that it can be chosen for."""
    explain: bool = False
    """Whether the summary has to say what it was."""


def methods_from_items(items: Any) -> tuple[ClosingMethod, ...]:
    """Methods in the list's order. Raises ``msgspec.ValidationError`` on data of another shape."""
    return msgspec.convert(items, tuple[ClosingMethod, ...])


@functools.cache
def packaged_methods() -> tuple[ClosingMethod, ...]:
    """The list that ships with the product."""
    return methods_from_items(resource("legal/closing_methods.json")["methods"])


def offered(methods: Sequence[ClosingMethod], outcome: Outcome) -> tuple[ClosingMethod, ...]:
    """The methods that can be chosen for an outcome."""
    return tuple(method for method in methods if outcome in method.outcomes)


def remedies_lacking(conclusion: Conclusion) -> bool:
    """Whether the remedies still have to be told before the case can be closed (办法 第十一条)."""
    told = conclusion.remedies and conclusion.remedies_told_at is not None
    return conclusion.outcome in TOLD_FIRST and not told
