"""
The bodies that members send to the registers.

Forms and limits are those of ``schemas/policy-input.json``; a test compares them. A form has
``subject`` where the fact has ``person``, and leaves out what the gateway itself says.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints

from gateway.api.reading import Code, OpaqueId, OptionalCode, OptionalId, WireModel
from gateway.api.wire import DataClass, FieldName, Instant

__all__ = [
    "ActorForm",
    "AgencyForm",
    "AgendaItemForm",
    "AppointmentForm",
    "ApprovalForm",
    "ConferenceForm",
    "ConsentForm",
    "EmergencyAgreementForm",
    "EntrustmentForm",
    "InformationRequestForm",
    "KeyForm",
    "KeyRevocationForm",
    "LiftingForm",
    "ParticipantForm",
    "ProtectionFlagForm",
    "SubjectForm",
    "SubjectLinkForm",
    "SuspensionForm",
    "SystemForm",
    "UndertakingForm",
    "VerdictForm",
    "WithdrawalForm",
]

_MAX = 200  # members of a list; a form is also bounded as a whole

AgencyKind = Literal[
    "municipality",
    "prefecture",
    "education_board",
    "child_guidance",
    "shakyo",
    "npo",
    "company",
    "minsei",
    "chiku_shakyo",
    "medical",
    "school",
    "police",
    "fire",
    "other_public",
    "other_private",
    "post_office",
    "dv_centre",
]
Role = Literal[
    "municipal_caseworker",
    "convener",
    "inclusion_coordinator",
    "multi_agency_operator",
    "shakyo_worker",
    "self_reliance_worker",
    "hokatsu_staff",
    "area_director",
    "minsei",
    "chiku_shakyo",
    "tsunagari_supporter",
    "biz_watcher",
    "npo_worker",
    "npo_manager",
    "npo_volunteer",
    "helpline_operator",
    "intermediary",
    "school_staff",
    "sc_ssw",
    "medical",
    "child_guidance",
    "police_fire",
    "prefecture_staff",
    "adviser",
    "researcher_contractor",
    "privacy_officer",
    "auditor",
    "system_admin",
]
Agreed = Literal["in_person", "call_back", "in_system"]
ReasonCode = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]{1,60}$")]
Jwk = Annotated[dict[str, str], Field(min_length=1, max_length=12)]


def _text(length: int) -> Any:
    return StringConstraints(max_length=length)


def _list() -> Any:
    return Field(default_factory=list, max_length=_MAX)


class SubjectForm(WireModel):
    """An agency's own reference for a person, always spelt alike."""

    local_ref: Annotated[str, StringConstraints(min_length=1, max_length=200)]


class SubjectLinkForm(WireModel):
    """A handle alone asks for a code; with a code or another own handle it is linked."""

    subject: OpaqueId
    link_code: Annotated[str, StringConstraints(pattern=r"^([A-Za-z0-9_-]{22})?$")] = ""
    same_as: OptionalId = ""


class ConsentForm(WireModel):
    """What a person agreed to."""

    subject: OpaqueId
    capacity: Literal[
        "self",
        "self_minor_capable",
        "guardian_parent",
        "legal_guardian",
        "curator_assist_scope",
        "family_no_authority",
    ]
    method: Literal["paper", "electronic", "oral_scripted", "imported_blanket"]
    recipient_classes: Annotated[list[AgencyKind], _list()]
    recipients_named: Annotated[list[OpaqueId], _list()]
    recipients_refused: Annotated[list[OpaqueId], _list()]
    purposes: Annotated[list[Code], _list()]
    item_classes: Annotated[list[DataClass], _list()]
    items_refused: Annotated[list[FieldName], _list()]
    valid_from: Instant
    valid_to: Instant | None = None
    review_on: Instant | None = None
    imported: bool = False
    counterpart_present: bool = False
    given_by: OptionalId = ""
    given_by_actor: OptionalId = ""
    interpreter: Literal["none", "independent", "counterpart", "recipient", "unknown"] = "none"
    proof_seen: bool = False
    text_version: Annotated[str, _text(40)] = ""


class WithdrawalForm(WireModel):
    """When a consent was withdrawn; now when nothing is said."""

    withdrawn_at: Instant | None = None


class ProtectionFlagForm(WireModel):
    """From whom a person's whereabouts have to be kept."""

    subject: OpaqueId
    kind: Literal["shien_sochi", "dv", "stalking", "abuse", "self_requested"]
    effective_from: Instant
    valid_to: Instant | None = None
    provisional: bool = False
    counterpart_subjects: Annotated[list[OpaqueId], _list()]
    counterpart_actors: Annotated[list[OpaqueId], _list()]
    counterpart_agencies: Annotated[list[OpaqueId], _list()]


class LiftingForm(WireModel):
    """Since when a flag is lifted; now when nothing is said."""

    lifted_at: Instant | None = None


class ConferenceForm(WireModel):
    """A statutory meeting that the caller organises."""

    basis: Code
    local_name_ja: Annotated[str, _text(120)]
    founding_rule: Annotated[str, _text(200)]
    valid_from: Instant
    valid_to: Instant | None = None


class AgendaItemForm(WireModel):
    """One item of a meeting, with its own basis."""

    basis: Code
    nature: Literal["individual", "anonymous", "policy"]
    subjects: Annotated[list[OpaqueId], _list()]
    opens_at: Instant
    closes_at: Instant | None = None


class ParticipantForm(WireModel):
    """A person on the roster of one item."""

    agency: OpaqueId
    actor: OpaqueId
    proxy_of: OpaqueId | None = None
    profile: OptionalCode = ""
    counterpart_checked: bool = False
    invited_from: Instant
    invited_to: Instant | None = None


class UndertakingForm(WireModel):
    """An undertaking of secrecy that a person signed."""

    actor: OpaqueId
    signed_at: Instant
    valid_to: Instant | None = None
    text_version: Annotated[str, _text(40)] = ""


class InformationRequestForm(WireModel):
    """A meeting's request to an agency for material or information."""

    asked: OpaqueId
    subjects: Annotated[list[OpaqueId], _list()]
    fields: Annotated[list[FieldName], _list()]
    valid_to: Instant | None = None


class ApprovalForm(WireModel):
    """A formal consent of the caller's agency itself."""

    kind: Literal[
        "public_special_reason",
        "refused_recipient",
        "address_lift",
        "unread_narrative",
        "vital_interest",
        "foreign_transfer",
        "internal_use",
        "public_to_public",
        "deceased_information",
    ]
    approver: OpaqueId
    document_no: Annotated[str, _text(60)]
    approved_at: Instant
    expires_at: Instant | None = None
    subject: OpaqueId
    recipient: OpaqueId
    purpose: Code
    fields: Annotated[list[FieldName], _list()]


class EmergencyAgreementForm(WireModel):
    """That a second person agreed to an emergency disclosure."""

    subject: OpaqueId
    recipient: OpaqueId
    second_person: OpaqueId
    second_agreed: Agreed
    agreed_at: Instant
    expires_at: Instant


class VerdictForm(WireModel):
    """What lifts a refusal that is held."""

    decision_id: OpaqueId
    second_person: OpaqueId
    second_agreed: Agreed
    agreed_at: Instant
    expires_at: Instant | None = None
    lifts: Annotated[list[ReasonCode], Field(min_length=1, max_length=_MAX)]
    fields: Annotated[list[FieldName], _list()]
    reason_code: Code


class EntrustmentForm(WireModel):
    """What the caller's agency entrusts to another."""

    kind: Literal["entrustment", "cooperation_agreement", "model_project_order", "juso_entrustment"]
    entruster: OptionalId = ""
    contractor: OpaqueId
    controller: OpaqueId
    purposes: Annotated[list[Code], _list()]
    records: Annotated[list[Code], _list()]
    sub_processing: bool = False
    valid_from: Instant
    valid_to: Instant | None = None


class AppointmentForm(WireModel):
    """An office that a person holds by appointment."""

    actor: OpaqueId
    office: Literal[
        "minsei_iin", "elder_abuse_cooperator", "disability_abuse_cooperator", "evac_supporter"
    ]
    ward: Annotated[str, _text(60)] = ""
    term_from: Instant
    term_to: Instant | None = None


class AgencyForm(WireModel):
    """An agency that takes part, active from the start."""

    id: OpaqueId
    kind: AgencyKind
    regime: Literal["public", "private"]
    status: Literal["active"] = "active"
    name_ja: Annotated[str, _text(120)]
    name_en: Annotated[str, _text(120)] = ""
    country: Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")] = "JP"
    valid_from: Instant
    valid_to: Instant | None = None


class SystemForm(WireModel):
    """A system of an agency, with the public key by which it authenticates."""

    id: OpaqueId
    name: Annotated[str, _text(120)] = ""
    scopes: Annotated[
        list[Literal["member", "operator", "officer", "auditor"]],
        Field(min_length=1, max_length=4),
    ]
    valid_from: Instant
    valid_to: Instant | None = None
    client_jwk: Jwk


class ActorForm(WireModel):
    """A person who acts for an agency: an opaque id with a post, never a name."""

    id: OpaqueId
    post_ja: Annotated[str, _text(80)] = ""
    roles: Annotated[list[Role], _list()]
    status: Literal["active"] = "active"
    term_from: Instant
    term_to: Instant | None = None
    training_until: Instant | None = None
    department: OptionalId = ""


class KeyForm(WireModel):
    """A public key of an agency; valid from now when nothing is said."""

    use: Literal["seal", "sign", "client"]
    jwk: Jwk
    valid_from: Instant | None = None
    system: OptionalId = ""


class KeyRevocationForm(WireModel):
    """A revocation says nothing but which key, in its path."""


class SuspensionForm(WireModel):
    """Whether somebody is suspended, or takes part again."""

    suspended: bool = True
