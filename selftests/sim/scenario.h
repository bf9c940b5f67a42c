/* SPDX-License-Identifier: GPL-2.0 */
/*
 * A scenario: what is simulated, as a line of KEY=VALUE.
 */
#ifndef XTCP_SIM_SCENARIO_H
#define XTCP_SIM_SCENARIO_H

#include <stdio.h>

#include "core/types.h"

#define SCENARIO_FLOWS_MAX	16
#define SCENARIO_LINE_MAX	1024

/**
 * enum scenario_aqm - the queue of the bottleneck
 * @AQM_FIFO: tail drop
 * @AQM_CODEL: RFC 8289
 * @AQM_FQ_CODEL: RFC 8290
 * @AQM_STEP: tail drop, and a CE mark beyond a queueing delay
 * @AQM_DUALPI2: RFC 9332
 */
enum scenario_aqm {
	AQM_FIFO,
	AQM_CODEL,
	AQM_FQ_CODEL,
	AQM_STEP,
	AQM_DUALPI2,
};

/**
 * struct scenario - what is simulated; times in ns, rates in bit/s
 *
 * The keys and their meanings are in the table of scenario.c, which sim -h
 * prints.
 */
struct scenario {
	u64 seed;
	u64 time;

	/* The path. */
	u64 rate;
	u64 delay;
	u64 jitter;
	u64 limit;
	u64 aqm;
	u64 mark;
	double loss;
	double burst_begin;
	double burst_end;
	double duplicate;
	double reorder;
	u64 reorder_by;
	double ack_loss;
	u64 ack_rate;
	u64 ack_limit;
	u64 ack_hold;
	u64 cross;
	u64 route_at;
	u64 route_rate;
	u64 route_delay;

	/* The flows. */
	u64 flows;
	u64 stagger;
	u64 spread;
	u64 bytes;
	u64 write;
	u64 read;
	u64 cc;
	u64 cc2;

	/* The endpoints. */
	u64 mtu;
	u64 tso;
	u64 sack;
	u64 timestamps;
	u64 ecn;
	u64 wmem;
	u64 rmem;
	u64 iss;

	/* An expectation. */
	double use;
};

extern const char *const scenario_ccs[];

void scenario_default(struct scenario *s);
int scenario_parse(struct scenario *s, const char *line);
void scenario_print(const struct scenario *s, char *line, size_t size);
void scenario_help(FILE *file);
int scenario_keys(void);
bool scenario_simplify(struct scenario *s, int key, int step);

#endif /* XTCP_SIM_SCENARIO_H */
