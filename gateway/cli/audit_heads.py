"""``tasuki audit check-head``: whether the quorum of a policy has cosigned a head, offline."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import click
from rich.console import Console
from rich.markup import escape

from gateway.cli.output import UNVERIFIED, WRONG, as_json, fail, failures, said

__all__ = ["check_head"]

_PRESENT: Final = click.Path(path_type=Path, exists=True, dir_okay=False)
_MAX_BYTES: Final = 65_536


@click.command("check-head")
@click.argument("file", type=_PRESENT)
@click.option(
    "--policy",
    "policy_file",
    type=_PRESENT,
    required=True,
    help="The policy of witnesses (C2SP tlog-policy), received by another way than from the log.",
)
@as_json
def check_head(*, file: Path, policy_file: Path, json_: bool) -> None:
    """Check offline that FILE, a head of a log of the policy, was cosigned by its quorum."""
    from gateway.audit.witness_policy import NotWitnessed, WitnessPolicy  # noqa: PLC0415
    from gateway.crypto.signed_note import InvalidNote, Note  # noqa: PLC0415

    with failures(json_):
        policy = WitnessPolicy.parse(_read(policy_file, json_))
        try:
            text = _read(file, json_).decode()
        except UnicodeDecodeError:
            raise InvalidNote("not a note") from None
        try:
            head = policy.open(text)
        except NotWitnessed as refused:
            missing = [_shown(name) for name in refused.missing]
            fail(json_, "not-witnessed", "these did not cosign", UNVERIFIED, findings=missing)
        note = Note.parse(text)
        cosigned = policy.check(text).cosigned
        witnesses = {
            _shown(name): note.cosigned_at(member.key)
            for name, member in policy.witnesses.items()
            if name in cosigned
        }
    origin = text.partition("\n")[0]
    answer = {
        "verified": True,
        "origin": origin,
        "size": head.size,
        "root": head.root.hex(),
        "cosigned_at": witnesses,
    }

    def human(console: Console) -> None:
        console.print(f"[green]verified[/] {origin}: {head.size} entries, the quorum cosigned")
        for name, at in witnesses.items():
            when = datetime.fromtimestamp(at, UTC).isoformat()
            console.print(f"  {escape(name)} at {when}", soft_wrap=True)

    said(json_, answer, human)


def _read(file: Path, json_: bool) -> bytes:  # noqa: FBT001 - the flag of every command
    try:
        with file.open("rb") as stream:
            data = stream.read(_MAX_BYTES + 1)
    except OSError:
        fail(json_, "unreadable", "a file cannot be read", WRONG)
    if len(data) > _MAX_BYTES:
        fail(json_, "unreadable", "a file is larger than any head or policy", WRONG)
    return data


def _shown(name: str) -> str:
    """Return a name of the policy, which is octets, as text."""
    return name.encode("ascii", "surrogateescape").decode("utf-8", "replace")
