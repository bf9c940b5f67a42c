/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Sockets: the fields that the module uses, the accounting of memory, and the
 * calls that wake a program.
 */
#ifndef XTCP_SIM_SOCK_H
#define XTCP_SIM_SOCK_H

#include "basics.h"
#include "net.h"
#include "skbuff.h"

/* TCP_ESTABLISHED and the others are those of <netinet/tcp.h>. */
#define TCP_NEW_SYN_RECV	12
#define TCPF_ESTABLISHED	BIT(TCP_ESTABLISHED)
#define TCPF_SYN_SENT		BIT(TCP_SYN_SENT)
#define TCPF_SYN_RECV		BIT(TCP_SYN_RECV)
#define TCPF_FIN_WAIT1		BIT(TCP_FIN_WAIT1)
#define TCPF_FIN_WAIT2		BIT(TCP_FIN_WAIT2)
#define TCPF_CLOSE_WAIT		BIT(TCP_CLOSE_WAIT)
#define TCPF_LAST_ACK		BIT(TCP_LAST_ACK)
#define TCPF_LISTEN		BIT(TCP_LISTEN)
#define TCPF_CLOSING		BIT(TCP_CLOSING)

#define RCV_SHUTDOWN		1
#define SEND_SHUTDOWN		2
#define SHUTDOWN_MASK		3

#define SOCK_SNDBUF_LOCK	1
#define SOCK_RCVBUF_LOCK	2
#define SOCK_BINDPORT_LOCK	8

enum {
	SK_PACING_NONE,
	SK_PACING_NEEDED,
	SK_PACING_FQ,
};

enum sock_flags {
	SOCK_DEAD,
	SOCK_DONE,
	SOCK_URGINLINE,
	SOCK_KEEPOPEN,
	SOCK_USE_WRITE_QUEUE,
};

/* Bits of struct socket.flags. */
#define SOCK_NOSPACE		2

enum {
	SOCK_WAKE_IO,
	SOCK_WAKE_WAITD,
	SOCK_WAKE_SPACE,
};

/* A program that waits; @wake runs it soon. */
typedef struct {
	void (*wake)(void *program);
	void *program;
} wait_queue_head_t;

struct socket_wq {
	wait_queue_head_t wait;
	void *fasync_list;
};

struct socket {
	struct sock *sk;
	struct file *file;
	unsigned long flags;
	struct socket_wq wq;
};

/* Where the next payload of a socket comes from (stream.h). */
struct page_frag {
	struct page *page;
	u32 offset;
	u32 size;
};

struct sock_common {
	int unused;
};

struct sock {
	u8 sk_state;
	u16 sk_family;
	u16 sk_num;
	__be16 sk_dport;
	int sk_bound_dev_if;
	struct in6_addr sk_v6_rcv_saddr;
	struct in6_addr sk_v6_daddr;
	refcount_t sk_refcnt;
	unsigned long sk_flags;
	u8 sk_shutdown;
	u8 sk_userlocks;
	int sk_write_pending;
	bool sk_dst_pending_confirm;
	int sk_err;
	int sk_err_soft;
	u32 sk_txhash;
	u32 sk_mark;
	u32 sk_priority;
	u32 sk_pacing_status;
	u8 sk_pacing_shift;
	unsigned long sk_pacing_rate;
	unsigned long sk_max_pacing_rate;
	gfp_t sk_allocation;
	struct sk_buff_head sk_write_queue;
	struct sk_buff_head sk_receive_queue;
	struct sk_buff_head sk_error_queue;
	struct {
		int len;
		struct sk_buff *tail;
	} sk_backlog;
	int sk_sndbuf;
	int sk_rcvbuf;
	int sk_rcvlowat;
	int sk_wmem_queued;
	int sk_forward_alloc;
	int sk_reserved;		/* memory taken so far, bytes */
	atomic_t sk_rmem_alloc;
	atomic_t sk_wmem_alloc;
	u32 sk_gso_max_size;
	u16 sk_gso_max_segs;
	struct dst_entry *sk_dst_cache;
	struct page_frag sk_frag;
	struct socket *sk_socket;
	struct socket_wq *sk_wq;
	void (*sk_data_ready)(struct sock *sk);
	void (*sk_write_space)(struct sock *sk);
	void (*sk_state_change)(struct sock *sk);
	void (*sk_destruct)(struct sock *sk);
};

struct ipv6_pinfo {
	u32 dst_cookie;
};

struct inet_sock {
	struct sock sk;
	__be16 inet_sport;
	__be16 inet_dport;
	u8 pmtudisc;
	struct ipv6_pinfo *pinet6;
};

static inline struct inet_sock *inet_sk(const struct sock *sk)
{
	return (struct inet_sock *)sk;
}

static inline struct ipv6_pinfo *inet6_sk(const struct sock *sk)
{
	return inet_sk(sk)->pinet6;
}

static inline struct net *sock_net(const struct sock *sk)
{
	(void)sk;
	return &init_net;
}

/* Flags, locks, references. */

static inline bool sock_flag(const struct sock *sk, enum sock_flags flag)
{
	return sk->sk_flags & BIT(flag);
}

static inline void sock_set_flag(struct sock *sk, enum sock_flags flag)
{
	sk->sk_flags |= BIT(flag);
}

#define lock_sock(sk)			((void)(sk))
#define release_sock(sk)		((void)(sk))
#define bh_lock_sock(sk)		((void)(sk))
#define bh_unlock_sock(sk)		((void)(sk))
#define sock_owned_by_user(sk)		((void)(sk), false)
#define sock_orphan(sk)			sock_set_flag(sk, SOCK_DEAD)
#define sock_hold(sk)			((void)(sk)->sk_refcnt.n++)
#define __sock_put(sk)			((void)(sk)->sk_refcnt.n--)
#define sock_put(sk)			__sock_put(sk)
#define inet_sk_state_load(sk)		((sk)->sk_state)

/* Nothing to do: no security module, no IPsec, no signals, no counts. */
#define security_inet_conn_established(sk, skb)	((void)(sk))
#define xfrm_sk_free_policy(sk)		((void)(sk))
#define sk_send_sigurg(sk)		((void)(sk))
#define sk_wake_async(sk, how, band)	((void)(sk))
#define sock_wake_async(wq, how, band)	((void)(wq))
#define sk_sockets_allocated_inc(sk)	((void)(sk))
#define sk_sockets_allocated_dec(sk)	((void)(sk))
#define inet_sock_destruct(sk)		((void)(sk))
#define inet6_sock_destruct(sk)		((void)(sk))
#define sk_rethink_txhash(sk)		((void)(sk), false)
#define dst_negative_advice(sk)		((void)(sk))
#define sk_stream_kill_queues(sk)	((void)(sk))

/* No qdisc paces. */
#define XTCP_CLOCK_MONOTONIC		0
#define skb_set_delivery_time(skb, t, clock)	((void)(skb), (void)(t))

#define sk_wmem_alloc_get(sk)		refcount_read(&(sk)->sk_wmem_alloc)

/* Routes. */

#define IP_PMTUDISC_WANT		1
#define IP_PMTUDISC_DO			2
#define __sk_dst_get(sk)		((sk)->sk_dst_cache)
#define __sk_dst_check(sk, cookie)	((void)(cookie), (sk)->sk_dst_cache)
#define sk_dst_confirm(sk)		((sk)->sk_dst_pending_confirm = true)

/* Programs. */

#define skwq_has_sleeper(wq)		((wq) && (wq)->wait.wake)
#define wake_up_interruptible_poll(w, events)	((w)->wake((w)->program))

static inline void sk_error_report(struct sock *sk)
{
	sk->sk_state_change(sk);
}

/* Memory: without limits besides those of the socket. */

static inline bool sk_wmem_schedule(struct sock *sk, int size)
{
	int more = size - sk->sk_forward_alloc;

	if (more <= 0)
		return true;
	more = ALIGN(more, PAGE_SIZE);
	sk->sk_forward_alloc += more;
	sk->sk_reserved += more;
	return true;
}

static inline void sk_mem_charge(struct sock *sk, int size)
{
	sk->sk_forward_alloc -= size;
}

static inline void sk_mem_uncharge(struct sock *sk, int size)
{
	sk->sk_forward_alloc += size;
}

#define sk_rmem_schedule(sk, skb, size)	sk_wmem_schedule(sk, size)
#define sk_under_memory_pressure(sk)	((void)(sk), false)
#define sk_wmem_queued_add(sk, n)	((void)((sk)->sk_wmem_queued += (n)))
#define sk_mem_reclaim(sk)		((void)(sk))
#define sk_stream_memory_free(sk)	xtcp_stream_memory_free(sk, 0)

static inline bool __sk_stream_is_writeable(const struct sock *sk, int wake)
{
	bool xtcp_stream_memory_free(const struct sock *sk, int wake);

	return sk->sk_sndbuf - sk->sk_wmem_queued >=
	       sk->sk_wmem_queued >> 1 && xtcp_stream_memory_free(sk, wake);
}

#define sk_stream_is_writeable(sk)	__sk_stream_is_writeable(sk, 0)

void skb_set_owner_r(struct sk_buff *skb, struct sock *sk);
void skb_set_owner_w(struct sk_buff *skb, struct sock *sk);

#endif /* XTCP_SIM_SOCK_H */
