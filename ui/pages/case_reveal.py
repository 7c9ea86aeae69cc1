"""Showing the personal data of the case in front, for a reason, for a time, with the bar on top."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.services.reveal import CASE_SECONDS, FIELD_SECONDS
from ui.frame.banners import RevealBanner
from ui.widgets.masked import Deliver

if TYPE_CHECKING:
    from ui.pages.case_side import PartiesCard
    from ui.pages.working import WorkingPage


class FieldReveal:
    """Single originals of the case in front."""

    def __init__(self, page: WorkingPage) -> None:
        self._page = page
        self.case_id = ""

    def field(self, party_id: str, field: str, reason: str, deliver: Deliver) -> None:
        """One original for a reason; the trace is written first."""
        case_id, office = self.case_id, self._page.office
        self._page.context.operations.write(
            "显示个人信息",
            lambda _job: office.reveal.field(case_id, party_id, field, reason),
            lambda plain: deliver(plain, FIELD_SECONDS),
        )


class CaseReveal(FieldReveal):
    """The originals of one page's case. What shows is covered by :meth:`cover`, by time, by the shell."""

    def __init__(self, page: WorkingPage, card: PartiesCard) -> None:
        super().__init__(page)
        self._card = card

    def whole(self, reason: str) -> None:
        """All parties of the case; an empty reason covers them."""
        if not reason:
            self.cover()
            return
        case_id, office = self.case_id, self._page.office

        def done(found: Any) -> None:
            if self.case_id != case_id or not self._page.isVisible():
                return
            self._card.deliver({p.party_id: p.values for p in found}, CASE_SECONDS)
            if (banner := self._banner()) is not None:
                banner.begin(CASE_SECONDS)

        self._page.context.operations.write(
            "显示本案信息", lambda _job: office.reveal.case(case_id, reason), done
        )

    def cover(self) -> None:
        """Cover what the page shows, and take the bar away."""
        if self._card.shown and (banner := self._banner()) is not None:
            banner.end()
        self._card.cover()

    def _banner(self) -> RevealBanner | None:
        found = getattr(self._page.window(), "reveal", None)
        return found if isinstance(found, RevealBanner) else None
