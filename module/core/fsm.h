/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The state machine of RFC 9293 (3.3.2, figure 5) as a table. Each change of a
 * connection's state is a row. The diagram in Documentation, the tests and the
 * module use the same rows.
 */
#ifndef XTCP_CORE_FSM_H
#define XTCP_CORE_FSM_H

#include "types.h"

/*
 * The states have the kernel's numbers (TCP_ESTABLISHED ...), so that existing
 * tools show them. SYN-RECEIVED has two numbers, because a connection must
 * remember how it reached that state (MUST-11). XTCP_SYN_RCVD is a socket that
 * a user has or may accept: by simultaneous open or by Fast Open.
 * XTCP_SYN_RCVD_PASSIVE is a request of a listener, without a socket.
 */
enum xtcp_state {
	XTCP_ESTABLISHED	= 1,
	XTCP_SYN_SENT		= 2,
	XTCP_SYN_RCVD		= 3,
	XTCP_FIN_WAIT_1		= 4,
	XTCP_FIN_WAIT_2		= 5,
	XTCP_TIME_WAIT		= 6,
	XTCP_CLOSED		= 7,
	XTCP_CLOSE_WAIT		= 8,
	XTCP_LAST_ACK		= 9,
	XTCP_LISTEN		= 10,
	XTCP_CLOSING		= 11,
	XTCP_SYN_RCVD_PASSIVE	= 12,
	XTCP_STATES
};

/**
 * enum xtcp_event - events of the state machine
 * @XTCP_EV_PASSIVE_OPEN: listen()
 * @XTCP_EV_ACTIVE_OPEN: connect()
 * @XTCP_EV_CLOSE: close() or shutdown() of the sending side
 * @XTCP_EV_ABORT: we end the connection at once: close() with SO_LINGER 0 or
 *	unread data, connect(AF_UNSPEC), data after close(), too many orphans
 * @XTCP_EV_RCV_SYN: an acceptable SYN without ACK
 * @XTCP_EV_RCV_SYN_COOKIE: a SYN to a listener with a good Fast Open cookie
 * @XTCP_EV_RCV_SYN_ACK: a SYN that acknowledges ours
 * @XTCP_EV_RCV_ACK_OF_SYN: our SYN is acknowledged
 * @XTCP_EV_RCV_FIN: the peer's FIN, in order
 * @XTCP_EV_RCV_ACK_OF_FIN: our FIN is acknowledged
 * @XTCP_EV_RCV_RST: an acceptable RST
 * @XTCP_EV_TIMEOUT: user timeout, R2, unanswered keepalive probes, the end of
 *	an orphan's FIN-WAIT-2, or an ICMP error before the connection is
 *	synchronized
 * @XTCP_EV_2MSL: the TIME-WAIT timeout
 * @XTCP_EVENTS: number of events
 */
enum xtcp_event {
	XTCP_EV_PASSIVE_OPEN,
	XTCP_EV_ACTIVE_OPEN,
	XTCP_EV_CLOSE,
	XTCP_EV_ABORT,
	XTCP_EV_RCV_SYN,
	XTCP_EV_RCV_SYN_COOKIE,
	XTCP_EV_RCV_SYN_ACK,
	XTCP_EV_RCV_ACK_OF_SYN,
	XTCP_EV_RCV_FIN,
	XTCP_EV_RCV_ACK_OF_FIN,
	XTCP_EV_RCV_RST,
	XTCP_EV_TIMEOUT,
	XTCP_EV_2MSL,
	XTCP_EVENTS
};

/* The actions of a row besides the new state, in order. */
#define XTCP_ACT_SND_SYN	0x0001
#define XTCP_ACT_SND_SYN_ACK	0x0002
#define XTCP_ACT_SND_ACK	0x0004
#define XTCP_ACT_SND_FIN	0x0008	/* after all queued data */
#define XTCP_ACT_SND_RST	0x0010
#define XTCP_ACT_CONNECTED	0x0020	/* report to the user: connected */
#define XTCP_ACT_EOF		0x0040	/* report to the user: end of file */
#define XTCP_ACT_WAIT_2MSL	0x0080	/* start or restart the 2MSL timer */
#define XTCP_ACT_DELETE		0x0100	/* timers off, queues flushed, no TCB */

/**
 * struct xtcp_row - one transition
 * @state: the state before, enum xtcp_state
 * @event: the event, enum xtcp_event
 * @next: the state after
 * @error: errno for pending and later calls of the user, 0 for none
 * @actions: XTCP_ACT_*
 * @section: the section of RFC 9293, or of the RFC named, that decides it
 */
struct xtcp_row {
	u8 state;
	u8 event;
	u8 next;
	u8 error;
	u16 actions;
	const char *section;
};

extern const struct xtcp_row xtcp_fsm[];
extern const u32 xtcp_fsm_rows;

const struct xtcp_row *xtcp_fsm_row(u8 state, u8 event);
const char *xtcp_state_name(u8 state);
const char *xtcp_event_name(u8 event);
const char *xtcp_action_name(u16 action);

#endif /* XTCP_CORE_FSM_H */
