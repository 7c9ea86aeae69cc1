"""The bug zoo: seeded defects, each of which the harness must notice. It misses none."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness.machine import run
from tests.zoo.seeded import LENGTH, Defect, all_defects, apply, copy_of_the_tree, harness

DEFECTS = all_defects()
SEEDS = {seed: max(d.sequences for d in DEFECTS if d.seed == seed) for seed in {d.seed for d in DEFECTS}}


@pytest.mark.parametrize("defect", DEFECTS, ids=lambda defect: defect.name)
def test_the_harness_notices(defect: Defect, tmp_path: Path) -> None:
    tree = copy_of_the_tree(tmp_path / "tree")
    why_not = apply(defect, tree)
    assert not why_not, f"{defect.patch.name} no longer applies, make it anew: {why_not}"
    code, told = harness(tree, defect.seed, defect.sequences)
    assert code == 1, f"{defect.what}: nobody noticed within {defect.sequences} sequences\n{told}"
    assert defect.rule in told, f"{defect.what}: something else was noticed\n{told}"


@pytest.mark.parametrize("seed", sorted(SEEDS))
def test_without_a_defect_the_same_is_clean(seed: int) -> None:
    assert run(seed, SEEDS[seed], LENGTH, shrink=False).sequences >= 1


def test_the_zoo_is_large_enough() -> None:
    assert len(DEFECTS) >= 25
