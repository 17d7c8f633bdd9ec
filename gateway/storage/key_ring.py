"""
The key ring: a directory of key files, one for each use.

* Key-encryption keys are named by the quarter they belong to, ``kek-2026q4``; the newest is
  current. The directory is looked at each time, so that a new key serves and a destroyed
  one is gone for every process at once.
* The log's private key is for the signer; whoever only verifies reads ``log.pub.pem``.
* A ring is made complete or not at all, and never over another.
* A key that is not there is never replaced silently.
"""

import os
import re
import shutil
import tempfile
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from string import ascii_lowercase
from typing import Final

from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from gateway.crypto.key_files import (
    KeyFileUnusable,
    load_private_key,
    load_secret,
    load_verify_key,
    save_private_key,
    save_public_key,
    save_secret,
)
from gateway.crypto.keys import (
    Algorithm,
    SigningKey,
    generate_log_key,
    generate_secret,
    generate_signing_key,
    public_jwk,
    thumbprint,
)
from gateway.crypto.signed_note import NoteKey, NoteSigner
from gateway.domain.errors import Conflict, IntegrityError
from gateway.domain.ids import Millis

__all__ = [
    "KeyRing",
    "create_key_ring",
    "kek_id_at",
    "load_gateway_key",
    "load_log_key",
    "load_log_signer",
    "load_note_signer",
    "load_policy_key",
    "load_signing_key",
    "load_token_key",
    "log_key_path",
]

_LOG: Final = "log.pem"
_LOG_PUBLIC: Final = "log.pub.pem"
_TOKEN: Final = "token.pem"  # noqa: S105 - the name of a file
_GATEWAY: Final = "gateway.pem"
_POLICY: Final = "policy.pem"
_INDEX: Final = "index.key"
_REFERENCE: Final = "reference.key"
_KEK_ID: Final = re.compile(r"kek-[0-9]{4}q[1-4][a-z]?", re.ASCII)
_SUFFIX: Final = ".key"
_JST: Final = timezone(timedelta(hours=9))
_MONTHS_A_QUARTER: Final = 3


def kek_id_at(now: Millis) -> str:
    """Return the id of the key-encryption key of the quarter in Japan, ``kek-2026q4``."""
    day = (datetime.fromtimestamp(0, UTC) + timedelta(milliseconds=now)).astimezone(_JST)
    return f"kek-{day.year:04}q{(day.month - 1) // _MONTHS_A_QUARTER + 1}"


class KeyRing:
    """
    Hands out the gateway's secret keys; see :class:`gateway.ports.keys.Keys`.

    Args:
        directory: Made by :func:`create_key_ring`.

    Raises:
        IntegrityError: A key is missing, open to others or not a key.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._index_key = load_secret(directory / _INDEX)
        self._reference_key = load_secret(directory / _REFERENCE)
        self._keks: dict[str, bytes] = {}
        self.kek()

    def kek(self, kek_id: str | None = None) -> tuple[str, bytes]:
        """
        Return ``(id, 32 bytes)`` of a key-encryption key; ``None`` asks for the current one.

        Raises:
            IntegrityError: The key was destroyed or cannot be read.
        """
        present = self.kek_ids()
        chosen = kek_id if kek_id is not None else max(present, default="")
        if chosen not in present:
            self._keks.pop(chosen, None)
            raise IntegrityError("a key-encryption key was destroyed or never existed")
        key = self._keks.get(chosen)
        if key is None:
            key = self._keks[chosen] = load_secret(self._path(chosen))
        return chosen, key

    def kek_ids(self) -> tuple[str, ...]:
        """
        Return the ids of the key-encryption keys, oldest first.

        Raises:
            IntegrityError: The directory cannot be read.
        """
        names: list[str] | None
        try:
            names = os.listdir(self._directory)  # noqa: PTH208 - asked for each entry written
        except OSError:
            names = None
        if names is None:
            raise KeyFileUnusable("the key ring cannot be read")
        ids = (n.removesuffix(_SUFFIX) for n in names if n.endswith(_SUFFIX))
        return tuple(sorted(i for i in ids if _KEK_ID.fullmatch(i)))

    def next_kek_id(self, now: Millis) -> str:
        """
        Return the id of the key-encryption key that would be made now.

        It is the quarter's, else the quarter's with the next letter.

        Raises:
            Conflict: KEK_NOT_NEWEST: there are 27 of this quarter, or one of a later quarter.
            IntegrityError: The directory cannot be read.
        """
        newest, quarter = max(self.kek_ids(), default=""), kek_id_at(now)
        for candidate in (quarter, *(quarter + letter for letter in ascii_lowercase)):
            if candidate > newest:
                return candidate
        raise Conflict("KEK_NOT_NEWEST")

    def add_kek(self, kek_id: str) -> None:
        """
        Make a further key-encryption key; the newest by id becomes the current one.

        Raises:
            Conflict: It would not be the newest, or is no id of such a key.
            IntegrityError: It cannot be written.
        """
        if not _KEK_ID.fullmatch(kek_id) or kek_id <= max(self.kek_ids(), default=""):
            raise Conflict("KEK_NOT_NEWEST")
        save_secret(self._path(kek_id), generate_secret())
        _synchronise(self._directory)

    def destroy_kek(self, kek_id: str) -> None:
        """
        Destroy a key-encryption key: what was encrypted under it can never be read again.

        Copies in backups are the operator's to destroy; without the key they are noise.

        Raises:
            Conflict: It is the current key; make a newer one first.
            IntegrityError: There is no such key, or it could not be removed durably.
        """
        present = self.kek_ids()
        if kek_id not in present:
            raise IntegrityError("a key-encryption key was destroyed or never existed")
        if kek_id == present[-1]:
            raise Conflict("KEK_IS_CURRENT")
        removed = True
        try:
            self._path(kek_id).unlink()
        except OSError:
            removed = False
        self._keks.pop(kek_id, None)
        if not removed:
            raise KeyFileUnusable("a key file could not be removed")
        _synchronise(self._directory)

    def index_key(self) -> bytes:
        """Return the 32-byte key under which persons are pseudonymised in the subject index."""
        return self._index_key

    def reference_key(self) -> bytes:
        """Return the 32-byte key under which agencies' own references are digested."""
        return self._reference_key

    def _path(self, kek_id: str) -> Path:
        return self._directory / f"{kek_id}{_SUFFIX}"


def create_key_ring(directory: Path, *, now: Millis) -> None:
    """
    Make every key a new gateway needs, in a directory that only its owner can enter.

    Args:
        directory: Must not exist yet, or be empty.
        now: Chooses the quarter of the first key-encryption key.

    Raises:
        IntegrityError: There is something already, or it cannot be written; nothing changed.
    """
    made = False
    temporary: Path | None = None
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        # Private from the start (mode 0700), and beside its place, so that it moves whole.
        temporary = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
        _fill(temporary, kek_id_at(now))
        _synchronise(temporary)
        temporary.rename(directory)
        _synchronise(directory.parent)
        made = True
    except OSError:
        made = False
    finally:
        if temporary is not None and not made:
            shutil.rmtree(temporary, ignore_errors=True)
    if not made:
        raise KeyFileUnusable("a key ring exists already or cannot be written")


def load_log_signer(directory: Path, origin: str) -> NoteSigner:
    """
    Return the signer of the log of this origin.

    Raises:
        IntegrityError: The key is missing, open to others or of another kind, or a log may
            not have this origin.
    """
    return load_note_signer(log_key_path(directory), origin)


def log_key_path(directory: Path) -> Path:
    """Return where a ring holds the log's private key, unless a signer apart holds it."""
    return directory / _LOG


def load_log_key(directory: Path, origin: str) -> NoteKey:
    """
    Return the public key of the log of this origin, without reading the private one.

    Raises:
        IntegrityError: The key is missing or of another kind, or a log may not have this origin.
    """
    key: object = None
    with suppress(KeyFileUnusable):
        key = load_verify_key(directory / _LOG_PUBLIC).public
    if not isinstance(key, Ed25519PublicKey):
        raise KeyFileUnusable("the log's public key (log.pub.pem) is missing or of another kind")
    return NoteKey(origin, key.public_bytes_raw())


def load_note_signer(path: Path, origin: str) -> NoteSigner:
    """
    Return the signer of the log of this origin from a key file.

    Raises:
        IntegrityError: The key is missing, open to others or of another kind, or a log may
            not have this origin.
    """
    key = load_private_key(path)
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileUnusable("the log's key is of another kind")
    return NoteSigner(origin, key)


def load_token_key(directory: Path) -> SigningKey:
    """
    Return the key that signs access tokens.

    Raises:
        IntegrityError: It is missing, open to others or of another kind.
    """
    return load_signing_key(directory / _TOKEN)


def load_gateway_key(directory: Path) -> SigningKey:
    """
    Return the key that signs what the gateway seals or publishes in its own name.

    Raises:
        IntegrityError: It is missing, open to others or of another kind.
    """
    return load_signing_key(directory / _GATEWAY)


def load_policy_key(directory: Path) -> SigningKey:
    """
    Return the key that signs the bundle of rules which policy engines elsewhere pull.

    Raises:
        IntegrityError: It is missing, open to others or of another kind.
    """
    return load_signing_key(directory / _POLICY)


def load_signing_key(path: Path) -> SigningKey:
    """
    Return the P-256 key of one file, which signs with ES256.

    Raises:
        IntegrityError: It is missing, open to others or of another kind.
    """
    key = load_private_key(path)
    if not isinstance(key, EllipticCurvePrivateKey):
        raise KeyFileUnusable("a signing key is of another kind")
    return SigningKey(thumbprint(public_jwk(key.public_key())), Algorithm.ES256, key)


def _fill(directory: Path, kek_id: str) -> None:
    log_key = generate_log_key()
    save_private_key(directory / _LOG, log_key)
    save_public_key(directory / _LOG_PUBLIC, log_key.public_key())
    save_private_key(directory / _TOKEN, generate_signing_key().private)
    save_private_key(directory / _GATEWAY, generate_signing_key().private)
    save_private_key(directory / _POLICY, generate_signing_key().private)
    for name in (f"{kek_id}{_SUFFIX}", _INDEX, _REFERENCE):
        save_secret(directory / name, generate_secret())


def _synchronise(directory: Path) -> None:
    durable = True
    try:
        descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError:
        durable = False
    if not durable:
        raise KeyFileUnusable("the key ring could not be made durable")
