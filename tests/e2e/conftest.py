"""A practice profile for each window test: made once by the real window, then copied."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication

from tests.helpers.window import Pilot


@pytest.fixture(scope="session")
def first_practice(qapp, tmp_path_factory):  # type: ignore[no-untyped-def]
    """The folder of a practice profile as the first start of ``jiefen demo`` leaves it."""
    folder: Path = tmp_path_factory.mktemp("first") / "practice"
    pilot = Pilot(qapp, folder)
    pilot.begin(build=False)
    pilot.close()
    return folder


@pytest.fixture
def practice_folder(first_practice: Path, tmp_path: Path) -> Path:
    """A practice profile with its platform, for one test alone."""
    return copied(first_practice, tmp_path / "practice")


@pytest.fixture
def pilot(qapp: QApplication, plain_look: object, practice_folder: Path) -> Iterator[Pilot]:
    """The practice window in front, at work; closed as a person does unless the test did that."""
    made = Pilot(qapp, practice_folder)
    made.begin()
    yield made
    if made.window.context is not None:
        made.close()


def copied(source: Path, target: Path) -> Path:
    """A copy of a practice profile and of the platform beside it."""
    for end in ("", "-platform"):
        shutil.copytree(source.with_name(source.name + end), target.with_name(target.name + end))
    return target
