// SPDX-License-Identifier: GPL-2.0
/* accept(): order, names, blocking, inherited options */
#include "lib/xtcp_test.h"

#include <sys/time.h>

static void on_alarm(int signal)
{
}

LISTENER_FIXTURE(accept)

TEST_F(accept, in_order)
{
	int port[20], s;

	for (int i = 0; i < 20; i++)
		port[i] = port_of(connect_to(variant->client, &self->address));
	for (int i = 0; i < 20; i++) {
		struct address peer = { .len = sizeof(peer.room) };

		s = accept(self->listener, &peer.sa, &peer.len);
		ASSERT_LE(0, s);
		EXPECT_EQ(variant->family, peer.sa.sa_family);
		EXPECT_EQ(self->address.len, peer.len);
		EXPECT_EQ(port[i], address_port(&peer));
	}
}

TEST_F(accept, name_cut_short)
{
	struct address peer = { .len = 4 };

	memset(&peer.room, 0x55, sizeof(peer.room));
	ASSERT_LE(0, connect_to(variant->client, &self->address));
	ASSERT_LE(0, accept(self->listener, &peer.sa, &peer.len));
	EXPECT_EQ(self->address.len, peer.len);
	EXPECT_EQ(0x55, ((unsigned char *)&peer.sa)[4]);
}

TEST_F(accept, flags)
{
	int s;

	ASSERT_LE(0, connect_to(variant->client, &self->address));
	ASSERT_LE(0, connect_to(variant->client, &self->address));
	s = accept4(self->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
	EXPECT_EQ(O_NONBLOCK, fcntl(s, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(FD_CLOEXEC, fcntl(s, F_GETFD));
	/* O_NONBLOCK is not inherited */
	ASSERT_EQ(0, set_nonblock(self->listener, true));
	s = accept(self->listener, NULL, NULL);
	ASSERT_LE(0, s);
	EXPECT_EQ(0, fcntl(s, F_GETFL) & O_NONBLOCK);
}

TEST_F(accept, would_block)
{
	ASSERT_EQ(0, set_nonblock(self->listener, true));
	EXPECT_ERRNO(EAGAIN, accept(self->listener, NULL, NULL));
}

TEST_F(accept, waits)
{
	pid_t pid = child();

	if (!pid)
		_exit(accept(self->listener, NULL, NULL) < 0);
	WAIT_FOR(is_sleeping(pid));
	ASSERT_LE(0, connect_to(variant->client, &self->address));
	EXPECT_EQ(0, child_status(pid));
}

/* One connection wakes one of several threads in accept() */
TEST_F(accept, one_of_many)
{
	pid_t pid[4];
	int status, done = 0;

	for (int i = 0; i < 4; i++) {
		pid[i] = child();
		if (!pid[i])
			_exit(accept(self->listener, NULL, NULL) < 0);
		WAIT_FOR(is_sleeping(pid[i]));
	}
	for (int i = 0; i < 4; i++) {
		ASSERT_LE(0, connect_to(variant->client, &self->address));
		ASSERT_LT(0, waitpid(-1, &status, 0));
		EXPECT_EQ(0, status);
		done++;
		EXPECT_EQ(0, done < 4 ? waitpid(-1, &status, WNOHANG) : 0);
	}
}

TEST_F(accept, timeout)
{
	struct timeval tv = { .tv_usec = 200000 };
	long long start = now();

	setsockopt(self->listener, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	EXPECT_ERRNO(EAGAIN, accept(self->listener, NULL, NULL));
	EXPECT_BETWEEN(195, now() - start, 200 + slack(20));
}

TEST_F(accept, interrupted)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval soon = { .it_value.tv_usec = 50000 };

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	EXPECT_ERRNO(EINTR, accept(self->listener, NULL, NULL));
}

TEST_F(accept, polls)
{
	EXPECT_EQ(0, events(self->listener, POLLIN | POLLOUT));
	ASSERT_LE(0, connect_to(variant->client, &self->address));
	EXPECT_EQ(POLLIN, events_within(self->listener, POLLIN | POLLOUT, PATIENCE));
	ASSERT_LE(0, accept(self->listener, NULL, NULL));
	EXPECT_EQ(0, events(self->listener, POLLIN | POLLOUT));
}

/* Data that arrived before accept() is readable after it */
TEST_F(accept, data_before)
{
	int c = connect_to(variant->client, &self->address), s;
	char text[6] = {};

	ASSERT_EQ(5, write(c, "early", 5));
	s = accept(self->listener, NULL, NULL);
	EXPECT_EQ(5, recv(s, text, 5, MSG_WAITALL));
	EXPECT_STREQ("early", text);
}

TEST_F(accept, closed_before)
{
	int c = connect_to(variant->client, &self->address), s;
	char text[6] = {};

	ASSERT_EQ(5, write(c, "early", 5));
	ASSERT_EQ(0, close(c));
	s = accept(self->listener, NULL, NULL);
	ASSERT_LE(0, s);
	EXPECT_EQ(5, recv(s, text, 5, MSG_WAITALL));
	EXPECT_EQ(0, read(s, text, 5));
	EXPECT_EQ(TCP_CLOSE_WAIT, state_of(s));
}

/* accept() returns a connection that was reset; its error is pending */
TEST_F(accept, reset_before)
{
	struct linger abort = { 1, 0 };
	int c = connect_to(variant->client, &self->address), s;
	char byte;

	setsockopt(c, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	ASSERT_EQ(0, close(c));
	s = accept(self->listener, NULL, NULL);
	ASSERT_LE(0, s);
	EXPECT_ERRNO(ECONNRESET, read(s, &byte, 1));
}

static const struct {
	int level, name, value;
} inherited[] = {
	{ SOL_SOCKET, SO_KEEPALIVE, 1 },
	{ SOL_SOCKET, SO_OOBINLINE, 1 },
	{ SOL_SOCKET, SO_RCVLOWAT, 3 },
	{ SOL_SOCKET, SO_MARK, 77 },
	{ SOL_TCP, TCP_NODELAY, 1 },
	{ SOL_TCP, TCP_KEEPIDLE, 11 },
	{ SOL_TCP, TCP_KEEPINTVL, 12 },
	{ SOL_TCP, TCP_KEEPCNT, 13 },
	{ SOL_TCP, TCP_USER_TIMEOUT, 14000 },
	{ SOL_TCP, TCP_LINGER2, 15 },
	{ SOL_TCP, TCP_NOTSENT_LOWAT, 16000 },
};

TEST_F(accept, inherits_options)
{
	struct linger linger = { 1, 9 }, seen = {};
	socklen_t len = sizeof(seen);
	int c, s;

	for (size_t i = 0; i < sizeof(inherited) / sizeof(*inherited); i++) {
		ASSERT_EQ(0, set_int(self->listener, inherited[i].level,
				     inherited[i].name, inherited[i].value));
	}
	setsockopt(self->listener, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	ASSERT_EQ(0, make_pair(variant->client, self->listener, &c, &s));
	for (size_t i = 0; i < sizeof(inherited) / sizeof(*inherited); i++) {
		EXPECT_EQ(inherited[i].value, get_int(s, inherited[i].level,
						      inherited[i].name)) {
			TH_LOG("level %d option %d", inherited[i].level,
			       inherited[i].name);
		}
	}
	ASSERT_EQ(0, getsockopt(s, SOL_SOCKET, SO_LINGER, &seen, &len));
	EXPECT_EQ(9, seen.l_linger);
	EXPECT_EQ(0, get_int(s, SOL_SOCKET, SO_ACCEPTCONN));
}

TEST_F(accept, inherits_buffer_sizes)
{
	int c, s;

	ASSERT_EQ(0, set_int(self->listener, SOL_SOCKET, SO_RCVBUF, 20000));
	ASSERT_EQ(0, set_int(self->listener, SOL_SOCKET, SO_SNDBUF, 30000));
	ASSERT_EQ(0, make_pair(variant->client, self->listener, &c, &s));
	EXPECT_EQ(40000, get_int(s, SOL_SOCKET, SO_RCVBUF));
	EXPECT_EQ(60000, get_int(s, SOL_SOCKET, SO_SNDBUF));
}

/* MUST-48, MUST-49: inherited IP options */
TEST_F(accept, inherits_ip_options)
{
	int c, s;

	if (variant->family == AF_INET6) {
		ASSERT_EQ(0, set_int(self->listener, SOL_IPV6, IPV6_TCLASS, 0x48));
		ASSERT_EQ(0, set_int(self->listener, SOL_IPV6, IPV6_UNICAST_HOPS, 33));
		ASSERT_EQ(0, make_pair(variant->client, self->listener, &c, &s));
		EXPECT_EQ(0x48, get_int(s, SOL_IPV6, IPV6_TCLASS));
		EXPECT_EQ(33, get_int(s, SOL_IPV6, IPV6_UNICAST_HOPS));
		return;
	}
	ASSERT_EQ(0, set_int(self->listener, SOL_IP, IP_TOS, 0x48));
	ASSERT_EQ(0, set_int(self->listener, SOL_IP, IP_TTL, 33));
	ASSERT_EQ(0, make_pair(variant->client, self->listener, &c, &s));
	EXPECT_EQ(0x48, get_int(s, SOL_IP, IP_TOS));
	EXPECT_EQ(33, get_int(s, SOL_IP, IP_TTL));
}

/* The listener and accepted connections are closed independently */
TEST_F(accept, child_outlives_listener)
{
	char byte;
	int c, s;

	for (int i = 0; i < 50; i++) {
		ASSERT_EQ(0, make_pair(variant->client, self->listener, &c, &s));
		if (i % 2) {
			ASSERT_EQ(0, close(s));
		}
	}
	ASSERT_EQ(0, make_pair(variant->client, self->listener, &c, &s));
	ASSERT_EQ(0, close(self->listener));
	ASSERT_EQ(1, write(c, "x", 1));
	EXPECT_EQ(1, read(s, &byte, 1));
	EXPECT_ERRNO(EINVAL, accept(s, NULL, NULL));
}

CABLE_FIXTURE(defer)

/* TCP_DEFER_ACCEPT: accept() gets the connection when data arrives */
TEST_F(defer, until_data)
{
	int c, s;

	ASSERT_EQ(0, set_int(self->listener, SOL_TCP, TCP_DEFER_ACCEPT, 30));
	c = connect_to(variant->client, &self->address);
	ASSERT_LE(0, c);
	EXPECT_EQ(0, events_within(self->listener, POLLIN, 300));
	ASSERT_EQ(1, write(c, "x", 1));
	EXPECT_EQ(POLLIN, events_within(self->listener, POLLIN, PATIENCE));
	s = accept(self->listener, NULL, NULL);
	ASSERT_LE(0, s);
	EXPECT_EQ(0, get_int(s, SOL_TCP, TCP_DEFER_ACCEPT));
}

TEST_MAIN
