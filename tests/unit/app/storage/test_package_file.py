"""Files of exchange: what the client writes the platform reads, and the other way; nothing else opens."""

from __future__ import annotations

import errno
import hashlib
import io
import secrets
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from app.domain.errors import Cancelled, DiskFullFault, StorageFault, UserError
from app.storage import package_file as pf
from app.storage.container import Meter
from app.storage.crypto import DEFAULT_SUITE, OpenFailedError
from sync.sandbox.sealed import Broken, Package, sealed_file, signed_by

PLATFORM = X25519PrivateKey.generate()
SIGNER = Ed25519PrivateKey.generate()


def written(place: Path, content: bytes, meter: Meter | None = None) -> pf.WrittenFile:
    def fill(writer: pf.PackageWriter) -> None:
        writer.entry(pf.OPENING, b"{}")
        writer.file(hashlib.sha256(content).hexdigest(), len(content), io.BytesIO(content))

    public = PLATFORM.public_key().public_bytes_raw()
    return pf.write_package(place, DEFAULT_SUITE, public, "p-1", fill, SIGNER.sign, meter or Meter())


@pytest.mark.parametrize("off", [-200, -84, -83, -82, -1, 0, 1, pf.RECORD])
def test_the_platform_reads_what_was_written(tmp_path: Path, off: int) -> None:
    """Lengths around a record's end, where the signature falls into this record or the next."""
    place = tmp_path / "a.jfp"
    content = bytes(number % 251 for number in range(pf.RECORD + off))
    made = written(place, content)
    assert made.sha256 == hashlib.sha256(place.read_bytes()).hexdigest()
    assert made.code == pf.code_of(pf.trailer_of(place))
    package = Package(place, PLATFORM)
    assert package.whole()
    stream, found = hashlib.sha256(), {}
    for letter, body in package.entries():
        raw = body.all(2**30)
        found[letter] = raw
        if letter != pf.SIGNATURE:
            stream.update(letter + len(raw).to_bytes(8, "big") + raw)
    assert found[pf.FILE][64:] == content
    public = SIGNER.public_key().public_bytes_raw()
    assert signed_by(public, found[pf.SIGNATURE], "package", stream.digest())
    assert not signed_by(public, found[pf.SIGNATURE], "receipt", stream.digest())


def test_it_opens_for_the_platform_alone(tmp_path: Path) -> None:
    written(tmp_path / "a.jfp", b"x")
    with pytest.raises(Broken):
        Package(tmp_path / "a.jfp", X25519PrivateKey.generate())


def test_records_cannot_be_cut_off_moved_or_repeated(tmp_path: Path) -> None:
    place = tmp_path / "a.jfp"
    written(place, bytes(4 * pf.RECORD))
    whole = place.read_bytes()
    start, step = Package(place, PLATFORM).start, pf.RECORD + 16
    body = whole[start : -pf.TRAILER]
    records = [body[at : at + step] for at in range(0, len(body), step)]
    first, second, *rest = records
    for spoilt in ([first, second], [second, first, *rest], [first, first, second, *rest], records[1:], []):
        content = whole[:start] + b"".join(spoilt)
        place.write_bytes(content + hashlib.sha256(content).digest())
        package = Package(place, PLATFORM)
        assert package.whole()
        with pytest.raises(Broken):
            [body_.all(2**30) for _, body_ in package.entries()]


def receipt(place: Path, entries: list[tuple[bytes, bytes]], *readers: bytes) -> None:
    place.write_bytes(sealed_file("p-1", entries, readers, SIGNER, secrets.token_bytes))


@pytest.mark.parametrize("size", [0, 10, 64 * 1024 - 100, 200_000])
def test_each_of_the_people_reads_the_receipt_and_nobody_else(tmp_path: Path, size: int) -> None:
    place, suite = tmp_path / "a.jfr", DEFAULT_SUITE
    keys = [suite.new_sealing_key() for _ in range(3)]
    entries = [(pf.OPENING, b"{}"), (pf.COMMAND, bytes(size)), (pf.COMMAND, b"[]")]
    receipt(place, entries, *(suite.sealing_public(key) for key in keys[:2]))
    platform = SIGNER.public_key().public_bytes_raw()
    for key in keys[:2]:
        file = pf.ReceiptFile(place, suite, lambda box, why, key=key: suite.unseal(key, box, why))
        file.checked(suite, platform)
        assert list(file.entries())[:-1] == entries
        with pytest.raises(UserError, match=pf.NOT_OURS):
            file.checked(suite, Ed25519PrivateKey.generate().public_key().public_bytes_raw())
    with pytest.raises(UserError, match=pf.NOT_HERE):
        pf.ReceiptFile(place, suite, lambda box, why: suite.unseal(keys[2], box, why))


def test_a_source_that_ends_early_or_a_person_who_gives_up_leaves_nothing(tmp_path: Path) -> None:
    place = tmp_path / "a.jfp"
    public = PLATFORM.public_key().public_bytes_raw()
    with pytest.raises(StorageFault, match="比登记时短"):
        pf.write_package(
            place, DEFAULT_SUITE, public, "p-1", lambda w: w.file("0" * 64, 10, io.BytesIO(b"123")),
            SIGNER.sign, Meter(),
        )  # fmt: skip
    with pytest.raises(Cancelled):
        written(place, bytes(10_000_000), Meter(lambda done, _total: done < 2_000_000))
    assert list(tmp_path.iterdir()) == []


def test_what_the_stick_says_in_words() -> None:
    assert isinstance(pf.stick_fault(OSError(errno.ENOSPC, "")), DiskFullFault)
    assert "写保护" in pf.stick_fault(OSError(errno.EROFS, "")).message
    assert pf.stick_fault(OSError(errno.EIO, "")).message == pf.PULLED
    for said in (pf.PULLED, pf.stick_fault(OSError(errno.EROFS, "")).message):
        assert "内容都在本机" in said


def test_another_file_is_told_from_a_package(tmp_path: Path) -> None:
    place = tmp_path / "a.jfp"
    for content in (b"", b"PK\x03\x04", pf.MAGIC, pf.MAGIC + (5).to_bytes(4, "big") + b"{}...", bytes(100)):
        place.write_bytes(content)
        with pytest.raises(UserError, match="不是离线交换包"):
            pf.head_of(place)
    with pytest.raises(UserError, match="没有找到"):
        pf.head_of(tmp_path / "none.jfp")


def test_the_suites_records_open_only_as_they_were_sealed() -> None:
    records = DEFAULT_SUITE.records(bytes(32))
    nonce = pf.nonce_of(0, last=False)
    sealed = records.seal(nonce, b"plain", b"bound")
    assert records.open(nonce, sealed, b"bound") == b"plain"
    for spoilt in (
        (pf.nonce_of(0, last=True), sealed, b"bound"),
        (nonce, sealed, b"other"),
        (nonce, b"", b"bound"),
    ):
        with pytest.raises(OpenFailedError):
            records.open(*spoilt)
