// SPDX-License-Identifier: GPL-2.0
/* The maximum segment size: announced, obeyed, and what reduces it. */
#include "lib/wire_test.h"

/* MUST-15: without an MSS option the default is 536 (IPv4) or 1220 (IPv6). */
TEST_F(wire, mss_default)
{
	passive("nop");
	ASSERT_EQ(3000, wire_write(self->f, self->fd, 3000));
	expect("p. 1:%d(%d) ack 1", 1 + DEFAULT_MSS, DEFAULT_MSS);
	self->f = wire_flow(&self->w, 0);
	active("nop");
	ASSERT_EQ(3000, wire_write(self->f, self->fd, 3000));
	expect("p. 1:%d(%d) ack 1", 1 + DEFAULT_MSS, DEFAULT_MSS);
}

/* MUST-14, MUST-16, SHLD-28, U-15: the smaller of the peer's MSS and ours. */
TEST_F(wire, mss_obeyed)
{
	static const int mss[] = { 536, 1000, 1460, 8960, 65535 };

	listening(8);
	for (unsigned int i = 0; i < ARRAY_SIZE(mss); i++) {
		int want = mss[i] < MSS ? mss[i] : MSS;
		char opts[32];

		self->f = wire_flow(&self->w, WIRE_PORT);
		snprintf(opts, sizeof(opts), "mss %d", mss[i]);
		passive(opts);
		ASSERT_EQ(5000, wire_write(self->f, self->fd, 5000));
		expect("p. 1:%d(%d) ack 1", 1 + want, want);
		expect("p. %d:%d(%d) ack 1", 1 + want, 1 + 2 * want, want);
	}
}

/* MUST-16, MS-1: TCP options reduce the segment size. */
TEST_F(wire, mss_less_timestamps)
{
	passive("mss 1460,nop,nop,TS val 1 ecr 0");
	ASSERT_EQ(5000, wire_write(self->f, self->fd, 5000));
	expect("p. 1:%d(%d) ack 1", 1 + MSS - 12, MSS - 12);
}

/* An IPv6 extension header of eight bytes: only padding. */
static int extend(int fd, int opt)
{
	static const uint8_t header[8] = { 0, 0, 1, 4 };

	return setsockopt(fd, SOL_IPV6, opt, header, sizeof(header));
}

/*
 * MUST-16, MS-1: IPv6 extension headers reduce it, set before or after
 * connect().
 */
TEST_F(wire, mss_less_ipv6_options)
{
	static const int opt[] = { IPV6_HOPOPTS, IPV6_DSTOPTS };

	if (!variant->v6)
		SKIP(return, "IPv6 only");
	for (int i = 0; i < 4; i++) {
		int seg = MSS - 8;

		self->f = wire_flow(&self->w, 0);
		self->fd = wire_socket(&self->w);
		if (i < 2) {
			ASSERT_EQ(0, extend(self->fd, opt[i]));
		}
		ASSERT_EQ(self->fd, wire_active(self->f, self->fd, "mss 1460"));
		if (i >= 2) {
			ASSERT_EQ(0, extend(self->fd, opt[i - 2]));
		}
		ASSERT_EQ(5000, wire_write(self->f, self->fd, 5000));
		for (int n = 0; n < 3; n++) {
			expect("p. %d:%d(%d) ack 1", 1 + n * seg, 1 + n * seg + seg, seg);
			ASSERT_EQ(1500, self->f->last.len);
		}
	}
}

/* They also reduce it if they are set on an accepted socket. */
TEST_F(wire, mss_less_ipv6_options_passive)
{
	int seg = MSS - 16;

	if (!variant->v6)
		SKIP(return, "IPv6 only");
	if (REF)
		SKIP(return, "the kernel's TCP clears it on accepted sockets");
	passive("mss 1460");
	ASSERT_EQ(0, extend(self->fd, IPV6_HOPOPTS));
	ASSERT_EQ(0, extend(self->fd, IPV6_DSTOPTS));
	ASSERT_EQ(5000, wire_write(self->f, self->fd, 5000));
	for (int n = 0; n < 3; n++) {
		expect("p. %d:%d(%d) ack 1", 1 + n * seg, 1 + n * seg + seg, seg);
		ASSERT_EQ(1500, self->f->last.len);
	}
}

/* Connections inherit the extension headers of their listener. */
TEST_F(wire, ipv6_options_of_the_listener)
{
	int seg = MSS - 8;

	if (!variant->v6)
		SKIP(return, "IPv6 only");
	listening(8);
	ASSERT_EQ(0, extend(self->lfd, IPV6_DSTOPTS));
	passive("mss 1460");
	ASSERT_EQ(5000, wire_write(self->f, self->fd, 5000));
	expect("p. 1:%d(%d) ack 1", 1 + seg, seg);
	ASSERT_EQ(1500, self->f->last.len);
}

/* MUST-16: TCP_MAXSEG limits the segments sent and the MSS announced. */
TEST_F(wire, mss_by_maxseg)
{
	int v = 700;

	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_MAXSEG, &v, sizeof(v)));
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <mss 700,sackOK,TS val * ecr 0,nop,wscale *>");
	inject("S. 0:0(0) ack 1 <mss 1460>");
	expect(". 1:1(0) ack 1");
	ASSERT_EQ(2000, wire_write(self->f, self->fd, 2000));
	expect("p. 1:701(700) ack 1");
}

/* MS-2: a very small MSS: all data is sent, not one byte per segment. */
TEST_F(wire, mss_tiny)
{
	static const int mss[] = { 0, 1, 8, 12, 48 };

	listening(8);
	for (unsigned int i = 0; i < ARRAY_SIZE(mss); i++) {
		char opts[64];
		int sum = 0, segs = 0;

		self->f = wire_flow(&self->w, WIRE_PORT);
		snprintf(opts, sizeof(opts), "mss %d,nop,nop,TS val 1 ecr 0", mss[i]);
		passive(opts);
		ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
		while (sum < 100) {
			ASSERT_EQ(1, wire_next(self->f, 500));
			ASSERT_LT(0, self->f->last.paylen);
			sum += self->f->last.paylen;
			inject(". 1:1(0) ack %d", 1 + sum);
			segs++;
		}
		ASSERT_EQ(100, sum);
		/* Not one segment per byte. */
		ASSERT_GE(30, segs);
	}
}

TEST_HARNESS_MAIN
