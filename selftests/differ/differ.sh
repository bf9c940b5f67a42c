#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# differ.sh: runs random scripts on XTCP and on the kernel's TCP, then on modules that
# have a fault: the scripts must find it.

set -eu

usage()
{
	cat <<'END'
Usage: selftests/differ/differ.sh [--debug] [-n SCRIPTS] [-s SEED]
       selftests/differ/differ.sh -d

Runs random scripts of 30 steps (socket calls, segments, ICMP, waiting) on xtcp.ko
and on the kernel's TCP side by side in a virtual machine. Each difference must be
one that Documentation/differences.rst describes. Then repeats this with modules that
have a fault: each fault must be found within 4,000 scripts, by a script that shows
no difference without the fault. Prints TAP.

  --debug     use the debug kernel, without the faults
  -n SCRIPTS  number of scripts (default: 10000)
  -s SEED     seed of the first script (default: random; it is printed)
  -d          only check that differences.rst has an entry for each class of
              intended differences

Run make -C selftests first.

Exit status: 0 if all points pass; 1 if not; 2 if the usage is wrong.
END
}

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$(dirname "$here")")
out=$top/build/differ
differ=$top/build/selftests/differ/differ
scripts=10000 seed='' documented='' debug=''

if [ "${1-}" = --debug ]; then
	debug=1
	shift
fi
while getopts n:s:dh opt; do
	case $opt in
	n)	scripts=$OPTARG ;;
	s)	seed=$OPTARG ;;
	d)	documented=1 ;;
	h)	usage; exit 0 ;;
	*)	usage >&2; exit 2 ;;
	esac
done

die()
{
	echo "Bail out! $*"
	exit 1
}

# shellcheck source=../lib/fault.sh
. "$top/selftests/lib/fault.sh"

# In each line the name of a fault, a file in module/, and the sed expression that
# inserts the fault. Each breaks a rule of the protocol, rarely or slightly.
faults()
{
	cat <<'END'
same-ack-opens-no-window	core/window.c	s/seq_leq(tcb->snd_wl2, seg->ack)/seq_before(tcb->snd_wl2, seg->ack)/
nagle-waits-for-all	core/window.c	s/seq_after(tcb->snd_sml, tcb->snd_una)/(tcb->snd_nxt != tcb->snd_una)/
reserved-bit-beside-urgent	core/segment.c	s/(seg->ae & 1))/(seg->ae \& 1) | (seg->urp \& 2))/
fin-behind-a-hole-is-lost	conn/receive.c	s/^		fin = cb->flags & XTCP_FIN;$/		fin = false;/
END
}

# Each class of intended differences has an entry in differences.rst.
documented()
{
	local rule where missing='' status=1

	while IFS=$'\t' read -r rule where; do
		status=0
		grep -Fxq -- "$where" "$top/Documentation/differences.rst" ||
			missing+="#   $rule: differences.rst has no \"$where\""$'\n'
	done < <("$differ" -e)
	printf '%s' "$missing"
	[ -z "$missing" ] || status=1
	return $status
}

# In the guest: copies the program and the module to memory first, because reading a
# file of the host advances virtual time.
# shellcheck disable=SC2016 # the guest's shell
guest='
out=$1 scripts=$2 seed=$3 differ=$XTCP_TMP/differ
shift 3
n=1
cp "$out/../selftests/differ/differ" "$differ"
cp "$XTCP_KO" "$XTCP_TMP/sound.ko"
modprobe -a tun
point 0 "each difference is an intended one" "$differ" -k -n "$scripts" -s "$seed"
for name; do
	found "$name" "$differ" -n 4000 -s "$seed"
	seen=$(sed -n "s/^# seed \([0-9]*\); the script.*/\1/p" "$XTCP_TMP/said")
	swap_module "$XTCP_TMP/sound.ko" || exit 1
	point 0 "the script shows no difference without $name" "$differ" -n 1 -s "${seen:?}"
done
exit $failed'

main()
{
	local name file expression names=() status=0 kdir options=(--virtual-time -t 3600)

	[ -x "$differ" ] || die "build/selftests/differ is missing: run make -C selftests"
	if [ -n "$documented" ]; then
		documented
		exit
	fi
	mkdir -p "$out"
	if [ -n "$debug" ]; then
		options+=(--debug)
		export XTCP_SLOP_MS=${XTCP_SLOP_MS:-5}
	else
		kdir=$("$top/scripts/kernel" 6.12)
		while IFS=$'\t' read -r name file expression; do
			build_fault "$kdir" "$name" "$file" "$expression"
			names+=("$name")
		done < <(faults)
	fi
	[ -n "$seed" ] || seed=$(date +%s)000
	echo "TAP version 13"
	echo "1..$((2 + 2 * ${#names[@]}))"
	if documented; then
		echo "ok 1 each intended difference is documented"
	else
		echo "not ok 1 each intended difference is documented"
		status=1
	fi
	"$top/scripts/vm" "${options[@]}" -- sh -c "$guest_functions$guest" differ \
		"$out" "$scripts" "$seed" "${names[@]}" || status=1
	exit $status
}

main
