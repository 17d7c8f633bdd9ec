"""A stored record opens with its key for its entry, and not otherwise."""

from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.keywrap import aes_key_wrap

from gateway.crypto.envelope import BodyUnreadable, decrypt_body, encrypt_body, rewrap
from gateway.domain.log import SealedBody

KEK = bytes(range(32))
SECRET = "鈴木さん".encode()


def _sealed() -> SealedBody:
    return encrypt_body(
        SECRET, log_id="log", entry_id="entry", kek_id="kek-1", kek=KEK, retention="disclosure"
    )


def test_record_with_another_key_log_or_entry_is_refused() -> None:
    body = _sealed()

    for kek, log_id, entry_id in [
        (bytes(32), "log", "entry"),
        (KEK, "log2", "entry"),
        (KEK, "log", "entry2"),
        (KEK, "logentry", ""),
        (b"short", "log", "entry"),
    ]:
        with pytest.raises(BodyUnreadable):
            decrypt_body(body, log_id=log_id, entry_id=entry_id, kek=kek)


@pytest.mark.parametrize("part", ["wrapped_key", "nonce", "ciphertext"])
def test_record_with_any_byte_changed_is_refused(part: str) -> None:
    body = _sealed()
    data = getattr(body, part)

    for place in range(len(data)):
        flipped = data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :]
        with pytest.raises(BodyUnreadable):
            decrypt_body(replace(body, **{part: flipped}), log_id="log", entry_id="entry", kek=KEK)
    for cut in (b"", data[:-1]):
        with pytest.raises(BodyUnreadable):
            decrypt_body(replace(body, **{part: cut}), log_id="log", entry_id="entry", kek=KEK)


def test_record_rewrapped_opens_with_the_new_key_alone() -> None:
    new = bytes(range(1, 33))

    body = rewrap(_sealed(), kek=KEK, new_kek_id="kek-2", new_kek=new)

    assert "kek-2" == body.kek_id
    assert SECRET == decrypt_body(body, log_id="log", entry_id="entry", kek=new)
    with pytest.raises(BodyUnreadable):
        decrypt_body(body, log_id="log", entry_id="entry", kek=KEK)
    with pytest.raises(BodyUnreadable):
        rewrap(body, kek=KEK, new_kek_id="kek-3", new_kek=new)


def test_record_stored_shows_nothing_and_no_two_are_alike() -> None:
    first, second = _sealed(), _sealed()

    assert SECRET not in first.ciphertext
    assert first.ciphertext != second.ciphertext
    assert first.wrapped_key != second.wrapped_key


def test_key_wrap_is_that_of_rfc_3394() -> None:
    """RFC 3394 4.6: 256 bits of key data with a 256-bit KEK."""
    key = bytes.fromhex("00112233445566778899AABBCCDDEEFF000102030405060708090A0B0C0D0E0F")
    wrapped = "28C9F404C4B810F4CBCCB35CFB87F8263F5786E2D80ED326CBC7F0E71A99F43BFB988B9B7A02DD21"

    assert wrapped == aes_key_wrap(KEK, key).hex().upper()
