# METADATA
# title: Figures for statistics
# description: |
#   専ら統計の作成のための提供(69条2項4号)。As figures that tell of nobody: counts alone, with cells
#   below the municipality's threshold suppressed.
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
#     description: 個人情報の保護に関する法律69条2項4号
# custom:
#   code: statistics_public
#   article: "個人情報の保護に関する法律69条2項4号(専ら統計の作成)"
#   title_ja: "統計のための提供(集計した数)"
#   title_en: "Provision for statistics, as figures"
#   effective_from: "2023-04-01"
package disclosure.basis.statistics_public

import rego.v1

import data.lib.facts
import data.lib.registry
import data.lib.result
import data.lib.vouched

_id := "statistics_public"

# Whole numbers end here; whatever else sorts after them.
_largest := 9007199254740991

# METADATA
# title: Figures none of which is small
# description: 最も小さい欄がしきい値以上の、集計した数。
hits contains result.ground(_id, s, fields, ["asserted:smallest_cell"]) if {
	large_enough
	some s in data.lib.facts.concerned
	registry.in_scope(_id, s)
	fields := sort(registry.within_class(_id) & facts.about(s))
	count(fields) > 0
}

# METADATA
# title: So few people that somebody could be recognised
# description: 少ない数の欄が伏せられていない。
# related_resources:
#   - ref: https://elaws.e-gov.go.jp/document?lawid=415AC0000000057
# custom:
#   code: SMALL_CELL
#   article: "個人情報の保護に関する法律2条1項・69条2項4号"
#   title_ja: "人数が少なく、だれのことか分かってしまう"
#   title_en: "So few people that somebody could be recognised"
#   next_step_ja: "地域や年齢の区切りを大きくするか、少ない数を伏せてください。前に渡した表との引き算で分かってしまわないかも、お確かめください。"
#   next_step_en: "Widen areas or age bands, or suppress small numbers. Check also that nobody can be found by subtracting an earlier table."
#   side: controller
#   lawful_alternatives: [deidentify]
reasons contains result.against(_id, "SMALL_CELL", "", [], []) if {
	count(_cells) > 0
	not large_enough
}

reasons contains a if {
	some a in vouched.missing(_id, ["smallest_cell"])
	count(_cells) == 0
}

reasons contains result.against(_id, "NO_BASIS", s, [], []) if {
	some s in data.lib.facts.concerned
	not registry.in_scope(_id, s)
}

# METADATA
# title: Every count that is shown reaches the threshold
large_enough if {
	count(_cells) > 0
	count([cell | some cell in _cells; not _large(cell)]) == 0
}

_large(cell) if {
	cell >= data.lib.registry.thresholds.small_cell
	cell <= _largest
}

_cells := [a.value | some a in vouched.of_main("smallest_cell")]
