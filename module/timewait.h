/* SPDX-License-Identifier: GPL-2.0 */
/*
 * TIME-WAIT: what is left of a connection for 2MSL after it closed; and
 * FIN-WAIT-2 when no user is left, for the same few things are enough there.
 */
#ifndef XTCP_TIMEWAIT_H
#define XTCP_TIMEWAIT_H

#include "sock.h"

/* RFC 9293 3.4.2 has 2 minutes for the MSL; we keep the kernel's choice. */
#define XTCP_MSL_NS	(30ULL * NSEC_PER_SEC)
#define XTCP_2MSL_NS	(2 * XTCP_MSL_NS)

/**
 * struct xtcp_timewait - a connection in TIME-WAIT
 * @c: addresses and place in the connection table; must be first
 * @node: in xtcp_tw_queue.tree, under its lock
 * @port: the local port's entry
 * @follow: where @port counts it, NULL if it does not
 * @af: IPv4 or IPv6
 * @ends: when 2MSL are over, ns of ktime_get(); under xtcp_tw_queue.lock
 * @last_oow: when a segment was last answered, ns
 * @snd_nxt: SND.NXT
 * @rcv_nxt: RCV.NXT
 * @rcv_wnd: RCV.WND, bytes
 * @oldest_ack: how old an ACK may be (RFC 5961 5.2)
 * @ts_recent: TS.Recent
 * @ts_recent_stamp: when it was taken, s
 * @ts_offset: offset of our timestamp clock
 * @mark: SO_MARK
 * @priority: SO_PRIORITY
 * @hash: of the flow
 * @label: IPv6 flow label, 0 for an automatic one
 * @rcv_wscale: shift of the window we send
 * @tos: DSCP
 * @substate: XTCP_TIME_WAIT, or XTCP_FIN_WAIT_2 of a socket without a user;
 *	under xtcp_tw_queue.lock
 * @ts_ok: timestamps are in use
 * @transparent: our address may be somebody else's (IP_TRANSPARENT)
 */
struct xtcp_timewait {
	struct sock_common c;
	struct rb_node node;
	struct xtcp_port *port;
	struct xtcp_follow *follow;
	const struct xtcp_af *af;
	u64 ends;
	u64 last_oow;
	u32 snd_nxt;
	u32 rcv_nxt;
	u32 rcv_wnd;
	u32 oldest_ack;
	u32 ts_recent;
	u32 ts_recent_stamp;
	u32 ts_offset;
	u32 mark;
	u32 priority;
	u32 hash;
	__be32 label;
	u8 rcv_wscale;
	u8 tos;
	u8 substate;
	bool ts_ok;
	bool transparent;
};

static inline struct xtcp_timewait *xtcp_tw(struct sock *sk)
{
	return (struct xtcp_timewait *)sk;
}

int xtcp_tw_init(void);
void xtcp_tw_exit(void);
void xtcp_tw_net_init(struct xtcp_net *xn);
void xtcp_tw_net_exit(struct xtcp_net *xn);
void xtcp_tw_put(struct xtcp_timewait *tw);
void xtcp_tw_kill(struct xtcp_timewait *tw);
bool xtcp_tw_give_way(struct xtcp_timewait *tw, struct sock *sk);
bool xtcp_tw_enter(struct sock *sk, u8 substate, u64 wait);

/**
 * enum xtcp_tw_verdict - what a segment to TIME-WAIT led to
 * @XTCP_TW_DONE: it is dealt with
 * @XTCP_TW_LISTEN: it is a SYN that opens anew: the listener has it
 */
enum xtcp_tw_verdict {
	XTCP_TW_DONE,
	XTCP_TW_LISTEN,
};

enum xtcp_tw_verdict xtcp_tw_rcv(struct xtcp_timewait *tw, struct sk_buff *skb,
				 const struct xtcp_tuple *t,
				 const struct xtcp_segment *seg, u32 *iss);

#endif /* XTCP_TIMEWAIT_H */
