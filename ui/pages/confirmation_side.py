"""Beside the pack: the clock with its arithmetic, the court and why, what a court would not confirm."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.domain import filings_of
from app.domain.casefile import Submission
from app.domain.filing import CourtChoice
from ui.pages import confirmation_data as data
from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, clear, column, identify, row
from ui.widgets.buttons import LinkButton
from ui.widgets.cards import Card
from ui.widgets.deadline import DeadlineCard
from ui.widgets.radio_cards import RadioCardGroup

HEAD = "向哪个法院申请"
REASON = "确有原因，写理由后继续"
ENFORCEABLE = (
    "裁定有效后，一方不履行或没有全部履行的，另一方可以在期限内拿裁定书向法院申请执行。"
    "依据：《民事诉讼法》（2023修正）第206条、第250条；以法院为准。"
)


DISMISSED = (
    "法院没有确认这份协议，不能凭它申请执行。双方可以再谈，变更原来的协议或者达成新的协议，再申请确认；"
    "也可以向法院起诉。依据：《民事诉讼法》（2023修正）第206条；以法院为准。"
)
OBJECTION = "《民事诉讼法解释》（2022）第372条；《民事诉讼法》（2023修正）第244条、第250条。"


def _heading(loaded: data.Loaded) -> str:
    if loaded.barred:
        return "裁定被撤销以后" if loaded.revoked else "裁定驳回以后"
    return "裁定有效以后" if loaded.settled else HEAD


class CourtCard(Card):
    """向哪个法院申请: cards with their reason; ``chosen(code)`` when the person chooses.

    Below it what a court may not confirm; ``reason_asked()`` when the person goes on nevertheless.
    """

    chosen = Signal(str)
    reason_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__(HEAD, " ")
        self.look = look
        identify(self, "confirmation.courts", "向哪个法院申请")
        self.group: RadioCardGroup | None = None
        self._courts: tuple[CourtChoice, ...] = ()
        self._place = column(spacing=8)
        self.add(self._place)
        self._icon = IconLabel(look, "shield-check", color="textSecondary", edge=18)
        self._content = Text("", role="label", tone="textSecondary", wrap=True)
        line = row(column(self._icon, None, spacing=0), self._content, spacing=8)
        line.setStretch(1, 1)
        self.add(line)
        self.reason_button = LinkButton(
            look, REASON, name="confirmation.reason.write", about="协议内容的提醒"
        )
        self.reason_button.clicked.connect(self.reason_asked)
        self.add(self.reason_button)

    def show_view(self, loaded: data.Loaded) -> None:
        """Show the courts of one reading."""
        view = loaded.view
        if view is None:
            return
        submission = loaded.submission if not loaded.editable or loaded.asked else None
        if submission is not None:
            self._fixed(
                submission.court_name,
                _handed(loaded, submission),
            )
        else:
            self._offer(view.courts, view.choices.court_code)
        if self.header is not None:
            self.header.set_texts(_heading(loaded))
        if loaded.over:
            self._enforceable(loaded.submission)
            return
        words = data.obstacle_words(view)
        self._content.setText(words)
        wanting, given = data.reasons_wanted(view)
        self.reason_button.setVisible(bool(wanting or given) and loaded.editable and not loaded.asked)
        self.reason_button.setText(REASON if wanting else "改理由")
        found = bool(view.obstacles)
        self._icon.set_icon(
            "triangle-alert" if found else "shield-check", "dueToday.fg" if found else "textSecondary"
        )
        self._content.set_tone("dueToday" if found else "textSecondary")

    def _enforceable(self, submission: Submission | None) -> None:
        """What the ruling is good for (民诉法 2023, 206, 250), or no longer is; nothing is left to check."""
        objection = filings_of.objection_words(submission)
        dismissed = submission is not None and submission.state == "dismissed"
        words = f"{objection}依据：{OBJECTION}" if objection else DISMISSED if dismissed else ENFORCEABLE
        self._content.setText(words)
        self._content.set_tone("overdue" if objection else "textSecondary")
        self._icon.set_icon(*(("triangle-alert", "overdue.fg") if objection else ("gavel", "textSecondary")))
        self.reason_button.hide()

    def _fixed(self, name: str, words: str) -> None:
        clear(self._place)
        self.group, self._courts = None, ()
        self._place.addWidget(Text(name, role="bodyStrong", wrap=True))
        self._place.addWidget(Text(words, role="label", tone="textSecondary"))

    def _offer(self, courts: tuple[CourtChoice, ...], code: str) -> None:
        # The whole of each: the same courts are competent in the next case for other reasons.
        if self.group is None or courts != self._courts:
            clear(self._place)
            self.group, self._courts = None, courts
            if not courts:
                words = "法院目录里没有能选的法院。联网后会更新目录，也可以带材料到法院窗口提交。"
                self._place.addWidget(Text(words, role="label", tone="dueToday", wrap=True))
                return
            choices = [(c.court.code, c.court.name, c.reason) for c in courts]
            self.group = RadioCardGroup(
                self.look, "向哪个法院申请", choices, name="confirmation.court", columns=1
            )
            for choice in courts:
                self.group.cards[choice.court.code].setToolTip(choice.basis)
            self._place.addWidget(self.group)
        if code in self.group.cards and self.group.value != code:
            self.group.choose(code)
        if not self.group.receivers("2chosen(QString)"):
            self.group.chosen.connect(self.chosen)


def _handed(loaded: data.Loaded, submission: Submission) -> str:
    """Whether the court shown has the application."""
    back = loaded.held is not None and loaded.held.stand == "back"
    if submission.state != "queued" or back:
        return "已经向这个法院提交"
    if loaded.held is not None and loaded.held.stand == "packed":
        return "将向这个法院提交，装进了离线交换包，还没有回执"
    if loaded.unread or (loaded.held is not None and loaded.held.stand == "doubt"):
        return "可能已经向这个法院提交，连上后先核对"
    return "将向这个法院提交，还没有发出"


class ConfirmationSide(QWidget):
    """Clock, court, contents."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.look = look
        identify(self, "confirmation.side", "期限和法院")
        self.clock: DeadlineCard | None = None
        self.courts = CourtCard(look)
        self._place = column(spacing=0)
        inside = column(self._place, self.courts, None, spacing=16)
        self.setLayout(inside)

    def show_loaded(self, loaded: data.Loaded) -> None:
        """Show one reading."""
        self.courts.setVisible(loaded.view is not None)
        if loaded.view is None:
            # Nothing of the case before stays beside one that has no agreement.
            clear(self._place)
            self.clock = None
            return
        shown = loaded.enforcement or data.supplement_deadline(loaded)
        shown = shown or data.deadline(loaded.view, loaded.today, loaded.calendar)
        if self.clock is None:
            self.clock = DeadlineCard(self.look, shown, name="confirmation.clock")
            self._place.addWidget(self.clock)
        else:
            self.clock.set_view(shown)
        self.courts.show_view(loaded)
