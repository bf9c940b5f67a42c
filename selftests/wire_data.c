// SPDX-License-Identifier: GPL-2.0
/*
 * Data in order and out of order, flow control and its silly windows, Nagle,
 * delayed ACKs, urgent data.
 */
#include "lib/wire_test.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>

#define OPTS	"mss 1460"

/* The receiver's window is open this far: a relative number. */
#define edge()	(self->f->in_edge - self->f->isn)

/* MUST-61, SA-7a, SHLD-28: full segments, and PSH on the last of what was queued. */
TEST_F(wire, push_on_the_last)
{
	passive("mss 1000");
	ASSERT_EQ(2500, wire_write(self->f, self->fd, 2500));
	expect(". 1:1001(1000) ack 1");
	expect(". 1001:2001(1000) ack 1");
	expect("P. 2001:2501(500) ack 1");
	inject(". 1:1(0) ack 2501");
	expect_none(500);
}

/* MUST-61: what was pushed is pushed when it goes again, whatever was queued since. */
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
		/* CC-4: an ACK of one segment lets two more out. */
		inject(". 1:1(0) ack %d", 1 + seg);
		expect("p. *(%d) ack 1", seg);
		expect("p. *(%d) ack 1", seg);
		expect_none(20);
	}
}

/* CC-14: after an idle RTO no more than the initial window leaves. */
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

/* A FIN has a number, and the window must have room for it. */
TEST_F(wire, fin_beyond_window)
{
	int one = 1;

	if (REF)
		SKIP(return, "the kernel's TCP holds the data back too");
	self->f->win = 100;
	passive("mss 1000");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_CORK, &one, sizeof(one)));
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect_none(20);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("p. 1:101(100) ack 1");
	expect_none(20);
	inject(". 1:1(0) ack 101");
	expect("F. 101:101(0) ack 1");
}

/* MUST-1: a window of 65535 is used beyond 32767. */
TEST_F(wire, window_unsigned)
{
	uint32_t sent = 0, acked = 0, most = 0;
	int bytes = 0, n;

	passive(OPTS);
	while (acked < 400000) {
		n = wire_write(self->f, self->fd, 65536);
		bytes += n > 0 ? n : 0;
		while (wire_pending(self->f)) {
			wire_next(self->f, 0);
			sent = self->f->last.seq - self->f->iss - 1 + self->f->last.paylen;
		}
		ASSERT_LT(acked, sent);
		if (sent - acked > most)
			most = sent - acked;
		acked = sent;
		inject(". 1:1(0) ack %u win 65535", 1 + acked);
	}
	ASSERT_LT(32767, most);
	ASSERT_GE(65535, most);
}

/* SHLD-29, SHLD-30, MUST-36, ZW-3: zero-window probes back off from one RTO. */
TEST_F_TIMEOUT(wire, zero_window_probes, 100)
{
	self->f->win = 1000;
	passive("mss 500");
	ASSERT_EQ(3000, wire_write(self->f, self->fd, 3000));
	expect("p. 1:501(500) ack 1");
	expect("p. 501:1001(500) ack 1");
	inject(". 1:1(0) ack 1001 win 0");
	for (int i = 0; i < 6; i++) {
		expect("+%dms p. *(*) ack 1", 200 << i);
		/* The time runs from probe to probe. */
		inject(". 1:1(0) ack 1001 win 0");
	}
	/* ZW-3: the window opens. */
	inject(". 1:1(0) ack 1001 win 65535");
	expect("p. 1001:1501(500) ack 1");
	expect("p. 1501:2001(500) ack 1");
	inject(". 1:1(0) ack 2001 win 0");
	/* SHLD-30: and the back-off begins anew (any data may still come). */
	while (wire_pending(self->f))
		wire_next(self->f, 0);
}

/* ZW-3: the update was lost, the answer to a probe tells. */
TEST_F(wire, window_update_lost)
{
	self->f->win = 1000;
	passive("mss 500");
	ASSERT_EQ(2000, wire_write(self->f, self->fd, 2000));
	expect("p. 1:501(500) ack 1");
	expect("p. 501:1001(500) ack 1");
	inject(". 1:1(0) ack 1001 win 0");
	expect("+200ms p. *(*) ack 1");
	inject(". 1:1(0) ack 1001 win 1000");
	expect("p. 1001:1501(500) ack 1");
	expect("p. 1501:2001(500) ack 1");
}

/* MUST-37: a window of 0 for an hour does not end the connection. */
TEST_F_TIMEOUT(wire, zero_window_for_ever, 4000)
{
	int64_t t0 = wire_now_us();
	int probes = 0;

	self->f->win = 1000;
	passive("mss 500");
	ASSERT_EQ(1500, wire_write(self->f, self->fd, 1500));
	expect("p. 1:501(500) ack 1");
	expect("p. 501:1001(500) ack 1");
	inject(". 1:1(0) ack 1001 win 0");
	while (wire_now_us() - t0 < 3600 * 1000000LL) {
		/* The gaps have a ceiling of two minutes. */
		ASSERT_EQ(1, wire_next(self->f, 140000));
		inject(". 1:1(0) ack 1001 win 0");
		probes++;
	}
	ASSERT_LE(30, probes);
	ASSERT_GE(60, probes);
	state(TCP_ESTABLISHED);
	inject(". 1:1(0) ack 1001 win 65535");
	expect("p. 1001:1501(500) ack 1");
}

/* MUST-38: an opening of a few bytes is not used for tinygrams. */
TEST_F(wire, sender_silly_window)
{
	self->f->win = 2000;
	passive("mss 1000");
	ASSERT_EQ(5000, wire_write(self->f, self->fd, 5000));
	while (wire_next(self->f, 0))
		;
	inject(". 1:1(0) ack 2001 win 0");
	for (int i = 1; i <= 5; i++) {
		inject(". 1:1(0) ack 2001 win %d", 10 * i);
		expect_none(20);
	}
	inject(". 1:1(0) ack 2001 win 2000");
	ASSERT_EQ(1, wire_next(self->f, 10));
	/* min(MSS, half the greatest window) */
	ASSERT_EQ(1000, self->f->last.paylen);
}

/* MUST-34, MUST-35, SHLD-15: the peer takes back what it offered. */
TEST_F(wire, window_shrunk)
{
	self->f->win = 20000;
	passive("mss 1000");
	ASSERT_EQ(20000, wire_write(self->f, self->fd, 20000));
	for (int i = 0; i < 10; i++)
		expect("p. %d:%d(1000) ack 1", 1 + i * 1000, 1001 + i * 1000);
	inject(". 1:1(0) ack 1001 win 1000");
	inject(". 1:1(0) ack 2001 win 1000");
	/* SHLD-15: no new data. */
	expect_none(50);
	inject(". 1:1(0) ack 10001 win 0");
	/* MUST-35: probes; MUST-34: and it goes on when there is room. */
	expect("+200ms..800ms p. *(*) ack 1");
	inject(". 1:1(0) ack 10001 win 20000");
	expect("p. 10001:11001(1000) ack 1");
}

/* SHLD-16: of what was sent before, that which still fits is sent again. */
TEST_F(wire, window_shrunk_retransmits)
{
	self->f->win = 20000;
	passive("mss 1000");
	ASSERT_EQ(10000, wire_write(self->f, self->fd, 10000));
	for (int i = 0; i < 10; i++)
		expect("p. %d:%d(1000) ack 1", 1 + i * 1000, 1001 + i * 1000);
	inject(". 1:1(0) ack 1001 win 2000");
	expect("+200ms..400ms p. 1001:2001(1000) ack 1");
	inject(". 1:1(0) ack 2001 win 2000");
	/* In time all of it. */
	for (int acked = 2001; acked < 10001;) {
		ASSERT_EQ(1, wire_next(self->f, 5000));
		if (self->f->last.seq - self->f->iss != (uint32_t)acked)
			continue;
		ASSERT_LT(0, self->f->last.paylen);
		acked += self->f->last.paylen;
		inject(". 1:1(0) ack %d win 2000", acked);
	}
	expect_none(2000);
}

/* SHLD-17: what lies beyond the edge is not given up, while the peer answers. */
TEST_F_TIMEOUT(wire, window_shrunk_for_long, 4000)
{
	int64_t t0 = wire_now_us();

	self->f->win = 20000;
	passive("mss 1000");
	ASSERT_EQ(10000, wire_write(self->f, self->fd, 10000));
	for (int i = 0; i < 10; i++)
		expect("p. %d:%d(1000) ack 1", 1 + i * 1000, 1001 + i * 1000);
	inject(". 1:1(0) ack 2001 win 0");
	/* R2 would be 15 minutes. */
	while (wire_now_us() - t0 < 3000 * 1000000LL) {
		ASSERT_EQ(1, wire_next(self->f, 140000));
		inject(". 1:1(0) ack 2001 win 0");
	}
	state(TCP_ESTABLISHED);
	ASSERT_EQ(0, wire_error(self->fd));
	/* It is out already: the timer's turn, not the window's. */
	inject(". 1:1(0) ack 2001 win 20000");
	expect("+0ms..121s p. 2001:3001(1000) ack 1");
	inject(". 1:1(0) ack 10001");
	expect_none(2000);
}

/* SHLD-27: what was pushed in small pieces leaves in large ones. */
TEST_F(wire, pieces_collapse)
{
	int one = 1;

	self->f->win = 1000;
	passive("mss 1000");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_NODELAY, &one, sizeof(one)));
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("P. 1:1001(1000) ack 1");
	for (int i = 0; i < 40; i++)
		ASSERT_EQ(50, wire_write(self->f, self->fd, 50));
	expect_none(50);
	inject(". 1:1(0) ack 1001 win 5000");
	expect("p. 1001:2001(1000) ack 1");
	expect("P. 2001:3001(1000) ack 1");
}

/* SHLD-7, MUST-17, U-19: one small segment at a time, or not. */
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
	/* A full segment need not wait, the rest must. */
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

/* SHLD-7: nothing is held back while urgent data waits for its ACK. */
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
	/* It has its ACK: Nagle again. */
	inject(". 1:1(0) ack 2");
	ASSERT_EQ(1, wire_write(self->f, self->fd, 1));
	expect_none(100);
	inject(". 1:1(0) ack 5");
	expect("P. 5:6(1) ack 1");
}

/* MUST-60, MAY-16: a cork holds for 200 ms, not for ever. */
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

/* MUST-17: TCP_NODELAY sends what is queued (tcp(7)), and leaves the cork in. */
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

/* The cork is in before there is a connection, its own or the listener's. */
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

/* MUST-40, SHLD-18: a lone segment is ACKed late, but before 0.5 s. */
TEST_F(wire, delayed_ack)
{
	int zero = 0;

	passive(OPTS);
	inject("P. 1:11(10) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 11");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_QUICKACK, &zero, sizeof(zero)));
	ASSERT_EQ(10, wire_read(self->f, self->fd, 10));
	inject("P. 11:21(10) ack 1");
	expect("+20ms..500ms . 1:1(0) ack 21");
	/* A full-sized one too. */
	inject("P. 21:1481(1460) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 1481");
}

/* SA-7b: the ACK rides on the answer. */
TEST_F(wire, ack_rides)
{
	int zero = 0;

	passive(OPTS);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_QUICKACK, &zero, sizeof(zero)));
	inject("P. 1:11(10) ack 1");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 10));
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack 11");
	inject(". 11:11(0) ack 11");
	expect_none(600);
}

/* SHLD-19, MUST-58: at least every second full-sized segment is ACKed at once. */
TEST_F(wire, ack_every_second)
{
	int zero = 0, acks = 0;
	uint32_t acked = 1;

	passive(OPTS);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_QUICKACK, &zero, sizeof(zero)));
	for (int i = 0; i < 40; i++) {
		inject(". %d:%d(1000) ack 1", 1 + i * 1000, 1001 + i * 1000);
		ASSERT_EQ(1000, wire_read(self->f, self->fd, 1000));
		while (wire_pending(self->f)) {
			wire_next(self->f, 0);
			ASSERT_EQ(0, self->f->last.paylen);
			acked = self->f->last.ack - self->f->isn;
			acks++;
		}
		ASSERT_GE(2000, 1001 + i * 1000 - (int)acked);
	}
	ASSERT_LE(20, acks);
	/* MUST-58: and not each of them. */
	ASSERT_GT(40, acks);
}

/*
 * MUST-40, MUST-58: with half the window unread an ACK waits for the reader, who
 * makes it a better one, and no longer than any.
 */
TEST_F(wire, ack_waits_for_the_reader)
{
	int small = 16384, zero = 0, end = 1, window, seg = 1000;

	listening(8);
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_SOCKET, SO_RCVBUF, &small,
				sizeof(small)));
	passive(OPTS);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_QUICKACK, &zero, sizeof(zero)));
	do {
		inject(". %d:%d(%d) ack 1", end, end + seg, seg);
		inject(". %d:%d(%d) ack 1", end + seg, end + 2 * seg, seg);
		end += 2 * seg;
		expect(". 1:1(0) ack %d", end);
		window = end - 1 + self->f->last.win;
	} while (end - 1 + 2 * seg <= window / 2);

	for (int reads = 1; reads >= 0; reads--) {
		inject(". %d:%d(%d) ack 1", end, end + seg, seg);
		inject(". %d:%d(%d) ack 1", end + seg, end + 2 * seg, seg);
		end += 2 * seg;
		expect_none(20);
		if (reads)
			ASSERT_EQ(10, wire_read(self->f, self->fd, 10));
		expect(reads ? ". 1:1(0) ack %d" : "+20ms..500ms . 1:1(0) ack %d", end);
	}
}

/* SHLD-31, MAY-13, CC-16, MUST-59: out of order: dup ACKs, then one jump. */
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

/* SA-1g, SA-7a: all orders of five overlapping segments give one stream. */
TEST_F(wire, all_orders)
{
	int order[5] = { 0, 1, 2, 3, 4 }, base = 1, rounds = 0;

	passive("mss 1460,nop,nop,sackOK,nop,wscale 7");
	for (;;) {
		int i, j, t;

		for (i = 0; i < 5; i++) {
			int from = base + order[i] * 100, to = from + 100;

			/* Some reach into their neighbours. */
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

/* SA-1d, SA-1f: what lies left of the window is cut off. */
TEST_F(wire, straddle_left)
{
	passive(OPTS);
	inject("P. 1:101(100) ack 1");
	ASSERT_EQ(100, wire_read(self->f, self->fd, 1000));
	inject("P. 51:201(150) ack 1");
	ASSERT_EQ(100, wire_read(self->f, self->fd, 1000));
	/* Old SYN bit and all: figure it out by the number. */
	inject("FP. 151:251(100) ack 1");
	ASSERT_EQ(50, wire_read(self->f, self->fd, 1000));
	ASSERT_EQ(0, wire_read(self->f, self->fd, 1000));
	state(TCP_CLOSE_WAIT);
}

/* SA-1f, SA-8b: what lies right of it too, and the FIN there. */
TEST_F(wire, straddle_right)
{
	int bytes, start, end;

	if (REF)
		SKIP(return, "the kernel's TCP takes a whole segment that begins inside");
	passive("mss 1460");
	/* Fill up to less than a segment from the edge, in order. */
	start = 1;
	while ((end = edge()) - start > 1000) {
		inject(". %d:%d(1000) ack 1", start, start + 1000);
		start += 1000;
		while (wire_pending(self->f))
			wire_next(self->f, 0);
		if (start > 3000000)
			break;
	}
	while (wire_next(self->f, 600))
		;
	end = edge();
	inject("F. %d:%d(%d) ack 1", start, end + 100, end + 100 - start);
	while (wire_next(self->f, 600))
		;
	ASSERT_GE(end, self->f->last.ack - self->f->isn);
	state(TCP_ESTABLISHED);
	/* What was offered as a window was taken, what was acknowledged is read. */
	ASSERT_LE(start, self->f->last.ack - self->f->isn);
	bytes = wire_read_sum(self->f, self->fd, 10000000);
	ASSERT_EQ(self->f->last.ack - self->f->isn - 1, bytes);
}

/* Fills the receiver's window to nothing; the next number. */
static int fill_window(struct wire_flow *f)
{
	int next = 1, n;

	for (int i = 0; i < 4000; i++) {
		n = f->in_edge - f->isn - next;
		if (n <= 0)
			break;
		if (n > 1000)
			n = 1000;
		if (wire_inject(f, "P. %d:%d(%d) ack 1", next, next + n, n))
			return -1;
		next += n;
		while (wire_next(f, n < 1000 ? 300 : 0))
			;
	}
	while (wire_next(f, 300))
		;
	if (f->last.win == 0 && f->last.ack == f->isn + next)
		return next;
	fprintf(stderr, "# %d bytes sent up to the edge, %u acknowledged, window %u\n",
		next - 1, f->last.ack - f->isn - 1, f->last.win);
	return -1;
}

static int small_buffer(struct __test_metadata *_metadata,
			struct _test_data_wire *self)
{
	int v = 8192;

	listening(8);
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v)));
	self->fd = wire_passive(self->f, self->lfd, "mss 1000");
	ASSERT_LE(0, self->fd);
	return fill_window(self->f);
}

/* SHLD-14: what a window promised is taken, however small the pieces. */
TEST_F(wire, small_pieces_up_to_the_edge)
{
	int v = 1, next = 1, end, n;

	listening(8);
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v)));
	self->fd = wire_passive(self->f, self->lfd, "mss 1000");
	ASSERT_LE(0, self->fd);
	for (end = edge(); next < end; next += n) {
		n = end - next < 20 ? end - next : 20;
		inject("P. %d:%d(%d) ack 1", next, next + n, n);
	}
	while (wire_next(self->f, 500))
		;
	ASSERT_EQ(next, (int)(self->f->last.ack - self->f->isn));
	ASSERT_EQ(next - 1, wire_read_sum(self->f, self->fd, 100000));
}

/* ZW-2, SA-1a, SA-1c, MUST-66: at window 0 probes are answered, RST counts. */
TEST_F(wire, receiver_zero_window)
{
	int next = small_buffer(_metadata, self);

	ASSERT_LT(1, next);
	inject(". %d:%d(0) ack 1", next - 1, next - 1);
	expect(". 1:1(0) ack %d win 0", next);
	wire_sleep(600);
	inject("P. %d:%d(1) ack 1", next, next + 1);
	expect(". 1:1(0) ack %d win 0", next);
	wire_sleep(600);
	inject("P. %d:%d(1) ack 1", next - 1, next);
	expect(". 1:1(0) ack %d win 0", next);
	/* SA-1c: the ACK of a segment with refused data counts. */
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack %d win 0", next);
	inject(". %d:%d(0) ack 11", next, next);
	expect_none(400);
	/* MUST-66 */
	inject("R %d:%d(0)", next, next);
	state(TCP_CLOSE);
}

/* U-18, SA-1c: two windows of 0, probes that cross: each tells of its window. */
TEST_F(wire, crossed_probes)
{
	int next = small_buffer(_metadata, self);

	ASSERT_LT(1, next);
	inject(". %d:%d(0) ack 1 win 0", next, next);
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("+100ms..900ms p. *(*) ack %d win 0", next);
	/* Not acceptable, and yet it says that there is room. */
	inject("P. %d:%d(1) ack 1 win 1000", next, next + 1);
	ASSERT_EQ(1, wire_next(self->f, 900));
	while (!self->f->last.paylen)
		ASSERT_EQ(1, wire_next(self->f, 900));
	inject(". %d:%d(0) ack 11 win 1000", next, next);
	expect_none(900);
	state(TCP_ESTABLISHED);
}

/* MAY-8, ZW-2: who does not read for an hour keeps the window shut, and answers. */
TEST_F_TIMEOUT(wire, receiver_zero_window_for_an_hour, 4000)
{
	int next = small_buffer(_metadata, self);

	ASSERT_LT(1, next);
	for (int i = 0; i < 60; i++) {
		wire_sleep(60000);
		inject("P. %d:%d(1) ack 1", next, next + 1);
		expect(". 1:1(0) ack %d win 0", next);
	}
	state(TCP_ESTABLISHED);
	ASSERT_EQ(next - 1, wire_read_sum(self->f, self->fd, 100000));
}

/* SHLD-14: a smaller buffer takes no window back (the edge is a rule of the wire). */
TEST_F(wire, smaller_buffer)
{
	int v = 4096, next = 1, end, n;

	passive("mss 1460");
	end = edge();
	ASSERT_LT(20000, end);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v)));
	for (; next < end; next += n) {
		n = end - next < 1000 ? end - next : 1000;
		inject("P. %d:%d(%d) ack 1", next, next + n, n);
		ASSERT_EQ(n, wire_read(self->f, self->fd, n));
	}
	while (wire_next(self->f, 500))
		;
	ASSERT_EQ(end, (int)(self->f->last.ack - self->f->isn));
}

/* MUST-39, ZW-3: reading byte by byte opens nothing; reading all does. */
TEST_F(wire, receiver_silly_window)
{
	int next = small_buffer(_metadata, self);

	ASSERT_LT(1, next);
	for (int i = 0; i < 50; i++) {
		ASSERT_EQ(1, wire_read(self->f, self->fd, 1));
	}
	expect_none(100);
	ASSERT_EQ(next - 51, wire_read_sum(self->f, self->fd, 1000000));
	expect(". 1:1(0) ack %d", next);
	ASSERT_LE(1000, self->f->last.win);
	inject("P. %d:%d(100) ack 1", next, next + 100);
	ASSERT_EQ(100, wire_read(self->f, self->fd, 1000));
}

/* U-6: numbers wrap within the data. */
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

/* SA-5e: an ACK in the middle of a segment. */
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

/* SA-5h: an old segment does not change the window. */
TEST_F(wire, window_of_old_segment)
{
	self->f->win = 1000;
	passive("mss 500");
	inject("P. 1:101(100) ack 1 win 1000");
	wire_next(self->f, 500);
	/* Reordered: an older number, a larger window. */
	inject(". 1:1(0) ack 1 win 30000");
	wire_next(self->f, 20);
	self->f->out_edge = self->f->iss + 1001;
	ASSERT_EQ(5000, wire_write(self->f, self->fd, 5000));
	expect("p. 1:501(500) ack *");
	expect("p. 501:1001(500) ack *");
	expect_none(100);
}

/* MUST-5, TS-2: options on any segment are tolerated. */
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
	/* TS-2: and change nothing. */
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

/* MUST-30, MUST-62: urgent data sent: the pointer is the octet after. */
TEST_F(wire, urgent_sent)
{
	passive(OPTS);
	ASSERT_EQ(10, send(self->fd, "0123456789", 10, MSG_OOB));
	expect("PU. 1:11(10) ack 1 urg 10");
	inject(". 1:1(0) ack 11");
	expect_none(300);
}

/* MUST-30, MUST-62: in each segment of a long write the pointer leads to the same octet. */
TEST_F(wire, urgent_sent_long)
{
	char buf[2500] = { 0 };

	self->f->nopattern = true;
	passive("mss 1000");
	ASSERT_EQ(2500, send(self->fd, buf, sizeof(buf), MSG_OOB));
	expect("pU. 1:1001(1000) ack 1 urg 2500");
	expect("pU. 1001:2001(1000) ack 1 urg 1500");
	expect("PU. 2001:2501(500) ack 1 urg 500");
	/* And so it is when they go again. */
	expect("+200ms..250ms pU. 1:1001(1000) ack 1 urg 2500");
	inject(". 1:1(0) ack 1001");
	expect("pU. 1001:2001(1000) ack 1 urg 1500");
}

/* MUST-31, MUST-62: so it is from the first segment on, where not all fits a buffer. */
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

/* U-4: a pointer without URG is nothing. */
TEST_F(wire, urgent_pointer_alone)
{
	passive(OPTS);
	inject("P. 1:11(10) ack 1 urg 5");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
	ASSERT_EQ(0, POLLPRI & wire_poll(self->fd, POLLPRI, 0));
}

static volatile int urgent_signals;

static void on_sigurg(int sig)
{
	urgent_signals++;
}

/* MUST-32, MUST-33, MUST-62, SA-6a: received: signal, POLLPRI, the mark. */
TEST_F(wire, urgent_received)
{
	char c = 0;
	int mark;

	passive(OPTS);
	signal(SIGURG, on_sigurg);
	ASSERT_EQ(0, fcntl(self->fd, F_SETOWN, getpid()));
	inject("PU. 1:11(10) ack 1 urg 10");
	ASSERT_EQ(1, urgent_signals);
	ASSERT_EQ(POLLPRI, POLLPRI & wire_poll(self->fd, POLLPRI, 0));
	ASSERT_EQ(1, recv(self->fd, &c, 1, MSG_OOB));
	ASSERT_EQ(wire_pattern(9), (uint8_t)c);
	ASSERT_EQ(9, wire_read(self->f, self->fd, 100));
	ASSERT_EQ(0, ioctl(self->fd, SIOCATMARK, &mark));
	ASSERT_EQ(1, mark);
	self->f->in_off++;
	inject("P. 11:21(10) ack 1");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
	/* SA-6a: a new pointer, a new signal. */
	inject("PU. 21:31(10) ack 1 urg 1");
	ASSERT_EQ(2, urgent_signals);
	/* A pointer that lies before the last tells nothing new. */
	inject("U. 31:31(0) ack 1 urg 0");
	inject("PU. 1:11(10) ack 1 urg 10");
	ASSERT_EQ(2, urgent_signals);
}

/* UR-1: the urgent octet alone is nothing to read, however full the buffer is. */
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

/* SA-6a, UR-2: pointers that point nowhere useful do no harm. */
TEST_F(wire, urgent_odd)
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

/* MUST-66, SA-1c: URG counts at a zero window. */
TEST_F(wire, urgent_at_zero_window)
{
	int next = small_buffer(_metadata, self);

	ASSERT_LT(1, next);
	signal(SIGURG, on_sigurg);
	ASSERT_EQ(0, fcntl(self->fd, F_SETOWN, getpid()));
	inject("U. %d:%d(0) ack 1 urg 5", next, next);
	while (wire_next(self->f, 20))
		;
	ASSERT_EQ(1, urgent_signals);
}

/* XT-10: a flood of tiny pieces out of order stays within bounds. */
TEST_F(wire, tiny_pieces)
{
	int sum;

	passive("mss 1460,nop,nop,sackOK");
	for (int i = 3000; i > 1; i -= 2)
		inject(". %d:%d(1) ack 1", i, i + 1);
	wire_flush(self->f);
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
