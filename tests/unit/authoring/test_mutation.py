"""Small wrongs done to rules: each kind is made, and noticed where somebody looks."""

import shutil
from pathlib import Path

import pytest

from gateway.authoring.mutation import rule_mutants, table_mutants, words_of
from gateway.authoring.mutation_run import EXCUSES, Plan, read_excuses, run_mutants
from gateway.policy.bundle import build_bundle
from gateway.policy.rejection import RevisionRejected
from tests.simulators.policy_inputs import POLICIES, corpus_of

STOP = "disclosure/stop/stop_my_number/stop_my_number.rego"
SEED = 20260415


@pytest.fixture
def policies(tmp_path: Path) -> Path:
    return Path(shutil.copytree(POLICIES, tmp_path / "policies"))


def made_of(source: str) -> dict[tuple[str, str], str]:
    """Return operator and new text of each mutant of one rule file, with its whole source."""
    words = ("other", "shut")
    return {(m.operator, m.after): m.source for m in rule_mutants("lib/a.rego", source, words)}


@pytest.mark.parametrize(
    ("rule", "operator", "after"),
    [
        ('x if {\n\tinput.a == "shut"\n\tinput.b\n}', "drop_condition", "true"),
        ('x if {\n\tinput.a == "shut"\n\tinput.b\n}', "negate_condition", 'input.a != "shut"'),
        ('x if {\n\tinput.a == "shut"\n\tinput.b\n}', "negate_condition", "not input.b"),
        ('x if {\n\tinput.a == "shut"\n\tinput.b\n}', "swap_constant", 'input.a == "other"'),
        ("x if {\n\tinput.a\n\tnot input.b\n}", "negate_condition", "input.b"),
        ("x if {\n\tinput.a < 3\n\tinput.b\n}", "shift_border", "input.a <= 3"),
        ("x if {\n\tinput.a < 3\n\tinput.b\n}", "swap_constant", "input.a < 4"),
        ("x if {\n\tinput.a in input.b\n\tinput.c\n}", "widen_set", "true"),
        ('x := {"shut"}', "widen_set", 'x := {"shut", "other"}'),
        ('x := {"a", "b"}', "narrow_set", 'x := {"b"}'),
        ("x := input.a & input.b", "widen_set", "x := input.a | input.b"),
        ("x := input.a | input.b", "drop_operand", "x := input.a"),
        ("x contains 1 if input.a", "drop_rule", "x contains 1 if { false; input.a }"),
        ("due contains 1 if input.a", "drop_duty", "due contains 1 if { false; input.a }"),
    ],
)
def test_rule_mutant_changes_one_thing(rule: str, operator: str, after: str) -> None:
    source = f"package lib.a\n\nimport rego.v1\n\n{rule}\n"

    mutants = made_of(source)

    assert (operator, after) in mutants
    assert source not in mutants.values()


def test_rule_mutant_keeps_japanese_text_whole() -> None:
    """The engine counts in bytes, and leaves the quotes of a text out of its place."""
    source = 'package lib.a\n\n# 題名\nimport rego.v1\n\nx if input.a == "第1地区"\n'

    assert any('{ false; input.a == "第1地区" }' in s for s in made_of(source).values())


def test_hits_of_a_stop_can_be_lost() -> None:
    bundle = build_bundle(POLICIES)
    mutants = rule_mutants(STOP, bundle.modules[STOP], words_of(bundle.modules))

    assert "drop_stop" in {m.operator for m in mutants}


def test_table_mutants_lose_and_gain_members() -> None:
    bundle = build_bundle(POLICIES)
    mutants = list(table_mutants(bundle.data, "\n".join(bundle.modules.values())))

    lost = [m for m in mutants if m.operator == "narrow_list" and m.table == "obligations"]
    gained = [m for m in mutants if m.operator == "widen_list" and m.table == "basis"]
    assert lost
    assert gained
    assert bundle.data["basis"] != gained[0].applied(bundle.data)["basis"]


def test_sample_of_mutants_is_noticed() -> None:
    """A small seeded sample; the whole is tried in the long run."""
    plan = Plan(seed=SEED, rules=12, tables=1, made=0, jobs=1)

    report = run_mutants(POLICIES, corpus_of(POLICIES), plan)

    assert 13 == len(report.verdicts) + report.stillborn
    assert report.score >= 0.7, [v.mutant for v in report.survivors]
    assert not report.stale


@pytest.mark.long
def test_mutants_are_noticed() -> None:
    """Every mutant of every rule, and a seeded sample of the tables'."""
    plan = Plan(seed=SEED, tables=400)

    report = run_mutants(POLICIES, corpus_of(POLICIES), plan)

    assert report.score >= 0.95, [v.mutant for v in report.survivors]
    assert not report.stale


def test_survivor_is_what_nothing_depends_on_and_can_be_excused(policies: Path) -> None:
    """One needless condition: nobody notices its loss; an excuse for anything else is stale."""
    rule = policies / STOP
    text = rule.read_text(encoding="utf-8")
    needless = '\tfield.screener != ""\n\tfield.id != "nothing"\n\tfield.id != "void"\n'
    rule.write_text(text.replace('\tfield.screener != ""\n', needless), encoding="utf-8")
    excused = f'{STOP} _clear: drop_condition: field.id != "nothing" => true'
    noticed = f'{STOP} _clear: drop_condition: field.my_number == "clear" => true'
    excuses = f"# why\n{excused} ## no field has that name\n{noticed} ## nobody looks\n"
    (policies / EXCUSES).write_text(excuses, encoding="utf-8")
    for others in policies.rglob("*_test.rego"):
        if others.parent != rule.parent:
            others.unlink()
    plan = Plan(seed=SEED, tables=0, only=STOP, made=0, jobs=1)

    report = run_mutants(policies, corpus_of(policies), plan)

    survivors = [v.mutant for v in report.survivors]
    assert f'{STOP} _clear: drop_condition: field.id != "void" => true' in survivors
    assert excused not in survivors
    assert (excused,) == report.excused
    assert (noticed,) == report.stale


@pytest.mark.parametrize("line", ["a => b", "a => b ## ", "a ## why\na ## why"])
def test_excuse_without_a_reason_or_twice_is_refused(policies: Path, line: str) -> None:
    (policies / EXCUSES).write_text(line, encoding="utf-8")

    with pytest.raises(RevisionRejected, match="expected"):
        read_excuses(policies)
