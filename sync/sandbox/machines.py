"""The state machines of ``resources/contract/states.json``, read by the platform for itself."""

from __future__ import annotations

import functools
import importlib.resources
import json
from typing import Any


@functools.cache
def table() -> dict[str, Any]:
    """The whole table."""
    text = importlib.resources.files("resources").joinpath("contract/states.json").read_text("utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


@functools.cache
def _moves(machine: str) -> dict[tuple[str, str], Any]:
    return {(s, m["command"]): m["to"] for m in table()[machine]["moves"] for s in m["from"]}


def target(machine: str, state: str, command: str, payload: dict[str, Any] | None = None) -> str | None:
    """The state after ``command``, or ``None`` where the table has no such move."""
    move = _moves(machine).get((state, command))
    if isinstance(move, dict):
        chosen = move.get(str((payload or {}).get(move["by"], "")))
        return None if chosen is None else str(chosen)
    return move


def label(machine: str, state: str) -> str:
    """The Chinese name of a state."""
    return str(table()[machine]["states"].get(state, state))


def is_active(state: str) -> bool:
    """Whether a filing in ``state`` holds its natural key."""
    return state in table()["filing"]["active"]


def moves_from(state: str) -> list[str]:
    """What a court may do with a filing in ``state``."""
    return [c for (s, c) in _moves("filing") if s == state and c.startswith("court.")]
