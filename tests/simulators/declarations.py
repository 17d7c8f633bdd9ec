"""What agencies declare, in terms that are accepted; for asking services and over HTTP."""

from collections.abc import Mapping
from typing import Any, Final

from gateway.services.registers.declaration_rules import RULES

__all__ = ["KINDS", "declaration"]

KINDS: Final = tuple(RULES)
_DAY: Final = 86_400_000


def declaration(
    kind: str,
    *,
    now: int,
    subject: str = "",
    other: str = "",
    conference: str = "",
    consent: str = "",
    agency: str = "npo-hidamari",
) -> dict[str, Any]:
    """
    Return the body by which a kind is declared.

    Args:
        kind: What.
        now: The present instant.
        subject: The declaring agency's handle for a person.
        other: Its handle for another person.
        conference: A meeting that it organises.
        consent: A consent of that person that it took.
        agency: Another agency that is named.
    """
    dated = {"valid_from": now - _DAY, "valid_to": now + 90 * _DAY}
    persons = {"subject": subject}
    bodies: Mapping[str, dict[str, Any]] = {
        "council_notice": {
            "conference": conference,
            "basis": "shien_kaigi_swa",
            "number": "あおば市告示第12号",
            "announced_at": now - _DAY,
            "members": [agency],
            "coordinator": "",
            **dated,
        },
        "joint_use_notice": {
            "members": [agency],
            "purposes": ["refer"],
            "records": [],
            "item_classes": ["IDN"],
            "responsible": agency,
            "told_items": ["fact", "items", "range", "purpose", "responsible"],
            "published_at": now - _DAY,
            **dated,
        },
        "use_purpose": {
            "file_name_ja": "相談支援台帳",
            "purposes": ["refer"],
            "recipient_agencies": [agency],
            "recipient_kinds": ["npo"],
            "records": [],
            "regular": True,
            "published_at": now - _DAY,
            **dated,
        },
        "department": {
            "name_ja": "福祉課",
            "purposes": ["refer"],
            "ground_level": "ordinance",
            "ground_ja": "あおば市事務分掌条例",
            **dated,
        },
        "designation": {
            "agency": agency,
            "office": "evac_supporter_body",
            "designated_by": "",
            "ward": "中央地区",
            "reference": "地域防災計画 資料3",
            **dated,
        },
        "mode_switch": {
            "mode": "disaster",
            "areas": ["中央地区"],
            "starts_at": None,
            "ends_at": now + 7 * _DAY,
        },
        "statutory_request": {
            "basis": "child_abuse_info",
            "article": "児童虐待防止法13条の4",
            "asked": agency,
            "subjects": [subject],
            "fields": ["subject.phones"],
            "purpose": "refer",
            "necessity": "安否を確かめるため、連絡先が要る。",
            "document_no": "福第34号",
            "requested_at": None,
            "valid_to": now + _DAY,
        },
        "list_entry": {
            **persons,
            "list": "evac_roster",
            "consent": "given",
            "supporter": other,
            "supporter_consent": "given",
            "area": "中央地区",
            **dated,
        },
        "rights_request": {
            **persons,
            "kind": "disclosure",
            "applicant": "self",
            "identity_checked": True,
            "authority_checked": True,
            "conflict": "none",
            "existence_confidential": False,
            "received_at": now - _DAY,
            "valid_to": None,
        },
        "rebasing": {
            **persons,
            "from_basis": "shien_kaigi_swa",
            "consent": consent,
            "fields": ["subject.phones"],
            "rebased_at": None,
        },
        "stalker_notice": {
            **persons,
            "counterpart_subjects": [other] if other else [],
            "agencies": [agency],
            "actors": [],
            "notified_by": "midori-police",
            "notified_at": now - _DAY,
        },
        "flag_source": {"checked_at": None},
    }
    return bodies[kind]
