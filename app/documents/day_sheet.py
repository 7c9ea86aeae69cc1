"""今日单: what one person has to do on one day, masked, as a page to carry along."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from app.clock import shanghai
from app.documents import texts
from app.documents.context import PaperContext
from app.documents.render import compile_layout

NO_LETTER = {
    "number": "", "beside_number": "", "code": "", "heading": "", "signs": [], "addressee": "",
    "enclosures": [], "seal": "", "dated": False, "receipt": [], "remark": "",
}  # fmt: skip
"""Parts of a letter that the shared layout knows and a day sheet has not."""


@dataclass(frozen=True)
class SheetRow:
    """One line to tick. All words are masked already."""

    tag: str
    verb: str
    title: str
    detail: str


@dataclass(frozen=True)
class SheetGroup:
    """One group of lines; ``empty`` stands where there are none."""

    title: str
    note: str
    rows: tuple[SheetRow, ...]
    empty: str


def day_sheet(day: str, person: str, groups: Sequence[SheetGroup], context: PaperContext) -> bytes:
    """The sheet as PDF. ``day`` and ``person`` are shown as given."""
    paper = {
        "title": "今日单",
        **NO_LETTER,
        "day": day,
        "person": texts.clean(person),
        "institution": texts.clean(context.institution_name),
        "groups": [
            {
                "title": group.title,
                "note": group.note,
                "empty": group.empty,
                "rows": [
                    {name: texts.clean(getattr(row, name)) for name in ("tag", "verb", "title", "detail")}
                    for row in group.rows
                ],
            }
            for group in groups
        ],
        "printed": shanghai(context.printed_at).strftime("%Y-%m-%d %H:%M"),
        "watermark": "练习" if context.practice else "",
    }
    return compile_layout("daysheet", paper, context, archival=False).pdf
