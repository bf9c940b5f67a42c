// SPDX-License-Identifier: GPL-2.0
/*
 * Timers of minutes to hours: keep-alive, user timeout, FIN of orphans, FIN-WAIT-2, R2.
 * They need virtual time.
 */
#include "lib/wire_test.h"

#include <fcntl.h>
#include <sys/mount.h>

#define OPTS	"mss 1000"

#define set(opt, v) do {						\
	int _v = (v);							\
									\
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, opt, &_v, sizeof(_v))); \
} while (0)

static int keepalive(int fd, int on)
{
	return setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on));
}

/*
 * MUST-24, MUST-26, MUST-27, SHLD-12, MAY-5: keep-alive probes, then the connection
 * ends.
 */
TEST_F_TIMEOUT(wire, keepalive_times_out, 60)
{
	passive(OPTS);
	ASSERT_EQ(0, keepalive(self->fd, 1));
	set(TCP_KEEPIDLE, 10);
	set(TCP_KEEPINTVL, 2);
	set(TCP_KEEPCNT, 3);
	wire_mark(self->f);
	expect("+9900ms..12s . 0:0(0) ack 1");
	expect("+2s . 0:0(0) ack 1");
	expect("+2s . 0:0(0) ack 1");
	expect("+2s R. 1:1(0) ack 1");
	state(TCP_CLOSE);
	ASSERT_EQ(ETIMEDOUT, wire_error(self->fd));
}

/* SO_KEEPALIVE can be set before connect(). */
TEST_F_TIMEOUT(wire, keepalive_before_connect, 60)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, keepalive(self->fd, 1));
	set(TCP_KEEPIDLE, 10);
	ASSERT_EQ(self->fd, wire_active(self->f, self->fd, OPTS));
	expect("+9900ms..12s . 0:0(0) ack 1");
}

/* SO_KEEPALIVE is inherited from the listener. */
TEST_F_TIMEOUT(wire, keepalive_inherited, 60)
{
	int idle = 10;

	listening(8);
	ASSERT_EQ(0, keepalive(self->lfd, 1));
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_TCP, TCP_KEEPIDLE, &idle, sizeof(idle)));
	passive(OPTS);
	ASSERT_EQ(1, wire_int(self->fd, SOL_SOCKET, SO_KEEPALIVE));
	expect("+9900ms..12s . 0:0(0) ack 1");
}

/* MUST-29: one unanswered probe does not end the connection. */
TEST_F_TIMEOUT(wire, keepalive_one_probe_unanswered, 200)
{
	passive(OPTS);
	ASSERT_EQ(0, keepalive(self->fd, 1));
	set(TCP_KEEPIDLE, 10);
	set(TCP_KEEPINTVL, 2);
	set(TCP_KEEPCNT, 3);
	for (int i = 0; i < 5; i++) {
		expect("+9900ms..12s . 0:0(0) ack 1");
		expect("+2s . 0:0(0) ack 1");
		inject(". 1:1(0) ack 1");
	}
	state(TCP_ESTABLISHED);
}

/* MUST-26: each received segment restarts the keep-alive timer. */
TEST_F_TIMEOUT(wire, keepalive_idle, 100)
{
	passive(OPTS);
	ASSERT_EQ(0, keepalive(self->fd, 1));
	set(TCP_KEEPIDLE, 10);
	for (int i = 0; i < 4; i++) {
		wire_sleep(8000);
		ASSERT_EQ(0, wire_pending(self->f));
		inject("P. %d:%d(10) ack 1", 1 + 10 * i, 11 + 10 * i);
		expect("+0ms..500ms . 1:1(0) ack %d", 11 + 10 * i);
	}
	expect("+9500ms..12s . 0:0(0) ack 41");
}

/* MUST-26: no keep-alive probes while data is in flight. */
TEST_F_TIMEOUT(wire, keepalive_not_with_data, 60)
{
	passive(OPTS);
	ASSERT_EQ(0, keepalive(self->fd, 1));
	set(TCP_KEEPIDLE, 1);
	set(TCP_KEEPINTVL, 1);
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect("P. 1:101(100) ack 1");
	for (int i = 0; i < 5; i++)
		expect("+%dms P. 1:101(100) ack 1", 200 << i);
}

/* MUST-25: off by default; MUST-28: two hours. */
TEST_F_TIMEOUT(wire, keepalive_default, 30000)
{
	passive(OPTS);
	ASSERT_EQ(0, wire_int(self->fd, SOL_SOCKET, SO_KEEPALIVE));
	ASSERT_EQ(7200, wire_int(self->fd, SOL_TCP, TCP_KEEPIDLE));
	expect_none(7300 * 1000);
	inject("P. 1:11(10) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 11");
	ASSERT_EQ(0, keepalive(self->fd, 1));
	expect("+7190s..7300s . 0:0(0) ack 11");
	inject(". 11:11(0) ack 1");
	expect("+7190s..8200s . 0:0(0) ack 11");
	expect("+75s . 0:0(0) ack 11");
}

/* MAY-6, ZW-2: keep-alive probes of the peer get an ACK, with and without a byte. */
TEST_F(wire, keepalive_answered)
{
	passive(OPTS);
	inject(". 0:0(0) ack 1");
	expect(". 1:1(0) ack 1");
	wire_sleep(1000);
	inject(". 0:1(1) ack 1");
	expect(". 1:1(0) ack 1");
}

/* MUST-21, TO-1, UT-3: TCP_USER_TIMEOUT bounds unacknowledged data. */
TEST_F_TIMEOUT(wire, user_timeout, 60)
{
	int64_t t;

	passive(OPTS);
	set(TCP_USER_TIMEOUT, 3000);
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	t = wire_now_us();
	ASSERT_NE(0, wire_poll(self->fd, POLLERR, 10000));
	t = (wire_now_us() - t) / 1000;
	ASSERT_LE(2990, t);
	ASSERT_GE(REF ? 3500 : 3300, t);
	ASSERT_EQ(ETIMEDOUT, wire_error(self->fd));
	state(TCP_CLOSE);
}

/* TCP_USER_TIMEOUT applies to data in flight while the window is closed. */
TEST_F_TIMEOUT(wire, user_timeout_shrunk, 60)
{
	int64_t t = wire_now_us();

	passive(OPTS);
	set(TCP_USER_TIMEOUT, 3000);
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect("P. 1:101(100) ack 1");
	inject(". 1:1(0) ack 1 win 0");
	while (wire_next(self->f, 2500) == 1)
		inject(". 1:1(0) ack 1 win 0");
	t = (wire_now_us() - t) / 1000;
	EXPECT_LE(3000, t);
	EXPECT_GE(REF ? 7000 : 6000, t);
	ASSERT_EQ(ETIMEDOUT, wire_error(self->fd));
	state(TCP_CLOSE);
}

/*
 * TCP_USER_TIMEOUT applies if nothing is in flight, and the peer answers each
 * probe with a closed window.
 */
TEST_F_TIMEOUT(wire, user_timeout_closed, 60)
{
	int64_t t;

	passive(OPTS);
	set(TCP_USER_TIMEOUT, 3000);
	inject(". 1:1(0) ack 1 win 0");
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	t = wire_now_us();
	while (!wire_poll(self->fd, POLLERR, 0)) {
		if (wire_next(self->f, 50))
			inject(". 1:1(0) ack 1 win 0");
		ASSERT_GE(10000000, wire_now_us() - t);
	}
	t = (wire_now_us() - t) / 1000;
	EXPECT_LE(3000, t);
	EXPECT_GE(3500, t);
	ASSERT_EQ(ETIMEDOUT, wire_error(self->fd));
	state(TCP_CLOSE);
}

/* A window that opens in time stops the user timeout. */
TEST_F_TIMEOUT(wire, user_timeout_opened, 60)
{
	passive(OPTS);
	set(TCP_USER_TIMEOUT, 3000);
	inject(". 1:1(0) ack 1 win 0");
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	wire_sleep(2500);
	inject(". 1:1(0) ack 1");
	/* Data sent now has the full timeout. */
	wire_sleep(1000);
	state(TCP_ESTABLISHED);
	wire_flush(self->f);
	inject(". 1:1(0) ack 101 win 0");
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	wire_sleep(2500);
	state(TCP_ESTABLISHED);
	wire_flush(self->f);
	inject(". 1:1(0) ack 101");
	expect("p. 101:201(100) ack 1");
	inject(". 1:1(0) ack 201");
	ASSERT_EQ(0, wire_error(self->fd));
}

/* User timeout options (kind 28): 2 minutes, and 130 s. */
#define UTO_2MIN	"hex 1c048002"
#define UTO_130S	"hex 1c040082"

/* Seconds until data written now ends the connection. */
static int lives(struct wire_flow *f, int fd)
{
	int64_t t = wire_now_us();

	if (wire_write(f, fd, 100) != 100 || !wire_poll(fd, POLLERR, 400000))
		return -1;
	return (wire_now_us() - t) / 1000000;
}

/*
 * UT-1, UT-2: the peer's UTO, in its SYN or later, is used if the sysctl allows
 * it.
 */
TEST_F_TIMEOUT(wire, user_timeout_option, 1500)
{
	static const struct {
		const char *syn, *later;
		int secs;
	} wish[] = {
		{ UTO_2MIN, NULL, 120 },
		{ NULL, UTO_130S, 130 },
		{ UTO_2MIN, UTO_130S, 130 },
		/* L_LIMIT, U_LIMIT */
		{ "hex 1c040005", NULL, 100 },
		{ "hex 1c04ffff", NULL, 200 },
		/* 0 is reserved; an option of another length is ignored. */
		{ UTO_2MIN, "hex 1c040000", 120 },
		{ UTO_2MIN, "hex 1c0300,nop", 120 },
	};

	if (REF)
		SKIP(return, "the kernel's TCP does not know the option");
	ASSERT_EQ(0, wire_sysctl(&self->w, "user_timeout_option", "1"));
	ASSERT_EQ(0, wire_sysctl(&self->w, "user_timeout_max", "200"));
	for (unsigned int i = 0; i < ARRAY_SIZE(wish); i++) {
		char syn[80];

		self->f = wire_flow(&self->w, WIRE_PORT);
		snprintf(syn, sizeof(syn), "mss 1460%s%s", wish[i].syn ? "," : "",
			 wish[i].syn ? wish[i].syn : "");
		passive(syn);
		if (wish[i].later)
			inject(". 1:1(0) ack 1 <%s>", wish[i].later);
		ASSERT_EQ(wish[i].secs, lives(self->f, self->fd));
		ASSERT_EQ(ETIMEDOUT, wire_error(self->fd));
		wire_flush(self->f);
		close(self->fd);
	}
	/* Active open: the option is in the SYN-ACK. */
	self->f = wire_flow(&self->w, 0);
	active("mss 1460," UTO_2MIN);
	ASSERT_EQ(120, lives(self->f, self->fd));
}

/* UT-1, UT-2: the UTO has no effect if it is disabled, or with TCP_USER_TIMEOUT. */
TEST_F_TIMEOUT(wire, user_timeout_option_refused, 600)
{
	for (int i = 0; i < 2; i++) {
		if (i && !REF) {
			ASSERT_EQ(0, wire_sysctl(&self->w, "user_timeout_option", "1"));
		}
		self->f = wire_flow(&self->w, WIRE_PORT);
		passive("mss 1460," UTO_2MIN);
		if (i)
			set(TCP_USER_TIMEOUT, 180000);
		inject(". 1:1(0) ack 1 <" UTO_130S ">");
		ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
		wire_sleep(170000);
		state(TCP_ESTABLISHED);
		wire_flush(self->f);
		inject("R 1:1(0)");
	}
}

/* UT-3: TCP_USER_TIMEOUT in SYN-SENT. */
TEST_F_TIMEOUT(wire, user_timeout_syn, 60)
{
	int64_t t;

	self->fd = wire_socket(&self->w);
	set(TCP_USER_TIMEOUT, 5000);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	t = wire_now_us();
	ASSERT_NE(0, wire_poll(self->fd, POLLERR, 20000));
	t = (wire_now_us() - t) / 1000;
	ASSERT_LE(4990, t);
	ASSERT_GE(7500, t);
	ASSERT_EQ(ETIMEDOUT, wire_error(self->fd));
}

/* UT-3, TO-1: data behind a closed window without answers to probes, and a FIN. */
TEST_F_TIMEOUT(wire, user_timeout_of_window_and_fin, 60)
{
	int64_t t;

	for (int i = 0; i < 2; i++) {
		self->f = wire_flow(&self->w, WIRE_PORT);
		passive(OPTS);
		set(TCP_USER_TIMEOUT, 3000);
		if (i == 0) {
			inject(". 1:1(0) ack 1 win 0");
			ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
		} else {
			ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
		}
		t = wire_now_us();
		ASSERT_NE(0, wire_poll(self->fd, POLLERR, 20000));
		t = (wire_now_us() - t) / 1000;
		ASSERT_LE(2990, t);
		ASSERT_GE(7000, t);
		ASSERT_EQ(ETIMEDOUT, wire_error(self->fd));
		state(TCP_CLOSE);
	}
}

#define TRACING "/sys/kernel/tracing/"

static int put(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY), ok;

	if (fd < 0)
		return -1;
	ok = write(fd, text, strlen(text)) == (ssize_t)strlen(text);
	close(fd);
	return ok ? 0 : -1;
}

/* Hits of a kprobe on the function for negative advice to IP, or -1. */
static long doubts(void)
{
	char line[256];
	long n = -1;
	FILE *in = fopen(TRACING "kprobe_profile", "r");

	while (in && fgets(line, sizeof(line), in))
		if (strstr(line, "xtcp_doubts"))
			sscanf(line, "%*s %ld", &n);
	if (in)
		fclose(in);
	return n;
}

/* SHLD-10, MUST-20: R1: negative advice to IP at the third retransmission. */
TEST_F(wire, r1_negative_advice)
{
	mount("tracefs", TRACING, "tracefs", 0, NULL);
	put(TRACING "events/kprobes/xtcp_doubts/enable", "0");
	put(TRACING "kprobe_events", "-:xtcp_doubts");
	if (put(TRACING "kprobe_events", variant->v6 ? "p:xtcp_doubts ip6_negative_advice" :
		"p:xtcp_doubts ipv4_negative_advice") ||
	    put(TRACING "events/kprobes/xtcp_doubts/enable", "1"))
		SKIP(return, "this kernel has no kprobes");
	passive(OPTS);
	ASSERT_EQ(0, doubts());
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect("P. 1:101(100) ack 1");
	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(0, doubts());
		expect("+%dms P. 1:101(100) ack 1", 200 << i);
	}
	expect("+1600ms P. 1:101(100) ack 1");
	ASSERT_LE(1, doubts());
	put(TRACING "events/kprobes/xtcp_doubts/enable", "0");
	put(TRACING "kprobe_events", "-:xtcp_doubts");
}

/* MUST-20, SHLD-11, TO-1: the connection times out after tcp_retries2. */
TEST_F_TIMEOUT(wire, gives_up, 1500)
{
	int64_t t;
	int n = 0;

	passive(OPTS);
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	t = wire_now_us();
	while (wire_next(self->f, 130000) && !(self->f->last.flags & WF_RST))
		n++;
	ASSERT_EQ(16, n);
	ASSERT_EQ(POLLERR, POLLERR & wire_poll(self->fd, POLLERR, 0));
	t = (wire_now_us() - t) / 1000000;
	ASSERT_LE(900, t);
	ASSERT_EQ(ETIMEDOUT, wire_error(self->fd));
	/* TO-1: the connection is CLOSED. */
	inject(". 1:1(0) ack 101");
	expect("R 101:101(0)");
}

/* U-14: a socket after shutdown() retransmits its FIN. */
TEST_F_TIMEOUT(wire, fin_retransmission_shutdown, 60)
{
	passive(OPTS);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 1:1(0) ack 1");
	for (int i = 0; i < 5; i++)
		expect("+%dms F. 1:1(0) ack 1", 200 << i);
	state(TCP_FIN_WAIT1);
	inject(". 1:1(0) ack 2");
	expect_none(10000);
	state(TCP_FIN_WAIT2);
}

/* U-14: an orphan retransmits its FIN. */
TEST_F_TIMEOUT(wire, fin_retransmission, 60)
{
	passive(OPTS);
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	for (int i = 0; i < 5; i++)
		expect("+%dms F. 1:1(0) ack 1", 200 << i);
	inject(". 1:1(0) ack 2");
	expect_none(10000);
	inject("F. 1:1(0) ack 2");
	expect("+0ms..500ms . 2:2(0) ack 2");
}

/* U-14: an orphan in LAST-ACK retransmits its FIN. */
TEST_F_TIMEOUT(wire, fin_retransmission_last_ack, 60)
{
	passive(OPTS);
	inject("F. 1:1(0) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 2");
	close(self->fd);
	expect("F. 1:1(0) ack 2");
	for (int i = 0; i < 3; i++)
		expect("+%dms F. 1:1(0) ack 2", 200 << i);
	inject(". 2:2(0) ack 2");
	expect_none(3000);
}

/* An orphan whose FIN is not acknowledged times out. */
TEST_F_TIMEOUT(wire, orphan_gives_up, 600)
{
	int n = 0;

	passive(OPTS);
	close(self->fd);
	while (wire_next(self->f, 130000))
		n++;
	ASSERT_LE(4, n);
	ASSERT_GE(17, n);
	inject(". 1:1(0) ack 1");
	expect("R 1:1(0)");
}

/* An orphan in FIN-WAIT-2 is dropped after tcp_fin_timeout. */
TEST_F_TIMEOUT(wire, fin_wait_2_orphan, 200)
{
	passive(OPTS);
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject(". 1:1(0) ack 2");
	wire_sleep(55000);
	inject(". 0:0(0) ack 2");
	if (wire_next(self->f, 5)) {
		ASSERT_EQ(WF_ACK, self->f->last.flags);
	}
	wire_sleep(75000);
	ASSERT_EQ(0, wire_pending(self->f));
	inject("F. 1:1(0) ack 2");
	expect("R 2:2(0)");
}

/* A socket after SHUT_WR stays in FIN-WAIT-2 without a limit. */
TEST_F_TIMEOUT(wire, fin_wait_2_socket, 1000)
{
	passive(OPTS);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 1:1(0) ack 1");
	inject(". 1:1(0) ack 2");
	wire_sleep(600000);
	state(TCP_FIN_WAIT2);
	inject("P. 1:11(10) ack 2");
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
}

/* TCP_LINGER2: FIN-WAIT-2 of this socket lasts 5 s. */
TEST_F_TIMEOUT(wire, linger2, 60)
{
	passive(OPTS);
	set(TCP_LINGER2, 5);
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject(". 1:1(0) ack 2");
	wire_sleep(8000);
	inject("F. 1:1(0) ack 2");
	expect("R 2:2(0)");
}

/* ZW-1: an orphan is dropped if the peer keeps its window closed. */
TEST_F_TIMEOUT(wire, orphan_zero_window, 2000)
{
	int probes = 0;

	self->f->win = 1000;
	passive("mss 500");
	ASSERT_EQ(3000, wire_write(self->f, self->fd, 3000));
	expect("p. 1:501(500) ack 1");
	expect("p. 501:1001(500) ack 1");
	inject(". 1:1(0) ack 1001 win 0");
	close(self->fd);
	while (wire_next(self->f, 130000) && !(self->f->last.flags & WF_RST))
		probes++;
	ASSERT_LE(3, probes);
	ASSERT_GE(20, probes);
	wire_flush(self->f);
	inject(". 1:1(0) ack 1001 win 0");
	expect("R 1001:1001(0)");
}

/* A handshake with a listener that has TCP_DEFER_ACCEPT. */
#define deferred(seconds) do {						\
	int _v = (seconds);						\
									\
	listening(8);							\
	ASSERT_EQ(0, setsockopt(self->lfd, SOL_TCP, TCP_DEFER_ACCEPT, &_v, sizeof(_v))); \
	inject("S 0:0(0) <mss 1000>");					\
	expect("S. 0:0(0) ack 1 <...>");				\
	inject(". 1:1(0) ack 1");					\
	ASSERT_EQ(-EAGAIN, wire_accept(self->lfd));			\
} while (0)

/*
 * TCP_DEFER_ACCEPT: the first data creates the connection, not the handshake's
 * ACK.
 */
TEST_F_TIMEOUT(wire, defer_accept, 60)
{
	deferred(5);
	inject("P. 1:11(10) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
}

/* The ACK of the handshake gives an RTT sample, also if the data comes much later. */
TEST_F(wire, defer_accept_rtt)
{
	deferred(5);
	wire_sleep(700);
	inject("P. 1:11(10) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_GT(250000, wire_info(self->fd).tcpi_rto);
	ASSERT_GT(10000, wire_info(self->fd).tcpi_rtt);
}

/*
 * TCP_DEFER_ACCEPT: after the ACK of the handshake the SYN-ACK is not retransmitted, and
 * synack_retries does not apply: it is for requests without an ACK.
 */
TEST_F_TIMEOUT(wire, defer_accept_waits, 120)
{
	wire_sysctl(&self->w, "synack_retries", "2");
	deferred(60);
	expect_none(40000);
	inject("P. 1:11(10) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(10, wire_read(self->f, self->fd, 100));
}

/*
 * When the time is almost over, the SYN-ACK is sent again: its ACK connects
 * without data.
 */
TEST_F_TIMEOUT(wire, defer_accept_over, 60)
{
	deferred(5);
	expect("+7s S. 0:0(0) ack 1 <...>");
	ASSERT_EQ(-EAGAIN, wire_accept(self->lfd));
	inject(". 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	state(TCP_ESTABLISHED);
	expect_none(20000);
}

/* Without that ACK the request is dropped. */
TEST_F_TIMEOUT(wire, defer_accept_gives_up, 60)
{
	wire_sysctl(&self->w, "synack_retries", "2");
	deferred(5);
	expect("+7s S. 0:0(0) ack 1 <...>");
	expect_none(20000);
	inject(". 1:1(0) ack 1");
	expect("R 1:1(0)");
	ASSERT_EQ(-EAGAIN, wire_accept(self->lfd));
}

static unsigned int rtt_of(struct __test_metadata *_metadata, int fd)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	EXPECT_EQ(0, getsockopt(fd, SOL_TCP, TCP_INFO, &ti, &len));
	return ti.tcpi_rtt;
}

/* Karn's algorithm: the ACK may be for the first SYN-ACK. */
TEST_F(wire, no_rtt_sample_from_a_repeated_syn_ack)
{
	listening(8);
	self->f->lport = WIRE_PORT;
	inject("S 0:0(0) <mss 1000>");
	expect("S. 0:0(0) ack 1 <...>");
	wire_sleep(600);
	inject("S 0:0(0) <mss 1000>");
	expect("S. 0:0(0) ack 1 <...>");
	inject(". 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, rtt_of(_metadata, self->fd));
}

/* The time until the client sends data gives no RTT sample. */
TEST_F(wire, no_rtt_sample_from_deferred_data)
{
	deferred(60);
	wire_sleep(600);
	inject("P. 1:11(10) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_GT(600000, rtt_of(_metadata, self->fd));
}

/*
 * RT-5: the maximum RTO also limits the timeout of a SYN-ACK, for any number of
 * retransmissions.
 */
TEST_F_TIMEOUT(wire, syn_ack_ceiling, 30000)
{
	wire_sysctl(&self->w, "synack_retries", "75");
	listening(8);
	self->f->lport = WIRE_PORT;
	inject("S 0:0(0) <mss 1000>");
	expect("S. 0:0(0) ack 1 <...>");
	for (int i = 0; i < 7; i++)
		expect("+%ds S. 0:0(0) ack 1 <...>", 1 << i);
	for (int i = 7; i < 75; i++)
		expect("+120s S. 0:0(0) ack 1 <...>");
}

/* TCP_RTO_MAX_MS limits the RTO of a socket, and so R2. */
TEST_F_TIMEOUT(wire, rto_max_of_a_socket, 100)
{
	int ms = 999;

	passive(OPTS);
	if (REF && setsockopt(self->fd, SOL_TCP, 44, &(int){ 1000 }, sizeof(int)))
		SKIP(return, "since Linux 6.15");
	ASSERT_EQ(-1, setsockopt(self->fd, SOL_TCP, 44, &ms, sizeof(ms)));
	ASSERT_EQ(EINVAL, errno);
	ms = 120001;
	ASSERT_EQ(-1, setsockopt(self->fd, SOL_TCP, 44, &ms, sizeof(ms)));
	ASSERT_EQ(EINVAL, errno);
	ASSERT_EQ(120000, wire_int(self->fd, SOL_TCP, 44));
	ms = 1000;
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, 44, &ms, sizeof(ms)));
	ASSERT_EQ(1000, wire_int(self->fd, SOL_TCP, 44));
	ASSERT_EQ(0, wire_sysctl(&self->w, "retries2", "6"));
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack 1");
	expect("+200ms P. 1:11(10) ack 1");
	expect("+400ms P. 1:11(10) ack 1");
	expect("+800ms P. 1:11(10) ack 1");
	for (int i = 0; i < 3; i++)
		expect("+1s P. 1:11(10) ack 1");
	/* R2: 0.2 + 0.4 + 0.8 + 4 * 1 s */
	wire_sleep(1100);
	ASSERT_EQ(ETIMEDOUT, wire_error(self->fd));
}

/* The sysctl rto_max_ms: of SYN, SYN-ACK and data of new sockets. */
TEST_F_TIMEOUT(wire, rto_max_of_new_sockets, 60)
{
	if (wire_sysctl(&self->w, "rto_max_ms", "1000"))
		SKIP(return, "since Linux 6.15");
	listening(8);
	inject("S 0:0(0) win 65535 <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	for (int i = 0; i < 3; i++)
		expect("+1s S. 0:0(0) ack 1 <...>");
	self->f = wire_flow(&self->w, 0);
	wire_sysctl(&self->w, "syn_linear_timeouts", "0");
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(1000, wire_int(self->fd, SOL_TCP, 44));
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	for (int i = 0; i < 3; i++)
		expect("+1s S 0:0(0) <...>");
}

/* The sysctl rto_min_us: the minimum of the variance term. */
TEST_F(wire, rto_min_of_new_sockets)
{
	if (wire_sysctl(&self->w, "rto_min_us", "60000"))
		SKIP(return, "since Linux 6.11");
	passive(OPTS);
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack 1");
	expect("+60ms..75ms P. 1:11(10) ack 1");
	expect("+120ms..150ms P. 1:11(10) ack 1");
}

TEST_HARNESS_MAIN
