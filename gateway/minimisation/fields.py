"""
What is known of each field: type, classes, whether somebody must read it first.

The rows are generated from ``schemas/records``; this module gives them a shape. A field
that is not here does not exist, and is refused wherever it turns up.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gateway.domain.errors import SchemaViolation
from gateway.domain.ids import FieldId
from gateway.minimisation.field_table import FIELD_ROWS

__all__ = ["FIELDS", "FieldSpec", "narrative_fields", "spec_of"]

_NARRATIVE = "NAR"


@dataclass(frozen=True, slots=True)
class FieldSpec:
    """
    One field of a record.

    Attributes:
        id: ``record.field``.
        type: Its type in the catalogue's words, for example ``code[]``.
        classes: Its sensitivity classes; with ``by_value`` the whole set.
        by_value: Whether the classes of one value may be fewer.
        own_rows: Member of a row that names the agency it is for; empty when rows stay.
        label_ja: Japanese label.
        label_en: English label.
    """

    id: FieldId
    type: str
    classes: tuple[str, ...]
    by_value: bool
    own_rows: str
    label_ja: str
    label_en: str

    @property
    def narrative(self) -> bool:
        """Whether it is withheld until somebody has read it and marked it share-ready."""
        return _NARRATIVE in self.classes


def _read_rows() -> Mapping[FieldId, FieldSpec]:
    return MappingProxyType(
        {
            FieldId(id_): FieldSpec(
                FieldId(id_), type_, tuple(classes.split()), by_value, own_rows, ja, en
            )
            for id_, type_, classes, by_value, own_rows, ja, en in FIELD_ROWS
        }
    )


FIELDS: Mapping[FieldId, FieldSpec] = _read_rows()


def spec_of(field_id: str) -> FieldSpec:
    """
    Return what is known of a field.

    Raises:
        SchemaViolation: No record has such a field. The id is not repeated: whoever got
            it wrong may have written anything there.
    """
    spec = FIELDS.get(FieldId(field_id))
    if spec is None:
        raise SchemaViolation([("", "unknown field")])
    return spec


def narrative_fields(field_ids: Iterable[str]) -> tuple[FieldId, ...]:
    """
    Return, sorted, those that somebody must read before they may pass.

    Raises:
        SchemaViolation: No record has one of the fields.
    """
    return tuple(sorted({s.id for s in map(spec_of, field_ids) if s.narrative}))
