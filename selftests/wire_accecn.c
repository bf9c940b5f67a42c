// SPDX-License-Identifier: GPL-2.0
/*
 * AccECN (RFC 9768): the codes of the handshake, the counter of CE-marked
 * packets (the ACE field: "e", "W", "E" are 4, 2, 1), and the options of kind
 * 172 (hex ac) and 174 (hex ae).
 */
#include "lib/wire_test.h"

static int cwnd(int fd)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	return getsockopt(fd, SOL_TCP, TCP_INFO, &ti, &len) ? -errno : (int)ti.tcpi_snd_cwnd;
}

static int segments(struct wire_flow *f)
{
	int n = 0;

	while (wire_next(f, 5))
		n += f->last.paylen > 0;
	return n;
}

/* Enables AccECN; @option: value of the sysctl ecn_option. */
#define accurate(option) do {						\
	if (REF)							\
		SKIP(return, "not every kernel has AccECN");		\
	self->w.accecn = true;						\
	wire_sysctl(&self->w, "ecn", "3");				\
	wire_sysctl(&self->w, "ecn_option", option);			\
	wire_sysctl(&self->w, "syn_linear_timeouts", "0");		\
} while (0)

/* A passive open that uses AccECN. */
#define accurate_passive(opts, ack) do {				\
	if (self->lfd < 0)						\
		listening(8);						\
	inject("SEWe 0:0(0) <" opts ">");				\
	expect("SW. 0:0(0) ack 1 notect <...>");			\
	inject(ack " 1:1(0) ack 1");					\
	self->fd = wire_accept(self->lfd);				\
	ASSERT_LE(0, self->fd);						\
} while (0)

#define accurate_active() do {						\
	self->fd = wire_socket(&self->w);				\
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));	\
	expect("SEWe 0:0(0) notect <...>");				\
} while (0)

/* AE-1: the SYN-ACK reports the IP-ECN field of the SYN. */
TEST_F(wire, syn_ack_codes)
{
	static const char *const ip[] = { "notect", "ect1", "ect0", "ce" };
	static const char *const code[] = { "SW.", "SWE.", "Se.", "SWe." };

	accurate("0");
	listening(8);
	for (int i = 0; i < 4; i++) {
		self->f = wire_flow(&self->w, WIRE_PORT);
		inject("SEWe 0:0(0) %s <mss 1000>", ip[i]);
		expect("%s 0:0(0) ack 1 notect <mss *>", code[i]);
	}
}

/*
 * AE-2, AE-3: SYNs that do not request AccECN, and unknown combinations of
 * flags.
 */
TEST_F(wire, syn_kinds)
{
	static const char *const syn[] = { "S", "SEW", "SE", "SW", "Se", "SEe", "SWe" };
	static const char *const code[] = { "S.", "SE.", "SW.", "SW.", "SW.", "SW.", "SW." };

	accurate("0");
	listening(8);
	for (int i = 0; i < 7; i++) {
		self->f = wire_flow(&self->w, WIRE_PORT);
		inject("%s 0:0(0) <mss 1000>", syn[i]);
		expect("%s 0:0(0) ack 1 <mss *>", code[i]);
	}
}

/* AE-1, AE-2, AE-3, AE-9: the ACK for each SYN-ACK. */
TEST_F(wire, syn_ack_kinds)
{
	static const struct {
		const char *syn_ack, *ack, *data, *ip;
	} row[] = {
		{ "SW.", "W.", "PEe.", "ect0" },	/* AccECN */
		{ "SEe.", "W.", "PEe.", "ect0" },	/* reserved: AccECN */
		{ "SWE.", "W.", "PEe.", "notect" },	/* mangled */
		{ "Se.", "W.", "PEe.", "notect" },
		{ "SWe.", "W.", "PEe.", "notect" },
		{ "SE.", ".", "P.", "ect0" },		/* classic */
		{ "S.", ".", "P.", "notect" },
		{ "SEWe.", ".", "P.", "notect" },	/* broken */
	};

	accurate("0");
	for (int i = 0; i < 8; i++) {
		self->f = wire_flow(&self->w, 0);
		accurate_active();
		inject("%s 0:0(0) ack 1 <mss 1000>", row[i].syn_ack);
		expect("%s 1:1(0) ack 1 notect", row[i].ack);
		ASSERT_EQ(500, wire_write(self->f, self->fd, 500));
		expect("%s 1:501(500) ack 1 %s", row[i].data, row[i].ip);
		inject("R 1:1(0)");
		close(self->fd);
	}
}

/*
 * AE-8, AE-9: the first pure ACK reports the IP-ECN field of the SYN-ACK; CE counts
 * once.
 */
TEST_F(wire, answer_to_syn_ack)
{
	static const char *const ip[] = { "notect", "ect1", "ect0", "ce" };
	static const char *const code[] = { "W.", "WE.", "e.", "We." };

	accurate("0");
	for (int i = 0; i < 4; i++) {
		self->f = wire_flow(&self->w, 0);
		accurate_active();
		inject("SW. 0:0(0) ack 1 %s <mss 1000>", ip[i]);
		expect("%s 1:1(0) ack 1", code[i]);
		/* The ACK was lost: the SYN-ACK is retransmitted. */
		inject("SW. 0:0(0) ack 1 %s <mss 1000>", ip[i]);
		expect("%s 1:1(0) ack 1", code[i]);
		ASSERT_EQ(500, wire_write(self->f, self->fd, 500));
		expect("%s 1:501(500) ack 1 ect0", i == 3 ? "PWe." : "PEe.");
		inject("R 1:1(0)");
		close(self->fd);
	}
}

/*
 * AE-4: the first retransmission still requests AccECN, the second does not;
 * all have the same ISN.
 */
TEST_F(wire, retransmitted_syn)
{
	accurate("0");
	accurate_active();
	expect("+1s SEWe 0:0(0) <...>");
	expect("+2s S 0:0(0) <...>");
	/* A SYN-ACK that answers the first SYN negotiates AccECN. */
	inject("SW. 0:0(0) ack 1 <mss 1000>");
	expect("W. 1:1(0) ack 1");
}

/* AE-5: a classic and an AccECN SYN in one handshake. */
TEST_F(wire, classic_and_accurate_syn)
{
	accurate("0");
	listening(8);
	inject("SEWe 0:0(0) <mss 1000>");
	expect("SW. 0:0(0) ack 1 <mss *>");
	inject("SEW 0:0(0) <mss 1000>");
	expect("R. =0:0(0) ack 1");
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("SEW 0:0(0) <mss 1000>");
	expect("SE. 0:0(0) ack 1 <mss *>");
	inject("SEWe 0:0(0) <mss 1000>");
	expect("R. =0:0(0) ack 1");
	still_serves();
}

/*
 * AE-5, AE-6: a retransmitted SYN without ECN flags: AccECN stays, but data is
 * sent as Not-ECT.
 */
TEST_F(wire, plain_syn_after)
{
	accurate("0");
	listening(8);
	inject("SEWe 0:0(0) <mss 1000>");
	expect("SW. 0:0(0) ack 1 <mss *>");
	inject("S 0:0(0) ect0 <mss 1000>");
	expect("Se. 0:0(0) ack 1 <mss *>");
	inject("W. 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(500, wire_write(self->f, self->fd, 500));
	expect("PEe. 1:501(500) ack 1 notect");
	inject("PEe. 1:101(100) ack 501 ce");
	expect("We. 501:501(0) ack 101");
}

/* AE-6, AE-11: the second retransmission of the SYN-ACK has no ECN flags. */
TEST_F(wire, retransmitted_syn_ack)
{
	accurate("2");
	listening(8);
	inject("SEWe 0:0(0) <mss 1000>");
	/* AE-11: only the first SYN-ACK has the option. */
	expect("SW. 0:0(0) ack 1 <mss *,hex ae0b000001000000000001>");
	expect("+1s SW. 0:0(0) ack 1 <mss *>");
	expect("+2s S. 0:0(0) ack 1 <mss *>");
	inject("W. 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(500, wire_write(self->f, self->fd, 500));
	expect("PEe. 1:501(500) ack 1 notect");
}

/*
 * AE-6, AE-9: ACE 0 in the first ACK: ignore ACE of the peer, continue to send our own.
 */
TEST_F(wire, ace_zeroed)
{
	accurate("0");
	accurate_passive("mss 1000", ".");
	ASSERT_EQ(20000, wire_write(self->f, self->fd, 20000));
	expect("pEe. 1:1001(1000) ack 1 notect");
	ASSERT_EQ(9, segments(self->f));
	inject("We. 1:1(0) ack 1001");
	ASSERT_LE(10, cwnd(self->fd));
	segments(self->f);
	inject("PWe. 1:101(100) ack 1001 ce");
	expect("We. *(0) ack 101");
}

/* AE-7, AE-8, AE-10: CE marks are counted, enough of them are ACKed at once. */
TEST_F(wire, counted)
{
	accurate("0");
	accurate_passive("mss 1000", "W.");
	inject("PEe. 1:101(100) ack 1 ect0");
	expect("+0ms..200ms Ee. 1:1(0) ack 101");
	inject("PEe. 101:201(100) ack 1 ce");
	expect("We. 1:1(0) ack 201");
	inject("PEe. 201:301(100) ack 1 ce");
	expect("+0ms..200ms EWe. 1:1(0) ack 301");
	inject("PEe. 301:401(100) ack 1 ce");
	expect("+0ms..200ms . 1:1(0) ack 401");
	/* Pure ACKs with a CE mark: the third one is answered. */
	inject("Ee. 401:401(0) ack 1 ce");
	inject("Ee. 401:401(0) ack 1 ce");
	expect_none(100);
	inject("Ee. 401:401(0) ack 1 ce");
	expect("EW. 1:1(0) ack 401");
}

/* AE-7: CE on a SYN or on an unacceptable segment is not counted. */
TEST_F(wire, not_counted)
{
	accurate("0");
	listening(8);
	inject("SEWe 0:0(0) ce <mss 1000>");
	expect("SWe. 0:0(0) ack 1 <mss *>");
	inject("W. 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	inject("PEe. 9000001:9000101(100) ack 1 ce");
	expect("Ee. 1:1(0) ack 1");
}

/* AE-8, AE-10: CE marks that the peer reports reduce cwnd once per window. */
TEST_F(wire, feedback)
{
	accurate("0");
	accurate_passive("mss 1000", "W.");
	ASSERT_EQ(30000, wire_write(self->f, self->fd, 30000));
	ASSERT_EQ(10, segments(self->f));
	inject("Ee. 1:1(0) ack 1001");
	segments(self->f);
	ASSERT_LE(10, cwnd(self->fd));
	inject("We. 1:1(0) ack 2001");
	segments(self->f);
	ASSERT_GE(6, cwnd(self->fd));
	ASSERT_LE(5, cwnd(self->fd));
	inject("EWe. 1:1(0) ack 3001");
	segments(self->f);
	ASSERT_LE(5, cwnd(self->fd));
	ASSERT_EQ(2, counter("DeliveredCE"));
	ASSERT_EQ(1, counter("EcnReduced"));
}

/*
 * AE-10: ACE wraps at eight: an increase may stand for eight marks more, also
 * with small segments.
 */
TEST_F(wire, feedback_of_small_segments)
{
	int one = 1;

	accurate("0");
	accurate_passive("mss 1000,nop,nop,sackOK", "W.");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_NODELAY, &one, sizeof(one)));
	for (int i = 0; i < 20; i++)
		ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	ASSERT_EQ(20, segments(self->f));
	/* Data that is SACKed first and acknowledged later counts once. */
	inject("Ee. 1:1(0) ack 1 <nop,nop,sack 11:41>");
	inject("We. 1:1(0) ack 61");
	ASSERT_EQ(1, counter("DeliveredCE"));
	/* Nine segments: ACE stands for one mark or nine, nine are counted. */
	inject("EWe. 1:1(0) ack 151");
	ASSERT_EQ(10, counter("DeliveredCE"));
}

/* AE-8: all segments of a large write have the same ACE. */
TEST_F(wire, same_ace_in_each_piece)
{
	accurate("0");
	accurate_passive("mss 1000", "W.");
	inject("PEe. 1:101(100) ack 1 ce");
	expect("We. 1:1(0) ack 101");
	ASSERT_EQ(10000, wire_write(self->f, self->fd, 10000));
	for (int i = 0; i < 10; i++)
		expect("pWe. %d:%d(1000) ack 101 ect0", 1 + i * 1000, 1001 + i * 1000);
}

/*
 * AE-10: if large ACKs are the rule, ACE stands for the least number of marks, as in
 * the kernel's TCP.
 */
TEST_F(wire, feedback_of_large_acks)
{
	accurate("0");
	accurate_passive("mss 1000", "W.");
	ASSERT_EQ(30000, wire_write(self->f, self->fd, 30000));
	ASSERT_EQ(10, segments(self->f));
	inject("We. 1:1(0) ack 10001");
	ASSERT_EQ(1, counter("DeliveredCE"));
}

/*
 * AE-10: an ACK that acknowledges nothing may be an old one: its feedback is ignored,
 * unless its timestamp is newer.
 */
TEST_F(wire, feedback_without_progress)
{
	accurate("2");
	accurate_passive("mss 1000", "W.");
	inject("We. 1:1(0) ack 1 <hex ae0b000001000001000001,nop>");
	ASSERT_EQ(0, counter("DeliveredCE"));
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("PEe. 1:1001(1000) ack 1 ect0");
	inject("We. 1:1(0) ack 1001");
	ASSERT_EQ(1, counter("DeliveredCE"));
	close(self->fd);
	self->f = wire_flow(&self->w, WIRE_PORT);
	accurate_passive("mss 1000,nop,nop,TS val 1000 ecr 0", "W.");
	inject("We. 1:1(0) ack 1");
	ASSERT_EQ(1, counter("DeliveredCE"));
	self->f->tsval++;
	inject("We. 1:1(0) ack 1");
	ASSERT_EQ(2, counter("DeliveredCE"));
}

/*
 * AE-11: if an option arrived, segments have the option with the byte counters, all
 * three in order 1.
 */
TEST_F(wire, option)
{
	accurate("2");
	listening(8);
	inject("SEWe 0:0(0) <mss 1000,hex ac02,nop,nop>");
	expect("SW. 0:0(0) ack 1 <mss *,hex ae0b000001000000000001>");
	inject("W. 1:1(0) ack 1 <hex ac0b000001000000000001,nop>");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	inject("PEe. 1:101(100) ack 1 ect0");
	expect("+0ms..200ms Ee. 1:1(0) ack 101 <hex ae0b000001000000000065>");
	inject("PEe. 101:201(100) ack 1 ce");
	expect("We. 1:1(0) ack 201 <hex ae0b000001000064000065>");
	/* An option of unusual length: its complete 3-byte fields count. */
	inject("PEe. 201:301(100) ack 1 ect1 <hex ae07000001000000>");
	expect("+0ms..200ms We. 1:1(0) ack 301 <hex ae0b000065000064000065>");
}

/* AE-11: with ecn_option 1 only segments after a change have the option. */
TEST_F(wire, option_with_news)
{
	accurate("1");
	listening(8);
	inject("SEWe 0:0(0) <mss 1000>");
	expect("SW. 0:0(0) ack 1 <mss *,hex ae0b000001000000000001>");
	inject("W. 1:1(0) ack 1 <hex ae0b000001000000000001,nop>");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	inject("PEe. 1:101(100) ack 1");
	expect("+0ms..200ms Ee. 1:1(0) ack 101");
	inject("PEe. 101:201(100) ack 1 ect0");
	expect("+0ms..200ms Ee. 1:1(0) ack 201 <hex ae0b000001000000000065>");
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("PEe. 1:1001(1000) ack 201 <...>");
}

/*
 * AE-11: full segments are smaller by the option, retransmissions and FIN have it,
 * too. Space is there from the peer's first option on.
 */
TEST_F(wire, option_on_each_segment)
{
	accurate("2");
	accurate_passive("mss 1000", "W.");
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("PEe. 1:1001(1000) ack 1 ect0");
	inject("Ee. 1:1(0) ack 1001 <hex ae02,nop,nop>");
	ASSERT_EQ(1976, wire_write(self->f, self->fd, 1976));
	expect("pEe. 1001:1989(988) ack 1 ect0 <hex ae0b000001000000000001>");
	expect("pEe. 1989:2977(988) ack 1 ect0 <hex ae0b000001000000000001>");
	inject("Ee. 1:1(0) ack 1989");
	expect("+0ms..400ms pEe. 1989:2977(988) ack 1 notect <hex ae0b000001000000000001>");
	inject("Ee. 1:1(0) ack 2977");
	close(self->fd);
	expect("FEe. 2977:2977(0) ack 1 notect <hex ae0b000001000000000001>");
}

/* AE-9, SA-S9: the ACK of the SYN-ACK's data follows that of the SYN-ACK. */
TEST_F(wire, syn_ack_with_data)
{
	accurate("0");
	accurate_active();
	inject("SW. 0:10(10) ack 1 <mss 1000>");
	expect("W. 1:1(0) ack 1 notect");
	expect("Ee. 1:1(0) ack 11");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
}

/* AE-11: the ACK of a SYN-ACK with an option, and the data after it. */
TEST_F(wire, option_of_client)
{
	accurate("2");
	accurate_active();
	inject("SW. 0:0(0) ack 1 <mss 1000,hex ac0b000001000000000001,nop>");
	expect("W. 1:1(0) ack 1 <hex ae0b000001000000000001>");
	ASSERT_EQ(988, wire_write(self->f, self->fd, 988));
	expect("PEe. 1:989(988) ack 1 ect0 <hex ae0b000001000000000001>");
}

/*
 * AE-11: data that was acknowledged with the option arrives twice more: a middlebox
 * may drop our ACKs, so the option is not sent again.
 */
TEST_F(wire, option_dropped)
{
	accurate("2");
	listening(8);
	inject("SEWe 0:0(0) <mss 1000,nop,nop,sackOK>");
	expect("SW. 0:0(0) ack 1 <...>");
	inject("W. 1:1(0) ack 1 <hex ae0b000001000000000001,nop>");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	inject("PEe. 1:101(100) ack 1 ect0");
	expect("+0ms..200ms Ee. 1:1(0) ack 101 <hex ae0b000001000000000065>");
	inject("PEe. 1:101(100) ack 1");
	expect("Ee. 1:1(0) ack 101 <sack 1:101,hex ae0b000001000000000065>");
	inject("PEe. 1:101(100) ack 1");
	expect("Ee. 1:1(0) ack 101 <sack 1:101>");
	inject("PEe. 101:201(100) ack 1 ect0");
	expect("+0ms..200ms Ee. 1:1(0) ack 201");
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("PEe. 1:1001(1000) ack 201 ect0");
}

/* AE-11: no option is sent to a peer that sends none. */
TEST_F(wire, no_option_seen)
{
	accurate("2");
	accurate_passive("mss 1000", "W.");
	inject("PEe. 1:101(100) ack 1 ect0");
	expect("+0ms..200ms Ee. 1:1(0) ack 101");
}

/* AE-11: two SACK blocks have priority over the option, more of them do not. */
TEST_F(wire, sack_blocks)
{
	accurate("2");
	listening(8);
	inject("SEWe 0:0(0) <mss 1000,sackOK>");
	expect("SW. 0:0(0) ack 1 <...>");
	inject("W. 1:1(0) ack 1 <hex ac0b000001000000000001,nop>");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	inject("PEe. 101:201(100) ack 1 ect0");
	expect("Ee. 1:1(0) ack 1 <sack 101:201,hex ae0b000001000000000065>");
	inject("PEe. 301:401(100) ack 1 ect0");
	expect("Ee. 1:1(0) ack 1 <sack 301:401 101:201,hex ae0b0000010000000000c9>");
	inject("PEe. 501:601(100) ack 1 ect0");
	expect("Ee. 1:1(0) ack 1 <sack 501:601 301:401 101:201,hex ae0b00000100000000012d>");
	inject("PEe. 701:801(100) ack 1 ect0");
	expect("Ee. 1:1(0) ack 1 <sack 701:801 501:601 301:401,hex ae0b000001000000000191>");
	/* No news: the fourth block takes the space of the fields. */
	inject("PEe. 1001:1101(100) ack 1 notect");
	expect("Ee. 1:1(0) ack 1 <sack 1001:1101 701:801 501:601 301:401,hex ae05000001>");
}

/* AE-11: the same with timestamps. */
TEST_F(wire, sack_blocks_and_timestamps)
{
	accurate("2");
	listening(8);
	inject("SEWe 0:0(0) <mss 1000,sackOK,TS val 1 ecr 0>");
	expect("SW. 0:0(0) ack 1 <...>");
	inject("W. 1:1(0) ack 1 <hex ac0b000001000000000001,nop>");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	inject("PEe. 101:201(100) ack 1 ect1");
	inject("PEe. 301:401(100) ack 1 ect1");
	expect("Ee. 1:1(0) ack 1 <sack 101:201,hex ae0b000065000000000001>");
	expect("Ee. 1:1(0) ack 1 <sack 301:401 101:201,hex ae080000c9000000>");
	inject("PEe. 501:601(100) ack 1 ce");
	expect("We. 1:1(0) ack 1 <sack 501:601 301:401,hex ae080000c9000064>");
	/* Three fields are needed and do not fit. */
	inject("PEe. 701:801(100) ack 1 ect0");
	expect("We. 1:1(0) ack 1 <sack 701:801 501:601 301:401>");
}

/* AE-12: CE-marked bytes in the option, but no packet in ACE: stop ECT. */
TEST_F(wire, marked_bytes_without_marked_packet)
{
	accurate("2");
	listening(8);
	inject("SEWe 0:0(0) <mss 1000>");
	expect("SW. 0:0(0) ack 1 <...>");
	inject("W. 1:1(0) ack 1 <hex ac0b000001000000000001,nop>");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(988, wire_write(self->f, self->fd, 988));
	expect("PEe. 1:989(988) ack 1 ect0 <...>");
	inject("Ee. 1:1(0) ack 989 <hex ac080000010003dc>");
	ASSERT_EQ(988, wire_write(self->f, self->fd, 988));
	expect("PEe. 989:1977(988) ack 1 notect <...>");
}

/*
 * EC-9, EC-10: with ecn_generalized, pure ACKs, retransmissions and FIN are ECT(0),
 * too, but only with AccECN.
 */
TEST_F(wire, generalized)
{
	accurate("0");
	wire_sysctl(&self->w, "ecn_generalized", "1");
	accurate_passive("mss 1000", "W.");
	inject("PEe. 1:101(100) ack 1 ect0");
	expect("+0ms..200ms Ee. 1:1(0) ack 101 ect0");
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("PEe. 1:1001(1000) ack 101 ect0");
	expect("+0ms..400ms PEe. 1:1001(1000) ack 101 ect0");
	inject("Ee. 101:101(0) ack 1001");
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("FEe. 1001:1001(0) ack 101 ect0");
	self->f = wire_flow(&self->w, 0);
	accurate_active();
	inject("SW. 0:0(0) ack 1 <mss 1000>");
	expect("W. 1:1(0) ack 1 ect0");
	close(self->fd);
	self->f = wire_flow(&self->w, 0);
	accurate_active();
	inject("SE. 0:0(0) ack 1 <mss 1000>");
	expect(". 1:1(0) ack 1 notect");
}

/* AE-13: DSACK is sent regardless of the sysctl dsack. */
TEST_F(wire, dsack)
{
	accurate("0");
	wire_sysctl(&self->w, "dsack", "0");
	accurate_passive("mss 1000,sackOK", "W.");
	inject("PEe. 1:101(100) ack 1");
	expect("+0ms..200ms Ee. 1:1(0) ack 101");
	inject("PEe. 1:101(100) ack 1");
	expect("Ee. 1:1(0) ack 101 <sack 1:101>");
}

/* AE-2: tcp_ecn 4 and 5 grant AccECN, and request classic ECN or none. */
TEST_F(wire, settings)
{
	static const char *const value[] = { "4", "5" };
	static const char *const syn[] = { "SEW", "S" };

	accurate("0");
	listening(8);
	for (int i = 0; i < 2; i++) {
		wire_sysctl(&self->w, "ecn", value[i]);
		self->f = wire_flow(&self->w, WIRE_PORT);
		inject("SEWe 0:0(0) <mss 1000>");
		expect("SW. 0:0(0) ack 1 <...>");
		self->f = wire_flow(&self->w, 0);
		self->fd = wire_socket(&self->w);
		ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
		expect("%s 0:0(0) <...>", syn[i]);
		inject("R. 0:0(0) ack 1");
		close(self->fd);
	}
}

TEST_HARNESS_MAIN
