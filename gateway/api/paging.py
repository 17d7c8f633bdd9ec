"""
Lists, a page at a time: where a page begins, and how it is answered.

A page carries an entity tag, so that whoever holds it already is told so in a few bytes, and
a link to the next one (RFC 8288).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Any, Final
from urllib.parse import urlencode

import orjson
from fastapi import Depends, Query, Request
from starlette.responses import Response

from gateway.api.cursors import Cursors
from gateway.api.dependencies import CallingSystem
from gateway.api.parts import CurrentParts
from gateway.crypto.encoding import b64u
from gateway.domain.disclosure import Caller

__all__ = ["MAX_PAGE", "Page", "Paged"]

MAX_PAGE: Final = 200
_MAX_CURSOR: Final = 200


@dataclass(frozen=True, slots=True)
class Page:
    """
    One page that was asked for.

    Attributes:
        caller: Whose list.
        cursor: Where it begins, as it was sent.
        limit: Lines at most.
    """

    request: Request
    caller: Caller
    cursors: Cursors
    cursor: str
    limit: int

    def after(self, name: str) -> str:
        """
        Return the id after which this page of the named list begins.

        Raises:
            MalformedRequest: The cursor is not one of this agency's list.
        """
        return self.cursors.read(self.caller, name, self.cursor)

    def answer(self, name: str, member: str, lines: Sequence[Mapping[str, Any]]) -> Response:
        """
        Return the page, or 304 when the caller holds it already.

        Args:
            name: Name of the list, to which its cursors are bound.
            member: Name of the lines in the answer.
            lines: The lines; the id that orders them stands first in each.
        """
        last = str(next(iter(lines[-1].values()))) if len(lines) == self.limit else ""
        cursor = self.cursors.write(self.caller, name, last)
        body = orjson.dumps({member: lines, "next": cursor}, default=dict)
        headers = {
            "ETag": f'"{b64u(sha256(body).digest())}"',
            "Cache-Control": "private, no-cache",
        }
        if cursor:
            query = urlencode({**self.request.query_params, "after": cursor})
            headers["Link"] = f'<{self.request.url.path}?{query}>; rel="next"'
        if headers["ETag"] in self.request.headers.get("if-none-match", ""):
            return Response(status_code=304, headers=headers)
        return Response(body, headers=headers, media_type="application/json")


async def _page(
    request: Request,
    caller: CallingSystem,
    parts: CurrentParts,
    after: Annotated[
        str, Query(max_length=_MAX_CURSOR, description="Cursor of the page; the first without.")
    ] = "",
    limit: Annotated[int, Query(ge=1, le=MAX_PAGE, description="Lines of a page.")] = 100,
) -> Page:
    return Page(request, caller, parts.cursors, after, limit)


Paged = Annotated[Page, Depends(_page)]
