"""The practice profile: made, registered and filled at the first start, found again at later ones."""

from __future__ import annotations

import datetime as dt
import importlib.resources
import json
from typing import TYPE_CHECKING

from app.clock import SHANGHAI
from app.services import lockscreen
from ui.practice import PASSPHRASE, Practice, attach
from ui.practice_papers import complete_packs

if TYPE_CHECKING:
    from app.clock import Clock
    from app.services.desk import Desk
    from app.storage.crypto import Cost

LOGIN_ROLE, HEAD_ROLE = "mediator", "head"
"""Who signs in by itself, and who approves."""


def ensure_practice_profile(
    practice: Practice, cost: Cost | None = None, clock: Clock | None = None, desk: Desk | None = None
) -> Desk:
    """The open practice desk: made, registered and filled at the first start, found again at later ones.

    A start that was cut short is taken up where it stopped. ``clock`` becomes the desk's, so that whoever
    holds it too (the window's timers) moves with the practice date. The person is the platform's mediator,
    with the head as a colleague; the passphrase of both is the known :data:`PASSPHRASE`. A ``desk``
    of the mediator that is open already is taken, and closed when something fails. Raises
    ``WrongPassphraseError`` when somebody changed the passphrase: then the lock screen asks.
    """
    from app.services import enrolment, profile
    from app.storage.crypto import DEFAULT_COST
    from ui import connection

    used = cost or DEFAULT_COST
    paths, ready = practice.paths, practice.control.ready
    user = practice.user(LOGIN_ROLE)
    if desk is None and paths.exists:
        desk = profile.unlock(paths, PASSPHRASE, user.login, clock=clock, cost=used)
    elif desk is None:
        person = profile.NewPerson(user.name, user.login)
        desk, _ = profile.create_profile(paths, person, PASSPHRASE, practice=True, clock=clock, cost=used)
    try:
        attach(practice, desk)
        if not profile.enrolment_of(desk).complete:
            desk = connection.enrol(
                paths, desk, url=ready.url, user=user.login, password=user.password, name="练习电脑"
            )
        filled = desk.store.read(enrolment.first_pull_done)
        alone = len(lockscreen.people_of(paths, desk.clock)) == 1
        if alone or not (filled or profile.refresh(desk).rules.refusal_needs_head):
            _prepare_approval(practice, desk, used)
        if not filled:
            _fill(desk)
        if complete_packs(desk):
            connection.sync_once(desk)
        return profile.refresh(desk)
    except BaseException:
        profile.close(desk)
        raise


def _prepare_approval(practice: Practice, desk: Desk, cost: Cost) -> None:
    """The practice institution wants refusals approved: the head set it so, as heads do in the settings."""
    from app.domain.rules import FlagRule
    from app.services.settings import Settings

    theirs = _head(practice, desk, cost)
    with theirs.keys:
        rule = FlagRule(value=True, source="本机构设定（练习）", verified=True)
        Settings(theirs).change_rule("refusal_approval", rule)


def _head(practice: Practice, desk: Desk, cost: Cost) -> Desk:
    """The desk of 负责人, the second person here, so that 送负责人批准 can be carried through."""
    from app.services import profile
    from app.storage.keyslots import KeyFile
    from ui import connection

    head, paths = practice.user(HEAD_ROLE), practice.paths
    here = [one for one in lockscreen.people_of(paths, desk.clock) if one.login == head.login]
    if here:
        keys = KeyFile(paths.keys, desk.clock, cost=cost).unlock(here[0].slot_id, PASSPHRASE)
        return profile.sit_down(paths, desk, keys)
    return connection.add_colleague(
        paths, desk, user=head.login, password=head.password, passphrase=PASSPHRASE, cost=cost
    ).desk


def _fill(desk: Desk) -> None:
    """The first exchange. Cases that came are enough to begin: what broke off later comes by itself.

    The day is planned before it, so that a start that was cut short, which ends with it, leaves nothing out.
    """
    from ui import connection

    _plan_day(desk)
    result = connection.sync_once(desk)
    if result.error is not None and not result.received:
        raise result.error


def _plan_day(desk: Desk) -> None:
    """Two appointments of the person's own on the first day; they stay on this computer."""
    from app.services.agenda import Agenda

    listed = importlib.resources.files("resources").joinpath("demo/agenda.json").read_text("utf-8")
    agenda, today = Agenda(desk), desk.today()
    planned = {one.title for one in agenda.between(today, today).get(today, ())}
    for item in (one for one in json.loads(listed) if one["title"] not in planned):
        at = dt.datetime.combine(today, dt.time.fromisoformat(item["time"]), SHANGHAI)
        agenda.add(at, item["title"], item["place"])
