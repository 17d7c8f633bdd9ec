"""
Founding a tenant: its pack, its municipality, and the first who may register others.

Everything else is registered by somebody; the first system and person have nobody before
them. So they come in one change, only while the tenant is not there yet, from the command
line of whoever installs the gateway and never over the network.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from gateway.domain.disclosure import Caller
from gateway.domain.errors import Conflict
from gateway.domain.ids import ActorId, AgencyId, SystemId
from gateway.domain.log import JSONValue, PutFact
from gateway.domain.records import tenant_key
from gateway.services.acting import Acting
from gateway.services.registers.directory import (
    actor_enrolment,
    agency_enrolment,
    system_enrolment,
)
from gateway.services.registers.keys import client_key_enrolment
from gateway.services.registers.registration import Registered, Registrar, Registration

__all__ = ["Founding", "found_tenant"]


@dataclass(frozen=True, slots=True)
class Founding:
    """
    Who a tenant starts with.

    Attributes:
        pack: The policy pack in force for it.
        agency: The municipality: members of an agency but its status.
        system: Its first system: ``id``, ``name``, ``scopes``, ``valid_from``, ``valid_to``.
        client_jwk: The public key by which that system authenticates.
        actor: The first person: members of an actor but agency and status.
    """

    pack: str
    agency: Mapping[str, JSONValue]
    system: Mapping[str, JSONValue]
    client_jwk: Mapping[str, Any]
    actor: Mapping[str, JSONValue]


def found_tenant(registrar: Registrar, founding: Founding) -> Registered:
    """
    Register the tenant with its municipality, first system and first person.

    Raises:
        Conflict: ALREADY_FOUNDED.
        SchemaViolation: Something is not as its schema demands.
        BadKey: The system's key is malformed, private, too weak or of another kind.
    """
    context = registrar.context
    tenant_id = context.tenant_id
    if context.registers.fact(tenant_id, "tenant", tenant_id) is not None:
        raise Conflict("ALREADY_FOUNDED")
    agency_id, system_id, actor_id = (
        str(terms.get("id")) for terms in (founding.agency, founding.system, founding.actor)
    )
    by = Acting(Caller(tenant_id, AgencyId(agency_id), SystemId(system_id)), ActorId(actor_id))
    fact = {"id": tenant_id, "pack": founding.pack, "municipality": agency_id}
    valid_from = founding.system.get("valid_from")
    return registrar.write(
        by,
        None,
        Registration(
            PutFact("tenant", tenant_id, 0, fact, (tenant_key(tenant_id),)), change="founded"
        ),
        agency_enrolment(founding.agency),
        system_enrolment(agency_id, founding.system),
        client_key_enrolment(agency_id, system_id, founding.client_jwk, valid_from=valid_from),
        actor_enrolment(agency_id, founding.actor),
    )
