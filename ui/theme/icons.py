"""Lucide icons (ISC), drawn from SVG in any token colour and size."""

from __future__ import annotations

import functools
import importlib.resources

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui.theme import tokens


def qcolor(text: str) -> QColor:
    """A token colour; ``#RRGGBBAA`` carries its opacity last, which QColor would read first."""
    if len(text) == 9:
        made = QColor(text[:7])
        made.setAlpha(int(text[7:], 16))
        return made
    return QColor(text)


@functools.lru_cache(maxsize=512)
def _source(name: str) -> str:
    return importlib.resources.files("resources").joinpath(f"icons/{name}.svg").read_text("utf-8")


@functools.lru_cache(maxsize=256)
def _renderer(name: str, color: str) -> QSvgRenderer:
    stroke = tokens.raw()["size"]["icon"]["stroke"]
    svg = (
        _source(name)
        .replace("currentColor", color[:7])
        .replace('stroke-width="2"', f'stroke-width="{stroke}"')
    )
    return QSvgRenderer(QByteArray(svg.encode()))


@functools.lru_cache(maxsize=1024)
def pixmap(name: str, color: str, edge: int, ratio: float = 1.0) -> QPixmap:
    """The icon ``name`` in ``color`` (``#RRGGBB``), ``edge`` logical pixels. Raises ``FileNotFoundError``."""
    # First: where there is no such picture, nothing is begun that would not be ended.
    renderer = _renderer(name, color)
    made = QPixmap(QSize(round(edge * ratio), round(edge * ratio)))
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    renderer.render(painter, QRectF(0, 0, made.width(), made.height()))
    painter.end()
    made.setDevicePixelRatio(ratio)
    return made


@functools.lru_cache(maxsize=512)
def icon(name: str, color: str, disabled: str, edge: int) -> QIcon:
    """A QIcon with its disabled colour, sharp on screens of 1x and 2x."""
    made = QIcon()
    for ratio in (1.0, 2.0):
        made.addPixmap(pixmap(name, color, edge, ratio), QIcon.Mode.Normal)
        made.addPixmap(pixmap(name, disabled, edge, ratio), QIcon.Mode.Disabled)
    return made


def paint(painter: QPainter, name: str, color: str, target: QRectF) -> None:
    """Draw the icon straight into ``target``, for delegates and painted controls."""
    _renderer(name, color).render(painter, target)
