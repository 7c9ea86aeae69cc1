"""The design tokens (``resources/theme/tokens.json``) as typed values.

No colour or size is written anywhere else.
"""

from __future__ import annotations

import functools
import importlib.resources
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

SCHEMES = ("light", "dark", "highContrast")


@dataclass(frozen=True)
class StatusColors:
    """The four colours of one status (overdue, dueToday, ...), as ``#RRGGBB``."""

    fg: str
    bg: str
    border: str
    solid: str


@dataclass(frozen=True)
class TypeStyle:
    """One step of the type scale: pixel size and line at 100 %, and weight (400 or 700)."""

    size: int
    line: int
    weight: int


@dataclass(frozen=True)
class Colors:
    """The colours of one scheme; ``colors["text"]`` is ``#RRGGBB`` (or ``#RRGGBBAA``)."""

    scheme: str
    base: Mapping[str, str]
    status: Mapping[str, StatusColors]
    series: tuple[str, ...]

    def __getitem__(self, name: str) -> str:
        return self.base[name]

    def resolve(self, name: str) -> str:
        """A colour by its token: ``text``, or of a status: ``overdue.fg``."""
        if "." in name:
            status, part = name.split(".")
            return str(getattr(self.status[status], part))
        return self.base[name]

    @property
    def high_contrast(self) -> bool:
        """Whether outlines are 2 px and selections also carry a tick."""
        return self.scheme == "highContrast"


@functools.cache
def raw() -> Mapping[str, Any]:
    """The token file as read."""
    text = importlib.resources.files("resources").joinpath("theme/tokens.json").read_text("utf-8")
    loaded: Mapping[str, Any] = json.loads(text)
    return loaded


@functools.cache
def colors(scheme: str) -> Colors:
    """The colours of ``light``, ``dark`` or ``highContrast``. Raises ``KeyError`` for another name."""
    table = raw()["color"][scheme]
    series = raw()["chart"]["series"]["light" if scheme == "light" else "dark"]
    return Colors(
        scheme=scheme,
        base=table["base"],
        status={name: StatusColors(**value) for name, value in table["status"].items()},
        series=tuple(series),
    )


@functools.cache
def type_scale() -> Mapping[str, TypeStyle]:
    """The type scale by role: display, title, section, body, bodyStrong, label, caption, editor."""
    return {
        name: TypeStyle(int(value["size"]), int(value["line"]), int(value["weight"]))
        for name, value in raw()["typography"]["scale"].items()
    }


def size(*path: str) -> int:
    """A number under ``size``, such as ``size("rowHeight", "default")``, in pixels at 100 %."""
    node: Any = raw()["size"]
    for part in path:
        node = node[part]
    return int(node)


def radius(name: str) -> int:
    """A corner radius in pixels: control, card, chip, dialog, paper."""
    return int(raw()["radius"][name])


def motion(name: str) -> int:
    """A duration in milliseconds: instant, fast, normal."""
    return int(raw()["motion"][name])
