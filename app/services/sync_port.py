"""The only door of the sync engine into the store.

The engine knows no table and no row; it asks here, and each call is one short transaction that lets
interactive writes go first. Calls that change something visible return a ``ChangeSet``.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

from sqlalchemy import Connection

from app.clock import to_text
from app.services import casework, enrolment
from app.services.changes import ChangeSet
from app.services.desk import Desk, Person
from app.services.line_state import RESTORED
from app.services.port_files import Transfers
from app.services.port_filings import FilingJobs
from app.services.port_incoming import IncomingFeed
from app.services.port_outgoing import OutgoingCommands
from app.services.port_outlook import BROKEN_OFF, Outlook, look
from app.services.port_packages import PackageBook
from app.services.port_state import EPOCH_NO, ROSTER, SyncState
from app.services.port_values import LaneHead
from app.storage import audit, kv


class SyncPort:
    """Commands out, feed in, files both ways, filings, and the engine's own memory."""

    def __init__(self, desk: Desk) -> None:
        self.desk = desk
        self.outgoing = OutgoingCommands(desk)
        self.incoming = IncomingFeed(desk)
        self.transfers = Transfers(desk)
        self.filings = FilingJobs(desk)
        self.packages = PackageBook(desk)
        self.state = SyncState(desk)

    def outlook(self) -> Outlook:
        """What there is to do."""
        return self.desk.store.read(lambda conn: look(conn, self.state))

    def recover(self) -> None:
        """What was on its way when a run ended is unknown now: it is asked for, never assumed."""
        if self.desk.store.read(lambda conn: bool(conn.execute(BROKEN_OFF).scalar_one())):
            self.outgoing.recover()
            self.filings.recover()

    @property
    def url(self) -> str:
        """Address of the platform that this profile is registered with; empty while it is not."""
        return self.state.get("platform_url")

    @property
    def platform_key(self) -> bytes:
        """The platform's Ed25519 public key as learned when this computer was registered."""
        return self.desk.store.read(enrolment.platform_keys)[0]

    def standing(self, status: str, reason: str, since: dt.datetime | None) -> ChangeSet:
        """Keep whether the institution receives dispatch (暂停接收、关闭), why and since when."""
        told = {
            "status": status, "status_reason": reason, "status_since": to_text(since) if since else "",
        }  # fmt: skip

        def work(conn: Connection) -> ChangeSet:
            known = enrolment.load_institution(conn)
            if replace(known, **told) == known:
                return ChangeSet()
            enrolment.put_institution(conn, replace(known, **told))
            return ChangeSet.of("institution")

        known = self.desk.store.read(enrolment.load_institution)
        if replace(known, **told) == known:
            return ChangeSet()
        return self.desk.store.write(work, background=True)

    def roster(self, etag: str, people: tuple[Person, ...]) -> ChangeSet:
        """Keep the institution's people as the platform has them now, and the tag of that list."""

        def work(conn: Connection) -> ChangeSet:
            before = enrolment.load_people(conn)
            enrolment.put_people(conn, people)
            kv.put(conn, ROSTER, etag)
            after = enrolment.load_people(conn)
            if before == after:
                return ChangeSet()
            detail = {"people": sorted(key for key in after if before.get(key) != after[key])}
            now, mine = self.desk.clock.now(), self.desk.person.person_id
            audit.append(conn, now, mine, "roster.change", "", self.desk.institution.institution_id, detail)
            return ChangeSet.of("people")

        return self.desk.store.write(work, background=True)

    def new_epoch(self, epoch: str, heads: dict[tuple[str, str, str], LaneHead]) -> tuple[int, ChangeSet]:
        """The platform was restored from a backup; see :meth:`OutgoingCommands.new_epoch`.

        One transaction: once the new epoch is written down nothing would ever ask for the rest again, and
        what waits again is shown as waiting, with its case. 要留意 tells of it until somebody has read it.
        """

        def work(conn: Connection) -> tuple[int, ChangeSet]:
            again, touched = self.outgoing.new_epoch(conn, epoch, heads)
            return again, self._sent_anew(conn, again, touched)

        return self.desk.store.write(work, background=True)

    def told_of_epoch(
        self, device_id: str, heads: dict[tuple[str, str, str], LaneHead], number: int
    ) -> ChangeSet:
        """A receipt on a stick told of epoch ``number``, later than the last heard of: what the platform may
        have forgotten of this computer waits again, so that the next packages take it along.

        The feed's own epoch stays until there is a line: :meth:`new_epoch` then compares everything.
        """

        def work(conn: Connection) -> ChangeSet:
            again, touched = self.outgoing.told_of_epoch(conn, device_id, heads)
            kv.put(conn, EPOCH_NO, str(number))
            return self._sent_anew(conn, again, touched)

        return self.desk.store.write(work, background=True)

    def _sent_anew(self, conn: Connection, again: int, touched: set[str]) -> ChangeSet:
        """Beside ``again`` commands of the cases ``touched`` files and applications are offered anew."""
        self.transfers.upload_all_again(conn)
        touched |= self.filings.ask_again(conn)
        casework.requeued(conn, self.desk, touched)
        kv.put(conn, RESTORED, f"{to_text(self.desk.clock.now())} {again}")
        kinds = ("cases", "tasks", "outbox", "attachments", "submissions")
        return ChangeSet.of(*kinds, case_ids=frozenset(touched))

    def refresh_token(self) -> str:
        """The person's refresh token from their own sealed area; empty when there is none."""
        sealed = self.state.get(self._token_key())
        return self.desk.keys.unseal(bytes.fromhex(sealed), "token").decode() if sealed else ""

    def keep_refresh_token(self, token: str) -> None:
        """Seal the person's refresh token to their own key; an empty one forgets it."""
        sealed = self.desk.keys.seal(token.encode(), "token").hex() if token else ""
        self.desk.store.write(lambda conn: kv.put(conn, self._token_key(), sealed), background=True)

    def _token_key(self) -> str:
        return f"refresh_token:{self.desk.slot_id or self.desk.person.person_id}"
