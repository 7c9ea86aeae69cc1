"""常用条款: usual clauses of an agreement, as data with their sources; blanks are left to be filled in."""

from __future__ import annotations

import functools
import re

import msgspec

from app.domain import money
from app.domain.casefile import Doc
from app.domain.workdays import resource

BLANK = "〔"
"""What opens a blank that the parties have to fill."""

_PAYING = re.compile("[付退赔偿]|返还|归还|补偿")
_SOME_TIME = re.compile(
    "[0-9０-９一二三四五六七八九十两]+ *(?:个?月|日|天|号)|当[日天场]|现场|即[日时]"
    "|签[署订]|生效|已经?[付退赔]|每[日天月年]"
)


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


class StockPhrase(Doc, frozen=True, kw_only=True):
    """A usual sentence of 口头协议登记: what the link says, and what it writes."""

    label: str
    text: str


@functools.cache
def spoken() -> tuple[StockPhrase, ...]:
    """The packaged sentences for what parties settle on the spot."""
    return msgspec.convert(resource("legal/clauses.json")["spoken"], tuple[StockPhrase, ...])


def pays_some_day(text: str) -> bool:
    """Whether a clause has somebody pay a sum and names no day, span or event by which it is due."""
    pays = bool(money.said_in(text)) and _PAYING.search(text) is not None
    return pays and _SOME_TIME.search(text) is None
