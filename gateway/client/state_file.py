"""
What a desk remembers: one small JSON file each, replaced whole or not at all.

A missing file is a first use. A file that cannot be read is an error and never a first use,
since whoever can damage it could otherwise make the desk forget.
"""

import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from gateway.client.errors import StateDamaged
from gateway.crypto.canonical import canonical_json
from gateway.crypto.json_reader import UnreadableJSON, read_json_object
from gateway.domain.log import JSONValue

__all__ = ["StateFile"]

_MAX_BYTES: Final = 1 << 20


class StateFile:
    """One file, for the processes of one person: the last one to write wins."""

    __slots__ = ("_path",)

    def __init__(self, path: Path) -> None:
        self._path = path

    def read(self) -> dict[str, Any] | None:
        """
        Return what was written last, or ``None`` when nothing ever was.

        Raises:
            StateDamaged: The file cannot be read.
        """
        try:
            with self._path.open("rb") as file:
                return read_json_object(file.read(_MAX_BYTES + 1), max_bytes=_MAX_BYTES)
        except FileNotFoundError:
            return None
        except (OSError, UnreadableJSON) as error:
            raise StateDamaged("a state file cannot be read") from error

    def write(self, content: Mapping[str, JSONValue]) -> None:
        """
        Replace the file; it is durable afterwards, and readable by its owner alone.

        Raises:
            StateDamaged: It cannot be written; the old file is still there.
        """
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=self._path.parent, prefix=".new-")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(canonical_json(content))
                    file.flush()
                    os.fsync(file.fileno())
                # Until here the old file stands; from here on the new one does.
                Path(name).replace(self._path)
            except OSError:
                Path(name).unlink(missing_ok=True)
                raise
        except OSError as error:
            raise StateDamaged("a state file cannot be written") from error
