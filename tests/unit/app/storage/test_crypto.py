from __future__ import annotations

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from hypothesis import given
from hypothesis import strategies as st

from app.storage import crypto
from app.storage.crypto import DEFAULT_SUITE, ModernSuite, OpenFailedError


@given(st.binary(max_size=300), st.binary(max_size=20))
def test_what_is_sealed_opens_again(plain: bytes, bound: bytes) -> None:
    key = bytes(range(32))
    sealed = DEFAULT_SUITE.encrypt(key, plain, bound)
    assert DEFAULT_SUITE.decrypt(key, sealed, bound) == plain
    with pytest.raises(OpenFailedError):
        DEFAULT_SUITE.decrypt(key, sealed, bound + b"x")


@pytest.mark.parametrize("position", range(0, 40, 3))
def test_a_changed_bit_shows(position: int) -> None:
    key = bytes(32)
    sealed = bytearray(DEFAULT_SUITE.encrypt(key, b"0123456789a"))
    sealed[position] ^= 1
    with pytest.raises(OpenFailedError):
        DEFAULT_SUITE.decrypt(key, bytes(sealed))
    with pytest.raises(OpenFailedError):
        DEFAULT_SUITE.decrypt(key, bytes(sealed[:position]))


def test_sealed_box_opens_for_its_owner_and_purpose_only() -> None:
    private, other = DEFAULT_SUITE.new_sealing_key(), DEFAULT_SUITE.new_sealing_key()
    box = DEFAULT_SUITE.seal_to(DEFAULT_SUITE.sealing_public(private), b"text", "note")
    assert DEFAULT_SUITE.unseal(private, box, "note") == b"text"
    for key, purpose, data in ((other, "note", box), (private, "token", box), (private, "note", box[:40])):
        with pytest.raises(OpenFailedError):
            DEFAULT_SUITE.unseal(key, data, purpose)


def test_subkeys_are_hkdf_sha256() -> None:
    key = bytes(range(32))
    reference = HKDF(hashes.SHA256(), 32, salt=None, info=b"purpose").derive(key)
    assert DEFAULT_SUITE.expand(key, "purpose") == reference


def test_signature_of_another_text_does_not_hold() -> None:
    private = DEFAULT_SUITE.new_signing_key()
    public = DEFAULT_SUITE.signing_public(private)
    signature = DEFAULT_SUITE.sign(private, b"text")
    assert DEFAULT_SUITE.verify(public, signature, b"text")
    assert not DEFAULT_SUITE.verify(public, signature, b"texT")
    assert not DEFAULT_SUITE.verify(public[:5], signature, b"text")


def test_suites_are_found_by_id() -> None:
    class Later(ModernSuite):
        suite_id = "later"

    assert crypto.suite("later") is None
    later = Later()
    crypto.register(later)
    try:
        assert crypto.suite("later") is later
    finally:
        del crypto._SUITES["later"]
