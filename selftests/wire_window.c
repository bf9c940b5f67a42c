// SPDX-License-Identifier: GPL-2.0
/* Flow control: small, closed and shrunk windows of the peer, and our own window. */
#include "lib/wire_test.h"

#define OPTS	"mss 1460"

/* The right edge of the stack's receive window, relative. */
#define edge()	(self->f->in_edge - self->f->isn)

/* A FIN has a sequence number: the window must have room for it. */
TEST_F(wire, fin_beyond_window)
{
	if (REF)
		SKIP(return, "the kernel's TCP also holds back the data");
	self->f->win = 100;
	passive("mss 1000");
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack 1");
	/* Nagle delays the data until the FIN. */
	ASSERT_EQ(90, wire_write(self->f, self->fd, 90));
	expect_none(20);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("p. 11:101(90) ack 1");
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
		/* The interval is from probe to probe. */
		inject(". 1:1(0) ack 1001 win 0");
	}
	/* ZW-3: the window opens. */
	inject(". 1:1(0) ack 1001 win 65535");
	expect("p. 1001:1501(500) ack 1");
	expect("p. 1501:2001(500) ack 1");
	inject(". 1:1(0) ack 2001 win 0");
	/* Skips data that is still sent. */
	while (wire_pending(self->f))
		wire_next(self->f, 0);
	/* SHLD-30: the window closes again: the back-off restarts from one RTO. */
	inject(". 1:1(0) ack 3001 win 0");
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	for (int i = 0; i < 3; i++) {
		expect("+%dms p. *(*) ack 1", 200 << i);
		inject(". 1:1(0) ack 3001 win 0");
	}
}

/* ZW-3: the window update was lost; the answer to a probe has the window. */
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
TEST_F_TIMEOUT(wire, zero_window_indefinitely, 4000)
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
		/* The maximum interval is two minutes. */
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

/* MUST-38: no small segments are sent when the window opens by a few bytes. */
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
	/* min(MSS, half of the largest window) */
	ASSERT_EQ(1000, self->f->last.paylen);
}

/* MUST-34, MUST-35, SHLD-15: the peer shrinks its window. */
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
	/* MUST-35: window probes; MUST-34: it continues when the window opens. */
	expect("+200ms..800ms p. *(*) ack 1");
	inject(". 1:1(0) ack 10001 win 20000");
	expect("p. 10001:11001(1000) ack 1");
}

/*
 * SHLD-16: sent data that still fits the window is retransmitted, finally all
 * of it.
 */
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
	/* The rest follows as ACKs move the window. */
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

/* Several segments in one skb: only the first is retransmitted into a window of 0. */
TEST_F(wire, window_shrunk_to_zero)
{
	passive("mss 536");
	ASSERT_EQ(536, wire_write(self->f, self->fd, 536));
	expect("P. 1:537(536) ack 1");
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("p. 537:1073(536) ack 1");
	expect("P. 1073:1537(464) ack 1");
	expect("+200ms..250ms p. 1:537(536) ack 1");
	inject(". 1:1(0) ack 537 win 0");
	expect("p. 537:1073(536) ack 1");
	expect_none(100);
	inject(". 1:1(0) ack 1073 win 464");
	expect("p. 1073:1537(464) ack 1");
}

/* SHLD-17: data beyond the edge does not time out while the peer answers. */
TEST_F_TIMEOUT(wire, window_shrunk_for_long, 4000)
{
	int64_t t0 = wire_now_us();

	self->f->win = 20000;
	passive("mss 1000");
	ASSERT_EQ(10000, wire_write(self->f, self->fd, 10000));
	for (int i = 0; i < 10; i++)
		expect("p. %d:%d(1000) ack 1", 1 + i * 1000, 1001 + i * 1000);
	inject(". 1:1(0) ack 2001 win 0");
	/* R2 is 15 minutes. */
	while (wire_now_us() - t0 < 3000 * 1000000LL) {
		ASSERT_EQ(1, wire_next(self->f, 140000));
		inject(". 1:1(0) ack 2001 win 0");
	}
	state(TCP_ESTABLISHED);
	ASSERT_EQ(0, wire_error(self->fd));
	/* The data was already sent: it waits for the timer, not for the window. */
	inject(". 1:1(0) ack 2001 win 20000");
	expect("+0ms..121s p. 2001:3001(1000) ack 1");
	inject(". 1:1(0) ack 10001");
	expect_none(2000);
}

/* SA-1f, SA-8b: a segment across the right edge, and its FIN beyond the edge. */
TEST_F(wire, straddle_right)
{
	int bytes, start, end;

	if (REF)
		SKIP(return, "the kernel's TCP accepts a segment that begins inside the window whole");
	passive("mss 1460");
	/* Fill the window in order, up to less than a segment from its edge. */
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
	/* All data within the window was accepted, all data acknowledged is readable. */
	ASSERT_LE(start, self->f->last.ack - self->f->isn);
	bytes = wire_read_sum(self->f, self->fd, 10000000);
	ASSERT_EQ(self->f->last.ack - self->f->isn - 1, bytes);
}

/*
 * Fills the receive window of the stack. Return: the next sequence number, or
 * -1.
 */
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

/* SHLD-14: data within the window is accepted, also in small segments. */
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

/*
 * SHLD-14: so is data in overlapping segments, which need far more memory than
 * they bring new bytes.
 */
TEST_F(wire, overlapping_pieces_up_to_the_edge)
{
	int v = 1, next = 1, end;

	listening(8);
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v)));
	self->fd = wire_passive(self->f, self->lfd, "mss 1000");
	ASSERT_LE(0, self->fd);
	for (end = edge(); next + 20 < end; next += 20)
		inject("P. %d:%d(1000) ack 1", next - 980, next + 20);
	while (wire_next(self->f, 500))
		;
	ASSERT_EQ(next, (int)(self->f->last.ack - self->f->isn));
	ASSERT_EQ(next - 1, wire_read_sum(self->f, self->fd, 100000));
}

/* ZW-2, SA-1a, SA-1c, MUST-66: at window 0 probes get an ACK, and a RST is accepted. */
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
	/* SA-1c: the ACK of a segment is processed although its data is refused. */
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack %d win 0", next);
	inject(". %d:%d(0) ack 11", next, next);
	expect_none(400);
	/* MUST-66: a RST is accepted. */
	inject("R %d:%d(0)", next, next);
	state(TCP_CLOSE);
}

/* A FIN needs no buffer: it is accepted at a window of 0, but not with data. */
TEST_F(wire, fin_at_zero_window)
{
	int next = small_buffer(_metadata, self);

	ASSERT_LT(1, next);
	inject("FP. %d:%d(1) ack 1", next, next + 1);
	expect(". 1:1(0) ack %d win 0", next);
	state(TCP_ESTABLISHED);
	inject("F. %d:%d(0) ack 1", next, next);
	expect("+0ms..60ms . 1:1(0) ack %d win 0", next + 1);
	state(TCP_CLOSE_WAIT);
	ASSERT_EQ(next - 1, wire_read_sum(self->f, self->fd, 100000));
	ASSERT_EQ(0, wire_read(self->f, self->fd, 10));
}

/* A window below a segment, and all was read: the segment is accepted as a whole. */
TEST_F(wire, segment_beyond_small_window)
{
	int v = 1;

	listening(8);
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v)));
	self->fd = wire_passive(self->f, self->lfd, "mss 1460");
	ASSERT_LE(0, self->fd);
	ASSERT_GT(1400, edge());
	inject("P. 1:1401(1400) ack 1");
	ASSERT_EQ(1400, wire_read(self->f, self->fd, 2000));
	expect("+0ms..60ms . 1:1(0) ack 1401");
	wire_flush(self->f);
	/* Out of order, and with a FIN. */
	inject("F. 1501:2901(1400) ack 1");
	expect(". 1:1(0) ack 1401");
	inject("P. 1401:1501(100) ack 1");
	expect(". 1:1(0) ack 2902");
	ASSERT_EQ(1500, wire_read_sum(self->f, self->fd, 1500));
	state(TCP_CLOSE_WAIT);
}

/*
 * Data within the window does not fit into memory, because SO_RCVBUF was lowered: the
 * window becomes 0 at once, until there is room.
 */
TEST_F(wire, zero_window_without_memory)
{
	int v = 1, next = 1, tries = 0;

	passive("mss 1460");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_RCVBUF, &v, sizeof(v)));
	/* The rule that the edge never moves back has this exception. */
	do {
		self->f->in_edge_known = false;
		inject("P. %d:%d(1000) ack 1", next, next + 1000);
		wire_next(self->f, 60);
		next = self->f->last.ack - self->f->isn;
	} while (self->f->last.win && ++tries < 30);
	ASSERT_EQ(0, self->f->last.win);
	ASSERT_LE(1001, next);
	/* The data is still refused, the window still 0. */
	wire_sleep(1000);
	inject("P. %d:%d(1000) ack 1", next, next + 1000);
	expect(". 1:1(0) ack %d win 0", next);
	/* Reading opens the window: an update says so. */
	ASSERT_EQ(next - 1, wire_read_sum(self->f, self->fd, next - 1));
	expect(". 1:1(0) ack %d", next);
	ASSERT_LT(0, self->f->last.win);
	inject("P. %d:%d(1000) ack 1", next, next + 1000);
	ASSERT_EQ(1000, wire_read(self->f, self->fd, 2000));
}

/* SHLD-14: the sysctl shrink_window lets the window follow the free buffer. */
TEST_F(wire, shrink_window)
{
	int next = 1, end, at_first, back = 0;

	ASSERT_EQ(0, wire_sysctl(&self->w, "shrink_window", "1"));
	passive("mss 1460,nop,wscale 7");
	at_first = end = edge();
	/* Small segments need more memory than their payload. */
	for (; next < 4000; next += 10) {
		self->f->in_edge_known = false;
		inject("P. %d:%d(10) ack 1", next, next + 10);
		if (!wire_next(self->f, 60))
			continue;
		if (edge() < end)
			back++;
		end = edge();
	}
	ASSERT_LT(0, back);
	ASSERT_GT(at_first, end);
	/* What was offered first is still accepted. */
	self->f->in_edge_known = false;
	inject("P. %d:%d(10) ack 1", at_first - 10, at_first);
	expect(". 1:1(0) ack %d", next);
	/* Reading lets it grow again. */
	end = edge();
	ASSERT_EQ(next - 1, wire_read_sum(self->f, self->fd, next - 1));
	inject("P. %d:%d(10) ack 1", next, next + 10);
	while (wire_next(self->f, 60))
		;
	ASSERT_LT(end, edge());
}

/*
 * U-18, SA-1c: both windows are 0, and the probes cross: the new window of the
 * peer is used.
 */
TEST_F(wire, crossed_probes)
{
	int next = small_buffer(_metadata, self);

	ASSERT_LT(1, next);
	inject(". %d:%d(0) ack 1 win 0", next, next);
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("+100ms..900ms p. *(*) ack %d win 0", next);
	/* The segment is not acceptable, but its window is used. */
	inject("P. %d:%d(1) ack 1 win 1000", next, next + 1);
	ASSERT_EQ(1, wire_next(self->f, 900));
	while (!self->f->last.paylen)
		ASSERT_EQ(1, wire_next(self->f, 900));
	inject(". %d:%d(0) ack 11 win 1000", next, next);
	expect_none(900);
	state(TCP_ESTABLISHED);
}

/* MAY-8, ZW-2: no reader for an hour: the window stays closed, probes are answered. */
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

/*
 * SHLD-14: a smaller SO_RCVBUF does not shrink the window (wire_rules.c checks the
 * edge).
 */
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

/* MUST-39, ZW-3: reading single bytes does not open the window; reading all does. */
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

/* SA-5h: an old segment does not update the window. */
TEST_F(wire, window_of_old_segment)
{
	self->f->win = 1000;
	passive("mss 500");
	inject("P. 1:101(100) ack 1 win 1000");
	wire_next(self->f, 500);
	/* An older segment, reordered, with a larger window. */
	inject(". 1:1(0) ack 1 win 30000");
	wire_next(self->f, 20);
	self->f->out_edge = self->f->iss + 1001;
	ASSERT_EQ(5000, wire_write(self->f, self->fd, 5000));
	expect("p. 1:501(500) ack *");
	expect("p. 501:1001(500) ack *");
	expect_none(100);
}

/* MUST-66, SA-1c: URG is processed at a zero window. */
TEST_F(wire, urgent_at_zero_window)
{
	int next = small_buffer(_metadata, self);

	ASSERT_LT(1, next);
	ASSERT_EQ(0, wire_await_urgent(self->fd));
	inject("U. %d:%d(0) ack 1 urg 5", next, next);
	while (wire_next(self->f, 20))
		;
	ASSERT_EQ(1, wire_urgent);
}

TEST_HARNESS_MAIN
