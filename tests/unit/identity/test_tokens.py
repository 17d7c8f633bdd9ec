"""Access tokens: refused when not ours, not now or no longer; remembered for a minute at most."""

import json
from itertools import count
from typing import Any

import pytest

from gateway.crypto.jws import parse_jws, sign_jws
from gateway.crypto.keys import SigningKey, generate_signing_key
from gateway.domain.disclosure import Caller
from gateway.domain.errors import NotAuthenticated, NotAuthorized, StorageUnavailable
from gateway.domain.ids import AgencyId, SystemId, TenantId
from gateway.identity.tokens import MAX_TOKEN_LIFE_S, TOKEN_TYPE, TokenIssuer, TokenVerifier
from gateway.ports.registers import FactRow
from gateway.storage.registers import SQLRegisters
from tests.simulators.clock import NOON
from tests.simulators.enrolment import AOBA, HIDAMARI, ISSUER, Enrolment, NewIds
from tests.simulators.kept_log import TENANT, raw

NOW_S = NOON // 1000
CALLER = Caller(TENANT, AgencyId("city-aoba"), SystemId(AOBA), frozenset({"member", "officer"}))
FIRST_MINUTE_MS = 59_999


def _claims(**changes: Any) -> dict[str, Any]:
    claims = {
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": AOBA,
        "client_id": AOBA,
        "agency": "city-aoba",
        "tenant": TENANT,
        "scope": "member officer",
        "iat": NOW_S,
        "exp": NOW_S + 600,
        "jti": "t-1",
        **changes,
    }
    return {name: value for name, value in claims.items() if value is not None}


def _token(enrolment: Enrolment, *, key: SigningKey | None = None, **changes: Any) -> str:
    payload = json.dumps(_claims(**changes)).encode()
    return sign_jws(payload, key=key or enrolment.token_key, typ=TOKEN_TYPE)


def _assert_refused(enrolment: Enrolment, token: str) -> None:
    with pytest.raises(NotAuthenticated) as refused:
        enrolment.here.verifier.verify(token)
    assert "not authenticated" == str(refused.value)


def _verifier(enrolment: Enrolment, *keys: SigningKey, remembered: int = 10) -> TokenVerifier:
    return TokenVerifier(
        keys=[key.public() for key in keys or (enrolment.token_key,)],
        issuer=ISSUER,
        tenant_id=TENANT,
        registers=enrolment.here.database.registers(),
        clock=enrolment.clock,
        remembered=remembered,
    )


# --- not ours, not now ----------------------------------------------------------------------


def test_token_signed_by_another_key_is_refused(unchanged: Enrolment) -> None:
    stranger = generate_signing_key()
    named = sign_jws(
        json.dumps(_claims()).encode(),
        key=stranger,
        typ=TOKEN_TYPE,
        header={"kid": unchanged.token_key.kid},
    )

    _assert_refused(unchanged, _token(unchanged, key=stranger))
    _assert_refused(unchanged, _token(unchanged, key=unchanged.keys[AOBA]))
    _assert_refused(unchanged, named)


def test_assertion_as_an_access_token_is_refused(unchanged: Enrolment) -> None:
    _assert_refused(unchanged, unchanged.assertion(AOBA))
    _assert_refused(unchanged, unchanged.assertion(AOBA, key=unchanged.token_key))


@pytest.mark.parametrize(
    "changes",
    [
        {"iss": "https://other.example"},
        {"aud": "https://other.example"},
        {"aud": [ISSUER]},
        {"aud": None},
        {"exp": None},
        {"exp": NOW_S},
        {"exp": NOW_S + 601},
        {"exp": str(NOW_S + 60)},
        {"iat": NOW_S + 11, "exp": NOW_S + 60},
        {"iat": None},
        {"jti": None},
        {"sub": None},
        {"sub": HIDAMARI},
        {"sub": HIDAMARI, "client_id": HIDAMARI},
        {"sub": "nobody", "client_id": "nobody"},
        {"sub": [AOBA], "client_id": [AOBA]},
        {"sub": "' OR 1=1", "client_id": "' OR 1=1"},
        {"client_id": None},
        {"agency": "npo-hidamari"},
        {"agency": None},
        {"tenant": "midori"},
        {"tenant": None},
        {"scope": None},
        {"scope": ["member"]},
    ],
    ids=count(),
)
def test_token_that_says_something_else_is_refused(
    unchanged: Enrolment, changes: dict[str, Any]
) -> None:
    _assert_refused(unchanged, _token(unchanged, **changes))


@pytest.mark.parametrize("text", ["", "..", "a.b.c", "x" * 9000, "\ud800.a.b", "é"], ids=count())
def test_text_that_is_no_token_is_refused(unchanged: Enrolment, text: str) -> None:
    _assert_refused(unchanged, text)


def test_token_remembered_is_refused_once_it_has_expired(local: Enrolment) -> None:
    token = local.here.issuer.issue(CALLER).token
    local.clock.advance(MAX_TOKEN_LIFE_S * 1000 - 1)
    assert AOBA == local.here.verifier.verify(token).system_id

    local.clock.advance(1)

    _assert_refused(local, token)


def test_token_of_a_key_no_longer_known_is_refused(unchanged: Enrolment) -> None:
    old, new = unchanged.token_key, generate_signing_key()
    token = _token(unchanged, key=old)

    assert AOBA == _verifier(unchanged, new, old).verify(token).system_id
    with pytest.raises(NotAuthenticated):
        _verifier(unchanged, new).verify(token)


# --- no longer enrolled (case 23) -----------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "id_", "changes"),
    [
        ("system", AOBA, {"status": "suspended"}),
        ("agency", "city-aoba", {"status": "suspended"}),
        ("agency", "city-aoba", {"status": "left"}),
        ("agency", "city-aoba", {"valid_to": NOON + 1}),
    ],
)
def test_token_after_suspension_is_refused_within_a_minute_on_every_replica(
    enrolment: Enrolment, kind: str, id_: str, changes: dict[str, Any]
) -> None:
    token = enrolment.here.issuer.issue(CALLER).token
    replicas = (enrolment.here, enrolment.replica())
    for replica in replicas:
        replica.verifier.verify(token)

    enrolment.change(kind, id_, **changes)
    enrolment.clock.advance(FIRST_MINUTE_MS + 1)

    for replica in (*replicas, enrolment.replica()):
        with pytest.raises(NotAuthorized):
            replica.verifier.verify(token)


@pytest.mark.parametrize("told", [AOBA, "city-aoba"])
def test_token_after_suspension_is_refused_at_once_where_it_is_told(
    local: Enrolment, told: str
) -> None:
    verifier = local.here.verifier
    token = local.here.issuer.issue(CALLER).token
    verifier.verify(token)
    local.change("system", AOBA, status="suspended")

    verifier.forget(told)

    with pytest.raises(NotAuthorized):
        verifier.verify(token)


def test_token_remembered_is_not_forgotten_for_another_agency(local: Enrolment) -> None:
    verifier = local.here.verifier
    token = local.here.issuer.issue(CALLER).token
    verifier.verify(token)
    local.change("system", AOBA, status="suspended")

    verifier.forget("npo-hidamari")

    assert AOBA == verifier.verify(token).system_id


def test_token_of_a_registration_that_ends_is_refused_from_that_instant(local: Enrolment) -> None:
    token = local.here.issuer.issue(CALLER).token
    local.change("system", AOBA, valid_to=NOON + 1_000)
    local.here.verifier.verify(token)

    local.clock.advance(999)
    local.here.verifier.verify(token)
    local.clock.advance(1)

    with pytest.raises(NotAuthorized):
        local.here.verifier.verify(token)


def test_token_of_a_system_that_moved_to_another_agency_is_refused(local: Enrolment) -> None:
    token = local.here.issuer.issue(CALLER).token

    local.change("system", AOBA, agency="npo-hidamari")

    _assert_refused(local, token)


def test_token_of_a_system_without_an_agency_is_refused(local: Enrolment) -> None:
    nobody = {"id": "nobody", "status": "active", "valid_from": 0, "valid_to": None}
    local.put("agency", "nobody", nobody, "agency:nobody")

    local.change("system", AOBA, agency=None)

    _assert_refused(local, _token(local, agency="nobody"))


def test_scope_withdrawn_is_gone_within_a_minute(local: Enrolment) -> None:
    token = local.here.issuer.issue(CALLER).token
    assert {"member", "officer"} == local.here.verifier.verify(token).scopes
    local.change("system", AOBA, scopes=["member", "auditor"])

    local.clock.advance(FIRST_MINUTE_MS + 1)

    assert {"member"} == local.here.verifier.verify(token).scopes


def test_token_verified_while_its_system_is_forgotten_is_not_remembered(local: Enrolment) -> None:
    """What was read before a suspension must not be remembered after it was told."""
    token = local.here.issuer.issue(CALLER).token
    suspended: list[str] = []

    class SuspendedMeanwhile(SQLRegisters):
        def fact(self, tenant_id: TenantId, kind: str, id_: str) -> FactRow | None:
            found = super().fact(tenant_id, kind, id_)
            if kind == "agency" and not suspended:
                suspended.append(id_)
                local.change("system", AOBA, status="suspended")
                verifier.forget(AOBA)
            return found

    verifier = TokenVerifier(
        keys=[local.token_key.public()],
        issuer=ISSUER,
        tenant_id=TENANT,
        registers=SuspendedMeanwhile(local.here.database.engine),
        clock=local.clock,
    )
    verifier.verify(token)

    with pytest.raises(NotAuthorized):
        verifier.verify(token)
    assert ["city-aoba"] == suspended


def test_token_while_the_registers_are_silent_is_accepted_from_memory_alone(
    enrolment: Enrolment,
) -> None:
    known = enrolment.here.issuer.issue(CALLER).token
    enrolment.here.verifier.verify(known)
    raw(enrolment.log.url, "ALTER TABLE register_fact RENAME TO register_fact_gone")

    assert AOBA == enrolment.here.verifier.verify(known).system_id
    with pytest.raises(StorageUnavailable):
        enrolment.here.verifier.verify(enrolment.here.issuer.issue(CALLER).token)
    enrolment.clock.advance(FIRST_MINUTE_MS + 1)
    with pytest.raises(StorageUnavailable):
        enrolment.here.verifier.verify(known)


def test_memory_of_tokens_is_bounded_and_drops_the_oldest(local: Enrolment) -> None:
    verifier = _verifier(local, remembered=2)
    tokens = [local.here.issuer.issue(CALLER).token for _ in range(3)]
    for token in tokens:
        verifier.verify(token)

    local.change("system", AOBA, status="suspended")

    with pytest.raises(NotAuthorized):
        verifier.verify(tokens[0])
    for token in tokens[1:]:
        assert AOBA == verifier.verify(token).system_id


# --- issuing --------------------------------------------------------------------------------


@pytest.mark.parametrize("scopes", [("operator",), ("member", "root"), ("",)])
def test_token_with_a_scope_that_is_not_registered_is_refused(
    unchanged: Enrolment, scopes: tuple[str, ...]
) -> None:
    with pytest.raises(NotAuthorized) as refused:
        unchanged.here.issuer.issue(CALLER, scopes)
    assert "scope" == refused.value.operation


@pytest.mark.parametrize("life_s", [0, -1, 601])
def test_issuer_of_tokens_that_live_too_long_or_not_at_all_is_refused(
    unchanged: Enrolment, life_s: int
) -> None:
    with pytest.raises(ValueError, match="600"):
        TokenIssuer(
            key=unchanged.token_key,
            issuer=ISSUER,
            clock=unchanged.clock,
            ids=NewIds(),
            life_s=life_s,
        )


def test_token_does_not_show_itself_when_printed(unchanged: Enrolment) -> None:
    issued = unchanged.here.issuer.issue(CALLER)

    assert issued.token not in repr(issued)


def test_token_issued_says_what_rfc_9068_demands_and_nothing_more(unchanged: Enrolment) -> None:
    issued, another = (unchanged.here.issuer.issue(CALLER) for _ in range(2))
    jws = parse_jws(issued.token, max_bytes=4096)
    claims = json.loads(jws.payload)

    assert ("ES256", "at+jwt", unchanged.token_key.kid) == (jws.alg, jws.typ, jws.kid)
    assert _claims(jti=claims["jti"]) == claims
    assert (600, ("member", "officer")) == (issued.expires_in, issued.scopes)
    assert issued.token != another.token


def test_token_issued_for_a_narrower_scope_allows_no_more(unchanged: Enrolment) -> None:
    issued = unchanged.here.issuer.issue(CALLER, ["member"])

    assert ("member",) == issued.scopes
    assert {"member"} == unchanged.here.verifier.verify(issued.token).scopes


def test_token_issued_after_authentication_stands_for_the_same_caller(local: Enrolment) -> None:
    other = local.replica()

    caller = local.here.authenticator.authenticate(local.assertion(AOBA))
    token = local.here.issuer.issue(caller).token

    assert CALLER == caller == other.verifier.verify(token)


def test_keys_published_are_public_and_verify_what_was_issued(unchanged: Enrolment) -> None:
    (jwk,) = unchanged.here.verifier.jwks()["keys"]  # type: ignore[union-attr, misc] # a list

    assert unchanged.token_key.public().jwk() == jwk
    assert "d" not in jwk
