"""The state machines of cases, filings, performance and follow-up, read from one table.

The table (``resources/contract/states.json``) is shared with the platform, so both sides allow and
refuse the same moves.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Machine:
    """One state machine: names of states and the moves that commands make."""

    name: str
    initial: frozenset[str]
    final: frozenset[str]
    active: frozenset[str]
    labels: Mapping[str, str]
    _moves: Mapping[tuple[str, str], str | Mapping[str, str]]

    def allows(self, state: str, command: str) -> bool:
        """Whether ``command`` may be given in ``state``."""
        return (state, command) in self._moves

    def target(self, state: str, command: str, payload: Mapping[str, Any]) -> str | None:
        """The state after ``command``, or ``None`` when the move is not in the table."""
        move = self._moves.get((state, command))
        if move is None or isinstance(move, str):
            return move
        return move.get(str(payload.get(move["by"], "")))

    def moves_state(self, command: str) -> bool:
        """Whether ``command`` is one that moves this machine at all."""
        return any(c == command for _, c in self._moves)


@functools.cache
def machines() -> Mapping[str, Machine]:
    """All machines by name: ``case``, ``filing``, ``performance``, ``follow_up``."""
    text = importlib.resources.files("resources").joinpath("contract/states.json").read_text("utf-8")
    table = json.loads(text)
    return {
        name: Machine(
            name=name,
            initial=frozenset(spec["initial"]),
            final=frozenset(spec["final"]),
            active=frozenset(spec.get("active", ())),
            labels=spec["states"],
            _moves={(start, move["command"]): move["to"] for move in spec["moves"] for start in move["from"]},
        )
        for name, spec in table.items()
        if isinstance(spec, dict)
    }


def case_machine() -> Machine:
    """The machine of a case."""
    return machines()["case"]


def filing_machine() -> Machine:
    """The machine of a filing (司法确认 and its like)."""
    return machines()["filing"]
