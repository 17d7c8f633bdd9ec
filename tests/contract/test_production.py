"""In production nothing is enabled that nobody has reviewed; elsewhere the gateway says so."""

import asyncio
import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Final

import pytest
from structlog.testing import capture_logs

from gateway.bootstrap import Gateway, open_gateway
from gateway.crypto.keys import generate_signing_key
from gateway.demo.telling import NOT_REVIEWED
from gateway.policy.bundle import build_bundle
from gateway.policy.rejection import RevisionRejected
from gateway.services.registers.founding import Founding, found_tenant
from gateway.settings import Settings
from gateway.storage.key_ring import create_key_ring
from gateway.system import SystemClock
from tests.simulators.policy_inputs import POLICIES
from tests.simulators.register_office import CITY, actor_terms, agency_terms, system_terms

REVIEWER: Final = "架空法律事務所"


@pytest.fixture
def trial(sqlite_url: str, tmp_path: Path) -> Settings:
    """Settings outside production, with rules of its own that nobody has reviewed."""
    create_key_ring(tmp_path / "keys", now=SystemClock().now())
    shutil.copytree(POLICIES, tmp_path / "policies")
    return Settings(
        database_url=sqlite_url,
        origin="https://gw.aoba.example",
        keys_dir=tmp_path / "keys",
        state_dir=tmp_path / "state",
        policies_dir=tmp_path / "policies",
        policy_processes=0,
        port=0,
    )


@pytest.fixture
def production(trial: Settings) -> Settings:
    return trial.model_copy(update={"production": True})


@pytest.fixture
def reviewed(production: Settings) -> Iterator[Gateway]:
    """A gateway in production that has opened: every basis was reviewed."""
    _found(production)
    for id_ in _bases(production):
        _review(production, id_, REVIEWER)
    with open_gateway(production) as opened:
        yield opened


def test_production_with_unreviewed_bases_does_not_open_and_names_each(
    production: Settings,
) -> None:
    _found(production)
    enabled = build_bundle(POLICIES).unreviewed("default")

    refusal = _refusal(production)

    assert len(enabled) > 1
    assert tuple(f"packs/default: basis {b} is enabled and not reviewed" for b in enabled) == (
        refusal.findings
    )


def test_production_with_one_unreviewed_basis_does_not_open(production: Settings) -> None:
    _found(production)
    for id_ in _bases(production):
        _review(production, id_, REVIEWER)
    _review(production, "shien_kaigi_swa", None)

    assert ("packs/default: basis shien_kaigi_swa is enabled and not reviewed",) == _refusal(
        production
    ).findings


def test_production_that_renews_to_an_unreviewed_basis_keeps_the_last_good_rules(
    reviewed: Gateway,
) -> None:
    before = reviewed.policy.revision
    _review(reviewed.settings, "shien_kaigi_swa", None)

    assert not reviewed.renew_policy()
    assert before == reviewed.policy.revision


def test_production_whose_bases_are_reviewed_serves_and_says_nothing(reviewed: Gateway) -> None:
    assert [] == _said_while_running(reviewed)


def test_unreviewed_bases_outside_production_are_counted_when_it_serves(trial: Settings) -> None:
    _found(trial)
    with open_gateway(trial) as opened:
        unreviewed = opened.policy.bundle.unreviewed("default")

        assert [("warning", len(unreviewed))] == _said_while_running(opened)
    assert unreviewed


def test_demo_says_that_nobody_has_reviewed_while_nobody_has() -> None:
    """The sentence goes when the first review comes."""
    bundle = build_bundle(POLICIES)

    assert "法務の確認前" in NOT_REVIEWED[0]
    assert not [id_ for id_, row in bundle.data["basis"].items() if row["reviewed_by"]]


def _said_while_running(gateway: Gateway) -> list[tuple[str, int]]:
    async def run() -> None:
        async with gateway.running():
            pass

    with capture_logs() as lines:
        asyncio.run(run())
    return [(s["log_level"], s["count"]) for s in lines if s["event"] == "policy.unreviewed"]


def _found(settings: Settings) -> None:
    outside = settings.model_copy(update={"production": False})
    with open_gateway(outside) as gateway:
        found_tenant(
            gateway.registers.registrar,
            Founding(
                pack="default",
                agency=agency_terms(CITY),
                system=system_terms("city-desk", ["operator"]),
                client_jwk=generate_signing_key().public().jwk(),
                actor=actor_terms("city-1"),
            ),
        )


def _refusal(settings: Settings) -> RevisionRejected:
    with pytest.raises(RevisionRejected) as refused, ExitStack() as stack:
        stack.enter_context(open_gateway(settings))
    return refused.value


def _bases(settings: Settings) -> list[str]:
    return [p.parent.name for p in settings.policies_dir.glob("disclosure/basis/*/basis.json")]


def _review(settings: Settings, basis: str, by: str | None) -> None:
    path = settings.policies_dir / "disclosure/basis" / basis / "basis.json"
    row = json.loads(path.read_text(encoding="utf-8"))
    row |= {"reviewed_by": by, "reviewed_on": None if by is None else "2026-04-01"}
    path.write_text(json.dumps(row, ensure_ascii=False), encoding="utf-8")
    issue = settings.policies_dir / "data/revision/data.json"
    place = json.loads(issue.read_text(encoding="utf-8"))
    issue.write_text(json.dumps({**place, "number": place["number"] + 1}), encoding="utf-8")
