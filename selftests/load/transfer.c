// SPDX-License-Identifier: GPL-2.0
/*
 * transfer: moves bytes both ways through one connection and checks each.
 *
 *	transfer server [-6] [-t] [-b BYTES] [-m MODE] PORT BYTES
 *	transfer client [-6] [-t] [-b BYTES] [-m MODE] HOST PORT BYTES
 *
 * -t: the kernel's TCP instead of XTCP. -b: SO_RCVBUF. MODE, the same at both
 * ends:
 *   both	BYTES in each direction at the same time (the default)
 *   up, down	BYTES from the client, from the server; the other side only
 *		closes
 *   half	the client sends BYTES and shuts down; then the server answers
 *		with as many
 *   echo	the client sends blocks of up to 1000 bytes and waits for the
 *		echo of each
 * The server prints "listening" when its socket listens, serves one client and
 * exits.
 */
#include "lib/stack.h"

#include <fcntl.h>
#include <signal.h>

#define CHUNK	65536

static uint8_t out[CHUNK], in[CHUNK], want[CHUNK];
static const char *self;

/* One direction of a connection. */
struct way {
	struct stream stream;
	uint64_t want, done;
	bool ended;
};

/* Bytes of the outgoing stream; out[at] to out[have] were not sent yet. */
struct chunk {
	uint64_t filled;
	size_t have, at;
	uint32_t rnd;
};

static void timed_out(const struct way *tx, const struct way *rx)
{
	fprintf(stderr, "%s: no progress for ten minutes: %llu of %llu sent, %llu of %llu received\n",
		self, (unsigned long long)tx->done, (unsigned long long)tx->want,
		(unsigned long long)rx->done, (unsigned long long)rx->want);
	exit(1);
}

static void check_bytes(struct way *rx, ssize_t n)
{
	stream_take(&rx->stream, want, n);
	for (ssize_t i = 0; i < n; i++)
		if (in[i] != want[i]) {
			fprintf(stderr, "%s: mismatch at byte %llu\n", self,
				(unsigned long long)rx->done + i);
			exit(1);
		}
	rx->done += n;
}

static void receive_some(int fd, struct way *rx)
{
	ssize_t n = recv(fd, in, CHUNK, 0);

	if (n < 0 && errno != EAGAIN)
		die("%s: recv after %llu bytes", self, (unsigned long long)rx->done);
	if (!n) {
		rx->ended = true;
		if (rx->done < rx->want) {
			fprintf(stderr, "%s: end of stream after %llu of %llu bytes\n", self,
				(unsigned long long)rx->done, (unsigned long long)rx->want);
			exit(1);
		}
	}
	if (n > 0)
		check_bytes(rx, n);
	if (rx->done > rx->want) {
		fprintf(stderr, "%s: more than %llu bytes\n", self,
			(unsigned long long)rx->want);
		exit(1);
	}
}

static void send_some(int fd, struct way *tx, struct chunk *c)
{
	ssize_t n;

	if (c->at == c->have) {
		c->rnd = c->rnd * 1103515245 + 12345;
		c->have = 1 + (c->rnd >> 8) % CHUNK;
		if (c->have > tx->want - c->filled)
			c->have = tx->want - c->filled;
		stream_take(&tx->stream, out, c->have);
		c->filled += c->have;
		c->at = 0;
	}
	n = send(fd, out + c->at, c->have - c->at, MSG_NOSIGNAL);
	if (n < 0 && errno != EAGAIN)
		die("%s: send after %llu bytes", self, (unsigned long long)tx->done);
	if (n > 0) {
		c->at += n;
		tx->done += n;
	}
}

/*
 * Sends bytes_out and receives bytes_in at the same time, both until the end of
 * the stream; "after": sends only after the end of the incoming stream.
 */
static void move(int fd, uint64_t bytes_out, uint64_t bytes_in, bool server, bool after)
{
	struct way tx = { .want = bytes_out }, rx = { .want = bytes_in };
	struct chunk c = { .rnd = 1 };

	stream_init(&tx.stream, server ? 2 : 1);
	stream_init(&rx.stream, server ? 1 : 2);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (tx.done < tx.want || rx.done < rx.want || !tx.ended || !rx.ended) {
		bool may_send = !after || rx.ended;
		struct pollfd p = { .fd = fd };
		int n;

		if (tx.done == tx.want && !tx.ended && may_send) {
			if (shutdown(fd, SHUT_WR))
				die("%s: shutdown", self);
			tx.ended = true;
			continue;
		}
		p.events = (tx.done < tx.want && may_send ? POLLOUT : 0) |
			   (rx.done < rx.want || !rx.ended ? POLLIN : 0);
		if (!p.events)
			break;
		n = poll(&p, 1, 600 * 1000);
		if (n < 0)
			die("%s: poll", self);
		if (!n)
			timed_out(&tx, &rx);
		if (p.revents & (POLLIN | POLLHUP | POLLERR))
			receive_some(fd, &rx);
		if (tx.done < tx.want && may_send && p.revents & POLLOUT)
			send_some(fd, &tx, &c);
	}
}

static void all(int fd, uint8_t *p, size_t n, bool write)
{
	while (n) {
		ssize_t k = write ? send(fd, p, n, MSG_NOSIGNAL) : recv(fd, p, n, MSG_WAITALL);

		if (k <= 0)
			die("%s: %s", self, write ? "send" : "recv");
		p += k;
		n -= k;
	}
}

static void echo_client(int fd, uint64_t bytes)
{
	struct stream s;

	stream_init(&s, 3);
	for (size_t n = 1; bytes; bytes -= n) {
		n = n * 7 % 1000 + 1;
		if (n > bytes)
			n = bytes;
		stream_take(&s, out, n);
		all(fd, out, n, true);
		all(fd, in, n, false);
		if (memcmp(in, out, n)) {
			fprintf(stderr, "%s: the echo differs from the data sent\n", self);
			exit(1);
		}
	}
	shutdown(fd, SHUT_WR);
	if (recv(fd, in, 1, 0) != 0)
		die("%s: no end of stream", self);
}

static void echo_server(int fd)
{
	ssize_t n;

	while ((n = recv(fd, in, CHUNK, 0)) > 0)
		all(fd, in, n, true);
	if (n < 0)
		die("%s: recv", self);
}

static void talk(int fd, const char *mode, bool server, uint64_t bytes)
{
	if (!strcmp(mode, "both")) {
		move(fd, bytes, bytes, server, false);
	} else if (!strcmp(mode, "up")) {
		move(fd, server ? 0 : bytes, server ? bytes : 0, server, false);
	} else if (!strcmp(mode, "down")) {
		move(fd, server ? bytes : 0, server ? 0 : bytes, server, false);
	} else if (!strcmp(mode, "half")) {
		/* The server sends after the end of the incoming stream. */
		move(fd, bytes, bytes, server, server);
	} else if (!strcmp(mode, "echo")) {
		if (server)
			echo_server(fd);
		else
			echo_client(fd, bytes);
	} else {
		fprintf(stderr, "transfer: unknown mode %s\n", mode);
		exit(2);
	}
}

static int usage(void)
{
	fprintf(stderr,
		"Usage: transfer server [-6] [-t] [-b BYTES] [-m both|up|down|half|echo] PORT BYTES\n"
		"       transfer client [-6] [-t] [-b BYTES] [-m both|up|down|half|echo] HOST PORT BYTES\n");
	return 2;
}

int main(int argc, char **argv)
{
	bool v6 = false, tcp = false, server;
	const char *mode = "both", *host = NULL;
	struct sockaddr_storage ss;
	uint64_t bytes;
	socklen_t len;
	int c, fd, lfd, port, one = 1, rcvbuf = 0;
	double t;

	if (argc < 2)
		return usage();
	server = !strcmp(argv[1], "server");
	if (!server && strcmp(argv[1], "client"))
		return usage();
	argv++;
	argc--;
	while ((c = getopt(argc, argv, "6tm:b:")) != -1) {
		if (c == '6')
			v6 = true;
		else if (c == 't')
			tcp = true;
		else if (c == 'm')
			mode = optarg;
		else if (c == 'b')
			rcvbuf = atoi(optarg);
		else
			return usage();
	}
	if (argc - optind != (server ? 2 : 3))
		return usage();
	if (!server)
		host = argv[optind++];
	port = atoi(argv[optind]);
	bytes = strtoull(argv[optind + 1], NULL, 0);
	self = server ? "server" : "client";
	signal(SIGPIPE, SIG_IGN);
	/* Time limit for the program. */
	alarm(7200);

	fd = stack_socket(tcp, v6, 0);
	if (fd < 0)
		die("%s: socket", self);
	if (rcvbuf)
		setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &rcvbuf, sizeof(rcvbuf));
	len = stack_address(&ss, v6, host, port);
	if (!len)
		return usage();
	if (server) {
		lfd = fd;
		setsockopt(lfd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
		if (bind(lfd, (struct sockaddr *)&ss, len) || listen(lfd, 4))
			die("server: listen");
		printf("listening\n");
		fflush(stdout);
		fd = accept(lfd, NULL, NULL);
		if (fd < 0)
			die("server: accept");
		close(lfd);
	} else if (connect(fd, (struct sockaddr *)&ss, len)) {
		die("client: connect");
	}
	t = seconds();
	talk(fd, mode, server, bytes);
	if (close(fd))
		die("%s: close", self);
	t = seconds() - t;
	if (!server)
		printf("%s %llu bytes, %.3f s, %.2f Mbit/s\n", mode,
		       (unsigned long long)bytes, t, bytes * 8 / t / 1e6);
	return 0;
}
