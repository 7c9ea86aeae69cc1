"""The refresh token in a real Secret Service, on a bus of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
set -e
printf 'x' | gnome-keyring-daemon --unlock --components=secrets >/dev/null
exec "$PYTHON" -m tests.integration.test_secret_service "$FOLDER"
"""


@pytest.mark.secret_service
def test_the_token_lives_in_the_keyring_and_in_no_file(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in ("PYTHON_KEYRING_BACKEND", "DBUS_SESSION_BUS_ADDRESS")
    }
    environment |= {
        "HOME": str(home), "XDG_DATA_HOME": str(home / "data"), "XDG_RUNTIME_DIR": str(home),
        "PYTHON": sys.executable, "FOLDER": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1",
    }  # fmt: skip
    run = subprocess.run(
        ["dbus-run-session", "--", "bash", "-c", SCRIPT],
        env=environment, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr[-2000:]
    assert run.stdout.split() == ["KeyringTokens", "kept", "forgotten"]


def work(folder: Path) -> None:
    """Keep a token, read it with a new store, look for it in the profile's files, forget it."""
    from app.services.sync_port import SyncPort
    from sync.engine.tokens import choose_tokens
    from tests.helpers.desks import make_workplace

    token = "refresh-token-that-must-not-lie-about"
    place = make_workplace(folder / "profile")
    port = SyncPort(place.desk)
    tokens = choose_tokens(port)
    print(type(tokens).__name__)
    tokens.save(token)
    assert choose_tokens(port).load() == token
    assert port.refresh_token() == ""
    files = [path for path in (folder / "profile").rglob("*") if path.is_file()]
    assert not [path for path in files if token.encode() in path.read_bytes()]
    print("kept")
    tokens.save("")
    assert choose_tokens(port).load() == ""
    print("forgotten")
    place.close()


if __name__ == "__main__":
    work(Path(sys.argv[1]))
