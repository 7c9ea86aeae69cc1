"""Everything imported once, so that a process that takes over after a kill begins within milliseconds."""

from __future__ import annotations

import gc
import importlib
import pkgutil

import app
import sync.engine
import sync.sandbox
from app.storage import search_text

ENTRIES = frozenset({"__main__"})
OUTSIDE = (
    "argon2",
    "filelock",
    "netrc",
    "sqlcipher3.dbapi2",
    "typst",
    "cryptography.hazmat.backends.openssl",
)
"""What the product imports where it first needs it."""


def warm() -> None:
    """Import what the product imports late, and keep the collector from touching what children share."""
    for package in (app, sync.engine, sync.sandbox):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name.rpartition(".")[2] not in ENTRIES and ".versions." not in found.name:
                importlib.import_module(found.name)
    for name in OUTSIDE:
        importlib.import_module(name)
    search_text.tokens_for(["热水"])
    gc.collect()
    gc.freeze()
