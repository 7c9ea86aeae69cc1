# ruff: noqa: E501 - invented content in one line each
"""A window with invented content, for looking at the frame and the widgets together."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication, QWidget

from app.clock import FixedClock
from ui import labels
from ui.background.hub import ChangeHub
from ui.frame.palette_lines import Deliver, PaletteGroup, PaletteItem
from ui.labels import Label
from ui.pages.base import Page
from ui.shell import Shell
from ui.theme.look import Look
from ui.widgets.base import column, row
from ui.widgets.buttons import Button, LinkButton, PrimaryButton
from ui.widgets.cards import Card, Figure
from ui.widgets.deadline import DeadlineCard, DeadlineView, Line, Span
from ui.widgets.masked import MaskedField
from ui.widgets.tabs import Tabs
from ui.widgets.tasks import Task, TaskList
from ui.widgets.timeline import Entry, Timeline

NOW = dt.datetime(2026, 11, 23, 6, 41, tzinfo=dt.UTC)

TODAY = (
    Task("1", labels.deadline(0), "联系被申请人", "小区停车费涨价", "李** 与 某物业公司", "今天是第 3 个工作日", "记录联系"),
    Task("2", labels.deadline(0), "提交司法确认申请", "装修尾款 3.2 万", "赵** 与 某装饰公司", "今天第 30 天", "去提交"),
    Task("3", Label("今天 14:00", "messages-square", "info"), "第 3 次调解", "三楼漏水赔墙面", "陈** 与 吴*", "第二调解室", "打开记录"),
)  # fmt: skip
SOON = (
    Task(
        "4",
        labels.deadline(1),
        "决定是否受理",
        "合租押金不退",
        "高** 与 冯*",
        "机构设定 5 个工作日内决定",
        "作决定",
    ),
    Task(
        "5",
        labels.deadline(2),
        "补调解员签名",
        "宠物犬咬伤赔偿",
        "许** 与 唐**",
        "协议还没有生效",
        "看缺什么",
    ),
    Task(
        "6", labels.deadline(3), "第一次回访", "阳台雨棚噪音", "孙** 与 周**", "履行期 11月19日已满", "打电话"
    ),
)
ENTRIES = (
    Entry("f", "今天", "14:00", "第 3 次调解", "", "第二调解室。双方已确认到场；吴* 的女儿一同来，需带授权委托书。", "messages-square", aside="还有 3 小时 18 分", future=True),
    Entry("a", "11-16", "09:20", "收到鉴定意见", "，恢复计时", "渗漏来自楼上卫生间地面防水层，墙面修复费用评估见附件。", "file-text", (("file-text", "鉴定意见 4 页"), ("image", "现场照片 3 张"))),
    Entry("b", "11-09", "10:05", "送鉴定", "，暂停计时", "双方书面同意委托房屋检测机构；11月9日至13日不计入期限。", "circle-pause", (("file-check", "同意书（双方已签）"),), paused_below=True),
    Entry("c", "11-05", "14:30", "第 2 次调解", "　没有谈成，另定时间", "对漏水原因说法不同，都同意先做鉴定。", "messages-square"),
    Entry("d", "10-26", "09:35", "受理", "　来访登记", "登记人 沈佳怡；身份证已核对，权利义务告知书已签。", "file-check"),
)  # fmt: skip
DEADLINE = DeadlineView(
    title="调解期限",
    due=dt.date(2026, 12, 14),
    remaining="还剩 15 个工作日",
    label=Label("时间够", "circle-check", "ok"),
    spans=(Span("spent", 14), Span("paused", 8), Span("spent", 9), Span("left", 23)),
    start="10-26",
    end="12-14",
    pause="鉴定 5 天不计",
    lines=(
        Line("10月26日受理，次日起算", "10-27"),
        Line("30 个工作日", "12-07"),
        Line("扣除鉴定 11月9日至13日", "+5 个工作日"),
        Line("届满", "12-14", strong=True),
    ),
    basis="依据：本机构设定“受理起 30 个工作日，鉴定不计入”。",
    link="改设定",
)


class TodayPage(Page):
    """A page in the manner of 今日."""

    kinds = frozenset({"tasks"})
    help_text = "这里列出今天要办的事，按急的先后排。"

    def __init__(self, look: Look) -> None:
        super().__init__(look, "today")
        self.opened: list[Mapping[str, Any]] = []
        self.refreshed = 0
        self.left = 0
        self.tasks = TaskList(look, "今天", name="today.due.list")
        self.tasks.set_tasks(TODAY)
        soon = TaskList(look, "这几天到期", name="today.soon.list")
        soon.set_tasks(SOON)
        first = Card("今天", "3 件", flush=True)
        first.add(self.tasks)
        second = Card("这几天到期", "3 件", flush=True)
        second.add(soon)
        content = QWidget()
        content.setLayout(column(first, second, None, spacing=16))
        self.set_content(content, scrolled=True)
        side = QWidget()
        numbers = Card("我手上", flush=True)
        numbers.add(row(Figure(look, "23", "在办"), Figure(look, "2", "待签署"), spacing=0))
        side.setLayout(column(numbers, None))
        side.setMinimumWidth(240)
        self.set_side(side, "我手上", "看手上的", "收起")
        self.set_actions(
            [
                Button(look, "看日历", name="today.calendar.open", icon="calendar-days"),
                Button(look, "打印今日单", name="today.list.print", icon="printer"),
            ]
        )
        self.add_shortcut("Ctrl+P", "打印今日单", self.tasks.focus_first)

    def open(self, params: Mapping[str, Any]) -> None:
        self.opened.append(params)
        self.set_title("今天必须办 3 件", "11月23日 星期一。最急的一件：今天下班前联系被申请人。")
        self.tasks.focus_first()

    def leave(self) -> None:
        self.left += 1

    def refresh(self, changes: object) -> None:
        self.refreshed += 1


class CasePage(Page):
    """A page in the manner of 案件详情."""

    def __init__(self, look: Look) -> None:
        super().__init__(look, "case", nav="cases")
        tabs = Tabs(
            look, "页签", [("course", "经过"), ("people", "当事人"), ("papers", "文书")], name="case.tabs.bar"
        )
        tabs.set_count("people", 2)
        self.set_below_header(tabs)
        timeline = Timeline(look, "经过", name="case.course.list")
        timeline.set_entries(ENTRIES)
        add = Button(look, "记一笔", name="case.note.add", icon="plus", compact=True)
        course = Card("经过", "最近的在上面", add, flush=True)
        course.add(timeline)
        self.set_content(course)
        self.deadline = DeadlineCard(look, DEADLINE, name="case.deadline.card")
        people = Card("当事人", "", LinkButton(look, "显示本案", name="case.people.reveal"))
        self.phone = MaskedField(
            look, "陈** 的电话", "138****6612", name="case.phone.value", reveal=self._reveal
        )
        people.add(self.phone)
        side = QWidget()
        side.setLayout(column(self.deadline, people, None, spacing=16))
        side.setMinimumWidth(320)
        self.set_side(side, "期限与当事人", "看期限", "收起期限")
        self.asked: list[str] = []
        primary = PrimaryButton(
            look, "写第 3 次记录", name="case.record.write", icon="messages-square", show_keys=False
        )
        self.set_actions(
            [Button(look, "起草协议", name="case.agreement.draft", icon="file-pen-line")], primary
        )

    def open(self, params: Mapping[str, Any]) -> None:
        number = "（2026）云梧民调字第0318号　邻里纠纷　陈** 与 吴*"
        self.set_title("三楼漏水赔墙面", number, labels.case_state("mediating"))

    def _reveal(self, reason: str, deliver: Any) -> None:
        self.asked.append(reason)
        deliver("13800006612", 300)


class DemoSource:
    """Palette results without a store."""

    def query(self, text: str, only: str, deliver: Deliver) -> None:
        groups: Sequence[PaletteGroup] = (
            PaletteGroup(
                "做什么",
                (
                    PaletteItem(
                        "draft", "起草协议", "三楼漏水赔墙面（当前选中）", "file-pen-line", "Ctrl+Shift+A"
                    ),
                    PaletteItem("oral", "口头协议登记", "约一分钟", "messages-square", "Ctrl+Shift+O"),
                    PaletteItem("file", "提交司法确认", "", "landmark", "", "协议还没有生效"),
                ),
            ),
            PaletteGroup(
                "文书", (PaletteItem("doc", "调解协议书", "电动车剐蹭医药费，11月9日生效", "file-check"),)
            ),
            PaletteGroup(
                "案件", (PaletteItem("list", "协议履行中 3 件", "打开筛选后的列表", "folder-open"),)
            ),
        )
        if text == "没有":
            groups = ()
        deliver([group for group in groups if only in ("", group.title)])


def demo_shell(app: QApplication, look: Look, folder: Path) -> Shell:
    """The window with two pages, shown in front: today."""
    memory = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    shell = Shell(app, look, FixedClock(NOW), ChangeHub(), memory, DemoSource())
    shell.set_person("周敏芳", "调解员", "云浦区梧桐里街道人民调解委员会")
    shell.nav.pages.set_count("today", 3, urgent=True)
    shell.nav.pages.set_count("inbox", 4)
    shell.nav.pages.set_count("sync", 3, urgent=True)
    shell.topbar.set_waiting(5)
    shell.add_page(TodayPage(look))
    shell.add_page(CasePage(look))
    shell.go("today")
    return shell
