"""Cards and their headers: outlined, rounded, no shadow."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QLayout, QSizePolicy, QVBoxLayout, QWidget

from ui.theme.look import Look
from ui.widgets.base import CARD_PADDING, Divider, Text, row


class SectionHeader(QWidget):
    """A section's title, a word beside it (3 件, 最近的在上面) and what stands at the right."""

    def __init__(self, title: str, note: str = "", *trailing: QWidget) -> None:
        super().__init__()
        self.title = Text(title, role="section")
        self.note = Text(note, role="label", tone="textSecondary")
        self._row = row(self.title, self.note, None, *trailing)
        self.setLayout(self._row)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_texts(self, title: str, note: str = "") -> None:
        """Change title and note."""
        self.title.setText(title)
        self.note.setText(note)

    def add_trailing(self, widget: QWidget) -> None:
        """Put one more thing at the right."""
        self._row.addWidget(widget)


class Card(QFrame):
    """A card with an optional header; add content to :attr:`body`.

    ``flush`` leaves no padding around the body, for lists that run to the edge.
    """

    def __init__(
        self,
        title: str = "",
        note: str = "",
        *trailing: QWidget,
        flush: bool = False,
        sunken: bool = False,
    ) -> None:
        super().__init__()
        self.setProperty("kind", "sunken" if sunken else "card")
        outer = QVBoxLayout(self)
        outer.setContentsMargins(1, 1, 1, 1)
        outer.setSpacing(0)
        self.header: SectionHeader | None = None
        if title:
            self.header = SectionHeader(title, note, *trailing)
            holder = QWidget()
            inside = row(self.header)
            inside.setContentsMargins(CARD_PADDING, 10, CARD_PADDING, 10)
            holder.setLayout(inside)
            outer.addWidget(holder)
            if flush:
                outer.addWidget(Divider())
        self.body = QVBoxLayout()
        pad = 0 if flush else CARD_PADDING
        self.body.setContentsMargins(pad, 0 if title else pad, pad, pad)
        self.body.setSpacing(0 if flush else 8)
        outer.addLayout(self.body, 1)
        self._outer = outer

    def add(self, item: QWidget | QLayout) -> None:
        """Put a widget or layout at the end of the body."""
        if isinstance(item, QWidget):
            self.body.addWidget(item)
        else:
            self.body.addLayout(item)

    def set_footer(self, footer: QWidget) -> QWidget:
        """A line at the card's foot, set off by a divider; returns its strip, to hide it."""
        self._outer.addWidget(Divider())
        holder = QFrame()
        holder.setProperty("kind", "strip")
        inside = row(footer)
        inside.setContentsMargins(CARD_PADDING, 10, CARD_PADDING, 10)
        holder.setLayout(inside)
        self._outer.addWidget(holder)
        return holder


class Figure(QWidget):
    """A large number with its name under it, as in 我手上."""

    def __init__(self, look: Look, value: str, label: str) -> None:
        super().__init__()
        self.value = Text(value, role="title")
        self.label = Text(label, role="label", tone="textSecondary")
        inside = QVBoxLayout(self)
        inside.setContentsMargins(CARD_PADDING, 8, CARD_PADDING, 8)
        inside.setSpacing(0)
        inside.addWidget(self.value, alignment=Qt.AlignmentFlag.AlignLeft)
        inside.addWidget(self.label, alignment=Qt.AlignmentFlag.AlignLeft)
