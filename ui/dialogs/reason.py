"""Asking for a reason in words: why something is handed back, skipped, put aside or done all the same."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent, QTextCursor
from PySide6.QtWidgets import QWidget

from ui.dialogs.form_draft import KeptDialog
from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import Text, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.fields import AutoSaveText, FormField
from ui.widgets.radio_cards import RadioCardGroup


@dataclass(frozen=True)
class ReasonRequest:
    """What is asked.

    ``choices`` (key, title, hint) are ready-made reasons; the words stay the person's own. ``start`` is what
    was typed before. ``needed`` is the sentence under the field while it is empty. ``follow`` says what
    happens next (a confirmation, a record in the case).
    """

    title: str
    question: str
    action: str
    label: str = "理由"
    needed: str = "写一句理由再接着办。"
    follow: str = ""
    choices: tuple[tuple[str, str, str], ...] = ()
    start: str = ""
    start_choice: str = ""
    placeholder: str = ""
    longest: int = 500


class ReasonDialog(KeptDialog):
    """``given(choice, text)`` when the person goes on.

    The dialog stays open until its owner calls :meth:`accept`, so that a refusal by the service can be shown
    under the field (:meth:`show_problem`) and nothing typed is lost. ``typed(text)`` asks for the draft to be
    kept.
    """

    given = Signal(str, str)
    typed = Signal(str)

    def __init__(
        self, look: Look, asked: ReasonRequest, parent: QWidget | None = None, *, name: str = "reason"
    ) -> None:
        super().__init__(parent, spacing=10)
        self.asked = asked
        self.setWindowTitle(asked.title)
        self.setModal(True)
        self.setFixedWidth(
            look.metrics.px(tokens.size("dialogWidth", "medium" if asked.choices else "small"))
        )
        identify(self, f"{name}.dialog", asked.title, asked.question)
        title, body = Text(asked.title, role="section", wrap=True), self.body
        body.addWidget(Text(asked.question, tone="textSecondary", wrap=True))
        self.choices: RadioCardGroup | None = None
        if asked.choices:
            self.choices = RadioCardGroup(look, asked.label, asked.choices, name=f"{name}.choice", columns=2)
            if asked.start_choice:
                self.choices.choose(asked.start_choice)
            self.choices.chosen.connect(self._chosen)
            body.addWidget(self.choices)
        self.text = AutoSaveText(look, asked.label, name=f"{name}.text", placeholder=asked.placeholder)
        self.text.load(asked.start)
        self.text.moveCursor(QTextCursor.MoveOperation.End)
        self.text.setFixedHeight(look.metrics.px(96))
        self.text.save_due.connect(self.typed)
        self.field = FormField(asked.label, self.text, check=self._problem)
        self.fields = {"reason": self.field}
        body.addWidget(self.field)
        if asked.follow:
            body.addWidget(Text(asked.follow, role="label", tone="textSecondary", wrap=True))
        self.back_button = Button(look, "先不写", name=f"{name}.back", about=asked.title)
        self.action_button = PrimaryButton(look, asked.action, name=f"{name}.act")
        self.back_button.clicked.connect(self.reject)
        self.action_button.clicked.connect(self.submit)
        self.arrange(title, body, row(None, self.back_button, self.action_button, spacing=12))

    @property
    def choice(self) -> str:
        """The ready-made reason chosen; empty when none is."""
        return self.choices.value if self.choices is not None else ""

    def submit(self) -> None:
        """Check, then give the reason."""
        self.text.flush()
        if self.field.problem():
            self.field.take_focus()
            return
        self.given.emit(self.choice, self.text.toPlainText().strip())

    def show_problem(self, text: str) -> None:
        """Show what the service did not take, under the field."""
        self.field.show_problem(text)
        self.field.take_focus()

    def reject(self) -> None:
        """Leave; what was typed is offered for keeping first."""
        self.text.flush()
        super().reject()

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with the choices where there are some, else with the words."""
        super().showEvent(event)
        if self.choices is not None and not self.choices.value:
            next(iter(self.choices.cards.values())).setFocus(Qt.FocusReason.TabFocusReason)
        else:
            self.text.setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter alone does nothing here: it belongs to the text and to the input method."""
        if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)

    def _problem(self) -> str:
        words = self.text.toPlainText().strip()
        if not words:
            return self.asked.needed
        if len(words) > self.asked.longest:
            return f"写得太长，最多 {self.asked.longest} 字，现在 {len(words)} 字。"
        return ""

    def _chosen(self, key: str) -> None:
        """A ready-made reason fills the words only while the person has written none."""
        # With a full stop, so that what the person goes on to write is a sentence of its own.
        titles = {k: f"{title}。" for k, title, _ in self.asked.choices}
        if not self.text.toPlainText().strip() or self.text.toPlainText() in titles.values():
            self.text.setPlainText(titles[key])


def ask_reason(
    look: Look,
    parent: QWidget,
    asked: ReasonRequest,
    given: Callable[[ReasonDialog, str, str], None],
    *,
    name: str = "reason",
) -> ReasonDialog:
    """Ask without stopping the event loop; ``given(dialog, choice, text)`` accepts the dialog in the end."""
    dialog = ReasonDialog(look, asked, parent.window(), name=name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.given.connect(lambda choice, text: given(dialog, choice, text))
    dialog.open()
    return dialog
