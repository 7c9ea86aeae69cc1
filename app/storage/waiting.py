"""Whether a wait that was written down is over, on a clock that may have been wrong when it was written.

A wait has a longest length. One that would last longer than that from now was measured on a clock that
was ahead, or now is behind: it is over, or a mended clock would hold work back for years.
"""

from __future__ import annotations

import datetime as dt

from sqlalchemy import ColumnElement, or_

from app.clock import to_text

UNDO = dt.timedelta(minutes=1)
"""No undo window is longer."""
RETRY = dt.timedelta(hours=1)
"""No pause before another attempt is longer, whatever the platform asks for."""


def is_over(until: str, now: dt.datetime, longest: dt.timedelta) -> bool:
    """Whether the wait ``until`` (ISO, UTC; empty for none) is over."""
    return until <= to_text(now) or until > to_text(now + longest)


def over(until: ColumnElement[str], now: dt.datetime, longest: dt.timedelta = RETRY) -> ColumnElement[bool]:
    """The same as a condition on a column."""
    return or_(until <= to_text(now), until > to_text(now + longest))
