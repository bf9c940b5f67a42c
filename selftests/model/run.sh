#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# run.sh [runs | faults] [NAME...] - check the model of the state machine
#
#   runs	searches each run of the list below completely: no assertion fails,
#		there is no deadlock, and both ends reach CLOSED if the network
#		becomes good. Together the runs use every row of the table.
#   faults	makes each fault of the list below in a copy of core/fsm_table.h:
#		its run must find it.
#
# Default: both, all NAMEs. Prints TAP, and for an error the events that lead to it:
# S, A, R and F are flags; states and events have the numbers of fsm.h. The output of
# spin, the compiler and the verifier is in build/model/. Exit status: 0; 1 if a point
# fails or spin is missing; 2 if a NAME or option is unknown.

here=$(cd "$(dirname "$0")" && pwd)
top=$here/../..
out=${OUT:-$top/build/model}
fsm_c=$top/module/core/fsm.c
table=$top/module/core/fsm_table.h

# Fields, separated by tabs: name, settings of tcp.pml, subject. A verifier needs less
# than a gigabyte.
runs() {
	bad="LOSS RTX DUP REORDER"
	cat <<END
reliable	K=6 DATA0=2 DATA1=2	a network without faults, the client closes first
server-closes	K=6 DATA0=0 DATA1=2 CLOSE0=2 CLOSE1=1	the server closes first
late-close	K=6 DATA0=2 DATA1=0 CLOSE1=4	the server closes long after
both-close	K=6 DATA0=2 DATA1=2 CLOSE1=1	both close when all data is written
both-open	K=6 DATA0=2 DATA1=2 OPEN1=1 CLOSE1=1	simultaneous open and close
client-aborts	K=6 ABORT0	the client may abort, and no RST is lost
server-aborts	K=6 ABORT1 CLOSE0=1	the server may abort, and no RST is lost
lossy		LOSS RTX DATA0=2	segments are lost
reordered	K=3 RTX REORDER DUP LOSS DATA1=0	three segments in flight, in any order
half-close	$bad CLOSE1=2	the server continues to write to a half-closed client
both-close-bad	$bad CLOSE1=1 DATA1=0	both close, on a bad network
both-open-bad	$bad OPEN1=1 CLOSE1=1 DATA1=0	simultaneous open and close, on a bad network
close-any-time	LOSS RTX CLOSE0=3 CLOSE1=3	close(), with the handshake complete or not
open-any-time	$bad OPEN1=1 CLOSE0=3 CLOSE1=3 DATA0=0 DATA1=0	the same, both active
listen-connect	LOSS RTX DUP OPEN1=3 CLOSE0=3 CLOSE1=3 DATA0=0 DATA1=0	connect() on a listener
abort-any-time	LOSS RTX DUP ABORT0 ABORT1 DATA1=0	aborts, and RSTs are lost
abort-open	LOSS RTX OPEN1=1 CLOSE1=1 ABORT0 ABORT1 DATA0=0 DATA1=0	the same, both active
stops-reading	$bad DEAF0 DATA0=0	data to a user that stopped reading
give-up		LOSS RTX REORDER TIMEOUTS DATA1=0	timeouts at any time
give-up-open	LOSS RTX TIMEOUTS OPEN1=1 CLOSE1=1 DATA0=0 DATA1=0	the same, both active
reopen		$bad REOPEN DATA1=0 CLOSE0=2 CLOSE1=1	a new connection ends TIME-WAIT
restart		LOSS RTX DUP REOPEN ISS_STEP=2 DATA0=0 DATA1=0 CLOSE0=3 CLOSE1=2	a new SYN for a request
half-open	LOSS RTX DUP TIMEOUTS REOPEN=2 ISS_STEP=2 DATA0=0 CLOSE0=2 CLOSE1=1	a new SYN for a connection
END
}

# Fields, separated by spaces: name, run that finds it, sed expression for fsm_table.h.
faults() {
	cat <<'END'
syn-without-syn reliable s/\(ROW(CLOSED, ACTIVE_OPEN.*\), SYN,/\1, 0,/
listener-connects-without-syn listen-connect s/\(ROW(LISTEN, ACTIVE_OPEN.*\), SYN,/\1, 0,/
syn-ack-not-acked server-closes s/\(ROW(SYN_SENT, RCV_SYN_ACK.*\), ACK | UP/\1, UP/
simultaneous-open-skips-a-state both-open s/ROW(SYN_SENT, RCV_SYN, SYN_RCVD, 0, SYN_ACK/ROW(SYN_SENT, RCV_SYN, ESTABLISHED, 0, SYN_ACK | UP/
simultaneous-open-without-row both-open /ROW(SYN_SENT, RCV_SYN,/d
handshake-without-end reliable /ROW(SYN_RCVD_PASSIVE, RCV_ACK_OF_SYN,/d
accept-not-reported reliable s/\(ROW(SYN_RCVD_PASSIVE, RCV_ACK_OF_SYN.*\), UP/\1, 0/
rst-ends-the-listener restart s/\(ROW(SYN_RCVD_PASSIVE, RCV_RST, \)LISTEN/\1CLOSED/
close-without-fin reliable s/\(ROW(ESTABLISHED, CLOSE.*\), FIN,/\1, 0,/
early-close-without-fin open-any-time s/\(ROW(SYN_RCVD, CLOSE.*\), FIN,/\1, 0,/
fin-wait-1-skipped reliable s/ROW(ESTABLISHED, CLOSE, FIN_WAIT_1/ROW(ESTABLISHED, CLOSE, FIN_WAIT_2/
fin-not-acked late-close s/\(ROW(ESTABLISHED, RCV_FIN.*\), ACK | END/\1, END/
end-of-file-not-reported half-close s/\(ROW(ESTABLISHED, RCV_FIN.*\), ACK | END/\1, ACK/
end-of-file-too-early reliable s/\(ROW(ESTABLISHED, CLOSE,.*\), FIN,/\1, FIN | END,/
close-wait-forgets-fin reliable s/ROW(CLOSE_WAIT, CLOSE, LAST_ACK, 0, FIN/ROW(CLOSE_WAIT, CLOSE, CLOSED, 0, DEL/
fin-wait-1-to-time-wait both-close s/\(ROW(FIN_WAIT_1, RCV_FIN, \)CLOSING, 0, ACK | END/\1TIME_WAIT, 0, ACK | END | WAIT/
closing-is-not-left both-close /ROW(CLOSING, RCV_ACK_OF_FIN,/d
closing-to-closed both-close s/ROW(CLOSING, RCV_ACK_OF_FIN, TIME_WAIT, 0, WAIT/ROW(CLOSING, RCV_ACK_OF_FIN, CLOSED, 0, DEL/
last-fin-not-acked reliable s/\(ROW(FIN_WAIT_2, RCV_FIN.*\), ACK | END | WAIT/\1, END | WAIT/
no-2msl reliable s/\(ROW(FIN_WAIT_2, RCV_FIN.*\) | WAIT/\1/
no-time-wait lossy s/ROW(FIN_WAIT_2, RCV_FIN, TIME_WAIT, 0, ACK | END | WAIT/ROW(FIN_WAIT_2, RCV_FIN, CLOSED, 0, ACK | END | DEL/
time-wait-does-not-answer lossy s/\(ROW(TIME_WAIT, RCV_FIN.*\), ACK | WAIT/\1, WAIT/
time-wait-is-not-left reliable s/\(ROW(TIME_WAIT, 2MSL, \)CLOSED, 0, DEL/\1TIME_WAIT, 0, 0/
time-wait-blocks-new-syn reopen /ROW(TIME_WAIT, RCV_SYN,/d
last-ack-keeps-its-tcb reliable s/\(ROW(LAST_ACK, RCV_ACK_OF_FIN.*\), DEL/\1, 0/
last-ack-reset-without-row abort-any-time /ROW(LAST_ACK, RCV_RST,/d
abort-without-rst client-aborts s/\(ROW(ESTABLISHED, ABORT.*\), RST | DEL/\1, DEL/
half-closed-abort-without-rst server-aborts s/\(ROW(CLOSE_WAIT, ABORT.*\), RST | DEL/\1, DEL/
reset-not-reported client-aborts s/\(ROW(ESTABLISHED, RCV_RST, CLOSED, \)ECONNRESET/\10/
timeout-without-row give-up /ROW(FIN_WAIT_2, TIMEOUT,/d
END
}

n=0
status=0

# ok TEXT, not_ok TEXT - print a point
ok() {
	n=$((n + 1))
	echo "ok $n $*"
}

not_ok() {
	n=$((n + 1))
	echo "not ok $n $*"
	status=1
}

# build DIR FSM_C KIND SETTINGS... - build the verifier DIR/KIND; KIND is safety or
# liveness
build() {
	dir=$1 kind=$3
	mkdir -p "$dir"
	cp "$here/tcp.pml" "$dir/"
	OUT=$dir "$top/scripts/fsm2promela" "$2" >"$dir/fsm.pml" || return
	shift 3
	flags=
	for set; do
		flags="$flags -D$set"
	done
	cc_flags="-DCOLLAPSE -DMEMLIM=1500 -DVECTORSZ=256 -w"
	# -O1 only for runs with LOSS: other models are small and searched quickly.
	case $fault$flags in
	*LOSS*) [ -n "$fault" ] || cc_flags="$cc_flags -O1" ;;
	esac
	case $kind in
	safety) cc_flags="$cc_flags -DSAFETY" ;;
	liveness) flags="$flags -DLIVENESS" ;;
	esac
	# shellcheck disable=SC2086 # words
	(cd "$dir" && echo "$flags" >flags.$kind &&
		spin -a $flags tcp.pml >spin.log 2>&1 &&
		${CC:-cc} $cc_flags -o "$kind" pan.c >cc.log 2>&1)
}

# verify DIR KIND - status 0 if the search was complete and without errors
verify() {
	case $2 in
	safety) how= ;;
	liveness) how=-a ;;
	esac
	# shellcheck disable=SC2086 # may be none
	(cd "$1" && rm -f tcp.pml.trail && ./"$2" -m100000 -w22 $how) \
		>"$1/$2.out" 2>&1 || return 2
	grep -q '^State-vector.*errors: 0$' "$1/$2.out" &&
		! grep -qi 'search not completed\|max search depth\|out of memory\|memlim' \
			"$1/$2.out"
}

# trail DIR KIND - print the output of the model up to the error
trail() {
	(cd "$1" && ./"$2" -r -S 2>/dev/null)
}

# which DIR KIND - print the error as text
which() {
	{
		trail "$1" "$2" | sed -n 's/^ *BROKEN //p'
		sed -n 's/^pan:[0-9]*: *//p' "$1/$2.out" |
		sed 's/ (at depth [0-9]*)//
		s/^invalid end state/deadlock/
		s/^acceptance cycle/an end that never reaches CLOSED/'
		echo "no result"
	} | head -1
}

# story DIR KIND - print the segments, events and states that lead to the error
story() {
	if [ -e "$1/tcp.pml.trail" ]; then
		trail "$1" "$2" | sed -n 's/^ *END/END/p' | tail -40
	else
		tail -5 "$1/$2.out"
	fi | sed 's/^/#   /'
}

count() {
	sed -n 's/^ *\([0-9.e+]*\) states, stored.*/\1/p' "$1" | awk '{ print $1 + 0 }'
}

depth() {
	sed -n 's/^State-vector.*depth reached \([0-9]*\),.*/\1/p' "$1"
}

# run NAME SUBJECT SETTINGS... - both searches, one point each
run() {
	dir=$out/$1 what="$1: $2"
	shift 2
	fault=
	for kind in safety liveness; do
		case $kind in
		safety) text="$what: no deadlock, no error" ;;
		liveness) text="$what: both ends reach CLOSED" ;;
		esac
		if ! build "$dir" "$fsm_c" "$kind" "$@"; then
			cat "$dir/spin.log" "$dir/cc.log" 2>/dev/null |
				sed 's/^/# /'
			not_ok "$text"
			continue
		fi
		began=$(date +%s)
		if verify "$dir" "$kind"; then
			echo "# $(count "$dir/$kind.out") states, depth $(
				depth "$dir/$kind.out"), $(($(date +%s) - began)) s"
			ok "$text"
		else
			echo "# $(which "$dir" "$kind")"
			story "$dir" "$kind"
			not_ok "$text"
		fi
	done
}

# coverage() calls rows() and cases() through a variable.
# shellcheck disable=SC2317
# rows - print rows of the table that no run used; Fast Open is not in the model
rows() {
	sed -n 's/.*:: s == \([A-Z_0-9]*\) && e == EV_\([A-Z_0-9]*\).*row = \([0-9]*\);.*/\3 \1 \2/p' \
		"$out/reliable/fsm.pml" | while read -r row state event; do
		[ "$event" != RCV_SYN_COOKIE ] || continue
		grep -qx "$((1000 + row))" "$out/reached" ||
			echo "row $row: $state $event"
	done
}

# shellcheck disable=SC2317
# cases - print the lines of tcp.pml with a CASE that no run reached
cases() {
	grep -n '[> ]CASE' "$here/tcp.pml" | grep -v '#define\|^[0-9]*: \*' |
	while IFS=: read -r line text; do
		grep -qx "$line" "$out/reached" ||
			echo "line $line: $(echo "$text" | tr -s '\t' ' ')"
	done
}

# The runs must cover every row of the table and every case of tcp.pml.
coverage() {
	cat "$out"/*/safety.out | sed -n 's/^REACHED //p' | sort -un >"$out/reached"
	for kind in rows cases; do
		case $kind in
		rows) text="every row of the table is used" ;;
		cases) text="every case of an arriving segment is reached" ;;
		esac
		$kind >"$out/unreached.$kind"
		if [ -s "$out/unreached.$kind" ]; then
			sed 's/^/# not reached: /' "$out/unreached.$kind"
			not_ok "$text"
		else
			ok "$text"
		fi
	done
}

# find_fault NAME RUN SED - RUN must fail with a table changed by SED
find_fault() {
	name=$1 run=$2 expr=$3
	dir=$out/fault-$name
	fault=$name
	mkdir -p "$dir"
	# fsm.c includes the table from its own directory.
	cp "$fsm_c" "$dir/fsm.c"
	sed "$expr" "$table" >"$dir/fsm_table.h"
	if cmp -s "$table" "$dir/fsm_table.h"; then
		not_ok "fault $name: the expression changes nothing in fsm_table.h; adapt it"
		return
	fi
	settings=$(runs | sed -n "s/^$run		*\([^	]*\)	.*/\1/p")
	for kind in safety liveness; do
		# shellcheck disable=SC2086 # words
		if ! build "$dir" "$dir/fsm.c" "$kind" $settings; then
			not_ok "fault $name: does not compile"
			return
		fi
		if ! verify "$dir" "$kind"; then
			found=$(which "$dir" "$kind")
			[ "$found" = "no result" ] && break
			ok "fault $name: found in $run: $found"
			return
		fi
	done
	not_ok "fault $name: not found in $run"
}

wanted() {
	[ -z "$names" ] || case " $names " in
	*" $1 "*) ;;
	*) false ;;
	esac
}

lists="runs faults"
case ${1-} in
runs | faults)
	lists=$1
	shift
	;;
-*)
	sed -n '3,/^$/s/^# \{0,1\}//p' "$0" >&2
	[ "$1" = -h ] && exit 0
	exit 2
	;;
esac
names="$*"
command -v spin >/dev/null || {
	echo "Bail out! There is no spin: scripts/setup test installs it."
	exit 1
}
mkdir -p "$out"
tab=$(printf '\t')

echo "TAP version 13"
case $lists in
*runs*)
	[ -n "$names" ] || rm -rf "${out:?}"/*
	runs >"$out/runs"
	while IFS=$tab read -r name settings; do
		wanted "$name" || continue
		text=${settings##*"$tab"}
		# shellcheck disable=SC2086 # words
		run "$name" "$text" ${settings%"$tab"*}
	done <"$out/runs"
	[ -n "$names" ] || coverage
	;;
esac
case $lists in
*faults)
	faults >"$out/faults"
	while read -r name in expr; do
		wanted "$name" || continue
		find_fault "$name" "$in" "$expr"
	done <"$out/faults"
	;;
esac
echo "1..$n"
[ $n != 0 ] || status=2
exit $status
