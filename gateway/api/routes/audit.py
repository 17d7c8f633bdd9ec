"""
The log, for anybody who wants to check it (C2SP tlog-tiles, tlog-proof).

Leaves are commitments and reveal nothing, so everything here is public. Tiles never change,
and a partial tile is served for every size that was ever signed.
"""

import gzip
from typing import Annotated, Final

from fastapi import APIRouter, Query, Request
from starlette.responses import PlainTextResponse, Response

from gateway.api.answers import reply
from gateway.api.dependencies import PathId
from gateway.api.parts import CurrentParts, Parts
from gateway.crypto.encoding import b64
from gateway.crypto.json_reader import MAX_INTEGER
from gateway.crypto.tiles import TILE_WIDTH, InvalidTile, Tile, encode_bundle
from gateway.domain.errors import NotFound
from gateway.domain.ids import EntryId

__all__ = ["router"]

router = APIRouter(prefix="/audit", tags=["audit"])

_IMMUTABLE: Final = {"Cache-Control": "public, max-age=31536000, immutable"}
_NO_CACHE: Final = {"Cache-Control": "no-cache"}
_BYTES: Final = "application/octet-stream"

NewSize = Annotated[int, Query(alias="to", ge=0, le=MAX_INTEGER)]
OldSize = Annotated[int, Query(alias="from", ge=0, le=MAX_INTEGER)]


@router.get(
    "/checkpoint",
    summary="The newest head that may be shown",
    description="C2SP tlog-checkpoint; with a policy of witnesses the newest one that its quorum"
    " has cosigned, with the cosignatures.",
)
def checkpoint(parts: CurrentParts) -> Response:
    return PlainTextResponse(parts.published.checkpoint(), headers=_NO_CACHE)


@router.get(
    "/policy",
    summary="Which witnesses have to cosign the log",
    description="C2SP tlog-policy. To be compared with what was handed over out of band, never to"
    " be learnt here.",
)
def policy(parts: CurrentParts) -> Response:
    found = parts.published.witness_policy
    if found is None:
        raise NotFound
    return Response(found, headers=_NO_CACHE, media_type="text/plain")


@router.get(
    "/tile/{path:path}",
    summary="A tile of hashes, or a bundle of entries",
    description="C2SP tlog-tiles: level or the word entries, the index in groups of three, and"
    " for a partial tile its width.",
)
def tile(path: str, request: Request, parts: CurrentParts) -> Response:
    wanted = _tile_named(path, parts)
    if wanted.level is not None:
        data = parts.published.tile(wanted.level, wanted.index, wanted.width)
        return Response(data, headers=_IMMUTABLE, media_type=_BYTES)
    first = wanted.index * TILE_WIDTH
    context = parts.context
    leaves = context.log.leaves(context.log_id, first, first + wanted.width)
    return _bundle(encode_bundle(leaves), request)


@router.get(
    "/proof/{entry_id}",
    summary="The proof that an entry is in the log",
    description="C2SP tlog-proof, against the newest head.",
)
def proof(entry_id: PathId, parts: CurrentParts) -> Response:
    context = parts.context
    return PlainTextResponse(
        context.log.proof(context.log_id, EntryId(entry_id)), headers=_NO_CACHE
    )


@router.get(
    "/consistency",
    summary="The proof that the log only grew",
    description="Hashes between two sizes; anybody can derive them from tiles as well.",
)
def consistency(parts: CurrentParts, old: OldSize, new: NewSize) -> Response:
    context = parts.context
    hashes = context.log.consistency(context.log_id, old, new)
    return reply({"from": old, "to": new, "hashes": [b64(h) for h in hashes]})


@router.get(
    "/keys",
    summary="Keys of the log",
    description="To be compared with what was handed over out of band, never to be learnt here.",
)
def keys(parts: CurrentParts) -> Response:
    return PlainTextResponse("".join(f"{k}\n" for k in parts.published.log_vkeys))


def _tile_named(path: str, parts: Parts) -> Tile:
    context = parts.context
    wanted: Tile | None
    try:
        wanted = Tile.parse(f"tile/{path}")
        wanted.check_within(context.log.checkpoint(context.log_id).size)
    except InvalidTile:
        wanted = None
    if wanted is None:
        raise NotFound
    return wanted


def _bundle(data: bytes, request: Request) -> Response:
    headers = {**_IMMUTABLE, "Vary": "Accept-Encoding"}
    if "gzip" not in request.headers.get("accept-encoding", ""):
        return Response(data, headers=headers, media_type=_BYTES)
    headers["Content-Encoding"] = "gzip"
    return Response(gzip.compress(data, mtime=0), headers=headers, media_type=_BYTES)
