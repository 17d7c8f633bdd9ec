"""
What the chart puts into a cluster, and what no value can switch off.

The manifests are the golden renders, which ``test_chart.py`` compares with Helm's own.
"""

import asyncio
import contextlib
import copy
import os
import re
import runpy
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from gateway.domain.disclosure import Outcome
from gateway.domain.policy import PolicyAnswer
from gateway.policy.bundle import build_bundle
from gateway.policy.contract import PolicyContract
from gateway.policy.opa import OPAPolicy
from gateway.settings import load_settings
from tests.simulators.policy_inputs import SCHEMAS, known

ROOT = Path(__file__).resolve().parents[3]
GOLDEN = runpy.run_path(str(ROOT / "deploy/helm/golden.py"))
CASES = sorted(GOLDEN["CASES"])


def manifests(case: str) -> list[dict[str, Any]]:
    """Return every resource of one golden render."""
    text = GOLDEN["golden"](case).read_text(encoding="utf-8")
    return [m for m in yaml.safe_load_all(text) if m]


def manifest(case: str, kind: str, name: str = "tasuki") -> dict[str, Any]:
    (found,) = [m for m in manifests(case) if m["kind"] == kind and m["metadata"]["name"] == name]
    return found


def pods(resources: list[dict[str, Any]]) -> Iterator[tuple[dict[str, str], dict[str, Any]]]:
    """Yield labels and specification of every pod, whatever makes it."""
    for resource in resources:
        if resource["kind"] == "Pod":
            yield resource["metadata"]["labels"], resource["spec"]
        elif "template" in resource.get("spec", {}):
            template = resource["spec"]["template"]
            yield template["metadata"]["labels"], template["spec"]


def faults(pod: dict[str, Any]) -> list[str]:
    """Return every promise of safety that a pod's specification breaks."""
    context = pod.get("securityContext", {})
    found = [
        text
        for kept, text in [
            (pod.get("automountServiceAccountToken") is False, "token"),
            (pod.get("enableServiceLinks") is False, "service links"),
            (not {"hostNetwork", "hostPID", "hostIPC"} & set(pod), "host"),
            (context.get("runAsNonRoot") is True, "root"),
            (context.get("runAsUser", 0) > 0, "root"),
            (context.get("seccompProfile") == {"type": "RuntimeDefault"}, "seccomp"),
            (not any("hostPath" in v for v in pod.get("volumes", ())), "host"),
        ]
        if not kept
    ]
    for container in [*pod.get("initContainers", ()), *pod["containers"]]:
        found += [f"{container['name']}: {text}" for text in container_faults(container)]
    return found


def container_faults(container: dict[str, Any]) -> list[str]:
    context = container.get("securityContext", {})
    wanted = {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "runAsNonRoot": True,
        "capabilities": {"drop": ["ALL"]},
    }
    found = [name for name, value in wanted.items() if context.get(name) != value]
    found += [f"not asked for: {name}" for name in set(context) - set(wanted)]
    if not re.search(r"@sha256:[0-9a-f]{64}$", container["image"]):
        found.append("image without digest")
    if "memory" not in container.get("resources", {}).get("limits", {}):
        found.append("no memory limit")
    if any("secretKeyRef" in e.get("valueFrom", {}) for e in container.get("env", ())):
        found.append("secret in the environment")
    return found


@pytest.mark.parametrize("case", CASES)
def test_manifests_are_valid_for_the_newest_kubernetes(case: str) -> None:
    version = kubernetes_validate.latest_version()

    for resource in manifests(case):
        kubernetes_validate.validate(resource, version, strict=True)


def test_manifest_with_an_unknown_member_is_noticed() -> None:
    broken = manifest("production", "Deployment")
    broken["spec"]["replica"] = 1

    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, kubernetes_validate.latest_version(), strict=True)


@pytest.mark.parametrize(
    ("where", "value", "fault"),
    [
        ("pod.automountServiceAccountToken", True, "token"),
        ("pod.enableServiceLinks", True, "service links"),
        ("pod.hostNetwork", True, "host"),
        ("pod.securityContext", {}, "root"),
        ("pod.volumes", [{"name": "a", "hostPath": {"path": "/"}}], "host"),
        ("container.securityContext", {}, "readOnlyRootFilesystem"),
        ("container.image", "tasuki:latest", "image without digest"),
        ("container.resources", {}, "no memory limit"),
        ("container.env", [{"valueFrom": {"secretKeyRef": {}}}], "secret in the environment"),
    ],
)
def test_faults_of_an_unsafe_pod_are_found(where: str, value: Any, fault: str) -> None:
    pod = copy.deepcopy(manifest("production", "Deployment")["spec"]["template"]["spec"])
    owner, _, member = where.partition(".")
    (pod if owner == "pod" else pod["containers"][0])[member] = value

    assert any(fault in found for found in faults(pod))


@pytest.mark.parametrize("case", CASES)
def test_every_pod_keeps_every_promise_of_safety(case: str) -> None:
    found = {
        labels["app.kubernetes.io/component"]: faults(pod) for labels, pod in pods(manifests(case))
    }

    assert found == {"gateway": [], "migration": [], "test": []}


@pytest.mark.parametrize("case", CASES)
def test_every_pod_is_denied_all_but_what_its_policy_lists(case: str) -> None:
    policies = [m["spec"] for m in manifests(case) if m["kind"] == "NetworkPolicy"]
    ports: dict[str, set[int]] = {}
    for labels, _ in pods(manifests(case)):
        chosen = [p for p in policies if p["podSelector"]["matchLabels"].items() <= labels.items()]
        assert all(p["policyTypes"] == ["Ingress", "Egress"] for p in chosen)
        assert any("ingress" not in p and "egress" not in p for p in chosen)
        rules = [rule for p in chosen for rule in p.get("egress", ())]
        assert all(rule["to"] for rule in rules)
        component = labels["app.kubernetes.io/component"]
        ports[component] = {port["port"] for rule in rules for port in rule["ports"]}

    assert ports == {"gateway": {53, 5432}, "migration": {53, 5432}, "test": {53, 8420}}


@pytest.mark.parametrize(("case", "listed"), [("minimal", 0), ("production", 1)])
def test_gateway_is_reached_by_its_test_and_the_listed_alone(case: str, listed: int) -> None:
    (rule,) = manifest(case, "NetworkPolicy", "tasuki-gateway")["spec"]["ingress"]

    test, *others = rule["from"]

    assert test["podSelector"]["matchLabels"]["app.kubernetes.io/component"] == "test"
    assert len(others) == listed
    assert [8420] == [port["port"] for port in rule["ports"]]


def test_there_is_one_writer_at_any_time() -> None:
    spec = manifest("production", "Deployment")["spec"]

    assert spec["replicas"] == 1
    assert spec["strategy"] == {"type": "Recreate"}


def test_gateway_never_sees_the_url_of_the_owner_of_the_tables() -> None:
    volumes = {
        labels["app.kubernetes.io/component"]: {v["name"]: v for v in pod.get("volumes", ())}
        for labels, pod in pods(manifests("production"))
    }

    keys = {
        component: [item["key"] for item in named["database"]["secret"]["items"]]
        for component, named in volumes.items()
        if "database" in named
    }
    assert keys == {"gateway": ["database-url"], "migration": ["migration-url"]}


@pytest.mark.parametrize("case", CASES)
def test_settings_are_accepted_by_the_gateway(
    case: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "database-url").write_text("postgresql://gateway@db/tasuki\n", encoding="utf-8")
    data = manifest(case, "ConfigMap")["data"]
    for name, value in data.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("TASUKI_DATABASE_URL_FILE", str(tmp_path / "database-url"))

    settings = load_settings()

    assert settings.log_origin == "tasuki.aoba.example/audit/main"
    assert settings.pdp == "opa"
    assert str(settings.keys_dir) == "/run/secrets/tasuki/keys"
    assert "/run/secrets/tasuki/database/database-url" == data["TASUKI_DATABASE_URL_FILE"]


def test_policies_of_another_revision_stop_the_pod(tmp_path: Path) -> None:
    done = prepare_policies(tmp_path, revision="sha256:" + 64 * "2")

    assert done.returncode == 1
    assert build_bundle(ROOT / "policies").revision in done.stderr
    assert not (tmp_path / "bundle.tar.gz").exists()


def test_policies_of_the_named_revision_reach_opa(tmp_path: Path) -> None:
    bundle = build_bundle(ROOT / "policies")

    done = prepare_policies(tmp_path, revision=bundle.revision)

    assert done.returncode == 0, done.stderr
    assert (tmp_path / "bundle.tar.gz").read_bytes() == bundle.archive


def test_opa_started_as_in_the_chart_decides_and_shows_health_alone(
    opa: Path, tmp_path: Path
) -> None:
    """The pinned OPA takes every flag; what kubelet reaches is no way to the rules."""
    bundle = build_bundle(ROOT / "policies")
    (tmp_path / "bundle.tar.gz").write_bytes(bundle.archive)
    health, port = free_port(), free_port()
    here = {
        "127.0.0.1:8181": f"127.0.0.1:{port}",
        "0.0.0.0:8282": f"127.0.0.1:{health}",
        "/bundle/": f"{tmp_path}/",
    }

    with subprocess.Popen([str(opa), *replaced(container("opa")["args"], here)]) as server:  # noqa: S603 - the program that make tools built
        try:
            ready = answers(f"http://127.0.0.1:{health}/health?bundles", while_runs=server)
            closed = answers(f"http://127.0.0.1:{health}/v1/data", once=True, while_runs=server)
            answer = asyncio.run(decide(bundle.revision, port))
        finally:
            server.terminate()

    assert ready
    assert not closed
    assert answer.outcome is Outcome.PERMIT


async def decide(revision: str, port: int) -> PolicyAnswer:
    policy = OPAPolicy(PolicyContract.read(SCHEMAS), revision=revision, port=port, timeout_s=5.0)
    async with policy:
        return await policy.decide(known("consent_private"))


def container(name: str) -> dict[str, Any]:
    spec = manifest("production", "Deployment")["spec"]["template"]["spec"]
    (found,) = [c for c in [*spec["initContainers"], *spec["containers"]] if c["name"] == name]
    return found


def prepare_policies(directory: Path, *, revision: str) -> subprocess.CompletedProcess[str]:
    """Run what the init container runs, on this checkout's policies."""
    init = container("policies")
    environment = {
        "POLICIES": str(ROOT / "policies"),
        "REVISION": revision,
        "BUNDLE": str(directory / "bundle.tar.gz"),
    }
    assert set(environment) == {e["name"] for e in init["env"]}
    return subprocess.run(  # noqa: S603 - the chart's own program
        [sys.executable, *init["command"][1:], *init["args"]],
        env=environment | {"PATH": os.environ["PATH"]},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )


def replaced(arguments: list[str], words: dict[str, str]) -> list[str]:
    changed = []
    for argument in arguments:
        for old, new in words.items():
            argument = argument.replace(old, new)  # noqa: PLW2901 - each word in turn
        changed.append(argument)
    return changed


def answers(url: str, *, while_runs: subprocess.Popen[bytes], once: bool = False) -> bool:
    """Whether a URL answers 200, at once or within 15 seconds."""
    until = time.monotonic() + 15
    while time.monotonic() < until and while_runs.poll() is None:
        with (
            contextlib.suppress(urllib.error.URLError, OSError),
            urllib.request.urlopen(url, timeout=1) as response,  # noqa: S310 - loopback
        ):
            return bool(response.status == 200)
        if once:
            return False
        time.sleep(0.05)
    return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
