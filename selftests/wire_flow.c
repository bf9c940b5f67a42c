// SPDX-License-Identifier: GPL-2.0
/*
 * Segments sent without a full socket (SYN-ACKs, RSTs, ACKs of requests and TIME-WAIT
 * entries) have the attributes of their listener or connection: owner, uid, mark,
 * priority, class, flow label and device.
 */
#include "lib/wire_test.h"

#include <fcntl.h>
#include <netinet/ip6.h>
#include <stdarg.h>

#define USER	1000
#define MARK	7
#define PRIO	6
#define TOS	0x48
#define OTHER	0x28

#ifndef IPV6_FLOWLABEL_MGR
#define IPV6_FLOWLABEL_MGR	32
#endif
#ifndef IPV6_FLOWINFO_SEND
#define IPV6_FLOWINFO_SEND	33
#endif

static int run(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

static int run(const char *fmt, ...)
{
	char command[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(command, sizeof(command), fmt, ap);
	va_end(ap);
	return system(command);
}

/* An nftables rule that counts segments sent by the stack. */
static int count_output(const char *match)
{
	return run("nft -f - <<'END'\n"
		   "table inet t {\n"
		   "	chain out {\n"
		   "		type filter hook output priority 0;\n"
		   "		%s counter\n"
		   "	}\n"
		   "}\n"
		   "END", match);
}

static bool has_firewall(void)
{
	return !run("nft list tables >/dev/null 2>&1");
}

#define needs_firewall() do {						\
	if (!has_firewall())						\
		SKIP(return, "this kernel has no nftables");		\
} while (0)

#define watch_output(match) do {					\
	needs_firewall();						\
	ASSERT_EQ(0, count_output(match));				\
} while (0)

static bool counted(void)
{
	return !run("nft list table inet t | grep -q 'packets [1-9]'");
}

/* Blackholes segments that match @who, a selector of ip-rule(8). */
static int no_route(bool v6, const char *who)
{
	return run("ip -%d rule add pref 10 %s blackhole", v6 ? 6 : 4, who);
}

static int route_again(bool v6)
{
	return run("ip -%d rule del pref 10", v6 ? 6 : 4);
}

static int socket_of(struct wire *w, int user)
{
	int fd;

	if (seteuid(user))
		return -1;
	fd = wire_socket(w);
	return seteuid(0) ? -1 : fd;
}

static int set(int fd, int level, int name, int value)
{
	return setsockopt(fd, level, name, &value, sizeof(value));
}

static int set_tos(int fd, bool v6, int tos)
{
	return v6 ? set(fd, IPPROTO_IPV6, IPV6_TCLASS, tos) :
		    set(fd, IPPROTO_IP, IP_TOS, tos);
}

static int write_to(const char *path, const char *value)
{
	int fd = open(path, O_WRONLY), n = write(fd, value, strlen(value));

	close(fd);
	return n == (int)strlen(value) ? 0 : -1;
}

/* A listener with an owner, a mark, a priority and a class. */
#define listening_as(user) do {						\
	self->lfd = socket_of(&self->w, user);				\
	ASSERT_LE(0, self->lfd);					\
	ASSERT_EQ(0, set(self->lfd, SOL_SOCKET, SO_MARK, MARK));	\
	/* IP_TOS sets a priority, too. */				\
	ASSERT_EQ(0, set_tos(self->lfd, variant->v6, TOS));		\
	ASSERT_EQ(0, set(self->lfd, SOL_SOCKET, SO_PRIORITY, PRIO));	\
	ASSERT_EQ(0, wire_bind(&self->w, self->lfd, WIRE_PORT));	\
	ASSERT_EQ(0, listen(self->lfd, 8));				\
	self->f->lport = WIRE_PORT;					\
} while (0)

#define asked() do {							\
	inject("S 0:0(0) win 1000 <mss 1460>");				\
	expect("S. 0:0(0) ack 1 <...>");				\
} while (0)

/* A SYN-ACK has an owner for netfilter (meta skuid, -m owner). */
TEST_F(wire, syn_ack_has_owner)
{
	listening_as(USER);
	watch_output("meta skuid 1000 tcp flags == syn|ack");
	asked();
	EXPECT_TRUE(counted());
}

/* A SYN-ACK in a qdisc outlives its listener. */
TEST_F(wire, syn_ack_outlives_listener)
{
	listening_as(USER);
	/* netem delays the SYN-ACK. */
	ASSERT_EQ(0, run("tc qdisc add dev tun0 root netem delay 200ms"));
	inject("S 0:0(0) win 1000 <mss 1460>");
	ASSERT_EQ(0, close(self->lfd));
	expect("+0ms..60000ms S. 0:0(0) ack 1 <...>");
}

TEST_F(wire, syn_ack_routed_as_its_user)
{
	listening_as(USER);
	ASSERT_EQ(0, no_route(variant->v6, "uidrange 1000-1000"));
	inject("S 0:0(0) win 1000 <mss 1460>");
	expect_none(100);
	ASSERT_EQ(0, route_again(variant->v6));
	/* A new flow: the request of the first one may retransmit. */
	self->f = wire_flow(&self->w, WIRE_PORT);
	asked();
}

TEST_F(wire, cookie_routed_as_its_user)
{
	listening_as(USER);
	ASSERT_EQ(0, wire_sysctl(&self->w, "syncookies", "2"));
	ASSERT_EQ(0, no_route(variant->v6, "uidrange 1000-1000"));
	inject("S 0:0(0) win 1000 <mss 1460>");
	expect_none(100);
	ASSERT_EQ(0, route_again(variant->v6));
	self->f = wire_flow(&self->w, WIRE_PORT);
	asked();
	EXPECT_EQ(TOS, self->f->last.tos);
	inject(". 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
}

TEST_F(wire, cookie_has_mark)
{
	listening_as(USER);
	ASSERT_EQ(0, wire_sysctl(&self->w, "syncookies", "2"));
	watch_output("meta mark 7 meta priority 0:6");
	asked();
	EXPECT_TRUE(counted());
}

/* The rule affects only the uid of the listener, not connections of root. */
TEST_F(wire, other_users_not_affected_by_rule)
{
	ASSERT_EQ(0, no_route(variant->v6, "uidrange 1000-1000"));
	listening_as(0);
	asked();
}

TEST_F(wire, syn_ack_has_mark_and_class)
{
	listening_as(USER);
	watch_output("meta mark 7 meta priority 0:6 tcp flags == syn|ack");
	asked();
	EXPECT_EQ(TOS, self->f->last.tos);
	EXPECT_TRUE(counted());
}

/* A stray ACK to the listener: the RST is routed and marked like the listener. */
TEST_F(wire, listener_reset_routed_as_its_user)
{
	listening_as(USER);
	ASSERT_EQ(0, no_route(variant->v6, "uidrange 1000-1000"));
	inject(". 5:5(0) ack =77");
	expect_none(20);
	ASSERT_EQ(0, route_again(variant->v6));
	inject(". 5:5(0) ack =77");
	expect("R =77:77(0)");
}

TEST_F(wire, listener_reset_has_mark)
{
	listening_as(USER);
	watch_output("meta mark 7 meta priority 0:6 tcp flags & rst == rst");
	inject(". 5:5(0) ack =77 tos %d", OTHER);
	expect("R =77:77(0)");
	/* The class is that of the segment. */
	EXPECT_EQ(OTHER, self->f->last.tos);
	EXPECT_TRUE(counted());
}

/* RST of a request, for an ACK of unsent data. */
TEST_F(wire, request_reset_has_mark)
{
	listening_as(USER);
	watch_output("meta mark 7 meta priority 0:6 tcp flags & rst == rst");
	asked();
	inject(". 1:1(0) ack 100 tos %d", OTHER);
	expect("R 100:100(0)");
	EXPECT_EQ(OTHER, self->f->last.tos);
	EXPECT_TRUE(counted());
}

/* ACK of a request, for a segment outside the window. */
TEST_F(wire, request_ack_has_mark)
{
	listening_as(USER);
	watch_output("meta mark 7 meta priority 0:6 tcp flags == ack");
	asked();
	inject(". 200000:200010(10) ack 1 tos %d", OTHER);
	expect(". 1:1(0) ack 1");
	EXPECT_EQ(OTHER, self->f->last.tos);
	EXPECT_TRUE(counted());
}

TEST_F(wire, request_ack_routed_as_its_user)
{
	listening_as(USER);
	asked();
	ASSERT_EQ(0, no_route(variant->v6, "uidrange 1000-1000"));
	wire_flush(self->f);
	inject(". 200000:200010(10) ack 1");
	expect_none(20);
}

/* RST of a socket in SYN-SENT, for an ACK of unsent data. */
TEST_F(wire, syn_sent_reset_has_mark)
{
	self->fd = socket_of(&self->w, USER);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(0, set(self->fd, SOL_SOCKET, SO_MARK, MARK));
	ASSERT_EQ(0, set(self->fd, SOL_SOCKET, SO_PRIORITY, PRIO));
	watch_output("meta mark 7 meta priority 0:6 tcp flags & rst == rst");
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	inject(". 5:5(0) ack 100 tos %d", OTHER);
	expect("R 100:100(0)");
	EXPECT_EQ(OTHER, self->f->last.tos);
	EXPECT_TRUE(counted());
}

TEST_F(wire, syn_sent_reset_routed_as_its_user)
{
	self->fd = socket_of(&self->w, USER);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	ASSERT_EQ(0, no_route(variant->v6, "uidrange 1000-1000"));
	wire_flush(self->f);
	inject(". 5:5(0) ack 100");
	expect_none(20);
}

/*
 * If fwmark_reflect of its IP version is set, a RST has the mark of the segment
 * that it answers.
 */
TEST_F(wire, reset_reflects_mark)
{
	listening_as(USER);
	needs_firewall();
	ASSERT_EQ(0, run("nft -f - <<'END'\n"
			 "table inet i {\n"
			 "	chain in {\n"
			 "		type filter hook prerouting priority 0;\n"
			 "		meta mark set 9\n"
			 "	}\n"
			 "}\n"
			 "END"));
	ASSERT_EQ(0, write_to(variant->v6 ? "/proc/sys/net/ipv6/fwmark_reflect" :
				    "/proc/sys/net/ipv4/fwmark_reflect", "1"));
	watch_output("meta mark 9 tcp flags & rst == rst");
	inject(". 5:5(0) ack =77");
	expect("R =77:77(0)");
	EXPECT_TRUE(counted());
	/* The sysctl of the other IP version has no effect. */
	ASSERT_EQ(0, write_to("/proc/sys/net/ipv4/fwmark_reflect", "1"));
	ASSERT_EQ(0, write_to("/proc/sys/net/ipv6/fwmark_reflect", "1"));
	ASSERT_EQ(0, write_to(variant->v6 ? "/proc/sys/net/ipv6/fwmark_reflect" :
				    "/proc/sys/net/ipv4/fwmark_reflect", "0"));
	ASSERT_EQ(0, run("nft flush table inet t"));
	ASSERT_EQ(0, run("nft add rule inet t out meta mark 7 tcp flags \\& rst == rst counter"));
	inject(". 5:5(0) ack =77");
	expect("R =77:77(0)");
	EXPECT_TRUE(counted());
}

/* A port without a listener: the RST has the class of the segment. */
TEST_F(wire, closed_reset_has_class)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, wire_bind(&self->w, self->fd, WIRE_PORT));
	self->f->lport = WIRE_PORT;
	inject("S 0:0(0) tos %d", OTHER);
	expect("R. =0:0(0) ack 1");
	EXPECT_EQ(OTHER, self->f->last.tos);
}

/* Entries of FIN-WAIT-2 and TIME-WAIT */

/* A connection that we closed, in FIN-WAIT-2 without a socket. */
#define closed_by_us() do {						\
	passive("mss 1460");						\
	ASSERT_EQ(0, set(self->fd, SOL_SOCKET, SO_PRIORITY, PRIO));	\
	ASSERT_EQ(0, close(self->fd));					\
	expect("F. 1:1(0) ack 1");					\
	inject(". 1:1(0) ack 2");					\
} while (0)

TEST_F(wire, time_wait_ack_has_mark_and_class)
{
	listening_as(USER);
	watch_output("meta mark 7 meta priority 0:6 tcp flags == ack");
	closed_by_us();
	inject("F. 1:1(0) ack 2 tos %d", OTHER);
	expect(". 2:2(0) ack 2");
	EXPECT_EQ(TOS, self->f->last.tos);
	inject("F. 1:1(0) ack 2 tos %d", OTHER);
	expect(". 2:2(0) ack 2");
	EXPECT_EQ(TOS, self->f->last.tos);
	EXPECT_TRUE(counted());
}

TEST_F(wire, time_wait_ack_reflects_mark)
{
	listening_as(USER);
	closed_by_us();
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	needs_firewall();
	ASSERT_EQ(0, run("nft -f - <<'END'\n"
			 "table inet i {\n"
			 "	chain in {\n"
			 "		type filter hook prerouting priority 0;\n"
			 "		meta mark set 9\n"
			 "	}\n"
			 "}\n"
			 "END"));
	ASSERT_EQ(0, write_to(variant->v6 ? "/proc/sys/net/ipv6/fwmark_reflect" :
				    "/proc/sys/net/ipv4/fwmark_reflect", "1"));
	watch_output("meta mark 9 tcp flags == ack");
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	EXPECT_TRUE(counted());
}

TEST_F(wire, fin_wait_2_reset_has_mark)
{
	listening_as(USER);
	watch_output("meta mark 7 meta priority 0:6 tcp flags & rst == rst");
	closed_by_us();
	inject("P. 1:11(10) ack 2 tos %d", OTHER);
	expect("R 2:2(0)");
	EXPECT_EQ(OTHER, self->f->last.tos);
	EXPECT_TRUE(counted());
}

/* Flow labels */

FIXTURE(label)
{
	struct wire w;
	struct wire_flow *f;
	int lfd, fd;
};

FIXTURE_VARIANT(label)
{
	bool v6;
};

FIXTURE_VARIANT_ADD(label, v6)
{
	.v6 = true,
};

FIXTURE_SETUP(label)
{
	self->lfd = -1;
	self->fd = -1;
	ASSERT_EQ(0, wire_start(&self->w, variant->v6));
	self->f = wire_flow(&self->w, 0);
	/* With this an explicit label differs from any automatic one. */
	ASSERT_EQ(0, write_to("/proc/sys/net/ipv6/flowlabel_state_ranges", "1"));
	/* IPV6_FL_F_REFLECT fails if it is 1. */
	ASSERT_EQ(0, write_to("/proc/sys/net/ipv6/flowlabel_consistency", "0"));
}

FIXTURE_TEARDOWN(label)
{
	EXPECT_EQ(0, self->w.failed);
	wire_stop(&self->w);
}

#define LABEL	0x12345

/* The SYN-ACK and later segments have the same automatic label. */
TEST_F(label, automatic)
{
	uint32_t label;

	listening(8);
	asked();
	label = self->f->last.label;
	EXPECT_NE(0, label);
	inject(". 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack 1");
	EXPECT_EQ(label, self->f->last.label);
	inject(". 1:1(0) ack 11");
	ASSERT_EQ(0, close(self->fd));
	expect("F. 11:11(0) ack 1");
	EXPECT_EQ(label, self->f->last.label);
	inject("F. 1:1(0) ack 12");
	expect(". 12:12(0) ack 2");
	EXPECT_EQ(label, self->f->last.label);
}

TEST_F(label, automatic_cookie)
{
	listening(8);
	ASSERT_EQ(0, wire_sysctl(&self->w, "syncookies", "2"));
	asked();
	EXPECT_NE(0, self->f->last.label);
}

/* A listener with IPV6_AUTOFLOWLABEL (70) 0: no label. */
TEST_F(label, automatic_off)
{
	self->lfd = wire_socket(&self->w);
	ASSERT_EQ(0, set(self->lfd, IPPROTO_IPV6, 70, 0));
	ASSERT_EQ(0, wire_bind(&self->w, self->lfd, WIRE_PORT));
	ASSERT_EQ(0, listen(self->lfd, 8));
	self->f->lport = WIRE_PORT;
	asked();
	EXPECT_EQ(0, self->f->last.label);
}

TEST_F(label, automatic_reset)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, wire_bind(&self->w, self->fd, WIRE_PORT));
	self->f->lport = WIRE_PORT;
	inject("S 0:0(0)");
	expect("R. =0:0(0) ack 1");
	EXPECT_NE(0, self->f->last.label);
}

/* flowlabel_reflect 2: RSTs without a socket reflect the label. */
TEST_F(label, reset_reflects)
{
	ASSERT_EQ(0, write_to("/proc/sys/net/ipv6/flowlabel_reflect", "2"));
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, wire_bind(&self->w, self->fd, WIRE_PORT));
	self->f->lport = WIRE_PORT;
	inject("S 0:0(0) label %d", LABEL);
	expect("R. =0:0(0) ack 1");
	EXPECT_EQ(LABEL, self->f->last.label);
}

/*
 * IPv6 destination options of the listener are in its SYN-ACK and in the
 * segments of its child.
 */
TEST_F(label, destination_options)
{
	uint8_t opt[8] = { 0, 0, 1, 4 };

	self->lfd = wire_socket(&self->w);
	ASSERT_EQ(0, setsockopt(self->lfd, IPPROTO_IPV6, IPV6_DSTOPTS, opt, sizeof(opt)));
	ASSERT_EQ(0, wire_bind(&self->w, self->lfd, WIRE_PORT));
	ASSERT_EQ(0, listen(self->lfd, 8));
	self->f->lport = WIRE_PORT;
	asked();
	EXPECT_EQ(48, self->f->last.thoff);
	inject(". 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(3000, wire_write(self->f, self->fd, 3000));
	ASSERT_EQ(1, wire_next(self->f, 10));
	EXPECT_EQ(48, self->f->last.thoff);
	EXPECT_EQ(1500 - 48 - 20, self->f->last.paylen);
}

TEST_F(label, destination_options_cookie)
{
	uint8_t opt[8] = { 0, 0, 1, 4 };

	self->lfd = wire_socket(&self->w);
	ASSERT_EQ(0, setsockopt(self->lfd, IPPROTO_IPV6, IPV6_DSTOPTS, opt, sizeof(opt)));
	ASSERT_EQ(0, wire_bind(&self->w, self->lfd, WIRE_PORT));
	ASSERT_EQ(0, listen(self->lfd, 8));
	ASSERT_EQ(0, wire_sysctl(&self->w, "syncookies", "2"));
	self->f->lport = WIRE_PORT;
	asked();
	EXPECT_EQ(48, self->f->last.thoff);
}

/* From linux/in6.h, which conflicts with netinet/in.h. */
struct flowlabel_req {
	struct in6_addr dst;
	uint32_t label;
	uint8_t action;
	uint8_t share;
	uint16_t flags;
	uint16_t expires;
	uint16_t linger;
	uint32_t pad;
};

enum { FL_GET, FL_PUT, FL_RENEW };
enum { FL_CREATE = 1, FL_EXCL = 2, FL_REFLECT = 4, FL_REMOTE = 8 };
enum { FL_SHARE_EXCL = 1 };

static int manage(int fd, int action, int flags, int share, uint32_t label)
{
	struct flowlabel_req req = {
		.dst = in6addr_loopback,
		.label = htonl(label),
		.action = action,
		.flags = flags,
		.share = share,
	};

	return setsockopt(fd, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &req, sizeof(req));
}

/* Return: the label, or -1. */
static int label_of(int fd, int flags)
{
	struct flowlabel_req req = { .action = FL_GET, .flags = flags };
	socklen_t len = sizeof(req);

	if (getsockopt(fd, IPPROTO_IPV6, IPV6_FLOWLABEL_MGR, &req, &len))
		return -1;
	return ntohl(req.label);
}

static int connect_with(struct wire_flow *f, int fd, uint32_t label)
{
	struct sockaddr_storage ss;
	socklen_t len = wire_sockaddr(f->w, &ss, f->peer, f->pport);

	((struct sockaddr_in6 *)&ss)->sin6_flowinfo = htonl(label);
	f->t_us = wire_now_us();
	return connect(fd, (struct sockaddr *)&ss, len) ? -errno : 0;
}

/* The label of sin6_flowinfo is used until the end of TIME-WAIT. */
TEST_F(label, of_connect)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, set(self->fd, IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1));
	ASSERT_EQ(-EINPROGRESS, connect_with(self->f, self->fd, LABEL));
	expect("S 0:0(0) <...>");
	EXPECT_EQ(LABEL, self->f->last.label);
	inject("S. 0:0(0) ack 1 win 10000 <mss 1460>");
	expect(". 1:1(0) ack 1");
	EXPECT_EQ(LABEL, self->f->last.label);
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack 1");
	EXPECT_EQ(LABEL, self->f->last.label);
	inject(". 1:1(0) ack 11");
	ASSERT_EQ(0, close(self->fd));
	expect("F. 11:11(0) ack 1");
	EXPECT_EQ(LABEL, self->f->last.label);
	inject("F. 1:1(0) ack 12");
	expect(". 12:12(0) ack 2");
	EXPECT_EQ(LABEL, self->f->last.label);
	inject("F. 1:1(0) ack 12");
	expect(". 12:12(0) ack 2");
	EXPECT_EQ(LABEL, self->f->last.label);
}

/* Without IPV6_FLOWINFO_SEND sin6_flowinfo is ignored. */
TEST_F(label, of_connect_not_enabled)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, connect_with(self->f, self->fd, LABEL));
	expect("S 0:0(0) <...>");
	EXPECT_NE(0, self->f->last.label);
	EXPECT_NE(LABEL, self->f->last.label);
}

/*
 * IPV6_FLOWLABEL_MGR: once an exclusive label is registered, connect() with
 * another label fails with EINVAL.
 */
TEST_F(label, managed)
{
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(0, set(self->fd, IPPROTO_IPV6, IPV6_FLOWINFO_SEND, 1));
	ASSERT_EQ(0, manage(self->fd, FL_GET, FL_CREATE, FL_SHARE_EXCL, LABEL));
	EXPECT_EQ(-EINVAL, connect_with(self->f, self->fd, LABEL + 1));
	ASSERT_EQ(-EINPROGRESS, connect_with(self->f, self->fd, LABEL));
	expect("S 0:0(0) <...>");
	EXPECT_EQ(LABEL, self->f->last.label);
	EXPECT_EQ(LABEL, label_of(self->fd, 0));
	/* The label is released while the connection uses it. */
	ASSERT_EQ(0, manage(self->fd, FL_PUT, 0, 0, LABEL));
	inject("S. 0:0(0) ack 1 win 10000 <mss 1460>");
	expect(". 1:1(0) ack 1");
	EXPECT_NE(LABEL, self->f->last.label);
	EXPECT_EQ(-1, label_of(self->fd, 0));
}

/* With IPV6_FL_F_REFLECT on the listener the label of the peer is reflected. */
TEST_F(label, reflected)
{
	self->lfd = wire_socket(&self->w);
	ASSERT_EQ(-1, manage(self->lfd, FL_PUT, FL_REFLECT, 0, 0));
	EXPECT_EQ(ESRCH, errno);
	ASSERT_EQ(0, write_to("/proc/sys/net/ipv6/flowlabel_consistency", "1"));
	ASSERT_EQ(-1, manage(self->lfd, FL_GET, FL_REFLECT, 0, 0));
	EXPECT_EQ(EPERM, errno);
	ASSERT_EQ(0, write_to("/proc/sys/net/ipv6/flowlabel_consistency", "0"));
	ASSERT_EQ(0, manage(self->lfd, FL_GET, FL_REFLECT, 0, 0));
	ASSERT_EQ(0, wire_bind(&self->w, self->lfd, WIRE_PORT));
	ASSERT_EQ(0, listen(self->lfd, 8));
	self->f->lport = WIRE_PORT;
	inject("S 0:0(0) win 10000 <mss 1460> label %d", LABEL);
	expect("S. 0:0(0) ack 1 <...>");
	EXPECT_EQ(LABEL, self->f->last.label);
	inject(". 1:1(0) ack 1 label %d", LABEL + 1);
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack 1");
	EXPECT_EQ(LABEL + 1, self->f->last.label);
	EXPECT_EQ(LABEL + 1, label_of(self->fd, 0));
	EXPECT_EQ(LABEL + 1, label_of(self->fd, FL_REMOTE));
}

TEST_F(label, no_longer_reflected)
{
	self->lfd = wire_socket(&self->w);
	ASSERT_EQ(0, manage(self->lfd, FL_GET, FL_REFLECT, 0, 0));
	ASSERT_EQ(0, manage(self->lfd, FL_PUT, FL_REFLECT, 0, 0));
	ASSERT_EQ(0, wire_bind(&self->w, self->lfd, WIRE_PORT));
	ASSERT_EQ(0, listen(self->lfd, 8));
	self->f->lport = WIRE_PORT;
	inject("S 0:0(0) win 10000 <mss 1460> label %d", LABEL);
	expect("S. 0:0(0) ack 1 <...>");
	EXPECT_NE(LABEL, self->f->last.label);
}

/* flowlabel_reflect 1: connections reflect the label. */
TEST_F(label, reflected_by_sysctl)
{
	ASSERT_EQ(0, write_to("/proc/sys/net/ipv6/flowlabel_reflect", "1"));
	listening(8);
	inject("S 0:0(0) win 10000 <mss 1460> label %d", LABEL);
	expect("S. 0:0(0) ack 1 <...>");
	EXPECT_EQ(LABEL, self->f->last.label);
	inject(". 1:1(0) ack 1 label %d", LABEL);
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack 1");
	EXPECT_EQ(LABEL, self->f->last.label);
}

/* Virtual time may jump while a program is read: use a long timeout. */
int main(int argc, char **argv)
{
	const char *virtual = getenv("XTCP_VIRTUAL_TIME");
	struct __fixture_metadata *f;
	struct __test_metadata *t;

	for (f = __fixture_list; f; f = f->next)
		for (t = f->tests; t; t = t->next)
			t->timeout = virtual && *virtual == '1' ? 3600 : 30;
	return test_harness_run(argc, argv);
}
