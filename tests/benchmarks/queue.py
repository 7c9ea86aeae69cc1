"""What a computer itself spends on an exchange: ``python -m tests.benchmarks.queue [COMMANDS]``.

One that finds nothing, and one that sends a queue of commands, each with its receipt, and takes in what comes
back of them. Computer and platform run in one process and the platform's processor time is taken off. The
limit is measured beside it: the signature of each receipt checked and one bare row written for each.
"""

from __future__ import annotations

import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import select

from app.storage.tables import cases
from sync.sandbox.http import Request, Response
from sync.sandbox.platform import Platform
from tests.benchmarks.wire import PUSH_GOAL, push_limit
from tests.harness.world import Computer, World, a_world, make_template

IDLE_GOAL_MS = 2.0
LANES = 20


class Apart:
    """Processor seconds of the computer, without those of the platform it talks to."""

    def __init__(self, platform: Platform) -> None:
        self._handle = platform.handle
        self.platform = 0.0
        platform.handle = self._counted  # type: ignore[method-assign]

    def _counted(self, request: Request) -> Response:
        begun = time.process_time()
        try:
            return self._handle(request)
        finally:
            self.platform += time.process_time() - begun

    def of(self, work: Callable[[], Any]) -> float:
        """What ``work`` takes."""
        begun, there = time.process_time(), self.platform
        work()
        return time.process_time() - begun - (self.platform - there)


def idle(world: World, computer: Computer, apart: Apart, runs: int = 200) -> None:
    """Prints what the computer spends on an exchange when nothing has moved."""
    each = []
    for _ in range(runs):
        world.pass_time(1)
        each.append(apart.of(lambda: exchange(computer)) * 1000)
    middle = statistics.median(each)
    print(
        f"idle exchange, the computer's own work: median {middle:.2f} ms, least {min(each):.2f} ms; "
        f"goal {IDLE_GOAL_MS} ms, ratio {middle / IDLE_GOAL_MS:.2f}"
    )


def exchange(computer: Computer) -> int:
    """One exchange that must succeed; how many commands were sent."""
    result = computer.run()
    if result.error is not None:
        raise result.error
    return result.sent


def send(world: World, computer: Computer, apart: Apart, count: int) -> None:
    """Prints commands a second of the computer's processor, from the outbox to the case that shows them."""
    known = [row.case_id for row in computer.read(select(cases.c.case_id))]
    for number in range(count):
        computer.office.handling.add_note(known[number % len(known)], f"电话里约了时间，第 {number} 次。")
    world.pass_time(60)
    sent: list[int] = []
    there = apart.platform
    took = apart.of(lambda: sent.append(exchange(computer)))
    if sent != [count]:
        raise RuntimeError(f"{sent} of {count} were sent")
    rate, other = count / took, count / (apart.platform - there)
    print(
        f"queue of {count} sent and taken back, the computer: {rate:,.0f} a second of processor; "
        f"goal {PUSH_GOAL:,}, ratio {PUSH_GOAL / rate:.2f} (the platform: {other:,.0f})"
    )


def main(count: int = 1_000) -> None:
    """Prints everything."""
    print(f"load at the start: {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        push_limit(folder, count)
        template = make_template(folder / "template", cases=LANES, computers=1)
        with a_world(template, folder / "world", computers=1) as world:
            computer, apart = world.computers[0], Apart(world.platform)
            exchange(computer)
            idle(world, computer, apart)
            send(world, computer, apart, count)


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000)
