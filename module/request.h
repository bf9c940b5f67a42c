/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A request: a connection in SYN-RECEIVED that a listener got (passive open).
 * It is small, for anybody can make us keep one, and becomes a socket with the
 * ACK that completes the handshake.
 */
#ifndef XTCP_REQUEST_H
#define XTCP_REQUEST_H

#include "sock.h"

/**
 * struct xtcp_request - SYN-RECEIVED, passive
 * @c: addresses and place in the connection table; must be first
 * @listener: the socket that listens, a reference
 * @node: on xtcp_listener.requests, under its lock
 * @timer: retransmits the SYN-ACK
 * @lock: protects @timer and what follows against two segments at once
 * @dst: route of the SYN-ACK, and then of the connection
 * @af: IPv4 or IPv6
 * @sent: when the SYN-ACK was last sent, ns; 0 if nobody remembers (@cookie)
 * @last_oow: when an out-of-window segment was last answered, ns
 * @iss: our initial sequence number
 * @irs: the peer's
 * @rcv_wnd: the window our SYN-ACK offers, bytes
 * @snd_wnd: the window the SYN offered, bytes
 * @ts_recent: TSval of the SYN
 * @ts_offset: offset of our timestamp clock
 * @mark: SO_MARK for what we send
 * @hash: of the flow, for what we send; the child's, too
 * @secid: the label that a security module gave it
 * @label: the IPv6 flow label that the peer uses, if it is to be returned; 0 for
 *	an automatic one
 * @peer_mss: the MSS option of the SYN, or the default
 * @adv_mss: what our SYN-ACK says
 * @uto: the user timeout option of the SYN, 0 (which says nothing) if none
 * @snd_wscale: as in struct xtcp_tcb
 * @rcv_wscale: as in struct xtcp_tcb
 * @retrans: SYN-ACKs retransmitted by the timer
 * @timeouts: how often the timer fired, which sets its back-off
 * @wscale_ok: both sides scale
 * @ts_ok: both sides use timestamps
 * @sack_ok: both sides use SACK
 * @acked: the handshake is complete, but TCP_DEFER_ACCEPT waits for data
 * @cookie: it only lives while its SYN, or the ACK of its SYN-ACK, is processed
 * @ecn: what is agreed on of ECN, for the child
 * @period: xtcp_listener.period that its SYN came in
 * @iif: the interface the SYN came in by, for link-local addresses
 */
struct xtcp_request {
	struct sock_common c;
	struct sock *listener;
	struct list_head node;
	struct xtcp_timer timer;
	spinlock_t lock;
	struct dst_entry *dst;
	const struct xtcp_af *af;
	u64 sent;
	u64 last_oow;
	u32 iss;
	u32 irs;
	u32 rcv_wnd;
	u32 snd_wnd;
	u32 ts_recent;
	u32 ts_offset;
	u32 mark;
	u32 period;
	u32 hash;
	u32 secid;
	__be32 label;
	int iif;
	u16 peer_mss;
	u16 adv_mss;
	u16 uto;
	u8 snd_wscale;
	u8 rcv_wscale;
	u8 retrans;
	u8 timeouts;
	u8 wscale_ok:1;
	u8 ts_ok:1;
	u8 sack_ok:1;
	u8 acked:1;
	u8 cookie:1;
	struct xtcp_ecn ecn;
};

static inline struct xtcp_request *xtcp_rq(struct sock *sk)
{
	return (struct xtcp_request *)sk;
}

int xtcp_request_init(void);
void xtcp_request_exit(void);
void xtcp_request_put(struct xtcp_request *rq);
void xtcp_request_drop(struct xtcp_request *rq, u8 event);
bool xtcp_request_new(struct sock *listener, struct sk_buff *skb,
		      const struct xtcp_tuple *t,
		      const struct xtcp_segment *seg, u32 iss);
bool xtcp_request_revive(struct sock *listener, struct sk_buff *skb,
			 const struct xtcp_tuple *t,
			 const struct xtcp_segment *seg);
void xtcp_request_rcv(struct xtcp_request *rq, struct sk_buff *skb,
		      const struct xtcp_tuple *t,
		      const struct xtcp_segment *seg);

#endif /* XTCP_REQUEST_H */
