/* SPDX-License-Identifier: GPL-2.0 */
/* Types of the wire tests: segments, flows, and the device. */
#ifndef XTCP_TEST_WIRE_TYPES_H
#define XTCP_TEST_WIRE_TYPES_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define WIRE_NOW_MS	10	/* "at once" */
#define WIRE_LOG	20	/* segments shown when a test fails */
#define WIRE_FLOWS	64
#define WIRE_PORT	9877	/* port of the listeners */

enum wire_flag {
	WF_FIN = 0x01, WF_SYN = 0x02, WF_RST = 0x04, WF_PSH = 0x08,
	WF_ACK = 0x10, WF_URG = 0x20, WF_ECE = 0x40, WF_CWR = 0x80,
};

/* ICMP errors by meaning, the same for both IP versions where both have it. */
enum wire_icmp {
	WI_NET, WI_HOST, WI_PROTO, WI_PORT, WI_TOOBIG, WI_TTL, WI_PARAM,
	WI_ADMIN, WI_QUENCH, WI_SRCFAIL,
};

struct wire_seg {
	struct wire_seg *next;
	int64_t t_us;
	int len;		/* length of the IP packet */
	int thoff;		/* offset of TCP, after extension headers */
	bool v6, out;		/* out: injected by the test */
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint8_t flags, doff, res, tos, ttl;
	uint32_t label;		/* IPv6: flow label */
	uint16_t win, urg;
	int optlen, paylen;
	bool has_ts;
	bool df;		/* IPv4: DF bit */
	uint32_t tsval, tsecr;
	uint8_t *pkt;
	char text[400];
};

struct wire;

/* One connection, from the peer's side. */
struct wire_flow {
	struct wire *w;
	uint8_t local[16], peer[16];	/* addresses of stack and peer */
	uint16_t lport, pport;		/* ports; lport 0: taken from the SYN */
	uint32_t isn;			/* ISN of the peer, any value */
	uint32_t iss;			/* ISN of the stack, from its SYN */
	bool iss_known;
	bool opened;			/* the stack sent a SYN without ACK */
	uint16_t win;			/* default window of the peer */
	bool stack_ts, peer_ts;		/* the SYN offered timestamps */
	bool nots;			/* the test adds timestamps itself */
	uint32_t tsval;			/* next TSval injected */
	uint32_t ts_last;		/* latest TSval of the stack */
	int stack_ws, peer_ws;		/* shifts offered; -1: none */
	bool out_edge_known;		/* right window edges, absolute */
	uint32_t out_edge, in_edge;
	bool in_edge_known;
	bool unchecked;			/* no window checks */
	bool nopattern;			/* payload is not the pattern */
	uint64_t in_off, out_off;	/* stream bytes read and written */
	int64_t t_us;			/* time of the previous event */
	struct wire_seg *head, **tail;
	struct wire_seg last;		/* last one taken; pkt is NULL */
};

struct wire {
	int tun;
	bool v6, ref;
	bool accecn;		/* the stack may set the flag AE */
	int slop_us;
	int64_t t0_us;
	int failed;
	int strays;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	pthread_t reader;
	uint8_t cookie[8];		/* the latest one of the stack */
	bool running;
	int nflows;
	unsigned int forgotten;		/* flows ended by wire_forget() */
	struct wire_flow flow[WIRE_FLOWS];
	char log[WIRE_LOG][420];
	unsigned int nlog;
};

/* The payload: byte at an offset of the stream. */
static inline uint8_t wire_pattern(uint64_t off)
{
	return off * 31 + (off >> 8) * 17 + (off >> 16) * 101 + 'a';
}

#endif
