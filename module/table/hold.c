// SPDX-License-Identifier: GPL-2.0
/*
 * Holds: what a program has bound in XTCP is bound in the kernel's TCP too, by
 * a hidden socket that never listens. So bind() reports EADDRINUSE both ways,
 * by the kernel's own rules.
 *
 * A hold is never shared with a socket of a program. A socket of the kernel's
 * TCP may share a port with another in two ways. By SO_REUSEADDR, with anybody
 * who sets it too, unless the other one listens: a hold has the state LISTEN
 * while it is bound, and no SO_REUSEADDR after that. By SO_REUSEPORT, with
 * sockets of the same user: the user of a hold is INVALID_UID, which no task
 * can have, so holds share with holds only. Whether two sockets of XTCP may
 * share a port is decided in port.c.
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
 * xtcp_hold_table_init() - set up the empty table
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
 * xtcp_hold_bucket() - the holds of an address and port, and others
 * @net: the namespace
 * @port: host order
 * @addr: the address, or a wildcard
 *
 * Return: a chain to be walked by @hash of struct xtcp_hold, RCU.
 */
struct hlist_head *xtcp_hold_bucket(const struct net *net, u16 port,
				    const struct in6_addr *addr)
{
	return &bucket_at(net, port, addr)->chain;
}

/**
 * xtcp_hold_new() - a hold for what a socket binds
 * @sk: the socket; its local address, device and IPV6_V6ONLY are set
 *
 * Context: process; sleeps.
 * Return: the hold, not bound to a port yet; or ERR_PTR.
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
	/* By the one or the other the kernel tells whose a socket is. */
	SOCK_INODE(h->sock)->i_uid = INVALID_UID;
	hidden->sk_uid = INVALID_UID;
	return h;
}

/**
 * xtcp_hold_free() - a hold that was never published goes
 * @h: the hold
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
 * From here on the hold shares its port with other holds only. bind() of the
 * kernel's TCP looks at these fields under the lock of the bind table.
 */
static void seal(struct sock *hidden, u16 port)
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
 * xtcp_hold_bind() - take a port from the kernel's TCP
 * @h: a new hold
 * @sk: the socket that binds; its SO_REUSEADDR and SO_REUSEPORT say what of the
 *	kernel's TCP may be left on the port: connections, TIME-WAIT
 * @port: host order
 * @beside: other holds are on the port; port.c has found that they may
 *
 * Cgroup programs and the caller's privileges were asked for @sk.
 *
 * Context: process, xtcp_net.port_mutex held.
 * Return: 0, or -EADDRINUSE: then another port may be tried with @h.
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
	seal(hidden, port);
	if (!err) {
		inet_sk(hidden)->inet_sport = htons(port);
		hidden->sk_userlocks |= SOCK_BINDPORT_LOCK;
		h->port = port;
	}
	release_sock(hidden);
	return err;
}

/**
 * xtcp_hold_publish() - a hold that is bound can be found
 * @h: the hold
 *
 * Context: under the port bucket's lock.
 */
void xtcp_hold_publish(struct xtcp_hold *h)
{
	struct hold_bucket *b = bucket_at(h->net, h->port, &h->addr);

	spin_lock(&b->lock);
	hlist_add_head_rcu(&h->hash, &b->chain);
	spin_unlock(&b->lock);
}

/**
 * xtcp_hold_retire() - no socket has it bound any more
 * @h: a hold that was published; on the port's list
 *
 * The hidden socket is closed in process context: by xtcp_hold_reap() at the
 * end of a system call, else by a work item.
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

static bool claimed_at(const struct net *net, const struct xtcp_tuple *t,
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
 * xtcp_hold_claims() - has a program bound what a segment is sent to
 * @net: the namespace
 * @t: the segment's addresses
 *
 * Address, IP version and device count. If it has, a segment that no
 * connection owns is for XTCP to answer (RFC 9293 3.10.7.1).
 *
 * Context: RCU read side.
 * Return: true if a bound socket matches.
 */
bool xtcp_hold_claims(const struct net *net, const struct xtcp_tuple *t)
{
	static const struct in6_addr any4 = {
		.s6_addr = { [10] = 0xff, [11] = 0xff },
	};

	return (ipv6_addr_v4mapped(&t->laddr) && claimed_at(net, t, &any4)) ||
	       claimed_at(net, t, &in6addr_any) ||
	       claimed_at(net, t, &t->laddr);
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
 * xtcp_hold_reap_locked() - close the hidden sockets that are not needed
 * @xn: the namespace
 *
 * Context: process, xtcp_net.port_mutex held.
 */
void xtcp_hold_reap_locked(struct xtcp_net *xn)
{
	struct xtcp_hold *h;

	lockdep_assert_held(&xn->port_mutex);
	while ((h = dead_hold(xn))) {
		sock_release(h->sock);
		/* An empty list means that the ports are free: so only now. */
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
 * xtcp_hold_reap() - let go of the ports that nobody has bound any more
 * @sk: a socket of the namespace, not locked
 *
 * Called at the end of system calls, so that a program that closed its socket
 * can at once bind the port in the kernel's TCP.
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
 * xtcp_hold_net_init() - a namespace begins
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
 * xtcp_hold_net_exit() - a namespace ends
 * @xn: the namespace; it has no socket any more, but perhaps hidden ones, which
 *	hold no reference on it
 *
 * Context: process; sleeps.
 */
void xtcp_hold_net_exit(struct xtcp_net *xn)
{
	cancel_work_sync(&xn->reap_work);
	reap(xn);
}
