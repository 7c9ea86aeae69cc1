"""练习台: the person plays platform, court, network and time, and sees how the workplace answers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from PySide6.QtWidgets import QGridLayout, QWidget
from shiboken6 import isValid

from app.services.changes import ChangeSet
from app.services.last_written import last_written
from app.services.sync_words import COMMANDS
from ui.background.lanes import Job
from ui.context import Context
from ui.dialogs.confirm import Confirmation, confirm
from ui.pages.practice_cards import (
    NETWORKS,
    ColleagueCard,
    CourtCard,
    Log,
    NetworkCard,
    PlatformCard,
    TimeCard,
)
from ui.pages.sync_table import when
from ui.pages.working import WorkingPage
from ui.practice import PlatformUser, Practice, follow_clock
from ui.practice_profile import HEAD_ROLE, LOGIN_ROLE
from ui.widgets.base import column
from ui.widgets.buttons import Button, PrimaryButton

LATEST = "最近动过的案件"
TITLE, SUBTITLE = "练习台", "在这里扮平台、法院和网络，看工作台怎么应。做坏了，一键从头来。"


@dataclass(frozen=True)
class Picture:
    """Where the practice platform stands."""

    state: Mapping[str, Any]
    log: Sequence[Mapping[str, str]]
    cases: Sequence[Mapping[str, Any]]
    kinds: Sequence[Mapping[str, str]]


class PracticePage(WorkingPage):
    """Four blocks and what happened. Every call goes over the network lane."""

    kinds = frozenset({"submissions", "cases"})
    drawer_below = 1230
    help_text = (
        "派一件新办件，断网，让法院走一步，把日期往前拨：都只在练习里，不动真的。"
        "F6 换一块，块里按数字选，Ctrl+Enter 派办件。"
    )

    def __init__(self, context: Context) -> None:
        super().__init__(context, "practice", title=TITLE)
        self.set_title(TITLE, SUBTITLE)
        look = context.look
        self.platform = PlatformCard(look)
        self.court = CourtCard(look)
        self._acts = 0
        self.network = NetworkCard(look)
        self.time = TimeCard(look)
        self.colleague = ColleagueCard(look)
        self.log = Log(look)
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(16)
        self._blocks = (self.platform, self.court, self.network, self.time, self.colleague)
        last = QWidget()
        last.setLayout(column(self.time, self.colleague, spacing=16))
        for at, card in enumerate((*self._blocks[:3], last)):
            grid.addWidget(card, at // 2, at % 2)
        for at in range(2):
            grid.setColumnStretch(at, 1)
            grid.setRowStretch(at, 1)
        inside = QWidget()
        inside.setLayout(grid)
        self.set_content(inside, scrolled=True)
        side = QWidget()
        whole = column(self.log)
        side.setLayout(whole)
        self.set_side(side, "发生了什么", "看发生了什么", "收起")
        self.again = Button(look, "从头来", name="practice.restart", icon="rotate-ccw")
        self.send = PrimaryButton(
            look, "派一件新办件", name="practice.dispatch", icon="inbox", show_keys=False
        )
        self.set_actions((self.again,), self.send)
        self._connect()

    def _connect(self) -> None:
        once = (
            self.send, self.colleague.switch, self.platform.material, self.platform.same, self.platform.stand,
            self.court.forward, *self.time.buttons.values(), self.time.year_end,
        )  # fmt: skip
        for button in once:
            button.press_once()
        self.send.clicked.connect(self.dispatch)
        self.colleague.switch_asked.connect(self._switch)
        self.again.clicked.connect(self.ask_restart)
        self.platform.material.clicked.connect(self._ask_material)
        self.platform.same.clicked.connect(self._edit_same)
        self.platform.stand.clicked.connect(self._stand)
        self.court.forward.clicked.connect(self._court)
        self.network.chosen.connect(self._network)
        self.time.moved.connect(self._move)

    @property
    def practice(self) -> Practice:
        """The running practice. Raises ``LookupError`` outside it; the registry keeps the page away there."""
        if self.context.practice is None:
            raise LookupError("not practising")
        return self.context.practice

    def focus_areas(self) -> Sequence[QWidget]:
        """F6 goes from block to block."""
        return [*self._blocks, *([self.log] if not self.narrow else [])]

    def open(self, params: Mapping[str, Any]) -> None:
        """Ask the practice platform how it stands."""
        self._tell_colleague()
        self.renew()

    def refresh(self, changes: ChangeSet) -> None:
        """Something came or went: look again."""
        self.renew()

    def renew(self, over: Callable[[], None] = lambda: None) -> None:
        """Read state, log, cases and kinds; ``over`` runs as they come, or as it is known they do not."""
        control, asked = self.practice.control, self._acts

        def work(_job: object) -> Picture:
            return Picture(control.state(), control.log(), control.overview(), control.kinds())

        def done(picture: Picture) -> None:
            # A picture from before the latest press would put the switches back.
            if asked == self._acts:
                self.show_picture(picture)

        self._over_network("看练习平台", work, done, over)

    def show_picture(self, picture: Picture) -> None:
        """Show where things stand."""
        today = dt.date.fromisoformat(str(picture.state["today"]))
        self.platform.show_state(picture.kinds, str(picture.state["standing"]["status"]))
        self.court.show_cases(picture.cases)
        self.network.show_mode(str(picture.state["network"]))
        self.time.show_day(today)
        self.log.show_lines(
            [
                (
                    when(line["at"], today.isoformat()),
                    line["kind"],
                    line["text"],
                    COMMANDS.get(line["detail"], line["detail"]),
                )
                for line in sorted(picture.log, key=lambda line: line["at"], reverse=True)
            ]
        )

    def _colleague(self) -> PlatformUser:
        """The other of the two who practise here: the head, and for the head the mediator."""
        mine = self.context.desk.person.role
        return self.practice.user(LOGIN_ROLE if mine == HEAD_ROLE else HEAD_ROLE)

    def _tell_colleague(self) -> None:
        other, head = self._colleague(), self.practice.user(HEAD_ROLE)
        if other is head:
            words = (
                f"不予受理要{head.name}批准：在决定页送批以后，换成{head.name}登录（口令也是练习口令），"
                f"在今日的“等我批准”里批准，或退回去改。"
            )
        else:
            words = f"批准或退回以后，换回{other.name}登录，口令也是练习口令。"
        self.colleague.show_colleague(other.name, words)

    def _switch(self) -> None:
        if self.context.switch_person is not None:
            self.context.switch_person(self._colleague().login)

    # -- acts ----------------------------------------------------------------------------------------

    def act(self, name: str, call: Callable[[], Any], said: str, *, of: str) -> None:
        """One press: over the network lane, then look again and fetch what came of it.

        ``of`` names what it acts on. Nothing else acts on that before the panel shows what came of it: the
        next press would mean what is seen no more.
        """
        taken = self.begun(of)
        if taken is None:
            return
        self._acts += 1

        def done(_value: object) -> None:
            self.said.emit(said)
            if self.context.sync is not None:
                self.context.sync.retry_now()
            self.renew(taken)

        self._over_network(name, lambda _job: call(), done, failed=taken)

    def _over_network(
        self,
        name: str,
        work: Callable[[Job], Any],
        done: Callable[[Any], None],
        over: Callable[[], None] = lambda: None,
        failed: Callable[[], None] = lambda: None,
    ) -> None:
        """Ask the practice platform; its answer may come when the window is closing and the page gone.

        ``over`` runs first, however it ended; ``failed`` after it where it did not come about.
        """

        def answered(value: Any) -> None:
            over()
            if isValid(self):
                done(value)

        def refused(_error: BaseException) -> bool:
            over()
            failed()
            return False

        self.context.operations.network(name, work, answered, refused)

    def dispatch(self) -> None:
        """派一件新办件."""
        kind, control = self.platform.kind, self.practice.control
        words = "派来一件新办件，在办件箱里。"
        self.act("派一件新办件", lambda: control.dispatch(kind), words, of="办件")

    def _ask_material(self) -> None:
        control = self.practice.control
        words = "平台要求补材料，看最近动过的那件案件。"
        self.act("要求补材料", control.ask_material, words, of=LATEST)

    def _edit_same(self) -> None:
        control, desk = self.practice.control, self.office.desk
        words = (
            "同事改了同一处：您最后改、还没送出的那一处；没有的话，是最近动过的案件里被申请人的送达地址。"
            "两边不一样，会留给您选。"
        )

        def call() -> Any:
            place = last_written(desk)
            return control.edit_same_field(**(asdict(place) if place is not None else {}))

        self.act("同事改同一处", call, words, of=LATEST)

    def _stand(self) -> None:
        control = self.practice.control
        if self.platform.suspended:
            self.act("恢复接收", control.resume, "平台恢复派办件了。", of="接收")
        else:
            self.act("暂停接收", control.suspend, "平台暂停派新办件，已收的照常办。", of="接收")

    def _court(self) -> None:
        move, submission, control = self.court.next_move, self.court.submission, self.practice.control
        if move and submission:
            seen = self.court.state
            call = lambda: control.court(submission, move, seen=seen)  # noqa: E731 - called on the lane
            self.act("法院走一步", call, "法院走了一步，结果回到案件里。", of="法院")

    def _network(self, mode: str) -> None:
        control = self.practice.control
        words = {key: said for key, _, _, said in NETWORKS}[mode]
        over = self.begun("网络")
        if over is None:
            return
        self._acts += 1

        def done(_value: object) -> None:
            self.said.emit(words)
            if self.context.sync is not None:
                self.context.sync.retry_now()
            self.renew()

        # Each choice is another mode, never the same one twice: the next need not wait to be seen.
        self._over_network("改练习的网络", lambda _job: control.network(mode), done, over)

    def _move(self, days: int, workdays: int, date: object) -> None:
        practice, desk = self.practice, self.context.desk
        goal = date if isinstance(date, dt.date) else None
        taken = self.begun("时间")
        if taken is None:
            return
        self._acts += 1

        def call() -> None:
            practice.control.move_clock(days=days, workdays=workdays, date=goal)
            follow_clock(practice, desk)

        def done(_value: object) -> None:
            self.context.schedule.check()
            self.said.emit("练习里的日期往前走了，期限都重新算过。")
            if self.context.sync is not None:
                self.context.sync.retry_now()
            self.renew(taken)

        self._over_network("把日期往前拨", lambda _job: call(), done, failed=taken)

    def ask_restart(self) -> None:
        """从头来, after a confirmation: it deletes."""
        restart = self.context.restart_practice
        if restart is None:
            return
        asked = Confirmation(
            title="练习从头来",
            effects=(
                "练习里的案件、文书、进度都会清掉，重新做一批假案。",
                "正式档案在别的文件夹，不受影响。",
            ),
            action="清空，从头来",
            lasting="清掉的练习内容找不回来。",
            icon="rotate-ccw",
            status="dueToday",
        )
        confirm(self.look, self, asked, restart, name="practice.restart")
