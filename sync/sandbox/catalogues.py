"""Catalogues that the platform hands down, each with version, source and an ETag."""

from __future__ import annotations

import importlib.resources
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, select

from sync.contract.canonical import digest
from sync.contract.handed_down import Catalogue
from sync.sandbox import tables as t
from sync.sandbox.accounts import person

ROSTER = "roster"
FILES = {
    "courts": ("legal/courts.json", "courts"),
    "dispute_kinds": ("legal/dispute_kinds.json", "kinds"),
    "refusal_reasons": ("legal/refusal_reasons.json", "reasons"),
    "closing_methods": ("legal/closing_methods.json", "methods"),
    "materials": ("legal/materials.json", "materials"),
    "holidays": ("holidays/calendar.json", "years"),
    "institutions": ("demo/institution.json", "arbitration"),
}


@dataclass(frozen=True)
class Entry:
    """A catalogue with its tag."""

    etag: str
    catalogue: Catalogue


def load() -> dict[str, Entry]:
    """All catalogues by name."""
    found = {}
    for name, (path, key) in FILES.items():
        text = importlib.resources.files("resources").joinpath(path).read_text("utf-8")
        data = json.loads(text)
        catalogue = Catalogue(
            name=name,
            version=str(data.get("version", "1")),
            source=str(data.get("source", data.get("$comment", ""))),
            items=_items(data[key]),
        )
        found[name] = Entry(f'"{digest(text.encode())[:16]}"', catalogue)
    return found


_STAFF = (
    select(t.users)
    .where(t.users.c.institution_id == bindparam("of_institution"))
    .order_by(t.users.c.person_id)
)


def roster(conn: Connection, institution: str) -> Entry:
    """The people of one institution, by id; those who left are told as not active."""
    rows = conn.execute(_STAFF, {"of_institution": institution})
    items = [person(row).model_dump(mode="json") for row in rows]
    tag = digest(json.dumps(items, ensure_ascii=False, sort_keys=True).encode())[:16]
    return Entry(f'"{tag}"', Catalogue(name=ROSTER, version=tag, source="平台名册", items=items))


def _items(value: Any) -> list[dict[str, Any]]:
    if isinstance(value, dict):
        return [{"year" if key.isdigit() else "code": key, **entry} for key, entry in value.items()]
    return list(value)
