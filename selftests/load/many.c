// SPDX-License-Identifier: GPL-2.0
/*
 * many: many connections at the same time: opens all, uses all, closes all;
 * then their memory must be released.
 *
 *	many [-6] [-t] [-n CONNECTIONS] [-b BYTES]
 *
 * Default: 20,000 from one address to one port. If the range of local ports is
 * too small, more source addresses are used (IPv4 only). -t: the kernel's TCP
 * instead of XTCP. Prints the bytes per connection (both ends, buffers empty)
 * and the memory that is not released after TIME-WAIT. Exit status: 1 if that
 * is more than a tenth, or if a byte is wrong.
 */
#include "lib/stack.h"

#include <fcntl.h>
#include <glob.h>
#include <sys/wait.h>

static bool v6, tcp;
static int count = 20000, size = 100;

struct memory {
	long available, slab, unreclaimable, pages;
};

static long meminfo(const char *what)
{
	FILE *in = fopen("/proc/meminfo", "r");
	char line[200];
	long v = -1;

	if (!in)
		die("many: meminfo");
	while (fgets(line, sizeof(line), in))
		if (!strncmp(line, what, strlen(what)) && line[strlen(what)] == ':')
			v = atol(line + strlen(what) + 1);
	fclose(in);
	return v;
}

static void tell(const char *path, const char *what)
{
	int fd = open(path, O_WRONLY);

	if (fd >= 0) {
		if (write(fd, what, strlen(what)) < 0)
			errno = 0;
		close(fd);
	}
}

/* Column of /proc/net/protocols: 1 is "sockets", 2 is "memory" (pages). */
static long protocol(int column)
{
	FILE *in = fopen("/proc/net/protocols", "r");
	char line[300], name[40];
	long f[3], sum = 0;

	if (!in)
		return -1;
	while (fgets(line, sizeof(line), in)) {
		if (sscanf(line, "%39s %ld %ld %ld", name, &f[0], &f[1], &f[2]) != 4)
			continue;
		if (tcp ? !strcmp(name, "TCP") || !strcmp(name, "TCPv6") :
		    !strncasecmp(name, "XTCP", 4)) {
			/* Rows of one stack have the same memory counter. */
			if (column == 2)
				sum = f[2];
			else
				sum += f[column];
		}
	}
	fclose(in);
	return sum;
}

/* Number of connections with our port, TIME-WAIT included. */
static int rows(int port)
{
	const char *path = tcp ? (v6 ? "/proc/net/tcp6" : "/proc/net/tcp") :
			   (v6 ? "/proc/net/xtcp6" : "/proc/net/xtcp");
	FILE *in = fopen(path, "r");
	char line[400], want[16];
	int n = 0;

	if (!in)
		die("many: %s", path);
	snprintf(want, sizeof(want), ":%04X ", port);
	while (fgets(line, sizeof(line), in))
		n += !!strstr(line, want);
	fclose(in);
	return n;
}

static struct memory measure(void)
{
	struct memory m;
	glob_t g;

	/* Caches do not count as used memory. */
	tell("/proc/sys/vm/drop_caches", "3");
	if (!glob("/sys/kernel/slab/*/shrink", 0, NULL, &g)) {
		for (size_t i = 0; i < g.gl_pathc; i++)
			tell(g.gl_pathv[i], "1");
		globfree(&g);
	}
	m.available = meminfo("MemAvailable");
	m.slab = meminfo("Slab");
	m.unreclaimable = meminfo("SUnreclaim");
	m.pages = protocol(2);
	return m;
}

static void show(const char *when, struct memory m)
{
	printf("many: %-6s MemAvailable %ld kB, Slab %ld kB, SUnreclaim %ld kB, sockets %ld, pages %ld\n",
	       when, m.available, m.slab, m.unreclaimable, protocol(1), m.pages);
	fflush(stdout);
}

static void exchange(int *c, int *s, int n)
{
	uint8_t *a = malloc(size), *b = malloc(size);

	for (int i = 0; i < n; i++) {
		for (int way = 0; way < 2; way++) {
			int from = way ? s[i] : c[i], to = way ? c[i] : s[i];

			for (int j = 0; j < size; j++)
				a[j] = i * 7 + j + way;
			if (send(from, a, size, MSG_NOSIGNAL) != size)
				die("many: send on connection %d", i);
			if (recv(to, b, size, MSG_WAITALL) != size)
				die("many: recv on connection %d", i);
			if (memcmp(a, b, size)) {
				fprintf(stderr, "many: wrong bytes on connection %d\n", i);
				exit(1);
			}
		}
	}
	free(a);
	free(b);
}

/*
 * Opens, uses and closes all connections, in a child process: its exit releases
 * the memory of the process itself.
 */
static void work(int to_parent, int from_parent)
{
	int *c = calloc(count, sizeof(int)), *s = calloc(count, sizeof(int));
	struct sockaddr_storage ss, src;
	socklen_t len = stack_address(&ss, v6, v6 ? "::1" : "127.0.0.1", 0), slen;
	int l = stack_socket(tcp, v6, 0), port, host = 1;
	char x;

	if (l < 0)
		die("many: socket");
	if (bind(l, (struct sockaddr *)&ss, len) || listen(l, 128) ||
	    getsockname(l, (struct sockaddr *)&ss, &len))
		die("many: listen");
	port = ntohs(v6 ? ((struct sockaddr_in6 *)&ss)->sin6_port :
		     ((struct sockaddr_in *)&ss)->sin_port);
	if (write(to_parent, &port, sizeof(port)) != sizeof(port) ||
	    read(from_parent, &x, 1) != 1)
		exit(1);
	for (int i = 0; i < count; i++) {
again:
		c[i] = stack_socket(tcp, v6, 0);
		if (c[i] < 0)
			die("many: socket %d", i);
		if (host > 1) {
			char a[32];

			snprintf(a, sizeof(a), "127.0.0.%d", host);
			slen = stack_address(&src, false, a, 0);
			if (bind(c[i], (struct sockaddr *)&src, slen))
				die("many: bind to %s", a);
		}
		if (connect(c[i], (struct sockaddr *)&ss, len)) {
			if (errno == EADDRNOTAVAIL && !v6 && host++ < 250) {
				close(c[i]);
				goto again;
			}
			die("many: connect %d", i);
		}
		s[i] = accept(l, NULL, NULL);
		if (s[i] < 0)
			die("many: accept %d", i);
	}
	exchange(c, s, count);
	if (host > 1)
		printf("many: %d source addresses\n", host);
	if (write(to_parent, "o", 1) != 1 || read(from_parent, &x, 1) != 1)
		exit(1);
	/* A second exchange: all connections still work. */
	exchange(c, s, count);
	for (int i = 0; i < count; i++) {
		/* Alternate the end that closes first. */
		close(i & 1 ? c[i] : s[i]);
		close(i & 1 ? s[i] : c[i]);
	}
	close(l);
	exit(0);
}

int main(int argc, char **argv)
{
	struct memory before, open, after;
	int up[2], down[2], c, port, status;
	long took, left;
	double t;
	pid_t pid;
	char x;

	while ((c = getopt(argc, argv, "6tn:b:")) != -1) {
		if (c == '6')
			v6 = true;
		else if (c == 't')
			tcp = true;
		else if (c == 'n')
			count = atoi(optarg);
		else if (c == 'b')
			size = atoi(optarg);
		else
			return fputs("Usage: many [-6] [-t] [-n N] [-b BYTES]\n",
				     stderr), 2;
	}
	struct rlimit rl = { 2 * count + 100, 2 * count + 100 };

	if (setrlimit(RLIMIT_NOFILE, &rl))
		die("many: %d descriptors", 2 * count + 100);
	if (pipe(up) || pipe(down))
		die("many: pipe");
	t = seconds();
	pid = fork();
	if (!pid)
		work(up[1], down[0]);
	close(up[1]);
	if (read(up[0], &port, sizeof(port)) != sizeof(port))
		return 1;
	before = measure();
	show("before", before);
	if (write(down[1], "g", 1) != 1 || read(up[0], &x, 1) != 1)
		return 1;
	open = measure();
	show("open", open);
	printf("many: %d connections in %.3f s\n", count, seconds() - t);
	took = before.available - open.available;
	printf("many: %ld bytes of slab, %ld of all memory per connection (with the process's descriptors)\n",
	       (open.slab - before.slab) * 1024 / count, took * 1024 / count);
	fflush(stdout);
	if (write(down[1], "e", 1) != 1)
		return 1;
	waitpid(pid, &status, 0);
	if (!WIFEXITED(status) || WEXITSTATUS(status))
		return 1;
	/* Wait until TIME_WAIT is over; the test fails if it does not end. */
	t = seconds();
	while ((c = rows(port)) && seconds() - t < 180)
		sleep(1);
	if (c) {
		fprintf(stderr, "many: %d connections have not ended\n", c);
		return 1;
	}
	printf("many: all ended %.0f s after the close\n", seconds() - t);
	/* Wait for objects that RCU frees, and for lists of the slab caches. */
	sleep(2);
	after = measure();
	show("after", after);
	left = open.slab - before.slab ? (after.slab - before.slab) * 100 /
	       (open.slab - before.slab) : 0;
	printf("many: %ld kB of slab (%ld %%) and %ld kB of memory not freed\n",
	       after.slab - before.slab, left, before.available - after.available);
	if (left > 10 || before.available - after.available > took / 10) {
		fprintf(stderr, "many: memory was not freed\n");
		return 1;
	}
	if (after.pages > before.pages + 16) {
		fprintf(stderr, "many: %ld pages are still accounted\n",
			after.pages - before.pages);
		return 1;
	}
	return 0;
}
