"""Several people at one device, their keys, and a statistician's device, which gets no case at all."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
import requests

from sync.sandbox import seeding
from sync.sandbox.platform import Platform
from sync.sandbox.seeding import PASSWORD
from tests.helpers import wire_payloads as p
from tests.helpers.sandbox import WireClient

Connect = Callable[..., WireClient]
SEAL = base64.b64encode(b"s" * 32).decode()


def key(letter: str) -> str:
    return base64.b64encode(letter.encode() * 32).decode()


def add(client: WireClient, login: str, password: str = PASSWORD, sign: str = "") -> requests.Response:
    """A colleague registers at the client's device, in their own name."""
    person = {"login": login, "sign_public": sign or key("k"), "seal_public": SEAL}
    body = {"device_id": client.device_id, "device_name": "测试机", "user": login, "password": password}
    return client.ask("POST", "/devices", json={**body, "people": [person]})


def code(reply: requests.Response) -> tuple[int, str]:
    return reply.status_code, str(reply.json().get("code", ""))


def test_a_colleague_is_added_to_a_known_device_and_signs_in_there(connect: Connect) -> None:
    client = connect()
    added = add(client, "hejing")
    assert added.status_code == 201
    assert added.json()["person_id"] == "p-he"
    assert {one["login"] for one in added.json()["people"]} >= {"hejing", "zhouminfang"}
    body = {"device_id": client.device_id, "user": "hejing", "password": PASSWORD}
    assert client.ask("POST", "/session", json=body).status_code == 201
    body["user"] = "shenjiayi"
    assert code(client.ask("POST", "/session", json=body)) == (403, "device_unknown")


@pytest.mark.parametrize(
    ("login", "password", "refused"),
    [
        ("nobody", PASSWORD, (401, "bad_credentials")),
        ("hejing", "wrong", (401, "bad_credentials")),
        ("luxiaowen", PASSWORD, (403, "forbidden_role")),
    ],
)
def test_others_are_refused(connect: Connect, login: str, password: str, refused: tuple[int, str]) -> None:
    assert code(add(connect(), login, password)) == refused


def test_nobody_is_added_to_a_device_that_was_stopped(connect: Connect) -> None:
    client = connect()
    assert client.ask("DELETE", f"/devices/{client.device_id}").status_code == 200
    assert code(add(client, "hejing")) == (403, "device_revoked")


def test_keys_of_a_try_cut_short_are_replaced_and_used_ones_stay(connect: Connect) -> None:
    client = connect()
    assert add(client, "hejing", sign=key("a")).status_code == 201
    assert add(client, "hejing", sign=key("b")).status_code == 201, "nothing was signed with the first"
    case_id = p.new_id()
    made = client.command(case_id, p.register(case_id, p.party(case_id, p.new_id())))
    assert client.deliver(made)[0]["status"] == "applied"
    assert code(add(client, "zhouminfang", sign=key("c"))) == (409, "device_taken")
    own = base64.b64encode(client.key.public_key().public_bytes_raw()).decode()
    assert add(client, "zhouminfang", sign=own).status_code == 201, "the same keys again change nothing"


def test_a_statistician_gets_no_document_and_no_file(platform: Platform, connect: Connect) -> None:
    seeding.reset(platform, "demo")
    handling, counting = connect(), connect("luxiaowen")
    documents = handling.documents()
    assert documents
    assert counting.documents() == {}
    page = counting.ask("GET", "/changes", params={"after": 0, "limit": 200}).json()
    assert page["items"] == []
    assert page["to"] == page["head"] > 0
    snapshot = counting.ask("GET", "/snapshot").json()
    assert (snapshot["items"], snapshot["cases"], snapshot["after"]) == ([], 0, None)
    file: dict[str, Any] = next(c["body"] for (entity, _), c in documents.items() if entity == "attachment")
    assert handling.ask("GET", f"/files/{file['sha256']}").status_code == 200
    filing = next(doc_id for entity, doc_id in documents if entity == "submission")
    for path in (f"/files/{file['sha256']}", f"/submissions/{filing}", f"/commands/{p.new_id()}"):
        reply = counting.http.get(f"{counting.url}/v1{path}", timeout=30)
        assert code(reply) == (403, "forbidden_role"), path
    block = {"block_id": p.new_id(), "series": "case", "year": 2026, "count": 5}
    assert code(counting.ask("POST", "/number-blocks", json=block)) == (403, "forbidden_role")
    assert counting.ask("GET", "/catalogues").status_code == 200
    assert counting.ask("GET", "/hello").status_code == 200


def test_the_scope_is_told_at_registering(connect: Connect) -> None:
    counting, handling = connect("luxiaowen"), connect("hejing")
    assert counting.enrol("luxiaowen", PASSWORD)["scope"] == "none"
    assert handling.enrol("hejing", PASSWORD)["scope"] == "institution"
    assert code(add(counting, "hejing")) == (403, "forbidden_role")
