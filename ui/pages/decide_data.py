"""What 决定 shows of one 办件, read in one go on the read lane; masked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.clock import legal_day
from app.domain import casefile as cf
from app.domain import masking, roles
from app.domain.phrases import within
from app.domain.taxonomy import kind_label
from app.services.cases import CaseView
from app.services.deciding import Proposal
from app.services.drafts import RETURNED_BY, RETURNED_FOR, Draft
from ui import labels
from ui.labels import month_day

if TYPE_CHECKING:
    from app.services.office import Office


@dataclass(frozen=True)
class Loaded:
    """Everything the page needs of one 办件."""

    view: CaseView
    draft: Draft | None
    proposal: Proposal | None
    returned: Mapping[str, str]
    """In the draft (:data:`RETURNED_BY`, :data:`RETURNED_FOR`): who sent it back, what is to be changed."""
    who: str
    head_name: str
    """The head's name, for 送何静批准; empty when there is none."""
    needs_head: bool
    is_head: bool
    may_decide: bool
    facts: tuple[tuple[str, str], ...]
    """What the application says, by name; masked."""
    said: str
    """How the respondent last refused to be mediated, in a sentence for the notice; empty when nobody did."""


def read_decision(office: Office, case_id: str) -> Loaded:
    """Read on the read lane."""
    desk = office.desk
    view = office.cases.open(case_id)
    draft = office.drafts.get("refusal", case_id)
    heads = [p.name for p in desk.people.values() if p.active and p.role == "head"]
    return Loaded(
        view=view,
        draft=draft,
        proposal=office.deciding.proposed_refusal(case_id),
        returned=_returned(draft),
        who=masking.parties_arrow(view.file.side("applicant"), view.file.side("respondent")),
        head_name=heads[0] if heads else "负责人",
        needs_head=desk.rules.refusal_needs_head,
        is_head=roles.may(desk.person.role, "case.approve_refusal"),
        may_decide=roles.may(desk.person.role, "case.accept"),
        facts=_facts(view),
        said=_said(view),
    )


def _returned(draft: Draft | None) -> Mapping[str, str]:
    body = draft.body if draft is not None else {}
    return {key: str(body[key]) for key in (RETURNED_BY, RETURNED_FOR) if body.get(key)}


def _said(view: CaseView) -> str:
    made = [pair for pair in view.file.of_type(cf.Contact) if pair[1].result == "unwilling" and pair[1].said]
    if not made:
        return ""
    record, contact = made[-1]
    said = within(contact.said)
    return f"{month_day(legal_day(record.at))}联系被申请人，被申请人不愿意调解，说：{said}。"


def _facts(view: CaseView) -> tuple[tuple[str, str], ...]:
    head = view.head

    def side(name: str) -> str:
        return "、".join(p.masked["name"] for p in view.parties if p.side == name)

    files = [one.title or "材料" for one in view.file.attachments.values()]
    return (
        ("申请人", side("applicant")),
        ("被申请人", side("respondent")),
        ("纠纷类型", kind_label(head.dispute_kind)),
        ("发生地", labels.occurred(head)),
        ("诉求", head.claims),
        ("经过", head.facts),
        ("附件", f"{'、'.join(files[:3])}{'等' if len(files) > 3 else ''}　{len(files)} 份" if files else ""),
    )
