/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Connections: the interface of conn/ to the rooms above it.
 */
#ifndef XTCP_CONN_H
#define XTCP_CONN_H

#include "base/entry.h"
#include "base/reason.h"
#include "core/arrive.h"

/* ackpolicy.c */

bool xtcp_ack_user(struct sock *sk, int val);

/* cc.c */
bool xtcp_cc_allowed(const struct xtcp_cc_ops *ops);
void xtcp_cc_select(struct sock *sk, const struct dst_entry *dst);

/* deadline.c */
void xtcp_timer_set(struct sock *sk, struct xtcp_timer *t, u64 deadline);
void xtcp_timers_kill(struct sock *sk);
void xtcp_set_keepalive(struct sock *sk, int on);
void xtcp_user_timeout(struct sock *sk, const struct xtcp_options *opt);
u32 xtcp_keep_time(const struct sock *sk);
u32 xtcp_keep_intvl(const struct sock *sk);
u32 xtcp_keep_probes(const struct sock *sk);
u32 xtcp_syn_retries(const struct sock *sk);
u64 xtcp_fin_timeout(const struct sock *sk);

/* fastopen.c */

/*
 * Bits of the sysctl fastopen; the values are those of net.ipv4.tcp_fastopen.
 */
#define XTCP_FO_CLIENT			0x001
#define XTCP_FO_SERVER			0x002
#define XTCP_FO_CLIENT_NO_COOKIE	0x004
#define XTCP_FO_SERVER_NO_COOKIE	0x200
#define XTCP_FO_ALL_LISTENERS		0x400

#define XTCP_FO_KEY_LEN		sizeof(siphash_key_t)
#define XTCP_FO_KEYS_MAX	2

/**
 * struct xtcp_fastopen_keys - keys of Fast Open cookies (RFC 7413 4.1.2)
 * @n: number of keys, 1 to XTCP_FO_KEYS_MAX
 * @key: the first makes cookies; cookies of the second are still accepted
 * @rcu: frees the structure after a grace period
 */
struct xtcp_fastopen_keys {
	u32 n;
	siphash_key_t key[XTCP_FO_KEYS_MAX];
	struct rcu_head rcu;
};

/**
 * enum xtcp_fastopen_answer - how a listener answers a SYN
 * @XTCP_FO_PLAIN: no Fast Open: the SYN-ACK acknowledges only the SYN
 * @XTCP_FO_GIVE: as XTCP_FO_PLAIN, and the SYN-ACK carries a cookie
 * @XTCP_FO_OPEN: create a socket at once, and take the data of the SYN
 * @XTCP_FO_OPEN_GIVE: as XTCP_FO_OPEN, and the SYN-ACK carries a cookie of the
 *	newer key
 */
enum xtcp_fastopen_answer {
	XTCP_FO_PLAIN,
	XTCP_FO_GIVE,
	XTCP_FO_OPEN,
	XTCP_FO_OPEN_GIVE,
};

void xtcp_fastopen_net_init(struct xtcp_net *xn);
void xtcp_fastopen_net_exit(struct xtcp_net *xn);
void xtcp_fastopen_unblock(struct xtcp_net *xn);

/* fastopen.c, keys */
void xtcp_fastopen_key_once(struct net *net);
int xtcp_fastopen_set_keys(struct xtcp_fastopen_keys __rcu **where,
			   const u8 *raw, u32 n);
u32 xtcp_fastopen_get_keys(struct xtcp_fastopen_keys __rcu **where, u8 *raw);

/* fastopen.c, server */
void xtcp_fastopen_listen(struct sock *sk, int backlog);
enum xtcp_fastopen_answer
xtcp_fastopen_check(struct sock *listener, const struct dst_entry *dst,
		    const struct xtcp_tuple *t, const struct xtcp_segment *seg,
		    struct xtcp_fo_cookie *fresh);
void xtcp_fastopen_pending(struct sock *listener, struct sock *child);
void xtcp_fastopen_forget_resets(struct xtcp_listener *xl);

/* fastopen.c, client */
bool xtcp_fastopen_prepare(struct sock *sk);

/* init.c */
int xtcp_sock_init(struct sock *sk);
void xtcp_connection_begin(struct sock *sk);

/* input.c */
void xtcp_input(struct sock *sk, struct sk_buff *skb,
		const struct xtcp_segment *seg);
int xtcp_backlog_rcv(struct sock *sk, struct sk_buff *skb);
void xtcp_established(struct sock *sk, u32 syn_retrans);
void xtcp_process_data(struct sock *sk, struct sk_buff *skb,
		       const struct xtcp_segment *seg);

/* limit.c */
void xtcp_limit_note(struct sock *sk);

/* mtu.c */
void xtcp_mss_sync(struct sock *sk);

/* output.c */
int xtcp_syn_prepare(struct sock *sk);
void xtcp_syn_send(struct sock *sk);
void xtcp_push(struct sock *sk);
void xtcp_window_update(struct sock *sk, bool read);
bool xtcp_stream_memory_free(const struct sock *sk, int wake);

/* pace.c */
void xtcp_pace_begin(struct sock *sk);

/* path.c */
void xtcp_mtu_ptb(struct sock *sk);

/* receive.c */
void xtcp_buffer_grow(struct sock *sk, u32 window);
void xtcp_ooo_purge(struct sock *sk);
bool xtcp_worth_reading(const struct sock *sk, u32 n, u32 target);
void xtcp_wake_reader(struct sock *sk);

/* recovery.c */
void xtcp_recovery_unreachable(struct sock *sk, u32 seq);

/* state.c */
void xtcp_state_event(struct sock *sk, u8 event);
void xtcp_state_fail(struct sock *sk, u8 event, int err);
void xtcp_state_adopt(struct sock *child);
void xtcp_state_fast_open(struct sock *child);
bool xtcp_state_retire(struct sock *sk, u64 wait);
void xtcp_abort(struct sock *sk, enum xtcp_reset_reason reason);
void xtcp_make_orphan(struct sock *sk);
void xtcp_abort_child(struct sock *child);
void xtcp_destroy(struct sock *sk);

/* timeout.c */
void xtcp_timers_init(struct sock *sk);
void xtcp_timers_deferred(struct sock *sk, unsigned long bits);

/* timewait.c */
void xtcp_tw_net_init(struct xtcp_net *xn);
void xtcp_tw_net_exit(struct xtcp_net *xn);
void xtcp_tw_kill(struct xtcp_timewait *tw);
bool xtcp_tw_may_reuse(struct xtcp_timewait *tw, struct sock *sk);

/**
 * enum xtcp_tw_verdict - result of a segment to a TIME-WAIT entry
 * @XTCP_TW_DONE: the segment is processed
 * @XTCP_TW_LISTEN: the segment is a SYN for a new connection: the caller passes
 *	it to the listener
 */
enum xtcp_tw_verdict {
	XTCP_TW_DONE,
	XTCP_TW_LISTEN,
};

bool xtcp_tw_yield(struct xtcp_timewait *tw, const struct xtcp_segment *seg);
enum xtcp_tw_verdict xtcp_tw_rcv(struct xtcp_timewait *tw, struct sk_buff *skb,
				 const struct xtcp_tuple *t,
				 const struct xtcp_segment *seg, u32 *iss);

/* transmit.c */
void xtcp_ack_send(struct sock *sk);

/* verdict.c */

/**
 * struct xtcp_arrival - a segment that arrives
 * @skb: the packet
 * @t: its addresses and ports; NULL if the receiver is a socket: they are those
 *	of the socket
 * @seg: the parsed segment
 * @now: time of its arrival, ns of ktime_get()
 */
struct xtcp_arrival {
	struct sk_buff *skb;
	const struct xtcp_tuple *t;
	const struct xtcp_segment *seg;
	u64 now;
};

/**
 * struct xtcp_refusals - actions for segments that are not processed
 * @ack: XTCP_DROP_ACK: answer with an ACK
 * @challenge: XTCP_CHALLENGE: answer with a challenge ACK
 * @aborted: XTCP_RST_VALID: the peer has reset the connection
 * @reset: XTCP_ANSWER_RST: answer with a RST; NULL if it cannot happen
 * @reopen: XTCP_NEW_SYN: a new SYN ends the request; NULL if it cannot happen
 *
 * Sockets, requests and TIME-WAIT entries each have a table of their own. @sk
 * of an action is the receiver of the segment, cast to struct sock. No action
 * consumes the packet.
 */
struct xtcp_refusals {
	void (*ack)(struct sock *sk, const struct xtcp_arrival *in);
	void (*challenge)(struct sock *sk, const struct xtcp_arrival *in);
	void (*aborted)(struct sock *sk, const struct xtcp_arrival *in);
	void (*reset)(struct sock *sk, const struct xtcp_arrival *in);
	void (*reopen)(struct sock *sk, const struct xtcp_arrival *in);
};

void xtcp_refuse(const struct xtcp_refusals *refusals, struct sock *sk,
		 enum xtcp_verdict verdict, enum xtcp_why why,
		 const struct xtcp_arrival *in);

/* wqueue.c */
struct sk_buff *xtcp_skb_new(struct sock *sk, gfp_t gfp);
void xtcp_skb_free(struct sock *sk, struct sk_buff *skb);
void xtcp_queue_tail(struct sock *sk, struct sk_buff *skb);
void xtcp_write_queue_purge(struct sock *sk);
void xtcp_join_sent(struct sock *sk);
bool xtcp_queue_empty(const struct sock *sk);
u32 xtcp_size_goal(const struct sock *sk);

#endif /* XTCP_CONN_H */
