"""What strangers and broken clients send is refused with the contract's own answers, never a 500."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.helpers import wire_payloads as p
from tests.helpers.sandbox import WireClient

Connect = Callable[..., WireClient]


def test_a_method_that_a_path_does_not_know_is_405_with_allow(connect: Connect) -> None:
    reply = connect().ask("DELETE", "/hello")
    assert (reply.status_code, reply.json()["code"]) == (405, "method_not_allowed")
    assert reply.headers["allow"] == "GET"


@pytest.mark.parametrize("text", ["²", "٣", "-1", "1.0", "9" * 16])
def test_numbers_are_plain_digits(connect: Connect, text: str) -> None:
    client = connect()
    assert client.ask("GET", "/changes", params={"after": text}).status_code == 400
    assert client.ask("GET", "/snapshot", params={"after": f"0:{text}"}).status_code == 400


def test_a_truth_value_is_no_number_and_a_text_neither(connect: Connect) -> None:
    client, case_id = connect(), p.new_id()
    client.deliver(client.command(case_id, p.register(case_id)))
    for value in (True, "12"):
        edit = client.command(case_id, p.edit_case(amount_fen=value), base={"amount_fen": None})
        answer = client.deliver(edit)[0]
        assert (answer["status"], answer["code"], answer["field"]) == ("rejected", "field", "amount_fen")


@pytest.mark.parametrize("name", ["dev_seq", "lane_seq", "base_version"])
def test_numbers_beyond_what_json_readers_hold_consume_nothing(connect: Connect, name: str) -> None:
    client, case_id = connect(), p.new_id()
    answer = client.deliver(client.command(case_id, p.register(case_id), **{name: 2**70}))[0]
    assert (answer["status"], answer["code"], answer["consumed"]) == ("rejected", "bad_request", False)


@pytest.mark.parametrize(("version", "words"), [("0", "程序版本过旧"), ("2", "等平台升级")])
def test_a_contract_version_not_spoken_is_426(connect: Connect, version: str, words: str) -> None:
    client = connect()
    headers = {"X-Contract-Version": version}
    reply = client.ask("GET", "/changes", headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (426, "upgrade_required")
    assert words in reply.json()["message"]
    assert reply.json()["details"] == {"min": 1, "max": 1}
    assert client.ask("GET", "/hello", headers=headers).json()["contract"] == {"min": 1, "max": 1}
