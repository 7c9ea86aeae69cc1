"""The deadline card: date, weekday, what remains, bar, sum line by line, basis."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QBoxLayout, QSizePolicy, QWidget

from ui.labels import Label, month_day, weekday
from ui.theme.look import Look
from ui.widgets.base import CARD_PADDING, Divider, Text, clear, column, identify, row
from ui.widgets.buttons import LinkButton
from ui.widgets.cards import Card
from ui.widgets.tags import StatusTag

SPOKEN = {"spent": "已过", "paused": "不计", "left": "剩余"}


@dataclass(frozen=True)
class Span:
    """A stretch of the bar: ``kind`` is ``spent``, ``paused`` or ``left``; ``days`` is its length."""

    kind: str
    days: int


@dataclass(frozen=True)
class Line:
    """One line of the sum (算式): what, and the date or number at the right."""

    text: str
    value: str
    strong: bool = False


@dataclass(frozen=True)
class DeadlineView:
    """What a deadline card shows. ``provisional`` writes 暂估 beside the date, with ``note`` saying why."""

    title: str
    due: dt.date | None
    remaining: str
    label: Label
    spans: tuple[Span, ...] = ()
    start: str = ""
    end: str = ""
    pause: str = ""
    lines: tuple[Line, ...] = ()
    basis: str = ""
    link: str = ""
    provisional: bool = False
    note: str = ""
    far: bool = False
    """More than a year from end to end: the date is written with its year."""


class DeadlineBar(QWidget):
    """Past, not counted, left: three textures, so that they differ without colour too."""

    def __init__(self, look: Look, *, sample: bool = False) -> None:
        """With ``sample`` a short piece of what is not counted, to stand before its words."""
        super().__init__()
        self.look, self._sample = look, sample
        self._spans: tuple[Span, ...] = (Span("paused", 1),) if sample else ()
        wide = QSizePolicy.Policy.Fixed if sample else QSizePolicy.Policy.Expanding
        self.setSizePolicy(wide, QSizePolicy.Policy.Fixed)

    def set_spans(self, spans: Sequence[Span]) -> None:
        """Show ``spans`` in order."""
        self._spans = tuple(spans)
        words = "，".join(f"{SPOKEN[span.kind]} {span.days} 天" for span in self._spans)
        self.setAccessibleName(f"期限进度：{words}")
        self.update()

    def sizeHint(self) -> QSize:
        """Ten pixels at 100 %."""
        return QSize(self.look.metrics.px(14) if self._sample else 120, self.look.metrics.px(10))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint each span in its texture within one rounded bar."""
        total = sum(span.days for span in self._spans) or 1
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        whole = QRectF(self.rect())
        shape = QPainterPath()
        shape.addRoundedRect(whole, whole.height() / 2, whole.height() / 2)
        if not self._sample:
            painter.setClipPath(shape)
        painter.fillRect(whole, self.look.color("track"))
        x = 0.0
        for span in self._spans:
            part = QRectF(x, 0, whole.width() * span.days / total, whole.height())
            if span.kind == "spent":
                painter.fillRect(part, self.look.color("primary"))
            elif span.kind == "paused":
                self._hatch(painter, part)
            x += part.width()
        painter.setClipping(False)
        if self.look.colors.high_contrast and not self._sample:
            painter.setPen(QPen(self.look.color("border"), 2))
            painter.drawRoundedRect(whole.adjusted(1, 1, -1, -1), 5, 5)
        painter.end()

    def _hatch(self, painter: QPainter, part: QRectF) -> None:
        painter.save()
        painter.setClipRect(part, Qt.ClipOperation.IntersectClip)
        painter.fillRect(part, self.look.color("surface"))
        painter.setPen(QPen(self.look.color("textSecondary"), 2.4))
        x = part.left() - part.height()
        while x < part.right():
            painter.drawLine(x, part.bottom(), x + part.height(), part.top())  # type: ignore[call-overload]
            x += 6
        painter.restore()


class DeadlineCard(Card):
    """The card; ``link_pressed`` for 改设定 and its like."""

    link_pressed = Signal()

    def __init__(self, look: Look, view: DeadlineView, *, name: str) -> None:
        self._tag = StatusTag(look, view.label.status, view.label.text, icon=view.label.icon)
        super().__init__(view.title, "", self._tag)
        self.look = look
        identify(self, name, view.title)
        self._date = Text(role="display")
        self._weekday = Text(tone="textSecondary")
        self._left = Text(tone="textSecondary")
        self._bar = DeadlineBar(look)
        self._start = Text(role="caption", tone="textSecondary")
        self._pause = Text(role="caption", tone="textSecondary")
        self._end = Text(role="caption", tone="textSecondary")
        self._lines = column(spacing=4)
        self._basis = Text(role="caption", tone="textTertiary", wrap=True)
        self._link = LinkButton(look, view.link or "改设定", name=f"{name}.link", about=view.title)
        self._link.clicked.connect(self.link_pressed)
        self._sample = DeadlineBar(look, sample=True)
        self._far = view.far
        self._build()
        self.set_view(view)
        look.follow(self, self.restyle)

    def _build(self) -> None:
        beside = row(self._weekday, self._left, None, spacing=12)
        self._top = row(self._date, beside, spacing=12)
        self._top.setStretch(1, 1)
        self._scale = QWidget()
        self._scale.setLayout(row(self._start, None, self._sample, self._pause, None, self._end, spacing=6))
        self.add(self._top)
        self.add(self._bar)
        self.add(self._scale)
        self.add(Divider())
        self.add(self._lines)
        told = row(self._basis)
        told.setStretch(0, 1)
        told.addWidget(self._link, alignment=Qt.AlignmentFlag.AlignBottom)
        self.add(told)
        self.body.setContentsMargins(CARD_PADDING, 0, CARD_PADDING, 10)

    def restyle(self) -> None:
        """In large type, and where the year is written, weekday and rest stand under the date."""
        below = self.look.metrics.scale > 1 or self._far
        ways = QBoxLayout.Direction
        self._top.setDirection(ways.TopToBottom if below else ways.LeftToRight)
        self._top.setSpacing(0 if below else 12)

    def set_view(self, view: DeadlineView) -> None:
        """Show another deadline, or the same one counted anew."""
        self._tag.set_status(view.label.status, view.label.text, icon=view.label.icon)
        if self.header is not None:
            self.header.set_texts(view.title)
        estimated = "（暂估）" if view.provisional else ""
        year = f"{view.due.year}年" if view.due and view.far else ""
        self._date.setText(f"{year}{month_day(view.due)}{estimated}" if view.due else "还定不了")
        self._weekday.setText(weekday(view.due) if view.due else "")
        # Said once where the label above says the same.
        self._left.setText(view.remaining if view.remaining != view.label.text else "")
        self._bar.setVisible(bool(view.spans))
        self._bar.set_spans(view.spans)
        self._scale.setVisible(bool(view.start or view.end))
        self._start.setText(view.start)
        self._pause.setText(view.pause)
        for part in (self._pause, self._sample):
            part.setVisible(bool(view.pause))
        self._end.setText(view.end)
        clear(self._lines)
        for line in view.lines:
            role = "bodyStrong" if line.strong else "label"
            value = Text(line.value, role=role, tone="text" if line.strong else "textSecondary")
            words = Text(line.text, role=role, wrap=True)
            pair = row(words, value)
            pair.setStretch(0, 1)
            self._lines.addLayout(pair)
        self._basis.setText("\n".join(part for part in (view.note, view.basis) if part))
        self._basis.setVisible(bool(self._basis.text()))
        self._link.setVisible(bool(view.link))
        if view.far != self._far:
            self._far = view.far
            self.restyle()
        summed = "；".join(f"{line.text} {line.value}" for line in view.lines)
        self.setAccessibleName(f"{view.title}，{self._date.text()}，{view.remaining}")
        self.setAccessibleDescription("。".join(part for part in (summed, view.basis) if part))
