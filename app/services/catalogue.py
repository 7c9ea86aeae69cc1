"""目录: what the platform hands down in place of a packaged list."""

from __future__ import annotations

import logging
from typing import Generic, TypeVar

import msgspec
from sqlalchemy import Connection, select

from app.storage.tables import catalogues

T = TypeVar("T")
log = logging.getLogger(__name__)


class _Catalogue(msgspec.Struct, Generic[T]):
    items: tuple[T, ...]


def handed_down(conn: Connection, name: str, kind: type[T]) -> tuple[T, ...]:
    """The items of the platform's catalogue ``name``; empty where it hands none down, or one that this
    version does not understand."""
    asked = select(catalogues.c.body).where(catalogues.c.name == name)
    body = conn.execute(asked).scalar_one_or_none()
    if body is None:
        return ()
    try:
        return msgspec.json.decode(body, type=_Catalogue[kind]).items  # type: ignore[valid-type]
    except msgspec.MsgspecError as error:
        log.warning("catalogue %s not understood: %s", name, error)
        return ()
