"""调解记录: written while people speak, offline too, kept every few seconds, finished with its result."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QTimer
from PySide6.QtGui import QGuiApplication, QTextCursor
from PySide6.QtWidgets import QStackedWidget, QTextEdit, QWidget

from app.clock import from_text, shanghai
from app.services.changes import ChangeSet, Written
from ui.context import Context
from ui.dialogs.viewer import attachment_items
from ui.pages.case_evidence import read_thumbs
from ui.pages.case_files import FileAdder
from ui.pages.case_papers import CasePapers
from ui.pages.case_parties import scrolled
from ui.pages.drafting import DraftKeeper
from ui.pages.session_caucus import SessionCaucus
from ui.pages.session_data import SessionData, Writing, read_session
from ui.pages.session_end import RESULTS, SessionEnd
from ui.pages.session_evidence import EvidenceCard
from ui.pages.session_people import PersonForm, PresentCard, StepsCard
from ui.pages.session_tools import SessionTools, ToolLine
from ui.pages.session_turns import TurnList
from ui.pages.working import WorkingPage
from ui.widgets.base import Divider, Text, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.cards import Card
from ui.widgets.states import InfoBar, SkeletonRows


class SessionPage(WorkingPage):
    """The record of the next session of a case. Parameter: ``case_id``."""

    names_its_case = True
    drawer_below = 1230
    side_width = 320
    """Tabs and tools stand in one line in a window as drawn."""
    kinds = frozenset({"cases", "attachments", "outbox"})
    help_text = (
        "这一页边谈边记。按 F2 到 F6 换说话人，会另起一行；选中一句点“记为无争议”，会收进无争议事实。"
        "写的字每 5 秒存在本机一次，断电也不会丢。谈完按 Ctrl Shift Enter 结束这次调解。"
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, "session", nav="cases", title="调解记录")
        self._case_id = self._saved_at = self._ask = ""
        self._data: SessionData | None = None
        self.writing: Writing | None = None
        self.papers = CasePapers(self)
        self._end = SessionEnd(self, self._over, self._not_over, self._changed)
        self._make()
        self.adder = FileAdder(self, self.evidence.progress)
        self.draft = DraftKeeper(self, "session", self._body, self._kept, self._came_back)
        self._connect()

    # -- building --------------------------------------------------------------------------------

    def _make(self) -> None:
        look = self.look
        self.print_button = Button(
            look, "打印签字", name="session.paper.print", icon="printer", keys="Ctrl+P"
        )
        self.end_button = PrimaryButton(
            look, "结束这次调解", name="session.end.open", keys="Ctrl+Shift+Return", show_keys=False
        )
        self.set_actions([self.print_button], self.end_button)
        self.offline = InfoBar(
            look, "offline", "现在没有网络，可以照常记录。", " ", name="session.offline", action="看等待发送"
        )
        self.problem = InfoBar(look, "dueSoon", " ", " ", name="session.problem", icon="info")
        for bar in (self.offline, self.problem):
            bar.hide()
            self.set_below_header(bar)
        self.steps = StepsCard(look)
        self.people = PresentCard(look)
        left = column(self.steps, self.people, spacing=16)
        left.setStretch(1, 1)
        inside = QWidget()
        inside.setLayout(left)
        self._left = scrolled(inside)
        self.turns = TurnList(look, lambda: self.office.desk.clock.now())
        self.inserting = SessionTools(self)
        self.tools = self.inserting.buttons
        self.length = Text("0 字", role="label", tone="textSecondary")
        self.caucus = SessionCaucus(self, self._show_talk)
        tabs = row(self.caucus.together, self.caucus.apart, None, spacing=6)
        self._tools = ToolLine(tabs, row(*self.tools, None, self.length, spacing=6))
        card = Card(flush=True)
        self.talk = QStackedWidget()
        self.talk.addWidget(self.turns)
        self.talk.addWidget(self.caucus.pane)
        for part in (self._tools, Divider(), self.talk):
            card.add(part)
        card.body.setStretch(2, 1)
        identify(card, "session.writing.card")
        self.waiting = SkeletonRows(look, name="session.page.waiting")
        halves = row(self._left, column(self.waiting, card, spacing=0), spacing=16)
        halves.setStretch(1, 1)
        content = QWidget()
        content.setLayout(halves)
        identify(content, "session.content")
        self.set_content(content)
        self.evidence = EvidenceCard(look)
        side = QWidget()
        side.setLayout(column(self.evidence, spacing=0))
        self.set_side(side, "证据材料", "看证据", "收起证据")
        look.follow(self, self._fit)

    def _fit(self) -> None:
        self._left.setFixedWidth(self.look.metrics.px(236))
        apart, writable = self.caucus.separate, self._data is not None and self._data.writable
        self._tools.set_divided(self.caucus.offered and not apart)
        for tool in self.tools:
            tool.setVisible(writable and not apart)
        self.length.setVisible(not apart)

    def _connect(self) -> None:
        self.end_button.clicked.connect(self.ask_end)
        self.print_button.clicked.connect(self.print_draft)
        self.offline.acted.connect(lambda: self.navigate.emit("sync", {}))
        self.steps.entered.connect(self.enter_step)
        self.steps.told.connect(self.rights_told)
        self.people.spoke.connect(self.speak)
        self.people.left.connect(self._take_away)
        self.people.add_asked.connect(self.add_person)
        self.people.placed.connect(self._placed)
        self.turns.changed.connect(self._changed)
        self.turns.begun.connect(self._speaker(0))
        self.evidence.choose_asked.connect(lambda: self._data and self.adder.choose(self._data.case))
        self.evidence.opened.connect(self._look_at)
        self.evidence.zone.dropped.connect(
            lambda files: self._data and self.adder.take(self._data.case, files)
        )
        for number, key in enumerate(("F2", "F3", "F4", "F5", "F6")):
            self.add_shortcut(key, f"第 {number + 1} 位说话", self._speaker(number))
        self.add_shortcut("Ctrl+S", "立即存", self.draft.flush)
        self.add_shortcut("Ctrl+T", "加材料", self.evidence.choose_button.click)
        self.add_shortcut("Ctrl+V", "粘贴文字，或把图片加进证据", self._paste)
        self.context.schedule.minute.connect(self._write_offline)

    def _speaker(self, number: int) -> Callable[[], None]:
        return lambda: self.speak(number)

    # -- page ------------------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """Go on with the record of a case, or begin one."""
        case_id = str(params.get("case_id") or self._case_id)
        if case_id != self._case_id:
            self.draft.stop()
            self._case_id, self._data, self.writing, self._saved_at = case_id, None, None, ""
        self._ask = str(params.get("ask", ""))
        self._read()

    def cover(self) -> None:
        """The separate talk is folded away."""
        self.caucus.come_back()

    def leave(self) -> None:
        """Keep what is written; the separate talk is folded away."""
        self.draft.flush()
        self.caucus.come_back()
        self.drop_all()
        self.waiting.finish()

    def refresh(self, changes: ChangeSet) -> None:
        """Evidence or state changed; what is being written stays."""
        if not changes.case_ids or self._case_id in changes.case_ids:
            self._read()

    def focus_areas(self) -> Sequence[QWidget]:
        """Steps and people, the words, the evidence."""
        areas: list[QWidget] = [self._left, self.turns]
        return areas if self.narrow or self.side is None else [*areas, self.side]

    def _read(self) -> None:
        if not self._case_id:
            return
        if self._data is None:
            self.waiting.begin("正在打开调解记录…")
        case_id = self._case_id
        self.fetch("打开调解记录", lambda office: read_session(office, case_id), self._show, self._not_read)

    def _not_read(self, _error: BaseException) -> bool:
        self.waiting.finish()
        return False

    def _show(self, data: SessionData) -> None:
        first, self._data = self.writing is None, data
        self.waiting.finish()
        if first:
            self.writing = data.writing
            self.turns.load(self.writing, data.case.view.file.parties.values(), locked=not data.writable)
            if data.writable:
                self.draft.follow(data.case.case_id, data.draft)
        writing = self.writing
        if writing is None:
            return
        self._head(data, writing)
        self._show_around()
        self.caucus.show_case(data.case.case_id, writable=data.writable)
        self._fit()
        self.end_button.set_unavailable("" if data.writable else "这件案件现在不在调解中")
        if not data.writable:
            self.problem.set_texts("这件案件现在不在调解中，记录只能看。", "更正请在案件里记一笔。")
        self.problem.setVisible(not data.writable or (not first and self.problem.isVisibleTo(self)))
        self._write_offline()
        if first and data.writable:
            self._begin_focus()
        ask, self._ask = self._ask, ""
        if ask == "person" and data.writable:
            self.add_person()

    def _head(self, data: SessionData, writing: Writing) -> None:
        begun = shanghai(writing.started_at)
        parts = (
            data.case.head.title,
            f"{begun:%Y年}{begun.month}月{begun.day}日 {begun:%H:%M} 开始",
            writing.place,
        )
        self.set_title(f"第 {data.number} 次调解记录", "　".join(p for p in parts if p), data.case.label)

    def _placed(self, words: str) -> None:
        """Where it takes place: on the record, in the head, in the draft."""
        if self._data is not None and self.writing is not None:
            self.writing.place = words
            self._head(self._data, self.writing)
            self.draft.touch()

    def _begin_focus(self) -> None:
        editor = self.turns.editors[-1]
        editor.moveCursor(QTextCursor.MoveOperation.End)
        editor.setFocus()

    def _show_around(self) -> None:
        data, writing = self._data, self.writing
        if data is None or writing is None:
            return
        self.steps.show_steps(writing, writable=data.writable)
        self.people.show_people(writing, data.case.view.file.parties.values(), writable=data.writable)
        self.length.setText(f"{writing.characters:,} 字")
        if self.evidence.show_files(data.case, writable=data.writable):
            found = self.evidence.attachments
            self.fetch("看小图", lambda office: read_thumbs(office, found), self.evidence.show_images)

    def _show_talk(self, separate: bool) -> None:
        """一起谈 or 单独谈 in front; the tools are the common record's."""
        back = self.talk.currentIndex() == 1 and not separate
        self.talk.setCurrentIndex(1 if separate else 0)
        self._fit()
        if back and self.isVisible() and self.turns.editors:
            self.turns.editors[-1].setFocus()

    # -- writing ---------------------------------------------------------------------------------

    @property
    def phrases(self) -> Sequence[str]:
        """Sentences to put in."""
        return self._data.phrases if self._data is not None else ()

    def speak(self, number: int) -> None:
        """Person ``number`` speaks now, in the common talk."""
        if self.caucus.separate:
            self.caucus.come_back()
        if self._data is not None and self._data.writable:
            self.turns.speak(number, self.office.desk.clock.now())
            self._show_around()

    def enter_step(self, number: int) -> None:
        """Go to a step; the last one asks for the result."""
        if self.writing is None:
            return
        if number == len(RESULTS) + 2:
            self.ask_end()
            return
        self.writing.step = number
        self.turns.enter_step()
        self._changed()
        self._show_around()

    def rights_told(self) -> None:
        """已告知，双方听清."""
        if self.writing is None:
            return
        self.writing.rights_told_at = self.office.desk.clock.now()
        self.writing.step = max(self.writing.step, 2)
        self.problem.hide()  # What else is missing is told anew on ending.
        self.turns.enter_step()
        self._changed()
        self._show_around()
        self._begin_focus()

    def add_person(self) -> None:
        """加一人."""
        data, writing = self._data, self.writing
        if data is None or writing is None:
            return
        form = PersonForm(self.look, self, data.case)

        def given() -> None:
            writing.present.append(form.person())
            form.taken(self)
            self._changed()
            self._show_around()

        form.given.connect(given)
        form.open()

    def _take_away(self, number: int) -> None:
        if self.writing is not None and number == len(self.writing.present) - 1:
            del self.writing.present[number]
            self._changed()
            self._show_around()

    def _paste(self) -> None:
        mime = QGuiApplication.clipboard().mimeData()
        if self._data is not None and self._data.writable and (mime.hasImage() or mime.hasUrls()):
            self.adder.paste(self._data.case)
        elif isinstance(focus := self.focusWidget(), QTextEdit):
            focus.paste()

    def _look_at(self, index: int) -> None:
        if self._data is not None:
            parties = self._data.case.view.file.parties
            self.papers.view(self._case_id, attachment_items(self.evidence.attachments, parties), index)

    def _changed(self) -> None:
        self.draft.touch()
        if self.writing is not None:
            self.length.setText(f"{self.writing.characters:,} 字")

    def _body(self) -> dict[str, Any] | None:
        writing, data = self.writing, self._data
        if writing is None or data is None:
            return None
        elsewhere = writing.place != data.case.head.next_session_place
        begun = writing.turns or writing.rights_told_at or writing.ending or elsewhere
        return writing.as_draft() if begun else None

    def _kept(self, at: str) -> None:
        self._saved_at = f"{shanghai(from_text(at)):%H:%M:%S}"
        self.set_saved(f"{self._saved_at} 已存在本机")
        self._write_offline()

    def _came_back(self, _draft: object) -> None:
        self.writing = None
        self._read()

    def _write_offline(self, _now: object = None) -> None:
        self.offline.setVisible(self._data is not None and not self._data.standing.online)
        recent = f"，最近 {self._saved_at}" if self._saved_at else ""
        self.offline.set_texts(
            "现在没有网络，可以照常记录。", f"文字每 5 秒存在本机一次{recent}；照片也在本机。联网后自动发出。"
        )

    # -- the end ---------------------------------------------------------------------------------

    def print_draft(self) -> None:
        """打印签字 before the end: the record as it stands, marked 草稿."""
        if self._data is not None and self.writing is not None:
            self._end.print_draft(self._data, self.writing)

    def ask_end(self) -> None:
        """结束这次调解: the result, and for another time its day and place."""
        data, writing = self._data, self.writing
        if data is not None and writing is not None and data.writable:
            self.draft.flush()
            self._end.ask(data, writing)

    def _over(self, written: Written[str]) -> None:
        case_id = self._case_id
        self.problem.hide()
        self.draft.forget()
        self.writing = self._data = None
        self._case_id = ""
        self.set_saved("")
        self.navigate.emit("case", {"case_id": case_id})
        # In the next turn of the event loop: the case is painted before the paper is laid over it.
        paper = (case_id, "F05", "人民调解记录", {"record_id": written.value})
        again = self.undoing(written, lambda: self.navigate.emit("session", {"case_id": case_id}))
        window = self.context.desk.undo_window if written.undo_id else dt.timedelta()
        ends = self.context.desk.clock.now() + window

        def show() -> None:
            dialog = self.papers.print(*paper)
            left = (ends - self.context.desk.clock.now()).total_seconds()
            if left > 0:
                # The notice with 撤销 lies under the paper.
                dialog.offer_undo("撤销，接着记", again, left)

        QTimer.singleShot(0, self, show)

    def _not_over(self, words: str) -> None:
        self.problem.set_texts("还差一点，补上再结束。", words)
        self.problem.show()
