// SPDX-License-Identifier: GPL-2.0
/* UC-13: TCP_INFO has the state, in each state that a socket can have */
#include "lib/xtcp_test.h"

CABLE_FIXTURE(states)

#define EXPECT_STATE(state, fd) EXPECT_EQ(state, state_of(fd))

TEST_F(states, close_listen_established)
{
	int fd = open_socket(variant->client, variant->family), s;

	EXPECT_STATE(TCP_CLOSE, fd);
	EXPECT_STATE(TCP_LISTEN, self->listener);
	ASSERT_EQ(0, do_connect(fd, &self->address));
	s = accept(self->listener, NULL, NULL);
	EXPECT_STATE(TCP_ESTABLISHED, fd);
	EXPECT_STATE(TCP_ESTABLISHED, s);
}

TEST_F(states, bound_is_closed)
{
	struct address near = near_address(variant->family, 0);
	int fd = open_socket(variant->client, variant->family);

	ASSERT_EQ(0, do_bind(fd, &near));
	EXPECT_STATE(TCP_CLOSE, fd);
}

TEST_F(states, syn_sent)
{
	int fd = open_nonblock(variant->client, variant->family);

	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	EXPECT_ERRNO(EINPROGRESS, do_connect(fd, &self->address));
	EXPECT_STATE(TCP_SYN_SENT, fd);
}

/*
 * A socket is in SYN_RCVD only in a simultaneous open: the far
 * side's SYN arrives, our SYN-ACK is lost
 */
TEST_F(states, syn_rcvd)
{
	struct address near = near_address(variant->family, 23456);
	struct address far = far_address(variant->family, 23457);
	int n = open_nonblock(variant->client, variant->family);
	int f;

	ASSERT_EQ(0, enter_netns(self->cable.far));
	f = open_nonblock(variant->server, variant->family);
	ASSERT_EQ(0, do_bind(f, &far));
	ASSERT_EQ(0, enter_netns(self->cable.near));
	ASSERT_EQ(0, do_bind(n, &near));
	ASSERT_EQ(0, cable_cut(&self->cable, self->cable.near));
	EXPECT_ERRNO(EINPROGRESS, do_connect(n, &far));
	EXPECT_STATE(TCP_SYN_SENT, n);
	EXPECT_ERRNO(EINPROGRESS, do_connect(f, &near));
	WAIT_FOR(state_of(n) == TCP_SYN_RECV);
	EXPECT_STATE(TCP_SYN_SENT, f);
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	WAIT_FOR(state_of(n) == TCP_ESTABLISHED);
	WAIT_FOR(state_of(f) == TCP_ESTABLISHED);
}

static int open_pair(int listener, enum stack stack, int *c, int *s)
{
	struct address a = name_of(listener);

	*c = connect_to(stack, &a);
	*s = accept(listener, NULL, NULL);
	return *c < 0 || *s < 0 ? -1 : 0;
}

TEST_F(states, fin_wait)
{
	int c, s;

	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	ASSERT_EQ(0, shutdown(c, SHUT_WR));
	EXPECT_STATE(TCP_FIN_WAIT1, c);
	EXPECT_STATE(TCP_ESTABLISHED, s);
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	WAIT_FOR(state_of(c) == TCP_FIN_WAIT2);
	EXPECT_STATE(TCP_CLOSE_WAIT, s);
}

TEST_F(states, last_ack)
{
	int c, s;

	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	ASSERT_EQ(0, shutdown(c, SHUT_WR));
	WAIT_FOR(state_of(s) == TCP_CLOSE_WAIT);
	WAIT_FOR(state_of(c) == TCP_FIN_WAIT2);
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	ASSERT_EQ(0, shutdown(s, SHUT_WR));
	EXPECT_STATE(TCP_LAST_ACK, s);
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	WAIT_FOR(state_of(s) == TCP_CLOSE);
	/* TIME_WAIT has no socket */
	WAIT_FOR(state_of(c) == TCP_CLOSE);
	EXPECT_EQ(TCP_TIME_WAIT, proc_state(variant->client, variant->family,
					    port_of(c), address_port(&self->address)));
}

/* The FINs cross: the far one arrives, ours is lost */
TEST_F(states, closing)
{
	int c, s;

	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	ASSERT_EQ(0, shutdown(c, SHUT_WR));
	ASSERT_EQ(0, shutdown(s, SHUT_WR));
	EXPECT_STATE(TCP_FIN_WAIT1, c);
	EXPECT_STATE(TCP_FIN_WAIT1, s);
	ASSERT_EQ(0, cable_mend(&self->cable, self->cable.far));
	/* the far FIN is retransmitted, its ACK number does not cover ours */
	WAIT_FOR(state_of(c) == TCP_CLOSING);
	EXPECT_STATE(TCP_FIN_WAIT1, s);
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	WAIT_FOR(state_of(c) == TCP_CLOSE);
	WAIT_FOR(state_of(s) == TCP_CLOSE);
}

TEST_F(states, after_reset)
{
	struct linger abort = { 1, 0 };
	int c, s;

	ASSERT_EQ(0, open_pair(self->listener, variant->client, &c, &s));
	setsockopt(s, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
	ASSERT_EQ(0, close(s));
	WAIT_FOR(state_of(c) == TCP_CLOSE);
}

TEST_MAIN
