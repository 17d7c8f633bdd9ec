package lib.time_test

import rego.v1

import data.lib.time

test_start_belongs if time.within(10, 20, 10)

test_end_does_not_belong if not time.within(10, 20, 20)

test_before_start if not time.within(10, 20, 9)

test_open_end if time.within(10, null, 9007199254740991)

test_only_numbers_start if {
	every start in [null, "1", true, []] {
		not time.within(start, null, 10)
	}
}

test_only_numbers_and_null_end if {
	every end in ["99", true, [], {}] {
		not time.within(1, end, 10)
	}
}

test_only_numbers_are_instants if {
	every at in [null, "15", true, []] {
		not time.within(10, null, at)
	}
}

test_never_ended if time.not_yet(null, 10)

test_ends_at_its_instant if not time.not_yet(10, 10)

test_not_yet_before_its_instant if time.not_yet(11, 10)

test_nothing_is_not_yet_at_no_instant if not time.not_yet(null, null)

test_only_numbers_and_null_end_it if {
	every ended_at in ["99", true, []] {
		not time.not_yet(ended_at, 10)
	}
}
