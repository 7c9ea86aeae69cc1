"""Form definitions: complete, consistent, and refused with a clear word when they are not."""

from __future__ import annotations

import json
import re

import pytest

from app.documents import people
from app.documents.forms import all_forms, form, read_form
from app.documents.render import forms_folder
from app.documents.sources import SOURCES
from app.documents.values import values_for
from app.domain.errors import InternalError, NotFoundError
from app.domain.filing import material_list
from tests.helpers import papers

RELEASE = [
    "F01", "F02", "F05", "F06", "F07", "F08", "P01", "P04", "P05", "P11", "P12", "P13", "P15", "P16", "P20",
]  # fmt: skip


def test_all_forms_of_this_release_are_there() -> None:
    assert set(RELEASE) <= set(all_forms())


@pytest.mark.parametrize("form_id", RELEASE)
def test_every_named_source_style_and_layout_exists(form_id: str) -> None:
    definition = form(form_id)
    named = {definition.number} | {f.source for f in definition.fields}
    named |= {f.when for f in definition.fields} | {f.unless for f in definition.fields}
    printed = [definition.heading, definition.addressee, definition.seal, *definition.enclosures]
    printed += [t for f in definition.fields for t in f.text]
    named |= set(re.findall(r"\{([^}]+)\}", " ".join(printed)))
    assert named - {""} <= set(SOURCES)
    assert {f.style for f in definition.fields if f.type == "people"} <= set(people._STYLES)
    assert (forms_folder() / f"{definition.layout}.typ").is_file()
    assert (forms_folder() / f"{definition.layout}.docx").is_file()


BY_HAND = {
    "F08": {"reason"},  # why one visits is written by who visits
    "P11": {"postcode", "electronic", "agent_name", "agent_relation", "agent_id", "agent_phone",
            "agent_address"},  # the party's own declaration, 民诉法解释 136
    "P13": {"undisputed"},  # whether all agreed to a record of facts is known once they have signed one
    "P16": {"basis"},  # 设立依据 is in no roster the platform sends
    "P20": {"opinion"},  # the head's own hand
}  # fmt: skip
"""Fields that are left blank for the pen on purpose; everything else names where its value comes from."""


def test_what_no_source_fills_is_left_blank_on_purpose() -> None:
    bare = {
        form_id: {
            f.key for f in all_forms()[form_id].fields if f.type not in ("fixed", "heading") and not f.source
        }
        for form_id in all_forms()
    }
    assert {form_id: keys for form_id, keys in bare.items() if keys} == BY_HAND


def test_a_material_offers_to_print_only_what_there_is_a_form_for() -> None:
    known = set(all_forms())
    assert [m.code for m in material_list() if m.form and m.form not in known] == []


def test_an_unknown_form_is_named() -> None:
    with pytest.raises(NotFoundError, match="Z99"):
        form("Z99")


GOOD = json.loads((forms_folder() / "F01.json").read_text("utf-8"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"layout": "poster"}, "layout"),
        ({"colour": "red"}, "colour"),
        ({"fields": [{"key": "a", "label": "甲", "type": "line"}] * 2}, "stands twice"),
        ({"fields": [{"key": "a", "label": "甲", "type": "choice"}]}, "without options"),
        ({"fields": [{"key": "a", "label": "甲", "type": "table"}]}, "without columns"),
        ({"fields": [{"key": "a", "type": "fixed"}]}, "without words"),
        ({"fields": [{"key": "a", "type": "line"}]}, "neither label nor source"),
    ],
)
def test_a_bad_definition_says_what_is_wrong(change: dict[str, object], said: str) -> None:
    with pytest.raises(InternalError) as caught:
        read_form(json.dumps({**GOOD, **change}), "F01.json")
    assert said in caught.value.detail
    assert "F01.json" in caught.value.detail
    assert caught.value.code == "E-FORM"


def test_broken_json_is_a_clear_error() -> None:
    with pytest.raises(InternalError, match="读不懂"):
        read_form(b"{", "X.json")


def test_a_new_form_needs_only_data(monkeypatch: pytest.MonkeyPatch) -> None:
    """P02 of the design as data: parties, ticks by entry, signatures; no code."""
    text = json.dumps(
        {
            "id": "P02", "version": 1, "title": "授权委托书", "source": "地方通行表式", "confidence": "B",
            "layout": "letter", "number": "case.any_number",
            "fields": [
                {"key": "client", "label": "委托人", "type": "people", "from": "people.applicants",
                 "style": "court"},
                {"key": "agent", "label": "受托人", "type": "line"},
                {"key": "scope", "label": "权限", "type": "choice",
                 "options": [{"value": "ordinary", "text": "一般授权"},
                             {"value": "special", "text": "特别授权"}]},
            ],
            "signers": [{"who": "blank", "label": "委托人（签名）"}],
        },
        ensure_ascii=False,
    )  # fmt: skip
    definition = read_form(text)
    monkeypatch.setattr("app.documents.values.form", lambda form_id: definition)
    context = papers.context(entries={"agent": "吴晓", "scope": "special"})
    values = values_for("P02", papers.case_file(), context)
    assert values.block("agent").text == "吴晓"
    assert [t.ticked for t in values.block("scope").ticks] == [False, True]
    assert values.block("client").people[0].rows[0][0] == ("姓名", "陈喆堃")
