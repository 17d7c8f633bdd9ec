"""``tasuki keys``: the gateway's key ring, and the keys of a member's desk."""

import json
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console

from gateway.cli.output import as_json, fail, failures, said, settings
from gateway.domain.ids import Millis

if TYPE_CHECKING:
    from gateway.settings import Settings

__all__ = ["keys"]


@click.group()
def keys() -> None:
    """Keys of the gateway, and keys of a member's desk."""


@keys.command()
@as_json
def init(*, json_: bool) -> None:
    """Make every key a new gateway needs; never over an existing one."""
    from gateway.storage.key_ring import create_key_ring  # noqa: PLC0415

    chosen = settings(json_)
    with failures(json_):
        chosen.keys_dir.parent.mkdir(parents=True, exist_ok=True)
        create_key_ring(chosen.keys_dir, now=_now())
    _shown(chosen, json_)


@keys.command()
@as_json
def show(*, json_: bool) -> None:
    """Show public keys: what members pin, and the ids of key-encryption keys."""
    _shown(settings(json_), json_)


@keys.command("add-kek")
@as_json
def add_kek(*, json_: bool) -> None:
    """Make the key-encryption key of this quarter; new log bodies are wrapped by it."""
    from gateway.storage.key_ring import KeyRing, kek_id_at  # noqa: PLC0415

    chosen = settings(json_)
    with failures(json_):
        KeyRing(chosen.keys_dir).add_kek(kek_id_at(_now()))
    _shown(chosen, json_)


@keys.command()
@click.argument("directory", type=click.Path(path_type=Path, file_okay=False))
@as_json
def desk(*, directory: Path, json_: bool) -> None:
    """Make the keys of a member's desk in DIRECTORY and print their public halves."""
    from gateway.client.config import create_desk_keys  # noqa: PLC0415

    with failures(json_):
        public = create_desk_keys(directory)
    answer = {"client_jwk": public.client, "sign_jwk": public.sign, "seal_jwk": public.seal}
    said(json_, answer, lambda console: console.print_json(json.dumps(answer)))


def _shown(chosen: "Settings", json_: bool) -> None:  # noqa: FBT001 - the flag of every command
    from gateway.crypto.key_files import public_pem  # noqa: PLC0415
    from gateway.storage.key_ring import (  # noqa: PLC0415
        KeyRing,
        load_log_key,
        load_policy_key,
        load_token_key,
    )

    if not chosen.keys_dir.is_dir():
        fail(json_, "no-keys", "there is no key ring yet: tasuki keys init")
    with failures(json_):
        log = load_log_key(chosen.keys_dir, chosen.log_origin)
        token = load_token_key(chosen.keys_dir).public()
        policy = load_policy_key(chosen.keys_dir).public()
        kek_ids = KeyRing(chosen.keys_dir).kek_ids()
    answer = {
        "log_vkey": log.to_text(),
        "token_jwk": token.jwk(),
        "policy_jwk": policy.jwk(),
        "policy_pem": public_pem(policy.public),
        "kek_ids": list(kek_ids),
    }

    def human(console: Console) -> None:
        console.print("[bold]log key[/] (members pin this, received by another way than this log):")
        console.print(f"  {answer['log_vkey']}", soft_wrap=True)
        console.print(f"[bold]token key[/] {token.kid}")
        console.print(
            f"[bold]policy key[/] {policy.kid} (engines that pull the rules verify by it):"
        )
        console.print(answer["policy_pem"], soft_wrap=True)
        console.print(f"[bold]key-encryption keys[/] {', '.join(kek_ids)}")

    said(json_, answer, human)


def _now() -> Millis:
    return Millis(time.time_ns() // 1_000_000)
