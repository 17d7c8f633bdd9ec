"""The same gateway on PostgreSQL, and with a real OPA beside it."""

import asyncio
from pathlib import Path
from typing import Any

from gateway.authoring.opa_server import opa_pulling, opa_serving
from gateway.crypto.keys import verify_key
from gateway.domain.disclosure import Outcome
from gateway.policy.bundle import build_bundle
from gateway.policy.contract import PolicyContract
from gateway.policy.opa import OPAPolicy
from tests.simulators.member import HIDAMARI, Cast
from tests.simulators.policy_inputs import POLICIES, SCHEMAS, known


def test_refusal_and_record_on_postgresql(postgres_url: str, tmp_path: Path) -> None:
    with Cast.on(postgres_url, tmp_path) as cast:
        _check_refusal_then_record(cast)


def test_refusal_and_record_with_a_sidecar(opa: Path, sqlite_url: str, tmp_path: Path) -> None:
    with (
        opa_serving(opa, build_bundle(POLICIES).archive) as port,
        Cast.on(sqlite_url, tmp_path, pdp="opa", opa_port=port) as cast,
    ):
        unit = _check_refusal_then_record(cast)

        context = cast.gateway.parts.context
        row = context.registers.row(context.tenant_id, "unit", unit["decision_id"])
        assert row is not None
        assert '"engine":"opa 1.' in str(row["decision"])


def test_sidecar_pulls_its_rules_from_the_gateway(
    opa: Path, sqlite_url: str, tmp_path: Path
) -> None:
    with Cast.on(sqlite_url, tmp_path) as cast:
        url = f"http://127.0.0.1:{cast.gateway.port}"
        (jwk,) = cast.city.get("/.well-known/tasuki").json()["policy_jwks"]
        with opa_pulling(opa, url, "policies/bundle.tar.gz", trusted=verify_key(jwk)) as port:
            revision = cast.gateway.parts.context.pdp.revision
            answer = asyncio.run(_ask(port, revision, known("consent_public")))

        assert (Outcome.PERMIT, revision) == (answer.outcome, answer.revision)


def _check_refusal_then_record(cast: Cast) -> dict[str, Any]:
    """Check one refusal and one delivery that is opened; return the permitted unit."""
    refused = cast.city.post(
        "/v1/disclosures", cast.city.disclosure(cast.city.subject("case-1"), HIDAMARI)
    )
    subject, _ = cast.consented("case-2")
    asked = cast.city.made("/v1/disclosures", cast.city.disclosure(subject, HIDAMARI))
    unit: dict[str, Any] = asked["units"][0]
    path = f"/v1/disclosures/{asked['disclosure_id']}/payloads/{HIDAMARI}"
    sent = cast.city.put(path, cast.city.payload(unit, cast.trusted))
    opened = cast.hidamari.get(f"/v1/inbox/{sent.json()['delivery_id']}")

    assert (403, "disclosure-refused") == (refused.status, refused.problem)
    assert (201, 200) == (sent.status, opened.status)
    return unit


async def _ask(port: int, revision: str, question: Any) -> Any:
    contract = PolicyContract.read(SCHEMAS)
    async with OPAPolicy(contract, revision=revision, port=port, timeout_s=5.0) as policy:
        return await policy.decide(question)
