/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The XTCP socket, and its locking.
 *
 * Locking
 * =======
 *
 * 1. The socket lock protects all of struct xtcp_sock and struct sock, except
 *    fields marked otherwise. System calls take it with lock_sock(), which may
 *    sleep. Packets and timers take it in softirq, with bh_lock_sock(). If a
 *    system call owns the socket, a packet goes to the backlog, which
 *    release_sock() processes, and a timer sets a bit in xs->deferred, which
 *    release_cb handles. So only one context at a time processes a connection,
 *    and core/ needs no lock. sock_owned_by_me() asserts the lock.
 *
 * 2. The connection table (hash.c) is read under RCU without a lock. Sockets,
 *    requests and TIME-WAIT entries come from caches with
 *    SLAB_TYPESAFE_BY_RCU: an entry may be freed and reused during a lookup. So
 *    a lookup takes a reference unless the count is zero, and then compares the
 *    addresses again. It restarts if the chain ended in another bucket. Changes
 *    take the spinlock of the bucket.
 *
 * 3. Listeners (listen.c) and bound ports (port.c) are in tables of their own,
 *    with a lock per bucket. Listeners are freed after an RCU grace period: a
 *    lookup needs no reference under rcu_read_lock(). xtcp_net.port_mutex
 *    serializes, per namespace, operations that sleep: binding the kernel's TCP
 *    to a port that we bind (hold.c). Holds are looked up under RCU.
 *
 * 4. Packets never lock a listener. Its queues (requests, and children not yet
 *    accepted) have their own lock, xl->lock. A request has a lock, too. A
 *    child is locked while it is put into the accept queue. A function that
 *    removes a child releases xl->lock first, and then locks the child.
 *
 * Order, outermost lock first. Locks of one level are not nested, except from
 * the left to the right of an arrow:
 *
 *	1. socket lock
 *	2. xtcp_net.port_mutex, xtcp_net.listen_lock
 *	3. xtcp_request.lock
 *	4. socket lock of a child
 *	5. xl->lock; listeners' bucket; xtcp_fastopen_net.lock;
 *	   xtcp_net.challenge_lock; TIME-WAIT queue -> connection bucket;
 *	   port bucket -> connection bucket, hold bucket, xtcp_net.dead_lock
 *
 * A child's lock is taken under another lock in two cases. sk_clone_lock()
 * returns a new child locked, under the lock of the request. A listener that
 * ends locks its children under its own socket lock; they have a lock class of
 * their own (SINGLE_DEPTH_NESTING). Timer callbacks take the socket lock, so
 * never wait for a timer under it: see timer.c.
 *
 * References on a socket: xtcp_destroy() drops the initial one, when the socket
 * is in CLOSED and has no file. It is in no table then, so tables and accept
 * queue need none. Each armed timer holds one, also while its work is deferred.
 * A request, and a Fast Open child in SYN-RECEIVED, hold one on the listener.
 *
 * References on requests and TIME-WAIT entries: the connection table holds one,
 * and so does the armed timer of a request, or the TIME-WAIT queue.
 *
 * Every struct sock, orphans included, holds the module (sk_prot->owner).
 */
#ifndef XTCP_SOCK_H
#define XTCP_SOCK_H

#include <linux/skbuff.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include <linux/xtcp.h>

#include "core/ato.h"
#include "core/chrono.h"
#include "core/fsm.h"
#include "core/rate.h"
#include "core/rcvbuf.h"
#include "core/sack.h"
#include "core/tcb.h"
#include "mib.h"
#include "net.h"
#include "timer.h"

struct xtcp_af;
struct xtcp_port_conns;
struct xtcp_hold;
struct xtcp_port;
struct xtcp_request;

/**
 * struct xtcp_tuple - addresses and ports of a packet or a connection
 * @laddr: local address; IPv4 as ::ffff:a.b.c.d
 * @raddr: the peer's address
 * @lport: local port
 * @rport: the peer's port
 * @dif: interface of the packet; its L3 master (VRF) if it has one. Connection:
 *	the device it is bound to, 0 if none
 * @sdif: interface below the L3 master, 0 if none
 */
struct xtcp_tuple {
	struct in6_addr laddr;
	struct in6_addr raddr;
	__be16 lport;
	__be16 rport;
	int dif;
	int sdif;
};

/**
 * enum xtcp_rtx_purpose - purpose of the retransmission timer
 * @XTCP_RTX_NONE: it is off, or ends an ECN hold
 * @XTCP_RTX_RETRANSMIT: retransmission timeout (RFC 6298)
 * @XTCP_RTX_REORDER: the end of the reordering window (RFC 8985 6.2)
 * @XTCP_RTX_TAIL: tail loss probe (RFC 8985 7.2)
 * @XTCP_RTX_PROBE: zero-window probe, or SWS override (RFC 9293 3.8.6)
 *
 * The first three follow each other, the earliest first. A zero-window probe is
 * only due if nothing is in flight. So one timer is enough.
 */
enum xtcp_rtx_purpose {
	XTCP_RTX_NONE,
	XTCP_RTX_RETRANSMIT,
	XTCP_RTX_REORDER,
	XTCP_RTX_TAIL,
	XTCP_RTX_PROBE,
};

/**
 * enum xtcp_sent - the trees of sent segments
 * @XTCP_SENT_FLIGHT: neither SACKed nor waiting to be retransmitted
 * @XTCP_SENT_LOST: considered lost, and not retransmitted since
 * @XTCP_SENT_SACKED: SACKed by the peer
 * @XTCP_SENT_TREES: number of trees
 *
 * An ACK then costs what it changes: a SACK block finds only segments that were
 * not SACKed before, the search for losses looks only at segments in flight,
 * and a retransmission takes the first lost segment.
 */
enum xtcp_sent {
	XTCP_SENT_FLIGHT,
	XTCP_SENT_LOST,
	XTCP_SENT_SACKED,
	XTCP_SENT_TREES,
};

/* Bits of xs->deferred: work for release_cb. */
enum {
	XTCP_DEFER_RTX,
	XTCP_DEFER_DELACK,
	XTCP_DEFER_KEEP,
	XTCP_DEFER_PACE,
	XTCP_DEFER_MTU,
};

/**
 * struct xtcp_fo_cookie - a Fast Open cookie (RFC 7413 4.1)
 * @len: length of @val, bytes, 0 if there is none
 * @exp: the option has the experimental form (kind 254)
 * @val: the cookie
 */
struct xtcp_fo_cookie {
	u8 len;
	bool exp;
	u8 val[XTCP_FO_COOKIE_MAX];
};

/**
 * struct xtcp_fastopen - Fast Open of one socket
 * @keys: TCP_FASTOPEN_KEY, RCU; NULL for the namespace's
 * @max_pending: TCP_FASTOPEN: maximum of children whose handshake is not
 *	complete; 0: the listener does not use Fast Open
 * @on_connect: TCP_FASTOPEN_CONNECT
 * @no_cookie: TCP_FASTOPEN_NO_COOKIE
 * @syn_held: SYN-SENT, but the SYN waits for the first data that is written
 * @syn_data_ok: the SYN may carry data
 * @option: the next SYN or SYN-ACK carries the option, with @cookie if it has
 *	one
 * @option_sent: our SYN carried the option
 * @data_sent: our SYN carried data
 * @data_acked: client: the peer acknowledged the data of our SYN; server: we
 *	accepted the data of the peer's SYN
 * @passive: a listener created this socket for a SYN, before the handshake is
 *	complete
 * @fail: why Fast Open was not used, as in TCP_INFO
 * @cookie: see @option
 * @listener: child: the listener whose fo_pending counts it, a reference
 */
struct xtcp_fastopen {
	struct xtcp_fastopen_keys __rcu *keys;
	u32 max_pending;
	bool on_connect;
	bool no_cookie;

	/* Per connection; xtcp_connection_begin() clears from here on. */
	bool syn_held;
	bool syn_data_ok;
	bool option;
	bool option_sent;
	bool data_sent;
	bool data_acked;
	bool passive;
	u8 fail;
	struct xtcp_fo_cookie cookie;
	struct sock *listener;
};

/**
 * struct xtcp_listener - additional state of a listening socket
 * @lock: protects the lists and counts below
 * @requests: struct xtcp_request in SYN-RECEIVED
 * @accept: children that wait for accept()
 * @nr_requests: length of @requests
 * @fo_pending: Fast Open children whose handshake is not complete, plus the
 *	entries of @fo_resets
 * @fo_resets: Fast Open children that were reset; each counts for a while
 *	longer (fastopen.c)
 * @id: index in the list of all listeners, while it listens
 * @period: how many times the socket began to listen; each request belongs to
 *	one
 * @closed: the socket does not listen; nothing may be added
 * @last_cookie: when a SYN cookie was last sent, seconds + 1, 0: never; no
 *	lock. Members of a SO_REUSEPORT group use that of the group
 * @flood_logged: a SYN flood was logged; no lock
 */
struct xtcp_listener {
	spinlock_t lock;
	struct list_head requests;
	struct list_head accept;
	u32 nr_requests;
	u32 fo_pending;
	struct list_head fo_resets;
	u32 id;
	u32 period;
	bool closed;
	u32 last_cookie;
	u32 flood_logged;
};

/**
 * struct xtcp_sock - one XTCP socket
 * @inet: the Internet socket; must be first
 * @tcb: the Transmission Control Block (core/tcb.h)
 * @xn: the namespace; the socket holds a reference on it
 * @af: IPv4 or IPv6: the packets on the wire
 * @now: time of the event being processed, ns of ktime_get()
 *
 * Timers:
 * @rtx: retransmission or probe, by @rtx_purpose
 * @delack: delayed ACK
 * @keep: keepalive; for orphans the end of FIN-WAIT-2
 * @pace: a segment that waited may leave (conn/pace.c)
 * @deferred: XTCP_DEFER_* bits; atomic
 * @pmtu_pending: MTU from an ICMP error, bytes, for XTCP_DEFER_MTU; written in
 *	softirq even if a system call owns the socket
 * @pmtu_seq: sequence number quoted by that error; written as @pmtu_pending
 *
 * Tables and queues:
 * @port: entry of the bound port, NULL if none
 * @hold: keeps the port reserved in the kernel's TCP, if bind() or listen()
 *	bound it
 * @port_conns: otherwise: entry in which @port counts this socket
 * @listener: allocated by the first listen(), kept until the socket is freed
 * @accept_node: on xtcp_listener.accept, under its lock
 * @orphan: counted in xtcp_net.orphans
 * @reset_reason: enum xtcp_reset_reason of the RST that XTCP_EV_ABORT sends
 *
 * Options of the user:
 * @fo: Fast Open; a part of it is per connection
 * @window_clamp: TCP_WINDOW_CLAMP, bytes
 * @user_timeout: TCP_USER_TIMEOUT, ms, 0 for the default
 * @rto_min: minimum of the variance term of the RTO, us: the sysctl rto_min_us
 *	when the socket was created; that of the route has precedence
 * @rto_max: maximum of the RTO, us: TCP_RTO_MAX_MS, or the sysctl rto_max_ms
 *	when the socket was created
 * @keep_time: TCP_KEEPIDLE, seconds, 0 for the default
 * @keep_intvl: TCP_KEEPINTVL, seconds, 0 for the default
 * @linger2: TCP_LINGER2, seconds, 0 for the default, -1 for none
 * @notsent_lowat: TCP_NOTSENT_LOWAT, bytes, 0 for the default
 * @user_mss: TCP_MAXSEG, bytes, 0 if not set
 * @recv_inq: TCP_INQ: recvmsg() reports the unread bytes
 * @keep_probes: TCP_KEEPCNT, 0 for the default
 * @syn_retries: TCP_SYNCNT, 0 for the default
 * @defer_accept: TCP_DEFER_ACCEPT, in retransmissions of the SYN-ACK
 * @cc_chosen: TCP_CONGESTION selected tcb.cc.ops
 *
 * Sending; sk_write_queue has the segments that were never sent:
 * @sent: segments that were sent, by sequence number, a tree for each
 *	enum xtcp_sent
 * @by_time: those of @sent[XTCP_SENT_FLIGHT], in the order of their last
 *	transmission
 * @retrans_stamp: start of R2, ns: when the SYN, or the oldest unacknowledged
 *	segment, was first sent, or when probing began; 0 if no data was
 *	retransmitted or probed since the last progress
 * @rto_at: with data in flight: when the retransmission timeout is, ns
 * @reorder_at: when RACK looks for losses again, ns; 0: no segment is awaited
 * @last_sent: when data was last sent, ns
 * @pace_next: when the next segment may leave, ns; 0 without pacing
 * @pushed_seq: sequence number after the data that has got PSH
 * @retransmits: consecutive expiries of the timer without progress
 * @probes_out: unanswered zero-window or keepalive probes
 * @rtx_purpose: purpose of @rtx, enum xtcp_rtx_purpose
 * @fin_queued: the write queue ends with a FIN
 *
 * Receiving:
 * @copied_seq: next byte to be read by the user
 * @urg_seq: sequence number of the urgent byte
 * @urg_data: the urgent byte and XTCP_URG_* bits
 * @rcv_fin: the peer's FIN was processed
 * @last_heard: when an acceptable segment last arrived, ns
 * @last_oow: when an out-of-window segment was last answered, ns
 * @rcvbuf: right-sizing of receive buffer and window
 * @ooo: segments received out of order, by sequence number
 * @ooo_last: the segment of @ooo with the highest end
 * @runs: the first segment of each contiguous run in @ooo, by sequence number
 * @sacks: SACK blocks of the next ACK, for @ooo
 * @collapsed_seq: segments of the receive queue up to this sequence number were
 *	visited by collapse(): merged, or left as they are
 * @collapse_at: receive memory, bytes, from which on collapse() is called again
 *
 * ACKs (conn/ackpolicy.c):
 * @last_rcv: when data last arrived, ns
 * @last_size: payload of the last segment, bytes, if it was smaller than @tcb's
 *	rcv_mss and may be the new size of full segments; else 0
 * @ack_now: an ACK must be sent once the segment is processed
 * @ack_sched: an ACK is owed, and may be delayed
 * @ato: how long, and whether, an ACK is delayed
 * @small_segs: segments since our last ACK that may end a write of the peer:
 *	not full, or with PSH; 0 to 2
 *
 * Path:
 * @cc_locked: the route forbids another congestion control algorithm
 * @pmtu: the route's MTU, bytes
 * @overhead: headers of a segment with data, options included, bytes
 * @route_window: upper limit of the window that the route sets, bytes; 0: none
 * @route_rtt: round-trip time that the route tells, us; 0: unknown
 * @route_reordering: duplicate ACKs that show a loss, as the route sets it; 0:
 *	the sysctl reordering
 * @peer_uto: the peer's user timeout, within our limits, seconds; 0 if none
 *	(RFC 5482)
 *
 * For TCP_INFO:
 * @chrono: how long what limited the sender
 * @rto_since: when the recovery after a timeout began, ns; 0: none goes on
 * @rto_time: time in earlier ones, ns
 * @rto_recoveries: number of them, this one included
 * @total_rto: expiries of the retransmission timer
 * @rehash: new flow hashes after a timeout (net.core.txrehash)
 * @delivered: segments that the peer has received, SYN included
 * @reordering: largest distance of a segment that arrived late, in full
 *	segments; 0: none
 * @reord_seen: ACKs that showed a segment that arrived late
 * @rcv_ooopack: segments received out of order
 * @total_retrans: total of retransmitted segments
 * @bytes_acked: bytes acknowledged by the peer
 * @bytes_received: bytes received in order
 * @bytes_sent: bytes sent, retransmissions included
 * @bytes_retrans: bytes retransmitted
 * @segs_in: segments received
 * @segs_out: segments sent
 * @data_segs_in: segments received with data
 * @data_segs_out: segments sent with data
 * @dsack_dups: duplicates reported by the peer (RFC 2883)
 *
 * The lock of the socket protects all fields that do not say otherwise.
 */
struct xtcp_sock {
	struct inet_sock inet;
	struct xtcp_tcb tcb;
	struct xtcp_net *xn;
	const struct xtcp_af *af;
	u64 now;

	/* Timers: callbacks take the lock, or defer their work to its owner. */
	struct xtcp_timer rtx;
	struct xtcp_timer delack;
	struct xtcp_timer keep;
	struct xtcp_timer pace;
	unsigned long deferred;
	u32 pmtu_pending;
	u32 pmtu_seq;

	/* Tables and queues. */
	struct xtcp_port *port;
	struct xtcp_hold *hold;
	struct xtcp_port_conns *port_conns;
	struct xtcp_listener *listener;
	struct list_head accept_node;
	bool orphan;
	u8 reset_reason;

	/* Options of the user; they stay for the next connection. */
	u8 keep_probes;
	u8 syn_retries;
	u8 defer_accept;
	bool cc_chosen;
	bool recv_inq;
	u16 user_mss;
	u32 window_clamp;
	u32 user_timeout;
	u32 rto_min;
	u32 rto_max;
	u32 keep_time;
	u32 keep_intvl;
	int linger2;
	u32 notsent_lowat;
	struct xtcp_fastopen fo;

	/* One connection: xtcp_connection_begin() clears all from here on. */

	/* Sending. */
	struct rb_root sent[XTCP_SENT_TREES];
	struct list_head by_time;
	u64 retrans_stamp;
	u64 rto_at;
	u64 reorder_at;
	u64 last_sent;
	u64 pace_next;
	u32 pushed_seq;
	u32 retransmits;
	u32 probes_out;
	u8 rtx_purpose;
	bool fin_queued;

	/* Receiving. */
	bool rcv_fin;
	u16 urg_data;
	u32 copied_seq;
	u32 urg_seq;
	u64 last_heard;
	u64 last_oow;
	struct xtcp_rcvbuf rcvbuf;
	struct rb_root ooo;
	struct sk_buff *ooo_last;
	struct rb_root runs;
	struct xtcp_sack_list sacks;
	u32 collapsed_seq;
	int collapse_at;

	/* ACKs. */
	u64 last_rcv;
	struct xtcp_ato ato;
	u16 last_size;
	bool ack_now;
	bool ack_sched;
	u8 small_segs;

	/* Path. */
	bool cc_locked;
	u16 overhead;
	u32 pmtu;
	u32 route_window;
	u32 route_rtt;
	u32 route_reordering;
	u32 peer_uto;

	/* For TCP_INFO. */
	struct xtcp_chrono chrono;
	u64 rto_since;
	u64 rto_time;
	u16 rto_recoveries;
	u16 total_rto;
	u32 rehash;
	u32 delivered;
	u32 reordering;
	u32 reord_seen;
	u32 rcv_ooopack;
	u32 total_retrans;
	u64 bytes_acked;
	u64 bytes_received;
	u64 bytes_sent;
	u64 bytes_retrans;
	u32 segs_in;
	u32 segs_out;
	u32 data_segs_in;
	u32 data_segs_out;
	u32 dsack_dups;
};

/**
 * struct xtcp6_sock - an XTCP socket of protocol IPPROTO_IPV6
 * @xtcp: must be first
 * @inet6: the state of net/ipv6
 */
struct xtcp6_sock {
	struct xtcp_sock xtcp;
	struct ipv6_pinfo inet6;
};

/* Bits of urg_data besides the urgent byte. */
#define XTCP_URG_VALID	0x0100	/* the byte has arrived */
#define XTCP_URG_NOTYET	0x0200	/* announced, not arrived */
#define XTCP_URG_READ	0x0400	/* read by the user */

/**
 * struct xtcp_cb - the control block of an sk_buff
 * @seq: SEG.SEQ
 * @end_seq: sequence number after the segment
 * @sent: write queue: when it was last sent, ns; 0: never
 * @stamp: write queue: delivery until then; if it was sent
 * @run: out-of-order queue: node in xs->runs if it is the first segment of its
 *	run, else empty
 * @run_end: out-of-order queue: sequence number after the run, if it is the
 *	first
 * @flags: control bits
 * @marks: XTCP_MARK_* bits
 * @acked: write queue: bytes at the front that are acknowledged, but still part
 *	of the sk_buff
 */
struct xtcp_cb {
	u32 seq;
	u32 end_seq;
	union {
		struct {
			u64 sent;
			struct xtcp_rate_stamp stamp;
		};
		struct {
			struct rb_node run;
			u32 run_end;
		};
	};
	u8 flags;
	u8 marks;
	u32 acked;
};

static_assert(sizeof(struct xtcp_cb) <= sizeof_field(struct sk_buff, cb));

#define XTCP_MARK_SACKED	0x01	/* SACKed by the peer */
#define XTCP_MARK_LOST		0x02	/* considered lost */
#define XTCP_MARK_RETRANS	0x04	/* retransmission is in flight */
#define XTCP_MARK_RETRANSMITTED		0x08	/* was retransmitted (Karn) */
#define XTCP_MARK_EOR		0x10	/* ends with MSG_EOR: do not append */
#define XTCP_MARK_SENT		0x20	/* in a tree of xs->sent */

#define XTCP_CB(skb) ((struct xtcp_cb *)&(skb)->cb[0])

static inline struct xtcp_sock *xtcp_sk(const struct sock *sk)
{
	return (struct xtcp_sock *)sk;
}

/* Like xtcp_count(), xtcp_count_n() and xtcp_sysctl(), for a full socket. */
#define xtcp_sk_count(sk, item)	xtcp_net_count(xtcp_sk(sk)->xn, item)
#define xtcp_sk_count_n(sk, item, n)					\
	xtcp_net_count_n(xtcp_sk(sk)->xn, item, n)
#define xtcp_sk_sysctl(sk, name) READ_ONCE(xtcp_sk(sk)->xn->sysctl.name)

/* Length in sequence numbers, SYN and FIN included. */
static inline u32 xtcp_cb_len(const struct sk_buff *skb)
{
	return XTCP_CB(skb)->end_seq - XTCP_CB(skb)->seq;
}

/* Payload that is not acknowledged, bytes. */
static inline u32 xtcp_payload(const struct sk_buff *skb)
{
	return skb->len - XTCP_CB(skb)->acked;
}

/* Payload of the largest segment that the sk_buff was sent as, bytes. */
static inline u32 xtcp_segment_payload(const struct sk_buff *skb)
{
	u32 piece = skb_shinfo(skb)->gso_size;

	return piece ? min_t(u32, piece, xtcp_payload(skb)) : xtcp_payload(skb);
}

/* Segments that the sk_buff was sent as, without acknowledged ones. */
static inline u32 xtcp_segments(const struct sk_buff *skb)
{
	u32 piece = skb_shinfo(skb)->gso_size;

	return piece ? DIV_ROUND_UP(skb->len, piece) -
		       XTCP_CB(skb)->acked / piece : 1;
}

/* Seconds of the monotonic clock, for PAWS. */
static inline u32 xtcp_seconds(u64 now)
{
	return div_u64(now, NSEC_PER_SEC);
}

/* Our timestamp clock: 1 ms per tick, with a secret offset. */
static inline u32 xtcp_ts_clock(u64 now, u32 offset)
{
	return (u32)div_u64(now, NSEC_PER_MSEC) + offset;
}

static inline bool xtcp_state_in(const struct sock *sk, u32 states)
{
	return (1u << sk->sk_state) & states;
}

/* A program waits for room in the send buffer: it has more to send. */
static inline bool xtcp_writer_waits(const struct sock *sk)
{
	return sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags);
}

/* For TCP_INFO: the recovery after a timeout is over. xs->now is set. */
static inline void xtcp_rto_over(struct xtcp_sock *xs)
{
	if (xs->rto_since)
		xs->rto_time += xs->now - xs->rto_since;
	xs->rto_since = 0;
}

/*
 * Does the application leave the network idle
 * (draft-cheng-iccrg-delivery-rate-estimation)? Less than a segment is unsent,
 * no queue of this host has one, cwnd has room, and all that is lost was
 * retransmitted.
 */
static inline void xtcp_note_app_limit(struct sock *sk)
{
	struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	if (tcb->write_seq - tcb->snd_nxt < tcb->snd_mss &&
	    tcb->lost_out <= tcb->retrans_out &&
	    xtcp_pipe(tcb) < tcb->cc.cwnd &&
	    sk_wmem_alloc_get(sk) < SKB_TRUESIZE(1))
		xtcp_rate_limited(&tcb->rate, xtcp_pipe(tcb));
}

static inline void xtcp_state_store(struct sock *sk, u8 state)
{
	/* A lockless reader of the state sees all earlier stores as well. */
	smp_store_release(&sk->sk_state, state);
}

/* The synchronized states, without TIME-WAIT, which has no socket. */
#define XTCPF_SYNCHRONIZED						\
	(TCPF_ESTABLISHED | TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2 |		\
	 TCPF_CLOSE_WAIT | TCPF_LAST_ACK | TCPF_CLOSING)

/*
 * Fast Open child in SYN-RECEIVED: the handshake is not complete, but both
 * sides may send data (RFC 7413 4.2.2).
 */
static inline bool xtcp_is_fastopen_child(const struct sock *sk)
{
	return sk->sk_state == TCP_SYN_RECV && xtcp_sk(sk)->fo.passive;
}

/* States in which we may send new data. */
#define XTCPF_CAN_SEND	(TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)

/* xs->window_clamp without TCP_WINDOW_CLAMP: the largest scaled window. */
#define XTCP_WINDOW_NO_CLAMP	(65535u << XTCP_WSCALE_MAX)

/* TCP_WINDOW_CLAMP, else the limit of the route, bytes. */
static inline u32 xtcp_window_clamp(const struct xtcp_sock *xs)
{
	if (xs->window_clamp == XTCP_WINDOW_NO_CLAMP && xs->route_window)
		return xs->route_window;
	return xs->window_clamp;
}

/*
 * Upper limit of the window besides the buffer, bytes: xtcp_window_clamp(), and
 * the size up to which the window has grown (rcvbuf.ssthresh).
 */
static inline u32 xtcp_window_limit(const struct sock *sk)
{
	return min_t(u32, xtcp_window_clamp(xtcp_sk(sk)),
		     xtcp_sk(sk)->rcvbuf.ssthresh);
}

/* Payload that the receive buffer holds, within xtcp_window_clamp(), bytes. */
static inline u32 xtcp_buffer_window(const struct sock *sk)
{
	u32 full = xtcp_rcvbuf_window(&xtcp_sk(sk)->rcvbuf,
				      READ_ONCE(sk->sk_rcvbuf));

	return min_t(u32, full, xtcp_window_clamp(xtcp_sk(sk)));
}

/* Window that an empty receive buffer would allow, bytes. */
static inline u32 xtcp_full_space(const struct sock *sk)
{
	u32 full = xtcp_rcvbuf_window(&xtcp_sk(sk)->rcvbuf,
				      READ_ONCE(sk->sk_rcvbuf));

	return min_t(u32, full, xtcp_window_limit(sk));
}

/* Free space of the receive buffer, as payload, bytes. */
static inline u32 xtcp_buffer_left(const struct sock *sk)
{
	return xtcp_rcvbuf_window(&xtcp_sk(sk)->rcvbuf,
				  READ_ONCE(sk->sk_rcvbuf) -
				  READ_ONCE(sk->sk_backlog.len) -
				  atomic_read(&sk->sk_rmem_alloc));
}

/* Window that the free part of the receive buffer allows, bytes. */
static inline u32 xtcp_free_space(const struct sock *sk)
{
	return min_t(u32, xtcp_buffer_left(sk), xtcp_window_limit(sk));
}

/* Duplicate ACKs, or SACKed segments, that show a loss (RFC 5681 3.2). */
static inline u32 xtcp_reordering(const struct sock *sk)
{
	return xtcp_sk(sk)->route_reordering ?: xtcp_sk_sysctl(sk, reordering);
}

/* Report duplicates (RFC 2883)? AccECN requires it (RFC 9768 3.1.1). */
static inline bool xtcp_dsack_ok(const struct sock *sk)
{
	const struct xtcp_tcb *tcb = &xtcp_sk(sk)->tcb;

	return tcb->sack_ok && (tcb->ecn.mode == XTCP_ECN_ACCURATE ||
				xtcp_sysctl(sock_net(sk), dsack));
}

extern int xtcp_family;

void xtcp_tuple_of(const struct sock *sk, struct xtcp_tuple *t);
u32 xtcp_window_max(const struct sock *sk);

#endif /* XTCP_SOCK_H */
