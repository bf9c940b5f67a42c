#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
# mutate.sh [--stale] [FILE] - check that the unit tests detect faults in module/core/
#
# Each mutation is a sed expression for a file of core/. It is applied to a copy, which
# is built and tested. A mutation is killed if a test that passes without it fails,
# crashes or hangs; otherwise it survives. It is stale if it changes nothing or does not
# compile: adapt it. With FILE: only mutations of that file. With --stale: build nothing,
# report only mutations that change nothing. Exit status: 0 if all are killed (with
# --stale: if each changes its file), 1 if not, 2 if there are none for FILE.

here=$(cd "$(dirname "$0")" && pwd)
core=$here/../../module/core
jobs=$(nproc)
stale=
[ "${1-}" != --stale ] || { stale=1; shift; }
only=${1-}

mutations() {
	cat <<'END'
seq.h /seq_before/,/^}/s/< 0/<= 0/
seq.h /seq_before/,/^}/s/(s32)(a - b) < 0/a < b/
seq.h /seq_after/,/^}/s/< 0/<= 0/
seq.h /seq_after/,/^}/s/(s32)(b - a) < 0/a > b/
seq.h /seq_leq/,/^}/s/<= 0/< 0/
seq.h /seq_leq/,/^}/s/(s32)(a - b) <= 0/a <= b/
seq.h /seq_geq/,/^}/s/>= 0/> 0/
seq.h /seq_geq/,/^}/s/(s32)(a - b) >= 0/a >= b/
seq.h s/seq - low <= high - low/seq - low < high - low/
seq.h s/seq - low <= high - low/seq >= low \&\& seq <= high/
seq.h s/seq_after(a, b) ? a : b/seq_after(a, b) ? b : a/
seq.h s/seq_after(a, b) ? a : b/a > b ? a : b/
tcb.h s/return wnd > 0 ? wnd : 0/return wnd/
tcb.h s/return pipe > 0 ? pipe : 0/return pipe/
tcb.h s/flight(tcb) - tcb->sacked_out/flight(tcb)/
tcb.h s/tcb->lost_out +/tcb->lost_out -/
tcb.h s/tcb->snd_nxt - tcb->snd_una/tcb->snd_una - tcb->snd_nxt/
tcb.h s/min_t(u32, tcb->max_snd_wnd, tcb->acked)/tcb->max_snd_wnd/
tcb.h s/min_t(u32, tcb->max_snd_wnd, tcb->acked)/tcb->acked/
tcb.h s/(24 \* 24 \*/(23 * 24 */
tcb.h s/DEFAULT_V4	536/DEFAULT_V4	1460/
segment.h s/WSCALE_MAX	14/WSCALE_MAX	15/
segment.h s/FIN	0x01/FIN	0x02/
segment.h s/OPT_TS_LEN	12/OPT_TS_LEN	10/
segment.c s/p\[0\] << 8 | p\[1\]/p[1] << 8 | p[0]/
segment.c s/(u32)p\[2\] << 8 | p\[3\]/(u32)p[2] << 8/
segment.c s/(len - LEN_SACK_BASE) \/ LEN_SACK_BLOCK/len \/ LEN_SACK_BLOCK + 1/
segment.c s/i++, p += LEN_SACK_BLOCK/i++, p += 4/
segment.c s/right = get32(p + 4)/right = get32(p)/
segment.c /case OPT_MSS:/,/return true/s/len != LEN_MSS/len < LEN_MSS/
segment.c /case OPT_MSS:/,/return true/s/if (syn)/if (1)/
segment.c /case OPT_WSCALE:/,/return true/s/len != LEN_WSCALE/len < LEN_WSCALE/
segment.c /case OPT_WSCALE:/,/return true/s/if (syn)/if (1)/
segment.c /case OPT_SACK_PERM:/,/return true/s/len != LEN_SACK_PERM/0/
segment.c s/sack_perm = syn/sack_perm = 1/
segment.c s/len < LEN_SACK_BASE + LEN_SACK_BLOCK ||/0 ||/
segment.c s/(len - LEN_SACK_BASE) % LEN_SACK_BLOCK)/0)/
segment.c s/if (!syn)/if (1)/
segment.c /case OPT_TS:/,/return true/s/len != LEN_TS/len < LEN_TS/
segment.c /case OPT_TS:/,/return true/s/get32(body + 4)/get32(body)/
segment.c /MUST-6/,/}/s/return true/return false/
segment.c s/if (len == LEN_UTO)/if (1)/
segment.c s/opt->uto = get16(body)/opt->uto = body[0]/
segment.c s/OPT_UTO		= 28/OPT_UTO		= 29/
uto.c s/if (!secs)/if (!field)/
uto.c s/secs \*= 60/secs *= 6/
uto.c s/field \& XTCP_UTO_MINUTES/field > XTCP_UTO_MINUTES + 1/
uto.c s/min_t(u32, high, max_t(u32, secs, low))/max_t(u32, low, min_t(u32, secs, high))/
uto.c s/max_t(u32, secs, low))/secs)/
uto.h s/0x7fffu/0x3fffu/
pmtud.h s/seq_before(seq, p->probe_end)/seq_leq(seq, p->probe_end)/
pmtud.h s/seq_after(end, p->probe_seq)/seq_geq(end, p->probe_seq)/
pmtud.h s/return p->probe \&\& seq/return seq/
pmtud.c s/low = min_t(u32, base, max)/low = base/
pmtud.c s/p->high = min_t(u32, p->high, max)/p->high = max/
pmtud.c s/p->low = min_t(u32, p->low, max);/;/
pmtud.c s/if (p->probe <= max)/if (p->probe < max)/
pmtud.c /return false;/{n;s/p->probe = 0;/;/}
pmtud.c s/|| p->probe || now < p->next/|| now < p->next/
pmtud.c s/|| now < p->next)/|| now <= p->next)/
pmtud.c s/threshold = max_t(u32, threshold, 1)/;/
pmtud.c s/if (p->high - p->low < threshold) {/if (p->high - p->low <= threshold) {/
pmtud.c s/if (now < p->raise)/if (now <= p->raise)/
pmtud.c s/p->raise = now + interval/;/
pmtud.c s/p->high = p->max;/;/
pmtud.c s/p->low + (p->high - p->low + 1) \/ 2/p->low + (p->high - p->low) \/ 2/
pmtud.c s/seq_before(una, p->probe_end)/seq_leq(una, p->probe_end)/
pmtud.c s/p->low = p->probe;/;/
pmtud.c s/max_t(u32, p->probe - 1, p->low)/p->probe - 1/
pmtud.c s/max_t(u32, p->probe - 1, p->low)/max_t(u32, p->probe, p->low)/
pmtud.c s/p->low <= base)/p->low < base)/
pmtud.c s/if (xtcp_pmtud_on(p) \&\& p->low <= base)/if (xtcp_pmtud_on(p))/
pmtud.c s/max_t(u32, p->low \/ 2, floor)/p->low \/ 2/
pmtud.c s/if (size <= low)/if (size < low)/
pmtud.c s/p->max_acked = min_t(u32, p->max_acked, low)/;/
pmtud.c s/if (mtu >= sent)/if (mtu > sent)/
pmtud.c s/if (mtu >= p->max_acked)/if (mtu > p->max_acked)/
pmtud.c s/if (!p->ptb_mtu) {/if (1) {/
pmtud.c s/p->ptb_mtu = max_t(u32, mtu, 1)/p->ptb_mtu = mtu/
pmtud.c s/max_t(u32, p->max_acked, size)/size/
pmtud.c s/seq_after(una, p->ptb_seq)/seq_geq(una, p->ptb_seq)/
pmtud.c s/p->max_acked = min_t(u32, p->max_acked, mtu)/;/
segment.c s/kind == OPT_EOL)/kind == 255)/
segment.c /kind == OPT_EOL)/{n;s/break/return false/}
segment.c /kind == OPT_NOP/,/}/s/p++/p += 2/
segment.c s/if (end - p < 2)/if (end - p < 1)/
segment.c s/len < 2 || len > (u32)(end - p)/len > (u32)(end - p)/
segment.c s/len < 2 || len > (u32)(end - p)/len < 1 || len > (u32)(end - p)/
segment.c s/len < 2 || len > (u32)(end - p)/len < 2 || len > (u32)(end - p) + 1/
segment.c s/len < 2 || len > (u32)(end - p)/len < 2 || len >= (u32)(end - p)/
segment.c s/len < 2 || len > (u32)(end - p)/len < 2/
segment.c s/p\[0\] != OPT_NOP || p\[1\] != OPT_NOP/p[0] != OPT_NOP/
segment.c s/p\[0\] != OPT_NOP || p\[1\] != OPT_NOP/p[1] != OPT_NOP/
segment.c s/p\[2\] != OPT_TS || p\[3\] != LEN_TS/p[3] != LEN_TS/
segment.c s/p\[2\] != OPT_TS || p\[3\] != LEN_TS/p[2] != OPT_TS/
segment.c s/len != XTCP_OPT_TS_LEN ||/len < XTCP_OPT_TS_LEN ||/
segment.c s/tsval = get32(p + 4)/tsval = get32(p + 5)/
segment.c s/tsecr = get32(p + 8)/tsecr = get32(p + 4)/
segment.c s/avail < XTCP_HDR_MIN || total/avail < 19 || total/
segment.c s/|| total < XTCP_HDR_MIN/|| 0/
segment.c s/hdr\[12\] >> 4) \* 4/hdr[12] >> 4) * 4 + (hdr[12] \& 1) * 4/
segment.c s/seg->hdr_len < XTCP_HDR_MIN ||/0 ||/
segment.c s/seg->hdr_len > total)/seg->hdr_len > total + 1)/
segment.c s/if (seg->hdr_len > avail)/if (0)/
segment.c s/seg->seq = get32(hdr + 4)/seg->seq = get32(hdr + 8)/
segment.c s/flags = hdr\[13\]/flags = hdr[13] \& 0x3f/
segment.c s/wnd = get16(hdr + 14)/wnd = get16(hdr + 16)/
segment.c s/urp = get16(hdr + 18)/urp = get16(hdr + 16)/
segment.c s/len = total - seg->hdr_len/len = total - XTCP_HDR_MIN/
segment.c s/+ !!(seg->flags & XTCP_SYN) +/+/
segment.c s/!!(seg->flags & XTCP_FIN);/0;/
segment.c s/memset(&seg->opt, 0,/memset(\&seg->opt, 1,/
segment.c /xtcp_options_len/,/^}/s/len += LEN_MSS/len += 2/
segment.c /xtcp_options_len/,/^}/s/if (opt->sack_perm && !opt->has_ts)/if (opt->sack_perm)/
segment.c /xtcp_options_len/,/^}/s/len += LEN_SACK_BASE +/len +=/
segment.c s/pad(p, start, LEN_WSCALE), OPT_WSCALE)/pad(p, start, 0), OPT_WSCALE)/
segment.c s/LEN_WSCALE), opt->wscale)/LEN_WSCALE), 7)/
segment.c s/pad(p, start, LEN_SACK_PERM)/pad(p, start, 0)/
segment.c s/pad(p, start, LEN_SACK_BASE)/pad(p, start, 0)/
segment.c s/put_fastopen(pad(p, start, 0), opt)/put_fastopen(p, opt)/
segment.c s/return pad(p, start, 0) - start/return pad(p, start, 2) - start/
segment.c /xtcp_options_len/,/^}/s/padded(len) + fastopen_len/len + fastopen_len/
segment.c /xtcp_options_len/,/^}/s/padded(len + LEN_WSCALE)/padded(len) + 4/
segment.c /xtcp_options_len/,/^}/s/LEN_ACCECN_BASE + opt->naccecn/opt->naccecn/
segment.c s/put32(put32(p, opt->tsval), opt->tsecr)/put32(put32(p, opt->tsecr), opt->tsval)/
segment.c s/LEN_SACK_BASE + opt->nsack \* LEN_SACK_BLOCK)/LEN_SACK_BASE + LEN_SACK_BLOCK)/
segment.c s/(seg->hdr_len \/ 4) << 4/seg->hdr_len << 2 | 1/
segment.c s/put16(put16(p, sport), dport)/put16(put16(p, dport), sport)/
segment.c s/put16(put16(p, seg->wnd), 0)/put16(put16(p, 0), seg->wnd)/
segment.c s/put16(p, seg->urp)/put16(p, 0)/
fsm.c s/state < XTCP_STATES && event/state <= XTCP_STATES \&\& event/
fsm.c s/event < XTCP_EVENTS)/event <= XTCP_EVENTS)/
fsm.c s/xtcp_fsm\[at - 1\]/xtcp_fsm[at]/
fsm.c s/state >= XTCP_STATES ||/state > XTCP_STATES ||/
fsm.c s/event < XTCP_EVENTS ?/event <= XTCP_EVENTS ?/
fsm.c s/"FIN_WAIT1"/"FIN_WAIT2"/
fsm.c s/"NEW_SYN_RECV"/"SYN_RECV"/
fsm.c s/"RCV_SYN_ACK"/"RCV_SYN"/
fsm.c s/"send ACK"/"send SYN"/
rtt.h s/RTO_INIT	1000000u/RTO_INIT	3000000u/
rtt.h s/RTO_MIN	200000u/RTO_MIN	100000u/
rtt.h s/RTO_MAX	120000000u/RTO_MAX	60000000u/
rtt.h s/AFTER_SYN_LOSS	3000000u/AFTER_SYN_LOSS	1000000u/
rtt.h s/srtt8 >> 3/srtt8 >> 2/
rtt.c s/rtt->min_next = min_t(u32, rtt->min_next, us);//
rtt.c /xtcp_rtt_age_min/,/^}/s/>= XTCP_MIN/> XTCP_MIN/
rtt.c /xtcp_rtt_age_min/,/^}/s/rtt->min = rtt->min_next/rtt->min = ~0u/
rtt.c /xtcp_rtt_age_min/,/^}/s/rtt->min_next = ~0u;//
rtt.c /xtcp_rtt_spurious/,/^}/s/us << 3/us << 2/
rtt.c /xtcp_rtt_spurious/,/^}/s/us << 1/us << 2/
rtt.c /xtcp_rtt_spurious/,/^}/s/max_t(u32, rtt->srtt8, us << 3)/us << 3/
rtt.c /xtcp_rtt_spurious/,/^}/s/set_rto(rtt);//
rtt.c /xtcp_rtt_spurious/,/^}/s/us = min_t(u32, us, XTCP_RTO_MAX);//
rack.c s/r->late = max_t(u32, r->late, distance)/r->late = distance/
rack.c s/r->late = max_t(u32, r->late, distance);//
rack.c s/r->fack - seg->seq/r->fack - seg->end_seq/
rack.c s/r->mult = 1;$/r->mult = 2;/
rack.c /sent_after/,/^}/s/t1 == t2 \&\& seq_after/seq_after/
rack.c /sent_after/,/^}/s/seq_after(seq1, seq2)/seq1 > seq2/
rack.c /sent_after/,/^}/s/seq_after/seq_geq/
rack.c /detect_reordering/,/^}/s/ \&\& !seg->retransmitted//
rack.c /detect_reordering/,/^}/s/r->fack = seg->end_seq;/;/
rack.c /detect_reordering/,/^}/s/seq_before(seg->end_seq, r->fack)/1/
rack.c s/seg->retransmitted \&\& (seg->older/(seg->older/
rack.c s/(seg->older || rtt < min_rtt)/rtt < min_rtt/
rack.c s/(seg->older || rtt < min_rtt)/seg->older/
rack.c s/rtt < min_rtt/rtt <= min_rtt/
rack.c s/r->rtt = rtt;//
rack.c s/r->advanced = 1;//
rack.c s/	    !sent_after(seg->sent/	    sent_after(seg->sent/
rack.c /xtcp_rack_dsack/,/^}/s/xtcp_rack_una(r, una);//
rack.c /xtcp_rack_dsack/,/^}/s/if (r->dsack_seen)/if (0)/
rack.c s/r->dsack_round = nxt/r->dsack_round = una/
rack.c s/if (r->mult < 255)//
rack.c s/r->persist = XTCP_RACK_PERSIST;//
rack.c s/seq_geq(una, r->dsack_round)/seq_after(una, r->dsack_round)/
rack.c s/r->persist \&\& !--r->persist/r->persist/
rack.c s/path->flags & XTCP_RACK_STATIC ? 1 : r->mult/r->mult/
rack.c s/bool thresh = !(path->flags & XTCP_RACK_NO_THRESH)/bool thresh = true/
rack.c s/!r->reordered \&\&/1 \&\&/
rack.c s/path->recovering ||/0 ||/
rack.c s/path->sacked >= path->thresh/path->sacked > path->thresh/
rack.c s/min_rtt \/ 4, path->srtt/min_rtt \/ 4, ~0u/
rack.c s/path->min_rtt \/ 4/path->min_rtt \/ 2/
rack.c s/(u64)r->rtt + window/(u64)r->rtt/
rack.c s/(u64)r->rtt + window/(u64)window/
rack.h s/RACK_PERSIST	16/RACK_PERSIST	15/
tlp.c s/return XTCP_RTO_INIT;/return 0;/
tlp.c s/2 \* srtt/srtt/
tlp.c s/single ? XTCP/!single ? XTCP/
tlp.c s/t->flight = flight;//
tlp.c s/seq_before(a->ack, t->end_seq)/0/
tlp.c s/!t->is_retrans || a->dsack/!t->is_retrans/
tlp.c s/!t->is_retrans || a->dsack/a->dsack/
tlp.c s/seq_after(a->ack, t->end_seq)/seq_geq(a->ack, t->end_seq)/
tlp.c /seq_after/,/^}/s/t->active = false;//
tlp.c s/if (a->plain_dup)/if (0)/
tlp.c s/if (a->plain_dup)/if (1)/
prr.c s/p->delivered = 0;//
prr.c s/p->out = 0;//
prr.c s/a->inflight > a->ssthresh/a->inflight >= a->ssthresh + a->mss/
prr.c s/p->recover_fs - 1, p->recover_fs/0, p->recover_fs/
prr.c s/p->recover_fs) - p->out/p->recover_fs)/
prr.c s/max_t(s64, owed, a->delivered)/owed/
prr.c s/max_t(s64, owed, a->delivered)/a->delivered/
prr.c s/if (a->safe)/if (0)/
prr.c s/if (a->safe)/if (1)/
prr.c s/min_t(s64, a->ssthresh - a->inflight, n)/n/
prr.c s/p->delivered += a->delivered;//
prr.c s/max_t(s64, sndcnt(p, a), 0)/sndcnt(p, a)/
prr.c s/if (!p->out \&\& !n)/if (0)/
prr.c s/if (!p->out \&\& !n)/if (!n)/
chrono.c s/spent\[c->limit\] += /spent[c->limit] = /
chrono.c s/c->limit = limit;//
chrono.c s/c->since = now;//
chrono.c s/c->limit == limit ?/1 ?/
chrono.c s/c->limit == limit ?/0 ?/
chrono.h s/limit != c->limit/1/
rate.c s/, ~0u);/, 0xfffffff0);/
rate.c s/min_t(u64, div_u64/(div_u64/;s/USEC), ~0u)/USEC))/
rate.c s/if (idle || !r->delivered_time)/if (!r->delivered_time)/
rate.c s/if (idle || !r->delivered_time)/if (idle)/
rate.c s/r->first_sent = now;//
rate.c s/r->delivered_time = now;//
rate.c s/p->delivered_ce = r->delivered_ce;//
rate.c s/p->app_limited = !!r->app_limited/p->app_limited = 0/
rate.c s/since(now, r->first_sent)/0/
rate.c s/since(now, r->delivered_time)/0/
rate.c s/if (!rs->prior_time || seg->sent/if (seg->sent/
rate.c s/ || seg->sent > r->first_sent)/)/
rate.c s/seg->sent > r->first_sent/seg->sent >= r->first_sent/
rate.c s/seg->sent == r->first_sent &&/1 \&\&/
rate.c s/seq_after(seg->end_seq, rs->end_seq)/0/
rate.c s/seq_after(seg->end_seq, rs->end_seq)/seg->end_seq > rs->end_seq/
rate.c s/seq_after(seg->end_seq, rs->end_seq)/seq_geq(seg->end_seq, rs->end_seq)/
rate.c s/r->delivered += seg->len/r->delivered = seg->len/
rate.c s/seg->sent - p->delivered_for/seg->sent + p->delivered_for/
rate.c s/rs->prior_delivered = p->delivered;//
rate.c s/rs->prior_delivered_ce = p->delivered_ce;//
rate.c s/rs->prior_lost = p->lost;//
rate.c s/rs->in_flight = p->in_flight;//
rate.c s/rs->app_limited = p->app_limited;//
rate.c s/rs->send_phase = p->sent_for;//
rate.c s/rs->end_seq = seg->end_seq;//
rate.c s/r->first_sent = seg->sent;//
rate.c s/>=$/>/
rate.c s/(u64)rs->delivered \* r->best_interval/rs->delivered/
rate.c s/if (rs->app_limited \&\&/if (/
rate.c s/if (rs->app_limited \&\& !is_faster(r, rs))/if (rs->app_limited)/
rate.c s/if (rs->app_limited \&\& !is_faster(r, rs))/if (0)/
rate.c s/r->best_app_limited = rs->app_limited;//
rate.c s/r->reneged &= a->recovering;//
rate.c s/r->reneged &= a->recovering;/r->reneged = false;/
rate.c s/r->app_limited \&\& seq_after(r->delivered, r->app_limited)/1/
rate.c s/r->app_limited \&\& seq_after(r->delivered, r->app_limited)/0/
rate.c s/r->app_limited \&\& seq_after(/r->app_limited \&\& seq_geq(/
rate.c s/seq_after(r->delivered, r->app_limited)/r->delivered > r->app_limited/
rate.c s/if (!rs->prior_time)$/if (0)/
rate.c s/r->delivered_ce - rs->prior_delivered_ce/r->delivered_ce/
rate.c s/a->lost - rs->prior_lost/a->lost/
rate.c s/if (reneged || /if (/
rate.c s/< a->min_rtt/<= a->min_rtt/
rate.c s/< a->min_rtt/< 0/
rate.c s/interval = max_t(u32, rs->send_phase, /interval = (/
rate.c s/interval = max_t(u32, rs->send_phase, rs->ack_phase)/interval = rs->send_phase/
rate.c s/r->delivered - rs->prior_delivered;/r->delivered;/
rate.c s/r->delivered + in_flight/in_flight/
rate.c s/r->delivered + in_flight/r->delivered/
rate.c s/ ?: 1;/;/
rate.c s/if (!r->best_interval)/if (0)/
rate.c s/1000000ull/1000000u/
undo.c s/opt->has_ts \&\& opt->tsecr == first/opt->has_ts/
undo.c s/opt->has_ts \&\& opt->tsecr == first/opt->tsecr == first/
rtt.c s/if (!rtt->backoff)/if (0)/
rtt.c s/rtt->backoff--;//
rtt.c s/rtt->backoff--;/rtt->backoff = 0;/
undo.c s/u->marker = una;//
undo.c s/u->resent += segs/u->resent = segs/
undo.c s/if (!u->stamped)/if (1)/
undo.c s/seq_after(end, u->marker)/1/
undo.c s/u->dups += segs/u->dups++/
undo.c s/return u->armed \&\& u->stamped/return u->stamped/
undo.c s/return u->armed \&\& u->stamped/return u->armed/
undo.c s/seq_before(tsecr, u->stamp)/tsecr < u->stamp/
undo.c s/seq_before(tsecr, u->stamp)/seq_leq(tsecr, u->stamp)/
undo.c s/u->armed \&\& u->resent/u->resent/
undo.c s/u->armed \&\& u->resent/u->armed/
undo.c s/u->dups >= u->resent/u->dups > u->resent/
undo.c s/flight + min_t(u32, acked, initial)/flight + acked/
undo.c s/flight + min_t(u32, acked, initial)/flight + initial/
undo.c s/max_t(u32, cwnd, min_t/max_t(u32, 0, min_t/
undo.c s/min_t(u32, u->cwnd, want)/want/
undo.c s/if (!f->active)/if (0)/
undo.c s/if (a->original)/if (0)/
undo.c /if (a->original)/,/SPURIOUS/s/f->active = false;//
undo.c s/a->no_progress || a->recovered/a->recovered/
undo.c s/a->advanced \&\& !a->recovered/a->advanced/
undo.c s/a->advanced \&\& !a->recovered/!a->recovered/
undo.c s/ \&\& a->may_send_new//
ato.c s/window \/ (2 \* mss)/window \/ mss/
ato.c s/if (n > ato->quick)/if (1)/
ato.c s/if (mss)/if (0)/
ato.c s/\/ (2 \* mss), 2), n)/\/ (2 * mss), 1), n)/
ato.c s/min_t(u64, min_t(u64, delay, rto), XTCP_ATO_MAX)/min_t(u64, delay, XTCP_ATO_MAX)/
ato.c s/min_t(u64, min_t(u64, delay, rto), XTCP_ATO_MAX)/min_t(u64, delay, rto)/
ato.c s/if (!ato->delay) {/if (0) {/
ato.c s/ato->delay \/ 2 + XTCP_ATO_MIN \/ 2/ato->delay \/ 2/
ato.c s/gap < ato->delay/gap <= ato->delay + 1/
ato.c s/ato->delay \/ 2 + gap/ato->delay + gap/
ato.c s/gap > rto/gap >= rto/
ato.c s/ato->pingpong = false;//
ato.c s/ato->quick \&\& !--ato->quick/!ato->quick || !--ato->quick/
ato.c s/ato->pingpong ? XTCP_ATO_MIN : //
ato.c s/2ULL \* ato->delay/ato->delay/
ato.c s/return XTCP_ATO_SOON;/return XTCP_ATO_MIN;/
ato.c s/max_t(u64, srtt, XTCP_ATO_MIN)/srtt/
ato.c s/if (srtt)/if (0)/
ato.c s/rto_min > 2 \* XTCP_ATO_SOON/1/
cc.c /xtcp_cc_loss/,/^}/s/flight = min_t(u32, flight, cc->cwnd);//
cc.c s/mss, min_t(u32, flight, cc->cwnd)/mss, flight/
cc.c /xtcp_cc_recovered/,/^}/s/if (fast)/if (0)/
cc.c /xtcp_cc_undo/,/^}/s/max_t(u32, cc->ssthresh, u->ssthresh)/u->ssthresh/
cc.c /xtcp_cc_undo/,/^}/s/cc->after_timeout = false;//
cc.c /xtcp_cc_index/,/^}/s/== ops/!= ops/
cc.c s/i < ARRAY_SIZE(algorithms) ?/i < 1 ?/
cc.c s/cc->rate = 0;//
pace.c s/max_t(u32, cc->cwnd, in->flight)/cc->cwnd/
pace.c s/max_t(u32, cc->cwnd, in->flight)/in->flight/
pace.c s/if (cc->rate)/if (0)/
pace.c s/if (!in->srtt)/if (in->srtt < 100)/
pace.c s/cc->ssthresh \/ 2/cc->ssthresh/
pace.c s/cc->cwnd < cc->ssthresh/cc->cwnd <= cc->ssthresh/
pace.c s/? in->ss_ratio : in->ca_ratio/? in->ca_ratio : in->ss_ratio/
pace.c s/ratio \* 10000/ratio * 1000/
pace.c s/max_t(u64, 1, div_u64/max_t(u64, 0, div_u64/
pace.c s/(rate >> shift) + bonus/(rate >> shift)/
pace.c s/max_t(u64, (rate >> shift) + bonus, least)/(rate >> shift) + bonus/
pace.c s/return min_t(u64, bytes, most)/return bytes/
pace.c s/wait \/ 2, now - next/wait, now - next/
pace.c s/min_t(u64, wait \/ 2, now - next)/min_t(u64, 0, now - next)/
pace.c s/min_t(u64, wait \/ 2, now - next)/wait \/ 2/
pace.c s/len \* 1000000000ull/len * 1000000ull/
pace.c s/max_t(u64, least, min_t/max_t(u64, 0, min_t/
pace.c s/min_t(u64, rate >> shift, most)/rate >> shift/
usage.c s/!limited \&\& seq_before/seq_before/
usage.c s/seq_before(una, u->end)/una < u->end/
usage.c s/seq_before(una, u->end)/1/
usage.c s/seq_before(una, u->end) \&\&/0 \&\&/
usage.c s/(u->limited || flight <= u->max)/(flight <= u->max)/
usage.c s/(u->limited || flight <= u->max)/u->limited/
usage.c s/u->end = nxt;//
usage.c s/u->max = flight;//
usage.c s/if (u->limited)/if (0)/
usage.c s/xtcp_cc_slow_start(cc) \&\&/1 \&\&/
usage.c s/cc->cwnd < 2 \* u->max/cc->cwnd <= 2 * u->max/
usage.c s/cc->cwnd < 2 \* u->max/cc->cwnd < u->max/
usage.c /decay_due/,/^}/s/u->most = 0;/u->most = 1;/
usage.c /decay_due/,/^}/s/u->full = now;//
usage.c s/max_t(u32, u->most, flight)/flight/
usage.c s/now - u->full >= rto/now - u->full > rto/
usage.c s/max_t(u32, u->most, xtcp/max_t(u32, 0, xtcp/
usage.c s/max_t(u32, u->most, xtcp_cc_restart_window(cc, mss))/u->most/
usage.c s/if (used < cc->cwnd)/if (1)/
usage.c s/xtcp_cc_remember(cc);//
usage.c s/(cc->cwnd - used) \/ 2/(cc->cwnd - used)/
usage.c /xtcp_usage_decay(/,/^}/s/u->most = 0;//
usage.c /^void xtcp_usage_decay(/,/^}/s/u->full = now;//
cubic.c s/BETA_NUM	7/BETA_NUM	5/
cubic.c s/ALPHA_NUM	9/ALPHA_NUM	17/
cubic.c s/2500000000ull/250000000ull/
cubic.c s/t > e->k ? t - e->k : e->k - t/t - e->k/
cubic.c s/4 \* d \* d \* d/d * d * d/
cubic.c s/delta \* mss, 10000/delta * mss, 1000/
cubic.c s/e->w_max - min_t(u64, e->w_max, delta)/e->w_max/
cubic.c s/max_t(u32, e->w_max, cc->cwnd)/e->w_max/
cubic.c /begin_epoch/,/^}/s/e->est = cc->cwnd;//
cubic.c s/e->est >= e->prior ? ALPHA_DEN : ALPHA_NUM/ALPHA_NUM/
cubic.c s/e->est += mss/e->est += mss \/ 2/
cubic.c s/w_cubic(e, t, a->mss) < e->est/0/
cubic.c s/t + a->srtt \/ 1000, EPOCH_MAX/t, EPOCH_MAX/
cubic.c s/cc->cwnd + cc->cwnd \/ 2/CWND_MAX/
cubic.c s/min_t(u32, acked, cc->cwnd), cc->cwnd/acked, cc->cwnd/
cubic.c s/e->start += a->now - e->last;//
cubic.c s/if (cc->ssthresh == XTCP_SSTHRESH_INF)/if (1)/
cubic.c s/cc->after_timeout ? a->mss :/0 ? a->mss :/
cubic.c s/grow = min_t(u32, grow, cc->ssthresh - cc->cwnd);//
cubic.c s/c->saved = \*e;//
cubic.c /static u32 reduce/,/^}/s/e->start = 0;//
cubic.c /static u32 reduce/,/^}/s/e->prior = cc->cwnd;//
cubic.c /static u32 reduce/,/^}/s/(u64)cc->cwnd \* BETA_NUM/(u64)e->w_max * BETA_NUM/
cubic.c s/if (cc->cwnd < e->w_max)/if (0)/
cubic.c s/window, 2 \* mss/window, mss/
cubic.c s/max_t(u32, window, mss)/max_t(u32, window, 2 * mss)/
cubic.c s/state_of(cc)->now.w_max = 0;//
cubic.c s/state_of(cc)->now = state_of(cc)->saved;//
hystart.c s/h->last_min = ~0u;//
hystart.c s/h->last_min = h->current_min;//
hystart.c /next_round/,/^}/s/h->current_min = ~0u;//
hystart.c /next_round/,/^}/s/h->samples = 0;//
hystart.c s/h->samples < XTCP_HYSTART_SAMPLES || before/before/
hystart.c s/thresh, XTCP_HYSTART_MAX_THRESH/thresh, ~0u/
hystart.c s/thresh, XTCP_HYSTART_MIN_THRESH/thresh, 0/
hystart.c s/>= before + thresh/> before + thresh/
hystart.c s/ ||$/ \&\&/
hystart.c s/delay_increased(h, h->css_baseline)/0/
hystart.c s/delay_increased(h, h->css_baseline)/delay_increased(h, h->last_min)/
hystart.c s/h->css_rounds = 0;//
hystart.c s/h->css_baseline = h->current_min;//
hystart.c s/h->samples >= XTCP_HYSTART_SAMPLES \&\&/1 \&\&/
hystart.c s/h->current_min < h->css_baseline/h->current_min <= h->css_baseline/
hystart.c s/>= XTCP_HYSTART_CSS_ROUNDS/> XTCP_HYSTART_CSS_ROUNDS/
hystart.c s/h->css ? grow/0 ? grow/
hystart.c s/XTCP_HYSTART_L \* mss/~0u/
hystart.h s/HYSTART_DIVISOR	8/HYSTART_DIVISOR	4/
rtt.c s/rtt->min = ~0u/rtt->min = 0/
rtt.c /xtcp_rtt_init/,/^}/s/rtt->backoff = 0;//
rtt.c s/us = 1;/us = 0;/
rtt.c s/us = min_t(u32, us, XTCP_RTO_MAX);//
rtt.c s/rtt->min = min_t(u32, rtt->min, us);/rtt->min = us;/
rtt.c /xtcp_rtt_sample/,/^}/s/rtt->backoff = 0;//
rtt.c s/srtt8 = us << 3/srtt8 = us << 2/
rtt.c s/rttvar4 = us << 1/rttvar4 = us << 2/
rtt.c s/us > srtt ? us - srtt : srtt - us/us - srtt/
rtt.c s/err - (rtt->rttvar4 >> 2)/err - (rtt->rttvar4 >> 3)/
rtt.c s/srtt8 += us - srtt;/srtt8 += (us - srtt) * 2;/
rtt.c s/if (!rtt->srtt8) {/if (1) {/
rtt.c s/max_t(u32, rtt->rttvar4, rtt->rto_min)/rtt->rttvar4/
rtt.c s/max_t(u32, rtt->rttvar4, rtt->rto_min)/rtt->rto_min/
rtt.c s/max_t(u32, rtt->rttvar4, rtt->rto_min)/max_t(u32, rtt->rttvar4, XTCP_RTO_MIN)/
rtt.c s/rtt->rto_min = XTCP_RTO_MIN;/rtt->rto_min = 1;/
rtt.c s/if (us > rtt->srtt8 >> 3)/if (us)/
rtt.c s/if (us > rtt->srtt8 >> 3)/if (us >= rtt->srtt8 >> 3)/
rtt.c s/max_t(u32, 2 \* us, rtt->rto_min)/2 * us/
rtt.c s/max_t(u32, 2 \* us, rtt->rto_min)/rtt->rto_min/
rtt.c /xtcp_rtt_seed/,/^}/s/us = min_t(u32, us, XTCP_RTO_MAX);//
rtt.c s/(rtt->srtt8 >> 3) + spread/spread/
rtt.c s/rtt->rto = min_t(u32, (rtt->srtt8 >> 3) + spread, rtt->rto_max)/rtt->rto = (rtt->srtt8 >> 3) + spread/
rtt.c /xtcp_rtt_syn_lost/,/^}/s/rtt->backoff = 0;//
rtt.c s/(u64)rto << min_t/rto << min_t/
rtt.c s/(u64)rto << min_t(u32, times, 16)/(u64)rto + rto * times/
rtt.c s/min_t(u32, times, 16)/min_t(u32, times, 8)/
rtt.c s/min_t(u32, times, 16)/times/
rtt.c s/return min_t(u64, (u64)rto << min_t(u32, times, 16), max)/return (u64)rto << min_t(u32, times, 16)/
rtt.c s/rtt->backoff + rtt->probes,/0,/
rtt.c s/rtt->backoff + rtt->probes/rtt->backoff/
rtt.c s/rtt->backoff + rtt->probes/rtt->probes/
rtt.c /xtcp_rtt_init/,/^}/s/rtt->probes = 0;//
rtt.h s/\*times < U8_MAX/1/
rtt.h s/\*times < U8_MAX/*times < 9/
rtt.c s/i <= retries/i < retries/
rtt.c s/min_t(u64, t \* 2, max)/t * 2/
window.c s/shift < XTCP_WSCALE_MAX &&/1 \&\&/
window.c s/space >> shift > WND_FIELD_MAX/space >> shift >= WND_FIELD_MAX/
window.c s/tcb->wscale_ok && peer->has_wscale/peer->has_wscale/
window.c s/tcb->wscale_ok && peer->has_wscale/tcb->wscale_ok || peer->has_wscale/
window.c /!tcb->wscale_ok/,/}/s/tcb->snd_wscale = 0;//
window.c /!tcb->wscale_ok/,/}/s/tcb->rcv_wscale = 0;//
window.c s/min_t(u8, peer->wscale, XTCP_WSCALE_MAX)/peer->wscale \& 15/
window.c s/min_t(u32, full \/ 2, tcb->rcv_mss)/tcb->rcv_mss/
window.c s/min_t(u32, full \/ 2, tcb->rcv_mss)/full \/ 2/
window.c s/WND_FIELD_MAX << tcb->rcv_wscale/65536u << tcb->rcv_wscale/
window.c s/space = min_t(u32, space, max);//
window.c s/space \&= ~(unit - 1);//
window.c s/space) >= now + step/space) >= now/
window.c s/space) >= now + step/space) > now + step/
window.c s/^	       space : now;/	       space : 0;/
window.c s/syn ? 0 : tcb->rcv_wscale/tcb->rcv_wscale/
window.c s/(wnd + (1u << shift) - 1) >> shift/wnd >> shift/
window.c s/(wnd + (1u << shift) - 1) >> shift/(wnd >> shift) + 1/
window.c s/field = min_t(u32, field, WND_FIELD_MAX);//
window.c s/tcb->rcv_nxt + (field << shift)/tcb->rcv_nxt + wnd/
window.c s/if (seq_after(edge, tcb->rcv_adv))/if (1)/
window.c s/if (seq_after(edge, tcb->rcv_adv))/if (edge > tcb->rcv_adv)/
window.c s/if (offer <= now)/if (0)/
window.c s/if (now < tcb->rcv_mss)/if (now <= tcb->rcv_mss)/
window.c s/if (now < tcb->rcv_mss)/if (0)/
window.c s/return grown >= min_t(u32, full \/ 2,/return grown >= max_t(u32, full \/ 2,/
window.c s/return grown >= /return grown > /
window.c s/(u32)seg->wnd << tcb->snd_wscale/(u32)seg->wnd/
window.c s/(u32)seg->wnd << tcb->snd_wscale/(u32)(s32)(int16_t)seg->wnd << tcb->snd_wscale/
window.c s/!seq_before(tcb->snd_wl1, seg->seq)/tcb->snd_wl1 >= seg->seq/
window.c s/!seq_before(tcb->snd_wl1, seg->seq)/1/
window.c s/seq_leq(tcb->snd_wl2, seg->ack)/seq_before(tcb->snd_wl2, seg->ack)/
window.c s/seq_leq(tcb->snd_wl2, seg->ack)/tcb->snd_wl2 <= seg->ack/
window.c s/tcb->snd_wl1 = seg->seq;//
window.c s/tcb->snd_wl2 = seg->ack;//
window.c s/grown = wnd > peer_buffer(tcb)/grown = 1/
window.c s/changed = wnd != tcb->snd_wnd/changed = true/
window.c s/return usable > 0 ? usable : 0/return usable/
window.c s/tcb->snd_una + tcb->snd_wnd - tcb->snd_nxt/tcb->snd_wnd/
window.c s/if (n >= tcb->snd_mss)/if (n > tcb->snd_mss)/
window.c s/return n && n >= peer_buffer(tcb) \/ 2/return n >= peer_buffer(tcb) \/ 2/
window.c s/n >= peer_buffer(tcb) \/ 2/n > peer_buffer(tcb) \/ 2/
window.c s/n >= peer_buffer(tcb) \/ 2/n >= peer_buffer(tcb)/
window.c s/return n && n >= peer_buffer(tcb) \/ 2/return false/
window.c /xtcp_may_send/,/^}/s/if (fin)/if (0)/
window.c /xtcp_may_send/,/^}/s/if (tcb->corked)/if (0)/
window.c /xtcp_may_send/,/^}/s/if (tcb->nagle_off)/if (0)/
window.c s/if (tcb->urg_out)/if (0)/
window.c s/if (tcb->urg_out)/if (tcb->urg_out \&\& !tcb->corked)/
window.c s/seq_after(tcb->snd_sml, tcb->snd_una)/seq_after(tcb->snd_nxt, tcb->snd_una)/
window.c s/seq_after(tcb->snd_sml, tcb->snd_una)/seq_geq(tcb->snd_sml, tcb->snd_una)/
window.c s/seq_leq(tcb->snd_sml, tcb->snd_nxt)/1/
window.c s/seq_leq(tcb->snd_sml, tcb->snd_nxt)/seq_before(tcb->snd_sml, tcb->snd_nxt)/
arrive.c /!wnd/{n;s/seg->seq == tcb->rcv_nxt/true/}
arrive.c /!wnd/{n;s/seg->seq == tcb->rcv_nxt/false/}
arrive.c s/(empty || (seg->flags & XTCP_ACK))/true/
arrive.c s/(empty || (seg->flags & XTCP_ACK))/(seg->flags \& XTCP_ACK)/
arrive.c s/(empty || (seg->flags & XTCP_ACK))/empty/
arrive.c s/return seq_geq(seg->seq, tcb->rcv_nxt) &&/return seq_after(seg->seq, tcb->rcv_nxt) \&\&/
arrive.c /return seq_geq(seg->seq/{n;s/seq_before/seq_leq/}
arrive.c s/return seq_before(seg->seq, right) &&/return seq_leq(seg->seq, right) \&\&/
arrive.c s/seq_after(seg->end_seq, tcb->rcv_nxt)/seq_geq(seg->end_seq, tcb->rcv_nxt)/
arrive.c s/seq_after(seg->end_seq, tcb->rcv_nxt)/seq_geq(seg->seq, tcb->rcv_nxt)/
arrive.c s/(s32)(tsval - tcb->ts_recent) < 0/tsval < tcb->ts_recent/
arrive.c s/(s32)(tsval - tcb->ts_recent) < 0/(s32)(tsval - tcb->ts_recent) <= 0/
arrive.c s/now - tcb->ts_recent_stamp < XTCP_PAWS_IDLE/1/
arrive.c s/now - tcb->ts_recent_stamp < XTCP_PAWS_IDLE/now < tcb->ts_recent_stamp + XTCP_PAWS_IDLE/
arrive.c s/!tcb->ts_ok || (seg->flags & XTCP_RST)/!tcb->ts_ok/
arrive.c s/!tcb->ts_ok || (seg->flags & XTCP_RST)/(seg->flags \& XTCP_RST)/
arrive.c /WHY_NO_TS/{n;s/XTCP_DROP/XTCP_DROP_ACK/}
arrive.c /WHY_PAWS/{n;s/XTCP_DROP_ACK/XTCP_DROP/}
arrive.c s/return state == XTCP_SYN_RCVD &&/return/
arrive.c s/(seg->flags & XTCP_SYN) && (seg->flags & XTCP_ACK) &&/(seg->flags \& XTCP_SYN) \&\&/
arrive.c s/(seg->flags & XTCP_SYN) && (seg->flags & XTCP_ACK) &&/(seg->flags \& XTCP_ACK) \&\&/
arrive.c s/seg->seq == tcb->irs && seq_after(seg->ack, tcb->snd_una)/seg->seq == tcb->irs/
arrive.c s/seg->seq == tcb->irs && seq_after/seq_after/
arrive.c /check_syn/,/^}/s/: XTCP_NEW_SYN/: XTCP_CHALLENGE/
arrive.c /check_syn/,/^}/s/state != XTCP_SYN_RCVD_PASSIVE/state != XTCP_SYN_RCVD/
arrive.c /check_syn/,/^}/s/seq_before(seg->seq, tcb->rcv_nxt)/0/
arrive.c /check_syn/,/^}/s/seq_before(seg->seq, tcb->rcv_nxt)/seq_leq(seg->seq, tcb->rcv_nxt)/
arrive.c /check_syn/,/^}/s/return XTCP_CHALLENGE/return XTCP_DROP_ACK/
arrive.c /WHY_NO_ACK/{n;s/XTCP_DROP/XTCP_DROP_ACK/}
arrive.c s/if (!(seg->flags & XTCP_ACK))/if (0)/
arrive.c s/if (state == XTCP_SYN_RCVD || state == XTCP_SYN_RCVD_PASSIVE)/if (state == XTCP_SYN_RCVD)/
arrive.c s/if (state == XTCP_SYN_RCVD || state == XTCP_SYN_RCVD_PASSIVE)/if (state == XTCP_SYN_RCVD_PASSIVE)/
arrive.c s/seq_after(seg->ack, tcb->snd_una) &&/seq_geq(seg->ack, tcb->snd_una) \&\&/
arrive.c s/seq_leq(seg->ack, tcb->snd_nxt))/seq_before(seg->ack, tcb->snd_nxt))/
arrive.c s/seq_leq(seg->ack, tcb->snd_nxt))/1)/
arrive.c s/XTCP_ANSWER_RST;/XTCP_CHALLENGE;/
arrive.c /^static.*check_ack/,/^}/s/if (seq_after(seg->ack, tcb->snd_nxt))/if (seq_geq(seg->ack, tcb->snd_nxt))/
arrive.c /^static.*check_ack/,/^}/s/if (seq_after(seg->ack, tcb->snd_nxt))/if (seg->ack > tcb->snd_nxt)/
arrive.c s/seq_before(seg->ack, xtcp_oldest_ack(tcb))/seq_leq(seg->ack, xtcp_oldest_ack(tcb))/
arrive.c s/seq_before(seg->ack, xtcp_oldest_ack(tcb))/seq_before(seg->ack, tcb->snd_una)/
arrive.c s/seq_before(seg->ack, xtcp_oldest_ack(tcb))/0/
arrive.c /WHY_ACK_OLD/{n;s/XTCP_CHALLENGE/XTCP_DROP/}
arrive.c s/if (crossed_syn_ack(tcb, state, seg))/if (0)/
arrive.c /WHY_SEQ;/,/DROP_ACK/s/if (seg->flags & XTCP_RST)/if (0)/
arrive.c s/(seg->flags & XTCP_SYN) && state != XTCP_SYN_RCVD_PASSIVE/0/
arrive.c s/(seg->flags & XTCP_SYN) && state != XTCP_SYN_RCVD_PASSIVE/(seg->flags \& XTCP_SYN)/
arrive.c s/if (seg->seq == tcb->rcv_nxt)/if (1)/
arrive.c s/if (seg->seq == tcb->rcv_nxt)/if (0)/
arrive.c /WHY_RST/{n;s/XTCP_CHALLENGE/XTCP_DROP/}
arrive.c s/return check_ack(tcb, state, seg, why)/return XTCP_ACCEPT/
arrive.c s/seq_leq(seg->ack, tcb->iss) ||/seq_before(seg->ack, tcb->iss) ||/
arrive.c s/seq_leq(seg->ack, tcb->iss) ||/seg->ack <= tcb->iss ||/
arrive.c /xtcp_arrives_syn_sent/,/^}/s/seq_after(seg->ack, tcb->snd_nxt))/0)/
arrive.c /xtcp_arrives_syn_sent/,/^}/s/seq_after(seg->ack, tcb->snd_nxt))/seg->ack != tcb->snd_nxt)/
arrive.c s/!tcb->ts_ok || !seg->opt.has_ts || !seg->opt.tsecr/!seg->opt.has_ts || !seg->opt.tsecr/
arrive.c s/!tcb->ts_ok || !seg->opt.has_ts || !seg->opt.tsecr/!tcb->ts_ok || !seg->opt.tsecr/
arrive.c s/!tcb->ts_ok || !seg->opt.has_ts || !seg->opt.tsecr/!tcb->ts_ok || !seg->opt.has_ts/
arrive.c s/seg->opt.tsecr - tcb->ts_syn <= ts_now - tcb->ts_syn/seg->opt.tsecr - tcb->ts_syn < ts_now - tcb->ts_syn/
arrive.c s/seg->opt.tsecr - tcb->ts_syn <= ts_now - tcb->ts_syn/seg->opt.tsecr <= ts_now/
arrive.c s/ack && !echoes_ours/!echoes_ours/
arrive.c s/ack && !echoes_ours(tcb, seg, ts_now)/0/
arrive.c s/XTCP_RST ? XTCP_DROP : XTCP_ANSWER_RST/XTCP_RST ? XTCP_ANSWER_RST : XTCP_DROP/
arrive.c s/return ack ? XTCP_RST_VALID : XTCP_DROP/return XTCP_RST_VALID/
arrive.c s/return ack ? XTCP_RST_VALID : XTCP_DROP/return XTCP_DROP/
arrive.c s/seg->flags & XTCP_SYN ? XTCP_ACCEPT : XTCP_DROP/XTCP_ACCEPT/
arrive.c /xtcp_time_wait_reopens/,/^}/s/if (seg->opt.has_ts)/if (0)/
arrive.c /xtcp_time_wait_reopens/,/^}/s/if (seg->opt.has_ts)/if (1)/
arrive.c /xtcp_time_wait_reopens/,/^}/s/if (!tcb->ts_ok)/if (0)/
arrive.c s/(s32)(seg->opt.tsval - tcb->ts_recent) > 0/seg->opt.tsval > tcb->ts_recent/
arrive.c s/if (seg->opt.tsval != tcb->ts_recent)/if (1)/
arrive.c s/return seq_geq(seg->seq, tcb->rcv_nxt)/return true/
arrive.c s/return seq_geq(seg->seq, tcb->rcv_nxt)/return seg->seq >= tcb->rcv_nxt/
arrive.c s/return seq_geq(seg->seq, tcb->rcv_nxt)/return seq_after(seg->seq, tcb->rcv_nxt)/
arrive.c s/!tcb->ts_ok || !seg->opt.has_ts ||/!seg->opt.has_ts ||/
arrive.c s/!tcb->ts_ok || !seg->opt.has_ts ||/!tcb->ts_ok ||/
arrive.c s/seq_after(seg->seq, tcb->last_ack_sent) ||/0 ||/
arrive.c s/seq_after(seg->seq, tcb->last_ack_sent) ||/seq_geq(seg->seq, tcb->last_ack_sent) ||/
arrive.c s/seq_after(seg->seq, tcb->last_ack_sent) ||/seg->seq > tcb->last_ack_sent ||/
arrive.c s/xtcp_paws_old(tcb, seg->opt.tsval, now))/0)/
arrive.c s/tcb->ts_recent_stamp = now;//
arrive.c s/rst->seq = seg->ack/rst->seq = 0/
arrive.c s/rst->ack = seg->end_seq/rst->ack = seg->seq + seg->len/
arrive.c s/rst->flags = XTCP_RST;/rst->flags = XTCP_RST | XTCP_ACK;/
arrive.c s/rst->flags = XTCP_RST | XTCP_ACK;/rst->flags = XTCP_RST;/
arrive.c s/memset(rst, 0, sizeof(\*rst));//
sack.c s/list->n--;\(.*\)/list->n -= 1;\1/;s/&list->block\[i + 1\]/\&list->block[i]/
sack.c s/seq_after(b->left, right) || seq_before(b->right, left)/seq_geq(b->left, right) || seq_before(b->right, left)/
sack.c s/seq_after(b->left, right) || seq_before(b->right, left)/seq_after(b->left, right) || seq_leq(b->right, left)/
sack.c s/seq_after(b->left, right) || seq_before(b->right, left)/b->left > right || b->right < left/
sack.c s/if (seq_before(b->left, left))/if (0)/
sack.c s/if (seq_after(b->right, right))/if (0)/
sack.c s/if (list->n == XTCP_SACK_MAX)/if (0)/
sack.c s/if (list->n == XTCP_SACK_MAX)/if (list->n == XTCP_SACK_MAX - 1)/
sack.c s/block\[0\].left = left;/block[0].left = left + 1;/
sack.c s/seq_leq(list->block\[i\].left, rcv_nxt)/seq_before(list->block[i].left, rcv_nxt)/
sack.c s/seq_leq(list->block\[i\].left, rcv_nxt)/list->block[i].left <= rcv_nxt/
sack.c s/opt->has_ts ? XTCP_SACK_MAX - 1 : XTCP_SACK_MAX/XTCP_SACK_MAX/
sack.c s/opt->has_ts ? XTCP_SACK_MAX - 1 : XTCP_SACK_MAX/XTCP_SACK_MAX - 1/
sack.c s/if (!tcb->sack_ok)/if (0)/
sack.c s/tcb->dsack.right = tcb->dsack.left;//
sack.c s/if (tcb->dsack.left != tcb->dsack.right)/if (0)/
sack.c s/opt->nsack < max; i++/opt->nsack < 4; i++/
sack.c s/!seq_before(b->left, b->right) ||/0 ||/
sack.c s/!seq_before(b->left, b->right) ||/!seq_leq(b->left, b->right) ||/
sack.c s/|| seq_after(b->right, tcb->snd_nxt)/|| seq_geq(b->right, tcb->snd_nxt)/
sack.c s/|| seq_after(b->right, tcb->snd_nxt)/|| 0/
sack.c s/if (i == 0) {/if (1) {/
sack.c s/if (i == 0) {/if (0) {/
sack.c /i == 0/,/}/s/seq_leq(b->right, seg->ack)/seq_before(b->right, seg->ack)/
sack.c /i == 0/,/}/s/seq_leq(b->right, seg->ack)/seq_leq(b->right, tcb->snd_una)/
sack.c s/xtcp_oldest_ack(tcb)/tcb->snd_una/
sack.c s/xtcp_oldest_ack(tcb)/xtcp_oldest_ack(tcb) - 1/
sack.c s/seg->opt.nsack > 1 &&/1 \&\&/
sack.c s/seq_geq(b->left, b\[1\].left)/seq_after(b->left, b[1].left)/
sack.c s/seq_geq(b->left, b\[1\].left)/1/
sack.c s/seq_leq(b->right, b\[1\].right)/seq_before(b->right, b[1].right)/
sack.c s/seq_leq(b->right, b\[1\].right)/1/
sack.c s/if (seq_before(b->left, tcb->snd_una) ||/if (0 ||/
sack.c s/|| seq_leq(b->right, seg->ack))/|| 0)/
cookie.h s/COOKIE_MINUTES	2/COOKIE_MINUTES	3/
cookie.h s/TS_BITS	0x3f/TS_BITS	0x1f/
cookie.c s/MINUTE_SHIFT	27/MINUTE_SHIFT	28/
cookie.c s/MINUTE_MASK	0x1fu/MINUTE_MASK	0xfu/
cookie.c s/CLASS_SHIFT	24/CLASS_SHIFT	25/
cookie.c s/CLASS_MASK	0x7u/CLASS_MASK	0x3u/
cookie.c s/MAC_MASK	0xffffffu/MAC_MASK	0x7fffffu/
cookie.c s/MAC_MASK	0xffffffu/MAC_MASK	0xfffffeu/
cookie.c s/TS_NO_WSCALE	0x0fu/TS_NO_WSCALE	0x0eu/
cookie.c s/TS_NO_WSCALE	0x0fu/TS_NO_WSCALE	0x00u/
cookie.c s/TS_SACK		0x10u/TS_SACK		0x20u/
cookie.c s/1360, 1440/1440, 1360/
cookie.c s/1440, 1460, 8940/1440, 1460, 9000/
cookie.c s/classes\[i\] > mss/classes[i] >= mss/
cookie.c s/while (i && classes/while (i > 1 \&\& classes/
cookie.c s/return base + (/return base ^ (/
cookie.c s/return base + (/return (/
cookie.c s/(minute & MINUTE_MASK) << MINUTE_SHIFT/0/
cookie.c s/class_of(mss) << CLASS_SHIFT/0/
cookie.c s/| (mac & MAC_MASK))/| 0)/
cookie.c s/| (mac & MAC_MASK))/| mac)/
cookie.c s/cookie = isn - base/cookie = isn/
cookie.c s/(minute - (cookie >> MINUTE_SHIFT)) & MINUTE_MASK/minute - (cookie >> MINUTE_SHIFT)/
cookie.c s/(minute - (cookie >> MINUTE_SHIFT))/((cookie >> MINUTE_SHIFT) - minute)/
cookie.c s/age >= XTCP_COOKIE_MINUTES ||/age > XTCP_COOKIE_MINUTES ||/
cookie.c s/age >= XTCP_COOKIE_MINUTES ||/age >= 1 ||/
cookie.c s/((cookie ^ mac\[age\]) & MAC_MASK)/0/
cookie.c s/((cookie ^ mac\[age\]) & MAC_MASK)/((cookie ^ mac[0]) \& MAC_MASK)/
cookie.c s/((cookie ^ mac\[age\]) & MAC_MASK)/(cookie ^ mac[age])/
cookie.c s/cookie >> CLASS_SHIFT & CLASS_MASK/7/
cookie.c s/opt->wscale_ok ? opt->snd_wscale : TS_NO_WSCALE/opt->snd_wscale/
cookie.c s/(opt->sack_ok ? TS_SACK : 0)/TS_SACK/
cookie.c s/scale <= XTCP_WSCALE_MAX/scale < XTCP_WSCALE_MAX/
cookie.c s/scale <= XTCP_WSCALE_MAX/true/
cookie.c s/opt->wscale_ok ? scale : 0/scale/
cookie.c s/sack_ok = bits & TS_SACK/sack_ok = bits/
cookie.c s/(clock & ~(u32)XTCP_COOKIE_TS_BITS) | bits/clock | bits/
cookie.c s/if (seq_after(tsval, clock))/if (0)/
cookie.c s/if (seq_after(tsval, clock))/if (tsval > clock)/
cookie.c s/if (seq_after(tsval, clock))/if (seq_geq(tsval, clock))/
cookie.c s/tsval -= XTCP_COOKIE_TS_BITS + 1/tsval -= XTCP_COOKIE_TS_BITS/
cookie.c s/tsval -= XTCP_COOKIE_TS_BITS + 1/tsval -= 2 * (XTCP_COOKIE_TS_BITS + 1)/
cc.c s/!strcmp(algorithms\[i\]->name, name)/!strncmp(algorithms[i]->name, name, strlen(name))/
cc.c s/memset(cc->priv, 0, sizeof(cc->priv));//
cc.c /xtcp_cc_set/,/^}/s/ops->init(cc, mss);/;/
cc.c s/10 \* mss, max_t/4 * mss, max_t/
cc.c s/max_t(u32, 2 \* mss, 14600)/14600/
cc.c s/max_t(u32, 2 \* mss, 14600)/2 * mss/
cc.c s/syn_lost ? mss : /0 ? mss : /
cc.c s/min_t(u64, (u64)segs \* mss, XTCP_SSTHRESH_INF)/segs * mss/
cc.c s/if (cc->route.clamp)/if (1)/
cc.c s/min_t(u32, cc->cwnd, in_bytes(cc->route.clamp, mss))/in_bytes(cc->route.clamp, mss)/
cc.c /xtcp_cc_start/,/^}/s/xtcp_cc_clamp(cc, mss);//
cc.c s/cc->route.initial ?/0 ?/
cc.c s/return XTCP_SSTHRESH_INF;/return 65535;/
cc.c s/if (!segs)/if (1)/
cc.c s/if (r->clamp)/if (0)/
cc.c /xtcp_cc_start/,/^}/s/cc->acked = 0;//
cc.c /xtcp_cc_start/,/^}/s/cc->cwnd_limited = false;//
cc.c /xtcp_cc_start/,/^}/s/cc->ops->init(cc, mss);/;/
cc.c /xtcp_cc_loss/,/^}/s/cc->cwnd = cc->ssthresh;//
cc.c /xtcp_cc_loss/,/^}/s/mss, flight)/mss, cc->cwnd)/
cc.c /xtcp_cc_loss/,/^}/s/cc->acked = 0;//
cc.c s/if (first)/if (1)/
cc.c /xtcp_cc_timeout/,/^}/s/cc->cwnd = mss;/cc->cwnd = 2 * mss;/
cc.c /xtcp_cc_timeout/,/^}/s/cc->acked = 0;//
cc.c s/cc->cwnd - cc->cwnd \/ 4/cc->cwnd/
cc.c /xtcp_cc_remember/,/^}/s/max_t(u32, cc->ssthresh, /(/
cc.c /xtcp_cc_idle/,/^}/s/xtcp_cc_remember(cc);//
cc.c /xtcp_cc_idle/,/^}/s/min_t(u32, cc->cwnd, xtcp_cc_restart_window(cc, mss))/xtcp_cc_restart_window(cc, mss)/
cc.c /xtcp_cc_idle/,/^}/s/min_t(u32, cc->cwnd, xtcp_cc_restart_window(cc, mss))/cc->cwnd/
cc.c /xtcp_cc_idle/,/^}/s/cc->acked = 0;//
cc.h s/cc->cwnd < cc->ssthresh/cc->cwnd > cc->ssthresh/
cc.h s/SSTHRESH_INF	0x7fffffffu/SSTHRESH_INF	0xffffu/
reno.c s/cc->after_timeout ? mss : 2 \* mss/cc->after_timeout ? mss : 3 * mss/
reno.c s/cc->after_timeout ? mss : 2 \* mss/cc->after_timeout ? 2 * mss : mss/
reno.c s/cc->after_timeout ? mss : 2 \* mss/mss/
reno.c s/cc->after_timeout ? mss : 2 \* mss/2 * mss/
cc.c /xtcp_cc_ecn/,/^}/s/min_t(u32, cc->cwnd, cwnd)/cwnd/
cc.c /xtcp_cc_ecn/,/^}/s/max_t(u32, cc->cwnd, 2 \* mss)/cc->cwnd/
cc.c /xtcp_cc_ecn/,/^}/s/cc->acked = 0;//
reno.c s/max_t(u32, flight \/ 2, mss)/flight/
reno.c s/max_t(u32, flight \/ 2, mss)/flight \/ 2/
ecn.c s/XTCP_IP_ECT1\] = 3/XTCP_IP_ECT1] = 4/
ecn.c s/XTCP_IP_CE\] = 6/XTCP_IP_CE] = 5/
ecn.c s/active ? policy\[setting\].out/active ? policy[setting].in/
ecn.c s/(seg->ae ? 4 : 0)/0/
ecn.c s/out->ae = bits >> 2;//
ecn.c s/want == XTCP_ECN_ACCURATE ? 2 : 1;/want == XTCP_ECN_ACCURATE ? 1 : 1;/
ecn.c s/if (e->syn_fallback || (fallback/if ((fallback/
ecn.c s/(fallback && retrans >= tries)/(retrans >= tries)/
ecn.c s/bits != XTCP_ECN_SYN_CLASSIC;/bits == XTCP_ECN_SYN_ACCURATE;/
ecn.c s/SYN_CLASSIC && seg->ecn == XTCP_IP_NOT_ECT)/SYN_CLASSIC)/
ecn.c /xtcp_ecn_rcv_syn_retrans/,/^}/s/return false;/break;/
ecn.c /xtcp_ecn_rcv_syn_retrans/,/^}/s/e->no_ect = 1;//
ecn.c s/fallback && retrans >= 2/fallback \&\& retrans >= 3/
ecn.c s/&& !e->syn_ack_ce)/)/
ecn.c s/if (!e->syn_fallback)/if (1)/
ecn.c s/|| bits == XTCP_ECN_SYN_ACCURATE)/)/
ecn.c s/e->no_ect = reports_mangling(bits);//
ecn.c s/e->ignore_feedback = 1;//
ecn.c s/e->skip_ace = 1;//
ecn.c s/now = now || !e->echo;/now = true;/
ecn.c /arrived_classic/,/^}/s/e->echo = 0;//
ecn.c s/e->r_cep += packets;/e->r_cep++, e->r_cep++;/
ecn.c s/turned || e->ce_unreported >= limit/turned/
ecn.c s/turned || e->ce_unreported >= limit/e->ce_unreported >= limit/
ecn.c s/e->cwr = 0;//
ecn.c s/e->r_cep & 7/e->s_cep \& 7/
ecn.c s/(fresh || e->all_ect) && !e->no_ect/(fresh || e->all_ect)/
ecn.c s/(fresh || e->all_ect) && !e->no_ect/fresh \&\& !e->no_ect/
ecn.c s/if (acked->segs > 7 &&/if (0 \&\&/
ecn.c s/&& e->acked_mean <= MANY)/)/
ecn.c s/acked_mean <= MANY/acked_mean < MANY/
ecn.c s/MANY			(4/MANY			(3/
ecn.c s/MANY			(4/MANY			(5/
ecn.c s/AVERAGE_WEIGHT		6/AVERAGE_WEIGHT		3/
ecn.c s/if (!e->acked_mean)/if (0)/
ecn.c s/else if (segs)/else/
ecn.c s/min_t(u32, segs, 0xffff >> AVERAGE_SHIFT)/segs/
ecn.c s/!has_progress(e, seg, acked) && !e->skip_ace/0/
ecn.c s/!has_progress(e, seg, acked) && !e->skip_ace/!has_progress(e, seg, acked)/
ecn.c s/return newer || acked->segs ||/return acked->segs ||/
ecn.c s/return newer || acked->segs ||/return newer ||/
ecn.c s/acked->segs || seq_after(seg->ack, acked->una)/acked->segs/
ecn.c s/e->tsval = seg->opt.tsval;$//
ecn.c s/seq_after(seg->opt.tsval, e->tsval)/1/
ecn.c s/seg->opt.has_ts && seq_after/seq_after/
ecn.c /xtcp_ecn_handshake_ack/,/^}/s/note_option(e, &seg->opt);//
ecn.c s/(e->opt_seen || e->opt_bad)/e->opt_seen/
ecn.c s/(e->opt_seen || e->opt_bad)/1/
ecn.c s/(!e->opt_off || level >= XTCP_ECN_OPTION_PERSIST)/1/
ecn.c s/(!e->opt_off || level >= XTCP_ECN_OPTION_PERSIST)/!e->opt_off/
ecn.c s/level >= XTCP_ECN_OPTION_ALWAYS && option_on/option_on/
ecn.c s/level >= XTCP_ECN_OPTION_ALWAYS && option_on(e, level)/level >= XTCP_ECN_OPTION_ALWAYS/
ecn.c /fields_needed/,/^}/s/return 3/return 2/
ecn.c /fields_needed/,/^}/s/return 2/return 1/
ecn.c /fields_needed/,/^}/s/return e->r.e1b != e->r_sent.e1b/return 0/
ecn.c s/n-- > needed;/n-- > 0;/
ecn.c s/SACK_BLOCKS_MIN		2/SACK_BLOCKS_MIN		1/
ecn.c s/SACK_BLOCKS_MIN		2/SACK_BLOCKS_MIN		3/
ecn.c s/opt->nsack = blocks;//
ecn.c /fit_option/,/^}/s/opt->accecn = 0;//
ecn.c /put_option/,/^}/s/e->r_sent = e->r;//
ecn.c /put_option/,/^}/s/e->r.e1b & FIELD_MASK/e->r.e0b \& FIELD_MASK/
ecn.c /put_option/,/^}/s/e->r.e1b & FIELD_MASK/e->r.e1b/
ecn.c s/ALWAYS || first || fields_needed(e)/ALWAYS || fields_needed(e)/
ecn.c s/ALWAYS || first || fields_needed(e)/ALWAYS || first/
ecn.c s/put_option(e, opt, space) && dup/dup/
ecn.c s/put_option(e, opt, space) && dup/put_option(e, opt, space)/
ecn.c s/if (same && e->opt_dup)/if (e->opt_dup)/
ecn.c s/if (same && e->opt_dup)/if (same)/
ecn.c s/ACCURATE && level > XTCP_ECN_OPTION_NEVER)/ACCURATE)/
ecn.c s/if (marked && e->s_cep == e->opt_cep)/if (0)/
ecn.c s/if (marked && e->s_cep == e->opt_cep)/if (marked \&\& !d)/
ecn.c s/u64)(before + d) \*/u64)d */
ecn.c s/d + 8 <= acked->segs &&/1 \&\&/
ecn.c s/e->opt_cep = e->s_cep;//
ecn.c s/!e->reduced_valid || seq_after(ack, e->reduced_seq)/1/
ecn.c s/seq_after(ack, e->reduced_seq)/seq_geq(ack, e->reduced_seq)/
ecn.c /reduction_undone(struct/,/^}/s/reduced_valid = 0/reduced_valid = 1/
ecn.c /reduction_undone(struct/,/^}/s/cwr = 0/cwr = 1/
ecn.c s/seq_before(una, e->reduced_seq)/seq_leq(una, e->reduced_seq)/
ecn.c s/e->reduced_valid && seq_after(acked->una, e->reduced_seq)/0/
ecn.c s/e->reduced_valid && seq_after(acked->una, e->reduced_seq)/seq_geq(acked->una, e->reduced_seq)/
ecn.h s/(e->r_cep & 2)/(e->r_cep \& 1)/
segment.c s/n = (len - LEN_ACCECN_BASE) \/ LEN_ACCECN_FIELD/n = 3/
segment.c s/EXID_FASTOPEN	0xf989/EXID_FASTOPEN	0xf988/
segment.c s/syn && len >= LEN_FASTOPEN + LEN_EXID &&/len >= LEN_FASTOPEN + LEN_EXID \&\&/
segment.c s/syn && len >= LEN_FASTOPEN + LEN_EXID &&/syn \&\&/
segment.c s/get16(body) == EXID_FASTOPEN/1/
segment.c s/parse_fastopen(body + LEN_EXID,/parse_fastopen(body,/
segment.c s/len - LEN_FASTOPEN - LEN_EXID, true/len - LEN_FASTOPEN, true/
segment.c s/fastopen_exp = exp/fastopen_exp = 0/
segment.c s/opt->fastopen_exp ? LEN_EXID : 0/0/
segment.c s/fastopen_exp ? OPT_EXPERIMENT : OPT_FASTOPEN/fastopen_exp ? OPT_FASTOPEN : OPT_FASTOPEN/
segment.c s/seg->ae = hdr\[12\] & 1;/seg->ae = 0;/
segment.c s/| (seg->ae & 1)//
reno.c s/grow = min_t(u32, grow, room);//
reno.c s/cc->acked += acked;/cc->acked += mss;/
reno.c s/if (cc->acked < cc->cwnd)/if (cc->acked <= cc->cwnd)/
reno.c s/cc->acked -= cc->cwnd;/cc->acked = 0;/
reno.c s/cc->acked = min_t(u32, cc->acked, cc->cwnd);//
reno.c s/cc->cwnd += mss;/cc->cwnd += 2 * mss;/
reno.c s/if (!cc->cwnd_limited)/if (0)/
reno.c s/min_t(u32, cc->cwnd, CWND_MAX)/cc->cwnd/
reno.c s/max_t(u32, flight \/ 2, 2 \* mss)/flight \/ 2/
reno.c s/max_t(u32, flight \/ 2, 2 \* mss)/max_t(u32, cc->cwnd \/ 2, 2 * mss)/
reno.c s/flight \/ 2/flight * 7 \/ 10/
reno.c s/2 \* mss);$/mss);/
rcvbuf.c s/< r->rtt8 >> 3)$/< r->rtt8)/
rcvbuf.c s/u32 ratio = (min_t/u32 ratio = 2 * (min_t/
rcvbuf.c s/max_t(u32, ratio, 1), U8_MAX)/ratio, U8_MAX)/
rcvbuf.c s/if (!r->rtt8 || rtt < r->rtt8 >> 3)/if (!r->rtt8)/
rcvbuf.c s/else if (smooth)/else/
rcvbuf.c s/ticks(now) ?: 1/ticks(now)/
rcvbuf.c s/return 2 \* max_t(u32, len, mss)/return 2 * len/
rcvbuf.c s/if (r->ssthresh > largest)/if (r->ssthresh >= largest)/
rcvbuf.c s/if (copied > r->space)/if (copied >= 2 * r->space)/
rcvbuf.c s/copied > wait ? copied - wait : 0/copied/
rcvbuf.c s/window = 2 \* copied + 16/window = copied + 16/
rcvbuf.c s/window \* grown >> 3/window * grown >> 4/
rcvbuf.c s/r->space = copied;/;/
rcvbuf.c s/	r->seq = copied_seq;/	;/
window.c s/if (bound > XTCP_MSS_DEFAULT_V4)/if (1)/
window.c s/if (bound <= 1)/if (!bound)/
window.c s/max_t(u32, bound, least)/bound/
window.c s/if (tcb->snd_mss < tcb->path_mss)/if (0)/
END
	# For each row of the state table: remove it, change its next state, add or
	# remove the action RST.
	grep -n '^ROW(' "$core/fsm_table.h" | cut -d: -f1 | while read -r line; do
		printf '%s\n' "fsm_table.h ${line}d" \
			"fsm_table.h ${line}s/, ESTABLISHED,/, LISTEN,/;t;${line}s/^\([^,]*, [^,]*, \)[A-Z0-9_]*,/\1ESTABLISHED,/" \
			"fsm_table.h ${line}s/, \([^,]*\), \"/, (\1) ^ RST, \"/"
	done
}

# run_tests DIR - print the tests that fail or crash, one per line
run_tests() {
	for prog in $order; do
		make -s -C "$here" CORE="$1/core" OUTPUT="$1/out" \
			EXTRA_CFLAGS=-w "$1/out/$prog" >"$1/log" 2>&1 || {
			echo "BUILD $prog"
			return
		}
		timeout 60 "$1/out/$prog" >"$1/log" 2>&1
		code=$?
		sed -n "s/^not ok [0-9]* /$prog /p" "$1/log"
		# a sanitizer stops a program before the end of its plan
		[ $code -le 1 ] && [ "$(grep -c '^ok\|^not ok' "$1/log")" = \
			"$(sed -n 's/^1\.\.//p' "$1/log")" ] || {
			echo "$prog ended with $code"
			return
		}
		if [ -n "$stop_early" ] && sed -n "s/^not ok [0-9]* /$prog /p" \
			"$1/log" | grep -qvxF -f "$tmp/baseline"; then
			return
		fi
	done
}

# worker NUMBER - test every JOBSth mutation, in a tree of its own
worker() {
	dir=$tmp/worker$1
	mkdir -p "$dir/core" "$dir/out"
	cp "$core"/*.[ch] "$dir/core/"
	order=$all
	stop_early=
	run_tests "$dir" >/dev/null
	stop_early=y
	awk -v n="$1" -v jobs="$jobs" 'NR % jobs == n' "$tmp/list" |
	while read -r file expr; do
		cp "$dir/core/$file" "$dir/kept"
		sed -i "$expr" "$dir/core/$file"
		base=${file%.*}
		[ "$base" = reno ] && base=cc
		[ "$base" = fsm_table ] && base=fsm
		order="test_$base $(echo "$all" | sed "s/test_$base\$//; s/test_$base //")"
		if cmp -s "$dir/core/$file" "$dir/kept"; then
			printf '%s\n' "STALE $file $expr"
		else
			run_tests "$dir" >"$dir/failed"
			new=$(grep -vxF -f "$tmp/baseline" "$dir/failed" |
			      head -1)
			case $new in
			"") printf '%s\n' "SURVIVED $file $expr" ;;
			BUILD*) printf '%s\n' "STALE (no build) $file $expr" ;;
			*) printf '%s\n' "killed $file $expr  [$new]" ;;
			esac
		fi
		cp "$dir/kept" "$dir/core/$file"
	done
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
# test_timer does not test core/
all=$(cd "$here" && echo test_*.c | sed 's/\.c//g; s/ test_timer//')" fuzz_segment"
export MAKEFLAGS= MAKELEVEL=

mutations | grep "^${only:-.*} " >"$tmp/list" || exit 2
if [ -n "$stale" ]; then
	while read -r file expr; do
		sed "$expr" "$core/$file" | cmp -s - "$core/$file" || continue
		echo "STALE $file $expr"
	done <"$tmp/list" >"$tmp/stale"
	cat "$tmp/stale"
	echo "$(wc -l <"$tmp/stale") of $(wc -l <"$tmp/list") mutations change nothing"
	[ ! -s "$tmp/stale" ]
	exit
fi
mkdir -p "$tmp/base/out"
ln -s "$(cd "$core" && pwd)" "$tmp/base/core"
order=$all
stop_early=
echo " " >"$tmp/baseline"
run_tests "$tmp/base" >>"$tmp/baseline"
sed -n 's/^\([a-z].*\)/# fails without any mutation: \1/p' "$tmp/baseline"

i=0
while [ $i -lt "$jobs" ]; do
	worker $i >"$tmp/result$i" &
	i=$((i + 1))
done
wait
sort "$tmp"/result* | grep -v '^killed' || :
if [ -n "${VERBOSE-}" ]; then
	sort "$tmp"/result* | grep '^killed' || :
fi
killed=$(cat "$tmp"/result* | grep -c '^killed' || :)
total=$(wc -l <"$tmp/list")
echo "$killed of $total mutations killed"
[ "$killed" -eq "$total" ]
