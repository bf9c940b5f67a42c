// SPDX-License-Identifier: GPL-2.0
/* Closing: every way through figure 5 of RFC 9293, and what comes too late. */
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
	/* SA-5j: the other half still works. */
	inject("P. 1:101(100) ack 2");
	ASSERT_EQ(100, wire_read(self->f, self->fd, 1000));
	expect("+0ms..500ms . 2:2(0) ack 101");
	inject("F. 101:101(0) ack 2");
	expect("+0ms..500ms . 2:2(0) ack 102");
	ASSERT_EQ(0, wire_read(self->f, self->fd, 1000));
}

/* SA-8d, SA-5n: FIN and ACK of ours in one: TIME-WAIT at once. */
TEST_F(wire, active_close_three_segments)
{
	passive(OPTS);
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	/* The peer's FIN again: our ACK was lost. */
	wire_sleep(1000);
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
}

/* SA-8c, SA-5k, SA-5m: the passive close. */
TEST_F(wire, passive_close)
{
	passive(OPTS);
	inject("F. 1:1(0) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 2");
	state(TCP_CLOSE_WAIT);
	ASSERT_EQ(0, wire_read(self->f, self->fd, 10));
	/* SA-5k: CLOSE-WAIT still sends. */
	ASSERT_EQ(50, wire_write(self->f, self->fd, 50));
	expect("P. 1:51(50) ack 2");
	inject(". 2:2(0) ack 51");
	close(self->fd);
	expect("F. 51:51(0) ack 2");
	inject(". 2:2(0) ack 52");
	expect_none(20);
	/* CLOSED: what comes now meets nobody. */
	inject(". 2:2(0) ack 52");
	expect("R 52:52(0)");
}

/* U-13, SA-8d, SA-5l: figure 13, simultaneous close. */
TEST_F(wire, simultaneous_close)
{
	passive(OPTS);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 1:1(0) ack 1");
	inject("F. 1:1(0) ack 1");
	expect("+0ms..500ms . 2:2(0) ack 2");
	state(TCP_CLOSING);
	/* An ACK that is not of our FIN changes nothing. */
	inject(". 2:2(0) ack 1");
	state(TCP_CLOSING);
	inject(". 2:2(0) ack 2");
	/* TIME-WAIT has no socket. */
	state(TCP_CLOSE);
	close(self->fd);
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
}

/* SA-8d: in FIN-WAIT-1 data and FIN arrive, with the ACK of ours. */
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

/* SHLD-3: nobody reads any more; a program that kept the file learns of it. */
TEST_F(wire, data_after_shutdown)
{
	passive(OPTS);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_RDWR));
	expect("F. 1:1(0) ack 1");
	inject("P. 1:101(100) ack 2");
	/* The kernel's TCP sends a RST of no connection. */
	expect(REF ? "R 2:2(0)" : "R. 2:2(0) ack 1");
	state(TCP_CLOSE);
	ASSERT_EQ(POLLERR, wire_poll(self->fd, POLLIN, 0) & POLLERR);
	ASSERT_EQ(ECONNRESET, wire_error(self->fd));
}

/* SA-5i: an ACK of the data alone is not one of the FIN. */
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

/* UC-10, U-12: FIN only after all data, and it may ride on the last. */
TEST_F(wire, fin_after_data)
{
	self->f->win = 1000;
	passive("mss 500");
	ASSERT_EQ(1500, wire_write(self->f, self->fd, 1500));
	close(self->fd);
	expect("p. 1:501(500) ack 1");
	expect("p. 501:1001(500) ack 1");
	expect_none(50);
	/* The FIN takes a number too: it needs room in the window. */
	inject(". 1:1(0) ack 1001");
	expect("FP. 1001:1501(500) ack 1");
	inject("F. 1:1(0) ack 1502");
	expect(". 1502:1502(0) ack 2");
}

/* SA-8b: a FIN that is ahead waits for the hole to be filled. */
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

/* SA-8b: FIN with data, ahead. */
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

/* SA-7c, SA-8b: what waited from the FIN's number on is no text. */
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

/* SA-7c, SA-8b: both waited, and the text overlaps the FIN. */
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

/* MUST-40: an ACK that waits is not lost with the socket. */
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

/* SA-8f, SA-L2: IP_TRANSPARENT holds for TIME-WAIT and for a RST, too. */
TEST_F(wire, transparent)
{
	static const uint8_t v4[16] = { [10] = 0xff, 0xff, 203, 0, 113, 7 };
	static const uint8_t v6[16] = { 0x20, 0x01, 0x0d, 0xb8, 0, 7, [15] = 7 };
	struct sockaddr_storage ss;
	struct wire_flow *f;
	socklen_t len;
	int one = 1;

	/* All that comes by tun0 is for us, but no address here says so. */
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

/* SA-8f, UC-7: and in CLOSING, where nothing is read any more. */
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
	/* Our FIN, not acknowledged, came again meanwhile. */
	wire_flush(self->f);
	inject("F. 1:1(0) ack 1");
	expect(". 2:2(0) ack 2");
	state(TCP_CLOSING);
}

/* SA-8f, UC-7: and in LAST-ACK. */
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

/* SA-8f: the FIN again in CLOSE-WAIT: stay, ACK. */
TEST_F(wire, fin_again_in_close_wait)
{
	passive(OPTS);
	inject("F. 1:1(0) ack 1");
	expect("+0ms..500ms . 1:1(0) ack 2");
	inject("F. 1:1(0) ack 1");
	expect(". 1:1(0) ack 2");
	state(TCP_CLOSE_WAIT);
}

/* SA-7c: data beyond the peer's FIN is never read. */
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

/* SHLD-3, MAY-1: data after a full close is answered by RST. */
TEST_F(wire, data_after_close)
{
	passive(OPTS);
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject(". 1:1(0) ack 2");
	inject("P. 1:101(100) ack 2");
	/* As of no connection, or as the connection's last word. */
	ASSERT_EQ(1, wire_next(self->f, 10));
	ASSERT_EQ(WF_RST, self->f->last.flags & WF_RST);
	ASSERT_EQ(2, self->f->last.seq - self->f->iss);
	/* And the connection is gone. */
	inject(". 101:101(0) ack 2");
	expect("R 2:2(0)");
}

/* SHLD-3: in FIN-WAIT-1 too. */
TEST_F(wire, data_after_close_unacked)
{
	passive(OPTS);
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject("P. 1:101(100) ack 1");
	ASSERT_EQ(1, wire_next(self->f, 10));
	ASSERT_EQ(WF_RST, self->f->last.flags & WF_RST);
}

/* SHLD-3, MUST-12: closed with bytes unread: RST, no FIN. */
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

/* UC-11: abort. */
TEST_F(wire, abort_by_linger)
{
	passive(OPTS);
	ASSERT_EQ(100, wire_write(self->f, self->fd, 100));
	expect("P. 1:101(100) ack 1");
	ASSERT_EQ(0, wire_abort(self->fd));
	expect("R. 101:101(0) ack 1");
	expect_none(1000);
}

/* UC-11: abort by connect(AF_UNSPEC); the socket may be used again. */
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

/* UC-11: abort with unsent data in FIN-WAIT-1: no second FIN, a RST. */
TEST_F(wire, abort_in_fin_wait_1)
{
	passive(OPTS);
	ASSERT_EQ(0, shutdown(self->fd, SHUT_WR));
	expect("F. 1:1(0) ack 1");
	ASSERT_EQ(0, wire_abort(self->fd));
	expect("R. 2:2(0) ack 1");
}

/* UC-12: abort in LAST-ACK: both sides have said their last: no RST. */
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

/* UC-12: and in CLOSING. */
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

/* UC-10: shutdown twice, one FIN. */
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

/* UC-8: closing a listener resets the children that nobody took. */
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

/* UC-8: and forgets half-open ones. */
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

/* MUST-12, SA-2f: the reader sees a FIN as 0, a RST as ECONNRESET. */
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
	/* Still there: an old segment gets an ACK, not a RST. */
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

/* MAY-2, SA-4c, IS-2: a SYN with a higher number opens anew in TIME-WAIT. */
TEST_F(wire, syn_in_time_wait)
{
	uint32_t end;

	passive(OPTS);
	close(self->fd);
	expect("F. 1:1(0) ack 1");
	inject("F. 1:1(0) ack 2");
	expect(". 2:2(0) ack 2");
	end = self->f->iss + 2;
	/* A lower number: an old duplicate, gets the ACK. */
	inject("S -1000:-1000(0) <mss 1460>");
	expect(". 2:2(0) ack 2");
	wire_again(self->f);
	inject("S 0:0(0) <mss 1460>");
	expect("S. 0:0(0) ack 1 <...>");
	/* IS-2: and our number is beyond what was used. */
	ASSERT_LT(0, (int32_t)(self->f->iss - end));
	inject(". 1:1(0) ack 1");
	ASSERT_LE(0, wire_accept(self->lfd));
}

/* BL-3, SA-4b: nobody listens: it gets an ACK, and TIME-WAIT stays. */
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

/* TW-1, TW-3, SA-1h, SHLD-4: the timestamps decide where there are any (RFC 6191). */
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
	/* A lower sequence number, but a newer timestamp: accepted. */
	wire_again(self->f);
	self->f->isn -= 0x10000000 + 1000;
	inject("S 0:0(0) <mss 1460,nop,nop,TS val 1100 ecr 0>");
	expect("S. 0:0(0) ack 1 <...>");
}

/* SA-6b: after the peer's FIN its urgent pointer means nothing. */
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

/* TW-6, TS-8: TIME-WAIT speaks with the connection's numbers, and not for ever. */
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

/* TS-12, TW-6: what is acceptable in TIME-WAIT brings the timestamp to echo. */
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
	/* The FIN is not acceptable again: its own is not taken. */
	inject("F. 1:1(0) ack 2 <nop,nop,TS val 1030 ecr *>");
	expect(". 2:2(0) ack 2 <nop,nop,TS val * ecr 1020>");
}

/* SA-5a, SA-7c, TW-5: data and plain ACKs in TIME-WAIT make no loop. */
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
	/* The kernel's TCP looks at the number before it looks for the ACK bit. */
	if (REF)
		wire_next(self->f, 5);
	expect_none(20);
	inject("P. 1:2(1) ack 2");
	if (wire_next(self->f, 5)) {
		ASSERT_EQ(WF_ACK, self->f->last.flags);
	}
	expect_none(20);
}

/* SHLD-21, MUST-48: a new TOS counts at once, and for the ACKs of TIME-WAIT. */
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

/* MUST-13, TO-3, SA-5n, SA-8f: TIME-WAIT lasts 60 s, and a FIN starts it anew. */
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

/* IS-2: taking over TIME-WAIT starts beyond all its numbers. */
TEST_F(wire, time_wait_taken_over)
{
	uint32_t old = 0;

	ASSERT_EQ(0, wire_sysctl(&self->w, "tw_reuse", "1"));
	for (int i = 0; i < 2; i++) {
		int one = 1;

		self->fd = wire_socket(&self->w);
		ASSERT_EQ(0, setsockopt(self->fd, SOL_SOCKET, SO_REUSEADDR, &one,
					sizeof(one)));
		ASSERT_EQ(0, wire_bind(&self->w, self->fd, WIRE_PORT));
		ASSERT_EQ(self->fd, wire_active(self->f, self->fd,
						"mss 1460,sackOK,TS val 1 ecr *"));
		if (i == 1)
			break;
		old = self->f->iss;
		close(self->fd);
		expect("F. 1:1(0) ack 1");
		inject("F. 1:1(0) ack 2");
		expect(". 2:2(0) ack 2");
		wire_sleep(2100);
		wire_again(self->f);
	}
	ASSERT_EQ(old + 2 + 65535 + 2, self->f->iss);
}

/* U-6: FIN where the numbers wrap. */
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
