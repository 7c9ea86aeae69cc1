"""The seeded defects still fit the sources they spoil."""

from __future__ import annotations

import subprocess

import pytest

from tests.zoo.seeded import ROOT, Defect, all_defects


@pytest.mark.parametrize("defect", all_defects(), ids=lambda defect: defect.name)
def test_a_defect_still_applies(defect: Defect) -> None:
    command = ["git", "apply", "--check", "-p1", str(defect.patch)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"make {defect.patch.name} anew: {done.stderr}"
