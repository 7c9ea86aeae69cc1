"""The network lane of the window: sends at once when woken, listens by one long-poll while online.

Light to import: HTTP comes in with the first run, on the lane's own thread.
"""

from __future__ import annotations

import datetime as dt
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from app.domain.errors import SIGN_IN, InternalError, JiefenError
from app.services.changes import ChangeSet
from sync.engine.run import SyncResult, SyncRun, fault_is_offline
from sync.engine.work import Jitter, pause

if TYPE_CHECKING:
    from app.services.sync_port import SyncPort
    from sync.engine.client import Client
    from sync.engine.pull import WireChanges

State = Literal["syncing", "online", "offline", "waiting", "sign_in", "stopped", "paused"]
FULL_EVERY = 900.0
"""Seconds between complete runs while all is well; in between only what is new is exchanged, however often:
how the institution stands (停办, 恢复) is told in a greeting alone."""
POLL_EVERY = 60.0
"""Seconds between questions when the platform does not hold them open."""
QUICK_ANSWER = 1.0


@dataclass(frozen=True)
class LoopState:
    """Where the lane stands. ``waiting``: the platform is there but busy; ``stopped``: a person must act."""

    name: State
    message: str = ""
    next_attempt_at: dt.datetime | None = None


class SyncLoop:
    """One profile's exchange while the window is open. :meth:`serve` runs on the network lane's thread;
    everything else may be called from any thread and returns at once."""

    def __init__(
        self,
        port: SyncPort,
        make_client: Callable[[], Client],
        *,
        on_state: Callable[[LoopState], None],
        on_changes: Callable[[ChangeSet], None],
        on_result: Callable[[SyncResult], None],
        on_bug: Callable[[Exception], None],
        jitter: Jitter = random.uniform,
        metered: Callable[[], bool] = lambda: False,
    ) -> None:
        self._port = port
        self._make_client = make_client
        self._on_state, self._on_changes, self._on_result = on_state, on_changes, on_result
        self._on_bug = on_bug
        self._misses = 0
        self._greeted = time.monotonic()
        self._jitter = jitter
        self._metered = metered
        self._clock = port.desk.clock
        self._stop = threading.Event()
        self._bell = threading.Condition()
        self._woken = self._paused = self._whole = False
        self._client: Client | None = None
        self._listener: Listener | None = None

    # -- from any thread -----------------------------------------------------------------------------

    def wake(self) -> None:
        """Something was written: send it as soon as its undo window is over."""
        self._ring(woken=True)

    def retry_now(self) -> None:
        """现在再连: a complete run at once, whatever was being waited for."""
        self._ring(woken=True, whole=True)

    def pause(self) -> None:
        """Send and fetch nothing until :meth:`resume`; what is under way is broken off, asked for later."""
        self._paused = True
        self._hang_up()
        self._ring(woken=False)

    def resume(self) -> None:
        """Go on, also after a sign-in or a registration put right what had stopped the lane."""
        self._paused = False
        self._ring(woken=True, whole=True)

    def stop(self) -> None:
        """End :meth:`serve` soon: a waiting long-poll is broken off. Join the lane's thread afterwards."""
        self._stop.set()
        self._hang_up()
        self._ring(woken=True)

    def _ring(self, *, woken: bool, whole: bool = False) -> None:
        with self._bell:
            self._woken = self._woken or woken
            self._whole = self._whole or whole
            self._bell.notify_all()

    def _hang_up(self) -> None:
        client, listener = self._client, self._listener
        self._client = None
        if listener is not None:
            listener.close()
        if client is not None:
            client.close()

    # -- on the lane's thread ------------------------------------------------------------------------

    def serve(self) -> None:
        """Exchange until :meth:`stop`."""
        whole = True
        try:
            while not self._stop.is_set():
                if self._paused:
                    self._tell(LoopState("paused"))
                    whole = self._sleep(None) or True
                    continue
                error, due = self._attempt(whole)
                if self._stop.is_set() or self._paused:
                    continue
                whole = self._rest(error, due)
        finally:
            self._hang_up()
            if self._listener is not None:
                self._listener.join()

    def _attempt(self, whole: bool) -> tuple[JiefenError | None, dt.datetime | None]:
        """One exchange that the lane outlives: why it was cut short, and when to try again by itself."""
        try:
            result = self._exchange(whole)
        except JiefenError as error:
            # Not even the note of it could be written, as on a full disk; what was queued is untouched.
            self._misses += 1
            return error, self._clock.now() + dt.timedelta(seconds=pause(self._misses, self._jitter, None))
        except Exception as error:  # noqa: BLE001 - a bug: reported, and the person can try again
            self._on_bug(error)
            return InternalError(
                "收发时出了意外。要发的都在本机等着，可以现在再试。", code="E-SYNC-BUG"
            ), None
        self._misses = 0
        return result.error, result.next_attempt_at

    def _exchange(self, whole: bool) -> SyncResult:
        self._tell(LoopState("syncing"))
        client = self._client = self._client or self._make_client()
        if self._stop.is_set():
            client.close()
        run = SyncRun(self._port, client, self._clock, self._jitter, self._on_changes, self._metered)
        page = self._listener.taken() if self._listener is not None else None
        if whole:
            self._greeted = time.monotonic()
        result = run.run(self._stop) if whole else run.catch_up(self._stop, page)
        self._on_result(result)
        return result

    def _rest(self, error: JiefenError | None, due: dt.datetime | None) -> bool:
        """Say how it stands, wait for the next occasion; returns whether a complete run is due then."""
        if error is None:
            self._tell(LoopState("online"))
            self._listen()
            greet_in = max(0.05, self._greeted + FULL_EVERY - time.monotonic())
            return self._sleep(min(greet_in, self._until(self._port.outgoing.next_ready_at())), online=True)
        if self._listener is not None:
            self._listener.close()
        if due is None:
            name: State = "sign_in" if error.code == SIGN_IN else "stopped"
            self._tell(LoopState(name, error.message))
            self._sleep(None)
            return True
        name = "offline" if fault_is_offline(error) else "waiting"
        self._tell(LoopState(name, error.message, due))
        # New words do not hammer a platform that is away: only a person's 现在再连 comes before the hour.
        self._sleep(self._until(due), only_whole=True)
        return True

    def _sleep(self, seconds: float | None, *, online: bool = False, only_whole: bool = False) -> bool:
        """Wait for the bell, at most ``seconds``; returns whether a complete run was asked for or is due."""
        ends = None if seconds is None else time.monotonic() + seconds
        with self._bell:
            while not self._stop.is_set():
                listener = self._listener
                if self._whole or (self._woken and not only_whole and ends is not None):
                    break
                if online and listener is not None and listener.finished:
                    break
                left = None if ends is None else ends - time.monotonic()
                if left is not None and left <= 0:
                    break
                if self._paused and ends is not None:
                    break
                self._bell.wait(left)
            asked = self._whole
            self._whole = self._woken = False
        trouble = online and self._listener is not None and self._listener.failed
        return asked or trouble or time.monotonic() >= self._greeted + FULL_EVERY

    def _until(self, moment: dt.datetime | None) -> float:
        if moment is None:
            return FULL_EVERY
        return max(0.05, (moment - self._clock.now()).total_seconds())

    def _listen(self) -> None:
        client = self._client
        if client is None or (self._listener is not None and self._listener.running):
            return
        if self._listener is not None:
            self._listener.join()
        self._listener = Listener(self._port, client, self._stop, lambda: self._ring(woken=False))
        self._listener.start()

    def _tell(self, state: LoopState) -> None:
        self._on_state(state)


class Listener:
    """One question to the platform, held open until there is news; never applies anything itself."""

    def __init__(
        self, port: SyncPort, client: Client, stop: threading.Event, ring: Callable[[], None]
    ) -> None:
        self._port = port
        self._client = client.sibling()
        self._stop = stop
        self._ring = ring
        self._closed = threading.Event()
        self._page: WireChanges | None = None
        self.finished = False
        self.failed = False
        self._thread = threading.Thread(target=self._wait_for_news, name="long-poll", daemon=True)

    @property
    def running(self) -> bool:
        """Whether the question is still open."""
        return not self.finished and not self._closed.is_set()

    def start(self) -> None:
        """Ask."""
        self._thread.start()

    def close(self) -> None:
        """Break the question off."""
        self._closed.set()
        self._client.close()

    def join(self) -> None:
        """Wait for the thread to end, after :meth:`close` or an answer."""
        if self._thread.ident is not None:
            self._thread.join()

    def taken(self) -> WireChanges | None:
        """The page that came, once."""
        page, self._page = self._page, None
        return page

    def _wait_for_news(self) -> None:
        try:
            while not self._closed.is_set() and self._page is None:
                self._page = self._ask()
        except JiefenError:
            # The lane's own run meets the same trouble and says it.
            self.failed = not self._closed.is_set()
        finally:
            self._client.close()
            self.finished = True
            self._ring()

    def _ask(self) -> WireChanges | None:
        from sync.engine.pull import fetch_changes
        from sync.engine.work import Work

        work = Work(
            self._port, self._client, self._port.desk.clock, random.uniform, self._stop, lambda _: None
        )
        began = time.monotonic()
        epoch, cursor = self._port.state.get("epoch"), self._port.state.cursor
        page = fetch_changes(work, epoch, cursor, wait=work.limits.wait_seconds)
        if page is None and time.monotonic() - began < QUICK_ANSWER:
            self._closed.wait(POLL_EVERY)
        return page


__all__ = ["LoopState", "SyncLoop"]
