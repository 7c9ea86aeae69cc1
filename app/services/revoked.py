"""停用: the platform said that it takes nothing more from this computer (``DELETE /devices/{id}``).

Known in the store, and on the plain card so that the lock screen can say it before anybody has signed in;
either is enough, because a restored backup knows nothing of it and a card can be lost. The mark names the
device id it stands for: once the computer is registered under another one, nothing has to be cleared.

While it stands the profile opens for nobody. Nothing is destroyed: what was not sent stays signed and
encrypted where it is, goes out when the platform takes this computer again, and is written anew by its
author under the new device id when it is registered anew (:mod:`app.services.reissue`). An exchange package
is no way out: the platform refuses those of a revoked computer as well.
"""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import msgspec
from sqlalchemy import Connection

from app.clock import from_text, shanghai, to_text
from app.domain.errors import REVOKED, UserError
from app.services import backlog, lockscreen
from app.services.lockscreen import Revoked
from app.storage import audit, kv

if TYPE_CHECKING:
    from app.paths import ProfilePaths
    from app.services.desk import Desk

CODE = REVOKED
DEVICE, AT = "revoked_device", "revoked_at"


class RevokedError(UserError):
    """The profile stays locked: this computer was revoked by its institution."""

    def __init__(self, mark: Revoked) -> None:
        super().__init__("".join(words(mark)), code=CODE)
        self.mark = mark


def words(mark: Revoked) -> tuple[str, str, str]:
    """What happened, what was kept, what comes next."""
    at = shanghai(from_text(mark.at))
    waiting = f"其中 {mark.waiting} 项还没有发出。" if mark.waiting else "都已经发出。"
    return (
        f"这台电脑已被机构停用，已经锁住（{at.month}月{at.day}日 {at:%H:%M} 平台告知）。",
        f"记下的都加密存在本机，没有丢，{waiting}",
        "请联系机构负责人：恢复使用后，在这里输口令问一次平台就能接着用；或者经负责人同意，重新登记本机。"
        "没发出的到时接着发，不会重复。",
    )


def learned(conn: Connection, desk: Desk, now: dt.datetime) -> None:
    """Keep that the platform said so, in the caller's transaction."""
    if kv.get(conn, DEVICE) == desk.device_id:
        return
    kv.put_many(conn, {DEVICE: desk.device_id, AT: to_text(now)})
    audit.append(conn, now, desk.person.person_id, "device.revoked", "", desk.device_id, {})


def lifted(conn: Connection, desk: Desk, now: dt.datetime) -> None:
    """The platform takes this computer again, in the caller's transaction."""
    if kv.get(conn, DEVICE) == "":
        return
    kv.put_many(conn, {DEVICE: "", AT: ""})
    audit.append(conn, now, desk.person.person_id, "device.reinstated", "", desk.device_id, {})


def standing(paths: ProfilePaths, desk: Desk) -> Revoked | None:
    """The mark that holds for the desk's device id; ``None`` while it may be used."""
    found = desk.store.read(lambda conn: _in_store(conn, desk.device_id))
    known = lockscreen.card_of(paths).revoked
    return found or (known if known is not None and known.device_id == desk.device_id else None)


def _in_store(conn: Connection, device_id: str) -> Revoked | None:
    if kv.get(conn, DEVICE) != device_id:
        return None
    return Revoked(device_id=device_id, at=kv.get(conn, AT), waiting=backlog.queued(conn))


def note(paths: ProfilePaths, desk: Desk) -> Revoked | None:
    """Bring the card up to date with :func:`standing`, which is given back."""
    mark, card = standing(paths, desk), lockscreen.card_of(paths)
    if card.revoked != mark:
        lockscreen.write_card(paths, msgspec.structs.replace(card, revoked=mark))
    return mark


def check(paths: ProfilePaths, desk: Desk, *, although_revoked: bool) -> None:
    """Raise :class:`RevokedError` while the mark stands, unless the caller shows nothing of the profile."""
    mark = note(paths, desk)
    if mark is not None and not although_revoked:
        raise RevokedError(mark)


def keep_learned(desk: Desk) -> None:
    """:func:`learned` in a transaction of its own, where no run was under way."""
    now = desk.clock.now()
    desk.store.write(lambda conn: learned(conn, desk, now))


def lift(paths: ProfilePaths, desk: Desk) -> None:
    """The platform took this computer again: the mark goes, on the card last."""
    now = desk.clock.now()
    desk.store.write(lambda conn: lifted(conn, desk, now))
    card = lockscreen.card_of(paths)
    if card.revoked is not None:
        lockscreen.write_card(paths, msgspec.structs.replace(card, revoked=None))


def carry(source: ProfilePaths, target: ProfilePaths) -> None:
    """A backup that takes the place of a revoked profile does not open it: its card takes the mark over."""
    mark = lockscreen.look_of(source).revoked
    if mark is not None:
        card = lockscreen.card_of(target)
        lockscreen.write_card(target, msgspec.structs.replace(card, revoked=mark))
