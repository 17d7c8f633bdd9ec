"""
Everything that OPA's own tools say about the rules: form, types, tests, coverage.

``opa fmt`` and ``opa check --strict`` with the input's schema, ``opa test`` with coverage on
the same data as in this process, ``opa inspect`` beside our reading of the annotations, and
the portable profile.
"""

import json
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gateway.authoring.policy_test import test_data
from gateway.authoring.profile_lint import lint_policies
from gateway.policy.bundle import build_bundle, sources_of

__all__ = ["check_policies", "opa_meta"]


def check_policies(directory: Path, schemas: Path, opa: Path) -> tuple[str, ...]:
    """
    Run every check that needs OPA; an empty answer means that all are content.

    Args:
        directory: The policies directory.
        schemas: The ``schemas`` directory.
        opa: The OPA program.

    Raises:
        RevisionRejected: The directory does not make a revision.
    """
    findings = [f"{f.path}: {f.rule}: {f.what}" for f in lint_policies(directory, opa)]
    findings += _said(opa, "fmt", "--fail", "--list", str(directory))
    schema = schemas / "policy-input.json"
    # What rules on disclosures read is checked against its schema; duties read another input.
    ours = ("--schema", str(schema), "--ignore", "duty")
    findings += _said(opa, "check", "--strict", *ours, str(directory))
    findings += _said(opa, "check", "--strict", str(directory))
    with tempfile.TemporaryDirectory(prefix="tasuki-policies-") as copy:
        _write_copy(directory, Path(copy))
        findings += _said(opa, "test", copy)
        findings += _uncovered(opa, Path(copy))
    if opa_meta(directory, opa) != build_bundle(directory).data["meta"]["rules"]:
        findings.append("annotations: opa inspect reads them otherwise")
    return tuple(findings)


def opa_meta(directory: Path, opa: Path) -> dict[str, Any]:
    """
    Return the texts of packages by their code, as ``opa inspect`` reads the annotations.

    Raises:
        subprocess.CalledProcessError: OPA cannot read them.
    """
    with tempfile.TemporaryDirectory(prefix="tasuki-policies-") as copy:
        _write_rules(build_bundle(directory).modules, Path(copy))
        output = _run(opa, "inspect", "--annotations", "--format", "json", copy, check=True)
    meta: dict[str, Any] = {}
    for entry in json.loads(output.stdout)["annotations"]:
        custom = entry["annotations"].get("custom", {})
        if custom.get("code", "A").islower():
            names = ("article", "title_ja", "title_en")
            meta[custom["code"]] = {name: custom[name] for name in names}
    return meta


def _uncovered(opa: Path, copy: Path) -> list[str]:
    report = json.loads(_run(opa, "test", "--coverage", str(copy)).stdout or b"{}")
    return [
        f"{Path(path).relative_to(copy)}: no test reaches line {part['start']['row']}"
        for path, file in sorted(report.get("files", {}).items())
        if not path.endswith("_test.rego") and "/checks/" not in path
        for part in file.get("not_covered", ())
    ]


def _said(opa: Path, *arguments: str) -> list[str]:
    done = _run(opa, *arguments)
    text = (done.stdout + done.stderr).decode("utf-8", "replace").strip()
    return [] if done.returncode == 0 else [f"opa {arguments[0]}: {text}"]


def _write_copy(directory: Path, copy: Path) -> None:
    _write_rules(sources_of(directory), copy)
    data = json.dumps(test_data(directory), ensure_ascii=False)
    (copy / "data.json").write_text(data, encoding="utf-8")


def _write_rules(sources: Mapping[str, str], copy: Path) -> None:
    for path, source in sources.items():
        (copy / path).parent.mkdir(parents=True, exist_ok=True)
        (copy / path).write_text(source, encoding="utf-8")


def _run(opa: Path, *arguments: str, check: bool = False) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(  # noqa: S603 - the program that make tools built
        [str(opa), *arguments], check=check, capture_output=True
    )
