/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A crafted peer on a tun device.
 *
 * The stack under test owns 192.0.2.1 and 2001:db8::1 on a tun device in a
 * network namespace of the test's own; the test is the rest of the world.  It
 * injects any segment and says what must come back, and when, in a notation
 * that reads like tcpdump's, sequence numbers relative to each side's SYN:
 *
 *	inject("S 0:0(0) win 65535 <mss 1460,sackOK,nop,wscale 7>");
 *	expect("S. 0:0(0) ack 1 <mss 1460,sackOK,nop,wscale *>");
 *	inject(". 1:1(0) ack 1");
 *
 * A segment:
 *
 *	[+TIME] FLAGS SEQ[:END](LEN) [ack N] [win N] [urg N] [MODIFIER...] [<OPTIONS>]
 *
 * FLAGS	S F R P . U E W e (AE) as tcpdump, "-" for none; in an expectation a
 *		small "p" says that PSH does not matter
 * SEQ, ack	relative; "=N" is the bare number; "*" matches any
 * OPTIONS	mss N, wscale N, sackOK, sack A:B A:B, TS val N ecr N, nop, eol,
 *		hex BYTES (in an expectation: one whole option), fo (asks for a
 *		Fast Open cookie), fo BYTES (is one); "*" instead of a number
 *		matches any and, injected as "ecr *" or "fo *", echoes the stack's
 *		latest; "<...>" matches any options
 * TIME		in expectations.  Without: at once (WIRE_NOW_MS).  "+200ms": that
 *		long after this flow's previous segment (either way) or
 *		wire_mark(), give or take the tolerance.  "+40ms..500ms": a range
 * MODIFIERs	of injected segments: res N (reserved bits), doff N, badsum, sum0,
 *		cut N (drop the last N bytes of the packet, keep the IP length
 *		right), short N (keep only N bytes of the TCP segment), tos N, ttl N,
 *		label N (IPv6 flow label), frag N (send as IP fragments of N payload
 *		bytes), data X (fill the payload with the byte X instead of the
 *		pattern)
 *		of both: notect, ect0, ect1, ce: the IP-ECN field; in an expectation
 *		without one of them it does not matter
 *
 * In an expectation NOPs do not count and the order of options is free; where
 * timestamps were agreed the TS option need not be mentioned (that it is there
 * is checked on every segment) and is added to injected segments, unless these
 * say "nots".
 *
 * Payload is a pattern computed from the stream offset, checked both ways.
 *
 * Every segment of the stack is checked for checksums, zero reserved bits,
 * well-formed options, SYN-only options, agreed timestamps, never more sent
 * than the peer's window allowed, and an own window edge that never moves back.
 *
 * XTCP_REFERENCE=1 in the environment runs the tests on the kernel's own TCP.
 * XTCP_SLOP_MS=N widens every time bound, for machines with a wall clock.  When N
 * is above 0 it is wider by N ms, and by 3 % of the time that it names, both ways:
 * where a round trip takes milliseconds, as in a debug kernel, these are in the
 * RTO (200 ms + SRTT), and each back-off doubles them.
 */
#ifndef XTCP_TEST_WIRE_H
#define XTCP_TEST_WIRE_H

#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define WIRE_NOW_MS	10	/* "at once" */
#define WIRE_LOG	20	/* segments shown when a test fails */
#define WIRE_FLOWS	64
#define WIRE_PORT	9877	/* where the tests listen */

enum wire_flag {
	WF_FIN = 0x01, WF_SYN = 0x02, WF_RST = 0x04, WF_PSH = 0x08,
	WF_ACK = 0x10, WF_URG = 0x20, WF_ECE = 0x40, WF_CWR = 0x80,
};

/* ICMP errors by meaning, the same for both families where both have it. */
enum wire_icmp {
	WI_NET, WI_HOST, WI_PROTO, WI_PORT, WI_TOOBIG, WI_TTL, WI_PARAM,
	WI_ADMIN, WI_QUENCH, WI_SRCFAIL,
};

struct wire_seg {
	struct wire_seg *next;
	int64_t t_us;
	int len;		/* of the whole IP packet */
	int thoff;		/* where TCP begins: after IPv6 options */
	bool v6, out;		/* out: injected by us */
	uint16_t sport, dport;
	uint32_t seq, ack;
	uint8_t flags, doff, res, tos, ttl;
	uint32_t label;		/* IPv6: flow label */
	uint16_t win, urg;
	int optlen, paylen;
	bool has_ts;
	bool df;		/* IPv4: not to be fragmented */
	uint32_t tsval, tsecr;
	uint8_t *pkt;
	char text[400];
};

struct wire;

/* One connection as the peer sees it. */
struct wire_flow {
	struct wire *w;
	uint8_t local[16], peer[16];	/* addresses of the stack, of the peer */
	uint16_t lport, pport;		/* ports, lport 0: learn from the SYN */
	uint32_t isn;			/* the peer's, any value a test likes */
	uint32_t iss;			/* the stack's, learnt */
	bool iss_known;
	bool opened;			/* the stack sent a SYN without ACK */
	uint16_t win;			/* default window of injected segments */
	bool stack_ts, peer_ts;		/* timestamps offered by */
	bool nots;			/* the test takes care of timestamps */
	uint32_t tsval;			/* next TSval injected */
	uint32_t ts_last;		/* latest TSval of the stack */
	int stack_ws, peer_ws;		/* shifts offered, -1 none */
	bool out_edge_known;		/* right edges, absolute numbers */
	uint32_t out_edge, in_edge;
	bool in_edge_known;
	bool unchecked;			/* no window invariants */
	bool nopattern;			/* payload is not the pattern */
	uint64_t in_off, out_off;	/* stream bytes read and written */
	int64_t t_us;			/* the previous event */
	struct wire_seg *head, **tail;
	struct wire_seg last;		/* as matched by expect, without packet */
};

struct wire {
	int tun;
	bool v6, ref;
	bool accecn;		/* the stack may set AE */
	int slop_us;
	int64_t t0_us;
	int failed;
	int strays;
	pthread_mutex_t lock;
	pthread_cond_t cond;
	pthread_t reader;
	uint8_t cookie[8];		/* the stack's latest */
	bool running;
	int nflows;
	unsigned int forgotten;		/* flows there were before those */
	struct wire_flow flow[WIRE_FLOWS];
	char log[WIRE_LOG][420];
	unsigned int nlog;
};

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
int wire_mtu(int mtu);
void wire_sleep(int ms);
int64_t wire_now_us(void);
void wire_dump(struct wire *w);

/* Socket calls on the stack under test, at the addresses of the wire. */
int wire_socket(struct wire *w);
int wire_bind(struct wire *w, int fd, uint16_t port);
int wire_listen(struct wire *w, uint16_t port, int backlog);
int wire_connect(struct wire_flow *f, int fd);
socklen_t wire_sockaddr(struct wire *w, struct sockaddr_storage *ss,
			const uint8_t *addr, uint16_t port);
int wire_accept(int lfd);
int wire_write(struct wire_flow *f, int fd, int n);
int wire_read(struct wire_flow *f, int fd, int max);
int wire_abort(int fd);
int wire_read_sum(struct wire_flow *f, int fd, int want);
int wire_state(int fd);
int wire_error(int fd);
int wire_poll(int fd, int events, int ms);
/* from then on wire_urgent counts the SIGURG for a socket; 0, or -errno */
extern volatile sig_atomic_t wire_urgent;
int wire_await_urgent(int fd);
int wire_int(int fd, int level, int opt);
int wire_sysctl(struct wire *w, const char *leaf, const char *value);
long wire_counter(struct wire *w, const char *name);
uint8_t wire_pattern(uint64_t off);

/* Whole handshakes; the accepted or connected descriptor, or -1. */
int wire_passive(struct wire_flow *f, int lfd, const char *opts);
int wire_active(struct wire_flow *f, int fd, const char *opts);

/*
 * Shorthand inside TEST_F(): the fixture holds "struct wire w" and
 * "struct wire_flow *f".
 */
#define inject(...)	ASSERT_EQ(0, wire_inject(self->f, __VA_ARGS__))
#define expect(...)	ASSERT_EQ(0, wire_expect(self->f, __VA_ARGS__))
#define expect_none(ms)	ASSERT_EQ(0, wire_expect_none(self->f, ms))

#endif
