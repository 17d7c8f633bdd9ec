"""The witness: a request in, an answer out, and what follows durable in between."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

import structlog
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.audit.add_checkpoint import SIZE_MEDIA_TYPE, AddCheckpoint, origin_hash
from gateway.crypto.key_files import KeyFileUnusable, load_private_key, save_private_key
from gateway.crypto.signed_note import NoteSigner
from gateway.domain.errors import IntegrityError
from gateway.ports.clock import Clock
from gateway.witness.judging import EvidenceKind, Status, check_signed, judge
from gateway.witness.store import WitnessStore

__all__ = ["Answer", "Witness", "create_witness", "database_path", "load_cosigner"]

_KEY: Final = "witness.pem"
_DATABASE: Final = "witness.db"
_NAME: Final = "witness.name"
_PLAIN: Final = "text/plain; charset=utf-8"
_SAYS: Final = {
    Status.MALFORMED: "malformed\n",
    Status.NOT_SIGNED: "no known key of the log signed\n",
    Status.UNKNOWN_LOG: "unknown log\n",
    Status.NOT_PROVEN: "consistency is not proven\n",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int
    text: str
    media_type: str = _PLAIN


class Witness:
    """
    Cosigns heads that are consistent with what it has seen; never two that are not.

    Args:
        store: What it remembers.
        signer: Its key.
        clock: Dates cosignatures.
    """

    def __init__(self, store: WitnessStore, signer: NoteSigner, clock: Clock) -> None:
        self._store = store
        self._signer = signer
        self._clock = clock

    def add_checkpoint(self, body: bytes) -> Answer:
        """
        Answer one request; what the answer says is durable before this returns.

        Raises:
            StorageUnavailable: It cannot be, so nothing is answered.
        """
        try:
            request = AddCheckpoint.parse(body)
        except IntegrityError:
            return _refusal(Status.MALFORMED)
        logs = self._store.logs()
        unknown = check_signed(request, logs)
        if unknown is not None:
            return _refusal(unknown)
        verdict, size, line = self._store.decide(
            request, judge, self._cosign, log=logs[request.origin], now=self._clock.now()
        )
        log = structlog.get_logger()
        if verdict.evidence is EvidenceKind.FORK:
            log.critical("witness.fork_refused", size=request.size)
        elif verdict.evidence is not None:
            log.warning("witness.refused", kind=str(verdict.evidence), size=request.size)
        match verdict.status:
            case Status.COSIGNED:
                log.info("witness.cosigned", size=size)
                return Answer(verdict.status, line)
            case Status.OTHER_SIZE:
                return Answer(verdict.status, f"{size}\n", SIZE_MEDIA_TYPE)
            case _:
                return _refusal(verdict.status)

    def newest(self, hash_: str) -> str | None:
        """Return the newest head cosigned here of the log whose origin has this hash."""
        found = (n for o, (_, n) in self._store.cosigned().items() if origin_hash(o) == hash_)
        return next(found, None)

    def _cosign(self, text: str) -> str:
        return self._signer.cosign(text, self._clock.now() // 1000)


def create_witness(directory: Path, name: str) -> NoteSigner:
    """
    Make key and database of a new witness.

    Args:
        directory: Must not exist yet, or be empty.
        name: Name of its key, for example ``w.midori.example/2027``.

    Raises:
        IntegrityError: The name is unfit, or there is something already.
        StorageUnavailable: The database cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    signer = NoteSigner(name, key)
    made = True
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        made = not any(directory.iterdir())
    except OSError:
        made = False
    if not made:
        raise KeyFileUnusable("there is something in this directory already, or it cannot be made")
    # The key comes last: without it nothing can be cosigned.
    WitnessStore.create(directory / _DATABASE, signer.cosigner)
    (directory / _NAME).write_text(f"{name}\n", encoding="utf-8")
    save_private_key(directory / _KEY, key)
    return signer


def load_cosigner(directory: Path) -> NoteSigner:
    """
    Return the signer of the witness in this directory.

    Raises:
        IntegrityError: Name or key is missing, open to others or of another kind.
    """
    name: str | None
    try:
        name = (directory / _NAME).read_text(encoding="utf-8").removesuffix("\n")
    except (OSError, UnicodeDecodeError):
        name = None
    if name is None:
        raise KeyFileUnusable("there is no witness in this directory: tasuki witness init")
    key = load_private_key(directory / _KEY)
    if not isinstance(key, Ed25519PrivateKey):
        raise KeyFileUnusable("the witness's key is of another kind")
    return NoteSigner(name, key)


def database_path(directory: Path) -> Path:
    """Return where the witness in this directory remembers what it has seen."""
    return directory / _DATABASE


def _refusal(status: Status) -> Answer:
    return Answer(status, _SAYS[status])
