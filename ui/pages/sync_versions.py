"""One of the values of a conflict as a card, what differs from the other one marked."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator, Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout

from app.clock import from_text, shanghai
from app.services.act_words import NONE, Difference
from app.services.conflict_views import Version
from ui.labels import month_day
from ui.pages.sync_marks import COARSE, Marked, marked
from ui.theme.look import Look
from ui.widgets.base import Text, row
from ui.widgets.buttons import LinkButton
from ui.widgets.radio_cards import ARROWS, RadioCard

LONGEST, LEAD = 160, 30
"""Signs of a text that a card shows, and how many of them stand before its first difference."""

ONE_BY_ONE = 2
"""So many lacking particulars of a decision have a line each."""


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

    def show_version(
        self, version: Version, rich: str | Marked, *, spoken: str = "", whole: bool = False
    ) -> None:
        """The value with its differences marked; ``whole``: more of it can be read."""
        shown = rich if isinstance(rich, Marked) else Marked(rich, coarse=False)
        self.value.setText(shown.html)
        self.value.setVisible(bool(shown.html))
        told = (version.author, when(version.at), COARSE if shown.coarse else "")
        by = "，".join(part for part in told if part)
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
    missed = {one.name: one.mine for one in differences if one.missed}

    def rich(name: str, own: str, other: str) -> str:
        if name not in missed:
            return marked(excerpt(own, other), excerpt(other, own), ground, line).html
        # A sentence is no other writing of what came: that differs as a whole.
        return html.escape(own) if own == missed[name] else marked(own, "", ground, line).html

    return "<br>".join(
        f"{html.escape(name)}：{rich(name, own, other)}" for name, own, other in _of_side(differences, side)
    )


def differences_spoken(differences: Sequence[Difference], side: str) -> str:
    """The same for a screen reader."""
    return "；".join(f"{name}：{own}" for name, own, _ in _of_side(differences, side))


def _of_side(differences: Sequence[Difference], side: str) -> Iterator[tuple[str, str, str]]:
    """Name of each particular, what this side has and what the other; many that it lacks go into one line."""
    pairs = [
        (one.name, one.mine, one.theirs) if side == "mine" else (one.name, one.theirs, one.mine)
        for one in differences
    ]
    lacking = [name for name, own, _ in pairs if own == NONE]
    together = len(lacking) > ONE_BY_ONE
    yield from (pair for pair in pairs if not together or pair[1] != NONE)
    if together:
        yield "没有", "、".join(lacking), ""
