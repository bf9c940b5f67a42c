// SPDX-License-Identifier: GPL-2.0
/*
 * bench - the cost of single operations on several stacks
 *
 * Usage: bench [-t] FAMILY...	xtcp, tcp, unix
 *
 * -t: without mem.
 *
 * One process is at both ends, so a value is the total cost of an operation. In
 * virtual time (one nanosecond per instruction) it is the same in each run.
 *
 * Operations:
 *
 *	conn	connect, accept, and the close of both ends
 *	rr	one byte in each direction
 *	bulk64k	64 KiB written and read
 *	mem	the memory of an idle connection, both ends
 *
 * Paths:
 *
 *	lo	127.0.0.1
 *	veth	10.9.0.1 in the network namespace "bench-client" to 10.9.0.2 in
 *		"bench-server" (not for unix)
 *
 * Prints lines METRIC PATH FAMILY VALUE SPREAD, separated by tabs. VALUE is the
 * median of the repetitions in microseconds (mem: bytes), SPREAD the difference
 * of maximum and minimum in per cent of VALUE.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <netinet/in.h>
#include <poll.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include <linux/xtcp.h>

#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))

/* Small counts: in virtual time more operations give the same result. */
#define REPETITIONS	3
#define CONN_COUNT	1000
#define CONN_WARM	300
#define RR_COUNT	1000
#define RR_WARM		500
#define BULK_COUNT	400
#define BULK_WARM	200
#define BULK_SIZE	65536
#define MEM_COUNT	3000
#define MEM_REPETITIONS	3
#define PORT		7700
/* Longer than TIME-WAIT of both stacks. */
#define REST_SECONDS	75

struct path {
	const char *name;
	const char *client_ns;
	const char *server_ns;
	const char *address;
};

static const struct path paths[] = {
	{ "lo", NULL, NULL, "127.0.0.1" },
	{ "veth", "/run/netns/bench-client", "/run/netns/bench-server", "10.9.0.2" },
};

/* One stack over one path: the listener, its address, and a connection. */
struct way {
	const char *family;
	const struct path *path;
	int home;
	int listener;
	int client;
	int server;
	struct sockaddr_storage to;
	socklen_t to_len;
};

static double now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e6 + ts.tv_nsec / 1e3;
}

static int new_socket(const char *family)
{
	int fd;

	if (!strcmp(family, "xtcp"))
		fd = socket(AF_XTCP, SOCK_STREAM, 0);
	else if (!strcmp(family, "tcp"))
		fd = socket(AF_INET, SOCK_STREAM, 0);
	else if (!strcmp(family, "unix"))
		fd = socket(AF_UNIX, SOCK_STREAM, 0);
	else
		errx(2, "unknown family %s: xtcp, tcp or unix", family);
	if (fd < 0)
		err(1, "%s: socket", family);
	return fd;
}

static void enter(const char *ns)
{
	int fd;

	if (!ns)
		return;
	fd = open(ns, O_RDONLY);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", ns);
	close(fd);
}

static void set_address(struct way *w)
{
	struct sockaddr_un *un = (struct sockaddr_un *)&w->to;
	struct sockaddr_in *in = (struct sockaddr_in *)&w->to;

	if (!strcmp(w->family, "unix")) {
		un->sun_family = AF_UNIX;
		memcpy(un->sun_path + 1, "bench", 5);
		w->to_len = sizeof(sa_family_t) + 6;
	} else {
		in->sin_family = AF_INET;
		in->sin_port = htons(PORT);
		inet_pton(AF_INET, w->path->address, &in->sin_addr);
		w->to_len = sizeof(*in);
	}
}

/* Listens in the server's namespace, and leaves the process in the client's. */
static void open_way(struct way *w)
{
	int one = 1;

	w->home = open("/proc/self/ns/net", O_RDONLY);
	if (w->home < 0)
		err(1, "/proc/self/ns/net");
	set_address(w);
	enter(w->path->server_ns);
	w->listener = new_socket(w->family);
	setsockopt(w->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(w->listener, (struct sockaddr *)&w->to, w->to_len))
		err(1, "%s: bind", w->family);
	if (listen(w->listener, 128))
		err(1, "%s: listen", w->family);
	enter(w->path->client_ns);
}

static void close_way(struct way *w)
{
	close(w->listener);
	if (setns(w->home, CLONE_NEWNET))
		err(1, "setns");
	close(w->home);
}

static void meet(struct way *w)
{
	w->client = new_socket(w->family);
	if (connect(w->client, (struct sockaddr *)&w->to, w->to_len))
		err(1, "%s: connect", w->family);
	w->server = accept(w->listener, NULL, NULL);
	if (w->server < 0)
		err(1, "%s: accept", w->family);
}

static void part(struct way *w)
{
	close(w->client);
	close(w->server);
}

static void one_byte(int from, int to)
{
	char c = 'x';

	if (send(from, &c, 1, 0) != 1 || recv(to, &c, 1, 0) != 1)
		err(1, "one byte");
}

static void do_conn(struct way *w)
{
	meet(w);
	part(w);
}

static void do_rr(struct way *w)
{
	one_byte(w->client, w->server);
	one_byte(w->server, w->client);
}

/* Non-blocking, because this process is both sender and receiver. */
static void do_bulk64k(struct way *w)
{
	static char in[BULK_SIZE], out[BULK_SIZE];
	size_t sent = 0, got = 0;
	ssize_t n, m;

	while (got < BULK_SIZE) {
		n = 0;
		if (sent < BULK_SIZE)
			n = send(w->client, out + sent, BULK_SIZE - sent, MSG_DONTWAIT);
		if (n > 0)
			sent += n;
		m = recv(w->server, in + got, BULK_SIZE - got, MSG_DONTWAIT);
		if (m > 0)
			got += m;
		if (m == 0 || (m < 0 && errno != EAGAIN))
			err(1, "%s: bulk", w->family);
		if (n <= 0 && m <= 0) {
			struct pollfd fds[] = {
				{ w->server, POLLIN, 0 },
				{ sent < BULK_SIZE ? w->client : -1, POLLOUT, 0 },
			};

			poll(fds, 2, 1000);
		}
	}
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static void report(const char *metric, struct way *w, double *values, int n)
{
	double median;

	qsort(values, n, sizeof(*values), by_value);
	median = values[n / 2];
	printf("%s\t%s\t%s\t%.3f\t%.2f\n", metric, w->path->name, w->family, median,
	       100 * (values[n - 1] - values[0]) / median);
	fflush(stdout);
}

struct metric {
	const char *name;
	void (*once)(struct way *w);
	int warm;
	int count;
	bool connected;
};

static const struct metric metrics[] = {
	{ "conn", do_conn, CONN_WARM, CONN_COUNT, false },
	{ "rr", do_rr, RR_WARM, RR_COUNT, true },
	{ "bulk64k", do_bulk64k, BULK_WARM, BULK_COUNT, true },
};

static void measure(const struct metric *m, const char *family, const struct path *path)
{
	struct way w = { .family = family, .path = path };
	double values[REPETITIONS], start;
	int rep, i;

	open_way(&w);
	if (m->connected)
		meet(&w);
	for (rep = 0; rep < REPETITIONS; rep++) {
		for (i = 0; i < m->warm; i++)
			m->once(&w);
		start = now();
		for (i = 0; i < m->count; i++)
			m->once(&w);
		values[rep] = (now() - start) / m->count;
		if (!m->connected)
			sleep(REST_SECONDS);
	}
	if (m->connected)
		part(&w);
	close_way(&w);
	report(m->name, &w, values, REPETITIONS);
}

/* Frees empty slabs, so that they do not count as used. */
static void shrink_slabs(void)
{
	glob_t found;
	size_t i;
	int fd;

	if (glob("/sys/kernel/slab/[!:]*/shrink", GLOB_NOSORT, NULL, &found))
		return;
	for (i = 0; i < found.gl_pathc; i++) {
		fd = open(found.gl_pathv[i], O_WRONLY);
		if (fd < 0)
			continue;
		if (write(fd, "1", 1) < 0)
			warn("%s", found.gl_pathv[i]);
		close(fd);
	}
	globfree(&found);
}

/*
 * Free pages, including those on per-CPU lists. Their decrease is all memory of
 * the connections: sockets, files, inodes, port buckets, pages for data.
 */
static double free_bytes(void)
{
	static char line[256];
	long pages = 0, n;
	FILE *zones = fopen("/proc/zoneinfo", "r");

	if (!zones)
		err(1, "/proc/zoneinfo");
	while (fgets(line, sizeof(line), zones))
		if (sscanf(line, " nr_free_pages %ld", &n) == 1 ||
		    sscanf(line, " count: %ld", &n) == 1)
			pages += n;
	fclose(zones);
	return (double)pages * sysconf(_SC_PAGESIZE);
}

static void open_many(struct way *w, int *fds, int n)
{
	int i;

	for (i = 0; i < n; i++) {
		meet(w);
		do_rr(w);
		fds[2 * i] = w->client;
		fds[2 * i + 1] = w->server;
	}
}

static void close_many(const int *fds, int n)
{
	int i;

	for (i = 0; i < 2 * n; i++)
		close(fds[i]);
	sleep(REST_SECONDS);
}

/*
 * The first repetition is not counted: the table of files, hash tables and
 * caches grow in it and keep their size.
 */
static void measure_mem(const char *family, const struct path *path)
{
	static int fds[2 * MEM_COUNT];
	struct way w = { .family = family, .path = path };
	double values[MEM_REPETITIONS], before;
	int rep;

	open_way(&w);
	for (rep = -1; rep < MEM_REPETITIONS; rep++) {
		shrink_slabs();
		before = free_bytes();
		open_many(&w, fds, MEM_COUNT);
		sleep(1);
		if (rep >= 0)
			values[rep] = (before - free_bytes()) / MEM_COUNT;
		close_many(fds, MEM_COUNT);
	}
	close_way(&w);
	report("mem", &w, values, MEM_REPETITIONS);
}

static bool has_path(const char *family, const struct path *path)
{
	return strcmp(family, "unix") || !path->client_ns;
}

int main(int argc, char **argv)
{
	struct rlimit files = { 2 * MEM_COUNT + 100, 2 * MEM_COUNT + 100 };
	bool times_only = argc > 1 && !strcmp(argv[1], "-t");
	int first = times_only ? 2 : 1, i;
	size_t p, m;

	if (argc <= first)
		errx(2, "usage: bench [-t] FAMILY...	(xtcp, tcp, unix)");
	if (setrlimit(RLIMIT_NOFILE, &files))
		err(1, "RLIMIT_NOFILE");
	for (p = 0; p < ARRAY_SIZE(paths); p++) {
		for (m = 0; m < ARRAY_SIZE(metrics); m++)
			for (i = first; i < argc; i++)
				if (has_path(argv[i], &paths[p]))
					measure(&metrics[m], argv[i], &paths[p]);
		for (i = first; i < argc && !times_only; i++)
			if (has_path(argv[i], &paths[p]))
				measure_mem(argv[i], &paths[p]);
	}
	return 0;
}
