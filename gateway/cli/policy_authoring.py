"""Commands for those who write policy: eval, docs, new, diff, replay."""

import getpass
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from gateway.cli.output import (
    UNVERIFIED,
    WRONG,
    as_json,
    fail,
    failures,
    progress_bar,
    said,
    settings,
)

if TYPE_CHECKING:
    from gateway.authoring.outcomes import Outline
    from gateway.authoring.policy_diff import Change, PolicyDiff, Revision
    from gateway.authoring.policy_eval import Evaluation, FieldTrace, Step
    from gateway.authoring.policy_replay import ChangedGroup, ReplayReport
    from gateway.crypto.keys import VerifyKey
    from gateway.settings import Settings

__all__ = ["COMMANDS"]

_OUTCOMES: Final = {
    "permit": "[bold green]提供する[/]",
    "deny": "[bold red]提供しない[/]",
    "not_applicable": "[bold red]提供しない(当てはまる根拠がない)[/]",
}
_STANDINGS: Final = {
    "carries": "[bold green]● 決め手[/]",
    "holds": "[green]○ 成り立つ[/]",
    "eligible": "[yellow]△ 満たさない[/]",
    "candidate": "[yellow]× 使えない[/]",
    "elsewhere": "[dim]- 対象外[/]",
    "": "[dim]-[/]",
}


@click.command("eval")
@click.argument("input_file", type=click.File("rb"))
@click.option(
    "--engine",
    type=click.Choice(["interpreter", "compiled", "opa"]),
    default="interpreter",
    show_default=True,
    help="Who is asked; opa is the one that make tools builds.",
)
@as_json
def evaluate(*, input_file: Any, engine: str, json_: bool) -> None:
    """Decide one policy input (- is standard input), and say which rules did and why not others."""
    from gateway.authoring.opa_server import find_opa  # noqa: PLC0415
    from gateway.authoring.policy_eval import evaluate_input  # noqa: PLC0415
    from gateway.crypto.json_reader import UnreadableJSON, read_json_object  # noqa: PLC0415
    from gateway.policy.contract import PolicyContract  # noqa: PLC0415

    chosen = settings(json_)
    try:
        question = read_json_object(input_file.read(), max_bytes=1 << 20)
    except UnreadableJSON as error:
        fail(json_, "malformed-request", str(error), WRONG)
    with failures(json_):
        contract = PolicyContract.read(chosen.schemas_dir)
        opa = find_opa(chosen.policies_dir.resolve().parent) if engine == "opa" else None
        found = evaluate_input(chosen.policies_dir, contract, question, engine=engine, opa=opa)
    said(json_, _evaluation(found), lambda console: _show_evaluation(console, found))


def _evaluation(found: "Evaluation") -> Mapping[str, Any]:
    from dataclasses import asdict  # noqa: PLC0415

    answer = asdict(found)
    del answer["reasons"]
    for step, shown in zip(found.steps, answer["steps"], strict=True):
        shown["spoke"] = step.spoke
    return answer


def _show_evaluation(console: Console, found: "Evaluation") -> None:
    console.print(f"判定: {_OUTCOMES[found.decision['outcome']]}")
    console.print(f"  版 {found.revision}\n  評価器 {found.engine}", style="dim")
    titles = {s.rule: s.title_ja for s in found.steps}
    console.print("\n[bold]項目[/]")
    for field in found.fields:
        console.print(_field_line(field, titles, found.reasons), soft_wrap=True)
    if found.decision["reasons"]:
        console.print("\n[bold]理由と次の一歩[/]")
    for reason in found.decision["reasons"]:
        sentence = f"  {reason['code']}  {reason['title_ja']}({reason['article']})"
        console.print(f"{sentence}\n    → {reason['next_step_ja']}", soft_wrap=True)
    if found.decision["held_by"]:
        console.print(f"  解くことができる: {'、'.join(found.decision['held_by'])}")
    console.print()
    console.print(
        _table("停止と登録の確認", found.steps, {"stop", "parties", "minimise", "safeguards"})
    )
    console.print(_table("根拠(法の順)", found.steps, {"basis"}))
    duties = [s for s in found.steps if s.kind == "obligation"]
    if duties:
        console.print("[bold]提供に付す条件[/]")
    for duty in duties:
        console.print(f"  {duty.rule}  {duty.title_ja}")


def _field_line(field: "FieldTrace", titles: Mapping[str, str], reasons: Mapping[str, str]) -> str:
    if field.passes:
        why = "、".join(titles.get(b, b) for b in field.bases)
        return f"  [green]✓[/] {field.label_ja} ({field.field})  {why}"
    against = "、".join(f"{reasons.get(c, c)} \\[{r}]" for c, r in field.against)
    return f"  [red]✗[/] {field.label_ja} ({field.field})  {against or '根拠がない'}"


def _table(title: str, steps: "tuple[Step, ...]", kinds: set[str]) -> Table:
    table = Table(title=title, title_justify="left", show_lines=True)
    for name in ("", "ルール", "言ったこと"):
        table.add_column(name, overflow="fold")
    for step in steps:
        if step.kind in kinds:
            rule = Text(f"{step.title_ja}\n{step.rule}\n{step.article}")
            table.add_row(_STANDINGS[step.standing], rule, Text("\n".join(_lines(step))))
    return table


def _lines(step: "Step") -> list[str]:
    lines = []
    for one in step.said:
        about = f" [{'、'.join(one.fields)}]" if one.fields else ""
        facts = f" 事実: {'、'.join(one.facts)}" if one.facts else ""
        by = f" 解ける人: {'、'.join(one.by)}" if one.by else ""
        what = f"{one.code} {one.title_ja}({one.article})" if one.code else "根拠になる"
        lines.append(f"{what}{about}{facts}{by}")
    return lines


@click.command()
@click.argument("kind", type=click.Choice(["basis", "stop", "obligation"]))
@click.argument("id_", metavar="ID")
@as_json
def new(*, kind: str, id_: str, json_: bool) -> None:
    """Write the skeleton of a rule; no gate lets it through before it is filled in."""
    from gateway.authoring.policy_new import new_rule  # noqa: PLC0415

    chosen = settings(json_)
    with failures(json_):
        written = new_rule(chosen.policies_dir, kind, id_)
    files = [str(p.relative_to(chosen.policies_dir)) for p in written]

    def human(console: Console) -> None:
        for file in files:
            console.print(f"[green]+[/] policies/{file}")
        console.print(
            "「未記入」を条文にあたって埋めてください。埋まるまで、どの検査も通りません。"
        )
        console.print("そのあと: tasuki policy compose / docs / test")

    said(json_, {"kind": kind, "id": id_, "files": files}, human)


@click.command()
@click.argument("before")
@click.argument("after")
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Public key (PEM) that must have signed each file of a bundle.",
)
@as_json
def diff(*, before: str, after: str, key: Path | None, json_: bool) -> None:
    """
    Say what changes from BEFORE to AFTER: rules, tables, texts, known cases.

    Each is a policies directory, the file of a bundle, or the digest (sha256:…) of a revision
    that has decided here.
    """
    from dataclasses import asdict  # noqa: PLC0415

    from gateway.authoring.policy_diff import diff_revisions  # noqa: PLC0415
    from gateway.crypto.key_files import load_verify_key  # noqa: PLC0415

    chosen = settings(json_)
    with failures(json_):
        trusted = None if key is None else load_verify_key(key)
        one, other = (_revision(name, chosen, trusted, json_) for name in (before, after))
        found = diff_revisions(one, other)
    said(json_, asdict(found), lambda console: _show_diff(console, found))


def _revision(
    name: str,
    chosen: "Settings",
    key: "VerifyKey | None",
    json_: bool,  # noqa: FBT001 - the flag of every command
) -> "Revision":
    from gateway.authoring.policy_diff import open_revision  # noqa: PLC0415
    from gateway.bootstrap import open_kept_bundle  # noqa: PLC0415

    try:
        archive = open_kept_bundle(chosen, name) if name.startswith("sha256:") else None
        return open_revision(name, archive, key=key)
    except OSError:
        fail(json_, "no-such-revision", f"{name} is no directory and no bundle", WRONG)


_HOW: Final = {
    "added": "[green]追加[/]",
    "removed": "[red]削除[/]",
    "changed": "[yellow]変更[/]",
    "texts": "[dim]注釈のみ[/]",
}
_DECIDED: Final = {"permit": "提供する", "deny": "提供しない", "not_applicable": "当てはまらない"}


def _show_diff(console: Console, found: "PolicyDiff") -> None:
    console.print(f"前 {found.before}\n後 {found.after}", style="dim")
    parts = (
        ("ルール", found.rules),
        ("根拠台帳", found.registry),
        ("自治体設定", found.packs),
        ("そのほかの表", found.tables),
        ("文言", found.texts),
    )
    for title, changes in parts:
        console.print(f"\n[bold]{title}[/]: {len(changes) or '変更なし'}")
        for change in changes:
            console.print(_change_line(change), soft_wrap=True)
    console.print(f"\n[bold]既知の事例[/]: {found.asked} 件中 {len(found.cases)} 件の結果が変わる")
    for case in found.cases:
        console.print(f"  {case.case}  {case.title_ja}")
        console.print(f"    {_outline(case.before)}\n    → {_outline(case.after)}", soft_wrap=True)


def _change_line(change: "Change") -> str:
    line = f"  {_HOW[change.how]} {change.where}"
    if isinstance(change.before, list) and isinstance(change.after, list):
        moved = (*(f"-{n}" for n in change.before), *(f"+{n}" for n in change.after))
        return f"{line}  {escape('、'.join(moved))}"
    if change.before is None and change.after is None:
        return line
    return f"{line}  {_short(change.before)} → {_short(change.after)}"


def _outline(outline: "Outline | None") -> str:
    if outline is None:
        return "判断できない"
    parts = [_DECIDED[outline.outcome], *outline.permitted]
    named = (
        ("根拠", outline.bases),
        ("停止", outline.stops),
        ("理由", outline.reasons),
        ("条件", outline.duties),
    )
    parts += [f"{title}: {'、'.join(names)}" for title, names in named if names]
    return " ".join(parts)


@click.command()
@click.argument("draft", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--reason", required=True, help="Why past decisions are read; recorded in the log.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="From this day in Japan on.")
@click.option("--limit", type=click.IntRange(1), help="At most so many, the newest.")
@click.option("--check", is_flag=True, help="Ask each decision's own revision again, too.")
@click.option("--jobs", type=click.IntRange(0), default=0, help="Processes; 0: one a processor.")
@as_json
def replay(
    *, draft: Path, reason: str, since: Any, limit: int | None, check: bool, jobs: int, json_: bool
) -> None:
    """Try the rules of the directory DRAFT on past decisions; no gateway may run meanwhile."""
    from gateway.authoring.policy_replay import replay as run  # noqa: PLC0415
    from gateway.bootstrap import open_gateway  # noqa: PLC0415
    from gateway.policy.bundle import build_bundle  # noqa: PLC0415
    from gateway.policy.tables import instant_of_day  # noqa: PLC0415
    from gateway.services.past_decisions import PastDecisions  # noqa: PLC0415

    chosen = settings(json_)
    first = None if since is None else instant_of_day(since.date().isoformat())
    with failures(json_), open_gateway(chosen) as gateway:
        bundle = build_bundle(draft)
        past = PastDecisions(gateway.context)
        places = past.select(since=first, limit=limit)
        past.record_reading(f"console.{getpass.getuser()}", reason, len(places))
        with progress_bar("replaying", quiet=json_) as progress:
            found = run(
                past.read(places),
                bundle,
                kept=gateway.kept_bundles() if check else None,
                jobs=jobs,
                progress=lambda done: progress(done, len(places)),
            )
    said(json_, _replayed(found), lambda console: _show_replay(console, found, check=check))
    if found.differing:
        raise SystemExit(UNVERIFIED)


def _replayed(found: "ReplayReport") -> Mapping[str, Any]:
    from dataclasses import asdict  # noqa: PLC0415

    names = ("draft", "read", "erased", "same", "changed", "checked", "differing", "lost_revisions")
    answer = {name: getattr(found, name) for name in names}
    groups = [{"count": n, **asdict(group)} for group, n in found.groups.most_common()]
    return {**answer, "groups": groups}


def _show_replay(console: Console, found: "ReplayReport", *, check: bool) -> None:
    console.print(f"下書き {found.draft}", style="dim")
    console.print(f"判断の記録 {found.read} 件(うち消去済み {found.erased} 件は問い直せない)")
    console.print(f"  結果が同じ {found.same} 件 · [bold]変わる {found.changed} 件[/]")
    if check:
        console.print(
            f"  当時の版での再現: {found.checked} 件中、食い違い {len(found.differing)} 件"
            f"(版が残っていない {found.lost_revisions} 件)"
        )
    for group, count in found.groups.most_common():
        console.print(_group_lines(group, count), soft_wrap=True)


def _group_lines(group: "ChangedGroup", count: int) -> str:
    head = f"\n[bold]{count} 件[/] {group.sender} → {group.recipient} 目的 {group.purpose}"
    lines = [head, f"  前 {_outline(group.before)}", f"  後 {_outline(group.after)}"]
    lines += [f"  [green]+[/] {'、'.join(group.gained)}"] if group.gained else []
    lines += [f"  [red]-[/] {'、'.join(group.lost)}"] if group.lost else []
    return "\n".join(lines)


def _short(value: Any) -> str:
    text = "なし" if value is None else str(value)
    return escape(text if len(text) <= _SHORT else f"{text[:_SHORT]}…")


_SHORT: Final = 120

COMMANDS: Final = (evaluate, new, diff, replay)
