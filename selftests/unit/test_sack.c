// SPDX-License-Identifier: GPL-2.0
/*
 * Selective acknowledgment: RFC 2018, RFC 2883.
 */
#include "sack.h"
#include "tap.h"

static const u32 bases[] = {
	0, 100000, 0x7fffff80, 0x80000000, 0xffffff80, 0xffffffff,
};

static bool is_block(const struct xtcp_sack_block *b, u32 left, u32 right)
{
	return b->left == left && b->right == right;
}

/* SK-4 */
TEST(sk4_newest_block_comes_first)
{
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		struct xtcp_sack_list list = { 0 };
		u32 b = bases[i];

		at("at %#x", b);
		for (k = 0; k < 4; k++) {
			xtcp_sack_add(&list, b + 100 * k, b + 100 * k + 50);
			is(list.n, k + 1);
			ok(is_block(&list.block[0], b + 100 * k,
				    b + 100 * k + 50));
		}
		ok(is_block(&list.block[1], b + 200, b + 250));
		ok(is_block(&list.block[2], b + 100, b + 150));
		ok(is_block(&list.block[3], b, b + 50));
		/* the oldest block is dropped */
		xtcp_sack_add(&list, b + 400, b + 450);
		is(list.n, 4);
		ok(is_block(&list.block[0], b + 400, b + 450));
		ok(is_block(&list.block[3], b + 100, b + 150));
	}
}

/* SK-4 */
TEST(sk4_growing_run_is_one_block_and_first)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		struct xtcp_sack_list list = { 0 };
		u32 b = bases[i];

		at("at %#x", b);
		xtcp_sack_add(&list, b, b + 50);
		xtcp_sack_add(&list, b + 100, b + 150);
		xtcp_sack_add(&list, b + 200, b + 250);
		/* extends a block to the right */
		xtcp_sack_add(&list, b + 50, b + 60);
		is(list.n, 3);
		ok(is_block(&list.block[0], b, b + 60));
		ok(is_block(&list.block[1], b + 200, b + 250));
		/* extends a block to the left */
		xtcp_sack_add(&list, b + 90, b + 100);
		is(list.n, 3);
		ok(is_block(&list.block[0], b + 90, b + 150));
		/* a gap of one byte */
		xtcp_sack_add(&list, b + 151, b + 160);
		is(list.n, 4);
		ok(is_block(&list.block[0], b + 151, b + 160));
		/* fills the gap */
		xtcp_sack_add(&list, b + 150, b + 151);
		is(list.n, 3);
		ok(is_block(&list.block[0], b + 90, b + 160));
		/* overlaps all blocks */
		xtcp_sack_add(&list, b + 55, b + 201);
		is(list.n, 1);
		ok(is_block(&list.block[0], b, b + 250));
		/* a duplicate moves its block to the front */
		xtcp_sack_add(&list, b + 300, b + 310);
		xtcp_sack_add(&list, b + 10, b + 20);
		is(list.n, 2);
		ok(is_block(&list.block[0], b, b + 250));
		ok(is_block(&list.block[1], b + 300, b + 310));
	}
}

#define SPACE	256

/* The run of received bytes that contains one byte. */
static void run_of(const bool *got, u32 byte, u32 *left, u32 *right)
{
	*left = byte;
	*right = byte;
	while (*left > 0 && got[*left - 1])
		--*left;
	while (*right < SPACE && got[*right])
		++*right;
}

static u32 count_runs(const bool *got)
{
	u32 i, n = 0;

	for (i = 0; i < SPACE; i++)
		n += got[i] && (i == 0 || !got[i - 1]);
	return n;
}

/* SK-4 */
TEST(sk4_random_segments_against_byte_map)
{
	u32 run, step, i, k;

	for (run = 0; run < 3000; run++) {
		u32 b = bases[run % ARRAY_SIZE(bases)];
		struct xtcp_sack_list list = { 0 };
		bool got[SPACE] = { false };
		bool forgot = false;

		for (step = 0; step < 40; step++) {
			u32 left = rnd() % (SPACE - 1), right, l, r;
			u32 len = 1 + rnd() % 24;

			right = min_t(u32, SPACE, left + len);
			memset(got + left, 1, right - left);
			/* as in receive.c: the complete run */
			run_of(got, left, &l, &r);
			xtcp_sack_add(&list, b + l, b + r);
			forgot |= count_runs(got) > XTCP_SACK_MAX;
			at("run %u step %u base %#x", run, step, b);
			ok(is_block(&list.block[0], b + l, b + r));
			ok(list.n >= 1 && list.n <= XTCP_SACK_MAX);
			for (i = 0; i < list.n; i++) {
				u32 from = list.block[i].left - b;
				u32 to = list.block[i].right - b;

				ok(from < to && to <= SPACE);
				if (from >= to || to > SPACE)
					return;
				/* only received bytes */
				for (k = from; k < to; k++)
					ok(got[k]);
				/* the complete run, unless one was dropped */
				run_of(got, from, &l, &r);
				if (!forgot) {
					is(from, l);
					is(to, r);
				}
				for (k = 0; k < i; k++)
					ok(to < list.block[k].left - b ||
					   from > list.block[k].right - b);
			}
			if (!forgot)
				is(list.n, count_runs(got));
		}
	}
}

TEST(sk_blocks_below_rcv_nxt_removed)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		struct xtcp_sack_list list = { 0 };
		u32 b = bases[i];

		at("at %#x", b);
		xtcp_sack_advance(&list, b);
		is(list.n, 0);
		xtcp_sack_add(&list, b + 10, b + 20);
		xtcp_sack_add(&list, b + 50, b + 60);
		xtcp_sack_add(&list, b + 30, b + 40);
		xtcp_sack_advance(&list, b + 9);
		is(list.n, 3);
		xtcp_sack_advance(&list, b + 20);
		is(list.n, 2);
		ok(is_block(&list.block[0], b + 30, b + 40));
		ok(is_block(&list.block[1], b + 50, b + 60));
		/* RCV.NXT advances to the end of a run: the hole was filled */
		xtcp_sack_advance(&list, b + 40);
		is(list.n, 1);
		ok(is_block(&list.block[0], b + 50, b + 60));
		/* RCV.NXT is at the start of a run: it will pass the run */
		xtcp_sack_advance(&list, b + 50);
		is(list.n, 0);
		xtcp_sack_add(&list, b + 110, b + 120);
		xtcp_sack_add(&list, b + 130, b + 140);
		xtcp_sack_advance(&list, b + 200);
		is(list.n, 0);
	}
}

/* SK-5 */
TEST(sk5_as_many_blocks_as_fit)
{
	struct xtcp_tcb tcb = { .sack_ok = 1 };
	struct xtcp_sack_list list = { 0 };
	struct xtcp_options opt;
	u32 k, i;

	for (k = 0; k <= 6; k++) {
		if (k)
			xtcp_sack_add(&list, 100 * k, 100 * k + 50);
		at("%u runs, no timestamp", k);
		memset(&opt, 0, sizeof(opt));
		xtcp_sack_fill(&list, &tcb, &opt);
		is(opt.nsack, k < 4 ? k : 4);
		for (i = 0; i < opt.nsack; i++)
			ok(is_block(&opt.sack[i], 100 * (k - i),
				    100 * (k - i) + 50));
		ok(xtcp_options_len(&opt) <= XTCP_OPT_SPACE);
		at("%u runs, timestamp", k);
		opt.has_ts = 1;
		xtcp_sack_fill(&list, &tcb, &opt);
		is(opt.nsack, k < 3 ? k : 3);
		for (i = 0; i < opt.nsack; i++)
			ok(is_block(&opt.sack[i], 100 * (k - i),
				    100 * (k - i) + 50));
		ok(xtcp_options_len(&opt) <= XTCP_OPT_SPACE);
	}
}

/* SK-5 */
TEST(sk5_block_reported_in_three_acks)
{
	struct xtcp_tcb tcb = { .sack_ok = 1 };
	struct xtcp_sack_list list = { 0 };
	u32 told[7] = { 0 };
	struct xtcp_options opt;
	u32 k, i;

	for (k = 1; k <= 6; k++) {
		xtcp_sack_add(&list, 100 * k, 100 * k + 50);
		memset(&opt, 0, sizeof(opt));
		opt.has_ts = 1;
		xtcp_sack_fill(&list, &tcb, &opt);
		for (i = 0; i < opt.nsack; i++)
			told[opt.sack[i].left / 100]++;
	}
	for (k = 1; k <= 4; k++) {
		at("run %u", k);
		is(told[k], 3);
	}
}

/* SK-2 */
TEST(sk2_no_blocks_unless_permitted)
{
	struct xtcp_tcb tcb = { .dsack = { 5, 10 } };
	struct xtcp_sack_list list = { 0 };
	struct xtcp_options opt = { .nsack = 3 };

	xtcp_sack_add(&list, 100, 200);
	xtcp_sack_fill(&list, &tcb, &opt);
	is(opt.nsack, 0);
}

/* DS-1 */
TEST(ds1_duplicate_reported_first_and_once)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		u32 b = bases[i];
		struct xtcp_tcb tcb = { .sack_ok = 1,
					.dsack = { b - 10, b + 20 } };
		struct xtcp_sack_list list = { 0 };
		struct xtcp_options opt = { 0 };

		at("at %#x", b);
		xtcp_sack_fill(&list, &tcb, &opt);
		is(opt.nsack, 1);
		ok(is_block(&opt.sack[0], b - 10, b + 20));
		xtcp_sack_fill(&list, &tcb, &opt);
		is(opt.nsack, 0);
	}
}

/* DS-1 */
TEST(ds1_duplicate_replaces_oldest_block)
{
	u32 ts;

	for (ts = 0; ts < 2; ts++) {
		struct xtcp_tcb tcb = { .sack_ok = 1, .dsack = { 5, 10 } };
		struct xtcp_sack_list list = { 0 };
		struct xtcp_options opt = { .has_ts = ts };
		u32 k;

		at("timestamp %u", ts);
		for (k = 1; k <= 4; k++)
			xtcp_sack_add(&list, 100 * k, 100 * k + 50);
		xtcp_sack_fill(&list, &tcb, &opt);
		is(opt.nsack, 4 - ts);
		ok(is_block(&opt.sack[0], 5, 10));
		ok(is_block(&opt.sack[1], 400, 450));
		ok(is_block(&opt.sack[2], 300, 350));
		ok(xtcp_options_len(&opt) <= XTCP_OPT_SPACE);
		xtcp_sack_fill(&list, &tcb, &opt);
		is(opt.nsack, 4 - ts);
		ok(is_block(&opt.sack[0], 400, 450));
	}
}

/* DS-2 */
TEST(ds2_enclosing_block_comes_second)
{
	struct xtcp_tcb tcb = { .sack_ok = 1 };
	struct xtcp_sack_list list = { 0 };
	struct xtcp_options opt = { 0 };

	/* RFC 2883 4.2: the complete segment is a duplicate */
	xtcp_sack_add(&list, 1000, 3000);
	xtcp_sack_add(&list, 5000, 6000);
	xtcp_sack_add(&list, 1500, 2000);
	tcb.dsack.left = 1500;
	tcb.dsack.right = 2000;
	xtcp_sack_fill(&list, &tcb, &opt);
	is(opt.nsack, 3);
	ok(is_block(&opt.sack[0], 1500, 2000));
	ok(is_block(&opt.sack[1], 1000, 3000));
	ok(is_block(&opt.sack[2], 5000, 6000));
}

/* SND.UNA at the base, a flight of 4000 bytes, and an ACK with blocks. */
struct claim {
	struct xtcp_tcb tcb;
	struct xtcp_segment seg;
};

static struct claim claim(u32 una, u32 ack)
{
	struct claim c = {
		.tcb = { .snd_una = una, .snd_nxt = una + 4000,
			 .max_snd_wnd = 65535, .acked = 65535, .sack_ok = 1 },
		.seg = { .ack = ack, .flags = XTCP_ACK },
	};

	return c;
}

static void says(struct claim *c, u32 left, u32 right)
{
	c->seg.opt.sack[c->seg.opt.nsack].left = left;
	c->seg.opt.sack[c->seg.opt.nsack++].right = right;
}

/* SK-11 */
TEST(sk11_invalid_blocks_ignored)
{
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		u32 una = bases[i];
		const struct {
			u32 left;
			u32 right;
			enum xtcp_sack_kind want;
		} of[] = {
			{ una + 1000, una + 2000, XTCP_SACK_NEW },
			{ una + 1, una + 2, XTCP_SACK_NEW },
			{ una + 3999, una + 4000, XTCP_SACK_NEW },
			/* above SND.NXT */
			{ una + 3999, una + 4001, XTCP_SACK_BAD },
			{ una + 4000, una + 4001, XTCP_SACK_BAD },
			{ una + 5000, una + 6000, XTCP_SACK_BAD },
			{ una + 1000, una + 0x70000000, XTCP_SACK_BAD },
			/* reversed, and empty */
			{ una + 2000, una + 1000, XTCP_SACK_BAD },
			{ una + 2000, una + 2000, XTCP_SACK_BAD },
			/* longer than 2^31 */
			{ una + 1000, una + 1000 + 0x80000001,
			  XTCP_SACK_BAD },
			/* across SND.UNA */
			{ una - 1, una + 1000, XTCP_SACK_BAD },
			{ una - 70000, una + 1000, XTCP_SACK_BAD },
		};

		for (k = 0; k < ARRAY_SIZE(of); k++) {
			struct claim c = claim(una, una);

			at("una %#x block %u", una, k);
			says(&c, of[k].left, of[k].right);
			is(xtcp_sack_check(&c.tcb, &c.seg, 0), of[k].want);
			/* the same block as the second one */
			c.seg.opt.sack[1] = c.seg.opt.sack[0];
			c.seg.opt.sack[0].left = una + 3000;
			c.seg.opt.sack[0].right = una + 3001;
			c.seg.opt.nsack = 2;
			is(xtcp_sack_check(&c.tcb, &c.seg, 1), of[k].want);
		}
	}
}

/* DS-5 */
TEST(ds5_first_block_at_or_below_ack_is_dsack)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		u32 una = bases[i];
		struct claim c;

		at("una %#x", una);
		c = claim(una, una);
		says(&c, una - 500, una - 200);
		is(xtcp_sack_check(&c.tcb, &c.seg, 0), XTCP_SACK_DUP);
		c = claim(una, una);
		says(&c, una - 500, una);
		is(xtcp_sack_check(&c.tcb, &c.seg, 0), XTCP_SACK_DUP);
		c = claim(una, una);
		says(&c, una - 500, una + 1);
		is(xtcp_sack_check(&c.tcb, &c.seg, 0), XTCP_SACK_BAD);
		/* SND.UNA is advanced by the same ACK */
		c = claim(una, una + 2000);
		says(&c, una + 500, una + 1000);
		is(xtcp_sack_check(&c.tcb, &c.seg, 0), XTCP_SACK_DUP);
		/* only the first block can be a DSACK */
		c = claim(una, una + 2000);
		says(&c, una + 3000, una + 3500);
		says(&c, una + 500, una + 1000);
		says(&c, una - 500, una - 100);
		is(xtcp_sack_check(&c.tcb, &c.seg, 0), XTCP_SACK_NEW);
		is(xtcp_sack_check(&c.tcb, &c.seg, 1), XTCP_SACK_BAD);
		is(xtcp_sack_check(&c.tcb, &c.seg, 2), XTCP_SACK_BAD);
		/* below SND.UNA by more than the largest window */
		c = claim(una, una);
		says(&c, una - 65535, una - 65000);
		is(xtcp_sack_check(&c.tcb, &c.seg, 0), XTCP_SACK_DUP);
		c = claim(una, una);
		says(&c, una - 65536, una - 65000);
		is(xtcp_sack_check(&c.tcb, &c.seg, 0), XTCP_SACK_BAD);
	}
}

/* DS-5 */
TEST(ds5_first_block_within_second_is_dsack)
{
	u32 i, k;

	for (i = 0; i < ARRAY_SIZE(bases); i++) {
		u32 una = bases[i];
		const struct {
			u32 left;
			u32 right;
			enum xtcp_sack_kind want;
		} of[] = {
			{ una + 1500, una + 1600, XTCP_SACK_DUP },
			{ una + 1000, una + 2000, XTCP_SACK_DUP },
			{ una + 1000, una + 1001, XTCP_SACK_DUP },
			{ una + 1999, una + 2000, XTCP_SACK_DUP },
			{ una + 999, una + 2000, XTCP_SACK_NEW },
			{ una + 1000, una + 2001, XTCP_SACK_NEW },
			{ una + 500, una + 600, XTCP_SACK_NEW },
			{ una + 3000, una + 3100, XTCP_SACK_NEW },
		};

		for (k = 0; k < ARRAY_SIZE(of); k++) {
			struct claim c = claim(una, una);

			at("una %#x block %u", una, k);
			says(&c, of[k].left, of[k].right);
			says(&c, una + 1000, una + 2000);
			is(xtcp_sack_check(&c.tcb, &c.seg, 0), of[k].want);
			is(xtcp_sack_check(&c.tcb, &c.seg, 1), XTCP_SACK_NEW);
			/* without the second block */
			c.seg.opt.nsack = 1;
			is(xtcp_sack_check(&c.tcb, &c.seg, 0), XTCP_SACK_NEW);
		}
	}
	at("the second within the third is no duplicate");
	{
		struct claim c = claim(0xfffffff0, 0xfffffff0);

		says(&c, 3000, 3100);
		says(&c, 1500, 1600);
		says(&c, 1000, 2000);
		is(xtcp_sack_check(&c.tcb, &c.seg, 1), XTCP_SACK_NEW);
	}
}

/* SK-11 */
TEST(sk11_blocks_outside_of_flight_ignored)
{
	u32 i;

	for (i = 0; i < 300000; i++) {
		struct claim c = claim(rnd(), 0);
		u32 k, n = 1 + rnd() % 4;

		c.seg.ack = c.tcb.snd_una + rnd() % 4001;
		for (k = 0; k < n; k++) {
			u32 left = c.tcb.snd_una + rnd() % 6000 - 1000;
			u32 right = left + rnd() % 3000 - 200;

			if (rnd() % 8 == 0)
				right = rnd();
			says(&c, left, right);
		}
		for (k = 0; k < n; k++) {
			u32 left = c.seg.opt.sack[k].left - c.tcb.snd_una;
			u32 right = c.seg.opt.sack[k].right - c.tcb.snd_una;
			enum xtcp_sack_kind kind =
				xtcp_sack_check(&c.tcb, &c.seg, k);

			at("try %u block %u", i, k);
			if (kind == XTCP_SACK_NEW)
				ok(left < right && right <= 4000);
			if (kind == XTCP_SACK_DUP) {
				is(k, 0);
				ok((s32)(right - left) > 0);
				ok((s32)right <= 4000);
			}
		}
	}
}
