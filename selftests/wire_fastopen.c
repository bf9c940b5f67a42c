// SPDX-License-Identifier: GPL-2.0
/* TCP Fast Open (RFC 7413), both sides, with a crafted peer. */
#include <fcntl.h>
#include <signal.h>
#include <sys/time.h>
#include "lib/wire_test.h"

#define KEY		"00112233-44556677-8899aabb-ccddeeff"
#define OTHER_KEY	"01010101-02020202-03030303-04040404"
#define CLIENT		"1"
#define SERVER		"2"

#define sysctl(leaf, value)						\
	ASSERT_EQ(0, wire_sysctl(&self->w, leaf, value))

/* Counters have different names in the two stacks. */
static long count_of(struct wire *w, const char *name)
{
	char whole[64];

	snprintf(whole, sizeof(whole), "%s%s", w->ref ? "TCP" : "", name);
	return wire_counter(w, whole);
}

static int set_opt(int fd, int name, int value)
{
	return setsockopt(fd, SOL_TCP, name, &value, sizeof(value)) ? -errno : 0;
}

/* sendto() on a socket that is not connected: bytes or -errno. */
static int send_fast(struct wire_flow *f, int fd, int n)
{
	struct sockaddr_storage ss;
	socklen_t len = wire_sockaddr(f->w, &ss, f->peer, f->pport);
	uint8_t buf[8192];
	int ret;

	for (int i = 0; i < n; i++)
		buf[i] = wire_pattern(f->out_off + i);
	f->t_us = wire_now_us();
	ret = sendto(fd, buf, n, MSG_FASTOPEN | MSG_DONTWAIT | MSG_NOSIGNAL,
		     (struct sockaddr *)&ss, len);
	if (ret < 0)
		return -errno;
	f->out_off += ret;
	return ret;
}

static int options_of(int fd)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	return getsockopt(fd, SOL_TCP, TCP_INFO, &ti, &len) ? -errno :
	       ti.tcpi_options;
}

#define fast_listening(qlen) do {					\
	sysctl("fastopen", SERVER);					\
	sysctl("fastopen_key", KEY);					\
	listening(8);							\
	ASSERT_EQ(0, set_opt(self->lfd, TCP_FASTOPEN, qlen));		\
} while (0)

/* The stack gives this peer a cookie, which "fo *" then injects. */
#define ask_cookie() do {						\
	inject("S 0:0(0) win 65535 <mss 1460,fo>");			\
	expect("S. 0:0(0) ack 1 <mss %d,fo *>", MSS);			\
	inject("R 1:1(0)");						\
	self->f = wire_flow(&self->w, WIRE_PORT);			\
} while (0)

/* A child in SYN-RECEIVED with 100 bytes of data from the SYN, in self->fd. */
#define opened_fast() do {						\
	inject("S 0:100(100) win 65535 <mss 1460,fo *>");		\
	expect("S. 0:0(0) ack 101 <mss %d>", MSS);			\
	self->fd = wire_accept(self->lfd);				\
	ASSERT_LE(0, self->fd);						\
} while (0)

/* Server */

/* FO-1, FO-5: no cookie without TCP_FASTOPEN, or if the sysctl forbids it. */
TEST_F(wire, server_opts_in)
{
	sysctl("fastopen", SERVER);
	listening(8);
	inject("S 0:100(100) win 65535 <mss 1460,fo>");
	expect("S. 0:0(0) ack 1 <mss %d>", MSS);
	ASSERT_EQ(-EAGAIN, wire_accept(self->lfd));
	inject("R 1:1(0)");

	/* The server bit of the sysctl is cleared. */
	ASSERT_EQ(0, set_opt(self->lfd, TCP_FASTOPEN, 4));
	sysctl("fastopen", CLIENT);
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("S 0:0(0) win 65535 <mss 1460,fo>");
	expect("S. 0:0(0) ack 1 <mss %d>", MSS);
}

/*
 * FO-2, FO-4, SA-L4: request a cookie, receive it, connect with it: data is readable at
 * once.
 */
TEST_F(wire, server_accepts_data_with_the_cookie)
{
	fast_listening(4);
	ask_cookie();
	ASSERT_EQ(1, count_of(&self->w, "FastOpenCookieReqd"));
	opened_fast();
	state(TCP_SYN_RECV);
	ASSERT_EQ(100, wire_read(self->f, self->fd, 200));
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 200));
	inject(". 101:101(0) ack 1");
	expect_none(100);
	state(TCP_ESTABLISHED);
	ASSERT_TRUE(options_of(self->fd) & TCPI_OPT_SYN_DATA);
	ASSERT_EQ(1, count_of(&self->w, "FastOpenPassive"));
	inject("P. 101:201(100) ack 1");
	ASSERT_EQ(100, wire_read(self->f, self->fd, 200));
}

/* The urgent pointer of a SYN with data (RFC 9293 3.10.7.4, sixth check). */
TEST_F(wire, server_accepts_urgent_data_with_the_cookie)
{
	char byte = 0;

	if (REF)
		SKIP(return, "the kernel's TCP ignores the pointer");
	fast_listening(4);
	ask_cookie();
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("SU 0:100(100) win 65535 urg 4 <mss 1460,fo *>");
	expect("S. 0:0(0) ack 101 <...>");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(1, recv(self->fd, &byte, 1, MSG_OOB | MSG_DONTWAIT));
	ASSERT_EQ(wire_pattern(2), (uint8_t)byte);
}

/* FO-4: the server may send data before the handshake is complete. */
TEST_F(wire, server_answers_before_the_handshake_ends)
{
	fast_listening(4);
	ask_cookie();
	opened_fast();
	ASSERT_EQ(100, wire_read(self->f, self->fd, 200));
	ASSERT_EQ(300, wire_write(self->f, self->fd, 300));
	expect("P. 1:301(300) ack 101");
	state(TCP_SYN_RECV);
	inject(". 101:101(0) ack 301");
	state(TCP_ESTABLISHED);
	expect_none(300);
}

/*
 * FO-4: the ACK that completes the handshake has SACK blocks: the first data was lost,
 * and is retransmitted at once.
 */
TEST_F(wire, server_data_lost_before_the_handshake_ends)
{
	fast_listening(4);
	ask_cookie();
	inject("S 0:100(100) win 65535 <mss 1000,nop,nop,sackOK,fo *>");
	expect("S. 0:0(0) ack 101 <mss %d,sackOK>", MSS);
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(5000, wire_write(self->f, self->fd, 5000));
	for (int i = 0; i < 5; i++)
		expect("p. %d:%d(1000) ack 101", 1 + i * 1000, 1001 + i * 1000);
	inject(". 101:101(0) ack 1 <nop,nop,sack 1001:5001>");
	expect("p. 1:1001(1000) ack 101");
	state(TCP_ESTABLISHED);
	inject(". 101:101(0) ack 5001");
	expect_none(300);
}

/* FO-2: an option of invalid length is ignored, together with the data. */
TEST_F(wire, server_ignores_impossible_cookies)
{
	static const char *const bad[] = {
		"220301", "22040102", "2205010203", "22070102030405",
		"220901020304050607",
		"2214010203040506070809101112131415161718",
	};

	fast_listening(4);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		self->f = wire_flow(&self->w, WIRE_PORT);
		inject("S 0:100(100) win 65535 <mss 1460,hex %s>", bad[i]);
		expect("S. 0:0(0) ack 1 <mss %d>", MSS);
		inject("R 1:1(0)");
	}
	ASSERT_EQ(0, count_of(&self->w, "FastOpenPassiveFail"));
}

/* The cookie that the stack has given, as the experimental option. */
static const char *experimental(const struct wire *w)
{
	static char text[32];
	int n = sprintf(text, "hex fe0cf989");

	for (size_t i = 0; i < sizeof(w->cookie); i++)
		n += sprintf(text + n, "%02x", w->cookie[i]);
	return text;
}

/* FO-2: the experimental form of the option (kind 254): the answer has it, too. */
TEST_F(wire, server_answers_in_the_form_of_the_request)
{
	static const char *const other[] = { "fe04f98a", "fe03f900", "fe020000", "fe06f9890102" };
	char old[32];

	fast_listening(4);
	ask_cookie();
	inject("S 0:0(0) win 65535 <mss 1460,hex fe04f989>");
	expect("S. 0:0(0) ack 1 <mss %d,%s>", MSS, experimental(&self->w));
	inject("R 1:1(0)");
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("S 0:100(100) win 65535 <mss 1460,hex fe0cf9890102030405060708>");
	expect("S. 0:0(0) ack 1 <mss %d,%s>", MSS, experimental(&self->w));
	inject("R 1:1(0)");
	/* Other experiments, and an invalid length. */
	for (size_t i = 0; i < ARRAY_SIZE(other); i++) {
		self->f = wire_flow(&self->w, WIRE_PORT);
		inject("S 0:100(100) win 65535 <mss 1460,hex %s>", other[i]);
		expect("S. 0:0(0) ack 1 <mss %d>", MSS);
		inject("R 1:1(0)");
	}
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("S 0:100(100) win 65535 <mss 1460,%s>", experimental(&self->w));
	expect("S. 0:0(0) ack 101 <mss %d>", MSS);
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	inject(". 101:101(0) ack 1");
	close(self->fd);
	expect("R. 1:1(0) ack 101");
	/* A cookie of the backup key: the new cookie has the form, too. */
	snprintf(old, sizeof(old), "%s", experimental(&self->w));
	sysctl("fastopen_key", OTHER_KEY "," KEY);
	self->f = wire_flow(&self->w, WIRE_PORT);
	ask_cookie();
	inject("S 0:100(100) win 65535 <mss 1460,%s>", old);
	expect("S. 0:0(0) ack 101 <mss %d,%s>", MSS, experimental(&self->w));
}

/* FO-5: a wrong cookie: no connection yet, the SYN-ACK has a new cookie. */
TEST_F(wire, server_refuses_a_wrong_cookie)
{
	fast_listening(4);
	inject("S 0:100(100) win 65535 <mss 1460,fo 0102030405060708>");
	expect("S. 0:0(0) ack 1 <mss %d,fo *>", MSS);
	ASSERT_EQ(1, count_of(&self->w, "FastOpenPassiveFail"));
	ASSERT_EQ(-EAGAIN, wire_accept(self->lfd));
	inject("P. 1:101(100) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	state(TCP_ESTABLISHED);
	ASSERT_EQ(100, wire_read(self->f, self->fd, 200));
}

/* FO-3: a cookie is valid for one address only. */
TEST_F(wire, server_cookie_is_of_an_address)
{
	fast_listening(4);
	ask_cookie();
	wire_peer(self->f, 7);
	inject("S 0:100(100) win 65535 <mss 1460,fo *>");
	expect("S. 0:0(0) ack 1 <mss %d,fo *>", MSS);
	ASSERT_EQ(1, count_of(&self->w, "FastOpenPassiveFail"));
}

/* FO-3: a cookie of the backup key is accepted, and answered with one of the new key. */
TEST_F(wire, server_key_rotation)
{
	fast_listening(4);
	ask_cookie();
	sysctl("fastopen_key", OTHER_KEY "," KEY);
	inject("S 0:100(100) win 65535 <mss 1460,fo *>");
	expect("S. 0:0(0) ack 101 <mss %d,fo *>", MSS);
	ASSERT_EQ(1, count_of(&self->w, "FastOpenPassiveAltKey"));
	self->f = wire_flow(&self->w, WIRE_PORT);
	sysctl("fastopen_key", OTHER_KEY);
	inject("S 0:100(100) win 65535 <mss 1460,fo *>");
	expect("S. 0:0(0) ack 101 <mss %d>", MSS);
}

/* FO-6: beyond the limit of pending requests: plain handshakes, until one is complete. */
TEST_F(wire, server_limit)
{
	struct wire_flow *first;

	fast_listening(1);
	ask_cookie();
	first = self->f;
	opened_fast();
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("S 0:100(100) win 65535 <mss 1460,fo *>");
	expect("S. 0:0(0) ack 1 <mss %d>", MSS);
	ASSERT_EQ(1, count_of(&self->w, "FastOpenListenOverflow"));
	inject("R 1:1(0)");
	ASSERT_EQ(0, wire_inject(first, ". 101:101(0) ack 1"));
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("S 0:100(100) win 65535 <mss 1460,fo *>");
	expect("S. 0:0(0) ack 101 <mss %d>", MSS);
}

/* FO-10: a connection that was reset counts towards the limit for a minute. */
TEST_F_TIMEOUT(wire, server_counts_resets, 120)
{
	fast_listening(1);
	ask_cookie();
	opened_fast();
	inject("R 101:101(0)");
	state(TCP_CLOSE);
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("S 0:100(100) win 65535 <mss 1460,fo *>");
	expect("S. 0:0(0) ack 1 <mss %d>", MSS);
	inject("R 1:1(0)");
	wire_sleep(61000);
	self->f = wire_flow(&self->w, WIRE_PORT);
	inject("S 0:100(100) win 65535 <mss 1460,fo *>");
	expect("S. 0:0(0) ack 101 <mss %d>", MSS);
}

/*
 * FO-4, SA-2d: RST in SYN-RECEIVED: the data of the SYN stays readable, then the
 * accepted socket gets ECONNRESET.
 */
TEST_F(wire, server_reset_in_syn_received)
{
	fast_listening(4);
	ask_cookie();
	opened_fast();
	inject("R 101:101(0)");
	state(TCP_CLOSE);
	ASSERT_EQ(100, wire_read(self->f, self->fd, 200));
	ASSERT_EQ(ECONNRESET, wire_error(self->fd));
	still_serves();
}

/* FO-7: SYN-ACKs retransmitted, by timer or for a repeated SYN, have no cookie. */
TEST_F(wire, server_syn_ack_again)
{
	fast_listening(4);
	ask_cookie();
	sysctl("fastopen_key", OTHER_KEY "," KEY);
	inject("S 0:100(100) win 65535 <mss 1460,fo *>");
	expect("S. 0:0(0) ack 101 <mss %d,fo *>", MSS);
	expect("+1s S. 0:0(0) ack 101 <mss %d>", MSS);
	inject("S 0:0(0) win 65535 <mss 1460>");
	expect("S. 0:0(0) ack 101 <mss %d>", MSS);
}

/* FO-4: close() in SYN-RECEIVED enters FIN-WAIT-1, as for any connection. */
TEST_F(wire, server_closes_early)
{
	fast_listening(4);
	ask_cookie();
	opened_fast();
	ASSERT_EQ(100, wire_read(self->f, self->fd, 200));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 1:1(0) ack 101");
	state(TCP_FIN_WAIT1);
	inject(". 101:101(0) ack 2");
	state(TCP_FIN_WAIT2);
	inject("F. 101:101(0) ack 2");
	expect(". 2:2(0) ack 102");
}

/* Client */

/*
 * The first connection requests a cookie; the second, in self->fd, can send data in its
 * SYN.
 */
#define learn_cookie() do {						\
	self->fd = wire_socket(&self->w);				\
	ASSERT_EQ(-EINPROGRESS, send_fast(self->f, self->fd, 100));	\
	expect("S 0:0(0) <mss %d,sackOK,TS val * ecr 0,nop,wscale *,fo>", MSS); \
	inject("S. 0:0(0) ack 1 <mss 1000,fo 0102030405060708>");	\
	expect(". 1:1(0) ack 1");					\
	inject("R 1:1(0)");						\
	close(self->fd);						\
	self->f = wire_flow(&self->w, 0);				\
	self->fd = wire_socket(&self->w);				\
} while (0)

#define COOKIE	"mss %d,sackOK,TS val * ecr 0,nop,wscale *,fo 0102030405060708"

/* A connection that requests a cookie by @ask, and gets the answer @got. */
#define requested(ask, got) do {					\
	self->f = wire_flow(&self->w, 0);				\
	wire_peer(self->f, host);					\
	self->fd = wire_socket(&self->w);				\
	ASSERT_EQ(-EINPROGRESS, send_fast(self->f, self->fd, 100));	\
	expect("S 0:0(0) <mss %d,sackOK,TS val * ecr 0,nop,wscale *," ask ">", MSS); \
	inject("S. 0:0(0) ack 1 <mss 1000" got ">");			\
	expect(". 1:1(0) ack 1");					\
	inject("R 1:1(0)");						\
	close(self->fd);						\
} while (0)

#define EXP_COOKIE	"hex fe0cf9890102030405060708"

/* FO-2: without a cookie the experimental form is tried once; it stays if it works. */
TEST_F(wire, client_tries_the_experimental_form)
{
	int host = 5;

	requested("fo", "");
	requested("hex fe04f989", "," EXP_COOKIE);
	self->f = wire_flow(&self->w, 0);
	wire_peer(self->f, host);
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(100, send_fast(self->f, self->fd, 100));
	expect("S 0:100(100) <mss %d,sackOK,TS val * ecr 0,nop,wscale *," EXP_COOKIE ">", MSS);
	/* The cookie of the next SYN-ACK may have the other form. */
	inject("S. 0:0(0) ack 101 <mss 1000,fo 0102030405060708>");
	expect(". 101:101(0) ack 1");
	inject("R 1:1(0)");
	close(self->fd);
	self->f = wire_flow(&self->w, 0);
	wire_peer(self->f, host);
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(100, send_fast(self->f, self->fd, 100));
	expect("S 0:100(100) <" COOKIE ">", MSS);
}

/* FO-2: neither form brings a cookie: from then on kind 34 is requested. */
TEST_F(wire, client_tries_the_experimental_form_once)
{
	int host = 6;

	requested("fo", "");
	requested("hex fe04f989", "");
	requested("fo", "");
	requested("fo", "");
	requested("fo", "," EXP_COOKIE);
	self->f = wire_flow(&self->w, 0);
	wire_peer(self->f, host);
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(100, send_fast(self->f, self->fd, 100));
	expect("S 0:100(100) <mss %d,sackOK,TS val * ecr 0,nop,wscale *," EXP_COOKIE ">", MSS);
}

/* FO-1, FO-2, FO-8: cookie and data in the SYN; the SYN-ACK acknowledges both. */
TEST_F(wire, client_data_on_the_syn)
{
	learn_cookie();
	ASSERT_EQ(100, send_fast(self->f, self->fd, 100));
	expect("S 0:100(100) <" COOKIE ">", MSS);
	state(TCP_SYN_SENT);
	inject("S. 0:0(0) ack 101 <mss 1000>");
	expect(". 101:101(0) ack 1");
	state(TCP_ESTABLISHED);
	ASSERT_TRUE(options_of(self->fd) & TCPI_OPT_SYN_DATA);
	ASSERT_EQ(1, count_of(&self->w, "FastOpenActive"));
}

/* FO-8, SA-S3: data that the SYN-ACK does not cover is sent again as new data. */
TEST_F(wire, client_data_not_accepted)
{
	learn_cookie();
	ASSERT_EQ(100, send_fast(self->f, self->fd, 100));
	expect("S 0:100(100) <" COOKIE ">", MSS);
	inject("S. 0:0(0) ack 1 <mss 1000>");
	expect("P. 1:101(100) ack 1");
	ASSERT_EQ(1, count_of(&self->w, "FastOpenActiveFail"));
	inject("R 1:1(0)");
	close(self->fd);

	self->f = wire_flow(&self->w, 0);
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(100, send_fast(self->f, self->fd, 100));
	expect("S 0:100(100) <" COOKIE ">", MSS);
	inject("S. 0:0(0) ack 41 <mss 1000>");
	expect("P. 41:101(60) ack 1");
}

static void on_alarm(int sig)
{
}

/* FO-8: after a signal the call is not restarted, so data is not sent twice. */
TEST_F(wire, client_interrupted)
{
	struct sigaction sa = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct itimerval it = { .it_value.tv_usec = 100000 };
	struct sockaddr_storage ss;
	uint8_t data[100];
	socklen_t len;

	for (int i = 0; i < 100; i++)
		data[i] = wire_pattern(i);
	learn_cookie();
	len = wire_sockaddr(&self->w, &ss, self->f->peer, self->f->pport);
	ASSERT_EQ(0, fcntl(self->fd, F_SETFL, 0));
	ASSERT_EQ(0, sigaction(SIGALRM, &sa, NULL));
	ASSERT_EQ(0, setitimer(ITIMER_REAL, &it, NULL));
	ASSERT_EQ(100, sendto(self->fd, data, 100, MSG_FASTOPEN | MSG_NOSIGNAL,
			      (struct sockaddr *)&ss, len));
	expect("S 0:100(100) <" COOKIE ">", MSS);
}

/* FO-1: no keep-alive while the SYN waits for the first write. */
TEST_F(wire, client_held_syn_is_silent)
{
	const int on = 1;

	learn_cookie();
	ASSERT_EQ(0, set_opt(self->fd, TCP_FASTOPEN_CONNECT, 1));
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof(on)));
	ASSERT_EQ(0, wire_connect(self->f, self->fd));
	ASSERT_EQ(0, set_opt(self->fd, TCP_KEEPIDLE, 1));
	expect_none(3000);
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect("S 0:100(100) <" COOKIE ">", MSS);
}

/* FO-8: data in the SYN is at most the cached MSS, less options. */
TEST_F(wire, client_obeys_the_cached_mss)
{
	learn_cookie();
	ASSERT_EQ(960, send_fast(self->f, self->fd, 3000));
	expect("S 0:960(960) <" COOKIE ">", MSS);
}

/* FO-7: the retransmitted SYN is plain; a late SYN-ACK of the first SYN is accepted. */
TEST_F(wire, client_syn_again)
{
	learn_cookie();
	ASSERT_EQ(100, send_fast(self->f, self->fd, 100));
	expect("S 0:100(100) <" COOKIE ">", MSS);
	expect("+1s S 0:0(0) <mss %d,sackOK,TS val * ecr 0,nop,wscale *>", MSS);
	inject("S. 0:0(0) ack 101 <mss 1000>");
	expect(". 101:101(0) ack 1");
	state(TCP_ESTABLISHED);
}

/* FO-9: the data of two SYNs in a row is lost: plain SYNs for some time. */
TEST_F(wire, client_path_drops_syn_data)
{
	learn_cookie();
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(100, send_fast(self->f, self->fd, 100));
		expect("S 0:100(100) <" COOKIE ">", MSS);
		expect("+1s S 0:0(0) <mss %d,sackOK,TS val * ecr 0,nop,wscale *>", MSS);
		inject("S. 0:0(0) ack 1 <mss 1000>");
		expect("P. 1:101(100) ack 1");
		inject("R 1:1(0)");
		close(self->fd);
		self->f = wire_flow(&self->w, 0);
		self->fd = wire_socket(&self->w);
	}
	if (REF)
		return;
	ASSERT_EQ(-EINPROGRESS, send_fast(self->f, self->fd, 100));
	expect("S 0:0(0) <mss %d,sackOK,TS val * ecr 0,nop,wscale *>", MSS);
}

/* FO-9: simultaneous open with data in one SYN. */
TEST_F(wire, client_simultaneous_open)
{
	learn_cookie();
	ASSERT_EQ(100, send_fast(self->f, self->fd, 100));
	expect("S 0:100(100) <" COOKIE ">", MSS);
	inject("S 0:0(0) <mss 1000>");
	expect("S. 0:0(0) ack 1 <mss %d>", MSS);
	inject(". 1:1(0) ack 1");
	expect("P. 1:101(100) ack 1");
	state(TCP_ESTABLISHED);
}

/* FO-1: TCP_FASTOPEN_CONNECT: connect() defers the SYN to the first write. */
TEST_F(wire, client_fastopen_connect)
{
	learn_cookie();
	ASSERT_EQ(0, set_opt(self->fd, TCP_FASTOPEN_CONNECT, 1));
	ASSERT_EQ(0, wire_connect(self->f, self->fd));
	expect_none(1500);
	state(TCP_SYN_SENT);
	ASSERT_EQ(POLLOUT, wire_poll(self->fd, POLLOUT | POLLIN, 0));
	ASSERT_EQ(-EISCONN, wire_connect(self->f, self->fd));
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect("S 0:100(100) <" COOKIE ">", MSS);
	inject("S. 0:0(0) ack 101 <mss 1000>");
	expect(". 101:101(0) ack 1");
}

/*
 * FO-1: TCP_FASTOPEN_NO_COOKIE sends data without a cookie; EOPNOTSUPP if the
 * sysctl disables Fast Open.
 */
TEST_F(wire, client_no_cookie_and_off)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, set_opt(self->fd, TCP_FASTOPEN_NO_COOKIE, 1));
	ASSERT_EQ(100, send_fast(self->f, self->fd, 100));
	expect("S 0:100(100) <mss %d,sackOK,TS val * ecr 0,nop,wscale *>", MSS);
	sysctl("fastopen", "0");
	self->f = wire_flow(&self->w, 0);
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EOPNOTSUPP, send_fast(self->f, self->fd, 100));
	ASSERT_EQ(-EOPNOTSUPP, set_opt(self->fd, TCP_FASTOPEN_CONNECT, 1));
}

TEST_HARNESS_MAIN
