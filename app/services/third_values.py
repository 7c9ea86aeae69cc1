"""A value written anew for a conflict is checked like any other edit; what derives from it comes along."""

from __future__ import annotations

from typing import Any

import msgspec

from app.domain import casefile as cf
from app.domain import identity, short_title
from app.domain.errors import FieldError
from app.domain.reducer import CaseFile, with_fields
from app.services.desk import Desk
from app.services.parties import problems

SEVERAL_LINES = frozenset({"claims", "facts", "agent"})
DERIVED = ("birth_date", "gender")
"""What an identity number says too (GB 11643): it is never chosen against its number."""


def checked(desk: Desk, file: CaseFile, entity: str, doc: cf.Doc, field: str, value: Any) -> Any:
    """``value`` as it is to be written. Raises :class:`FieldError` for ``value``, in one sentence."""
    if isinstance(value, str):
        value = value.strip()
        if "\n" in value and field not in SEVERAL_LINES:
            raise FieldError("value", "这一项写成一行，去掉换行再选。")
    if field == "id_number":
        value = identity.clean(str(value))
    if entity == "case" and field == "title":
        try:
            return short_title.require_clean(str(value), file.parties.values())
        except FieldError as error:
            raise FieldError("value", error.message) from error
    try:
        new = with_fields(doc, {field: value})
    except msgspec.ValidationError as error:
        raise FieldError("value", "这样写不合这一项的格式，改一改再选。", detail=field) from error
    if isinstance(new, cf.Party):
        found = [one for one in problems(new, desk.today()) if one.field == field]
        if found:
            raise FieldError("value", found[0].message)
    return value


def derived(party: cf.Party, field: str, value: Any) -> dict[str, Any]:
    """What goes with a chosen value: of an identity number its birth date and gender, where it tells them."""
    if field != "id_number" or not value:
        return {}
    number = identity.clean(str(value))
    birth, gender = identity.birth_date(party.id_kind, number), identity.gender(party.id_kind, number)
    found = {"birth_date": birth.isoformat() if birth else "", "gender": gender or ""}
    return {name: told for name, told in found.items() if told}
