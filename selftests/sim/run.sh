#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh PROGRAM - test the simulator, and XTCP in it; prints TAP
#
# Runs fixed scenarios, whose goodput must be within limits, and random ones. The
# environment: XTCP_SIM_COUNT, the number of random scenarios (1000), and
# XTCP_SIM_SEED, the seed of the first (1). Exit status: 0; 1 if a test failed.

# shellcheck disable=SC2317 # functions that point() calls

sim=$1
count=${XTCP_SIM_COUNT:-1000}
seed=${XTCP_SIM_SEED:-1}
n=0
status=0
out=$(mktemp -d) || exit 1
trap 'rm -rf "$out"' EXIT

# Limits of the goodput of all flows, Mbit/s, and a scenario.
scenarios()
{
	cat <<'END'
9.5 9.66 cc=reno
9.5 9.66 cc=cubic
95 96.6 cc=reno rate=100M limit=500
95 96.6 cc=cubic rate=100M limit=500
95 96.6 cc=reno rate=100M limit=500 tso=0
2.4 4.0 cc=reno loss=1%
2.4 4.0 cc=reno loss=1% sack=0 timestamps=0
8 9.66 cc=toy loss=2% limit=200
7.8 9.66 cc=reno aqm=codel
8.5 9.66 cc=reno aqm=fq_codel flows=4
8.5 9.66 cc=reno aqm=dualpi2 ecn=classic
8.5 9.66 cc=reno aqm=step mark=30ms ecn=accurate
9 9.66 cc=reno ackloss=10%
9 9.66 cc=reno ackhold=20ms
9 9.66 cc=reno reorder=1%
9 9.66 cc=reno dup=1%
4 5.4 cc=reno cross=4500k
6.5 8 cc=reno routeat=30s routerate=5M
1.9 2.01 write=2M
1.9 2.1 read=2M
0 9.66 reorder=1.29348643656731% reorderby=12.510726ms ecn=accurate
0 1 seed=825 limit=4 read=124010 sack=0
END
}

# Limits of the mean queueing delay, ms, and a scenario: the targets of the queues are
# 5 ms (CoDel, fq_codel) and 15 ms (DualPI2).
delays()
{
	cat <<'END'
400 600 rate=20M flows=4 cc=cubic cc2=cubic
4 10 rate=20M flows=4 cc=cubic cc2=cubic aqm=codel
3 8 rate=20M flows=4 cc=cubic cc2=cubic aqm=fq_codel
4 10 rate=20M flows=4 cc=cubic cc2=cubic aqm=codel ecn=classic
12 18 rate=20M flows=4 cc=cubic cc2=cubic aqm=dualpi2
12 18 rate=20M flows=4 cc=cubic cc2=cubic aqm=dualpi2 ecn=classic
0 5 rate=20M flows=4 cc=cubic cc2=cubic aqm=step mark=5ms ecn=classic
END
}

# point NAME COMMAND...: one test; $out/log has what it prints
point()
{
	name=$1
	shift
	n=$((n + 1))
	if "$@" >"$out/log" 2>&1; then
		echo "ok $n $name"
	else
		sed 's/^/# /' "$out/log"
		echo "not ok $n $name"
		status=1
	fi
}

# within LINE FIELD MIN MAX KEY=VALUE...: a figure that sim prints
within()
{
	line=$1 field=$2 min=$3 max=$4
	shift 4
	"$sim" "$@" >"$out/figures" || return
	cat "$out/figures"
	awk -v line="$line:" -v field="$field" -v min="$min" -v max="$max" '
		$1 == line { found = $field >= min && $field <= max }
		END { exit !found }' "$out/figures"
}

# exits STATUS ARGUMENTS...: with a message if it is not 0
exits()
{
	expected=$1
	shift
	"$sim" "$@" >"$out/stdout" 2>"$out/stderr"
	got=$?
	cat "$out/stdout" "$out/stderr"
	[ "$got" = "$expected" ] && { [ "$got" = 0 ] || [ -s "$out/stderr" ]; }
}

repeats()
{
	line="rate=5M loss=1% jitter=5ms aqm=codel flows=3 cross=1M reorder=1%"
	# shellcheck disable=SC2086 # several words
	"$sim" $line >"$out/first" && "$sim" $line >"$out/second" &&
		"$sim" $line seed=2 >"$out/other" &&
		cmp "$out/first" "$out/second" && ! cmp -s "$out/first" "$out/other"
}

# A scenario that is printed is the one that ran.
prints_scenario()
{
	for i in 1 2 3 4 5; do
		line=$("$sim" -g "$i")
		# shellcheck disable=SC2086 # several words
		[ "$("$sim" -g "$i")" = "$line" ] && "$sim" -q $line || return
	done
}

# Each CSV file has rows, and each row as many columns as the first.
writes_csv()
{
	"$sim" -o "$out" time=2s flows=2 loss=1% || return
	for file in seq cwnd queue rate; do
		awk -F, 'NR == 1 { columns = NF } NF != columns { bad = 1 }
			END { exit bad || NR < 10 }' "$out/$file.csv" ||
			{ echo "$file.csv"; return 1; }
	done
	! "$sim" -o "$out/none"
}

echo "TAP version 13"
echo "1..$(($(scenarios | wc -l) + $(delays | wc -l) + 10))"
point "-h prints the usage" exits 0 -h
point "an unknown key is refused" exits 2 rat=10M
point "a value without unit is refused" exits 2 delay=20
point "a value out of range is refused" exits 2 flows=17
point "a count that is no number is refused" exits 2 -r x
point "an invariant that does not hold is reported" exits 1 use=99%
point "a scenario repeats exactly" repeats
point "random scenarios can be run by their line" prints_scenario
point "-o writes CSV files" writes_csv
while read -r min max keys; do
	# shellcheck disable=SC2086 # several words
	point "$keys: goodput $min to $max Mbit/s" within all 2 "$min" "$max" $keys
done <<END
$(scenarios)
END
while read -r min max keys; do
	# shellcheck disable=SC2086 # several words
	point "$keys: mean delay $min to $max ms" within queue 3 "$min" "$max" $keys
done <<END
$(delays)
END
point "$count random scenarios from seed $seed" "$sim" -r "$count" -s "$seed"
exit $status
