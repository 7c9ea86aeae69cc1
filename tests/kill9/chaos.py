"""``python3 dev.py chaos --kills N``: every write point N times, at occurrences drawn from a seed."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

from tests.kill9 import table
from tests.kill9.driver import Report
from tests.kill9.sites import ROOT


def kills(seed: int, wanted: int, processes: int) -> int:
    """Journeys until each point was struck so often; the table of kills. 1 when one of them broke."""
    whole, broken, begun = Report(), 0, time.monotonic()
    with tempfile.TemporaryDirectory(prefix="jiefen-kill9-") as place:
        running: dict[subprocess.Popen[str], int] = {}
        while running or fewest(whole) < wanted:
            while len(running) < processes and fewest(whole) + 2 * len(running) < wanted:
                running[_start(Path(place) / str(len(running)) / str(seed), seed)] = seed
                seed += 1
            done = _next(running)
            said, complaint = done.communicate()
            of = running.pop(done)
            if done.returncode:
                broken += 1
                print(f"seed {of}:\n{complaint}", flush=True)
                if broken >= MOST_BROKEN:
                    break
                continue
            got = read(said)
            whole.add(got)
            print(f"seed {of}: {sum(got.kills.values())} kills, {got.seconds:.0f} s, clean", flush=True)
        for one in running:
            one.kill()
            one.communicate()
    whole.seconds = time.monotonic() - begun
    print("\n".join([*table.lines(whole), f"{'violations':<16}{broken:>10,}"]))
    return int(bool(broken))


MOST_BROKEN = 5
"""Enough to look at."""


def fewest(report: Report) -> int:
    """How often the point was struck that was struck least, before and after taken together."""
    return min(sum(report.kills[f"{p} {when}"] for when in table.WHEN) for p in table.points())


def read(said: str) -> Report:
    """What a journey in another process came to."""
    told = json.loads(said.strip().splitlines()[-1])
    return Report(
        Counter(told["kills"]), Counter(told["met"]), {}, told["processes"], told["seconds"], told["cpu"]
    )


def _start(folder: Path, seed: int) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tests.kill9", str(folder), "--seed", str(seed)],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def _next(running: dict[subprocess.Popen[str], int]) -> subprocess.Popen[str]:
    """The first of them that is over; each says little, so that none waits for us."""
    while True:
        for one in running:
            try:
                one.wait(0.2)
            except subprocess.TimeoutExpired:
                continue
            return one
