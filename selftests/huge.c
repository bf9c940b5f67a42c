// SPDX-License-Identifier: GPL-2.0
/* The backlog of a locked socket holds as much as the largest buffers */
#include "lib/xtcp_test.h"

#include <limits.h>
#include <linux/userfaultfd.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/syscall.h>

FIXTURE(huge) {
	struct address address;
	int listener;
};

ENDS_VARIANTS(huge);

FIXTURE_SETUP(huge)
{
	ASSERT_EQ(0, new_netns());
	self->address = loopback(variant->family, 0);
	self->listener = open_socket(variant->server, variant->family);
	ASSERT_EQ(0, set_int(self->listener, SOL_SOCKET, SO_RCVBUFFORCE, INT_MAX));
	ASSERT_EQ(0, set_int(self->listener, SOL_SOCKET, SO_SNDBUFFORCE, INT_MAX));
	ASSERT_EQ(0, do_bind(self->listener, &self->address));
	ASSERT_EQ(0, listen(self->listener, 1));
	self->address = name_of(self->listener);
}

FIXTURE_TEARDOWN(huge) { }

/* The counter of segments dropped because the socket's backlog is full */
static long long backlog_drops(enum stack stack)
{
	static char names[16384], values[16384];
	char *n, *v, *ns, *vs, *line[2] = { names, values };
	const char *what = stack == XTCP ? "BacklogDrop" : "TCPBacklogDrop";
	FILE *f = fopen(stack == XTCP ? "/proc/net/xtcp_netstat" : "/proc/net/netstat", "r");
	long long found = -1;

	while (f && fgets(line[0], sizeof(names), f) && fgets(line[1], sizeof(values), f)) {
		n = strtok_r(names, "\n ", &ns);
		v = strtok_r(values, "\n ", &vs);
		for (; n && v; n = strtok_r(NULL, "\n ", &ns), v = strtok_r(NULL, "\n ", &vs)) {
			if (strstr(n, what))
				found = atoll(v);
		}
	}
	if (f)
		fclose(f);
	return found;
}

struct reader {
	int fd;
	char *page;
};

static void *reader(void *arg)
{
	struct reader *r = arg;

	recv(r->fd, r->page, 4096, 0);
	return NULL;
}

/*
 * recv() waits in a page fault (userfaultfd) with the socket locked: segments
 * wait in the backlog. None is dropped below the size of the buffers.
 */
TEST_F(huge, backlog)
{
	struct uffdio_api api = { .api = UFFD_API };
	struct uffdio_register reg = { .mode = UFFDIO_REGISTER_MODE_MISSING };
	struct uffdio_zeropage zero = {};
	static char data[60000];
	struct uffd_msg fault;
	struct reader r;
	pthread_t thread;
	int uffd, c;

	if (access("/proc/sys/vm/unprivileged_userfaultfd", F_OK))
		SKIP(return, "this kernel has no userfaultfd");
	c = connect_to(variant->client, &self->address);
	r.fd = accept(self->listener, NULL, NULL);
	ASSERT_LE(0, r.fd);
	uffd = syscall(SYS_userfaultfd, O_CLOEXEC);
	ASSERT_LE(0, uffd);
	ASSERT_EQ(0, ioctl(uffd, UFFDIO_API, &api));
	r.page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS,
		      -1, 0);
	reg.range.start = (uintptr_t)r.page;
	reg.range.len = 4096;
	zero.range = reg.range;
	ASSERT_EQ(0, ioctl(uffd, UFFDIO_REGISTER, &reg));
	ASSERT_EQ(1, send(c, "x", 1, 0));
	ASSERT_EQ(0, pthread_create(&thread, NULL, reader, &r));
	ASSERT_EQ(sizeof(fault), read(uffd, &fault, sizeof(fault)));
	/* recv() has locked the socket now. */
	for (int i = 0; i < 5; i++)
		ASSERT_EQ(sizeof(data), send(c, data, sizeof(data), 0));
	EXPECT_EQ(0, backlog_drops(variant->server));
	ASSERT_EQ(0, ioctl(uffd, UFFDIO_ZEROPAGE, &zero));
	ASSERT_EQ(0, pthread_join(thread, NULL));
}

TEST_MAIN
