"""Files of exchange: opening a package, writing a receipt, as ``sync/contract/package.py`` describes them."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import ValidationError

from sync.contract import package as p
from sync.contract.canonical import canonical

TAG = 16
TRAILER = 32
RECORD = 64 * 1024
BOX = b"\x02"
SIGNATURE_BYTES = 64


class Broken(Exception):
    """The file is not whole, or not what it says."""


class Package:
    """A package on the disk, opened with the platform's key. Each reading goes through the file once."""

    def __init__(self, path: Path, seal: X25519PrivateKey) -> None:
        """Raises :class:`Broken`."""
        self.path = path
        self.size = path.stat().st_size
        with path.open("rb") as file:
            begin = file.read(8)
            length = int.from_bytes(begin[4:], "big")
            if begin[:4] != p.MAGIC or not 0 < length <= p.LARGEST_HEAD:
                raise Broken("no package")
            raw = file.read(length)
        try:
            self.head = p.PackageHead.model_validate_json(raw)
        except ValidationError as error:
            raise Broken("head") from error
        self.start = 8 + length
        self.bound = hashlib.sha256(begin + raw).digest()
        self._key = AESGCM(_unsealed(seal, self.head.keys))

    def entries(self) -> Iterator[tuple[bytes, Body]]:
        """Letter and body of each entry in order; a body not read is passed over. Raises :class:`Broken`."""
        with self.path.open("rb") as file:
            file.seek(self.start)
            stream = _Stream(self._records(file))
            while begin := stream.read(9, short=True):
                if len(begin) != 9:
                    raise Broken("entry")
                body = Body(stream, int.from_bytes(begin[1:], "big"))
                yield begin[:1], body
                body.skip()

    def _records(self, file: BinaryIO) -> Iterator[bytes]:
        left = self.size - self.start - TRAILER
        number = 0
        while True:
            take = min(left, self.head.record_bytes + TAG)
            left -= take
            last = left <= 0
            sealed = file.read(take) if take >= TAG else b""
            nonce = bytes(3) + bytes([last]) + number.to_bytes(8, "big")
            try:
                yield self._key.decrypt(nonce, sealed, self.bound)
            except InvalidTag as error:
                raise Broken("record") from error
            if last:
                return
            number += 1

    def whole(self) -> bool:
        """Whether the file's own hash holds."""
        digest = hashlib.sha256()
        with self.path.open("rb") as file:
            left = self.size - TRAILER
            while left > 0 and (piece := file.read(min(left, 1024 * 1024))):
                digest.update(piece)
                left -= len(piece)
            return hmac.compare_digest(file.read(), digest.digest())


class Body:
    """The body of one entry as a stream."""

    def __init__(self, stream: _Stream, size: int) -> None:
        self._stream = stream
        self.size = size
        self.left = size

    def read(self, size: int = -1) -> bytes:
        """At most ``size`` bytes; empty at the end. Raises :class:`Broken` when the file ends before."""
        take = self.left if size < 0 else min(size, self.left)
        self.left -= take
        return self._stream.read(take) if take else b""

    def all(self, most: int = p.LARGEST_ENTRY) -> bytes:
        """The whole body. Raises :class:`Broken` when it is longer than it may be."""
        if self.size > most:
            raise Broken("entry too long")
        return self.read()

    def skip(self) -> None:
        """Pass over what was not read."""
        while self.left:
            self.read(1024 * 1024)


class _Stream:
    """The content of the records as one stream."""

    def __init__(self, records: Iterator[bytes]) -> None:
        self._records = records
        self._rest = b""

    def read(self, size: int, *, short: bool = False) -> bytes:
        """Exactly ``size`` bytes. ``short``: fewer at the end are no error."""
        parts = []
        wanted = size
        while wanted:
            if not self._rest:
                piece = next(self._records, None)
                if piece is None:
                    break
                self._rest = piece
                continue
            part, self._rest = self._rest[:wanted], self._rest[wanted:]
            parts.append(part)
            wanted -= len(part)
        if wanted and not short:
            raise Broken("content ends early")
        return b"".join(parts)


def signed_by(public: bytes, signature: bytes, kind: str, digest: bytes) -> bool:
    """Whether the stream with this hash was signed with the private half of ``public``."""
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, p.SIGNED[kind] + digest)
    except (InvalidSignature, ValueError):
        return False
    return True


def sealed_file(
    package_id: str,
    entries: Sequence[tuple[bytes, bytes]],
    readers: Sequence[bytes],
    key: Ed25519PrivateKey,
    random_bytes: Callable[[int], bytes],
) -> bytes:
    """A receipt with these entries, sealed to ``readers`` and signed by the platform."""
    stream = b"".join(_entry(letter, body) for letter, body in entries)
    signature = key.sign(p.SIGNED["receipt"] + hashlib.sha256(stream).digest())
    stream += _entry(p.SIGNATURE, signature)
    file_key = random_bytes(32)
    head = {
        "format": 1, "kind": "receipt", "package_id": package_id, "record_bytes": RECORD,
        "keys": [base64.b64encode(_sealed(reader, file_key, random_bytes)).decode() for reader in readers],
    }  # fmt: skip
    raw = canonical(head)
    begin = p.MAGIC + len(raw).to_bytes(4, "big") + raw
    bound, cipher = hashlib.sha256(begin).digest(), AESGCM(file_key)
    count = max(1, -(-len(stream) // RECORD))
    parts = [begin]
    for number in range(count):
        nonce = bytes(3) + bytes([number == count - 1]) + number.to_bytes(8, "big")
        parts.append(cipher.encrypt(nonce, stream[number * RECORD : (number + 1) * RECORD], bound))
    whole = b"".join(parts)
    return whole + hashlib.sha256(whole).digest()


def _entry(letter: bytes, body: bytes) -> bytes:
    return letter + len(body).to_bytes(8, "big") + body


def _unsealed(seal: X25519PrivateKey, keys: Sequence[str]) -> bytes:
    for text in keys:
        try:
            return _unseal(seal, base64.b64decode(text))
        except (InvalidTag, ValueError, binascii.Error):
            continue
    raise Broken("not sealed to this platform")


def _unseal(seal: X25519PrivateKey, box: bytes) -> bytes:
    if box[:1] != BOX or len(box) != 1 + 32 + 12 + 32 + TAG:
        raise ValueError("layout")
    made = box[1:33]
    shared = seal.exchange(X25519PublicKey.from_public_bytes(made))
    own = seal.public_key().public_bytes_raw()
    return AESGCM(_derived(shared, made + own)).decrypt(box[33:45], box[45:], made)


def _sealed(reader: bytes, plain: bytes, random_bytes: Callable[[int], bytes]) -> bytes:
    fresh = X25519PrivateKey.from_private_bytes(random_bytes(32))
    made = fresh.public_key().public_bytes_raw()
    shared = fresh.exchange(X25519PublicKey.from_public_bytes(reader))
    nonce = random_bytes(12)
    return BOX + made + nonce + AESGCM(_derived(shared, made + reader)).encrypt(nonce, plain, made)


def _derived(shared: bytes, salt: bytes) -> bytes:
    """HKDF-SHA256 (RFC 5869), one block."""
    first = hmac.digest(salt, shared, "sha256")
    return hmac.digest(first, p.KEY_PURPOSE.encode() + b"\x01", "sha256")
