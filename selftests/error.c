// SPDX-License-Identifier: GPL-2.0
/* Invalid calls: each has its errno, the same as for the kernel's TCP */
#include "lib/xtcp_test.h"

SOCKET_FIXTURE(error)

TEST_F(error, null_address)
{
	int fd = open_socket(variant->stack, variant->family);

	EXPECT_ERRNO(EFAULT, bind(fd, NULL, self->address.len));
	EXPECT_ERRNO(EFAULT, connect(fd, NULL, self->address.len));
}

TEST_F(error, short_address)
{
	int fd = open_socket(variant->stack, variant->family);

	for (socklen_t len = 0; len < 16; len++) {
		EXPECT_ERRNO(EINVAL, bind(fd, &self->address.sa, len));
	}
	EXPECT_ERRNO(EINVAL, connect(fd, &self->address.sa, 0));
	EXPECT_ERRNO(EINVAL, connect(fd, &self->address.sa, 1));
	EXPECT_ERRNO(EINVAL, connect(fd, &self->address.sa, 15));
	EXPECT_ERRNO(EINVAL, bind(fd, &self->address.sa, -1));
	EXPECT_ERRNO(EINVAL, bind(fd, &self->address.sa, 4096));
}

TEST_F(error, v6_address_cut_short)
{
	int fd = open_socket(variant->stack, AF_INET6);
	struct address a = loopback(AF_INET6, 12345);

	/* sockaddr_in6 of RFC 2133, without sin6_scope_id, is accepted */
	EXPECT_ERRNO(EINVAL, bind(fd, &a.sa, 23));
	EXPECT_EQ(0, bind(fd, &a.sa, 24));
}

TEST_F(error, long_address)
{
	int fd = open_socket(variant->stack, variant->family);

	EXPECT_EQ(0, bind(fd, &self->address.sa, sizeof(self->address.room)));
}

TEST_F(error, wrong_family)
{
	int fd = open_socket(variant->stack, variant->family);
	struct address a = self->address;

	a.sa.sa_family = AF_UNIX;
	EXPECT_ERRNO(EAFNOSUPPORT, do_bind(fd, &a));
	EXPECT_ERRNO(EAFNOSUPPORT, do_connect(fd, &a));
	a.sa.sa_family = variant->family == AF_INET ? AF_INET6 : AF_PACKET;
	EXPECT_ERRNO(EAFNOSUPPORT, do_bind(fd, &a));
	EXPECT_ERRNO(EAFNOSUPPORT, do_connect(fd, &a));
}

/* For compatibility AF_UNSPEC with INADDR_ANY means AF_INET */
TEST_F(error, bind_unspec)
{
	int fd = open_socket(variant->stack, variant->family);
	struct address a = any_address(variant->family, 12345);

	a.sa.sa_family = AF_UNSPEC;
	if (variant->family == AF_INET) {
		EXPECT_EQ(0, do_bind(fd, &a));
	} else {
		EXPECT_ERRNO(EAFNOSUPPORT, do_bind(fd, &a));
	}
	fd = open_socket(variant->stack, variant->family);
	a = loopback(variant->family, 12346);
	a.sa.sa_family = AF_UNSPEC;
	EXPECT_ERRNO(EAFNOSUPPORT, do_bind(fd, &a));
}

TEST_F(error, accept_without_listen)
{
	int fd = open_socket(variant->stack, variant->family);

	EXPECT_ERRNO(EINVAL, accept(fd, NULL, NULL));
	ASSERT_EQ(0, do_bind(fd, &self->address));
	EXPECT_ERRNO(EINVAL, accept(fd, NULL, NULL));
}

TEST_F(error, accept_flags)
{
	int fd = listen_on(variant->stack, &self->address, 1);

	EXPECT_ERRNO(EINVAL, accept4(fd, NULL, NULL, 1 << 20));
}

/* UC-3: SEND and RECEIVE in CLOSED and LISTEN */
TEST_F(error, unconnected)
{
	int fd = open_socket(variant->stack, variant->family);
	struct address a;
	char c;

	a.len = sizeof(a.room);
	EXPECT_ERRNO(ENOTCONN, getpeername(fd, &a.sa, &a.len));
	EXPECT_ERRNO(EPIPE, send(fd, "x", 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(ENOTCONN, recv(fd, &c, 1, 0));
	EXPECT_ERRNO(ENOTCONN, recv(fd, &c, 1, MSG_DONTWAIT));
	EXPECT_ERRNO(ENOTCONN, shutdown(fd, SHUT_RDWR));
	EXPECT_ERRNO(ENOTCONN, shutdown(fd, SHUT_WR));
	EXPECT_EQ(TCP_CLOSE, state_of(fd));
}

TEST_F(error, unconnected_bound)
{
	int fd = open_socket(variant->stack, variant->family);
	char c;

	ASSERT_EQ(0, do_bind(fd, &self->address));
	EXPECT_ERRNO(EPIPE, send(fd, "x", 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(ENOTCONN, recv(fd, &c, 1, 0));
	EXPECT_ERRNO(ENOTCONN, shutdown(fd, SHUT_RD));
}

TEST_F(error, listener_carries_no_data)
{
	int fd = listen_on(variant->stack, &self->address, 1);
	struct address a;
	char c;

	a.len = sizeof(a.room);
	EXPECT_ERRNO(EPIPE, send(fd, "x", 1, MSG_NOSIGNAL));
	EXPECT_ERRNO(ENOTCONN, recv(fd, &c, 1, 0));
	EXPECT_ERRNO(ENOTCONN, getpeername(fd, &a.sa, &a.len));
	EXPECT_EQ(TCP_LISTEN, state_of(fd));
}

TEST_F(error, shutdown_how)
{
	int fd = open_socket(variant->stack, variant->family);

	EXPECT_ERRNO(EINVAL, shutdown(fd, 3));
	EXPECT_ERRNO(EINVAL, shutdown(fd, -1));
}

TEST_F(error, listen_connected)
{
	int l = listen_on(variant->stack, &self->address, 1);
	int c = connect_to(variant->stack, &self->address);
	int s = accept(l, NULL, NULL);

	EXPECT_ERRNO(EINVAL, listen(c, 1));
	EXPECT_ERRNO(EINVAL, listen(s, 1));
}

TEST_F(error, bind_connected)
{
	struct address any = loopback(variant->family, 0);
	int c;

	listen_on(variant->stack, &self->address, 1);
	c = connect_to(variant->stack, &self->address);
	ASSERT_LE(0, c);
	EXPECT_ERRNO(EINVAL, do_bind(c, &any));
}

/* UC-1: a second OPEN */
TEST_F(error, connect_connected)
{
	int l = listen_on(variant->stack, &self->address, 1);
	int c = connect_to(variant->stack, &self->address);
	int s = accept(l, NULL, NULL);

	EXPECT_ERRNO(EISCONN, do_connect(c, &self->address));
	EXPECT_ERRNO(EISCONN, do_connect(s, &self->address));
}

/* TCP ignores the address of sendto() */
TEST_F(error, sendto_connected)
{
	int l = listen_on(variant->stack, &self->address, 1);
	int c = connect_to(variant->stack, &self->address);
	struct address other = loopback(variant->family, 1);
	char buffer[2];
	int s = accept(l, NULL, NULL);

	EXPECT_EQ(1, sendto(c, "x", 1, 0, &other.sa, other.len));
	EXPECT_EQ(1, read(s, buffer, sizeof(buffer)));
}

/* recvfrom() returns no address */
TEST_F(error, recvfrom_has_no_name)
{
	int l = listen_on(variant->stack, &self->address, 1);
	int c = connect_to(variant->stack, &self->address);
	struct address a = { .len = sizeof(a.room) };
	int s = accept(l, NULL, NULL);
	char byte;

	ASSERT_EQ(1, write(c, "x", 1));
	EXPECT_EQ(1, recvfrom(s, &byte, 1, 0, &a.sa, &a.len));
	EXPECT_EQ(0, a.len);
}

TEST_F(error, bad_buffer)
{
	int l = listen_on(variant->stack, &self->address, 1);
	int c = connect_to(variant->stack, &self->address);
	int s = accept(l, NULL, NULL);
	char byte = 0;

	EXPECT_ERRNO(EFAULT, send(c, (void *)8, 100, MSG_NOSIGNAL));
	ASSERT_EQ(1, write(c, "x", 1));
	WAIT_FOR(events(s, POLLIN) & POLLIN);
	EXPECT_ERRNO(EFAULT, recv(s, (void *)8, 100, 0));
	/* the data is still there */
	EXPECT_EQ(1, recv(s, &byte, 1, MSG_DONTWAIT));
	EXPECT_EQ('x', byte);
}

TEST_F(error, name_length)
{
	int fd = listen_on(variant->stack, &self->address, 1);
	struct address a;

	a.len = -1;
	EXPECT_ERRNO(EINVAL, getsockname(fd, &a.sa, &a.len));
	a.len = 16;
	EXPECT_ERRNO(EFAULT, getsockname(fd, (void *)8, &a.len));
	EXPECT_ERRNO(EFAULT, getsockname(fd, &a.sa, NULL));
	memset(&a, 0x55, sizeof(a));
	a.len = 4;
	EXPECT_EQ(0, getsockname(fd, &a.sa, &a.len));
	EXPECT_EQ(self->address.len, a.len);
	EXPECT_EQ(address_port(&self->address), address_port(&a));
	EXPECT_EQ(0x55, ((unsigned char *)&a.in)[4]);
}

TEST_F(error, ioctl_unknown)
{
	int fd = open_socket(variant->stack, variant->family), value;

	EXPECT_ERRNO(ENOTTY, ioctl(fd, 0x12345678, &value));
}

TEST_F(error, ioctl_listener)
{
	int fd = listen_on(variant->stack, &self->address, 1), value;

	EXPECT_ERRNO(EINVAL, ioctl(fd, SIOCINQ, &value));
	EXPECT_ERRNO(EINVAL, ioctl(fd, SIOCOUTQ, &value));
	EXPECT_ERRNO(EINVAL, ioctl(fd, SIOCOUTQNSD, &value));
}

TEST_F(error, no_seek)
{
	int fd = open_socket(variant->stack, variant->family);

	EXPECT_ERRNO(ESPIPE, lseek(fd, 0, SEEK_SET));
	EXPECT_ERRNO(ESPIPE, pread(fd, &fd, 1, 0));
}

/* MSG_OOB without urgent data */
TEST_F(error, nothing_urgent)
{
	int l = listen_on(variant->stack, &self->address, 1);
	int c = connect_to(variant->stack, &self->address);
	int s = accept(l, NULL, NULL);
	char byte;

	EXPECT_EQ(0, close(l));
	ASSERT_LE(0, c);
	EXPECT_ERRNO(EINVAL, recv(s, &byte, 1, MSG_OOB));
}

/* sa_family may be AF_XTCP, too */
TEST(family_field)
{
	struct address server, a;
	int fd;

	for (int i = 0; i < 2; i++) {
		a = loopback(i ? AF_INET6 : AF_INET, 0);
		ASSERT_EQ(0, new_netns());
		fd = open_socket(XTCP, a.sa.sa_family);
		a.sa.sa_family = AF_XTCP;
		EXPECT_EQ(0, do_bind(fd, &a));
		EXPECT_EQ(0, listen(fd, 1));
		server = name_of(fd);
		EXPECT_EQ(i ? AF_INET6 : AF_INET, server.sa.sa_family);
		a = server;
		a.sa.sa_family = AF_XTCP;
		fd = open_socket(XTCP, server.sa.sa_family);
		EXPECT_EQ(0, do_connect(fd, &a));
		a = peer_of(fd);
		EXPECT_TRUE(same_address(&server, &a));
	}
}

TEST_MAIN
