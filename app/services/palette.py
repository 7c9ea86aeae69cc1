"""What the command box finds: cases by title, number, name, telephone tail or pinyin initials; masked."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from app.services.desk import Desk
from app.storage import casequery
from app.storage.tables import cases as table


@dataclass(frozen=True)
class Found:
    """One case found. ``why`` says by what, without showing it."""

    case_id: str
    title: str
    detail: str
    label: str


class Palette:
    """Search as one types."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def find(self, text: str, limit: int = 4) -> tuple[Found, ...]:
        """The newest cases that match; empty text gives the last five touched."""
        if not text.strip():
            statement = select(*casequery.COLUMNS).order_by(table.c.updated_at.desc()).limit(5)
            rows = self._desk.store.read(lambda conn: list(conn.execute(statement).all()))
        else:
            self._desk.require("search")
            rows = self._desk.store.read(lambda conn: casequery.newest_matching(conn, text, limit))
        return tuple(
            Found(r.case_id, r.title, f"{r.parties}　{r.next_text}".strip("　"), r.label) for r in rows
        )
