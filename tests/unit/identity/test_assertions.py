"""Client assertions: every way to be almost right is refused, and never said why."""

import hashlib
import hmac
import json
from collections import Counter
from collections.abc import Sequence
from itertools import count
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from gateway.crypto import jwt
from gateway.crypto.encoding import b64u
from gateway.crypto.jws import sign_jws
from gateway.crypto.keys import Algorithm, generate_signing_key
from gateway.domain.errors import NotAuthenticated, StorageUnavailable
from gateway.domain.ids import TenantId
from gateway.identity.assertions import ASSERTION_TYPE, ClientAuthenticator
from gateway.ports.registers import FactRow
from gateway.storage.registers import SQLRegisters
from tests.simulators.clock import NOON
from tests.simulators.enrolment import AOBA, HIDAMARI, ISSUER, Enrolment, other_signing_key
from tests.simulators.kept_log import TENANT, raw

NOW_S = NOON // 1000


def _assert_refused(authenticator: ClientAuthenticator, assertion: str) -> None:
    with pytest.raises(NotAuthenticated) as refused:
        authenticator.authenticate(assertion)
    assert "not authenticated" == str(refused.value)


def _assert_claims_refused(enrolment: Enrolment, **changes: Any) -> None:
    _assert_refused(enrolment.here.authenticator, enrolment.assertion(**changes))


def _with_header(enrolment: Enrolment, **members: Any) -> str:
    key = enrolment.keys[HIDAMARI]
    payload = json.dumps(enrolment.claims()).encode()
    return sign_jws(payload, key=key, typ=ASSERTION_TYPE, header=members)


# --- used once (case 1) ---------------------------------------------------------------------


def test_assertion_used_before_on_another_replica_is_refused(enrolment: Enrolment) -> None:
    other = enrolment.replica()
    assertion = enrolment.assertion()
    enrolment.here.authenticator.authenticate(assertion)

    for replica in (other, enrolment.here, enrolment.replica()):
        _assert_refused(replica.authenticator, assertion)


def test_assertion_used_before_is_refused_as_long_as_any_clock_may_accept_it(
    local: Enrolment,
) -> None:
    assertion = local.assertion(exp=NOW_S + 300, jti="j-1")
    local.here.authenticator.authenticate(assertion)
    local.clock.advance(299_999)
    local.here.authenticator.authenticate(local.assertion())  # sweeps what has expired

    _assert_refused(local.here.authenticator, assertion)
    local.clock.advance(60_000)
    local.here.authenticator.authenticate(local.assertion())
    assert 1 == raw(local.log.url, "SELECT count(*) FROM replay WHERE id LIKE '%j-1'")[0][0]


def test_assertion_with_an_id_that_another_client_used_is_accepted(local: Enrolment) -> None:
    local.here.authenticator.authenticate(local.assertion(HIDAMARI, jti="j-1"))

    assert AOBA == local.here.authenticator.authenticate(local.assertion(AOBA, jti="j-1")).system_id


def test_assertion_refused_for_another_reason_is_not_used_up(local: Enrolment) -> None:
    _assert_refused(
        local.here.authenticator, local.assertion(jti="j-1", aud="https://other.example")
    )

    local.here.authenticator.authenticate(local.assertion(jti="j-1"))


# --- algorithms and headers (cases 4 to 10) -------------------------------------------------


@pytest.mark.parametrize("alg", ["none", "None", "nOnE", "NONE", ""])
def test_assertion_without_a_signature_is_refused(unchanged: Enrolment, alg: str) -> None:
    header = {"alg": alg, "kid": unchanged.keys[HIDAMARI].kid, "typ": ASSERTION_TYPE}
    payload = json.dumps(unchanged.claims())
    unsigned = f"{b64u(json.dumps(header).encode())}.{b64u(payload.encode())}."

    _assert_refused(unchanged.here.authenticator, unsigned)


def test_assertion_with_its_signature_removed_is_refused(unchanged: Enrolment) -> None:
    head, payload, _ = unchanged.assertion().split(".")

    for assertion in (f"{head}.{payload}.", f"{head}.{payload}", f"{head}.{payload}.AAAA"):
        _assert_refused(unchanged.here.authenticator, assertion)


@pytest.mark.parametrize("form", ["pem", "jwk"])
def test_assertion_signed_with_the_public_key_as_a_secret_is_refused(
    unchanged: Enrolment, form: str
) -> None:
    public = unchanged.keys[HIDAMARI].public()
    secret = (
        json.dumps(public.jwk()).encode()
        if form == "jwk"
        else public.public.public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
    header = json.dumps({"alg": "HS256", "kid": public.kid, "typ": ASSERTION_TYPE})
    signed = f"{b64u(header.encode())}.{b64u(json.dumps(unchanged.claims()).encode())}"
    mac = hmac.new(secret, signed.encode(), hashlib.sha256).digest()

    _assert_refused(unchanged.here.authenticator, f"{signed}.{b64u(mac)}")


@pytest.mark.parametrize(
    "alg", ["RS256", "PS256", "ES384", "ES512", "ES256K", "EdDSA", "Ed25519", "HS256", "es256"]
)
def test_assertion_with_another_algorithm_than_the_registered_keys_is_refused(
    unchanged: Enrolment, alg: str
) -> None:
    _assert_refused(unchanged.here.authenticator, _with_header(unchanged, alg=alg))


@pytest.mark.parametrize("alg", list(Algorithm))
def test_assertion_signed_by_a_key_that_is_not_registered_is_refused(
    unchanged: Enrolment, alg: Algorithm
) -> None:
    stranger = other_signing_key(alg)
    own = unchanged.keys[HIDAMARI].kid

    for header in ({}, {"kid": own}, {"kid": ""}):
        assertion = sign_jws(
            json.dumps(unchanged.claims()).encode(),
            key=stranger,
            typ=ASSERTION_TYPE,
            header=header,
        )
        _assert_refused(unchanged.here.authenticator, assertion)


@pytest.mark.parametrize("twice", ['"alg":"none"', '"Alg":"none"', '"typ":"at+jwt"', '"kid":"x"'])
def test_assertion_with_a_header_member_twice_is_refused(unchanged: Enrolment, twice: str) -> None:
    key = unchanged.keys[HIDAMARI]
    header = json.dumps({"alg": "ES256", "kid": key.kid, "typ": ASSERTION_TYPE})
    payload = b64u(json.dumps(unchanged.claims()).encode())
    signed = f"{b64u(f'{header[:-1]},{twice}}}'.encode())}.{payload}"
    assert isinstance(key.private, ec.EllipticCurvePrivateKey)
    r, s = decode_dss_signature(key.private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    signature = b64u(r.to_bytes(32, "big") + s.to_bytes(32, "big"))

    _assert_refused(unchanged.here.authenticator, f"{signed}.{signature}")


@pytest.mark.parametrize("twice", ['"aud":"https://other.example"', '"sub":"aoba-case"', '"Exp":1'])
def test_assertion_with_a_claim_twice_is_refused(unchanged: Enrolment, twice: str) -> None:
    payload = json.dumps(unchanged.claims())

    _assert_claims_refused(unchanged, payload=f"{payload[:-1]},{twice}}}")
    _assert_claims_refused(unchanged, payload=f"{{{twice},{payload[1:]}")


@pytest.mark.parametrize(
    "member",
    [
        {"crit": ["exp"]},
        {"crit": ["b64"], "b64": False},
        {"b64": False},
        {"jku": "https://evil.example/keys"},
        {"x5u": "https://evil.example/cert"},
        {"x5c": ["AAAA"]},
        {"jwk": generate_signing_key().public().jwk()},
    ],
)
def test_assertion_with_a_header_that_points_elsewhere_or_changes_meaning_is_refused(
    unchanged: Enrolment, member: dict[str, Any]
) -> None:
    _assert_refused(unchanged.here.authenticator, _with_header(unchanged, **member))


@pytest.mark.parametrize(
    "kid",
    ["../../etc/passwd", "' OR 1=1 --", "k" * 10_000, "a\x00b", "https://evil.example/k", "", "鍵"],
    ids=count(),
)
def test_assertion_with_a_hostile_key_id_is_refused(unchanged: Enrolment, kid: str) -> None:
    _assert_refused(unchanged.here.authenticator, _with_header(unchanged, kid=kid))


def test_assertion_with_another_members_key_is_refused(unchanged: Enrolment) -> None:
    _assert_claims_refused(unchanged, key=unchanged.keys[AOBA])


def test_assertion_naming_another_members_key_is_refused(unchanged: Enrolment) -> None:
    _assert_refused(
        unchanged.here.authenticator, _with_header(unchanged, kid=unchanged.keys[AOBA].kid)
    )


# --- claims (cases 11 to 15) ----------------------------------------------------------------


@pytest.mark.parametrize(
    "audience",
    [
        None,
        "",
        f"{ISSUER}/",
        f"{ISSUER}/oauth/token",
        "https://other.example",
        [ISSUER],
        [ISSUER, "https://other.example"],
        {"aud": ISSUER},
        ISSUER.upper(),
        f" {ISSUER}",
    ],
)
def test_assertion_for_another_audience_is_refused(unchanged: Enrolment, audience: Any) -> None:
    _assert_claims_refused(unchanged, aud=audience)


@pytest.mark.parametrize(
    "expires",
    [None, NOW_S, NOW_S - 1, NOW_S + 301, 253_402_300_799, str(NOW_S + 60), NOW_S + 60.5, True, -1],
)
def test_assertion_with_an_unfit_end_is_refused(unchanged: Enrolment, expires: Any) -> None:
    _assert_claims_refused(unchanged, exp=expires)


@pytest.mark.parametrize("expires", ["1e400", "NaN", "Infinity", "1e10", "9" * 400])
def test_assertion_with_an_end_that_is_no_whole_number_is_refused(
    unchanged: Enrolment, expires: str
) -> None:
    payload = json.dumps(unchanged.claims(exp="END")).replace('"END"', expires)

    _assert_claims_refused(unchanged, payload=payload)


@pytest.mark.parametrize("claim", ["iat", "nbf"])
@pytest.mark.parametrize("ahead", [11, 61, 3600])
def test_assertion_from_the_future_is_refused(unchanged: Enrolment, claim: str, ahead: int) -> None:
    _assert_claims_refused(unchanged, **{"exp": NOW_S + ahead + 60, claim: NOW_S + ahead})


def test_assertion_issued_a_year_ago_is_refused(unchanged: Enrolment) -> None:
    _assert_claims_refused(unchanged, iat=NOW_S - 365 * 86_400)


@pytest.mark.parametrize("jti", [None, "", 7, "j" * 201, "識別子", ["j"]])
def test_assertion_without_a_usable_id_is_refused(unchanged: Enrolment, jti: Any) -> None:
    _assert_claims_refused(unchanged, jti=jti)


@pytest.mark.parametrize("typ", ["at+jwt", "JWT", "dpop+jwt", "Client-Authentication+JWT"])
def test_assertion_of_another_type_is_refused(unchanged: Enrolment, typ: str) -> None:
    _assert_claims_refused(unchanged, typ=typ)


def test_access_token_as_an_assertion_is_refused(local: Enrolment) -> None:
    here = local.here
    caller = here.authenticator.authenticate(local.assertion())

    _assert_refused(here.authenticator, here.issuer.issue(caller).token)


@pytest.mark.parametrize(
    "claims",
    [
        {"sub": AOBA},
        {"iss": AOBA},
        {"iss": AOBA, "sub": AOBA},
        {"iss": None},
        {"sub": None},
        {"iss": None, "sub": None},
        {"iss": "npo-hidamari", "sub": "npo-hidamari"},
        {"iss": [HIDAMARI], "sub": [HIDAMARI]},
        {"iss": f"{HIDAMARI}\n", "sub": f"{HIDAMARI}\n"},
        {"iss": HIDAMARI.upper(), "sub": HIDAMARI.upper()},
        {"iss": "' OR 1=1", "sub": "' OR 1=1"},
        {"iss": "h" * 81, "sub": "h" * 81},
        {"iss": "nobody", "sub": "nobody"},
    ],
)
def test_assertion_of_anybody_but_the_keys_owner_is_refused(
    unchanged: Enrolment, claims: dict[str, Any]
) -> None:
    _assert_claims_refused(unchanged, **claims)


@pytest.mark.parametrize(
    "text", ["", ".", "..", "a.b.c", "é.é.é", "x" * 9000, "\ud800.a.b"], ids=count()
)
def test_assertion_that_is_no_token_is_refused(unchanged: Enrolment, text: str) -> None:
    _assert_refused(unchanged.here.authenticator, text)


# --- registrations and keys (cases 23, 24) --------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "changes"),
    [
        ("system", {"status": "suspended"}),
        ("system", {"status": "other"}),
        ("system", {"valid_to": NOON}),
        ("system", {"valid_from": NOON + 1}),
        ("system", {"valid_from": None}),
        ("system", {"valid_to": "never"}),
        ("system", {"agency": "city-aoba"}),
        ("system", {"agency": "nobody"}),
        ("system", {"agency": None}),
        ("system", {"scopes": None}),
        ("agency", {"status": "suspended"}),
        ("agency", {"status": "left"}),
        ("agency", {"valid_to": NOON}),
        ("agency", {"valid_from": NOON + 1}),
        ("agency_key", {"use": "sign"}),
        ("agency_key", {"use": "seal"}),
        ("agency_key", {"system": ""}),
        ("agency_key", {"system": AOBA}),
        ("agency_key", {"agency": "city-aoba"}),
        ("agency_key", {"revoked_at": NOON - 1}),
        ("agency_key", {"revoked_at": NOON + 1}),
        ("agency_key", {"valid_to": NOON}),
        ("agency_key", {"valid_from": NOON + 1}),
        ("agency_key", {"jwk": None}),
        ("agency_key", {"jwk": {"kty": "oct", "k": "AAAA"}}),
        ("agency_key", {"jwk": generate_signing_key().public().jwk()}),
    ],
)
def test_assertion_after_a_registration_changed_is_refused(
    local: Enrolment, kind: str, changes: dict[str, Any]
) -> None:
    id_ = {"system": HIDAMARI, "agency": "npo-hidamari", "agency_key": local.keys[HIDAMARI].kid}
    local.here.authenticator.authenticate(local.assertion())

    local.change(kind, id_[kind], **changes)

    _assert_refused(local.here.authenticator, local.assertion())
    local.here.authenticator.authenticate(local.assertion(AOBA))


@pytest.mark.parametrize(
    "missing", ["revoked_at", "valid_to", "valid_from", "jwk", "system", "use"]
)
def test_assertion_with_a_key_fact_that_lacks_a_member_is_refused(
    local: Enrolment, missing: str
) -> None:
    key = generate_signing_key()
    fact: dict[str, Any] = {
        "id": key.kid,
        "agency": "npo-hidamari",
        "use": "client",
        "system": HIDAMARI,
        "jwk": key.public().jwk(),
        "valid_from": 0,
        "valid_to": None,
        "revoked_at": None,
    }
    del fact[missing]
    local.put("agency_key", key.kid, fact, f"client:{HIDAMARI}")

    _assert_refused(local.here.authenticator, local.assertion(key=key))


def test_assertion_in_the_registers_of_another_tenant_is_refused(unchanged: Enrolment) -> None:
    database = unchanged.here.database
    elsewhere = ClientAuthenticator(
        registers=database.registers(),
        replay=database.replay(TenantId("midori")),
        clock=unchanged.clock,
        tenant_id=TenantId("midori"),
        issuer=ISSUER,
    )

    _assert_refused(elsewhere, unchanged.assertion())


def test_key_rotated_serves_from_its_start_and_the_old_one_until_its_end(
    enrolment: Enrolment,
) -> None:
    authenticator = enrolment.here.authenticator
    old, new = enrolment.keys[HIDAMARI], generate_signing_key()
    enrolment.add_key(HIDAMARI, new, valid_from=NOON + 1_000)
    enrolment.change("agency_key", old.kid, valid_to=NOON + 2_000)

    _assert_refused(authenticator, enrolment.assertion(key=new))
    authenticator.authenticate(enrolment.assertion(key=old))
    enrolment.clock.advance(1_000)
    authenticator.authenticate(enrolment.assertion(key=new))
    authenticator.authenticate(enrolment.assertion(key=old))
    enrolment.clock.advance(1_000)
    authenticator.authenticate(enrolment.assertion(key=new))
    _assert_refused(authenticator, enrolment.assertion(key=old))


# --- a store that is silent (case 25) -------------------------------------------------------


@pytest.mark.parametrize("table", ["replay", "register_fact", "register_key"])
def test_assertion_while_a_store_is_silent_is_not_accepted(
    enrolment: Enrolment, table: str
) -> None:
    raw(enrolment.log.url, f"ALTER TABLE {table} RENAME TO {table}_gone")

    with pytest.raises(StorageUnavailable):
        enrolment.here.authenticator.authenticate(enrolment.assertion())


# --- what differs is not to be noticed ------------------------------------------------------


class CountingRegisters(SQLRegisters):
    """Real registers that note what they were asked."""

    def __init__(self, registers: SQLRegisters) -> None:
        super().__init__(registers._engine)  # noqa: SLF001 - the same database
        self.asked: list[tuple[str, str]] = []

    def fact(self, tenant_id: TenantId, kind: str, id_: str) -> FactRow | None:
        """Note and answer."""
        self.asked.append((kind, id_))
        return super().fact(tenant_id, kind, id_)

    def facts_by_key(self, tenant_id: TenantId, key: str) -> Sequence[FactRow]:
        """Note and answer."""
        self.asked.append(("key", key))
        return super().facts_by_key(tenant_id, key)


def test_stranger_costs_the_same_reads_as_a_member_and_no_key_id_is_looked_up(
    unchanged: Enrolment,
) -> None:
    database = unchanged.here.database
    registers = CountingRegisters(database.registers())
    authenticator = ClientAuthenticator(
        registers=registers,
        replay=database.replay(TENANT),
        clock=unchanged.clock,
        tenant_id=TENANT,
        issuer=ISSUER,
    )
    stranger = generate_signing_key()
    asked = []

    for system, kid in ((HIDAMARI, stranger.kid), ("nobody", stranger.kid), (HIDAMARI, "k")):
        registers.asked.clear()
        payload = json.dumps(unchanged.claims(system)).encode()
        assertion = sign_jws(payload, key=stranger, typ=ASSERTION_TYPE, header={"kid": kid})
        _assert_refused(authenticator, assertion)
        asked.append(Counter(kind for kind, _ in registers.asked))
        assert not any(kid in id_ for _, id_ in registers.asked if kid != "k")

    assert [Counter(system=1, agency=1, key=1)] * 3 == asked


@pytest.mark.parametrize("alg", list(Algorithm))
@pytest.mark.parametrize("system", [HIDAMARI, "nobody"])
def test_stranger_is_verified_by_the_algorithm_named_before_being_refused(
    unchanged: Enrolment, monkeypatch: pytest.MonkeyPatch, alg: Algorithm, system: str
) -> None:
    """Known client or not: one signature is checked, with a key of the algorithm named."""
    tried: list[str] = []
    verify = jwt.verify_jws

    def observed(jws: Any, key: Any) -> None:
        tried.append(key.alg.value)
        verify(jws, key)

    monkeypatch.setattr(jwt, "verify_jws", observed)
    _assert_claims_refused(unchanged, system=system, key=other_signing_key(alg))

    assert [alg.value] == tried


def test_stranger_who_holds_nobodys_key_is_refused(unchanged: Enrolment) -> None:
    """Even if the key that strangers are verified by were known, it would open nothing."""
    database = unchanged.here.database
    authenticator = ClientAuthenticator(
        registers=database.registers(),
        replay=database.replay(TENANT),
        clock=unchanged.clock,
        tenant_id=TENANT,
        issuer=ISSUER,
    )
    stranger = generate_signing_key()
    authenticator._nobodys["ES256"] = stranger.public().jwk()  # noqa: SLF001 - cannot be known

    _assert_refused(authenticator, unchanged.assertion(key=stranger))
    _assert_refused(authenticator, unchanged.assertion("nobody", key=stranger))


# --- and what is right ----------------------------------------------------------------------


@pytest.mark.parametrize("ahead", [0, 8, 10])
def test_assertion_from_a_clock_slightly_ahead_is_accepted(local: Enrolment, ahead: int) -> None:
    assertion = local.assertion(iat=NOW_S + ahead, nbf=NOW_S + ahead)

    assert HIDAMARI == local.here.authenticator.authenticate(assertion).system_id


@pytest.mark.parametrize("alg", list(Algorithm))
def test_assertion_that_is_right_authenticates_system_agency_and_scopes(
    local: Enrolment, alg: Algorithm
) -> None:
    key = other_signing_key(alg)
    local.add_key(HIDAMARI, key)

    caller = local.here.authenticator.authenticate(local.assertion(key=key, exp=NOW_S + 300))

    assert (TENANT, "npo-hidamari", HIDAMARI) == (
        caller.tenant_id,
        caller.agency_id,
        caller.system_id,
    )
    assert {"member"} == caller.scopes


def test_scope_registered_but_not_known_is_not_given(local: Enrolment) -> None:
    local.change("system", HIDAMARI, scopes=["member", "root", 7])

    assert {"member"} == local.here.authenticator.authenticate(local.assertion()).scopes
