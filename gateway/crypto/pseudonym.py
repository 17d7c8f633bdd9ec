"""
Keyed pseudonyms: the same person, unlinkable wherever the key or the purpose differs.

HMAC-SHA-256 (RFC 2104) over length-prefixed parts, each use with its own label, so that no
two uses and no two splittings of the same text meet. Without the key a pseudonym can
neither be computed nor tested against a list of candidates. This is pseudonymisation, not
anonymisation: whoever holds the key can recognise a person.
"""

import base64
import hmac
from typing import Final

from gateway.crypto.encoding import b64u

__all__ = ["recipient_pseudonym", "reference_digest", "register_entry_id", "subject_pseudonym"]

_SUBJECT: Final = "gwaud/subject/v1"
_RECIPIENT: Final = "gwaud/recipient/v1"
_REFERENCE: Final = "gwaud/reference/v1"
_REGISTER: Final = "gwaud/register/v1"
_RECIPIENT_BYTES: Final = 20
_ENTRY_BYTES: Final = 16


def subject_pseudonym(index_key: bytes, log_id: str, person_id: str) -> str:
    """Return what stands for a person in one log's subject index: 43 characters."""
    return b64u(_keyed(index_key, _SUBJECT, log_id, person_id))


def recipient_pseudonym(
    key_id: str, key: bytes, *, recipient: str, purpose: str, person_id: str
) -> str:
    """Return what one recipient knows a person by, for one purpose: key id, dot, base32."""
    value = _keyed(key, _RECIPIENT, recipient, purpose, person_id)[:_RECIPIENT_BYTES]
    return f"{key_id}.{base64.b32encode(value).decode('ascii').lower()}"


def reference_digest(reference_key: bytes, agency_id: str, local_ref: str) -> str:
    """Return the only form in which an agency's own reference is stored: 43 characters."""
    return b64u(_keyed(reference_key, _REFERENCE, agency_id, local_ref))


def register_entry_id(reference_key: bytes, kind: str, record_id: str, version: int) -> str:
    """Return the id of the log entry about one version of a registered fact: 22 characters."""
    return b64u(_keyed(reference_key, _REGISTER, kind, record_id, str(version))[:_ENTRY_BYTES])


def _keyed(key: bytes, *parts: str) -> bytes:
    encoded = [part.encode() for part in parts]
    message = b"".join(len(part).to_bytes(4, "big") + part for part in encoded)
    return hmac.digest(key, message, "sha256")
