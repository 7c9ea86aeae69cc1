"""快速看: the case of the current row beside the list, without leaving it; covered."""

from __future__ import annotations

from PySide6.QtCore import Signal

from ui.labels import day_text
from ui.pages.case_data import SIDES, CaseData
from ui.theme.look import Look
from ui.widgets.base import Divider, Text, clear, column, identify, row
from ui.widgets.buttons import Button, IconButton
from ui.widgets.cards import Card
from ui.widgets.tags import StatusTag


class QuickLook(Card):
    """``open_asked()`` and ``closed()``."""

    open_asked = Signal()
    closed = Signal()

    def __init__(self, look: Look) -> None:
        self.close_button = IconButton(look, "x", "收起快速看", name="cases.look.close", keys="Esc")
        super().__init__("快速看", "", self.close_button)
        self.look = look
        identify(self, "cases.look.panel", "快速看")
        self._inside = column(spacing=10)
        self.body.addLayout(self._inside)
        self.body.addStretch(1)
        self.open_button = Button(look, "打开案件", name="cases.look.open", icon="folder-open")
        self.open_button.clicked.connect(self.open_asked)
        self.close_button.clicked.connect(self.closed)
        self.body.addWidget(self.open_button)

    def show_case(self, data: CaseData) -> None:
        """Show one case in short."""
        clear(self._inside)
        tag = StatusTag(self.look, data.label.status, data.label.text, icon=data.label.icon)
        self._inside.addWidget(Text(data.head.title, role="bodyStrong", wrap=True))
        self._inside.addLayout(row(tag, None))
        self._inside.addWidget(Text(data.subtitle, role="label", tone="textSecondary", wrap=True))
        for party in data.parties:
            words = f"{SIDES[party.side][1]}　{party.masked['name']}　{party.masked['phone'] or '没有电话'}"
            self._inside.addWidget(Text(words, role="label", wrap=True))
        if data.deadlines:
            due = data.deadlines[0]
            day = day_text(due.due) + ("，暂估" if due.provisional else "") if due.due else "还定不了"
            self._inside.addWidget(Text(f"{due.title}　{day}", role="label", wrap=True))
            tag = StatusTag(self.look, due.label.status, due.label.text, icon=due.label.icon)
            self._inside.addLayout(row(tag, None))
        self._inside.addWidget(Divider())
        for entry in data.course.entries[:4]:
            when = f"{entry.day} {entry.time}　{entry.title}{entry.rest}"
            self._inside.addWidget(Text(when, role="label", tone="textSecondary", wrap=True))
        self.open_button.set_about(data.head.title)
