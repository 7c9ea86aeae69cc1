"""登记送达: what a person confirms before it stands that both sides signed for the notice."""

from __future__ import annotations

from collections.abc import Callable

from app.domain.errors import UserError
from app.domain.reducer import CaseFile
from app.services.closing import served_on
from ui.dialogs.confirm import Confirmation
from ui.pages.working import WorkingPage

_ASKED = Confirmation(
    title="登记送达",
    effects=("事情经过里会写：终止调解告知书已交双方签收。", "这一条会发给平台。"),
    lasting="有一方还没有签收，就先不登记。发出后不能删，只能另写一条说明。",
    action="双方都签了，登记",
    icon="file-check",
)


_ACT = "登记送达"


def served_unavailable(file: CaseFile) -> str:
    """Why service cannot be registered, once mediation has ended; empty when it can."""
    served = served_on(file)
    return f"{served.month}月{served.day}日已登记送达" if served else ""


def ask_served(page: WorkingPage, case_id: str, refused: Callable[[UserError], bool]) -> None:
    """Ask, then write it into the course of events; ``refused`` shows why that could not be."""

    def register() -> None:
        page.save(
            _ACT, lambda office: office.closing.register_served(case_id),
            said="送达已登记，10 秒后发送。", refused=refused,
        )  # fmt: skip

    page.confirmed(_ACT, page.with_outlook(_ASKED), register, dialog="exit.served")
