// SPDX-License-Identifier: GPL-2.0
/* XT-7: network namespaces: separation, and exit */
#include "lib/xtcp_test.h"

#include <net/if.h>

SOCKET_FIXTURE(netns)

TEST_F(netns, port_in_each)
{
	int here = this_netns(), first, second;

	set_port(&self->address, 12345);
	first = listen_on(variant->stack, &self->address, 1);
	ASSERT_LE(0, first);
	ASSERT_EQ(0, new_netns());
	EXPECT_ERRNO(ECONNREFUSED, connect_to(variant->stack, &self->address));
	second = listen_on(variant->stack, &self->address, 1);
	ASSERT_LE(0, second);
	ASSERT_LE(0, connect_to(variant->stack, &self->address));
	EXPECT_EQ(POLLIN, events_within(second, POLLIN, PATIENCE));
	EXPECT_EQ(0, events(first, POLLIN));
	ASSERT_EQ(0, enter_netns(here));
	ASSERT_LE(0, connect_to(variant->stack, &self->address));
	EXPECT_EQ(POLLIN, events_within(first, POLLIN, PATIENCE));
}

/* bind() to any port: ports used in other namespaces are free here */
TEST_F(netns, any_port_in_each)
{
	int fd;

	for (int i = 0; i < 3; i++) {
		ASSERT_EQ(0, set_sysctl(variant->stack, "ip_local_port_range", "20000 20000"));
		fd = open_socket(variant->stack, variant->family);
		ASSERT_EQ(0, do_bind(fd, &self->address));
		EXPECT_EQ(20000, port_of(fd));
		ASSERT_EQ(0, new_netns());
	}
}

/* A socket stays in the namespace in which it was created */
TEST_F(netns, socket_stays)
{
	int l = listen_on(variant->stack, &self->address, 1);
	int c = open_socket(variant->stack, variant->family);

	ASSERT_EQ(0, new_netns());
	ASSERT_EQ(0, do_connect(c, &self->address));
	EXPECT_LE(0, accept(l, NULL, NULL));
}

TEST_F(netns, proc_shows_its_own)
{
	int here = this_netns(), port;

	listen_on(variant->stack, &self->address, 1);
	port = address_port(&self->address);
	EXPECT_EQ(TCP_LISTEN, proc_state(variant->stack, variant->family, port, 0));
	ASSERT_EQ(0, new_netns());
	EXPECT_EQ(0, proc_state(variant->stack, variant->family, port, 0));
	ASSERT_EQ(0, enter_netns(here));
	EXPECT_EQ(TCP_LISTEN, proc_state(variant->stack, variant->family, port, 0));
}

TEST_F(netns, sysctl_of_its_own)
{
	char text[16];

	ASSERT_EQ(0, set_sysctl(variant->stack, "fin_timeout", "33"));
	ASSERT_EQ(0, new_netns());
	ASSERT_EQ(0, get_sysctl(variant->stack, "fin_timeout", text, sizeof(text)));
	EXPECT_STREQ("60", text);
}

/*
 * A namespace exits when its last process ends. Its device is
 * destroyed, and with it the other device of the veth pair.
 */
CABLE_FIXTURE(gone)

static int enter_far(struct cable *cable)
{
	int err = enter_netns(cable->far);

	close(cable->near);
	close(cable->far);
	return err;
}

/*
 * A child in the near namespace signals that it is ready, and waits for SIGKILL
 */
#define KILL_NEAR(...) ({						\
	int __ready[2];							\
	char __byte;							\
	pid_t __pid;							\
	pipe(__ready);							\
	__pid = child();						\
	if (!__pid) {							\
		close(__ready[0]);					\
		__VA_ARGS__;						\
		if (write(__ready[1], "", 1) == 1)			\
			pause();					\
		_exit(1);						\
	}								\
	close(__ready[1]);						\
	ASSERT_EQ(1, read(__ready[0], &__byte, 1));			\
	__pid; })

TEST_F(gone, with_listener_and_waiting)
{
	struct address near = near_address(variant->family, 12345);
	pid_t pid = KILL_NEAR(listen_on(variant->client, &near, 10));
	int c, d;
	char byte;

	ASSERT_EQ(0, enter_far(&self->cable));
	c = connect_to(variant->server, &near);
	d = connect_to(variant->server, &near);
	ASSERT_LE(0, c);
	ASSERT_LE(0, d);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_ERRNO(ECONNRESET, read(c, &byte, 1));
	WAIT_FOR(!if_nametoindex("veth0"));
}

TEST_F(gone, with_time_wait)
{
	pid_t pid = KILL_NEAR(connect_to(variant->client, &self->address));
	char byte;
	int s;

	ASSERT_EQ(0, enter_far(&self->cable));
	s = accept(self->listener, NULL, NULL);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(0, read(s, &byte, 1));
	ASSERT_EQ(0, close(s));
	/* without waiting for 2MSL */
	WAIT_FOR(!if_nametoindex("veth0"));
}

TEST_F(gone, with_fin_wait_2)
{
	pid_t pid = KILL_NEAR(connect_to(variant->client, &self->address));
	char byte;
	int s;

	ASSERT_EQ(0, enter_far(&self->cable));
	s = accept(self->listener, NULL, NULL);
	ASSERT_EQ(0, kill(pid, SIGKILL));
	EXPECT_EQ(0, read(s, &byte, 1));
	WAIT_FOR(!if_nametoindex("veth0"));
	EXPECT_EQ(TCP_CLOSE_WAIT, state_of(s));
}

/* A request that waits for the ACK of its SYN-ACK */
TEST_F(gone, with_request)
{
	struct address near = near_address(variant->family, 12345);
	pid_t pid = KILL_NEAR(listen_on(variant->client, &near, 10));
	int c;

	ASSERT_EQ(0, cable_cut(&self->cable, self->cable.near));
	ASSERT_EQ(0, enter_netns(self->cable.far));
	c = open_nonblock(variant->server, variant->family);
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &near));
	ASSERT_EQ(0, enter_netns(self->cable.near));
	WAIT_FOR(proc_state(variant->client, variant->family, 12345, port_of(c)) ==
		 TCP_SYN_RECV);
	ASSERT_EQ(0, enter_far(&self->cable));
	ASSERT_EQ(0, kill(pid, SIGKILL));
	WAIT_FOR(!if_nametoindex("veth0"));
}

TEST_MAIN
