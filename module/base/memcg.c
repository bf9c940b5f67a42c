// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that is charged regardless of the limits, and the memory cgroup of an
 * accepted socket.
 *
 * sk_alloc() charges a socket that a task creates to the task's cgroup. A child
 * is created in softirq and belongs to no cgroup until accept(). Then it is
 * charged, with all its memory, to the cgroup of the task that accepts it. The
 * kernel's own function for this is not exported, but the functions that it
 * uses are.
 */
#include <linux/memcontrol.h>
#include <linux/slab.h>

#include "memcg.h"

/*
 * Charge @amount bytes regardless of the limits. __sk_mem_schedule() refuses
 * send memory only to a socket that is below its send buffer, so the send
 * buffer is 0 meanwhile. SOCK_SNDBUF_LOCK keeps sk_stream_moderate_sndbuf()
 * off.
 */
static void mem_charge_forced(struct sock *sk, int amount)
{
	int sndbuf = sk->sk_sndbuf;
	u8 locks = sk->sk_userlocks;

	sk->sk_userlocks |= SOCK_SNDBUF_LOCK;
	WRITE_ONCE(sk->sk_sndbuf, 0);
	WARN_ON_ONCE(!__sk_mem_schedule(sk, amount, SK_MEM_SEND));
	WRITE_ONCE(sk->sk_sndbuf, sndbuf);
	sk->sk_userlocks = locks;
}

/**
 * xtcp_mem_charge_forced() - reserve memory that must not be refused
 * @sk: the socket, lock held
 * @size: truesize, bytes; the caller charges it afterwards
 *
 * Context: process or softirq, socket lock held.
 */
void xtcp_mem_charge_forced(struct sock *sk, int size)
{
	int more = size - sk->sk_forward_alloc;

	if (more <= 0)
		return;
	mem_charge_forced(sk, more);
	/*
	 * poll() may have seen a send buffer of 0, and set SOCK_NOSPACE: wake
	 * the writer. The barrier pairs with that in xtcp_poll().
	 */
	smp_mb();
	if (sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
		sk->sk_write_space(sk);
}

#ifdef CONFIG_MEMCG

/* The cgroup of the current task, with a reference; NULL for no charge. */
static struct mem_cgroup *memcg_of_current(const struct sock *listener)
{
	struct mem_cgroup *memcg;

	rcu_read_lock();
	memcg = mem_cgroup_from_task(current);
	/*
	 * The root cgroup has no limit. Version 1 has a separate limit for
	 * sockets, off by default: sk_alloc() charged the listener only if it
	 * is set. So there, charge only the cgroup of the listener.
	 */
	if (memcg && (!parent_mem_cgroup(memcg) ||
		      (!cgroup_subsys_on_dfl(memory_cgrp_subsys) &&
		       memcg != listener->sk_memcg) ||
		      !css_tryget(&memcg->css)))
		memcg = NULL;
	rcu_read_unlock();
	return memcg;
}

/**
 * xtcp_memcg_accept() - charge an accepted socket to the current task's cgroup
 * @listener: the listener it comes from
 * @child: locked; no file refers to it yet
 *
 * Context: process; sleeps.
 */
void xtcp_memcg_accept(const struct sock *listener, struct sock *child)
{
	struct mem_cgroup *memcg;
	int amount;

	if (!mem_cgroup_sockets_enabled || child->sk_memcg)
		return;
	memcg = memcg_of_current(listener);
	if (memcg) {
		/* Uncharge globally, then charge globally and to the cgroup. */
		amount = sk_mem_pages(child->sk_forward_alloc +
				      child->sk_wmem_queued +
				      atomic_read(&child->sk_rmem_alloc))
			 << PAGE_SHIFT;
		__sk_mem_reclaim(child, amount);
		child->sk_memcg = memcg;
		/* Already allocated, and the socket is not visible yet. */
		if (amount)
			mem_charge_forced(child, amount);
	}
	kmem_cache_charge(child, GFP_KERNEL | __GFP_NOFAIL);
}

#endif
