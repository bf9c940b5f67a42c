/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Flows: a connection with a program that writes and one that reads.
 */
#ifndef XTCP_SIM_FLOW_H
#define XTCP_SIM_FLOW_H

#include "endpoint.h"

/**
 * struct flow - a connection
 * @from: the sender
 * @to: the receiver
 * @start: the connection is established, and the program writes
 * @writer: the program can write
 * @reader: the program can read
 * @bytes: to send; 0: no end
 * @write_rate: bit/s; 0: no limit
 * @read_rate: bit/s; 0: no limit
 * @written: bytes so far
 * @read: bytes so far
 * @started_at: ns
 * @done_at: when the reader saw the end of the stream, ns; 0: not yet
 * @closed: the writer has written all
 */
struct flow {
	struct endpoint from;
	struct endpoint to;
	struct event start;
	struct event writer;
	struct event reader;
	u64 bytes;
	u64 write_rate;
	u64 read_rate;
	u64 written;
	u64 read;
	u64 started_at;
	u64 done_at;
	bool closed;
};

void flow_setup(struct flow *flow, const struct scenario *s, u8 index,
		struct element *forward, struct element *back, u32 rtt);

#endif /* XTCP_SIM_FLOW_H */
