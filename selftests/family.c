// SPDX-License-Identifier: GPL-2.0
/* socket(): supported types and protocols, and attributes of a new socket */
#include "lib/xtcp_test.h"

static int errno_of_socket(int type, int protocol)
{
	int fd = socket(AF_XTCP, type, protocol);

	if (fd >= 0)
		close(fd);
	return fd < 0 ? errno : 0;
}

TEST(number_in_header)
{
	EXPECT_EQ(22, AF_XTCP);
	EXPECT_EQ(AF_XTCP, PF_XTCP);
	/* the kernel must not cast our struct sock to struct tcp_sock */
	EXPECT_NE(IPPROTO_TCP, IPPROTO_XTCP);
}

TEST(protocols)
{
	EXPECT_EQ(0, errno_of_socket(SOCK_STREAM, 0));
	EXPECT_EQ(0, errno_of_socket(SOCK_STREAM, IPPROTO_TCP));
	EXPECT_EQ(0, errno_of_socket(SOCK_STREAM, IPPROTO_IPV6));
}

TEST(unknown_protocol)
{
	EXPECT_EQ(EPROTONOSUPPORT, errno_of_socket(SOCK_STREAM, IPPROTO_UDP));
	EXPECT_EQ(EPROTONOSUPPORT, errno_of_socket(SOCK_STREAM, IPPROTO_SCTP));
	EXPECT_EQ(EPROTONOSUPPORT, errno_of_socket(SOCK_STREAM, IPPROTO_ICMP));
}

TEST(other_types)
{
	EXPECT_EQ(ESOCKTNOSUPPORT, errno_of_socket(SOCK_DGRAM, 0));
	EXPECT_EQ(ESOCKTNOSUPPORT, errno_of_socket(SOCK_RAW, 0));
	EXPECT_EQ(ESOCKTNOSUPPORT, errno_of_socket(SOCK_RDM, 0));
	EXPECT_EQ(ESOCKTNOSUPPORT, errno_of_socket(SOCK_SEQPACKET, 0));
	EXPECT_EQ(ESOCKTNOSUPPORT, errno_of_socket(SOCK_DGRAM, IPPROTO_IPV6));
	EXPECT_EQ(EINVAL, errno_of_socket(15, 0));
}

TEST(no_privilege_needed)
{
	ASSERT_EQ(0, setresuid(65534, 65534, 65534));
	EXPECT_EQ(0, errno_of_socket(SOCK_STREAM, 0));
	EXPECT_EQ(0, errno_of_socket(SOCK_STREAM, IPPROTO_IPV6));
}

/* SO_PROTOCOL is IPPROTO_XTCP */
TEST(protocol_of_its_own)
{
	int v4 = socket(AF_XTCP, SOCK_STREAM, IPPROTO_TCP);
	int v6 = socket(AF_XTCP, SOCK_STREAM, IPPROTO_IPV6);

	EXPECT_EQ(IPPROTO_XTCP, get_int(v4, SOL_SOCKET, SO_PROTOCOL));
	EXPECT_EQ(IPPROTO_XTCP, get_int(v6, SOL_SOCKET, SO_PROTOCOL));
}

TEST(socketpair_refused)
{
	int fd[2];

	EXPECT_ERRNO(EOPNOTSUPP, socketpair(AF_XTCP, SOCK_STREAM, 0, fd));
}

TEST(many_open_and_close)
{
	for (int i = 0; i < 1000; i++) {
		ASSERT_EQ(0, close(open_socket(XTCP, i % 2 ? AF_INET : AF_INET6)));
	}
}

SOCKET_FIXTURE(family)

TEST_F(family, socket_type_and_state)
{
	int fd = open_socket(variant->stack, variant->family);

	EXPECT_EQ(variant->family, get_int(fd, SOL_SOCKET, SO_DOMAIN));
	EXPECT_EQ(SOCK_STREAM, get_int(fd, SOL_SOCKET, SO_TYPE));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ACCEPTCONN));
	EXPECT_EQ(0, get_int(fd, SOL_SOCKET, SO_ERROR));
	EXPECT_EQ(TCP_CLOSE, state_of(fd));
}

TEST_F(family, flags)
{
	int fd = open_type(variant->stack, variant->family,
			   SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC);

	EXPECT_EQ(O_NONBLOCK, fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(FD_CLOEXEC, fcntl(fd, F_GETFD));
	fd = open_socket(variant->stack, variant->family);
	EXPECT_EQ(0, fcntl(fd, F_GETFL) & O_NONBLOCK);
	EXPECT_EQ(0, fcntl(fd, F_GETFD));
}

/* MUST-25: SO_KEEPALIVE is off, like all other options */
TEST_F(family, defaults)
{
	static const int off[] = {
		SO_KEEPALIVE, SO_REUSEADDR, SO_REUSEPORT, SO_OOBINLINE,
		SO_BROADCAST, SO_DONTROUTE, SO_PRIORITY, SO_MARK, SO_DEBUG,
	};
	int fd = open_socket(variant->stack, variant->family);
	struct linger linger = { 5, 5 };
	socklen_t len = sizeof(linger);

	for (size_t i = 0; i < sizeof(off) / sizeof(*off); i++) {
		EXPECT_EQ(0, get_int(fd, SOL_SOCKET, off[i]));
	}
	EXPECT_EQ(1, get_int(fd, SOL_SOCKET, SO_RCVLOWAT));
	ASSERT_EQ(0, getsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, &len));
	EXPECT_EQ(0, linger.l_onoff);
	EXPECT_EQ(0, linger.l_linger);
}

/* The default sizes are the second values of rmem and wmem */
TEST_F(family, buffer_sizes)
{
	int fd = open_socket(variant->stack, variant->family);
	char text[128];
	int size = 0;

	ASSERT_EQ(0, get_sysctl(variant->stack, "rmem", text, sizeof(text)));
	ASSERT_EQ(1, sscanf(text, "%*d %d", &size));
	EXPECT_EQ(size, get_int(fd, SOL_SOCKET, SO_RCVBUF));
	ASSERT_EQ(0, get_sysctl(variant->stack, "wmem", text, sizeof(text)));
	ASSERT_EQ(1, sscanf(text, "%*d %d", &size));
	EXPECT_EQ(size, get_int(fd, SOL_SOCKET, SO_SNDBUF));
}

TEST_F(family, name_of_new_socket)
{
	int fd = open_socket(variant->stack, variant->family);
	struct address expected = any_address(variant->family, 0);
	struct address name = name_of(fd);

	EXPECT_EQ(expected.len, name.len);
	EXPECT_TRUE(same_address(&expected, &name));
}

TEST_F(family, dup_shares_the_socket)
{
	int fd = open_socket(variant->stack, variant->family);
	int other = dup(fd);

	ASSERT_EQ(0, do_bind(fd, &self->address));
	EXPECT_EQ(port_of(fd), port_of(other));
	close(fd);
	EXPECT_NE(0, port_of(other));
}

TEST_MAIN
