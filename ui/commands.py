"""What the command box offers: things to do, pages and cases; masked, by pinyin initials too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ui.frame.palette import Deliver, PaletteGroup, PaletteItem

if TYPE_CHECKING:
    from app.services.office import Office
    from app.services.palette import Found
    from ui.background.lanes import Job
    from ui.background.operations import Operations

DO, CASES = "做什么", "案件"


@dataclass(frozen=True)
class Action:
    """One thing to do. ``initials``: of the pinyin; ``why_not`` is empty when it can be done."""

    key: str
    text: str
    initials: str
    note: str
    icon: str
    keys: str
    why_not: Callable[[], str]


class PaletteCommands:
    """The palette's source: actions at once, cases from the read lane."""

    def __init__(self) -> None:
        self._office: Callable[[], Office] | None = None
        self._operations: Operations | None = None
        self._actions: Sequence[Action] = ()
        self._job: Job | None = None

    def connect(
        self, office: Callable[[], Office], operations: Operations, actions: Sequence[Action]
    ) -> None:
        """Begin to answer; before that the box is empty."""
        self._office, self._operations, self._actions = office, operations, actions

    def disconnect(self) -> None:
        """The profile is closed."""
        self._office = self._operations = None
        self._actions = ()

    def query(self, text: str, only: str, deliver: Deliver) -> None:
        """Answer for ``text``; ``only`` narrows to one heading."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        groups = [] if only == CASES else self._matching(text)
        if self._operations is None or self._office is None or only == DO:
            deliver(groups)
            return
        office = self._office()
        limit = 20 if only == CASES else 4

        def found(cases: tuple[Found, ...]) -> None:
            items = tuple(
                PaletteItem(f"case:{case.case_id}", case.title, case.detail, icon="folder-open")
                for case in cases
            )
            deliver([*groups, PaletteGroup(CASES if text.strip() else "最近的案件", items)])

        def broke(_error: BaseException) -> bool:
            deliver(groups)
            return False

        self._job = self._operations.read("查找", lambda _job: office.palette.find(text, limit), found, broke)

    def _matching(self, text: str) -> list[PaletteGroup]:
        wanted = text.strip().lower()
        hits = [
            action
            for action in self._actions
            if not wanted or wanted in action.text or wanted in action.initials
        ]
        items = tuple(
            PaletteItem(a.key, a.text, a.note, icon=a.icon, keys=a.keys, reason=a.why_not()) for a in hits
        )
        return [PaletteGroup(DO, items)] if items else []
