"""What the rows say of a file of the vault that was damaged or missing."""

from __future__ import annotations

from sqlalchemy import BindParameter, Connection, bindparam, update

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
