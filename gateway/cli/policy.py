"""``tasuki policy``: what authors of rules do every day, in this process."""

import json
from pathlib import Path

import click
from rich.console import Console

from gateway.cli.output import NO, as_json, fail, failures, said, settings
from gateway.cli.policy_authoring import COMMANDS
from gateway.cli.policy_bundles import BUNDLES
from gateway.cli.policy_checks import CHECKS

__all__ = ["policy"]


@click.group()
def policy() -> None:
    """The law as rules: written, explained, compared, tried on the past."""


@policy.command("test")
@click.option("--only", default="", help="A part of the path of the tests to run.")
@as_json
def test(*, only: str, json_: bool) -> None:
    """Run the Rego tests and the known cases by which a revision may serve."""
    from gateway.authoring.policy_test import run_policy_tests  # noqa: PLC0415
    from gateway.policy.contract import PolicyContract  # noqa: PLC0415
    from gateway.policy.selfcheck import load_policy  # noqa: PLC0415

    chosen = settings(json_)
    with failures(json_):
        _, bundle = load_policy(chosen.policies_dir, PolicyContract.read(chosen.schemas_dir))
        report = run_policy_tests(chosen.policies_dir, only=only)
    uncovered = {path: list(lines) for path, lines in report.uncovered.items() if lines}
    answer = {
        "revision": bundle.revision,
        "passed": len(report.tests) - len(report.failed),
        "failed": [{"path": t.path, "name": t.name, "detail": t.detail} for t in report.failed],
        "uncovered": uncovered if not only else {},
    }

    def human(console: Console) -> None:
        for failed in report.failed:
            console.print(f"[red]✗[/] {failed.path} {failed.name} {failed.detail}")
        console.print(f"{answer['passed']} passed, {len(report.failed)} failed · {bundle.revision}")

    said(json_, answer, human)
    if report.failed or not report.tests:
        raise SystemExit(NO)


@policy.command()
@click.option("--check", is_flag=True, help="Write nothing; fail when something is out of date.")
@click.option(
    "--site",
    type=click.Path(path_type=Path, file_okay=False),
    help="Write the living documentation into this directory instead.",
)
@click.option(
    "--features",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Where the features of the site are; tests/features beside the policies unless given.",
)
@click.option(
    "--results",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="What pytest --cucumberjson wrote; without it the site shows every scenario as not run.",
)
@as_json
def docs(
    *,
    check: bool,
    site: Path | None,
    features: Path | None,
    results: Path | None,
    json_: bool,
) -> None:
    """Write the list of rules (policies/README.md) anew, or the living documentation."""
    from gateway.authoring.policy_docs import policies_readme  # noqa: PLC0415

    chosen = settings(json_)
    directory = chosen.policies_dir
    with failures(json_):
        if site is None:
            _write(directory / "README.md", policies_readme(directory), check, json_)
            return
        told = features or directory.resolve().parent / "tests/features"
        _write_site(site, told, results, json_)


def _write_site(site: Path, features: Path, results: Path | None, json_: bool) -> None:  # noqa: FBT001 - the flag of every command
    from gateway.authoring.corpus import read_corpus  # noqa: PLC0415
    from gateway.authoring.policy_coverage import measure_coverage  # noqa: PLC0415
    from gateway.authoring.site import write_site  # noqa: PLC0415
    from gateway.policy.contract import PolicyContract  # noqa: PLC0415

    chosen = settings(json_)
    contract = PolicyContract.read(chosen.schemas_dir)
    schema = json.loads((chosen.schemas_dir / "policy-input.json").read_text(encoding="utf-8"))
    corpus = read_corpus(chosen.policies_dir, contract, schema)
    count = write_site(
        site,
        policies=chosen.policies_dir,
        features=features,
        results=results,
        coverage=measure_coverage(chosen.policies_dir, contract, corpus),
    )
    index = site / "index.html"
    said(
        json_,
        {"site": str(site), "index": str(index), "pages": count},
        lambda console: console.print(f"{index}: {count} pages"),
    )


@policy.command()
@click.option("--check", is_flag=True, help="Write nothing; fail when something is out of date.")
@as_json
def compose(*, check: bool, json_: bool) -> None:
    """Write the composition of all rules anew from the directories."""
    from gateway.policy.composition import GENERATED, generated_main  # noqa: PLC0415

    chosen = settings(json_)
    with failures(json_):
        text = generated_main(chosen.policies_dir)
        _write(chosen.policies_dir / GENERATED, text, check, json_)


def _write(path: Path, text: str, check: bool, json_: bool) -> None:  # noqa: FBT001 - two flags of the commands above
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    if check and before != text:
        fail(json_, "out-of-date", f"{path.name} is out of date", NO)
    if before != text:
        path.write_text(text, encoding="utf-8")
    changed = before != text
    said(
        json_,
        {"file": path.name, "changed": changed},
        lambda console: console.print(f"{path.name}: {'written' if changed else 'unchanged'}"),
    )


for _command in (*COMMANDS, *CHECKS, *BUNDLES):
    policy.add_command(_command)
