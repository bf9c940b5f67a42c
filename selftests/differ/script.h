/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A script: socket calls, segments of the peer, ICMP errors and waits, as a list of steps
 * that either stack can execute. As text, a step is a line:
 *
 *	socket slot=0
 *	bind slot=0
 *	listen slot=0 n=4
 *	segment flow=0 flags=S seq=isn mss=1460 wscale=7 sackok=1
 *	segment flow=0 flags=. seq=snd ack=rcv
 *	accept slot=0 to=1
 *	send slot=1 n=100
 *	wait n=200
 *
 * The default of a field is 0, that of win 65535. A sequence number is a place, whose value
 * depends on the run of each stack, and an offset:
 *
 *	isn	the peer's SYN		iss	the stack's SYN
 *	snd	next sequence number of the peer
 *	una	of seq: the latest ACK number of the stack
 *		of ack: the highest ACK number of the peer
 *	rcv	after all data that the stack sent
 */
#ifndef XTCP_DIFFER_SCRIPT_H
#define XTCP_DIFFER_SCRIPT_H

#include <stdbool.h>
#include <stdio.h>

#ifndef ARRAY_SIZE
#define ARRAY_SIZE(a)	(sizeof(a) / sizeof((a)[0]))
#endif

#define SLOTS		4	/* sockets */
#define FLOWS		2	/* ports of the peer */
#define MAX_STEPS	200

enum op {
	OP_SOCKET, OP_BIND, OP_LISTEN, OP_CONNECT, OP_ACCEPT, OP_SEND, OP_RECV,
	OP_SHUTDOWN, OP_CLOSE, OP_SET, OP_GET, OP_SEGMENT, OP_ICMP, OP_AGAIN,
	OP_WAIT, OPS,
};

enum place {
	P_NONE, P_ISN, P_SND, P_UNA, P_RCV, P_ISS, PLACES,
};

/* Flags of send() and recv(), in "how". */
enum how {
	HOW_OOB = 1, HOW_PEEK = 2, HOW_MORE = 4, HOW_TRUNC = 8,
};

struct step {
	int op;
	int slot, to, flow;
	int n;			/* bytes, backlog, port, value, ms, MTU */
	int what;		/* option, ICMP error, direction of shutdown() */
	int how;
	int flags;		/* of TCP */
	int seq_at, seq, ack_at, ack;
	int win, urg;
	int mss, wscale, sackok, ts;
	int left, right;	/* a SACK block, relative to the ACK */
};

struct script {
	unsigned long seed;	/* 0: not from the generator */
	bool v6;
	int nsteps;
	struct step step[MAX_STEPS];
};

/* Socket options by name; "what" is the index. */
struct option {
	const char *name;
	int level, opt;
};

extern const struct option options[];
extern const int noptions;

struct step step_new(enum op op);
void step_print(const struct step *s, char *buf, size_t size);
/* Return: NULL, or why the line is invalid */
const char *step_parse(const char *line, struct step *s);
void script_print(const struct script *sc, const char *indent);
int script_read(FILE *in, struct script *sc);
bool script_add(struct script *sc, struct step s);
void script_remove(struct script *sc, int at, int n);

#endif
