// SPDX-License-Identifier: GPL-2.0
#include <linux/seq_file.h>
#include <linux/seq_file_net.h>

#include "mib.h"
#include "net.h"

#define X(name) #name,
static const char *const basic_names[] = { XTCP_MIB_BASIC(X) };
static const char *const ext_names[] = { XTCP_MIB_EXT(X) };
#undef X

/**
 * xtcp_mib_sum() - sum of a counter over all CPUs
 * @net: namespace
 * @item: the counter
 *
 * Return: the sum.
 */
unsigned long xtcp_mib_sum(struct net *net, enum xtcp_mib_item item)
{
	unsigned long sum = 0;
	int cpu;

	for_each_possible_cpu(cpu)
		sum += per_cpu_ptr(xtcp_net(net)->mib, cpu)->v[item];
	return sum;
}

static void show_group(struct seq_file *m, const char *group,
		       const char *const *names, u32 first, u32 n)
{
	struct net *net = seq_file_single_net(m);
	u32 i;

	seq_printf(m, "%s:", group);
	for (i = 0; i < n; i++)
		seq_printf(m, " %s", names[i]);
	seq_printf(m, "\n%s:", group);
	for (i = 0; i < n; i++)
		seq_printf(m, " %lu", xtcp_mib_sum(net, first + i));
	seq_putc(m, '\n');
}

/**
 * xtcp_mib_show() - show /proc/net/xtcp_netstat
 * @m: the file
 * @v: not used
 *
 * The format is that of /proc/net/netstat, which nstat reads.
 *
 * Return: 0.
 */
int xtcp_mib_show(struct seq_file *m, void *v)
{
	show_group(m, "XTcp", basic_names, 0, ARRAY_SIZE(basic_names));
	show_group(m, "XTcpExt", ext_names, ARRAY_SIZE(basic_names),
		   ARRAY_SIZE(ext_names));
	return 0;
}
