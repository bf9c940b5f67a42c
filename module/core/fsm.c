// SPDX-License-Identifier: GPL-2.0
#include "fsm.h"

#define SYN	XTCP_ACT_SND_SYN
#define SYN_ACK	XTCP_ACT_SND_SYN_ACK
#define ACK	XTCP_ACT_SND_ACK
#define FIN	XTCP_ACT_SND_FIN
#define RST	XTCP_ACT_SND_RST
#define UP	XTCP_ACT_CONNECTED
#define END	XTCP_ACT_EOF
#define WAIT	XTCP_ACT_WAIT_2MSL
#define DEL	XTCP_ACT_DELETE

/* The rows in the order of fsm_table.h. */
#define ROW(_state, _event, _next, _error, _actions, _section)		\
	{								\
		.state = XTCP_##_state,					\
		.event = XTCP_EV_##_event,				\
		.next = XTCP_##_next,					\
		.error = _error,					\
		.actions = _actions,					\
		.section = _section,					\
	},

const struct xtcp_row xtcp_fsm[] = {
#include "fsm_table.h"
};

#undef ROW

const u32 xtcp_fsm_rows = ARRAY_SIZE(xtcp_fsm);

/* The index of each row in xtcp_fsm. */
#define ROW(_state, _event, ...)	AT_##_state##_##_event,

enum {
#include "fsm_table.h"
};

#undef ROW

/* By state and event: 1 + the index in xtcp_fsm, 0 without a row. */
#define ROW(_state, _event, ...)					\
	[XTCP_##_state][XTCP_EV_##_event] = 1 + AT_##_state##_##_event,

static const u8 row_at[XTCP_STATES][XTCP_EVENTS] = {
#include "fsm_table.h"
};

#undef ROW

/**
 * xtcp_fsm_row() - find the row of a state and an event
 * @state: enum xtcp_state
 * @event: enum xtcp_event
 *
 * Return: the row, or NULL if the event has no effect in that state.
 */
const struct xtcp_row *xtcp_fsm_row(u8 state, u8 event)
{
	u8 at = 0;

	if (state < XTCP_STATES && event < XTCP_EVENTS)
		at = row_at[state][event];
	return at ? &xtcp_fsm[at - 1] : NULL;
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
