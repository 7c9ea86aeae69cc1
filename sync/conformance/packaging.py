"""Exchange packages as the contract describes them (``sync/contract/package.py``), written and read anew.

Small ones only: everything is held in memory.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import InvalidSignature, InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from sync.conformance.verdict import Failed, must
from sync.contract import package as p

RECORD = 4096
HASH_BYTES = 32
_SEALED = 2
"""First byte of a sealed key."""
Entry = tuple[bytes, bytes]


@dataclass
class Draft:
    """A package before it is sealed; a check changes what it wants to be wrong."""

    package_id: str
    opening: dict[str, Any]
    entries: list[Entry] = field(default_factory=list)

    def sealed(self, signer: Ed25519PrivateKey, platform_seal: bytes) -> bytes:
        """The file."""
        opening = {"commands": 0, "files": 0, "filings": 0, **self.opening}
        names = {p.COMMAND: "commands", p.FILE: "files", p.FILING: "filings"}
        for letter, _ in self.entries:
            opening[names[letter]] += 1
        stream = b"".join(_entry(*one) for one in [(p.OPENING, json.dumps(opening).encode()), *self.entries])
        proof = signer.sign(p.SIGNED["package"] + hashlib.sha256(stream).digest())
        return _file(self.package_id, stream + _entry(p.SIGNATURE, proof), platform_seal)


def _entry(letter: bytes, body: bytes) -> bytes:
    return letter + len(body).to_bytes(8, "big") + body


def _file(package_id: str, stream: bytes, reader: bytes) -> bytes:
    key = secrets.token_bytes(32)
    head = {"format": 1, "kind": "package", "package_id": package_id, "record_bytes": RECORD}
    raw = json.dumps({**head, "keys": [base64.b64encode(_sealed_key(key, reader)).decode()]}).encode()
    begin = p.MAGIC + len(raw).to_bytes(4, "big") + raw
    parts = [stream[at : at + RECORD] for at in range(0, len(stream), RECORD)] or [b""]
    bound = hashlib.sha256(begin).digest()
    records = (
        AESGCM(key).encrypt(_nonce(number, last=number == len(parts) - 1), part, bound)
        for number, part in enumerate(parts)
    )
    return closed(begin + b"".join(records))


def closed(content: bytes) -> bytes:
    """``content`` with the hash by which anyone can tell that it is whole."""
    return content + hashlib.sha256(content).digest()


def _nonce(number: int, *, last: bool) -> bytes:
    return b"\0\0\0" + bytes([last]) + number.to_bytes(8, "big")


def _shared(secret: bytes, made: bytes, reader: bytes) -> AESGCM:
    kdf = HKDF(hashes.SHA256(), 32, salt=made + reader, info=p.KEY_PURPOSE.encode())
    return AESGCM(kdf.derive(secret))


def _sealed_key(key: bytes, reader: bytes) -> bytes:
    mine = X25519PrivateKey.generate()
    made, nonce = mine.public_key().public_bytes_raw(), secrets.token_bytes(12)
    secret = mine.exchange(X25519PublicKey.from_public_bytes(reader))
    return bytes([_SEALED]) + made + nonce + _shared(secret, made, reader).encrypt(nonce, key, made)


def receipt_entries(raw: bytes, reader: X25519PrivateKey, platform: bytes) -> list[Entry]:
    """The entries of a receipt, opened with a person's key and its signature checked.

    Raises :class:`Failed` for whatever is not as the contract says.
    """
    must(raw[: len(p.MAGIC)] == p.MAGIC, "回执文件的开头不对")
    must(raw[-HASH_BYTES:] == hashlib.sha256(raw[:-HASH_BYTES]).digest(), "回执文件的校验值对不上")
    size = int.from_bytes(raw[4:8], "big")
    head = p.PackageHead.model_validate_json(raw[8 : 8 + size])
    must(head.kind == "receipt", "回执文件写的不是回执")
    begin, body = raw[: 8 + size], raw[8 + size : -HASH_BYTES]
    stream = _opened(body, _own_key(head, reader), head.record_bytes, hashlib.sha256(begin).digest())
    entries = list(_entries(stream))
    must(entries and entries[0][0] == p.OPENING and entries[-1][0] == p.SIGNATURE, "回执里各项的次序不对")
    signed = stream[: len(stream) - 9 - len(entries[-1][1])]
    try:
        proof = p.SIGNED["receipt"] + hashlib.sha256(signed).digest()
        Ed25519PublicKey.from_public_bytes(platform).verify(entries[-1][1], proof)
    except InvalidSignature:
        raise Failed("回执文件的签名核对不上") from None
    return entries[:-1]


def _own_key(head: p.PackageHead, reader: X25519PrivateKey) -> bytes:
    own = reader.public_key().public_bytes_raw()
    for text in head.keys:
        box = base64.b64decode(text)
        made, nonce, sealed = box[1:33], box[33:45], box[45:]
        secret = reader.exchange(X25519PublicKey.from_public_bytes(made))
        try:
            return _shared(secret, made, own).decrypt(nonce, sealed, made)
        except InvalidTag:
            continue
    raise Failed("回执不是封给装包的人的，打不开")


def _opened(body: bytes, key: bytes, record: int, bound: bytes) -> bytes:
    step, parts = record + 16, []
    pieces = [body[at : at + step] for at in range(0, len(body), step)]
    for number, piece in enumerate(pieces):
        nonce = _nonce(number, last=number == len(pieces) - 1)
        try:
            parts.append(AESGCM(key).decrypt(nonce, piece, bound))
        except InvalidTag:
            raise Failed(f"回执的第 {number + 1} 段打不开") from None
    return b"".join(parts)


def _entries(stream: bytes) -> Iterator[Entry]:
    at = 0
    while at < len(stream):
        size = int.from_bytes(stream[at + 1 : at + 9], "big")
        yield stream[at : at + 1], stream[at + 9 : at + 9 + size]
        at += 9 + size
