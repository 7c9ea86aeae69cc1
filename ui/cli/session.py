"""Opening a profile for one command: the lock, the log, the keys, and putting all of it away again."""

from __future__ import annotations

import argparse
import contextlib
import logging
from collections.abc import Iterator
from dataclasses import replace

from app import logs
from app.clock import SystemClock
from app.paths import ProfilePaths, profile_at
from app.services import lockscreen, profile
from app.services.desk import Desk
from app.storage import profile_swap
from app.storage.keyslots import KeyFile
from app.storage.lock import ProfileLock
from app.storage.unlocked import UnlockedKeys
from ui.cli.output import BUG, exit_code
from ui.cli.secret import read_secret

log = logging.getLogger(__name__)
ASKED = "口令"


def paths_of(args: argparse.Namespace) -> ProfilePaths:
    """The profile that the command names."""
    return profile_at(args.profile)


@contextlib.contextmanager
def held(paths: ProfilePaths) -> Iterator[logs.Redactor]:
    """Hold the profile's lock and write its log, a bug of the command's included.

    Gives what strikes names out of the log. Raises ``ProfileInUseFault`` while a window holds the profile.
    """
    with ProfileLock(paths.lock) as lock:
        lock.acquire(kind="command")
        redactor = logs.Redactor()
        handler = logs.start(paths.logs, redactor)
        try:
            yield redactor
        except Exception as error:
            if exit_code(error) == BUG:
                # Here, because the profile's log closes with the profile.
                log.exception("bug in a command")
            raise
        finally:
            logs.stop(handler)


@contextlib.contextmanager
def opened(args: argparse.Namespace, *, although_revoked: bool = False) -> Iterator[Desk]:
    """The desk of the profile, closed at the end.

    ``although_revoked``: for what a computer that was taken out of use may still do, which shows no case.
    """
    paths = existing(args)
    with held(paths) as redactor:
        passphrase = read_secret(args.passphrase_file, ASKED)
        made = profile.unlock(paths, passphrase, args.user or "", although_revoked=although_revoked)
        desk = replace(made, hide=redactor.add_names)
        try:
            yield desk
        finally:
            profile.close(desk)


@contextlib.contextmanager
def keys_of(args: argparse.Namespace) -> Iterator[tuple[ProfilePaths, UnlockedKeys]]:
    """The open keys alone, for when the database itself may not open."""
    paths = existing(args)
    clock = SystemClock()
    with held(paths):
        passphrase = read_secret(args.passphrase_file, ASKED)
        person = lockscreen.choose(paths, clock, args.user or "")
        with KeyFile(paths.keys, clock).unlock(person.slot_id, passphrase) as keys:
            yield paths, keys


def existing(args: argparse.Namespace) -> ProfilePaths:
    """The named profile. Raises ``UserError`` before anything is made when there is none."""
    paths = paths_of(args)
    if profile_swap.unfinished(paths) is not None:
        with ProfileLock(paths.lock) as lock:
            lock.acquire(kind="command")
            profile_swap.finish(paths)
    if not paths.exists:
        lockscreen.people_of(paths, SystemClock())
    return paths
