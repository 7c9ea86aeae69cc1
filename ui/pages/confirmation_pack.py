"""How the pack for the court stands, counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.domain.filing import MaterialItem


@dataclass(frozen=True)
class PackWords:
    """How the pack stands: numbers and a sentence."""

    ready: int
    missing: int
    later: int
    not_needed: int
    asked: int
    """What the court waits for; not among the ready ones, though something of it may be here."""
    left_out: int = 0
    """What the court asked for and the supplement went without; not among the ready ones either."""

    @property
    def sentence(self) -> str:
        """6 项已备好，必有的差 1 项，可后补 1 项，不需要 2 项."""
        parts = [f"{self.ready} 项已备好"]
        whole = "其他必有的齐了" if self.asked or self.left_out else "必有的齐了"
        parts.append(f"必有的差 {self.missing} 项" if self.missing else whole)
        if self.asked:
            parts.append(f"法院要补 {self.asked} 项")
        if self.left_out:
            parts.append(f"法院要补的 {self.left_out} 项没有补")
        if self.later:
            parts.append(f"可后补 {self.later} 项")
        if self.not_needed:
            parts.append(f"不需要 {self.not_needed} 项")
        return "，".join(parts)


def pack_words(items: Sequence[MaterialItem]) -> PackWords:
    """Count the pack."""
    count = {
        status: sum(i.status == status and not (i.asked or i.left_out) for i in items)
        for status in ("ready", "missing", "later", "not_needed")
    }
    asked = sum(bool(i.asked) for i in items)
    left_out = sum(bool(i.left_out) for i in items)
    return PackWords(count["ready"], count["missing"], count["later"], count["not_needed"], asked, left_out)
