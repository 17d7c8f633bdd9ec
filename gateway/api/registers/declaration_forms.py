"""
The bodies by which agencies declare; see :mod:`gateway.api.registers.forms`.

A form has ``subject``, ``subjects``, ``supporter`` and ``counterpart_subjects`` where the fact
has persons, and leaves out what the gateway itself says.
"""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from gateway.api.reading import Code, OpaqueId, OptionalId, WireModel
from gateway.api.registers.forms import AgencyKind
from gateway.api.wire import DataClass, FieldName, Instant

__all__ = [
    "CouncilNoticeForm",
    "DepartmentForm",
    "DesignationForm",
    "EndingForm",
    "FlagSourceForm",
    "JointUseNoticeForm",
    "ListEntryForm",
    "ModeSwitchForm",
    "RebasingForm",
    "RightsRequestForm",
    "StalkerNoticeForm",
    "StatutoryRequestForm",
    "UsePurposeForm",
]

_Agencies = Annotated[list[OpaqueId], Field(default_factory=list, max_length=400)]
_Purposes = Annotated[list[Code], Field(default_factory=list, max_length=40)]
_Records = Annotated[list[Code], Field(default_factory=list, max_length=100)]
_Some = Annotated[list[OpaqueId], Field(default_factory=list, max_length=100)]
_Named = Annotated[str, StringConstraints(max_length=80)]
_Titled = Annotated[str, StringConstraints(max_length=120)]
_Cited = Annotated[str, StringConstraints(max_length=200)]
_Consent = Literal["given", "refused", "none"]


class EndingForm(WireModel):
    """Since when a declaration has ended; now when nothing is said."""

    ended_at: Instant | None = None


class CouncilNoticeForm(WireModel):
    """The public notice of a council that the caller organises, and of its members."""

    conference: OpaqueId
    basis: Code
    number: _Named
    announced_at: Instant
    members: _Agencies
    coordinator: OptionalId = ""
    valid_from: Instant
    valid_to: Instant | None = None


class JointUseNoticeForm(WireModel):
    """What the users of jointly used data have told beforehand."""

    members: _Agencies
    purposes: _Purposes
    records: _Records
    item_classes: Annotated[list[DataClass], Field(default_factory=list, max_length=20)]
    responsible: OpaqueId
    told_items: Annotated[
        list[Literal["fact", "items", "range", "purpose", "responsible"]],
        Field(default_factory=list, max_length=5),
    ]
    published_at: Instant
    valid_from: Instant
    valid_to: Instant | None = None


class UsePurposeForm(WireModel):
    """For what the caller uses one of its files, and to whom it regularly goes."""

    file_name_ja: _Titled
    purposes: Annotated[list[Code], Field(min_length=1, max_length=40)]
    recipient_agencies: _Agencies
    recipient_kinds: Annotated[list[AgencyKind], Field(default_factory=list, max_length=40)]
    records: _Records
    regular: bool = False
    published_at: Instant | None = None
    valid_from: Instant
    valid_to: Instant | None = None


class DepartmentForm(WireModel):
    """A unit of the caller's agency with its tasks."""

    name_ja: _Titled
    purposes: _Purposes
    ground_level: Literal["law", "ordinance", "rule", "none"]
    ground_ja: _Cited = ""
    valid_from: Instant
    valid_to: Instant | None = None


class DesignationForm(WireModel):
    """That a public body has designated, registered or listed an agency."""

    agency: OpaqueId
    office: Literal[
        "evac_supporter_body",
        "registered_relief_group",
        "elder_abuse_cooperator",
        "disability_abuse_cooperator",
        "regional_disaster_plan",
        "juso_entrustee",
    ]
    designated_by: OptionalId = ""
    ward: _Named = ""
    reference: _Titled = ""
    valid_from: Instant
    valid_to: Instant | None = None


class ModeSwitchForm(WireModel):
    """The order that switches the disaster mode on, until when at the latest."""

    mode: Literal["disaster", "disaster_imminent"]
    areas: Annotated[list[_Named], Field(default_factory=list, max_length=100)]
    starts_at: Instant | None = None
    ends_at: Instant


class StatutoryRequestForm(WireModel):
    """A public authority's request for information that a statute provides for."""

    basis: Code
    article: _Cited
    asked: OpaqueId
    subjects: Annotated[list[OpaqueId], Field(min_length=1, max_length=100)]
    fields: Annotated[list[FieldName], Field(default_factory=list, max_length=200)]
    purpose: Code
    necessity: Annotated[str, StringConstraints(max_length=2000)]
    document_no: _Named
    requested_at: Instant | None = None
    valid_to: Instant | None = None


class ListEntryForm(WireModel):
    """A person's entry on a statutory list or ledger that the caller holds."""

    subject: OpaqueId
    list: Literal["evac_roster", "evac_plan", "victim_ledger", "child_ledger"]
    consent: _Consent
    supporter: OptionalId = ""
    supporter_consent: _Consent = "none"
    area: _Named = ""
    valid_from: Instant
    valid_to: Instant | None = None


class RightsRequestForm(WireModel):
    """A person's own request that the caller received, and what was checked."""

    subject: OpaqueId
    kind: Literal["disclosure", "provision_records", "correction", "stop_use"]
    applicant: Literal["self", "legal_representative", "agent"]
    identity_checked: bool
    authority_checked: bool
    conflict: Literal["none", "possible", "known"]
    existence_confidential: bool
    received_at: Instant
    valid_to: Instant | None = None


class RebasingForm(WireModel):
    """Items told under secrecy that a consent now covers, each named."""

    subject: OpaqueId
    from_basis: Code
    consent: OpaqueId
    fields: Annotated[list[FieldName], Field(min_length=1, max_length=200)]
    rebased_at: Instant | None = None


class StalkerNoticeForm(WireModel):
    """A police notice that somebody is likely to stalk a person."""

    subject: OpaqueId
    counterpart_subjects: _Some
    agencies: _Some
    actors: _Some
    notified_by: OpaqueId
    notified_at: Instant


class FlagSourceForm(WireModel):
    """When the municipality last compared its protection flags with their source."""

    checked_at: Instant | None = None
