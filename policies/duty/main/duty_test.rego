package duty.main_test

import rego.v1

_breach(changes) := object.union(
	{
		"kind": "breach",
		"noticed_at": 1776214800000,
		"persons": 1,
		"classes": ["IDN"],
		"malicious": false,
		"financial_harm": false,
		"encrypted": false,
		"recalled_unopened": false,
		"contractor_of": "",
		"controller_told_at": null,
	},
	changes,
)

_npo := {"id": "npo-hidamari", "kind": "npo", "regime": "private"}

_shakyo := {"id": "aoba-shakyo", "kind": "shakyo", "regime": "private"}

_city := {"id": "aoba-city", "kind": "municipality", "regime": "public"}

_asked(agency, other, event) := {
	"event": event,
	"registered": {
		"tenant": {"id": "aoba", "pack": "default", "municipality": "aoba-city"},
		"agency": agency,
		"other": other,
	},
	"computed": {"now": 1776214800000, "law_at": 1776214800000},
}

_at(agency, changes) := _asked(agency, null, _breach(changes))

_provided(sender, recipient, changes) := _asked(sender, recipient, object.union(
	{"kind": "provision", "basis": "consent_private", "manner": "each"},
	changes,
))

questions := {
	"one diagnosis at an NPO": _at(_npo, {"classes": ["HEA"]}),
	"120 names at the city": _at(_city, {"persons": 120}),
	"120 names at an NPO": _at(_npo, {"persons": 120}),
	"100 names at the city": _at(_city, {"persons": 100}),
	"1000 names at an NPO": _at(_npo, {"persons": 1000}),
	"1001 names at an NPO": _at(_npo, {"persons": 1001}),
	"nobody knows how many": _at(_npo, {"persons": null}),
	"bank accounts": _at(_npo, {"financial_harm": true}),
	"stolen": _at(_npo, {"malicious": true}),
	"the city's own sensitive class": _at(_city, {"classes": ["ABU"]}),
	"the same class at an NPO": _at(_npo, {"classes": ["ABU"]}),
	"encrypted": _at(_npo, {"classes": ["HEA"], "encrypted": true}),
	"recalled unopened": _at(_npo, {"classes": ["HEA"], "recalled_unopened": true}),
	"recalled and encrypted": _at(_npo, {"classes": ["HEA"], "recalled_unopened": true, "encrypted": true}),
	"contractor": _at(_npo, {"classes": ["HEA"], "contractor_of": "aoba-city"}),
	"contractor who told": _at(_npo, {
		"classes": ["HEA"],
		"contractor_of": "aoba-city",
		"controller_told_at": 1776214800000,
	}),
	"contractor who will tell": _at(_npo, {
		"classes": ["HEA"],
		"contractor_of": "aoba-city",
		"controller_told_at": 1776214800001,
	}),
	"own data, somebody told": _at(_npo, {"classes": ["HEA"], "controller_told_at": 1776214800000}),
	"consent between private bodies": _provided(_npo, _shakyo, {}),
	"continuous provision": _provided(_npo, _shakyo, {"manner": "batch"}),
	"contract document": _provided(_npo, _shakyo, {"manner": "contract"}),
	"to the city": _provided(_npo, _city, {}),
	"from the city": _provided(_city, _npo, {"basis": "consent_public"}),
	"under a meeting": _provided(_npo, _shakyo, {"basis": "shien_kaigi_swa"}),
	"danger to life": _provided(_npo, _shakyo, {"basis": "vital_interest_private"}),
	"entrusted": _provided(_npo, _shakyo, {"basis": "entrustment"}),
	"no basis known": _provided(_npo, _shakyo, {"basis": ""}),
	"unknown basis": _provided(_npo, _shakyo, {"basis": "no_such_basis"}),
	"unknown pack": object.union(
		_at(_npo, {}),
		{"registered": {"tenant": {"id": "aoba", "pack": "no_such_pack", "municipality": "aoba-city"}}},
	),
}

_decided(name) := decision if {
	decision := data.duty.main.decision with input as questions[name]
}

_codes(name) := {d.code | some d in _decided(name).duties}

_because(name) := {b.code | some b in _decided(name).because}

_exempt(name) := {e.code | some e in _decided(name).exempt}

_reports := {"breach_report_preliminary", "breach_report_final", "breach_notify_person"}

_records := {"art29_record", "art30_record"}

_duty(name, code) := d if {
	some d in _decided(name).duties
	d.code == code
}

test_one_diagnosis_is_reported_and_told if {
	_codes("one diagnosis at an NPO") == _reports
	_because("one diagnosis at an NPO") == {"special_care"}
	report := _duty("one diagnosis at an NPO", "breach_report_preliminary")
	report.authority == "個人情報保護委員会"
	report.due_at == 1776214800000 + ((5 * 24) * 3600000)
	startswith(report.article, "個人情報の保護に関する法律26条1項")
	final := _duty("one diagnosis at an NPO", "breach_report_final")
	final.due_at == 1776214800000 + ((30 * 24) * 3600000)
	told := _duty("one diagnosis at an NPO", "breach_notify_person")
	told.due_at == null
}

test_city_reports_more_than_a_hundred if {
	_codes("120 names at the city") == _reports
	_because("120 names at the city") == {"count"}
	report := _duty("120 names at the city", "breach_report_preliminary")
	startswith(report.article, "個人情報の保護に関する法律68条1項")
}

test_npo_does_not_report_the_same_number if {
	_codes("120 names at an NPO") == set()
	_exempt("120 names at an NPO") == {"below_threshold"}
}

test_number_must_be_exceeded if {
	_codes("100 names at the city") == set()
	_codes("1000 names at an NPO") == set()
	_codes("1001 names at an NPO") == _reports
}

test_unknown_number_counts if _because("nobody knows how many") == {"count"}

test_risk_to_property_is_reported if _because("bank accounts") == {"financial_harm"}

test_malice_is_reported_and_takes_longer if {
	_because("stolen") == {"malicious"}
	final := _duty("stolen", "breach_report_final")
	final.due_at == 1776214800000 + ((60 * 24) * 3600000)
}

test_ordinances_classes_count_at_public_bodies_only if {
	_because("the city's own sensitive class") == {"special_care"}
	_codes("the same class at an NPO") == set()
}

test_encrypted_data_are_excluded if {
	_codes("encrypted") == set()
	_exempt("encrypted") == {"encrypted"}
}

test_unopened_recall_is_no_leak if {
	_codes("recalled unopened") == set()
	_exempt("recalled unopened") == {"recalled_unopened"}
	_exempt("recalled and encrypted") == {"recalled_unopened"}
}

test_contractor_may_tell_the_controller_instead if {
	_codes("contractor") == _reports | {"breach_notify_controller"}
	report := _duty("contractor", "breach_report_final")
	report.params == {"instead": "breach_notify_controller"}
}

test_contractor_who_told_need_not_report if {
	_codes("contractor who told") == set()
	_exempt("contractor who told") == {"controller_told"}
}

test_telling_later_or_telling_about_own_data_does_not_count if {
	_codes("contractor who will tell") == _reports | {"breach_notify_controller"}
	_codes("own data, somebody told") == _reports
}

test_consent_between_private_bodies_is_recorded_on_both_sides if {
	_codes("consent between private bodies") == _records
	record := _duty("consent between private bodies", "art29_record")
	record.bearer == "sender"
	record.params == {"keep_years": 3, "counted_from": "provision"}
}

test_continuous_provision_is_kept_from_the_last if {
	record := _duty("continuous provision", "art30_record")
	record.params == {"keep_years": 3, "counted_from": "last_provision"}
}

test_contract_document_is_kept_for_one_year if {
	record := _duty("contract document", "art30_record")
	record.params == {"keep_years": 1, "counted_from": "last_provision"}
}

test_public_party_leaves_no_record if {
	_codes("to the city") == set()
	_exempt("to the city") == {"public_party"}
	_exempt("from the city") == {"public_party"}
}

test_what_the_law_provides_for_leaves_no_record if {
	_exempt("under a meeting") == {"by_law"}
	_exempt("danger to life") == {"by_law"}
	_exempt("entrusted") == {"by_law"}
	_codes("entrusted") == set()
}

test_unknown_basis_leaves_a_record if {
	_codes("no basis known") == _records
	_codes("unknown basis") == _records
}

test_threshold_that_is_missing_counts_as_exceeded if {
	_because("unknown pack") == {"count"}
	_codes("unknown pack") == _reports
}

test_agency_of_an_unknown_regime_is_undecided if {
	not data.duty.main.decision with input as _asked({"id": "x", "kind": "npo", "regime": "other"}, null, _breach({}))
}
