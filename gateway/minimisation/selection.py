"""
Cutting a record down to what one recipient may have.

* A record in transit is one flat mapping: ``record.field`` to value.
* Nothing is added and no value is changed; what is not permitted is gone.
* Rows meant for other agencies never pass, under whichever profile they were asked for.

Law: 個人情報の保護に関する法律 18条, 61条, 69条 (only what the purpose needs).
"""

import base64
import hashlib
import re
from collections.abc import Collection, Iterable, Mapping

from gateway.domain.errors import SchemaViolation
from gateway.domain.ids import AgencyId, FieldId
from gateway.domain.log import JSONValue
from gateway.minimisation.fields import spec_of

__all__ = ["cut_rows", "field_digest", "keep_only", "minimise"]

_FIELD_ID = re.compile(r"[a-z_]{1,40}\.[a-z0-9_]{1,40}", re.ASCII)


def keep_only(
    record_payload: Mapping[FieldId, JSONValue], permitted_fields: Collection[str]
) -> dict[FieldId, JSONValue]:
    """Return the permitted fields that the record has, in the record's order."""
    permitted = frozenset(permitted_fields)
    return {id_: value for id_, value in record_payload.items() if id_ in permitted}


def cut_rows(
    services: JSONValue, recipient_agency_id: AgencyId, member: str = "agency"
) -> list[JSONValue]:
    """
    Return the rows that are the recipient's own.

    A row that names no agency is nobody's and is dropped, and so is what is not a row.

    Args:
        services: A list of rows, as ``support_plan.services`` holds them.
        recipient_agency_id: The agency the rows must name.
        member: The member of a row that names its agency.
    """
    if not isinstance(services, list | tuple):
        return []
    return [
        row
        for row in services
        if isinstance(row, Mapping) and row.get(member) == recipient_agency_id
    ]


def minimise(
    record_payload: Mapping[FieldId, JSONValue],
    permitted_fields: Collection[str],
    recipient_agency_id: AgencyId,
) -> dict[FieldId, JSONValue]:
    """
    Return what one recipient may have of a record: permitted fields, own rows.

    A field of which no row remains is left out.

    Raises:
        SchemaViolation: A permitted field of the record is in no schema.
    """
    kept = keep_only(record_payload, permitted_fields)
    result: dict[FieldId, JSONValue] = {}
    for id_, value in kept.items():
        member = spec_of(id_).own_rows
        if not member:
            result[id_] = value
        elif rows := cut_rows(value, recipient_agency_id, member):
            result[id_] = rows
    return result


def field_digest(field_ids: Iterable[str]) -> str:
    """
    Return the digest by which an envelope names its fields, whatever their order.

    SHA-256 over the sorted ids without repetition, each followed by a line feed, in
    base64url without padding (RFC 4648 5): 43 characters.

    Raises:
        SchemaViolation: An id is not of the form ``record.field``.
    """
    ids = sorted(set(field_ids))
    if not all(map(_FIELD_ID.fullmatch, ids)):
        raise SchemaViolation([("", "not a field id")])
    digest = hashlib.sha256("".join(f"{id_}\n" for id_ in ids).encode("ascii")).digest()
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")
