"""
One gateway in this process, of real parts: database, writer, signer, key ring and policy.

``House.furnish`` registers every fact that a policy input rests on, so that whatever policy
says of an input in isolation can be asked of the door as well. A member of the house seals
and opens for real.
"""

import asyncio
import contextlib
import json
from collections.abc import Callable, Coroutine, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from gateway.audit.checkpoint import TrustedLog
from gateway.audit.verify import Evidence, decision_binding, verify_decision
from gateway.crypto.keys import (
    SealingKey,
    SigningKey,
    generate_sealing_key,
    generate_signing_key,
    seal_to,
)
from gateway.crypto.pseudonym import reference_digest
from gateway.crypto.sealing import SignedRecord, seal
from gateway.domain.disclosure import (
    AssertedFact,
    Caller,
    Capacity,
    Direction,
    FieldRequest,
    RecipientRef,
)
from gateway.domain.ids import (
    ActorId,
    AgencyId,
    DecisionId,
    DisclosureId,
    FieldId,
    LogId,
    SubjectId,
    SystemId,
    TenantId,
)
from gateway.domain.log import EntryDraft, EntryType, InsertRow, PutFact, RowChange
from gateway.domain.records import (
    actor_key,
    agency_key,
    client_key,
    conference_key,
    fact_key,
    item_key,
    keys_of,
    pair_key,
    person_key,
    seal_key,
    sign_key,
    tenant_key,
)
from gateway.policy.contract import PolicyContract
from gateway.policy.rulebook import CurrentRulebook
from gateway.policy.serving import CurrentPolicy
from gateway.services.asking import Asked, DecidedDisclosure, DecidedUnit, Released, Upload
from gateway.services.context import Context
from gateway.services.deliveries import Deliveries
from gateway.services.disclose import Door
from gateway.services.disclosures import Disclosures
from gateway.services.facts import FACT_LISTS
from gateway.services.reconsider import Reconsider
from gateway.services.recording import Change, Recorder
from gateway.signer.local import LocalSigner
from gateway.storage.database import Database
from gateway.storage.key_ring import KeyRing, create_key_ring, load_log_signer
from tests.simulators.clock import FixedClock
from tests.simulators.enrolment import NewIds
from tests.simulators.kept_log import row, write_proof
from tests.simulators.policy_inputs import POLICIES, SCHEMAS, T0

__all__ = ["GATEWAY", "House", "asked_of", "facts_of", "keys_of_fact"]

GATEWAY = "https://gw.aoba.example"
ORIGIN = "gw.aoba.example/audit/main"
TENANT = TenantId("aoba")
LOG = LogId("main")
_Answer = TypeVar("_Answer")


class House:
    """
    A gateway opened on a database, with keys in a directory of its own.

    Args:
        url: A migrated database.
        home: Where keys and the signer's state are.
        policy: Another decision point or revision than the repository's.
    """

    def __init__(self, url: str, home: Path, *, policy: Any = None, database: Any = None) -> None:
        keys = home / "keys"
        if not keys.exists():
            create_key_ring(keys, now=T0)
        self.clock = FixedClock(T0)
        signer_key = load_log_signer(keys, ORIGIN)
        self.trusted = TrustedLog(ORIGIN, (signer_key.key,))
        self.current = policy or CurrentPolicy(POLICIES, PolicyContract.read(SCHEMAS))
        self.database = database or Database.open(url)
        self.writer = self.database.writer(
            {LOG: LocalSigner(ORIGIN, signer_key, home / "signer.json", self.clock)}, self.clock
        )
        self.loop = asyncio.new_event_loop()
        self._facts = self.database.facts_reader()
        self.context = Context(
            tenant_id=TENANT,
            log_id=LOG,
            gateway=GATEWAY,
            clock=self.clock,
            ids=NewIds(),
            keys=KeyRing(keys),
            pdp=self.current,
            rulebook=CurrentRulebook(self.current),
            facts=self._facts,
            registers=self.database.registers(),
            writer=self.writer,
            log=self.database.log_reader(
                read_checkpoint=self.trusted.open, write_proof=write_proof
            ),
        )
        self.recorder = Recorder(self.context)
        self.door = Door(self.context)
        self.deliveries = Deliveries(self.context)
        self.disclosures = Disclosures(self.context)
        self.reconsider = Reconsider(self.context)
        self.sealing: dict[str, SealingKey] = {}
        self.signing: dict[str, SigningKey] = {}

    def close(self) -> None:
        """Stop everything."""
        if hasattr(self._facts, "aclose"):
            self.run(self._facts.aclose())
        self.loop.close()
        self.database.close()

    def run(self, work: Coroutine[Any, Any, _Answer]) -> _Answer:
        """Run one use case to its end, always in the same loop."""
        return self.loop.run_until_complete(work)

    # --- furnishing ------------------------------------------------------------------------

    def put(self, *rows: RowChange) -> None:
        """Write rows under an entry of their own."""
        draft = EntryDraft(self.context.ids.entry(), EntryType.PAD, self.clock.now(), {})
        self.recorder.record(Change((self.recorder.prepare(draft),), rows))

    def fact(self, kind: str, fact: Mapping[str, Any], *, version: int = 0) -> None:
        """Register a fact, or its next version, under the keys of its kind."""
        self.put(PutFact(kind, fact["id"], version, fact, keys_of_fact(kind, fact)))

    def furnish(self, question: Mapping[str, Any]) -> None:
        """Register everything that a policy input says is registered, and keys to seal with."""
        registered = question["registered"]
        for kind, fact in facts_of(registered):
            self.fact(kind, fact)
        sender = question["request"]["sender"]["agency"]
        for subject in registered["subjects"]:
            self.subject(subject["id"], sender, subject["person"])
        self.keys_of(sender)
        self.keys_of(question["request"]["recipient"]["agency"])
        self.asked_lately(question)

    def asked_lately(self, question: Mapping[str, Any]) -> None:
        """Let the sender's person have asked about as many others as a policy input says."""
        request, count = question["request"], question["computed"]["lately_count"]
        unit = {
            "sender_agency": request["sender"]["agency"],
            "recipient_agency": request["recipient"]["agency"],
            "asking_actor": request["sender"]["actor"],
            "state": "refused",
            "ad_hoc": 0,
            "decided_at": self.clock.now(),
        }
        before = [f"before-{n}" for n in range(count)]
        if before:
            self.put(*(row("unit", id_, disclosure_id=id_, **unit) for id_ in before))

    def subject(self, subject: str, agency: str, person: str) -> None:
        """Register an agency's handle for a person."""
        digest = reference_digest(self.context.keys.reference_key(), agency, subject)
        self.put(
            InsertRow(
                "subject",
                {
                    "id": subject,
                    "agency_id": agency,
                    "ref_digest": digest,
                    "person_id": person,
                    "created_at": self.clock.now(),
                },
            )
        )

    def keys_of(self, agency: str) -> None:
        """Make an agency's keys and register their public halves."""
        if agency in self.sealing:
            return
        self.sealing[agency], self.signing[agency] = generate_sealing_key(), generate_signing_key()
        for use, key in (("seal", self.sealing[agency]), ("sign", self.signing[agency])):
            self.fact(
                "agency_key",
                {
                    "id": key.kid,
                    "agency": agency,
                    "use": use,
                    "system": "",
                    "jwk": key.public().jwk(),
                    "valid_from": 0,
                    "valid_to": None,
                    "revoked_at": None,
                },
            )

    # --- acting ----------------------------------------------------------------------------

    def caller(self, agency: str, system: str = "system-1") -> Caller:
        """Return an authenticated system of an agency."""
        return Caller(TENANT, AgencyId(agency), SystemId(system), frozenset({"member"}))

    def disclose(self, question: Mapping[str, Any], **changes: Any) -> DecidedDisclosure:
        """Ask the door what a policy input asks, as its sender."""
        sender = question["request"]["sender"]
        caller = self.caller(sender["agency"], sender["system"])
        asked = asked_of(question, **changes)
        return self.run(self.door.disclose(caller, ActorId(sender["actor"]), asked))

    def sealed(
        self,
        disclosed: DecidedDisclosure,
        unit: DecidedUnit,
        sender: str,
        fields: Iterable[str] | None = None,
    ) -> Upload:
        """Return an upload sealed for a permitted unit, after verifying its evidence."""
        evidence: Evidence = unit.evidence
        verify_decision(
            evidence,
            self.trusted,
            expected={"disclosure_id": disclosed.disclosure_id, "recipient_agency": unit.recipient},
        )
        assert unit.recipient_key is not None
        chosen = sorted(unit.decision.permitted if fields is None else fields)
        record = SignedRecord({f: f"値 {f}" for f in chosen})
        envelope = seal(
            record,
            decision_binding(evidence, gateway=GATEWAY),
            recipient_key=seal_to(unit.recipient_key),
            signer=self.signing[sender],
        )
        return Upload(
            DisclosureId(disclosed.disclosure_id),
            unit.recipient,
            DecisionId(unit.decision.decision_id),
            tuple(FieldId(f) for f in chosen),
            envelope,
        )

    def release(self, upload: Upload, question: Mapping[str, Any]) -> Released:
        """Upload a sealed envelope as the sender of a policy input."""
        sender = question["request"]["sender"]
        caller = self.caller(sender["agency"], sender["system"])
        return self.run(self.door.release(caller, ActorId(sender["actor"]), upload))

    def entries(self, *, kinds: Iterable[str] = ()) -> list[tuple[str, dict[str, Any]]]:
        """Return type and body of every entry of the log, oldest first."""
        size = self.context.log.checkpoint(LOG).size
        found = []
        for leaf in self.context.log.leaves(LOG, 0, size):
            parsed = _parsed(leaf)
            if not kinds or parsed["ty"] in kinds:
                found.append((parsed["ty"], self.recorder.body_of(parsed["e"])))
        return found


def asked_of(question: Mapping[str, Any], **changes: Any) -> Asked:
    """Return what a policy input asks, as a member would say it."""
    request, registered = question["request"], question["registered"]
    to = request["recipient"]
    values: dict[str, Any] = {
        "direction": Direction(request["direction"]),
        "capacity": Capacity(**request["sender"]["capacity"]),
        "recipients": (
            RecipientRef(AgencyId(to["agency"]), ActorId(to["actor"]) if to["actor"] else None),
        ),
        "subjects": (SubjectId(request["subject"]),),
        "co_subjects": {
            SubjectId(s["id"]): s["relation"]
            for s in registered["subjects"]
            if s["id"] != request["subject"]
        },
        "purpose": request["purpose"],
        "basis": request["basis"],
        "refs": request["refs"],
        "profile": request["profile"],
        "urgency": request["urgency"],
        "fields": tuple(
            FieldRequest(
                id=FieldId(f["id"]),
                classes=tuple(f["classes"]),
                about=tuple(map(SubjectId, f["about"])),
                share_ready_by=f["share_ready_by"],
                my_number=f["my_number"],
                screener=f["screener"],
                origin=f["origin"],
            )
            for f in request["fields"]
        ),
        "asserted": tuple(
            AssertedFact(
                a["fact"],
                a["value"],
                ActorId(a["actor"]),
                a["evidence"],
                a["text"] or "語" * a["text_chars"],
                a["subject"],
            )
            for a in question["asserted"]
        ),
        "occurred_at": question["computed"]["law_at"]
        if Direction(request["direction"]).is_recorded_only
        else None,
    }
    return Asked(**{**values, **changes})


def facts_of(registered: Mapping[str, Any]) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Yield kind and fact of everything that a policy input says is registered."""
    yield "tenant", registered["tenant"]
    seen: set[str] = set()
    for side in ("sender", "recipient"):
        for kind in ("agency", "actor"):
            fact = registered[side][kind]
            if fact is not None and fact["id"] not in seen:
                seen.add(fact["id"])
                yield kind, fact
    for kind, plural in FACT_LISTS.items():
        for fact in registered[plural]:
            yield kind, fact


def keys_of_fact(kind: str, fact: Mapping[str, Any]) -> tuple[str, ...]:
    """Return the keys of a fact as its schema describes them."""
    if kind == "agency_key" and fact["use"] == "client":
        return (client_key(fact["system"]),)
    if kind == "agency_key":
        make = seal_key if fact["use"] == "seal" else sign_key
        return (make(fact["agency"]),)
    if kind in _KEYS:
        return _KEYS[kind](fact)
    with contextlib.suppress(KeyError):
        return (*keys_of(kind, TENANT, fact), fact_key(kind, fact["id"]))
    return (person_key(fact["person"]), fact_key(kind, fact["id"]))


_KEYS: Mapping[str, Callable[[Mapping[str, Any]], tuple[str, ...]]] = {
    "tenant": lambda f: (tenant_key(f["id"]),),
    "system": lambda f: (client_key(f["id"]),),
    "agency": lambda f: (agency_key(f["id"]),),
    "actor": lambda f: (actor_key(f["id"]),),
    "undertaking": lambda f: (actor_key(f["actor"]),),
    "appointment": lambda f: (actor_key(f["actor"]),),
    "conference": lambda f: (conference_key(f["id"]),),
    "agenda_item": lambda f: (item_key(f["id"]),),
    "participant": lambda f: (item_key(f["item"]),),
    "information_request": lambda f: (
        item_key(f["item"]),
        fact_key("information_request", f["id"]),
    ),
    "entrustment": lambda f: (
        pair_key(f["entruster"], f["contractor"]),
        fact_key("entrustment", f["id"]),
    ),
    "protection_flag": lambda f: tuple(map(person_key, [f["person"], *f["counterpart_persons"]])),
}


def _parsed(leaf: bytes) -> dict[str, Any]:
    parsed: dict[str, Any] = json.loads(leaf)
    return parsed
