"""Who wins when two people changed the same document (three-way, per field)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sync.contract import commands as c
from sync.contract.codes import WireError
from sync.contract.commands import Current
from sync.sandbox.store import Doc
from sync.sandbox.wording import field_name


def _instant(value: Any) -> dt.datetime | None:
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        return dt.datetime.fromisoformat(value)
    except ValueError:
        return None


def same(left: Any, right: Any) -> bool:
    """Whether two JSON values mean the same; instants may be written in several ways."""
    if left == right and type(left) is type(right):
        return True
    first, second = _instant(left), _instant(right)
    return first is not None and first == second


def standing_values(doc: Doc, fields: Iterable[str]) -> dict[str, Current]:
    """What stands in ``fields`` now, and who put it there when."""
    values = {}
    for name in fields:
        who, when, written = doc.author_of(name)
        values[name] = Current(
            value=doc.body.get(name), by=who, at=_instant(when), written_at=_instant(written)
        )
    return values


@dataclass
class Merge:
    """Result of merging ``mine`` into a document."""

    take: dict[str, Any] = field(default_factory=dict)
    """Values to write."""
    settled: list[str] = field(default_factory=list)
    """Fields that now hold the author's value."""
    clash: list[str] = field(default_factory=list)
    """Fields changed elsewhere to another value; untouched."""


def three_way(doc: Doc, base: Mapping[str, Any], mine: Mapping[str, Any]) -> Merge:
    """Per field: same on both sides is done, unchanged elsewhere is taken, else it clashes.

    Of an appointment either all is taken or nothing.
    """
    result = Merge()
    for name, value in mine.items():
        now = doc.body.get(name)
        if same(now, value):
            result.settled.append(name)
        elif same(now, base[name]):
            result.take[name] = value
            result.settled.append(name)
        else:
            result.clash.append(name)
    if c.APPOINTMENT.intersection(result.clash):
        # A room without its hour, or the hour of one with the room of the other, nobody ever agreed on.
        for name in sorted(c.APPOINTMENT.intersection(result.settled)):
            result.take.pop(name, None)
            result.settled.remove(name)
            result.clash.append(name)
    return result


def require_whole(fields: Mapping[str, Any]) -> None:
    """Refuse one of an appointment without the other: it would join whatever stands there by now."""
    lacking = sorted(c.APPOINTMENT - fields.keys())
    if len(lacking) == 1:
        text = f"下次调解的时间和地点要一起写，缺“{field_name(lacking[0])}”，没有收下。"
        raise WireError("field", text, field=lacking[0])


def stale(doc: Doc, base: Mapping[str, Any]) -> list[str]:
    """Fields whose value is no longer the one its author saw; of an appointment both, where one is not.

    A document from before there was such a field has it blank.
    """
    seen = ((name, value) for name, value in base.items() if name in doc.body or value not in ("", None))
    found = [name for name, value in seen if not same(doc.body.get(name), value)]
    return found + sorted(c.APPOINTMENT.difference(found)) if c.APPOINTMENT.intersection(found) else found
