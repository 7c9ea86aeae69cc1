"""Lists for outside the product: masked, safe to open in a spreadsheet, with a trace."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import dataclass

from app.clock import from_text, shanghai
from app.domain import tasks
from app.domain.plan import LABELS
from app.domain.taxonomy import kind_name
from app.services import casework
from app.services.cases import CaseRow, Cases
from app.services.desk import Desk
from app.storage.casequery import CaseQuery

HEADER = ("状态", "案件简称", "案号", "纠纷类型", "当事人", "下一步与期限", "来源", "收到", "更新")
SOURCES = {
    "platform": "平台", "walk_in": "来访", "own_motion": "主动调解", "court": "法院委派",
    "procuratorate": "检察院移送", "police": "公安移送", "petition": "信访移送", "other": "其他移送",
}  # fmt: skip
_PAGE = 1000
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")


@dataclass(frozen=True)
class Exported:
    """The file's bytes (UTF-8 with a mark, so that spreadsheets read it) and how many cases it lists."""

    content: bytes
    rows: int


def safe_cell(text: str) -> str:
    """``text`` as a spreadsheet shows it and never computes it."""
    return f"'{text}" if text.startswith(_FORMULA) else text


class Exporting:
    """Make lists."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def cases(self, query: CaseQuery, moved: Callable[[int, int], None] | None = None) -> Exported:
        """The list as it is filtered and sorted, as CSV; ``moved(done, total)`` may raise to stop."""
        self._desk.require("case.view")
        source = Cases(self._desk)
        total = source.count(query)
        out = io.StringIO(newline="")
        writer = csv.writer(out)
        writer.writerow(HEADER)
        done = 0
        while done < total:
            rows = source.page(query, done, _PAGE)
            if not rows:
                break
            writer.writerows([safe_cell(cell) for cell in self._cells(row)] for row in rows)
            done += len(rows)
            if moved is not None:
                moved(done, total)
        casework.write(self._desk, lambda case: case.note("case.export", "", "", {"rows": done}))
        return Exported(content=out.getvalue().encode("utf-8-sig"), rows=done)

    def _cells(self, row: CaseRow) -> tuple[str, ...]:
        due = "" if row.next_due == "9999" else row.next_due
        step = tasks.next_words(row.next_kind, row.next_text, due, self._desk.today(), self._desk.calendar)
        return (
            LABELS.get(row.label, row.label),
            row.title,
            row.number,
            kind_name(row.dispute_kind),
            row.parties,
            step.text,
            SOURCES.get(row.source, row.source),
            _day(row.received_at),
            _day(row.updated_at),
        )


def _day(text: str) -> str:
    return f"{shanghai(from_text(text)):%Y-%m-%d}" if text else ""
