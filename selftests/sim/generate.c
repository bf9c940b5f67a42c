// SPDX-License-Identifier: GPL-2.0
/*
 * Random scenarios. A quarter of them have a path without faults, with a queue
 * that Reno can keep full: there, a part of the rate must be used.
 */
#include "generate.h"
#include "kernel/kernel.h"
#include "random.h"

#define MSEC		1e6

/* Rates above this would take too much time, bit/s. */
#define RATE_MAX	30e6

/* What a clean path must be used at least. */
#define CLEAN_USE	0.7

static void common(struct scenario *s, struct random *r)
{
	double bdp;

	s->rate = random_log_uniform(r, 200e3, RATE_MAX);
	s->delay = random_log_uniform(r, 1 * MSEC, 150 * MSEC);
	bdp = s->rate * (2 * s->delay / 1e9) / 8 / 1500;
	s->limit = max(10.0, bdp * random_log_uniform(r, 1.2, 4));
	s->cc = random_below(r, 2);
	s->cc2 = random_below(r, 2);
	s->tso = random_below(r, 2);
	s->flows = random_chance(r, 0.5) ? 1 : 1 + random_below(r, 6);
	s->iss = random_below(r, 1ull << 32);
}

static void faults(struct scenario *s, struct random *r)
{
	s->aqm = random_chance(r, 0.4) ? AQM_FIFO : random_below(r, 5);
	s->mark = random_log_uniform(r, 1 * MSEC, 20 * MSEC);
	s->limit = max(4.0, s->limit * random_log_uniform(r, 0.1, 1));
	if (random_chance(r, 0.5))
		s->loss = random_log_uniform(r, 0.0001, 0.05);
	if (random_chance(r, 0.15))
		s->burst_begin = random_log_uniform(r, 0.0001, 0.01);
	s->burst_end = random_log_uniform(r, 0.1, 0.9);
	if (random_chance(r, 0.1))
		s->duplicate = random_log_uniform(r, 0.0001, 0.1);
	if (random_chance(r, 0.2))
		s->reorder = random_log_uniform(r, 0.001, 0.2);
	s->reorder_by = random_log_uniform(r, 1 * MSEC, 50 * MSEC);
	if (random_chance(r, 0.2))
		s->jitter = random_log_uniform(r, 1 * MSEC, 50 * MSEC);
	if (random_chance(r, 0.2))
		s->cross = s->rate * random_log_uniform(r, 0.02, 0.5);
}

static void way_back(struct scenario *s, struct random *r)
{
	if (random_chance(r, 0.25))
		s->ack_loss = random_log_uniform(r, 0.001, 0.3);
	if (random_chance(r, 0.15))
		s->ack_rate = s->rate / random_log_uniform(r, 5, 100);
	s->ack_limit = random_log_uniform(r, 5, 1000);
	if (random_chance(r, 0.15))
		s->ack_hold = random_log_uniform(r, 0.5 * MSEC, 50 * MSEC);
	if (random_chance(r, 0.15)) {
		s->route_at = random_below(r, s->time);
		s->route_rate = random_log_uniform(r, 200e3, RATE_MAX);
		s->route_delay = random_log_uniform(r, 1 * MSEC, 150 * MSEC);
	}
}

static void programs(struct scenario *s, struct random *r)
{
	s->stagger = random_below(r, 5000 * MSEC);
	s->spread = random_below(r, 30 * MSEC);
	if (random_chance(r, 0.3))
		s->bytes = random_log_uniform(r, 1, 4e6);
	if (random_chance(r, 0.15))
		s->write = s->rate * random_log_uniform(r, 0.01, 2);
	if (random_chance(r, 0.1))
		s->read = s->rate * random_log_uniform(r, 0.05, 2);
}

static void endpoints(struct scenario *s, struct random *r)
{
	if (random_chance(r, 0.1))
		s->cc = random_below(r, 3);
	if (random_chance(r, 0.15))
		s->mtu = random_log_uniform(r, 576, 9000);
	s->sack = random_chance(r, 0.85);
	s->timestamps = random_chance(r, 0.85);
	s->ecn = random_chance(r, 0.5) ? random_below(r, 3) : 0;
	if (random_chance(r, 0.1))
		s->wmem = random_log_uniform(r, 16384, 1e6);
	if (random_chance(r, 0.1))
		s->rmem = random_log_uniform(r, 16384, 1e6);
}

/* The scenario of @seed. */
void generate(struct scenario *s, u64 seed)
{
	struct random r;

	scenario_default(s);
	s->seed = seed;
	random_seed(&r, seed, "scenario");
	common(s, &r);
	if (random_chance(&r, 0.25)) {
		s->use = CLEAN_USE;
		return;
	}
	faults(s, &r);
	way_back(s, &r);
	programs(s, &r);
	endpoints(s, &r);
}
