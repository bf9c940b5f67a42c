// SPDX-License-Identifier: GPL-2.0
/*
 * Init and exit of the module and of each network namespace. This is the only
 * file that may use all directories of module/.
 */
#include <linux/module.h>
#include <linux/net.h>
#include <linux/nsproxy.h>
#include <linux/random.h>
#include <linux/sched.h>
#include <linux/swap.h>

#include "conn/conn.h"
#include "open/open.h"
#include "rx/rx.h"
#include "show/show.h"
#include "table/table.h"
#include "user/user.h"

module_param_named(family, xtcp_family, int, 0444);
MODULE_PARM_DESC(family, "number of the address family");

static unsigned int quiet_time;
module_param(quiet_time, uint, 0444);
MODULE_PARM_DESC(quiet_time,
		 "seconds after loading in which nothing is sent (RFC 9293 3.4.3)");

static unsigned int first_allow = XTCP_ALLOW_NO_SANDBOX;
module_param_named(allow, first_allow, uint, 0444);
MODULE_PARM_DESC(allow, "first value of net.xtcp.allow (2)");

static u64 quiet_until __read_mostly;

/* Set once the pernet operations have run for all existing namespaces. */
static bool namespaces_done __read_mostly;

/*
 * A new namespace inherits net.xtcp.allow from the namespace of its creator: a
 * restriction cannot be evaded by creating a namespace. Context: the process
 * that creates the namespace or loads the module.
 */
static int inherited_allow(void)
{
	if (!READ_ONCE(namespaces_done) || !current->nsproxy)
		return first_allow;
	return xtcp_sysctl(current->nsproxy->net_ns, allow);
}

/* A network namespace */

static int __net_init net_begin(struct net *net)
{
	struct xtcp_net *xn = xtcp_net(net);
	int err;

	xn->net = net;
	xn->mib = alloc_percpu(struct xtcp_mib);
	if (!xn->mib)
		return -ENOMEM;
	get_random_bytes(&xn->isn_key, sizeof(xn->isn_key));
	get_random_bytes(&xn->ts_key, sizeof(xn->ts_key));
	get_random_bytes(&xn->cookie_key, sizeof(xn->cookie_key));
	spin_lock_init(&xn->challenge_lock);
	mutex_init(&xn->listen_lock);
	xn->quiet_until = quiet_until;
	xtcp_hold_net_init(xn);
	xtcp_tw_net_init(xn);
	xtcp_fastopen_net_init(xn);

	err = xtcp_sysctl_register(xn, inherited_allow());
	if (err)
		goto free_mib;
	err = xtcp_proc_register(net);
	if (err)
		goto free_sysctl;
	return 0;

free_sysctl:
	xtcp_sysctl_unregister(xn);
free_mib:
	free_percpu(xn->mib);
	return err;
}

/*
 * No socket is left: each one holds its namespace, orphans included. Hidden
 * sockets of holds do not hold it: some may still have to be closed.
 */
static void __net_exit net_end(struct net *net)
{
	struct xtcp_net *xn = xtcp_net(net);

	xtcp_proc_unregister(net);
	xtcp_hold_net_exit(xn);
	xtcp_tw_net_exit(xn);
	xtcp_sysctl_unregister(xn);
	xtcp_fastopen_net_exit(xn);
	free_percpu(xn->mib);
}

static struct pernet_operations net_ops = {
	.init = net_begin,
	.exit = net_end,
	.id = &xtcp_net_id,
	.size = sizeof(struct xtcp_net),
};

/* The module */

static void memory_limits(void)
{
	unsigned long limit = max(nr_free_buffer_pages() / 16, 128UL);

	xtcp_sysctl_mem[0] = limit / 4 * 3;
	xtcp_sysctl_mem[1] = limit;
	xtcp_sysctl_mem[2] = xtcp_sysctl_mem[0] * 2;
}

static int __init caches_init(void)
{
	int err;

	err = percpu_counter_init(&xtcp_sockets, 0, GFP_KERNEL);
	if (err)
		return err;
	err = xtcp_table_init();
	if (err)
		goto no_table;
	err = xtcp_port_init();
	if (err)
		goto no_ports;
	err = xtcp_request_init();
	if (err)
		goto no_requests;
	err = xtcp_tw_init();
	if (err)
		goto no_tw;
	err = xtcp_listen_table_init();
	if (err)
		goto no_listeners;
	memory_limits();
	return 0;

no_listeners:
	xtcp_tw_exit();
no_tw:
	xtcp_request_exit();
no_requests:
	xtcp_port_exit();
no_ports:
	xtcp_table_exit();
no_table:
	percpu_counter_destroy(&xtcp_sockets);
	return err;
}

static void caches_exit(void)
{
	xtcp_listen_table_exit();
	xtcp_tw_exit();
	xtcp_request_exit();
	xtcp_port_exit();
	xtcp_table_exit();
	percpu_counter_destroy(&xtcp_sockets);
}

static int __init xtcp_init(void)
{
	int err;

	if (xtcp_family <= AF_UNSPEC || xtcp_family >= NPROTO ||
	    first_allow > XTCP_ALLOW_ALL)
		return -EINVAL;
	xtcp_family_ops.family = xtcp_family;
	if (quiet_time)
		quiet_until = ktime_get_ns() +
			      (u64)quiet_time * NSEC_PER_SEC;

	err = caches_init();
	if (err)
		return err;
	err = proto_register(&xtcp_prot, 1);
	if (err)
		goto no_prot;
	err = proto_register(&xtcp6_prot, 1);
	if (err)
		goto no_prot6;
	err = register_pernet_subsys(&net_ops);
	if (err)
		goto no_net;
	WRITE_ONCE(namespaces_done, true);
	err = xtcp_inet_init();
	if (err)
		goto no_inet;
	err = sock_register(&xtcp_family_ops);
	if (err)
		goto no_family;
	return 0;

no_family:
	xtcp_inet_exit();
no_inet:
	unregister_pernet_subsys(&net_ops);
no_net:
	proto_unregister(&xtcp6_prot);
no_prot6:
	proto_unregister(&xtcp_prot);
no_prot:
	rcu_barrier();
	caches_exit();
	return err;
}

static void __exit xtcp_exit(void)
{
	sock_unregister(xtcp_family);
	xtcp_inet_exit();
	unregister_pernet_subsys(&net_ops);
	/* Wait for RCU callbacks, which free objects of our caches. */
	rcu_barrier();
	proto_unregister(&xtcp6_prot);
	proto_unregister(&xtcp_prot);
	caches_exit();
}

module_init(xtcp_init);
module_exit(xtcp_exit);

MODULE_DESCRIPTION("XTCP: a TCP of its own address family");
MODULE_AUTHOR("The XTCP developers");
MODULE_LICENSE("GPL");
MODULE_VERSION(XTCP_VERSION);
/*
 * No MODULE_ALIAS_NETPROTO(): any socket() call would load the module. The
 * administrator may add an alias in modprobe.d (Documentation/security.rst).
 */
