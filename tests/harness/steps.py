"""What a step can be: plain data, so that a sequence can be written down, printed and played again."""

from __future__ import annotations

from dataclasses import dataclass, fields

SKEWS = (0, 3650 * 86400, -3650 * 86400, -3600, 6 * 60, -1764000000)
"""How wrong a computer's clock may be, in seconds: right, +10 years, -10 years, an hour back, six minutes
ahead, about 1970."""


@dataclass(frozen=True)
class Act:
    """Somebody does something at a computer, which may end at its ``end``-th point."""

    pc: int
    name: str
    which: int = 0
    value: int = 0
    end: int | None = None


@dataclass(frozen=True)
class Exchange:
    """One run of the engine over a line with these fates; computer or platform may end within it."""

    pc: int
    fates: tuple[str, ...] = ()
    end: int | None = None
    platform_end: int | None = None
    beside: tuple[int, int] | None = None
    """Another computer, and the number of the request before which it does a whole exchange of its own."""
    wait: int = 0
    """Seconds that pass before it."""


@dataclass(frozen=True)
class Elsewhere:
    """Something happens at the platform."""

    name: str
    which: int = 0
    value: int = 0


@dataclass(frozen=True)
class Everybody:
    """A calm minute: every computer exchanges once."""


@dataclass(frozen=True)
class Pass:
    """Time goes on for everybody."""

    seconds: int


@dataclass(frozen=True)
class Skew:
    """A computer's clock is set wrong."""

    pc: int
    skew: int


@dataclass(frozen=True)
class Restart:
    """A program is closed in good order and opened again; with ``pc`` -1 the platform."""

    pc: int


@dataclass(frozen=True)
class Lose:
    """A computer burns, or is stolen: it never comes back, and what lay on it alone is gone."""

    pc: int


@dataclass(frozen=True)
class SignIn:
    """Somebody types the platform's password."""

    pc: int


@dataclass(frozen=True)
class Arrive:
    """Requests that the network held back arrive."""

    count: int
    backwards: bool = False


Step = Act | Exchange | Everybody | Elsewhere | Pass | Skew | Restart | Lose | SignIn | Arrive


def written(step: Step) -> str:
    """A step with what differs from the usual, as :mod:`tests.harness.written` reads it again."""
    said = [
        f"{one.name}={getattr(step, one.name)!r}"
        for one in fields(step)
        if getattr(step, one.name) != one.default
    ]
    return f"{type(step).__name__}({', '.join(said)})"
