#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# faults.sh [NUMBER] - check that the simulator detects faults in module/
#
# Each fault is a sed expression for a file of the module. It is applied to a copy,
# which is built and run with random scenarios: one of them must fail. With NUMBER:
# only the fault of this line. Exit status: 0 if all are detected, 1 if not.

here=$(cd "$(dirname "$0")" && pwd)
only=${1-}
tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

faults()
{
	cat <<'END'
conn/scoreboard.c s/tcb->retrans_out += len/(void)len/
conn/scoreboard.c s/tcb->sacked_out += len;/tcb->sacked_out += 2 * len;/
conn/scoreboard.c s/marks &= ~(XTCP_MARK_LOST | XTCP_MARK_RETRANS);/(void)0;/
conn/scoreboard.c s/^\t*sack_in_tree(sk, XTCP_SENT_LOST, .*$/(void)0;/
conn/scoreboard.c /^static void ack_whole/,/^}/s/xtcp_skb_free(sk, skb)/(void)0/
conn/scoreboard.c /^static void cut_at/,/^}/s/len -= len % piece/(void)0/
conn/wqueue.c s/XTCP_CB(rest)->seq = cb->seq + len/XTCP_CB(rest)->seq = cb->seq + len + 1/
conn/wqueue.c s/skb_frag_off_add(&si->frags\[kept\], left)/(void)0/
conn/wqueue.c /^int xtcp_trim/,/^}/s/XTCP_CB(skb)->acked = 0/(void)0/
conn/wqueue.c s/list_add(&rest->tcp_tsorted_anchor, &skb->tcp_tsorted_anchor)/list_add_tail(\&rest->tcp_tsorted_anchor, \&xtcp_sk(sk)->by_time)/
conn/output.c s/min_t(u32, usable, room)/room/
conn/output.c s/tcb->snd_nxt = XTCP_CB(skb)->end_seq;/tcb->snd_nxt = XTCP_CB(skb)->end_seq + 1;/
conn/receive.c /^static bool drain_ooo/,/^}/s/seq_after(cb->seq, xs->tcb.rcv_nxt)/0/
user/stream.c s/^\trd->seq += n;/\trd->seq += n + (n > 1);/
conn/receive.c s/^\tatomic_add(delta, &sk->sk_rmem_alloc);/(void)0;/
conn/receive.c s/run->run_end = seq_max(run->run_end, cb->end_seq)/run->run_end += cb->end_seq - cb->seq + 1/
conn/deadline.c s/^\txtcp_timer_set(sk, &xs->rtx, at);/(void)at;/
conn/recovery.c s/tcb->sacked_out = min_t(u32, tcb->sacked_out,/(void)min_t(u32, tcb->sacked_out,/
conn/undo.c s/xtcp_ecn_reduction_undone(&tcb->ecn);/(void)0;/
conn/timeout.c s/^\txtcp_recovery_timeout(sk);/(void)0;/
conn/pace.c s/xs->pace_next > xs->now/0/
core/pace.c s/u64 wait = div64_u64((u64)len/u64 wait = div64_u64((u64)len * 3 \/ 4/
core/sack.c s/list->block\[0\].left = left/list->block[0].left = left - 1/
END
}

restore()
{
	cp "$here/../../module/$1" "$tmp/module/$1"
}

# detected FILE EXPRESSION
detected()
{
	# Not cp -p: make compares times.
	[ ! -f "$tmp/last" ] || restore "$(cat "$tmp/last")"
	echo "$1" >"$tmp/last"
	sed -i "$2" "$tmp/module/$1"
	if cmp -s "$tmp/module/$1" "$here/../../module/$1"; then
		echo "STALE: the fault changes nothing"
		return 1
	fi
	if ! make -s -C "$here" MODULE="$tmp/module" OUTPUT="$tmp/out" \
	     EXTRA_CFLAGS=-Wno-error >"$tmp/log" 2>&1; then
		cat "$tmp/log"
		echo "STALE: the fault does not build"
		return 1
	fi
	! "$here/run.sh" "$tmp/out/sim" >"$tmp/log" 2>&1
}

n=0
missed=0
faults >"$tmp/list"
cp -r "$here/../../module" "$tmp/module"
while read -r file expression; do
	n=$((n + 1))
	[ -z "$only" ] || [ "$only" = $n ] || continue
	if detected "$file" "$expression"; then
		echo "detected: $file $expression"
		grep -m1 -E 'fails:|^# sim:' "$tmp/log" | sed 's/^[# ]*/	/'
	else
		missed=$((missed + 1))
		echo "MISSED: $file $expression"
	fi
done <"$tmp/list"
echo "$missed of $n faults not detected"
[ "$missed" = 0 ]
