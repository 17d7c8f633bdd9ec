"""The registers over real HTTP: refusals first, then each register once, and what it recalls."""

import time
from typing import Any

import pytest

from gateway.audit.verify import Evidence, verify_evidence
from gateway.crypto.keys import generate_sealing_key, generate_signing_key
from gateway.domain.log import EntryType
from tests.simulators.member import CITY, HIDAMARI, SHAKYO, Cast

DAY = 86_400_000


def _now() -> int:
    return time.time_ns() // 1_000_000


def _consent(subject: str, **changes: Any) -> dict[str, Any]:
    return {
        "subject": subject,
        "capacity": "self",
        "method": "paper",
        "recipient_classes": ["npo"],
        "purposes": ["refer"],
        "item_classes": ["IDN", "CON"],
        "valid_from": _now() - DAY,
        **changes,
    }


def _flag(subject: str, **changes: Any) -> dict[str, Any]:
    return {"subject": subject, "kind": "dv", "effective_from": _now() - 1000, **changes}


def _conference() -> dict[str, Any]:
    return {
        "basis": "shien_kaigi_swa",
        "local_name_ja": "あおば市支援会議",
        "founding_rule": "あおば市支援会議設置要綱",
        "valid_from": _now() - DAY,
    }


def _waiting(cast: Cast, ref: str) -> tuple[str, str, str]:
    """Return subject, consent and disclosure of a delivery that waits for ひだまり."""
    subject, consent = cast.consented(ref)
    made = cast.city.made("/v1/disclosures", cast.city.disclosure(subject, HIDAMARI))
    payload = cast.city.payload(made["units"][0], cast.trusted)
    path = f"/v1/disclosures/{made['disclosure_id']}/payloads/{HIDAMARI}"
    assert 201 == cast.city.put(path, payload).status
    return subject, consent, made["disclosure_id"]


def _state(cast: Cast, disclosure: str) -> str:
    unit = cast.city.get(f"/v1/disclosures/{disclosure}").json()["units"][0]
    state: str = unit["delivery"]["state"]
    return state


def test_register_without_an_idempotency_key_is_refused(cast: Cast) -> None:
    subject = cast.city.subject("reg-1")

    answer = cast.city.post("/v1/consents", _consent(subject), Idempotency_Key=None)

    assert (400, "malformed-request") == (answer.status, answer.problem)


def test_register_without_an_acting_person_is_refused(cast: Cast) -> None:
    answer = cast.city.post("/v1/consents", _consent("s"), Tasuki_Actor=None)

    assert (400, "malformed-request") == (answer.status, answer.problem)


def test_key_with_another_body_is_a_conflict(cast: Cast) -> None:
    subject = cast.city.subject("reg-2")
    body = _consent(subject)
    first = cast.city.post("/v1/consents", body, Idempotency_Key="reg-key-2")

    again = cast.city.post("/v1/consents", body, Idempotency_Key="reg-key-2")
    other = cast.city.post(
        "/v1/consents", {**body, "method": "electronic"}, Idempotency_Key="reg-key-2"
    )

    assert (201, 201) == (first.status, again.status)
    assert first.json()["id"] == again.json()["id"]
    assert (409, "IDEMPOTENCY_KEY_REUSED") == (other.status, other.json()["detail"])


def test_another_agencys_fact_is_answered_like_none(cast: Cast) -> None:
    _, consent = cast.consented("reg-3")

    for path in ("", "/receipt"):
        theirs = cast.hidamari.get(f"/v1/consents/{consent}{path}")
        none = cast.hidamari.get(f"/v1/consents/not-there{path}")
        assert (404, 404) == (theirs.status, none.status)
        assert _bare(theirs.json()) == _bare(none.json())
    theirs = cast.hidamari.post(f"/v1/consents/{consent}/withdrawal", {})
    none = cast.hidamari.post("/v1/consents/not-there/withdrawal", {})
    assert (404, 404) == (theirs.status, none.status)
    assert _bare(theirs.json()) == _bare(none.json())


def _bare(problem: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in problem.items() if name != "instance"}


@pytest.mark.parametrize("path", ["", "/npo-hidamari/systems", "/npo-hidamari/keys"])
def test_operators_register_is_closed_to_a_member(cast: Cast, path: str) -> None:
    dated = {"valid_from": 0}
    bodies: dict[str, dict[str, Any]] = {
        "": {"id": "npo-x", "kind": "npo", "regime": "private", "name_ja": "架空", **dated},
        "/npo-hidamari/systems": {
            "id": "x-desk",
            "scopes": ["operator"],
            "client_jwk": generate_signing_key().public().jwk(),
            **dated,
        },
        "/npo-hidamari/keys": {"use": "seal", "jwk": generate_sealing_key().public().jwk()},
    }

    answer = cast.hidamari.post(f"/v1/agencies{path}", bodies[path])

    assert (403, "agency-not-authorized") == (answer.status, answer.problem)


def test_entrustment_in_anothers_name_is_not_authorized(cast: Cast) -> None:
    body = {
        "kind": "entrustment",
        "entruster": CITY,
        "contractor": HIDAMARI,
        "controller": CITY,
        "valid_from": _now(),
    }

    answer = cast.hidamari.post("/v1/entrustments", body)

    assert (403, "agency-not-authorized") == (answer.status, answer.problem)


def test_link_by_code_and_by_own_handle_at_once_is_refused(cast: Cast) -> None:
    body = {"subject": "s-1", "link_code": "A" * 22, "same_as": "s-2"}

    answer = cast.city.post("/v1/subject-links", body)

    assert (422, ["/same_as"]) == (answer.status, [e["pointer"] for e in answer.json()["errors"]])


def test_verdict_on_no_decision_is_not_found(cast: Cast) -> None:
    body = {
        "decision_id": "not-there",
        "second_person": "nobody",
        "second_agreed": "call_back",
        "agreed_at": _now(),
        "lifts": ["PROTECTED_ADDRESS"],
        "reason_code": "danger_confirmed",
    }

    assert 404 == cast.city.post("/v1/officer-verdicts", body).status
    assert 403 == cast.hidamari.post("/v1/officer-verdicts", body).status


def test_consent_is_registered_shown_and_certified(cast: Cast) -> None:
    subject = cast.city.subject("reg-4")

    made = cast.city.made("/v1/consents", _consent(subject, recipients_refused=["minsei-tonari"]))

    evidence = Evidence.from_json(made["evidence"])
    verify_evidence(evidence, cast.trusted, type_=EntryType.REGISTER)
    shown = cast.city.get(f"/v1/consents/{made['id']}").json()
    assert (subject, ["minsei-tonari"]) == (shown["subject"], shown["recipients_refused"])
    assert "person" not in shown
    receipt = cast.city.get(f"/v1/consents/{made['id']}/receipt").json()
    assert ("given", made["log_index"]) == (receipt["state"], receipt["log"]["index"])


def test_withdrawal_recalls_what_waits_before_it_is_answered(cast: Cast) -> None:
    _, consent, disclosure = _waiting(cast, "reg-withdrawn")
    assert "waiting" == _state(cast, disclosure)

    done = cast.city.made(f"/v1/consents/{consent}/withdrawal", {}, Idempotency_Key=None)

    assert 2 == done["version"]
    assert "recalled" == _state(cast, disclosure)


def test_flag_from_a_linked_agency_recalls_what_waits(cast: Cast) -> None:
    subject, _, disclosure = _waiting(cast, "reg-linked")
    offer = cast.city.made("/v1/subject-links", {"subject": subject})
    theirs = cast.shakyo.subject("shakyo-linked")
    joined = cast.shakyo.post(
        "/v1/subject-links", {"subject": theirs, "link_code": offer["link_code"]}
    )
    assert {"linked": True} == joined.json()
    assert "waiting" == _state(cast, disclosure)

    flag = cast.shakyo.made("/v1/protection-flags", _flag(theirs, counterpart_agencies=[HIDAMARI]))

    assert "recalled" == _state(cast, disclosure)
    assert theirs == cast.shakyo.get(f"/v1/protection-flags/{flag['id']}").json()["subject"]
    assert 404 == cast.city.get(f"/v1/protection-flags/{flag['id']}").status
    assert 2 == cast.shakyo.made(f"/v1/protection-flags/{flag['id']}/lifting", {})["version"]


def test_own_handles_are_linked(cast: Cast) -> None:
    first, second = cast.city.subject("reg-twin-1"), cast.city.subject("reg-twin-2")
    body = {"subject": first, "same_as": second}

    assert {"linked": True} == cast.city.post("/v1/subject-links", body).json()
    assert "ALREADY_LINKED" == cast.city.post("/v1/subject-links", body).json()["detail"]


def test_meeting_goes_from_convening_to_asking(cast: Cast) -> None:
    city, now = cast.city, _now()
    subject = city.subject("reg-meeting")
    meeting = f"/v1/conferences/{city.made('/v1/conferences', _conference())['id']}"
    item = city.made(
        f"{meeting}/agenda-items",
        {
            "basis": "shien_kaigi_swa",
            "nature": "individual",
            "subjects": [subject],
            "opens_at": now,
        },
    )
    path = f"{meeting}/agenda-items/{item['id']}"
    seat = {"agency": HIDAMARI, "actor": f"{HIDAMARI}-1", "invited_from": now}
    signed = {"actor": f"{HIDAMARI}-1", "signed_at": now - DAY}
    asked = {"asked": HIDAMARI, "subjects": [subject], "fields": ["subject.phones"]}

    for where, body in (
        (f"{path}/participants", seat),
        (f"{meeting}/undertakings", signed),
        (f"{path}/information-requests", asked),
    ):
        assert 1 == city.made(where, body)["version"]
        assert 404 == cast.hidamari.post(where, body).status
    assert [subject] == city.get(path).json()["subjects"]
    assert 404 == city.get(f"/v1/conferences/not-there/agenda-items/{item['id']}").status
    assert CITY == city.get(meeting).json()["organiser"]


def test_agreements_and_arrangements_are_registered_and_shown(cast: Cast) -> None:
    city, now = cast.city, _now()
    subject = city.subject("reg-agreed")
    about = {"subject": subject, "recipient": HIDAMARI}
    bodies: dict[str, dict[str, Any]] = {
        "/v1/approvals": {
            **about,
            "kind": "refused_recipient",
            "approver": city.actor,
            "document_no": "福第12号",
            "approved_at": now - 1000,
            "purpose": "refer",
        },
        "/v1/emergency-agreements": {
            **about,
            "second_person": f"{SHAKYO}-1",
            "second_agreed": "call_back",
            "agreed_at": now - 1000,
            "expires_at": now + DAY,
        },
        "/v1/entrustments": {
            "kind": "entrustment",
            "contractor": SHAKYO,
            "controller": CITY,
            "purposes": ["refer"],
            "valid_from": now,
        },
        "/v1/appointments": {
            "actor": f"{SHAKYO}-1",
            "office": "minsei_iin",
            "ward": "中央地区",
            "term_from": now,
        },
    }

    for path, body in bodies.items():
        made = city.made(path, body)
        if path != "/v1/appointments":  # the operator may appoint others, whose fact it is
            assert made["id"] == city.get(f"{path}/{made['id']}").json()["id"]
        assert 404 == cast.hidamari.get(f"{path}/{made['id']}").status


def test_directory_lists_agencies_and_keys_to_members_alone(cast: Cast) -> None:
    agencies = cast.hidamari.get("/v1/agencies", Tasuki_Actor=None).json()["agencies"]
    keys = cast.hidamari.get(f"/v1/agencies/{SHAKYO}/keys", Tasuki_Actor=None).json()["keys"]

    assert {CITY, HIDAMARI, SHAKYO} <= {agency["id"] for agency in agencies}
    assert {"seal", "sign"} == {key["use"] for key in keys}
    assert all(isinstance(key["log_index"], int) for key in keys)
    assert 401 == cast.hidamari.get("/v1/agencies", Authorization=None).status
    assert 404 == cast.hidamari.get("/v1/agencies/not-there/keys").status


def test_key_is_registered_and_revoked_by_its_owner(cast: Cast) -> None:
    jwk = generate_signing_key().public().jwk()
    made = cast.city.made(f"/v1/agencies/{SHAKYO}/keys", {"use": "sign", "jwk": jwk})
    verify_evidence(Evidence.from_json(made["evidence"]), cast.trusted, type_=EntryType.MEMBER)

    path = f"/v1/agencies/{SHAKYO}/keys/{made['id']}/revocation"
    assert 404 == cast.hidamari.post(path, {}).status
    assert 2 == cast.shakyo.made(path, {})["version"]
    assert "ALREADY_REVOKED" == cast.shakyo.post(path, {}).json()["detail"]


def test_suspended_person_and_agency_may_not_act_until_resumed(cast: Cast) -> None:
    person = f"/v1/agencies/{SHAKYO}/actors/{SHAKYO}-1/suspension"
    agency = f"/v1/agencies/{SHAKYO}/suspension"
    body = {"local_ref": "reg-suspended"}

    for path in (person, agency):
        cast.city.made(path, {"suspended": True})
        refused = cast.shakyo.post("/v1/subjects/resolve", body)
        cast.city.made(path, {"suspended": False})
        assert (403, "agency-not-authorized") == (refused.status, refused.problem)
        assert 200 == cast.shakyo.post("/v1/subjects/resolve", body).status
