/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A record of a run as CSV files, for the script plot.
 */
#ifndef XTCP_SIM_TRACE_H
#define XTCP_SIM_TRACE_H

#include "flow.h"
#include "link.h"

int trace_open(const char *directory);
void trace_sent(const struct endpoint *e, const struct packet *packet);
void trace_received(const struct endpoint *e, const struct xtcp_segment *seg);
void trace_sample(const struct link *link, const struct flow *flows, u32 n);
int trace_close(void);

#endif /* XTCP_SIM_TRACE_H */
