"""
Where the time of a step goes: each part called alone, in one process, with the real parts.

The product carries no instruments, so the parts are walked through here in the order in which
the two routes use them, one disclosure after the other. Batches of the log are of one entry
then, which is the dearest case: the append wait is a whole commit and a whole signature.
"""

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from statistics import median
from typing import Any, Final

import orjson

from benchmarks.cast import ACTOR, RECIPIENT, RECORD, SENDER, SYSTEM, Cast
from gateway.api.answers import released_json, reply, unit_json
from gateway.api.problems import Audience
from gateway.api.reading import MAX_BODY, validated
from gateway.api.wire import DisclosureAsked, PayloadSent
from gateway.audit.verify import decision_binding
from gateway.bootstrap import Gateway, open_gateway
from gateway.crypto.binding import Binding, check_envelope, read_protected_header
from gateway.crypto.encoding import b64u
from gateway.crypto.json_reader import read_json_object
from gateway.crypto.sealing import SignedRecord, seal
from gateway.domain.decisions import decision_from
from gateway.domain.disclosure import Caller
from gateway.domain.ids import ActorId, AgencyId, DecisionId, EntryId, Millis, SystemId, TenantId
from gateway.services.asking import request_of
from gateway.services.disclose import Door
from gateway.services.entries import SHOWN_TO_MEMBERS, decision_draft
from gateway.services.facts import policy_input, query_for
from gateway.services.idempotency import IdempotencyKey
from gateway.services.judging import Judgement
from gateway.services.recording import Change, Recorder
from gateway.services.units import KeptUnit, unit_row
from gateway.settings import Settings

__all__ = ["Stopwatch", "measure_components"]

_WARM: Final = 30
_TIMES: Final = 200


class Stopwatch:
    """Collects durations by name, in the order in which the names first come."""

    def __init__(self) -> None:
        self._taken: dict[str, list[float]] = {}

    @contextmanager
    def time(self, name: str) -> Iterator[None]:
        """Time what is done inside."""
        began = time.perf_counter()
        yield
        self._taken.setdefault(name, []).append((time.perf_counter() - began) * 1000)

    def medians(self) -> dict[str, float]:
        """Return the median of each, milliseconds."""
        return {name: round(median(values), 3) for name, values in self._taken.items()}


def measure_components(settings: Settings, cast: Cast, token: str) -> dict[str, Any]:
    """
    Return the median duration of each component of both steps, milliseconds.

    Args:
        settings: Of a gateway that does not serve now; its cast is registered.
        cast: The cast.
        token: An access token that this gateway issued.
    """
    with open_gateway(settings) as gateway:
        walk = _Walk(gateway, cast, token)
        return asyncio.run(walk.through())


class _Walk:
    """Walks through both steps, as the routes do."""

    def __init__(self, gateway: Gateway, cast: Cast, token: str) -> None:
        self._gateway = gateway
        self._context = gateway.context
        self._recorder = Recorder(gateway.context)
        self._door = Door(gateway.context)
        self._cast = cast
        self._token = token
        self._bodies = cycle([body.encode() for body in cast.bodies()])
        self._caller = Caller(
            TenantId(gateway.settings.tenant),
            AgencyId(SENDER),
            SystemId(SYSTEM),
            frozenset({"member"}),
        )
        self._decide, self._release, self._whole = Stopwatch(), Stopwatch(), Stopwatch()

    async def through(self) -> dict[str, Any]:
        """Return the medians."""
        async with self._gateway.running():
            for turn in range(_WARM + _TIMES):
                if turn == _WARM:
                    self._decide, self._release, self._whole = (Stopwatch() for _ in range(3))
                await self._step_by_step()
                await self._as_a_whole()
        return {
            "decide_ms": self._decide.medians(),
            "release_ms": self._release.medians(),
            "whole_ms": self._whole.medians(),
        }

    async def _step_by_step(self) -> None:
        """Walk through deciding, and through releasing as far as it is not the same."""
        context, watch = self._context, self._decide
        with watch.time("token_verify_cached"):
            self._gateway.parts.identity.verifier.verify(self._token)
        raw = next(self._bodies)
        with watch.time("strict_read"):
            read = validated(DisclosureAsked, read_json_object(raw, max_bytes=MAX_BODY))
            asked = read.as_asked(ActorId(ACTOR), self._key())
        with watch.time("question"):
            at = context.clock.now()
            request = request_of(
                asked, self._caller, ActorId(ACTOR), disclosure_id=context.ids.new(), at=at
            )
            (unit,) = request.units()
            query = query_for(
                self._caller.tenant_id,
                unit,
                ad_hoc_since=Millis(0),
                asking_actor="",
                lately_since=Millis(0),
            )
        with watch.time("facts_read"):
            facts = await context.facts.facts(self._caller.tenant_id, query)
        with watch.time("question"):
            question = policy_input(unit, facts, now=at)
        with watch.time("policy"):
            answer = await context.pdp.decide(question)
        with watch.time("decision_read"):
            decision = decision_from(answer, DecisionId(context.ids.new()))
            judgement = Judgement(unit, facts, question, answer, decision, "default", at)
        with watch.time("commitment_and_encryption"):
            draft = decision_draft(judgement, context.ids.entry(), purpose_ja="紹介", expires_at=at)
            prepared = self._recorder.prepare(draft)
        with watch.time("rows"):
            row = unit_row(
                judgement,
                prepared.entry,
                leaf_hash=b64u(prepared.entry.leaf_hash),
                position=0,
                state="permitted",
                ad_hoc=False,
                seal_kid=None,
                expires_at=at,
            )
        with watch.time("append_wait"):
            await self._recorder.record_async(Change((prepared,), (row,)))
        with watch.time("proof"):
            self._recorder.evidence(prepared, only=SHOWN_TO_MEMBERS)

    async def _as_a_whole(self) -> None:
        """Decide and release through the door, timing what only releasing does."""
        context, watch = self._context, self._release
        read = validated(DisclosureAsked, read_json_object(next(self._bodies)))
        asked = read.as_asked(ActorId(ACTOR), self._key())
        with self._whole.time("decide"):
            decided = await self._door.disclose(self._caller, ActorId(ACTOR), asked)
        with self._decide.time("json_write"):
            rulebook = context.rulebook
            units = [unit_json(u, Audience.CONTROLLER, rulebook) for u in decided.units]
            reply({"disclosure_id": decided.disclosure_id, "units": units}, 201)
        (unit,) = decided.units
        binding = decision_binding(unit.evidence, gateway=self._gateway.settings.origin)
        body = orjson.dumps(
            {
                "decision_id": unit.decision.decision_id,
                "fields": unit.decision.permitted,
                "envelope": self._sealed(binding),
            }
        )
        with watch.time("strict_read"):
            sent = validated(PayloadSent, read_json_object(body, max_bytes=MAX_BODY))
            upload = sent.as_upload(decided.disclosure_id, RECIPIENT)
        with watch.time("unit_read"):
            row = await context.facts.row(self._caller.tenant_id, "unit", upload.decision_id)
            assert row is not None
            kept = KeptUnit.read(row)
        with watch.time("envelope_check"):
            header = read_protected_header(upload.envelope)
            check_envelope(header, binding, declared=upload.fields, kid=kept.seal_kid or "")
        with self._whole.time("release"):
            released = await self._door.release(self._caller, ActorId(ACTOR), upload)
        with watch.time("json_write"):
            reply(released_json(released), 201)
        proof_of = EntryId(kept.entry_id)
        with watch.time("proof"):
            context.log.proof(context.log_id, proof_of)

    def _sealed(self, binding: Binding) -> str:
        with self._whole.time("seal_in_the_client"):
            return seal(
                SignedRecord(RECORD),
                binding,
                recipient_key=self._cast.sealing_key.public(),
                signer=self._cast.signing_key,
            )

    def _key(self) -> IdempotencyKey:
        return IdempotencyKey(AgencyId(SENDER), self._context.ids.new(), "digest")
