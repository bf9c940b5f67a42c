/* SPDX-License-Identifier: GPL-2.0 */
/* The peer: its flows, what it injects and expects. */
#ifndef XTCP_TEST_WIRE_PEER_H
#define XTCP_TEST_WIRE_PEER_H

#include "wire_types.h"

int wire_start(struct wire *w, bool v6);
void wire_stop(struct wire *w);
struct wire_flow *wire_flow(struct wire *w, uint16_t lport);
void wire_again(struct wire_flow *f);
void wire_forget(struct wire *w);
void wire_peer(struct wire_flow *f, int host);

int wire_inject(struct wire_flow *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int wire_expect(struct wire_flow *f, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));
int wire_expect_none(struct wire_flow *f, int ms);
int wire_next(struct wire_flow *f, int ms);
int wire_pending(struct wire_flow *f);
void wire_flush(struct wire_flow *f);
int wire_icmp(struct wire_flow *f, enum wire_icmp what, const char *seq,
	      unsigned int mtu, int quoted);
void wire_mark(struct wire_flow *f);

#endif
