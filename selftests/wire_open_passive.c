// SPDX-License-Identifier: GPL-2.0
/* Passive opens: handshakes, their options, and errors. */
#include "lib/wire_test.h"

/* MUST-14, SA-L3, TS-1, TS-7, SK-1: the SYN-ACK has all options of the SYN. */
TEST_F(wire, passive_all_options)
{
	listening(8);
	inject("S 0:0(0) win 65535 <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>");
	expect("S. 0:0(0) ack 1 <mss %d,sackOK,TS val * ecr 100,nop,wscale *>", MSS);
	inject(". 1:1(0) ack 1 <nop,nop,TS val 101 ecr *>");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	state(TCP_ESTABLISHED);
	expect_none(0);
}

/* MAY-3, TS-1, TS-7, SK-1: the SYN-ACK has only options of the SYN, and always an MSS. */
TEST_F(wire, passive_each_option)
{
	listening(16);
	for (int i = 0; i < 8; i++) {
		char ask[80], want[80];

		snprintf(ask, sizeof(ask), "mss 1460%s%s%s", i & 1 ? ",sackOK" : "",
			 i & 2 ? ",TS val 100 ecr 0" : "", i & 4 ? ",nop,wscale 3" : "");
		snprintf(want, sizeof(want), "mss %d%s%s%s", MSS, i & 1 ? ",sackOK" : "",
			 i & 2 ? ",TS val * ecr 100" : "", i & 4 ? ",nop,wscale *" : "");
		self->f = wire_flow(&self->w, WIRE_PORT);
		inject("S 0:0(0) <%s>", ask);
		expect("S. 0:0(0) ack 1 <%s>", want);
		inject(". 1:1(0) ack 1");
		self->fd = wire_accept(self->lfd);
		ASSERT_LE(0, self->fd);
		ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
		expect("P. 1:101(100) ack 1");
	}
}

/* TS-1, TS-5: windows are scaled only if both SYNs have the option. */
TEST_F(wire, wscale_both_or_none)
{
	/* 4 * 640 = 20 << 7 */
	self->f->win = 20;
	passive("mss 640,nop,wscale 7");
	ASSERT_EQ(5000, wire_write(self->f, self->fd, 5000));
	for (int i = 0; i < 4; i++)
		expect("p. %d:%d(640) ack 1", 1 + i * 640, 641 + i * 640);
	expect_none(50);

	self->f = wire_flow(&self->w, WIRE_PORT);
	self->f->win = 2560;
	passive("mss 640");
	ASSERT_EQ(5000, wire_write(self->f, self->fd, 5000));
	for (int i = 0; i < 4; i++)
		expect("p. %d:%d(640) ack 1", 1 + i * 640, 641 + i * 640);
	expect_none(50);

	self->f = wire_flow(&self->w, 0);
	self->f->win = 2560;
	active("mss 640");
	ASSERT_EQ(5000, wire_write(self->f, self->fd, 5000));
	for (int i = 0; i < 4; i++)
		expect("p. %d:%d(640) ack 1", 1 + i * 640, 641 + i * 640);
	expect_none(50);
}

/* TS-4, TS-5: all shift counts work; a count above 14 means 14. */
TEST_F(wire, wscale_shifts)
{
	static const int shift[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255 };

	listening(32);
	for (unsigned int i = 0; i < ARRAY_SIZE(shift); i++) {
		int eff = shift[i] > 14 ? 14 : shift[i], seg = 536;
		struct tcp_info ti;
		socklen_t len = sizeof(ti);
		char opts[64];

		self->f = wire_flow(&self->w, WIRE_PORT);
		snprintf(opts, sizeof(opts), "mss 536,nop,wscale %d", shift[i]);
		/* Smaller than the initial cwnd of 5360 bytes. */
		self->f->win = eff > 8 ? 1 : 2048 >> eff;
		passive(opts);
		ASSERT_EQ(0, getsockopt(self->fd, SOL_TCP, TCP_INFO, &ti, &len));
		ASSERT_EQ(eff, (int)ti.tcpi_snd_wscale);
		if (eff > 8)
			continue;
		ASSERT_EQ(9000, wire_write(self->f, self->fd, 9000));
		for (int n = 0; n < 3; n++)
			expect("p. %d:%d(%d) ack 1", 1 + n * seg, 1 + (n + 1) * seg, seg);
		/* The rest of the window is less than a segment. */
		if (wire_next(self->f, 20)) {
			ASSERT_EQ(2048 - 3 * seg, self->f->last.paylen);
		}
		expect_none(20);
	}
}

/* SA-L4, U-5: data in a SYN without a cookie is not acknowledged. */
TEST_F(wire, syn_with_data)
{
	listening(8);
	inject("S 0:10(10) <mss 1460>");
	expect("S. 0:0(0) ack 1 <mss %d>", MSS);
	inject(". 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	inject("P. 1:11(10) ack 1");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 100));
}

/* SA-5c: the third ACK may carry data and FIN. */
TEST_F(wire, third_ack_with_data_and_fin)
{
	listening(8);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	inject("FP. 1:101(100) ack 1");
	expect("+0ms..200ms . 1:1(0) ack 102");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	state(TCP_CLOSE_WAIT);
	ASSERT_EQ(100, wire_read(self->f, self->fd, 200));
	ASSERT_EQ(0, wire_read(self->f, self->fd, 200));
}

/* SA-L6, SA-8a: LISTEN: a segment without SYN, ACK and RST is dropped. */
TEST_F(wire, listen_ignores)
{
	static const char *const spec[] = {
		"- 0:0(0)", "F 0:0(0)", "- 0:10(10)", "FPU 0:0(0) urg 1", "PU 0:10(10) urg 3",
	};

	listening(8);
	for (unsigned int i = 0; i < ARRAY_SIZE(spec); i++) {
		inject("%s", spec[i]);
		expect_none(5);
	}
	still_serves();
}

/* SA-L1: LISTEN: a RST is ignored, with any other flags. */
TEST_F(wire, listen_ignores_rst)
{
	static const char *const spec[] = {
		"R 0:0(0)", "R. 0:0(0) ack =1", "SR 0:0(0)", "SR. 0:0(0) ack =1", "FR 0:10(10)",
	};

	listening(8);
	for (unsigned int i = 0; i < ARRAY_SIZE(spec); i++) {
		inject("%s", spec[i]);
		expect_none(5);
	}
	still_serves();
}

/* SA-L2: LISTEN: a segment with ACK gets a RST with its ACK number. */
TEST_F(wire, listen_resets_ack)
{
	static const char *const spec[] = {
		". 1:1(0) ack =5000", "S. 0:0(0) ack =5000", "F. 1:1(0) ack =5000",
		"P. 1:11(10) ack =5000",
	};

	listening(8);
	for (unsigned int i = 0; i < ARRAY_SIZE(spec); i++) {
		self->f = wire_flow(&self->w, WIRE_PORT);
		inject("%s", spec[i]);
		expect("R =5000:5000(0)");
		expect_none(5);
	}
	still_serves();
}

/* LISTEN: SYN with FIN is dropped. */
TEST_F(wire, listen_drops_syn_fin)
{
	listening(8);
	inject("SF 0:0(0) <mss 1460>");
	expect_none(20);
	inject("SF 0:10(10) <mss 1460>");
	expect_none(20);
	if (!REF) {
		ASSERT_EQ(2, counter("SynFinDrop"));
	}
	still_serves();
}

/* SA-4a: a repeated SYN gets the same SYN-ACK. */
TEST_F(wire, syn_twice)
{
	listening(8);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	wire_sleep(20);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	inject(". 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(-EAGAIN, wire_accept(self->lfd));
}

/* MUST-48, MUST-49: the SYN-ACK has the TOS and TTL set on the listener. */
TEST_F(wire, syn_ack_tos_and_ttl)
{
	int level = variant->v6 ? SOL_IPV6 : SOL_IP, tos = 0xb8, ttl = 33;

	listening(8);
	ASSERT_EQ(0, setsockopt(self->lfd, level, variant->v6 ? IPV6_TCLASS : IP_TOS,
				&tos, sizeof(tos)));
	ASSERT_EQ(0, setsockopt(self->lfd, level, variant->v6 ? IPV6_UNICAST_HOPS : IP_TTL,
				&ttl, sizeof(ttl)));
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	EXPECT_EQ(tos, self->f->last.tos);
	EXPECT_EQ(ttl, self->f->last.ttl);
	expect("+1s S. 0:0(0) ack 1 <...>");
	EXPECT_EQ(tos, self->f->last.tos);
	EXPECT_EQ(ttl, self->f->last.ttl);
	/* Segments of the connection have them, too. */
	inject(". 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack 1");
	EXPECT_EQ(tos, self->f->last.tos);
	EXPECT_EQ(ttl, self->f->last.ttl);
}

/* SA-2d, MUST-11: RST in SYN-RECEIVED of a passive open: nothing to accept. */
TEST_F(wire, rst_in_syn_received)
{
	listening(8);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	inject("R 1:1(0)");
	expect_none(20);
	ASSERT_EQ(-EAGAIN, wire_accept(self->lfd));
	inject(". 1:1(0) ack 1");
	expect("R 1:1(0)");
	still_serves();
}

/* U-7: an old duplicate SYN before the real one (RFC 9293 3.5 figure 8). */
TEST_F(wire, old_duplicate_syn)
{
	listening(8);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	inject("R 1:1(0)");
	wire_again(self->f);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	inject(". 1:1(0) ack 1");
	ASSERT_LE(0, wire_accept(self->lfd));
}

/*
 * SA-5d: an invalid ACK in SYN-RECEIVED: RST; a valid one still completes the handshake.
 */
TEST_F(wire, bad_ack_in_syn_received)
{
	static const int bad[] = { 0, 2, 1000, -1000 };

	listening(8);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	for (unsigned int i = 0; i < ARRAY_SIZE(bad); i++) {
		inject(". 1:1(0) ack %d", bad[i]);
		expect("R %d:%d(0)", bad[i], bad[i]);
	}
	inject(". 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
}

/* SA-5a: a segment without ACK in SYN-RECEIVED: no change. */
TEST_F(wire, no_ack_in_syn_received)
{
	listening(8);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	inject("- 1:11(10)");
	expect_none(20);
	ASSERT_EQ(-EAGAIN, wire_accept(self->lfd));
	inject(". 1:1(0) ack 1");
	ASSERT_LE(0, wire_accept(self->lfd));
}

/*
 * SA-4a: a different SYN within the window: the request is dropped, the listener stays.
 */
TEST_F(wire, other_syn_in_syn_received)
{
	if (REF)
		SKIP(return, "the kernel's TCP answers with RST");
	listening(8);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	inject("S 100:100(0) <mss 1460>");
	expect_none(1500);
	ASSERT_EQ(0, counter("SYNChallenge"));
	inject(". 1:1(0) ack 1");
	expect("R 1:1(0)");
	still_serves();
}

/* MUST-4, MUST-6, MUST-64, MUST-69: unaligned and unknown options, early EOL. */
TEST_F(wire, options_anywhere)
{
	listening(8);
	/* Unknown kind 253 first. */
	inject("S 0:0(0) <hex fd0601020304,mss 1000,wscale 3,sackOK,TS val 5 ecr 0>");
	expect("S. 0:0(0) ack 1 <mss %d,sackOK,TS val * ecr 5,nop,wscale *>", MSS);
	/* All options unaligned. */
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("S 0:0(0) <nop,TS val 6 ecr 0,wscale 3,nop,mss 1000,nop,sackOK>");
	expect("S. 0:0(0) ack 1 <mss %d,sackOK,TS val * ecr 6,nop,wscale *>", MSS);
	/* MUST-69: options after EOL are ignored. */
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("S 0:0(0) <mss 1000,eol,wscale 3>");
	self->f->peer_ws = -1;
	expect("S. 0:0(0) ack 1 <mss %d>", MSS);
	inject(". 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(3000, wire_write(self->f, self->fd, 3000));
	expect("p. 1:1001(1000) ack 1");
	/* A repeated option: the first or the last one counts. */
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("S 0:0(0) <mss 1000,mss 900>");
	expect("S. 0:0(0) ack 1 <mss %d>", MSS);
}

/* U-1: reserved bits are ignored. */
TEST_F(wire, reserved_bits)
{
	listening(8);
	inject("S 0:0(0) res 14 <mss 1460>");
	expect("S. 0:0(0) ack 1 <mss %d>", MSS);
	inject(". 1:1(0) ack 1 res 14");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	inject("P. 1:11(10) ack 1 res 14");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
}

/* EC-2: ECN is not granted if it is disabled. */
TEST_F(wire, no_ecn)
{
	listening(8);
	inject("SEW 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <mss %d>", MSS);
}

/* MUST-8, IS-2, SHLD-1: the ISN of one tuple advances with a 4 us clock. */
TEST_F(wire, isn_moves)
{
	uint32_t first, moved;
	int64_t t;

	listening(8);
	inject("S 0:0(0) <mss 1460>");
	t = wire_now_us();
	expect("S. 0:0(0) ack 1 <...>");
	first = self->f->iss;
	inject("R 1:1(0)");
	wire_sleep(100);
	wire_again(self->f);
	t = wire_now_us() - t;
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	moved = self->f->iss - first;
	ASSERT_LE(t / 4 - 1000, moved);
	ASSERT_GT(0x80000000, moved);
}

/* MUST-9, SHLD-1, IS-1: ISNs of different tuples are unrelated. */
TEST_F(wire, isn_unrelated)
{
	uint32_t isn[8];
	int near = 0;

	listening(16);
	for (int i = 0; i < 8; i++) {
		self->f = wire_flow(&self->w, WIRE_PORT);
		inject("S 0:0(0) <mss 1460>");
		expect("S. 0:0(0) ack 1 <...>");
		isn[i] = self->f->iss;
		for (int j = 0; j < i; j++)
			near += isn[i] - isn[j] + 0x1000000 < 0x2000000;
	}
	/* 28 pairs, each close by chance with a probability of 1/128. */
	ASSERT_GE(4, near);
}

/* TS-18: timestamp offsets differ between tuples. */
TEST_F(wire, timestamp_offsets)
{
	uint32_t val[8];
	int near = 0;

	listening(16);
	for (int i = 0; i < 8; i++) {
		self->f = wire_flow(&self->w, WIRE_PORT);
		inject("S 0:0(0) <mss 1460,nop,nop,TS val 1 ecr 0>");
		expect("S. 0:0(0) ack 1 <mss *,TS val * ecr 1>");
		val[i] = self->f->ts_last;
		/* The offset depends at least on the pair of addresses. */
		wire_peer(self->f, 2);
		for (int j = 0; j < i; j++)
			near += val[i] - val[j] + 0x10000 < 0x20000;
	}
	self->f = wire_flow(&self->w, WIRE_PORT);
	wire_peer(self->f, 77);
	inject("S 0:0(0) <mss 1460,nop,nop,TS val 1 ecr 0>");
	expect("S. 0:0(0) ack 1 <mss *,TS val * ecr 1>");
	for (int j = 0; j < 8; j++)
		near += val[j] - self->f->ts_last + 0x10000 < 0x20000;
	ASSERT_GT(36, near);
}

/*
 * SF-5, RT-1, RT-8: the SYN-ACK is retransmitted after 1, 2, 4, 8, 16 s; then
 * the request is dropped.
 */
TEST_F_TIMEOUT(wire, syn_ack_retransmission, 120)
{
	listening(8);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	expect("+1s S. 0:0(0) ack 1 <...>");
	expect("+2s S. 0:0(0) ack 1 <...>");
	expect("+4s S. 0:0(0) ack 1 <...>");
	expect("+8s S. 0:0(0) ack 1 <...>");
	expect("+16s S. 0:0(0) ack 1 <...>");
	expect_none(40000);
	inject(". 1:1(0) ack 1");
	expect("R 1:1(0)");
	ASSERT_EQ(-EAGAIN, wire_accept(self->lfd));
}

/* SF-1: the SYN queue is limited, and accepts SYNs again when it has room. */
TEST_F(wire, backlog_bounded)
{
	int answered = 0;

	wire_sysctl(&self->w, "syncookies", "0");
	listening(2);
	for (int i = 0; i < 50; i++) {
		self->f = wire_flow(&self->w, WIRE_PORT);
		inject("S 0:0(0) <mss 1460>");
		answered += wire_next(self->f, 0);
	}
	ASSERT_LE(2, answered);
	ASSERT_GE(16, answered);
	for (int i = 0; i < self->w.nflows; i++)
		if (self->w.flow[i].iss_known) {
			self->f = &self->w.flow[i];
			inject("R 1:1(0)");
		}
	still_serves();
}

/* The accept queue is limited to backlog + 1 connections. */
TEST_F(wire, accept_queue_bounded)
{
	int accepted = 0;

	wire_sysctl(&self->w, "syncookies", "0");
	listening(1);
	for (int i = 0; i < 6; i++) {
		self->f = wire_flow(&self->w, WIRE_PORT);
		inject("S 0:0(0) <mss 1460>");
		if (!wire_next(self->f, 0))
			continue;
		inject(". 1:1(0) ack 1");
	}
	while (wire_accept(self->lfd) >= 0)
		accepted++;
	ASSERT_EQ(2, accepted);
}

/*
 * An ACK arrives when the accept queue is full: the request stays, and its
 * SYN-ACK is retransmitted until the queue has room.
 */
TEST_F(wire, accept_queue_bounded_at_ack)
{
	struct wire_flow *f[3];
	int accepted = 0;

	listening(1);
	for (int i = 0; i < 3; i++) {
		f[i] = self->f = wire_flow(&self->w, WIRE_PORT);
		inject("S 0:0(0) <mss 1460>");
		expect("S. 0:0(0) ack 1 <...>");
		if (i == 0)
			inject(". 1:1(0) ack 1");
	}
	for (int i = 1; i < 3; i++) {
		self->f = f[i];
		inject(". 1:1(0) ack 1");
	}
	while (wire_accept(self->lfd) >= 0)
		accepted++;
	ASSERT_EQ(2, accepted);
	expect("+0ms..2s S. 0:0(0) ack 1 <...>");
	inject(". 1:1(0) ack 1");
	ASSERT_LE(0, wire_accept(self->lfd));
}

TEST_HARNESS_MAIN
