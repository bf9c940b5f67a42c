/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Segments that a request sends.
 */
#ifndef XTCP_SYNACK_H
#define XTCP_SYNACK_H

#include "conn/conn.h"

struct xtcp_flow;

void xtcp_request_flow(const struct xtcp_request *rq,
		       const struct xtcp_tuple *t, struct xtcp_flow *flow);
void xtcp_synack_send(struct xtcp_request *rq,
		      const struct xtcp_fo_cookie *cookie);
void xtcp_synack_again(struct xtcp_request *rq);
void xtcp_request_answer(struct xtcp_request *rq,
			 const struct xtcp_arrival *in);

#endif /* XTCP_SYNACK_H */
