"""What the command box offers: things to do, papers, pages and cases; masked, by pinyin initials too."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ui.frame.palette_lines import Deliver, PaletteGroup, PaletteItem

if TYPE_CHECKING:
    from app.services.dayboard import TaskRow
    from app.services.office import Office
    from app.services.palette import Found, FoundPaper
    from ui.background.lanes import Job
    from ui.background.operations import Operations

DO, PAPERS, CASES = "做什么", "文书", "案件"
TASK_ICONS = {
    "inbox": "phone", "agreement": "stamp", "filing": "landmark", "follow_up": "phone-call",
    "exit": "signpost", "case": "list-checks",
}  # fmt: skip
Route = tuple[str, Mapping[str, Any]]


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


@dataclass(frozen=True)
class _Answer:
    """What the read lane found."""

    here: frozenset[str]
    cases: tuple[Found, ...]
    tasks: tuple[TaskRow, ...]
    papers: tuple[FoundPaper, ...]


class PaletteCommands:
    """The palette's source: actions at once, the rest from the read lane."""

    def __init__(self) -> None:
        self._office: Callable[[], Office] | None = None
        self._operations: Operations | None = None
        self._actions: Sequence[Action] = ()
        self._here: Callable[[], Sequence[Action]] = lambda: ()
        self._job: Job | None = None
        self._routes: dict[str, Route] = {}

    def connect(
        self,
        office: Callable[[], Office],
        operations: Operations,
        actions: Sequence[Action],
        here: Callable[[], Sequence[Action]] = lambda: (),
    ) -> None:
        """Begin to answer; before that the box is empty. ``here`` tells what the page in front offers."""
        self._office, self._operations = office, operations
        self._actions, self._here = actions, here

    def disconnect(self) -> None:
        """The profile is closed."""
        self._office = self._operations = None
        self._actions, self._here = (), lambda: ()
        self._routes.clear()

    def route(self, key: str) -> Route | None:
        """Where a chosen result leads; nothing for what is no place."""
        return self._routes.get(key)

    def query(self, text: str, only: str, deliver: Deliver) -> None:
        """Answer for ``text``; ``only`` narrows to one heading."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        known, here = self._matching(text), tuple(self._here())
        if self._operations is None or self._office is None:
            deliver([PaletteGroup(DO, known)] if known else [])
            return
        office, limit = self._office(), 20 if only == CASES else 4
        names = {action.key: action.text for action in here}

        def work(_job: object) -> _Answer:
            from app.services.palette import matches

            palette = office.palette
            return _Answer(
                here=frozenset(key for key, words in names.items() if matches(text, words)),
                cases=palette.find(text, limit),
                tasks=palette.tasks(text, 20 if only == DO else 4),
                papers=palette.papers(text),
            )

        def found(answer: _Answer) -> None:
            groups = self._groups(text, answer, [a for a in here if a.key in answer.here], known)
            deliver([group for group in groups if group.items and only in ("", group.title)])

        def broke(_error: BaseException) -> bool:
            deliver([PaletteGroup(DO, known)] if known else [])
            return False

        self._job = self._operations.read("查找", work, found, broke)

    def _groups(
        self, text: str, answer: _Answer, here: Sequence[Action], known: tuple[PaletteItem, ...]
    ) -> list[PaletteGroup]:
        from ui.pages.today_routes import of_task

        self._routes.clear()
        todo = []
        for row in answer.tasks:
            key = f"task:{row.task_id}"
            self._routes[key] = of_task(row)
            icon = TASK_ICONS.get(row.page, "list-checks")
            todo.append(PaletteItem(key, row.verb, f"{row.title}，{row.tag}", icon=icon))
        papers = []
        for number, one in enumerate(answer.papers):
            key = f"paper:{number}"
            self._routes[key] = ("case", {"case_id": one.case_id, "tab": "papers"})
            papers.append(PaletteItem(key, "调解协议书", f"{one.title}，{one.note}", icon="file-check"))
            if one.why_not:
                words = f"提交司法确认：{one.title}"
                todo.append(PaletteItem(f"barred:{number}", words, icon="landmark", reason=one.why_not))
        items = tuple(
            PaletteItem(f"case:{case.case_id}", case.title, case.detail, icon="folder-open")
            for case in answer.cases
        )
        return [
            PaletteGroup(DO, (*map(_item, here), *todo, *known)),
            PaletteGroup(PAPERS, tuple(papers)),
            PaletteGroup(CASES, items) if text.strip() else PaletteGroup("最近的案件", items, most=5),
        ]

    def _matching(self, text: str) -> tuple[PaletteItem, ...]:
        wanted = text.strip().lower()
        hits = (
            action
            for action in self._actions
            if not wanted or wanted in action.text or wanted in action.initials
        )
        return tuple(_item(action) for action in hits)


def _item(action: Action) -> PaletteItem:
    return PaletteItem(
        action.key, action.text, action.note, icon=action.icon, keys=action.keys, reason=action.why_not()
    )
