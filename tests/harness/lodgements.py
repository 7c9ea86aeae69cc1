"""Applications by the thousand: each reaches the court exactly once, whatever line and processes do.

A batch is a world of cases that are ready for the court. Several computers lodge them, some of them both;
the line is bad, processes end, the platform goes away and forgets. In the end the court's own list is held
against the cases: one application each.
"""

from __future__ import annotations

import datetime as dt
import random
import shutil
from collections import Counter
from pathlib import Path

from app.domain.errors import UserError
from app.services.attachments import FileEntry
from app.services.filing import Choices
from tests.harness.acts import PDF, agree, cases_here
from tests.harness.line import FATES
from tests.harness.play import Play, Tally, Violation
from tests.harness.steps import Act, Arrive, Elsewhere, Everybody, Exchange, Pass, SignIn
from tests.harness.world import BEGIN, Computer, World, make_template

CASES = 40
"""Cases in a batch."""
AFTER = dt.timedelta(hours=1)
"""After the template was made."""
TURNS = 12
"""Bad exchanges before the line is good again."""
CONTESTED = 0.25
"""Share of the cases that two computers lodge."""


def make_ready(folder: Path, cases: int = CASES) -> Path:
    """A template whose cases have signed agreements and complete packs, known to every computer."""
    template = make_template(folder / "bare", cases=cases, computers=3)
    world = World(template, folder / "ready", seed=0)
    try:
        pc = world.computers[0]
        for number, case_id in enumerate(cases_here(pc)):
            agree(pc, number, 0)
            pack(pc, case_id)
        play = Play(world)
        play.take(Pass(60))
        for _ in range(3):
            play.take(Everybody())
        play.take(Elsewhere("backup"))
    finally:
        world.close()
    shutil.rmtree(template)
    return folder / "ready"


def pack(pc: Computer, case_id: str) -> None:
    """All papers a court wants, as scans, and the court chosen."""
    files = pc.office.attachments
    for material in ("application", "agreement", "certificate"):
        entry = FileEntry(role="scan", title=material, original="original", material=material)
        files.add_bytes(case_id, PDF + material.encode(), f"{material}.pdf", "application/pdf", entry)
    for party_id in pc.office.cases.open(case_id).file.parties:
        entry = FileEntry(role="identity", title="身份证明", provided_by=party_id)
        files.add_bytes(case_id, PDF + b"card", "证件.pdf", "application/pdf", entry)


def lodge(pc: Computer, case_id: str) -> bool:
    """Queue the application; whether it was queued, and not refused in words."""
    filing = pc.office.filing
    try:
        filing.choose(case_id, Choices(court_code=filing.prepare(case_id).courts[0].court.code))
        filing.lodge(case_id)
    except UserError:
        return False
    return True


def batch(template: Path, folder: Path, seed: int, tally: Tally | None = None) -> int:
    """One batch; how many applications were lodged. Raises :class:`Violation`."""
    chance = random.Random(f"lodgements {seed}")
    world = World(template, folder, seed, begin=BEGIN + AFTER)
    try:
        play = Play(world, tally)
        queued = _queue(world, chance)
        for _ in range(TURNS):
            play.take(_bad_turn(chance))
        play.rest()
        _exactly_once(world, queued)
        return len(queued)
    finally:
        world.close()
        shutil.rmtree(folder)


def _queue(world: World, chance: random.Random) -> set[str]:
    queued = set()
    for case_id in cases_here(world.computers[0]):
        hands = chance.sample(world.computers, 2 if chance.random() < CONTESTED else 1)
        for pc in hands:
            if lodge(pc, case_id):
                queued.add(case_id)
    for pc in world.computers:
        pc.note_saved()
    return queued


def _bad_turn(chance: random.Random) -> Exchange | Pass | Elsewhere | Arrive | SignIn | Act:
    pc, roll = chance.randrange(3), chance.random()
    if roll < 0.7:
        fates = tuple(chance.choice(FATES) if chance.random() < 0.15 else "" for _ in range(60))
        end = chance.randrange(120) if chance.random() < 0.3 else None
        return Exchange(pc, fates, end, chance.randrange(60) if chance.random() < 0.2 else None)
    if roll < 0.8:
        return Pass(320)
    if roll < 0.86:
        return Elsewhere("court", chance.randrange(CASES), chance.randrange(2))
    if roll < 0.9:
        return Elsewhere("restore")
    return chance.choice((Arrive(5, backwards=True), SignIn(pc), Act(pc, "retry")))


def _exactly_once(world: World, queued: set[str]) -> None:
    """The court's own list: each case once, under one submission, and nothing else."""
    held = Counter(case_id for case_id, _ in {(one[0], one[-1]) for one in world.court})
    wrong = {case_id: held[case_id] for case_id in queued | held.keys() if held[case_id] != 1}
    if wrong:
        raise Violation(f"applications at the court that are not exactly one: {wrong}")
