"""The kit against the reference platform, from the command line as an integrator runs it."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from sync.conformance import checks
from sync.conformance.registry import CHECKS, chosen
from tests.helpers.sandbox import ROOT, Sandbox

LEAST = 60
"""Checks that the kit was asked to have."""


def kit(*words: str) -> subprocess.CompletedProcess[str]:
    """Run the kit."""
    command = [sys.executable, "-m", "sync.conformance", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False)


@pytest.mark.timeout(300)
def test_the_reference_platform_passes_whole(server: Sandbox, people: Path) -> None:
    words = ("--url", server.url, "--people", str(people), "--control-token", server.control_token)
    told = kit(*words, "--json")
    rows = json.loads(told.stdout)["checks"]
    assert [row for row in rows if row["outcome"] != "passed"] == []
    assert told.returncode == 0
    assert {row["id"] for row in rows} == set(CHECKS)
    assert len(rows) >= LEAST
    assert "合规检查" in told.stderr, "what will be written is said before"


def test_what_needs_a_neighbour_or_the_control_is_named_as_not_checked(server: Sandbox, people: Path) -> None:
    lent = json.loads(people.read_text())
    people.write_text(json.dumps({"first": lent["first"], "second": lent["second"]}))
    only = "scope.feed,scope.statistician,filing.confirmed,cmd.applied"
    told = kit("--url", server.url, "--people", str(people), "--only", only)
    assert told.returncode == 0
    assert re.findall(r"^(\S+) +(\w+\.\w+) ", told.stdout, re.MULTILINE) == [
        ("合格", "cmd.applied"),
        ("没有检查", "filing.confirmed"),
        ("没有检查", "scope.feed"),
        ("没有检查", "scope.statistician"),
    ]
    assert "共 4 项：合格 1，不合格 0，没有检查 3" in told.stdout
    assert "--control-token" in told.stdout
    assert "neighbour" in told.stdout


def test_it_stops_at_the_requests_it_was_allowed(server: Sandbox, people: Path) -> None:
    told = kit("--url", server.url, "--people", str(people), "--max-requests", "30")
    assert told.returncode == 2
    assert "30" in told.stderr


def test_what_cannot_be_run_is_said_with_exit_code_2(tmp_path: Path) -> None:
    nobody = tmp_path / "people.json"
    who = {"user": "x", "password": "y"}
    nobody.write_text(json.dumps({"first": who, "second": who}))
    for words in (
        (),
        ("--only", "no-such-check"),
        ("--url", "http://127.0.0.1:9", "--people", str(tmp_path / "none.json")),
        ("--url", "http://127.0.0.1:9", "--people", str(nobody)),
    ):
        told = kit(*words)
        assert told.returncode == 2
        assert re.search("[\u4e00-\u9fff]", told.stderr)


def test_every_check_names_its_clause_in_two_languages() -> None:
    assert checks.__all__
    for entry in CHECKS.values():
        assert re.fullmatch(r"[a-z]+\.[a-z0-9_]+", entry.check_id)
        assert entry.clause.startswith("§")
        assert re.search("[\u4e00-\u9fff]", entry.zh)
        assert re.fullmatch(r"[\x20-\x7e]+", entry.en)
    assert len({entry.zh for entry in CHECKS.values()}) == len(CHECKS)


@pytest.mark.parametrize(("word", "first"), [("tus", "tus.options"), ("cmd.gap", "cmd.gap")])
def test_checks_are_chosen_by_id_or_its_beginning(word: str, first: str) -> None:
    picked = chosen([word])
    assert picked[0].check_id == first
    assert {entry.check_id.partition(".")[0] for entry in picked} == {first.partition(".")[0]}
