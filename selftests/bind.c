// SPDX-License-Identifier: GPL-2.0
/* bind(): names, conflicts, privileges */
#include "lib/xtcp_test.h"

#ifndef IP_BIND_ADDRESS_NO_PORT
#define IP_BIND_ADDRESS_NO_PORT 24
#endif

SOCKET_FIXTURE(bind)

TEST_F(bind, any_port)
{
	int fd = bound(variant->stack, &self->address, 0);
	struct address name = name_of(fd);

	ASSERT_LE(0, fd);
	EXPECT_EQ(self->address.len, name.len);
	EXPECT_LT(0, address_port(&name));
	set_port(&self->address, address_port(&name));
	EXPECT_TRUE(same_address(&self->address, &name));
}

TEST_F(bind, given_port)
{
	int fd;

	set_port(&self->address, 12345);
	fd = bound(variant->stack, &self->address, 0);
	ASSERT_LE(0, fd);
	EXPECT_EQ(12345, port_of(fd));
}

TEST_F(bind, wildcard)
{
	struct address any = any_address(variant->family, 12345), name;
	int fd = bound(variant->stack, &any, 0);

	ASSERT_LE(0, fd);
	name = name_of(fd);
	EXPECT_TRUE(same_address(&any, &name));
}

TEST_F(bind, in_use)
{
	set_port(&self->address, 12345);
	ASSERT_LE(0, bound(variant->stack, &self->address, 0));
	EXPECT_ERRNO(EADDRINUSE, bound(variant->stack, &self->address, 0));
	/* both sockets need SO_REUSEADDR */
	EXPECT_ERRNO(EADDRINUSE, bound(variant->stack, &self->address, SO_REUSEADDR));
}

TEST_F(bind, in_use_by_wildcard)
{
	struct address any = any_address(variant->family, 12345);

	set_port(&self->address, 12345);
	ASSERT_LE(0, bound(variant->stack, &any, 0));
	EXPECT_ERRNO(EADDRINUSE, bound(variant->stack, &self->address, 0));
	EXPECT_ERRNO(EADDRINUSE, bound(variant->stack, &any, 0));
}

TEST_F(bind, wildcard_in_use_by_address)
{
	struct address any = any_address(variant->family, 12345);

	set_port(&self->address, 12345);
	ASSERT_LE(0, bound(variant->stack, &self->address, 0));
	EXPECT_ERRNO(EADDRINUSE, bound(variant->stack, &any, 0));
}

/* MUST-43: the program can choose the local address */
TEST_F(bind, one_port_on_two_addresses)
{
	struct address second = near_address(variant->family, 12345);

	ASSERT_EQ(0, add_address("lo", near_address(variant->family, 0),
				 variant->family == AF_INET6 ? 128 : 32));
	set_port(&self->address, 12345);
	ASSERT_LE(0, bound(variant->stack, &self->address, 0));
	ASSERT_LE(0, bound(variant->stack, &second, 0));
}

TEST_F(bind, free_after_close)
{
	int fd;

	set_port(&self->address, 12345);
	for (int i = 0; i < 100; i++) {
		fd = bound(variant->stack, &self->address, 0);
		ASSERT_LE(0, fd);
		ASSERT_EQ(0, close(fd));
	}
}

TEST_F(bind, reuseaddr_until_one_listens)
{
	int first, second;

	set_port(&self->address, 12345);
	first = bound(variant->stack, &self->address, SO_REUSEADDR);
	second = bound(variant->stack, &self->address, SO_REUSEADDR);
	ASSERT_LE(0, first);
	ASSERT_LE(0, second);
	ASSERT_EQ(0, listen(first, 1));
	EXPECT_ERRNO(EADDRINUSE, listen(second, 1));
	EXPECT_ERRNO(EADDRINUSE, bound(variant->stack, &self->address, SO_REUSEADDR));
}

TEST_F(bind, reuseport_lets_all_listen)
{
	int first, second;

	set_port(&self->address, 12345);
	first = bound(variant->stack, &self->address, SO_REUSEPORT);
	second = bound(variant->stack, &self->address, SO_REUSEPORT);
	ASSERT_LE(0, first);
	ASSERT_LE(0, second);
	EXPECT_EQ(0, listen(first, 1));
	EXPECT_EQ(0, listen(second, 1));
	EXPECT_ERRNO(EADDRINUSE, bound(variant->stack, &self->address, 0));
	EXPECT_ERRNO(EADDRINUSE, bound(variant->stack, &self->address, SO_REUSEADDR));
}

TEST_F(bind, reuseport_only_among_one_user)
{
	set_port(&self->address, 12345);
	ASSERT_LE(0, bound(variant->stack, &self->address, SO_REUSEPORT));
	ASSERT_EQ(0, setresuid(65534, 65534, 65534));
	EXPECT_ERRNO(EADDRINUSE, bound(variant->stack, &self->address, SO_REUSEPORT));
}

TEST_F(bind, twice)
{
	int fd = bound(variant->stack, &self->address, 0);
	int port = port_of(fd);

	EXPECT_ERRNO(EINVAL, do_bind(fd, &self->address));
	EXPECT_EQ(port, port_of(fd));
}

TEST_F(bind, address_not_ours)
{
	struct address a = far_address(variant->family, 0);

	EXPECT_ERRNO(EADDRNOTAVAIL, bound(variant->stack, &a, 0));
}

TEST_F(bind, freebind)
{
	struct address a = far_address(variant->family, 12345);
	int fd = open_socket(variant->stack, variant->family);

	ASSERT_EQ(0, set_int(fd, SOL_IP, IP_FREEBIND, 1));
	EXPECT_EQ(0, do_bind(fd, &a));
}

TEST_F(bind, privileged_port)
{
	set_port(&self->address, 80);
	ASSERT_LE(0, close(bound(variant->stack, &self->address, 0)));
	ASSERT_EQ(0, setresuid(65534, 65534, 65534));
	EXPECT_ERRNO(EACCES, bound(variant->stack, &self->address, 0));
	set_port(&self->address, 1024);
	EXPECT_LE(0, bound(variant->stack, &self->address, 0));
}

TEST_F(bind, unprivileged_port_start)
{
	ASSERT_EQ(0, sh("echo 80 > /proc/sys/net/ipv4/ip_unprivileged_port_start"));
	ASSERT_EQ(0, setresuid(65534, 65534, 65534));
	set_port(&self->address, 80);
	EXPECT_LE(0, bound(variant->stack, &self->address, 0));
	set_port(&self->address, 79);
	EXPECT_ERRNO(EACCES, bound(variant->stack, &self->address, 0));
}

TEST_F(bind, multicast)
{
	struct address a = variant->family == AF_INET6 ?
		address_of(AF_INET6, "ff02::1", 0) :
		address_of(AF_INET, "224.0.0.1", 0);
	int fd = open_socket(variant->stack, variant->family);

	if (variant->family == AF_INET6) {
		EXPECT_ERRNO(EINVAL, do_bind(fd, &a));
	} else {
		EXPECT_EQ(0, do_bind(fd, &a));
	}
}

/* IP_BIND_ADDRESS_NO_PORT: connect() chooses the port */
TEST_F(bind, address_without_port)
{
	struct address server = self->address, name;
	int fd = open_socket(variant->stack, variant->family);

	ASSERT_LE(0, listen_on(variant->stack, &server, 1));
	ASSERT_EQ(0, set_int(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1));
	EXPECT_EQ(1, get_int(fd, SOL_IP, IP_BIND_ADDRESS_NO_PORT));
	ASSERT_EQ(0, do_bind(fd, &self->address));
	EXPECT_EQ(0, port_of(fd));
	name = name_of(fd);
	EXPECT_TRUE(same_address(&self->address, &name));
	ASSERT_EQ(0, do_connect(fd, &server));
	EXPECT_NE(0, port_of(fd));
}

/* XT-9 */
TEST_F(bind, to_device)
{
	int fd = open_socket(variant->stack, variant->family);

	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	EXPECT_EQ(0, do_bind(fd, &self->address));
	EXPECT_EQ(0, listen(fd, 1));
	self->address = name_of(fd);
	EXPECT_LE(0, connect_to(variant->stack, &self->address));
	EXPECT_ERRNO(ENODEV, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "nix", 4));
}

/* Both IP versions, and IPv6 sockets with and without IPV6_V6ONLY */
FIXTURE(dual) {
	int port;
};

FIXTURE_VARIANT(dual) {
	enum stack stack;
};

FIXTURE_VARIANT_ADD(dual, xtcp) { XTCP };
FIXTURE_VARIANT_ADD(dual, reference) { TCP };

FIXTURE_SETUP(dual)
{
	ASSERT_EQ(0, new_netns());
}

FIXTURE_TEARDOWN(dual) { }

static int bound_v6only(enum stack stack, const struct address *a, int v6only)
{
	int fd = open_socket(stack, AF_INET6);

	if (set_int(fd, SOL_IPV6, IPV6_V6ONLY, v6only) || do_bind(fd, a))
		return -1;
	return fd;
}

TEST_F(dual, v6_wildcard_holds_v4)
{
	struct address v6 = any_address(AF_INET6, 12345);
	struct address v4 = any_address(AF_INET, 12345);
	struct address lo = loopback(AF_INET, 12345);

	ASSERT_LE(0, bound_v6only(variant->stack, &v6, 0));
	EXPECT_ERRNO(EADDRINUSE, bound(variant->stack, &v4, 0));
	EXPECT_ERRNO(EADDRINUSE, bound(variant->stack, &lo, 0));
}

TEST_F(dual, v4_wildcard_holds_dual_v6)
{
	struct address v6 = any_address(AF_INET6, 12345);
	struct address v4 = any_address(AF_INET, 12345);

	ASSERT_LE(0, bound(variant->stack, &v4, 0));
	EXPECT_ERRNO(EADDRINUSE, bound_v6only(variant->stack, &v6, 0));
}

TEST_F(dual, v6only_leaves_v4_free)
{
	struct address v6 = any_address(AF_INET6, 12345);
	struct address v4 = any_address(AF_INET, 12345);

	ASSERT_LE(0, bound_v6only(variant->stack, &v6, 1));
	EXPECT_LE(0, bound(variant->stack, &v4, 0));
}

TEST_F(dual, loopbacks_of_both_are_two)
{
	struct address v6 = loopback(AF_INET6, 12345);
	struct address v4 = loopback(AF_INET, 12345);

	ASSERT_LE(0, bound(variant->stack, &v6, 0));
	EXPECT_LE(0, bound(variant->stack, &v4, 0));
}

TEST_F(dual, mapped)
{
	struct address mapped = address_of(AF_INET6, "::ffff:127.0.0.1", 12345), name;
	struct address v4 = loopback(AF_INET, 12345);
	int fd = bound_v6only(variant->stack, &mapped, 0);

	ASSERT_LE(0, fd);
	name = name_of(fd);
	EXPECT_TRUE(same_address(&mapped, &name));
	EXPECT_ERRNO(EADDRINUSE, bound(variant->stack, &v4, 0));
}

TEST_F(dual, mapped_not_for_v6only)
{
	struct address mapped = address_of(AF_INET6, "::ffff:127.0.0.1", 12345);

	EXPECT_ERRNO(EINVAL, bound_v6only(variant->stack, &mapped, 1));
}

/* bind() to an IPv6 address sets IPV6_V6ONLY */
TEST_F(dual, address_means_v6only)
{
	struct address mapped = address_of(AF_INET6, "::ffff:127.0.0.1", 12346);
	struct address a = loopback(AF_INET6, 12345);
	int fd = open_socket(variant->stack, AF_INET6), other;

	ASSERT_EQ(0, get_int(fd, SOL_IPV6, IPV6_V6ONLY));
	ASSERT_EQ(0, do_bind(fd, &a));
	EXPECT_EQ(1, get_int(fd, SOL_IPV6, IPV6_V6ONLY));
	EXPECT_ERRNO(ENETUNREACH, do_connect(fd, &mapped));
	/* but not if bind() failed */
	other = open_socket(variant->stack, AF_INET6);
	EXPECT_ERRNO(EADDRINUSE, do_bind(other, &a));
	EXPECT_EQ(0, get_int(other, SOL_IPV6, IPV6_V6ONLY));
}

/* a failed second bind() with a scope id does not bind to the device */
TEST_F(dual, link_local_when_bound)
{
	struct address a = address_of(AF_INET6, "fe80::1", 12345);
	struct address first = loopback(AF_INET6, 0);
	int fd = bound(variant->stack, &first, 0);

	ASSERT_LE(0, fd);
	ASSERT_EQ(0, add_address("lo", a, 64));
	a.in6.sin6_scope_id = 1;
	EXPECT_ERRNO(EINVAL, do_bind(fd, &a));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_BINDTOIFINDEX));
}

TEST_F(dual, link_local_needs_scope)
{
	struct address a = address_of(AF_INET6, "fe80::1", 12345);

	ASSERT_EQ(0, add_address("lo", a, 64));
	EXPECT_ERRNO(EINVAL, bound(variant->stack, &a, 0));
	a.in6.sin6_scope_id = 1;
	EXPECT_LE(0, bound(variant->stack, &a, 0));
}

/*
 * sockaddr_in6 of RFC 2133 ends before sin6_scope_id: the
 * scope is 0, not a value left from an earlier call
 */
TEST_F(dual, link_local_of_rfc2133)
{
	struct address a = address_of(AF_INET6, "fe80::1", 0), old;
	int fd = open_socket(variant->stack, AF_INET6);
	int full = open_socket(variant->stack, AF_INET6);

	ASSERT_EQ(0, add_address("lo", a, 64));
	a.in6.sin6_scope_id = 1;
	old = a;
	old.len = offsetof(struct sockaddr_in6, sin6_scope_id);
	EXPECT_EQ(0, do_bind(full, &a));
	EXPECT_ERRNO(EINVAL, do_bind(fd, &old));
	full = open_socket(variant->stack, AF_INET6);
	if (ring_bind(full, &a)) {
		/* io_uring has bind() since Linux 6.11 */
		ASSERT_EQ(EINVAL, errno);
	} else {
		EXPECT_ERRNO(EINVAL, ring_bind(fd, &old));
	}
	/* the device may be given by SO_BINDTODEVICE instead */
	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "lo", 3));
	EXPECT_EQ(0, do_bind(fd, &old));
}

TEST_MAIN
