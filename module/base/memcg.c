// SPDX-License-Identifier: GPL-2.0
/*
 * Memory that is charged whatever the limits say, and which memory cgroup pays for
 * an accepted socket.
 *
 * A socket that a task makes is charged to the task's cgroup by sk_alloc(). A child
 * is made in softirq, of somebody's packet, and belongs to no cgroup until accept():
 * then to that of the task that accepts, with all it holds by then. What the core
 * does this with is not exported, but what it consists of is.
 */
#include <linux/memcontrol.h>
#include <linux/slab.h>

#include "memcg.h"

/*
 * Charge @amount bytes whatever the limits are: what goes beyond a send buffer is
 * charged by force.
 */
static void charge_by_force(struct sock *sk, int amount)
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
 * xtcp_mem_force() - memory for what must not be refused
 * @sk: the socket, lock held
 * @size: truesize of it, bytes; the caller charges it then
 */
void xtcp_mem_force(struct sock *sk, int size)
{
	int more = size - sk->sk_forward_alloc;

	if (more <= 0)
		return;
	charge_by_force(sk, more);
	/* A poll() meanwhile may have found no send buffer. */
	smp_mb();
	if (sk->sk_socket && test_bit(SOCK_NOSPACE, &sk->sk_socket->flags))
		sk->sk_write_space(sk);
}

#ifdef CONFIG_MEMCG

/* The cgroup of the current task, with a reference, or NULL if nobody pays. */
static struct mem_cgroup *payer(const struct sock *listener)
{
	struct mem_cgroup *memcg;

	rcu_read_lock();
	memcg = mem_cgroup_from_task(current);
	/*
	 * The root has no limit. Version 1 has a limit of its own for sockets, which
	 * is off unless somebody sets it: sk_alloc() knew when the listener was made.
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
 * xtcp_memcg_accept() - an accepted socket is charged to who accepts it
 * @listener: where it was
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
	memcg = payer(listener);
	if (memcg) {
		/* Given back to all, and taken again for the cgroup as well. */
		amount = sk_mem_pages(child->sk_forward_alloc +
				      child->sk_wmem_queued +
				      atomic_read(&child->sk_rmem_alloc))
			 << PAGE_SHIFT;
		__sk_mem_reclaim(child, amount);
		child->sk_memcg = memcg;
		/* It is allocated already, and nobody else sees the socket yet. */
		if (amount)
			charge_by_force(child, amount);
	}
	kmem_cache_charge(child, GFP_KERNEL | __GFP_NOFAIL);
}

#endif
