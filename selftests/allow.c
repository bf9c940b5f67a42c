// SPDX-License-Identifier: GPL-2.0
/* net.xtcp.allow: which tasks may open sockets, also in user namespaces */
#include "lib/xtcp_test.h"

#include <sys/prctl.h>

FIXTURE(allow) {
};

FIXTURE_VARIANT(allow) {
	int family;
};

FIXTURE_VARIANT_ADD(allow, v4) { AF_INET };
FIXTURE_VARIANT_ADD(allow, v6) { AF_INET6 };

FIXTURE_SETUP(allow)
{
	ASSERT_EQ(0, new_netns());
}

FIXTURE_TEARDOWN(allow) { }

#define USER	1000

static int try(int family)
{
	int fd = open_socket(XTCP, family);

	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int read_allow(void)
{
	char text[16] = "";

	return get_sysctl(XTCP, "allow", text, sizeof(text)) ? -1 : atoi(text);
}

/*
 * allow = 2, the default, refuses tasks with no_new_privs: a sandbox may
 * restrict their TCP sockets (Landlock), and does not know AF_XTCP. 3 allows
 * all tasks.
 */
TEST_F(allow, no_new_privs)
{
	EXPECT_EQ(2, read_allow());
	EXPECT_EQ(0, try(variant->family));
	EXPECT_EQ(EACCES, IN_CHILD(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
				   _exit(try(variant->family))));
	EXPECT_EQ(0, IN_CHILD(setuid(USER); _exit(try(variant->family))));
	ASSERT_EQ(0, set_sysctl(XTCP, "allow", "3"));
	EXPECT_EQ(0, IN_CHILD(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
			      _exit(try(variant->family))));
}

/* Existing sockets continue to work */
TEST_F(allow, no_task)
{
	struct address a = loopback(variant->family, 0);
	int l = listen_on(XTCP, &a, 1), c = open_socket(XTCP, variant->family);
	char byte;
	int s;

	ASSERT_EQ(0, set_sysctl(XTCP, "allow", "0"));
	EXPECT_EQ(EACCES, try(variant->family));
	ASSERT_EQ(0, do_connect(c, &a));
	s = accept(l, NULL, NULL);
	ASSERT_LE(0, s);
	EXPECT_EQ(1, write(s, "x", 1));
	EXPECT_EQ(1, read(c, &byte, 1));
}

TEST_F(allow, administrators)
{
	ASSERT_EQ(0, set_sysctl(XTCP, "allow", "1"));
	EXPECT_EQ(0, try(variant->family));
	EXPECT_EQ(EACCES, IN_CHILD(setuid(USER); _exit(try(variant->family))));
}

TEST_F(allow, values)
{
	EXPECT_ERRNO(EINVAL, set_sysctl(XTCP, "allow", "4"));
	EXPECT_ERRNO(EINVAL, set_sysctl(XTCP, "allow", "-1"));
	EXPECT_EQ(2, read_allow());
}

/* A new namespace inherits the value of the creator's namespace */
TEST_F(allow, inherited)
{
	ASSERT_EQ(0, set_sysctl(XTCP, "allow", "1"));
	ASSERT_EQ(0, new_netns());
	EXPECT_EQ(1, read_allow());
	ASSERT_EQ(0, set_sysctl(XTCP, "allow", "3"));
	ASSERT_EQ(0, new_netns());
	EXPECT_EQ(3, read_allow());
}

/*
 * In a child: an unprivileged user creates a user and a network namespace.
 * PR_SET_DUMPABLE: after setuid() it could not open its own /proc files.
 */
static void own_namespaces(void)
{
	if (setuid(USER) || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) ||
	    unshare(CLONE_NEWUSER) || unshare(CLONE_NEWNET))
		_exit(98);
}

/* allow = 1 requires CAP_NET_ADMIN in the initial user namespace */
TEST_F(allow, user_namespace)
{
	ASSERT_EQ(0, set_sysctl(XTCP, "allow", "1"));
	EXPECT_EQ(EACCES, IN_CHILD(own_namespaces(); _exit(try(variant->family))));
	EXPECT_EQ(1, IN_CHILD(own_namespaces(); _exit(read_allow())));
}

static void map_root(void)
{
	int fd = open("/proc/self/setgroups", O_WRONLY);

	if (write(fd, "deny", 4) != 4)
		_exit(97);
	close(fd);
	fd = open("/proc/self/uid_map", O_WRONLY);
	if (write(fd, "0 1000 1", 8) != 8)
		_exit(97);
	close(fd);
}

static void own_root(void)
{
	if (setuid(USER) || prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) ||
	    unshare(CLONE_NEWUSER))
		_exit(98);
	map_root();
	if (unshare(CLONE_NEWNET))
		_exit(98);
}

static void set_or_exit(const char *value)
{
	if (set_sysctl(XTCP, "allow", value))
		_exit(96);
}

/* Root of a user namespace can lower allow, but not raise it */
TEST_F(allow, user_namespace_raises)
{
	EXPECT_EQ(EPERM, IN_CHILD(own_root();
				  _exit(set_sysctl(XTCP, "allow", "3") ? errno : 0)));
	EXPECT_EQ(0, IN_CHILD(own_root(); _exit(try(variant->family))));
	EXPECT_EQ(EACCES, IN_CHILD(own_root();
				   set_or_exit("0");
				   _exit(try(variant->family))));
	EXPECT_EQ(EPERM, IN_CHILD(own_root();
				  set_or_exit("0");
				  _exit(set_sysctl(XTCP, "allow", "2") ? errno : 0)));
}

TEST_MAIN
