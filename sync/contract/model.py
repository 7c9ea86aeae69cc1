"""Base of all wire models."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

VERSION = "1"
MIN_VERSION = 1
MAX_VERSION = 1
MEDIA_TYPE = "application/vnd.jiefen+json"
"""Content type of every reply. Anything else did not come from the platform and changes no state."""
REQUEST_ID = "X-Request-Id"
"""The client's id of a request; the reply echoes it."""
CONTRACT_VERSION = "X-Contract-Version"
"""The contract version a request is written in; absent: the lowest. What the platform does not speak is 426
(``upgrade_required``), but for hello, which tells from which to which."""
PREFIX = "/v1"


class Model(BaseModel):
    """A wire value. Unknown fields are kept, so that an older side does not lose what a newer one says."""

    model_config = ConfigDict(frozen=True, extra="allow", populate_by_name=True)


Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Count = Annotated[int, Field(ge=0, le=2**53 - 1)]
"""A whole number that every JSON reader and every database can hold (RFC 8259, 6)."""
ID_PATTERN = r"^[A-Za-z0-9._:-]+$"
Id = Annotated[str, Field(min_length=1, max_length=80, pattern=ID_PATTERN)]
Base64 = Annotated[str, Field(max_length=8192, pattern=r"^[A-Za-z0-9+/_-]*={0,2}$")]
Fen = Annotated[int, Field(ge=0, le=10**14)]
"""Money in 分."""
Short = Annotated[str, Field(max_length=500)]
Long = Annotated[str, Field(max_length=100_000)]
Outcome = Literal["agreed", "failed", "withdrawn", "terminated"]
