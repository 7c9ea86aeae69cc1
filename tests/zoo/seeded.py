"""One seeded defect: its patch, the rule expected to notice it, and the sequence that shows it.

A patch begins with lines of plain text: ``What`` is wrong, the ``Rule`` (a function of ``tests/harness``)
whose name must stand in the find, how many sequences were ``Drawn`` until one broke it, and that sequence,
shortened (``python -m tests.zoo.find`` draws one anew). A sequence and not a seed, so that it stays the same
when the harness learns new steps.
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
_TOLD = re.compile(r"^(\w+): (.+)$", re.MULTILINE)


@dataclass(frozen=True)
class Defect:
    """One of the zoo."""

    name: str
    what: str
    rule: str
    drawn: int
    """0 when no sequence is known yet."""
    sequence: str
    aim: str = ""
    """What the sequences were to be about, where those about anything would have taken too many."""
    own_world: bool = False
    """It lies in how a world is made: it has to make its own."""

    @property
    def patch(self) -> Path:
        """The unified diff."""
        return ZOO / f"{self.name}.patch"

    def write(self) -> None:
        """Put the head of the patch anew; the diff stays."""
        diff = self.patch.read_text("utf-8").partition("--- ")[2]
        aim = f"Aim: {self.aim}\n" if self.aim else ""
        world = "World: own\n" if self.own_world else ""
        head = f"What: {self.what}\nRule: {self.rule}\n{aim}{world}Drawn: {self.drawn}\n{self.sequence}\n\n"
        self.patch.write_text(f"{head}--- {diff}", "utf-8")


def all_defects() -> list[Defect]:
    """The whole zoo, by name. Raises ``KeyError`` for a patch whose head lacks a line."""
    return [_read(path) for path in sorted(ZOO.glob("*.patch"))]


def _read(path: Path) -> Defect:
    head = path.read_text("utf-8").partition("--- ")[0]
    told = dict(_TOLD.findall(head))
    sequence = head.partition("\ncomputers ")[2].strip()
    return Defect(
        path.stem, told["What"], told["Rule"], int(told["Drawn"]),
        f"computers {sequence}" if sequence else "", told.get("Aim", ""), told.get("World") == "own",
    )  # fmt: skip


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


def harness(tree: Path, *words: str, at_most: float) -> tuple[int, str]:
    """Run the harness in ``tree``: exit code and output.

    Raises ``TimeoutExpired`` when it takes more than ``at_most`` seconds of wall time.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.harness", *words],
        cwd=tree, env={**os.environ, "PYTHONPATH": str(tree)}, capture_output=True, text=True, check=False,
        timeout=at_most,
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr
