"""
A gateway left running, with a token and command lines that work for ten minutes.

The token is a demonstration member's, good at this computer's loopback address alone; the
command lines ask about fictional persons.
"""

import json
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

import httpx2

from gateway.client import GatewayUnreachable, load_desk_keys
from gateway.crypto.jwt import sign_jwt
from gateway.demo.stage import Stage, now
from gateway.domain.log import JSONValue

__all__ = ["Line", "Visit", "stay", "visit_json"]

_MEMBER: Final = "npo-hidamari-01"
_PERSON: Final = "sato"
_RECIPIENT: Final[Mapping[str, str]] = {"agency": "aoba-shakyo", "actor": "aoba-shakyo-01"}
_ASSERTION_S: Final = 60
_ASSERTION_TYPE: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"


@dataclass(frozen=True, slots=True)
class Line:
    """A command line that works, and what it shows."""

    what_ja: str
    what_en: str
    command: str


@dataclass(frozen=True, slots=True)
class Visit:
    """
    A gateway that runs on.

    Attributes:
        origin: Where it listens.
        pid: Its process; ending it ends the gateway.
        token: The member's token.
        lives_s: Seconds for which the token is good.
        lines: Command lines that work.
    """

    origin: str
    pid: int
    token: str
    lives_s: int
    lines: tuple[Line, ...]


def stay(stage: Stage) -> Visit:
    """
    Leave a town's gateway running and return what a visitor needs.

    Raises:
        GatewayUnreachable: No token could be had.
        GatewayProblem: The person cannot be found.
    """
    config = stage.config(_MEMBER)
    subject = stage.handle(_MEMBER, _PERSON)
    token, lives_s = _token(stage)
    auth = f"-H 'Authorization: Bearer {token}' -H 'Tasuki-Actor: {_MEMBER}'"
    permitted = _question(subject, [_field("subject.name_original", "IDN", screened=True)])
    refused = _question(subject, [_field("referral.heard_summary", "NAR", screened=False)])
    lines = (
        Line(
            "提供してよい項目を尋ねる(201)",
            "ask about a field that may pass (201)",
            _post(config.origin, auth, "may-pass", permitted),
        ),
        Line(
            "個人番号を確かめていない自由記述を尋ねる(403)",
            "ask about a narrative that nobody screened for a My Number (403)",
            _post(config.origin, auth, "unscreened", refused),
        ),
        Line("受信箱", "the inbox", f"curl -s {auth} {config.origin}/v1/inbox"),
        Line("署名された先頭", "the signed head", f"curl -s {config.origin}/audit/checkpoint"),
    )
    return Visit(config.origin, stage.process.leave_running(), token, lives_s, lines)


def visit_json(visit: Visit) -> dict[str, Any]:
    """Return the visit, as ``tasuki demo --keep --json`` says it."""
    return {
        "origin": visit.origin,
        "pid": visit.pid,
        "token": visit.token,
        "expires_in": visit.lives_s,
        "curl": [{"what": line.what_en, "command": line.command} for line in visit.lines],
    }


def _token(stage: Stage) -> tuple[str, int]:
    config = stage.config(_MEMBER)
    issued = now() // 1000
    claims: dict[str, JSONValue] = {
        "iss": config.client_id,
        "sub": config.client_id,
        "aud": config.origin,
        "iat": issued,
        "exp": issued + _ASSERTION_S,
        "jti": f"visit-{now()}",
    }
    key = load_desk_keys(config.keys_dir).client
    form = {
        "grant_type": "client_credentials",
        "client_assertion_type": _ASSERTION_TYPE,
        "client_assertion": sign_jwt(claims, key=key, typ="client-authentication+jwt"),
    }
    try:
        answer = httpx2.post(f"{config.origin}/oauth/token", data=form, trust_env=False)
        granted = answer.raise_for_status().json()
    except httpx2.HTTPError as error:
        raise GatewayUnreachable("no token could be had") from error
    return str(granted["access_token"]), int(granted["expires_in"])


def _question(subject: str, fields: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "direction": "push",
        "capacity": {"kind": "own_business"},
        "recipients": [dict(_RECIPIENT)],
        "subjects": [subject],
        "purpose": "refer",
        "profile": "referral_basic",
        "fields": fields,
    }


def _field(id_: str, class_: str, *, screened: bool) -> dict[str, Any]:
    field: dict[str, Any] = {"id": id_, "classes": [class_]}
    if class_ == "NAR":
        field["share_ready_by"] = _MEMBER
    if screened:
        field.update({"my_number": "clear", "screener": "by-hand"})
    return field


def _post(origin: str, auth: str, name: str, body: Mapping[str, Any]) -> str:
    # A new key each second: asked again at once, the same question has the same answer.
    key = f'-H "Idempotency-Key: {name}-$(date +%s)"'
    data = shlex.quote(json.dumps(body, separators=(",", ":")))
    what = f"{key} -H 'Content-Type: application/json' -d {data}"
    return f"curl -s {auth} {what} {origin}/v1/disclosures"
