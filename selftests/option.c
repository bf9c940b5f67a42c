// SPDX-License-Identifier: GPL-2.0
/* Socket options: values, limits, defaults, and unsupported options */
#include "lib/xtcp_test.h"

#include <linux/net_tstamp.h>
#include <sys/utsname.h>
#include <time.h>

#ifndef TCP_IS_MPTCP
#define TCP_IS_MPTCP 43
#endif

SOCKET_FIXTURE(option)

struct option {
	const char *name;
	int level, number;
	int given, back;	/* value set, and value that getsockopt() returns then */
	int bad[3];		/* refused with EINVAL; 0 ends them */
};

#define TCP_OPTION(name, ...) { #name, SOL_TCP, name, __VA_ARGS__ }

static const struct option options[] = {
	TCP_OPTION(TCP_NODELAY, 1, 1, {}),
	TCP_OPTION(TCP_NODELAY, 5, 1, {}),
	TCP_OPTION(TCP_NODELAY, 0, 0, {}),
	TCP_OPTION(TCP_CORK, 1, 1, {}),
	TCP_OPTION(TCP_CORK, 0, 0, {}),
	TCP_OPTION(TCP_MAXSEG, 1000, 1000, { 87, 32768, -1 }),
	TCP_OPTION(TCP_MAXSEG, 88, 88, {}),
	TCP_OPTION(TCP_KEEPIDLE, 1, 1, { -1, 32768, }),
	TCP_OPTION(TCP_KEEPIDLE, 32767, 32767, {}),
	TCP_OPTION(TCP_KEEPINTVL, 1, 1, { -1, 32768, }),
	TCP_OPTION(TCP_KEEPINTVL, 32767, 32767, {}),
	TCP_OPTION(TCP_KEEPCNT, 1, 1, { -1, 128, }),
	TCP_OPTION(TCP_KEEPCNT, 127, 127, {}),
	TCP_OPTION(TCP_SYNCNT, 1, 1, { -1, 128, }),
	TCP_OPTION(TCP_SYNCNT, 127, 127, {}),
	TCP_OPTION(TCP_LINGER2, 30, 30, {}),
	TCP_OPTION(TCP_LINGER2, -5, -1, {}),
	TCP_OPTION(TCP_LINGER2, 0, 60, {}),
	/* stored as a number of SYN-ACKs, returned as the sum of timeouts */
	TCP_OPTION(TCP_DEFER_ACCEPT, 1, 1, {}),
	TCP_OPTION(TCP_DEFER_ACCEPT, 5, 7, {}),
	TCP_OPTION(TCP_DEFER_ACCEPT, 0, 0, {}),
	TCP_OPTION(TCP_WINDOW_CLAMP, 60000, 60000, {}),
	TCP_OPTION(TCP_WINDOW_CLAMP, -1, -1, {}),
	TCP_OPTION(TCP_USER_TIMEOUT, 12345, 12345, { -1, }),
	TCP_OPTION(TCP_USER_TIMEOUT, 0, 0, {}),
	TCP_OPTION(TCP_NOTSENT_LOWAT, 12345, 12345, {}),
	TCP_OPTION(TCP_QUICKACK, 1, 1, {}),
	TCP_OPTION(TCP_QUICKACK, 0, 0, {}),
};

#define N_OPTIONS (sizeof(options) / sizeof(*options))

TEST_F(option, set_and_get)
{
	for (const struct option *o = options; o < options + N_OPTIONS; o++) {
		int fd = open_socket(variant->stack, variant->family);

		EXPECT_EQ(0, set_int(fd, o->level, o->number, o->given)) {
			TH_LOG("%s = %d", o->name, o->given);
		}
		EXPECT_EQ(o->back, get_int(fd, o->level, o->number)) {
			TH_LOG("%s = %d", o->name, o->given);
		}
		close(fd);
	}
}

TEST_F(option, out_of_range)
{
	for (const struct option *o = options; o < options + N_OPTIONS; o++) {
		int fd = open_socket(variant->stack, variant->family);
		int before = get_int(fd, o->level, o->number);

		for (int i = 0; i < 3 && o->bad[i]; i++) {
			EXPECT_EQ(-1, set_int(fd, o->level, o->number, o->bad[i])) {
				TH_LOG("%s = %d", o->name, o->bad[i]);
			}
			EXPECT_EQ(EINVAL, errno);
			EXPECT_EQ(before, get_int(fd, o->level, o->number));
		}
		close(fd);
	}
}

TEST_F(option, zero_out_of_range)
{
	static const int positive[] = {
		TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_SYNCNT,
	};
	int fd = open_socket(variant->stack, variant->family);

	for (size_t i = 0; i < sizeof(positive) / sizeof(*positive); i++) {
		EXPECT_ERRNO(EINVAL, set_int(fd, SOL_TCP, positive[i], 0));
	}
}

TEST_F(option, too_short)
{
	int fd = open_socket(variant->stack, variant->family), value = 1;

	for (const struct option *o = options; o < options + N_OPTIONS; o++) {
		for (int len = 0; len < 4; len++) {
			EXPECT_EQ(-1, setsockopt(fd, o->level, o->number, &value, len)) {
				TH_LOG("%s of length %d", o->name, len);
			}
			EXPECT_EQ(EINVAL, errno);
		}
		EXPECT_ERRNO(EINVAL, setsockopt(fd, o->level, o->number, &value, -1));
	}
}

TEST_F(option, bad_pointer)
{
	int fd = open_socket(variant->stack, variant->family), value;
	socklen_t len = sizeof(int);

	for (const struct option *o = options; o < options + N_OPTIONS; o++) {
		EXPECT_ERRNO(EFAULT, setsockopt(fd, o->level, o->number, (void *)8, 4));
		EXPECT_ERRNO(EFAULT, getsockopt(fd, o->level, o->number, (void *)8, &len));
		EXPECT_ERRNO(EFAULT, getsockopt(fd, o->level, o->number, &value, (void *)8));
	}
}

/* A longer optval is accepted, a shorter result is truncated */
TEST_F(option, other_lengths)
{
	int fd = open_socket(variant->stack, variant->family);
	int value[4] = { 77, 1, 2, 3 };
	socklen_t len = 2;

	ASSERT_EQ(0, setsockopt(fd, SOL_TCP, TCP_KEEPIDLE, value, sizeof(value)));
	memset(value, 0x55, sizeof(value));
	ASSERT_EQ(0, getsockopt(fd, SOL_TCP, TCP_KEEPIDLE, value, &len));
	EXPECT_EQ(2, len);
	EXPECT_EQ(0x5555004d, value[0]);
	len = sizeof(value);
	ASSERT_EQ(0, getsockopt(fd, SOL_TCP, TCP_KEEPIDLE, value, &len));
	EXPECT_EQ(4, len);
	EXPECT_EQ(0x55555555, value[1]);
	len = -1;
	EXPECT_ERRNO(EINVAL, getsockopt(fd, SOL_TCP, TCP_KEEPIDLE, value, &len));
}

/* MUST-28: TCP_KEEPIDLE is two hours */
TEST_F(option, defaults)
{
	int fd = open_socket(variant->stack, variant->family);

	EXPECT_EQ(0, get_int(fd, SOL_TCP, TCP_NODELAY));
	EXPECT_EQ(0, get_int(fd, SOL_TCP, TCP_CORK));
	EXPECT_EQ(536, get_int(fd, SOL_TCP, TCP_MAXSEG));
	EXPECT_EQ(7200, get_int(fd, SOL_TCP, TCP_KEEPIDLE));
	EXPECT_EQ(75, get_int(fd, SOL_TCP, TCP_KEEPINTVL));
	EXPECT_EQ(9, get_int(fd, SOL_TCP, TCP_KEEPCNT));
	EXPECT_EQ(variant->stack == XTCP ? 7 : 6, get_int(fd, SOL_TCP, TCP_SYNCNT));
	EXPECT_EQ(60, get_int(fd, SOL_TCP, TCP_LINGER2));
	EXPECT_EQ(0, get_int(fd, SOL_TCP, TCP_DEFER_ACCEPT));
	EXPECT_EQ(0, get_int(fd, SOL_TCP, TCP_USER_TIMEOUT));
	EXPECT_EQ(1, get_int(fd, SOL_TCP, TCP_QUICKACK));
}

static const char *const sysctls[][2] = {
	{ "keepalive_time", "111" }, { "keepalive_intvl", "22" },
	{ "keepalive_probes", "33" }, { "syn_retries", "4" },
	{ "fin_timeout", "55" },
};

/* sysctls are the defaults of options that were not set */
TEST_F(option, defaults_from_sysctl)
{
	static const int number[] = {
		TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT, TCP_SYNCNT, TCP_LINGER2,
	};
	int fd = open_socket(variant->stack, variant->family);

	for (int i = 0; i < 5; i++) {
		ASSERT_EQ(0, set_sysctl(variant->stack, sysctls[i][0], sysctls[i][1]));
		EXPECT_EQ(atoi(sysctls[i][1]), get_int(fd, SOL_TCP, number[i]));
	}
}

TEST_F(option, unknown)
{
	static const int levels[] = { SOL_TCP, SOL_IP, SOL_IPV6, SOL_SOCKET };
	int fd = open_socket(variant->stack, variant->family), value = 0;
	socklen_t len = sizeof(value);

	for (int i = 0; i < 4; i++) {
		EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, levels[i], 9999, 1));
		/* IPv4 sockets have another errno for SOL_IPV6 */
		EXPECT_ERRNO(levels[i] == SOL_IPV6 && variant->family == AF_INET ?
			     EOPNOTSUPP : ENOPROTOOPT,
			     getsockopt(fd, levels[i], 9999, &value, &len));
	}
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, IPPROTO_UDP, 1, 1));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, 12345, 1, 1));
}

TEST_F(option, read_only)
{
	int fd = open_socket(variant->stack, variant->family);
	struct tcp_info info = {};

	EXPECT_ERRNO(ENOPROTOOPT, setsockopt(fd, SOL_TCP, TCP_INFO, &info, sizeof(info)));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_SOCKET, SO_TYPE, 1));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_SOCKET, SO_DOMAIN, 1));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_SOCKET, SO_ERROR, 1));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_SOCKET, SO_ACCEPTCONN, 1));
}

/* MAY-18: the congestion control can be chosen among the available ones */
TEST_F(option, congestion)
{
	int fd = open_socket(variant->stack, variant->family);
	char name[16] = {};
	socklen_t len = sizeof(name);

	ASSERT_EQ(0, setsockopt(fd, SOL_TCP, TCP_CONGESTION, "reno", 4));
	ASSERT_EQ(0, getsockopt(fd, SOL_TCP, TCP_CONGESTION, name, &len));
	EXPECT_STREQ("reno", name);
	EXPECT_EQ(16, len);
	if (variant->stack == XTCP) {
		ASSERT_EQ(0, setsockopt(fd, SOL_TCP, TCP_CONGESTION, "cubic", 5));
		ASSERT_EQ(0, getsockopt(fd, SOL_TCP, TCP_CONGESTION, name, &len));
		EXPECT_STREQ("cubic", name);
		ASSERT_EQ(0, setsockopt(fd, SOL_TCP, TCP_CONGESTION, "reno", 4));
	}
	EXPECT_ERRNO(ENOENT, setsockopt(fd, SOL_TCP, TCP_CONGESTION, "nosuch", 6));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_TCP, TCP_CONGESTION, "", 0));
	len = sizeof(name);
	ASSERT_EQ(0, getsockopt(fd, SOL_TCP, TCP_CONGESTION, name, &len));
	EXPECT_STREQ("reno", name);
}

TEST_F(option, buffers)
{
	int fd = open_socket(variant->stack, variant->family);

	/* doubled, for the overhead of the kernel */
	ASSERT_EQ(0, set_int(fd, SOL_SOCKET, SO_RCVBUF, 50000));
	EXPECT_EQ(100000, get_int(fd, SOL_SOCKET, SO_RCVBUF));
	ASSERT_EQ(0, set_int(fd, SOL_SOCKET, SO_SNDBUF, 50000));
	EXPECT_EQ(100000, get_int(fd, SOL_SOCKET, SO_SNDBUF));
	ASSERT_EQ(0, set_int(fd, SOL_SOCKET, SO_RCVBUF, 1));
	EXPECT_LE(2048, get_int(fd, SOL_SOCKET, SO_RCVBUF));
}

TEST_F(option, generic)
{
	static const int number[][2] = {
		{ SO_KEEPALIVE, 1 }, { SO_REUSEADDR, 1 }, { SO_REUSEPORT, 1 },
		{ SO_OOBINLINE, 1 }, { SO_PRIORITY, 3 }, { SO_MARK, 42 },
		{ SO_RCVLOWAT, 7 }, { SO_DONTROUTE, 1 },
	};
	int fd = open_socket(variant->stack, variant->family);

	for (size_t i = 0; i < sizeof(number) / sizeof(*number); i++) {
		EXPECT_EQ(0, set_int(fd, SOL_SOCKET, number[i][0], number[i][1]));
		EXPECT_EQ(number[i][1], get_int(fd, SOL_SOCKET, number[i][0]));
	}
}

TEST_F(option, timeouts)
{
	int fd = open_socket(variant->stack, variant->family);
	struct timeval tv = { 3, 500000 }, seen = {}, bad = { 0, 1000000 };
	socklen_t len = sizeof(seen);

	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv)));
	ASSERT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &seen, &len));
	EXPECT_EQ(3, seen.tv_sec);
	EXPECT_EQ(500000, seen.tv_usec);
	EXPECT_ERRNO(EDOM, setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &bad, sizeof(bad)));
	EXPECT_ERRNO(EINVAL, setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &bad, 4));
}

/*
 * SHLD-20, SHLD-22, MUST-48, MUST-49: the two low bits of the TOS are for ECN
 */
TEST_F(option, ip)
{
	int fd = open_socket(variant->stack, variant->family);

	EXPECT_EQ(0, get_int(fd, SOL_IP, IP_TOS));
	ASSERT_EQ(0, set_int(fd, SOL_IP, IP_TOS, 0xb8 | 3));
	EXPECT_EQ(0xb8, get_int(fd, SOL_IP, IP_TOS));
	EXPECT_EQ(64, get_int(fd, SOL_IP, IP_TTL));
	ASSERT_EQ(0, set_int(fd, SOL_IP, IP_TTL, 255));
	EXPECT_EQ(255, get_int(fd, SOL_IP, IP_TTL));
	EXPECT_ERRNO(EINVAL, set_int(fd, SOL_IP, IP_TTL, 256));
	EXPECT_ERRNO(EINVAL, set_int(fd, SOL_IP, IP_TTL, 0));
	ASSERT_EQ(0, set_int(fd, SOL_IP, IP_TTL, -1));
	EXPECT_EQ(64, get_int(fd, SOL_IP, IP_TTL));
	EXPECT_EQ(0, get_int(fd, SOL_IP, IP_RECVERR));
	ASSERT_EQ(0, set_int(fd, SOL_IP, IP_RECVERR, 1));
	EXPECT_EQ(1, get_int(fd, SOL_IP, IP_RECVERR));
	EXPECT_EQ(IP_PMTUDISC_WANT, get_int(fd, SOL_IP, IP_MTU_DISCOVER));
	ASSERT_EQ(0, set_int(fd, SOL_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DONT));
	EXPECT_EQ(IP_PMTUDISC_DONT, get_int(fd, SOL_IP, IP_MTU_DISCOVER));
}

TEST_F(option, ipv6)
{
	int fd = open_socket(variant->stack, variant->family);

	if (variant->family == AF_INET) {
		EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_IPV6, IPV6_TCLASS, 0));
		EXPECT_ERRNO(ENOPROTOOPT, set_int(fd, SOL_IPV6, IPV6_V6ONLY, 1));
		return;
	}
	EXPECT_EQ(0, get_int(fd, SOL_IPV6, IPV6_TCLASS));
	ASSERT_EQ(0, set_int(fd, SOL_IPV6, IPV6_TCLASS, 0xb8));
	EXPECT_EQ(0xb8, get_int(fd, SOL_IPV6, IPV6_TCLASS));
	EXPECT_ERRNO(EINVAL, set_int(fd, SOL_IPV6, IPV6_TCLASS, 256));
	EXPECT_EQ(64, get_int(fd, SOL_IPV6, IPV6_UNICAST_HOPS));
	ASSERT_EQ(0, set_int(fd, SOL_IPV6, IPV6_UNICAST_HOPS, 9));
	EXPECT_EQ(9, get_int(fd, SOL_IPV6, IPV6_UNICAST_HOPS));
	EXPECT_ERRNO(EINVAL, set_int(fd, SOL_IPV6, IPV6_UNICAST_HOPS, 256));
	EXPECT_EQ(0, get_int(fd, SOL_IPV6, IPV6_RECVERR));
	ASSERT_EQ(0, set_int(fd, SOL_IPV6, IPV6_RECVERR, 1));
	EXPECT_EQ(1, get_int(fd, SOL_IPV6, IPV6_RECVERR));
	EXPECT_EQ(0, get_int(fd, SOL_IPV6, IPV6_V6ONLY));
	ASSERT_EQ(0, set_int(fd, SOL_IPV6, IPV6_V6ONLY, 1));
	EXPECT_EQ(1, get_int(fd, SOL_IPV6, IPV6_V6ONLY));
	ASSERT_EQ(0, do_bind(fd, &self->address));
	/* after bind() it cannot be changed */
	EXPECT_ERRNO(EINVAL, set_int(fd, SOL_IPV6, IPV6_V6ONLY, 0));
}

PAIR_FIXTURE(connected)

/* MUST-14, MUST-16: the smaller of both MSS values, less the options */
TEST_F(connected, maxseg)
{
	struct address a = name_of(self->listener);
	int c = open_socket(variant->client, variant->family), s;

	/* the MSS of loopback, less 12 bytes of timestamps */
	EXPECT_BETWEEN(32000, get_int(self->client, SOL_TCP, TCP_MAXSEG), 65483);
	ASSERT_EQ(0, set_int(c, SOL_TCP, TCP_MAXSEG, 1000));
	ASSERT_EQ(0, do_connect(c, &a));
	s = accept(self->listener, NULL, NULL);
	EXPECT_BETWEEN(900, get_int(c, SOL_TCP, TCP_MAXSEG), 1000);
	EXPECT_BETWEEN(900, get_int(s, SOL_TCP, TCP_MAXSEG), 1000);
}

TEST_F(connected, mtu)
{
	if (variant->family == AF_INET) {
		EXPECT_EQ(65535, get_int(self->client, SOL_IP, IP_MTU));
		EXPECT_EQ(65535, get_int(self->server, SOL_IP, IP_MTU));
	} else {
		EXPECT_EQ(65536, get_int(self->client, SOL_IPV6, IPV6_MTU));
		EXPECT_EQ(65536, get_int(self->server, SOL_IPV6, IPV6_MTU));
	}
}

TEST_F(connected, info)
{
	struct tcp_info c = {}, s = {};
	socklen_t len = sizeof(c);
	char buffer[1000];

	ASSERT_EQ(1000, send(self->client, memset(buffer, 0, 1000), 1000, 0));
	ASSERT_EQ(1000, recv(self->server, buffer, 1000, MSG_WAITALL));
	WAIT_FOR(!getsockopt(self->client, SOL_TCP, TCP_INFO, &c, &len) && !c.tcpi_unacked);
	ASSERT_EQ(0, getsockopt(self->server, SOL_TCP, TCP_INFO, &s, &len));
	EXPECT_EQ(sizeof(c), len);
	EXPECT_EQ(TCP_ESTABLISHED, c.tcpi_state);
	/* all three options are on by default */
	EXPECT_EQ(TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | TCPI_OPT_WSCALE,
		  c.tcpi_options & (TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | TCPI_OPT_WSCALE));
	EXPECT_EQ((int)c.tcpi_snd_wscale, (int)s.tcpi_rcv_wscale);
	EXPECT_EQ((int)s.tcpi_snd_wscale, (int)c.tcpi_rcv_wscale);
	EXPECT_EQ(0, c.tcpi_retransmits);
	EXPECT_EQ(0, c.tcpi_total_retrans);
	EXPECT_BETWEEN(200000, c.tcpi_rto, 400000);
	/* RFC 6928: 14600 bytes, but at least two segments of loopback's MSS */
	EXPECT_BETWEEN(2, c.tcpi_snd_cwnd, 11);
	EXPECT_LT(0, c.tcpi_snd_mss);
	EXPECT_LT(0, c.tcpi_rtt);
	/* the kernel's TCP counts the SYN, too */
	EXPECT_BETWEEN(1000, c.tcpi_bytes_acked, 1001);
	EXPECT_EQ(1000, s.tcpi_bytes_received);
	EXPECT_EQ(1, c.tcpi_data_segs_out);
	EXPECT_EQ(1, s.tcpi_data_segs_in);
	EXPECT_EQ(1000, c.tcpi_bytes_sent);
}

/* An older program passes a shorter length, a newer one a longer length */
TEST_F(connected, info_lengths)
{
	char room[2 * sizeof(struct tcp_info)];
	socklen_t len = 8;

	memset(room, 0x55, sizeof(room));
	ASSERT_EQ(0, getsockopt(self->client, SOL_TCP, TCP_INFO, room, &len));
	EXPECT_EQ(8, len);
	EXPECT_EQ(TCP_ESTABLISHED, room[0]);
	EXPECT_EQ(0x55, room[8]);
	len = sizeof(room);
	ASSERT_EQ(0, getsockopt(self->client, SOL_TCP, TCP_INFO, room, &len));
	EXPECT_LE(104, len);
	EXPECT_GT(sizeof(room), len);
	len = 0;
	EXPECT_EQ(0, getsockopt(self->client, SOL_TCP, TCP_INFO, room, &len));
	EXPECT_EQ(0, len);
}

static int info_options(int fd)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len);
	return info.tcpi_options & (TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | TCPI_OPT_WSCALE);
}

/* Either side can disable timestamps, SACK and window scaling */
TEST_F(connected, wire_options_off)
{
	static const struct {
		const char *leaf;
		int option;
	} off[] = {
		{ "timestamps", TCPI_OPT_TIMESTAMPS },
		{ "sack", TCPI_OPT_SACK },
		{ "window_scaling", TCPI_OPT_WSCALE },
	};
	int all = TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | TCPI_OPT_WSCALE;
	enum stack side[2] = { variant->client, variant->server };
	int c, s;

	for (int i = 0; i < 6; i++) {
		ASSERT_EQ(0, set_sysctl(side[i / 3], off[i % 3].leaf, "0"));
		ASSERT_EQ(0, make_pair(variant->client, self->listener, &c, &s));
		EXPECT_EQ(all & ~off[i % 3].option, info_options(c));
		EXPECT_EQ(all & ~off[i % 3].option, info_options(s));
		ASSERT_EQ(0, set_sysctl(side[i / 3], off[i % 3].leaf, "1"));
	}
}

/* SO_RCVBUF before connect() determines the window scale */
TEST_F(connected, window_scale)
{
	struct address a = name_of(self->listener);
	int c = open_socket(variant->client, variant->family);
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	ASSERT_EQ(0, set_int(c, SOL_SOCKET, SO_RCVBUF, 4096));
	ASSERT_EQ(0, do_connect(c, &a));
	ASSERT_EQ(0, getsockopt(c, SOL_TCP, TCP_INFO, &info, &len));
	EXPECT_EQ(0, (int)info.tcpi_rcv_wscale);
	ASSERT_EQ(0, getsockopt(self->client, SOL_TCP, TCP_INFO, &info, &len));
	EXPECT_LT(0, (int)info.tcpi_rcv_wscale);
	EXPECT_GE(14, (int)info.tcpi_rcv_wscale);
}

/* SHLD-21, MUST-48: IP_TOS during the connection */
TEST_F(connected, tos_changes)
{
	if (variant->family == AF_INET) {
		EXPECT_EQ(0, set_int(self->client, SOL_IP, IP_TOS, 0x20));
		EXPECT_EQ(0x20, get_int(self->client, SOL_IP, IP_TOS));
	} else {
		EXPECT_EQ(0, set_int(self->client, SOL_IPV6, IPV6_TCLASS, 0x20));
		EXPECT_EQ(0x20, get_int(self->client, SOL_IPV6, IPV6_TCLASS));
	}
}

/* The CPU of the last received segment */
TEST_F(connected, incoming_cpu)
{
	int last = sysconf(_SC_NPROCESSORS_CONF) - 1;

	EXPECT_BETWEEN(0, get_int(self->server, SOL_SOCKET, SO_INCOMING_CPU), last);
	ASSERT_EQ(1, send(self->server, "x", 1, 0));
	WAIT_FOR(events(self->client, POLLIN));
	EXPECT_BETWEEN(0, get_int(self->client, SOL_SOCKET, SO_INCOMING_CPU), last);
}

/*
 * The socket layer accepts these for any socket. XTCP has no support: refused.
 */
static const struct {
	const char *name;
	int number, value, off;
} missing[] = {
	{ "SO_TIMESTAMP", SO_TIMESTAMP_OLD, 1, 0 },
	{ "SO_TIMESTAMP_NEW", SO_TIMESTAMP_NEW, 1, 0 },
	{ "SO_TIMESTAMPNS", SO_TIMESTAMPNS_OLD, 1, 0 },
	{ "SO_TIMESTAMPNS_NEW", SO_TIMESTAMPNS_NEW, 1, 0 },
	{ "SO_TIMESTAMPING", SO_TIMESTAMPING_OLD, SOF_TIMESTAMPING_TX_ACK, 0 },
	{ "SO_TIMESTAMPING_NEW", SO_TIMESTAMPING_NEW, SOF_TIMESTAMPING_RX_SOFTWARE, 0 },
	{ "SO_BUSY_POLL", SO_BUSY_POLL, 50, 0 },
	{ "SO_PREFER_BUSY_POLL", SO_PREFER_BUSY_POLL, 1, 0 },
	{ "SO_BUSY_POLL_BUDGET", SO_BUSY_POLL_BUDGET, 8, 0 },
};

/* Since 6.7 the socket layer passes SOL_SOCKET options to the protocol */
static bool kernel_asks(void)
{
	struct utsname name;
	int major = 0, minor = 0;

	uname(&name);
	sscanf(name.release, "%d.%d", &major, &minor);
	return major > 6 || (major == 6 && minor >= 7);
}

TEST_F(connected, missing)
{
	struct sock_txtime txtime = { .clockid = CLOCK_MONOTONIC };
	enum stack stack[2] = { variant->client, variant->server };
	int fd[2] = { self->client, self->server };

	for (int i = 0; i < 2; i++) {
		for (size_t j = 0; j < sizeof(missing) / sizeof(*missing); j++) {
			bool refused = stack[i] == XTCP && kernel_asks();

			EXPECT_EQ(refused ? -1 : 0,
				  set_int(fd[i], SOL_SOCKET, missing[j].number,
					  missing[j].value)) {
				TH_LOG("%s of %d", missing[j].name, i);
			}
			if (refused)
				EXPECT_EQ(ENOPROTOOPT, errno);
			EXPECT_EQ(0, set_int(fd[i], SOL_SOCKET, missing[j].number,
					     missing[j].off)) {
				TH_LOG("%s of %d off", missing[j].name, i);
			}
		}
		if (stack[i] == XTCP && kernel_asks()) {
			EXPECT_ERRNO(ENOPROTOOPT, setsockopt(fd[i], SOL_SOCKET, SO_TXTIME,
							     &txtime, sizeof(txtime)));
			EXPECT_ERRNO(EOPNOTSUPP, set_int(fd[i], SOL_SOCKET, SO_ZEROCOPY, 1));
		}
		EXPECT_ERRNO(EINVAL, setsockopt(fd[i], SOL_SOCKET, SO_TIMESTAMP, &i, 3));
		EXPECT_ERRNO(EFAULT, setsockopt(fd[i], SOL_SOCKET, SO_TIMESTAMP, (void *)8, 4));
	}
}

/* Transmit timestamps are refused, so that no program waits for them */
TEST_F(connected, transmit_stamp)
{
	int flags = SOF_TIMESTAMPING_SOFTWARE | SOF_TIMESTAMPING_TX_SOFTWARE |
		    SOF_TIMESTAMPING_TX_ACK;
	bool set, sent;

	set = !set_int(self->client, SOL_SOCKET, SO_TIMESTAMPING, flags);
	sent = send(self->client, "x", 1, 0) == 1;
	if (variant->client == TCP) {
		EXPECT_TRUE(set && sent);
		EXPECT_EQ(POLLERR, events_within(self->client, POLLERR, PATIENCE));
		return;
	}
	/* setsockopt() or send() fails; without the option the socket works */
	EXPECT_TRUE(set != sent);
	EXPECT_EQ(set ? EOPNOTSUPP : ENOPROTOOPT, errno);
	EXPECT_EQ(0, set_int(self->client, SOL_SOCKET, SO_TIMESTAMPING, 0));
	EXPECT_EQ(1, send(self->client, "x", 1, 0));
}

/* A ULP is refused, with any length of its name. */
TEST_F(connected, ulp_refused)
{
	char room[64];
	socklen_t len;

	if (variant->client == TCP)
		SKIP(return, "the kernel's TCP has ULPs");
	for (len = 0; len < 5; len++)
		EXPECT_ERRNO(ENOPROTOOPT, setsockopt(self->client, SOL_TCP, TCP_ULP, "tls", len));
	len = sizeof(room);
	EXPECT_ERRNO(ENOPROTOOPT, getsockopt(self->client, SOL_TCP, TCP_ULP, room, &len));
}

TEST_F(connected, cc_info_empty)
{
	char room[64] = "x";
	socklen_t len = sizeof(room);

	ASSERT_EQ(0, setsockopt(self->client, SOL_TCP, TCP_CONGESTION, "reno", 4));
	ASSERT_EQ(0, getsockopt(self->client, SOL_TCP, TCP_CC_INFO, room, &len));
	EXPECT_EQ(0, len);
	EXPECT_EQ('x', room[0]);
	len = -1;
	EXPECT_ERRNO(EINVAL, getsockopt(self->client, SOL_TCP, TCP_CC_INFO, room, &len));
	EXPECT_ERRNO(EFAULT, getsockopt(self->client, SOL_TCP, TCP_CC_INFO, room, (void *)8));
}

TEST_F(connected, is_mptcp)
{
	/* before 6.10 the kernel's TCP does not have it */
	int tcp = get_int(open_socket(TCP, variant->family), SOL_TCP, TCP_IS_MPTCP);
	int server = variant->server == XTCP ? 0 : tcp;

	EXPECT_EQ(variant->client == XTCP ? 0 : tcp,
		  get_int(self->client, SOL_TCP, TCP_IS_MPTCP));
	EXPECT_EQ(server, get_int(self->server, SOL_TCP, TCP_IS_MPTCP));
	EXPECT_EQ(server, get_int(self->listener, SOL_TCP, TCP_IS_MPTCP));
	EXPECT_ERRNO(ENOPROTOOPT, set_int(self->client, SOL_TCP, TCP_IS_MPTCP, 0));
}

/* The default is 0 before the handshake, then the size of the receive buffer */
TEST_F(connected, window_clamp)
{
	int fd = open_socket(variant->client, variant->family);

	EXPECT_EQ(0, get_int(fd, SOL_TCP, TCP_WINDOW_CLAMP));
	EXPECT_EQ(0, get_int(self->listener, SOL_TCP, TCP_WINDOW_CLAMP));
	EXPECT_BETWEEN(60000, get_int(self->client, SOL_TCP, TCP_WINDOW_CLAMP), 200000);
	EXPECT_BETWEEN(60000, get_int(self->server, SOL_TCP, TCP_WINDOW_CLAMP), 200000);
	EXPECT_ERRNO(EINVAL, set_int(self->client, SOL_TCP, TCP_WINDOW_CLAMP, 0));
	EXPECT_EQ(0, set_int(self->client, SOL_TCP, TCP_WINDOW_CLAMP, 30000));
	EXPECT_EQ(30000, get_int(self->client, SOL_TCP, TCP_WINDOW_CLAMP));
}

TEST_MAIN
