"""``tasuki audit rotate-key`` and ``destroy-key``: the keys under which bodies are wrapped."""

import getpass
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

import click

from gateway.cli.output import WRONG, as_json, fail, failures, progress_bar, said, settings
from gateway.domain.errors import Conflict

if TYPE_CHECKING:
    from gateway.services.wrapping import Wrapping

__all__ = ["destroy_key", "rotate_key"]

_WAY_OUT: Final[Mapping[str, str]] = {
    "KEK_IS_CURRENT": "new bodies are wrapped by it; tasuki audit rotate-key makes another first",
    "KEK_IN_USE": "bodies need it; tasuki audit rotate-key wraps them by another first",
    "KEK_NOT_NEWEST": "the ring has a key of a later quarter, or 27 of this one",
    "ROTATION_RUNNING": "a rotation was ended half way; tasuki audit rotate-key goes on with it",
}


@click.command("rotate-key")
@click.option("--existing", is_flag=True, help="Make no key: take the newest of the ring.")
@as_json
def rotate_key(*, existing: bool, json_: bool) -> None:
    """
    Wrap every body's key by a new key-encryption key; the old one stays until it is destroyed.

    Run it while no gateway serves. Ended half way, it goes on where it was at the next call.
    """
    with _opened(json_) as wrapping, progress_bar("wrapping", quiet=json_) as progress:
        done = wrapping.rotate(_operator(), make=not existing, progress=progress)
    answer = {"kek_id": done.kek_id, "rewrapped": done.rewrapped, "resumed": done.resumed}
    said(
        json_,
        answer,
        lambda console: console.print(
            f"{done.rewrapped} bodies are under {done.kek_id} now;"
            " tasuki audit destroy-key destroys an older one"
        ),
    )


@click.command("destroy-key")
@click.argument("kek_id", metavar="KEY")
@click.option("--yes", is_flag=True, help="Do not ask: copies from before become unreadable.")
@as_json
def destroy_key(*, kek_id: str, yes: bool, json_: bool) -> None:
    """
    Destroy a key-encryption key that no body needs any more.

    Copies of the database from before the rotation cannot be read afterwards, unless somebody
    kept a copy of the key: destroy those, too.
    """
    if not yes and json_:
        fail(json_, "wrong-call", "say --yes: a destroyed key never comes back", WRONG)
    with _opened(json_) as wrapping:
        if not yes:
            click.confirm(f"Destroy {kek_id} for ever?", abort=True)
        wrapping.destroy(kek_id, _operator())
    said(json_, {"destroyed": kek_id}, lambda console: console.print(f"{kek_id} is destroyed"))


@contextmanager
def _opened(json_: bool) -> "Iterator[Wrapping]":  # noqa: FBT001 - the flag of every command
    from gateway.bootstrap import open_gateway  # noqa: PLC0415
    from gateway.services.wrapping import Wrapping  # noqa: PLC0415
    from gateway.storage.key_ring import KeyRing  # noqa: PLC0415

    chosen = settings(json_)
    with failures(json_), open_gateway(chosen) as gateway:
        try:
            yield Wrapping(gateway.context, KeyRing(chosen.keys_dir))
        except Conflict as conflict:
            way_out = _WAY_OUT.get(conflict.reason)
            if way_out is None:
                raise
            fail(json_, conflict.code, f"{conflict.reason}: {way_out}")


def _operator() -> str:
    return f"console.{getpass.getuser()}"
