"""The checks, by what they look at; importing this package registers them all in order."""

from sync.conformance.checks import (
    commands,
    devices,
    endings,
    filings,
    held,
    hostile,
    merging,
    numbers,
    packages,
    reading,
    refusals,
    replies,
    restore,
    scope,
    sessions,
    states,
    uploads,
)  # isort: skip

__all__ = [
    "commands", "devices", "endings", "filings", "held", "hostile", "merging", "numbers", "packages",
    "reading", "refusals", "replies", "restore", "scope", "sessions", "states", "uploads",
]  # fmt: skip
