/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Included before a demo program (cc -include): its AF_XTCP sockets become
 * sockets of the kernel's TCP, as a reference for the scenes.
 */
#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <netinet/in.h>
#include <sys/socket.h>

#define AF_XTCP 22

static inline int reference_socket(int family, int type, int protocol)
{
	if (family != AF_XTCP)
		return socket(family, type, protocol);
	return socket(protocol == IPPROTO_IPV6 ? AF_INET6 : AF_INET, type, 0);
}

#define socket(family, type, protocol) reference_socket(family, type, protocol)
