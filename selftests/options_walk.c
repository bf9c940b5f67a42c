// SPDX-License-Identifier: GPL-2.0
/*
 * getsockopt() and setsockopt() of every option number of every level, with
 * several values and lengths: both stacks return the same, except for the
 * differences listed here.
 */
#include "lib/xtcp_test.h"

#include <limits.h>

#define ROOM		64

enum kind { FRESH, LISTENING, CLIENT, ACCEPTED, KINDS };

static const char *const kinds[] = { "fresh", "listening", "client", "accepted" };

/* results that may differ: the value of get, the errno of set */
#define GOT	1
#define SET	2

struct difference {
	int level, number;
	int which;
	const char *reason;
};

/*
 * "Missing" options are not implemented in XTCP: ENOPROTOOPT, or EOPNOTSUPP
 * where the socket layer handles the option. README.md and differences.rst
 * describe them.
 */
static const struct difference differences[] = {
	{ SOL_SOCKET, SO_SNDBUF, GOT, "auto-tuning grows it in other steps" },
	{ SOL_SOCKET, SO_RCVLOWAT, GOT,
	  "at most half of rmem[2]; the kernel's tcp_rmem[2] depends on memory" },
	{ SOL_SOCKET, SO_PEERNAME, GOT, "each socket has its own" },
	{ SOL_SOCKET, SO_TIMESTAMP_OLD, GOT | SET, "missing" },
	{ SOL_SOCKET, SO_TIMESTAMPNS_OLD, GOT | SET, "missing" },
	{ SOL_SOCKET, SO_TIMESTAMPING_OLD, GOT | SET, "missing" },
	{ SOL_SOCKET, SO_TIMESTAMP_NEW, GOT | SET, "missing" },
	{ SOL_SOCKET, SO_TIMESTAMPNS_NEW, GOT | SET, "missing" },
	{ SOL_SOCKET, SO_TIMESTAMPING_NEW, GOT | SET, "missing" },
	{ SOL_SOCKET, SO_PROTOCOL, GOT, "253" },
	{ SOL_SOCKET, SO_PEEK_OFF, GOT | SET, "in the kernel's TCP since 6.9" },
	{ SOL_SOCKET, SO_BUSY_POLL, GOT | SET, "missing" },
	{ SOL_SOCKET, SO_PREFER_BUSY_POLL, GOT | SET, "missing" },
	{ SOL_SOCKET, SO_BUSY_POLL_BUDGET, GOT | SET, "missing" },
	{ SOL_SOCKET, SO_MEMINFO, GOT, "allocated bytes differ" },
	{ SOL_SOCKET, SO_COOKIE, GOT, "each socket has its own" },
	{ SOL_SOCKET, SO_ZEROCOPY, GOT | SET, "missing" },
	{ SOL_SOCKET, SO_TXTIME, SET, "missing; streams do not use it" },
	{ SOL_SOCKET, 74, GOT | SET,
	  "SO_TXREHASH: newer socket layers accept it only for protocol 6" },
	{ SOL_SOCKET, 80, SET, "SO_DEVMEM_DONTNEED: missing" },
	{ SOL_TCP, TCP_MAXSEG, GOT, "in the kernel's TCP at most half of the peer's window" },
	{ SOL_TCP, TCP_WINDOW_CLAMP, GOT, "newer kernels read it as signed" },
	{ SOL_TCP, TCP_SYNCNT, GOT, "the default is 7 (RFC 9293 MUST-23)" },
	{ SOL_TCP, TCP_INFO, GOT, "some fields have other initial values" },
	{ SOL_TCP, TCP_MD5SIG, SET, "missing" },
	{ SOL_TCP, TCP_THIN_LINEAR_TIMEOUTS, GOT | SET, "missing" },
	{ SOL_TCP, TCP_THIN_DUPACK, GOT | SET, "missing; no effect in the kernel's TCP" },
	{ SOL_TCP, TCP_REPAIR, GOT | SET, "missing" },
	{ SOL_TCP, TCP_REPAIR_QUEUE, GOT | SET, "missing" },
	{ SOL_TCP, TCP_QUEUE_SEQ, GOT | SET, "missing" },
	{ SOL_TCP, TCP_REPAIR_OPTIONS, SET, "missing" },
	{ SOL_TCP, TCP_TIMESTAMP, GOT | SET, "missing" },
	{ SOL_TCP, TCP_SAVE_SYN, GOT | SET, "missing" },
	{ SOL_TCP, TCP_SAVED_SYN, GOT, "missing" },
	{ SOL_TCP, TCP_REPAIR_WINDOW, GOT | SET, "missing" },
	{ SOL_TCP, TCP_ULP, GOT | SET, "missing" },
	{ SOL_TCP, TCP_MD5SIG_EXT, SET, "missing" },
	{ SOL_TCP, TCP_ZEROCOPY_RECEIVE, GOT, "missing" },
	{ SOL_TCP, TCP_TX_DELAY, GOT | SET, "missing" },
	{ SOL_TCP, 38, GOT | SET, "TCP_AO_ADD_KEY: missing" },
	{ SOL_TCP, 39, GOT | SET, "TCP_AO_DEL_KEY: missing" },
	{ SOL_TCP, 40, GOT | SET, "TCP_AO_INFO: missing" },
	{ SOL_TCP, 41, GOT | SET, "TCP_AO_GET_KEYS: missing" },
	{ SOL_TCP, 42, GOT | SET, "TCP_AO_REPAIR: missing" },
	{ SOL_TCP, 43, GOT, "TCP_IS_MPTCP: in the kernel's TCP since 6.10" },
	{ SOL_TCP, 44, GOT | SET, "TCP_RTO_MAX_MS: in the kernel's TCP since 6.15" },
	{ SOL_TCP, 45, GOT | SET, "TCP_RTO_MIN_US: missing" },
	{ SOL_TCP, 46, GOT | SET, "TCP_DELACK_MAX_US: missing" },
	{ SOL_IP, IP_OPTIONS, GOT | SET, "refused" },
	{ SOL_IP, IP_MULTICAST_TTL, GOT, "the kernel's TCP copies it from the SYN" },
	{ SOL_IP, IP_MULTICAST_ALL, GOT, "no effect on a stream" },
	{ SOL_IP, 52, GOT, "IP_PROTOCOL: 253" },
	{ SOL_IPV6, IPV6_ADDRFORM, GOT | SET, "missing" },
	{ SOL_IPV6, IPV6_MULTICAST_IF, GOT, "the kernel's TCP copies it from the SYN" },
	{ SOL_IPV6, IPV6_MULTICAST_HOPS, GOT, "the kernel's TCP copies it from the SYN" },
	{ SOL_IPV6, 80, GOT, "IP6T_SO_ORIGINAL_DST: netfilter checks for protocol 6" },
	{ -1, 0, 0, NULL },
};

static const struct {
	int level, last;
} levels[] = {
	{ SOL_SOCKET, 90 },
	{ SOL_TCP, 60 },
	/* 64 and above are netfilter's */
	{ SOL_IP, 63 },
	{ SOL_IPV6, 85 },
};

struct answer {
	int ret, error;
	int len;
	unsigned char value[ROOM];
};

/* One socket of each stack, and related descriptors */
struct end {
	int fd;
	int listener;
	int peer;
};

FIXTURE(walk) { };

FIXTURE_VARIANT(walk) {
	int family;
	enum kind kind;
};

FIXTURE_VARIANT_ADD(walk, v4_fresh) { AF_INET, FRESH };
FIXTURE_VARIANT_ADD(walk, v6_fresh) { AF_INET6, FRESH };
FIXTURE_VARIANT_ADD(walk, v4_listening) { AF_INET, LISTENING };
FIXTURE_VARIANT_ADD(walk, v6_listening) { AF_INET6, LISTENING };
FIXTURE_VARIANT_ADD(walk, v4_client) { AF_INET, CLIENT };
FIXTURE_VARIANT_ADD(walk, v6_client) { AF_INET6, CLIENT };
FIXTURE_VARIANT_ADD(walk, v4_accepted) { AF_INET, ACCEPTED };
FIXTURE_VARIANT_ADD(walk, v6_accepted) { AF_INET6, ACCEPTED };

FIXTURE_SETUP(walk)
{
	ASSERT_EQ(0, new_netns());
}

FIXTURE_TEARDOWN(walk) { }

static int open_end(struct end *e, enum stack which, int family, enum kind kind)
{
	struct address address = loopback(family, 0);
	int c, s;

	*e = (struct end){ -1, -1, -1 };
	if (kind == FRESH) {
		e->fd = open_socket(which, family);
		return e->fd < 0 ? -1 : 0;
	}
	e->listener = listen_on(which, &address, 1);
	if (e->listener < 0)
		return -1;
	if (kind == LISTENING) {
		e->fd = e->listener;
		return 0;
	}
	if (make_pair(which, e->listener, &c, &s))
		return -1;
	e->fd = kind == CLIENT ? c : s;
	e->peer = kind == CLIENT ? s : c;
	return 0;
}

static void close_end(const struct end *e)
{
	struct linger off = { 0, 0 };

	/* the walk has set SO_LINGER, which would delay close() */
	setsockopt(e->fd, SOL_SOCKET, SO_LINGER, &off, sizeof(off));
	if (e->fd != e->listener)
		close(e->listener);
	close(e->fd);
	close(e->peer);
}

static struct answer get(int fd, int level, int number, int len)
{
	struct answer a = { .len = len };

	memset(a.value, 0x55, sizeof(a.value));
	a.ret = getsockopt(fd, level, number, a.value, (socklen_t *)&a.len);
	a.error = a.ret ? errno : 0;
	return a;
}

static struct answer set(int fd, int level, int number, const void *value, int len)
{
	struct answer a = {};

	a.ret = setsockopt(fd, level, number, value, len);
	a.error = a.ret ? errno : 0;
	return a;
}

static bool same(const struct answer *a, const struct answer *b)
{
	return a->ret == b->ret && a->error == b->error && a->len == b->len &&
	       !memcmp(a->value, b->value, sizeof(a->value));
}

static bool meant(int level, int number, int which)
{
	for (const struct difference *d = differences; d->reason; d++) {
		if (d->level == level && d->number == number && (d->which & which))
			return true;
	}
	return false;
}

static void tell(char *text, size_t size, const struct answer *a)
{
	int n = snprintf(text, size, "%d %s, %d bytes", a->ret, strerror(a->error), a->len);

	for (int i = 0; i < 8 && n < (int)size; i++)
		n += snprintf(text + n, size - n, " %02x", a->value[i]);
}

/* Compares two results; prints a difference that is not in the table. */
static int compare(const struct answer *tcp, const struct answer *xtcp, int level,
		   int number, int which, const char *how, int what)
{
	char t[200], x[200];

	if (same(tcp, xtcp) || meant(level, number, which))
		return 0;
	tell(t, sizeof(t), tcp);
	tell(x, sizeof(x), xtcp);
	fprintf(stderr, "# option %d of level %d, %s %d: TCP %s; XTCP %s\n", number, level,
		how, what, t, x);
	return 1;
}

static const int values[] = { 0, 1, -1, 2, 3, 5, 7, 100, 100000, INT_MAX, INT_MIN, 0 };
static const int lengths[] = { 0, 1, 2, 3, 8, 12, 16, ROOM, -1, INT_MIN };
static const int rooms[] = { 4, 0, 1, 3, 8, ROOM, -1, INT_MIN };

#define COUNT(a) ((int)(sizeof(a) / sizeof(*(a))))

static int walk_one(int tcp, int xtcp, int level, int number)
{
	unsigned char text[ROOM] = "reno";
	struct answer t, x;
	int bad = 0;

	for (int i = 0; i < COUNT(rooms); i++) {
		t = get(tcp, level, number, rooms[i]);
		x = get(xtcp, level, number, rooms[i]);
		bad += compare(&t, &x, level, number, GOT, "got with room for", rooms[i]);
	}
	for (int i = 0; i < COUNT(values); i++) {
		t = set(tcp, level, number, &values[i], sizeof(int));
		x = set(xtcp, level, number, &values[i], sizeof(int));
		bad += compare(&t, &x, level, number, SET, "set to", values[i]);
		t = get(tcp, level, number, sizeof(int));
		x = get(xtcp, level, number, sizeof(int));
		bad += compare(&t, &x, level, number, GOT, "got after", values[i]);
	}
	for (int i = 0; i < COUNT(lengths); i++) {
		t = set(tcp, level, number, text, lengths[i]);
		x = set(xtcp, level, number, text, lengths[i]);
		bad += compare(&t, &x, level, number, SET, "set of length", lengths[i]);
	}
	t = set(tcp, level, number, (void *)8, sizeof(int));
	x = set(xtcp, level, number, (void *)8, sizeof(int));
	return bad + compare(&t, &x, level, number, SET, "set from a bad pointer", 0);
}

TEST_F(walk, all)
{
	struct end tcp, xtcp;
	int bad = 0;

	for (int l = 0; l < COUNT(levels); l++) {
		for (int n = 0; n <= levels[l].last; n++) {
			if (levels[l].level == SOL_IPV6 && n == 64)
				continue;
			ASSERT_EQ(0, open_end(&tcp, TCP, variant->family, variant->kind));
			ASSERT_EQ(0, open_end(&xtcp, XTCP, variant->family, variant->kind));
			bad += walk_one(tcp.fd, xtcp.fd, levels[l].level, n);
			close_end(&tcp);
			close_end(&xtcp);
		}
	}
	EXPECT_EQ(0, bad) {
		TH_LOG("of a socket that is %s", kinds[variant->kind]);
	}
}

TEST_MAIN
