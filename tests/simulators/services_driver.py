"""
The driver of features on the services of a house: real database, writer, log, keys and rules.

What the edge would do after a service is done here too: what waits is judged again, and the
sender hears only the reasons that are for it.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from gateway.api.answers import reply, unit_json
from gateway.api.problems import Audience
from gateway.audit.checkpoint import TrustedLog
from gateway.audit.verify import (
    decision_binding,
    release_binding,
    verify_evidence,
    verify_release,
)
from gateway.client.answers import (
    Answer,
    InboxItem,
    InformationRequest,
    ObligationTask,
    OpenedDelivery,
    ReasonGiven,
    Recalled,
    Sent,
    UnitAnswer,
    read_unit,
)
from gateway.client.members import Members
from gateway.client.proposal import Proposal, Record, record_digest
from gateway.crypto.keys import generate_sealing_key, generate_signing_key, seal_to, verify_key
from gateway.crypto.sealing import SignedRecord, open_sealed, seal
from gateway.domain.disclosure import AssertedFact, Caller, Reason
from gateway.domain.errors import Conflict, PolicyUnavailable
from gateway.domain.ids import (
    ActorId,
    AgencyId,
    DeliveryId,
    DisclosureId,
    EntryId,
    FieldId,
    Millis,
    RequestId,
    SubjectId,
    SystemId,
)
from gateway.domain.log import EntryType, JSONValue
from gateway.domain.policy import PolicyAnswer
from gateway.minimisation.description import describe_fields
from gateway.policy.serving import CurrentPolicy
from gateway.services.acting import Acting
from gateway.services.alerts import Alerts
from gateway.services.asking import Asked, DecidedUnit, Upload
from gateway.services.audit_records import AuditRecords
from gateway.services.idempotency import IdempotencyKey
from gateway.services.registers.founding import Founding, found_tenant
from gateway.services.registers.registration import Registered
from gateway.services.registers.schemas import FactSchemas
from gateway.services.registers.services import RegisterServices
from gateway.services.requests import AskedOf, InformationRequests, RequestView
from gateway.services.tasks import Tasks
from tests.simulators.feature_driver import Declined, Seat, declining
from tests.simulators.house import GATEWAY, TENANT, House
from tests.simulators.policy_inputs import SCHEMAS

__all__ = ["ServicesDriver"]

_FIRST: Final = Millis(0)
_SCOPES: Final = ("member", "operator", "officer")


class _FallingSilent:
    """The revision in force, until it is told to answer nothing more."""

    def __init__(self, current: CurrentPolicy) -> None:
        self._current = current
        self.silent = False
        self.revision, self.engine, self.bundle = current.revision, current.engine, current.bundle

    async def decide(self, policy_input: Mapping[str, JSONValue]) -> PolicyAnswer:
        if self.silent:
            raise PolicyUnavailable("the engine does not answer")
        return await self._current.decide(policy_input)


class ServicesDriver:
    """
    Drives the services of a house, with the law of the repository or another revision.

    Args:
        house: A house of its own; closed with the driver.
    """

    def __init__(self, open_house: Callable[[Any], House], current: CurrentPolicy) -> None:
        self._policy = _FallingSilent(current)
        self.house = open_house(self._policy)
        schemas = FactSchemas(SCHEMAS / "policy-input.json")
        self.registers = RegisterServices.of(self.house.context, schemas)
        self.requests = InformationRequests(self.house.context)
        self.tasks = Tasks(self.house.context)
        self.alerts = Alerts(self.house.context)
        self.audit_records = AuditRecords(self.house.context)
        self._founder = ""

    def now(self) -> Millis:
        """Return the gateway's time."""
        return self.house.clock.now()

    def move_to(self, at: int) -> None:
        """Let time pass; deliveries that waited too long expire."""
        self.house.clock.advance(at - self.now())
        self.house.run(self.house.deliveries.expire_due())

    def found(
        self, pack: str, agency: Mapping[str, JSONValue], actor: Mapping[str, JSONValue]
    ) -> None:
        """Found the tenant; its first system may do everything."""
        agency_id = self._founder = str(agency["id"])
        system: dict[str, JSONValue] = {
            "id": Seat(agency_id, "").system,
            "name": "事例管理",
            "scopes": list(_SCOPES),
            "valid_from": _FIRST,
            "valid_to": None,
        }
        jwk = generate_signing_key().public().jwk()
        founding = Founding(pack, agency, system, jwk, _without(actor, "agency"))
        found_tenant(self.registers.registrar, founding)
        self._give_keys(Seat(agency_id, str(actor["id"])), agency_id)

    def enrol(self, by: Seat, agency: Mapping[str, JSONValue]) -> None:
        """Register an agency."""
        self.registers.directory.register_agency(self.acting(by), None, terms=agency)

    def equip(self, by: Seat, agency_id: str) -> None:
        """Give an agency its system and keys."""
        self.registers.directory.register_system(
            self.acting(by),
            None,
            agency_id,
            terms={
                "id": Seat(agency_id, "").system,
                "name": "事例管理",
                "scopes": ["member"],
                "valid_from": _FIRST,
                "valid_to": None,
            },
            client_jwk=generate_signing_key().public().jwk(),
        )
        self._give_keys(by, agency_id)

    def desk(self, seat: Seat) -> "ServicesDesk":
        """Return the desk of a person."""
        return ServicesDesk(self, seat)

    def entry_types(self) -> list[str]:
        """Return the type of every entry of the log."""
        return [type_ for type_, _ in self.house.entries()]

    def everything_logged(self) -> str:
        """Return every leaf's type and every body, opened with the gateway's keys."""
        return repr(self.house.entries())

    def silence_policy(self) -> None:
        """Let the decision point fall silent."""
        self._policy.silent = True

    def stop_log(self) -> None:
        """Let the log take nothing more."""
        self.house.writer.close()

    def close(self) -> None:
        """Stop everything."""
        self.house.close()

    @property
    def trusted(self) -> TrustedLog:
        """The log whose proofs count."""
        return self.house.trusted

    def reconsider(self, registered: Registered) -> None:
        """Judge again what waits for whom a registration concerns, as the edge does."""
        for person in registered.persons:
            self.house.run(self.house.reconsider.person(person))

    def acting(self, seat: Seat) -> Acting:
        """Return who acts at a seat; the founder's system is the operator's and the officers'."""
        scopes = _SCOPES if seat.agency == self._founder else ("member",)
        caller = Caller(TENANT, AgencyId(seat.agency), SystemId(seat.system), frozenset(scopes))
        return Acting(caller, ActorId(seat.actor))

    def _give_keys(self, by: Seat, agency_id: str) -> None:
        seal_key, sign_key = generate_sealing_key(), generate_signing_key()
        self.house.sealing[agency_id], self.house.signing[agency_id] = seal_key, sign_key
        for use, key in (("seal", seal_key), ("sign", sign_key)):
            jwk = key.public().jwk()
            self.registers.keys.register(
                self.acting(by), None, agency_id, use=use, jwk=jwk, valid_from=_FIRST
            )


class ServicesDesk:
    """One person's desk, on the services directly."""

    def __init__(self, driver: ServicesDriver, seat: Seat) -> None:
        self._driver = driver
        self._house = driver.house
        self._seat = seat
        self._by = driver.acting(seat)
        self._caller, self._actor = self._by.caller, self._by.actor_id

    def ask(self, proposal: Proposal, record: Record) -> Answer:
        """Return every unit as decided, each proven to be in the log as answered."""
        asked = self._asked(proposal, record)
        with declining():
            decided = self._house.run(self._house.door.disclose(self._caller, self._actor, asked))
        units = tuple(self._unit(unit) for unit in decided.units)
        for unit, given in zip(units, decided.units, strict=True):
            self._prove(unit, str(given.decision.outcome))
        return Answer(decided.disclosure_id, units, record_digest(record))

    def send(self, answer: Answer, record: Record) -> list[Sent]:
        """Seal what is permitted and upload it."""
        return [self._sent(answer, unit, record) for unit in answer.permitted]

    def recall(self, disclosure_id: DisclosureId, code: str) -> list[Recalled]:
        """Take back what nobody has opened, and prove it."""
        with declining():
            recalls = self._house.run(
                self._house.deliveries.recall(self._caller, self._actor, disclosure_id, code=code)
            )
        for recall in recalls:
            if recall.evidence is not None:
                verify_evidence(recall.evidence, self._driver.trusted, type_=EntryType.RECALLED)
        return [Recalled(r.delivery_id, r.state, r.index) for r in recalls]

    def inbox(self) -> Iterator[InboxItem]:
        """Yield what came."""
        for s in self._house.deliveries.inbox(self._caller):
            yield InboxItem(
                delivery_id=s.delivery_id,
                disclosure_id=s.disclosure_id,
                decision_id=s.decision_id,  # type: ignore[arg-type] # kept as text
                sender=s.sender,
                purpose=s.purpose,
                state=s.state,
                released_at=s.released_at,
                expires_at=s.expires_at,
                opened_at=s.opened_at,
                acknowledged_at=s.acknowledged_at,
            )

    def open(self, delivery_id: str) -> OpenedDelivery:
        """Open a delivery after proving its release."""
        with declining():
            handed = self._house.run(
                self._house.deliveries.open(self._caller, self._actor, DeliveryId(delivery_id))
            )
        verify_release(
            handed.release,
            self._driver.trusted,
            envelope=handed.envelope,
            expected={"recipient_agency": self._seat.agency, "delivery_id": delivery_id},
        )
        opened = open_sealed(
            handed.envelope,
            release_binding(handed.release, gateway=GATEWAY),
            key=self._house.sealing[self._seat.agency],
            senders=[verify_key(dict(k)) for k in handed.sender_keys],
        )
        return OpenedDelivery(
            delivery_id=handed.summary.delivery_id,
            disclosure_id=handed.summary.disclosure_id,
            decision_id=handed.summary.decision_id,  # type: ignore[arg-type] # kept as text
            sender=handed.summary.sender,
            fields=opened.fields,
            sealed_by=opened.sealed_by,
            signer_fingerprint=opened.signer_kid,
            obligations=(),
            opened_index=handed.opened_index,
            release=handed.release,
        )

    def ask_for(
        self, controller: AgencyId, purpose: str, fields: tuple[str, ...]
    ) -> InformationRequest:
        """Ask another agency for data."""
        asked = AskedOf(
            controller=controller,
            purpose=purpose,
            profile="",
            basis="",
            refs={},
            fields=tuple(map(FieldId, fields)),
            urgency="normal",
        )
        with declining():
            return _request(self._driver.requests.ask(self._caller, self._actor, asked))

    def request(self, request_id: RequestId) -> InformationRequest:
        """Return a request, with its answer for who asked."""
        with declining():
            return _request(self._driver.requests.seen(self._caller, request_id))

    def decline(self, request_id: RequestId) -> str:
        """Close a request without giving anything."""
        with declining():
            return self._driver.requests.close(self._caller, self._actor, request_id).state

    def obligations(self) -> Iterator[ObligationTask]:
        """Yield open duties."""
        for t in self._driver.tasks.listed(self._caller):
            yield ObligationTask(
                id=t.task_id,
                decision_id=t.decision_id,  # type: ignore[arg-type] # kept as text
                disclosure_id=DisclosureId(t.disclosure_id),
                code=t.code,
                bearer=t.bearer,
                params=t.params,
                due_at=t.due_at,
                state=t.state,
            )

    def discharge(self, task_id: str) -> int:
        """Say that a duty is done; return the index of the entry."""
        with declining():
            return self._driver.tasks.discharge(
                self._caller, self._actor, task_id, proof_kind="statement"
            ).index

    def subject(self, local_ref: str) -> SubjectId:
        """Return this agency's handle for a person."""
        with declining():
            return self._driver.registers.subjects.resolve(self._by, local_ref)

    def register(self, path: str, body: Mapping[str, JSONValue]) -> dict[str, Any]:
        """Write in a register, and have what waits for the persons concerned judged again."""
        with declining():
            done = self._registered(path.split("/"), dict(body))
        if isinstance(done, dict):
            return done
        self._driver.reconsider(done)
        return {"id": done.id, "version": done.version, "log_index": done.log_index}

    def alerts(self) -> list[str]:
        """Return the kinds of alerts that wait for an officer."""
        with declining():
            return [a.kind for a in self._driver.alerts.listed(self._caller, self._actor)]

    def read_entry(self, entry_id: str) -> dict[str, Any]:
        """Return all that an entry says; the reading is recorded."""
        with declining():
            return self._driver.audit_records.read(
                self._caller, self._actor, EntryId(entry_id), "事後審査"
            ).body

    # --- asking ----------------------------------------------------------------------------

    def _asked(self, proposal: Proposal, record: Record) -> Asked:
        with declining():
            fields = describe_fields(
                record,
                classes=proposal.classes,
                about=proposal.about,
                share_ready_by=proposal.share_ready_by,
            )
        return Asked(
            direction=proposal.direction,
            capacity=proposal.capacity,
            recipients=proposal.recipients,
            subjects=(proposal.subject,),
            co_subjects=proposal.co_subjects,
            purpose=proposal.purpose,
            basis=proposal.basis,
            refs=proposal.refs,
            profile=proposal.profile,
            urgency=proposal.urgency,
            fields=fields,
            asserted=tuple(
                AssertedFact(a.fact, a.value, self._actor, a.evidence, a.text, a.subject)
                for a in proposal.asserted
            ),
            occurred_at=proposal.occurred_at,
            late_reason=proposal.late_reason,
            answers_request=proposal.answers_request,
        )

    def _unit(self, unit: DecidedUnit) -> UnitAnswer:
        """Return a unit as the edge tells it to the sender, who does not hear every reason."""
        rulebook = self._house.context.rulebook
        told = reply(unit_json(unit, Audience.CONTROLLER, rulebook)).body
        return read_unit(Members(json.loads(bytes(told))))

    def _prove(self, unit: UnitAnswer, outcome: str) -> None:
        assert unit.evidence is not None
        verify_evidence(unit.evidence, self._driver.trusted, type_=EntryType.DECISION)
        said = unit.evidence.fields()
        assert (outcome, list(unit.permitted)) == (said["outcome"], said["field_ids"])

    def _sent(self, answer: Answer, unit: UnitAnswer, record: Record) -> Sent:
        if unit.recipient_key is None or unit.evidence is None:
            raise Declined(Conflict.code, "NO_RECIPIENT_KEY")
        fields = tuple(sorted(set(unit.permitted) & set(record)))
        envelope = seal(
            SignedRecord({f: record[f] for f in fields}),
            decision_binding(unit.evidence, gateway=GATEWAY),
            recipient_key=seal_to(dict(unit.recipient_key)),
            signer=self._house.signing[self._seat.agency],
        )
        upload = Upload(answer.disclosure_id, unit.recipient, unit.decision_id, fields, envelope)
        with declining():
            released = self._house.run(self._house.door.release(self._caller, self._actor, upload))
        verify_release(released.evidence, self._driver.trusted, envelope=envelope, expected={})
        return Sent(
            released.delivery_id,
            released.decision_id,
            unit.recipient,
            fields,
            released.state,
            released.expires_at,
            released.index,
            released.evidence,
        )

    # --- registers -------------------------------------------------------------------------

    def _registered(  # noqa: C901, PLR0911, PLR0912 - one case a register
        self, path: list[str], body: dict[str, Any]
    ) -> Registered | dict[str, Any]:
        by, registers = self._by, self._driver.registers

        def taken(*names: str) -> dict[str, Any]:
            return {name: _tupled(body.pop(name)) for name in names}

        match path:
            case ["subject-links"] if "link_code" in body:
                done = registers.links.accept(by, None, body["subject"], body["link_code"])
                self._driver.reconsider(done)
                return {"linked": True}
            case ["subject-links"]:
                key = self._key(body["subject"])
                return {"link_code": registers.links.offer(by, key, body["subject"]).code}
            case ["consents"]:
                return registers.consents.register(
                    by, None, **taken("subject", "imported"), terms=body
                )
            case ["consents", consent_id, "withdrawal"]:
                return registers.consents.withdraw(by, None, consent_id, body["withdrawn_at"])
            case ["conferences"]:
                return registers.conferences.convene(by, None, terms=body)
            case ["conferences", meeting, "undertakings"]:
                return registers.conferences.undertake(by, None, meeting, terms=body)
            case ["conferences", meeting, "agenda-items"]:
                return registers.conferences.open_item(
                    by, None, meeting, **taken("subjects"), terms=body
                )
            case ["conferences", meeting, "agenda-items", item, "participants"]:
                return registers.conferences.invite(by, None, meeting, item, terms=body)
            case ["conferences", meeting, "agenda-items", item, "information-requests"]:
                return registers.conferences.ask(
                    by, None, meeting, item, **taken("subjects"), terms=body
                )
            case ["protection-flags"]:
                return registers.flags.raise_flag(
                    by, None, **taken("subject", "counterpart_subjects"), terms=body
                )
            case ["protection-flags", flag, "lifting"]:
                return registers.flags.lift(by, None, flag, body["lifted_at"])
            case ["approvals"]:
                return registers.approvals.register(
                    by, None, **taken("subject", "approver", "approved_at"), terms=body
                )
            case ["emergency-agreements"]:
                second = {"agreed_by": body.pop("second_person")}
                return registers.emergencies.register(
                    by, None, **second, **taken("subject", "agreed_at"), terms=body
                )
            case ["officer-verdicts"]:
                second = {"agreed_by": body.pop("second_person")}
                named = taken("decision_id", "agreed_at", "lifts", "reason_code")
                return registers.verdicts.register(by, None, **second, **named, terms=body)
            case ["entrustments"]:
                return registers.entrustments.register(by, None, terms=body)
            case ["appointments"]:
                return registers.appointments.register(by, None, terms=body)
            case ["agencies", agency, "actors"]:
                return registers.directory.register_actor(by, None, agency, terms=body)
            case ["agencies", agency, "suspension"]:
                done = registers.directory.suspend_agency(by, None, agency, **body)
                self._house.run(self._house.reconsider.agency(AgencyId(agency)))
                return done
        raise ValueError(f"there is no register {'/'.join(path)}")

    def _key(self, subject: str) -> IdempotencyKey:
        return IdempotencyKey(self._caller.agency_id, f"link-{subject}", "digest")


def _request(view: RequestView) -> InformationRequest:
    answer = view.answer
    return InformationRequest(
        request_id=view.request_id,
        controller=view.controller,
        purpose=view.purpose,
        state=view.state,
        answer="" if answer is None else answer.label,
        reasons=() if answer is None else tuple(map(_reason, answer.reasons)),
    )


def _reason(reason: Reason) -> ReasonGiven:
    return ReasonGiven(
        code=reason.code,
        rule=reason.rule,
        article=reason.article,
        title_ja=reason.title_ja,
        title_en=reason.title_en,
        next_step_ja=reason.next_step_ja,
        next_step_en=reason.next_step_en,
        lawful_alternatives=reason.lawful_alternatives,
        fields=reason.fields,
    )


def _tupled(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _without(fact: Mapping[str, JSONValue], name: str) -> dict[str, JSONValue]:
    return {k: v for k, v in fact.items() if k != name}
