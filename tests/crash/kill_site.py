"""
A database on which gateways are killed one after another, and what must hold after each.

* The first look is at the tables as the dead process left them, before anything is opened:
  opening a log signs what a crash left unsigned.
* Then another gateway opens the same database with the same signer's state, and everything
  is checked as a suspicious member would: whole log, proofs, and every proof held from before.
"""

import itertools
import multiprocessing
import signal
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from gateway.audit.checkpoint import TrustedLog
from gateway.audit.export import export_log
from gateway.audit.fsck import fsck
from gateway.audit.proof_file import ProofFile
from gateway.audit.verify import verify_entry_proof, verify_evidence, verify_growth
from gateway.crypto.commitment import Leaf
from gateway.crypto.encoding import digest_text
from gateway.domain.ids import EntryId
from gateway.domain.log import EntryType
from gateway.policy.serving import CurrentPolicy
from gateway.ports.log import Checkpoint, LogReader
from gateway.signer.local import LocalSigner
from gateway.storage.connect import database_url
from gateway.storage.database import Database
from gateway.storage.key_ring import load_log_signer
from tests.crash.child import CASE, Failed, Plan, work
from tests.crash.exchange import exchange
from tests.crash.points import HandedOver, Point, Reached, Shown, Stage
from tests.simulators.clock import FixedClock
from tests.simulators.house import LOG, ORIGIN, House
from tests.simulators.kept_log import raw, write_proof
from tests.simulators.policy_inputs import known
from tests.simulators.waiting import eventually

__all__ = ["Broken", "Site"]

_WAIT_S: Final = 60.0
_PAGE: Final = 4_096
_DOOR: Final = frozenset({EntryType.DECISION, EntryType.RELEASE, EntryType.OPENED})
_ENTRIES: Final = (
    "SELECT b.entry_id, e.seq, e.leaf FROM log_entry e"
    " LEFT JOIN log_body b ON b.log_id = e.log_id AND b.seq = e.seq"
)
_DELIVERIES: Final = (
    "SELECT d.id, d.state, d.entry_id, d.opened_entry_id, d.envelope, d.envelope_digest, u.state"
    " FROM delivery d LEFT JOIN unit u ON u.tenant_id = d.tenant_id AND u.id = d.decision_id"
)
_LONELY_UNITS: Final = (
    "SELECT u.id FROM unit u WHERE u.state = 'released' AND NOT EXISTS"
    " (SELECT 1 FROM delivery d WHERE d.tenant_id = u.tenant_id AND d.decision_id = u.id)"
)
_OTHERS: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)
# A server that has no threads forks each process, with everything imported already.
_PROCESSES: Final = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["tests.crash.child"])


class Broken(Exception):
    """A promise does not hold; the message says which."""


@dataclass(frozen=True, slots=True)
class _Delivery:
    id: str
    state: str
    entry_id: str
    opened_entry_id: str | None
    envelope: bytes
    envelope_digest: str
    unit_state: str | None


@dataclass(frozen=True, slots=True)
class _Tables:
    """What is stored: entries in their order, the index of each by its id, and deliveries."""

    leaves: tuple[Leaf, ...]
    indices: dict[str, int]
    deliveries: dict[str, _Delivery]
    lonely_units: int

    def type_of(self, entry_id: str | None) -> str | None:
        """Return the type of an entry, or ``None`` if it is not there."""
        index = None if entry_id is None else self.indices.get(entry_id)
        return None if index is None else self.leaves[index].type


class Site:
    """
    One furnished database, its keys and its signer's state.

    Args:
        url: A migrated database.
        home: Where keys and the signer's state are.
        policy: The policy of the gateways that are not killed.

    Attributes:
        database: Which kind it is, as its URL says.
        shown: Every answer with evidence that was ever acknowledged.
        handed_over: Every envelope that has ever left.
        unanswered: How many entries of the door were durable and never acknowledged.
    """

    def __init__(self, url: str, home: Path, policy: CurrentPolicy) -> None:
        self.database = database_url(url).get_backend_name()
        self._url = url
        self._home = home
        self._policy = policy
        self._question = known(CASE)
        self.shown: list[Shown] = []
        self.handed_over: list[HandedOver] = []
        self.unanswered = 0
        house = self._open()
        house.furnish(self._question)
        self._head = house.context.log.checkpoint(LOG).note
        self._verified = 0
        house.close()

    def kill(
        self, point: Point, *, nth: int = 1, width: int = 1, rounds: int = 0, mutant: str = ""
    ) -> Reached:
        """
        Let a gateway work until it is killed at a point, and keep what it acknowledged.

        Raises:
            Broken: It was not killed, or not there.
        """
        plan = Plan(self._url, self._home, point, nth, width, rounds or nth, mutant)
        receiver, sender = _PROCESSES.Pipe(duplex=False)
        process = _PROCESSES.Process(target=work, args=(plan, sender))
        process.start()
        sender.close()
        try:
            said = list(_heard(receiver))
        except BaseException:
            process.kill()
            raise
        finally:
            process.join()
            receiver.close()
        self.shown += [s for s in said if isinstance(s, Shown)]
        self.handed_over += [s for s in said if isinstance(s, HandedOver)]
        last = said[-1] if said else None
        if isinstance(last, Failed):
            raise Broken(f"the gateway failed before it came to {point}:\n{last.traceback}")
        was_killed = process.exitcode == -signal.SIGKILL
        if not (was_killed and isinstance(last, Reached) and last.point is point):
            raise Broken(f"the kill at {point} did not hit: exit {process.exitcode}, {last}")
        return last

    def check(self, reached: Reached) -> None:
        """
        Check everything that must hold after a process has ended at a point.

        Raises:
            Broken: Something does not.
            IntegrityError: The log, a proof or the signer's state does not verify.
        """
        if self.database == "postgresql":
            eventually(lambda: raw(self._url, _OTHERS) == [(0,)])
        tables = self._tables()
        self._check_acknowledged(tables)
        self._check_deliveries(tables)
        self._check_stage(tables, reached)
        told = len(self.shown) + len(self.handed_over)
        self.unanswered = sum(leaf.type in _DOOR for leaf in tables.leaves) - told
        house = self._open()
        try:
            self._check_log(house)
            self._check_proofs(house, tables)
            self._check_held(house)
            house.run(exchange(house, self._question, say=self._keep))
        finally:
            house.close()
        self._check_deliveries(self._tables())

    # --- as the dead process left it -------------------------------------------------------

    def _tables(self) -> _Tables:
        found = sorted(raw(self._url, _ENTRIES), key=lambda row: row[1])
        if [seq for _, seq, _ in found] != list(range(len(found))):
            raise Broken("the log has a gap or an entry without a body")
        leaves = tuple(Leaf.parse(leaf) for _, _, leaf in found)
        if [leaf.entry_id for leaf in leaves] != [entry_id for entry_id, _, _ in found]:
            raise Broken("a body belongs to another entry")
        deliveries = [_Delivery(*row) for row in raw(self._url, _DELIVERIES)]
        return _Tables(
            leaves=leaves,
            indices={leaf.entry_id: index for index, leaf in enumerate(leaves)},
            deliveries={d.id: d for d in deliveries},
            lonely_units=len(raw(self._url, _LONELY_UNITS)),
        )

    def _check_acknowledged(self, tables: _Tables) -> None:
        for shown in self.shown:
            if tables.leaves[shown.index : shown.index + 1] != (Leaf.parse(shown.leaf),):
                raise Broken(f"the acknowledged entry {shown.index} is lost")
            if shown.delivery_id and shown.delivery_id not in tables.deliveries:
                raise Broken("an acknowledged delivery is lost")
        for handed in self.handed_over:
            delivery = tables.deliveries.get(handed.delivery_id)
            opened = None if delivery is None else delivery.opened_entry_id
            if opened is None or tables.indices.get(opened) != handed.index:
                raise Broken("an envelope has left without its opened entry")

    def _check_deliveries(self, tables: _Tables) -> None:
        for delivery in tables.deliveries.values():
            if tables.type_of(delivery.entry_id) != EntryType.RELEASE:
                raise Broken("a delivery is visible without its release entry")
            if delivery.unit_state != "released":
                raise Broken("a delivery is visible while its permit is unused")
            was_opened = delivery.state == "opened"
            if was_opened is not (tables.type_of(delivery.opened_entry_id) == EntryType.OPENED):
                raise Broken("a delivery is opened without its opened entry")
        if tables.lonely_units:
            raise Broken("a permit is used without a delivery")
        for type_, rows in (
            (EntryType.RELEASE, {d.entry_id for d in tables.deliveries.values()}),
            (EntryType.OPENED, {d.opened_entry_id for d in tables.deliveries.values()} - {None}),
        ):
            if {leaf.entry_id for leaf in tables.leaves if leaf.type == type_} != rows:
                raise Broken(f"a {type_} entry says what is not so")

    def _check_stage(self, tables: _Tables, reached: Reached) -> None:
        """Check that the entries in hand had come as far as the point says."""
        signer = load_log_signer(self._home / "keys", ORIGIN)
        head = LocalSigner(
            ORIGIN, signer, self._home / "signer.json", FixedClock(), must_exist=True
        ).last()
        signed = 0 if head is None else head.size
        for entry_id in reached.entry_ids:
            stage = Stage.NOWHERE
            if entry_id in tables.indices:
                is_covered = tables.indices[entry_id] < signed
                stage = Stage.COVERED if is_covered else Stage.UNSIGNED
            if stage is not reached.point.stage:
                raise Broken(f"at {reached.point} an entry was {stage}")

    # --- as the next gateway finds it ------------------------------------------------------

    def _open(self) -> House:
        return House(self._url, self._home, policy=self._policy)

    def _keep(self, answer: Shown | HandedOver) -> None:
        if isinstance(answer, Shown):
            self.shown.append(answer)
        else:
            self.handed_over.append(answer)

    def _check_log(self, house: House) -> None:
        """Export the whole log as another process reads it, and derive everything again."""
        head = house.context.log.checkpoint(LOG)
        stranger = Database.open(self._url)
        try:
            reader = stranger.log_reader(
                read_checkpoint=house.trusted.open, write_proof=write_proof
            )
            with tempfile.TemporaryDirectory(prefix="tasuki-log-") as directory:
                folder = Path(directory) / "log"
                export_log(
                    folder,
                    log=house.trusted,
                    checkpoint=head.note,
                    leaves=_leaves(reader, head.size),
                    proofs={0, head.size // 2, head.size - 1},
                )
                fsck(folder, house.trusted)
        finally:
            stranger.close()
        heads = raw(self._url, "SELECT prev_size, size, n FROM log_head ORDER BY size")
        for (_, before, _), (previous, size, n) in itertools.pairwise(heads):
            if (previous, size) != (before, before + n):
                raise Broken("heads do not follow each other")
        if heads[-1][1] != head.size:
            raise Broken("the signed head does not cover the whole log")

    def _check_proofs(self, house: House, tables: _Tables) -> None:
        """Check that every delivery can show its entries, covered by a signed head."""
        for delivery in tables.deliveries.values():
            said = _proven(house, delivery.entry_id, EntryType.RELEASE)
            if said["delivery_id"] != delivery.id:
                raise Broken("a release entry is about another delivery")
            if (
                not said["envelope_digest"]
                == delivery.envelope_digest
                == digest_text(delivery.envelope)
            ):
                raise Broken("a release entry is about another envelope")
            if delivery.opened_entry_id is not None:
                said = _proven(house, delivery.opened_entry_id, EntryType.OPENED)
                if said["delivery_id"] != delivery.id:
                    raise Broken("an opened entry is about another delivery")

    def _check_held(self, house: House) -> None:
        """
        Check that what members were shown verifies, and that the log only grew since.

        Each head is compared once: later heads are compared with the one it led to.
        """
        proofs = [(s.leaf, ProofFile.parse(s.proof)) for s in self.shown[self._verified :]]
        for leaf, proof in proofs:
            verify_entry_proof(leaf, proof, house.trusted)
        head = house.context.log.checkpoint(LOG)
        for note in {self._head, *(proof.note for _, proof in proofs)}:
            _check_growth(house.context.log, house.trusted, note, head)
        self._head, self._verified = head.note, len(self.shown)


def _heard(receiver: Any) -> Iterator[Any]:
    """Yield what a process says until it says nothing more, because it has ended."""
    while receiver.poll(_WAIT_S):
        try:
            yield receiver.recv()
        except EOFError:
            return
    raise Broken("a gateway neither went on nor ended")


def _proven(house: House, entry_id: str, type_: EntryType) -> dict[str, Any]:
    evidence = house.recorder.evidence_of(EntryId(entry_id))
    verify_evidence(evidence, house.trusted, type_=type_)
    return evidence.fields()


def _check_growth(reader: LogReader, log: TrustedLog, old: str, new: Checkpoint) -> None:
    before = log.open(old)
    verify_growth(before, new.note, reader.consistency(LOG, before.size, new.size), log)


def _leaves(reader: LogReader, size: int) -> Iterator[bytes]:
    for start in range(0, size, _PAGE):
        yield from reader.leaves(LOG, start, min(start + _PAGE, size))
