// SPDX-License-Identifier: GPL-2.0
/*
 * Loss: the retransmission timer, fast retransmit with and without SACK, contents of
 * SACK options, and PAWS.
 */
#include "lib/wire_test.h"

#include <linux/sock_diag.h>

/* RT-2, RT-4, RT-8, MUST-19: RTO of 200 ms after a fast handshake, doubled each time. */
TEST_F(wire, rto_backoff)
{
	passive("mss 1000");
	write_segments(1);
	for (int i = 0; i < 5; i++)
		expect("+%dms p. 1:1001(1000) ack 1", 200 << i);
	inject(". 1:1(0) ack 1001");
	expect_none(1000);
}

/* RT-5: the maximum RTO is 120 s. */
TEST_F_TIMEOUT(wire, rto_ceiling, 700)
{
	passive("mss 1000");
	write_segments(1);
	/* 0.2, 0.4, ... 102.4 s */
	for (int i = 0; i < 10; i++)
		expect("+%dms p. 1:1001(1000) ack 1", 200 << i);
	expect("+120s p. 1:1001(1000) ack 1");
	expect("+120s p. 1:1001(1000) ack 1");
	/* The peer acknowledges again. */
	inject(". 1:1(0) ack 1001");
	state(TCP_ESTABLISHED);
}

/* RT-2, MUST-18: the RTO follows the measured RTT. */
TEST_F(wire, rto_follows_rtt)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	wire_sleep(300);
	inject("S. 0:0(0) ack 1 <mss 1000>");
	expect(". 1:1(0) ack 1");
	write_segments(1);
	/* R = 300 ms: SRTT + max(G, 4 * RTTVAR) = 300 + 4 * 150 */
	expect("+900ms p. 1:1001(1000) ack 1");
}

/*
 * RT-7: the timer stops when all is acknowledged, and restarts at each ACK of
 * new data.
 */
TEST_F(wire, rto_restarts)
{
	passive("mss 1000");
	write_segments(2);
	wire_sleep(20);
	inject(". 1:1(0) ack 1001");
	/* 200 ms after the ACK, not after the transmission. */
	expect("+200ms..320ms p. 1001:2001(1000) ack 1");
	inject(". 1:1(0) ack 2001");
	expect_none(2000);
}

/* RT-6, RT-10, MUST-18: no RTT sample from a retransmission; the backed-off RTO stays. */
TEST_F(wire, karn)
{
	passive("mss 1000");
	write_segments(1);
	expect("+200ms p. 1:1001(1000) ack 1");
	expect("+400ms p. 1:1001(1000) ack 1");
	wire_sleep(10);
	inject(". 1:1(0) ack 1001");
	write_segments(1);
	expect("+800ms p. 1001:2001(1000) ack 1");
	inject(". 1:1(0) ack 2001");
	/* A new sample ends the back-off. */
	write_segments(1);
	inject(". 1:1(0) ack 3001");
	write_segments(1);
	expect("+200ms..400ms p. 3001:4001(1000) ack 1");
}

/*
 * RT-10: the ACK of a retransmission acknowledges all data: queued data is sent
 * at once, and the back-off stays.
 */
TEST_F(wire, karn_with_data_waiting)
{
	passive("mss 1000");
	ASSERT_EQ(1, wire_write(self->f, self->fd, 1));
	expect("P. 1:2(1) ack 1");
	expect("+200ms P. 1:2(1) ack 1");
	expect("+400ms P. 1:2(1) ack 1");
	ASSERT_EQ(1, wire_write(self->f, self->fd, 1));
	expect_none(10);
	inject(". 1:1(0) ack 2");
	expect("P. 2:3(1) ack 1");
	expect("+800ms P. 2:3(1) ack 1");
	inject(". 1:1(0) ack 3");
	expect_none(1000);
}

/* RT-10: the ACK of a window probe gives no sample, so the back-off stays. */
TEST_F(wire, karn_with_probes)
{
	passive("mss 1000");
	ASSERT_EQ(1, wire_write(self->f, self->fd, 1));
	expect("P. 1:2(1) ack 1");
	expect("+200ms P. 1:2(1) ack 1");
	expect("+400ms P. 1:2(1) ack 1");
	inject(". 1:1(0) ack 2 win 0");
	ASSERT_EQ(1, wire_write(self->f, self->fd, 1));
	expect(REF ? "+800ms..2s . 1:1(0) ack 1" : "+800ms . 1:1(0) ack 1");
	inject(". 1:1(0) ack 2");
	expect("P. 2:3(1) ack 1");
	expect("+800ms P. 2:3(1) ack 1");
	inject(". 1:1(0) ack 3");
	expect_none(1000);
}

/* TO-2, CC-7, MUST-19: after a timeout cwnd is one segment, then slow start. */
TEST_F(wire, rto_slow_start)
{
	passive("mss 1000");
	write_segments(10);
	expect("+200ms p. 1:1001(1000) ack 1");
	expect_none(100);
	inject(". 1:1(0) ack 1001");
	expect("p. 1001:2001(1000) ack 1");
	expect("p. 2001:3001(1000) ack 1");
	expect_none(50);
	inject(". 1:1(0) ack 10001");
	expect_none(1000);
}

/*
 * CC-4, CC-17: slow start after a timeout, also if cwnd was not fully used
 * before.
 */
TEST_F(wire, rto_slow_start_of_small_flight)
{
	passive("mss 1000");
	write_segments(3);
	expect("+200ms p. 1:1001(1000) ack 1");
	inject(". 1:1(0) ack 1001");
	expect("p. 1001:2001(1000) ack 1");
	expect("p. 2001:3001(1000) ack 1");
}

/*
 * CC-13: after a timeout, without SACK, duplicate ACKs do not cause a fast
 * retransmit.
 */
TEST_F(wire, rto_dupacks)
{
	passive("mss 1000");
	write_segments(2);
	expect("+200ms p. 1:1001(1000) ack 1");
	for (int i = 0; i < 3; i++) {
		inject(". 1:1(0) ack 1");
		expect_none(20);
	}
	inject(". 1:1(0) ack 1001");
	expect("p. 1001:2001(1000) ack 1");
}

/*
 * CC-13: duplicate ACKs that answer unneeded retransmissions do not cause a
 * fast retransmit, either.
 */
TEST_F(wire, dupacks_after_rto)
{
	passive("mss 1000");
	write_segments(2);
	expect("+200ms p. 1:1001(1000) ack 1");
	inject(". 1:1(0) ack 2001");
	write_segments(1);
	for (int i = 0; i < 3; i++)
		inject(". 1:1(0) ack 2001");
	expect_none(50);
}

/* TS-13: a duplicate ACK gives no RTT sample, however old its TSecr is. */
TEST_F(wire, no_sample_from_duplicates)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);
	uint32_t rtt, echo;

	passive("mss 1012,nop,nop,TS val 1000 ecr 0");
	echo = self->f->ts_last;
	write_segments(5);
	inject(". 1:1(0) ack 1001");
	ASSERT_EQ(0, getsockopt(self->fd, SOL_TCP, TCP_INFO, &ti, &len));
	rtt = ti.tcpi_rtt;
	wire_sleep(100);
	inject(". 1:1(0) ack 1001 <nop,nop,TS val 1001 ecr %u>", echo);
	inject(". 1:1(0) ack 1001 <nop,nop,TS val 1002 ecr %u>", echo);
	ASSERT_EQ(0, getsockopt(self->fd, SOL_TCP, TCP_INFO, &ti, &len));
	ASSERT_EQ(rtt, ti.tcpi_rtt);
	/* An ACK that advances snd_una gives one. */
	inject(". 1:1(0) ack 5001 <nop,nop,TS val 1003 ecr *>");
	ASSERT_EQ(0, getsockopt(self->fd, SOL_TCP, TCP_INFO, &ti, &len));
	ASSERT_LT(rtt, ti.tcpi_rtt);
}

/* CC-9, CC-10: the first two duplicate ACKs send new data, the third retransmits. */
TEST_F(wire, fast_retransmit)
{
	passive("mss 1000");
	write_segments(10);
	inject(". 1:1(0) ack 1");
	expect_none(10);
	inject(". 1:1(0) ack 1");
	expect_none(10);
	inject(". 1:1(0) ack 1");
	expect("p. 1:1001(1000) ack 1");
	inject(". 1:1(0) ack 10001");
	expect_none(1000);
}

/* CC-10: limited transmit (RFC 3042). */
TEST_F(wire, limited_transmit)
{
	passive("mss 1000");
	write_segments(10);
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect_none(10);
	inject(". 1:1(0) ack 1");
	expect("P. 10001:11001(1000) ack 1");
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect_none(10);
	inject(". 1:1(0) ack 1");
	expect("P. 11001:12001(1000) ack 1");
	inject(". 1:1(0) ack 1");
	expect("p. 1:1001(1000) ack 1");
}

/* CC-8: ACKs that do not count as duplicates. */
TEST_F(wire, no_duplicate_acks)
{
	self->f->win = 50000;
	passive("mss 1000");
	write_segments(10);
	/* Window updates. */
	for (int i = 1; i < 5; i++)
		inject(". 1:1(0) ack 1 win %d", 50000 + i);
	expect_none(20);
	/* Segments with data. */
	for (int i = 0; i < 4; i++)
		inject("P. %d:%d(10) ack 1 win 50004", 1 + i * 10, 11 + i * 10);
	while (wire_next(self->f, 100)) {
		ASSERT_EQ(0, self->f->last.paylen);
	}
}

/* CC-12: NewReno: a partial ACK retransmits the next hole at once. */
TEST_F(wire, newreno_partial_ack)
{
	passive("mss 1000");
	write_segments(10);
	for (int i = 0; i < 3; i++)
		inject(". 1:1(0) ack 1");
	expect("p. 1:1001(1000) ack 1");
	for (int i = 0; i < 4; i++)
		inject(". 1:1(0) ack 1");
	inject(". 1:1(0) ack 2001");
	expect("p. 2001:3001(1000) ack 1");
	inject(". 1:1(0) ack 5001");
	expect("p. 5001:6001(1000) ack 1");
	inject(". 1:1(0) ack 10001");
	expect_none(1000);
}

/* CC-13: no second fast retransmit for one window of data. */
TEST_F(wire, one_fast_retransmit)
{
	passive("mss 1000");
	write_segments(10);
	for (int i = 0; i < 9; i++)
		inject(". 1:1(0) ack 1");
	expect("p. 1:1001(1000) ack 1");
	expect_none(100);
}

/* SK-3: SACK blocks are sent, also if full segments are sent at the same time. */
TEST_F(wire, sack_beside_data)
{
	int told = 0, sent = 0;

	passive("mss 1000,nop,nop,sackOK");
	ASSERT_EQ(15000, wire_write(self->f, self->fd, 15000));
	for (int i = 0; i < 10; i++)
		expect("p. %d:%d(1000) ack 1", 1 + i * 1000, 1001 + i * 1000);
	inject("P. 101:201(100) ack 2001");
	while (wire_next(self->f, 30)) {
		told += !!strstr(self->f->last.text, "sack 101:201");
		sent += self->f->last.paylen;
	}
	ASSERT_LE(2000, sent);
	ASSERT_LE(1, told);
}

/* SK-2: without SACK the ACK number of a data segment is enough: no extra ACK. */
TEST_F(wire, no_sack_beside_data)
{
	passive("mss 1000");
	ASSERT_EQ(1, wire_write(self->f, self->fd, 1));
	expect("P. 1:2(1) ack 1");
	ASSERT_EQ(1, wire_write(self->f, self->fd, 1));
	inject("P. 101:201(100) ack 2");
	expect("P. 2:3(1) ack 1");
	expect_none(20);
}

/* SK-7, SR-5: only holes are retransmitted. */
TEST_F(wire, sack_holes_only)
{
	int first = 0, third = 0;

	passive("mss 1000,nop,nop,sackOK");
	write_segments(10);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:2001>");
	inject(". 1:1(0) ack 1 <nop,nop,sack 3001:4001 1001:2001>");
	for (int i = 5; i <= 10; i++)
		inject(". 1:1(0) ack 1 <nop,nop,sack 3001:%d001 1001:2001>", i);
	while (wire_next(self->f, 100)) {
		uint32_t s = self->f->last.seq - self->f->iss;

		first += s == 1;
		third += s == 2001;
		ASSERT_TRUE(s == 1 || s == 2001);
		ASSERT_EQ(1000, self->f->last.paylen);
	}
	ASSERT_EQ(1, first);
	ASSERT_EQ(1, third);
	inject(". 1:1(0) ack 10001");
	expect_none(1000);
}

/* SK-8, SK-9: after a timeout SACK blocks are discarded: the peer may renege. */
TEST_F_TIMEOUT(wire, sack_reneging, 60)
{
	uint32_t end = 1;

	passive("mss 1000,nop,nop,sackOK");
	write_segments(5);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:5001>");
	while (wire_next(self->f, 150))
		;
	/* The peer kept nothing: it accepts data in order only. */
	while (end < 5001) {
		ASSERT_EQ(1, wire_next(self->f, 5000));
		if (self->f->last.seq - self->f->iss != end)
			continue;
		end += self->f->last.paylen;
		inject(". 1:1(0) ack %u", end);
	}
	expect_none(2000);
}

/* SK-11: invalid SACK blocks are ignored. */
TEST_F(wire, sack_invalid)
{
	static const char *const sack[] = {
		"20001:21001", "2001:1001", "1001:1001", "=0:=4294967295", "1001:=5",
		"-5000:-4000", "-5000:3001", "9001:20001", "1:10001",
	};

	passive("mss 1000,nop,nop,sackOK");
	write_segments(10);
	for (unsigned int i = 0; i < ARRAY_SIZE(sack); i++)
		inject(". 1:1(0) ack 1 <nop,nop,sack %s>", sack[i]);
	wire_flush(self->f);
	state(TCP_ESTABLISHED);
	inject(". 1:1(0) ack 10001");
	wire_flush(self->f);
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("p. 10001:11001(1000) ack 1");
}

static int meminfo(int fd, int which)
{
	uint32_t m[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(m);

	return getsockopt(fd, SOL_SOCKET, SO_MEMINFO, m, &len) ? -errno : (int)m[which];
}

/* SK-11: thousands of one-byte blocks: no segment is split, none is sent. */
TEST_F(wire, sack_thousands_of_bytes)
{
	int before;

	passive("mss 1000,nop,nop,sackOK");
	write_segments(10);
	before = meminfo(self->fd, SK_MEMINFO_WMEM_QUEUED);
	for (int i = 0; i < 2000; i++) {
		int s = 2 + i % 1200 * 8;

		inject(". 1:1(0) ack 1 <nop,nop,sack %d:%d %d:%d %d:%d %d:%d>", s, s + 1,
		       s + 2, s + 3, s + 4, s + 5, s + 6, s + 7);
	}
	if (!REF) {
		ASSERT_GE(before + 16384, meminfo(self->fd, SK_MEMINFO_WMEM_QUEUED));
	}
	wire_flush(self->f);
	state(TCP_ESTABLISHED);
	inject(". 1:1(0) ack 10001");
	wire_flush(self->f);
	write_segments(1);
}

/* CC-9: forged duplicate ACKs do not release an unlimited amount of data. */
TEST_F(wire, dupack_spoofing)
{
	int n = 0;

	passive("mss 1000");
	big_send_buffer();
	ASSERT_EQ(60000, wire_write(self->f, self->fd, 60000));
	for (int i = 0; i < 10; i++)
		expect("p. *(1000) ack 1");
	for (int i = 0; i < 60; i++)
		inject(". 1:1(0) ack 1");
	while (wire_next(self->f, 10))
		n++;
	/*
	 * Two by limited transmit, one retransmission, and new data up to half
	 * of cwnd.
	 */
	ASSERT_LE(3, n);
	if (!REF) {
		ASSERT_GE(10, n);
	}
}

/* SK-3, SK-4, SK-5, SK-6: our SACK blocks: newest first, as many as fit. */
TEST_F(wire, sack_blocks)
{
	passive("mss 1000,nop,nop,sackOK");
	inject(". 1001:1101(100) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 1001:1101>");
	inject(". 2001:2101(100) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 2001:2101 1001:1101>");
	inject(". 3001:3101(100) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 3001:3101 2001:2101 1001:1101>");
	inject(". 4001:4101(100) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 4001:4101 3001:3101 2001:2101 1001:1101>");
	inject(". 5001:5101(100) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 5001:5101 4001:4101 3001:3101 2001:2101>");
	/* A block that was extended comes first. */
	inject(". 3101:3201(100) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 3001:3201 5001:5101 4001:4101 2001:2101>");
	/* Adjacent blocks are merged. */
	inject(". 4101:5001(900) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 4001:5101 3001:3201 2001:2101>");
}

/* SK-4: a run that was dropped from the list is reported completely when it grows. */
TEST_F(wire, sack_run_no_longer_listed)
{
	const int runs[] = { 501, 101, 201, 301, 401 };

	passive("mss 1000,nop,nop,sackOK");
	for (int i = 0; i < 5; i++) {
		inject("P. %d:%d(10) ack 1", runs[i], runs[i] + 10);
		expect(". 1:1(0) ack 1 <...>");
	}
	inject("P. 1:101(100) ack 1");
	expect(". 1:1(0) ack 111 <nop,nop,sack 401:411 301:311 201:211>");
	inject("P. 511:521(10) ack 1");
	expect(". 1:1(0) ack 111 <nop,nop,sack 501:521 401:411 301:311 201:211>");
}

/* SK-5, DS-4: three blocks with timestamps. */
TEST_F(wire, sack_blocks_with_timestamps)
{
	passive("mss 1000,sackOK,TS val 1 ecr 0");
	for (int i = 1; i <= 3; i++) {
		inject(". %d001:%d101(100) ack 1", i, i);
		expect(". 1:1(0) ack 1 <...>");
	}
	inject(". 4001:4101(100) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 4001:4101 3001:3101 2001:2101>");
	/* DS-4: the hole is filled; of several duplicate ranges the first is reported. */
	inject(". 1:4001(4000) ack 1");
	expect(". 1:1(0) ack 4101 <nop,nop,sack 1001:1101>");
}

/* DS-1: a duplicate below the ACK number is reported once. */
TEST_F(wire, dsack)
{
	passive("mss 1000,nop,nop,sackOK");
	inject("P. 1:101(100) ack 1");
	wire_next(self->f, 500);
	inject("P. 1:101(100) ack 1");
	expect(". 1:1(0) ack 101 <nop,nop,sack 1:101>");
	/* Once: the next ACK has no DSACK. */
	inject("P. 101:201(100) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 201");
}

/* DS-2: a duplicate of out-of-order data: DSACK, then the block that contains it. */
TEST_F(wire, dsack_out_of_order)
{
	passive("mss 1000,nop,nop,sackOK");
	inject(". 1001:1201(200) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 1001:1201>");
	inject(". 1001:1101(100) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 1001:1101 1001:1201>");
}

/*
 * DS-2, DS-4: a duplicate of several skbs of one run gives one DSACK block; of
 * two runs only the first is reported.
 */
TEST_F(wire, dsack_of_pieces)
{
	passive("mss 1000,nop,nop,sackOK");
	inject(". 501:601(100) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 501:601>");
	inject(". 601:701(100) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 501:701>");
	inject(". 401:801(400) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 501:701 401:801>");
	inject(". 1101:1201(100) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 1101:1201 401:801>");
	inject(". 1301:1401(100) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 1301:1401 1101:1201 401:801>");
	inject(". 1001:1501(500) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 1101:1201 1001:1501 401:801>");
}

/* DS-1: a duplicate of out-of-order data is reported once, too. */
TEST_F(wire, dsack_not_repeated)
{
	passive("mss 1000,nop,nop,sackOK");
	inject(". 101:301(200) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 101:301>");
	inject(". 201:401(200) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 201:301 101:401>");
	inject(". 1:101(100) ack 1");
	expect(". 1:1(0) ack 401");
	/* A new duplicate gives a new DSACK block. */
	inject(". 501:601(100) ack 1");
	expect(". 1:1(0) ack 401 <nop,nop,sack 501:601>");
	inject(". 401:551(150) ack 1");
	expect(". 1:1(0) ack 601 <nop,nop,sack 501:551>");
}

/* DS-3: only the duplicated part is reported. */
TEST_F(wire, dsack_partial)
{
	passive("mss 1000,nop,nop,sackOK");
	inject("P. 1:101(100) ack 1");
	wire_next(self->f, 500);
	inject("P. 51:201(150) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 201 <nop,nop,sack 51:101>");
	ASSERT_EQ(200, wire_read_sum(self->f, self->fd, 1000));
}

/* SK-2: no SACK option if the peer did not permit it. */
TEST_F(wire, no_sack_unless_permitted)
{
	passive("mss 1000");
	inject(". 1001:1101(100) ack 1");
	expect(". 1:1(0) ack 1");
}

/* TS-14: an older timestamp: the segment is dropped and ACKed. */
TEST_F(wire, paws)
{
	passive("mss 1000,nop,nop,TS val 1000 ecr 0");
	inject("P. 1:11(10) ack 1 <nop,nop,TS val 2000 ecr *>");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
	wire_next(self->f, 500);
	wire_sleep(600);
	inject("P. 11:21(10) ack 1 <nop,nop,TS val 1990 ecr *>");
	expect(". 1:1(0) ack 11 <nop,nop,TS val * ecr 2000>");
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 100));
	inject("F. 11:11(0) ack 1 <nop,nop,TS val 100 ecr *>");
	wire_sleep(600);
	wire_flush(self->f);
	state(TCP_ESTABLISHED);
	inject("P. 11:21(10) ack 1 <nop,nop,TS val 2000 ecr *>");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
}

/* TS-15: PAWS does not apply to a RST. */
TEST_F(wire, paws_not_for_rst)
{
	passive("mss 1000,nop,nop,TS val 1000 ecr 0");
	inject("R 1:1(0) <nop,nop,TS val 1 ecr 0>");
	state(TCP_CLOSE);
	ASSERT_EQ(-ECONNRESET, wire_read(self->f, self->fd, 10));
}

/* TS-16: a sequence number outside the window must not update TS.Recent. */
TEST_F(wire, ts_recent_after_sequence)
{
	passive("mss 1000,nop,nop,TS val 1000 ecr 0");
	inject("P. -100000:-99990(10) ack 1 <nop,nop,TS val 500000 ecr *>");
	wire_next(self->f, 20);
	inject("P. 1:11(10) ack 1 <nop,nop,TS val 1001 ecr *>");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
}

/*
 * TS-12: TSecr is the TSval of the earliest unacknowledged segment, never of
 * one beyond a hole.
 */
TEST_F(wire, ts_echo)
{
	int zero = 0;

	passive("mss 1000,nop,nop,TS val 1000 ecr 0");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_QUICKACK, &zero, sizeof(zero)));
	inject("P. 1:11(10) ack 1 <nop,nop,TS val 1010 ecr *>");
	inject("P. 11:21(10) ack 1 <nop,nop,TS val 1020 ecr *>");
	expect("+0ms..500ms . 1:1(0) ack 21 <nop,nop,TS val * ecr 1010>");
	/* At a hole: the old value; for the segment that fills it: its own. */
	inject("P. 31:41(10) ack 1 <nop,nop,TS val 1040 ecr *>");
	expect(". 1:1(0) ack 21 <nop,nop,TS val * ecr 1010>");
	inject("P. 21:31(10) ack 1 <nop,nop,TS val 1035 ecr *>");
	expect(". 1:1(0) ack 41 <nop,nop,TS val * ecr 1035>");
}

/* TS-9: a segment without the agreed timestamps is dropped, except a RST. */
TEST_F(wire, ts_missing)
{
	passive("mss 1000,nop,nop,TS val 1000 ecr 0");
	inject("P. 1:11(10) ack 1 nots");
	if (REF)
		SKIP(return, "the kernel's TCP accepts segments without the agreed timestamps");
	expect_none(300);
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 100));
	ASSERT_EQ(1, counter("NoTimestamp"));
	/* A RST needs no timestamps. */
	inject("R 1:1(0)");
	state(TCP_CLOSE);
}

/* TS-10: timestamps that were not agreed are ignored. */
TEST_F(wire, ts_not_negotiated)
{
	passive("mss 1000");
	inject("P. 1:11(10) ack 1 <nop,nop,TS val 5 ecr 5>");
	inject("P. 11:21(10) ack 1 <nop,nop,TS val 4 ecr 5>");
	ASSERT_EQ(20, wire_read_sum(self->f, self->fd, 100));
	expect("+0ms..500ms . 1:1(0) ack *");
}

/* TS-19: wrap of the peer's timestamp clock. */
TEST_F(wire, ts_wrap)
{
	passive("mss 1000,nop,nop,TS val 4294967290 ecr 0");
	inject("P. 1:11(10) ack 1 <nop,nop,TS val 4294967295 ecr *>");
	inject("P. 11:21(10) ack 1 <nop,nop,TS val 0 ecr *>");
	inject("P. 21:31(10) ack 1 <nop,nop,TS val 7 ecr *>");
	ASSERT_EQ(30, wire_read_sum(self->f, self->fd, 100));
}

/* TS-8, TS-20: timestamps on retransmissions, probes and FINs. */
TEST_F(wire, ts_on_all)
{
	passive("mss 1012,nop,nop,TS val 1000 ecr 0");
	write_segments(1);
	expect("+200ms p. 1:1001(1000) ack 1 <nop,nop,TS val * ecr 1000>");
	inject(". 1:1(0) ack 1001 win 0");
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("+150ms..900ms p. *(*) ack 1 <nop,nop,TS val * ecr 1000>");
	inject(". 1:1(0) ack 1001");
	expect("P. 1001:1011(10) ack 1 <nop,nop,TS val * ecr 1000>");
	inject(". 1:1(0) ack 1011");
	close(self->fd);
	expect("F. 1011:1011(0) ack 1 <nop,nop,TS val * ecr 1000>");
	inject("F. 1:1(0) ack 1012");
	expect(". 1012:1012(0) ack 2 <nop,nop,TS val * ecr 1000>");
}

TEST_HARNESS_MAIN
