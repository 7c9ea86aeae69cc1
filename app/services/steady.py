"""A file that the person chose, read while another program may still write it."""

from __future__ import annotations

import os
from typing import BinaryIO

from app.domain.errors import FieldError

CHANGING = (
    "这个文件还在变，可能正在录或正在存，没有加。原来的文件没有动，已加的材料都在；等它存完，再加一次。"
)


class Steady:
    """Gives a file's bytes as long as the file stays what it was when it was opened.

    Half a recording would pass for the whole evidence, and a file that grows as fast as it is read would
    never come to its end. Raises :class:`FieldError` (``E-CHANGING``) as soon as it is seen to change.
    """

    def __init__(self, opened: BinaryIO) -> None:
        self._opened = opened
        self._begun = os.fstat(opened.fileno())
        self._taken = 0

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; empty at the end."""
        data = self._opened.read(size)
        self._taken += len(data)
        ended = size < 0 or len(data) < size
        if self._taken > self._begun.st_size or (ended and self._changed()):
            raise FieldError("file", CHANGING, code="E-CHANGING")
        return data

    def _changed(self) -> bool:
        now = os.fstat(self._opened.fileno())
        same = (now.st_size, now.st_mtime_ns) == (self._begun.st_size, self._begun.st_mtime_ns)
        return not same or self._taken != now.st_size
