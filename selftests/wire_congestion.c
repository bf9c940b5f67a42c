// SPDX-License-Identifier: GPL-2.0
/*
 * The congestion window, seen from the wire: its growth, its value after a loss, and
 * cases in which it does not change.
 */
#include "lib/wire_test.h"

/* cwnd in segments. */
static int cwnd(int fd)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	return getsockopt(fd, SOL_TCP, TCP_INFO, &ti, &len) ? -errno : (int)ti.tcpi_snd_cwnd;
}

static int ssthresh(int fd)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	return getsockopt(fd, SOL_TCP, TCP_INFO, &ti, &len) ? -errno : (int)ti.tcpi_snd_ssthresh;
}

/* Takes all segments that were sent. Return: number of data segments. */
static int segments(struct wire_flow *f)
{
	int n = 0;

	while (wire_next(f, 5))
		n += f->last.paylen > 0;
	return n;
}

/* CC-3, CC-6: the handshake does not increase cwnd; the initial ssthresh is high. */
TEST_F(wire, initial_state)
{
	passive("mss 1000");
	ASSERT_EQ(10, cwnd(self->fd));
	ASSERT_LT(0x100000, ssthresh(self->fd));
	self->f = wire_flow(&self->w, 0);
	active("mss 1000");
	ASSERT_EQ(10, cwnd(self->fd));
	ASSERT_LT(0x100000, ssthresh(self->fd));
}

/* CC-3, RT-9: a SYN lost twice: cwnd is one segment, RTO is 3 s. */
TEST_F(wire, syn_lost)
{
	wire_sysctl(&self->w, "syn_linear_timeouts", "0");
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	expect("+1s S 0:0(0) <...>");
	expect("+2s S 0:0(0) <...>");
	inject("S. 0:0(0) ack 1 <mss 1000>");
	expect(". 1:1(0) ack 1");
	ASSERT_EQ(5000, wire_write(self->f, self->fd, 5000));
	expect("p. 1:1001(1000) ack 1");
	/* The kernel's TCP does not keep the RTO of 3 s. */
	if (REF)
		return;
	expect("+3s p. 1:1001(1000) ack 1");
}

/* RT-9: a SYN-ACK lost once. */
TEST_F(wire, syn_ack_lost)
{
	listening(8);
	inject("S 0:0(0) <mss 1000>");
	expect("S. 0:0(0) ack 1 <...>");
	expect("+1s S. 0:0(0) ack 1 <...>");
	inject(". 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	if (REF)
		return;
	ASSERT_EQ(500, wire_write(self->f, self->fd, 500));
	expect("P. 1:501(500) ack 1");
	expect("+3s P. 1:501(500) ack 1");
}

/* CC-4: ten ACKs for one segment increase cwnd by one segment. */
TEST_F(wire, ack_division)
{
	int n = 0;

	passive("mss 1000");
	ASSERT_EQ(30000, wire_write(self->f, self->fd, 30000));
	ASSERT_EQ(10, segments(self->f));
	for (int i = 1; i <= 10; i++) {
		inject(". 1:1(0) ack %d", 1 + i * 100);
		n += segments(self->f);
	}
	/* One for the acknowledged segment, one for the growth of cwnd. */
	ASSERT_EQ(2, n);
	ASSERT_EQ(11, cwnd(self->fd));
}

/* CC-5: congestion avoidance: one segment per round trip, for any number of ACKs. */
TEST_F(wire, avoidance)
{
	uint32_t acked = 10001;
	int before;

	passive("mss 1000");
	big_send_buffer();
	ASSERT_EQ(60000, wire_write(self->f, self->fd, 60000));
	ASSERT_EQ(10, segments(self->f));
	for (int i = 0; i < 3; i++)
		inject(". 1:1(0) ack 1");
	segments(self->f);
	inject(". 1:1(0) ack %u", acked);
	segments(self->f);
	/* All segments sent since then. */
	acked = self->f->last.seq - self->f->iss + self->f->last.paylen;
	inject(". 1:1(0) ack %u", acked);
	before = cwnd(self->fd);
	ASSERT_LE(2, before);
	ASSERT_GE(8, before);
	for (int round = 1; round <= 3; round++) {
		int flight = segments(self->f);

		ASSERT_LE(before, flight);
		for (int i = 0; i < flight; i++) {
			acked += 1000;
			inject(". 1:1(0) ack %u", acked);
		}
		ASSERT_LE(before + round - 1, cwnd(self->fd));
		ASSERT_GE(before + round, cwnd(self->fd));
	}
	ASSERT_LT(before, cwnd(self->fd));
}

/*
 * CV-3: six segments of a window of ten, and nothing more: cwnd grows to twice
 * six in slow start, whatever is acknowledged.
 */
TEST_F(wire, six_of_ten)
{
	passive("mss 1000");
	ASSERT_EQ(6000, wire_write(self->f, self->fd, 6000));
	ASSERT_EQ(6, segments(self->f));
	inject(". 1:1(0) ack 2001");
	inject(". 1:1(0) ack 4001");
	inject(". 1:1(0) ack 6001");
	ASSERT_EQ(12, cwnd(self->fd));
}

/*
 * CV-3: the application sends one segment per round trip, for longer than an
 * RTO: cwnd decays towards the initial window, ssthresh remembers it.
 */
TEST_F(wire, unused_window_decays)
{
	int sent = 0, was;

	passive("mss 1000");
	big_send_buffer();
	for (int n = 10; n <= 20; n += 10) {
		ASSERT_EQ(n * 1000, wire_write(self->f, self->fd, n * 1000));
		ASSERT_EQ(n, segments(self->f));
		for (int i = 0; i < n; i++)
			inject(". 1:1(0) ack %d", 1 + (sent += 1000));
	}
	was = cwnd(self->fd);
	ASSERT_LE(30, was);
	for (int i = 0; i < 8; i++) {
		ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
		expect("P. %d:%d(1000) ack 1", sent + 1, sent + 1001);
		wire_sleep(50);
		inject(". 1:1(0) ack %d", 1 + (sent += 1000));
	}
	/* The kernel's TCP was not seen to do it here. */
	if (REF)
		return;
	ASSERT_GT(was, cwnd(self->fd));
	ASSERT_LE(10, cwnd(self->fd));
	ASSERT_LE(was / 2, ssthresh(self->fd));
}

/*
 * CC-4: limited transmit has sent two segments for two duplicate ACKs: in slow
 * start the ACK of three segments lets cwnd grow by the one that is new.
 */
TEST_F(wire, delivered_before)
{
	passive("mss 1000");
	ASSERT_EQ(20000, wire_write(self->f, self->fd, 20000));
	ASSERT_EQ(10, segments(self->f));
	inject(". 1:1(0) ack 1");
	inject(". 1:1(0) ack 1");
	segments(self->f);
	inject(". 1:1(0) ack 3001");
	ASSERT_EQ(11, cwnd(self->fd));
}

/* CC-7: a second timeout for the same data leaves ssthresh unchanged. */
TEST_F(wire, second_timeout)
{
	passive("mss 1000");
	ASSERT_EQ(10000, wire_write(self->f, self->fd, 10000));
	ASSERT_EQ(10, segments(self->f));
	expect("+150ms..250ms p. 1:1001(1000) ack 1");
	ASSERT_EQ(1, cwnd(self->fd));
	ASSERT_EQ(5, ssthresh(self->fd));
	expect("+400ms p. 1:1001(1000) ack 1");
	ASSERT_EQ(1, cwnd(self->fd));
	ASSERT_EQ(5, ssthresh(self->fd));
}

/*
 * CC-9, CC-11, PR-2, PR-5: without SACK each duplicate ACK counts as a segment
 * that has left the network; after recovery cwnd is ssthresh.
 */
TEST_F(wire, inflation)
{
	int n = 0;

	passive("mss 1000");
	ASSERT_EQ(30000, wire_write(self->f, self->fd, 30000));
	ASSERT_EQ(10, segments(self->f));
	/* CC-9: two segments by limited transmit, the third duplicate ACK retransmits. */
	inject(". 1:1(0) ack 1");
	inject(". 1:1(0) ack 1");
	ASSERT_EQ(2, segments(self->f));
	inject(". 1:1(0) ack 1");
	expect("p. 1:1001(1000) ack 1");
	ASSERT_EQ(5, ssthresh(self->fd));
	/* One segment for two that have left the network (PRR). */
	for (int i = 4; i <= 11; i++)
		inject(". 1:1(0) ack 1");
	n = segments(self->f);
	ASSERT_LE(3, n);
	ASSERT_GE(4, n);
	inject(". 1:1(0) ack %d", 12001 + n * 1000);
	ASSERT_GE(5, segments(self->f));
	ASSERT_EQ(5, cwnd(self->fd));
}

/* CU-1: the same loss with CUBIC: 0.7 of cwnd stays. */
TEST_F(wire, cubic_loss)
{
	passive("mss 1000,nop,nop,sackOK");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_CONGESTION, "cubic", 5));
	write_segments(10);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:5001>");
	expect("p. 1:1001(1000) ack 1");
	ASSERT_EQ(7, ssthresh(self->fd));
	inject(". 1:1(0) ack 10001");
	ASSERT_EQ(7, cwnd(self->fd));
	/* Congestion avoidance: less than one segment per round trip. */
	write_segments(7);
	inject(". 1:1(0) ack 17001");
	ASSERT_EQ(7, cwnd(self->fd));
}

/* CU-1, CU-9: although only a part of cwnd is in flight. */
TEST_F(wire, cubic_loss_of_few)
{
	passive("mss 1000,nop,nop,sackOK");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_CONGESTION, "cubic", 5));
	write_segments(6);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:5001>");
	expect("p. 1:1001(1000) ack 1");
	ASSERT_EQ(7, ssthresh(self->fd));
	inject(". 1:1(0) ack 6001");
}

/* CC-17: cwnd does not grow while it is not used. */
TEST_F(wire, application_limited)
{
	passive("mss 1000");
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
		expect("P. %d:%d(1000) ack 1", 1 + i * 1000, 1001 + i * 1000);
		inject(". 1:1(0) ack %d", 1001 + i * 1000);
	}
	ASSERT_GE(11, cwnd(self->fd));
	ASSERT_EQ(30000, wire_write(self->f, self->fd, 30000));
	ASSERT_GE(11, segments(self->f));
}

/* CC-17: cwnd does not grow while snd_wnd limits the sender. */
TEST_F(wire, receiver_limited)
{
	int room = 1 << 20;

	self->f->win = 2000;
	passive("mss 1000");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_SNDBUF, &room, sizeof(room)));
	ASSERT_EQ(40000, wire_write(self->f, self->fd, 40000));
	for (int i = 0; i < 15; i++) {
		ASSERT_EQ(2, segments(self->f));
		inject(". 1:1(0) ack %d", 2001 + i * 2000);
	}
	ASSERT_GE(11, cwnd(self->fd));
}

/* CC-15: a smaller path MTU does not increase cwnd in segments. */
TEST_F(wire, smaller_segments)
{
	passive("mss 1460");
	ASSERT_EQ(10 * MSS, wire_write(self->f, self->fd, 10 * MSS));
	ASSERT_EQ(10, segments(self->f));
	ASSERT_EQ(0, wire_icmp(self->f, WI_TOOBIG, "1", variant->v6 ? 1280 : 750, 20));
	segments(self->f);
	ASSERT_GE(10, cwnd(self->fd));
}

TEST_HARNESS_MAIN
