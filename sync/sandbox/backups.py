"""Backup and restore of the platform. A restore begins a new epoch."""

from __future__ import annotations

import base64
import gzip
import json
import re
from pathlib import Path
from typing import Any

from sqlalchemy import Table, select

from sync.contract.codes import WireError
from sync.sandbox import answers
from sync.sandbox import tables as t
from sync.sandbox.platform import Platform
from sync.sandbox.restored import note
from sync.sandbox.store import get_meta, put_meta

KEPT_META = ("head", "receipts", "standing")
LATEST = "latest"


def _folder(platform: Platform) -> Path:
    folder = platform.folder / "backups"
    folder.mkdir(exist_ok=True)
    return folder


def _plain(row: Any) -> dict[str, Any]:
    return {
        k: {"b64": base64.b64encode(v).decode()} if isinstance(v, bytes) else v
        for k, v in row._mapping.items()
    }


def _back(row: dict[str, Any]) -> dict[str, Any]:
    return {k: base64.b64decode(v["b64"]) if isinstance(v, dict) else v for k, v in row.items()}


def make(platform: Platform, name: str = LATEST) -> str:
    """Write a backup under ``name`` and return the name."""
    if not re.fullmatch(r"[a-z0-9-]{1,40}", name):
        raise WireError("bad_request", field="name")
    partial = _folder(platform) / f"{name}.partial"
    with platform.store.read() as conn, gzip.open(partial, "wt", encoding="utf-8", compresslevel=1) as out:
        meta = {key: get_meta(conn, key) for key in KEPT_META if get_meta(conn, key)}
        out.write(json.dumps({"meta": meta}) + "\n")
        for table in t.RESTORED:
            for row in conn.execute(select(table)):
                out.write(json.dumps({"table": table.name, "row": _plain(row)}) + "\n")
    partial.replace(_folder(platform) / f"{name}.json.gz")
    return name


def restore(platform: Platform, name: str = LATEST) -> str:
    """Go back to a backup; returns the new epoch. Sign-in, devices and leased numbers stay as they are."""
    path = _folder(platform) / f"{name}.json.gz"
    if not re.fullmatch(r"[a-z0-9-]{1,40}", name) or not path.exists():
        raise WireError("not_found")
    epoch = platform.source.new_id()
    with platform.store.write(platform.source.now()) as tx, gzip.open(path, "rt", encoding="utf-8") as lines:
        for table in t.RESTORED:
            tx.conn.execute(table.delete())
        for key, value in json.loads(next(lines))["meta"].items():
            put_meta(tx.conn, key, value)
        note(tx)
        tx.head = int(get_meta(tx.conn, "head", "0"))
        _fill(tx.conn, lines)
        tx.conn.execute(t.lanes.update().values(kept=t.lanes.c.lane_seq))
        t.adopt(tx.conn)
        answers.note_lost(tx)
        put_meta(tx.conn, "epoch", epoch)
        put_meta(tx.conn, "epoch_no", str(int(get_meta(tx.conn, "epoch_no", "1")) + 1))
        tx.happened("restore", "平台从备份恢复，之后的内容要重新补发")
    platform.reread()
    return epoch


def _fill(conn: Any, lines: Any) -> None:
    tables: dict[str, Table] = {table.name: table for table in t.RESTORED}
    waiting: list[dict[str, Any]] = []
    current = ""
    for line in lines:
        entry = json.loads(line)
        if waiting and (entry["table"] != current or len(waiting) == 2000):
            conn.execute(tables[current].insert(), waiting)
            waiting = []
        current = entry["table"]
        waiting.append(_back(entry["row"]))
    if waiting:
        conn.execute(tables[current].insert(), waiting)
    t.assign(conn)
