/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Transmission Control Block: the variables of a connection, with the names
 * that the RFCs give them. It does not depend on sockets or packet buffers.
 */
#ifndef XTCP_CORE_TCB_H
#define XTCP_CORE_TCB_H

#include "cc.h"
#include "ecn.h"
#include "pmtud.h"
#include "prr.h"
#include "rack.h"
#include "rate.h"
#include "rtt.h"
#include "segment.h"
#include "seq.h"
#include "tlp.h"
#include "usage.h"

/* RFC 9293 3.7.1 (MUST-15): MSS of a peer that sends no MSS option, bytes. */
#define XTCP_MSS_DEFAULT_V4	536
#define XTCP_MSS_DEFAULT_V6	1220

/*
 * Default of the sysctl min_snd_mss, bytes: the lower limit of a full segment,
 * whatever MSS the peer sends (CVE-2019-11479).
 */
#define XTCP_MSS_MIN		48

/* RFC 7323 5.5: TS.Recent becomes invalid after this time, seconds. */
#define XTCP_PAWS_IDLE		(24 * 24 * 60 * 60)

/**
 * enum xtcp_recovery - state of loss recovery
 * @XTCP_REC_OPEN: no loss is suspected
 * @XTCP_REC_DISORDER: duplicate ACKs or SACKs arrived, too few to act on
 * @XTCP_REC_FAST: fast recovery, until xtcp_tcb.recover is acknowledged
 * @XTCP_REC_LOSS: after a timeout, until xtcp_tcb.recover is acknowledged
 */
enum xtcp_recovery {
	XTCP_REC_OPEN,
	XTCP_REC_DISORDER,
	XTCP_REC_FAST,
	XTCP_REC_LOSS,
};

/* Maximum of xtcp_tcb.acked, bytes: larger than any window. */
#define XTCP_ACKED_MAX	0x40000000U

/**
 * struct xtcp_tcb - the variables of one connection
 * @iss: initial send sequence number
 * @snd_una: oldest unacknowledged sequence number
 * @snd_nxt: next sequence number to be sent
 * @snd_wnd: the peer's window, bytes, from @snd_una on
 * @snd_wl1: SEG.SEQ of the last window update
 * @snd_wl2: SEG.ACK of the last window update
 * @max_snd_wnd: largest window of the peer so far, bytes (RFC 5961 5.2, RFC
 *	9293 3.8.6.2.1)
 * @peer_buf: estimate of the peer's buffer, bytes: its largest window since the
 *	SWS override timer last expired; 0: the estimate is @max_snd_wnd
 * @acked: bytes acknowledged since the handshake, at most XTCP_ACKED_MAX
 * @write_seq: sequence number after the last queued byte or queued FIN
 * @snd_up: sequence number after the last urgent byte
 * @snd_sml: sequence number after the last small segment sent (Nagle, RFC 9293
 *	A.3)
 * @irs: initial receive sequence number
 * @rcv_nxt: next sequence number expected
 * @rcv_adv: right edge of the largest window advertised; never moves back
 * @rcv_shrunk: bytes by which the window advertised last ends before @rcv_adv; 0
 *	unless memory is short (@rcv_nomem) or the sysctl shrink_window is set
 * @last_ack_sent: Last.ACK.sent (RFC 7323 4.3)
 * @rcv_up: sequence number after the last urgent byte received
 * @ts_recent: TS.Recent (RFC 7323 4.3)
 * @ts_recent_stamp: when @ts_recent was set, seconds of a monotonic clock
 * @ts_offset: added to our timestamp clock, ms, so that the clock does not
 *	identify this host
 * @ts_syn: TSval of our first SYN: the lowest TSecr that is valid in SYN-SENT;
 *	child of a listener: that of the first SYN-ACK
 * @round_end: SND.NXT when the current round trip began
 * @recover: the recovery point (RFC 6582 3.2, recover)
 * @sacked_out: bytes SACKed; without SACK, @snd_mss per duplicate ACK
 * @sacked_segs: segments SACKed
 * @lost_out: bytes considered lost and not SACKed
 * @lost: bytes considered lost so far, modulo 2^32
 * @retrans_out: bytes retransmitted and not yet acknowledged
 * @dupacks: consecutive duplicate ACKs (RFC 5681 2), 0 to 255
 * @dup_nxt: SND.NXT when the first of them arrived
 * @recovery: enum xtcp_recovery
 * @mtu_recover: with @mtu_repair, sequence number after the last segment that
 *	was lost because of its size
 * @mtu_repair: fast recovery retransmits segments that were too large for the
 *	path. This is no congestion, unless a segment at or after @mtu_recover
 *	is lost, too
 * @snd_mss: payload of a full segment, bytes: @path_mss, bounded by the peer's
 *	window (xtcp_bound_to_window())
 * @path_mss: limit of the peer's MSS and of the path, bytes, less the options of
 *	each segment: timestamps, AccECN
 * @peer_mss: the peer's MSS: from its option, or the default, bytes
 * @adv_mss: the MSS that we announced, bytes
 * @rcv_mss: estimated payload of the peer's full segments, bytes
 * @snd_wscale: shift of the peer's windows, 0 to 14
 * @rcv_wscale: shift of our windows, 0 to 14
 * @wscale_ok: both sides sent the window scale option
 * @ts_ok: both sides sent timestamps in their SYN
 * @sack_ok: both sides permit SACK
 * @rcv_nomem: data was dropped for lack of memory: the next window is 0
 * @urg_out: urgent data is queued or unacknowledged
 * @nagle_off: TCP_NODELAY
 * @corked: TCP_CORK or MSG_MORE: only full segments
 * @dsack: a duplicate to report in the next ACK (RFC 2883); none if empty
 * @pmtud: path MTU discovery
 * @rtt: the round-trip estimator
 * @rack: loss detection by time; only with SACK
 * @rate: the delivery rate
 * @tlp: the probe for losses at the end of a flight; only with SACK
 * @prr: cwnd during fast recovery
 * @undo: undo of the last reduction of cwnd
 * @frto: detection of a spurious timeout
 * @cc: congestion control
 * @usage: use of cwnd
 * @ecn: ECN
 */
struct xtcp_tcb {
	u32 snd_una;
	u32 snd_nxt;
	u32 snd_wnd;
	u32 snd_wl1;
	u32 snd_wl2;
	u32 max_snd_wnd;
	u32 peer_buf;
	u32 acked;
	u32 write_seq;
	u32 snd_up;
	u32 snd_sml;

	u32 rcv_nxt;
	u32 rcv_adv;
	u32 rcv_shrunk;
	u32 last_ack_sent;
	u32 rcv_up;

	u32 ts_recent;
	u32 ts_recent_stamp;
	u32 ts_offset;
	u32 ts_syn;

	u32 round_end;
	u32 recover;
	u32 sacked_out;
	u32 sacked_segs;
	u32 lost_out;
	u32 lost;
	u32 retrans_out;
	u32 dup_nxt;
	u32 mtu_recover;
	u8 dupacks;
	u8 recovery;

	u16 snd_mss;
	u16 path_mss;
	u16 peer_mss;
	u16 adv_mss;
	u16 rcv_mss;
	u8 snd_wscale;
	u8 rcv_wscale;
	u8 wscale_ok:1;
	u8 ts_ok:1;
	u8 sack_ok:1;
	u8 rcv_nomem:1;
	u8 urg_out:1;
	u8 mtu_repair:1;
	u8 nagle_off:1;
	u8 corked:1;

	struct xtcp_sack_block dsack;
	struct xtcp_pmtud pmtud;
	struct xtcp_rtt rtt;
	struct xtcp_rack rack;
	struct xtcp_rate rate;
	struct xtcp_tlp tlp;
	struct xtcp_prr prr;
	struct xtcp_undo undo;
	struct xtcp_frto frto;
	struct xtcp_cc cc;
	struct xtcp_usage usage;
	struct xtcp_ecn ecn;
	u32 iss;
	u32 irs;
};

/**
 * xtcp_rcv_wnd() - RCV.WND: the rest of the largest window advertised
 * @tcb: the connection
 *
 * Data up to this edge is acceptable, also after a smaller window was
 * advertised: it was sent before the peer knew of that.
 *
 * Return: bytes from RCV.NXT to the right edge.
 */
static inline u32 xtcp_rcv_wnd(const struct xtcp_tcb *tcb)
{
	s32 wnd = tcb->rcv_adv - tcb->rcv_nxt;

	return wnd > 0 ? wnd : 0;
}

/**
 * xtcp_said_wnd() - the rest of the window advertised last
 * @tcb: the connection
 *
 * It is RCV.WND unless the window was shrunk.
 *
 * Return: bytes from RCV.NXT to the right edge.
 */
static inline u32 xtcp_said_wnd(const struct xtcp_tcb *tcb)
{
	s32 wnd = tcb->rcv_adv - tcb->rcv_shrunk - tcb->rcv_nxt;

	return wnd > 0 ? wnd : 0;
}

/**
 * xtcp_oldest_ack() - the lowest acceptable SEG.ACK
 * @tcb: the connection
 *
 * RFC 5961 5.2: SND.UNA - MAX.SND.WND, but not before the first byte of data: a
 * lower SEG.ACK acknowledges data that was never sent.
 *
 * Return: a sequence number.
 */
static inline u32 xtcp_oldest_ack(const struct xtcp_tcb *tcb)
{
	return tcb->snd_una - min_t(u32, tcb->max_snd_wnd, tcb->acked);
}

/**
 * xtcp_flight() - FlightSize: sent and not acknowledged
 * @tcb: the connection
 *
 * Return: sequence numbers, SYN and FIN counted (RFC 5681 2).
 */
static inline u32 xtcp_flight(const struct xtcp_tcb *tcb)
{
	return tcb->snd_nxt - tcb->snd_una;
}

/**
 * xtcp_pipe() - estimate of the data in the network
 * @tcb: the connection
 *
 * Return: sequence numbers (RFC 6675 4, SetPipe()).
 */
static inline u32 xtcp_pipe(const struct xtcp_tcb *tcb)
{
	s32 pipe = xtcp_flight(tcb) - tcb->sacked_out - tcb->lost_out +
		   tcb->retrans_out;

	return pipe > 0 ? pipe : 0;
}

void xtcp_tcb_start_send(struct xtcp_tcb *tcb, u32 seq);
void xtcp_tcb_start_receive(struct xtcp_tcb *tcb, u32 seq, u32 wnd);

#endif /* XTCP_CORE_TCB_H */
