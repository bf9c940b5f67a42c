/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Local ports: the sockets that have bound one, and the connections that use it.
 */
#ifndef XTCP_PORT_H
#define XTCP_PORT_H

#include <linux/rbtree.h>

#include "base/sock.h"

/* Bits of xtcp_follow_key.flags. */
#define XTCP_FOLLOW_V4		0x01	/* of an AF_INET socket */
#define XTCP_FOLLOW_REUSE	0x02	/* SO_REUSEADDR */
#define XTCP_FOLLOW_REUSEPORT	0x04	/* SO_REUSEPORT */
#define XTCP_FOLLOW_TW		0x08	/* TIME-WAIT */

/**
 * struct xtcp_follow_key - all of a connection that matters to bind()
 * @addr: local address, as in struct xtcp_tuple
 * @dev: SO_BINDTODEVICE
 * @uid: owner of the socket; 0 for TIME-WAIT
 * @flags: XTCP_FOLLOW_* bits
 */
struct xtcp_follow_key {
	struct in6_addr addr;
	int dev;
	u32 uid;
	u32 flags;
};

/**
 * struct xtcp_follow - connections that use a port and are alike to bind()
 * @node: in xtcp_port.follows, by @key, under the port bucket's lock
 * @key: what they have in common
 * @users: how many there are; 0 if @node is in no tree
 *
 * Children of a listener, sockets whose port connect() chose, and TIME-WAIT.
 * They are counted and not listed: a busy server has very many of them, and
 * its restart must not take longer for it.
 */
struct xtcp_follow {
	struct rb_node node;
	struct xtcp_follow_key key;
	u32 users;
};

/**
 * struct xtcp_port - one local port of one namespace, while anybody uses it
 * @node: in its bucket, under its lock
 * @net: the namespace; lives longer, for each user is of it
 * @port: host order
 * @connected_only: nobody bound it: connect() chose it, and may again
 * @users: sockets and TIME-WAIT entries
 * @holds: struct xtcp_hold, with the sockets that bound the port
 * @follows: struct xtcp_follow
 * @strict: how many of them are without SO_REUSEADDR
 * @live: how many of them are not of TIME-WAIT
 * @first: one of them, so that most connections need no allocation
 */
struct xtcp_port {
	struct hlist_node node;
	struct net *net;
	u16 port;
	bool connected_only;
	u32 users;
	struct list_head holds;
	struct rb_root follows;
	u32 strict;
	u32 live;
	struct xtcp_follow first;
};

#endif /* XTCP_PORT_H */
