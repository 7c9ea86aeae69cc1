"""What the stages of one run share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event
from typing import TYPE_CHECKING, Any, Protocol

from app.clock import Clock, to_text
from app.services.changes import ChangeSet
from app.services.port_state import Line
from sync.engine.reading import LONGEST_WAIT

if TYPE_CHECKING:
    from app.services.port_outlook import Outlook
    from app.services.sync_port import SyncPort
    from sync.contract.wire import Hello
    from sync.engine.client import Client

Jitter = Callable[[float, float], float]
"""A random number between two bounds, such as ``random.uniform``; injected so that runs can repeat."""

SHORTEST = 2.0
LONGEST = 300.0


class Stopped(Exception):
    """Somebody asked the run to stop. Silent: everything done so far stands."""


@dataclass(frozen=True)
class Limits:
    """What the platform accepts at once, from its hello."""

    commands: int = 100
    command_bytes: int = 1_000_000
    page: int = 500
    wait_seconds: int = 25
    chunk_bytes: int = 1024 * 1024


@dataclass
class Work:
    """One run: its tools, and what it has done so far."""

    port: SyncPort
    client: Client
    clock: Clock
    jitter: Jitter
    stop: Event
    on_changes: Callable[[ChangeSet], None]
    limits: Limits = field(default_factory=Limits)
    metered: Callable[[], bool] = lambda: False
    """Whether the system says that the network is paid by volume."""
    sent: int = 0
    received: int = 0
    feed_due: bool = False
    """Files or filings were taken in after the last pull; the feed has news of them."""
    outlook: Outlook | None = None
    """What there was to do when it was last looked at; ``None`` when something has moved since."""
    greeting: Hello | None = None
    """The platform's hello with its lanes; ``None`` when something was sent since."""
    moved: bool = False
    """Whether a stage that changes something was begun."""
    lines: list[Line] = field(default_factory=list)
    """Lines of the log that are written with the run's end."""
    stage: str = ""
    began: dt.datetime = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock.now()

    def go_on(self) -> None:
        """Raise :class:`Stopped` when the run should end."""
        if self.stop.is_set():
            raise Stopped

    def changed(self, changes: ChangeSet | None) -> None:
        """Tell whoever shows it what changed."""
        if changes:
            self.on_changes(changes)

    def look(self) -> Outlook:
        """What there is to do, read again only when something has moved."""
        if self.outlook is None:
            self.outlook = self.port.outlook()
        return self.outlook

    def begin(self, stage: str) -> None:
        """Write a stage down before it changes anything; what was known before no longer holds."""
        self.port.state.begin(stage)
        self.moved, self.outlook = True, None
        if stage != "pull":
            self.greeting = None

    def log(self, outcome: str, text: str) -> None:
        """A line of the log of runs, written with the run's end."""
        self.lines.append(Line(self.stage, outcome, text))

    def later(self, attempts: int, asked: float | None = None) -> str:
        """When an item that failed ``attempts`` times is tried again (ISO, UTC)."""
        return to_text(self.clock.now() + dt.timedelta(seconds=pause(attempts, self.jitter, asked)))


class Sending(Protocol):
    """What sending bytes in pieces needs; a gateway on the way may make the pieces smaller."""

    limits: Limits

    @property
    def client(self) -> Client:
        """The line to the platform."""
        ...


class Settling(Protocol):
    """What writing down the platform's answers needs, however they came: a run, or a receipt on a stick."""

    sent: int
    feed_due: bool

    @property
    def port(self) -> SyncPort:
        """The store."""
        ...

    def changed(self, changes: ChangeSet | None) -> None:
        """Tell whoever shows it what changed."""
        ...

    def later(self, attempts: int, asked: float | None = None) -> str:
        """When an item that failed ``attempts`` times is tried again (ISO, UTC)."""
        ...


def pause(failures: int, jitter: Jitter, asked: float | None = None) -> float:
    """Seconds to wait after so many failures: full jitter from 2 s to 5 min, never less than asked for,
    as long as that is at most an hour."""
    ceiling = min(LONGEST, SHORTEST * 2.0 ** min(max(failures, 1), 10))
    wait = max(SHORTEST, jitter(0.0, ceiling))
    return max(wait, min(asked, LONGEST_WAIT)) if asked is not None else wait


def number(reply: Any, name: str, default: int) -> int:
    """A whole number of a reply's object."""
    value = reply.get(name, default) if isinstance(reply, dict) else default
    return value if isinstance(value, int) and not isinstance(value, bool) else default
