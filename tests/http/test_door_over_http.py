"""The one door over real HTTP: refusals first, then a record on its whole way."""

import json
from typing import Any

import pytest

from gateway.audit.verify import Evidence, release_binding, verify_release
from gateway.crypto.sealing import open_sealed
from tests.simulators.member import HIDAMARI, SHAKYO, Cast


@pytest.fixture(scope="module")
def permitted(cast: Cast) -> dict[str, Any]:
    """A disclosure that is permitted, and everything about it."""
    subject, consent = cast.consented("case-permitted")
    answer = cast.city.made("/v1/disclosures", cast.city.disclosure(subject, HIDAMARI))
    return {"subject": subject, "consent": consent, **answer}


def test_disclosure_without_a_ground_is_refused_with_reasons_and_a_proof(cast: Cast) -> None:
    subject = cast.city.subject("case-refused")

    answer = cast.city.post("/v1/disclosures", cast.city.disclosure(subject, HIDAMARI))

    problem = answer.json()
    assert (403, "disclosure-refused") == (answer.status, answer.problem)
    (unit,) = problem["units"]
    assert "deny" == unit["label"]
    assert [] == unit["fields_permitted"]
    assert unit["decision_id"] == problem["decision_id"]
    assert unit["reasons"] == problem["reasons"]
    assert all(r["next_step_ja"] and r["lawful_alternatives"] for r in unit["reasons"])
    assert Evidence.from_json(unit["evidence"]).fields()["outcome"] != "permit"


def test_reason_for_officers_alone_is_nowhere_in_the_answer(cast: Cast) -> None:
    """Who is hidden from whom is not told to a caseworker, not even in the opened entry."""
    subject, _ = cast.consented("case-protected")
    now = cast.gateway.parts.context.clock.now()
    flag = {
        "subject": subject,
        "kind": "shien_sochi",
        "effective_from": now - 60_000,
        "valid_to": now + 86_400_000,
        "counterpart_agencies": [HIDAMARI],
    }
    cast.city.made("/v1/protection-flags", flag)
    asked = cast.city.disclosure(subject, HIDAMARI)

    answer = cast.city.post("/v1/disclosures", asked)

    unit = answer.json()["units"][0]
    entry = json.loads(unit["evidence"]["leaf"])["e"]
    read = cast.city.post(f"/audit/records/entries/{entry}", {"reason": "review"}).json()["body"]
    hidden = {"PROTECTED_ADDRESS", "CONFLICT_OF_INTEREST"} & {*read["reasons"]}
    assert hidden
    assert not any(code in answer.body.decode() for code in (*hidden, *read["stops"]))
    assert {"NOT_SHAREABLE"} == {r["code"] for r in unit["reasons"]}


def test_refusal_sent_again_is_the_same_refusal(cast: Cast) -> None:
    asked = cast.city.disclosure(cast.city.subject("case-refused-again"), HIDAMARI)

    first = cast.city.post("/v1/disclosures", asked, Idempotency_Key="refused-again").json()
    second = cast.city.post("/v1/disclosures", asked, Idempotency_Key="refused-again").json()

    assert 403 == first["status"]
    assert first["units"][0]["decision_id"] == second["units"][0]["decision_id"]
    assert first["reasons"] == second["reasons"]


def test_payload_for_a_refused_unit_is_a_conflict(cast: Cast) -> None:
    subject = cast.city.subject("case-refused-2")
    refused = cast.city.post("/v1/disclosures", cast.city.disclosure(subject, HIDAMARI)).json()
    unit = refused["units"][0]
    body = {
        "decision_id": unit["decision_id"],
        "fields": ["subject.phones"],
        "envelope": "a.b.c.d.e",
    }

    path = f"/v1/disclosures/{refused['disclosure_id']}/payloads/{HIDAMARI}"
    answer = cast.city.put(path, body)

    assert (409, "NOT_PERMITTED") == (answer.status, answer.json()["detail"])


def test_one_refused_recipient_does_not_hold_the_other(cast: Cast) -> None:
    subject, _ = cast.consented("case-two-recipients")
    asked = cast.city.disclosure(
        subject, HIDAMARI, recipients=[{"agency": HIDAMARI}, {"agency": SHAKYO}]
    )

    answer = cast.city.post("/v1/disclosures", asked)

    assert 201 == answer.status
    assert [(HIDAMARI, True), (SHAKYO, False)] == [
        (u["recipient"], bool(u["fields_permitted"])) for u in answer.json()["units"]
    ]


def test_payload_that_is_no_envelope_of_this_decision_is_refused(
    cast: Cast, permitted: dict[str, Any]
) -> None:
    unit = permitted["units"][0]
    body = {
        "decision_id": unit["decision_id"],
        "fields": unit["fields_permitted"],
        "envelope": "a.b.c.d.e",
    }

    path = f"/v1/disclosures/{permitted['disclosure_id']}/payloads/{HIDAMARI}"
    answer = cast.city.put(path, body)

    assert (422, "schema-violation") == (answer.status, answer.problem)
    assert ["/envelope"] == [e["pointer"] for e in answer.json()["errors"]]


def test_record_travels_from_question_to_acknowledgement(cast: Cast) -> None:
    subject, _ = cast.consented("case-travels")
    asked = cast.city.made("/v1/disclosures", cast.city.disclosure(subject, HIDAMARI))
    unit = asked["units"][0]
    payload = cast.city.payload(unit, cast.trusted)
    path = f"/v1/disclosures/{asked['disclosure_id']}/payloads/{HIDAMARI}"

    sent = cast.city.put(path, payload)
    again = cast.city.put(path, payload)
    listed = cast.hidamari.get("/v1/inbox?limit=200").json()["deliveries"]
    opened = cast.hidamari.get(f"/v1/inbox/{sent.json()['delivery_id']}").json()
    acknowledged = cast.hidamari.post(
        f"/v1/inbox/{sent.json()['delivery_id']}/acknowledgement", {"accepted": True, "code": "ok"}
    )
    seen = cast.city.get(f"/v1/disclosures/{asked['disclosure_id']}").json()

    assert 201 == sent.status
    assert sent.json()["delivery_id"] == again.json()["delivery_id"]
    assert sent.json()["delivery_id"] in [d["id"] for d in listed]
    evidence = Evidence.from_json(opened["release"])
    verify_release(evidence, cast.trusted, envelope=opened["envelope"], expected={})
    record = open_sealed(
        opened["envelope"],
        release_binding(evidence, gateway=cast.gateway.settings.origin),
        key=cast.hidamari.seal_key,
        senders=(cast.city.sign_key.public(),),
    )
    assert {f: f"値 {f}" for f in unit["fields_permitted"]} == record.fields
    assert (200, "acknowledged") == (acknowledged.status, acknowledged.json()["state"])
    assert "acknowledged" == seen["units"][0]["delivery"]["state"]


def test_withdrawn_consent_takes_back_what_waits(cast: Cast) -> None:
    subject, consent = cast.consented("case-withdrawn")
    asked = cast.city.made("/v1/disclosures", cast.city.disclosure(subject, HIDAMARI))
    path = f"/v1/disclosures/{asked['disclosure_id']}/payloads/{HIDAMARI}"
    sent = cast.city.put(path, cast.city.payload(asked["units"][0], cast.trusted)).json()

    cast.city.post(f"/v1/consents/{consent}/withdrawal", {})
    opened = cast.hidamari.get(f"/v1/inbox/{sent['delivery_id']}")

    assert (409, "RECALLED") == (opened.status, opened.json()["detail"])


def test_telling_is_recorded_with_its_release(cast: Cast) -> None:
    subject, _ = cast.consented("case-told")
    now = cast.gateway.parts.context.clock.now()
    asked = cast.city.disclosure(subject, HIDAMARI, direction="telephone", occurred_at=now - 60_000)

    unit = cast.city.made("/v1/disclosures", asked)["units"][0]

    assert unit["release_index"] == unit["log_index"] + 1
    assert unit["recipient_key"] is None


def test_same_key_with_the_same_body_is_answered_once(cast: Cast) -> None:
    subject, _ = cast.consented("case-twice")
    asked = cast.city.disclosure(subject, HIDAMARI)

    first = cast.city.made("/v1/disclosures", asked, Idempotency_Key="twice")
    second = cast.city.made("/v1/disclosures", asked, Idempotency_Key="twice")

    assert first["disclosure_id"] == second["disclosure_id"]
    assert first["units"][0]["log_index"] == second["units"][0]["log_index"]


def test_same_key_with_another_body_is_a_conflict(cast: Cast) -> None:
    subject, _ = cast.consented("case-other-body")
    asked = cast.city.disclosure(subject, HIDAMARI)
    cast.city.made("/v1/disclosures", asked, Idempotency_Key="other-body")

    answer = cast.city.post(
        "/v1/disclosures", {**asked, "urgency": "today"}, Idempotency_Key="other-body"
    )

    assert (409, "IDEMPOTENCY_KEY_REUSED") == (answer.status, answer.json()["detail"])


def test_asker_hears_one_fixed_text_when_nothing_is_shared(cast: Cast) -> None:
    asked = cast.hidamari.made("/v1/requests", {"controller": "aoba-city", "purpose": "refer"})

    cast.city.post(f"/v1/requests/{asked['request_id']}/answer", {"answer": "not_shareable"})
    seen = cast.hidamari.get(f"/v1/requests/{asked['request_id']}").json()

    assert "closed" == seen["state"]
    assert "not_shareable" == seen["answer"]["label"]
    assert ["NOT_SHAREABLE"] == [r["code"] for r in seen["answer"]["reasons"]]


def test_controller_sees_what_is_asked_and_the_asker_only_that_it_is_open(cast: Cast) -> None:
    question = {
        "controller": "aoba-city",
        "purpose": "refer",
        "fields": ["subject.phones"],
        "question_code": "known_there",
        "sealed_subject": "a.b.c.d.e",
    }
    asked = cast.hidamari.made("/v1/requests", question)
    path = f"/v1/requests/{asked['request_id']}"

    controller, asker = cast.city.get(path).json(), cast.hidamari.get(path).json()

    assert question == {name: controller[name] for name in question}
    assert HIDAMARI == controller["asker"]
    assert ("open", None) == (asker["state"], asker["answer"])
    assert not {"sealed_subject", "question_code"} & asker.keys()


def test_duty_is_listed_and_discharged(cast: Cast) -> None:
    subject, _ = cast.consented("case-duties")
    now = cast.gateway.parts.context.clock.now()
    asked = cast.city.disclosure(subject, HIDAMARI, direction="oral", occurred_at=now - 60_000)
    cast.city.made("/v1/disclosures", asked)
    task = cast.hidamari.get("/v1/obligations").json()["tasks"][0]

    done = cast.hidamari.post(
        f"/v1/obligations/{task['id']}/discharge", {"proof_kind": "statement"}
    )
    again = cast.hidamari.post(
        f"/v1/obligations/{task['id']}/discharge", {"proof_kind": "statement"}
    )

    assert (200, "done") == (done.status, done.json()["state"])
    assert 409 == again.status
