// SPDX-License-Identifier: GPL-2.0
/*
 * A network namespace begins and ends.
 */
#include <linux/nsproxy.h>
#include <linux/sched.h>
#include <linux/random.h>

#include "fastopen.h"
#include "hash.h"
#include "hold.h"
#include "net.h"
#include "timewait.h"

unsigned int xtcp_net_id __read_mostly;

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
	xn->quiet_until = xtcp_quiet_until;
	xtcp_hold_net_init(xn);
	xtcp_tw_net_init(xn);
	xtcp_fastopen_net_init(xn);

	err = xtcp_sysctl_register(xn);
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
 * No socket is left, for each holds its namespace, orphans included; but what
 * kept the kernel's TCP off a port does not, and may still be on its way out.
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

/* Set once every namespace that was there has its part. */
static bool namespaces_done __read_mostly;

/**
 * xtcp_inherited_allow() - who may open sockets in a namespace that begins
 *
 * A namespace begins with the word of the one that it is made from, so that
 * nobody gets around it by making one.
 *
 * Context: process, which makes the namespace, or loads the module. Return:
 * enum xtcp_allow.
 */
int xtcp_inherited_allow(void)
{
	if (!READ_ONCE(namespaces_done) || !current->nsproxy)
		return xtcp_allow;
	return xtcp_sysctl(current->nsproxy->net_ns, allow);
}

/**
 * xtcp_net_init() - all namespaces get their part
 *
 * Return: 0 or errno.
 */
int xtcp_net_init(void)
{
	int err = register_pernet_subsys(&net_ops);

	if (!err)
		WRITE_ONCE(namespaces_done, true);
	return err;
}

/**
 * xtcp_net_exit() - and lose it
 */
void xtcp_net_exit(void)
{
	unregister_pernet_subsys(&net_ops);
}
