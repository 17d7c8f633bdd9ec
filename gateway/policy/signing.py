"""
The signature over a bundle, in the form that OPA verifies when it loads one.

``/.signatures.json`` holds one compact signature (RFC 7515) whose payload lists every other
file with its SHA-256, and a scope. Files of rules are hashed as they are; ``/data.json`` and
``/.manifest`` by what they say, as OPA writes it: members in order, no spaces. The revision's
digest is of the contents alone, so that it is the same whoever signs.
"""

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any, Final

from gateway.crypto.canonical import canonical_json
from gateway.crypto.jws import BadJWS, parse_jws, sign_jws, verify_jws
from gateway.crypto.keys import SigningKey, VerifyKey
from gateway.domain.log import JSONValue
from gateway.policy.archive import DATA, MANIFEST, SIGNATURES, pack, unpack
from gateway.policy.rejection import RevisionRejected

__all__ = ["SCOPE", "BundleNotTrusted", "SignatureFault", "check_signature", "sign_archive"]

SCOPE: Final = "tasuki/policy"

_ALGORITHM: Final = "SHA-256"
_STRUCTURED: Final = frozenset({DATA, MANIFEST})
_MAX_BYTES: Final = 1 << 20
# What the JSON writer of OPA escapes and ours does not.
_ESCAPED: Final = str.maketrans({"\u2028": "\\u2028", "\u2029": "\\u2029"})


class SignatureFault(StrEnum):
    """Why a bundle is not believed; said of the file that a finding names first."""

    UNSIGNED = "the bundle is not signed"
    MALFORMED = "is no signature of a bundle"
    OTHER_KEY = "is signed by another key"
    OTHER_SCOPE = "is signed for another scope"
    UNLISTED = "is not in the signature"
    MISSING = "is in the signature and not in the bundle"
    CHANGED = "was changed after it was signed"


class BundleNotTrusted(RevisionRejected):
    """
    A bundle does not carry the signature that is demanded.

    Attributes:
        faults: File to what is wrong with it.
    """

    def __init__(self, faults: Mapping[str, SignatureFault]) -> None:
        super().__init__([f"{name}: {fault.value}" for name, fault in sorted(faults.items())])
        self.faults = dict(faults)


def sign_archive(archive: bytes, key: SigningKey) -> bytes:
    """
    Return the archive with the key's signature, in place of any other.

    Raises:
        RevisionRejected: It is no archive of a bundle.
    """
    files = unpack(archive)
    files.pop(SIGNATURES, None)
    rows: list[JSONValue] = [
        {"name": _listed(name), "hash": hash_, "algorithm": _ALGORITHM}
        for name, hash_ in sorted(_hashes(files).items())
    ]
    payload = canonical_json({"files": rows, "scope": SCOPE})
    token = sign_jws(payload, key=key, typ="JWT")
    return pack({**files, SIGNATURES: canonical_json({"signatures": [token]})})


def check_signature(files: Mapping[str, bytes], key: VerifyKey) -> None:
    """
    Check that the key signed exactly these files.

    Args:
        files: Everything in the archive, by name.
        key: The key that is trusted.

    Raises:
        BundleNotTrusted: It did not; each file is named with what is wrong.
        RevisionRejected: A file is not readable.
    """
    listed = _signed(files, key)
    there = _hashes({name: b for name, b in files.items() if name != SIGNATURES})
    faults = {
        name: SignatureFault.CHANGED if name in listed else SignatureFault.UNLISTED
        for name, hash_ in there.items()
        if listed.get(name) != hash_
    }
    faults |= dict.fromkeys(listed.keys() - there.keys(), SignatureFault.MISSING)
    if faults:
        raise BundleNotTrusted(faults)


def _signed(files: Mapping[str, bytes], key: VerifyKey) -> dict[str, str]:
    """Return name to hash, as the key has signed it."""
    if SIGNATURES not in files:
        raise BundleNotTrusted({SIGNATURES: SignatureFault.UNSIGNED})
    try:
        (token,) = json.loads(files[SIGNATURES])["signatures"]
        jws = parse_jws(token, max_bytes=_MAX_BYTES)
    except (ValueError, KeyError, TypeError, AttributeError, BadJWS) as error:
        raise BundleNotTrusted({SIGNATURES: SignatureFault.MALFORMED}) from error
    try:
        verify_jws(jws, key)
    except BadJWS as error:
        raise BundleNotTrusted({SIGNATURES: SignatureFault.OTHER_KEY}) from error
    return _payload(jws.payload)


def _payload(payload: bytes) -> dict[str, str]:
    try:
        said = json.loads(payload)
        scope, rows = said["scope"], said["files"]
        listed = {f"/{row['name']}": str(row["hash"]) for row in rows}
        known = all(row["algorithm"] == _ALGORITHM for row in rows) and len(rows) == len(listed)
    except (ValueError, KeyError, TypeError) as error:
        raise BundleNotTrusted({SIGNATURES: SignatureFault.MALFORMED}) from error
    if scope != SCOPE:
        raise BundleNotTrusted({SIGNATURES: SignatureFault.OTHER_SCOPE})
    if not known:
        raise BundleNotTrusted({SIGNATURES: SignatureFault.MALFORMED})
    return listed


def _hashes(files: Mapping[str, bytes]) -> dict[str, str]:
    return {name: hashlib.sha256(_hashed(name, b)).hexdigest() for name, b in files.items()}


def _hashed(name: str, content: bytes) -> bytes:
    if name not in _STRUCTURED:
        return content
    try:
        value: Any = json.loads(content)
    except ValueError as error:
        raise RevisionRejected([f"{name}: is not JSON"]) from error
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.translate(_ESCAPED).encode()


def _listed(name: str) -> str:
    return name.removeprefix("/")
