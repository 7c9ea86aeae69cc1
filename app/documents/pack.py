"""A material pack (材料包): cover, index and all materials as one PDF with running page numbers.

Photos become A4 pages; their decoding is bounded, and what a camera wrote beside the picture (place,
device) is left out.
"""

from __future__ import annotations

import datetime as dt
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pikepdf
from PIL import Image, ImageOps

from app.clock import shanghai
from app.documents import texts
from app.documents.context import PaperContext
from app.documents.render import compile_layout
from app.domain.errors import UserError

Part = tuple[str, bytes, str]
"""Title, bytes, media type."""

MAX_PIXELS = 80_000_000
"""A larger picture is refused before it is decoded."""
MAX_PAGES = 2_000
_A4 = (595.276, 841.89)
_EDGE = 42.5
"""Margin around a photo in points, 15 mm."""
_LONG_SIDE = 3_300
"""Pixels of a photo's long side on paper: about 300 per inch."""
_FORMATS = ("JPEG", "PNG", "WEBP", "TIFF", "BMP", "GIF")


@dataclass(frozen=True)
class Cover:
    """What the cover says: a title and lines of label and text."""

    title: str = "材料包"
    heading: str = ""
    facts: tuple[tuple[str, str], ...] = ()


def assemble_pack(
    parts: Sequence[Part],
    *,
    cover: Cover | None = None,
    absent: Sequence[str] = (),
    context: PaperContext | None = None,
) -> bytes:
    """All ``parts`` behind a cover and an index, numbered from 1 at the top right of each page.

    ``absent``: titles that belong in the pack and are not in this one; the index says so of each.
    PDF and pictures are taken. Raises ``UserError`` naming the material that cannot be read, is
    encrypted, or is too large; nothing of the others is lost.
    """
    cover = cover or Cover()
    context = context or PaperContext(institution_name="", printed_at=dt.datetime.now(dt.UTC))
    if not parts:
        raise UserError("材料包里还没有材料，请先选至少一份。", code="E-PACK-EMPTY")
    with pikepdf.new() as body:
        rows: list[tuple[str, str, str, str]] = []
        starts: list[tuple[str, int]] = []
        for index, (title, data, media_type) in enumerate(parts, 1):
            shown = texts.clean(title) or f"材料{index}"
            first = len(body.pages) + 1
            _append(body, shown, data, media_type)
            last = len(body.pages)
            if last > MAX_PAGES:
                raise UserError(
                    f"加上“{shown}”后超过 {MAX_PAGES} 页，没有合成。原件都在，请分成两包。",
                    code="E-PACK-LONG",
                )
            pages = str(first) if first == last else f"{first}—{last}"
            rows.append((str(index), shown, pages, str(last - first + 1)))
            starts.append((shown, first))
        rows += [
            (str(n), f"{texts.clean(t)}（这一包里没有）", "—", "—")
            for n, t in enumerate(absent, len(parts) + 1)
        ]
        _number(body, context)
        front = _front(cover, rows, len(body.pages), context)
        with pikepdf.open(io.BytesIO(front)) as opening:
            ahead = len(opening.pages)
            for position, page in enumerate(opening.pages):
                body.pages.insert(position, page)
            with body.open_outline() as outline:
                for title, first in starts:
                    outline.root.append(pikepdf.OutlineItem(title, ahead + first - 1))
            return _bytes(body)


def image_page(data: bytes, title: str = "") -> bytes:
    """One picture on an A4 page, upright as the camera meant it, as PDF."""
    with pikepdf.new() as pdf:
        _append_image(pdf, title or "图片", data)
        return _bytes(pdf)


def _bytes(pdf: pikepdf.Pdf) -> bytes:
    out = io.BytesIO()
    pdf.save(out, deterministic_id=True, object_stream_mode=pikepdf.ObjectStreamMode.generate)
    return out.getvalue()


def _append(body: pikepdf.Pdf, title: str, data: bytes, media_type: str) -> None:
    if media_type == "application/pdf":
        _append_pdf(body, title, data)
    elif media_type.startswith("image/"):
        _append_image(body, title, data)
    else:
        raise UserError(
            f"“{title}”不是 PDF 也不是图片，放不进材料包。原件没有改动，请另存为 PDF 后再加。",
            code="E-PACK-TYPE",
            detail=media_type,
        )


def _append_pdf(body: pikepdf.Pdf, title: str, data: bytes) -> None:
    try:
        with pikepdf.open(io.BytesIO(data)) as source:
            if "/AcroForm" in source.Root:
                source.generate_appearance_streams()
                source.flatten_annotations("all")
            if len(source.pages) > MAX_PAGES:
                raise UserError(
                    f"“{title}”超过 {MAX_PAGES} 页，没有合成。请拆成几份再加。", code="E-PACK-LONG"
                )
            for page in source.pages:
                _without_actions(page)
            body.pages.extend(source.pages)
    except pikepdf.PasswordError as error:
        raise UserError(
            f"“{title}”设了打开密码，没有合成。请用没有密码的一份替换它。", code="E-PACK-PASSWORD"
        ) from error
    except pikepdf.PdfError as error:
        raise UserError(
            f"“{title}”打不开，可能没有存完整。其他材料不受影响，请重新扫描或换一份。",
            code="E-PACK-DAMAGED",
            detail=str(error)[:200],
        ) from error


def _without_actions(page: pikepdf.Page) -> None:
    """Links, scripts and attached files of a stranger's PDF do not go to the court."""
    for key in ("/AA", "/Annots"):
        if key in page.obj:
            del page.obj[key]


def _append_image(body: pikepdf.Pdf, title: str, data: bytes) -> None:
    picture, width, height = _jpeg(title, data)
    page_width, page_height = _A4 if height >= width else (_A4[1], _A4[0])
    scale = min((page_width - 2 * _EDGE) / width, (page_height - 2 * _EDGE) / height)
    shown_width, shown_height = width * scale, height * scale
    image = pikepdf.Stream(body, picture)
    image.Type, image.Subtype = pikepdf.Name.XObject, pikepdf.Name.Image
    image.Width, image.Height = width, height
    image.ColorSpace, image.BitsPerComponent = pikepdf.Name.DeviceRGB, 8
    image.Filter = pikepdf.Name.DCTDecode
    body.add_blank_page(page_size=(page_width, page_height))
    page = body.pages[-1]
    name = page.add_resource(image, pikepdf.Name.XObject)
    left, bottom = (page_width - shown_width) / 2, (page_height - shown_height) / 2
    draw = f"q {shown_width:.3f} 0 0 {shown_height:.3f} {left:.3f} {bottom:.3f} cm {name} Do Q"
    page.Contents = pikepdf.Stream(body, draw.encode("ascii"))


def _jpeg(title: str, data: bytes) -> tuple[bytes, int, int]:
    """The picture as plain JPEG, turned upright, at most ``_LONG_SIDE`` pixels long."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            opened: Any = Image.open(io.BytesIO(data), formats=_FORMATS)
        if opened.width * opened.height > MAX_PIXELS:
            raise _too_large(title)
        opened.draft("RGB", (_LONG_SIDE, _LONG_SIDE))
        image = ImageOps.exif_transpose(opened)
        image.thumbnail((_LONG_SIDE, _LONG_SIDE))
        if image.mode in ("RGBA", "LA", "PA") or "transparency" in image.info:
            image = Image.alpha_composite(Image.new("RGBA", image.size, "white"), image.convert("RGBA"))
        out = io.BytesIO()
        image.convert("RGB").save(out, "JPEG", quality=88)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise _too_large(title) from error
    except (OSError, SyntaxError, ValueError) as error:
        raise UserError(
            f"“{title}”这张图片打不开，可能没有存完整。其他材料不受影响，请重新拍一张。",
            code="E-PACK-IMAGE",
            detail=type(error).__name__,
        ) from error
    return out.getvalue(), image.width, image.height


def _too_large(title: str) -> UserError:
    return UserError(
        f"“{title}”这张图片的尺寸太大，没有合成。原件没有改动，请缩小后再加。", code="E-PACK-IMAGE-SIZE"
    )


def _number(body: pikepdf.Pdf, context: PaperContext) -> None:
    sizes = []
    for page in body.pages:
        left, bottom, right, top = (float(v) for v in page.mediabox)
        turned = int(page.obj.get("/Rotate", 0)) % 180 == 90
        width, height = right - left, top - bottom
        sizes.append((height, width) if turned else (width, height))
    stamps = compile_layout(
        "stamps",
        {"sizes": sizes, "watermark": "练习" if context.practice else ""},
        context,
        archival=False,
    ).pdf
    with pikepdf.open(io.BytesIO(stamps)) as numbers:
        for page, number in zip(body.pages, numbers.pages, strict=True):
            page.add_overlay(number, None)


def _front(cover: Cover, rows: Sequence[tuple[str, ...]], total: int, context: PaperContext) -> bytes:
    paper = {
        "title": texts.clean(cover.title),
        "heading": texts.clean(cover.heading),
        "facts": [(texts.clean(a), texts.clean(b)) for a, b in cover.facts],
        "rows": rows,
        "total": total,
        "printed": shanghai(context.printed_at).strftime("%Y-%m-%d %H:%M"),
        "watermark": "练习" if context.practice else "",
    }
    return compile_layout("pack", paper, context).pdf
