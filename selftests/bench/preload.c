// SPDX-License-Identifier: GPL-2.0
/*
 * preload - runs existing programs on XTCP (LD_PRELOAD): socket() calls for TCP
 * return XTCP sockets
 */
#define _GNU_SOURCE
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/xtcp.h>

int socket(int family, int type, int protocol)
{
	int base = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);

	if (base == SOCK_STREAM && (!protocol || protocol == IPPROTO_TCP)) {
		if (family == AF_INET) {
			family = AF_XTCP;
			protocol = IPPROTO_TCP;
		} else if (family == AF_INET6) {
			family = AF_XTCP;
			protocol = IPPROTO_IPV6;
		}
	}
	return syscall(SYS_socket, family, type, protocol);
}
