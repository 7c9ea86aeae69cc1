"""What the frame says without being asked: numbers in the navigation, the state of the exchange."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject

from app.clock import shanghai
from app.services.changes import ChangeSet
from ui.context import OFFLINE
from ui.labels import month_day

if TYPE_CHECKING:
    from app.services.office import Office
    from sync.engine.loop import LoopState
    from ui.context import Context
    from ui.shell import Shell

KINDS = frozenset({"cases", "tasks", "outbox", "conflicts", "submissions", "attachments", "settings"})
HALTS = {"sign_in": "登录已过期", "stopped": "收发停了"}
"""What the bar says while a person has to do something before anything goes out."""
OF_AGREEMENTS = frozenset({"cases", "tasks", "submissions", "settings"})
"""Changes after which the agreements at hand are looked at anew; sending alone does not change them."""


@dataclass(frozen=True)
class FrameNumbers:
    """What waits, in numbers."""

    today: int
    """What must be done by today, the overdue among it."""
    overdue: int
    inbox: int
    inbox_urgent: bool
    sync: int
    waiting: int
    synced: dt.datetime | None = None
    """End of the last complete exchange, kept over restarts; ``None`` before the first."""
    calls: int = 0
    """Calls due by today (回访)."""


class FrameStatus(QObject):
    """Keeps navigation, top bar and lock screen true."""

    def __init__(self, shell: Shell, context: Context) -> None:
        super().__init__(shell)
        self._shell, self._context = shell, context
        self._state: LoopState | None = None
        self._waiting = 0
        self._synced: dt.datetime | None = None
        self._registered = True
        self._end = context.hub.subscribe(KINDS, self._changed)
        self.renew()

    @property
    def waiting(self) -> int:
        """How many things were not sent yet."""
        return self._waiting

    def close(self) -> None:
        """Stop listening."""
        self._end()

    def renew(self) -> None:
        """Read the numbers anew."""
        office = self._context.office
        self._context.operations.read("看有几件要办", lambda _job: numbers(office), self._show)
        self._renew_agreements()

    def told(self, state: LoopState) -> None:
        """The exchange moved on."""
        before, self._state = self._state, state
        if state.name == "sign_in" and (before is None or before.name != "sign_in"):
            self._shell.toast.say(
                "平台登录已过期。写的都在本机，重新登录后接着发。",
                undo=lambda: self._context.navigate("sync"),
                action="去登录",
                icon="cloud-alert",
                status="overdue",
            )
        if state.name == "online":
            self._synced = self._context.desk.clock.now()
        self._words()

    def not_registered(self) -> None:
        """The platform does not know this computer yet."""
        self._registered = False
        self._words()

    def _changed(self, changes: ChangeSet) -> None:
        office = self._context.office
        self._context.operations.read("看有几件要办", lambda _job: numbers(office), self._show)
        if changes.touches(OF_AGREEMENTS):
            self._renew_agreements()

    def _show(self, found: FrameNumbers) -> None:
        pages = self._shell.nav.pages
        pages.set_count("today", found.today, urgent=found.today > 0)
        pages.set_count("inbox", found.inbox, urgent=found.inbox_urgent)
        pages.set_count("followup", found.calls, urgent=found.calls > 0)
        pages.set_count("sync", found.sync, urgent=found.sync > 0)
        person = self._context.desk.person.login
        self._shell.lock_screen.set_due(found.today - found.overdue, found.overdue, person)
        self._waiting = found.waiting
        if self._synced is None:
            self._synced = found.synced
        self._words()

    def _renew_agreements(self) -> None:
        office = self._context.office
        self._context.operations.read(
            "看有几份协议要办", lambda _job: agreements(office), self._show_agreements
        )

    def _show_agreements(self, found: tuple[int, bool]) -> None:
        count, urgent = found
        self._shell.nav.pages.set_count("agreements", count, urgent=urgent)

    def _words(self) -> None:
        bar, lock = self._shell.topbar, self._shell.lock_screen
        if not self._registered:
            bar.set_unregistered(self._waiting)
            lock.set_sync("还没有登记到平台，登记后才能办案", "cloud-off")
        elif self._state is not None and self._state.name in HALTS:
            words = HALTS[self._state.name]
            bar.set_halted(words, self._waiting)
            tail = f" · {self._waiting} 项等待发送" if self._waiting else ""
            lock.set_sync(f"{words}{tail}", "cloud-alert")
        elif self._state is not None and self._state.name in OFFLINE:
            bar.set_offline(self._waiting)
            tail = f" · {self._waiting} 项等待发送" if self._waiting else ""
            lock.set_sync(f"离线可用{tail}", "cloud-off")
        elif self._waiting:
            bar.set_waiting(self._waiting)
            lock.set_sync(f"{self._waiting} 项等待发送", "cloud-upload")
        elif self._synced is not None:
            clock = self._clock(self._synced)
            bar.set_synced(clock)
            lock.set_sync(f"已同步 {clock}", "cloud-check")

    def _clock(self, moment: dt.datetime) -> str:
        """10:41, with the day before it when that is not today: 11月25日 17:50."""
        local = shanghai(moment)
        day = "" if local.date() == self._context.desk.today() else f"{month_day(local.date())} "
        return f"{day}{local:%H:%M}"


def numbers(office: Office) -> FrameNumbers:
    """Count what waits for the person."""
    synced = office.sync_centre.standing().last_success_at
    if office.desk.sees_no_cases:
        return FrameNumbers(0, 0, 0, False, 0, 0, synced)
    board = office.today.board()
    counts = office.sync_centre.counts()
    todo = office.cases.inbox("todo")
    day = board.day.isoformat()
    return FrameNumbers(
        today=sum(task.hard for task in board.today),
        overdue=sum(task.hard and task.status == "overdue" for task in board.today),
        inbox=len(todo),
        inbox_urgent=any(row.next_due[:10] <= day for row in todo),
        sync=counts.needs_you,
        waiting=counts.waiting,
        synced=synced,
        calls=sum(task.kind == "follow_up" for task in board.today),
    )


def agreements(office: Office) -> tuple[int, bool]:
    """How many agreements wait for somebody here, as 协议与确认 shows them; whether one is due by today."""
    from app.services.agreement_list import AgreementList

    if office.desk.sees_no_cases:
        return 0, False
    found = AgreementList(office.desk).overview()
    return len(found.acting), any(
        one.due_on is not None and one.due_on <= found.today for one in found.acting
    )
