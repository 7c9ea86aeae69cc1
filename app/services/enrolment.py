"""登记: what the platform told this computer when it was registered, and how that is kept.

A profile is *pending* until the platform has answered. Keys are made before, under an id of this
computer's own, because the platform learns the public halves first; ``person:<own id>`` then names the
person of the roster whose keys they are.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Collection
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import msgspec
from sqlalchemy import Connection, select
from sqlalchemy.dialects.sqlite import insert

from app.domain.errors import UserError
from app.services.desk import Institution, Person
from app.storage import audit, kv, leases
from app.storage.tables import people as table

if TYPE_CHECKING:
    from app.services.desk import Desk
    from app.storage.unlocked import UnlockedKeys

PENDING = "pending"
COMPLETE = "complete"
PERSON, REGISTERED = "person:", "registered:"
"""Before a slot's id: whose keys they are in the roster, and the device id they were registered under."""
NOT_ENROLLED = Institution(institution_id="", name="还没有登记机构", kind="", district="")


@dataclass(frozen=True)
class EnrolmentFacts:
    """The platform's answer to registering this computer."""

    url: str
    person_id: str
    """Roster id of the person who registered it."""
    institution: Institution
    people: tuple[Person, ...]
    epoch: str
    scope: str
    """institution: the feed brings every case of the institution; people: those of the device's people."""
    platform_sign_public: bytes
    platform_seal_public: bytes
    device_tag: str = ""
    """Stands in numbers given offline; unique within the institution."""


@dataclass(frozen=True)
class Enrolment:
    """How the profile stands with the platform. ``url`` is empty while pending."""

    state: str
    url: str
    epoch: str
    scope: str
    practice: bool

    @property
    def complete(self) -> bool:
        """Whether the platform knows this computer."""
        return self.state == COMPLETE


def check_target(url: str, *, practice: bool) -> None:
    """Raise :class:`UserError` for an address that a profile of this kind may not be registered with.

    A practice profile only ever talks to this computer; addresses of others want an encrypted line.
    """
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise UserError(
            "平台地址要以 https:// 开头，没有登记。请核对地址再试。", code="E-URL", detail="scheme"
        )
    local = is_loopback(parts.hostname)
    if practice and not local:
        raise UserError(
            "练习档案不能登记到真的平台，没有发出任何内容。请退出练习，用正式档案登记。", code="E-PRACTICE"
        )
    if parts.scheme == "http" and not local:
        raise UserError("平台地址没有加密（http），没有登记。请用 https:// 开头的地址。", code="E-URL")


def is_loopback(host: str) -> bool:
    """Whether ``host`` is this computer."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def load(conn: Connection) -> Enrolment:
    """How the profile stands."""
    return Enrolment(
        state=kv.get(conn, "enrolment", PENDING),
        url=kv.get(conn, "platform_url"),
        epoch=kv.get(conn, "epoch"),
        scope=kv.get(conn, "scope"),
        practice=kv.get(conn, "practice") == "1",
    )


def platform_keys(conn: Connection) -> tuple[bytes, bytes]:
    """Public keys of the platform: for signatures, and for sealing to it. Empty while pending."""
    return (
        bytes.fromhex(kv.get(conn, "platform_sign_public")),
        bytes.fromhex(kv.get(conn, "platform_seal_public")),
    )


def check_login(desk: Desk, login: str) -> None:
    """Raise :class:`UserError` when ``login`` is not that of the person whose keys these are.

    A person's login never becomes another's: what was signed before would change its author.
    """
    if desk.person.role and login != desk.person.login:
        raise UserError(
            f"这是{desk.person.name}的登录，不能改成“{login}”的，没有改动。"
            "要让另一位也在本机登录，请在锁屏的“换人登录”里加一位同事。",
            code="E-OTHER-PERSON",
        )


def complete(desk: Desk, facts: EnrolmentFacts) -> None:
    """Keep the platform's answer.

    Raises :class:`UserError` when the profile is another institution's, or its person another one.
    """

    def work(conn: Connection) -> None:
        known = load(conn)
        check_target(facts.url, practice=known.practice)
        _check_institution(conn, facts)
        _check_person(conn, desk.slot_id, facts)
        for key, value in (
            ("platform_url", facts.url),
            ("scope", facts.scope),
            ("platform_sign_public", facts.platform_sign_public.hex()),
            ("platform_seal_public", facts.platform_seal_public.hex()),
            ("enrolment", COMPLETE),
        ):
            kv.put(conn, key, value)
        if not known.epoch:
            kv.put(conn, "epoch", facts.epoch)
        leases.give_tag(conn, desk.device_id, facts.device_tag)
        put_registered(conn, desk, desk.slot_id, desk.keys, facts)
        audit.append(
            conn,
            desk.clock.now(),
            facts.person_id,
            "device.enrol",
            "",
            desk.device_id,
            {"scope": facts.scope},
        )

    desk.store.write(work)


def join(
    conn: Connection,
    desk: Desk,
    slot_id: str,
    keys: UnlockedKeys,
    facts: EnrolmentFacts,
    here: Collection[str],
) -> None:
    """Keep that a colleague was registered for the keys of ``slot_id``, in the caller's transaction.

    ``here``: the slots of the key file. Raises :class:`UserError` when the platform's answer is another
    institution's or platform's, or the colleague has a slot here already.
    """
    _check_institution(conn, facts)
    if platform_keys(conn)[0] != facts.platform_sign_public:
        raise UserError(
            "应答的平台与这份档案登记的不是同一个，没有改动。请核对平台地址再试。", code="E-PLATFORM-KEY"
        )
    known = kv.under(conn, PERSON)
    if any(known.get(slot) == facts.person_id for slot in here):
        raise UserError(f"{_name(facts)}已经可以在本机登录，不用再加。没有改动。", code="E-EXISTS")
    put_registered(conn, desk, slot_id, keys, facts)


def put_registered(
    conn: Connection, desk: Desk, slot_id: str, keys: UnlockedKeys, facts: EnrolmentFacts
) -> None:
    """Keep institution and roster, and whose keys those of a slot are, known for the present device id."""
    put_institution(conn, facts.institution)
    put_people(conn, facts.people)
    kv.put(conn, f"{PERSON}{slot_id}", facts.person_id)
    kv.put(conn, f"{REGISTERED}{slot_id}", desk.device_id)
    put_own_keys(conn, facts.person_id, keys.sign_public, keys.seal_public)


def registered_here(conn: Connection, desk: Desk) -> bool:
    """Whether the platform knows the person's keys under the present device id.

    Not so for the colleagues of whoever had the computer registered anew (``jiefen enroll --again``):
    they are registered at their next sign-in.
    """
    known = kv.get(conn, f"{REGISTERED}{desk.slot_id}")
    return load(conn).complete and known == desk.device_id


def _check_institution(conn: Connection, facts: EnrolmentFacts) -> None:
    if load(conn).complete and load_institution(conn).institution_id != facts.institution.institution_id:
        raise UserError(
            "这份档案已登记给另一家机构，没有改动。请换一个档案文件夹再登记。", code="E-OTHER-INSTITUTION"
        )


def _check_person(conn: Connection, slot_id: str, facts: EnrolmentFacts) -> None:
    """A slot's keys are one person's for good."""
    known = kv.get(conn, f"{PERSON}{slot_id}")
    if known and known != facts.person_id:
        name = _name(facts)
        raise UserError(
            f"这个登录是{_name(facts, known)}的，不能改成{name}的，没有改动。"
            f"请{name}在锁屏的“换人登录”里加进来。",
            code="E-OTHER-PERSON",
        )


def _name(facts: EnrolmentFacts, person_id: str = "") -> str:
    wanted = person_id or facts.person_id
    return next((person.name for person in facts.people if person.person_id == wanted), "另一位同事")


def practice_moved(desk: Desk, url: str) -> None:
    """The practice platform listens at another port after each start. Raises :class:`UserError` otherwise."""
    if not desk.practice:
        raise UserError("正式档案的平台地址不能这样改，没有改动。", code="E-PRACTICE")
    check_target(url, practice=True)
    desk.store.write(lambda conn: kv.put(conn, "platform_url", url))


def first_pull_done(conn: Connection) -> bool:
    """Whether the platform's picture has once been taken in whole."""
    return int(kv.get(conn, "cursor", "0")) > 0


def load_institution(conn: Connection) -> Institution:
    """The institution as the platform last showed it; a placeholder while pending."""
    text = kv.get(conn, "institution")
    return msgspec.json.decode(text, type=Institution) if text else NOT_ENROLLED


def put_institution(conn: Connection, institution: Institution) -> None:
    """Keep what the platform shows of the institution, such as 暂停接收."""
    kv.put(conn, "institution", msgspec.json.encode(institution).decode())


_PEOPLE = select(table).where(table.c.role != "").order_by(table.c.name)


def load_people(conn: Connection) -> dict[str, Person]:
    """The roster, in order of name."""
    rows = conn.execute(_PEOPLE).all()
    return {
        row.person_id: Person(row.person_id, row.name, row.role, row.login, bool(row.active)) for row in rows
    }


def put_people(conn: Connection, people: tuple[Person, ...]) -> None:
    """Keep the roster. Colleagues who left, or are not in it any more, stay known by name, not as active."""
    conn.execute(table.update().values(active=0))
    for person in people:
        known = {"name": person.name, "role": person.role, "login": person.login}
        values = {**known, "active": int(person.active)}
        statement = insert(table).values(person_id=person.person_id, **values)
        conn.execute(statement.on_conflict_do_update(index_elements=["person_id"], set_=values))


def put_own_keys(conn: Connection, person_id: str, sign_public: bytes, seal_public: bytes) -> None:
    """Keep the public keys that a person of this computer was registered with."""
    where = table.c.person_id == person_id
    conn.execute(table.update().where(where).values(sign_public=sign_public, seal_public=seal_public))


@dataclass(frozen=True)
class Wish:
    """A registration that could not be made yet (联网后登记): all of it but the password."""

    url: str
    login: str
    device: str


def put_wish(desk: Desk, wish: Wish) -> None:
    """Keep what is to be registered later."""

    def work(conn: Connection) -> None:
        for key, value in (("wish_url", wish.url), ("wish_login", wish.login), ("wish_device", wish.device)):
            kv.put(conn, key, value)

    desk.store.write(work)


def load_wish(conn: Connection) -> Wish:
    """What is to be registered later; empty words where nothing was kept."""
    return Wish(kv.get(conn, "wish_url"), kv.get(conn, "wish_login"), kv.get(conn, "wish_device"))
