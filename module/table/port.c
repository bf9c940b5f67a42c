// SPDX-License-Identifier: GPL-2.0
/*
 * Local ports: bind(), and the connections that use a port.
 *
 * Between XTCP sockets the rules are those of the kernel's TCP (SO_REUSEADDR,
 * SO_REUSEPORT). A hold (hold.c) keeps the kernel's TCP off a port while it is
 * bound.
 */
#include <linux/mm.h>
#include <linux/random.h>
#include <linux/sched/signal.h>
#include <linux/slab.h>
#include <net/ip.h>
#include <net/ipv6.h>

#include "base/entry.h"
#include "hash.h"
#include "hold.h"
#include "port.h"
#include "table.h"

#define PORT_BUCKETS	4096

struct port_bucket {
	spinlock_t lock;
	struct hlist_head chain;	/* struct xtcp_port */
};

static struct port_bucket port_buckets[PORT_BUCKETS];
static struct kmem_cache *port_cache;

/* The number of struct xtcp_port of all namespaces, by port. */
atomic_t *xtcp_port_uses __read_mostly;

static struct port_bucket *port_bucket(const struct net *net, u16 port)
{
	return &port_buckets[(port ^ net_hash_mix(net)) % PORT_BUCKETS];
}

/**
 * xtcp_port_init() - allocate the tables
 *
 * Context: process.
 * Return: 0 or -ENOMEM.
 */
int xtcp_port_init(void)
{
	u32 i;

	xtcp_hold_table_init();
	for (i = 0; i < PORT_BUCKETS; i++) {
		spin_lock_init(&port_buckets[i].lock);
		INIT_HLIST_HEAD(&port_buckets[i].chain);
	}
	xtcp_port_uses = kvcalloc(65536, sizeof(*xtcp_port_uses), GFP_KERNEL);
	if (!xtcp_port_uses)
		return -ENOMEM;
	port_cache = KMEM_CACHE(xtcp_port, SLAB_ACCOUNT);
	if (!port_cache) {
		kvfree(xtcp_port_uses);
		return -ENOMEM;
	}
	return 0;
}

/**
 * xtcp_port_exit() - free the tables; no socket is left
 *
 * Context: process.
 */
void xtcp_port_exit(void)
{
	kmem_cache_destroy(port_cache);
	kvfree(xtcp_port_uses);
}

/* Ports */

static struct xtcp_port *port_find(struct port_bucket *b,
				   const struct net *net, u16 port)
{
	struct xtcp_port *p;

	lockdep_assert_held(&b->lock);
	hlist_for_each_entry(p, &b->chain, node)
		if (p->port == port && net_eq(p->net, net))
			return p;
	return NULL;
}

static struct xtcp_port *port_new(struct port_bucket *b, struct net *net,
				  u16 port)
{
	struct xtcp_port *p = kmem_cache_zalloc(port_cache, GFP_ATOMIC);

	if (!p)
		return NULL;
	p->net = net;
	p->port = port;
	p->connected_only = true;
	INIT_LIST_HEAD(&p->holds);
	p->follows = RB_ROOT;
	hlist_add_head(&p->node, &b->chain);
	atomic_inc(&xtcp_port_uses[port]);
	return p;
}

static void port_release(struct xtcp_port *p)
{
	if (--p->users)
		return;
	hlist_del(&p->node);
	atomic_dec(&xtcp_port_uses[p->port]);
	kmem_cache_free(port_cache, p);
}

/* Free a port that was created, but did not get a user. */
static void port_drop_unused(struct xtcp_port *p)
{
	p->users++;
	port_release(p);
}

/* Connections that use a port */

static void key_of(const struct sock *sk, bool tw, struct xtcp_follow_key *key)
{
	memset(key, 0, sizeof(*key));
	key->addr = sk->sk_v6_rcv_saddr;
	key->dev = sk->sk_bound_dev_if;
	if (!tw)
		key->uid = __kuid_val(sk->sk_uid);
	key->flags = (sk->sk_family == AF_INET ? XTCP_PORT_CONN_V4 : 0) |
		     (sk->sk_reuse ? XTCP_PORT_CONN_REUSE : 0) |
		     (sk->sk_reuseport ? XTCP_PORT_CONN_REUSEPORT : 0) |
		     (tw ? XTCP_PORT_CONN_TW : 0);
}

static struct xtcp_port_conns *port_conns_alloc(struct xtcp_port *p)
{
	if (!p->first.users)
		return &p->first;
	return kmalloc(sizeof(struct xtcp_port_conns),
		       GFP_ATOMIC | __GFP_NOWARN | __GFP_ACCOUNT);
}

static void port_conns_count(struct xtcp_port *p,
			     const struct xtcp_port_conns *f, int n)
{
	if (!(f->key.flags & XTCP_PORT_CONN_REUSE))
		p->strict += n;
	if (!(f->key.flags & XTCP_PORT_CONN_TW))
		p->live += n;
}

/*
 * Count one more connection of the port. Return: the entry that counts it; NULL
 * if there is no memory.
 */
static struct xtcp_port_conns *port_conns_join(struct xtcp_port *p,
					       const struct sock *sk, bool tw)
{
	struct rb_node **at = &p->follows.rb_node, *parent = NULL;
	struct xtcp_follow_key key;
	struct xtcp_port_conns *f;
	int order;

	key_of(sk, tw, &key);
	while (*at) {
		parent = *at;
		f = rb_entry(parent, struct xtcp_port_conns, node);
		order = memcmp(&key, &f->key, sizeof(key));
		if (!order) {
			f->users++;
			return f;
		}
		at = order < 0 ? &parent->rb_left : &parent->rb_right;
	}
	f = port_conns_alloc(p);
	if (!f)
		return NULL;
	f->key = key;
	f->users = 1;
	rb_link_node(&f->node, parent, at);
	rb_insert_color(&f->node, &p->follows);
	port_conns_count(p, f, 1);
	return f;
}

static void port_conns_leave(struct xtcp_port *p, struct xtcp_port_conns *f)
{
	if (--f->users)
		return;
	rb_erase(&f->node, &p->follows);
	port_conns_count(p, f, -1);
	if (f != &p->first)
		kfree(f);
}

/*
 * @sk enters TIME-WAIT: if it is the only connection of the port, change the
 * key of its entry in place, without an allocation. Return: NULL if the port
 * has others.
 */
static struct xtcp_port_conns *port_conns_hand_over(struct xtcp_port *p,
						    const struct sock *sk)
{
	struct xtcp_port_conns *f = xtcp_sk(sk)->port_conns;

	if (!f || f->users != 1 || p->follows.rb_node != &f->node ||
	    f->node.rb_left || f->node.rb_right)
		return NULL;
	xtcp_sk(sk)->port_conns = NULL;
	port_conns_count(p, f, -1);
	key_of(sk, true, &f->key);
	port_conns_count(p, f, 1);
	return f;
}

/* The first entry whose address is not below @addr; NULL: the first of all. */
static struct rb_node *follow_first(struct xtcp_port *p,
				    const struct in6_addr *addr)
{
	struct rb_node *node = p->follows.rb_node, *found = NULL;

	if (!addr)
		return rb_first(&p->follows);
	while (node) {
		struct xtcp_port_conns *f =
			rb_entry(node, struct xtcp_port_conns, node);

		if (memcmp(addr, &f->key.addr, sizeof(*addr)) <= 0) {
			found = node;
			node = node->rb_left;
		} else {
			node = node->rb_right;
		}
	}
	return found;
}

/* Sockets that use a port. Context: the port bucket's lock held. */

static void port_attach(struct xtcp_port *p, struct sock *sk)
{
	inet_sk(sk)->inet_num = p->port;
	inet_sk(sk)->inet_sport = htons(p->port);
	p->users++;
	xtcp_sk(sk)->port = p;
}

static void port_bind_sock(struct xtcp_port *p, struct sock *sk,
			   struct xtcp_hold *hold)
{
	port_attach(p, sk);
	xtcp_sk(sk)->hold = hold;
	sk_add_bind_node(sk, &hold->owners);
	hold->users++;
	p->connected_only = false;
}

static bool port_connect_sock(struct xtcp_port *p, struct sock *sk)
{
	struct xtcp_port_conns *f = port_conns_join(p, sk, false);

	if (!f)
		return false;
	port_attach(p, sk);
	xtcp_sk(sk)->port_conns = f;
	return true;
}

/* Conflicts */

struct bound {
	struct net *net;
	const struct in6_addr *addr;
	int dev;
	bool v4;
	bool v6only;
	bool reuse;
	bool reuseport;
	bool listening;
	kuid_t uid;
};

static void bound_of(struct sock *sk, struct bound *b)
{
	b->net = sock_net(sk);
	b->addr = &sk->sk_v6_rcv_saddr;
	b->dev = sk->sk_bound_dev_if;
	b->v4 = sk->sk_family == AF_INET;
	b->v6only = sk->sk_ipv6only;
	b->reuse = sk->sk_reuse;
	b->reuseport = sk->sk_reuseport;
	b->listening = sk->sk_state == TCP_LISTEN;
	b->uid = sk->sk_uid;
}

static bool is_any(const struct bound *b)
{
	return ipv6_addr_any(b->addr) ||
	       (ipv6_addr_v4mapped(b->addr) && !b->addr->s6_addr32[3]);
}

static bool is_v4(const struct bound *b)
{
	return b->v4 || ipv6_addr_v4mapped(b->addr);
}

/* Can one packet match both sockets? */
static bool addresses_overlap(const struct bound *a, const struct bound *b)
{
	if (!xtcp_devs_overlap(a->net, a->dev, b->dev))
		return false;
	if (is_v4(a) != is_v4(b)) {
		const struct bound *v6 = is_v4(a) ? b : a;

		/* Only a dual-stack wildcard gets packets of both families. */
		return is_any(v6) && !v6->v6only;
	}
	return is_any(a) || is_any(b) || ipv6_addr_equal(a->addr, b->addr);
}

/* Does @b, which has the port, keep @a from using it? */
static bool bound_clash(const struct bound *a, const struct bound *b)
{
	if (!addresses_overlap(a, b))
		return false;
	if (a->reuse && b->reuse && !b->listening)
		return false;
	return !(a->reuseport && b->reuseport && uid_eq(a->uid, b->uid));
}

/*
 * bound_clash() with connections. A TIME-WAIT entry has no owner any more: its
 * uid is taken to be that of @me.
 */
static bool port_conns_clash(const struct bound *me,
			     const struct xtcp_port_conns *f)
{
	u32 flags = f->key.flags;
	struct bound b = {
		.net = me->net,
		.addr = &f->key.addr,
		.dev = f->key.dev,
		.v4 = flags & XTCP_PORT_CONN_V4,
		.reuse = flags & XTCP_PORT_CONN_REUSE,
		.reuseport = flags & XTCP_PORT_CONN_REUSEPORT,
		.uid = flags & XTCP_PORT_CONN_TW ? me->uid :
						   KUIDT_INIT(f->key.uid),
	};

	return bound_clash(me, &b);
}

/*
 * Do connections of the port keep @me from it? Unless @me is a wildcard, only
 * those with its address are compared. @with_tw: TIME-WAIT entries count.
 */
static bool follows_conflict(struct xtcp_port *p, const struct bound *me,
			     bool with_tw)
{
	const struct in6_addr *addr = is_any(me) ? NULL : me->addr;
	struct rb_node *node;

	/* No entry can conflict: do not walk the tree, which may be large. */
	if ((me->reuse && !p->strict) || (!with_tw && !p->live))
		return false;
	for (node = follow_first(p, addr); node; node = rb_next(node)) {
		struct xtcp_port_conns *f =
			rb_entry(node, struct xtcp_port_conns, node);

		if (addr && !ipv6_addr_equal(addr, &f->key.addr))
			break;
		if (!with_tw && (f->key.flags & XTCP_PORT_CONN_TW))
			continue;
		if (port_conns_clash(me, f))
			return true;
	}
	return false;
}

static bool hold_conflicts(struct xtcp_hold *h, const struct bound *me,
			   const struct sock *sk)
{
	struct bound other;
	struct sock *sk2;

	sk_for_each_bound(sk2, &h->owners) {
		if (sk2 == sk)
			continue;
		bound_of(sk2, &other);
		if (bound_clash(me, &other))
			return true;
	}
	return false;
}

/* Conflicts with the holds of one address or wildcard. */
static bool holds_conflict_at(struct xtcp_port *p, const struct bound *me,
			      const struct sock *sk,
			      const struct in6_addr *addr)
{
	struct hlist_head *chain = xtcp_hold_bucket(p->net, p->port, addr);
	struct xtcp_hold *h;
	bool clash = false;

	rcu_read_lock();
	hlist_for_each_entry_rcu(h, chain, hash) {
		clash = h->port == p->port && net_eq(h->net, p->net) &&
			ipv6_addr_equal(&h->addr, addr) &&
			hold_conflicts(h, me, sk);
		if (clash)
			break;
	}
	rcu_read_unlock();
	return clash;
}

static bool holds_conflict(struct xtcp_port *p, const struct bound *me,
			   const struct sock *sk)
{
	struct in6_addr any4;
	struct xtcp_hold *h;

	if (is_any(me)) {
		list_for_each_entry(h, &p->holds, node)
			if (hold_conflicts(h, me, sk))
				return true;
		return false;
	}
	ipv6_addr_set_v4mapped(0, &any4);
	return holds_conflict_at(p, me, sk, me->addr) ||
	       holds_conflict_at(p, me, sk, &in6addr_any) ||
	       (is_v4(me) && holds_conflict_at(p, me, sk, &any4));
}

static bool port_conflict(struct xtcp_port *p, struct sock *sk, bool with_tw)
{
	struct bound me;

	bound_of(sk, &me);
	return holds_conflict(p, &me, sk) || follows_conflict(p, &me, with_tw);
}

/* Binding */

static bool hold_matches(const struct xtcp_hold *h, const struct sock *sk)
{
	return h->v4 == (sk->sk_family == AF_INET) &&
	       h->v6only == sk->sk_ipv6only &&
	       h->dev == sk->sk_bound_dev_if &&
	       ipv6_addr_equal(&h->addr, &sk->sk_v6_rcv_saddr);
}

/*
 * The hold for the address and device of @sk, or NULL. Context: the port
 * bucket's lock held.
 */
static struct xtcp_hold *hold_find(struct xtcp_port *p, const struct sock *sk)
{
	struct hlist_head *chain;
	struct xtcp_hold *h;

	chain = xtcp_hold_bucket(p->net, p->port, &sk->sk_v6_rcv_saddr);
	rcu_read_lock();
	hlist_for_each_entry_rcu(h, chain, hash)
		if (h->port == p->port && net_eq(h->net, p->net) &&
		    hold_matches(h, sk))
			break;
	rcu_read_unlock();
	return h;
}

/*
 * Check a port before it is bound. *@shared is set if a hold for the address of
 * @sk exists, *@beside if the port has any hold. Return: 0 or -EADDRINUSE.
 */
static int port_check(struct sock *sk, u16 port, bool *shared, bool *beside)
{
	struct net *net = sock_net(sk);
	struct port_bucket *b = port_bucket(net, port);
	struct xtcp_port *p;
	int err = 0;

	*shared = false;
	*beside = false;
	spin_lock_bh(&b->lock);
	p = port_find(b, net, port);
	if (p && port_conflict(p, sk, true)) {
		err = -EADDRINUSE;
	} else if (p) {
		*shared = hold_find(p, sk);
		*beside = !list_empty(&p->holds);
	}
	spin_unlock_bh(&b->lock);
	return err;
}

/*
 * Give the port to the socket, with the existing hold or with *@fresh; if
 * *@fresh is used, it is set to NULL. Return: 0; -EADDRINUSE if a connection
 * has taken the port since port_check(); -EAGAIN if the hold was retired since
 * then and @fresh is NULL; -ENOMEM.
 */
static int port_assign(struct sock *sk, u16 port, struct xtcp_hold **fresh)
{
	struct net *net = sock_net(sk);
	struct port_bucket *b = port_bucket(net, port);
	struct xtcp_hold *h;
	struct xtcp_port *p;
	int err = 0;

	spin_lock_bh(&b->lock);
	p = port_find(b, net, port);
	h = p ? hold_find(p, sk) : NULL;
	if (p && port_conflict(p, sk, true))
		err = -EADDRINUSE;
	else if (!h && !fresh)
		err = -EAGAIN;
	else if (!p)
		p = port_new(b, net, port);
	if (!err && !p)
		err = -ENOMEM;
	if (!err && !h) {
		h = *fresh;
		*fresh = NULL;
		list_add(&h->node, &p->holds);
		xtcp_hold_publish(h);
	}
	if (!err)
		port_bind_sock(p, sk, h);
	spin_unlock_bh(&b->lock);
	return err;
}

/*
 * Bind a port. *@spare is an unbound hold, or NULL. A hold that was created,
 * but could not be bound, is left there for the next port.
 */
static int bind_try(struct sock *sk, u16 port, struct xtcp_hold **spare)
{
	bool shared, beside;
	int err;

	err = port_check(sk, port, &shared, &beside);
	if (err)
		return err;
	if (shared)
		return port_assign(sk, port, NULL);
	if (!*spare) {
		struct xtcp_hold *h = xtcp_hold_new(sk);

		if (IS_ERR(h))
			return PTR_ERR(h);
		*spare = h;
	}
	err = xtcp_hold_bind(*spare, sk, port, beside);
	if (err)
		return err;
	err = port_assign(sk, port, spare);
	if (*spare) {
		/* It is bound to this port, so the next one cannot use it. */
		xtcp_hold_free(*spare);
		*spare = NULL;
	}
	return err;
}

/* Bind a port. If retired holds may be in the way, close them and try again. */
static int bind_one(struct sock *sk, u16 port, struct xtcp_hold **spare)
{
	struct xtcp_net *xn = xtcp_net(sock_net(sk));
	int err;

	for (;;) {
		err = bind_try(sk, port, spare);
		if (err != -EAGAIN &&
		    (err != -EADDRINUSE ||
		     list_empty_careful(&xn->dead_holds)))
			return err;
		xtcp_hold_reap_locked(xn);
	}
}

/**
 * xtcp_port_range() - the range for automatic local ports of a socket
 * @sk: the socket; IP_LOCAL_PORT_RANGE narrows the range of the sysctl
 * @low: set to the first port, host order
 * @range: set to the number of ports, at least 1
 */
void xtcp_port_range(const struct sock *sk, u32 *low, u32 *range)
{
	struct net *net = sock_net(sk);
	u32 high = xtcp_sysctl(net, ip_local_port_range[1]);
	u32 own = xtcp_local_port_range(sk);
	u32 own_low = own & 0xffff, own_high = own >> 16;

	*low = xtcp_sysctl(net, ip_local_port_range[0]);
	if (own_low > *low && own_low <= high)
		*low = own_low;
	if (own_high && own_high < high && own_high >= *low)
		high = own_high;
	*range = high >= *low ? high - *low + 1 : 1;
}

static bool port_is_used(struct net *net, u16 port)
{
	struct port_bucket *b = port_bucket(net, port);
	bool used;

	/* Without a lock: is the port in use in any namespace? */
	if (!xtcp_port_in_use(htons(port)))
		return false;
	spin_lock_bh(&b->lock);
	used = port_find(b, net, port);
	spin_unlock_bh(&b->lock);
	return used;
}

/*
 * Bind any port of the range, from a random one on (RFC 6056 3.3.1). With
 * @unused, skip ports that are in use in either stack.
 */
static int bind_any(struct sock *sk, bool unused, struct xtcp_hold **spare)
{
	struct net *net = sock_net(sk);
	u32 low, range, start, i;
	int err;

	xtcp_port_range(sk, &low, &range);
	start = get_random_u32_below(range);
	for (i = 0; i < range; i++) {
		u16 port = low + (start + i) % range;

		if (fatal_signal_pending(current))
			return -EINTR;
		cond_resched();
		if (inet_is_local_reserved_port(net, port))
			continue;
		if (unused && (port_is_used(net, port) ||
			       xtcp_kernel_binds(net, port)))
			continue;
		err = bind_one(sk, port, spare);
		if (err != -EADDRINUSE)
			return err;
	}
	return -EADDRINUSE;
}

/**
 * xtcp_port_bind() - bind a socket to a port
 * @sk: the socket; its local address is set
 * @port: host order; 0: any free one
 *
 * Context: process, socket lock held; sleeps.
 * Return: 0; -EADDRINUSE; -ENOMEM; -EINTR if the task is being killed; or an
 * errno of sock_create_kern().
 */
int xtcp_port_bind(struct sock *sk, u16 port)
{
	struct xtcp_net *xn = xtcp_net(sock_net(sk));
	struct xtcp_hold *spare = NULL;
	int err;

	sock_owned_by_me(sk);
	if (mutex_lock_killable(&xn->port_mutex))
		return -EINTR;
	xtcp_hold_reap_locked(xn);
	if (port) {
		err = bind_one(sk, port, &spare);
	} else {
		err = bind_any(sk, true, &spare);
		if (err == -EADDRINUSE)
			err = bind_any(sk, false, &spare);
	}
	mutex_unlock(&xn->port_mutex);
	if (spare)
		xtcp_hold_free(spare);
	return err;
}

/**
 * xtcp_port_autobind() - bind a socket to any port, if it has none yet
 * @sk: the socket
 *
 * Context: process, socket lock held; sleeps.
 * Return: as xtcp_port_bind().
 */
int xtcp_port_autobind(struct sock *sk)
{
	return xtcp_sk(sk)->port ? 0 : xtcp_port_bind(sk, 0);
}

/**
 * xtcp_port_may_listen() - check whether a socket may listen on its port
 * @sk: bound, in CLOSED
 *
 * With SO_REUSEADDR several sockets may bind one port, but only one may listen
 * on it. TIME-WAIT entries do not prevent it.
 *
 * Context: process, socket lock and xtcp_net.listen_lock held.
 * Return: 0 or -EADDRINUSE.
 */
int xtcp_port_may_listen(struct sock *sk)
{
	struct xtcp_port *p = xtcp_sk(sk)->port;
	struct port_bucket *b = port_bucket(p->net, p->port);
	bool conflict;

	spin_lock_bh(&b->lock);
	conflict = port_conflict(p, sk, false);
	spin_unlock_bh(&b->lock);
	return conflict ? -EADDRINUSE : 0;
}

/* Connections */

/**
 * xtcp_port_enter() - let a connection use a port, unless it is bound
 * @sk: the socket; both addresses and the peer's port are set, its own port is
 *	not; on success it is in the connection table
 * @port: host order
 * @next: see xtcp_table_insert()
 *
 * Context: process, socket lock held.
 * Return: 0; -EADDRINUSE if the port is bound, or the tuple in use; -ENOMEM.
 */
int xtcp_port_enter(struct sock *sk, u16 port, struct xtcp_tw_reuse *next)
{
	struct net *net = sock_net(sk);
	struct port_bucket *b = port_bucket(net, port);
	struct xtcp_port *p;
	int err = -ENOMEM;

	spin_lock_bh(&b->lock);
	p = port_find(b, net, port);
	if (p && !p->connected_only) {
		err = -EADDRINUSE;
		goto out;
	}
	if (!p)
		p = port_new(b, net, port);
	if (!p)
		goto out;
	if (!port_connect_sock(p, sk)) {
		if (!p->users)
			port_drop_unused(p);
		goto out;
	}
	err = xtcp_table_insert(sk, next);
	if (err) {
		err = -EADDRINUSE;
		port_conns_leave(p, xtcp_sk(sk)->port_conns);
		xtcp_sk(sk)->port_conns = NULL;
		xtcp_sk(sk)->port = NULL;
		inet_sk(sk)->inet_num = 0;
		inet_sk(sk)->inet_sport = 0;
		port_release(p);
	}
out:
	spin_unlock_bh(&b->lock);
	return err;
}

/**
 * xtcp_port_inherit() - let a child use its listener's port
 * @child: the child, in no table yet; inet_num is set
 * @parent: the listener
 *
 * If there is no memory, the child has no port afterwards (xtcp_sock.port is
 * NULL), and the caller discards it.
 *
 * Context: softirq.
 */
void xtcp_port_inherit(struct sock *child, const struct sock *parent)
{
	struct net *net = sock_net(child);
	u16 port = inet_sk(child)->inet_num;
	struct port_bucket *b = port_bucket(net, port);
	struct xtcp_port *p;

	spin_lock_bh(&b->lock);
	/* The listener may just have closed, and its port have been freed. */
	p = port_find(b, net, port) ?: port_new(b, net, port);
	if (p && !port_connect_sock(p, child) && !p->users)
		port_drop_unused(p);
	spin_unlock_bh(&b->lock);
}

/**
 * xtcp_port_take_tw() - let a TIME-WAIT entry use the port of its socket
 * @sk: the socket, lock held
 * @tw: the entry
 *
 * If there is no memory, bind() may miss a conflict with the entry.
 *
 * Context: any, BH may be on.
 */
void xtcp_port_take_tw(struct sock *sk, struct xtcp_timewait *tw)
{
	struct xtcp_port *p = xtcp_sk(sk)->port;
	struct port_bucket *b;

	if (!p)
		return;
	b = port_bucket(p->net, p->port);
	spin_lock_bh(&b->lock);
	tw->port = p;
	tw->port_conns = port_conns_hand_over(p, sk) ?: port_conns_join(p, sk, true);
	p->users++;
	spin_unlock_bh(&b->lock);
}

/**
 * xtcp_port_put() - release the port of a socket
 * @sk: the socket, lock held; nothing happens if it has no port
 *
 * Context: any, BH may be on.
 */
void xtcp_port_put(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_hold *h = xs->hold;
	struct xtcp_port *p = xs->port;
	struct port_bucket *b;

	if (!p)
		return;
	b = port_bucket(p->net, p->port);
	spin_lock_bh(&b->lock);
	if (h) {
		__sk_del_bind_node(sk);
		if (!--h->users)
			xtcp_hold_retire(h);
	} else if (xs->port_conns) {
		port_conns_leave(p, xs->port_conns);
	}
	xs->port = NULL;
	xs->hold = NULL;
	xs->port_conns = NULL;
	inet_sk(sk)->inet_num = 0;
	port_release(p);
	spin_unlock_bh(&b->lock);
}

/**
 * xtcp_port_put_tw() - release the port of a TIME-WAIT entry
 * @tw: the entry; nothing happens if it has no port
 *
 * Context: any, BH may be on.
 */
void xtcp_port_put_tw(struct xtcp_timewait *tw)
{
	struct xtcp_port *p = tw->port;
	struct port_bucket *b;

	if (!p)
		return;
	b = port_bucket(p->net, p->port);
	spin_lock_bh(&b->lock);
	if (tw->port_conns)
		port_conns_leave(p, tw->port_conns);
	tw->port = NULL;
	tw->port_conns = NULL;
	port_release(p);
	spin_unlock_bh(&b->lock);
}
