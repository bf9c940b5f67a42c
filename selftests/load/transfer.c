// SPDX-License-Identifier: GPL-2.0
/*
 * transfer: moves bytes both ways through one connection and checks each.
 *
 *	transfer server [-6] [-t] [-b BYTES] [-m MODE] PORT BYTES
 *	transfer client [-6] [-t] [-b BYTES] [-m MODE] HOST PORT BYTES
 *
 * -t: the kernel's TCP instead of XTCP. -b: SO_RCVBUF. MODE, the same at both ends:
 *   both	BYTES in each direction at the same time (the default)
 *   up, down	BYTES from the client, from the server; the other side only
 *		closes
 *   half	the client sends BYTES and shuts down; then the server answers
 *		with as many
 *   echo	the client sends lines of up to 1000 bytes, one at a time, and
 *		each comes back
 * The server prints "listening" when it is, serves one client and ends.
 */
#include "lib/stack.h"

#include <fcntl.h>
#include <signal.h>

#define CHUNK	65536

static uint8_t out[CHUNK], in[CHUNK], want[CHUNK];
static const char *self;

/*
 * "tx" bytes out and "rx" bytes in, at the same time, each way till the end;
 * "after": nothing out before the end of what comes in.
 */
static void move(int fd, uint64_t tx, uint64_t rx, bool server, bool after)
{
	struct stream so, si;
	uint64_t sent = 0, got = 0, filled = 0;
	size_t have = 0, at = 0;
	bool shut = false, eof = false;
	uint32_t rnd = 1;

	stream_init(&so, server ? 2 : 1);
	stream_init(&si, server ? 1 : 2);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	while (sent < tx || got < rx || !shut || !eof) {
		struct pollfd p = { .fd = fd };
		ssize_t n;

		bool may_send = !after || eof;

		if (sent == tx && !shut && may_send) {
			if (shutdown(fd, SHUT_WR))
				die("%s: shutdown", self);
			shut = true;
			continue;
		}
		p.events = (sent < tx && may_send ? POLLOUT : 0) | (got < rx || !eof ? POLLIN : 0);
		if (!p.events)
			break;
		n = poll(&p, 1, 600 * 1000);
		if (n < 0)
			die("%s: poll", self);
		if (!n) {
			fprintf(stderr, "%s: no progress for ten minutes: %llu of %llu sent, %llu of %llu received\n",
				self, (unsigned long long)sent, (unsigned long long)tx,
				(unsigned long long)got, (unsigned long long)rx);
			exit(1);
		}
		if (p.revents & (POLLIN | POLLHUP | POLLERR)) {
			n = recv(fd, in, CHUNK, 0);
			if (n < 0 && errno != EAGAIN)
				die("%s: recv after %llu bytes", self, (unsigned long long)got);
			if (!n) {
				eof = true;
				if (got < rx) {
					fprintf(stderr, "%s: end of stream after %llu of %llu bytes\n",
						self, (unsigned long long)got,
						(unsigned long long)rx);
					exit(1);
				}
			}
			if (n > 0) {
				stream_take(&si, want, n);
				for (ssize_t i = 0; i < n; i++)
					if (in[i] != want[i]) {
						fprintf(stderr, "%s: mismatch at byte %llu\n",
							self, (unsigned long long)got + i);
						exit(1);
					}
				got += n;
			}
			if (got > rx) {
				fprintf(stderr, "%s: more than %llu bytes\n", self,
					(unsigned long long)rx);
				exit(1);
			}
		}
		if (sent < tx && may_send && p.revents & POLLOUT) {
			if (at == have) {
				rnd = rnd * 1103515245 + 12345;
				have = 1 + (rnd >> 8) % CHUNK;
				if (have > tx - filled)
					have = tx - filled;
				stream_take(&so, out, have);
				filled += have;
				at = 0;
			}
			n = send(fd, out + at, have - at, MSG_NOSIGNAL);
			if (n < 0 && errno != EAGAIN)
				die("%s: send after %llu bytes", self, (unsigned long long)sent);
			if (n > 0) {
				at += n;
				sent += n;
			}
		}
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
		/* The server says nothing before it has seen the end. */
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
	/* Whatever happens, it ends. */
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
