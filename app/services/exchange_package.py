"""离线交换包: what waits, packed for a stick, and the packages there were.

Packed are the signed commands as they lie in the outbox, the files they declare, and what people asked of
the court. Sealed notes (单独谈) lie in a table that is not read here. Nothing counts as delivered by being
packed: it goes on waiting, and goes out online as well when there is a network first.
"""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import Connection, select, update

from app.clock import from_text, shanghai, to_text
from app.domain import commands as cmd
from app.domain.errors import DamagedFault, NotFoundError, StateError, StorageFault, UserError
from app.services import backlog, casework, enrolment, package_lines, package_records, sync_words
from app.services.changes import ChangeSet, Written
from app.services.desk import Desk
from app.services.filing_jobs import job_of
from app.services.package_lines import PackLine, Plan
from app.services.package_records import PackageRecord
from app.services.port_files import Transfers
from app.services.port_values import FilingJob
from app.storage import audit, kv, outbox, outline
from app.storage import package_file as pf
from app.storage.container import Meter, Progress
from app.storage.tables import conflicts, filings, uploads
from app.storage.tables import outbox as table

MOST_BYTES = 3 * 1024**3
"""Files in one package: below what a stick of the usual form (FAT32) and the contract take in one file."""
_AT_ONCE = 200
KINDS = ("outbox", "submissions", "packages")


@dataclass(frozen=True)
class Offer:
    """What a package made now would hold."""

    lines: tuple[PackLine, ...]
    items: int
    size: int
    held: int
    """Things that wait but cannot go along yet: they can still be undone, or wait for others of these."""
    failed: int
    """Things that were not delivered and are not carried: the platform has answered, a person comes next."""
    disputed: int
    """两处不同, likewise: as many as the sync centre asks about."""
    packed: tuple[tuple[PackageRecord, int], ...] = ()
    """The packages on their way in which some of it lies already, and how much of it."""


class ExchangePackages:
    """Packing, and what is known of packages. :meth:`pack` takes long: not on a lane that people wait for."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._transfers = Transfers(desk)

    def known(self) -> tuple[PackageRecord, ...]:
        """All packages of this computer, and those it carried; the latest first."""
        self._desk.require_cases()
        return self._desk.store.read(package_records.known)

    def spared(self) -> dict[str, bool]:
        """The packages that nobody need carry any more, and whether all of each was delivered."""
        self._desk.require_cases()
        return self._desk.store.read(package_records.spared)

    def offer(self) -> Offer:
        """What could be packed now."""
        self._desk.require_cases()

        def work(conn: Connection) -> Offer:
            plan = self._plan(conn)
            lines = tuple(package_lines.of(conn, plan))
            held = max(0, backlog.queued(conn) - self._same(conn, plan))
            failed, disputed = backlog.failed(conn), backlog.number(conn, (conflicts, backlog.ASKED))
            packed = package_records.already(conn, plan.ids())
            return Offer(lines, plan.items, plan.size, held, failed, disputed, packed)

        return self._desk.store.read(work)

    def _ids(self, conn: Connection, plan: Plan) -> Iterator[str]:
        """Ids of what a plan takes along; one file may stand for several attachments."""
        yield from plan.ids()
        hashes = {row.sha256: row.attachment_id for row in plan.files}
        for row in conn.execute(
            select(uploads.c.attachment_id, uploads.c.sha256).where(backlog.UPLOAD_QUEUED)
        ):
            if row.attachment_id != hashes.get(row.sha256, row.attachment_id):
                yield row.attachment_id

    def _same(self, conn: Connection, plan: Plan) -> int:
        """How many rows of the queue a plan takes along; one file may stand for several."""
        hashes = {row.sha256 for row in plan.files}
        rows = conn.execute(select(uploads.c.sha256).where(backlog.UPLOAD_QUEUED)).scalars()
        return len(plan.commands) + len(plan.filings) + sum(sha256 in hashes for sha256 in rows)

    def by_code(self, code: str) -> PackageRecord | None:
        """The package that a 交接单 with this 校验码 belongs to; however it was typed."""
        plain = "".join(letter for letter in code.upper() if letter.isalnum())
        found = (one for one in self.known() if plain and one.code.replace("-", "") == plain)
        return next(found, None)

    def sheet(self, package_id: str) -> bytes:
        """The 交接单 of a package as PDF. It names no case and no party, so it leaves no trace."""
        from app.documents.context import PaperContext
        from app.documents.package_sheet import package_sheet

        desk = self._desk
        record = desk.store.read(lambda conn: package_records.load(conn, package_id))
        if record is None or not record.code:
            raise NotFoundError("本机没有这个包的记录，刷新看看。", code="E-NO-PACKAGE")
        packed = shanghai(from_text(record.packed_at))
        facts = (
            ("机构", desk.institution.name),
            ("包号", record.label),
            ("校验码", record.code),
            ("文件名", record.file_name),
            ("装包的人", desk.name_of(record.person_id)),
            ("装包时间", f"{packed.year}年{packed.month}月{packed.day}日 {packed:%H:%M}"),
            ("文件大小", sync_words.size_text(record.size)),
        )
        rows = [
            (what, count, sync_words.size_text(size) if size else "—")
            for what, count, size in record.contents
        ]
        context = PaperContext(
            institution_name=desk.institution.name, printed_at=desk.clock.now(), practice=desk.practice
        )
        return package_sheet(record.label, record.code, facts, rows, context)

    # -- packing -------------------------------------------------------------------------------------

    def pack(self, folder: Path, progress: Progress | None = None) -> Written[PackageRecord]:
        """Pack what waits into ``folder``. ``progress`` is told bytes done and in all; False cancels.

        Raises :class:`StateError` when nothing waits or the platform's key is not known yet, the faults of
        the stick, and ``Cancelled``: then there is no package, and everything waits as before.
        """
        self._desk.require("sync.run")
        key, record, plan = self._begun()
        try:
            written = self._write(folder / record.file_name, key, record, plan, progress)
        except BaseException:
            self._desk.store.write(
                lambda conn: self._here_only(conn, package_records.forget, record.package_id)
            )
            raise
        packed = msgspec.structs.replace(
            record, state="packed", size=written.size, sha256=written.sha256, code=written.code
        )
        counts = {name: getattr(packed, name) for name in ("commands", "files", "filings", "size", "sha256")}
        self._desk.store.write(lambda conn: self._note(conn, "package.pack", packed, counts))
        cases = frozenset(job.case_id for job in plan.filings)
        kinds = (*KINDS, "cases", "tasks") if cases else KINDS
        return Written(packed, ChangeSet.of(*kinds, case_ids=cases))

    def give_up(self, package_id: str) -> Written[PackageRecord]:
        """作废: a person says that a package was not handed in and will not be, such as one that got lost.

        What lies in it and went no other way lies here only from now on. Raises :class:`StateError` for one
        whose receipt was read, or that is another computer's.
        """
        self._desk.require("sync.run")

        def work(conn: Connection) -> tuple[PackageRecord, frozenset[str]]:
            record = package_records.load(conn, package_id)
            if record is None or record.state not in ("packing", "packed"):
                raise StateError("这个包已经有结果，不用作废。", code="E-PACKAGE-OVER")
            cases = self._here_only(conn, package_records.give_up, package_id)
            given_up = msgspec.structs.replace(record, state="given_up")
            self._note(conn, "package.give_up", given_up, {})
            return given_up, cases

        record, cases = self._desk.store.write(work)
        return Written(record, ChangeSet.of(*KINDS, "cases", "tasks", case_ids=cases))

    def _here_only(
        self, conn: Connection, end: Callable[[Connection, str], frozenset[str]], package_id: str
    ) -> frozenset[str]:
        cases = end(conn, package_id)
        for case_id in cases:
            casework.rebuild(conn, self._desk, case_id)
        return cases

    def _begun(self) -> tuple[bytes, PackageRecord, Plan]:
        """Choose, and mark as having left the house: before the first byte is on the stick."""
        desk = self._desk
        now = desk.clock.now()

        def work(conn: Connection) -> tuple[bytes, PackageRecord, Plan]:
            key = enrolment.platform_keys(conn)[1]
            if not key:
                raise StateError(
                    "这台电脑还没有登记到平台，还不能装包。内容都在本机，登记以后再装。",
                    code="E-UNREGISTERED",
                )
            plan = self._plan(conn)
            if not plan.items:
                raise StateError("没有要带的。都送到了，或还能撤销，过几秒再装。", code="E-NOTHING-TO-PACK")
            package_id = desk.make_id()
            short = desk.institution.short_name or desk.institution.name
            record = PackageRecord(
                package_id=package_id,
                label=package_records.next_label(conn, now),
                file_name=package_records.file_name(short, now, package_id),
                device_id=desk.device_id,
                person_id=desk.person.person_id,
                packed_at=to_text(now),
                state="packing",
                commands=len(plan.commands),
                files=len(plan.files),
                filings=len(plan.filings),
                contents=package_lines.summed(package_lines.of(conn, plan)),
            )
            package_records.save(conn, record)
            package_records.put_inside(conn, package_id, self._ids(conn, plan))
            outbox.sent(conn, [row.command_id for row in plan.commands])
            # It may be lodged by the package from now on: asked for, never taken back here by itself.
            ids = [job.submission_id for job in plan.filings]
            going = filings.c.submission_id.in_(ids) & (filings.c.job == "waiting")
            # Of what waits no earlier try came to anything: none of them makes it one whose reply was lost.
            conn.execute(update(filings).where(going).values(job="unknown", attempts=0))
            # What there is to do now is to carry the package: the day's list says so from here on.
            for case_id in sorted({job.case_id for job in plan.filings}):
                casework.rebuild(conn, desk, case_id)
            return key, record, plan

        return desk.store.write(work)

    def _write(
        self, place: Path, key: bytes, record: PackageRecord, plan: Plan, progress: Progress | None
    ) -> pf.WrittenFile:
        size = plan.size
        try:
            free = shutil.disk_usage(place.parent).free
        except OSError as error:
            raise pf.stick_fault(error) from error
        if free < size + size // 500 + 1024 * 1024:
            raise UserError(
                f"选的地方只剩 {sync_words.size_text(free)}，放不下 {sync_words.size_text(size)}，没有装。"
                "内容都在本机。请腾出地方，或换一个盘、换一个文件夹。",
                code="E-STICK-FULL",
            )
        desk = self._desk

        def fill(writer: pf.PackageWriter) -> None:
            writer.entry(pf.OPENING, _opening(desk, record))
            for row in self._signed(plan):
                writer.entry(pf.COMMAND, row)
            for row in plan.files:
                self._put_file(writer, row)
            for job in plan.filings:
                writer.entry(pf.FILING, _filing(job))

        # Written once and read back once.
        meter = Meter(progress, 2 * size)
        suite = desk.keys.suite
        return pf.write_package(place, suite, key, record.package_id, fill, desk.keys.sign, meter)

    def _signed(self, plan: Plan) -> Iterator[bytes]:
        """Each command as the very bytes that were hashed and signed, a few at a time."""
        for start in range(0, len(plan.commands), _AT_ONCE):
            ordinals = [row.ordinal for row in plan.commands[start : start + _AT_ONCE]]
            query = (
                select(table.c.bytes, table.c.signature)
                .where(table.c.ordinal.in_(ordinals))
                .order_by(table.c.ordinal)
            )
            for row in self._desk.store.read(lambda conn, query=query: conn.execute(query).all()):  # type: ignore[misc]
                yield b'{"command":' + row.bytes + b',"signature":"' + base64.b64encode(row.signature) + b'"}'

    def _put_file(self, writer: pf.PackageWriter, row: Any) -> None:
        try:
            with self._transfers.open(row.sha256) as stream:
                writer.file(row.sha256, row.size, stream)
        except DamagedFault as fault:
            # Said where files are shown; the next package goes without it.
            self._transfers.upload_failed(row.attachment_id, fault.code, fault.message)
            raise StorageFault(
                "有一个文件坏了或不在了，这次没有装成，其余都在。它已列在“要您处理”里，请再装一次。",
                code=fault.code,
                detail=fault.detail,
            ) from fault

    def _note(self, conn: Connection, action: str, record: PackageRecord, detail: dict[str, Any]) -> None:
        package_records.save(conn, record)
        desk = self._desk
        person = desk.person.person_id
        audit.append(conn, desk.clock.now(), person, action, "", record.package_id, detail)

    # -- choosing ------------------------------------------------------------------------------------

    def _plan(self, conn: Connection) -> Plan:
        commands = outline.packable(conn, self._desk.clock.now())
        files = self._files(conn, {row.command_id for row in commands})
        along = {row.sha256 for row in files}
        rows = conn.execute(select(filings).where(backlog.FILING_QUEUED).order_by(filings.c.written_at))
        jobs = [job_of(conn, row) for row in rows.all()]
        ready = (job.wanted == "withdraw" or (job.stands and along.issuperset(job.unstored)) for job in jobs)
        return Plan(
            tuple(commands), tuple(files), tuple(job for job, good in zip(jobs, ready, strict=True) if good)
        )

    def _files(self, conn: Connection, along: set[str]) -> list[Any]:
        """Files whose declaration goes along or has been taken: bytes never leave before their words."""
        barred = {"waiting", "in_flight", "unknown", "rejected", "conflict"}
        declared = select(table.c.command_id, table.c.bytes).where(
            table.c.kind == "attachment.declare", table.c.state.in_(barred), table.c.bytes.is_not(None)
        )
        held = {
            payload.attachment.attachment_id
            for row in conn.execute(declared)
            if row.command_id not in along
            and isinstance(payload := cmd.decode(row.bytes).payload, cmd.DeclareAttachment)
        }
        found: dict[str, Any] = {}
        room = MOST_BYTES
        queue = select(uploads).where(backlog.UPLOAD_QUEUED).order_by(uploads.c.added_at)
        for row in conn.execute(queue):
            if row.attachment_id not in held and row.sha256 not in found and row.size <= room:
                found[row.sha256] = row
                room -= row.size
        return list(found.values())


def _opening(desk: Desk, record: PackageRecord) -> bytes:
    names = ("package_id", "device_id", "person_id", "packed_at", "commands", "files", "filings")
    opening = {name: getattr(record, name) for name in names}
    opening["institution_id"] = desk.institution.institution_id
    opening["epoch"] = desk.store.read(lambda conn: kv.get(conn, "epoch"))
    return msgspec.json.encode(opening)


def _filing(job: FilingJob) -> bytes:
    body: dict[str, Any] = {"submission_id": job.submission_id, "wanted": job.wanted}
    body |= {"manifest_no": job.manifest_no, "signed": job.signed, "brought": job.again}
    names = ("case_id", "kind", "subject_id", "round", "court_code", "court_name")
    key = {name: getattr(job, name) for name in names}
    lists = [{**key, "items": [dict(item) for item in items]} for items in job.lists]
    if job.wanted == "withdraw":
        # The answer names the step by its own number.
        body |= {"reason": "当事人申请撤回", "seen_no": job.seen.get("manifest_no", job.manifest_no)}
        body["state"] = job.seen.get("state", "")
    else:
        body["manifest"] = lists.pop()
    # The platform may have been restored to before the lodging: it cannot be asked from here.
    return msgspec.json.encode({**body, "earlier": lists})
