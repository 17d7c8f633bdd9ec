"""What judges the rules themselves: coverage, conformance of engines, mutants."""

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.table import Table

from gateway.cli.output import NO, as_json, failures, progress_bar, said, settings

__all__ = ["CHECKS"]

_SHOWN = 40


@click.command("coverage")
@click.option("--policies", type=click.Path(path_type=Path), help="Another policies directory.")
@as_json
def coverage(*, policies: Path | None, json_: bool) -> None:
    """Say which rules have not shown both that they speak and that they do not."""
    from gateway.authoring.policy_coverage import measure_coverage  # noqa: PLC0415

    with failures(json_):
        directory, contract, corpus = _corpus(policies, json_)
        report = measure_coverage(directory, contract, corpus)
    uncovered = [r for r in report.rules if r.missing]
    answer: dict[str, Any] = {
        "rules": len(report.rules),
        "covered": len(report.rules) - len(uncovered),
        "uncovered": [
            {"rule": r.rule, "kind": r.kind, "missing": list(r.missing)} for r in uncovered
        ],
        "unregistered": list(report.unregistered),
        "never": {kind: list(ids) for kind, ids in report.never.items()},
        "inputs": report.inputs,
    }

    def human(console: Console) -> None:
        for row in answer["uncovered"]:
            console.print(
                f"[red]✗[/] {row['kind']} {row['rule']}: no {' and no '.join(row['missing'])}"
            )
        for rule in answer["unregistered"]:
            console.print(f"[red]✗[/] {rule}: a directory or a registry row, not both")
        for kind, ids in answer["never"].items():
            console.print(f"[red]✗[/] {kind} that never occurred: {' '.join(ids)}")
        console.print(
            f"{answer['covered']} of {answer['rules']} rules covered by {answer['inputs']} inputs"
        )

    said(json_, answer, human)
    if not report.complete:
        raise SystemExit(NO)


@click.command("conformance")
@click.option("--policies", type=click.Path(path_type=Path), help="Another policies directory.")
@click.option("--count", default=2000, show_default=True, help="Inputs at least.")
@click.option("--seed", default=1, show_default=True, help="Seed of the made inputs.")
@click.option(
    "--without",
    multiple=True,
    type=click.Choice(["regopy", "opa"]),
    help="An engine that may be missing here; it is named in the answer.",
)
@as_json
def conformance(
    *, policies: Path | None, count: int, seed: int, without: tuple[str, ...], json_: bool
) -> None:
    """Put the same inputs to every engine, and show where one answers otherwise."""
    from gateway.authoring.conformance import ENGINES, check_conformance  # noqa: PLC0415
    from gateway.authoring.opa_server import find_opa  # noqa: PLC0415

    began = time.monotonic()
    directory, contract, corpus = _corpus(policies, json_)
    opa = find_opa(Path(__file__).resolve().parents[2])
    with failures(json_), progress_bar("inputs", quiet=json_) as shown:
        found = check_conformance(
            directory, contract, corpus, seed=seed, count=count, opa=opa, progress=shown
        )
    histogram = found.histogram
    answer: dict[str, Any] = {
        "engines": list(found.engines),
        "missing_engines": dict(found.missing),
        "inputs": found.inputs,
        "differences": len(found.differences),
        "different": [
            {"input": d.question, "engines": list(d.engines), "members": list(d.members)}
            for d in found.differences
        ],
        "unfinished": found.unfinished,
        "histogram": {
            "outcomes": dict(histogram.outcomes),
            "bases": dict(histogram.bases),
            "stops": dict(histogram.stops),
            "reasons": dict(histogram.reasons),
            "obligations": dict(histogram.obligations),
            "missing": {kind: list(ids) for kind, ids in histogram.missing.items()},
        },
        "seed": seed,
        "seconds": round(time.monotonic() - began, 1),
    }

    def human(console: Console) -> None:
        for row in answer["different"][:_SHOWN]:
            where = " ".join(row["members"])
            console.print(
                f"{row['input']}: {' and '.join(row['engines'])} differ: {where}", markup=False
            )
        for kind, ids in answer["histogram"]["missing"].items():
            console.print(f"[yellow]{kind} that never occurred:[/] {' '.join(ids)}")
        for engine, why in answer["missing_engines"].items():
            console.print(f"[red]{engine}[/] was not asked: {why}")
        outcomes = " · ".join(f"{n} {o}" for o, n in answer["histogram"]["outcomes"].items())
        console.print(
            f"{len(found.engines)} of {len(ENGINES)} engines, {found.inputs} inputs ({outcomes}), "
            f"{answer['differences']} differences · {answer['seconds']} s"
        )

    said(json_, answer, human)
    if found.differences or histogram.missing or set(found.missing) - set(without):
        raise SystemExit(NO)


@click.command("mutate")
@click.option("--policies", type=click.Path(path_type=Path), help="Another policies directory.")
@click.option("--jobs", default=0, help="Processes; 0 for as many as there are processors.")
@click.option("--seed", default=1, show_default=True, help="Seed of samples and made inputs.")
@click.option("--sample", type=int, help="Try this many mutants of rules, not all.")
@click.option("--tables", type=int, default=400, show_default=True, help="And so many of tables.")
@click.option("--only", default="", help="A part of the path of the rules to change.")
@click.option("--at-least", default=0.95, show_default=True, help="The score that is enough.")
@as_json
def mutate(
    *,
    policies: Path | None,
    jobs: int,
    seed: int,
    sample: int | None,
    tables: int,
    only: str,
    at_least: float,
    json_: bool,
) -> None:
    """Do small wrongs to the rules, one at a time, and see whether anybody notices."""
    from gateway.authoring.mutation_run import Plan, run_mutants  # noqa: PLC0415

    began = time.monotonic()
    directory, _, corpus = _corpus(policies, json_)
    plan = Plan(seed=seed, rules=sample, tables=tables, only=only, jobs=jobs)
    with failures(json_), progress_bar("mutants", quiet=json_) as shown:
        report = run_mutants(directory, corpus, plan, shown)
    answer: dict[str, Any] = {
        "mutants": len(report.verdicts),
        "killed": report.killed,
        "excused": len(report.excused),
        "survivors": [v.mutant for v in report.survivors],
        "score": round(report.score, 4),
        "by_operator": {
            operator: dict(Counter(v.state for v in report.verdicts if v.operator == operator))
            for operator in sorted({v.operator for v in report.verdicts})
        },
        "killed_by": dict(Counter(v.by for v in report.verdicts if v.by)),
        "stillborn": report.stillborn,
        "of": dict(report.of),
        "seed": seed,
        "stale_excuses": list(report.stale),
        "seconds": round(time.monotonic() - began, 1),
    }

    def human(console: Console) -> None:
        table = Table("operator", "killed", "survived", title="Mutants")
        for operator, states in answer["by_operator"].items():
            table.add_row(operator, str(states.get("killed", 0)), str(states.get("survived", 0)))
        console.print(table)
        _some(console, "survived", answer["survivors"])
        _some(console, "stale excuse", answer["stale_excuses"])
        console.print(
            f"score {answer['score']:.3f} · {answer['killed']} of {answer['mutants']} noticed, "
            f"{answer['excused']} excused · {answer['seconds']} s"
        )

    said(json_, answer, human)
    if report.score < at_least or report.stale:
        raise SystemExit(NO)


def _corpus(policies: Path | None, json_: bool) -> tuple[Path, Any, Any]:  # noqa: FBT001 - the flag of every command
    from gateway.authoring.corpus import read_corpus  # noqa: PLC0415
    from gateway.policy.contract import PolicyContract  # noqa: PLC0415

    chosen = settings(json_)
    directory = policies or chosen.policies_dir
    schema = json.loads((chosen.schemas_dir / "policy-input.json").read_text(encoding="utf-8"))
    with failures(json_):
        contract = PolicyContract.read(chosen.schemas_dir)
        return directory, contract, read_corpus(directory, contract, schema)


def _some(console: Console, title: str, lines: list[str]) -> None:
    for line in lines[:_SHOWN]:
        console.print(f"{title}: {line}", markup=False)
    if len(lines) > _SHOWN:
        console.print(f"… and {len(lines) - _SHOWN} more; --json lists all")


CHECKS = (coverage, conformance, mutate)
