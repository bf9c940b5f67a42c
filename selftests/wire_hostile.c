// SPDX-License-Identifier: GPL-2.0
/*
 * Malformed and forged segments: nothing invalid is accepted, and the next valid SYN is
 * answered.
 */
#include "lib/wire_test.h"

#include <linux/sock_diag.h>

#define OPTS	"mss 1460"

struct bad {
	const char *spec;
	const char *counter;	/* by its name in the kernel's TCP */
	bool ref_silent;	/* the kernel's TCP does not count it */
};

/* Damage that makes any segment invalid. */
static const struct bad damage[] = {
	/* MUST-3 */
	{ "%s 1:11(10) ack 1 badsum", "InCsumErrors", false },
	{ "%s 1:12(11) ack 1 badsum", "InCsumErrors", false },
	{ "%s 1:11(10) ack 1 sum0", "InCsumErrors", false },
	/* U-2, MUST-7: invalid data offset */
	{ "%s 1:11(10) ack 1 doff 0", "InErrs", false },
	{ "%s 1:11(10) ack 1 doff 4", "InErrs", false },
	{ "%s 1:11(10) ack 1 doff 15", "InErrs", true },
	/* Shorter than a TCP header: dropped without a counter */
	{ "%s 1:1(0) ack 1 short 0", NULL, false },
	{ "%s 1:1(0) ack 1 short 1", NULL, false },
	{ "%s 1:1(0) ack 1 short 8", NULL, false },
	{ "%s 1:1(0) ack 1 short 12", NULL, false },
	{ "%s 1:1(0) ack 1 short 19", NULL, false },
};

/* Options with an invalid length. */
static const char *const options[] = {
	"hex 02",		/* no length byte; padding makes it 0 */
	"hex 0200",
	"hex 0201",
	"hex 02040500,hex 0300",
	"hex 02ff",
	"nop,nop,nop,hex 02",
	"hex fd00",
	"hex fd01",
	"hex fdff",
	"hex 0804",
	"hex 05ff",
	"hex 050a0000",
	"hex 0506000000010000",
	"nop,hex 0202",
	"hex 0303",
};

/* MUST-3, MUST-7, U-2: a listener does not answer a damaged SYN. */
TEST_F(wire, damaged_syn)
{
	listening(8);
	for (unsigned int i = 0; i < ARRAY_SIZE(damage); i++) {
		const char *name = damage[i].counter;
		long before = name ? counter(name) : -1, after;
		char spec[80];

		self->f = wire_flow(&self->w, WIRE_PORT);
		snprintf(spec, sizeof(spec), damage[i].spec, "S");
		inject("%s", spec);
		expect_none(5);
		after = name ? counter(name) : 0;
		EXPECT_GT(after, before - (REF && damage[i].ref_silent)) {
			TH_LOG("%s: %s %ld -> %ld", spec, name, before, after);
		}
		still_serves();
	}
	ASSERT_EQ(-EAGAIN, wire_accept(self->lfd));
}

/*
 * MUST-3, MUST-7, U-2: a connection drops a damaged segment: no ACK, no RST, no
 * data, no change of state.
 */
TEST_F(wire, damaged_in_established)
{
	static const char *const flags[] = { "P.", "F.", "R.", "S." };

	passive(OPTS);
	for (unsigned int i = 0; i < ARRAY_SIZE(damage); i++)
		for (unsigned int j = 0; j < ARRAY_SIZE(flags); j++) {
			char spec[80];

			snprintf(spec, sizeof(spec), damage[i].spec, flags[j]);
			inject("%s", spec);
			expect_none(2);
			state(TCP_ESTABLISHED);
		}
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 100));
	inject("P. 1:11(10) ack 1");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
	still_serves();
}

/* MUST-3: a damaged third ACK does not complete the handshake. */
TEST_F(wire, damaged_third_ack)
{
	listening(8);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	inject(". 1:1(0) ack 1 badsum");
	inject(". 1:1(0) ack 1 doff 4");
	expect_none(10);
	ASSERT_EQ(-EAGAIN, wire_accept(self->lfd));
	inject(". 1:1(0) ack 1");
	ASSERT_LE(0, wire_accept(self->lfd));
}

/* MUST-7: SYNs with invalid option lengths are answered or dropped. */
TEST_F(wire, bad_options_on_syn)
{
	listening(8);
	for (unsigned int i = 0; i < ARRAY_SIZE(options); i++) {
		struct wire_flow *f = wire_flow(&self->w, WIRE_PORT);

		ASSERT_EQ(0, wire_inject(f, "S 0:0(0) <%s>", options[i]));
		if (wire_next(f, 5)) {
			ASSERT_EQ(WF_SYN | WF_ACK, f->last.flags);
			ASSERT_EQ(0, wire_inject(f, "R 1:1(0)"));
		}
		still_serves();
	}
}

/* MUST-7: invalid option lengths in data: XTCP drops and counts them. */
TEST_F(wire, bad_options_on_data)
{
	int off = 1, taken = 0, n;
	long before = counter("BadOption");

	passive(OPTS);
	for (unsigned int i = 0; i < ARRAY_SIZE(options); i++) {
		inject("P. %d:%d(10) ack 1 <%s>", off, off + 10, options[i]);
		n = wire_read(self->f, self->fd, 100);
		if (n == 10) {
			off += 10;
			taken++;
		} else {
			ASSERT_EQ(-EAGAIN, n);
		}
		state(TCP_ESTABLISHED);
		wire_flush(self->f);
	}
	/* Most lengths are 0 or 1, or exceed the header. */
	if (!REF) {
		ASSERT_GE(3, taken);
		ASSERT_EQ(before + (int)ARRAY_SIZE(options) - taken, counter("BadOption"));
	}
	while (wire_next(self->f, 300))
		;
	inject("P. %d:%d(10) ack 1", off, off + 10);
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
	still_serves();
}

/* U-9: all 256 combinations of flags to a listener: the next valid SYN is answered. */
TEST_F(wire, flags_to_listener)
{
	struct wire_flow *f = NULL;

	listening(64);
	for (int flags = 0; flags < 256; flags++) {
		char s[12];
		int n = 0;

		for (int b = 0; b < 8; b++)
			if (flags & 1 << b)
				s[n++] = "FSRP.UEW"[b];
		s[n] = 0;
		if (flags % 32 == 0)
			f = wire_flow(&self->w, WIRE_PORT);
		wire_again(f);
		f->isn = flags << 20;
		ASSERT_EQ(0, wire_inject(f, "%s 0:10(10) ack =12345 urg 5", n ? s : "-"));
		while (wire_pending(f)) {
			wire_next(f, 0);
			/*
			 * Only a SYN without RST, ACK and FIN creates a
			 * request.
			 */
			if (f->last.flags & WF_SYN) {
				ASSERT_EQ(WF_SYN, flags & (WF_SYN | WF_RST | WF_ACK | WF_FIN));
				ASSERT_EQ(0, wire_inject(f, "R 1:1(0)"));
			}
			/* U-9: no answer to a RST. */
			ASSERT_EQ(0, flags & WF_RST);
		}
	}
	still_serves();
	ASSERT_EQ(-EAGAIN, wire_accept(self->lfd));
}

/*
 * All combinations of flags to a connection, outside of the window: it
 * survives.
 */
TEST_F(wire, flags_to_established)
{
	passive(OPTS);
	for (int flags = 0; flags < 256; flags++) {
		char s[12];
		int n = 0;

		for (int b = 0; b < 8; b++)
			if (flags & 1 << b)
				s[n++] = "FSRP.UEW"[b];
		s[n] = 0;
		inject("%s 2000000000:2000000010(10) ack 1 urg 5", n ? s : "-");
		state(TCP_ESTABLISHED);
	}
	while (wire_pending(self->f)) {
		wire_next(self->f, 0);
		ASSERT_EQ(WF_ACK, self->f->last.flags);
	}
	inject("P. 1:11(10) ack 1");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
}

/* Random sequence numbers mixed with valid ones: only the valid ones are accepted. */
TEST_F(wire, random_sequence_numbers)
{
	uint32_t rnd = 12345;
	int next = 1;

	passive(OPTS);
	for (int i = 0; i < 2000; i++) {
		rnd = rnd * 1103515245 + 12345;
		/* Far left or far right of the window, random ACK numbers. */
		inject("P. %u:%u(10) ack %u", 0x40000000 + (rnd >> 2),
		       0x40000000 + (rnd >> 2) + 10, rnd * 77);
		if (i % 10)
			continue;
		inject("P. %d:%d(10) ack 1", next, next + 10);
		next += 10;
		ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
		wire_flush(self->f);
	}
	state(TCP_ESTABLISHED);
	still_serves();
}

/* XT-9: IP reassembles fragments before TCP. */
TEST_F(wire, fragments)
{
	passive(OPTS);
	inject("P. 1:1001(1000) ack 1 frag 256");
	ASSERT_EQ(1000, wire_read_sum(self->f, self->fd, 2000));
	/* Fragments split the TCP header (IPv6 needs all of it in the first fragment). */
	inject("P. 1001:1101(100) ack 1 frag %d", variant->v6 ? 24 : 8);
	ASSERT_EQ(100, wire_read_sum(self->f, self->fd, 2000));
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("S 0:0(0) frag 40 <mss 1000,sackOK,TS val 1 ecr 0,nop,wscale 7>");
	expect("S. 0:0(0) ack 1 <mss *,sackOK,TS val * ecr 1,wscale *>");
}

/* MUST-57: segments to broadcast or multicast addresses are not answered. */
TEST_F(wire, to_broadcast_or_multicast)
{
	static const char *const flags[] = { "S", ".", "R", "F.", "P." };
	static const uint8_t four[][4] = {
		{ 192, 0, 2, 255 }, { 192, 0, 2, 0 }, { 255, 255, 255, 255 },
		{ 224, 0, 0, 1 },
	};
	static const uint8_t six[16] = { 0xff, 0x02, [15] = 1 };

	listening(8);
	for (unsigned int i = 0; i < (variant->v6 ? 1 : ARRAY_SIZE(four)); i++)
		for (unsigned int j = 0; j < ARRAY_SIZE(flags); j++) {
			struct wire_flow *f = wire_flow(&self->w, WIRE_PORT);

			if (variant->v6)
				memcpy(f->local, six, 16);
			else
				memcpy(f->local + 12, four[i], 4);
			/*
			 * The kernel's TCP sends a RST with a multicast source address.
			 */
			if (REF && variant->v6 && j)
				continue;
			ASSERT_EQ(0, wire_inject(f, "%s 0:0(0)%s", flags[j],
						 strchr(flags[j], '.') ? " ack =1" : ""));
			ASSERT_EQ(0, wire_expect_none(f, 5));
		}
	ASSERT_EQ(0, self->w.strays);
	still_serves();
}

/*
 * MUST-63: SYNs from broadcast, multicast or our own addresses are not
 * answered.
 */
TEST_F(wire, from_invalid_source)
{
	static const uint8_t four[][4] = {
		{ 255, 255, 255, 255 }, { 224, 0, 0, 1 }, { 0, 0, 0, 0 },
		{ 192, 0, 2, 255 }, { 192, 0, 2, 1 }, { 127, 0, 0, 1 },
	};
	static const uint8_t six[][16] = {
		{ 0xff, 0x02, [15] = 1 }, { [15] = 1 },
	};

	listening(8);
	for (unsigned int i = 0; i < (variant->v6 ? ARRAY_SIZE(six) : ARRAY_SIZE(four)); i++) {
		struct wire_flow *f = wire_flow(&self->w, WIRE_PORT);

		if (variant->v6)
			memcpy(f->peer, six[i], 16);
		else
			memcpy(f->peer + 12, four[i], 4);
		/* The kernel's TCP answers the broadcast address of a subnet. */
		if (REF && !variant->v6 && four[i][3] == 255 && four[i][0] == 192)
			continue;
		ASSERT_EQ(0, wire_inject(f, "S 0:0(0) <mss 1460>"));
		ASSERT_EQ(0, wire_expect_none(f, 5));
	}
	ASSERT_EQ(-EAGAIN, wire_accept(self->lfd));
	still_serves();
}

/* LAND: a SYN from our own address and port. */
TEST_F(wire, land)
{
	struct wire_flow *f;

	listening(8);
	f = wire_flow(&self->w, WIRE_PORT);
	memcpy(f->peer, f->local, 16);
	f->pport = WIRE_PORT;
	ASSERT_EQ(0, wire_inject(f, "S 0:0(0) <mss 1460>"));
	ASSERT_EQ(0, wire_expect_none(f, 20));
	still_serves();
}

/* IP_MINTTL, IPV6_MINHOPCOUNT */
static int set_min_ttl(int fd, bool v6, int ttl)
{
	return setsockopt(fd, v6 ? SOL_IPV6 : SOL_IP, v6 ? IPV6_MINHOPCOUNT : IP_MINTTL,
			  &ttl, sizeof(ttl));
}

#define far_away()	counter(REF ? "TCPMinTTLDrop" : "MinTTLDrop")

/* RFC 5082: a segment with a TTL below IP_MINTTL is dropped. */
TEST_F(wire, ttl_below_minttl)
{
	long before = far_away();

	listening(8);
	ASSERT_EQ(0, set_min_ttl(self->lfd, variant->v6, 255));
	inject("S 0:0(0) ttl 254 <mss 1460>");
	expect_none(10);
	inject("S 0:0(0) ttl 255 <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	inject(". 1:1(0) ack 1 ttl 255");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	inject("P. 1:11(10) ack 1 ttl 254");
	inject("F. 1:1(0) ack 1 ttl 64");
	inject("R. 1:1(0) ack 1 ttl 1");
	expect_none(10);
	state(TCP_ESTABLISHED);
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 100));
	ASSERT_EQ(before + 4, far_away());
	inject("P. 1:11(10) ack 1 ttl 255");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
	ASSERT_EQ(before + 4, far_away());
}

/* RFC 5082: in SYN-SENT a SYN-ACK or RST with such a TTL is dropped, too. */
TEST_F(wire, ttl_below_minttl_in_syn_sent)
{
	long before = far_away();

	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, set_min_ttl(self->fd, variant->v6, 64));
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	inject("S. 0:0(0) ack 1 ttl 63 <mss 1460>");
	inject("R. 0:0(0) ack 1 ttl 63");
	expect_none(10);
	state(TCP_SYN_SENT);
	ASSERT_EQ(before + 2, far_away());
	inject("S. 0:0(0) ack 1 ttl 64 <mss 1460>");
	expect(". 1:1(0) ack 1");
	state(TCP_ESTABLISHED);
}

/* Number of answers, all pure ACKs; -1 if another segment was sent. */
static int answers(struct wire_flow *f)
{
	int n = 0;

	for (; wire_next(f, 10); n++)
		if (f->last.flags != WF_ACK || f->last.paylen)
			return -1;
	return n;
}

/* MAY-12: no ACK loop between two stacks with different state. */
TEST_F(wire, no_ack_storm)
{
	static const char *const spec[] = {
		". -10:-10(0) ack 1",		/* left of the window */
		". 10000000:10000000(0) ack 1",	/* right of the window */
		". 1:1(0) ack 100000",		/* ACK of unsent data */
		". 1:1(0) ack -100000",		/* ACK older than any window */
		"S 5:5(0)",
	};

	passive(OPTS);
	for (unsigned int i = 0; i < ARRAY_SIZE(spec); i++) {
		int n;

		wire_sleep(600);
		for (int j = 0; j < 300; j++)
			inject("%s", spec[i]);
		n = answers(self->f);
		ASSERT_LE(0, n);
		/* At most two per second, for the duration of the test. */
		ASSERT_GE(3, n);
		state(TCP_ESTABLISHED);
	}
}

/* Every second byte of a window, out of order: bounded memory, all data arrives. */
TEST_F(wire, tiny_out_of_order)
{
	uint32_t m[SK_MEMINFO_VARS] = { 0 };
	socklen_t len = sizeof(m);
	int got = 0, n;

	passive(OPTS);
	for (int i = 0; i < 3000; i++) {
		inject(". %d:%d(1) ack 1", 3 + 2 * i, 4 + 2 * i);
		wire_flush(self->f);
	}
	ASSERT_EQ(0, getsockopt(self->fd, SOL_SOCKET, SO_MEMINFO, m, &len));
	ASSERT_GE(2 * m[SK_MEMINFO_RCVBUF], m[SK_MEMINFO_RMEM_ALLOC]);
	if (!REF) {
		ASSERT_LT(0, counter("OFODrop"));
	}
	for (int i = 0; i < 6; i++) {
		inject(". %d:%d(1000) ack 1", 1 + i * 1000, 1001 + i * 1000);
		n = wire_read_sum(self->f, self->fd, 10000);
		ASSERT_LE(0, n);
		got += n;
	}
	wire_flush(self->f);
	ASSERT_LE(6000, got);
	still_serves();
}

/* Random numbers and options, with a valid checksum. */
TEST_F(wire, random_headers)
{
	uint32_t rnd = 99;

	passive(OPTS);
	self->f->unchecked = true;
	for (int i = 0; i < 3000; i++) {
		char spec[300], hex[100];
		int n = 0, words;

		rnd = rnd * 1103515245 + 12345;
		words = rnd >> 28 & 7;
		for (int j = 0; j < words * 4; j++) {
			rnd = rnd * 1103515245 + 12345;
			n += sprintf(hex + n, "%02x", rnd >> 16 & (j % 4 ? 0x1f : 0xff));
		}
		/* No RST and no FIN: they could end the connection. */
		snprintf(spec, sizeof(spec), "%s %u:%u(5) ack %u win %u urg %u%s%s%s",
			 rnd >> 20 & 1 ? "P." : rnd >> 21 & 1 ? "PU." : "S.",
			 100 + (rnd >> 8 & 0xffff), 105 + (rnd >> 8 & 0xffff),
			 rnd >> 3 & 0xffff, rnd & 0xffff, rnd >> 7 & 0xffff,
			 words ? " <hex " : "", words ? hex : "", words ? ">" : "");
		inject("%s", spec);
		wire_flush(self->f);
	}
	state(TCP_ESTABLISHED);
	still_serves();
}

TEST_HARNESS_MAIN
