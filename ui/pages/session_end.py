"""The end of a mediation session: its result, the next day, the record printed for signing (结束这次调解)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QWidget

from app.clock import SHANGHAI
from app.domain.errors import FieldErrors, UserError
from app.services.changes import Written
from app.services.handling import Appointment, SessionEntry
from ui.dialogs.form import FormDialog
from ui.dialogs.paper import PaperDialog
from ui.pages.session_data import Ending, SessionData, Writing, with_draft
from ui.pages.working import WorkingPage
from ui.widgets.dates import DateTimeField
from ui.widgets.fields import AutoSaveText, FormField, LineEdit
from ui.widgets.radio_cards import RadioCardGroup

RESULTS = (
    ("agreed", "谈成了", "接着起草协议"),
    ("not_agreed", "没谈成", "接着看别的出路"),
    ("next_time", "另定时间", "约下次的日子和地点"),
)


BESIDE = frozenset({"present", "segments", "rights_told_at"})
"""What is written on the page, not in the dialog that asks for the result."""


class SessionEnd:
    """Asks for the result and stores the record.

    ``over(written)`` once it is stored, ``lacking(words)`` when the service did not take it; ``touched()``
    when something was filled in, which stays with the record until that is stored.
    """

    def __init__(
        self,
        page: WorkingPage,
        over: Callable[[Written[str]], None],
        lacking: Callable[[str], None],
        touched: Callable[[], None],
    ) -> None:
        self._page, self._over, self._lacking, self._touched = page, over, lacking, touched

    def print_draft(self, data: SessionData, writing: Writing) -> None:
        """The record as it stands, marked 草稿."""
        page, office = self._page, self._page.office
        file, record_id = with_draft(data.case.view.file, writing, office, data.number)

        def make() -> bytes:
            extra = {"record_id": record_id}
            return office.papers.preview_of(file, "F05", masked=False, extra=extra).content

        dialog = PaperDialog(
            page.look, page.context.operations, make, page.window(), title="人民调解记录",
            note="还没有结束，印出来是草稿", name="session.paper",
        )  # fmt: skip
        dialog.start()

    def ask(self, data: SessionData, writing: Writing) -> None:
        """The result, and for another time its day and place; first what the record lacks before it ends."""
        unwritten = writing.entry("not_agreed", "", None, "")
        found = [e for e in self._page.office.handling.lacking(unwritten) if e.field in BESIDE]
        if found:
            self._lacking("".join(e.message for e in found))
            return
        page, look = self._page, self._page.look
        known = writing.ending or Ending(next_place=writing.place)
        result = RadioCardGroup(look, "这次的结果", RESULTS, name="session.end.result", columns=3)
        note = AutoSaveText(look, "一句话小结", name="session.end.note", placeholder="如 都同意先做鉴定")
        note.setFixedHeight(look.metrics.px(64))
        note.load(known.note)
        at = DateTimeField(look, "下次什么时候", name="session.end.next_at", today=page.office.desk.today)
        at.set_value(known.next_at)
        here = LineEdit("这次在哪里", name="session.end.place", placeholder="如 第二调解室")
        # Where it was not written beside the record: the printed one would have a blank place.
        asked_here = {} if writing.place.strip() else {"place": FormField("这次在哪里", here, optional=True)}
        place = LineEdit("下次在哪里", name="session.end.next_place", text=known.next_place)
        later = {
            "next_at": FormField("下次什么时候", at, check=at.problem),
            "next_place": FormField("下次在哪里", place, optional=True),
        }
        fields: dict[str, FormField | QWidget] = {
            "result": FormField("这次的结果", result, check=lambda: "" if result.value else "选一项结果。"),
            "result_note": FormField("一句话小结", note, optional=True),
            **asked_here,
            **later,
        }
        seen = Appointment.of(data.case.view.head)
        ahead = seen.at is not None and seen.at > page.office.desk.clock.now()
        words = seen.words(page.office.desk.today())
        stands = f"现在约的下次调解是 {words}，存好以后以这里填的为准。" if ahead else ""
        form = FormDialog(
            look, page, "结束这次调解", fields, action="存好，去打印签字", name="session.end", back="接着记",
            size="medium", text=f"{stands}存好后 10 秒内可以撤销，撤销后接着记。",
        )  # fmt: skip
        if known.result:
            result.choose(known.result)

        def fit() -> None:
            for one in later.values():
                one.setVisible(result.value == "next_time")

        def changed(*_: object) -> None:
            if asked_here:
                writing.place = here.text()
            writing.ending = Ending(
                result=result.value, note=note.toPlainText(), next_at=at.value(), next_place=place.text()
            )
            self._touched()

        def chosen(_key: str) -> None:
            form.fields["result"].show_problem("")
            fit()
            changed()

        fit()
        result.chosen.connect(chosen)
        for signal in (note.textChanged, at.changed, place.textChanged, here.textChanged):
            signal.connect(changed)

        def given() -> None:
            changed()
            moment = at.value() if result.value == "next_time" else None
            when = moment.replace(tzinfo=SHANGHAI) if moment else None
            where = place.text() if result.value == "next_time" else ""
            entry = writing.entry(result.value, note.toPlainText(), when, where)
            self._store(form, data.case.case_id, replace(entry, seen=seen))

        form.given.connect(given)
        form.open()

    def _store(self, form: FormDialog, case_id: str, entry: SessionEntry) -> None:
        def refused(error: UserError) -> bool:
            form.reject()
            words = [e.message for e in error.errors] if isinstance(error, FieldErrors) else [error.message]
            self._lacking("".join(words))
            return True

        def done(written: Written[str]) -> None:
            form.accept()
            self._over(written)

        self._page.save(
            "存调解记录", lambda office: office.handling.record_session(case_id, entry), done,
            said="已存好，10 秒后发送。", fields=form.fields, refused=refused,
        )  # fmt: skip
