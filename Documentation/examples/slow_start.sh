#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# slow_start.sh: captures the slow start of a transfer of 100,000 bytes from XTCP to
# XTCP over a path of 40 ms. Runs as root in a virtual machine (scripts/vm), as it
# changes the loopback interface.
#
# Usage: slow_start.sh PRELOAD FILE
#
# PRELOAD is selftests/bench/preload.c, built as a shared object: it makes nc open
# AF_XTCP sockets. With XTCP_REFERENCE=1 nc uses the kernel's TCP instead. Congestion
# control is Reno.

set -eu

[ $# = 2 ] || { sed -n 's/^# //p' "$0" | sed -n '/^Usage/p' >&2; exit 2; }
preload=$1 file=$2
tmp=${XTCP_TMP:-${TMPDIR:-/tmp}}
port=9877

# In virtual time, reading a file of the host takes an unpredictable time.
cp "$preload" "$tmp/preload.so"
preload=$tmp/preload.so table=/proc/net/xtcp
sysctl=/proc/sys/net/xtcp/congestion_control
[ -z "${XTCP_REFERENCE-}" ] || {
	preload='' table=/proc/net/tcp
	sysctl=/proc/sys/net/ipv4/tcp_congestion_control
}

echo reno >$sysctl
ip link set lo up mtu 1500
tc qdisc replace dev lo root netem delay 20ms limit 1000

LD_PRELOAD=$preload nc -l 127.0.0.1 $port >/dev/null &
receiver=$!
tcpdump -i lo -s 128 --immediate-mode -U -w "$tmp/slow_start.pcap" "tcp port $port" 2>"$tmp/tcpdump" &
capture=$!
until grep -q 'listening on' "$tmp/tcpdump"; do sleep 0.1; done
# State 0A is LISTEN.
until grep -q ":$(printf %04X $port) 00000000:0000 0A" $table; do sleep 0.1; done

head -c 100000 /dev/zero >"$tmp/data"
LD_PRELOAD=$preload nc -N 127.0.0.1 $port <"$tmp/data"
wait $receiver
# Wait for the last ACK: the delay is 20 ms.
sleep 1
kill $capture
wait $capture || :
cp "$tmp/slow_start.pcap" "$file"
