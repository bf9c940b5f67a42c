/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Endpoints: XTCP sockets, and their interface to the path.
 */
#ifndef XTCP_SIM_ENDPOINT_H
#define XTCP_SIM_ENDPOINT_H

#include "kernel/kernel.h"
#include "packet.h"
#include "scenario.h"

#include "conn/conn.h"

/**
 * struct endpoint - one end of a connection
 * @xs: the socket; must be first
 * @socket: what the program sees
 * @dst: its route
 * @out: the path of its packets
 * @peer: the other end
 * @flow: number of the connection
 * @sender: it sends the data
 */
struct endpoint {
	struct xtcp_sock xs;
	struct socket socket;
	struct dst_entry dst;
	struct element *out;
	struct endpoint *peer;
	u8 flow;
	bool sender;
};

static inline struct sock *endpoint_sk(struct endpoint *e)
{
	return (struct sock *)&e->xs;
}

/* A counter of the namespace, which all endpoints share. */
#define endpoint_counter(e, item)	((e)->xs.xn->mib->v[XTCP_MIB_##item])

void endpoint_world(const struct scenario *s);
void endpoint_setup(struct endpoint *e, const struct scenario *s,
		    const struct xtcp_cc_ops *cc);
void endpoint_connect(struct endpoint *client, struct endpoint *server,
		      const struct scenario *s, u32 rtt);
void endpoint_receive(struct packet *packet);
void endpoint_end(struct endpoint *e);

#endif /* XTCP_SIM_ENDPOINT_H */
