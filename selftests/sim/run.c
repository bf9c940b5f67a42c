// SPDX-License-Identifier: GPL-2.0
/*
 * One run of a scenario. A process makes one run only: sockets and counters are
 * global.
 */
#include "check.h"
#include "run.h"
#include "trace.h"

/* Interval of the samples for plots, ns. */
#define SAMPLE		100000000ull

/* More events than any scenario has at one time: a loop without end. */
#define EVENTS_AT_ONCE	1000000

static struct path path;
static struct flow flows[SCENARIO_FLOWS_MAX];
static struct event sample;
static u32 flow_count;

static void samples(struct event *event)
{
	trace_sample(&path.bottleneck, flows, flow_count);
	event_at(event, event_now + SAMPLE);
}

static void setup(const struct scenario *s)
{
	u32 i;

	endpoint_world(s);
	path_setup(&path, s);
	path.bottleneck.sojourn = report_sojourn;
	flow_count = s->flows;
	for (i = 0; i < s->flows; i++)
		flow_setup(&flows[i], s, i, &path.loss.element,
			   &path.ack_loss.element, path_rtt(s, i));
	check_setup(s, flows);
	event_setup(&sample, samples);
	event_at(&sample, 0);
}

static bool all_done(const struct scenario *s)
{
	u32 i;

	for (i = 0; i < s->flows; i++)
		if (!flows[i].done_at)
			return false;
	return true;
}

static void events(const struct scenario *s)
{
	u64 last = 0, first = 0;

	while (!check_failed && event_next(s->time)) {
		check_event();
		if (event_now != last) {
			last = event_now;
			first = event_count;
		}
		check_that(event_count - first < EVENTS_AT_ONCE,
			   &flows[0].from, "time does not advance");
		if (all_done(s))
			break;
	}
	/* The last event may be long ago. */
	if (!check_failed && !all_done(s))
		event_now = s->time;
}

static void check_use(const struct scenario *s, const struct report *r)
{
	check_that(r->goodput >= s->use * s->rate, &flows[0].from,
		   "the bottleneck is used less than expected");
}

/*
 * Run @s, fill in @r, and print the figures if @print. Return: 0, or -1 if an
 * invariant did not hold: check_why says which.
 */
int run_scenario(const struct scenario *s, struct report *r, bool print)
{
	u32 i;

	setup(s);
	events(s);
	report_make(r, s, flows);
	if (print)
		report_print(r, s, flows, &path);
	check_use(s, r);
	for (i = 0; i < s->flows && !check_failed; i++) {
		endpoint_end(&flows[i].from);
		endpoint_end(&flows[i].to);
	}
	check_that(!skb_live, &flows[0].from, "an sk_buff is left");
	check_that(!skb_frag_refs, &flows[0].from, "a page is left");
	return check_failed ? -1 : 0;
}
