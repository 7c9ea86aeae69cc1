"""Material packs: cover, index, running numbers, photos on A4, and what is refused."""

from __future__ import annotations

import io
import re
import struct
import zlib

import pikepdf
import pytest
from PIL import Image
from pypdf import PdfReader

from app.documents.forms import form
from app.documents.pack import Cover, assemble_pack, image_page
from app.documents.render import render_pdf
from app.documents.values import values_for
from app.domain.errors import UserError
from tests.helpers import papers

CONTEXT = papers.context()


def pdf_of(form_id: str) -> bytes:
    return render_pdf(form(form_id), values_for(form_id, papers.case_file(), CONTEXT), CONTEXT)


def picture(size: tuple[int, int], kind: str = "JPEG", **options: object) -> bytes:
    out = io.BytesIO()
    mode = "RGBA" if kind == "PNG" else "RGB"
    Image.new(mode, size, "teal").save(out, kind, **options)
    return out.getvalue()


def the_image(pdf: pikepdf.Pdf) -> pikepdf.Stream:
    """The one picture of the first page."""
    (image,) = pdf.pages[0].obj.Resources.XObject.as_dict().values()
    return image


def texts_of(pdf: bytes) -> list[str]:
    return [re.sub(r"\s", "", p.extract_text()) for p in PdfReader(io.BytesIO(pdf)).pages]


def test_cover_index_and_running_numbers() -> None:
    parts = [
        ("权利义务告知书", pdf_of("P01"), "application/pdf"),
        ("人民调解协议书", pdf_of("F06"), "application/pdf"),
        ("墙面照片", picture((1200, 800)), "image/jpeg"),
    ]
    cover = Cover(title="司法确认材料", heading="云浦区人民法院", facts=(("申请人", "陈喆堃与吴垚"),))
    pack = assemble_pack(parts, cover=cover, context=CONTEXT)
    pages = texts_of(pack)
    assert len(pages) == 2 + 2 + 1 + 1
    assert "司法确认材料" in pages[0]
    assert "陈喆堃与吴垚" in pages[0]
    assert "共4页" in pages[0]
    assert "1权利义务告知书1—22" in pages[1]
    assert "2人民调解协议书31" in pages[1]
    assert "3墙面照片41" in pages[1]
    for number, page in enumerate(pages[2:], 1):
        assert f"第{number}页" in page
    outline = [item.title for item in PdfReader(io.BytesIO(pack)).outline]  # type: ignore[union-attr]
    assert outline == [title for title, _, _ in parts]


def test_practice_is_written_on_strangers_pages_too() -> None:
    pack = assemble_pack([("照片", picture((300, 400)), "image/jpeg")], context=papers.context(practice=True))
    assert all("练习" in page for page in texts_of(pack))


def test_a_photo_is_turned_upright_shrunk_and_freed_of_its_place() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "SECRETCAMERA"
    raw = picture((4000, 3000), exif=exif)
    assert b"SECRETCAMERA" in raw
    page = image_page(raw)
    assert b"SECRETCAMERA" not in page
    with pikepdf.open(io.BytesIO(page)) as pdf:
        image = the_image(pdf)
        assert (int(image.Width), int(image.Height)) == (2475, 3300)
        assert [float(v) for v in pdf.pages[0].mediabox] == pytest.approx([0, 0, 595.276, 841.89])


def test_a_transparent_picture_gets_white_paper() -> None:
    out = io.BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(out, "PNG")
    with pikepdf.open(io.BytesIO(image_page(out.getvalue()))) as pdf:
        raw = the_image(pdf).read_raw_bytes()
    assert Image.open(io.BytesIO(raw)).getpixel((5, 5)) == (255, 255, 255)


def huge_png() -> bytes:
    """A tiny file that claims 40,000 by 40,000 pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">L", len(data)) + kind + data + struct.pack(">L", zlib.crc32(kind + data))

    header = struct.pack(">LLBBBBB", 40_000, 40_000, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", b"") + chunk(b"IEND", b"")


def locked_pdf() -> bytes:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(out, encryption=pikepdf.Encryption(user="u", owner="o"))
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "media_type", "code"),
    [
        (huge_png(), "image/png", "E-PACK-IMAGE-SIZE"),
        (picture((600, 400))[:500], "image/jpeg", "E-PACK-IMAGE"),
        (b"not a picture", "image/png", "E-PACK-IMAGE"),
        (b"%PDF-1.7 nonsense", "application/pdf", "E-PACK-DAMAGED"),
        (locked_pdf(), "application/pdf", "E-PACK-PASSWORD"),
        (b"MZ", "application/x-msdownload", "E-PACK-TYPE"),
    ],
)
def test_a_bad_material_is_named_and_refused(data: bytes, media_type: str, code: str) -> None:
    with pytest.raises(UserError, match="收条") as caught:
        assemble_pack([("收条", data, media_type)], context=CONTEXT)
    assert caught.value.code == code


def test_an_empty_pack_is_refused() -> None:
    with pytest.raises(UserError):
        assemble_pack([], context=CONTEXT)


def test_scripts_and_links_of_a_strangers_pdf_stay_behind() -> None:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        script = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS=pikepdf.String("app.alert(1)"))
        pdf.Root.OpenAction = script
        pdf.pages[0].obj.AA = pikepdf.Dictionary(O=script)
        pdf.save(out)
    pack = assemble_pack([("来件", out.getvalue(), "application/pdf")], context=CONTEXT)
    with pikepdf.open(io.BytesIO(pack)) as pdf:
        assert "/OpenAction" not in pdf.Root
        assert all("/AA" not in page.obj for page in pdf.pages)
        assert b"app.alert" not in b"".join(bytes(o.unparse()) for o in pdf.objects if o is not None)


def test_a_turned_page_keeps_its_number_at_the_top_right() -> None:
    out = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page(page_size=(595, 842))
        pdf.pages[0].rotate(90, relative=False)
        pdf.save(out)
    pack = assemble_pack([("横放的扫描件", out.getvalue(), "application/pdf")], context=CONTEXT)
    assert "第1页" in texts_of(pack)[2]
