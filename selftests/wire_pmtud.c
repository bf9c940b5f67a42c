// SPDX-License-Identifier: GPL-2.0
/*
 * Packetization layer path MTU discovery (RFC 4821): probes, the reaction to
 * their loss, and paths that drop large packets without an ICMP error.
 */
#include "lib/wire_test.h"

#define BASE	1024	/* sysctl base_mss */
#define IW	(10 * BASE)
#define PROBE	(1 + IW)	/* sequence number of the first probe */

static int info(int fd, bool cwnd)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	if (getsockopt(fd, SOL_TCP, TCP_INFO, &ti, &len))
		return -errno;
	return cwnd ? (int)ti.tcpi_snd_cwnd : (int)ti.tcpi_snd_ssthresh;
}

/*
 * Takes all segments that were sent. Return: the sequence number after all data
 * sent so far; @end: its previous value.
 */
static uint32_t drain(struct wire_flow *f, uint32_t end)
{
	while (wire_next(f, 10)) {
		uint32_t e = f->last.seq - f->iss + f->last.paylen;

		if ((int32_t)(e - end) > 0)
			end = e;
	}
	return end;
}

/* Payload length of the next segment with this sequence number, or 0. */
static int length_at(struct wire_flow *f, uint32_t seq)
{
	while (wire_next(f, 10))
		if (f->last.seq - f->iss == seq)
			return f->last.paylen;
	return 0;
}

#define probing(mode)							\
	ASSERT_EQ(0, wire_sysctl(&self->w, "mtu_probing", mode))

/*
 * Ten segments of the base size; then cwnd is large enough, and a probe is sent. The
 * kernel's TCP first probes the middle of the range.
 */
#define first_probe(opts) do {						\
	probing("2");							\
	passive(opts);							\
	ASSERT_EQ(40000, wire_write(self->f, self->fd, 40000));		\
	for (int _i = 0; _i < 10; _i++)					\
		expect("p. %d:%d(%d) ack 1", 1 + _i * BASE,		\
		       1 + _i * BASE + BASE, BASE);			\
	inject(". 1:1(0) ack %d", 1 + 2 * BASE);			\
	expect("p. %d:%d(%d) ack 1", PROBE, PROBE + MSS, MSS);		\
} while (0)

/*
 * PM-7, PM-9: an acknowledged probe increases the MSS, up to the limits of peer and MTU.
 */
TEST_F(wire, probe_arrives)
{
	uint32_t end;
	int before, after;

	if (REF)
		SKIP(return, "the kernel's TCP tries other sizes");
	first_probe("mss 1460");
	/* One probe at a time: the next segments have the old size. */
	expect("p. *(%d) ack 1", BASE);
	end = drain(self->f, PROBE + MSS + BASE);
	before = info(self->fd, true) * BASE;
	/* The ACK covers the probe: new segments have its size. */
	inject(". 1:1(0) ack %u", end);
	ASSERT_EQ(1, wire_next(self->f, 10));
	ASSERT_EQ(MSS, self->f->last.paylen);
	/* cwnd is not scaled: the ACK adds two segments at most (RFC 3465 2.2). */
	after = info(self->fd, true) * MSS;
	ASSERT_LT(before - MSS, after);
	ASSERT_GE(before + 2 * MSS, after);
	ASSERT_EQ(1, counter("MTUPSuccess"));
	ASSERT_EQ(0, counter("MTUPFail"));
	ASSERT_EQ(MSS, wire_int(self->fd, SOL_TCP, TCP_MAXSEG));
}

/* PM-9: no probes if the peer's MSS is below or near the base size. */
TEST_F(wire, small_peer)
{
	uint32_t end = 1;

	probing("2");
	passive("mss 536");
	ASSERT_EQ(20000, wire_write(self->f, self->fd, 20000));
	for (int i = 0; i < 4; i++) {
		while (wire_next(self->f, 10)) {
			ASSERT_GE(536, self->f->last.paylen);
			end = self->f->last.seq - self->f->iss + self->f->last.paylen;
		}
		inject(". 1:1(0) ack %u", end);
	}
}

/* PM-7: only the probe is lost: retransmit at once in small segments, cwnd unchanged. */
TEST_F(wire, probe_lost)
{
	uint32_t end;
	int before;

	if (REF)
		SKIP(return, "the kernel's TCP tries other sizes");
	first_probe("mss 1460");
	end = drain(self->f, PROBE + MSS);
	inject(". 1:1(0) ack %d", PROBE);
	end = drain(self->f, end);
	before = info(self->fd, true);
	for (int i = 0; i < 3; i++)
		inject(". 1:1(0) ack %d", PROBE);
	ASSERT_EQ(BASE, length_at(self->f, PROBE));
	ASSERT_EQ(MSS - BASE, length_at(self->f, PROBE + BASE));
	ASSERT_EQ(1, counter("MTUPFail"));
	end = drain(self->f, end);
	inject(". 1:1(0) ack %u", end);
	ASSERT_LE(before, info(self->fd, true));
	ASSERT_LT(0x100000, info(self->fd, false));
	ASSERT_EQ(BASE, wire_int(self->fd, SOL_TCP, TCP_MAXSEG));
}

/* The first probe and all segments up to @behind are lost; later segments arrive. */
#define lose_up_to(behind) do { \
	first_probe("mss 1460,nop,nop,sackOK"); \
	end = drain(self->f, behind); \
	inject(". 1:1(0) ack %d", PROBE); \
	end = drain(self->f, end); \
	inject(". 1:1(0) ack %d <nop,nop,sack %u:%u>", PROBE, behind, \
	       (behind) + 3 * BASE); \
	ASSERT_EQ(BASE, length_at(self->f, PROBE)); \
} while (0)

/* PM-7: the loss of only the probe, with SACK. */
TEST_F(wire, probe_lost_sack)
{
	uint32_t end;

	if (REF)
		SKIP(return, "the kernel's TCP tries other sizes");
	lose_up_to(PROBE + MSS);
	ASSERT_EQ(1, counter("MTUPFail"));
	ASSERT_LT(0x100000, info(self->fd, false));
	end = drain(self->f, end);
	inject(". 1:1(0) ack %u", end);
	ASSERT_LT(0x100000, info(self->fd, false));
}

/*
 * PM-7: other segments are lost, too: this indicates congestion, not a smaller
 * path MTU.
 */
TEST_F(wire, probe_lost_among_others)
{
	uint32_t end;

	if (REF)
		SKIP(return, "the kernel's TCP tries other sizes");
	lose_up_to(PROBE + MSS + BASE);
	ASSERT_EQ(0, counter("MTUPFail"));
	ASSERT_GT(0x100000, info(self->fd, false));
	end = drain(self->f, end);
	inject(". 1:1(0) ack %u", end);
	state(TCP_ESTABLISHED);
}

/*
 * PM-7: an ICMP error quotes the probe: the probe fails at once, ssthresh is
 * unchanged.
 */
TEST_F(wire, probe_too_big)
{
	int mtu = 1400;
	char seq[16];

	if (REF)
		SKIP(return, "the kernel's TCP tries other sizes");
	first_probe("mss 1460");
	drain(self->f, PROBE + MSS);
	snprintf(seq, sizeof(seq), "%d", PROBE);
	ASSERT_EQ(0, wire_icmp(self->f, WI_TOOBIG, seq, mtu, 20));
	ASSERT_EQ(BASE, length_at(self->f, PROBE));
	ASSERT_EQ(1, counter("MTUPFail"));
	ASSERT_LT(0x100000, info(self->fd, false));
}

/* PM-7: no probe if too little data follows it to detect its loss. */
TEST_F(wire, no_probe_without_data)
{
	probing("2");
	passive("mss 1460");
	for (int i = 0; i < 20; i++) {
		ASSERT_EQ(2 * BASE, wire_write(self->f, self->fd, 2 * BASE));
		expect("p. *(%d) ack 1", BASE);
		expect("p. *(%d) ack 1", BASE);
		inject(". 1:1(0) ack %d", 1 + (i + 1) * 2 * BASE);
	}
}

/* PM-8: large packets are dropped silently: after R1 use the base size. */
TEST_F(wire, black_hole)
{
	probing("1");
	passive("mss 1460");
	ASSERT_EQ(3 * MSS, wire_write(self->f, self->fd, 3 * MSS));
	for (int i = 0; i < 3; i++)
		expect("p. *(%d) ack 1", MSS);
	expect("+200ms p. 1:%d(%d) ack 1", 1 + MSS, MSS);
	expect("+400ms p. 1:%d(%d) ack 1", 1 + MSS, MSS);
	expect("+800ms p. 1:%d(%d) ack 1", 1 + MSS, MSS);
	expect("+1600ms p. 1:%d(%d) ack 1", 1 + BASE, BASE);
	inject(". 1:1(0) ack %d", 1 + BASE);
	if (REF) {
		expect("p. %d:%d(%d) ack 1", 1 + BASE, 1 + 2 * BASE, BASE);
		return;
	}
	/* Segments in the retransmit queue are split, not merged. */
	expect("p. %d:%d(%d) ack 1", 1 + BASE, 1 + MSS, MSS - BASE);
	expect("p. %d:%d(%d) ack 1", 1 + MSS, 1 + MSS + BASE, BASE);
	ASSERT_EQ(1, counter("MTUBlackHole"));
}

/* PM-8: after further timeouts the size is halved, not below the floor. */
TEST_F_TIMEOUT(wire, black_hole_to_the_floor, 900)
{
	int last = MSS, n;

	probing("1");
	ASSERT_EQ(0, wire_sysctl(&self->w, "mtu_probe_floor", "300"));
	passive("mss 1460");
	ASSERT_EQ(MSS, wire_write(self->f, self->fd, MSS));
	expect("P. 1:%d(%d) ack 1", 1 + MSS, MSS);
	for (int i = 0; i < 9; i++) {
		ASSERT_EQ(1, wire_next(self->f, 130000));
		n = self->f->last.paylen;
		ASSERT_GE(last, n);
		ASSERT_LE(300, n);
		last = n;
	}
	ASSERT_GT(BASE / 2 + 1, last);
	state(TCP_ESTABLISHED);
}

/*
 * PM-8: no black-hole detection if the sysctl disables it, or for small
 * segments.
 */
TEST_F_TIMEOUT(wire, no_black_hole, 60)
{
	for (int i = 0; i < 2; i++) {
		int len = i ? 500 : MSS;

		probing(i ? "1" : "0");
		self->f = wire_flow(&self->w, 0);
		passive("mss 1460");
		ASSERT_EQ(len, wire_write(self->f, self->fd, len));
		expect("P. 1:%d(%d) ack 1", 1 + len, len);
		for (int j = 0; j < 6; j++)
			expect("+%dms P. 1:%d(%d) ack 1", 200 << j, 1 + len, len);
		inject(". 1:1(0) ack %d", 1 + len);
		close(self->fd);
	}
}

TEST_HARNESS_MAIN
