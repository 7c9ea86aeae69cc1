"""Font families. Qt without a Chinese locale picks Japanese glyphs, so the family is always named."""

from __future__ import annotations

import functools
import importlib.util
import sys
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtGui import QFont, QFontDatabase

from ui.theme import tokens

_BUNDLED = {
    "ui": "NotoSansSC-Regular.otf",
    "document": "NotoSerifSC-Regular.otf",
    "mono": "NotoSansSC-Regular.otf",
}


def _listed(kind: str) -> Sequence[str]:
    system = "windows" if sys.platform == "win32" else "linux"
    names: Sequence[str] = tokens.raw()["typography"]["families"][kind][system]
    return names


def _bundled(kind: str) -> str:
    """Load the bundled face of ``kind``; the name Qt gives it, or the system default when it is absent."""
    spec = importlib.util.find_spec("pylopdf_fonts_zh_cn")
    for folder in spec.submodule_search_locations or () if spec else ():
        number = QFontDatabase.addApplicationFont(str(Path(folder) / _BUNDLED[kind]))
        if number >= 0:
            return QFontDatabase.applicationFontFamilies(number)[0]
    return QFontDatabase.systemFont(QFontDatabase.SystemFont.GeneralFont).family()


@functools.cache
def family(kind: str) -> str:
    """The family for ``ui``, ``document`` (papers) or ``mono`` (case numbers): installed, else bundled."""
    present = set(QFontDatabase.families())
    for name in _listed(kind):
        if name in present:
            return name
    return _bundled(kind)


def font(kind: str, pixels: int, weight: int = 400, *, tabular: bool = False) -> QFont:
    """A font of ``pixels`` height. ``tabular`` gives digits one width, for tables and deadlines."""
    made = QFont(family(kind))
    made.setPixelSize(max(pixels, 1))
    made.setWeight(QFont.Weight(weight))
    if tabular:
        made.setFeature(QFont.Tag("tnum"), 1)
    return made
