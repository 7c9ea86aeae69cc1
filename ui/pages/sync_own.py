"""都不对，我来写: one line, or several where Enter begins the next; Enter alone never takes it."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QTextCursor
from PySide6.QtWidgets import QWidget

from app.services.field_words import EMPTY
from app.services.third_values import SEVERAL_LINES
from ui.theme.look import Look
from ui.widgets.base import announce, bring_into_view, column, row
from ui.widgets.buttons import LinkButton
from ui.widgets.fields import AutoSaveText, FormField, LineEdit, parse_money

FREE_TEXT = frozenset(
    {
        "title", "claims", "facts", "occurred_on", "occurred_place",
        "name", "occupation", "phone",
        "no_phone_reason", "email", "address", "service_address", "id_number", "legal_representative",
        "legal_representative_title", "contact_person", "amount_fen",
    }
)  # fmt: skip
"""Fields that can be written anew here; the others are chosen from lists and are changed in the case."""
WORDS, COVERED = "写上对的内容", "您写的遮住了，选了显示的理由就回来"
HOW = "写好按 Ctrl+Enter，用您写的。"
_FOR_A_WHILE = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)
EXAMPLES = {"amount_fen": "5800"}
"""How what is not free text is written."""


@dataclass(frozen=True)
class Held:
    """Where a person was in a conflict when it was covered: what was chosen, and the cursor in their text."""

    conflict_id: str = ""
    choice: str = ""
    caret: tuple[int, int] | None = None


class OwnValue(QWidget):
    """``changed()`` when the person typed. What is shown with :meth:`load` is no typing.

    ``left()`` when the cursor went elsewhere in the window.
    """

    changed = Signal()
    left = Signal()

    def __init__(self, look: Look, *, name: str) -> None:
        super().__init__()
        self.look = look
        self._several, self._loading = True, False
        self._of = ""
        self.text = AutoSaveText(look, "对的写法", name=f"{name}.text", placeholder=WORDS)
        self.line = LineEdit("对的写法", name=f"{name}.line", placeholder=WORDS)
        self._text_field = FormField("对的写法", self.text, hint=HOW)
        self._line_field = FormField("对的写法", self.line, hint=HOW)
        self._begin = QWidget()
        self.from_mine = LinkButton(look, "从本机写的改起", name=f"{name}.from.mine")
        self.from_theirs = LinkButton(look, "从平台上的改起", name=f"{name}.from.theirs")
        self._begin.setLayout(row(self.from_mine, self.from_theirs, None))
        self._sources = {self.from_mine: "", self.from_theirs: ""}
        self.setLayout(column(self._begin, self._text_field, self._line_field, spacing=0))
        self.from_mine.clicked.connect(lambda: self._begin_with(self.from_mine))
        self.from_theirs.clicked.connect(lambda: self._begin_with(self.from_theirs))
        self.text.textChanged.connect(self._touched)
        self.line.textChanged.connect(self._touched)
        self.text.installEventFilter(self)
        self.line.installEventFilter(self)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Height of the text at the present size."""
        self.text.setFixedHeight(self.look.metrics.px(84))

    @property
    def field(self) -> FormField:
        """The form field in force: what is wrong stands under it."""
        return self._text_field if self._several else self._line_field

    @property
    def editor(self) -> AutoSaveText | LineEdit:
        """Where it is typed."""
        return self.text if self._several else self.line

    @property
    def value(self) -> str:
        """What stands there."""
        return self.text.toPlainText() if self._several else self.line.text()

    @property
    def parsed(self) -> object:
        """What stands there as the field's JSON value; ``None`` for what cannot be read as one."""
        written = self.value.strip()
        if self._of == "amount_fen":
            return parse_money(written)
        return written

    @property
    def not_read(self) -> str:
        """What is said of what cannot be read."""
        return f"没有看懂，写成 {EXAMPLES[self._of]} 这样。"

    def load(self, field: str, value: str, caret: tuple[int, int] | None = None) -> None:
        """Show ``value`` of ``field`` as far as it was typed before; what stands there already stays.

        ``caret``: where the cursor was and its selection began; at the end of the text where none is given.
        """
        if (field, value) == (self._of, self.value) and value and self.editor.isEnabled():
            return
        self._loading, self._several, self._of = True, field in SEVERAL_LINES, field
        example = EXAMPLES.get(field, "")
        self.line.setPlaceholderText(f"{WORDS}，如 {example}" if example else WORDS)
        self.text.setPlaceholderText(WORDS)
        self.text.load(value if self._several else "")
        self.line.setText("" if self._several else value)
        self.editor.setEnabled(True)
        self._set_caret(*(caret or (len(value), len(value))))
        self._text_field.setVisible(self._several)
        self._line_field.setVisible(not self._several)
        self.field.show_problem("")
        self._loading = False
        self._show_begin()

    def offer(self, mine: str, theirs: str) -> None:
        """What stands on either side, as far as it may be read: an empty text can begin with it."""
        for link, text in ((self.from_mine, mine), (self.from_theirs, theirs)):
            self._sources[link] = "" if text == EMPTY else text
        self._show_begin()

    def _begin_with(self, link: LinkButton) -> None:
        """As if it had been typed: kept like it, and taken back with Ctrl+Z."""
        text = self._sources[link]
        self.go_on()
        if self._several:
            self.text.textCursor().insertText(text)
            self.text.ensureCursorVisible()
        else:
            self.line.insert(text)

    def remind(self, words: str) -> None:
        """Why a key did nothing, right below the text until it is typed on: it covers nothing there."""
        self.field.message.setText(words)
        self.field.message.set_tone("waiting")
        bring_into_view(self)
        announce(self.editor, words)

    def _show_begin(self) -> None:
        writes = bool(self.value) or not self.editor.isEnabled()
        for link, text in self._sources.items():
            link.setVisible(bool(text) and not writes)
        self._begin.setVisible(not writes and any(self._sources.values()))

    def cover(self) -> None:
        """Take the text out of sight; its field keeps its place and takes no key until :meth:`load`."""
        self._loading = True
        self.text.load("")
        self.line.setText("")
        self.editor.setPlaceholderText(COVERED)
        self.editor.setEnabled(False)
        self._loading = False
        self._show_begin()

    @property
    def has_cursor(self) -> bool:
        """Whether the window's keyboard is in the text, also while another window is in front."""
        return self.window().focusWidget() is self.editor

    @property
    def caret(self) -> tuple[int, int]:
        """Where the cursor is, and where its selection began."""
        if self._several:
            cursor = self.text.textCursor()
            return cursor.position(), cursor.anchor()
        at, start = self.line.cursorPosition(), self.line.selectionStart()
        if start < 0:
            return at, at
        return at, start + (self.line.selectionLength() if at == start else 0)

    def go_on(self) -> None:
        """The keyboard goes to where the cursor was; nothing is selected that the next key would replace."""
        self.editor.setFocus(Qt.FocusReason.OtherFocusReason)

    def _set_caret(self, at: int, anchor: int) -> None:
        if self._several:
            cursor, last = self.text.textCursor(), len(self.text.toPlainText())
            cursor.setPosition(min(anchor, last))
            cursor.setPosition(min(at, last), QTextCursor.MoveMode.KeepAnchor)
            self.text.setTextCursor(cursor)
        else:
            self.line.setSelection(anchor, at - anchor) if at != anchor else self.line.setCursorPosition(at)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The cursor went elsewhere in the window."""
        out = isinstance(event, QFocusEvent) and event.lostFocus() and event.reason() not in _FOR_A_WHILE
        if out and watched is self.editor:
            self.left.emit()
        return super().eventFilter(watched, event)

    def _touched(self) -> None:
        if not self._loading:
            self.field.show_problem("")
            self._show_begin()
            self.changed.emit()
