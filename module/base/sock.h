/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The XTCP socket, and how it is locked.
 *
 * Locking
 * =======
 *
 * 1. The socket lock protects all of struct xtcp_sock and struct sock but the
 *    fields marked otherwise. System calls take it with lock_sock(), which may
 *    sleep; packets and timers, in softirq, with bh_lock_sock(). When a packet
 *    finds the socket owned by a system call it waits in the backlog and is
 *    processed by release_sock(); a timer leaves a bit in xs->deferred, which
 *    release_cb runs. So one function at a time works on a connection, and
 *    core/ needs no lock. sock_owned_by_me() asserts it.
 *
 * 2. The connection table (hash.c) is read under RCU without a lock; sockets,
 *    requests and TIME-WAIT entries come from caches with
 *    SLAB_TYPESAFE_BY_RCU. Who finds one takes a reference unless it is zero
 *    and then compares once more: it may have become another connection. A
 *    chain is walked again if it ended in another bucket. Each bucket has a
 *    spinlock for changes.
 *
 * 3. Listeners (listen.c) and bound ports (port.c) hang in tables of their own
 *    with a lock per bucket. Listeners are freed after an RCU grace period, so a
 *    lookup of one takes no reference while it stays under rcu_read_lock().
 *    xtcp_net.port_mutex serializes what sleeps, in one namespace: binding the
 *    kernel's TCP to a port that we bind (hold.c). Holds are found under RCU.
 *
 * 4. A listener is never locked by packets. Its queues (requests and children
 *    not yet accepted) have their own lock, xl->lock. A child enters the queue
 *    locked; who takes one out locks it after it has left xl->lock.
 *
 * Order: socket lock, xtcp_net.port_mutex, port bucket, connection bucket or
 * hold bucket; socket lock, xtcp_net.listen_lock, port bucket or listeners'
 * bucket; socket lock, xl->lock; socket lock, TIME-WAIT queue, connection
 * bucket. A child's lock is taken under nothing but, when a listener closes, the
 * listener's own socket lock (a class of its own, SINGLE_DEPTH_NESTING). Timer
 * callbacks take the socket lock, so no timer is waited for under it: see
 * timer.c.
 *
 * References: a hashed socket, an armed timer, a queued child and a user each
 * hold one. A request holds one on its listener. The module is held by every
 * struct sock (sk_prot->owner), orphans included.
 */
#ifndef XTCP_SOCK_H
#define XTCP_SOCK_H

#include <linux/skbuff.h>
#include <net/inet_sock.h>
#include <net/ipv6.h>
#include <net/sock.h>
#include <net/tcp_states.h>

#include <linux/xtcp.h>

#include "core/fsm.h"
#include "core/rcvbuf.h"
#include "core/sack.h"
#include "core/tcb.h"
#include "mib.h"
#include "net.h"
#include "timer.h"

struct xtcp_af;
struct xtcp_follow;
struct xtcp_hold;
struct xtcp_port;
struct xtcp_request;

/**
 * struct xtcp_tuple - the addresses of a packet or a connection, as we see it
 * @laddr: our address; IPv4 as ::ffff:a.b.c.d
 * @raddr: the peer's address
 * @lport: our port
 * @rport: the peer's port
 * @dif: interface it came in by
 * @sdif: the L3 slave it came in by, 0 if none
 */
struct xtcp_tuple {
	struct in6_addr laddr;
	struct in6_addr raddr;
	__be16 lport;
	__be16 rport;
	int dif;
	int sdif;
};

/* What the retransmission timer is running for; only one can be due. */
enum xtcp_rtx_what {
	XTCP_RTX_NONE,
	XTCP_RTX_RETRANSMIT,
	XTCP_RTX_PROBE,
};

/* Bits of xs->deferred: what release_cb has to do. */
enum {
	XTCP_DEFER_RTX,
	XTCP_DEFER_DELACK,
	XTCP_DEFER_KEEP,
	XTCP_DEFER_MTU,
};

/**
 * struct xtcp_cookie - a Fast Open cookie (RFC 7413 4.1)
 * @len: bytes of @val, 0 if there is none
 * @val: the cookie
 */
struct xtcp_cookie {
	u8 len;
	u8 val[XTCP_COOKIE_MAX];
};

/**
 * struct xtcp_fastopen - Fast Open of one socket
 * @keys: TCP_FASTOPEN_KEY, RCU; NULL for the namespace's
 * @max_pending: TCP_FASTOPEN: children a listener may have before they are
 *	proved to be real; 0: it opens none fast
 * @on_connect: TCP_FASTOPEN_CONNECT
 * @no_cookie: TCP_FASTOPEN_NO_COOKIE
 * @held: SYN-SENT, but the SYN waits for the first data that is written
 * @carry: data may ride on the SYN
 * @option: the next SYN (or SYN-ACK) carries the option, with @cookie if any
 * @asked: our SYN had the option
 * @data_sent: data rode on our SYN
 * @data_acked: and was taken; at the server: rode on the peer's and was taken
 * @passive: a listener made this of a SYN, without waiting for the handshake
 * @fail: why it was not fast, as TCP_INFO says it
 * @cookie: see @option
 * @listener: where a child still counts as not proved, a reference
 */
struct xtcp_fastopen {
	struct xtcp_fastopen_keys __rcu *keys;
	u32 max_pending;
	bool on_connect;
	bool no_cookie;

	/* Of one connection; xtcp_connection_begin() clears from here on. */
	bool held;
	bool carry;
	bool option;
	bool asked;
	bool data_sent;
	bool data_acked;
	bool passive;
	u8 fail;
	struct xtcp_cookie cookie;
	struct sock *listener;
};

/**
 * struct xtcp_listener - what only a listening socket has
 * @lock: protects the lists and counts below
 * @requests: struct xtcp_request in SYN-RECEIVED
 * @accept: children that wait for accept()
 * @nr_requests: length of @requests
 * @fo_pending: children opened fast whose handshake is not complete, and what is
 *	on @fo_resets
 * @fo_resets: those that were reset, which count for a while (fastopen.c)
 * @id: its number in the list of all, while it listens
 * @period: how many times the socket began to listen; requests are of one
 * @closed: the socket does not listen; nothing may be added
 * @overflowed: when cookies were last sent, seconds + 1, 0 never; no lock
 * @flood_told: the log has a line about it; no lock
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
	u32 overflowed;
	u32 flood_told;
};

/**
 * struct xtcp_sock - one XTCP socket
 * @inet: the Internet socket; must be first
 * @tcb: what the RFCs keep (core/tcb.h)
 * @xn: the namespace, which the socket holds a reference on
 * @af: IPv4 or IPv6, by what is on the wire
 * @now: the time of the event being processed, ns of ktime_get()
 *
 * Sending:
 * @send_head: first segment of sk_write_queue that was never sent
 * @retrans_stamp: when the oldest unacknowledged segment was first sent, ns;
 *	0 if nothing was retransmitted or probed since progress was made
 * @last_sent: when data last left, ns
 * @retransmits: expiries of the timer without progress
 * @total_retrans: segments retransmitted in all
 * @probes_out: zero-window or keepalive probes not answered
 * @fin_queued: a FIN stands at the end of the write queue
 *
 * Receiving:
 * @copied_seq: next byte the user will read
 * @ooo: segments that came out of order, by sequence number
 * @ooo_last: the one that reaches farthest
 * @runs: the first segment of each run of those that adjoin, by sequence number
 * @collapsed: what lies before in the receive queue was copied together, or need
 *	not be
 * @collapse_at: when the queue takes so much memory it may be worth it again
 * @sacks: what the next ACK reports of @ooo
 * @urg_seq: sequence number of the urgent byte
 * @urg_data: the urgent byte and XTCP_URG_* bits
 * @rcv_fin: the peer's FIN was taken
 * @ack_now: an ACK must leave as soon as the segment is processed
 * @ack_sched: an ACK is owed, and may wait
 * @quickack: how many ACKs may still go without delay
 * @pingpong: requests and replies alternate: delay ACKs
 * @small: segments that were not full since the last ACK left, 2 at most
 * @last_size: of a segment that was smaller than full ones, 0 if the last was not
 * @last_rcv: when data last came, ns
 * @last_heard: when any acceptable segment came, ns
 * @last_oow: when an out-of-window segment was last answered, ns
 * @window_clamp: TCP_WINDOW_CLAMP, bytes
 * @rcvbuf: how large buffer and window are to be
 *
 * Timers:
 * @rtx: retransmission or probe, by @rtx_what
 * @rtx_what: what @rtx was set for, enum xtcp_rtx_what
 * @delack: delayed ACK
 * @keep: keepalive; for orphans the end of FIN-WAIT-2
 * @deferred: XTCP_DEFER_* bits; atomic
 * @reset_reason: enum xtcp_reset_reason for the RST that an abort sends
 *
 * Tables and queues:
 * @port: the bound port, NULL if none
 * @hold: keeps the kernel's TCP off the port, if bind() or listen() took it
 * @follow: else where @port counts this socket
 * @orphan: counted in xtcp_net.orphans
 * @listener: set while LISTEN, kept until the socket is freed
 * @accept_node: on xtcp_listener.accept
 *
 * Path:
 * @pmtu_pending: the MTU that an ICMP error named, for XTCP_DEFER_MTU
 * @pmtu_seq: the sequence number that it quoted
 * @pmtu: the route's MTU, bytes
 * @overhead: headers of a segment with data, options included, bytes
 * @peer_uto: user timeout that the peer asked for, within our limits, seconds;
 *	0 if none (RFC 5482)
 * @fo: Fast Open
 *
 * Options of the user:
 * @user_timeout: TCP_USER_TIMEOUT, ms, 0 for the default
 * @keep_time: TCP_KEEPIDLE, seconds, 0 for the default
 * @keep_intvl: TCP_KEEPINTVL, seconds, 0 for the default
 * @keep_probes: TCP_KEEPCNT, 0 for the default
 * @syn_retries: TCP_SYNCNT, 0 for the default
 * @user_mss: TCP_MAXSEG, bytes, 0 if not set
 * @linger2: TCP_LINGER2, seconds, 0 for the default, -1 for none
 * @defer_accept: TCP_DEFER_ACCEPT, as retransmissions of the SYN-ACK
 * @notsent_lowat: TCP_NOTSENT_LOWAT, bytes, 0 for the default
 *
 * For TCP_INFO:
 * @bytes_acked: bytes that the peer acknowledged
 * @bytes_received: bytes taken in order
 * @bytes_sent: bytes sent, retransmissions included
 * @bytes_retrans: bytes of retransmissions
 * @segs_in: segments received
 * @segs_out: segments sent
 * @data_segs_in: segments received with data
 * @data_segs_out: segments sent with data
 * @dsack_dups: duplicates that the peer reported (RFC 2883)
 */
struct xtcp_sock {
	struct inet_sock inet;
	struct xtcp_tcb tcb;
	struct xtcp_net *xn;
	const struct xtcp_af *af;
	u64 now;

	struct sk_buff *send_head;
	u64 retrans_stamp;
	u64 last_sent;
	u32 retransmits;
	u32 total_retrans;
	u32 probes_out;
	bool fin_queued;

	bool rcv_fin;
	bool ack_now;
	bool ack_sched;
	u8 quickack;
	bool pingpong;
	u8 small;
	u16 last_size;
	u32 copied_seq;
	struct rb_root ooo;
	struct sk_buff *ooo_last;
	struct rb_root runs;
	u32 collapsed;
	int collapse_at;
	struct xtcp_sack_list sacks;
	u32 urg_seq;
	u16 urg_data;
	u64 last_rcv;
	u64 last_heard;
	u64 last_oow;
	u32 window_clamp;
	struct xtcp_rcvbuf rcvbuf;

	u8 rtx_what;
	u8 reset_reason;
	struct xtcp_timer rtx;
	struct xtcp_timer delack;
	struct xtcp_timer keep;
	unsigned long deferred;

	struct xtcp_port *port;
	struct xtcp_hold *hold;
	struct xtcp_follow *follow;
	bool orphan;
	struct xtcp_listener *listener;
	struct list_head accept_node;
	struct xtcp_fastopen fo;

	u32 user_timeout;
	u32 keep_time;
	u32 keep_intvl;
	u8 keep_probes;
	u8 syn_retries;
	u16 user_mss;
	int linger2;
	u8 defer_accept;
	u32 notsent_lowat;
	u32 pmtu_pending;
	u32 pmtu_seq;
	u32 pmtu;
	u32 peer_uto;
	u16 overhead;

	/* For TCP_INFO. */
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
 * @inet6: what net/ipv6 keeps
 */
struct xtcp6_sock {
	struct xtcp_sock xtcp;
	struct ipv6_pinfo inet6;
};

/* Bits of urg_data beside the byte itself. */
#define XTCP_URG_VALID	0x0100	/* the byte is here */
#define XTCP_URG_NOTYET	0x0200	/* announced, not here */
#define XTCP_URG_READ	0x0400	/* taken by the user */

/**
 * struct xtcp_cb - what we note in an sk_buff
 * @seq: SEG.SEQ
 * @end_seq: the sequence number after it
 * @sent: in the write queue: when it was last sent, ns; 0: never
 * @acked: there: bytes at the front that are acknowledged and still in the payload
 * @run: out of order: on xs->runs, if it is the first of its run; else empty
 * @run_end: of that: the sequence number after the run
 * @flags: control bits
 * @marks: XTCP_MARK_* bits
 */
struct xtcp_cb {
	u32 seq;
	u32 end_seq;
	union {
		struct {
			u64 sent;
			u32 acked;
		};
		struct {
			struct rb_node run;
			u32 run_end;
		};
	};
	u8 flags;
	u8 marks;
};

static_assert(sizeof(struct xtcp_cb) <= sizeof_field(struct sk_buff, cb));

#define XTCP_MARK_SACKED	0x01	/* the peer holds it */
#define XTCP_MARK_LOST		0x02	/* taken for lost */
#define XTCP_MARK_RETRANS	0x04	/* sent again, that copy is in flight */
#define XTCP_MARK_EVER		0x08	/* was ever sent again (Karn) */
#define XTCP_MARK_EOR		0x10	/* ends with MSG_EOR: nothing joins it */

#define XTCP_CB(skb) ((struct xtcp_cb *)&(skb)->cb[0])

static inline struct xtcp_sock *xtcp_sk(const struct sock *sk)
{
	return (struct xtcp_sock *)sk;
}

/* As xtcp_count(), xtcp_count_n() and xtcp_sysctl(), by a full socket. */
#define xtcp_sk_count(sk, item)	xtcp_net_count(xtcp_sk(sk)->xn, item)
#define xtcp_sk_count_n(sk, item, n)					\
	xtcp_net_count_n(xtcp_sk(sk)->xn, item, n)
#define xtcp_sk_sysctl(sk, name) READ_ONCE(xtcp_sk(sk)->xn->sysctl.name)

static inline u32 xtcp_cb_len(const struct sk_buff *skb)
{
	return XTCP_CB(skb)->end_seq - XTCP_CB(skb)->seq;
}

/* Payload that counts, bytes: without what is acknowledged already. */
static inline u32 xtcp_payload(const struct sk_buff *skb)
{
	return skb->len - XTCP_CB(skb)->acked;
}

/* Payload of the largest of the segments that it left as, bytes. */
static inline u32 xtcp_segment_payload(const struct sk_buff *skb)
{
	u32 piece = skb_shinfo(skb)->gso_size;

	return piece ? min_t(u32, piece, xtcp_payload(skb)) : xtcp_payload(skb);
}

/* Seconds of the monotonic clock, for PAWS. */
static inline u32 xtcp_seconds(u64 now)
{
	return div_u64(now, NSEC_PER_SEC);
}

/* The clock of the timestamp option: 1 ms a tick, moved by a secret offset. */
static inline u32 xtcp_ts_clock(u64 now, u32 offset)
{
	return (u32)div_u64(now, NSEC_PER_MSEC) + offset;
}

static inline bool xtcp_state_in(const struct sock *sk, u32 states)
{
	return (1u << sk->sk_state) & states;
}

static inline void xtcp_state_store(struct sock *sk, u8 state)
{
	/* Who reads the state without the lock sees all from before it. */
	smp_store_release(&sk->sk_state, state);
}

/* States in which segments are exchanged: all but CLOSED, LISTEN, SYN-SENT. */
#define XTCPF_SYNCHRONIZED						\
	(TCPF_ESTABLISHED | TCPF_FIN_WAIT1 | TCPF_FIN_WAIT2 |		\
	 TCPF_CLOSE_WAIT | TCPF_LAST_ACK | TCPF_CLOSING)

/*
 * SYN-RECEIVED, and data may go both ways already: the handshake of a connection
 * that was opened fast is not complete (RFC 7413 4.2.2).
 */
static inline bool xtcp_opened_fast(const struct sock *sk)
{
	return sk->sk_state == TCP_SYN_RECV && xtcp_sk(sk)->fo.passive;
}

/* ACKs without delay help a peer that begins in slow start, or does so again. */
static inline void xtcp_quick_acks(struct xtcp_sock *xs)
{
	xs->quickack = 16;
	xs->pingpong = false;
}

/* States in which we may (still) send data. */
#define XTCPF_CAN_SEND	(TCPF_ESTABLISHED | TCPF_CLOSE_WAIT)

/*
 * The largest window to offer now: what the receive buffer holds, TCP_WINDOW_CLAMP,
 * and how far it has opened.
 */
static inline u32 xtcp_window_limit(const struct sock *sk)
{
	return min_t(u32, xtcp_sk(sk)->window_clamp,
		     xtcp_sk(sk)->rcvbuf.ssthresh);
}

static inline u32 xtcp_full_space(const struct sock *sk)
{
	u32 full = xtcp_rcvbuf_window(&xtcp_sk(sk)->rcvbuf,
				      READ_ONCE(sk->sk_rcvbuf));

	return min_t(u32, full, xtcp_window_limit(sk));
}

/* What of the receive buffer is free, as payload. */
static inline u32 xtcp_buffer_left(const struct sock *sk)
{
	return xtcp_rcvbuf_window(&xtcp_sk(sk)->rcvbuf,
				  READ_ONCE(sk->sk_rcvbuf) -
				  READ_ONCE(sk->sk_backlog.len) -
				  atomic_read(&sk->sk_rmem_alloc));
}

static inline u32 xtcp_free_space(const struct sock *sk)
{
	return min_t(u32, xtcp_buffer_left(sk), xtcp_window_limit(sk));
}

/* RFC 2883; what uses AccECN has no choice (RFC 9768 3.1.1). */
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
