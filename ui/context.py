"""What every page receives: the services, the lanes, the look, and the ways to move about.

Built once by the start and passed by constructor. ``office`` is replaced as a whole when the desk
changes (settings, another person): read it from here each time, never keep it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

from app.services.changes import ChangeSet

if TYPE_CHECKING:
    from app.services.desk import Desk
    from app.services.office import Office
    from ui.background.hub import ChangeHub
    from ui.background.lanes import Lanes
    from ui.background.operations import Operations
    from ui.background.schedule import Schedule
    from ui.frame.unkept import UnkeptDrafts
    from ui.pages.drafting import DraftKeeper
    from ui.practice import Practice
    from ui.theme.look import Look
    from ui.theme.metrics import Metrics


HALTED = {"sign_in": "sign_in", "stopped": "mended"}
"""States of the exchange that a person has to end (sign in again, register, upgrade), and what comes first
then by :attr:`Context.outlook`."""
OFFLINE = frozenset({"offline", "waiting", "paused"}) | HALTED.keys()
"""States of the exchange in which nothing goes out for now."""


class SyncHandle(Protocol):
    """The running exchange with the platform, as pages see it."""

    @property
    def result(self) -> Any:
        """Signal with the outcome of each complete run."""
        ...

    def wake(self) -> None:
        """Something was written: send it once its undo window is over."""
        ...

    def retry_now(self) -> None:
        """Exchange now (收取与同步, 现在再试)."""
        ...

    @property
    def state(self) -> Any:
        """Signal with each ``LoopState``."""
        ...

    @property
    def last(self) -> Any:
        """The ``LoopState`` told last; ``None`` before the first."""
        ...

    def resume(self) -> None:
        """Go on after signing in again."""
        ...


class Navigate(Protocol):
    """Opens a page by its name; ``target`` usually is a case id, ``options`` a tab or a filter."""

    def __call__(self, page: str, target: str = "", **options: Any) -> None: ...


@dataclass
class Context:
    """The window's surroundings for a page.

    ``opened`` is ``None`` between the first paint of 今日 and the moment its profile is open.
    """

    opened: Office | None
    lanes: Lanes
    operations: Operations
    hub: ChangeHub
    schedule: Schedule
    look: Look
    navigate: Navigate
    unkept: UnkeptDrafts
    """Tries drafts again that the disk did not take."""
    practice: Practice | None = None
    """Set in practice mode only."""
    sync: SyncHandle | None = None
    """``None`` until the exchange is running, shortly after the first paint."""
    reopen: Callable[[Desk], None] | None = None
    """Begin anew with another desk of the same open profile: after this computer was registered."""
    switch_person: Callable[[str], None] | None = None
    """换人登录: the lock screen asks for the passphrase of the person with this login."""
    restart_practice: Callable[[], None] | None = None
    """从头来: forget the practice profile and start a new one. Practice mode only."""
    keepers: set[DraftKeeper] = field(default_factory=set)
    """Of all pages, those that keep something now: an undo may change what any of them would write over."""
    _office_listeners: list[Callable[[Office], None]] = field(default_factory=list)
    _waiting: dict[str, Callable[[], object]] = field(default_factory=dict)

    @property
    def office(self) -> Office:
        """The services as they are now. Raises ``LookupError`` before the profile is open."""
        if self.opened is None:
            raise LookupError("the profile is not open yet")
        return self.opened

    @property
    def online(self) -> bool:
        """Whether what is written now goes out by itself; so it is taken to be until the first word on it."""
        return self.outlook == "now"

    @property
    def outlook(self) -> str:
        """When what is written now goes out: ``now``, once ``online``, after ``sign_in`` by the person, or
        once what stopped the exchange is ``mended``."""
        last = self.sync.last if self.sync is not None else None
        if last is None or last.name not in OFFLINE:
            return "now"
        return HALTED.get(last.name, "online")

    def when_open(self, name: str, call: Callable[[], object]) -> None:
        """Do ``call`` once the profile is open; a later one of the same name takes its place."""
        if self.opened is None:
            self._waiting[name] = call
        else:
            call()

    def release(self) -> None:
        """The profile is open and its pages are there: what waited for it is done now."""
        waiting, self._waiting = self._waiting, {}
        for call in waiting.values():
            call()

    @property
    def desk(self) -> Desk:
        """The desk of the present office."""
        return self.office.desk

    @property
    def metrics(self) -> Metrics:
        """Sizes at the person's type scale."""
        return self.look.metrics

    def on_office(self, listener: Callable[[Office], None]) -> None:
        """Be told when the office was replaced."""
        self._office_listeners.append(listener)

    def take_office(self, office: Office) -> None:
        """Replace the office, tell its users, and have every page read anew. GUI thread only."""
        self.opened = office
        for listener in tuple(self._office_listeners):
            listener(office)
        self.hub.publish(ChangeSet.of("settings", "institution", "people", "cases", "tasks"))

    def refresh_office(self) -> None:
        """Read institution, people, rules and holidays anew: after settings changed or a run brought them."""
        self.operations.read("重新读取设置", lambda _job: self.office.refreshed(), self.take_office)
