"""Passphrases and passwords: from a file, standard input or a prompt, never from an argument."""

from __future__ import annotations

import getpass
import sys
from pathlib import Path

from app.domain.errors import UserError

_LONGEST = 4096


def read_secret(source: Path | None, what: str) -> str:
    """The first line of ``source`` (``-``: standard input); without it a hidden prompt on a terminal.

    Raises :class:`UserError` when there is nothing to read it from or the line is empty.
    """
    if source is None and sys.stdin is not None and sys.stdin.isatty():
        text = getpass.getpass(f"{what}：")
    elif source is None or str(source) == "-":
        text = sys.stdin.readline() if sys.stdin is not None else ""
    else:
        text = _first_line(source, what)
    text = text.rstrip("\r\n")
    if not text:
        raise UserError(
            f"没有读到{what}，什么也没有做。请把它写在文件第一行，用选项指出文件，再试一次。",
            code="E-NO-SECRET",
        )
    return text


def _first_line(source: Path, what: str) -> str:
    try:
        with source.open(encoding="utf-8-sig") as stream:
            return stream.readline(_LONGEST)
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(
            f"{what}文件读不出来，什么也没有做。请看看文件在不在、是不是纯文本，再试一次。",
            code="E-NO-SECRET",
            detail=type(error).__name__,
        ) from error
