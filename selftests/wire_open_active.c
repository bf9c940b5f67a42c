// SPDX-License-Identifier: GPL-2.0
/* Active and simultaneous opens: handshakes, their options, and errors. */
#include "lib/wire_test.h"

/* SHLD-5, MAY-3, TS-11, SA-S7: an active open: options of the SYN, final ACK. */
TEST_F(wire, active_all_options)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <mss %d,sackOK,TS val * ecr 0,nop,wscale *>", MSS);
	state(TCP_SYN_SENT);
	inject("S. 0:0(0) ack 1 <mss 1460,sackOK,TS val 700 ecr *,nop,wscale 7>");
	expect(". 1:1(0) ack 1 <nop,nop,TS val * ecr 700>");
	state(TCP_ESTABLISHED);
	ASSERT_EQ(0, wire_error(self->fd));
	ASSERT_EQ(POLLOUT, wire_poll(self->fd, POLLOUT | POLLIN, 0));
}

/* TCP_QUICKACK set before connect() applies to the connection. */
TEST_F(wire, quickack_before_connect)
{
	int off = 0;

	self->fd = wire_socket(&self->w);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_QUICKACK, &off, sizeof(off)));
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	ASSERT_EQ(0, wire_int(self->fd, SOL_TCP, TCP_QUICKACK));
}

/*
 * TS-11: a SYN-ACK with a TSecr that was never sent belongs to another
 * connection: RST.
 */
TEST_F(wire, active_foreign_echo)
{
	uint32_t first;

	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	first = self->f->ts_last;
	inject("S. 0:0(0) ack 1 <mss 1460,TS val 700 ecr %u>", first - 1);
	expect("R 1:1(0)");
	inject("S. 0:0(0) ack 1 <mss 1460,TS val 700 ecr %u>", first + 100);
	expect("R 1:1(0)");
	state(TCP_SYN_SENT);
	/* TSecr of the first SYN is valid after the second SYN was sent. */
	expect("+1s S 0:0(0) <...>");
	ASSERT_NE(first, self->f->ts_last);
	inject("S. 0:0(0) ack 1 <mss 1460,TS val 700 ecr %u>", first);
	expect(". 1:1(0) ack 1 <nop,nop,TS val * ecr 700>");
	state(TCP_ESTABLISHED);
}

/* TS-1, TS-7, SK-2: options that the SYN-ACK does not have are not used. */
TEST_F(wire, active_each_option)
{
	for (int i = 0; i < 8; i++) {
		struct tcp_info ti;
		socklen_t len = sizeof(ti);
		char opts[80];

		self->f = wire_flow(&self->w, 0);
		snprintf(opts, sizeof(opts), "mss 1460%s%s%s", i & 1 ? ",sackOK" : "",
			 i & 2 ? ",TS val 100 ecr *" : "", i & 4 ? ",nop,wscale 3" : "");
		active(opts);
		ASSERT_EQ(0, getsockopt(self->fd, SOL_TCP, TCP_INFO, &ti, &len));
		ASSERT_EQ(!!(i & 1), !!(ti.tcpi_options & TCPI_OPT_SACK));
		ASSERT_EQ(!!(i & 2), !!(ti.tcpi_options & TCPI_OPT_TIMESTAMPS));
		ASSERT_EQ(!!(i & 4), !!(ti.tcpi_options & TCPI_OPT_WSCALE));
		ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
		expect("P. 1:101(100) ack 1");
	}
}

/* TS-3: the window of a SYN-ACK is not scaled, although scaling was agreed. */
TEST_F(wire, window_of_syn_ack_unscaled)
{
	self->f->win = 1000;
	active("mss 500,nop,wscale 7");
	ASSERT_EQ(5000, wire_write(self->f, self->fd, 5000));
	expect("p. 1:501(500) ack 1");
	expect("p. 501:1001(500) ack 1");
	expect_none(50);
	inject(". 1:1(0) ack 1001 win 1000");
	expect("p. 1001:1501(500) ack 1");
}

/* MUST-10, SA-S8: simultaneous open, completed by a pure ACK. */
TEST_F(wire, simultaneous_open)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	inject("S 0:0(0) <mss 1460>");
	/* The kernel's TCP sends the options of its SYN again. */
	expect("S. 0:0(0) ack 1 <%s>", REF ? "..." : "mss *");
	state(TCP_SYN_RECV);
	/* The kernel's TCP scales its window although the peer does not. */
	self->f->unchecked = REF;
	inject(". 1:1(0) ack 1");
	state(TCP_ESTABLISHED);
	ASSERT_EQ(0, wire_error(self->fd));
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack 1");
}

/* MUST-10, U-18: simultaneous open, completed by a SYN-ACK as from a real peer. */
TEST_F(wire, simultaneous_open_syn_ack)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	self->f->unchecked = REF;
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	inject("S. 0:0(0) ack 1 <mss 1460>");
	/* The repeated SYN may be answered with an ACK. */
	if (wire_next(self->f, 20)) {
		ASSERT_EQ(WF_ACK, self->f->last.flags);
	}
	state(TCP_ESTABLISHED);
	expect_none(50);
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack 1");
	inject("P. 1:21(20) ack 11");
	ASSERT_EQ(20, wire_read(self->f, self->fd, 100));
}

/* UC-9: shutdown() in SYN-RECEIVED of an active open: FIN-WAIT-1. */
TEST_F(wire, simultaneous_open_shutdown)
{
	if (REF)
		SKIP(return, "the kernel's TCP ignores shutdown() in SYN-RECEIVED");
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 1:1(0) ack 1");
	state(TCP_FIN_WAIT1);
	inject(". 1:1(0) ack 2");
	state(TCP_FIN_WAIT2);
}

/* SA-S9: data in a SYN-ACK is delivered exactly once. */
TEST_F(wire, syn_ack_with_data)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	inject("S. 0:10(10) ack 1 <mss 1460>");
	ASSERT_EQ(1, wire_next(self->f, 100));
	ASSERT_EQ(WF_ACK, self->f->last.flags);
	state(TCP_ESTABLISHED);
	inject("P. 1:11(10) ack 1");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 100));
}

/* SA-S1: SYN-SENT: an ACK of unsent data: RST; the attempt continues. */
TEST_F(wire, bad_ack_in_syn_sent)
{
	static const int bad[] = { 0, 2, 100000, -100000 };

	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		inject("S. 0:0(0) ack %d <mss 1460>", bad[i]);
		expect("R %d:%d(0)", bad[i], bad[i]);
		state(TCP_SYN_SENT);
	}
	inject(". 1:1(0) ack 2");
	expect("R 2:2(0)");
	inject("S. 0:0(0) ack 1 <mss 1460>");
	expect(". 1:1(0) ack 1");
	state(TCP_ESTABLISHED);
}

/* SA-S2, SA-S5, BL-2: SYN-SENT: a RST that does not acknowledge the SYN is dropped. */
TEST_F(wire, bad_rst_in_syn_sent)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	inject("R 0:0(0)");
	inject("R 1:1(0)");
	inject("R. 0:0(0) ack 0");
	inject("R. 0:0(0) ack 2");
	inject("SR. 0:0(0) ack 2");
	wire_sleep(20);
	/* The kernel's TCP retransmits its SYN soon. */
	while (wire_pending(self->f))
		expect("+0ms..30ms S 0:0(0) <...>");
	state(TCP_SYN_SENT);
	ASSERT_EQ(0, wire_error(self->fd));
}

/* SA-S4, MUST-12: a RST that acknowledges the SYN: ECONNREFUSED. */
TEST_F(wire, rst_in_syn_sent)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	inject("R. 0:0(0) ack 1");
	expect_none(20);
	state(TCP_CLOSE);
	ASSERT_NE(0, wire_poll(self->fd, POLLOUT, 0) & (POLLERR | POLLHUP));
	/* connect() works again after the error was reported. */
	ASSERT_EQ(-ECONNREFUSED, wire_connect(self->f, self->fd));
	self->f = wire_flow(&self->w, 0);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	inject("S. 0:0(0) ack 1 <mss 1460>");
	expect(". 1:1(0) ack 1");
}

/* SA-2e, MUST-11: RST in SYN-RECEIVED of an active open: ECONNREFUSED. */
TEST_F(wire, rst_in_active_syn_received)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	inject("R 1:1(0)");
	expect_none(20);
	state(TCP_CLOSE);
	/* The kernel's TCP reports ECONNRESET, against RFC 9293. */
	ASSERT_EQ(REF ? ECONNRESET : ECONNREFUSED, wire_error(self->fd));
}

/* SA-S11, SA-8a: SYN-SENT: a segment without SYN and RST is dropped. */
TEST_F(wire, syn_sent_ignores)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	inject(". 0:0(0) ack 1");
	inject("F. 0:0(0) ack 1");
	inject("P. 0:10(10) ack 1");
	inject("- 0:10(10)");
	inject("F 0:0(0)");
	expect_none(20);
	state(TCP_SYN_SENT);
}

/*
 * SA-S9: urgent data of a SYN-ACK is processed (RFC 9293 3.10.7.3: continue
 * with the sixth check).
 */
TEST_F(wire, syn_ack_with_urgent_data)
{
	char byte = 0;

	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	inject("S.U 0:10(10) ack 1 urg 4 <mss 1460>");
	ASSERT_EQ(1, wire_next(self->f, 100));
	inject("PU. 1:11(10) ack 1 urg 3");
	ASSERT_EQ(1, recv(self->fd, &byte, 1, MSG_OOB | MSG_DONTWAIT));
	ASSERT_EQ(wire_pattern(2), (uint8_t)byte);
}

/* SA-S9: a FIN in a SYN-ACK, also with data, is processed in order. */
TEST_F(wire, syn_ack_with_fin)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	inject("SF. 0:10(10) ack 1 <mss 1460>");
	ASSERT_EQ(1, wire_next(self->f, 100));
	ASSERT_EQ(WF_ACK, self->f->last.flags);
	wire_flush(self->f);
	/* Accepted, or dropped so that the peer retransmits it. */
	inject("FP. 1:11(10) ack 1");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
	ASSERT_EQ(0, wire_read(self->f, self->fd, 100));
	state(TCP_CLOSE_WAIT);
	while (wire_next(self->f, 100))
		;
	ASSERT_EQ(12, self->f->last.ack - self->f->isn);
}

/* UC-12, SA-C3: close() in SYN-SENT sends nothing. */
TEST_F(wire, close_in_syn_sent)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	close(self->fd);
	expect_none(1500);
	/* SA-C3: a late SYN-ACK gets a RST. */
	inject("S. 0:0(0) ack 1 <mss 1460>");
	expect("R 1:1(0)");
}

/* MUST-22, MUST-23, RT-1, RT-8: SYN retransmissions without an answer. */
TEST_F_TIMEOUT(wire, syn_retransmission, 400)
{
	int64_t t;
	int tries;

	wire_sysctl(&self->w, "syn_linear_timeouts", "0");
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	t = wire_now_us();
	expect("S 0:0(0) <...>");
	tries = REF ? 6 : 7;
	for (int i = 0; i < tries; i++)
		expect("+%ds S 0:0(0) <...>", 1 << i);
	ASSERT_LT(0, wire_poll(self->fd, POLLOUT, 150000));
	ASSERT_EQ(ETIMEDOUT, wire_error(self->fd));
	state(TCP_CLOSE);
	t = (wire_now_us() - t) / 1000000;
	ASSERT_LE(REF ? 126 : 180, t);
	ASSERT_EQ(0, wire_pending(self->f));
}

/*
 * MUST-23: with syn_linear_timeouts the first timeouts do not double, and the retries
 * are more.
 */
TEST_F_TIMEOUT(wire, syn_linear_timeouts, 60)
{
	int two = 2;

	if (wire_sysctl(&self->w, "syn_linear_timeouts", "2"))
		SKIP(return, "since Linux 6.5");
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_SYNCNT, &two, sizeof(two)));
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	expect("+1s S 0:0(0) <...>");
	expect("+1s S 0:0(0) <...>");
	expect("+1s S 0:0(0) <...>");
	expect("+2s S 0:0(0) <...>");
	wire_mark(self->f);
	ASSERT_EQ(0, wire_poll(self->fd, POLLOUT, 3500));
	ASSERT_LT(0, wire_poll(self->fd, POLLOUT, 1000));
	ASSERT_EQ(ETIMEDOUT, wire_error(self->fd));
	ASSERT_EQ(0, wire_pending(self->f));
}

/* SA-S7: a SYN-ACK for a retransmitted SYN connects. */
TEST_F(wire, syn_retransmitted_then_answered)
{
	wire_sysctl(&self->w, "syn_linear_timeouts", "0");
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	expect("+1s S 0:0(0) <...>");
	inject("S. 0:0(0) ack 1 <mss 1460>");
	expect(". 1:1(0) ack 1");
	state(TCP_ESTABLISHED);
	expect_none(3000);
	/* The SYN-ACK is repeated: our ACK was lost. */
	inject("S. 0:0(0) ack 1 <mss 1460>");
	expect(". 1:1(0) ack 1");
}

TEST_HARNESS_MAIN
