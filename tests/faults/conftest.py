"""Worlds for the scenarios, and the table that says how each fault was met."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.catalogue import FAULTS, NAMES
from tests.harness.play import Play
from tests.harness.world import a_world, make_template

OUTCOMES = pytest.StashKey[dict[str, list[str]]]()


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A platform with two cases, and registered computers that have them."""
    return make_template(tmp_path_factory.mktemp("world") / "template")


@pytest.fixture
def play(template: Path, tmp_path: Path) -> Iterator[Play]:
    """A world in play; the test brings it to rest where that is part of its fault."""
    with a_world(template, tmp_path / "world") as world:
        yield Play(world)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fault-table", action="store_true", help="print how each named fault was met")


def pytest_configure(config: pytest.Config) -> None:
    config.stash[OUTCOMES] = {}
    config.pluginmanager.register(_Notes(config))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        for mark in item.iter_markers("fault"):
            assert mark.args[0] in NAMES, f"no such fault: {mark.args[0]}"
            item.user_properties.append(("fault", mark.args[0]))


class _Notes:
    """Takes down the outcome of each scenario, also from other processes."""

    def __init__(self, config: pytest.Config) -> None:
        self._outcomes = config.stash[OUTCOMES]

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if report.when == "call" or report.failed:
            for key, value in report.user_properties:
                if key == "fault":
                    self._outcomes.setdefault(str(value), []).append(report.outcome)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """One line a fault, when the whole table was asked for."""
    if not config.getoption("--fault-table"):
        return
    outcomes, met = config.stash[OUTCOMES], 0
    for group, names in FAULTS.items():
        terminalreporter.write_line(f"\n{group} {len(names)}")
        for name in names:
            came = outcomes.get(f"{group}.{name}", [])
            good = bool(came) and set(came) == {"passed"}
            met += good
            word = f"survived ({len(came)})" if good else "NOT TESTED" if not came else "BROKEN"
            terminalreporter.write_line(f"  {name:<28}{word}", green=good, red=not good)
    terminalreporter.write_line(f"\n{met} of {len(NAMES)} faults survived")
