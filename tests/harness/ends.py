"""Ends of processes: a computer or the platform stops for good just before or after something is durable.

The points are counted while an act or an exchange runs: before and after each commit of the store, and
before and after each file is put in its place. Real ``SIGKILL`` is the business of ``test_kill9``; here an
exception that nothing catches stands for it, and the files are kept as they lay at that instant.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

from sync.sandbox.store import Store as PlatformStore
from tests.harness.line import ServerDied
from tests.harness.world import Computer, Killed, World


class _Countdown:
    """Ends everything at the ``at``-th point, and at every point after it."""

    def __init__(self, at: int, end: Callable[[], BaseException]) -> None:
        self._left = at
        self._end = end
        self.over = False

    def point(self) -> None:
        """One of the points was reached."""
        if self._left == 0:
            self.over = True
            raise self._end()
        self._left -= 1


@contextmanager
def computer_ends(pc: Computer, at: int | None) -> Iterator[None]:
    """Inside, the computer's process ends at its ``at``-th point; it is found dead afterwards."""
    if at is None:
        yield
        return
    store = pc.office.desk.store
    count = _Countdown(at, Killed)
    whole, replace, fsync = store.write, os.replace, os.fsync

    def write(fn: Callable[[Any], Any], *, background: bool = False) -> Any:
        def then(conn: Any) -> Any:
            value = fn(conn)
            count.point()
            return value

        done = whole(then, background=background)
        count.point()
        return done

    def put(*args: Any, **more: Any) -> None:
        count.point()
        replace(*args, **more)
        count.point()

    def flush(number: int) -> None:
        count.point()
        fsync(number)

    left = pc.folder.with_name(f"{pc.folder.name}.left")
    with (
        mock.patch.object(store, "write", write),
        mock.patch("os.replace", put),
        mock.patch("os.fsync", flush),
    ):
        try:
            yield
        except Killed:
            shutil.copytree(pc.folder, left)
    if left.exists():
        _as_it_lay(pc, left)


def _as_it_lay(pc: Computer, left: Path) -> None:
    """Put the files back as they lay at that instant, with the write-ahead log that nobody emptied."""
    pc.leave()
    shutil.rmtree(pc.folder)
    left.rename(pc.folder)


@contextmanager
def platform_ends(world: World, at: int | None) -> Iterator[None]:
    """Inside, the platform's process ends at its ``at``-th point; it is started again afterwards."""
    if at is None:
        yield
        return
    count = _Countdown(at, ServerDied)
    store, whole = world.platform.store, PlatformStore.write

    @contextmanager
    def write(now: Any) -> Iterator[Any]:
        with whole(store, now) as tx:
            yield tx
            count.point()
        count.point()

    with mock.patch.object(store, "write", write):
        yield
    if count.over:
        world.restart_platform()
