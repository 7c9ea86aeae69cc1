"""A sequence of steps as text: what a find prints can be put into a file and played again.

One line a step, as ``Act(pc=0, name='lodge')``; what follows an arrow is what became of it and is not read.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import MISSING, dataclass, fields, replace
from typing import get_args

from tests.harness.steps import Exchange, Step, written

_KINDS = {kind.__name__: kind for kind in get_args(Step)}
_LINE = re.compile(rf"^\s*((?:{'|'.join(_KINDS)})\(.*?\))(?: -> .*)?$")
_COMPUTERS = re.compile(r"^\s*computers (\d+)$", re.MULTILINE)


@dataclass(frozen=True)
class Sequence:
    """So many computers, and what befalls them one after the other."""

    computers: int
    steps: tuple[Step, ...]

    def __str__(self) -> str:
        return "\n".join([f"computers {self.computers}", *(written(step) for step in self.steps)])


def read(text: str) -> Sequence:
    """The sequence within a text, whatever else stands there. Raises ``ValueError`` when there is none."""
    computers = _COMPUTERS.search(text)
    steps = [_step(found[1]) for found in map(_LINE.match, text.splitlines()) if found]
    if computers is None or not steps:
        raise ValueError("no sequence of steps stands in this text")
    return Sequence(int(computers[1]), tuple(steps))


def _step(text: str) -> Step:
    call = ast.parse(text, mode="eval").body
    assert isinstance(call, ast.Call), text
    given = {str(word.arg): ast.literal_eval(word.value) for word in call.keywords}
    return _KINDS[text.partition("(")[0]](**given)


def simpler(sequence: Sequence) -> Iterator[Sequence]:
    """Sequences that say less: without some steps, at first many; then with steps to which less happens."""
    steps, size = sequence.steps, len(sequence.steps)
    while size:
        for start in range(0, len(steps), size):
            yield Sequence(sequence.computers, steps[:start] + steps[start + size :])
        size //= 2
    for place, step in enumerate(steps):
        for calmer in _calmer(step):
            yield Sequence(sequence.computers, (*steps[:place], calmer, *steps[place + 1 :]))


def _calmer(step: Step) -> Iterator[Step]:
    for one in fields(step):
        if one.default is not MISSING and getattr(step, one.name) != one.default:
            yield replace(step, **{one.name: one.default})
    if isinstance(step, Exchange):
        for which, fate in enumerate(step.fates):
            if fate:
                yield replace(step, fates=(*step.fates[:which], "", *step.fates[which + 1 :]))


def shortened(sequence: Sequence, breaks: Callable[[Sequence], bool]) -> Sequence:
    """A sequence that says no more than it must so that ``breaks`` still holds."""
    while (less := next(filter(breaks, simpler(sequence)), None)) is not None:
        sequence = less
    return sequence
