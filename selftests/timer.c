// SPDX-License-Identifier: GPL-2.0
/*
 * Timers that end a connection, with their real timeouts, in virtual time. The
 * limits are those of the stack under test; the kernel's TCP has a timer wheel
 * and linear SYN timeouts, so it may be later.
 */
#include "lib/xtcp_test.h"

/* Most timers are the client's: few combinations of stacks are tested */
#define TIMER_FIXTURE(fixture)						\
CABLE_FIELDS(fixture);							\
FIXTURE_VARIANT(fixture) {						\
	enum stack client;						\
	enum stack server;						\
	int family;							\
};									\
FIXTURE_VARIANT_ADD(fixture, v4) { XTCP, XTCP, AF_INET };		\
FIXTURE_VARIANT_ADD(fixture, v6_peer_tcp) { XTCP, TCP, AF_INET6 };	\
FIXTURE_VARIANT_ADD(fixture, v4_reference) { TCP, TCP, AF_INET };	\
CABLE_SETUP(fixture)

TIMER_FIXTURE(timer_virtual)

static int open_pair(int listener, enum stack stack, int *c, int *s)
{
	struct address a = name_of(listener);

	*c = connect_to(stack, &a);
	*s = accept(listener, NULL, NULL);
	return *c < 0 || *s < 0 ? -1 : 0;
}

/* The latest time, in ms, for a timeout of @exact ms */
static long long late(enum stack stack, long long exact)
{
	return exact + exact / (stack == XTCP ? 200 : 10) + 100;
}

#define EXPECT_AFTER(stack, exact, start) \
	EXPECT_BETWEEN((exact) - 10, now() - (start), late(stack, exact))

static int plain_syn(enum stack stack, const char *retries)
{
	set_sysctl(stack, "syn_linear_timeouts", "0");
	return set_sysctl(stack, "syn_retries", retries);
}

/* MUST-22, MUST-23, RT-1, RT-8: SYNs at 0, 1, 3, ... 127 s; ends at 247 s */
TEST_F(timer_virtual, connect_without_answer)
{
	int c = open_socket(variant->client, variant->family);
	long long start;

	if (variant->client == TCP) {
		ASSERT_EQ(0, plain_syn(TCP, "7"));
	}
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	start = now();
	EXPECT_ERRNO(ETIMEDOUT, do_connect(c, &self->address));
	EXPECT_BETWEEN(3 * MINUTE, now() - start, late(variant->client, 255 * SECOND));
	EXPECT_EQ(TCP_CLOSE, state_of(c));
}

TEST_F(timer_virtual, syncnt)
{
	int c = open_socket(variant->client, variant->family);
	long long start;

	set_sysctl(variant->client, "syn_linear_timeouts", "0");
	ASSERT_EQ(0, set_int(c, SOL_TCP, TCP_SYNCNT, 2));
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	start = now();
	EXPECT_ERRNO(ETIMEDOUT, do_connect(c, &self->address));
	EXPECT_AFTER(variant->client, 7 * SECOND, start);
}

TEST_F(timer_virtual, syn_retries)
{
	int c = open_socket(variant->client, variant->family);
	long long start;

	ASSERT_EQ(0, plain_syn(variant->client, "3"));
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	start = now();
	EXPECT_ERRNO(ETIMEDOUT, do_connect(c, &self->address));
	EXPECT_AFTER(variant->client, 15 * SECOND, start);
}

/* After ETIMEDOUT the socket can be used again */
TEST_F(timer_virtual, connect_after_timeout)
{
	int c = open_socket(variant->client, variant->family);

	ASSERT_EQ(0, set_int(c, SOL_TCP, TCP_SYNCNT, 1));
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	EXPECT_ERRNO(ETIMEDOUT, do_connect(c, &self->address));
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	EXPECT_EQ(0, do_connect(c, &self->address));
}

/* SF-5: a request ends at 63 s, after 5 retransmissions of the SYN-ACK */
TEST_F(timer_virtual, synack_retries)
{
	int c = open_nonblock(variant->client, variant->family);
	int server_port = address_port(&self->address), port;
	long long start;

	ASSERT_EQ(0, set_int(c, SOL_TCP, TCP_SYNCNT, 1));
	ASSERT_EQ(0, cable_cut(&self->cable, self->cable.far));
	start = now();
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->address));
	port = port_of(c);
	/* SYNs of the client would cause more SYN-ACKs */
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	ASSERT_EQ(0, enter_netns(self->cable.far));
	EXPECT_EQ(TCP_SYN_RECV, proc_state(variant->server, variant->family,
					   server_port, port));
	ASSERT_TRUE(HOLDS_WITHIN(5 * MINUTE, !proc_state(variant->server, variant->family,
							 server_port, port)));
	EXPECT_AFTER(variant->server, 63 * SECOND, start);
	EXPECT_EQ(0, events(self->listener, POLLIN));
}

/* MUST-21, TO-1 */
TEST_F(timer_virtual, user_timeout)
{
	long long start;
	char byte;
	int c, s;

	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	ASSERT_EQ(0, set_int(c, SOL_TCP, TCP_USER_TIMEOUT, 10000));
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	start = now();
	ASSERT_EQ(1, write(c, "x", 1));
	EXPECT_ERRNO(ETIMEDOUT, read(c, &byte, 1));
	EXPECT_AFTER(variant->client, 10 * SECOND, start);
	EXPECT_ERRNO(EPIPE, send(c, "x", 1, MSG_NOSIGNAL));
}

TEST_F(timer_virtual, user_timeout_of_connect)
{
	int c = open_socket(variant->client, variant->family);
	long long start;

	ASSERT_EQ(0, set_int(c, SOL_TCP, TCP_USER_TIMEOUT, 5000));
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	start = now();
	EXPECT_ERRNO(ETIMEDOUT, do_connect(c, &self->address));
	EXPECT_AFTER(variant->client, 5 * SECOND, start);
}

/* MUST-20, SHLD-11: retries2 of 15: the connection ends after 15 to 17 min */
TEST_F(timer_virtual, path_lost)
{
	long long start;
	char byte;
	int c, s;

	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	start = now();
	ASSERT_EQ(1, write(c, "x", 1));
	EXPECT_EQ(POLLIN | POLLERR | POLLHUP, events_within(c, POLLIN, HOUR));
	EXPECT_BETWEEN(924 * SECOND, now() - start, 1050 * SECOND);
	EXPECT_ERRNO(ETIMEDOUT, read(c, &byte, 1));
	/* the other side has no timer running */
	EXPECT_EQ(TCP_ESTABLISHED, state_of(s));
}

/* The path works again before R2: no data is lost */
TEST_F(timer_virtual, path_restored)
{
	char byte = 0;
	int c, s;

	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	ASSERT_EQ(1, write(c, "x", 1));
	pause_ms(5 * MINUTE);
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	EXPECT_EQ(1, read(s, &byte, 1));
	EXPECT_EQ('x', byte);
	WAIT_FOR(!ioctl(c, SIOCOUTQ, &s) && !s);
	EXPECT_EQ(TCP_ESTABLISHED, state_of(c));
}

/* MUST-28, MUST-29: two hours, then 9 probes, 75 s apart */
TEST_F(timer_virtual, keepalive)
{
	long long start, exact = 2 * HOUR + 9 * 75 * SECOND;
	int c, s;

	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	start = now();
	ASSERT_EQ(0, set_int(c, SOL_SOCKET, SO_KEEPALIVE, 1));
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	EXPECT_EQ(POLLIN | POLLERR | POLLHUP, events_within(c, POLLIN, 4 * HOUR));
	EXPECT_BETWEEN(exact - SECOND, now() - start,
		       exact + (variant->client == XTCP ? 2 * SECOND : 4 * MINUTE));
	EXPECT_EQ(ETIMEDOUT, take_error(c));
}

TEST_F(timer_virtual, keepalive_options)
{
	long long start;
	int c, s;

	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	ASSERT_EQ(0, set_int(c, SOL_TCP, TCP_KEEPIDLE, 10));
	ASSERT_EQ(0, set_int(c, SOL_TCP, TCP_KEEPINTVL, 5));
	ASSERT_EQ(0, set_int(c, SOL_TCP, TCP_KEEPCNT, 3));
	start = now();
	ASSERT_EQ(0, set_int(c, SOL_SOCKET, SO_KEEPALIVE, 1));
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	EXPECT_EQ(POLLIN | POLLERR | POLLHUP, events_within(c, POLLIN, HOUR));
	EXPECT_AFTER(variant->client, 25 * SECOND, start);
	EXPECT_EQ(ETIMEDOUT, take_error(c));
}

/* MUST-24, MUST-25: without SO_KEEPALIVE a dead connection stays */
TEST_F(timer_virtual, no_keepalive)
{
	int c, s;

	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	ASSERT_EQ(0, set_int(c, SOL_TCP, TCP_KEEPIDLE, 10));
	ASSERT_EQ(0, set_int(c, SOL_TCP, TCP_KEEPINTVL, 5));
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	EXPECT_EQ(0, events_within(c, POLLIN, 5 * MINUTE));
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	ASSERT_EQ(1, write(c, "x", 1));
	EXPECT_EQ(POLLIN, events_within(s, POLLIN, PATIENCE));
}

/* A peer that is alive answers the probes */
TEST_F(timer_virtual, keepalive_answered)
{
	int c, s;

	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	ASSERT_EQ(0, set_int(c, SOL_TCP, TCP_KEEPIDLE, 10));
	ASSERT_EQ(0, set_int(c, SOL_TCP, TCP_KEEPINTVL, 5));
	ASSERT_EQ(0, set_int(c, SOL_SOCKET, SO_KEEPALIVE, 1));
	EXPECT_EQ(0, events_within(c, POLLIN, 5 * MINUTE));
	EXPECT_EQ(TCP_ESTABLISHED, state_of(c));
	EXPECT_EQ(TCP_ESTABLISHED, state_of(s));
}

/* The peer lost its state: the first probe gets a RST */
TEST_F(timer_virtual, keepalive_finds_half_open)
{
	struct linger abort = { 1, 0 };
	long long start;
	int c, s;

	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	ASSERT_EQ(0, set_int(c, SOL_TCP, TCP_KEEPIDLE, 60));
	start = now();
	ASSERT_EQ(0, set_int(c, SOL_SOCKET, SO_KEEPALIVE, 1));
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	setsockopt(s, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	ASSERT_EQ(0, close(s));
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	EXPECT_EQ(POLLIN | POLLERR | POLLHUP, events_within(c, POLLIN, HOUR));
	EXPECT_AFTER(variant->client, MINUTE, start);
	EXPECT_EQ(ECONNRESET, take_error(c));
}

static bool ends_within(enum stack stack, int family, int port, int peer, long long time)
{
	return HOLDS_WITHIN(time, !proc_state(stack, family, port, peer));
}

/* fin_timeout: an orphan stays in FIN_WAIT_2 for 60 s */
TEST_F(timer_virtual, orphan_in_fin_wait_2)
{
	int c, s, port, peer = address_port(&self->address);
	long long start;

	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	port = port_of(c);
	start = now();
	ASSERT_EQ(0, close(c));
	WAIT_FOR(proc_state(variant->client, variant->family, port, peer) == TCP_FIN_WAIT2);
	ASSERT_TRUE(ends_within(variant->client, variant->family, port, peer, 5 * MINUTE));
	EXPECT_AFTER(variant->client, 60 * SECOND, start);
	/* data from the peer is answered with RST then */
	ASSERT_EQ(1, write(s, "x", 1));
	WAIT_FOR(state_of(s) == TCP_CLOSE);
}

TEST_F(timer_virtual, linger2)
{
	int c, s, port, peer = address_port(&self->address);
	long long start;

	/* an earlier connection with a longer timeout */
	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	port = port_of(c);
	ASSERT_EQ(0, close(c));
	WAIT_FOR(proc_state(variant->client, variant->family, port, peer) == TCP_FIN_WAIT2);
	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	port = port_of(c);
	ASSERT_EQ(0, set_int(c, SOL_TCP, TCP_LINGER2, 5));
	start = now();
	ASSERT_EQ(0, close(c));
	WAIT_FOR(proc_state(variant->client, variant->family, port, peer) == TCP_FIN_WAIT2);
	ASSERT_TRUE(ends_within(variant->client, variant->family, port, peer, 5 * MINUTE));
	EXPECT_AFTER(variant->client, 5 * SECOND, start);
}

/* a socket without close() stays in FIN_WAIT_2 */
TEST_F(timer_virtual, fin_wait_2_with_owner)
{
	char byte;
	int c, s;

	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	ASSERT_EQ(0, shutdown(c, SHUT_WR));
	EXPECT_EQ(0, events_within(c, POLLIN, 5 * MINUTE));
	EXPECT_EQ(TCP_FIN_WAIT2, state_of(c));
	ASSERT_EQ(1, write(s, "x", 1));
	EXPECT_EQ(1, read(c, &byte, 1));
}

/* U-14: an orphan whose FIN is not acknowledged ends after minutes */
TEST_F(timer_virtual, orphan_not_acknowledged)
{
	int c, s, port, peer = address_port(&self->address);
	long long start;

	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	port = port_of(c);
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	ASSERT_EQ(1, write(c, "x", 1));
	start = now();
	ASSERT_EQ(0, close(c));
	EXPECT_EQ(TCP_FIN_WAIT1, proc_state(variant->client, variant->family, port, peer));
	ASSERT_TRUE(ends_within(variant->client, variant->family, port, peer, HOUR));
	EXPECT_BETWEEN(40 * SECOND, now() - start, 16 * MINUTE);
}

/* MUST-37: a closed window does not time out while the peer answers probes */
TEST_F(timer_virtual, zero_window_for_an_hour)
{
	static char buffer[65536];
	size_t total = 0;
	ssize_t n;
	int c, s;

	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	for (int full = 0; full < 3;) {
		n = send(c, buffer, sizeof(buffer), MSG_DONTWAIT);
		if (n > 0)
			total += n;
		else
			full++;
		if (n < 0)
			pause_ms(200);
	}
	EXPECT_EQ(0, events_within(c, POLLIN | POLLOUT, HOUR));
	EXPECT_EQ(TCP_ESTABLISHED, state_of(c));
	for (; total; total -= n) {
		n = recv(s, buffer, sizeof(buffer), 0);
		ASSERT_LT(0, n);
	}
	EXPECT_EQ(POLLOUT, events_within(c, POLLOUT, PATIENCE));
}

/* It times out if the peer does not answer the probes */
TEST_F(timer_virtual, zero_window_path_lost)
{
	static char buffer[65536];
	long long start;
	int c, s;

	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	for (int full = 0; full < 3;) {
		if (send(c, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
			continue;
		full++;
		pause_ms(200);
	}
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	start = now();
	EXPECT_EQ(POLLIN | POLLERR | POLLHUP, events_within(c, POLLIN, 2 * HOUR));
	EXPECT_BETWEEN(10 * MINUTE, now() - start, HOUR);
	EXPECT_EQ(ETIMEDOUT, take_error(c));
}

/*
 * RT-8, SHLD-9: tcpi_retransmits counts retransmissions, each doubles the RTO
 * (tcpi_backoff)
 */
TEST_F(timer_virtual, backoff)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);
	int c, s, before;

	/* a slow host may delay the guest until a first SYN is retransmitted */
	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	ASSERT_EQ(0, getsockopt(c, SOL_TCP, TCP_INFO, &info, &len));
	before = info.tcpi_rto;
	EXPECT_BETWEEN(200000, before, 1000000);
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	ASSERT_EQ(1, write(c, "x", 1));
	pause_ms(10 * SECOND);
	ASSERT_EQ(0, getsockopt(c, SOL_TCP, TCP_INFO, &info, &len));
	/* at 0.2, 0.6, 1.4, 3, 6.2 s; one may be a tail loss probe */
	EXPECT_BETWEEN(4, info.tcpi_retransmits, 6);
	EXPECT_BETWEEN(4, info.tcpi_backoff, 6);
	EXPECT_BETWEEN(before * 16LL, info.tcpi_rto, before * 64LL);
	EXPECT_EQ(1, info.tcpi_unacked);
}

TEST_MAIN
