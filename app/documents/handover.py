"""交接册: the cases that change hands, what each still asks for, and where both people sign."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from app.clock import shanghai
from app.documents import texts
from app.documents.context import PaperContext
from app.documents.render import compile_layout

_NO_LETTER = {
    "number": "", "beside_number": "", "code": "", "heading": "", "signs": [], "addressee": "",
    "enclosures": [], "seal": "", "dated": False, "receipt": [], "remark": "",
}  # fmt: skip
"""Parts of a letter that the shared layout knows and the book has not."""

NOTE = "草稿和单独谈留在写的人这里，不随案件移交。本机没发出的内容联网后照常发出。"
PAPERS = "纸质原件当面点清后在方框里打勾。"


@dataclass(frozen=True)
class BookCase:
    """One case of the book; no personal data of its parties. ``rows`` are labels with their lines."""

    title: str
    number: str
    state: str
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    papers: tuple[str, ...]
    """What is handed over on paper, to be ticked."""


def handover_paper(
    giver: str, taker: str, at: dt.datetime, cases: Sequence[BookCase], context: PaperContext
) -> bytes:
    """The book as PDF, archival. ``at`` is the aware instant of the hand-over."""
    moment = shanghai(at)
    paper = {
        "title": "案件交接册",
        **_NO_LETTER,
        "institution": texts.clean(context.institution_name),
        "day": f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H:%M}",
        "from": texts.clean(giver),
        "to": texts.clean(taker),
        "count": len(cases),
        "note": NOTE + (PAPERS if any(one.papers for one in cases) else ""),
        "entries": [
            {
                "head": f"{number}. {texts.clean(one.title)}",
                "number": texts.clean(one.number),
                "state": one.state,
                "rows": [
                    {"label": label, "lines": [texts.clean(line) for line in lines if line]}
                    for label, lines in one.rows
                    if any(lines)
                ],
                "papers": [texts.clean(name) for name in one.papers],
            }
            for number, one in enumerate(cases, 1)
        ],
        "printed": shanghai(context.printed_at).strftime("%Y-%m-%d %H:%M"),
        "watermark": "练习" if context.practice else "",
    }
    return compile_layout("handover", paper, context).pdf
