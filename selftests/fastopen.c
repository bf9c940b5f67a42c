// SPDX-License-Identifier: GPL-2.0
/* TCP Fast Open (RFC 7413) between sockets of both stacks */
#include "lib/xtcp_test.h"

LISTENER_FIXTURE(fastopen)

/* Enables client and server in both stacks; TCP_FASTOPEN creates a key. */
static int allow(int listener)
{
	return set_sysctl(TCP, "fastopen", "3") ||
	       set_sysctl(XTCP, "fastopen", "3") ||
	       set_int(listener, SOL_TCP, TCP_FASTOPEN, 16);
}

static int send_fast(int fd, const struct address *to, const void *data,
		     size_t len)
{
	return sendto(fd, data, len, MSG_FASTOPEN, &to->sa, to->len);
}

/*
 * Return: whether the data of the SYN was accepted (server) or
 * acknowledged (client)
 */
static bool fast_on_syn(int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	return !getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len) &&
	       (info.tcpi_options & TCPI_OPT_SYN_DATA);
}

/*
 * FO-1, FO-4, FO-8: the first connection requests a cookie,
 * the next have data in the SYN.
 */
TEST_F(fastopen, second_connection_is_fast)
{
	char text[8];

	ASSERT_EQ(0, allow(self->listener));
	for (int i = 0; i < 3; i++) {
		int c = open_socket(variant->client, variant->family), s;

		ASSERT_EQ(5, send_fast(c, &self->address, "hello", 5));
		s = accept(self->listener, NULL, NULL);
		ASSERT_LE(0, s);
		ASSERT_EQ(5, recv(s, text, 5, MSG_WAITALL));
		EXPECT_EQ(0, memcmp(text, "hello", 5));
		ASSERT_EQ(3, write(s, "you", 3));
		ASSERT_EQ(3, recv(c, text, 3, MSG_WAITALL));
		EXPECT_EQ(i > 0, fast_on_syn(c));
		EXPECT_EQ(i > 0, fast_on_syn(s));
		EXPECT_EQ(TCP_ESTABLISHED, state_of(s));
		close(c);
		EXPECT_EQ(0, read(s, text, sizeof(text)));
		close(s);
	}
}

/* FO-8: a write larger than a SYN arrives completely */
TEST_F(fastopen, large_first_write)
{
	static char sent[100000], got[100000];

	ASSERT_EQ(0, allow(self->listener));
	for (size_t i = 0; i < sizeof(sent); i++)
		sent[i] = i * 7 + i / 251;
	for (int i = 0; i < 2; i++) {
		int c = open_socket(variant->client, variant->family), s;

		ASSERT_EQ(sizeof(sent), send_fast(c, &self->address, sent,
						  sizeof(sent)));
		s = accept(self->listener, NULL, NULL);
		ASSERT_EQ(sizeof(got), recv(s, got, sizeof(got), MSG_WAITALL));
		EXPECT_EQ(0, memcmp(sent, got, sizeof(got)));
		EXPECT_EQ(i > 0, fast_on_syn(c));
		close(c);
		close(s);
	}
}

/* FO-1: TCP_FASTOPEN_CONNECT: connect() defers the SYN to the first write */
TEST_F(fastopen, on_connect)
{
	char text[8];

	ASSERT_EQ(0, allow(self->listener));
	for (int i = 0; i < 2; i++) {
		int c = open_socket(variant->client, variant->family), s;

		ASSERT_EQ(0, set_int(c, SOL_TCP, TCP_FASTOPEN_CONNECT, 1));
		ASSERT_EQ(0, do_connect(c, &self->address));
		ASSERT_EQ(5, write(c, "hello", 5));
		s = accept(self->listener, NULL, NULL);
		ASSERT_EQ(5, recv(s, text, 5, MSG_WAITALL));
		EXPECT_EQ(i > 0, fast_on_syn(s));
		close(c);
		close(s);
	}
}

/* FO-1: calls that are refused */
TEST_F(fastopen, errors)
{
	char key[32];
	socklen_t len = sizeof(key);
	int c, s;

	ASSERT_EQ(0, allow(self->listener));
	ASSERT_EQ(0, make_pair(variant->client, self->listener, &c, &s));
	EXPECT_ERRNO(EISCONN, send_fast(c, &self->address, "x", 1));
	EXPECT_ERRNO(EINVAL, set_int(c, SOL_TCP, TCP_FASTOPEN, 1));
	EXPECT_ERRNO(EINVAL, set_int(c, SOL_TCP, TCP_FASTOPEN_CONNECT, 1));
	EXPECT_ERRNO(EINVAL, set_int(self->listener, SOL_TCP, TCP_FASTOPEN, -1));
	EXPECT_ERRNO(EINVAL, setsockopt(self->listener, SOL_TCP, 33, "x", 1));
	/* The key of the namespace is not readable. */
	EXPECT_EQ(0, getsockopt(self->listener, SOL_TCP, 33, key, &len));
	EXPECT_EQ(0, len);
	ASSERT_EQ(0, set_sysctl(variant->client, "fastopen", "2"));
	c = open_socket(variant->client, variant->family);
	EXPECT_ERRNO(EOPNOTSUPP, send_fast(c, &self->address, "x", 1));
}

/* sendmsg() with an invalid control message does not open a connection. */
TEST_F(fastopen, refused_control_message)
{
	char room[CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = {};
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_name = &self->address.sa, .msg_namelen = self->address.len,
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	struct cmsghdr *h = CMSG_FIRSTHDR(&msg);
	struct tcp_info ti = {};
	socklen_t len = sizeof(ti);
	int c;

	if (variant->client != XTCP)
		SKIP(return, "the kernel's TCP connects first");
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = 9999;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	ASSERT_EQ(0, allow(self->listener));
	c = open_socket(variant->client, variant->family);
	EXPECT_ERRNO(EINVAL, sendmsg(c, &msg, MSG_FASTOPEN));
	ASSERT_EQ(0, getsockopt(c, SOL_TCP, TCP_INFO, &ti, &len));
	EXPECT_EQ(TCP_CLOSE, ti.tcpi_state);
	msg.msg_controllen = 0;
	EXPECT_EQ(1, sendmsg(c, &msg, MSG_FASTOPEN));
	/* Connected: EISCONN precedes the check of control messages. */
	msg.msg_controllen = sizeof(room);
	EXPECT_ERRNO(EISCONN, sendmsg(c, &msg, MSG_FASTOPEN));
}

TEST_MAIN
