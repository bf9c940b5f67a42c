// SPDX-License-Identifier: GPL-2.0
/* An accepted socket is charged to the memory cgroup of the task in accept() */
#include "lib/xtcp_test.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/utsname.h>

#define N		20
#define AMOUNT		30000

FIXTURE(memcg) {
	struct address address;
	char mount[32];
	char group[64];
	int listener;
	int client[N];
	/* pipes to and from the server, which can join and leave the group */
	int order[2];
	int answer[2];
	pid_t server;
};

SOCKET_VARIANTS(memcg);

static int put(const char *dir, const char *file, const char *text)
{
	char path[128];
	int fd, n;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	fd = open(path, O_WRONLY);
	n = write(fd, text, strlen(text));
	close(fd);
	return n == (int)strlen(text) ? 0 : -1;
}

/* the value of "key" in a file of the group; -1: none */
static long long get(const char *dir, const char *file, const char *key)
{
	long long value, found = -1;
	char path[128], name[64];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, file);
	f = fopen(path, "r");
	while (f && fscanf(f, "%63s %lld", name, &value) == 2) {
		if (!strcmp(name, key))
			found = value;
	}
	if (f)
		fclose(f);
	return found;
}

#define charged() get(self->group, "memory.stat", "sock")

static void read_all(int fd)
{
	char buffer[4096];

	while (recv(fd, buffer, sizeof(buffer), MSG_DONTWAIT) > 0)
		;
}

/* Commands to the server, one letter each; it answers when it is done. */
static void serve(int listener, const char *mount, const char *group, int order,
		  int answer)
{
	static char zeros[AMOUNT];
	int s[N];
	char c;

	while (read(order, &c, 1) == 1) {
		switch (c) {
		case 'j':	/* join */
			if (put(group, "cgroup.procs", "0"))
				exit(1);
			break;
		case 'l':	/* leave */
			if (put(mount, "cgroup.procs", "0"))
				exit(1);
			break;
		case 'a':	/* accept */
			for (int i = 0; i < N; i++) {
				s[i] = accept(listener, NULL, NULL);
				if (s[i] < 0)
					exit(1);
			}
			break;
		case 'w':	/* write data that the peer does not read */
			for (int i = 0; i < N; i++) {
				set_int(s[i], SOL_SOCKET, SO_SNDBUFFORCE, 1 << 20);
				for (int j = 0; j < 10; j++)
					send(s[i], zeros, AMOUNT, MSG_DONTWAIT);
			}
			break;
		case 'r':	/* read all */
			for (int i = 0; i < N; i++)
				read_all(s[i]);
			break;
		case 'c':	/* close */
			for (int i = 0; i < N; i++)
				close(s[i]);
			break;
		}
		if (write(answer, &c, 1) != 1)
			exit(1);
	}
	exit(0);
}

FIXTURE_SETUP(memcg)
{
	strcpy(self->mount, "/tmp/xtcp.XXXXXX");
	ASSERT_EQ(0, new_netns());
	ASSERT_NE(NULL, mkdtemp(self->mount));
	ASSERT_EQ(0, mount("none", self->mount, "cgroup2", 0, NULL));
	ASSERT_EQ(0, put(self->mount, "cgroup.subtree_control", "+memory"));
	snprintf(self->group, sizeof(self->group), "%s/memcg.%d", self->mount, getpid());
	ASSERT_EQ(0, mkdir(self->group, 0755));
	self->address = loopback(variant->family, 0);
	self->listener = open_socket(variant->stack, variant->family);
	ASSERT_EQ(0, set_int(self->listener, SOL_SOCKET, SO_RCVBUFFORCE, 1 << 20));
	ASSERT_EQ(0, do_bind(self->listener, &self->address));
	ASSERT_EQ(0, listen(self->listener, N));
	self->address = name_of(self->listener);
	ASSERT_EQ(0, pipe(self->order));
	ASSERT_EQ(0, pipe(self->answer));
	self->server = child();
	if (!self->server)
		serve(self->listener, self->mount, self->group, self->order[0],
		      self->answer[1]);
	for (int i = 0; i < N; i++) {
		self->client[i] = connect_to(variant->stack, &self->address);
		ASSERT_LE(0, self->client[i]);
	}
}

FIXTURE_TEARDOWN(memcg)
{
	kill(self->server, SIGKILL);
	child_status(self->server);
	for (int i = 0; i < N; i++)
		close(self->client[i]);
	EXPECT_TRUE(HOLDS_WITHIN(PATIENCE, !rmdir(self->group)));
	put(self->mount, "cgroup.subtree_control", "-memory");
	EXPECT_EQ(0, umount2(self->mount, MNT_DETACH));
	rmdir(self->mount);
}

static int ask(const int *order, const int *answer, const char *what)
{
	char c;

	for (; *what; what++) {
		if (write(order[1], what, 1) != 1 || read(answer[0], &c, 1) != 1 ||
		    c != *what)
			return -1;
	}
	return 0;
}

#define ASK(what) ASSERT_EQ(0, ask(self->order, self->answer, what))

static int send_to_all(const int *client, int amount)
{
	static char zeros[AMOUNT];

	for (int i = 0; i < N; i++) {
		for (int sent = 0; sent < amount; sent += AMOUNT) {
			if (send(client[i], zeros, AMOUNT, 0) != AMOUNT)
				return -1;
		}
	}
	return 0;
}

/* Data that was received before accept() */
TEST_F(memcg, before_accept)
{
	ASSERT_EQ(0, send_to_all(self->client, AMOUNT));
	ASK("ja");
	WAIT_FOR(charged() >= N * AMOUNT);
	ASK("r");
	WAIT_FOR(charged() < N * AMOUNT / 2);
	ASK("c");
	WAIT_FOR(charged() == 0);
}

TEST_F(memcg, after_accept)
{
	ASK("ja");
	ASSERT_EQ(0, send_to_all(self->client, AMOUNT));
	WAIT_FOR(charged() >= N * AMOUNT);
	/* uncharged when the socket is closed with unread data */
	ASK("c");
	WAIT_FOR(charged() == 0);
}

/* Data in the send queue, more than the peer's window */
TEST_F(memcg, sending)
{
	ASK("jaw");
	WAIT_FOR(charged() >= N * 3LL * AMOUNT);
	for (int i = 0; i < N; i++)
		close(self->client[i]);
	ASK("c");
	WAIT_FOR(charged() == 0);
}

/* The group at accept() is charged: joining another one later has no effect */
TEST_F(memcg, accepted_elsewhere)
{
	ASK("ajr");
	ASSERT_EQ(0, send_to_all(self->client, AMOUNT));
	ASK("r");
	EXPECT_EQ(0, charged());
}

/* Leaving the group later has no effect either */
TEST_F(memcg, moved_later)
{
	ASK("jal");
	ASSERT_EQ(0, send_to_all(self->client, AMOUNT));
	WAIT_FOR(charged() >= N * AMOUNT);
}

/*
 * The limit is reached. The server has left: the OOM killer
 * finds no task to kill.
 */
TEST_F(memcg, limit)
{
	char max[32];
	long long used;

	ASK("jal");
	used = get(self->group, "memory.stat", "anon");
	snprintf(max, sizeof(max), "%lld", used + (4 << 20));
	ASSERT_EQ(0, put(self->group, "memory.max", max));
	ASSERT_EQ(0, get(self->group, "memory.events", "max"));
	ASSERT_EQ(0, send_to_all(self->client, 10 * AMOUNT));
	WAIT_FOR(get(self->group, "memory.events", "max") > 0);
}

static bool kernel_since(int major, int minor)
{
	struct utsname name;
	int a = 0, b = 0;

	uname(&name);
	sscanf(name.release, "%d.%d", &a, &b);
	return a > major || (a == major && b >= minor);
}

/*
 * The struct sock, which is allocated in softirq, is charged
 * in accept(). It has over 2 KB; the file has only 1 KB.
 */
TEST_F(memcg, object)
{
	long long before;

	/* before 6.12 neither stack charges it */
	if (!kernel_since(6, 12))
		SKIP(return, "this kernel has no kmem_cache_charge()");
	ASK("j");
	before = get(self->group, "memory.stat", "slab");
	ASK("a");
	WAIT_FOR(get(self->group, "memory.stat", "slab") - before >= N * 2000);
}

TEST_MAIN
