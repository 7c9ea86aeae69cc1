"""Working days as the platform counts them, from the announced holidays (``resources/holidays``).

Source: 国务院办公厅 yearly notices. Years not announced count weekends only, and the platform says so.
"""

from __future__ import annotations

import datetime as dt
import functools
import importlib.resources
import json
from typing import Any


@functools.cache
def _years() -> dict[str, Any]:
    file = importlib.resources.files("resources").joinpath("holidays/calendar.json")
    years: dict[str, Any] = json.loads(file.read_text("utf-8"))["years"]
    return years


def is_workday(day: dt.date) -> bool:
    """Whether ``day`` (Shanghai) is worked."""
    year = _years().get(str(day.year), {"off": [], "work": []})
    if day.isoformat() in year["off"]:
        return False
    return day.weekday() < 5 or day.isoformat() in year["work"]


def shift(day: dt.date, workdays: int) -> dt.date:
    """The day ``workdays`` working days after (or, negative, before) ``day``; 0 is ``day`` itself."""
    step = 1 if workdays > 0 else -1
    left = abs(workdays)
    while left:
        day += dt.timedelta(days=step)
        left -= is_workday(day)
    return day
