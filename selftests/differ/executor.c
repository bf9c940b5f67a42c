// SPDX-License-Identifier: GPL-2.0
/* Executes the steps of a script on two stacks, in two namespaces, with two peers. */
#include "../lib/wire.h"
#include "../lib/wire_format.h"
#include "../lib/wire_packet.h"
#include "../lib/wire_rules.h"
#include "executor.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

#define BUFFER		65536

struct peer {
	struct wire_flow *f;
	uint32_t snd_nxt;	/* next sequence number of the peer */
	uint32_t told;		/* the stack's latest acknowledgment number */
	uint32_t wanted;	/* the same, not reset by OP_AGAIN */
	uint32_t una;		/* highest ACK number of the peer */
	uint32_t rcv_nxt;	/* end of the data of the stack: its SND.NXT */
	uint32_t edge;		/* the right edge of the stack's window */
	bool established;	/* the stack has answered the SYN of the peer */
	uint32_t moved;		/* ISN, relative to the first of the flow */
};

static struct side {
	struct wire w;
	int ns;
	int fd[SLOTS];
	uint64_t sent[SLOTS];
	struct peer peer[FLOWS];
} sides[SIDES];

static uint8_t buffer[BUFFER];

/* Setup and teardown */

/*
 * Disables features of the kernel's TCP that XTCP does not have, and sets the
 * same parameters for both.
 */
static void settle_on(struct side *s)
{
	static const char *const kernel[][2] = {
		{ "autocorking", "0" }, { "moderate_rcvbuf", "0" },
		{ "syncookies", "0" }, { "no_metrics_save", "1" },
		{ "syn_linear_timeouts", "0" }, { "comp_sack_nr", "0" },
		{ "rfc1337", "1" }, { "syn_retries", "7" }, { "fastopen", "0" },
		{ "rto_min_us", "200000" }, { "adv_win_scale", "1" },
		{ "limit_output_bytes", "10000000" }, { "max_syn_backlog", "1024" },
		{ "mtu_probing", "0" }, { "ecn", "0" }, { "max_reordering", "3" },
		{ "min_tso_segs", "1" }, { "tso_win_divisor", "0" },
	};
	static const char *const both[][2] = {
		{ "congestion_control", "reno" },
		{ "challenge_ack_limit", "2147483647" },
		/* one answer more or less would change later ones */
		{ "invalid_ratelimit", "0" },
		/* enough for all data of a script */
		{ "wmem", "4096 4000000 8000000" },
	};

	if (s->w.ref)
		for (size_t i = 0; i < ARRAY_SIZE(kernel); i++)
			wire_sysctl(&s->w, kernel[i][0], kernel[i][1]);
	for (size_t i = 0; i < ARRAY_SIZE(both); i++)
		wire_sysctl(&s->w, both[i][0], both[i][1]);
}

/*
 * Limits GSO packets to one segment: with larger ones the kernel's TCP waits
 * for more data before it sends, XTCP does not.
 */
static int one_by_one(void)
{
	struct {
		struct nlmsghdr h;
		struct ifinfomsg i;
		struct rtattr a;
		uint32_t segs;
	} m = {
		.h = { .nlmsg_len = sizeof(m), .nlmsg_type = RTM_SETLINK,
		       .nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK },
		.i = { .ifi_index = if_nametoindex("tun0") },
		.a = { .rta_len = 8, .rta_type = IFLA_GSO_MAX_SEGS },
		.segs = 1,
	};
	struct {
		struct nlmsghdr h;
		struct nlmsgerr e;
	} answer = { .e.error = -EIO };
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE);

	if (send(fd, &m, sizeof(m), 0) > 0)
		recv(fd, &answer, sizeof(answer), 0);
	close(fd);
	errno = -answer.e.error;
	return answer.e.error;
}

/* Widens the prefix: each script has its own peer address. */
static int widen(void)
{
	struct ifreq ifr = { .ifr_name = "tun0" };
	struct sockaddr_in *sin = (struct sockaddr_in *)&ifr.ifr_netmask;
	int fd = socket(AF_INET, SOCK_DGRAM, 0), ret;

	sin->sin_family = AF_INET;
	sin->sin_addr.s_addr = htonl(0xffff0000);
	ret = ioctl(fd, SIOCSIFNETMASK, &ifr);
	close(fd);
	return ret;
}

static int side_start(struct side *s, bool ref)
{
	memset(s, 0, sizeof(*s));
	s->w.ref = ref;
	s->w.t0_us = wire_now_us();
	for (int i = 0; i < SLOTS; i++)
		s->fd[i] = -1;
	if (wire_netns(&s->w) || widen())
		return -1;
	settle_on(s);
	if (ref && one_by_one())
		return -1;
	s->ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	return s->ns < 0 ? -1 : 0;
}

int stacks_start(bool control)
{
	/* In virtual time, reading a page from the host advances the clock. */
	mlockall(MCL_CURRENT | MCL_FUTURE);
	for (int i = 0; i < SIDES; i++)
		if (side_start(&sides[i], control || i == KERNEL))
			return -1;
	return 0;
}

const struct wire_flow *run_flow(int side, int flow)
{
	return sides[side].peer[flow].f;
}

/* Segments that the stack sends */

static uint32_t sum_of(const uint8_t *p, int n)
{
	uint32_t sum = n;

	for (int i = 0; i < n; i++)
		sum = sum * 31 + p[i];
	return sum;
}

static void note_sack(struct seen *n, const uint8_t *o, uint32_t base)
{
	for (int i = 2; i + 4 <= o[1] && n->nsack < 8; i += 4)
		n->sack[n->nsack++] = get32(o + i) - base;
}

static void note_options(struct seen *n, const struct wire_seg *g, uint32_t base)
{
	const uint8_t *o = g->pkt + g->thoff + 20;

	n->mss = -1;
	n->wscale = -1;
	for (int i = 0; i < g->optlen && o[i] != OPT_EOL; ) {
		int len = o[i] == OPT_NOP || i + 1 >= g->optlen ? 1 : o[i + 1];

		if (o[i] == OPT_MSS)
			n->mss = get16(o + i + 2);
		else if (o[i] == OPT_WS)
			n->wscale = o[i + 2];
		else if (o[i] == OPT_SACKOK)
			n->sackok = true;
		else if (o[i] == OPT_SACK)
			note_sack(n, o + i, base);
		if (len < 1)
			break;
		i += len;
	}
}

static int window_shift(const struct wire_flow *f, const struct wire_seg *g)
{
	if (g->flags & WF_SYN || f->stack_ws < 0 || f->peer_ws < 0)
		return 0;
	return f->stack_ws;
}

/*
 * Updates the peer from a segment of the stack. Return: true for a
 * retransmission.
 */
static bool learn(struct peer *p, const struct wire_seg *g)
{
	struct wire_flow *f = p->f;
	uint32_t end = g->seq + g->paylen + !!(g->flags & WF_SYN) + !!(g->flags & WF_FIN);
	bool again;

	/* Two sockets with one peer: only one of them is tracked. */
	if (g->flags & WF_RST || g->sport != f->lport)
		return false;
	again = f->iss_known && before(g->seq, p->rcv_nxt);
	if (g->flags & WF_SYN && (!f->iss_known || f->iss != g->seq)) {
		f->iss = g->seq;
		f->iss_known = true;
		p->rcv_nxt = end;
		p->una = g->seq + 1;
	}
	if (before(p->rcv_nxt, end))
		p->rcv_nxt = end;
	if (g->flags & WF_SYN)
		f->stack_ts = g->has_ts;
	if (g->has_ts)
		f->ts_last = g->tsval;
	if (g->flags & WF_ACK) {
		uint32_t edge = g->ack + ((uint32_t)g->win << window_shift(f, g));

		/* The edge does not move back, except by rounding to the window scale. */
		if (!p->established || g->flags & WF_SYN || before(p->edge, edge))
			p->edge = edge;
		p->told = g->ack;
		p->wanted = g->ack;
		p->established = true;
	}
	return again;
}

static void note(struct side *s, struct peer *p, const struct wire_seg *g,
		 struct record *rec, int64_t us, bool again)
{
	struct wire_flow *f = p->f;
	struct seen *n = &rec->seen[rec->nseen];

	if (rec->nseen == MAX_SEEN) {
		rec->lost++;
		return;
	}
	rec->nseen++;
	memset(n, 0, sizeof(*n));
	n->us = us;
	n->flow = p - s->peer;
	n->other_port = g->sport != f->lport;
	n->flags = g->flags;
	n->again = again;
	/* A RST without a connection has sequence number 0. */
	n->seq = g->seq ? g->seq - (f->iss_known ? f->iss : 0) : 0;
	n->ack = g->flags & WF_ACK ? g->ack - f->isn : 0;
	n->len = g->paylen;
	n->sum = sum_of(g->pkt + g->thoff + 4 * g->doff, g->paylen);
	n->win = g->win;
	n->window = (long)g->win << window_shift(f, g);
	n->urg = g->urg;
	n->tos = g->tos;
	n->ttl = g->ttl;
	n->ts = g->has_ts;
	n->tsecr = g->tsecr;
	note_options(n, g, f->isn);
}

/* A segment for a flow of an earlier script gets a RST, which ends the connection. */
static void end_stray(struct side *s, const struct wire_seg *g)
{
	static uint8_t pkt[200];
	struct wire_flow f = {
		.w = &s->w, .lport = g->sport, .pport = g->dport, .stack_ws = -1,
		.peer_ws = -1,
	};
	struct wire_seg out = { .pkt = pkt };
	struct wire_spec p = {
		.flags = WF_RST, .res = -1, .doff = -1, .cut = -1, .keep = -1,
		.tos = -1, .ttl = -1, .frag = -1, .fill = -1,
	};

	if (g->flags & WF_RST)
		return;
	memcpy(f.local + (g->v6 ? 0 : 12), g->pkt + (g->v6 ? 8 : 12), g->v6 ? 16 : 4);
	memcpy(f.peer + (g->v6 ? 0 : 12), g->pkt + (g->v6 ? 24 : 16), g->v6 ? 16 : 4);
	s->w.v6 = g->v6;
	p.seq = (struct wire_num){ .given = true, .bare = true, .v = g->ack };
	if (!(g->flags & WF_ACK)) {
		p.flags |= WF_ACK;
		p.seq.v = 0;
		p.ack = (struct wire_num){ .given = true, .bare = true, .v = g->seq + 1 };
	}
	if (!wire_build(&f, &p, &out))
		wire_raw(&s->w, out.pkt, out.len);
}

static struct peer *find_peer(struct side *s, bool v6, const struct wire_seg *g)
{
	int at = v6 ? 24 : 16, len = v6 ? 16 : 4;

	for (int i = 0; i < FLOWS && g->v6 == v6; i++) {
		struct wire_flow *f = s->peer[i].f;

		if (f && f->pport == g->dport &&
		    !memcmp(g->pkt + at, f->peer + 16 - len, len))
			return &s->peer[i];
	}
	return NULL;
}

/*
 * Checks a segment. Those of the kernel's TCP always pass: IP may have
 * fragmented them.
 */
static bool is_sound(struct side *s, struct wire_flow *f, struct wire_seg *g)
{
	int failed = s->w.failed;

	if (s == &sides[XTCP])
		wire_check_header(&s->w, g);
	wire_check_options(&s->w, f, g);
	return s == &sides[KERNEL] || s->w.failed == failed;
}

/* Records all segments that the stack has sent. */
static void drain(struct run *r, int side)
{
	static uint8_t pkt[WIRE_ROOM];
	struct side *s = &sides[side];
	bool v6 = r->sc->v6;
	ssize_t n;

	while ((n = read(s->w.tun, pkt, sizeof(pkt))) > 0) {
		struct wire_seg g = { .pkt = pkt, .len = n };
		struct peer *p;
		bool again, sound;
		int tlen;

		if (wire_read_ip(&g, &tlen) != IPPROTO_TCP)
			continue;
		wire_read_tcp(&g);
		p = find_peer(s, v6, &g);
		if (!p) {
			end_stray(s, &g);
			s->w.v6 = v6;
			continue;
		}
		sound = is_sound(s, p->f, &g);
		again = learn(p, &g);
		if (r->ended)
			continue;
		r->rec[side][r->at].broken |= !sound;
		note(s, p, &g, &r->rec[side][r->at], wire_now_us() - r->began_us, again);
	}
}

static void wait_until(struct run *r, int64_t until_us)
{
	struct pollfd p[SIDES];

	for (int i = 0; i < SIDES; i++) {
		p[i].fd = sides[i].w.tun;
		p[i].events = POLLIN;
	}
	for (;;) {
		int64_t left = until_us - wire_now_us();
		struct timespec ts = { left / 1000000, left % 1000000 * 1000 };

		if (left <= 0)
			break;
		ppoll(p, SIDES, &ts, NULL);
		for (int i = 0; i < SIDES; i++)
			drain(r, i);
	}
	for (int i = 0; i < SIDES; i++)
		drain(r, i);
}

/* Segments of the peer */

static uint32_t place(const struct peer *p, int at, int offset)
{
	switch (at) {
	case P_ISN:
		return p->f->isn + offset;
	case P_SND:
		return p->snd_nxt + offset;
	case P_UNA:
		return p->told + offset;
	case P_RCV:
		return p->rcv_nxt + offset;
	case P_ISS:
		return p->f->iss + offset;
	}
	return offset;
}

static struct wire_opt *add_option(struct wire_spec *p, int kind, int len)
{
	struct wire_opt *o = &p->opt[p->nopts++];

	memset(o, 0, sizeof(*o));
	o->kind = kind;
	o->len = len;
	return o;
}

static void fill_options(struct wire_spec *p, const struct step *st, struct peer *peer,
			 uint32_t ack)
{
	struct wire_opt *o;

	if (st->mss)
		put16(add_option(p, OPT_MSS, 4)->data, st->mss);
	if (st->sackok)
		add_option(p, OPT_SACKOK, 2);
	if (st->ts > 0) {
		o = add_option(p, OPT_TS, 10);
		o->any_a = true;
		o->any_b = true;
	} else if (st->ts < 0) {
		/*
		 * An old timestamp, for PAWS. It is a raw option: put_option()
		 * would store an OPT_TS as the peer's latest.
		 */
		if (peer->f->stack_ts && peer->f->peer_ts) {
			o = add_option(p, OPT_RAW, 10);
			o->data[0] = OPT_TS;
			o->data[1] = 10;
			put32(o->data + 2, peer->f->tsval + st->ts);
			put32(o->data + 6, peer->f->ts_last);
			p->nots = true;
		}
	}
	if (st->wscale >= 0)
		add_option(p, OPT_WS, 3)->data[0] = st->wscale;
	if (st->right) {
		o = add_option(p, OPT_SACK, 10);
		put32(o->data, ack + st->left);
		put32(o->data + 4, ack + st->right);
	}
}

static void move_on(struct peer *p, const struct step *st, uint32_t seq, uint32_t ack)
{
	uint32_t end = seq + st->n + !!(st->flags & WF_SYN) + !!(st->flags & WF_FIN);

	if (st->flags & WF_RST)
		return;
	/* Only segments in order advance the peer's numbers. */
	if (((st->flags & WF_SYN && st->seq_at == P_ISN) ||
	     (!(st->flags & WF_SYN) && st->seq_at == P_SND)) && !st->seq &&
	    before(p->snd_nxt, end))
		p->snd_nxt = end;
	if (st->ack_at != P_NONE && before(p->una, ack) && !before(p->rcv_nxt, ack))
		p->una = ack;
}

static void do_segment(struct side *s, const struct step *st, struct record *rec)
{
	static uint8_t pkt[WIRE_ROOM];
	struct peer *peer = &s->peer[st->flow];
	struct wire_seg g = { .pkt = pkt };
	uint32_t seq = place(peer, st->seq_at, st->seq), ack;
	struct wire_flow *f = peer->f;
	bool ts = f->peer_ts;
	int ws = f->peer_ws;
	struct wire_spec p = {
		.flags = st->flags, .len = st->n, .res = -1, .doff = -1, .cut = -1,
		.keep = -1, .tos = -1, .ttl = -1, .frag = -1, .fill = -1,
	};

	ack = st->ack_at == P_UNA ? peer->una + st->ack : place(peer, st->ack_at, st->ack);
	p.seq = (struct wire_num){ .given = true, .bare = true, .v = seq };
	if (st->ack_at != P_NONE)
		p.ack = (struct wire_num){ .given = true, .bare = true, .v = ack };
	p.win = (struct wire_num){ .given = true, .v = st->win };
	p.urg = (struct wire_num){ .given = true, .v = st->urg };
	fill_options(&p, st, peer, ack);
	if (wire_build(f, &p, &g))
		return;
	rec->had_ts = st->ts > 0 || (ts && f->stack_ts);
	rec->tsval = f->tsval + (st->ts < 0 ? st->ts : 0);
	rec->seq = seq - f->isn;
	rec->place = rec->seq + peer->moved;
	rec->ack = ack - f->iss;
	rec->in_seq = seq - peer->wanted;
	rec->in_ack = ack - peer->rcv_nxt;
	rec->in_room = peer->edge - (seq + st->n);
	rec->in_established = peer->established;
	/* A later SYN does not change options that the stack answered. */
	if (peer->told != f->isn) {
		f->peer_ts = ts;
		f->peer_ws = ws;
	}
	move_on(peer, st, seq, ack);
	wire_raw(&s->w, g.pkt, g.len);
}

static void do_icmp(struct side *s, const struct step *st, struct record *rec)
{
	static uint8_t pkt[200];
	struct peer *peer = &s->peer[st->flow];
	struct wire_seg g = { .pkt = pkt };
	uint32_t seq = st->seq_at == P_UNA ? peer->una + st->seq :
					     place(peer, st->seq_at, st->seq);

	rec->in_seq = seq - peer->una;
	rec->in_ack = seq - peer->rcv_nxt;
	rec->ack = peer->una - peer->f->iss;
	memset(pkt, 0, sizeof(pkt));
	wire_build_icmp(peer->f, &g, st->what, seq, st->n, 20);
	wire_raw(&s->w, g.pkt, g.len);
}

/* A new connection on the same ports: its ISN is beyond the old numbers. */
static void do_again(struct side *s, const struct step *st)
{
	struct peer *p = &s->peer[st->flow];

	p->moved += p->snd_nxt + st->n - p->f->isn;
	p->f->isn = p->snd_nxt + st->n;
	p->snd_nxt = p->f->isn;
	p->told = p->f->isn;
}

/* Socket calls */

static int port_of(const struct run *r, int n)
{
	return 2048 + r->number % 14000 * 2 + (n & 1);
}

static void do_socket(struct side *s, const struct step *st)
{
	if (s->fd[st->slot] >= 0) {
		errno = EBUSY;
		return;
	}
	if (setns(s->ns, CLONE_NEWNET))
		abort();
	s->fd[st->slot] = wire_socket(&s->w);
	s->sent[st->slot] = 0;
}

static int do_bind(struct run *r, struct side *s, int fd, const struct step *st)
{
	struct sockaddr_storage ss;
	socklen_t len = wire_sockaddr(&s->w, &ss, NULL, st->n < 0 ? 0 : port_of(r, st->n));

	return bind(fd, (struct sockaddr *)&ss, len);
}

static int do_connect(struct side *s, int fd, const struct step *st)
{
	struct wire_flow *f = s->peer[st->flow].f;
	struct sockaddr_storage ss;
	socklen_t len = wire_sockaddr(&s->w, &ss, f->peer, f->pport);
	int ret, err;

	ret = connect(fd, (struct sockaddr *)&ss, len);
	err = errno;
	/* 0: the connection was already established. */
	if (!ret || err != EINPROGRESS)
		goto out;
	len = sizeof(ss);
	if (!getsockname(fd, (struct sockaddr *)&ss, &len))
		f->lport = ntohs(((struct sockaddr_in *)&ss)->sin_port);
out:
	errno = err;
	return ret;
}

static int do_accept(struct side *s, int fd, const struct step *st)
{
	int got;

	if (s->fd[st->to] >= 0) {
		errno = EBUSY;
		return -1;
	}
	got = wire_accept(fd);
	if (got < 0) {
		errno = -got;
		return -1;
	}
	s->fd[st->to] = got;
	s->sent[st->to] = 0;
	return 0;
}

static int do_send(struct side *s, int fd, const struct step *st)
{
	int n = st->n < BUFFER ? st->n : BUFFER, ret;

	for (int i = 0; i < n; i++)
		buffer[i] = wire_pattern(s->sent[st->slot] + i);
	ret = send(fd, buffer, n, MSG_DONTWAIT | MSG_NOSIGNAL |
		   (st->how & HOW_OOB ? MSG_OOB : 0) |
		   (st->how & HOW_MORE ? MSG_MORE : 0));
	if (ret > 0)
		s->sent[st->slot] += ret;
	return ret;
}

static int do_recv(int fd, const struct step *st, uint32_t *sum)
{
	int n = st->n < BUFFER ? st->n : BUFFER, ret;

	ret = recv(fd, buffer, n, MSG_DONTWAIT | (st->how & HOW_OOB ? MSG_OOB : 0) |
		   (st->how & HOW_PEEK ? MSG_PEEK : 0) |
		   (st->how & HOW_TRUNC ? MSG_TRUNC : 0));
	if (ret > 0 && !(st->how & HOW_TRUNC))
		*sum = sum_of(buffer, ret < n ? ret : n);
	return ret;
}

static int do_option(int fd, const struct step *st)
{
	const struct option *o = &options[st->what];
	struct linger l = { .l_onoff = st->n };
	int v = st->n;
	socklen_t len = sizeof(v);

	if (st->op == OP_GET)
		return getsockopt(fd, o->level, o->opt, &v, &len) ? -1 : v;
	/* l_linger is 0: otherwise close() would block. */
	if (o->level == SOL_SOCKET && o->opt == SO_LINGER)
		return setsockopt(fd, o->level, o->opt, &l, sizeof(l));
	return setsockopt(fd, o->level, o->opt, &v, sizeof(v));
}

static int do_close(struct side *s, const struct step *st)
{
	int ret = close(s->fd[st->slot]);

	s->fd[st->slot] = -1;
	return ret;
}

static int socket_call(struct run *r, struct side *s, const struct step *st,
		       struct record *rec)
{
	int fd = s->fd[st->slot];

	if (fd < 0) {
		errno = EBADF;
		return -1;
	}
	switch (st->op) {
	case OP_BIND:
		return do_bind(r, s, fd, st);
	case OP_LISTEN:
		return listen(fd, st->n);
	case OP_CONNECT:
		return do_connect(s, fd, st);
	case OP_ACCEPT:
		return do_accept(s, fd, st);
	case OP_SEND:
		return do_send(s, fd, st);
	case OP_RECV:
		return do_recv(fd, st, &rec->sum);
	case OP_SHUTDOWN:
		return shutdown(fd, st->what);
	case OP_CLOSE:
		return do_close(s, st);
	default:
		return do_option(fd, st);
	}
}

static void act(struct run *r, int side)
{
	const struct step *st = &r->sc->step[r->at];
	struct record *rec = &r->rec[side][r->at];
	struct side *s = &sides[side];

	errno = 0;
	switch (st->op) {
	case OP_WAIT:
		break;
	case OP_SOCKET:
		do_socket(s, st);
		break;
	case OP_SEGMENT:
		do_segment(s, st, rec);
		break;
	case OP_ICMP:
		do_icmp(s, st, rec);
		break;
	case OP_AGAIN:
		do_again(s, st);
		break;
	default:
		rec->ret = socket_call(r, s, st, rec);
		rec->err = rec->ret < 0 ? errno : 0;
	}
	drain(r, side);
}

/* Sockets after a step */

static int flow_of(const struct side *s, int fd)
{
	struct sockaddr_storage ss;
	socklen_t len = sizeof(ss);

	if (getpeername(fd, (struct sockaddr *)&ss, &len))
		return -1;
	for (int i = 0; i < FLOWS; i++)
		if (s->peer[i].f->pport == ntohs(((struct sockaddr_in *)&ss)->sin_port))
			return i;
	return -1;
}

static void look_at(const struct side *s, int fd, struct look *l)
{
	int events = POLLIN | POLLOUT | POLLPRI | POLLRDHUP;
	struct tcp_info info = { 0 };
	socklen_t len = sizeof(info);

	if (fd < 0) {
		memset(l, 0, sizeof(*l));
		return;
	}
	if (getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len))
		info.tcpi_state = 0;
	l->state = info.tcpi_state;
	l->cwnd = info.tcpi_snd_cwnd;
	l->unacked = info.tcpi_unacked;
	l->poll = wire_poll(fd, events, 0);
	l->flow = flow_of(s, fd);
	if (ioctl(fd, SIOCINQ, &l->inq))
		l->inq = -errno;
	if (ioctl(fd, SIOCOUTQ, &l->outq))
		l->outq = -errno;
}

static void look(struct run *r)
{
	for (int side = 0; side < SIDES; side++)
		for (int i = 0; i < SLOTS; i++)
			look_at(&sides[side], sides[side].fd[i],
				&r->rec[side][r->at].look[i]);
}

void run_on(struct run *r, int64_t until_us)
{
	wait_until(r, until_us);
	look(r);
}

/*
 * Sum of the ACK numbers of the peer, or ~0 if the stack waits for no ACK.
 * While this does not change, no timer of the stack is restarted.
 */
static uint32_t all_acked(const struct side *s)
{
	uint32_t sum = 0;
	bool idle = true;

	for (int i = 0; i < FLOWS; i++) {
		sum += s->peer[i].una;
		idle &= s->peer[i].una == s->peer[i].rcv_nxt &&
			(s->peer[i].established || !s->peer[i].f->iss_known);
	}
	return idle ? ~0U : sum;
}

void run_step(struct run *r)
{
	const struct step *st = &r->sc->step[r->at];
	uint32_t una;

	for (int i = 0; i < SIDES; i++) {
		struct record *rec = &r->rec[i][r->at];

		rec->began_us = wire_now_us();
		rec->ret = 0;
		rec->err = 0;
		rec->sum = 0;
		rec->nseen = 0;
		rec->lost = 0;
		for (int j = 0; j < FLOWS; j++)
			sides[i].peer[j].f->tsval += 1 + (st->op == OP_WAIT ? st->n : 0);
	}
	una = all_acked(&sides[KERNEL]);
	for (int i = 0; i < SIDES; i++) {
		r->began_us = wire_now_us();
		act(r, i);
	}
	if (st->op == OP_WAIT)
		wait_until(r, r->began_us + st->n * 1000LL);
	else if (una == ~0U || una != all_acked(&sides[KERNEL]))
		r->acted_us = r->began_us;
	look(r);
}

int64_t run_since(const struct run *r, int side, const struct seen *n)
{
	int64_t at = r->began_us + n->us;

	for (int i = 0; i <= r->at && n->again; i++) {
		const struct record *rec = &r->rec[side][i];

		for (int j = 0; j < rec->nseen; j++)
			if (rec->seen[j].flow == n->flow && rec->seen[j].seq == n->seq &&
			    rec->seen[j].len + (rec->seen[j].flags & (WF_SYN | WF_FIN)))
				return at - rec->began_us - rec->seen[j].us;
	}
	return at - r->acted_us;
}

/* Begin and end of a script */

static void flow_begin(struct side *s, int i, uint32_t number)
{
	struct wire_flow *f = &s->w.flow[i];
	struct peer *p = &s->peer[i];
	static const uint8_t net4[16] = { [10] = 0xff, 0xff, 192, 0, 2, 1 };
	static const uint8_t net6[16] = { 0x20, 0x01, 0x0d, 0xb8, [15] = 1 };

	memset(f, 0, sizeof(*f));
	f->w = &s->w;
	memcpy(f->local, s->w.v6 ? net6 : net4, 16);
	memcpy(f->peer, f->local, 16);
	/* 192.0.4.0 and above, 2001:db8::400 and above */
	f->peer[14] = 4 + number / 250 % 240;
	f->peer[15] = 2 + number % 250;
	f->lport = 2048 + number % 14000 * 2;
	f->pport = 20000 + number % 20000 * FLOWS + i;
	f->isn = 0xfffff000;	/* wraps soon */
	f->stack_ws = -1;
	f->peer_ws = -1;
	f->tsval = 1000;
	f->unchecked = true;
	f->nopattern = true;
	memset(p, 0, sizeof(*p));
	p->f = f;
	p->snd_nxt = f->isn;
	p->told = f->isn;
	p->wanted = f->isn;
}

void run_begin(struct run *r, const struct script *sc)
{
	static uint32_t number;

	r->sc = sc;
	r->at = 0;
	r->ended = false;
	r->number = ++number;
	r->began_us = wire_now_us();
	r->acted_us = r->began_us;
	for (int i = 0; i < SIDES; i++) {
		sides[i].w.v6 = sc->v6;
		for (int j = 0; j < FLOWS; j++)
			flow_begin(&sides[i], j, number);
		sides[i].w.nflows = FLOWS;
	}
}

static void abort_socket(int fd)
{
	struct linger l = { .l_onoff = 1 };

	setsockopt(fd, SOL_SOCKET, SO_LINGER, &l, sizeof(l));
	close(fd);
}

/* Ends connections without a socket: a RST at RCV.NXT. */
static void kill_flow(struct side *s, int flow)
{
	struct step st = step_new(OP_SEGMENT);
	struct record rec;

	st.flow = flow;
	st.flags = WF_RST;
	st.seq_at = P_UNA;
	do_segment(s, &st, &rec);
}

void run_end(struct run *r)
{
	r->ended = true;
	for (int i = 0; i < SIDES; i++) {
		struct side *s = &sides[i];

		for (int j = 0; j < SLOTS; j++) {
			if (s->fd[j] >= 0)
				abort_socket(s->fd[j]);
			s->fd[j] = -1;
		}
		for (int j = 0; j < FLOWS; j++)
			kill_flow(s, j);
		drain(r, i);
	}
}
