#!/bin/bash
# SPDX-License-Identifier: GPL-2.0
#
# learn.sh: learns the state machine of xtcp.ko, and of modules with a fault in the
# state table.

set -eu

usage()
{
	cat <<'END'
Usage: selftests/learn/learn.sh [--debug]

Learns the state machine of xtcp.ko in a virtual machine, over IPv4 and IPv6, from
its replies to a crafted peer and to system calls, and compares it with the table of
core/fsm_table.h. Then repeats this with modules whose table has a fault: each
fault must be found. Prints TAP. The learned machine is in build/learn/learned.dot.

      --debug  use the debug kernel, with fewer words, and without the faults

Run make -C selftests before.

Exit status: 0 if all points pass; 1 if not; 2 if the usage is wrong.
END
}

here=$(cd "$(dirname "$0")" && pwd)
top=$(dirname "$(dirname "$here")")
out=$top/build/learn
debug=''

case ${1-} in
'')		;;
--debug)	debug=1 ;;
-h | --help)	usage; exit 0 ;;
*)		usage >&2; exit 2 ;;
esac

die()
{
	echo "Bail out! $*"
	exit 1
}

# shellcheck source=../lib/fault.sh
. "$top/selftests/lib/fault.sh"

# A name, and a sed expression for the table: a wrong state, a missing step, a segment
# that is not sent, a wrong error.
faults()
{
	cat <<'END'
crossing-fins-skip-closing	s/ROW(FIN_WAIT_1, RCV_FIN, CLOSING, 0, ACK | END,/ROW(FIN_WAIT_1, RCV_FIN, TIME_WAIT, 0, ACK | END | WAIT,/
closing-does-not-wait	s/ROW(CLOSING, RCV_ACK_OF_FIN, TIME_WAIT, 0, WAIT,/ROW(CLOSING, RCV_ACK_OF_FIN, CLOSED, 0, DEL,/
half-open-close-is-silent	s/ROW(SYN_RCVD, CLOSE, FIN_WAIT_1, 0, FIN,/ROW(SYN_RCVD, CLOSE, CLOSED, 0, DEL,/
abort-is-silent	s/ROW(CLOSE_WAIT, ABORT, CLOSED, 0, RST | DEL,/ROW(CLOSE_WAIT, ABORT, CLOSED, 0, DEL,/
wrong-error-after-fin	s/ROW(LAST_ACK, RCV_RST, CLOSED, ECONNRESET,/ROW(LAST_ACK, RCV_RST, CLOSED, EPIPE,/
END
}

# In the guest. The learner and the module tun are read before the first timed step:
# reading the host's files takes an unpredictable time.
# shellcheck disable=SC2016 # the guest's shell
guest='
out=$1 effort=$2 learner=$XTCP_TMP/learner
shift 2
cp "$out/../selftests/learner" "$learner"
modprobe tun

# The table as initial hypothesis.
few="-s -x 0 -r 0"

point 0 "the machine over IPv4 equals the table" "$learner" -s $effort -o "$XTCP_TMP/learned.dot"
point 0 "the machine over IPv6 equals the table" "$learner" -6 $few
[ $# = 0 ] || cp "$XTCP_TMP/learned.dot" "$out/"
for name; do
	found "$name" "$learner" $few
done
exit $failed'

main()
{
	local name expression names=() options=(--virtual-time -t 1800) effort=''

	[ -x "$top/build/selftests/learner" ] ||
		die "build/selftests/learner is missing: run make -C selftests"
	mkdir -p "$out"
	if [ -n "$debug" ]; then
		options+=(--debug)
		effort="-s -x 0 -r 0"
		export XTCP_SLOP_MS=${XTCP_SLOP_MS:-5}
	else
		kdir=$("$top/scripts/kernel" 6.12)
		while IFS=$'\t' read -r name expression; do
			build_fault "$kdir" "$name" core/fsm_table.h "$expression"
			names+=("$name")
		done < <(faults)
	fi
	echo "TAP version 13"
	echo "1..$((2 + ${#names[@]}))"
	"$top/scripts/vm" "${options[@]}" -- sh -c "$guest_functions$guest" learn "$out" "$effort" \
		"${names[@]}"
}

main
