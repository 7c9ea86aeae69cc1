"""One sequence played by itself: a find again, or many drawn ones until a certain rule is broken."""

from __future__ import annotations

import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from tests.harness.play import Play, Tally, told
from tests.harness.world import World
from tests.harness.written import Sequence, shortened


@dataclass(frozen=True)
class Caught:
    """The shortest sequence that breaks a rule, and how many were drawn until one did."""

    sequence: Sequence
    drawn: int
    told: str


def broken_by(template: Path, folder: Path, sequence: Sequence, tally: Tally | None = None) -> str:
    """What a sequence breaks in a world of its own; empty when everything holds."""
    shutil.rmtree(folder, ignore_errors=True)
    world = World(template, folder, seed=0, computers=sequence.computers)
    play = Play(world, tally)
    try:
        with told(play):
            for step in sequence.steps:
                play.take(step)
            play.rest()
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was looked for
        return "\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])
    finally:
        world.close()
    return ""


def hunt(template: Path, folder: Path, rule: str, drawn: Iterable[Sequence]) -> Caught | None:
    """Play one sequence after the other until one breaks ``rule``; it is then shortened."""

    def breaks(sequence: Sequence) -> bool:
        return rule in broken_by(template, folder, sequence)

    for number, sequence in enumerate(drawn, 1):
        if breaks(sequence):
            least = shortened(sequence, breaks)
            return Caught(least, number, broken_by(template, folder, least))
    return None
