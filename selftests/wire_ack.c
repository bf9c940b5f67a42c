// SPDX-License-Identifier: GPL-2.0
/* When an ACK is sent: delayed ACKs, quick ACKs, ACKs that ride on data or a FIN. */
#include "lib/wire_test.h"

#define OPTS	"mss 1460"

/* MUST-40, SHLD-18: one segment is ACKed with delay, but within 0.5 s. */
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
	/* The same for one full-sized segment. */
	inject("P. 21:1481(1460) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 1481");
}

/* SA-7b: the ACK is piggybacked on data. */
TEST_F(wire, ack_piggybacked)
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

/* SHLD-19, MUST-58: every second full-sized segment is ACKed at once. */
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
	/* MUST-58: not every segment is ACKed. */
	ASSERT_GT(40, acks);
}

/*
 * Injects two segments of @seg bytes at a time until they are not ACKed at once.
 * Return: the relative sequence number after the last; @window is the right edge of the
 * window in the last ACK.
 */
static int until_no_ack(struct wire_flow *f, int seg, int *window)
{
	int end = 1;

	for (;;) {
		wire_inject(f, ". %d:%d(%d) ack 1", end, end + seg, seg);
		wire_inject(f, ". %d:%d(%d) ack 1", end + seg, end + 2 * seg, seg);
		end += 2 * seg;
		if (!wire_next(f, 20))
			return end;
		if (end != (int)(f->last.ack - f->isn))
			return -1;
		*window = end - 1 + f->last.win;
	}
}

/*
 * MUST-40, MUST-58: if half of the window is unread, an ACK is delayed until
 * the reader frees space, at most for the delayed ACK time.
 */
TEST_F(wire, ack_waits_for_the_reader)
{
	int small = 16384, zero = 0, end, window = 0, seg = 1000;

	listening(8);
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_SOCKET, SO_RCVBUF, &small,
				sizeof(small)));
	passive(OPTS);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_QUICKACK, &zero, sizeof(zero)));
	end = until_no_ack(self->f, seg, &window);
	ASSERT_LT(0, end);
	/* Half of the window, approximately: at least a quarter. */
	ASSERT_LT(window / 4, end);
	ASSERT_EQ(10, wire_read(self->f, self->fd, 10));
	expect(". 1:1(0) ack %d", end);

	inject(". %d:%d(%d) ack 1", end, end + seg, seg);
	inject(". %d:%d(%d) ack 1", end + seg, end + 2 * seg, seg);
	expect_none(20);
	expect("+20ms..500ms . 1:1(0) ack %d", end + 2 * seg);
}

/*
 * SHLD-19: with a large window every second segment is ACKed up to 32 KiB of unread
 * data.
 */
TEST_F(wire, ack_waits_for_the_reader_of_much)
{
	int large = 200000, zero = 0, end, window = 0;

	listening(8);
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_SOCKET, SO_RCVBUF, &large,
				sizeof(large)));
	passive(OPTS);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_QUICKACK, &zero, sizeof(zero)));
	end = until_no_ack(self->f, 1000, &window);
	ASSERT_LT(32768, end);
	ASSERT_GT(32768 + 2 * 1000, end - 1);
	expect("+10ms..500ms . 1:1(0) ack %d", end);
}

/* SHLD-19: duplicate data means that ACKs were lost or late: ACK it without delay. */
TEST_F(wire, quick_acks_after_old_data)
{
	int zero = 0;

	passive(OPTS);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_QUICKACK, &zero, sizeof(zero)));
	inject("P. 1:101(100) ack 1");
	expect("+20ms..500ms . 1:1(0) ack 101");
	inject("P. 1:101(100) ack 1");
	expect("+0ms..5ms . 1:1(0) ack 101");
	inject("P. 101:201(100) ack 1");
	expect("+0ms..5ms . 1:1(0) ack 201");
	/* Completely left of the window. */
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_QUICKACK, &zero, sizeof(zero)));
	inject("P. 1:101(100) ack 1");
	expect("+0ms..5ms . 1:1(0) ack 201");
	inject("P. 201:301(100) ack 1");
	expect("+0ms..5ms . 1:1(0) ack 301");
}

/* A segment of @n bytes, that nobody reads, without PSH. */
#define data(n) do {							\
	inject(". %d:%d(%d) ack 1", at, at + (n), n);			\
	at += (n);							\
} while (0)

/* Leaves the quick ACKs: sends segments of @n bytes until one is not ACKed at once. */
#define end_quick_acks(n) do {						\
	at = 1;								\
	do {								\
		ASSERT_GT(64 * (n), at);				\
		data(n);						\
	} while (wire_next(self->f, 20));				\
} while (0)

/* An established connection with a round-trip time of @ms. */
#define active_after(ms) do {						\
	self->fd = wire_socket(&self->w);				\
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));	\
	expect("S 0:0(0) <...>");					\
	wire_sleep(ms);							\
	inject("S. 0:0(0) ack 1 <mss 1000>");				\
	expect(". 1:1(0) ack 1");					\
} while (0)

/* MUST-40: while no reply carries the ACKs they are delayed longer, up to 200 ms. */
TEST_F(wire, delay_doubles)
{
	int at;

	active_after(250);
	end_quick_acks(100);
	expect("+10ms..40ms . 1:1(0) ack %d", at);
	data(100);
	expect("+64ms..100ms . 1:1(0) ack %d", at);
	data(100);
	expect("+140ms..190ms . 1:1(0) ack %d", at);
	for (int i = 0; i < 2; i++) {
		data(100);
		expect("+180ms..220ms . 1:1(0) ack %d", at);
	}
}

/* The next segment comes soon: the ACK waits less, although the timer runs. */
TEST_F(wire, delay_follows_the_gap)
{
	int at;

	active_after(250);
	end_quick_acks(100);
	expect("+10ms..40ms . 1:1(0) ack %d", at);
	for (int i = 0; i < 3; i++) {
		data(100);
		ASSERT_LT(0, wire_next(self->f, 250));
	}
	/* 200 ms now. Of two small segments the second halves it. */
	data(40);
	wire_sleep(10);
	data(40);
	expect("+100ms..140ms . 1:1(0) ack %d", at);
}

/* Not longer than a round trip, if that is more than 40 ms. */
TEST_F(wire, delay_within_a_round_trip)
{
	int at;

	active_after(80);
	end_quick_acks(100);
	ASSERT_LT(0, wire_next(self->f, 250));
	for (int i = 0; i < 3; i++) {
		data(100);
		expect("+64ms..96ms . 1:1(0) ack %d", at);
	}
}

/* After a pause of more than the RTO the peer is in slow start again. */
TEST_F(wire, quick_acks_after_a_pause)
{
	int at;

	active_after(0);
	end_quick_acks(100);
	expect("+10ms..60ms . 1:1(0) ack %d", at);
	wire_sleep(1000);
	data(100);
	expect("+0ms..5ms . 1:1(0) ack %d", at);
}

/* As many quick ACKs as full segments in half of the window. */
TEST_F(wire, quick_acks_of_a_small_window)
{
	int small = 16384, acks = 0, at = 1, due;

	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_RCVBUF, &small, sizeof(small)));
	ASSERT_LE(0, wire_active(self->f, self->fd, "mss 1000"));
	due = self->f->last.win / 2 / 1000;
	ASSERT_LT(2, due);
	ASSERT_GT(16, due);
	for (;; acks++) {
		ASSERT_GE(due, acks);
		data(1000);
		ASSERT_EQ(1000, wire_read(self->f, self->fd, 1000));
		if (!wire_next(self->f, 20))
			break;
	}
	ASSERT_EQ(due, acks);
	expect("+10ms..60ms . 1:1(0) ack %d", at);
}

/*
 * TCP_DEFER_ACCEPT of a client, or TCP_QUICKACK 0: the request follows soon, and carries
 * the ACK of the SYN-ACK.
 */
#define SOON(name, option, value)					\
TEST_F(wire, name)							\
{									\
	int val = value;						\
									\
	for (int i = 0; i < 2; i++) {					\
		self->f = wire_flow(&self->w, 0);			\
		self->fd = wire_socket(&self->w);			\
		ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, option, &val,	\
					sizeof(val)));			\
		ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));	\
		expect("S 0:0(0) <...>");				\
		inject("S. 0:0(0) ack 1 <mss 1000>");			\
		if (i) {						\
			expect_none(100);				\
			expect("+180ms..220ms . 1:1(0) ack 1");		\
		} else {						\
			expect_none(20);				\
			ASSERT_EQ(100, wire_write(self->f, self->fd, 100));	\
			expect("P. 1:101(100) ack 1");			\
			/* The answer is awaited, and acknowledged with delay. */ \
			inject("P. 1:101(100) ack 101");		\
			expect("+20ms..60ms . 101:101(0) ack 101");	\
		}							\
		close(self->fd);					\
	}								\
}

SOON(deferred_handshake_ack, TCP_DEFER_ACCEPT, 1)
SOON(delayed_handshake_ack, TCP_QUICKACK, 0)

/* TCP_QUICKACK 1 sends an ACK that is owed, once the data is read. */
TEST_F(wire, quickack_sends)
{
	int on = 1, off = 0, at = 1;

	passive(OPTS);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_QUICKACK, &off, sizeof(off)));
	inject("P. %d:%d(100) ack 1", at, at + 100);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_QUICKACK, &on, sizeof(on)));
	expect_none(10);
	ASSERT_EQ(100, wire_read(self->f, self->fd, 100));
	expect("+10ms..20ms . 1:1(0) ack 101");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_QUICKACK, &off, sizeof(off)));
	at += 100;
	data(100);
	ASSERT_EQ(100, wire_read(self->f, self->fd, 100));
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_QUICKACK, &on, sizeof(on)));
	expect("+0ms..5ms . 1:1(0) ack 201");
}

/* TCP_QUICKACK of a listener applies to its connections. */
TEST_F(wire, quickack_of_the_listener)
{
	int off = 0;

	listening(8);
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_TCP, TCP_QUICKACK, &off, sizeof(off)));
	passive(OPTS);
	ASSERT_EQ(0, wire_int(self->fd, SOL_TCP, TCP_QUICKACK));
	inject("P. 1:101(100) ack 1");
	expect("+20ms..60ms . 1:1(0) ack 101");
}

TEST_HARNESS_MAIN
