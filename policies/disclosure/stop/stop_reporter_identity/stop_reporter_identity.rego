# METADATA
# title: Who reported is never released
# description: |
#   通告・通報した人を明かさない。Fields that identify a reporter, and every field about a
#   reporter, are stripped whatever the basis; the report itself is never refused for it. Only
#   the authority that takes over the same notice learns them, in an envelope of their own.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=412AC1000000082
#     description: 児童虐待の防止等に関する法律7条
# custom:
#   code: stop_reporter_identity
#   article: "児童虐待防止法7条、高齢者虐待防止法8条・17条3項・23条1項、障害者虐待防止法8条・18条・25条"
#   title_ja: "通告・通報した人の秘匿"
#   title_en: "Identity of whoever reported"
#   effective_from: "2000-11-20"
#   verified: text
package disclosure.stop.stop_reporter_identity

import rego.v1

import data.lib.report
import data.lib.result

# Tables are read once; each look-up of base data costs more than one in a rule.
_stops := data.stops

# METADATA
# title: The field would show who reported
# description: 連絡してくれた人が分かる項目。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=412AC1000000082
# custom:
#   code: REPORTER_EXPOSED
#   article: "児童虐待防止法7条、高齢者虐待防止法8条・17条3項・23条1項、障害者虐待防止法8条・18条・25条"
#   title_ja: "知らせてくれた人が分かってしまう"
#   title_en: "It would show who gave the information"
#   next_step_ja: "この項目は外れますが、ほかの項目は提供できます。「だれから」ではなく「何があったか」だけをお伝えください。"
#   next_step_en: "This field is left out; the rest can still pass. Please tell what happened, not who said it."
#   side: officer
#   lawful_alternatives: [reduce_fields]
hits contains result.stop_fields("stop_reporter_identity", "REPORTER_EXPOSED", fields, []) if {
	not _passed_on_apart
	fields := sort({f.id | some f in data.lib.facts.fields; not _silent_on_reporter(f)})
	count(fields) > 0
}

# METADATA
# title: Subjects who are reporters
reporters := {s.id | some s in input.registered.subjects; s.relation == "reporter"}

_silent_on_reporter(field) if {
	every class in field.classes {
		_of_others(class)
	}
	every subject in field.about {
		_no_reporter(subject)
	}
}

_of_others(class) if not class in _reporter_classes

_no_reporter(subject) if not subject in reporters

# The same notice goes on to the authority that takes it over (送致), and nothing else with it.
_passed_on_apart if {
	named := data.lib.registry.named
	named in data.lib.registry.eligible
	report.passed_on(named)
	count([f | some f in data.lib.facts.fields; _silent_on_reporter(f)]) == 0
}

_reporter_classes := {c | some c in _stops.reporter_classes}
