// SPDX-License-Identifier: GPL-2.0
/*
 * Memory and reference counts of requests and TIME-WAIT entries.
 */
#include <linux/slab.h>
#include <net/dst.h>

#include "entry.h"

static struct kmem_cache *request_cache;
static struct kmem_cache *tw_cache;

/**
 * xtcp_request_init() - create the cache of requests
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_request_init(void)
{
	request_cache = kmem_cache_create("xtcp_request",
					  sizeof(struct xtcp_request), 0,
					  SLAB_TYPESAFE_BY_RCU |
					  SLAB_HWCACHE_ALIGN | SLAB_ACCOUNT,
					  NULL);
	return request_cache ? 0 : -ENOMEM;
}

/**
 * xtcp_request_exit() - destroy the cache of requests
 */
void xtcp_request_exit(void)
{
	kmem_cache_destroy(request_cache);
}

/**
 * xtcp_request_alloc() - allocate a request
 * @listener: the listening socket; the caller has no reference
 *
 * The caller sets the struct sock_common, with the reference count.
 *
 * Context: softirq, RCU read side.
 * Return: the request with a reference on @listener, zeroed except for its
 * struct sock_common; NULL if there is no memory, or the listener is being
 * freed.
 */
struct xtcp_request *xtcp_request_alloc(struct sock *listener)
{
	struct xtcp_request *rq;

	rq = kmem_cache_alloc(request_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (!rq)
		return NULL;
	/* The caller has no reference: the listener may be freed soon. */
	if (!refcount_inc_not_zero(&listener->sk_refcnt)) {
		kmem_cache_free(request_cache, rq);
		return NULL;
	}
	memset((char *)rq + sizeof(rq->c), 0, sizeof(*rq) - sizeof(rq->c));
	rq->listener = listener;
	return rq;
}

/**
 * xtcp_request_put() - drop a reference; the last one frees the request
 * @rq: the request
 *
 * Context: any; the caller may hold @rq->lock if another reference remains.
 */
void xtcp_request_put(struct xtcp_request *rq)
{
	if (!refcount_dec_and_test(&rq->c.skc_refcnt))
		return;
	dst_release(rq->dst);
	sock_put(rq->listener);
	kmem_cache_free(request_cache, rq);
}

/**
 * xtcp_tw_init() - create the cache of TIME-WAIT entries
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_tw_init(void)
{
	tw_cache = kmem_cache_create("xtcp_timewait",
				     sizeof(struct xtcp_timewait), 0,
				     SLAB_TYPESAFE_BY_RCU | SLAB_HWCACHE_ALIGN |
				     SLAB_ACCOUNT, NULL);
	return tw_cache ? 0 : -ENOMEM;
}

/**
 * xtcp_tw_exit() - destroy the cache of TIME-WAIT entries
 */
void xtcp_tw_exit(void)
{
	kmem_cache_destroy(tw_cache);
}

/**
 * xtcp_tw_alloc() - allocate a TIME-WAIT entry
 *
 * The caller sets the struct sock_common, with the reference count.
 *
 * Context: any.
 * Return: the entry, zeroed except for its struct sock_common, or NULL.
 */
struct xtcp_timewait *xtcp_tw_alloc(void)
{
	struct xtcp_timewait *tw;

	tw = kmem_cache_alloc(tw_cache, GFP_ATOMIC | __GFP_NOWARN);
	if (tw)
		memset((char *)tw + sizeof(tw->c), 0,
		       sizeof(*tw) - sizeof(tw->c));
	return tw;
}

/**
 * xtcp_tw_put() - drop a reference; the last one frees the entry
 * @tw: the entry
 *
 * Context: any.
 */
void xtcp_tw_put(struct xtcp_timewait *tw)
{
	if (refcount_dec_and_test(&tw->c.skc_refcnt))
		kmem_cache_free(tw_cache, tw);
}

/**
 * xtcp_entry_put() - drop the reference that a lookup took
 * @sk: a socket, a request or a TIME-WAIT entry
 *
 * Context: any.
 */
void xtcp_entry_put(struct sock *sk)
{
	if (sk->sk_state == TCP_NEW_SYN_RECV)
		xtcp_request_put(xtcp_rq(sk));
	else if (sk->sk_state == TCP_TIME_WAIT)
		xtcp_tw_put(xtcp_tw(sk));
	else
		sock_put(sk);
}
