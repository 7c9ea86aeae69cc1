"""Which files an application is handed in with: the papers of its materials, but for those given up.

The papers may lie on a colleague's computer that is broken: nobody has their bytes. Whoever takes back the
application that waited for them gives them up, and adds them here. Each is left out where another was put in
its place since, and counts again once it has come after all.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import msgspec
from sqlalchemy import Connection

from app.clock import from_text, to_text
from app.domain import casefile as cf
from app.domain.unsent import COLLEAGUES_FILES
from app.services import held_filings
from app.storage import kv

if TYPE_CHECKING:
    from app.services.filing import FilingView

GIVEN_UP = "given_up:"
"""Key of the hashes of what was given up, each with when, before the case's id."""


def give_up(conn: Connection, row: Any, now: dt.datetime) -> None:
    """The application (a row of ``filings``) is taken back ``now``: what it waited for on another computer is
    not waited for again, once there is another."""
    if row.error_code == COLLEAGUES_FILES:
        asked = {str(item["sha256"]) for item in msgspec.json.decode(row.manifest)}
        away = held_filings.away(conn, row.case_id, asked)
        when = {**_given_up(conn, row.case_id), **dict.fromkeys(away, now)}
        kept = " ".join(f"{sha256}@{to_text(at)}" for sha256, at in sorted(when.items()))
        kv.put(conn, f"{GIVEN_UP}{row.case_id}", kept)


def manifest(conn: Connection, view: FilingView) -> list[cf.ManifestItem]:
    """The pack's files in the order of the material list."""
    case_id = view.file.head.case_id
    given_up = _given_up(conn, case_id)
    gone = {one: given_up[one] for one in held_filings.away(conn, case_id, given_up)}
    return [
        cf.ManifestItem(sha256=one.sha256, size=one.size, name=one.name, material=item.material.code)
        for item in view.materials
        for one in _but([view.file.attachments[each] for each in item.attachment_ids], gone)
    ]


def _given_up(conn: Connection, case_id: str) -> dict[str, dt.datetime]:
    """What was given up in a case, and when. One written down by an earlier version has no time, and is
    waited for again."""
    kept = (one.partition("@") for one in kv.get(conn, f"{GIVEN_UP}{case_id}").split())
    return {sha256: from_text(at) for sha256, _, at in kept if at}


def _but(papers: list[cf.Attachment], gone: Mapping[str, dt.datetime]) -> list[cf.Attachment]:
    """Without those ``gone`` in whose place, of the same party, another was put after they were given up."""
    there = [one for one in papers if one.sha256 not in gone]

    def replaced(paper: cf.Attachment) -> bool:
        place, since = (paper.role, paper.provided_by), gone[paper.sha256]
        return any((one.role, one.provided_by) == place and one.added_at > since for one in there)

    return [one for one in papers if one.sha256 not in gone or not replaced(one)]
