"""What a step may be, drawn from a number: what is interesting is drawn more often."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping

from tests.harness.acts import ACTS, PLATFORM_ACTS
from tests.harness.line import FATES
from tests.harness.steps import (
    SKEWS,
    Act,
    Arrive,
    Elsewhere,
    Everybody,
    Exchange,
    Pass,
    Restart,
    SignIn,
    Skew,
    Step,
)

WAITS = (11, 11, 1, 320, 60, 4000, 90_000)
"""Seconds: past the undo window and within it, past long and short back-offs, past the hour, past the day."""
ACT_WEIGHTS = {"agree": 3, "lodge": 6, "supplement": 4, "address": 6, "phone": 3, "resolve": 5, "undo": 2,
               "pack": 3, "carry": 4, "read_back": 4}  # fmt: skip
PLATFORM_WEIGHTS = {"court": 8, "colleague": 4, "dispatch": 2, "restore": 2}
CASES = (0, 0, 0, 0, 1, 2)
"""Most happens on one case: that is where people meet."""
LARGEST = 2**32 - 1


def _names(acts: Mapping[str, object], weights: dict[str, int]) -> list[str]:
    return [name for name in acts for _ in range(weights.get(name, 1))]


_ACTS = _names(ACTS, ACT_WEIGHTS)
_PLATFORM_ACTS = _names(PLATFORM_ACTS, PLATFORM_WEIGHTS)


def step(key: int, number: int, computers: int) -> Step:
    """The step that ``number`` stands for, in a sequence with this ``key`` and so many computers.

    Small numbers and repetitions are dear to whoever draws; the key makes them differ between sequences.
    """
    chance = random.Random(f"{key} {number}")
    pc, roll = chance.randrange(computers), chance.random()
    bound = 0.0
    for share, made in _SHARES:
        bound += share
        if roll < bound:
            return made(chance, pc, computers)
    return _rare(chance, pc, computers)


def _act(chance: random.Random, pc: int, _computers: int) -> Step:
    end = chance.randrange(12) if chance.random() < 0.06 else None
    return Act(pc, chance.choice(_ACTS), chance.choice(CASES), chance.randrange(4), end)


def _exchange(chance: random.Random, pc: int, _computers: int) -> Step:
    fates: tuple[str, ...] = ()
    if chance.random() < 0.5:
        many = 1 + chance.randrange(10)
        fates = tuple(chance.choice(FATES) if chance.random() < 0.35 else "" for _ in range(many))
    end = chance.randrange(25) if chance.random() < 0.1 else None
    return Exchange(pc, fates, end, chance.randrange(12) if chance.random() < 0.08 else None)


def _elsewhere(chance: random.Random, _pc: int, _computers: int) -> Step:
    return Elsewhere(chance.choice(_PLATFORM_ACTS), chance.choice(CASES), chance.randrange(7))


def _pass(chance: random.Random, _pc: int, _computers: int) -> Step:
    return Pass(chance.choice(WAITS))


def _rare(chance: random.Random, pc: int, _computers: int) -> Step:
    return chance.choice(
        (
            Skew(pc, chance.choice(SKEWS)),
            Everybody(),
            Everybody(),
            Restart(pc),
            Restart(-1),
            SignIn(pc),
            Arrive(1 + chance.randrange(3), chance.random() < 0.5),
        )
    )


_SHARES: tuple[tuple[float, Callable[[random.Random, int, int], Step]], ...] = (
    (0.42, _act), (0.32, _exchange), (0.12, _elsewhere), (0.08, _pass),
)  # fmt: skip
