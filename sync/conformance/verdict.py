"""How a check ends when it does not simply pass."""

from __future__ import annotations


class Failed(Exception):
    """The server does not keep the clause. The text is the evidence, in Chinese."""


class NotChecked(Exception):
    """The check could not be made; the text says what it needs."""


class Unreachable(Exception):
    """No answer came at all."""


class BudgetSpent(Exception):
    """The run has used up the requests it was allowed."""


def must(holds: object, evidence: str) -> None:
    """Raise :class:`Failed` with ``evidence`` unless ``holds``."""
    if not holds:
        raise Failed(evidence)


def equal(got: object, wanted: object, what: str) -> None:
    """Raise :class:`Failed` unless both are the same value."""
    if got != wanted:
        raise Failed(f"{what}：得到 {_short(got)}，应为 {_short(wanted)}")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 160 else f"{text[:157]}…"
