"""Where the person was: back and forward between pages, as in a browser."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LONGEST = 50


@dataclass(frozen=True)
class Place:
    """A page with what it was opened for."""

    key: str
    params: Mapping[str, Any] = field(default_factory=dict)


class History:
    """A line of places with the present one in it."""

    def __init__(self) -> None:
        self._places: list[Place] = []
        self._at = -1

    @property
    def here(self) -> Place | None:
        """The present place."""
        return self._places[self._at] if self._at >= 0 else None

    def visit(self, place: Place) -> None:
        """Go to a new place; what lay ahead is forgotten. The same place again is not noted twice."""
        if place == self.here:
            return
        self._places = [*self._places[: self._at + 1], place][-LONGEST:]
        self._at = len(self._places) - 1

    def back(self) -> Place | None:
        """The place before, or ``None`` at the first."""
        if self._at <= 0:
            return None
        self._at -= 1
        return self._places[self._at]

    def forward(self) -> Place | None:
        """The place after, or ``None`` at the last."""
        if self._at >= len(self._places) - 1:
            return None
        self._at += 1
        return self._places[self._at]
