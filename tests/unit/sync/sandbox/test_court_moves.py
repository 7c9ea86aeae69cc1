"""What the practice court offers: its natural next step first, which is what 推进一步 then does."""

from __future__ import annotations

import pytest

from sync.contract.codes import WireError
from sync.sandbox.court import choices, natural
from sync.sandbox.platform import Platform
from tests.unit.sync.sandbox.test_filings_and_accounts import Connect, agreed_case, manifest, prepared


def filing(*states: str) -> dict[str, object]:
    return {"state": states[-1], "events": [{"state": state} for state in states]}


@pytest.mark.parametrize(
    ("states", "following"),
    [
        (("lodged",), "accept"),
        (("lodged", "supplement_asked", "supplemented"), "accept"),
        (("lodged", "accepted"), "confirm"),
        (("lodged", "accepted", "supplement_asked", "supplemented"), "confirm"),
    ],
)
def test_the_natural_step_comes_first(states: tuple[str, ...], following: str) -> None:
    moves = [one["move"] for one in choices(filing(*states))]
    assert moves[0] == following == natural(filing(*states))
    assert "ask_supplement" in moves[1:]
    assert ("accept" in moves) == (following == "accept"), "nothing is accepted twice"


@pytest.mark.parametrize("states", [("lodged", "supplement_asked"), ("lodged", "accepted", "confirmed")])
def test_nothing_follows_of_itself_while_the_court_waits_or_has_ruled(states: tuple[str, ...]) -> None:
    assert natural(filing(*states)) == ""
    assert choices(filing(*states))


def test_a_step_chosen_for_another_state_is_not_made(connect: Connect, platform: Platform) -> None:
    client = connect()
    case_id, agreement_id = agreed_case(client)
    client.upload(b"application")
    path = prepared(client, case_id, agreement_id)
    client.ask("POST", f"{path}/lodge", json={"manifest_no": 1})
    submission_id = path.rpartition("/")[2]
    platform.court.move(submission_id, "ask_supplement")
    client.upload(b"licence")
    more = manifest(case_id, agreement_id, b"application", b"licence")
    assert client.ask("PUT", f"{path}/manifests/2", json=more).status_code == 201
    assert client.ask("POST", f"{path}/supplement", json={"manifest_no": 2}).status_code == 200
    with pytest.raises(WireError, match="已补交"):
        platform.court.move(submission_id, "not_accept", seen="supplement_asked")
    assert platform.court.move(submission_id, "accept", seen="supplemented")["state"] == "accepted"
