"""
Saying of a record what policy needs to know, without a single value.

* A class by value may be narrowed by the controller, never widened and never emptied.
* Words stay a narrative: what is not a code cannot lose the class ``NAR``.
* Every field is screened here, so that a missing screening is never a slip.
"""

import re
from collections.abc import Mapping, Sequence

from gateway.domain.disclosure import FieldRequest
from gateway.domain.errors import SchemaViolation
from gateway.domain.ids import ActorId, FieldId, SubjectId
from gateway.domain.log import JSONValue
from gateway.minimisation.fields import FieldSpec, spec_of
from gateway.minimisation.screening import SCREENER, screen_my_number

__all__ = ["describe_fields"]

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", re.ASCII)
_NARRATIVE = "NAR"
_CODE_MEMBER = "code"
_OWN = "own"


def describe_fields(
    record_payload: Mapping[FieldId, JSONValue],
    *,
    classes: Mapping[FieldId, Sequence[str]] | None = None,
    about: Mapping[FieldId, Sequence[SubjectId]] | None = None,
    share_ready_by: Mapping[FieldId, ActorId] | None = None,
    origins: Mapping[FieldId, str] | None = None,
) -> tuple[FieldRequest, ...]:
    """
    Describe each field of a record, sorted by id, as a request carries it.

    Args:
        record_payload: Field id to value.
        classes: Narrower classes of single values, for fields whose class goes by value.
        about: Subjects a value is about; a field that is not named is about the main one.
        share_ready_by: Who read a narrative and cleared it.
        origins: How a value came to be known, where not by the agency's own work.

    Raises:
        SchemaViolation: No schema has the field, or its classes may not be narrowed so.
    """
    screened = screen_my_number(record_payload)
    about, share_ready_by = about or {}, share_ready_by or {}
    return tuple(
        FieldRequest(
            id=id_,
            classes=_classes(spec_of(id_), record_payload[id_], (classes or {}).get(id_)),
            about=tuple(about.get(id_, ())),
            share_ready_by=share_ready_by.get(id_, ""),
            my_number=screened[id_],
            screener=SCREENER,
            origin=(origins or {}).get(id_, _OWN),
        )
        for id_ in sorted(record_payload)
    )


def _classes(spec: FieldSpec, value: JSONValue, chosen: Sequence[str] | None) -> tuple[str, ...]:
    if chosen is None:
        return spec.classes
    whole = set(spec.classes)
    narrowed = set(chosen)
    if narrowed != whole and not (spec.by_value and narrowed and narrowed < whole):
        raise SchemaViolation([(f"/{spec.id}", "classes may not be chosen so")])
    if _NARRATIVE in whole - narrowed and _holds_words(value):
        raise SchemaViolation([(f"/{spec.id}", "words stay a narrative")])
    return tuple(c for c in spec.classes if c in narrowed)


def _holds_words(value: JSONValue) -> bool:
    if isinstance(value, str):
        return _CODE.fullmatch(value) is None
    if isinstance(value, Mapping):
        return any(name != _CODE_MEMBER or _holds_words(v) for name, v in value.items())
    return isinstance(value, list | tuple) and any(map(_holds_words, value))
