"""One paper as PDF (Typst, the formal rendition) and as Word (docxtpl, for editing).

Both print the same :class:`~app.documents.values.PaperValues`. Values reach Typst as JSON text in
``sys_inputs`` and Word as escaped text, so nothing typed by anybody is ever taken for markup.
"""

from __future__ import annotations

import base64
import functools
import hashlib
import importlib.resources
import io
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec

from app.clock import shanghai
from app.documents.context import PaperContext
from app.documents.fonts import Faces, faces, replace_unprintable
from app.documents.forms import Form
from app.documents.values import Block, PaperValues
from app.domain.errors import InternalError

_CODE_LENGTH = 5
"""Bytes of the digest shown as check code: 40 bits, eight characters."""
_CROCKFORD = bytes.maketrans(b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567", b"0123456789ABCDEFGHJKMNPQRSTVWXYZ")


@dataclass(frozen=True)
class Rendered:
    """A finished PDF and what the person should know about it."""

    pdf: bytes
    substituted: tuple[tuple[str, str], ...]
    """Fonts asked for and used instead: tell the person, as the paper looks a little different."""
    unprintable: tuple[str, ...]
    """Characters no font can draw; 〓 stands in their place."""


def check_code(values: PaperValues) -> str:
    """Short code of what a paper says (校验码), such as ``7K3M-Q2XD``; the same for the same values.

    Print time, number of copies and draft mark do not enter: a reprint carries the same code.
    """
    plain = msgspec.to_builtins(values)
    for name in ("printed", "copies", "watermark"):
        del plain[name]
    digest = hashlib.sha256(msgspec.json.encode(plain, order="sorted")).digest()
    code = base64.b32encode(digest[:_CODE_LENGTH]).translate(_CROCKFORD).decode()
    return f"{code[:4]}-{code[4:]}"


def render_pdf(form: Form, values: PaperValues, context: PaperContext, *, archival: bool = True) -> bytes:
    """The paper as PDF (PDF/A-2b when ``archival``), fonts embedded."""
    return render(form, values, context, archival=archival).pdf


def render(
    form: Form,
    values: PaperValues,
    context: PaperContext,
    *,
    archival: bool = True,
    system_fonts: bool = True,
) -> Rendered:
    """Like :func:`render_pdf`, with the fonts substituted and the characters that could not be drawn."""
    return compile_layout(
        form.layout, paper_of(form, values), context, archival=archival, system_fonts=system_fonts
    )


def compile_layout(
    layout: str,
    paper: Mapping[str, Any],
    context: PaperContext,
    *,
    archival: bool = True,
    system_fonts: bool = True,
) -> Rendered:
    """Any layout of ``resources/forms`` filled with plain data. Safe to call from several threads."""
    used = faces(system_fonts)
    data, lacking = replace_unprintable(msgspec.json.encode(paper).decode())
    inputs = {"paper": data, "faces": msgspec.json.encode({"song": used.song, "hei": used.hei}).decode()}
    compiler, lock = _compiler(layout, system_fonts)
    import typst

    with lock:
        try:
            pdf = compiler.compile(
                format="pdf",
                sys_inputs=inputs,
                pdf_standards="a-2b" if archival else [],
                timestamp=shanghai(context.printed_at).replace(microsecond=0, tzinfo=_fixed(context)),
            )
        except typst.TypstError as error:
            raise InternalError(
                "这份文书没有排出来，填写的内容都在。请把“详细”里的代码告诉管理员。",
                code="E-PAPER-LAYOUT",
                detail=f"{layout}: {str(error).splitlines()[0][:200]}",
            ) from error
    return Rendered(pdf, used.substituted, tuple(sorted(lacking)))


def _fixed(context: PaperContext) -> Any:
    """Typst takes fixed offsets only."""
    import datetime as dt

    return dt.timezone(shanghai(context.printed_at).utcoffset() or dt.timedelta())


@functools.lru_cache(maxsize=16)
def _compiler(layout: str, system_fonts: bool) -> tuple[Any, threading.Lock]:
    import typst

    folder = forms_folder()
    loaded: Faces = faces(system_fonts)
    return (
        typst.Compiler(
            input=str(folder / f"{layout}.typ"),
            root=str(folder),
            font_paths=loaded.fonts,
        ),
        threading.Lock(),
    )


def forms_folder() -> Path:
    """Where definitions, layouts and Word templates are."""
    return Path(str(importlib.resources.files("resources").joinpath("forms")))


def paper_of(form: Form, values: PaperValues) -> dict[str, Any]:
    """The plain data both renditions read."""
    plain: dict[str, Any] = msgspec.to_builtins(values)
    plain["size"] = form.size
    plain["code"] = check_code(values)
    return plain


def render_word(form: Form, values: PaperValues, context: PaperContext) -> bytes:
    """The paper as a Word document with the same values, for editing before print."""
    from docx.shared import Pt
    from docxtpl import DocxTemplate

    paper = paper_of(form, values)
    if form.layout == "register":
        paper["rows"] = _register_rows(values.blocks)
    template = DocxTemplate(str(forms_folder() / f"{form.layout}.docx"))
    if form.size == "large":
        template.get_docx().styles["Normal"].font.size = Pt(16)
    template.render(paper, autoescape=True)
    properties = template.docx.core_properties
    properties.title, properties.author = values.title, context.institution_name
    properties.comments = properties.last_modified_by = ""
    properties.created = properties.modified = context.printed_at
    out = io.BytesIO()
    template.save(out)
    return out.getvalue()


def _register_rows(blocks: tuple[Block, ...]) -> list[dict[str, Any]]:
    """Blocks as rows of the register: two half-width fields share one."""
    rows: list[dict[str, Any]] = []
    pending: dict[str, Any] | None = None
    for block in blocks:
        cell = {"label": block.label, "lines": _lines(block)}
        if block.half and pending is None:
            pending = cell
        elif block.half:
            rows.append({"kind": "half", "a": pending, "b": cell})
            pending = None
        else:
            if pending is not None:
                rows.append({"kind": "full", "a": pending})
                pending = None
            rows.append({"kind": "full" if block.label else "span", "a": cell})
    if pending is not None:
        rows.append({"kind": "full", "a": pending})
    return rows


def _lines(block: Block) -> list[str]:
    """A block as lines of a table cell; at least one, as Word wants a paragraph in every cell."""
    lines: list[str] = [block.text] if block.text else []
    lines += block.paras
    for person in block.people:
        for index, row in enumerate(person.rows):
            words = "　".join(f"{label}：{text or '＿＿＿＿'}" for label, text in row)
            lines.append(f"{person.caption}：{words}" if index == 0 else words)
    if block.ticks:
        lines.append("　".join(("■ " if t.ticked else "□ ") + t.text for t in block.ticks))
    mark = "、" if block.kind == "list" else "："
    lines += [mark.join(row) if block.kind in ("list", "talk") else "　".join(row) for row in block.rows]
    if not lines:
        lines = [""] * max(1, block.blank)
    return lines
