"""On a case's page: that what was handed over for its court is not on its way, and where to see to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.domain import filings_of
from ui.labels import until_text
from ui.widgets.states import InfoBar

if TYPE_CHECKING:
    import datetime as dt

    from app.services.cases import CaseView
    from ui.pages.working import WorkingPage


class HeldBar(InfoBar):
    """Below the header of ``page``, while an application or a supplement does not go by itself."""

    def __init__(self, page: WorkingPage) -> None:
        super().__init__(
            page.look, "dueToday", "申请没有提交", " ", name=f"{page.key}.held", icon="circle-alert",
            action="看怎么办",
        )  # fmt: skip
        self._case_id = ""
        self.hide()
        self.acted.connect(lambda: page.navigate.emit("confirmation", {"case_id": self._case_id}))
        page.set_below_header(self)

    def show_for(self, view: CaseView, today: dt.date) -> None:
        """Say of one reading what waits for whom, and until when it has time."""
        filing = filings_of.active_filing(view.file)
        held = filings_of.unsent(view.file, filing)
        self._case_id = view.head.case_id
        self.setVisible(held is not None and not held.going)
        if held is None or held.going:
            return
        due = next((task.due_on for task in view.plan.tasks if task.page == "filing"), None)
        what = "补交的材料" if filings_of.answered_question(view.file, filing) else "司法确认申请"
        until = f"，最晚 {until_text(due, today)}" if due is not None else ""
        self.set_texts(f"{what}{held.said}", f"期限照算{until}。")
