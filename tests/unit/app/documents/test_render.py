"""Papers read back: both renditions say the same, fonts are inside, hostile text stays text."""

from __future__ import annotations

import concurrent.futures
import dataclasses
import io
import re
import unicodedata
import zipfile

import msgspec
import pikepdf
import pytest
from docx import Document
from pypdf import PdfReader

from app.documents import word_templates
from app.documents.forms import all_forms, form
from app.documents.recovery import recovery_sheet
from app.documents.render import check_code, forms_folder, render, render_pdf, render_word
from app.documents.values import Block, PaperValues, values_for
from app.domain import casefile as cf
from app.domain.errors import InternalError
from app.domain.reducer import CaseFile
from tests.helpers import papers

FORMS = sorted(all_forms())


def squeezed(text: str) -> str:
    return re.sub(r"\s", "", text)


def pdf_text(pdf: bytes) -> str:
    return squeezed("".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages))


def word_text(word: bytes) -> str:
    body = Document(io.BytesIO(word)).element.body
    return squeezed("".join(t.text or "" for t in body.iter() if t.tag.endswith("}t")))


def said(block: Block) -> list[str]:
    """Every text that a block must show."""
    found = [block.text, *block.paras, *(cell for row in block.rows for cell in row)]
    found += [text for person in block.people for row in person.rows for item in row for text in item]
    found += [("■" if t.ticked else "□") + t.text for t in block.ticks]
    return [squeezed(t) for t in found if t]


def everything(values: PaperValues) -> list[str]:
    found = [text for block in values.blocks for text in said(block)]
    found += [squeezed(t) for t in (values.title, values.heading, values.seal, values.addressee) if t]
    found += [squeezed(s.label) for s in values.signs] + [squeezed(e) for e in values.enclosures]
    return found


def without_feet(text: str, values: PaperValues) -> str:
    """Text that runs over a page's end, with the foot between taken out."""
    code = re.escape(check_code(values))
    number = re.escape(squeezed(values.number))
    return re.sub(rf"(?:{number})?第\d+／\d+页打印[\d:-]+校验码{code}", "", text)


def paper(form_id: str, **changes: object) -> PaperValues:
    return values_for(form_id, papers.files().get(form_id, papers.case_file()), papers.context(**changes))


@pytest.mark.parametrize("form_id", FORMS)
def test_pdf_and_word_say_the_same(form_id: str) -> None:
    values = paper(form_id)
    pdf = render_pdf(form(form_id), values, papers.context())
    read = without_feet(pdf_text(pdf), values)
    word = word_text(render_word(form(form_id), values, papers.context()))
    for text in everything(values):
        assert text in read
        assert text in word


@pytest.mark.parametrize("form_id", FORMS)
def test_pages_are_a4_numbered_and_coded(form_id: str) -> None:
    values = paper(form_id)
    reader = PdfReader(io.BytesIO(render_pdf(form(form_id), values, papers.context())))
    total = len(reader.pages)
    assert total == (2 if form_id == "P01" else 1)
    for number, page in enumerate(reader.pages, 1):
        assert float(page.mediabox.width) == pytest.approx(595.276, abs=0.1)
        assert float(page.mediabox.height) == pytest.approx(841.89, abs=0.1)
        text = squeezed(page.extract_text())
        assert f"第{number}／{total}页" in text
        assert check_code(values) in text
        assert "打印2026-11-2511:20" in text


def longer(values: PaperValues, lines: int) -> PaperValues:
    """The same paper with some lines more above its last two fields."""
    more = Block(key="more", kind="fixed", paras=("这一行是多出来的内容。",) * lines)
    return dataclasses.replace(values, blocks=(*values.blocks[:-2], more, *values.blocks[-2:]))


@pytest.mark.parametrize("form_id", ["F06", "P15", "P20"])
def test_the_closing_goes_over_as_a_whole_and_not_without_the_last_field(form_id: str) -> None:
    base = paper(form_id)
    closing = [squeezed(sign.label) for sign in base.signs] + ["年月日", *said(base.blocks[-1])]
    totals = []
    for lines in range(18):
        pages = PdfReader(io.BytesIO(render_pdf(form(form_id), longer(base, lines), papers.context()))).pages
        last = squeezed(pages[-1].extract_text())
        assert [words for words in (*closing, base.blocks[-1].label) if words not in last] == []
        totals.append(len(pages))
    assert set(totals) == {1, 2}
    assert totals == sorted(totals)


@pytest.mark.parametrize("form_id", FORMS)
def test_fonts_are_embedded_and_the_file_is_archival(form_id: str) -> None:
    pdf = render_pdf(form(form_id), paper(form_id), papers.context())
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        faces = [o for o in opened.objects if isinstance(o, pikepdf.Dictionary) and "/FontName" in o]
        assert faces
        assert all("/FontFile2" in f or "/FontFile3" in f for f in faces)
        with opened.open_metadata() as metadata:
            assert metadata.pdfa_status == "2B"


@pytest.mark.parametrize("form_id", FORMS)
def test_copied_text_has_no_radicals(form_id: str) -> None:
    text = pdf_text(render_pdf(form(form_id), paper(form_id), papers.context()))
    assert [c for c in text if 0x2E80 <= ord(c) < 0x2FE0] == []
    assert all(unicodedata.category(c) not in ("Co", "Cn") for c in text)


@pytest.mark.parametrize("form_id", FORMS)
def test_word_names_fonts_for_chinese(form_id: str) -> None:
    word = render_word(form(form_id), paper(form_id), papers.context())
    with zipfile.ZipFile(io.BytesIO(word)) as archive:
        assert archive.testzip() is None
        body = archive.read("word/document.xml").decode()
        footer = archive.read("word/footer1.xml").decode()
    assert 'w:eastAsia="仿宋"' in body
    assert 'w:eastAsia="黑体"' in body
    assert "{{" not in body
    assert "{%" not in body
    assert "NUMPAGES" in footer
    assert check_code(paper(form_id)) in footer
    assert all(cell.findall(".//{*}p") for cell in Document(io.BytesIO(word)).element.body.iter("{*}tc"))


HOSTILE = (
    '#read("/etc/passwd")',
    '#import "@preview/x:1.0.0": *',
    "{{7*7}}",
    "{% for x in y %}",
    "<w:p><w:r/></w:p>",
    "&amp; \"quoted\" 'single' \\u{4e2d}",
    "$x$ *粗* _斜_ @ref <label> // 注 /* 注 */",
    "= 标题",
    "喆堃垚䶮",
    "长" * 3000,
)


def attacked(text: str) -> CaseFile:
    file = papers.case_file(facts=text, claims=text, title=text)
    agreement = msgspec.structs.replace(
        papers.AGREEMENT, facts=text, clauses=(cf.Clause(no=1, text=text),), performance=text
    )
    named = msgspec.structs.replace(papers.ANNA, name=text[:200], address=text[:200])
    return dataclasses.replace(file, agreements={"a1": agreement}, parties={**file.parties, "p1": named})


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: t[:12])
@pytest.mark.parametrize("form_id", ["F01", "F06", "F02", "P20"])
def test_hostile_text_stays_text(form_id: str, text: str) -> None:
    context = papers.context()
    values = values_for(form_id, attacked(text), context)
    pdf = without_feet(pdf_text(render_pdf(form(form_id), values, context)), values)
    word = word_text(render_word(form(form_id), values, context))
    assert "root:" not in pdf
    assert squeezed(text) in pdf
    assert squeezed(text) in word


def test_a_character_without_a_glyph_is_told_and_marked() -> None:
    context = papers.context()
    values = values_for("F06", attacked("收到😀𠮷\u200d谢谢"), context)
    made = render(form("F06"), values, context, system_fonts=False)
    assert made.unprintable == ("😀", "𠮷")
    assert "收到〓〓谢谢" in pdf_text(made.pdf)
    assert "收到😀𠮷" in word_text(render_word(form("F06"), values, context))


def test_substituted_fonts_are_told() -> None:
    made = render(form("F06"), paper("F06"), papers.context(), system_fonts=False)
    assert made.substituted == (("仿宋", "Noto Serif SC"), ("黑体", "Noto Sans SC"))


def test_a_draft_and_practice_are_written_across_both_renditions() -> None:
    context = papers.context(draft=True, practice=True)
    values = values_for("F06", papers.case_file(), context)
    assert "练习" in pdf_text(render_pdf(form("F06"), values, context))
    with zipfile.ZipFile(io.BytesIO(render_word(form("F06"), values, context))) as archive:
        assert "练习　草稿 未签" in archive.read("word/header1.xml").decode()
    plain = render_word(form("F06"), paper("F06"), papers.context())
    with zipfile.ZipFile(io.BytesIO(plain)) as archive:
        assert "textpath" not in archive.read("word/header1.xml").decode()


def test_the_same_values_give_the_same_pdf() -> None:
    first = render_pdf(form("P15"), paper("P15"), papers.context())
    assert render_pdf(form("P15"), paper("P15"), papers.context()) == first


def test_several_threads_may_print_at_once() -> None:
    jobs = FORMS * 3
    with concurrent.futures.ThreadPoolExecutor(6) as pool:
        made = list(pool.map(lambda f: render_pdf(form(f), paper(f), papers.context()), jobs))
    for form_id, pdf in zip(jobs, made, strict=True):
        assert squeezed(form(form_id).title) in pdf_text(pdf)


@pytest.mark.parametrize("layout", ["letter", "register"])
def test_committed_word_templates_are_what_the_script_builds(layout: str) -> None:
    built = word_templates.build(layout)
    committed = (forms_folder() / f"{layout}.docx").read_bytes()
    for name in ("word/document.xml", "word/header1.xml", "word/footer1.xml", "word/styles.xml"):
        with zipfile.ZipFile(io.BytesIO(built)) as new, zipfile.ZipFile(io.BytesIO(committed)) as old:
            assert new.read(name) == old.read(name), f"run python -m app.documents.word_templates: {name}"


def test_the_recovery_sheet_holds_the_code_and_nothing_derived_from_it() -> None:
    code = "K7PM-2QXR-9DTH-W4FN-6JCY-3VBE-8GLA-5ZSU"
    pdf = recovery_sheet(code, papers.context(practice=True), device="调解室一号", person="周敏芳")
    reader = PdfReader(io.BytesIO(pdf))
    text = pdf_text(pdf)
    assert len(reader.pages) == 1
    assert squeezed(code).replace("-", "") in text
    assert "校验码" not in text
    assert "保管人（签名）" in text
    assert "练习" in text


@pytest.mark.parametrize("code", ["", "K7PM-恢复", '#read("x")'])
def test_a_code_that_is_none_is_not_printed(code: str) -> None:
    with pytest.raises(InternalError):
        recovery_sheet(code, papers.context(), device="一号", person="周敏芳")
