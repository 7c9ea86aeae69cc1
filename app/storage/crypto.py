"""Cryptography behind one small provider, so that other algorithms can be put in by their id.

Everything comes from kept libraries (``cryptography``, ``argon2-cffi``). What is stored names the suite
(:attr:`Suite.suite_id`) and each sealed value begins with one byte naming its layout, so a later suite,
such as one on SM2, SM3 and SM4, can be added beside this one. No certification is claimed.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass
from typing import Protocol

KEY_BYTES = 32
NONCE_BYTES = 12
TAG_BYTES = 16


class OpenFailedError(Exception):
    """A sealed value does not open: another key, other associated data, or changed bytes.

    Never reaches a person: the storage modules turn it into an error of the product's tree.
    """


@dataclass(frozen=True)
class Cost:
    """Cost of deriving a key from a passphrase (Argon2id). ``memory_kib`` in KiB."""

    memory_kib: int = 64 * 1024
    passes: int = 3
    lanes: int = 4


DEFAULT_COST = Cost()


class Records(Protocol):
    """Seals the records of one file under the file's own key; the caller never repeats a nonce."""

    def seal(self, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
        """``plain`` sealed and bound to ``bound``."""
        ...

    def open(self, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
        """What :meth:`seal` sealed. Raises :class:`OpenFailedError`."""
        ...


class Suite(Protocol):
    """A set of algorithms that belong together."""

    suite_id: str

    def derive(self, secret: bytes, salt: bytes, cost: Cost) -> bytes:
        """A 32-byte key from a passphrase."""
        ...

    def expand(self, key: bytes, purpose: str) -> bytes:
        """A 32-byte sub-key of ``key`` for one purpose."""
        ...

    def encrypt(self, key: bytes, plain: bytes, bound: bytes = b"") -> bytes:
        """``plain`` sealed with ``key`` and bound to ``bound`` (associated data)."""
        ...

    def decrypt(self, key: bytes, sealed: bytes, bound: bytes = b"") -> bytes:
        """What :meth:`encrypt` sealed. Raises :class:`OpenFailedError`."""
        ...

    def records(self, key: bytes) -> Records:
        """The sealing of one file's records under ``key``."""
        ...

    def mac(self, key: bytes, data: bytes) -> bytes:
        """A keyed hash of ``data``."""
        ...

    def new_signing_key(self) -> bytes:
        """A new private signing key."""
        ...

    def signing_public(self, private: bytes) -> bytes:
        """The public half of a signing key."""
        ...

    def sign(self, private: bytes, data: bytes) -> bytes:
        """Signature over ``data``."""
        ...

    def verify(self, public: bytes, signature: bytes, data: bytes) -> bool:
        """Whether ``signature`` over ``data`` was made with the private half of ``public``."""
        ...

    def new_sealing_key(self) -> bytes:
        """A new private key for sealed boxes."""
        ...

    def sealing_public(self, private: bytes) -> bytes:
        """The public half of a sealing key."""
        ...

    def seal_to(self, public: bytes, plain: bytes, purpose: str) -> bytes:
        """``plain`` sealed so that only the holder of the private half can read it."""
        ...

    def unseal(self, private: bytes, sealed: bytes, purpose: str) -> bytes:
        """What :meth:`seal_to` sealed. Raises :class:`OpenFailedError`."""
        ...


class ModernSuite:
    """AES-256-GCM, Argon2id, HKDF-SHA256, HMAC-SHA256, Ed25519, and X25519 sealed boxes."""

    suite_id = "aes256gcm-argon2id-ed25519-x25519-1"
    _ENCRYPTED = b"\x01"
    _BOX = b"\x02"

    def derive(self, secret: bytes, salt: bytes, cost: Cost) -> bytes:
        from argon2.low_level import Type, hash_secret_raw

        return hash_secret_raw(
            secret,
            salt,
            time_cost=cost.passes,
            memory_cost=cost.memory_kib,
            parallelism=cost.lanes,
            hash_len=KEY_BYTES,
            type=Type.ID,
        )

    def expand(self, key: bytes, purpose: str) -> bytes:
        return _hkdf(key, b"", purpose.encode())

    def encrypt(self, key: bytes, plain: bytes, bound: bytes = b"") -> bytes:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        nonce = secrets.token_bytes(NONCE_BYTES)
        return self._ENCRYPTED + nonce + AESGCM(key).encrypt(nonce, plain, bound)

    def decrypt(self, key: bytes, sealed: bytes, bound: bytes = b"") -> bytes:
        if sealed[:1] != self._ENCRYPTED:
            raise OpenFailedError("unknown layout")
        return _aes_open(key, sealed[1:], bound)

    def records(self, key: bytes) -> Records:
        return _GcmRecords(key)

    def mac(self, key: bytes, data: bytes) -> bytes:
        return hmac.digest(key, data, "sha256")

    def new_signing_key(self) -> bytes:
        return secrets.token_bytes(KEY_BYTES)

    def signing_public(self, private: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()

    def sign(self, private: bytes, data: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        return Ed25519PrivateKey.from_private_bytes(private).sign(data)

    def verify(self, public: bytes, signature: bytes, data: bytes) -> bool:
        from cryptography.exceptions import InvalidSignature
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

        try:
            Ed25519PublicKey.from_public_bytes(public).verify(signature, data)
        except (InvalidSignature, ValueError):
            return False
        return True

    def new_sealing_key(self) -> bytes:
        return secrets.token_bytes(KEY_BYTES)

    def sealing_public(self, private: bytes) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

        return X25519PrivateKey.from_private_bytes(private).public_key().public_bytes_raw()

    def seal_to(self, public: bytes, plain: bytes, purpose: str) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        ephemeral = X25519PrivateKey.generate()
        ephemeral_public = ephemeral.public_key().public_bytes_raw()
        shared = ephemeral.exchange(X25519PublicKey.from_public_bytes(public))
        key = _hkdf(shared, ephemeral_public + public, purpose.encode())
        nonce = secrets.token_bytes(NONCE_BYTES)
        return self._BOX + ephemeral_public + nonce + AESGCM(key).encrypt(nonce, plain, ephemeral_public)

    def unseal(self, private: bytes, sealed: bytes, purpose: str) -> bytes:
        from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

        if sealed[:1] != self._BOX or len(sealed) < 1 + KEY_BYTES + NONCE_BYTES + TAG_BYTES:
            raise OpenFailedError("unknown layout")
        ephemeral_public = sealed[1 : 1 + KEY_BYTES]
        own = X25519PrivateKey.from_private_bytes(private)
        try:
            shared = own.exchange(X25519PublicKey.from_public_bytes(ephemeral_public))
        except ValueError as error:
            raise OpenFailedError("bad point") from error
        key = _hkdf(shared, ephemeral_public + own.public_key().public_bytes_raw(), purpose.encode())
        return _aes_open(key, sealed[1 + KEY_BYTES :], ephemeral_public)


class _GcmRecords:
    def __init__(self, key: bytes) -> None:
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self._cipher = AESGCM(key)

    def seal(self, nonce: bytes, plain: bytes, bound: bytes) -> bytes:
        return self._cipher.encrypt(nonce, plain, bound)

    def open(self, nonce: bytes, sealed: bytes, bound: bytes) -> bytes:
        from cryptography.exceptions import InvalidTag

        try:
            return self._cipher.decrypt(nonce, sealed, bound)
        except InvalidTag as error:
            raise OpenFailedError("tag does not match") from error


def _aes_open(key: bytes, nonce_and_text: bytes, bound: bytes) -> bytes:
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    nonce, text = nonce_and_text[:NONCE_BYTES], nonce_and_text[NONCE_BYTES:]
    if len(text) < TAG_BYTES:
        raise OpenFailedError("too short")
    try:
        return AESGCM(key).decrypt(nonce, text, bound)
    except InvalidTag as error:
        raise OpenFailedError("tag does not match") from error


def _hkdf(key: bytes, salt: bytes, info: bytes) -> bytes:
    """HKDF-SHA256 (RFC 5869) for one block of output, which is all that is ever asked for."""
    pseudo_random = hmac.digest(salt or bytes(hashlib.sha256().digest_size), key, "sha256")
    return hmac.digest(pseudo_random, info + b"\x01", "sha256")


_SUITES: dict[str, Suite] = {ModernSuite.suite_id: ModernSuite()}
DEFAULT_SUITE: Suite = _SUITES[ModernSuite.suite_id]


def suite(suite_id: str) -> Suite | None:
    """The suite with this id, or ``None`` when this version of the product does not have it."""
    return _SUITES.get(suite_id)


def register(new: Suite) -> None:
    """Add a suite, so that files naming it can be opened."""
    _SUITES[new.suite_id] = new
