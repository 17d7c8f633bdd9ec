"""Every register service of one tenant, made once."""

from dataclasses import dataclass
from typing import Self

from gateway.services.context import Context
from gateway.services.registers.approvals import Approvals, EmergencyAgreements
from gateway.services.registers.arrangements import Appointments, Entrustments
from gateway.services.registers.conferences import Conferences
from gateway.services.registers.consents import Consents
from gateway.services.registers.declarations import Declarations
from gateway.services.registers.directory import Directory
from gateway.services.registers.flags import ProtectionFlags
from gateway.services.registers.keys import AgencyKeys
from gateway.services.registers.links import SubjectLinks
from gateway.services.registers.registration import Registrar
from gateway.services.registers.schemas import FactSchemas
from gateway.services.registers.showing import Showing
from gateway.services.registers.subjects import Subjects
from gateway.services.registers.verdicts import OfficerVerdicts

__all__ = ["RegisterServices"]


@dataclass(frozen=True, slots=True)
class RegisterServices:
    """The register services, each for one subject; all write through the same registrar."""

    registrar: Registrar
    subjects: Subjects
    links: SubjectLinks
    consents: Consents
    conferences: Conferences
    flags: ProtectionFlags
    approvals: Approvals
    emergencies: EmergencyAgreements
    verdicts: OfficerVerdicts
    entrustments: Entrustments
    appointments: Appointments
    declarations: Declarations
    directory: Directory
    keys: AgencyKeys
    showing: Showing

    @classmethod
    def of(cls, context: Context, schemas: FactSchemas) -> Self:
        """Return the services of one tenant."""
        registrar = Registrar(context, schemas)
        showing = Showing(registrar)
        return cls(
            registrar=registrar,
            subjects=Subjects(registrar),
            links=SubjectLinks(registrar),
            consents=Consents(registrar),
            conferences=Conferences(registrar),
            flags=ProtectionFlags(registrar),
            approvals=Approvals(registrar),
            emergencies=EmergencyAgreements(registrar),
            verdicts=OfficerVerdicts(registrar),
            entrustments=Entrustments(registrar),
            appointments=Appointments(registrar),
            declarations=Declarations(registrar, showing),
            directory=Directory(registrar),
            keys=AgencyKeys(registrar),
            showing=showing,
        )
