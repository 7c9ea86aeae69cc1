"""A text that a person typed, inside a sentence of ours: it may end in a stop, and one stop is enough."""

from __future__ import annotations

from collections.abc import Iterable

_STOPS = "。．；;，,、：:. 　\n"
_ENDS = ("。", "？", "！", "…", "?", "!", "。”", "？”", "！”", "。）")
"""What ends a sentence already: nothing of ours follows it."""


def within(text: str) -> str:
    """The text as a part of a sentence: on one line, without the stop that it ends in."""
    told = ""
    for line in text.splitlines():
        if part := line.strip():
            told += part if not told or told.endswith(tuple(_STOPS)) else f"，{part}"
    return told.rstrip(_STOPS) if not told.endswith("...") else told


def sentence(text: str) -> str:
    """The text with one stop at its end; empty where it has no words."""
    told = text.strip() if text.strip().endswith(_ENDS) else within(text)
    return told if not told or told.endswith(_ENDS) else f"{told}。"


def listed(texts: Iterable[str]) -> str:
    """Several of them in a row: 笔录、照片."""
    return "、".join(within(text) for text in texts)
