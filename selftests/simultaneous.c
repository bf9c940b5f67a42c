// SPDX-License-Identifier: GPL-2.0
/* Simultaneous open, a socket connected to itself, simultaneous close */
#include "lib/xtcp_test.h"

CABLE_FIXTURE(simultaneous)

static bool says(int from, int to, const char *text)
{
	char buffer[16] = {};
	int len = strlen(text);

	return write(from, text, len) == len &&
	       recv(to, buffer, len, MSG_WAITALL) == len && !strcmp(buffer, text);
}

/* two bound sockets connect to each other: the first SYNs are lost */
static int cross(struct cable *cable, enum stack near, enum stack far, int family,
		 int *n, int *f)
{
	struct address near_name = near_address(family, 23456);
	struct address far_name = far_address(family, 23457);

	*n = open_nonblock(near, family);
	if (do_bind(*n, &near_name) || enter_netns(cable->far))
		return -1;
	*f = open_nonblock(far, family);
	if (do_bind(*f, &far_name) || enter_netns(cable->near))
		return -1;
	if (cable_cut(cable, -1))
		return -1;
	if (!do_connect(*n, &far_name) || errno != EINPROGRESS)
		return -1;
	if (!do_connect(*f, &near_name) || errno != EINPROGRESS)
		return -1;
	return cable_mend(cable, -1);
}

/* MUST-10: RFC 9293 3.5, figure 7 */
TEST_F(simultaneous, open)
{
	int n, f;

	ASSERT_EQ(0, cross(&self->cable, variant->client, variant->server,
			   variant->family, &n, &f));
	EXPECT_EQ(POLLOUT, events_within(n, POLLOUT, PATIENCE));
	EXPECT_EQ(POLLOUT, events_within(f, POLLOUT, PATIENCE));
	EXPECT_EQ(0, take_error(n));
	EXPECT_EQ(0, take_error(f));
	EXPECT_EQ(TCP_ESTABLISHED, state_of(n));
	WAIT_FOR(state_of(f) == TCP_ESTABLISHED);
	ASSERT_EQ(0, set_nonblock(n, false));
	ASSERT_EQ(0, set_nonblock(f, false));
	EXPECT_TRUE(says(n, f, "ping"));
	EXPECT_TRUE(says(f, n, "pong"));
}

TEST_F(simultaneous, open_then_close)
{
	char byte;
	int n, f;

	ASSERT_EQ(0, cross(&self->cable, variant->client, variant->server,
			   variant->family, &n, &f));
	EXPECT_EQ(POLLOUT, events_within(n, POLLOUT, PATIENCE));
	EXPECT_EQ(POLLOUT, events_within(f, POLLOUT, PATIENCE));
	ASSERT_EQ(0, close(n));
	ASSERT_EQ(0, set_nonblock(f, false));
	EXPECT_EQ(0, read(f, &byte, 1));
	ASSERT_EQ(0, close(f));
	WAIT_FOR(proc_state(variant->client, variant->family, 23456, 23457) ==
		 TCP_TIME_WAIT);
}

/* SA-2e, MUST-11: RST in an active SYN_RCVD: connection refused */
TEST_F(simultaneous, open_refused)
{
	struct address near = near_address(variant->family, 23456);
	struct address far = far_address(variant->family, 23457);
	int n = open_nonblock(variant->client, variant->family), f;

	ASSERT_EQ(0, do_bind(n, &near));
	ASSERT_EQ(0, enter_netns(self->cable.far));
	f = open_nonblock(variant->server, variant->family);
	ASSERT_EQ(0, do_bind(f, &far));
	ASSERT_EQ(0, cable_cut(&self->cable, self->cable.near));
	EXPECT_ERRNO(EINPROGRESS, do_connect(n, &far));
	EXPECT_ERRNO(EINPROGRESS, do_connect(f, &near));
	WAIT_FOR(state_of(n) == TCP_SYN_RECV);
	/* the far side closes without a segment; the next SYN-ACK gets a RST */
	ASSERT_EQ(0, close(f));
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	EXPECT_TRUE(events_within(n, POLLIN, PATIENCE) & POLLERR);
	/* the kernel's TCP reports ECONNRESET */
	EXPECT_EQ(variant->client == XTCP ? ECONNREFUSED : ECONNRESET, take_error(n));
	EXPECT_EQ(TCP_CLOSE, state_of(n));
}

/* UC-9: shutdown() in SYN_RCVD sends FIN, at once or after the handshake */
TEST_F(simultaneous, shutdown_in_syn_rcvd)
{
	struct address near = near_address(variant->family, 23456);
	struct address far = far_address(variant->family, 23457);
	int n = open_nonblock(variant->client, variant->family), f;
	char byte;

	ASSERT_EQ(0, do_bind(n, &near));
	ASSERT_EQ(0, enter_netns(self->cable.far));
	f = open_nonblock(variant->server, variant->family);
	ASSERT_EQ(0, do_bind(f, &far));
	ASSERT_EQ(0, cable_cut(&self->cable, self->cable.near));
	EXPECT_ERRNO(EINPROGRESS, do_connect(n, &far));
	EXPECT_ERRNO(EINPROGRESS, do_connect(f, &near));
	WAIT_FOR(state_of(n) == TCP_SYN_RECV);
	ASSERT_EQ(0, close(n));
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	EXPECT_TRUE(events_within(f, POLLIN, PATIENCE) & POLLIN);
	EXPECT_EQ(0, read(f, &byte, 1));
	WAIT_FOR(state_of(f) == TCP_CLOSE_WAIT);
}

/* U-13: RFC 9293 3.6, figure 13: TIME_WAIT on both sides */
TEST_F(simultaneous, close)
{
	int port = address_port(&self->address), own, c, s;

	c = connect_to(variant->client, &self->address);
	s = accept(self->listener, NULL, NULL);
	ASSERT_LE(0, s);
	own = port_of(c);
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	ASSERT_EQ(0, close(c));
	ASSERT_EQ(0, close(s));
	EXPECT_EQ(TCP_FIN_WAIT1, proc_state(variant->client, variant->family, own, port));
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	WAIT_FOR(proc_state(variant->client, variant->family, own, port) == TCP_TIME_WAIT);
	ASSERT_EQ(0, enter_netns(self->cable.far));
	WAIT_FOR(proc_state(variant->server, variant->family, port, own) == TCP_TIME_WAIT);
}

/* Data written before both FINs arrives on both sides */
TEST_F(simultaneous, close_with_data)
{
	char text[8] = {};
	int c, s;

	c = connect_to(variant->client, &self->address);
	s = accept(self->listener, NULL, NULL);
	ASSERT_EQ(0, cable_cut(&self->cable, -1));
	ASSERT_EQ(3, write(c, "one", 3));
	ASSERT_EQ(3, write(s, "two", 3));
	ASSERT_EQ(0, shutdown(c, SHUT_WR));
	ASSERT_EQ(0, shutdown(s, SHUT_WR));
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	EXPECT_EQ(3, recv(s, text, 8, MSG_WAITALL));
	EXPECT_STREQ("one", text);
	EXPECT_EQ(3, recv(c, text, 8, MSG_WAITALL));
	EXPECT_STREQ("two", text);
	WAIT_FOR(state_of(c) == TCP_CLOSE);
	WAIT_FOR(state_of(s) == TCP_CLOSE);
}

/* One socket connected to itself */
SOCKET_FIXTURE(self_connect)

/* U-18: this is a simultaneous open */
TEST_F(self_connect, talks_to_itself)
{
	int fd = open_socket(variant->stack, variant->family);
	struct address peer;

	ASSERT_EQ(0, do_bind(fd, &self->address));
	self->address = name_of(fd);
	ASSERT_EQ(0, do_connect(fd, &self->address));
	EXPECT_EQ(TCP_ESTABLISHED, state_of(fd));
	peer = peer_of(fd);
	EXPECT_TRUE(same_address(&self->address, &peer));
	for (int i = 0; i < 100; i++) {
		ASSERT_TRUE(says(fd, fd, "hello"));
	}
}

/* U-18: this is a simultaneous close */
TEST_F(self_connect, closes)
{
	int fd = open_socket(variant->stack, variant->family), port;
	char byte;

	ASSERT_EQ(0, do_bind(fd, &self->address));
	self->address = name_of(fd);
	port = port_of(fd);
	ASSERT_EQ(0, do_connect(fd, &self->address));
	ASSERT_EQ(0, shutdown(fd, SHUT_WR));
	EXPECT_EQ(0, read(fd, &byte, 1));
	WAIT_FOR(state_of(fd) == TCP_CLOSE);
	ASSERT_EQ(0, close(fd));
	WAIT_FOR(proc_state(variant->stack, variant->family, port, port) ==
		 TCP_TIME_WAIT);
}

TEST_MAIN
