// SPDX-License-Identifier: GPL-2.0
/* MAY-18, CU-1: selection of congestion control: sysctls, TCP_CONGESTION, routes */
#include "lib/xtcp_test.h"

SOCKET_FIXTURE(congestion)

/* The name of the algorithm of a socket, in a static buffer; "" on an error. */
static const char *algorithm(int fd)
{
	static char name[16];
	socklen_t len = sizeof(name);

	if (getsockopt(fd, SOL_TCP, TCP_CONGESTION, name, &len))
		*name = 0;
	return name;
}

static int set_algorithm(int fd, const char *name)
{
	return setsockopt(fd, SOL_TCP, TCP_CONGESTION, name, strlen(name)) ? -errno : 0;
}

static const char *value(enum stack stack, const char *name)
{
	static char text[256];

	if (get_sysctl(stack, name, text, sizeof(text)))
		*text = 0;
	return text;
}

/* CUBIC is the default; all algorithms are available and allowed */
TEST_F(congestion, default_is_cubic)
{
	int fd = open_socket(variant->stack, variant->family);

	EXPECT_STREQ("cubic", algorithm(fd));
	EXPECT_STREQ("cubic", value(variant->stack, "congestion_control"));
	EXPECT_NE(NULL, strstr(value(variant->stack, "available_congestion_control"), "cubic"));
	EXPECT_NE(NULL, strstr(value(variant->stack, "available_congestion_control"), "reno"));
	EXPECT_NE(NULL, strstr(value(variant->stack, "allowed_congestion_control"), "reno"));
}

/* The sysctl applies to new sockets; a name that does not exist is refused */
TEST_F(congestion, sysctl)
{
	int old = open_socket(variant->stack, variant->family), fd;

	ASSERT_EQ(0, set_sysctl(variant->stack, "congestion_control", "reno"));
	EXPECT_STREQ("reno", value(variant->stack, "congestion_control"));
	fd = open_socket(variant->stack, variant->family);
	EXPECT_STREQ("reno", algorithm(fd));
	EXPECT_STREQ("cubic", algorithm(old));
	EXPECT_ERRNO(ENOENT, set_sysctl(variant->stack, "congestion_control", "nosuch"));
	EXPECT_STREQ("reno", value(variant->stack, "congestion_control"));
}

/*
 * A namespace has a value of its own. The set of allowed algorithms is that of the
 * initial namespace; it is read-only in others.
 */
TEST_F(congestion, namespaces)
{
	ASSERT_EQ(0, set_sysctl(variant->stack, "congestion_control", "reno"));
	ASSERT_EQ(0, new_netns());
	EXPECT_STREQ("cubic", value(variant->stack, "congestion_control"));
	EXPECT_NE(0, set_sysctl(variant->stack, "allowed_congestion_control", "reno"));
	EXPECT_NE(0, set_sysctl(variant->stack, "available_congestion_control", "reno"));
}

/* Only "cubic" is allowed. Return: 0 if so. */
static int try_without_privileges(enum stack stack, int family)
{
	int fd = open_socket(stack, family);

	if (setuid(65534))
		return 1;
	return set_algorithm(fd, "reno") == -EPERM && !set_algorithm(fd, "cubic") ? 0 : 2;
}

/* An algorithm that is not allowed needs CAP_NET_ADMIN */
TEST_F(congestion, allowed)
{
	int initial = open("/proc/1/ns/net", O_RDONLY), here = this_netns();
	enum stack stack = variant->stack;
	int family = variant->family;

	ASSERT_EQ(0, enter_netns(initial));
	EXPECT_ERRNO(ENOENT, set_sysctl(stack, "allowed_congestion_control", "reno nosuch"));
	ASSERT_EQ(0, set_sysctl(stack, "allowed_congestion_control", "cubic"));
	EXPECT_STREQ("cubic", value(stack, "allowed_congestion_control"));
	ASSERT_EQ(0, enter_netns(here));
	EXPECT_ERRNO(EPERM, set_sysctl(stack, "congestion_control", "reno"));
	EXPECT_EQ(0, set_algorithm(open_socket(stack, family), "reno"));
	EXPECT_EQ(0, IN_CHILD(_exit(try_without_privileges(stack, family))));
	ASSERT_EQ(0, enter_netns(initial));
	/* The default of the initial namespace becomes allowed. */
	ASSERT_EQ(0, set_sysctl(stack, "congestion_control", "reno"));
	EXPECT_NE(NULL, strstr(value(stack, "allowed_congestion_control"), "reno"));
	ASSERT_EQ(0, set_sysctl(stack, "congestion_control", "cubic"));
	ASSERT_EQ(0, set_sysctl(stack, "allowed_congestion_control", "reno cubic"));
}

/*
 * An accepted socket has the algorithm that its listener was given by
 * TCP_CONGESTION, else that of the namespace at the time of the handshake
 */
TEST_F(congestion, accepted)
{
	int l = listen_on(variant->stack, &self->address, 4);

	ASSERT_LE(0, connect_to(variant->stack, &self->address));
	EXPECT_STREQ("cubic", algorithm(accept(l, NULL, NULL)));
	ASSERT_EQ(0, set_sysctl(variant->stack, "congestion_control", "reno"));
	ASSERT_LE(0, connect_to(variant->stack, &self->address));
	EXPECT_STREQ("reno", algorithm(accept(l, NULL, NULL)));
	ASSERT_EQ(0, set_algorithm(l, "cubic"));
	ASSERT_LE(0, connect_to(variant->stack, &self->address));
	EXPECT_STREQ("cubic", algorithm(accept(l, NULL, NULL)));
}

/* ip route ... congctl: for connect() and accept(); with lock, no other */
TEST_F(congestion, route)
{
	const char *v6 = variant->family == AF_INET6 ? "-6" : "-4";
	const char *host = variant->family == AF_INET6 ? "::1" : "127.0.0.1";
	int l = listen_on(variant->stack, &self->address, 4), c, a;

	/* IPv6 prefers the route of the kernel, by its metric. */
	ASSERT_EQ(0, sh("ip %s route del local %s dev lo table local;"
			"ip %s route add local %s dev lo table local congctl reno",
			v6, host, v6, host));
	c = connect_to(variant->stack, &self->address);
	ASSERT_LE(0, c);
	a = accept(l, NULL, NULL);
	EXPECT_STREQ("reno", algorithm(c));
	EXPECT_STREQ("reno", algorithm(a));
	EXPECT_EQ(0, set_algorithm(c, "cubic"));
	EXPECT_STREQ("cubic", algorithm(c));
	ASSERT_EQ(0, sh("ip %s route replace local %s dev lo table local congctl lock reno",
			v6, host));
	c = connect_to(variant->stack, &self->address);
	ASSERT_LE(0, c);
	EXPECT_STREQ("reno", algorithm(c));
	EXPECT_EQ(-EPERM, set_algorithm(c, "cubic"));
	EXPECT_STREQ("reno", algorithm(c));
}

TEST_MAIN
