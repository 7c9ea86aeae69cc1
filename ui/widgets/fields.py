"""Form fields: label above, hint or error below; checked when the person leaves the field."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from decimal import Decimal, InvalidOperation
from typing import Protocol, runtime_checkable

from PySide6.QtCore import Qt, QTimer, Signal, SignalInstance
from PySide6.QtGui import QFocusEvent, QInputMethodEvent, QResizeEvent
from PySide6.QtWidgets import QApplication, QLineEdit, QTextEdit, QToolButton, QVBoxLayout, QWidget

from ui.theme.look import Look
from ui.widgets.base import (
    FocusOutWatcher,
    IconLabel,
    Text,
    announce,
    bring_into_view,
    identify,
    repolish,
    row,
)

Check = Callable[[], str]


@runtime_checkable
class Parted(Protocol):
    """An editor of several boxes, such as a day and a time: the one that is wrong is marked and led to."""

    @property
    def boxes(self) -> Sequence[QWidget]:
        """The boxes, in reading order."""

    def wrong_box(self) -> QWidget:
        """The first box to be put right."""

    def problem(self) -> str:
        """A sentence when what stands in a box is not understood; what is missing is no matter here."""


EDITED = (("textEdited", "textChanged"), ("changed",), ("chosen",), ("currentIndexChanged",))
"""Signals by which editors tell that the person changed something; the first that an editor has of each."""


class FormField(QWidget):
    """An editor with its label; an empty one where the place says what it is, such as a step's title.

    ``check`` gives nothing, or one sentence that says how to put what is written right.

    The check runs when the focus leaves the editor and when the form asks (:meth:`problem`); what was typed
    stays.
    """

    def __init__(
        self,
        label: str,
        editor: QWidget,
        *,
        hint: str = "",
        optional: bool = False,
        check: Check | None = None,
    ) -> None:
        super().__init__()
        self.editor = editor
        self._check, self._hint_text = check, hint
        self._wrong = self._refused = False
        """Whether something is wrong, and whether others than ``check`` said so."""
        self.label = Text(label, role="label", tone="textSecondary")
        self.label.setBuddy(editor)
        self._optional = Text("可不填" if optional else "", role="caption", tone="textTertiary")
        self.message = Text(hint, role="caption", tone="textTertiary", wrap=True)
        if not hint:
            self.message.hide()
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        if label:
            inside.addLayout(row(self.label, self._optional, None))
        inside.addWidget(editor)
        inside.addWidget(self.message)
        if not editor.accessibleName():
            editor.setAccessibleName(label)
        if isinstance(editor, Parted):
            for box in editor.boxes:
                FocusOutWatcher(box, self._left_box)
        else:
            FocusOutWatcher(editor, self._left)
        for names in EDITED:
            told = next((getattr(editor, name) for name in names if hasattr(editor, name)), None)
            if isinstance(told, SignalInstance):
                told.connect(self._edited)

    def _edited(self, *_what: object) -> None:
        """What was wrong is being put right; it is looked at again when the focus leaves."""
        if self._wrong:
            self.show_problem("")

    def problem(self) -> str:
        """Check now, show the outcome, and give the sentence; empty when all is well."""
        found = self._check() if self._check else ""
        self.show_problem(found)
        self._refused = False
        return found

    def _look(self, found: str) -> None:
        """On leaving: what the service refused stands until it is changed, whatever ``check`` says."""
        if found or not self._refused:
            self.show_problem(found)
            self._refused = False

    def show_problem(self, text: str) -> None:
        """Show ``text`` under the field, or the hint again when it is empty."""
        self._wrong = self._refused = bool(text)
        changed = self.message.text() != (text or self._hint_text)
        self.message.setText(text or self._hint_text)
        self.message.set_tone("overdue" if text else "textTertiary")
        self.message.setVisible(bool(text or self._hint_text))
        self.editor.setAccessibleDescription(text or self._hint_text)
        for box in self.editor.boxes if isinstance(self.editor, Parted) else (self._box(),):
            box.setProperty("invalid", bool(text) and box is self._box())
            repolish(box)
        if text and changed:
            announce(self.editor, text)

    def set_optional(self, optional: bool) -> None:
        """Say 可不填, or no more, where that hangs on another answer."""
        self._optional.setText("可不填" if optional else "")

    def take_focus(self) -> None:
        """Give the keyboard to the editor and scroll label, editor and message into sight.

        Every form ends here when something in it is to be put right: what is missing must be seen.
        """
        self._box().setFocus()
        bring_into_view(self)

    def _box(self) -> QWidget:
        """What takes the keyboard and is marked when something is wrong."""
        if isinstance(self.editor, Parted):
            return self.editor.wrong_box()
        return self.editor.focusProxy() or self.editor

    def _left_box(self) -> None:
        """From one box to the next nothing is missing yet; what cannot be read is said at once."""
        now = QApplication.focusWidget()
        if isinstance(self.editor, Parted) and now is not None and self.editor.isAncestorOf(now):
            self._look(self.editor.problem())
        else:
            self._left()

    def _left(self) -> None:
        # A page that goes away takes the focus from its field: nobody left the field.
        if self._check and self.isVisible():
            self._look(self._check())


class LineEdit(QLineEdit):
    """A one-line editor with its names set."""

    def __init__(self, spoken: str, *, name: str, text: str = "", placeholder: str = "") -> None:
        super().__init__(text)
        self.setPlaceholderText(placeholder)
        identify(self, name, spoken)


class SearchField(LineEdit):
    """A line with a glass before the words and a cross that clears."""

    def __init__(self, look: Look, spoken: str, *, name: str, placeholder: str = "") -> None:
        super().__init__(spoken, name=name, placeholder=placeholder)
        self.setProperty("leading", True)
        self.setClearButtonEnabled(True)
        for inner in self.findChildren(QToolButton):
            identify(inner, f"{name}.clear", "清空")
        self._glass = IconLabel(look, "search", color="textSecondary", edge=18)
        self._glass.setParent(self)
        self._glass.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the glass in the middle of the height."""
        super().resizeEvent(event)
        self._glass.move(10, (self.height() - self._glass.height()) // 2)


class MoneyField(QLineEdit):
    """An amount in yuan on the screen, int 分 inside. ``1万`` and ``5,800.50`` are understood."""

    changed = Signal(object)

    def __init__(self, spoken: str, *, name: str, value: int | None = None) -> None:
        super().__init__()
        identify(self, name, spoken, "单位：元")
        self.setPlaceholderText("元")
        self.set_value(value)
        self.textEdited.connect(self._edited)

    def value(self) -> int | None:
        """The amount in 分; ``None`` when empty or not an amount."""
        return parse_money(self.text())

    def set_value(self, value: int | None) -> None:
        """Show ``value`` (分)."""
        self.setText("" if value is None else format_money(value))

    def problem(self) -> str:
        """A sentence when the text is not an amount; for :class:`FormField`."""
        if self.text().strip() and self.value() is None:
            return "金额没有看懂，写成 5800 或 5,800.50 这样。"
        return ""

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Write the amount with its thousands when the field is left."""
        value = self.value()
        if value is not None:
            self.set_value(value)
        super().focusOutEvent(event)

    def _edited(self, _text: str) -> None:
        self.changed.emit(self.value())


def parse_money(text: str) -> int | None:
    """分 from what a person types, or ``None``. At most two decimals, not negative."""
    plain = text.strip().removesuffix("元").replace(",", "").replace("，", "").replace(" ", "")
    factor = 1
    if plain.endswith("万"):
        plain, factor = plain[:-1], 10_000
    try:
        fen = Decimal(plain) * factor * 100
    except InvalidOperation:
        return None
    if not fen.is_finite() or fen < 0 or fen != fen.to_integral_value() or fen > 10**15:
        return None
    return int(fen)


def format_money(fen: int) -> str:
    """``580000`` as ``5,800``; ``580050`` as ``5,800.50``."""
    yuan, rest = divmod(fen, 100)
    return f"{yuan:,}.{rest:02d}" if rest else f"{yuan:,}"


class AutoSaveText(QTextEdit):
    """A plain-text writing area that asks to be saved 800 ms after typing stops and at least every 5 s.

    While an input method composes, nothing is asked for: the unfinished letters are not the person's text.
    ``save_due(text)`` is sent only when the text differs from the last one sent.
    """

    save_due = Signal(str)
    PAUSE_MS = 800
    LONGEST_S = 5.0

    def __init__(
        self, look: Look, spoken: str, *, name: str, placeholder: str = "", large: bool = False
    ) -> None:
        super().__init__()
        self.look, self._large = look, large
        self.setAcceptRichText(False)
        self.setTabChangesFocus(True)
        self.setPlaceholderText(placeholder)
        if large:
            self.setProperty("role", "editor")
        identify(self, name, spoken)
        self._composing = False
        self._saved = ""
        self._dirty_since = 0.0
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.timeout.connect(self._pause_over)
        self.textChanged.connect(self._touched)

    def load(self, text: str) -> None:
        """Show ``text`` as already saved."""
        self._saved = text
        self.setPlainText(text)
        self._pause.stop()
        self._dirty_since = 0.0

    @property
    def composing(self) -> bool:
        """Whether an input method holds unfinished letters."""
        return self._composing

    def flush(self) -> None:
        """Ask for the save now: on leaving, on Ctrl+S, before the screen locks."""
        self._pause.stop()
        self._dirty_since = 0.0
        text = self.toPlainText()
        if text != self._saved:
            self._saved = text
            self.save_due.emit(text)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Keep track of unfinished letters."""
        self._composing = bool(event.preeditString())
        super().inputMethodEvent(event)
        if not self._composing:
            self._touched()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Leaving the field saves."""
        super().focusOutEvent(event)
        if not self._composing:
            self.flush()

    def _touched(self) -> None:
        if self.toPlainText() == self._saved:
            return
        now = time.monotonic()
        self._dirty_since = self._dirty_since or now
        left = self._dirty_since + self.LONGEST_S - now
        self._pause.start(max(0, min(self.PAUSE_MS, round(left * 1000))))

    def _pause_over(self) -> None:
        if self._composing:
            self._pause.start(self.PAUSE_MS)
        else:
            self.flush()
