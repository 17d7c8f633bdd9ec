"""The authorisation server's three addresses (RFC 6749, RFC 7517, RFC 8414)."""

from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from gateway.api.answers import reply
from gateway.api.parts import CurrentParts, Parts
from gateway.api.reading import read_form
from gateway.domain.errors import NotAuthenticated, NotAuthorized

__all__ = ["router"]

router = APIRouter(tags=["oauth"])

_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_REQUIRED: Final = frozenset({"grant_type", "client_assertion_type", "client_assertion"})
# The client id may stand beside the assertion (RFC 7521 4.2); it is never used.
_ALLOWED: Final = _REQUIRED | {"scope", "client_id"}
_FORM_SCHEMA: Final[dict[str, Any]] = {
    "requestBody": {
        "required": True,
        "content": {
            "application/x-www-form-urlencoded": {
                "schema": {
                    "type": "object",
                    "additionalProperties": False,
                    "required": sorted(_REQUIRED),
                    "properties": {
                        "grant_type": {"const": "client_credentials"},
                        "client_assertion_type": {"const": _ASSERTION_TYPE},
                        "client_assertion": {"type": "string"},
                        "scope": {"type": "string"},
                        "client_id": {"type": "string"},
                    },
                }
            }
        },
    }
}


async def _form(request: Request) -> dict[str, str]:
    return await read_form(request)


@router.post(
    "/oauth/token",
    summary="Get an access token",
    description="client_credentials with private_key_jwt; an assertion is accepted once."
    " Errors are those of RFC 6749 5.2.",
    openapi_extra=_FORM_SCHEMA,
)
def token(form: Annotated[dict[str, str], Depends(_form)], parts: CurrentParts) -> Response:
    if error := _fault(form):
        return _oauth_error(error, 400)
    try:
        issued = _issue(form, parts)
    except NotAuthenticated:
        return _oauth_error("invalid_client", 401)
    except NotAuthorized:
        return _oauth_error("invalid_scope", 400)
    return reply(
        {
            "access_token": issued.token,
            "token_type": "Bearer",
            "expires_in": issued.expires_in,
            "scope": " ".join(issued.scopes),
        },
        headers={"Pragma": "no-cache"},
    )


@router.get("/oauth/jwks", summary="Keys by which tokens are verified", description="RFC 7517.")
def jwks(parts: CurrentParts) -> Response:
    return reply(parts.identity.verifier.jwks())


@router.get(
    "/.well-known/oauth-authorization-server",
    summary="What the authorisation server says of itself",
    description="RFC 8414.",
)
def metadata(parts: CurrentParts) -> Response:
    return reply(parts.identity.metadata)


def _fault(form: dict[str, str]) -> str:
    if not _REQUIRED <= form.keys() <= _ALLOWED:
        return "invalid_request"
    if form["grant_type"] != "client_credentials":
        return "unsupported_grant_type"
    return "" if form["client_assertion_type"] == _ASSERTION_TYPE else "invalid_request"


def _issue(form: dict[str, str], parts: Parts) -> Any:
    caller = parts.identity.authenticator.authenticate(form["client_assertion"])
    return parts.identity.issuer.issue(caller, form.get("scope", "").split())


def _oauth_error(code: str, status: int) -> Response:
    return reply({"error": code}, status)
