#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# compare.sh [-v] [NAME...] - compare the simulator with the module
#
# Runs in a virtual machine in virtual time. Each scenario is a number of transfers
# between two XTCP sockets over a veth pair with netem, and as many simulations as are
# needed for a steady mean. The means of the goodput must not differ by more than
# 10 %. With NAMEs: only these scenarios. -v: print the goodput of each transfer. Prints
# TAP; exit status: 0; 1 if a scenario differs.

set -u

seeds=40	# simulations of a scenario
verbose=
[ "${1-}" != -v ] || { verbose=1; shift; }
only=" $* "
tmp=$(mktemp -d "${XTCP_TMP:-${TMPDIR:-/tmp}}/compare.XXXXXX")
trap 'net_down; rm -rf "$tmp"' EXIT
dir=$(cd "$(dirname "$0")" && pwd)
sim=${XTCP_SIM:-$dir/../../build/sim/sim}
. "$dir/../lib/veth.sh"
need ip tc
program transfer
modprobe -q sch_netem 2>/dev/null || :

# Name, congestion control, MiB of a transfer, transfers, netem of the data, netem of the
# ACKs besides the delay, and the keys of the simulator.
#
# Each path has 100 Mbit/s and 20 ms one way. A packet has 14 bytes more in netem, the
# Ethernet header, and its limit also counts the packets that it delays.
scenarios()
{
	cat <<'END'
clean	reno	40	3	limit 1000		limit=835
loss0.1	reno	120	4	limit 1000 loss 0.1%		limit=835 loss=0.1%
loss1	reno	20	8	limit 1000 loss 1%		limit=835 loss=1%
loss3	reno	10	8	limit 1000 loss 3%		limit=835 loss=3%
ackloss	reno	40	3	limit 1000	loss 5%	limit=835 ackloss=5%
cubic	cubic	40	3	limit 1000		limit=835
cubic1	cubic	20	6	limit 1000 loss 1%		limit=835 loss=1%
END
}

# mean FILE: of the numbers in a file, one a line
mean()
{
	awk '{ sum += $1 } END { print NR ? sum / NR : 0 }' "$1"
}

# setup CC DATA ACKS: the namespaces with netem
setup()
{
	net_up
	ip -n "$a" link set xv0 gso_max_segs 1
	ip -n "$b" link set xv1 gso_max_segs 1
	# shellcheck disable=SC2086 # several words
	tc -n "$a" qdisc add dev xv0 root netem rate 100mbit delay 20ms $2 &&
	tc -n "$b" qdisc add dev xv1 root netem limit 100000 delay 20ms $3 &&
	ip netns exec "$a" sh -c "echo $1 >/proc/sys/net/xtcp/congestion_control"
}

# machine CC MIB TRANSFERS DATA ACKS: the goodput of each transfer, Mbit/s
machine()
{
	i=0
	while [ $i -lt "$3" ]; do
		i=$((i + 1))
		setup "$1" "$4" "$5" || return
		transfer 4 xtcp xtcp up $(($2 << 20)) >"$tmp/said" ||
			{ cat "$tmp/said" >&2; net_down; return 1; }
		net_down
		sed -n 's/.*, \([0-9.]*\) Mbit.s.*/\1/p' "$tmp/said" | tail -1
	done
}

# simulator CC MIB KEYS: the same
simulator()
{
	i=0
	while [ $i -lt $seeds ]; do
		i=$((i + 1))
		# shellcheck disable=SC2086 # several words
		"$sim" seed=$i tso=0 rate=99075k delay=20ms cc="$1" \
			bytes="$2"M time=600s $3 >"$tmp/figures" || return
		awk '/^all:/ { print $2 }' "$tmp/figures"
	done
}

# compare NAME CC MIB TRANSFERS DATA ACKS KEYS
compare()
{
	machine "$2" "$3" "$4" "$5" "$6" >"$tmp/machine" || return
	simulator "$2" "$3" "$7" >"$tmp/simulator" || return
	[ -z "$verbose" ] || sed 's/^/# transfer: /' "$tmp/machine"
	there=$(mean "$tmp/machine")
	here=$(mean "$tmp/simulator")
	result=$(echo "$here $there" | awk '{
		printf "%.2f Mbit/s, simulated %.2f (%+.1f %%)", $2, $1,
		       $2 ? ($1 / $2 - 1) * 100 : 100 }')
	echo "$here $there" | awk '{ exit !($1 > 0.9 * $2 && $1 < 1.1 * $2) }'
}

scenarios | while IFS="$(printf '\t')" read -r name rest; do
	case $only in
	'  ' | *" $name "*)	printf '%s\t%s\n' "$name" "$rest" ;;
	esac
done >"$tmp/list"
echo "TAP version 13"
echo "1..$(wc -l <"$tmp/list")"
n=0
status=0
while read -r row; do
	n=$((n + 1))
	result='a transfer or a simulation failed'
	# Tabs do not separate an empty field for read.
	field() { echo "$row" | cut -f "$1"; }
	if compare "$(field 1)" "$(field 2)" "$(field 3)" "$(field 4)" \
		   "$(field 5)" "$(field 6)" "$(field 7)" </dev/null; then
		echo "ok $n $(field 1): $result"
	else
		echo "not ok $n $(field 1): $result"
		status=1
	fi
done <"$tmp/list"
exit $status
