"""One byte string, one spelling."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.crypto.encoding import BadEncoding, b64, b64u, digest_text, unb64, unb64u


@pytest.mark.parametrize(
    "text",
    ["A", "AA==", "AB", "AAB", "AA\n", " AA", "A+AA", "A/AA", "ＡＡ", "AA=", "A-A*", "\0AAA"],
)
def test_base64url_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(BadEncoding):
        unb64u(text)


@pytest.mark.parametrize("text", ["AA", "AB==", "AA==\n", "A-A=", "AA= =", "ＡＡ==", "AAA"])
def test_base64_in_another_spelling_is_refused(text: str) -> None:
    with pytest.raises(BadEncoding):
        unb64(text)


@pytest.mark.parametrize("decode", [lambda t: unb64u(t, length=3), lambda t: unb64(t, length=3)])
def test_decoding_another_length_is_refused(decode: object) -> None:
    with pytest.raises(BadEncoding):
        decode("AAAAAAAA")


@given(st.binary(max_size=80))
def test_encoding_and_decoding_give_the_same_bytes(data: bytes) -> None:
    assert data == unb64u(b64u(data), length=len(data))
    assert data == unb64(b64(data), length=len(data))


def test_digest_text_of_nothing_is_the_known_value() -> None:
    assert "47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU" == digest_text(b"")
