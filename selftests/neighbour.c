// SPDX-License-Identifier: GPL-2.0
/* XTCP takes from the kernel's TCP only ports that a program binds in XTCP. */
#include <net/if.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include "lib/xtcp_test.h"

#define PORT	12345

FIXTURE(neighbour) {
	struct address one;
	struct address two;
};

FIXTURE_VARIANT(neighbour) {
	int family;
};

FIXTURE_VARIANT_ADD(neighbour, v4) { AF_INET };
FIXTURE_VARIANT_ADD(neighbour, v6) { AF_INET6 };

FIXTURE_SETUP(neighbour)
{
	ASSERT_EQ(0, new_netns());
	self->one = loopback(variant->family, PORT);
	if (variant->family == AF_INET) {
		self->two = address_of(AF_INET, "127.0.0.2", PORT);
	} else {
		self->two = address_of(AF_INET6, "fd00::2", PORT);
		ASSERT_EQ(0, add_address("lo", self->two, 128));
	}
}

FIXTURE_TEARDOWN(neighbour) { }

static bool talks(int c, int s)
{
	char byte;

	return write(c, "x", 1) == 1 && read(s, &byte, 1) == 1 &&
	       write(s, "x", 1) == 1 && read(c, &byte, 1) == 1;
}

/* A client of each stack connects to the listener. */
static bool serves(int listener, struct address *a)
{
	for (enum stack stack = XTCP; stack <= TCP; stack++) {
		int c = connect_to(stack, a), s;

		if (c < 0)
			return false;
		s = accept(listener, NULL, NULL);
		if (s < 0 || !talks(c, s))
			return false;
		close(c);
		close(s);
	}
	return true;
}

static bool refuses(struct address *a)
{
	for (enum stack stack = XTCP; stack <= TCP; stack++)
		if (connect_to(stack, a) >= 0 || errno != ECONNREFUSED)
			return false;
	return true;
}

TEST_F(neighbour, another_address)
{
	int x = listen_on(XTCP, &self->one, 8);
	int t = listen_on(TCP, &self->two, 8);

	ASSERT_LE(0, x);
	ASSERT_LE(0, t);
	EXPECT_TRUE(serves(t, &self->two));
	EXPECT_TRUE(serves(x, &self->one));
	ASSERT_EQ(0, close(t));
	EXPECT_TRUE(refuses(&self->two));
	ASSERT_EQ(0, close(x));
	EXPECT_TRUE(refuses(&self->one));
}

TEST_F(neighbour, bound_and_another_address)
{
	int x = bound(XTCP, &self->one, 0);
	int t = listen_on(TCP, &self->two, 8);

	ASSERT_LE(0, x);
	ASSERT_LE(0, t);
	EXPECT_TRUE(serves(t, &self->two));
	EXPECT_TRUE(refuses(&self->one));
}

static int listen_v6only(enum stack stack, struct address *a)
{
	int fd = open_socket(stack, AF_INET6);

	if (set_int(fd, SOL_IPV6, IPV6_V6ONLY, 1) || do_bind(fd, a) || listen(fd, 8))
		return -1;
	return fd;
}

/* The wildcards of IPv4 and IPv6, one in each stack. */
TEST_F(neighbour, another_ip_version)
{
	struct address any4 = any_address(AF_INET, PORT), any6 = any_address(AF_INET6, PORT);
	struct address one4 = loopback(AF_INET, PORT), one6 = loopback(AF_INET6, PORT);
	enum stack stack4 = variant->family == AF_INET ? XTCP : TCP;
	int v4 = listen_on(stack4, &any4, 8);
	int v6 = listen_v6only(!stack4, &any6);

	ASSERT_LE(0, v4);
	ASSERT_LE(0, v6);
	EXPECT_TRUE(serves(v4, &one4));
	EXPECT_TRUE(serves(v6, &one6));
}

static int listen_at_device(enum stack stack, struct address *a, const char *device)
{
	int fd = open_socket(stack, a->sa.sa_family);

	if (setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, strlen(device)) ||
	    do_bind(fd, a) || listen(fd, 8))
		return -1;
	return fd;
}

TEST_F(neighbour, another_device)
{
	struct address any = any_address(variant->family, PORT);
	int x, t;

	ASSERT_EQ(0, sh("ip link add other type dummy && ip link set other up"));
	x = listen_at_device(XTCP, &any, "other");
	ASSERT_LE(0, x);
	t = listen_at_device(TCP, &any, "lo");
	ASSERT_LE(0, t);
	EXPECT_TRUE(serves(t, &self->one));
	ASSERT_EQ(0, close(t));
	EXPECT_TRUE(refuses(&self->one));
	x = listen_at_device(XTCP, &any, "lo");
	ASSERT_LE(0, x);
	EXPECT_TRUE(serves(x, &self->one));
}

/*
 * The hold keeps the device of bind(). If the socket is unbound
 * from the device later, XTCP takes the port on no other device.
 */
TEST_F(neighbour, device_taken_off_later)
{
	struct address any = any_address(variant->family, PORT);
	int x, t;

	ASSERT_EQ(0, sh("ip link add other type dummy && ip link set other up"));
	x = listen_at_device(XTCP, &any, "other");
	ASSERT_LE(0, x);
	t = listen_at_device(TCP, &any, "lo");
	ASSERT_LE(0, t);
	ASSERT_EQ(0, setsockopt(x, SOL_SOCKET, SO_BINDTODEVICE, "", 0));
	EXPECT_TRUE(serves(t, &self->one));
}

/*
 * A server moves from the kernel's TCP to XTCP: its old
 * connections continue, new ones are XTCP's.
 */
TEST_F(neighbour, connections_drain)
{
	int t = listen_on(TCP, &self->one, 8), x, c, s, old_c, old_s, port;
	struct address client;

	ASSERT_LE(0, t);
	ASSERT_EQ(0, make_pair(TCP, t, &old_c, &old_s));
	/* One connection ends, with TIME-WAIT on the server's port. */
	ASSERT_EQ(0, make_pair(TCP, t, &c, &s));
	client = name_of(c);
	port = address_port(&client);
	ASSERT_EQ(0, close(s));
	ASSERT_EQ(0, close(c));
	WAIT_FOR(proc_state(TCP, variant->family, PORT, port) == TCP_TIME_WAIT);
	ASSERT_EQ(0, close(t));

	x = listen_on(XTCP, &self->one, 8);
	ASSERT_LE(0, x);
	EXPECT_TRUE(talks(old_c, old_s));
	EXPECT_TRUE(serves(x, &self->one));
	EXPECT_TRUE(talks(old_c, old_s));
	EXPECT_EQ(TCP_TIME_WAIT, proc_state(TCP, variant->family, PORT, port));
	ASSERT_EQ(0, close(x));
	EXPECT_TRUE(talks(old_c, old_s));
	/* The move needs SO_REUSEADDR. */
	EXPECT_ERRNO(EADDRINUSE, bound(XTCP, &self->one, 0));
	/* And back: the old connections of XTCP continue. */
	x = listen_on(XTCP, &self->one, 8);
	ASSERT_LE(0, x);
	ASSERT_EQ(0, make_pair(TCP, x, &c, &s));
	ASSERT_EQ(0, close(x));
	t = listen_on(TCP, &self->one, 8);
	ASSERT_LE(0, t);
	EXPECT_TRUE(talks(c, s));
	EXPECT_TRUE(serves(t, &self->one));
	EXPECT_TRUE(talks(c, s));
	EXPECT_TRUE(talks(old_c, old_s));
}

/*
 * A server moves back to the kernel's TCP: a SYN for a tuple that is in
 * TIME-WAIT in XTCP reopens it (RFC 9293 MAY-2), as within one stack.
 */
TEST_F(neighbour, time_wait_gives_way)
{
	struct address client = self->two;
	int x = listen_on(XTCP, &self->one, 8), t, c, s;
	char byte;

	set_port(&client, 23456);
	ASSERT_LE(0, x);
	c = bound(TCP, &client, SO_REUSEADDR);
	ASSERT_EQ(0, do_connect(c, &self->one));
	s = accept(x, NULL, NULL);
	ASSERT_EQ(0, close(s));
	EXPECT_EQ(0, read(c, &byte, 1));
	ASSERT_EQ(0, close(c));
	WAIT_FOR(proc_state(XTCP, variant->family, PORT, 23456) == TCP_TIME_WAIT);
	ASSERT_EQ(0, close(x));

	t = listen_on(TCP, &self->one, 8);
	ASSERT_LE(0, t);
	/* The timestamp clock advances. */
	pause_ms(1100);
	c = bound(TCP, &client, SO_REUSEADDR);
	ASSERT_LE(0, c);
	ASSERT_EQ(0, set_nonblock(c, true));
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->one));
	EXPECT_EQ(POLLIN, events_within(t, POLLIN, 10 * SECOND));
	EXPECT_EQ(0, proc_state(XTCP, variant->family, PORT, 23456));
}

/* The kernel's TCP cannot bind a port of XTCP, not even with SO_REUSEADDR. */
TEST_F(neighbour, reuseaddr_is_not_shared)
{
	int x = bound(XTCP, &self->one, SO_REUSEADDR);

	ASSERT_LE(0, x);
	EXPECT_ERRNO(EADDRINUSE, bound(TCP, &self->one, SO_REUSEADDR));
	ASSERT_EQ(0, close(x));
	x = bound(TCP, &self->one, SO_REUSEADDR);
	ASSERT_LE(0, x);
	/* As in the kernel's TCP, SO_REUSEADDR permits bind(), not listen(). */
	EXPECT_LE(0, bound(XTCP, &self->one, SO_REUSEADDR));
	EXPECT_ERRNO(EADDRINUSE, listen(x, 1));
}

/* Tries to listen on a port of XTCP. Return: 1: success, 2: other errors. */
static int intrude(const struct address *a)
{
	long long end = now() + 3 * SECOND;
	int fd, one = 1;

	if (setresuid(1000, 1000, 1000))
		return 2;
	while (now() < end) {
		fd = socket(a->sa.sa_family, SOCK_STREAM, 0);
		if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)))
			return 2;
		if (!bind(fd, &a->sa, a->len) && !listen(fd, 1))
			return 1;
		close(fd);
	}
	return 0;
}

/*
 * While holds are added to the port of a server and removed,
 * another user can never bind it.
 */
TEST_F(neighbour, port_held_without_gap)
{
	struct address any = any_address(variant->family, PORT);
	siginfo_t info = { 0 };
	long rounds = 0;
	int x, more;
	pid_t pid;

	if (get_nprocs() < 2)
		SKIP(return, "needs two CPUs");
	x = bound(XTCP, &self->one, SO_REUSEPORT);
	ASSERT_LE(0, x);
	ASSERT_EQ(0, listen(x, 8));
	pid = child();
	if (!pid)
		_exit(intrude(&self->one));
	for (info.si_pid = 0; !info.si_pid; rounds++) {
		more = bound(XTCP, &any, SO_REUSEPORT);
		ASSERT_LE(0, more);
		ASSERT_EQ(0, close(more));
		ASSERT_EQ(0, waitid(P_PID, pid, &info, WEXITED | WNOHANG | WNOWAIT));
	}
	EXPECT_EQ(0, child_status(pid));
	EXPECT_LT(10, rounds);
}

/* Ports chosen by connect(). */

static char *reserved(char *text, size_t size)
{
	int fd = open("/proc/sys/net/ipv4/ip_local_reserved_ports", O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

	if (n < 0)
		return NULL;
	close(fd);
	text[n] = 0;
	text[strcspn(text, "\n")] = 0;
	return text;
}

static int narrow_range(const char *range)
{
	if (set_sysctl(XTCP, "ip_local_port_range", range))
		return -1;
	return sh("echo %s >/proc/sys/net/ipv4/ip_local_port_range", range);
}

TEST_F(neighbour, connect_reserves_nothing)
{
	struct address other = self->two;
	char text[256];
	int l, fd;

	set_port(&other, PORT + 1);
	l = listen_on(TCP, &self->one, 64);
	ASSERT_LE(0, l);
	ASSERT_LE(0, listen_on(TCP, &other, 64));
	ASSERT_EQ(0, narrow_range("20000 20015"));
	ASSERT_EQ(0, sh("echo 20015 >/proc/sys/net/ipv4/ip_local_reserved_ports"));
	for (int i = 0; i < 15; i++) {
		fd = connect_to(XTCP, &self->one);
		ASSERT_LE(0, fd);
		EXPECT_NE(20015, port_of(fd));
	}
	EXPECT_ERRNO(EADDRNOTAVAIL, connect_to(XTCP, &self->one));
	ASSERT_NE(NULL, reserved(text, sizeof(text)));
	EXPECT_STREQ("20015", text);
	/* The kernel's TCP and UDP can use the same ports. */
	for (int i = 0; i < 15; i++) {
		EXPECT_LE(0, connect_to(TCP, &other));
		fd = socket(variant->family, SOCK_DGRAM, 0);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, connect(fd, &other.sa, other.len));
	}
}

/* Each stack uses half of the port range to one peer, without collisions. */
TEST_F(neighbour, both_connect_to_one_peer)
{
	enum { EACH = 400 };
	struct rlimit files = { 4096, 4096 };
	enum stack stack;
	int l, c, s;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	ASSERT_EQ(0, narrow_range("30000 30999"));
	l = listen_on(TCP, &self->one, 8);
	ASSERT_LE(0, l);
	for (int i = 0; i < 2 * EACH; i++) {
		stack = i % 2 ? XTCP : TCP;
		c = connect_to(stack, &self->one);
		ASSERT_LE(0, c) TH_LOG("%d: %s", i, strerror(errno));
		s = accept(l, NULL, NULL);
		ASSERT_LE(0, s);
		ASSERT_TRUE(talks(c, s));
		EXPECT_EQ(stack == XTCP, port_of(c) % 2);
	}
}

/* A namespace without free ports does not delay other namespaces. */

static void *bind_in_vain(void *arg)
{
	struct address *a = arg;

	for (;;) {
		int fd = open_socket(XTCP, a->sa.sa_family);

		do_bind(fd, a);
		close(fd);
	}
	return NULL;
}

TEST_F(neighbour, full_range_of_another_namespace)
{
	enum { PORTS = 2000 };
	struct address a = loopback(variant->family, 0);
	struct rlimit files = { PORTS + 100, PORTS + 100 };
	long long start, took, worst = 0;
	pthread_t thread;
	int ready[2], fd;
	char byte;
	pid_t pid;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	ASSERT_EQ(0, pipe(ready));
	pid = child();
	if (!pid) {
		if (new_netns() || set_sysctl(XTCP, "ip_local_port_range", "30000 31999"))
			_exit(1);
		for (int i = 0; i < PORTS; i++) {
			fd = open_socket(XTCP, variant->family);
			if (do_bind(fd, &a))
				_exit(2);
		}
		fd = open_socket(XTCP, variant->family);
		if (!do_bind(fd, &a) || errno != EADDRINUSE)
			_exit(3);
		if (pthread_create(&thread, NULL, bind_in_vain, &a) ||
		    write(ready[1], "x", 1) != 1)
			_exit(4);
		pthread_join(thread, NULL);
	}
	close(ready[1]);
	ASSERT_EQ(1, read(ready[0], &byte, 1));
	for (int i = 0; i < 20; i++) {
		start = now();
		fd = open_socket(XTCP, variant->family);
		ASSERT_EQ(0, do_bind(fd, &a));
		ASSERT_EQ(0, close(fd));
		took = now() - start;
		worst = took > worst ? took : worst;
		pause_ms(1);
	}
	EXPECT_GT(slack(40), worst);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	ASSERT_EQ(128 + SIGKILL, child_status(pid));
}

/* Restart of a server: the cost of bind() is independent of its connections. */
FIXTURE(restart_virtual) {
	struct address address;
};

SOCKET_VARIANTS(restart_virtual);

FIXTURE_SETUP(restart_virtual)
{
	ASSERT_EQ(0, new_netns());
	self->address = loopback(variant->family, PORT);
}

FIXTURE_TEARDOWN(restart_virtual) { }

/* us of one bind(); @reuse: SO_REUSEADDR or SO_REUSEPORT */
static double one_bind(enum stack stack, const struct address *a, int reuse)
{
	struct timespec from, to;
	int fd = open_socket(stack, a->sa.sa_family), err;

	set_int(fd, SOL_SOCKET, reuse, 1);
	clock_gettime(CLOCK_MONOTONIC, &from);
	err = do_bind(fd, a);
	clock_gettime(CLOCK_MONOTONIC, &to);
	close(fd);
	return err ? -1 : (to.tv_sec - from.tv_sec) * 1e6 + (to.tv_nsec - from.tv_nsec) / 1e3;
}

/* The minimum of several: a timer of the guest may interrupt one. */
static double bind_cost(enum stack stack, const struct address *a, int reuse)
{
	double least = one_bind(stack, a, reuse), cost;

	for (int i = 0; i < 8; i++) {
		cost = one_bind(stack, a, reuse);
		if (cost < least)
			least = cost;
	}
	return least;
}

TEST_F(restart_virtual, beside_many_connections)
{
	enum { MANY = 2000 };
	struct rlimit files = { 2 * MANY + 100, 2 * MANY + 100 };
	struct address any = any_address(variant->family, PORT);
	double few = 0, many;
	int l, c, s;

	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	l = bound(variant->stack, &self->address, SO_REUSEPORT);
	ASSERT_LE(0, l);
	ASSERT_EQ(0, listen(l, 8));
	for (int i = 0; i < MANY; i++) {
		ASSERT_EQ(0, make_pair(variant->stack, l, &c, &s));
		if (i == 10) {
			few = bind_cost(variant->stack, &any, SO_REUSEPORT);
			ASSERT_LT(0, few);
		}
		/* Half of the connections are in TIME-WAIT. */
		if (i % 2) {
			close(s);
			close(c);
		}
	}
	many = bind_cost(variant->stack, &any, SO_REUSEPORT);
	ASSERT_LT(0, many);
	TH_LOG("%.1f us beside 10 connections, %.1f beside %d", few, many, MANY);
	if (variant->stack == XTCP)
		EXPECT_GT(1.5 * few + 2, many);
}

/* The cost is also independent of the number of local addresses. */
TEST_F(restart_virtual, beside_many_addresses)
{
	enum { MANY = 2000 };
	struct rlimit files = { 2 * MANY + 100, 2 * MANY + 100 };
	struct address any = any_address(AF_INET, PORT), to = any;
	double few = 0, many;
	int l = -1, c;

	if (variant->family == AF_INET6)
		SKIP(return, "IPv4 only: uses many addresses of 127.0.0.0/8");
	ASSERT_EQ(0, setrlimit(RLIMIT_NOFILE, &files));
	for (int i = 0; i < MANY; i++) {
		if (i % 10 == 0)
			l = listen_on(variant->stack, &any, 16);
		to.in.sin_addr.s_addr = htonl(0x7f010000 + i);
		c = connect_to(variant->stack, &to);
		ASSERT_LE(0, c);
		ASSERT_LE(0, accept(l, NULL, NULL));
		if (i % 10 != 9)
			continue;
		ASSERT_EQ(0, close(l));
		if (i == 9)
			few = bind_cost(variant->stack, &any, SO_REUSEADDR);
	}
	many = bind_cost(variant->stack, &any, SO_REUSEADDR);
	ASSERT_LT(0, few);
	ASSERT_LT(0, many);
	TH_LOG("%.1f us beside 10 addresses, %.1f beside %d", few, many, MANY);
	if (variant->stack == XTCP)
		EXPECT_GT(1.5 * few + 2, many);
}

TEST_MAIN
