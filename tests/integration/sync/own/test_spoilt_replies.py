"""Replies of the right kind with something wrong inside: nothing breaks, nothing is lost."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.domain.errors import JiefenError
from app.services.attachments import Attachments, FileEntry
from app.services.filing import Filing
from app.services.handling import Handling
from tests.helpers.clients import Office
from tests.helpers.filings import PDF, agreed_case, ask, lodged, prepare_filing, supplement
from tests.helpers.sandbox import Sandbox
from tests.helpers.spoiling import SpoilingLine, changed, spoiling, spots

VALUES = (
    b"null", b"true", b"-1", b"0", b"1e308", b"99999999999999999999999", b'""', b'"x"', b'"\\ud800"',
    b'"0001-01-01T00:00:00+14:00"', b"[]", b"[1]", b"{}", b'{"a":[null]}', b"[" * 3000 + b"]" * 3000, b"NaN",
)  # fmt: skip
HEADERS = {
    "Retry-After": ("Wed, 21 Oct 2026 07:28:00 -0000", "\u00b2", "9" * 400, "-1", "soon"),
    "Upload-Offset": ("\u00b2", "-1", "9" * 30, ""),
    "Location": ("", "//", "/v1/uploads/", "http://127.0.0.1:1/v1/uploads/x"),
}


@pytest.fixture
def line(tmp_path: Path, sandbox: Sandbox) -> Iterator[SpoilingLine]:
    with spoiling(sandbox.url) as one:
        yield one


class Spoiler:
    """Spoils one reply: the ``at``-th of the run, at a place and with a value chosen by two numbers."""

    def __init__(self, at: int, spot: int, value: int) -> None:
        self.at, self.spot, self.value = at, spot, value
        self.count = 0
        self.what = ""

    def __call__(
        self, path: str, status: int, headers: dict[str, str], body: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        self.count += 1
        if self.count != self.at:
            return status, headers, body
        names = [name for name in HEADERS if name.lower() in {key.lower() for key in headers}]
        if names and self.spot % 2:
            name = names[self.spot % len(names)]
            wrong = HEADERS[name][self.value % len(HEADERS[name])]
            kept = {key: text for key, text in headers.items() if key.lower() != name.lower()}
            self.what = f"{path} {name}: {wrong[:20]}"
            return status, {**kept, name: wrong}, body
        if not body.startswith((b"{", b"[")):
            return 503, {**headers, "Retry-After": HEADERS["Retry-After"][self.value % 5]}, b"down"
        places = list(spots(json.loads(body)))
        place, value = places[self.spot % len(places)], VALUES[self.value % len(VALUES)]
        self.what = f"{path} {place}: {value[:30]!r}"
        return status, headers, changed(body, place, value)


def write_something(office: Office, case_id: str, turn: int) -> None:
    Handling(office.desk).add_note(case_id, f"第 {turn} 次")
    if turn % 4 == 0:
        name, mark = f"{turn}.pdf", str(turn).encode()
        Attachments(office.desk).add_bytes(
            case_id, PDF + mark, name, "application/pdf", FileEntry(role="evidence")
        )


@settings(
    max_examples=30,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(at=st.integers(1, 14), spot=st.integers(0, 10_000), value=st.integers(0, 10_000))
def test_one_spoilt_reply_costs_a_run_at_most(
    ready: Office, line: SpoilingLine, at: int, spot: int, value: int
) -> None:
    case_id = ready.case_ids("accepted", "mediating")[0]
    ready.port.state.put(platform_url=line.url)
    write_something(ready, case_id, spot)
    spoiler = line.spoil = Spoiler(at, spot, value)
    result = ready.run()
    line.spoil = None
    assert result.error is None or isinstance(result.error, JiefenError), spoiler.what
    ready.later(3700)
    settled(ready, spoiler.what)


def settled(office: Office, what: str) -> None:
    """Two sound runs afterwards everything is delivered and both sides show the same."""
    for _ in range(2):
        again = office.run()
        assert again.error is None, (what, again.error)
        office.later(3700)
    assert (again.waiting, again.unknown, again.failed) == (0, 0, 0), (what, again)
    assert set(office.states()) == {"delivered"}, what


@settings(
    max_examples=12,
    deadline=None,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(spot=st.integers(0, 10_000), value=st.integers(0, 10_000))
def test_a_spoilt_answer_about_a_filing_lodges_nothing_twice(
    ready: Office, line: SpoilingLine, filed: dict[str, Any], spot: int, value: int
) -> None:
    """The answer to lodging is spoilt; the question afterwards is too; then the line is sound."""
    if not filed:
        case_id = agreed_case(ready)
        prepare_filing(ready, case_id)
        filed["case"] = case_id
        filed["id"] = Filing(ready.desk).lodge(case_id).value
    ready.port.state.put(platform_url=line.url)

    def spoil(path: str, status: int, headers: dict[str, str], body: bytes) -> Any:
        if "/submissions/" not in path or not body.startswith(b"{"):
            return status, headers, body
        places = list(spots(json.loads(body)))
        return status, headers, changed(body, places[spot % len(places)], VALUES[value % len(VALUES)])

    line.spoil = spoil
    for _ in range(2):
        result = ready.run()
        assert result.error is None or isinstance(result.error, JiefenError)
        ready.later(3700)
    line.spoil = None
    settled(ready, f"{spot} {value}")
    shown = Filing(ready.desk).prepare(filed["case"]).submission
    assert shown is not None
    assert (shown.submission_id, shown.state) == (filed["id"], "lodged")
    # Ask for it once more at the next example, as after a restore of the platform.
    ready.port.desk.store.write(ready.port.filings.ask_again)


@pytest.fixture
def filed() -> dict[str, Any]:
    """What the examples of one test have handed in: one application for all of them."""
    return {}


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b'{"answers": null}', b'{"answers": [{}, null, {"command_id": 5}]}']
)
def test_an_answer_to_commands_that_is_none_is_asked_for(
    ready: Office, line: SpoilingLine, body: bytes
) -> None:
    case_id = ready.case_ids("accepted", "mediating")[0]
    ready.port.state.put(platform_url=line.url)
    Handling(ready.desk).add_note(case_id, "来访")
    ready.later(60)
    asked: list[str] = []

    def spoil(
        path: str, status: int, headers: dict[str, str], told: bytes
    ) -> tuple[int, dict[str, str], bytes]:
        if not path.endswith("/commands") or asked:
            return status, headers, told
        asked.append(path)
        return status, headers, body

    line.spoil = spoil
    result = ready.run()
    assert asked
    assert result.error is None or isinstance(result.error, JiefenError)
    ready.later(3700)
    settled(ready, body.decode())


def test_a_file_goes_though_what_the_feed_tells_of_it_cannot_be_read(
    ready: Office, line: SpoilingLine
) -> None:
    """Its words were taken, and it is not kept waiting for them."""
    ready.port.state.put(platform_url=line.url)
    case_id, spoilt = ready.case_ids("accepted", "mediating")[0], []
    write_something(ready, case_id, 0)

    def spoil(path: str, status: int, headers: dict[str, str], body: bytes) -> Any:
        told = json.loads(body) if "/changes" in path and body.startswith(b"{") else {"items": []}
        for item in told["items"]:
            if item["entity"] == "attachment" and not item["body"]["stored"]:
                item["body"]["provided_by"] = 9
                spoilt.append(path)
                return status, headers, json.dumps(told).encode()
        return status, headers, body

    line.spoil = spoil
    result = ready.run()
    line.spoil = None
    assert (result.error, len(spoilt)) == (None, 1)
    settled(ready, "the words of a file")


def test_a_list_that_cannot_be_compared_holds_up_nothing(ready: Office, line: SpoilingLine) -> None:
    """A supplement in doubt: the platform refuses to say what lies in the list, the run goes on."""
    case_id, submission_id = lodged(ready)
    ask(ready, submission_id)
    supplement(ready, case_id, b"one")
    ready.port.state.put(platform_url=line.url)
    lists: list[str] = []

    def spoil(path: str, status: int, headers: dict[str, str], body: bytes) -> Any:
        if path.endswith("/supplement") and status == 200:
            return 503, headers, b"down"
        if "/manifests/" in path and ready.port.filings.jobs()[0].job == "unknown":
            lists.append(path)
            refusal = {"code": "case_unknown", "message": "平台上没有。", "field": "", "retry_after": 0}
            return 422, headers, json.dumps(refusal).encode()
        return status, headers, body

    line.spoil = spoil
    ready.run()
    ready.later(3700)
    result = ready.run()
    assert lists, "it was in doubt, and its list was compared"
    assert (result.error, result.waiting) == (None, 1)
    line.spoil = None
    ready.later(3700)
    settled(ready, "a list that was not compared")


@pytest.mark.parametrize("since", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00"])
def test_an_instant_outside_the_calendar_is_no_greeting(
    ready: Office, line: SpoilingLine, since: str
) -> None:
    """In UTC there is no such day."""
    write_something(ready, ready.case_ids("accepted", "mediating")[0], 1)
    ready.port.state.put(platform_url=line.url)

    def spoil(path: str, status: int, headers: dict[str, str], body: bytes) -> Any:
        if "/hello" not in path or status != 200:
            return status, headers, body
        return status, headers, changed(body, ("institution", "since"), json.dumps(since).encode())

    line.spoil = spoil
    result = ready.run()
    assert isinstance(result.error, JiefenError)
    line.spoil = None
    ready.later(3700)
    settled(ready, since)
