"""The list of checks: what each proves and where the contract says so."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from sync.conformance.bench import Bench

Work = Callable[[Bench], None]


@dataclass(frozen=True)
class Check:
    """One check. ``clause`` names the part of the contract's description that it proves."""

    check_id: str
    clause: str
    zh: str
    en: str
    work: Work
    late: bool = False
    """Changes the whole server (a restore), so it comes at the end."""


CHECKS: dict[str, Check] = {}
"""All checks by id, in the order they are made."""


def check(check_id: str, clause: str, zh: str, en: str, *, late: bool = False) -> Callable[[Work], Work]:
    """Register the function as a check."""

    def keep(work: Work) -> Work:
        if check_id in CHECKS:
            raise ValueError(f"two checks are called {check_id}")
        CHECKS[check_id] = Check(check_id, clause, zh, en, work, late)
        return work

    return keep


def chosen(only: list[str]) -> list[Check]:
    """The checks whose id or its beginning (``tus``, ``cmd.``) is named, all when none is; late ones last."""
    picked = [
        entry
        for entry in CHECKS.values()
        if not only
        or any(entry.check_id == word or entry.check_id.startswith(f"{word.rstrip('.')}.") for word in only)
    ]
    return sorted(picked, key=lambda entry: entry.late)
