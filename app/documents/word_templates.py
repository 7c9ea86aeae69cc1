"""Builds the Word templates in ``resources/forms``: ``python -m app.documents.word_templates``.

The templates are committed so that packaging needs no build step; a test builds them again and
compares. Fonts are named for Chinese text too (``w:eastAsia``), or Word would pick its own.
"""

from __future__ import annotations

import functools
import io
import zipfile
from pathlib import Path
from typing import Any

from docx import Document
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.shared import Mm, Pt

SONG, HEI = "仿宋", "黑体"
_LEFT, _CENTER, _RIGHT = WD_ALIGN_PARAGRAPH.LEFT, WD_ALIGN_PARAGRAPH.CENTER, WD_ALIGN_PARAGRAPH.RIGHT
_FORMULAS = (
    "sum #0 0 10800", "prod #0 2 1", "sum 21600 0 @1", "sum 0 0 @2", "sum 21600 0 @3", "if @0 @3 0",
    "if @0 21600 @1", "if @0 0 @2", "if @0 @4 21600", "mid @5 @6", "mid @8 @5", "mid @7 @8", "mid @6 @7",
    "sum @6 0 @5",
)  # fmt: skip
# Word's own shape for text along a path (type 136); without its definition the text is not drawn.
_WATERMARK = (
    '<w:r {ns} xmlns:v="urn:schemas-microsoft-com:vml" xmlns:o="urn:schemas-microsoft-com:office:office">'
    '<w:pict><v:shapetype id="_x0000_t136" coordsize="21600,21600" o:spt="136" adj="10800" '
    'path="m@7,l@8,m@5,21600l@6,21600e"><v:formulas>'
    + "".join(f'<v:f eqn="{formula}"/>' for formula in _FORMULAS)
    + '</v:formulas><v:path textpathok="t" o:connecttype="custom" '
    'o:connectlocs="@9,0;@10,10800;@11,21600;@12,10800" o:connectangles="270,180,90,0"/>'
    '<v:textpath on="t" fitshape="t"/></v:shapetype>'
    '<v:shape id="watermark" o:spid="_x0000_s2049" type="#_x0000_t136" '
    'style="position:absolute;margin-left:0;margin-top:0;width:400pt;height:80pt;rotation:322;'
    "z-index:-251658752;mso-position-horizontal:center;mso-position-horizontal-relative:margin;"
    'mso-position-vertical:center;mso-position-vertical-relative:margin" fillcolor="#d9d9d9" stroked="f">'
    '<v:textpath style="font-family:&quot;黑体&quot;;font-size:54pt" string="{{{{ watermark }}}}"/>'
    "</v:shape></w:pict></w:r>"
)


def _font(run: Any, family: str, size: float | None = None) -> Any:
    run.font.name = family
    fonts = run._element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(name), family)
    if size is not None:
        run.font.size = Pt(size)
    return run


class _Writer:
    """Puts paragraphs and loop tags into a body, a cell, a header or a footer."""

    def __init__(self, place: Any) -> None:
        self.place = place

    def tag(self, words: str) -> None:
        """A paragraph that only carries a template tag; it vanishes when filled in."""
        self.place.add_paragraph("{%p " + words + " %}")

    def line(
        self,
        *parts: tuple[str, str],
        align: Any = _LEFT,
        indent: bool = False,
        size: float | None = None,
        keep: bool = False,
    ) -> Any:
        """A paragraph of words and their fonts; ``keep`` holds it on the page of the next."""
        paragraph = self.place.add_paragraph()
        paragraph.paragraph_format.keep_with_next = keep or None
        paragraph.alignment = align
        paragraph.paragraph_format.space_after = Pt(0)
        paragraph.paragraph_format.line_spacing = 1.5
        if indent:
            paragraph._p.get_or_add_pPr().append(parse_xml(f'<w:ind {nsdecls("w")} w:firstLineChars="200"/>'))
        for words, family in parts:
            _font(paragraph.add_run(words), family, size)
        return paragraph


def _page(document: Any) -> None:
    section = document.sections[0]
    section.page_width, section.page_height = Mm(210), Mm(297)
    section.top_margin = section.bottom_margin = Mm(25)
    section.left_margin, section.right_margin = Mm(28), Mm(26)
    normal = document.styles["Normal"]
    normal.font.size = Pt(12)
    normal.font.name = SONG
    fonts = normal.element.get_or_add_rPr().get_or_add_rFonts()
    for name in ("w:ascii", "w:hAnsi", "w:eastAsia", "w:cs"):
        fonts.set(qn(name), SONG)
    header = section.header.paragraphs[0]
    header.add_run("{%r if watermark %}")
    header._p.append(parse_xml(_WATERMARK.format(ns=nsdecls("w"))))
    header.add_run("{%r endif %}")
    foot = section.footer.paragraphs[0]
    foot.alignment = _CENTER
    _font(foot.add_run("{{ number }}　第 "), SONG, 9)
    _field(foot, "PAGE")
    _font(foot.add_run("／"), SONG, 9)
    _field(foot, "NUMPAGES")
    _font(foot.add_run(" 页　打印 {{ printed }}　校验码 {{ code }}"), SONG, 9)


def _field(paragraph: Any, name: str) -> None:
    """A field that Word works out itself, such as the page number."""
    for kind, words in (("begin", ""), ("", name), ("separate", ""), ("text", "1"), ("end", "")):
        run = _font(paragraph.add_run(words if kind == "text" else ""), SONG, 9)
        if kind == "text":
            continue
        if kind:
            mark = OxmlElement("w:fldChar")
            mark.set(qn("w:fldCharType"), kind)
        else:
            mark = OxmlElement("w:instrText")
            mark.text = words
        run._r.append(mark)


def _head(out: _Writer) -> None:
    out.tag("if heading")
    out.line(("{{ heading }}", SONG), align=_CENTER, size=16)
    out.tag("endif")
    out.line(("{{ title }}", HEI), align=_CENTER, size=22)
    out.tag("if number")
    beside = "{% if beside_number %}{{ beside_number }}　　{% endif %}"
    out.line((beside + "{{ number_label }}：{{ number }}", SONG), align=_RIGHT)
    out.tag("endif")


def _letter_blocks(out: _Writer, document: Any) -> None:
    rule = "＿" * 12
    out.tag("for b in blocks")
    out.tag("if b.kind == 'line'")
    out.line(("{{ b.label }}：", HEI), ("{{ b.text or '" + rule + "' }}", SONG))
    out.tag("elif b.kind == 'choice'")
    out.line(
        ("{{ b.label }}：", HEI),
        ("{% for t in b.ticks %}{{ '■' if t.ticked else '□' }} {{ t.text }}　{% endfor %}", SONG),
    )
    out.tag("else")
    out.tag("if b.label and not b.people")
    out.line(("{{ b.label }}{{ '' if b.kind == 'heading' else '：' }}", HEI))
    out.tag("endif")
    out.tag("for para in b.paras")
    out.tag("if b.flush")
    out.line(("{{ para }}", SONG))
    out.tag("else")
    out.line(("{{ para }}", SONG), indent=True)
    out.tag("endif")
    out.tag("endfor")
    out.tag("if b.kind == 'list'")
    out.tag("for row in b.rows")
    out.line(("{{ row[0] }}、{{ row[1] }}", SONG), indent=True)
    out.tag("endfor")
    out.tag("elif b.kind == 'talk'")
    out.tag("for row in b.rows")
    out.line(("{{ row[0] }}：", HEI), ("{{ row[1] }}", SONG), indent=True)
    out.tag("endfor")
    out.tag("elif b.kind == 'table'")
    _data_table(document)
    out.tag("endif")
    out.tag("for one in b.people")
    out.tag("for row in one.rows")
    out.line(
        ("{% if loop.first %}{{ one.caption }}：{% else %}　　　　{% endif %}", HEI),
        ("{% for item in row %}{{ item[0] }}：{{ item[1] or '＿＿＿＿' }}　{% endfor %}", SONG),
    )
    out.tag("endfor")
    out.tag("endfor")
    out.tag("if b.kind in ('text', 'list', 'people', 'talk') and not (b.paras or b.rows or b.people)")
    out.tag("for n in range(b.blank)")
    out.line(("＿" * 34, SONG))
    out.tag("endfor")
    out.tag("endif")
    out.tag("endif")
    out.tag("endfor")


def _put(cell: Any, words: str, family: str = SONG, align: Any = _LEFT, size: float | None = None) -> None:
    paragraph = cell.paragraphs[0]
    paragraph.alignment = align
    _font(paragraph.add_run(words), family, size)


def _data_table(document: Any) -> None:
    table = document.add_table(rows=4, cols=3)
    table.style = "Table Grid"
    for column, words in enumerate(("{%tc for c in b.columns %}", "{{ c[0] }}", "{%tc endfor %}")):
        _put(table.cell(0, column), words, HEI, _CENTER)
    _put(table.cell(1, 0), "{%tr for row in b.rows %}")
    for column, words in enumerate(("{%tc for cell in row %}", "{{ cell }}", "{%tc endfor %}")):
        _put(table.cell(2, column), words)
    _put(table.cell(3, 0), "{%tr endfor %}")


def _register_table(document: Any) -> None:
    table = document.add_table(rows=8, cols=4)
    table.style = "Table Grid"
    table.alignment = WD_TABLE_ALIGNMENT.CENTER
    for row in table.rows:
        for cell, width in zip(row.cells, (32, 46, 26, 52), strict=True):
            cell.width = Mm(width)
    _put(table.cell(0, 0), "{%tr for r in rows %}")
    _put(table.cell(1, 0), "{%tr if r.kind == 'half' %}")
    for column, key in ((0, "a"), (2, "b")):
        _put(table.cell(2, column), "{{ r." + key + ".label }}", HEI, _CENTER)
        _cell_lines(table.cell(2, column + 1), f"r.{key}.lines")
    _put(table.cell(3, 0), "{%tr elif r.kind == 'full' %}")
    _put(table.cell(4, 0), "{{ r.a.label }}", HEI, _CENTER)
    _cell_lines(table.cell(4, 1).merge(table.cell(4, 3)), "r.a.lines")
    _put(table.cell(5, 0), "{%tr else %}")
    _cell_lines(table.cell(6, 0).merge(table.cell(6, 3)), "r.a.lines")
    _put(table.cell(7, 0), "{%tr endif %}")
    last = table.add_row()
    _put(last.cells[0], "{%tr endfor %}")


def _cell_lines(cell: Any, name: str) -> None:
    for paragraph in list(cell.paragraphs):
        paragraph._p.getparent().remove(paragraph._p)
    out = _Writer(cell)
    out.tag(f"for text in {name}")
    out.line(("{{ text }}", SONG))
    out.tag("endfor")


def _closing(out: _Writer) -> None:
    """The closing holds together: its end, such as the date, never stands alone on a page."""
    line = functools.partial(out.line, keep=True)
    out.tag("if addressee")
    line(("此致", SONG), indent=True)
    line(("{{ addressee }}", SONG))
    out.tag("endif")
    out.tag("if enclosures")
    line(("附：", SONG))
    out.tag("for e in enclosures")
    line(("{{ loop.index }}. {{ e }}", SONG), indent=True)
    out.tag("endfor")
    out.tag("endif")
    out.tag("for s in signs")
    line(
        ("{{ s.label }}：＿＿＿＿＿＿＿＿＿＿", SONG),
        ("{% if s.fingerprint %}　［按指印处］{% endif %}", SONG),
    ).paragraph_format.space_before = Pt(10)
    out.tag("endfor")
    out.tag("if seal")
    line(("{{ seal }}", SONG), align=_RIGHT).paragraph_format.space_before = Pt(24)
    out.tag("endif")
    out.tag("if dated")
    line(("　　　　年　　　月　　　日", SONG), align=_RIGHT)
    out.tag("endif")
    out.tag("if receipt")
    line(
        ("{% for r in receipt %}{{ r }}：＿＿＿＿＿　{% endfor %}", SONG)
    ).paragraph_format.space_before = Pt(18)
    out.tag("endif")
    out.tag("if remark")
    line(("{{ remark }}", SONG), size=10.5)
    out.tag("endif")


def build(layout: str) -> bytes:
    """The template of ``letter`` or ``register``, the same bytes every time."""
    document = Document()
    _page(document)
    out = _Writer(document)
    _head(out)
    if layout == "letter":
        _letter_blocks(out, document)
    else:
        _register_table(document)
    _closing(out)
    raw = io.BytesIO()
    document.save(raw)
    return _without_times(raw.getvalue())


def _without_times(archive: bytes) -> bytes:
    """The same archive with fixed times of its members."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            member = zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0))
            member.compress_type = zipfile.ZIP_DEFLATED
            new.writestr(member, old.read(name))
    return out.getvalue()


def main() -> None:
    """Writes both templates."""
    import importlib.resources

    folder = Path(str(importlib.resources.files("resources").joinpath("forms")))
    for layout in ("letter", "register"):
        (folder / f"{layout}.docx").write_bytes(build(layout))


if __name__ == "__main__":
    main()
