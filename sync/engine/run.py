"""One complete exchange with the platform: hello → push → pull → attachments → submissions → reconcile.

Each stage is persisted before it begins and each of its steps is a transaction of its own, so a run cut
anywhere is taken up by the next one. No claim without effect: what was in flight when a run was cut is
unknown, and is asked for.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING

from app.clock import Clock
from app.domain.errors import JiefenError
from app.services.changes import ChangeSet
from app.services.port_state import SNAPSHOT_AT
from sync.engine.work import Jitter, Stopped, Work, pause

if TYPE_CHECKING:
    from app.services.port_outlook import Outlook
    from app.services.sync_port import SyncPort
    from sync.contract.wire import Hello
    from sync.engine.client import Client
    from sync.engine.pull import WireChanges

Stage = Callable[[Work], None]
MOVING = ("push", "pull", "attachments", "submissions")
"""Stages that change something; each is written down before it begins."""
EPOCH_TURNS = 3
"""How often a platform may be restored during one run before the run gives up until later."""


@dataclass(frozen=True)
class SyncResult:
    """What a run came to. ``waiting`` … ``failed`` are numbers of rows in the tables afterwards."""

    sent: int
    """Commands delivered with a receipt during the run."""
    received: int
    """Changes of others taken in during the run."""
    waiting: int
    conflicts: int
    unknown: int
    failed: int
    parked: int = 0
    """Changes of the platform that this program cannot read; kept, and tried again at each run."""
    next_attempt_at: dt.datetime | None = None
    """When the engine tries again by itself; ``None`` when nothing is due or a person has to act."""
    error: JiefenError | None = None
    """Why the run was cut short; ``None`` when every stage came to its end."""


def _quiet(changes: ChangeSet) -> None:
    """Nobody is showing anything."""


class SyncRun:
    """Runs for one profile. One at a time: the network lane or the command line."""

    def __init__(
        self,
        port: SyncPort,
        client: Client,
        clock: Clock,
        jitter: Jitter = random.uniform,
        on_changes: Callable[[ChangeSet], None] = _quiet,
        metered: Callable[[], bool] = lambda: False,
    ) -> None:
        self.port = port
        self.client = client
        self._clock = clock
        self._jitter = jitter
        self._on_changes = on_changes
        self._metered = metered

    def run(self, stop: Event) -> SyncResult:
        """All stages. Never raises for what the network or the platform does: see ``SyncResult.error``."""
        return self._guarded(stop, self._whole)

    def catch_up(self, stop: Event, page: WireChanges | None = None) -> SyncResult:
        """The daily stages without greeting and comparing: after a wake-up, or with a page that came."""

        def stages(work: Work) -> None:
            if page is not None:
                self._take_page(work, page)
            self._stages(work, ("push", "pull", "attachments", "submissions"))

        return self._guarded(stop, stages)

    def _whole(self, work: Work) -> None:
        self._stages(work, ("hello", "push", "pull", "attachments", "submissions", "reconcile"))

    def _stages(self, work: Work, names: tuple[str, ...]) -> None:
        stages = _stages()
        for name in names:
            work.go_on()
            if not due(work, name):
                continue
            work.stage = name
            if name in MOVING:
                work.begin(name)
            stages[name](work)
            if work.feed_due:
                # What was just taken in over there comes back through the feed: show it in this run.
                work.feed_due = False
                stages["pull"](work)

    def _take_page(self, work: Work, page: WireChanges) -> None:
        from sync.engine.pull import Chunks, take

        cursor = self.port.state.cursor
        if page.epoch == self.port.state.get("epoch") and page.from_ <= cursor + 1 and page.to > cursor:
            work.outlook = None
            take(work, page, cursor, Chunks())

    def _guarded(self, stop: Event, stages: Stage) -> SyncResult:
        from sync.engine import faults

        work = Work(self.port, self.client, self._clock, self._jitter, stop, self._on_changes)
        work.metered = self._metered
        try:
            if work.look().broken_off:
                work.outlook = None
                self.port.recover()
            self._turns(work, stages)
        except Stopped:
            return self._result(work, None)
        except faults.SyncFault as fault:
            return self._failed(work, fault)
        except JiefenError as error:
            # The disk or the vault: said as it is, and tried again like the rest.
            return self._failed(work, error)
        finally:
            # Whatever ended the run: nothing is left looking as if it were still on its way.
            if work.moved:
                self.port.recover()
        self.port.state.succeeded(work.began, work.lines)
        return self._result(work, None)

    def _turns(self, work: Work, stages: Stage) -> None:
        from sync.engine import faults

        for turn in range(EPOCH_TURNS):
            try:
                stages(work)
            except faults.EpochChangedFault:
                if turn == EPOCH_TURNS - 1:
                    raise
                stages, work.outlook, work.greeting = self._whole, None, None
            else:
                return

    def _failed(self, work: Work, error: JiefenError) -> SyncResult:
        due = None
        if getattr(error, "retry", True):
            asked = getattr(error, "retry_after", None)
            seconds = pause(self.port.state.failures + 1, self._jitter, asked)
            due = self._clock.now() + dt.timedelta(seconds=seconds)
        work.log("failed", f"{error.code} {error.detail}"[:200])
        self.port.state.failed(work.began, (error.message, error.code), due, work.lines)
        return self._result(work, error, due)

    def _result(self, work: Work, error: JiefenError | None, due: dt.datetime | None = None) -> SyncResult:
        counted = self.port.state.counted()
        return SyncResult(
            sent=work.sent,
            received=work.received,
            waiting=counted.waiting,
            conflicts=counted.conflicts,
            unknown=counted.unknown,
            failed=counted.failed,
            parked=counted.parked,
            next_attempt_at=due,
            error=error,
        )


def due(work: Work, name: str) -> bool:
    """Whether a stage has anything to do; greeting and comparing always have."""
    if name not in MOVING:
        return True
    outlook = work.look()
    match name:
        case "push":
            return outlook.commands
        case "pull":
            return work.greeting is None or outlook.held or not _level(work.greeting, outlook)
        case "attachments":
            return outlook.files
        case _:
            return outlook.filings


def _level(greeting: Hello, outlook: Outlook) -> bool:
    """Whether this side has everything that the platform had when it was greeted."""
    values = outlook.values
    here = (values["epoch"], values[SNAPSHOT_AT], int(values["cursor"] or 0))
    return here == (greeting.epoch, "done", greeting.head)


def _stages() -> dict[str, Stage]:
    """The stages by name, imported when a run begins: the network lane pays for HTTP, the start does not."""
    from sync.engine.attachments import attachments
    from sync.engine.hello import hello, reconcile
    from sync.engine.pull import pull
    from sync.engine.push import push
    from sync.engine.submissions import submissions

    return {
        "hello": hello,
        "push": push,
        "pull": pull,
        "attachments": attachments,
        "submissions": submissions,
        "reconcile": reconcile,
    }


def fault_is_offline(error: JiefenError | None) -> bool:
    """Whether a run ended because the platform could not be reached, rather than because it refused."""
    from sync.engine import faults

    offline = (faults.UnreachableFault, faults.NotOurPlatformFault, faults.ProxyLoginFault)
    return isinstance(error, (*offline, faults.LineNotTrustedFault))


__all__ = ["SyncResult", "SyncRun", "fault_is_offline"]
