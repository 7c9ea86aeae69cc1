"""One of the values of a conflict as a card, what differs from the other one marked."""

from __future__ import annotations

import difflib
import html
import itertools
import re
from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout

from app.clock import from_text, shanghai
from app.services.act_words import Difference
from app.services.conflict_views import Version
from ui.labels import month_day
from ui.theme.look import Look
from ui.widgets.base import Text, row
from ui.widgets.buttons import LinkButton
from ui.widgets.radio_cards import ARROWS, RadioCard

SHORTEST_SAME = 2
"""Fewer equal signs than this between differences are part of them."""
_FIGURES = re.compile(r"[0-9A-Z年月日元万:,.* -]+")
"""Numbers, dates, amounts."""
LONGEST, LEAD = 160, 30
"""Signs of a text that a card shows, and how many of them stand before its first difference."""


def marked(text: str, other: str, ground: str, line: str) -> str:
    """``text`` as HTML; what ``other`` has not stands on a ground and is underlined."""
    if len(text) == len(other) and _FIGURES.fullmatch(text) and _FIGURES.fullmatch(other):
        return _by_place(text, other, ground, line)
    parts = []
    matcher = difflib.SequenceMatcher(a=text, b=other, autojunk=False)
    for kind, start, end, _, _ in matcher.get_opcodes():
        piece = html.escape(text[start:end]).replace("\n", "<br>")
        if kind != "equal" or end - start < SHORTEST_SAME < len(text):
            piece = _raised(piece, ground, line)
        parts.append(piece)
    return "".join(parts)


def _by_place(text: str, other: str, ground: str, line: str) -> str:
    """Figures of one length differ place by place: nothing in them was moved."""
    parts = []
    for differs, group in itertools.groupby(zip(text, other, strict=True), lambda pair: pair[0] != pair[1]):
        piece = html.escape("".join(own for own, _ in group))
        parts.append(_raised(piece, ground, line) if differs else piece)
    return "".join(parts)


def _raised(piece: str, ground: str, line: str) -> str:
    style = f"background-color:{ground}; border-bottom:2px solid {line}; text-decoration:underline;"
    return f'<span style="{style}">{piece}</span>'


def excerpt(text: str, other: str) -> str:
    """A long text cut to where it begins to differ; the whole stands behind 看全文."""
    if len(text) <= LONGEST:
        return text
    same = next((i for i, (a, b) in enumerate(zip(text, other, strict=False)) if a != b), len(other))
    start = max(0, min(same - LEAD, len(text) - LONGEST))
    end = start + LONGEST
    return f"{'…' if start else ''}{text[start:end]}{'…' if end < len(text) else ''}"


def when(at: str) -> str:
    """11月20日 16:20 of an instant of the store; empty for none."""
    if not at:
        return ""
    local = shanghai(from_text(at))
    return f"{month_day(local.date())} {local:%H:%M}"


class VersionCard(RadioCard):
    """One value as a card, with who wrote it and when, and its digit. ``whole_asked()``: 看全文."""

    whole_asked = Signal()

    def __init__(self, look: Look, number: int, title: str, *, name: str) -> None:
        self.value = QLabel()
        self.value.setTextFormat(Qt.TextFormat.RichText)
        self.value.setWordWrap(True)
        self.value.setProperty("tone", "text")
        self.value.hide()
        self.by = Text("", role="label", tone="textSecondary", wrap=True)
        self.by.hide()
        self.whole = LinkButton(look, "看全文", name=f"{name}.whole", about=title)
        self.whole.hide()
        super().__init__(look, title, name=name, strong=True)
        inside = self.layout()
        if isinstance(inside, QVBoxLayout):
            for part in (self.value, self.by):
                inside.insertWidget(inside.count() - 1, part)
            inside.insertLayout(inside.count() - 1, row(self.whole, None))
        for label in (self.value, self.by):
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.available, self._plain_title = True, title
        self.too_early: Callable[[], bool] = lambda: False
        """Whether nobody can have seen yet what a key would choose."""
        self.digit = Text(str(number), role="caption", tone="textSecondary")
        self.digit.setParent(self)
        self.whole.clicked.connect(self.whole_asked)

    def show_version(self, version: Version, rich: str, *, spoken: str = "", whole: bool = False) -> None:
        """The value with its differences marked; ``whole``: more of it can be read."""
        self.value.setText(rich)
        self.value.setVisible(bool(rich))
        by = "，".join(part for part in (version.author, when(version.at)) if part)
        self.by.setText(by)
        self.by.setVisible(bool(by))
        self.whole.setVisible(whole)
        self.setAccessibleDescription(f"{spoken or version.text}，{by}" if by else spoken or version.text)

    def set_available(self, available: bool, *, grey: bool = False) -> None:
        """Whether it can be chosen; what it says can be read, and read whole, all the same."""
        self.available = available
        self._title.set_tone("textSecondary" if grey else "text")
        self.retitle(f"{self._plain_title}（不能再选）" if grey else self._plain_title)

    def retitle(self, title: str) -> None:
        """Call it something else."""
        self._title.setText(title)
        self.setAccessibleName(title)
        self.restyle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space and arrows choose; typed on from what stood here before they do not."""
        if event.key() in (Qt.Key.Key_Space, *ARROWS) and self.too_early():
            event.accept()
            return
        super().keyPressEvent(event)

    def nextCheckState(self) -> None:
        """A click or a key chooses, if it can be chosen."""
        if self.available:
            super().nextCheckState()

    def forget(self) -> None:
        """Hold nothing of what showed."""
        self.value.setText("")
        self.by.setText("")
        self.setAccessibleDescription("")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The digit stands at the right."""
        super().resizeEvent(event)
        self.digit.adjustSize()
        self.digit.move(self.width() - self.digit.width() - 14, 10)

    def _mark(self) -> QRectF:
        """Beside the title: the card may be many lines high."""
        edge, line = self.look.metrics.px(18), self.look.metrics.line_px("bodyStrong")
        top = (self.height() - line) / 2 if self.value.isHidden() else 8.0
        return QRectF(12, top + (line - edge) / 2, edge, edge)


def differences_as_html(differences: Sequence[Difference], side: str, ground: str, line: str) -> str:
    """The particulars in which two decisions differ, as ``side`` (mine or theirs) has them."""
    parts = []
    for one in differences:
        own, other = (one.mine, one.theirs) if side == "mine" else (one.theirs, one.mine)
        own, other = excerpt(own, other), excerpt(other, own)
        parts.append(f"{html.escape(one.name)}：{marked(own, other, ground, line)}")
    return "<br>".join(parts)
