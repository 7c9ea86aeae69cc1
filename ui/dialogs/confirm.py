"""The confirmation before the four kinds of act that cannot simply be undone (界面设计 6).

They are: sending to the platform, refusing or ending, archiving, and deleting or replacing an original. The
dialog says what will happen and what cannot be taken back; its button names the act, and the focus stands on
再看看, so that a stray Enter does nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from ui.dialogs.base import Dialog
from ui.theme import tokens
from ui.theme.look import Look
from ui.widgets.base import Divider, IconLabel, Text, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton


@dataclass(frozen=True)
class Confirmation:
    """What is asked. All texts are without personal data beyond what is masked.

    ``effects`` are whole sentences about what will happen; ``lasting`` says what cannot be taken back and
    what way there is then; ``action`` is the verb on the button.
    """

    title: str
    effects: tuple[str, ...]
    action: str
    lasting: str = ""
    back: str = "再看看"
    icon: str = "send"
    status: str = "info"


class ConfirmDialog(Dialog):
    """Asks once; ``accepted`` when the person presses the action, ``rejected`` on 再看看 and Esc."""

    def __init__(
        self, look: Look, asked: Confirmation, parent: QWidget | None = None, *, name: str = "confirm"
    ) -> None:
        super().__init__(parent)
        self.asked = asked
        self.setWindowTitle(asked.title)
        self.setModal(True)
        self.setFixedWidth(look.metrics.px(tokens.size("dialogWidth", "small")))
        identify(self, f"{name}.dialog", asked.title, "".join((*asked.effects, asked.lasting)))
        picture = IconLabel(look, asked.icon, color=f"{asked.status}.fg", edge=24)
        title = Text(asked.title, role="section", wrap=True)
        head = row(picture, title, spacing=12)
        head.setStretch(1, 1)
        body = column(spacing=10)
        for sentence in asked.effects:
            body.addWidget(Text(sentence, wrap=True, selectable=True))
        if asked.lasting:
            body.addWidget(Divider())
            body.addWidget(Text(asked.lasting, role="label", tone="textSecondary", wrap=True))
        self.back_button = Button(look, asked.back, name=f"{name}.back", about="不做这一步")
        self.action_button = PrimaryButton(look, asked.action, name=f"{name}.act", keys="", show_keys=False)
        self.back_button.clicked.connect(self.reject)
        self.action_button.clicked.connect(self.accept)
        self.arrange(head, body, row(None, self.back_button, self.action_button, spacing=12))
        self.setTabOrder(self.back_button, self.action_button)

    def showEvent(self, event: QShowEvent) -> None:
        """The focus stands on 再看看."""
        super().showEvent(event)
        self.back_button.setFocus(Qt.FocusReason.TabFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow keys change between the two buttons; Esc goes back."""
        if event.key() in (Qt.Key.Key_Left, Qt.Key.Key_Right):
            other = self.back_button if self.action_button.hasFocus() else self.action_button
            other.setFocus(Qt.FocusReason.TabFocusReason)
        else:
            super().keyPressEvent(event)


def confirm(
    look: Look, parent: QWidget, asked: Confirmation, then: Callable[[], None], *, name: str = "confirm"
) -> ConfirmDialog:
    """Ask without stopping the event loop; ``then`` runs only after the person pressed the action."""
    dialog = ConfirmDialog(look, asked, parent.window(), name=name)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.accepted.connect(then)
    dialog.open()
    return dialog
