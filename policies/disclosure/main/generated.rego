# 根拠・停止・条件の一覧(自動生成). Every stop, ground and duty, written by
# `tasuki policy compose` from the directories; never edited by hand.
package disclosure.main

import rego.v1

stops contains h if some h in data.disclosure.stop.stop_foreign.hits

stops contains h if some h in data.disclosure.stop.stop_improper_use.hits

stops contains h if some h in data.disclosure.stop.stop_my_number.hits

stops contains h if some h in data.disclosure.stop.stop_optout.hits

stops contains h if some h in data.disclosure.stop.stop_postal_secrecy.hits

stops contains h if some h in data.disclosure.stop.stop_protected_address.hits

stops contains h if some h in data.disclosure.stop.stop_pseudonymised_out.hits

stops contains h if some h in data.disclosure.stop.stop_reidentify.hits

stops contains h if some h in data.disclosure.stop.stop_reporter_identity.hits

stops contains h if some h in data.disclosure.stop.stop_stalker.hits

stops contains h if some h in data.disclosure.stop.stop_tax_secret.hits

grounds contains h if {
	"anonymised_provision" in data.lib.registry.eligible
	some h in data.disclosure.basis.anonymised_provision.hits
}

grounds contains h if {
	"care_meeting" in data.lib.registry.eligible
	some h in data.disclosure.basis.care_meeting.hits
}

grounds contains h if {
	"child_abuse_info_request" in data.lib.registry.eligible
	some h in data.disclosure.basis.child_abuse_info_request.hits
}

grounds contains h if {
	"child_abuse_report" in data.lib.registry.eligible
	some h in data.disclosure.basis.child_abuse_report.hits
}

grounds contains h if {
	"child_case_transfer" in data.lib.registry.eligible
	some h in data.disclosure.basis.child_case_transfer.hits
}

grounds contains h if {
	"child_health_private" in data.lib.registry.eligible
	some h in data.disclosure.basis.child_health_private.hits
}

grounds contains h if {
	"child_need_info" in data.lib.registry.eligible
	some h in data.disclosure.basis.child_need_info.hits
}

grounds contains h if {
	"child_suicide_council" in data.lib.registry.eligible
	some h in data.disclosure.basis.child_suicide_council.hits
}

grounds contains h if {
	"consent_private" in data.lib.registry.eligible
	some h in data.disclosure.basis.consent_private.hits
}

grounds contains h if {
	"consent_public" in data.lib.registry.eligible
	some h in data.disclosure.basis.consent_public.hits
}

grounds contains h if {
	"consumer_council" in data.lib.registry.eligible
	some h in data.disclosure.basis.consumer_council.hits
}

grounds contains h if {
	"cooperate_public_task" in data.lib.registry.eligible
	some h in data.disclosure.basis.cooperate_public_task.hits
}

grounds contains h if {
	"data_subject_request" in data.lib.registry.eligible
	some h in data.disclosure.basis.data_subject_request.hits
}

grounds contains h if {
	"deceased_information" in data.lib.registry.eligible
	some h in data.disclosure.basis.deceased_information.hits
}

grounds contains h if {
	"disab_abuse_report" in data.lib.registry.eligible
	some h in data.disclosure.basis.disab_abuse_report.hits
}

grounds contains h if {
	"disability_council" in data.lib.registry.eligible
	some h in data.disclosure.basis.disability_council.hits
}

grounds contains h if {
	"dv_council" in data.lib.registry.eligible
	some h in data.disclosure.basis.dv_council.hits
}

grounds contains h if {
	"dv_report" in data.lib.registry.eligible
	some h in data.disclosure.basis.dv_report.hits
}

grounds contains h if {
	"elder_abuse_report" in data.lib.registry.eligible
	some h in data.disclosure.basis.elder_abuse_report.hits
}

grounds contains h if {
	"elder_abuse_response" in data.lib.registry.eligible
	some h in data.disclosure.basis.elder_abuse_response.hits
}

grounds contains h if {
	"entrustment" in data.lib.registry.eligible
	some h in data.disclosure.basis.entrustment.hits
}

grounds contains h if {
	"evac_roster_emergency" in data.lib.registry.eligible
	some h in data.disclosure.basis.evac_roster_emergency.hits
}

grounds contains h if {
	"evac_roster_pre" in data.lib.registry.eligible
	some h in data.disclosure.basis.evac_roster_pre.hits
}

grounds contains h if {
	"inbound_notice" in data.lib.registry.eligible
	some h in data.disclosure.basis.inbound_notice.hits
}

grounds contains h if {
	"indiv_plan_emergency" in data.lib.registry.eligible
	some h in data.disclosure.basis.indiv_plan_emergency.hits
}

grounds contains h if {
	"indiv_plan_pre" in data.lib.registry.eligible
	some h in data.disclosure.basis.indiv_plan_pre.hits
}

grounds contains h if {
	"joint_use" in data.lib.registry.eligible
	some h in data.disclosure.basis.joint_use.hits
}

grounds contains h if {
	"juso_consent_meeting" in data.lib.registry.eligible
	some h in data.disclosure.basis.juso_consent_meeting.hits
}

grounds contains h if {
	"juso_entrustee" in data.lib.registry.eligible
	some h in data.disclosure.basis.juso_entrustee.hits
}

grounds contains h if {
	"kodoku_council" in data.lib.registry.eligible
	some h in data.disclosure.basis.kodoku_council.hits
}

grounds contains h if {
	"konkyu_plan_meeting" in data.lib.registry.eligible
	some h in data.disclosure.basis.konkyu_plan_meeting.hits
}

grounds contains h if {
	"konkyu_shien_kaigi" in data.lib.registry.eligible
	some h in data.disclosure.basis.konkyu_shien_kaigi.hits
}

grounds contains h if {
	"kowaka_council" in data.lib.registry.eligible
	some h in data.disclosure.basis.kowaka_council.hits
}

grounds contains h if {
	"law_private" in data.lib.registry.eligible
	some h in data.disclosure.basis.law_private.hits
}

grounds contains h if {
	"law_public" in data.lib.registry.eligible
	some h in data.disclosure.basis.law_public.hits
}

grounds contains h if {
	"minsei_iin" in data.lib.registry.eligible
	some h in data.disclosure.basis.minsei_iin.hits
}

grounds contains h if {
	"public_internal_use" in data.lib.registry.eligible
	some h in data.disclosure.basis.public_internal_use.hits
}

grounds contains h if {
	"public_special_reason" in data.lib.registry.eligible
	some h in data.disclosure.basis.public_special_reason.hits
}

grounds contains h if {
	"public_to_public" in data.lib.registry.eligible
	some h in data.disclosure.basis.public_to_public.hits
}

grounds contains h if {
	"public_within_purpose" in data.lib.registry.eligible
	some h in data.disclosure.basis.public_within_purpose.hits
}

grounds contains h if {
	"seiho_chosei_kaigi" in data.lib.registry.eligible
	some h in data.disclosure.basis.seiho_chosei_kaigi.hits
}

grounds contains h if {
	"shien_kaigi_swa" in data.lib.registry.eligible
	some h in data.disclosure.basis.shien_kaigi_swa.hits
}

grounds contains h if {
	"statistics_public" in data.lib.registry.eligible
	some h in data.disclosure.basis.statistics_public.hits
}

grounds contains h if {
	"victim_ledger" in data.lib.registry.eligible
	some h in data.disclosure.basis.victim_ledger.hits
}

grounds contains h if {
	"vital_interest_private" in data.lib.registry.eligible
	some h in data.disclosure.basis.vital_interest_private.hits
}

grounds contains h if {
	"women_support_meeting" in data.lib.registry.eligible
	some h in data.disclosure.basis.women_support_meeting.hits
}

grounds contains h if {
	"yotaikyo" in data.lib.registry.eligible
	some h in data.disclosure.basis.yotaikyo.hits
}

against contains a if {
	"anonymised_provision" in data.lib.registry.eligible
	some a in data.disclosure.basis.anonymised_provision.reasons
}

against contains a if {
	"care_meeting" in data.lib.registry.eligible
	some a in data.disclosure.basis.care_meeting.reasons
}

against contains a if {
	"child_abuse_info_request" in data.lib.registry.eligible
	some a in data.disclosure.basis.child_abuse_info_request.reasons
}

against contains a if {
	"child_abuse_report" in data.lib.registry.eligible
	some a in data.disclosure.basis.child_abuse_report.reasons
}

against contains a if {
	"child_case_transfer" in data.lib.registry.eligible
	some a in data.disclosure.basis.child_case_transfer.reasons
}

against contains a if {
	"child_health_private" in data.lib.registry.eligible
	some a in data.disclosure.basis.child_health_private.reasons
}

against contains a if {
	"child_need_info" in data.lib.registry.eligible
	some a in data.disclosure.basis.child_need_info.reasons
}

against contains a if {
	"child_suicide_council" in data.lib.registry.eligible
	some a in data.disclosure.basis.child_suicide_council.reasons
}

against contains a if {
	"consent_private" in data.lib.registry.eligible
	some a in data.disclosure.basis.consent_private.reasons
}

against contains a if {
	"consent_public" in data.lib.registry.eligible
	some a in data.disclosure.basis.consent_public.reasons
}

against contains a if {
	"consumer_council" in data.lib.registry.eligible
	some a in data.disclosure.basis.consumer_council.reasons
}

against contains a if {
	"cooperate_public_task" in data.lib.registry.eligible
	some a in data.disclosure.basis.cooperate_public_task.reasons
}

against contains a if {
	"data_subject_request" in data.lib.registry.eligible
	some a in data.disclosure.basis.data_subject_request.reasons
}

against contains a if {
	"deceased_information" in data.lib.registry.eligible
	some a in data.disclosure.basis.deceased_information.reasons
}

against contains a if {
	"disab_abuse_report" in data.lib.registry.eligible
	some a in data.disclosure.basis.disab_abuse_report.reasons
}

against contains a if {
	"disability_council" in data.lib.registry.eligible
	some a in data.disclosure.basis.disability_council.reasons
}

against contains a if {
	"dv_council" in data.lib.registry.eligible
	some a in data.disclosure.basis.dv_council.reasons
}

against contains a if {
	"dv_report" in data.lib.registry.eligible
	some a in data.disclosure.basis.dv_report.reasons
}

against contains a if {
	"elder_abuse_report" in data.lib.registry.eligible
	some a in data.disclosure.basis.elder_abuse_report.reasons
}

against contains a if {
	"elder_abuse_response" in data.lib.registry.eligible
	some a in data.disclosure.basis.elder_abuse_response.reasons
}

against contains a if {
	"entrustment" in data.lib.registry.eligible
	some a in data.disclosure.basis.entrustment.reasons
}

against contains a if {
	"evac_roster_emergency" in data.lib.registry.eligible
	some a in data.disclosure.basis.evac_roster_emergency.reasons
}

against contains a if {
	"evac_roster_pre" in data.lib.registry.eligible
	some a in data.disclosure.basis.evac_roster_pre.reasons
}

against contains a if {
	"housing_council" in data.lib.registry.eligible
	some a in data.disclosure.basis.housing_council.reasons
}

against contains a if {
	"inbound_notice" in data.lib.registry.eligible
	some a in data.disclosure.basis.inbound_notice.reasons
}

against contains a if {
	"indiv_plan_emergency" in data.lib.registry.eligible
	some a in data.disclosure.basis.indiv_plan_emergency.reasons
}

against contains a if {
	"indiv_plan_pre" in data.lib.registry.eligible
	some a in data.disclosure.basis.indiv_plan_pre.reasons
}

against contains a if {
	"joint_use" in data.lib.registry.eligible
	some a in data.disclosure.basis.joint_use.reasons
}

against contains a if {
	"juso_consent_meeting" in data.lib.registry.eligible
	some a in data.disclosure.basis.juso_consent_meeting.reasons
}

against contains a if {
	"juso_entrustee" in data.lib.registry.eligible
	some a in data.disclosure.basis.juso_entrustee.reasons
}

against contains a if {
	"kodoku_council" in data.lib.registry.eligible
	some a in data.disclosure.basis.kodoku_council.reasons
}

against contains a if {
	"konkyu_plan_meeting" in data.lib.registry.eligible
	some a in data.disclosure.basis.konkyu_plan_meeting.reasons
}

against contains a if {
	"konkyu_shien_kaigi" in data.lib.registry.eligible
	some a in data.disclosure.basis.konkyu_shien_kaigi.reasons
}

against contains a if {
	"kowaka_council" in data.lib.registry.eligible
	some a in data.disclosure.basis.kowaka_council.reasons
}

against contains a if {
	"law_private" in data.lib.registry.eligible
	some a in data.disclosure.basis.law_private.reasons
}

against contains a if {
	"law_public" in data.lib.registry.eligible
	some a in data.disclosure.basis.law_public.reasons
}

against contains a if {
	"minsei_iin" in data.lib.registry.eligible
	some a in data.disclosure.basis.minsei_iin.reasons
}

against contains a if {
	"ordinance28" in data.lib.registry.eligible
	some a in data.disclosure.basis.ordinance28.reasons
}

against contains a if {
	"pa_inquiry" in data.lib.registry.eligible
	some a in data.disclosure.basis.pa_inquiry.reasons
}

against contains a if {
	"public_internal_use" in data.lib.registry.eligible
	some a in data.disclosure.basis.public_internal_use.reasons
}

against contains a if {
	"public_special_reason" in data.lib.registry.eligible
	some a in data.disclosure.basis.public_special_reason.reasons
}

against contains a if {
	"public_to_public" in data.lib.registry.eligible
	some a in data.disclosure.basis.public_to_public.reasons
}

against contains a if {
	"public_within_purpose" in data.lib.registry.eligible
	some a in data.disclosure.basis.public_within_purpose.reasons
}

against contains a if {
	"seiho_chosei_kaigi" in data.lib.registry.eligible
	some a in data.disclosure.basis.seiho_chosei_kaigi.reasons
}

against contains a if {
	"shien_kaigi_swa" in data.lib.registry.eligible
	some a in data.disclosure.basis.shien_kaigi_swa.reasons
}

against contains a if {
	"statistics_public" in data.lib.registry.eligible
	some a in data.disclosure.basis.statistics_public.reasons
}

against contains a if {
	"victim_ledger" in data.lib.registry.eligible
	some a in data.disclosure.basis.victim_ledger.reasons
}

against contains a if {
	"vital_interest_private" in data.lib.registry.eligible
	some a in data.disclosure.basis.vital_interest_private.reasons
}

against contains a if {
	"women_support_meeting" in data.lib.registry.eligible
	some a in data.disclosure.basis.women_support_meeting.reasons
}

against contains a if {
	"yotaikyo" in data.lib.registry.eligible
	some a in data.disclosure.basis.yotaikyo.reasons
}

due contains d if {
	"aggregate_only" in data.lib.duties.codes
	some d in data.disclosure.obligation.aggregate_only.due
}

due contains d if {
	"art70_conditions" in data.lib.duties.codes
	some d in data.disclosure.obligation.art70_conditions.due
}

due contains d if {
	"officer_review" in data.lib.duties.codes
	some d in data.disclosure.obligation.officer_review.due
}

due contains d if {
	"secrecy_notice" in data.lib.duties.codes
	some d in data.disclosure.obligation.secrecy_notice.due
}

due contains d if {
	"view_only_until" in data.lib.duties.codes
	some d in data.disclosure.obligation.view_only_until.due
}
