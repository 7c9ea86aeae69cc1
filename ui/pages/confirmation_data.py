"""What 司法确认 shows, worded on the read lane; every personal item masked."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.clock import legal_day
from app.domain import deadlines
from app.domain import filing as rules
from app.domain.agreement import performance_ends_on
from app.domain.casefile import Attachment, ResultDocument, Submission
from app.domain.errors import StateError
from app.domain.filings_of import (
    CONFIRMING,
    LEAVING,
    NOT_AGAIN,
    NOT_OUT,
    ON_ITS_WAY,
    WITHDRAWING,
    answer_untold,
    answered_question,
    asked_by,
    handed_in,
    leaving_words,
    on_its_way,
    unsent,
    withdrawal_asked,
)
from app.domain.reducer import CaseFile
from app.domain.states import filing_machine
from app.domain.unsent import Unsent
from app.domain.workdays import Calendar, short_date
from app.services.cases import CaseView
from app.services.filing import KIND, NOT_FOR_ORAL, FilingView
from app.services.kept_answers import KeptAnswers
from app.services.sync_centre import SyncCentre
from ui.labels import Label, filing_state, month_day, short_day, sync_state, time_left
from ui.pages.agreement_parts import clock_view, spans
from ui.pages.case_deadlines import deadline_view
from ui.pages.confirmation_pack import pack_words
from ui.widgets.deadline import DeadlineView, Line
from ui.widgets.stepper import Step

if TYPE_CHECKING:
    from app.services.office import Office

JOBS_WAITING = frozenset({"waiting", "in_flight", "unknown"})
BASIS = "依据：《人民调解法》第29条、《民事诉讼法》（2023修正）第85条、第205条"


@dataclass(frozen=True)
class Loaded:
    """One reading of the page. ``view`` is ``None`` while there is no agreement that may be confirmed."""

    case: CaseView
    view: FilingView | None
    online: bool
    today: dt.date
    calendar: Calendar
    enforcement: DeadlineView | None = None
    """申请执行: until when; only once the court has confirmed the agreement."""
    oral: str = ""
    """Why this oral agreement is not for the court by the institution's rule; else empty."""

    @property
    def file(self) -> CaseFile:
        """The case's documents."""
        return self.case.file

    @property
    def submission(self) -> Submission | None:
        """The latest round."""
        return self.view.submission if self.view is not None else None

    @property
    def under_way(self) -> bool:
        """Whether an application lies with the platform or the court."""
        return self.submission is not None and self.submission.state not in filing_machine().final

    @property
    def not_out(self) -> bool:
        """Whether no court has an application under way, be it that one lies here."""
        return not self.under_way or (self.submission is not None and self.submission.state in NOT_OUT)

    @property
    def leaving(self) -> bool:
        """Whether a wish to withdraw was handed over here, and the platform has not taken it."""
        return self.queued and self.view is not None and self.view.wanted == "withdraw"

    @property
    def withdrawing(self) -> bool:
        """Whether the parties have asked to withdraw, and the court has not said yet."""
        return withdrawal_asked(self.submission)

    @property
    def asked(self) -> bool:
        """Whether the court waits for a supplement."""
        return self.submission is not None and self.submission.state == "supplement_asked"

    @property
    def editable(self) -> bool:
        """Whether the pack may be changed now."""
        may = self.asked or not (self.under_way or self.over)
        return self.view is not None and may

    @property
    def settled(self) -> bool:
        """Whether the court has confirmed the agreement, and a ruling that may be enforced stands."""
        return self.submission is not None and self.submission.state in CONFIRMING

    @property
    def barred(self) -> bool:
        """Whether the court has said what leaves no room for the same application once more."""
        return self.submission is not None and self.submission.state in NOT_AGAIN

    @property
    def over(self) -> bool:
        """Whether the court has said its word on the agreement: nothing is left to be handed in."""
        return self.settled or self.barred

    @property
    def revoked(self) -> bool:
        """Whether the ruling was revoked after an objection."""
        return self.submission is not None and self.submission.state == "revoked"

    @property
    def ended(self) -> bool:
        """Whether the last application is over, whatever came of it."""
        return self.submission is not None and self.submission.state in filing_machine().final

    @property
    def untold(self) -> bool:
        """Whether nobody has noted yet that the parties were told what the court said."""
        return answer_untold(self.file, self.submission) is not None and self.file.head.state != "archived"

    @property
    def result(self) -> ResultDocument | None:
        """The paper that ended the application; ``None`` where none came."""
        events = self.submission.events if self.submission is not None and self.ended else ()
        papers = [event.documents[0] for event in events if event.documents]
        return papers[-1] if papers else None

    @property
    def kept(self) -> tuple[KeptAnswers, ...]:
        """What the court told, and the platform tells no more since it was restored."""
        return tuple(one for one in self.case.kept if one.submission.kind == KIND)

    @property
    def documents(self) -> tuple[ResultDocument, ...]:
        """All papers that came back: of the latest round, and those that are kept."""
        told = list(self.submission.events) if self.submission is not None else []
        told += [event for one in self.kept for event in one.events]
        return tuple({d.sha256: d for event in told for d in event.documents}.values())

    @property
    def held(self) -> Unsent | None:
        """How what was handed over here and is not at the court stands; ``None`` where there is none."""
        return unsent(self.file, self.submission)

    @property
    def left(self) -> Unsent | None:
        """The step of any kind that has left here, by the line or in a package, and whose receipt has not
        come; ``None`` where there is none."""
        found = self.file.unsent.get(self.submission.submission_id) if self.submission is not None else None
        return found if found is not None and found.stand in ("doubt", "packed") else None

    @property
    def stopped(self) -> bool:
        """Whether the application stopped here, as days that it rests on were changed meanwhile."""
        return self.held is not None and self.held.stand == "look"

    @property
    def refused(self) -> bool:
        """Whether the application itself did not go, and lies here with the reason."""
        return self.held is not None and self.held.stand == "refused"

    @property
    def unread(self) -> bool:
        """Whether it stopped as the case database came from a backup, and nobody can tell whether it went."""
        return self.held is not None and self.held.stand == "unread"

    @property
    def waits_for(self) -> Unsent | None:
        """What was handed over here and waits for somebody, at a colleague's or here; else ``None``."""
        return self.held if self.held is not None and self.held.stand in ("colleague", "choice") else None

    @property
    def recallable(self) -> str:
        """The step that lies here and may still be taken back: supplement, withdraw; else empty."""
        return self.view.wanted if self.view is not None and self.view.ways.recall else ""

    @property
    def queued(self) -> bool:
        """Whether something was handed over for sending and has not gone yet."""
        return self.view is not None and self.view.job in JOBS_WAITING


def read(office: Office, case_id: str) -> Loaded:
    """Read on the read lane. Raises :class:`NotFoundError`."""
    case = office.cases.open(case_id)
    view, oral = None, ""
    try:
        view = office.filing.prepare(case_id)
    except StateError as error:
        oral = error.message if error.code == NOT_FOR_ORAL else ""
    online = SyncCentre(office.desk).standing().online
    loaded = Loaded(case, view, online, office.desk.today(), office.desk.calendar, oral=oral)
    return replace(loaded, enforcement=_enforcement(office, loaded)) if loaded.settled else loaded


def _enforcement(office: Office, loaded: Loaded) -> DeadlineView | None:
    """Two years from the last day of performance; where none is named, from the ruling (民诉法 250)."""
    view, submission, desk = loaded.view, loaded.submission, office.desk
    if view is None or submission is None:
        return None
    agreement = view.file.agreements[view.file.head.agreement_id]
    ruled = [legal_day(event.at) for event in submission.events if event.state in CONFIRMING]
    end = performance_ends_on(agreement, view.effect.complete_on) or (ruled[-1] if ruled else None)
    if end is None:
        return None
    due = deadlines.enforcement(end, desk.calendar, desk.rules_for(loaded.file.head))
    return deadline_view(due, loaded.today, desk)


def standing(loaded: Loaded) -> object:
    """What a refusal of the page's verbs is about: it holds until this is another."""
    view, submission = loaded.view, loaded.submission
    if view is None:
        return None
    return view.blocked, view.job, view.wanted, submission.state if submission is not None else ""


def tag(loaded: Loaded) -> Label:
    """The state beside the title."""
    submission = loaded.submission
    if loaded.view is None:
        return Label("还不能申请", "clock", "neutral")
    if submission is None:
        return Label("确认：备材料", "landmark", "info")
    label = filing_label(loaded, submission)
    return Label(f"确认：{label.text}", label.icon, label.status)


def filing_label(loaded: Loaded, submission: Submission) -> Label:
    """How far the application is; a supplement that the platform has not taken yet says so, and what does not
    go by itself."""
    if loaded.leaving:
        return Label(leaving_words(loaded.file, submission) or LEAVING, "undo-2", "waiting")
    if loaded.held is not None and not loaded.held.going:
        return sync_state("failed") if loaded.refused else Label(loaded.held.tag, "circle-alert", "dueSoon")
    if loaded.held is not None and loaded.held.stand in ("doubt", "packed", "back"):
        return Label(loaded.held.tag, "cloud-upload", "waiting")
    if on_its_way(submission):
        return Label(ON_ITS_WAY, "cloud-upload", "waiting")
    if loaded.withdrawing:
        return Label(WITHDRAWING, "undo-2", "waiting")
    return filing_state(submission.state)


def last_day(view: FilingView) -> dt.date | None:
    """The last day of the clock that reminds."""
    return view.clock.reminds.due_on if view.clock.reminds is not None else None


def steps(loaded: Loaded) -> tuple[Step, ...]:
    """The five steps with where they stand."""
    view = loaded.view
    if view is None:
        return ()
    words = pack_words(view.materials)
    submission = loaded.submission if (loaded.under_way or loaded.over) else None
    effective = view.effect.complete_on
    at = 1 if submission is None else _court_step(submission.state)
    if effective is None:
        at = 0
    day = last_day(view)
    materials = f"必有的还差 {words.missing} 项" if words.missing else "必有的齐了"
    if submission is not None:
        lodged = (filing_label(loaded, submission) if at == 2 else filing_state(submission.state)).text
    else:
        lodged = "协议生效后"
        if day is not None:
            lodged = f"{month_day(day)}已过" if day < loaded.today else f"按 {month_day(day)}提醒"
    hints = (
        (short_date(effective) if effective else "签章还没齐"),
        materials if submission is None else _left_here(loaded) or "已交给平台",
        lodged if at <= 2 else "已收到",
        filing_label(loaded, submission).text if submission and at == 3 else "一般 30 日内",
        filing_state(submission.state).text if at == 4 and submission else "结果回到本页",
    )
    titles = ("协议生效", "备齐材料", "通过平台提交", "法院审查", "裁定结果")
    keys = ("effective", "materials", "lodge", "court", "ruling")
    return tuple(
        Step(key, title, hint, "done" if n < at or at == 4 else "now" if n == at else "todo")
        for n, (key, title, hint) in enumerate(zip(keys, titles, hints, strict=True))
    )


def _left_here(loaded: Loaded) -> str:
    """What is said of materials that are complete and still lie here; empty where none do."""
    if loaded.held is None or on_its_way(loaded.submission):
        return ""
    if loaded.held.stand == "packed":
        return "装进了离线交换包"
    if loaded.held.stand in ("doubt", "back"):
        return "已经交出去了"
    return "备齐了，等着发出" if loaded.held.going else "备齐了，在本机"


def _court_step(state: str) -> int:
    if state in filing_machine().final:
        return 4
    return 2 if state in ("prepared", "queued") else 3


def supplement_deadline(loaded: Loaded) -> DeadlineView | None:
    """The court's day for a supplement while it waits for one; ``None`` where it asks nothing or set none."""
    question = asked_by(loaded.submission) or answered_question(loaded.file, loaded.submission)
    if question is None or question.answer_by is None:
        return None
    asked, by, today = legal_day(question.at), question.answer_by, loaded.today
    left = deadlines.remaining_until(by, today, loaded.calendar, "days")
    return DeadlineView(
        title="补交期限",
        due=by,
        remaining=left.text,
        label=time_left(left),
        spans=spans(asked, by, today),
        start=f"法院要求 {short_day(asked)}",
        end=f"到 {short_day(by)}",
        lines=(Line("要补", "", strong=True), *(Line(one, "") for one in question.asked)),
        basis="以法院的文书写的日子为准",
    )


def deadline(view: FilingView, today: dt.date, calendar: Calendar) -> DeadlineView:
    """The clock card: both days, the earlier one reminding, and its arithmetic."""
    clock, lines = view.clock, [Line("两个日子，按早的提醒", "", strong=True)]
    if clock.earliest is not None:
        span = f"{short_day(clock.earliest.start_on)} → {short_day(clock.earliest.due_on)}"
        lines.append(Line("最早可能生效　双方签完", span, strong=clock.reminds is clock.earliest))
    if clock.complete is not None:
        span = f"{short_day(clock.complete.start_on)} → {short_day(clock.complete.due_on)}"
        lines.append(Line(f"要件齐备　{_last_place(view)}", span))
    else:
        missing = view.effect.missing
        lines.append(
            Line("要件齐备　最晚一处", f"缺{missing[0]}" if len(missing) == 1 else f"还缺 {len(missing)} 处")
        )
    over = "已提交" if handed_in(view.submission) else ""
    if view.submission is not None and view.submission.state in NOT_AGAIN:
        over = "已裁定"
    return clock_view("申请期限", clock.reminds, today, calendar, lines, basis=BASIS, over=over)


def _last_place(view: FilingView) -> str:
    """Which place came last; 最晚一处 when several bear the same day."""
    last = [p for p in view.effect.places if p.on is not None and p.on == view.effect.complete_on]
    return f"最后{last[0].signer.label}" if len(last) == 1 and not last[0].signer.party_id else "最晚一处"


def late_words(view: FilingView, today: dt.date) -> str:
    """What is open after the 30 days; empty while they run."""
    day = last_day(view)
    if day is None or today <= day:
        return ""
    routes = "；".join(route.text for route in rules.late_routes())
    return f"{routes}。"


def obstacle_words(view: FilingView) -> str:
    """The contents in plain words."""
    if not view.obstacles:
        return "协议内容已查：不涉及身份关系、物权确权等 5 种法院不受理的情形。"
    lines = []
    for one in view.obstacles:
        at = f"：“{'”、“'.join(one.words)}”" if one.words else ""
        lines.append(f"{one.sentence}{at}。依据：{one.basis}")
        if reason := view.choices.reasons.get(one.code, ""):
            lines.append(f"已写理由：{reason}")
    return "\n".join((*lines, "这是按词语查的提醒，是不是以法院为准。"))


def reasons_wanted(view: FilingView) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Codes of the obstacles that still want a reason, and of those that have one."""
    codes = [one.code for one in view.obstacles if one.level == "must"]
    given = tuple(code for code in codes if view.choices.reasons.get(code, "").strip())
    return tuple(code for code in codes if code not in given), given


def files_of(loaded: Loaded, code: str) -> tuple[Attachment, ...]:
    """The files behind a material, signed ones first."""
    if loaded.view is None:
        return ()
    item = next((i for i in loaded.view.materials if i.material.code == code), None)
    ids = (*item.attachment_ids, *item.paper_ids) if item is not None else ()
    return tuple(loaded.file.attachments[i] for i in ids)
