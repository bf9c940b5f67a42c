/* SPDX-License-Identifier: GPL-2.0 */
/* Socket calls on the stack under test, at the addresses of the wire. */
#ifndef XTCP_TEST_WIRE_SOCKET_H
#define XTCP_TEST_WIRE_SOCKET_H

#include <signal.h>

#include "wire_types.h"

int wire_socket(struct wire *w);
int wire_bind(struct wire *w, int fd, uint16_t port);
int wire_listen(struct wire *w, uint16_t port, int backlog);
int wire_connect(struct wire_flow *f, int fd);
socklen_t wire_sockaddr(struct wire *w, struct sockaddr_storage *ss,
			const uint8_t *addr, uint16_t port);
int wire_accept(int lfd);
int wire_write(struct wire_flow *f, int fd, int n);
int wire_read(struct wire_flow *f, int fd, int max);
int wire_abort(int fd);
int wire_read_sum(struct wire_flow *f, int fd, int want);
int wire_state(int fd);
struct tcp_info;
/* TCP_INFO; zeros on an error */
struct tcp_info wire_info(int fd);
int wire_error(int fd);
int wire_poll(int fd, int events, int ms);
/* wire_await_urgent(): from now on wire_urgent counts SIGURG; 0 or -errno */
extern volatile sig_atomic_t wire_urgent;
int wire_await_urgent(int fd);
int wire_int(int fd, int level, int opt);

/* Complete handshakes; the accepted or connected descriptor, or -1. */
int wire_passive(struct wire_flow *f, int lfd, const char *opts);
int wire_active(struct wire_flow *f, int fd, const char *opts);

#endif
