// SPDX-License-Identifier: GPL-2.0
/*
 * churn: short connections, mostly without an orderly close.
 *
 *	churn [-6] [-t] [-p PROCESSES] [-s SECONDS] [-n ROUNDS] [-r SEED]
 *
 * Each process has a listener, whose port all others know, and repeatedly
 * performs a random action: active and passive close, resets, abandoned
 * connects to a random listener, unread data, killed children, listeners closed
 * with full queues. Checks the transferred data and errno. -t: the kernel's TCP
 * instead of XTCP. Default: two processes for five seconds. Prints counts of
 * the actions. Exit status: 1 for an error.
 */

/* XT-8: on several CPUs close, RST, timers and reads run concurrently */
#include "lib/stack.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#define MAXPROCS	64

enum deed {
	ECHO, SERVER_FIRST, RST_CLIENT, RST_SERVER, ABANDON, UNREAD, LISTENER_GONE,
	KILLED, HALF_CLOSE, REFUSED, BULK, UNACCEPTED, SHUT_BOTH, LATE_DATA,
	OOB, UNSPEC, TURNCOAT, LOOK, NDEEDS,
};

static const char *const name[NDEEDS] = {
	"echo", "server first", "rst client", "rst server", "abandon", "unread",
	"listener gone", "killed", "half close", "refused", "bulk", "unaccepted",
	"shut both", "late data", "oob", "unspec",
	"turncoat", "look",
};

struct shared {
	int port[MAXPROCS];
	unsigned long done[MAXPROCS][NDEEDS];
	unsigned long wrong;
	int stop;
};

static struct shared *sh;
static bool v6, tcp;
static int me, nprocs = 2, lfd = -1;
static uint32_t rnd;

static uint32_t any(uint32_t below)
{
	rnd ^= rnd << 13;
	rnd ^= rnd >> 17;
	rnd ^= rnd << 5;
	return rnd % below;
}

static void wrong(enum deed d, const char *what)
{
	fprintf(stderr, "churn: %s: %s: %s\n", name[d], what, strerror(errno));
	__sync_fetch_and_add(&sh->wrong, 1);
}

static int sock(void)
{
	int fd = stack_socket(tcp, v6, SOCK_CLOEXEC);
	struct timeval tv = { .tv_sec = 5 };

	if (fd < 0) {
		if (errno != ENOBUFS && errno != ENOMEM && errno != EMFILE)
			die("churn: socket");
		return -1;
	}
	/* Each call has a time limit. */
	setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
	setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
	return fd;
}

static int loopback(struct sockaddr_storage *ss, int port)
{
	return stack_address(ss, v6, v6 ? "::1" : "127.0.0.1", port);
}

static int listener(int *port, int backlog)
{
	struct sockaddr_storage ss;
	socklen_t len = loopback(&ss, 0);
	int fd = sock();

	if (fd < 0)
		return -1;
	if (bind(fd, (struct sockaddr *)&ss, len) || listen(fd, backlog) ||
	    getsockname(fd, (struct sockaddr *)&ss, &len)) {
		close(fd);
		return -1;
	}
	*port = ntohs(v6 ? ((struct sockaddr_in6 *)&ss)->sin6_port :
		      ((struct sockaddr_in *)&ss)->sin_port);
	return fd;
}

/* Both ends of a new connection; its listener is closed again. */
static bool pair(int *c, int *s)
{
	struct sockaddr_storage ss;
	socklen_t len;
	int port, l = listener(&port, 4);

	*c = *s = -1;
	if (l < 0)
		return false;
	len = loopback(&ss, port);
	*c = sock();
	if (*c >= 0 && !connect(*c, (struct sockaddr *)&ss, len))
		*s = accept4(l, NULL, NULL, SOCK_CLOEXEC);
	close(l);
	if (*s >= 0) {
		struct timeval tv = { .tv_sec = 5 };

		setsockopt(*s, SOL_SOCKET, SO_RCVTIMEO, &tv, sizeof(tv));
		setsockopt(*s, SOL_SOCKET, SO_SNDTIMEO, &tv, sizeof(tv));
		return true;
	}
	if (*c >= 0)
		close(*c);
	return false;
}

static void leave(int *fd)
{
	close(*fd);
	*fd = -1;
}

static void reset(int fd)
{
	struct linger l = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	close(fd);
}

/* Connects to any listener; its owner accepts the connection. */
static int to_somebody(int flags, int *err)
{
	struct sockaddr_storage ss;
	socklen_t len = loopback(&ss, sh->port[any(nprocs)]);
	int fd = sock();

	*err = 0;
	if (fd < 0)
		return -1;
	if (flags)
		fcntl(fd, F_SETFL, flags);
	if (connect(fd, (struct sockaddr *)&ss, len))
		*err = errno;
	return fd;
}

/*
 * Accepts the connections to the listener of this process, echoes some data,
 * and closes or resets them.
 */
static void serve(void)
{
	char buf[300];
	int fd;

	while ((fd = accept4(lfd, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		ssize_t n = recv(fd, buf, sizeof(buf), 0);

		if (n > 0 && any(2))
			send(fd, buf, n, MSG_NOSIGNAL);
		if (any(8) == 0)
			reset(fd);
		else
			close(fd);
	}
}

static void bytes(enum deed d, int from, int to, int n)
{
	static uint8_t a[100000], b[100000];
	int got = 0, sent = 0;

	for (int i = 0; i < n; i++)
		a[i] = any(256);
	fcntl(from, F_SETFL, O_NONBLOCK);
	while (got < n) {
		ssize_t k = sent < n ? send(from, a + sent, n - sent, MSG_NOSIGNAL) : 0;

		if (k > 0)
			sent += k;
		else if (k < 0 && errno != EAGAIN)
			return wrong(d, "send");
		k = recv(to, b + got, n - got, sent < n ? MSG_DONTWAIT : 0);
		if (k > 0)
			got += k;
		else if (k == 0 || (errno != EAGAIN || sent == n))
			return wrong(d, "recv");
	}
	fcntl(from, F_SETFL, 0);
	if (memcmp(a, b, n)) {
		errno = EBADMSG;
		wrong(d, "data");
	}
}

static void end(enum deed d, int fd)
{
	char c;
	ssize_t n = recv(fd, &c, 1, 0);

	if (n)
		wrong(d, n > 0 ? "data instead of the end" : "no end");
}

static void killed(void)
{
	int ready[2], status;
	pid_t pid;
	char c;

	if (pipe(ready))
		return;
	pid = fork();
	if (!pid) {
		int x, y, e;

		prctl(PR_SET_PDEATHSIG, SIGKILL);
		for (int i = any(4); i >= 0; i--) {
			if (pair(&x, &y))
				send(x, "abc", 3, MSG_NOSIGNAL);
			to_somebody(O_NONBLOCK, &e);
		}
		if (write(ready[1], "x", 1) != 1)
			_exit(1);
		for (;;) {
			if (pair(&x, &y))
				close(any(2) ? x : y);
			if (any(20) == 0)
				pause();
		}
	}
	close(ready[1]);
	if (pid > 0) {
		if (read(ready[0], &c, 1) != 1)
			wrong(KILLED, "child");
		kill(pid, SIGKILL);
		waitpid(pid, &status, 0);
	}
	close(ready[0]);
}

/* A socket that listens, connects, and listens again. */
static void turncoat(void)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };
	struct sockaddr_storage ss;
	int port, fd = listener(&port, 4);
	char name[16];
	socklen_t len;

	if (fd < 0)
		return;
	fcntl(fd, F_SETFL, O_NONBLOCK);
	for (int i = any(8); i >= 0; i--) {
		/* The kernel's TCP requires a disconnect first. */
		if (tcp || any(2))
			connect(fd, &none, sizeof(none));
		len = loopback(&ss, sh->port[any(nprocs)]);
		connect(fd, (struct sockaddr *)&ss, len);
		len = sizeof(name);
		if (getsockopt(fd, IPPROTO_TCP, TCP_CONGESTION, name, &len))
			wrong(TURNCOAT, "TCP_CONGESTION");
		if (connect(fd, &none, sizeof(none)))
			wrong(TURNCOAT, "AF_UNSPEC");
		if (listen(fd, 4))
			wrong(TURNCOAT, "listen");
	}
	close(fd);
}

/* Reads the connection table in /proc. */
static void look(void)
{
	const char *path = tcp ? v6 ? "/proc/net/tcp6" : "/proc/net/tcp" :
				 v6 ? "/proc/net/xtcp6" : "/proc/net/xtcp";
	char buf[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	while ((n = read(fd, buf, sizeof(buf))) > 0)
		;
	if (fd < 0 || n < 0)
		wrong(LOOK, path);
	close(fd);
}

/* Closes a listener with connections in its queue, and others in progress. */
static void listener_gone(void)
{
	struct sockaddr_storage ss;
	int port, l = listener(&port, any(4)), n;
	socklen_t len;

	if (l < 0)
		return;
	len = loopback(&ss, port);
	n = any(8);
	for (int i = 0; i < n && l >= 0; i++) {
		int fd = sock();

		if (fd < 0)
			break;
		fcntl(fd, F_SETFL, O_NONBLOCK);
		if (connect(fd, (struct sockaddr *)&ss, len) && errno != EINPROGRESS)
			wrong(LISTENER_GONE, "connect");
		if (!any(2))
			leave(&l);
		close(fd);
	}
	if (l >= 0)
		close(l);
}

static void abandon(void)
{
	int err, c = to_somebody(O_NONBLOCK, &err);

	if (c < 0)
		return;
	if (err && err != EINPROGRESS && err != EAGAIN && err != EADDRNOTAVAIL) {
		errno = err;
		wrong(ABANDON, "connect");
	}
	if (any(2))
		reset(c);
	else
		close(c);
}

static void refused(void)
{
	struct sockaddr_storage ss;
	int port, c, l = listener(&port, 1);
	socklen_t len;

	if (l < 0)
		return;
	close(l);
	len = loopback(&ss, port);
	c = sock();
	if (c < 0)
		return;
	/* Another process may have bound the port meanwhile. */
	if (connect(c, (struct sockaddr *)&ss, len) && errno != ECONNREFUSED &&
	    errno != EADDRNOTAVAIL && errno != ECONNRESET && errno != EINPROGRESS &&
	    errno != ETIMEDOUT)
		wrong(REFUSED, "connect");
	close(c);
}

/* Closes a connection that the owner of its listener accepts later. */
static void unaccepted(void)
{
	int err, c = to_somebody(O_NONBLOCK, &err);
	char buf[100];

	if (c < 0)
		return;
	send(c, "hello", 5, MSG_NOSIGNAL);
	recv(c, buf, sizeof(buf), 0);
	close(c);
}

static void expect_reset(enum deed d, int fd)
{
	char buf[100];

	if (recv(fd, buf, sizeof(buf), 0) >= 0 || errno != ECONNRESET)
		wrong(d, "recv");
}

static void echo(int *c, int *s)
{
	bytes(ECHO, *c, *s, 1 + any(2000));
	bytes(ECHO, *s, *c, 1 + any(2000));
	leave(c);
	end(ECHO, *s);
}

static void server_first(int *c, int *s)
{
	bytes(SERVER_FIRST, *c, *s, 1 + any(100));
	leave(s);
	end(SERVER_FIRST, *c);
}

static void rst_client(int *c, int *s)
{
	bytes(RST_CLIENT, *c, *s, 1 + any(100));
	reset(*c);
	*c = -1;
	expect_reset(RST_CLIENT, *s);
}

static void rst_server(int *c, int *s)
{
	send(*c, "abc", 3, MSG_NOSIGNAL);
	reset(*s);
	*s = -1;
	expect_reset(RST_SERVER, *c);
}

static void unread(int *c, int *s)
{
	char buf;

	bytes(UNREAD, *c, *s, 1 + any(100));
	send(*c, "unread", 6, MSG_NOSIGNAL);
	if (recv(*s, &buf, 1, MSG_PEEK) != 1)
		wrong(UNREAD, "peek");
	leave(s);
	expect_reset(UNREAD, *c);
}

static void half_close(int *c, int *s)
{
	shutdown(*c, SHUT_WR);
	end(HALF_CLOSE, *s);
	bytes(HALF_CLOSE, *s, *c, 1 + any(50000));
	shutdown(*s, SHUT_WR);
	end(HALF_CLOSE, *c);
}

static void bulk(int *c, int *s)
{
	bytes(BULK, *c, *s, 1 + any(100000));
	bytes(BULK, *s, *c, 1 + any(100000));
}

static void shut_both(int *c, int *s)
{
	shutdown(*c, SHUT_WR);
	shutdown(*s, SHUT_WR);
	end(SHUT_BOTH, *c);
	end(SHUT_BOTH, *s);
}

/* Sends to an end that is closed: a RST arrives, then EPIPE or ECONNRESET. */
static void late_data(int *c, int *s)
{
	leave(s);
	end(LATE_DATA, *c);
	for (int i = 0; i < 3; i++)
		if (send(*c, "late", 4, MSG_NOSIGNAL) < 0 && errno != EPIPE &&
		    errno != ECONNRESET)
			wrong(LATE_DATA, "send");
}

static void oob(int *c, int *s)
{
	if (send(*c, "u", 1, MSG_OOB | MSG_NOSIGNAL) != 1)
		wrong(OOB, "send");
}

static void unspec(int *c, int *s)
{
	struct sockaddr none = { .sa_family = AF_UNSPEC };

	if (connect(*c, &none, sizeof(none)))
		wrong(UNSPEC, "connect");
}

static void (*const alone[NDEEDS])(void) = {
	[LISTENER_GONE] = listener_gone, [KILLED] = killed, [ABANDON] = abandon,
	[TURNCOAT] = turncoat, [LOOK] = look, [REFUSED] = refused,
	[UNACCEPTED] = unaccepted,
};

/* Actions on both ends of a new connection; a closed end becomes -1. */
static void (*const between[NDEEDS])(int *c, int *s) = {
	[ECHO] = echo, [SERVER_FIRST] = server_first, [RST_CLIENT] = rst_client,
	[RST_SERVER] = rst_server, [UNREAD] = unread, [HALF_CLOSE] = half_close,
	[BULK] = bulk, [SHUT_BOTH] = shut_both, [LATE_DATA] = late_data,
	[OOB] = oob, [UNSPEC] = unspec,
};

static void deed(enum deed d)
{
	int c, s;

	if (alone[d]) {
		alone[d]();
		return;
	}
	if (!pair(&c, &s))
		return;
	between[d](&c, &s);
	if (c >= 0)
		close(c);
	if (s >= 0)
		close(s);
}

static void worker(double until, unsigned long rounds)
{
	for (unsigned long i = 0; !sh->stop && (!rounds || i < rounds) &&
	     (!until || seconds() < until); i++) {
		enum deed d = any(NDEEDS);

		deed(d);
		sh->done[me][d]++;
		serve();
	}
}

static void on_term(int sig)
{
	(void)sig;
	sh->stop = 1;
}

int main(int argc, char **argv)
{
	unsigned long rounds = 0, sum = 0;
	double limit = 0, until;
	uint32_t seed = time(NULL) ^ getpid();
	pid_t pid[MAXPROCS];
	int c, status, bad = 0;

	while ((c = getopt(argc, argv, "6tp:s:n:r:")) != -1) {
		switch (c) {
		case '6':
			v6 = true;
			break;
		case 't':
			tcp = true;
			break;
		case 'p':
			nprocs = atoi(optarg);
			break;
		case 's':
			limit = atof(optarg);
			break;
		case 'n':
			rounds = strtoul(optarg, NULL, 0);
			break;
		case 'r':
			seed = strtoul(optarg, NULL, 0);
			break;
		default:
			fprintf(stderr, "Usage: churn [-6] [-t] [-p PROCESSES] [-s SECONDS] [-n ROUNDS] [-r SEED]\n");
			return 2;
		}
	}
	if (nprocs < 1 || nprocs > MAXPROCS)
		nprocs = 2;
	if (!limit && !rounds)
		limit = 5;
	printf("churn: seed %u\n", seed);
	fflush(stdout);
	sh = mmap(NULL, sizeof(*sh), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (sh == MAP_FAILED)
		die("churn: mmap");
	signal(SIGTERM, on_term);
	signal(SIGINT, on_term);
	until = limit ? seconds() + limit : 0;
	for (me = 0; me < nprocs; me++) {
		int l = listener(&sh->port[me], 16);

		if (l < 0)
			die("churn: listen");
		pid[me] = fork();
		if (!pid[me]) {
			/* If the parent is killed, so are the workers. */
			prctl(PR_SET_PDEATHSIG, SIGKILL);
			fcntl(l, F_SETFL, O_NONBLOCK);
			lfd = l;
			rnd = seed + me * 7919 + 1;
			worker(until, rounds);
			_exit(0);
		}
		close(l);
	}
	for (int i = 0; i < nprocs; i++) {
		while (waitpid(pid[i], &status, 0) < 0 && errno == EINTR)
			;
		if (!WIFEXITED(status) || WEXITSTATUS(status))
			bad = 1;
	}
	for (int d = 0; d < NDEEDS; d++) {
		unsigned long n = 0;

		for (int i = 0; i < nprocs; i++)
			n += sh->done[i][d];
		sum += n;
		printf("churn: %-14s %lu\n", name[d], n);
	}
	printf("churn: %lu connections, %lu failures\n", sum, sh->wrong);
	return bad || sh->wrong;
}
