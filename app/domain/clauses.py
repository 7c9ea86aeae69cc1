"""常用条款: usual clauses of an agreement, as data with their sources; blanks are left to be filled in."""

from __future__ import annotations

import functools

import msgspec

from app.domain.casefile import Doc
from app.domain.workdays import resource

BLANK = "〔"
"""What opens a blank that the parties have to fill."""


class StockClause(Doc, frozen=True, kw_only=True):
    """One usual clause. ``verified`` is false while its wording is 待核."""

    code: str
    text: str
    source: str
    verified: bool = False

    @property
    def label(self) -> str:
        """As a list offers it."""
        return self.text if self.verified else f"{self.text}（待核）"


@functools.cache
def library() -> tuple[StockClause, ...]:
    """The packaged clauses in their order."""
    return msgspec.convert(resource("legal/clauses.json")["clauses"], tuple[StockClause, ...])
