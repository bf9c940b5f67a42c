// SPDX-License-Identifier: GPL-2.0
/* Calls that fail leave the socket as it was */
#include "lib/xtcp_test.h"

#include <net/if.h>
#include <sys/epoll.h>

#ifndef SO_BINDTOIFINDEX
#define SO_BINDTOIFINDEX 62
#endif

SOCKET_FIXTURE(failed)

/* all visible attributes of a socket */
struct looks {
	struct address name;
	int peer;		/* errno of getpeername(), 0 if it succeeds */
	int revents;
	int device;
	int listening;
	int error;		/* SO_ERROR; reading it clears it */
	int options[8];
	struct tcp_info info;
};

static struct looks look_at(int fd)
{
	static const int names[] = {
		TCP_MAXSEG, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT,
		TCP_SYNCNT, TCP_USER_TIMEOUT, TCP_QUICKACK, TCP_FASTOPEN,
	};
	const char *reference = getenv("XTCP_REFERENCE");
	struct sockaddr_storage room;
	socklen_t len = sizeof(room);
	struct looks l;

	memset(&l, 0, sizeof(l));
	l.name = name_of(fd);
	l.peer = getpeername(fd, (struct sockaddr *)&room, &len) ? errno : 0;
	l.revents = events(fd, POLLIN | POLLOUT | POLLRDHUP);
	l.device = get_int(fd, SOL_SOCKET, SO_BINDTOIFINDEX);
	l.listening = get_int(fd, SOL_SOCKET, SO_ACCEPTCONN);
	l.error = take_error(fd);
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++)
		l.options[i] = get_int(fd, SOL_TCP, names[i]);
	len = sizeof(l.info);
	getsockopt(fd, SOL_TCP, TCP_INFO, &l.info, &len);
	/* these advance with time */
	l.info.tcpi_last_data_sent = 0;
	l.info.tcpi_last_ack_sent = 0;
	l.info.tcpi_last_data_recv = 0;
	l.info.tcpi_last_ack_recv = 0;
	/* in the kernel's TCP, other fields may change */
	if (reference && !strcmp(reference, "1")) {
		struct tcp_info kept = {
			.tcpi_state = l.info.tcpi_state,
			.tcpi_unacked = l.info.tcpi_unacked,
			.tcpi_sacked = l.info.tcpi_sacked,
		};

		l.info = kept;
	}
	return l;
}

/* an edge-triggered epoll of fd, without pending events */
static int watch(int fd)
{
	struct epoll_event e = {
		.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET,
	};
	int edges = epoll_create1(EPOLL_CLOEXEC);

	if (epoll_ctl(edges, EPOLL_CTL_ADD, fd, &e))
		return -1;
	epoll_wait(edges, &e, 1, 0);
	return edges;
}

#define EXPECT_SAME(before, fd) do {					\
	struct looks __now = look_at(fd);				\
									\
	EXPECT_TRUE(same_address(&(before).name, &__now.name));		\
	EXPECT_EQ((before).peer, __now.peer);				\
	EXPECT_EQ((before).revents, __now.revents);			\
	EXPECT_EQ((before).device, __now.device);			\
	EXPECT_EQ((before).listening, __now.listening);			\
	EXPECT_EQ((before).error, __now.error);				\
	EXPECT_EQ(0, memcmp((before).options, __now.options,		\
			    sizeof(__now.options)));			\
	EXPECT_EQ(0, memcmp(&(before).info, &__now.info,		\
			    sizeof(__now.info)));			\
} while (0)

/* the call fails and changes nothing: no epoll event either */
#define EXPECT_NOTHING(fd, call) do {					\
	struct looks __before = look_at(fd);				\
	struct epoll_event __e;						\
	int __edges = watch(fd);					\
									\
	ASSERT_LE(0, __edges);						\
	EXPECT_EQ(-1, (long)(call));					\
	EXPECT_EQ(0, epoll_wait(__edges, &__e, 1, 0));			\
	close(__edges);							\
	EXPECT_SAME(__before, fd);					\
} while (0)

/* addresses without a route: only lo is up */
#define NOWHERES 5

static int nowheres(int family, struct address *to)
{
	struct address lo = loopback(family, 1);

	to[0] = lo;
	to[0].len = family == AF_INET6 ? 20 : 8;
	to[1] = lo;
	to[1].sa.sa_family = AF_APPLETALK;
	if (family == AF_INET) {
		to[2] = address_of(family, "192.0.2.9", 1);
		to[3] = address_of(family, "224.0.0.1", 1);
		to[4] = address_of(family, "127.255.255.255", 1);
	} else {
		to[2] = address_of(family, "2001:db8::9", 1);
		to[3] = address_of(family, "ff02::1", 1);
		/* no scope id */
		to[4] = address_of(family, "fe80::9", 1);
	}
	return NOWHERES;
}

/* after a failed connect() the socket can connect to another address */
#define EXPECT_CONNECTS(fd, stack, family) do {				\
	struct address __a = loopback(family, 0);			\
	int __l = listen_on(stack, &__a, 1);				\
	char __byte;							\
	int __s;							\
									\
	ASSERT_LE(0, __l);						\
	ASSERT_EQ(0, do_connect(fd, &__a));				\
	__s = accept(__l, NULL, NULL);					\
	ASSERT_LE(0, __s);						\
	EXPECT_EQ(1, send(fd, "x", 1, MSG_NOSIGNAL));			\
	EXPECT_EQ(1, read(__s, &__byte, 1));				\
	EXPECT_EQ(1, write(__s, "x", 1));				\
	EXPECT_EQ(1, read(fd, &__byte, 1));				\
} while (0)

TEST_F(failed, connect)
{
	struct address to[NOWHERES];
	int count = nowheres(variant->family, to);

	for (int bind = 0; bind < 2; bind++) {
		int fd = bind ? bound(variant->stack, &self->address, 0) :
				open_socket(variant->stack, variant->family);

		ASSERT_LE(0, fd);
		set_int(fd, SOL_TCP, TCP_QUICKACK, 0);
		for (int i = 0; i < count; i++) {
			EXPECT_NOTHING(fd, do_connect(fd, &to[i]));
		}
		EXPECT_CONNECTS(fd, variant->stack, variant->family);
	}
}

/* a failed connect() keeps the pending error */
TEST_F(failed, connect_keeps_error)
{
	struct address to[NOWHERES];
	int count = nowheres(variant->family, to);
	int l = listen_on(variant->stack, &self->address, 0);

	ASSERT_LE(0, connect_to(variant->stack, &self->address));
	WAIT_FOR(events(l, POLLIN) == POLLIN);
	for (int i = 0; i < count; i++) {
		int fd = open_nonblock(variant->stack, variant->family);
		struct sockaddr none = { .sa_family = AF_UNSPEC };

		EXPECT_ERRNO(EINPROGRESS, do_connect(fd, &self->address));
		ASSERT_EQ(0, connect(fd, &none, sizeof(none)));
		EXPECT_EQ(-1, do_connect(fd, &to[i]));
		EXPECT_EQ(ECONNRESET, take_error(fd));
		close(fd);
	}
}

static const char *range_of(enum stack stack)
{
	return stack == XTCP ? "/proc/sys/net/xtcp/ip_local_port_range" :
			       "/proc/sys/net/ipv4/ip_local_port_range";
}

TEST_F(failed, connect_without_port)
{
	int fd = open_socket(variant->stack, variant->family), l;
	struct address taken = any_address(variant->family, 33333);

	l = listen_on(variant->stack, &self->address, 1);
	ASSERT_LE(0, l);
	ASSERT_LE(0, bound(variant->stack, &taken, 0));
	ASSERT_EQ(0, sh("echo 33333 33333 >%s", range_of(variant->stack)));
	EXPECT_NOTHING(fd, do_connect(fd, &self->address));
	ASSERT_EQ(0, sh("echo 40000 50000 >%s", range_of(variant->stack)));
	EXPECT_CONNECTS(fd, variant->stack, variant->family);
}

/* another socket has the same 4-tuple */
TEST_F(failed, connect_same_tuple)
{
	struct address from = self->address;
	int l = listen_on(variant->stack, &self->address, 1), fd, other;

	other = bound(variant->stack, &from, SO_REUSEADDR);
	from = name_of(other);
	fd = bound(variant->stack, &from, SO_REUSEADDR);
	ASSERT_LE(0, fd);
	ASSERT_LE(0, l);
	ASSERT_EQ(0, do_connect(other, &self->address));
	EXPECT_NOTHING(fd, do_connect(fd, &self->address));
	EXPECT_CONNECTS(fd, variant->stack, variant->family);
}

/* connect() on a listener (RFC 9293 3.10.1): if it fails, LISTEN remains */
TEST_F(failed, connect_of_listener)
{
	struct address to[NOWHERES + 1], any = any_address(variant->family, 0);
	int count = nowheres(variant->family, to);

	if (variant->stack == TCP)
		SKIP(return, "the kernel's TCP refuses connect() on a listener");
	for (int wild = 0; wild < 2; wild++) {
		int l = listen_on(variant->stack, wild ? &any : &self->address, 9);
		int c, s, waits;

		set_port(&self->address, port_of(l));
		ASSERT_EQ(0, make_pair(variant->stack, l, &c, &s));
		waits = connect_to(variant->stack, &self->address);
		ASSERT_LE(0, waits);
		WAIT_FOR(events(l, POLLIN) == POLLIN);
		/* a child of the listener uses this 4-tuple */
		to[count] = name_of(c);
		for (int i = 0; i <= count; i++) {
			EXPECT_NOTHING(l, do_connect(l, &to[i]));
			EXPECT_NOTHING(l, sendto(l, "x", 1, MSG_FASTOPEN, &to[i].sa,
						 to[i].len));
		}
		EXPECT_EQ(0, events(waits, POLLIN | POLLRDHUP));
		EXPECT_LE(0, accept(l, NULL, NULL));
		ASSERT_EQ(0, make_pair(variant->stack, l, &c, &s));
		EXPECT_CONNECTS(l, variant->stack, variant->family);
		set_port(&self->address, 0);
		close(l);
	}
}

/*
 * A failed connect() to a link-local address does not bind to
 * the device. (In the kernel's TCP the socket stays bound.)
 */
TEST_F(failed, connect_by_link)
{
	struct address to = address_of(AF_INET6, "fe80::9", 1);
	int fd = open_socket(variant->stack, variant->family);

	if (variant->stack == TCP || variant->family == AF_INET)
		SKIP(return, "XTCP over IPv6 only");
	to.in6.sin6_scope_id = 77;
	EXPECT_NOTHING(fd, do_connect(fd, &to));
	to.in6.sin6_scope_id = if_nametoindex("lo");
	EXPECT_NOTHING(fd, do_connect(fd, &to));
	EXPECT_CONNECTS(fd, variant->stack, variant->family);
}

TEST_F(failed, connect_of_mapped)
{
	struct address own = address_of(AF_INET6, "::ffff:127.0.0.2", 0), name;
	struct address to = address_of(AF_INET6, "2001:db8::9", 1);
	struct address server = address_of(AF_INET6, "::ffff:127.0.0.1", 0);
	int fd, l;

	if (variant->family == AF_INET)
		SKIP(return, "IPv6 only");
	fd = bound(variant->stack, &own, 0);
	l = listen_on(variant->stack, &server, 1);
	ASSERT_LE(0, fd);
	ASSERT_LE(0, l);
	EXPECT_NOTHING(fd, do_connect(fd, &to));
	ASSERT_EQ(0, do_connect(fd, &server));
	name = name_of(fd);
	set_port(&own, port_of(fd));
	EXPECT_TRUE(same_address(&own, &name));
	name = peer_of(accept(l, NULL, NULL));
	EXPECT_TRUE(same_address(&own, &name));
}

TEST_F(failed, bind)
{
	struct address a[4];
	int fd = open_socket(variant->stack, variant->family);

	ASSERT_LE(0, listen_on(variant->stack, &self->address, 1));
	a[0] = self->address;
	a[1] = loopback(variant->family, 0);
	a[1].len = 8;
	a[2] = loopback(variant->family, 0);
	a[2].sa.sa_family = AF_APPLETALK;
	a[3] = address_of(variant->family, variant->family == AF_INET ?
			  "192.0.2.9" : "2001:db8::9", 0);
	for (int i = 0; i < 4; i++) {
		EXPECT_NOTHING(fd, do_bind(fd, &a[i]));
	}
	EXPECT_CONNECTS(fd, variant->stack, variant->family);
}

TEST_F(failed, bind_to_link)
{
	struct address to = address_of(AF_INET6, "fe80::9", 0);
	int fd = open_socket(variant->stack, variant->family);

	if (variant->stack == TCP || variant->family == AF_INET)
		SKIP(return, "XTCP over IPv6 only");
	to.in6.sin6_scope_id = if_nametoindex("lo");
	EXPECT_NOTHING(fd, do_bind(fd, &to));
	to.in6.sin6_scope_id = 77;
	EXPECT_NOTHING(fd, do_bind(fd, &to));
	EXPECT_CONNECTS(fd, variant->stack, variant->family);
}

TEST_F(failed, listen)
{
	int fd, c;

	fd = bound(variant->stack, &self->address, SO_REUSEADDR);
	self->address = name_of(fd);
	c = bound(variant->stack, &self->address, SO_REUSEADDR);
	ASSERT_EQ(0, listen(c, 1));
	EXPECT_NOTHING(fd, listen(fd, 7));
	EXPECT_CONNECTS(fd, variant->stack, variant->family);
	EXPECT_NOTHING(fd, listen(fd, 7));
	/* the other socket is not affected either */
	EXPECT_LE(0, connect_to(variant->stack, &self->address));
}

TEST_F(failed, accept)
{
	int fd = open_nonblock(variant->stack, variant->family);

	EXPECT_NOTHING(fd, accept(fd, NULL, NULL));
	ASSERT_EQ(0, listen(fd, 1));
	EXPECT_NOTHING(fd, accept(fd, NULL, NULL));
}

TEST_F(failed, setsockopt)
{
	static const int bad[][3] = {
		{ SOL_TCP, TCP_MAXSEG, 1 }, { SOL_TCP, TCP_MAXSEG, 40000 },
		{ SOL_TCP, TCP_KEEPIDLE, 0 }, { SOL_TCP, TCP_KEEPINTVL, 40000 },
		{ SOL_TCP, TCP_KEEPCNT, 0 }, { SOL_TCP, TCP_SYNCNT, 0 },
		{ SOL_TCP, TCP_USER_TIMEOUT, -1 }, { SOL_TCP, TCP_FASTOPEN, -1 },
		{ SOL_TCP, 4711, 1 }, { SOL_SOCKET, SO_BINDTOIFINDEX, -1 },
	};
	int fd = open_socket(variant->stack, variant->family);

	for (int listens = 0; listens < 2; listens++) {
		for (size_t i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
			EXPECT_NOTHING(fd, set_int(fd, bad[i][0], bad[i][1], bad[i][2]));
		}
		EXPECT_NOTHING(fd, setsockopt(fd, SOL_TCP, TCP_CONGESTION, "none", 4));
		EXPECT_NOTHING(fd, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "none", 5));
		ASSERT_EQ(0, listen(fd, 1));
	}
}

TEST_F(failed, sendmsg_fastopen)
{
	struct address to[NOWHERES];
	int count = nowheres(variant->family, to);
	int fd = open_socket(variant->stack, variant->family);

	for (int i = 0; i < count; i++) {
		EXPECT_NOTHING(fd, sendto(fd, "x", 1, MSG_FASTOPEN, &to[i].sa, to[i].len));
	}
	EXPECT_CONNECTS(fd, variant->stack, variant->family);
}

TEST_MAIN
