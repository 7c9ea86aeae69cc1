"""What the rows say of a file of the vault that was damaged or missing."""

from __future__ import annotations

from sqlalchemy import Connection, update

from app.storage.tables import files, uploads

DAMAGED = "E-DAMAGED"


def set_state(conn: Connection, *, sha256: str, state: str) -> None:
    """``present``, ``missing`` or ``damaged``."""
    conn.execute(update(files).where(files.c.sha256 == sha256).values(state=state))


def whole_again(conn: Connection, *, sha256: str) -> None:
    """A file of the vault is good again; where it could not be sent for its damage it goes out after all."""
    set_state(conn, sha256=sha256, state="present")
    stuck = (uploads.c.sha256 == sha256, uploads.c.state == "failed", uploads.c.error_code == DAMAGED)
    fresh = {"state": "waiting", "url": "", "sent": 0, "attempts": 0, "next_attempt_at": ""}
    conn.execute(update(uploads).where(*stuck).values(**fresh, error_code="", error_text=""))
