"""结案: 化解方式 and a summary; one confirmation, because the platform is told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog

from app.domain.errors import UserError
from app.services.closing import ClosingEntry
from ui.theme import tokens
from ui.widgets.base import Text, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.choices import RadioCardGroup
from ui.widgets.fields import AutoSaveText, FormField

if TYPE_CHECKING:
    from ui.pages.working import WorkingPage

METHODS = ("当面调解", "电话调解", "在线视频调解", "上门调解", "联合调解")
FAILED_METHODS = (*METHODS, "没有谈成，已告知途径")


class ClosingDialog(QDialog):
    """Asks how it was resolved, then closes the case; what the service refuses stands under the field."""

    def __init__(self, page: WorkingPage, case_id: str, *, succeeded: bool) -> None:
        super().__init__(page.window())
        self._page, self._case_id = page, case_id
        look = page.look
        methods = METHODS if succeeded else FAILED_METHODS
        self.setWindowTitle("结案")
        self.setModal(True)
        self.setFixedWidth(look.metrics.px(tokens.size("dialogWidth", "medium")))
        identify(self, "closing.dialog", "结案")
        choices = [(str(n), words, "") for n, words in enumerate(methods)]
        self._methods = methods
        self.methods = RadioCardGroup(look, "化解方式", choices, name="closing.method", columns=2)
        self.method_field = FormField("化解方式", self.methods)
        self.summary = AutoSaveText(
            look, "结果摘要", name="closing.summary", placeholder="一两句话，不写姓名"
        )
        self.summary.setFixedHeight(look.metrics.px(80))
        self.back_button = Button(look, "再看看", name="closing.back", about="不结案")
        self.close_button = PrimaryButton(look, "结案并发给平台", name="closing.act")
        self.back_button.clicked.connect(self.reject)
        self.close_button.clicked.connect(self.submit)
        words = "将把结案和化解方式发给平台。结案后案件只能看；司法确认、履行、回访照常办。"
        body = column(
            Text("结案", role="section"),
            Text(words, tone="textSecondary", wrap=True),
            self.method_field,
            FormField("结果摘要", self.summary, optional=True),
            row(None, self.back_button, self.close_button, spacing=12),
            spacing=12,
        )
        body.setContentsMargins(24, 20, 24, 20)
        self.setLayout(body)
        self.back_button.setFocus()

    def submit(self) -> None:
        """Close the case."""
        if not self.methods.value:
            self.method_field.show_problem("选一项化解方式，平台结案要用。")
            return
        entry = ClosingEntry(self._methods[int(self.methods.value)], self.summary.toPlainText().strip())
        case_id = self._case_id

        def refused(error: UserError) -> bool:
            self.method_field.show_problem(error.message)
            return True

        self._page.save(
            "结案", lambda office: office.closing.close(case_id, entry), lambda _w: self.accept(),
            said="已结案。", refused=refused,
        )  # fmt: skip


def open_closing(page: WorkingPage, case_id: str, *, succeeded: bool) -> ClosingDialog:
    """Ask for 结案 of a case; ``page`` shows the toast."""
    dialog = ClosingDialog(page, case_id, succeeded=succeeded)
    dialog.finished.connect(dialog.deleteLater)
    dialog.open()
    return dialog
