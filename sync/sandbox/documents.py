"""Documents as the contract writes them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError

from sync.contract.codes import WireError
from sync.contract.entities import ENTITIES
from sync.sandbox.wording import explain


def checked(entity: str, body: Mapping[str, Any]) -> dict[str, Any]:
    """``body`` as the contract writes it. Raises :class:`WireError` with the field that does not fit."""
    try:
        return ENTITIES[entity].model_validate_json(json.dumps(body), strict=True).model_dump(mode="json")
    except ValidationError as error:
        name, reason = explain(error)
        raise WireError("field", reason, field=name) from error
