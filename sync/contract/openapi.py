"""The OpenAPI 3.1 document of the contract. ``python -m sync.contract.openapi`` writes it to resources."""

from __future__ import annotations

import importlib.resources
import json
import re
from pathlib import Path
from typing import Any

from pydantic.json_schema import models_json_schema

from sync.contract.codes import CODES
from sync.contract.commands import Command
from sync.contract.entities import ENTITIES
from sync.contract.model import (
    CONTRACT_VERSION,
    ID_PATTERN,
    MAX_VERSION,
    MEDIA_TYPE,
    MIN_VERSION,
    PREFIX,
    REQUEST_ID,
    VERSION,
    Model,
)
from sync.contract.package import CONTENT
from sync.contract.routes import PATH, ROUTES, Route
from sync.contract.wire import ErrorBody

ID = {"type": "string", "minLength": 1, "maxLength": 80, "pattern": ID_PATTERN}
REF = "#/components/schemas/{model}"


def _models() -> list[type[Model]]:
    always: list[type[Model]] = [ErrorBody, Command, *ENTITIES.values(), *CONTENT]
    used = {m.__name__: m for m in always}
    for route in ROUTES:
        for model in (route.body, route.reply):
            if model is not None:
                used[model.__name__] = model
    return [used[name] for name in sorted(used)]


def _content(model: type[Model]) -> dict[str, Any]:
    return {MEDIA_TYPE: {"schema": {"$ref": REF.format(model=model.__name__)}}}


def _answers(route: Route) -> dict[str, Any]:
    good: dict[str, Any] = {"description": route.summary}
    if route.reply is not None:
        good["content"] = _content(route.reply)
    elif route.bytes_out:
        good["content"] = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
    answers: dict[str, Any] = {str(route.status): good}
    if route.name in ("changes", "catalogue"):
        answers["304"] = {"description": "Nothing new."}
    by_status: dict[int, list[str]] = {}
    general = ("bad_request", "field", "too_many", "internal", "maintenance")
    signed_in = ("unauthenticated", "device_revoked") if route.signed_in else ()
    on_cases = ("forbidden_role",) if route.on_cases else ()
    versions = () if route.name == "hello" else ("upgrade_required",)
    for name in (*route.codes, *on_cases, *signed_in, *versions, *general):
        names = by_status.setdefault(CODES[name].http, [])
        if name not in names:
            names.append(name)
    for status, names in by_status.items():
        answers[str(status)] = {"description": ", ".join(names), "content": _content(ErrorBody)}
    return answers


def _operation(route: Route) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": PATH.get(name, ID)}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    parameters += [
        {"name": p.name, "in": p.where, "required": p.required, "description": p.meaning, "schema": p.schema}
        for p in route.params
    ]
    if route.name != "hello":
        spoken = {"type": "integer", "minimum": MIN_VERSION, "maximum": MAX_VERSION}
        parameters.append({"name": CONTRACT_VERSION, "in": "header", "required": False, "schema": spoken})
    parameters.append({"name": REQUEST_ID, "in": "header", "required": False, "schema": {"type": "string"}})
    operation: dict[str, Any] = {
        "operationId": route.name,
        "summary": route.summary,
        "parameters": parameters,
        "responses": dict(sorted(_answers(route).items())),
    }
    if route.signed_in:
        operation["security"] = [{"bearer": []}]
    if route.body is not None:
        operation["requestBody"] = {"required": True, "content": _content(route.body)}
    elif route.bytes_in:
        octets = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"content": {"application/offset+octet-stream": octets}}
    return operation


def document() -> dict[str, Any]:
    """The whole document."""
    _, schema = models_json_schema([(m, "validation") for m in _models()], ref_template=REF)
    paths: dict[str, dict[str, Any]] = {}
    for route in ROUTES:
        paths.setdefault(PREFIX + route.path, {})[route.method.lower()] = _operation(route)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "解纷工作台与平台之间的接口",
            "version": VERSION,
            "description": "Contract between a mediation institution's desktop and the platform.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "paths": paths,
        "components": {
            "schemas": schema["$defs"],
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def text() -> str:
    """The document as it stands in the repository."""
    return json.dumps(document(), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def location() -> Path:
    """Where the document is kept."""
    return Path(str(importlib.resources.files("resources").joinpath("contract/openapi.json")))


if __name__ == "__main__":
    location().write_text(text(), "utf-8")
