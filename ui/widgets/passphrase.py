"""A new passphrase, written twice: live checks below, an eye in each field."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from app.storage import passphrase as rules
from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, announce, clear, column, identify, row
from ui.widgets.buttons import IconButton

WAITING = "两遍还没写完"
SAME, DIFFERENT = "两遍一样", "两遍不一样，再核对一下"


def show_typing(edit: QLineEdit, *, on: bool) -> None:
    """Show or cover what is typed; Chinese can be typed while it shows, for the input method shows it too."""
    edit.setEchoMode(QLineEdit.EchoMode.Normal if on else QLineEdit.EchoMode.Password)
    edit.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, on)
    hints = edit.inputMethodHints() | Qt.InputMethodHint.ImhSensitiveData
    edit.setInputMethodHints(hints | Qt.InputMethodHint.ImhNoPredictiveText)


class SecretEdit(QLineEdit):
    """A covered field with an eye in it."""

    def __init__(self, look: Look, spoken: str, *, name: str, placeholder: str = "") -> None:
        super().__init__()
        self.look = look
        identify(self, name, spoken)
        self.setPlaceholderText(placeholder)
        show_typing(self, on=False)
        self.eye = IconButton(look, "eye", f"看看输入的内容，{spoken}", name=f"{name}.show")
        self.eye.setParent(self)
        self.eye.setCheckable(True)
        self.eye.toggled.connect(self._peek)
        self._spoken = spoken
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Room for the eye at the present size."""
        self.setTextMargins(0, 0, self.eye.sizeHint().width(), 0)
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the eye inside the field's right end."""
        super().resizeEvent(event)
        self._place()

    def showEvent(self, event: QShowEvent) -> None:
        """The eye's size is known now."""
        super().showEvent(event)
        self._place()

    def _place(self) -> None:
        need: QSize = self.eye.sizeHint()
        edge = min(need.height(), self.height())
        self.eye.setGeometry(self.width() - need.width() - 4, (self.height() - edge) // 2, need.width(), edge)

    def _peek(self, on: bool) -> None:
        show_typing(self, on=on)
        words = "遮住输入的内容" if on else "看看输入的内容"
        self.eye.set_icon("eye-off" if on else "eye", f"{words}，{self._spoken}")


class CheckLine(QWidget):
    """The checks in one line: a tick and green words for what is met, an empty circle for the rest."""

    def __init__(self, look: Look, *, name: str) -> None:
        super().__init__()
        self.look = look
        identify(self, name)
        self._row = row(spacing=6)
        self.setLayout(self._row)
        self._said: tuple[tuple[bool, str], ...] = ()

    def show_checks(self, checks: Sequence[tuple[bool, str]]) -> None:
        """Show ``checks`` as (met, words)."""
        if tuple(checks) == self._said:
            return
        self._said = tuple(checks)
        clear(self._row)
        for ok, words in checks:
            tone = "ok" if ok else "textSecondary"
            icon = "circle-check" if ok else "circle"
            self._row.addWidget(IconLabel(self.look, icon, color="ok.fg" if ok else "textSecondary", edge=16))
            self._row.addWidget(Text(words, role="label", tone=tone))
            self._row.addSpacing(12)
        self._row.addStretch(1)
        self.setAccessibleName("；".join(words for _, words in checks))


class PassphrasePair(QWidget):
    """Both fields and the checks. ``changed`` on each touch, ``confirmed`` by Enter in the second field."""

    changed = Signal()
    confirmed = Signal()

    def __init__(self, look: Look, *, name: str, first_label: str = "口令") -> None:
        super().__init__()
        self.look = look
        identify(self, name)
        self.first = SecretEdit(look, first_label, name=f"{name}.first")
        self.second = SecretEdit(look, "再写一遍", name=f"{name}.second")
        self.checks = CheckLine(look, name=f"{name}.checks")
        labels = []
        for words, edit in ((first_label, self.first), ("再写一遍", self.second)):
            label = Text(words, role="label", tone="textSecondary")
            label.setBuddy(edit)
            labels.append(label)
        hint = Text("12 个字以上，一句话最好记", role="label", tone="textSecondary")
        left = column(row(labels[0], hint, None), self.first, spacing=4)
        right = column(labels[1], self.second, spacing=4)
        both = row(left, right, spacing=14)
        both.setStretch(0, 1)
        both.setStretch(1, 1)
        self.problem = Text("", role="label", tone="overdue", wrap=True)
        self.problem.hide()
        self.setLayout(column(both, self.checks, self.problem))
        self.first.textChanged.connect(self._touched)
        self.second.textChanged.connect(self._touched)
        self.first.returnPressed.connect(self.second.setFocus)
        self.second.returnPressed.connect(self.confirmed)
        self._touched()

    @property
    def text(self) -> str:
        """The passphrase as written in the first field."""
        return self.first.text()

    def missing(self) -> str:
        """What still keeps it from being taken; empty when both fields are good and alike."""
        if not self.first.text():
            return "写完两遍就能继续"
        wrong = [c.text for c in rules.checks(self.first.text()) if not c.ok]
        if wrong:
            return wrong[0]
        if self.first.text() != self.second.text():
            return "写完两遍就能继续" if self._unfinished() else DIFFERENT
        return ""

    def show_problem(self, text: str) -> None:
        """What the service did not take."""
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
        if text:
            announce(self, text)

    def clear_both(self) -> None:
        """Forget what was typed."""
        self.first.clear()
        self.second.clear()

    def _unfinished(self) -> bool:
        return self.first.text().startswith(self.second.text())

    def _touched(self) -> None:
        self.show_problem("")
        first, second = self.first.text(), self.second.text()
        blank = ("至少 12 个字", "不用常见的口令")
        found = [
            (check.ok and bool(first), check.text if first else words)
            for check, words in zip(rules.checks(first), blank, strict=True)
        ]
        if first and first == second:
            found.append((True, SAME))
        else:
            found.append((False, WAITING if self._unfinished() else DIFFERENT))
        self.checks.show_checks(found)
        self.changed.emit()
