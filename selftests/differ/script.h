/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A script: socket calls, segments of the peer, ICMP and waiting, as a list of
 * steps that either stack can be put through.  As text, a step is a line:
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
 * What is zero need not be written; win is 65535 unless written.  A place in
 * sequence space is one that each stack's own run gives, and an offset:
 *
 *	isn	the peer's SYN		iss	the stack's SYN
 *	snd	what the peer sends next
 *	una	of seq: what the stack said that it waits for
 *		of ack: the highest that the peer acknowledged
 *	rcv	behind all that the stack sent
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
	int what;		/* option, ICMP error, way to shut down */
	int how;
	int flags;		/* of TCP */
	int seq_at, seq, ack_at, ack;
	int win, urg;
	int mss, wscale, sackok, ts;
	int left, right;	/* a SACK block, from the ACK on */
};

struct script {
	unsigned long seed;	/* 0: not from the generator */
	bool v6;
	int nsteps;
	struct step step[MAX_STEPS];
};

/* Socket options by name, in the order of "what". */
struct option {
	const char *name;
	int level, opt;
};

extern const struct option options[];
extern const int noptions;

struct step step_new(enum op op);
void step_print(const struct step *s, char *buf, size_t size);
/* Return: 0, or -1 if the line is no step */
int step_parse(const char *line, struct step *s);
void script_print(const struct script *sc, const char *indent);
int script_read(FILE *in, struct script *sc);
bool script_add(struct script *sc, struct step s);
void script_remove(struct script *sc, int at, int n);

#endif
