"""Lists of the files that applications are handed in with, each under its number."""

from __future__ import annotations

import json
from typing import Any

from sqlalchemy import select

from sync.contract.canonical import canonical
from sync.contract.codes import WireError
from sync.sandbox import tables as t
from sync.sandbox.store import Tx


def find(tx: Tx, submission_id: str, manifest_no: int) -> Any:
    """One list of an application, nothing where it has none of that number."""
    return tx.conn.execute(
        select(t.manifests).where(
            t.manifests.c.submission_id == submission_id, t.manifests.c.manifest_no == manifest_no
        )
    ).one_or_none()


def missing(tx: Tx, institution: str, items: list[dict[str, Any]]) -> list[str]:
    """Hashes of those files in a list that the institution has not stored here."""
    wanted = sorted({item["sha256"] for item in items})
    query = select(t.files.c.sha256).where(
        t.files.c.sha256.in_(wanted), t.files.c.institution_id == institution
    )
    held = set(tx.conn.execute(query).scalars())
    return [sha256 for sha256 in wanted if sha256 not in held]


def files_of(manifest: Any) -> set[str]:
    """Hashes of the files in a list; none where there is no such list."""
    return {item["sha256"] for item in json.loads(manifest.body)["items"]} if manifest is not None else set()


def another(manifest: Any) -> WireError:
    """The refusal that names the files of the list that stands."""
    return WireError("manifest_immutable", details={"sha256": sorted(files_of(manifest))})


def hashed(data: dict[str, Any]) -> bytes:
    """Canonical bytes of a body that is kept by its hash. Raises ``field`` where a fraction is among it."""
    try:
        return canonical(data)
    except TypeError as error:
        raise WireError("field", "内容里有小数，平台没有收下。请把详细信息交给技术人员。") from error
