"""One seeded defect: its patch, the rule expected to notice it, and the seed that draws it out early.

A patch begins with lines of plain text: ``What`` is wrong, the ``Rule`` (a function of ``tests/harness``)
whose name must stand in the find, the ``Seed`` and how many ``Sequences`` of it are drawn.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
ZOO = ROOT / "tests" / "zoo"
COPIED = ("app", "sync", "resources", "tests/harness", "tests/helpers")
"""What the harness needs of the product and of the tests."""
LENGTH = 14
"""Steps of a sequence at most."""
AT_MOST = 100.0
"""Seconds of wall time until a run counts as hanging; most take some five."""


@dataclass(frozen=True)
class Defect:
    """One of the zoo."""

    name: str
    what: str
    rule: str
    seed: int
    sequences: int

    @property
    def patch(self) -> Path:
        """The unified diff."""
        return ZOO / f"{self.name}.patch"


def all_defects() -> list[Defect]:
    """The whole zoo, by name. Raises ``KeyError`` for a patch whose header lacks a line."""
    return [_read(path) for path in sorted(ZOO.glob("*.patch"))]


def _read(path: Path) -> Defect:
    head = path.read_text("utf-8").split("--- ", 1)[0]
    told = dict(re.findall(r"^(\w+): (.+)$", head, re.MULTILINE))
    return Defect(path.stem, told["What"], told["Rule"], int(told["Seed"]), int(told["Sequences"]))


def copy_of_the_tree(place: Path) -> Path:
    """A copy of what the harness needs, compiled files with it."""
    for folder in COPIED:
        shutil.copytree(ROOT / folder, place / folder)
    return place


def apply(defect: Defect, tree: Path) -> str:
    """Put the defect into ``tree``; why that did not work, empty when it did."""
    # A repository around the folder for temporary files must not make git look for the paths there.
    env = {**os.environ, "GIT_CEILING_DIRECTORIES": str(tree.parent), "GIT_DIR": str(tree / "no-repository")}
    done = subprocess.run(
        ["git", "apply", "-p1", str(defect.patch)], cwd=tree, env=env, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    return done.stderr if done.returncode else ""


def harness(tree: Path, seed: int, sequences: int) -> tuple[int, str]:
    """Run the harness in ``tree``: exit code and output. Raises ``TimeoutExpired`` when it hangs."""
    words = ("--seed", seed, "--sequences", sequences, "--length", LENGTH, "--no-shrink")
    done = subprocess.run(
        [sys.executable, "-m", "tests.harness", *(str(word) for word in words)],
        cwd=tree, env={**os.environ, "PYTHONPATH": str(tree)}, capture_output=True, text=True, check=False,
        timeout=AT_MOST,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr
