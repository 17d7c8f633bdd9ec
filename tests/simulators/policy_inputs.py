"""
Policy inputs about the fictional cast, for whoever needs a question with a known answer.

Everything starts from the known cases beside the rules: ``known("consent_private")`` is
permitted, and ``known("consent_private", {"/registered/consents/0/withdrawn_at": T0 - DAY})``
is the same with one fact changed. Pointers are JSON Pointers; ``removed`` takes members away.

The instant of every case is :data:`T0`, 15 April 2026, 10:00 in Japan.
"""

import functools
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from gateway.authoring.corpus import Corpus, read_corpus
from gateway.policy.cases import KnownCase, changed, read_cases
from gateway.policy.contract import PolicyContract

__all__ = [
    "CASES",
    "DAY",
    "HOUR",
    "POLICIES",
    "SCHEMAS",
    "T0",
    "approval",
    "asserted",
    "corpus_of",
    "field",
    "known",
    "protection_flag",
    "verdict",
]

_ROOT = Path(__file__).resolve().parents[2]
POLICIES = _ROOT / "policies"
SCHEMAS = _ROOT / "schemas"
HOUR = 3_600_000
DAY = 24 * HOUR
T0 = 1_776_214_800_000

CASES: tuple[str, ...] = tuple(c.id for c in read_cases(POLICIES))


@functools.cache
def _cases() -> Mapping[str, KnownCase]:
    return {c.id: c for c in read_cases(POLICIES)}


@functools.cache
def corpus_of(directory: Path) -> Corpus:
    """Return the cases and inputs of a policies directory, read once."""
    schema = json.loads((SCHEMAS / "policy-input.json").read_text(encoding="utf-8"))
    return read_corpus(directory, PolicyContract.read(SCHEMAS), schema)


def known(
    case: str, changes: Mapping[str, Any] | None = None, removed: Iterable[str] = ()
) -> dict[str, Any]:
    """Return the input of a known case, with some members set and others removed."""
    return changed(_cases()[case].policy_input, changes or {}, removed)


def field(
    id_: str,
    classes: Iterable[str],
    about: Iterable[str] = ("s-sato",),
    *,
    share_ready_by: str = "",
    my_number: str = "clear",
) -> dict[str, Any]:
    """Return one field as a request describes it."""
    return {
        "id": id_,
        "classes": list(classes),
        "about": list(about),
        "share_ready_by": share_ready_by,
        "my_number": my_number,
        "screener": "" if my_number == "missing" else "screen-1",
        "origin": "own",
    }


def asserted(fact: str, value: str | int, *, text: str = "") -> dict[str, Any]:
    """Return a fact that the sending actor vouches for."""
    return {
        "subject": "",
        "fact": fact,
        "value": value,
        "actor": "actor-hidamari",
        "evidence": "seen",
        "text_chars": len(text.strip()),
        "text": text,
    }


def approval(kind: str, **other: Any) -> dict[str, Any]:
    """Return an approval of the city for 佐藤さん, in force at :data:`T0`."""
    return {
        "id": f"approval-{kind}",
        "kind": kind,
        "agency": "aoba-city",
        "approver": "actor-city-head",
        "approver_post_ja": "市福祉課長",
        "document_no": "福第12号",
        "approved_at": T0 - DAY,
        "expires_at": T0 + 7 * DAY,
        "person": "p-sato",
        "recipient": "npo-hidamari",
        "purpose": "refer",
        "fields": [],
        **other,
    }


def verdict(lifts: Iterable[str], **other: Any) -> dict[str, Any]:
    """Return an officer's verdict about 佐藤さん, agreed by a second person."""
    return {
        "id": "verdict-1",
        "decision_id": "decision-0",
        "officer": "actor-officer",
        "second_person": "actor-officer-2",
        "second_agreed": "call_back",
        "agreed_at": T0 - HOUR,
        "expires_at": T0 + DAY,
        "person": "p-sato",
        "recipient": "aoba-shakyo",
        "purpose": "refer",
        "lifts": list(lifts),
        "fields": [],
        **other,
    }


def protection_flag(**other: Any) -> dict[str, Any]:
    """Return a flag about 佐藤さん, in force at :data:`T0`."""
    return {
        "id": "flag-1",
        "person": "p-sato",
        "kind": "shien_sochi",
        "effective_from": T0 - 60 * DAY,
        "valid_to": T0 + 300 * DAY,
        "lifted_at": None,
        "provisional": False,
        "counterpart_persons": ["p-counterpart"],
        "counterpart_actors": ["actor-counterpart"],
        "counterpart_agencies": ["agency-counterpart"],
        "issuer": "aoba-city",
        **other,
    }
