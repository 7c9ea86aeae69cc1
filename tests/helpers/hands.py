"""Hands that are quicker than a person's, so that tests need not wait between two keys."""

from __future__ import annotations

from ui.widgets.buttons import PrimaryButton

PERSON = {"SETTLE_MS": PrimaryButton.SETTLE_MS, "AGAIN_MS": PrimaryButton.AGAIN_MS}
"""What the product waits for people, for the tests of just that."""


def be_quick() -> None:
    """Keys count as soon as there is something to press."""
    PrimaryButton.SETTLE_MS = PrimaryButton.AGAIN_MS = 0
