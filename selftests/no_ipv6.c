// SPDX-License-Identifier: GPL-2.0
/*
 * A kernel booted with ipv6.disable=1: IPv4 works, and IPv6 is refused with
 * the errno of the kernel's TCP. scripts/check boots such a kernel.
 */
#include "lib/xtcp_test.h"

static int errno_of_socket(int family, int type, int protocol)
{
	int fd = socket(family, type, protocol);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? errno : 0;
}

/* All tests need such a kernel. */
TEST(booted_without_ipv6)
{
	ASSERT_EQ(EAFNOSUPPORT, errno_of_socket(AF_INET6, SOCK_STREAM, 0));
}

TEST(socket_refused)
{
	EXPECT_EQ(EAFNOSUPPORT,
		  errno_of_socket(AF_XTCP, SOCK_STREAM, IPPROTO_IPV6));
	EXPECT_EQ(errno_of_socket(AF_INET6, SOCK_RDM, 0),
		  errno_of_socket(AF_XTCP, SOCK_RDM, IPPROTO_IPV6));
	EXPECT_EQ(0, errno_of_socket(AF_XTCP, SOCK_STREAM, 0));
	EXPECT_EQ(0, errno_of_socket(AF_XTCP, SOCK_STREAM, IPPROTO_TCP));
}

/* The same in the initial namespace and in one created later. */
TEST(proc_files)
{
	for (int i = 0; i < 2; i++) {
		EXPECT_EQ(0, access("/proc/net/xtcp", R_OK));
		EXPECT_ERRNO(ENOENT, access("/proc/net/tcp6", R_OK));
		EXPECT_ERRNO(ENOENT, access("/proc/net/xtcp6", R_OK));
		ASSERT_EQ(0, new_netns());
	}
}

FIXTURE(no_ipv6) {
	struct address address;
};

FIXTURE_VARIANT(no_ipv6) {
	enum stack client;
	enum stack server;
};

FIXTURE_VARIANT_ADD(no_ipv6, xtcp_xtcp) { XTCP, XTCP };
FIXTURE_VARIANT_ADD(no_ipv6, xtcp_tcp) { XTCP, TCP };
FIXTURE_VARIANT_ADD(no_ipv6, tcp_xtcp) { TCP, XTCP };
FIXTURE_VARIANT_ADD(no_ipv6, reference) { TCP, TCP };

FIXTURE_SETUP(no_ipv6)
{
	ASSERT_EQ(0, new_netns());
	self->address = loopback(AF_INET, 0);
}

FIXTURE_TEARDOWN(no_ipv6) { }

TEST_F(no_ipv6, connects)
{
	int listener, client, server;
	char text[8] = "";

	listener = listen_on(variant->server, &self->address, 1);
	ASSERT_LE(0, listener);
	ASSERT_EQ(0, make_pair(variant->client, listener, &client, &server));
	ASSERT_EQ(5, write(client, "there", 5));
	ASSERT_EQ(5, read(server, text, sizeof(text)));
	EXPECT_STREQ("there", text);
	ASSERT_EQ(4, write(server, "back", 4));
	ASSERT_EQ(4, read(client, text, sizeof(text)));
	ASSERT_EQ(0, close(client));
	EXPECT_EQ(0, read(server, text, sizeof(text)));
	ASSERT_EQ(0, close(server));
}

/* A bound port is exclusive, also without a listener. */
TEST_F(no_ipv6, keeps_a_port)
{
	int fd = bound(variant->server, &self->address, 0);

	ASSERT_LE(0, fd);
	self->address = name_of(fd);
	EXPECT_EQ(-1, bound(variant->client, &self->address, 0));
	EXPECT_EQ(EADDRINUSE, errno);
	EXPECT_EQ(-1, connect_to(variant->client, &self->address));
	EXPECT_EQ(ECONNREFUSED, errno);
}

TEST_MAIN
