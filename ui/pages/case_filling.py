"""How the case's tabs take up what was read: what is in front at once, the others in portions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain import roles
from ui.background.portions import Portions
from ui.frame.taborder import reading_order
from ui.pages.case_evidence import read_thumbs

if TYPE_CHECKING:
    from ui.pages.case import CasePage
    from ui.pages.case_data import CaseData


class CaseFilling:
    """Fills the tabs of the case page; :meth:`finish` before somebody looks at another tab."""

    def __init__(self, page: CasePage) -> None:
        self._page = page
        self._portions = Portions(page)
        self.finish = self._portions.finish

    def show(self, data: CaseData) -> None:
        """Show ``data``: counts and course now, side and other tabs in the next turns of the event loop."""
        page, role = self._page, self._role
        self._counts(data)
        page.course_tab.show_case(data, may_note=data.may(role, "record.add"))
        self._portions.begin(
            (
                lambda: self._side(data),
                lambda: page.parties_tab.show_case(data, may_edit=data.may(role, "party.edit")),
                lambda: page.papers_tab.show_case(data, may_print=roles.may(role, "document.print")),
                lambda: page.deadlines_tab.show_case(data),
                lambda: page.performance_tab.show_case(
                    data,
                    may_perform=data.may(role, "performance.record"),
                    may_follow=data.may(role, "follow_up.record"),
                ),
                lambda: self._evidence(data),
            )
        )
        if page.tabs.value != "course":
            self.finish()

    def turn_to(self, tab: int) -> None:
        """Bring a tab to the front; the focus that was in another one goes to where it was here, or to the
        topmost control."""
        page = self._page
        self.finish()
        inside, front = page.stack.isAncestorOf(page.focusWidget()), page.stack.widget(tab)
        before = front.focusWidget()
        page.stack.setCurrentIndex(tab)
        if inside:
            ring = reading_order(front)
            (before if before in ring else next(iter(ring), page.tabs)).setFocus()

    @property
    def _role(self) -> str:
        return self._page.office.desk.person.role

    def _counts(self, data: CaseData) -> None:
        tabs, file = self._page.tabs, data.view.file
        tabs.set_count("parties", len(file.parties))
        tabs.set_count("evidence", len(file.attachments))
        tabs.set_count("papers", len(data.papers))
        tabs.set_count("deadlines", len(data.deadlines))

    def _side(self, data: CaseData) -> None:
        page = self._page
        page.side_panel.show_case(data, callable_now=data.may(self._role, "contact.record"))

    def _evidence(self, data: CaseData) -> None:
        page = self._page
        if page.evidence_tab.show_case(data, may_add=data.may(self._role, "attachment.declare")):
            found = page.evidence_tab.attachments
            page.fetch("看小图", lambda office: read_thumbs(office, found), page.evidence_tab.show_thumbs)
