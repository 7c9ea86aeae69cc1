"""The blocks of the practice panel."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QWidget

from app.domain.states import filing_machine
from ui.labels import month_day
from ui.theme.look import Look
from ui.widgets.base import Divider, IconLabel, Text, clear, column, row
from ui.widgets.buttons import Button
from ui.widgets.cards import Card
from ui.widgets.choices import ComboBox
from ui.widgets.radio_cards import RadioCardGroup
from ui.widgets.tags import StatusTag

NETWORKS = (
    ("normal", "正常", "随存随发", "网络正常了，等着的都会发出去。"),
    ("offline", "断网", "照常办，等着发", "断网了。照常办，等连上再发。"),
    ("flaky", "时断时续", "有时断，看会不会重复提交", "网络时断时续。"),
    ("drop_reply", "发出去了，回执丢了", "看工作台怎么核对", "发得出去，回执收不到。"),
)
ICONS = {
    "dispatch": "inbox",
    "network": "unplug",
    "clock": "fast-forward",
    "court": "landmark",
    "edit": "pencil",
    "material": "file-text",
    "standing": "ban",
}


SHORT = 9
"""Characters of a move of the court that fit beside another one."""
INKS = {
    "network": "textSecondary",
    "clock": "textSecondary",
    "edit": "dueToday.fg",
    "material": "overdue.fg",
    "standing": "dueSoon.fg",
}
STAGES = ("收到申请", "受理", "审查", "结果")
STAGE_OF = {"lodged": 1, "supplement_asked": 1, "supplemented": 1, "accepted": 2}
"""Which stage comes next in a state of ``resources/contract/states.json``; 0 before the court has it."""


class PlatformCard(Card):
    """What the platform does."""

    def __init__(self, look: Look) -> None:
        self.tag = StatusTag(look, "ok", "在应答")
        super().__init__("平台", "", self.tag)
        self.look, self.suspended = look, False
        self.group: RadioCardGroup | None = None
        self._holder = column(spacing=0)
        self.material = Button(look, "要求补材料", name="practice.platform.material", compact=True)
        self.same = Button(look, "改同一处", name="practice.platform.same", compact=True)
        self.stand = Button(look, "暂停接收", name="practice.platform.stand", compact=True)
        self.add(Text("派什么样的办件", role="label", tone="textSecondary"))
        self.hint = Text("", role="label", tone="textSecondary")
        self._hints: Mapping[str, str] = {}
        self.add(self._holder)
        self.add(self.hint)
        self.body.addStretch(1)
        self.add(row(self.material, self.same, self.stand, None))

    @property
    def kind(self) -> str:
        """The chosen kind."""
        return self.group.value if self.group is not None else ""

    def show_state(self, kinds: Sequence[Mapping[str, str]], status: str) -> None:
        """The kinds that can be dispatched, and whether the institution receives."""
        if self.group is None and kinds:
            choices = [(kind["code"], kind["name"], "") for kind in kinds]
            self._hints = {kind["code"]: kind["hint"] for kind in kinds}
            self.group = RadioCardGroup(self.look, "派什么样的办件", choices, name="practice.kind", columns=1)
            self.group.chosen.connect(self._kind_chosen)
            self.group.choose(choices[0][0])
            self._holder.addWidget(self.group)
        self.suspended = status != "active"
        self.stand.relabel("恢复接收" if self.suspended else "暂停接收")
        if self.suspended:
            self.tag.set_status("dueSoon", "暂停接收", icon="circle-pause")
        else:
            self.tag.set_status("ok", "在应答")

    def _kind_chosen(self, key: str) -> None:
        self.hint.setText(self._hints.get(key, ""))


class CourtCard(Card):
    """What the court does with a filing."""

    def __init__(self, look: Look) -> None:
        self.tag = StatusTag(look, "neutral", "没有申请")
        super().__init__("法院", "", self.tag)
        self.look = look
        self.filing = ComboBox(look, "哪一件申请", (), name="practice.court.filing")
        self.filing.currentIndexChanged.connect(self._filing_chosen)
        self._moves = column(spacing=0)
        self.group: RadioCardGroup | None = None
        self.empty = Text(
            "还没有提交司法确认。协议生效后，在“协议与确认”里提交一件。", tone="textSecondary", wrap=True
        )
        self.forward = Button(look, "推进一步", name="practice.court.forward", icon="landmark", compact=True)
        self._found: dict[str, Mapping[str, Any]] = {}
        self._shown: object = None
        self._stages = row(spacing=6)
        self.add(self.filing)
        self.add(self._stages)
        self.add(self.empty)
        self.add(Text("下一步让法院做什么", role="label", tone="textSecondary"))
        self.add(self._moves)
        self.body.addStretch(1)
        note = Text("结果像真的一样回到办件", role="label", tone="textSecondary")
        self.add(row(self.forward, note, None))
        self._show_moves()

    @property
    def submission(self) -> str:
        """Id of the chosen filing."""
        return self.filing.value

    @property
    def state(self) -> str:
        """The state in which the chosen filing is shown."""
        return str(self._found[self.submission]["state"]) if self.submission in self._found else ""

    @property
    def next_move(self) -> str:
        """The chosen move."""
        return self.group.value if self.group is not None else ""

    def show_cases(self, cases: Sequence[Mapping[str, Any]]) -> None:
        """Filings of all cases; the chosen one stays chosen."""
        found: dict[str, Mapping[str, Any]] = {
            filing["submission_id"]: {**filing, "title": case["title"]}
            for case in cases
            for filing in case["submissions"]
        }
        if found == self._found:
            return
        held, self._found = self.filing.value, found
        blocked = self.filing.blockSignals(True)
        self.filing.clear()
        for key, filing in found.items():
            self.filing.addItem(f"{filing['title']}（{filing['label']}）", key)
        if held in found:
            self.filing.choose(held)
        self.filing.blockSignals(blocked)
        self._show_moves()

    def _filing_chosen(self, _index: int) -> None:
        self._show_moves()

    def _show_moves(self) -> None:
        filing = self._found.get(self.filing.value)
        self.filing.setVisible(bool(self._found))
        self.empty.setVisible(not self._found)
        moves = filing["moves"] if filing else []
        clear(self._moves)
        self.group = None
        if moves:
            choices = [(move["move"], move["label"], "") for move in moves]
            # Two beside each other only where both can be read whole.
            columns = 2 if all(len(move["label"]) <= SHORT for move in moves) else 1
            self.group = RadioCardGroup(
                self.look, "下一步让法院做什么", choices, name="practice.court.move", columns=columns
            )
            if filing is not None and filing["natural"]:
                self.group.choose(filing["natural"])
            self.group.chosen.connect(self._move_chosen)
            self._moves.addWidget(self.group)
        self._show_stages(str(filing["state"]) if filing else "")
        self._move_chosen()
        if filing:
            self.tag.set_status("waiting" if moves else "neutral", str(filing["label"]), icon="landmark")
        else:
            self.tag.set_status("neutral", "没有申请")

    def _move_chosen(self, _move: str = "") -> None:
        """A step that does not follow of itself is made only when somebody chose it."""
        filing = self._found.get(self.filing.value)
        if filing is None or not filing["moves"]:
            self.forward.set_unavailable("这一件法院已经办完" if filing else "还没有提交的申请")
        elif self.next_move:
            self.forward.set_unavailable("")
        else:
            waits = filing["state"] == "supplement_asked"
            self.forward.set_unavailable("法院在等您补交；要它先走一步，选一个" if waits else "选一步再推进")

    def _show_stages(self, state: str) -> None:
        """How far the court is, in four words."""
        clear(self._stages)
        if not state:
            return
        machine = filing_machine()
        at = 3 if state in machine.final else STAGE_OF.get(state, 0)
        for number, words in enumerate(STAGES):
            done = number < at or state in machine.final
            status = "ok" if done else ("info" if number == at else "neutral")
            icon = "check" if done else ("circle-dot" if number == at else "circle")
            self._stages.addWidget(StatusTag(self.look, status, words, icon=icon))
        self._stages.addStretch(1)


class NetworkCard(Card):
    """What the network does. ``chosen(mode)`` only when the person chooses."""

    chosen = Signal(str)

    def __init__(self, look: Look) -> None:
        self.tag = StatusTag(look, "ok", "正常", icon="plug")
        super().__init__("网络", "", self.tag)
        self._quiet = False
        choices = [(key, title, hint) for key, title, hint, _ in NETWORKS]
        self.group = RadioCardGroup(look, "网络", choices, name="practice.network", columns=1)
        self.group.chosen.connect(self._chosen)
        self.add(self.group)
        self.body.addStretch(1)

    def show_mode(self, mode: str) -> None:
        """The mode in force; one that this block does not offer shows as none chosen."""
        self._quiet = True
        known = {key: title for key, title, _, _ in NETWORKS}
        if mode in known:
            self.group.choose(mode)
        self._quiet = False
        if mode == "normal":
            self.tag.set_status("ok", "正常", icon="plug")
        elif mode == "offline":
            self.tag.set_status("offline", "已断网")
        else:
            self.tag.set_status("dueSoon", known.get(mode, "不太正常"), icon="unplug")

    def _chosen(self, mode: str) -> None:
        if not self._quiet:
            self.chosen.emit(mode)


class ColleagueCard(Card):
    """同事: a refusal wants the head's approval, and both sit at this computer. ``switch_asked()``."""

    switch_asked = Signal()

    def __init__(self, look: Look) -> None:
        super().__init__("同事")
        self.words = Text("", role="label", tone="textSecondary", wrap=True)
        self.switch = Button(look, "换人登录", name="practice.people.act", icon="users", compact=True)
        self.add(self.words)
        self.add(row(self.switch, None))
        self.switch.clicked.connect(self.switch_asked)

    def show_colleague(self, name: str, words: str) -> None:
        """Whom one changes over to, and what for."""
        self.words.setText(words)
        self.switch.relabel(f"换成{name}登录")


class TimeCard(Card):
    """The practice date. ``moved(days, workdays, date or None)``."""

    moved = Signal(int, int, object)

    def __init__(self, look: Look) -> None:
        self.day = Text("", role="label", tone="textSecondary")
        super().__init__("时间", "", self.day)
        self._today = dt.date.min
        self.buttons: dict[str, Button] = {}
        line = row()
        for key, words, days, workdays in (
            ("day", "＋1 天", 1, 0),
            ("workdays", "＋3 个工作日", 0, 3),
            ("month", "＋30 天", 30, 0),
        ):
            button = Button(
                look, words, name=f"practice.time.{key}", compact=True, about="把练习里的日期往前拨"
            )
            button.clicked.connect(self._mover(days, workdays))
            self.buttons[key] = button
            line.addWidget(button)
        self.year_end = Button(look, "到年底", name="practice.time.year_end", compact=True)
        self.year_end.clicked.connect(self._to_year_end)
        line.addWidget(self.year_end)
        line.addStretch(1)
        self.add(line)
        words = "跨到没有放假安排的年份，会看到“暂估”怎么写。只改练习里的钟，不动电脑的。"
        self.add(Text(words, role="label", tone="textSecondary", wrap=True))
        self.body.addStretch(1)

    def show_day(self, today: dt.date) -> None:
        """The practice date."""
        self._today = today
        self.day.setText(f"练习里是 {today.year}年{month_day(today)}")
        self.year_end.set_unavailable("已经是年底" if (today.month, today.day) == (12, 31) else "")

    def _mover(self, days: int, workdays: int) -> Any:
        return lambda: self.moved.emit(days, workdays, None)

    def _to_year_end(self) -> None:
        self.moved.emit(0, 0, dt.date(self._today.year, 12, 31))


class Log(Card):
    """发生了什么, the latest first."""

    SHOWN = 40

    def __init__(self, look: Look) -> None:
        super().__init__("发生了什么", "最近的在上面", flush=True)
        self.look = look
        self._lines = column(spacing=0)
        self._said: object = None
        self.add(self._lines)
        self.body.addStretch(1)

    def show_lines(self, lines: Sequence[tuple[str, str, str, str]]) -> None:
        """Clock, kind, words and detail of each."""
        if lines == self._said:
            return
        self._said = lines
        clear(self._lines)
        if not lines:
            empty = Text("还没有发生什么。先派一件。", tone="textSecondary", wrap=True)
            empty.setContentsMargins(16, 12, 16, 12)
            self._lines.addWidget(empty)
        for number, (at, kind, words, detail) in enumerate(lines[: self.SHOWN]):
            if number:
                self._lines.addWidget(Divider())
            self._lines.addWidget(self._line(at, kind, words, detail))

    def _line(self, at: str, kind: str, words: str, detail: str) -> QWidget:
        said = column(Text(words, wrap=True), spacing=0)
        if detail:
            said.addWidget(Text(detail, role="label", tone="textSecondary", wrap=True))
        inside = row(spacing=12)
        top = Qt.AlignmentFlag.AlignTop
        inside.addWidget(Text(at, role="label", tone="textSecondary"), alignment=top)
        inside.addWidget(
            IconLabel(self.look, ICONS.get(kind, "info"), color=INKS.get(kind, "info.fg")), alignment=top
        )
        inside.addLayout(said, 1)
        inside.setContentsMargins(16, 8, 16, 8)
        line = QWidget()
        line.setLayout(inside)
        return line
