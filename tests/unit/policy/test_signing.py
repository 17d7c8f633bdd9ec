"""A bundle is believed only as its key signed it, whole and nothing else."""

import base64
import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from gateway.crypto.jws import sign_jws
from gateway.crypto.keys import SigningKey, generate_signing_key
from gateway.policy.archive import DATA, MANIFEST, SIGNATURES, pack, unpack
from gateway.policy.bundle import PolicyBundle, build_bundle, read_bundle
from gateway.policy.rejection import RevisionRejected
from gateway.policy.signing import SCOPE, BundleNotTrusted, SignatureFault, sign_archive

RULE = "/lib/time/time.rego"


@pytest.fixture(scope="module")
def key() -> SigningKey:
    return generate_signing_key()


def unsigned(files: dict[str, bytes], _: SigningKey) -> None:
    del files[SIGNATURES]


def two_signatures(files: dict[str, bytes], _: SigningKey) -> None:
    (token,) = json.loads(files[SIGNATURES])["signatures"]
    files[SIGNATURES] = json.dumps({"signatures": [token, token]}).encode()


def no_json(files: dict[str, bytes], _: SigningKey) -> None:
    files[SIGNATURES] = b"signed"


def a_list(files: dict[str, bytes], _: SigningKey) -> None:
    files[SIGNATURES] = b"[]"


def no_token(files: dict[str, bytes], _: SigningKey) -> None:
    files[SIGNATURES] = b'{"signatures":["x.y"]}'


def no_text(files: dict[str, bytes], _: SigningKey) -> None:
    files[SIGNATURES] = b'{"signatures":[null]}'


def payload_edited(files: dict[str, bytes], _: SigningKey) -> None:
    (token,) = json.loads(files[SIGNATURES])["signatures"]
    header, _payload, signature = token.split(".")
    said = base64.urlsafe_b64encode(json.dumps(listing(files)).encode()).decode().rstrip("=")
    files[SIGNATURES] = json.dumps({"signatures": [f"{header}.{said}.{signature}"]}).encode()


def other_key(files: dict[str, bytes], _: SigningKey) -> None:
    files |= unpack(sign_archive(pack(files), generate_signing_key()))


def other_scope(files: dict[str, bytes], key: SigningKey) -> None:
    sign(files, key, {**listing(files), "scope": "write"})


def no_scope(files: dict[str, bytes], key: SigningKey) -> None:
    sign(files, key, {"files": listing(files)["files"]})


def other_hashes(files: dict[str, bytes], key: SigningKey) -> None:
    said = listing(files)
    said["files"][0]["algorithm"] = "MD5"
    sign(files, key, said)


def listed_twice(files: dict[str, bytes], key: SigningKey) -> None:
    said = listing(files)
    sign(files, key, {**said, "files": [*said["files"], said["files"][0]]})


def rule_changed(files: dict[str, bytes], _: SigningKey) -> None:
    files[RULE] = files[RULE].replace(b"at < end", b"at <= end")


def table_changed(files: dict[str, bytes], _: SigningKey) -> None:
    files[DATA] = json.dumps({**json.loads(files[DATA]), "packs": {}}).encode()


def renamed(files: dict[str, bytes], _: SigningKey) -> None:
    files[MANIFEST] = json.dumps({**json.loads(files[MANIFEST]), "revision": "sha256:x"}).encode()


def rule_added(files: dict[str, bytes], _: SigningKey) -> None:
    files["/lib/more.rego"] = b"package lib.more\n"


def rule_lost(files: dict[str, bytes], _: SigningKey) -> None:
    del files[RULE]


@pytest.mark.parametrize(
    ("forge", "file", "fault"),
    [
        (unsigned, SIGNATURES, SignatureFault.UNSIGNED),
        (two_signatures, SIGNATURES, SignatureFault.MALFORMED),
        (no_json, SIGNATURES, SignatureFault.MALFORMED),
        (a_list, SIGNATURES, SignatureFault.MALFORMED),
        (no_token, SIGNATURES, SignatureFault.MALFORMED),
        (no_text, SIGNATURES, SignatureFault.MALFORMED),
        (no_scope, SIGNATURES, SignatureFault.MALFORMED),
        (other_hashes, SIGNATURES, SignatureFault.MALFORMED),
        (listed_twice, SIGNATURES, SignatureFault.MALFORMED),
        (payload_edited, SIGNATURES, SignatureFault.OTHER_KEY),
        (other_key, SIGNATURES, SignatureFault.OTHER_KEY),
        (other_scope, SIGNATURES, SignatureFault.OTHER_SCOPE),
        (rule_changed, RULE, SignatureFault.CHANGED),
        (table_changed, DATA, SignatureFault.CHANGED),
        (renamed, MANIFEST, SignatureFault.CHANGED),
        (rule_added, "/lib/more.rego", SignatureFault.UNLISTED),
        (rule_lost, RULE, SignatureFault.MISSING),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_bundle_that_the_key_did_not_sign_so_is_refused_and_names_the_file(
    bundle: PolicyBundle,
    key: SigningKey,
    forge: Callable[[dict[str, bytes], SigningKey], None],
    file: str,
    fault: SignatureFault,
) -> None:
    files = unpack(sign_archive(bundle.archive, key))
    forge(files, key)

    with pytest.raises(BundleNotTrusted) as refused:
        read_bundle(pack(files), key=key.public())

    assert {file: fault} == refused.value.faults
    assert (f"{file}: {fault.value}",) == refused.value.findings


def test_bundle_whose_tables_are_no_json_is_refused_with_their_name(
    bundle: PolicyBundle, key: SigningKey
) -> None:
    files = unpack(sign_archive(bundle.archive, key))
    files[DATA] = b"{"

    with pytest.raises(RevisionRejected, match=r"^/data\.json: is not JSON$"):
        read_bundle(pack(files), key=key.public())


def test_archive_with_two_files_of_one_name_is_refused(bundle: PolicyBundle) -> None:
    """Readers differ in which of the two they take."""
    import gzip  # noqa: PLC0415 - this test alone looks below the archive

    plain = gzip.decompress(bundle.archive)
    rule = gzip.decompress(pack({RULE: b"package lib.time\n"}))
    end = len(plain) - len(plain) % 512
    while not plain[end - 512 : end].strip(b"\0"):
        end -= 512

    with pytest.raises(RevisionRejected, match="two files of one name"):
        read_bundle(gzip.compress(plain[:end] + rule))


def test_signed_bundle_is_the_very_revision(bundle: PolicyBundle, key: SigningKey) -> None:
    """Who signs changes neither digest nor contents."""
    signed = sign_archive(bundle.archive, key)
    again = sign_archive(sign_archive(bundle.archive, generate_signing_key()), key)

    assert bundle == read_bundle(signed, key=key.public()) == read_bundle(signed)
    assert signed == again


def test_signature_holds_whatever_the_texts_hold(policies_copy: Path, key: SigningKey) -> None:
    path = policies_copy / "data/purposes/data.json"
    tables = json.loads(path.read_text(encoding="utf-8"))
    tables["refer"]["label_ja"] += "<&>\u2028\u2029\u0007𠮷"
    path.write_text(json.dumps(tables), encoding="utf-8")
    odd = build_bundle(policies_copy)

    assert odd == read_bundle(sign_archive(odd.archive, key), key=key.public())


def listing(files: dict[str, bytes]) -> dict[str, Any]:
    """Return an honest payload, written here once more; the contents hold nothing odd."""
    rows = [
        {"name": n[1:], "hash": hashlib.sha256(b).hexdigest(), "algorithm": "SHA-256"}
        for n, b in files.items()
        if n != SIGNATURES
    ]
    return {"files": rows, "scope": SCOPE}


def sign(files: dict[str, bytes], key: SigningKey, said: dict[str, Any]) -> None:
    token = sign_jws(json.dumps(said).encode(), key=key, typ="JWT")
    files[SIGNATURES] = json.dumps({"signatures": [token]}).encode()


def test_payload_of_another_writer_is_believed_when_the_key_signed_it(
    bundle: PolicyBundle, key: SigningKey
) -> None:
    files = unpack(bundle.archive)
    sign(files, key, listing(files))

    assert bundle == read_bundle(pack(files), key=key.public())
