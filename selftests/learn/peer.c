// SPDX-License-Identifier: GPL-2.0
/*
 * The subject: the module, a user with one socket, and a peer that fills in the
 * sequence numbers. Only segments and results of calls are observed.
 */
#define _GNU_SOURCE
#include "peer.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lib/wire.h"

/*
 * An answer comes at once, or with the delayed ACK (40 ms). Retransmissions are
 * not recorded, so a step must be short: with the settings below no connection
 * times out within a word.
 */
#define SETTLE_MS	60

/* Two of these exceed 2MSL (60 s); one exceeds each other timeout. */
#define TIME_MS		35000

#define COUNT(array)	(sizeof(array) / sizeof((array)[0]))

static const char *const settings[][2] = {
	{ "syn_retries", "1" },		/* 3 s */
	{ "synack_retries", "1" },	/* 3 s */
	{ "retries2", "4" },		/* 6.2 s */
	{ "orphan_retries", "4" },	/* 6.2 s */
	{ "fin_timeout", "30" },
	/* No rate limit: an ACK would be missing soon after another one. */
	{ "invalid_ratelimit", "0" },
};

/* Distance of the ISN of a new SYN: inside the window of the old connection. */
#define AHEAD		0x1000

enum role {
	ROLE_NEW,
	ROLE_LISTENER,
	ROLE_CONNECTION,
	ROLE_GONE,
};

/**
 * struct peer - state of the peer
 * @isn: ISN of the last SYN that was answered
 * @nxt: next sequence number to send
 * @fin: sequence number of its FIN, if @sent_fin
 * @rcv: next sequence number expected
 * @up: the SYN of @isn was acknowledged in this connection
 * @asked: ISN of the SYN just sent, if @asking
 * @syn: sequence number of the module's SYN; -1: none
 * @syn_ack: ... SYN-ACK
 * @its_fin: ... FIN
 * @last_ack: ACK number of the segment just sent
 * @last_end: sequence number after that segment
 */
struct peer {
	uint32_t isn, nxt, fin, rcv, asked;
	bool up, sent_fin, asking;
	int64_t syn, syn_ack, its_fin;
	uint32_t last_ack, last_end;
};

static struct {
	struct wire wire;
	struct wire_flow *flow;
	struct peer peer;
	unsigned int count;
	int settle_ms;
	int fd;
	enum role role;
	bool waiting;		/* connect() is in progress */
	bool ready;		/* accept() would succeed */
	bool over;		/* an error or the end was reported */
	bool verbose;
} it;

static void give_up(const char *what)
{
	printf("Bail out! %s: %s\n", what, strerror(errno));
	wire_dump(&it.wire);
	exit(2);
}

/* Segments of the module */

/* Checks the numbers of a segment without RST against those expected. */
static const char *in_place(const struct wire_seg *g)
{
	const struct peer *p = &it.peer;

	if (g->flags & WF_SYN && !(g->flags & WF_ACK))
		return "";
	if (!(g->flags & WF_SYN) && g->seq != p->rcv)
		return "?";
	return g->ack == p->nxt ? "" : "?";
}

/*
 * A RST in answer to a segment has numbers from the segment (3.5.2), a RST of
 * an abort those of the connection.
 */
static const char *rst_in_place(const struct wire_seg *g)
{
	const struct peer *p = &it.peer;

	if (g->seq == p->rcv || g->seq == p->last_ack)
		return "";
	return g->flags & WF_ACK && !g->seq && g->ack == p->last_end ? "" : "?";
}

/* Was this sequence number (of a SYN or FIN) sent before? */
static bool seen(int64_t *where, uint32_t seq)
{
	bool again = *where == seq;

	*where = seq;
	return again;
}

static bool repeats(const struct wire_seg *g, int input)
{
	struct peer *p = &it.peer;

	if (g->flags & WF_SYN && g->flags & WF_ACK)
		return seen(&p->syn_ack, g->seq) && input != IN_SYN_AGAIN;
	if (g->flags & WF_SYN)
		return seen(&p->syn, g->seq);
	if (g->flags & WF_FIN)
		return seen(&p->its_fin, g->seq);
	return false;
}

/* An ACK of the peer's last SYN makes its connection the current one. */
static void adopt(const struct wire_seg *g)
{
	struct peer *p = &it.peer;

	if (!p->asking || !(g->flags & WF_ACK) || g->ack != p->asked + 1)
		return;
	p->isn = p->asked;
	p->nxt = p->isn + 1;
	p->up = true;
	p->sent_fin = false;
	p->asking = false;
}

static void hear(const struct wire_seg *g, int input, struct reply *r)
{
	struct peer *p = &it.peer;
	char text[16];

	if (g->flags & WF_RST) {
		snprintf(text, sizeof(text), "RST%s", rst_in_place(g));
		reply_segment(r, text);
		return;
	}
	if (repeats(g, input))
		return;
	adopt(g);
	if (g->flags & WF_SYN) {
		p->rcv = g->seq + 1;
		p->its_fin = -1;
		if (!(g->flags & WF_ACK))
			p->up = false;
	}
	snprintf(text, sizeof(text), "%s%s", g->flags & WF_SYN ?
		 g->flags & WF_ACK ? "SYN-ACK" : "SYN" :
		 g->flags & WF_FIN ? "FIN" : "ACK", in_place(g));
	reply_segment(r, text);
	if (g->flags & WF_FIN)
		p->rcv = g->seq + 1;
}

static void listen_to_wire(int input, int ms, struct reply *r)
{
	int64_t until = wire_now_us() + ms * 1000LL, now;

	while ((now = wire_now_us()) < until) {
		if (!wire_next(it.flow, (until - now + 999) / 1000))
			continue;
		if (it.verbose)
			printf("#       > %s\n", it.flow->last.text);
		hear(&it.flow->last, input, r);
	}
}

/* Segments of the peer */

static void send_segment(const char *flags, uint32_t seq, int len, uint32_t ack)
{
	struct peer *p = &it.peer;
	bool syn = flags[0] == 'S';
	char text[32] = "";

	p->last_end = seq + len + (syn || flags[0] == 'F');
	p->last_ack = ack;
	if (strchr(flags, '.'))
		snprintf(text, sizeof(text), "ack =%u", ack);
	if (wire_inject(it.flow, "%s =%u(%d) %s win 65535 %s", flags, seq, len, text,
			syn ? "<mss 1460>" : ""))
		give_up("cannot inject");
}

static void send_syn(const char *flags, uint32_t isn)
{
	it.peer.asked = isn;
	it.peer.asking = true;
	send_segment(flags, isn, 0, it.peer.rcv);
}

static void send_fin(uint32_t ack)
{
	struct peer *p = &it.peer;
	uint32_t seq = p->up && p->sent_fin ? p->fin : p->nxt;

	send_segment("F.", seq, 0, ack);
	if (!p->up || p->sent_fin)
		return;
	p->sent_fin = true;
	p->fin = p->nxt++;
}

/* After its FIN the peer can only send a duplicate. */
static void send_data(uint32_t ack)
{
	struct peer *p = &it.peer;
	bool old = p->up && p->sent_fin;

	send_segment("P.", old ? p->fin - 1 : p->nxt, 1, ack);
	if (p->up && !old)
		p->nxt++;
}

static void send_input(int input)
{
	struct peer *p = &it.peer;
	uint32_t before_fin = p->rcv - (p->its_fin >= 0);

	switch (input) {
	case IN_SYN:
		send_syn("S", p->nxt + AHEAD);
		break;
	case IN_SYN_AGAIN:
		send_syn("S", p->isn);
		break;
	case IN_SYN_ACK:
		send_syn("S.", p->up ? p->isn : p->nxt + AHEAD);
		break;
	case IN_ACK:
		send_segment(".", p->nxt, 0, p->rcv);
		break;
	case IN_FIN:
		send_fin(p->rcv);
		break;
	case IN_FIN_CROSSING:
		send_fin(before_fin);
		break;
	case IN_DATA:
		send_data(before_fin);
		break;
	case IN_RST:
		send_segment("R.", p->nxt, 0, p->rcv);
		break;
	}
}

/* Calls of the user */

static int errno_of(int ret)
{
	return ret ? -errno : 0;
}

static int do_close(bool abort)
{
	struct linger linger = { .l_onoff = 1 };
	int err;

	if (it.role == ROLE_GONE)
		return NOT_CALLED;
	if (abort)
		setsockopt(it.fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
	err = errno_of(close(it.fd));
	it.role = ROLE_GONE;
	return err;
}

static int do_accept(void)
{
	int fd;

	if (it.role != ROLE_LISTENER)
		return NOT_CALLED;
	fd = wire_accept(it.fd);
	if (fd < 0)
		return fd;
	close(it.fd);
	it.fd = fd;
	it.role = ROLE_CONNECTION;
	return 0;
}

static int do_connect(void)
{
	int err;

	if (it.role != ROLE_NEW && it.role != ROLE_LISTENER)
		return NOT_CALLED;
	err = wire_connect(it.flow, it.fd);
	if (err && err != -EINPROGRESS)
		return err;
	it.role = ROLE_CONNECTION;
	it.waiting = true;
	return 0;
}

static int do_listen(void)
{
	int err;

	if (it.role != ROLE_NEW)
		return NOT_CALLED;
	/* Backlog 0 queues one connection: this limits the number of states. */
	err = errno_of(listen(it.fd, 0));
	if (!err)
		it.role = ROLE_LISTENER;
	return err;
}

static int do_shutdown(void)
{
	if (it.role == ROLE_GONE)
		return NOT_CALLED;
	it.waiting = false;
	return errno_of(shutdown(it.fd, SHUT_WR));
}

static int call(int input)
{
	switch (input) {
	case IN_LISTEN:
		return do_listen();
	case IN_CONNECT:
		return do_connect();
	case IN_ACCEPT:
		return do_accept();
	case IN_SHUTDOWN:
		return do_shutdown();
	default:
		return do_close(input == IN_ABORT);
	}
}

/* Results visible to the user, after each step; all data is read. */

static void look_at_connection(struct reply *r)
{
	char buf[64];
	ssize_t n;

	r->error = wire_error(it.fd);
	it.over |= r->error;
	if (it.waiting && wire_poll(it.fd, POLLOUT, 0) & (POLLOUT | POLLERR | POLLHUP)) {
		r->up = !r->error;
		it.waiting = false;
	}
	while ((n = recv(it.fd, buf, sizeof(buf), MSG_DONTWAIT)) > 0)
		r->data = true;
	if (!n && !it.over) {
		r->eof = true;
		it.over = true;
	}
}

static void look(struct reply *r)
{
	if (it.role == ROLE_CONNECTION) {
		look_at_connection(r);
	} else if (it.role == ROLE_LISTENER && !it.ready) {
		r->up = wire_poll(it.fd, POLLIN, 0) & POLLIN;
		it.ready = r->up;
	}
}

/* Steps and resets */

int peer_step(int input)
{
	struct reply r;
	int number;

	reply_clear(&r);
	wire_flush(it.flow);
	it.peer.asking = false;
	if (input < INPUT_CALLS)
		r.call = call(input);
	else if (input != IN_TIME)
		send_input(input);
	listen_to_wire(input, input == IN_TIME ? TIME_MS : it.settle_ms, &r);
	look(&r);
	number = reply_number(&r, input);
	if (it.verbose)
		printf("#     %s: %s\n", input_name(input), reply_text(number));
	return number;
}

/*
 * Ends the connection of the last word, as far as possible, so that it sends no
 * further segments.
 */
static void clean_up(void)
{
	if (it.role != ROLE_GONE)
		do_close(true);
	if (it.peer.up)
		send_input(IN_RST);
	wire_flush(it.flow);
}

void peer_reset(void)
{
	struct peer *p = &it.peer;

	clean_up();
	memset(p, 0, sizeof(*p));
	p->isn = 0x10000;
	p->nxt = p->isn + 1;
	p->rcv = 0x20000;
	p->syn = -1;
	p->syn_ack = -1;
	p->its_fin = -1;

	/* New ports: connections of earlier words may remain on old ones. */
	it.count++;
	wire_again(it.flow);
	it.flow->lport = 10000 + it.count % 20000;
	it.flow->pport = 20000 + it.count % 40000;
	it.flow->unchecked = true;
	it.fd = wire_socket(&it.wire);
	if (it.fd < 0 || wire_bind(&it.wire, it.fd, it.flow->lport))
		give_up("no socket");
	it.role = ROLE_NEW;
	it.waiting = false;
	it.ready = false;
	it.over = false;
	if (it.verbose)
		printf("#   a new connection\n");
}

int peer_start(bool v6, bool verbose)
{
	unsigned int i;

	if (wire_start(&it.wire, v6))
		return -1;
	for (i = 0; i < COUNT(settings); i++)
		if (wire_sysctl(&it.wire, settings[i][0], settings[i][1]))
			return -1;
	it.flow = wire_flow(&it.wire, 0);
	it.role = ROLE_GONE;
	it.verbose = verbose;
	it.settle_ms = SETTLE_MS + 4 * it.wire.slop_us / 1000;
	return 0;
}

void peer_stop(void)
{
	clean_up();
	wire_stop(&it.wire);
	if (it.wire.failed) {
		printf("Bail out! %d segments broke a rule\n", it.wire.failed);
		exit(2);
	}
}
