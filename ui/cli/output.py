"""What the command line prints: results on stdout, errors on stderr, and the exit code they stand for.

Exit codes: 0 done; 1 the user's to put right; 2 the environment's (disk, network, profile in use);
3 done so far, but work remains; 4 a bug of ours.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TextIO

from app.domain.errors import REVOKED, EnvironmentFault, FieldErrors, JiefenError, UserError

DONE = 0
USER = 1
ENVIRONMENT = 2
REMAINS = 3
BUG = 4

BUG_TEXT = (
    "程序出了一个问题，这一步没有做完。已存好的内容没有改动。"
    "请把下面的详细信息交给技术人员；案件可以先在窗口里继续办。"
)

FILE_TEXT = "文件读写不成，这一步没有做。已存好的内容没有改动。请看看路径对不对、磁盘是否可用，再试一次。"


class Output:
    """Prints in words, or as JSON where ``as_json`` is set. A stream may be missing (windowed builds)."""

    def __init__(
        self, as_json: bool = False, stdout: TextIO | None = None, stderr: TextIO | None = None
    ) -> None:
        self.as_json = as_json
        self._out = stdout if stdout is not None else sys.stdout
        self._err = stderr if stderr is not None else sys.stderr

    def result(self, value: Any, lines: Iterable[str]) -> None:
        """The result: ``value`` as JSON, or ``lines`` for people."""
        if self.as_json:
            self._write(self._out, json.dumps(value, ensure_ascii=False, indent=2, sort_keys=False))
        else:
            self._write(self._out, "\n".join(lines))

    def line(self, text: str) -> None:
        """One line while a command is under way; only for people."""
        if not self.as_json:
            self._write(self._out, text)

    def error(self, error: BaseException) -> int:
        """Say what went wrong, what was kept and what to do next; returns the exit code."""
        code = exit_code(error)
        described = describe(error, code)
        if self.as_json:
            self._write(self._err, json.dumps({"error": described}, ensure_ascii=False))
        else:
            self._write(self._err, str(described["message"]))
            if described["detail"]:
                self._write(self._err, f"详细：{described['detail']}")
        return code

    @staticmethod
    def _write(stream: TextIO | None, text: str) -> None:
        if stream is None or not text:
            return
        try:
            print(text, file=stream, flush=True)
        except BrokenPipeError:
            # Whoever read has left, as ``head`` does: no fault. The work goes on to its end unheard; what is
            # still buffered must not fail once more when the interpreter ends.
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def exit_code(error: BaseException) -> int:
    """The exit code an error stands for."""
    if isinstance(error, UserError) or getattr(error, "code", "") == REVOKED:
        return USER
    if isinstance(error, (EnvironmentFault, OSError)):
        return ENVIRONMENT
    return BUG


def describe(error: BaseException, code: int) -> Mapping[str, Any]:
    """An error as data: stable code, Chinese message, technical detail without personal data."""
    if isinstance(error, JiefenError):
        found: dict[str, Any] = {
            "code": error.code or type(error).__name__,
            "message": error.message,
            "detail": error.detail,
            "exit": code,
        }
        if isinstance(error, FieldErrors):
            found["fields"] = {item.field: item.message for item in error.errors}
        retry_after = getattr(error, "retry_after", 0.0)
        if retry_after:
            found["retry_after"] = retry_after
        return found
    if isinstance(error, OSError):
        message = (
            "文件读写不成，这一步没有做。已存好的内容没有改动。请看看路径对不对、磁盘是否可用，再试一次。"
        )
        return {"code": "E-FILE", "message": message, "detail": os_detail(error), "exit": code}
    return {"code": "E-BUG", "message": BUG_TEXT, "detail": bug_detail(error), "exit": code}


def bug_detail(error: BaseException) -> str:
    """Type and place in the program of a bug; its words may hold personal data and stay out."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__name__}{place}"


def os_detail(error: OSError) -> str:
    """``errno`` and the file's own name of an operating system error, without folders."""
    name = str(error.filename or "").replace("\\", "/").rsplit("/", 1)[-1]
    return f"errno={error.errno} {name}".strip()
