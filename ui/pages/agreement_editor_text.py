"""A part of the agreement's paper that is written in, with the check's findings marked in it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QFocusEvent, QPainter, QPaintEvent, QTextCharFormat, QTextCursor
from PySide6.QtWidgets import QTextEdit

from app.domain.checks import Finding
from ui.theme.icons import qcolor
from ui.theme.look import Look
from ui.widgets.fields import AutoSaveText

QUOTED = re.compile(r"“([^”]+)”")
COLORS = {"must": "overdue", "should": "dueSoon"}


class PaperText(AutoSaveText):
    """A part of the paper that grows with its words; findings are underlined and numbered."""

    entered = Signal()

    def __init__(self, look: Look, spoken: str, *, name: str, placeholder: str = "") -> None:
        super().__init__(look, spoken, name=name, placeholder=placeholder)
        self._marks: tuple[tuple[int, Finding], ...] = ()
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.document().documentLayout().documentSizeChanged.connect(self._grow)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """Document face, ink on paper."""
        c = self.look.colors
        self.setFont(self.look.font("body", kind="document"))
        family = self.look.font("body", kind="document").family()
        self.setStyleSheet(
            f"QTextEdit {{ background: {c['paper']}; color: {c['paperInk']}; border: 0; padding: 0;"
            f' font-family: "{family}"; font-size: {self.look.metrics.type_px("body") + 1}px; }}'
            f"QTextEdit:focus {{ border-bottom: 1px solid {c['borderFocus']}; }}"
        )
        self._grow()

    def set_marks(self, marks: Sequence[tuple[int, Finding]]) -> None:
        """Underline the words of ``marks`` (number, finding)."""
        self._marks = tuple(marks)
        found = []
        for number, finding in self._marks:
            selection: Any = QTextEdit.ExtraSelection()
            selection.cursor = self._cursor_of(finding)
            color = self.look.colors.status[COLORS[finding.level]]
            form = QTextCharFormat()
            form.setBackground(qcolor(color.bg))
            form.setForeground(qcolor(color.fg))
            form.setFontUnderline(True)
            form.setToolTip(f"{number}. {finding.sentence}")
            selection.format = form
            found.append(selection)
        self.setExtraSelections(found)
        self.viewport().update()

    def go_to(self, finding: Finding) -> None:
        """Put the cursor on the words of ``finding``."""
        self.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.setTextCursor(self._cursor_of(finding))

    def _cursor_of(self, finding: Finding) -> QTextCursor:
        words = finding.repair.find if finding.repair is not None and finding.repair.find else ""
        if not words and (quoted := QUOTED.search(finding.sentence)):
            words = quoted[1]
        found = self.document().find(words) if words else QTextCursor()
        if not found.isNull():
            return found
        whole = QTextCursor(self.document())
        whole.select(QTextCursor.SelectionType.Document)
        return whole

    def paintEvent(self, event: QPaintEvent) -> None:
        """The words, then the numbers of the findings above their ends."""
        super().paintEvent(event)
        painter = QPainter(self.viewport())
        painter.setFont(self.look.font("caption", bold=True))
        for number, finding in self._marks:
            cursor = self._cursor_of(finding)
            cursor.setPosition(cursor.selectionEnd())
            spot = self.cursorRect(cursor)
            painter.setPen(self.look.color(f"{COLORS[finding.level]}.fg"))
            left = spot.right() + 1
            if not self.toPlainText():
                # Behind the grey hint, which stands where the words will.
                left += self.fontMetrics().horizontalAdvance(self.placeholderText())
            box = QRectF(left, spot.top() - 4, 16, 14)
            painter.drawText(box, Qt.AlignmentFlag.AlignLeft, str(number))
        painter.end()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Tell that the cursor is here."""
        super().focusInEvent(event)
        self.entered.emit()

    def _grow(self, *_: object) -> None:
        self.setFixedHeight(max(round(self.document().size().height()) + 10, self.look.metrics.px(36)))
