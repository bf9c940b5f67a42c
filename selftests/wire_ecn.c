// SPDX-License-Identifier: GPL-2.0
/* ECN (RFC 3168): the handshake, the echo of CE marks, the reaction of the sender. */
#include "lib/wire_test.h"

static int cwnd(int fd)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	return getsockopt(fd, SOL_TCP, TCP_INFO, &ti, &len) ? -errno : (int)ti.tcpi_snd_cwnd;
}

static int options(int fd)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	return getsockopt(fd, SOL_TCP, TCP_INFO, &ti, &len) ? -errno : ti.tcpi_options;
}

/* Takes all segments that were sent. Return: number of data segments. */
static int segments(struct wire_flow *f)
{
	int n = 0;

	while (wire_next(f, 5))
		n += f->last.paylen > 0;
	return n;
}

/* A passive open with ECN granted. */
#define ecn_passive(opts) do {						\
	wire_sysctl(&self->w, "ecn", "2");				\
	if (self->lfd < 0)						\
		listening(8);						\
	inject("SEW 0:0(0) <" opts ">");				\
	expect("SE. 0:0(0) ack 1 notect <...>");			\
	inject(". 1:1(0) ack 1");					\
	self->fd = wire_accept(self->lfd);				\
	ASSERT_LE(0, self->fd);						\
} while (0)

/* EC-1, EC-2, SHLD-8: only a SYN with ECE and CWR requests ECN. */
TEST_F(wire, syn_flag_combinations)
{
	wire_sysctl(&self->w, "ecn", "2");
	listening(8);
	inject("SEW 0:0(0) <mss 1000>");
	expect("SE. 0:0(0) ack 1 <mss *>");
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("SE 0:0(0) <mss 1000>");
	expect("S. 0:0(0) ack 1 <mss *>");
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("SW 0:0(0) <mss 1000>");
	expect("S. 0:0(0) ack 1 <mss *>");
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("S 0:0(0) <mss 1000>");
	expect("S. 0:0(0) ack 1 <mss *>");
	/*
	 * ECT on a SYN: not granted, because a middlebox or peer that sets ECT
	 * there may set CE, too.
	 */
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("SEW 0:0(0) ect0 <mss 1000>");
	expect("S. 0:0(0) ack 1 <mss *>");
}

/* EC-1, EC-3: tcp_ecn 1 requests ECN; a SYN-ACK with ECE alone grants it. */
TEST_F(wire, active_granted)
{
	wire_sysctl(&self->w, "ecn", "1");
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("SEW 0:0(0) notect <...>");
	inject("SE. 0:0(0) ack 1 <mss 1000>");
	expect(". 1:1(0) ack 1 notect");
	ASSERT_TRUE(options(self->fd) & TCPI_OPT_ECN);
	ASSERT_FALSE(options(self->fd) & TCPI_OPT_ECN_SEEN);
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("P. 1:1001(1000) ack 1 ect0");
}

/* EC-1, EC-2: other SYN-ACKs, also one that reflects our flags, do not grant ECN. */
TEST_F(wire, active_refused)
{
	static const char *const flags[] = { "S.", "SW.", "SEW." };

	wire_sysctl(&self->w, "ecn", "1");
	for (int i = 0; i < 3; i++) {
		self->f = wire_flow(&self->w, 0);
		self->fd = wire_socket(&self->w);
		ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
		expect("SEW 0:0(0) <...>");
		inject("%s 0:0(0) ack 1 <mss 1000>", flags[i]);
		expect(". 1:1(0) ack 1");
		ASSERT_FALSE(options(self->fd) & TCPI_OPT_ECN);
		ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
		expect("P. 1:1001(1000) ack 1 notect");
		inject("R 1:1(0)");
		close(self->fd);
	}
}

/* EC-2: tcp_ecn 2 does not request ECN; a SYN-ACK with ECE has no effect then. */
TEST_F(wire, active_not_requested)
{
	wire_sysctl(&self->w, "ecn", "2");
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	inject("SE. 0:0(0) ack 1 <mss 1000>");
	expect(". 1:1(0) ack 1");
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("P. 1:1001(1000) ack 1 notect");
}

/* EC-4, EC-2: the retransmitted SYN does not request ECN: ECN is off. */
TEST_F(wire, fallback)
{
	wire_sysctl(&self->w, "ecn", "1");
	wire_sysctl(&self->w, "syn_linear_timeouts", "0");
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("SEW 0:0(0) <...>");
	expect("+1s S 0:0(0) notect <...>");
	inject("SE. 0:0(0) ack 1 <mss 1000>");
	expect(". 1:1(0) ack 1");
	/* The kernel's TCP only checks the SYN-ACK. */
	if (REF)
		return;
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("P. 1:1001(1000) ack 1 notect");
}

/* EC-4: with ecn_fallback 0 retransmissions keep the request. */
TEST_F(wire, no_fallback)
{
	wire_sysctl(&self->w, "ecn", "1");
	wire_sysctl(&self->w, "ecn_fallback", "0");
	wire_sysctl(&self->w, "syn_linear_timeouts", "0");
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("SEW 0:0(0) <...>");
	expect("+1s SEW 0:0(0) notect <...>");
	inject("R. 0:0(0) ack 1");
}

/* EC-2: the peer retransmits its SYN without the request: ECN is off. */
TEST_F(wire, peer_retransmits_syn_without_ecn)
{
	if (REF)
		SKIP(return, "the kernel's TCP remembers the first SYN");
	wire_sysctl(&self->w, "ecn", "2");
	listening(8);
	inject("SEW 0:0(0) <mss 1000>");
	expect("SE. 0:0(0) ack 1 <...>");
	inject("S 0:0(0) <mss 1000>");
	expect("S. 0:0(0) ack 1 <...>");
	inject(". 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("P. 1:1001(1000) ack 1 notect");
}

/* EC-6: with cwnd of one segment, an ECE delays the next one for one RTO, no longer. */
TEST_F(wire, one_segment_waits_for_the_timer)
{
	int64_t until;
	bool sent = false;

	if (REF)
		SKIP(return, "the kernel's TCP keeps two segments");
	ecn_passive("mss 1000");
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("P. 1:1001(1000) ack 1 ect0");
	inject("E. 1:1(0) ack 1001");
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("PW. 1001:2001(1000) ack 1 ect0");
	inject("E. 1:1(0) ack 2001");
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect_none(100);
	/* Segments from the peer must not restart this timer. */
	until = wire_now_us() + 1000000;
	for (int i = 0; !sent && wire_now_us() < until; i++) {
		inject("P. %d:%d(10) ack 2001", 1 + 10 * i, 11 + 10 * i);
		while (wire_next(self->f, 50))
			sent |= self->f->last.paylen > 0;
	}
	ASSERT_TRUE(sent);
}

/* EC-5, EC-9, EC-10: only new data has ECT. */
TEST_F(wire, ect_on_new_data_only)
{
	ecn_passive("mss 1000");
	ASSERT_EQ(3000, wire_write(self->f, self->fd, 3000));
	expect("p. 1:1001(1000) ack 1 ect0");
	expect("p. 1001:2001(1000) ack 1 ect0");
	expect("P. 2001:3001(1000) ack 1 ect0");
	expect("+150ms..250ms p. 1:1001(1000) ack 1 notect");
	inject(". 1:1(0) ack 3001");
	inject("P. 1:11(10) ack 3001");
	expect("+0ms..200ms . 3001:3001(0) ack 11 notect");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
	close(self->fd);
	expect("F. 3001:3001(0) ack 11 notect");
}

/* EC-6: one reduction per window of data, CWR on the next new segment. */
TEST_F(wire, one_reduction_per_window)
{
	ecn_passive("mss 1000");
	ASSERT_EQ(30000, wire_write(self->f, self->fd, 30000));
	ASSERT_EQ(10, segments(self->f));
	inject("E. 1:1(0) ack 1001");
	ASSERT_EQ(5, cwnd(self->fd));
	for (int i = 2; i <= 5; i++) {
		inject("E. 1:1(0) ack %d", 1 + i * 1000);
		ASSERT_EQ(5, cwnd(self->fd));
		expect_none(2);
	}
	inject("E. 1:1(0) ack 6001");
	expect("pW. 10001:11001(1000) ack 1 ect0");
	inject("E. 1:1(0) ack 7001");
	expect("p. 11001:12001(1000) ack 1 ect0");
	ASSERT_EQ(5, cwnd(self->fd));
	/* ECE for data sent after the reduction: a new reduction. */
	inject("E. 1:1(0) ack 11001");
	segments(self->f);
	ASSERT_GT(5, cwnd(self->fd));
}

/* EC-6, EC-10: a loss within a window that was reduced for ECE does not reduce again. */
TEST_F(wire, ece_and_loss)
{
	ecn_passive("mss 1000,sackOK");
	ASSERT_EQ(30000, wire_write(self->f, self->fd, 30000));
	ASSERT_EQ(10, segments(self->f));
	inject("E. 1:1(0) ack 1001");
	ASSERT_EQ(5, cwnd(self->fd));
	inject("E. 1:1(0) ack 1001 <sack 2001:3001,nop,nop>");
	inject("E. 1:1(0) ack 1001 <sack 2001:4001,nop,nop>");
	inject("E. 1:1(0) ack 1001 <sack 2001:5001,nop,nop>");
	expect("p. 1001:2001(1000) ack 1 notect");
	ASSERT_EQ(5, (int)wire_info(self->fd).tcpi_snd_ssthresh);
}

/* EC-6: a timeout also sets CWR, but not on retransmissions. */
TEST_F(wire, timeout_sets_cwr)
{
	ecn_passive("mss 1000");
	ASSERT_EQ(3000, wire_write(self->f, self->fd, 3000));
	ASSERT_EQ(3, segments(self->f));
	expect("+150ms..250ms p. 1:1001(1000) ack 1 notect");
	inject(". 1:1(0) ack 3001");
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("PW. 3001:4001(1000) ack 1 ect0");
}

/* EC-7: cwnd of one segment cannot be halved: the next segment waits for the timer. */
TEST_F(wire, cwnd_of_one_segment)
{
	if (REF)
		SKIP(return, "the kernel's TCP keeps two segments");
	ecn_passive("mss 1000");
	ASSERT_EQ(20000, wire_write(self->f, self->fd, 20000));
	ASSERT_EQ(10, segments(self->f));
	expect("+150ms..250ms p. 1:1001(1000) ack 1");
	ASSERT_EQ(1, cwnd(self->fd));
	inject("E. 1:1(0) ack 10001");
	/* The reduced window is acknowledged: this ECE is for the next one. */
	ASSERT_EQ(1, segments(self->f));
	inject("E. 1:1(0) ack %u", self->f->last.seq - self->f->iss + 1000);
	ASSERT_EQ(1, cwnd(self->fd));
	expect("+150ms..450ms pW. *(1000) ack 1 ect0");
}

/* EC-8: all segments after a CE mark have ECE, until CWR arrives. */
TEST_F(wire, echo)
{
	ecn_passive("mss 1000");
	inject("P. 1:101(100) ack 1 ect0");
	expect("+0ms..200ms . 1:1(0) ack 101");
	ASSERT_TRUE(options(self->fd) & TCPI_OPT_ECN_SEEN);
	inject("P. 101:201(100) ack 1 ce");
	expect("E. 1:1(0) ack 201");
	inject("P. 201:301(100) ack 1 ect0");
	expect("+0ms..200ms E. 1:1(0) ack 301");
	/* Data segments have ECE, too. */
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("PE. 1:11(10) ack 301 ect0");
	/* CWR on a segment with CE: ECE continues for the new mark. */
	inject("PW. 301:401(100) ack 11 ce");
	expect("E. 11:11(0) ack 401");
	inject("PW. 401:501(100) ack 11 ect0");
	expect(". 11:11(0) ack 501");
	inject("P. 501:601(100) ack 11 ect0");
	expect("+0ms..200ms . 11:11(0) ack 601");
}

/* EC-8: without ECN a CE mark is ignored. */
TEST_F(wire, no_echo)
{
	wire_sysctl(&self->w, "ecn", "2");
	passive("mss 1000");
	inject("P. 1:101(100) ack 1 ce");
	expect("+0ms..200ms . 1:1(0) ack 101");
	ASSERT_EQ(2000, wire_write(self->f, self->fd, 2000));
	ASSERT_EQ(2, segments(self->f));
	inject("E. 1:1(0) ack 1001");
	ASSERT_LE(10, cwnd(self->fd));
}

/* EC-10: a CE mark on a segment outside the window is ignored: it may be forged. */
TEST_F(wire, ce_outside_of_window)
{
	ecn_passive("mss 1000");
	inject("P. 1:101(100) ack 1");
	expect("+0ms..200ms . 1:1(0) ack 101");
	inject("P. 1:101(100) ack 1 ce");
	expect("+0ms..200ms . 1:1(0) ack 101 <...>");
	inject("P. 9000001:9000101(100) ack 1 ce");
	expect("+0ms..200ms . 1:1(0) ack 101 <...>");
}

/* EC-11: a window probe has neither ECT nor CWR. */
TEST_F(wire, probe)
{
	ecn_passive("mss 1000");
	ASSERT_EQ(2000, wire_write(self->f, self->fd, 2000));
	ASSERT_EQ(2, segments(self->f));
	inject("E. 1:1(0) ack 2001 win 0");
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("+150ms..500ms . 2000:2000(0) ack 1 notect");
	inject(". 1:1(0) ack 2001 win 4000");
	expect("PW. 2001:3001(1000) ack 1 ect0");
}

/* SHLD-22: the low two bits of IP_TOS do not change the IP-ECN field. */
TEST_F(wire, tos_keeps_ecn_bits)
{
	int tos = 0x28 | 3;

	ecn_passive("mss 1000");
	ASSERT_EQ(0, setsockopt(self->fd, variant->v6 ? SOL_IPV6 : SOL_IP,
				variant->v6 ? IPV6_TCLASS : IP_TOS, &tos, sizeof(tos)));
	ASSERT_EQ(500, wire_write(self->f, self->fd, 500));
	expect("P. 1:501(500) ack 1 ect0");
	ASSERT_EQ(0x28 | 2, self->f->last.tos);
	expect("+150ms..250ms P. 1:501(500) ack 1 notect");
	ASSERT_EQ(0x28, self->f->last.tos);
}

TEST_HARNESS_MAIN
