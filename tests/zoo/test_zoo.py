"""The bug zoo: seeded defects, each of which the harness must notice. It misses none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.hunting import broken_by
from tests.harness.world import make_template
from tests.harness.written import read
from tests.zoo.find import caught
from tests.zoo.seeded import Defect, all_defects

DEFECTS = all_defects()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_template(tmp_path_factory.mktemp("world") / "template")


@pytest.mark.timeout(150)
@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_the_harness_notices(defect: Defect, template: Path, tmp_path: Path) -> None:
    """With the defect the sequence breaks the rule; without it the same sequence breaks none."""
    told = caught(defect, tmp_path, template)
    assert defect.rule in told, f"{defect.what}: not noticed, draw anew with tests.zoo.find\n{told}"
    assert not broken_by(template, tmp_path / "world", read(defect.sequence))


def test_the_zoo_is_large_enough() -> None:
    assert len(DEFECTS) >= 25
