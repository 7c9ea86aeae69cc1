"""What the court answered and a platform that was restored from a backup does not show any more."""

from __future__ import annotations

from PySide6.QtCore import Signal

from app.domain.casefile import ResultDocument
from app.domain.phrases import listed
from app.services.kept_answers import Events, KeptAnswers
from ui.dialogs.viewer import document_name
from ui.labels import filing_step, until_text
from ui.pages import confirmation_data as data
from ui.pages.agreement_parts import when
from ui.theme.look import Look
from ui.widgets.base import Divider, Text, clear, column, identify, row
from ui.widgets.buttons import Button
from ui.widgets.cards import Card

TITLE = "法院已经答复过，平台还没有补回"
RESTORED = "平台从备份恢复过，现在显示的是以前的进展。法院答复过的还记在本机，没有丢："
OTHER = "法院文书有两份，不一样"
OTHER_PAPERS = "平台上现在的文书，和本机原来收到的不一样。原来收到的还在，没有丢："
ASK_WHICH = "以哪一份为准，请问法院。"
BY_HAND = "法院要补的先备好；平台一直没有补回的，在期限内带文书到法院窗口交。"
COMES_BACK = "平台补回以后，这里自动对上，不用您重新提交。"


def what_to_do(kept: tuple[KeptAnswers, ...]) -> str:
    """What holds now, and what the person has to do."""
    if _again(kept):
        return ASK_WHICH
    events = tuple(event for one in kept for event in one.events)
    papers = [paper for event in events for paper in event.documents]
    away = list(dict.fromkeys(document_name(p) for p in papers if any(p.sha256 in one.away for one in kept)))
    parts = [f"以法院的{document_name(papers[-1])}为准。" if papers else "以法院说的为准。"]
    if away:
        parts.append(f"{'、'.join(away)}还没有取到本机，平台有了会自动取来；急用请向法院要。")
    if events[-1].asked:
        parts.append(BY_HAND)
    return "".join((*parts, COMES_BACK))


def _again(kept: tuple[KeptAnswers, ...]) -> bool:
    """Whether the platform has come as far again, with other papers."""
    return all(
        event.state in {told.state for told in one.submission.events} for one in kept for event in one.events
    )


class KeptCard(Card):
    """The answers that are kept. ``documents_asked(sha256)`` opens a paper, ``print_asked`` prints it."""

    documents_asked = Signal(str)
    print_asked = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__(TITLE)
        self.look = look
        identify(self, "confirmation.kept", TITLE)
        self._lines = column(spacing=8)
        self.add(self._lines)
        self.documents: list[Button] = []

    def show_loaded(self, loaded: data.Loaded) -> None:
        """Show one reading; hidden while the platform tells all that it ever told."""
        kept = loaded.kept
        self.setVisible(bool(kept))
        clear(self._lines)
        self.documents = []
        if not kept:
            return
        title, said = (OTHER, OTHER_PAPERS) if _again(kept) else (TITLE, RESTORED)
        if self.header is not None:
            self.header.set_texts(title)
        self._say(said, "dueToday")
        for one in kept:
            latest = loaded.submission
            other = latest is not None and one.submission.submission_id != latest.submission_id
            self._events(f"第 {one.submission.round} 次申请　" if other else "", one.events, loaded)
        self._lines.addWidget(Divider())
        self._say(what_to_do(kept), "text")

    def _say(self, words: str, tone: str) -> None:
        self._lines.addWidget(Text(words, role="label", tone=tone, wrap=True))

    def _events(self, which: str, events: Events, loaded: data.Loaded) -> None:
        for event in events:
            title = Text(f"{which}{filing_step(event).text}", role="bodyStrong")
            at = Text(when(event.at), role="label", tone="textSecondary")
            self._lines.addLayout(row(title, None, at))
            if event.note:
                self._say(event.note, "textSecondary")
            if event.asked:
                by = event.answer_by
                until = f"，{until_text(by, loaded.today)}前补交" if by is not None else ""
                self._say(f"要补：{listed(event.asked)}{until}。", "dueToday")
            for paper in event.documents:
                self._paper(paper)

    def _paper(self, paper: ResultDocument) -> None:
        name, number = document_name(paper), len(self.documents) // 2
        look = Button(
            self.look, f"看{name}", name=f"confirmation.kept.{number}", icon="file-text", compact=True
        )
        look.clicked.connect(lambda: self.documents_asked.emit(paper.sha256))
        out = Button(
            self.look, f"打印{name}", name=f"confirmation.kept.{number}.print", icon="printer", compact=True
        )
        out.clicked.connect(lambda: self.print_asked.emit(paper.sha256))
        self.documents += [look, out]
        line = row(look, out, spacing=8)
        line.addStretch(1)
        self._lines.addLayout(line)
