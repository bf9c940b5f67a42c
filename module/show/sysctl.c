// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/sys/net/xtcp. Names, meanings and defaults are those of net.ipv4.tcp_*
 * if the kernel has one.
 */
#include <linux/capability.h>
#include <linux/mm.h>
#include <linux/slab.h>
#include <linux/sysctl.h>
#include <linux/tcp.h>
#include <net/tcp_states.h>

#include "conn/conn.h"
#include "show.h"

static int zero;
static int allow_max = XTCP_ALLOW_ALL;
static int one = 1;
static int two = 2;
static int three = 3;
static int four = 4;
static int five = 5;
static int thirty_one = 31;
static int thousand = 1000;
static int byte_max = 255;
static int rto_ms_max = XTCP_RTO_MAX / USEC_PER_MSEC;
static int hour_ms = 60 * 60 * MSEC_PER_SEC;
static int syn_retries_max = 127;
static int port_min = 1;
static int port_max = 65535;
static int mss_max = 65535;
static int reordering_max = 255;
/* RACK cannot be turned off. */
static int recovery_min = XTCP_RACK_ON;
static int recovery_max = XTCP_RACK_ON | XTCP_RACK_STATIC |
			  XTCP_RACK_NO_THRESH;
/*
 * Seconds. Minimum: RFC 9293 SHLD-11. Maximum: the largest value of the option,
 * 32767 minutes.
 */
static int uto_min_limit = 100;
static int uto_max_limit = 32767 * 60;

static const struct xtcp_sysctls defaults = {
	/*
	 * RFC 9293 MUST-23: ETIMEDOUT after 3 minutes or more. 7 gives 247 s,
	 * the kernel's 6 only 127 s.
	 */
	.syn_retries = 7,
	/* RFC 6298 5.5 requires back-off; the kernel's default is 4. */
	.syn_linear_timeouts = 0,
	.synack_retries = 5,
	.rto_min_us = XTCP_RTO_MIN,
	.rto_max_ms = XTCP_RTO_MAX / USEC_PER_MSEC,
	.retries1 = 3,
	.retries2 = 15,
	.orphan_retries = 0,
	.fin_timeout = 60,
	.keepalive_time = 7200,
	.keepalive_intvl = 75,
	.keepalive_probes = 9,
	.max_syn_backlog = 1024,
	.max_tw_buckets = 65536,
	.max_orphans = 65536,
	.abort_on_overflow = 0,
	.l3mdev_accept = 0,
	.syncookies = 1,
	.reuse_tw = 2,
	.tw_reuse_delay = 1000,
	/* RFC 1337 recommends 1; the kernel's default is 0. */
	.rfc1337 = 1,
	.timestamps = 1,
	.sack = 1,
	.dsack = 1,
	.window_scaling = 1,
	.ecn = 2,
	.ecn_fallback = 1,
	.ecn_option = XTCP_ECN_OPTION_ALWAYS,
	.ecn_generalized = 0,
	.slow_start_after_idle = 1,
	.reordering = 3,
	.recovery = XTCP_RACK_ON,
	.early_retrans = 3,
	.frto = 2,
	.pacing_ss_ratio = 200,
	.pacing_ca_ratio = 120,
	.min_tso_segs = 2,
	.tso_rtt_log = 9,
	.limit_output_bytes = 4 * 1024 * 1024,
	.challenge_ack_limit = INT_MAX,
	.invalid_ratelimit = 500,
	.min_snd_mss = XTCP_MSS_MIN,
	.stdurg = 0,
	.mtu_probing = 0,
	.base_mss = 1024,
	.mtu_probe_floor = 48,
	.probe_interval = 600,
	.probe_threshold = 8,
	.user_timeout_option = 0,
	/* R2 for data should be at least 100 s (RFC 9293 3.8.3, SHLD-11). */
	.user_timeout_min = 100,
	.user_timeout_max = 3600,
	.fastopen = XTCP_FO_CLIENT,
	.fastopen_blackhole_timeout_sec = 0,
	.notsent_lowat = UINT_MAX,
	.moderate_rcvbuf = 1,
	/* RFC 9293 SHLD-14: do not shrink the window. */
	.shrink_window = 0,
	.congestion_control = &xtcp_cubic,
	.cc_allowed = ~0UL,
	.wmem = { 4096, 16 * 1024, 4 * 1024 * 1024 },
	.rmem = { 4096, 131072, 6 * 1024 * 1024 },
	.ip_local_port_range = { 32768, 60999 },
};

/* Both values change, or none: 1 <= low <= high <= 65535 is required. */
static int port_range_handler(XTCP_CTL_CONST struct ctl_table *table, int write,
			      void *buffer, size_t *lenp, loff_t *ppos)
{
	int *range = table->data;
	int new[2] = { range[0], range[1] };
	struct ctl_table copy = *table;
	int err;

	copy.data = new;
	err = proc_dointvec_minmax(&copy, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	if (new[0] > new[1])
		return -EINVAL;
	WRITE_ONCE(range[0], new[0]);
	WRITE_ONCE(range[1], new[1]);
	return 0;
}

/*
 * The administrator of a namespace may lower the value. Raising it requires
 * CAP_NET_ADMIN in the initial user namespace, because users may create
 * namespaces of their own. Return: -EPERM without it; -EBUSY if another task
 * has changed the value meanwhile.
 */
static int allow_handler(XTCP_CTL_CONST struct ctl_table *table, int write,
			 void *buffer, size_t *lenp, loff_t *ppos)
{
	int *allow = table->data;
	int old = READ_ONCE(*allow);
	int new = old;
	struct ctl_table copy = *table;
	int err;

	copy.data = &new;
	err = proc_dointvec_minmax(&copy, write, buffer, lenp, ppos);
	if (err || !write)
		return err;
	if (new > old && !capable(CAP_NET_ADMIN))
		return -EPERM;
	return cmpxchg(allow, old, new) == old ? 0 : -EBUSY;
}

/* The struct xtcp_net that contains a field of its settings. */
#define NET_OF(_data, _field)						\
	container_of((typeof_member(struct xtcp_sysctls, _field) *)(_data), \
		     struct xtcp_net, sysctl._field)

static int blackhole_handler(XTCP_CTL_CONST struct ctl_table *table, int write,
			     void *buffer, size_t *lenp, loff_t *ppos)
{
	int err = proc_dointvec_minmax(table, write, buffer, lenp, ppos);

	if (!err && write)
		xtcp_fastopen_unblock(NET_OF(table->data,
					     fastopen_blackhole_timeout_sec));
	return err;
}

/* Format: four 32-bit words in hexadecimal, a comma, the second key if any. */
#define KEY_WORDS	(XTCP_FO_KEY_LEN / sizeof(u32))
#define KEYS_TEXT	(XTCP_FO_KEYS_MAX * (KEY_WORDS * 9) + 1)

static void print_key(char **text, const u8 *raw)
{
	*text += sprintf(*text, "%08x-%08x-%08x-%08x",
			 get_unaligned_le32(raw), get_unaligned_le32(raw + 4),
			 get_unaligned_le32(raw + 8),
			 get_unaligned_le32(raw + 12));
}

static bool parse_key(const char *text, u8 *raw)
{
	u32 word[KEY_WORDS];
	u32 i;
	char more;

	if (sscanf(text, "%x-%x-%x-%x%c", &word[0], &word[1], &word[2],
		   &word[3], &more) != KEY_WORDS)
		return false;
	for (i = 0; i < KEY_WORDS; i++)
		put_unaligned_le32(word[i], raw + i * sizeof(u32));
	return true;
}

static int store_keys(struct xtcp_net *xn, char *text)
{
	u8 raw[XTCP_FO_KEYS_MAX * XTCP_FO_KEY_LEN];
	char *second = strim(text);
	char *first = strsep(&second, ",");
	int err = -EINVAL;

	if (parse_key(first, raw) &&
	    (!second || parse_key(second, raw + XTCP_FO_KEY_LEN)))
		err = xtcp_fastopen_set_keys(&xn->fastopen.keys, raw,
					     second ? 2 : 1);
	memzero_explicit(raw, sizeof(raw));
	return err;
}

/* Shows zeros while the namespace has no key. */
static int fastopen_key_handler(XTCP_CTL_CONST struct ctl_table *table,
				int write, void *buffer, size_t *lenp,
				loff_t *ppos)
{
	struct xtcp_net *xn = NET_OF(table->data, fastopen);
	u8 raw[XTCP_FO_KEYS_MAX * XTCP_FO_KEY_LEN] = {};
	/* One more byte, so that overlong input is detected. */
	char text[KEYS_TEXT + 1] = "";
	struct ctl_table copy = { .data = text, .maxlen = sizeof(text) };
	char *p = text;
	u32 n, i;
	int err;

	if (!write) {
		n = xtcp_fastopen_get_keys(&xn->fastopen.keys, raw);
		for (i = 0; i < max_t(u32, n, 1); i++) {
			if (i)
				*p++ = ',';
			print_key(&p, raw + i * XTCP_FO_KEY_LEN);
		}
	}
	err = proc_dostring(&copy, write, buffer, lenp, ppos);
	if (!err && write)
		err = store_keys(xn, text);
	memzero_explicit(raw, sizeof(raw));
	memzero_explicit(text, sizeof(text));
	return err;
}

#define NAMED_ENTRY(_name, _field, _min, _max)				\
	{								\
		.procname = _name,					\
		.data = (void *)offsetof(struct xtcp_sysctls, _field),	\
		.maxlen = sizeof_field(struct xtcp_sysctls, _field),	\
		.mode = 0644,						\
		.proc_handler = proc_dointvec_minmax,			\
		.extra1 = _min,						\
		.extra2 = _max,						\
	}

#define ENTRY(_name, _min, _max) NAMED_ENTRY(#_name, _name, _min, _max)

/*
 * .data is an offset in struct xtcp_sysctls; in the copy of a namespace it is
 * a pointer.
 */
static const struct ctl_table template[] = {
	{
		.procname = "allow",
		.data = (void *)offsetof(struct xtcp_sysctls, allow),
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = allow_handler,
		.extra1 = SYSCTL_ZERO,
		.extra2 = &allow_max,
	},
	ENTRY(syn_retries, &one, &syn_retries_max),
	ENTRY(syn_linear_timeouts, &zero, &syn_retries_max),
	ENTRY(synack_retries, &zero, &byte_max),
	ENTRY(rto_min_us, &one, NULL),
	ENTRY(rto_max_ms, &thousand, &rto_ms_max),
	ENTRY(retries1, &zero, &byte_max),
	ENTRY(retries2, &zero, &byte_max),
	ENTRY(orphan_retries, &zero, &byte_max),
	ENTRY(fin_timeout, &zero, NULL),
	ENTRY(keepalive_time, &one, NULL),
	ENTRY(keepalive_intvl, &one, NULL),
	ENTRY(keepalive_probes, &one, &byte_max),
	ENTRY(max_syn_backlog, &zero, NULL),
	ENTRY(max_tw_buckets, &zero, NULL),
	ENTRY(max_orphans, &zero, NULL),
	ENTRY(abort_on_overflow, &zero, &one),
	ENTRY(l3mdev_accept, &zero, &one),
	ENTRY(syncookies, &zero, &two),
	NAMED_ENTRY("tw_reuse", reuse_tw, &zero, &two),
	ENTRY(tw_reuse_delay, &one, &hour_ms),
	ENTRY(rfc1337, &zero, &one),
	ENTRY(timestamps, &zero, &one),
	ENTRY(sack, &zero, &one),
	ENTRY(dsack, &zero, &one),
	ENTRY(window_scaling, &zero, &one),
	ENTRY(ecn, &zero, &five),
	ENTRY(ecn_fallback, &zero, &one),
	ENTRY(ecn_option, &zero, &three),
	ENTRY(ecn_generalized, &zero, &one),
	ENTRY(slow_start_after_idle, &zero, &one),
	ENTRY(reordering, &two, &reordering_max),
	ENTRY(recovery, &recovery_min, &recovery_max),
	ENTRY(early_retrans, &zero, &four),
	ENTRY(frto, &zero, &two),
	ENTRY(pacing_ss_ratio, &zero, &thousand),
	ENTRY(pacing_ca_ratio, &zero, &thousand),
	ENTRY(min_tso_segs, &one, &mss_max),
	ENTRY(tso_rtt_log, &zero, &thirty_one),
	ENTRY(limit_output_bytes, &zero, NULL),
	ENTRY(challenge_ack_limit, &zero, NULL),
	ENTRY(invalid_ratelimit, &zero, NULL),
	ENTRY(min_snd_mss, &one, &mss_max),
	ENTRY(stdurg, &zero, &one),
	ENTRY(mtu_probing, &zero, &two),
	ENTRY(base_mss, &one, &mss_max),
	ENTRY(mtu_probe_floor, &one, &mss_max),
	ENTRY(probe_interval, &one, NULL),
	ENTRY(probe_threshold, &one, &mss_max),
	ENTRY(user_timeout_option, &zero, &one),
	ENTRY(user_timeout_min, &uto_min_limit, &uto_max_limit),
	ENTRY(user_timeout_max, &uto_min_limit, &uto_max_limit),
	ENTRY(fastopen, NULL, NULL),
	{
		.procname = "fastopen_key",
		.data = (void *)offsetof(struct xtcp_sysctls, fastopen),
		.maxlen = KEYS_TEXT,
		.mode = 0600,
		.proc_handler = fastopen_key_handler,
	},
	{
		.procname = "fastopen_blackhole_timeout_sec",
		.data = (void *)offsetof(struct xtcp_sysctls,
					 fastopen_blackhole_timeout_sec),
		.maxlen = sizeof(int),
		.mode = 0644,
		.proc_handler = blackhole_handler,
		.extra1 = SYSCTL_ZERO,
	},
	{
		.procname = "notsent_lowat",
		.data = (void *)offsetof(struct xtcp_sysctls, notsent_lowat),
		.maxlen = sizeof(unsigned int),
		.mode = 0644,
		.proc_handler = proc_douintvec,
	},
	ENTRY(moderate_rcvbuf, &zero, &one),
	ENTRY(shrink_window, &zero, &one),
	{
		.procname = "congestion_control",
		.data = (void *)offsetof(struct xtcp_sysctls,
					 congestion_control),
		.maxlen = XTCP_CC_NAME_MAX,
		.mode = 0644,
		.proc_handler = xtcp_congestion_handler,
	},
	{
		.procname = "available_congestion_control",
		.mode = 0444,
		.proc_handler = xtcp_available_handler,
	},
	{
		.procname = "allowed_congestion_control",
		.data = (void *)offsetof(struct xtcp_sysctls, cc_allowed),
		.mode = 0644,
		.proc_handler = xtcp_allowed_handler,
	},
	ENTRY(wmem, &one, NULL),
	ENTRY(rmem, &one, NULL),
	{
		.procname = "ip_local_port_range",
		.data = (void *)offsetof(struct xtcp_sysctls,
					 ip_local_port_range),
		.maxlen = 2 * sizeof(int),
		.mode = 0644,
		.proc_handler = port_range_handler,
		.extra1 = &port_min,
		.extra2 = &port_max,
	},
#if XTCP_SYSCTL_SENTINEL
	{ }
#endif
};

#define ENTRIES (ARRAY_SIZE(template) - XTCP_SYSCTL_SENTINEL)

/**
 * xtcp_sysctl_register() - set defaults and register the sysctls of a namespace
 * @xn: the namespace
 * @allow: initial value of allow, enum xtcp_allow
 *
 * Return: 0 or -ENOMEM.
 */
int xtcp_sysctl_register(struct xtcp_net *xn, int allow)
{
	struct ctl_table *table;
	u32 i;

	xn->sysctl = defaults;
	xn->sysctl.allow = allow;
	table = kmemdup(template, sizeof(template), GFP_KERNEL);
	if (!table)
		return -ENOMEM;
	if (!net_eq(xn->net, &init_net))
		xn->sysctl.congestion_control =
			xtcp_sysctl(&init_net, congestion_control);
	for (i = 0; i < ENTRIES; i++) {
		table[i].data = (char *)&xn->sysctl +
				(unsigned long)template[i].data;
		if (table[i].proc_handler == xtcp_allowed_handler &&
		    !net_eq(xn->net, &init_net))
			table[i].mode = 0444;
	}
	xn->sysctl_header = register_net_sysctl_sz(xn->net, "net/xtcp", table,
						   ENTRIES);
	if (!xn->sysctl_header) {
		kfree(table);
		return -ENOMEM;
	}
	return 0;
}

/**
 * xtcp_sysctl_unregister() - unregister the sysctls of a namespace
 * @xn: the namespace
 */
void xtcp_sysctl_unregister(struct xtcp_net *xn)
{
	const struct ctl_table *table = xn->sysctl_header->ctl_table_arg;

	unregister_net_sysctl_table(xn->sysctl_header);
	kfree(table);
}
