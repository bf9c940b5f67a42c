// SPDX-License-Identifier: GPL-2.0
/*
 * Holds: an address and port that a program binds in XTCP is bound in the
 * kernel's TCP, too, by a hidden socket that never listens. So bind() reports
 * EADDRINUSE in both directions, by the rules of the kernel's TCP.
 *
 * A hold never shares its port with a socket of a program. The kernel's TCP
 * lets two sockets share a port in two cases:
 *
 * - Both have SO_REUSEADDR, and neither listens. A hold is in LISTEN while it
 *   is being bound, and has no SO_REUSEADDR afterwards.
 * - Both have SO_REUSEPORT and the same owner. The owner of a hold is
 *   INVALID_UID, which no task can have: holds share with holds only.
 *
 * port.c decides whether two sockets of XTCP may share a port.
 */
#include <linux/in.h>
#include <linux/jhash.h>
#include <linux/net.h>
#include <linux/slab.h>
#include <net/inet_hashtables.h>
#include <net/ipv6.h>
#include <net/transp_v6.h>

#include "hold.h"
#include "table.h"

#define HOLD_BUCKETS	4096

struct hold_bucket {
	spinlock_t lock;
	struct hlist_head chain;	/* struct xtcp_hold, RCU */
};

static struct hold_bucket hold_buckets[HOLD_BUCKETS];

/**
 * xtcp_hold_table_init() - initialise the table of holds
 */
void xtcp_hold_table_init(void)
{
	u32 i;

	for (i = 0; i < HOLD_BUCKETS; i++) {
		spin_lock_init(&hold_buckets[i].lock);
		INIT_HLIST_HEAD(&hold_buckets[i].chain);
	}
}

static struct hold_bucket *bucket_at(const struct net *net, u16 port,
				     const struct in6_addr *addr)
{
	u32 hash = jhash2((const u32 *)addr->s6_addr32, 4,
			  net_hash_mix(net) ^ port);

	return &hold_buckets[hash % HOLD_BUCKETS];
}

/**
 * xtcp_hold_bucket() - the chain that has the holds of an address and port
 * @net: the namespace
 * @port: host order
 * @addr: the address, or a wildcard
 *
 * The chain may have holds of other addresses and ports, too: compare each one.
 *
 * Return: the head of a chain of struct xtcp_hold, by @hash, to be walked under
 * RCU.
 */
struct hlist_head *xtcp_hold_bucket(const struct net *net, u16 port,
				    const struct in6_addr *addr)
{
	return &bucket_at(net, port, addr)->chain;
}

/**
 * xtcp_hold_new() - create a hold for the local address of a socket
 * @sk: the socket; its local address, device and IPV6_V6ONLY are set
 *
 * Context: process; sleeps.
 * Return: the hold, not bound to a port yet; or ERR_PTR: -ENOMEM, or an errno
 * of sock_create_kern().
 */
struct xtcp_hold *xtcp_hold_new(const struct sock *sk)
{
	struct xtcp_hold *h;
	struct sock *hidden;
	int err;

	h = kzalloc(sizeof(*h), GFP_KERNEL_ACCOUNT);
	if (!h)
		return ERR_PTR(-ENOMEM);
	h->v4 = sk->sk_family == AF_INET;
	h->v6only = sk->sk_ipv6only;
	h->dev = sk->sk_bound_dev_if;
	h->addr = sk->sk_v6_rcv_saddr;
	h->net = sock_net(sk);
	INIT_HLIST_HEAD(&h->owners);
	err = sock_create_kern(h->net, h->v4 ? AF_INET : AF_INET6,
			       SOCK_STREAM, IPPROTO_TCP, &h->sock);
	if (err) {
		kfree(h);
		return ERR_PTR(err);
	}
	hidden = h->sock->sk;
	hidden->sk_ipv6only = h->v6only;
	hidden->sk_bound_dev_if = h->dev;
	/* bind() compares one of these two owners, depending on the kernel. */
	SOCK_INODE(h->sock)->i_uid = INVALID_UID;
	hidden->sk_uid = INVALID_UID;
	return h;
}

/**
 * xtcp_hold_free() - free a hold that was never published
 * @h: the hold, bound or not
 *
 * Context: process; sleeps.
 */
void xtcp_hold_free(struct xtcp_hold *h)
{
	sock_release(h->sock);
	kfree(h);
}

static void set_address(struct xtcp_hold *h)
{
	struct sock *hidden = h->sock->sk;
	struct inet_sock *inet = inet_sk(hidden);

	if (h->v4 || ipv6_addr_v4mapped(&h->addr))
		inet->inet_rcv_saddr = h->addr.s6_addr32[3];
	else
		inet->inet_rcv_saddr = ipv6_addr_any(&h->addr) ?
				       0 : LOOPBACK4_IPV6;
	inet->inet_saddr = inet->inet_rcv_saddr;
	if (!h->v4) {
		hidden->sk_v6_rcv_saddr = h->addr;
		inet6_sk(hidden)->saddr = h->addr;
	}
}

/*
 * From here on the hold shares its port only with other holds. bind() of the
 * kernel's TCP reads these fields under the lock of the bind table's bucket.
 */
static void hold_restrict(struct sock *hidden, u16 port)
{
	struct net *net = sock_net(hidden);
	struct inet_hashinfo *hi = net->ipv4.tcp_death_row.hashinfo;
	struct inet_bind_hashbucket *head;

	head = &hi->bhash[inet_bhashfn(net, port, hi->bhash_size)];
	spin_lock_bh(&head->lock);
	hidden->sk_reuse = SK_NO_REUSE;
	hidden->sk_reuseport = 1;
	WRITE_ONCE(hidden->sk_state, TCP_CLOSE);
	spin_unlock_bh(&head->lock);
}

/**
 * xtcp_hold_bind() - bind a hold to a port of the kernel's TCP
 * @h: a new hold
 * @sk: the XTCP socket; its SO_REUSEADDR and SO_REUSEPORT decide whether
 *	connections and TIME-WAIT entries of the kernel's TCP may remain on the
 *	port
 * @port: host order
 * @beside: the port has other holds; port.c has found that @sk may share it
 *
 * The caller has run the cgroup programs and checked the privileges for @sk.
 *
 * Context: process, xtcp_net.port_mutex held; sleeps.
 * Return: 0; -EADDRINUSE: then @h may be tried on another port.
 */
int xtcp_hold_bind(struct xtcp_hold *h, const struct sock *sk, u16 port,
		   bool beside)
{
	struct sock *hidden = h->sock->sk;
	int err;

	lock_sock(hidden);
	set_address(h);
	hidden->sk_reuse = sk->sk_reuse ? SK_CAN_REUSE : SK_NO_REUSE;
	hidden->sk_reuseport = sk->sk_reuseport || beside;
	WRITE_ONCE(hidden->sk_state, TCP_LISTEN);
	err = hidden->sk_prot->get_port(hidden, port) ? -EADDRINUSE : 0;
	hold_restrict(hidden, port);
	if (!err) {
		inet_sk(hidden)->inet_sport = htons(port);
		hidden->sk_userlocks |= SOCK_BINDPORT_LOCK;
		h->port = port;
	}
	release_sock(hidden);
	return err;
}

/**
 * xtcp_hold_publish() - insert a bound hold into the table
 * @h: the hold
 *
 * Context: under the port bucket's lock, BH off.
 */
void xtcp_hold_publish(struct xtcp_hold *h)
{
	struct hold_bucket *b = bucket_at(h->net, h->port, &h->addr);

	spin_lock(&b->lock);
	hlist_add_head_rcu(&h->hash, &b->chain);
	spin_unlock(&b->lock);
}

/**
 * xtcp_hold_retire() - remove a hold whose last owner has released the port
 * @h: a published hold, on the port's list
 *
 * The hidden socket is closed later in process context: by xtcp_hold_reap() at
 * the end of a system call, otherwise by a work item.
 *
 * Context: under the port bucket's lock, BH off.
 */
void xtcp_hold_retire(struct xtcp_hold *h)
{
	struct hold_bucket *b = bucket_at(h->net, h->port, &h->addr);
	struct xtcp_net *xn = xtcp_net(h->net);

	spin_lock(&b->lock);
	hlist_del_rcu(&h->hash);
	spin_unlock(&b->lock);
	spin_lock(&xn->dead_lock);
	list_move_tail(&h->node, &xn->dead_holds);
	spin_unlock(&xn->dead_lock);
	schedule_work(&xn->reap_work);
}

/* Does a hold of @addr, the segment's address or a wildcard, match @t? */
static bool hold_matches_at(const struct net *net, const struct xtcp_tuple *t,
			    const struct in6_addr *addr)
{
	bool v4 = ipv6_addr_v4mapped(&t->laddr);
	u16 port = ntohs(t->lport);
	const struct xtcp_hold *h;

	hlist_for_each_entry_rcu(h, xtcp_hold_bucket(net, port, addr), hash)
		if (h->port == port && net_eq(h->net, net) &&
		    ipv6_addr_equal(&h->addr, addr) &&
		    xtcp_dev_takes(net, h->dev, t) &&
		    !(v4 && h->v6only))
			return true;
	return false;
}

/**
 * xtcp_hold_matches() - is the destination of a segment bound in XTCP
 * @net: the namespace
 * @t: the segment's addresses
 *
 * Address, port, IP version and device must match. If they do, XTCP answers a
 * segment that belongs to no connection (RFC 9293 3.10.7.1).
 *
 * Context: RCU read side.
 * Return: true if a hold matches.
 */
bool xtcp_hold_matches(const struct net *net, const struct xtcp_tuple *t)
{
	static const struct in6_addr any4 = {
		.s6_addr = { [10] = 0xff, [11] = 0xff },
	};

	return (ipv6_addr_v4mapped(&t->laddr) &&
		hold_matches_at(net, t, &any4)) ||
	       hold_matches_at(net, t, &in6addr_any) ||
	       hold_matches_at(net, t, &t->laddr);
}

static struct xtcp_hold *dead_hold(struct xtcp_net *xn)
{
	struct xtcp_hold *h;

	spin_lock_bh(&xn->dead_lock);
	h = list_first_entry_or_null(&xn->dead_holds, struct xtcp_hold, node);
	spin_unlock_bh(&xn->dead_lock);
	return h;
}

/**
 * xtcp_hold_reap_locked() - close the hidden sockets of retired holds
 * @xn: the namespace
 *
 * Context: process, xtcp_net.port_mutex held; sleeps.
 */
void xtcp_hold_reap_locked(struct xtcp_net *xn)
{
	struct xtcp_hold *h;

	lockdep_assert_held(&xn->port_mutex);
	while ((h = dead_hold(xn))) {
		sock_release(h->sock);
		/*
		 * Only now: bind_one() takes an empty list to mean that the
		 * kernel's TCP has released all ports of retired holds.
		 */
		spin_lock_bh(&xn->dead_lock);
		list_del(&h->node);
		spin_unlock_bh(&xn->dead_lock);
		kfree_rcu(h, rcu);
	}
}

static void reap(struct xtcp_net *xn)
{
	if (list_empty_careful(&xn->dead_holds))
		return;
	mutex_lock(&xn->port_mutex);
	xtcp_hold_reap_locked(xn);
	mutex_unlock(&xn->port_mutex);
}

/**
 * xtcp_hold_reap() - release the ports of retired holds in the kernel's TCP
 * @sk: a socket of the namespace, not locked
 *
 * Called at the end of system calls, so that a program that has closed its
 * socket can bind the port in the kernel's TCP at once.
 *
 * Context: process; sleeps.
 */
void xtcp_hold_reap(const struct sock *sk)
{
	reap(xtcp_net(sock_net(sk)));
}

static void reap_work_fn(struct work_struct *work)
{
	reap(container_of(work, struct xtcp_net, reap_work));
}

/**
 * xtcp_hold_net_init() - initialise the holds of a namespace
 * @xn: the namespace
 */
void xtcp_hold_net_init(struct xtcp_net *xn)
{
	mutex_init(&xn->port_mutex);
	spin_lock_init(&xn->dead_lock);
	INIT_LIST_HEAD(&xn->dead_holds);
	INIT_WORK(&xn->reap_work, reap_work_fn);
}

/**
 * xtcp_hold_net_exit() - close the remaining hidden sockets of a namespace
 * @xn: the namespace; it has no XTCP socket any more, but may have hidden
 *	sockets, which hold no reference on it
 *
 * Context: process; sleeps.
 */
void xtcp_hold_net_exit(struct xtcp_net *xn)
{
	cancel_work_sync(&xn->reap_work);
	reap(xn);
}
