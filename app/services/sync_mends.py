"""Where what was not taken is put right, and what the button of its row says."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection

from app.domain.filings_of import at_the_court, ruled
from app.domain.unsent import GROUND_MOVED, HEALED
from app.services import backlog, filing_steps
from app.services.lost_work import CASE_LOST
from app.storage import casestore

ADD, CHECK = "去补", "去核对"
"""Something is lacking; something has to be looked at first, and is not just sent once more."""
_PAGES = {"signed_otherwise": "effective", "filed_meanwhile": "confirmation"}
"""Where else than at the case: another day stands there, or the court has the agreement."""
_SAYS = {
    "filed_meanwhile": "看原因", backlog.STILL_AT_COURT: "看原因", backlog.CONFIRMED_AT_COURT: "看原因",
    backlog.ROUND_TAKEN: "看原因", GROUND_MOVED: CHECK, CASE_LOST: "看原因",
    filing_steps.MOVED: CHECK, HEALED: "看原因",
}  # fmt: skip
"""Where nothing is lacking that could be added."""


def page_for(conn: Connection, row: Any) -> str:
    """The page that the drawer leads to from a command; 司法确认 only where the application is known here."""
    page = _PAGES.get(row.error_code, "case")
    if page == "confirmation":
        file = casestore.load(conn, row.case_id)
        known = file.case is not None and (at_the_court(file) or ruled(file))
        return page if known else "case"
    return page


def lacking(code: str) -> bool:
    """Whether something may be added, so that it is taken then."""
    return button_for(code) == ADD


def button_for(code: str) -> str:
    """The words of the row's button."""
    return _SAYS.get(code.partition(":")[0], ADD)
