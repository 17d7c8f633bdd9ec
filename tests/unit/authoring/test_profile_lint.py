"""The portable profile, on small syntax trees as OPA writes them."""

from pathlib import Path

import pytest

from gateway.authoring.opa_server import find_opa
from gateway.authoring.policy_check import check_policies
from gateway.authoring.profile_lint import lint_policies
from tests.simulators.policy_inputs import POLICIES, SCHEMAS

OPA = find_opa(POLICIES.parent)
pytestmark = [
    pytest.mark.opa,
    pytest.mark.skipif(OPA is None, reason="no OPA binary: run `make tools`"),
]
_HEAD = "package lib.a\n\nimport rego.v1\n\nimport data.lib.facts\n\n"


@pytest.mark.parametrize(
    ("body", "what"),
    [
        ("x := time.now_ns()", "time.now_ns is not portable"),
        ('x := crypto.sha256("a")', "crypto.sha256 is not portable"),
        ('x := http.send({"method": "get", "url": "a"})', "http.send is not portable"),
        ("x := opa.runtime()", "opa.runtime is not portable"),
        ('x := lower("A")', "lower is not portable"),
        ("x := rego.metadata.rule()", "rego.metadata.rule is not portable"),
        ("x if print(1)", "print is not portable"),
        ("x := 0.5", "a number with a fraction"),
        ("x if { some i; data.disclosure.stop[i].hits }", "a variable inside a path"),
        ("x := data.basis.consent_private", "looks into a table"),
        ("x := facts.main_subject", "use its full path"),
        ("x if not f(input.a.b)\n\nf(a) if a", "looks up input.a.b: bind it first"),
        ("x if not 1 in input.list", "not in(…) looks up input.list"),
        ("x if data.lib.b.y with input as {}", "with outside a test"),
        ("x if {\n\tevery a in [1] {\n\t\tnot a in {2}\n\t}\n}", "not inside every"),
        ("x := 1\n\ny := z if { x := 2; z := x }", "the local variable x has the name of a rule"),
        ("y := 1 if some facts in [1]", "the local variable facts has the name"),
    ],
)
def test_lint_finds_what_is_not_portable(tmp_path: Path, body: str, what: str) -> None:
    assert OPA is not None
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/a.rego").write_text(f"{_HEAD}{body}\n", encoding="utf-8")

    findings = lint_policies(tmp_path, OPA)

    assert any(what in f.what for f in findings), findings


@pytest.mark.parametrize(
    "body",
    [
        "_basis := data.basis\n\nx := _basis[input.id].rank",
        "x := data.lib.facts.main_subject",
        "x := facts.about(1)",
        "x if { some a in input.list; not a in {1, 2} }",
        "x if {\n\tevery a in [1] {\n\t\ta in {1}\n\t}\n}",
        "x if { a := input.b; not f(a) }\n\nf(a) if a > 1",
    ],
)
def test_lint_is_content_with_the_portable_form(tmp_path: Path, body: str) -> None:
    assert OPA is not None
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/a.rego").write_text(f"{_HEAD}{body}\n", encoding="utf-8")

    assert not lint_policies(tmp_path, OPA)


def test_policies_pass_every_check_of_opa() -> None:
    """Form, strict types with the input's schema, tests, coverage, annotations, profile."""
    assert OPA is not None

    assert not check_policies(POLICIES, SCHEMAS, OPA)
