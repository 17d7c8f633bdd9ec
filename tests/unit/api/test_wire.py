"""What gets in is what policy and the log can hold: the wire and the schemas cannot drift."""

import json
from pathlib import Path
from typing import Any, Final

import pytest

from gateway.api.reading import validated
from gateway.api.wire import DisclosureAsked, RequestAsked
from gateway.domain.disclosure import Direction
from gateway.domain.errors import SchemaViolation
from gateway.domain.ids import ActorId, AgencyId
from gateway.services.idempotency import IdempotencyKey

SCHEMAS: Final = Path(__file__).resolve().parents[3] / "schemas"
INPUT: Final[dict[str, Any]] = json.loads((SCHEMAS / "policy-input.json").read_text("utf-8"))
WIRE: Final[dict[str, Any]] = DisclosureAsked.model_json_schema()
KEY: Final = IdempotencyKey(AgencyId("aoba-city"), "key", "digest")


def _asked(**changes: Any) -> dict[str, Any]:
    field = {"id": "subject.phones", "classes": ["CON"]}
    return {
        "direction": "push",
        "capacity": {"kind": "own_business"},
        "recipients": [{"agency": "npo-hidamari"}],
        "subjects": ["s-sato"],
        "purpose": "refer",
        "fields": [field],
        **changes,
    }


def _member(schema: dict[str, Any], *path: str) -> dict[str, Any]:
    """Return what a schema says of a member; ``[]`` goes into an array's items."""
    for name in path:
        if "$ref" in schema:
            schema = WIRE["$defs"][schema["$ref"].rpartition("/")[2]]
        schema = schema["items"] if name == "[]" else schema["properties"][name]
    if "$ref" in schema:
        schema = WIRE["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def _rules(schema: dict[str, Any]) -> dict[str, Any]:
    """Return what a schema demands of a value, in one spelling."""
    kept = {
        name: value
        for name, value in schema.items()
        if name in {"enum", "pattern", "minLength", "maxLength", "minItems", "maxItems", "anyOf"}
    }
    kept["enum"] = sorted(kept.get("enum", []))
    # Every pattern of an id bounds its length already.
    return kept


_REQUEST: Final = INPUT["properties"]["request"]["properties"]
_FIELD: Final = INPUT["$defs"]["field"]["properties"]
_FACT: Final = INPUT["$defs"]["asserted_fact"]["properties"]
_SENDER: Final = _REQUEST["sender"]["properties"]["capacity"]["properties"]


@pytest.mark.parametrize(
    ("wire", "schema"),
    [
        (("direction",), _REQUEST["direction"]),
        (("capacity", "kind"), _SENDER["kind"]),
        (("capacity", "ref"), _SENDER["ref"]),
        (("recipients", "[]", "agency"), _REQUEST["recipient"]["properties"]["agency"]),
        (("recipients", "[]", "actor"), _REQUEST["recipient"]["properties"]["actor"]),
        (("subjects", "[]"), _REQUEST["subject"]),
        (("purpose",), _REQUEST["purpose"]),
        (("basis",), _REQUEST["basis"]),
        (("profile",), _REQUEST["profile"]),
        (("urgency",), _REQUEST["urgency"]),
        *((("refs", name), schema) for name, schema in _REQUEST["refs"]["properties"].items()),
        (("fields", "[]", "id"), _FIELD["id"]),
        (("fields", "[]", "classes", "[]"), _FIELD["classes"]["items"]),
        (("fields", "[]", "about", "[]"), _FIELD["about"]["items"]),
        (("fields", "[]", "share_ready_by"), _FIELD["share_ready_by"]),
        (("fields", "[]", "my_number"), _FIELD["my_number"]),
        (("fields", "[]", "screener"), _FIELD["screener"]),
        (("asserted", "[]", "fact"), _FACT["fact"]),
        (("asserted", "[]", "value"), _FACT["value"]),
        (("asserted", "[]", "evidence"), _FACT["evidence"]),
        (("asserted", "[]", "text"), _FACT["text"]),
    ],
    ids=lambda v: "/".join(v) if isinstance(v, tuple) else "",
)
def test_wire_demands_of_a_member_what_policy_demands(
    wire: tuple[str, ...], schema: dict[str, Any]
) -> None:
    assert _rules(schema) == _rules(_member(WIRE, *wire))


def test_wire_knows_every_part_of_a_question_that_a_member_says() -> None:
    """The rest is the gateway's own to say: who asks, and under which identifier."""
    of_the_gateway = {"disclosure", "sender", "recipient", "subject"}
    of_the_wire = {
        "asserted",
        "answers_request",
        "capacity",
        "co_subjects",
        "late_reason",
        "occurred_at",
        "recipients",
        "subjects",
    }

    assert _REQUEST.keys() - of_the_gateway == WIRE["properties"].keys() - of_the_wire
    assert _FIELD.keys() == _member(WIRE, "fields", "[]")["properties"].keys()
    said = _member(WIRE, "asserted", "[]")["properties"].keys()
    assert _FACT.keys() - {"actor", "text_chars"} == said


def test_wire_bounds_lists_as_policy_does() -> None:
    assert _REQUEST["fields"]["maxItems"] == _member(WIRE, "fields")["maxItems"]
    assert INPUT["properties"]["asserted"]["maxItems"] == _member(WIRE, "asserted")["maxItems"]
    subjects = INPUT["properties"]["registered"]["properties"]["subjects"]["maxItems"]
    # A unit has one main subject and all co-subjects.
    assert subjects == 1 + _member(WIRE, "co_subjects")["maxItems"]
    relations = INPUT["properties"]["registered"]["properties"]["subjects"]["items"]
    told = relations["properties"]["relation"]["enum"]
    assert {*told} - {"main"} == {*_member(WIRE, "co_subjects", "[]", "relation")["enum"]}


def test_wire_bounds_a_late_reason_as_the_log_does() -> None:
    body = json.loads((SCHEMAS / "audit-body.json").read_text("utf-8"))["$defs"]["decision_body"]

    expected = body["properties"]["recorded_late_reason"]["maxLength"]
    assert expected == WIRE["properties"]["late_reason"]["maxLength"]


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"direction": "PUSH"}, "/direction"),
        ({"subjects": []}, "/subjects"),
        ({"subjects": ["s-sato\n"]}, "/subjects/0"),
        ({"subjects": ["ｓ"]}, "/subjects/0"),
        ({"purpose": ""}, "/purpose"),
        ({"fields": [{"id": "subject.phones", "classes": []}]}, "/fields/0/classes"),
        ({"fields": [{"id": "phones", "classes": ["CON"]}]}, "/fields/0/id"),
        ({"occurred_at": 1.0}, "/occurred_at"),
        ({"occurred_at": True}, "/occurred_at"),
        ({"occurred_at": -1}, "/occurred_at"),
        ({"recipients": [{"agency": "a", "名前": "b"}]}, "/recipients/0"),
        (
            {"asserted": [{"fact": "danger", "value": 1.5, "evidence": "seen"}]},
            "/asserted/0/value",
        ),
        ({"asserted": [{"fact": "rumour", "value": 1, "evidence": "seen"}]}, "/asserted/0/fact"),
    ],
)
def test_disclosure_of_another_form_is_a_violation_at_its_place(
    changes: dict[str, Any], pointer: str
) -> None:
    with pytest.raises(SchemaViolation) as caught:
        validated(DisclosureAsked, _asked(**changes))

    assert [pointer] == [p for p, _ in caught.value.errors]


def test_disclosure_is_asked_in_the_words_of_the_domain() -> None:
    body = _asked(
        refs={"consent": "consent-1"},
        asserted=[{"fact": "danger", "value": "life", "evidence": "seen", "text": "語"}],
    )

    asked = validated(DisclosureAsked, body).as_asked(ActorId("city-1"), KEY)

    assert Direction.PUSH is asked.direction
    assert {"consent": "consent-1"} == asked.refs
    assert asked.recipients[0].actor_id is None
    assert ("missing", ()) == (asked.fields[0].my_number, asked.fields[0].about)
    assert ("life", "city-1") == (asked.asserted[0].value, asked.asserted[0].actor_id)
    assert asked.idempotency is KEY


def test_request_names_no_person_but_in_an_envelope() -> None:
    with pytest.raises(SchemaViolation):
        validated(
            RequestAsked,
            {"controller": "aoba-city", "purpose": "refer", "sealed_subject": "佐藤さん"},
        )
