/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Local ports: the sockets that are bound to a port, and the connections that
 * use it.
 */
#ifndef XTCP_PORT_H
#define XTCP_PORT_H

#include <linux/rbtree.h>

#include "base/sock.h"

/* Bits of xtcp_follow_key.flags. */
#define XTCP_PORT_CONN_V4		0x01	/* AF_INET */
#define XTCP_PORT_CONN_REUSE	0x02	/* SO_REUSEADDR */
#define XTCP_PORT_CONN_REUSEPORT	0x04	/* SO_REUSEPORT */
#define XTCP_PORT_CONN_TW		0x08	/* TIME-WAIT */

/**
 * struct xtcp_follow_key - the properties of a connection that bind() compares
 * @addr: local address, as in struct xtcp_tuple
 * @dev: SO_BINDTODEVICE, 0 if unset
 * @uid: owner of the socket; 0 for TIME-WAIT
 * @flags: XTCP_PORT_CONN_* bits
 */
struct xtcp_follow_key {
	struct in6_addr addr;
	int dev;
	u32 uid;
	u32 flags;
};

/**
 * struct xtcp_port_conns - count of the connections of a port with equal keys
 * @node: in xtcp_port.follows, by @key, under the port bucket's lock
 * @key: the properties that they share
 * @users: number of connections; 0 if @node is in no tree
 *
 * Connections are children of a listener, sockets whose port connect() chose,
 * and TIME-WAIT entries. They are counted, not listed: when a busy server
 * restarts, bind() must not compare all of its old connections.
 */
struct xtcp_port_conns {
	struct rb_node node;
	struct xtcp_follow_key key;
	u32 users;
};

/**
 * struct xtcp_port - one local port of one namespace, while it is in use
 * @node: in its bucket
 * @net: the namespace; outlives the port, as each user holds it
 * @port: host order
 * @connected_only: no socket was bound to it since it is in use: connect() may
 *	choose it
 * @users: number of sockets and TIME-WAIT entries
 * @holds: list of struct xtcp_hold, which have the bound sockets
 * @follows: tree of struct xtcp_port_conns
 * @strict: number of entries in @follows without SO_REUSEADDR
 * @live: number of entries in @follows that are not TIME-WAIT
 * @first: one entry for @follows, so that most ports need no second allocation
 *
 * The lock of the bucket protects all fields.
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
	struct xtcp_port_conns first;
};

#endif /* XTCP_PORT_H */
