// SPDX-License-Identifier: GPL-2.0
/*
 * The format of segments sent. lib/wire_rules.c checks each segment in each test; here
 * one segment of each kind is sent.
 */
#include "lib/wire_test.h"

#define OPTS	"mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7"

/* The last segment has DF (IPv4) and ACK, as all segments after the SYN. */
#define formed() do {							\
	ASSERT_EQ(WF_ACK, self->f->last.flags & WF_ACK);		\
	ASSERT_EQ(!variant->v6, self->f->last.df);			\
} while (0)

#define expect_formed(...) do {						\
	expect(__VA_ARGS__);						\
	formed();							\
} while (0)

/*
 * MUST-2, MUST-65, MUST-68, MUST-69, U-1, U-3, PM-1, TS-8: one segment of each kind:
 * odd lengths, retransmissions, SACK and DSACK, challenge ACKs, probes, TIME-WAIT.
 */
TEST_F(wire, every_kind)
{
	listening(8);
	inject("S 0:0(0) win 65535 <" OPTS ">");
	expect_formed("S. 0:0(0) ack 1 <...>");
	inject(". 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(7, wire_write(self->f, self->fd, 7));
	expect_formed("P. 1:8(7) ack 1");
	expect_formed("+200ms P. 1:8(7) ack 1");
	inject(". 1:1(0) ack 8");
	inject(". 101:201(100) ack 8");
	expect_formed(". 8:8(0) ack 1 <nop,nop,TS val * ecr *,sack 101:201>");
	inject(". 101:151(50) ack 8");
	expect_formed(". 8:8(0) ack 1 <nop,nop,TS val * ecr *,sack 101:151 101:201>");
	inject(". 1:101(100) ack 8");
	expect_formed(". 8:8(0) ack 201");
	inject("R 202:202(0)");
	expect_formed(". 8:8(0) ack 201");
	inject(". 201:201(0) ack 8 win 0");
	ASSERT_EQ(3, wire_write(self->f, self->fd, 3));
	expect_formed("+100ms..900ms p. *(*) ack 201");
	inject(". 201:201(0) ack 8 win 500");
	expect_formed("P. 8:11(3) ack 201");
	inject(". 201:201(0) ack 11");
	ASSERT_EQ(200, wire_read_sum(self->f, self->fd, 1000));
	close(self->fd);
	expect_formed("F. 11:11(0) ack 201");
	inject("F. 201:201(0) ack 12");
	expect_formed(". 12:12(0) ack 202");
	inject("F. 201:201(0) ack 12");
	expect_formed(". 12:12(0) ack 202");
}

/* MUST-2, U-1, PM-1: RSTs that abort or refuse. */
TEST_F(wire, every_kind_of_rst)
{
	passive(OPTS);
	ASSERT_EQ(0, wire_abort(self->fd));
	expect_formed("R. 1:1(0) ack 1 <...>");
	/* Without a connection: the RST has no ACK bit if the segment had one. */
	inject("P. 1:12(11) ack 1");
	expect("R 1:1(0) <...>");
	ASSERT_EQ(!variant->v6, self->f->last.df);
	self->f = wire_flow(&self->w, 7777);
	inject("S 0:11(11) <mss 1460>");
	expect_formed("R. =0:0(0) ack 12");
}

/* MUST-67, MUST-14, SHLD-6: the announced MSS follows the MTU. */
TEST_F(wire, mss_by_mtu)
{
	static const int mtu[] = { 68, 576, 1280, 1499, 1500, 9000, 65535 };

	listening(32);
	for (unsigned int i = 0; i < ARRAY_SIZE(mtu); i++) {
		int mss = mtu[i] - (variant->v6 ? 60 : 40);

		if (variant->v6 && mtu[i] < 1280)
			continue;
		/* IPv4 announces at least 256 (net.ipv4.route.min_adv_mss). */
		if (mss < 256)
			mss = 256;
		ASSERT_EQ(0, wire_mtu(mtu[i]));
		self->f = wire_flow(&self->w, WIRE_PORT);
		inject("S 0:0(0) <mss 1460>");
		expect("S. 0:0(0) ack 1 <mss %d>", mss);
		inject("R 1:1(0)");
		self->f = wire_flow(&self->w, 0);
		self->fd = wire_socket(&self->w);
		ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
		expect("S 0:0(0) <mss %d,sackOK,TS val * ecr 0,nop,wscale *>", mss);
		close(self->fd);
	}
}

/* MUST-16: segments become smaller if the MTU of the device is reduced. */
TEST_F(wire, smaller_mtu)
{
	int seg = 1300 - (variant->v6 ? 60 : 40);

	passive("mss 1460");
	ASSERT_EQ(MSS, wire_write(self->f, self->fd, MSS));
	expect("p. *(%d) ack 1", MSS);
	inject(". 1:1(0) ack %d", 1 + MSS);
	ASSERT_EQ(0, wire_mtu(1300));
	ASSERT_EQ(3 * seg, wire_write(self->f, self->fd, 3 * seg));
	for (int i = 0; i < 3; i++)
		expect("p. *(%d) ack 1", seg);
}

static int set_tos(int fd, bool v6, int tos)
{
	return setsockopt(fd, v6 ? SOL_IPV6 : SOL_IP, v6 ? IPV6_TCLASS : IP_TOS, &tos,
			  sizeof(tos));
}

/* MUST-48, SHLD-21, SHLD-22: the DSCP is set as requested, the IP-ECN field is not. */
TEST_F(wire, dscp)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, set_tos(self->fd, variant->v6, 0x28 | 3));
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	ASSERT_EQ(0x28, self->f->last.tos);
	inject("S. 0:0(0) ack 1 <mss 1460>");
	expect(". 1:1(0) ack 1");
	ASSERT_EQ(0x28, self->f->last.tos);
	ASSERT_EQ(0, set_tos(self->fd, variant->v6, 0xb8 | 1));
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack 1");
	ASSERT_EQ(0xb8, self->f->last.tos);
	expect("+200ms P. 1:11(10) ack 1");
	ASSERT_EQ(0xb8, self->f->last.tos);
}

/* MUST-49: the hop limit is set on each segment of the connection. */
TEST_F(wire, hop_limit)
{
	int ttl = 17;

	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, setsockopt(self->fd, variant->v6 ? SOL_IPV6 : SOL_IP,
				variant->v6 ? IPV6_UNICAST_HOPS : IP_TTL, &ttl, sizeof(ttl)));
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	ASSERT_EQ(17, self->f->last.ttl);
	inject("S. 0:0(0) ack 1 <mss 1460>");
	expect(". 1:1(0) ack 1");
	ASSERT_EQ(17, self->f->last.ttl);
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	ASSERT_EQ(17, self->f->last.ttl);
}

/* TS-11: TSecr of a SYN is ignored. */
TEST_F(wire, echo_on_a_syn)
{
	listening(8);
	inject("S 0:0(0) <mss 1460,sackOK,TS val 5 ecr 3735928559,nop,wscale 7>");
	expect("S. 0:0(0) ack 1 <mss %d,sackOK,TS val * ecr 5,nop,wscale *>", MSS);
	inject(". 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	/* The TSecr of the SYN gives no RTT sample. */
	expect("P. 1:11(10) ack 1");
	expect("+200ms..250ms P. 1:11(10) ack 1");
}

TEST_HARNESS_MAIN
