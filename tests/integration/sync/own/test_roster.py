"""The roster after enrolment: who came, who left, another role; offline the last one stays."""

from __future__ import annotations

import json

import pytest

from app.domain.errors import FieldError
from app.services import office as services
from app.storage import kv
from tests.helpers.clients import Office
from tests.helpers.spoiling import spoiling


def now(office: Office) -> services.Office:
    """The services as the window makes them anew after a run brought people."""
    return services.Office(office.desk).refreshed()


def takers(office: Office) -> set[str]:
    return {person.name for person in now(office).handover.takers("p-zhou")}


def test_who_comes_later_can_be_given_cases_and_who_left_cannot(ready: Office) -> None:
    assert "何静" in takers(ready)
    ready.sandbox.control("staff", login="zhaoyi", name="赵一", role="mediator")
    assert "赵一" not in takers(ready), "not known before the platform was asked"
    ready.good_run()
    assert "赵一" in takers(ready)
    (newcomer,) = (p for p in now(ready).desk.people.values() if p.login == "zhaoyi")
    ready.sandbox.control("staff", login="zhaoyi", active=False)
    ready.good_run()
    assert "赵一" not in takers(ready)
    assert now(ready).desk.name_of(newcomer.person_id) == "赵一", "what was hers still names her"
    case_id = ready.case_ids("accepted", "mediating", "agreed")[0]
    with pytest.raises(FieldError):
        now(ready).handover.hand_over("p-zhou", newcomer.person_id, (case_id,))


def test_another_role_takes_effect(ready: Office) -> None:
    assert now(ready).desk.person.role == "mediator"
    ready.sandbox.control("staff", login="zhouminfang", role="head")
    ready.good_run()
    assert now(ready).desk.person.role == "head"


def test_offline_the_last_one_stays(ready: Office) -> None:
    ready.sandbox.control("staff", login="zhaoyi", name="赵一", role="mediator")
    ready.good_run()
    ready.sandbox.control("network/offline")
    assert ready.run().error is not None
    assert "赵一" in takers(ready)


def test_it_is_fetched_once_and_again_only_when_it_changed(ready: Office) -> None:
    with spoiling(ready.sandbox.url) as line:
        ready.desk.store.write(lambda conn: kv.put(conn, "platform_url", line.url))
        ready.good_run()
        assert "/v1/catalogues/roster" not in line.seen
        ready.sandbox.control("staff", login="zhaoyi", name="赵一", role="mediator")
        ready.good_run()
        ready.good_run()
        assert line.seen.count("/v1/catalogues/roster") == 1


@pytest.mark.parametrize("items", [[], [{"name": "赵一"}]], ids=["empty", "broken"])
def test_a_roster_that_is_none_leaves_the_known_one(ready: Office, items: list[dict[str, str]]) -> None:
    ready.sandbox.control("staff", login="zhaoyi", name="赵一", role="mediator")

    def spoil(
        path: str, status: int, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        if path.startswith("/v1/catalogues/roster"):
            body = json.dumps({**json.loads(body), "items": items}).encode()
        return status, headers, body

    with spoiling(ready.sandbox.url) as line:
        line.spoil = spoil
        ready.desk.store.write(lambda conn: kv.put(conn, "platform_url", line.url))
        ready.run()
        assert "何静" in takers(ready)
        line.spoil = None
        ready.good_run()
    assert "赵一" in takers(ready)
