"""What the practice court offers: its natural next step first, which is what 推进一步 then does."""

from __future__ import annotations

import pytest

from sync.sandbox.court import choices


@pytest.mark.parametrize(
    ("state", "natural"), [("lodged", "accept"), ("supplemented", "accept"), ("accepted", "confirm")]
)
def test_the_natural_step_comes_first(state: str, natural: str) -> None:
    moves = [one["move"] for one in choices(state)]
    assert moves[0] == natural
    assert "ask_supplement" in moves[1:]
