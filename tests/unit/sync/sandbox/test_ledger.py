"""Commands at the platform: once, in order, signed; merged or in conflict as the rules say."""

from __future__ import annotations

import base64
from collections.abc import Callable, Mapping

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from sync.contract.canonical import canonical, digest
from sync.sandbox.platform import Platform
from tests.helpers import wire_payloads as p
from tests.helpers.sandbox import WireClient

Connect = Callable[..., WireClient]


def registered(client: WireClient) -> tuple[str, str]:
    """A case with one respondent; returns both ids."""
    case_id, party_id = p.new_id(), p.new_id()
    person = p.party(case_id, party_id, phone="13800000001")
    answer = client.deliver(client.command(case_id, p.register(case_id, person)))[0]
    assert answer["status"] == "applied", answer
    return case_id, party_id


def test_applied_with_a_receipt_that_verifies(connect: Connect, platform: Platform) -> None:
    client = connect()
    case_id = p.new_id()
    signed = client.command(case_id, p.register(case_id))
    answer = client.deliver(signed)[0]
    receipt = answer["receipt"]
    assert receipt["command_hash"] == digest(canonical(signed["command"]))
    assert receipt["receipt_no"].count("-") == 1
    public = base64.b64decode(client.ask("GET", "/hello").json()["platform_sign_public"])
    told = {k: v for k, v in receipt.items() if k != "signature"}
    Ed25519PublicKey.from_public_bytes(public).verify(base64.b64decode(receipt["signature"]), canonical(told))
    assert client.documents()["case", case_id]["seq"] == receipt["seq"]


def test_sent_again_it_has_no_second_effect(connect: Connect, platform: Platform) -> None:
    client = connect()
    case_id, party_id = registered(client)
    signed = client.command(case_id, p.contact(case_id, client.person_id, party_id, "willing"))
    first = client.deliver(signed)[0]
    head = platform.store.head
    again = client.deliver(signed, signed)
    assert [a["status"] for a in again] == ["duplicate", "duplicate"]
    assert again[0]["receipt"] == first["receipt"]
    assert again[0]["first_status"] == "applied"
    assert platform.store.head == head
    asked = client.ask("GET", f"/commands/{signed['command']['command_id']}").json()
    assert asked["status"] == "applied"
    assert asked["receipt"] == first["receipt"]


def test_a_lane_begun_and_gone_on_with_in_one_batch_stands_where_it_ended(connect: Connect) -> None:
    """After a lane that was there before: what a batch writes is written in an order that holds."""
    client = connect()
    old, new = registered(client)[0], registered(connect("hejing"))[0]

    def note(case_id: str, text: str) -> dict[str, object]:
        record = p.record(case_id, client.person_id, {"type": "note", "text": text})
        return client.command(case_id, {"kind": "record.add", "record": record})

    answers = client.deliver(note(old, "一"), note(new, "一"), note(new, "二"), note(old, "二"))
    assert [answer["status"] for answer in answers] == ["applied"] * 4
    lanes = {lane["case_id"]: lane for lane in client.ask("GET", "/hello").json()["device"]["lanes"]}
    assert (lanes[old]["lane_seq"], lanes[new]["lane_seq"]) == (3, 2)
    assert client.deliver(note(new, "三"))[0]["status"] == "applied"


def test_same_id_with_other_content_is_refused(connect: Connect) -> None:
    client = connect()
    case_id, _ = registered(client)
    signed = client.command(case_id, p.edit_case(title="甲"), base={"title": "楼上漏水"}, version=1)
    client.deliver(signed)
    forged = client.command(case_id, p.edit_case(title="乙"), base={"title": "甲"},
                            command_id=signed["command"]["command_id"])  # fmt: skip
    answer = client.deliver(forged)[0]
    assert (answer["status"], answer["http"], answer["code"]) == ("rejected", 422, "id_reused")


def test_lane_gap_waits_and_other_lanes_go_on(connect: Connect) -> None:
    client = connect()
    case_id, party_id = registered(client)
    first = client.command(case_id, p.contact(case_id, client.person_id, party_id, "unreached"))
    second = client.command(case_id, p.contact(case_id, client.person_id, party_id, "willing"))
    other = p.new_id()
    elsewhere = client.command(other, p.register(other))
    answers = client.deliver(second, elsewhere)
    assert [a["status"] for a in answers] == ["deferred", "applied"]
    assert (answers[0]["code"], answers[0]["consumed"]) == ("lane_gap", False)
    assert [a["status"] for a in client.deliver(first, second)] == ["applied", "applied"]
    assert client.documents()["case", case_id]["body"]["state"] == "deciding"


@pytest.mark.parametrize("change", ["lane", "device_number"])
def test_a_fork_is_a_cloned_device(connect: Connect, change: str) -> None:
    client = connect()
    case_id, party_id = registered(client)
    lanes = dict(client.lanes)
    client.deliver(client.command(case_id, p.contact(case_id, client.person_id, party_id, "unreached")))
    if change == "lane":
        client.lanes = lanes
    else:
        client.dev_seq -= 1
    answer = client.deliver(
        client.command(case_id, p.contact(case_id, client.person_id, party_id, "willing"))
    )[0]
    assert (answer["code"], answer["http"], answer["consumed"]) == ("device_cloned", 403, False)


def test_nobody_writes_for_another(connect: Connect) -> None:
    zhou, he = connect("zhouminfang"), connect("hejing")
    case_id, _ = registered(zhou)
    payload = {"kind": "record.add", "record": p.record(case_id, "p-he", {"type": "note", "text": "话"})}
    as_other = zhou.command(case_id, payload, author="p-he")
    assert zhou.deliver(as_other)[0]["code"] == "author_unknown"
    zhou.lanes[case_id] = (1, as_other["command"]["prev_hash"])
    zhou.dev_seq -= 1
    mine_but_their_record = zhou.command(case_id, payload)
    assert zhou.deliver(mine_but_their_record)[0]["field"] == "record.author"
    carried = he.command(case_id, payload)
    assert zhou.deliver(carried)[0]["status"] == "applied", "any device may carry signed commands"
    carried["command"] = {**carried["command"], "command_id": p.new_id()}
    assert zhou.deliver(carried)[0]["code"] == "signature_invalid"


def test_statistician_does_not_write(connect: Connect) -> None:
    client = connect("luxiaowen")
    case_id = p.new_id()
    assert client.deliver(client.command(case_id, p.register(case_id)))[0]["code"] == "forbidden_role"


def test_different_fields_merge_and_same_field_conflicts(connect: Connect) -> None:
    here, there = connect("zhouminfang"), connect("shenjiayi")
    case_id, party_id = registered(here)
    base = {"phone": "13800000001", "address": ""}
    here.deliver(here.command(case_id, p.edit_party(party_id, phone="13800000002"), base=base, version=1))
    merged = there.deliver(
        there.command(case_id, p.edit_party(party_id, address="浦江弄1号"), base=base, version=1)
    )[0]
    assert merged["status"] == "merged"
    mine = there.command(
        case_id,
        p.edit_party(party_id, phone="13800000003", email="a@example.com"),
        base={**base, "email": ""},
        version=1,
    )
    answer = there.deliver(mine)[0]
    assert answer["status"] == "conflict"
    assert answer["applied_fields"] == ["email"]
    assert answer["current"]["phone"]["value"] == "13800000002"
    assert answer["current"]["phone"]["by"] == "p-zhou"
    body = there.documents()["party", party_id]["body"]
    assert (body["phone"], body["address"], body["email"]) == ("13800000002", "浦江弄1号", "a@example.com")
    payload = {
        "kind": "conflict.resolve", "entity": "party", "entity_id": party_id, "choice": "mine",
        "fields": {"phone": "13800000003"}, "settles": mine["command"]["command_id"],
    }  # fmt: skip
    settled = there.deliver(there.command(case_id, payload, base={"phone": "13800000002"}))[0]
    assert settled["status"] == "applied"
    assert there.documents()["party", party_id]["body"]["phone"] == "13800000003"


def test_two_people_accept_once(connect: Connect) -> None:
    here, there = connect("zhouminfang"), connect("shenjiayi")
    case_id, party_id = registered(here)
    here.deliver(here.command(case_id, p.contact(case_id, here.person_id, party_id, "willing")))
    base = {"state": "deciding"}
    first = here.deliver(here.command(case_id, p.accept(case_id, here.person_id), base=base))[0]
    late = there.command(case_id, p.accept(case_id, there.person_id, "（2026）云梧民调字第0327号"), base=base)
    second = there.deliver(late)[0]
    assert (first["status"], second["status"]) == ("applied", "conflict")
    assert second["current"]["state"]["value"] == "accepted"
    case = here.documents()["case", case_id]["body"]
    assert case["number"] == "（2026）云梧民调字第0326号"
    assert sum(1 for entity, _ in here.documents() if entity == "record") == 2


def test_records_are_kept_in_any_state_and_move_only_by_the_table(connect: Connect) -> None:
    client = connect()
    case_id, _ = registered(client)
    answer = client.deliver(client.command(case_id, p.session(case_id, client.person_id)))[0]
    assert answer["status"] == "applied"
    case = client.documents()["case", case_id]["body"]
    assert case["state"] == "received"
    assert case["next_session_place"] == "", "the next session is set by an edit of the case"


def test_rejections_name_the_field_in_chinese_and_use_the_number(connect: Connect) -> None:
    client = connect()
    case_id, party_id = registered(client)
    bad = client.deliver(
        client.command(case_id, p.edit_party(party_id, gender="robot"), base={"gender": ""}, version=1)
    )[0]
    assert (bad["status"], bad["field"], bad["consumed"]) == ("rejected", "gender", True)
    assert "性别" in bad["reason"]
    early = client.deliver(
        client.command(
            case_id,
            p.close(case_id, client.person_id, "本机构"),
            base={"state": "received", "agreement_id": "", "conclusion": None},
        )
    )[0]
    assert early["code"] == "state"
    assert "新办件" in early["reason"]
    payload = p.edit_case(title="改过")
    tampered = client.command(case_id, payload, base={"title": "楼上漏水"}, payload_sha256="0" * 64)
    assert client.deliver(tampered)[0]["code"] == "payload_hash"
    good = client.command(case_id, payload, base={"title": "楼上漏水"}, version=1)
    assert client.deliver(good)[0]["status"] == "applied"


def test_batch_limits(connect: Connect) -> None:
    client = connect()
    case_id = p.new_id()
    signed = client.command(case_id, p.register(case_id))
    assert client.ask("POST", "/commands", json={"commands": [signed] * 101}).status_code == 413
    signed["command"]["payload"]["case"]["facts"] = "长" * 400_000
    assert client.ask("POST", "/commands", json={"commands": [signed]}).status_code == 413
    assert client.documents() == {}


def test_no_signature_before_the_date_on_the_paper(connect: Connect) -> None:
    client = connect()
    case_id, party_id = registered(client)
    client.deliver(client.command(case_id, p.contact(case_id, client.person_id, party_id, "willing")))
    base = {"state": "deciding"}
    client.deliver(client.command(case_id, p.accept(case_id, client.person_id), base=base))

    def fix(agreement_id: str, base_id: str, dated_on: str) -> Mapping[str, object]:
        payload = p.agreement(case_id, agreement_id, party_id, dated_on=dated_on)
        state = "agreed" if base_id else "accepted"
        base = {"agreement_id": base_id, "state": state, "signed": [], "performed": []}
        return client.deliver(client.command(case_id, payload, base=base))[0]

    later = fix("g-0", "", "2026-11-24")
    assert (later["status"], later["field"]) == ("rejected", "agreement.dated_on")
    assert fix("g-1", "", "2026-11-20")["status"] == "applied"
    early = client.deliver(client.command(case_id, p.sign(case_id, client.person_id, "g-1", "2026-11-19")))[0]
    assert (early["status"], early["field"]) == ("rejected", "record.body.on")
    assert "早于协议日期" in early["reason"]
    on_site = client.command(case_id, p.sign(case_id, client.person_id, "g-1", "2026-11-20"))
    assert client.deliver(on_site)[0]["status"] == "applied"


def test_a_case_from_before_a_field_has_it_blank(connect: Connect, platform: Platform) -> None:
    """What the first decision rests on is written down since this version."""
    client = connect()
    case_id, party_id = p.new_id(), p.new_id()
    made = p.register(case_id, p.party(case_id, party_id), state="accepted")
    client.deliver(client.command(case_id, made))
    with platform.store.write(platform.source.now()) as tx:
        head = tx.get("case", case_id)
        assert head is not None
        old = {name: value for name, value in head.body.items() if name != "decided_by"}
        tx.put("case", case_id, case_id, old, by="", institution=head.institution)
    terms, base = p.agreement(case_id, p.new_id(), party_id), {"state": "accepted", "agreement_id": ""}
    assert client.deliver(client.command(case_id, terms, base=base))[0]["status"] == "applied"
