"""Papers of the court and the arbitration institution, and the demo's attachments: PDFs and images."""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import importlib.resources
import io
import json
import threading
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_ONE_AT_A_TIME = threading.Lock()
DIGITS = "〇一二三四五六七八九"


@dataclass(frozen=True)
class Paper:
    """A paper: who issues it, its title and number, paragraphs, and the lines at the end."""

    issuer: str
    title: str
    number: str
    lines: tuple[str, ...]
    signed: tuple[str, ...]


@functools.cache
def _compiler() -> tuple[Any, bytes]:
    import pylopdf_fonts_zh_cn as fonts
    import typst

    source = importlib.resources.files("resources").joinpath("demo/court_paper.typ").read_bytes()
    folder = str(Path(str(fonts.serif_path())).parent)
    return typst.Compiler(font_paths=[folder], ignore_system_fonts=True), source


def render(paper: Paper) -> bytes:
    """The paper as PDF. One compiler serves all, and it is not made for two threads at once."""
    data = json.dumps(asdict(paper), ensure_ascii=False)
    with _ONE_AT_A_TIME:
        compiler, source = _compiler()
        pdf: bytes = compiler.compile(source, format="pdf", sys_inputs={"data": data})
    return pdf


def chinese_date(day: dt.date) -> str:
    """``day`` as formal papers write it, such as 二〇二六年十一月三日."""

    def number(value: int) -> str:
        tens, ones = divmod(value, 10)
        head = ("" if tens < 2 else DIGITS[tens]) + "十" if tens else ""
        return head + (DIGITS[ones] if ones else "")

    year = "".join(DIGITS[int(d)] for d in str(day.year))
    return f"{year}年{number(day.month)}月{number(day.day)}日"


def picture(title: str, size: tuple[int, int] = (640, 480)) -> bytes:
    """A small JPEG standing for a photograph: plain colour fields that differ by title."""
    from PIL import Image, ImageDraw

    tint = hashlib.sha256(title.encode()).digest()
    image = Image.new("RGB", size, (200 + tint[0] % 40, 200 + tint[1] % 40, 195 + tint[2] % 40))
    draw = ImageDraw.Draw(image)
    for row in range(6):
        left, top = 40 + tint[row + 3] % 200, 30 + row * 70
        box = (left, top, left + 160 + tint[row + 9] % 200, top + 50)
        draw.rectangle(box, fill=(tint[row + 4], 120 + row * 12, 130), outline=(90, 90, 90))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70)
    return out.getvalue()
