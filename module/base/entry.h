/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Entries of the connection table that are not sockets: requests and TIME-WAIT
 * entries. Both begin with a struct sock_common, as a socket does. sk_state
 * distinguishes the three: TCP_NEW_SYN_RECV, TCP_TIME_WAIT, or a socket.
 */
#ifndef XTCP_ENTRY_H
#define XTCP_ENTRY_H

#include "sock.h"

/**
 * struct xtcp_request - a passive open in SYN-RECEIVED
 * @c: addresses and node of the connection table; must be first
 * @listener: the listening socket, a reference
 * @node: on xtcp_listener.requests, under its lock
 * @timer: retransmits the SYN-ACK
 * @lock: protects @timer, and the fields below that change once the request is
 *	in the table: several CPUs may process segments of one request
 * @dst: route of the SYN-ACK, and later of the connection
 * @af: IPv4 or IPv6
 * @sent: when the SYN-ACK was last sent, ns; 0 if unknown: the request was made
 *	from a SYN cookie
 * @last_oow: when an out-of-window segment was last answered, ns
 * @first_sent: when the SYN-ACK was first sent, ns; 0 as for @sent
 * @iss: our initial sequence number
 * @irs: the peer's initial sequence number
 * @rcv_wnd: window in our SYN-ACK, bytes
 * @snd_wnd: window in the SYN, bytes; never scaled
 * @ts_recent: TSval of the SYN
 * @ts_offset: offset of our timestamp clock, ms
 * @mark: SO_MARK of the packets that we send
 * @hash: flow hash of the packets that we send; the child inherits it
 * @secid: security label, set by the security module
 * @label: IPv6 flow label of the peer, if ours reflects it; 0 for an automatic
 *	one
 * @peer_mss: the MSS option of the SYN, or the default, bytes
 * @adv_mss: the MSS in our SYN-ACK, bytes
 * @rtt: round-trip time of the handshake, us, if @acked; 0: not measured
 * @uto: the user timeout option of the SYN as received; 0 if there is none
 * @snd_wscale: as in struct xtcp_tcb
 * @rcv_wscale: as in struct xtcp_tcb
 * @retrans: SYN-ACKs retransmitted by the timer
 * @timeouts: expiries of the timer, for its back-off
 * @wscale_ok: both sides use window scaling
 * @ts_ok: both sides use timestamps
 * @sack_ok: both sides use SACK
 * @acked: the handshake is complete, but TCP_DEFER_ACCEPT waits for data
 * @again: the SYN-ACK was sent more than once
 * @cookie: SYN cookies: the request exists only while the SYN, or the ACK of
 *	the SYN-ACK, is processed
 * @ecn: negotiated ECN, for the child
 * @period: xtcp_listener.period when the SYN arrived
 * @iif: interface on which the SYN arrived, for link-local addresses
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
	u64 first_sent;
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
	u32 rtt;
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
	u8 again:1;
	u8 cookie:1;
	struct xtcp_ecn ecn;
};

static inline struct xtcp_request *xtcp_rq(struct sock *sk)
{
	return (struct xtcp_request *)sk;
}

static inline struct net *xtcp_rq_net(const struct xtcp_request *rq)
{
	return sock_net((const struct sock *)rq);
}

/**
 * struct xtcp_timewait - a connection in TIME-WAIT
 * @c: addresses and node of the connection table; must be first
 * @node: in xtcp_tw_queue.tree, under its lock
 * @port: entry of the local port
 * @port_conns: entry in which @port counts this one, NULL if it is not counted
 * @af: IPv4 or IPv6
 * @ends: end of 2MSL, or of FIN-WAIT-2, ns of ktime_get(); under
 *	xtcp_tw_queue.lock
 * @last_oow: when a segment was last answered, ns
 * @snd_nxt: SND.NXT
 * @rcv_nxt: RCV.NXT
 * @rcv_wnd: RCV.WND, bytes
 * @oldest_ack: the lowest acceptable SEG.ACK (RFC 5961 5.2)
 * @ts_recent: TS.Recent
 * @ts_recent_stamp: when @ts_recent was set, seconds of a monotonic clock
 * @last_ms: when the last acceptable segment came, ms of ktime_get()
 * @ts_offset: offset of our timestamp clock, ms
 * @mark: SO_MARK
 * @priority: SO_PRIORITY
 * @hash: flow hash
 * @label: IPv6 flow label, 0 for an automatic one
 * @rcv_wscale: shift of our windows, 0 to 14
 * @tos: DSCP, as the TOS or traffic class field
 * @substate: XTCP_TIME_WAIT, or XTCP_FIN_WAIT_2 of an orphan; under
 *	xtcp_tw_queue.lock
 * @ts_ok: timestamps are in use
 * @transparent: our address need not belong to this host (IP_TRANSPARENT)
 *
 * @rcv_nxt changes with @substate, under the same lock. @last_oow, @last_ms,
 * @ts_recent and @ts_recent_stamp change without a lock: if several CPUs process segments
 * of one entry, the last value stays. The other fields are constant while the
 * entry is in the table.
 */
struct xtcp_timewait {
	struct sock_common c;
	struct rb_node node;
	struct xtcp_port *port;
	struct xtcp_port_conns *port_conns;
	const struct xtcp_af *af;
	u64 ends;
	u64 last_oow;
	u32 snd_nxt;
	u32 rcv_nxt;
	u32 rcv_wnd;
	u32 oldest_ack;
	u32 ts_recent;
	u32 ts_recent_stamp;
	u32 last_ms;
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

int xtcp_request_init(void);
void xtcp_request_exit(void);
struct xtcp_request *xtcp_request_alloc(struct sock *listener);
void xtcp_request_put(struct xtcp_request *rq);

int xtcp_tw_init(void);
void xtcp_tw_exit(void);
struct xtcp_timewait *xtcp_tw_alloc(void);
void xtcp_tw_put(struct xtcp_timewait *tw);

void xtcp_entry_put(struct sock *sk);

#endif /* XTCP_ENTRY_H */
