/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The parts of a connection that timeout.c and deadline.c use, for the host.
 * Both are compiled with this file included first; it defines the guards of the
 * headers that it replaces. The test implements the lock, the references and
 * the delayed ACK. The other functions do nothing, and all settings are 0.
 */
#ifndef XTCP_UNIT_CONNECTION_H
#define XTCP_UNIT_CONNECTION_H

#define XTCP_ACKPOLICY_H
#define XTCP_CONN_H
#define XTCP_FASTOPEN_H
#define XTCP_OUTPUT_H
#define XTCP_PATH_H
#define XTCP_RECOVERY_H
#define XTCP_SOCK_H
#define XTCP_WQUEUE_H

#include <netinet/tcp.h>

#include "fsm.h"
#include "tcb.h"
#include "timer.h"

#define BIT(nr)			(1ul << (nr))
#define NSEC_PER_MSEC		1000000ull
#define NSEC_PER_SEC		1000000000ull
#define READ_ONCE(x)		(x)
#define likely(x)		(x)
#define unlikely(x)		(x)
#define min(a, b)		((a) < (b) ? (a) : (b))
#define max(a, b)		((a) > (b) ? (a) : (b))

#define TCPF_SYN_SENT		BIT(TCP_SYN_SENT)
#define TCPF_SYN_RECV		BIT(TCP_SYN_RECV)
#define XTCPF_SYNCHRONIZED	BIT(TCP_ESTABLISHED)

enum {
	XTCP_RTX_NONE,
	XTCP_RTX_RETRANSMIT,
	XTCP_RTX_REORDER,
	XTCP_RTX_TAIL,
	XTCP_RTX_PROBE,
};

enum {
	XTCP_DEFER_RTX,
	XTCP_DEFER_DELACK,
	XTCP_DEFER_KEEP,
	XTCP_DEFER_PACE,
};

enum sock_flags {
	SOCK_DEAD,
	SOCK_KEEPOPEN,
};

enum {
	XTCP_RESET_KEEPALIVE,
};

struct net;

struct sock {
	int sk_state;
	int sk_err_soft;
	int refs;
	int slock;		/* the CPU (enum cpu) that holds it, or -1 */
	bool owned;		/* by CPU_USER */
};

struct xtcp_sock {
	struct sock sk;
	struct xtcp_tcb tcb;
	struct xtcp_timer rtx;
	struct xtcp_timer delack;
	struct xtcp_timer keep;
	struct xtcp_timer pace;
	unsigned long deferred;
	u64 now;
	u64 last_heard;
	u64 retrans_stamp;
	void *send_head;
	u64 rto_at;
	u64 reorder_at;
	u32 keep_time;
	u32 keep_intvl;
	u32 peer_uto;
	u32 user_timeout;
	u32 retransmits;
	u64 rto_since;
	u16 rto_recoveries;
	u16 total_rto;
	u32 rehash;
	u32 probes_out;
	int linger2;
	u8 keep_probes;
	u64 pace_next;
	u8 syn_retries;
	u8 rtx_purpose;
	bool ack_sched;
};

void bh_lock_sock(struct sock *sk);
void bh_unlock_sock(struct sock *sk);
bool sock_owned_by_user(struct sock *sk);
void sock_hold(struct sock *sk);
void sock_put(struct sock *sk);
void __sock_put(struct sock *sk);
void set_bit(int nr, unsigned long *bits);

/* Functions that the two files and the test call. */
void xtcp_timer_set(struct sock *sk, struct xtcp_timer *t, u64 deadline);
void xtcp_timers_kill(struct sock *sk);
void xtcp_timers_init(struct sock *sk);
void xtcp_timers_deferred(struct sock *sk, unsigned long bits);
u32 xtcp_keep_time(const struct sock *sk);
u32 xtcp_keep_intvl(const struct sock *sk);
u32 xtcp_keep_probes(const struct sock *sk);

/* Called when the delayed ACK is due. */
void xtcp_ack_send(struct sock *sk);

static inline void xtcp_ack_waited(struct xtcp_sock *xs)
{
	(void)xs;
}

static inline struct xtcp_sock *xtcp_sk(const struct sock *sk)
{
	return container_of(sk, struct xtcp_sock, sk);
}

/* 0 for each counter and setting; uses both arguments to avoid warnings. */
static inline u32 named(const void *of, const char *name)
{
	return of && name[0] == '?';
}

#define xtcp_count(net, counter)	((void)named(net, #counter))
#define xtcp_sk_count(sk, counter)	((void)named(sk, #counter))
#define xtcp_sk_sysctl(sk, name)	named(sk, #name)
#define xtcp_sysctl(net, name)		named(net, #name)

static inline struct net *sock_net(const struct sock *sk)
{
	return (struct net *)sk;
}

static inline bool sock_flag(const struct sock *sk, enum sock_flags flag)
{
	return sk->sk_err_soft & BIT(flag);
}

static inline bool xtcp_state_in(const struct sock *sk, u32 states)
{
	return BIT(sk->sk_state) & states;
}

static inline bool xtcp_is_fastopen_child(const struct sock *sk)
{
	return sk->sk_err_soft;
}

static inline bool xtcp_probe_send(struct sock *sk)
{
	return sk->sk_err_soft;
}

static inline void xtcp_state_fail(struct sock *sk, u8 event, int err)
{
	(void)sk;
	(void)event;
	(void)err;
}

static inline void xtcp_state_event(struct sock *sk, u8 event)
{
	(void)sk;
	(void)event;
}

static inline void xtcp_fastopen_timeout(struct sock *sk, bool expired)
{
	(void)sk;
	(void)expired;
}

static inline void xtcp_transmit_bare(struct sock *sk, u8 flags, u32 seq)
{
	(void)sk;
	(void)flags;
	(void)seq;
}

static inline void xtcp_reset_peer(struct sock *sk, int reason)
{
	(void)sk;
	(void)reason;
}

static inline void dst_negative_advice(struct sock *sk)
{
	(void)sk;
}

static inline bool sk_rethink_txhash(struct sock *sk)
{
	(void)sk;
	return false;
}

static inline void xtcp_rto_over(struct xtcp_sock *xs)
{
	xs->rto_since = 0;
}

static inline void xtcp_note_app_limit(struct sock *sk)
{
	(void)sk;
}

static inline void xtcp_mtu_timeout(struct sock *sk)
{
	(void)sk;
}

static inline void xtcp_recovery_timeout(struct sock *sk)
{
	(void)sk;
}

static inline void xtcp_recovery_reorder_timeout(struct sock *sk)
{
	(void)sk;
}

static inline void xtcp_loss_probe(struct sock *sk)
{
	(void)sk;
}

static inline void xtcp_retransmit_lost(struct sock *sk)
{
	(void)sk;
}

static inline void xtcp_push(struct sock *sk)
{
	(void)sk;
}

static inline bool xtcp_sent_single(const struct sock *sk)
{
	return !xtcp_sk(sk)->send_head;
}

static inline bool xtcp_nothing_unsent(const struct sock *sk)
{
	return !xtcp_sk(sk)->send_head;
}

#endif /* XTCP_UNIT_CONNECTION_H */
