// SPDX-License-Identifier: GPL-2.0
/* Data in order and out of order, Nagle, urgent data. */
#include "lib/wire_test.h"

#include <linux/sock_diag.h>
#include <sys/ioctl.h>

#define OPTS	"mss 1460"

/* MUST-61, SA-7a, SHLD-28: full segments; PSH on the last segment of a write. */
TEST_F(wire, push_on_last_segment)
{
	passive("mss 1000");
	ASSERT_EQ(2500, wire_write(self->f, self->fd, 2500));
	expect(". 1:1001(1000) ack 1");
	expect(". 1001:2001(1000) ack 1");
	expect("P. 2001:2501(500) ack 1");
	inject(". 1:1(0) ack 2501");
	expect_none(500);
}

/* MUST-61: a retransmission keeps PSH, although more data was queued since. */
TEST_F(wire, push_again)
{
	passive("mss 1400");
	ASSERT_EQ(1, wire_write(self->f, self->fd, 1));
	expect("P. 1:2(1) ack 1");
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("+200ms P. 1:2(1) ack 1");
	inject(". 1:1(0) ack 2");
	expect("P. 2:1002(1000) ack 1");
}

/* Queue @n bytes as a record of its own. */
static int write_record(struct wire_flow *f, int fd, int n)
{
	uint8_t buf[1000];

	for (int i = 0; i < n; i++)
		buf[i] = wire_pattern(f->out_off++);
	return send(fd, buf, n, MSG_EOR);
}

/* MUST-61: PSH at the end of each write, also if more data was queued since. */
TEST_F(wire, push_each_write)
{
	self->f->win = 2000;
	passive("mss 1000");
	ASSERT_EQ(2000, wire_write(self->f, self->fd, 2000));
	expect("p. 1:1001(1000) ack 1");
	expect("P. 1001:2001(1000) ack 1");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_NODELAY, &(int){ 1 },
				sizeof(int)));
	ASSERT_EQ(500, write_record(self->f, self->fd, 500));
	ASSERT_EQ(400, write_record(self->f, self->fd, 400));
	/* This one is joined with the next: one segment, one PSH. */
	ASSERT_EQ(300, wire_write(self->f, self->fd, 300));
	ASSERT_EQ(400, wire_write(self->f, self->fd, 400));
	self->f->win = 65535;
	inject(". 1:1(0) ack 2001");
	expect("P. 2001:2501(500) ack 1");
	expect("P. 2501:2901(400) ack 1");
	expect("P. 2901:3601(700) ack 1");
	inject(". 1:1(0) ack 3601");
}

/*
 * PSH at the end of each large segment that a device or GSO cuts: the peer passes
 * merged segments on without waiting for more. In slow start two segments are sent
 * at a time on a path with an RTT of 40 ms.
 */
TEST_F(wire, push_each_large_segment)
{
	active_with_rtt(SACK_OK);
	ASSERT_EQ(7000, wire_write(self->f, self->fd, 7000));
	for (int i = 0; i < 7; i++)
		expect("%s %d:%d(1000) ack 1", i % 2 || i == 6 ? "P." : ".",
		       1 + i * 1000, 1001 + i * 1000);
	inject(". 1:1(0) ack 7001");
}

/*
 * PSH once more than half of the largest window was queued since the last one, at the
 * end of a piece of data as it is copied.
 */
TEST_F(wire, push_each_half_window)
{
	int without = 0;

	self->f->win = 8000;
	passive("mss 1000");
	big_send_buffer();
	ASSERT_EQ(20000, wire_write(self->f, self->fd, 20000));
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(1, wire_next(self->f, 20));
		without = self->f->last.flags & WF_PSH ? 0 : without + 1;
		ASSERT_GE(8, without);
		inject(". 1:1(0) ack %d", 1001 + i * 1000);
	}
}

/* CC-1, CC-2, CC-4: the initial window is ten segments (RFC 6928). */
TEST_F(wire, initial_window)
{
	static const int mss[] = { 536, 1000, 1460 };

	listening(8);
	for (unsigned int i = 0; i < ARRAY_SIZE(mss); i++) {
		int seg = mss[i] < MSS ? mss[i] : MSS;
		char opts[32];

		self->f = wire_flow(&self->w, WIRE_PORT);
		snprintf(opts, sizeof(opts), "mss %d", mss[i]);
		passive(opts);
		ASSERT_EQ(30000, wire_write(self->f, self->fd, 30000));
		for (int n = 0; n < 10; n++)
			expect("p. %d:%d(%d) ack 1", 1 + n * seg, 1 + n * seg + seg, seg);
		expect_none(50);
		/* CC-4: an ACK of one segment releases two more. */
		inject(". 1:1(0) ack %d", 1 + seg);
		expect("p. *(%d) ack 1", seg);
		expect("p. *(%d) ack 1", seg);
		expect_none(20);
	}
}

/* CC-14: after idle time of one RTO, at most the initial window is sent. */
TEST_F(wire, restart_after_idle)
{
	passive("mss 1000");
	ASSERT_EQ(10000, wire_write(self->f, self->fd, 10000));
	for (int n = 0; n < 10; n++)
		expect("p. %d:%d(1000) ack 1", 1 + n * 1000, 1001 + n * 1000);
	for (int n = 1; n <= 10; n++)
		inject(". 1:1(0) ack %d", 1 + n * 1000);
	wire_sleep(3000);
	ASSERT_EQ(30000, wire_write(self->f, self->fd, 30000));
	for (int n = 10; n < 20; n++)
		expect("p. %d:%d(1000) ack 1", 1 + n * 1000, 1001 + n * 1000);
	expect_none(50);
}

/* SHLD-27: data written in small pieces while blocked is sent in full segments. */
TEST_F(wire, pieces_collapse)
{
	int one = 1;

	self->f->win = 2000;
	passive("mss 1000");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_NODELAY, &one, sizeof(one)));
	ASSERT_EQ(2000, wire_write(self->f, self->fd, 2000));
	expect("p. 1:1001(1000) ack 1");
	expect("P. 1001:2001(1000) ack 1");
	for (int i = 0; i < 40; i++)
		ASSERT_EQ(50, wire_write(self->f, self->fd, 50));
	expect_none(50);
	inject(". 1:1(0) ack 2001 win 5000");
	expect("p. 2001:3001(1000) ack 1");
	expect("P. 3001:4001(1000) ack 1");
}

/* SHLD-7, MUST-17, U-19: Nagle on: one small segment in flight; off: any number. */
TEST_F(wire, nagle)
{
	int one = 1;

	passive("mss 1000");
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack 1");
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect_none(100);
	inject(". 1:1(0) ack 11");
	expect("P. 11:31(20) ack 1");
	/* A full segment is sent at once, the rest waits for an ACK. */
	ASSERT_EQ(1500, wire_write(self->f, self->fd, 1500));
	expect("p. 31:1031(1000) ack 1");
	expect_none(100);
	inject(". 1:1(0) ack 31");
	inject(". 1:1(0) ack 1031");
	expect("P. 1031:1531(500) ack 1");
	inject(". 1:1(0) ack 1531");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_NODELAY, &one, sizeof(one)));
	ASSERT_EQ(1, wire_write(self->f, self->fd, 1));
	expect("P. 1531:1532(1) ack 1");
	ASSERT_EQ(1, wire_write(self->f, self->fd, 1));
	expect("P. 1532:1533(1) ack 1");
}

/* SHLD-7: Nagle is off while urgent data is not acknowledged. */
TEST_F(wire, nagle_not_after_urgent)
{
	self->f->nopattern = true;
	passive("mss 1000");
	ASSERT_EQ(1, send(self->fd, "0", 1, MSG_OOB));
	expect("PU. 1:2(1) ack 1 urg 1");
	for (int i = 2; i < 5; i++) {
		ASSERT_EQ(1, wire_write(self->f, self->fd, 1));
		expect("P. %d:%d(1) ack 1", i, i + 1);
	}
	/* The urgent data is acknowledged: Nagle is on again. */
	inject(". 1:1(0) ack 2");
	ASSERT_EQ(1, wire_write(self->f, self->fd, 1));
	expect_none(100);
	inject(". 1:1(0) ack 5");
	expect("P. 5:6(1) ack 1");
}

/* MUST-60, MAY-16: TCP_CORK holds data for at most 200 ms. */
TEST_F(wire, cork)
{
	int one = 1, zero = 0;

	passive("mss 1000");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_CORK, &one, sizeof(one)));
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect("+200ms P. 1:101(100) ack 1");
	inject(". 1:1(0) ack 101");
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect_none(50);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_CORK, &zero, sizeof(zero)));
	expect("P. 101:201(100) ack 1");
}

/* MUST-17: setting TCP_NODELAY pushes queued data (tcp(7)); TCP_CORK stays set. */
TEST_F(wire, nodelay_in_spite_of_cork)
{
	int one = 1;

	passive("mss 1000");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_CORK, &one, sizeof(one)));
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect_none(50);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_NODELAY, &one, sizeof(one)));
	expect("P. 1:101(100) ack 1");
	inject(". 1:1(0) ack 101");
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect_none(50);
}

/* MUST-60: the 200 ms are not extended by segments that arrive meanwhile. */
TEST_F(wire, cork_while_data_arrives)
{
	int one = 1;

	passive("mss 1000");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_CORK, &one, sizeof(one)));
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	for (int end = 11; end < 40; end += 10) {
		wire_sleep(60);
		inject("P. %d:%d(10) ack 1", end - 10, end);
		expect(". 1:1(0) ack %d", end);
	}
	expect("+10ms..40ms P. 1:101(100) ack 31");
}

/* TCP_CORK set before connect(), or inherited from the listener. */
TEST_F(wire, cork_before_connecting)
{
	int one = 1;

	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_CORK, &one, sizeof(one)));
	ASSERT_EQ(self->fd, wire_active(self->f, self->fd, OPTS));
	ASSERT_EQ(1, wire_int(self->fd, SOL_TCP, TCP_CORK));
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect("+200ms P. 1:101(100) ack 1");

	self->f = wire_flow(&self->w, WIRE_PORT);
	listening(8);
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_TCP, TCP_CORK, &one, sizeof(one)));
	passive(OPTS);
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect("+200ms P. 1:101(100) ack 1");
}

/*
 * SHLD-31, MAY-13, CC-16, MUST-59: out of order: duplicate ACKs, then a cumulative ACK.
 */
TEST_F(wire, out_of_order)
{
	passive(OPTS);
	inject(". 101:201(100) ack 1");
	expect(". 1:1(0) ack 1");
	inject("P. 201:301(100) ack 1");
	expect(". 1:1(0) ack 1");
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 10));
	inject(". 1:101(100) ack 1");
	expect(". 1:1(0) ack 301");
	ASSERT_EQ(300, wire_read_sum(self->f, self->fd, 1000));
}

/* SA-1g, SA-7a: five overlapping segments in any order give the same stream. */
TEST_F(wire, all_orders)
{
	int order[5] = { 0, 1, 2, 3, 4 }, base = 1, rounds = 0;

	passive("mss 1460,nop,nop,sackOK,nop,wscale 7");
	for (;;) {
		int i, j, t;

		for (i = 0; i < 5; i++) {
			int from = base + order[i] * 100, to = from + 100;

			/* Some segments overlap their neighbours. */
			if (order[i] > 0 && (rounds + order[i]) % 3 == 0)
				from -= 50;
			if (order[i] < 4 && (rounds + order[i]) % 4 == 0)
				to += 150;
			if (to > base + 500)
				to = base + 500;
			inject(". %d:%d(%d) ack 1", from, to, to - from);
		}
		ASSERT_EQ(500, wire_read_sum(self->f, self->fd, 1000));
		base += 500;
		rounds++;
		/* The next permutation. */
		for (i = 3; i >= 0 && order[i] > order[i + 1]; i--)
			;
		if (i < 0)
			break;
		for (j = 4; order[j] < order[i]; j--)
			;
		t = order[i], order[i] = order[j], order[j] = t;
		for (j = 4, i++; i < j; i++, j--)
			t = order[i], order[i] = order[j], order[j] = t;
	}
	ASSERT_EQ(120, rounds);
	while (wire_next(self->f, 300))
		;
	ASSERT_EQ(base, self->f->last.ack - self->f->isn);
}

/* SA-1d, SA-1f: data left of the window is trimmed. */
TEST_F(wire, straddle_left)
{
	passive(OPTS);
	inject("P. 1:101(100) ack 1");
	ASSERT_EQ(100, wire_read(self->f, self->fd, 1000));
	inject("P. 51:201(150) ack 1");
	ASSERT_EQ(100, wire_read(self->f, self->fd, 1000));
	/*
	 * Data overlaps the left edge, with a FIN: the new part and the FIN are
	 * accepted.
	 */
	inject("FP. 151:251(100) ack 1");
	ASSERT_EQ(50, wire_read(self->f, self->fd, 1000));
	ASSERT_EQ(0, wire_read(self->f, self->fd, 1000));
	state(TCP_CLOSE_WAIT);
}

/* U-6: sequence numbers wrap within the data. */
TEST_F(wire, sequence_wrap)
{
	self->f->isn = 0xffffff00;
	passive(OPTS);
	inject(". 201:401(200) ack 1");
	expect(". 1:1(0) ack 1");
	inject(". 401:501(100) ack 1");
	expect(". 1:1(0) ack 1");
	inject(". 1:201(200) ack 1");
	expect(". 1:1(0) ack 501");
	ASSERT_EQ(500, wire_read_sum(self->f, self->fd, 1000));
}

/* SA-5e: an ACK for a part of a segment. */
TEST_F(wire, ack_mid_segment)
{
	passive("mss 1000");
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("P. 1:1001(1000) ack 1");
	inject(". 1:1(0) ack 501");
	expect("+200ms P. 501:1001(500) ack 1");
	inject(". 1:1(0) ack 1001");
	expect_none(500);
	ASSERT_EQ(0, wire_error(self->fd));
}

/* MUST-5, TS-2: options on any segment are accepted. */
TEST_F(wire, options_on_data)
{
	passive(OPTS);
	inject("P. 1:11(10) ack 1 <mss 500>");
	inject("P. 11:21(10) ack 1 <nop,nop,nop,nop>");
	inject("P. 21:31(10) ack 1 <hex fd0601020304>");
	inject("P. 31:41(10) ack 1 <wscale 3,nop,sackOK>");
	inject(". 41:41(0) ack 1 <hex fd04aabb,mss 600>");
	ASSERT_EQ(40, wire_read_sum(self->f, self->fd, 100));
	while (wire_next(self->f, 500))
		;
	/* TS-2: the options have no effect. */
	ASSERT_EQ(2000, wire_write(self->f, self->fd, 2000));
	expect("p. 1:%d(%d) ack 41", 1 + MSS, MSS);
	inject("F. 41:41(0) ack 1 <hex fd04aabb,mss 600>");
	ASSERT_EQ(0, wire_read(self->f, self->fd, 100));
	state(TCP_CLOSE_WAIT);
}

/* U-17: DSCP may change in mid-stream. */
TEST_F(wire, dscp_changes)
{
	passive(OPTS);
	inject("P. 1:11(10) ack 1 tos 0x28");
	inject("P. 11:21(10) ack 1 tos 0xb8");
	ASSERT_EQ(20, wire_read_sum(self->f, self->fd, 100));
	state(TCP_ESTABLISHED);
}

/* MUST-30, MUST-62: sending urgent data: the pointer is one beyond the urgent octet. */
TEST_F(wire, urgent_sent)
{
	passive(OPTS);
	ASSERT_EQ(10, send(self->fd, "0123456789", 10, MSG_OOB));
	expect("PU. 1:11(10) ack 1 urg 10");
	inject(". 1:1(0) ack 11");
	expect_none(300);
}

/*
 * MUST-30, MUST-62: the pointers of all segments of a long write refer to the
 * same octet.
 */
TEST_F(wire, urgent_sent_long)
{
	char buf[2500] = { 0 };

	self->f->nopattern = true;
	passive("mss 1000");
	ASSERT_EQ(2500, send(self->fd, buf, sizeof(buf), MSG_OOB));
	expect("pU. 1:1001(1000) ack 1 urg 2500");
	expect("pU. 1001:2001(1000) ack 1 urg 1500");
	expect("PU. 2001:2501(500) ack 1 urg 500");
	/* Retransmissions have the same pointer. */
	expect("+200ms..250ms pU. 1:1001(1000) ack 1 urg 2500");
	inject(". 1:1(0) ack 1001");
	expect("pU. 1001:2001(1000) ack 1 urg 1500");
}

/*
 * MUST-31, MUST-62: the pointer is correct from the first segment on, even if
 * the send buffer does not hold the whole write.
 */
TEST_F(wire, urgent_sent_huge)
{
	static char buf[60000];
	int v = sizeof(buf);

	self->f->nopattern = true;
	passive("mss 1000");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_SNDBUF, &v, sizeof(v)));
	ASSERT_EQ(60000, send(self->fd, buf, sizeof(buf), MSG_OOB));
	for (int i = 0; i < 10; i++)
		expect("pU. %d:%d(1000) ack 1 urg %d", 1 + i * 1000, 1001 + i * 1000,
		       60000 - i * 1000);
}

/*
 * MUST-31: an urgent octet more than 65535 ahead: the pointer is 65535 until
 * the octet is closer.
 */
TEST_F(wire, urgent_sent_far)
{
	static char buf[70000];
	int v = sizeof(buf);

	self->f->nopattern = true;
	passive("mss 1000");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_SNDBUF, &v, sizeof(v)));
	ASSERT_EQ(70000, send(self->fd, buf, sizeof(buf), MSG_OOB));
	for (int i = 0; i < 7; i++)
		expect("pU. %d:%d(1000) ack 1 urg %d", 1 + i * 1000, 1001 + i * 1000,
		       i < 5 ? 65535 : 70000 - i * 1000);
}

/* U-4: the urgent pointer without URG is ignored. */
TEST_F(wire, urgent_pointer_alone)
{
	passive(OPTS);
	inject("P. 1:11(10) ack 1 urg 5");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
	ASSERT_EQ(0, POLLPRI & wire_poll(self->fd, POLLPRI, 0));
}

/*
 * MUST-32, MUST-33, MUST-62, SA-6a: urgent data causes SIGURG, POLLPRI, and
 * sets the mark (SIOCATMARK).
 */
TEST_F(wire, urgent_received)
{
	char c = 0;
	int mark;

	passive(OPTS);
	ASSERT_EQ(0, wire_await_urgent(self->fd));
	inject("PU. 1:11(10) ack 1 urg 10");
	ASSERT_EQ(1, wire_urgent);
	ASSERT_EQ(POLLPRI, POLLPRI & wire_poll(self->fd, POLLPRI, 0));
	ASSERT_EQ(1, recv(self->fd, &c, 1, MSG_OOB));
	ASSERT_EQ(wire_pattern(9), (uint8_t)c);
	ASSERT_EQ(9, wire_read(self->f, self->fd, 100));
	ASSERT_EQ(0, ioctl(self->fd, SIOCATMARK, &mark));
	ASSERT_EQ(1, mark);
	self->f->in_off++;
	inject("P. 11:21(10) ack 1");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
	/* SA-6a: a new pointer causes a new signal. */
	inject("PU. 21:31(10) ack 1 urg 1");
	ASSERT_EQ(2, wire_urgent);
	/* An older pointer has no effect. */
	inject("U. 31:31(0) ack 1 urg 0");
	inject("PU. 1:11(10) ack 1 urg 10");
	ASSERT_EQ(2, wire_urgent);
}

/*
 * UR-1: the urgent octet alone does not make the socket readable, even with a full
 * buffer.
 */
TEST_F(wire, urgent_is_not_readable)
{
	int v = 1;

	if (REF)
		SKIP(return, "the kernel's TCP counts it when the buffer is full");
	passive(OPTS);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v)));
	inject("PU. 1:1001(1000) ack 1 urg 1000");
	ASSERT_EQ(POLLIN | POLLPRI, wire_poll(self->fd, POLLIN | POLLPRI, 0));
	ASSERT_EQ(999, wire_read(self->f, self->fd, 2000));
	ASSERT_EQ(POLLPRI, wire_poll(self->fd, POLLIN | POLLPRI, 0));
}

/* SA-6a, UR-2: with invalid urgent pointers the connection stays usable. */
TEST_F(wire, urgent_pointer_out_of_range)
{
	passive(OPTS);
	self->f->nopattern = true;
	inject("PU. 1:11(10) ack 1 urg 0");
	inject("PU. 11:21(10) ack 1 urg 65535");
	inject("U. 21:21(0) ack 1 urg 1");
	inject("PU. 21:31(10) ack 1 urg 11");
	while (wire_next(self->f, 300))
		;
	state(TCP_ESTABLISHED);
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack 31");
}

/* XT-10: many tiny out-of-order segments use bounded memory. */
TEST_F(wire, tiny_pieces)
{
	uint32_t m[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(m);
	int sum;

	passive("mss 1460,nop,nop,sackOK");
	for (int i = 3000; i > 1; i -= 2)
		inject(". %d:%d(1) ack 1", i, i + 1);
	wire_flush(self->f);
	ASSERT_EQ(0, getsockopt(self->fd, SOL_SOCKET, SO_MEMINFO, m, &len));
	ASSERT_GE(2 * m[SK_MEMINFO_RCVBUF], m[SK_MEMINFO_RMEM_ALLOC]);
	inject(". 1:1001(1000) ack 1");
	inject(". 1001:2001(1000) ack 1");
	inject(". 2001:3001(1000) ack 1");
	sum = wire_read_sum(self->f, self->fd, 10000);
	ASSERT_LE(3000, sum);
	while (wire_next(self->f, 300))
		;
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	ASSERT_EQ(1, wire_next(self->f, 10));
}

TEST_HARNESS_MAIN
