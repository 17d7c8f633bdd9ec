"""``tasuki audit``: the log, as an auditor takes it away, checks it and reads from it."""

import getpass
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console

from gateway.cli.audit_erasure import erase, hold
from gateway.cli.audit_evidence import check_opening, check_proof, open_field, prove
from gateway.cli.audit_fsck import fsck
from gateway.cli.audit_heads import check_head
from gateway.cli.audit_keys import destroy_key, rotate_key
from gateway.cli.output import (
    UNVERIFIED,
    as_json,
    fail,
    failures,
    progress_bar,
    said,
    settings,
)
from gateway.cli.trusting import log_key_option, trusted

if TYPE_CHECKING:
    from gateway.audit.verify import Evidence
    from gateway.ports.log import LogReader

__all__ = ["audit"]

_PAGE = 4_096


@click.group()
def audit() -> None:
    """The log: verify, check, show, export, prove, open single fields, erase, hold."""


for command in (
    prove,
    open_field,
    check_proof,
    check_opening,
    check_head,
    fsck,
    erase,
    hold,
    rotate_key,
    destroy_key,
):
    audit.add_command(command)


@audit.command()
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@log_key_option
@as_json
def verify(*, folder: Path, vkeys: tuple[str, ...], json_: bool) -> None:
    """Check that FOLDER holds one whole log, byte for byte; without --log-key by our own."""
    from gateway.audit.folder import FolderRefused  # noqa: PLC0415
    from gateway.audit.fsck import fsck as check_folder  # noqa: PLC0415

    log = trusted(vkeys, json_)
    with progress_bar("verifying", quiet=json_) as progress, failures(json_):
        try:
            report = check_folder(folder, log, progress=progress)
        except FolderRefused as refused:
            fail(json_, "log-not-verified", str(refused), UNVERIFIED)
    answer = {
        "verified": True,
        "origin": log.origin,
        "size": report.head.size,
        "root": report.head.root.hex(),
        "files": report.files,
        "proofs": report.proofs,
    }

    def human(console: Console) -> None:
        console.print(f"[green]verified[/] {log.origin}: {report.head.size} entries")
        console.print(f"  root {report.head.root.hex()} · {report.files} files")

    said(json_, answer, human)


@audit.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
@as_json
def export(*, folder: Path, json_: bool) -> None:
    """Write the log to the new FOLDER: commitments, tiles, checkpoint, a proof for each entry."""
    from gateway.audit.export import export_log  # noqa: PLC0415
    from gateway.bootstrap import LOG_ID, open_reader  # noqa: PLC0415

    chosen = settings(json_)
    log = trusted((), json_)
    with (
        progress_bar("exporting", quiet=json_) as progress,
        failures(json_),
        open_reader(chosen) as reader,
    ):
        head = reader.checkpoint(LOG_ID)
        export_log(
            folder,
            log=log,
            checkpoint=head.note,
            leaves=_leaves(reader, head.size),
            proofs=range(head.size),
            progress=progress,
        )
    answer = {"folder": str(folder), "size": head.size, "root": head.root.hex()}
    said(
        json_,
        answer,
        lambda console: console.print(f"{head.size} entries written to {folder}"),
    )


# An entry id may begin with a hyphen; it is an argument all the same.
@audit.command(context_settings={"ignore_unknown_options": True})
@click.argument("id_", metavar="ENTRY")
@click.option("--reason", required=True, help="Why you read it; recorded in the log.")
@click.option(
    "--via",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="An officer's desk configuration: read through the running gateway.",
)
@as_json
def show(*, id_: str, reason: str, via: Path | None, json_: bool) -> None:
    """Show one entry (without --via also by its decision); that it is read is recorded first."""
    record = _read_via(via, id_, reason, json_) if via else _read_here(id_, reason, json_)

    def human(console: Console) -> None:
        console.print(f"[bold]{record['type']}[/] index {record['log_index']}")
        for name, value in sorted(record["body"].items()):
            console.print(f"  {name}: {value}", soft_wrap=True)
        console.print(f"read recorded as entry {record['read_index']}")

    said(json_, record, human)


def _read_here(id_: str, reason: str, json_: bool) -> dict[str, Any]:  # noqa: FBT001 - the flag of every command
    from gateway.bootstrap import open_gateway  # noqa: PLC0415
    from gateway.domain.ids import DecisionId, EntryId  # noqa: PLC0415

    chosen = settings(json_)
    with failures(json_), open_gateway(chosen) as gateway:
        records = gateway.audit_records
        entry_id = EntryId(id_) if len(id_) == _ENTRY_ID else records.entry_of(DecisionId(id_))
        record = records.read_at_console(f"console.{getpass.getuser()}", entry_id, reason)
    return _shown(record.evidence, record.read_index)


def _read_via(via: Path, id_: str, reason: str, json_: bool) -> dict[str, Any]:  # noqa: FBT001 - as above
    from gateway.audit.verify import Evidence, verify_evidence  # noqa: PLC0415
    from gateway.client.config import load_desk_config  # noqa: PLC0415
    from gateway.client.desk import Desk  # noqa: PLC0415
    from gateway.crypto.commitment import Leaf  # noqa: PLC0415
    from gateway.domain.log import EntryType  # noqa: PLC0415

    config = load_desk_config(via)
    with failures(json_), Desk.open_at(config) as desk:
        record = desk.read_record(id_, reason=reason)
        evidence = Evidence.from_json(record["evidence"])
        verify_evidence(evidence, config.log(), type_=EntryType(Leaf.parse(evidence.leaf).type))
    return _shown(evidence, record["read_index"])


def _shown(evidence: "Evidence", read_index: int) -> dict[str, Any]:
    from gateway.audit.proof_file import ProofFile  # noqa: PLC0415
    from gateway.crypto.commitment import Leaf  # noqa: PLC0415

    return {
        "type": Leaf.parse(evidence.leaf).type,
        "log_index": ProofFile.parse(evidence.proof).index,
        "body": evidence.fields(),
        "read_index": read_index,
    }


def _leaves(reader: "LogReader", size: int) -> Iterator[bytes]:
    from gateway.bootstrap import LOG_ID  # noqa: PLC0415

    for start in range(0, size, _PAGE):
        yield from reader.leaves(LOG_ID, start, min(start + _PAGE, size))


_ENTRY_ID = 22
