// SPDX-License-Identifier: GPL-2.0
/* Processes: exit and kill send FIN; fork(), exec(), passed descriptors */
#include "lib/xtcp_test.h"

PAIR_FIXTURE(process)

static int send_fd(int via, int fd)
{
	char room[CMSG_SPACE(sizeof(int))] = {};
	struct iovec iov = { "x", 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	struct cmsghdr *c = CMSG_FIRSTHDR(&msg);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(sizeof(int));
	memcpy(CMSG_DATA(c), &fd, sizeof(int));
	return sendmsg(via, &msg, 0) == 1 ? 0 : -1;
}

static int receive_fd(int via)
{
	char room[CMSG_SPACE(sizeof(int))] = {}, byte;
	struct iovec iov = { &byte, 1 };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = room, .msg_controllen = sizeof(room),
	};
	int fd = -1;

	if (recvmsg(via, &msg, 0) == 1 && CMSG_FIRSTHDR(&msg))
		memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&msg)), sizeof(int));
	return fd;
}

TEST_F(process, exit_sends_fin)
{
	char text[4];
	pid_t pid = child();

	if (!pid) {
		write(self->client, "bye", 3);
		_exit(0);
	}
	ASSERT_EQ(0, close(self->client));
	EXPECT_EQ(0, child_status(pid));
	EXPECT_EQ(3, recv(self->server, text, 4, MSG_WAITALL));
	EXPECT_EQ(0, read(self->server, text, 4));
	EXPECT_EQ(0, take_error(self->server));
}

TEST_F(process, kill_sends_fin)
{
	pid_t pid = child();
	char byte;

	if (!pid) {
		read(self->client, &byte, 1);
		_exit(0);
	}
	ASSERT_EQ(0, close(self->client));
	WAIT_FOR(is_sleeping(pid));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(0, read(self->server, &byte, 1));
	EXPECT_EQ(0, take_error(self->server));
	EXPECT_EQ(128 + SIGKILL, child_status(pid));
}

TEST_F(process, kill_with_unread_data)
{
	pid_t pid = child();
	int unacked;
	char byte;

	if (!pid) {
		close(self->server);
		pause();
	}
	ASSERT_EQ(0, close(self->client));
	WAIT_FOR(is_sleeping(pid));
	ASSERT_EQ(4, write(self->server, "data", 4));
	WAIT_FOR(!ioctl(self->server, SIOCOUTQ, &unacked) && !unacked);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_ERRNO(ECONNRESET, read(self->server, &byte, 1));
}

/* A process blocked in accept() can be killed */
TEST_F(process, kill_in_accept)
{
	pid_t pid = child();

	if (!pid)
		_exit(accept(self->listener, NULL, NULL) < 0);
	WAIT_FOR(is_sleeping(pid));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(128 + SIGKILL, child_status(pid));
	EXPECT_EQ(TCP_LISTEN, state_of(self->listener));
}

TEST_F(process, fork_shares)
{
	pid_t pid = child();
	char byte;

	if (!pid) {
		close(self->client);
		_exit(0);
	}
	EXPECT_EQ(0, child_status(pid));
	EXPECT_EQ(TCP_ESTABLISHED, state_of(self->client));
	ASSERT_EQ(1, write(self->client, "x", 1));
	EXPECT_EQ(1, read(self->server, &byte, 1));
}

/* shutdown() affects all descriptors of the connection */
TEST_F(process, shutdown_is_for_all)
{
	pid_t pid = child();
	char byte;

	if (!pid)
		_exit(shutdown(self->client, SHUT_WR));
	EXPECT_EQ(0, child_status(pid));
	EXPECT_EQ(0, read(self->server, &byte, 1));
	EXPECT_ERRNO(EPIPE, send(self->client, "x", 1, MSG_NOSIGNAL));
}

/* Four processes read one connection: each byte is read by one of them */
TEST_F(process, readers_share)
{
	int total = 0;
	char byte;
	pid_t pid[4];

	for (int i = 0; i < 4; i++) {
		pid[i] = child();
		if (!pid[i]) {
			int n = 0;

			while (read(self->server, &byte, 1) == 1)
				n++;
			_exit(n);
		}
	}
	for (int i = 0; i < 100; i++) {
		ASSERT_EQ(1, write(self->client, "x", 1));
	}
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	for (int i = 0; i < 4; i++)
		total += child_status(pid[i]);
	EXPECT_EQ(100, total);
}

TEST_F(process, descriptor_passed)
{
	int via[2], fd;
	pid_t pid;
	char byte;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, via));
	pid = child();
	if (!pid) {
		close(self->client);
		close(self->server);
		fd = receive_fd(via[1]);
		_exit(write(fd, "x", 1) != 1);
	}
	ASSERT_EQ(0, send_fd(via[0], self->client));
	ASSERT_EQ(0, close(self->client));
	EXPECT_EQ(1, read(self->server, &byte, 1));
	EXPECT_EQ(0, child_status(pid));
	/* it was the last descriptor */
	EXPECT_EQ(0, read(self->server, &byte, 1));
}

/* Closed together with the unread AF_UNIX socket in which it is in flight */
TEST_F(process, descriptor_in_flight_closed)
{
	int via[2];
	char byte;

	ASSERT_EQ(0, socketpair(AF_UNIX, SOCK_STREAM, 0, via));
	ASSERT_EQ(0, send_fd(via[0], self->client));
	ASSERT_EQ(0, close(self->client));
	EXPECT_EQ(TCP_ESTABLISHED, state_of(self->server));
	ASSERT_EQ(0, close(via[0]));
	ASSERT_EQ(0, close(via[1]));
	EXPECT_EQ(0, read(self->server, &byte, 1));
}

/* exec() closes a descriptor with FD_CLOEXEC, which sends FIN */
TEST_F(process, exec_closes)
{
	char byte;

	ASSERT_EQ(0, fcntl(self->client, F_SETFD, FD_CLOEXEC));
	ASSERT_EQ(0, fcntl(self->server, F_SETFD, FD_CLOEXEC));
	pid_t pid = child();

	if (!pid) {
		close(self->server);
		execl("/bin/sleep", "sleep", "1000", NULL);
		_exit(1);
	}
	ASSERT_EQ(0, close(self->client));
	EXPECT_EQ(0, read(self->server, &byte, 1));
	kill(pid, SIGKILL);
}

TEST_MAIN
