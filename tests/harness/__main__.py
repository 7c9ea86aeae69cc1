"""``python3 dev.py chaos``: sequences for as long as one likes, and a table of what they came to.

Every slice has a seed of its own, told when something is found: ``--seed`` with it draws the same again.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import queue
import sys
import time
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from tests.harness import lodgements
from tests.harness.draw import sequence
from tests.harness.hunting import broken_by, hunt
from tests.harness.machine import quick_folder, run
from tests.harness.play import Tally
from tests.harness.world import make_template
from tests.harness.written import Sequence, read

SLICE = 20
"""Sequences drawn from one seed."""
LENGTHS = (14, 14, 14, 40)
"""Steps of a sequence at most, by its seed: most finds are short, some need much to have happened."""


@dataclass
class Slice:
    """What one seed came to; ``found`` holds the violation with its shortest sequence."""

    seed: int
    tally: Tally
    found: str = ""


def one_slice(seed: int, sequences: int = SLICE, length: int = 0, *, shrink: bool = True) -> Slice:
    """Draw one slice and shrink what it finds, unless it is enough to know that there is something."""
    tally = Tally()
    try:
        run(seed, sequences, length or LENGTHS[seed % len(LENGTHS)], tally=tally, shrink=shrink)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was looked for
        found = [f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())]
        return Slice(seed, tally, "\n".join(found))
    return Slice(seed, tally)


def worker(first: int, step: int, until: float, said: Any) -> None:
    """Slices one after the other until the time is over."""
    seed = first
    while time.time() < until:
        said.put(one_slice(seed))
        seed += step
    said.put(None)


def main(argv: list[str] | None = None) -> int:
    """The command; exit code 1 when something was found."""
    asked = arguments(argv)
    if asked.kills:
        # The kills go through the window's own connection; the seeded defects' copies have no window.
        from tests.kill9.chaos import kills

        return kills(asked.seed, asked.kills, asked.processes)
    if asked.lodgements:
        return lodge(asked.seed, asked.lodgements, asked.processes)
    if asked.replay:
        return replay(asked.replay, asked.template)
    if asked.hunt:
        length, many = asked.length or LENGTHS[0], asked.sequences or 1000
        return look_for(
            asked.hunt, (sequence(asked.seed + number, length, asked.aim) for number in range(many))
        )
    if asked.sequences:
        found = one_slice(asked.seed, asked.sequences, asked.length, shrink=not asked.no_shrink)
        table([found])
        return int(bool(found.found))
    slices = drive(asked.seed, asked.minutes, asked.processes)
    table(slices)
    return int(any(one.found for one in slices))


def replay(file: Path, template: Path | None) -> int:
    """A sequence again that stands in a file, as a find prints it; in a copy of the world at ``template``."""
    with quick_folder() as place:
        world = template or make_template(place / "template")
        broken = broken_by(world, place / "world", read(file.read_text("utf-8")))
    print(broken or "everything holds")
    return int(bool(broken))


def look_for(rule: str, drawn: Iterable[Sequence]) -> int:
    """Sequences until one breaks a rule; the shortest that does."""
    with quick_folder() as place:
        template = make_template(place / "template")
        caught = hunt(template, place / "world", rule, drawn)
    print(f"drawn {caught.drawn}\n{caught.told}" if caught else f"{rule} holds")
    return int(caught is not None)


def lodge(seed: int, wanted: int, processes: int) -> int:
    """Applications in batches, each with its own seed; tells each batch that went wrong."""
    seeds = range(seed, seed - (-wanted // lodgements.CASES))
    done, broken, began = 0, 0, time.time()
    with quick_folder() as place, multiprocessing.Pool(processes) as pool:
        ready = lodgements.make_ready(place / "ready")
        batches = pool.imap_unordered(partial(one_batch, ready, place), seeds)
        for number, (one, lodged, found) in enumerate(batches, 1):
            done += lodged
            if found:
                broken += 1
                print(f"seed {one}:\n{found}", flush=True)
            if number % 25 == 0:
                print(f"{done:,} applications, {broken} batches broken", flush=True)
    seconds = time.time() - began
    print(f"\napplications  {done:>10,}\nviolations    {broken:>10,}\nseconds       {seconds:>10,.0f}")
    return int(bool(broken))


def one_batch(ready: Path, place: Path, seed: int) -> tuple[int, int, str]:
    """A batch in this process's own folder: its seed, how many were lodged, and what was found."""
    try:
        return seed, lodgements.batch(ready, place / f"world-{os.getpid()}", seed), ""
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what was looked for
        return seed, 0, "\n".join([f"{type(error).__name__}: {error}", *getattr(error, "__notes__", ())])


def drive(seed: int, minutes: float, processes: int) -> list[Slice]:
    """So many processes for so long; tells each find as it comes."""
    said: Any = multiprocessing.Queue()
    until = time.time() + minutes * 60
    workers = [
        multiprocessing.Process(target=worker, args=(seed + number, processes, until, said), daemon=True)
        for number in range(processes)
    ]
    for one in workers:
        one.start()
    slices: list[Slice] = []
    running = processes
    while running:
        try:
            got = said.get(timeout=5)
        except queue.Empty:
            if not any(one.is_alive() for one in workers):
                raise SystemExit("a process ended without a word") from None
            continue
        if got is None:
            running -= 1
            continue
        slices.append(got)
        mark = f"found something, seed {got.seed}" if got.found else "clean"
        print(
            f"seed {got.seed}: {got.tally.sequences} sequences, {got.tally.steps} steps, {mark}", flush=True
        )
    for one in workers:
        one.join()
    return slices


def table(slices: list[Slice]) -> None:
    """What was run and what it came to."""
    whole = Tally()
    for one in slices:
        whole.add(one.tally)
    found = [one for one in slices if one.found]
    rows = (
        ("sequences", whole.sequences),
        ("steps", whole.steps),
        ("ends of processes", whole.ends),
        ("faults of the line", whole.faults),
        ("violations", len(found)),
    )
    print("\n" + "\n".join(f"{name:<20}{value:>10,}" for name, value in rows))
    print("acts carried out    " + ", ".join(f"{k} {v}" for k, v in sorted(whole.acts.items()) if v))
    for one in found:
        print(f"\nseed {one.seed}:\n{one.found}")


def arguments(argv: list[str] | None) -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="dev.py chaos", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--minutes", type=float, default=5.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--sequences", type=int, default=0, help="so many from one seed, instead of a time")
    parser.add_argument("--kills", type=int, default=0, help="kill -9 so often at every write point, instead")
    parser.add_argument("--lodgements", type=int, default=0, help="applications to a court, instead")
    parser.add_argument("--replay", type=Path, help="play the sequence that stands in this file")
    parser.add_argument("--template", type=Path, help="the world to replay it in, where one is made already")
    parser.add_argument("--hunt", metavar="RULE", help="draw until this rule is broken, and shorten that")
    parser.add_argument("--aim", default="", help="what these are to be about, see draw.aimed")
    parser.add_argument("--length", type=int, default=0, help="steps in a sequence at most")
    parser.add_argument("--no-shrink", action="store_true", help="tell a find as it came")
    asked = parser.parse_args(argv)
    if asked.aim and not asked.hunt:
        parser.error("--aim is about what --hunt draws")
    return asked


if __name__ == "__main__":
    sys.exit(main())
