"""``jiefen deadline``: one deadline with its arithmetic, by the rules that ship with the product."""

from __future__ import annotations

import argparse
import datetime as dt
from typing import Any, cast

from app.domain import deadlines
from app.domain.casefile import LawKind
from app.domain.deadlines import Deadline
from app.domain.errors import FieldError
from app.domain.rules import default_rules
from app.domain.workdays import default_calendar, full_date, weekday_name
from ui.cli.output import DONE, Output

FIRST_YEAR, LAST_YEAR = 1950, 2200


def run(args: argparse.Namespace, output: Output) -> int:
    """Print the deadline. JSON keys: ``date``, ``weekday``, ``explanation``, ``provisional`` and more."""
    deadline = compute(args.kind, args.date, getattr(args, "law_kind", "people"))
    lines = explanation(deadline)
    value: dict[str, Any] = {
        "date": deadline.due_on.isoformat(),
        "weekday": weekday_name(deadline.due_on),
        "explanation": lines,
        "provisional": deadline.provisional,
        "basis": list(deadline.basis),
        "warnings": list(deadline.warnings),
    }
    mark = "（暂估）" if deadline.provisional else ""
    head = f"{full_date(deadline.due_on)}（{weekday_name(deadline.due_on)}）{mark}"
    output.result(value, [head, *(f"  {line}" for line in lines), *(f"  依据：{b}" for b in deadline.basis)])
    return DONE


def compute(kind: str, day: dt.date, law_kind: str = "people") -> Deadline:
    """The deadline of ``kind`` counted from ``day``. Raises :class:`FieldError` for an unknown law kind."""
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        raise FieldError(
            "date", f"年份写 {FIRST_YEAR} 到 {LAST_YEAR} 之间的，看一看是不是写错了。", code="E-FIELD"
        )
    calendar, rules = default_calendar(), default_rules()
    match kind:
        case "contact":
            return deadlines.contact(day, calendar, rules)
        case "confirmation":
            return deadlines.confirmation(day, calendar, rules)
        case "enforcement":
            return deadlines.enforcement(day, calendar, rules)
        case _:
            if law_kind not in rules.mediation:
                known = "、".join(rules.mediation)
                raise FieldError(
                    "law_kind", f"没有“{law_kind}”这种调解类别，可以写：{known}。", code="E-FIELD"
                )
            return deadlines.mediation(day, calendar, rules, law_kind=cast(LawKind, law_kind))


def explanation(deadline: Deadline) -> list[str]:
    """The arithmetic line by line, with its warnings."""
    lines = [f"{line.text}：{line.value}" for line in deadline.explanation]
    return lines + list(deadline.warnings)
