// SPDX-License-Identifier: GPL-2.0
/* connect(): blocking, non-blocking, refused, interrupted, disconnect */
#include "lib/xtcp_test.h"

#include <sys/time.h>

static void on_alarm(int signal)
{
}

LISTENER_FIXTURE(connect)

TEST_F(connect, both_agree_on_names)
{
	struct address name, peer;
	int c, s;

	ASSERT_EQ(0, make_pair(variant->client, self->listener, &c, &s));
	peer = peer_of(c);
	EXPECT_TRUE(same_address(&self->address, &peer));
	EXPECT_EQ(self->address.len, peer.len);
	name = name_of(s);
	EXPECT_TRUE(same_address(&self->address, &name));
	name = name_of(c);
	peer = peer_of(s);
	EXPECT_TRUE(same_address(&name, &peer));
	EXPECT_EQ(self->address.len, name.len);
	EXPECT_EQ(TCP_ESTABLISHED, state_of(c));
	EXPECT_EQ(TCP_ESTABLISHED, state_of(s));
}

TEST_F(connect, ephemeral_port_in_range)
{
	int c = connect_to(variant->client, &self->address), low, high;
	char text[64];

	ASSERT_EQ(0, get_sysctl(variant->client, "ip_local_port_range",
				text, sizeof(text)));
	ASSERT_EQ(2, sscanf(text, "%d %d", &low, &high));
	EXPECT_BETWEEN(low, port_of(c), high);
}

TEST_F(connect, from_bound_address)
{
	struct address from = near_address(variant->family, 23456), peer;
	int c = open_socket(variant->client, variant->family), s;

	ASSERT_EQ(0, add_address("lo", near_address(variant->family, 0),
				 variant->family == AF_INET6 ? 128 : 32));
	ASSERT_EQ(0, do_bind(c, &from));
	ASSERT_EQ(0, do_connect(c, &self->address));
	s = accept(self->listener, NULL, NULL);
	peer = peer_of(s);
	EXPECT_TRUE(same_address(&from, &peer));
}

TEST_F(connect, any_address_means_loopback)
{
	struct address any = any_address(variant->family, address_port(&self->address));
	int c = connect_to(variant->client, &any);
	struct address peer = peer_of(c);

	ASSERT_LE(0, c);
	EXPECT_TRUE(same_address(&self->address, &peer));
}

/* connect() to INADDR_ANY is to the address that the socket is bound to */
TEST_F(connect, any_address_means_bound_one)
{
	const char *mapped = variant->family == AF_INET6 ? "::ffff:" : "";
	struct address there = address_of(AF_INET, "127.0.0.5", 0), a;
	char from[32], to[32];
	int c;

	ASSERT_LE(0, listen_on(variant->server, &there, 1));
	snprintf(from, sizeof(from), "%s127.0.0.5", mapped);
	snprintf(to, sizeof(to), "%s0.0.0.0", mapped);
	a = address_of(variant->family, from, 0);
	c = bound(variant->client, &a, 0);
	ASSERT_LE(0, c);
	a = address_of(variant->family, to, address_port(&there));
	ASSERT_EQ(0, do_connect(c, &a));
	a = address_of(variant->family, from, address_port(&there));
	there = peer_of(c);
	EXPECT_TRUE(same_address(&a, &there));
}

/* connect() to :: is to loopback, in the IP version of the bound address */
TEST_F(connect, any_address_from_mapped)
{
	struct address there = address_of(AF_INET, "127.0.0.1", 0);
	struct address a = address_of(AF_INET6, "::ffff:127.0.0.5", 0);
	int c;

	ASSERT_LE(0, listen_on(variant->server, &there, 1));
	c = bound(variant->client, &a, 0);
	ASSERT_LE(0, c);
	a = any_address(AF_INET6, address_port(&there));
	ASSERT_EQ(0, do_connect(c, &a));
	a = address_of(AF_INET6, "::ffff:127.0.0.1", address_port(&there));
	there = peer_of(c);
	EXPECT_TRUE(same_address(&a, &there));
}

TEST_F(connect, any_address_from_v6)
{
	struct address there = address_of(AF_INET6, "::1", 0);
	struct address a = address_of(AF_INET6, "fd00::9", 0);
	char text[64];
	int c;

	ASSERT_EQ(0, add_address("lo", a, 128));
	ASSERT_LE(0, listen_on(variant->server, &there, 1));
	c = bound(variant->client, &a, 0);
	ASSERT_LE(0, c);
	a = any_address(AF_INET6, address_port(&there));
	ASSERT_EQ(0, do_connect(c, &a));
	a = peer_of(c);
	EXPECT_TRUE(same_address(&a, &there));
	a = name_of(c);
	EXPECT_STREQ("fd00::9", inet_ntop(AF_INET6, &a.in6.sin6_addr, text, sizeof(text)));
}

TEST_F(connect, nonblocking)
{
	int c = open_nonblock(variant->client, variant->family);

	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->address));
	EXPECT_EQ(POLLOUT, events_within(c, POLLIN | POLLOUT, PATIENCE));
	EXPECT_EQ(0, take_error(c));
	/* connect() returns 0 once after the handshake, then EISCONN */
	EXPECT_EQ(0, do_connect(c, &self->address));
	EXPECT_ERRNO(EISCONN, do_connect(c, &self->address));
	EXPECT_EQ(TCP_ESTABLISHED, state_of(c));
}

/* SA-S4, SA-C2 */
TEST_F(connect, refused)
{
	int c = open_socket(variant->client, variant->family);

	close(self->listener);
	EXPECT_ERRNO(ECONNREFUSED, do_connect(c, &self->address));
	EXPECT_EQ(0, take_error(c));
	EXPECT_EQ(TCP_CLOSE, state_of(c));
}

TEST_F(connect, refused_then_accepted)
{
	struct address nobody = loopback(variant->family, 1);
	int c = open_socket(variant->client, variant->family), s;
	char byte;

	for (int i = 0; i < 3; i++) {
		EXPECT_ERRNO(ECONNREFUSED, do_connect(c, &nobody));
	}
	ASSERT_EQ(0, do_connect(c, &self->address));
	s = accept(self->listener, NULL, NULL);
	EXPECT_EQ(1, write(c, "x", 1));
	EXPECT_EQ(1, read(s, &byte, 1));
}

TEST_F(connect, refused_nonblocking)
{
	struct address nobody = loopback(variant->family, 1);
	int c = open_nonblock(variant->client, variant->family);
	int mask = POLLIN | POLLOUT | POLLRDHUP;

	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &nobody));
	EXPECT_EQ(mask | POLLERR | POLLHUP, events_within(c, mask, PATIENCE));
	EXPECT_EQ(ECONNREFUSED, take_error(c));
	EXPECT_EQ(0, take_error(c));
}

TEST_F(connect, no_route)
{
	struct address a = variant->family == AF_INET6 ?
		address_of(AF_INET6, "2001:db8::1", 1) :
		address_of(AF_INET, "192.0.2.1", 1);
	int c = open_socket(variant->client, variant->family);

	EXPECT_ERRNO(ENETUNREACH, do_connect(c, &a));
	/* the socket can be used again */
	EXPECT_EQ(0, do_connect(c, &self->address));
}

TEST_F(connect, prohibited_route)
{
	struct address a = variant->family == AF_INET6 ?
		address_of(AF_INET6, "2001:db8::1", 1) :
		address_of(AF_INET, "192.0.2.1", 1);
	int c = open_socket(variant->client, variant->family);

	ASSERT_EQ(0, sh("ip route add prohibit 192.0.2.0/24;"
			"ip -6 route add prohibit 2001:db8::/32"));
	EXPECT_ERRNO(EACCES, do_connect(c, &a));
	ASSERT_EQ(0, sh("ip route replace unreachable 192.0.2.0/24;"
			"ip -6 route del 2001:db8::/32;"
			"ip -6 route add unreachable 2001:db8::/32"));
	EXPECT_ERRNO(EHOSTUNREACH, do_connect(c, &a));
}

/*
 * sockaddr_in6 of RFC 2133 ends before sin6_scope_id: the
 * scope is 0, not a value left from an earlier call
 */
TEST_F(connect, link_local_of_rfc2133)
{
	struct address a = address_of(AF_INET6, "fe80::1", 0), old;
	int c = open_socket(variant->client, AF_INET6);
	int full = open_socket(variant->client, AF_INET6);

	if (variant->family != AF_INET6)
		SKIP(return, "IPv6 only");
	ASSERT_EQ(0, add_address("lo", a, 64));
	a.in6.sin6_scope_id = 1;
	ASSERT_LE(0, listen_on(variant->server, &a, 10));
	old = a;
	old.len = offsetof(struct sockaddr_in6, sin6_scope_id);
	EXPECT_EQ(0, do_connect(full, &a));
	EXPECT_ERRNO(EINVAL, do_connect(c, &old));
	full = open_socket(variant->client, AF_INET6);
	EXPECT_EQ(0, ring_connect(full, &a));
	EXPECT_ERRNO(EINVAL, ring_connect(c, &old));
	/* the device may be given by SO_BINDTODEVICE instead */
	ASSERT_EQ(0, setsockopt(c, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	EXPECT_EQ(0, do_connect(c, &old));
}

FIXTURE(routing) { };

FIXTURE_VARIANT(routing) {
	enum stack stack;
};

FIXTURE_VARIANT_ADD(routing, xtcp) { XTCP };
FIXTURE_VARIANT_ADD(routing, reference) { TCP };

FIXTURE_SETUP(routing)
{
	ASSERT_EQ(0, new_netns());
}

FIXTURE_TEARDOWN(routing) { }

/* With a routing header, the route is looked up for its first hop */
TEST_F(routing, header)
{
	struct address there = address_of(AF_INET6, "2001:db8::1", 12345);
	struct {
		uint8_t next, len, type, left;
		uint32_t reserved;
		struct in6_addr hop;
	} header = { .len = 2, .type = 2, .left = 1, .hop = in6addr_loopback };
	int fd = open_nonblock(variant->stack, AF_INET6);

	EXPECT_ERRNO(ENETUNREACH, do_connect(fd, &there));
	if (setsockopt(fd, SOL_IPV6, IPV6_RTHDR, &header, sizeof(header))) {
		ASSERT_EQ(EINVAL, errno);
		SKIP(return, "this kernel has no CONFIG_IPV6_MIP6");
	}
	EXPECT_ERRNO(EINPROGRESS, do_connect(fd, &there));
}

/* UC-11: connect(AF_UNSPEC) aborts */
TEST_F(connect, disconnect)
{
	struct sockaddr unspec = { .sa_family = AF_UNSPEC };
	struct address name, peer;
	char byte;
	int c, s;

	ASSERT_EQ(0, make_pair(variant->client, self->listener, &c, &s));
	name = name_of(c);
	ASSERT_EQ(0, connect(c, &unspec, sizeof(unspec)));
	EXPECT_EQ(TCP_CLOSE, state_of(c));
	EXPECT_ERRNO(ECONNRESET, read(s, &byte, 1));
	peer = peer_of(c);
	EXPECT_EQ(0, peer.len);
	/* the port was not chosen by bind(), so it is released */
	EXPECT_LE(0, listen_on(variant->client, &name, 1));
}

TEST_F(connect, disconnect_then_connect)
{
	struct sockaddr unspec = { .sa_family = AF_UNSPEC };
	int c = open_socket(variant->client, variant->family), s;
	char byte;

	for (int i = 0; i < 10; i++) {
		ASSERT_EQ(0, do_connect(c, &self->address));
		s = accept(self->listener, NULL, NULL);
		ASSERT_LE(0, s);
		ASSERT_EQ(1, write(s, "x", 1));
		ASSERT_EQ(1, read(c, &byte, 1));
		ASSERT_EQ(1, write(c, "y", 1));
		ASSERT_EQ(1, read(s, &byte, 1));
		ASSERT_EQ('y', byte);
		ASSERT_EQ(0, connect(c, &unspec, sizeof(unspec)));
		ASSERT_EQ(0, close(s));
	}
}

TEST_F(connect, disconnect_then_listen)
{
	struct sockaddr unspec = { .sa_family = AF_UNSPEC };
	int c, s, x, y;
	char byte;

	ASSERT_EQ(0, make_pair(variant->client, self->listener, &c, &s));
	ASSERT_EQ(0, connect(c, &unspec, sizeof(unspec)));
	ASSERT_EQ(0, listen(c, 1));
	ASSERT_EQ(0, make_pair(variant->server, c, &x, &y));
	EXPECT_EQ(1, write(x, "x", 1));
	EXPECT_EQ(1, read(y, &byte, 1));
}

/* a blocked recv() does not continue with the next connection of the socket */
TEST_F(connect, disconnect_under_a_reader)
{
	struct sockaddr unspec = { .sa_family = AF_UNSPEC };
	char byte;
	pid_t pid;
	int c, s;

	ASSERT_EQ(0, make_pair(variant->client, self->listener, &c, &s));
	pid = child();
	if (!pid)
		_exit(read(c, &byte, 1) < 0 ? errno : 0);
	WAIT_FOR(is_sleeping(pid));
	ASSERT_EQ(0, connect(c, &unspec, sizeof(unspec)));
	ASSERT_EQ(0, do_connect(c, &self->address));
	EXPECT_EQ(EPIPE, child_status(pid));
}

/* a blocked connect() does not continue with the next connection either */
TEST_F(connect, disconnect_under_connect)
{
	struct sockaddr unspec = { .sa_family = AF_UNSPEC };
	int c = open_socket(variant->client, variant->family);
	struct address other = loopback(variant->family, 0);
	int full = listen_on(variant->server, &other, 0);
	pid_t pid;

	ASSERT_LE(0, full);
	ASSERT_LE(0, connect_to(variant->server, &other));
	pid = child();
	if (!pid)
		_exit(do_connect(c, &other) ? errno : 0);
	WAIT_FOR(is_sleeping(pid));
	ASSERT_EQ(TCP_SYN_SENT, state_of(c));
	ASSERT_EQ(0, connect(c, &unspec, sizeof(unspec)));
	ASSERT_EQ(0, do_connect(c, &self->address));
	EXPECT_EQ(EPIPE, child_status(pid));
}

TEST_F(connect, disconnect_fresh_socket)
{
	struct sockaddr unspec = { .sa_family = AF_UNSPEC };
	int c = open_socket(variant->client, variant->family);

	EXPECT_EQ(0, connect(c, &unspec, sizeof(unspec)));
	EXPECT_EQ(0, do_connect(c, &self->address));
}

/* A port chosen by bind() is kept for the next connection of the socket */
TEST_F(connect, disconnect_keeps_bound_port)
{
	struct sockaddr unspec = { .sa_family = AF_UNSPEC };
	struct address from = loopback(variant->family, 23456);
	int c = open_socket(variant->client, variant->family);

	ASSERT_EQ(0, do_bind(c, &from));
	ASSERT_EQ(0, do_connect(c, &self->address));
	ASSERT_EQ(0, connect(c, &unspec, sizeof(unspec)));
	EXPECT_EQ(23456, port_of(c));
}

TEST_F(connect, same_tuple_twice)
{
	struct address from = loopback(variant->family, 23456);
	int first = open_socket(variant->client, variant->family);
	int second = open_socket(variant->client, variant->family);

	set_int(first, SOL_SOCKET, SO_REUSEADDR, 1);
	set_int(second, SOL_SOCKET, SO_REUSEADDR, 1);
	ASSERT_EQ(0, do_bind(first, &from));
	ASSERT_EQ(0, do_bind(second, &from));
	ASSERT_EQ(0, do_connect(first, &self->address));
	EXPECT_ERRNO(EADDRNOTAVAIL, do_connect(second, &self->address));
}

TEST_F(connect, many)
{
	char out[8], in[8];
	int c[200], s[200];

	for (int i = 0; i < 200; i++) {
		ASSERT_EQ(0, make_pair(variant->client, self->listener, c + i, s + i));
	}
	for (int i = 0; i < 200; i++) {
		snprintf(out, sizeof(out), "%07d", i);
		ASSERT_EQ(8, write(c[i], out, 8));
	}
	for (int i = 0; i < 200; i++) {
		snprintf(out, sizeof(out), "%07d", i);
		ASSERT_EQ(8, read(s[i], in, 8));
		ASSERT_STREQ(out, in);
	}
}

/* Over a veth pair, which can drop the answers */
CABLE_FIXTURE(silence)

/* UC-1: a second OPEN in SYN_SENT */
TEST_F(silence, connect_again)
{
	int c = open_nonblock(variant->client, variant->family);

	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->address));
	EXPECT_ERRNO(EALREADY, do_connect(c, &self->address));
	EXPECT_EQ(TCP_SYN_SENT, state_of(c));
	EXPECT_EQ(0, events(c, POLLIN | POLLOUT));
	/* the SYN retransmitted after 1 s arrives */
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	EXPECT_EQ(POLLOUT, events_within(c, POLLOUT, PATIENCE));
	EXPECT_EQ(TCP_ESTABLISHED, state_of(c));
}

/* UC-4, UC-6: SEND and RECEIVE in SYN_SENT return EAGAIN if non-blocking */
TEST_F(silence, data_must_wait)
{
	int c = open_nonblock(variant->client, variant->family);
	char byte;

	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->address));
	EXPECT_ERRNO(EAGAIN, send(c, "x", 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(EAGAIN, recv(c, &byte, 1, 0));
	EXPECT_EQ(0, port_of(c) == 0);
}

TEST_F(silence, interrupted)
{
	struct sigaction action = { .sa_handler = on_alarm };
	struct itimerval soon = { .it_value.tv_usec = 100000 };
	int c = open_socket(variant->client, variant->family);

	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	EXPECT_ERRNO(EINTR, do_connect(c, &self->address));
	/* still SYN_SENT */
	EXPECT_EQ(TCP_SYN_SENT, state_of(c));
	ASSERT_EQ(0, set_nonblock(c, true));
	EXPECT_ERRNO(EALREADY, do_connect(c, &self->address));
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	EXPECT_EQ(POLLOUT, events_within(c, POLLOUT, PATIENCE));
}

TEST_F(silence, restarted)
{
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = SA_RESTART };
	struct itimerval soon = { .it_value.tv_usec = 100000 };
	int c = open_socket(variant->client, variant->family);
	pid_t pid;

	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	sigaction(SIGALRM, &action, NULL);
	pid = child();
	if (!pid) {
		setitimer(ITIMER_REAL, &soon, NULL);
		_exit(do_connect(c, &self->address) ? errno : 0);
	}
	pause_ms(300);
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	EXPECT_EQ(0, child_status(pid));
	EXPECT_EQ(TCP_ESTABLISHED, state_of(c));
}

TEST_F(silence, send_timeout)
{
	struct timeval tv = { .tv_usec = 300000 };
	int c = open_socket(variant->client, variant->family);
	long long start;

	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	setsockopt(c, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	start = now();
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->address));
	/* the timer wheel has a resolution of 32 ms here */
	EXPECT_BETWEEN(295, now() - start, 300 + slack(50));
	EXPECT_ERRNO(EALREADY, do_connect(c, &self->address));
}

/* UC-12: close() in SYN_SENT sends nothing and leaves no state */
TEST_F(silence, close_in_syn_sent)
{
	int c = open_nonblock(variant->client, variant->family);
	int port;

	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->address));
	port = port_of(c);
	EXPECT_EQ(TCP_SYN_SENT, proc_state(variant->client, variant->family, port,
					   address_port(&self->address)));
	ASSERT_EQ(0, close(c));
	EXPECT_EQ(0, proc_state(variant->client, variant->family, port,
				address_port(&self->address)));
}

TEST_F(silence, shutdown_in_syn_sent)
{
	int c = open_nonblock(variant->client, variant->family);
	int mask = POLLIN | POLLOUT | POLLRDHUP;

	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->address));
	EXPECT_EQ(0, shutdown(c, SHUT_RDWR));
	EXPECT_EQ(TCP_CLOSE, state_of(c));
	EXPECT_EQ(POLLOUT | POLLERR | POLLHUP, events(c, mask));
	EXPECT_EQ(ECONNRESET, take_error(c));
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	EXPECT_EQ(0, do_connect(c, &self->address) && errno != EINPROGRESS);
	EXPECT_EQ(POLLOUT, events_within(c, POLLOUT, PATIENCE));
}

/* A thread blocked in connect() wakes if another calls shutdown() */
TEST_F(silence, shutdown_wakes_connect)
{
	int c = open_socket(variant->client, variant->family);
	pid_t pid;

	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	pid = child();
	if (!pid)
		_exit(do_connect(c, &self->address) ? errno : 0);
	WAIT_FOR(state_of(c) == TCP_SYN_SENT && is_sleeping(pid));
	ASSERT_EQ(0, shutdown(c, SHUT_RDWR));
	EXPECT_EQ(ECONNRESET, child_status(pid));
}

/* MUST-46: connect() to broadcast and multicast fails, without a segment */
TEST_F(silence, broadcast_and_multicast)
{
	int c = open_socket(variant->client, variant->family);
	struct address a;

	if (variant->family == AF_INET6) {
		a = address_of(AF_INET6, "ff02::1", 7);
		a.in6.sin6_scope_id = 2;
		EXPECT_ERRNO(ENETUNREACH, do_connect(c, &a));
		return;
	}
	ASSERT_EQ(0, sh("ip route add default via 10.0.0.2"));
	a = address_of(AF_INET, "255.255.255.255", 7);
	EXPECT_ERRNO(ENETUNREACH, do_connect(c, &a));
	a = address_of(AF_INET, "10.0.0.255", 7);
	EXPECT_ERRNO(ENETUNREACH, do_connect(c, &a));
	a = address_of(AF_INET, "224.0.0.1", 7);
	EXPECT_ERRNO(ENETUNREACH, do_connect(c, &a));
}

/* MUST-44, MUST-45: the route determines the source address, only once */
TEST_F(silence, source_address_of_route)
{
	struct address expected = near_address(variant->family, 0), name;
	int c = connect_to(variant->client, &self->address);

	ASSERT_LE(0, c);
	name = name_of(c);
	set_port(&expected, address_port(&name));
	EXPECT_TRUE(same_address(&expected, &name));
	ASSERT_EQ(0, sh("ip addr add 10.0.0.77/24 dev veth0"));
	ASSERT_EQ(0, sh("ip route replace 10.0.0.0/24 dev veth0 src 10.0.0.77"));
	name = name_of(c);
	EXPECT_TRUE(same_address(&expected, &name));
	EXPECT_EQ(1, write(c, "x", 1));
	EXPECT_EQ(POLLIN, events_within(accept(self->listener, NULL, NULL),
					POLLIN, PATIENCE));
}

/* IPv6 sockets with IPv4 addresses */
FIXTURE(mapped) {
	int port;
};

FIXTURE_VARIANT(mapped) {
	enum stack client;
	enum stack server;
};

FIXTURE_VARIANT_ADD(mapped, xtcp_xtcp) { XTCP, XTCP };
FIXTURE_VARIANT_ADD(mapped, xtcp_tcp) { XTCP, TCP };
FIXTURE_VARIANT_ADD(mapped, tcp_xtcp) { TCP, XTCP };
FIXTURE_VARIANT_ADD(mapped, reference) { TCP, TCP };

FIXTURE_SETUP(mapped)
{
	ASSERT_EQ(0, new_netns());
}

FIXTURE_TEARDOWN(mapped) { }

TEST_F(mapped, client)
{
	struct address v4 = loopback(AF_INET, 0), name, peer;
	int l = listen_on(variant->server, &v4, 1), c, s;
	struct address to = address_of(AF_INET6, "::ffff:127.0.0.1", address_port(&v4));
	char byte;

	c = connect_to(variant->client, &to);
	ASSERT_LE(0, c);
	s = accept(l, NULL, NULL);
	peer = peer_of(c);
	EXPECT_TRUE(same_address(&to, &peer));
	name = name_of(c);
	EXPECT_EQ(AF_INET6, name.sa.sa_family);
	peer = peer_of(s);
	EXPECT_EQ(AF_INET, peer.sa.sa_family);
	EXPECT_EQ(htonl(INADDR_LOOPBACK), peer.in.sin_addr.s_addr);
	EXPECT_EQ(1, write(c, "x", 1));
	EXPECT_EQ(1, read(s, &byte, 1));
	EXPECT_EQ(1, write(s, "x", 1));
	EXPECT_EQ(1, read(c, &byte, 1));
}

TEST_F(mapped, server)
{
	struct address any = any_address(AF_INET6, 0), peer, expected;
	int l = listen_on(variant->server, &any, 1), c, s;
	struct address v4 = loopback(AF_INET, address_port(&any));
	char byte;

	c = connect_to(variant->client, &v4);
	ASSERT_LE(0, c);
	s = accept(l, NULL, NULL);
	peer = peer_of(s);
	expected = address_of(AF_INET6, "::ffff:127.0.0.1", port_of(c));
	EXPECT_EQ(sizeof(peer.in6), peer.len);
	EXPECT_TRUE(same_address(&expected, &peer));
	EXPECT_EQ(AF_INET6, get_int(s, SOL_SOCKET, SO_DOMAIN));
	EXPECT_EQ(1, write(c, "x", 1));
	EXPECT_EQ(1, read(s, &byte, 1));
	EXPECT_EQ(1, write(s, "x", 1));
	EXPECT_EQ(1, read(c, &byte, 1));
}

TEST_F(mapped, refused)
{
	struct address to = address_of(AF_INET6, "::ffff:127.0.0.1", 1);
	int c = open_socket(variant->client, AF_INET6);

	EXPECT_ERRNO(ECONNREFUSED, do_connect(c, &to));
}

TEST_F(mapped, v6only_client)
{
	struct address to = address_of(AF_INET6, "::ffff:127.0.0.1", 1);
	int c = open_socket(variant->client, AF_INET6);

	ASSERT_EQ(0, set_int(c, SOL_IPV6, IPV6_V6ONLY, 1));
	EXPECT_ERRNO(ENETUNREACH, do_connect(c, &to));
}

TEST_F(mapped, v6only_server)
{
	struct address any = any_address(AF_INET6, 0), v4;
	int l = open_socket(variant->server, AF_INET6);

	ASSERT_EQ(0, set_int(l, SOL_IPV6, IPV6_V6ONLY, 1));
	ASSERT_EQ(0, do_bind(l, &any));
	ASSERT_EQ(0, listen(l, 1));
	v4 = loopback(AF_INET, port_of(l));
	EXPECT_ERRNO(ECONNREFUSED, connect_to(variant->client, &v4));
}

/*
 * UC-2: RFC 9293 3.10.1, OPEN in LISTEN: the socket connects.
 * (The kernel's TCP returns EISCONN.)
 */
TEST(listener_turns_active)
{
	for (int i = 0; i < 2; i++) {
		struct address server = loopback(i ? AF_INET6 : AF_INET, 0);
		struct address own = server, name;
		int l, c, s;
		char byte;

		ASSERT_EQ(0, new_netns());
		l = listen_on(XTCP, &server, 1);
		c = listen_on(XTCP, &own, 1);
		ASSERT_EQ(0, do_connect(c, &server));
		EXPECT_EQ(TCP_ESTABLISHED, state_of(c));
		EXPECT_EQ(0, get_int(c, SOL_SOCKET, SO_ACCEPTCONN));
		name = name_of(c);
		EXPECT_TRUE(same_address(&own, &name));
		s = accept(l, NULL, NULL);
		EXPECT_EQ(1, write(s, "x", 1));
		EXPECT_EQ(1, read(c, &byte, 1));
		/* it is no longer a listener */
		EXPECT_ERRNO(ECONNREFUSED, connect_to(XTCP, &own));
	}
}

/* The route to the peer changes during the connection, or during connect() */
CABLE_FIXTURE(late_virtual)

static int block(const char *kind, int family)
{
	return family == AF_INET ? sh("ip route add %s 10.0.0.2/32", kind) :
				   sh("ip -6 route add %s fd00::2/128", kind);
}

/* The kernel's TCP reports the errno of the route lookup for IPv6. */
static bool tells_lookup(int client, int family)
{
	return client == TCP && family == AF_INET6;
}

TEST_F(late_virtual, blackhole)
{
	int c = open_nonblock(variant->client, variant->family);

	do_connect(c, &self->address);
	WAIT_FOR(state_of(c) == TCP_ESTABLISHED);
	ASSERT_EQ(0, block("blackhole", variant->family));
	ASSERT_EQ(1, write(c, "x", 1));
	ASSERT_TRUE(HOLDS_WITHIN(HOUR, events(c, POLLERR)));
	EXPECT_EQ(tells_lookup(variant->client, variant->family) ? EINVAL : ETIMEDOUT,
		  take_error(c));
}

TEST_F(late_virtual, prohibited)
{
	int c = open_nonblock(variant->client, variant->family);

	do_connect(c, &self->address);
	WAIT_FOR(state_of(c) == TCP_ESTABLISHED);
	ASSERT_EQ(0, block("prohibit", variant->family));
	ASSERT_EQ(1, write(c, "x", 1));
	ASSERT_TRUE(HOLDS_WITHIN(HOUR, events(c, POLLERR)));
	EXPECT_EQ(tells_lookup(variant->client, variant->family) ? EACCES : ETIMEDOUT,
		  take_error(c));
}

/*
 * With data or a SYN in flight, the kernel's TCP reports the
 * errno of the route lookup for both IP versions
 */
TEST_F(late_virtual, blackhole_in_flight)
{
	int c = open_nonblock(variant->client, variant->family);

	do_connect(c, &self->address);
	WAIT_FOR(state_of(c) == TCP_ESTABLISHED);
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	ASSERT_EQ(1, write(c, "x", 1));
	ASSERT_EQ(0, block("blackhole", variant->family));
	ASSERT_TRUE(HOLDS_WITHIN(HOUR, events(c, POLLERR)));
	EXPECT_EQ(variant->client == TCP ? EINVAL : ETIMEDOUT, take_error(c));
}

TEST_F(late_virtual, prohibited_under_connect)
{
	int c = open_nonblock(variant->client, variant->family);

	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->address));
	ASSERT_EQ(0, block("prohibit", variant->family));
	ASSERT_TRUE(HOLDS_WITHIN(HOUR, events(c, POLLERR)));
	EXPECT_EQ(variant->client == TCP ? EACCES : ETIMEDOUT, take_error(c));
}

/* An unreachable route: both stacks report EHOSTUNREACH */
TEST_F(late_virtual, unreachable_under_connect)
{
	int c = open_nonblock(variant->client, variant->family);

	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &self->address));
	ASSERT_EQ(0, block("unreachable", variant->family));
	ASSERT_TRUE(HOLDS_WITHIN(HOUR, events(c, POLLERR)));
	EXPECT_EQ(EHOSTUNREACH, take_error(c));
}

TEST_MAIN
