"""
Reading what arrives: a body is read once, strictly, and never echoed.

* Only ``application/json`` in UTF-8 and without a content coding is read as JSON; only
  ``application/x-www-form-urlencoded`` as a form.
* The size is bounded while the body streams in, whatever its headers say.
* One reader for every JSON (:mod:`gateway.crypto.json_reader`), then a model that refuses
  unknown members and never converts a type.
* An error names a place and the rule broken there, never the value, and never a member name
  that the caller chose.
"""

import asyncio
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import Annotated, Any, ClassVar, Final, TypeVar
from urllib.parse import parse_qsl

from fastapi import Depends, Request
from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError
from starlette.requests import ClientDisconnect

from gateway.crypto.json_reader import read_json_object
from gateway.domain.errors import MalformedRequest, SchemaViolation

__all__ = [
    "MAX_BODY",
    "Body",
    "Code",
    "ContentTooLarge",
    "OpaqueId",
    "OptionalCode",
    "OptionalId",
    "UnsupportedMediaType",
    "WireModel",
    "body_of",
    "one_header",
    "raw_body",
    "read_form",
    "validated",
]

MAX_BODY: Final = 528 * 1024  # an envelope of 512 KiB and what stands around it

_MODEL = TypeVar("_MODEL", bound=BaseModel)
_JSON: Final = "application/json"
_FORM: Final = "application/x-www-form-urlencoded"
_BODY_TIMEOUT_S: Final = 30.0
_MAX_FORM: Final = 16_384
_MAX_FORM_FIELDS: Final = 20
_MAX_ERRORS: Final = 20
_EMPTY: Final = "{}"

OpaqueId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{1,80}$")]
OptionalId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:-]{0,80}$")]
Code = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{1,60}$")]
OptionalCode = Annotated[str, StringConstraints(pattern=r"^[a-z0-9_]{0,60}$")]


class UnsupportedMediaType(MalformedRequest):
    """The body is not in the one format that is read here."""

    def __init__(self, expected: str) -> None:
        super().__init__("media-type")
        self.expected = expected


class ContentTooLarge(MalformedRequest):
    """The body is larger than is read here."""

    def __init__(self) -> None:
        super().__init__("too-large")


class WireModel(BaseModel):
    """A body as it must arrive: no unknown member, no conversion, nothing echoed."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, hide_input_in_errors=True)


class Body:
    """
    A dependency that reads the request's body as one model.

    The OpenAPI document finds the model here (:mod:`gateway.api.openapi`).
    """

    # Names of the problems with which a body is refused.
    problems: ClassVar[tuple[str, ...]] = (
        "content-too-large",
        "unsupported-media-type",
        "schema-violation",
    )

    def __init__(self, model: type[BaseModel]) -> None:
        self.model = model

    async def __call__(self, request: Request) -> BaseModel:
        """
        Return the body.

        Raises:
            UnsupportedMediaType, ContentTooLarge, MalformedRequest: It is not readable.
            SchemaViolation: It is read, but not as the model demands.
        """
        _check_media_type(request, _JSON)
        text = await raw_body(request)
        # An absent body says nothing, which is an object without members.
        value = read_json_object(text or _EMPTY, max_bytes=MAX_BODY)
        return validated(self.model, value)


def body_of(model: type[_MODEL]) -> Any:
    """Return the dependency that reads the body as ``model``; for use in ``Annotated``."""
    return Depends(Body(model))


def validated(model: type[_MODEL], value: Mapping[str, Any]) -> _MODEL:
    """
    Return ``value`` as a model.

    Raises:
        SchemaViolation: It is not as the model demands.
    """
    errors: list[tuple[str, str]]
    try:
        return model.model_validate(value)
    except ValidationError as error:
        found = error.errors(include_url=False, include_context=False, include_input=False)
        names = _names(model)
        errors = [(_pointer(e["loc"], names), e["type"]) for e in found[:_MAX_ERRORS]]
    # Raised outside the handler: pydantic's own error holds the whole input.
    raise SchemaViolation(errors)


async def raw_body(request: Request) -> bytes:
    """
    Return the body's bytes, read once and kept for the request.

    Raises:
        ContentTooLarge: It is larger than :data:`MAX_BODY`.
        MalformedRequest: The caller went away or is too slow, or its length is not a number.
    """
    kept: bytes | None = getattr(request.state, "raw_body", None)
    if kept is not None:
        return kept
    said = request.headers.get("content-length", "0")
    if not said.isascii() or not said.isdigit():
        raise MalformedRequest("content-length")
    if len(said) > len(str(MAX_BODY)) or int(said) > MAX_BODY:
        raise ContentTooLarge
    chunks = bytearray()
    try:
        async with asyncio.timeout(_BODY_TIMEOUT_S):
            async for chunk in request.stream():
                chunks += chunk
                if len(chunks) > MAX_BODY:
                    raise ContentTooLarge
    except (ClientDisconnect, TimeoutError) as error:
        raise MalformedRequest("incomplete") from error
    body = bytes(chunks)
    request.state.raw_body = body
    return body


async def read_form(request: Request) -> dict[str, str]:
    """
    Return the members of a form, each of which may stand there once.

    Raises:
        UnsupportedMediaType, ContentTooLarge, MalformedRequest: It is not readable.
    """
    _check_media_type(request, _FORM)
    raw = await raw_body(request)
    if len(raw) > _MAX_FORM:
        raise ContentTooLarge
    pairs: list[tuple[str, str]] | None
    try:
        pairs = parse_qsl(
            raw.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=bool(raw),
            errors="strict",
            max_num_fields=_MAX_FORM_FIELDS,
        )
    except ValueError:
        pairs = None
    if pairs is None:
        raise MalformedRequest("not-a-form")
    members = dict(pairs)
    if len(members) != len(pairs):
        raise MalformedRequest("member-twice")
    return members


def one_header(request: Request, name: str) -> str | None:
    """
    Return a header's value, or ``None`` when it is not there.

    Raises:
        MalformedRequest: It is there twice, so that two readers could differ.
    """
    values = request.headers.getlist(name)
    if len(values) > 1:
        raise MalformedRequest("header-twice")
    return values[0] if values else None


def _check_media_type(request: Request, expected: str) -> None:
    said = one_header(request, "content-type")
    media_type, _, parameter = (said or "").partition(";")
    charset = parameter.strip().lower().replace('"', "")
    plain = one_header(request, "content-encoding") in {None, "identity"}
    if media_type.strip().lower() != expected or charset not in {"", "charset=utf-8"} or not plain:
        raise UnsupportedMediaType(expected)


@lru_cache(maxsize=256)
def _names(model: type[BaseModel]) -> frozenset[str]:
    """Return the name of every member that a model or a part of it knows."""
    schema = model.model_json_schema()
    objects = (schema, *schema.get("$defs", {}).values())
    return frozenset(name for part in objects for name in part.get("properties", ()))


def _pointer(loc: Sequence[int | str], names: frozenset[str]) -> str:
    """Return where it is wrong (RFC 6901), as far as the names are ours and not the caller's."""
    known = takewhile(lambda place: isinstance(place, int) or place in names, loc)
    return "".join(f"/{place}" for place in known)
