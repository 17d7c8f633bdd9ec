"""``tasuki demo``: the report's flows between fictional agencies, over real HTTP."""

import json
import signal
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from gateway.cli.output import NO, WRONG, as_json, fail, failures, progress_bar, said, settings

if TYPE_CHECKING:
    from gateway.demo.visit import Visit

__all__ = ["demo"]


@click.command()
@click.option("--keep", is_flag=True, help="Leave a gateway running, with command lines to try.")
@click.option(
    "--folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="An empty or new folder for everything that is made; a temporary one otherwise.",
)
@as_json
def demo(*, keep: bool, folder: Path | None, json_: bool) -> None:
    """
    Play the report's flows between fictional agencies.

    Gateways and members are processes of their own; what may pass is sealed, delivered and
    opened, what may not is refused with the article and the next lawful step. Then the logs
    are verified, and a copy is tampered with. Everything stays in a folder that is named.
    """
    from gateway.client import GatewayProblem  # noqa: PLC0415
    from gateway.demo.run import demonstration, report_json  # noqa: PLC0415
    from gateway.demo.telling import tell  # noqa: PLC0415
    from gateway.demo.visit import stay, visit_json  # noqa: PLC0415

    # Told to end, it ends its gateways first.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(NO))
    place = _place(folder, json_)
    purposes = _purposes(json_)
    with failures(json_):
        try:
            with (
                progress_bar("準備しています · setting up", quiet=json_) as progress,
                demonstration(place, progress=progress) as report,
            ):
                visit = stay(report.main_stage) if keep else None
        except GatewayProblem as problem:
            fail(json_, problem.code, f"{problem} {problem.detail}".strip())
    answer = report_json(report)
    if visit is not None:
        answer["kept"] = visit_json(visit)

    def human(console: Console) -> None:
        tell(report, console, purposes)
        if visit is not None:
            _tell_visit(visit, console)

    said(json_, answer, human)
    if not report.passed:
        raise SystemExit(NO)


def _place(folder: Path | None, json_: bool) -> Path:  # noqa: FBT001 - the flag of every command
    if folder is None:
        return Path(tempfile.mkdtemp(prefix="tasuki-demo-"))
    if folder.exists() and any(folder.iterdir()):
        fail(json_, "usage", "the folder is not empty", WRONG)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder.resolve()


def _purposes(json_: bool) -> dict[str, Any]:  # noqa: FBT001 - as above
    table = settings(json_).policies_dir / "data" / "purposes" / "data.json"
    purposes: dict[str, Any] = json.loads(table.read_text(encoding="utf-8"))
    return purposes


def _tell_visit(visit: "Visit", console: Console) -> None:
    console.print()
    console.rule("[bold]動いているゲートウェイ · a gateway is left running[/]", align="left")
    console.print(f"{visit.origin} · pid {visit.pid}")
    console.print(f"終えるには · to end it:  kill {visit.pid}")
    console.print(
        f"下の命令は{visit.lives_s // 60}分間使えます(この計算機の中だけ) · "
        f"these lines work for {visit.lives_s // 60} minutes, on this computer alone:"
    )
    for line in visit.lines:
        console.print(f"\n# {line.what_ja} · {line.what_en}")
        console.print(line.command, soft_wrap=True, markup=False, highlight=False)
