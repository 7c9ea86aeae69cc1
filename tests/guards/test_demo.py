"""The invented cases keep the rules of the product: a number is borne by one case."""

from __future__ import annotations

import importlib.resources
import json

import pytest

from sync.sandbox.fillers import fillers


@pytest.mark.parametrize("key", ["number", "serial"])
def test_a_number_is_borne_by_one_invented_case(key: str) -> None:
    text = importlib.resources.files("resources").joinpath("demo/cases.json").read_text("utf-8")
    data = json.loads(text)
    borne = [case[key] for case in (*data["cases"], *fillers(data["titles"])) if key in case]
    assert len(borne) > 5
    assert sorted(borne) == sorted(set(borne))
