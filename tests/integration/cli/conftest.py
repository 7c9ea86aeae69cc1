"""A practice platform of its own, and the command line on a profile that is not there yet."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.helpers import sandbox
from tests.helpers.commands import CommandLine
from tests.helpers.sandbox import Sandbox

PASSPHRASE = "梧桐树下的春天又长又暖和"


@pytest.fixture
def platform(tmp_path: Path) -> Iterator[Sandbox]:
    with sandbox.running_copy(tmp_path / "platform", "12") as running:
        yield running


@pytest.fixture
def cli(tmp_path: Path) -> CommandLine:
    file = tmp_path / "passphrase"
    file.write_text(PASSPHRASE + "\n", "utf-8")
    return CommandLine(tmp_path / "profile", file)
