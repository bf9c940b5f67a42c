// SPDX-License-Identifier: GPL-2.0
/*
 * CUBIC (RFC 9438): after a reduction cwnd is a cubic function of the time since
 * then, with its plateau where the last loss was. So its growth does not depend
 * on the round-trip time.
 *
 * Windows are in bytes, times in ms. The text has segments and seconds:
 * C is 0.4 segments / s^3, which is 4 * mss / 10^10 bytes / ms^3.
 */
#include "cc.h"
#include "hystart.h"

#define CWND_MAX	0x40000000u

/* RFC 9438 4.6: beta_cubic is 0.7. */
#define BETA_NUM	7
#define BETA_DEN	10

/*
 * RFC 9438 4.3: alpha_cubic is 3 * (1 - beta) / (1 + beta), 9/17, until W_est
 * reaches cwnd_prior, then 1.
 */
#define ALPHA_NUM	9
#define ALPHA_DEN	17

/* Longest time in an epoch, ms: the cube stays below 2^60. */
#define EPOCH_MAX	1048576u

/**
 * struct epoch - a period of congestion avoidance
 * @start: when it began, ns, moved by the time in which cwnd was not used; 0:
 *	not begun
 * @last: when cwnd was last used, ns
 * @w_max: W_max, bytes
 * @prior: cwnd_prior, bytes
 * @k: K, ms
 * @est: W_est, bytes
 * @est_acked: bytes acknowledged towards the next growth of @est, times
 *	ALPHA_DEN
 */
struct epoch {
	u64 start;
	u64 last;
	u32 w_max;
	u32 prior;
	u32 k;
	u32 est;
	u64 est_acked;
};

/**
 * struct cubic - the private state
 * @now: the current epoch
 * @saved: what it was before the last reduction for a loss
 * @hystart: the end of slow start
 */
struct cubic {
	struct epoch now;
	struct epoch saved;
	struct xtcp_hystart hystart;
};

static_assert(sizeof(struct cubic) <= XTCP_CC_PRIV);

static struct cubic *state_of(struct xtcp_cc *cc)
{
	return (struct cubic *)cc->priv;
}

/* The largest x whose cube is at most @a. */
static u32 cube_root(u64 a)
{
	u64 x = 0;
	int bit;

	for (bit = 20; bit >= 0; bit--) {
		u64 y = x | (1u << bit);

		if (y * y * y <= a)
			x = y;
	}
	return x;
}

/* RFC 9438 4.2, figure 2: K, ms; @w_max is @cwnd or more. */
static u32 time_to_plateau(u32 w_max, u32 cwnd, u32 mss)
{
	u64 segs;

	/* (W_max - cwnd) / mss / 0.4 s^3 */
	segs = div_u64((u64)(w_max - cwnd) * 2500000000ull, mss);
	return min_t(u32, cube_root(segs), EPOCH_MAX);
}

/* RFC 9438 4.2, figure 1: W_cubic(t), bytes; @t in ms. */
static u32 w_cubic(const struct epoch *e, u32 t, u32 mss)
{
	u64 d = t > e->k ? t - e->k : e->k - t;
	u64 delta = div_u64(4 * d * d * d, 1000000);

	delta = min_t(u64, div_u64(delta * mss, 10000), CWND_MAX);
	if (t > e->k)
		return min_t(u64, e->w_max + delta, CWND_MAX);
	return e->w_max - min_t(u64, e->w_max, delta);
}

/* RFC 9438 4.2: congestion avoidance begins, at @now. */
static void begin_epoch(struct epoch *e, const struct xtcp_cc *cc, u32 mss,
			u64 now)
{
	e->start = now;
	e->last = now;
	/* Without a loss that it must return to, cwnd is the plateau. */
	e->w_max = max_t(u32, e->w_max, cc->cwnd);
	e->k = time_to_plateau(e->w_max, cc->cwnd, mss);
	e->est = cc->cwnd;
	e->est_acked = 0;
}

/* RFC 9438 4.3, the window of Reno. */
static void grow_est(struct epoch *e, u32 cwnd, u32 mss, u32 acked)
{
	u32 alpha = e->est >= e->prior ? ALPHA_DEN : ALPHA_NUM;

	e->est_acked += (u64)acked * alpha;
	while (e->est_acked >= (u64)cwnd * ALPHA_DEN) {
		e->est_acked -= (u64)cwnd * ALPHA_DEN;
		e->est += mss;
	}
}

static u32 epoch_ms(u64 now, u64 then)
{
	return min_t(u64, div_u64(now - then, 1000000), EPOCH_MAX);
}

/* RFC 9438 4.2 to 4.5. */
static void follow_curve(struct xtcp_cc *cc, const struct xtcp_cc_ack *a, u32 acked)
{
	struct epoch *e = &state_of(cc)->now;
	u32 t, target;

	if (!e->start)
		begin_epoch(e, cc, a->mss, a->now);
	e->last = a->now;
	grow_est(e, cc->cwnd, a->mss, acked);
	t = epoch_ms(a->now, e->start);
	if (w_cubic(e, t, a->mss) < e->est) {
		cc->cwnd = max_t(u32, cc->cwnd, e->est);
		return;
	}
	t = min_t(u32, t + a->srtt / 1000, EPOCH_MAX);
	target = min_t(u64, w_cubic(e, t, a->mss), cc->cwnd + cc->cwnd / 2);
	if (target > cc->cwnd)
		cc->cwnd += div_u64((u64)(target - cc->cwnd) *
				    min_t(u32, acked, cc->cwnd), cc->cwnd);
}

static void cubic_init(struct xtcp_cc *cc, u32 mss)
{
	(void)mss;
	memset(state_of(cc), 0, sizeof(struct cubic));
	xtcp_hystart_init(&state_of(cc)->hystart);
}

/* Growth in slow start, bytes. */
static u32 slow_start_growth(struct xtcp_cc *cc, const struct xtcp_cc_ack *a)
{
	struct xtcp_hystart *h = &state_of(cc)->hystart;

	/* RFC 9406 4.3: only in the initial slow start. */
	if (cc->ssthresh == XTCP_SSTHRESH_INF) {
		if (xtcp_hystart_ack(h, a->rtt, a->round_start))
			cc->ssthresh = cc->cwnd;
		return xtcp_hystart_growth(h, a->acked, a->mss);
	}
	/* RFC 3465 2.3. */
	return min_t(u32, a->acked, cc->after_timeout ? a->mss :
						XTCP_HYSTART_L * a->mss);
}

static void cubic_on_ack(struct xtcp_cc *cc, const struct xtcp_cc_ack *a)
{
	struct epoch *e = &state_of(cc)->now;
	u32 acked = a->acked, grow;

	if (!cc->cwnd_limited) {
		/* RFC 9438 4.2: this time does not count. */
		if (e->start) {
			e->start += a->now - e->last;
			e->last = a->now;
		}
		return;
	}
	if (xtcp_cc_slow_start(cc)) {
		grow = slow_start_growth(cc, a);
		grow = min_t(u32, grow, cc->ssthresh - cc->cwnd);
		cc->cwnd += grow;
		acked -= min_t(u32, acked, grow);
	}
	if (!xtcp_cc_slow_start(cc) && acked)
		follow_curve(cc, a, acked);
	cc->cwnd = min_t(u32, cc->cwnd, CWND_MAX);
}

/*
 * RFC 9438 4.6 and 4.7: what every reduction does. It is a reduction of cwnd, not of
 * FlightSize: with many losses the flight is much smaller than cwnd when the next one
 * is detected. RFC 9438 4.6 permits that if an unused cwnd does not grow
 * (core/usage.c).
 *
 * Return: beta * cwnd.
 */
static u32 reduce(struct xtcp_cc *cc)
{
	struct cubic *c = state_of(cc);
	struct epoch *e = &c->now;

	c->saved = *e;
	e->start = 0;
	e->prior = cc->cwnd;
	/* 4.7, fast convergence: a new flow needs room. */
	if (cc->cwnd < e->w_max)
		e->w_max = div_u64((u64)cc->cwnd * (BETA_DEN + BETA_NUM),
				   2 * BETA_DEN);
	else
		e->w_max = cc->cwnd;
	return div_u64((u64)cc->cwnd * BETA_NUM, BETA_DEN);
}

static u32 cubic_on_loss(struct xtcp_cc *cc, u32 mss, u32 flight)
{
	u32 window = reduce(cc);

	(void)flight;
	return max_t(u32, window, 2 * mss);
}

/* RFC 9438 4.6: cwnd may become one segment for CE marks. */
static u32 cubic_on_ecn(struct xtcp_cc *cc, u32 mss, u32 flight)
{
	u32 window = reduce(cc);

	(void)flight;
	return max_t(u32, window, mss);
}

/* RFC 9438 4.8: no plateau of before the timeout in the next epoch. */
static void cubic_on_timeout(struct xtcp_cc *cc)
{
	state_of(cc)->now.w_max = 0;
}

/* RFC 9438 4.9. */
static void cubic_undo(struct xtcp_cc *cc)
{
	state_of(cc)->now = state_of(cc)->saved;
}

const struct xtcp_cc_ops xtcp_cubic = {
	.name = "cubic",
	.init = cubic_init,
	.on_ack = cubic_on_ack,
	.on_loss = cubic_on_loss,
	.on_timeout = cubic_on_timeout,
	.on_ecn = cubic_on_ecn,
	.undo = cubic_undo,
};
