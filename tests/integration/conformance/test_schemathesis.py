"""Schemathesis tries the reference platform by the OpenAPI document: every check on, the same each time."""

from __future__ import annotations

import base64
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import requests

from sync.conformance.papers import rests_on
from sync.contract import openapi
from sync.contract.canonical import digest
from sync.contract.routes import ROUTES
from tests.helpers import wire_payloads as p
from tests.helpers.sandbox import ROOT, WireClient, running

HERE = "tests/integration/conformance"
SECONDS = 60
"""What the run may take; more is a defect of the suite."""
EXAMPLES = "6"


def known(client: WireClient) -> dict[str, str]:
    """Things that exist, so that the requests get past 404: path parameters with their values."""
    case_id, first = p.new_id(), p.new_id()
    register = client.command(case_id, p.register(case_id, p.party(case_id, first), state="accepted"))
    agree = client.command(case_id, p.agreement(case_id, "agreement-1", first), base=rests_on("accepted"))
    assert [a["status"] for a in client.deliver(register, agree)] == ["applied", "applied"]
    sha256 = client.upload(b"a file")
    item = {"sha256": sha256, "size": 6, "name": "1.pdf", "material": "agreement"}
    body = {"case_id": case_id, "kind": "suit", "subject_id": "agreement-1", "round": 1, "items": [item]}
    assert client.ask("PUT", "/submissions/filing-1/manifests/1", json=body).status_code == 201
    meta = f"sha256 {base64.b64encode(digest(b'another').encode()).decode()}"
    made = client.ask("POST", "/uploads", headers={"Upload-Length": "7", "Upload-Metadata": meta})
    block = {"block_id": "block-1", "series": "case", "year": 2026, "count": 5}
    assert client.ask("POST", "/number-blocks", json=block).status_code == 201
    return {
        "command_id": register["command"]["command_id"], "sha256": sha256, "submission_id": "filing-1",
        "name": "courts", "block_id": "block-1",
        "upload_id": made.headers["location"].rpartition("/")[2],
    }  # fmt: skip


@pytest.mark.timeout(110)
def test_every_operation_keeps_to_the_document(tmp_path: Path) -> None:
    with running(tmp_path / "platform", "empty") as sandbox, requests.Session() as session:
        client = WireClient(session, sandbox.url)
        user = sandbox.user("mediator")
        client.enrol(user["name"], user["password"])
        config = tmp_path / "schemathesis.toml"
        values = "\n".join(f'"path.{name}" = "{value}"' for name, value in known(client).items())
        rules = (ROOT / HERE / "schemathesis.toml").read_text("utf-8")
        config.write_text(f"{rules}\n[parameters]\n{values}\n", "utf-8")
        told = subprocess.run(
            [
                str(Path(sys.executable).with_name("schemathesis")), "--config-file", str(config), "run",
                str(openapi.location()), "--url", sandbox.url, "--checks", "all",
                "--header", f"Authorization: {session.headers['Authorization']}",
                "--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES,
                "--generation-deterministic", "--no-color",
            ],
            cwd=tmp_path, capture_output=True, text=True, timeout=SECONDS, check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT),
                 "SCHEMATHESIS_HOOKS": f"{HERE.replace('/', '.')}.schemathesis_hooks"},
        )  # fmt: skip
        assert client.ask("GET", "/hello").status_code == 200, "the platform lives on"
    assert told.returncode == 0, told.stdout[-6000:]
    assert re.search(rf"Tested: {len(ROUTES) - 1}\b", told.stdout), told.stdout[-3000:]
    (made,) = re.findall(r"(\d+) generated", told.stdout)
    assert int(made) > 500
