"""``tasuki audit prove``, ``open-field`` and what checks the files they write, offline."""

import getpass
import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
from rich.console import Console
from rich.markup import escape

from gateway.cli.output import WRONG, as_json, fail, failures, said, settings
from gateway.cli.trusting import log_key_option, trusted

if TYPE_CHECKING:
    from gateway.audit.verify import Evidence

__all__ = ["check_opening", "check_proof", "open_field", "prove"]

_ENTRY_ID: Final = 22
_FILE = click.Path(path_type=Path, dir_okay=False)
_PRESENT = click.Path(path_type=Path, exists=True, dir_okay=False)
_MAX_PROOF_BYTES: Final = 1 << 18


# An entry id may begin with a hyphen; it is an argument all the same.
@click.command(context_settings={"ignore_unknown_options": True})
@click.argument("id_", metavar="ENTRY")
@click.option("--out", type=_FILE, help="The proof's file; ENTRY.tlog-proof unless given.")
@log_key_option
@as_json
def prove(*, id_: str, out: Path | None, vkeys: tuple[str, ...], json_: bool) -> None:
    """
    Write the proof of one entry (C2SP tlog-proof) and, beside it, the leaf that it proves.

    Neither says anything about a person. Both are checked as `check-proof` checks them.
    """
    from gateway.audit.proof_file import ProofFile  # noqa: PLC0415
    from gateway.audit.verify import verify_entry_proof  # noqa: PLC0415
    from gateway.bootstrap import LOG_ID, open_reader  # noqa: PLC0415
    from gateway.domain.errors import NotFound  # noqa: PLC0415
    from gateway.domain.ids import EntryId  # noqa: PLC0415

    log, chosen = trusted(vkeys, json_), settings(json_)
    with failures(json_), open_reader(chosen) as reader:
        stored = reader.find(LOG_ID, EntryId(id_)) if len(id_) == _ENTRY_ID else None
        if stored is None:
            raise NotFound
        text = reader.proof(LOG_ID, stored.entry_id)
        proof = ProofFile.parse(text)
        verify_entry_proof(stored.leaf, proof, log)
    target = out or Path(f"{id_}.tlog-proof")
    _write_new(target, text.encode(), json_)
    _write_new(_leaf_of(target), stored.leaf, json_)
    answer = {
        "entry_id": id_,
        "index": proof.index,
        "size": log.open(proof.note).size,
        "proof": str(target),
        "leaf": str(_leaf_of(target)),
    }
    said(
        json_,
        answer,
        lambda console: console.print(
            f"entry {proof.index} proven in {target}, its leaf in {_leaf_of(target)}",
            soft_wrap=True,
        ),
    )


@click.command("check-proof")
@click.argument("file", type=_PRESENT)
@click.option("--leaf", type=_PRESENT, help="The leaf; FILE with the ending .leaf unless given.")
@log_key_option
@as_json
def check_proof(*, file: Path, leaf: Path | None, vkeys: tuple[str, ...], json_: bool) -> None:
    """Check offline that the leaf beside FILE is in the log, under a head that the log signed."""
    from gateway.audit.proof_file import InvalidProofFile, ProofFile  # noqa: PLC0415
    from gateway.audit.verify import verify_entry_proof  # noqa: PLC0415
    from gateway.crypto.commitment import MAX_LEAF_BYTES, Leaf  # noqa: PLC0415

    log = trusted(vkeys, json_)
    with failures(json_):
        try:
            text = _read(file, _MAX_PROOF_BYTES, json_).decode("utf-8")
        except UnicodeDecodeError:
            text = ""
        if not text:
            raise InvalidProofFile("not a proof")
        proof = ProofFile.parse(text)
        data = _read(leaf or _leaf_of(file), MAX_LEAF_BYTES, json_)
        parsed = Leaf.parse(data)
        verify_entry_proof(data, proof, log)
        size = log.open(proof.note).size
    answer = {
        "verified": True,
        "entry_id": parsed.entry_id,
        "type": parsed.type,
        "at": parsed.at,
        "index": proof.index,
        "size": size,
    }
    said(
        json_,
        answer,
        lambda console: console.print(
            f"[green]verified[/] {parsed.type} {parsed.entry_id} is entry {proof.index}"
            f" of {log.origin}"
        ),
    )


@click.command("open-field", context_settings={"ignore_unknown_options": True})
@click.argument("id_", metavar="ENTRY")
@click.argument("fields", metavar="FIELD...", nargs=-1, required=True)
@click.option("--reason", required=True, help="Why you open it; recorded in the log.")
@click.option("--out", type=_FILE, help="The opening's file; ENTRY.opening.json unless given.")
@click.option("--via", type=_PRESENT, help="An officer's desk: through the running gateway.")
@as_json
def open_field(
    *,
    id_: str,
    fields: tuple[str, ...],
    reason: str,
    out: Path | None,
    via: Path | None,
    json_: bool,
) -> None:
    """
    Write an opening of single fields of ENTRY that others can check without the rest of it.

    That they are read is recorded first. Through the gateway the desk is shown the whole entry,
    which is recorded as such; only the named fields go into the file.
    """
    from gateway.audit.opening_file import opening_file  # noqa: PLC0415

    target = out or Path(f"{id_}.opening.json")
    if target.exists():
        fail(json_, "file-exists", f"{target} is there already; name another with --out", WRONG)
    read = _opened_via(via, id_, reason, json_) if via else _opened_here(id_, fields, reason, json_)
    evidence, read_index = read
    missing = sorted(set(fields) - set(evidence.opening.names()))
    if missing:
        fail(json_, "no-such-field", f"the entry has no field {', '.join(missing)}", WRONG)
    shown = type(evidence)(evidence.leaf, evidence.opening.only(fields), evidence.proof)
    _write_new(target, opening_file(shown), json_)
    answer = {"file": str(target), "fields": sorted(fields), "read_index": read_index}
    said(
        json_,
        answer,
        lambda console: console.print(
            f"{', '.join(sorted(fields))} opened in {target}; read recorded as entry {read_index}",
            soft_wrap=True,
        ),
    )


@click.command("check-opening")
@click.argument("file", type=_PRESENT)
@log_key_option
@as_json
def check_opening(*, file: Path, vkeys: tuple[str, ...], json_: bool) -> None:
    """Check an opening offline: fields, leaf, inclusion, signature; then show what it opens."""
    from gateway.audit.opening_file import (  # noqa: PLC0415
        MAX_OPENING_FILE_BYTES,
        check_opening_file,
    )

    log = trusted(vkeys, json_)
    with failures(json_):
        checked = check_opening_file(_read(file, MAX_OPENING_FILE_BYTES, json_), log)
    answer = {
        "verified": True,
        "origin": log.origin,
        "entry_id": checked.leaf.entry_id,
        "type": checked.leaf.type,
        "at": checked.leaf.at,
        "index": checked.index,
        "size": checked.head.size,
        "fields": checked.fields,
        "hidden": list(checked.hidden),
    }

    def human(console: Console) -> None:
        console.print(
            f"[green]verified[/] {checked.leaf.type} {checked.leaf.entry_id} is entry"
            f" {checked.index} of {log.origin}"
        )
        for name, value in sorted(checked.fields.items()):
            console.print(f"  {name}: {escape(str(value))}", soft_wrap=True)
        console.print(f"  not opened: {', '.join(checked.hidden) or 'nothing'}", soft_wrap=True)

    said(json_, answer, human)


def _opened_here(
    id_: str,
    fields: tuple[str, ...],
    reason: str,
    json_: bool,  # noqa: FBT001 - the flag of every command
) -> "tuple[Evidence, int]":
    from gateway.bootstrap import open_gateway  # noqa: PLC0415
    from gateway.domain.ids import DecisionId, EntryId  # noqa: PLC0415

    chosen = settings(json_)
    with failures(json_), open_gateway(chosen) as gateway:
        records = gateway.audit_records
        entry_id = EntryId(id_) if len(id_) == _ENTRY_ID else records.entry_of(DecisionId(id_))
        operator = f"console.{getpass.getuser()}"
        record = records.read_at_console(operator, entry_id, reason, only=fields)
    return record.evidence, record.read_index


def _opened_via(via: Path, id_: str, reason: str, json_: bool) -> "tuple[Evidence, int]":  # noqa: FBT001 - as above
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
    return evidence, int(record["read_index"])


def _leaf_of(proof: Path) -> Path:
    return proof.with_suffix(".leaf")


def _read(path: Path, max_bytes: int, json_: bool) -> bytes:  # noqa: FBT001 - as above
    """Return a file's bytes, one more than may be at the most, so that too many are noticed."""
    try:
        with path.open("rb") as file:
            return file.read(max_bytes + 1)
    except OSError:
        fail(json_, "no-such-file", f"{path} cannot be read", WRONG)


def _write_new(path: Path, data: bytes, json_: bool) -> None:  # noqa: FBT001 - as above
    try:
        # An opening shows what a record says: it is its owner's to hand on.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
    except FileExistsError:
        fail(json_, "file-exists", f"{path} is there already; name another with --out", WRONG)
    except OSError:
        fail(json_, "not-written", f"{path} cannot be written", WRONG)
