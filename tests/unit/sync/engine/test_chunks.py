"""How a page is cut into transactions."""

from __future__ import annotations

import pytest

from app.services.port_values import Incoming
from sync.engine.pull import LONGEST_CASE, cut


def page(*cases: int) -> list[Incoming]:
    """Entries of cases with so many documents each."""
    names = [f"c{number}" for number, count in enumerate(cases) for _ in range(count)]
    return [Incoming(seq, "party", f"p{seq}", name, 1, "put", b"{}") for seq, name in enumerate(names, 1)]


@pytest.mark.parametrize(
    ("cases", "end", "place"),
    [
        ((4, 4, 4), 4, 4),
        ((4, 4, 4), 5, 8),
        ((4, 4, 4), 11, 12),
        ((4, 4, 4), 40, 12),
        ((LONGEST_CASE + 50, 4), 10, 10),
    ],
)
def test_a_case_is_not_cut_in_two_unless_it_is_long(cases: tuple[int, ...], end: int, place: int) -> None:
    items = page(*cases)
    assert len(items[: cut(items, end)]) == place
