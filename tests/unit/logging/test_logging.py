"""Log lines: whatever is planted in a call, a library or an exception never reaches one."""

import ast
import io
import json
import logging
import re
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog

import gateway
from gateway.crypto.encoding import unb64u
from gateway.domain.errors import MalformedRequest
from gateway.logging import MEMBERS, configure_logging, dropped_total

# What must never be seen: names as written and as spelt, a telephone number, a birth date,
# a My Number as text and as a number, and lines that forge other lines.
CANARIES: tuple[Any, ...] = (
    "佐藤花子",
    "サトウ ハナコ",
    "Sato Hanako",
    "Hanako",
    "090-1234-5678",
    "09012345678",
    "1941-05-03",
    "123456789012",
    123456789012,
    9012345678.5,
    'x"\n{"event":"door.opened"}',
    "\u2028佐藤",
    ["佐藤花子"],
    {"name": "佐藤花子"},
    "sqlite:///secret.db?佐藤",
)
ID = "01890a5d-ac96-774b-bcce-b302099a8057"
GATEWAY = Path(gateway.__file__).parent


class Lines:
    """What was logged."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        """Everything, as written."""
        return self.stream.getvalue()

    def all(self) -> list[dict[str, Any]]:
        """Each line as an object."""
        return [json.loads(line) for line in self.text.split("\n") if line]

    def one(self) -> dict[str, Any]:
        """The only line, without its time."""
        (line,) = self.all()
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT[\d:.]{12}\+00:00", line.pop("timestamp"))
        return line

    def assert_without_canaries(self) -> None:
        """Assert that nothing planted is there, in any spelling JSON allows."""
        shown = self.text + json.dumps(self.all(), ensure_ascii=False)
        for planted in ("佐藤", "サトウ", "anako", "1234", "5678", "1941", "door.opened", "secret"):
            assert planted not in shown


@pytest.fixture
def restored() -> Iterator[None]:
    """Whatever the process logged by before is put back."""
    root = logging.getLogger()
    before = (tuple(root.handlers), root.level, logging.raiseExceptions)
    hooks = (sys.excepthook, threading.excepthook, sys.unraisablehook)
    yield
    structlog.reset_defaults()
    structlog.contextvars.clear_contextvars()
    logging.captureWarnings(capture=False)
    root.handlers[:], root.level, logging.raiseExceptions = list(before[0]), before[1], before[2]
    sys.excepthook, threading.excepthook, sys.unraisablehook = hooks


@pytest.fixture
def lines(restored: None) -> Lines:
    found = Lines()
    configure_logging(level="debug", stream=found.stream)
    return found


def _raise(message: object) -> None:
    secret = message
    raise ValueError(secret)


@pytest.mark.parametrize("member", [*MEMBERS, "name", "body", "subject", "佐藤花子", "stack_info"])
def test_canary_in_any_member_never_reaches_the_line(lines: Lines, member: str) -> None:
    before = dropped_total()

    for canary in CANARIES:
        structlog.get_logger().info("door.decided", **{member: canary})

    lines.assert_without_canaries()
    assert {1} == {line["dropped"] for line in lines.all()}
    assert len(CANARIES) == len(lines.all()) == dropped_total() - before


@pytest.mark.parametrize("canary", [c for c in CANARIES if isinstance(c, str)])
def test_canary_as_event_or_in_it_never_reaches_the_line(lines: Lines, canary: str) -> None:
    log = structlog.get_logger()

    log.info(canary)
    log.info(f"door.decided {canary}")  # noqa: G004 - the mistake that is tried
    log.info("door.decided for %s", canary)
    log.info(ValueError(canary))

    lines.assert_without_canaries()
    assert {"event.unregistered"} == {line["event"] for line in lines.all()}


@pytest.mark.parametrize("canary", CANARIES)
def test_canary_bound_to_the_context_never_reaches_the_line(lines: Lines, canary: Any) -> None:
    structlog.contextvars.bind_contextvars(subject=canary, agency_id=canary)
    log = structlog.get_logger().bind(name=canary)

    log.info("door.decided", decision_id=ID)

    lines.assert_without_canaries()
    assert 3 == lines.all()[0]["dropped"]
    assert ID == lines.all()[0]["decision_id"]


@pytest.mark.parametrize("canary", CANARIES)
def test_canary_in_an_exception_never_reaches_the_line(lines: Lines, canary: Any) -> None:
    log = structlog.get_logger()

    try:
        try:
            _raise(canary)
        except ValueError as error:
            error.add_note(str(canary))
            raise RuntimeError(canary) from error
    except RuntimeError:
        log.exception("door.failed")

    lines.assert_without_canaries()
    assert ["RuntimeError", "ValueError"] == [e["type"] for e in lines.one()["error"]]


def test_canary_in_a_group_of_exceptions_or_a_type_never_reaches_the_line(lines: Lines) -> None:
    strange = type("佐藤花子", (Exception,), {})

    structlog.get_logger().error("door.failed", exc_info=strange("Hanako"))
    group = ExceptionGroup("佐藤花子", [ValueError("Hanako"), strange()])
    structlog.get_logger().error("door.failed", exc_info=group)

    lines.assert_without_canaries()
    assert "?" == lines.all()[0]["error"][0]["type"]
    assert ["?", "ValueError"] == lines.all()[1]["error"][0]["of"]


@pytest.mark.parametrize("library", ["uvicorn.error", "sqlalchemy.engine", "asyncio", "佐藤花子"])
def test_canary_logged_by_a_library_never_reaches_the_line(lines: Lines, library: str) -> None:
    for canary in CANARIES:
        try:
            _raise(canary)
        except ValueError:
            logging.getLogger(library).exception("got %s", canary, extra={"subject": canary})
        logging.getLogger(library).warning("%d %d", canary)  # noqa: PLE1206 - does not even format

    lines.assert_without_canaries()
    assert {"library.logged"} == {line["event"] for line in lines.all()}
    assert 2 * len(CANARIES) == len(lines.all())


def test_access_log_of_the_server_never_reaches_a_line(lines: Lines) -> None:
    logging.getLogger("uvicorn.access").info('"GET /v1/subjects?name=%s"', "佐藤花子")

    assert "" == lines.text


def test_canary_in_an_uncaught_exception_of_a_thread_never_reaches_the_line(lines: Lines) -> None:
    thread = threading.Thread(target=_raise, args=("佐藤花子",))

    thread.start()
    thread.join()

    lines.assert_without_canaries()
    assert "thread.failed" == lines.one()["event"]


@pytest.mark.parametrize("log_format", ["json", "console"])
def test_canary_in_a_warning_or_an_ending_process_never_reaches_standard_error(
    log_format: str,
) -> None:
    script = (
        "import warnings\n"
        "from gateway.logging import configure_logging\n"
        f"configure_logging(log_format={log_format!r})\n"
        "class Noisy:\n"
        "    def __del__(self): raise ValueError('Hanako')\n"
        "Noisy()\n"
        "warnings.warn('Hanako')\n"
        "name = '佐藤花子'\n"
        "raise ValueError(name)\n"
    )
    ended = subprocess.run(  # noqa: S603 - our own interpreter and script
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )

    assert 1 == ended.returncode
    assert "" == ended.stdout
    assert 3 == len(ended.stderr.splitlines())
    assert "library.logged" in ended.stderr
    assert "finalizer.failed" in ended.stderr
    assert "process.failed" in ended.stderr
    for planted in ("佐藤", "Hanako", "\\u4f50"):
        assert planted not in ended.stderr


@pytest.mark.parametrize("canary", CANARIES)
def test_canary_never_reaches_a_line_for_the_console(restored: None, canary: Any) -> None:
    lines = Lines()
    configure_logging(log_format="console", stream=lines.stream)

    try:
        _raise(canary)
    except ValueError:
        structlog.get_logger().exception("door.failed", name=canary, agency_id=canary)

    assert 1 == lines.text.count("\n")
    assert "door.failed dropped=2 error=" in lines.text
    for planted in ("佐藤", "anako", "5678", "1941", "door.opened"):
        assert planted not in lines.text


def test_line_below_the_level_is_not_written(restored: None) -> None:
    lines = Lines()
    configure_logging(level="warning", stream=lines.stream)

    structlog.get_logger().info("door.decided")
    logging.getLogger("uvicorn.error").info("started")

    assert "" == lines.text


def test_line_holds_what_is_allowed_and_nothing_else(lines: Lines) -> None:
    structlog.get_logger().info(
        "door.decided",
        decision_id=ID,
        entry_id="AAAAAAAAAAAAAAAAAAAAAA",
        agency_id="npo-hidamari",
        basis="consent_public",
        reason="CONSENT_WITHDRAWN",
        engine="regorus 0.13.0",
        method="POST",
        route="/v1/disclosures/{id}/payloads/{recipient}",
        status=403,
        units=3,
        duration_ms=1.25,
        cached=False,
    )

    assert {
        "level": "info",
        "event": "door.decided",
        "decision_id": ID,
        "entry_id": "AAAAAAAAAAAAAAAAAAAAAA",
        "agency_id": "npo-hidamari",
        "basis": "consent_public",
        "reason": "CONSENT_WITHDRAWN",
        "engine": "regorus 0.13.0",
        "method": "POST",
        "route": "/v1/disclosures/{id}/payloads/{recipient}",
        "status": 403,
        "units": 3,
        "duration_ms": 1.25,
        "cached": False,
    } == lines.one()


def test_line_of_a_library_says_which_and_where(lines: Lines) -> None:
    logging.getLogger("uvicorn.error").warning("anything")

    line = lines.one()

    assert ("warning", "library.logged", "uvicorn") == (
        line["level"],
        line["event"],
        line["library"],
    )
    assert re.fullmatch(r"test_logging:\d+", line["place"])


def test_exception_in_our_own_code_is_placed_without_its_words(lines: Lines) -> None:
    try:
        unb64u("Hanako!")
    except MalformedRequest:
        structlog.get_logger().exception("door.failed")

    lines.assert_without_canaries()
    (error,) = lines.one()["error"]
    assert "BadEncoding" == error["type"]
    assert re.fullmatch(r"gateway/crypto/encoding\.py:\d+ unb64u", error["frames"][-1])


def test_every_log_call_of_the_gateway_says_a_literal_event_and_allowed_members() -> None:
    mistakes = []
    for path in sorted(GATEWAY.rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(call, ast.Call) and _is_log_call(call):
                mistakes += [f"{path.name}:{call.lineno} {m}" for m in _mistakes(call)]

    assert [] == mistakes


def test_log_call_with_a_composed_event_or_an_unknown_member_would_be_found() -> None:
    call = ast.parse("log.info(f'door {name}', name=name, units=1)").body[0]

    assert isinstance(call, ast.Expr)
    assert isinstance(call.value, ast.Call)
    assert _is_log_call(call.value)
    assert ["event", "name"] == _mistakes(call.value)


def _is_log_call(call: ast.Call) -> bool:
    function = call.func
    if not isinstance(function, ast.Attribute):
        return False
    if function.attr not in {"debug", "info", "warning", "error", "critical", "exception"}:
        return False
    owner = function.value
    name = owner.attr if isinstance(owner, ast.Attribute) else getattr(owner, "id", "")
    return name.lower().strip("_") in {"log", "logger"}


def _mistakes(call: ast.Call) -> list[str]:
    event = call.args[0] if call.args else None
    literal = isinstance(event, ast.Constant) and re.fullmatch(
        r"[a-z_]+(\.[a-z_]+){1,2}", str(event.value)
    )
    members = {k.arg or "**" for k in call.keywords}
    return ([] if literal else ["event"]) + sorted(members - {*MEMBERS, "exc_info"})
