#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# XT-5, XT-4: GRO, TSO and checksum offload, on and off
#
# offload.sh [--reference]
#
# Transfers data in both directions over a veth pair between AF_XTCP and the kernel's
# TCP, in both roles, with several sets of the devices' offloads: all (large segments
# without a checksum), none (XTCP splits them and computes the checksum), and others.
# Every byte is checked. --reference: the kernel's TCP only.

set -u

bytes=1000000
pairs='xtcp:tcp tcp:xtcp'
[ "${XTCP_REFERENCE:-0}" = 1 ] && pairs=tcp:tcp

while [ $# -gt 0 ]; do
	case $1 in
	--reference)	pairs=tcp:tcp ;;
	*)		sed -n '6,/^$/s/^# \{0,1\}//p' "$0" >&2; exit 2 ;;
	esac
	shift
done

tmp=$(mktemp -d "${XTCP_TMP:-${TMPDIR:-/tmp}}/offload.XXXXXX")
trap 'net_down; rm -rf "$tmp"' EXIT
dir=$(dirname "$0")
[ -e "$dir/../lib/veth.sh" ] && dir=$dir/../lib
. "$dir/veth.sh"
need ip ethtool
program transfer
net_up

# SETTING...: sets offloads of both devices; fails if ethtool reports an error
offloads()
{
	for side in "$a xv0" "$b xv1"; do
		# shellcheck disable=SC2086
		ip netns exec ${side% *} ethtool -K ${side#* } "$@" >"$tmp/ethtool" 2>&1 || {
			sed 's/^/# /' "$tmp/ethtool"
			return 1
		}
	done
}

count=0
for pair in $pairs; do
	count=$((count + 10))
done
echo "TAP version 13"
echo "1..$count"
n=0 failed=0
for set in 'all tx on tso on gso on gro on' 'no_tso tx on tso off gso on gro on' \
	   'no_gso tx on tso off gso off gro on' 'no_gro tx on tso on gso on gro off' \
	   'none tx off tso off gso off gro off'; do
	there=1
	# shellcheck disable=SC2086
	offloads ${set#* } || there=0
	for pair in $pairs; do
		for family in 4 6; do
			n=$((n + 1)) word=ok
			[ $there = 1 ] &&
			transfer $family "${pair%:*}" "${pair#*:}" both $bytes >"$tmp/out" || {
				word='not ok' failed=1
				sed 's/^/# /' "$tmp/out"
			}
			echo "$word $n offload.v$family.client_${pair%:*}.server_${pair#*:}.${set%% *}"
		done
	done
done
exit $failed
