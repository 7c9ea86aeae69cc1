"""A small form in a dialog: a few fields, problems under them, one act; nothing typed is lost.

Neither by a refusal of the service nor, once asked to :meth:`~KeptDialog.keep` it, by Esc or a power cut.
"""

from __future__ import annotations

from collections.abc import Mapping

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QTextEdit, QWidget

from ui.dialogs.form_draft import KeptDialog
from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import Text, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.fields import FormField


class FormDialog(KeptDialog):
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
        body = self.body
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
