"""A disk of a few megabytes that can really be filled: tmpfs, which only root may mount."""

import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

__all__ = ["NoSmallDisk", "SmallDisk"]

_BLOCK = bytes(65_536)


class NoSmallDisk(Exception):
    """No disk can be mounted here; the message says why."""


class SmallDisk:
    """A mounted disk; ``fill`` leaves not one byte, ``free`` gives all back."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._ballast = path / "ballast"

    @classmethod
    @contextmanager
    def mounted(cls, megabytes: int) -> Iterator["SmallDisk"]:
        """
        Yield a new disk, unmounted afterwards.

        Raises:
            NoSmallDisk: This user may not mount one.
        """
        with tempfile.TemporaryDirectory(prefix="tasuki-disk-") as directory:
            mount = [
                "mount",
                "-t",
                "tmpfs",
                "-o",
                f"size={megabytes}m,mode=755",
                "tmpfs",
                directory,
            ]
            try:
                subprocess.run(mount, check=True, capture_output=True)  # noqa: S603 - as above
            except (OSError, subprocess.CalledProcessError) as error:
                raise NoSmallDisk(f"a small disk cannot be mounted: {error}") from error
            try:
                yield cls(Path(directory))
            finally:
                subprocess.run(["umount", directory], check=True)  # noqa: S603, S607 - as above

    def fill(self) -> None:
        """Write until nothing more can be written."""
        with self._ballast.open("ab", buffering=0) as file, suppress(OSError):
            while file.write(_BLOCK):
                pass

    def free(self) -> None:
        """Give the space back."""
        self._ballast.unlink()
