"""What 办件箱 shows, read and worded on the read lane; every personal item masked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.clock import from_text, legal_day, shanghai
from app.domain import casefile as cf
from app.domain import contacting, deadlines, masking, roles
from app.domain.counting import Deadline
from app.domain.phrases import sentence
from app.domain.plan import BEFORE_DECISION, contact_start
from app.domain.tasks import COUNTED, WAITING_WORDS, estimated
from app.domain.taxonomy import kind_label
from app.domain.workdays import short_date
from app.services.cases import CaseRow, CaseView, PartyView
from app.services.sync_centre import Standing, SyncCentre
from ui import labels
from ui.labels import Label, day_text

if TYPE_CHECKING:
    from app.services.desk import Desk
    from app.services.office import Office

TABS = (("todo", "要处理"), ("waiting", "等答复"), ("case", "已转成案件"), ("refused", "不予受理"))
CHANNELS = (
    ("phone", "电话"), ("sms", "短信"), ("visit", "上门"), ("post", "寄信"),
    ("third_party", "请居委、单位转告"), ("platform", "平台消息"),
)  # fmt: skip
RESULTS = {"willing": "愿意调解", "unwilling": "不愿意", "unreached": "没联系上", "considering": "要考虑几天"}
CHANNEL_ICONS = {"phone": "phone", "sms": "message-square", "visit": "user", "post": "mail"}


Contacts = tuple[tuple[cf.Record, cf.Contact], ...]


@dataclass(frozen=True)
class Line:
    """One 办件 in the list, worded."""

    case_id: str
    title: str
    tag: Label
    who: str
    received: str
    standing: str

    @property
    def spoken(self) -> str:
        """The line as a screen reader says it."""
        return f"{self.title}，{self.tag.text}，{self.who}，{self.received}，{self.standing}"


@dataclass(frozen=True)
class InboxList:
    """One tab: its lines, the numbers on all tabs, how the line to the platform stands."""

    tab: str
    lines: tuple[Line, ...]
    counts: Mapping[str, int]
    to_reach: int
    """Those whose respondent must be reached by today."""
    due_today: int
    """Those of which anything else is due by today."""
    walk_ins: int
    """How many of those to be handled did not come from the platform."""
    standing: Standing
    suspended: tuple[str, str]
    """That the platform sends nothing new, and why; empty while it does."""
    now: dt.datetime


@dataclass(frozen=True)
class ContactLine:
    """One attempt, as 联系记录 shows it."""

    icon: str
    when: str
    result: str
    said: str


@dataclass(frozen=True)
class Target:
    """The service target, told apart from the deadline."""

    text: str
    detail: str
    status: str


@dataclass(frozen=True)
class Detail:
    """One 办件 opened."""

    view: CaseView
    label: Label
    open: bool
    """Whether it still waits for a decision."""
    deadline: Deadline | None
    remaining: deadlines.Remaining | None
    contacted: str
    """When and how the contact was done in the sense of the institution's rule; empty while it is not."""
    contacts: tuple[ContactLine, ...]
    said: ContactLine | None
    """The newest contact in which somebody answered."""
    target: Target | None
    who: str
    kind: str
    amount: str
    approving: str
    """Who the refusal that was sent waits for: 您, or 负责人; empty while none waits."""
    may_decide: bool
    next_workday: dt.date
    decision: str
    """How it was decided, in a sentence; empty while it was not."""

    @property
    def case_id(self) -> str:
        """The case."""
        return self.view.head.case_id

    def side(self, side: str) -> tuple[PartyView, ...]:
        """Parties of a side, masked."""
        return tuple(p for p in self.view.parties if p.side == side)


def read_list(office: Office, tab: str) -> InboxList:
    """One tab of the inbox."""
    desk = office.desk
    rows = office.cases.inbox(tab)
    numbers = office.cases.numbers()
    counts = {key: numbers.get(f"bucket:{key}", 0) for key, _ in TABS}
    todo = rows if tab == "todo" else office.cases.inbox("todo")
    day = desk.today().isoformat()
    due = [row.next_kind == "contact" for row in todo if row.next_due[:10] <= day]
    return InboxList(
        tab=tab,
        lines=tuple(line_of(row, desk) for row in rows),
        counts=counts,
        to_reach=due.count(True),
        due_today=due.count(False),
        walk_ins=sum(row.source != "platform" for row in todo),
        standing=SyncCentre(desk).standing(),
        suspended=_suspended(desk),
        now=desk.clock.now(),
    )


def _suspended(desk: Desk) -> tuple[str, str]:
    stands = desk.institution
    if stands.status == "active":
        return "", ""
    since = ""
    if stands.status_since:
        since = f"自 {short_date(legal_day(from_text(stands.status_since)), desk.today())}起"
    what = "暂停本机构接收新办件" if stands.status == "suspended" else "关闭了本机构，不再转来新办件"
    why = f"原因：{stands.status_reason}" if stands.status_reason else "平台没有写明原因。"
    return f"平台{since}{what}。已收的照常办理。", why


def line_of(row: CaseRow, desk: Desk) -> Line:
    """One row, worded for today."""
    today = desk.today()
    received = shanghai(from_text(row.received_at))
    day = "今天" if received.date() == today else short_date(received.date(), today)
    return Line(
        case_id=row.case_id,
        title=row.title,
        tag=_tag(row, desk),
        who=f"{row.parties.replace(' / ', ' → ')}　{kind_label(row.dispute_kind)}",
        received=f"{day} {received:%H:%M} 收到",
        standing=_standing(row, desk),
    )


def _tag(row: CaseRow, desk: Desk) -> Label:
    if row.state not in BEFORE_DECISION:
        return labels.case_state(row.state)
    if row.next_due[:1] != "2":
        return Label("没有期限", "circle", "neutral")
    day = dt.date.fromisoformat(row.next_due[:10])
    left = deadlines.remaining_until(day, desk.today(), desk.calendar)
    icons = {"overdue": "octagon-alert", "dueToday": "alarm-clock", "dueSoon": "clock"}
    status = "neutral" if left.status == "ok" else left.status
    provisional = row.next_kind in COUNTED and not desk.calendar.has_year(day.year)
    words = estimated(left.label, provisional=provisional)
    return Label(words, icons.get(left.status, "calendar-days"), status)


def _standing(row: CaseRow, desk: Desk) -> str:
    if row.next_kind == "reply":
        return WAITING_WORDS["reply"]
    if row.label == "approving":
        return labels.APPROVING.text
    if row.state == "deciding":
        days = desk.rules.decision_days.value
        return f"待决定（机构设定 {days} 个工作日）" if days else "待决定"
    return {"received": "待联系", "contacting": "再联系"}.get(row.state, row.number)


def read_detail(office: Office, case_id: str) -> Detail:
    """One 办件 with its contacts and deadlines."""
    desk = office.desk
    view = office.cases.open(case_id)
    head, today = view.head, desk.today()
    rules = desk.rules_for(head)
    contacts = view.file.of_type(cf.Contact)
    start = contact_start(head, rules)
    before = head.state in BEFORE_DECISION
    due = deadlines.contact(start, desk.calendar, rules) if before else None
    said = contacting.last_word(view.file)
    return Detail(
        view=view,
        label=labels.standing(view.plan.label) if before else labels.case_state(head.state),
        open=before,
        deadline=due,
        remaining=deadlines.remaining(due, today, desk.calendar) if due else None,
        contacted=_contacted(contacting.made_by(view.file, rules), due) if due else "",
        contacts=tuple(_contact(record, body) for record, body in reversed(contacts)),
        said=_contact(*said) if said is not None else None,
        target=_target(view, desk, contacts),
        who=masking.parties_arrow(view.file.side("applicant"), view.file.side("respondent")),
        kind=kind_label(head.dispute_kind),
        amount=masking.amount(head.amount_fen),
        approving=_approving(view, desk),
        may_decide=roles.may(desk.person.role, "case.accept"),
        next_workday=desk.calendar.next_workday(today),
        decision=_decision(head, desk),
    )


def _approving(view: CaseView, desk: Desk) -> str:
    if view.plan.label != "approving":
        return ""
    return "您" if roles.may(desk.person.role, "case.approve_refusal") else "负责人"


def _contacted(made: tuple[cf.Record, cf.Contact] | None, due: Deadline) -> str:
    if made is None:
        return ""
    record, body = made
    day = legal_day(record.at)
    did = "联系过一次，没联系上" if body.result == "unreached" else "联系到被申请人"
    within = "在期限内" if day <= due.due_on else f"晚于期限 {short_date(due.due_on, day)}"
    return f"{short_date(day)}已经{did}，{within}"


def _contact(record: cf.Record, body: cf.Contact) -> ContactLine:
    at = shanghai(record.at)
    return ContactLine(
        icon=CHANNEL_ICONS.get(body.channel, "messages-square"),
        when=f"{at.month}月{at.day}日 {at:%H:%M}",
        result=RESULTS[body.result],
        said=body.said,
    )


def _target(view: CaseView, desk: Desk, contacts: Contacts) -> Target | None:
    rules = desk.rules_for(view.head)
    due = deadlines.first_contact(contact_start(view.head, rules), desk.calendar, rules)
    title = f"{rules.first_contact_days.value} 个工作日内首次联系"
    day = short_date(due.due_on, desk.today())
    if not contacts:
        if desk.today() > due.due_on:
            return Target(title, f"服务目标，{day}已过，不影响办理期限", "neutral")
        words = estimated(f"服务目标，到 {day}", provisional=due.provisional)
        return Target(title, words, "info")
    first = legal_day(contacts[0][0].at)
    done = short_date(first, desk.today())
    if first <= due.due_on:
        return Target(title, f"服务目标，{done}做到", "ok")
    return Target(title, f"服务目标，{done}才联系，晚于 {day}", "neutral")


def _decision(head: cf.Case, desk: Desk) -> str:
    if head.decided_at is None:
        return ""
    day = day_text(legal_day(head.decided_at), desk.today())
    if head.refusal is not None:
        return f"{day}决定不予受理：{sentence(head.refusal.ground)}告知书{head.refusal.notice_no}。"
    if head.handback_reason:
        return f"{day}退回平台：{head.handback_reason}"
    return f"{day}受理，案号 {head.number}。"
