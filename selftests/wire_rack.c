// SPDX-License-Identifier: GPL-2.0
/*
 * Loss detection by time, and tail loss probes: RFC 8985 (RACK-TLP). The path
 * of these tests has a round-trip time of 40 ms.
 */
#include "lib/wire_test.h"

/* RK-5, RK-7: a quarter of the minimum RTT is time for reordering. */
TEST_F(wire, reordering_window)
{
	active_with_rtt(SACK_OK);
	write_segments(2);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:2001>");
	expect_none(RTT_MS / 4 - 1);
	expect("+10ms..24ms p. 1:1001(1000) ack 1");
	inject(". 1:1(0) ack 2001");
	expect_none(1000);
}

/* RK-7: the segment arrives within the window: nothing is retransmitted. */
TEST_F(wire, reordered_within_the_window)
{
	active_with_rtt(SACK_OK);
	write_segments(2);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:2001>");
	wire_sleep(RTT_MS / 4 - 2);
	inject(". 1:1(0) ack 2001");
	expect_none(1000);
	ASSERT_EQ(0, wire_info(self->fd).tcpi_total_retrans);
}

/* RK-5: three SACKed segments close the window. */
TEST_F(wire, three_sacked_segments)
{
	active_with_rtt(SACK_OK);
	write_segments(5);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:3001>");
	expect_none(2);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:4001>");
	expect("p. 1:1001(1000) ack 1");
	inject(". 1:1(0) ack 5001");
	expect_none(1000);
}

/* RK-4, RK-8: after reordering was seen three SACKed segments prove nothing. */
TEST_F(wire, no_threshold_after_reordering)
{
	active_with_rtt(SACK_OK);
	write_segments(2);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:2001>");
	inject(". 1:1(0) ack 2001");
	write_segments(6);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 2001 <nop,nop,sack 3001:8001>");
	expect_none(RTT_MS / 4 - 1);
	expect("+10ms..24ms p. 2001:3001(1000) ack 1");
	inject(". 1:1(0) ack 8001");
	expect_none(1000);
}

/* RK-6: a DSACK makes the window wider. */
TEST_F(wire, dsack_widens_the_window)
{
	active_with_rtt(SACK_OK);
	write_segments(2);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:2001>");
	expect("+10ms..24ms p. 1:1001(1000) ack 1");
	/* It was only late; the retransmission was unnecessary. */
	inject(". 1:1(0) ack 2001");
	wire_sleep(5);
	inject(". 1:1(0) ack 2001 <nop,nop,sack 1:1001>");
	write_segments(2);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 2001 <nop,nop,sack 3001:4001>");
	expect_none(RTT_MS / 2 - 1);
	expect("+20ms..34ms p. 2001:3001(1000) ack 1");
	inject(". 1:1(0) ack 4001");
	expect_none(1000);
}

/* RK-15: a retransmission is lost, too: later data shows it, before a timeout. */
TEST_F(wire, lost_retransmission)
{
	active_with_rtt(SACK_OK);
	write_segments(5);
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("p. 5001:6001(1000) ack 1");
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:6001>");
	expect("p. 1:1001(1000) ack 1");
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("p. 6001:7001(1000) ack 1");
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:7001>");
	expect("p. 1:1001(1000) ack 1");
	inject(". 1:1(0) ack 7001");
	expect_none(1000);
	ASSERT_EQ(1, counter("LostRetransmit"));
	ASSERT_EQ(0, counter("Timeouts"));
}

/* RK-9: a timeout: data that was sent a moment ago is not lost. */
TEST_F(wire, recent_data_at_timeout)
{
	wire_sysctl(&self->w, "early_retrans", "0");
	active_with_rtt(SACK_OK);
	write_segments(1);
	wire_sleep(220);
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("p. 1001:2001(1000) ack 1");
	expect("+20ms..40ms p. 1:1001(1000) ack 1");
	/* So soon that it is the ACK of the first transmission. */
	wire_sleep(5);
	inject(". 1:1(0) ack 1001");
	expect_none(30);
	inject(". 1:1(0) ack 2001");
	expect_none(1000);
	ASSERT_EQ(1, wire_info(self->fd).tcpi_total_retrans);
}

/*
 * RK-10, RK-12, RK-13: the last segment is retransmitted after two round trips.
 * Then the retransmission timer runs anew.
 */
TEST_F(wire, tail_probe)
{
	active_with_rtt(SACK_OK);
	write_segments(3);
	expect("+80ms..100ms P. 2001:3001(1000) ack 1");
	/* SRTT + 4 * RTTVAR = 40 + 200 */
	expect("+240ms..260ms p. 1:1001(1000) ack 1");
	inject(". 1:1(0) ack 3001");
	expect_none(1000);
	ASSERT_EQ(1, counter("LossProbes"));
}

/* RK-14, RK-7: the SACK of the probe shows the losses before it. */
TEST_F(wire, tail_probe_finds_losses)
{
	active_with_rtt(SACK_OK);
	write_segments(3);
	expect("+80ms..100ms P. 2001:3001(1000) ack 1");
	wire_sleep(RTT_MS + 5);
	inject(". 1:1(0) ack 1 <nop,nop,sack 2001:3001>");
	expect("+0ms..14ms p. 1:1001(1000) ack 1");
	/* One segment was delivered, so one was sent (PRR). */
	inject(". 1:1(0) ack 1001 <nop,nop,sack 2001:3001>");
	expect("p. 1001:2001(1000) ack 1");
	inject(". 1:1(0) ack 3001");
	expect_none(1000);
	ASSERT_EQ(0, counter("Timeouts"));
}

/*
 * RK-10: the peer may delay the ACK of one segment by 200 ms. But the probe is
 * not later than the retransmission timeout.
 */
TEST_F(wire, tail_probe_of_one_segment)
{
	active_with_rtt(SACK_OK);
	write_segments(1);
	expect("+240ms..260ms p. 1:1001(1000) ack 1");
	ASSERT_EQ(1, counter("LossProbes"));
	ASSERT_EQ(0, counter("Timeouts"));
	expect("+240ms..260ms p. 1:1001(1000) ack 1");
	expect("+480ms..520ms p. 1:1001(1000) ack 1");
	inject(". 1:1(0) ack 1001");
	expect_none(1000);
}

/* RK-10: two segments, however small: the probe comes after two round trips. */
TEST_F(wire, tail_probe_of_small_segments)
{
	active_with_rtt(SACK_OK);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_NODELAY, &(int){ 1 },
				sizeof(int)));
	for (int i = 1; i <= 2; i++) {
		ASSERT_EQ(1, wire_write(self->f, self->fd, 1));
		expect("P. %d:%d(1) ack 1", i, i + 1);
	}
	expect("+80ms..100ms P. 2:3(1) ack 1");
	inject(". 1:1(0) ack 3");
	expect_none(1000);
}

/* RK-12, RK-13: a probe is new data if there is any, even beyond cwnd. */
TEST_F(wire, tail_probe_with_new_data)
{
	active_with_rtt(SACK_OK);
	big_send_buffer();
	ASSERT_EQ(13000, wire_write(self->f, self->fd, 13000));
	for (int i = 0; i < 10; i++)
		expect("p. %d:%d(1000) ack 1", 1 + i * 1000, 1001 + i * 1000);
	expect("+80ms..100ms p. 10001:11001(1000) ack 1");
	/* One probe, until it is acknowledged. */
	expect("+240ms..260ms p. 1:1001(1000) ack 1");
	inject("R. 1:1(0) ack 1");
}

/* RK-13: but not beyond the peer's window. */
TEST_F(wire, tail_probe_within_the_window)
{
	self->f->win = 3000;
	active_with_rtt(SACK_OK);
	big_send_buffer();
	ASSERT_EQ(6000, wire_write(self->f, self->fd, 6000));
	for (int i = 0; i < 3; i++)
		expect("p. %d:%d(1000) ack 1", 1 + i * 1000, 1001 + i * 1000);
	expect("+80ms..100ms p. 2001:3001(1000) ack 1");
	inject("R. 1:1(0) ack 1");
}

/* RK-1, RK-11: new data moves the probe; without SACK there is none. */
TEST_F(wire, tail_probe_after_the_last_write)
{
	active_with_rtt(SACK_OK);
	write_segments(2);
	wire_sleep(60);
	write_segments(1);
	expect("+80ms..100ms P. 2001:3001(1000) ack 1");
	inject("R. 1:1(0) ack 1");

	self->f = wire_flow(&self->w, 0);
	active_with_rtt("");
	write_segments(3);
	expect("+240ms..260ms p. 1:1001(1000) ack 1");
	inject("R. 1:1(0) ack 1");
}

/* RK-11: no probe while segments are SACKed, or in recovery. */
TEST_F(wire, no_tail_probe_in_recovery)
{
	active_with_rtt(SACK_OK);
	write_segments(5);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:4001>");
	expect("p. 1:1001(1000) ack 1");
	expect("+240ms..260ms p. 1:1001(1000) ack 1");
	inject(". 1:1(0) ack 5001");
	expect_none(1000);
	ASSERT_EQ(0, counter("LossProbes"));
}

#define SSTHRESH_INF	0x7fffffff

/* RK-14: only the probe repaired the loss: cwnd is reduced once. */
TEST_F(wire, tail_probe_repairs)
{
	active_with_rtt(SACK_OK);
	write_segments(3);
	expect("+80ms..100ms P. 2001:3001(1000) ack 1");
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 3001");
	expect_none(10);
	ASSERT_EQ(SSTHRESH_INF, wire_info(self->fd).tcpi_snd_ssthresh);
	write_segments(1);
	inject(". 1:1(0) ack 4001");
	expect_none(10);
	ASSERT_GT(SSTHRESH_INF, wire_info(self->fd).tcpi_snd_ssthresh);
	ASSERT_EQ(TCP_CA_Open, wire_info(self->fd).tcpi_ca_state);
	ASSERT_EQ(1, counter("LossProbeRecovery"));
}

/* RK-14: the original arrived as well: no reduction. */
TEST_F(wire, tail_probe_was_unnecessary)
{
	active_with_rtt(SACK_OK);
	write_segments(3);
	expect("+80ms..100ms P. 2001:3001(1000) ack 1");
	inject(". 1:1(0) ack 3001");
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 3001 <nop,nop,sack 2001:3001>");
	write_segments(3);
	inject(". 1:1(0) ack 6001");
	expect_none(10);
	ASSERT_EQ(SSTHRESH_INF, wire_info(self->fd).tcpi_snd_ssthresh);
	ASSERT_EQ(0, counter("LossProbeRecovery"));

	/* The same without a DSACK: a second ACK. */
	write_segments(3);
	expect("+60ms..125ms P. 8001:9001(1000) ack 1");
	inject(". 1:1(0) ack 9001");
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 9001");
	write_segments(1);
	inject(". 1:1(0) ack 10001");
	expect_none(10);
	ASSERT_EQ(SSTHRESH_INF, wire_info(self->fd).tcpi_snd_ssthresh);
}

/*
 * SR-1: with SACK a segment is a duplicate ACK if it SACKs new data, even with
 * a new window and with data.
 */
TEST_F(wire, duplicate_acks_with_data_and_window)
{
	active_with_rtt(SACK_OK);
	write_segments(5);
	wire_sleep(RTT_MS);
	inject("P. 1:11(10) ack 1 win 60000 <nop,nop,sack 1001:2001>");
	inject("P. 11:21(10) ack 1 win 61000 <nop,nop,sack 1001:3001>");
	wire_flush(self->f);
	inject("P. 21:31(10) ack 1 win 62000 <nop,nop,sack 1001:4001>");
	expect("p. 1:1001(1000) ack *");
	inject("R. 31:31(0) ack 1");
}

/*
 * SR-6, PR-7: each segment that is SACKed before recovery lets a new one out, and
 * cwnd stays.
 */
TEST_F(wire, limited_transmit_with_sack)
{
	active_with_rtt(SACK_OK);
	big_send_buffer();
	ASSERT_EQ(20000, wire_write(self->f, self->fd, 20000));
	for (int i = 0; i < 10; i++)
		expect("p. %d:%d(1000) ack 1", 1 + i * 1000, 1001 + i * 1000);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:2001>");
	expect("p. 10001:11001(1000) ack 1");
	/* The block once more is no news. */
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:2001>");
	expect_none(2);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:3001>");
	expect("p. 11001:12001(1000) ack 1");
	ASSERT_EQ(10, (int)wire_info(self->fd).tcpi_snd_cwnd);
	inject("R. 1:1(0) ack 1");
}

/*
 * SR-7: after a timeout SACKs of data that was sent before it do not begin fast
 * recovery. (F-RTO would see that the timeout was not right for all of it.)
 */
TEST_F(wire, no_fast_recovery_after_timeout)
{
	wire_sysctl(&self->w, "frto", "0");
	active_with_rtt(SACK_OK);
	write_segments(6);
	expect("+80ms..100ms P. 5001:6001(1000) ack 1");
	expect("+240ms..260ms p. 1:1001(1000) ack 1");
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 1001 <nop,nop,sack 2001:6001>");
	expect("p. 1001:2001(1000) ack 1");
	ASSERT_EQ(TCP_CA_Loss, wire_info(self->fd).tcpi_ca_state);
	ASSERT_EQ(0, counter("SackRecovery"));
	inject(". 1:1(0) ack 6001");
	expect_none(1000);
	ASSERT_EQ(TCP_CA_Open, wire_info(self->fd).tcpi_ca_state);
}

/* SR-8: each retransmission of the first segment restarts the timer. */
TEST_F(wire, fast_retransmission_restarts_the_timer)
{
	active_with_rtt(SACK_OK);
	write_segments(5);
	wire_sleep(100 - RTT_MS);
	/* Just before the tail loss probe. */
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:4001>");
	expect("p. 1:1001(1000) ack 1");
	expect("+240ms..260ms p. 1:1001(1000) ack 1");
	inject("R. 1:1(0) ack 1");
}

/* PR-6: nearly all of a flight is lost: no burst. */
TEST_F(wire, no_burst_after_many_losses)
{
	active_with_rtt(SACK_OK);
	write_segments(10);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 1 <nop,nop,sack 9001:10001>");
	/* The window for reordering is over: nine segments are lost. */
	expect("+10ms..24ms p. 1:1001(1000) ack 1");
	expect_none(10);
	wire_sleep(RTT_MS);
	/* SND.UNA advances: two for one. */
	inject(". 1:1(0) ack 1001 <nop,nop,sack 9001:10001>");
	expect("p. 1001:2001(1000) ack 1");
	expect("p. 2001:3001(1000) ack 1");
	expect_none(10);
	inject("R. 1:1(0) ack 1");
}

/*
 * PM-7, PR-1: a segment is retransmitted because it was too large, which is no
 * congestion. Then a segment that was sent later is lost, in the same recovery,
 * while more than ssthresh is in flight: now PRR reduces cwnd.
 */
TEST_F(wire, loss_during_repair_of_sizes)
{
	const int m = variant->v6 ? 1240 : 1260, repaired = 14001 + 1400;

	if (REF)
		SKIP(return, "the kernel's TCP repairs sizes without fast recovery");
	active_of_mss("1400" SACK_OK);
	big_send_buffer();
	/* cwnd grows, but no ACK shows that the path takes large packets. */
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_NODELAY, &(int){ 1 },
				sizeof(int)));
	for (int i = 0; i < 14; i++)
		ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	wire_sleep(RTT_MS);
	for (int i = 2; i <= 14; i += 2) {
		wire_flush(self->f);
		inject(". 1:1(0) ack %d", 1 + i * 1000);
	}
	ASSERT_EQ(1400, wire_write(self->f, self->fd, 1400));
	expect("P. 14001:15401(1400) ack 1");
	ASSERT_EQ(0, wire_icmp(self->f, WI_TOOBIG, "14001", 1300, 20));
	expect("p. 14001:%d(%d) ack 1", 14001 + m, m);
	expect("p. %d:15401(%d) ack 1", 14001 + m, 1400 - m);
	ASSERT_EQ(SSTHRESH_INF, wire_info(self->fd).tcpi_snd_ssthresh);

	ASSERT_EQ(16 * m, wire_write(self->f, self->fd, 16 * m));
	for (int i = 0; i < 16; i++)
		expect("p. %d:%d(%d) ack 1", repaired + i * m,
		       repaired + i * m + m, m);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 14001 <nop,nop,sack %d:%d>", repaired + m,
	       repaired + 2 * m);
	ASSERT_GT(20, wire_info(self->fd).tcpi_snd_ssthresh);
	wire_flush(self->f);
	inject(". 1:1(0) ack %d", repaired + 16 * m);
	expect_none(1000);
	state(TCP_ESTABLISHED);
}

/* PR-5: after recovery cwnd is ssthresh. */
TEST_F(wire, cwnd_after_recovery)
{
	active_with_rtt(SACK_OK);
	write_segments(10);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:10001>");
	expect("p. 1:1001(1000) ack 1");
	inject(". 1:1(0) ack 10001");
	expect_none(10);
	ASSERT_EQ(5, (int)wire_info(self->fd).tcpi_snd_ssthresh);
	ASSERT_EQ(5, (int)wire_info(self->fd).tcpi_snd_cwnd);
}

TEST_HARNESS_MAIN
