// SPDX-License-Identifier: GPL-2.0
/*
 * echo_server - an AF_XTCP program that sends back all data it receives
 *
 *	cc -o echo_server echo_server.c		(after "make install")
 *	./echo_server [-6] [-p PORT] [-w MILLISECONDS]
 *	nc -N 127.0.0.1 9877			(from any machine, with any TCP)
 *
 * Only the call of socket() differs from a program for the kernel's TCP:
 * addresses, options and error numbers are the same. With -w the server waits
 * before each echo and before the close, so that the states can be observed:
 * after the client has shut down its side, the server is in CLOSE-WAIT and still
 * sends.
 */
#include <err.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include <linux/xtcp.h>

static unsigned int wait_ms;

/* Echoes until end of stream. Return: 0, or -1 on an error. */
static int echo(int fd)
{
	char buf[4096];
	ssize_t n, sent, done;

	while ((n = recv(fd, buf, sizeof(buf), 0)) > 0) {
		usleep(wait_ms * 1000);
		for (done = 0; done < n; done += sent) {
			sent = send(fd, buf + done, n - done, MSG_NOSIGNAL);
			if (sent < 0)
				return -1;
		}
	}
	usleep(wait_ms * 1000);
	return n;
}

int main(int argc, char **argv)
{
	struct sockaddr_in6 any6 = { .sin6_family = AF_INET6 };
	struct sockaddr_in any = { .sin_family = AF_INET };
	int opt, fd, client, v6 = 0, port = 9877, one = 1;

	while ((opt = getopt(argc, argv, "6p:w:")) != -1) {
		if (opt == '6')
			v6 = 1;
		else if (opt == 'p')
			port = atoi(optarg);
		else if (opt == 'w')
			wait_ms = atoi(optarg);
		else
			errx(2, "usage: echo_server [-6] [-p PORT] [-w MILLISECONDS]");
	}
	any.sin_port = htons(port);
	any6.sin6_port = htons(port);

	fd = socket(AF_XTCP, SOCK_STREAM, v6 ? IPPROTO_IPV6 : IPPROTO_TCP);
	if (fd < 0)
		err(1, "socket");
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)))
		err(1, "SO_REUSEADDR");
	if (v6 ? bind(fd, (struct sockaddr *)&any6, sizeof(any6)) :
		 bind(fd, (struct sockaddr *)&any, sizeof(any)))
		err(1, "bind");
	if (listen(fd, SOMAXCONN))
		err(1, "listen");
	warnx("listening on port %d", port);

	while ((client = accept(fd, NULL, NULL)) >= 0) {
		if (echo(client))
			warn("connection");
		close(client);
	}
	err(1, "accept");
}
