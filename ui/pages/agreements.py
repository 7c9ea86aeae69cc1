"""协议与确认: what is being drafted, waits for signatures, runs in its 30 days, is filed, is ruled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from PySide6.QtWidgets import QWidget

from app.domain.unsent import TAGS
from app.services.agreement_list import GROUPS, AgreementLine, Overview
from app.services.changes import ChangeSet
from ui.context import Context
from ui.labels import Label, day_text
from ui.pages.working import WorkingPage
from ui.widgets.base import column, identify
from ui.widgets.cards import Card
from ui.widgets.states import EmptyState, SkeletonRows
from ui.widgets.tags import default_icon
from ui.widgets.tasks import ListChain, Task, TaskList

if TYPE_CHECKING:
    from app.services.office import Office

PAGES = {
    "asked": ("confirmation", "去补", "补交材料"),
    "stuck": ("confirmation", "看怎么办", "没提交"),
    "sending": ("confirmation", "看进度", "等发出"),
    "answered": ("confirmation", "看结果", "告诉当事人"),
    "drafting": ("agreement_editor", "接着写", "写"),
    "signing": ("effective", "登记日期", "等签"),
    "clock": ("confirmation", "备材料", "可申请确认"),
    "late": ("confirmation", "看别的路", "已过 30 日"),
    "filed": ("confirmation", "看进展", "法院在办"),
    "ruled": ("confirmation", "看结果", "已裁定"),
    "performed": ("agreement_editor", "看协议", "已履行"),
    "oral": ("agreement_editor", "看协议", "口头协议"),
}

LEFT_HERE = (TAGS["doubt"], TAGS["packed"])
"""Of what has left this computer, or may have: a row is not headed as one that lies here to be sent."""


def asked_label(line: AgreementLine, today: dt.date) -> Label:
    """What the court waits for, as pressing as its day; without one it is for today."""
    left = (line.due_on - today).days if line.due_on is not None else 0
    status = "overdue" if left < 0 else "dueToday" if left == 0 else "dueSoon"
    return Label(line.state, "file-pen-line", status)


def read(office: Office) -> Overview:
    """Read on the read lane."""
    from app.services.agreement_list import AgreementList

    return AgreementList(office.desk).overview()


class AgreementsPage(WorkingPage):
    """The page of the navigation."""

    kinds = frozenset({"cases", "submissions", "drafts", "settings"})
    help_text = "这一页看哪份协议还没生效、哪份快过 30 日、法院办到哪一步。上下键选，Enter 打开。"

    def __init__(self, context: Context) -> None:
        super().__init__(context, "agreements", title="协议与确认")
        self.lists: dict[str, TaskList] = {}
        self.cards: dict[str, Card] = {}
        self._lines: dict[str, AgreementLine] = {}
        self._fresh = True
        self.waiting = SkeletonRows(self.look, name="agreements.waiting")
        self.empty = EmptyState(
            self.look, "还没有协议。", name="agreements.empty", icon="file-text",
            hint="谈成以后，从案件里起草协议，会列在这里。",
        )  # fmt: skip
        inside = column(self.waiting, self.empty, spacing=16)
        for key, title in GROUPS:
            card = Card(title, " ", flush=True)
            tasks = TaskList(self.look, title, name=f"agreements.{key}.list")
            tasks.acted.connect(self._acted)
            card.add(tasks)
            card.hide()
            self.cards[key], self.lists[key] = card, tasks
            inside.addWidget(card)
        ListChain(tuple(self.lists.values()), self)
        inside.addStretch(1)
        content = QWidget()
        identify(content, "agreements.groups")
        content.setLayout(inside)
        self.set_content(content, scrolled=True)
        self.empty.hide()

    def open(self, params: Mapping[str, Any]) -> None:
        """Read the lists."""
        self._fresh = True
        self._read()

    def leave(self) -> None:
        """Nothing is unsaved here."""
        self.drop_all()
        self.waiting.finish()

    def refresh(self, changes: ChangeSet) -> None:
        """Something changed."""
        self._read()

    def _read(self) -> None:
        if not self._lines:
            self.waiting.begin("正在打开协议…")
        self.fetch("看协议", read, self._show)

    def _show(self, overview: Overview) -> None:
        self.waiting.finish()
        self._lines = {one.key: one for one in overview.lines}
        for key, _title in GROUPS:
            mine = [one for one in overview.lines if one.group == key]
            self.lists[key].set_tasks([self._task(one, overview) for one in mine])
            header = self.cards[key].header
            if header is not None:
                header.note.setText(f"{len(mine)} 份")
            self.cards[key].setVisible(bool(mine))
        self.empty.setVisible(not overview.lines)
        self.set_title(overview.headline, "30 日按最早可能生效的那天算，到期前会提醒。")
        if self._fresh:
            self._fresh = False
            first = next((t for t in self.lists.values() if t.isVisible()), None)
            if first is not None:
                first.focus_first()

    def _task(self, line: AgreementLine, overview: Overview) -> Task:
        _page, action, verb = PAGES[line.group]
        if line.group == "sending":
            verb = next((tag for tag in LEFT_HERE if line.state.endswith(tag)), verb)
        if line.group == "asked":
            label, why = asked_label(line, overview.today), line.note
            action = "看怎么交" if line.by_hand else action
            if line.left:
                why = f"{line.note}，{line.left}"
        elif line.due_on is not None and line.urgency is not None:
            status = line.urgency.status
            icon = "calendar-days" if status == "neutral" else default_icon(status)
            label = Label(line.urgency.text, icon, status)
            day = day_text(line.due_on, overview.today) + ("，暂估" if line.provisional else "")
            why = f"{line.note}；补齐到 {day}"
            if line.group != "signing":
                until = "最晚" if line.group in ("stuck", "sending") else "申请确认到"
                why = f"{line.note}；{until} {day}，{line.left}"
        else:
            icon = "file-text" if line.group == "drafting" else "landmark"
            # As 今日 has it: somebody has to be told.
            label = Label(line.state, icon, "info" if line.group == "answered" else "neutral")
            why = line.note
        who = f"{line.parties}，{line.holder}承办" if line.holder else line.parties
        return Task(key=line.key, label=label, verb=verb, title=line.title, who=who, why=why, action=action)

    def _acted(self, key: str) -> None:
        line = self._lines[key]
        self.navigate.emit(PAGES[line.group][0], {"case_id": line.case_id})
