"""Computers that are copied, put back from a backup, or registered once more."""

from __future__ import annotations

import random
import shutil
from dataclasses import replace

from app.paths import ProfilePaths
from app.services import profile
from app.services.sync_port import SyncPort
from sync.engine.enroll import register
from sync.engine.tokens import SealedTokens
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
