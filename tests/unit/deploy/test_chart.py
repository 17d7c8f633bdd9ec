"""The Helm chart: which values it refuses, what it renders, what it says of itself."""

import os
import re
import runpy
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[3]
CHART = ROOT / "deploy/helm/tasuki"
HELM = ROOT / ".tools/helm"
GOLDEN = runpy.run_path(str(ROOT / "deploy/helm/golden.py"))
README = runpy.run_path(str(ROOT / "deploy/helm/readme.py"))
CASES = sorted(GOLDEN["CASES"])

needs_helm = pytest.mark.skipif(
    not HELM.is_file() and os.environ.get("CI") != "true",
    reason="no Helm binary: run `make tools`",
)


def refused(*arguments: str) -> str:
    """Return why Helm refuses the production example with further arguments."""
    with pytest.raises(subprocess.CalledProcessError) as refusal:
        GOLDEN["render"]("production", *arguments)
    return str(refusal.value.stderr)


@needs_helm
@pytest.mark.helm
@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("replicas=2", "replicas"),
        ("extraEnv=x", "extraEnv"),
        ("image.tag=latest", "tag"),
        ("settings.host=0.0.0.0", "host"),
        ("settings.pdp=embedded", "pdp"),
        ("securityContext.runAsUser=0", "securityContext"),
        ("network.enabled=false", "enabled"),
        ("image.digest=latest", "image/digest"),
        ("policies.revision=sha256:1", "policies/revision"),
        ("policies.allow_older=true", "policies/allow_older"),
        ("settings.origin=http://tasuki.aoba.example", "settings/origin"),
        ("settings.log_level=trace", "settings/log_level"),
        ("settings.token_life_s=601", "settings/token_life_s"),
        ("settings.dry_runs_per_minute=0", "settings/dry_runs_per_minute"),
        ("settings.production=perhaps", "settings/production"),
        ("witnesses.policy=quorum none", "witnesses/policy"),
        ("witnesses.max_age_s=0", "witnesses/max_age_s"),
        ("network.witnesses[0].ipBlock.cidr=0.0.0.0/0", "cidr"),
        ("network.database[0].ipBlock.cidr=0.0.0.0/0", "cidr"),
        ("network.clients[0].ipBlock.cidr=::/0", "cidr"),
        ("network.dns=null", "missing property .dns."),
        ("resources.limits.memory=null", "memory"),
    ],
)
def test_value_that_is_unknown_or_unsafe_is_refused(value: str, why: str) -> None:
    assert re.search(why, refused("--set", value))


@needs_helm
@pytest.mark.helm
@pytest.mark.parametrize("peer", ["{}", '{"namespaceSelector":{}}', '{"podSelector":{}}'])
@pytest.mark.parametrize("side", ["clients", "database"])
def test_peer_that_is_everybody_is_refused(side: str, peer: str) -> None:
    assert f"network/{side}" in refused("--set-json", f"network.{side}=[{peer}]")


@needs_helm
@pytest.mark.helm
@pytest.mark.parametrize(
    "value",
    [
        "image.repository",
        "image.digest",
        "policies.revision",
        "settings.origin",
        "settings.tenant",
        "database.secretName",
        "keys.secretName",
        "opa.image.digest",
    ],
)
def test_missing_value_is_refused_with_its_name(value: str) -> None:
    assert re.search(rf"(Say|Name) [^:]+: {re.escape(value)}", refused("--set", f"{value}="))


@needs_helm
@pytest.mark.helm
def test_missing_database_peer_is_refused_with_its_name() -> None:
    assert "network.database" in refused("--set-json", "network.database=[]")


@needs_helm
@pytest.mark.helm
@pytest.mark.parametrize("case", CASES)
def test_chart_passes_the_strict_lint(case: str) -> None:
    done = subprocess.run(  # noqa: S603 - the program that make tools built
        [str(HELM), "lint", "--strict", str(CHART), "--values", str(GOLDEN["CASES"][case])],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout
    assert "WARN" not in done.stdout + done.stderr


@needs_helm
@pytest.mark.helm
@pytest.mark.parametrize("case", CASES)
def test_render_equals_the_golden_file(case: str) -> None:
    """After a change that is meant: ``make chart``, and read the difference."""
    assert GOLDEN["golden"](case).read_text(encoding="utf-8") == GOLDEN["render"](case)


@needs_helm
@pytest.mark.helm
def test_older_revision_that_is_allowed_reaches_the_gateway() -> None:
    digest = "sha256:" + 64 * "4"

    rendered = GOLDEN["render"]("minimal", "--set", f"policies.allow_older={digest}")

    assert f'TASUKI_POLICY_ALLOW_OLDER: "{digest}"' in rendered
    assert "TASUKI_POLICY_ALLOW_OLDER" not in GOLDEN["render"]("minimal")


@needs_helm
@pytest.mark.helm
def test_policy_of_witnesses_reaches_the_gateway_and_the_gateway_reaches_them(
    tmp_path: Path,
) -> None:
    policy, peers = tmp_path / "policy", tmp_path / "peers.yaml"
    policy.write_text("# 見守る機関\nquorum none\n", encoding="utf-8")
    peers.write_text("network: {witnesses: [{ipBlock: {cidr: 192.0.2.77/32}}]}\n", encoding="utf-8")

    text = GOLDEN["render"](
        "minimal", "--set-file", f"witnesses.policy={policy}", "--values", str(peers)
    )

    parts = {(p["kind"], p["metadata"]["name"]): p for p in yaml.safe_load_all(text) if p}
    pod = parts["Deployment", "tasuki"]["spec"]["template"]["spec"]
    (gateway,) = (c for c in pod["containers"] if c["name"] == "gateway")
    (mount,) = (m for m in gateway["volumeMounts"] if m["name"] == "witnesses")
    (volume,) = (v for v in pod["volumes"] if v["name"] == "witnesses")
    kept = parts["ConfigMap", volume["configMap"]["name"]]["data"]
    assert {"policy": policy.read_text(encoding="utf-8")} == kept
    named = parts["ConfigMap", "tasuki"]["data"]["TASUKI_WITNESS_POLICY"]
    assert f"{mount['mountPath']}/policy" == named
    ways = parts["NetworkPolicy", "tasuki-gateway"]["spec"]["egress"]
    to_witness = {"ipBlock": {"cidr": "192.0.2.77/32"}}
    assert [443] == [w["ports"][0]["port"] for w in ways if to_witness in w["to"]]
    assert "witnesses" not in GOLDEN["render"]("minimal").replace("quorum of witnesses", "")


def test_value_without_a_description_is_refused() -> None:
    with pytest.raises(README["Undescribed"], match=r"image\.tag"):
        README["read_values"]("image:\n  # -- Where it is.\n  repository: a\n  tag: b\n")


def test_readme_names_every_value() -> None:
    """After a change of values: ``make chart``."""
    source = (CHART / "values.yaml").read_text(encoding="utf-8")

    assert README["README"].read_text(encoding="utf-8") == README["readme"](source)


def test_values_and_their_schema_name_the_same() -> None:
    schema = yaml.safe_load((CHART / "values.schema.json").read_text(encoding="utf-8"))
    values = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))

    assert schema["properties"].keys() - {"global"} == values.keys()
    for name, rule in schema["properties"].items():
        if "properties" in rule:
            assert rule["additionalProperties"] is False
            assert rule["properties"].keys() == values[name].keys()
