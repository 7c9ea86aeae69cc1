"""Files of a case: into the vault first, then declared; opened as a stream, never as a file on disk."""

from __future__ import annotations

import io
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import select
from sqlalchemy.dialects.sqlite import insert as upsert

from app.clock import to_text
from app.domain import casefile as cf
from app.domain import commands as cmd
from app.domain import filekinds, short_title
from app.domain.errors import DamagedFault, FieldError, NotFoundError
from app.services import casework
from app.services.casework import Casework
from app.services.changes import Written
from app.services.desk import Desk
from app.services.fetching import NOT_FETCHED
from app.services.steady import Steady
from app.storage import casestore, filerows
from app.storage.tables import files
from app.storage.vault import StoredFile

MAX_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class FileEntry:
    """How a file is described in the list of evidence."""

    role: str
    title: str = ""
    provided_by: str = ""
    original: str = "copy"
    pages: int | None = None
    material: str = ""


class Attachments:
    """Add and open the files of a case."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def add_path(self, case_id: str, path: Path, entry: FileEntry) -> Written[cf.Attachment]:
        """Take in a file the person chose.

        Raises :class:`FieldError` when it is of no accepted kind, or another program still writes it.
        """
        media_type = filekinds.media_type_of(path.name)
        with path.open("rb") as stream:
            return self.add(case_id, Steady(stream), path.name, media_type, entry)

    def add_bytes(
        self, case_id: str, content: bytes, name: str, media_type: str, entry: FileEntry
    ) -> Written[cf.Attachment]:
        """Take in a pasted picture or a paper the product made."""
        return self.add(case_id, io.BytesIO(content), name, media_type, entry)

    def add(
        self, case_id: str, stream: filekinds.Source, name: str, media_type: str, entry: FileEntry
    ) -> Written[cf.Attachment]:
        """Encrypt into the vault, then declare. Long for large files: run it off the GUI thread."""
        self._desk.require("attachment.declare")
        if media_type not in filekinds.ACCEPTED:
            kind = Path(name).suffix or name
            raise FieldError("file", f"“{kind}”这种文件收不了，可以用图片、PDF、Word、录音。")
        begun = filekinds.Begun(stream)
        if not begun.start:
            raise FieldError(
                "file", "这个文件是空的，没有加。用原来的程序打开看看，换一个再加。", code="E-EMPTY"
            )
        if not filekinds.fits(media_type, begun.start):
            raise FieldError(
                "file",
                "这个文件的内容和它的名字对不上，没有加。用原来的程序打开看看，另存一份再加。",
                code="E-KIND",
            )
        stored = self._desk.vault.add_stream(begun, max_bytes=MAX_BYTES)

        def work(case: Casework) -> cf.Attachment:
            # Also where it is known already: the vault has just put a good copy in the place of a bad one.
            _keep_blob(case, stored, media_type)
            same = (stored.sha256, entry.role, entry.material, entry.provided_by)
            for known in case.file(case_id).attachments.values():
                if (known.sha256, known.role, known.material, known.provided_by) == same:
                    if not known.stored:
                        # The colleague's computer that was to send it may be broken; here the bytes are now.
                        filerows.queue_unsent(case.conn, known, to_text(case.now))
                    case.kinds.add("attachments")
                    return known
            if not entry.title:
                parties = case.file(case_id).parties.values()
                entry_named = replace(entry, title=short_title.of_file(Path(name).stem, parties))
            else:
                entry_named = entry
            attachment = self._attachment(case, case_id, stored, name, media_type, entry_named)
            case.issue(
                case_id,
                cmd.DeclareAttachment(attachment=attachment),
                audit_detail={"size": stored.size, "role": entry.role},
            )
            filerows.queue(case.conn, attachment, to_text(case.now))
            case.kinds.add("attachments")
            return attachment

        return casework.write(self._desk, work)

    def _attachment(
        self, case: Casework, case_id: str, stored: StoredFile, name: str, media_type: str, entry: FileEntry
    ) -> cf.Attachment:
        return cf.Attachment(
            attachment_id=self._desk.make_id(),
            case_id=case_id,
            sha256=stored.sha256,
            size=stored.size,
            name=Path(name).name.encode("utf-8", "replace").decode(),
            media_type=media_type,
            role=entry.role,  # type: ignore[arg-type]
            title=entry.title,
            provided_by=entry.provided_by,
            original=entry.original,  # type: ignore[arg-type]
            pages=entry.pages,
            material=entry.material,
            added_at=case.now,
            added_by=self._desk.person.person_id,
        )

    def open(self, sha256: str) -> BinaryIO:
        """A seekable stream of the plain bytes.

        Raises ``NotPermittedError``, :class:`NotFoundError` while the bytes have not come from the
        platform yet, and :class:`DamagedFault` when they do not match their hash any more; both can be
        mended by :meth:`app.services.fetching.Fetching.ask`.
        """
        self._desk.require("case.view")
        row = self._desk.store.read(
            lambda conn: conn.execute(select(files).where(files.c.sha256 == sha256)).one_or_none()
        )
        if row is None:
            raise NotFoundError("这个文件不在本机，还没有从平台取回来。登记信息还在。", code=NOT_FETCHED)
        if row.state != "present":
            raise DamagedFault("文件不在了或有损坏，登记信息还在。", subject=f"attachment:{sha256[:8]}")
        return self._desk.vault.open(row)

    def read(self, sha256: str) -> bytes:
        """All plain bytes of a (small) file."""
        with self.open(sha256) as stream:
            return stream.read()

    def sweep(self) -> int:
        """Delete what adds that were cut short left in the vault; the number of files deleted.

        Walks the whole vault: run it off the GUI thread, once after the profile was opened.
        """
        known = self._desk.store.read(lambda conn: set(conn.execute(select(files.c.blob)).scalars()))
        return self._desk.vault.sweep(known)

    def of_case(self, case_id: str) -> tuple[cf.Attachment, ...]:
        """The files of a case, oldest first. Raises ``NotPermittedError``."""
        self._desk.require_cases()
        from app.services.cases import titled

        file = self._desk.store.read(lambda conn: casestore.load(conn, case_id))
        return tuple(sorted(titled(file).values(), key=lambda a: (a.added_at, a.attachment_id)))


_NEW = upsert(files)
_KEEP = _NEW.on_conflict_do_update(
    index_elements=["sha256"],
    set_={name: _NEW.excluded[name] for name in ("blob", "wrapped_key", "state")},
)
"""Built once: building a statement costs more than running it."""


def _keep_blob(case: Casework, stored: StoredFile, media_type: str) -> None:
    """The row of an encrypted file; one that was missing or damaged is whole again."""
    values = {
        "sha256": stored.sha256,
        "blob": stored.blob,
        "size": stored.size,
        "media_type": media_type,
        "wrapped_key": stored.wrapped_key,
        "state": "present",
        "added_at": to_text(case.now),
    }
    case.conn.execute(_KEEP, values)
    filerows.whole_again(case.conn, sha256=stored.sha256)
