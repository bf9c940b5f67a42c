// SPDX-License-Identifier: GPL-2.0
/*
 * TCP Fast Open (RFC 7413): keys and cookies of a server, and its limit of
 * connections whose client address is not verified yet; the cache of a client.
 *
 * The cache of a client is a small table per namespace. Its lock is taken once
 * for each SYN that may carry the option, and once for the answer.
 */
#include <linux/jhash.h>
#include <linux/rtnetlink.h>
#include <linux/slab.h>
#include <net/dst.h>

#include "conn.h"
#include "fastopen.h"

/* How long a reset connection counts against the limit, ns (RFC 7413 5.1). */
#define RESET_COUNTS_NS		(60ULL * NSEC_PER_SEC)

/* Limit of entries in the cache of a client, per namespace. */
#define PATHS_MAX		1024

/*
 * After PATH_LOSSES consecutive SYNs that were answered only when they were
 * retransmitted without their data, the server gets plain SYNs for
 * PATH_REST_NS. Each further loss doubles the time, up to REST_SHIFT_MAX times
 * (RFC 7413 4.1.3.1).
 */
#define PATH_LOSSES		2
#define PATH_REST_NS		(60ULL * NSEC_PER_SEC)
#define REST_SHIFT_MAX		6

/**
 * enum fo_exp - use of the experimental form of the option (kind 254)
 * @FO_EXP_UNTRIED: not used yet
 * @FO_EXP_NEXT: used for the next request
 * @FO_EXP_FAILED: it brought no cookie either
 */
enum fo_exp {
	FO_EXP_UNTRIED,
	FO_EXP_NEXT,
	FO_EXP_FAILED,
};

/**
 * struct fo_path - one server in the cache of a client, under the lock of
 *	struct xtcp_fastopen_net
 * @node: in its bucket
 * @lru: in xtcp_fastopen_net.lru, newest first
 * @laddr: our address; the cookie is valid only for it
 * @raddr: the server's address
 * @cookie: the last cookie that the server sent
 * @exp: enum fo_exp: how to request a cookie if there is none
 * @losses: consecutive SYNs whose data seems to have been lost
 * @lost_at: when the last of these losses was detected, ns
 * @mss: the MSS option of the server's last SYN-ACK, bytes; 0: none
 */
struct fo_path {
	struct hlist_node node;
	struct list_head lru;
	struct in6_addr laddr;
	struct in6_addr raddr;
	struct xtcp_fo_cookie cookie;
	u8 exp;
	u8 losses;
	u16 mss;
	u64 lost_at;
};

/**
 * struct reset - a connection that was reset before its handshake ended
 * @node: on xtcp_listener.fo_resets, oldest first; under xtcp_listener.lock
 * @until: when it stops counting against the limit, ns of ktime_get()
 */
struct reset {
	struct list_head node;
	u64 until;
};

/* Keys */

/**
 * xtcp_fastopen_set_keys() - install new keys
 * @where: the pointer of a namespace or of a socket; replaced atomically
 * @raw: @n keys of XTCP_FO_KEY_LEN bytes, each two little-endian 64-bit words
 * @n: 1 or 2
 *
 * The old keys are freed after an RCU grace period.
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int xtcp_fastopen_set_keys(struct xtcp_fastopen_keys __rcu **where,
			   const u8 *raw, u32 n)
{
	struct xtcp_fastopen_keys *keys = kzalloc(sizeof(*keys), GFP_KERNEL_ACCOUNT);
	u32 i;

	if (!keys)
		return -ENOMEM;
	keys->n = n;
	for (i = 0; i < n; i++, raw += XTCP_FO_KEY_LEN) {
		keys->key[i].key[0] = get_unaligned_le64(raw);
		keys->key[i].key[1] = get_unaligned_le64(raw + 8);
	}
	keys = unrcu_pointer(xchg(where, RCU_INITIALIZER(keys)));
	if (keys)
		kfree_rcu(keys, rcu);
	return 0;
}

/**
 * xtcp_fastopen_get_keys() - read the keys of a namespace or of a socket
 * @where: the pointer of a namespace or of a socket
 * @raw: room for XTCP_FO_KEYS_MAX keys, as in xtcp_fastopen_set_keys()
 *
 * Return: number of keys written to @raw; 0 if there are none.
 */
u32 xtcp_fastopen_get_keys(struct xtcp_fastopen_keys __rcu **where, u8 *raw)
{
	const struct xtcp_fastopen_keys *keys;
	u32 i, n = 0;

	rcu_read_lock();
	keys = rcu_dereference(*where);
	if (keys)
		n = keys->n;
	for (i = 0; i < n; i++, raw += XTCP_FO_KEY_LEN) {
		put_unaligned_le64(keys->key[i].key[0], raw);
		put_unaligned_le64(keys->key[i].key[1], raw + 8);
	}
	rcu_read_unlock();
	return n;
}

/**
 * xtcp_fastopen_key_once() - give a namespace a random key if it has none
 * @net: the namespace
 *
 * If the allocation fails, the namespace stays without a key, and its servers
 * send no cookies.
 *
 * Context: process.
 */
void xtcp_fastopen_key_once(struct net *net)
{
	struct xtcp_fastopen_net *fo = &xtcp_net(net)->fastopen;
	struct xtcp_fastopen_keys *keys;

	if (rcu_access_pointer(fo->keys))
		return;
	keys = kzalloc(sizeof(*keys), GFP_KERNEL_ACCOUNT);
	if (!keys)
		return;
	keys->n = 1;
	get_random_bytes(&keys->key[0], sizeof(keys->key[0]));
	if (cmpxchg((struct xtcp_fastopen_keys __force **)&fo->keys, NULL,
		    keys))
		kfree(keys);
}

/*
 * RFC 7413 4.1.2: a MAC of the client's address. As in the kernel's TCP, our
 * address is part of the input, and the byte order is the same. So with the
 * same key each of the two stacks accepts the cookies of the other.
 */
static void make_cookie(const siphash_key_t *key, const struct xtcp_tuple *t,
			struct xtcp_fo_cookie *cookie)
{
	struct {
		struct in6_addr from;
		struct in6_addr to;
	} v6 = { t->raddr, t->laddr };
	__be32 v4[2] = { t->raddr.s6_addr32[3], t->laddr.s6_addr32[3] };
	u64 mac;

	if (ipv6_addr_v4mapped(&t->raddr))
		mac = siphash(v4, sizeof(v4), key);
	else
		mac = siphash(&v6, sizeof(v6), key);
	cookie->len = sizeof(mac);
	put_unaligned_le64(mac, cookie->val);
}

/* Index of the key that made the cookie in @opt; -1 if none did. */
static int key_of_cookie(const struct xtcp_fastopen_keys *keys,
			 const struct xtcp_tuple *t,
			 const struct xtcp_options *opt)
{
	struct xtcp_fo_cookie cookie;
	u32 i;

	for (i = 0; i < keys->n; i++) {
		make_cookie(&keys->key[i], t, &cookie);
		if (cookie.len == opt->cookie_len &&
		    !memcmp(cookie.val, opt->cookie, cookie.len))
			return i;
	}
	return -1;
}

/* Server */

/**
 * xtcp_fastopen_listen() - enable Fast Open if the sysctl asks for it
 * @sk: the listener, lock held
 * @backlog: of listen(); becomes the limit of pending children
 *
 * A limit that TCP_FASTOPEN has set stays.
 *
 * Context: process.
 */
void xtcp_fastopen_listen(struct sock *sk, int backlog)
{
	int mode = xtcp_sk_sysctl(sk, fastopen);

	if (!(mode & XTCP_FO_SERVER) || !(mode & XTCP_FO_ALL_LISTENERS) ||
	    xtcp_sk(sk)->fo.max_pending)
		return;
	WRITE_ONCE(xtcp_sk(sk)->fo.max_pending, backlog);
	xtcp_fastopen_key_once(sock_net(sk));
}

/*
 * Is the number of pending children below the limit (RFC 7413 5.1)? If not, and
 * the time of the oldest reset child is over, it stops counting.
 */
static bool pending_has_room(struct sock *listener)
{
	struct xtcp_listener *xl = xtcp_sk(listener)->listener;
	u32 max = READ_ONCE(xtcp_sk(listener)->fo.max_pending);
	struct reset *r;
	bool room;

	if (!max)
		return false;
	spin_lock_bh(&xl->lock);
	room = xl->fo_pending < max;
	r = room ? NULL : list_first_entry_or_null(&xl->fo_resets,
						   struct reset, node);
	if (r && r->until <= ktime_get_ns()) {
		list_del(&r->node);
		xl->fo_pending--;
		room = true;
	} else {
		r = NULL;
	}
	spin_unlock_bh(&xl->lock);
	kfree(r);
	if (!room)
		xtcp_count(sock_net(listener), FastOpenListenOverflow);
	return room;
}

static bool route_needs_no_cookie(const struct dst_entry *dst)
{
	return dst && dst_metric(dst, RTAX_FASTOPEN_NO_COOKIE);
}

/**
 * xtcp_fastopen_check() - decide how a listener answers a SYN
 * @listener: not locked
 * @dst: the route to the client, may be NULL
 * @t: addresses and ports of the SYN
 * @seg: the SYN
 * @fresh: set to the cookie for XTCP_FO_GIVE and XTCP_FO_OPEN_GIVE
 *
 * Source: RFC 7413 4.2.2, server.
 * Context: softirq, RCU read side.
 * Return: the answer, see enum xtcp_fastopen_answer.
 */
enum xtcp_fastopen_answer
xtcp_fastopen_check(struct sock *listener, const struct dst_entry *dst,
		    const struct xtcp_tuple *t, const struct xtcp_segment *seg,
		    struct xtcp_fo_cookie *fresh)
{
	struct net *net = sock_net(listener);
	const struct xtcp_options *opt = &seg->opt;
	const struct xtcp_fastopen_keys *keys;
	int mode = xtcp_sk_sysctl(listener, fastopen);
	int i = -1;

	fresh->len = 0;
	/* The answer has the form of the request. */
	fresh->exp = opt->fastopen_exp;
	if (opt->has_fastopen && !opt->cookie_len)
		xtcp_count(net, FastOpenCookieReqd);
	if (!(mode & XTCP_FO_SERVER) || !(seg->len || opt->has_fastopen) ||
	    !pending_has_room(listener))
		return XTCP_FO_PLAIN;
	if ((mode & XTCP_FO_SERVER_NO_COOKIE) ||
	    READ_ONCE(xtcp_sk(listener)->fo.no_cookie) ||
	    route_needs_no_cookie(dst))
		return XTCP_FO_OPEN;
	if (!opt->has_fastopen)
		return XTCP_FO_PLAIN;
	keys = rcu_dereference(xtcp_sk(listener)->fo.keys) ?:
	       rcu_dereference(xtcp_net(net)->fastopen.keys);
	if (!keys)
		return XTCP_FO_PLAIN;

	make_cookie(&keys->key[0], t, fresh);
	if (opt->cookie_len) {
		i = key_of_cookie(keys, t, opt);
		if (i < 0)
			xtcp_count(net, FastOpenPassiveFail);
		else if (i > 0)
			xtcp_count(net, FastOpenPassiveAltKey);
	}
	if (i < 0)
		return XTCP_FO_GIVE;
	return i ? XTCP_FO_OPEN_GIVE : XTCP_FO_OPEN;
}

/**
 * xtcp_fastopen_pending() - count a new child against its listener's limit
 * @listener: not locked
 * @child: locked; holds a reference on @listener from now on
 *
 * It counts until xtcp_fastopen_settled().
 */
void xtcp_fastopen_pending(struct sock *listener, struct sock *child)
{
	struct xtcp_listener *xl = xtcp_sk(listener)->listener;

	sock_hold(listener);
	xtcp_sk(child)->fo.listener = listener;
	spin_lock_bh(&xl->lock);
	xl->fo_pending++;
	spin_unlock_bh(&xl->lock);
}

/**
 * xtcp_fastopen_settled() - a child stops counting against the limit
 * @child: locked; its handshake is complete, or it is closed. Ignored if it
 *	does not count any more
 * @reset: the peer sent a RST. The source address of the SYN may have been
 *	forged, so the child counts for RESET_COUNTS_NS longer (RFC 7413 5.1)
 */
void xtcp_fastopen_settled(struct sock *child, bool reset)
{
	struct sock *listener = xtcp_sk(child)->fo.listener;
	struct xtcp_listener *xl;
	struct reset *r = NULL;

	if (likely(!listener))
		return;
	xtcp_sk(child)->fo.listener = NULL;
	xl = xtcp_sk(listener)->listener;
	if (reset)
		r = kmalloc(sizeof(*r), GFP_ATOMIC | __GFP_NOWARN);
	spin_lock_bh(&xl->lock);
	if (r && !xl->closed) {
		r->until = ktime_get_ns() + RESET_COUNTS_NS;
		list_add_tail(&r->node, &xl->fo_resets);
		r = NULL;
	} else {
		xl->fo_pending--;
	}
	spin_unlock_bh(&xl->lock);
	kfree(r);
	sock_put(listener);
}

/**
 * xtcp_fastopen_forget_resets() - free the records of reset children
 * @xl: a closing listener: closed is set, so nothing is added
 *
 * Context: process; may sleep, because the list may be as long as the limit of
 * the listener.
 */
void xtcp_fastopen_forget_resets(struct xtcp_listener *xl)
{
	struct reset *r, *next;
	LIST_HEAD(resets);
	u32 n = 0;

	spin_lock_bh(&xl->lock);
	list_splice_init(&xl->fo_resets, &resets);
	spin_unlock_bh(&xl->lock);
	list_for_each_entry_safe(r, next, &resets, node) {
		kfree(r);
		n++;
		cond_resched();
	}
	spin_lock_bh(&xl->lock);
	xl->fo_pending -= n;
	spin_unlock_bh(&xl->lock);
}

/* Client */

static struct hlist_head *bucket_of(struct xtcp_fastopen_net *fo,
				    const struct xtcp_tuple *t)
{
	u32 hash = jhash2((const u32 *)t->raddr.s6_addr32, 4,
			  jhash2((const u32 *)t->laddr.s6_addr32, 4, fo->seed));

	return &fo->paths[hash % XTCP_FO_BUCKETS];
}

/* Context: fo->lock held. */
static struct fo_path *find_path(struct xtcp_fastopen_net *fo,
				 const struct xtcp_tuple *t)
{
	struct fo_path *p;

	hlist_for_each_entry(p, bucket_of(fo, t), node)
		if (ipv6_addr_equal(&p->raddr, &t->raddr) &&
		    ipv6_addr_equal(&p->laddr, &t->laddr))
			return p;
	return NULL;
}

static void drop_path(struct xtcp_fastopen_net *fo, struct fo_path *p)
{
	hlist_del(&p->node);
	list_del(&p->lru);
	fo->count--;
	kfree(p);
}

/*
 * Find or create the entry of a server, and make it the newest. A full cache
 * drops its oldest entry. Return: NULL without memory. Context: fo->lock held.
 */
static struct fo_path *have_path(struct xtcp_fastopen_net *fo,
				 const struct xtcp_tuple *t)
{
	struct fo_path *p = find_path(fo, t);

	if (p) {
		list_move(&p->lru, &fo->lru);
		return p;
	}
	p = kzalloc(sizeof(*p), GFP_ATOMIC | __GFP_NOWARN);
	if (!p)
		return NULL;
	if (fo->count >= PATHS_MAX)
		drop_path(fo, list_last_entry(&fo->lru, struct fo_path, lru));
	p->laddr = t->laddr;
	p->raddr = t->raddr;
	hlist_add_head(&p->node, bucket_of(fo, t));
	list_add(&p->lru, &fo->lru);
	fo->count++;
	return p;
}

static bool path_rests(const struct fo_path *p, u64 now)
{
	u32 shift;

	if (p->losses < PATH_LOSSES)
		return false;
	shift = min_t(u32, p->losses - PATH_LOSSES, REST_SHIFT_MAX);
	return now - p->lost_at < PATH_REST_NS << shift;
}

/*
 * Is Fast Open disabled in this namespace after black-hole detection? The time
 * is the sysctl fastopen_blackhole_timeout_sec. Each further detection doubles
 * it, up to REST_SHIFT_MAX times.
 */
static bool all_rests(struct net *net, u64 now)
{
	struct xtcp_fastopen_net *fo = &xtcp_net(net)->fastopen;
	u64 rest = (u64)xtcp_sysctl(net, fastopen_blackhole_timeout_sec) *
		   NSEC_PER_SEC;
	u32 times = READ_ONCE(fo->blackholes);
	u64 since = now - READ_ONCE(fo->blackhole_at);

	if (!rest || !times)
		return false;
	return since >> min_t(u32, times - 1, REST_SHIFT_MAX) < rest;
}

/*
 * Copy the cached cookie and MSS of the server to the socket. Return: false if
 * the server gets plain SYNs for a while (PATH_LOSSES).
 */
static bool recall(struct sock *sk)
{
	struct xtcp_fastopen_net *fo = &xtcp_net(sock_net(sk))->fastopen;
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tuple t;
	bool rests = false;
	struct fo_path *p;

	xtcp_tuple_of(sk, &t);
	spin_lock_bh(&fo->lock);
	p = find_path(fo, &t);
	if (p) {
		list_move(&p->lru, &fo->lru);
		xs->fo.cookie = p->cookie;
		if (!p->cookie.len)
			xs->fo.cookie.exp = p->exp == FO_EXP_NEXT;
		if (p->mss)
			xs->tcb.peer_mss = p->mss;
		rests = path_rests(p, xs->now);
	}
	spin_unlock_bh(&fo->lock);
	return !rests;
}

/**
 * xtcp_fastopen_prepare() - prepare an active open that may use Fast Open
 * @sk: the socket, lock held; its addresses and route are known
 *
 * Decides whether the SYN carries a cookie, a cookie request or no option, and
 * takes the cached MSS of the server (RFC 7413 4.1.3, 4.2.1).
 *
 * Return: true if the SYN may carry data.
 */
bool xtcp_fastopen_prepare(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct net *net = sock_net(sk);
	bool rests;

	xs->fo.cookie.len = 0;
	xs->fo.cookie.exp = false;
	rests = !recall(sk) || all_rests(net, xs->now);
	if (rests) {
		xs->fo.fail = XTCP_FO_FAIL_NO_COOKIE;
		return false;
	}
	if ((xtcp_sysctl(net, fastopen) & XTCP_FO_CLIENT_NO_COOKIE) ||
	    xs->fo.no_cookie || route_needs_no_cookie(__sk_dst_get(sk)))
		return true;
	xs->fo.option = true;
	xs->fo.option_sent = true;
	if (xs->fo.cookie.len)
		return true;
	xs->fo.fail = XTCP_FO_FAIL_NO_COOKIE;
	return false;
}

/*
 * A SYN-ACK has answered our SYN, which requested a cookie, without one. The
 * server may only know the experimental form: try that once.
 */
static void learn_form(struct fo_path *p, bool exp)
{
	if (p->cookie.len)
		return;
	if (exp)
		p->exp = FO_EXP_FAILED;
	else if (p->exp == FO_EXP_UNTRIED)
		p->exp = FO_EXP_NEXT;
}

/*
 * Update the cache from the SYN-ACK of a fast open: cookie, MSS, and whether
 * the data of the SYN was @lost.
 */
static void learn(struct sock *sk, const struct xtcp_segment *seg, bool lost)
{
	struct xtcp_fastopen_net *fo = &xtcp_net(sock_net(sk))->fastopen;
	const struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_tuple t;
	struct fo_path *p;

	xtcp_tuple_of(sk, &t);
	spin_lock_bh(&fo->lock);
	p = have_path(fo, &t);
	if (p) {
		p->mss = seg->opt.has_mss ? seg->opt.mss : 0;
		if (seg->opt.has_fastopen && seg->opt.cookie_len) {
			p->cookie.len = seg->opt.cookie_len;
			p->cookie.exp = seg->opt.fastopen_exp;
			memcpy(p->cookie.val, seg->opt.cookie, p->cookie.len);
		} else if (!xs->fo.data_sent && !xs->retransmits) {
			learn_form(p, xs->fo.cookie.exp);
		}
		if (!lost) {
			p->losses = 0;
		} else if (p->losses < U8_MAX) {
			p->losses++;
			p->lost_at = xs->now;
		}
	}
	spin_unlock_bh(&fo->lock);
}

/**
 * xtcp_fastopen_answered() - process the answer to our SYN
 * @sk: the socket, lock held; snd_una is SEG.ACK of @seg
 * @seg: a SYN-ACK, or another segment that acknowledges our SYN
 *
 * Nothing happens if our SYN carried neither the option nor data.
 *
 * Source: RFC 7413 4.1.3, 4.2.1.
 */
void xtcp_fastopen_answered(struct sock *sk, const struct xtcp_segment *seg)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	bool taken = xs->tcb.snd_una == xs->tcb.snd_nxt;
	bool lost;

	/* Ignore a cookie that our SYN did not request. */
	if (xs->fo.option_sent && (seg->flags & XTCP_SYN)) {
		/*
		 * The answer is to the retransmitted, plain SYN: the SYN with
		 * data seems to have been lost.
		 */
		lost = xs->fo.data_sent && !taken && xs->retransmits &&
		       !seg->opt.has_fastopen;
		learn(sk, seg, lost);
	}
	if (!xs->fo.data_sent)
		return;
	if (taken) {
		xs->fo.data_acked = true;
		WRITE_ONCE(xtcp_net(sock_net(sk))->fastopen.blackholes, 0);
		xtcp_count(sock_net(sk), FastOpenActive);
		return;
	}
	xs->fo.fail = xs->retransmits ? XTCP_FO_FAIL_RETRANSMITTED :
					XTCP_FO_FAIL_NOT_ACKED;
	xtcp_count(sock_net(sk), FastOpenActiveFail);
}

/**
 * xtcp_fastopen_timeout() - detect a black hole at a retransmission timeout
 * @sk: the socket, lock held
 * @expired: R2 has expired, the connection is given up
 *
 * The third consecutive timeout of a connection that used Fast Open, or an
 * earlier give-up, counts as a black hole: something on the path seems to drop
 * the segments of such connections. all_rests() has the consequence.
 */
void xtcp_fastopen_timeout(struct sock *sk, bool expired)
{
	const struct xtcp_sock *xs = xtcp_sk(sk);
	struct net *net = sock_net(sk);
	struct xtcp_fastopen_net *fo = &xtcp_net(net)->fastopen;

	if (!(xs->fo.option_sent || xs->fo.data_sent) ||
	    !(xs->retransmits == 2 || (xs->retransmits < 2 && expired)) ||
	    !xtcp_sysctl(net, fastopen_blackhole_timeout_sec))
		return;
	WRITE_ONCE(fo->blackhole_at, xs->now);
	WRITE_ONCE(fo->blackholes, READ_ONCE(fo->blackholes) + 1);
	xtcp_count(net, FastOpenBlackhole);
}

/* Namespaces */

/**
 * xtcp_fastopen_unblock() - forget the black holes of a namespace
 * @xn: the namespace
 */
void xtcp_fastopen_unblock(struct xtcp_net *xn)
{
	WRITE_ONCE(xn->fastopen.blackholes, 0);
}

/**
 * xtcp_fastopen_net_init() - initialize Fast Open in a new namespace
 * @xn: zeroed
 */
void xtcp_fastopen_net_init(struct xtcp_net *xn)
{
	struct xtcp_fastopen_net *fo = &xn->fastopen;
	u32 i;

	spin_lock_init(&fo->lock);
	INIT_LIST_HEAD(&fo->lru);
	for (i = 0; i < XTCP_FO_BUCKETS; i++)
		INIT_HLIST_HEAD(&fo->paths[i]);
	fo->seed = get_random_u32();
}

/**
 * xtcp_fastopen_net_exit() - free the cache and the keys of a namespace
 * @xn: no socket is left in it
 */
void xtcp_fastopen_net_exit(struct xtcp_net *xn)
{
	struct xtcp_fastopen_net *fo = &xn->fastopen;
	struct fo_path *p, *next;

	list_for_each_entry_safe(p, next, &fo->lru, lru)
		drop_path(fo, p);
	kfree(rcu_dereference_protected(fo->keys, true));
}
