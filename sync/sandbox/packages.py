"""Exchange packages: each command, file and filing in them goes the very way that it would have come online.

So it does not matter which way comes first, how often, or whether both come at once. A package is read
whole and its signature checked before anything in it has an effect; a package cut short or changed by one
byte has none. When taking one in was cut in the middle, it is handed in again and goes on as a repetition.
"""

from __future__ import annotations

import base64
import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from pydantic import ValidationError
from sqlalchemy import select

from sync.contract import commands as c
from sync.contract import package as p
from sync.contract import wire as w
from sync.contract.codes import WireError
from sync.sandbox import feedout
from sync.sandbox import tables as t
from sync.sandbox.accounts import NO_CASES, Caller
from sync.sandbox.http import Response
from sync.sandbox.ledger import Ledger
from sync.sandbox.sealed import SIGNATURE_BYTES, Body, Broken, Package, sealed_file, signed_by
from sync.sandbox.source import Source
from sync.sandbox.store import get_meta, stamp
from sync.sandbox.submissions import Submissions
from sync.sandbox.uploads import HASH, Files

HASH_LETTERS = 64
Entry = tuple[bytes, bytes]


@dataclass(frozen=True)
class _Found:
    """What the first reading tells of a package."""

    opening: p.PackageOpening
    packer: Caller


class Packages:
    """Packages handed in by whichever computer had a network."""

    def __init__(
        self, key: Ed25519PrivateKey, source: Source, ledger: Ledger, files: Files, filings: Submissions
    ) -> None:
        self.store, self.source, self.key = ledger.store, source, key
        self.ledger, self.files, self.filings = ledger, files, filings
        with self.store.read() as conn:
            self.seal = X25519PrivateKey.from_private_bytes(base64.b64decode(get_meta(conn, "seal_private")))
        self._turn = threading.Lock()

    def take(self, caller: Caller, package_id: str, body: p.PackageIn) -> p.PackageReply:
        """``PUT /packages/{id}``; again with the same file, it gives the first answer.

        Raises ``package_broken``, ``package_foreign``, ``id_reused`` and the refusals of uploads.
        """
        with self._turn:
            known = self._known(package_id)
            if known is not None and known.institution_id != caller.institution:
                raise WireError("package_foreign")
            if known is not None and known.sha256 != body.sha256:
                raise WireError("id_reused")
            if known is None or known.epoch != self._epoch():
                # Of an earlier epoch: every step is a repetition, and the receipt is one that counts again.
                path = self.files.arrived(caller, body.upload_id, body.sha256, body.size)
                self._take(caller, package_id, body, path)
                known = self._known(package_id)
            self.files.done_with(caller, body.upload_id, body.sha256)
        return p.PackageReply(
            package_id=package_id,
            sha256=known.sha256,
            taken_at=known.taken_at,
            receipt_sha256=hashlib.sha256(known.receipt).hexdigest(),
            receipt_size=len(known.receipt),
        )

    def receipt(self, caller: Caller, package_id: str) -> Response:
        """``GET /packages/{id}/receipt``, of a package of the caller's institution."""
        known = self._known(package_id)
        if known is None or known.institution_id != caller.institution:
            raise WireError("not_found")
        headers = {"content-type": "application/octet-stream", "x-content-type-options": "nosniff"}
        return Response(200, headers, bytes(known.receipt))

    def _epoch(self) -> str:
        with self.store.read() as conn:
            return get_meta(conn, "epoch")

    def _known(self, package_id: str) -> Any:
        query = select(t.packages).where(t.packages.c.package_id == package_id)
        with self.store.read() as conn:
            return conn.execute(query).one_or_none()

    def _take(self, caller: Caller, package_id: str, body: p.PackageIn, path: Path) -> None:
        try:
            package = Package(path, self.seal)
            found = self._checked(package, package_id, caller.institution)
            answers = list(self._carried_out(package, found.packer))
        except (Broken, ValidationError) as error:
            raise WireError("package_broken") from error
        with self.store.write(self.source.now()) as tx:
            epoch = get_meta(tx.conn, "epoch")
            opening = p.ReceiptOpening(
                package_id=package_id,
                package_sha256=body.sha256,
                institution_id=found.opening.institution_id,
                device_id=found.opening.device_id,
                epoch=epoch,
                epoch_no=feedout.epoch_no(tx.conn),
                at=tx.now,
            )
            behind = found.opening.epoch != epoch
            lanes = feedout.lanes_of(tx.conn, opening.device_id) if behind else []
            entries = [(p.OPENING, _json(opening)), *((p.LANE, _json(lane)) for lane in lanes), *answers]
            readers = select(t.device_people.c.seal_public).where(
                t.device_people.c.device_id == found.opening.device_id
            )
            seals = [bytes(seal) for seal in tx.conn.execute(readers).scalars()]
            receipt = sealed_file(package_id, entries, seals, self.key, self.source.random_bytes)
            row = {
                "package_id": package_id,
                "sha256": body.sha256,
                "device_id": found.opening.device_id,
                "epoch": epoch,
            }
            row |= {
                "institution_id": caller.institution,
                "carried_by": caller.person_id,
                "taken_at": stamp(tx.now),
            }
            tx.conn.execute(t.packages.delete().where(t.packages.c.package_id == package_id))
            tx.conn.execute(t.packages.insert(), {**row, "receipt": receipt})
            tx.happened("package", "收到一个离线交换包", f"{len(answers)} 项")

    # -- first reading: is it whole, whose is it -----------------------------------------------------

    def _checked(self, package: Package, package_id: str, institution: str) -> _Found:
        if package.head.kind != "package" or package.head.package_id != package_id or not package.whole():
            raise Broken("another file")
        digest = hashlib.sha256()
        counted = {p.COMMAND: 0, p.FILE: 0, p.FILING: 0}
        opening: p.PackageOpening | None = None
        signature = b""
        for letter, body in package.entries():
            if signature or (opening is None) != (letter == p.OPENING):
                raise Broken("order of entries")
            if letter == p.SIGNATURE:
                signature = body.all(SIGNATURE_BYTES)
                continue
            digest.update(letter + body.size.to_bytes(8, "big"))
            if letter == p.OPENING:
                raw = body.all()
                digest.update(raw)
                opening = p.PackageOpening.model_validate_json(raw)
            elif letter in counted:
                counted[letter] += 1
                _read_through(letter, body, digest)
            else:
                raise Broken("unknown entry")
        if opening is None or opening.package_id != package_id:
            raise Broken("opening")
        if (opening.commands, opening.files, opening.filings) != tuple(counted.values()):
            raise Broken("counts")
        return _Found(opening, self._packer(opening, signature, digest.digest(), institution))

    def _packer(self, opening: p.PackageOpening, signature: bytes, digest: bytes, institution: str) -> Caller:
        """Who packed, on which computer. Raises ``package_foreign`` when they are none of ours."""
        query = (
            select(
                t.device_people.c.sign_public,
                t.devices.c.revoked_at,
                t.devices.c.institution_id,
                t.users.c.role,
                t.users.c.active,
            )
            .join(t.devices, t.devices.c.device_id == t.device_people.c.device_id)
            .join(t.users, t.users.c.person_id == t.device_people.c.person_id)
            .where(
                t.device_people.c.device_id == opening.device_id,
                t.device_people.c.person_id == opening.person_id,
            )
        )
        with self.store.read() as conn:
            who = conn.execute(query).one_or_none()
        # Carried by one of the institution's own computers only: nobody else answers for what is lodged.
        if who is None or not opening.institution_id == who.institution_id == institution:
            raise WireError("package_foreign")
        if not signed_by(bytes(who.sign_public), signature, "package", digest):
            raise Broken("signature")
        if who.revoked_at:
            # Not ``device_revoked``: the computer that carries it is another one and goes on.
            raise WireError("package_foreign", "装这个包的电脑已被机构停用，平台没有收下。请联系机构负责人。")
        if not who.active or who.role in NO_CASES:
            raise WireError("package_foreign", "装这个包的人现在不办案，平台没有收下。请联系机构负责人。")
        return Caller(
            person_id=opening.person_id,
            role=who.role,
            device_id=opening.device_id,
            family="",
            expires_at="",
            institution=institution,
        )

    # -- second reading: the effects -----------------------------------------------------------------

    def _carried_out(self, package: Package, packer: Caller) -> Iterator[Entry]:
        batch: list[c.SignedCommand] = []
        for letter, body in package.entries():
            if letter == p.COMMAND:
                batch.append(c.SignedCommand.model_validate_json(body.all()))
                if len(batch) < c.MAX_COMMANDS:
                    continue
            yield from self._commands(packer, batch)
            batch = []
            if letter == p.FILE:
                yield p.FILE, _json(self._file(packer, body))
            elif letter == p.FILING:
                yield p.FILING, _json(self._filing(packer, p.PackagedFiling.model_validate_json(body.all())))

    def _commands(self, packer: Caller, batch: list[c.SignedCommand]) -> Iterator[Entry]:
        if batch:
            for answer in self.ledger.take(packer, c.CommandsIn(commands=batch)).answers:
                yield p.COMMAND, _json(answer)

    def _file(self, packer: Caller, body: Body) -> w.UploadDone:
        sha256 = body.read(HASH_LETTERS).decode("ascii")
        return self.files.take_in(packer, sha256, body.left, body)

    def _filing(self, packer: Caller, filing: p.PackagedFiling) -> p.FilingAnswer:
        told = {name: getattr(filing, name) for name in ("submission_id", "wanted", "manifest_no")}
        try:
            return p.FilingAnswer(**told, reply=self._step(packer, filing))
        except WireError as error:
            body = w.ErrorBody(
                code=error.code,
                message=error.message,
                field=error.field or None,
                retry_after=error.retry_after or None,
                details=error.details,
            )
            return p.FilingAnswer(**told, http=error.http, error=body)

    def _step(self, packer: Caller, filing: p.PackagedFiling) -> w.SubmissionReply:
        if filing.wanted != "lodge" and filing.earlier and self._forgotten(packer, filing.submission_id):
            lodged = self._lodged_anew(packer, filing)
            if filing.wanted == "supplement" and filing.brought:
                # What it brought is in the list with which the application was lodged anew.
                return lodged
        if filing.wanted == "withdraw":
            wish = w.WithdrawIn(
                reason=filing.reason or "当事人申请撤回",
                manifest_no=filing.seen_no,
                state=filing.state,
            )
            return self.filings.withdraw(packer, filing.submission_id, wish)
        if filing.manifest is None:
            raise WireError("manifest_missing")
        told, _ = self.filings.manifest(packer, filing.submission_id, filing.manifest_no, filing.manifest)
        do = self.filings.lodge if filing.wanted == "lodge" else self.filings.supplement
        asked = w.LodgeIn(
            manifest_no=filing.manifest_no, manifest_sha256=told.manifest_sha256, signed=filing.signed
        )
        return do(packer, filing.submission_id, asked)

    def _forgotten(self, packer: Caller, submission_id: str) -> bool:
        """Whether a step rests on a lodging that is not here: the platform was restored to before it."""
        try:
            return self.filings.get(packer, submission_id).submission.state in ("prepared", "queued")
        except WireError as error:
            if error.code != "not_found":
                raise
            return True

    def _lodged_anew(self, packer: Caller, filing: p.PackagedFiling) -> w.SubmissionReply:
        own = [filing.manifest] if filing.brought and filing.manifest is not None else []
        lists = [*filing.earlier, *own]
        for number, one in enumerate(lists, 1):
            told, _ = self.filings.manifest(packer, filing.submission_id, number, one)
        asked = w.LodgeIn(manifest_no=len(lists), manifest_sha256=told.manifest_sha256, signed=filing.signed)
        return self.filings.lodge(packer, filing.submission_id, asked)


def _read_through(letter: bytes, body: Body, digest: hashlib._Hash) -> None:
    """Hash a body and see that it can be used: after this, only the second reading of the same bytes is left.

    A file must be what it says; what a command or a filing says is answered for itself.
    """
    if letter != p.FILE:
        raw = body.all()
        digest.update(raw)
        (c.SignedCommand if letter == p.COMMAND else p.PackagedFiling).model_validate_json(raw)
        return
    name = body.read(HASH_LETTERS)
    digest.update(name)
    content = hashlib.sha256()
    while piece := body.read(1024 * 1024):
        digest.update(piece)
        content.update(piece)
    if not HASH.fullmatch(name.decode("ascii", "replace")) or content.hexdigest().encode() != name:
        raise Broken("file")


def _json(model: Any) -> bytes:
    return bytes(model.model_dump_json(by_alias=True).encode())
