"""
Records at rest: one data key per record, wrapped by a key-encryption key.

* AES-256-GCM with a fresh key for each record, so a random nonce never meets its key twice.
* The data key is wrapped with AES key wrap (RFC 3394); destroying the wrapped key, or the
  key-encryption key, destroys the record, and changing the latter re-wraps only.
* The associated data name the log and the entry, so that no record can stand in for another.
"""

import os
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.keywrap import InvalidUnwrap, aes_key_unwrap, aes_key_wrap

from gateway.domain.errors import IntegrityError
from gateway.domain.log import SealedBody

__all__ = ["BodyUnreadable", "decrypt_body", "encrypt_body", "rewrap"]

_KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_DOMAIN: Final = b"gwaud/body/v1"


class BodyUnreadable(IntegrityError):
    """A record does not decrypt: another key, another entry, or changed bytes."""


def encrypt_body(
    plaintext: bytes, *, log_id: str, entry_id: str, kek_id: str, kek: bytes, retention: str
) -> SealedBody:
    """
    Encrypt one record under a fresh data key.

    Args:
        plaintext: The record.
        log_id: The log it belongs to; bound in.
        entry_id: The entry it belongs to; bound in.
        kek_id: Name of the key-encryption key.
        kek: Its 32 bytes.
        retention: Retention class; stored beside, not bound in.
    """
    key, nonce = os.urandom(_KEY_BYTES), os.urandom(_NONCE_BYTES)
    return SealedBody(
        kek_id=kek_id,
        wrapped_key=aes_key_wrap(kek, key),
        nonce=nonce,
        ciphertext=AESGCM(key).encrypt(nonce, plaintext, _bound(log_id, entry_id)),
        retention=retention,
    )


def decrypt_body(body: SealedBody, *, log_id: str, entry_id: str, kek: bytes) -> bytes:
    """
    Return the record.

    Raises:
        BodyUnreadable: The key is another, or any byte or the entry is.
    """
    plaintext: bytes | None
    try:
        key = aes_key_unwrap(kek, body.wrapped_key)
        bound = _bound(log_id, entry_id)
        plaintext = AESGCM(key).decrypt(body.nonce, body.ciphertext, bound)
    except (InvalidUnwrap, InvalidTag, ValueError):
        plaintext = None
    if plaintext is None:
        raise BodyUnreadable("the record does not decrypt")
    return plaintext


def rewrap(body: SealedBody, *, kek: bytes, new_kek_id: str, new_kek: bytes) -> SealedBody:
    """
    Return the same record with its data key wrapped by another key-encryption key.

    Raises:
        BodyUnreadable: The data key was not wrapped by ``kek``.
    """
    key: bytes | None
    try:
        key = aes_key_unwrap(kek, body.wrapped_key)
    except (InvalidUnwrap, ValueError):
        key = None
    if key is None:
        raise BodyUnreadable("the data key does not unwrap")
    wrapped = aes_key_wrap(new_kek, key)
    return SealedBody(new_kek_id, wrapped, body.nonce, body.ciphertext, body.retention)


def _bound(log_id: str, entry_id: str) -> bytes:
    return b"\x00".join((_DOMAIN, log_id.encode(), entry_id.encode()))
