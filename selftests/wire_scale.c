// SPDX-License-Identifier: GPL-2.0
/*
 * The cost of an ACK does not depend on the size of the window, nor on the number of
 * holes in it. Only in virtual time (XTCP_VIRTUAL_TIME=1), where an instruction takes
 * a nanosecond.
 */
#include "lib/wire_test.h"

#include <time.h>

#define SEG	1000
/* 36 MB in flight */
#define SEGS	36000
#define HOLES	10000
#define BLOCKS	200
#define ROUTE	"ip route replace 192.0.2.0/24 dev tun0 scope link src 192.0.2.1"

/* A window of SEGS segments at once, and no timeout meanwhile. */
static int large_window(void)
{
	char cmd[200];

	snprintf(cmd, sizeof(cmd), ROUTE " initcwnd %d rto_min 60s", SEGS);
	return system(cmd) ? -1 : 0;
}

static long now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1000000000 + t.tv_nsec;
}

/*
 * BLOCKS ACKs, each of which SACKs one segment more, that after the segment @at, and
 * leaves a hole before it. With @lost the checksum of the ACKs is wrong: the cost is
 * that of everything else.
 *
 * Return: mean cost, ns, or -1; *@sent: segments that the ACKs let leave.
 */
static long cost(struct wire_flow *f, int at, bool lost, int *sent)
{
	long begin, sum = 0;
	int seq;

	*sent = 0;
	for (int i = 0; i < BLOCKS; i++) {
		seq = 1 + (at + 1 + 2 * i) * SEG;
		begin = now_ns();
		if (wire_inject(f, ". 1:1(0) ack 1 %s <nop,nop,sack %d:%d>",
				lost ? "badsum" : "", seq, seq + SEG))
			return -1;
		sum += now_ns() - begin;
		while (wire_pending(f)) {
			wire_next(f, 0);
			++*sent;
		}
	}
	return sum / BLOCKS;
}

/*
 * The first ACKs are not compared: they begin the recovery, and retransmit less. Later
 * each second one retransmits a segment, until the data in flight is down to ssthresh.
 */
TEST_F_TIMEOUT(wire, ack_with_many_holes, 300)
{
	int room = 500000000, at, sent_few, sent_many, n = SEG * 50;
	long base, few, many;

	if (!getenv("XTCP_VIRTUAL_TIME"))
		SKIP(return, "no virtual time");
	if (variant->v6)
		SKIP(return, "IPv4 shows it");
	ASSERT_EQ(0, large_window());
	passive("mss 1000,nop,nop,sackOK,nop,wscale 12");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_SNDBUFFORCE, &room,
				sizeof(room)));
	for (int left = SEGS * SEG; left; left -= n) {
		ASSERT_EQ(n, wire_write(self->f, self->fd, n));
		for (int i = 0; i < n; i += SEG)
			ASSERT_LT(0, wire_next(self->f, 20));
	}
	base = cost(self->f, 0, true, &sent_few);
	ASSERT_LT(0, base);
	for (at = 0; at < 4 * BLOCKS; at += 2 * BLOCKS)
		few = cost(self->f, at, false, &sent_few) - base;
	for (; at < 2 * HOLES; at += 2 * BLOCKS)
		many = cost(self->f, at, false, &sent_many) - base;
	TH_LOG("an ACK with %d holes costs %ld ns, with %d %ld ns", 2 * BLOCKS, few,
	       HOLES, many);
	ASSERT_LT(0, few);
	ASSERT_EQ(sent_few, sent_many);
	ASSERT_GT(few * 12 / 10, many);
}

TEST_HARNESS_MAIN
