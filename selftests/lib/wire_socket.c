// SPDX-License-Identifier: GPL-2.0
/* Sockets of the stack under test, at the addresses of the wire. */
#include "wire_socket.h"
#include "wire_clock.h"
#include "wire_peer.h"
#include "wire_text.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifndef AF_XTCP
#define AF_XTCP 22
#endif

socklen_t wire_sockaddr(struct wire *w, struct sockaddr_storage *ss,
			const uint8_t *addr, uint16_t port)
{
	struct sockaddr_in6 *s6 = (struct sockaddr_in6 *)ss;
	struct sockaddr_in *s4 = (struct sockaddr_in *)ss;

	memset(ss, 0, sizeof(*ss));
	if (w->v6) {
		s6->sin6_family = AF_INET6;
		s6->sin6_port = htons(port);
		if (addr)
			memcpy(&s6->sin6_addr, addr, 16);
		return sizeof(*s6);
	}
	s4->sin_family = AF_INET;
	s4->sin_port = htons(port);
	if (addr)
		memcpy(&s4->sin_addr, addr + 12, 4);
	return sizeof(*s4);
}

int wire_socket(struct wire *w)
{
	int fd, one = 1;

	if (w->ref)
		fd = socket(w->v6 ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	else
		fd = socket(AF_XTCP, SOCK_STREAM | SOCK_NONBLOCK,
			    w->v6 ? IPPROTO_IPV6 : IPPROTO_TCP);
	if (fd < 0)
		wire_say("socket: %s", strerror(errno));
	else if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)))
		wire_say("SO_REUSEADDR: %s", strerror(errno));
	return fd;
}

int wire_bind(struct wire *w, int fd, uint16_t port)
{
	struct sockaddr_storage ss;
	socklen_t len = wire_sockaddr(w, &ss, NULL, port);
	int ret = bind(fd, (struct sockaddr *)&ss, len);

	if (ret)
		wire_say("bind to port %u: %s", port, strerror(errno));
	return ret;
}

int wire_listen(struct wire *w, uint16_t port, int backlog)
{
	int fd = wire_socket(w);

	if (fd < 0)
		return -1;
	if (wire_bind(w, fd, port) || listen(fd, backlog)) {
		close(fd);
		return -1;
	}
	return fd;
}

/* Non-blocking: 0 or -errno, mostly -EINPROGRESS. */
int wire_connect(struct wire_flow *f, int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = wire_sockaddr(f->w, &ss, f->peer, f->pport);

	f->t_us = wire_now_us();
	return connect(fd, (struct sockaddr *)&ss, len) ? -errno : 0;
}

/* accept() without waiting: a descriptor or -errno. */
int wire_accept(int lfd)
{
	int fd = accept4(lfd, NULL, NULL, SOCK_NONBLOCK);

	return fd < 0 ? -errno : fd;
}

int wire_write(struct wire_flow *f, int fd, int n)
{
	uint8_t *buf = malloc(n + 1);
	int ret;

	for (int i = 0; i < n; i++)
		buf[i] = wire_pattern(f->out_off + i);
	f->t_us = wire_now_us();
	ret = send(fd, buf, n, MSG_DONTWAIT | MSG_NOSIGNAL);
	if (ret < 0)
		ret = -errno;
	else
		f->out_off += ret;
	free(buf);
	return ret;
}

/* One recv(). Return: bytes, 0 at end of file, -EBADMSG: wrong data, -errno. */
int wire_read(struct wire_flow *f, int fd, int max)
{
	uint8_t *buf = malloc(max);
	int ret = recv(fd, buf, max, MSG_DONTWAIT);

	if (ret < 0)
		ret = -errno;
	for (int i = 0; i < ret; i++)
		if (buf[i] != wire_pattern(f->in_off + i)) {
			wire_say("read the wrong byte at stream offset %llu",
				 (unsigned long long)f->in_off + i);
			ret = -EBADMSG;
		}
	if (ret > 0)
		f->in_off += ret;
	free(buf);
	return ret;
}

/* close() as ABORT (SO_LINGER of 0). */
int wire_abort(int fd)
{
	const struct linger l = { .l_onoff = 1 };

	if (setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l)))
		return -errno;
	return close(fd) ? -errno : 0;
}

/* Read @want bytes, or until the queue is empty. Return: bytes or -EBADMSG. */
int wire_read_sum(struct wire_flow *f, int fd, int want)
{
	int sum = 0, n;

	while (sum < want) {
		n = wire_read(f, fd, want - sum);
		if (n == -EBADMSG)
			return n;
		if (n <= 0)
			break;
		sum += n;
	}
	return sum;
}

int wire_state(int fd)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	if (getsockopt(fd, SOL_TCP, TCP_INFO, &ti, &len))
		return -errno;
	return ti.tcpi_state;
}

struct tcp_info wire_info(int fd)
{
	struct tcp_info ti = { 0 };
	socklen_t len = sizeof(ti);

	if (getsockopt(fd, SOL_TCP, TCP_INFO, &ti, &len))
		wire_say("TCP_INFO: %s", strerror(errno));
	return ti;
}

int wire_int(int fd, int level, int opt)
{
	int v = 0;
	socklen_t len = sizeof(v);

	return getsockopt(fd, level, opt, &v, &len) ? -errno : v;
}

int wire_error(int fd)
{
	return wire_int(fd, SOL_SOCKET, SO_ERROR);
}

volatile sig_atomic_t wire_urgent;

static void on_sigurg(int sig)
{
	wire_urgent++;
}

int wire_await_urgent(int fd)
{
	wire_urgent = 0;
	if (signal(SIGURG, on_sigurg) == SIG_ERR ||
	    fcntl(fd, F_SETOWN, getpid()))
		return -errno;
	return 0;
}

int wire_poll(int fd, int events, int ms)
{
	struct pollfd p = { .fd = fd, .events = events };

	return poll(&p, 1, ms) < 0 ? -errno : p.revents;
}

/* Passive open; "opts" are those of the peer's SYN. */
int wire_passive(struct wire_flow *f, int lfd, const char *opts)
{
	int fd;

	if (wire_inject(f, "S 0:0(0) win %u <%s>", f->win, opts) ||
	    wire_expect(f, "S. 0:0(0) ack 1 <...>") ||
	    wire_inject(f, ". 1:1(0) ack 1"))
		return -1;
	fd = wire_accept(lfd);
	if (fd < 0) {
		wire_say("accept: %s", strerror(-fd));
		return -1;
	}
	return fd;
}

/* Active open; "opts" are those of the peer's SYN-ACK. */
int wire_active(struct wire_flow *f, int fd, const char *opts)
{
	int ret;

	if (fd < 0)
		fd = wire_socket(f->w);
	ret = wire_connect(f, fd);
	if (ret != -EINPROGRESS) {
		wire_say("connect: %s", strerror(-ret));
		return -1;
	}
	if (wire_expect(f, "S 0:0(0) <...>") ||
	    wire_inject(f, "S. 0:0(0) ack 1 win %u <%s>", f->win, opts) ||
	    wire_expect(f, ". 1:1(0) ack 1"))
		return -1;
	if (wire_state(fd) != TCP_ESTABLISHED) {
		wire_say("not established but state %d", wire_state(fd));
		return -1;
	}
	return fd;
}
