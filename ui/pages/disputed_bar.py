"""On a case's pages: what of it still has two values, and the way to choose."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ui.widgets.states import InfoBar

if TYPE_CHECKING:
    from app.services.conflict_views import Disputed
    from ui.pages.working import WorkingPage


class DisputedBar(InfoBar):
    """Shows itself while there is something to choose; 去选 opens it in the sync centre."""

    def __init__(self, page: WorkingPage) -> None:
        super().__init__(
            page.look, "dueToday", "两处写法不同", " ", name=f"{page.key}.disputed",
            icon="git-compare-arrows", action="去选",
        )  # fmt: skip
        self._page, self._case_id = page, ""
        self.hide()
        self.acted.connect(lambda: page.navigate.emit("sync", {"case_id": self._case_id}))

    def show_for(self, case_id: str) -> None:
        """Read anew what is open."""
        self._case_id = case_id
        self._page.fetch(
            "看两处写法不同", lambda office: office.resolving.disputed_in(case_id), self.show_disputed
        )

    def show_disputed(self, found: Disputed) -> None:
        """Say what it is, and what it holds up."""
        held = "选定以前不能提交申请，别的照常办。" if found.legal else "别的照常办。"
        self.set_texts(f"{'、'.join(found.names)}有两个写法，请选一个", held)
        self.setVisible(bool(found.names))
