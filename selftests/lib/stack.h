/* SPDX-License-Identifier: GPL-2.0 */
/* For the traffic programs: sockets of either stack, addresses, payload. */
#ifndef XTCP_TEST_STACK_H
#define XTCP_TEST_STACK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#ifndef AF_XTCP
#define AF_XTCP 22
#endif

static inline void die(const char *fmt, ...) __attribute__((format(printf, 1, 2), noreturn));

static inline void die(const char *fmt, ...)
{
	int err = errno;
	va_list ap;

	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fprintf(stderr, ": %s\n", strerror(err));
	exit(1);
}

static inline double seconds(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec + ts.tv_nsec / 1e9;
}

/* A socket of the kernel's TCP or of XTCP; -1 with errno. */
static inline int stack_socket(bool tcp, bool v6, int flags)
{
	if (tcp)
		return socket(v6 ? AF_INET6 : AF_INET, SOCK_STREAM | flags, 0);
	return socket(AF_XTCP, SOCK_STREAM | flags, v6 ? IPPROTO_IPV6 : IPPROTO_TCP);
}

static inline socklen_t stack_address(struct sockaddr_storage *ss, bool v6,
				      const char *host, int port)
{
	struct sockaddr_in6 *s6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *s4 = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	if (v6) {
		s6->sin6_family = AF_INET6;
		s6->sin6_port = htons(port);
		if (host && inet_pton(AF_INET6, host, &s6->sin6_addr) != 1)
			return 0;
		return sizeof(*s6);
	}
	s4->sin_family = AF_INET;
	s4->sin_port = htons(port);
	if (host && inet_pton(AF_INET, host, &s4->sin_addr) != 1)
		return 0;
	return sizeof(*s4);
}

/*
 * A byte stream that both ends compute from a seed (xorshift), so that a byte
 * that is lost, changed, duplicated or reordered is detected at once.
 */
struct stream {
	uint64_t x;
	uint64_t off;		/* bytes generated */
	uint8_t word[8];
};

static inline void stream_init(struct stream *s, uint64_t seed)
{
	s->x = seed * 0x9e3779b97f4a7c15ULL + 1;
	s->off = 0;
}

static inline void stream_take(struct stream *s, uint8_t *p, size_t n)
{
	while (n) {
		size_t in = s->off & 7;

		if (!in) {
			s->x ^= s->x << 13;
			s->x ^= s->x >> 7;
			s->x ^= s->x << 17;
			memcpy(s->word, &s->x, 8);
			if (n >= 8) {
				memcpy(p, s->word, 8);
				p += 8;
				n -= 8;
				s->off += 8;
				continue;
			}
		}
		*p++ = s->word[in];
		s->off++;
		n--;
	}
}

#endif
