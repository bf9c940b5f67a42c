// SPDX-License-Identifier: GPL-2.0
#include "fsm.h"

#define ROW(_state, _event, _next, _error, _actions, _section)		\
	{								\
		.state = XTCP_##_state,					\
		.event = XTCP_EV_##_event,				\
		.next = XTCP_##_next,					\
		.error = _error,					\
		.actions = _actions,					\
		.section = _section,					\
	}

#define SYN	XTCP_ACT_SND_SYN
#define SYN_ACK	XTCP_ACT_SND_SYN_ACK
#define ACK	XTCP_ACT_SND_ACK
#define FIN	XTCP_ACT_SND_FIN
#define RST	XTCP_ACT_SND_RST
#define UP	XTCP_ACT_CONNECTED
#define END	XTCP_ACT_EOF
#define WAIT	XTCP_ACT_WAIT_2MSL
#define DEL	XTCP_ACT_DELETE

/*
 * Sorted by state, in the order in which a connection passes through them.
 *
 * One segment may be several events: a FIN that also acknowledges our FIN is
 * RCV_ACK_OF_FIN, then RCV_FIN. In FIN-WAIT-1 this leads through FIN-WAIT-2 to
 * TIME-WAIT. The checks before an event (is the segment acceptable, is its ACK)
 * are in arrive.c.
 */
const struct xtcp_row xtcp_fsm[] = {
	ROW(CLOSED, PASSIVE_OPEN, LISTEN, 0, 0, "3.10.1"),
	ROW(CLOSED, ACTIVE_OPEN, SYN_SENT, 0, SYN, "3.10.1"),

	ROW(LISTEN, ACTIVE_OPEN, SYN_SENT, 0, SYN, "3.10.1"),
	ROW(LISTEN, RCV_SYN, SYN_RCVD_PASSIVE, 0, SYN_ACK, "3.10.7.2"),
	/* A socket at once: the user may read its data (RFC 7413 4.2.2). */
	ROW(LISTEN, RCV_SYN_COOKIE, SYN_RCVD, 0, SYN_ACK,
	    "3.10.7.2, RFC 7413 4.2.2"),
	ROW(LISTEN, CLOSE, CLOSED, 0, DEL, "3.10.4"),
	ROW(LISTEN, ABORT, CLOSED, 0, DEL, "3.10.5"),

	ROW(SYN_SENT, RCV_SYN_ACK, ESTABLISHED, 0, ACK | UP, "3.10.7.3"),
	ROW(SYN_SENT, RCV_SYN, SYN_RCVD, 0, SYN_ACK, "3.10.7.3"),
	ROW(SYN_SENT, RCV_RST, CLOSED, ECONNREFUSED, DEL, "3.10.7.3"),
	ROW(SYN_SENT, CLOSE, CLOSED, 0, DEL, "3.10.4"),
	ROW(SYN_SENT, ABORT, CLOSED, 0, DEL, "3.10.5"),
	ROW(SYN_SENT, TIMEOUT, CLOSED, ETIMEDOUT, DEL, "3.10.8"),

	ROW(SYN_RCVD, RCV_ACK_OF_SYN, ESTABLISHED, 0, UP, "3.10.7.4"),
	/*
	 * ECONNREFUSED is for simultaneous open: the user called connect(). A
	 * Fast Open child may be accepted already, with its data, so it cannot
	 * return to LISTEN; its error is that of a reset (see input.c).
	 */
	ROW(SYN_RCVD, RCV_RST, CLOSED, ECONNREFUSED, DEL, "3.10.7.4"),
	ROW(SYN_RCVD, CLOSE, FIN_WAIT_1, 0, FIN, "3.10.4"),
	ROW(SYN_RCVD, ABORT, CLOSED, 0, RST | DEL, "3.10.5"),
	ROW(SYN_RCVD, TIMEOUT, CLOSED, ETIMEDOUT, DEL, "3.10.8"),

	/* These rows end a request; the listener is not affected. */
	ROW(SYN_RCVD_PASSIVE, RCV_ACK_OF_SYN, ESTABLISHED, 0, UP, "3.10.7.4"),
	ROW(SYN_RCVD_PASSIVE, RCV_RST, LISTEN, 0, DEL, "3.10.7.4"),
	ROW(SYN_RCVD_PASSIVE, RCV_SYN, LISTEN, 0, DEL, "3.10.7.4"),
	ROW(SYN_RCVD_PASSIVE, CLOSE, CLOSED, 0, DEL, "3.10.4"),
	ROW(SYN_RCVD_PASSIVE, TIMEOUT, LISTEN, 0, DEL, "3.10.8"),

	ROW(ESTABLISHED, CLOSE, FIN_WAIT_1, 0, FIN, "3.10.4"),
	ROW(ESTABLISHED, ABORT, CLOSED, 0, RST | DEL, "3.10.5"),
	ROW(ESTABLISHED, RCV_FIN, CLOSE_WAIT, 0, ACK | END, "3.10.7.4"),
	ROW(ESTABLISHED, RCV_RST, CLOSED, ECONNRESET, DEL, "3.10.7.4"),
	ROW(ESTABLISHED, TIMEOUT, CLOSED, ETIMEDOUT, DEL, "3.10.8"),

	ROW(FIN_WAIT_1, RCV_ACK_OF_FIN, FIN_WAIT_2, 0, 0, "3.10.7.4"),
	ROW(FIN_WAIT_1, RCV_FIN, CLOSING, 0, ACK | END, "3.10.7.4"),
	ROW(FIN_WAIT_1, RCV_RST, CLOSED, ECONNRESET, DEL, "3.10.7.4"),
	ROW(FIN_WAIT_1, ABORT, CLOSED, 0, RST | DEL, "3.10.5"),
	ROW(FIN_WAIT_1, TIMEOUT, CLOSED, ETIMEDOUT, DEL, "3.10.8"),

	ROW(FIN_WAIT_2, RCV_FIN, TIME_WAIT, 0, ACK | END | WAIT, "3.10.7.4"),
	ROW(FIN_WAIT_2, RCV_RST, CLOSED, ECONNRESET, DEL, "3.10.7.4"),
	ROW(FIN_WAIT_2, ABORT, CLOSED, 0, RST | DEL, "3.10.5"),
	ROW(FIN_WAIT_2, TIMEOUT, CLOSED, ETIMEDOUT, DEL, "3.10.8"),

	/* The peer had closed before: EPIPE, as in the kernel's TCP. */
	ROW(CLOSE_WAIT, CLOSE, LAST_ACK, 0, FIN, "3.10.4"),
	ROW(CLOSE_WAIT, RCV_RST, CLOSED, EPIPE, DEL, "3.10.7.4"),
	ROW(CLOSE_WAIT, ABORT, CLOSED, 0, RST | DEL, "3.10.5"),
	ROW(CLOSE_WAIT, TIMEOUT, CLOSED, ETIMEDOUT, DEL, "3.10.8"),

	ROW(CLOSING, RCV_ACK_OF_FIN, TIME_WAIT, 0, WAIT, "3.10.7.4"),
	ROW(CLOSING, RCV_RST, CLOSED, ECONNRESET, DEL, "3.10.7.4"),
	ROW(CLOSING, ABORT, CLOSED, 0, DEL, "3.10.5"),
	ROW(CLOSING, TIMEOUT, CLOSED, ETIMEDOUT, DEL, "3.10.8"),

	ROW(LAST_ACK, RCV_ACK_OF_FIN, CLOSED, 0, DEL, "3.10.7.4"),
	ROW(LAST_ACK, RCV_RST, CLOSED, ECONNRESET, DEL, "3.10.7.4"),
	ROW(LAST_ACK, ABORT, CLOSED, 0, DEL, "3.10.5"),
	ROW(LAST_ACK, TIMEOUT, CLOSED, ETIMEDOUT, DEL, "3.10.8"),

	/* No row for a RST: it does not end TIME-WAIT early (RFC 1337 3). */
	ROW(TIME_WAIT, RCV_FIN, TIME_WAIT, 0, ACK | WAIT, "3.10.7.4"),
	ROW(TIME_WAIT, RCV_SYN, CLOSED, 0, DEL, "3.10.7.4, RFC 6191 2"),
	ROW(TIME_WAIT, ABORT, CLOSED, 0, DEL, "3.10.5"),
	ROW(TIME_WAIT, 2MSL, CLOSED, 0, DEL, "3.10.8"),
};

const u32 xtcp_fsm_rows = ARRAY_SIZE(xtcp_fsm);

/**
 * xtcp_fsm_row() - find the row of a state and an event
 * @state: enum xtcp_state
 * @event: enum xtcp_event
 *
 * Return: the row, or NULL if the event has no effect in that state.
 */
const struct xtcp_row *xtcp_fsm_row(u8 state, u8 event)
{
	u32 i;

	for (i = 0; i < xtcp_fsm_rows; i++)
		if (xtcp_fsm[i].state == state && xtcp_fsm[i].event == event)
			return &xtcp_fsm[i];
	return NULL;
}

static const char *const state_names[XTCP_STATES] = {
	[XTCP_ESTABLISHED]	= "ESTABLISHED",
	[XTCP_SYN_SENT]		= "SYN_SENT",
	[XTCP_SYN_RCVD]		= "SYN_RECV",
	[XTCP_FIN_WAIT_1]	= "FIN_WAIT1",
	[XTCP_FIN_WAIT_2]	= "FIN_WAIT2",
	[XTCP_TIME_WAIT]	= "TIME_WAIT",
	[XTCP_CLOSED]		= "CLOSE",
	[XTCP_CLOSE_WAIT]	= "CLOSE_WAIT",
	[XTCP_LAST_ACK]		= "LAST_ACK",
	[XTCP_LISTEN]		= "LISTEN",
	[XTCP_CLOSING]		= "CLOSING",
	[XTCP_SYN_RCVD_PASSIVE]	= "NEW_SYN_RECV",
};

static const char *const event_names[XTCP_EVENTS] = {
	[XTCP_EV_PASSIVE_OPEN]		= "PASSIVE_OPEN",
	[XTCP_EV_ACTIVE_OPEN]		= "ACTIVE_OPEN",
	[XTCP_EV_CLOSE]			= "CLOSE",
	[XTCP_EV_ABORT]			= "ABORT",
	[XTCP_EV_RCV_SYN]		= "RCV_SYN",
	[XTCP_EV_RCV_SYN_COOKIE]	= "RCV_SYN_COOKIE",
	[XTCP_EV_RCV_SYN_ACK]		= "RCV_SYN_ACK",
	[XTCP_EV_RCV_ACK_OF_SYN]	= "RCV_ACK_OF_SYN",
	[XTCP_EV_RCV_FIN]		= "RCV_FIN",
	[XTCP_EV_RCV_ACK_OF_FIN]	= "RCV_ACK_OF_FIN",
	[XTCP_EV_RCV_RST]		= "RCV_RST",
	[XTCP_EV_TIMEOUT]		= "TIMEOUT",
	[XTCP_EV_2MSL]			= "2MSL",
};

/**
 * xtcp_state_name() - name of a state, as the kernel's without "TCP_"
 * @state: enum xtcp_state
 *
 * Return: the name; "UNKNOWN" if @state is not a state.
 */
const char *xtcp_state_name(u8 state)
{
	if (state >= XTCP_STATES || !state_names[state])
		return "UNKNOWN";
	return state_names[state];
}

/**
 * xtcp_event_name() - name of an event
 * @event: enum xtcp_event
 *
 * Return: the name; "UNKNOWN" if @event is not an event.
 */
const char *xtcp_event_name(u8 event)
{
	return event < XTCP_EVENTS ? event_names[event] : "UNKNOWN";
}

/**
 * xtcp_action_name() - name of an action
 * @action: exactly one of XTCP_ACT_*
 *
 * Return: the name; "unknown" for any other value.
 */
const char *xtcp_action_name(u16 action)
{
	switch (action) {
	case XTCP_ACT_SND_SYN:
		return "send SYN";
	case XTCP_ACT_SND_SYN_ACK:
		return "send SYN,ACK";
	case XTCP_ACT_SND_ACK:
		return "send ACK";
	case XTCP_ACT_SND_FIN:
		return "send FIN";
	case XTCP_ACT_SND_RST:
		return "send RST";
	case XTCP_ACT_CONNECTED:
		return "connected";
	case XTCP_ACT_EOF:
		return "end of file";
	case XTCP_ACT_WAIT_2MSL:
		return "start 2MSL";
	case XTCP_ACT_DELETE:
		return "delete TCB";
	default:
		return "unknown";
	}
}
