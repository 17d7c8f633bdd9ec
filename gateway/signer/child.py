"""
A signer as a child process, which shares one socket pair with its parent and nothing else.

It is started when it is needed and again when it has ended, not more often than once a second.
It ends when its parent does, because its end of the pair is closed then.
"""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

__all__ = ["SignerProcess"]

_PROGRAM: Final = (sys.executable, "-P", "-m", "gateway.signing")
_SETTINGS: Final = "TASUKI_"
_PAUSE_S: Final = 1.0
_END_S: Final = 5.0


class SignerProcess:
    """
    Starts a signer; ``connect`` is for :class:`gateway.signer.remote.RemoteSigner`.

    Args:
        origin: The log's origin.
        key: The log's private key; only the child reads it.
        state: The signer's state file.
        program: What is started; it takes the arguments of :mod:`gateway.signing`.
        pause_s: Seconds from one start to the next, at least.
    """

    def __init__(
        self,
        origin: str,
        key: Path,
        state: Path,
        *,
        program: Sequence[str] = _PROGRAM,
        pause_s: float = _PAUSE_S,
    ) -> None:
        self._command = [*program, "--origin", origin, "--key", str(key), "--state", str(state)]
        self._pause_s = pause_s
        self._process: subprocess.Popen[bytes] | None = None
        self._started_at = float("-inf")

    @property
    def pid(self) -> int:
        """Its id; 0 before the first question."""
        return 0 if self._process is None else self._process.pid

    def connect(self) -> socket.socket:
        """
        End the process that was, start another, and return the channel to it.

        Raises:
            OSError: It cannot be started, or one was started a moment ago.
        """
        self.close()
        if time.monotonic() - self._started_at < self._pause_s:
            raise BlockingIOError("a signer was started a moment ago")
        self._started_at = time.monotonic()
        ours, theirs = socket.socketpair()
        with theirs:
            try:
                self._process = subprocess.Popen(  # noqa: S603 - our own program
                    [*self._command, "--channel", str(theirs.fileno())],
                    pass_fds=[theirs.fileno()],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    env=_environment(),
                )
            except OSError:
                ours.close()
                raise
        return ours

    def close(self) -> None:
        """Wait for its end, which follows the end of its channel; end it if it does not."""
        if self._process is None:
            return
        try:
            self._process.wait(_END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None


def _environment() -> dict[str, str]:
    """Return the environment without a setting of ours: where the database is, for one."""
    return {name: value for name, value in os.environ.items() if not name.startswith(_SETTINGS)}
