"""A small form in a dialog: a few fields, problems under them, one act; nothing typed is lost.

Neither by a refusal of the service nor, once asked to :meth:`~FormDialog.keep` it, by Esc or a power cut.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import nullcontext
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QTextEdit, QWidget

from ui.dialogs.base import Dialog
from ui.dialogs.form_draft import FormDraft
from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import Text, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.fields import FormField

if TYPE_CHECKING:
    from app.services.office import Office
    from ui.pages.working import WorkingPage

T = TypeVar("T")


class FormDialog(Dialog):
    """``given()`` when all checks are passed; the owner writes and calls :meth:`carried_out` when it is kept.

    ``fields`` are shown in order; Ctrl+Enter acts, Enter alone moves nothing while an input method or a
    longer text has the focus.
    """

    given = Signal()

    def __init__(
        self,
        look: Look,
        parent: QWidget,
        title: str,
        fields: Mapping[str, FormField | QWidget],
        *,
        action: str,
        name: str,
        text: str = "",
        back: str = "先不写",
        size: str = "small",
    ) -> None:
        super().__init__(parent.window())
        self.fields = {key: one for key, one in fields.items() if isinstance(one, FormField)}
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setModal(True)
        self.setFixedWidth(look.metrics.px(tokens.size("dialogWidth", size)))
        identify(self, f"{name}.dialog", title, text)
        self.draft: FormDraft | None = None
        self._body_column = body = column(spacing=12)
        if text:
            body.addWidget(Text(text, role="label", tone="textSecondary", wrap=True))
        for one in fields.values():
            body.addWidget(one)
        self.back_button = Button(look, back, name=f"{name}.back", about=title)
        self.action_button = PrimaryButton(look, action, name=f"{name}.act")
        self.back_button.clicked.connect(self.reject)
        self.action_button.clicked.connect(self.submit)
        foot = row(None, self.back_button, self.action_button, spacing=12)
        self.arrange(Text(title, role="section"), body, foot)

    def keep(self, page: WorkingPage, kind: str, subject: str, about: str = "") -> None:
        """Keep what is typed as a draft of ``kind`` for ``subject``, and take up what was typed before.

        ``about`` tells of what it is, where that can be another next time (the name of a file).
        """
        self.draft = FormDraft(self, page, kind, subject, about)
        self._body_column.insertWidget(0, self.draft.bar)

    def using(self, work: Callable[[Office], T]) -> Callable[[Office], T]:
        """``work``, which carries out the draft in its own transaction."""
        draft = self.draft
        if draft is not None:
            draft.begin()

        def carrying(office: Office) -> T:
            from app.services.casework import using_draft

            with nullcontext() if draft is None else using_draft(draft.kind, draft.subject):
                return work(office)

        return carrying

    def carried_out(self) -> None:
        """It is kept, and the draft with it: close."""
        if self.draft is not None:
            self.draft.forget()
        self.accept()

    def taken(self, page: WorkingPage) -> None:
        """The page took it up itself and keeps it with its own draft: close."""
        draft = self.draft
        self.carried_out()
        if draft is not None:
            page.save("存草稿", draft.drop, again=True)

    def submit(self) -> None:
        """Check every field; when all is well, ask the owner to keep it."""
        wrong = [one for one in self.fields.values() if one.problem()]
        if wrong:
            wrong[0].take_focus()
            return
        self.given.emit()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin in the first field."""
        super().showEvent(event)
        if self.fields:
            editor = next(iter(self.fields.values())).editor
            (editor.focusProxy() or editor).setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter belongs to the input method and to longer texts; in one line it goes on."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if not isinstance(self.focusWidget(), QTextEdit) and len(self.fields) == 1:
                self.submit()
            return
        super().keyPressEvent(event)
