"""Drafts: what is being typed, kept on this computer only. No outbox, no audit, never sent."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection, Text, cast, delete, func, select, update
from sqlalchemy.dialects.sqlite import insert

from app.clock import to_text
from app.domain.errors import EnvironmentFault
from app.services.dayboard import APPROVAL as APPROVAL
from app.services.dayboard import RETURNED_BY as RETURNED_BY
from app.services.dayboard import SHARED as SHARED
from app.services.dayboard import Unfinished
from app.services.desk import Desk
from app.storage.tables import cases
from app.storage.tables import drafts as table

RETURNED_FOR = "returned_for"
"""In the draft of a refusal, beside :data:`RETURNED_BY`: what is to be changed, in that colleague's words."""
REFUSAL_BACK = "refusal_back"
"""Kind of the words begun by a colleague who sends a refusal back; of use only while it waits."""
THIRD_VALUES, TEXTS = "conflict", "texts"
"""Kind of the draft of a case's third values, and where its body holds them by the conflict's id."""
UNKEPT = "drafts.unkept"
"""What the seal of unkept drafts is bound to."""


@dataclass(frozen=True)
class Draft:
    """One unfinished form: ``kind`` names the form, ``subject`` usually the case."""

    kind: str
    subject: str
    body: dict[str, Any]
    saved_at: str


class Drafts:
    """Save, find and forget the person's own drafts."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def save(self, kind: str, subject: str, body: dict[str, Any]) -> str:
        """Keep ``body``; returns when it was saved (ISO, UTC).

        Raises the storage faults; what could not be written is found by :meth:`get` all the same, until a
        later call has written it, the desk is closed, or :meth:`let_go`.
        """
        saved_at = to_text(self._desk.clock.now())
        values = {
            "person_id": self._desk.person.person_id,
            "kind": kind,
            "subject": subject,
            "body": msgspec.json.encode(_storable(body)),
            "saved_at": saved_at,
        }
        statement = insert(table).values(values)
        statement = statement.on_conflict_do_update(
            index_elements=["person_id", "kind", "subject"],
            set_={"body": values["body"], "saved_at": saved_at},
        )
        try:
            self._desk.store.write(lambda conn: conn.execute(statement) and None)
        except EnvironmentFault:
            self._desk.unkept[kind, subject] = msgspec.json.encode(_storable(body))
            raise
        self.let_go(kind, subject)
        return saved_at

    @property
    def unkept(self) -> int:
        """How many drafts the disk has not taken."""
        return len(self._desk.unkept)

    def keep_unkept(self) -> str:
        """Try once more to write what the disk did not take; when it was saved. Raises as :meth:`save`."""
        saved_at = ""
        for (kind, subject), body in tuple(self._desk.unkept.items()):
            saved_at = self.save(kind, subject, msgspec.json.decode(body))
        return saved_at

    def seal_unkept(self) -> bytes:
        """What the disk has not taken, sealed to the person's own key, to outlast the open profile."""
        held = [(*form, body) for form, body in self._desk.unkept.items()]
        return self._desk.keys.seal(msgspec.msgpack.encode(held), UNKEPT)

    def take_up(self, sealed: bytes) -> None:
        """Have what :meth:`seal_unkept` gave among the unkept again; what was typed since wins."""
        for kind, subject, body in msgspec.msgpack.decode(
            self._desk.keys.unseal(sealed, UNKEPT), type=list[tuple[str, str, bytes]]
        ):
            self._desk.unkept.setdefault((kind, subject), body)

    def let_go(self, kind: str, subject: str) -> None:
        """A draft that was not kept is no longer wanted: its form was carried out, or it is kept now."""
        self._desk.unkept.pop((kind, subject), None)

    def get(self, kind: str, subject: str) -> Draft | None:
        """The draft of a form, if there is one."""
        query = select(table).where(
            table.c.person_id == self._desk.person.person_id, table.c.kind == kind, table.c.subject == subject
        )
        row = self._desk.store.read(lambda conn: conn.execute(query).one_or_none())
        unkept = self._desk.unkept.get((kind, subject))
        if unkept is not None:
            saved_at = "" if row is None else row.saved_at
            return Draft(kind, subject, msgspec.json.decode(unkept), saved_at)
        return None if row is None else Draft(kind, subject, msgspec.json.decode(row.body), row.saved_at)

    def all(self) -> tuple[Draft, ...]:
        """All drafts of the person, newest first (今日: 接着办)."""
        query = (
            select(table)
            .where(table.c.person_id == self._desk.person.person_id)
            .order_by(table.c.saved_at.desc())
        )
        rows = self._desk.store.read(lambda conn: conn.execute(query).all())
        return tuple(Draft(r.kind, r.subject, msgspec.json.decode(r.body), r.saved_at) for r in rows)

    def shared(self, kind: str, subject: str) -> Draft | None:
        """What a colleague left here to be gone on with."""
        return self._owned(SHARED, kind, subject)

    def carried_out(self, kind: str, subject: str) -> Draft | None:
        """What was handed over with :func:`set_aside`; whoever goes on with the case begins there."""
        return self._owned(CARRIED_OUT, kind, subject)

    def second(self, kind: str, subject: str) -> Draft | None:
        """What an undo gave back while something newer stood in its place; the form offers it."""
        return self._owned(second_of(self._desk.person.person_id), kind, subject)

    def _owned(self, owner: str, kind: str, subject: str) -> Draft | None:
        query = select(table).where(
            table.c.person_id == owner, table.c.kind == kind, table.c.subject == subject
        )
        row = self._desk.store.read(lambda conn: conn.execute(query).one_or_none())
        return None if row is None else Draft(kind, subject, msgspec.json.decode(row.body), row.saved_at)

    def exchange(self, kind: str, subject: str) -> Draft | None:
        """The draft and the :meth:`second` change places; the one that is the draft now."""
        me = self._desk.person.person_id
        self._desk.store.write(lambda conn: _exchange(conn, me, kind, subject))
        self.let_go(kind, subject)
        return self.get(kind, subject)

    def unfinished(self, limit: int = 20) -> tuple[Unfinished, ...]:
        """The person's drafts with their cases' titles, newest first; what was written in them stays unread.

        The head also finds what waits for approval.
        """
        person = self._desk.person
        owners = (person.person_id, SHARED) if person.role == "head" else (person.person_id,)
        back = func.json_extract(cast(table.c.body, Text), f"$.{RETURNED_BY}").label("back")
        query = (
            select(table.c.kind, table.c.subject, table.c.saved_at, cases.c.title, back)
            .outerjoin(cases, cases.c.case_id == table.c.subject)
            .where(table.c.person_id.in_(owners))
            .order_by(table.c.saved_at.desc())
            .limit(limit)
        )
        rows = self._desk.store.read(lambda conn: conn.execute(query).all())
        return tuple(Unfinished(r.kind, r.subject, r.title or "", r.saved_at, r.back or "") for r in rows)

    def discard(self, kind: str, subject: str) -> None:
        """Throw a draft away."""
        self.let_go(kind, subject)
        self._desk.store.write(lambda conn: forget(conn, self._desk.person.person_id, kind, subject))

    def put_back(self, kind: str, subject: str, body: dict[str, Any]) -> None:
        """Undo :meth:`discard`: ``body`` is the draft again, or the :meth:`second` of one begun since."""
        me, now = self._desk.person.person_id, to_text(self._desk.clock.now())
        self._desk.store.write(lambda conn: give_back(conn, me, kind, subject, _storable(body), now))


def second_of(person_id: str) -> str:
    """Owner of a person's :meth:`Drafts.second` drafts."""
    return f"second:{person_id}"


def give_back(
    conn: Connection, person_id: str, kind: str, subject: str, body: dict[str, Any], saved_at: str
) -> None:
    """Put back what a write had used up; beside what was written since, so that neither is lost.

    Third values stand apart from one another: one that comes back joins those written since.
    """
    own = (table.c.person_id == person_id, table.c.kind == kind, table.c.subject == subject)
    newer = conn.execute(select(table.c.body).where(*own)).scalar_one_or_none()
    if newer is None:
        put(conn, person_id, kind, subject, body, saved_at)
    elif kind == THIRD_VALUES:
        joined = {**body[TEXTS], **msgspec.json.decode(newer)[TEXTS]}
        put(conn, person_id, kind, subject, {TEXTS: joined}, saved_at)
    elif msgspec.json.decode(newer) != body:
        put(conn, second_of(person_id), kind, subject, body, saved_at)


def _exchange(conn: Connection, person_id: str, kind: str, subject: str) -> None:
    owners = (person_id, second_of(person_id))
    here = (table.c.person_id.in_(owners), table.c.kind == kind, table.c.subject == subject)
    rows = conn.execute(select(table).where(*here)).all()
    conn.execute(delete(table).where(*here))
    for row in rows:
        other = owners[1] if row.person_id == person_id else person_id
        put(conn, other, kind, subject, msgspec.json.decode(row.body), row.saved_at)


CARRIED_OUT = "carried_out"
"""Owner of what was handed over and may have to be handed over once more; nobody's unfinished work."""


def put(
    conn: Connection, person_id: str, kind: str, subject: str, body: dict[str, Any], saved_at: str
) -> None:
    """Keep a draft for somebody, inside another service's transaction."""
    values = {
        "person_id": person_id,
        "kind": kind,
        "subject": subject,
        "body": msgspec.json.encode(body),
        "saved_at": saved_at,
    }
    statement = insert(table).values(values)
    conn.execute(
        statement.on_conflict_do_update(
            index_elements=["person_id", "kind", "subject"],
            set_={"body": values["body"], "saved_at": saved_at},
        )
    )


def forget_of_all(conn: Connection, kind: str, subject: str) -> None:
    """Whoever began this form for ``subject``: there is nothing left that it could be for."""
    conn.execute(delete(table).where(table.c.kind == kind, table.c.subject == subject))


def proposed(conn: Connection) -> tuple[str, ...]:
    """The cases of which a refusal was sent to the head on this computer."""
    query = select(table.c.subject).where(table.c.person_id == SHARED, table.c.kind == APPROVAL)
    return tuple(conn.execute(query.order_by(table.c.subject)).scalars())


def awaits_approval(conn: Connection, desk: Desk, case_id: str) -> bool:
    """Whether a refusal of the case waits here for the head, where the institution wants that."""
    if not desk.rules.refusal_needs_head:
        return False
    query = select(table.c.subject).where(
        table.c.person_id == SHARED, table.c.kind == APPROVAL, table.c.subject == case_id
    )
    return conn.execute(query).first() is not None


def put_shared(conn: Connection, kind: str, subject: str, body: dict[str, Any], saved_at: str) -> None:
    """Keep what colleagues on this computer go on with."""
    put(conn, SHARED, kind, subject, body, saved_at)


def forget(conn: Connection, person_id: str, kind: str, subject: str) -> None:
    """Remove a draft in the transaction that made it real; a second one takes its place."""
    form = (table.c.kind == kind, table.c.subject == subject)
    conn.execute(delete(table).where(table.c.person_id == person_id, *form))
    second = table.c.person_id == second_of(person_id)
    conn.execute(update(table).where(second, *form).values(person_id=person_id))


def set_aside(conn: Connection, person_id: str, kind: str, subject: str) -> None:
    """The draft was carried out: it is nothing to go on with any more, but what was chosen stays known."""
    own = (table.c.person_id == person_id, table.c.kind == kind, table.c.subject == subject)
    if conn.execute(select(table.c.kind).where(*own)).first() is None:
        return
    forget(conn, CARRIED_OUT, kind, subject)
    conn.execute(update(table).where(*own).values(person_id=CARRIED_OUT))


def _storable(value: Any) -> Any:
    """``value`` without half characters, which no encoding takes: what else was typed must not be lost."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {_storable(key): _storable(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(one) for one in value]
    return value
