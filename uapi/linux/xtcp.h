/* SPDX-License-Identifier: GPL-2.0 WITH Linux-syscall-note */
/*
 * XTCP: a TCP with its own address family. This header is the whole ABI.
 *
 *	fd = socket(AF_XTCP, SOCK_STREAM, 0);			IPv4
 *	fd = socket(AF_XTCP, SOCK_STREAM, IPPROTO_IPV6);	IPv6, dual-stack
 *
 * Addresses are struct sockaddr_in and struct sockaddr_in6; their family field
 * may be AF_INET, AF_INET6 or AF_XTCP. Socket options have the levels, numbers
 * and structures of the kernel's TCP (<linux/tcp.h>).
 */
#ifndef _UAPI_LINUX_XTCP_H
#define _UAPI_LINUX_XTCP_H

/*
 * The number of AF_SNA, which Linux does not implement. The module parameter
 * "family" changes it. A program can read the current number from
 * /sys/module/xtcp/parameters/family.
 */
#define AF_XTCP		22
#define PF_XTCP		AF_XTCP

/*
 * SO_PROTOCOL of an XTCP socket (an experimental number of RFC 3692). The
 * protocol on the wire is 6, TCP.
 */
#define IPPROTO_XTCP	253

#endif /* _UAPI_LINUX_XTCP_H */
