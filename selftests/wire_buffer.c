// SPDX-License-Identifier: GPL-2.0
/*
 * Buffers: bytes queued by one call, growth of the receive buffer, cost of a segment if
 * many are queued.
 */
#include "lib/wire_test.h"

#define WSCALE	7
#define OPTS	"mss 1460,nop,wscale 7"

static long rcvbuf_of(int fd)
{
	return wire_int(fd, SOL_SOCKET, SO_RCVBUF);
}

/* The window that the latest segment of the stack advertises, bytes. */
static long window_of(struct wire_flow *f)
{
	return (long)f->last.win << (f->stack_ws > 0 ? f->stack_ws : 0);
}

/*
 * Inject up to @most bytes, limited by the window, in one burst, then read them all.
 * Return: bytes, or -1 if the data read differs.
 */
static int round_trip(struct wire_flow *f, int fd, int *next, int most)
{
	int n = 0, edge = (int)(f->in_edge - f->isn);

	while (n < most && *next + n + 1460 <= edge) {
		wire_inject(f, "P. %d:%d(1460) ack 1", *next + n,
			    *next + n + 1460);
		n += 1460;
	}
	*next += n;
	wire_flush(f);
	if (wire_read_sum(f, fd, n) != n)
		return -1;
	/* One round trip; reading may cause window updates. */
	wire_sleep(40);
	wire_flush(f);
	return n;
}

/* TCP_NOTSENT_LOWAT also limits the bytes queued by one call. */
TEST_F(wire, one_call_and_notsent_lowat)
{
	int lowat = 4000, n;

	self->f->win = 33000;
	passive("mss 1000");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_NOTSENT_LOWAT, &lowat,
				sizeof(lowat)));
	n = wire_write(self->f, self->fd, 59000);
	ASSERT_LE(4000, n);
	ASSERT_GE(27000, n);
}

/* SO_SNDBUF also limits the bytes queued by one call. */
TEST_F(wire, one_call_and_sndbuf)
{
	int room = 21000, n;

	self->f->win = 33000;
	passive("mss 1000");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)));
	n = wire_write(self->f, self->fd, 61000);
	/* The kernel doubles SO_SNDBUF; the last segment may exceed the limit. */
	ASSERT_LE(21000, n);
	ASSERT_GE(2 * 21000 + 16000, n);
}

/* MUST-38: a segment is at most half of the window, whatever the MSS. */
TEST_F(wire, segments_below_half_of_the_window)
{
	self->f->win = 1500;
	passive("mss 1460");
	ASSERT_EQ(750, wire_int(self->fd, SOL_TCP, TCP_MAXSEG));
	ASSERT_EQ(3000, wire_write(self->f, self->fd, 3000));
	expect("p. 1:751(750) ack 1");
	expect("p. 751:1501(750) ack 1");
	expect_none(20);
	/* Queued segments keep their size; TCP_MAXSEG follows the window. */
	inject(". 1:1(0) ack 1501 win 2000");
	expect("p. 1501:2251(750) ack 1");
	expect("P. 2251:3001(750) ack 1");
	inject(". 1:1(0) ack 3001 win 8000");
	ASSERT_EQ(MSS, wire_int(self->fd, SOL_TCP, TCP_MAXSEG));
}

/* A window below the default MSS: one segment may fill it. */
TEST_F(wire, segments_of_a_small_window)
{
	self->f->win = 400;
	passive("mss 1460");
	ASSERT_EQ(400, wire_int(self->fd, SOL_TCP, TCP_MAXSEG));
	ASSERT_EQ(800, wire_write(self->f, self->fd, 800));
	expect("p. 1:401(400) ack 1");
	inject(". 1:1(0) ack 401");
	expect("P. 401:801(400) ack 1");
}

/*
 * SHLD-18: less than a full segment arrived and all of it was read: ACK at once, because
 * Nagle at the peer waits for this ACK.
 */
TEST_F(wire, ack_when_all_is_read)
{
	int next = 1;

	passive("mss 1000");
	/* Leave the quickack phase of a new connection. */
	for (int i = 0; i < 24; i++, next += 100) {
		inject("P. %d:%d(100) ack 1", next, next + 100);
		ASSERT_EQ(100, wire_read(self->f, self->fd, 1000));
		expect("+0ms..60ms . 1:1(0) ack %d", next + 100);
	}
	inject("P. %d:%d(100) ack 1", next, next + 100);
	expect_none(20);
	ASSERT_EQ(60, wire_read(self->f, self->fd, 60));
	expect_none(5);
	ASSERT_EQ(40, wire_read(self->f, self->fd, 1000));
	expect(". 1:1(0) ack %d", next + 100);
}

/* Receive buffer autotuning: the window follows the bytes read per round trip. */
TEST_F(wire, receive_buffer_grows)
{
	int next = 1, i;
	long first;

	passive(OPTS);
	first = rcvbuf_of(self->fd);
	for (i = 0; i < 12; i++)
		ASSERT_LT(0, round_trip(self->f, self->fd, &next, 1 << 20));
	ASSERT_LT(500000, window_of(self->f));
	ASSERT_LT(first * 4, rcvbuf_of(self->fd));
	ASSERT_GE(6291456, rcvbuf_of(self->fd));
}

/* Little is read per round trip: the receive buffer does not grow. */
TEST_F(wire, receive_buffer_of_a_slow_reader)
{
	int next = 1, i;
	long first;

	passive(OPTS);
	first = rcvbuf_of(self->fd);
	for (i = 0; i < 20; i++)
		ASSERT_EQ(2920, round_trip(self->f, self->fd, &next, 2920));
	ASSERT_EQ(first, rcvbuf_of(self->fd));
}

/* No autotuning after SO_RCVBUF, or if the sysctl disables it. */
TEST_F(wire, receive_buffer_stays)
{
	int size = 65536, next = 1, i;
	long first;

	listening(8);
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)));
	passive(OPTS);
	for (i = 0; i < 12; i++)
		ASSERT_LT(0, round_trip(self->f, self->fd, &next, 1 << 20));
	ASSERT_EQ(2 * size, rcvbuf_of(self->fd));
	ASSERT_GE(2 * size, window_of(self->f));
	wire_abort(self->fd);
	close(self->lfd);

	self->lfd = -1;
	ASSERT_EQ(0, wire_sysctl(&self->w, "moderate_rcvbuf", "0"));
	self->f = wire_flow(&self->w, 0);
	next = 1;
	passive(OPTS);
	first = rcvbuf_of(self->fd);
	for (i = 0; i < 12; i++)
		ASSERT_LT(0, round_trip(self->f, self->fd, &next, 1 << 20));
	ASSERT_EQ(first, rcvbuf_of(self->fd));
}

/* The window scale is for the largest buffer, without deduction for overhead. */
TEST_F(wire, window_scale_of_the_largest)
{
	passive(OPTS);
	ASSERT_EQ(WSCALE, self->f->stack_ws);
}

/* With SO_RCVBUF the scale is for the payload that this buffer holds. */
TEST_F(wire, window_scale_of_a_fixed_buffer)
{
	int size = 1000000;

	listening(8);
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
				sizeof(size)));
	passive(OPTS);
	ASSERT_EQ(4, self->f->stack_ws);
	close(self->fd);
	self->f = wire_flow(&self->w, 0);
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
				sizeof(size)));
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) win 65535 <...>");
	ASSERT_EQ(4, self->f->stack_ws);
}

/* The first window has room for whole segments, timestamps considered. */
TEST_F(wire, first_window_of_whole_segments)
{
	int size = 20000, mss = MSS;

	listening(8);
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)));
	inject("S 0:0(0) win 65535 <mss 1460>");
	expect("S. 0:0(0) ack 1 win %d <...>", size - size % mss);
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("S 0:0(0) win 65535 <mss 1460,sackOK,TS val 1 ecr 0>");
	expect("S. 0:0(0) ack 1 win %d <...>", size - size % (mss - 12));
	self->f = wire_flow(&self->w, 0);
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof(size)));
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) win %d <...>", size - size % mss);
}

/* MUST-39: without window scaling the window has room for whole segments. */
TEST_F(wire, unscaled_window_of_whole_segments)
{
	int next = 1;

	passive("mss 1000");
	for (int i = 0; i < 20; i++, next += 1000) {
		inject("P. %d:%d(1000) ack 1", next, next + 1000);
		ASSERT_EQ(1000, wire_read(self->f, self->fd, 2000));
		wire_next(self->f, 60);
	}
	ASSERT_LT(20000, window_of(self->f));
	ASSERT_EQ(0, window_of(self->f) % 1000);
}

/* Out-of-order data enlarges the window; once the socket has a user, the buffer, too. */
TEST_F(wire, out_of_order_data_grows_the_buffer)
{
	struct tcp_info before, after;
	int next = 2001;
	long size;

	if (REF)
		SKIP(return, "since Linux 6.17");
	passive("mss 1460,nop,nop,sackOK,nop,wscale 7");
	size = rcvbuf_of(self->fd);
	inject("P. 1:1001(1000) ack 1");
	expect("+0ms..60ms . 1:1(0) ack 1001");
	before = wire_info(self->fd);
	while (next + 1460 <= (int)(self->f->in_edge - self->f->isn) && next < 200000) {
		inject("P. %d:%d(1400) ack 1", next, next + 1400);
		expect(". 1:1(0) ack 1001 <...>");
		next += 1400;
	}
	after = wire_info(self->fd);
	ASSERT_EQ(1400, after.tcpi_rcv_mss);
	ASSERT_LT(before.tcpi_rcv_ssthresh, after.tcpi_rcv_ssthresh);
	ASSERT_LT(size, rcvbuf_of(self->fd));
}

/*
 * Duration of the receipt of @n segments, us. In virtual time an instruction
 * takes 1 ns.
 */
static int64_t cost_of(struct wire_flow *f, int first, int step, int n, int len)
{
	int64_t began = wire_now_us();

	for (int i = 0; i < n; i++) {
		wire_inject(f, "P. %d:%d(%d) ack 1", first + i * step,
			    first + i * step + len, len);
		wire_flush(f);
	}
	return wire_now_us() - began;
}

/*
 * Many segments extend an out-of-order run that is no longer in the list of
 * SACK blocks: the last ones cost no more than the first.
 */
TEST_F(wire, cost_of_a_long_run)
{
	const int blocks = 6, many = 3000, some = 200;
	int size = 8 << 20, run = 100001;
	int64_t early, late;

	if (!getenv("XTCP_VIRTUAL_TIME"))
		SKIP(return, "needs virtual time");
	listening(8);
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
				sizeof(size)));
	self->f->win = 65535;
	passive("mss 1460,nop,nop,sackOK,nop,wscale 7");
	inject("P. 1:11(10) ack 1");
	wire_flush(self->f);
	/*
	 * The first segment of the run, then others that displace it from the SACK
	 * blocks.
	 */
	inject("P. %d:%d(10) ack 1", 20001, 20011);
	for (int i = 0; i < blocks; i++)
		inject("P. %d:%d(10) ack 1", 60001 + i * 100, 60011 + i * 100);
	wire_flush(self->f);
	run = 20011;
	early = cost_of(self->f, run, 10, some, 10);
	cost_of(self->f, run + some * 10, 10, many - 2 * some, 10);
	late = cost_of(self->f, run + (many - some) * 10, 10, some, 10);
	TH_LOG("%lld us for %d pieces at first, %lld us at the end",
	       (long long)early, some, (long long)late);
	ASSERT_GT(early + early / 4, late);
}

/* A receive queue full of small segments, without a reader. */
TEST_F(wire, cost_of_a_full_queue)
{
	const int some = 200;
	int size = 300000, next = 1, n, edge;
	int64_t early, late = 0, cost;

	if (!getenv("XTCP_VIRTUAL_TIME"))
		SKIP(return, "needs virtual time");
	listening(8);
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_SOCKET, SO_RCVBUFFORCE, &size,
				sizeof(size)));
	passive(OPTS);
	early = cost_of(self->f, next, 20, some, 20);
	next += some * 20;
	for (n = some; n < 3000; n += some, next += some * 20) {
		edge = (int)(self->f->in_edge - self->f->isn);
		if (next + some * 20 > edge)
			break;
		cost = cost_of(self->f, next, 20, some, 20);
		if (cost > late)
			late = cost;
	}
	TH_LOG("%lld us for %d segments at first, %lld us at most, of %d",
	       (long long)early, some, (long long)late, n);
	ASSERT_LT(2000, n);
	ASSERT_GT(2 * early, late);
}

TEST_HARNESS_MAIN
