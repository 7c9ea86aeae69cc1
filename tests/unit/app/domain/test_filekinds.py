"""Which files are taken in: by our own table of endings, whatever the system calls them."""

from __future__ import annotations

import mimetypes

import pytest

from app.domain import filekinds

STARTS = {
    "image/jpeg": b"\xff\xd8\xff\xe0", "image/png": b"\x89PNG\r\n\x1a\n", "image/webp": b"RIFF0000WEBP",
    "image/bmp": b"BM", "image/tiff": b"II*\0", "application/pdf": b"%PDF-1.7", "audio/wav": b"RIFF0000WAVE",
    "audio/mpeg": b"ID3", "audio/ogg": b"OggS", "audio/mp4": b"0000ftypM4A ", "video/mp4": b"0000ftypisom",
    "application/msword": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "text/plain": "谈话要点".encode(),
    "application/vnd.ms-excel": b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1",
}  # fmt: skip


@pytest.mark.parametrize("suffix", sorted(filekinds.BY_SUFFIX))
def test_every_kind_offered_in_the_dialog_is_taken(suffix: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mimetypes, "guess_type", lambda *_: ("application/of-this-system", None))
    for name in (f"录音{suffix}", f"录音{suffix.upper()}"):
        media_type = filekinds.media_type_of(name)
        assert media_type in filekinds.ACCEPTED
        assert filekinds.fits(media_type, STARTS.get(media_type, b"PK\x03\x04"))


def test_programs_and_unknown_kinds_are_not() -> None:
    assert [filekinds.media_type_of(name) for name in ("a.exe", "a.docm", "a", ".pdf")] == [""] * 4
    assert not filekinds.fits("text/plain", b"MZ\x90")
    assert not filekinds.fits("image/png", b"MZ\x90")
