#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# report-faults.sh: checks that scripts/bench-net finds missed bounds, from results that
# are made up here, and wrong arguments. Prints TAP; needs no virtual machine.

# shellcheck disable=SC2317 # points are called by their names
set -eu

top=$(dirname "$(dirname "$(dirname "$(readlink -f "$0")")")")
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

suite=bench-net
. "$top/selftests/lib/tap.sh"

# report STATUS [OPTION...]: net-report of the results on stdin must exit with STATUS
report()
{
	local wanted=$1 status=0
	shift

	tr ' ' '\t' >"$tmp/results"
	"$top/selftests/bench/net-report" "$@" "$tmp/results" >"$tmp/said" 2>"$tmp/missed" ||
		status=$?
	cat "$tmp/said" "$tmp/missed"
	[ $status = "$wanted" ]
}

met()
{
	report 0 <<-'END'
		clean xtcp-tcp 1 goodput 94.0
		clean tcp-tcp 1 goodput 93.0
		short10 xtcp-tcp 1 mean 28.0
		short10 tcp-tcp 1 mean 30.0
		share10 xtcp+tcp 1 share 45.5
		share10 xtcp+tcp 1 jain 0.99
	END
}

median_decides()
{
	report 0 <<-'END'
		loss1 xtcp-tcp 1 goodput 1.0
		loss1 xtcp-tcp 2 goodput 9.0
		loss1 xtcp-tcp 3 goodput 9.0
		loss1 tcp-tcp 1 goodput 5.0
	END
}

goodput_missed()
{
	report 1 <<-'END' && grep -q 'loss1, xtcp-tcp: goodput is 0.980 ' "$tmp/missed"
		loss1 xtcp-tcp 1 goodput 9.8
		loss1 tcp-tcp 1 goodput 10
	END
}

less_is_better()
{
	report 1 <<-'END' && grep -q 'short30, .* completion, 99th percentile is 0.970 ' "$tmp/missed"
		short30 xtcp-tcp 1 p99 97
		short30 tcp-tcp 1 p99 100
	END
}

tolerated()
{
	report 0 --tolerate 20 <<-'END'
		loss1 xtcp-tcp 1 goodput 8.1
		loss1 tcp-tcp 1 goodput 10
		share10 xtcp+tcp 1 share 37
		share10 xtcp+tcp 1 jain 0.93
	END
}

share_missed()
{
	report 1 <<-'END' && grep -q 'share10, xtcp+tcp: share 56.0 %' "$tmp/missed"
		share10 xtcp+tcp 1 share 54
		share10 xtcp+tcp 1 jain 0.99
		share10 xtcp+tcp 2 share 58
		share10 xtcp+tcp 2 jain 0.97
	END
}

index_missed()
{
	report 1 <<-'END' && grep -q 'share10, xtcp+xtcp: .* index 0.940' "$tmp/missed"
		share10 xtcp+xtcp 1 share 50
		share10 xtcp+xtcp 1 jain 0.94
	END
}

no_need_on_both()
{
	report 0 <<-'END'
		clean xtcp-tcp 1 again 5
		clean tcp-tcp 1 again 0
	END
}

no_reference()
{
	report 1 <<-'END' && grep -q 'no path was measured' "$tmp/missed"
		clean xtcp-tcp 1 goodput 94.0
	END
}

# usage STATUS ARGUMENT...
usage()
{
	local wanted=$1 status=0
	shift

	"$top/scripts/bench-net" "$@" || status=$?
	[ $status = "$wanted" ]
}

# Each path of the table has two pairs or more, one of them of the kernel's TCP alone.
table()
{
	awk -F '\t' '
	/^#/ { next }
	NF != 10 || $2 !~ /^(bulk|short|share)$/ || $3 !~ /xtcp/ || $3 !~ /(^| )tcp.tcp( |$)/ {
		print "wrong: " $0
		wrong = 1
	}
	{ n++ }
	END { exit wrong || !n }' "$top/selftests/bench/net-rows.tsv"
}

echo "TAP version 13"
point all_bounds_met met
point median_decides median_decides
point goodput_missed goodput_missed
point less_is_better less_is_better
point tolerated tolerated
point share_missed share_missed
point index_missed index_missed
point no_need_on_both no_need_on_both
point no_reference no_reference
point table table
point help usage 0 --help
point list usage 0 --list
point unknown_path usage 2 nowhere
point unknown_option usage 2 -x
point not_a_number usage 2 -n many
point no_runs usage 2 -n 0
point output_elsewhere usage 2 -o ../results
end_of_points
