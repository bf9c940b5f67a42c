// SPDX-License-Identifier: GPL-2.0
/*
 * The state table, row by row, against RFC 9293 figure 5 and 3.10. The list
 * below was written from the RFC's text, not from the table.
 */
#include "fsm.h"
#include "tap.h"

enum {
	NOTHING		= 0,
	SYN		= XTCP_ACT_SND_SYN,
	SYN_ACK		= XTCP_ACT_SND_SYN_ACK,
	ACK		= XTCP_ACT_SND_ACK,
	FIN		= XTCP_ACT_SND_FIN,
	RST		= XTCP_ACT_SND_RST,
	CONNECTED	= XTCP_ACT_CONNECTED,
	EOF_		= XTCP_ACT_EOF,
	WAIT_2MSL	= XTCP_ACT_WAIT_2MSL,
	DELETE		= XTCP_ACT_DELETE,
};

struct want {
	u8 state;
	u8 event;
	u8 next;
	u8 error;
	u16 actions;
};

#define W(state, event, next, error, actions)				\
	{ XTCP_##state, XTCP_EV_##event, XTCP_##next, error, actions }

static const struct want wants[] = {
	/* 3.10.1 OPEN; figure 5 (UC-1, UC-2) */
	W(CLOSED, PASSIVE_OPEN, LISTEN, 0, NOTHING),
	W(CLOSED, ACTIVE_OPEN, SYN_SENT, 0, SYN),
	W(LISTEN, ACTIVE_OPEN, SYN_SENT, 0, SYN),

	/* 3.10.4 CLOSE (UC-8 to UC-10, U-12) */
	W(LISTEN, CLOSE, CLOSED, 0, DELETE),
	W(SYN_SENT, CLOSE, CLOSED, 0, DELETE),
	W(SYN_RCVD, CLOSE, FIN_WAIT_1, 0, FIN),
	W(ESTABLISHED, CLOSE, FIN_WAIT_1, 0, FIN),
	W(CLOSE_WAIT, CLOSE, LAST_ACK, 0, FIN),
	/* FIN-WAIT-1, FIN-WAIT-2, CLOSING, LAST-ACK, TIME-WAIT: no change */
	/*
	 * XTCP: a request in SYN-RECEIVED has no user; it is dropped when the
	 * listener is closed.
	 */
	W(SYN_RCVD_PASSIVE, CLOSE, CLOSED, 0, DELETE),

	/* 3.10.5 ABORT: with RST (UC-11) */
	W(SYN_RCVD, ABORT, CLOSED, 0, RST | DELETE),
	W(ESTABLISHED, ABORT, CLOSED, 0, RST | DELETE),
	W(FIN_WAIT_1, ABORT, CLOSED, 0, RST | DELETE),
	W(FIN_WAIT_2, ABORT, CLOSED, 0, RST | DELETE),
	W(CLOSE_WAIT, ABORT, CLOSED, 0, RST | DELETE),
	/* and without (UC-12) */
	W(LISTEN, ABORT, CLOSED, 0, DELETE),
	W(SYN_SENT, ABORT, CLOSED, 0, DELETE),
	W(CLOSING, ABORT, CLOSED, 0, DELETE),
	W(LAST_ACK, ABORT, CLOSED, 0, DELETE),
	W(TIME_WAIT, ABORT, CLOSED, 0, DELETE),

	/* 3.10.7.2 LISTEN, third (SA-L3) */
	W(LISTEN, RCV_SYN, SYN_RCVD_PASSIVE, 0, SYN_ACK),
	/* and RFC 7413 4.2.2 (FO-4) */
	W(LISTEN, RCV_SYN_COOKIE, SYN_RCVD, 0, SYN_ACK),

	/* 3.10.7.3 SYN-SENT (SA-S4, SA-S7, SA-S8; MUST-10) */
	W(SYN_SENT, RCV_RST, CLOSED, ECONNREFUSED, DELETE),
	W(SYN_SENT, RCV_SYN_ACK, ESTABLISHED, 0, ACK | CONNECTED),
	W(SYN_SENT, RCV_SYN, SYN_RCVD, 0, SYN_ACK),

	/* 3.10.7.4 second: RST (SA-2d to SA-2g; MUST-11, MUST-12) */
	W(SYN_RCVD_PASSIVE, RCV_RST, LISTEN, 0, DELETE),
	W(SYN_RCVD, RCV_RST, CLOSED, ECONNREFUSED, DELETE),
	W(ESTABLISHED, RCV_RST, CLOSED, ECONNRESET, DELETE),
	W(FIN_WAIT_1, RCV_RST, CLOSED, ECONNRESET, DELETE),
	W(FIN_WAIT_2, RCV_RST, CLOSED, ECONNRESET, DELETE),
	/* as the kernel's TCP: the peer's FIN was received before */
	W(CLOSE_WAIT, RCV_RST, CLOSED, EPIPE, DELETE),
	W(CLOSING, RCV_RST, CLOSED, ECONNRESET, DELETE),
	W(LAST_ACK, RCV_RST, CLOSED, ECONNRESET, DELETE),
	/* TIME-WAIT: no row, TW-4 instead of SA-2g (RFC 1337 3) */

	/* fourth: SYN (SA-4a, SA-4c; MAY-2); else challenge ACK, no event */
	W(SYN_RCVD_PASSIVE, RCV_SYN, LISTEN, 0, DELETE),
	W(TIME_WAIT, RCV_SYN, CLOSED, 0, DELETE),

	/* fifth: ACK (SA-5c, SA-5i, SA-5l, SA-5m) */
	W(SYN_RCVD_PASSIVE, RCV_ACK_OF_SYN, ESTABLISHED, 0, CONNECTED),
	W(SYN_RCVD, RCV_ACK_OF_SYN, ESTABLISHED, 0, CONNECTED),
	W(FIN_WAIT_1, RCV_ACK_OF_FIN, FIN_WAIT_2, 0, NOTHING),
	W(CLOSING, RCV_ACK_OF_FIN, TIME_WAIT, 0, WAIT_2MSL),
	W(LAST_ACK, RCV_ACK_OF_FIN, CLOSED, 0, DELETE),

	/*
	 * eighth: FIN (SA-8b to SA-8f, SA-5n). In SYN-RECEIVED its ACK comes
	 * first and makes it ESTABLISHED; in CLOSE-WAIT, CLOSING and LAST-ACK
	 * it changes nothing.
	 */
	W(ESTABLISHED, RCV_FIN, CLOSE_WAIT, 0, ACK | EOF_),
	W(FIN_WAIT_1, RCV_FIN, CLOSING, 0, ACK | EOF_),
	W(FIN_WAIT_2, RCV_FIN, TIME_WAIT, 0, ACK | EOF_ | WAIT_2MSL),
	W(TIME_WAIT, RCV_FIN, TIME_WAIT, 0, ACK | WAIT_2MSL),

	/* 3.10.8: user timeout in every state with a peer (TO-1) */
	W(SYN_SENT, TIMEOUT, CLOSED, ETIMEDOUT, DELETE),
	W(SYN_RCVD, TIMEOUT, CLOSED, ETIMEDOUT, DELETE),
	W(ESTABLISHED, TIMEOUT, CLOSED, ETIMEDOUT, DELETE),
	W(FIN_WAIT_1, TIMEOUT, CLOSED, ETIMEDOUT, DELETE),
	W(FIN_WAIT_2, TIMEOUT, CLOSED, ETIMEDOUT, DELETE),
	W(CLOSE_WAIT, TIMEOUT, CLOSED, ETIMEDOUT, DELETE),
	W(CLOSING, TIMEOUT, CLOSED, ETIMEDOUT, DELETE),
	W(LAST_ACK, TIMEOUT, CLOSED, ETIMEDOUT, DELETE),
	/* XTCP: at a listener no error is reported, and the listener stays */
	W(SYN_RCVD_PASSIVE, TIMEOUT, LISTEN, 0, DELETE),
	/* TIME-WAIT timeout (TO-3) */
	W(TIME_WAIT, 2MSL, CLOSED, 0, DELETE),
};

static const struct want *find_want(u8 state, u8 event)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(wants); i++)
		if (wants[i].state == state && wants[i].event == event)
			return &wants[i];
	return NULL;
}

static bool is_state(u32 state)
{
	return state >= XTCP_ESTABLISHED && state < XTCP_STATES;
}

TEST(rows_match_rfc)
{
	u32 i;

	is(xtcp_fsm_rows, ARRAY_SIZE(wants));
	for (i = 0; i < ARRAY_SIZE(wants); i++) {
		const struct want *want = &wants[i];
		const struct xtcp_row *row;

		at("%s, %s", xtcp_state_name(want->state),
		   xtcp_event_name(want->event));
		row = xtcp_fsm_row(want->state, want->event);
		ok(row);
		if (!row)
			continue;
		is(row->state, want->state);
		is(row->event, want->event);
		is(row->next, want->next);
		is(row->error, want->error);
		is(row->actions, want->actions);
	}
}

TEST(other_pairs_have_no_row)
{
	u32 state, event;

	for (state = 0; state < XTCP_STATES + 3; state++) {
		for (event = 0; event < XTCP_EVENTS + 3; event++) {
			at("%s, %s", xtcp_state_name(state),
			   xtcp_event_name(event));
			is(!!xtcp_fsm_row(state, event),
			   !!find_want(state, event));
		}
	}
}

TEST(one_row_per_state_and_event)
{
	u32 i;

	for (i = 0; i < xtcp_fsm_rows; i++) {
		at("row %u", i);
		ok(xtcp_fsm_row(xtcp_fsm[i].state, xtcp_fsm[i].event) ==
		   &xtcp_fsm[i]);
	}
}

TEST(every_row_is_in_range)
{
	const u16 all = SYN | SYN_ACK | ACK | FIN | RST | CONNECTED | EOF_ |
			WAIT_2MSL | DELETE;
	u32 i;

	for (i = 0; i < xtcp_fsm_rows; i++) {
		const struct xtcp_row *row = &xtcp_fsm[i];

		at("row %u", i);
		ok(is_state(row->state));
		ok(is_state(row->next));
		ok(row->event < XTCP_EVENTS);
		no(row->actions & ~all);
		ok(row->section && *row->section);
	}
}

TEST(every_row_names_the_section_of_its_event)
{
	u32 i;

	for (i = 0; i < xtcp_fsm_rows; i++) {
		const struct xtcp_row *row = &xtcp_fsm[i];
		const char *want;

		switch (row->event) {
		case XTCP_EV_PASSIVE_OPEN:
		case XTCP_EV_ACTIVE_OPEN:
			want = "3.10.1";
			break;
		case XTCP_EV_CLOSE:
			want = "3.10.4";
			break;
		case XTCP_EV_ABORT:
			want = "3.10.5";
			break;
		case XTCP_EV_TIMEOUT:
		case XTCP_EV_2MSL:
			want = "3.10.8";
			break;
		default:
			want = row->state == XTCP_LISTEN ? "3.10.7.2" :
			       row->state == XTCP_SYN_SENT ? "3.10.7.3" :
			       "3.10.7.4";
		}
		at("row %u (%s), section %s not %s", i,
		   xtcp_event_name(row->event), row->section, want);
		is(strncmp(row->section, want, strlen(want)), 0);
		ok(row->section[strlen(want)] == '\0' ||
		   row->section[strlen(want)] == ',');
	}
}

/* Mark all states that rows lead to from marked ones. */
static void spread(bool *mark)
{
	bool more = true;
	u32 i;

	while (more) {
		more = false;
		for (i = 0; i < xtcp_fsm_rows; i++) {
			if (!mark[xtcp_fsm[i].state] || mark[xtcp_fsm[i].next])
				continue;
			mark[xtcp_fsm[i].next] = true;
			more = true;
		}
	}
}

TEST(every_state_is_reached_from_closed)
{
	bool mark[XTCP_STATES] = { [XTCP_CLOSED] = true };
	u32 state;

	spread(mark);
	for (state = XTCP_ESTABLISHED; state < XTCP_STATES; state++) {
		at("%s", xtcp_state_name(state));
		ok(mark[state]);
	}
	no(mark[0]);
}

TEST(closed_is_reached_from_every_state)
{
	u32 state;

	for (state = XTCP_ESTABLISHED; state < XTCP_STATES; state++) {
		bool mark[XTCP_STATES] = { false };

		mark[state] = true;
		spread(mark);
		at("%s", xtcp_state_name(state));
		ok(mark[XTCP_CLOSED]);
	}
}

/* U-9 */
TEST(tcb_deleted_only_in_closed_or_at_request_end)
{
	u32 i;

	for (i = 0; i < xtcp_fsm_rows; i++) {
		const struct xtcp_row *row = &xtcp_fsm[i];

		at("row %u", i);
		is(!!(row->actions & DELETE),
		   row->next == XTCP_CLOSED ||
		   (row->state == XTCP_SYN_RCVD_PASSIVE &&
		    row->next == XTCP_LISTEN));
		/* an error is reported only when the connection has ended */
		if (row->error)
			is(row->next, XTCP_CLOSED);
		/* U-9: never a RST in answer to a RST */
		if (row->event == XTCP_EV_RCV_RST)
			no(row->actions & (RST | ACK | SYN_ACK | FIN));
	}
}

/* Follow events from a state; each must have a row. Return: the last state. */
static u8 walk(u8 state, const u8 *events, u32 n)
{
	u32 i;

	for (i = 0; i < n; i++) {
		const struct xtcp_row *row = xtcp_fsm_row(state, events[i]);

		ok(row);
		if (!row)
			return 0;
		state = row->next;
	}
	return state;
}

#define WALK(from, ...)							\
	walk(from, (const u8 []){ __VA_ARGS__ },			\
	     sizeof((const u8 []){ __VA_ARGS__ }))

/* MUST-10, U-13 */
TEST(paths_of_figures_6_7_12_and_13)
{
	at("figure 6, the client");
	is(WALK(XTCP_CLOSED, XTCP_EV_ACTIVE_OPEN, XTCP_EV_RCV_SYN_ACK),
	   XTCP_ESTABLISHED);
	at("figure 6, the server");
	is(WALK(XTCP_CLOSED, XTCP_EV_PASSIVE_OPEN, XTCP_EV_RCV_SYN,
		XTCP_EV_RCV_ACK_OF_SYN), XTCP_ESTABLISHED);
	at("RFC 7413 figure 2, the server, which closes early");
	is(WALK(XTCP_CLOSED, XTCP_EV_PASSIVE_OPEN, XTCP_EV_RCV_SYN_COOKIE,
		XTCP_EV_CLOSE), XTCP_FIN_WAIT_1);
	at("figure 7, simultaneous open (MUST-10)");
	is(WALK(XTCP_CLOSED, XTCP_EV_ACTIVE_OPEN, XTCP_EV_RCV_SYN,
		XTCP_EV_RCV_ACK_OF_SYN), XTCP_ESTABLISHED);
	at("figure 12, the active closer (MUST-13)");
	is(WALK(XTCP_ESTABLISHED, XTCP_EV_CLOSE, XTCP_EV_RCV_ACK_OF_FIN,
		XTCP_EV_RCV_FIN), XTCP_TIME_WAIT);
	at("figure 12, the passive closer");
	is(WALK(XTCP_ESTABLISHED, XTCP_EV_RCV_FIN, XTCP_EV_CLOSE,
		XTCP_EV_RCV_ACK_OF_FIN), XTCP_CLOSED);
	at("figure 13, simultaneous close (U-13)");
	is(WALK(XTCP_ESTABLISHED, XTCP_EV_CLOSE, XTCP_EV_RCV_FIN,
		XTCP_EV_RCV_ACK_OF_FIN, XTCP_EV_2MSL), XTCP_CLOSED);
	at("a FIN again in TIME-WAIT (SA-5n)");
	is(WALK(XTCP_TIME_WAIT, XTCP_EV_RCV_FIN, XTCP_EV_RCV_FIN),
	   XTCP_TIME_WAIT);
}

TEST(states_have_the_numbers_of_the_kernel)
{
	/* values of include/net/tcp_states.h, which tools expect in /proc */
	is(XTCP_ESTABLISHED, 1);
	is(XTCP_SYN_SENT, 2);
	is(XTCP_SYN_RCVD, 3);
	is(XTCP_FIN_WAIT_1, 4);
	is(XTCP_FIN_WAIT_2, 5);
	is(XTCP_TIME_WAIT, 6);
	is(XTCP_CLOSED, 7);
	is(XTCP_CLOSE_WAIT, 8);
	is(XTCP_LAST_ACK, 9);
	is(XTCP_LISTEN, 10);
	is(XTCP_CLOSING, 11);
	is(XTCP_SYN_RCVD_PASSIVE, 12);
}

TEST(states_have_the_names_of_the_kernel)
{
	static const char *const names[] = {
		"UNKNOWN", "ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1",
		"FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT", "LAST_ACK",
		"LISTEN", "CLOSING", "NEW_SYN_RECV", "UNKNOWN", "UNKNOWN",
	};
	u32 i;

	for (i = 0; i < ARRAY_SIZE(names); i++) {
		at("%u: %s not %s", i, xtcp_state_name(i), names[i]);
		is(strcmp(xtcp_state_name(i), names[i]), 0);
	}
	is(strcmp(xtcp_state_name(255), "UNKNOWN"), 0);
}

TEST(every_event_and_action_has_a_name_of_its_own)
{
	u32 i, j;

	for (i = 0; i < XTCP_EVENTS; i++) {
		at("event %u", i);
		ok(strcmp(xtcp_event_name(i), "UNKNOWN"));
		for (j = 0; j < i; j++)
			ok(strcmp(xtcp_event_name(i), xtcp_event_name(j)));
	}
	is(strcmp(xtcp_event_name(XTCP_EVENTS), "UNKNOWN"), 0);
	is(strcmp(xtcp_event_name(XTCP_EV_RCV_ACK_OF_FIN), "RCV_ACK_OF_FIN"),
	   0);
	for (i = 1; i <= XTCP_ACT_DELETE; i <<= 1) {
		at("action %#x", i);
		ok(strcmp(xtcp_action_name(i), "unknown"));
		for (j = 1; j < i; j <<= 1)
			ok(strcmp(xtcp_action_name(i), xtcp_action_name(j)));
	}
	is(strcmp(xtcp_action_name(0), "unknown"), 0);
	is(strcmp(xtcp_action_name(XTCP_ACT_DELETE << 1), "unknown"), 0);
}
