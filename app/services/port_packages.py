"""Exchange packages as the engine sees them. Every call is one short transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from sqlalchemy import Connection

from app.clock import to_text
from app.services import package_records as records
from app.services.desk import Desk
from app.services.package_records import PackageRecord
from app.services.port_values import Settled
from app.storage import audit


@dataclass
class ReceiptTold:
    """What a receipt says, counted."""

    delivered: int = 0
    mend: int = 0
    waiting: int = 0
    against: int = 0
    """Delivered although it had been taken back here."""

    def count(self, status: Settled, *, consumed: bool = True) -> None:
        """One thing more. Refused without its number being used up, it waits on."""
        if status in ("applied", "merged"):
            self.delivered += 1
        elif status == "deferred" or not consumed:
            self.waiting += 1
        else:
            self.mend += 1


class PackageBook:
    """What this computer knows of packages, its own and those it carries."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def found(self, package_id: str) -> PackageRecord | None:
        """One package."""
        return self._desk.store.read(lambda conn: records.load(conn, package_id))

    def held_in(self, record: PackageRecord) -> frozenset[str]:
        """The ids of what lies in a package of this computer, steps of applications by ``step_id``."""
        return self._desk.store.read(lambda conn: records.held_in(conn, record.package_id))

    def carrying(self, package_id: str, file_name: str, size: int, code: str) -> PackageRecord:
        """A package is about to be handed in; one of this computer's own stays what it is."""
        desk = self._desk

        def work(conn: Connection) -> PackageRecord:
            known = records.load(conn, package_id)
            if known is not None:
                return known
            return PackageRecord(
                package_id=package_id,
                label=file_name.removesuffix(".jfp")[-4:],
                file_name=file_name,
                device_id="",
                person_id=desk.person.person_id,
                packed_at=to_text(desk.clock.now()),
                state="carrying",
                size=size,
                code=code,
            )

        return desk.store.read(work)

    def uploading(self, record: PackageRecord, upload: str) -> None:
        """Where the upload stands at the platform, to go on there after a cut."""
        self._save(msgspec.structs.replace(record, upload=upload))

    def carried(self, record: PackageRecord, sha256: str) -> PackageRecord:
        """The platform took it in, and the receipt lies beside it."""
        state: Any = "carried" if record.state == "carrying" else record.state
        done = msgspec.structs.replace(record, state=state, sha256=sha256, upload="")
        self._save(done, "package.hand_in", {"size": done.size, "sha256": sha256})
        return done

    def read(self, record: PackageRecord, told: ReceiptTold) -> PackageRecord:
        """Its receipt was read and everything in it settled."""
        counts = {"delivered": told.delivered, "mend": told.mend, "waiting": told.waiting}
        counts |= {"against": told.against}
        now = to_text(self._desk.clock.now())
        done = msgspec.structs.replace(record, state="read", read_at=now, **counts)
        self._save(done, "package.receipt", counts, keep=records.receipt_read)
        return done

    def _save(
        self,
        record: PackageRecord,
        action: str = "",
        detail: dict[str, Any] | None = None,
        *,
        keep: Callable[[Connection, PackageRecord], None] = records.save,
    ) -> None:
        desk = self._desk

        def work(conn: Connection) -> None:
            keep(conn, record)
            if action:
                person = desk.person.person_id
                audit.append(conn, desk.clock.now(), person, action, "", record.package_id, detail or {})

        desk.store.write(work, background=True)
