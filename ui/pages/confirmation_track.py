"""Where the application lies: waiting to go, with the court, what the court asked, the ruling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from app.domain import filings_of
from app.domain.casefile import ResultDocument, Submission, SubmissionEvent
from app.domain.errors import JiefenError
from app.domain.phrases import listed, sentence
from app.domain.unsent import HEALED
from app.services.fetching import FilesAwayError, is_away
from app.services.held_filings import WITHOUT
from app.services.sync_mends import lacking
from ui.dialogs.awaiting import Awaiting
from ui.dialogs.paper import PaperDialog
from ui.dialogs.viewer import ViewerDialog, document_items, document_name
from ui.labels import day_text, filing_step, until_text
from ui.pages import confirmation_data as data
from ui.pages.agreement_parts import show_paper, when
from ui.theme.look import Look
from ui.widgets.base import Divider, Text, bring_into_view, clear, column, identify, row
from ui.widgets.buttons import Button, LinkButton
from ui.widgets.cards import Card
from ui.widgets.tags import StatusTag

if TYPE_CHECKING:
    from app.services.office import Office
    from ui.pages.confirmation import ConfirmationPage
    from ui.pages.working import WorkingPage


def waiting_words(loaded: data.Loaded) -> str:
    """What is said while something still has to go out; empty otherwise."""
    view = loaded.view
    if view is None or not loaded.queued:
        return ""
    packed = view.ways.package
    if loaded.leaving and packed:
        back = "不撤了、那个包找不到了，先在“离线交换包”里作废"
        return f"撤回申请{packed}，还没有回执。把那个包拿到能上网的电脑上交，准不准由法院决定；{back}。"
    if loaded.leaving and loaded.left is not None:
        return f"撤回申请{loaded.left.said}，准不准由法院决定。"
    if loaded.leaving:
        onward = "联网后自动发给平台" if not loaded.online else "接着发给平台"
        return f"撤回申请已存好，{onward}，准不准由法院决定。"
    asked = filings_of.answered_question(loaded.file, loaded.submission)
    last = asked.answer_by if asked is not None else data.last_day(view)
    until = f"，最晚 {until_text(last, loaded.today)}" if last is not None else ""
    if last is not None and last < loaded.today:
        until = f"。期限到 {day_text(last, loaded.today)}，已经过了"
    if loaded.held is not None and loaded.held.stand == "back":
        return f"{loaded.held.said}，法院照常办。{view.job_error}"
    if loaded.held is not None and loaded.held.stand in ("doubt", "packed"):
        if packed:
            carry = "今天就要拿到能上网的电脑上交" if last == loaded.today else "拿到能上网的电脑上交才算提交"
            lost = "那个包找不到了，在“离线交换包”里作废、再装一包"
            return (
                f"{packed}，还没有回执{until}。{carry}；{lost}。{NO_WINDOW if last == loaded.today else ''}"
            )
        handed_over = f"{when(view.asked_at)} 排上的。" if view.asked_at is not None else ""
        return f"{handed_over}{loaded.held.said}，不会重复提交{until}。"
    if loaded.waits_for is not None:
        return f"{loaded.waits_for.why}{until and f'{until[1:]}。'}"
    if loaded.online:
        return f"正等着发给平台，材料传完就提交{until}。"
    if last == loaded.today:
        until = f"{until}。今天连不上的，{BY_HAND}"
    what = "补交的材料" if asked is not None else "申请"
    return f"现在没有网络，联网后自动提交{until}。{what}存在本机。"


def refused_words(loaded: data.Loaded) -> str:
    """Why the platform did not take it, or it stopped here; empty otherwise."""
    view = loaded.view
    if view is None or view.job != "failed":
        return ""
    if loaded.stopped or view.job_code == HEALED:
        return view.job_error
    onward = "材料都在，补上再交。" if lacking(view.job_code) else ""
    return f"平台没收下：{sentence(view.job_error)}{onward}"


def late_words(loaded: data.Loaded) -> str:
    """That an application under way, or its supplement, came to the court past its day, and what can be done;
    else empty."""
    if loaded.view is None or not (late := filings_of.came_late(loaded.submission, loaded.view.clock)):
        return ""
    lodged, _ = filings_of.days_late(loaded.submission, loaded.view.clock)
    return f"比 30 日{late}，{LATE}" if lodged else f"{late}，收不收由法院定，请尽快和法院联系。"


def settled_words(loaded: data.Loaded) -> str:
    """Why what was handed over here is not sent any more; empty otherwise."""
    view = loaded.view
    return view.job_error if view is not None and view.job == "settled" and loaded.under_way else ""


def show_documents(
    page: WorkingPage, case_id: str, documents: Sequence[ResultDocument], sha256: str
) -> ViewerDialog:
    """Show the papers that came back, from the vault, beginning with ``sha256``."""
    office = page.office
    dialog = ViewerDialog(
        page.look,
        page.context.operations,
        lambda item: office.attachments.read(item.key),
        document_items(documents),
        page.window(),
        title="法院文书",
        awaiting=lambda viewer: Awaiting(page.context, case_id, viewer),
        name="confirmation.ruling",
    )
    dialog.start([d.sha256 for d in documents].index(sha256))
    return dialog


def print_document(page: WorkingPage, case_id: str, document: ResultDocument) -> PaperDialog:
    """Preview a paper that came back, then print it or keep it as a file; fetched where it is not here."""
    title = document_name(document)

    def read(office: Office) -> bytes:
        try:
            return office.attachments.read(document.sha256)
        except JiefenError as error:
            if not is_away(error):
                raise
            raise FilesAwayError([(document.sha256, title)]) from error

    note = "法院来的原件，含个人信息"
    return show_paper(page, read, title=title, note=note, name="ruling.paper", case_id=case_id)


UNTOLD = "告诉双方当事人以后点一下，写进案件经过，今日里就不再提醒。"
TOLD = "已告诉当事人"
RECALL = {"supplement": "先不补交，收回来改", "withdraw": "不撤了，申请照办"}
"""By the step that lies here: the key that takes it back."""
NO_WINDOW = "平台不收包的，先把那个包作废，再点“撤回申请”，带纸面材料到法院窗口交。"
BY_HAND = (
    "在同步中心装“离线交换包”拿到能上网的电脑交；要带纸面材料到法院窗口交的，先点“撤回申请”把这一份收回来，"
    "免得交两次"
)
LATE = (
    "法院可能不受理。有正当理由耽误的，障碍消除后 10 日内可以申请顺延，是否准许由法院决定，请尽快和法院联系。"
    "依据：《民事诉讼法》（2023修正）第86条"
)
LATEST = 2
"""Steps of a longer way that show at first."""


class TrackCard(Card):
    """进展. ``documents_asked(sha256)`` opens what came back; ``without_asked()``: not to wait for papers;
    ``told_asked()``: the parties were told what the court said; ``recall_asked()``: not to send what waits.
    """

    documents_asked = Signal(str)
    without_asked = Signal()
    told_asked = Signal()
    recall_asked = Signal()

    def __init__(self, look: Look) -> None:
        self.tag = StatusTag(look, "neutral", "　")
        super().__init__("办到哪一步", " ", self.tag)
        self.look = look
        identify(self, "confirmation.track", "办到哪一步")
        self._lines = column(spacing=8)
        self.add(self._lines)
        self.documents: list[Button] = []
        self._of, self._whole = "", False

    def _earlier(self, count: int, loaded: data.Loaded) -> LinkButton:
        """The way to the steps before the latest: what is to be done now stands in sight below."""
        button = LinkButton(
            self.look, f"看以前的 {count} 步", name="confirmation.earlier", about="办到哪一步"
        )

        def whole() -> None:
            self._whole = True
            self.show_loaded(loaded)

        button.clicked.connect(whole)
        return button

    def show_loaded(self, loaded: data.Loaded) -> None:
        """Show one reading; hidden while nothing was lodged."""
        submission = loaded.submission
        self.setVisible(submission is not None)
        clear(self._lines)
        self.documents = []
        if submission is None:
            return
        label = data.filing_label(loaded, submission)
        self.tag.set_status(label.status, label.text, icon=label.icon)
        note = "　".join(p for p in (submission.court_name, submission.court_number) if p)
        if self.header is not None:
            self.header.note.setText(note)
        said = (
            (filings_of.objection_words(submission), "overdue"),
            (waiting_words(loaded), "waiting"),
            (refused_words(loaded), "overdue"),
            (settled_words(loaded), "textSecondary"),
            (late_words(loaded), "dueToday"),
        )
        for text, tone in said:
            if text:
                self._lines.addWidget(Text(text, role="label", tone=tone, wrap=True))
        if loaded.view is not None and loaded.view.left_behind:
            without = Button(self.look, WITHOUT, name="confirmation.without.ask", icon="undo-2", compact=True)
            without.clicked.connect(self.without_asked)
            self._lines.addLayout(row(without, None))
        elif loaded.recallable:
            words = RECALL[loaded.recallable]
            recall = Button(self.look, words, name="confirmation.recall.ask", icon="undo-2", compact=True)
            recall.clicked.connect(self.recall_asked)
            self._lines.addLayout(row(recall, None))
        if submission.submission_id != self._of:
            self._of, self._whole = submission.submission_id, False
        events = tuple(reversed(submission.events))
        shown = events if self._whole or len(events) <= LATEST + 1 else events[:LATEST]
        for number, event in enumerate(shown):
            if number:
                self._lines.addWidget(Divider())
            self._event(event, loaded, newest=number == 0)
        if len(shown) < len(events):
            self._lines.addLayout(row(self._earlier(len(events) - len(shown), loaded), None))
        if not events and (loaded.held is None or loaded.held.going):
            self._lines.addWidget(Text(_written(submission), role="label", tone="textSecondary", wrap=True))

    def _event(self, event: SubmissionEvent, loaded: data.Loaded, *, newest: bool) -> None:
        role = "bodyStrong" if newest else "body"
        title = Text(filing_step(event).text, role=role)
        self._lines.addLayout(row(title, None, Text(when(event.at), role="label", tone="textSecondary")))
        if event.note:
            self._lines.addWidget(Text(event.note, role="label", tone="textSecondary", wrap=True))
        if event.asked:
            self._asked(event, loaded, newest=newest)
        if event.documents:
            self._lines.addLayout(self._documents(event.documents))
        if newest and loaded.untold:
            self._lines.addWidget(Text(UNTOLD, role="label", tone="textSecondary", wrap=True))
            told = Button(self.look, TOLD, name="confirmation.told", icon="check", compact=True)
            told.clicked.connect(self.told_asked)
            self._lines.addLayout(row(told, None))

    def _asked(self, event: SubmissionEvent, loaded: data.Loaded, *, newest: bool) -> None:
        until = f"，{until_text(event.answer_by, loaded.today)}前补交" if event.answer_by else ""
        words = f"要补：{listed(event.asked)}{until}。"
        tone = "dueToday" if loaded.asked and newest else "textSecondary"
        if loaded.asked and newest and event.answer_by is not None and event.answer_by < loaded.today:
            late = (loaded.today - event.answer_by).days
            words, tone = f"{words}已经过了 {late} 天，请赶快补交，或者和法院联系。", "overdue"
        self._lines.addWidget(Text(words, role="label", tone=tone, wrap=True))

    def _documents(self, documents: Sequence[ResultDocument]) -> QHBoxLayout:
        line = row(spacing=8)
        for document in documents:
            name = document_name(document)
            number = len(self.documents)
            button = Button(
                self.look, f"看{name}", name=f"confirmation.document.{number}", icon="file-text", compact=True
            )
            button.clicked.connect(self._slot(document.sha256))
            self.documents.append(button)
            line.addWidget(button)
        line.addStretch(1)
        return line

    def _slot(self, sha256: str) -> object:
        return lambda: self.documents_asked.emit(sha256)


def _written(submission: Submission) -> str:
    return f"第 {submission.round} 次申请，等平台的回执。"


NO_PAPER = "还没有生效的书面协议"
NO_PAPER_HINT = "写好协议、各方签名盖章以后，在 30 日内可以一起申请司法确认。"


class NothingYet(QWidget):
    """There is no effective written agreement: what has to come first."""

    acted = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__()
        from ui.widgets.states import EmptyState

        self.empty = EmptyState(
            look, NO_PAPER, name="confirmation.empty", icon="landmark", hint=NO_PAPER_HINT, action="起草协议"
        )
        self.empty.acted.connect(self.acted)
        self.setLayout(column(self.empty))

    def show_why(self, oral: str) -> None:
        """``oral``: why an oral agreement does not go to the court; empty while there is none at all."""
        said, _, next_step = oral.partition("。")
        self.empty.set_texts(said or NO_PAPER, next_step or NO_PAPER_HINT)
        self.empty.button.relabel("看登记的协议" if oral else "起草协议")


def enter_step(page: ConfirmationPage, step: str) -> None:
    """Go to the signing dates, or to the part of the page that the step is about."""
    if step == "effective":
        page.navigate.emit("effective", {"case_id": page.case_id})
    else:
        bring_into_view(page.materials if step in ("materials", "lodge") else page.track)
