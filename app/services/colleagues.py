"""加一位同事: another person on this computer, with keys, passphrase and recovery code of their own.

The store's key can only be sealed anew by somebody who has it open: a colleague is added while the profile
is unlocked, never from the outside. Who may belong is the platform's to say: the colleague signs in there
with their own name and password, and the roster gives the role. Until the platform has registered the new
keys nothing of them is written, so that a try cut short leaves nothing behind.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import msgspec

from app.domain.errors import UserError
from app.domain.ids import uuid7
from app.services import enrolment, lockscreen, profile
from app.services.enrolment import EnrolmentFacts
from app.services.lockscreen import CardPerson
from app.storage import audit
from app.storage.crypto import DEFAULT_COST, Cost
from app.storage.keyslots import KeyFile
from app.storage.unlocked import UnlockedKeys

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from app.paths import ProfilePaths
    from app.services.desk import Desk

Register = Callable[[UnlockedKeys], EnrolmentFacts]
"""Has the platform register the public halves of these keys for this computer; its answer."""


@dataclass(frozen=True)
class Joined:
    """A colleague who can sign in from now on: their desk on the open store, and the code to print once."""

    desk: Desk
    recovery_code: str


def check_newcomer(paths: ProfilePaths, desk: Desk, login: str) -> None:
    """Raise :class:`UserError`, before anything is asked of the platform, when ``login`` cannot be added."""
    if not desk.store.read(enrolment.load).complete:
        raise UserError("这台电脑还没有登记到平台，没有加人。先登记本机，再加同事。", code="E-NOT-ENROLLED")
    found = next((person for person in desk.people.values() if person.login == login), None)
    here = lockscreen.people_of(paths, desk.clock)
    if any(one.login == login or (found and one.person_id == found.person_id) for one in here):
        name = found.name if found else login
        raise UserError(f"{name}已经可以在本机登录，不用再加。没有改动。", code="E-EXISTS")
    if found is not None and (found.role == "statistician") != (desk.person.role == "statistician"):
        # 统计员只见不含个人信息的页 (ui.md 2.1): the store on this computer holds whole cases.
        raise UserError(
            "统计员不和办案人员共用一份档案，没有加。请统计员另用一个档案文件夹登记。", code="E-APART"
        )


def add_colleague(
    paths: ProfilePaths,
    desk: Desk,
    login: str,
    passphrase: str,
    register: Register,
    cost: Cost = DEFAULT_COST,
) -> Joined:
    """Make the colleague's keys, have them registered, and give them slots of their own.

    ``desk`` is that of whoever has the profile open; it stays as it is, and both work on one store. Raises
    :class:`UserError` when the person is here already or does not belong, ``FieldError`` for a weak
    passphrase, and whatever ``register`` raises; nothing was written then.
    """
    check_newcomer(paths, desk, login)
    slot_id = uuid7(desk.clock.now())
    known = next((person.name for person in desk.people.values() if person.login == login), login)

    here = frozenset(one.slot_id for one in lockscreen.people_of(paths, desk.clock))

    def registered(keys: UnlockedKeys) -> None:
        facts = register(keys)

        def work(conn: Connection) -> None:
            enrolment.join(conn, desk, slot_id, keys, facts, here)
            audit.append(
                conn, desk.clock.now(), desk.person.person_id, "people.add", "", slot_id,
                {"person": facts.person_id},
            )  # fmt: skip

        # Before the key file: a slot there opens the store, and must then be somebody.
        desk.store.write(work)

    made = KeyFile(paths.keys, desk.clock, cost=cost).add_person(
        profile.slot_keys(desk), person_id=slot_id, label=known, passphrase=passphrase, register=registered
    )
    card = lockscreen.card_of(paths)
    entry = CardPerson(slot_id=slot_id, name=known, login=login)
    lockscreen.write_card(paths, msgspec.structs.replace(card, people=(*card.people, entry)))
    theirs = profile.sit_down(paths, desk, made.keys)
    profile.mend_card(paths, theirs)
    return Joined(theirs, made.recovery_code)
