/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Two ends of a connection, their users, and a network between them.
 *
 * fsm.pml, which scripts/fsm2promela generates from module/core/fsm.c, has the
 * states in which each event can occur, and the actions of an end. This file
 * has the rest: which event a segment causes (as in core/arrive.c, input.c,
 * request.c and timewait.c), which segments an action sends, the users and the
 * network. Documentation/model.rst lists what is not modelled.
 *
 * A step of an end is atomic: it begins with a choice (pick); the rest is
 * deterministic and uses hidden variables, which are not part of the state.
 */
#include "fsm.pml"

/* --- settings of a run, from run.sh -------------------------------------- */

/* How each end opens. EITHER: it listens, and may connect afterwards. */
#define ACTIVELY	1
#define PASSIVELY	2
#define EITHER		3
#ifndef OPEN0
#define OPEN0		ACTIVELY
#endif
#ifndef OPEN1
#define OPEN1		PASSIVELY
#endif
/* Units of data that each end writes, at most 2. */
#ifndef DATA0
#define DATA0		1
#endif
#ifndef DATA1
#define DATA1		1
#endif
/*
 * When each end closes. WHEN_DONE: all its data is written. AFTER_EOF: also,
 * end of file was reported. LATE: also, the peer's FIN is acknowledged.
 */
#define WHEN_DONE	1
#define AFTER_EOF	2
#define ANY_TIME	3
#define LATE		4
#ifndef CLOSE0
#define CLOSE0		WHEN_DONE
#endif
#ifndef CLOSE1
#define CLOSE1		AFTER_EOF
#endif
/* ABORT: the user may abort. DEAF: the user does not read after close(). */
#ifndef ABORT0
#define ABORT0		0
#endif
#ifndef ABORT1
#define ABORT1		0
#endif
#ifndef DEAF0
#define DEAF0		0
#endif
/*
 * End 0 may open a second connection. ON_THE_WAY: while end 1 is in TIME-WAIT
 * or SYN-RECEIVED. HALF_OPEN: end 0 gave up, and end 1 still has its TCB.
 * ISS_STEP is the distance of the new ISN from the old one.
 */
#define ON_THE_WAY	1
#define HALF_OPEN	2
#ifndef REOPEN
#define REOPEN		0
#endif
#ifndef ISS_STEP
#define ISS_STEP	8
#endif
/*
 * Faults of the network until it becomes good. RTX: ends retransmit. TIMEOUTS:
 * ends may give up at any time.
 */
#ifndef LOSS
#define LOSS		0
#endif
#ifndef DUP
#define DUP		0
#endif
#ifndef REORDER
#define REORDER		0
#endif
#ifndef RTX
#define RTX		0
#endif
#ifndef TIMEOUTS
#define TIMEOUTS	0
#endif
/* Maximum number of segments in flight, per direction. */
#ifndef K
#define K		2
#endif

/*
 * No abort, no timeout, no user that stops reading, no close() at any time.
 * Then all data must arrive, no error may be reported, and both ends reach
 * CLOSED with no timers but retransmission and 2MSL.
 */
#define CLEAN	(!TIMEOUTS && !ABORT0 && !ABORT1 && !DEAF0 && \
		 CLOSE0 != ANY_TIME && CLOSE1 != ANY_TIME)

#define of(me, a, b)	(me == 0 && (a) || me == 1 && (b))

/*
 * Coverage: a search prints the number of each table row (plus 1000) and of
 * each line with a CASE when it first reaches it. run.sh checks that all were
 * reached. told[] is not part of the state.
 */
c_code {
	static unsigned char told[2000];

	static void reach(int n)
	{
		if (!told[n])
			printf("REACHED %d\n", n);
		told[n] = 1;
	}
}
#define CASE		c_code { reach(__LINE__); }

/* A condition that must hold, and the text printed if it does not. */
#define property(words, condition)		\
	if					\
	:: condition -> skip			\
	:: else -> printf(words); assert(false)	\
	fi

/* --- sequence numbers ---------------------------------------------------- */

/* Sequence numbers are modulo 64, one per unit; the window is always WND. */
#define MOD(x)		((x) & 63)
#define WND		4
#define after(a, b)	(MOD((a) - (b)) >= 1 && MOD((a) - (b)) < 32)
#define before(a, b)	after(b, a)

/*
 * The sequence number of a RST that answers a segment without ACK: outside of
 * all windows. On the wire it is 0.
 */
#define NOWHERE		40
/* Initial sequence numbers; those of end 0 wrap. */
#define ISS0		60
#define ISS1		5

/* --- the ends ------------------------------------------------------------ */

byte state[2] = CLOSED;
byte iss[2], una[2], nxt[2], rcv[2];
bit alive[2];		/* there is a TCB */
bit fin[2];		/* our FIN is queued */
bit timer[2];		/* 2MSL runs */

/* Their users. */
byte called[2];		/* last call: 0 none, 1 open, 2 close or abort */
bit inc[2];		/* the second connection */
byte wrote[2], got[2];	/* units of data, in this connection */
bit up[2], eof[2];	/* reported to the user */
bit failed[2];
bit crossed[2];		/* close() before the peer's FIN arrived */
bit waited[2];		/* was in TIME-WAIT */

/* --- the network --------------------------------------------------------- */

/*
 * The segments in flight to each end, oldest first; 0: none. While the network
 * is bad, it has the faults that the run allows. At any time it may become
 * good, for ever: no loss, no duplication, no reordering.
 */
int net[2 * K];
bool bad = (LOSS || DUP || REORDER || RTX);

#define F_SYN	1
#define F_ACK	2
#define F_RST	4
#define F_FIN	8
#define FLAG(f)		((s_flags & (f)) != 0)

bit turn;		/* the end whose timer is next in a good network */

#define NET(me, i)	net[(me) * K + (i)]
#define quiet		(net[0] == 0 && net[K] == 0)

/* Fields of the received segment. */
hidden byte s_flags, s_len, s_seq, s_ack, s_unit, s_end;
hidden byte s_inc;
hidden byte i, off;
hidden int word;

/*
 * @first: number of its first data unit in the stream. With it, and the number
 * of the connection, a property checks which data arrives.
 */
inline send(me, flags, units, seq, ack, first)
{
	word = (flags) + ((units) << 4) + (MOD(seq) << 6) + (MOD(ack) << 12) +
	       ((first) << 18) + (inc[me] << 21);
	i = 0;
	do
	:: i < K && NET(1 - me, i) != 0 -> i++
	:: else -> break
	od;
	printf("END %d sends S%dA%dR%dF%d seq=%d units=%d ack=%d\n", me,
	       (flags) & 1, ((flags) >> 1) & 1, ((flags) >> 2) & 1,
	       ((flags) >> 3) & 1, MOD(seq), units, MOD(ack));
	if
	:: i < K -> NET(1 - me, i) = word
	:: else ->
		property("BROKEN more segments in flight than the network has room for\n",
			 LOSS)
	fi;
	word = 0
}

inline decode(me, from)
{
	word = NET(me, from);
	s_flags = word & 15;
	s_len = (word >> 4) & 3;
	s_seq = (word >> 6) & 63;
	s_ack = (word >> 12) & 63;
	s_unit = (word >> 18) & 7;
	s_inc = (word >> 21) & 1;
	s_end = MOD(s_seq + s_len + (FLAG(F_SYN) -> 1 : 0) +
		    (FLAG(F_FIN) -> 1 : 0))
}

inline take_out(to, from)
{
	i = from;
	do
	:: i < K - 1 -> NET(to, i) = NET(to, i + 1); i++
	:: else -> NET(to, K - 1) = 0; break
	od
}

/*
 * Sequence numbers are reused only when no segment with them is left (RFC 9293
 * 3.4.3): remove segments of @me, and answers to them, that could be mistaken
 * for those of the new connection.
 */
#define known(word, shift)	(MOD(((word) >> (shift)) - iss[me]) < 6)
inline forget(me)
{
	slot = 0;
	do
	:: slot < K && NET(me, slot) != 0 && (NET(me, slot) & F_ACK) != 0 &&
	   known(NET(me, slot), 12) -> take_out(me, slot)
	:: else -> if
		:: slot < K - 1 -> slot++
		:: else -> break
		fi
	od;
	slot = 0;
	do
	:: NET(1 - me, slot) != 0 && known(NET(1 - me, slot), 6) ->
		take_out(1 - me, slot)
	:: else -> if
		:: slot < K - 1 -> slot++
		:: else -> break
		fi
	od
}

/* --- events -------------------------------------------------------------- */

hidden byte ev, then, was, slot;

/* The next step after an event. */
#define NOTHING		0
#define TEXT		1	/* process data and FIN of the segment */
#define LISTENER	2	/* a SYN ended TIME-WAIT: open a listener */
#define ITS_SYN		3	/* process that SYN in LISTEN */

#define SEND_ACK(me)	send(me, F_ACK, 0, nxt[me], rcv[me], 0)

/* End 1 alternates between two ISNs: it has more connections than ISNs. */
inline new_numbers(me)
{
	if
	:: me == 0 -> iss[0] = MOD(iss[0] + ISS_STEP)
	:: else -> iss[1] = ISS1 + (iss[1] == ISS1 -> 8 : 0)
	fi;
	forget(me)
}

inline open_tcb(me)
{
	if
	:: alive[me] -> skip
	:: else ->
		alive[me] = 1;
		una[me] = iss[me];
		nxt[me] = MOD(iss[me] + 1)
	fi
}

inline delete_tcb(me)
{
	property("BROKEN a connection ended without a report to its user\n",
		 error != 0 || ev == EV_CLOSE || ev == EV_ABORT ||
		 next == LISTEN ||
		 fin[me] && una[me] == nxt[me] && eof[me]);
	alive[me] = 0;
	una[me] = 0;
	nxt[me] = 0;
	rcv[me] = 0;
	fin[me] = 0;
	timer[me] = 0;
	/* The next connection has other sequence numbers. */
	new_numbers(me)
}

/* In the order of fsm.h, but RST first; it needs the TCB. */
inline act_on(me)
{
	if
	:: act & ACT_SND_RST ->
		send(me, F_RST + F_ACK, 0, nxt[me], rcv[me], 0)
	:: else -> skip
	fi;
	if
	:: act & ACT_SND_SYN ->
		open_tcb(me);
		send(me, F_SYN, 0, iss[me], 0, 0)
	:: else -> skip
	fi;
	if
	:: act & ACT_SND_SYN_ACK ->
		open_tcb(me);
		send(me, F_SYN + F_ACK, 0, iss[me], rcv[me], 0)
	:: else -> skip
	fi;
	if
	:: act & ACT_SND_ACK -> SEND_ACK(me)
	:: else -> skip
	fi;
	if
	:: act & ACT_SND_FIN ->
		property("BROKEN a second FIN\n", !fin[me]);
		fin[me] = 1;
		nxt[me] = MOD(nxt[me] + 1);
		send(me, F_FIN + F_ACK, 0, nxt[me] - 1, rcv[me], 0)
	:: else -> skip
	fi;
	if
	:: act & ACT_CONNECTED ->
		property("BROKEN connected twice, or before the peer acknowledged our SYN\n",
			 !up[me] && una[me] != iss[me]);
		up[me] = 1
	:: else -> skip
	fi;
	if
	:: act & ACT_EOF ->
		property("BROKEN end of file before all data was read\n",
			 !eof[me] && called[1 - me] == 2 &&
			 got[me] == wrote[1 - me]);
		eof[me] = 1
	:: else -> skip
	fi;
	if
	:: act & ACT_WAIT_2MSL -> timer[me] = 1
	:: else -> skip
	fi;
	if
	:: act & ACT_DELETE -> delete_tcb(me)
	:: else -> skip
	fi
}

/* One event: the row of the table determines the actions. */
inline transition(me)
{
	was = state[me];
	fsm_row(was, ev);
	c_code { reach(1000 + row); };
	printf("END %d state %d event %d: row %d, state %d\n", me, was, ev, row,
	       next);
	property("BROKEN an event without a row in the present state\n", row != 0);
	state[me] = next;
	if
	:: ev == EV_RCV_ACK_OF_FIN ->
		property("BROKEN data is acknowledged that the peer did not read\n",
			 s_inc != inc[1 - me] ||
			 got[1 - me] == wrote[me] && eof[1 - me])
	:: else -> skip
	fi;
	if
	:: next == TIME_WAIT -> waited[me] = 1
	:: else -> skip
	fi;
	if
	:: error != 0 ->
		property("BROKEN an error without a cause\n", !CLEAN);
		failed[me] = 1
	:: else -> skip
	fi;
	act_on(me);
	property("BROKEN a TCB without a connection, or none with one\n",
		 alive[me] == (next != CLOSED && next != LISTEN));
	row = 0;
	next = 0;
	error = 0;
	act = 0;
	was = 0
}

/* --- SEGMENT ARRIVES (RFC 9293 3.10.7) ----------------------------------- */

hidden byte verdict;
#define TAKE		1
#define REFUSED		2	/* answered if necessary, and dropped */

/* 3.10.7.1, core/arrive.c xtcp_reset_reply() */
inline reset_reply(me)
{
	if
	:: FLAG(F_RST) -> CASE
	:: !FLAG(F_RST) && FLAG(F_ACK) -> CASE; send(me, F_RST, 0, s_ack, 0, 0)
	:: !FLAG(F_RST) && !FLAG(F_ACK) -> CASE;
		send(me, F_RST + F_ACK, 0, NOWHERE, s_end, 0)
	fi
}

/* 3.10.7.2, request.c */
inline arrives_listen(me)
{
	if
	:: FLAG(F_RST) -> CASE
	:: !FLAG(F_RST) && FLAG(F_ACK) -> CASE; reset_reply(me)
	:: !FLAG(F_RST) && !FLAG(F_ACK) && FLAG(F_SYN) -> CASE;
		rcv[me] = MOD(s_seq + 1);
		ev = EV_RCV_SYN
	fi
}

/* 3.10.7.3, core/arrive.c xtcp_arrives_syn_sent() */
inline arrives_syn_sent(me)
{
	if
	:: FLAG(F_ACK) && (!after(s_ack, iss[me]) || after(s_ack, nxt[me])) -> CASE;
		reset_reply(me)
	:: else -> if
		:: FLAG(F_RST) -> if
			:: FLAG(F_ACK) -> CASE; ev = EV_RCV_RST
			:: else -> CASE
			fi
		:: !FLAG(F_RST) && FLAG(F_SYN) -> CASE;
			rcv[me] = MOD(s_seq + 1);
			if
			:: FLAG(F_ACK) -> CASE;
				una[me] = s_ack;
				ev = EV_RCV_SYN_ACK
			:: else -> CASE; ev = EV_RCV_SYN
			fi
		:: else -> CASE
		fi
	fi
}

#define IN_SYN_RCVD(me)	(state[me] == SYN_RCVD || state[me] == SYN_RCVD_PASSIVE)
#define ONLY(f)		(s_flags == (f))
#define RIGHT		(MOD(rcv[me] + WND))
#define ACCEPTABLE(me)	(s_seq == s_end && \
			 MOD(s_seq - rcv[me]) < WND || \
			 s_seq != s_end && before(s_seq, RIGHT) && \
			 after(s_end, rcv[me]))

/* RST: RFC 5961 3.2; in TIME-WAIT RFC 1337 3. */
inline check_rst(me)
{
	if
	:: s_seq == rcv[me] && state[me] != TIME_WAIT -> CASE; ev = EV_RCV_RST
	:: s_seq == rcv[me] && state[me] == TIME_WAIT -> CASE
	:: s_seq != rcv[me] && MOD(s_seq - rcv[me]) < WND -> CASE; SEND_ACK(me)
	:: else -> CASE
	fi;
	verdict = REFUSED
}

/* First: the SYN of a request again; a new SYN in TIME-WAIT. */
inline check_old_friends(me)
{
	if
	:: state[me] == SYN_RCVD_PASSIVE && ONLY(F_SYN) &&
	   MOD(s_seq + 1) == rcv[me] -> CASE;
		/* The same SYN: our SYN-ACK was lost. */
		send(me, F_SYN + F_ACK, 0, iss[me], rcv[me], 0);
		verdict = REFUSED
	:: state[me] == TIME_WAIT && ONLY(F_SYN) && after(s_seq, rcv[me]) -> CASE;
		/* A new connection with the same tuple (MAY-2). */
		ev = EV_RCV_SYN;
		then = LISTENER;
		verdict = REFUSED
	:: else -> CASE
	fi
}

/*
 * Simultaneous open: the SYN-ACK repeats the peer's SYN, so its sequence number
 * is left of the window, but it is accepted.
 */
inline check_seq(me)
{
	if
	:: ACCEPTABLE(me) -> CASE
	:: !ACCEPTABLE(me) && state[me] == SYN_RCVD && ONLY(F_SYN + F_ACK) &&
	   MOD(s_seq + 1) == rcv[me] && s_ack == nxt[me] -> CASE;
		una[me] = s_ack;
		ev = EV_RCV_ACK_OF_SYN;
		then = TEXT;
		verdict = TAKE
	:: !ACCEPTABLE(me) && state[me] == TIME_WAIT && FLAG(F_FIN) &&
	   s_end == rcv[me] -> CASE;
		/* The FIN is retransmitted: our ACK was lost. */
		ev = EV_RCV_FIN;
		verdict = REFUSED
	:: else -> CASE;
		SEND_ACK(me);
		verdict = REFUSED
	fi
}

inline check_syn(me)
{
	if
	:: FLAG(F_SYN) && state[me] == SYN_RCVD_PASSIVE -> CASE;
		ev = EV_RCV_SYN;
		verdict = REFUSED
	:: FLAG(F_SYN) && state[me] != SYN_RCVD_PASSIVE -> CASE;
		SEND_ACK(me);
		verdict = REFUSED
	:: else -> CASE
	fi
}

/* Fifth: a new ACK may acknowledge our SYN or our FIN. */
inline check_ack(me)
{
	if
	:: !FLAG(F_ACK) -> verdict = REFUSED	/* no end sends this */
	:: FLAG(F_ACK) && IN_SYN_RCVD(me) -> if
		:: after(s_ack, una[me]) && !after(s_ack, nxt[me]) -> CASE;
			una[me] = s_ack;
			ev = EV_RCV_ACK_OF_SYN;
			then = TEXT
		:: else -> CASE; reset_reply(me)
		fi;
		verdict = TAKE
	:: FLAG(F_ACK) && !IN_SYN_RCVD(me) -> if
		:: after(s_ack, nxt[me]) || before(s_ack, MOD(una[me] - WND)) ->
			SEND_ACK(me)	/* only an attacker sends this */
		:: else -> CASE;
			then = TEXT;
			if
			:: after(s_ack, una[me]) -> CASE;
				una[me] = s_ack;
				if
				:: fin[me] && una[me] == nxt[me] -> CASE;
					ev = EV_RCV_ACK_OF_FIN
				:: else -> CASE
				fi
			:: else -> CASE
			fi
		fi;
		verdict = TAKE
	fi
}

/* 3.10.7.4, core/arrive.c xtcp_arrives() */
inline arrives_synchronized(me)
{
	verdict = 0;
	check_old_friends(me);
	if
	:: verdict == 0 && FLAG(F_RST) -> CASE; check_rst(me)
	:: else -> skip
	fi;
	if
	:: verdict == 0 -> CASE; check_seq(me)
	:: else -> skip
	fi;
	if
	:: verdict == 0 -> CASE; check_syn(me)
	:: else -> skip
	fi;
	if
	:: verdict == 0 -> CASE; check_ack(me)
	:: else -> skip
	fi;
	verdict = 0
}

inline arrives(me)
{
	if
	:: state[me] == CLOSED -> CASE; reset_reply(me)
	:: state[me] == LISTEN -> CASE; arrives_listen(me)
	:: state[me] == SYN_SENT -> CASE; arrives_syn_sent(me)
	:: else -> CASE; arrives_synchronized(me)
	fi
}

/*
 * Sixth to eighth: data and FIN, in order; out-of-order data is dropped and
 * retransmitted.
 */
inline take_units(me)
{
	do
	:: off < s_len -> CASE;
		property("BROKEN a hole in the stream, or data of another connection\n",
			 s_inc == inc[1 - me] && s_unit + off == got[me] + 1);
		got[me]++;
		rcv[me] = MOD(rcv[me] + 1);
		off++
	:: else -> break
	od
}

inline text(me)
{
	if
	:: FLAG(F_SYN) || s_end == s_seq -> CASE
	:: else -> if
		:: eof[me] || after(s_seq, rcv[me]) -> CASE; SEND_ACK(me)
		:: else -> CASE;
			off = MOD(rcv[me] - s_seq);
			if
			:: of(me, DEAF0, 0) && called[me] == 2 && off < s_len -> CASE;
				/* Data after close(): RST (SHLD-3). */
				ev = EV_ABORT
			:: else -> CASE;
				take_units(me);
				if
				:: FLAG(F_FIN) && off == s_len -> CASE;
					rcv[me] = MOD(rcv[me] + 1);
					ev = EV_RCV_FIN
				:: else -> CASE; SEND_ACK(me)
				fi
			fi
		fi
	fi
}

/* --- retransmission ------------------------------------------------------ */

#define UNACKED(me)	(alive[me] && una[me] != nxt[me])
#define UNIT(me)	(MOD(una[me] - iss[me]))

/* The SYN, or the first unacknowledged unit, or @all units in one segment. */
inline retransmit(me, all)
{
	if
	:: una[me] == iss[me] && state[me] == SYN_SENT ->
		send(me, F_SYN, 0, iss[me], 0, 0)
	:: una[me] == iss[me] && state[me] != SYN_SENT ->
		send(me, F_SYN + F_ACK, 0, iss[me], rcv[me], 0)
	:: else ->
		off = MOD(nxt[me] - una[me]) - fin[me];	/* data units */
		if
		:: all -> send(me, F_ACK + fin[me] * F_FIN, off, una[me],
			       rcv[me], UNIT(me))
		:: !all && off > 0 -> send(me, F_ACK, 1, una[me], rcv[me],
					   UNIT(me))
		:: !all && off == 0 -> send(me, F_ACK + F_FIN, 0, una[me],
					    rcv[me], 0)
		fi
	fi
}

/* --- users --------------------------------------------------------------- */

/* The connection of @me has ended. */
#define over(me)	(state[me] == CLOSED && called[me] != 0)

#define OPENS(me, how)		of(me, OPEN0 == (how), OPEN1 == (how))
#define CLOSES(me, when)	of(me, CLOSE0 == (when), CLOSE1 == (when))
#define ABORTS(me)		of(me, ABORT0, ABORT1)
#define DATA(me)		((me) == 0 -> DATA0 : DATA1)

#define can_listen(me)	(called[me] == 0 && state[me] == CLOSED && \
			 !OPENS(me, ACTIVELY))
/* In a clean run the server listens before its client connects. */
#define can_connect(me)	(called[me] == 0 && OPENS(me, ACTIVELY) && \
			 (!CLEAN || !OPENS(1 - me, PASSIVELY) || \
			  state[1 - me] == LISTEN) || \
			 OPENS(me, EITHER) && state[me] == LISTEN && \
			 called[me] == 1)
#define can_reopen(me)	(me == 0 && inc[me] == 0 && over(me) && \
			 (REOPEN == ON_THE_WAY && !failed[me] && \
			  (state[1 - me] == TIME_WAIT || \
			   state[1 - me] == SYN_RCVD_PASSIVE) || \
			  REOPEN == HALF_OPEN && failed[me] && \
			  called[me] == 1 && alive[1 - me]))
#define can_write(me)	(up[me] && called[me] == 1 && \
			 state[me] != CLOSED && wrote[me] < DATA(me))
#define wrote_all(me)	(up[me] && wrote[me] == DATA(me))
#define can_close(me)	(called[me] == 1 && state[me] != CLOSED && \
			 (CLOSES(me, ANY_TIME) || \
			  CLOSES(me, WHEN_DONE) && wrote_all(me) || \
			  CLOSES(me, AFTER_EOF) && wrote_all(me) && eof[me] || \
			  CLOSES(me, LATE) && wrote_all(me) && eof[me] && \
			  una[1 - me] == nxt[1 - me] || \
			  state[me] == LISTEN && !CLEAN && over(1 - me)))
/* A request has no user that could abort: CLOSE of its listener ends it. */
#define can_abort(me)	(ABORTS(me) && called[me] != 0 && \
			 state[me] != CLOSED && state[me] != SYN_RCVD_PASSIVE)

/* In a clean run no segment arrives before the user has opened. */
#define can_hear(me)	(NET(me, 0) != 0 && (!CLEAN || called[me] != 0))

/*
 * In a good network all segments arrive before a timer expires, and the
 * retransmission timers of the two ends take turns.
 */
#define can_rtx(me)	(RTX && UNACKED(me) && \
			 (bad || quiet && (turn == me || !UNACKED(1 - me))))
/*
 * 2MSL is longer than the lifetime of segments, and than the peer needs to
 * retransmit its FIN. With TIMEOUTS it may end at any time until the network is
 * good.
 */
#define settled(me)	(state[me] == CLOSED || state[me] == TIME_WAIT || \
			 state[me] == LISTEN)
#define can_2msl(me)	(timer[me] && (bad && TIMEOUTS || \
				       quiet && settled(1 - me)))
/*
 * With TIMEOUTS at any time until the network is good. Otherwise only if the
 * peer has no TCB and its RST was lost: no segment can report that.
 */
#define can_give_up(me)	(alive[me] && state[me] != TIME_WAIT && \
			 (TIMEOUTS && bad || LOSS && !CLEAN && \
			  quiet && !UNACKED(me) && !alive[1 - me]))

inline connection_anew(me)
{
	wrote[me] = 0;
	got[me] = 0;
	up[me] = 0;
	eof[me] = 0;
	crossed[me] = 0;
	waited[me] = 0;
	called[me] = 1;
	inc[me] = 1
}

inline write_unit(me)
{
	wrote[me]++;
	nxt[me] = MOD(nxt[me] + 1);
	send(me, F_ACK, 1, nxt[me] - 1, rcv[me], wrote[me])
}

inline close_call(me)
{
	called[me] = 2;
	crossed[me] = !eof[me];
	ev = EV_CLOSE
}

/* --- a step of an end ---------------------------------------------------- */

#define LISTENS		1
#define CONNECTS	2
#define REOPENS		3
#define WRITES		4
#define CALLS_CLOSE	5
#define CALLS_ABORT	6
#define REPEATS		7
#define REPEATS_ALL	8
#define GIVES_UP	9
#define WAIT_IS_OVER	10
#define HEARS		16	/* + slot; the segment is removed */
#define HEARS_COPY	32	/* + slot; the segment stays: duplication */

byte pick;

inline begin_step(me)
{
	ev = EV_NONE;
	then = NOTHING;
	if
	:: pick == LISTENS -> called[me] = 1; ev = EV_PASSIVE_OPEN
	:: pick == CONNECTS -> called[me] = 1; ev = EV_ACTIVE_OPEN
	:: pick == REOPENS -> connection_anew(me); ev = EV_ACTIVE_OPEN
	:: pick == WRITES -> write_unit(me)
	:: pick == CALLS_CLOSE -> close_call(me)
	:: pick == CALLS_ABORT -> called[me] = 2; ev = EV_ABORT
	:: pick == REPEATS -> turn = !bad && !me; retransmit(me, 0)
	:: pick == REPEATS_ALL -> turn = !bad && !me; retransmit(me, 1)
	:: pick == GIVES_UP -> ev = EV_TIMEOUT
	:: pick == WAIT_IS_OVER -> ev = EV_2MSL
	:: else ->
		slot = pick & 15;
		decode(me, slot);
		printf("END %d hears S%dA%dR%dF%d seq=%d units=%d ack=%d\n", me,
		       s_flags & 1, (s_flags >> 1) & 1, (s_flags >> 2) & 1,
		       (s_flags >> 3) & 1, s_seq, s_len, s_ack);
		if
		:: pick < HEARS_COPY -> take_out(me, slot)
		:: else -> skip
		fi;
		arrives(me)
	fi
}

/* After an event: process the rest of the segment, as @then says. */
inline go_on(me)
{
	ev = EV_NONE;
	if
	:: then == TEXT ->
		then = NOTHING;
		if
		:: alive[me] -> text(me)
		:: else -> skip
		fi
	:: then == LISTENER ->
		/* TIME-WAIT has ended; a listener gets the SYN. */
		then = ITS_SYN;
		connection_anew(me);
		ev = EV_PASSIVE_OPEN
	:: then == ITS_SYN ->
		then = NOTHING;
		arrives_listen(me)
	:: else -> skip
	fi
}

inline step(me)
{
	begin_step(me);
	do
	:: ev != EV_NONE ->
		transition(me);
		go_on(me)
	:: ev == EV_NONE && then != NOTHING -> go_on(me)
	:: else -> break
	od;
	pick = 0;
	s_flags = 0; s_len = 0; s_seq = 0; s_ack = 0; s_unit = 0; s_end = 0;
	s_inc = 0; i = 0; off = 0; word = 0; slot = 0
}

#define everything_over	(over(0) && over(1))

/* The required result of a CLEAN run. */
inline verify(me)
{
	property("BROKEN not connected, or end of file not reported\n",
		 up[me] && eof[me] && !failed[me]);
	property("BROKEN data did not arrive\n",
		 wrote[me] == DATA(me) && got[1 - me] == DATA(me));
	/*
	 * An end was in TIME-WAIT if, and only if, it closed before it received
	 * the peer's FIN.
	 */
	property("BROKEN TIME-WAIT is missing, or not needed\n",
		 waited[me] == crossed[me])
}

proctype end(bit me)
{
	do
	:: atomic {
		if
		:: can_listen(me) -> pick = LISTENS
		:: can_connect(me) -> pick = CONNECTS
		:: can_reopen(me) -> pick = REOPENS
		:: can_write(me) -> pick = WRITES
		:: can_close(me) -> pick = CALLS_CLOSE
		:: can_abort(me) -> pick = CALLS_ABORT
		:: can_rtx(me) -> pick = REPEATS
		:: can_rtx(me) && una[me] != iss[me] &&
		   MOD(nxt[me] - una[me]) > 1 -> pick = REPEATS_ALL
		:: can_give_up(me) -> pick = GIVES_UP
		:: can_2msl(me) -> pick = WAIT_IS_OVER
		:: can_hear(me) -> pick = HEARS
		:: DUP && bad && can_hear(me) -> pick = HEARS_COPY
		:: REORDER && bad && can_hear(me) && NET(me, 1) != 0 ->
			pick = HEARS + 1
		:: REORDER && DUP && bad && can_hear(me) && NET(me, 1) != 0 ->
			pick = HEARS_COPY + 1
		fi;
		d_step { step(me) }
	   }
	:: atomic { LOSS && bad && NET(me, 0) != 0 -> d_step {
			take_out(me, 0); i = 0 } }
	:: atomic { everything_over && quiet -> break }
	od;
}

/* At some time the network becomes good. */
proctype network()
{
	atomic { bad -> bad = false; printf("END of bad times\n") }
}

init {
	atomic {
		iss[0] = ISS0;
		iss[1] = ISS1;
		if
		:: bad -> run network()
		:: else -> skip
		fi;
		run end(0);
		run end(1)
	}
	everything_over && quiet && _nr_pr == 1;
	if
	:: CLEAN -> d_step { verify(0); verify(1) }
	:: else -> skip
	fi
}

#ifdef LIVENESS
/* If the network becomes good, both ends reach CLOSED. */
ltl both_close { [] (!bad -> <> everything_over) }
#endif
