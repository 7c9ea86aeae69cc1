"""What the rows say of a file of the vault that was damaged or missing."""

from __future__ import annotations

from sqlalchemy import BindParameter, Connection, bindparam, exists, select, update
from sqlalchemy.dialects.sqlite import insert as upsert

from app.domain.casefile import Attachment
from app.storage.tables import files, uploads

DAMAGED = "E-DAMAGED"
_OF_FILE: BindParameter[str] = bindparam("of_file")
_SET = update(files).where(files.c.sha256 == _OF_FILE).values(state=bindparam("to"))
_FREE = (
    update(uploads)
    .where(uploads.c.sha256 == _OF_FILE, uploads.c.state == "failed", uploads.c.error_code == DAMAGED)
    .values(state="waiting", url="", sent=0, attempts=0, next_attempt_at="", error_code="", error_text="")
)
"""Built once: building a statement costs more than running it."""


def set_state(conn: Connection, *, sha256: str, state: str) -> None:
    """``present``, ``missing`` or ``damaged``."""
    conn.execute(_SET, {"of_file": sha256, "to": state})


def whole_again(conn: Connection, *, sha256: str) -> None:
    """A file of the vault is good again; where it could not be sent for its damage it goes out after all."""
    set_state(conn, sha256=sha256, state="present")
    conn.execute(_FREE, {"of_file": sha256})


def queue(conn: Connection, attachment: Attachment, at: str) -> None:
    """The bytes of an attachment go out from here; ``at`` (ISO, UTC): since when they wait."""
    conn.execute(
        upsert(uploads)
        .values(
            attachment_id=attachment.attachment_id,
            case_id=attachment.case_id,
            sha256=attachment.sha256,
            size=attachment.size,
            state="waiting",
            added_at=at,
        )
        .on_conflict_do_nothing()
    )


def queue_unsent(conn: Connection, attachment: Attachment, at: str) -> None:
    """As :func:`queue`, for what a colleague added, where the bytes are here too and none go out yet."""
    here = exists().where(files.c.sha256 == attachment.sha256, files.c.state == "present")
    sent = exists().where(uploads.c.sha256 == attachment.sha256)
    if conn.execute(select(here & ~sent)).scalar_one():
        queue(conn, attachment, at)
