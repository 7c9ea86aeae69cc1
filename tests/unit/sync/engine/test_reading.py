"""Whatever comes over the wire is read as a value or becomes a fault of ours, never anything else."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from email.utils import format_datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from app.clock import FixedClock
from sync.engine import faults
from sync.engine.client import Reply, refusal
from sync.engine.pull import read_changes, read_snapshot
from sync.engine.reading import base64_bytes, digits, read_json, retry_after
from sync.engine.work import pause

NOW = dt.datetime(2026, 11, 23, 2, 42, tzinfo=dt.UTC)
CLOCK = FixedClock(NOW)
TEXT = st.text(st.characters(codec="latin-1"), max_size=60)
JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(st.characters(), max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
MOMENTS = st.datetimes().map(lambda moment: format_datetime(moment))
DEEP = b"[" * 200_000


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("", None),
        ("7", 7.0),
        ("9" * 400, 3600.0),
        ("-5", None),
        ("\u00b2", None),
        ("1.5", None),
        ("soon", None),
        ("Mon, 23 Nov 2026 02:42:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 02:42:30 -0000", 30.0),
        ("Mon, 23 Nov 2026 02:42:30", 30.0),
        ("Mon, 23 Nov 2026 10:42:30 +0800", 30.0),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0),
        ("Wed, 21 Oct 2099 07:28:00 -0000", 3600.0),
        ("Wed, 21 Oct 9999999999999999999 07:28:00 GMT", None),
        ("Wed, 21 Oct 2026 07:28:00 +99999999999", None),
    ],
)
def test_seconds_until_the_next_try(text: str, seconds: float | None) -> None:
    assert retry_after(text, CLOCK) == seconds


@given(TEXT | MOMENTS | st.from_regex(r"[0-9\u00b2]{1,30}"))
def test_a_retry_after_is_within_the_hour_or_none(text: str) -> None:
    seconds = retry_after(text, CLOCK)
    assert seconds is None or 0 <= seconds <= 3600


@given(TEXT | st.text(max_size=30))
def test_digits_are_ascii(text: str) -> None:
    value = digits(text)
    assert value is None or (text.lstrip("0") or "0") == str(value)


@given(st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
@example(DEEP)
@example(b'"\\ud800"')
@example(b"NaN")
@example(b"9" * 10_000)
def test_a_body_is_a_value_that_can_be_kept_or_a_fault(body: bytes) -> None:
    with contextlib.suppress(faults.NotOurPlatformFault):
        value = read_json(body)
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()


ERRORS = st.fixed_dictionaries(
    {},
    optional=dict.fromkeys(("code", "message", "field", "details", "retry_after"), JSON),
)


@given(
    st.integers(400, 599),
    st.dictionaries(st.sampled_from(["Retry-After", "Content-Type"]), TEXT),
    st.binary(max_size=60) | (ERRORS | JSON).map(lambda value: json.dumps(value).encode()),
)
@example(409, {}, b'{"code":"c","message":"m","details":[1],"retry_after":"soon"}')
@example(503, {"Retry-After": "Wed, 21 Oct 2026 07:28:00 -0000"}, b"<html>")
@example(418, {}, b"[1]")
@example(422, {}, DEEP)
@example(422, {}, b'{"code":"field","message":"\\ud800"}')
def test_every_refusal_is_a_fault_with_a_sentence(status: int, headers: dict[str, str], body: bytes) -> None:
    fault = refusal(Reply(status, headers, body), CLOCK)
    assert isinstance(fault, faults.SyncFault)
    assert fault.message
    assert fault.message.encode()
    assert fault.retry_after is None or 0 <= fault.retry_after <= 3600
    if isinstance(fault, faults.RefusedFault):
        assert isinstance(fault.details, dict)


PAGE: dict[str, Any] = {
    "epoch": "e", "from": 1, "to": 2, "head": 2, "more": False, "at": 2, "after": None, "cases": 1,
    "items": [{"seq": 1, "entity": "case", "id": "c", "case_id": "c", "version": 1, "op": "put", "body": {}}],
}  # fmt: skip


@given(st.data())
def test_a_page_is_read_or_is_none_of_the_platform(data: st.DataObject) -> None:
    page = json.loads(json.dumps(PAGE))
    where = page if data.draw(st.booleans()) else page["items"][0]
    where[data.draw(st.sampled_from(sorted(where)))] = data.draw(JSON)
    for read in (read_changes, read_snapshot):
        with contextlib.suppress(faults.NotOurPlatformFault):
            got = read(json.dumps(page).encode())
            assert all(0 <= item.seq <= 2**62 and 0 <= item.version <= 2**62 for item in got.items)


@pytest.mark.parametrize(
    "body",
    [
        DEEP,
        b'{"epoch":"\xed\xa0\x80"}',
        json.dumps({**PAGE, "to": 2**70, "at": 2**70}).encode(),
        json.dumps(PAGE).encode().replace(b'"body": {}', b'"body": ' + b"[" * 200_000),
        json.dumps({**PAGE, "from": -1, "at": -1}).encode(),
    ],
)
def test_pages_that_once_broke_the_reader(body: bytes) -> None:
    for read in (read_changes, read_snapshot):
        with pytest.raises(faults.NotOurPlatformFault):
            read(body)


@given(st.text(max_size=40))
def test_base64_is_bytes_or_a_fault(text: str) -> None:
    with contextlib.suppress(faults.NotOurPlatformFault):
        assert isinstance(base64_bytes(text), bytes)


@given(st.integers(-5, 100), st.none() | st.floats(allow_nan=False))
def test_no_wait_is_longer_than_an_hour(failures: int, asked: float | None) -> None:
    assert 2.0 <= pause(failures, lambda _, high: high, asked) <= 3600.0
