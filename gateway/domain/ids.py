"""
Identifiers as types, so that one kind can never stand where another is meant.

All are opaque ASCII text. Records carry UUIDv7 in its 36-character form; a log entry
carries 128 random bits as 22 characters of base64url, chosen by the caller so that an
append whose outcome is unknown can be looked up.
"""

from typing import NewType

__all__ = [
    "ActorId",
    "AgencyId",
    "DecisionId",
    "DeliveryId",
    "DisclosureId",
    "EntryId",
    "FieldId",
    "LogId",
    "Millis",
    "PersonId",
    "RequestId",
    "SubjectId",
    "SystemId",
    "TenantId",
]

TenantId = NewType("TenantId", str)
LogId = NewType("LogId", str)
AgencyId = NewType("AgencyId", str)
SystemId = NewType("SystemId", str)
ActorId = NewType("ActorId", str)
SubjectId = NewType("SubjectId", str)  # one agency's handle for one person (pairwise)
PersonId = NewType("PersonId", str)  # internal: joins linked subjects; never leaves the gateway
DisclosureId = NewType("DisclosureId", str)
DecisionId = NewType("DecisionId", str)
DeliveryId = NewType("DeliveryId", str)
RequestId = NewType("RequestId", str)
EntryId = NewType("EntryId", str)
FieldId = NewType("FieldId", str)  # "record.field", for example "subject.name_original"

Millis = NewType("Millis", int)  # an instant: epoch milliseconds, UTC
