"""What every use case of one tenant works with; made once, by ``bootstrap``."""

from dataclasses import dataclass, field

from gateway.domain.ids import LogId, TenantId
from gateway.ports.clock import Clock
from gateway.ports.ids import Ids
from gateway.ports.keys import Keys
from gateway.ports.log import LogReader, LogWriter
from gateway.ports.pdp import PolicyDecisionPoint
from gateway.ports.registers import FactsReader, Registers
from gateway.ports.rulebook import Rulebook
from gateway.ports.witnesses import Unwatched, Watch

__all__ = ["Context"]


@dataclass(frozen=True, slots=True)
class Context:
    """
    The ports of one tenant.

    Attributes:
        tenant_id: Whose registers.
        log_id: The log that is appended to.
        gateway: This gateway's origin, to which envelopes are bound.
        clock: The only source of time.
        ids: The only source of identifiers.
        keys: Secret keys of the gateway.
        pdp: Decides.
        rulebook: Thresholds, texts and labels of the revision in force.
        facts: Reads what one unit needs.
        registers: Ordinary reads.
        writer: The one writer.
        log: Proves what is in the log.
        watch: Whether anybody outside watches the log, as the policy demands.
    """

    tenant_id: TenantId
    log_id: LogId
    gateway: str
    clock: Clock
    ids: Ids
    keys: Keys
    pdp: PolicyDecisionPoint
    rulebook: Rulebook
    facts: FactsReader
    registers: Registers
    writer: LogWriter
    log: LogReader
    watch: Watch = field(default_factory=Unwatched)
