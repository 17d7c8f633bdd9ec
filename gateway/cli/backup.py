"""``tasuki backup``: a copy of the embedded database, checked."""

import shutil
from pathlib import Path
from typing import Final

import click
from rich.console import Console

from gateway.cli.audit_fsck import fsck_answer
from gateway.cli.output import UNVERIFIED, as_json, fail, failures, progress_bar, said, settings
from gateway.cli.trusting import trusted
from gateway.domain.errors import Conflict

__all__ = ["backup"]

_WAY_OUT: Final = {
    "BACKUP_EXISTS": "there is such a file or directory; a copy is never written over another",
    "BACKUP_NOT_EMBEDDED": "PostgreSQL is copied by pg_basebackup or pg_dump",
}
_NEVER: Final = (
    "A log is never resumed from a copy: what was acknowledged since is missing, and members hold"
    " proofs of it. The gateway refuses to start on one."
)
_KEYS_BESIDE: Final = "Who has the copy and the keys reads everything: keep them apart."


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--with-keys", is_flag=True, help="Copy the key ring, too, to FILE.keys.")
@as_json
def backup(*, file: Path, with_keys: bool, json_: bool) -> None:
    """
    Copy the embedded database to the new FILE and check the copy, also while the gateway runs.

    The key ring is left out: without it the copy shows nobody anything, and once its keys are
    destroyed nobody can read what was erased since.
    """
    from gateway.bootstrap import back_up  # noqa: PLC0415

    log, chosen = trusted((), json_), settings(json_)
    ring = file.with_name(f"{file.name}.keys")
    if with_keys and ring.exists():
        fail(json_, "state-conflict", f"BACKUP_EXISTS: {_WAY_OUT['BACKUP_EXISTS']}")
    with progress_bar("checking the copy", quiet=json_) as progress, failures(json_):
        try:
            report = back_up(chosen, log, file, with_keys=True, progress=progress)
        except Conflict as conflict:
            fail(json_, conflict.code, f"{conflict.reason}: {_WAY_OUT[conflict.reason]}")
    if with_keys:
        shutil.copytree(chosen.keys_dir, ring)
    answer = {
        "file": str(file),
        "keys": str(ring) if with_keys else None,
        "verified": not report.counts,
        "note": _NEVER,
        **fsck_answer(report),
    }

    def human(console: Console) -> None:
        console.print(f"{report.size} entries copied to {file}", soft_wrap=True)
        if report.counts:
            console.print("[bold red]the copy does not verify[/]; look with tasuki audit fsck")
        if with_keys:
            console.print(f"keys copied to {ring}. {_KEYS_BESIDE}", soft_wrap=True)
        console.print(_NEVER, soft_wrap=True)

    said(json_, answer, human)
    if report.counts:
        raise SystemExit(UNVERIFIED)
