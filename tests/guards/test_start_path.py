"""Nothing that takes long to import stands before the first paint."""

from __future__ import annotations

import os
import subprocess
import sys

HEAVY = (
    "sqlalchemy", "requests", "pydantic", "fastapi", "keyring", "cryptography", "typst", "docxtpl",
    "pypinyin", "alembic", "uvicorn", "pikepdf", "PySide6.QtPdf", "PySide6.QtMultimedia",
)  # fmt: skip


def test_the_shell_imports_nothing_heavy() -> None:
    code = (
        "import sys, ui.bootstrap, ui.window, ui.shell, ui.background.lanes, ui.background.operations,"
        " ui.background.schedule,"
        " ui.failures.crash, ui.failures.dialog, ui.frame.idle, ui.widgets.table, ui.widgets.tasks,"
        " ui.widgets.choices, ui.widgets.states, ui.theme.translation,"
        " ui.opening, ui.context, ui.pages.today, ui.frame.afterpaint, app.services.firstboard;"
        f"print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    env = {**os.environ, "QT_QPA_PLATFORM": "offscreen"}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, env=env, timeout=60, check=True
    )
    assert run.stdout.strip() == "[]"
