// SPDX-License-Identifier: GPL-2.0
/*
 * Closing: all paths through figure 5 of RFC 9293, and segments that arrive afterwards.
 */
#include "lib/wire_test.h"

#define OPTS	"mss 1460"

/* SA-5i, SA-5j, SA-8e: the active close, four segments. */
TEST_F(wire, active_close)
{
	passive(OPTS);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 1:1(0) ack 1");
	state(TCP_FIN_WAIT1);
	inject(". 1:1(0) ack 2");
	state(TCP_FIN_WAIT2);
	/* SA-5j: FIN-WAIT-2 still receives data. */
	inject("P. 1:101(100) ack 2");
	ASSERT_EQ(100, wire_read(self->f, self->fd, 1000));
	expect("+0ms..500ms . 2:2(0) ack 101");
	inject("F. 101:101(0) ack 2");
	expect("+0ms..500ms . 2:2(0) ack 102");
	ASSERT_EQ(0, wire_read(self->f, self->fd, 1000));
}

/* SA-8d, SA-5n: FIN with the ACK of our FIN: FIN-WAIT-1 to TIME-WAIT. */
TEST_F(wire, active_close_three_segments)
{
	passive(OPTS);
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	/* FIN retransmitted: our ACK was lost. */
	wire_sleep(1000);
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
}

/* A FIN before any data has no reply that its ACK could wait for. */
TEST_F(wire, fin_before_data)
{
	passive(OPTS);
	inject("F. 1:1(0) ack 1");
	expect("+0ms..10ms . 1:1(0) ack 2");
}

/* The RST of an abort has the current window, as any segment of the connection. */
TEST_F(wire, window_of_reset)
{
	struct linger abort = { .l_onoff = 1 };

	passive(OPTS);
	inject("P. 1:101(100) ack 1");
	ASSERT_EQ(100, wire_read(self->f, self->fd, 1000));
	expect("+0ms..500ms . 1:1(0) ack 101");
	ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort)));
	close(self->fd);
	expect("R. 1:1(0) ack 101");
	ASSERT_LT(1000, self->f->last.win);
}

/* SA-8c, SA-5k, SA-5m: the passive close. */
TEST_F(wire, passive_close)
{
	passive(OPTS);
	inject("F. 1:1(0) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 2");
	state(TCP_CLOSE_WAIT);
	ASSERT_EQ(0, wire_read(self->f, self->fd, 10));
	/* SA-5k: CLOSE-WAIT still sends data. */
	ASSERT_EQ(50, wire_write(self->f, self->fd, 50));
	expect("P. 1:51(50) ack 2");
	inject(". 2:2(0) ack 51");
	close(self->fd);
	expect("F. 51:51(0) ack 2");
	inject(". 2:2(0) ack 52");
	expect_none(20);
	/* CLOSED: a segment gets a RST. */
	inject(". 2:2(0) ack 52");
	expect("R 52:52(0)");
}

/* U-13, SA-8d, SA-5l: simultaneous close (RFC 9293 3.6 figure 13). */
TEST_F(wire, simultaneous_close)
{
	passive(OPTS);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 1:1(0) ack 1");
	inject("F. 1:1(0) ack 1");
	expect("+0ms..500ms . 2:2(0) ack 2");
	state(TCP_CLOSING);
	/* An ACK that does not cover our FIN: still CLOSING. */
	inject(". 2:2(0) ack 1");
	state(TCP_CLOSING);
	inject(". 2:2(0) ack 2");
	/* TIME-WAIT has no socket. */
	state(TCP_CLOSE);
	close(self->fd);
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
}

/* SA-8d: in FIN-WAIT-1 a segment with data, FIN and the ACK of our FIN. */
TEST_F(wire, fin_wait_1_data_and_fin)
{
	passive(OPTS);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 1:1(0) ack 1");
	inject("FP. 1:101(100) ack 2");
	expect("+0ms..500ms . 2:2(0) ack 102");
	ASSERT_EQ(100, wire_read(self->f, self->fd, 200));
	ASSERT_EQ(0, wire_read(self->f, self->fd, 200));
}

/* SHLD-3: data after SHUT_RDWR: RST, and the socket reports an error. */
TEST_F(wire, data_after_shutdown)
{
	passive(OPTS);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RDWR));
	expect("F. 1:1(0) ack 1");
	inject("P. 1:101(100) ack 2");
	/* The kernel's TCP sends the RST as for an unknown connection. */
	expect(REF ? "R 2:2(0)" : "R. 2:2(0) ack 1");
	state(TCP_CLOSE);
	ASSERT_EQ(POLLERR, wire_poll(self->fd, POLLIN, 0) & POLLERR);
	ASSERT_EQ(ECONNRESET, wire_error(self->fd));
}

/* SA-5i: an ACK of the data, but not of the FIN: still FIN-WAIT-1. */
TEST_F(wire, fin_wait_1_partial_ack)
{
	passive(OPTS);
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("P. 1:101(100) ack 1");
	expect("F. 101:101(0) ack 1");
	inject(". 1:1(0) ack 101");
	state(TCP_FIN_WAIT1);
	inject(". 1:1(0) ack 102");
	state(TCP_FIN_WAIT2);
}

/* UC-10, U-12: the FIN follows all data; the last data segment may carry it. */
TEST_F(wire, fin_after_data)
{
	self->f->win = 1000;
	passive("mss 500");
	ASSERT_EQ(1500, wire_write(self->f, self->fd, 1500));
	close(self->fd);
	expect("p. 1:501(500) ack 1");
	expect("p. 501:1001(500) ack 1");
	expect_none(50);
	/* The FIN has a sequence number: it needs room in the window. */
	inject(". 1:1(0) ack 1001");
	expect("FP. 1001:1501(500) ack 1");
	inject("F. 1:1(0) ack 1502");
	expect(". 1502:1502(0) ack 2");
}

/* SA-8b: a FIN out of order is processed when the hole is filled. */
TEST_F(wire, fin_out_of_order)
{
	passive(OPTS);
	inject("F. 101:101(0) ack 1");
	expect(". 1:1(0) ack 1");
	state(TCP_ESTABLISHED);
	ASSERT_EQ(-EAGAIN, wire_read(self->f, self->fd, 10));
	inject(". 1:101(100) ack 1");
	expect(". 1:1(0) ack 102");
	state(TCP_CLOSE_WAIT);
	ASSERT_EQ(100, wire_read(self->f, self->fd, 200));
	ASSERT_EQ(0, wire_read(self->f, self->fd, 10));
}

/* SA-8b: FIN with data, out of order. */
TEST_F(wire, fin_with_data_out_of_order)
{
	passive(OPTS);
	inject("FP. 101:201(100) ack 1");
	expect(". 1:1(0) ack 1");
	state(TCP_ESTABLISHED);
	inject(". 1:101(100) ack 1");
	expect(". 1:1(0) ack 202");
	state(TCP_CLOSE_WAIT);
	ASSERT_EQ(200, wire_read_sum(self->f, self->fd, 300));
	ASSERT_EQ(0, wire_read(self->f, self->fd, 10));
}

/* SA-7c, SA-8b: queued data at or beyond the FIN's sequence number is dropped. */
TEST_F(wire, fin_left_of_queued_data)
{
	passive(OPTS);
	inject("P. 101:201(100) ack 1");
	expect(". 1:1(0) ack 1");
	inject("FP. 1:101(100) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 102");
	state(TCP_CLOSE_WAIT);
	ASSERT_EQ(100, wire_read_sum(self->f, self->fd, 1000));
	ASSERT_EQ(0, wire_read(self->f, self->fd, 1000));
}

/* SA-7c, SA-8b: FIN and data both out of order, the data overlaps the FIN. */
TEST_F(wire, fin_left_of_overlapping_data)
{
	passive(OPTS);
	inject("FP. 101:201(100) ack 1");
	expect(". 1:1(0) ack 1");
	inject("P. 151:251(100) ack 1");
	expect(". 1:1(0) ack 1");
	inject(". 1:101(100) ack 1");
	expect(". 1:1(0) ack 202");
	state(TCP_CLOSE_WAIT);
	ASSERT_EQ(200, wire_read_sum(self->f, self->fd, 1000));
	ASSERT_EQ(0, wire_read(self->f, self->fd, 1000));
}

/* MUST-40: a delayed ACK is sent, although the socket becomes an orphan. */
TEST_F(wire, pending_ack_before_orphan)
{
	passive(OPTS);
	inject("P. 1:11(10) ack 1");
	expect(". 1:1(0) ack 11");
	ASSERT_EQ(10, wire_write(self->f, self->fd, 10));
	expect("P. 1:11(10) ack 11");
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 11:11(0) ack 11");
	inject("P. 11:21(10) ack 12");
	ASSERT_EQ(20, wire_read_sum(self->f, self->fd, 100));
	close(self->fd);
	expect("+0ms..500ms . 12:12(0) ack 21");
}

/* SA-8f, SA-L2: IP_TRANSPARENT also applies to segments of TIME-WAIT and to RSTs. */
TEST_F(wire, transparent)
{
	static const uint8_t v4[16] = { [10] = 0xff, 0xff, 203, 0, 113, 7 };
	static const uint8_t v6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 7, [15] = 7 };
	struct sockaddr_storage ss;
	struct wire_flow *f;
	socklen_t len;
	int one = 1;

	/*
	 * tun0 delivers all addresses locally, but none of these is assigned to the
	 * host.
	 */
	ASSERT_EQ(0, system(variant->v6 ? "ip -6 rule add iif tun0 lookup 7" :
					  "ip rule add iif tun0 lookup 7"));
	ASSERT_EQ(0, system(variant->v6 ? "ip -6 route add local ::/0 dev lo table 7" :
					  "ip route add local 0/0 dev lo table 7"));
	self->lfd = wire_socket(&self->w);
	ASSERT_EQ(0, variant->v6 ?
		  setsockopt(self->lfd, SOL_IPV6, IPV6_TRANSPARENT, &one, sizeof(one)) :
		  setsockopt(self->lfd, SOL_IP, IP_TRANSPARENT, &one, sizeof(one)));
	len = wire_sockaddr(&self->w, &ss, variant->v6 ? v6 : v4, WIRE_PORT);
	ASSERT_EQ(0, bind(self->lfd, (struct sockaddr *)&ss, len));
	ASSERT_EQ(0, listen(self->lfd, 8));
	memcpy(self->f->local, variant->v6 ? v6 : v4, 16);
	passive(OPTS);
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	f = self->f;
	self->f = wire_flow(&self->w, WIRE_PORT);
	memcpy(self->f->local, f->local, 16);
	inject(". 1:1(0) ack 1");
	expect("R *:*(0)");
}

/* SA-8f, UC-7: FIN retransmitted in CLOSING; recv() returns 0. */
TEST_F(wire, fin_again_in_closing)
{
	passive(OPTS);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 1:1(0) ack 1");
	inject("F. 1:1(0) ack 1");
	expect("+0ms..500ms . 2:2(0) ack 2");
	state(TCP_CLOSING);
	ASSERT_EQ(0, wire_read(self->f, self->fd, 10));
	wire_sleep(400);
	/* Skips retransmissions of our FIN. */
	wire_flush(self->f);
	inject("F. 1:1(0) ack 1");
	expect(". 2:2(0) ack 2");
	state(TCP_CLOSING);
}

/* SA-8f, UC-7: FIN retransmitted in LAST-ACK. */
TEST_F(wire, fin_again_in_last_ack)
{
	passive(OPTS);
	inject("F. 1:1(0) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 2");
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 1:1(0) ack 2");
	state(TCP_LAST_ACK);
	ASSERT_EQ(0, wire_read(self->f, self->fd, 10));
	wire_sleep(400);
	wire_flush(self->f);
	inject("F. 1:1(0) ack 1");
	expect(". 2:2(0) ack 2");
	state(TCP_LAST_ACK);
	inject(". 2:2(0) ack 2");
	state(TCP_CLOSE);
	ASSERT_EQ(0, wire_read(self->f, self->fd, 10));
}

/* SA-8f: FIN retransmitted in CLOSE-WAIT: ACK, no state change. */
TEST_F(wire, fin_again_in_close_wait)
{
	passive(OPTS);
	inject("F. 1:1(0) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 2");
	inject("F. 1:1(0) ack 1");
	expect(". 1:1(0) ack 2");
	state(TCP_CLOSE_WAIT);
}

/* SA-7c: data beyond the peer's FIN is dropped. */
TEST_F(wire, data_after_fin)
{
	passive(OPTS);
	inject("F. 1:1(0) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 2");
	inject("P. 2:12(10) ack 1");
	wire_flush(self->f);
	ASSERT_EQ(0, wire_read(self->f, self->fd, 100));
	state(TCP_CLOSE_WAIT);
}

/* SHLD-3, MAY-1: data after close(): RST. */
TEST_F(wire, data_after_close)
{
	passive(OPTS);
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject(". 1:1(0) ack 2");
	inject("P. 1:101(100) ack 2");
	/* XTCP's RST has an ACK, that of the kernel's TCP does not. */
	ASSERT_EQ(1, wire_next(self->f, 10));
	ASSERT_EQ(WF_RST, self->f->last.flags & WF_RST);
	ASSERT_EQ(2, self->f->last.seq - self->f->iss);
	/* The connection is CLOSED. */
	inject(". 101:101(0) ack 2");
	expect("R 2:2(0)");
}

/* SHLD-3: data after close(), in FIN-WAIT-1: RST. */
TEST_F(wire, data_after_close_unacked)
{
	passive(OPTS);
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject("P. 1:101(100) ack 1");
	ASSERT_EQ(1, wire_next(self->f, 10));
	ASSERT_EQ(WF_RST, self->f->last.flags & WF_RST);
}

/* SHLD-3, MUST-12: close() with unread data: RST instead of FIN. */
TEST_F(wire, close_with_unread_data)
{
	passive(OPTS);
	inject("P. 1:101(100) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 101");
	close(self->fd);
	expect("R. 1:1(0) ack 101");
	inject(". 101:101(0) ack 1");
	expect("R 1:1(0)");
}

/* UC-11: abort sends RST. */
TEST_F(wire, abort_by_linger)
{
	passive(OPTS);
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect("P. 1:101(100) ack 1");
	ASSERT_EQ(0, wire_abort(self->fd));
	expect("R. 101:101(0) ack 1");
	expect_none(1000);
}

/* UC-11: abort by connect(AF_UNSPEC); the socket can be used again. */
TEST_F(wire, abort_by_unspec)
{
	struct sockaddr sa = { .sa_family = AF_UNSPEC };

	active(OPTS);
	ASSERT_EQ(0, connect(self->fd, &sa, sizeof(sa)));
	expect("R. 1:1(0) ack 1");
	state(TCP_CLOSE);
	self->f = wire_flow(&self->w, 0);
	ASSERT_EQ(-EINPROGRESS, wire_connect(self->f, self->fd));
	expect("S 0:0(0) <...>");
}

/* UC-11: abort in FIN-WAIT-1 with unsent data: RST, no second FIN. */
TEST_F(wire, abort_in_fin_wait_1)
{
	passive(OPTS);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 1:1(0) ack 1");
	ASSERT_EQ(0, wire_abort(self->fd));
	expect("R. 2:2(0) ack 1");
}

/* UC-12: abort in LAST-ACK: both FINs were exchanged: no RST. */
TEST_F(wire, abort_in_last_ack)
{
	passive(OPTS);
	inject("F. 1:1(0) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 2");
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 1:1(0) ack 2");
	ASSERT_EQ(0, wire_abort(self->fd));
	expect_none(1000);
	inject(". 2:2(0) ack 2");
	expect("R 2:2(0)");
}

/* UC-12: abort in CLOSING: no RST. */
TEST_F(wire, abort_in_closing)
{
	passive(OPTS);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 1:1(0) ack 1");
	inject("F. 1:1(0) ack 1");
	expect("+0ms..500ms . 2:2(0) ack 2");
	state(TCP_CLOSING);
	ASSERT_EQ(0, wire_abort(self->fd));
	expect_none(1000);
	inject(". 2:2(0) ack 2");
	expect("R 2:2(0)");
}

/* UC-10: two shutdown() calls, one FIN. */
TEST_F(wire, one_fin)
{
	passive(OPTS);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 1:1(0) ack 1");
	inject(". 1:1(0) ack 2");
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	close(self->fd);
	expect_none(500);
}

/* UC-8: close() of a listener resets connections that were not accepted. */
TEST_F(wire, listener_closed_with_children)
{
	listening(8);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	inject(". 1:1(0) ack 1");
	ASSERT_EQ(POLLIN, wire_poll(self->lfd, POLLIN, 0));
	close(self->lfd);
	expect("R. 1:1(0) ack 1");
}

/* UC-8: close() of a listener drops its requests silently. */
TEST_F(wire, listener_closed_with_request)
{
	listening(8);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	close(self->lfd);
	expect_none(1500);
	inject(". 1:1(0) ack 1");
	expect("R 1:1(0)");
}

/* MUST-12, SA-2f: recv() returns 0 after a FIN, ECONNRESET after a RST. */
TEST_F(wire, fin_or_rst)
{
	passive(OPTS);
	inject("F. 1:1(0) ack 1");
	ASSERT_EQ(0, wire_read(self->f, self->fd, 10));
	ASSERT_NE(0, POLLRDHUP & wire_poll(self->fd, POLLIN | POLLRDHUP, 0));
	self->f = wire_flow(&self->w, WIRE_PORT);
	passive(OPTS);
	inject("R. 1:1(0) ack 1");
	ASSERT_EQ(POLLERR | POLLHUP,
		  (POLLERR | POLLHUP) & wire_poll(self->fd, POLLIN, 0));
	ASSERT_EQ(-ECONNRESET, wire_read(self->f, self->fd, 10));
	ASSERT_EQ(0, wire_read(self->f, self->fd, 10));
	ASSERT_EQ(-EPIPE, wire_write(self->f, self->fd, 10));
	state(TCP_CLOSE);
}

/* TW-4: RST in TIME-WAIT is ignored. */
TEST_F(wire, rst_in_time_wait)
{
	wire_sysctl(&self->w, "rfc1337", "1");
	passive(OPTS);
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	inject("R 2:2(0)");
	inject("R. 2:2(0) ack 2");
	expect_none(20);
	if (!REF) {
		ASSERT_EQ(2, counter("TWRstIgnored"));
	}
	/* Still TIME-WAIT: an old segment gets an ACK, not a RST. */
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
}

/* SA-2g: RST in LAST-ACK closes. */
TEST_F(wire, rst_in_last_ack)
{
	passive(OPTS);
	inject("F. 1:1(0) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 2");
	close(self->fd);
	expect("F. 1:1(0) ack 2");
	inject("R 2:2(0)");
	expect_none(500);
	inject(". 2:2(0) ack 2");
	expect("R 2:2(0)");
}

/* SA-2f: RST in FIN-WAIT-2. */
TEST_F(wire, rst_in_fin_wait_2)
{
	passive(OPTS);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 1:1(0) ack 1");
	inject(". 1:1(0) ack 2");
	inject("R 1:1(0)");
	state(TCP_CLOSE);
	ASSERT_EQ(-ECONNRESET, wire_read(self->f, self->fd, 10));
}

/* MAY-2, SA-4c, IS-2: a SYN with a higher ISN reopens from TIME-WAIT. */
TEST_F(wire, syn_in_time_wait)
{
	uint32_t end;

	passive(OPTS);
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	end = self->f->iss + 2;
	/* A lower ISN: an old duplicate, gets an ACK. */
	inject("S -1000:-1000(0) <mss 1460>");
	expect(". 2:2(0) ack 2");
	wire_again(self->f);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	/* IS-2: our new ISN is beyond the numbers of the old connection. */
	ASSERT_LT(0, (int32_t)(self->f->iss - end));
	inject(". 1:1(0) ack 1");
	ASSERT_LE(0, wire_accept(self->lfd));
}

/* BL-3, SA-4b: no listener: the SYN gets an ACK, TIME-WAIT stays. */
TEST_F(wire, syn_in_time_wait_without_listener)
{
	active(OPTS);
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	inject("S 1000:1000(0) <mss 1460>");
	expect(". 2:2(0) ack 2");
	expect_none(20);
	wire_sleep(1000);
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
}

/*
 * TW-1, TW-3, SA-1h, SHLD-4: if timestamps were agreed, a SYN is accepted by
 * its timestamp (RFC 6191).
 */
TEST_F(wire, syn_in_time_wait_timestamps)
{
	passive("mss 1460,nop,nop,TS val 1000 ecr 0");
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	/* A lower sequence number, an older timestamp: ACK. */
	inject("S -1000:-1000(0) <mss 1460,nop,nop,TS val 900 ecr 0>");
	self->f->peer_ts = true;
	expect(". 2:2(0) ack 2 <...>");
	/* A lower sequence number but a newer timestamp: accepted. */
	wire_again(self->f);
	self->f->isn -= 0x10000000 + 1000;
	inject("S 0:0(0) <mss 1460,nop,nop,TS val 1100 ecr 0>");
	expect("S. 0:0(0) ack 1 <...>");
}

/* SA-6b: URG after the peer's FIN is ignored. */
TEST_F(wire, urgent_after_fin)
{
	passive(OPTS);
	inject("F. 1:1(0) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 2");
	inject("PU. 2:12(10) ack 1 urg 5");
	inject("U. 2:2(0) ack 1 urg 5");
	wire_flush(self->f);
	ASSERT_EQ(0, POLLPRI & wire_poll(self->fd, POLLPRI, 0));
	ASSERT_EQ(0, wire_read(self->f, self->fd, 10));
	state(TCP_CLOSE_WAIT);
}

/*
 * TW-6, TS-8: ACKs of TIME-WAIT have the numbers and timestamps of the
 * connection, and are rate limited.
 */
TEST_F(wire, time_wait_acks)
{
	int n = 0;

	passive("mss 1460,nop,nop,TS val 1000 ecr 0");
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject("F. 1:1(0) ack 2 <nop,nop,TS val 1010 ecr *>");
	expect(". 2:2(0) ack 2 <nop,nop,TS val * ecr 1010>");
	wire_sleep(1000);
	for (int i = 0; i < 200; i++) {
		inject("P. -5000:-4000(1000) ack 2 <nop,nop,TS val 1020 ecr *>");
		if (!wire_pending(self->f))
			continue;
		expect(". 2:2(0) ack 2 <nop,nop,TS val * ecr 1010>");
		n++;
	}
	ASSERT_LE(1, n);
	ASSERT_GE(10, n);
}

/* TS-12, TW-6: an acceptable segment in TIME-WAIT updates TS.Recent. */
TEST_F(wire, time_wait_timestamp)
{
	passive("mss 1460,nop,nop,TS val 1000 ecr 0");
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject("F. 1:1(0) ack 2 <nop,nop,TS val 1010 ecr *>");
	expect(". 2:2(0) ack 2 <nop,nop,TS val * ecr 1010>");
	wire_sleep(1000);
	inject(". 2:2(0) ack 2 <nop,nop,TS val 1020 ecr *>");
	expect_none(20);
	/* A retransmitted FIN is not acceptable: TS.Recent stays. */
	inject("F. 1:1(0) ack 2 <nop,nop,TS val 1030 ecr *>");
	expect(". 2:2(0) ack 2 <nop,nop,TS val * ecr 1020>");
}

/* SA-5a, SA-7c, TW-5: data and pure ACKs in TIME-WAIT start no ACK loop. */
TEST_F(wire, time_wait_segments)
{
	passive(OPTS);
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	inject(". 2:2(0) ack 2");
	expect_none(20);
	inject("- 2:12(10)");
	/* The kernel's TCP checks the sequence number before the ACK bit. */
	if (REF)
		wire_next(self->f, 5);
	expect_none(20);
	inject("P. 1:2(1) ack 2");
	if (wire_next(self->f, 5)) {
		ASSERT_EQ(WF_ACK, self->f->last.flags);
	}
	expect_none(20);
}

/* SHLD-21, MUST-48: a changed TOS applies at once, also to ACKs of TIME-WAIT. */
TEST_F(wire, time_wait_tos)
{
	int tos = 0xb8;

	passive(OPTS);
	ASSERT_EQ(0, setsockopt(self->fd, variant->v6 ? SOL_IPV6 : SOL_IP,
				variant->v6 ? IPV6_TCLASS : IP_TOS, &tos, sizeof(tos)));
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	EXPECT_EQ(tos, self->f->last.tos);
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	EXPECT_EQ(tos, self->f->last.tos);
	wire_sleep(1000);
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	EXPECT_EQ(tos, self->f->last.tos);
}

/* MUST-13, TO-3, SA-5n, SA-8f: TIME-WAIT lasts 60 s; a FIN restarts it. */
TEST_F_TIMEOUT(wire, time_wait_lasts, 200)
{
	passive(OPTS);
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	wire_sleep(30000);
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	wire_sleep(55000);
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	wire_sleep(REF ? 68000 : 61000);
	inject("F. 1:1(0) ack 2");
	expect("R 2:2(0)");
}

/* Connects twice from the same port; the first connection is in TIME-WAIT for @ms. */
#define taken_over_after(ms) do {					\
	uint32_t _old = 0;						\
									\
	for (int _i = 0; _i < 2; _i++) {				\
		self->fd = wire_socket(&self->w);			\
		ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_REUSEADDR,	\
					&(int){ 1 }, sizeof(int)));	\
		ASSERT_EQ(0, wire_bind(&self->w, self->fd, WIRE_PORT));	\
		ASSERT_EQ(self->fd, wire_active(self->f, self->fd,	\
				"mss 1460,sackOK,TS val 1 ecr *"));	\
		if (_i == 1)						\
			break;						\
		_old = self->f->iss;					\
		close(self->fd);					\
		expect("F. 1:1(0) ack 1");				\
		inject("F. 1:1(0) ack 2");				\
		expect(". 2:2(0) ack 2");				\
		wire_sleep(ms);						\
		wire_again(self->f);					\
	}								\
	ASSERT_EQ(_old + 2 + 65535 + 2, self->f->iss);			\
} while (0)

/* IS-2: the ISN of a connection reopened from TIME-WAIT is beyond all old numbers. */
TEST_F(wire, time_wait_taken_over)
{
	ASSERT_EQ(0, wire_sysctl(&self->w, "tw_reuse", "1"));
	taken_over_after(2100);
}

/* A port that was bound gets its tuple in TIME-WAIT at once, whatever tw_reuse is. */
TEST_F(wire, time_wait_of_a_bound_port)
{
	ASSERT_EQ(0, wire_sysctl(&self->w, "tw_reuse", "0"));
	taken_over_after(0);
}

/* U-6: FIN at the wrap of sequence numbers. */
TEST_F(wire, fin_at_wrap)
{
	self->f->isn = 0xfffffffe;
	passive(OPTS);
	inject("F. 1:1(0) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 2");
	close(self->fd);
	expect("F. 1:1(0) ack 2");
	inject(". 2:2(0) ack 2");
	inject(". 2:2(0) ack 2");
	expect("R 2:2(0)");
}

TEST_HARNESS_MAIN
