"""Running the command line in a test: real profiles, real files, what was printed and the exit code."""

from __future__ import annotations

import contextlib
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ui.__main__ import main


@dataclass(frozen=True)
class Result:
    """What one command did."""

    code: int
    out: str
    err: str

    @property
    def data(self) -> Any:
        """The JSON it printed."""
        return json.loads(self.out)

    @property
    def error(self) -> Any:
        """The error it printed as JSON."""
        return json.loads(self.err)["error"]


def run(*words: str) -> Result:
    """One command in this process; Qt is not needed."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(word) for word in words])
    return Result(code, out.getvalue(), err.getvalue())


@dataclass(frozen=True)
class CommandLine:
    """Commands on one profile."""

    folder: Path
    passphrase_file: Path

    def __call__(self, command: str, *words: str, as_json: bool = True) -> Result:
        options = ["--profile", str(self.folder), "--passphrase-file", str(self.passphrase_file)]
        return run(command, *options, *(["--json"] if as_json else []), *words)
