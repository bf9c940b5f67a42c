#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# XT-4: data over a bad network
#
# netem.sh [--reference] [-s MB] [-n "NETEM ARGUMENTS"]
#
# Transfers data in both directions between AF_XTCP and the kernel's TCP, over a veth
# pair with loss, delay, reordering, duplication and corruption at both ends. Every
# byte is checked. IPv4 and IPv6, both roles. --reference: the kernel's TCP only.
# MB (default: XTCP_NETEM_MB, or 4) in each direction. Exit status: 0, or 1 for a failure.

set -u

mb=${XTCP_NETEM_MB:-4}
netem='loss 2% delay 10ms 2ms reorder 5% duplicate 1% corrupt 1%'
pairs='xtcp:tcp tcp:xtcp'
[ "${XTCP_REFERENCE:-0}" = 1 ] && pairs=tcp:tcp

while [ $# -gt 0 ]; do
	case $1 in
	--reference)	pairs=tcp:tcp ;;
	-s)		mb=$2; shift ;;
	-n)		netem=$2; shift ;;
	*)		sed -n '6,/^$/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
	shift
done

tmp=$(mktemp -d "${XTCP_TMP:-${TMPDIR:-/tmp}}/netem.XXXXXX")
trap 'net_down; rm -rf "$tmp"' EXIT
dir=$(dirname "$0")
[ -e "$dir/../lib/veth.sh" ] && dir=$dir/../lib
. "$dir/veth.sh"
need ip tc
program transfer
net_up
modprobe -q sch_netem 2>/dev/null || :
for side in "$a xv0" "$b xv1"; do
	# shellcheck disable=SC2086
	set -- $side
	# shellcheck disable=SC2086
	tc -n "$1" qdisc add dev "$2" root netem limit 10000 $netem || {
		echo "SKIP: this kernel has no netem"
		exit $ksft_skip
	}
done

echo "TAP version 13"
echo "1..$(echo "$pairs" | wc -w | awk '{ print 2 * $1 }')"
n=0 failed=0
for pair in $pairs; do
	for family in 4 6; do
		n=$((n + 1))
		if transfer $family "${pair%:*}" "${pair#*:}" both $((mb << 20)) >"$tmp/out"; then
			word=ok
		else
			word='not ok' failed=1
		fi
		sed 's/^/# /' "$tmp/out"
		echo "$word $n netem.v$family.client_${pair%:*}.server_${pair#*:}.${mb}MB"
	done
done
exit $failed
