"""What comes next for a case: the page's primary button, and what each state allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.domain import agreement, filings_of, roles
from app.domain import casefile as cf
from app.domain.rules import InstitutionRules
from app.domain.states import filing_machine
from app.domain.tasks import ANNOUNCED
from app.services.cases import CaseView


@dataclass(frozen=True)
class Step:
    """A step: its button, and the page or the act (``act:close``) behind it."""

    text: str
    icon: str
    page: str
    operation: str = "case.view"
    options: Mapping[str, Any] = field(default_factory=dict)


def session_number(view: CaseView) -> int:
    """The number of the session that would be written next."""
    return len(view.file.of_type(cf.Session)) + 1


def next_step(view: CaseView) -> Step | None:
    """The next step by the case's state; ``None`` for a case that is over."""
    state = view.head.state
    if view.plan.label == "approving":
        return Step("看送批的", "user-check", "decide")
    if state in ("received", "contacting"):
        return Step("去联系对方", "phone", "inbox", "contact.record")
    if state == "deciding":
        return Step("去决定受理", "scale", "decide", "case.accept")
    if state in ("accepted", "mediating"):
        sessions = view.file.of_type(cf.Session)
        if sessions and sessions[-1][1].result == "agreed":
            return Step("起草协议", "file-pen-line", "agreement_editor", "agreement.draft")
        if sessions and sessions[-1][1].result == "not_agreed" and view.head.next_session_at is None:
            return Step("看出口路线", "signpost", "exit", "case.conclude")
        number = session_number(view)
        return Step(f"写第 {number} 次记录", "messages-square", "session", "session.record")
    if state == "agreed":
        effect = agreement.effectiveness_of(view.file)
        if effect is not None and effect.is_effective:
            return Step("去结案", "circle-check", "act:close", "case.close")
        return Step("登记生效日", "pen-line", "effective", "signature.register")
    if state in ("failed", "withdrawn", "terminated"):
        conclusion = view.head.conclusion
        told = conclusion is not None and conclusion.remedies_told_at is not None
        if state != "withdrawn" and not told:
            return Step("打印告知书", "signpost", "exit", "case.conclude")
        return Step("去结案", "circle-check", "act:close", "case.close")
    if state == "closed" and (court := _court(view)) is not None:
        return court
    if state in ("closed", "archived") and view.head.agreement_id:
        return Step("看协议", "file-check", "agreement_editor", "case.view")
    return None


def _court(view: CaseView) -> Step | None:
    """What the plan still has to do with the court: a case is closed while its 30 days run (民诉法 205)."""
    task = next((one for one in view.plan.tasks if one.page == "filing"), None)
    if task is None:
        return None
    if (held := filings_of.unsent(view.file, filings_of.active_filing(view.file))) and not held.going:
        return Step(task.action, "landmark", "confirmation")
    last = filings_of.latest(view.file)
    if task.kind == "confirm" and not task.hard and last and last.state in filing_machine().final:
        # As 司法确认 has it: it came to nothing, and its days are over.
        return Step("改走别的路", "signpost", "exit", options={"look": True})
    if task.kind == "confirm" and not task.waiting:
        return Step("准备司法确认", "landmark", "confirmation", "filing.prepare")
    if filings_of.forgotten_question(view.file, filings_of.active_filing(view.file)) is not None:
        # The platform cannot take it: the page says how, and has the court's paper.
        return Step("看怎么补交", "landmark", "confirmation")
    if task.kind == "supplement" and not task.waiting:
        return Step("去补交材料", "landmark", "confirmation", "filing.supplement")
    if task.kind in ANNOUNCED:
        return Step(task.action, "landmark", "confirmation")
    return Step("看确认进度", "landmark", "confirmation")


def allowed(view: CaseView, role: str, operation: str) -> bool:
    """Whether the role may do ``operation`` and the case can still be changed."""
    return view.head.state != "archived" and roles.may(role, operation)


_COURT_PAPERS: Mapping[bool, tuple[str, ...]] = {True: ("P15", "P16"), False: ()}
"""By whether the court may be asked to confirm the agreement."""


def paper_ids(view: CaseView, rules: InstitutionRules) -> tuple[str, ...]:
    """Forms that make sense now, in the order of the procedure."""
    head, file = view.head, view.file
    found = ["F01", "F02", "P01", "P11"]
    if head.state == "refused":
        return (*found, "P05")
    if head.accepted_at is not None:
        found.append("P04")
    sessions = file.of_type(cf.Session)
    if sessions:
        found.append("F05")
    if any(session.undisputed for _, session in sessions):
        found.append("P12")
    if head.agreement_id in file.agreements:
        made = file.agreements[head.agreement_id]
        found += [agreement.paper_form(made), *_COURT_PAPERS[agreement.may_be_confirmed(made, rules)]]
    if head.conclusion is not None and head.conclusion.outcome != "agreed":
        found.append("P13")
    if file.of_type(cf.FollowUp):
        found.append("F08")
    if head.state in ("closed", "archived"):
        found.append("P20")
    return tuple(found)
