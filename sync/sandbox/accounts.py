"""People, devices and sessions: who is asking, from which computer."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import json
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import Connection, bindparam, select

from sync.contract import wire as w
from sync.contract.codes import WireError
from sync.sandbox import scopes
from sync.sandbox import tables as t
from sync.sandbox.source import Source
from sync.sandbox.store import Store, Tx, get_meta, put_meta, stamp

ACCESS = dt.timedelta(minutes=15)
REFRESH = dt.timedelta(days=400)
FRESH, BEFORE, PAST = 0, 1, 2
"""How far a token is along. Refresh: the newest; the one before it; older. Access: of the newest pair and
not seen yet; seen; of an older pair (still good until it ends)."""
NO_CASES = frozenset({"statistician"})
"""Roles that see figures only, never a case (办法 第二十三条: 个人信息只在办理所必需的范围内)."""


@dataclass(frozen=True)
class Caller:
    """Who signed in, on which device."""

    person_id: str
    role: str
    device_id: str
    family: str
    expires_at: str
    institution: str
    hands: frozenset[str] | None = None
    """Whose cases the device's feed brings, besides those in nobody's hands; ``None``: the institution's."""


def password_hash(password: str, salt: bytes) -> bytes:
    """scrypt, at a cost fit for a platform of invented people."""
    return hashlib.scrypt(password.encode(), salt=salt, n=1024, r=8, p=1, dklen=32)


def key_bytes(text: str, field: str) -> bytes:
    """32 bytes behind base64. Raises :class:`WireError`."""
    try:
        raw = base64.b64decode(text, altchars=b"-_" if set("-_") & set(text) else None, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != 32:
        raise WireError("field", "签名钥匙的格式不对，请重新登记。", field=field)
    return raw


_DEVICE = select(t.devices).where(t.devices.c.device_id == bindparam("of_device"))
_USER = select(t.users).where(t.users.c.person_id == bindparam("of_person"))
_REFRESH = select(t.sessions).where(
    t.sessions.c.token == bindparam("of_token"), t.sessions.c.kind == "refresh"
)
_CALLER = (
    select(t.sessions, t.users.c.role, t.users.c.institution_id, t.devices.c.revoked_at, t.devices.c.scope)
    .join(t.users, t.users.c.person_id == t.sessions.c.person_id)
    .join(t.devices, t.devices.c.device_id == t.sessions.c.device_id)
    .where(t.sessions.c.token == bindparam("of_token"), t.sessions.c.kind == "access")
)
_OVER = t.sessions.delete().where(t.sessions.c.expires_at < bindparam("now"))
_NEW_SESSION = t.sessions.insert()
_USED = t.sessions.update().where(t.sessions.c.token == bindparam("of_token")).values(used=BEFORE)
_ALL_PAST = t.sessions.update().where(t.sessions.c.family == bindparam("of_family")).values(used=PAST)
"""Built once: building a statement costs more than running it."""


class Accounts:
    """Sign-in, enrolment, revocation. Tokens are kept as hashes."""

    def __init__(self, store: Store, source: Source) -> None:
        self.store = store
        self.source = source
        self._known: dict[str, Caller] = {}

    def forget(self) -> None:
        """Drop remembered access tokens; the store is asked again."""
        self._known.clear()

    def check(self, conn: Connection, login: str, password: str) -> Any:
        """The user's row. Raises ``bad_credentials``."""
        row = conn.execute(select(t.users).where(t.users.c.login == login)).one_or_none()
        salt = row.salt if row else b"nobody"
        good = hmac.compare_digest(password_hash(password, salt), row.password if row else b"")
        if row is None or not good or not row.active:
            raise WireError("bad_credentials", field="password")
        return row

    def sign_in(self, body: w.SignIn) -> w.SessionReply:
        """``POST /session``."""
        with self.store.write(self.source.now()) as tx:
            user = self.check(tx.conn, body.user, body.password)
            self._device(tx.conn, body.device_id)
            known = select(t.device_people.c.person_id).where(
                t.device_people.c.device_id == body.device_id,
                t.device_people.c.person_id == user.person_id,
            )
            if tx.conn.execute(known).first() is None:
                raise WireError("device_unknown", "您还没有在这台电脑登记，请先登记。")
            return self._issue(tx, body.device_id, user, self.source.token())

    def _device(self, conn: Connection, device_id: str) -> Any:
        device = conn.execute(_DEVICE, {"of_device": device_id}).one_or_none()
        if device is None:
            raise WireError("device_unknown")
        if device.revoked_at:
            raise WireError("device_revoked")
        return device

    def _issue(self, tx: Tx, device_id: str, user: Any, family: str) -> w.SessionReply:
        access, refresh = self.source.token(), self.source.token()
        ends, later = tx.now + ACCESS, tx.now + REFRESH
        rows = [
            {
                "token": hashlib.sha256(token.encode()).hexdigest(), "kind": kind, "family": family,
                "device_id": device_id, "person_id": user.person_id, "expires_at": stamp(until),
            }
            for token, kind, until in ((access, "access", ends), (refresh, "refresh", later))
        ]  # fmt: skip
        tx.conn.execute(_OVER, {"now": stamp(tx.now)})
        tx.conn.execute(_NEW_SESSION, rows)
        return w.SessionReply(
            access_token=access,
            expires_at=ends,
            refresh_token=refresh,
            refresh_expires_at=later,
            person=person(user),
        )

    def refresh(self, body: w.Refresh) -> w.SessionReply:
        """``POST /session/refresh``. A reply may be lost: the token before the newest is good until one of
        the newest is used. An older one, or one met after that, ends the whole family."""
        digest = hashlib.sha256(body.refresh_token.encode()).hexdigest()
        reused = False
        with self.store.write(self.source.now()) as tx:
            row = tx.conn.execute(_REFRESH, {"of_token": digest}).one_or_none()
            if row is None or row.expires_at < stamp(tx.now):
                raise WireError("unauthenticated")
            if row.used and not _lost(tx.conn, row):
                reused = True
                tx.conn.execute(t.sessions.delete().where(t.sessions.c.family == row.family))
                self.forget()
            else:
                self._device(tx.conn, row.device_id)
                _step(tx.conn, row)
                user = tx.conn.execute(_USER, {"of_person": row.person_id}).one()
                issued = self._issue(tx, row.device_id, user, row.family)
        if reused:
            raise WireError("token_reused")
        return issued

    def sign_out(self, caller: Caller) -> None:
        """``DELETE /session``."""
        with self.store.write(self.source.now()) as tx:
            tx.conn.execute(t.sessions.delete().where(t.sessions.c.family == caller.family))
        self.forget()

    def expire_all(self, *, access_only: bool = False) -> None:
        """Everybody has to sign in anew; with ``access_only`` refresh tokens stay good."""
        which = t.sessions.delete()
        if access_only:
            which = which.where(t.sessions.c.kind == "access")
        with self.store.write(self.source.now()) as tx:
            tx.conn.execute(which)
        self.forget()

    def caller(self, header: str) -> Caller:
        """Who stands behind an ``Authorization`` header. Raises ``unauthenticated``, ``device_revoked``."""
        scheme, _, token = header.partition(" ")
        if scheme.lower() != "bearer" or not token:
            raise WireError("unauthenticated")
        digest = hashlib.sha256(token.encode()).hexdigest()
        now = stamp(self.source.now())
        known = self._known.get(digest)
        if known is None:
            known = self._load(digest)
            if len(self._known) > 10_000:
                self.forget()
            self._known[digest] = known
        if known.expires_at < now:
            raise WireError("unauthenticated")
        return known

    def _load(self, digest: str) -> Caller:
        with self.store.read() as conn:
            row = conn.execute(_CALLER, {"of_token": digest}).one_or_none()
            hands = scopes.hands(conn, row.device_id) if row is not None and row.scope == "people" else None
        if row is None:
            raise WireError("unauthenticated")
        if row.revoked_at:
            raise WireError("device_revoked")
        if row.used == FRESH:
            with self.store.write(self.source.now()) as tx:
                tx.conn.execute(_USED, {"of_token": digest})
        who = (row.person_id, row.role, row.device_id)
        return Caller(*who, row.family, row.expires_at, row.institution_id, hands)

    def enrol(self, body: w.Enrol) -> w.Enrolment:
        """``POST /devices``: register the device, or add people or new keys to it."""
        with self.store.write(self.source.now()) as tx:
            user = self.check(tx.conn, body.user, body.password)
            device = tx.conn.execute(
                select(t.devices).where(t.devices.c.device_id == body.device_id)
            ).one_or_none()
            if device is not None and device.institution_id != user.institution_id:
                raise WireError("device_taken")
            if device is not None and device.revoked_at:
                raise WireError("device_revoked")
            people = [
                (who, entry)
                for entry in body.people
                for who in (
                    user if entry.login == body.user else self.check(tx.conn, entry.login, entry.password),
                )
            ]
            if any(who.institution_id != user.institution_id for who, _ in people):
                raise WireError("forbidden_role", "两家机构的人不能登记在同一台设备上。")
            scope = self._scope(tx.conn, body, [who.role for who, _ in people])
            if device is None:
                row = {"device_id": body.device_id, "name": body.device_name, "scope": scope}
                row["institution_id"] = user.institution_id
                tx.conn.execute(t.devices.insert(), {**row, "enrolled_at": stamp(tx.now)})
            give_tag(tx.conn, body.device_id)
            before = scopes.hands(tx.conn, body.device_id)
            for who, entry in people:
                self._register(tx.conn, body.device_id, who.person_id, entry)
            if device is not None and device.scope == "people":
                scopes.bring(tx, user.institution_id, scopes.hands(tx.conn, body.device_id) - before)
            enrolled = self._enrolment(tx.conn, body.device_id, user, tx.now)
        # Whose cases a device sees may have changed for those who are signed in on it.
        self.forget()
        return enrolled

    def _scope(
        self, conn: Connection, body: w.Enrol, roles: list[str]
    ) -> Literal["institution", "people", "none"]:
        """What the device's feed brings: cases for those who handle them, nothing for a statistician.

        The people of a device share one store, hence one scope; that of its first registration stays.
        """
        device_id = body.device_id
        known = (
            select(t.users.c.role)
            .join(t.device_people, t.device_people.c.person_id == t.users.c.person_id)
            .where(t.device_people.c.device_id == device_id)
        )
        counting = {role in NO_CASES for role in (*roles, *conn.execute(known).scalars())}
        if len(counting) > 1:
            raise WireError("forbidden_role", "统计员和办案人员不能登记在同一台设备上，请另用一份档案登记。")
        return "none" if counting == {True} else body.scope or "institution"

    def _register(self, conn: Connection, device_id: str, person_id: str, entry: w.DevicePerson) -> None:
        sign = key_bytes(entry.sign_public, "people.sign_public")
        seal = key_bytes(entry.seal_public, "people.seal_public")
        mine = (t.device_people.c.device_id == device_id) & (t.device_people.c.person_id == person_id)
        old = conn.execute(select(t.device_people).where(mine)).one_or_none()
        values = {"sign_public": sign, "seal_public": seal}
        if old is None:
            row = {"device_id": device_id, "person_id": person_id, **values}
            conn.execute(t.device_people.insert(), row)
        elif bytes(old.sign_public) != sign or bytes(old.seal_public) != seal:
            # Other keys under the same device id would orphan commands signed with the first ones. Where
            # none was ever taken, the first try to register was cut short and its keys are gone.
            used = select(t.ledger.c.command_id).where(
                t.ledger.c.device_id == device_id, t.ledger.c.author == person_id
            )
            if conn.execute(used.limit(1)).first() is not None:
                raise WireError("device_taken", "这个人在这台电脑已登记过别的钥匙，请换一个设备编号再登记。")
            conn.execute(t.device_people.update().where(mine).values(**values))

    def _enrolment(self, conn: Connection, device_id: str, user: Any, now: dt.datetime) -> w.Enrolment:
        scope = conn.execute(select(t.devices.c.scope).where(t.devices.c.device_id == device_id)).scalar_one()
        colleagues = t.users.c.institution_id == user.institution_id
        people = conn.execute(select(t.users).where(colleagues).order_by(t.users.c.person_id)).all()
        return w.Enrolment(
            device_id=device_id,
            person_id=user.person_id,
            institution=w.Institution.model_validate_json(profile(conn, user.institution_id)),
            standing=standing(conn, user.institution_id),
            people=[person(row) for row in people],
            platform_sign_public=get_meta(conn, "sign_public"),
            platform_seal_public=get_meta(conn, "seal_public"),
            scope=scope,
            epoch=get_meta(conn, "epoch"),
            server_time=now,
            device_tag=get_meta(conn, f"device_tag:{device_id}"),
        )

    def roster(self) -> list[tuple[w.Person, str]]:
        """Everyone, with the id of their institution."""
        with self.store.read() as conn:
            rows = conn.execute(select(t.users).order_by(t.users.c.person_id)).all()
        return [(person(row), row.institution_id) for row in rows]

    def home(self) -> str:
        """The first institution's id."""
        with self.store.read() as conn:
            return home_id(conn)

    def revoke(self, caller: Caller, device_id: str) -> None:
        """``DELETE /devices/{id}``: one's own computer, or any by the head (负责人)."""
        if caller.role != "head" and caller.device_id != device_id:
            raise WireError("forbidden_role")
        self.stop(device_id, caller.institution)

    def stop(self, device_id: str, institution: str = "") -> None:
        """Take a computer out of use: of the institution, else of the first one. Raises ``not_found``."""
        ours = (t.devices.c.device_id == device_id) & (
            t.devices.c.institution_id == (institution or self.home())
        )
        with self.store.write(self.source.now()) as tx:
            changed = tx.conn.execute(
                t.devices.update().where(ours, t.devices.c.revoked_at == "").values(revoked_at=stamp(tx.now))
            )
            if not changed.rowcount:
                known = select(t.devices.c.device_id).where(ours)
                if tx.conn.execute(known).first() is None:
                    raise WireError("not_found")
            tx.happened("device", "停用了一台电脑")
        self.forget()

    def reinstate(self, device_id: str) -> None:
        """Take a revoked computer again; the platform's own side does this, there is no route for it."""
        with self.store.write(self.source.now()) as tx:
            which = t.devices.c.device_id == device_id
            changed = tx.conn.execute(t.devices.update().where(which).values(revoked_at=""))
            if not changed.rowcount:
                raise WireError("not_found")
            tx.happened("device", "恢复了一台电脑")
        self.forget()


def _lost(conn: Connection, row: Any) -> bool:
    """Whether a refresh token used once may be used again: of what it brought nothing was ever used."""
    used = conn.execute(
        select(t.sessions.c.token).where(
            t.sessions.c.family == row.family, t.sessions.c.kind == "access", t.sessions.c.used == BEFORE
        )
    )
    return row.used == BEFORE and used.first() is None


def _step(conn: Connection, row: Any) -> None:
    """Make the refresh token the one before the newest; what a lost reply brought is void."""
    family = t.sessions.c.family == row.family
    if row.used == BEFORE:
        conn.execute(t.sessions.delete().where(family, t.sessions.c.used == FRESH))
        return
    conn.execute(_ALL_PAST, {"of_family": row.family})
    conn.execute(_USED, {"of_token": row.token})


def give_tag(conn: Connection, device_id: str) -> None:
    """Give a device its short tag, once, and never the same to another: not after a restore either."""
    if not get_meta(conn, f"device_tag:{device_id}"):
        serial = int(get_meta(conn, "device_tags", "0")) + 1
        put_meta(conn, "device_tags", str(serial))
        put_meta(conn, f"device_tag:{device_id}", f"{serial:02d}")


def person(row: Any) -> w.Person:
    """A user as the roster shows them."""
    return w.Person(
        person_id=row.person_id,
        name=row.name,
        role=row.role,
        login=row.login,
        title=row.title,
        active=bool(row.active),
    )


def home_id(conn: Connection) -> str:
    """The id of the first institution, the one that practises here."""
    return str(json.loads(get_meta(conn, "institution"))["institution_id"])


def profile(conn: Connection, institution_id: str) -> str:
    """An institution's profile, as JSON. The first institution's stands under a key without id."""
    return get_meta(conn, f"institution:{institution_id}") or get_meta(conn, "institution")


def standing(conn: Connection, institution_id: str) -> w.Standing:
    """Whether an institution receives dispatch."""
    told = get_meta(conn, f"standing:{institution_id}") or get_meta(conn, "standing", '{"status":"active"}')
    return w.Standing.model_validate(json.loads(told))
