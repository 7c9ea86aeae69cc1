"""Which files an application is handed in with: the papers of its materials, but for those given up.

The papers may lie on a colleague's computer that is broken: nobody has their bytes. Whoever takes back the
application that waited for them gives them up, and adds them here. Each is left out where another lies in its
place, and counts again once it has come after all.
"""

from __future__ import annotations

from collections.abc import Collection
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection

from app.domain import casefile as cf
from app.domain.unsent import COLLEAGUES_FILES
from app.services import held_filings
from app.storage import kv

if TYPE_CHECKING:
    from app.services.filing import FilingView

GIVEN_UP = "given_up:"
"""Key of the hashes of what was given up, before the case's id."""


def give_up(conn: Connection, row: Any) -> None:
    """The application (a row of ``filings``) is taken back: what it waited for on another computer is not
    waited for again."""
    if row.error_code == COLLEAGUES_FILES:
        asked = {str(item["sha256"]) for item in msgspec.json.decode(row.manifest)}
        away = held_filings.away(conn, row.case_id, asked)
        before = kv.get(conn, f"{GIVEN_UP}{row.case_id}").split()
        kv.put(conn, f"{GIVEN_UP}{row.case_id}", " ".join(sorted({*before, *away})))


def manifest(conn: Connection, view: FilingView) -> list[cf.ManifestItem]:
    """The pack's files in the order of the material list."""
    case_id = view.file.head.case_id
    gone = held_filings.away(conn, case_id, kv.get(conn, f"{GIVEN_UP}{case_id}").split())
    return [
        cf.ManifestItem(sha256=one.sha256, size=one.size, name=one.name, material=item.material.code)
        for item in view.materials
        for one in _but([view.file.attachments[each] for each in item.attachment_ids], gone)
    ]


def _but(papers: list[cf.Attachment], gone: Collection[str]) -> list[cf.Attachment]:
    """Without those ``gone`` in whose place, of the same party, another lies there."""
    there = {(one.role, one.provided_by) for one in papers if one.sha256 not in gone}
    return [one for one in papers if one.sha256 not in gone or (one.role, one.provided_by) not in there]
