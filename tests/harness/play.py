"""A sequence in play: each step is followed by the invariants; shared by all drivers."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from app.domain.errors import StateError, UserError
from sync.contract.codes import WireError
from sync.engine.faults import SyncFault
from sync.sandbox.answers import ASK_AFTER_MINUTES
from tests.harness import claims, rules
from tests.harness.acts import ACTS, PLATFORM_ACTS, WITH_STICK
from tests.harness.ends import computer_ends, platform_ends
from tests.harness.steps import (
    Act,
    Arrive,
    Elsewhere,
    Everybody,
    Exchange,
    Lose,
    Pass,
    Restart,
    SignIn,
    Skew,
    Step,
    written,
)
from tests.harness.world import Computer, World

ROUNDS = 3
"""Once faults stop, everything is delivered within so many rounds of exchanges (``sync.md`` 6, 16)."""
REQUESTS_A_ROUND = 400
"""The bound on requests that one exchange may take in these small worlds."""
PAUSE = 320.0
"""Seconds after which every back-off is over."""
ASKED_BY_THEN = (ASK_AFTER_MINUTES + 1) * 60.0
"""Seconds after which a restored platform has asked the courts what they answered."""
FORTNIGHT = 15 * 86400.0
"""Seconds after which a restored platform waits no more for a computer that does not come back."""


class Violation(AssertionError):
    """An invariant does not hold."""


@dataclass
class Tally:
    """What a run of sequences amounted to."""

    sequences: int = 0
    steps: int = 0
    ends: int = 0
    faults: int = 0
    acts: dict[str, int] = field(default_factory=dict)

    def add(self, other: Tally) -> None:
        """Count another run in."""
        self.sequences += other.sequences
        self.steps += other.steps
        self.ends += other.ends
        self.faults += other.faults
        for name, number in other.acts.items():
            self.acts[name] = self.acts.get(name, 0) + number


@contextmanager
def told(play: Play) -> Iterator[None]:
    """Whatever is raised inside says what was played, so that it can be played again."""
    try:
        yield
    except Violation:
        raise
    except Exception as error:
        error.add_note(play.told())
        raise


class Play:
    """A world in play: takes steps, checks the invariants after each, and brings all to rest at the end."""

    def __init__(self, world: World, tally: Tally | None = None) -> None:
        self.world = world
        self.tally = tally or Tally()
        self.trace: list[str] = []
        self.broken = False
        self._met: list[str] = []

    def take(self, step: Step) -> None:
        """One step. Raises :class:`Violation` when an invariant no longer holds."""
        self.tally.steps += 1
        self.broken = True
        came = "?"
        try:
            came = self._do(step)
        finally:
            self.trace.append(f"{written(step)} -> {came}")
        self.broken = False
        pc = self.world.computers[step.pc] if getattr(step, "pc", -1) >= 0 else None  # type: ignore[union-attr]
        if pc is not None and pc.lost:
            return
        if pc is not None:
            pc.note_saved()
        with_stick = isinstance(step, Act) and step.name in WITH_STICK
        if with_stick or isinstance(step, Exchange | Everybody):
            self._hold(self._met + rules.broken_now(self.world, pc))
        elif isinstance(step, Act) and pc is not None:
            self._hold(rules.broken_here(self.world, pc))

    def _hold(self, found: list[str]) -> None:
        if found:
            self.broken = True
            raise Violation("\n".join([*found, self.told()]))

    def told(self) -> str:
        """What was played so far, so that it can be played again."""
        return "\n".join(["after:", f"computers {len(self.world.computers)}", *self.trace])

    def _do(self, step: Step) -> str:
        world = self.world
        match step:
            case Lose() if len(world.present) > 1:
                burnt = world.computers[step.pc]
                burnt.lost = burnt.office.desk.device_id
                burnt.leave()
            case Act() | Exchange() | Skew() | SignIn() | Restart() if self._by_a_lost_one(step):
                return "lost"
            case Act():
                return self._act(world.computers[step.pc], step)
            case Exchange():
                return self._exchange(world.computers[step.pc], step)
            case Elsewhere():
                try:
                    PLATFORM_ACTS[step.name](world, step.which, step.value)
                except WireError as refused:
                    return refused.code
            case Everybody():
                world.pass_time(60)
                here = [number for number, pc in enumerate(world.computers) if not pc.lost]
                came = [self._exchange(world.computers[number], Exchange(number)) for number in here]
                return ", ".join(came)
            case Pass():
                world.pass_time(step.seconds)
            case Skew():
                world.computers[step.pc].clock.skew = dt.timedelta(seconds=step.skew)
            case Restart(pc=-1):
                world.restart_platform()
            case Restart():
                world.computers[step.pc].leave()
            case SignIn():
                return self._sign_in(world.computers[step.pc])
            case Arrive():
                return str(world.bag.deliver(world.platform, step.count, backwards=step.backwards))
        return "done"

    def _by_a_lost_one(self, step: Act | Exchange | Skew | SignIn | Restart) -> bool:
        beside = step.beside if isinstance(step, Exchange) else None
        hands = [step.pc, *([beside[0]] if beside else [])]
        return any(one >= 0 and self.world.computers[one].lost for one in hands)

    def _act(self, pc: Computer, step: Act) -> str:
        came = "ended"
        with computer_ends(pc, step.end):
            try:
                ACTS[step.name](pc, step.which, step.value)
                came = "done"
            except UserError as refused:
                came = refused.code
        self.tally.ends += came == "ended"
        self.tally.acts[step.name] = self.tally.acts.get(step.name, 0) + (came == "done")
        return came

    def _exchange(self, pc: Computer, step: Exchange) -> str:
        self.world.pass_time(step.wait)
        pc.line.fates.extend(step.fates)
        if step.beside is not None:
            pc.line.beside = (step.beside[1], self.world.computers[step.beside[0]].run)
        pc.line.repeats.clear()
        before, came = pc.line.faults, "ended"
        with platform_ends(self.world, step.platform_end), computer_ends(pc, step.end):
            result = pc.run()
            came = result.error.code if result.error is not None else "whole"
        for one in self.world.present:
            if one.desk is not None:
                one.note_saved()
        pc.line.fates.clear()
        pc.line.beside = None
        self._met += [f"i16_asked_once: {what}" for what in claims.i16_asked_once(pc)]
        if came == "whole" and step == Exchange(step.pc, wait=step.wait):
            self._met += [f"i10_ready_has_gone: {what}" for what in claims.i10_ready_has_gone(pc)]
        self.tally.faults += pc.line.faults - before
        self.tally.ends += came == "ended"
        return came

    def _sign_in(self, pc: Computer) -> str:
        try:
            pc.sign_in()
        except SyncFault as fault:
            return fault.code
        return "done"

    def rest(self) -> None:
        """The faults stop: clocks are right, people sign in, and everything arrives. Then all must hold.

        Where a computer does not come back, a restored platform waits for it so long and no longer, and its
        institution takes it out of use.
        """
        for pc in self.world.present:
            pc.clock.skew = dt.timedelta()
            pc.line.fates.clear()
            if pc.desk is None:
                pc.open()
        self.world.bag.deliver(self.world.platform, 1000)
        self._rounds()
        if self.world.forgotten:
            self._hold([what for pc in self.world.present for what in rules.broken_now(self.world, pc)])
            self.world.pass_time(ASKED_BY_THEN)
            self._rounds()
        if len(self.world.present) < len(self.world.computers):
            self.world.pass_time(FORTNIGHT)
            for device_id in filter(None, (pc.lost for pc in self.world.computers)):
                self.world.platform.accounts.stop(device_id)
            self._rounds()
        self._hold(rules.broken_once_calm(self.world))
        for _ in range(ROUNDS):
            settled = [settle(pc) for pc in self.world.present]
            if not any(settled):
                break
            self._rounds()
        self._hold(rules.broken_at_rest(self.world))

    def _rounds(self) -> None:
        """Exchanges, until nobody has anything left to say or hear, but no more than the bound."""
        for turn in range(ROUNDS + 1):
            self.world.pass_time(PAUSE)
            restless = [pc for pc in self.world.present if turn == 0 or not self._at_rest(pc)]
            if not restless:
                return
            for pc in restless:
                self._calm_run(pc, first=turn == 0)

    def _at_rest(self, pc: Computer) -> bool:
        """Whether a computer knows all that the platform has, and nothing waits on it."""
        state, platform = pc.port.state, self.world.platform
        level = (state.get("epoch"), state.cursor) == (platform.epoch, platform.store.head)
        return level and not state.counted().waiting

    def _calm_run(self, pc: Computer, *, first: bool) -> None:
        before = pc.line.requests
        pc.line.repeats.clear()
        result = pc.run()
        if result.error is not None and result.error.code == "E-SIGN-IN":
            pc.sign_in()
            result = pc.run()
        pc.note_saved()
        if result.error is not None:
            self.trace.append(f"rest {pc.name} -> {result.error.code} {result.error.detail}")
        if result.error is not None and not first:
            self._hold([f"i16_drained: {pc.name} ended with {result.error.code} {result.error.detail}"])
        self._hold([f"i16_asked_once: {what}" for what in claims.i16_asked_once(pc)])
        if pc.line.requests - before > REQUESTS_A_ROUND:
            self._hold([f"i16_drained: {pc.name} asked {pc.line.requests - before} times in one run"])


def _goes_without(pc: Computer, case_id: str) -> bool:
    """不等这些材料, where 司法确认 offers it."""
    try:
        offered = bool(pc.office.filing.prepare(case_id).left_behind)
    except StateError:
        # The agreement went with the computer that is gone.
        return False
    if offered:
        pc.office.filing.go_without(case_id)
    return offered


def settle(pc: Computer) -> bool:
    """The person deals with what is left: takes the others' values, has an application go as it stands now,
    or without the papers of a computer that is gone, puts refusals aside, drops drafts.

    Returns whether there was anything.
    """
    resolving, centre, had = pc.office.resolving, pc.office.sync_centre, False
    while open_ids := resolving.open_ids():
        resolving.resolve(open_ids[0], "theirs")
        had = True
    for row in centre.rows("needs_you", limit=10_000):
        if row.asks:
            centre.retry_now(row.row_id)
            had = True
        elif row.kind in ("command", "filing"):
            centre.put_aside(row.row_id)
            had = True
    for row in centre.rows("waiting", limit=10_000):
        had = (row.kind == "filing" and _goes_without(pc, row.case_id)) or had
    for draft in pc.office.drafts.all():
        # A case that the platform took back stays for what somebody here has begun to type.
        pc.office.drafts.discard(draft.kind, draft.subject)
        had = True
    pc.note_saved()
    return had
