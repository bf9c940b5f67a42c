// SPDX-License-Identifier: GPL-2.0
/* ICMP errors: which connection they belong to, and which effect they have. */
#include "lib/wire_test.h"

#define icmp(what, seq, mtu)	\
	ASSERT_EQ(0, wire_icmp(self->f, what, seq, mtu, 20))

static const enum wire_icmp soft[] = {
	WI_NET, WI_HOST, WI_TTL, WI_PARAM, WI_ADMIN, WI_SRCFAIL,
};

static const enum wire_icmp hard[] = { WI_PORT, WI_PROTO };

#define connecting() do {						\
	self->fd = wire_socket(&self->w);				\
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));	\
	expect("S 0:0(0) <...>");					\
} while (0)

/* MUST-54, SHLD-26: port unreachable in SYN-SENT: ECONNREFUSED. */
TEST_F(wire, port_unreachable_in_syn_sent)
{
	connecting();
	icmp(WI_PORT, "0", 0);
	state(TCP_CLOSE);
	ASSERT_EQ(ECONNREFUSED, wire_error(self->fd));
	expect_none(1500);
}

/* IC-1, MUST-54: the error must quote the SYN that was sent, on this connection. */
TEST_F(wire, quote_must_match)
{
	connecting();
	icmp(WI_PORT, "1000", 0);
	icmp(WI_PORT, "-1", 0);
	self->f->lport++;
	icmp(WI_PORT, "0", 0);
	self->f->lport--;
	self->f->pport++;
	icmp(WI_PORT, "0", 0);
	self->f->pport--;
	state(TCP_SYN_SENT);
	ASSERT_EQ(0, wire_error(self->fd));
	inject("S. 0:0(0) ack 1 <mss 1460>");
	expect(". 1:1(0) ack 1");
}

/* IC-5: eight bytes of the TCP header in the quote are enough. */
TEST_F(wire, short_quote)
{
	connecting();
	ASSERT_EQ(0, wire_icmp(self->f, WI_PORT, "0", 0, 8));
	state(TCP_CLOSE);
	ASSERT_EQ(ECONNREFUSED, wire_error(self->fd));
}

/* IC-5: an error that quotes fewer bytes is ignored. */
TEST_F(wire, too_short_quote)
{
	connecting();
	for (int n = 0; n < 8; n++) {
		ASSERT_EQ(0, wire_icmp(self->f, WI_PORT, "0", 0, n));
	}
	state(TCP_SYN_SENT);
}

/* IC-5: the error queue has the quoted packet from the TCP header on. */
TEST_F(wire, error_queue)
{
	uint8_t quoted[100] = { 0 };
	struct iovec iov = { quoted, sizeof(quoted) };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1 };
	int one = 1;

	connecting();
	ASSERT_EQ(0, self->w.v6 ?
		  setsockopt(self->fd, SOL_IPV6, IPV6_RECVERR, &one, sizeof(one)) :
		  setsockopt(self->fd, SOL_IP, IP_RECVERR, &one, sizeof(one)));
	icmp(WI_PORT, "0", 0);
	ASSERT_EQ(20, recvmsg(self->fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT));
	ASSERT_EQ(self->f->lport, quoted[0] << 8 | quoted[1]);
	ASSERT_EQ(self->f->pport, quoted[2] << 8 | quoted[3]);
}

/* MUST-56, IC-2: in ESTABLISHED no ICMP error ends the connection. */
TEST_F(wire, errors_in_established)
{
	passive("mss 1000");
	for (unsigned int i = 0; i < ARRAY_SIZE(soft) + ARRAY_SIZE(hard); i++) {
		enum wire_icmp what = i < ARRAY_SIZE(soft) ? soft[i] :
				      hard[i - ARRAY_SIZE(soft)];
		int start = 1 + 100 * i;
		char seq[16];

		ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
		expect("P. %d:%d(100) ack 1", start, start + 100);
		snprintf(seq, sizeof(seq), "%d", start);
		icmp(what, seq, 0);
		state(TCP_ESTABLISHED);
		inject(". 1:1(0) ack %d", start + 100);
		state(TCP_ESTABLISHED);
	}
	ASSERT_EQ(0, wire_error(self->fd));
	inject("P. 1:11(10) ack 801");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
}

/* IC-3: ICMP errors do not reduce cwnd: ten segments in flight, more follow. */
TEST_F(wire, errors_do_not_reduce_cwnd)
{
	passive("mss 1000");
	ASSERT_EQ(20000, wire_write(self->f, self->fd, 20000));
	for (int i = 0; i < 10; i++)
		expect("p. *(1000) ack 1");
	icmp(WI_HOST, "1", 0);
	if (!variant->v6)
		icmp(WI_QUENCH, "1", 0);
	expect_none(50);
	inject(". 1:1(0) ack 10001");
	for (int i = 10; i < 20; i++)
		expect("p. %d001:%d001(1000) ack 1", i, i + 1);
}

/* MUST-55: Source Quench is ignored. */
TEST_F(wire, source_quench)
{
	if (variant->v6)
		SKIP(return, "IPv6 has no such message");
	connecting();
	icmp(WI_QUENCH, "0", 0);
	state(TCP_SYN_SENT);
	ASSERT_EQ(0, wire_error(self->fd));
}

/* IC-4: in SYN-SENT each error ends the attempt, with its errno. */
TEST_F(wire, errors_in_syn_sent)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(soft); i++) {
		self->f = wire_flow(&self->w, 0);
		connecting();
		/* Ignored if it quotes another sequence number. */
		icmp(soft[i], "1000", 0);
		state(TCP_SYN_SENT);
		icmp(soft[i], "0", 0);
		state(TCP_CLOSE);
		ASSERT_NE(0, wire_poll(self->fd, POLLOUT, 0) & POLLERR);
		ASSERT_LT(0, wire_error(self->fd));
		expect_none(1500);
		close(self->fd);
	}
}

/* XT-3: the error goes to the stack that sent the quoted segment. */
TEST_F(wire, error_of_the_other_stack)
{
	struct wire_flow *ours = self->f, *theirs = wire_flow(&self->w, 0);
	struct sockaddr_storage ss;
	socklen_t len;
	int fd;

	if (REF)
		SKIP(return, "needs both stacks");
	connecting();
	fd = socket(variant->v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	self->f = theirs;
	len = wire_sockaddr(&self->w, &ss, theirs->peer, theirs->pport);
	ASSERT_EQ(-1, connect(fd, (struct sockaddr *)&ss, len));
	ASSERT_EQ(EINPROGRESS, errno);
	expect("S 0:0(0) <...>");
	icmp(WI_PORT, "0", 0);
	ASSERT_EQ(ECONNREFUSED, wire_error(fd));
	state(TCP_SYN_SENT);
	ASSERT_EQ(0, wire_error(self->fd));
	close(fd);
	self->f = ours;
	icmp(WI_PORT, "0", 0);
	ASSERT_EQ(ECONNREFUSED, wire_error(self->fd));
}

/* PM-4: a path MTU learnt by ICMP expires after ten minutes, not before. */
TEST_F_TIMEOUT(wire, too_big_expired, 900)
{
	int seg = 1300 - (variant->v6 ? 60 : 40), start = 1 + 2 * MSS;

	passive("mss 1460");
	ASSERT_EQ(2 * MSS, wire_write(self->f, self->fd, 2 * MSS));
	expect("p. *(%d) ack 1", MSS);
	expect("p. *(%d) ack 1", MSS);
	icmp(WI_TOOBIG, "1", 1300);
	inject(". 1:1(0) ack %d", start);
	wire_flush(self->f);
	self->f->out_off = 2 * MSS;
	for (int i = 0; i < 3; i++) {
		/*
		 * After 5 minutes; after 10, when the write may still use the
		 * old MTU while it looks up the route; and later.
		 */
		wire_sleep(i ? 310000 / i : 300000);
		ASSERT_EQ(MSS, wire_write(self->f, self->fd, MSS));
		ASSERT_EQ(1, wire_next(self->f, 10));
		if (i != 1) {
			ASSERT_EQ(i ? MSS : seg, self->f->last.paylen);
		}
		wire_next(self->f, 5);
		start += MSS;
		inject(". 1:1(0) ack %d", start);
		wire_flush(self->f);
	}
}

/* MUST-47, SHLD-25: a soft error is the errno when the connection times out. */
TEST_F_TIMEOUT(wire, soft_error_reported, 60)
{
	int v = 3000;

	passive("mss 1000");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_USER_TIMEOUT, &v, sizeof(v)));
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect("P. 1:101(100) ack 1");
	icmp(WI_HOST, "1", 0);
	state(TCP_ESTABLISHED);
	ASSERT_NE(0, wire_poll(self->fd, POLLERR, 20000));
	ASSERT_EQ(EHOSTUNREACH, wire_error(self->fd));
}

/* A soft error is cleared by a segment of the peer, even without new ACKs. */
TEST_F(wire, soft_error_cleared)
{
	passive("mss 1000");
	icmp(WI_HOST, "1", 0);
	inject("P. 1:11(10) ack 1");
	ASSERT_EQ(0, wire_error(self->fd));
}

/* PM-2, MUST-16, MUST-54: too big: smaller segments at once, cwnd unchanged. */
TEST_F(wire, too_big)
{
	int mtu = 1300, seg = mtu - (variant->v6 ? 60 : 40);

	passive("mss 1460");
	ASSERT_EQ(3 * MSS, wire_write(self->f, self->fd, 3 * MSS));
	for (int i = 0; i < 3; i++)
		expect("p. %d:%d(%d) ack 1", 1 + i * MSS, 1 + i * MSS + MSS, MSS);
	icmp(WI_TOOBIG, "1", mtu);
	expect("p. 1:%d(%d) ack 1", 1 + seg, seg);
	inject(". 1:1(0) ack %d", 1 + 3 * MSS);
	wire_flush(self->f);
	self->f->out_off = 3 * MSS;
	ASSERT_EQ(3000, wire_write(self->f, self->fd, 3000));
	expect("p. %d:%d(%d) ack 1", 1 + 3 * MSS, 1 + 3 * MSS + seg, seg);
	expect("p. *(%d) ack 1", seg);
}

/* PM-2: the segment was too large only with its SACK blocks. */
TEST_F(wire, too_big_with_blocks)
{
	int mtu = 1305 + (variant->v6 ? 60 : 40);

	passive("mss 1460,nop,nop,sackOK");
	inject("P. 101:111(10) ack 1");
	expect(". 1:1(0) ack 1 <nop,nop,sack 101:111>");
	ASSERT_EQ(1300, wire_write(self->f, self->fd, 1300));
	expect("P. 1:1301(1300) ack 1 <nop,nop,sack 101:111>");
	icmp(WI_TOOBIG, "1", mtu);
	ASSERT_EQ(1, wire_next(self->f, 50));
	ASSERT_EQ(self->f->iss + 1, self->f->last.seq);
	inject(". 1:1(0) ack 1301");
}

/* PM-6, IC-1: the error must quote data in flight. */
TEST_F(wire, too_big_not_in_flight)
{
	passive("mss 1460");
	ASSERT_EQ(2 * MSS, wire_write(self->f, self->fd, 2 * MSS));
	expect("p. 1:%d(%d) ack 1", 1 + MSS, MSS);
	expect("p. *(%d) ack 1", MSS);
	inject(". 1:1(0) ack %d", 1 + MSS);
	icmp(WI_TOOBIG, "1", 1300);		/* acknowledged */
	icmp(WI_TOOBIG, "100000", 1300);	/* never sent */
	icmp(WI_TOOBIG, "-100000", 1300);
	expect_none(50);
	inject(". 1:1(0) ack %d", 1 + 2 * MSS);
	ASSERT_EQ(2 * MSS, wire_write(self->f, self->fd, 2 * MSS));
	expect("p. *(%d) ack 1", MSS);
}

/*
 * PM-6: larger segments were acknowledged before: wait for a timeout of the quoted segment;
 * progress of snd_una refutes the error.
 */
TEST_F(wire, too_big_doubted)
{
	int seg = 1300 - (variant->v6 ? 60 : 40), at = 1 + 2 * MSS;
	char seq[16];

	if (REF)
		SKIP(return, "the kernel's TCP obeys the message");
	passive("mss 1460");
	for (int i = 0; i < 3; i++) {
		at = 1 + i * 2 * MSS;
		ASSERT_EQ(2 * MSS, wire_write(self->f, self->fd, 2 * MSS));
		expect("p. *(%d) ack 1", MSS);
		expect("p. *(%d) ack 1", MSS);
		if (!i) {
			inject(". 1:1(0) ack %d", at + 2 * MSS);
			continue;
		}
		snprintf(seq, sizeof(seq), "%d", at);
		icmp(WI_TOOBIG, seq, 1300);
		expect_none(50);
		if (i == 1)
			inject(". 1:1(0) ack %d", at + 2 * MSS);
	}
	ASSERT_EQ(2, counter("MTUDoubted"));
	/* The quoted segment is really lost. */
	ASSERT_EQ(1, wire_next(self->f, 1000));
	ASSERT_EQ(at, self->f->last.seq - self->f->iss);
	ASSERT_EQ(seg, self->f->last.paylen);
}

/*
 * PM-6: no segment of that size was sent: ignored, also for other connections to the
 * host.
 */
TEST_F(wire, too_big_not_sent)
{
	struct wire_flow *small;
	long before = counter("OutOfWindowIcmps");

	if (REF)
		SKIP(return, "the kernel's TCP obeys the message");
	passive("mss 536");
	small = self->f;
	ASSERT_EQ(536, wire_write(self->f, self->fd, 536));
	expect("P. *(536) ack 1");
	icmp(WI_TOOBIG, "1", 1300);
	ASSERT_EQ(before + 1, counter("OutOfWindowIcmps"));
	inject(". 1:1(0) ack 537");
	self->f = wire_flow(&self->w, 0);
	memcpy(self->f->peer, small->peer, sizeof(small->peer));
	passive("mss 1460");
	ASSERT_EQ(MSS, wire_write(self->f, self->fd, MSS));
	expect("P. *(%d) ack 1", MSS);
}

/*
 * PM-2: a path MTU learnt by another connection to the host applies to retransmissions.
 */
TEST_F(wire, too_big_for_another)
{
	int mtu = 1300, seg = mtu - (variant->v6 ? 60 : 40), fd;
	struct wire_flow *first;

	passive("mss 1460");
	first = self->f;
	fd = self->fd;
	self->f = wire_flow(&self->w, 0);
	memcpy(self->f->peer, first->peer, sizeof(first->peer));
	passive("mss 1460");
	ASSERT_EQ(MSS, wire_write(first, fd, MSS));
	ASSERT_EQ(MSS, wire_write(self->f, self->fd, MSS));
	expect("P. 1:%d(%d) ack 1", 1 + MSS, MSS);
	icmp(WI_TOOBIG, "1", mtu);
	expect("p. 1:%d(%d) ack 1", 1 + seg, seg);
	wire_flush(self->f);
	inject(". 1:1(0) ack %d", 1 + MSS);
	self->f = first;
	expect("P. 1:%d(%d) ack 1", 1 + MSS, MSS);
	expect("+0ms..300ms p. 1:%d(%d) ack 1", 1 + seg, seg);
	close(fd);
}

/* PM-3, PM-5, PM-6: a very small MTU is limited; a larger one has no effect. */
TEST_F(wire, too_big_invalid_mtu)
{
	static const unsigned int mtu[] = { 0, 1, 60, 67, 9000, 65535 };
	int least = variant->v6 ? 1220 - 32 : 512 - 40, start = 1;

	passive("mss 1460");
	for (unsigned int i = 0; i < ARRAY_SIZE(mtu); i++) {
		char seq[16];

		ASSERT_EQ(2 * MSS, wire_write(self->f, self->fd, 2 * MSS));
		ASSERT_EQ(1, wire_next(self->f, 10));
		snprintf(seq, sizeof(seq), "%d", start);
		icmp(WI_TOOBIG, seq, mtu[i]);
		while (wire_pending(self->f)) {
			wire_next(self->f, 0);
			/* The last segment may have any size. */
			if (!(self->f->last.flags & WF_PSH)) {
				ASSERT_LE(least, self->f->last.paylen);
			}
			ASSERT_GE(MSS, self->f->last.paylen);
		}
		start += 2 * MSS;
		inject(". 1:1(0) ack %d", start);
		wire_flush(self->f);
	}
	state(TCP_ESTABLISHED);
}

/* PM-3, PM-6: IPv6 has a minimum MTU of 1280: smaller values are ignored (RFC 8201 4). */
TEST_F(wire, too_big_below_minimum_mtu)
{
	static const unsigned int mtu[] = { 0, 68, 576, 1279 };
	long before = counter("OutOfWindowIcmps");

	if (!variant->v6)
		SKIP(return, "IPv6 only: the minimum MTU of IPv4 is smaller");
	passive("mss 1460");
	ASSERT_EQ(2 * MSS, wire_write(self->f, self->fd, 2 * MSS));
	expect("p. 1:%d(%d) ack 1", 1 + MSS, MSS);
	expect("p. %d:%d(%d) ack 1", 1 + MSS, 1 + 2 * MSS, MSS);
	for (unsigned int i = 0; i < ARRAY_SIZE(mtu); i++)
		icmp(WI_TOOBIG, "1", mtu[i]);
	expect_none(50);
	if (!REF) {
		ASSERT_EQ(before + (long)ARRAY_SIZE(mtu), counter("OutOfWindowIcmps"));
	}
	inject(". 1:1(0) ack %d", 1 + 2 * MSS);
	ASSERT_EQ(MSS, wire_write(self->f, self->fd, MSS));
	expect("p. *(%d) ack 1", MSS);
}

/*
 * MUST-54, MUST-56: no error ends a request if it is soft, or quotes another
 * sequence number or port.
 */
TEST_F(wire, error_in_syn_received)
{
	listening(8);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	icmp(WI_PORT, "77777", 0);
	/* A soft error (with IPv6 the kernel's TCP differs). */
	if (!REF || !variant->v6)
		icmp(WI_ADMIN, "0", 0);
	icmp(WI_PARAM, "77777", 0);
	/* MUST-56: a soft error. The kernel's TCP drops the request. */
	if (!REF) {
		icmp(WI_NET, "0", 0);
		icmp(WI_HOST, "0", 0);
		icmp(WI_TTL, "0", 0);
		icmp(WI_PARAM, "0", 0);
	}
	self->f->pport++;
	icmp(WI_PORT, "0", 0);
	self->f->pport--;
	inject(". 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	still_serves();
}

/* MUST-56, IC-2: no ICMP error ends the connection in FIN-WAIT-1. */
TEST_F(wire, error_in_fin_wait)
{
	passive("mss 1460");
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 1:1(0) ack 1");
	icmp(WI_PORT, "1", 0);
	icmp(WI_HOST, "1", 0);
	state(TCP_FIN_WAIT1);
	inject(". 1:1(0) ack 2");
	state(TCP_FIN_WAIT2);
}

/* MUST-56, U-14: an orphan does not give up earlier after a soft error. */
TEST_F_TIMEOUT(wire, error_of_orphan, 60)
{
	passive("mss 1000");
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect("P. 1:101(100) ack 1");
	inject(". 1:1(0) ack 101");
	close(self->fd);
	expect("F. 101:101(0) ack 1");
	icmp(WI_NET, "101", 0);
	for (int i = 0; i < 5; i++)
		expect("+%dms F. 101:101(0) ack 1", 200 << i);
	inject("F. 1:1(0) ack 102");
	expect(". 102:102(0) ack 2");
}

/* A segment is in flight; after two timeouts the next one is in 800 ms. */
#define backed_off() do {						\
	wire_sysctl(&self->w, "early_retrans", "0");			\
	passive("mss 1000");						\
	ASSERT_EQ(2000, wire_write(self->f, self->fd, 2000));		\
	expect("p. 1:1001(1000) ack 1");				\
	expect("P. 1001:2001(1000) ack 1");				\
	expect("+200ms..260ms p. 1:1001(1000) ack 1");			\
	expect("+400ms..460ms p. 1:1001(1000) ack 1");			\
} while (0)

static const enum wire_icmp no_route[] = { WI_NET, WI_HOST };

/* No route for the retransmission: the next one comes sooner (RFC 6069). */
TEST_F(wire, unreachable_reverts_backoff)
{
	for (unsigned int i = 0; i < ARRAY_SIZE(no_route); i++) {
		/* The kernel's TCP does not do so for "address unreachable". */
		if (REF && variant->v6 && no_route[i] == WI_HOST)
			continue;
		self->f = wire_flow(&self->w, WIRE_PORT);
		backed_off();
		icmp(no_route[i], "1", 0);
		ASSERT_EQ(1, wire_info(self->fd).tcpi_backoff);
		expect("+400ms..460ms p. 1:1001(1000) ack 1");
		/* Two errors: the timer expires at once. */
		wire_sleep(300);
		icmp(no_route[i], "1", 0);
		icmp(no_route[i], "1", 0);
		expect("+0ms..10ms p. 1:1001(1000) ack 1");
		icmp(no_route[i], "1", 0);
		expect("+200ms..260ms p. 1:1001(1000) ack 1");
		expect("+400ms..460ms p. 1:1001(1000) ack 1");
		inject("R 1:1(0)");
		close(self->fd);
	}
	self->fd = -1;
}

/* RFC 6069: other segments and other errors do not. */
TEST_F(wire, back_off_stays)
{
	backed_off();
	icmp(WI_NET, "1001", 0);
	icmp(WI_NET, "2001", 0);
	icmp(WI_NET, "0", 0);
	icmp(WI_PORT, "1", 0);
	icmp(WI_ADMIN, "1", 0);
	icmp(WI_TTL, "1", 0);
	ASSERT_EQ(2, wire_info(self->fd).tcpi_backoff);
	expect("+800ms..860ms p. 1:1001(1000) ack 1");
	inject("R 1:1(0)");
}

/* RFC 6069: without a timeout there is nothing to take back. */
TEST_F(wire, unreachable_before_timeout)
{
	wire_sysctl(&self->w, "early_retrans", "0");
	passive("mss 1000");
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("P. 1:1001(1000) ack 1");
	icmp(WI_NET, "1", 0);
	ASSERT_EQ(0, wire_info(self->fd).tcpi_backoff);
	expect("+200ms..260ms P. 1:1001(1000) ack 1");
	inject("R 1:1(0)");
}

TEST_HARNESS_MAIN
