"""Which fonts papers are set in: 仿宋 and 黑体 of the computer where it has them, else the bundled ones.

The bundled fonts (Noto Serif SC, Noto Sans SC, OFL) always stand behind, so a rare character of a name
is printed even where 仿宋 lacks it.
"""

from __future__ import annotations

import functools
import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn as bundled

SERIF = "Noto Serif SC"
SANS = "Noto Sans SC"
_FANGSONG = ("FangSong", "仿宋", "FangSong_GB2312", "仿宋_GB2312", "STFangsong", "华文仿宋")
_HEITI = ("SimHei", "黑体", "STHeiti", "华文黑体")
UNPRINTABLE = "〓"
"""Stands for a character that no font here can draw, as typesetters have long done."""
_IGNORABLE = frozenset(map(chr, [0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0xFE00, 0xFE10)]))


@dataclass(frozen=True)
class Faces:
    """Font families by preference, and what had to be substituted."""

    song: tuple[str, ...]
    hei: tuple[str, ...]
    substituted: tuple[tuple[str, str], ...]
    """Pairs of the font asked for and the font used, such as (仿宋, Noto Serif SC)."""
    fonts: Any
    """The loaded ``typst.Fonts``."""


@functools.lru_cache(maxsize=2)
def faces(system: bool = True) -> Faces:
    """The faces of this computer; scanned once, which takes a few hundred milliseconds.

    ``system=False`` leaves the computer's own fonts aside, so that the result is the same everywhere.
    """
    import typst

    folder = str(Path(bundled.serif_path()).parent)
    fonts = typst.Fonts(include_system_fonts=system, include_embedded_fonts=False, font_paths=[folder])
    families = set(fonts.families())
    song = tuple(f for f in _FANGSONG if f in families)[:1]
    hei = tuple(f for f in _HEITI if f in families)[:1]
    substituted: list[tuple[str, str]] = []
    if not song:
        substituted.append(("仿宋", SERIF))
    if not hei:
        substituted.append(("黑体", SANS))
    return Faces((*song, SERIF, SANS), (*hei, SANS, SERIF), tuple(substituted), fonts)


@functools.cache
def printable() -> frozenset[int]:
    """Code points that the bundled fonts can draw."""
    return _coverage(Path(bundled.serif_path())) | _coverage(Path(bundled.sans_path()))


def replace_unprintable(text: str) -> tuple[str, frozenset[str]]:
    """``text`` with undrawable characters replaced by 〓, and which they were."""
    if text.isascii():
        return text, frozenset()
    known = printable()
    lacking = frozenset(c for c in text if ord(c) not in known and c != "\n")
    if not lacking:
        return text, lacking
    table = {ord(c): (None if c in _IGNORABLE else UNPRINTABLE) for c in lacking}
    return text.translate(table), lacking - _IGNORABLE


def _coverage(path: Path) -> frozenset[int]:
    """Code points in the font's format 12 character map (OpenType, table cmap)."""
    with path.open("rb") as file:
        head = file.read(12)
        for _ in range(struct.unpack(">H", head[4:6])[0]):
            tag, _, offset, length = struct.unpack(">4sLLL", file.read(16))
            if tag == b"cmap":
                break
        else:
            return frozenset()
        file.seek(offset)
        table = file.read(length)
    found: set[int] = set()
    for index in range(struct.unpack(">H", table[2:4])[0]):
        start = struct.unpack(">L", table[8 + 8 * index : 12 + 8 * index])[0]
        if struct.unpack(">H", table[start : start + 2])[0] != 12:
            continue
        groups = struct.unpack(">L", table[start + 12 : start + 16])[0]
        for group in struct.iter_unpack(">LLL", table[start + 16 : start + 16 + 12 * groups]):
            found.update(range(group[0], group[1] + 1))
    return frozenset(found)
