"""Every named fault has its scenario, and no scenario a name of its own."""

from __future__ import annotations

import re
from pathlib import Path

from tests.faults.catalogue import FAULTS, NAMES

MARK = re.compile(r"""fault\("([A-Z]+\.\w+)"\)""")


def test_there_are_seventy_eight() -> None:
    assert len(NAMES) == 78
    assert [len(names) for names in FAULTS.values()] == [20, 14, 8, 10, 6, 8, 8, 4]


def test_each_has_a_scenario() -> None:
    found: set[str] = set()
    for path in Path(__file__).parent.glob("test_*.py"):
        found |= set(MARK.findall(path.read_text("utf-8")))
    assert found == NAMES
