"""设置: changes count at once, with 撤销 where something can be taken back; no save button."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QListWidget, QListWidgetItem, QWidget

from app.clock import legal_day
from app.domain import roles
from app.services.changes import ChangeSet
from app.version import version
from ui.context import Context
from ui.dialogs.confirm import Confirmation, confirm
from ui.dialogs.settings_dialogs import NewCodeDialog, PassphraseDialog
from ui.pages.settings_about import RESTORING, TYPING
from ui.pages.settings_acts import Picture, SettingsActs, read_picture
from ui.pages.settings_cards import (
    AboutCard,
    BackupCard,
    ConnectionCard,
    HolidayCard,
    LockCard,
    LookCard,
    NumberCard,
    PeopleCard,
    RuleCard,
)
from ui.pages.settings_line import LineCard
from ui.pages.settings_words import rule_name
from ui.widgets.base import Text, column, first_focusable, identify, row
from ui.widgets.cards import Card
from ui.widgets.fields import SearchField
from ui.widgets.gutter import FittingArea

if TYPE_CHECKING:
    from app.services.office import Office

SECTIONS = (
    ("overview", "总览", "columns-3", ""),
    ("look", "外观", "sun", "明暗 浅色 深色 高对比 字号 字体 大小"),
    ("lock", "锁屏与口令", "lock", "分钟 口令 密码 恢复码"),
    ("people", "人员", "users", "同事 换人登录 加人 名册"),
    ("holidays", "放假安排", "calendar-days", "调休 工作日 节假日 暂估"),
    ("rules", "规则版本", "scale", "期限 联系 调解期限 司法确认 回访 待核 依据"),
    ("number", "编号", "hash", "样式 案号 序号"),
    ("backup", "备份", "database", "还原 找回 移动盘"),
    ("connection", "连接与设备", "refresh-cw", "平台 登记 登录 机构 设备"),
    ("line", "收发与流量", "cloud-upload", "网络 流量 计费 手机热点 大文件"),
    ("about", "关于", "info", "版本 许可 输入法 中文"),
)
TWO_COLUMNS = 1110
"""Logical width of the page from which the cards stand in two columns."""
SHARES = (9, 11)
"""The rules need the wider column."""
LEFT, RIGHT = (
    ("look", "lock", "people", "number", "backup"),
    ("holidays", "rules", "connection", "line", "about"),
)


class SettingsPage(SettingsActs):
    """The sections at the left, their cards at the right; Ctrl+F finds one."""

    kinds = frozenset({"settings", "backups", "institution", "people"})
    help_text = "改了就生效，个人设置可以撤销。规则、编号、放假安排由负责人改。Ctrl+F 找一项设置，↑↓ 换类。"

    def __init__(self, context: Context) -> None:
        super().__init__(context, "settings", title="设置")
        look = context.look
        self.search = SearchField(look, "找一项设置", name="settings.search.text", placeholder="找一项设置")
        self.set_header_aside(self.search)
        self.sections = QListWidget()
        self.sections.setProperty("kind", "sections")
        identify(self.sections, "settings.sections.list", "设置的各类")
        for key, words, icon, _ in SECTIONS:
            item = QListWidgetItem(look.icon(icon, "textSecondary"), words)
            item.setData(Qt.ItemDataRole.UserRole, key)
            self.sections.addItem(item)
        self.look_card, self.lock_card = LookCard(look), LockCard(look)
        self.holiday_card, self.rule_card = HolidayCard(look), RuleCard(look)
        self.number_card, self.backup_card = NumberCard(look), BackupCard(look)
        self.connection_card, self.about_card = ConnectionCard(look), AboutCard(look, version())
        self.people_card, self.line_card = PeopleCard(look), LineCard(look)
        self.cards: dict[str, Card] = {
            "look": self.look_card,
            "lock": self.lock_card,
            "people": self.people_card,
            "number": self.number_card,
            "backup": self.backup_card,
            "holidays": self.holiday_card,
            "rules": self.rule_card,
            "connection": self.connection_card,
            "line": self.line_card,
            "about": self.about_card,
        }
        self.nothing = Text("没有符合的设置，换个词找。", tone="textSecondary")
        self.nothing.hide()
        self._columns = [column(spacing=14), column(spacing=14)]
        for at, keys in enumerate((LEFT, RIGHT)):
            for key in keys:
                self._columns[at].addWidget(self.cards[key])
            self._columns[at].addStretch(1)
        self._beside = row(*self._columns, spacing=16)
        inside = QWidget()
        inside.setLayout(column(self.nothing, self._beside))
        inside.setProperty("kind", "scrolled")
        area = FittingArea()
        area.setWidget(inside)
        whole = QWidget()
        line = row(self.sections, area, spacing=16)
        line.setStretch(1, 1)
        whole.setLayout(line)
        self.set_content(whole)
        self._connect()
        look.follow(self, self._resize)

    def _connect(self) -> None:
        self.sections.currentRowChanged.connect(self._section)
        self.search.textChanged.connect(self._searched)
        self.search.returnPressed.connect(self._to_first)
        self.add_shortcut("Ctrl+F", "找一项设置", self._find)
        self.look_card.changed.connect(self._personal)
        self.lock_card.changed.connect(self._personal)
        self.line_card.changed.connect(self._personal)
        self.lock_card.passphrase.clicked.connect(self.change_passphrase)
        self.lock_card.code.clicked.connect(self.ask_new_code)
        self.people_card.add_button.clicked.connect(self.add_colleague)
        self.holiday_card.load_asked.connect(self.choose_holidays)
        self.rule_card.edit_asked.connect(self.edit_rule)
        self.rule_card.earlier.clicked.connect(self.show_earlier)
        self.number_card.given.connect(self._pattern)
        self.backup_card.changed.connect(self._policy)
        self.backup_card.choose.clicked.connect(self.choose_folder)
        self.backup_card.now.clicked.connect(self.back_up)
        self.backup_card.verify.clicked.connect(self.verify_backup)
        self.backup_card.progress.cancelled.connect(self.stop_care)
        self.context.operations.progress.connect(self.care_moved)
        self.backup_card.restore.clicked.connect(
            partial(self._read_text, "怎样从备份找回", RESTORING, "restore")
        )
        self.connection_card.sign_in.clicked.connect(self.sign_in)
        self.connection_card.enrol.clicked.connect(self.enrol)
        self.connection_card.centre.clicked.connect(lambda: self.context.navigate("sync"))
        self.about_card.licences.clicked.connect(self._licences)
        self.about_card.typing.clicked.connect(partial(self._read_text, "怎样输入中文", TYPING, "typing"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """One column where two would be too narrow for their words."""
        super().resizeEvent(event)
        self._resize()

    def _resize(self) -> None:
        ways, tight = QBoxLayout.Direction, self.look.metrics.logical(self.width()) < TWO_COLUMNS
        self._beside.setDirection(ways.TopToBottom if tight else ways.LeftToRight)
        self._beside.setSpacing(14 if tight else 16)
        for at, share in enumerate(SHARES):
            self._beside.setStretch(at, 0 if tight else share)
        self.sections.setFixedWidth(self.look.metrics.px(172))
        self.search.setFixedWidth(self.look.metrics.px(260))
        for at, (_, _, icon, _) in enumerate(SECTIONS):
            item = self.sections.item(at)
            item.setSizeHint(QSize(0, self.look.metrics.px(38)))
            item.setIcon(self.look.icon(icon, "textSecondary"))

    # -- reading -------------------------------------------------------------------------------------

    def open(self, params: Mapping[str, Any]) -> None:
        """Show all, or one section by ``section``."""
        keys = [key for key, _, _, _ in SECTIONS]
        wanted = str(params.get("section", "overview"))
        self.sections.setCurrentRow(keys.index(wanted) if wanted in keys else 0)
        self.renew()
        self.sections.setFocus()

    def leave(self) -> None:
        """Give up reads."""
        self.drop_all()

    def refresh(self, changes: ChangeSet) -> None:
        """Something was changed."""
        self.renew()

    def renew(self) -> None:
        """Read it all anew."""
        self.fetch("读设置", read_picture, self._show)

    def _show(self, picture: Picture) -> None:
        self.picture = picture
        desk = self.context.desk
        self.look_card.show_personal(picture.personal)
        self.lock_card.show_personal(picture.personal)
        self.line_card.show_personal(picture.personal)
        self.holiday_card.show_years(picture.years, may=self.may)
        last = picture.book.versions[-1]
        since = f"，{legal_day(last.since)} 起" if last.changed else "，随软件带来"
        self.rule_card.show_rules(f"{last.rules.version}{since}", picture.rules, may=self.may)
        self.number_card.show_numbers(picture.pattern, picture.numbers_left, may=self.may)
        self.backup_card.show_policy(picture.policy, picture.last, desk.today())
        person = f"{desk.person.name}，{roles.LABELS.get(desk.person.role, '还没有登记')}"
        facts = {
            "url": picture.enrolment.url or picture.wish.url or "还没有填",
            "institution": desk.institution.name,
            "person": person,
            "device": f"编号 {desk.device_id[:8].upper()}",
        }
        self.connection_card.show_connection(picture.enrolment, facts)
        self.people_card.show_people(picture.people, why_not=self.why_nobody(picture))
        self.connection_card.sign_in.set_unavailable("练习平台会自己登录" if desk.practice else "")
        self.set_title("设置", self._answer(picture))

    def _answer(self, picture: Picture) -> str:
        todo = [f"载入 {year.year} 年放假安排" for year in picture.years if not year.loaded]
        waiting = sum(not view.rule.verified for view in picture.rules)
        if waiting:
            todo.append(f"核定 {waiting} 条规则")
        if not todo:
            return "没有要办的，都照常。"
        tail = "其余照常。" if self.may else "由负责人办，其余照常。"
        return f"{len(todo)} 件事要办：{'，'.join(todo)}。{tail}"

    def _section(self, number: int) -> None:
        item = self.sections.item(number)
        key = str(item.data(Qt.ItemDataRole.UserRole)) if item is not None else "overview"
        self._only(list(self.cards) if key == "overview" else [key])

    def _only(self, keys: Sequence[str]) -> None:
        for key, card in self.cards.items():
            card.setVisible(key in keys)
        self.nothing.setVisible(not keys)

    def _searched(self, text: str) -> None:
        wanted = text.strip()
        if not wanted:
            self._section(self.sections.currentRow())
            return
        found = [key for key, words, _, more in SECTIONS if key != "overview" and wanted in f"{words} {more}"]
        if self.picture is not None and "rules" not in found:
            found += ["rules"] * any(wanted in rule_name(view.name) for view in self.picture.rules)
        self._only(found)

    def _to_first(self) -> None:
        shown = next((card for card in self.cards.values() if card.isVisibleTo(self)), None)
        first = first_focusable(shown) if shown is not None else None
        if first is not None:
            first.setFocus(Qt.FocusReason.TabFocusReason)

    def _find(self) -> None:
        self.search.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.search.selectAll()

    # -- the person's own ----------------------------------------------------------------------------

    def _personal(self, name: str, value: object) -> None:
        picture = self.picture
        if picture is None:
            return
        self._change_personal(name, value, getattr(picture.personal, name))

    def _change_personal(self, name: str, value: object, before: object) -> None:
        if name == "theme":
            self.look.set_mode(str(value))
        elif name == "scale" and isinstance(value, int):
            self.look.metrics.set_scale(value / 100)

        def done(_written: object) -> None:
            def undo() -> None:
                self._change_personal(name, before, value)

            self.offered.emit("已改好，已经生效。", undo)

        self.save(
            "改个人设置", lambda office: office.settings.change_personal(**{name: value}), done, again=True
        )

    def change_passphrase(self) -> None:
        """换口令."""
        paths = self.office.backups.paths
        dialog = PassphraseDialog(self.look, self.context.operations, paths, self.context.desk, self.window())
        dialog.changed.connect(lambda: self.said.emit("口令已换好，下次解锁用新的。"))
        dialog.open()

    def ask_new_code(self) -> None:
        """重打恢复码, after a confirmation: the sheet before it is void then."""
        asked = Confirmation(
            title="重打恢复码",
            effects=("会生成一个新的恢复码，打印后收好。",),
            action="生成新的",
            lasting="原来那张从这一刻起作废，找不回来。",
            icon="key-round",
            status="dueToday",
        )
        confirm(self.look, self, asked, self._new_code, name="settings.recovery.confirm")

    def _new_code(self) -> None:
        paths, desk = self.office.backups.paths, self.context.desk

        def work(_office: Office) -> str:
            from app.services import profile

            return profile.new_recovery_code(paths, desk)

        def done(code: str) -> None:
            dialog = NewCodeDialog(self.look, self.context.operations, self.window())
            dialog.part.show_code(code, desk)
            dialog.accepted.connect(lambda: self.said.emit("新的恢复码已收好，原来那张作废了。"))
            dialog.open()

        self.save("重打恢复码", work, done)
