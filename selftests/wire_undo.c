// SPDX-License-Identifier: GPL-2.0
/*
 * Undo of a reduction of cwnd that proves wrong: F-RTO (RFC 5682), Eifel
 * (RFC 3522, RFC 4015), DSACK (RFC 3708). A SYN that was only late.
 */
#include "lib/wire_test.h"

#define SSTHRESH_INF	0x7fffffff

/* A connection without tail loss probes: only the timer retransmits. */
#define active_without_probes(opts) do {				\
	wire_sysctl(&self->w, "early_retrans", "0");			\
	active_of_mss(opts);						\
	big_send_buffer();						\
} while (0)

/* Ten segments in flight, more queued; the timer retransmits the first. */
#define timeout_of_ten() do {						\
	ASSERT_EQ(20000, wire_write(self->f, self->fd, 20000));		\
	for (int _i = 0; _i < 10; _i++)					\
		expect("p. *(1000) ack 1");				\
	expect("+200ms..260ms p. 1:1001(1000) ack 1");			\
} while (0)

#define is_undone() do {						\
	struct tcp_info _ti = wire_info(self->fd);			\
									\
	ASSERT_EQ(SSTHRESH_INF, _ti.tcpi_snd_ssthresh);			\
	ASSERT_LE(_ti.tcpi_unacked, _ti.tcpi_snd_cwnd);			\
	ASSERT_GE(TCP_CA_Disorder, _ti.tcpi_ca_state);			\
	ASSERT_EQ(0, _ti.tcpi_lost);					\
} while (0)

/*
 * FR-1, FR-2, FR-5: after the first ACK new data is sent. The second ACK is for
 * an original: nothing was lost, only late.
 */
TEST_F(wire, frto_spurious)
{
	active_without_probes("1000");
	timeout_of_ten();
	inject(". 1:1(0) ack 1001");
	expect("p. 10001:11001(1000) ack 1");
	expect("p. 11001:12001(1000) ack 1");
	expect_none(2);
	inject(". 1:1(0) ack 2001");
	is_undone();
	while (wire_next(self->f, 20))
		ASSERT_LE(12001, self->f->last.seq - self->f->iss);
	ASSERT_EQ(1, counter("SpuriousRTOs"));
	inject("R. 1:1(0) ack 1");
}

/* FR-3: with SACK the first ACK is enough if it is for an original. */
TEST_F(wire, frto_spurious_sack)
{
	active_without_probes("1000" SACK_OK);
	timeout_of_ten();
	inject(". 1:1(0) ack 1001");
	expect("p. 10001:11001(1000) ack 1");
	expect("p. 11001:12001(1000) ack 1");
	/* The second segment was lost, the third arrives. */
	inject(". 1:1(0) ack 1001 <nop,nop,sack 2001:3001>");
	ASSERT_EQ(1, counter("SpuriousRTOs"));
	ASSERT_GE(TCP_CA_Disorder, wire_info(self->fd).tcpi_ca_state);
	inject("R. 1:1(0) ack 1");
}

/* FR-2: a duplicate ACK: the timeout was right. */
TEST_F(wire, frto_real_loss)
{
	active_without_probes("1000" SACK_OK);
	timeout_of_ten();
	inject(". 1:1(0) ack 1001");
	expect("p. 10001:11001(1000) ack 1");
	expect("p. 11001:12001(1000) ack 1");
	inject(". 1:1(0) ack 1001 <nop,nop,sack 10001:11001>");
	expect("p. 1001:2001(1000) ack 1");
	ASSERT_EQ(TCP_CA_Loss, wire_info(self->fd).tcpi_ca_state);
	ASSERT_EQ(0, counter("SpuriousRTOs"));
	inject("R. 1:1(0) ack 1");
}

/* FR-1: without new data to send, recovery goes on as usual. */
TEST_F(wire, frto_without_new_data)
{
	active_without_probes("1000" SACK_OK);
	write_segments(4);
	expect("+200ms..260ms p. 1:1001(1000) ack 1");
	inject(". 1:1(0) ack 1001");
	expect("p. 1001:2001(1000) ack 1");
	inject("R. 1:1(0) ack 1");
}

/* FR-4: not in fast recovery. */
TEST_F(wire, frto_not_in_recovery)
{
	active_without_probes("1000" SACK_OK);
	ASSERT_EQ(20000, wire_write(self->f, self->fd, 20000));
	for (int i = 0; i < 10; i++)
		expect("p. *(1000) ack 1");
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:4001>");
	while (wire_next(self->f, 20))
		;
	/* All is lost. */
	expect("+200ms..260ms p. 1:1001(1000) ack 1");
	inject(". 1:1(0) ack 4001");
	expect("p. 4001:5001(1000) ack 1");
	inject("R. 1:1(0) ack 1");
}

#define TS_OK	",sackOK,TS val * ecr *"

/* FR-5: a timestamp from before the retransmission; the RTO becomes longer. */
TEST_F(wire, eifel_after_timeout)
{
	uint32_t echo;

	active_without_probes("1012" TS_OK);
	write_segments(4);
	echo = self->f->ts_last;
	expect("+200ms..260ms p. 1:1001(1000) ack 1");
	inject(". 1:1(0) ack 1001 <nop,nop,TS val * ecr %u>", echo);
	expect_none(5);
	is_undone();
	ASSERT_EQ(1, counter("LossUndo"));
	/* SRTT is the 240 ms of the late segment, RTTVAR half of it. */
	ASSERT_LE(700000, (int)wire_info(self->fd).tcpi_rto);
	inject(". 1:1(0) ack 4001");
	expect_none(1000);
}

/* The same in fast recovery: three segments have overtaken the first. */
TEST_F(wire, eifel_in_fast_recovery)
{
	uint32_t echo;

	active_without_probes("1012" TS_OK);
	write_segments(10);
	echo = self->f->ts_last;
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 1 <nop,nop,TS val * ecr %u,nop,nop,sack 1001:4001>",
	       echo);
	expect("p. 1:1001(1000) ack 1");
	ASSERT_EQ(TCP_CA_Recovery, wire_info(self->fd).tcpi_ca_state);
	ASSERT_GT(SSTHRESH_INF, (int)wire_info(self->fd).tcpi_snd_ssthresh);
	inject(". 1:1(0) ack 4001 <nop,nop,TS val * ecr %u>", echo);
	is_undone();
	ASSERT_EQ(1, counter("FullUndo"));
	inject(". 1:1(0) ack 10001");
	expect_none(1000);
}

/* A timestamp of the retransmission: the loss was real. */
TEST_F(wire, eifel_real_loss)
{
	active_without_probes("1012" TS_OK);
	write_segments(10);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 1 <nop,nop,TS val * ecr *,nop,nop,sack 1001:10001>");
	expect("p. 1:1001(1000) ack 1");
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 10001");
	expect_none(2);
	ASSERT_GT(SSTHRESH_INF, (int)wire_info(self->fd).tcpi_snd_ssthresh);
	ASSERT_EQ(0, counter("FullUndo"));
}

/* The peer reports each retransmission as a duplicate. */
TEST_F(wire, dsack_of_all_retransmissions)
{
	active_without_probes("1000" SACK_OK);
	write_segments(10);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 1 <nop,nop,sack 2001:8001>");
	expect("p. 1:1001(1000) ack 1");
	expect("p. 1001:2001(1000) ack 1");
	inject(". 1:1(0) ack 10001");
	expect_none(2);
	ASSERT_GT(SSTHRESH_INF, (int)wire_info(self->fd).tcpi_snd_ssthresh);
	inject(". 1:1(0) ack 10001 <nop,nop,sack 1:1001>");
	ASSERT_GT(SSTHRESH_INF, (int)wire_info(self->fd).tcpi_snd_ssthresh);
	ASSERT_EQ(0, counter("DSACKUndo"));
	inject(". 1:1(0) ack 10001 <nop,nop,sack 1001:2001>");
	expect_none(2);
	ASSERT_EQ(SSTHRESH_INF, wire_info(self->fd).tcpi_snd_ssthresh);
	ASSERT_EQ(1, counter("DSACKUndo"));
}

/* The SYN is sent three times; the answer echoes the first or the third. */
#define late_syn_ack(is_first) do {					\
	uint32_t _first;						\
									\
	wire_sysctl(&self->w, "early_retrans", "0");			\
	wire_sysctl(&self->w, "syn_linear_timeouts", "0");		\
	self->fd = wire_socket(&self->w);				\
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));	\
	expect("S 0:0(0) <...>");					\
	_first = self->f->ts_last;					\
	expect("+1s S 0:0(0) <...>");					\
	expect("+2s S 0:0(0) <...>");					\
	wire_sleep(RTT_MS);						\
	inject("S. 0:0(0) ack 1 <mss 1012" SACK_OK ",TS val 1 ecr %u>",	\
	       (is_first) ? _first : self->f->ts_last);			\
	expect(". 1:1(0) ack 1");					\
	big_send_buffer();						\
} while (0)

/* No SYN was lost, the path is slow: the initial window is that of any other. */
TEST_F(wire, spurious_syn)
{
	late_syn_ack(true);
	write_segments(10);
	/* RTT is 3.04 s. */
	ASSERT_LE(3000000, (int)wire_info(self->fd).tcpi_rtt);
	inject(". 1:1(0) ack 10001");
}

/* Two SYNs were lost. */
TEST_F(wire, lost_syn)
{
	late_syn_ack(false);
	ASSERT_EQ(5000, wire_write(self->f, self->fd, 5000));
	expect("p. 1:1001(1000) ack 1");
	expect_none(100);
	ASSERT_GE(RTT_MS * 1000 + 10000 + self->w.slop_us,
		  (int)wire_info(self->fd).tcpi_rtt);
	/* RFC 6298 5.7; the kernel's TCP does not do so. */
	if (!REF) {
		ASSERT_LE(3000000, (int)wire_info(self->fd).tcpi_rto);
	}
	inject(". 1:1(0) ack 1001");
}

/* The SYN-ACK is sent three times; the ACK echoes the first or the third. */
#define late_ack(is_first) do {						\
	uint32_t _first;						\
									\
	wire_sysctl(&self->w, "early_retrans", "0");			\
	listening(8);							\
	inject("S 0:0(0) <mss 1012" TS_OK ">");				\
	expect("S. 0:0(0) ack 1 <...>");				\
	_first = self->f->ts_last;					\
	expect("+1s S. 0:0(0) ack 1 <...>");				\
	expect("+2s S. 0:0(0) ack 1 <...>");				\
	wire_sleep(RTT_MS);						\
	inject(". 1:1(0) ack 1 <nop,nop,TS val * ecr %u>",		\
	       (is_first) ? _first : self->f->ts_last);			\
	self->fd = wire_accept(self->lfd);				\
	ASSERT_LE(0, self->fd);						\
	big_send_buffer();						\
} while (0)

TEST_F(wire, spurious_syn_ack)
{
	late_ack(true);
	write_segments(10);
	inject(". 1:1(0) ack 10001");
}

TEST_F(wire, lost_syn_ack)
{
	late_ack(false);
	ASSERT_EQ(5000, wire_write(self->f, self->fd, 5000));
	expect("p. 1:1001(1000) ack 1");
	expect_none(100);
	inject(". 1:1(0) ack 1001");
}

TEST_HARNESS_MAIN
