"""Keys of one use, with public forms that cannot smuggle, in files nobody else reads."""

import stat
from itertools import count
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa

from gateway.crypto.encoding import b64u
from gateway.crypto.key_files import (
    KeyFileUnusable,
    load_private_key,
    load_secret,
    save_private_key,
    save_secret,
)
from gateway.crypto.keys import (
    Algorithm,
    BadKey,
    generate_log_key,
    generate_sealing_key,
    generate_secret,
    generate_signing_key,
    public_jwk,
    read_public_jwk,
    seal_to,
    thumbprint,
    verify_key,
)

JWK = public_jwk(generate_signing_key().public().public)
OKP = public_jwk(generate_log_key().public_key())


@pytest.mark.parametrize(
    "jwk",
    [
        {},
        {**JWK, "kty": "oct", "k": "AAAA"},
        {**JWK, "d": JWK["x"]},
        {**OKP, "d": OKP["x"]},
        {**JWK, "kty": "RSA"},
        {**JWK, "crv": "P-384"},
        {**JWK, "crv": "secp256k1"},
        {**JWK, "crv": None},
        {**JWK, "x": JWK["y"]},
        {**JWK, "x": JWK["x"] + "="},
        {**JWK, "x": "AA" + JWK["x"]},
        {**JWK, "x": "A" * 43, "y": "A" * 43},
        {**JWK, "x": 5},
        {**JWK, "y": None},
        {"kty": "EC", "crv": "P-256", "x": JWK["x"]},
        {"kty": "OKP", "crv": "X25519", "x": OKP["x"]},
        {"kty": "OKP", "crv": "Ed25519", "x": OKP["x"][:-1]},
        {"kty": "RSA", "n": "AQAB", "e": "AQAB"},
        {"kty": ["EC"], "crv": "P-256"},
    ],
    ids=count(),
)
def test_public_key_in_another_form_is_refused(jwk: dict[str, object]) -> None:
    with pytest.raises(BadKey):
        read_public_jwk(jwk)


def test_rsa_key_that_is_weak_or_unusual_is_refused() -> None:
    weak = {"kty": "RSA", "n": b64u(b"\xff" * 128), "e": "AQAB"}
    unusual = {"kty": "RSA", "n": b64u(b"\xff" * 256), "e": b64u(b"\x03")}
    huge = {"kty": "RSA", "n": b64u(b"\xff" * 1024), "e": "AQAB"}

    for jwk in (weak, unusual, huge):
        with pytest.raises(BadKey):
            read_public_jwk(jwk)


def test_key_on_another_curve_has_no_public_form() -> None:
    with pytest.raises(BadKey):
        public_jwk(ec.generate_private_key(ec.SECP384R1()).public_key())


def test_key_registered_for_another_use_is_refused() -> None:
    with pytest.raises(BadKey):
        verify_key({**JWK, "use": "enc"})
    with pytest.raises(BadKey):
        verify_key({**JWK, "alg": "HS256"})
    with pytest.raises(BadKey):
        verify_key({**JWK, "kid": "a\nb"})
    with pytest.raises(BadKey):
        seal_to({**JWK, "use": "sig"})
    with pytest.raises(BadKey):
        seal_to({**JWK, "alg": "RSA-OAEP"})
    with pytest.raises(BadKey):
        seal_to(OKP)


def test_thumbprint_is_that_of_the_rfcs() -> None:
    """RFC 7638 3.1 and RFC 8037 A.3."""
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc"
        "_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQ"
        "R0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bF"
        "TWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw"
    )
    okp = {"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}

    assert "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs" == thumbprint(
        {"kty": "RSA", "n": n, "e": "AQAB", "alg": "PS256", "kid": "2011-04-29"}
    )
    assert "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k" == thumbprint(okp)


def test_jwk_of_a_key_gives_the_key_back() -> None:
    signing, sealing = generate_signing_key(), generate_sealing_key()

    assert signing.public() == verify_key(signing.public().jwk())
    assert sealing.public() == seal_to(sealing.public().jwk())
    rsa_key = rsa.generate_private_key(65537, 2048).public_key()
    assert Algorithm.PS256 == verify_key(public_jwk(rsa_key)).alg
    assert Algorithm.ED25519 == verify_key(OKP).alg
    assert thumbprint(OKP) == verify_key(OKP).kid


def test_private_keys_never_show_in_a_representation() -> None:
    assert "private" not in repr(generate_signing_key())
    assert "private" not in repr(generate_sealing_key())


def test_key_file_is_written_once_for_its_owner_alone(tmp_path: Path) -> None:
    path, secret_path = tmp_path / "key.pem", tmp_path / "kek"
    key, secret = generate_signing_key(), generate_secret()
    save_private_key(path, key.private)
    save_secret(secret_path, secret)

    loaded = load_private_key(path)

    assert public_jwk(key.private.public_key()) == public_jwk(loaded.public_key())
    assert secret == load_secret(secret_path)
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert 0o600 == stat.S_IMODE(secret_path.stat().st_mode)
    with pytest.raises(KeyFileUnusable):
        save_private_key(path, key.private)
    with pytest.raises(KeyFileUnusable):
        save_secret(secret_path, secret)
    with pytest.raises(KeyFileUnusable):
        save_secret(tmp_path / "short", secret[:16])


def test_key_file_of_every_kind_in_use_is_read_back(tmp_path: Path) -> None:
    keys = (generate_log_key(), rsa.generate_private_key(65537, 2048))

    for number, key in enumerate(keys):
        save_private_key(tmp_path / str(number), key)
        loaded = load_private_key(tmp_path / str(number))
        assert public_jwk(key.public_key()) == public_jwk(loaded.public_key())


@pytest.mark.parametrize("mode", [0o604, 0o620, 0o602, 0o666])
def test_key_file_open_to_others_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "kek"
    save_secret(path, generate_secret())
    path.chmod(mode)

    with pytest.raises(KeyFileUnusable):
        load_secret(path)


def test_key_file_that_is_missing_or_holds_something_else_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "p384.pem"
    save_private_key(other, ec.generate_private_key(ec.SECP384R1()))
    text = tmp_path / "text"
    text.write_text("not a key")
    text.chmod(0o600)

    for path in (tmp_path / "missing", text, other):
        with pytest.raises(KeyFileUnusable):
            load_private_key(path)
        with pytest.raises(KeyFileUnusable):
            load_secret(path)
