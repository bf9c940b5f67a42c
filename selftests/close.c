// SPDX-License-Identifier: GPL-2.0
/* Closing: half-close, shutdown(), orderly close, abort, TIME_WAIT */
#include "lib/xtcp_test.h"

#include <sys/time.h>

static void on_alarm(int signal)
{
}

PAIR_FIXTURE(close)

/* MUST-12: a FIN reads as end of file */
TEST_F(close, ends_the_stream)
{
	char byte;

	ASSERT_EQ(0, close(self->client));
	EXPECT_EQ(0, read(self->server, &byte, 1));
	EXPECT_EQ(0, read(self->server, &byte, 1));
	EXPECT_EQ(TCP_CLOSE_WAIT, state_of(self->server));
	EXPECT_EQ(0, take_error(self->server));
}

/* U-12: the FIN follows all written data */
TEST_F(close, after_all_data)
{
	size_t size = 1 << 20, sent = 0, got = 0;
	char buffer[16384];
	ssize_t n;
	pid_t pid = child();

	if (!pid) {
		close(self->server);
		memset(buffer, 'x', sizeof(buffer));
		while (sent < size)
			sent += write(self->client, buffer, sizeof(buffer));
		_exit(0);
	}
	ASSERT_EQ(0, close(self->client));
	while ((n = read(self->server, buffer, sizeof(buffer))) > 0)
		got += n;
	EXPECT_EQ(0, n);
	EXPECT_EQ(size, got);
	EXPECT_EQ(0, child_status(pid));
}

/* After its FIN, a side still receives the data of the other (RFC 9293 3.6) */
TEST_F(close, half_close)
{
	char text[8] = {};

	ASSERT_EQ(3, write(self->client, "ask", 3));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	WAIT_FOR(state_of(self->client) == TCP_FIN_WAIT2);
	EXPECT_EQ(3, read(self->server, text, sizeof(text)));
	EXPECT_EQ(0, read(self->server, text, sizeof(text)));
	EXPECT_EQ(TCP_CLOSE_WAIT, state_of(self->server));
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(5, write(self->server, "reply", 5));
		ASSERT_EQ(5, recv(self->client, text, 5, MSG_WAITALL));
		ASSERT_STREQ("reply", text);
	}
	ASSERT_EQ(0, shutdown(self->server, SHUT_WR));
	EXPECT_EQ(0, read(self->client, text, sizeof(text)));
	WAIT_FOR(state_of(self->server) == TCP_CLOSE);
}

TEST_F(close, half_close_by_server)
{
	char text[8];

	ASSERT_EQ(0, shutdown(self->server, SHUT_WR));
	EXPECT_EQ(0, read(self->client, text, sizeof(text)));
	ASSERT_EQ(1, write(self->client, "x", 1));
	EXPECT_EQ(1, read(self->server, text, 1));
	EXPECT_EQ(TCP_FIN_WAIT2, state_of(self->server));
	EXPECT_EQ(TCP_CLOSE_WAIT, state_of(self->client));
}

/* UC-5 */
TEST_F(close, send_after_shutdown)
{
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	EXPECT_ERRNO(EPIPE, send(self->client, "x", 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(EPIPE, send(self->client, "x", 1, MSG_NOSIGNAL | MSG_DONTWAIT));
	EXPECT_EQ(0, take_error(self->client));
}

/* UC-10: a second shutdown() sends no second FIN, and succeeds */
TEST_F(close, shutdown_again)
{
	char byte;

	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(0, shutdown(self->client, SHUT_WR));
	}
	EXPECT_EQ(0, shutdown(self->client, SHUT_RDWR));
	EXPECT_EQ(0, read(self->server, &byte, 1));
	EXPECT_EQ(TCP_CLOSE_WAIT, state_of(self->server));
}

/* SHUT_RD is local: recv() returns 0 after the queued data */
TEST_F(close, shutdown_read)
{
	char text[8] = {};

	ASSERT_EQ(3, write(self->client, "one", 3));
	WAIT_FOR(events(self->server, POLLIN) & POLLIN);
	ASSERT_EQ(0, shutdown(self->server, SHUT_RD));
	EXPECT_EQ(3, read(self->server, text, sizeof(text)));
	EXPECT_EQ(0, read(self->server, text, sizeof(text)));
	EXPECT_EQ(TCP_ESTABLISHED, state_of(self->server));
	/* the peer is not notified, and its data can still be read */
	ASSERT_EQ(3, write(self->client, "two", 3));
	WAIT_FOR(read(self->server, text, sizeof(text)) == 3);
	EXPECT_STREQ("two", text);
	/* the other direction still works */
	ASSERT_EQ(1, write(self->server, "x", 1));
	EXPECT_EQ(1, read(self->client, text, 1));
}

TEST_F(close, shutdown_both)
{
	char byte;

	ASSERT_EQ(0, shutdown(self->client, SHUT_RDWR));
	EXPECT_EQ(0, read(self->client, &byte, 1));
	EXPECT_ERRNO(EPIPE, send(self->client, "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(0, read(self->server, &byte, 1));
	WAIT_FOR(state_of(self->client) == TCP_FIN_WAIT2);
}

TEST_F(close, shutdown_wakes_reader)
{
	pid_t pid = child();
	char byte;

	if (!pid)
		_exit(read(self->client, &byte, 1));
	WAIT_FOR(is_sleeping(pid));
	ASSERT_EQ(0, shutdown(self->client, SHUT_RD));
	EXPECT_EQ(0, child_status(pid));
}

TEST_F(close, shutdown_when_closed)
{
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	ASSERT_EQ(0, shutdown(self->server, SHUT_WR));
	WAIT_FOR(state_of(self->client) == TCP_CLOSE);
	WAIT_FOR(state_of(self->server) == TCP_CLOSE);
	EXPECT_ERRNO(ENOTCONN, shutdown(self->client, SHUT_WR));
	EXPECT_ERRNO(ENOTCONN, shutdown(self->server, SHUT_RDWR));
}

/* MUST-12, UC-11: SO_LINGER of 0 aborts: RST, and the peer gets ECONNRESET */
TEST_F(close, abort)
{
	struct linger abort = { 1, 0 };
	int port = port_of(self->client);
	char byte;

	setsockopt(self->client, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	ASSERT_EQ(0, close(self->client));
	EXPECT_EQ(POLLIN | POLLOUT | POLLRDHUP | POLLERR | POLLHUP,
		  events_within(self->server, POLLIN | POLLOUT | POLLRDHUP, PATIENCE));
	EXPECT_ERRNO(ECONNRESET, read(self->server, &byte, 1));
	/* the error is reported once */
	EXPECT_EQ(0, read(self->server, &byte, 1));
	EXPECT_ERRNO(EPIPE, send(self->server, "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(TCP_CLOSE, state_of(self->server));
	/* no TIME_WAIT on either side */
	EXPECT_EQ(0, proc_state(variant->client, variant->family, port,
				address_port(&self->address)));
	EXPECT_EQ(0, proc_state(variant->server, variant->family,
				address_port(&self->address), port));
}

/* Data that arrived before the RST can be read; then ECONNRESET is returned */
TEST_F(close, abort_after_data)
{
	struct linger abort = { 1, 0 };
	char text[8];

	ASSERT_EQ(4, write(self->client, "data", 4));
	WAIT_FOR(events(self->server, POLLIN) & POLLIN);
	setsockopt(self->client, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	ASSERT_EQ(0, close(self->client));
	WAIT_FOR(events(self->server, POLLIN) & POLLERR);
	EXPECT_EQ(4, read(self->server, text, sizeof(text)));
	EXPECT_ERRNO(ECONNRESET, read(self->server, text, sizeof(text)));
}

TEST_F(close, abort_seen_by_writer)
{
	struct linger abort = { 1, 0 };

	setsockopt(self->client, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	ASSERT_EQ(0, close(self->client));
	WAIT_FOR(events(self->server, POLLIN) & POLLERR);
	EXPECT_ERRNO(ECONNRESET, send(self->server, "x", 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(EPIPE, send(self->server, "x", 1, MSG_NOSIGNAL));
}

/* SA-2f */
TEST_F(close, abort_wakes_reader)
{
	struct linger abort = { 1, 0 };
	pid_t pid = child();
	char byte;

	if (!pid) {
		close(self->client);
		_exit(read(self->server, &byte, 1) < 0 ? errno : 0);
	}
	WAIT_FOR(is_sleeping(pid));
	setsockopt(self->client, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	ASSERT_EQ(0, close(self->client));
	EXPECT_EQ(ECONNRESET, child_status(pid));
}

/* SHLD-3: close() with unread data sends RST */
TEST_F(close, unread_data)
{
	char byte;

	ASSERT_EQ(4, write(self->client, "data", 4));
	WAIT_FOR(events(self->server, POLLIN) & POLLIN);
	ASSERT_EQ(0, close(self->server));
	EXPECT_ERRNO(ECONNRESET, read(self->client, &byte, 1));
}

TEST_F(close, partly_read_data)
{
	char byte;

	ASSERT_EQ(4, write(self->client, "data", 4));
	ASSERT_EQ(1, read(self->server, &byte, 1));
	ASSERT_EQ(0, close(self->server));
	EXPECT_ERRNO(ECONNRESET, read(self->client, &byte, 1));
}

/* An unread FIN is not unread data */
TEST_F(close, unread_fin)
{
	char byte;

	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	WAIT_FOR(events(self->server, POLLIN) & POLLIN);
	ASSERT_EQ(0, close(self->server));
	EXPECT_EQ(0, read(self->client, &byte, 1));
	EXPECT_EQ(0, take_error(self->client));
}

/* SHLD-3: data after close() is answered with RST */
TEST_F(close, data_after_close)
{
	char byte;

	ASSERT_EQ(0, close(self->server));
	EXPECT_EQ(0, read(self->client, &byte, 1));
	ASSERT_EQ(1, send(self->client, "x", 1, MSG_NOSIGNAL));
	WAIT_FOR(events(self->client, 0) & POLLERR);
	/* the socket was in CLOSE_WAIT: EPIPE, not ECONNRESET */
	EXPECT_ERRNO(EPIPE, send(self->client, "x", 1, MSG_NOSIGNAL));
	EXPECT_EQ(TCP_CLOSE, state_of(self->client));
}

/* close() returns at once, the closing handshake continues */
TEST_F(close, not_waiting_for_peer)
{
	int port = port_of(self->client);
	long long start = now();

	ASSERT_EQ(0, close(self->client));
	EXPECT_GE(slack(50), now() - start);
	WAIT_FOR(proc_state(variant->client, variant->family, port,
			    address_port(&self->address)) == TCP_FIN_WAIT2);
}

/* close() of a dup() does not close the connection */
TEST_F(close, dup_keeps_open)
{
	int other = dup(self->client);
	char byte;

	ASSERT_EQ(0, close(self->client));
	EXPECT_EQ(0, events_within(self->server, POLLIN, 50));
	ASSERT_EQ(1, write(other, "x", 1));
	EXPECT_EQ(1, read(self->server, &byte, 1));
	ASSERT_EQ(0, close(other));
	EXPECT_EQ(0, read(self->server, &byte, 1));
}

/* MUST-13: TIME_WAIT is on the side that closes first */
TEST_F(close, time_wait_on_active_side)
{
	int port = port_of(self->client), server_port = address_port(&self->address);

	ASSERT_EQ(0, close(self->client));
	WAIT_FOR(state_of(self->server) == TCP_CLOSE_WAIT);
	ASSERT_EQ(0, close(self->server));
	WAIT_FOR(proc_state(variant->client, variant->family, port,
			    server_port) == TCP_TIME_WAIT);
	WAIT_FOR(!proc_state(variant->server, variant->family, server_port, port) ||
		 variant->client == variant->server);
}

TEST_F(close, time_wait_on_server)
{
	int port = port_of(self->client), server_port = address_port(&self->address);

	ASSERT_EQ(0, close(self->server));
	WAIT_FOR(state_of(self->client) == TCP_CLOSE_WAIT);
	ASSERT_EQ(0, close(self->client));
	WAIT_FOR(proc_state(variant->server, variant->family, server_port,
			    port) == TCP_TIME_WAIT);
}

/* TIME_WAIT holds the port, unless SO_REUSEADDR */
TEST_F(close, time_wait_holds_port)
{
	int server_port = address_port(&self->address), fd;
	int port = port_of(self->client);

	ASSERT_EQ(0, set_int(self->server, SOL_SOCKET, SO_REUSEADDR, 0));
	ASSERT_EQ(0, close(self->listener));
	ASSERT_EQ(0, close(self->server));
	ASSERT_EQ(0, close(self->client));
	WAIT_FOR(proc_state(variant->server, variant->family, server_port,
			    port) == TCP_TIME_WAIT);
	fd = open_socket(variant->server, variant->family);
	EXPECT_ERRNO(EADDRINUSE, do_bind(fd, &self->address));
}

TEST_F(close, reuseaddr_passes_time_wait)
{
	int server_port = address_port(&self->address);
	int port = port_of(self->client);

	ASSERT_EQ(0, close(self->listener));
	ASSERT_EQ(0, close(self->server));
	ASSERT_EQ(0, close(self->client));
	WAIT_FOR(proc_state(variant->server, variant->family, server_port,
			    port) == TCP_TIME_WAIT);
	self->listener = listen_on(variant->server, &self->address, 1);
	ASSERT_LE(0, self->listener);
	EXPECT_EQ(0, make_pair(variant->client, self->listener, &self->client,
			       &self->server));
}

/* SO_LINGER: close() returns when the peer has acknowledged the FIN */
TEST_F(close, linger_done)
{
	struct linger linger = { 1, 10 };
	long long start = now();
	char text[4];

	ASSERT_EQ(4, write(self->client, "data", 4));
	setsockopt(self->client, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	ASSERT_EQ(0, close(self->client));
	EXPECT_GE(slack(300), now() - start);
	EXPECT_EQ(4, read(self->server, text, 4));
	EXPECT_EQ(0, read(self->server, text, 4));
}

LISTENER_FIXTURE(tuple)

/*
 * The same pair of addresses and ports cannot be connected
 * during TIME_WAIT. (With timestamps it can: RFC 6191.)
 */
TEST_F(tuple, held_by_time_wait)
{
	int c, s, port, server_port = address_port(&self->address);
	struct address own;

	ASSERT_EQ(0, set_sysctl(variant->client, "timestamps", "0"));
	ASSERT_EQ(0, make_pair(variant->client, self->listener, &c, &s));
	own = name_of(c);
	port = port_of(c);
	set_int(c, SOL_SOCKET, SO_REUSEADDR, 1);
	ASSERT_EQ(0, close(c));
	ASSERT_EQ(0, close(s));
	WAIT_FOR(proc_state(variant->client, variant->family, port,
			    server_port) == TCP_TIME_WAIT);
	c = open_socket(variant->client, variant->family);
	set_int(c, SOL_SOCKET, SO_REUSEADDR, 1);
	ASSERT_EQ(0, do_bind(c, &own));
	EXPECT_ERRNO(EADDRNOTAVAIL, do_connect(c, &self->address));
}

CABLE_FIXTURE(cut)

static int cut_pair(struct cable *cable, enum stack stack, int listener, int *c, int *s)
{
	struct address a = name_of(listener);

	*c = connect_to(stack, &a);
	*s = accept(listener, NULL, NULL);
	return *c < 0 || *s < 0 ? -1 : cable_cut(cable, -1);
}

/* The FIN is not acknowledged: close() returns when the linger time is over */
TEST_F(cut, linger_over)
{
	struct linger linger = { 1, 2 };
	long long start;
	int c, s, port;

	ASSERT_EQ(0, cut_pair(&self->cable, variant->client, self->listener, &c, &s));
	port = port_of(c);
	setsockopt(c, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	start = now();
	ASSERT_EQ(0, close(c));
	EXPECT_BETWEEN(1990, now() - start, 2000 + slack(50));
	/* the connection continues as an orphan */
	EXPECT_EQ(TCP_FIN_WAIT1, proc_state(variant->client, variant->family, port,
					    address_port(&self->address)));
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	WAIT_FOR(state_of(s) == TCP_CLOSE_WAIT);
}

TEST_F(cut, linger_interrupted)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval soon = { .it_value.tv_usec = 100000 };
	struct linger linger = { 1, 10 };
	long long start;
	int c, s;

	ASSERT_EQ(0, cut_pair(&self->cable, variant->client, self->listener, &c, &s));
	setsockopt(c, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	start = now();
	ASSERT_EQ(0, close(c));
	EXPECT_BETWEEN(95, now() - start, 100 + slack(50));
}

/* U-14: the FIN is retransmitted until it is acknowledged, also by an orphan */
TEST_F(cut, fin_lost)
{
	int c, s;
	char byte;

	ASSERT_EQ(0, cut_pair(&self->cable, variant->client, self->listener, &c, &s));
	ASSERT_EQ(1, write(c, "x", 1));
	ASSERT_EQ(0, close(c));
	EXPECT_EQ(0, events_within(s, POLLIN, 100));
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	EXPECT_EQ(POLLIN, events_within(s, POLLIN, PATIENCE));
	EXPECT_EQ(1, read(s, &byte, 1));
	EXPECT_EQ(0, read(s, &byte, 1));
}

/* U-8: half-open: the RST of an abort is lost; the next segment gets a RST */
TEST_F(cut, half_open_found)
{
	struct linger abort = { 1, 0 };
	int c, s;
	char byte;

	ASSERT_EQ(0, cut_pair(&self->cable, variant->client, self->listener, &c, &s));
	setsockopt(s, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	ASSERT_EQ(0, close(s));
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	EXPECT_EQ(TCP_ESTABLISHED, state_of(c));
	ASSERT_EQ(1, write(c, "x", 1));
	EXPECT_ERRNO(ECONNRESET, read(c, &byte, 1));
}

/* TIME_WAIT lasts 2MSL: 60 s */
PAIR_FIXTURE(close_virtual)

TEST_F(close_virtual, time_wait_lasts_60_seconds)
{
	int port = port_of(self->client), server_port = address_port(&self->address);
	long long start, gone;
	int fd;

	ASSERT_EQ(0, set_int(self->server, SOL_SOCKET, SO_REUSEADDR, 0));
	ASSERT_EQ(0, close(self->listener));
	ASSERT_EQ(0, close(self->server));
	ASSERT_EQ(0, close(self->client));
	start = now();
	WAIT_FOR(proc_state(variant->server, variant->family, server_port,
			    port) == TCP_TIME_WAIT);
	fd = open_socket(variant->server, variant->family);
	EXPECT_TRUE(HOLDS_WITHIN(2 * MINUTE, !do_bind(fd, &self->address)));
	gone = now() - start;
	/* the timer of the kernel's TCP is less accurate */
	EXPECT_BETWEEN(59900, gone, variant->server == XTCP ? 60500 : 65000);
	EXPECT_EQ(0, proc_state(variant->server, variant->family, server_port, port));
}

/* Many TIME_WAITs end at the same time, none is left */
TEST_F(close_virtual, many_time_waits_end)
{
	int c, s, port[100], server_port = address_port(&self->address);

	for (int i = 0; i < 100; i++) {
		ASSERT_EQ(0, make_pair(variant->client, self->listener, &c, &s));
		port[i] = port_of(c);
		ASSERT_EQ(0, close(c));
		ASSERT_EQ(0, close(s));
	}
	for (int i = 0; i < 100; i++) {
		WAIT_FOR(proc_state(variant->client, variant->family, port[i],
				    server_port) == TCP_TIME_WAIT);
	}
	pause_ms(variant->client == XTCP ? 61 * SECOND : 66 * SECOND);
	for (int i = 0; i < 100; i++) {
		ASSERT_EQ(0, proc_state(variant->client, variant->family, port[i],
					server_port));
	}
}

TEST_MAIN
