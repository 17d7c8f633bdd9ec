"""What the log's signer signed last, for whoever wants to compare and not to sign."""

from pathlib import Path
from typing import Final

from gateway.audit.checkpoint import TrustedLog
from gateway.crypto.json_reader import UnreadableJSON, read_json_object
from gateway.domain.errors import IntegrityError
from gateway.ports.log import Checkpoint

__all__ = ["signed_head"]

_MAX_BYTES: Final = 65536


def signed_head(path: Path, log: TrustedLog) -> Checkpoint | None:
    """
    Return the newest head in a signer's state file, or ``None`` where there is no such file.

    Args:
        path: The state file.
        log: The log; the head must bear its signature.

    Raises:
        IntegrityError: It cannot be read, is damaged, or is of another log.
    """
    note: object
    try:
        note = read_json_object(path.read_bytes(), max_bytes=_MAX_BYTES).get("note")
    except FileNotFoundError:
        return None
    except (OSError, UnreadableJSON):
        note = None
    if not isinstance(note, str):
        raise IntegrityError("the signer's state is damaged or cannot be read")
    return log.open(note)
