"""登记: what the platform told this computer when it was registered, and how that is kept.

A profile is *pending* until the platform has answered. Keys are made before, under an id of this
computer's own, because the platform learns the public halves first; ``person:<own id>`` then names the
person of the roster whose keys they are.
"""

from __future__ import annotations

import ipaddress
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

PENDING = "pending"
COMPLETE = "complete"
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


def complete(desk: Desk, facts: EnrolmentFacts) -> None:
    """Keep the platform's answer. Raises :class:`UserError` when the profile is another institution's."""

    def work(conn: Connection) -> None:
        known = load(conn)
        check_target(facts.url, practice=known.practice)
        institution = load_institution(conn)
        if known.complete and institution.institution_id != facts.institution.institution_id:
            raise UserError(
                "这份档案已登记给另一家机构，没有改动。请换一个档案文件夹再登记。", code="E-OTHER-INSTITUTION"
            )
        for key, value in (
            ("platform_url", facts.url),
            ("scope", facts.scope),
            ("platform_sign_public", facts.platform_sign_public.hex()),
            ("platform_seal_public", facts.platform_seal_public.hex()),
            ("enrolment", COMPLETE),
            (f"person:{desk.slot_id}", facts.person_id),
        ):
            kv.put(conn, key, value)
        if not known.epoch:
            kv.put(conn, "epoch", facts.epoch)
        leases.give_tag(conn, desk.device_id, facts.device_tag)
        put_institution(conn, facts.institution)
        put_people(conn, facts.people)
        put_own_keys(conn, facts.person_id, desk.keys.sign_public, desk.keys.seal_public)
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


def load_people(conn: Connection) -> dict[str, Person]:
    """The roster, in order of name."""
    rows = conn.execute(select(table).where(table.c.role != "").order_by(table.c.name)).all()
    return {row.person_id: Person(row.person_id, row.name, row.role, row.login) for row in rows}


def put_people(conn: Connection, people: tuple[Person, ...]) -> None:
    """Keep the roster. Colleagues who left stay known by name, but not as active."""
    conn.execute(table.update().values(active=0))
    for person in people:
        values = {"name": person.name, "role": person.role, "login": person.login, "active": 1}
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
