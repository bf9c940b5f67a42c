/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The Transmission Control Block: all that the RFCs say a connection keeps,
 * under the names they give it. Nothing here knows of sockets or packets.
 */
#ifndef XTCP_CORE_TCB_H
#define XTCP_CORE_TCB_H

#include "cc.h"
#include "ecn.h"
#include "pmtud.h"
#include "rtt.h"
#include "segment.h"
#include "seq.h"

/* RFC 9293 3.7.1 (MUST-15): what a peer takes that does not say. */
#define XTCP_MSS_DEFAULT_V4	536
#define XTCP_MSS_DEFAULT_V6	1220

/* A peer that asks for less gets this much all the same (MS-2), bytes. */
#define XTCP_MSS_MIN		48

/* RFC 7323 5.5: after this TS.Recent means nothing any more, seconds. */
#define XTCP_PAWS_IDLE		(24 * 24 * 60 * 60)

/**
 * enum xtcp_recovery - where the sender is in repairing losses
 * @XTCP_REC_OPEN: nothing is amiss
 * @XTCP_REC_DISORDER: duplicate ACKs or SACKs came, not enough to act on
 * @XTCP_REC_FAST: fast recovery, until @recover is acknowledged
 * @XTCP_REC_LOSS: after a timeout, until @recover is acknowledged
 */
enum xtcp_recovery {
	XTCP_REC_OPEN,
	XTCP_REC_DISORDER,
	XTCP_REC_FAST,
	XTCP_REC_LOSS,
};

/* More than any window: what of the acknowledged bytes is worth counting. */
#define XTCP_ACKED_MAX	0x40000000U

/**
 * struct xtcp_tcb - the variables of one connection
 * @iss: initial send sequence number
 * @snd_una: oldest unacknowledged sequence number
 * @snd_nxt: next sequence number to be sent
 * @snd_wnd: the peer's window, bytes, from @snd_una on
 * @snd_wl1: SEG.SEQ of the last window update
 * @snd_wl2: SEG.ACK of the last window update
 * @max_snd_wnd: largest window the peer ever gave (RFC 5961 5.2, 3.8.6.2.1)
 * @peer_buf: the largest since it stayed so small that a timer had to overrule
 *	silly window avoidance, bytes; 0: that is @max_snd_wnd
 * @acked: bytes acknowledged since the handshake, XTCP_ACKED_MAX at most
 * @write_seq: the number after the last queued byte, a queued FIN included
 * @snd_up: the number after the last urgent byte
 * @snd_sml: the number after the last small segment sent (Nagle, RFC 9293 A.3)
 * @irs: initial receive sequence number
 * @rcv_nxt: next sequence number expected
 * @rcv_adv: right edge of the window as advertised; never moves back
 * @last_ack_sent: Last.ACK.sent (RFC 7323 4.3)
 * @rcv_up: the number after the last urgent byte received
 * @ts_recent: TS.Recent (RFC 7323 4.3)
 * @ts_recent_stamp: when @ts_recent was taken, seconds of a monotonic clock
 * @ts_offset: added to our clock, so that hosts cannot be told apart by it
 * @ts_syn: TSval of our first SYN, while no answer has come
 * @recover: the recovery point (RFC 6582, RFC 6675)
 * @sacked_out: bytes SACKed, or one mss for each duplicate ACK without SACK
 * @lost_out: bytes taken for lost and not SACKed
 * @retrans_out: bytes sent again and not yet acknowledged
 * @dupacks: duplicate ACKs in a row (CC-8)
 * @dup_nxt: SND.NXT when the first of them came
 * @recovery: enum xtcp_recovery
 * @mtu_recover: with @mtu_repair, the number after the last segment that was
 *	lost for its size
 * @mtu_repair: what fast recovery repairs was too large for the path: no sign
 *	of congestion, as long as nothing behind @mtu_recover is lost too
 * @snd_mss: payload of a full segment now, bytes: options and path counted, and
 *	small enough for the peer's window (xtcp_bound_to_window())
 * @path_mss: the same without a look at the window
 * @peer_mss: what the peer takes: its MSS option, or the default
 * @adv_mss: what we told the peer
 * @rcv_mss: size of the segments that come, an estimate, bytes
 * @snd_wscale: shift for windows that come in, 0 to 14
 * @rcv_wscale: shift for windows that go out, 0 to 14
 * @wscale_ok: both sides sent the window scale option
 * @ts_ok: both sides sent timestamps in their SYN
 * @sack_ok: both sides permit SACK
 * @urg_out: urgent data is queued or unacknowledged
 * @nagle_off: TCP_NODELAY
 * @corked: TCP_CORK or MSG_MORE: only full segments
 * @dsack: a duplicate to report in the next ACK (RFC 2883); none if empty
 * @pmtud: what the path is known to take
 * @rtt: the round-trip estimator
 * @cc: congestion control
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
	u32 last_ack_sent;
	u32 rcv_up;

	u32 ts_recent;
	u32 ts_recent_stamp;
	u32 ts_offset;
	u32 ts_syn;

	u32 recover;
	u32 sacked_out;
	u32 lost_out;
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
	u8 urg_out:1;
	u8 mtu_repair:1;
	u8 nagle_off:1;
	u8 corked:1;

	struct xtcp_sack_block dsack;
	struct xtcp_pmtud pmtud;
	struct xtcp_rtt rtt;
	struct xtcp_cc cc;
	struct xtcp_ecn ecn;
	u32 iss;
	u32 irs;
};

/**
 * xtcp_rcv_wnd() - RCV.WND: what is left of the window we advertised
 * @tcb: the connection
 *
 * Return: bytes from RCV.NXT to the advertised right edge.
 */
static inline u32 xtcp_rcv_wnd(const struct xtcp_tcb *tcb)
{
	s32 wnd = tcb->rcv_adv - tcb->rcv_nxt;

	return wnd > 0 ? wnd : 0;
}

/**
 * xtcp_oldest_ack() - how old an ACK may be
 * @tcb: the connection
 *
 * RFC 5961 5.2 lets it be MAX.SND.WND before SND.UNA. What lies before the first
 * byte was never sent, so nobody but a guesser acknowledges it.
 *
 * Return: a sequence number.
 */
static inline u32 xtcp_oldest_ack(const struct xtcp_tcb *tcb)
{
	return tcb->snd_una - min_t(u32, tcb->max_snd_wnd, tcb->acked);
}

/**
 * xtcp_flight() - FlightSize: what is sent and not acknowledged
 * @tcb: the connection
 *
 * Return: sequence numbers, SYN and FIN counted (RFC 5681 2).
 */
static inline u32 xtcp_flight(const struct xtcp_tcb *tcb)
{
	return tcb->snd_nxt - tcb->snd_una;
}

/**
 * xtcp_pipe() - what is still in the network, as far as we can tell
 * @tcb: the connection
 *
 * Return: bytes (RFC 6675 2, SetPipe).
 */
static inline u32 xtcp_pipe(const struct xtcp_tcb *tcb)
{
	s32 pipe = xtcp_flight(tcb) - tcb->sacked_out - tcb->lost_out +
		   tcb->retrans_out;

	return pipe > 0 ? pipe : 0;
}

#endif /* XTCP_CORE_TCB_H */
