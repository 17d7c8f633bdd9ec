"""What the tests of the policy room share: one bundle, one engine, a copy to break."""

import shutil
from pathlib import Path

import pytest

from gateway.policy.bundle import PolicyBundle, build_bundle
from gateway.policy.contract import PolicyContract
from gateway.policy.embedded import EmbeddedPolicy
from tests.simulators.policy_inputs import POLICIES, SCHEMAS


@pytest.fixture(scope="session")
def contract() -> PolicyContract:
    return PolicyContract.read(SCHEMAS)


@pytest.fixture(scope="session")
def bundle() -> PolicyBundle:
    return build_bundle(POLICIES)


@pytest.fixture(scope="session")
def policy(bundle: PolicyBundle, contract: PolicyContract) -> EmbeddedPolicy:
    return EmbeddedPolicy(bundle, contract)


@pytest.fixture
def policies_copy(tmp_path: Path) -> Path:
    """A copy of the policies that a test may break."""
    return Path(shutil.copytree(POLICIES, tmp_path / "policies"))
