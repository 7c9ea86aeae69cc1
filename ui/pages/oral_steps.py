"""What stands around the fields of 口头协议登记: numbered steps, usual sentences, 不需要协议书."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from app.domain.clauses import StockPhrase
from ui.theme import icons
from ui.theme.look import Look
from ui.widgets.base import IconLabel, Text, bring_into_view, column, row
from ui.widgets.buttons import LinkButton
from ui.widgets.choices import CheckBox

LAW = "人民调解法第28条；劳动、医疗、农村土地承包须用书面"
HOLDS = "口头协议今天起生效。对方可能反悔、要分期付款的，请改用书面协议，才好申请司法确认。"


class StepMark(QWidget):
    """The number of a step in a circle, a tick once it is written."""

    def __init__(self, look: Look, number: int) -> None:
        super().__init__()
        self.look, self._number, self.done = look, number, False
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        look.follow(self, self.updateGeometry)

    def sizeHint(self) -> QSize:
        """A circle."""
        edge = self.look.metrics.px(26)
        return QSize(edge, edge)

    def set_done(self, done: bool) -> None:
        """Written or not."""
        self.done = done
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Filled with the number, or pale with the tick."""
        painter, look = QPainter(self), self.look
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        circle = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        wide = 2 if look.colors.high_contrast else 1
        if self.done:
            painter.setPen(QPen(look.color("ok.fg"), wide))
            painter.setBrush(look.color("ok.bg"))
            painter.drawEllipse(circle)
            edge = circle.width() * 0.6
            spot = QRectF(0, 0, edge, edge)
            spot.moveCenter(circle.center())
            icons.paint(painter, "check", look.colors.resolve("ok.fg"), spot)
        else:
            painter.setPen(QPen(look.color("primary"), wide))
            painter.setBrush(look.color("primary"))
            painter.drawEllipse(circle)
            painter.setPen(look.color("onPrimary"))
            painter.setFont(look.font("label", bold=True))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, str(self._number))
        painter.end()


class StepPart(QWidget):
    """One of the five: mark and title, what stands beside them, the fields below."""

    def __init__(
        self, look: Look, number: int, title: str, body: QWidget, *beside: QWidget, note: Text | None = None
    ) -> None:
        super().__init__()
        self._title = title
        self.mark = StepMark(look, number)
        head = row(Text(title, role="bodyStrong"), *([note] if note else []), None, *beside, spacing=8)
        above = row(self.mark, head, spacing=14)
        above.setStretch(1, 1)
        below = row(body)
        self._below = below
        self.setLayout(column(above, below, spacing=8))
        look.follow(self, self._indent)
        self.set_done(False)

    def _indent(self) -> None:
        self._below.setContentsMargins(self.mark.sizeHint().width() + 14, 0, 0, 0)

    def set_done(self, done: bool) -> None:
        """Tick, in words for screen readers too."""
        self.mark.set_done(done)
        self.setAccessibleName(f"{self._title}，{'已填' if done else '还没有填'}")


class PhraseLinks(QWidget):
    """常用句: a link each. ``chosen(text)``."""

    chosen = Signal(str)

    def __init__(self, look: Look, phrases: Sequence[StockPhrase]) -> None:
        super().__init__()
        links = []
        for number, phrase in enumerate(phrases, start=1):
            link = LinkButton(look, phrase.label, name=f"oral.phrase.{number}", about="写进怎么说好的")
            link.clicked.connect(self._giver(phrase.text))
            links.append(link)
        self.setLayout(row(Text("常用句", role="label", tone="textSecondary"), *links, spacing=10))

    def _giver(self, text: str) -> Callable[[], None]:
        return lambda: self.chosen.emit(text)


class NoPaper(QWidget):
    """双方都认为不需要制作协议书, and from when the agreement holds."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self.box = CheckBox(look, "双方都认为不需要制作协议书", name="oral.no_paper")
        law = Text(LAW, role="label", tone="textSecondary", wrap=True)
        first = row(self.box, law, spacing=12)
        first.setStretch(1, 1)
        self.problem = Text("", role="caption", tone="overdue", wrap=True)
        self.problem.hide()
        holds = Text(HOLDS, role="label", tone="textSecondary", wrap=True)
        mark = column(IconLabel(look, "info", color="textSecondary", edge=16), None, spacing=0)
        second = row(mark, holds, spacing=8)
        second.setStretch(1, 1)
        self.setLayout(column(first, self.problem, second, spacing=6))
        self.box.toggled.connect(lambda _on: self.show_problem(""))

    def choose(self, *, on: bool) -> None:
        """Set or clear the tick."""
        self.box.setChecked(on)
        self.show_problem("")

    def show_problem(self, words: str) -> None:
        """Say under it what is the matter, or nothing more."""
        self.problem.setText(words)
        self.problem.setVisible(bool(words))

    def take_focus(self) -> None:
        """Lead here."""
        self.box.setFocus(Qt.FocusReason.OtherFocusReason)
        bring_into_view(self)
