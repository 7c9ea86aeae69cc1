"""From an open profile to the platform: registering it, and one complete exchange. Qt-free.

The first-run wizard, practice mode and the command line all come through here.
"""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from threading import Event
from typing import TYPE_CHECKING

from app.domain.errors import FieldError, UserError
from app.paths import ProfilePaths
from app.services import colleagues, enrolment, profile, revoked
from app.services.changes import ChangeSet
from app.services.colleagues import Joined
from app.services.desk import Desk
from app.services.enrolment import EnrolmentFacts
from app.services.sync_port import SyncPort
from app.storage.crypto import DEFAULT_COST, Cost

if TYPE_CHECKING:
    from app.storage.unlocked import UnlockedKeys
    from sync.engine.client import Client, TokenStore
    from sync.engine.run import SyncResult


def device_name() -> str:
    """What this computer is called at the platform unless somebody says otherwise."""
    return platform.node().split(".")[0][:200] or "这台电脑"


def enrol(
    paths: ProfilePaths,
    desk: Desk,
    *,
    url: str,
    user: str,
    password: str,
    name: str = "",
    scope: str = "",
) -> Desk:
    """Register this computer and its person with the platform; returns the desk of the person it named.

    ``scope``: ``people`` asks for the cases of this computer's people only, instead of the institution's.
    Doing it again with the same device changes nothing. Raises ``FieldError`` for a wrong name or
    password, ``UserError`` when the address or the device is refused, ``PlatformFault`` when nobody
    answered; the profile then stays as it was.
    """
    enrolment.check_login(desk, user)
    facts, token = _register(desk, desk.keys, url=url, user=user, password=password, name=name, scope=scope)
    enrolled = profile.finish_enrolment(paths, desk, facts)
    _keep(enrolled, token)
    return enrolled


def add_colleague(
    paths: ProfilePaths,
    desk: Desk,
    *,
    user: str,
    password: str,
    passphrase: str,
    url: str = "",
    cost: Cost = DEFAULT_COST,
) -> Joined:
    """Add a colleague to this computer: the platform checks name and password and learns the new keys.

    ``desk`` is that of somebody who has the profile open. Raises ``FieldError`` for a wrong name or
    password or a weak passphrase, ``UserError`` when the colleague does not belong here, ``PlatformFault``
    when nobody answered; nothing was changed then.
    """
    known = desk.store.read(enrolment.load).url
    if url and url.rstrip("/") != known and not desk.practice:
        raise UserError(
            f"这份档案登记的平台地址是 {known}，和写的不一样，没有加人。请核对地址再试。", code="E-URL"
        )
    tokens: list[str] = []

    def register(keys: UnlockedKeys) -> EnrolmentFacts:
        facts, token = _register(desk, keys, url=url or known, user=user, password=password)
        tokens.append(token)
        return facts

    with heeding(desk):
        joined = colleagues.add_colleague(paths, desk, user, passphrase, register, cost)
    _keep(joined.desk, tokens[0])
    return joined


@contextmanager
def heeding(desk: Desk) -> Iterator[None]:
    """A contact beside the exchange: that this computer was revoked is kept, and raised on.

    Kept, it locks the profile at every start; the window locks as soon as it sees the fault.
    """
    from sync.engine.faults import DeviceStoppedFault

    try:
        yield
    except DeviceStoppedFault as fault:
        if fault.code == revoked.CODE:
            revoked.keep_learned(desk)
        raise


def sign_in(desk: Desk, password: str) -> None:
    """Sign the person in at the platform anew.

    Where the computer was registered anew by a colleague, the platform does not know this person's keys
    under its new device id yet: they are registered with the same password. Raises ``FieldError`` for a
    wrong password, and the faults of :mod:`sync.engine.faults`.
    """
    from sync.engine.faults import RefusedFault

    port = SyncPort(desk)
    if not desk.store.read(lambda conn: enrolment.registered_here(conn, desk)):
        with heeding(desk):
            facts, token = _register(desk, desk.keys, url=port.url, user=desk.person.login, password=password)
        # First: with the old token it would look as if the new device id had been revoked like the former.
        _keep(desk, token)
        enrolment.complete(desk, facts)
        return
    client = client_for(port)
    try:
        with heeding(desk):
            client.sign_in(desk.person.login, password)
    except RefusedFault as refusal:
        raise FieldError("password", refusal.message, code=refusal.code) from refusal
    finally:
        client.close()


def ask_standing(paths: ProfilePaths, desk: Desk) -> None:
    """Ask the platform whether it takes this computer again; the lock of a revoked one then comes off.

    Raises the faults of :mod:`sync.engine.faults` while it does not, or could not be asked: all stays.
    """
    client = client_for(SyncPort(desk))
    try:
        client.get("/hello", lanes="none")
    finally:
        client.close()
    revoked.lift(paths, desk)


def take_up_again(paths: ProfilePaths, desk: Desk, password: str) -> Desk:
    """A revoked computer is to go on: as it is where the platform takes it again, else registered anew.

    The sign-in may have ended meanwhile, so the platform's password is given. Raises as :func:`enrol`.
    """
    from sync.engine.faults import DeviceStoppedFault

    try:
        sign_in(desk, password)
    except DeviceStoppedFault:
        return enrol_again(paths, desk, password)
    revoked.lift(paths, desk)
    return desk


def enrol_again(paths: ProfilePaths, desk: Desk, password: str, name: str = "", url: str = "") -> Desk:
    """重新登记本机: under a new device id, where the platform no longer takes the present one.

    ``url``: where the platform has moved to; else the address it had. The profile takes the new id only when
    the platform knows it. What was refused under the old one is then written anew, once. Raises as
    :func:`enrol`.
    """
    fresh, url = replace(desk, device_id=desk.make_id()), url or SyncPort(desk).url
    known = profile.enrolment_of(desk).scope
    facts, token = _register(
        fresh, desk.keys, url=url, user=desk.person.login, password=password, name=name,
        scope=known if known == "people" else "",
    )  # fmt: skip
    renewed = profile.new_device(desk, fresh.device_id)
    # Before the profile counts as registered: ended between, the former device's token would be taken for
    # this one's, and the answer to it, revoked, as well. Until then no token is used at all.
    _keep(renewed, token)
    return profile.finish_enrolment(paths, renewed, facts)


def _register(
    desk: Desk, keys: UnlockedKeys, *, url: str, user: str, password: str, name: str = "", scope: str = ""
) -> tuple[EnrolmentFacts, str]:
    from sync.engine.enroll import register

    return register(
        url.rstrip("/"),
        desk.clock,
        device_id=desk.device_id,
        device_name=name or device_name(),
        user=user,
        password=password,
        sign_public=keys.sign_public,
        seal_public=keys.seal_public,
        practice=desk.practice,
        scope=scope,
    )


def _keep(desk: Desk, token: str) -> None:
    from sync.engine.tokens import choose_tokens

    choose_tokens(SyncPort(desk)).save(token)


class _RegisteredTokens:
    """The person's token, and none while the platform does not know their keys under this device id.

    A session of the former device id would still be taken, and everything written since refused.
    """

    def __init__(self, port: SyncPort, inner: TokenStore) -> None:
        self._desk, self._inner = port.desk, inner

    def load(self) -> str:
        """The refresh token; empty when the person has to sign in."""
        known = self._desk.store.read(lambda conn: enrolment.registered_here(conn, self._desk))
        return self._inner.load() if known else ""

    def save(self, token: str) -> None:
        """Keep ``token``."""
        self._inner.save(token)


def client_for(port: SyncPort) -> Client:
    """A client that speaks for the desk's person. Close it when done."""
    from sync.engine.client import Client
    from sync.engine.tokens import choose_tokens

    tokens = _RegisteredTokens(port, choose_tokens(port))
    return Client(port.url, tokens, port.desk.clock, device_id=port.desk.device_id)


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

    if password:
        sign_in(desk, password)
    port = SyncPort(desk)
    client = client_for(port)
    try:
        if on_changes is None:
            run = SyncRun(port, client, desk.clock)
        else:
            run = SyncRun(port, client, desk.clock, on_changes=on_changes)
        return run.run(stop or Event())
    finally:
        client.close()
