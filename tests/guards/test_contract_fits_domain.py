"""The wire's models and the client's documents have the same JSON, written twice and compared here."""

from __future__ import annotations

import datetime as dt
import json
import typing
from typing import Any

import msgspec
import pytest

from app.domain import casefile as cf
from app.domain import commands as cmd
from app.storage import firstpaint
from sync.contract import commands as wire_commands
from sync.contract import entities, records
from sync.contract.canonical import canonical, hash_of
from sync.contract.commands import Command
from sync.contract.model import Model

AT = dt.datetime(2026, 11, 23, 2, 41, 7, 125000, tzinfo=dt.UTC)
DAY = dt.date(2026, 11, 30)


def sample(kind: Any, depth: int = 0) -> Any:
    """A value of a type with every field filled, so that no field can be forgotten on either side."""
    origin = typing.get_origin(kind)
    arguments = typing.get_args(kind)
    simple = {str: "值-1", int: 3, bool: True, dt.datetime: AT, dt.date: DAY}
    if kind in simple:
        return simple[kind]
    if origin is typing.Literal:
        return arguments[-1]
    if origin is tuple:
        return (sample(arguments[0], depth + 1),)
    if origin is dict:
        return {"title": "停车费"}
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        hints = typing.get_type_hints(kind)
        return kind(**{f: fill(f, hints[f], depth) for f in kind.__struct_fields__})
    return sample(next(a for a in arguments if a is not type(None)), depth + 1)


def fill(name: str, kind: Any, depth: int) -> Any:
    if name == "sha256":
        return "ab" * 32
    if kind is str and (name.endswith("_id") or name in ("author", "added_by", "settles")):
        return f"id-{name}"
    if name in ("party_ids", "omitted_ids", "also"):
        return ("id-1", "id-2")
    if name == "outcome" and kind is str:
        return "failed"
    if name == "result" and kind is str:
        return "willing"
    if name == "choice":
        return "mine"
    if name == "entity":
        return "party"
    return sample(kind, depth)


def plain(doc: Any) -> Any:
    return msgspec.json.decode(cmd.canonical(doc))


def same(domain: Any, model: type[Model]) -> None:
    """``domain``'s JSON passes the wire model unchanged, and the wire's comes back as the same value."""
    data = plain(domain)
    parsed = model.model_validate(data)
    assert parsed.model_dump(mode="json") == data
    assert msgspec.convert(parsed.model_dump(mode="json"), type(domain)) == domain


def no_extras(model: Model) -> None:
    assert not model.model_extra, f"{type(model).__name__} does not know {sorted(model.model_extra or {})}"
    for name in type(model).model_fields:
        value = getattr(model, name)
        for inner in value if isinstance(value, list) else [value]:
            if isinstance(inner, Model):
                no_extras(inner)


@pytest.mark.parametrize("entity", sorted(cf.TYPES))
def test_documents_are_the_same_on_both_sides(entity: str) -> None:
    doc = sample(cf.TYPES[entity])
    same(doc, entities.ENTITIES[entity])
    no_extras(entities.ENTITIES[entity].model_validate(plain(doc)))
    assert set(entities.ENTITIES[entity].model_fields) == set(cf.TYPES[entity].__struct_fields__)


@pytest.mark.parametrize("body", typing.get_args(cf.RecordBody), ids=lambda b: str(b.__name__))
def test_every_kind_of_record(body: Any) -> None:
    record = cf.Record(record_id="r-1", case_id="c-1", at=AT, author="p-1", body=sample(body))
    same(record, records.Record)
    no_extras(records.Record.model_validate(plain(record)))


@pytest.mark.parametrize("payload_type", typing.get_args(cmd.AnyPayload), ids=lambda p: str(p.__name__))
def test_every_command_and_its_hashes(payload_type: Any) -> None:
    payload = sample(payload_type)
    command = cmd.Command(
        command_id="01935b2e-0000-7000-8000-000000000001",
        device_id="device-1",
        dev_seq=7,
        author="p-1",
        case_id="c-1",
        lane_seq=1,
        prev_hash=cmd.GENESIS,
        base_version=4,
        base_values={"title": "旧\n“名”", "amount_fen": 320000, "agent": None},
        schema_version=cmd.SCHEMA_VERSION,
        written_at=AT,
        payload=payload,
        payload_sha256=cmd.payload_hash(payload),
    )
    data = plain(command)
    assert canonical(data) == cmd.canonical(command)
    assert hash_of(data["payload"]) == command.payload_sha256
    parsed = Command.model_validate(data)
    no_extras(parsed)
    assert parsed.model_dump(mode="json") == data
    assert cmd.decode(canonical(parsed.model_dump(mode="json"))) == command


def test_rules_written_twice_agree() -> None:
    assert wire_commands.COMPARE_AND_SET == cmd.COMPARE_AND_SET
    assert wire_commands.APPOINTMENT == cmd.APPOINTMENT == set(firstpaint.APPOINTED)
    assert wire_commands.ON_THE_AGREEMENT == cmd.ON_THE_AGREEMENT
    assert wire_commands.RESTED_ON == cmd.RESTED_ON
    assert wire_commands.ON_THE_CONCLUSION == cmd.ON_THE_CONCLUSION
    assert wire_commands.ON_THE_CLOCK == cmd.ON_THE_CLOCK
    assert wire_commands.ON_THE_APPOINTMENT == cmd.ON_THE_APPOINTMENT
    assert wire_commands.UNDOING_AGREEMENT == cmd.UNDOING_AGREEMENT
    assert wire_commands.EDITABLE_CASE_FIELDS == cmd.EDITABLE_CASE_FIELDS
    assert wire_commands.EDITABLE_PARTY_FIELDS == cmd.EDITABLE_PARTY_FIELDS
    assert wire_commands.SCHEMA_VERSION == cmd.SCHEMA_VERSION
    kinds = {cmd.kind_of(sample(p)) for p in typing.get_args(cmd.AnyPayload)}
    union = typing.get_args(typing.get_args(wire_commands.Payload)[0])
    assert {typing.get_args(m.model_fields["kind"].annotation)[0] for m in union} == kinds


def test_canonical_escapes_alike() -> None:
    text = "".join(map(chr, range(0x80))) + "\u2028é😀"
    value = {"b": text, "a": [1, True, None], text[64:]: {"😀": 0, "\uffff": [], "é": 2**70, "e": -(2**70)}}
    # As a stranger writes it, without our encoder.
    plain = json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert canonical(value) == cmd.canonical(value) == plain


@pytest.mark.parametrize(
    "value", [1.5, b"bytes", {1: "number as a key"}, {"a"}, object(), dt.date(2026, 11, 26)]
)
def test_canonical_json_holds_json_only(value: object) -> None:
    for told in (value, {"a": value}, {"a": [1, {"b": value}]}, [[value]]):
        with pytest.raises(TypeError):
            canonical(told)


def test_both_sides_hold_up_lodging_for_the_same_fields() -> None:
    from app.services import disputes
    from sync.contract import commands as contract

    assert disputes.LEGAL_FIELDS == contract.LEGAL_FIELDS
