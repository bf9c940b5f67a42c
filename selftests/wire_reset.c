// SPDX-License-Identifier: GPL-2.0
/*
 * RSTs sent and received, and the checks of RFC 5961 for RST, SYN and ACK at the edges
 * of the windows.
 */
#include "lib/wire_test.h"

#define OPTS	"mss 1460"

/* Longer than the interval of the rate limit of challenge ACKs per connection. */
#define CHALLENGE_PAUSE_MS	5100

struct answer {
	const char *in, *out;
};

static const struct answer closed[] = {
	/*
	 * SA-C2, U-10: without ACK: sequence number 0, acknowledges all of the segment.
	 */
	{ "S 0:0(0) <mss 1460>", "R. =0:0(0) ack 1" },
	{ "F 0:0(0)", "R. =0:0(0) ack 1" },
	{ "- 0:10(10)", "R. =0:0(0) ack 10" },
	{ "- 0:0(0)", "R. =0:0(0) ack 0" },
	{ "SF 0:10(10)", "R. =0:0(0) ack 12" },
	{ "S 0:10(10)", "R. =0:0(0) ack 11" },
	{ "PU 0:5(5) urg 3", "R. =0:0(0) ack 5" },
	/* SA-C3: with ACK: sequence number is the ACK number, no ACK bit. */
	{ ". 5:5(0) ack =77", "R =77:77(0)" },
	{ "S. 5:5(0) ack =77", "R =77:77(0)" },
	{ "F. 5:5(0) ack =0", "R =0:0(0)" },
	{ "P. 5:105(100) ack =4294967295", "R =4294967295:*(0)" },
	/* SA-C1, U-9: no answer to a RST. */
	{ "R 0:0(0)", NULL },
	{ "R. 0:0(0) ack =77", NULL },
	{ "SR 0:0(0)", NULL },
	{ "FR. 0:10(10) ack =77", NULL },
};

/* Connections, requests and TIME-WAIT entries of both stacks and IP versions. */
static int sockets_in_proc(struct wire *w)
{
	static const char *const file[] = { "xtcp", "xtcp6", "tcp", "tcp6" };
	char path[32], line[256];
	int n = 0;

	for (int i = 0; i < 2; i++) {
		FILE *in;

		snprintf(path, sizeof(path), "/proc/net/%s", file[i + 2 * w->ref]);
		in = fopen(path, "r");
		if (!in || !fgets(line, sizeof(line), in))
			return -1;
		while (fgets(line, sizeof(line), in))
			n++;
		fclose(in);
	}
	return n;
}

/* SA-C1, SA-C2, SA-C3, SA-C4, SA-8a, U-9, U-10: a port that is not bound. */
TEST_F(wire, closed_port)
{
	self->f->lport = 7777;
	for (unsigned int i = 0; i < ARRAY_SIZE(closed); i++) {
		inject("%s", closed[i].in);
		if (closed[i].out)
			expect("%s", closed[i].out);
		expect_none(2);
	}
	/* SA-C4 */
	ASSERT_EQ(0, sockets_in_proc(&self->w));
}

/* SA-C1, SA-C2, SA-C3, U-10: a port that is bound, without a listener. */
TEST_F(wire, held_port)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, wire_bind(&self->w, self->fd, WIRE_PORT));
	self->f->lport = WIRE_PORT;
	for (unsigned int i = 0; i < ARRAY_SIZE(closed); i++) {
		inject("%s", closed[i].in);
		if (closed[i].out)
			expect("%s", closed[i].out);
		expect_none(2);
	}
}

/* SA-2b, SA-2f, BL-1: RST exactly at RCV.NXT. */
TEST_F(wire, rst_exact)
{
	passive(OPTS);
	inject("R 1:1(0)");
	state(TCP_CLOSE);
	ASSERT_EQ(-ECONNRESET, wire_read(self->f, self->fd, 10));
	expect_none(20);
}

/* SA-2a: RST left of the window: no answer. */
TEST_F(wire, rst_left)
{
	passive(OPTS);
	inject("R 0:0(0)");
	inject("R. -70000:-70000(0) ack 1");
	expect_none(20);
	state(TCP_ESTABLISHED);
}

/* SA-2a: RST right of the window: no answer; the right edge itself is outside. */
TEST_F(wire, rst_right)
{
	uint32_t edge;

	passive(OPTS);
	edge = self->f->in_edge - self->f->isn;
	inject("R %u:%u(0)", edge + 1, edge + 1);
	inject("R. %u:%u(0) ack 1", edge + 1000000, edge + 1000000);
	expect_none(20);
	inject("R %u:%u(0)", edge, edge);
	/* For the kernel's TCP the edge is inside. */
	if (REF)
		wire_flush(self->f);
	expect_none(20);
	state(TCP_ESTABLISHED);
}

/* SA-2c, BL-1, BL-6: RST inside the window, not at RCV.NXT: challenge ACK. */
TEST_F(wire, rst_inside)
{
	uint32_t edge;

	passive(OPTS);
	edge = self->f->in_edge - self->f->isn;
	inject("R 2:2(0)");
	expect(". 1:1(0) ack 1");
	wire_sleep(CHALLENGE_PAUSE_MS);
	inject("R %u:%u(0)", edge - 1, edge - 1);
	expect(". 1:1(0) ack 1");
	state(TCP_ESTABLISHED);
	/* BL-6: the peer answers with a RST at RCV.NXT, which closes the connection. */
	inject("R 1:1(0)");
	expect_none(20);
	state(TCP_CLOSE);
}

/* SHLD-2: a RST may carry data, which is dropped. */
TEST_F(wire, rst_with_data)
{
	passive(OPTS);
	inject("R 1:11(10)");
	state(TCP_CLOSE);
	ASSERT_EQ(-ECONNRESET, wire_read(self->f, self->fd, 100));
	ASSERT_EQ(0, wire_read(self->f, self->fd, 100));
}

/* SA-4b, BL-3: SYN in ESTABLISHED, with any sequence number: challenge ACK. */
TEST_F_TIMEOUT(wire, syn_in_established, 200)
{
	static const char *const flags[] = { "S", "S.", "SF", "SP." };
	uint32_t edge, seq[6];

	passive(OPTS);
	edge = self->f->in_edge - self->f->isn;
	seq[0] = 0;
	seq[1] = 1;
	seq[2] = edge - 1;
	seq[3] = edge;
	seq[4] = edge + 100000;
	seq[5] = -100000;
	for (unsigned int i = 0; i < 6; i++)
		for (unsigned int j = 0; j < 4; j++) {
			int len = j == 3 ? 10 : 0;

			wire_sleep(CHALLENGE_PAUSE_MS);
			inject("%s %u:%u(%d)%s", flags[j], seq[i], seq[i] + len, len,
			       strchr(flags[j], '.') ? " ack 1" : "");
			expect(". 1:1(0) ack 1");
			state(TCP_ESTABLISHED);
		}
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 10));
}

/* U-8: the peer lost its state and connects again (RFC 9293 3.5.1 figure 9). */
TEST_F(wire, half_open_syn)
{
	active(OPTS);
	wire_sleep(CHALLENGE_PAUSE_MS);
	inject("S -5000:-5000(0) <mss 1460>");
	expect(". 1:1(0) ack 1");
	inject("R 1:1(0)");
	state(TCP_CLOSE);
	ASSERT_EQ(ECONNRESET, wire_error(self->fd));
}

/* U-8: we send data to a peer without state (RFC 9293 3.5.1 figure 10). */
TEST_F(wire, half_open_data)
{
	passive(OPTS);
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect("P. 1:101(100) ack 1");
	inject("R 1:1(0)");
	ASSERT_EQ(-ECONNRESET, wire_read(self->f, self->fd, 10));
}

/* SA-1b, SA-1e: an unacceptable segment gets an ACK with SND.NXT and RCV.NXT. */
TEST_F_TIMEOUT(wire, unacceptable_seq, 100)
{
	uint32_t edge, seq[4];

	passive(OPTS);
	edge = self->f->in_edge - self->f->isn;
	seq[0] = 0;
	seq[1] = -100000;
	seq[2] = edge + 1;
	seq[3] = edge + 100000;
	for (unsigned int i = 0; i < 4; i++) {
		wire_sleep(CHALLENGE_PAUSE_MS);
		inject(". %u:%u(0) ack 1", seq[i], seq[i]);
		expect(". 1:1(0) ack 1");
		wire_sleep(CHALLENGE_PAUSE_MS);
		inject("P. %u:%u(1) ack 1", seq[i] - (i < 2), seq[i] + (i > 1));
		expect(". 1:1(0) ack 1");
		wire_sleep(CHALLENGE_PAUSE_MS);
		inject("F. %u:%u(0) ack 1", seq[i] - (i < 1), seq[i] - (i < 1));
		expect(". 1:1(0) ack 1");
	}
	state(TCP_ESTABLISHED);
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 10));
}

/* SA-1e: only answers to pure ACKs are rate limited: data or FIN always gets an ACK. */
TEST_F(wire, unacceptable_data)
{
	uint32_t at;

	passive(OPTS);
	at = self->f->in_edge - self->f->isn + 1000;
	inject(". %u:%u(0) ack 1", at, at);
	expect(". 1:1(0) ack 1");
	inject(". %u:%u(0) ack 1", at, at);
	expect_none(20);
	for (int i = 0; i < 3; i++) {
		inject("P. %u:%u(10) ack 1", at, at + 10);
		expect(". 1:1(0) ack 1");
		inject("F. %u:%u(0) ack 1", at, at);
		expect(". 1:1(0) ack 1");
	}
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 10));
}

/* SA-5g: an ACK of unsent data gets an ACK; the segment is dropped. */
TEST_F(wire, ack_of_unsent_data)
{
	passive(OPTS);
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect("P. 1:101(100) ack 1");
	inject("P. 1:11(10) ack 102");
	/* The kernel's TCP does not answer. */
	if (!REF)
		expect(". 101:101(0) ack 1");
	expect_none(20);
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 10));
	wire_sleep(100);
	inject("P. 1:11(10) ack 101");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
}

/* SA-5b, SA-5f, BL-4, MAY-12: an old ACK is acceptable down to SND.UNA - MAX.SND.WND. */
TEST_F(wire, old_ack_edge)
{
	self->f->win = 500;
	passive("mss 250");
	for (int i = 0; i < 4; i++) {
		ASSERT_EQ(500, wire_write(self->f, self->fd, 500));
		expect("p. %d:%d(250) ack 1", 1 + i * 500, 251 + i * 500);
		expect("p. %d:%d(250) ack 1", 251 + i * 500, 501 + i * 500);
		inject(". 1:1(0) ack %d", 501 + i * 500);
	}
	/* SA-5f: exactly there the ACK has no effect; its data is accepted. */
	inject("P. 1:11(10) ack 1501");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
	expect("+0ms..500ms . 2001:2001(0) ack 11");
	wire_sleep(CHALLENGE_PAUSE_MS);
	inject("P. 11:21(10) ack 1500");
	expect(". 2001:2001(0) ack 11");
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 10));
	inject("P. 11:21(10) ack 2001");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
}

/* BL-7: an ACK below the first byte acknowledges nothing that was ever sent. */
TEST_F(wire, ack_before_the_first_byte)
{
	passive("mss 1000");
	inject("P. 1:11(10) ack 0");
	expect(". 1:1(0) ack 1");
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 100));
	wire_sleep(600);
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("P. 1:1001(1000) ack 1");
	inject(". 1:1(0) ack 1001");
	/* MAX.SND.WND would allow 65535 more. */
	inject("P. 1:11(10) ack 0");
	expect(". 1001:1001(0) ack 1");
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 100));
	inject("P. 1:11(10) ack 1");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
}

/* SA-5b, BL-4: MAX.SND.WND is the largest window of the peer, scaled. */
TEST_F(wire, old_ack_edge_scaled)
{
	self->f->win = 100;
	passive("mss 1000,nop,wscale 4");
	ASSERT_EQ(1600, wire_write(self->f, self->fd, 1600));
	wire_next(self->f, 5);
	wire_next(self->f, 5);
	inject(". 1:1(0) ack 1601");
	ASSERT_EQ(1600, wire_write(self->f, self->fd, 1600));
	wire_flush(self->f);
	inject(". 1:1(0) ack 3201");
	wire_flush(self->f);
	/* An ACK 1600 below SND.UNA, then one 1601 below. */
	inject("P. 1:11(10) ack 1601");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
	expect("+0ms..500ms . 3201:3201(0) ack 11");
	wire_sleep(CHALLENGE_PAUSE_MS);
	inject("P. 11:21(10) ack 1600");
	expect(". 3201:3201(0) ack 11");
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 10));
}

/* SA-5a: a segment without ACK is dropped. */
TEST_F(wire, no_ack_bit)
{
	passive(OPTS);
	inject("- 1:11(10)");
	inject("F 1:1(0)");
	inject("PU 1:11(10) urg 1");
	expect_none(20);
	state(TCP_ESTABLISHED);
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 10));
}

/*
 * BL-5: a thousand RSTs cause few challenge ACKs; after a pause another one
 * does.
 */
TEST_F(wire, challenge_limit)
{
	int n;

	passive(OPTS);
	for (int i = 0; i < 1000; i++)
		inject("R 2:2(0)");
	n = wire_pending(self->f);
	ASSERT_LE(1, n);
	ASSERT_GE(10, n);
	wire_flush(self->f);
	wire_sleep(CHALLENGE_PAUSE_MS);
	inject("R 2:2(0)");
	expect(". 1:1(0) ack 1");
	state(TCP_ESTABLISHED);
}

/* BL-5: SYNs are limited, too; the limit is per connection. */
TEST_F(wire, challenge_limit_own)
{
	struct wire_flow *first;
	int n;

	passive(OPTS);
	first = self->f;
	self->f = wire_flow(&self->w, WIRE_PORT);
	passive(OPTS);
	for (int i = 0; i < 300; i++) {
		ASSERT_EQ(0, wire_inject(first, "S 1:1(0)"));
	}
	n = wire_pending(first);
	ASSERT_LE(1, n);
	ASSERT_GE(10, n);
	inject("R 2:2(0)");
	expect(". 1:1(0) ack 1");
}

/* BL-5: the global limit: 1 to 3 per second. */
TEST_F(wire, challenge_limit_of_all)
{
	int n = 0;

	ASSERT_EQ(0, wire_sysctl(&self->w, "challenge_ack_limit", "2"));
	for (int i = 0; i < 20; i++) {
		self->f = wire_flow(&self->w, WIRE_PORT);
		passive(OPTS);
		inject("R 2:2(0)");
		n += wire_next(self->f, 5);
	}
	ASSERT_LE(1, n);
	/* The burst may cross the end of a second. */
	ASSERT_GE(6, n);
}

/* XT-1: each stack answers for its own ports. */
TEST_F(wire, both_stacks)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int fd;

	if (REF)
		SKIP(return, "needs both stacks");
	listening(8);
	fd = socket(variant->v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
	len = wire_sockaddr(&self->w, &ss, NULL, 9878);
	ASSERT_EQ(0, bind(fd, (struct sockaddr *)&ss, len));
	ASSERT_EQ(0, listen(fd, 8));
	self->f = wire_flow(&self->w, 9878);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <mss *>");
	inject(". 1:1(0) ack 1");
	ASSERT_EQ(POLLIN, wire_poll(fd, POLLIN, 100));
	ASSERT_EQ(0, wire_poll(self->lfd, POLLIN, 0));
	inject("R 1:1(0)");
	still_serves();
}

TEST_HARNESS_MAIN
