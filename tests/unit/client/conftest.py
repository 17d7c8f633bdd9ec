"""
A small gateway over real HTTP, and two desks: あおば市 sends, ひだまり receives.

The log, its proofs, the assertions and the envelopes are made and checked by the real code;
only the decision is simple: what ``withhold`` names does not pass. ``lie`` changes an answer
on its way out, as a gateway would that cannot be trusted.
"""

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from gateway.audit.tree import prove_consistency
from gateway.audit.verify import Evidence
from gateway.client import (
    Desk,
    DeskConfig,
    Proposal,
    RecipientRef,
    create_desk_keys,
    load_desk_keys,
)
from gateway.crypto.binding import Binding, check_envelope, read_protected_header
from gateway.crypto.encoding import b64, b64u, digest_text
from gateway.crypto.jwt import InvalidToken, TokenRules, verify_jwt
from gateway.crypto.keys import VerifyKey
from gateway.crypto.merkle import leaf_hash
from gateway.domain.ids import ActorId, AgencyId, FieldId, SubjectId, SystemId
from gateway.domain.log import EntryType
from tests.simulators.clock import FixedClock
from tests.unit.audit.conftest import ORIGIN as LOG_ORIGIN
from tests.unit.audit.conftest import SmallLog

ORIGIN = "https://gw.example"
CITY, NPO = "aoba-city", "npo-hidamari"
SATO = SubjectId("s-sato")
RECORD = {FieldId("subject.name_original"): "佐藤", FieldId("subject.phones"): ["00-0000-0000"]}
HIDDEN = {"policy_input"}
Answered = tuple[int, Any]


def _truthful(_path: str, body: Any) -> Any:
    return body


@dataclass
class SmallGateway:
    """What the HTTP server below answers from."""

    log: SmallLog = field(default_factory=SmallLog)
    clock: FixedClock = field(default_factory=FixedClock)
    url: str = ""
    systems: dict[str, tuple[str, VerifyKey]] = field(default_factory=dict)
    keys: dict[tuple[str, str], Any] = field(default_factory=dict)
    tokens: dict[str, str] = field(default_factory=dict)
    withhold: set[str] = field(default_factory=set)
    units: dict[str, dict[str, Any]] = field(default_factory=dict)
    decisions: dict[str, Evidence] = field(default_factory=dict)
    deliveries: dict[str, dict[str, Any]] = field(default_factory=dict)
    done: dict[tuple[str, str], Answered] = field(default_factory=dict)
    used: set[str] = field(default_factory=set)
    asked: list[dict[str, Any]] = field(default_factory=list)
    acknowledged: list[tuple[str, Any]] = field(default_factory=list)
    drop: list[str] = field(default_factory=list)
    requests: dict[str, dict[str, Any]] = field(default_factory=dict)
    tasks: list[dict[str, Any]] = field(default_factory=list)
    provable: int = 2**53
    audience: str = ORIGIN
    lie: Callable[[str, Any], Any] = _truthful

    def route(  # noqa: C901, PLR0911, PLR0912 - one case a path
        self, method: str, path: str, query: dict[str, str], body: Any, who: str
    ) -> Answered:
        """Answer one call of an agency; ``who`` is empty for the public."""
        match method, path.strip("/").split("/"):
            case "GET", [".well-known", "tasuki"]:
                vkeys = [self.log.signer.key.to_text()]
                return 200, {"origin": ORIGIN, "log_origin": LOG_ORIGIN, "log_vkeys": vkeys}
            case "GET", ["audit", "checkpoint"]:
                return 200, self.log.note()
            case "GET", ["audit", "consistency"]:
                return self._consistency(int(query["from"]), int(query["to"]))
            case _ if not who:
                return problem(401, "agency-not-authenticated")
            case "POST", ["v1", "disclosures"]:
                return self._disclose(who, body)
            case "PUT", ["v1", "disclosures", disclosure_id, "payloads", _]:
                return 201, self.release(disclosure_id, body)
            case "POST", ["v1", "disclosures", disclosure_id, "recall"]:
                return self._recall(disclosure_id)
            case "GET", ["v1", "inbox"]:
                return 200, self._inbox(who, query.get("after", ""))
            case "GET", ["v1", "inbox", delivery_id]:
                return self._open(who, delivery_id)
            case "POST", ["v1", "inbox", delivery_id, "acknowledgement"]:
                self.acknowledged.append((delivery_id, body))
                self.log.append(EntryType.ACKNOWLEDGED, {"delivery_id": delivery_id})
                return 200, {"state": "acknowledged", "log_index": self.log.state.size - 1}
            case "POST", ["v1", "requests"]:
                self.requests["r-1"] = {**body, "asker": who, "state": "open"}
                return 201, {"request_id": "r-1", "state": "open"}
            case "GET", ["v1", "requests"]:
                return 200, {"requests": [self._request(who, i) for i in self.requests], "next": ""}
            case "GET", ["v1", "requests", request_id]:
                return 200, self._request(who, request_id)
            case "POST", ["v1", "requests", request_id, "answer"]:
                self.requests[request_id]["state"] = "closed"
                return 200, self._request(who, request_id)
            case "GET", ["v1", "obligations"]:
                return 200, {"tasks": self.tasks if query["state"] == "open" else [], "next": ""}
            case "POST", ["v1", "obligations", _, "discharge"]:
                return 200, {"state": "done", "log_index": 7}
            case "POST", ["v1", "subjects", "resolve"]:
                return 200, {"subject": f"s-{body['local_ref']}"}
            case "POST", ["v1", "consents"]:
                evidence = self.log.append(EntryType.REGISTER, {"kind": "consent"})[1]
                return 201, {"id": "c-1", "version": 1, **self._at(evidence)}
            case _:
                return problem(404, "not-found")

    def release(self, disclosure_id: str, body: Any) -> dict[str, Any]:
        """Check an envelope as the gateway does, and record its release."""
        unit, envelope = self.units[body["decision_id"]], body["envelope"]
        header = read_protected_header(envelope)
        permitted = frozenset(unit["field_ids"])
        binding = Binding(
            ORIGIN,
            disclosure_id,
            unit["recipient_agency"],
            unit["sender_agency"],
            unit["leaf_hash"],
            permitted,
        )
        check_envelope(header, binding, declared=body["fields"], kid=header.kid)
        delivery_id = f"del-{len(self.deliveries) + 1}"
        said = {n: v for n, v in unit.items() if n not in {"leaf_hash", "outcome"}}
        release = {
            **said,
            "delivery_id": delivery_id,
            "decision_leaf": b64u(unit["leaf_hash"]),
            "field_ids": sorted(body["fields"]),
            "envelope_digest": digest_text(envelope.encode()),
        }
        evidence = self.log.append(EntryType.RELEASE, release)[1]
        self.deliveries[delivery_id] = {**release, "envelope": envelope, "evidence": evidence}
        return {
            "delivery_id": delivery_id,
            "decision_id": body["decision_id"],
            "state": "waiting",
            "expires_at": None,
            **self._at(evidence),
        }

    def _disclose(self, who: str, body: Any) -> Answered:
        disclosure_id = f"d-{len(self.units) + 1}"
        units = [
            self._unit(who, disclosure_id, body, recipient, subject)
            for recipient in body["recipients"]
            for subject in body["subjects"]
        ]
        if any(unit["fields_permitted"] for unit in units):
            return 201, {"disclosure_id": disclosure_id, "units": units}
        status, refusal = problem(403, "disclosure-refused")
        first = units[0] if units else {"decision_id": "", "reasons": []}
        return status, {
            **refusal,
            "units": units,
            "decision_id": first["decision_id"],
            "reasons": first["reasons"],
        }

    def _unit(
        self, who: str, disclosure_id: str, body: Any, recipient: Any, subject: str
    ) -> dict[str, Any]:
        ids = sorted(f["id"] for f in body["fields"])
        permitted = [f for f in ids if f not in self.withhold]
        decision_id = f"dec-{len(self.units) + 1}"
        told = body["direction"] in {"oral", "paper", "telephone"}
        entry = {
            "disclosure_id": disclosure_id,
            "decision_id": decision_id,
            "direction": body["direction"],
            "sender_agency": who,
            "sender_actor": "a-yamada",
            "recipient_agency": recipient["agency"],
            "recipient_actor": recipient.get("actor", ""),
            "subject": subject,
            "purpose": body["purpose"],
            "outcome": "permit" if permitted else "deny",
            "field_ids": permitted,
            "policy_input": {},
        }
        evidence = self.log.append(EntryType.DECISION, entry)[1]
        shown = Evidence(
            evidence.leaf, evidence.opening.only(entry.keys() - HIDDEN), evidence.proof
        )
        self.units[decision_id] = {**entry, "leaf_hash": leaf_hash(evidence.leaf)}
        self.decisions[decision_id] = evidence
        at = self._at(shown)
        if told and permitted:
            self.log.append(EntryType.RELEASE, {"decision_id": decision_id, "delivery_id": ""})
        withheld = [f for f in ids if f in self.withhold]
        label = ("permit_partial" if withheld else "permit") if permitted else "deny"
        jwk = self.keys[recipient["agency"], "seal"]
        return {
            "decision_id": decision_id,
            "recipient": recipient["agency"],
            "recipient_actor": recipient.get("actor"),
            "subject": subject,
            "label": label,
            "bases": [{"basis": "consent_public", "article": "69(2)一"}] if permitted else [],
            "fields_permitted": permitted,
            "fields_withheld": [
                {"field": f, "codes": ["CONSENT_MISSING"], "by": []} for f in withheld
            ],
            "reasons": [reason(withheld)] if withheld else [],
            "obligations": [],
            "held_by": [],
            "expires_at": None,
            "recipient_key": {"jwk": jwk} if permitted and not told else None,
            "release_index": self.log.state.size - 1 if told and permitted else None,
            **at,
        }

    def _open(self, who: str, delivery_id: str) -> Answered:
        delivery = self.deliveries.get(delivery_id)
        if delivery is None or delivery["recipient_agency"] != who:
            return problem(404, "not-found")
        evidence = delivery["evidence"]
        shown = evidence.opening.only(
            set(evidence.fields()) - {"subject", "sender_actor", "_names"}
        )
        self.log.append(EntryType.OPENED, {"delivery_id": delivery_id})
        return 200, {
            "delivery_id": delivery_id,
            "disclosure_id": delivery["disclosure_id"],
            "decision_id": delivery["decision_id"],
            "sender": delivery["sender_agency"],
            "envelope": delivery["envelope"],
            "sender_keys": [self.keys[delivery["sender_agency"], "sign"]],
            "release": Evidence(evidence.leaf, shown, evidence.proof).to_json(),
            "decision": self.decisions[delivery["decision_id"]].to_json(),
            "opened_index": self.log.state.size - 1,
            "obligations": [
                {"code": "purpose_only", "bearer": "recipient", "params": {}, "due_at": None}
            ],
        }

    def _recall(self, disclosure_id: str) -> Answered:
        recalled = []
        for delivery_id, delivery in self.deliveries.items():
            if delivery["disclosure_id"] == disclosure_id:
                body = {"disclosure_id": disclosure_id, "delivery_id": delivery_id}
                evidence = self.log.append(EntryType.RECALLED, body)[1]
                recalled.append({"id": delivery_id, "state": "recalled", **self._at(evidence)})
        return 200, {"deliveries": recalled}

    def _inbox(self, who: str, after: str) -> dict[str, Any]:
        """One delivery a page."""
        ids = [i for i, d in self.deliveries.items() if d["recipient_agency"] == who and i > after]
        page = [
            {
                "id": i,
                "disclosure_id": self.deliveries[i]["disclosure_id"],
                "decision_id": self.deliveries[i]["decision_id"],
                "sender": self.deliveries[i]["sender_agency"],
                "purpose": self.deliveries[i]["purpose"],
                "state": "waiting",
                "released_at": 1,
                "expires_at": None,
            }
            for i in ids[:1]
        ]
        return {"deliveries": page, "next": ids[0] if len(ids) > 1 else ""}

    def _request(self, who: str, request_id: str) -> dict[str, Any]:
        """A request as one of its two sides sees it."""
        request = self.requests[request_id]
        shared = {n: request[n] for n in ("controller", "purpose", "state", "due_at")}
        seen = {"request_id": request_id, **shared}
        if who == request["controller"]:
            hidden = ("asker", "profile", "basis", "refs", "fields", "urgency", "sealed_subject")
            return {**seen, **{n: request[n] for n in hidden}}
        said = {"label": "not_shareable", "reasons": [{**reason([]), "code": "NOT_SHAREABLE"}]}
        return {**seen, "answer": said if request["state"] == "closed" else None}

    def _consistency(self, old: int, new: int) -> Answered:
        if not old <= new <= min(self.log.state.size, self.provable):
            return problem(404, "not-found")
        return 200, {"hashes": [b64(h) for h in prove_consistency(self.log.tree, old, new)]}

    def _at(self, evidence: Evidence) -> dict[str, Any]:
        return {"log_index": self.log.state.size - 1, "evidence": evidence.to_json()}

    def token(self, form: dict[str, str]) -> Answered:
        """Exchange an assertion, which is good once, for a token."""
        for system, (agency, key) in self.systems.items():
            rules = TokenRules("client-authentication+jwt", system, self.audience, 300)
            try:
                claims = verify_jwt(
                    form["client_assertion"], keys={key.kid: key}, rules=rules, now=self.clock.now()
                )
            except InvalidToken:
                continue
            if claims["sub"] != system or claims["jti"] in self.used:
                break
            self.used.add(claims["jti"])
            token = f"token-{len(self.used)}"
            self.tokens[token] = agency
            return 200, {"access_token": token, "token_type": "Bearer", "expires_in": 600}
        return 401, {"error": "invalid_client"}


def problem(status: int, code: str) -> Answered:
    """A problem as the gateway states it."""
    return status, {"type": f"{ORIGIN}/problems/{code}", "title": code, "status": status}


def reason(fields: list[str]) -> dict[str, Any]:
    """A reason with its next step."""
    return {
        "code": "CONSENT_MISSING",
        "rule": "consent_public",
        "article": "69(2)一",
        "title_ja": "同意がない",
        "title_en": "No consent",
        "next_step_ja": "本人に尋ねる",
        "next_step_en": "Ask the person",
        "lawful_alternatives": ["ask_consent"],
        "fields": fields,
    }


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    gateway: SmallGateway
    lock: threading.Lock

    def do_GET(self) -> None:
        self._serve("GET")

    def do_POST(self) -> None:
        self._serve("POST")

    def do_PUT(self) -> None:
        self._serve("PUT")

    def _serve(self, method: str) -> None:
        content = self.rfile.read(int(self.headers.get("content-length", 0)))
        url = urlsplit(self.path)
        with self.lock:
            status, body = self._answer(method, url.path, url.query, content)
            body = self.gateway.lie(url.path, body)
            dropped = url.path in self.gateway.drop
            if dropped:
                self.gateway.drop.remove(url.path)
        if dropped:
            # It happened, and whoever asked never hears of it.
            self.close_connection = True
            self.connection.close()
            return
        self._write(status, body)

    def _answer(self, method: str, path: str, query: str, content: bytes) -> Answered:
        gateway, headers = self.gateway, dict(self.headers)
        gateway.asked.append({"method": method, "path": path, "headers": headers, "body": content})
        if path == "/oauth/token":
            return gateway.token({n: v[0] for n, v in parse_qs(content.decode()).items()})
        who = gateway.tokens.get(headers.get("Authorization", "").removeprefix("Bearer "), "")
        key = headers.get("Idempotency-Key", "")
        if key and (who, key) in gateway.done:
            return gateway.done[who, key]
        params = {n: v[0] for n, v in parse_qs(query).items()}
        body = json.loads(content) if content else None
        answered = gateway.route(method, path, params, body, who)
        if key and who:
            gateway.done[who, key] = answered
        return answered

    def _write(self, status: int, body: Any) -> None:
        text = isinstance(body, str)
        content = body.encode() if text else json.dumps(body).encode()
        kind = "text/plain" if text else "application/json"
        if not text and "type" in body:
            kind = "application/problem+json"
        self.send_response(status)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - its base names it
        """Say nothing."""


@pytest.fixture
def gateway() -> Iterator[SmallGateway]:
    """A gateway that listens, and whose log has some entries already."""
    small = SmallGateway()
    for _ in range(5):
        small.log.append(EntryType.PAD, {})
    handler = type("Handler", (_Handler,), {"gateway": small, "lock": threading.Lock()})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    small.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield small
    server.shutdown()
    thread.join()
    server.server_close()


def desk_config(small: SmallGateway, agency: str, directory: Path, **changes: Any) -> DeskConfig:
    """The configuration of an agency's desk, with new keys where it has none."""
    keys_dir = directory / agency / "keys"
    if not keys_dir.exists():
        public = create_desk_keys(keys_dir)
        keys = load_desk_keys(keys_dir)
        small.systems[f"{agency}-system"] = (agency, keys.client.public())
        small.keys[agency, "seal"], small.keys[agency, "sign"] = public.seal, public.sign
    members = {
        "gateway": small.url,
        "origin": ORIGIN,
        "client_id": SystemId(f"{agency}-system"),
        "agency": AgencyId(agency),
        "actor": ActorId("a-yamada"),
        "keys_dir": keys_dir,
        "state_dir": directory / agency / "state",
        "log_vkeys": (small.log.signer.key.to_text(),),
        "timeout_s": 5.0,
        "retry_waits_s": (0.0, 0.0),
        **changes,
    }
    return DeskConfig(**members)


@pytest.fixture
def new_desk(gateway: SmallGateway, tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Sets up desks; each remembers what the one before it at the same agency did."""
    desks: list[Desk] = []

    def set_up(agency: str, **changes: Any) -> Desk:
        config = desk_config(gateway, agency, tmp_path, **changes)
        desks.append(Desk(config, load_desk_keys(config.keys_dir), clock=gateway.clock))
        return desks[-1]

    yield set_up
    for desk in desks:
        desk.close()


@pytest.fixture
def npo(new_desk: Callable[..., Desk]) -> Desk:
    """The desk of NPO法人ひだまり."""
    return new_desk(NPO)


@pytest.fixture
def city(new_desk: Callable[..., Desk], npo: Desk) -> Desk:
    """The desk of あおば市; ひだまり has its keys registered already."""
    return new_desk(CITY)


@pytest.fixture
def proposal() -> Proposal:
    """Refer 佐藤さん to ひだまり."""
    return Proposal(recipients=(RecipientRef(AgencyId(NPO)),), subject=SATO, purpose="refer")
