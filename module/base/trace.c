// SPDX-License-Identifier: GPL-2.0
#define CREATE_TRACE_POINTS
#include "trace.h"

/**
 * xtcp_state_trace() - trace a transition of the state machine
 * @sk: a socket, request or TIME-WAIT entry
 * @row: the row of the transition
 */
void xtcp_state_trace(struct sock *sk, const struct xtcp_row *row)
{
	trace_xtcp_state(sk, row->state, row->next, row->event);
}
