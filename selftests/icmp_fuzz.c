// SPDX-License-Identifier: GPL-2.0
/*
 * ICMP and ICMPv6 errors and redirects that quote connections: of the wrong IP
 * version, truncated, with invalid headers. The near namespace has the
 * connections; the test sends from the far one over a packet socket. It learns
 * the sequence numbers from the segments that arrive there.
 *
 * XTCP_FUZZ_SEED=N repeats the run with seed N.
 */
#include "lib/xtcp_test.h"

#include <linux/errqueue.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <net/if.h>
#include <sys/random.h>

#define ROUNDS	40		/* after each round all connections must work */
#define SHOTS	250		/* errors per round */
#define PACKET	600

#define SERVER		7001	/* far, in both stacks */
#define OTHER_SERVER	7002
#define OWN_SERVER	7003	/* near */
#define SILENT		7004	/* port of a host that does not answer */

/* a connection of the near side, as an ICMP error quotes it */
struct flow {
	const char *name;
	int family;		/* of the packets */
	struct in6_addr near, far;
	int near_port, far_port;
	uint32_t next;		/* SND.NXT, from captured segments */
	bool alive;		/* can be written to and read from */
	int fd, peer;
	int state;		/* in /proc, if there is no descriptor */
};

#define FLOWS 32

FIXTURE(icmp)
{
	struct cable cable;
	struct flow flow[FLOWS];
	int flows;
	int packet;
	struct sockaddr_ll to;
	int own_server;
	uint64_t random;
};

/* Random numbers: xorshift64* */

static uint32_t any(uint64_t *state, uint32_t below)
{
	*state ^= *state >> 12;
	*state ^= *state << 25;
	*state ^= *state >> 27;
	return (*state * 2685821657736338717ULL >> 32) % below;
}

/* Packets */

static void put16(uint8_t *p, uint32_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static uint32_t get32(const uint8_t *p)
{
	return (uint32_t)p[0] << 24 | p[1] << 16 | p[2] << 8 | p[3];
}

static uint32_t add_up(uint32_t sum, const uint8_t *p, int len)
{
	for (int i = 0; i < len; i++)
		sum += i & 1 ? p[i] : p[i] << 8;
	return sum;
}

static uint16_t fold(uint32_t sum)
{
	while (sum >> 16)
		sum = (sum & 0xffff) + (sum >> 16);
	return ~sum;
}

static struct in6_addr in6(const char *text)
{
	struct in6_addr a;

	inet_pton(AF_INET6, text, &a);
	return a;
}

static struct in6_addr in6_of(const struct address *a)
{
	struct in6_addr mapped = in6("::ffff:0.0.0.0");

	if (a->sa.sa_family == AF_INET6)
		return a->in6.sin6_addr;
	memcpy(&mapped.s6_addr[12], &a->in.sin_addr, 4);
	return mapped;
}

/* these return the length of the header */

static int put_ipv4(uint8_t *p, const struct in6_addr *from, const struct in6_addr *to,
		    int protocol, int len)
{
	memset(p, 0, 20);
	p[0] = 0x45;
	put16(p + 2, 20 + len);
	p[6] = 0x40;
	p[8] = 64;
	p[9] = protocol;
	memcpy(p + 12, &from->s6_addr[12], 4);
	memcpy(p + 16, &to->s6_addr[12], 4);
	put16(p + 10, fold(add_up(0, p, 20)));
	return 20;
}

static int put_ipv6(uint8_t *p, const struct in6_addr *from, const struct in6_addr *to,
		    int protocol, int len)
{
	memset(p, 0, 40);
	p[0] = 0x60;
	put16(p + 4, len);
	p[6] = protocol;
	p[7] = 255;
	memcpy(p + 8, from, 16);
	memcpy(p + 24, to, 16);
	return 40;
}

static int put_tcp(uint8_t *p, const struct flow *f, uint32_t seq)
{
	memset(p, 0, 20);
	put16(p, f->near_port);
	put16(p + 2, f->far_port);
	put32(p + 4, seq);
	p[12] = 0x50;
	p[13] = 0x10;
	put16(p + 14, 500);
	return 20;
}

/* a quoted segment of the near side, in IPv4 or IPv6 */
static int put_quote(uint8_t *p, const struct flow *f, bool v6, uint32_t seq)
{
	int n = v6 ? put_ipv6(p, &f->near, &f->far, IPPROTO_TCP, 1000) :
		     put_ipv4(p, &f->near, &f->far, IPPROTO_TCP, 1000);

	return n + put_tcp(p + n, f, seq);
}

/* sets the checksum of an ICMP message after its IP header */
static void put_sum(uint8_t *ip, int len, bool v6)
{
	int n = v6 ? 40 : 20;
	uint32_t sum = v6 ? add_up(IPPROTO_ICMPV6 + len - n, ip + 8, 32) : 0;

	put16(ip + n + 2, 0);
	put16(ip + n + 2, fold(add_up(sum, ip + n, len - n)));
}

/*
 * An ICMP error for the near side; @info are the four bytes
 * after the checksum. Return: its length.
 */
static int put_error(uint8_t *p, bool v6, int type, int code, uint32_t info,
		     const uint8_t *quote, int len)
{
	struct address near = near_address(v6 ? AF_INET6 : AF_INET, 0);
	struct address far = far_address(v6 ? AF_INET6 : AF_INET, 0);
	struct in6_addr from = in6_of(&far), to = in6_of(&near);
	uint8_t body[PACKET];
	int n = 8;

	memset(body, 0, sizeof(body));
	body[0] = type;
	body[1] = code;
	put32(body + 4, info);
	/* ND Redirect: target, destination, redirected packet as an option */
	if (v6 && type == 137) {
		from = in6("fe80::2");
		put32(body + 4, 0);
		memcpy(body + 8, &from, 16);
		memcpy(body + 24, len >= 40 ? quote + 24 : (const uint8_t *)&to, 16);
		len &= ~7;
		body[40] = 4;
		body[41] = 1 + len / 8;
		n = 48;
	}
	memcpy(body + n, quote, len);
	n += len;
	len = v6 ? put_ipv6(p, &from, &to, IPPROTO_ICMPV6, n) :
		   put_ipv4(p, &from, &to, IPPROTO_ICMP, n);
	memcpy(p + len, body, n);
	len += n;
	put_sum(p, len, v6);
	return len;
}

static bool shoot(int packet, struct sockaddr_ll *to, const uint8_t *p, int len)
{
	to->sll_protocol = htons(p[0] >> 4 == 6 ? ETH_P_IPV6 : ETH_P_IP);
	return sendto(packet, p, len, 0, (struct sockaddr *)to, sizeof(*to)) == len;
}

/* Learns the sequence numbers of segments that the near side sent. */
static void look(int packet, struct flow *flow, int flows)
{
	uint8_t p[2048];
	ssize_t n;

	while ((n = recv(packet, p, sizeof(p), MSG_DONTWAIT)) > 0) {
		bool v6 = p[0] >> 4 == 6;
		int hl = v6 ? 40 : (p[0] & 15) * 4, data;
		const uint8_t *tcp = p + hl;

		if (n < hl + 20 || p[v6 ? 6 : 9] != IPPROTO_TCP)
			continue;
		data = n - hl - (tcp[12] >> 4) * 4;
		for (int i = 0; i < flows; i++)
			if (flow[i].family == (v6 ? AF_INET6 : AF_INET) &&
			    flow[i].near_port == (tcp[0] << 8 | tcp[1]) &&
			    flow[i].far_port == (tcp[2] << 8 | tcp[3]) &&
			    !(tcp[13] & 4))
				flow[i].next = get32(tcp + 4) + data +
					       !!(tcp[13] & 2) + (tcp[13] & 1);
	}
}

/* Connections of the near side */

#define NEAR	ASSERT_EQ(0, enter_netns(self->cable.near))
#define FAR	ASSERT_EQ(0, enter_netns(self->cable.far))

static void note(struct flow *f, const char *name, int fd, int peer)
{
	struct address near = name_of(fd), far = peer_of(fd);

	*f = (struct flow) {
		.name = name, .fd = fd, .peer = peer, .alive = true,
		.near = in6_of(&near), .far = in6_of(&far),
		.near_port = address_port(&near), .far_port = address_port(&far),
	};
	f->family = IN6_IS_ADDR_V4MAPPED(&f->near) ? AF_INET : AF_INET6;
}

static struct address mapped(struct address a)
{
	char text[64], v4[32];

	inet_ntop(AF_INET, &a.in.sin_addr, v4, sizeof(v4));
	snprintf(text, sizeof(text), "::ffff:%s", v4);
	return address_of(AF_INET6, text, address_port(&a));
}

/* active open by the near side: 0 or -1 */
static int connects(struct cable *cable, struct flow *f, const char *name,
		    enum stack stack, int family, bool as_v6)
{
	struct address to = far_address(family, 0);
	int l, fd, peer;

	if (enter_netns(cable->far))
		return -1;
	l = listen_on(stack, &to, 4);
	if (l < 0 || enter_netns(cable->near))
		return -1;
	fd = as_v6 ? open_socket(stack, AF_INET6) : open_socket(stack, family);
	if (as_v6)
		to = mapped(to);
	if (do_connect(fd, &to))
		return -1;
	peer = accept(l, NULL, NULL);
	close(l);
	note(f, name, fd, peer);
	return peer < 0 ? -1 : 0;
}

/* passive open, by a listener of the near side on :: */
static int accepts(struct cable *cable, struct flow *f, const char *name, int server,
		   int family)
{
	struct address to = near_address(family, OWN_SERVER);
	int fd, peer;

	if (enter_netns(cable->far))
		return -1;
	peer = connect_to(TCP, &to);
	if (peer < 0 || enter_netns(cable->near))
		return -1;
	fd = accept(server, NULL, NULL);
	if (fd < 0)
		return -1;
	note(f, name, fd, peer);
	return 0;
}

/* TIME-WAIT on the near side */
static int waits(struct cable *cable, struct flow *f, const char *name, int family)
{
	if (connects(cable, f, name, XTCP, family, false))
		return -1;
	close(f->fd);
	close(f->peer);
	f->fd = -1;
	f->peer = -1;
	f->alive = false;
	f->state = TCP_TIME_WAIT;
	return HOLDS_WITHIN(PATIENCE, proc_state(XTCP, family, f->near_port,
						 f->far_port) == TCP_TIME_WAIT) ? 0 : -1;
}

static struct address stranger(int family)
{
	return address_of(family, family == AF_INET6 ? "fd00::77" : "10.0.0.77", SILENT);
}

/* SYN-SENT: the peer does not answer the SYN */
static int begins(struct flow *f, const char *name, int family)
{
	struct address to = stranger(family);
	int fd = open_nonblock(XTCP, family);

	if (!do_connect(fd, &to) || errno != EINPROGRESS)
		return -1;
	note(f, name, fd, -1);
	f->far = in6_of(&to);
	f->far_port = SILENT;
	f->alive = false;
	return 0;
}

/* SYN-RECEIVED: the peer sends a SYN and nothing else */
static bool knocks(int packet, struct sockaddr_ll *ll, struct flow *f, const char *name,
		   int family, int port)
{
	struct address from = stranger(family), to = near_address(family, OWN_SERVER);
	struct in6_addr a = in6_of(&from), b = in6_of(&to);
	struct flow back = { .near_port = port, .far_port = OWN_SERVER };
	bool v6 = family == AF_INET6;
	uint8_t p[PACKET];
	uint32_t sum;
	int n = v6 ? put_ipv6(p, &a, &b, IPPROTO_TCP, 20) :
		     put_ipv4(p, &a, &b, IPPROTO_TCP, 20);

	put_tcp(p + n, &back, 1000);
	p[n + 13] = 2;
	sum = add_up(IPPROTO_TCP + 20, v6 ? p + 8 : p + 12, v6 ? 32 : 8);
	put16(p + n + 16, fold(add_up(sum, p + n, 20)));
	*f = (struct flow) {
		.name = name, .family = family, .fd = -1, .peer = -1,
		.near = b, .far = a, .near_port = OWN_SERVER, .far_port = port,
	};
	return shoot(packet, ll, p, n + 20);
}

FIXTURE_SETUP(icmp)
{
	const char *text = getenv("XTCP_FUZZ_SEED");
	struct address any6 = any_address(AF_INET6, OWN_SERVER);
	struct ifreq ifr = { .ifr_name = "veth0" };
	struct flow *f = self->flow;
	uint8_t mac[6];

	if (text)
		self->random = strtoull(text, NULL, 0);
	else if (getrandom(&self->random, sizeof(self->random), 0) < 0)
		abort();
	self->random |= 1;
	TH_LOG("XTCP_FUZZ_SEED=%llu", (unsigned long long)self->random);

	ASSERT_EQ(0, cable_plug(&self->cable));
	ASSERT_EQ(0, ioctl(open_socket(TCP, AF_INET), SIOCGIFHWADDR, &ifr));
	memcpy(self->to.sll_addr, ifr.ifr_hwaddr.sa_data, 6);
	FAR;
	ASSERT_EQ(0, ioctl(open_socket(TCP, AF_INET), SIOCGIFHWADDR, &ifr));
	memcpy(mac, ifr.ifr_hwaddr.sa_data, 6);
	self->packet = socket(AF_PACKET, SOCK_DGRAM, htons(ETH_P_ALL));
	ASSERT_LE(0, self->packet);
	self->to.sll_family = AF_PACKET;
	self->to.sll_ifindex = if_nametoindex("veth0");
	self->to.sll_halen = 6;
	NEAR;
	for (int i = 0; i < 2; i++) {
		ASSERT_EQ(0, sh("ip neigh replace %s lladdr %02x:%02x:%02x:%02x:%02x:%02x dev veth0",
				i ? "fd00::77" : "10.0.0.77", mac[0], mac[1], mac[2],
				mac[3], mac[4], mac[5]));
	}
	self->own_server = listen_on(XTCP, &any6, 100);
	ASSERT_LE(0, self->own_server);

	ASSERT_EQ(0, connects(&self->cable, f++, "IPv4", XTCP, AF_INET, false));
	ASSERT_EQ(0, connects(&self->cable, f++, "IPv6", XTCP, AF_INET6, false));
	ASSERT_EQ(0, connects(&self->cable, f++, "mapped", XTCP, AF_INET, true));
	ASSERT_EQ(0, accepts(&self->cable, f++, "accepted, IPv4", self->own_server, AF_INET));
	ASSERT_EQ(0, accepts(&self->cable, f++, "accepted, IPv6", self->own_server, AF_INET6));
	ASSERT_EQ(0, connects(&self->cable, f++, "kernel's, IPv4", TCP, AF_INET, false));
	ASSERT_EQ(0, connects(&self->cable, f++, "kernel's, IPv6", TCP, AF_INET6, false));
	ASSERT_EQ(0, connects(&self->cable, f++, "kernel's, mapped", TCP, AF_INET, true));
	ASSERT_EQ(0, waits(&self->cable, f++, "TIME-WAIT, IPv4", AF_INET));
	ASSERT_EQ(0, waits(&self->cable, f++, "TIME-WAIT, IPv6", AF_INET6));
	ASSERT_EQ(0, begins(f++, "SYN-SENT, IPv4", AF_INET));
	ASSERT_EQ(0, begins(f++, "SYN-SENT, IPv6", AF_INET6));
	ASSERT_TRUE(knocks(self->packet, &self->to, f++, "request, IPv4", AF_INET, 999));
	ASSERT_TRUE(knocks(self->packet, &self->to, f++, "request, IPv6", AF_INET6, 999));
	self->flows = f - self->flow;
	look(self->packet, self->flow, self->flows);
	NEAR;
	for (f = self->flow; f < self->flow + self->flows; f++) {
		ASSERT_NE(0, f->next) TH_LOG("nothing seen of: %s", f->name);
	}
	EXPECT_EQ(TCP_SYN_RECV, proc_state(XTCP, AF_INET6, OWN_SERVER, 999));
}

FIXTURE_TEARDOWN(icmp) { }

/* a counter of near's /proc/net/xtcp_netstat and xtcp_snmp */
static long counter(const char *name)
{
	static char names[16384], values[16384];
	static const char *const files[] = {
		"/proc/net/xtcp_netstat", "/proc/net/xtcp_snmp",
	};
	long found = -1;

	for (int i = 0; i < 2 && found < 0; i++) {
		FILE *in = fopen(files[i], "r");

		while (in && fgets(names, sizeof(names), in) &&
		       fgets(values, sizeof(values), in)) {
			char *n, *v, *a, *b;

			for (n = strtok_r(names, "\n ", &a), v = strtok_r(values, "\n ", &b);
			     n && v; n = strtok_r(NULL, "\n ", &a),
			     v = strtok_r(NULL, "\n ", &b))
				if (!strcmp(n, name))
					found = atol(v);
		}
		if (in)
			fclose(in);
	}
	return found;
}

static int mtu_of(const struct flow *f)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	getsockopt(f->fd, SOL_TCP, TCP_INFO, &info, &len);
	return info.tcpi_pmtu;
}

/* Reads one error from the error queue. Return: 0, or EAGAIN if it is empty. */
static int queued_errors(int fd)
{
	char buf[512], control[512];
	struct iovec iov = { buf, sizeof(buf) };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};

	return recvmsg(fd, &msg, MSG_ERRQUEUE | MSG_DONTWAIT) < 0 ? errno : 0;
}

/* Sends a byte both ways, which also advances SND.NXT of near */
static bool talks(struct flow *f)
{
	char byte = 'x';

	return send(f->fd, &byte, 1, MSG_NOSIGNAL) == 1 && read(f->peer, &byte, 1) == 1 &&
	       send(f->peer, &byte, 1, MSG_NOSIGNAL) == 1 && read(f->fd, &byte, 1) == 1;
}

static void want_errors(struct flow *f)
{
	set_int(f->fd, SOL_IP, IP_RECVERR, 1);
	set_int(f->fd, SOL_IPV6, IPV6_RECVERR, 1);
}

/* { type, highest code }: all assigned types of errors, and unassigned ones */
static const uint8_t types6[][2] = {
	{ 1, 7 }, { 2, 1 }, { 3, 2 }, { 4, 3 }, { 5, 1 }, { 100, 1 }, { 127, 1 }, { 137, 1 },
};

static const uint8_t types4[][2] = {
	{ 3, 16 }, { 4, 1 }, { 5, 4 }, { 11, 2 }, { 12, 2 },
};

/* an ICMPv6 error with IPv4-mapped addresses matches no connection */
TEST_F(icmp, mapped_quotes)
{
	uint8_t quote[PACKET], p[PACKET];
	int mtu[FLOWS];

	for (int i = 0; i < self->flows; i++) {
		if (!self->flow[i].alive)
			continue;
		want_errors(&self->flow[i]);
		mtu[i] = mtu_of(&self->flow[i]);
	}
	for (int i = 0; i < self->flows; i++) {
		struct flow *f = &self->flow[i];

		if (f->family != AF_INET)
			continue;
		for (unsigned int t = 0; t < sizeof(types6) / sizeof(*types6); t++)
			for (int code = 0; code <= types6[t][1]; code++) {
				int n = put_quote(quote, f, true, f->next);

				/*
				 * without data, the last sequence number
				 * sent is that of the SYN or FIN
				 */
				if (!f->alive)
					put32(quote + 44, f->next - 1);
				n = put_error(p, true, types6[t][0], code, 1300, quote, n);
				ASSERT_TRUE(shoot(self->packet, &self->to, p, n));
			}
	}
	for (int i = 0; i < self->flows; i++) {
		struct flow *f = &self->flow[i];

		if (!f->alive)
			continue;
		EXPECT_EQ(EAGAIN, queued_errors(f->fd)) TH_LOG("%s", f->name);
		EXPECT_EQ(mtu[i], mtu_of(f)) TH_LOG("%s", f->name);
		EXPECT_EQ(0, take_error(f->fd)) TH_LOG("%s", f->name);
		EXPECT_TRUE(talks(f)) TH_LOG("%s", f->name);
	}
	/* the request and the socket in SYN-SENT are not affected either */
	EXPECT_EQ(TCP_SYN_RECV, proc_state(XTCP, AF_INET6, OWN_SERVER, 999));
	for (int i = 0; i < self->flows; i++)
		if (!strcmp(self->flow[i].name, "SYN-SENT, IPv4")) {
			EXPECT_EQ(TCP_SYN_SENT, state_of(self->flow[i].fd));
		}
	EXPECT_EQ(0, counter("OutOfWindowIcmps"));
}

/* an error whose quote is of the other IP version matches no connection */
TEST_F(icmp, quotes_of_the_other_version)
{
	uint8_t quote[PACKET], p[PACKET];

	for (int i = 0; i < self->flows; i++) {
		struct flow *f = &self->flow[i];
		bool v6 = f->family == AF_INET6;
		const uint8_t (*types)[2] = v6 ? types4 : types6;
		int count = v6 ? sizeof(types4) / 2 : sizeof(types6) / 2;

		if (f->alive)
			want_errors(f);
		for (int t = 0; t < count; t++)
			for (int code = 0; code <= types[t][1]; code++) {
				int n = put_quote(quote, f, v6, f->next);

				n = put_error(p, !v6, types[t][0], code, 1300, quote, n);
				ASSERT_TRUE(shoot(self->packet, &self->to, p, n));
			}
	}
	for (int i = 0; i < self->flows; i++) {
		struct flow *f = &self->flow[i];

		if (!f->alive)
			continue;
		EXPECT_EQ(EAGAIN, queued_errors(f->fd)) TH_LOG("%s", f->name);
		EXPECT_EQ(0, take_error(f->fd)) TH_LOG("%s", f->name);
		EXPECT_TRUE(talks(f)) TH_LOG("%s", f->name);
	}
	EXPECT_EQ(0, counter("OutOfWindowIcmps"));
}

/* control: valid quotes are accepted */
TEST_F(icmp, right_quotes)
{
	uint8_t quote[PACKET], p[PACKET];

	for (int i = 0; i < self->flows; i++) {
		struct flow *f = &self->flow[i];
		bool v6 = f->family == AF_INET6;
		int n;

		if (!f->alive)
			continue;
		want_errors(f);
		n = put_quote(quote, f, v6, f->next);
		n = put_error(p, v6, v6 ? 1 : 3, v6 ? 3 : 1, 0, quote, n);
		ASSERT_TRUE(shoot(self->packet, &self->to, p, n));
		/* the kernel's TCP reports it without the error queue */
		if (!strncmp(f->name, "kernel", 6)) {
			EXPECT_EQ(EHOSTUNREACH, take_error(f->fd)) TH_LOG("%s", f->name);
		} else {
			EXPECT_EQ(0, queued_errors(f->fd)) TH_LOG("%s", f->name);
		}
	}
}

/* Random errors */

#define R(below)	any(random, below)

/* extension headers between IPv6 and TCP */
static int put_extensions(uint64_t *random, uint8_t *p, uint8_t *next)
{
	static const uint8_t kinds[] = { 0, 43, 44, 60, 51, 50, 59, 135, 17 };
	int n = 0;

	for (int i = R(3); i >= 0; i--) {
		int len = R(4) ? 0 : R(20);

		*next = kinds[R(sizeof(kinds))];
		next = p + n;
		memset(p + n, 0, 8);
		/* wrong for AH, whose length has another unit */
		p[n + 1] = *next == 44 ? 0 : len;
		/* fragment offset: the first fragment, or another */
		if (!R(4))
			put16(p + n + 2, R(2) ? 1 : R(65536));
		n += 8 + (R(4) ? 0 : len * 8);
		if (n > 200)
			n = 200;
	}
	*next = R(8) ? IPPROTO_TCP : R(256);
	return n;
}

static uint32_t some_seq(uint64_t *random, const struct flow *f)
{
	switch (R(4)) {
	case 0:
		return f->next - 1;
	case 1:
		return f->next + R(3) - 2;
	case 2:
		return R(UINT32_MAX);
	default:
		return f->next;
	}
}

/* a quote of a flow, in either IP version, with random faults */
static int some_quote(uint64_t *random, uint8_t *p, const struct flow *f, bool v6)
{
	uint8_t tcp[20];
	int n;

	memset(p, 0, PACKET / 2);
	put_tcp(tcp, f, some_seq(random, f));
	if (v6) {
		n = put_ipv6(p, &f->near, &f->far, IPPROTO_TCP, R(2) ? 1000 : R(65536));
		if (!R(3))
			n += put_extensions(random, p + n, p + 6);
	} else {
		n = put_ipv4(p, &f->near, &f->far, R(8) ? IPPROTO_TCP : R(256),
			     R(2) ? 1000 : R(65000));
		if (!R(4))
			p[0] = R(3) ? 0x40 | R(16) : R(256);
		/* random offset: later fragments have no TCP header */
		if (!R(8))
			put16(p + 6, R(65536));
		if (R(2))
			n = (p[0] & 15) * 4;
	}
	memcpy(p + n, tcp, 20);
	n += 20;
	if (!R(6))
		for (int i = R(8); i >= 0; i--)
			p[R(n)] ^= 1 << R(8);
	if (!R(4))
		n = R(n + 1);
	else if (!R(3))
		n += R(PACKET / 4);
	return n;
}

static uint32_t some_info(uint64_t *random)
{
	static const uint32_t some[] = {
		0, 1, 67, 68, 296, 551, 552, 575, 576, 1279, 1280, 1281, 1300, 1400,
		1499, 1500, 1501, 9000, 65535, 65536, 0x7fffffff, 0x80000000, 0xffffffff,
	};

	return R(4) ? some[R(sizeof(some) / sizeof(*some))] : R(UINT32_MAX);
}

/*
 * A message of either version. Informational ICMPv6 messages could
 * reconfigure the near side, so redirects are the only ones used.
 */
static int some_error(uint64_t *random, uint8_t *p, const struct flow *f)
{
	bool right = R(3), v6 = (f->family == AF_INET6) == right;
	bool quotes_v6 = R(8) ? v6 : !v6;
	uint8_t quote[PACKET];
	int len = some_quote(random, quote, f, quotes_v6), type, n;

	if (v6)
		type = R(8) ? types6[R(sizeof(types6) / 2)][0] : R(128);
	else
		type = R(8) ? types4[R(sizeof(types4) / 2)][0] : R(256);
	n = put_error(p, v6, type, R(2) ? R(4) : R(256), some_info(random), quote, len);
	if (!R(10)) {
		/* RFC 4884: an extension structure, and its offset */
		p[(v6 ? 40 : 20) + (v6 ? 4 : 5)] = R(256);
		put_sum(p, n, v6);
	}
	if (!R(20))
		p[(v6 ? 40 : 20) + R(n - (v6 ? 40 : 20))] ^= 1 << R(8);
	return n;
}

TEST_F(icmp, random)
{
	uint64_t *random = &self->random;
	long established = counter("CurrEstab");
	uint8_t p[2 * PACKET];

	EXPECT_EQ(5, established);
	for (int round = 0; round < ROUNDS; round++) {
		for (int shot = 0; shot < SHOTS; shot++) {
			struct flow *f = &self->flow[R(self->flows)];
			int n = some_error(random, p, f);

			ASSERT_TRUE(shoot(self->packet, &self->to, p, n)) TH_LOG("%d: %m", n);
		}
		for (int i = 0; i < self->flows; i++) {
			struct flow *f = &self->flow[i];

			if (!f->alive)
				continue;
			/* the second half of the rounds has IP_RECVERR set */
			if (round == ROUNDS / 2)
				want_errors(f);
			while (queued_errors(f->fd) != EAGAIN)
				;
			take_error(f->fd);
			ASSERT_TRUE(talks(f)) TH_LOG("%s, round %d: %m", f->name, round);
			if (!strncmp(f->name, "kernel", 6))
				continue;
			ASSERT_EQ(TCP_ESTABLISHED, state_of(f->fd));
			ASSERT_LE(f->family == AF_INET6 ? 1280 : 552, mtu_of(f));
		}
		look(self->packet, self->flow, self->flows);
	}
	for (int i = 0; i < self->flows; i++)
		if (self->flow[i].state) {
			EXPECT_EQ(self->flow[i].state,
				  proc_state(XTCP, self->flow[i].family,
					     self->flow[i].near_port,
					     self->flow[i].far_port));
		}
	/* the counters match the connections */
	EXPECT_EQ(established, counter("CurrEstab"));
	EXPECT_EQ(0, counter("StateNoRow"));
	EXPECT_GT(ROUNDS * SHOTS, counter("OutOfWindowIcmps"));
	/* new connections still work */
	ASSERT_EQ(0, accepts(&self->cable, &self->flow[0], "new", self->own_server, AF_INET));
	EXPECT_TRUE(talks(&self->flow[0]));
	ASSERT_EQ(0, accepts(&self->cable, &self->flow[1], "new", self->own_server, AF_INET6));
	EXPECT_TRUE(talks(&self->flow[1]));
}

TEST_MAIN
