"""What is known of a profile before it is unlocked: who may sign in, and whether it is for practice.

Light on purpose: the lock screen is painted before the store's libraries are imported.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

import msgspec

from app.clock import Clock
from app.domain.errors import NewerFileFault, StorageFault, UserError
from app.storage.atomic import write_atomic
from app.storage.faults import from_os_error
from app.storage.keyslots import KeyFile

if TYPE_CHECKING:
    from app.paths import ProfilePaths

log = logging.getLogger(__name__)
CARD = "profile.json"
FORMAT = 1
"""The newest format of the card that this version reads."""


class _Header(msgspec.Struct):
    format: int = FORMAT


class CardPerson(msgspec.Struct, frozen=True, kw_only=True):
    """A person with slots: ``slot_id`` in the key file, and the words the lock screen shows."""

    slot_id: str
    name: str
    login: str = ""
    person_id: str = ""
    """Roster id, once the platform has given it."""

    def answers_to(self, text: str) -> bool:
        """Whether ``text`` names this person."""
        return bool(text) and text in (self.name, self.login, self.person_id, self.slot_id)


class Revoked(msgspec.Struct, frozen=True, kw_only=True):
    """The institution took this computer out of use: for which device id, when that was learned (UTC), and
    how many things had not been sent then."""

    device_id: str
    at: str
    waiting: int = 0


class Card(msgspec.Struct, frozen=True, kw_only=True):
    """The plain card of a profile; holds nothing about cases."""

    format: int = FORMAT
    practice: bool = False
    people: tuple[CardPerson, ...] = ()
    theme: str = "system"
    scale: int = 100
    """Look of the window before anybody has signed in: that of whoever changed it last."""
    backup_folder: str = ""
    """Where daily backups go, if not into the profile: needed when the database itself does not open."""
    revoked: Revoked | None = None
    """Set while the platform takes nothing from this computer (:mod:`app.services.revoked`)."""


def exists(paths: ProfilePaths) -> bool:
    """Whether a profile has been made here. The key file is put in place last, so half-made ones are not."""
    return paths.exists


def card_of(paths: ProfilePaths) -> Card:
    """The card; an empty one when it was lost or spoilt: the profile opens without it and writes it anew.

    Raises ``NewerFileFault`` for one that a newer version wrote, and the faults of the disk.
    """
    path = paths.root / CARD
    try:
        data = path.read_bytes()
        if msgspec.json.decode(data, type=_Header).format > FORMAT:
            raise NewerFileFault("这份档案由更新的版本写成，没有动它。请先升级本软件再打开。", code="E-NEWER")
        return msgspec.json.decode(data, type=Card)
    except FileNotFoundError:
        return Card()
    except OSError as error:
        raise from_os_error(error, "档案卡片") from error
    except msgspec.MsgspecError as error:
        log.warning("profile card spoilt, gone on without it: %s", type(error).__name__)
        return Card()


def look_of(paths: ProfilePaths) -> Card:
    """The card for the window's look alone: a damaged one is said when the profile is opened."""
    try:
        return card_of(paths)
    except StorageFault:
        return Card()


def write_card(paths: ProfilePaths, card: Card) -> None:
    """Keep the card."""
    data = msgspec.json.format(msgspec.json.encode(card), indent=1)
    write_atomic(paths.root / CARD, data, "档案卡片")


def remember_look(paths: ProfilePaths, theme: str, scale: int) -> None:
    """Keep how the window looks, for the next lock screen."""
    known = card_of(paths)
    fresh = msgspec.structs.replace(known, theme=theme, scale=scale)
    if fresh != known:
        write_card(paths, fresh)


def people_of(paths: ProfilePaths, clock: Clock) -> tuple[CardPerson, ...]:
    """Who may sign in, in the order they were added. Raises ``UserError`` when there is no profile."""
    known = {person.slot_id: person for person in card_of(paths).people}
    return tuple(
        known.get(label.person_id, CardPerson(slot_id=label.person_id, name=label.label))
        for label in KeyFile(paths.keys, clock).people()
    )


def choose(paths: ProfilePaths, clock: Clock, user: str = "") -> CardPerson:
    """The person meant by ``user`` (name, login or id); the only one when nothing is said.

    Raises ``UserError`` naming who there is when it is not clear.
    """
    people = people_of(paths, clock)
    names = "、".join(person.name for person in people)
    if user:
        for person in people:
            if person.answers_to(user):
                return person
        raise UserError(f"本机没有“{user}”的登录。可以登录的有：{names}。", code="E-NO-PERSON")
    if len(people) != 1:
        raise UserError(f"本机有几位可以登录，请说明是哪一位：{names}。", code="E-WHICH-PERSON")
    return people[0]


def retry_after(paths: ProfilePaths, clock: Clock, slot_id: str) -> float:
    """Seconds a person has to wait after wrong passphrases; 0 when the next try may be made now."""
    return KeyFile(paths.keys, clock).retry_after(slot_id)
