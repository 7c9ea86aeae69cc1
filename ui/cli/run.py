"""Runs one command and turns what happens into an exit code. Never imports Qt."""

from __future__ import annotations

import argparse
import importlib
from collections.abc import Mapping

from ui.cli.output import Output

_MODULES: Mapping[str, str] = {
    "enroll": "ui.cli.platform_commands",
    "sync": "ui.cli.platform_commands",
    "list": "ui.cli.case_commands",
    "show": "ui.cli.case_commands",
    "doctor": "ui.cli.care_commands",
    "backup": "ui.cli.care_commands",
    "restore": "ui.cli.care_commands",
    "verify-audit": "ui.cli.care_commands",
    "deadline": "ui.cli.deadline_command",
}
"""Where each command lives; imported only when asked for, because the store takes time to import."""


def run(args: argparse.Namespace, output: Output) -> int:
    """Run the command in ``args``; every error becomes words on stderr and an exit code."""
    try:
        module = importlib.import_module(_MODULES[args.command])
        return int(module.run(args, output))
    except KeyboardInterrupt:
        output.line("已停下。做完的都存好了，再运行一次会接着做。")
        return 130
    except Exception as error:  # noqa: BLE001 - told and logged where the profile's log was still open
        return output.error(error)
