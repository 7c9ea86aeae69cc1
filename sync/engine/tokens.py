"""Where the rotating refresh token lives between runs: never in a plain file.

The system's keyring where there is a working one, else the person's sealed area in the encrypted
database. Unlocking the profile works without either.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from app.services.sync_port import SyncPort

if TYPE_CHECKING:
    from sync.engine.client import TokenStore

SERVICE = "jiefen"


class SealedTokens:
    """Sealed to the person's own key, in the encrypted database."""

    def __init__(self, port: SyncPort) -> None:
        self._port = port

    def load(self) -> str:
        """The refresh token; empty when there is none."""
        return self._port.refresh_token()

    def save(self, token: str) -> None:
        """Keep ``token``; an empty one forgets it."""
        self._port.keep_refresh_token(token)


class KeyringTokens:
    """In the system's keyring; when that fails, in the fallback, so that sync never depends on it."""

    def __init__(self, keyring: Any, account: str, fallback: SealedTokens) -> None:
        self._keyring = keyring
        self._account = account
        self._fallback = fallback

    def load(self) -> str:
        """The refresh token; empty when there is none."""
        kept = self._fallback.load()
        if kept:
            return kept
        from keyring.errors import KeyringError

        try:
            return self._keyring.get_password(SERVICE, self._account) or ""
        except KeyringError:
            return ""

    def save(self, token: str) -> None:
        """Keep ``token``; an empty one forgets it."""
        from keyring.errors import KeyringError

        try:
            if token:
                self._keyring.set_password(SERVICE, self._account, token)
            elif self._keyring.get_password(SERVICE, self._account):
                self._keyring.delete_password(SERVICE, self._account)
        except KeyringError:
            self._fallback.save(token)
        else:
            self._fallback.save("")


def choose_tokens(port: SyncPort) -> TokenStore:
    """The best place for this profile's token on this computer."""
    sealed = SealedTokens(port)
    if port.desk.practice:
        return sealed
    import keyring
    from keyring.backends import chainer, fail

    backend = keyring.get_keyring()
    usable = backend.priority > 0 and not isinstance(backend, fail.Keyring)
    if isinstance(backend, chainer.ChainerBackend):
        usable = any(True for _ in backend.backends)
    if not usable:
        return sealed
    keys = port.desk.keys
    return KeyringTokens(backend, f"{keys.profile_id}/{keys.person_id}", sealed)
