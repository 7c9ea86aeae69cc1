"""案件: every case of the institution, filtered, sorted and paged in the database."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QSplitter, QStackedWidget, QWidget

from app.services.changes import ChangeSet
from ui.background.lanes import Job
from ui.context import Context
from ui.dialogs.files import save_file
from ui.dialogs.printing import write_file
from ui.models.paged import KEY, PagedTableModel, Query, Row
from ui.pages.case_data import CaseData, read_case
from ui.pages.cases_data import (
    COLUMNS,
    HIDDEN_AT_FIRST,
    TABS,
    Counts,
    Filters,
    found_otherwise,
    query_for,
    read_counts,
    row_of,
)
from ui.pages.cases_filters import FilterLine, ViewTabs
from ui.pages.cases_find import SearchKeys
from ui.pages.cases_look import QuickLook
from ui.pages.cases_menu import MenuPage
from ui.widgets.base import column, identify, row
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.fitting import ElidedText
from ui.widgets.states import EmptyState, SkeletonRows
from ui.widgets.table import DataTable

REMEMBER_MS = 600


class CasesPage(MenuPage):
    """The list of cases. Parameters: ``tab``, ``states``, ``text``."""

    kinds = frozenset({"cases", "tasks", "outbox", "conflicts", "settings"})
    help_text = (
        "这一页列出所有案件。上下键选一件，按 Enter 打开，按空格在右边快速看。"
        "按 Ctrl F 找：简称、编号、姓名、电话后四位、拼音首字母都可以。列表里的姓名一直是遮挡的。"
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, "cases", title="案件")
        self._total = -1
        self._counted: dict[int, int] = {}
        self._counts: Counts | None = None
        self._layout: dict[str, Any] | None = None
        self._held = ""
        self._export: Job | None = None
        self._make()
        self._connect()

    # -- building --------------------------------------------------------------------------------

    def _make(self) -> None:
        look = self.look
        self.columns_button = Button(look, "显示列", name="cases.columns.open", icon="columns-3")
        self.export_button = Button(
            look, "导出（遮挡）", name="cases.list.export", icon="download", keys="Ctrl+Shift+E"
        )
        self.set_actions([self.columns_button, self.export_button])
        self.make_menu()
        self.tabs = ViewTabs(look, "案件的几种视图", TABS, name="cases.tabs.bar")
        self.line = FilterLine(self)
        below = column(self.tabs, self.line, spacing=8)
        holder = QWidget()
        holder.setLayout(below)
        self.set_below_header(holder)
        self.model = PagedTableModel(COLUMNS, self._fetch)
        self.model.sort_key = "next"
        self.table = DataTable(look, "案件", self.model, name="cases.list.table")
        self.table.restore_layout(HIDDEN_AT_FIRST)
        place = [c.key for c in COLUMNS].index("next")
        self.table.horizontalHeader().setSortIndicator(place, Qt.SortOrder.AscendingOrder)
        self.waiting = SkeletonRows(look, name="cases.list.waiting")
        self.empty = EmptyState(
            look,
            "还没有案件。从“新登记”开始。",
            name="cases.list.empty",
            icon="folder-open",
            action="来访登记",
        )
        self.nothing = EmptyState(
            look, "没有符合的案件", name="cases.list.nothing", icon="search", action="清除筛选"
        )
        self.stack = QStackedWidget()
        for part in (self.table, self.empty, self.nothing):
            self.stack.addWidget(part)
        self.foot = ElidedText("", role="label", tone="textSecondary")
        self.keys = ElidedText(
            "Enter 打开　Space 快速看　Ctrl F 找　Ctrl Shift E 导出", role="label", tone="textSecondary"
        )
        foot = QWidget()
        foot.setLayout(row(self.foot, None, self.keys, spacing=16))
        card = Card(flush=True)
        card.add(self.waiting)
        card.add(self.stack)
        card.set_footer(foot)
        self.quick = QuickLook(look)
        self.quick.hide()
        self.halves = QSplitter(Qt.Orientation.Horizontal)
        self.halves.setObjectName("cases.halves")
        self.halves.setChildrenCollapsible(False)
        self.halves.setHandleWidth(16)
        self.halves.addWidget(card)
        self.halves.addWidget(self.quick)
        self.halves.setStretchFactor(0, 1)
        identify(card, "cases.list.card")
        self.set_content(self.halves)

    def _connect(self) -> None:
        self._remember = QTimer(self)
        self._remember.setSingleShot(True)
        self._remember.timeout.connect(self._keep_layout)
        self.tabs.chosen.connect(lambda _key: self.reload())
        self.line.changed.connect(self.reload)
        self.line.keep_asked.connect(self._keep_view)
        self.line.forget_asked.connect(self._forget_view)
        self.line.view_chosen.connect(self._take_view)
        self.columns_button.clicked.connect(self._open_columns)
        self.export_button.clicked.connect(self.ask_export)
        self.table.opened.connect(self.open_case)
        self.table.looked.connect(self.look_at)
        self.table.current_changed.connect(self._current_changed)
        self.table.layout_changed.connect(lambda: self._remember.start(REMEMBER_MS))
        self.model.loaded.connect(self._loaded)
        self.search_keys = SearchKeys(self.line, self.table, self.model)
        self.search_keys.opened.connect(self.open_case)
        self.empty.acted.connect(lambda: self.navigate.emit("intake", {}))
        self.nothing.acted.connect(self.clear_filters)
        self.quick.open_asked.connect(lambda: self.open_case(self.table.current_key))
        self.quick.closed.connect(self.close_look)
        self.waiting.cancelled.connect(self.drop_all)
        self.add_shortcut("Ctrl+F", "找", self._find)
        self.add_shortcut("Esc", "收起快速看、清除筛选", self._escape)

    # -- page ------------------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """Show the list; with parameters, a tab or filters of it."""
        if any(key in params for key in ("tab", "states", "text")):
            blocked = self.tabs.blockSignals(True)
            self.tabs.choose(str(params.get("tab", "all")))
            self.tabs.blockSignals(blocked)
            text, states = str(params.get("text", "")), tuple(params.get("states", ()))
            self.line.set_filters(Filters(text=text, states=states))
        if self._layout is None:
            self.fetch("读列表的样子", lambda office: office.settings.layout("cases"), self._take_layout)
        self.reload()
        self.table.setFocus()

    def leave(self) -> None:
        """Give up reads; keep the columns."""
        self.drop_all()
        self.search_keys.forget()
        self.waiting.finish()
        if self._remember.isActive():
            self._remember.stop()
            self._keep_layout()

    def refresh(self, changes: ChangeSet) -> None:
        """Something changed: read anew, the current row stays current."""
        self.reload()

    def focus_areas(self) -> Sequence[QWidget]:
        """Search and filters, table, quick look."""
        areas: list[QWidget] = [self.line, self.table]
        return [*areas, self.quick] if self.quick.isVisible() else areas

    # -- reading ---------------------------------------------------------------------------------

    def reload(self) -> None:
        """Read list and counts anew."""
        self._held = self.table.current_key or self._held
        if self._total < 0:
            known = self._counts.tabs[self.tabs.value] if self._counts else 0
            self.waiting.begin(f"正在打开 {known:,} 件案件…" if known else "正在打开案件…")
        self._counted.clear()
        self.model.reload()
        self.fetch("数案件", read_counts, self._show_counts)

    def _fetch(self, query: Query, deliver: Callable[[Query, Sequence[Row], int], None]) -> None:
        tab, filters = self.tabs.value, self.line.filters
        known = self._counted.get(query.generation)
        office = self.office

        def work(_job: Job) -> tuple[list[Row], int, int]:
            asked = query_for(office, tab, filters, query.sort, ascending=query.ascending)
            total = known if known is not None else office.cases.count(asked)
            rows = office.cases.page(asked, query.page * query.size, query.size)
            other = found_otherwise(office, asked, total) if query.page == 0 and filters.text else 0
            return [row_of(one, office.desk) for one in rows], total, other

        def done(found: tuple[list[Row], int, int]) -> None:
            rows, total, other = found
            self._counted[query.generation] = total
            if query.page == 0:
                self._other = other
            deliver(query, rows, total)

        self.context.operations.read("看案件", work, done, self._not_read)

    def _not_read(self, _error: BaseException) -> bool:
        self.search_keys.forget()
        self.waiting.finish()
        return False

    def _loaded(self, total: int) -> None:
        self.waiting.finish()
        self._total = total
        if total:
            self.stack.setCurrentWidget(self.table)
        elif self.line.filters or self.tabs.value != "all":
            self.stack.setCurrentWidget(self.nothing)
            self.nothing.set_texts("没有符合的案件" if self.line.filters else "这个视图里没有案件")
            self.nothing.button.setVisible(bool(self.line.filters) or self.tabs.value != "all")
            self.nothing.button.relabel("清除筛选" if self.line.filters else "看本机构全部")
        else:
            self.stack.setCurrentWidget(self.empty)
        self._select_held()
        self._write_foot()

    def _select_held(self) -> None:
        number = 0
        for line in range(min(self.model.total, 100)):
            if self.model.index(line, 0).data(KEY) == self._held:
                number = line
                break
        if self.model.total:
            self.table.setCurrentIndex(self.model.index(number, 0))

    def _show_counts(self, counts: Counts) -> None:
        self._counts = counts
        for key, number in counts.tabs.items():
            self.tabs.set_count(key, number)
        self.set_title("案件", counts.subtitle)

    def _write_foot(self) -> None:
        chosen = 1 if self.table.current_key else 0
        parts = [f"{max(self._total, 0):,} 件，已选 {chosen} 件"]
        text = self.line.filters.text
        other = getattr(self, "_other", 0)
        if text and other:
            how = "号码" if text.isdigit() else "姓名"
            more = "至少 " if other >= 100 else ""
            parts.append(f"按{how}找到 {more}{other} 件")
        elif self.tabs.value in ("mine", "after") and not text:
            parts.append("已结案的在这里，是因为确认、履行或回访还没完")
        self.foot.setText("　".join(parts))
        self.keys.setVisible(not self.narrow and self.look.metrics.scale <= 1)

    # -- what the person does --------------------------------------------------------------------

    def open_case(self, case_id: str) -> None:
        """Enter."""
        if case_id:
            self._held = case_id
            self.navigate.emit("case", {"case_id": case_id})

    def look_at(self, case_id: str) -> None:
        """Space: open the quick look, or close it."""
        if self.quick.isVisible():
            self.close_look()
            return
        if self.narrow:
            self.drawer.open_with("快速看", self.quick)
        else:
            if self.halves.indexOf(self.quick) < 0:
                self.drawer.take()
                self.halves.addWidget(self.quick)
            self.halves.setSizes([10_000, self.look.metrics.px(360)])
        self.quick.show()
        self._read_look(case_id)

    def close_look(self) -> None:
        """Fold the quick look away; the table has the focus again."""
        if self.drawer.is_open:
            self.drawer.close_drawer()
        self.quick.hide()
        self.table.setFocus()

    def clear_filters(self) -> None:
        """清除筛选, or the whole list where a tab is empty."""
        if self.line.filters:
            self.line.set_filters(Filters())
            self.reload()
        else:
            self.tabs.choose("all")

    def ask_export(self) -> None:
        """导出（遮挡）: where to; the list goes out as it is filtered and sorted."""
        dialog = save_file(
            self.window(), "导出案件列表（遮挡）", "案件列表.csv", "CSV (*.csv)", name="cases.export.dialog"
        )
        dialog.accepted.connect(lambda: self.export_to(Path(dialog.selectedFiles()[0])))
        dialog.open()

    def export_to(self, path: Path) -> None:
        """Write the list to ``path``."""
        from app.services.exporting import Exporting

        office = self.office
        tab, filters = self.tabs.value, self.line.filters
        sort, ascending = self.model.sort_key, self.model.ascending

        def work(job: Job) -> tuple[str, int]:
            asked = query_for(office, tab, filters, sort, ascending=ascending)
            made = Exporting(office.desk).cases(asked, lambda done, total: job.report(done / max(total, 1)))
            return write_file(path, made.content).name, made.rows

        def done(found: tuple[str, int]) -> None:
            self.said.emit(f"已导出 {found[1]:,} 件到“{found[0]}”，姓名是遮挡的。")

        self._export = self.context.operations.read("导出案件", work, done)

    def _current_changed(self, key: str) -> None:
        self._write_foot()
        if self.quick.isVisible() and key:
            self._read_look(key)

    def _read_look(self, case_id: str) -> None:
        self.fetch("快速看", lambda office: read_case(office, case_id), self._show_look)

    def _show_look(self, data: CaseData) -> None:
        if data.case_id == self.table.current_key:
            self.quick.show_case(data)

    def _find(self) -> None:
        self.line.search.setFocus()
        self.line.search.selectAll()

    def _escape(self) -> None:
        if self.quick.isVisible():
            self.close_look()
        elif self.line.filters:
            self.clear_filters()
            self.table.setFocus()
        else:
            self.table.setFocus()

    # -- columns and views -----------------------------------------------------------------------

    def _open_columns(self) -> None:
        menu = self.table.column_menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(self.columns_button.mapToGlobal(self.columns_button.rect().bottomLeft()))

    def _take_layout(self, kept: dict[str, Any]) -> None:
        self._layout = kept
        if kept.get("columns"):
            self.table.restore_layout(kept["columns"])
        self.line.set_views(kept.get("views", {}))

    def _keep_layout(self) -> None:
        kept = {**(self._layout or {}), "columns": self.table.layout_state()}
        self._layout = kept
        office = self.office
        self.context.operations.write("记住列", lambda _job: office.settings.remember_layout("cases", kept))

    def _keep_view(self, name: str) -> None:
        view = {
            "tab": self.tabs.value,
            "filters": self.line.filters.as_json(),
            "sort": self.model.sort_key,
            "ascending": self.model.ascending,
            "columns": self.table.layout_state(),
        }
        self._set_views({**(self._layout or {}).get("views", {}), name: view})
        self.said.emit(f"已存为常用视图“{name}”。")

    def _forget_view(self, name: str) -> None:
        views = dict((self._layout or {}).get("views", {}))
        views.pop(name, None)
        self._set_views(views)

    def _set_views(self, views: dict[str, Any]) -> None:
        self._layout = {**(self._layout or {}), "views": views}
        self.line.set_views(views)
        self._keep_layout()

    def _take_view(self, name: str) -> None:
        view = (self._layout or {})["views"][name]
        blocked = self.tabs.blockSignals(True)
        self.tabs.choose(view["tab"])
        self.tabs.blockSignals(blocked)
        self.line.set_filters(self.line.view_filters(name))
        self.table.restore_layout(view["columns"])
        self.model.sort_key, self.model.ascending = view["sort"], view["ascending"]
        self.reload()
