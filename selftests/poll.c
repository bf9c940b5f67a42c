// SPDX-License-Identifier: GPL-2.0
/* poll(), select() and epoll: events, level- and edge-triggered */
#include "lib/xtcp_test.h"

#include <sys/epoll.h>
#include <sys/select.h>

#define ALL (POLLIN | POLLOUT | POLLPRI | POLLRDHUP | POLLRDNORM | POLLWRNORM)
#define IN (POLLIN | POLLRDNORM)
#define OUT (POLLOUT | POLLWRNORM)

SOCKET_FIXTURE(poll)

TEST_F(poll, new_socket)
{
	int fd = open_socket(variant->stack, variant->family);

	EXPECT_EQ(OUT | POLLHUP, events(fd, ALL));
}

TEST_F(poll, listener)
{
	int fd = listen_on(variant->stack, &self->address, 1);

	EXPECT_EQ(0, events(fd, ALL));
	ASSERT_LE(0, connect_to(variant->stack, &self->address));
	WAIT_FOR(events(fd, ALL) == IN);
}

PAIR_FIXTURE(polled)

TEST_F(polled, idle)
{
	EXPECT_EQ(OUT, events(self->client, ALL));
	EXPECT_EQ(OUT, events(self->server, ALL));
}

TEST_F(polled, arrival)
{
	char byte;

	ASSERT_EQ(1, write(self->client, "x", 1));
	WAIT_FOR(events(self->server, ALL) == (IN | OUT));
	ASSERT_EQ(1, read(self->server, &byte, 1));
	EXPECT_EQ(OUT, events(self->server, ALL));
}

TEST_F(polled, wakes)
{
	pid_t pid = child();

	if (!pid)
		_exit(events_within(self->server, POLLIN, PATIENCE) != POLLIN);
	WAIT_FOR(is_sleeping(pid));
	ASSERT_EQ(1, write(self->client, "x", 1));
	EXPECT_EQ(0, child_status(pid));
}

TEST_F(polled, times_out)
{
	long long start = now();

	EXPECT_EQ(0, events_within(self->server, POLLIN, 100));
	EXPECT_BETWEEN(99, now() - start, 100 + slack(10));
}

/* The peer's FIN: POLLIN and POLLRDHUP, no POLLHUP */
TEST_F(polled, peer_closed)
{
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	WAIT_FOR(events(self->server, ALL) == (IN | OUT | POLLRDHUP));
	/* still POLLOUT: a write does not block, it fails */
	EXPECT_EQ(OUT, events(self->client, ALL));
}

TEST_F(polled, shut_for_reading)
{
	ASSERT_EQ(0, shutdown(self->client, SHUT_RD));
	EXPECT_EQ(IN | OUT | POLLRDHUP, events(self->client, ALL));
	EXPECT_EQ(OUT, events(self->server, ALL));
}

/* Both directions shut down: POLLHUP */
TEST_F(polled, both_closed)
{
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_EQ(0, shutdown(self->server, SHUT_WR));
	WAIT_FOR(events(self->server, ALL) == (IN | OUT | POLLRDHUP | POLLHUP));
	WAIT_FOR(events(self->client, ALL) == (IN | OUT | POLLRDHUP | POLLHUP));
	/* POLLHUP is reported without being requested, and is not an error */
	EXPECT_EQ(POLLHUP, events(self->client, 0));
	EXPECT_EQ(0, take_error(self->client));
}

TEST_F(polled, shut_both_ways_here)
{
	ASSERT_EQ(0, shutdown(self->client, SHUT_RDWR));
	EXPECT_EQ(IN | OUT | POLLRDHUP | POLLHUP, events(self->client, ALL));
	WAIT_FOR(events(self->server, ALL) == (IN | OUT | POLLRDHUP));
}

/* SA-2f, MUST-12: POLLERR and POLLHUP together */
TEST_F(polled, reset)
{
	struct linger abort = { 1, 0 };

	setsockopt(self->client, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	ASSERT_EQ(0, close(self->client));
	WAIT_FOR(events(self->server, ALL) ==
		 (IN | OUT | POLLRDHUP | POLLERR | POLLHUP));
	/* SO_ERROR clears POLLERR, the other events stay */
	EXPECT_EQ(ECONNRESET, take_error(self->server));
	EXPECT_EQ(IN | OUT | POLLRDHUP | POLLHUP, events(self->server, ALL));
}

/* SA-2f */
TEST_F(polled, reset_wakes)
{
	struct linger abort = { 1, 0 };
	pid_t pid = child();

	if (!pid) {
		close(self->client);
		_exit(events_within(self->server, 0, PATIENCE) != (POLLERR | POLLHUP));
	}
	WAIT_FOR(is_sleeping(pid));
	setsockopt(self->client, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	ASSERT_EQ(0, close(self->client));
	EXPECT_EQ(0, child_status(pid));
}

/* Fills the send buffer. POLLOUT requires a third of it to be free. */
static size_t stuff(int fd)
{
	static char buffer[16384];
	size_t total = 0;
	int full = 0;
	ssize_t n;

	while (full < 3) {
		n = send(fd, buffer, sizeof(buffer), MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			total += n;
			full = 0;
		} else {
			full++;
			pause_ms(100);
		}
	}
	return total;
}

static bool drain(int fd, size_t total)
{
	static char buffer[65536];
	ssize_t n;

	for (; total; total -= n) {
		n = recv(fd, buffer, sizeof(buffer) < total ? sizeof(buffer) : total, 0);
		if (n <= 0)
			return false;
	}
	return true;
}

TEST_F(polled, full)
{
	size_t total = stuff(self->client);

	EXPECT_EQ(0, events(self->client, ALL));
	ASSERT_TRUE(drain(self->server, total));
	EXPECT_EQ(OUT, events_within(self->client, ALL, PATIENCE));
}

TEST_F(polled, room_wakes)
{
	size_t total = stuff(self->client);
	pid_t pid = child();

	if (!pid)
		_exit(events_within(self->client, POLLOUT, PATIENCE) != POLLOUT);
	WAIT_FOR(is_sleeping(pid));
	ASSERT_TRUE(drain(self->server, total));
	EXPECT_EQ(0, child_status(pid));
}

/* TCP_NOTSENT_LOWAT: data in flight does not count */
TEST_F(polled, notsent_lowat)
{
	ASSERT_EQ(0, set_int(self->client, SOL_TCP, TCP_NOTSENT_LOWAT, 1));
	EXPECT_EQ(OUT, events(self->client, ALL));
	stuff(self->client);
	EXPECT_EQ(0, events(self->client, ALL));
}

TEST_F(polled, urgent)
{
	char byte;

	ASSERT_EQ(1, send(self->client, "!", 1, MSG_OOB));
	WAIT_FOR(events(self->server, ALL) == (OUT | POLLPRI));
	ASSERT_EQ(1, recv(self->server, &byte, 1, MSG_OOB));
	EXPECT_EQ(OUT, events(self->server, ALL));
}

TEST_F(polled, select)
{
	struct timeval tv = { 0, 0 };
	fd_set in, out, except;

	ASSERT_EQ(1, send(self->client, "!", 1, MSG_OOB));
	ASSERT_EQ(1, send(self->client, "x", 1, 0));
	WAIT_FOR(events(self->server, ALL) == (IN | OUT | POLLPRI));
	FD_ZERO(&in);
	FD_SET(self->server, &in);
	FD_SET(self->client, &in);
	out = in;
	except = in;
	EXPECT_EQ(4, select(FD_SETSIZE, &in, &out, &except, &tv));
	EXPECT_TRUE(FD_ISSET(self->server, &in));
	EXPECT_FALSE(FD_ISSET(self->client, &in));
	EXPECT_TRUE(FD_ISSET(self->server, &out));
	EXPECT_TRUE(FD_ISSET(self->client, &out));
	EXPECT_TRUE(FD_ISSET(self->server, &except));
	EXPECT_FALSE(FD_ISSET(self->client, &except));
}

static int epoll_of(int fd, uint32_t mask)
{
	struct epoll_event event = { .events = mask, .data.fd = fd };
	int ep = epoll_create1(0);

	return epoll_ctl(ep, EPOLL_CTL_ADD, fd, &event) ? -1 : ep;
}

/* the pending event: 0 for none */
static uint32_t next(int ep, int milliseconds)
{
	struct epoll_event event = {};

	return epoll_wait(ep, &event, 1, milliseconds) < 0 ? ~0u : event.events;
}

TEST_F(polled, epoll_level)
{
	int ep = epoll_of(self->server, EPOLLIN | EPOLLRDHUP);
	char byte;

	EXPECT_EQ(0, next(ep, 0));
	ASSERT_EQ(1, write(self->client, "x", 1));
	EXPECT_EQ(EPOLLIN, next(ep, PATIENCE));
	EXPECT_EQ(EPOLLIN, next(ep, 0));
	ASSERT_EQ(1, read(self->server, &byte, 1));
	EXPECT_EQ(0, next(ep, 0));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	EXPECT_EQ(EPOLLIN | EPOLLRDHUP, next(ep, PATIENCE));
}

/* One edge per arrival, none otherwise */
TEST_F(polled, epoll_edge)
{
	int ep = epoll_of(self->server, EPOLLIN | EPOLLRDHUP | EPOLLET);

	EXPECT_EQ(0, next(ep, 0));
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(1, write(self->client, "x", 1));
		EXPECT_EQ(EPOLLIN, next(ep, PATIENCE));
		EXPECT_EQ(0, next(ep, 20));
	}
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	EXPECT_EQ(EPOLLIN | EPOLLRDHUP, next(ep, PATIENCE));
	EXPECT_EQ(0, next(ep, 20));
}

/* Lowering SO_RCVLOWAT to the number of queued bytes is an edge */
TEST_F(polled, epoll_edge_of_lowat)
{
	int ep = epoll_of(self->server, EPOLLIN | EPOLLET);

	ASSERT_EQ(0, set_int(self->server, SOL_SOCKET, SO_RCVLOWAT, 100));
	ASSERT_EQ(10, write(self->client, "0123456789", 10));
	EXPECT_EQ(0, next(ep, 500));
	ASSERT_EQ(0, set_int(self->server, SOL_SOCKET, SO_RCVLOWAT, 11));
	EXPECT_EQ(0, next(ep, 20));
	ASSERT_EQ(0, set_int(self->server, SOL_SOCKET, SO_RCVLOWAT, 10));
	EXPECT_EQ(EPOLLIN, next(ep, PATIENCE));
}

/* Output: an edge when a full buffer has room */
TEST_F(polled, epoll_edge_of_room)
{
	int ep = epoll_of(self->client, EPOLLOUT | EPOLLET);
	size_t total;

	EXPECT_EQ(EPOLLOUT, next(ep, 0));
	EXPECT_EQ(0, next(ep, 20));
	total = stuff(self->client);
	/* filling the buffer also caused edges */
	while (next(ep, 0))
		;
	ASSERT_TRUE(drain(self->server, total));
	EXPECT_EQ(EPOLLOUT, next(ep, PATIENCE));
}

TEST_F(polled, epoll_oneshot)
{
	struct epoll_event event = { .events = EPOLLIN | EPOLLONESHOT };
	int ep = epoll_of(self->server, EPOLLIN | EPOLLONESHOT);

	ASSERT_EQ(1, write(self->client, "x", 1));
	EXPECT_EQ(EPOLLIN, next(ep, PATIENCE));
	ASSERT_EQ(1, write(self->client, "x", 1));
	EXPECT_EQ(0, next(ep, 20));
	ASSERT_EQ(0, epoll_ctl(ep, EPOLL_CTL_MOD, self->server, &event));
	EXPECT_EQ(EPOLLIN, next(ep, PATIENCE));
}

TEST_F(polled, epoll_edge_of_connection)
{
	int ep = epoll_of(self->listener, EPOLLIN | EPOLLET);

	for (int i = 0; i < 3; i++) {
		ASSERT_LE(0, connect_to(variant->client, &self->address));
		EXPECT_EQ(EPOLLIN, next(ep, PATIENCE));
	}
	EXPECT_EQ(0, next(ep, 0));
}

/* SA-2f */
TEST_F(polled, epoll_reset)
{
	int ep = epoll_of(self->server, EPOLLET);
	struct linger abort = { 1, 0 };

	setsockopt(self->client, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	ASSERT_EQ(0, close(self->client));
	EXPECT_EQ(EPOLLERR | EPOLLHUP, next(ep, PATIENCE));
	EXPECT_EQ(0, next(ep, 0));
}

/* a socket added before connect() */
LISTENER_FIXTURE(pending)

TEST_F(pending, epoll_connect)
{
	int c = open_nonblock(variant->client, variant->family);
	int ep = epoll_of(c, EPOLLIN | EPOLLOUT | EPOLLET);

	EXPECT_EQ(EPOLLOUT | EPOLLHUP, next(ep, 0));
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->address));
	EXPECT_EQ(EPOLLOUT, next(ep, PATIENCE));
}

TEST_MAIN
