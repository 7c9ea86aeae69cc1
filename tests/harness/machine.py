"""The stateful test: Hypothesis draws the steps, shrinks what fails, and runs a seed again identically."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from tests.harness.draw import COMPUTERS, LARGEST, beginning, mood, step
from tests.harness.play import Play, Tally, told
from tests.harness.world import World, make_template


def machine(template: Path, folder: Path, tally: Tally, most: int = 0) -> type[RuleBasedStateMachine]:
    """The machine on worlds copied from ``template`` into ``folder``, counting into ``tally``.

    After ``most`` sequences it plays none of those still drawn: Hypothesis asks for variations beside those
    it draws.
    """

    class Wire(RuleBasedStateMachine):
        """Some computers, the platform, and the network between them."""

        def __init__(self) -> None:
            super().__init__()
            self.world: World | None = None
            self.play: Play | None = None
            self.key = 0

        @initialize(computers=st.sampled_from(COMPUTERS), key=st.integers(0, LARGEST))
        def begin(self, computers: int, key: int) -> None:
            """A fresh copy of the template; ``key`` gives the numbers of this sequence their meaning."""
            if most and tally.sequences >= most:
                return
            self.key = key
            shutil.rmtree(folder, ignore_errors=True)
            self.world = World(template, folder, seed=0, computers=computers)
            self.play = Play(self.world, tally)
            with told(self.play):
                for one in beginning(mood(key, computers)):
                    self.play.take(one)

        @rule(number=st.integers(0, LARGEST))
        def step(self, number: int) -> None:
            """Anything anybody does, or that befalls them."""
            if self.world is None or self.play is None:
                return
            with told(self.play):
                self.play.take(step(self.key, number, len(self.world.computers)))

        def teardown(self) -> None:
            """Everything comes to rest, and must hold."""
            if self.world is None or self.play is None:
                return
            try:
                if not self.play.broken:
                    with told(self.play):
                        self.play.rest()
                tally.sequences += 1
            finally:
                self.world.close()

    return Wire


def run(
    seed: int,
    sequences: int,
    length: int,
    *,
    tally: Tally | None = None,
    shrink: bool = True,
    most: int = 0,
    template: Path | None = None,
) -> Tally:
    """Draw ``sequences`` of at most ``length`` steps from ``seed``. Raises what was found, shrunk.

    With variations they come to a fifth more, unless they are to be ``most``. ``template``: where one lies
    already.
    """
    counted = tally or Tally()
    with quick_folder() as place:
        begun = template or make_template(place / "template")
        made = machine(begun, place / "world", counted, most)
        phases = (Phase.generate, Phase.shrink) if shrink else (Phase.generate,)
        how: Any = settings(
            max_examples=sequences,
            stateful_step_count=length,
            deadline=None,
            database=None,
            phases=phases,
            suppress_health_check=list(HealthCheck),
            print_blob=False,
            verbosity=hypothesis.Verbosity.quiet,
        )
        run_state_machine_as_test(hypothesis.seed(seed)(made), settings=how)
    return counted


@contextmanager
def quick_folder() -> Iterator[Path]:
    """A folder of our own, in memory where there is room: the disk's own ends are tested elsewhere."""
    memory = Path("/dev/shm")
    where = str(memory) if memory.is_dir() else None
    with tempfile.TemporaryDirectory(prefix="jiefen-wire-", dir=where) as place:
        yield Path(place)
