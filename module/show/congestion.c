// SPDX-License-Identifier: GPL-2.0
/*
 * Sysctls that select congestion control algorithms by name.
 */
#include <linux/capability.h>
#include <linux/slab.h>
#include <linux/sysctl.h>

#include "conn/conn.h"
#include "show.h"

/* Names of all algorithms, with separators, bytes. */
#define LIST_MAX	256

/* Read or write @text, of @size bytes, as a string. */
static int do_text(const struct ctl_table *table, int write, void *buffer,
		   size_t *lenp, loff_t *ppos, char *text, size_t size)
{
	struct ctl_table copy = { .data = text, .maxlen = size };

	copy.mode = table->mode;
	return proc_dostring(&copy, write, buffer, lenp, ppos);
}

/**
 * xtcp_congestion_handler() - the default algorithm of a namespace
 * @table: its data is the pointer to the algorithm
 * @write: write, else read
 * @buffer: the text
 * @lenp: its length
 * @ppos: position in it
 *
 * Return: 0 or a negative errno: -ENOENT for an unknown name, -EPERM outside
 * the initial namespace for one that is not in allowed_congestion_control.
 */
int xtcp_congestion_handler(XTCP_CTL_CONST struct ctl_table *table, int write,
			    void *buffer, size_t *lenp, loff_t *ppos)
{
	const struct xtcp_cc_ops **where = table->data;
	const struct xtcp_cc_ops *ops = READ_ONCE(*where);
	struct xtcp_net *xn = container_of(where, struct xtcp_net,
					   sysctl.congestion_control);
	char name[XTCP_CC_NAME_MAX];
	int err;

	strscpy(name, ops->name, sizeof(name));
	err = do_text(table, write, buffer, lenp, ppos, name, sizeof(name));
	if (err || !write)
		return err;
	ops = xtcp_cc_find(name);
	if (!ops)
		return -ENOENT;
	if (net_eq(xn->net, &init_net))
		set_bit(xtcp_cc_index(ops), &xn->sysctl.cc_allowed);
	else if (!xtcp_cc_allowed(ops))
		return -EPERM;
	WRITE_ONCE(*where, ops);
	return 0;
}

/* The names of the algorithms in the set @bits. */
static void print_names(char *text, unsigned long bits)
{
	const struct xtcp_cc_ops *ops;
	size_t n = 0;
	u32 i;

	*text = 0;
	for (i = 0; (ops = xtcp_cc_at(i)); i++)
		if (bits & BIT(i))
			n += scnprintf(text + n, LIST_MAX - n, "%s%s",
				       n ? " " : "", ops->name);
}

/**
 * xtcp_available_handler() - the algorithms that there are
 * @table: no data
 * @write: not possible: the file is read-only
 * @buffer: the text
 * @lenp: its length
 * @ppos: position in it
 *
 * Return: 0 or a negative errno.
 */
int xtcp_available_handler(XTCP_CTL_CONST struct ctl_table *table, int write,
			   void *buffer, size_t *lenp, loff_t *ppos)
{
	char text[LIST_MAX];

	print_names(text, ~0UL);
	return do_text(table, write, buffer, lenp, ppos, text, sizeof(text));
}

/* Return: the set of the algorithms that @text names; 0 if one is unknown. */
static unsigned long parse_names(char *text)
{
	const struct xtcp_cc_ops *ops;
	unsigned long bits = 0;
	char *name;

	while ((name = strsep(&text, " \t\n"))) {
		if (!*name)
			continue;
		ops = xtcp_cc_find(name);
		if (!ops)
			return 0;
		bits |= BIT(xtcp_cc_index(ops));
	}
	return bits;
}

/**
 * xtcp_allowed_handler() - algorithms for users without privileges
 * @table: its data is a set, by xtcp_cc_index()
 * @write: write, else read
 * @buffer: the text
 * @lenp: its length
 * @ppos: position in it
 *
 * The file is writable in the initial namespace only, whose value is in use.
 *
 * Return: 0 or a negative errno: -ENOENT for an unknown name, -EINVAL for none.
 */
int xtcp_allowed_handler(XTCP_CTL_CONST struct ctl_table *table, int write,
			 void *buffer, size_t *lenp, loff_t *ppos)
{
	char text[LIST_MAX];
	unsigned long bits;
	int err;

	print_names(text, xtcp_sysctl(&init_net, cc_allowed));
	err = do_text(table, write, buffer, lenp, ppos, text, sizeof(text));
	if (err || !write)
		return err;
	if (!*strim(text))
		return -EINVAL;
	bits = parse_names(text);
	if (!bits)
		return -ENOENT;
	WRITE_ONCE(*(unsigned long *)table->data, bits);
	return 0;
}
