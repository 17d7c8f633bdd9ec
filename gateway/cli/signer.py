"""``tasuki signer``: the log's signer as a process of its own, for another user or host to run."""

import pwd
from contextlib import suppress
from pathlib import Path
from typing import Final

import click

from gateway.cli.output import WRONG, fail, failures, settings

__all__ = ["signer"]

_SOCKET_BYTES: Final = 107  # sun_path of unix(7), without its end


@click.group()
def signer() -> None:
    """Sign the log apart from the gateway, which then never holds the key."""


@signer.command()
@click.option("--socket", "path", type=click.Path(path_type=Path), help="Unix socket to listen on.")
@click.option(
    "--key",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The log's private key; log.pem of the key ring unless given.",
)
@click.option(
    "--state",
    type=click.Path(path_type=Path, dir_okay=False),
    help="What was signed; log-signer.json in TASUKI_STATE_DIR unless given.",
)
@click.option("--peer", "peers", multiple=True, help="A further user that may ask: name or uid.")
@click.option("--new", is_flag=True, help="Begin a log: nothing has been signed before.")
@click.option("--json", "json_", is_flag=True, help="A failure to start as one JSON object.")
def serve(
    *,
    path: Path | None,
    key: Path | None,
    state: Path | None,
    peers: tuple[str, ...],
    new: bool,
    json_: bool,
) -> None:
    """Sign heads of the log TASUKI_LOG_ORIGIN until told to stop; answer nothing else."""
    import structlog  # noqa: PLC0415

    from gateway.signing import OwnSigner, serve_apart  # noqa: PLC0415
    from gateway.storage.key_ring import log_key_path  # noqa: PLC0415

    chosen = settings(json_)
    listens = path or (Path(chosen.signer_socket) if chosen.signer_socket else None)
    if listens is None or len(bytes(listens)) > _SOCKET_BYTES:
        fail(json_, "no-socket", "name a socket of at most 107 bytes with --socket", WRONG)
    own = OwnSigner(
        chosen.log_origin,
        key or log_key_path(chosen.keys_dir),
        state or chosen.signer_state,
        must_exist=not new,
    )
    if new:
        with suppress(OSError):  # then it says that its state cannot be opened
            own.state.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = structlog.get_logger()
    with failures(json_):
        serve_apart(
            own,
            listens,
            peers=frozenset(_uid(name, json_) for name in peers),
            listening=lambda: log.info("signer.listening"),
            refused=lambda reason: log.error("signer.refused", reason=reason),
        )


def _uid(name: str, json_: bool) -> int:  # noqa: FBT001 - the flag of every command
    if name.isdecimal():
        return int(name)
    try:
        return pwd.getpwnam(name).pw_uid
    except KeyError:
        fail(json_, "no-user", "there is no user of this name", WRONG)
