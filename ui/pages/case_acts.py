"""What is done to a case from its page: small forms, each one write with undo or a confirmation."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from app.clock import SHANGHAI, shanghai
from app.domain import casefile as cf
from app.domain import performance, short_title
from app.domain.errors import UserError
from app.services.case_seen import seen_of
from app.services.handling import AnotherAppointmentError, AnotherTitleError, Appointment
from ui.dialogs.closing import open_closing
from ui.dialogs.confirm import Confirmation
from ui.dialogs.form import FormDialog
from ui.pages.case_data import CaseData
from ui.pages.case_parties import AgentForm, PartyForm
from ui.pages.working import show_under_fields
from ui.widgets.dates import DateField, DateTimeField
from ui.widgets.fields import AutoSaveText, FormField, LineEdit
from ui.widgets.masked import Deliver, MaskedField

if TYPE_CHECKING:
    from app.services.office import Office
    from ui.pages.working import WorkingPage

SAID = "已存好，10 秒后发送。"


class CaseActs:
    """The forms of one page; each opens, writes through the page and closes when kept."""

    def __init__(self, page: WorkingPage, data: Callable[[], CaseData]) -> None:
        self._page, self._data = page, data

    def go_on(self, form: str) -> None:
        """Open the form of a draft again, from 今日; ``form`` is the draft's kind."""
        kind, _, record = form.partition("@")
        if record and kind != "perform" and record not in self._data().view.file.parties:
            return
        openers: dict[str, Callable[[], None]] = {
            "close": self.close_case,
            "rename": self.rename,
            "plan": self.plan_session,
            "suspend": self.suspend,
            "party": (lambda: self.edit_party(record)) if record else self.add_party,
            "agent": lambda: self.set_agent(record),
        }
        if kind in openers:
            openers[kind]()

    def _open(
        self,
        title: str,
        fields: dict[str, FormField | QWidget],
        action: str,
        name: str,
        text: str = "",
        *,
        draft: str = "",
    ) -> FormDialog:
        """``draft`` is the kind of the form's draft, with the party or record it is of behind an @."""
        form = FormDialog(self._page.look, self._page, title, fields, action=action, name=name, text=text)
        if draft:
            form.keep(self._page, draft, self._data().case_id)
        form.open()
        return form

    def _keep(
        self,
        form: FormDialog,
        name: str,
        work: Callable[[Office], object],
        said: str = SAID,
        told: Callable[[UserError], None] = lambda _error: None,
    ) -> None:
        """``told`` hears of a refusal whose words the person has read."""
        for one in form.fields.values():
            one.show_problem("")

        def refused(error: UserError) -> bool:
            if not show_under_fields(error, form.fields):
                shown = next(iter(form.fields.values()), None)
                if shown is None:
                    return False
                shown.show_problem(error.message)
                shown.take_focus()
            told(error)
            return True

        self._page.save(name, form.using(work), lambda _value: form.carried_out(), said=said, refused=refused)

    def rename(self) -> None:
        """改简称: checked against personal data while it is written."""
        data = self._data()
        parties = tuple(data.view.file.parties.values())
        line = LineEdit("案件简称", name="case.rename.title", text=data.head.title)
        field = FormField(
            "案件简称", line, hint="列表、提醒里都显示它，不写姓名和门牌。",
            check=lambda: short_title.problem(line.text(), parties) or "",
        )  # fmt: skip
        form = self._open("改简称", {"title": field}, "改好", "case.rename", draft="rename")
        seen = data.head.title

        def told(error: UserError) -> None:
            nonlocal seen
            if isinstance(error, AnotherTitleError):
                seen = error.now

        def given() -> None:
            title, saw = line.text(), seen
            self._keep(
                form, "改简称", lambda office: office.handling.rename(data.case_id, title, saw), told=told
            )

        form.given.connect(given)

    def plan_session(self) -> None:
        """约下次调解."""
        data, page = self._data(), self._page
        head = data.head
        start = shanghai(head.next_session_at).replace(tzinfo=None) if head.next_session_at else None
        at = DateTimeField(
            page.look, "什么时候", name="case.plan.at", today=page.office.desk.today, value=start
        )
        place = LineEdit(
            "在哪里", name="case.plan.place", text=head.next_session_place, placeholder="如 第二调解室"
        )
        fields: dict[str, FormField | QWidget] = {
            "at": FormField(
                "什么时候", at, check=lambda: at.problem() or ("" if at.value() else "写日子和钟点。")
            ),
            "place": FormField("在哪里", place, optional=True),
        }
        seen = Appointment.of(head)
        # Said beside the fields: they may hold what was typed before it was made.
        words = seen.words(self._page.office.desk.today())
        stands = f"现在约的是 {words}。" if words else ""
        form = self._open(plan_words(head), fields, "约好", "case.plan", stands, draft="plan")

        def told(error: UserError) -> None:
            nonlocal seen
            if isinstance(error, AnotherAppointmentError):
                seen = error.now

        def given() -> None:
            moment = at.value()
            when = moment.replace(tzinfo=SHANGHAI) if moment else None
            where, saw = place.text(), seen
            self._keep(
                form, "约下次调解",
                lambda office: office.handling.plan_session(data.case_id, when, where, saw), told=told,
            )  # fmt: skip

        form.given.connect(given)

    def cancel_session(self) -> None:
        """不约了: the appointment goes, which can be undone."""
        data = self._data()
        seen = Appointment.of(data.head)
        self._page.save(
            "取消约定", lambda office: office.handling.plan_session(data.case_id, None, "", seen), said=SAID
        )

    def suspend(self) -> None:
        """暂停计时."""
        data, page = self._data(), self._page
        reason = LineEdit("为什么暂停", name="case.suspend.reason", placeholder="如 送鉴定")
        day = DateField(
            page.look, "从哪天起不计", name="case.suspend.day", today=page.office.desk.today,
            value=page.office.desk.today(),
        )  # fmt: skip
        fields: dict[str, FormField | QWidget] = {
            "reason": FormField("为什么暂停", reason),
            "first_day": FormField("从哪天起不计", day, check=lambda: day_problem(day)),
        }
        form = self._open(
            "暂停计时", fields, "暂停", "case.suspend", "要有双方书面同意或鉴定委托，请加进材料。",
            draft="suspend",
        )  # fmt: skip

        def given() -> None:
            first, words = day.value(), reason.text()
            if first is not None:
                self._keep(
                    form, "暂停计时", lambda office: office.handling.suspend(data.case_id, words, first)
                )

        form.given.connect(given)

    def resume_clock(self) -> None:
        """恢复计时."""
        data, page = self._data(), self._page
        seen = next((span.record_id for span in data.head.suspensions if span.last_day is None), "")
        day = DateField(
            page.look, "不计的最后一天", name="case.resume.day", today=page.office.desk.today,
            value=page.office.desk.today(),
        )  # fmt: skip
        fields: dict[str, FormField | QWidget] = {
            "last_day": FormField(
                "不计的最后一天", day, hint="这一天也不计，第二天接着算。", check=lambda: day_problem(day)
            )
        }
        form = self._open("恢复计时", fields, "恢复", "case.resume")

        def given() -> None:
            last = day.value()
            if last is not None:
                self._keep(
                    form, "恢复计时",
                    lambda office: office.handling.resume_clock(data.case_id, last, seen),
                )  # fmt: skip

        form.given.connect(given)

    def resume_case(self) -> None:
        """再谈一次."""
        data = self._data()
        act, seen = "再谈一次", seen_of(data.view.file)

        def again() -> None:
            self._page.save(act, lambda office: office.closing.resume(data.case_id, seen), said=SAID)

        done = performance.in_words(data.view.file, seen.agreement.performed)
        if not done:
            again()
            return
        asked = Confirmation(
            title=act,
            effects=(
                f"这份协议已登记履行：{done}。双方要照着履行（《人民调解法》第31条），都同意再谈才办。",
                "协议先不算数，案件回到“调解中”。登记过的都留着，新的协议要写清已经付的怎么算。",
            ),
            lasting="按了以后 10 秒内可以“撤销”。",
            action=act,
            icon="undo-2",
        )
        self._page.confirmed(act, self._page.with_outlook(asked), again, dialog="case.again")

    def close_case(self) -> None:
        """去结案."""
        open_closing(self._page, self._data().case_id)

    def call(self, party_id: str, show: Callable[[str, str, str, Deliver], None]) -> None:
        """联系一位当事人 while the case is handled: the number on asking, and what was said as a note."""
        data, page = self._data(), self._page
        party = next(p for p in data.parties if p.party_id == party_id)
        who = party.masked["name"]
        said = AutoSaveText(page.look, "说了什么", name="case.call.said", placeholder="一两句")
        said.setFixedHeight(page.look.metrics.px(84))

        def words() -> str:
            return said.toPlainText().strip()

        fields: dict[str, FormField | QWidget] = {}
        if party.masked["phone"]:
            fields["number"] = MaskedField(
                page.look, "电话", party.masked["phone"], name="case.call.phone",
                reveal=lambda reason, deliver: show(party_id, "phone", reason, deliver), noun="号码",
            )  # fmt: skip
        fields["text"] = FormField(
            "说了什么", said, check=lambda: "" if said.toPlainText().strip() else "写一句再存。"
        )
        form = self._open(f"联系 {who}", fields, "记下", "case.call", draft=f"call@{party_id}")
        form.given.connect(
            lambda: self._keep(
                form,
                "记一笔",
                lambda office: office.handling.add_note(data.case_id, f"联系{who}：{words()}"),
            )
        )  # fmt: skip

    def edit_party(self, party_id: str) -> None:
        """改资料: only what was touched is sent."""
        data = self._data()
        view = next(p for p in data.parties if p.party_id == party_id)
        form = PartyForm(
            self._page.look, self._page, self._page.office.desk.today, data.view.file.parties[party_id], view
        )
        form.keep(self._page, f"party@{party_id}", data.case_id)
        form.given.connect(
            lambda: self._keep(
                form, "改当事人资料",
                lambda office: office.parties.edit(data.case_id, party_id, form.changes(), form.seen()),
            )
        )  # fmt: skip
        form.open()

    def add_party(self) -> None:
        """加当事人."""
        data = self._data()
        form = PartyForm(self._page.look, self._page, self._page.office.desk.today, None, None)
        form.keep(self._page, "party", data.case_id)
        form.given.connect(
            lambda: self._keep(
                form, "加当事人", lambda office: office.parties.add(data.case_id, form.party())
            )
        )
        form.open()

    def set_agent(self, party_id: str) -> None:
        """加代理人 or 改代理人."""
        data = self._data()
        form = AgentForm(self._page.look, self._page, data.view.file.parties[party_id].agent)
        form.keep(self._page, f"agent@{party_id}", data.case_id)

        def given() -> None:
            agent, saw = form.agent(), form.seen()
            self._keep(
                form, "存代理人",
                lambda office: office.parties.set_agent(data.case_id, party_id, agent, saw), told=form.told,
            )  # fmt: skip

        form.given.connect(given)
        form.open()


def plan_words(head: cf.Case) -> str:
    """What :meth:`CaseActs.plan_session` is called: button, menu and form say the same."""
    return "改约时间" if head.next_session_at else "约下次调解"


def day_problem(field: DateField) -> str:
    """What is wrong with a day that has to be given; empty when nothing is."""
    return field.problem() or ("" if field.value() else "写一个日子，如 11-23。")
