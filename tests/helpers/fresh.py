"""New databases for tests, copied from one that the migrations made once: they take longer than a test."""

from __future__ import annotations

import atexit
import functools
import shutil
import tempfile
from pathlib import Path

from app.clock import Clock
from app.storage.engine import Store
from app.storage.raw import key_pragma, open_raw
from app.storage.schema.migrate import create_schema

_KEY = bytes(range(32))


def new_store(path: Path, key: bytes, clock: Clock) -> Store:
    """An open database as ``Store.create`` makes it, under ``key``."""
    assert not path.exists()
    shutil.copyfile(_made(), path)
    raw = open_raw(path, _KEY)
    try:
        raw.execute(key_pragma(key).replace("key", "rekey", 1)).fetchall()
    finally:
        raw.close()
    return Store(path, key, clock)


@functools.cache
def _made() -> Path:
    """The one that is copied, which lasts as long as the process."""
    folder = Path(tempfile.mkdtemp(prefix="jiefen-schema-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    create_schema(folder / "store.db", _KEY)
    return folder / "store.db"
