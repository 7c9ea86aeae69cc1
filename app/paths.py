"""Where things are: the layout of a profile and the default folders of the system."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PRODUCT = "jiefen"


@dataclass(frozen=True)
class ProfilePaths:
    """One profile's files. Everything in it is encrypted, save the lock, the key slots and redacted logs."""

    root: Path

    @property
    def keys(self) -> Path:
        """Key slots."""
        return self.root / "keys.json"

    @property
    def audit_head(self) -> Path:
        """The signed end of the audit chain, outside the database."""
        return self.root / "audit-head.json"

    @property
    def database(self) -> Path:
        """The encrypted database."""
        return self.root / "store.db"

    @property
    def vault(self) -> Path:
        """Encrypted attachments."""
        return self.root / "vault"

    @property
    def backups(self) -> Path:
        """Encrypted backups and snapshots made before upgrades."""
        return self.root / "backups"

    @property
    def logs(self) -> Path:
        """Redacted logs."""
        return self.root / "logs"

    @property
    def lock(self) -> Path:
        """The profile's lock."""
        return self.root / "lock"

    @property
    def editing(self) -> Path:
        """正在编辑: the one folder that may hold plain text, emptied at close and at the next start."""
        return self.root / "editing"

    @property
    def damaged(self) -> Path:
        """Damaged files that healing put aside."""
        return self.root / "damaged"

    @property
    def exists(self) -> bool:
        """Whether a profile has been made here."""
        return self.keys.exists()

    def prepare(self) -> None:
        """Make the folders, readable by this user alone. Raises ``StorageFault``."""
        from app.storage.faults import from_os_error

        try:
            for folder in (self.root, self.vault, self.backups, self.logs, self.editing):
                folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise from_os_error(error, "档案文件夹") from error


def default_profile(*, practice: bool = False) -> ProfilePaths:
    """The profile of this user of the computer; practice mode has its own."""
    from platformdirs import user_data_path

    root = user_data_path(PRODUCT, appauthor=False, roaming=False)
    return ProfilePaths(root / ("practice" if practice else "profile"))


def profile_at(folder: str | Path | None, *, practice: bool = False) -> ProfilePaths:
    """The profile that ``--profile`` names, else the default one."""
    if folder is None or not str(folder):
        return default_profile(practice=practice)
    return ProfilePaths(Path(folder).expanduser().absolute())
