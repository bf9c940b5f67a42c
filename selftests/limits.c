// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of a packet, a call or a line in /proc/net does not grow with the
 * number of other sockets. In virtual time 1 ns is one instruction, so costs
 * are comparable.
 */
#include "lib/xtcp_test.h"

#include <pthread.h>
#include <stdatomic.h>
#include <sys/resource.h>
#include <time.h>

#define PORT	5000
#define FEW	10
#define MANY	2000
#define TRIES	20

static long long nanoseconds(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000LL + t.tv_nsec;
}

/* the minimum of several runs: one without interrupts */
#define LEAST(call) ({							\
	long long __least = INT64_MAX;					\
									\
	for (int __i = 0; __i < TRIES; __i++) {				\
		long long __start = nanoseconds(), __took;		\
									\
		call;							\
		__took = nanoseconds() - __start;			\
		if (__took < __least)					\
			__least = __took;				\
	}								\
	__least; })

/* the n-th local address */
static struct address host(int family, int n, int port)
{
	char text[64];

	snprintf(text, sizeof(text), family == AF_INET ? "127.0.%d.%d" :
		 "fd00::%x:%x", 1 + n / 250, 1 + n % 250);
	return address_of(family, text, port);
}

static int allow_files(int n)
{
	struct rlimit r = { n, n };

	return setrlimit(RLIMIT_NOFILE, &r);
}

/* makes all addresses of a prefix local, as 127.0.0.0/8 is */
static int make_hosts(int family)
{
	if (family == AF_INET)
		return 0;
	return sh("ip -6 route add local fd00::/64 dev lo") ||
	       sh("echo 1 >/proc/sys/net/ipv6/ip_nonlocal_bind");
}

SOCKET_FIXTURE(limits_virtual)

static void meet(const struct address *to, enum stack stack)
{
	int fd = connect_to(stack, to);

	if (fd < 0)
		abort();
	set_int(fd, SOL_TCP, TCP_LINGER2, -1);
	close(fd);
}

/* SO_REUSEPORT: a wildcard may listen beside specific addresses */
static int group_listen(enum stack stack, const struct address *a)
{
	int fd = bound(stack, a, SO_REUSEPORT);

	if (fd >= 0 && listen(fd, 1000)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* the lookup for a SYN does not walk listeners on other local addresses */
TEST_F(limits_virtual, listeners_on_one_port)
{
	struct address own = host(variant->family, MANY + 1, PORT), any;
	long long few, many, wild;
	int l;

	ASSERT_EQ(0, make_hosts(variant->family));
	ASSERT_EQ(0, allow_files(2 * MANY));
	l = group_listen(variant->stack, &own);
	ASSERT_LE(0, l);
	few = LEAST(meet(&own, variant->stack));
	for (int i = 0; i < MANY; i++) {
		struct address a = host(variant->family, i, PORT);

		ASSERT_LE(0, group_listen(variant->stack, &a)) TH_LOG("%d: %m", i);
	}
	many = LEAST(meet(&own, variant->stack));
	/* nor does the lookup of a wildcard listener */
	close(l);
	any = any_address(variant->family, PORT);
	l = group_listen(variant->stack, &any);
	ASSERT_LE(0, l) TH_LOG("wildcard: %m");
	wild = LEAST(meet(&own, variant->stack));
	TH_LOG("%lld ns, among %d listeners %lld ns, wildcard %lld ns", few, MANY,
	       many, wild);
	EXPECT_GT(few + 3000, many);
	EXPECT_GT(few + 3000, wild);
}

/* the lookup for a SYN does not walk the members of a SO_REUSEPORT group */
TEST_F(limits_virtual, group)
{
	struct address own = loopback(variant->family, PORT);
	long long few, many;

	ASSERT_EQ(0, allow_files(2 * MANY));
	for (int n = 0, i = 0; n < 2; n++) {
		long long took;

		for (; i < (n ? MANY : FEW); i++) {
			int l = bound(variant->stack, &own, SO_REUSEPORT);

			ASSERT_LE(0, l);
			ASSERT_EQ(0, listen(l, 100));
		}
		took = LEAST(meet(&own, variant->stack));
		*(n ? &many : &few) = took;
	}
	TH_LOG("%lld ns in a group of %d, %lld ns in one of %d", few, FEW, many, MANY);
	EXPECT_GT(few + 3000, many);
}

static int lines(enum stack stack, int family)
{
	static char buf[65536];
	char path[32];
	int fd, count = 0;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/net/%s%s", stack == XTCP ? "xtcp" : "tcp",
		 family == AF_INET6 ? "6" : "");
	fd = open(path, O_RDONLY);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		for (ssize_t i = 0; i < n; i++)
			count += buf[i] == '\n';
	close(fd);
	return count;
}

/* all lines are shown, at a constant cost per line */
TEST_F(limits_virtual, table)
{
	long long took[3];
	int shown;

	ASSERT_EQ(0, make_hosts(variant->family));
	ASSERT_EQ(0, allow_files(2 * MANY));
	for (int n = 0, i = 0; n < 3; n++) {
		for (; i < MANY / 2 * n; i++) {
			struct address a = host(variant->family, i, PORT);

			ASSERT_LE(0, listen_on(variant->stack, &a, 1));
		}
		took[n] = LEAST(shown = lines(variant->stack, variant->family));
		EXPECT_EQ(1 + i, shown);
	}
	TH_LOG("%lld us, %lld us with %d, %lld us with %d", took[0] / 1000,
	       took[1] / 1000, MANY / 2, took[2] / 1000, MANY);
	EXPECT_GT((took[1] - took[0]) * 22 / 10, took[2] - took[0]);
}

/* inserting a short FIN_WAIT_2 before many longer ones is cheap */
TEST_F(limits_virtual, fin_wait_2)
{
	struct address own = loopback(variant->family, 0);
	int l = listen_on(variant->stack, &own, 100), c, s, count = 0;
	long long few = INT64_MAX, many = INT64_MAX;

	ASSERT_LE(0, l);
	ASSERT_EQ(0, allow_files(2 * MANY));
	for (int i = 0; i < MANY + 2 * TRIES; i++) {
		bool soon = i % MANY < TRIES;
		long long start, took;

		ASSERT_EQ(0, make_pair(variant->stack, l, &c, &s));
		set_int(c, SOL_TCP, TCP_LINGER2, soon ? 40 : 60);
		/* quickack: the ACK of the FIN is not delayed */
		shutdown(c, SHUT_WR);
		set_int(s, SOL_TCP, TCP_QUICKACK, 1);
		ASSERT_EQ(TCP_FIN_WAIT2, state_of(c));
		start = nanoseconds();
		close(c);
		took = nanoseconds() - start;
		count++;
		if (i < TRIES)
			few = took < few ? took : few;
		else if (soon)
			many = took < many ? took : many;
	}
	TH_LOG("close() takes %lld ns, with %d others %lld ns", few, count, many);
	EXPECT_GT(few + 3000, many);
	/* they expire in the order of their times; the server sockets stay */
	EXPECT_EQ(2 + count + count, lines(variant->stack, variant->family));
	pause_ms(45 * SECOND);
	EXPECT_EQ(2 + count + MANY, lines(variant->stack, variant->family));
}

static atomic_bool over;
static long long worst;

static void *sleeps_a_little(void *unused)
{
	while (!atomic_load(&over)) {
		struct timespec t = { 0, 100000 };
		long long start = nanoseconds(), took;

		nanosleep(&t, NULL);
		took = nanoseconds() - start;
		if (took > worst)
			worst = took;
	}
	return NULL;
}

/* the end of a namespace with many TIME_WAITs yields the CPU */
TEST_F(limits_virtual, end_of_namespace)
{
	struct address own = loopback(variant->family, 0);
	int l = listen_on(variant->stack, &own, 100), c, s;
	pthread_t sleeper;

	ASSERT_LE(0, l);
	ASSERT_EQ(0, set_sysctl(variant->stack, "max_tw_buckets", "100000"));
	for (int i = 0; i < 6 * MANY; i++) {
		ASSERT_EQ(0, make_pair(variant->stack, l, &c, &s));
		close(c);
		close(s);
	}
	close(l);
	/* a later connection may have replaced a TIME_WAIT of the same port */
	ASSERT_LE(4 * MANY, lines(variant->stack, variant->family));
	/* leaves the old namespace, which is empty then */
	ASSERT_EQ(0, new_netns());
	ASSERT_EQ(0, pthread_create(&sleeper, NULL, sleeps_a_little, NULL));
	pause_ms(2 * SECOND);
	atomic_store(&over, true);
	pthread_join(sleeper, NULL);
	TH_LOG("%lld us at most", worst / 1000);
	/* the scheduler may need two ticks of 4 ms */
	EXPECT_GT(10000000, worst);
}

TEST_MAIN
