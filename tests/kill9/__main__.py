"""``python -m tests.kill9 FOLDER``: one journey with its kills, told as one line of JSON.

With ``--seed`` the kills fall on occurrences drawn from it; ``--side`` kills one side only, ``--calm``
nobody; ``--write`` makes the table of points anew from a journey with kills and one without.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
from pathlib import Path

from tests.kill9 import table
from tests.kill9.driver import BrokenError, Journey, Report
from tests.kill9.warm import warm

MANY = 12
"""Of a point that is met more often only so many occurrences are drawn from."""


def drawn(seed: int) -> dict[str, int]:
    """Which occurrence of each point kills, for one seed."""
    chance = random.Random(f"kills {seed}")
    met = table.often()
    return {
        f"{point} {when}": chance.randint(1, max(1, min(MANY, met[point])))
        for point in table.points()
        for when in table.WHEN
    }


def main(argv: list[str] | None = None) -> int:
    """The command; exit code 1 with the story on standard error when something broke."""
    parser = argparse.ArgumentParser(prog="python -m tests.kill9")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int)
    parser.add_argument("--side", choices=("client", "platform"), default="")
    parser.add_argument("--calm", action="store_true")
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args(argv)
    warm()
    try:
        report = Journey(
            asked.folder, None if asked.seed is None else drawn(asked.seed), asked.side, kills=not asked.calm
        ).run()
        if asked.write:
            table.write(report, Journey(asked.folder, None, kills=False).run())
    except BrokenError as broken:
        print(broken, file=sys.stderr)
        return 1
    print(told(report))
    return 0


def told(report: Report) -> str:
    """A report as a line that another process reads."""
    return json.dumps(
        {
            "kills": report.kills, "met": report.met, "processes": report.processes,
            "seconds": report.seconds, "cpu": report.cpu,
        },
        ensure_ascii=False,
    )  # fmt: skip


if __name__ == "__main__":
    sys.exit(main())
