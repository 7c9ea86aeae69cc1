"""Files of exchange (离线交换包): writing a package, reading a receipt. The form is the contract's.

Written beside its place under another name, flushed, read back, renamed: a file under its own name is
whole. Content goes through in records, so that 2 GB take no more memory than 2 KB.
"""

from __future__ import annotations

import base64
import binascii
import contextlib
import errno
import hashlib
import hmac
import os
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

import msgspec

from app.domain.errors import DiskFullFault, StorageFault, UserError
from app.storage.atomic import sync_folder
from app.storage.blobs import Readable
from app.storage.container import Meter
from app.storage.crypto import KEY_BYTES, TAG_BYTES, OpenFailedError, Suite

MAGIC = b"JFP1"
KEY_PURPOSE = "jiefen-package-key-1"
SIGNED = {"package": b"jiefen-package-1\n", "receipt": b"jiefen-receipt-1\n"}
RECORD = 256 * 1024
TRAILER = 32
LARGEST_HEAD = 64 * 1024
LARGEST_ENTRY = 4 * 1024 * 1024
OPENING, COMMAND, FILE, FILING, SIGNATURE = b"M", b"C", b"F", b"S", b"Z"
NOT_OURS = "这个包不是给本机构的，没有读。"
NOT_HERE = "这份回执不是本机装的包换来的，没有读。请拿到装那个包的电脑上读。"
TORN = "移动盘可能拔早了，这个文件不完整，没有读。请回写它的那台电脑再存一次，内容在那里都还在。"
PULLED = "没有装成：移动盘拔早了，或者选的文件夹不在了。内容都在本机，再装一次。"
_CHUNK = 1024 * 1024
_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_BARRED = {errno.EROFS, errno.EACCES, errno.EPERM}


class Head(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in the clear."""

    format: int
    kind: Literal["package", "receipt"]
    package_id: str
    record_bytes: int
    keys: tuple[str, ...]


@dataclass(frozen=True)
class WrittenFile:
    """A file as it lies on the stick."""

    sha256: str
    size: int
    code: str
    """校验码: the beginning of the file's own hash, for people to compare."""


def stick_fault(error: OSError) -> StorageFault:
    """What an ``OSError`` on a stick means to the person."""
    detail = f"errno={error.errno} {errno.errorcode.get(error.errno or 0, '')}"
    if error.errno in _FULL:
        return DiskFullFault(
            "选的地方放不下，没有装成。内容都在本机。请腾出地方，或换一个盘、换一个文件夹，再装一次。",
            code="E-STICK-FULL",
            detail=detail,
        )
    if error.errno in _BARRED:
        return StorageFault(
            "这个地方不让写，没有装成。内容都在本机。请看移动盘有没有写保护，或换一个文件夹。",
            code="E-STICK-LOCKED",
            detail=detail,
        )
    return StorageFault(PULLED, code="E-STICK", detail=detail)


def code_of(trailer: bytes) -> str:
    """校验码 of a file by its own hash, such as ``9F4C-71B2``."""
    letters = trailer.hex()[:8].upper()
    return f"{letters[:4]}-{letters[4:]}"


class PackageWriter:
    """Entries on their way into a package, sealed to the platform. Made by :func:`write_package`."""

    def __init__(self, out: BinaryIO, suite: Suite, reader: bytes, package_id: str, meter: Meter) -> None:
        key = secrets.token_bytes(KEY_BYTES)
        box = base64.b64encode(suite.seal_to(reader, key, KEY_PURPOSE)).decode()
        head = Head(format=1, kind="package", package_id=package_id, record_bytes=RECORD, keys=(box,))
        raw = msgspec.json.encode(head, order="sorted")
        begin = MAGIC + len(raw).to_bytes(4, "big") + raw
        self._out, self._meter = out, meter
        self._whole = hashlib.sha256()
        self._stream = hashlib.sha256()
        self._cipher, self._bound = suite.records(key), hashlib.sha256(begin).digest()
        self._number = 0
        self._rest = bytearray()
        self._put(begin)

    def entry(self, letter: bytes, body: bytes) -> None:
        """One whole entry."""
        self._add(letter + len(body).to_bytes(8, "big") + body)

    def file(self, sha256: str, size: int, source: Readable) -> None:
        """A file's bytes. Raises ``StorageFault`` when there are fewer, ``Cancelled``."""
        self._add(FILE + (len(sha256) + size).to_bytes(8, "big") + sha256.encode("ascii"))
        left = size
        while left:
            piece = source.read(min(left, _CHUNK))
            if not piece:
                raise StorageFault(
                    "本机的一个文件比登记时短，没有装成。内容都在本机，可以从备份找回。", code="E-SHORT-FILE"
                )
            left -= len(piece)
            self._add(piece)

    def close(self, sign: Callable[[bytes], bytes]) -> bytes:
        """Sign, write the last record and the file's own hash; that hash."""
        self.entry(SIGNATURE, sign(SIGNED["package"] + self._stream.digest()))
        self._record(bytes(self._rest), last=True)
        trailer = self._whole.digest()
        self._put(trailer)
        return trailer

    @property
    def sha256(self) -> str:
        """Hash of everything written."""
        return self._whole.hexdigest()

    def _add(self, data: bytes) -> None:
        self._stream.update(data)
        self._rest += data
        # The last record is not full, so that it can be marked as the last when the end is known.
        while len(self._rest) > RECORD:
            self._record(bytes(self._rest[:RECORD]), last=False)
            del self._rest[:RECORD]
        self._meter.add(len(data))

    def _record(self, plain: bytes, *, last: bool) -> None:
        self._put(self._cipher.seal(nonce_of(self._number, last=last), plain, self._bound))
        self._number += 1

    def _put(self, data: bytes) -> None:
        self._whole.update(data)
        try:
            self._out.write(data)
        except OSError as error:
            raise stick_fault(error) from error


def nonce_of(number: int, *, last: bool) -> bytes:
    """Nonce of a record. The key is a file's own, so numbers never repeat under one key."""
    return bytes(3) + bytes([last]) + number.to_bytes(8, "big")


def write_package(
    place: Path,
    suite: Suite,
    reader: bytes,
    package_id: str,
    fill: Callable[[PackageWriter], None],
    sign: Callable[[bytes], bytes],
    meter: Meter,
) -> WrittenFile:
    """Write a package to ``place`` and read it back. Raises the faults of :func:`stick_fault`, ``Cancelled``.

    Nothing is left of one that did not come to its end.
    """
    part = place.with_name(f"{place.name}.part")
    try:
        try:
            with part.open("wb") as out:
                writer = PackageWriter(out, suite, reader, package_id, meter)
                fill(writer)
                trailer = writer.close(sign)
                out.flush()
                os.fsync(out.fileno())
            if hash_on_disk(part, meter) != writer.sha256:
                raise StorageFault(PULLED, code="E-STICK", detail="read back")
            part.replace(place)
            sync_folder(place.parent)
            size = place.stat().st_size
        except OSError as error:
            raise stick_fault(error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return WrittenFile(writer.sha256, size, code_of(trailer))


def write_whole(place: Path, pieces: Iterable[bytes]) -> str:
    """Write a file to a stick that is wholly there or not at all; its SHA-256. The faults of the stick."""
    part = place.with_name(f"{place.name}.part")
    digest = hashlib.sha256()
    try:
        with part.open("wb") as out:
            for piece in pieces:
                digest.update(piece)
                out.write(piece)
            out.flush()
            os.fsync(out.fileno())
        if hash_on_disk(part) != digest.hexdigest():
            raise StorageFault(PULLED, code="E-STICK", detail="read back")
        part.replace(place)
        sync_folder(place.parent)
    except OSError as error:
        raise stick_fault(error) from error
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    return digest.hexdigest()


def hash_on_disk(path: Path, meter: Meter | None = None) -> str:
    """SHA-256 of a file as the disk gives it, past what the system still remembers of writing it.

    Raises the faults of :func:`stick_fault`.
    """
    digest = hashlib.sha256()
    try:
        with path.open("rb") as file:
            if hasattr(os, "posix_fadvise"):
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
            while piece := file.read(_CHUNK):
                digest.update(piece)
                if meter is not None:
                    meter.add(len(piece))
    except OSError as error:
        raise stick_fault(error) from error
    return digest.hexdigest()


def head_of(path: Path) -> Head:
    """What stands in the clear. Raises ``UserError`` for any other file, the faults of the stick."""
    try:
        with path.open("rb") as file:
            return _begin(file)[0]
    except FileNotFoundError as error:
        raise UserError("没有找到这个文件。请看看移动盘是否接好，再选一次。", code="E-NO-PACKAGE") from error
    except OSError as error:
        raise stick_fault(error) from error


def _begin(file: BinaryIO) -> tuple[Head, bytes]:
    begin = file.read(8)
    length = int.from_bytes(begin[4:], "big")
    raw = file.read(length) if begin[:4] == MAGIC and 0 < length <= LARGEST_HEAD else b""
    try:
        head = msgspec.json.decode(raw, type=Head)
    except msgspec.MsgspecError as error:
        raise UserError("这个文件不是离线交换包，没有读。请换一个文件。", code="E-NOT-PACKAGE") from error
    if head.format != 1 or not 1024 <= head.record_bytes <= _CHUNK:
        raise UserError("这个包由更新的版本写成，没有读。请先升级本软件。", code="E-NEWER")
    return head, begin + raw


def trailer_of(path: Path, meter: Meter | None = None) -> bytes:
    """The file's own hash, once the file agrees with it. Raises ``UserError`` (:data:`TORN`) for one that
    is not whole, the faults of the stick."""
    digest = hashlib.sha256()
    try:
        left = path.stat().st_size - TRAILER
        with path.open("rb") as file:
            while left > 0 and (piece := file.read(min(left, _CHUNK))):
                digest.update(piece)
                left -= len(piece)
                if meter is not None:
                    meter.add(len(piece))
            trailer = file.read(TRAILER)
    except OSError as error:
        raise stick_fault(error) from error
    if not hmac.compare_digest(trailer, digest.digest()):
        raise UserError(TORN, code="E-TORN-FILE", detail="own hash")
    return trailer


class ReceiptFile:
    """A receipt on the stick, opened with a person's key. Each reading goes through the file once."""

    def __init__(self, path: Path, suite: Suite, unseal: Callable[[bytes, str], bytes]) -> None:
        """Raises ``UserError`` (:data:`NOT_HERE`, :data:`TORN`), the faults of the stick."""
        trailer_of(path)
        self._path = path
        try:
            with path.open("rb") as file:
                self.head, begin = _begin(file)
            self._size = path.stat().st_size
        except OSError as error:
            raise stick_fault(error) from error
        self._start = len(begin)
        self._bound = hashlib.sha256(begin).digest()
        self._cipher = suite.records(_opened(self.head.keys, unseal))

    def checked(self, suite: Suite, platform: bytes) -> None:
        """Raise ``UserError`` (:data:`NOT_OURS`) unless the platform signed it whole."""
        stream, last = hashlib.sha256(), (b"", b"")
        for letter, body in self.entries():
            if last[0]:
                stream.update(last[0] + len(last[1]).to_bytes(8, "big") + last[1])
            last = (letter, body)
        signed = SIGNED["receipt"] + stream.digest()
        if last[0] != SIGNATURE or not suite.verify(platform, last[1], signed):
            raise not_ours("signature")

    def entries(self) -> Iterator[tuple[bytes, bytes]]:
        """Letter and body of each entry, in order. Raises ``UserError`` for what does not open."""
        rest = bytearray()
        for record in self._records():
            rest += record
            while len(rest) >= 9:
                size = int.from_bytes(rest[1:9], "big")
                if size > LARGEST_ENTRY:
                    raise not_ours("entry")
                if len(rest) < 9 + size:
                    break
                letter, body = bytes(rest[:1]), bytes(rest[9 : 9 + size])
                del rest[: 9 + size]
                yield letter, body
        if rest:
            raise not_ours("end")

    def _records(self) -> Iterator[bytes]:
        left, number = self._size - self._start - TRAILER, 0
        try:
            with self._path.open("rb") as file:
                file.seek(self._start)
                while True:
                    take = min(left, self.head.record_bytes + TAG_BYTES)
                    left -= take
                    sealed = file.read(max(take, 0))
                    yield self._cipher.open(nonce_of(number, last=left <= 0), sealed, self._bound)
                    if left <= 0:
                        return
                    number += 1
        except OpenFailedError as error:
            raise not_ours("record") from error
        except OSError as error:
            raise stick_fault(error) from error


def _opened(keys: Sequence[str], unseal: Callable[[bytes, str], bytes]) -> bytes:
    for text in keys:
        with contextlib.suppress(OpenFailedError, binascii.Error):
            key = unseal(base64.b64decode(text), KEY_PURPOSE)
            if len(key) == KEY_BYTES:
                return key
    raise not_here("key")


def not_here(detail: str) -> UserError:
    """The receipt is another computer's: of a package that was not written here, or of other people."""
    return UserError(NOT_HERE, code="E-NOT-HERE", detail=detail)


def not_ours(detail: str) -> UserError:
    """The file is none of this institution's."""
    return UserError(NOT_OURS, code="E-NOT-OURS", detail=detail)
