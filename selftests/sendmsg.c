// SPDX-License-Identifier: GPL-2.0
/* Control messages and flags of sendmsg() on a stream */
#include "lib/xtcp_test.h"

#include <linux/net_tstamp.h>

#ifndef SCM_TXTIME
#define SCM_TXTIME 61
#endif

PAIR_FIXTURE(sendmsg)

struct control {
	const char *name;
	int level, type;
	int len;		/* cmsg_len less the header */
	int value;
	int tcp, xtcp;		/* errno, or 0 */
};

#define WHOLE ((int)sizeof(int))

static const struct control controls[] = {
	/* cmsg_len below the header size, and beyond the buffer */
	{ "no length", SOL_SOCKET, SCM_RIGHTS, -1, 0, EINVAL, EINVAL },
	{ "no length, IP", SOL_IP, IP_TTL, -1, 0, EINVAL, EINVAL },
	{ "too long", SOL_SOCKET, SCM_RIGHTS, 1000, 0, EINVAL, EINVAL },
	{ "too long, IP", SOL_IP, IP_TTL, 1000, 0, EINVAL, EINVAL },
	{ "unknown", SOL_SOCKET, 9999, WHOLE, 0, EINVAL, EINVAL },
	{ "an option", SOL_SOCKET, SO_RCVBUF, WHOLE, 0, EINVAL, EINVAL },
	{ "short mark", SOL_SOCKET, SO_MARK, 1, 0, EINVAL, EINVAL },
	{ "short flags", SOL_SOCKET, SO_TIMESTAMPING, 1, 0, EINVAL, EINVAL },
	{ "bad flags", SOL_SOCKET, SO_TIMESTAMPING, WHOLE,
	  SOF_TIMESTAMPING_RX_SOFTWARE, EINVAL, EINVAL },
	{ "no SO_TXTIME", SOL_SOCKET, SCM_TXTIME, 8, 0, EINVAL, EINVAL },
	/* other control messages are ignored */
	{ "rights", SOL_SOCKET, SCM_RIGHTS, WHOLE, 0, 0, 0 },
	{ "credentials", SOL_SOCKET, SCM_CREDENTIALS, WHOLE, 0, 0, 0 },
	{ "another level", SOL_TCP, 1, WHOLE, 0, 0, 0 },
	{ "TTL", SOL_IP, IP_TTL, WHOLE, 3, 0, 0 },
	/* the mark that the socket has */
	{ "mark 0", SOL_SOCKET, SO_MARK, WHOLE, 0, 0, 0 },
	{ "no stamps", SOL_SOCKET, SO_TIMESTAMPING, WHOLE, 0, 0, 0 },
	/* the kernel's TCP ignores a mark */
	{ "mark", SOL_SOCKET, SO_MARK, WHOLE, 7, 0, EOPNOTSUPP },
	/* not implemented: refused, so that no program waits for timestamps */
	{ "stamp", SOL_SOCKET, SO_TIMESTAMPING, WHOLE,
	  SOF_TIMESTAMPING_TX_SOFTWARE, 0, EOPNOTSUPP },
	{ "ack stamp", SOL_SOCKET, SO_TIMESTAMPING, WHOLE,
	  SOF_TIMESTAMPING_TX_ACK, 0, EOPNOTSUPP },
};

#define N_CONTROLS (sizeof(controls) / sizeof(*controls))

/* @n bytes with a control message: bytes sent, or -errno */
static int send_with(int fd, const struct control *c, int n)
{
	char room[64] __attribute__((aligned(8))) = {};
	struct iovec iov = { "0123456789", n };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	struct cmsghdr *h = CMSG_FIRSTHDR(&msg);

	h->cmsg_level = c->level;
	h->cmsg_type = c->type;
	h->cmsg_len = CMSG_LEN(0) + c->len;
	memcpy(CMSG_DATA(h), &c->value, sizeof(c->value));
	if (c->len > 0 && c->len < 32)
		msg.msg_controllen = CMSG_SPACE(c->len);
	n = sendmsg(fd, &msg, 0);
	return n < 0 ? -errno : n;
}

TEST_F(sendmsg, control)
{
	int total = 0, wanted;

	for (const struct control *c = controls; c < controls + N_CONTROLS; c++) {
		wanted = variant->client == XTCP ? c->xtcp : c->tcp;
		for (int n = 10; n >= 0; n -= 10) {
			EXPECT_EQ(wanted ? -wanted : n,
				  send_with(self->client, c, n)) {
				TH_LOG("%s, %d bytes", c->name, n);
			}
			if (!wanted)
				total += n;
		}
		EXPECT_EQ(0, take_error(self->client));
	}
	/* data of refused calls was not sent */
	for (char buffer[10]; total; total -= 10)
		ASSERT_EQ(10, recv(self->server, buffer, 10, MSG_WAITALL));
	EXPECT_EQ(0, shutdown(self->client, SHUT_WR));
	EXPECT_EQ(0, recv(self->server, &total, 1, 0));
}

/* SO_MARK needs CAP_NET_ADMIN for any value */
TEST_F(sendmsg, mark_without_right)
{
	const struct control mark = { "mark", SOL_SOCKET, SO_MARK, WHOLE, 0, 0, 0 };
	pid_t pid = child();
	int status;

	if (!pid) {
		if (setuid(65534))
			exit(100);
		exit(-send_with(self->client, &mark, 10));
	}
	status = child_status(pid);
	/* newer kernels return EPERM */
	if (status != EPERM || variant->client == XTCP)
		EXPECT_EQ(EINVAL, status);
}

/* Several control messages: each is checked */
TEST_F(sendmsg, second)
{
	char room[2 * CMSG_SPACE(sizeof(int))] __attribute__((aligned(8))) = {};
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	struct cmsghdr *h = CMSG_FIRSTHDR(&msg);

	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	h = (struct cmsghdr *)(room + CMSG_SPACE(sizeof(int)));
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = 9999;
	h->cmsg_len = CMSG_LEN(sizeof(int));
	EXPECT_ERRNO(EINVAL, sendmsg(self->client, &msg, 0));
	h->cmsg_type = SCM_RIGHTS;
	EXPECT_EQ(1, sendmsg(self->client, &msg, 0));
}

static int data_segments(int fd)
{
	struct tcp_info info = {};
	socklen_t len = sizeof(info);

	getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len);
	return info.tcpi_data_segs_out;
}

/* number of segments for the data of two calls */
static int segments_of(int fd, int flags)
{
	int before = data_segments(fd);

	set_int(fd, SOL_TCP, TCP_CORK, 1);
	send(fd, "0123456789", 10, flags);
	send(fd, "0123456789", 10, 0);
	set_int(fd, SOL_TCP, TCP_CORK, 0);
	return data_segments(fd) - before;
}

/* MSG_EOR: later data goes into another segment */
TEST_F(sendmsg, end_of_record)
{
	char buffer[20];

	EXPECT_EQ(1, segments_of(self->client, 0));
	ASSERT_EQ(20, recv(self->server, buffer, 20, MSG_WAITALL));
	WAIT_FOR(ioctl(self->client, SIOCOUTQ, buffer) == 0 && !*(int *)buffer);
	EXPECT_EQ(2, segments_of(self->client, MSG_EOR));
	ASSERT_EQ(20, recv(self->server, buffer, 20, MSG_WAITALL));
}

/* SO_ZEROCOPY is not supported: MSG_ZEROCOPY has no effect */
TEST_F(sendmsg, zerocopy)
{
	char c;

	if (variant->client == XTCP)
		EXPECT_ERRNO(EOPNOTSUPP, set_int(self->client, SOL_SOCKET, SO_ZEROCOPY, 1));
	EXPECT_EQ(1, send(self->client, "x", 1, MSG_ZEROCOPY));
	EXPECT_EQ(1, recv(self->server, &c, 1, 0));
	EXPECT_EQ(0, events(self->client, POLLERR));
}

TEST_MAIN
