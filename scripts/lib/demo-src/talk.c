// SPDX-License-Identifier: GPL-2.0
/*
 * talk - system calls on one socket: reads one verb per line, writes one line
 * with the result of each
 *
 * Verbs:	socket xtcp|xtcp6|tcp|tcp6, bind ADDR:PORT, listen, accept,
 *		connect ADDR:PORT, send TEXT, recv, shutdown, close,
 *		reuse, linger0, vanish
 * Result:	START END ok [DETAIL] or START END ENAME message
 *		(the two times of CLOCK_MONOTONIC, in nanoseconds)
 *
 * After "accept" the verbs apply to the accepted connection, and after its
 * "close" to the listener again. "vanish" deletes a connection of the kernel's
 * TCP without a segment to the peer, like a power failure.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include <linux/xtcp.h>

static int fd = -1;
static int listener = -1;
static char detail[4096];

static long long now(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

/* ADDR:PORT, an IPv6 address in brackets. Return: the length, 0 if invalid. */
static socklen_t parse_address(const char *text, struct sockaddr_storage *ss)
{
	struct sockaddr_in6 *sin6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *sin = (struct sockaddr_in *)ss;
	char host[64];
	int port;

	memset(ss, 0, sizeof(*ss));
	if (sscanf(text, "[%63[^]]]:%d", host, &port) == 2) {
		sin6->sin6_family = AF_INET6;
		sin6->sin6_port = htons(port);
		return inet_pton(AF_INET6, host, &sin6->sin6_addr) == 1 ?
		       sizeof(*sin6) : 0;
	}
	if (sscanf(text, "%63[^:]:%d", host, &port) == 2) {
		sin->sin_family = AF_INET;
		sin->sin_port = htons(port);
		return inet_pton(AF_INET, host, &sin->sin_addr) == 1 ?
		       sizeof(*sin) : 0;
	}
	return 0;
}

static int do_socket(const char *kind)
{
	bool v6 = strchr(kind, '6');

	if (!strncmp(kind, "xtcp", 4))
		fd = socket(AF_XTCP, SOCK_STREAM, v6 ? IPPROTO_IPV6 : 0);
	else
		fd = socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM, 0);
	return fd;
}

static int do_accept(void)
{
	int conn = accept(fd, NULL, NULL);

	if (conn < 0)
		return -1;
	listener = fd;
	fd = conn;
	return 0;
}

static int do_recv(void)
{
	ssize_t n = recv(fd, detail, sizeof(detail) - 1, 0);

	if (n < 0)
		return -1;
	detail[n] = 0;
	detail[strcspn(detail, "\n")] = 0;
	if (n == 0)
		snprintf(detail, sizeof(detail), "end of stream");
	return 0;
}

static int do_set(int level, int name, const void *value, socklen_t len)
{
	return setsockopt(fd, level, name, value, len);
}

static int do_close(void)
{
	int ret = close(fd);

	fd = listener;
	listener = -1;
	return ret;
}

static int do_vanish(void)
{
	int one = 1;

	if (do_set(IPPROTO_TCP, TCP_REPAIR, &one, sizeof(one)))
		return -1;
	return do_close();
}

static int perform(const char *verb, const char *arg)
{
	struct linger abort_on_close = { .l_onoff = 1, .l_linger = 0 };
	struct sockaddr_storage ss;
	socklen_t len = parse_address(arg, &ss);
	int one = 1;

	if (!strcmp(verb, "socket"))
		return do_socket(arg);
	if (!strcmp(verb, "bind") && len)
		return bind(fd, (struct sockaddr *)&ss, len);
	if (!strcmp(verb, "connect") && len)
		return connect(fd, (struct sockaddr *)&ss, len);
	if (!strcmp(verb, "listen"))
		return listen(fd, 16);
	if (!strcmp(verb, "accept"))
		return do_accept();
	if (!strcmp(verb, "send"))
		return send(fd, arg, strlen(arg), 0);
	if (!strcmp(verb, "recv"))
		return do_recv();
	if (!strcmp(verb, "shutdown"))
		return shutdown(fd, SHUT_WR);
	if (!strcmp(verb, "close"))
		return do_close();
	if (!strcmp(verb, "reuse"))
		return do_set(SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (!strcmp(verb, "linger0"))
		return do_set(SOL_SOCKET, SO_LINGER, &abort_on_close,
			      sizeof(abort_on_close));
	if (!strcmp(verb, "vanish"))
		return do_vanish();
	errno = EINVAL;
	return -1;
}

int main(void)
{
	char line[4096], verb[32];
	long long start, end;
	int n, ret, error;

	signal(SIGPIPE, SIG_IGN);
	setvbuf(stdout, NULL, _IOLBF, 0);
	while (fgets(line, sizeof(line), stdin)) {
		line[strcspn(line, "\n")] = 0;
		n = 0;
		if (sscanf(line, "%31s %n", verb, &n) != 1)
			continue;
		detail[0] = 0;
		start = now();
		ret = perform(verb, line + n);
		error = errno;
		end = now();
		if (ret < 0)
			printf("%lld %lld %s %s\n", start, end,
			       strerrorname_np(error), strerror(error));
		else
			printf("%lld %lld ok %s\n", start, end, detail);
	}
	return 0;
}
