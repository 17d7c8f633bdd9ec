"""
A real browser, driven as any program may: by W3C WebDriver over HTTP.

Debian's chromium and its driver, no library between. The browser reaches nothing but what a
test opens in it, keeps nothing, and ends with the driver.
"""

import base64
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx2

from tests.simulators.waiting import eventually

__all__ = ["Browser", "NoBrowser", "find_browser"]

_CHROMIUM: Final = ("chromium", "chromium-browser", "google-chrome")
_DRIVER: Final = ("chromedriver", "/usr/lib/chromium/chromedriver")
_ELEMENT: Final = "element-6066-11e4-a52e-4f735466cecf"  # W3C WebDriver 11.3
_ARGUMENTS: Final = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--force-prefers-reduced-motion",
    "--window-size=1200,900",
)


class NoBrowser(RuntimeError):
    """There is no chromium with its driver here."""


def find_browser() -> tuple[str, str]:
    """
    Return the programs: the browser and its driver.

    Raises:
        NoBrowser: One of them is missing.
    """
    found = [next(filter(None, map(shutil.which, names)), None) for names in (_CHROMIUM, _DRIVER)]
    browser, driver = found
    if browser is None or driver is None:
        raise NoBrowser("no chromium with chromium-driver: run `make tools`")
    return browser, driver


class Browser:
    """
    One browser window.

    Args:
        session: The address of a WebDriver session.
    """

    def __init__(self, session: str) -> None:
        self._session = session
        self._http = httpx2.Client(timeout=30.0, trust_env=False)

    @classmethod
    @contextmanager
    def open(cls, programs: tuple[str, str]) -> Iterator["Browser"]:
        """Yield a browser with a fresh profile, and end both programs afterwards."""
        browser, program = programs
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        with tempfile.TemporaryDirectory(prefix="tasuki-browser-") as profile:
            driver = subprocess.Popen(  # noqa: S603 - the program that make tools installs
                [program, f"--port={port}", "--silent"], stdout=subprocess.DEVNULL
            )
            try:
                eventually(lambda: _answers(port), within_s=30)
                arguments = [*_ARGUMENTS, f"--user-data-dir={profile}"]
                window = cls(_session(port, browser, arguments))
                try:
                    yield window
                finally:
                    window.close()
            finally:
                driver.terminate()
                driver.wait(30)

    def close(self) -> None:
        """Close the window."""
        self._http.delete(self._session)
        self._http.close()

    def visit(self, address: str) -> None:
        """Open an address and wait until it is loaded."""
        self._post("url", {"url": address})

    def address(self) -> str:
        """Return where the browser is."""
        return str(self._get("url"))

    def click(self, selector: str) -> None:
        """
        Click the first element that a CSS selector finds, as a person would.

        Raises:
            AssertionError: There is none, or something covers it.
        """
        element = self._post("element", {"using": "css selector", "value": selector})[_ELEMENT]
        self._post(f"element/{element}/click", {})

    def type_into(self, selector: str, text: str) -> None:
        """Type text into a field."""
        element = self._post("element", {"using": "css selector", "value": selector})[_ELEMENT]
        self._post(f"element/{element}/value", {"text": text})

    def press(self, key: str) -> None:
        """Press and release one key."""
        down_up = [{"type": kind, "value": key} for kind in ("keyDown", "keyUp")]
        self._post("actions", {"actions": [{"type": "key", "id": "keys", "actions": down_up}]})

    def run(self, script: str, *arguments: object) -> Any:
        """Return what a script in the page returns."""
        return self._post("execute/sync", {"script": script, "args": list(arguments)})

    def text(self, selector: str = "body") -> str:
        """Return the text that a person sees in an element."""
        return str(self.run("return document.querySelector(arguments[0]).innerText", selector))

    def problems(self) -> Sequence[str]:
        """Return what the browser complained about since it was asked last."""
        entries = self._post("se/log", {"type": "browser"})
        return [str(entry["message"]) for entry in entries]

    def resize(self, width: int, height: int) -> None:
        """Change the size of the window."""
        self._post("window/rect", {"width": width, "height": height})

    def screenshot(self, file: Path) -> None:
        """Write what is seen as PNG."""
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(base64.b64decode(self._get("screenshot")))

    def _get(self, command: str) -> Any:
        return _value(self._http.get(f"{self._session}/{command}"))

    def _post(self, command: str, content: object) -> Any:
        return _value(self._http.post(f"{self._session}/{command}", json=content))


def _session(port: int, browser: str, arguments: Sequence[str]) -> str:
    wanted = {
        "browserName": "chrome",
        "goog:chromeOptions": {"binary": browser, "args": list(arguments)},
        "goog:loggingPrefs": {"browser": "ALL"},
    }
    address = f"http://127.0.0.1:{port}/session"
    with httpx2.Client(timeout=60.0, trust_env=False) as http:
        answer = _value(http.post(address, json={"capabilities": {"alwaysMatch": wanted}}))
    return f"{address}/{answer['sessionId']}"


def _value(answer: httpx2.Response) -> Any:
    value = answer.json()["value"]
    assert answer.status_code == httpx2.codes.OK, value["message"]
    return value


def _answers(port: int) -> bool:
    with socket.socket() as client:
        return client.connect_ex(("127.0.0.1", port)) == 0
