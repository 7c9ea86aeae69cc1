"""Computers that are copied, put back from a backup, or registered once more."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace

from sqlalchemy import select

from app.paths import ProfilePaths
from app.services import profile
from app.services.sync_port import SyncPort
from app.storage.tables import outbox
from sync.engine.enroll import register
from sync.engine.tokens import SealedTokens
from sync.sandbox import tables as t
from sync.sandbox.seeding import PASSWORD
from tests.harness.line import Line
from tests.harness.world import URL, Computer, ComputerClock, World


def copied(world: World, pc: Computer, name: str) -> Computer:
    """Another computer of the world with a copy of ``pc``'s profile as it lies on the disk."""
    pc.leave()
    shutil.copytree(pc.folder, world.folder / name)
    copy = Computer(
        name, pc.login, world.folder / name, ComputerClock(world.clock),
        Line(lambda: world.platform, world.bag), random.Random(f"{name} {world.seed}"),
    )  # fmt: skip
    copy.saved = dict(pc.saved)
    world.computers.append(copy)
    return copy


def forget_lost(world: World, pc: Computer) -> int:
    """The computer's files went back to an earlier state. How many commands are in no place any more.

    Those that the platform has are kept there, and are still looked for by the invariants.
    """
    here = {row.command_id for row in pc.read(select(outbox.c.command_id))}
    with world.platform.store.read() as conn:
        there = set(conn.execute(select(t.ledger.c.command_id)).scalars())
    gone = pc.saved.keys() - here - there
    for command_id in gone:
        del pc.saved[command_id]
    pc.went_back = True
    return len(gone)


def register_anew(pc: Computer) -> None:
    """重新登记本机: another device id, registered with the person's password."""
    old = pc.office.desk
    desk = profile.new_device(old)
    facts, token = register(
        URL, pc.clock, device_id=desk.device_id, device_name=pc.name, user=pc.login, password=PASSWORD,
        sign_public=desk.keys.sign_public, seal_public=desk.keys.seal_public, practice=True,
        make_session=pc.line.session,
    )  # fmt: skip
    pc.desk = replace(profile.finish_enrolment(ProfilePaths(pc.folder), desk, facts), new_id=old.new_id)
    SealedTokens(SyncPort(pc.desk)).save(token)
