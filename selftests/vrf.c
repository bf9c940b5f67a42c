// SPDX-License-Identifier: GPL-2.0
/*
 * VRFs: which connections a listener gets depends on its device
 * and on l3mdev_accept. Answers use the routing table of the VRF.
 */
#include "lib/xtcp_test.h"

#include <net/if.h>

#define PORT	12345

/* The far device is in a VRF: only the VRF's table has the route to near */
CABLE_FIELDS(vrf);

SOCKET_VARIANTS(vrf);

FIXTURE_SETUP(vrf)
{
	ASSERT_EQ(0, cable_plug(&self->cable));
	ASSERT_EQ(0, enter_netns(self->cable.far));
	ASSERT_EQ(0, sh("ip link add vrf0 type vrf table 10"));
	ASSERT_EQ(0, sh("ip link set vrf0 up"));
	ASSERT_EQ(0, sh("ip link set veth0 master vrf0"));
	/* enslaving removes IPv6 addresses and neighbour entries */
	ASSERT_EQ(0, sh("ip addr replace fd00::2/64 dev veth0 nodad"));
	ASSERT_EQ(0, cable_mend(&self->cable, -1));
	self->address = far_address(variant->family, PORT);
}

FIXTURE_TEARDOWN(vrf) { }

/* a listener in far, bound to a device, or not (NULL) */
static int listener_on(enum stack stack, int family, const char *device)
{
	struct address any = any_address(family, PORT);
	int fd = open_nonblock(stack, family);

	if (device && setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, device, strlen(device)))
		return -1;
	return do_bind(fd, &any) || listen(fd, 5) ? -1 : fd;
}

/* 0: refused; 1: connected, and data sent both ways; -1: neither */
static int from_near(const struct cable *cable, const struct address *address,
		     int family, int listener, char *device)
{
	int c, s, here = this_netns(), ret = -1;
	socklen_t len = IFNAMSIZ;
	char byte;

	enter_netns(cable->near);
	/* the client is the kernel's TCP: only the far end is tested */
	c = open_nonblock(TCP, family);
	do_connect(c, address);
	if (!HOLDS_WITHIN(PATIENCE, events(c, POLLOUT)))
		goto out;
	if (take_error(c) == ECONNREFUSED) {
		ret = 0;
		goto out;
	}
	if (!HOLDS_WITHIN(PATIENCE, events(listener, POLLIN)))
		goto out;
	s = accept(listener, NULL, NULL);
	device[0] = 0;
	getsockopt(s, SOL_SOCKET, SO_BINDTODEVICE, device, &len);
	if (write(s, "x", 1) == 1 && events_within(c, POLLIN, PATIENCE) &&
	    read(c, &byte, 1) == 1 && write(c, "y", 1) == 1 &&
	    events_within(s, POLLIN, PATIENCE) && read(s, &byte, 1) == 1)
		ret = 1;
	close(s);
out:
	close(c);
	enter_netns(here);
	close(here);
	return ret;
}

#define REACHES(listener, device)					\
	from_near(&self->cable, &self->address, variant->family, listener, device)

TEST_F(vrf, unbound)
{
	char device[IFNAMSIZ];
	int l = listener_on(variant->stack, variant->family, NULL);

	ASSERT_LE(0, l);
	EXPECT_EQ(0, REACHES(l, device));
	EXPECT_EQ(0, events(l, POLLIN));
}

TEST_F(vrf, unbound_accept)
{
	char device[IFNAMSIZ];
	int l;

	ASSERT_EQ(0, set_sysctl(variant->stack, "l3mdev_accept", "1"));
	l = listener_on(variant->stack, variant->family, NULL);
	ASSERT_LE(0, l);
	EXPECT_EQ(1, REACHES(l, device));
	EXPECT_STREQ("vrf0", device);
}

TEST_F(vrf, bound_to_vrf)
{
	char device[IFNAMSIZ];
	int l = listener_on(variant->stack, variant->family, "vrf0");

	ASSERT_LE(0, l);
	EXPECT_EQ(1, REACHES(l, device));
	EXPECT_STREQ("vrf0", device);
}

TEST_F(vrf, bound_to_vrf_accept)
{
	char device[IFNAMSIZ];
	int l;

	ASSERT_EQ(0, set_sysctl(variant->stack, "l3mdev_accept", "1"));
	l = listener_on(variant->stack, variant->family, "vrf0");
	ASSERT_LE(0, l);
	EXPECT_EQ(1, REACHES(l, device));
	EXPECT_STREQ("vrf0", device);
}

TEST_F(vrf, bound_to_slave)
{
	char device[IFNAMSIZ];
	int l = listener_on(variant->stack, variant->family, "veth0");

	ASSERT_LE(0, l);
	EXPECT_EQ(1, REACHES(l, device));
	EXPECT_STREQ("veth0", device);
}

TEST_F(vrf, bound_to_slave_accept)
{
	char device[IFNAMSIZ];
	int l;

	ASSERT_EQ(0, set_sysctl(variant->stack, "l3mdev_accept", "1"));
	l = listener_on(variant->stack, variant->family, "veth0");
	ASSERT_LE(0, l);
	EXPECT_EQ(1, REACHES(l, device));
	EXPECT_STREQ("veth0", device);
}

/* A listener bound to another device gets no connection */
TEST_F(vrf, bound_elsewhere)
{
	char device[IFNAMSIZ];
	int l = listener_on(variant->stack, variant->family, "lo");

	ASSERT_LE(0, l);
	EXPECT_EQ(0, REACHES(l, device));
}

TEST_F(vrf, bound_elsewhere_accept)
{
	char device[IFNAMSIZ];
	int l;

	ASSERT_EQ(0, set_sysctl(variant->stack, "l3mdev_accept", "1"));
	l = listener_on(variant->stack, variant->family, "lo");
	ASSERT_LE(0, l);
	EXPECT_EQ(0, REACHES(l, device));
}

/* One listener for the VRF, one for other devices */
TEST_F(vrf, two_listeners)
{
	struct address here = loopback(variant->family, PORT);
	char device[IFNAMSIZ];
	int l = listener_on(variant->stack, variant->family, NULL);
	int v = listener_on(variant->stack, variant->family, "vrf0");
	int c;

	ASSERT_LE(0, l);
	ASSERT_LE(0, v);
	EXPECT_EQ(1, REACHES(v, device));
	EXPECT_EQ(0, events(l, POLLIN));
	c = connect_to(variant->stack, &here);
	ASSERT_LE(0, c);
	EXPECT_EQ(POLLIN, events_within(l, POLLIN, PATIENCE));
	EXPECT_EQ(0, events(v, POLLIN));
}

/*
 * net.xtcp.l3mdev_accept alone: the hold does not cover the port in the
 * VRF, so a listener of the kernel's TCP gets the connections there.
 */
TEST_F(vrf, kernel_listener_beside_accept)
{
	char device[IFNAMSIZ];
	int l, v;

	if (variant->stack == TCP)
		SKIP(return, "needs both stacks");
	ASSERT_EQ(0, set_sysctl(XTCP, "l3mdev_accept", "1"));
	v = listener_on(TCP, variant->family, "vrf0");
	ASSERT_LE(0, v);
	l = listener_on(XTCP, variant->family, NULL);
	ASSERT_LE(0, l);
	EXPECT_EQ(1, REACHES(v, device));
	EXPECT_EQ(0, events(l, POLLIN));
	ASSERT_EQ(0, close(v));
	EXPECT_EQ(1, REACHES(l, device));
}

/* With l3mdev_accept the first listener covers the VRF: EADDRINUSE */
TEST_F(vrf, two_listeners_accept)
{
	ASSERT_EQ(0, set_sysctl(variant->stack, "l3mdev_accept", "1"));
	ASSERT_LE(0, listener_on(variant->stack, variant->family, NULL));
	EXPECT_ERRNO(EADDRINUSE, listener_on(variant->stack, variant->family, "vrf0"));
}

/* A SYN-ACK with a cookie, and the child made by its ACK */
TEST_F(vrf, cookie_accept)
{
	char device[IFNAMSIZ];
	int l;

	ASSERT_EQ(0, set_sysctl(variant->stack, "l3mdev_accept", "1"));
	ASSERT_EQ(0, set_sysctl(variant->stack, "syncookies", "2"));
	l = listener_on(variant->stack, variant->family, NULL);
	ASSERT_LE(0, l);
	EXPECT_EQ(1, REACHES(l, device));
	EXPECT_STREQ("vrf0", device);
}

/* A port bound in the VRF, no listener: the RST uses the route of the VRF */
TEST_F(vrf, reset_of_bound_port)
{
	struct address any = any_address(variant->family, PORT);
	char device[IFNAMSIZ];
	int fd = open_socket(variant->stack, variant->family);

	ASSERT_EQ(0, setsockopt(fd, SOL_SOCKET, SO_BINDTODEVICE, "vrf0", 4));
	ASSERT_EQ(0, do_bind(fd, &any));
	EXPECT_EQ(0, REACHES(fd, device));
}

/* A client in the VRF */
TEST_F(vrf, connects)
{
	struct address near = near_address(variant->family, 0);
	int l, c;

	ASSERT_EQ(0, enter_netns(self->cable.near));
	l = listen_on(TCP, &near, 5);
	ASSERT_EQ(0, enter_netns(self->cable.far));
	c = open_nonblock(variant->stack, variant->family);
	ASSERT_EQ(0, setsockopt(c, SOL_SOCKET, SO_BINDTODEVICE, "vrf0", 4));
	EXPECT_ERRNO(EINPROGRESS, do_connect(c, &near));
	WAIT_FOR(state_of(c) == TCP_ESTABLISHED);
	EXPECT_EQ(POLLIN, events_within(l, POLLIN, PATIENCE));
}

/* TIME-WAIT in the VRF: the ACK of the peer's FIN uses the route of the VRF */
TEST_F(vrf, time_wait)
{
	int l = listener_on(variant->stack, variant->family, "vrf0");
	int c, s;
	char byte;

	ASSERT_EQ(0, enter_netns(self->cable.near));
	c = open_nonblock(TCP, variant->family);
	do_connect(c, &self->address);
	WAIT_FOR(events(l, POLLIN));
	s = accept(l, NULL, NULL);
	ASSERT_LE(0, s);
	ASSERT_EQ(0, close(s));
	WAIT_FOR(state_of(c) == TCP_CLOSE_WAIT);
	EXPECT_EQ(0, read(c, &byte, 1));
	ASSERT_EQ(0, shutdown(c, SHUT_WR));
	WAIT_FOR(state_of(c) == TCP_CLOSE);
}

TEST_MAIN
