"""What 案件详情 shows, read and worded in one go on the read lane."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.clock import legal_day, shanghai
from app.domain import agreement, masking, roles
from app.domain import casefile as cf
from app.domain.taxonomy import kind_label
from app.services import filed_ground
from app.services.cases import CaseView, PartyView
from ui import labels
from ui.labels import Label
from ui.pages.case_deadlines import case_deadlines
from ui.pages.case_steps import Step, next_step, paper_ids
from ui.pages.case_timeline import Course, course, next_session
from ui.widgets.deadline import DeadlineView

if TYPE_CHECKING:
    from app.services.drafts import Draft
    from app.services.office import Office

ARCHIVED = "已归档，只能看。要改请负责人开卷。"
SIDES = {"applicant": ("申", "申请人"), "respondent": ("被", "被申请人"), "third": ("三", "第三人")}


@dataclass(frozen=True)
class Preparation:
    """One line of 开调前. ``form_id`` names the paper that 打印 prints."""

    key: str
    text: str
    form_id: str = ""


@dataclass(frozen=True)
class CaseData:
    """One case, ready to be shown."""

    view: CaseView
    label: Label
    subtitle: str
    course: Course
    deadlines: tuple[DeadlineView, ...]
    step: Step | None
    step_allowed: bool
    preparations: tuple[Preparation, ...]
    prepared: frozenset[str]
    preparation_title: str
    papers: tuple[tuple[str, str], ...]
    """Form id and title."""
    read_only: str
    """Why nothing can be changed; empty while it can."""
    no_more_talks: str
    """Why the parties cannot talk again now; empty while they can."""
    note: Draft | None
    effect: agreement.Effectiveness | None
    payments: dict[int, str]
    now: dt.datetime

    @property
    def case_id(self) -> str:
        """The case."""
        return self.view.head.case_id

    @property
    def head(self) -> cf.Case:
        """The header."""
        return self.view.head

    def side(self, side: str) -> tuple[PartyView, ...]:
        """Parties of a side, masked."""
        return tuple(p for p in self.view.parties if p.side == side)

    @property
    def parties(self) -> tuple[PartyView, ...]:
        """All parties: applicants, respondents, third parties."""
        return tuple(p for side in SIDES for p in self.side(side))

    def may(self, role: str, operation: str) -> bool:
        """Whether the role may do this now: of a case taken back the platform takes nothing any more."""
        return not (self.read_only or self.view.taken_back) and roles.may(role, operation)


def read_case(office: Office, case_id: str) -> CaseData:
    """Read one case. Raises :class:`~app.domain.errors.NotFoundError`."""
    from app.documents import forms
    from app.domain import performance

    desk = office.desk
    view = office.cases.open(case_id)
    head = view.head
    made = view.file.agreements.get(head.agreement_id)
    step, rules = None if view.taken_back else next_step(view), desk.rules_for(head)
    kept = office.settings.layout(f"prepare:{case_id}")
    at = next_session(view)
    session = at.isoformat() if at is not None else ""
    prepared = frozenset(kept.get("done", ())) if kept.get("session") == session else frozenset()
    archived = head.state == "archived"
    return CaseData(
        view=view,
        label=labels.standing(view.plan.label),
        subtitle=_subtitle(view, desk),
        course=course(view, desk, office.resolving.settled_in(case_id), office.resolving.made_here(case_id)),
        deadlines=case_deadlines(view, desk),
        step=step,
        step_allowed=step is not None and roles.may(desk.person.role, step.operation),
        preparations=_preparations(view),
        prepared=prepared,
        preparation_title=_preparation_title(at, desk.today()),
        papers=tuple((form_id, forms.form(form_id).title) for form_id in paper_ids(view, rules)),
        read_only=ARCHIVED if archived else "",
        no_more_talks=filed_ground.brief(view.file),
        note=office.drafts.get("note", case_id),
        effect=agreement.effectiveness_of(view.file) if made is not None else None,
        payments=performance.states(view.file, made) if made is not None else {},
        now=desk.clock.now(),
    )


def _subtitle(view: CaseView, desk: Any) -> str:
    head = view.head
    who = masking.parties_line(view.file.side("applicant"), view.file.side("respondent"))
    mediator = f"调解员 {desk.name_of(head.mediator_id)}" if head.mediator_id else "还没有承办人"
    parts = (head.number or head.intake_no, kind_label(head.dispute_kind), who, mediator)
    return "　".join(p for p in parts if p)


def _preparation_title(at: dt.datetime | None, today: dt.date) -> str:
    if at is None:
        return ""
    day = legal_day(at)
    return "今天开调前" if day == today else f"{labels.month_day(day)}开调前"


def _preparations(view: CaseView) -> tuple[Preparation, ...]:
    """What to have ready before the next session, from what the case lacks and holds."""
    file = view.file
    if next_session(view) is None:
        return ()
    found = []
    people = len(file.parties)
    if not file.of_type(cf.Session):
        found.append(Preparation("rights", f"权利义务告知书打印 {people} 份", "P01"))
    if any(not p.service_address for p in file.parties.values()):
        found.append(Preparation("service", "带送达地址确认书，请当事人填", "P11"))
    agents = [p for p in file.parties.values() if p.agent and not p.agent.evidence_attachment_id]
    if agents:
        found.append(Preparation("agents", f"看 {len(agents)} 位代理人的授权委托书"))
    evidence = [a for a in file.attachments.values() if a.role in ("evidence", "photo", "scan")]
    if evidence:
        found.append(Preparation("evidence", f"带上证据材料 {len(evidence)} 份"))
    if file.of_type(cf.Session):
        found.append(Preparation("record", "上次的调解记录打印 1 份", "F05"))
    return tuple(found)


def when_words(moment: dt.datetime) -> str:
    """11月23日 14:02, on Shanghai's clock."""
    local = shanghai(moment)
    return f"{labels.month_day(local.date())} {local:%H:%M}"
