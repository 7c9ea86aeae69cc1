"""结案: 化解方式, a summary, what was told; then one confirmation, because the platform is told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from app.domain.errors import UserError
from app.services.case_seen import MOVED
from app.services.closing import ClosingEntry, ClosingForm
from ui.dialogs.confirm import Confirmation, confirm
from ui.dialogs.form import FormDialog
from ui.labels import day_text
from ui.pages.drafting import DraftKeeper
from ui.widgets.base import Text
from ui.widgets.choices import CheckBox
from ui.widgets.fields import AutoSaveText, FormField
from ui.widgets.radio_cards import RadioCardGroup

if TYPE_CHECKING:
    from app.services.office import Office
    from ui.pages.working import WorkingPage

DRAFT = "close"
SUMMARY_HINT = "一两句，不写姓名和门牌"


class RemedyChoice(QWidget):
    """救济途径 still to be told: one box a route. ``changed()`` when one was ticked or not any more."""

    changed = Signal()

    def __init__(self, page: WorkingPage, form: ClosingForm) -> None:
        super().__init__()
        self.setAccessibleName("救济途径")
        self.boxes = [
            (route, CheckBox(page.look, route.name, name=f"closing.remedy.{route.code}"))
            for route in form.to_tell
        ]
        for route, box in self.boxes:
            box.setAccessibleDescription(route.sentence)
            box.setToolTip(route.sentence)
            box.toggled.connect(self.changed)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setVerticalSpacing(0)
        for number, (_, box) in enumerate(self.boxes):
            grid.addWidget(box, number // 2, number % 2)

    def sentences(self) -> tuple[str, ...]:
        """What was told, in sentences."""
        return tuple(route.sentence for route, box in self.boxes if box.isChecked())


class ClosingDialog(FormDialog):
    """Asks what closing needs, asks once more in a confirmation, then closes the case.

    What is typed is kept as a draft; what the service refuses stands under its field.
    """

    def __init__(
        self, page: WorkingPage, case_id: str, form: ClosingForm, kept: dict[str, Any], told: str = ""
    ) -> None:
        look, self._form = page.look, form
        choices = [(m.code, m.name, "") for m in form.methods]
        self.methods = RadioCardGroup(look, "化解方式", choices, name="closing.method", columns=3)
        for method in form.methods:
            self.methods.cards[method.code].setToolTip(method.hint)
            self.methods.cards[method.code].setAccessibleDescription(method.hint)
        self.summary = AutoSaveText(look, "结案小结", name="closing.summary", placeholder=SUMMARY_HINT)
        self.summary.setFixedHeight(look.metrics.px(72))
        self.remedies = RemedyChoice(page, form) if form.to_tell else None
        fields: dict[str, FormField | QWidget] = {
            "method": FormField("化解方式", self.methods, check=self._unchosen),
            "summary": FormField("结案小结", self.summary, optional=True, check=self._unexplained),
        }
        if self.remedies is not None:
            hint = "办法第十一条：没谈成的，结案同时要告知申请人救济途径。"
            fields["remedies"] = FormField(
                "当面或电话告知了哪些途径", self.remedies, hint=hint, check=self._untold
            )
        elif form.told and form.told_on is not None:
            words = (
                f"{day_text(form.told_on)}的终止告知书写了 {len(form.told)} 条救济途径。"
                "还没有送达的，结案前送达或当面告知。"
            )
            fields["told"] = Text(words, role="label", tone="textSecondary", wrap=True)
        super().__init__(
            look, page, "结案", fields, action="看一遍再结案", name="closing", back="先不结案", size="medium",
            text=told,
        )  # fmt: skip
        self._page, self._case_id = page, case_id
        self._sending = False
        self._keeper = DraftKeeper(page, DRAFT, self._collect)
        self._fill(kept)
        self._keeper.follow(case_id, kept or None)
        self.methods.chosen.connect(self._keeper.touch)
        self.methods.chosen.connect(self._chosen)
        self.summary.textChanged.connect(self._keeper.touch)
        if self.remedies is not None:
            self.remedies.changed.connect(self._keeper.touch)
        self.given.connect(self._ask)
        self.rejected.connect(self._keeper.stop)

    def _fill(self, kept: dict[str, Any]) -> None:
        if kept.get("method") in self.methods.cards:
            self.methods.choose(kept["method"])
        self.summary.load(str(kept.get("summary", "")))
        for route, box in self.remedies.boxes if self.remedies is not None else ():
            box.setChecked(route.code in kept.get("remedies", ()))

    def _collect(self) -> dict[str, Any] | None:
        boxes = self.remedies.boxes if self.remedies is not None else []
        told = [route.code for route, box in boxes if box.isChecked()]
        body = {"method": self.methods.value, "summary": self.summary.toPlainText(), "remedies": told}
        return body if any(body.values()) else None

    def _chosen(self, _code: str) -> None:
        """Another 化解方式 may need no explaining."""
        if not self._unexplained():
            self.fields["summary"].show_problem("")

    def _unchosen(self) -> str:
        return "" if self.methods.value else "选一项化解方式，平台结案要用。"

    def _unexplained(self) -> str:
        method = next((m for m in self._form.methods if m.code == self.methods.value), None)
        if method is None or not method.explain or self.summary.toPlainText().strip():
            return ""
        return f"化解方式选了“{method.name}”，用一句话写清楚。"

    def _untold(self) -> str:
        if self.remedies is None or self.remedies.sentences():
            return ""
        return "至少选一条告知过的途径。"

    def submit(self) -> None:
        """As every form; nothing while it is being kept."""
        if not self._sending:
            super().submit()

    def _ask(self) -> None:
        words = self.methods.cards[self.methods.value].accessibleName()
        effects = [f"案件记为已结案，化解方式是“{words}”，发给平台。"]
        if self.remedies is not None:
            effects.append(f"同时记下已告知申请人 {len(self.remedies.sentences())} 条救济途径。")
        if self._form.outcome == "agreed":
            effects.append("履行、回访、司法确认没完的接着办。")
        asked = Confirmation(
            title="结案并发给平台",
            effects=tuple(effects),
            action="结案并发送",
            lasting="发出后要改须走更正。",
            icon="circle-check",
        )
        confirm(self._page.look, self, self._page.with_outlook(asked), self._close, name="closing.confirm")

    def _close(self) -> None:
        told = self.remedies.sentences() if self.remedies is not None else ()
        entry = ClosingEntry(self.methods.value, self.summary.toPlainText(), told)
        case_id, seen, self._sending = self._case_id, self._form.seen, True

        def done(_written: object) -> None:
            self._keeper.forget()
            self.accept()

        def write(office: Office) -> object:
            try:
                return office.closing.close(case_id, entry, seen)
            except BaseException:
                self._sending = False
                raise

        def refused(error: UserError) -> bool:
            if error.code != MOVED:
                return False
            # What is asked for may be another now; what was filled in is kept.
            self.reject()
            open_closing(self._page, case_id, error.message)
            return True

        self._page.save(
            "结案",
            write,
            done,
            said="已结案，接着发给平台。",
            undo=False,
            fields=self.fields,
            refused=refused,
        )


def open_closing(page: WorkingPage, case_id: str, told: str = "") -> None:
    """Ask for 结案 of a case; ``page`` shows the toast. ``told``, above the form: why it is asked again."""

    def read(office: Office) -> tuple[ClosingForm, dict[str, Any]]:
        draft = office.drafts.get(DRAFT, case_id)
        return office.closing.form(case_id), dict(draft.body) if draft is not None else {}

    def show(found: tuple[ClosingForm, dict[str, Any]]) -> None:
        form, kept = found
        ClosingDialog(page, case_id, form, kept, told).open()

    page.fetch("看结案要填什么", read, show)
