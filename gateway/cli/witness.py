"""``tasuki witness``: cosign what only grows, and keep what a log signed that does not."""

from functools import partial
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from gateway.cli.output import as_json, failures, said

__all__ = ["witness"]


_directory = partial(click.argument, "directory", type=click.Path(path_type=Path, file_okay=False))


@click.group()
def witness() -> None:
    """
    Watch logs of others: init, serve, log, evidence.

    A witness keeps everything in one DIRECTORY, apart from every gateway.
    """


@witness.command()
@_directory()
@click.option("--name", required=True, help="Name of its key, for example w.midori.example/2027.")
@as_json
def init(*, directory: Path, name: str, json_: bool) -> None:
    """Make key and database of a new witness in DIRECTORY, and print what logs need of it."""
    from gateway.witness.service import create_witness  # noqa: PLC0415

    with failures(json_):
        vkey = create_witness(directory, name).cosigner.to_text()

    def human(console: Console) -> None:
        console.print("[bold]witness key[/] (for the policy of the logs it watches):")
        console.print(f"  {vkey}", soft_wrap=True)
        console.print("If its database is ever lost, retire this key: make another witness.")

    said(json_, {"directory": str(directory), "vkey": vkey}, human)


@witness.command()
@_directory()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8430, show_default=True, help="Port; 0 takes a free one.")
@click.option("--json", "json_", is_flag=True, help="A failure to start as one JSON object.")
def serve(*, directory: Path, host: str, port: int, json_: bool) -> None:
    """Answer requests for cosignatures (C2SP tlog-witness) until told to stop."""
    from gateway.logging import configure_logging  # noqa: PLC0415
    from gateway.witness.serving import serve as run  # noqa: PLC0415

    configure_logging(level="info", log_format="json")
    with failures(json_):
        run(directory, host, port)


@witness.group()
def log() -> None:
    """The logs it watches: add, list."""


@log.command()
@_directory()
@click.argument("vkey")
@as_json
def add(*, directory: Path, vkey: str, json_: bool) -> None:
    """Watch the log with this VKEY, received by another way than from the log; also in service."""
    from gateway.crypto.signed_note import NoteKey  # noqa: PLC0415

    with failures(json_), _store(directory) as store:
        key = NoteKey.parse(vkey)
        store.add_log(key)
    answer = {"origin": key.name, "vkey": vkey}
    said(json_, answer, lambda console: console.print(f"watching {key.name}", soft_wrap=True))


@log.command("list")
@_directory()
@as_json
def list_(*, directory: Path, json_: bool) -> None:
    """List the watched logs, and the size last cosigned of each."""
    with failures(json_), _store(directory) as store:
        logs, cosigned = store.logs(), store.cosigned()
    answer = [
        {
            "origin": origin,
            "vkeys": [key.to_text() for key in known.keys],
            "size": cosigned[origin][0] if origin in cosigned else None,
        }
        for origin, known in logs.items()
    ]

    def human(console: Console) -> None:
        for one in answer:
            size = "nothing cosigned yet" if one["size"] is None else f"{one['size']} entries"
            console.print(f"{one['origin']}: {size}", soft_wrap=True)

    said(json_, {"logs": answer}, human)


@witness.command()
@_directory()
@as_json
def evidence(*, directory: Path, json_: bool) -> None:
    """Show requests that a log signed and this witness refused; a fork proves misbehaviour."""
    with failures(json_), _store(directory) as store:
        kept, dropped = store.evidence(), store.dropped()
    answer = {
        "evidence": [
            {
                "origin": one.origin,
                "kind": str(one.kind),
                "at": one.at,
                "size": one.size,
                "request": one.request,
                "cosigned": one.cosigned_note,
            }
            for one in kept
        ],
        "dropped": [{"origin": o, "kind": k, "count": n} for (o, k), n in dropped.items()],
    }

    def human(console: Console) -> None:
        for one in kept:
            colour = "bold red" if one.kind == "fork" else "yellow"
            console.print(f"[{colour}]{one.kind}[/] {one.origin}: size {one.size}", soft_wrap=True)
        for (origin, kind), count in dropped.items():
            console.print(f"{count} more of {kind} from {origin} were not kept", soft_wrap=True)
        if not kept:
            console.print("nothing was refused that a log had signed")

    said(json_, answer, human)


def _store(directory: Path) -> Any:
    from gateway.witness.service import database_path, load_cosigner  # noqa: PLC0415
    from gateway.witness.store import WitnessStore  # noqa: PLC0415

    return WitnessStore.opened(database_path(directory), load_cosigner(directory).cosigner)
