"""What regopy does not take as it is, spelled otherwise for it: the answer stays the same."""

import json

import pytest

from gateway.authoring.regopy_engine import regopy_asking, respelled
from gateway.domain.errors import PolicyUnavailable
from gateway.policy.bundle import PolicyBundle
from gateway.policy.interpreter import engine_for

_HEAD = "package lib.a\n\nimport rego.v1\n\nimport data.lib.b\n\n"
_OTHER = "package lib.b\n\nimport rego.v1\n\nsaid(code, subject) := [code, subject]\n"
_NOT_READ = "x if every a in [1] {\n\ta == 1\n}"
_TABLE = {"rows": {"a": {"v": 1}, "b": {"v": 2}}}
_INPUT = {"codes": ["a", "b"], "of": {"p": "main", "q": "other"}}


def bundle_of(rules: str) -> PolicyBundle:
    modules = {"lib/a.rego": f"{_HEAD}{rules}\n", "lib/b.rego": _OTHER}
    return PolicyBundle("sha256:none", modules, _TABLE, b"")


def interpreted(bundle: PolicyBundle) -> object:
    engine = engine_for(bundle.modules, bundle.data_json)
    engine.set_input_json(json.dumps(_INPUT))
    return json.loads(engine.eval_rule_as_json("data.lib.a.x"))


@pytest.mark.parametrize(
    "rules",
    [
        'said(code) := {b.said(code, 1) | input.codes}\n\nx := [said("a"), said("b")]',
        'f(c) := {[c, y] | some y in [1]}\n\nx := [f("a"), f("b")]',
        "_rows := data.rows\n\nf(c) := _rows[c].v\n\nx := [f(c) | some c in input.codes]",
        "f(c) := {k | some k in [1, 2]; data.rows[c].v == k}\n\nx := [f(c) | some c in [`a`, `b`]]",
        "f(c) if {\n\tevery k in [1] {\n\t\tdata.rows[c].v == k\n\t}\n}\n\nx := [f(`a`), 1]",
        'x := {s | some s, kind in input.of; kind == "main"}',
        "x := {s | some s, _ in input.of}",
        'p := {"a" | input.codes}\n\nx := {sprintf("fact:%s", [t]) | some t in p}',
        'f(c) := "題名" if c == "a"\n\nf(c) := c if c != "a"\n\nx := [f(c) | some c in ["a", "b"]]',
    ],
)
def test_regopy_answers_respelled_rules_as_the_interpreter(rules: str) -> None:
    bundle = bundle_of(rules)

    with regopy_asking(bundle, "lib.a.x") as ask:
        answer = ask("lib.a.x", _INPUT)

    assert interpreted(bundle) == answer
    assert bundle.modules["lib/a.rego"] != respelled(bundle.modules)["lib/a.rego"]


def test_regopy_that_cannot_build_rules_is_silence() -> None:
    with pytest.raises(PolicyUnavailable), regopy_asking(bundle_of(_NOT_READ), "lib.a.x") as ask:
        ask("lib.a.x", _INPUT)


def test_regopy_asked_for_another_path_is_silence() -> None:
    with (
        regopy_asking(bundle_of("x := 1"), "lib.a.x") as ask,
        pytest.raises(PolicyUnavailable, match="not built"),
    ):
        ask("lib.a.y", _INPUT)


def test_regopy_process_sees_no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """``opa.runtime()`` shows the environment there: nothing of ours must be in it."""
    monkeypatch.setenv("TASUKI_TEST_SECRET", "fictional")

    with regopy_asking(bundle_of("x := opa.runtime()"), "lib.a.x") as ask:
        assert "fictional" not in json.dumps(ask("lib.a.x", _INPUT))
