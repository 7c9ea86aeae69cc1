"""The product's pages in a window at one of the world's computers."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pytestqt.qtbot import QtBot

from app.services.desk import Desk
from app.storage.engine import Store
from tests.harness.world import Computer, ComputerClock
from tests.helpers.desks import Workplace
from tests.helpers.pages import Bench
from ui.context import Context
from ui.pages.base import Page
from ui.theme.look import Look


@dataclass
class Seat(Workplace):
    """A computer's desk as the window takes it; the world closes it."""

    desk: Desk
    folder: Path
    clock: ComputerClock  # type: ignore[assignment]
    stores: list[Store] = field(default_factory=list)

    def close(self) -> None:
        """Nothing: the program goes on."""


@contextmanager
def window_at(pc: Computer, qtbot: QtBot, look: Look, *pages: Callable[[Context], Page]) -> Iterator[Bench]:
    """These pages in a window at the computer; nothing may go wrong unseen."""
    bench = Bench(qtbot, look, Seat(pc.office.desk, pc.folder, pc.clock), pc.folder.parent)
    bench.add(*(page(bench.context) for page in pages))
    try:
        yield bench
    finally:
        bench.close()


def page_of(bench: Bench, key: str, **params: Any) -> Any:
    """Bring a page to the front."""
    bench.show(key, **params)
    return bench.shell.current
