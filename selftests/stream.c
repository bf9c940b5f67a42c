// SPDX-License-Identifier: GPL-2.0
/* The byte stream: send() and recv() with sizes, flags, signals and timeouts */
#include "lib/xtcp_test.h"

#include <sys/sendfile.h>
#include <sys/time.h>

PAIR_FIXTURE(stream)

static void on_signal(int signal)
{
}

/* a pattern that depends on the low 24 bits of the offset */
static void fill(unsigned char *buffer, size_t len, size_t offset)
{
	for (size_t i = 0; i < len; i++, offset++)
		buffer[i] = offset ^ offset >> 8 ^ offset >> 16;
}

/*
 * Writes until the peer's window and the send buffer are full. The rest of the
 * window may be smaller than a segment. It is filled after the override timeout
 * (RFC 9293 3.8.6.2.1), which frees space in the buffer, so try again then.
 */
static size_t stuff(int fd)
{
	static unsigned char buffer[65536];
	size_t total = 0;
	int full = 0;
	ssize_t n;

	while (full < 3) {
		fill(buffer, sizeof(buffer), total);
		n = send(fd, buffer, sizeof(buffer), MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n > 0) {
			total += n;
			full = 0;
			continue;
		}
		full++;
		pause_ms(300);
	}
	return total;
}

static bool drain(int fd, size_t total)
{
	static unsigned char buffer[65536], expected[65536];
	ssize_t n;

	for (size_t got = 0; got < total; got += n) {
		n = total - got < sizeof(buffer) ? total - got : sizeof(buffer);
		n = recv(fd, buffer, n, 0);
		if (n <= 0)
			return false;
		fill(expected, n, got);
		if (memcmp(buffer, expected, n))
			return false;
	}
	return true;
}

static int inq(int fd)
{
	int n = -1;

	return ioctl(fd, SIOCINQ, &n) ? -1 : n;
}

static int outq(int fd)
{
	int n = -1;

	return ioctl(fd, SIOCOUTQ, &n) ? -1 : n;
}

TEST_F(stream, one_byte)
{
	char byte;

	for (int i = 0; i < 100; i++) {
		byte = i;
		ASSERT_EQ(1, write(self->client, &byte, 1));
		byte = -1;
		ASSERT_EQ(1, read(self->server, &byte, 1));
		ASSERT_EQ(i, byte);
		ASSERT_EQ(1, write(self->server, &byte, 1));
		ASSERT_EQ(1, read(self->client, &byte, 1));
	}
}

/* SA-7a: no byte is changed, for any size */
TEST_F(stream, sizes)
{
	static const int size[] = {
		1, 2, 3, 535, 536, 537, 1220, 1447, 1448, 1449, 1460, 1461, 4095,
		4096, 4097, 16384, 32767, 32768, 65535, 65536, 65537, 131072,
	};
	static unsigned char out[131072], in[131072];

	for (size_t i = 0; i < sizeof(size) / sizeof(*size); i++) {
		fill(out, size[i], i * 1000);
		ASSERT_EQ(size[i], send(self->client, out, size[i], 0));
		memset(in, 0, size[i]);
		ASSERT_EQ(size[i], recv(self->server, in, size[i], MSG_WAITALL));
		ASSERT_EQ(0, memcmp(in, out, size[i]));
	}
}

static int pour(int fd, size_t total)
{
	static unsigned char buffer[100000];
	size_t sent = 0, n;
	ssize_t r;

	while (sent < total) {
		n = total - sent < sizeof(buffer) ? total - sent : sizeof(buffer);
		fill(buffer, n, sent);
		r = write(fd, buffer, n);
		if (r < 0)
			return 1;
		sent += r;
	}
	return 0;
}

TEST_F(stream, megabytes_both_ways)
{
	size_t total = 8 << 20;
	pid_t c, s, r;

	c = child();
	if (!c)
		_exit(pour(self->client, total));
	s = child();
	if (!s)
		_exit(pour(self->server, total));
	r = child();
	if (!r)
		_exit(!drain(self->client, total));
	EXPECT_TRUE(drain(self->server, total));
	EXPECT_EQ(0, child_status(c));
	EXPECT_EQ(0, child_status(s));
	EXPECT_EQ(0, child_status(r));
}

TEST_F(stream, scatter_gather)
{
	char a[3], b[1], c[10] = {};
	struct iovec out[] = { { "one", 3 }, { "", 0 }, { "2", 1 }, { "three", 5 } };
	struct iovec in[] = { { a, 3 }, { b, 1 }, { c, 10 } };

	ASSERT_EQ(9, writev(self->client, out, 4));
	WAIT_FOR(inq(self->server) == 9);
	EXPECT_EQ(9, readv(self->server, in, 3));
	EXPECT_EQ(0, memcmp(a, "one", 3));
	EXPECT_EQ('2', *b);
	EXPECT_STREQ("three", c);
}

TEST_F(stream, many_small_pieces)
{
	struct iovec out[1024];
	unsigned char data[1024], in[1024];
	struct msghdr msg = { .msg_iov = out, .msg_iovlen = 1024 };

	fill(data, sizeof(data), 0);
	for (int i = 0; i < 1024; i++)
		out[i] = (struct iovec){ data + i, 1 };
	ASSERT_EQ(1024, sendmsg(self->client, &msg, 0));
	ASSERT_EQ(1024, recv(self->server, in, 1024, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(data, in, 1024));
}

TEST_F(stream, zero_length)
{
	char byte;

	EXPECT_EQ(0, send(self->client, "", 0, 0));
	EXPECT_ERRNO(EAGAIN, recv(self->server, &byte, 0, MSG_DONTWAIT));
	EXPECT_ERRNO(EAGAIN, recv(self->server, &byte, 1, MSG_DONTWAIT));
}

TEST_F(stream, short_reads)
{
	char text[4] = {};

	ASSERT_EQ(9, write(self->client, "onetwo678", 9));
	WAIT_FOR(inq(self->server) == 9);
	EXPECT_EQ(3, read(self->server, text, 3));
	EXPECT_STREQ("one", text);
	EXPECT_EQ(3, read(self->server, text, 3));
	EXPECT_STREQ("two", text);
	EXPECT_EQ(3, inq(self->server));
}

TEST_F(stream, recvmsg_has_no_name)
{
	char text[8], control[64];
	struct iovec iov = { text, sizeof(text) };
	struct sockaddr_storage name;
	struct msghdr msg = {
		.msg_name = &name, .msg_namelen = sizeof(name),
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};

	ASSERT_EQ(3, write(self->client, "abc", 3));
	EXPECT_EQ(3, recvmsg(self->server, &msg, 0));
	EXPECT_EQ(0, msg.msg_namelen);
	EXPECT_EQ(0, msg.msg_controllen);
	EXPECT_EQ(0, msg.msg_flags);
}

TEST_F(stream, recvmmsg_and_sendmmsg)
{
	char a[4], b[4];
	struct iovec out[] = { { "abcd", 4 }, { "efgh", 4 } };
	struct iovec in[] = { { a, 4 }, { b, 4 } };
	struct mmsghdr msg[2] = {};

	for (int i = 0; i < 2; i++)
		msg[i].msg_hdr = (struct msghdr){ .msg_iov = out + i, .msg_iovlen = 1 };
	ASSERT_EQ(2, sendmmsg(self->client, msg, 2, 0));
	WAIT_FOR(inq(self->server) == 8);
	for (int i = 0; i < 2; i++)
		msg[i].msg_hdr = (struct msghdr){ .msg_iov = in + i, .msg_iovlen = 1 };
	ASSERT_EQ(2, recvmmsg(self->server, msg, 2, 0, NULL));
	EXPECT_EQ(0, memcmp(a, "abcd", 4));
	EXPECT_EQ(0, memcmp(b, "efgh", 4));
}

TEST_F(stream, peek)
{
	char text[8] = {};

	ASSERT_EQ(6, write(self->client, "abcdef", 6));
	WAIT_FOR(inq(self->server) == 6);
	for (int i = 0; i < 3; i++) {
		EXPECT_EQ(3, recv(self->server, text, 3, MSG_PEEK));
		EXPECT_STREQ("abc", text);
	}
	EXPECT_EQ(6, recv(self->server, text, 6, MSG_PEEK));
	EXPECT_EQ(6, inq(self->server));
	EXPECT_EQ(6, recv(self->server, text, 6, 0));
	EXPECT_STREQ("abcdef", text);
	EXPECT_ERRNO(EAGAIN, recv(self->server, text, 6, MSG_PEEK | MSG_DONTWAIT));
}

TEST_F(stream, peek_over_segments)
{
	char text[16] = {};

	ASSERT_EQ(0, set_int(self->client, SOL_TCP, TCP_NODELAY, 1));
	for (int i = 0; i < 8; i++) {
		ASSERT_EQ(1, write(self->client, "12345678" + i, 1));
	}
	WAIT_FOR(inq(self->server) == 8);
	EXPECT_EQ(8, recv(self->server, text, 16, MSG_PEEK));
	EXPECT_STREQ("12345678", text);
	EXPECT_EQ(8, recv(self->server, text, 16, 0));
}

TEST_F(stream, peek_at_end)
{
	char text[4];

	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	EXPECT_EQ(0, recv(self->server, text, 4, MSG_PEEK));
	EXPECT_EQ(0, recv(self->server, text, 4, MSG_PEEK));
	EXPECT_EQ(0, recv(self->server, text, 4, 0));
}

/* SO_PEEK_OFF: a peek continues after the last; a read moves the offset back */
TEST_F(stream, peek_offset)
{
	char text[8] = {};

	if (set_int(self->server, SOL_SOCKET, SO_PEEK_OFF, 0)) {
		ASSERT_EQ(TCP, variant->server);
		ASSERT_EQ(EOPNOTSUPP, errno);
		SKIP(return, "the kernel's TCP has SO_PEEK_OFF from 6.9 on");
	}
	ASSERT_EQ(8, write(self->client, "abcdefgh", 8));
	WAIT_FOR(inq(self->server) == 8);
	EXPECT_EQ(2, recv(self->server, text, 2, MSG_PEEK | MSG_DONTWAIT));
	EXPECT_STREQ("ab", text);
	EXPECT_EQ(2, recv(self->server, text, 2, MSG_PEEK | MSG_DONTWAIT));
	EXPECT_STREQ("cd", text);
	EXPECT_EQ(4, get_int(self->server, SOL_SOCKET, SO_PEEK_OFF));
	EXPECT_EQ(3, recv(self->server, text, 3, MSG_DONTWAIT));
	EXPECT_STREQ("abc", text);
	EXPECT_EQ(1, get_int(self->server, SOL_SOCKET, SO_PEEK_OFF));
	EXPECT_EQ(3, recv(self->server, text, 3, MSG_PEEK | MSG_DONTWAIT));
	EXPECT_STREQ("efg", text);
	/* not below the first unread byte */
	EXPECT_EQ(1, recv(self->server, text, 1, MSG_DONTWAIT));
	EXPECT_EQ(3, recv(self->server, text, 3, MSG_DONTWAIT));
	EXPECT_STREQ("efg", text);
	EXPECT_EQ(0, get_int(self->server, SOL_SOCKET, SO_PEEK_OFF));
	EXPECT_EQ(1, recv(self->server, text, 8, MSG_PEEK | MSG_DONTWAIT));
	EXPECT_EQ('h', text[0]);
}

/* The urgent byte is not counted by SO_PEEK_OFF */
TEST_F(stream, peek_offset_of_urgent)
{
	char byte;

	if (set_int(self->server, SOL_SOCKET, SO_PEEK_OFF, 0)) {
		ASSERT_EQ(TCP, variant->server);
		ASSERT_EQ(EOPNOTSUPP, errno);
		SKIP(return, "the kernel's TCP has SO_PEEK_OFF from 6.9 on");
	}
	ASSERT_EQ(3, write(self->client, "abc", 3));
	ASSERT_EQ(1, send(self->client, "!", 1, MSG_OOB));
	ASSERT_EQ(POLLPRI, events_within(self->server, POLLPRI, PATIENCE));
	EXPECT_EQ(1, recv(self->server, &byte, 1, MSG_OOB | MSG_PEEK));
	if (variant->server == XTCP)
		EXPECT_EQ(0, get_int(self->server, SOL_SOCKET, SO_PEEK_OFF));
}

TEST_F(stream, waitall)
{
	pid_t pid = child();
	char text[9] = {};

	if (!pid)
		_exit(recv(self->server, text, 8, MSG_WAITALL) != 8 ||
		      strcmp(text, "12345678"));
	for (int i = 0; i < 8; i++) {
		WAIT_FOR(is_sleeping(pid) && !inq(self->server));
		ASSERT_EQ(1, write(self->client, "12345678" + i, 1));
	}
	EXPECT_EQ(0, child_status(pid));
}

TEST_F(stream, waitall_to_the_end)
{
	char text[9] = {};

	ASSERT_EQ(3, write(self->client, "abc", 3));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	EXPECT_EQ(3, recv(self->server, text, 8, MSG_WAITALL));
}

TEST_F(stream, dontwait)
{
	char byte;

	EXPECT_ERRNO(EAGAIN, recv(self->server, &byte, 1, MSG_DONTWAIT));
	ASSERT_EQ(1, write(self->client, "x", 1));
	WAIT_FOR(inq(self->server) == 1);
	EXPECT_EQ(1, recv(self->server, &byte, 1, MSG_DONTWAIT | MSG_WAITALL));
	stuff(self->client);
	EXPECT_ERRNO(EAGAIN, send(self->client, "x", 1, MSG_DONTWAIT));
	ASSERT_EQ(0, set_nonblock(self->client, true));
	EXPECT_ERRNO(EAGAIN, write(self->client, "x", 1));
}

/* MSG_TRUNC: bytes are counted and removed, but not copied */
TEST_F(stream, truncate)
{
	char text[8] = "unused";

	ASSERT_EQ(6, write(self->client, "abcdef", 6));
	WAIT_FOR(inq(self->server) == 6);
	EXPECT_EQ(4, recv(self->server, text, 4, MSG_TRUNC));
	EXPECT_STREQ("unused", text);
	EXPECT_EQ(2, recv(self->server, NULL, 1000, MSG_TRUNC));
	EXPECT_EQ(0, inq(self->server));
}

/* MSG_MORE and TCP_CORK hold a partial segment for at most 200 ms */
TEST_F(stream, msg_more)
{
	long long start = now();

	ASSERT_EQ(1, send(self->client, "a", 1, MSG_MORE));
	EXPECT_EQ(0, events_within(self->server, POLLIN, 20));
	ASSERT_EQ(1, send(self->client, "b", 1, 0));
	EXPECT_EQ(POLLIN, events_within(self->server, POLLIN, PATIENCE));
	WAIT_FOR(inq(self->server) == 2);
	EXPECT_GE(slack(150), now() - start);
}

TEST_F(stream, cork)
{
	char text[8];

	ASSERT_EQ(0, set_int(self->client, SOL_TCP, TCP_CORK, 1));
	ASSERT_EQ(1, write(self->client, "a", 1));
	ASSERT_EQ(1, write(self->client, "b", 1));
	EXPECT_EQ(0, events_within(self->server, POLLIN, 20));
	ASSERT_EQ(0, set_int(self->client, SOL_TCP, TCP_CORK, 0));
	WAIT_FOR(inq(self->server) == 2);
	EXPECT_EQ(2, read(self->server, text, sizeof(text)));
}

/* MUST-60: no segment is held without a limit */
TEST_F(stream, cork_expires)
{
	long long start = now();

	ASSERT_EQ(0, set_int(self->client, SOL_TCP, TCP_CORK, 1));
	ASSERT_EQ(1, write(self->client, "a", 1));
	EXPECT_EQ(POLLIN, events_within(self->server, POLLIN, PATIENCE));
	EXPECT_BETWEEN(150, now() - start, 250 + slack(10));
}

TEST_F(stream, shutdown_clears_cork)
{
	char text[8];

	ASSERT_EQ(0, set_int(self->client, SOL_TCP, TCP_CORK, 1));
	ASSERT_EQ(3, write(self->client, "abc", 3));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	EXPECT_EQ(3, recv(self->server, text, 8, MSG_WAITALL));
}

/* MUST-17: two small writes are sent at once */
TEST_F(stream, nodelay)
{
	long long start;

	ASSERT_EQ(0, set_int(self->client, SOL_TCP, TCP_NODELAY, 1));
	/* In quickack mode each byte is ACKed at once: Nagle delays none. */
	ASSERT_EQ(0, set_int(self->server, SOL_TCP, TCP_QUICKACK, 0));
	start = now();
	/* Only three: each takes 3 ms with a debug kernel. */
	for (int i = 0; i < 3; i++)
		ASSERT_EQ(1, write(self->client, "x", 1));
	WAIT_FOR(inq(self->server) == 3);
	EXPECT_GE(slack(30), now() - start);
}

TEST_F(stream, pipe_signal)
{
	pid_t pid;

	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	pid = child();
	if (!pid) {
		signal(SIGPIPE, SIG_DFL);
		send(self->client, "x", 1, MSG_NOSIGNAL);
		_exit(errno == EPIPE ? 0 : 1);
	}
	EXPECT_EQ(0, child_status(pid));
	pid = child();
	if (!pid) {
		signal(SIGPIPE, SIG_DFL);
		write(self->client, "x", 1);
		_exit(0);
	}
	EXPECT_EQ(128 + SIGPIPE, child_status(pid));
}

TEST_F(stream, read_interrupted)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct itimerval soon = { .it_value.tv_usec = 50000 };
	char byte;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	EXPECT_ERRNO(EINTR, read(self->client, &byte, 1));
}

TEST_F(stream, read_restarted)
{
	struct sigaction action = { .sa_handler = on_signal, .sa_flags = SA_RESTART };
	pid_t pid;
	char byte;

	sigaction(SIGUSR1, &action, NULL);
	pid = child();
	if (!pid)
		_exit(read(self->client, &byte, 1) != 1);
	WAIT_FOR(is_sleeping(pid));
	ASSERT_EQ(0, kill(pid, SIGUSR1));
	WAIT_FOR(is_sleeping(pid));
	ASSERT_EQ(1, write(self->server, "x", 1));
	EXPECT_EQ(0, child_status(pid));
}

/* Bytes accepted before the signal are returned */
TEST_F(stream, write_interrupted)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct itimerval soon = { .it_value.tv_usec = 300000 };
	size_t size = 64 << 20;
	char *buffer = calloc(1, size);
	ssize_t n;

	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &soon, NULL);
	n = write(self->client, buffer, size);
	EXPECT_LT(0, n);
	EXPECT_GT((ssize_t)size, n);
	stuff(self->client);
	setitimer(ITIMER_REAL, &soon, NULL);
	EXPECT_ERRNO(EINTR, write(self->client, buffer, 1));
}

TEST_F(stream, waitall_interrupted)
{
	struct sigaction action = { .sa_handler = on_signal };
	struct itimerval soon = { .it_value.tv_usec = 50000 };
	char text[8];

	sigaction(SIGALRM, &action, NULL);
	ASSERT_EQ(3, write(self->client, "abc", 3));
	setitimer(ITIMER_REAL, &soon, NULL);
	EXPECT_EQ(3, recv(self->server, text, 8, MSG_WAITALL));
}

TEST_F(stream, receive_timeout)
{
	struct timeval tv = { .tv_usec = 200000 };
	long long start;
	char text[8];

	setsockopt(self->client, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	start = now();
	EXPECT_ERRNO(EAGAIN, read(self->client, text, 1));
	EXPECT_BETWEEN(195, now() - start, 200 + slack(20));
	ASSERT_EQ(3, write(self->server, "abc", 3));
	EXPECT_EQ(3, recv(self->client, text, 8, MSG_WAITALL));
}

TEST_F(stream, send_timeout)
{
	struct timeval tv = { .tv_usec = 200000 };
	long long start;

	stuff(self->client);
	setsockopt(self->client, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	start = now();
	EXPECT_ERRNO(EAGAIN, write(self->client, "x", 1));
	EXPECT_BETWEEN(195, now() - start, 200 + slack(20));
}

TEST_F(stream, partial_write)
{
	size_t size = 64 << 20, total;
	char *buffer = calloc(1, size);
	ssize_t n;

	n = send(self->client, buffer, size, MSG_DONTWAIT);
	EXPECT_LT(0, n);
	EXPECT_GT((ssize_t)size, n);
	total = n;
	while (total) {
		n = recv(self->server, buffer, total, 0);
		ASSERT_LT(0, n);
		total -= n;
	}
}

/* Flow control: the writer stops at a full window, until data is read */
TEST_F(stream, full_then_read)
{
	size_t total = stuff(self->client);

	EXPECT_LT(10000, total);
	EXPECT_EQ(0, events(self->client, POLLOUT));
	EXPECT_TRUE(drain(self->server, total));
	EXPECT_EQ(POLLOUT, events_within(self->client, POLLOUT, PATIENCE));
	WAIT_FOR(!outq(self->client));
}

TEST_F(stream, blocked_writer_wakes)
{
	size_t total = stuff(self->client);
	pid_t pid = child();

	if (!pid)
		_exit(write(self->client, "x", 1) != 1);
	WAIT_FOR(is_sleeping(pid));
	EXPECT_TRUE(drain(self->server, total));
	EXPECT_EQ(0, child_status(pid));
}

/* SA-2f */
TEST_F(stream, blocked_writer_sees_reset)
{
	struct linger abort = { 1, 0 };
	pid_t pid;

	stuff(self->client);
	pid = child();
	if (!pid) {
		close(self->server);
		_exit(send(self->client, "x", 1, MSG_NOSIGNAL) < 0 ? errno : 0);
	}
	WAIT_FOR(is_sleeping(pid));
	setsockopt(self->server, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	ASSERT_EQ(0, close(self->server));
	EXPECT_EQ(ECONNRESET, child_status(pid));
}

TEST_F(stream, queue_sizes)
{
	int unsent = -1;

	EXPECT_EQ(0, inq(self->server));
	EXPECT_EQ(0, outq(self->client));
	ASSERT_EQ(5, write(self->client, "12345", 5));
	WAIT_FOR(inq(self->server) == 5);
	/* acknowledged, but not read */
	WAIT_FOR(!outq(self->client));
	stuff(self->client);
	EXPECT_LT(0, outq(self->client));
	ASSERT_EQ(0, ioctl(self->client, SIOCOUTQNSD, &unsent));
	EXPECT_BETWEEN(1, unsent, outq(self->client));
}

/* SIOCINQ does not count the FIN */
TEST_F(stream, queue_size_at_end)
{
	char byte;

	ASSERT_EQ(1, write(self->client, "x", 1));
	ASSERT_EQ(0, close(self->client));
	WAIT_FOR(events(self->server, POLLRDHUP) & POLLRDHUP);
	EXPECT_EQ(1, inq(self->server));
	ASSERT_EQ(1, read(self->server, &byte, 1));
	EXPECT_EQ(0, inq(self->server));
}

TEST_F(stream, sendfile)
{
	static unsigned char data[100000], in[100000];
	int file = memfd_create("data", 0);

	fill(data, sizeof(data), 0);
	ASSERT_EQ(sizeof(data), write(file, data, sizeof(data)));
	for (off_t at = 0; at < (off_t)sizeof(data);) {
		ASSERT_LT(0, sendfile(self->client, file, &at, sizeof(data) - at));
	}
	ASSERT_EQ(sizeof(in), recv(self->server, in, sizeof(in), MSG_WAITALL));
	EXPECT_EQ(0, memcmp(data, in, sizeof(in)));
}

TEST_F(stream, splice)
{
	char text[8] = {};
	int fd[2];

	ASSERT_EQ(0, pipe(fd));
	ASSERT_EQ(6, write(self->client, "splice", 6));
	WAIT_FOR(inq(self->server) == 6);
	ASSERT_EQ(6, splice(self->server, NULL, fd[1], NULL, 6, 0));
	ASSERT_EQ(6, splice(fd[0], NULL, self->server, NULL, 6, 0));
	EXPECT_EQ(6, recv(self->client, text, 6, MSG_WAITALL));
	EXPECT_STREQ("splice", text);
}

/* splice() waits for data, and takes what there is, also from many segments */
TEST_F(stream, splice_much)
{
	static unsigned char data[40000], in[40000];
	size_t got = 0;
	ssize_t n;
	int fd[2];

	ASSERT_EQ(0, pipe(fd));
	fill(data, sizeof(data), 0);
	EXPECT_ERRNO(EAGAIN, ({
		fcntl(self->server, F_SETFL, O_NONBLOCK);
		splice(self->server, NULL, fd[1], NULL, 10, 0);
	}));
	ASSERT_EQ(0, fcntl(self->server, F_SETFL, 0));
	for (int i = 0; i < 40; i++)
		ASSERT_EQ(1000, send(self->client, data + 1000 * i, 1000, 0));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	while ((n = splice(self->server, NULL, fd[1], NULL, 4321, 0)) > 0) {
		ASSERT_EQ(n, read(fd[0], in + got, n));
		got += n;
	}
	ASSERT_EQ(0, n);
	ASSERT_EQ(sizeof(data), got);
	EXPECT_EQ(0, memcmp(data, in, sizeof(in)));
}

/* TCP_INQ: bytes that are left after a read, in a control message; -1 without it */
static int read_with_inq(int fd, size_t len, int flags)
{
	char control[CMSG_SPACE(sizeof(int))] = {}, text[64];
	struct iovec iov = { text, len };
	struct msghdr msg = {
		.msg_iov = &iov, .msg_iovlen = 1,
		.msg_control = control, .msg_controllen = sizeof(control),
	};
	struct cmsghdr *c;
	int inq = -1;

	if (recvmsg(fd, &msg, flags) < 0)
		return -2;
	c = CMSG_FIRSTHDR(&msg);
	if (c && c->cmsg_level == SOL_TCP && c->cmsg_type == TCP_CM_INQ &&
	    c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(&inq, CMSG_DATA(c), sizeof(inq));
	return inq;
}

TEST_F(stream, tcp_inq)
{
	char byte;
	int fd = self->server;

	EXPECT_EQ(0, get_int(fd, SOL_TCP, TCP_INQ));
	EXPECT_ERRNO(EINVAL, set_int(fd, SOL_TCP, TCP_INQ, 2));
	EXPECT_ERRNO(EINVAL, set_int(fd, SOL_TCP, TCP_INQ, -1));
	ASSERT_EQ(6, send(self->client, "abcdef", 6, 0));
	WAIT_FOR(inq(fd) == 6);
	EXPECT_EQ(-1, read_with_inq(fd, 1, 0));
	ASSERT_EQ(0, set_int(fd, SOL_TCP, TCP_INQ, 1));
	EXPECT_EQ(1, get_int(fd, SOL_TCP, TCP_INQ));
	EXPECT_EQ(4, read_with_inq(fd, 1, 0));
	EXPECT_EQ(4, read_with_inq(fd, 1, MSG_PEEK));
	/* read() has no place for it */
	EXPECT_EQ(1, read(fd, &byte, 1));
	EXPECT_EQ('c', byte);
	EXPECT_EQ(0, read_with_inq(fd, 3, 0));
	EXPECT_EQ(-2, read_with_inq(fd, 1, MSG_DONTWAIT));
	/* a FIN counts as one, so that the program reads again */
	ASSERT_EQ(2, send(self->client, "gh", 2, 0));
	ASSERT_EQ(0, shutdown(self->client, SHUT_WR));
	WAIT_FOR(events(fd, POLLRDHUP) == POLLRDHUP);
	EXPECT_EQ(2, read_with_inq(fd, 1, 0));
	EXPECT_EQ(1, read_with_inq(fd, 10, 0));
	EXPECT_EQ(1, read_with_inq(fd, 10, 0));
	ASSERT_EQ(0, set_int(fd, SOL_TCP, TCP_INQ, 0));
	EXPECT_EQ(-1, read_with_inq(fd, 10, 0));
}

TEST_F(stream, rcvlowat)
{
	char text[8];

	ASSERT_EQ(0, set_int(self->server, SOL_SOCKET, SO_RCVLOWAT, 4));
	ASSERT_EQ(3, write(self->client, "abc", 3));
	WAIT_FOR(inq(self->server) == 3);
	EXPECT_EQ(0, events(self->server, POLLIN));
	ASSERT_EQ(1, write(self->client, "d", 1));
	EXPECT_EQ(POLLIN, events_within(self->server, POLLIN, PATIENCE));
	EXPECT_EQ(4, read(self->server, text, 8));
}

TEST_F(stream, small_receive_buffer)
{
	size_t total = 300000;
	pid_t pid;

	ASSERT_EQ(0, set_int(self->server, SOL_SOCKET, SO_RCVBUF, 4096));
	pid = child();
	if (!pid)
		_exit(pour(self->client, total));
	EXPECT_TRUE(drain(self->server, total));
	EXPECT_EQ(0, child_status(pid));
}

TEST_F(stream, small_send_buffer)
{
	size_t total = 300000;
	pid_t pid;

	ASSERT_EQ(0, set_int(self->client, SOL_SOCKET, SO_SNDBUF, 4608));
	pid = child();
	if (!pid)
		_exit(pour(self->client, total));
	EXPECT_TRUE(drain(self->server, total));
	EXPECT_EQ(0, child_status(pid));
}

/* O_ASYNC: SIGIO to the owner of the socket */
TEST_F(stream, async)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGIO);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ASSERT_EQ(0, fcntl(self->server, F_SETOWN, getpid()));
	ASSERT_EQ(0, fcntl(self->server, F_SETFL, O_ASYNC));
	ASSERT_EQ(1, write(self->client, "x", 1));
	EXPECT_EQ(SIGIO, sigtimedwait(&set, NULL, &(struct timespec){ 5, 0 }));
}

/* Urgent data: MUST-30 to MUST-33, UR-1 */
PAIR_FIXTURE(urgent)

static bool at_mark(int fd)
{
	int mark = -1;

	return !ioctl(fd, SIOCATMARK, &mark) && mark == 1;
}

/* UR-1, MUST-33: the last byte before the pointer is out of band */
TEST_F(urgent, byte_out_of_band)
{
	char text[8] = {};

	ASSERT_EQ(3, send(self->client, "abc", 3, 0));
	ASSERT_EQ(1, send(self->client, "!", 1, MSG_OOB));
	ASSERT_EQ(3, send(self->client, "def", 3, 0));
	EXPECT_EQ(POLLPRI, events_within(self->server, POLLPRI, PATIENCE));
	WAIT_FOR(inq(self->server) == 3);
	EXPECT_EQ(1, recv(self->server, text, 8, MSG_OOB | MSG_PEEK));
	EXPECT_EQ(1, recv(self->server, text, 8, MSG_OOB));
	EXPECT_EQ('!', *text);
	EXPECT_ERRNO(EINVAL, recv(self->server, text, 8, MSG_OOB));
	/* a read stops at the mark, and the urgent byte is not in the stream */
	EXPECT_FALSE(at_mark(self->server));
	EXPECT_EQ(3, read(self->server, text, 8));
	EXPECT_EQ(0, memcmp(text, "abc", 3));
	EXPECT_TRUE(at_mark(self->server));
	EXPECT_EQ(3, recv(self->server, text, 3, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(text, "def", 3));
	EXPECT_FALSE(at_mark(self->server));
}

/* splice() ends before the urgent byte, and returns 0 at it */
TEST_F(urgent, splice_stops_at_it)
{
	char text[8] = {};
	int fd[2];

	ASSERT_EQ(0, pipe(fd));
	ASSERT_EQ(4, send(self->client, "abc!", 4, MSG_OOB));
	ASSERT_EQ(3, send(self->client, "def", 3, 0));
	/* SIOCINQ counts up to the urgent byte */
	WAIT_FOR(inq(self->server) == 3);
	WAIT_FOR(events(self->server, POLLPRI) == POLLPRI);
	pause_ms(100);
	ASSERT_EQ(3, splice(self->server, NULL, fd[1], NULL, 10, 0));
	EXPECT_EQ(0, splice(self->server, NULL, fd[1], NULL, 10, 0));
	EXPECT_TRUE(at_mark(self->server));
	ASSERT_EQ(0, fcntl(self->server, F_SETFL, O_NONBLOCK));
	EXPECT_ERRNO(EAGAIN, splice(self->server, NULL, fd[1], NULL, 10, 0));
	ASSERT_EQ(0, fcntl(self->server, F_SETFL, 0));
	EXPECT_EQ(3, recv(self->server, text, 3, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(text, "def", 3));
}

/* UR-1, MUST-33: with SO_OOBINLINE it is in the stream */
TEST_F(urgent, byte_in_line)
{
	char text[8] = {};

	ASSERT_EQ(0, set_int(self->server, SOL_SOCKET, SO_OOBINLINE, 1));
	ASSERT_EQ(4, send(self->client, "abc!", 4, MSG_OOB));
	ASSERT_EQ(3, send(self->client, "def", 3, 0));
	WAIT_FOR(events(self->server, POLLPRI) == POLLPRI);
	EXPECT_ERRNO(EINVAL, recv(self->server, text, 8, MSG_OOB));
	EXPECT_EQ(3, read(self->server, text, 8));
	EXPECT_TRUE(at_mark(self->server));
	EXPECT_EQ(4, recv(self->server, text, 4, MSG_WAITALL));
	EXPECT_EQ(0, memcmp(text, "!def", 4));
	EXPECT_FALSE(at_mark(self->server));
}

/* MUST-32: SIGURG is sent when the pointer arrives */
TEST_F(urgent, signal)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGURG);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ASSERT_EQ(0, fcntl(self->server, F_SETOWN, getpid()));
	ASSERT_EQ(1, send(self->client, "!", 1, MSG_OOB));
	EXPECT_EQ(SIGURG, sigtimedwait(&set, NULL, &(struct timespec){ 5, 0 }));
	ASSERT_EQ(1, send(self->client, "!", 1, MSG_OOB));
	EXPECT_EQ(SIGURG, sigtimedwait(&set, NULL, &(struct timespec){ 5, 0 }));
}

/* SIOCATMARK without urgent data */
TEST_F(urgent, no_urgent_data)
{
	EXPECT_FALSE(at_mark(self->server));
	ASSERT_EQ(1, write(self->client, "x", 1));
	WAIT_FOR(inq(self->server) == 1);
	EXPECT_FALSE(at_mark(self->server));
}

/* Only the last byte of a send() with MSG_OOB is urgent */
TEST_F(urgent, last_byte_of_send)
{
	char text[8] = {};

	ASSERT_EQ(4, send(self->client, "abc!", 4, MSG_OOB));
	EXPECT_EQ(POLLPRI, events_within(self->server, POLLPRI, PATIENCE));
	WAIT_FOR(recv(self->server, text, 1, MSG_OOB) == 1);
	EXPECT_EQ('!', *text);
	EXPECT_EQ(3, read(self->server, text, 8));
	EXPECT_ERRNO(EAGAIN, recv(self->server, text, 8, MSG_DONTWAIT));
}

/* MUST-31: urgent data of any length */
TEST_F(urgent, long_run)
{
	static char buffer[100000];
	size_t got = 0;
	ssize_t n;
	char byte = 0;

	memset(buffer, 'u', sizeof(buffer));
	buffer[sizeof(buffer) - 1] = '!';
	ASSERT_EQ(sizeof(buffer), send(self->client, buffer, sizeof(buffer), MSG_OOB));
	while (got < sizeof(buffer) - 1) {
		n = read(self->server, buffer, sizeof(buffer));
		ASSERT_LT(0, n);
		got += n;
	}
	EXPECT_EQ(sizeof(buffer) - 1, got);
	EXPECT_EQ(POLLPRI, events_within(self->server, POLLPRI, PATIENCE));
	WAIT_FOR(recv(self->server, &byte, 1, MSG_OOB) == 1);
	EXPECT_EQ('!', byte);
}

/*
 * A second urgent byte replaces the first, unread one, which becomes part of the
 * stream if data before it is unread
 */
TEST_F(urgent, newer_replaces_older)
{
	char text[8] = {};

	ASSERT_EQ(1, write(self->client, "a", 1));
	ASSERT_EQ(1, send(self->client, "1", 1, MSG_OOB));
	EXPECT_EQ(POLLPRI, events_within(self->server, POLLPRI, PATIENCE));
	ASSERT_EQ(1, send(self->client, "2", 1, MSG_OOB));
	WAIT_FOR(recv(self->server, text, 1, MSG_OOB | MSG_PEEK) == 1 && *text == '2');
	EXPECT_EQ(1, recv(self->server, text, 1, MSG_OOB));
	EXPECT_EQ('2', *text);
	EXPECT_EQ(2, read(self->server, text, sizeof(text)));
	EXPECT_EQ(0, memcmp(text, "a1", 2));
}

TEST_MAIN
