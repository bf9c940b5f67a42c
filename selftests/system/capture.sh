#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# MUST-2, U-1, U-3: tshark reports no anomaly
#
# capture.sh [--reference] [--break]
#
# Connections over a veth pair without loss, checksums computed in software,
# captured at both ends by tcpdump: tshark must report no anomaly. --reference: the
# kernel's TCP only. --break: netem duplicates segments, and the test succeeds if
# tshark reports this.

set -u

pairs='xtcp:tcp tcp:xtcp xtcp:xtcp'
break=''
[ "${XTCP_REFERENCE:-0}" = 1 ] && pairs=tcp:tcp

while [ $# -gt 0 ]; do
	case $1 in
	--reference)	pairs=tcp:tcp ;;
	--break)	break=1 ;;
	*)		sed -n '6,/^$/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
	shift
done

# Anomalies on a path without loss. tcp.analysis.flags also includes harmless events,
# such as a full window or a window update.
anomalies='tcp.analysis.retransmission tcp.analysis.fast_retransmission
tcp.analysis.spurious_retransmission tcp.analysis.rto tcp.analysis.lost_segment
tcp.analysis.ack_lost_segment tcp.analysis.out_of_order
tcp.analysis.duplicate_ack tcp.analysis.zero_window
tcp.analysis.zero_window_probe tcp.analysis.zero_window_probe_ack
tcp.analysis.keep_alive tcp.analysis.keep_alive_ack tcp.analysis.reused_ports
tcp.analysis.tfo_syn tcp.connection.rst
tcp.checksum.status==0 ip.checksum.status==0 _ws.malformed
tcp.flags.res==1 tcp.options.mss.absent tcp.ack.nonzero
_ws.expert.severity==error'

# With several CPUs a veth pair itself may reorder packets.
taskset -p -c 0 $$ >/dev/null 2>&1

tmp=$(mktemp -d "${XTCP_TMP:-${TMPDIR:-/tmp}}/capture.XXXXXX")
trap 'net_down; rm -rf "$tmp"' EXIT
dir=$(dirname "$0")
[ -e "$dir/../lib/veth.sh" ] && dir=$dir/../lib
. "$dir/veth.sh"
need ip tcpdump tshark ethtool
program transfer
net_up
ip netns exec "$a" ethtool -K xv0 tx off tso off gso off gro off >/dev/null 2>&1
ip netns exec "$b" ethtool -K xv1 tx off tso off gso off gro off >/dev/null 2>&1
if [ -n "$break" ]; then
	modprobe -q sch_netem 2>/dev/null || :
	tc -n "$a" qdisc add dev xv0 root netem duplicate 5% || exit $ksft_skip
fi

# Other dissectors are disabled: the payload is random.
tcp_only='-o tcp.try_heuristic_first:FALSE'
for p in $(tshark -G heuristic-decodes 2>/dev/null | awk '$1 == "tcp" { print $2 }' | sort -u); do
	tcp_only="$tcp_only --disable-protocol $p"
done

# Only field names that this tshark knows; the required ones are checked below.
tshark -G fields 2>/dev/null | cut -f3 >"$tmp/fields"
filter=''
for f in $anomalies; do
	grep -qxF "${f%%=*}" "$tmp/fields" ||
		[ "$f" = _ws.malformed ] || continue
	filter="${filter:+$filter || }$f"
done
# The kernel sends a checksum of 0 as 0xffff, which is equivalent: one packet in 65536.
grep -qxF tcp.checksum.ffff "$tmp/fields" && filter="($filter) && !tcp.checksum.ffff"
case $filter in
*tcp.analysis.retransmission*tcp.checksum.status*_ws.malformed*) ;;
*)	echo "tshark lacks the fields of this test; install a newer tshark"; exit 1 ;;
esac

start_capture()
{
	for side in a b; do
		eval "ns=\$$side"
		[ $side = a ] && dev=xv0 || dev=xv1
		ip netns exec "$ns" tcpdump -i $dev -U -B 16384 -s 0 -w "$tmp/$side.pcap" tcp \
			2>"$tmp/$side.err" &
		eval "dump_$side=$!"
	done
	# Wait until both tcpdumps capture.
	for side in a b; do
		i=0
		until grep -q 'listening on' "$tmp/$side.err" 2>/dev/null; do
			i=$((i + 1))
			[ $i -lt 500 ] || return 1
			sleep 0.02
		done
	done
}

stop_capture()
{
	# Wait for packets that tcpdump has not written yet.
	sleep 2
	kill -INT $dump_a $dump_b
	wait $dump_a $dump_b
	grep -h 'dropped by kernel' "$tmp/a.err" "$tmp/b.err" | grep -qv '^0 ' &&
		echo "# tcpdump lost packets"
}

echo "TAP version 13"
echo "1..$(echo "$pairs" | wc -w | awk '{ print 2 * $1 }')"
n=0 failed=0 found=0
for pair in $pairs; do
	for family in 4 6; do
		n=$((n + 1))
		word=ok packets=0
		: >"$tmp/all"
		start_capture || { echo "# tcpdump did not start"; word='not ok'; }
		for talk in echo:20000 up:200000 down:200000 both:200000 half:100000; do
			transfer $family "${pair%:*}" "${pair#*:}" "${talk%:*}" "${talk#*:}" \
				>>"$tmp/all" || word='not ok'
		done
		stop_capture
		for side in a b; do
			# One pass: the number of packets, and the fields of those with
			# an anomaly.
			# shellcheck disable=SC2086
			tshark $tcp_only -r "$tmp/$side.pcap" -o tcp.check_checksum:TRUE \
				-o ip.check_checksum:TRUE -Y "$filter" -T fields \
				-e frame.number -e _ws.col.Info -e _ws.expert.message \
				>"$tmp/$side.bad" 2>"$tmp/err" || {
				sed 's/^/# /' "$tmp/err"
				word='not ok'
			}
			packets=$(tcpdump -r "$tmp/$side.pcap" 2>/dev/null | wc -l)
			[ "$packets" -ge 100 ] || word='not ok'
			[ -s "$tmp/$side.bad" ] || continue
			found=$((found + 1))
			word='not ok'
			sed "s/^/# $side: /" "$tmp/$side.bad" | head -n 12
		done
		[ "$word" = ok ] || sed 's/^/# /' "$tmp/all"
		[ "$word" = ok ] || failed=1
		[ -z "$break" ] || word=ok
		echo "$word $n capture.v$family.client_${pair%:*}.server_${pair#*:} # $packets packets"
	done
done
if [ -n "$break" ]; then
	echo "# anomalies in $found of $((2 * n)) captures"
	[ $found -gt 0 ]
	exit
fi
exit $failed
