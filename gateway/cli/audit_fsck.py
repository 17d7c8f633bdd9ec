"""``tasuki audit fsck``: the log where it is kept, row by row, against what was signed."""

from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import click
from rich.console import Console

from gateway.cli.output import UNVERIFIED, WRONG, as_json, fail, failures, progress_bar, said
from gateway.cli.output import settings as read_settings
from gateway.cli.trusting import log_key_option, trusted

if TYPE_CHECKING:
    from gateway.audit.checkpoint import TrustedLog
    from gateway.ports.log import Checkpoint
    from gateway.storage.fsck import DatabaseReport

__all__ = ["fsck"]

_MAX_NOTE_BYTES: Final = 65_536
_SHOWN: Final = 20


@click.command()
@click.option(
    "--checkpoint",
    "notes",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A head of the log that somebody has kept; the database must hold it. May be repeated.",
)
@click.option("--without-keys", is_flag=True, help="Open no body: check commitments alone.")
@log_key_option
@as_json
def fsck(
    *, notes: tuple[Path, ...], without_keys: bool, vkeys: tuple[str, ...], json_: bool
) -> None:
    """
    Check the log in the database: entries, hashes, heads, tiles, checkpoints, bodies.

    It may run while the gateway does. The signer's newest head, where its state is at hand, and
    every --checkpoint must be in the database. Nothing is shown of a body. Any finding ends it
    with exit code 4.
    """
    from gateway.bootstrap import check_log  # noqa: PLC0415

    log, chosen = trusted(vkeys, json_), read_settings(json_)
    kept = tuple(_head(path, log, json_) for path in notes)
    with progress_bar("checking", quiet=json_) as progress, failures(json_):
        report = check_log(chosen, log, with_keys=not without_keys, kept=kept, progress=progress)
    answer = {"verified": not report.counts, "origin": log.origin, **fsck_answer(report)}
    said(json_, answer, lambda console: _human(console, report, log.origin))
    if report.counts:
        raise SystemExit(UNVERIFIED)


def fsck_answer(report: "DatabaseReport") -> dict[str, Any]:
    """Return a report as JSON, the first finding apart."""
    findings = [{"code": f.code, "where": f.where} for f in report.findings]
    return {
        "size": report.size,
        "heads": report.heads,
        "tiles": report.tiles,
        "checkpoints": report.checkpoints,
        "cosignatures": report.cosignatures,
        "bodies": report.bodies,
        "opened": report.opened,
        "tombstones": report.tombstones,
        "counts": dict(report.counts),
        "first": findings[0] if findings else None,
        "findings": findings,
    }


def _human(console: Console, report: "DatabaseReport", origin: str) -> None:
    if not report.counts:
        console.print(f"[green]verified[/] {origin}: {report.size} entries")
    else:
        console.print(f"[bold red]not verified[/] {origin}: {sum(report.counts.values())} findings")
    console.print(
        f"  {report.heads} heads · {report.tiles} tiles · {report.checkpoints} checkpoints"
        f" · {report.cosignatures} cosignatures"
    )
    console.print(
        f"  {report.bodies} bodies, {report.opened} of them opened · {report.tombstones} erased"
    )
    for finding in report.findings[:_SHOWN]:
        console.print(f"  {finding.code}: {finding.where}")
    for code, count in sorted(report.counts.items()):
        console.print(f"  {count} × {code}")


def _head(path: Path, log: "TrustedLog", json_: bool) -> "Checkpoint":  # noqa: FBT001 - the flag of every command
    with failures(json_):
        try:
            note = path.read_bytes()[:_MAX_NOTE_BYTES].decode("utf-8")
        except (OSError, UnicodeDecodeError):
            fail(json_, "no-checkpoint", f"{path} is not a checkpoint", WRONG)
        return log.open(note)
