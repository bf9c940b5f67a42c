// SPDX-License-Identifier: GPL-2.0
/*
 * pauses: transfers with XTCP wait for timers no longer than
 * with the kernel's TCP.
 *
 *	pauses [-n CASES] [-s SEED] [-v] [-w]
 *
 * A case is a random combination of MTU, buffers, window clamp, sizes of writes
 * and reads, TCP_NODELAY, TCP_CORK and MSG_MORE for a connection over lo. It
 * runs with the kernel's TCP at both ends, then with XTCP at one end and at
 * both. One process serves both ends, and sleeps only if neither end can read
 * or write: in virtual time, that is until a timer of TCP expires. A pause is a
 * sleep of 40 ms or more. A case fails if XTCP has more pauses than the
 * kernel's TCP, and a longer sum of them.
 *
 * If both ends send, one more pause of a delayed ACK (DELACK_US) is allowed: an
 * end that has always replied delays its ACK when it has nothing left to send.
 * Whether the peer waits for this ACK depends on the division of the data into
 * segments.
 *
 * This division has other effects: with a small receive buffer the kernel's
 * receiver may drop data within its window, and the sender retransmits it after
 * a timeout. So if XTCP pauses longer, up to NEIGHBOURS variations of the case
 * run with the kernel's TCP at both ends. They differ in the size of the
 * writes, and in which end finishes first. If one of them pauses as long, the
 * case is printed as excused and does not fail.
 *
 * Without -n, -s and -w: CASES with buffers of at least 8 KiB and WIDE_CASES
 * with buffers of any size, the same in each run; then FRESH_CASES with buffers
 * of any size, whose seeds begin at XTCP_CHECK_SEED + WIDE_CASES, or depend on
 * the time. With -n, -s or -w: CASES from SEED on (default: 1), with -w of any
 * buffer size. Failed and excused cases are printed with their seeds: "-n 1 -s
 * SEED" repeats one, with -w if its buffers were of any size. -v prints all
 * cases.
 */
#define XTCP_NO_HARNESS
#include "lib/xtcp_test.h"

#include <net/if.h>
#include <time.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

#define PAUSE_US	40000
#define DELACK_US	45000
#define STUCK_MS	10000
#define CASES		100
#define WIDE_CASES	200
#define FRESH_CASES	100
#define NEIGHBOURS	32

enum mode { ONE_WAY, ECHO, BOTH_WAYS, MODES };

static const char *const mode_name[] = { "one way", "echo", "both ways" };

struct usage {
	int family;
	enum mode mode;
	int mtu;
	int user_mss;
	int sndbuf;
	int rcvbuf;
	int clamp;
	int lowat;
	int chunk;		/* of a write */
	int piece;		/* of a read */
	int burst;		/* writes in a turn */
	int total;
	int ahead;		/* both ways: the client sends total - ahead */
	bool nodelay;
	bool cork;		/* from one chunk to the end of the next */
	bool more;		/* MSG_MORE on every other chunk */
};

/* One end: its progress, and the bytes that it has to send and to receive. */
struct end {
	int fd;
	int sent;
	int to_send;		/* now; an echo gets more as it reads */
	int got;
	int expect;
	int in_chunk;
	int chunks;
};

struct verdict {
	int pauses;
	int64_t paused_us;
	int64_t longest_us;
	const char *failure;
};

static uint64_t rnd_state;
static bool wide;
static int excused;
static char data[1 << 19];

static uint32_t rnd(void)
{
	rnd_state ^= rnd_state << 13;
	rnd_state ^= rnd_state >> 7;
	rnd_state ^= rnd_state << 17;
	return rnd_state >> 16;
}

/* A random number from low to high: all powers of two are equally likely. */
static int log_rnd(int low, int high)
{
	int bits_low = 0, bits_high = 0, bits;
	int64_t v;

	while (low >> (bits_low + 1))
		bits_low++;
	while (high >> (bits_high + 1))
		bits_high++;
	bits = bits_low + rnd() % (bits_high - bits_low + 1);
	v = (1LL << bits) + rnd() % (1u << bits);
	return v < low ? low : v > high ? high : v;
}

static bool one_in(int n)
{
	return rnd() % n == 0;
}

static int64_t now_us(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000LL + ts.tv_nsec / 1000;
}

static struct usage choose(uint64_t seed)
{
	int least = wide ? 1 : 8192;
	struct usage u = {};
	int most;

	rnd_state = (seed + 1) * 0x9e3779b97f4a7c15ULL;
	rnd();
	u.family = one_in(2) ? AF_INET : AF_INET6;
	u.mode = rnd() % MODES;
	u.mtu = one_in(3) ? 65536 : one_in(3) ? 1500 :
		log_rnd(u.family == AF_INET ? 88 : 1280, 65536);
	u.user_mss = one_in(4) ? log_rnd(88, 32767) : 0;
	u.sndbuf = one_in(2) ? log_rnd(least, 1 << 20) : 0;
	u.rcvbuf = one_in(2) ? log_rnd(least, 1 << 22) : 0;
	u.clamp = one_in(3) ? log_rnd(1, 1 << 22) : 0;
	u.lowat = one_in(6) ? log_rnd(1, 1 << 18) : 0;
	u.chunk = log_rnd(1, sizeof(data));
	u.piece = log_rnd(u.chunk < 64 ? 1 : u.chunk / 64, sizeof(data));
	u.burst = log_rnd(1, 64);
	most = log_rnd(4, 400);
	u.total = u.chunk > (2 << 20) / most ? 2 << 20 : u.chunk * most;
	u.nodelay = one_in(3);
	u.cork = one_in(5);
	u.more = one_in(5);
	return u;
}

static void show(uint64_t seed, const struct usage *u)
{
	printf("# seed %llu: %s %s mtu %d maxseg %d sndbuf %d rcvbuf %d clamp %d lowat %d write %d x %d read %d total %d%s%s%s\n",
	       (unsigned long long)seed, u->family == AF_INET ? "v4" : "v6",
	       mode_name[u->mode], u->mtu, u->user_mss, u->sndbuf, u->rcvbuf,
	       u->clamp, u->lowat, u->chunk, u->burst, u->piece, u->total,
	       u->nodelay ? " nodelay" : "", u->cork ? " cork" : "",
	       u->more ? " more" : "");
}

static int set_mtu(int mtu)
{
	struct ifreq ifr = { .ifr_name = "lo", .ifr_mtu = mtu };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	int err = ioctl(fd, SIOCSIFMTU, &ifr);

	close(fd);
	return err;
}

static void prepare_socket(int fd, const struct usage *u)
{
	if (u->user_mss)
		set_int(fd, SOL_TCP, TCP_MAXSEG, u->user_mss);
	if (u->sndbuf)
		set_int(fd, SOL_SOCKET, SO_SNDBUF, u->sndbuf);
	if (u->rcvbuf)
		set_int(fd, SOL_SOCKET, SO_RCVBUF, u->rcvbuf);
	if (u->clamp)
		set_int(fd, SOL_TCP, TCP_WINDOW_CLAMP, u->clamp);
	if (u->nodelay)
		set_int(fd, SOL_TCP, TCP_NODELAY, 1);
}

/* Writes up to u->burst times. Return: whether send() accepted any data. */
static bool write_turn(struct end *e, const struct usage *u)
{
	bool any = false;
	int turn;

	for (turn = 0; turn < u->burst && e->sent < e->to_send; turn++) {
		int left = u->chunk - e->in_chunk, flags = MSG_DONTWAIT;
		bool last;
		ssize_t n;

		if (left > e->to_send - e->sent)
			left = e->to_send - e->sent;
		last = e->sent + left == e->to_send;
		if (u->cork && !e->in_chunk && e->chunks % 2 == 0)
			set_int(e->fd, SOL_TCP, TCP_CORK, 1);
		if (u->more && e->chunks % 2 == 0 && !last)
			flags |= MSG_MORE;
		n = send(e->fd, data, left, flags);
		if (n <= 0)
			return any;
		any = true;
		e->sent += n;
		e->in_chunk += n;
		if (e->in_chunk == u->chunk || last) {
			e->in_chunk = 0;
			e->chunks++;
		}
		if (u->cork && (last || (!e->in_chunk && e->chunks % 2 == 0)))
			set_int(e->fd, SOL_TCP, TCP_CORK, 0);
	}
	return any;
}

/* If the rest is not more than SO_RCVLOWAT, poll() must not wait for more. */
static void spare_lowat(struct end *e, const struct usage *u)
{
	if (u->lowat && e->expect - e->got <= u->lowat)
		set_int(e->fd, SOL_SOCKET, SO_RCVLOWAT, 1);
}

static bool read_turn(struct end *e, const struct usage *u)
{
	struct pollfd p = { .fd = e->fd, .events = POLLIN };
	ssize_t n;

	/* poll() first: recv() with MSG_DONTWAIT ignores SO_RCVLOWAT. */
	if (e->got == e->expect || poll(&p, 1, 0) != 1)
		return false;
	n = recv(e->fd, data, u->piece, MSG_DONTWAIT);
	if (n <= 0)
		return false;
	e->got += n;
	spare_lowat(e, u);
	return true;
}

static bool finished(const struct end *e)
{
	return e->sent == e->to_send && e->got == e->expect;
}

/* Sleeps until an end can read or write; counts a pause. */
static void sleep_on(struct end *ends, struct verdict *v)
{
	struct pollfd p[2];
	int64_t began = now_us(), took;
	int i;

	for (i = 0; i < 2; i++) {
		p[i].fd = ends[i].fd;
		p[i].events = (ends[i].sent < ends[i].to_send ? POLLOUT : 0) |
			      (ends[i].got < ends[i].expect ? POLLIN : 0);
	}
	if (!poll(p, 2, STUCK_MS))
		v->failure = "stuck";
	if ((p[0].revents | p[1].revents) & (POLLERR | POLLHUP))
		v->failure = "connection lost";
	took = now_us() - began;
	if (took < PAUSE_US)
		return;
	v->pauses++;
	v->paused_us += took;
	if (took > v->longest_us)
		v->longest_us = took;
}

static void exchange(struct end *a, struct end *b, const struct usage *u,
		     struct verdict *v)
{
	struct end *ends = a;

	while (!v->failure && !(finished(a) && finished(b))) {
		bool any = write_turn(a, u) | read_turn(b, u);

		/* An echo answers a whole chunk at a time. */
		if (u->mode == ECHO)
			b->to_send = b->got == b->expect ? b->got :
				     b->got - b->got % u->chunk;
		any |= write_turn(b, u) | read_turn(a, u);
		if (u->mode == ECHO && a->got == a->sent &&
		    a->sent < u->total) {
			a->to_send = a->sent + u->chunk < u->total ?
				     a->sent + u->chunk : u->total;
			any = true;
		}
		if (!any)
			sleep_on(ends, v);
	}
}

static struct verdict run(const struct usage *u, enum stack client,
			  enum stack server)
{
	struct address address = loopback(u->family, 0);
	struct verdict v = {};
	struct end end[2] = {};
	int listener, fd;

	listener = open_socket(server, u->family);
	prepare_socket(listener, u);
	fd = open_socket(client, u->family);
	prepare_socket(fd, u);
	if (do_bind(listener, &address) || listen(listener, 1))
		v.failure = "listen";
	address = name_of(listener);
	if (!v.failure && do_connect(fd, &address))
		v.failure = "connect";
	end[0].fd = fd;
	end[1].fd = v.failure ? -1 : accept(listener, NULL, NULL);
	close(listener);
	if (end[1].fd < 0) {
		close(fd);
		return v;
	}
	if (u->mode == ECHO)
		end[0].to_send = u->chunk < u->total ? u->chunk : u->total;
	else
		end[0].to_send = u->total - u->ahead;
	end[1].expect = u->total - u->ahead;
	if (u->mode != ONE_WAY)
		end[0].expect = u->total;
	if (u->mode == BOTH_WAYS)
		end[1].to_send = u->total;
	if (u->lowat && u->mode == ONE_WAY) {
		set_int(end[1].fd, SOL_SOCKET, SO_RCVLOWAT, u->lowat);
		spare_lowat(&end[1], u);
	}
	exchange(&end[0], &end[1], u, &v);
	/* No TIME-WAIT. */
	setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){ 1, 0 },
		   sizeof(struct linger));
	close(fd);
	close(end[1].fd);
	return v;
}

static const struct {
	enum stack client, server;
	const char *name;
} ways[] = {
	{ TCP, TCP, "TCP to TCP" },
	{ XTCP, XTCP, "XTCP to XTCP" },
	{ XTCP, TCP, "XTCP to TCP" },
	{ TCP, XTCP, "TCP to XTCP" },
};

#define WAYS	((int)ARRAY_SIZE(ways))

static bool worse(const struct usage *u, const struct verdict *v,
		  const struct verdict *tcp)
{
	if (v->failure)
		return !tcp->failure;
	if (u->mode != ONE_WAY && v->pauses == tcp->pauses + 1 &&
	    v->paused_us - tcp->paused_us < DELACK_US)
		return false;
	return v->pauses > tcp->pauses && v->paused_us > tcp->paused_us;
}

/* The @k-th variation of @u, which divides the data into other segments. */
static struct usage neighbour(const struct usage *u, int k)
{
	int delta = k % 2 ? -(k / 2 + 1) : k / 2;
	struct usage n = *u;

	n.chunk += n.chunk / 64 * delta + delta;
	if (n.chunk < 1)
		n.chunk = 1;
	if (n.chunk > (int)sizeof(data))
		n.chunk = sizeof(data);
	if (n.mode == BOTH_WAYS)
		n.ahead = n.total / 8 * (k % 3);
	return n;
}

/* Return: whether the kernel's TCP pauses as long in a variation of @u. */
static bool excuse(uint64_t seed, const struct usage *u, const char *way,
		   const struct verdict *v)
{
	int k;

	for (k = 0; k < NEIGHBOURS && !v->failure; k++) {
		struct usage n = neighbour(u, k);
		struct verdict tcp = run(&n, TCP, TCP);

		if (tcp.failure || worse(u, v, &tcp))
			continue;
		printf("# seed %llu excused: %s has %d pauses, %lld ms; TCP to TCP with write %d, ahead %d: %d, %lld ms\n",
		       (unsigned long long)seed, way, v->pauses,
		       (long long)v->paused_us / 1000, n.chunk, n.ahead,
		       tcp.pauses, (long long)tcp.paused_us / 1000);
		excused++;
		return true;
	}
	return false;
}

/* Runs one case with all pairs of stacks. Return: whether XTCP passes. */
static bool try(uint64_t seed, bool verbose)
{
	struct usage u = choose(seed);
	struct verdict v[WAYS];
	bool bad[WAYS] = {};
	bool ok = true;
	int i;

	if (set_mtu(u.mtu)) {
		printf("# MTU %d: %s\n", u.mtu, strerror(errno));
		return false;
	}
	for (i = 0; i < WAYS; i++) {
		v[i] = run(&u, ways[i].client, ways[i].server);
		bad[i] = worse(&u, &v[i], &v[0]) &&
			 !excuse(seed, &u, ways[i].name, &v[i]);
		ok &= !bad[i];
	}
	if (ok && !verbose)
		return true;
	show(seed, &u);
	for (i = 0; i < WAYS; i++)
		printf("#   %-12s %d pauses, %lld ms, the longest %lld ms%s%s%s\n",
		       ways[i].name, v[i].pauses,
		       (long long)v[i].paused_us / 1000,
		       (long long)v[i].longest_us / 1000,
		       v[i].failure ? ", " : "", v[i].failure ?: "",
		       bad[i] ? " <--" : "");
	return ok;
}

static int points;

/* One point of TAP: @cases from @seed on. */
static bool sweep(const char *name, bool any_size, uint64_t seed, int cases,
		  bool verbose)
{
	const char *option = any_size ? " with -w" : "";
	int failed = 0, i;

	wide = any_size;
	excused = 0;
	for (i = 0; i < cases; i++)
		failed += !try(seed + i, verbose);
	printf("# %d cases from seed %llu%s, %d excused, %d failed\n", cases,
	       (unsigned long long)seed, option, excused, failed);
	printf("%s %d %s\n", failed ? "not ok" : "ok", ++points, name);
	fflush(stdout);
	return !failed;
}

static uint64_t fresh_seed(void)
{
	const char *given = getenv("XTCP_CHECK_SEED");

	if (given)
		return strtoull(given, NULL, 0) + WIDE_CASES;
	return time(NULL) * 1000ULL;
}

int main(int argc, char **argv)
{
	bool verbose = false, any_size = false, asked = false, ok;
	uint64_t seed = 1;
	int cases = CASES, opt;

	while ((opt = getopt(argc, argv, "n:s:vw")) != -1) {
		switch (opt) {
		case 'n':
			cases = atoi(optarg);
			asked = true;
			break;
		case 's':
			seed = strtoull(optarg, NULL, 0);
			asked = true;
			break;
		case 'v':
			verbose = true;
			break;
		case 'w':
			any_size = true;
			asked = true;
			break;
		default:
			fprintf(stderr, "usage: pauses [-n CASES] [-s SEED] [-v] [-w]\n");
			return 2;
		}
	}
	printf("TAP version 13\n1..%d\n", asked ? 1 : 3);
	if (!virtual_time() || getenv("XTCP_REFERENCE")) {
		while (points < (asked ? 1 : 3))
			printf("ok %d pauses # SKIP needs virtual time, and XTCP\n",
			       ++points);
		return 0;
	}
	signal(SIGPIPE, SIG_IGN);
	prepare();
	memset(data, 'x', sizeof(data));
	if (new_netns()) {
		printf("not ok 1 pauses: no network namespace\n");
		return 1;
	}
	if (asked)
		return !sweep("pauses", any_size, seed, cases, verbose);
	ok = sweep("buffers of 8 KiB and more", false, 1, CASES, verbose);
	ok &= sweep("buffers of any size", true, 1, WIDE_CASES, verbose);
	ok &= sweep("buffers of any size, other cases", true, fresh_seed(),
		    FRESH_CASES, verbose);
	return !ok;
}
