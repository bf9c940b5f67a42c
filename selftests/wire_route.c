// SPDX-License-Identifier: GPL-2.0
/*
 * Route attributes of ip-route(8) that concern TCP: they mean the same as for the
 * kernel's TCP.
 */
#include "lib/wire_test.h"

/* The path of these tests has a round-trip time of RTT_MS. */

/* Replace the route to the peer: one with the attributes @attrs. Return: 0 or -1. */
static int replace_route(bool v6, const char *attrs)
{
	char cmd[200];

	snprintf(cmd, sizeof(cmd), v6 ?
		 "ip -6 route replace 2001:db8::/64 dev tun0 metric 256 %s" :
		 "ip route replace 192.0.2.0/24 dev tun0 scope link src 192.0.2.1 %s",
		 attrs);
	return system(cmd) ? -1 : 0;
}

#define route(attrs)	ASSERT_EQ(0, replace_route(variant->v6, attrs))

/* Write @n bytes. Return: full segments that arrive at once. */
static int burst(struct wire_flow *f, int fd, int n)
{
	int segs = 0;

	if (wire_write(f, fd, n) != n)
		return -1;
	while (wire_next(f, 10))
		segs++;
	return segs;
}

/* initcwnd: the initial window, smaller or larger than that of RFC 6928. */
TEST_F(wire, initcwnd)
{
	route("initcwnd 3");
	passive("mss 1000");
	ASSERT_EQ(3, burst(self->f, self->fd, 30000));
	inject("R. 1:1(0) ack 1");
	close(self->fd);

	route("initcwnd 15");
	self->f = wire_flow(&self->w, 0);
	active("mss 1000");
	ASSERT_EQ(15, burst(self->f, self->fd, 30000));
	inject("R. 1:1(0) ack 1");
}

/* CV-3: it does not decay, although a part of it is enough. */
TEST_F(wire, unused_initcwnd)
{
	route("initcwnd 40");
	passive("mss 1000");
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(1, burst(self->f, self->fd, 1000));
		inject(". 1:1(0) ack %d", 1001 + i * 1000);
		ASSERT_LE(40, wire_info(self->fd).tcpi_snd_cwnd);
		wire_sleep(400);
	}
	ASSERT_EQ(40, burst(self->f, self->fd, 60000));
}

/* initcwnd is also the restart window after an idle time (RFC 5681 4.1). */
TEST_F(wire, restart_window)
{
	route("initcwnd 3");
	passive("mss 1000");
	ASSERT_EQ(3, burst(self->f, self->fd, 3000));
	inject(". 1:1(0) ack 2001");
	inject(". 1:1(0) ack 3001");
	ASSERT_EQ(5, burst(self->f, self->fd, 5000));
	inject(". 1:1(0) ack 8001");
	ASSERT_LT(5, (int)wire_info(self->fd).tcpi_snd_cwnd);
	wire_sleep(5000);
	ASSERT_EQ(3, burst(self->f, self->fd, 30000));
	inject("R. 1:1(0) ack 8001");
}

/* initrwnd: the first window, in segments, but not more than without it. */
TEST_F(wire, initrwnd)
{
	route("initrwnd 2");
	listening(8);
	inject("S 0:0(0) <mss 1460,nop,wscale 7>");
	expect("S. 0:0(0) ack 1 win %d <...>", 2 * MSS);
	inject("R 1:1(0)");

	self->f = wire_flow(&self->w, 0);
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	/* XTCP rounds it down to a unit of the scaled window field. */
	ASSERT_EQ(1, wire_next(self->f, 100));
	ASSERT_GE(2 * MSS, self->f->last.win);
	ASSERT_LT(2 * MSS - 128, self->f->last.win);
	inject("S. 0:0(0) ack 1 <mss 1460,nop,wscale 7>");
	expect(". 1:1(0) ack 1");
	/* It grows as data arrives. */
	inject(". 1:%d(%d) ack 1", 1 + MSS, MSS);
	ASSERT_EQ(1, wire_next(self->f, 100));
	ASSERT_LT(2 * MSS, self->f->last.win << self->f->stack_ws);
	inject("R %d:%d(0)", 1 + MSS, 1 + MSS);
	close(self->fd);

	route("initrwnd 1000");
	self->f = wire_flow(&self->w, 0);
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	ASSERT_EQ(1, wire_next(self->f, 100));
	ASSERT_GT(65536, self->f->last.win);
	ASSERT_LT(50000, self->f->last.win);
}

/* window: the largest window that is offered. */
TEST_F(wire, window)
{
	for (int i = 0; i < 2; i++) {
		route(i ? "window 8000" : "");
		self->f = wire_flow(&self->w, 0);
		if (!i)
			listening(8);
		self->f->lport = WIRE_PORT;
		inject("S 0:0(0) <mss 1460>");
		ASSERT_EQ(1, wire_next(self->f, 100));
		ASSERT_EQ(i, self->f->last.win <= 8000);
		ASSERT_LT(5000, self->f->last.win);
		inject("R 1:1(0)");

		self->f = wire_flow(&self->w, 0);
		self->fd = wire_socket(&self->w);
		ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
		ASSERT_EQ(1, wire_next(self->f, 100));
		ASSERT_EQ(i, self->f->last.win <= 8000);
		ASSERT_LT(5000, self->f->last.win);
		close(self->fd);
	}
}

/* TCP_WINDOW_CLAMP takes precedence over the route. */
TEST_F(wire, window_of_the_user)
{
	route("window 8000");
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_WINDOW_CLAMP,
				&(int){ 20000 }, sizeof(int)));
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	ASSERT_EQ(1, wire_next(self->f, 100));
	ASSERT_LT(15000, self->f->last.win);
	ASSERT_GE(20000, self->f->last.win);
}

/* A connection of RTT_MS, with one segment in flight and no tail loss probe. */
#define in_flight() do {						\
	wire_sysctl(&self->w, "early_retrans", "0");			\
	active_with_rtt(SACK_OK);					\
	write_segments(1);						\
} while (0)

/*
 * rto_min: the minimum of the variance term of the RTO. After a first sample of 40 ms
 * SRTT is 40 ms and four times RTTVAR 80 ms (RFC 6298 2.2).
 */
TEST_F(wire, rto_min)
{
	route("rto_min 10ms");
	in_flight();
	/* SRTT + 4 * RTTVAR is three times the RTT; then twice as long. */
	expect("+115ms..145ms P. 1:1001(1000) ack 1");
	expect("+230ms..290ms P. 1:1001(1000) ack 1");
	inject("R 1:1(0)");
	close(self->fd);

	route("rto_min 500ms");
	self->f = wire_flow(&self->w, 0);
	in_flight();
	expect("+540ms P. 1:1001(1000) ack 1");
	inject("R 1:1(0)");
}

/* rto_min also limits the delay of ACKs: the peer has it, too. */
TEST_F(wire, rto_min_and_delayed_acks)
{
	route("rto_min 20ms");
	passive("mss 1000");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_QUICKACK, &(int){ 0 },
				sizeof(int)));
	inject("P. 1:101(100) ack 1");
	expect("+4ms..20ms . 1:1(0) ack 101");
}

/* quickack: no delayed ACKs, also on an interactive connection. */
TEST_F(wire, quickack)
{
	for (int i = 0; i < 2; i++) {
		route(i ? "quickack 1" : "");
		self->f = wire_flow(&self->w, 0);
		passive("mss 1000");
		ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_QUICKACK,
					&(int){ 0 }, sizeof(int)));
		inject("P. 1:101(100) ack 1");
		expect(i ? ". 1:1(0) ack 101" :
			   "+20ms..200ms . 1:1(0) ack 101");
		inject("R 101:101(0)");
		close(self->fd);
	}
}

/*
 * The kernel's TCP uses the attributes below from its cache of peers: once a
 * connection to the peer has ended, if these sysctls allow it.
 */
#define first_connection() do {						\
	if (REF) {							\
		wire_sysctl(&self->w, "no_metrics_save", "0");		\
		wire_sysctl(&self->w, "no_ssthresh_metrics_save", "0");	\
	}								\
	passive("mss 1000");						\
	wire_sleep(10);							\
	ASSERT_EQ(1, burst(self->f, self->fd, 1000));			\
	inject("F. 1:1(0) ack 1001");					\
	wire_flush(self->f);						\
	close(self->fd);						\
	expect("F. 1001:1001(0) ack 2");				\
	inject(". 2:2(0) ack 1002");					\
	self->f = wire_flow(&self->w, 0);				\
} while (0)

/* cwnd lock: cwnd never exceeds it. */
TEST_F(wire, cwnd_lock)
{
	route("cwnd lock 5");
	first_connection();
	passive("mss 1000");
	ASSERT_EQ(5, burst(self->f, self->fd, 30000));
	for (int i = 1; i < 5; i++) {
		inject(". 1:1(0) ack %d", 1 + i * 5000);
		ASSERT_EQ(5, burst(self->f, self->fd, 5000));
	}
	inject("R. 1:1(0) ack 25001");
}

/* Without lock it limits nothing. */
TEST_F(wire, cwnd_without_lock)
{
	route("cwnd 5");
	first_connection();
	passive("mss 1000");
	ASSERT_EQ(10, burst(self->f, self->fd, 30000));
	inject("R. 1:1(0) ack 1");
}

/* ssthresh: its initial value, not above a locked cwnd. */
TEST_F(wire, ssthresh)
{
	route("ssthresh 7");
	first_connection();
	passive("mss 1000");
	ASSERT_EQ(7, (int)wire_info(self->fd).tcpi_snd_ssthresh);
	inject("R. 1:1(0) ack 1");
	close(self->fd);

	route("ssthresh 7 cwnd lock 5");
	self->f = wire_flow(&self->w, 0);
	passive("mss 1000");
	ASSERT_EQ(REF ? 7 : 5, (int)wire_info(self->fd).tcpi_snd_ssthresh);
	inject("R. 1:1(0) ack 1");
}

/* rtt: the first RTO is three times as long. */
TEST_F(wire, rtt)
{
	route("rtt lock 300ms");
	first_connection();
	in_flight();
	expect("+900ms P. 1:1001(1000) ack 1");
	inject("R 1:1(0)");
}

/* An rtt shorter than that of the SYN is not used. */
TEST_F(wire, rtt_shorter)
{
	route("rtt lock 20ms");
	first_connection();
	in_flight();
	expect("+240ms P. 1:1001(1000) ack 1");
	inject("R 1:1(0)");
}

/*
 * reordering: the number of duplicate ACKs that is a loss. The kernel's TCP does not
 * count the first one here.
 */
TEST_F(wire, reordering)
{
	int dups = 0;

	route("reordering 6");
	first_connection();
	active_with_rtt("");
	write_segments(9);
	wire_sleep(RTT_MS);
	do {
		inject(". 1:1(0) ack 1");
		dups++;
	} while (dups < 9 && !wire_next(self->f, 3));
	ASSERT_EQ(6 + REF, dups);
	ASSERT_EQ(self->f->iss + 1, self->f->last.seq);
	inject("R. 1:1(0) ack 1");
}

/* advmss, mtu and hoplimit. */
TEST_F(wire, sizes_and_hop_limit)
{
	route("advmss 700 mtu 1300 hoplimit 17");
	passive("mss 1460");
	ASSERT_EQ(1, burst(self->f, self->fd, MSS - 200));
	ASSERT_EQ(17, self->f->last.ttl);
	ASSERT_EQ(1, burst(self->f, self->fd, MSS - 200));
	inject("R. 1:1(0) ack 1");
	close(self->fd);
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <mss 700>");
}

TEST_HARNESS_MAIN
