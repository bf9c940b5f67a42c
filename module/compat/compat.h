/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The only place with checks of the kernel version. All other code is written
 * for the newest kernel. This file defines the functions that older kernels
 * lack; each entry names the release that introduced the change. Kbuild
 * includes this file before each source file. "(Kbuild)": Kbuild looks for the
 * change in the kernel's headers, because stable releases have it as well.
 */
#ifndef XTCP_COMPAT_H
#define XTCP_COMPAT_H

#include <linux/version.h>
#include <linux/tcp.h>
#include <linux/hrtimer.h>
#include <linux/net.h>
#include <linux/rculist_nulls.h>
#include <net/inet_common.h>
#include <net/inet6_hashtables.h>
#include <net/inet_hashtables.h>
#include <net/inet_sock.h>
#include <net/sock.h>

/* 6.12: the unaligned accessors have one header for all architectures. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 12, 0)
#include <linux/unaligned.h>
#else
#include <asm/unaligned.h>
#endif

/* 6.9 and 6.10: functions that moved to new headers. */
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 9, 0)
#include <net/rps.h>
#endif
#if LINUX_VERSION_CODE >= KERNEL_VERSION(6, 10, 0)
#include <linux/skbuff_ref.h>
#include <net/proto_memory.h>
#endif

/* 6.13: hrtimer_setup() replaces hrtimer_init() and setting .function. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 13, 0)
static inline void xtcp_hrtimer_setup(struct hrtimer *timer,
				      enum hrtimer_restart (*fn)(struct hrtimer *),
				      clockid_t clock, enum hrtimer_mode mode)
{
	hrtimer_init(timer, clock, mode);
	timer->function = fn;
}

#define hrtimer_setup(timer, fn, clock, mode)				\
	xtcp_hrtimer_setup(timer, fn, clock, mode)
#endif

/* 6.10: accept() takes its arguments in a structure. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 10, 0)
struct proto_accept_arg {
	int flags;
	int err;
	int is_empty;
	bool kern;
};

#define XTCP_ACCEPT_OP(name)						\
static int name##_compat(struct socket *sock, struct socket *newsock,	\
			 int flags, bool kern)				\
{									\
	struct proto_accept_arg arg = { .flags = flags, .kern = kern };	\
									\
	return name(sock, newsock, &arg);				\
}
#define XTCP_ACCEPT_OP_NAME(name) name##_compat
#else
#define XTCP_ACCEPT_OP(name)
#define XTCP_ACCEPT_OP_NAME(name) name
#endif

/* 6.7 and stable: inet_id, the IP identification, became atomic (Kbuild). */
#ifdef XTCP_ATOMIC_INET_ID
#define xtcp_set_inet_id(sk, v)	atomic_set(&inet_sk(sk)->inet_id, v)
#else
#define xtcp_set_inet_id(sk, v)	(inet_sk(sk)->inet_id = (v))
#endif

/* 6.3, 6.9 and stable: IP_LOCAL_PORT_RANGE, high << 16 | low (Kbuild). */
#if defined(XTCP_LOCAL_PORT_RANGE)
#define xtcp_local_port_range(sk) READ_ONCE(inet_sk(sk)->local_port_range)
#elif defined(XTCP_LOCAL_PORT_PAIR)
#define xtcp_local_port_range(sk)					\
	((u32)READ_ONCE(inet_sk(sk)->local_port_range.hi) << 16 |	\
	 READ_ONCE(inet_sk(sk)->local_port_range.lo))
#else
#define xtcp_local_port_range(sk) ((void)(sk), 0)
#endif

/* 6.18 and stable: the flow labels of a socket moved to inet_sock (Kbuild). */
#ifdef XTCP_INET_FL_LIST
#define xtcp_clear_fl_list(sk)						\
	RCU_INIT_POINTER(inet_sk(sk)->ipv6_fl_list, NULL)
#else
#define xtcp_clear_fl_list(sk)						\
	RCU_INIT_POINTER(inet_sk(sk)->pinet6->ipv6_fl_list, NULL)
#endif

/*
 * 6.7 and stable: with SOCK_CUSTOM_SOCKOPT a protocol handles options of
 * SOL_SOCKET itself (Kbuild). On older kernels it cannot refuse
 * SO_TIMESTAMPING, so sending with transmit timestamps enabled is refused.
 */
#ifdef XTCP_CUSTOM_SOCKOPT
#define xtcp_set_custom_sockopt(sock)					\
	set_bit(SOCK_CUSTOM_SOCKOPT, &(sock)->flags)
#define xtcp_wants_tx_stamps(sk)	((void)(sk), false)
#else
#define xtcp_set_custom_sockopt(sock)	do { } while (0)
#define xtcp_wants_tx_stamps(sk)					\
	((sk)->sk_tsflags & SOF_TIMESTAMPING_TX_RECORD_MASK)
#endif

/* 6.12: memory allocated in softirq can be charged later (Kbuild). */
#ifndef XTCP_KMEM_CACHE_CHARGE
#define kmem_cache_charge(obj, gfp)	do { } while (0)
#endif

/* 6.10: the socket option TCP_IS_MPTCP. */
#ifndef TCP_IS_MPTCP
#define TCP_IS_MPTCP 43
#endif

/* 6.15: the socket option TCP_RTO_MAX_MS. */
#ifndef TCP_RTO_MAX_MS
#define TCP_RTO_MAX_MS 44
#endif

/* 6.2: TCP_INFO reports the receive window, and new flow hashes. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 2, 0)
#define xtcp_info_path(info, wnd, hashes)				\
	((void)(info), (void)(wnd), (void)(hashes))
#else
#define xtcp_info_path(info, wnd, hashes)				\
do {									\
	(info)->tcpi_rcv_wnd = (wnd);					\
	(info)->tcpi_rehash = (hashes);					\
} while (0)
#endif

/* 6.7: TCP_INFO reports timeouts. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define xtcp_info_timeouts(info, n, recoveries, ms)			\
	((void)(info), (void)(n), (void)(recoveries), (void)(ms))
#else
#define xtcp_info_timeouts(info, n, recoveries, ms)			\
do {									\
	(info)->tcpi_total_rto = (n);					\
	(info)->tcpi_total_rto_recoveries = (recoveries);		\
	(info)->tcpi_total_rto_time = (ms);				\
} while (0)
#endif

/* 6.6: the flags of inet_sock became bits of inet_flags. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define xtcp_recverr(sk)	(inet_sk(sk)->recverr)
#define xtcp_freebind(sk)						\
	(inet_sk(sk)->freebind || inet_sk(sk)->transparent)
#define xtcp_bind_address_no_port(sk)	(inet_sk(sk)->bind_address_no_port)
#define xtcp_set_mc_defaults(sk)					\
	(inet_sk(sk)->mc_loop = inet_sk(sk)->mc_all = 1)
#else
#define xtcp_set_mc_defaults(sk)					\
do {									\
	inet_set_bit(MC_LOOP, sk);					\
	inet_set_bit(MC_ALL, sk);					\
} while (0)
#define xtcp_recverr(sk)	inet_test_bit(RECVERR, sk)
#define xtcp_freebind(sk)						\
	(inet_test_bit(FREEBIND, sk) || inet_test_bit(TRANSPARENT, sk))
#define xtcp_bind_address_no_port(sk)					\
	inet_test_bit(BIND_ADDRESS_NO_PORT, sk)
#endif

/* 6.8: the same for the flags of ipv6_pinfo. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 8, 0)
#define xtcp_recverr6(sk)	(inet6_sk(sk)->recverr)
#define xtcp_repflow(sk)	(inet6_sk(sk)->repflow)
#define xtcp_set_repflow(sk, v)	(inet6_sk(sk)->repflow = (v))
#define xtcp_sndflow(sk)	(inet6_sk(sk)->sndflow)
#define xtcp_set_mc_defaults6(sk)					\
	(inet6_sk(sk)->mc_loop = inet6_sk(sk)->mc_all = 1)
#else
#define xtcp_recverr6(sk)	inet6_test_bit(RECVERR6, sk)
#define xtcp_repflow(sk)	inet6_test_bit(REPFLOW, sk)
#define xtcp_set_repflow(sk, v)	inet6_assign_bit(REPFLOW, sk, v)
#define xtcp_sndflow(sk)	inet6_test_bit(SNDFLOW, sk)
#define xtcp_set_mc_defaults6(sk)					\
do {									\
	inet6_set_bit(MC6_LOOP, sk);					\
	inet6_set_bit(MC6_ALL, sk);					\
} while (0)
#endif

/* 6.7: BPF programs of a cgroup may change the length of an address. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 7, 0)
#define xtcp_bpf_bind(sk, uaddr, len, type, flags)			\
	BPF_CGROUP_RUN_PROG_INET_BIND_LOCK(sk, uaddr, type, flags)
#define xtcp_bpf_connect4(sk, uaddr, len)				\
	BPF_CGROUP_RUN_PROG_INET4_CONNECT(sk, uaddr)
#define xtcp_bpf_connect6(sk, uaddr, len)				\
	BPF_CGROUP_RUN_PROG_INET6_CONNECT(sk, uaddr)
#else
#define xtcp_bpf_bind(sk, uaddr, len, type, flags)			\
	BPF_CGROUP_RUN_PROG_INET_BIND_LOCK(sk, uaddr, len, type, flags)
#define xtcp_bpf_connect4(sk, uaddr, len)				\
	BPF_CGROUP_RUN_PROG_INET4_CONNECT(sk, uaddr, len)
#define xtcp_bpf_connect6(sk, uaddr, len)				\
	BPF_CGROUP_RUN_PROG_INET6_CONNECT(sk, uaddr, len)
#endif

/* 6.6: sysctl tables are registered with their size. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 6, 0)
#define register_net_sysctl_sz(net, path, table, size)			\
	register_net_sysctl(net, path, table)
#endif

/* 6.6, and stable kernels: struct proto has the offset of ipv6_pinfo. */
#ifndef XTCP_PINFO_OFFSET
#define XTCP_IPV6_PINFO_OFFSET(type, member)
#else
#define XTCP_IPV6_PINFO_OFFSET(type, member)				\
	.ipv6_pinfo_offset = offsetof(type, member),
#endif

/* 6.5: splice() calls sendmsg() with MSG_SPLICE_PAGES. */
#ifndef MSG_SPLICE_PAGES
#define MSG_SPLICE_PAGES 0
#define skb_splice_from_iter(skb, iter, size, gfp) ((ssize_t)-EOPNOTSUPP)
#endif

/* 6.19 and stable: replace a node of a nulls list atomically (Kbuild). */
#ifndef XTCP_NULLS_REPLACE
static inline void hlist_nulls_replace_init_rcu(struct hlist_nulls_node *old,
						struct hlist_nulls_node *node)
{
	struct hlist_nulls_node *next = old->next;

	WRITE_ONCE(node->next, next);
	WRITE_ONCE(node->pprev, old->pprev);
	rcu_assign_pointer(*(struct hlist_nulls_node __rcu **)node->pprev, node);
	if (!is_a_nulls(next))
		WRITE_ONCE(next->pprev, &node->next);
	WRITE_ONCE(old->pprev, NULL);
}
#endif

/* 6.11: sysctl tables are const and have no sentinel. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 11, 0)
#define XTCP_SYSCTL_SENTINEL 1
#define XTCP_CTL_CONST
#else
#define XTCP_SYSCTL_SENTINEL 0
#define XTCP_CTL_CONST const
#endif

/* 6.17: sk_uid() gives the owner. Before, /proc shows 0 for an orphan. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 17, 0)
#define xtcp_proc_uid(sk)	sock_i_uid(sk)
#else
#define xtcp_proc_uid(sk)	sk_uid(sk)
#endif

/* 6.18: lookups in the tables of the kernel's TCP take only the namespace. */
#if LINUX_VERSION_CODE < KERNEL_VERSION(6, 18, 0)
#define inet_lookup_listener(net, ...)					\
	inet_lookup_listener(net, (net)->ipv4.tcp_death_row.hashinfo,	\
			     __VA_ARGS__)
#define inet6_lookup_listener(net, ...)					\
	inet6_lookup_listener(net, (net)->ipv4.tcp_death_row.hashinfo,	\
			      __VA_ARGS__)
#define __inet_lookup_established(net, ...)				\
	__inet_lookup_established(net,					\
				  (net)->ipv4.tcp_death_row.hashinfo,	\
				  __VA_ARGS__)
#define __inet6_lookup_established(net, ...)				\
	__inet6_lookup_established(net,					\
				   (net)->ipv4.tcp_death_row.hashinfo,	\
				   __VA_ARGS__)
#endif

/* 6.19: bind() and connect() take a struct sockaddr_unsized (Kbuild). */
#ifndef XTCP_SOCKADDR_UNSIZED
#define sockaddr_unsized sockaddr
#endif

/* 7.1: inet_recv_error() sets msg_namelen itself (Kbuild). */
#ifdef XTCP_RECV_ERROR_ADDR_LEN
static inline int xtcp_inet_recv_error(struct sock *sk, struct msghdr *msg,
				       int len)
{
	int addr_len = 0;
	int ret = inet_recv_error(sk, msg, len, &addr_len);

	if (ret >= 0)
		msg->msg_namelen = addr_len;
	return ret;
}

#define inet_recv_error(sk, msg, len)	xtcp_inet_recv_error(sk, msg, len)
#endif

/*
 * The clock of skb_set_delivery_time(): up to Linux 6.8 a bool, whether it is
 * monotonic; later an enum with the same value.
 */
#define XTCP_CLOCK_MONOTONIC	1

#endif /* XTCP_COMPAT_H */
