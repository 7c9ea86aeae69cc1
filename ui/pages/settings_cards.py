"""The cards of the settings page. Each shows what is; what the person changes goes out as a signal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QLayout, QWidget

from app.clock import shanghai
from app.services.backups import BackupInfo, BackupPolicy
from app.services.enrolment import Enrolment
from app.services.settings import Personal, RuleView, YearView
from ui.labels import month_day
from ui.pages.settings_words import rule_name, rule_value
from ui.theme.look import Look
from ui.widgets.base import Divider, IconLabel, Text, clear, column, row
from ui.widgets.buttons import Button, LinkButton
from ui.widgets.cards import Card
from ui.widgets.choices import ComboBox, Segmented
from ui.widgets.fields import FormField, LineEdit
from ui.widgets.progress_line import ProgressLine
from ui.widgets.switch import Switch
from ui.widgets.tags import StatusTag

LABEL_WIDTH = 84
MINUTES = (1, 3, 5, 10, 15, 30, 60)


def line(look: Look, label: str, *things: QWidget | None) -> QLayout:
    """A label and what stands beside it."""
    name = Text(label, role="label", tone="textSecondary")
    name.setMinimumWidth(look.metrics.px(LABEL_WIDTH))
    return row(name, *things, None, spacing=10) if None not in things else row(name, *things, spacing=10)


class LookCard(Card):
    """外观: at once."""

    changed = Signal(str, object)

    def __init__(self, look: Look) -> None:
        super().__init__("外观", "", Text("立即生效", role="caption", tone="textSecondary"))
        self._quiet = False
        modes = (("system", "跟随系统"), ("light", "浅色"), ("dark", "深色"), ("highContrast", "高对比"))
        scales = (("100", "100%"), ("125", "125%"), ("150", "150%"))
        self.theme = Segmented(look, "明暗", modes, name="settings.theme", tick=True)
        self.scale = Segmented(look, "字号", scales, name="settings.scale", tick=True)
        keys = Text("Ctrl ＋ －", role="label", tone="textSecondary")
        self.add(line(look, "明暗", self.theme))
        self.add(line(look, "字号", self.scale, keys))
        self.theme.chosen.connect(self._theme)
        self.scale.chosen.connect(self._scale)

    def show_personal(self, personal: Personal) -> None:
        """What is chosen."""
        self._quiet = True
        self.theme.choose(personal.theme)
        self.scale.choose(str(personal.scale))
        self._quiet = False

    def _theme(self, key: str) -> None:
        if not self._quiet:
            self.changed.emit("theme", key)

    def _scale(self, key: str) -> None:
        if not self._quiet:
            self.changed.emit("scale", int(key))


class LockCard(Card):
    """锁屏与口令."""

    changed = Signal(str, object)

    def __init__(self, look: Look) -> None:
        super().__init__("锁屏与口令")
        self._quiet = False
        self.minutes = ComboBox(
            look, "无操作多久锁屏", [(str(n), f"{n} 分钟") for n in MINUTES], name="settings.lock.minutes"
        )
        self.passphrase = Button(look, "换口令", name="settings.passphrase.open", compact=True)
        self.code = Button(look, "重打恢复码", name="settings.recovery.open", compact=True)
        self.add(
            line(look, "无操作", self.minutes, Text("后锁屏，收发不停", role="label", tone="textSecondary"))
        )
        self.add(line(look, "口令", self.passphrase, self.code))
        self.minutes.currentIndexChanged.connect(self._minutes)

    def show_personal(self, personal: Personal) -> None:
        """What is chosen."""
        self._quiet = True
        if self.minutes.findData(str(personal.lock_minutes)) < 0:
            self.minutes.addItem(f"{personal.lock_minutes} 分钟", str(personal.lock_minutes))
        self.minutes.choose(str(personal.lock_minutes))
        self._quiet = False

    def _minutes(self, _index: int) -> None:
        if not self._quiet:
            self.changed.emit("lock_minutes", int(self.minutes.value))


class HolidayCard(Card):
    """放假安排: this year and the next. ``load_asked(year)``."""

    load_asked = Signal(int)

    def __init__(self, look: Look) -> None:
        super().__init__("放假安排", flush=True)
        self.look = look
        self._lines = column(spacing=0)
        self.add(self._lines)

    def show_years(self, years: Sequence[YearView], *, may: bool) -> None:
        """What is loaded."""
        clear(self._lines)
        for number, year in enumerate(years):
            if number:
                self._lines.addWidget(Divider())
            self._lines.addWidget(self._year(year, may=may))

    def _year(self, year: YearView, *, may: bool) -> QWidget:
        bar = QFrame()
        if not year.loaded:
            bar.setProperty("kind", "ground")
            bar.setProperty("status", "dueSoon")
        status, tag = ("ok", "已载入") if year.loaded else ("dueSoon", "没有载入")
        words = (
            f"休 {year.off} 天，调班 {year.work} 天"
            if year.loaded
            else "跨年的期限先按周末和法定节日算，日期后写“暂估”。"
        )
        said = column(Text(f"{year.year} 年", role="bodyStrong"), spacing=2)
        sentence = Text(words, role="label", tone="textSecondary", wrap=True)
        if year.notice:
            source = f"国务院办公厅通知：{'；'.join(year.notice)}"
            sentence.setToolTip(source)
            sentence.setAccessibleDescription(source)
        said.addWidget(sentence)
        inside = row(spacing=12)
        top = Qt.AlignmentFlag.AlignTop
        inside.addWidget(StatusTag(self.look, status, tag), alignment=top)
        inside.addLayout(said, 1)
        button = Button(
            self.look, "从文件载入", name=f"settings.holidays.load.{year.year}", about=f"{year.year} 年",
            compact=True,
        )  # fmt: skip
        button.set_unavailable("" if may else "放假安排由负责人载入")
        number = year.year
        button.clicked.connect(lambda: self.load_asked.emit(number))
        inside.addWidget(button, alignment=top)
        inside.setContentsMargins(16, 10, 16, 10)
        bar.setLayout(inside)
        return bar


class RuleCard(Card):
    """规则版本: every rule, what it is now, whether it was checked. ``edit_asked(name)``."""

    edit_asked = Signal(str)

    def __init__(self, look: Look) -> None:
        self.earlier = Button(look, "以前的", name="settings.rules.earlier", icon="history", compact=True)
        super().__init__("规则版本", "", self.earlier, flush=True)
        self.look = look
        self._grid = QGridLayout()
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(0)
        self._grid.setVerticalSpacing(0)
        self._grid.setColumnStretch(0, 10)
        self._grid.setColumnStretch(1, 11)
        self.add(self._grid)
        note = row(IconLabel(look, "info", color="textSecondary", edge=16), spacing=8)
        words = "改规则只管以后收到的案件；在办的留原算式"
        note.addWidget(Text(words, role="label", tone="textSecondary", wrap=True), 1)
        foot = QWidget()
        foot.setLayout(note)
        self.set_footer(foot)

    def show_rules(self, version: str, rules: Sequence[RuleView], *, may: bool) -> None:
        """All rules in force."""
        if self.header is not None:
            self.header.set_texts("规则版本", version)
        clear(self._grid)
        for place, words in enumerate(("规则", "现在是", "核定", "")):
            self._cell(Text(words, role="label", tone="textSecondary"), 0, place, kind="heads")
        for number, view in enumerate(rules, start=1):
            self._grid.addWidget(Divider(), 2 * number - 1, 0, 1, 4)
            value = rule_value(view.name, view.rule)
            name = Text(rule_name(view.name), wrap=True)
            name.setToolTip(f"依据：{view.rule.source}")
            self._cell(name, 2 * number, 0)
            self._cell(Text(value, role="label", wrap=True), 2 * number, 1)
            status, tag = ("ok", "已核") if view.rule.verified else ("dueSoon", "待核")
            self._cell(StatusTag(self.look, status, tag, boxed=False), 2 * number, 2)
            edit = LinkButton(
                self.look, "改" if may else "看", name=f"settings.rule.edit.{view.name}",
                about=f"{rule_name(view.name)}，{value}，{tag}",
            )  # fmt: skip
            key = view.name
            edit.clicked.connect(lambda _on=False, key=key: self.edit_asked.emit(key))
            self._cell(edit, 2 * number, 3)

    def _cell(self, part: QWidget, line: int, place: int, *, kind: str = "cell") -> None:
        """One cell with its room; the head has a ground of its own."""
        holder = QFrame()
        holder.setProperty("kind", kind)
        inside = row(part)
        high = 6 if kind == "heads" else 1
        inside.setContentsMargins(16 if place == 0 else 6, high, 12 if place == 3 else 0, high)
        holder.setLayout(inside)
        self._grid.addWidget(holder, line, place)


class NumberCard(Card):
    """编号. ``given(pattern)``."""

    given = Signal(str)

    def __init__(self, look: Look) -> None:
        super().__init__("编号")
        self.pattern = LineEdit("编号样式", name="settings.number.pattern")
        self.field = FormField("样式", self.pattern, hint="{年} 年份，{简称} 机构简称，{序:4} 四位序号")
        self.left = Text("", wrap=True)
        self.add(self.field)
        name = Text("留号", role="label", tone="textSecondary")
        name.setMinimumWidth(look.metrics.px(LABEL_WIDTH))
        kept = row(name, self.left, spacing=10)
        kept.setStretch(1, 1)
        self.add(kept)
        self._known = ""
        self.pattern.editingFinished.connect(self._edited)

    def show_numbers(self, pattern: str, left: int, *, may: bool) -> None:
        """The pattern and how many leased numbers are left."""
        self._known = pattern
        if not self.pattern.hasFocus():
            self.pattern.setText(pattern)
        self.pattern.setReadOnly(not may)
        if left:
            self.left.setText(f"本机还留有 {left} 个号，离线也不重号")
        else:
            self.left.setText("本机没有留号。离线建的案件先用临时号，连上后再换正式号")

    def _edited(self) -> None:
        text = self.pattern.text().strip()
        if text and text != self._known and not self.pattern.isReadOnly():
            self._known = text
            self.given.emit(text)


class BackupCard(Card):
    """备份. ``changed(name, value)`` for the policy."""

    changed = Signal(str, object)

    def __init__(self, look: Look) -> None:
        self.tag = StatusTag(look, "neutral", "还没有备份")
        super().__init__("备份", "", self.tag)
        self._quiet, self._busy, self._none = False, "", ""
        self.enabled = Switch(look, "每天自动备份，加密", name="settings.backup.enabled")
        hours = [(str(hour), f"{hour}:00 起") for hour in range(24)]
        self.hour = ComboBox(look, "几点备份", hours, name="settings.backup.hour")
        self.keep = Text("", role="label", tone="textSecondary")
        self.folder = Text("", wrap=True)
        self.choose = LinkButton(look, "换个地方", name="settings.backup.folder", about="备份放在哪")
        self.now = Button(look, "现在备份", name="settings.backup.now", icon="save", compact=True)
        self.verify = Button(look, "核对上一份", name="settings.backup.verify", compact=True)
        self.restore = Button(look, "怎样找回", name="settings.backup.restore", compact=True)
        self.add(line(look, "什么时候", self.enabled, self.hour))
        self.add(line(look, "留多少", self.keep))
        where = row(spacing=10)
        name = Text("放在哪", role="label", tone="textSecondary")
        name.setMinimumWidth(look.metrics.px(LABEL_WIDTH))
        where.addWidget(name)
        where.addWidget(self.folder, 1)
        where.addWidget(self.choose)
        self.add(where)
        self.add(row(self.now, self.verify, self.restore, None))
        self.progress = ProgressLine(
            look, name="settings.backup.progress", stop="停下", about="备份的进度", inset=False
        )
        self.add(self.progress)
        self.enabled.toggled.connect(self._toggled)
        self.hour.currentIndexChanged.connect(self._hour)

    def show_policy(self, policy: BackupPolicy, last: BackupInfo | None, today: dt.date) -> None:
        """Policy and the newest backup."""
        self._quiet = True
        self.enabled.setChecked(policy.enabled)
        self.hour.choose(str(policy.hour))
        self.hour.setEnabled(policy.enabled)
        self._quiet = False
        self.keep.setText(f"每天的留 {policy.days} 份，每周的留 {policy.weeks} 份")
        self.folder.setText(policy.folder or "档案文件夹里的“backups”。最好换到移动盘或另一块盘")
        self._none = "" if last else "还没有备份可以核对"
        self._allow()
        if last is None:
            self.tag.set_status("dueSoon", "还没有备份")
            return
        local = shanghai(last.made_at)
        day = "今天" if local.date() == today else month_day(local.date())
        self.tag.set_status("ok", f"{day} {local:%H:%M} 完成")

    def begin(self, words: str) -> None:
        """Something long is under way with the backups, such as 正在备份."""
        self._busy = words
        self.progress.begin(f"{words}，您可以照常写，都会存好。")
        self._allow()

    def over(self) -> None:
        """It has ended."""
        self._busy = ""
        self.progress.finish()
        self._allow()

    def _allow(self) -> None:
        self.now.set_unavailable(self._busy)
        self.verify.set_unavailable(self._busy or self._none)

    def _toggled(self, on: bool) -> None:
        if not self._quiet:
            self.changed.emit("enabled", on)

    def _hour(self, _index: int) -> None:
        if not self._quiet:
            self.changed.emit("hour", int(self.hour.value))


class ConnectionCard(Card):
    """连接与设备."""

    def __init__(self, look: Look) -> None:
        self.tag = StatusTag(look, "neutral", "　")
        super().__init__("连接与设备", "", self.tag)
        self.values: dict[str, Text] = {}
        for key, label in (
            ("url", "平台地址"),
            ("institution", "机构"),
            ("person", "本人"),
            ("device", "本机"),
        ):
            self.values[key] = Text("", wrap=True, selectable=True)
            name = Text(label, role="label", tone="textSecondary")
            name.setFixedWidth(look.metrics.px(LABEL_WIDTH))
            inside = row(name, spacing=10)
            inside.addWidget(self.values[key], 1)
            self.add(inside)
        self.sign_in = Button(look, "重新登录平台", name="settings.connection.sign_in", compact=True)
        self.enrol = Button(look, "登记本机", name="settings.connection.enrol", compact=True)
        self.centre = Button(look, "看同步中心", name="settings.connection.sync", compact=True)
        self.add(row(self.enrol, self.sign_in, self.centre, None))

    def show_connection(self, enrolment: Enrolment, facts: Mapping[str, str]) -> None:
        """How this computer stands with the platform."""
        for key, text in facts.items():
            self.values[key].setText(text)
        done = enrolment.complete
        self.tag.set_status("ok" if done else "dueSoon", "已登记" if done else "还没有登记")
        self.sign_in.setVisible(done)
        self.enrol.setVisible(not done)


class PeopleCard(Card):
    """人员: who can sign in on this computer, and 加一位同事."""

    def __init__(self, look: Look) -> None:
        self.add_button = Button(
            look, "加一位同事", name="settings.people.add", icon="user-plus", compact=True
        )
        super().__init__("人员", "能在本机登录的", self.add_button)
        self._lines = column(spacing=6)
        self.add(self._lines)
        self.note = Text("", role="label", tone="textSecondary", wrap=True)
        self.add(self.note)

    def show_people(self, people: Sequence[tuple[str, str]], *, why_not: str) -> None:
        """Names with their roles; ``why_not`` says why nobody can be added here."""
        clear(self._lines)
        for name, role in people:
            self._lines.addLayout(row(Text(name), Text(role, role="label", tone="textSecondary"), None))
        self.add_button.set_unavailable(why_not)
        own = "每位同事用自己的口令打开，各有各的恢复码，各签各的名。"
        self.note.setText(f"{own}{why_not}。" if why_not else own)


class AboutCard(Card):
    """关于."""

    def __init__(self, look: Look, version: str) -> None:
        super().__init__("关于", f"解纷工作台 {version}")
        words = "Apache-2.0 许可。没有经过任何机构的认证或检测；期限、清单等提醒以法院和主管机关为准。"
        self.add(Text(words, role="label", tone="textSecondary", wrap=True))
        self.licences = Button(look, "用到的软件", name="settings.about.licences", compact=True)
        self.typing = Button(look, "怎样输入中文", name="settings.about.typing", compact=True)
        self.add(row(self.licences, self.typing, None))
