// SPDX-License-Identifier: GPL-2.0
/* TCP_INFO: the effect of what happens on the wire on each field. */
#include <stddef.h>

#include "lib/wire_test.h"

/* As in the header of Linux 6.12; that of the host may be older. */
struct info {
	uint8_t state, ca_state, retransmits, probes, backoff, options;
	uint8_t wscales;	/* snd_wscale, rcv_wscale << 4 */
	uint8_t bits;		/* APP_LIMITED, fastopen_client_fail << 1 */
	uint32_t rto, ato, snd_mss, rcv_mss;
	uint32_t unacked, sacked, lost, retrans, fackets;
	uint32_t last_data_sent, last_ack_sent, last_data_recv, last_ack_recv;
	uint32_t pmtu, rcv_ssthresh, rtt, rttvar, snd_ssthresh, snd_cwnd;
	uint32_t advmss, reordering, rcv_rtt, rcv_space, total_retrans;
	uint64_t pacing_rate, max_pacing_rate, bytes_acked, bytes_received;
	uint32_t segs_out, segs_in, notsent_bytes, min_rtt;
	uint32_t data_segs_in, data_segs_out;
	uint64_t delivery_rate, busy_time, rwnd_limited, sndbuf_limited;
	uint32_t delivered, delivered_ce;
	uint64_t bytes_sent, bytes_retrans;
	uint32_t dsack_dups, reord_seen, rcv_ooopack, snd_wnd, rcv_wnd, rehash;
	uint16_t total_rto, total_rto_recoveries;
	uint32_t total_rto_time;
};

#define APP_LIMITED	1

/* Return: length that the kernel filled, or -errno. */
static int info_of(int fd, struct info *ti)
{
	socklen_t len = sizeof(*ti);

	memset(ti, 0, sizeof(*ti));
	return getsockopt(fd, SOL_TCP, TCP_INFO, ti, &len) ? -errno : (int)len;
}

#define info() ({							\
	struct info _i;							\
									\
	ASSERT_LT(0, info_of(self->fd, &_i));				\
	_i;								\
})

/* Skip if the fields up to @field do not exist in this kernel. */
#define needs(field) do {						\
	struct info _i;							\
									\
	if (info_of(self->fd, &_i) < (int)(offsetof(struct info, field) +	\
					   sizeof(_i.field)))		\
		SKIP(return, "this kernel has no " #field);		\
} while (0)

/* A time of the wire: the kernel's TCP counts ticks of 4 ms. */
#define TICKS_US	10000
#define near(value, want, slack) do {					\
	uint64_t _v = (value), _w = (want), _s = (slack) +		\
					    self->w.slop_us;		\
									\
	ASSERT_LE(_w - (_s < _w ? _s : _w), _v);			\
	ASSERT_GE(_w + _s, _v);						\
} while (0)

#define TS_OK	",sackOK,TS val * ecr *"

/* A listener has a few fields. */
TEST_F(wire, listener)
{
	struct info i;

	listening(8);
	self->fd = dup(self->lfd);
	i = info();
	ASSERT_EQ(TCP_LISTEN, i.state);
	ASSERT_EQ(0, i.unacked);
	ASSERT_EQ(8, i.sacked);
	ASSERT_EQ(10, i.snd_cwnd);
	ASSERT_EQ(3, i.reordering);
	ASSERT_EQ(~0ULL, i.max_pacing_rate);
	inject("S 0:0(0) <mss 1000>");
	expect("S. 0:0(0) ack 1 <...>");
	inject(". 1:1(0) ack 1");
	ASSERT_EQ(1, info().unacked);
}

/* Options are reported once the peer has agreed. */
TEST_F(wire, options)
{
	struct info i;

	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	i = info();
	ASSERT_EQ(TCP_SYN_SENT, i.state);
	ASSERT_EQ(0, i.options);
	ASSERT_EQ(0, i.wscales);
	ASSERT_EQ(1, i.unacked);
	ASSERT_EQ(0, i.delivered);
	inject("S. 0:0(0) ack 1 <mss 1000,sackOK,TS val 700 ecr *,nop,wscale 3>");
	expect(". 1:1(0) ack 1");
	i = info();
	ASSERT_EQ(TCPI_OPT_TIMESTAMPS | TCPI_OPT_SACK | TCPI_OPT_WSCALE, i.options);
	ASSERT_EQ(3 | self->f->stack_ws << 4, i.wscales);
	ASSERT_EQ(MSS - 12, i.advmss);
	ASSERT_EQ(988, i.snd_mss);
	ASSERT_EQ(1500, i.pmtu);
	ASSERT_EQ(0, i.unacked);
	ASSERT_EQ(1, i.delivered);
}

/* Sizes of the handshake and of the windows. */
TEST_F(wire, windows)
{
	struct info i;
	int off = 0;

	self->f->win = 20000;
	passive("mss 1000");
	i = info();
	ASSERT_EQ(MSS, i.advmss);
	ASSERT_EQ(1000, i.snd_mss);
	ASSERT_EQ(20000, i.snd_wnd);
	ASSERT_EQ(0, i.options);
	inject("P. 1:101(100) ack 1");
	expect("+0ms..60ms . 1:1(0) ack 101");
	i = info();
	needs(rcv_wnd);
	ASSERT_EQ(self->f->last.win, i.rcv_wnd);
	/* As it was advertised: data does not change it. */
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_QUICKACK, &off, sizeof(off)));
	inject("P. 101:201(100) ack 1 win 5000");
	ASSERT_EQ(200, info().bytes_received);
	ASSERT_EQ(5000, info().snd_wnd);
	ASSERT_EQ(self->f->last.win, info().rcv_wnd);
	expect("+40ms..200ms . 1:1(0) ack 201");
}

/* Bytes and segments in both directions. */
TEST_F(wire, counts)
{
	struct info i, b;

	self->f->win = 2000;
	passive("mss 1000");
	b = info();
	ASSERT_EQ(1, b.delivered);
	ASSERT_EQ(0, b.bytes_acked);
	inject("P. 1:101(100) ack 1");
	expect("+0ms..60ms . 1:1(0) ack 101");
	ASSERT_EQ(2500, wire_write(self->f, self->fd, 2500));
	expect("p. 1:1001(1000) ack 101");
	expect("p. 1001:2001(1000) ack 101");
	i = info();
	ASSERT_EQ(100, i.bytes_received);
	ASSERT_EQ(1, i.segs_in - b.segs_in);
	ASSERT_EQ(1, i.data_segs_in);
	ASSERT_EQ(2, i.data_segs_out);
	ASSERT_EQ(3, i.segs_out - b.segs_out);
	ASSERT_EQ(2000, i.bytes_sent);
	ASSERT_EQ(500, i.notsent_bytes);
	ASSERT_EQ(2, i.unacked);
	inject(". 101:101(0) ack 1001 win 1000");
	expect_none(2);
	i = info();
	ASSERT_EQ(1000, i.bytes_acked);
	ASSERT_EQ(2, i.delivered);
	ASSERT_EQ(1, i.unacked);
	ASSERT_EQ(2, i.segs_in - b.segs_in);
	ASSERT_EQ(1, i.data_segs_in);
	inject(". 101:101(0) ack 2001");
	expect("P. 2001:2501(500) ack 101");
	ASSERT_EQ(0, info().notsent_bytes);
}

/* Times since the last data, in ms. */
TEST_F(wire, last_times)
{
	struct info i;

	passive("mss 1000");
	wire_sleep(100);
	i = info();
	near(i.last_data_sent, 100, 10);
	near(i.last_data_recv, 100, 10);
	near(i.last_ack_recv, 100, 10);
	ASSERT_EQ(0, i.last_ack_sent);
	write_segments(1);
	wire_sleep(50);
	inject(". 1:1(0) ack 1001");
	wire_sleep(50);
	i = info();
	near(i.last_data_sent, 100, 10);
	near(i.last_data_recv, 200, 14);
	near(i.last_ack_recv, 50, 10);
	inject("P. 1:101(100) ack 1001");
	expect("+0ms..60ms . 1001:1001(0) ack 101");
	ASSERT_GE(70 + self->w.slop_us / 1000, (int)info().last_data_recv);
}

/* Segments are counted as they were sent, however small they are. */
TEST_F(wire, small_segments)
{
	int one = 1;

	active_with_rtt(SACK_OK);
	ASSERT_EQ(0, setsockopt(self->fd, SOL_TCP, TCP_NODELAY, &one, sizeof(one)));
	for (int n = 0; n < 8; n++) {
		ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
		expect("P. %d:%d(10) ack 1", 1 + 10 * n, 11 + 10 * n);
	}
	ASSERT_EQ(8, info().unacked);
	inject(". 1:1(0) ack 31");
	ASSERT_EQ(5, info().unacked);
	ASSERT_EQ(4, info().delivered);
	inject(". 1:1(0) ack 31 <nop,nop,sack 41:61>");
	ASSERT_EQ(2, info().sacked);
	ASSERT_EQ(6, info().delivered);
}

/* A loss, and its repair. */
TEST_F(wire, losses)
{
	struct info i;

	wire_sysctl(&self->w, "early_retrans", "0");
	active_with_rtt(SACK_OK);
	write_segments(8);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 1 <nop,nop,sack 3001:7001>");
	expect("p. 1:1001(1000) ack 1");
	expect("p. 1001:2001(1000) ack 1");
	expect("p. 2001:3001(1000) ack 1");
	i = info();
	ASSERT_EQ(8, i.unacked);
	ASSERT_EQ(4, i.sacked);
	ASSERT_EQ(3, i.lost);
	ASSERT_EQ(3, i.retrans);
	ASSERT_EQ(5, i.delivered);
	ASSERT_EQ(3, i.total_retrans);
	ASSERT_EQ(3000, i.bytes_retrans);
	ASSERT_EQ(11000, i.bytes_sent);
	ASSERT_EQ(TCP_CA_Recovery, i.ca_state);
	ASSERT_EQ(0, i.fackets);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 8001");
	expect_none(2);
	i = info();
	ASSERT_EQ(0, i.unacked);
	ASSERT_EQ(0, i.sacked);
	ASSERT_EQ(0, i.lost);
	ASSERT_EQ(0, i.retrans);
	ASSERT_EQ(9, i.delivered);
}

/* A duplicate that the peer reports. */
TEST_F(wire, dsack)
{
	active_with_rtt(SACK_OK);
	write_segments(2);
	inject(". 1:1(0) ack 2001");
	ASSERT_EQ(0, info().dsack_dups);
	inject(". 1:1(0) ack 2001 <nop,nop,sack 1:1001>");
	ASSERT_EQ(1, info().dsack_dups);
}

/* A segment that was sent once arrives after one eight segments behind it. */
TEST_F(wire, reordering)
{
	struct info i;

	active_with_rtt(SACK_OK);
	big_send_buffer();
	write_segments(10);
	wire_sleep(RTT_MS);
	ASSERT_EQ(3, info().reordering);
	ASSERT_EQ(0, info().reord_seen);
	inject(". 1:1(0) ack 1 <nop,nop,sack 8001:9001>");
	ASSERT_EQ(0, info().reord_seen);
	inject(". 1:1(0) ack 1 <nop,nop,sack 1001:2001 8001:9001>");
	i = info();
	ASSERT_EQ(1, i.reord_seen);
	ASSERT_EQ(8, i.reordering);
	/* Less: it stays. Cumulatively, too. */
	inject(". 1:1(0) ack 3001 <nop,nop,sack 8001:9001>");
	i = info();
	ASSERT_EQ(2, i.reord_seen);
	ASSERT_LE(8, i.reordering);
	ASSERT_GE(9, i.reordering);
	inject(". 1:1(0) ack 10001");
}

/* Data that arrives out of order. */
TEST_F(wire, out_of_order)
{
	passive("mss 1000");
	inject("P. 101:201(100) ack 1");
	expect(". 1:1(0) ack 1");
	inject("P. 301:401(100) ack 1");
	expect(". 1:1(0) ack 1");
	ASSERT_EQ(2, info().rcv_ooopack);
	inject("P. 1:101(100) ack 1");
	expect(". 1:1(0) ack 201");
	ASSERT_EQ(2, info().rcv_ooopack);
	ASSERT_EQ(200, info().bytes_received);
}

/* Timeouts, until the retransmission is acknowledged. */
TEST_F(wire, timeouts)
{
	struct info i, t;

	wire_sysctl(&self->w, "early_retrans", "0");
	passive("mss 1000" SACK_OK);
	ASSERT_EQ(0, info().total_retrans);
	write_segments(1);
	expect("+200ms..260ms p. 1:1001(1000) ack 1");
	expect("+400ms..460ms p. 1:1001(1000) ack 1");
	i = info();
	ASSERT_EQ(2, i.retransmits);
	ASSERT_EQ(2, i.backoff);
	ASSERT_EQ(2, i.total_retrans);
	ASSERT_EQ(2000, i.bytes_retrans);
	ASSERT_EQ(1, i.lost);
	ASSERT_EQ(1, i.retrans);
	ASSERT_EQ(TCP_CA_Loss, i.ca_state);
	near(i.rto, 800000, 50000);
	wire_sleep(100);
	t = info();
	inject(". 1:1(0) ack 1001");
	wire_sleep(100);
	i = info();
	ASSERT_EQ(0, i.retransmits);
	ASSERT_EQ(0, i.lost);
	ASSERT_EQ(TCP_CA_Open, i.ca_state);
	needs(rehash);
	ASSERT_EQ(2, i.rehash);
	needs(total_rto_time);
	ASSERT_EQ(2, i.total_rto);
	ASSERT_EQ(1, i.total_rto_recoveries);
	near(t.total_rto_time, 500, 40);
	near(i.total_rto_time, 500, 40);
	/* Another one. */
	write_segments(1);
	expect("+200ms..1000ms p. 1001:2001(1000) ack 1");
	i = info();
	ASSERT_EQ(3, i.total_rto);
	ASSERT_EQ(2, i.total_rto_recoveries);
	near(i.total_rto_time, 500, 50);
	wire_sleep(50);
	near(info().total_rto_time, 550, 60);
	inject(". 1:1(0) ack 2001");
}

/* Timeouts of the SYN-ACK are those of the connection. */
TEST_F(wire, timeouts_of_syn_ack)
{
	struct info i;

	listening(8);
	inject("S 0:0(0) <mss 1000>");
	expect("S. 0:0(0) ack 1 <...>");
	expect("+1s S. 0:0(0) ack 1 <...>");
	expect("+2s S. 0:0(0) ack 1 <...>");
	wire_sleep(500);
	inject(". 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	i = info();
	ASSERT_EQ(2, i.total_retrans);
	needs(total_rto_time);
	ASSERT_EQ(2, i.total_rto);
	ASSERT_EQ(1, i.total_rto_recoveries);
	near(i.total_rto_time, 3500, 60);
}

/* Timeouts of the SYN. */
TEST_F(wire, timeouts_of_syn)
{
	struct info i;

	wire_sysctl(&self->w, "syn_linear_timeouts", "0");
	self->fd = wire_socket(&self->w);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
	expect("+1s S 0:0(0) <...>");
	wire_sleep(500);
	inject("S. 0:0(0) ack 1 <mss 1000>");
	expect(". 1:1(0) ack 1");
	wire_sleep(100);
	i = info();
	ASSERT_EQ(1, i.total_retrans);
	ASSERT_EQ(0, i.retransmits);
	needs(total_rto_time);
	ASSERT_EQ(1, i.total_rto);
	ASSERT_EQ(1, i.total_rto_recoveries);
	/* In the kernel's TCP the recovery goes on after the handshake. */
	near(i.total_rto_time, REF ? 600 : 500, 20);
}

/* Round trips. */
TEST_F(wire, round_trip)
{
	struct info i;

	active_with_rtt("");
	i = info();
	near(i.rtt, RTT_MS * 1000, 3000);
	near(i.rttvar, RTT_MS * 500, 3000);
	near(i.min_rtt, RTT_MS * 1000, 3000);
	near(i.rto, RTT_MS * 1000 + 200000, 10000);
	write_segments(1);
	wire_sleep(20);
	inject(". 1:1(0) ack 1001");
	near(info().min_rtt, 20000, 3000);
}

/* Zero-window probes. */
TEST_F(wire, probes)
{
	self->f->win = 2000;
	passive("mss 1000");
	ASSERT_EQ(3000, wire_write(self->f, self->fd, 3000));
	expect("p. 1:1001(1000) ack 1");
	expect("p. 1001:2001(1000) ack 1");
	inject(". 1:1(0) ack 2001 win 0");
	self->f->unchecked = true;
	expect("+200ms..260ms . 2000:2000(0) ack 1");
	ASSERT_EQ(1, info().probes);
	ASSERT_EQ(1, info().backoff);
	expect("+400ms..460ms . 2000:2000(0) ack 1");
	ASSERT_EQ(2, info().probes);
	ASSERT_EQ(2, info().backoff);
	inject(". 1:1(0) ack 2001 win 0");
	ASSERT_EQ(0, info().probes);
}

/* CE marks that the peer echoes (RFC 3168). */
TEST_F(wire, ce_marks)
{
	wire_sysctl(&self->w, "ecn", "2");
	listening(8);
	inject("SEW 0:0(0) <mss 1000>");
	expect("SE. 0:0(0) ack 1 notect <...>");
	inject(". 1:1(0) ack 1");
	self->fd = wire_accept(self->lfd);
	ASSERT_LE(0, self->fd);
	ASSERT_EQ(TCPI_OPT_ECN, info().options);
	write_segments(4);
	inject(". 1:1(0) ack 1001");
	ASSERT_EQ(0, info().delivered_ce);
	inject("E. 1:1(0) ack 3001");
	ASSERT_EQ(2, info().delivered_ce);
	ASSERT_EQ(4, info().delivered);
	inject("P. 1:101(100) ack 3001 ect0");
	ASSERT_EQ(TCPI_OPT_ECN | TCPI_OPT_ECN_SEEN, info().options);
}

/* The application limits the rate, until it fills the window. */
TEST_F(wire, delivery_rate)
{
	struct info i;
	int acked = 0, sent = 0;

	active_with_rtt("");
	big_send_buffer();
	write_segments(4);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 4001");
	i = info();
	near(i.delivery_rate, 4000 * 1000 / RTT_MS, 4000);
	ASSERT_EQ(APP_LIMITED, i.bits);
	/* Slower, and application limited: it does not count. */
	write_segments(1);
	wire_sleep(RTT_MS);
	inject(". 1:1(0) ack 5001");
	i = info();
	near(i.delivery_rate, 4000 * 1000 / RTT_MS, 4000);
	/* Always more data: ten segments per round trip, 250 kB/s, or more. */
	ASSERT_EQ(100000, wire_write(self->f, self->fd, 100000));
	for (int round = 0; round < 2; round++) {
		while (wire_next(self->f, 5))
			sent = self->f->last.seq - self->f->iss - 1 + 1000;
		wire_sleep(RTT_MS);
		acked = sent;
		inject(". 1:1(0) ack %d", acked + 1);
	}
	i = info();
	ASSERT_EQ(0, i.bits);
	ASSERT_LT(200000, i.delivery_rate);
	ASSERT_GT(2000000, i.delivery_rate);
	ASSERT_LT(0, i.notsent_bytes);
}

/* Busy: from the first byte that is written to its ACK. */
TEST_F(wire, busy)
{
	struct info i;

	passive("mss 1000");
	ASSERT_EQ(0, info().busy_time);
	wire_sleep(60);
	write_segments(1);
	wire_sleep(100);
	near(info().busy_time, 100000, TICKS_US);
	inject(". 1:1(0) ack 1001");
	wire_sleep(60);
	i = info();
	near(i.busy_time, 100000, TICKS_US);
	ASSERT_EQ(0, i.rwnd_limited);
	ASSERT_EQ(0, i.sndbuf_limited);
}

/* The peer's window has no room. */
TEST_F(wire, window_limited)
{
	struct info i;

	self->f->win = 2000;
	active_with_rtt(SACK_OK);
	wire_sysctl(&self->w, "early_retrans", "0");
	ASSERT_EQ(3000, wire_write(self->f, self->fd, 3000));
	expect("p. 1:1001(1000) ack 1");
	expect("p. 1001:2001(1000) ack 1");
	wire_sleep(100);
	i = info();
	near(i.rwnd_limited, 100000, TICKS_US);
	near(i.busy_time, 100000, TICKS_US);
	inject(". 1:1(0) ack 2001");
	expect("p. 2001:3001(1000) ack 1");
	wire_sleep(60);
	i = info();
	near(i.rwnd_limited, 100000, TICKS_US);
	near(i.busy_time, 160000, 2 * TICKS_US);
	ASSERT_EQ(0, i.sndbuf_limited);
}

/* cwnd limits, not the window. */
TEST_F(wire, cwnd_limited)
{
	active_with_rtt("");
	big_send_buffer();
	ASSERT_EQ(12000, wire_write(self->f, self->fd, 12000));
	for (int i = 0; i < 10; i++)
		expect("p. *(1000) ack 1");
	wire_sleep(60);
	ASSERT_EQ(0, info().rwnd_limited);
	near(info().busy_time, 60000, TICKS_US);
}

/* The send buffer has no room, and all data in it is sent. */
TEST_F(wire, buffer_limited)
{
	int small = 4096, n = 0;
	struct info i;

	if (REF)
		SKIP(return, "the kernel's TCP notes it at the next transmission");
	active_with_rtt("");
	wire_sysctl(&self->w, "early_retrans", "0");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_SNDBUF, &small, sizeof(small)));
	while (wire_write(self->f, self->fd, 1000) == 1000)
		n += 1000;
	ASSERT_LT(0, n);
	ASSERT_GT(10000, n);
	wire_flush(self->f);
	wire_sleep(100);
	i = info();
	ASSERT_EQ(0, i.notsent_bytes);
	near(i.sndbuf_limited, 100000, 2 * TICKS_US);
	inject(". 1:1(0) ack %d", n + 1);
	wire_sleep(60);
	near(info().sndbuf_limited, 100000, 2 * TICKS_US);
	near(info().busy_time, 100000, 2 * TICKS_US);
}

TEST_HARNESS_MAIN
