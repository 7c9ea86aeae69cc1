"""交接单: what an exchange package holds, by number and kind, as a page that goes with the stick."""

from __future__ import annotations

from collections.abc import Sequence

from app.clock import shanghai
from app.documents import texts
from app.documents.context import PaperContext
from app.documents.day_sheet import NO_LETTER
from app.documents.render import compile_layout

_NOTES = (
    "整包只有平台打得开，改一个字就作废；盘丢了也看不到内容。",
    "交的时候核对包号和校验码，对不上不要交。",
    "没有读回执以前，装包的电脑上都算等待发送。同一项只算一次，重复交也不会重复。",
)


def package_sheet(
    number: str,
    code: str,
    facts: Sequence[tuple[str, str]],
    rows: Sequence[tuple[str, int, str]],
    context: PaperContext,
) -> bytes:
    """The sheet as PDF. ``rows`` are kind, how many, and size in words; ``facts`` are label and text."""
    paper = {
        **NO_LETTER,
        "title": "离线交换包交接单",
        "number": number,
        "number_label": "包号",
        "code": code,
        "facts": [[texts.clean(label), texts.clean(text)] for label, text in facts],
        "rows": [
            [str(place), texts.clean(kind), str(count), size]
            for place, (kind, count, size) in enumerate(rows, start=1)
        ],
        "total": sum(count for _, count, _ in rows),
        "notes": _NOTES,
        "printed": shanghai(context.printed_at).strftime("%Y-%m-%d %H:%M"),
        "watermark": "练习" if context.practice else "",
    }
    return compile_layout("packagesheet", paper, context, archival=False).pdf
