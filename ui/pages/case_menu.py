"""更多: everything that can be done to a case now and has no button of its own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QMenu

from ui.pages.case_acts import CaseActs, plan_words
from ui.pages.case_data import CaseData
from ui.widgets.base import identify

if TYPE_CHECKING:
    from ui.pages.case import CasePage

ENDED = ("failed", "withdrawn", "terminated", "agreed")


def case_menu(page: CasePage, data: CaseData, acts: CaseActs) -> QMenu:
    """The menu; what cannot be done at this stage does not stand in it."""
    menu = QMenu(page)
    identify(menu, "case.menu.list", "更多")
    role, head = page.office.desk.person.role, data.head
    handling = head.state in ("accepted", "mediating")
    paused = any(s.last_day is None for s in head.suspensions)

    def may(operation: str, when: bool = True) -> bool:
        return when and data.may(role, operation)

    offers = (
        ("改简称\tF2", acts.rename, may("case.edit")),
        ("记一笔", page.begin_note, may("record.add")),
        (plan_words(head), acts.plan_session, may("session.plan", handling)),
        ("不约了", acts.cancel_session, may("session.plan", head.next_session_at is not None)),
        ("暂停计时", acts.suspend, may("suspension.mark", handling and not paused)),
        ("恢复计时", acts.resume_clock, may("suspension.mark", handling and paused)),
        ("起草协议\tCtrl Shift A", lambda: page.go("agreement_editor"), may("agreement.draft", handling)),
        (
            "看协议\tCtrl Shift A",
            lambda: page.go("agreement_editor"),
            bool(head.agreement_id) and not handling,
        ),
        ("没谈成，看出口路线", lambda: page.go("exit"), may("case.conclude", handling)),
        ("司法确认", lambda: page.go("confirmation"), bool(head.agreement_id)),
    )
    for text, act, offered in offers:
        if offered:
            menu.addAction(text).triggered.connect(act)
    if may("case.resume", head.state in ENDED):
        _talk_again(menu, data.no_more_talks, acts)
    return menu


def _talk_again(menu: QMenu, why_not: str, acts: CaseActs) -> None:
    """再谈一次; while the court has the agreement it stands there with the reason, as it is looked for."""
    talk = menu.addAction(f"再谈一次：{why_not}" if why_not else "再谈一次")
    talk.setEnabled(not why_not)
    talk.triggered.connect(acts.resume_case)
