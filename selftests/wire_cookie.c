// SPDX-License-Identifier: GPL-2.0
/* SYN cookies: a SYN flood fills the queue, real clients still connect. */
#include "lib/wire_test.h"

#define FULL_COOKIES	(REF ? "TCPReqQFullDoCookies" : "ReqQFullDoCookies")
#define FULL_DROP	(REF ? "TCPReqQFullDrop" : "ReqQFullDrop")

/* As many SYNs as fill the queue of a listener with a backlog of 1. */
#define FLOOD	2

/* A request lives 63 s: after this time none is left. */
#define REQUEST_MS	70000

/* Requests in /proc. */
static int requests(const struct wire *w)
{
	unsigned int state;
	char path[32], line[512];
	int n = 0;
	FILE *in;

	snprintf(path, sizeof(path), "/proc/net/%s%s", w->ref ? "tcp" : "xtcp",
		 w->v6 ? "6" : "");
	in = fopen(path, "r");
	if (!in)
		return -1;
	while (fgets(line, sizeof(line), in))
		if (sscanf(line, " %*d: %*s %*s %x", &state) == 1)
			n += state == TCP_SYN_RECV;
	fclose(in);
	return n;
}

/* SYNs without an ACK: from here on the queue is full. */
static int flood(struct wire *w)
{
	for (int i = 0; i < FLOOD; i++) {
		struct wire_flow *f = wire_flow(w, WIRE_PORT);

		if (wire_inject(f, "S 0:0(0) <mss 1460>") ||
		    wire_expect(f, "S. 0:0(0) ack 1 <...>"))
			return -1;
	}
	return 0;
}

/* A listener whose queue is full; self->f is new. */
#define flooded() do {							\
	if (self->lfd < 0)						\
		listening(1);						\
	ASSERT_EQ(0, flood(&self->w));					\
	self->f = wire_flow(&self->w, WIRE_PORT);			\
} while (0)

#define accepted() do {							\
	self->fd = wire_accept(self->lfd);				\
	ASSERT_LE(0, self->fd);						\
	state(TCP_ESTABLISHED);						\
} while (0)

#define nobody()	ASSERT_EQ(-EAGAIN, wire_accept(self->lfd))

/* Closes the connection of self->f on both sides. */
#define gone() do {							\
	inject("R 1:1(0)");						\
	close(self->fd);						\
	wire_flush(self->f);						\
} while (0)

/* SF-1, SF-2, SF-5: one SYN-ACK, no state; the ACK creates the connection. */
TEST_F(wire, queue_full)
{
	int kept;
	long sent;

	flooded();
	kept = requests(&self->w);
	ASSERT_LE(1, kept);
	sent = counter("SyncookiesSent");
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <mss %d>", MSS);
	EXPECT_EQ(kept, requests(&self->w));
	EXPECT_EQ(sent + 1, counter("SyncookiesSent"));
	EXPECT_EQ(sent + 1, counter(FULL_COOKIES));
	EXPECT_EQ(0, counter(FULL_DROP));
	/* The SYN-ACK is not retransmitted, because there is no request. */
	expect_none(8000);
	nobody();
	inject(". 1:1(0) ack 1");
	expect_none(50);
	EXPECT_EQ(1, counter("SyncookiesRecv"));
	EXPECT_EQ(0, counter("SyncookiesFailed"));
	accepted();
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect("P. 1:101(100) ack 1");
	inject("P. 1:51(50) ack 101");
	ASSERT_EQ(50, wire_read(self->f, self->fd, 100));
	nobody();
}

/*
 * SF-1: the SYN was repeated and queued as a request: the ACK of the earlier
 * cookie still connects.
 */
TEST_F(wire, cookie_after_request_was_kept)
{
	uint32_t iss;

	if (REF)
		SKIP(return, "the kernel's TCP uses the request");
	/* The other requests expire soon: a cookie is valid for one minute. */
	ASSERT_EQ(0, wire_sysctl(&self->w, "synack_retries", "1"));
	flooded();
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <mss %d>", MSS);
	iss = self->f->iss;
	wire_sleep(5000);
	ASSERT_EQ(0, requests(&self->w));
	self->f->iss_known = false;
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <mss %d>", MSS);
	ASSERT_EQ(1, requests(&self->w));
	ASSERT_NE(iss, self->f->iss);
	self->f->iss = iss;
	inject(". 1:1(0) ack 1");
	expect_none(50);
	accepted();
	ASSERT_EQ(0, requests(&self->w));
	ASSERT_EQ(1, counter("SyncookiesRecv"));
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect("P. 1:101(100) ack 1");
}

/* SF-1: after the flood requests are queued again. */
TEST_F_TIMEOUT(wire, queue_opens_again, 200)
{
	long sent;

	flooded();
	sent = counter("SyncookiesSent");
	wire_sleep(REQUEST_MS);
	ASSERT_EQ(0, requests(&self->w));
	inject("S 0:0(0) <mss 1460,nop,wscale 7>");
	expect("S. 0:0(0) ack 1 <mss %d,nop,wscale *>", MSS);
	EXPECT_EQ(1, requests(&self->w));
	EXPECT_EQ(sent, counter("SyncookiesSent"));
	inject(". 1:1(0) ack 1");
	accepted();
}

/* SF-2: the cookie encodes a class of the MSS, which never exceeds the MSS. */
TEST_F(wire, mss_by_class)
{
	static const struct { int mss, class; } size[] = {
		{ 100, 48 }, { 535, 256 }, { 536, 536 }, { 1219, 536 }, { 1220, 1220 },
		{ 1400, 1360 }, { 1440, 1440 }, { 1460, 1460 }, { 9000, 8940 },
	};

	if (REF)
		SKIP(return, "the kernel's TCP has other MSS classes");
	flooded();
	for (unsigned int i = 0; i < ARRAY_SIZE(size); i++) {
		int want = size[i].class < MSS ? size[i].class : MSS;

		self->f = wire_flow(&self->w, WIRE_PORT);
		inject("S 0:0(0) <mss %d>", size[i].mss);
		expect("S. 0:0(0) ack 1 <mss %d>", MSS);
		inject(". 1:1(0) ack 1");
		accepted();
		ASSERT_EQ(4 * want, wire_write(self->f, self->fd, 4 * want));
		expect("p. 1:%d(%d) ack 1", 1 + want, want);
		expect("p. %d:%d(%d) ack 1", 1 + want, 1 + 2 * want, want);
		gone();
	}
	EXPECT_EQ((long)ARRAY_SIZE(size), counter("SyncookiesRecv"));
}

/* SF-2, MUST-15: without an MSS option the default MSS is used. */
TEST_F(wire, mss_default)
{
	flooded();
	inject("S 0:0(0)");
	expect("S. 0:0(0) ack 1 <mss %d>", MSS);
	inject(". 1:1(0) ack 1");
	accepted();
	ASSERT_EQ(3000, wire_write(self->f, self->fd, 3000));
	expect("p. 1:%d(%d) ack 1", 1 + DEFAULT_MSS, DEFAULT_MSS);
}

/* SF-3: with timestamps, window scale and SACK work as without cookies. */
TEST_F(wire, options_kept_with_timestamps)
{
	int seg = 536 - 12;
	uint32_t syn_ack;

	if (REF)
		SKIP(return, "the kernel's TCP has no MSS class of 536 over IPv6");
	flooded();
	inject("S 0:0(0) <mss 536,sackOK,TS val 100 ecr 0,nop,wscale 7>");
	expect("S. 0:0(0) ack 1 <mss %d,sackOK,TS val * ecr 100,nop,wscale *>", MSS);
	syn_ack = self->f->ts_last;
	/* 20 << 7 = 2560 = 4 * 524 and less than a segment */
	inject(". 1:1(0) ack 1 win 20 <nop,nop,TS val 101 ecr *>");
	accepted();
	inject(". 11:21(10) ack 1 win 20");
	expect(". 1:1(0) ack 1 <sack 11:21,TS val * ecr 101>");
	/* The timestamp clock continues from the cookie's value. */
	EXPECT_GT(1000, self->f->ts_last - syn_ack);
	inject(". 1:11(10) ack 1 win 20");
	expect(". 1:1(0) ack 21");
	ASSERT_EQ(5000, wire_write(self->f, self->fd, 5000));
	for (int i = 0; i < 4; i++)
		expect("p. %d:%d(%d) ack 21", 1 + i * seg, 1 + (i + 1) * seg, seg);
	expect_none(50);
}

/* SF-3: all combinations of options, and all shift counts. */
TEST_F(wire, options_each_with_timestamps)
{
	flooded();
	for (int scale = -1; scale <= 14; scale++) {
		struct tcp_info ti = { 0 };
		socklen_t len = sizeof(ti);
		char opts[80], ws[20] = "";
		bool sack = scale & 1;

		if (scale >= 0)
			snprintf(ws, sizeof(ws), ",nop,wscale %d", scale);
		snprintf(opts, sizeof(opts), "mss 1460%s,TS val 100 ecr 0%s",
			 sack ? ",sackOK" : "", ws);
		self->f = wire_flow(&self->w, WIRE_PORT);
		inject("S 0:0(0) <%s>", opts);
		expect("S. 0:0(0) ack 1 <mss *%s,TS val * ecr 100%s>",
		       sack ? ",sackOK" : "", scale >= 0 ? ",nop,wscale *" : "");
		/* Vary the low bits of the timestamp clock. */
		wire_sleep(17);
		inject(". 1:1(0) ack 1");
		accepted();
		ASSERT_EQ(0, getsockopt(self->fd, SOL_TCP, TCP_INFO, &ti, &len));
		EXPECT_EQ(1, !!(ti.tcpi_options & TCPI_OPT_TIMESTAMPS));
		EXPECT_EQ(sack, !!(ti.tcpi_options & TCPI_OPT_SACK));
		EXPECT_EQ(scale >= 0, !!(ti.tcpi_options & TCPI_OPT_WSCALE));
		EXPECT_EQ(scale >= 0 ? scale : 0, (int)ti.tcpi_snd_wscale);
		EXPECT_EQ(scale >= 0 ? self->f->stack_ws : 0, (int)ti.tcpi_rcv_wscale);
		gone();
	}
}

/* SF-3: without timestamps neither window scale nor SACK can be restored. */
TEST_F(wire, options_lost_without_timestamps)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	flooded();
	inject("S 0:0(0) <mss 1460,sackOK,nop,wscale 7>");
	expect("S. 0:0(0) ack 1 <mss %d>", MSS);
	inject(". 1:1(0) ack 1 win 100");
	accepted();
	ASSERT_EQ(0, getsockopt(self->fd, SOL_TCP, TCP_INFO, &ti, &len));
	EXPECT_EQ(0, ti.tcpi_options & (TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK |
					TCPI_OPT_WSCALE));
	/* 100 bytes, not 12800 */
	ASSERT_EQ(1000, wire_write(self->f, self->fd, 1000));
	expect("p. 1:101(100) ack 1");
	expect_none(50);
}

/*
 * SF-3: the MAC covers the options in the timestamp: a modified TSecr gets a
 * RST.
 */
TEST_F(wire, options_covered_by_mac)
{
	static const uint32_t flip[] = { 0x01, 0x08, 0x10, 0x20 };
	uint32_t ecr;

	if (REF)
		SKIP(return, "the kernel's TCP trusts the echo");
	flooded();
	inject("S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>");
	expect("S. 0:0(0) ack 1 <mss *,sackOK,TS val * ecr 100,nop,wscale *>");
	ecr = self->f->ts_last;
	for (unsigned int i = 0; i < ARRAY_SIZE(flip); i++) {
		inject(". 1:1(0) ack 1 <nop,nop,TS val 101 ecr %u>", ecr ^ flip[i]);
		expect("R 1:1(0)");
	}
	/* Timestamps were agreed: an ACK without them is refused. */
	inject(". 1:1(0) ack 1 nots");
	expect("R 1:1(0)");
	EXPECT_EQ((long)ARRAY_SIZE(flip) + 1, counter("SyncookiesFailed"));
	nobody();
	inject(". 1:1(0) ack 1 <nop,nop,TS val 101 ecr %u>", ecr);
	accepted();
	EXPECT_EQ(1, counter("SyncookiesRecv"));
}

/* SF-3: our window scale has changed since the cookie was sent: RST. */
TEST_F(wire, own_scale_covered_by_mac)
{
	int buf = 4096;

	if (REF)
		SKIP(return, "the kernel's TCP uses the present window scale");
	flooded();
	inject("S 0:0(0) <mss 1460,TS val 100 ecr 0,nop,wscale 7>");
	expect("S. 0:0(0) ack 1 <mss *,TS val * ecr 100,nop,wscale *>");
	ASSERT_LT(0, self->f->stack_ws);
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_SOCKET, SO_RCVBUF, &buf, sizeof(buf)));
	inject(". 1:1(0) ack 1 <nop,nop,TS val 101 ecr *>");
	expect("R 1:1(0)");
	nobody();
}

/* SF-2: an ACK after 59 s is accepted. */
TEST_F_TIMEOUT(wire, late_in_time, 200)
{
	flooded();
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	wire_sleep(59000);
	inject(". 1:1(0) ack 1");
	accepted();
}

/* SF-2, SA-L2: minutes later the ACK is refused, though cookies are still in use. */
TEST_F_TIMEOUT(wire, late_too_late, 600)
{
	struct wire_flow *late;

	flooded();
	late = self->f;
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	for (int i = 0; i < 4; i++) {
		wire_sleep(REQUEST_MS);
		flooded();
		inject("S 0:0(0) <mss 1460>");
		expect("S. 0:0(0) ack 1 <...>");
	}
	/* A new cookie is accepted: the first one is refused for its age. */
	inject(". 1:1(0) ack 1");
	accepted();
	EXPECT_EQ(0, counter("SyncookiesFailed"));
	self->f = late;
	inject(". 1:1(0) ack 1");
	expect("R 1:1(0)");
	EXPECT_EQ(1, counter("SyncookiesFailed"));
	nobody();
}

/* SF-2: 32 minutes later the 5-bit counter is the same, but the MAC differs. */
TEST_F_TIMEOUT(wire, late_by_a_counter_wrap, 3000)
{
	struct wire_flow *late;

	if (!getenv("XTCP_VIRTUAL_TIME"))
		SKIP(return, "takes half an hour without virtual time");
	flooded();
	late = self->f;
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	wire_sleep(32 * 60000);
	flooded();
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	self->f = late;
	inject(". 1:1(0) ack 1");
	expect("R 1:1(0)");
	EXPECT_EQ(1, counter("SyncookiesFailed"));
	nobody();
}

/*
 * SF-2, SA-L2: a wrong number, or a cookie of another tuple: RST. The correct
 * ACK still connects.
 */
TEST_F(wire, forged)
{
	/* Bits 24 to 26 are the class of the MSS. */
	static const uint32_t off[] = {
		1, 2, 1000, -1000u, 1u << 23, 1u << 27, 1u << 28, 1u << 31,
	};
	struct wire_flow *real;
	long failed = 0;

	if (REF)
		SKIP(return, "numbers near a cookie are valid cookies of the kernel's TCP");
	flooded();
	real = self->f;
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	for (unsigned int i = 0; i < ARRAY_SIZE(off); i++, failed++) {
		uint32_t ack = 1 + off[i];

		inject(". 1:1(0) ack %u", ack);
		expect("R %u:%u(0)", ack, ack);
	}
	/* The MAC covers the peer's ISN. */
	inject(". 2:2(0) ack 1");
	expect("R 1:1(0)");
	inject("P. 0:10(10) ack 1");
	expect("R 1:1(0)");
	/* It covers addresses and ports. */
	self->f = wire_flow(&self->w, WIRE_PORT);
	self->f->isn = real->isn;
	inject(". 1:1(0) ack =%u", real->iss + 1);
	expect("R =%u:%u(0)", real->iss + 1, real->iss + 1);
	self->f = wire_flow(&self->w, WIRE_PORT);
	self->f->isn = real->isn;
	self->f->pport = real->pport;
	wire_peer(self->f, 3);
	inject(". 1:1(0) ack =%u", real->iss + 1);
	expect("R =%u:%u(0)", real->iss + 1, real->iss + 1);
	EXPECT_EQ(failed + 4, counter("SyncookiesFailed"));
	nobody();
	self->f = real;
	/* A SYN with an ACK number is not the ACK of a cookie. */
	inject("S. 0:0(0) ack 1 <mss 1460>");
	expect("R 1:1(0)");
	EXPECT_EQ(failed + 4, counter("SyncookiesFailed"));
	nobody();
	inject(". 1:1(0) ack 1");
	accepted();
}

/* SF-4, SA-L2: no cookie was sent recently: an ACK is not checked for one. */
TEST_F(wire, no_overflow)
{
	listening(8);
	inject(". 1:1(0) ack =5000");
	expect("R =5000:5000(0)");
	EXPECT_EQ(0, counter("SyncookiesFailed"));
	EXPECT_EQ(0, counter("SyncookiesRecv"));
	still_serves();
}

/* SF-4: a listener that sent no cookie accepts none; a closed port sends RST. */
TEST_F(wire, no_recent_overflow)
{
	flooded();
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	close(self->lfd);
	inject(". 1:1(0) ack 1");
	expect("R 1:1(0)");
	self->lfd = wire_listen(&self->w, WIRE_PORT, 1);
	ASSERT_LE(0, self->lfd);
	inject(". 1:1(0) ack 1");
	expect("R 1:1(0)");
	EXPECT_EQ(0, counter("SyncookiesFailed"));
	nobody();
	if (REF)
		return;
	/* The same cookie is valid for the listener that sent it. */
	ASSERT_EQ(0, wire_sysctl(&self->w, "syncookies", "2"));
	inject(". 1:1(0) ack 1");
	accepted();
}

/* SF-4: a listener that joins an SO_REUSEPORT group accepts cookies of the group. */
TEST_F(wire, reuseport_group)
{
	struct wire_flow *f[8];
	int lfd[2], one = 1, fd;

	for (int i = 0; i < 2; i++) {
		lfd[i] = wire_socket(&self->w);
		ASSERT_EQ(0, setsockopt(lfd[i], SOL_SOCKET, SO_REUSEPORT, &one,
					sizeof(one)));
		ASSERT_EQ(0, wire_bind(&self->w, lfd[i], WIRE_PORT));
	}
	ASSERT_EQ(0, listen(lfd[0], 1));
	ASSERT_EQ(0, flood(&self->w));
	for (unsigned int i = 0; i < ARRAY_SIZE(f); i++) {
		self->f = f[i] = wire_flow(&self->w, WIRE_PORT);
		inject("S 0:0(0) <mss 1460>");
		expect("S. 0:0(0) ack 1 <...>");
	}
	/* From now on half of the connections go to the second listener. */
	ASSERT_EQ(0, listen(lfd[1], 1));
	for (unsigned int i = 0; i < ARRAY_SIZE(f); i++) {
		self->f = f[i];
		inject(". 1:1(0) ack 1");
		expect_none(5);
		fd = wire_accept(lfd[0]);
		if (fd < 0)
			fd = wire_accept(lfd[1]);
		ASSERT_LE(0, fd);
	}
}

/* SF-2, SA-5c: data in the ACK is delivered, also if the pure ACK was lost. */
TEST_F(wire, data_on_third_ack)
{
	flooded();
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	/* The pure ACK was lost. */
	inject("P. 1:101(100) ack 1");
	expect("+0ms..200ms . 1:1(0) ack 101");
	accepted();
	ASSERT_EQ(100, wire_read(self->f, self->fd, 200));

	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>");
	expect("S. 0:0(0) ack 1 <...>");
	inject("FP. 1:101(100) ack 1");
	expect("+0ms..200ms . 1:1(0) ack 102");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	state(TCP_CLOSE_WAIT);
	ASSERT_EQ(100, wire_read(self->f, self->fd, 200));
	ASSERT_EQ(0, wire_read(self->f, self->fd, 200));
}

/* SF-1: with a full accept queue the ACK is dropped; the next segment connects. */
TEST_F(wire, accept_queue_full)
{
	struct wire_flow *f[3];
	long overflows;

	flooded();
	for (int i = 0; i < 3; i++) {
		f[i] = self->f = wire_flow(&self->w, WIRE_PORT);
		inject("S 0:0(0) <mss 1460>");
		expect("S. 0:0(0) ack 1 <...>");
	}
	for (int i = 0; i < 2; i++) {
		self->f = f[i];
		inject(". 1:1(0) ack 1");
		expect_none(5);
	}
	overflows = counter("ListenOverflows");
	self->f = f[2];
	inject(". 1:1(0) ack 1");
	expect_none(50);
	EXPECT_EQ(overflows + 1, counter("ListenOverflows"));
	for (int i = 0; i < 2; i++) {
		ASSERT_LE(0, wire_accept(self->lfd));
	}
	nobody();
	inject("P. 1:11(10) ack 1");
	accepted();
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
}

/* SF-1: TCP_DEFER_ACCEPT without a request: the ACK completes the connection. */
TEST_F(wire, defer_accept)
{
	int seconds = 10;

	listening(1);
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_TCP, TCP_DEFER_ACCEPT, &seconds,
				sizeof(seconds)));
	flooded();
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	inject(". 1:1(0) ack 1");
	accepted();
}

/* SF-1: syncookies 0: SYNs beyond the queue are dropped, cookies are not accepted. */
TEST_F(wire, never)
{
	struct wire_flow *before;

	flooded();
	before = self->f;
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	ASSERT_EQ(0, wire_sysctl(&self->w, "syncookies", "0"));
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("S 0:0(0) <mss 1460>");
	expect_none(50);
	EXPECT_EQ(1, counter(FULL_DROP));
	self->f = before;
	inject(". 1:1(0) ack 1");
	expect("R 1:1(0)");
	EXPECT_EQ(0, counter("SyncookiesRecv"));
	nobody();
}

/* SF-1, SF-4: syncookies 2: a cookie for every SYN, never a request. */
TEST_F(wire, always)
{
	ASSERT_EQ(0, wire_sysctl(&self->w, "syncookies", "2"));
	listening(8);
	inject("S 0:0(0) <mss 1460,sackOK,TS val 100 ecr 0,nop,wscale 7>");
	expect("S. 0:0(0) ack 1 <mss %d,sackOK,TS val * ecr 100,nop,wscale *>", MSS);
	EXPECT_EQ(0, requests(&self->w));
	EXPECT_EQ(1, counter("SyncookiesSent"));
	expect_none(5000);
	inject(". 1:1(0) ack 1");
	accepted();
	EXPECT_EQ(1, counter("SyncookiesRecv"));
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack 1");
}

/*
 * IS-2: a SYN in TIME-WAIT gets a request, although the queue is full: the ISN
 * must be beyond the old numbers, which a cookie does not ensure.
 */
TEST_F(wire, from_time_wait)
{
	uint32_t old;
	long sent;
	int kept;

	listening(1);
	passive("mss 1460");
	old = self->f->iss;
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	ASSERT_EQ(0, flood(&self->w));
	kept = requests(&self->w);
	sent = counter("SyncookiesSent");
	wire_again(self->f);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	EXPECT_EQ(kept + 1, requests(&self->w));
	EXPECT_EQ(sent, counter("SyncookiesSent"));
	EXPECT_LT(1, self->f->iss - old);
	EXPECT_GT(0x80000000, self->f->iss - old);
	inject(". 1:1(0) ack 1");
	accepted();
}

TEST_HARNESS_MAIN
