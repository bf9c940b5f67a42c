// SPDX-License-Identifier: GPL-2.0
/*
 * The figures of a run.
 */
#include "check.h"
#include "report.h"

/* Queueing delays are counted in steps of this, ns; the last is for the rest. */
#define STEP		100000ull
#define STEPS		100000

static u32 waited[STEPS];
static u64 samples;
static double sum;

/* A packet has waited at the bottleneck. */
void report_sojourn(u64 ns)
{
	waited[min_t(u64, ns / STEP, STEPS - 1)]++;
	samples++;
	sum += ns;
}

static double percentile(double part)
{
	u64 left = samples * part;
	u32 i;

	for (i = 0; i < STEPS - 1 && waited[i] <= left; i++)
		left -= waited[i];
	return samples ? (i + 0.5) * STEP : 0;
}

/* Of one flow, bit/s, from its start to its end. */
double report_goodput(const struct flow *flow)
{
	u64 end = flow->done_at ? flow->done_at : event_now;

	if (end <= flow->started_at)
		return 0;
	return flow->read * 8e9 / (end - flow->started_at);
}

/* From the start of the first flow to the end of the last. */
void report_make(struct report *r, const struct scenario *s,
		 const struct flow *flows)
{
	u64 bytes = 0, end = 0;
	u32 i;

	for (i = 0; i < s->flows; i++) {
		bytes += flows[i].read;
		end = max(end, flows[i].done_at ? flows[i].done_at : event_now);
	}
	r->goodput = end ? bytes * 8e9 / end : 0;
	r->delay_mean = samples ? sum / samples : 0;
	r->delay_95 = percentile(0.95);
}

static void print_flow(u32 i, const struct flow *flow)
{
	const struct ledger *l = check_ledger(i);

	printf("flow %u: %.3f Mbit/s, %llu bytes read, %llu sent again, %llu of them without need",
	       i, report_goodput(flow) / 1e6, (unsigned long long)flow->read,
	       (unsigned long long)l->resent, (unsigned long long)l->needless);
	if (flow->done_at)
		printf(", complete after %.3f s",
		       (flow->done_at - flow->started_at) / 1e9);
	printf("\n");
}

void report_print(const struct report *r, const struct scenario *s,
		  const struct flow *flows, const struct path *path)
{
	const struct queue *q = &path->bottleneck.queue;
	u32 i;

	for (i = 0; i < s->flows; i++)
		print_flow(i, &flows[i]);
	printf("all: %.3f Mbit/s\n", r->goodput / 1e6);
	printf("queue: delay %.2f ms mean, %.2f ms 95 %%; %llu dropped, %llu marked; %llu lost on the path\n",
	       r->delay_mean / 1e6, r->delay_95 / 1e6,
	       (unsigned long long)q->drops, (unsigned long long)q->marks,
	       (unsigned long long)path->loss.count);
}
