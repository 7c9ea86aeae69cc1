"""What the pages from agreement to ruling share: header words, deadlines, papers, files to choose."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QFileDialog, QFrame, QWidget

from app.clock import shanghai
from app.domain import masking, roles
from app.domain.agreement import effectiveness_of
from app.domain.casefile import Agreement, Attachment, Case, Party
from app.domain.counting import Deadline
from app.domain.deadlines import remaining
from app.domain.filings_of import has_result
from app.domain.reducer import CaseFile
from app.domain.workdays import Calendar
from app.services.changes import Written
from ui.dialogs.awaiting import Awaiting
from ui.dialogs.files import open_file, save_file
from ui.dialogs.paper import PaperDialog
from ui.dialogs.printing import write_file
from ui.dialogs.viewer import ViewerDialog, attachment_items
from ui.labels import Label, month_day, short_day, time_left
from ui.widgets.base import row
from ui.widgets.buttons import Button
from ui.widgets.deadline import DeadlineView, Line, Span
from ui.widgets.gutter import FittingArea
from ui.widgets.stepper import Step

if TYPE_CHECKING:
    from app.services.office import Office
    from app.services.papers import Paper
    from ui.pages.working import WorkingPage

STEPS = ("写好", "打印签字", "登记生效日")
FILES = "扫描件和照片 (*.pdf *.jpg *.jpeg *.png *.webp *.bmp *.tif *.tiff)"


def names(file: CaseFile) -> str:
    """许** 与 唐**: the parties, masked."""
    return masking.parties_line(file.side("applicant"), file.side("respondent"))


def subtitle(file: CaseFile, *more: str) -> str:
    """Short title, number, parties and what else is to be said, masked."""
    head: Case = file.head
    return "　".join(part for part in (head.title, head.number, names(file), *more) if part)


@dataclass(frozen=True)
class Standing:
    """How far an agreement's text has come."""

    label: Label
    at: int
    """The step in hand, counted in :data:`STEPS`; behind the last one all are done."""
    go_on: str
    """Words of the primary button once the text is fixed."""
    signed: str = ""
    """What an agreement in force says of itself, in a sentence."""


def standing(file: CaseFile, *, writing: bool) -> Standing:
    """Where the agreement of a case stands: written, printed for signing, in force, ruled on."""
    if writing:
        return Standing(Label("草稿", "file-pen-line", "neutral"), 0, "去打印签字")
    effect = effectiveness_of(file)
    if effect is None or effect.complete_on is None:
        begun = effect is not None and effect.first_signed_on is not None
        label = Label("待签署", "pen-line", "dueSoon")
        return Standing(label, 2 if begun else 1, "接着登记签名盖章" if begun else "登记签名盖章")
    day = month_day(effect.complete_on)
    if fixed_paper(file).oral:
        words = f"口头协议{day}达成时生效。登记表由机构填写，当事人不用签名。"
        return Standing(Label(f"{day}生效", "circle-check", "ok"), len(STEPS), "", words)
    words = f"这份协议{day}生效，文字不再改动。签了字的原件以纸面为准。"
    if has_result(file):
        return Standing(Label("法院已确认有效", "circle-check", "ok"), len(STEPS), "看签名盖章日期", words)
    return Standing(Label(f"{day}生效", "circle-check", "ok"), len(STEPS), "看签名盖章日期", words)


@dataclass(frozen=True)
class FixedPaper:
    """The paper of an agreement, and what its button that begins a new version says."""

    form_id: str
    title: str
    write_anew: str

    @property
    def oral(self) -> bool:
        """Whether it is registered by the organisation and not signed by the parties."""
        return self is SPOKEN


WRITTEN = FixedPaper("F06", "人民调解协议书", "改协议（新版本）")
SPOKEN = FixedPaper("F07", "人民调解口头协议登记表", "补成书面协议")


def fixed_paper(file: CaseFile, *, writing: bool = False) -> FixedPaper:
    """The paper of the agreement that holds. What is being written (``writing``) is a written one whatever
    it takes the place of."""
    made = file.agreements.get(file.head.agreement_id)
    return SPOKEN if not writing and made is not None and made.form == "oral" else WRITTEN


def steps(where: Standing) -> list[Step]:
    """The three steps as the stepper shows them."""
    later = "定稿以后才能登记" if where.at == 0 else ""
    return [
        Step(
            f"s{n}",
            title,
            "",
            "done" if n < where.at else "now" if n == where.at else "todo",
            later if n == len(STEPS) - 1 else "",
        )
        for n, title in enumerate(STEPS)
    ]


def copies_words(agreement: Agreement) -> str:
    """How many copies to print, and who keeps them."""
    court = "，做司法确认的法院一份" if agreement.copies > len(agreement.party_ids) + 1 else ""
    return f"打印 {agreement.copies} 份：各方一份，机构一份{court}。签名、盖章时写上日期。"


def number_mark(number: int) -> str:
    """A number in its own kind: 一, 二, … twelve at most, then digits."""
    from app.documents import texts

    return texts.count(number)


def clock_view(
    title: str,
    deadline: Deadline | None,
    today: dt.date,
    calendar: Calendar,
    lines: Sequence[Line] = (),
    *,
    basis: str = "",
    over: str = "",
) -> DeadlineView:
    """A deadline with its arithmetic as the card shows it; ``over`` says in a word that it no longer runs."""
    if deadline is None:
        label = Label("还算不了", "clock", "dueSoon")
        return DeadlineView(title, None, "双方签完才开始算", label, lines=tuple(lines), basis=basis)
    left = remaining(deadline, today, calendar)
    gone = max((today - deadline.start_on).days, 0)
    sums = [
        Line(one.text, _short(one.value), strong=one.text.startswith("届满")) for one in deadline.explanation
    ]
    return DeadlineView(
        title=title,
        due=deadline.due_on,
        remaining=over or left.text,
        label=Label(over, "circle-check", "neutral") if over else time_left(left),
        spans=spans(deadline.start_on, deadline.due_on, today),
        start=f"最早 {short_day(deadline.start_on)}",
        # The day itself does not count (民法典 第二百零一条).
        end=f"{'' if over else _day_words(gone)}到 {short_day(deadline.due_on)}",
        lines=(*lines, *sums),
        basis="依据：" + "；".join(deadline.basis) if deadline.basis else basis,
        provisional=deadline.provisional,
        note="；".join(deadline.warnings),
    )


def spans(start: dt.date, due: dt.date, today: dt.date) -> tuple[Span, Span]:
    """Of the days from ``start`` to ``due``, how many have gone by and how many are left."""
    total = max((due - start).days, 1)
    spent = min(max((today - start).days, 0), total)
    return Span("spent", spent), Span("left", total - spent)


def _day_words(gone: int) -> str:
    return f"今天第 {gone} 天，" if gone else "明天起算，"


def _short(value: str) -> str:
    """11-21 from 2026-11-21; other values stay."""
    return value[5:] if len(value) == 10 and value[4] == "-" else value


def may_close(office: Office, file: CaseFile) -> bool:
    """Whether the person may now close the case as a success: agreed, in force, not closed yet."""
    role = office.desk.person.role
    effect = effectiveness_of(file)
    agreed = file.head.state == "agreed" and effect is not None and effect.is_effective
    return agreed and role is not None and roles.may(role, "case.close")


def offer_buttons(page: WorkingPage, offered: Sequence[Button], *conditional: Button) -> None:
    """Stand ``offered`` in the header; those of ``conditional`` that are not among them are put away."""
    if list(offered) == page.offered_buttons:
        return
    for button in conditional:
        if button not in offered:
            button.hide()
    page.set_actions(offered, page.primary)


def when(moment: dt.datetime) -> str:
    """11月23日 10:42 on Shanghai's clock."""
    local = shanghai(moment)
    return f"{local.month}月{local.day}日 {local:%H:%M}"


def choose_file(parent: QWidget, title: str, then: Callable[[Path], None], *, name: str) -> QFileDialog:
    """Have the person choose a scan; ``then(path)`` once chosen."""
    dialog = open_file(parent, title, FILES, name=name)
    dialog.fileSelected.connect(lambda path: then(Path(path)))
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def on_desk(sheet: QWidget) -> FittingArea:
    """A paper in the middle of its desk, scrolled upright."""
    desk = QFrame()
    desk.setProperty("kind", "papers")
    inside = row(None, sheet, None, spacing=0)
    inside.setStretch(1, 1000)
    inside.setContentsMargins(20, 18, 20, 18)
    desk.setLayout(inside)
    area = FittingArea()
    area.setWidget(desk)
    return area


def show_files(
    page: WorkingPage,
    case: CaseFile,
    files: Sequence[Attachment],
    *,
    title: str,
    index: int = 0,
) -> ViewerDialog:
    """Show files of the case from the vault; identity papers only for a reason."""
    office, case_id = page.office, case.head.case_id
    dialog = ViewerDialog(
        page.look,
        page.context.operations,
        lambda item: office.attachments.read(item.key),
        attachment_items(files, case.parties),
        page.window(),
        title=title,
        trace=lambda item, reason: office.reveal.attachment(case_id, item.key, reason),
        awaiting=lambda viewer: Awaiting(page.context, case_id, viewer),
        name=f"{page.key}.viewer",
    )
    dialog.start(index)
    return dialog


def whose(party: Party) -> str:
    """申请人 某公司的: whose paper; two masked names may read the same."""
    return f"{'申请人' if party.side == 'applicant' else '被申请人'} {masking.party_name(party)}的"


MASKED_PREVIEW = "预览里姓名、号码和金额遮住了，打印和存下的是完整的"


def show_paper(
    page: WorkingPage,
    make: Callable[[Office], bytes],
    *,
    title: str,
    note: str = "",
    name: str = "paper",
    case_id: str = "",
    final: Callable[[Office], Written[bytes]] | None = None,
    partly: Callable[[Office, tuple[str, ...]], bytes] | None = None,
) -> PaperDialog:
    """Preview a paper, then print it or keep it as PDF.

    One that is made of files of ``case_id`` waits for those that are not here; ``partly`` makes it without
    them. With ``final`` the preview is
    a draft, and that writes the paper when it is printed or kept.
    """
    office = page.office
    dialog = PaperDialog(
        page.look,
        page.context.operations,
        lambda: make(office),
        page.window(),
        title=title,
        note=note or (MASKED_PREVIEW if final is not None else ""),
        name=f"{page.key}.{name}",
        awaiting=(lambda paper: Awaiting(page.context, case_id, paper)) if case_id else None,
        final=(lambda: final(office)) if final is not None else None,
        partly=(lambda without: partly(office, without)) if partly is not None else None,
    )
    dialog.start()
    return dialog


def save_word(page: WorkingPage, make: Callable[[Office], Paper], title: str) -> QFileDialog:
    """Ask where, then write the Word version there."""
    dialog = save_file(
        page.window(), "存成 Word", f"{title}.docx", "Word (*.docx)", name=f"{page.key}.word.save"
    )
    office = page.office

    def start() -> None:
        path = Path(dialog.selectedFiles()[0])

        def write(_job: Any) -> Path:
            return write_file(path, make(office).content)

        page.context.operations.write(
            "存成 Word", write, lambda made: page.said.emit(f"已存成“{made.name}”，可以在 Word 里改。")
        )

    dialog.accepted.connect(start)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog


def party_words(party: Party | None) -> str:
    """The masked name of a party; 各方 without one."""
    return masking.party_name(party) if party is not None else "各方"
