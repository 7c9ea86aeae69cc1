"""Drawn sequences of work and faults on real clients and platform: no invariant is ever broken.

Two thousand sequences and two thousand applications in each run of the suite; ``python3 dev.py chaos`` runs
as many as one likes.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.harness import lodgements
from tests.harness.hunting import broken_by
from tests.harness.machine import quick_folder, run
from tests.harness.world import make_template
from tests.harness.written import read

SEEDS = range(1, 39)
ASKED, LENGTH = 50, 6
SEQUENCES = 53
"""What a seed comes to: Hypothesis plays variations beside those it was asked for."""
BATCHES = 50
"""Batches of applications, each of ``lodgements.CASES``."""
A_TIME = 5
FOUND = sorted((Path(__file__).parent / "found").glob("*.txt"))
"""Sequences in which a run of hours found a rule broken."""


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The world that each sequence begins with a copy of."""
    return make_template(tmp_path_factory.mktemp("world") / "template")


@pytest.mark.timeout(600)
@pytest.mark.parametrize("seed", SEEDS)
def test_no_sequence_breaks_an_invariant(template: Path, seed: int) -> None:
    tally = run(seed, ASKED, LENGTH, shrink=False, most=SEQUENCES, template=template)
    assert tally.sequences == SEQUENCES


@pytest.fixture(scope="session")
def ready(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Cases that are ready for the court, known to three computers."""
    return lodgements.make_ready(tmp_path_factory.mktemp("ready"))


@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(0, BATCHES, A_TIME))
def test_every_application_reaches_the_court_once(ready: Path, first: int) -> None:
    with quick_folder() as place:
        lodged = sum(lodgements.batch(ready, place / "world", seed) for seed in range(first, first + A_TIME))
    assert lodged == A_TIME * lodgements.CASES


@pytest.mark.parametrize("file", FOUND, ids=lambda file: file.stem)
def test_what_a_long_run_found_once_holds(template: Path, file: Path) -> None:
    with quick_folder() as place:
        assert not broken_by(template, place / "world", read(file.read_text("utf-8")))


def test_a_seed_draws_the_same_again() -> None:
    first, second = run(3, 5, LENGTH), run(3, 5, LENGTH)
    assert first == second
    assert first.steps > 5
