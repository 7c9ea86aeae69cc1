"""交接: to whom, which open cases, what of them is unsent here; then the book that both sign."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QStackedWidget, QWidget

from app.domain.errors import UserError
from app.domain.phrases import within
from app.services.changes import ChangeSet, Written
from app.services.handover import HandedOver
from app.services.handover_book import Book, Entry
from ui.context import Context
from ui.dialogs.confirm import Confirmation
from ui.models.paged import KEY, PagedTableModel, Query, Row
from ui.pages.agreement_parts import show_paper
from ui.pages.handover_data import (
    COLUMNS,
    TICK,
    Loaded,
    details,
    effects_of,
    holder_words,
    read,
    row_of,
    taker_words,
    warning_of,
)
from ui.pages.handover_scan import ask_scan
from ui.pages.working import WorkingPage, when_sent
from ui.widgets.base import Text, announce, clear, column, identify, row
from ui.widgets.buttons import Button, PrimaryButton
from ui.widgets.cards import Card
from ui.widgets.choices import ComboBox
from ui.widgets.fields import FormField
from ui.widgets.states import EmptyState, InfoBar, SkeletonRows
from ui.widgets.table import DataTable

PAPER = "案件交接册"
_ACT = "交接案件"


class HandoverPage(WorkingPage):
    """The page. ``params``: none."""

    kinds = frozenset({"cases", "tasks", "outbox", "conflicts", "drafts", "attachments", "people"})
    help_text = (
        "离岗、请假或把案件交给同事时用这一页。先选交给谁，按空格勾上或去掉一件，"
        "按 Ctrl Enter 交接并打印交接册，双方签名。没有网络也能交接，联网后自动发给平台。"
        "单独谈只有写的人能看，不交接。"
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, "handover", nav="cases", title="交接")
        self.loaded: Loaded | None = None
        self._whose = ""
        self._left_out: set[str] = set()
        self._held, self._filling, self._fresh = "", False, True
        self._make_head()
        self._make_list()
        self._make_side()
        self._connect()

    # -- building --------------------------------------------------------------------------------

    def _make_head(self) -> None:
        look = self.look
        self.last_button = Button(look, "打印上次的交接册", name="handover.last.print", icon="printer")
        self.all_button = Button(look, "都不勾", name="handover.list.toggle", icon="list-checks")
        self.act_button = PrimaryButton(
            look, "交接，打印交接册", name="handover.act", icon="handshake", keys="Ctrl+Return"
        )
        self.scan_button = Button(look, "收存签好的交接册", name="handover.scan.keep", icon="scan")
        self.set_actions([self.last_button, self.scan_button, self.all_button], self.act_button)
        self.giver = ComboBox(look, "交出人", [], name="handover.giver")
        self.taker = ComboBox(look, "交给", [], name="handover.taker")
        self.giver_field, self.taker_field = FormField("交出人", self.giver), FormField("交给", self.taker)
        for box in (self.giver, self.taker):
            box.setMinimumWidth(look.metrics.px(220))
        self.warning = InfoBar(
            look,
            "offline",
            "有内容没发出",
            " ",
            name="handover.unsent",
            icon="cloud-upload",
            action="现在收发",
        )
        self.problem = InfoBar(look, "overdue", "没有都交接", " ", name="handover.problem")
        for bar in (self.warning, self.problem):
            bar.hide()
        holder = QWidget()
        people = row(self.giver_field, self.taker_field, None, spacing=16)
        holder.setLayout(column(people, self.warning, self.problem, spacing=10))
        self.set_below_header(holder)

    def _make_list(self) -> None:
        look = self.look
        self.model = PagedTableModel(COLUMNS, self._rows)
        self.table = DataTable(look, "要交的案件", self.model, name="handover.list.table")
        identify(
            self.table, "handover.list.table", "要交的案件", "上下键选择，空格勾上或去掉，Enter 打开案件"
        )
        self.table.horizontalHeader().setSortIndicatorShown(False)
        self.waiting = SkeletonRows(look, name="handover.waiting")
        self.empty = EmptyState(
            look, "没有要交接的案件。", name="handover.empty", icon="folder-open", action="看案件",
            hint="在办的案件会列在这里，默认都勾上。",
        )  # fmt: skip
        self.stack = QStackedWidget()
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.empty)
        self.foot = Text("", role="label", tone="textSecondary")
        card = Card(flush=True)
        identify(card, "handover.list.card")
        card.add(self.waiting)
        card.add(self.stack)
        foot = QWidget()
        foot.setLayout(row(self.foot, None))
        card.set_footer(foot)
        self.set_content(card)

    def _make_side(self) -> None:
        self.card = Card("这一件", " ")
        self._told = column(spacing=10)
        self.card.add(self._told)
        side = QWidget()
        identify(side, "handover.side", "这一件要交代的")
        side.setLayout(column(self.card, None))
        self.set_side(side, "这一件要交代的", "看这一件", "收起这一件")

    def _connect(self) -> None:
        self.act_button.clicked.connect(self.ask)
        self.last_button.clicked.connect(self.print_last)
        self.scan_button.clicked.connect(lambda: ask_scan(self))
        self.all_button.clicked.connect(self.toggle_all)
        self.giver.currentIndexChanged.connect(self._giver_chosen)
        self.taker.currentIndexChanged.connect(self._taker_chosen)
        self.warning.acted.connect(self._exchange)
        self.empty.acted.connect(lambda: self.navigate.emit("cases", {}))
        self.table.looked.connect(self.toggle)
        self.table.clicked.connect(self._clicked)
        self.table.opened.connect(lambda key: self.navigate.emit("case", {"case_id": key}))
        self.table.current_changed.connect(self._current_changed)
        self.model.loaded.connect(self._select_held)
        self.waiting.cancelled.connect(self.drop_all)
        self.add_shortcut("Ctrl+A", "都勾上、都不勾", self.toggle_all)

    # -- page --------------------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """All open cases of the person are ticked at first; what was unticked before stays so."""
        self._fresh = True
        self._read()

    def leave(self) -> None:
        """Nothing is unsaved here."""
        self.drop_all()
        self.waiting.finish()

    def refresh(self, changes: ChangeSet) -> None:
        """Something was sent, changed or came."""
        self._read()

    def focus_areas(self) -> Sequence[QWidget]:
        """People, list, side panel."""
        areas: list[QWidget] = [self.taker, self.table]
        return [*areas, self.side] if self.side is not None and not self.narrow else areas

    def _read(self) -> None:
        whose = self._whose
        if self.loaded is None:
            self.waiting.begin("正在看要交接的案件…")
        self.fetch("看交接", lambda office: read(office, whose), self._show)

    def _show(self, loaded: Loaded) -> None:
        self.waiting.finish()
        self.loaded = loaded
        self._left_out &= {one.case_id for one in loaded.entries}
        self._held = self.table.current_key or self._held
        self._filling = True
        self._fill(self.giver, [(h.person_id, holder_words(h)) for h in loaded.holders], loaded.book.from_id)
        takers = [(one.person_id, taker_words(one)) for one in loaded.takers]
        chosen = self.taker.value if self.taker.value in dict(takers) else ""
        only = takers[0][0] if len(takers) == 1 else ""
        self._fill(self.taker, [("", "选一位同事"), *takers], chosen or only)
        self._filling = False
        me = self.context.desk.person.person_id
        self.giver_field.setVisible(any(one.person_id != me for one in loaded.holders))
        self.stack.setCurrentWidget(self.table if loaded.entries else self.empty)
        for button in (self.last_button, self.scan_button):
            button.set_unavailable("" if loaded.last is not None else "还没有在这台电脑上交接过")
        self.model.reload()
        self._write()
        self._tell_current()
        if self._fresh:
            self._fresh = False
            (self.taker if loaded.entries and not self.taker.value else self._first()).setFocus()

    def _first(self) -> QWidget:
        return self.table if self.loaded is not None and self.loaded.entries else self.empty.button

    def _fill(self, box: ComboBox, choices: Sequence[tuple[str, str]], value: str) -> None:
        blocked = box.blockSignals(True)
        box.clear()
        for key, text in choices:
            box.addItem(text, key)
        box.choose(value)
        box.blockSignals(blocked)

    # -- what is ticked ------------------------------------------------------------------------------

    @property
    def ticked(self) -> tuple[Entry, ...]:
        """The cases that go along."""
        entries = self.loaded.entries if self.loaded is not None else ()
        return tuple(one for one in entries if not one.blocked and one.case_id not in self._left_out)

    def toggle(self, case_id: str) -> None:
        """Space, or a click on the mark."""
        entry = self._entry(case_id)
        if entry is None or entry.blocked:
            if entry is not None:
                self.said.emit(f"{entry.blocked}。")
            return
        self._left_out ^= {case_id}
        self.model.renew(self.table.currentIndex().row())
        self._write()
        announce(self.table, f"{entry.title}，{'不交' if case_id in self._left_out else '交接'}")

    def toggle_all(self) -> None:
        """都勾上, or 都不勾 where all are ticked."""
        if self.loaded is None or not self.loaded.entries:
            return
        free = {one.case_id for one in self.loaded.entries if not one.blocked}
        self._left_out = set() if self._left_out else free
        self._held = self.table.current_key
        self.model.reload()
        self._write()

    def _clicked(self, index: QModelIndex) -> None:
        if index.column() == TICK:
            self.toggle(str(index.data(KEY) or ""))

    def _rows(self, query: Query, deliver: Callable[[Query, Sequence[Row], int], None]) -> None:
        entries = self.loaded.entries if self.loaded is not None else ()
        first = query.page * query.size
        part = entries[first : first + query.size]
        deliver(query, [row_of(one, self._left_out) for one in part], len(entries))

    def _select_held(self, _total: int) -> None:
        entries = self.loaded.entries if self.loaded is not None else ()
        numbers = [number for number, one in enumerate(entries) if one.case_id == self._held]
        if entries:
            self.table.setCurrentIndex(self.model.index(numbers[0] if numbers else 0, TICK))

    def _entry(self, case_id: str) -> Entry | None:
        entries = self.loaded.entries if self.loaded is not None else ()
        return next((one for one in entries if one.case_id == case_id), None)

    # -- words ---------------------------------------------------------------------------------------

    def _write(self) -> None:
        """Title, warning and foot by what is ticked; nothing comes or goes by a tick, so that nothing moves
        under the pointer."""
        loaded = self.loaded
        if loaded is None:
            return
        ticked, whole = self.ticked, len(loaded.entries)
        whose = loaded.book.from_name
        self.set_title(
            "交接",
            f"{whose}手上 {whole} 件没办完（含结案后还有事的），勾了 {len(ticked)} 件。" if whole else "",
        )
        title, text = warning_of(loaded.entries, ticked, online=self.context.online)
        self.warning.setVisible(bool(title))
        self.warning.set_texts(title, text)
        waits = any(one.unsent.to_send for one in ticked)
        self.warning.button.setVisible(waits and self.context.sync is not None)
        self.foot.setText("空格勾上或去掉　Enter 打开案件　Ctrl A 都勾上或都不勾" if whole else "")
        self.all_button.relabel("都勾上" if self._left_out else "都不勾")
        self.all_button.set_unavailable("" if whole else "没有要交接的案件")
        self.act_button.set_unavailable(self._missing(loaded))

    def _missing(self, loaded: Loaded) -> str:
        if not loaded.entries:
            return "没有要交接的案件"
        if not loaded.takers:
            return "本机构名册上没有别的调解员或负责人可以接手"
        if not self.taker.value:
            return "先选交给谁"
        return "" if self.ticked else "先勾上要交的案件"

    def _current_changed(self, _key: str) -> None:
        self._tell_current()

    def _tell_current(self) -> None:
        entry = self._entry(self.table.current_key)
        self.show_side(entry is not None)
        clear(self._told)
        if entry is None or self.card.header is None:
            return
        self.card.header.note.setText(entry.state)
        self._told.addWidget(Text(entry.title, role="bodyStrong", wrap=True))
        if entry.number:
            self._told.addWidget(Text(f"编号 {entry.number}", role="label", tone="textSecondary", wrap=True))
        for title, lines in details(entry):
            part = column(Text(title, role="label", tone="textSecondary"), spacing=2)
            for line in lines:
                part.addWidget(Text(line, wrap=True))
            self._told.addLayout(part)

    # -- acting --------------------------------------------------------------------------------------

    def _giver_chosen(self, _number: int) -> None:
        if not self._filling:
            self._whose = self.giver.value
            self._left_out.clear()
            self.problem.hide()
            self._read()

    def _taker_chosen(self, _number: int) -> None:
        if not self._filling:
            self._write()

    def _exchange(self) -> None:
        if self.context.sync is not None:
            self.context.sync.retry_now()
            self.said.emit("正在收发，发完这里的数字会变。")

    def ask(self) -> None:
        """Say what will happen, then do it."""
        loaded, ticked = self.loaded, self.ticked
        if loaded is None or self.act_button.unavailable:
            return
        taker = next(one for one in loaded.takers if one.person_id == self.taker.value)
        asked = Confirmation(
            title=f"交接 {len(ticked)} 件给{taker.name}",
            effects=effects_of(ticked, taker.name, self._when()),
            lasting="发出后要改，请对方再交接回来，或请负责人改派。",
            action="交接并打印",
            icon="handshake",
        )
        ids = tuple(one.case_id for one in ticked)
        self.confirmed(
            _ACT, asked, lambda: self._hand_over(loaded.book.from_id, taker.person_id, ids),
            dialog="handover.confirm",
        )  # fmt: skip

    def _when(self) -> str:
        return when_sent("联网就发", self.context.outlook)

    def _hand_over(self, giver: str, taker: str, ids: tuple[str, ...]) -> None:
        self.problem.hide()
        self.save(
            _ACT,
            lambda office: office.handover.hand_over(giver, taker, ids),
            self._handed_over,
            refused=self._refused,
        )

    def _handed_over(self, written: Written[HandedOver]) -> None:
        done = written.value
        if done.refused:
            told = "；".join(f"{one.title}：{within(one.reason)}" for one in done.refused)
            self.problem.set_texts(f"有 {len(done.refused)} 件没有交接，还在原来的人手上", f"{told}。")
            self.problem.show()
        if done.book.entries:
            words = f"已交接 {len(done.book.entries)} 件给{done.book.to_name}，联网就发。"
            self.said.emit(when_sent(words, self.context.outlook))
            self._print(done.book)

    def _refused(self, error: UserError) -> bool:
        self.problem.set_texts("没有交接，案件都还在原来的人手上", error.message)
        self.problem.show()
        return True

    def say_kept_not(self, error: UserError) -> bool:
        """Why the signed book was not kept."""
        self.problem.set_texts("交接册没有收存", error.message)
        self.problem.show()
        return True

    def print_last(self) -> None:
        """The book of the last hand-over once more: the printer may have jammed."""
        if self.loaded is not None and self.loaded.last is not None:
            self._print(self.loaded.last)

    def _print(self, book: Book) -> None:
        show_paper(
            self, lambda office: office.handover.render(book), title=PAPER, note="一式两份，双方签名各留一份"
        )
