"""
A signer's process that kills itself once, at a chosen step of signing.

``python -m tests.simulators.killed_signer POINT FUSE`` and the arguments of
:mod:`gateway.signing`; it is killed at POINT while the file FUSE is there, which it removes.
"""

import os
import signal
import sys
from pathlib import Path

from gateway import signing
from gateway.signer.local import LocalSigner

__all__ = ["POINTS"]

POINTS = ("signed", "persisted")


class _Killed(LocalSigner):
    """The real signer; its process ends before or after the state is made durable."""

    def _replace(self, content: bytes, directory: int) -> None:
        _reach("signed")
        super()._replace(content, directory)
        _reach("persisted")


def _reach(point: str) -> None:
    chosen, fuse = sys.argv[1], Path(sys.argv[2])
    if point == chosen and fuse.exists():
        fuse.unlink()
        os.kill(os.getpid(), signal.SIGKILL)


if __name__ == "__main__":
    setattr(signing, "LocalSigner", _Killed)  # noqa: B010 - the program opens this one instead
    signing.main(sys.argv[3:])
