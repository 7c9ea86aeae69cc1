"""Where what was not taken is put right, and what the button of its row says."""

from __future__ import annotations

from app.services import backlog
from app.services.filing_ground import MOVED

_PAGES = {"signed_otherwise": "effective", "filed_meanwhile": "confirmation"}
"""Where else than at the case: another day stands there, or the court has the agreement."""
_SAYS = {
    "filed_meanwhile": "看原因", backlog.STILL_AT_COURT: "看原因", backlog.CONFIRMED_AT_COURT: "看原因",
    backlog.ROUND_TAKEN: "看原因", MOVED: "去核对",
}  # fmt: skip
"""Where nothing is lacking that could be added."""


def page_for(code: str) -> str:
    """The page that the drawer leads to."""
    return _PAGES.get(code, "case")


def lacking(code: str) -> bool:
    """Whether something may be added, so that it is taken then."""
    return code.partition(":")[0] not in _SAYS


def button_for(code: str) -> str:
    """The words of the row's button."""
    return _SAYS.get(code.partition(":")[0], "去补")
