"""都不对，我来写: one line where Enter takes, or several where Enter begins the next."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from app.clock import SHANGHAI, to_text
from app.services.third_values import SEVERAL_LINES
from ui.theme.look import Look
from ui.widgets.base import column
from ui.widgets.dates import parse_date, parse_time
from ui.widgets.fields import AutoSaveText, FormField, LineEdit, parse_money

EXAMPLES = {"amount_fen": "5800", "next_session_at": "11-29 14:30"}
"""How what is not free text is written."""


def parse_moment(text: str, today: dt.date) -> str | None:
    """A day and a time on Shanghai's clock as the wire writes it; ``None`` when ``text`` is none."""
    day, _, time = text.replace("：", ":").rpartition(" ")
    found, clock = parse_date(day, today), parse_time(time)
    return to_text(dt.datetime.combine(found, clock, SHANGHAI)) if found and clock else None


class OwnValue(QWidget):
    """``changed()`` when the person typed. What is shown with :meth:`load` is no typing."""

    changed = Signal()

    def __init__(self, look: Look, today: Callable[[], dt.date] | None, *, name: str) -> None:
        super().__init__()
        self.look, self._today = look, today
        self._several, self._loading = True, False
        self._of = ""
        words = "写上对的内容"
        self.text = AutoSaveText(look, "对的写法", name=f"{name}.text", placeholder=words)
        self.line = LineEdit("对的写法", name=f"{name}.line", placeholder=words)
        self._text_field = FormField("对的写法", self.text, hint="写好按 Ctrl+Enter，用您写的。")
        self._line_field = FormField("对的写法", self.line, hint="写好按 Enter，用您写的。")
        self.setLayout(column(self._text_field, self._line_field, spacing=0))
        self.text.textChanged.connect(self._touched)
        self.line.textChanged.connect(self._touched)
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
        if self._of == "next_session_at":
            return parse_moment(written, self._today()) if self._today is not None else None
        return written

    @property
    def not_read(self) -> str:
        """What is said of what cannot be read."""
        return f"没有看懂，写成 {EXAMPLES[self._of]} 这样。"

    def load(self, field: str, value: str) -> None:
        """Show ``value`` of ``field`` as far as it was typed before."""
        self._loading, self._several, self._of = True, field in SEVERAL_LINES, field
        example = EXAMPLES.get(field, "")
        self.line.setPlaceholderText(f"写上对的内容，如 {example}" if example else "写上对的内容")
        self.text.load(value if self._several else "")
        self.line.setText("" if self._several else value)
        self._text_field.setVisible(self._several)
        self._line_field.setVisible(not self._several)
        self.field.show_problem("")
        self._loading = False

    def _touched(self) -> None:
        if not self._loading:
            self.field.show_problem("")
            self.changed.emit()
