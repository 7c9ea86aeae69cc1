"""Every dialog on the smallest screen with the largest letters lies on it, and so do its buttons."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from types import SimpleNamespace

import pytest
from PySide6.QtCore import QPoint, QRect
from PySide6.QtWidgets import QAbstractButton, QAbstractScrollArea, QDialog, QWidget

import ui
from app.domain import closing as rules
from app.domain import exits
from app.paths import ProfilePaths
from app.services.agreement_seen import Seen
from app.services.case_seen import CaseSeen
from app.services.closing import ClosingForm
from app.services.conflict_views import ConflictView, Version
from app.services.enrolment import Wish
from app.services.past_parties import PastParty
from app.services.settings import RuleView
from tests.helpers.case_desk import CASE, told_case
from tests.helpers.desks import make_workplace
from tests.helpers.pages import Bench
from tests.helpers.screens import assert_not_clipped, grab, settle
from tests.unit.ui.dialogs.test_viewer import pdf
from ui.dialogs.base import BodyArea, Dialog, room_on_screen
from ui.dialogs.closing import ClosingDialog
from ui.dialogs.colleague import ColleagueDialog
from ui.dialogs.confirm import Confirmation, ConfirmDialog
from ui.dialogs.form import FormDialog
from ui.dialogs.form_draft import KeptDialog
from ui.dialogs.kept_sheet import KeptSheetDialog
from ui.dialogs.large_paper import LargePaper
from ui.dialogs.paper import PaperDialog
from ui.dialogs.past_party import PastPartyDialog
from ui.dialogs.reason import ReasonDialog, ReasonRequest
from ui.dialogs.recovery import RecoveryDialog
from ui.dialogs.register_revoked import RegisterRevokedDialog
from ui.dialogs.settings_dialogs import (
    NewCodeDialog,
    PassphraseDialog,
    PlainDialog,
    RuleDialog,
    TextDialog,
)
from ui.dialogs.sign_in import EnrolAgainDialog, EnrolDialog, PlatformDialog, SignInDialog
from ui.dialogs.viewer import ViewerDialog, ViewItem
from ui.dialogs.whole_text import WholeTextDialog
from ui.failures.dialog import FailureDialog
from ui.failures.texts import FailureText
from ui.frame.help import HelpDialog
from ui.pages.case import CasePage
from ui.pages.case_data import read_case
from ui.pages.case_files import FileForm, Incoming
from ui.pages.case_parties import AgentForm, PartyForm
from ui.pages.session_people import PersonForm
from ui.pages.sync_settled import SettledDialog
from ui.pages.today_calendar import AddItemDialog, CalendarDialog
from ui.theme.look import Look
from ui.widgets.fields import AutoSaveText, FormField, LineEdit
from ui.widgets.paper import PaperPreview

BASES = {Dialog, KeptDialog, PlainDialog, PlatformDialog, KeptSheetDialog}
LONG = "这一句写得长一些，让它在大字里也要折成几行，好看看下面的按钮还在不在屏幕上。" * 3
SIX = tuple((f"k{n}", f"第 {n} 种情况", "当事人和发生地都不在") for n in range(6))


def closing_form() -> ClosingForm:
    routes = exits.routes(exits.pre_answers("neighbour"))
    methods = rules.offered(rules.packaged_methods(), "failed")
    seen = CaseSeen("failed", "", 0, (), Seen())
    return ClosingForm("failed", "分歧较大", methods, (), None, routes, seen)


def with_desk(kind: type, at: SimpleNamespace) -> QDialog:
    return kind(at.look, at.operations, at.paths, at.desk, at.page)


def form(at: SimpleNamespace) -> QDialog:
    text = AutoSaveText(at.look, "小结", name="some.text")
    text.setFixedHeight(at.look.metrics.px(200))
    lines = {f"l{n}": FormField("一项", LineEdit("一项", name=f"some.l{n}"), hint=LONG) for n in range(4)}
    return FormDialog(
        at.look,
        at.page,
        "一张长表",
        {"text": FormField("小结", text), **lines},
        action="存好",
        name="some",
        text=LONG,
    )


def large_paper(at: SimpleNamespace) -> QDialog:
    source = PaperPreview(at.look, "样张", name="some.preview")
    source.setParent(at.page)
    source.show_pdf(pdf())
    return LargePaper(at.look, "调解协议书", source, at.page)


def past_party(look: Look) -> QDialog:
    many = tuple(
        PastParty(
            "case-1",
            f"party-{n}",
            "柳**",
            "138****4471　310***********3421",
            n,
            "小区停车费涨价（2026年11月，被申请人）",
        )
        for n in range(1, 9)
    )
    return PastPartyDialog(look, lambda _text, show: show(many), start="柳")


def viewer(at: SimpleNamespace) -> QDialog:
    items = [ViewItem(f"k{n}", f"第 {n} 份", "application/pdf", covered=n == 0) for n in range(30)]
    return ViewerDialog(at.look, at.operations, lambda _item: pdf(), items, at.page)


def settled(at: SimpleNamespace) -> QDialog:
    one = Version(LONG, "周敏芳", "2026-11-20T08:20:00.000Z")
    dialog = SettledDialog(at.look, at.page)
    dialog.show_view(
        ConflictView(
            conflict_id="c1", case_id=CASE, case_title="咬伤赔偿", field="claims", what="诉求", base=one,
            mine=one, theirs=one, masked=True, editable=True, mine_possible=True, why_not_mine="", act=None,
            note="", at_stake="", decision=False, settled=True, taken_back=False, same=False,
            choice="edited", chosen=one, now=LONG, may_take=("mine", "theirs"), position=(0, 0), stamp="",
        )
    )  # fmt: skip
    return dialog


OPENERS: dict[type, Callable[[SimpleNamespace], QDialog]] = {
    ConfirmDialog: lambda at: ConfirmDialog(
        at.look, Confirmation("发给平台", (LONG,) * 8, "发送给平台", lasting=LONG), at.page
    ),
    ReasonDialog: lambda at: ReasonDialog(
        at.look, ReasonRequest("退回平台", LONG, "写好，去确认", choices=SIX, follow=LONG), at.page
    ),
    FormDialog: form,
    ClosingDialog: lambda at: ClosingDialog(at.page, CASE, closing_form(), {}, LONG),
    PartyForm: lambda at: PartyForm(at.look, at.page, at.desk.today, None, None),
    AgentForm: lambda at: AgentForm(at.look, at.page, None),
    FileForm: lambda at: FileForm(at.look, at.page, at.data, (Incoming("墙面.png", content=b"x"),)),
    PersonForm: lambda at: PersonForm(at.look, at.page, at.data),
    PassphraseDialog: lambda at: with_desk(PassphraseDialog, at),
    NewCodeDialog: lambda at: NewCodeDialog(at.look, at.operations, at.page),
    RuleDialog: lambda at: RuleDialog(
        at.look, RuleView("contact_days", at.desk.rules.contact_days), lambda _rule, _then: None, at.page
    ),
    TextDialog: lambda at: TextDialog(
        at.look, "来源和版本", [("一节", LONG)] * 20, name="some", parent=at.page
    ),
    LargePaper: large_paper,
    PaperDialog: lambda at: PaperDialog(
        at.look, at.operations, pdf, at.page, title="人民调解申请书", note="已遮挡"
    ),
    ViewerDialog: viewer,
    ColleagueDialog: lambda at: ColleagueDialog(
        at.look, at.operations, at.paths, at.desk.clock, at.page, hint=LONG
    ),
    RecoveryDialog: lambda at: RecoveryDialog(
        at.look, at.operations, at.paths, at.desk.clock, "zhou", at.page
    ),
    SignInDialog: lambda at: SignInDialog(at.look, at.operations, at.desk, at.page),
    EnrolAgainDialog: lambda at: with_desk(EnrolAgainDialog, at),
    EnrolDialog: lambda at: EnrolDialog(
        at.look, at.operations, at.paths, at.desk, Wish("https://platform.example", "zhou", "服务台"), at.page
    ),
    RegisterRevokedDialog: lambda at: RegisterRevokedDialog(
        at.look, at.operations, at.paths, at.desk.clock, "zhou", lambda desk: desk, at.page
    ),
    FailureDialog: lambda at: FailureDialog(
        at.look, FailureText("bug", "出了一个错", LONG * 3, LONG, "E-1", "x\n" * 40), at.page, retry=True
    ),
    AddItemDialog: lambda at: AddItemDialog(at.page, at.desk.today()),
    CalendarDialog: lambda at: CalendarDialog(at.page),
    PastPartyDialog: lambda at: past_party(at.look),
    WholeTextDialog: lambda at: WholeTextDialog(
        at.look, "本机写的：协议书定稿", [("一项", LONG)] * 20, at.page, note=LONG
    ),
    SettledDialog: settled,
    HelpDialog: lambda at: HelpDialog(
        at.look, "快捷键", LONG, [("到处可用", [("Ctrl+K", LONG)] * 9)] * 3, at.page
    ),
}
"""How each dialog is opened, with more words than it usually has."""


@pytest.fixture
def at(qtbot, plain_look, tmp_path):
    place = make_workplace(tmp_path / "profile")
    bench = Bench(qtbot, plain_look, place, tmp_path)
    told_case(place)
    bench.add(CasePage(bench.context))
    plain_look.metrics.set_scale(1.5)
    bench.shell.resize(1360, 730)
    bench.show("case", case_id=CASE)
    page = bench.shell.current
    yield SimpleNamespace(
        bench=bench, page=page, look=plain_look, desk=place.desk, operations=bench.operations,
        paths=ProfilePaths(tmp_path / "profile"), data=read_case(bench.context.office, CASE),
    )  # fmt: skip
    bench.close()


def all_dialogs() -> set[type]:
    for module in pkgutil.walk_packages(ui.__path__, "ui."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    found: set[type] = set()
    left = [QDialog]
    while left:
        for kind in left.pop().__subclasses__():
            if kind.__module__.startswith("ui."):
                found.add(kind)
            left.append(kind)
    return found


def test_every_dialog_has_the_one_base_and_is_opened_here() -> None:
    found = all_dialogs()
    assert [kind.__name__ for kind in found if not issubclass(kind, Dialog)] == []
    assert {kind.__name__ for kind in found - BASES} == {kind.__name__ for kind in OPENERS}


def on_screen(widget: QWidget) -> QRect:
    return QRect(widget.mapToGlobal(QPoint(0, 0)), widget.size())


def stands(part: QWidget, dialog: QDialog) -> bool:
    """Whether it is no part of what scrolls."""
    step = part.parentWidget()
    while step is not None and step is not dialog:
        if isinstance(step, QAbstractScrollArea):
            return False
        step = step.parentWidget()
    return True


@pytest.mark.parametrize("kind", OPENERS, ids=lambda kind: kind.__name__)
def test_its_buttons_lie_on_a_low_screen_in_large_letters(at, kind) -> None:
    dialog = OPENERS[kind](at)
    dialog.open()
    at.bench.idle()
    grab(dialog, f"dialog-{kind.__name__}-150")
    check(dialog)
    fields = getattr(dialog, "fields", {})
    for field in fields.values():
        field.show_problem(LONG)
    settle()
    check(dialog)
    dialog.done(0)
    at.bench.idle()


def check(dialog: QDialog) -> None:
    room = room_on_screen(dialog)
    assert room.contains(dialog.geometry()), f"{dialog.geometry()} is not on {room}"
    buttons = [b for b in dialog.findChildren(QAbstractButton) if b.isVisible() and stands(b, dialog)]
    assert buttons, "no button that stands"
    for button in buttons:
        place = on_screen(button)
        assert room.contains(place), f"{button.objectName()} lies at {place}, the screen is {room}"
        assert on_screen(dialog).contains(place), f"{button.objectName()} sticks out of its dialog"
        seen = button.visibleRegion().boundingRect().size()
        assert seen == button.size(), f"{button.objectName()} is covered"
    for area in dialog.findChildren(BodyArea):
        highest = min(room.height(), dialog.maximumHeight())
        whole = area.verticalScrollBar().maximum() == 0 or dialog.height() == highest
        assert whole, f"it scrolls in {dialog.height()} px though {highest} are to be had"
    assert_not_clipped(dialog)
