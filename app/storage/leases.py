"""Leased numbers of this device (编号): runs from the platform, and the tag of numbers given without one.

A run serves one device and one copy of its store. After a restore, or under a new device id, somebody
else may already have used what is left: the runs are void then, and so is the tag.
"""

from __future__ import annotations

import secrets

from sqlalchemy import Connection, update

from app.storage import kv
from app.storage.tables import meta, number_blocks

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""No characters that are mistaken for one another on paper."""
LENGTH = 6
"""Characters of a tag made here; the platform's are shorter, so the two never meet."""


def tag(conn: Connection, device_id: str) -> str:
    """The device's tag: the platform's, one made after a restore, else one from the id's random end.

    The beginning of an id is its time (RFC 9562), the same on every computer.
    """
    return kv.get(conn, _tag_key(device_id)) or spelled(int(device_id.replace("-", "")[-8:], 16))


def give_tag(conn: Connection, device_id: str, text: str) -> None:
    """Keep the tag that the platform gave the device, unless this copy of its store has another by now."""
    if text and not kv.get(conn, _tag_key(device_id)):
        kv.put(conn, _tag_key(device_id), text)


def asked(conn: Connection, series: str) -> str:
    """The block asked for and not answered yet; empty when none is."""
    return kv.get(conn, _asked_key(series))


def ask(conn: Connection, series: str, block_id: str) -> None:
    """Keep which block is asked for; an empty id when it came, or will not."""
    kv.put(conn, _asked_key(series), block_id)


def void(conn: Connection, device_id: str) -> None:
    """From now on none of the numbers leased so far is given, and offline ones bear a tag of their own.

    What is left of the runs stays unused (作废留号).
    """
    conn.execute(update(number_blocks).values(next=number_blocks.c.last + 1))
    conn.execute(update(meta).where(meta.c.key.startswith(_asked_key(""), autoescape=True)).values(value=""))
    kv.put(conn, _tag_key(device_id), spelled(secrets.randbits(5 * LENGTH)))


def spelled(number: int) -> str:
    """The lowest bits of ``number`` in letters and digits."""
    return "".join(ALPHABET[number >> 5 * place & 31] for place in range(LENGTH))


def _tag_key(device_id: str) -> str:
    return f"number_tag:{device_id}"


def _asked_key(series: str) -> str:
    return f"sync.number_block_asked:{series}"
