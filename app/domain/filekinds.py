"""What a file really is, by its first bytes: its name's ending is only what somebody called it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePath
from typing import Protocol

START = 4096
"""Bytes looked at."""
_ZIP = re.compile(rb"PK\x03\x04")
_OLE = re.compile(rb"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_MP4 = re.compile(rb".{4}ftyp", re.DOTALL)
_WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_SHEET = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_KINDS: dict[str, re.Pattern[bytes]] = {
    "image/jpeg": re.compile(rb"\xff\xd8\xff"),
    "image/png": re.compile(rb"\x89PNG\r\n\x1a\n"),
    "image/webp": re.compile(rb"RIFF.{4}WEBP", re.DOTALL),
    "image/bmp": re.compile(rb"BM"),
    "image/tiff": re.compile(rb"II[*+]\x00|MM\x00[*+]"),
    "application/pdf": re.compile(rb".{0,1019}%PDF-", re.DOTALL),
    "audio/wav": re.compile(rb"RIFF.{4}WAVE", re.DOTALL),
    "audio/mpeg": re.compile(rb"ID3|\xff[\xe0-\xff]"),
    "audio/ogg": re.compile(rb"OggS"),
    "audio/mp4": _MP4,
    "video/mp4": _MP4,
    _WORD: _ZIP,
    _SHEET: _ZIP,
    "application/msword": _OLE,
    "application/vnd.ms-excel": _OLE,
}
BY_SUFFIX: Mapping[str, str] = {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp",
    ".bmp": "image/bmp", ".tif": "image/tiff", ".tiff": "image/tiff", ".pdf": "application/pdf",
    ".docx": _WORD, ".xlsx": _SHEET, ".doc": "application/msword", ".xls": "application/vnd.ms-excel",
    ".txt": "text/plain", ".wav": "audio/wav", ".mp3": "audio/mpeg", ".m4a": "audio/mp4",
    ".mp4": "video/mp4", ".ogg": "audio/ogg",
}  # fmt: skip
"""Kinds of files taken in, by the ending of their names; programs, scripts and macros are not.

A table of our own: what the system says of an ending differs from computer to computer, and on some it calls
a recording by a name that nobody else knows.
"""
ACCEPTED = frozenset(BY_SUFFIX.values())
_PROGRAM = re.compile(rb"MZ|\x7fELF|#!|\xca\xfe\xba\xbe|PK\x03\x04|\xcf\xfa\xed\xfe")


def media_type_of(name: str) -> str:
    """The media type of a file by its name; empty for a kind that is not taken in."""
    return BY_SUFFIX.get(PurePath(name).suffix.lower(), "")


class Source(Protocol):
    """Something that gives bytes."""

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; empty at the end."""
        ...


class Begun:
    """A source whose beginning was looked at; it is read from its beginning all the same."""

    def __init__(self, source: Source) -> None:
        self._source = source
        parts, have = [], 0
        while have < START and (part := source.read(START - have)):
            parts.append(part)
            have += len(part)
        self.start = self._rest = b"".join(parts)

    def read(self, size: int = -1, /) -> bytes:
        """At most ``size`` bytes; empty at the end."""
        if not self._rest:
            return self._source.read(size)
        if size < 0:
            given, self._rest = self._rest, b""
            return given + self._source.read()
        given, self._rest = self._rest[:size], self._rest[size:]
        return given


def fits(media_type: str, start: bytes) -> bool:
    """Whether a file that begins with ``start`` may be of ``media_type``. Text is what is no program."""
    known = _KINDS.get(media_type)
    if known is not None:
        return known.match(start) is not None
    return media_type == "text/plain" and b"\0" not in start and _PROGRAM.match(start) is None
