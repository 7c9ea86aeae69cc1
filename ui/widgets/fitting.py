"""Rows that never cut what they hold: where the width is short, parts go to a line of their own."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QLayout, QSizePolicy, QStyle, QStyleOption, QWidget

from ui.widgets.base import Text, column, row

SMALL_ASIDE = 10
"""A part beside the buttons no wider than so many letters stays with them on whatever line they are."""
WORDS = 30
"""Of a subtitle so many letters stay readable before the buttons leave its line."""


class ElidedText(Text):
    """One line that ends in an ellipsis where the room is short; the tool tip then has it whole.

    ``text()`` and what a screen reader says are always the whole line.
    """

    def __init__(self, text: str = "", *, role: str = "body", tone: str = "text") -> None:
        super().__init__(text, role=role, tone=tone)
        self._note = ""
        self._shorter: tuple[str, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Preferred)

    @property
    def elided(self) -> bool:
        """Whether the end is left out now."""
        return self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width()

    @property
    def shown(self) -> str:
        """What there is room for: the line, else the first shorter one that fits, else the beginning."""
        room, measure = self.contentsRect().width(), self.fontMetrics()
        ways = (self.text(), *self._shorter)
        fitting = (words for words in ways if measure.horizontalAdvance(words) <= room)
        cut = measure.elidedText(ways[-1], Qt.TextElideMode.ElideRight, room)
        return next(fitting, cut)

    def set_shorter(self, *words: str) -> None:
        """What to say, whole, where the room is too short for the line; the longest first."""
        self._shorter = words
        self.update()

    def set_note(self, note: str) -> None:
        """What else the tool tip says."""
        self._note = note
        self._tip()

    def setText(self, text: str) -> None:
        """Show another line."""
        super().setText(text)
        self._tip()

    def minimumSizeHint(self) -> QSize:
        """A few letters and the ellipsis."""
        whole = self.sizeHint()
        return QSize(min(whole.width(), self.fontMetrics().horizontalAdvance("字字字字…")), whole.height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The tool tip follows the room."""
        super().resizeEvent(event)
        self._tip()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The line, or as much of it as there is room for."""
        if not self.elided:
            super().paintEvent(event)
            return
        painter, option = QPainter(self), QStyleOption()
        option.initFrom(self)
        self.style().drawPrimitive(QStyle.PrimitiveElement.PE_Widget, option, painter, self)
        spot = self.contentsRect()
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(spot, int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter), self.shown)
        painter.end()

    def _tip(self) -> None:
        parts = (self.text() if self.elided else "", self._note)
        self.setToolTip("\n".join(part for part in parts if part))


class FittingRow(QWidget):
    """Base of rows that take another form where the width is short.

    The form is chosen anew from the size hints on each change of width, words or look.
    """

    def __init__(self) -> None:
        super().__init__()
        self.form = -1
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def _wanted(self) -> int:
        """Number of the form that fits now; a row has one unless its class says otherwise."""
        return 0

    def _take_form(self, form: int) -> None:
        """Arrange the parts as ``form`` has them; with one form they stand."""

    def fit(self) -> None:
        """Take the form that the width allows."""
        wanted = self._wanted()
        if wanted != self.form:
            self.form = wanted
            self._take_form(wanted)
            self.updateGeometry()

    def event(self, event: QEvent) -> bool:
        """Something inside wants another size."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.fit()
        return super().event(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Another width."""
        super().resizeEvent(event)
        self.fit()


def _empty_out(*rows: QHBoxLayout) -> None:
    for one in rows:
        while one.takeAt(0) is not None:
            pass


class HeaderRow(FittingRow):
    """Title and subtitle, what is beside the buttons, and the buttons, in one line where they fit.

    Where they do not, ``aside`` (steps, segments) goes below; where the title and the buttons do not fit
    either, both do.
    """

    ONE_LINE, ASIDE_BELOW, BOTH_BELOW = range(3)
    GAP = 12

    def __init__(self, title_row: QLayout, subtitle: ElidedText, saved: QWidget) -> None:
        super().__init__()
        self._title_row, self._subtitle, self._saved = title_row, subtitle, saved
        self.aside, self.buttons = row(), row(spacing=self.GAP)
        self._words = column(title_row, subtitle, spacing=2)
        self._top, self._low = row(spacing=self.GAP), row(spacing=self.GAP)
        self.setLayout(column(self._top, self._low, spacing=10))
        self.fit()

    def _wanted(self) -> int:
        words, letter = (
            self._title_row.sizeHint().width(),
            self._subtitle.fontMetrics().horizontalAdvance("字"),
        )
        aside, actions = self.aside.sizeHint().width(), self.buttons.sizeHint().width()
        here = self._saved.parent() is self and not self._saved.isHidden()
        saved = self._saved.sizeHint().width() if here else 0
        if not self._subtitle.isHidden():
            # The note that something was kept takes its room from the subtitle: a page does not move while
            # somebody writes.
            beside = saved + self.GAP if saved else 0
            words = max(words, min(self._subtitle.sizeHint().width(), WORDS * letter) - beside)

        def fits(*parts: int) -> bool:
            there = [part for part in parts if part]
            return sum(there) + self.GAP * (len(there) - 1) <= self.width()

        if fits(words, saved, aside, actions):
            return self.ONE_LINE
        if aside > SMALL_ASIDE * letter and fits(words, saved, actions):
            return self.ASIDE_BELOW
        return self.BOTH_BELOW if aside or actions else self.ONE_LINE

    def _take_form(self, form: int) -> None:
        _empty_out(self._top, self._low)
        self._top.addLayout(self._words, 1)
        if self._saved.parent() in (None, self):
            self._top.addWidget(self._saved)
        (self._top if form == self.ONE_LINE else self._low).addLayout(self.aside)
        if form != self.ONE_LINE:
            self._low.addStretch(1)
        (self._low if form == self.BOTH_BELOW else self._top).addLayout(self.buttons)


class FootRow(FittingRow):
    """Words and buttons at the foot of a card; the words go above the buttons, and these above the last one.

    The last button is the one that acts; it is never cut and never leaves the right edge.
    """

    ONE_LINE, WORDS_ABOVE, STACKED = range(3)
    GAP = 10

    def __init__(self, left: QWidget, note: QWidget, buttons: tuple[QWidget, ...], last: QWidget) -> None:
        super().__init__()
        self._left, self._note, self._buttons, self._last = left, note, buttons, last
        self._lines = [row(spacing=self.GAP) for _ in range(3)]
        self.setLayout(column(*self._lines, spacing=8))
        self.fit()

    def take_back(self) -> None:
        """The last button was elsewhere and belongs here again."""
        self._take_form(max(self.form, 0))
        self._last.show()
        self.fit()

    def _width(self, *parts: QWidget) -> int:
        there = [p.sizeHint().width() for p in parts if p.parent() is self and not p.isHidden()]
        return sum(there) + self.GAP * max(len(there) - 1, 0)

    def _wanted(self) -> int:
        buttons = self._width(*self._buttons, self._last)
        words = self._width(self._left, self._note)
        if buttons + (words + 2 * self.GAP if words else 0) <= self.width():
            return self.ONE_LINE
        return self.WORDS_ABOVE if buttons <= self.width() else self.STACKED

    def _take_form(self, form: int) -> None:
        elsewhere = self._last.parent() not in (None, self)
        _empty_out(*self._lines)
        first = self._lines[0]
        first.addWidget(self._left)
        first.addStretch(1)
        first.addWidget(self._note)
        middle = first if form == self.ONE_LINE else self._lines[1]
        end = self._lines[2] if form == self.STACKED else middle
        if middle is not first:
            middle.addStretch(1)
        for button in self._buttons:
            middle.addWidget(button)
        if end is not middle:
            end.addStretch(1)
        if not elsewhere or self.form < 0:
            end.addWidget(self._last)
