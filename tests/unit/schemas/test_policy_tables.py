"""The tables that rules read: profiles, purposes, classes, fields of records."""

import json
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

DATA = Path(__file__).resolve().parents[3] / "policies/data"
TABLES = ("classes", "profiles", "purposes", "records")


def _read(table: str, name: str = "data") -> Any:
    return json.loads((DATA / table / f"{name}.json").read_text(encoding="utf-8"))


CLASSES, PROFILES, PURPOSES, RECORDS = map(_read, TABLES)

# Decided: the profile says which fields a purpose needs.
DECIDED = {
    "food_delivery": (
        ["serve"],
        """subject.name_original subject.address_actual subject.contact_ok
        outreach_visit.household_size outreach_visit.small_children assessment.allergy
        assessment.safety_note_for_visitors""",
    ),
    "visit_safety": (
        ["serve", "emerg"],
        """subject.name_original subject.name_alias subject.address_actual subject.phones
        subject.contact_ok assessment.household_members assessment.violence_history
        assessment.suicide_risk assessment.safety_note_for_visitors referral.contact_caution
        referral.urgency""",
    ),
    "watch_minimal": (
        ["watch"],
        """subject.name_original subject.address_actual assessment.housing_condition
        assessment.safety_note_for_visitors referral.next_contact_person""",
    ),
    "referral_basic": (
        ["refer"],
        """subject.name_original subject.name_kana subject.phones subject.contact_ok
        consultation_intake.trouble_codes consultation_intake.main_trouble
        consultation_intake.person_aware referral.from_body referral.to_body
        referral.reason_codes referral.heard_summary referral.done_so_far
        referral.request_to_recipient referral.person_wishes referral.contact_caution
        referral.urgency referral.items_released referral.next_contact_person""",
    ),
    "conf_full": (
        ["conf"],
        """subject.name_original subject.age_band subject.address_actual
        assessment.household_members assessment.key_person assessment.health_state
        assessment.dementia_sign assessment.mental_sign assessment.arrears_kinds
        assessment.housing_condition assessment.community_ties assessment.violence_history
        assessment.safety_note_for_visitors assessment.issue_summary assessment.assessor_opinion
        assessment.fact_or_opinion awareness_report.signs awareness_report.seen_or_heard
        awareness_report.seen_at""",
    ),
    "conf_watcher": (
        ["conf"],
        """subject.address_actual assessment.housing_condition
        assessment.safety_note_for_visitors referral.next_contact_person""",
    ),
    "plan_own_line": (
        ["plan"],
        """support_plan.plan_id support_plan.version support_plan.status support_plan.period
        support_plan.services support_plan.lead_body support_plan.review_on""",
    ),
    "need_report": (
        ["emerg", "find"],
        """subject.name_alias awareness_report.reporter_kind awareness_report.where_seen
        awareness_report.who_guess awareness_report.seen_or_heard awareness_report.signs
        awareness_report.urgency_felt awareness_report.reported_at awareness_report.seen_at
        awareness_report.receipt_no outreach_visit.needs_heard outreach_visit.words""",
    ),
    "intake_full": (
        ["intake"],
        """subject.name_original subject.name_kana subject.birth_date subject.address_registered
        subject.address_mailing subject.phones subject.contact_ok subject.email_sns
        consultation_intake.received_at consultation_intake.channel
        consultation_intake.receiver_post consultation_intake.comer_is_subject
        consultation_intake.comer_relation consultation_intake.referral_route
        consultation_intake.trouble_codes consultation_intake.main_trouble
        consultation_intake.own_words consultation_intake.work_status
        consultation_intake.housing_status consultation_intake.insurance_status
        consultation_intake.pension_status consultation_intake.person_aware
        consultation_intake.form_variant consultation_intake.legacy_blanket_consent""",
    ),
    "intake_anonymous": (
        ["intake", "emerg"],
        """anonymous_contact.pseudonym anonymous_contact.vendor_case_no anonymous_contact.channel
        anonymous_contact.school_or_area anonymous_contact.grade_band
        anonymous_contact.theme_codes anonymous_contact.risk_level
        anonymous_contact.deanonymise_request anonymous_contact.self_identified_at""",
    ),
    "assess_basic": (
        ["assess"],
        """subject.name_original subject.age_band subject.contact_ok
        consultation_intake.comer_relation consultation_intake.own_words
        consultation_intake.work_status consultation_intake.housing_status
        consultation_intake.insurance_status consultation_intake.pension_status
        consultation_intake.person_aware assessment.household_members assessment.health_state
        assessment.disability_handbook assessment.care_level assessment.dementia_sign
        assessment.mental_sign assessment.adl_mobility assessment.benefits
        assessment.arrears_kinds assessment.debt_kinds assessment.welfare_receipt
        assessment.fact_or_opinion referral.done_so_far""",
    ),
    "referral_health": (
        ["refer"],
        """subject.name_original subject.name_kana subject.phones subject.contact_ok
        consultation_intake.person_aware assessment.health_state assessment.diagnosis
        assessment.hospital assessment.medication assessment.disability_handbook
        assessment.care_level assessment.adl_mobility assessment.allergy referral.from_body
        referral.to_body referral.reason_codes referral.heard_summary
        referral.request_to_recipient referral.person_wishes referral.contact_caution
        referral.urgency referral.items_released referral.next_contact_person""",
    ),
    "consent_copy": (
        ["refer", "plan", "xfer"],
        """consent_record.given_by consent_record.capacity consent_record.recipient_classes
        consent_record.recipients_named consent_record.recipients_refused
        consent_record.purposes_ok consent_record.item_classes_ok consent_record.items_refused
        consent_record.valid_from consent_record.valid_to consent_record.review_on
        consent_record.withdrawn_at consent_record.withdrawal_scope
        consent_record.new_members_need_new_consent""",
    ),
    "conf_papers": (
        ["conf"],
        """conference.conference_id conference.local_name conference.basis_code
        conference.founding_rule_ref conference.held_at agenda_item.agenda_item_no
        agenda_item.item_basis_code agenda_item.item_nature agenda_item.info_request
        material.material_id material.source_body material.view_only material.text""",
    ),
    "minutes_own_part": (
        ["plan", "review"],
        """minutes.decisions minutes.minutes_for_body""",
    ),
    "care_summary": (
        ["conf"],
        """subject.name_original subject.age_band assessment.household_members
        assessment.key_person assessment.health_state assessment.care_level
        assessment.dementia_sign assessment.adl_mobility assessment.housing_condition
        assessment.community_ties assessment.safety_note_for_visitors assessment.fact_or_opinion""",
    ),
    "child_ledger_exchange": (
        ["conf", "abuse"],
        """subject.name_original subject.birth_date child_ledger_entry.ledger_no
        child_ledger_entry.accepted_on child_ledger_entry.notice_route
        child_ledger_entry.child_ref child_ledger_entry.school_or_nursery
        child_ledger_entry.grade child_ledger_entry.category child_ledger_entry.abuse_type
        child_ledger_entry.severity child_ledger_entry.urgency child_ledger_entry.guardians
        child_ledger_entry.siblings child_ledger_entry.lead_body
        child_ledger_entry.main_supporter child_ledger_entry.safety_confirmed_at
        child_ledger_entry.each_body_role child_ledger_entry.policy_line
        child_ledger_entry.next_review_on child_ledger_entry.close_transfer""",
    ),
    "abuse_report": (
        ["abuse"],
        """subject.name_original subject.name_alias subject.birth_date subject.address_actual
        subject.phones awareness_report.where_seen awareness_report.who_guess
        awareness_report.seen_or_heard awareness_report.signs awareness_report.words_verbatim
        awareness_report.urgency_felt awareness_report.reported_at awareness_report.seen_at
        assessment.household_members assessment.violence_history assessment.dv_child_abuse_sign
        child_ledger_entry.school_or_nursery child_ledger_entry.grade""",
    ),
    "evac_roster": (
        ["dprep", "dresp"],
        """evac_roster_entry.name evac_roster_entry.birth_date evac_roster_entry.sex
        evac_roster_entry.address_or_residence evac_roster_entry.phone_other_contact
        evac_roster_entry.reason_support_needed evac_roster_entry.other_needed
        evac_roster_entry.consent_or_optout""",
    ),
    "evac_plan_items": (
        ["dprep", "dresp"],
        """evac_roster_entry.name evac_roster_entry.birth_date evac_roster_entry.sex
        evac_roster_entry.address_or_residence evac_roster_entry.phone_other_contact
        evac_roster_entry.reason_support_needed evac_plan.supporter_name
        evac_plan.supporter_address evac_plan.supporter_phone evac_plan.refuge evac_plan.route
        evac_plan.aids evac_plan.consent_or_optout evac_plan.supporter_consent evac_plan.made_on""",
    ),
    "evac_supporter": (
        ["dprep", "dresp"],
        """evac_roster_entry.name evac_roster_entry.address_or_residence
        evac_roster_entry.phone_other_contact evac_plan.refuge evac_plan.route evac_plan.aids""",
    ),
    "victim_ledger_items": (
        ["dresp"],
        """victim_ledger_entry.name victim_ledger_entry.birth_date victim_ledger_entry.sex
        victim_ledger_entry.address_or_residence victim_ledger_entry.damage
        victim_ledger_entry.relief_given victim_ledger_entry.special_care_reason
        victim_ledger_entry.phone_other_contact victim_ledger_entry.household_members
        victim_ledger_entry.certificate_state victim_ledger_entry.consented_recipients""",
    ),
    "missing_broadcast": (
        ["missing"],
        """subject.name_alias subject.photo missing_person.call_name missing_person.age_band
        missing_person.photo missing_person.appearance missing_person.last_seen_at
        missing_person.last_seen_area missing_person.how_to_speak missing_person.desk
        missing_person.ends_at missing_person.broadcast_no""",
    ),
    "transfer_summary": (
        ["xfer", "age"],
        """subject.name_original subject.name_kana subject.gaiji_note subject.birth_date
        subject.address_registered subject.contact_ok subject.email_sns
        transfer_case.from_lg_code transfer_case.to_lg_code transfer_case.move_date
        transfer_case.known_whereabouts transfer_case.risk_summary transfer_case.open_roles
        transfer_case.consents_reusable transfer_case.flags_carried
        household_relation.may_be_contacted household_relation.hidden_from referral.from_body
        referral.to_body referral.done_so_far referral.request_to_recipient
        referral.person_wishes referral.next_contact_person child_ledger_entry.close_transfer
        consultation_intake.person_aware""",
    ),
    "review_outcome": (
        ["review"],
        """subject.name_original referral.reply_due referral.reply_status referral.reply_reason
        support_plan.period support_plan.review_on support_plan.evaluation
        support_plan.close_reason support_plan.after_close_watch
        outreach_visit.continue_decision outreach_visit.no_need_reason
        progress_record.occurred_at progress_record.method progress_record.place_kind""",
    ),
    "deceased_minimal": (
        ["review", "postinc"],
        """subject.name_original subject.birth_date subject.alive_status""",
    ),
    "post_incident": (
        ["postinc"],
        """subject.name_original consultation_intake.received_at consultation_intake.channel
        consultation_intake.person_aware awareness_report.where_seen
        awareness_report.seen_or_heard awareness_report.signs awareness_report.reported_at
        awareness_report.seen_at referral.from_body referral.to_body referral.done_so_far
        referral.reply_status outreach_visit.visit_at outreach_visit.met_person
        progress_record.occurred_at progress_record.method conference.held_at""",
    ),
    "rights_copy": (
        ["rights"],
        """subject.name_original subject.name_kana subject.gaiji_note subject.birth_date
        subject.address_mailing subject.contact_ok rights_request.kind rights_request.applicant
        rights_request.capacity rights_request.conflict_check rights_request.received
        rights_request.deadline rights_request.result consent_record.consent_id
        consent_record.text_version consent_record.text_hash consent_record.given_by
        consent_record.capacity consent_record.method consent_record.recipient_classes
        consent_record.recipients_named consent_record.recipients_refused
        consent_record.purposes_ok consent_record.item_classes_ok consent_record.items_refused
        consent_record.valid_from consent_record.valid_to consent_record.review_on
        consent_record.withdrawn_at consent_record.withdrawal_scope
        consent_record.explained_consequences consent_record.copy_given
        consent_record.new_members_need_new_consent referral.items_released
        support_plan.signed_by support_plan.signed_at minutes.subject_informed
        victim_ledger_entry.consented_recipients victim_ledger_entry.provided
        progress_record.third_party_flag""",
    ),
    "breach_notice": (
        ["breach"],
        """subject.name_original subject.address_mailing subject.phones subject.contact_ok
        referral.items_released""",
    ),
    "case_study_deid": (
        ["study"],
        """case_study.age_band case_study.theme_codes case_study.area_kind case_study.story
        case_study.questions case_study.approved_by""",
    ),
    "stats": (
        ["stats"],
        """aggregate_extract.purpose aggregate_extract.period aggregate_extract.cells
        aggregate_extract.threshold aggregate_extract.suppressed aggregate_extract.compared_with
        aggregate_extract.approver""",
    ),
    "resource_list": (
        ["match"],
        """resource_entry.org_name resource_entry.services resource_entry.target
        resource_entry.area resource_entry.period resource_entry.staffing
        resource_entry.joint_work_ok resource_entry.hours resource_entry.fee
        resource_entry.languages resource_entry.review_state resource_entry.valid_to
        resource_entry.know_how_request""",
    ),
    "audit_trail": (
        ["audit"],
        """subject.subject_ref referral.basis_code referral.consent_id referral.items_released
        conference.conference_id conference.local_name conference.basis_code
        conference.founding_rule_ref conference.chair_post conference.convened_at
        conference.held_at conference.mode conference.invitees conference.attendance
        agenda_item.agenda_item_no agenda_item.item_basis_code agenda_item.item_nature
        material.material_id material.source_body material.copies material.serials
        material.view_only material.collected minutes.minutes_approved_by
        minutes.minutes_approved_at consent_record.consent_id consent_record.text_version
        consent_record.text_hash consent_record.method consent_record.withdrawal_channel
        consent_record.witness_post consent_record.explained_consequences
        consent_record.taken_by_post evac_roster_entry.released_to evac_roster_entry.keeper
        evac_roster_entry.storage_place evac_roster_entry.viewers evac_roster_entry.serial_no
        evac_roster_entry.disaster_mode_id evac_roster_entry.returned_at evac_plan.released_to
        evac_plan.serial_no evac_plan.returned_at transfer_case.handover_meeting
        transfer_case.accepted_at transfer_case.accepted_by progress_record.author_post""",
    ),
}
FORBIDDEN = {
    "tax_collection",
    "fraud_check",
    "police_without_document",
    "hiring_screening",
    "tenancy_screening",
    "marketing",
    "donation_list",
    "election",
    "scoring",
    "religious_solicitation",
    "political_solicitation",
    "academic_without_procedure",
}


@pytest.mark.parametrize(
    ("table", "row", "change"),
    [
        ("classes", "PAD", {"strictness": "high"}),
        ("classes", "PAD", {"label_ja": ""}),
        ("classes", "XYZ", {}),
        ("profiles", "food_delivery", {"fields": []}),
        ("profiles", "food_delivery", {"fields": ["name"]}),
        ("profiles", "food_delivery", {"purposes": []}),
        ("profiles", "food_delivery", {"all_fields": True}),
        ("profiles", "food_delivery", {"source": ""}),
        ("profiles", "food_delivery", {"named_only": "yes"}),
        ("profiles", "Food Delivery", {}),
        ("purposes", "serve", {"level": "everything"}),
        ("purposes", "serve", {"level": "none"}),
        ("purposes", "serve", {"reason": "IMPROPER_USE"}),
        ("purposes", "serve", {"dpv": "https://example.org/serve"}),
        ("purposes", "marketing", {"level": "identified"}),
        ("purposes", "marketing", {"reason": ""}),
        ("purposes", "marketing", {"note_ja": ""}),
        ("purposes", "marketing", {"classes": ["SYS"]}),
        ("purposes", "serve", {"classes": ["SYS"]}),
        ("purposes", "stats", {"classes": ["IDN"]}),
        ("purposes", "stats", {"classes": None}),
        ("purposes", "stats", {"classes": []}),
        ("records", "subject.phones", {"classes": []}),
        ("records", "subject.phones", {"classes": ["SECRET"]}),
        ("records", "subject.phones", {"type": "phone"}),
        ("records", "phones", {}),
    ],
)
def test_table_with_a_malformed_row_is_refused(
    table: str, row: str, change: dict[str, Any]
) -> None:
    content = _read(table)
    content[row] = {**content.get(row, next(iter(content.values()))), **change}

    assert not jsonschema_rs.is_valid(_read(table, "schema"), content)


@pytest.mark.parametrize("table", TABLES)
def test_table_with_a_member_missing_is_refused(table: str) -> None:
    schema = _read(table, "schema")
    content = _read(table)
    id_, row = next(iter(content.items()))

    for member in row:
        broken = {**content, id_: {k: v for k, v in row.items() if k != member}}
        assert not jsonschema_rs.is_valid(schema, broken), member


@pytest.mark.parametrize("table", TABLES)
def test_table_is_as_its_schema_demands(table: str) -> None:
    schema = _read(table, "schema")

    jsonschema_rs.meta.validate(schema)
    assert [] == [e.message for e in jsonschema_rs.validator_for(schema).iter_errors(_read(table))]
    assert f"urn:tasuki:schema:policy-table:{table}:1" == schema["$id"]


def test_profiles_are_exactly_those_decided() -> None:
    assert set(DECIDED) == set(PROFILES)


@pytest.mark.parametrize("profile", DECIDED)
def test_profile_holds_exactly_what_was_decided(profile: str) -> None:
    purposes, fields = DECIDED[profile]

    assert purposes == PROFILES[profile]["purposes"]
    assert set(fields.split()) == set(PROFILES[profile]["fields"])
    assert set(fields.split()) <= set(RECORDS)


@pytest.mark.parametrize("profile", DECIDED)
def test_profile_never_holds_reporter_refuge_flags_or_case_number(profile: str) -> None:
    fields = set(PROFILES[profile]["fields"])

    assert not [f for f in fields if "REP" in RECORDS[f]["classes"]]
    assert not fields & {"subject.address_refuge", "subject.protection_flags", "subject.case_no"}


@pytest.mark.parametrize("profile", DECIDED)
def test_profile_cuts_every_list_whose_rows_have_owners(profile: str) -> None:
    owned = {f: RECORDS[f]["own_rows"] for f in PROFILES[profile]["fields"]}

    assert {f: m for f, m in owned.items() if m} == PROFILES[profile]["cut_rows"]


def test_referral_is_whole_but_for_basis_consent_and_reply() -> None:
    left_out = {"basis_code", "consent_id", "reply_due", "reply_status", "reply_reason"}
    whole = {f for f in RECORDS if f.startswith("referral.")}

    held = {f for f in PROFILES["referral_basic"]["fields"] if f.startswith("referral.")}
    assert {f"referral.{f}" for f in left_out} == whole - held


def test_watching_over_never_learns_of_public_assistance() -> None:
    watching = [p for p in PROFILES.values() if "watch" in p["purposes"]]

    assert watching
    assert not [p for p in watching if "assessment.welfare_receipt" in p["fields"]]


def test_purpose_without_any_field_set_does_not_exist() -> None:
    served = {p for profile in PROFILES.values() for p in profile["purposes"]}

    assert {p for p, row in PURPOSES.items() if not row["forbidden"]} == served


def test_purpose_that_names_no_set_needs_some_fields() -> None:
    served = {p for row in PROFILES.values() if not row["named_only"] for p in row["purposes"]}

    assert {p for p, row in PURPOSES.items() if not row["forbidden"]} == served


def test_health_and_the_childrens_ledger_pass_only_by_name() -> None:
    unnamed = {
        f
        for row in PROFILES.values()
        if not row["named_only"] and {"refer", "conf"} & set(row["purposes"])
        for f in row["fields"]
    }

    assert "assessment.diagnosis" in PROFILES["referral_health"]["fields"]
    assert not [f for f in unnamed if f.startswith("child_ledger_entry.")]
    assert not unnamed & {"assessment.diagnosis", "assessment.medication", "assessment.hospital"}


def test_seven_items_of_the_roster_come_first_and_the_seventh_stays_out_of_the_plan() -> None:
    """災害対策基本法49条の10第2項1号〜7号; 49条の14第3項 takes 1号〜6号."""
    seven = [f for f in RECORDS if f.startswith("evac_roster_entry.")][:7]

    assert seven == PROFILES["evac_roster"]["fields"][:7]
    assert seven[:6] == [
        f for f in PROFILES["evac_plan_items"]["fields"] if f.startswith("evac_roster_entry.")
    ]


def test_what_stays_in_its_own_agency_is_in_no_profile() -> None:
    kept = {"progress_record.opinion", "anonymous_contact.log_ref", "progress_record.facts"}

    assert kept < set(RECORDS)
    assert not [p for p, row in PROFILES.items() if kept & set(row["fields"])]


def test_forbidden_purposes_are_exactly_these_and_carry_nothing() -> None:
    forbidden = {id_: p for id_, p in PURPOSES.items() if p["forbidden"]}

    assert set(forbidden) == FORBIDDEN
    assert {"none"} == {p["level"] for p in forbidden.values()}
    assert all(p["note_ja"].endswith("。") for p in forbidden.values())
    assert ["scoring"] == [i for i, p in forbidden.items() if p["reason"] == "IMPROPER_USE"]


def test_purposes_below_identified_are_those_without_a_known_person() -> None:
    lower = {i: p["level"] for i, p in PURPOSES.items() if p["level"] not in {"identified", "none"}}

    assert {
        "match": "no_person",
        "study": "deidentified",
        "stats": "deidentified",
        "audit": "pseudonymous",
    } == lower


def test_purpose_without_a_known_person_says_which_classes_may_pass() -> None:
    plain = {i: p["classes"] for i, p in PURPOSES.items() if p["classes"]}

    assert {
        "match": ["SYS", "NAR"],
        "study": ["SYS", "NAR"],
        "stats": ["SYS"],
        "audit": ["SYS"],
    } == plain


def test_classes_have_one_order_from_working_data_to_unread_narrative() -> None:
    order = sorted(CLASSES, key=lambda c: int(CLASSES[c]["strictness"]))

    assert len(CLASSES) == len({c["strictness"] for c in CLASSES.values()})
    assert ("SYS", "NAR") == (order[0], order[-1])
    assert CLASSES["PAD"]["strictness"] > CLASSES["CON"]["strictness"]
    assert {"HEA", "YOH"} == {i for i, c in CLASSES.items() if c["special_care"]}
