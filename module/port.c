// SPDX-License-Identifier: GPL-2.0
/*
 * Bound ports, and keeping the kernel's TCP off them.
 *
 * A port that a program binds is bound by a hidden socket of the kernel's TCP
 * too (a hold), which never listens: so bind() reports EADDRINUSE both ways. A
 * port that connect() chose is not worth a socket: it is set in the
 * namespace's ip_local_reserved_ports while it is used, so that the kernel's
 * TCP does not choose it, and we do not choose one that the kernel's TCP uses
 * to the same peer.
 */
#include <linux/in.h>
#include <linux/jhash.h>
#include <linux/mm.h>
#include <linux/mutex.h>
#include <linux/random.h>
#include <linux/slab.h>
#include <linux/workqueue.h>
#include <net/inet_hashtables.h>
#include <net/inet6_hashtables.h>
#include <net/ip.h>
#include <net/ipv6.h>
#include <net/sock_reuseport.h>
#include <net/transp_v6.h>

#include "hash.h"
#include "port.h"
#include "timewait.h"

#define PORT_BUCKETS	1024

/**
 * struct xtcp_hold - the kernel's TCP is kept off an address and port
 * @node: on xtcp_port.holds, or on dead_holds when @users is 0
 * @addr: as in struct xtcp_tuple; any for a wildcard
 * @v4: an AF_INET socket holds it
 * @v6only: of an IPv6 wildcard
 * @dev: SO_BINDTODEVICE
 * @users: sockets that bound it
 * @sock: the hidden socket
 */
struct xtcp_hold {
	struct list_head node;
	struct in6_addr addr;
	bool v4;
	bool v6only;
	int dev;
	u32 users;
	struct socket *sock;
};

struct port_bucket {
	spinlock_t lock;
	struct hlist_head chain;
};

static struct port_bucket port_buckets[PORT_BUCKETS];
static struct kmem_cache *port_cache;

/* By port, over all namespaces: how many struct xtcp_port there are. */
u16 *xtcp_port_uses __read_mostly;

/* Serializes what makes and ends holds, for both sleep. */
static DEFINE_MUTEX(xtcp_port_mutex);
static DEFINE_SPINLOCK(dead_lock);
static LIST_HEAD(dead_holds);

static void reap_work_fn(struct work_struct *work)
{
	xtcp_port_reap();
}

static DECLARE_WORK(reap_work, reap_work_fn);

static struct port_bucket *port_bucket(u16 port)
{
	return &port_buckets[port % PORT_BUCKETS];
}

/**
 * xtcp_port_init() - allocate the tables
 *
 * Context: process. Return: 0 or -ENOMEM.
 */
int xtcp_port_init(void)
{
	u32 i;

	for (i = 0; i < PORT_BUCKETS; i++) {
		spin_lock_init(&port_buckets[i].lock);
		INIT_HLIST_HEAD(&port_buckets[i].chain);
	}
	xtcp_port_uses = kvcalloc(65536, sizeof(*xtcp_port_uses), GFP_KERNEL);
	if (!xtcp_port_uses)
		return -ENOMEM;
	port_cache = KMEM_CACHE(xtcp_port, SLAB_HWCACHE_ALIGN);
	if (!port_cache) {
		kvfree(xtcp_port_uses);
		return -ENOMEM;
	}
	return 0;
}

/**
 * xtcp_port_exit() - free the tables; no socket is left
 *
 * Context: process, after rcu_barrier().
 */
void xtcp_port_exit(void)
{
	cancel_work_sync(&reap_work);
	xtcp_port_reap();
	kmem_cache_destroy(port_cache);
	kvfree(xtcp_port_uses);
}

/* Holds */

static struct xtcp_port *port_find(struct port_bucket *b, struct net *net,
				   u16 port)
{
	struct xtcp_port *p;

	hlist_for_each_entry(p, &b->chain, node)
		if (p->port == port && net_eq(p->net, net))
			return p;
	return NULL;
}

static bool hold_matches(const struct xtcp_hold *h, const struct sock *sk)
{
	return h->v4 == (sk->sk_family == AF_INET) &&
	       h->v6only == sk->sk_ipv6only &&
	       h->dev == sk->sk_bound_dev_if &&
	       ipv6_addr_equal(&h->addr, &sk->sk_v6_rcv_saddr);
}

static struct xtcp_hold *hold_find(struct xtcp_port *p, const struct sock *sk)
{
	struct xtcp_hold *h;

	list_for_each_entry(h, &p->holds, node)
		if (hold_matches(h, sk))
			return h;
	return NULL;
}

/*
 * As bind() does, but whom a cgroup's programs, and the rights of the caller, let
 * bind was asked for our socket.
 */
static int hold_bind(struct xtcp_hold *h, u16 port, bool reuse)
{
	struct sock *sk = h->sock->sk;
	struct inet_sock *inet = inet_sk(sk);
	int err;

	lock_sock(sk);
	sk->sk_reuse = reuse ? SK_CAN_REUSE : SK_NO_REUSE;
	if (h->v4 || ipv6_addr_v4mapped(&h->addr))
		inet->inet_rcv_saddr = h->addr.s6_addr32[3];
	else
		inet->inet_rcv_saddr = ipv6_addr_any(&h->addr) ?
				       0 : LOOPBACK4_IPV6;
	inet->inet_saddr = inet->inet_rcv_saddr;
	if (!h->v4) {
		sk->sk_v6_rcv_saddr = h->addr;
		inet6_sk(sk)->saddr = h->addr;
	}
	err = sk->sk_prot->get_port(sk, port) ? -EADDRINUSE : 0;
	if (!err) {
		inet->inet_sport = htons(port);
		sk->sk_userlocks |= SOCK_BINDPORT_LOCK;
	}
	release_sock(sk);
	return err;
}

static void hold_free(struct xtcp_hold *h)
{
	sock_release(h->sock);
	kfree(h);
}

/* Let the other holds of a port be shared, or not, while one more binds. */
static void holds_set_reuse(struct net *net, u16 port, u8 reuse)
{
	struct port_bucket *b = port_bucket(port);
	struct xtcp_port *p;
	struct xtcp_hold *h;

	spin_lock_bh(&b->lock);
	p = port_find(b, net, port);
	if (p)
		list_for_each_entry(h, &p->holds, node)
			h->sock->sk->sk_reuse = reuse;
	spin_unlock_bh(&b->lock);
}

/*
 * The hidden socket does not take part in SO_REUSEADDR, so that a server of
 * the kernel's TCP, which always sets it, is refused as well. Only where
 * something is left on the port (a TIME-WAIT of the kernel's, another hold of
 * ours) does it bind with the leave that our program gave.
 */
static struct xtcp_hold *hold_new(struct sock *sk, u16 port)
{
	struct xtcp_hold *h;
	int err;

	h = kzalloc(sizeof(*h), GFP_KERNEL);
	if (!h)
		return ERR_PTR(-ENOMEM);
	h->v4 = sk->sk_family == AF_INET;
	h->v6only = sk->sk_ipv6only;
	h->dev = sk->sk_bound_dev_if;
	h->addr = sk->sk_v6_rcv_saddr;
	err = sock_create_kern(sock_net(sk), h->v4 ? AF_INET : AF_INET6,
			       SOCK_STREAM, IPPROTO_TCP, &h->sock);
	if (err) {
		kfree(h);
		return ERR_PTR(err);
	}
	h->sock->sk->sk_ipv6only = h->v6only;
	h->sock->sk->sk_bound_dev_if = h->dev;
	err = hold_bind(h, port, false);
	if (err == -EADDRINUSE && (sk->sk_reuse || sk->sk_reuseport)) {
		holds_set_reuse(sock_net(sk), port, SK_CAN_REUSE);
		err = hold_bind(h, port, true);
		holds_set_reuse(sock_net(sk), port, SK_NO_REUSE);
		h->sock->sk->sk_reuse = SK_NO_REUSE;
	}
	if (err) {
		xtcp_count(sock_net(sk), PortHoldFailed);
		hold_free(h);
		return ERR_PTR(err);
	}
	return h;
}

static struct xtcp_hold *dead_hold(void)
{
	struct xtcp_hold *h;

	spin_lock_bh(&dead_lock);
	h = list_first_entry_or_null(&dead_holds, struct xtcp_hold, node);
	spin_unlock_bh(&dead_lock);
	return h;
}

static void reap(void)
{
	struct xtcp_hold *h;

	lockdep_assert_held(&xtcp_port_mutex);
	while ((h = dead_hold())) {
		sock_release(h->sock);
		/* Only now, so that who finds the list empty finds ports free. */
		spin_lock_bh(&dead_lock);
		list_del(&h->node);
		spin_unlock_bh(&dead_lock);
		kfree(h);
	}
}

/**
 * xtcp_port_reap() - let go of the ports that nobody holds any more
 *
 * Called at the end of system calls, so that a program that closed its socket
 * can at once bind the port in the kernel's TCP; sockets that end in softirq
 * leave it to a work item.
 *
 * Context: process, without socket lock.
 */
void xtcp_port_reap(void)
{
	if (list_empty_careful(&dead_holds))
		return;
	mutex_lock(&xtcp_port_mutex);
	reap();
	mutex_unlock(&xtcp_port_mutex);
}

static void hold_put(struct xtcp_hold *h)
{
	if (--h->users)
		return;
	spin_lock(&dead_lock);
	list_move_tail(&h->node, &dead_holds);
	spin_unlock(&dead_lock);
	schedule_work(&reap_work);
}

/* Ports */

static struct xtcp_port *port_new(struct port_bucket *b, struct net *net,
				  u16 port)
{
	unsigned long *reserved = net->ipv4.sysctl_local_reserved_ports;
	struct xtcp_port *p = kmem_cache_zalloc(port_cache, GFP_ATOMIC);

	if (!p)
		return NULL;
	p->net = net;
	p->port = port;
	p->connected_only = true;
	INIT_LIST_HEAD(&p->holds);
	p->marked = reserved && !test_and_set_bit(port, reserved);
	hlist_add_head_rcu(&p->node, &b->chain);
	WRITE_ONCE(xtcp_port_uses[port], xtcp_port_uses[port] + 1);
	return p;
}

static void port_free_rcu(struct rcu_head *rcu)
{
	kmem_cache_free(port_cache, container_of(rcu, struct xtcp_port, rcu));
}

static void port_release(struct xtcp_port *p)
{
	if (--p->users)
		return;
	if (p->marked)
		clear_bit(p->port, p->net->ipv4.sysctl_local_reserved_ports);
	hlist_del_rcu(&p->node);
	WRITE_ONCE(xtcp_port_uses[p->port], xtcp_port_uses[p->port] - 1);
	call_rcu(&p->rcu, port_free_rcu);
}

static void port_own(struct xtcp_port *p, struct sock *sk,
		     struct xtcp_hold *hold)
{
	struct xtcp_sock *xs = xtcp_sk(sk);

	inet_sk(sk)->inet_num = p->port;
	inet_sk(sk)->inet_sport = htons(p->port);
	sk_add_bind_node(sk, &p->owners);
	p->users++;
	xs->port = p;
	xs->hold = hold;
	if (hold) {
		hold->users++;
		p->connected_only = false;
	}
}

/* Conflicts */

struct bound {
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

/* Could one packet be meant for both? */
static bool addresses_overlap(const struct bound *a, const struct bound *b)
{
	if (a->dev && b->dev && a->dev != b->dev)
		return false;
	if (is_v4(a) != is_v4(b)) {
		const struct bound *v6 = is_v4(a) ? b : a;

		/* Only a dual-stack wildcard sees both families. */
		return is_any(v6) && !v6->v6only;
	}
	return is_any(a) || is_any(b) || ipv6_addr_equal(a->addr, b->addr);
}

static bool bound_clash(const struct bound *a, const struct bound *b)
{
	if (!addresses_overlap(a, b))
		return false;
	if (a->reuse && b->reuse && !b->listening)
		return false;
	return !(a->reuseport && b->reuseport && uid_eq(a->uid, b->uid));
}

static bool tw_clash(const struct bound *me, struct xtcp_timewait *tw)
{
	struct sock *sk = (struct sock *)tw;
	struct bound b = {
		.addr = &sk->sk_v6_rcv_saddr,
		.dev = sk->sk_bound_dev_if,
		.v4 = sk->sk_family == AF_INET,
		.reuse = sk->sk_reuse,
	};

	/* TIME-WAIT stops a listener only if SO_REUSEADDR does not bridge it. */
	return addresses_overlap(me, &b) && !(me->reuse && b.reuse) &&
	       !me->reuseport;
}

static bool owners_conflict(struct xtcp_port *p, struct sock *sk)
{
	struct bound me, other;
	struct sock *sk2;

	bound_of(sk, &me);
	sk_for_each_bound(sk2, &p->owners) {
		if (sk2 == sk)
			continue;
		bound_of(sk2, &other);
		if (bound_clash(&me, &other))
			return true;
	}
	return false;
}

static bool port_conflict(struct xtcp_port *p, struct sock *sk)
{
	struct xtcp_timewait *tw;
	struct bound me;

	if (owners_conflict(p, sk))
		return true;
	bound_of(sk, &me);
	hlist_for_each_entry(tw, &p->tws, port_node)
		if (tw_clash(&me, tw))
			return true;
	return false;
}

/* Binding */

static bool port_free_for(struct sock *sk, u16 port)
{
	struct port_bucket *b = port_bucket(port);
	struct xtcp_port *p;
	bool ok;

	spin_lock_bh(&b->lock);
	p = port_find(b, sock_net(sk), port);
	ok = !p || !port_conflict(p, sk);
	spin_unlock_bh(&b->lock);
	return ok;
}

/* The hold is ours alone: the mutex keeps other binds away. */
static int bind_with_hold(struct sock *sk, u16 port)
{
	struct port_bucket *b = port_bucket(port);
	struct xtcp_hold *h = NULL, *fresh = NULL;
	struct xtcp_port *p;
	int err = 0;

	spin_lock_bh(&b->lock);
	p = port_find(b, sock_net(sk), port);
	if (p)
		h = hold_find(p, sk);
	spin_unlock_bh(&b->lock);
	if (!h) {
		fresh = hold_new(sk, port);
		if (IS_ERR(fresh))
			return PTR_ERR(fresh);
	}

	/* connect() may have come to the port, and the old hold be gone. */
	spin_lock_bh(&b->lock);
	p = port_find(b, sock_net(sk), port);
	h = p ? hold_find(p, sk) : NULL;
	if (p && port_conflict(p, sk))
		err = -EADDRINUSE;
	else if (!h && !fresh)
		err = -EAGAIN;
	else if (!p)
		p = port_new(b, sock_net(sk), port);
	if (!err && !p)
		err = -ENOMEM;
	if (!err) {
		if (!h) {
			h = fresh;
			fresh = NULL;
			list_add(&h->node, &p->holds);
		}
		port_own(p, sk, h);
	}
	spin_unlock_bh(&b->lock);
	if (fresh)
		hold_free(fresh);
	return err;
}

static int bind_one(struct sock *sk, u16 port)
{
	int err;

	if (!port_free_for(sk, port))
		return -EADDRINUSE;
	while ((err = bind_with_hold(sk, port)) == -EAGAIN)
		reap();
	return err;
}

/* RFC 6056 3.3.1: a random start, then the next that is free. */
static u32 random_start(u32 range)
{
	return ((u64)get_random_u32() * range) >> 32;
}

/* IP_LOCAL_PORT_RANGE narrows what the sysctl allows. */
static void port_range(const struct sock *sk, u32 *low, u32 *range)
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

/* By anybody in this namespace; others do not matter. */
static bool port_is_used(struct net *net, u16 port)
{
	struct port_bucket *b = port_bucket(port);
	bool used;

	if (!xtcp_port_in_use(htons(port)))
		return false;
	spin_lock_bh(&b->lock);
	used = port_find(b, net, port);
	spin_unlock_bh(&b->lock);
	return used;
}

static int bind_any(struct sock *sk)
{
	struct net *net = sock_net(sk);
	u32 low, range, start, i;
	int err;

	port_range(sk, &low, &range);
	start = random_start(range);
	for (i = 0; i < range; i++) {
		u16 port = low + (start + i) % range;

		if (port_is_used(net, port) ||
		    inet_is_local_reserved_port(net, port))
			continue;
		err = bind_one(sk, port);
		if (err != -EADDRINUSE)
			return err;
		cond_resched();
	}
	return -EADDRINUSE;
}

/**
 * xtcp_port_bind() - bind a socket to a port
 * @sk: its local address is set
 * @port: host order; 0: any free one
 *
 * Context: process, socket lock held; sleeps.
 * Return: 0, -EADDRINUSE, -ENOMEM, or what the kernel's TCP says to it.
 */
int xtcp_port_bind(struct sock *sk, u16 port)
{
	int err;

	sock_owned_by_me(sk);
	xtcp_port_reap();
	mutex_lock(&xtcp_port_mutex);
	err = port ? bind_one(sk, port) : bind_any(sk);
	mutex_unlock(&xtcp_port_mutex);
	return err;
}

/**
 * xtcp_port_autobind() - bind to any port, if not bound yet
 * @sk: the socket
 *
 * Context: process, socket lock held; sleeps. Return: as xtcp_port_bind().
 */
int xtcp_port_autobind(struct sock *sk)
{
	return xtcp_sk(sk)->port ? 0 : xtcp_port_bind(sk, 0);
}

/**
 * xtcp_port_may_listen() - is a bound port free to be listened on
 * @sk: bound, in CLOSED
 *
 * SO_REUSEADDR lets several bind one port, but only one listen on it.
 *
 * Return: 0 or -EADDRINUSE.
 */
int xtcp_port_may_listen(struct sock *sk)
{
	struct xtcp_port *p = xtcp_sk(sk)->port;
	struct port_bucket *b = port_bucket(p->port);
	bool conflict;

	spin_lock_bh(&b->lock);
	conflict = owners_conflict(p, sk);
	spin_unlock_bh(&b->lock);
	return conflict ? -EADDRINUSE : 0;
}

/* Does a program listen there with the kernel's TCP? */
static bool kernel_listens(const struct sock *sk, u16 port)
{
	struct net *net = sock_net(sk);
	struct inet_hashinfo *hi = net->ipv4.tcp_death_row.hashinfo;
	const struct in6_addr *laddr = &sk->sk_v6_rcv_saddr;
	const struct in6_addr *raddr = &sk->sk_v6_daddr;
	int dev = sk->sk_bound_dev_if;

	if (ipv6_addr_v4mapped(raddr))
		return inet_lookup_listener(net, hi, NULL, 0,
					    raddr->s6_addr32[3], sk->sk_dport,
					    laddr->s6_addr32[3], htons(port),
					    dev, 0);
	return inet6_lookup_listener(net, hi, NULL, 0, raddr, sk->sk_dport,
				     laddr, port, dev, 0);
}

/* Does the kernel's TCP have this very connection? */
static bool kernel_has_tuple(const struct sock *sk, u16 port)
{
	struct net *net = sock_net(sk);
	struct inet_hashinfo *hi = net->ipv4.tcp_death_row.hashinfo;
	const struct in6_addr *laddr = &sk->sk_v6_rcv_saddr;
	const struct in6_addr *raddr = &sk->sk_v6_daddr;
	int dev = sk->sk_bound_dev_if;
	struct sock *other;

	if (ipv6_addr_v4mapped(raddr))
		other = __inet_lookup_established(net, hi, raddr->s6_addr32[3],
						  sk->sk_dport,
						  laddr->s6_addr32[3], port,
						  dev, 0);
	else
		other = __inet6_lookup_established(net, hi, raddr,
						   sk->sk_dport, laddr, port,
						   dev, 0);
	if (!other)
		return false;
	sock_gen_put(other);
	return true;
}

static int connect_to(struct sock *sk, u16 port, struct xtcp_timewait **old)
{
	struct net *net = sock_net(sk);
	struct port_bucket *b = port_bucket(port);
	struct xtcp_port *p;
	int err = -EADDRINUSE;

	rcu_read_lock();
	spin_lock_bh(&b->lock);
	p = port_find(b, net, port);
	if (p ? !p->connected_only : inet_is_local_reserved_port(net, port))
		goto out;
	if (kernel_has_tuple(sk, port) || kernel_listens(sk, port))
		goto out;
	if (!p) {
		p = port_new(b, net, port);
		if (!p) {
			err = -ENOMEM;
			goto out;
		}
	}
	inet_sk(sk)->inet_num = port;
	inet_sk(sk)->inet_sport = htons(port);
	p->users++;
	err = xtcp_table_insert(sk, old);
	if (err) {
		inet_sk(sk)->inet_num = 0;
		inet_sk(sk)->inet_sport = 0;
		port_release(p);
		err = -EADDRINUSE;
		goto out;
	}
	port_own(p, sk, NULL);
	p->users--;
out:
	spin_unlock_bh(&b->lock);
	rcu_read_unlock();
	return err;
}

static int connect_any(struct sock *sk, struct xtcp_timewait **old)
{
	u32 low, range, start, i;
	int err;

	port_range(sk, &low, &range);
	start = random_start(range);
	for (i = 0; i < range; i++) {
		err = connect_to(sk, low + (start + i) % range, old);
		if (err != -EADDRINUSE)
			return err;
		cond_resched();
	}
	return -EADDRNOTAVAIL;
}

/**
 * xtcp_port_connect() - enter the connection table, with a port of our choice
 * @sk: both addresses and the peer's port are set; hashed on success
 *
 * A socket that is bound keeps its port.
 *
 * Context: process, socket lock held.
 * Return: 0, or -EADDRNOTAVAIL if no port is free for this peer.
 */
int xtcp_port_connect(struct sock *sk)
{
	struct xtcp_timewait *old = NULL;
	int err;

	if (xtcp_sk(sk)->port) {
		rcu_read_lock();
		err = kernel_has_tuple(sk, inet_sk(sk)->inet_num) ?
		      -EADDRNOTAVAIL : xtcp_table_insert(sk, &old);
		rcu_read_unlock();
	} else {
		err = connect_any(sk, &old);
	}
	if (old) {
		xtcp_tw_kill(old);
		xtcp_tw_put(old);
	}
	return err;
}

/**
 * xtcp_port_inherit() - a child uses its listener's port
 * @child: not yet visible to anybody
 * @parent: the listener
 *
 * Context: softirq. The listener may just have closed: then its port is gone,
 * and the child will be dropped.
 */
void xtcp_port_inherit(struct sock *child, const struct sock *parent)
{
	u16 port = inet_sk(child)->inet_num;
	struct port_bucket *b = port_bucket(port);
	struct xtcp_port *p;

	spin_lock_bh(&b->lock);
	p = port_find(b, sock_net(child), port);
	if (!p)
		p = port_new(b, sock_net(child), port);
	if (p)
		port_own(p, child, NULL);
	spin_unlock_bh(&b->lock);
}

/**
 * xtcp_port_take_tw() - TIME-WAIT uses the port that its socket used
 * @sk: the socket
 * @tw: the entry
 */
void xtcp_port_take_tw(struct sock *sk, struct xtcp_timewait *tw)
{
	struct xtcp_port *p = xtcp_sk(sk)->port;
	struct port_bucket *b;

	if (!p)
		return;
	b = port_bucket(p->port);
	spin_lock_bh(&b->lock);
	tw->port = p;
	hlist_add_head(&tw->port_node, &p->tws);
	p->users++;
	spin_unlock_bh(&b->lock);
}

/**
 * xtcp_port_put() - a socket lets go of its port
 * @sk: the socket, lock held
 *
 * Context: any.
 */
void xtcp_port_put(struct sock *sk)
{
	struct xtcp_sock *xs = xtcp_sk(sk);
	struct xtcp_port *p = xs->port;
	struct port_bucket *b;

	if (!p)
		return;
	b = port_bucket(p->port);
	spin_lock_bh(&b->lock);
	if (xs->hold)
		hold_put(xs->hold);
	xs->port = NULL;
	xs->hold = NULL;
	__sk_del_bind_node(sk);
	inet_sk(sk)->inet_num = 0;
	port_release(p);
	spin_unlock_bh(&b->lock);
}

/**
 * xtcp_port_put_tw() - TIME-WAIT is over
 * @tw: the entry
 */
void xtcp_port_put_tw(struct xtcp_timewait *tw)
{
	struct xtcp_port *p = tw->port;
	struct port_bucket *b;

	if (!p)
		return;
	b = port_bucket(p->port);
	spin_lock_bh(&b->lock);
	tw->port = NULL;
	hlist_del(&tw->port_node);
	port_release(p);
	spin_unlock_bh(&b->lock);
}

/**
 * xtcp_port_held() - is a port bound by a program of ours
 * @net: the namespace
 * @port: network order
 *
 * Then a segment to it that matches nothing is ours to answer.
 *
 * Context: RCU read side.
 */
bool xtcp_port_held(struct net *net, __be16 port)
{
	struct port_bucket *b = port_bucket(ntohs(port));
	struct xtcp_port *p;

	hlist_for_each_entry_rcu(p, &b->chain, node)
		if (p->port == ntohs(port) && net_eq(p->net, net))
			return !list_empty(&p->holds);
	return false;
}
