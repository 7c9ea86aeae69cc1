"""The files of a material pack (材料包): what is here, and what is not."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from app.documents.pack import Part
from app.domain import casefile as cf
from app.domain import filing as rules
from app.domain import masking
from app.domain.errors import JiefenError, UserError
from app.domain.reducer import CaseFile
from app.services.attachments import Attachments
from app.services.desk import Desk
from app.services.fetching import FilesAwayError, is_away


def _papers(
    file: CaseFile, materials: Collection[rules.MaterialItem]
) -> Iterator[tuple[rules.MaterialItem, cf.Attachment]]:
    for item in materials:
        for key in (*item.attachment_ids, *item.paper_ids):
            yield item, file.attachments[key]


def _title(file: CaseFile, item: rules.MaterialItem, found: cf.Attachment) -> str:
    return masking.shown_title(found.title, file.parties.values()) or item.material.name


def read(
    desk: Desk, file: CaseFile, materials: Collection[rules.MaterialItem], without: Collection[str]
) -> tuple[list[Part], list[str]]:
    """The files of ``materials`` in their order, and the titles of those left out: hashes in ``without``.

    Raises :class:`FilesAwayError` naming every other file that is not on this computer.
    """
    files = Attachments(desk)
    parts: list[Part] = []
    absent: list[str] = []
    away: dict[str, str] = {}
    for item, found in _papers(file, materials):
        try:
            content = files.read(found.sha256)
        except JiefenError as error:
            if not is_away(error):
                raise
            if found.sha256 in without:
                absent.append(_title(file, item, found))
            else:
                away.setdefault(found.sha256, _title(file, item, found))
        else:
            parts.append((item.material.name, content, found.media_type))
    if away:
        raise FilesAwayError(tuple(away.items()))
    if absent and not parts:
        raise UserError(
            "这一包的文件都不在本机，现在排不出来。登记都在，从平台取来以后再排。", code="E-PACK-AWAY"
        )
    return parts, absent
