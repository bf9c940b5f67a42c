// SPDX-License-Identifier: GPL-2.0
/*
 * Pacing by SO_MAX_PACING_RATE, with a timer and with the qdisc fq, and the limit of
 * what waits in the queues of the host.
 */
#include "lib/xtcp_test.h"

#define RATE	1000000	/* bytes per second */
#define TOTAL	500000

CABLE_FIXTURE(pace);

/* Reads until the end in a child; its exit status is 0 if all bytes arrived. */
static pid_t reader(int listener, long total)
{
	static char room[1 << 16];
	long got = 0, n;
	pid_t pid = child();
	int fd;

	if (pid)
		return pid;
	fd = accept(listener, NULL, NULL);
	while ((n = read(fd, room, sizeof(room))) > 0)
		got += n;
	_exit(got == total ? 0 : 1);
}

/* Return: ms until @total bytes have arrived, or -1. */
static long long upload(int fd, struct address *to, int listener, long total)
{
	static char data[1 << 16];
	long long start = now();
	pid_t pid = reader(listener, total);
	long left = total, n;

	if (pid < 0 || do_connect(fd, to))
		return -1;
	while (left) {
		n = write(fd, data, left < (long)sizeof(data) ? left : (long)sizeof(data));
		if (n <= 0)
			return -1;
		left -= n;
	}
	/* The reader has this descriptor, too. */
	shutdown(fd, SHUT_WR);
	return child_status(pid) ? -1 : now() - start;
}

static int paced(enum stack stack, int family)
{
	int fd = open_socket(stack, family), rate = RATE;

	if (setsockopt(fd, SOL_SOCKET, SO_MAX_PACING_RATE, &rate, sizeof(rate)))
		return -1;
	return fd;
}

/*
 * The shortest time at RATE, ms: the first ten segments are not paced, and the last
 * piece, up to 64 KiB where the round trip is short, leaves as one.
 */
#define SHORTEST	((TOTAL - 10 * 1460 - 65536) / (RATE / 1000))

TEST_F(pace, by_timer)
{
	int fd = paced(variant->client, variant->family);
	long long took = upload(fd, &self->address, self->listener, TOTAL);

	EXPECT_LE(SHORTEST, took);
	EXPECT_GT(1000, took);
}

TEST_F(pace, by_fq)
{
	int fd = paced(variant->client, variant->family);
	long long took;

	ASSERT_EQ(0, sh("tc qdisc add dev veth0 root fq"));
	took = upload(fd, &self->address, self->listener, TOTAL);
	EXPECT_LE(SHORTEST, took);
	EXPECT_GT(1000, took);
}

/* Without a rate nothing is delayed */
TEST_F(pace, not_paced)
{
	int fd = open_socket(variant->client, variant->family);

	EXPECT_GT(200, upload(fd, &self->address, self->listener, TOTAL));
}

/* Return: bytes in the qdisc of veth0, or -1. */
static long backlog(void)
{
	FILE *f = popen("tc -s qdisc show dev veth0", "r");
	char line[256];
	long bytes = -1;

	while (f && fgets(line, sizeof(line), f)) {
		char unit[8] = "";

		if (sscanf(line, " backlog %ld%7[A-Za-z]", &bytes, unit) == 2 && *unit == 'K')
			bytes *= 1000;
		if (*unit == 'M')
			bytes *= 1000000;
	}
	if (f)
		pclose(f);
	return bytes;
}

/*
 * A queue of 1 MB in front of 20 Mbit/s: without a limit of its own the sender
 * would fill it. A tenth of it is enough.
 */
TEST_F(pace, queue_of_the_host_is_short)
{
	int fd = open_socket(variant->client, variant->family);
	long most = 0, bytes;
	pid_t pid;

	ASSERT_EQ(0, sh("tc qdisc add dev veth0 root tbf rate 20mbit burst 10000 limit 1000000"));
	pid = child();
	if (!pid)
		_exit(upload(fd, &self->address, self->listener, 4000000) < 0);
	for (int i = 0; i < 20; i++) {
		usleep(50000);
		bytes = backlog();
		ASSERT_LE(0, bytes);
		if (bytes > most)
			most = bytes;
	}
	EXPECT_GT(250000, most);
	EXPECT_EQ(0, child_status(pid));
}

TEST_MAIN
