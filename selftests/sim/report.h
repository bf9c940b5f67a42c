/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The figures of a run.
 */
#ifndef XTCP_SIM_REPORT_H
#define XTCP_SIM_REPORT_H

#include "flow.h"
#include "path.h"

/**
 * struct report - figures of the whole run
 * @goodput: of all flows, bit/s, while they ran
 * @delay_mean: queueing delay at the bottleneck, ns
 * @delay_95: 95 % of the packets wait at most this, ns
 */
struct report {
	double goodput;
	double delay_mean;
	double delay_95;
};

void report_sojourn(u64 ns);
double report_goodput(const struct flow *flow);
void report_make(struct report *r, const struct scenario *s,
		 const struct flow *flows);
void report_print(const struct report *r, const struct scenario *s,
		  const struct flow *flows, const struct path *path);

#endif /* XTCP_SIM_REPORT_H */
