"""What differs between two texts, marked; so that it never keeps the window waiting."""

from __future__ import annotations

import difflib
import html
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

SHORTEST_SAME = 2
"""Fewer equal signs than this between differences are part of them."""
_FIGURES = re.compile(r"[0-9A-Z年月日元万:,.* -]+")
"""Numbers, dates, amounts."""
_SENTENCE = re.compile(r"[^，。；：、,;\n]*[，。；：、,;\n]?")
MOST_STEPS = 80_000
"""Comparisons of two signs, or two sentences, for one text: about 10 ms."""
COARSE = "改得多，只标了大概"

Piece = tuple[bool, str]
"""Whether it differs, and its text."""


class Marked(NamedTuple):
    """``coarse``: too much differs to compare it sign by sign, so whole sentences or more are marked."""

    html: str
    coarse: bool


class _TooMuchError(Exception):
    """Comparing would take longer than a person is to wait."""


class _Steps:
    """What is left of the comparisons that one text may take."""

    def __init__(self) -> None:
        self.left = MOST_STEPS

    def take(self, number: int) -> None:
        """Raises :class:`_TooMuchError` when there are not so many."""
        if number > self.left:
            raise _TooMuchError
        self.left -= number


class _Matcher(difflib.SequenceMatcher[Any]):
    """Counts its steps: of texts with few different signs the time grows with more than their square."""

    def __init__(self, own: Sequence[str], other: Sequence[str], steps: _Steps) -> None:
        self._own, self._steps = own, steps
        super().__init__(a=own, b=other, autojunk=False)

    def find_longest_match(
        self, alo: int = 0, ahi: int | None = None, blo: int = 0, bhi: int | None = None
    ) -> difflib.Match:
        """As its base, for as many steps as are left."""
        places: dict[str, list[int]] = self.b2j  # type: ignore[attr-defined]
        for sign in self._own[alo:ahi]:
            self._steps.take(1 + len(places.get(sign, ())))
        return super().find_longest_match(alo, ahi, blo, bhi)


def marked(text: str, other: str, ground: str, line: str) -> Marked:
    """``text`` as HTML; what ``other`` has not stands on a ground and is underlined."""
    if len(text) == len(other) and _FIGURES.fullmatch(text) and _FIGURES.fullmatch(other):
        return Marked("".join(_as_html(_by_place(text, other), ground, line)), coarse=False)
    head = _same(text, other)
    tail = _same(text[head:][::-1], other[head:][::-1])
    end, other_end = len(text) - tail, len(other) - tail
    middle, coarse = _pieces(text[head:end], other[head:other_end])
    pieces = [(False, text[:head]), *middle, (False, text[end:])]
    raised = [(differs or 0 < len(piece) < SHORTEST_SAME < len(text), piece) for differs, piece in pieces]
    return Marked("".join(_as_html(raised, ground, line)), coarse)


def _same(one: str, two: str) -> int:
    """How many signs both begin with."""
    pairs = enumerate(zip(one, two, strict=False))
    return next((at for at, (a, b) in pairs if a != b), min(len(one), len(two)))


def _pieces(text: str, other: str) -> tuple[list[Piece], bool]:
    """By signs; where that takes too long by sentences, and those that differ by signs; else as a whole."""
    try:
        return _by_sign(text, other, _Steps()), False
    except _TooMuchError:
        pass
    steps = _Steps()
    own, others = _SENTENCE.findall(text), _SENTENCE.findall(other)
    try:
        found = _Matcher(own, others, steps).get_opcodes()
    except _TooMuchError:
        return [(True, text)], True
    pieces, coarse = list[Piece](), False
    for kind, start, end, other_start, other_end in found:
        piece = "".join(own[start:end])
        if kind != "replace":
            pieces.append((kind != "equal", piece))
            continue
        try:
            pieces += _by_sign(piece, "".join(others[other_start:other_end]), steps)
        except _TooMuchError:
            pieces.append((True, piece))
            coarse = True
    return pieces, coarse


def _by_sign(text: str, other: str, steps: _Steps) -> list[Piece]:
    found = _Matcher(text, other, steps).get_opcodes()
    return [(kind != "equal", text[start:end]) for kind, start, end, _, _ in found]


def _by_place(text: str, other: str) -> Iterator[Piece]:
    """Figures of one length differ place by place: nothing in them was moved."""
    for differs, group in itertools.groupby(zip(text, other, strict=True), lambda pair: pair[0] != pair[1]):
        yield differs, "".join(own for own, _ in group)


def _as_html(pieces: Sequence[Piece] | Iterator[Piece], ground: str, line: str) -> Iterator[str]:
    style = f"background-color:{ground}; border-bottom:2px solid {line}; text-decoration:underline;"
    for differs, piece in pieces:
        shown = html.escape(piece).replace("\n", "<br>")
        if piece:
            yield f'<span style="{style}">{shown}</span>' if differs else shown
