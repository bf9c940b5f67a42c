// SPDX-License-Identifier: GPL-2.0
/* XT-2: both stacks share the ports */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <sys/sysinfo.h>
#include "lib/xtcp_test.h"

/* variant->client is the stack that binds first, variant->server the second */
FIXTURE(ports) {
	struct address address;
};

ENDS_VARIANTS(ports);

FIXTURE_SETUP(ports)
{
	ASSERT_EQ(0, new_netns());
	self->address = loopback(variant->family, 12345);
}

FIXTURE_TEARDOWN(ports) { }

TEST_F(ports, bound_for_both)
{
	int fd = bound(variant->client, &self->address, 0);

	ASSERT_LE(0, fd);
	EXPECT_ERRNO(EADDRINUSE, bound(variant->server, &self->address, 0));
	EXPECT_ERRNO(EADDRINUSE, bound(variant->server, &self->address, SO_REUSEADDR));
	ASSERT_EQ(0, close(fd));
	EXPECT_LE(0, bound(variant->server, &self->address, 0));
}

TEST_F(ports, wildcard_against_address)
{
	struct address any = any_address(variant->family, 12345);
	int fd = bound(variant->client, &any, 0);

	ASSERT_LE(0, fd);
	EXPECT_ERRNO(EADDRINUSE, bound(variant->server, &self->address, 0));
	ASSERT_EQ(0, close(fd));
	fd = bound(variant->client, &self->address, 0);
	ASSERT_LE(0, fd);
	EXPECT_ERRNO(EADDRINUSE, bound(variant->server, &any, 0));
}

TEST_F(ports, listener_against_reuseaddr)
{
	ASSERT_LE(0, listen_on(variant->client, &self->address, 1));
	EXPECT_ERRNO(EADDRINUSE, bound(variant->server, &self->address, SO_REUSEADDR));
}

TEST_F(ports, many_times)
{
	int fd;

	for (int i = 0; i < 50; i++) {
		fd = bound(i % 2 ? variant->client : variant->server, &self->address, 0);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, close(fd));
	}
}

static atomic_bool stop_binding;

static void *bind_elsewhere(void *arg)
{
	struct address own = *(struct address *)arg;
	long rounds = 0;

	set_port(&own, address_port(&own) + 1);
	while (!stop_binding) {
		int fd = bound(XTCP, &own, 0);

		if (fd < 0 || close(fd))
			return (void *)-1;
		rounds++;
		sched_yield();
	}
	return (void *)rounds;
}

/* After close() the port is free, also while another hold is being removed. */
TEST_F(ports, many_times_beside_others)
{
	pthread_t other;
	void *rounds;

	if (get_nprocs() < 2)
		SKIP(return, "needs two CPUs");
	stop_binding = false;
	ASSERT_EQ(0, pthread_create(&other, NULL, bind_elsewhere, &self->address));
	for (int i = 0; i < 500; i++) {
		int fd = bound(i % 2 ? variant->client : variant->server, &self->address, 0);

		ASSERT_LE(0, fd) TH_LOG("round %d", i);
		ASSERT_EQ(0, close(fd));
	}
	stop_binding = true;
	ASSERT_EQ(0, pthread_join(other, &rounds));
	EXPECT_LT(10, (long)rounds);
}

/*
 * A port with connections or TIME_WAIT, but without a bound socket: bind() by
 * the same stack is refused. The other stack may bind it (XT-2: split by the
 * 4-tuple); then it must work there, and must not disturb the connections.
 */
static bool refused_or_works(enum stack first, enum stack second, struct address *a)
{
	int l = bound(second, a, 0), c, s;

	if (l < 0)
		return errno == EADDRINUSE;
	if (first == second || listen(l, 1))
		return false;
	c = connect_to(second, a);
	s = accept(l, NULL, NULL);
	return c >= 0 && s >= 0;
}

static bool talks(int c, int s)
{
	char byte;

	return write(c, "x", 1) == 1 && read(s, &byte, 1) == 1 &&
	       write(s, "x", 1) == 1 && read(c, &byte, 1) == 1;
}

TEST_F(ports, ephemeral_for_both)
{
	int l = listen_on(variant->client, &self->address, 1), c, s;
	struct address own;

	ASSERT_EQ(0, make_pair(variant->client, l, &c, &s));
	own = name_of(c);
	EXPECT_TRUE(refused_or_works(variant->client, variant->server, &own));
	EXPECT_TRUE(talks(c, s));
}

TEST_F(ports, accepted_for_both)
{
	int l = listen_on(variant->client, &self->address, 1), c, s;

	ASSERT_EQ(0, make_pair(variant->client, l, &c, &s));
	ASSERT_EQ(0, close(l));
	EXPECT_TRUE(refused_or_works(variant->client, variant->server, &self->address));
	EXPECT_TRUE(talks(c, s));
}

TEST_F(ports, time_wait_for_both)
{
	int l = listen_on(variant->client, &self->address, 1), c, s, port;

	ASSERT_EQ(0, make_pair(variant->client, l, &c, &s));
	port = port_of(c);
	ASSERT_EQ(0, close(l));
	ASSERT_EQ(0, close(s));
	ASSERT_EQ(0, close(c));
	WAIT_FOR(proc_state(variant->client, variant->family, 12345, port) ==
		 TCP_TIME_WAIT);
	EXPECT_TRUE(refused_or_works(variant->client, variant->server, &self->address));
	EXPECT_EQ(TCP_TIME_WAIT, proc_state(variant->client, variant->family, 12345, port));
}

/* Connections of the two stacks to one peer never have the same port */
TEST_F(ports, same_peer)
{
	enum { EACH = 100 };
	int port[2 * EACH], n = 0, fd;

	ASSERT_EQ(0, set_sysctl(variant->client, "ip_local_port_range", "40000 40999"));
	ASSERT_EQ(0, set_sysctl(variant->server, "ip_local_port_range", "40000 40999"));
	ASSERT_LE(0, listen_on(TCP, &self->address, 1000));
	for (int i = 0; i < 2 * EACH; i++) {
		fd = connect_to(i % 2 ? variant->client : variant->server, &self->address);
		ASSERT_LE(0, fd);
		port[n++] = port_of(fd);
	}
	for (int i = 0; i < n; i++) {
		for (int j = 0; j < i; j++) {
			ASSERT_NE(port[i], port[j]);
		}
	}
}

SOCKET_FIXTURE(ephemeral)

/* PO-1 */
TEST_F(ephemeral, bind_and_connect_in_range)
{
	int port;

	ASSERT_EQ(0, set_sysctl(variant->stack, "ip_local_port_range", "50000 50100"));
	ASSERT_LE(0, listen_on(variant->stack, &self->address, 10));
	EXPECT_BETWEEN(50000, address_port(&self->address), 50100);
	for (int i = 0; i < 10; i++) {
		port = port_of(connect_to(variant->stack, &self->address));
		EXPECT_BETWEEN(50000, port, 50100);
	}
}

#ifndef IP_LOCAL_PORT_RANGE
#define IP_LOCAL_PORT_RANGE 51
#endif

/* IP_LOCAL_PORT_RANGE: a range per socket */
TEST_F(ephemeral, own_range)
{
	struct address a = self->address;
	int fd;

	ASSERT_LE(0, listen_on(variant->stack, &self->address, 10));
	for (int i = 0; i < 5; i++) {
		fd = open_socket(variant->stack, variant->family);
		if (set_int(fd, SOL_IP, IP_LOCAL_PORT_RANGE, 40003 << 16 | 40000)) {
			ASSERT_EQ(ENOPROTOOPT, errno);
			SKIP(return, "this kernel has no IP_LOCAL_PORT_RANGE");
		}
		if (i < 4) {
			ASSERT_EQ(0, do_connect(fd, &self->address));
			EXPECT_BETWEEN(40000, port_of(fd), 40003);
		} else {
			EXPECT_ERRNO(EADDRNOTAVAIL, do_connect(fd, &self->address));
		}
	}
	for (int i = 0; i < 5; i++) {
		fd = open_socket(variant->stack, variant->family);
		ASSERT_EQ(0, set_int(fd, SOL_IP, IP_LOCAL_PORT_RANGE, 41003 << 16 | 41000));
		if (i < 4) {
			ASSERT_EQ(0, do_bind(fd, &a));
			EXPECT_BETWEEN(41000, port_of(fd), 41003);
		} else {
			EXPECT_ERRNO(EADDRINUSE, do_bind(fd, &a));
		}
	}
}

TEST_F(ephemeral, range_is_checked)
{
	EXPECT_ERRNO(EINVAL, set_sysctl(variant->stack, "ip_local_port_range", "5000 4000"));
	EXPECT_ERRNO(EINVAL, set_sysctl(variant->stack, "ip_local_port_range", "0 100"));
	EXPECT_ERRNO(EINVAL, set_sysctl(variant->stack, "ip_local_port_range", "100 65536"));
}

TEST_F(ephemeral, range_used_up)
{
	struct address second = loopback(variant->family, 0);

	ASSERT_LE(0, listen_on(variant->stack, &self->address, 10));
	ASSERT_LE(0, listen_on(variant->stack, &second, 10));
	ASSERT_EQ(0, set_sysctl(variant->stack, "ip_local_port_range", "20000 20003"));
	for (int i = 0; i < 4; i++) {
		ASSERT_LE(0, connect_to(variant->stack, &self->address));
	}
	EXPECT_ERRNO(EADDRNOTAVAIL, connect_to(variant->stack, &self->address));
	/* for another peer the same ports can be used again */
	for (int i = 0; i < 4; i++) {
		EXPECT_LE(0, connect_to(variant->stack, &second));
	}
}

/* A connection to listener @l, that the client closes first. */
#define into_time_wait(l) do {						\
	int _c = connect_to(variant->stack, &self->address), _s;	\
	char _byte;							\
									\
	ASSERT_LE(0, _c);						\
	_s = accept(l, NULL, NULL);					\
	ASSERT_LE(0, _s);						\
	ASSERT_EQ(0, close(_c));					\
	ASSERT_EQ(0, read(_s, &_byte, 1));				\
	ASSERT_EQ(0, close(_s));					\
} while (0)

/* RFC 6191 for the client: the only port is in TIME_WAIT (tw_reuse) */
TEST_F(ephemeral, takes_over_time_wait)
{
	int l = listen_on(variant->stack, &self->address, 10);

	ASSERT_LE(0, l);
	ASSERT_EQ(0, set_sysctl(variant->stack, "ip_local_port_range", "20000 20000"));
	for (int i = 0; i < 3; i++) {
		into_time_wait(l);
		EXPECT_ERRNO(EADDRNOTAVAIL, connect_to(variant->stack, &self->address));
		/* RFC 6191 requires that the timestamp clock has advanced */
		pause_ms(2100);
	}
}

/* tw_reuse_delay: how long the tuple must have been in TIME-WAIT, ms */
TEST_F(ephemeral, takes_over_time_wait_later)
{
	int l = listen_on(variant->stack, &self->address, 10);

	ASSERT_LE(0, l);
	if (set_sysctl(variant->stack, "tw_reuse_delay", "400"))
		SKIP(return, "since Linux 6.14");
	ASSERT_EQ(0, set_sysctl(variant->stack, "ip_local_port_range", "20000 20000"));
	into_time_wait(l);
	pause_ms(300);
	EXPECT_ERRNO(EADDRNOTAVAIL, connect_to(variant->stack, &self->address));
	pause_ms(150);
	EXPECT_LE(0, connect_to(variant->stack, &self->address));
}

TEST_F(ephemeral, bind_used_up)
{
	int fd;

	ASSERT_EQ(0, set_sysctl(variant->stack, "ip_local_port_range", "20000 20003"));
	for (int i = 0; i < 4; i++) {
		fd = open_socket(variant->stack, variant->family);
		ASSERT_EQ(0, do_bind(fd, &self->address));
	}
	fd = open_socket(variant->stack, variant->family);
	EXPECT_ERRNO(EADDRINUSE, do_bind(fd, &self->address));
}

/* PO-2: the next port is unpredictable: rarely adjacent, without an order */
TEST_F(ephemeral, unpredictable)
{
	int port[201], near = 0, up = 0;

	for (int i = 0; i < 201; i++) {
		struct address a = loopback(variant->family, 0);
		int fd = open_socket(variant->stack, variant->family);

		ASSERT_EQ(0, do_bind(fd, &a));
		port[i] = port_of(fd);
	}
	for (int i = 0; i < 200; i++) {
		near += abs(port[i + 1] - port[i]) <= 4;
		up += port[i + 1] > port[i];
	}
	EXPECT_GT(20, near);
	EXPECT_BETWEEN(60, up, 140);
}

TEST_F(ephemeral, connect_spreads)
{
	int port[101], near = 0;

	ASSERT_LE(0, listen_on(variant->stack, &self->address, 1000));
	for (int i = 0; i < 101; i++) {
		port[i] = port_of(connect_to(variant->stack, &self->address));
	}
	for (int i = 0; i < 100; i++) {
		near += abs(port[i + 1] - port[i]) <= 1;
	}
	EXPECT_GT(30, near);
}

/* PO-3: connect() does not choose a port with a listener */
TEST_F(ports, not_a_listening_port)
{
	struct address other = loopback(variant->family, 20000);

	ASSERT_LE(0, listen_on(variant->client, &self->address, 1000));
	ASSERT_LE(0, listen_on(variant->server, &other, 1000));
	ASSERT_EQ(0, set_sysctl(variant->client, "ip_local_port_range", "20000 20001"));
	EXPECT_EQ(20001, port_of(connect_to(variant->client, &self->address)));
	EXPECT_ERRNO(EADDRNOTAVAIL, connect_to(variant->client, &self->address));
}

TEST_MAIN
