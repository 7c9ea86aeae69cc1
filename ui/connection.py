"""From an open profile to the platform: registering it, and one complete exchange. Qt-free.

The first-run wizard, practice mode and the command line all come through here.
"""

from __future__ import annotations

import platform
from collections.abc import Callable
from threading import Event
from typing import TYPE_CHECKING

from app.paths import ProfilePaths
from app.services import profile
from app.services.changes import ChangeSet
from app.services.desk import Desk
from app.services.sync_port import SyncPort

if TYPE_CHECKING:
    from sync.engine.client import Client
    from sync.engine.run import SyncResult


def device_name() -> str:
    """What this computer is called at the platform unless somebody says otherwise."""
    return platform.node().split(".")[0][:200] or "这台电脑"


def enrol(paths: ProfilePaths, desk: Desk, *, url: str, user: str, password: str, name: str = "") -> Desk:
    """Register this computer and its person with the platform; returns the desk of the person it named.

    Doing it again with the same device changes nothing. Raises ``FieldError`` for a wrong name or
    password, ``UserError`` when the address or the device is refused, ``PlatformFault`` when nobody
    answered; the profile then stays as it was.
    """
    from sync.engine.enroll import register
    from sync.engine.tokens import choose_tokens

    facts, token = register(
        url.rstrip("/"),
        desk.clock,
        device_id=desk.device_id,
        device_name=name or device_name(),
        user=user,
        password=password,
        sign_public=desk.keys.sign_public,
        seal_public=desk.keys.seal_public,
        practice=desk.practice,
    )
    enrolled = profile.finish_enrolment(paths, desk, facts)
    choose_tokens(SyncPort(enrolled)).save(token)
    return enrolled


def client_for(port: SyncPort) -> Client:
    """A client that speaks for the desk's person. Close it when done."""
    from sync.engine.client import Client
    from sync.engine.tokens import choose_tokens

    return Client(port.url, choose_tokens(port), port.desk.clock, device_id=port.desk.device_id)


def sync_once(
    desk: Desk,
    *,
    password: str = "",
    stop: Event | None = None,
    on_changes: Callable[[ChangeSet], None] | None = None,
) -> SyncResult:
    """One complete run. With ``password`` the person signs in anew first (after an expired sign-in).

    What the network or the platform does ends up in ``SyncResult.error``; only a refused sign-in raises.
    """
    from sync.engine.run import SyncRun

    port = SyncPort(desk)
    client = client_for(port)
    try:
        if password:
            client.sign_in(desk.person.login, password)
        if on_changes is None:
            run = SyncRun(port, client, desk.clock)
        else:
            run = SyncRun(port, client, desk.clock, on_changes=on_changes)
        return run.run(stop or Event())
    finally:
        client.close()
