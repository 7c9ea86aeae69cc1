"""``python -m tests.zoo.find [name ...]``: draw for a defect, until a sequence shows it, and write that down.

Without names all whose sequence is not known or no longer shows them.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

from tests.harness.written import read
from tests.zoo.seeded import Defect, all_defects, apply, copy_of_the_tree, harness

LENGTH = 14


def caught(defect: Defect, place: Path, template: Path, *, at_most: float = 100) -> str:
    """What the harness says to a defect's own sequence, in a copy of the sources that has the defect and in a
    copy of the world at ``template``, unless it needs its own."""
    tree = copy_of_the_tree(place / "tree")
    why_not = apply(defect, tree)
    assert not why_not, f"{defect.patch.name} no longer applies, make it anew: {why_not}"
    (place / "sequence").write_text(defect.sequence, "utf-8")
    words = ["--replay", str(place / "sequence")]
    if not defect.own_world:
        words += ["--template", str(template)]
    return harness(tree, *words, at_most=at_most)[1]


def find(defect: Defect, seed: int, sequences: int, at_most: float) -> str:
    """Draw until the rule is broken, and write the sequence into the patch; what to tell about it."""
    with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as place:
        tree = copy_of_the_tree(Path(place) / "tree")
        if why_not := apply(defect, tree):
            return f"does not apply: {why_not}"
        words = ("--hunt", defect.rule, "--seed", seed, "--sequences", sequences, "--length", LENGTH,
                 "--aim", defect.aim)  # fmt: skip
        try:
            code, told = harness(tree, *map(str, words), at_most=at_most)
        except subprocess.TimeoutExpired:
            return "not found in time"
        drawn = re.search(r"^drawn (\d+)$", told, re.MULTILINE)
        if not code or drawn is None:
            return told.strip()[-2000:]
        replace(defect, drawn=int(drawn[1]), sequence=str(read(told))).write()
        return f"drawn {drawn[1]}"


def _stands(defect: Defect) -> bool:
    with tempfile.TemporaryDirectory() as place:
        return bool(defect.drawn) and defect.rule in caught(defect, Path(place))


def main() -> int:
    """The command; exit code 1 when one was not found."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("names", nargs="*")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--sequences", type=int, default=2000)
    parser.add_argument("--seconds", type=float, default=900)
    asked = parser.parse_args()
    wanted = [one for one in all_defects() if one.name in asked.names or not asked.names]
    if not asked.names:
        wanted = [one for one in wanted if not _stands(one)]
    look = partial(find, seed=asked.seed, sequences=asked.sequences, at_most=asked.seconds)
    missed = 0
    with ThreadPoolExecutor(2) as two:
        for defect, told in zip(wanted, two.map(look, wanted), strict=True):
            missed += not told.startswith("drawn")
            print(f"{defect.name}: {told}", flush=True)
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
