"""Filing once; who may ask; numbers; catalogues; the demo."""

from __future__ import annotations

import base64
import datetime as dt
import io
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
import sqlalchemy as sa

from sync.contract.entities import ENTITIES
from sync.sandbox import backups, seeding
from sync.sandbox.actors import Actors
from sync.sandbox.people import credit_code, identity_number
from sync.sandbox.platform import Platform
from sync.sandbox.stories import day_of
from tests.helpers import wire_payloads as p
from tests.helpers.sandbox import WireClient

Connect = Callable[..., WireClient]


def agreed_case(client: WireClient) -> tuple[str, str]:
    """A case with a finalised agreement; returns both ids."""
    case_id, agreement_id = p.new_id(), p.new_id()
    parties = [p.party(case_id, p.new_id()), p.party(case_id, p.new_id(), "applicant")]
    made = client.command(case_id, p.register(case_id, *parties, state="accepted"))
    terms = p.agreement(case_id, agreement_id, *(party["party_id"] for party in parties))
    agreed = client.command(case_id, terms, base={"state": "accepted", "agreement_id": ""})
    assert [a["status"] for a in client.deliver(made, agreed)] == ["applied", "applied"]
    return case_id, agreement_id


def manifest(case_id: str, agreement_id: str, *files: bytes, **more: Any) -> dict[str, Any]:
    import hashlib

    items = [
        {
            "sha256": hashlib.sha256(f).hexdigest(),
            "size": len(f),
            "name": "申请书.pdf",
            "material": "application",
        }
        for f in files
    ]
    key = {"case_id": case_id, "kind": "judicial_confirmation", "subject_id": agreement_id, "round": 1}
    return {**key, "court_code": "CDEMO1", "court_name": "云浦区人民法院", "items": items, **more}


def prepared(client: WireClient, case_id: str, agreement_id: str, **more: Any) -> str:
    submission_id = p.new_id()
    body = manifest(case_id, agreement_id, b"application", **more)
    assert client.ask("PUT", f"/submissions/{submission_id}/manifests/1", json=body).status_code == 201
    return f"/submissions/{submission_id}"


def test_lodging_waits_for_files_and_happens_once(connect: Connect, platform: Platform) -> None:
    client = connect()
    case_id, agreement_id = agreed_case(client)
    path = prepared(client, case_id, agreement_id)
    before = client.ask("PUT", f"{path}/manifests/1", json=manifest(case_id, agreement_id, b"before"))
    assert before.status_code == 201, "a list that nobody handed in gives way"
    mine = client.ask("PUT", f"{path}/manifests/1", json=manifest(case_id, agreement_id, b"application"))
    early = client.ask("POST", f"{path}/lodge", json={"manifest_no": 1})
    assert early.json()["code"] == "files_missing"
    assert len(early.json()["details"]["missing"]) == 1
    client.upload(b"application")
    first = client.ask("POST", f"{path}/lodge", json={"manifest_no": 1}).json()
    head = platform.store.head
    second = client.ask("POST", f"{path}/lodge", json={"manifest_no": 1}).json()
    assert first["submission"]["state"] == "lodged"
    assert second["receipt"] == first["receipt"]
    assert platform.store.head == head
    named = {"manifest_no": 1, "manifest_sha256": mine.json()["manifest_sha256"]}
    assert client.ask("POST", f"{path}/lodge", json=named).json()["receipt"] == first["receipt"]
    named["manifest_sha256"] = before.json()["manifest_sha256"]
    another = client.ask("POST", f"{path}/lodge", json=named)
    assert (another.status_code, another.json()["code"]) == (409, "manifest_immutable")
    other = manifest(case_id, agreement_id, b"other")
    changed = client.ask("PUT", f"{path}/manifests/1", json=other)
    assert (changed.status_code, changed.json()["code"]) == (409, "manifest_immutable")


@pytest.mark.parametrize("kind", ["agreement.finalise", "case.resume"])
def test_an_agreement_that_was_replaced_or_is_talked_about_again_is_not_lodged(
    connect: Connect, platform: Platform, kind: str
) -> None:
    client = connect()
    case_id, agreement_id = agreed_case(client)
    with platform.store.write(platform.source.now()) as tx:
        parties = [doc.doc_id for doc in tx.of_case(case_id, "party")]
    client.upload(b"application")
    path = prepared(client, case_id, agreement_id)
    base = {
        "state": "agreed",
        "agreement_id": agreement_id,
        "conclusion": None,
        "signed": [],
        "performed": [],
        "parties": parties,
    }
    again, anew = p.resume(case_id, client.person_id), p.agreement(case_id, p.new_id())
    meanwhile = anew if kind == "agreement.finalise" else again
    command = client.command(case_id, meanwhile, base=base)
    assert client.deliver(command)[0]["status"] == "applied"
    refused = client.ask("POST", f"{path}/lodge", json={"manifest_no": 1})
    assert (refused.status_code, refused.json()["code"], refused.json()["field"]) == (
        422, "state", "subject_id",
    )  # fmt: skip
    assert client.ask("GET", path).json()["submission"]["state"] != "lodged"


def test_both_computers_lodge_one_wins(connect: Connect) -> None:
    here, there = connect("zhouminfang"), connect("shenjiayi")
    case_id, agreement_id = agreed_case(here)
    here.upload(b"application")
    mine, theirs = prepared(here, case_id, agreement_id), prepared(there, case_id, agreement_id)
    assert here.ask("POST", f"{mine}/lodge", json={"manifest_no": 1}).status_code == 200
    late = there.ask("POST", f"{theirs}/lodge", json={"manifest_no": 1})
    assert (late.status_code, late.json()["code"]) == (409, "already_lodged")
    assert late.json()["details"]["submission_id"] == mine.rpartition("/")[2]


def test_supplement_ruling_and_next_round(connect: Connect, platform: Platform) -> None:
    client = connect()
    case_id, agreement_id = agreed_case(client)
    client.upload(b"application")
    path = prepared(client, case_id, agreement_id)
    submission_id = path.rpartition("/")[2]
    client.ask("POST", f"{path}/lodge", json={"manifest_no": 1})
    asked = platform.court.move(submission_id, "ask_supplement", ["营业执照复印件"])
    assert asked["events"][-1]["asked"] == ["营业执照复印件"]
    assert asked["events"][-1]["answer_by"] == "2026-11-30"
    client.upload(b"licence")
    more = manifest(case_id, agreement_id, b"application", b"licence")
    assert client.ask("PUT", f"{path}/manifests/2", json=more).status_code == 201
    for _ in range(2):
        reply = client.ask("POST", f"{path}/supplement", json={"manifest_no": 2}).json()
        assert reply["submission"]["state"] == "supplemented"
    platform.court.move(submission_id, "advance")
    final = platform.court.move(submission_id, "advance")
    assert final["state"] == "confirmed"
    assert "诉前调确" in final["court_number"]
    document = final["events"][-1]["documents"][0]
    pdf = client.ask("GET", f"/files/{document['sha256']}").content
    assert len(pdf) == document["size"]
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        assert len(opened.pages) == 1
    again = prepared(client, case_id, agreement_id, round=2)
    closed = client.ask("POST", f"{again}/lodge", json={"manifest_no": 1})
    assert closed.json()["code"] == "already_confirmed"


def test_dismissal_opens_the_next_round_only(connect: Connect, platform: Platform) -> None:
    client = connect()
    case_id, agreement_id = agreed_case(client)
    client.upload(b"application")
    path = prepared(client, case_id, agreement_id)
    client.ask("POST", f"{path}/lodge", json={"manifest_no": 1})
    platform.court.move(path.rpartition("/")[2], "not_accept")
    same = prepared(client, case_id, agreement_id)
    assert client.ask("POST", f"{same}/lodge", json={"manifest_no": 1}).json()["code"] == "round"
    following = prepared(client, case_id, agreement_id, round=2)
    assert client.ask("POST", f"{following}/lodge", json={"manifest_no": 1}).status_code == 200


def test_tokens_rotate_and_a_stolen_one_ends_the_family(connect: Connect) -> None:
    client = connect()
    first = client.refresh_token
    fresh = client.ask("POST", "/session/refresh", json={"refresh_token": first})
    assert fresh.status_code == 200
    client.http.headers["Authorization"] = f"Bearer {fresh.json()['access_token']}"
    assert client.ask("GET", "/hello").status_code == 200
    reused = client.ask("POST", "/session/refresh", json={"refresh_token": first})
    assert reused.json()["code"] == "token_reused"
    assert client.ask("GET", "/hello").status_code == 401


def test_a_lost_reply_to_a_refresh_does_not_end_the_sign_in(connect: Connect) -> None:
    client = connect()

    def refresh(token: str) -> dict[str, Any]:
        return dict(client.ask("POST", "/session/refresh", json={"refresh_token": token}).json())

    first = client.refresh_token
    lost = [refresh(first), refresh(first)]
    kept = refresh(first)
    assert len({pair["refresh_token"] for pair in (*lost, kept)}) == 3
    for pair in lost:
        client.http.headers["Authorization"] = f"Bearer {pair['access_token']}"
        assert client.ask("GET", "/hello").status_code == 401, "what nobody got is void"
    client.http.headers["Authorization"] = f"Bearer {kept['access_token']}"
    assert client.ask("GET", "/hello").status_code == 200
    second = refresh(kept["refresh_token"])
    assert "access_token" in second
    assert "access_token" in refresh(kept["refresh_token"])
    assert refresh(first)["code"] == "token_reused", "two steps back is not a lost reply"


def test_a_token_is_used_up_when_the_next_was_traded_in(connect: Connect) -> None:
    client = connect()
    tokens = [client.refresh_token]
    for _ in range(2):
        pair = client.ask("POST", "/session/refresh", json={"refresh_token": tokens[-1]}).json()
        tokens.append(pair["refresh_token"])
    again = client.ask("POST", "/session/refresh", json={"refresh_token": tokens[0]})
    assert again.json()["code"] == "token_reused"
    dead = client.ask("POST", "/session/refresh", json={"refresh_token": tokens[2]})
    assert dead.json()["code"] == "unauthenticated"


def test_access_ends_with_time_and_with_revocation(connect: Connect, platform: Platform) -> None:
    client, head = connect(), connect("hejing")
    platform.source.clock.offset += dt.timedelta(minutes=16)
    assert client.ask("GET", "/hello").json()["code"] == "unauthenticated"
    client.sign_in("zhouminfang", seeding.PASSWORD)
    head.sign_in("hejing", seeding.PASSWORD)
    assert client.ask("DELETE", f"/devices/{head.device_id}").json()["code"] == "forbidden_role"
    assert head.ask("DELETE", f"/devices/{client.device_id}").status_code == 200
    assert client.ask("GET", "/hello").json()["code"] == "device_revoked"


def test_wrong_password_and_strange_device(connect: Connect) -> None:
    client = connect()
    body = {"device_id": client.device_id, "user": "zhouminfang", "password": "wrong"}
    assert client.ask("POST", "/session", json=body).json()["code"] == "bad_credentials"
    body |= {"password": seeding.PASSWORD, "device_id": "unknown"}
    assert client.ask("POST", "/session", json=body).json()["code"] == "device_unknown"


def test_numbers_are_leased_once(connect: Connect) -> None:
    here, there = connect(), connect("shenjiayi")
    ask = {"block_id": p.new_id(), "series": "case", "year": 2026, "count": 20}
    first = here.ask("POST", "/number-blocks", json=ask).json()
    assert (first["first"], first["last"]) == (326, 345)
    assert here.ask("POST", "/number-blocks", json=ask).json() == first
    second = there.ask("POST", "/number-blocks", json={**ask, "block_id": p.new_id()}).json()
    assert second["first"] == 346
    path = f"/number-blocks/{ask['block_id']}/return"
    assert here.ask("POST", path, json={"returned_from": 340}).json()["returned_from"] == 340
    third = there.ask("POST", "/number-blocks", json={**ask, "block_id": p.new_id()}).json()
    assert third["first"] == 366, "numbers given back are void"


def test_a_run_belongs_to_the_device_that_leased_it(connect: Connect) -> None:
    here, there = connect("zhouminfang"), connect("hejing")
    ask = {"block_id": p.new_id(), "series": "case", "year": 2026, "count": 50}
    assert here.ask("POST", "/number-blocks", json=ask).status_code == 201
    other = there.ask("POST", "/number-blocks", json=ask)
    assert (other.status_code, other.json()["code"]) == (409, "number_block")
    later = here.ask("POST", "/number-blocks", json={**ask, "year": 2027})
    assert later.json()["code"] == "number_block"


def test_a_number_is_borne_by_one_case(connect: Connect, platform: Platform) -> None:
    client = connect()
    numbers = ["（2026）云梧民调字第0326号", "云梧调不受字〔2026〕第 6 号"]

    def registered() -> str:
        case_id = p.new_id()
        made = client.command(case_id, p.register(case_id, p.party(case_id, p.new_id()), state="received"))
        waived = {"type": "decision", "what": "contact_waived"}
        trace = p.record(case_id, client.person_id, waived)
        asked = client.command(
            case_id,
            {"kind": "contact.waive", "record": trace, "reason": "都在场"},
            base={"state": "received"},
        )
        assert [a["status"] for a in client.deliver(made, asked)] == ["applied", "applied"]
        return case_id

    def accepted(case_id: str) -> dict[str, Any]:
        wanted = p.accept(case_id, client.person_id, numbers[0])
        return client.deliver(client.command(case_id, wanted, base={"state": "deciding"}))[0]

    def refused(case_id: str) -> dict[str, Any]:
        wanted = p.refuse(case_id, client.person_id, numbers[1])
        return client.deliver(client.command(case_id, wanted, base={"state": "deciding"}))[0]

    assert accepted(registered())["status"] == "applied"
    assert refused(registered())["status"] == "applied"
    third = registered()
    for answer, field in ((accepted(third), "number"), (refused(third), "refusal.notice_no")):
        assert (answer["status"], answer["code"], answer["field"]) == ("rejected", "number_used", field)
        assert answer["consumed"]
    walk_in = p.new_id()
    made = p.register(walk_in, p.party(walk_in, p.new_id()), state="accepted", number=numbers[0])
    assert client.deliver(client.command(walk_in, made))[0]["code"] == "number_used"
    with platform.store.read() as conn:
        state = conn.execute(sa.text("SELECT body FROM docs WHERE doc_id = :id"), {"id": third}).scalar_one()
    assert '"state":"deciding"' in state


def test_each_device_has_a_tag_of_its_own_for_ever(connect: Connect, platform: Platform) -> None:
    first, second = connect("zhouminfang"), connect("zhouminfang")
    told = [one.enrol("zhouminfang", seeding.PASSWORD)["device_tag"] for one in (first, second, first)]
    assert told == ["01", "02", "01"]
    backups.make(platform)
    third = connect("hejing")
    backups.restore(platform)
    tags = [one.enrol("hejing", seeding.PASSWORD)["device_tag"] for one in (third, connect("hejing"))]
    assert tags == ["03", "04"], "a restore gives no tag a second time"


def test_catalogues_have_etags(connect: Connect) -> None:
    client = connect()
    for name, etag in client.ask("GET", "/catalogues").json()["catalogues"].items():
        reply = client.ask("GET", f"/catalogues/{name}")
        assert reply.headers["etag"] == etag
        assert reply.json()["items"]
        idle = client.ask("GET", f"/catalogues/{name}", headers={"If-None-Match": etag})
        assert idle.status_code == 304


def test_request_id_is_echoed_also_on_refusal(connect: Connect) -> None:
    client = connect()
    for path in ("/hello", "/nowhere"):
        assert client.ask("GET", path, headers={"X-Request-Id": "r-1"}).headers["x-request-id"] == "r-1"


def test_people_made_up_pass_the_checks() -> None:
    assert identity_number(dt.date(1949, 12, 31), 2)[:17] == "31019919491231002"
    from stdnum.cn import uscc

    assert all(uscc.is_valid(credit_code(serial)) for serial in range(12_345_000, 12_345_100))
    assert day_of("w-3", dt.date(2026, 11, 23)) == dt.date(2026, 11, 18)
    assert day_of("d-30", dt.date(2026, 11, 23)) == dt.date(2026, 10, 24)


@pytest.fixture
def demo(platform: Platform) -> Platform:
    seeding.reset(platform, "demo")
    return platform


def test_demo_is_whole_and_fits_the_contract(demo: Platform, connect: Connect) -> None:
    documents = connect().documents()
    cases = [c["body"] for (entity, _), c in documents.items() if entity == "case"]
    assert len(cases) >= 60
    assert len({case["dispute_kind"] for case in cases}) == 18
    from sync.sandbox.machines import table

    assert {case["state"] for case in cases} >= set(table()["case"]["states"]) - {"withdrawn"}
    for (entity, _), change in documents.items():
        model = ENTITIES[entity].model_validate(change["body"])
        assert model.model_dump(mode="json") == change["body"]
        assert not model.model_extra
    closed = [c["body"] for (entity, _), c in documents.items() if entity == "record"]
    said = {one["body"]["text"] for one in closed if one["body"]["type"] == "closed"}
    assert "当面调解" in said, "how it was closed, as the client writes it"
    assert "结案" not in said
    for (entity, _), change in documents.items():
        if entity == "attachment":
            assert demo.files.path(change["body"]["sha256"]).exists()


def test_actors_work_on_the_demo(demo: Platform, connect: Connect) -> None:
    actors = Actors(demo)
    made = actors.dispatch("group")
    client = connect()
    parties = [
        d for (e, _), d in client.documents().items() if e == "party" and d["case_id"] == made["case_id"]
    ]
    assert len(parties) == 11
    edit = actors.edit_same_field(made["case_id"], "phone", "13800000009")
    assert client.documents()["party", edit["id"]]["body"]["phone"] == "13800000009"
    lodged = next(c for c in actors.overview() if any(s["state"] == "lodged" for s in c["submissions"]))
    assert (
        actors.ask_material(lodged["case_id"])["submission_id"] == lodged["submissions"][0]["submission_id"]
    )
    actors.stand("suspended", "搬迁")
    assert client.ask("GET", "/hello").json()["institution"]["status"] == "suspended"


def test_seal_key_is_a_key(platform: Platform) -> None:
    assert len(base64.b64decode(platform.setting("seal_public"))) == 32
