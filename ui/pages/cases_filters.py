"""The line above the list of cases: search, filters, kept views."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QMenu, QWidget

from app.domain.taxonomy import dispute_kinds
from app.services.exporting import SOURCES
from ui.dialogs.form import FormDialog
from ui.pages.cases_data import PERIODS, Filters, filters_from, period
from ui.widgets.base import identify, row
from ui.widgets.buttons import LinkButton
from ui.widgets.chips import FilterChip
from ui.widgets.dates import DateField
from ui.widgets.fields import FormField, LineEdit, SearchField
from ui.widgets.tabs import Tabs

if TYPE_CHECKING:
    from ui.pages.working import WorkingPage
    from ui.theme.look import Look

TYPING_MS = 250


class ViewTabs(Tabs):
    """Tabs of which the chosen one is a raised field, as in the list of cases."""

    def __init__(self, look: Look, spoken: str, tabs: Sequence[tuple[str, str]], *, name: str) -> None:
        super().__init__(look, spoken, tabs, name=name)
        look.follow(self, self.restyle)

    def restyle(self) -> None:
        """The present colours."""
        c, line = self.look.colors, 2 if self.look.colors.high_contrast else 1
        self.setStyleSheet(
            f"QTabBar::tab {{ border: {line}px solid transparent; border-radius: 6px; margin-right: 4px; }}"
            f"QTabBar::tab:selected {{ background: {c['surface']}; border: {line}px solid {c['border']}; }}"
        )


class FilterLine(QWidget):
    """``changed()`` when the filters are others; :attr:`filters` holds them. ``keep_asked(name)``,
    ``forget_asked(name)``, ``view_chosen(name)`` for kept views.
    """

    changed = Signal()
    entered = Signal()
    """Enter in the search field, what was typed having been taken."""
    lowered = Signal()
    """Down in the search field."""
    keep_asked = Signal(str)
    forget_asked = Signal(str)
    view_chosen = Signal(str)

    def __init__(self, page: WorkingPage) -> None:
        super().__init__()
        self._page, look = page, page.look
        self.look = look
        self.filters = Filters()
        self._views: Mapping[str, Any] = {}
        self.search = SearchField(
            look, "找案件", name="cases.search.text", placeholder="按简称、编号、姓名、电话后四位找"
        )
        self.search.setMinimumWidth(look.metrics.px(240))
        self.search.setMaximumWidth(look.metrics.px(360))
        self._typing = QTimer(self)
        self._typing.setSingleShot(True)
        self._typing.timeout.connect(self._typed)
        self.search.textChanged.connect(lambda: self._typing.start(TYPING_MS))
        self.search.returnPressed.connect(self._return_pressed)
        self.search.installEventFilter(self)
        self.chips = {
            key: FilterChip(look, text, name=f"cases.filter.{key}", removable=False)
            for key, text in (("sources", "来源"), ("dispute_kinds", "纠纷类型"), ("accepted", "受理日期"),
                              ("mediators", "承办人"))
        }  # fmt: skip
        self.words = {key: chip.text() for key, chip in self.chips.items()}
        for key, chip in self.chips.items():
            chip.clicked.connect(self._opener(key))
            chip.removed.connect(self._remover(key))
        self.views_chip = FilterChip(look, "常用视图", name="cases.views.open", removable=False)
        self.views_chip.clicked.connect(self.open_views)
        self.views_chip.hide()
        self.keep_link = LinkButton(look, "存为常用视图", name="cases.views.keep")
        self.keep_link.clicked.connect(self.ask_name)
        line = row(self.search, *self.chips.values(), None, self.views_chip, self.keep_link, spacing=8)
        line.setStretch(0, 1)
        self.setLayout(line)

    def set_filters(self, filters: Filters) -> None:
        """Take other filters, without telling."""
        self.filters = filters
        blocked = self.search.blockSignals(True)
        self.search.setText(filters.text)
        self.search.blockSignals(blocked)
        self._write()

    def set_views(self, views: Mapping[str, Any]) -> None:
        """The kept views by name."""
        self._views = views
        self.views_chip.setVisible(bool(views))

    def menu(self, key: str) -> QMenu:
        """The choices of one filter."""
        menu = QMenu(self)
        identify(menu, f"cases.filter.{key}.menu", self.words[key])
        if key == "accepted":
            for name, text in PERIODS:
                menu.addAction(text).triggered.connect(self._period(name))
            menu.addAction("自己选日子…").triggered.connect(self.ask_days)
            return menu
        chosen = getattr(self.filters, key)
        for value, text in self._choices(key):
            action = menu.addAction(text)
            action.setCheckable(True)
            action.setChecked(value in chosen)
            action.toggled.connect(self._toggler(key, value))
        return menu

    def ask_days(self) -> None:
        """Two days."""
        today = self._page.office.desk.today
        first = DateField(self.look, "从哪天", name="cases.days.since", today=today)
        last = DateField(self.look, "到哪天", name="cases.days.until", today=today, value=today())
        fields: dict[str, FormField | QWidget] = {
            "since": FormField(
                "从哪天", first, check=lambda: first.problem() or ("" if first.value() else "写一个日子。")
            ),
            "until": FormField("到哪天（含当天）", last, check=last.problem),
        }
        form = FormDialog(self.look, self, "受理日期", fields, action="筛选", name="cases.days", back="不筛")

        def given() -> None:
            since, until = first.value(), last.value()
            self._take(since=since.isoformat() if since else "", until=until.isoformat() if until else "")
            form.accept()

        form.given.connect(given)
        form.open()

    def ask_name(self) -> None:
        """存为常用视图."""
        line = LineEdit("叫什么", name="cases.views.name", placeholder="如 我的物业纠纷")
        field = FormField("叫什么", line, check=lambda: "" if line.text().strip() else "起个名字，好认。")
        form = FormDialog(
            self.look, self, "存为常用视图", {"name": field}, action="存好", name="cases.views",
            text="存下现在的标签、筛选、排序和列。", back="先不存",
        )  # fmt: skip

        def given() -> None:
            self.keep_asked.emit(line.text().strip())
            form.accept()

        form.given.connect(given)
        form.open()

    def open_views(self) -> None:
        """The kept views."""
        menu = QMenu(self)
        identify(menu, "cases.views.menu", "常用视图")
        for name in self._views:
            menu.addAction(name).triggered.connect(self._viewer(name))
        menu.addSeparator()
        for name in self._views:
            menu.addAction(f"不要“{name}”").triggered.connect(self._forgetter(name))
        self._popup(menu, self.views_chip)

    def view_filters(self, name: str) -> Filters:
        """The filters of a kept view."""
        return filters_from(self._views[name].get("filters", {}))

    def _choices(self, key: str) -> Sequence[tuple[str, str]]:
        if key == "sources":
            return tuple(SOURCES.items())
        if key == "dispute_kinds":
            return tuple((k.code, k.name) for k in dispute_kinds().values())
        # Also of those who left: their cases are still to be found.
        people = self._page.office.desk.people.values()
        return tuple((p.person_id, p.name) for p in people if p.role in ("mediator", "head"))

    def _write(self) -> None:
        f = self.filters
        for key, chip in self.chips.items():
            if key == "accepted":
                text = f"{f.since} 至 {f.until or '今天'}" if f.since or f.until else ""
            else:
                names = dict(self._choices(key))
                text = "、".join(names.get(v, v) for v in getattr(f, key))
            words = f"{self.words[key]}：{text}" if text else self.words[key]
            chip.set_text(words, removable=bool(text))
            chip.setChecked(bool(text))

    def _take(self, **changes: Any) -> None:
        self.filters = replace(self.filters, **changes)
        self._write()
        self.changed.emit()

    def _typed(self) -> None:
        text = self.search.text().strip()
        if text != self.filters.text:
            self._take(text=text)

    def _return_pressed(self) -> None:
        self._typing.stop()
        self._typed()
        self.entered.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Down leaves the search field for what it found."""
        if (
            watched is self.search
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Down
            and not event.modifiers()
        ):
            self.lowered.emit()
            return True
        return False

    def _opener(self, key: str) -> Callable[[], None]:
        return lambda: self._popup(self.menu(key), self.chips[key])

    def _popup(self, menu: QMenu, chip: FilterChip) -> None:
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(chip.mapToGlobal(chip.rect().bottomLeft()))

    def _remover(self, key: str) -> Callable[[], None]:
        if key == "accepted":
            return lambda: self._take(since="", until="")
        return lambda: self._take(**{key: ()})

    def _toggler(self, key: str, value: str) -> Callable[[bool], None]:
        def toggled(on: bool) -> None:
            held = tuple(v for v in getattr(self.filters, key) if v != value)
            self._take(**{key: (*held, value) if on else held})

        return toggled

    def _period(self, name: str) -> Callable[[], None]:
        def chosen() -> None:
            since, until = period(name, self._page.office.desk.today())
            self._take(since=since, until=until)

        return chosen

    def _viewer(self, name: str) -> Callable[[], None]:
        return lambda: self.view_chosen.emit(name)

    def _forgetter(self, name: str) -> Callable[[], None]:
        return lambda: self.forget_asked.emit(name)
