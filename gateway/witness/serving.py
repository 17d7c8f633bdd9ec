"""The witness as a server: one process, one file, one key."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from gateway.api.server import Server, uvicorn_config
from gateway.system import SystemClock
from gateway.witness.app import build_app
from gateway.witness.service import Witness, database_path, load_cosigner
from gateway.witness.store import WitnessStore

__all__ = ["serve"]


def serve(
    directory: Path, host: str, port: int, *, listening: Callable[[int], Any] | None = None
) -> None:
    """
    Serve until told to stop.

    Args:
        directory: Made by :func:`gateway.witness.service.create_witness`.
        host: Address to listen on.
        port: Port to listen on; 0 takes a free one.
        listening: Called with the port once the witness listens.

    Raises:
        IntegrityError: The key is missing, open to others, or not the database's.
        StorageUnavailable: The database is not there; the key is to be retired then.
    """
    signer = load_cosigner(directory)
    with WitnessStore.opened(database_path(directory), signer.cosigner) as store:
        app = build_app(Witness(store, signer, SystemClock()))
        Server(uvicorn_config(app, host, port), listening=listening).run()
