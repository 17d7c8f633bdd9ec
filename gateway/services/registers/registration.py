"""
Registering: one fact, the log entry that says so and the idempotency row, in one change.

* Nothing is registered that policy could not read (:class:`FactSchemas`).
* A ``register`` entry names the fact's kind only in its body and shows its digest; a
  ``member`` entry does the same for the directory, whose owner can see each change.
* The entry's id follows from kind, id and version of the fact under a secret key: random to
  the world, and found again by whoever keeps the registers.
* An idempotency key stands for the entry, so that the same request sent again is answered
  with the same entry, its index and a fresh proof.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from gateway.audit.verify import Evidence
from gateway.crypto.canonical import canonical_json
from gateway.crypto.encoding import digest_text
from gateway.crypto.pseudonym import register_entry_id
from gateway.domain.errors import Conflict, NotFound, PolicyUnavailable, SchemaViolation
from gateway.domain.ids import EntryId, Millis, PersonId
from gateway.domain.log import (
    EntryDraft,
    EntryType,
    FactVersion,
    JSONValue,
    PutFact,
    RowChange,
)
from gateway.services.acting import Acting, Authority
from gateway.services.context import Context
from gateway.services.idempotency import Idempotency, IdempotencyKey
from gateway.services.recording import Change, Recorder
from gateway.services.registers.schemas import FactSchemas

__all__ = [
    "Enrolment",
    "Registered",
    "Registrar",
    "Registration",
    "check_interval",
    "not_later",
    "persons_of",
]

# What the owner is shown. The fact itself names persons by internal ids, which never leave.
_SHOWN: Final = (
    "kind",
    "record_id",
    "version",
    "fact_digest",
    "change",
    "agency",
    "system",
    "actor",
    "second_actor",
    "code",
    "effective_from",
    "effective_until",
)
_PERSON_MEMBERS: Final = (
    "person",
    "persons",
    "given_by",
    "supporter_person",
    "counterpart_persons",
    "kept",
    "absorbed",
)


@dataclass(frozen=True, slots=True)
class Registration:
    """
    A fact about a case, a meeting or a standing arrangement, as it is to be registered.

    Attributes:
        put: The fact and the keys it is found by.
        change: What happened, for example ``created`` or ``withdrawn``.
        second_actor: Who agreed, where a second person has to; empty else.
        code: Why, as a code; empty for none.
        effective: From when and until when it holds.
        relied_on: Fact versions that must still be the newest.
        rows: Further row changes that belong to it.
        is_fact: Whether it goes to the register of facts; an agency's handle for a person
            and a link between two handles are kept elsewhere, in ``rows``.
    """

    put: PutFact
    change: str = "created"
    second_actor: str = ""
    code: str = ""
    effective: tuple[JSONValue, JSONValue] = (None, None)
    relied_on: tuple[FactVersion, ...] = ()
    rows: tuple[RowChange, ...] = ()
    is_fact: bool = True


@dataclass(frozen=True, slots=True)
class Enrolment:
    """
    A fact of the directory: an agency, a system, a person acting, a key.

    Attributes:
        put: The fact and the keys it is found by.
        change: What happened, for example ``joined`` or ``key_added``.
        member: Further fields of the ``member`` entry; ``agency`` at least.
        relied_on: Fact versions that must still be the newest.
    """

    put: PutFact
    change: str
    member: Mapping[str, JSONValue]
    relied_on: tuple[FactVersion, ...] = ()


@dataclass(frozen=True, slots=True)
class Registered:
    """
    What is durable after a registration.

    Attributes:
        id: The fact's id.
        version: The version this wrote.
        log_index: Index of the entry that says so.
        evidence: The entry, opened as far as its owner may see, with its proof.
        persons: Everybody it concerns; whoever answers has to reconsider what waits for them.
    """

    id: str
    version: int
    log_index: int
    evidence: Evidence
    persons: tuple[PersonId, ...] = field(default=(), repr=False)


class Registrar:
    """Writes facts into the registers of one tenant; every register service stands on it."""

    def __init__(self, context: Context, schemas: FactSchemas) -> None:
        self.context = context
        self.authority = Authority(context)
        self._schemas = schemas
        self._recorder = Recorder(context)
        self._idempotency = Idempotency(context)

    def once(self, key: IdempotencyKey | None, make: Callable[[], Registered]) -> Registered:
        """
        Return what ``make`` registers, or what the same request registered before.

        Raises:
            IdempotencyMismatch: The key was used with another request.
            Conflict: STILL_IN_PROGRESS: the same request was sent before and is not answered
                yet; or as ``make`` says.
            NotFound: It was registered before, and the entry's body has been erased since.
        """
        if (done := self._repeated(key)) is not None:
            return done
        try:
            return make()
        except Conflict:
            # The same request may have been sent twice at once; then the other was first.
            if (done := self._repeated(key)) is None:
                raise
            return done

    def write(
        self, by: Acting, key: IdempotencyKey | None, *new: Registration | Enrolment
    ) -> Registered:
        """
        Register facts together and answer with the first.

        Raises:
            SchemaViolation: A fact is not as its schema demands; nothing has changed.
            StaleFacts: Something relied on has changed meanwhile; nothing has changed.
            Conflict: Something to insert is there already; nothing has changed.
            LogUnavailable: It was not recorded, or nobody can say so yet.
        """
        for n in new:
            self._schemas.check(n.put.kind, n.put.fact)
        drafts = [self._recorder.prepare(self._draft(by, n)) for n in new]
        first = drafts[0].entry
        rows = [row for n in new for row in _rows(n)]
        if key is not None:
            rows.insert(0, self._idempotency.row(key, new[0].put.kind, first.entry_id, first.at))
        relied_on = dict.fromkeys(version for n in new for version in n.relied_on)
        recorded = self._recorder.record(Change(tuple(drafts), tuple(rows), tuple(relied_on)))
        return Registered(
            id=new[0].put.id,
            version=new[0].put.expected_version + 1,
            log_index=recorded.indices[0],
            evidence=self._recorder.evidence(drafts[0], only=_shown(first.type)),
            persons=persons_of(new[0].put.fact),
        )

    def check(self, kind: str, fact: Mapping[str, JSONValue]) -> None:
        """
        Check that a fact is as its schema demands, before anything is asked of its members.

        Raises:
            SchemaViolation: It is not.
        """
        self._schemas.check(kind, fact)

    def entry(self, kind: str, id_: str, version: int) -> tuple[int, Evidence]:
        """
        Return index and evidence of the entry about one version of a fact.

        Raises:
            NotFound: There is no such entry, or its body has been erased.
            Conflict: STILL_IN_PROGRESS: no signed head covers it yet.
        """
        done = self._answer(self._entry_id(kind, id_, version))
        return done.log_index, done.evidence

    def threshold(self, name: str) -> int:
        """
        Return a threshold of the tenant's pack.

        Raises:
            PolicyUnavailable: There is no such pack or threshold.
        """
        tenant = self.context.registers.fact(
            self.context.tenant_id, "tenant", self.context.tenant_id
        )
        if tenant is None:
            raise PolicyUnavailable("the tenant names no pack")
        return self.context.rulebook.threshold(str(tenant.fact["pack"]), name)

    def index_of(self, kind: str, id_: str, version: int) -> int | None:
        """Return the index of the entry about one version of a fact; ``None`` without one."""
        stored = self.context.log.find(self.context.log_id, self._entry_id(kind, id_, version))
        return None if stored is None else stored.index

    def _repeated(self, key: IdempotencyKey | None) -> Registered | None:
        entry_id = None if key is None else self._idempotency.find(key)
        return None if entry_id is None else self._answer(EntryId(entry_id))

    def _answer(self, entry_id: EntryId) -> Registered:
        stored = self.context.log.find(self.context.log_id, entry_id)
        if stored is None:
            raise NotFound
        if stored.index >= self.context.log.checkpoint(self.context.log_id).size:
            # Committed by somebody who has not been answered yet, because it is not signed.
            raise Conflict("STILL_IN_PROGRESS")
        body = self._recorder.body_of(entry_id)
        fact: Mapping[str, Any] = body.get("fact", {})
        type_ = EntryType.REGISTER if "fact" in body else EntryType.MEMBER
        return Registered(
            id=body["record_id"],
            version=body["version"],
            log_index=stored.index,
            evidence=self._recorder.evidence_of(entry_id, only=_shown(type_)),
            persons=persons_of(fact),
        )

    def _entry_id(self, kind: str, id_: str, version: int) -> EntryId:
        return EntryId(register_entry_id(self.context.keys.reference_key(), kind, id_, version))

    def _draft(self, by: Acting, new: Registration | Enrolment) -> EntryDraft:
        put = new.put
        identity = _identity(put)
        match new:
            case Registration():
                body = {**identity, **self._register_body(by, new)}
                type_, persons, retention = EntryType.REGISTER, persons_of(put.fact), "register"
            case Enrolment():
                body = {**identity, **_member_body(by, new)}
                type_, persons, retention = EntryType.MEMBER, (), "member"
        return EntryDraft(
            entry_id=self._entry_id(put.kind, put.id, put.expected_version + 1),
            type=type_,
            at=self.context.clock.now(),
            body=body,
            persons=persons,
            retention=retention,
        )

    def _register_body(self, by: Acting, new: Registration) -> dict[str, JSONValue]:
        start, end = new.effective
        return {
            "change": new.change,
            "agency": by.agency_id,
            "system": by.caller.system_id,
            "actor": by.actor_id,
            "second_actor": new.second_actor,
            "code": new.code,
            "effective_from": start,
            "effective_until": end,
            "fact": self._schemas.without_text(new.put.kind, new.put.fact),
        }


def persons_of(fact: Mapping[str, Any]) -> tuple[PersonId, ...]:
    """Return everybody a fact names, each once."""
    found: list[str] = []
    for name in _PERSON_MEMBERS:
        value = fact.get(name, ())
        found += [value] if isinstance(value, str) else value
    return tuple(PersonId(person) for person in dict.fromkeys(found) if person)


def check_interval(fact: Mapping[str, JSONValue], start: str, end: str) -> None:
    """
    Check that a half-open interval is not empty; an end of ``None`` is never.

    Raises:
        SchemaViolation: It ends before or as it starts.
    """
    first, last = fact.get(start), fact.get(end)
    if isinstance(first, int) and isinstance(last, int) and last <= first:
        raise SchemaViolation([(f"/{end}", f"after {start}")])


def not_later(name: str, at: int | None, now: Millis) -> Millis:
    """
    Return when something happened: ``at``, or now when nobody said.

    Raises:
        SchemaViolation: It would be in the future.
    """
    if at is not None and at > now:
        raise SchemaViolation([(f"/{name}", "not in the future")])
    return now if at is None else Millis(at)


def _rows(new: Registration | Enrolment) -> tuple[RowChange, ...]:
    match new:
        case Registration():
            return (new.put, *new.rows) if new.is_fact else new.rows
        case Enrolment():
            return (new.put,)


def _shown(type_: EntryType) -> tuple[str, ...] | None:
    return _SHOWN if type_ is EntryType.REGISTER else None


def _member_body(by: Acting, new: Enrolment) -> dict[str, JSONValue]:
    return {
        "use": "none",
        "kid": "",
        **new.member,
        "change": new.change,
        "by_agency": by.agency_id,
        "by_system": by.caller.system_id,
        "by_actor": by.actor_id,
    }


def _identity(put: PutFact) -> dict[str, JSONValue]:
    return {
        "kind": put.kind,
        "record_id": put.id,
        "version": put.expected_version + 1,
        "fact_digest": digest_text(canonical_json(put.fact)),
    }
