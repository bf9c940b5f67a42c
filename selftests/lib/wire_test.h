/* SPDX-License-Identifier: GPL-2.0 */
/* The fixture of all wire_*.c: a stack, a peer, and one flow between them. */
#ifndef XTCP_TEST_WIRE_TEST_H
#define XTCP_TEST_WIRE_TEST_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "kselftest_harness.h"
#include "one_family.h"
#include "wire.h"

#undef TEST_HARNESS_MAIN
#define TEST_HARNESS_MAIN						\
int main(int argc, char **argv)						\
{									\
	share_out_families();						\
	return test_harness_run(argc, argv);				\
}

FIXTURE(wire)
{
	struct wire w;
	struct wire_flow *f;
	int lfd, fd;
};

FIXTURE_VARIANT(wire)
{
	bool v6;
};

FIXTURE_VARIANT_ADD(wire, v4)
{
	.v6 = false,
};

FIXTURE_VARIANT_ADD(wire, v6)
{
	.v6 = true,
};

FIXTURE_SETUP(wire)
{
	self->lfd = -1;
	self->fd = -1;
	ASSERT_EQ(0, wire_start(&self->w, variant->v6));
	self->f = wire_flow(&self->w, 0);
}

FIXTURE_TEARDOWN(wire)
{
	EXPECT_EQ(0, self->w.failed);
	EXPECT_EQ(0, self->w.strays) wire_dump(&self->w);
	wire_stop(&self->w);
}

/* MSS of the device, whose MTU is 1500; MSS of a peer that announces none. */
#define MSS		(variant->v6 ? 1440 : 1460)
#define DEFAULT_MSS	(variant->v6 ? 1220 : 536)
#define REF		(self->w.ref)

/* Open a listener in self->lfd; SYNs of the flow go to it. */
#define listening(backlog) do {						\
	self->lfd = wire_listen(&self->w, WIRE_PORT, backlog);		\
	ASSERT_LE(0, self->lfd);					\
	self->f->lport = WIRE_PORT;					\
} while (0)

/* An established connection in self->fd; @opts are those of the peer's SYN. */
#define passive(opts) do {						\
	if (self->lfd < 0)						\
		listening(8);						\
	self->f->lport = WIRE_PORT;					\
	self->fd = wire_passive(self->f, self->lfd, opts);		\
	ASSERT_LE(0, self->fd);						\
} while (0)

/* A send buffer that holds all data written, plus overhead of small skbs. */
#define big_send_buffer()						\
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_SNDBUF,	\
				&(int){ 200000 }, sizeof(int)))

#define active(opts) do {						\
	self->fd = wire_active(self->f, -1, opts);			\
	ASSERT_LE(0, self->fd);						\
} while (0)

/* An established connection in self->fd, with an RTT of RTT_MS. */
#define RTT_MS	40
#define active_with_rtt(opts)	active_of_mss("1000" opts)
#define active_of_mss(opts) do {					\
	self->fd = wire_socket(&self->w);				\
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));	\
	expect("S 0:0(0) <...>");					\
	wire_sleep(RTT_MS);						\
	inject("S. 0:0(0) ack 1 <mss " opts ">");			\
	expect(". 1:1(0) ack 1");					\
} while (0)

#define SACK_OK	",nop,nop,sackOK"

/* Write n segments of 1000 bytes, and expect them. */
#define write_segments(n) do {						\
	uint32_t _s = 1 + self->f->out_off;				\
									\
	ASSERT_EQ((n) * 1000, wire_write(self->f, self->fd, (n) * 1000)); \
	for (int _i = 0; _i < (n); _i++)				\
		expect("p. %u:%u(1000) ack 1", _s + _i * 1000,		\
		       _s + _i * 1000 + 1000);				\
} while (0)

#define state(s)	ASSERT_EQ(s, wire_state(self->fd))
#define counter(name)	wire_counter(&self->w, name)

/* The listener still accepts a connection: a new flow, a complete handshake. */
#define still_serves() do {						\
	struct wire_flow *_f = self->f;					\
	int _fd;							\
									\
	self->f = wire_flow(&self->w, WIRE_PORT);			\
	_fd = wire_passive(self->f, self->lfd, "mss 1460");		\
	ASSERT_LE(0, _fd);						\
	inject("R 1:1(0)");						\
	close(_fd);							\
	self->f = _f;							\
} while (0)

#endif
