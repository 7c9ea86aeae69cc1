"""The OpenAPI document in the repository is the one the contract makes."""

from __future__ import annotations

import json

from sync.contract import openapi
from sync.contract.codes import CODES
from sync.contract.routes import ROUTES


def test_committed_document_is_current() -> None:
    committed = openapi.location().read_text("utf-8")
    assert committed == openapi.text(), "run: python -m sync.contract.openapi"


def test_document_is_openapi_31_with_every_route() -> None:
    document = json.loads(openapi.text())
    assert document["openapi"].startswith("3.1")
    for route in ROUTES:
        operation = document["paths"]["/v1" + route.path][route.method.lower()]
        assert operation["operationId"] == route.name
        assert set(route.codes) <= set(CODES)
    references = {line.split('"')[3] for line in openapi.text().splitlines() if '"$ref"' in line}
    for reference in references:
        assert reference.removeprefix("#/components/schemas/") in document["components"]["schemas"]


def test_every_refusal_has_a_chinese_sentence_without_shouting() -> None:
    for code in CODES.values():
        assert code.message.endswith("。")
        assert not any(mark in code.message for mark in ("！", "必须", "严禁", "非法", "失败"))
