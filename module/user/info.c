// SPDX-License-Identifier: GPL-2.0
/*
 * TCP_INFO: the state of a connection, with the fields and units of the kernel's
 * TCP.
 */
#include <linux/tcp.h>
#include <net/tcp.h>

#include "conn/conn.h"
#include "info.h"

/* Options are agreed once both SYNs have arrived. */
static u8 info_options(const struct sock *sk)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	const struct xtcp_tcb *tcb = &xs->tcb;
	u8 syn_data = xs->fo.data_acked ? TCPI_OPT_SYN_DATA : 0;

	if (sk->sk_state == TCP_SYN_SENT)
		return syn_data;
	return syn_data |
	       (tcb->ts_ok ? TCPI_OPT_TIMESTAMPS : 0) |
	       (tcb->sack_ok ? TCPI_OPT_SACK : 0) |
	       (tcb->wscale_ok ? TCPI_OPT_WSCALE : 0) |
	       (tcb->ecn.mode ? TCPI_OPT_ECN : 0) |
	       (tcb->ecn.seen ? TCPI_OPT_ECN_SEEN : 0);
}

static u8 info_ca_state(const struct xtcp_tcb *tcb)
{
	switch (tcb->recovery) {
	case XTCP_REC_DISORDER:
		return TCP_CA_Disorder;
	case XTCP_REC_FAST:
		return TCP_CA_Recovery;
	case XTCP_REC_LOSS:
		return TCP_CA_Loss;
	default:
		return TCP_CA_Open;
	}
}

static u32 ms_since(u64 now, u64 then)
{
	return then ? div_u64(now - then, NSEC_PER_MSEC) : 0;
}

/* ~0 means no limit, also where a long has 32 bits. */
static u64 info_rate(unsigned long rate)
{
	return rate == ~0UL ? ~0ULL : rate;
}

/* Fields that also a listener has. */
static void info_all_states(const struct sock *sk, struct tcp_info *info)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	const struct xtcp_cc *cc = &xs->tcb.cc;
	u32 thresh = xtcp_reordering(sk);

	info->tcpi_state = sk->sk_state;
	info->tcpi_pacing_rate = info_rate(READ_ONCE(sk->sk_pacing_rate));
	info->tcpi_max_pacing_rate =
		info_rate(READ_ONCE(sk->sk_max_pacing_rate));
	info->tcpi_reordering = max(thresh, xs->reordering);
	info->tcpi_snd_cwnd = max_t(u32, 1, cc->cwnd / xs->tcb.snd_mss);
}

static void info_listener(const struct sock *sk, struct tcp_info *info)
{
	info->tcpi_unacked = READ_ONCE(sk->sk_ack_backlog);
	info->tcpi_sacked = READ_ONCE(sk->sk_max_ack_backlog);
}

/*
 * Count the segments of the write queue that were sent. Only their lengths are
 * counted as they change, but segments may be small.
 */
static void info_segments(const struct sock *sk, struct tcp_info *info)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	const struct xtcp_tcb *tcb = &xs->tcb;
	struct sk_buff *skb;
	int i;

	for (i = 0; i < XTCP_SENT_TREES; i++) {
		skb = skb_rb_first(&xs->sent[i]);
		for (; skb; skb = skb_rb_next(skb)) {
			u8 marks = XTCP_CB(skb)->marks;
			u32 n = xtcp_segments(skb);

			info->tcpi_unacked += n;
			info->tcpi_sacked += marks & XTCP_MARK_SACKED ? n : 0;
			info->tcpi_lost += marks & XTCP_MARK_LOST ? n : 0;
			info->tcpi_retrans += marks & XTCP_MARK_RETRANS ? n : 0;
		}
	}
	/* Duplicate ACKs. */
	if (!tcb->sack_ok)
		info->tcpi_sacked = DIV_ROUND_UP(tcb->sacked_out, tcb->snd_mss);
}

/* Retransmission: its timer, the round-trip time, and what was retransmitted. */
static void info_retransmission(const struct sock *sk, struct tcp_info *info,
				u64 now)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	const struct xtcp_rtt *rtt = &xs->tcb.rtt;
	u64 recovery = xs->rto_since ? now - xs->rto_since : 0;

	info->tcpi_ca_state = info_ca_state(&xs->tcb);
	info->tcpi_retransmits = min_t(u32, xs->retransmits, U8_MAX);
	info->tcpi_probes = min_t(u32, xs->probes_out, U8_MAX);
	info->tcpi_backoff = min_t(u32, rtt->backoff + rtt->probes, U8_MAX);
	info->tcpi_rto = xtcp_rtt_rto(rtt);
	info->tcpi_rtt = xtcp_rtt_srtt(rtt);
	info->tcpi_rttvar = rtt->rttvar4 >> 2;
	info->tcpi_min_rtt = rtt->min;
	info->tcpi_total_retrans = xs->total_retrans;
	info->tcpi_bytes_retrans = xs->bytes_retrans;
	info->tcpi_dsack_dups = xs->dsack_dups;
	info->tcpi_reord_seen = xs->reord_seen;
	xtcp_info_timeouts(info, xs->total_rto, xs->rto_recoveries,
			   div_u64(xs->rto_time + recovery, NSEC_PER_MSEC));
}

static void info_sender(const struct sock *sk, struct tcp_info *info, u64 now)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	const struct xtcp_tcb *tcb = &xs->tcb;
	u32 ssthresh = tcb->cc.ssthresh;

	info->tcpi_snd_mss = tcb->snd_mss;
	info->tcpi_snd_wnd = tcb->snd_wnd;
	info->tcpi_snd_ssthresh = ssthresh == XTCP_SSTHRESH_INF ?
				  ssthresh : ssthresh / tcb->snd_mss;
	info->tcpi_last_data_sent = ms_since(now, xs->last_sent);
	info->tcpi_pmtu = xs->pmtu;
	info->tcpi_bytes_acked = xs->bytes_acked;
	info->tcpi_bytes_sent = xs->bytes_sent;
	info->tcpi_notsent_bytes = tcb->write_seq - tcb->snd_nxt;
	info->tcpi_segs_out = xs->segs_out;
	info->tcpi_data_segs_out = xs->data_segs_out;
	info->tcpi_delivered = xs->delivered;
	info->tcpi_delivered_ce = tcb->rate.delivered_ce;
	info->tcpi_delivery_rate = xtcp_rate_bytes_per_sec(&tcb->rate);
	info->tcpi_delivery_rate_app_limited = tcb->rate.best_app_limited;
}

static u64 limited_us(const struct xtcp_sock *xs, enum xtcp_limit limit,
		      u64 now)
{
	return div_u64(xtcp_chrono_spent(&xs->chrono, limit, now),
		       NSEC_PER_USEC);
}

static void info_limits(const struct sock *sk, struct tcp_info *info, u64 now)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);

	info->tcpi_rwnd_limited = limited_us(xs, XTCP_LIMIT_RWND, now);
	info->tcpi_sndbuf_limited = limited_us(xs, XTCP_LIMIT_SNDBUF, now);
	info->tcpi_busy_time = limited_us(xs, XTCP_LIMIT_NETWORK, now) +
			       info->tcpi_rwnd_limited +
			       info->tcpi_sndbuf_limited;
}

static void info_receiver(const struct sock *sk, struct tcp_info *info, u64 now)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	const struct xtcp_tcb *tcb = &xs->tcb;

	info->tcpi_ato = xs->ato.delay / NSEC_PER_USEC;
	info->tcpi_rcv_mss = tcb->rcv_mss;
	info->tcpi_advmss = tcb->adv_mss -
			    (info->tcpi_options & TCPI_OPT_TIMESTAMPS ?
			     XTCP_OPT_TS_LEN : 0);
	info->tcpi_last_data_recv = ms_since(now, xs->last_rcv);
	info->tcpi_last_ack_recv = ms_since(now, xs->last_heard);
	info->tcpi_rcv_rtt = div_u64((u64)xs->rcvbuf.rtt8 << XTCP_RCVBUF_TICK,
				     8 * NSEC_PER_USEC);
	info->tcpi_rcv_ssthresh = xs->rcvbuf.ssthresh;
	info->tcpi_rcv_space = xs->rcvbuf.space;
	info->tcpi_bytes_received = xs->bytes_received;
	info->tcpi_segs_in = xs->segs_in;
	info->tcpi_data_segs_in = xs->data_segs_in;
	info->tcpi_rcv_ooopack = xs->rcv_ooopack;
	/* As it was advertised: from the last ACK on. */
	xtcp_info_path(info, tcb->rcv_adv - tcb->rcv_shrunk -
		       tcb->last_ack_sent, xs->rehash);
}

static void fill_info(struct sock *sk, struct tcp_info *info)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	u64 now = ktime_get_ns();

	memset(info, 0, sizeof(*info));
	info_all_states(sk, info);
	if (sk->sk_state == TCP_LISTEN) {
		info_listener(sk, info);
		return;
	}
	info->tcpi_options = info_options(sk);
	info->tcpi_fastopen_client_fail = xs->fo.fail;
	if (info->tcpi_options & TCPI_OPT_WSCALE) {
		info->tcpi_snd_wscale = xs->tcb.snd_wscale;
		info->tcpi_rcv_wscale = xs->tcb.rcv_wscale;
	}
	info_segments(sk, info);
	info_retransmission(sk, info, now);
	info_sender(sk, info, now);
	info_limits(sk, info, now);
	info_receiver(sk, info, now);
}

/**
 * xtcp_info_get() - getsockopt(TCP_INFO)
 * @sk: the socket
 * @val: buffer for struct tcp_info
 * @optlen: out: bytes written
 * @len: bytes at @val
 *
 * The structure is cut to @len bytes. It has the fields of the kernel that the
 * module is built for.
 *
 * Context: process; takes the socket lock.
 * Return: 0 or -EFAULT.
 */
int xtcp_info_get(struct sock *sk, char __user *val, int __user *optlen,
		  int len)
{
	struct tcp_info info;

	lock_sock(sk);
	fill_info(sk, &info);
	release_sock(sk);
	len = min_t(unsigned int, len, sizeof(info));
	if (put_user(len, optlen) || copy_to_user(val, &info, len))
		return -EFAULT;
	return 0;
}
