"""The form of an encrypted file in the vault, and a seekable stream over it.

A blob is a header and records. The header holds a magic, the file's random id and its wrapped key; the key
is wrapped with the file id and the SHA-256 of the plain bytes as associated data, so a blob that is put in
another file's place does not open there. Each record is 1 MiB of the file sealed with AES-256-GCM: nonce =
record number, associated data = file id, record number and whether it is the last. So records cannot be cut
off, reordered, or moved between files. An empty file has one empty record.
"""

from __future__ import annotations

import hashlib
import io
import secrets
import struct
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from app.storage.crypto import DEFAULT_SUITE, KEY_BYTES, TAG_BYTES, OpenFailedError
from app.storage.faults import from_os_error

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM
    from typing_extensions import Buffer

WHAT = "附件文件夹"
"""What messages call the vault."""
MAGIC = b"JFVAULT2"
RECORD = 1024 * 1024
_ID_BYTES = 16
_LENGTH = struct.Struct(">H")
_NONCE = struct.Struct(">xxxxQ")
_BOUND = struct.Struct(">16sQ?")


class Readable(Protocol):
    """Anything bytes can be read from."""

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; empty at the end."""
        ...


class Writable(Protocol):
    """A new file that takes all the bytes it is given."""

    def write(self, data: bytes, /) -> int:
        """Write all of ``data``."""
        ...

    def rewind(self) -> None:
        """Go back to the first byte."""
        ...


@dataclass(frozen=True)
class Header:
    """Start of a blob."""

    file_id: bytes
    wrapped_key: bytes

    @property
    def size(self) -> int:
        """Length in bytes, which is where the first record begins."""
        return len(MAGIC) + _ID_BYTES + _LENGTH.size + len(self.wrapped_key)

    def to_bytes(self) -> bytes:
        """As written at the start of the blob."""
        return MAGIC + self.file_id + _LENGTH.pack(len(self.wrapped_key)) + self.wrapped_key


def read_header(stream: Readable) -> Header:
    """The header of a blob. Raises :class:`OpenFailedError` when it is none."""
    start = stream.read(len(MAGIC) + _ID_BYTES + _LENGTH.size)
    if len(start) != len(MAGIC) + _ID_BYTES + _LENGTH.size or not start.startswith(MAGIC):
        raise OpenFailedError("not a blob of the vault")
    (length,) = _LENGTH.unpack(start[-_LENGTH.size :])
    wrapped = stream.read(length)
    if len(wrapped) != length:
        raise OpenFailedError("header cut off")
    return Header(start[len(MAGIC) : len(MAGIC) + _ID_BYTES], wrapped)


def wrap_key(wrapping_key: bytes, file_id: bytes, sha256: str, file_key: bytes) -> bytes:
    """A file's key, sealed with the vault's and bound to the file's plain bytes."""
    return DEFAULT_SUITE.encrypt(wrapping_key, file_key, file_id + sha256.encode())


def unwrap_key(wrapping_key: bytes, file_id: bytes, sha256: str, wrapped: bytes) -> bytes:
    """The reverse of :func:`wrap_key`. Raises :class:`OpenFailedError` for another file's key, too."""
    return DEFAULT_SUITE.decrypt(wrapping_key, wrapped, file_id + sha256.encode())


def write_blob(source: Readable, target: Writable, wrapping_key: bytes) -> tuple[str, int, bytes]:
    """Encrypt ``source`` into the empty ``target`` with flat memory.

    Gives SHA-256 (hex) and size of the plain bytes, and the wrapped key. Until it returns ``target`` has no
    header and is no blob.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    file_id, file_key = secrets.token_bytes(_ID_BYTES), secrets.token_bytes(KEY_BYTES)
    # The hash is known at the end only: room is left for the header, which is written last.
    room = Header(file_id, wrap_key(wrapping_key, file_id, hashlib.sha256().hexdigest(), file_key))
    target.write(bytes(room.size))
    sha256, size = _write_records(source, target, file_id, AESGCM(file_key))
    header = Header(file_id, wrap_key(wrapping_key, file_id, sha256, file_key))
    target.rewind()
    target.write(header.to_bytes())
    return sha256, size, header.wrapped_key


def _write_records(source: Readable, target: Writable, file_id: bytes, cipher: AESGCM) -> tuple[str, int]:
    digest, size, index = hashlib.sha256(), 0, 0
    record = _fill(source)
    with ThreadPoolExecutor(1) as beside:  # hashing and sealing the same record at once: both leave the GIL
        while True:
            hashing = beside.submit(digest.update, record)
            following = _fill(source) if len(record) == RECORD else b""
            last = not following
            target.write(cipher.encrypt(_NONCE.pack(index), record, _BOUND.pack(file_id, index, last)))
            size += len(record)
            hashing.result()
            if last:
                return digest.hexdigest(), size
            record, index = following, index + 1


def blob_size(header: Header, size: int) -> int:
    """Length in bytes of the whole blob of a file with ``size`` plain bytes."""
    return header.size + size + max(1, -(-size // RECORD)) * TAG_BYTES


def _fill(source: Readable) -> bytes:
    """A whole record, or what is left. Sources may give less than asked for at a time."""
    first = source.read(RECORD)
    if not first or len(first) == RECORD:
        return first
    parts, have = [first], len(first)
    while have < RECORD:
        part = source.read(RECORD - have)
        if not part:
            break
        parts.append(part)
        have += len(part)
    return b"".join(parts)


class BlobReader(io.RawIOBase):
    """The plain bytes of a blob, decrypted record by record as they are read; seekable.

    ``on_damage`` makes the exception that is raised when a record does not open.
    """

    def __init__(self, stream: BinaryIO, header: Header, file_key: bytes, size: int, on_damage: Any) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        super().__init__()
        self._stream = stream
        self._header = header
        self._cipher = AESGCM(file_key)
        self._size = size
        self._records = max(1, -(-size // RECORD))
        self._position = 0
        self._held_index = -1
        self._held = b""
        self._on_damage = on_damage

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Buffer, /) -> int:
        view = memoryview(buffer).cast("B")
        if self._position >= self._size or not len(view):
            return 0
        index, start = divmod(self._position, RECORD)
        part = self._record(index)[start : start + len(view)]
        view[: len(part)] = part
        self._position += len(part)
        return len(part)

    def readall(self) -> bytes:
        parts = []
        while part := self.read(RECORD):
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        self._held = b""
        self._stream.close()
        super().close()

    def records(self) -> Iterator[bytes]:
        """Every record in order, the last (perhaps empty) one included. Raises the damage exception."""
        for index in range(self._records):
            yield self._record(index)

    def _record(self, index: int) -> bytes:
        if index == self._held_index:
            return self._held
        from cryptography.exceptions import InvalidTag

        last = index == self._records - 1
        length = self._size - index * RECORD if last else RECORD
        try:
            self._stream.seek(self._header.size + index * (RECORD + TAG_BYTES))
            sealed = self._stream.read(length + TAG_BYTES)
        except OSError as error:
            raise from_os_error(error, WHAT) from error
        if len(sealed) != length + TAG_BYTES:
            raise self._on_damage(f"record {index} of {self._records} is cut off")
        try:
            bound = _BOUND.pack(self._header.file_id, index, last)
            plain = self._cipher.decrypt(_NONCE.pack(index), sealed, bound)
        except InvalidTag as error:
            raise self._on_damage(f"record {index} of {self._records}") from error
        self._held_index, self._held = index, plain
        return plain
