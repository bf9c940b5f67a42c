// SPDX-License-Identifier: GPL-2.0
/*
 * Random scripts: mostly a successful handshake, then mostly valid steps, and sometimes
 * invalid ones.
 */
#include "generator.h"

#include <netinet/tcp.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "../lib/wire.h"

#define LISTENER	0
#define CONN		1

static uint64_t state;

static uint32_t any(uint32_t below)
{
	/* splitmix64: works with any seed */
	uint64_t z = (state += 0x9e3779b97f4a7c15ULL);

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9ULL;
	z = (z ^ z >> 27) * 0x94d049bb133111ebULL;
	return (z ^ z >> 31) % below;
}

static bool chance(int percent)
{
	return any(100) < (uint32_t)percent;
}

#define PICK(array)	((array)[any(ARRAY_SIZE(array))])

static int length(void)
{
	static const int usual[] = { 1, 10, 100, 500, 536, 1000, 1460 };
	static const int large[] = { 1461, 2920, 3000, 8000, 20000, 60000 };

	return chance(85) ? PICK(usual) : PICK(large);
}

static int milliseconds(void)
{
	static const int of[] = {
		1, 3, 10, 20, 50, 100, 250, 300, 500, 700, 1100, 1500, 3000, 5000,
		10000, 30000, 61000, 70000, 130000, 400000,
	};
	/* Mostly short: after a minute few effects are left to observe. */
	return chance(80) ? of[any(12)] : PICK(of);
}

static struct step call(enum op which, int slot, int n)
{
	struct step s = step_new(which);

	s.slot = slot;
	s.n = n;
	return s;
}

static int some_slot(void)
{
	if (chance(85))
		return CONN;
	return any(SLOTS);
}

static int some_flow(void)
{
	return chance(93) ? 0 : 1;
}

static struct step segment(int flags, enum place seq, enum place ack)
{
	struct step s = step_new(OP_SEGMENT);

	s.flags = flags;
	s.seq_at = seq;
	if (flags & WF_ACK)
		s.ack_at = ack;
	return s;
}

static void syn_options(struct step *s)
{
	static const int mss[] = { 1460, 1460, 1460, 1460, 536, 1000, 88, 9000 };

	s->mss = chance(90) ? PICK(mss) : 0;
	s->wscale = chance(50) ? (chance(80) ? 7 : (int)any(16)) : -1;
	s->sackok = chance(50);
	s->ts = chance(40);
	if (chance(10))
		s->win = any(2000);
}

/* Segments after the handshake */

static struct step good_data(void)
{
	struct step s = segment(WF_ACK | (chance(50) ? WF_PSH : 0), P_SND, P_RCV);

	s.n = any(2) ? 100 : length();
	if (s.n > 1460)
		s.n = 1460;
	return s;
}

static void vary_window(struct step *s)
{
	static const int win[] = { 0, 0, 1, 100, 500, 1460, 3000, 10000, 65535 };

	s->win = PICK(win);
}

static int odd_offset(void)
{
	static const int of[] = {
		-1, 1, -2, 2, -100, 100, -536, 536, -1460, 1460, 3000, 10000, 32767,
		-32768, 65534, 65535, 65536, 65537, 1 << 20, -(1 << 20), 0x40000000,
		0x7fffffff, -0x7fffffff - 1,
	};
	return PICK(of);
}

static struct step odd_segment(void)
{
	static const int flags[] = {
		WF_ACK, WF_ACK, WF_ACK | WF_PSH, WF_ACK | WF_FIN, WF_RST, WF_RST,
		WF_RST | WF_ACK, WF_SYN, WF_SYN, WF_SYN | WF_ACK, 0, WF_FIN,
		WF_SYN | WF_FIN, WF_SYN | WF_RST, WF_FIN | WF_RST | WF_ACK,
		WF_PSH, WF_URG, WF_ACK | WF_URG | WF_PSH | WF_FIN | WF_SYN | WF_RST,
		WF_ACK | WF_ECE, WF_ACK | WF_CWR,
	};
	static const enum place at[] = { P_SND, P_SND, P_UNA, P_ISN };
	struct step s = segment(PICK(flags), PICK(at), P_RCV);

	if (chance(40))
		s.seq = odd_offset();
	if (s.ack_at && chance(40))
		s.ack = odd_offset();
	if (chance(30))
		s.n = length() % 1461;
	if (s.flags & WF_SYN && chance(50))
		syn_options(&s);
	if (chance(10))
		vary_window(&s);
	return s;
}

static struct step partial_ack(void)
{
	struct step s = segment(WF_ACK, P_SND, P_UNA);

	s.ack = chance(50) ? length() : 0;
	if (chance(40)) {
		s.left = 1 + any(3) * 500;
		s.right = s.left + length();
	}
	if (chance(20))
		vary_window(&s);
	return s;
}

static struct step urgent(void)
{
	struct step s = good_data();

	s.flags |= WF_URG;
	s.urg = chance(70) ? s.n : (int)any(2000);
	if (chance(20))
		s.n = 0;
	return s;
}

static struct step out_of_order(void)
{
	struct step s = good_data();

	s.seq = chance(50) ? (int)any(3000) : -(int)any(3000);
	if (chance(20))
		s.flags |= WF_FIN;
	if (chance(10))
		s.ts = -(int)any(5000);
	return s;
}

static struct step window_update(void)
{
	struct step s = segment(WF_ACK, P_SND, P_RCV);

	vary_window(&s);
	return s;
}

static struct step icmp(void)
{
	static const int mtu[] = { 0, 67, 68, 300, 576, 1280, 1400, 1499, 1500, 9000 };
	struct step s = step_new(OP_ICMP);

	s.flow = some_flow();
	s.what = any(WI_SRCFAIL + 1);
	s.seq_at = chance(70) ? P_UNA : P_RCV;
	if (chance(20))
		s.seq = odd_offset();
	s.n = s.what == WI_TOOBIG ? PICK(mtu) : 0;
	return s;
}

/* Socket calls */

static struct step set_option(int slot)
{
	static const int small[] = { 0, 1, 1, 1, 2, 5, 10, -1, 100 };
	static const int sizes[] = { 0, 1, 1000, 5000, 20000, 100000 };
	struct step s = call(chance(80) ? OP_SET : OP_GET, slot, 0);

	s.what = any(noptions);
	if (s.op == OP_GET)
		return s;
	s.n = options[s.what].opt == TCP_USER_TIMEOUT ? (int)any(20) * 500 : PICK(small);
	if (options[s.what].level == SOL_SOCKET &&
	    (options[s.what].opt == SO_RCVBUF || options[s.what].opt == SO_SNDBUF))
		s.n = PICK(sizes);
	return s;
}

static struct step recv_step(void)
{
	struct step s = call(OP_RECV, some_slot(), chance(60) ? 65536 : length());

	if (chance(10))
		s.how |= HOW_OOB;
	if (chance(10))
		s.how |= HOW_PEEK;
	if (chance(4))
		s.how |= HOW_TRUNC;
	return s;
}

static struct step send_step(void)
{
	struct step s = call(OP_SEND, some_slot(), length());

	if (chance(6))
		s.how |= HOW_OOB;
	if (chance(6))
		s.how |= HOW_MORE;
	return s;
}

static struct step odd_call(void)
{
	static const enum op ops[] = {
		OP_SOCKET, OP_BIND, OP_LISTEN, OP_CONNECT, OP_ACCEPT, OP_CLOSE,
		OP_ACCEPT, OP_CONNECT,
	};
	struct step s = call(PICK(ops), any(SLOTS), 0);

	s.flow = some_flow();
	if (s.op == OP_BIND)
		s.n = (int)any(3) - 1;
	if (s.op == OP_LISTEN)
		s.n = any(4);
	if (s.op == OP_ACCEPT) {
		s.slot = chance(80) ? LISTENER : s.slot;
		s.to = any(SLOTS);
	}
	return s;
}

static struct step shutdown_step(void)
{
	struct step s = call(OP_SHUTDOWN, some_slot(), 0);

	s.what = chance(70) ? SHUT_WR : (int)any(3);
	return s;
}

static struct step get_error(void)
{
	struct step s = call(OP_GET, some_slot(), 0);

	for (int i = 0; i < noptions; i++)
		if (!strcmp(options[i].name, "error"))
			s.what = i;
	return s;
}

/* The next step, by weight. */
static struct step any_step(void)
{
	struct step s;
	int w = any(100);

	if (w < 12)
		s = good_data();
	else if (w < 24)
		s = segment(WF_ACK, P_SND, P_RCV);
	else if (w < 27)
		s = segment(WF_FIN | WF_ACK, P_SND, P_RCV);
	else if (w < 31)
		s = odd_segment();
	else if (w < 35)
		s = partial_ack();
	else if (w < 37)
		s = urgent();
	else if (w < 41)
		s = out_of_order();
	else if (w < 43)
		s = window_update();
	else if (w < 45)
		s = icmp();
	else if (w < 58)
		s = send_step();
	else if (w < 68)
		s = recv_step();
	else if (w < 71)
		s = shutdown_step();
	else if (w < 73)
		s = call(OP_CLOSE, some_slot(), 0);
	else if (w < 79)
		s = set_option(some_slot());
	else if (w < 81)
		s = get_error();
	else if (w < 85)
		s = odd_call();
	else if (w < 86)
		s = call(OP_AGAIN, -1, any(2) ? 100000 : 1);
	else
		s = call(OP_WAIT, -1, milliseconds());
	if (s.op == OP_SEGMENT)
		s.flow = some_flow();
	return s;
}

/* Openings */

/* Sometimes a step of the opening is left out, or one is inserted. */
static void add(struct script *sc, struct step s)
{
	if (chance(4))
		script_add(sc, any_step());
	if (!chance(3))
		script_add(sc, s);
}

static void handshake(struct script *sc, int flow, int to)
{
	struct step s = segment(WF_SYN, P_ISN, P_NONE);

	syn_options(&s);
	s.flow = flow;
	add(sc, s);
	s = segment(WF_ACK, P_SND, P_RCV);
	s.flow = flow;
	add(sc, s);
	s = call(OP_ACCEPT, LISTENER, 0);
	s.to = to;
	add(sc, s);
}

static void passive(struct script *sc)
{
	add(sc, call(OP_SOCKET, LISTENER, 0));
	while (chance(25))
		add(sc, set_option(LISTENER));
	add(sc, call(OP_BIND, LISTENER, 0));
	add(sc, call(OP_LISTEN, LISTENER, chance(80) ? 4 : (int)any(3)));
	handshake(sc, 0, CONN);
	if (chance(10))
		handshake(sc, 1, CONN + 1);
}

static void active(struct script *sc)
{
	struct step s;

	add(sc, call(OP_SOCKET, CONN, 0));
	while (chance(25))
		add(sc, set_option(CONN));
	if (chance(30))
		add(sc, call(OP_BIND, CONN, 0));
	add(sc, call(OP_CONNECT, CONN, 0));
	if (chance(10)) {
		s = segment(WF_SYN, P_ISN, P_NONE);
		syn_options(&s);
		add(sc, s);
	}
	s = segment(WF_SYN | WF_ACK, P_ISN, P_RCV);
	syn_options(&s);
	add(sc, s);
}

void script_generate(struct script *sc, unsigned long seed, int nsteps)
{
	memset(sc, 0, sizeof(*sc));
	state = seed;
	sc->seed = seed;
	sc->v6 = chance(25);
	if (chance(50))
		passive(sc);
	else if (chance(90))
		active(sc);
	if (sc->nsteps > nsteps)
		sc->nsteps = nsteps;
	while (sc->nsteps < nsteps)
		script_add(sc, any_step());
}
