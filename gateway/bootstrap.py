"""
The only module that knows every room: it builds a gateway from its settings.

* It fails closed, in this order: the log's name, keys, rules, database, log. Nothing listens
  before all of them agree.
* A revision of the rules is kept and announced in the log before it decides anything.
* Commands of the operator open the same gateway without serving; while one runs, the
  writer's lock keeps them out.
* Whatever serves never reads the log's private key: a process of its own signs. A command signs
  in its own process, unless a signer runs apart.
"""

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import (
    AsyncExitStack,
    ExitStack,
    asynccontextmanager,
    closing,
    contextmanager,
    suppress,
)
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import structlog

from gateway.api.cursors import Cursors
from gateway.api.limits import TokenBuckets
from gateway.api.parts import Identity, Parts, Published
from gateway.audit.checkpoint import TrustedLog, check_origin
from gateway.audit.proof_file import ProofFile
from gateway.audit.witness_policy import PolicyRefused, WitnessPolicy
from gateway.domain.errors import (
    GatewayError,
    IntegrityError,
    PolicyUnavailable,
    StorageUnavailable,
)
from gateway.domain.ids import LogId, TenantId
from gateway.domain.log import JSONValue
from gateway.identity.assertions import ClientAuthenticator
from gateway.identity.metadata import server_metadata
from gateway.identity.tokens import TokenIssuer, TokenVerifier
from gateway.policy.bundle import PolicyBundle
from gateway.policy.cases import read_cases
from gateway.policy.contract import PolicyContract
from gateway.policy.issue import check_succession
from gateway.policy.opa import OPAPolicy
from gateway.policy.processes import PolicyProcesses
from gateway.policy.rejection import RevisionRejected
from gateway.policy.rulebook import CurrentRulebook
from gateway.policy.serving import CurrentPolicy, SignedBundle
from gateway.ports.clock import Clock
from gateway.ports.log import Checkpoint, LogReader, Signer
from gateway.ports.registers import Registers
from gateway.ports.witnesses import Unwatched
from gateway.services.alerts import Alerts
from gateway.services.audit_records import AuditRecords
from gateway.services.context import Context
from gateway.services.deliveries import Deliveries
from gateway.services.disclose import Door
from gateway.services.disclosures import Disclosures
from gateway.services.dry_run import DryRun
from gateway.services.reconsider import Reconsider
from gateway.services.registers.schemas import FactSchemas
from gateway.services.registers.services import RegisterServices
from gateway.services.requests import InformationRequests
from gateway.services.revisions import Revisions
from gateway.services.tasks import Tasks
from gateway.settings import Settings
from gateway.signer.child import SignerProcess
from gateway.signer.local import LocalSigner
from gateway.signer.remote import RemoteSigner, connect_to
from gateway.signer.state import signed_head
from gateway.storage.backup import copy_database
from gateway.storage.database import Database
from gateway.storage.facts_reader import PostgresFactsReader
from gateway.storage.fsck import DatabaseReport, check_database
from gateway.storage.key_ring import (
    KeyRing,
    load_log_key,
    load_log_signer,
    load_policy_key,
    load_token_key,
    log_key_path,
)
from gateway.storage.writer import Writer
from gateway.system import SystemClock, SystemIds
from gateway.witnessing.feeder import Feeder, check_policy

__all__ = [
    "LOG_ID",
    "Gateway",
    "back_up",
    "check_log",
    "open_gateway",
    "open_kept_bundle",
    "open_reader",
    "open_registers",
]

LOG_ID: Final = LogId("main")

_HOUSEKEEPING_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class Gateway:
    """
    One gateway, open.

    Attributes:
        settings: What it was built from.
        context: The tenant's ports.
        registers: The register services.
        audit_records: Reads bodies of the log, and records who does.
        parts: What the routes work with.
        policy: The revision in force.
    """

    settings: Settings
    context: Context
    registers: RegisterServices
    audit_records: AuditRecords
    parts: Parts
    policy: CurrentPolicy
    _database: Database
    _deliveries: Deliveries
    _sidecar: OPAPolicy | None
    _processes: PolicyProcesses
    _feeder: Feeder | None
    _question: Mapping[str, JSONValue]

    def close(self) -> None:
        """Append what is queued, and let go of the database."""
        self._database.close()

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Do in the running loop what serving needs: connections, background work, signals."""
        async with AsyncExitStack() as stack:
            if self._sidecar is not None:
                await stack.enter_async_context(self._sidecar)
            else:
                await stack.enter_async_context(self._processes)
            if isinstance(self.context.facts, PostgresFactsReader):
                stack.push_async_callback(self.context.facts.aclose)
            with suppress(PolicyUnavailable):
                # The first question of a thread builds its engine: not at a member's expense.
                await self.context.pdp.decide(self._question)
            self._say_unreviewed()
            if self._feeder is not None:
                self._feeder.start()
                stack.push_async_callback(asyncio.to_thread, self._feeder.close)
            elif self.settings.production:
                structlog.get_logger().warning("witness.none")
            work = asyncio.create_task(self._keep_house())
            stack.push_async_callback(_cancel, work)
            stack.enter_context(_on_hangup(self.renew_policy))
            yield

    def renew_policy(self) -> bool:
        """
        Put the rules of the policies directory in force; the last good ones stay otherwise.

        Returns:
            Whether another revision is in force now.
        """
        log = structlog.get_logger()
        if self._sidecar is not None:
            # The sidecar holds one revision for its life; another comes with another process.
            log.warning("policy.renewal_refused", reason="sidecar")
            return False
        try:
            changed = self.policy.renew(before=self._before_revision)
        except GatewayError as error:
            log.exception("policy.renewal_refused", reason=error.code)
            if isinstance(error, RevisionRejected):
                self._tell_refused(error)
            return False
        log.info("policy.renewed", policy_revision=_hex(self.policy.revision))
        self._say_unreviewed()
        return changed

    def _tell_refused(self, rejected: RevisionRejected) -> None:
        """Tell the officers that the rules they may expect are not in force."""
        try:
            Revisions(self.context).refuse(self.policy.revision, rejected.findings)
        except GatewayError as error:
            structlog.get_logger().warning("policy.refusal_not_recorded", reason=error.code)

    def kept_bundles(self) -> dict[str, bytes]:
        """
        Return every revision that has ever decided here: digest to archive.

        Raises:
            StorageUnavailable: The database is silent.
        """
        kept = self._database.policy_revisions(self.context.tenant_id)
        found = {digest: kept.bundle(digest) for digest in kept.digests()}
        return {digest: archive for digest, archive in found.items() if archive is not None}

    def announce(self) -> None:
        """
        Keep the revision in force and record it in the log, before it decides anything.

        Raises:
            RevisionRejected: In production it enables what nobody has reviewed, or a newer one
                has been in force.
            StorageUnavailable, LogUnavailable: It could not be; then nothing may be decided.
        """
        self._before_revision(self.policy.bundle)

    def _before_revision(self, bundle: PolicyBundle) -> None:
        context = self.context
        self._check_reviewed(bundle)
        self._check_watched(bundle)
        revisions = Revisions(context)
        follows = partial(
            check_succession,
            bundle.revision,
            bundle.issue,
            production=self.settings.production,
            allowed=self.settings.policy_allow_older,
        )
        follows(revisions.newest())  # What is refused is not kept as if it had decided.
        kept = self._database.policy_revisions(context.tenant_id)
        kept.keep(bundle.revision, bundle.archive, now=context.clock.now())
        revisions.announce(bundle.revision, str(bundle.issue or ""), context.pdp.engine, follows)

    def _check_reviewed(self, bundle: PolicyBundle) -> None:
        pack, unreviewed = self._unreviewed(bundle)
        if unreviewed and self.settings.production:
            raise RevisionRejected(
                [f"packs/{pack}: basis {b} is enabled and not reviewed" for b in unreviewed]
            )

    def _check_watched(self, bundle: PolicyBundle) -> None:
        """Refuse a pack that has members wait for witnesses whom nobody has asked."""
        pack = self._pack()
        demanded = bundle.witnessed_classes(pack)
        if demanded and not (self._feeder is not None and self._feeder.demands_quorum):
            raise RevisionRejected(
                [
                    f"packs/{pack}: {c} waits for witnesses; set TASUKI_WITNESS_POLICY to a policy"
                    " with a quorum"
                    for c in sorted(demanded)
                ]
            )

    def _say_unreviewed(self) -> None:
        _, unreviewed = self._unreviewed(self.policy.bundle)
        if unreviewed:
            structlog.get_logger().warning("policy.unreviewed", count=len(unreviewed))

    def _unreviewed(self, bundle: PolicyBundle) -> tuple[str, tuple[str, ...]]:
        """Return the tenant's pack, and what it enables that nobody has reviewed."""
        pack = self._pack()
        return pack, bundle.unreviewed(pack)

    def _pack(self) -> str:
        """Return the tenant's pack; empty before it is founded, when nobody decides anything."""
        tenant_id = self.context.tenant_id
        tenant = self.context.registers.fact(tenant_id, "tenant", tenant_id)
        return "" if tenant is None else str(tenant.fact["pack"])

    async def _keep_house(self) -> None:
        log = structlog.get_logger()
        while True:
            try:
                if count := await self._deliveries.expire_due():
                    log.info("deliveries.expired", count=count)
            except GatewayError as error:
                log.warning("deliveries.not_expired", reason=error.code)
            except Exception:  # the work goes on at the next turn
                log.exception("deliveries.not_expired")
            await asyncio.sleep(_HOUSEKEEPING_S)


@contextmanager
def open_gateway(
    settings: Settings, *, clock: Clock | None = None, serving: bool = False
) -> Iterator[Gateway]:
    """
    Yield a gateway that may write, and close it afterwards.

    Args:
        settings: All settings.
        clock: Another clock than the computer's, for whoever has to move time.
        serving: Whether a process of its own signs, also where no signer runs apart.

    Raises:
        IntegrityError: A key is missing or damaged, log and signer do not agree, or the policy
            of witnesses cannot be used.
        RevisionRejected: The rules may not serve, not in production, or not any more.
        StorageUnavailable: The database is silent, not migrated, or held by another gateway.
        LogUnavailable: The signer is silent, or the rules in force could not be recorded.
    """
    check_origin(settings.log_origin)
    witnesses = _witness_policy(settings)
    keys = KeyRing(settings.keys_dir)
    contract = PolicyContract.read(settings.schemas_dir)
    policy = CurrentPolicy(settings.policies_dir, contract)
    processes = PolicyProcesses(policy, contract, count=settings.policy_processes)
    trusted, policy_key = _trusted(settings), load_policy_key(settings.keys_dir)
    clock = clock or SystemClock()
    with (
        _signer(settings, trusted, serving=serving) as signer,
        _opened(settings) as database,
    ):
        log = database.log_reader(read_checkpoint=trusted.open, write_proof=_write_proof)
        sidecar = _sidecar(settings, policy)
        # Before the first entry the signer has signed the empty log.
        if log.leaves(LOG_ID, 0, 1) and signer.last() is None:
            raise IntegrityError("the signer's state is missing")
        writer = database.writer({LOG_ID: signer}, clock)
        feeder = _feeder(settings, witnesses, database, log, clock)
        context = Context(
            tenant_id=TenantId(settings.tenant),
            log_id=LOG_ID,
            gateway=settings.origin,
            clock=clock,
            ids=SystemIds(),
            keys=keys,
            pdp=processes if sidecar is None else sidecar,
            rulebook=CurrentRulebook(policy),
            facts=database.facts_reader(),
            registers=database.registers(),
            writer=writer,
            log=log,
            watch=feeder or Unwatched(),
        )
        question = read_cases(settings.policies_dir)[0].policy_input
        registers = RegisterServices.of(
            context, FactSchemas(settings.schemas_dir / "policy-input.json")
        )
        services = _services(context, registers)
        gateway = Gateway(
            settings=settings,
            context=context,
            registers=registers,
            audit_records=services[AuditRecords],
            parts=Parts(
                context=context,
                identity=_identity(settings, context, database),
                published=Published(
                    log_origin=trusted.origin,
                    log_vkeys=tuple(key.to_text() for key in trusted.keys),
                    policy_jwks=(policy_key.public().jwk(),),
                    bundle=SignedBundle(policy, policy_key),
                    tile=partial(log.tile, LOG_ID),
                    checkpoint=feeder.checkpoint if feeder else partial(_newest_head, log),
                    witness_policy=None if witnesses is None else witnesses[0],
                    ready=partial(_ready, context, feeder, question),
                ),
                cursors=Cursors(keys.reference_key()),
                services=services,
                limits={
                    "dry_runs": TokenBuckets(clock, per_minute=settings.dry_runs_per_minute),
                },
            ),
            policy=policy,
            _database=database,
            _deliveries=services[Deliveries],
            _sidecar=sidecar,
            _processes=processes,
            _feeder=feeder,
            _question=question,
        )
        try:
            gateway.announce()
            yield gateway
        finally:
            if feeder is not None:
                feeder.close()


@contextmanager
def open_reader(settings: Settings) -> Iterator[LogReader]:
    """
    Yield a reader of the log, which may be open elsewhere meanwhile.

    Raises:
        IntegrityError: The log's key is missing or damaged.
        StorageUnavailable: The database is silent or not migrated.
    """
    trusted = _trusted(settings)
    with _opened(settings) as database:
        yield database.log_reader(read_checkpoint=trusted.open, write_proof=_write_proof)


def check_log(
    settings: Settings,
    log: TrustedLog,
    *,
    with_keys: bool,
    kept: Sequence[Checkpoint] = (),
    progress: Callable[[int, int], None] | None = None,
    compare_signer: bool = True,
) -> DatabaseReport:
    """
    Check the log in the database, which may be open elsewhere meanwhile.

    Args:
        settings: All settings.
        log: The log's origin and keys.
        with_keys: Whether to open bodies with the keys of the ring.
        kept: Heads that somebody else has kept.
        progress: Called with entries done and entries in all.
        compare_signer: Whether the database must hold the signer's newest head.

    Raises:
        IntegrityError: The key ring or the signer's state is damaged.
        LogUnavailable: The signer that runs apart is silent.
        StorageUnavailable: The database is silent or not migrated.
    """
    keys = KeyRing(settings.keys_dir) if with_keys else None
    # Read before the database: whatever was signed is stored already.
    signed = _signed_head(settings, log) if compare_signer else None
    with _opened(settings) as database:
        return check_database(
            database.engine,
            LOG_ID,
            log,
            kek_of=None if keys is None else lambda kek_id: keys.kek(kek_id)[1],
            signed=(*kept, *([] if signed is None else [signed])),
            progress=progress,
        )


def back_up(
    settings: Settings,
    log: TrustedLog,
    target: Path,
    *,
    with_keys: bool,
    progress: Callable[[int, int], None] | None = None,
) -> DatabaseReport:
    """
    Copy the embedded database, which may be open elsewhere meanwhile, and check the copy.

    Args:
        settings: All settings.
        log: The log's origin and keys.
        target: The new file.
        with_keys: Whether to open the copy's bodies with the keys of the ring.
        progress: Called with entries checked and entries in all.

    Raises:
        Conflict: BACKUP_EXISTS or BACKUP_NOT_EMBEDDED; nothing was written.
        IntegrityError: The key ring or the signer's state is damaged.
        LogUnavailable: The signer that runs apart is silent.
        StorageUnavailable: The database is silent, or the copy cannot be written.
    """
    # Signed before the copy is made, so the copy must hold it.
    signed = _signed_head(settings, log)
    copy_database(settings.database_url, target)
    copied = settings.model_copy(update={"database_url": f"sqlite:///{target}"})
    return check_log(
        copied,
        log,
        with_keys=with_keys,
        kept=() if signed is None else (signed,),
        progress=progress,
        compare_signer=False,
    )


def open_kept_bundle(settings: Settings, digest: str) -> bytes:
    """
    Return the archive of a revision that has decided here.

    Raises:
        RevisionRejected: No revision of this digest has.
        StorageUnavailable: The database is silent or not migrated.
    """
    with _opened(settings) as database:
        archive = database.policy_revisions(TenantId(settings.tenant)).bundle(digest)
    if archive is None:
        raise RevisionRejected([f"{digest} has never decided here"])
    return archive


@contextmanager
def open_registers(settings: Settings) -> Iterator[Registers]:
    """
    Yield the registers for reading alone, which may be open elsewhere meanwhile.

    Raises:
        StorageUnavailable: The database is silent or not migrated.
    """
    with _opened(settings) as database:
        yield database.registers()


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    database = Database.open(settings.database_url)
    try:
        yield database
    finally:
        database.close()


def _trusted(settings: Settings) -> TrustedLog:
    key = load_log_key(settings.keys_dir, settings.log_origin)
    return TrustedLog(settings.log_origin, (key,))


@contextmanager
def _signer(settings: Settings, trusted: TrustedLog, *, serving: bool) -> Iterator[Signer]:
    """Yield whoever signs; it outlives the writer."""
    with ExitStack() as stack:
        if settings.signer_socket:
            if log_key_path(settings.keys_dir).exists():
                structlog.get_logger().warning("signer.key_left_with_the_gateway")
            remote = RemoteSigner(trusted, connect_to(Path(settings.signer_socket)))
            stack.callback(remote.close)
            yield remote
            return
        settings.state_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not serving:
            yield _signer_here(settings, trusted)
            return
        child = SignerProcess(
            settings.log_origin, log_key_path(settings.keys_dir), settings.signer_state
        )
        stack.callback(child.close)
        remote = RemoteSigner(trusted, child.connect)
        stack.callback(remote.close)
        yield remote


def _signed_head(settings: Settings, log: TrustedLog) -> Checkpoint | None:
    """Return what was signed last, as the state file says or the signer apart."""
    if not settings.signer_socket:
        return signed_head(settings.signer_state, log)
    with closing(RemoteSigner(log, connect_to(Path(settings.signer_socket)))) as remote:
        return remote.last()


def _signer_here(settings: Settings, trusted: TrustedLog) -> LocalSigner:
    key = load_log_signer(settings.keys_dir, settings.log_origin)
    if key.key not in trusted.keys:
        raise IntegrityError("the log's private and public key are not of one pair")
    # Its time is the machine's wherever it runs: what the gateway is told moves no signer.
    return LocalSigner(settings.log_origin, key, settings.signer_state, SystemClock())


def _identity(settings: Settings, context: Context, database: Database) -> Identity:
    issuer, tenant_id = settings.origin, context.tenant_id
    registers, clock = context.registers, context.clock
    token_key = load_token_key(settings.keys_dir)
    return Identity(
        authenticator=ClientAuthenticator(
            registers=registers,
            replay=database.replay(tenant_id),
            clock=clock,
            tenant_id=tenant_id,
            issuer=issuer,
        ),
        issuer=TokenIssuer(
            key=token_key, issuer=issuer, clock=clock, ids=context.ids, life_s=settings.token_life_s
        ),
        verifier=TokenVerifier(
            keys=(token_key.public(),),
            issuer=issuer,
            tenant_id=tenant_id,
            registers=registers,
            clock=clock,
        ),
        metadata=server_metadata(issuer),
    )


def _sidecar(settings: Settings, policy: CurrentPolicy) -> OPAPolicy | None:
    if settings.pdp == "embedded":
        return None
    return OPAPolicy(
        PolicyContract.read(settings.schemas_dir),
        revision=policy.revision,
        host=settings.opa_host,
        port=settings.opa_port,
    )


def _services(context: Context, registers: RegisterServices) -> dict[type, Any]:
    made = (
        Door(context),
        Disclosures(context),
        Deliveries(context),
        Reconsider(context),
        InformationRequests(context),
        Tasks(context),
        Alerts(context),
        AuditRecords(context),
        DryRun(context, registers.subjects),
        registers,
    )
    return {type(service): service for service in made}


def _write_proof(index: int, hashes: Sequence[bytes], head: Checkpoint) -> str:
    return ProofFile(index, tuple(hashes), head.note).to_text()


def _newest_head(log: LogReader) -> str:
    return log.checkpoint(LOG_ID).note


def _witness_policy(settings: Settings) -> tuple[bytes, WitnessPolicy] | None:
    """Return the policy of witnesses as it stands in its file and as read."""
    if settings.witness_policy is None:
        return None
    data: bytes | None
    try:
        data = settings.witness_policy.read_bytes()
    except OSError:
        data = None
    if data is None:
        raise PolicyRefused(0, "the witness policy cannot be read")
    policy = WitnessPolicy.parse(data)
    check_policy(policy, _trusted(settings))
    return data, policy


def _feeder(
    settings: Settings,
    witnesses: tuple[bytes, WitnessPolicy] | None,
    database: Database,
    log: LogReader,
    clock: Clock,
) -> Feeder | None:
    if witnesses is None:
        return None
    return Feeder(
        witnesses[1],
        log,
        LOG_ID,
        database.cosignatures(LOG_ID),
        clock,
        max_age_s=settings.witness_max_age_s,
        interval_s=settings.witness_interval_s,
    )


async def _ready(
    context: Context, feeder: Feeder | None, question: Mapping[str, JSONValue]
) -> Mapping[str, bool]:
    """Return what has to hold for the gateway to serve, and whether it does."""
    writer = context.writer
    try:
        await context.pdp.decide(question)
        decides = True
    except PolicyUnavailable:
        decides = False
    return {
        "database": await asyncio.to_thread(_reads, context.registers),
        "log": isinstance(writer, Writer) and writer.healthy,
        "policy": decides,
        **({} if feeder is None else {"witnesses": feeder.healthy}),
    }


def _reads(registers: Registers) -> bool:
    try:
        registers.fact(TenantId(""), "tenant", "")
    except StorageUnavailable:
        return False
    return True


def _hex(revision: str) -> str:
    return revision.removeprefix("sha256:")


async def _cancel(task: "asyncio.Task[None]") -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


@contextmanager
def _on_hangup(renew: Any) -> Iterator[None]:
    """Renew the rules at SIGHUP, where this process takes signals at all."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGHUP, lambda: loop.run_in_executor(None, renew))
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGHUP)
