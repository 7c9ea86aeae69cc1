"""What the platform hands down besides the feed: runs of numbers, and catalogues."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Field

from sync.contract.model import Id, Model


class NumberBlockIn(Model):
    """``POST /number-blocks``; ``block_id`` is chosen by the client, so asking twice gives one block.

    ``series``: ``case`` for case numbers, ``refusal`` for notices of refusal. A run belongs to the device
    that leased it; asked for by another device it is refused (``number_block``).
    """

    block_id: Id
    series: Annotated[str, Field(min_length=1, max_length=40, pattern=r"^[^\x00]*$")]
    year: Annotated[int, Field(ge=2000, le=2200)]
    count: Annotated[int, Field(ge=1, le=500)]


class NumberBlock(Model):
    """A leased run of numbers, both ends included. ``returned_from``: first number given back, if any."""

    block_id: Id
    series: str
    year: int
    first: int
    last: int
    returned_from: int | None = None


class NumberBlockReturn(Model):
    """``POST /number-blocks/{id}/return``: numbers from ``returned_from`` on were not used and are void."""

    returned_from: Annotated[int, Field(ge=1)]


class Catalogue(Model):
    """``GET /catalogues/{name}`` with ETag. The items of ``roster`` are each a ``Person``."""

    name: str
    version: str
    source: str
    valid_from: str = ""
    valid_to: str = ""
    items: list[dict[str, Any]]


class CatalogueList(Model):
    """``GET /catalogues``: names with their ETags."""

    catalogues: dict[str, str]
