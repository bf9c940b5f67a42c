// SPDX-License-Identifier: GPL-2.0
/*
 * Random numbers: a Weyl sequence whose values are mixed by multiplications.
 */
#include <math.h>

#include "kernel/kernel.h"
#include "random.h"

#define STEP	0x9e3779b97f4a7c15ull

static u64 mixed(u64 x)
{
	x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ull;
	x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ull;
	return x ^ (x >> 32);
}

/* @part: its name makes the generator differ from those of other parts. */
void random_seed(struct random *r, u64 seed, const char *part)
{
	r->state = mixed(seed + STEP);
	for (; *part; part++)
		r->state = mixed(r->state + STEP + (u8)*part);
}

u64 random_u64(struct random *r)
{
	r->state += STEP;
	return mixed(r->state);
}

/* 0 to @n - 1. */
u64 random_below(struct random *r, u64 n)
{
	return ((__uint128_t)random_u64(r) * n) >> 64;
}

/* 0 or more, below 1. */
double random_unit(struct random *r)
{
	return (double)(random_u64(r) >> 11) / (1ull << 53);
}

double random_exponential(struct random *r, double mean)
{
	return -mean * log(1 - random_unit(r));
}

/* Each factor of ten between @low and @high is equally likely. */
double random_log_uniform(struct random *r, double low, double high)
{
	return low * pow(high / low, random_unit(r));
}

/* For ratelimit.c. */
u32 get_random_u32(void)
{
	static struct random r = { 1 };

	return random_u64(&r);
}
