"""
The single place that configures logging, and the processor that decides what a line may say.

* A line is an event of the form ``noun.verb`` and members from a closed list, each of which
  accepts one form of value: opaque ids, codes, counts, durations, templates of paths. Any
  other member, and any value of another form, is dropped and counted.
* Text of others never passes: of what libraries log only their name, the level and the place
  in the code remain; of an exception its type and the places in our own code, without its
  message, its values or the source line.
* What no rule of form can see is a name spelt like a code, in lower case. Members are
  therefore given ids and codes by the calling code, never what somebody sent.
"""

import json
import logging
import math
import re
import sys
import threading
import traceback
from collections.abc import Callable, Mapping, MutableMapping
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Final, TextIO, TypeAlias

import structlog
from typing_extensions import override

__all__ = ["MEMBERS", "configure_logging", "dropped_total"]

Rule: TypeAlias = Callable[[object], bool]

_EVENT: Final = re.compile(r"[a-z]+(?:_[a-z]+)*(?:\.[a-z]+(?:_[a-z]+)*){1,2}", re.ASCII)
_MAX_EVENT: Final = 60
_MAX_COUNT: Final = 999_999_999  # shorter than a telephone number or a My Number
_MAX_CAUSES: Final = 4
_MAX_FRAMES: Final = 12
_PACKAGE: Final = Path(__file__).resolve().parent
_LIBRARY: Final = re.compile(r"[a-z][a-z0-9_]{0,30}", re.ASCII)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,60}", re.ASCII)
_UNREGISTERED: Final = "event.unregistered"


def _text(pattern: str) -> Rule:
    compiled = re.compile(pattern, re.ASCII)
    return lambda value: isinstance(value, str) and compiled.fullmatch(value) is not None


def _is_count(value: object) -> bool:
    return type(value) is int and -_MAX_COUNT <= value <= _MAX_COUNT


def _is_duration(value: object) -> bool:
    return type(value) in {int, float} and math.isfinite(value) and 0 <= value <= _MAX_COUNT  # type: ignore[arg-type, operator] # mypy does not narrow by ``type``


def _is_flag(value: object) -> bool:
    return type(value) is bool


# An id made here: a UUID, or 128 bits as base64url.
_ID: Final = _text(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[A-Za-z0-9_-]{22}")
# An id of the register, for example of an agency: lower case, as it was registered.
_SLUG: Final = _text(
    r"(?=.{1,80}\Z)(?:[a-z][a-z0-9]*(?:[._:-][a-z0-9]+)*|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})"
)
_CODE: Final = _text(
    r"(?=.{1,64}\Z)(?:[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)*|[a-z][a-z0-9]*(?:[_.-][a-z0-9]+)*)"
)
_VERSION: Final = _text(r"[a-z]{0,20}[ /-]?[0-9]{1,4}(?:\.[0-9]{1,4}){0,3}")
_DIGEST: Final = _text(r"[A-Za-z0-9_-]{43}|[0-9a-f]{64}")
_ROUTE: Final = _text(r"(?=.{1,120}\Z)(?:/(?:[a-z0-9.-]+|\{[a-z_]+\}))+|/")
_METHOD: Final = _text(r"GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|OTHER")

# Every member a line may have. To log another, give it a line here and say what form it has.
MEMBERS: Final[Mapping[str, Rule]] = {
    # ids
    "request_id": _ID,
    "disclosure_id": _ID,
    "decision_id": _ID,
    "delivery_id": _ID,
    "entry_id": _ID,
    "task_id": _ID,
    "agency_id": _SLUG,
    "system_id": _SLUG,
    "tenant_id": _SLUG,
    "log_id": _SLUG,
    "kek_id": _SLUG,
    "witness": _SLUG,
    "policy_revision": _DIGEST,
    # codes
    "basis": _CODE,
    "change": _CODE,
    "code": _CODE,
    "engine": _VERSION,
    "fault": _CODE,
    "kind": _CODE,
    "label": _CODE,
    "obligation": _CODE,
    "outcome": _CODE,
    "purpose": _CODE,
    "reason": _CODE,
    "scope": _CODE,
    "state": _CODE,
    "version": _VERSION,
    # HTTP
    "method": _METHOD,
    "route": _ROUTE,
    "status": _is_count,
    # counts
    "attempt": _is_count,
    "bytes": _is_count,
    "count": _is_count,
    "entries": _is_count,
    "exit_code": _is_count,
    "index": _is_count,
    "pid": _is_count,
    "port": _is_count,
    "queued": _is_count,
    "size": _is_count,
    "units": _is_count,
    # durations
    "duration_ms": _is_duration,
    "retry_after_s": _is_duration,
    # flags
    "cached": _is_flag,
    "healthy": _is_flag,
}


class _Dropped:
    """How many members were dropped since the process began."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.total = 0

    def add(self, count: int) -> None:
        """Count."""
        with self._lock:
            self.total += count


_dropped: Final = _Dropped()


def dropped_total() -> int:
    """Return how many members and events were dropped since the process began."""
    return _dropped.total


def configure_logging(
    *, level: str = "info", log_format: str = "json", stream: TextIO | None = None
) -> None:
    """
    Send what this process logs, through structlog or the standard library, as safe lines.

    Uncaught exceptions, of threads too, become lines of the same kind. Call it once, before
    a server starts; tell uvicorn ``log_config=None, access_log=False``.

    Args:
        level: The least severity that is logged.
        log_format: ``json``, one object a line, or ``console``.
        stream: Where to write; standard error unless given.
    """
    number = logging.getLevelNamesMapping()[level.upper()]
    render = _to_json if log_format == "json" else _to_console
    out = sys.stderr if stream is None else stream
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            _redact,
            _render_with(render),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        context_class=dict,
        logger_factory=structlog.WriteLoggerFactory(file=out),
        cache_logger_on_first_use=False,
    )
    _take_over_standard_library(number)
    _take_over_hooks()


def _take_over_standard_library(number: int) -> None:
    logging.raiseExceptions = False  # a failing handler would print what it was to log
    logging.captureWarnings(capture=True)
    root = logging.getLogger()
    for handler in tuple(root.handlers):
        root.removeHandler(handler)
    root.addHandler(_ForeignHandler())
    root.setLevel(max(number, logging.INFO))  # debug lines of libraries help nobody here
    for logger in tuple(logging.Logger.manager.loggerDict.values()):
        if isinstance(logger, logging.Logger):
            logger.handlers.clear()
            logger.propagate = True
    # An access log holds paths and queries as they were sent; the gateway writes its own.
    logging.getLogger("uvicorn.access").propagate = False


def _take_over_hooks() -> None:
    log = structlog.get_logger()

    def uncaught(kind: type[BaseException], error: BaseException, _: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            return
        log.critical("process.failed", exc_info=error)

    def uncaught_in_thread(args: threading.ExceptHookArgs) -> None:
        if args.exc_value is not None:
            log.critical("thread.failed", exc_info=args.exc_value)

    def unraisable(args: "sys.UnraisableHookArgs") -> None:
        log.error("finalizer.failed", exc_info=args.exc_value)

    sys.excepthook = uncaught
    threading.excepthook = uncaught_in_thread
    sys.unraisablehook = unraisable


class _ForeignHandler(logging.Handler):
    """Passes on that a library logged something, and never what."""

    @override
    def emit(self, record: logging.LogRecord) -> None:
        members: dict[str, Any] = {"_library": record.name, "_place": record}
        if record.exc_info:
            members["exc_info"] = record.exc_info
        level = min((record.levelno // 10) * 10, logging.CRITICAL)
        structlog.get_logger().log(level, "library.logged", **members)


def _redact(
    _logger: object, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """Build the line anew from what is allowed; whatever else was said is only counted."""
    name = event.pop("event", None)
    level = event.pop("level", "")
    error = event.pop("exc_info", None)
    library, place = event.pop("_library", None), event.pop("_place", None)
    known = isinstance(name, str) and len(name) <= _MAX_EVENT and _EVENT.fullmatch(name)
    line: dict[str, Any] = {
        "timestamp": datetime.now(UTC).isoformat(timespec="milliseconds"),
        "level": level,
        "event": name if known else _UNREGISTERED,
    }
    if isinstance(place, logging.LogRecord):
        line |= _origin(library, place)
    allowed = {k: v for k, v in event.items() if k in MEMBERS and MEMBERS[k](v)}
    line |= allowed
    dropped = len(event) - len(allowed) + (not known)
    if dropped:
        _dropped.add(dropped)
        line["dropped"] = dropped
    if error:
        line["error"] = _causes(error)
    return line


def _origin(library: object, record: logging.LogRecord) -> dict[str, str]:
    top, module = str(library).partition(".")[0], record.module
    place = f"{module if _NAME.fullmatch(module) else '?'}:{int(record.lineno)}"
    return {"library": top if _LIBRARY.fullmatch(top) else "?", "place": place}


def _causes(exc_info: object) -> list[dict[str, Any]]:
    """Return type and our own frames of an exception and of what led to it."""
    error = _exception(exc_info)
    described: list[dict[str, Any]] = []
    while error is not None and len(described) < _MAX_CAUSES:
        described.append({"type": _type_name(error), "frames": _own_frames(error)})
        if isinstance(error, BaseExceptionGroup):
            described[-1]["of"] = sorted({_type_name(e) for e in error.exceptions})
        error = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    return described


def _exception(exc_info: object) -> BaseException | None:
    match exc_info:
        case BaseException():
            return exc_info
        case (_, BaseException() as error, _):
            return error
        case _:
            return sys.exc_info()[1]


def _type_name(error: BaseException) -> str:
    name = type(error).__name__
    return name if _NAME.fullmatch(name) else "?"


def _own_frames(error: BaseException) -> list[str]:
    """Return ``room/module.py:line function`` of the frames in this package, outermost first."""
    frames = []
    for frame, line in traceback.walk_tb(error.__traceback__):
        path = Path(frame.f_code.co_filename)
        if path.is_relative_to(_PACKAGE):
            where = path.relative_to(_PACKAGE.parent).as_posix()
            frames.append(f"{where}:{line} {frame.f_code.co_name}")
    return frames[-_MAX_FRAMES:]


def _render_with(
    render: Callable[[Mapping[str, Any]], str],
) -> Callable[[object, str, MutableMapping[str, Any]], str]:
    return lambda _logger, _method, line: render(line)


def _to_json(line: Mapping[str, Any]) -> str:
    return json.dumps(line, ensure_ascii=True, separators=(",", ":"))


def _to_console(line: Mapping[str, Any]) -> str:
    head = f"{line['timestamp']} {line['level']:<8} {line['event']}"
    rest = (f"{k}={v}" for k, v in line.items() if k not in {"timestamp", "level", "event"})
    return " ".join((head, *rest))
