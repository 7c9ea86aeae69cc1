"""What a write changed, told to whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class ChangeSet:
    """The cases and the kinds of record that a write touched.

    ``kinds`` are words such as ``cases``, ``tasks``, ``outbox``, ``submissions``, ``settings``,
    ``conflicts``, ``attachments`` and ``people``. An empty set of both means that nothing visible changed.
    """

    case_ids: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()

    @classmethod
    def of(cls, *kinds: str, case_ids: frozenset[str] | None = None) -> ChangeSet:
        """A change of ``kinds``, optionally of the cases named."""
        return cls(case_ids=case_ids or frozenset(), kinds=frozenset(kinds))

    def merge(self, other: ChangeSet) -> ChangeSet:
        """Both changes as one."""
        return ChangeSet(self.case_ids | other.case_ids, self.kinds | other.kinds)

    def __bool__(self) -> bool:
        return bool(self.case_ids or self.kinds)

    def touches(self, kinds: frozenset[str]) -> bool:
        """Whether any of ``kinds`` changed."""
        return bool(self.kinds & kinds)


@dataclass(frozen=True)
class Written(Generic[T]):
    """A write: its value, what it changed, and how to take it back (``None``: it cannot be)."""

    value: T
    changes: ChangeSet
    undo_id: str | None = None
