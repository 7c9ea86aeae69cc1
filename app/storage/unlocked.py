"""Keys in memory while a person is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

from app.domain.errors import InternalError
from app.storage.crypto import KEY_BYTES, OpenFailedError, Suite


@dataclass
class PersonSecret:
    """What a slot seals: the store's key and one person's private keys, in buffers that can be wiped."""

    store_key: bytearray
    sign_private: bytearray
    seal_private: bytearray

    @classmethod
    def new(cls, suite: Suite, store_key: bytes) -> PersonSecret:
        """Fresh private keys for a person of the store."""
        return cls(
            bytearray(store_key), bytearray(suite.new_signing_key()), bytearray(suite.new_sealing_key())
        )

    def to_bytes(self) -> bytes:
        """All keys, one after the other: each has a fixed length."""
        return bytes(self.store_key + self.sign_private + self.seal_private)

    @classmethod
    def from_bytes(cls, data: bytes) -> PersonSecret:
        """The reverse of :meth:`to_bytes`. Raises :class:`OpenFailedError` for another length."""
        if len(data) != 3 * KEY_BYTES:
            raise OpenFailedError("unexpected length")
        return cls(
            bytearray(data[:KEY_BYTES]),
            bytearray(data[KEY_BYTES : 2 * KEY_BYTES]),
            bytearray(data[2 * KEY_BYTES :]),
        )

    def wipe(self) -> None:
        """Overwrite the keys with zeros."""
        for buffer in (self.store_key, self.sign_private, self.seal_private):
            buffer[:] = bytes(len(buffer))


class UnlockedKeys:
    """One person's open keys. :meth:`clear` ends them (sign-out, sleep, 30 minutes locked)."""

    def __init__(self, person_id: str, profile_id: str, secret: PersonSecret, suite: Suite) -> None:
        self.person_id = person_id
        self.profile_id = profile_id
        self.suite = suite
        self._secret: PersonSecret | None = secret

    @property
    def secret(self) -> PersonSecret:
        """The keys themselves, for the key file. Raises ``InternalError`` after :meth:`clear`."""
        if self._secret is None:
            raise InternalError("钥匙已经收起，请重新解锁。", code="E-KEYS-CLEARED")
        return self._secret

    @property
    def cleared(self) -> bool:
        """Whether the keys have been wiped."""
        return self._secret is None

    @property
    def store_key(self) -> bytes:
        """The store's root key (32 bytes). Everything of the profile hangs on it."""
        return bytes(self.secret.store_key)

    @property
    def db_key(self) -> bytes:
        """Raw key of the database (32 bytes)."""
        return self._sub("database")

    @property
    def vault_key(self) -> bytes:
        """Wraps the keys of single files."""
        return self._sub("vault")

    @property
    def name_key(self) -> bytes:
        """Makes the names of files in the vault."""
        return self._sub("vault-names")

    @property
    def backup_key(self) -> bytes:
        """Authenticates the manifest of backups."""
        return self._sub("backup")

    @property
    def sign_public(self) -> bytes:
        """The person's Ed25519 public key (32 bytes)."""
        return self.suite.signing_public(bytes(self.secret.sign_private))

    @property
    def seal_public(self) -> bytes:
        """The person's X25519 public key (32 bytes)."""
        return self.suite.sealing_public(bytes(self.secret.seal_private))

    def sign(self, data: bytes) -> bytes:
        """The person's signature over ``data`` (64 bytes)."""
        return self.suite.sign(bytes(self.secret.sign_private), data)

    def seal(self, plain: bytes, purpose: str = "note") -> bytes:
        """``plain`` for this person's eyes only (单独谈, tokens)."""
        return self.suite.seal_to(self.seal_public, plain, purpose)

    def unseal(self, sealed: bytes, purpose: str = "note") -> bytes:
        """What :meth:`seal` sealed for this person. Raises :class:`OpenFailedError` for anyone else's."""
        return self.suite.unseal(bytes(self.secret.seal_private), sealed, purpose)

    def clear(self) -> None:
        """Wipe what Python can wipe. Copies the interpreter made on the way cannot be reached."""
        if self._secret is not None:
            self._secret.wipe()
            self._secret = None

    def __enter__(self) -> UnlockedKeys:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.clear()

    def __repr__(self) -> str:
        return f"UnlockedKeys(person_id={self.person_id!r}, cleared={self.cleared})"

    def _sub(self, purpose: str) -> bytes:
        return self.suite.expand(bytes(self.secret.store_key), f"jiefen/{purpose}/1")
