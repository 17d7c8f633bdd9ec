"""
Text as it may travel: NFC, no private-use characters, nothing invisible that misleads.

* Names keep their characters. A variation sequence (U+E0100 to U+E01EF) is part of a
  name; a character of one municipality's own making is not text anybody else can read,
  and belongs in ``subject.gaiji_note``.
* Nothing is repaired here: text that is not in order is refused, so that nobody's name
  is ever changed in passing.

Source: 行政事務標準文字 (Unicode with IVS); Unicode Standard Annex 15 (NFC).
"""

import unicodedata
from collections.abc import Iterator, Mapping

from gateway.domain.errors import SchemaViolation
from gateway.domain.ids import FieldId
from gateway.domain.log import JSONValue
from gateway.minimisation.fields import spec_of

__all__ = ["check_text", "faults_of"]

_BREAKS = frozenset("\n\t")
# Embeddings, overrides and isolates turn the reading direction of what follows them.
_TURNS = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_FAULTS = {"Co": "private-use character", "Cs": "lone surrogate", "Cc": "control character"}


def check_text(record_payload: Mapping[FieldId, JSONValue]) -> None:
    """
    Check every text of a record.

    Raises:
        SchemaViolation: A field is unknown or a text is not in order. Pointers name the
            field and what is wrong, never the text.
    """
    errors = [
        (f"/{id_}", fault)
        for id_, value in ((spec_of(i).id, v) for i, v in record_payload.items())
        for fault in sorted({f for text in _texts(value) for f in faults_of(text)})
    ]
    if errors:
        raise SchemaViolation(errors)


def faults_of(text: str) -> tuple[str, ...]:
    """Return what is wrong with a text, sorted; empty when nothing is."""
    faults = {
        _FAULTS[category]
        for char in text
        if char not in _BREAKS and (category := unicodedata.category(char)) in _FAULTS
    }
    if any(char in _TURNS for char in text):
        faults.add("change of direction")
    if not unicodedata.is_normalized("NFC", text):
        faults.add("not NFC")
    return tuple(sorted(faults))


def _texts(value: JSONValue) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)
