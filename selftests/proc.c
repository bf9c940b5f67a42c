// SPDX-License-Identifier: GPL-2.0
/*
 * /proc/net/xtcp, xtcp6, xtcp_netstat and /proc/sys/net/xtcp
 * have the format of the kernel's files
 */
#include "lib/xtcp_test.h"

#include <dirent.h>

SOCKET_FIXTURE(proc)

static FILE *table(enum stack stack, int family)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/net/%s%s", stack == XTCP ? "xtcp" : "tcp",
		 family == AF_INET6 ? "6" : "");
	return fopen(path, "r");
}

/* a line of the table, parsed by columns */
struct row {
	unsigned int sl, local_port, remote_port, state, tx, rx, timer, uid, timeout, refs;
	unsigned long expires, retransmits, inode;
	char local[33], remote[33], line[256];
};

static bool find(enum stack stack, int family, int local, int remote, struct row *row)
{
	FILE *f = table(stack, family);
	bool found = false;

	while (f && !found && fgets(row->line, sizeof(row->line), f))
		found = sscanf(row->line,
			       "%u: %32[0-9A-F]:%X %32[0-9A-F]:%X %X %X:%X %X:%lX %lX %u %u %lu %u %*x",
			       &row->sl, row->local, &row->local_port, row->remote,
			       &row->remote_port, &row->state, &row->tx, &row->rx,
			       &row->timer, &row->expires, &row->retransmits, &row->uid,
			       &row->timeout, &row->inode, &row->refs) == 15 &&
			(int)row->local_port == local && (int)row->remote_port == remote;
	if (f)
		fclose(f);
	return found;
}

TEST_F(proc, header)
{
	char ours[256], theirs[256];
	FILE *f;

	f = table(variant->stack, variant->family);
	ASSERT_NE(NULL, f);
	ASSERT_NE(NULL, fgets(ours, sizeof(ours), f));
	fclose(f);
	f = table(TCP, variant->family);
	ASSERT_NE(NULL, fgets(theirs, sizeof(theirs), f));
	fclose(f);
	EXPECT_STREQ(theirs, ours);
}

TEST_F(proc, listener)
{
	int fd = listen_on(variant->stack, &self->address, 9);
	const char *one = variant->family == AF_INET ? "0100007F" :
		"00000000000000000000000001000000";
	const char *none = variant->family == AF_INET ? "00000000" :
		"00000000000000000000000000000000";
	char path[32], link[64] = {};
	struct row row;

	for (int i = 0; i < 2; i++) {
		ASSERT_LE(0, connect_to(variant->stack, &self->address));
	}
	ASSERT_TRUE(find(variant->stack, variant->family, port_of(fd), 0, &row));
	EXPECT_EQ(TCP_LISTEN, row.state);
	EXPECT_STREQ(one, row.local);
	EXPECT_STREQ(none, row.remote);
	/* rx of a listener is the length of the accept queue */
	EXPECT_EQ(2, row.rx);
	EXPECT_EQ(0, row.tx);
	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	ASSERT_LT(0, readlink(path, link, sizeof(link) - 1));
	EXPECT_EQ(row.inode, strtoul(link + strlen("socket:["), NULL, 10));
}

TEST_F(proc, connection)
{
	int l = listen_on(variant->stack, &self->address, 9), c, s;
	struct row row;

	ASSERT_EQ(0, make_pair(variant->stack, l, &c, &s));
	ASSERT_EQ(5, write(c, "12345", 5));
	WAIT_FOR(events(s, POLLIN) & POLLIN);
	ASSERT_TRUE(find(variant->stack, variant->family, port_of(s), port_of(c), &row));
	EXPECT_EQ(TCP_ESTABLISHED, row.state);
	EXPECT_EQ(5, row.rx);
	ASSERT_TRUE(find(variant->stack, variant->family, port_of(c), port_of(s), &row));
	EXPECT_EQ(TCP_ESTABLISHED, row.state);
	EXPECT_EQ(0, row.rx);
	EXPECT_EQ(0, row.uid);
}

TEST_F(proc, owner)
{
	struct row row;
	int fd;

	ASSERT_EQ(0, setresuid(-1, 65534, -1));
	fd = listen_on(variant->stack, &self->address, 1);
	ASSERT_LE(0, fd);
	ASSERT_TRUE(find(variant->stack, variant->family, port_of(fd), 0, &row));
	EXPECT_EQ(65534, row.uid);
}

/* IPv4 lines have 150 bytes, as in the kernel: programs rely on it */
TEST_F(proc, width)
{
	struct row row;

	for (int i = 0; i < 3; i++) {
		self->address = loopback(variant->family, 0);
		listen_on(variant->stack, &self->address, 1);
		ASSERT_TRUE(find(variant->stack, variant->family,
				 address_port(&self->address), 0, &row));
		if (variant->family == AF_INET) {
			EXPECT_EQ(150, strlen(row.line));
		}
		EXPECT_EQ('\n', row.line[strlen(row.line) - 1]);
	}
}

TEST_F(proc, time_wait)
{
	int l = listen_on(variant->stack, &self->address, 9), c, s;
	int port = port_of(l), own;
	struct row row;

	ASSERT_EQ(0, make_pair(variant->stack, l, &c, &s));
	own = port_of(c);
	ASSERT_EQ(0, close(c));
	ASSERT_EQ(0, close(s));
	WAIT_FOR(find(variant->stack, variant->family, own, port, &row) &&
		 row.state == TCP_TIME_WAIT);
	/* timer 3, with the rest of 60 s, and no inode */
	EXPECT_EQ(3, row.timer);
	EXPECT_BETWEEN(50 * sysconf(_SC_CLK_TCK), row.expires, 60 * sysconf(_SC_CLK_TCK));
	EXPECT_EQ(0, row.inode);
}

TEST_F(proc, many)
{
	int l = listen_on(variant->stack, &self->address, 1000), c, s, lines = 0;
	char line[256];
	FILE *f;

	for (int i = 0; i < 300; i++) {
		ASSERT_EQ(0, make_pair(variant->stack, l, &c, &s));
	}
	f = table(variant->stack, variant->family);
	while (fgets(line, sizeof(line), f))
		lines++;
	EXPECT_EQ(1 + 1 + 600, lines);
}

static int count(const char *command, const char *word)
{
	char line[1024];
	int n = 0;
	FILE *f = popen(command, "r");

	while (fgets(line, sizeof(line), f))
		n += !!strstr(line, word);
	pclose(f);
	return n;
}

/* The unmodified ss: PROC_NET_TCP and PROC_NET_TCP6 name the tables */
TEST_F(proc, ss)
{
	int l = listen_on(variant->stack, &self->address, 9), c, s;

	/* load ss first: this may take longer than TIME_WAIT in virtual time */
	EXPECT_EQ(0, count("ss -tan", "TIME-WAIT"));
	ASSERT_EQ(0, make_pair(variant->stack, l, &c, &s));
	ASSERT_EQ(0, make_pair(variant->stack, l, &c, &s));
	ASSERT_EQ(0, close(c));
	ASSERT_EQ(0, close(s));
	if (variant->stack == XTCP) {
		setenv("PROC_NET_TCP", "/proc/net/xtcp", 1);
		setenv("PROC_NET_TCP6", "/proc/net/xtcp6", 1);
	} else {
		setenv("PROC_NET_TCP", "/proc/net/tcp", 1);
		setenv("PROC_NET_TCP6", "/proc/net/tcp6", 1);
	}
	EXPECT_EQ(1, count("ss -tan", "LISTEN"));
	EXPECT_EQ(2, count("ss -tan", "ESTAB"));
	EXPECT_EQ(1, count("ss -tan", "TIME-WAIT"));
}

CABLE_FIXTURE(table)

TEST_F(table, requests)
{
	int port = address_port(&self->address);
	int c = open_nonblock(variant->client, variant->family);
	struct row row;

	ASSERT_EQ(0, cable_cut(&self->cable, self->cable.far));
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->address));
	ASSERT_TRUE(find(variant->client, variant->family, port_of(c), port, &row));
	EXPECT_EQ(TCP_SYN_SENT, row.state);
	EXPECT_EQ(1, row.timer);
	ASSERT_EQ(0, enter_netns(self->cable.far));
	WAIT_FOR(find(variant->server, variant->family, port, port_of(c), &row));
	EXPECT_EQ(TCP_SYN_RECV, row.state);
	EXPECT_EQ(1, row.timer);
}

/* bytes in flight, and the number of retransmissions */
TEST_F(table, retransmissions)
{
	int port = address_port(&self->address);
	int c = connect_to(variant->client, &self->address);
	struct row row;

	ASSERT_LE(0, c);
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	ASSERT_EQ(5, write(c, "12345", 5));
	ASSERT_TRUE(find(variant->client, variant->family, port_of(c), port, &row));
	EXPECT_EQ(5, row.tx);
	EXPECT_EQ(1, row.timer);
	WAIT_FOR(find(variant->client, variant->family, port_of(c), port, &row) &&
		 row.retransmits >= 2);
}

TEST_F(table, orphans)
{
	int port = address_port(&self->address), own;
	int c = connect_to(variant->client, &self->address);
	int s = accept(self->listener, NULL, NULL);
	struct row row;

	ASSERT_LE(0, s);
	own = port_of(c);
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	ASSERT_EQ(0, close(c));
	ASSERT_TRUE(find(variant->client, variant->family, own, port, &row));
	EXPECT_EQ(TCP_FIN_WAIT1, row.state);
	EXPECT_EQ(0, row.inode);
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	WAIT_FOR(find(variant->client, variant->family, own, port, &row) &&
		 row.state == TCP_FIN_WAIT2);
	ASSERT_EQ(0, enter_netns(self->cable.far));
	ASSERT_TRUE(find(variant->server, variant->family, port, own, &row));
	EXPECT_EQ(TCP_CLOSE_WAIT, row.state);
	/* the FIN counts as a byte */
	EXPECT_EQ(1, row.rx);
}

/* The format for nstat: a line of names, then a line of as many numbers */
FIXTURE(netstat) {
	char path[64];
};

FIXTURE_VARIANT(netstat) {
	enum stack stack;
};

FIXTURE_VARIANT_ADD(netstat, xtcp) { XTCP };
FIXTURE_VARIANT_ADD(netstat, reference) { TCP };

FIXTURE_SETUP(netstat)
{
	ASSERT_EQ(0, new_netns());
	strcpy(self->path, variant->stack == XTCP ? "/proc/net/xtcp_netstat" :
						    "/proc/net/netstat");
}

FIXTURE_TEARDOWN(netstat) { }

static int words(char *line)
{
	char *save;
	int n = 0;

	for (char *w = strtok_r(line, "\n ", &save); w; w = strtok_r(NULL, "\n ", &save))
		n++;
	return n;
}

TEST_F(netstat, format)
{
	static char names[16384], values[16384];
	FILE *f = fopen(self->path, "r");
	int groups = 0;

	ASSERT_NE(NULL, f);
	while (fgets(names, sizeof(names), f)) {
		ASSERT_NE(NULL, fgets(values, sizeof(values), f));
		EXPECT_EQ(strcspn(names, ":"), strcspn(values, ":"));
		EXPECT_EQ(0, strncmp(names, values, strcspn(names, ":") + 1));
		EXPECT_EQ(words(names), words(values));
		groups++;
	}
	EXPECT_LT(0, groups);
}

/* the sum of all counters, which changes only with traffic */
static long long sum(const char *path)
{
	static char line[16384];
	FILE *f = fopen(path, "r");
	long long total = 0, v;
	char *save;

	while (fgets(line, sizeof(line), f)) {
		if (!fgets(line, sizeof(line), f))
			break;
		strtok_r(line, "\n ", &save);
		for (char *w; (w = strtok_r(NULL, "\n ", &save));)
			if (sscanf(w, "%lld", &v) == 1)
				total += v;
	}
	fclose(f);
	return total;
}

TEST_F(netstat, counts)
{
	struct address a = loopback(AF_INET, 0);
	int l = listen_on(variant->stack, &a, 9), c, s, here;
	long long before = sum(self->path);
	char text[4];

	EXPECT_EQ(before, sum(self->path));
	ASSERT_EQ(0, make_pair(variant->stack, l, &c, &s));
	ASSERT_EQ(3, write(c, "abc", 3));
	ASSERT_EQ(3, read(s, text, 4));
	ASSERT_EQ(0, close(c));
	ASSERT_EQ(0, close(s));
	EXPECT_LT(before, sum(self->path));
	here = this_netns();
	before = sum(self->path);
	ASSERT_EQ(0, new_netns());
	EXPECT_GT(before, sum(self->path));
	ASSERT_EQ(0, enter_netns(here));
}

TEST_F(netstat, nstat)
{
	struct address a = loopback(AF_INET, 0);
	int l = listen_on(variant->stack, &a, 9), c, s;

	ASSERT_EQ(0, make_pair(variant->stack, l, &c, &s));
	ASSERT_EQ(0, close(s));
	ASSERT_EQ(0, close(c));
	setenv("PROC_NET_NETSTAT", self->path, 1);
	setenv("NSTAT_HISTORY", "/dev/null", 1);
	EXPECT_LT(0, count("nstat -asz", variant->stack == XTCP ? "XTcp" : "TcpExt"));
}

/* sysctls with a name of the kernel's TCP have the same meaning and default */
TEST(sysctl_defaults)
{
	char ours[256], theirs[256];
	int compared = 0;
	struct dirent *e;
	DIR *d;

	ASSERT_EQ(0, new_netns());
	d = opendir("/proc/sys/net/xtcp");
	ASSERT_NE(NULL, d);
	while ((e = readdir(d))) {
		if (*e->d_name == '.')
			continue;
		if (get_sysctl(XTCP, e->d_name, ours, sizeof(ours)))
			continue;
		if (get_sysctl(TCP, e->d_name, theirs, sizeof(theirs)))
			continue;
		/* the kernel computes these from the size of its hash tables */
		if (!strncmp(e->d_name, "max_", 4))
			continue;
		compared++;
		/* SYNs are sent for three minutes (MUST-23): one retry more */
		if (!strcmp(e->d_name, "syn_retries"))
			strcpy(theirs, "7");
		/* the timeout of a SYN doubles each time (RFC 6298 5.5) */
		if (!strcmp(e->d_name, "syn_linear_timeouts"))
			strcpy(theirs, "0");
		/* a RST in TIME_WAIT is ignored (TW-4) */
		if (!strcmp(e->d_name, "rfc1337"))
			strcpy(theirs, "1");
		/* since 6.16 the maximum depends on the size of memory */
		if (!strcmp(e->d_name, "rmem"))
			strcpy(theirs, "4096\t131072\t6291456");
		/* 1 MiB in older kernels */
		if (!strcmp(e->d_name, "limit_output_bytes"))
			strcpy(theirs, "4194304");
		EXPECT_STREQ(theirs, ours) {
			TH_LOG("%s", e->d_name);
		}
	}
	EXPECT_LE(12, compared);
}

TEST(sysctl_names)
{
	static const char *const names[] = {
		"syn_retries", "synack_retries", "retries1", "retries2",
		"orphan_retries", "fin_timeout", "keepalive_time", "keepalive_intvl",
		"keepalive_probes", "max_syn_backlog", "timestamps", "sack",
		"window_scaling", "rmem", "wmem", "ip_local_port_range",
	};
	char text[256];

	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		EXPECT_EQ(0, get_sysctl(XTCP, names[i], text, sizeof(text))) {
			TH_LOG("%s", names[i]);
		}
	}
}

SOCKET_FIXTURE(sysctl)

TEST_F(sysctl, invalid_values_refused)
{
	char before[64], after[64];

	ASSERT_EQ(0, get_sysctl(variant->stack, "syn_retries", before, sizeof(before)));
	EXPECT_ERRNO(EINVAL, set_sysctl(variant->stack, "syn_retries", "0"));
	EXPECT_ERRNO(EINVAL, set_sysctl(variant->stack, "syn_retries", "128"));
	EXPECT_ERRNO(EINVAL, set_sysctl(variant->stack, "syn_retries", "x"));
	ASSERT_EQ(0, get_sysctl(variant->stack, "syn_retries", after, sizeof(after)));
	EXPECT_STREQ(before, after);
}

TEST_F(sysctl, needs_privilege)
{
	ASSERT_EQ(0, setresuid(65534, 65534, 65534));
	EXPECT_ERRNO(EACCES, set_sysctl(variant->stack, "fin_timeout", "33"));
}

TEST_MAIN
