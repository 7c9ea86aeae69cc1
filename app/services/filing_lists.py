"""Which files an application is handed in with: the papers of its materials, but for those not waited for.

A colleague's computer may be broken, and nobody else has the bytes of a paper that was added there. Somebody
then says that it is not waited for (不等这些材料): it is left out of the pack until it has come after all.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from sqlalchemy import Connection, select, update

from app.domain import casefile as cf
from app.domain.filing import MaterialItem
from app.domain.reducer import CaseFile
from app.domain.unsent import COLLEAGUES_FILES
from app.services import held_filings
from app.services.desk import Desk
from app.storage import kv
from app.storage.tables import files, filings, uploads
from app.storage.tables import filing_steps as steps

LET_GO = "let_go:"
"""Key of the hashes of what is not waited for, before the case's id."""


@dataclass(frozen=True)
class Elsewhere:
    """Papers of a case, by hash, that are neither at the platform nor on this computer."""

    away: frozenset[str] = frozenset()
    let_go: frozenset[str] = frozenset()
    """Those among them that are not waited for."""
    handed: frozenset[str] = frozenset()
    """What the court has of the application that is under way, as far as it went from here; else empty."""

    def pack_of(self, file: CaseFile) -> CaseFile:
        """The case without what is not waited for."""
        here = {key: one for key, one in file.attachments.items() if one.sha256 not in self.let_go}
        return replace(file, attachments=here)


def elsewhere(conn: Connection, file: CaseFile, row: Any = None) -> Elsewhere:
    """What of a case lies on other computers, as far as this one knows. ``row``: of ``filings``, the
    application whose lists count."""
    papers = file.attachments.values()
    stored = {one.sha256 for one in papers if one.stored}
    unstored = {one.sha256 for one in papers} - stored
    here = select(uploads.c.sha256).where(uploads.c.sha256.in_(unstored))
    held = select(files.c.sha256).where(files.c.sha256.in_(unstored), files.c.state == "present")
    away = frozenset(unstored.difference(conn.execute(here.union(held)).scalars()))
    let_go = kv.get(conn, f"{LET_GO}{file.head.case_id}").split() if away else ()
    return Elsewhere(away, away.intersection(let_go), _handed(conn, row))


def _handed(conn: Connection, row: Any) -> frozenset[str]:
    if row is None:
        return frozenset()
    mine = (steps.c.submission_id == row.submission_id, steps.c.job == "done", steps.c.manifest.is_not(None))
    lists = list(conn.execute(select(steps.c.manifest).where(*mine)).scalars())
    lists += [row.manifest] if row.job == "done" and row.manifest else []
    return frozenset(str(item["sha256"]) for one in lists for item in msgspec.json.decode(one))


def left_behind(row: Any, file: CaseFile, where: Elsewhere) -> tuple[cf.Attachment, ...]:
    """The papers elsewhere that a step (a row of ``filings``) waits for and may go without.

    None where it had its receipt: the court has that very list, and a restored platform gets it again.
    """
    if row is None or row.job != "waiting" or row.receipt is not None:
        return ()
    asked = {str(item["sha256"]) for item in msgspec.json.decode(row.manifest)} & where.away
    named = {one.sha256: one for one in file.attachments.values() if one.sha256 in asked}
    return tuple(sorted(named.values(), key=lambda one: (one.added_at, one.attachment_id)))


def say_what_waits(conn: Connection, desk: Desk, file: CaseFile, submission_id: str) -> None:
    """A step that was just asked for says at once, also without a line, for whose computer it waits."""
    mine = filings.c.submission_id == submission_id
    row = conn.execute(select(filings).where(mine)).one()
    papers = left_behind(row, file, elsewhere(conn, file))
    if papers:
        hashes = {one.sha256 for one in papers}
        why = held_filings.for_files(conn, desk, row.case_id, hashes, row.wanted)
        conn.execute(update(filings).where(mine).values(error_code=COLLEAGUES_FILES, error_text=why))


def let_go(conn: Connection, file: CaseFile, papers: Iterable[cf.Attachment]) -> None:
    """These papers are not waited for from now on."""
    held = {*elsewhere(conn, file).let_go, *(one.sha256 for one in papers)}
    kv.put(conn, f"{LET_GO}{file.head.case_id}", " ".join(sorted(held)))


def with_words(
    items: Iterable[MaterialItem], whole: Iterable[MaterialItem], file: CaseFile, where: Elsewhere, desk: Desk
) -> tuple[MaterialItem, ...]:
    """``items`` of the pack with what is said of papers on other computers, that they are waited for or left
    out, and of those that the court has not got. ``whole``: the items as they would be with all of them."""
    if not (where.away or where.handed):
        return tuple(items)
    of_all = {item.material.code: item for item in whole}

    def whose(ids: Collection[str]) -> str:
        return held_filings.names(desk, {file.attachments[one].added_by for one in ids}) or "同事"

    def told(item: MaterialItem) -> MaterialItem:
        all_of_it = of_all.get(item.material.code, item).attachment_ids
        away = [one for one in all_of_it if file.attachments[one].sha256 in where.away]
        out = [one for one in away if one not in item.attachment_ids]
        words = [
            f"{whose(ids)}的电脑上还有 {len(ids)} 件{said}"
            for ids, said in (
                ([one for one in away if one not in out], "没有传到平台"), (out, "，不等了，没有放进来"),
            )
            if ids
        ]  # fmt: skip
        here = (one for one in item.attachment_ids if one not in away)
        new = sum(file.attachments[one].sha256 not in where.handed for one in here) if where.handed else 0
        words += [f"{new} 件还没有交给法院"] if new else []
        return replace(item, elsewhere="；".join(words))

    return tuple(told(item) for item in items)


def manifest(items: Iterable[MaterialItem], file: CaseFile) -> list[cf.ManifestItem]:
    """The pack's files in the order of the material list."""
    return [
        cf.ManifestItem(sha256=one.sha256, size=one.size, name=one.name, material=item.material.code)
        for item in items
        for one in (file.attachments[each] for each in item.attachment_ids)
    ]
