// SPDX-License-Identifier: GPL-2.0
/*
 * Sequence number arithmetic (RFC 9293 3.4; U-6, REC-1, TS-19).
 */
#include "seq.h"
#include "tap.h"

/* Values around which 32-bit arithmetic may fail. */
static const u32 points[] = {
	0, 1, 2, 0x7ffffffe, 0x7fffffff, 0x80000000, 0x80000001,
	0xfffffffe, 0xffffffff, 0x12345678, 0xdeadbeef,
};

/* Distances within a window (below 2^31). */
static const u32 ahead[] = {
	1, 2, 1460, 65535, 65536, 0x3fffc000, 0x40000000, 0x7ffffffe,
	0x7fffffff,
};

/* U-6 */
TEST(u6_before_and_after_at_all_numbers)
{
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(points); i++) {
		for (j = 0; j < ARRAY_SIZE(ahead); j++) {
			u32 a = points[i];
			u32 b = a + ahead[j];

			at("a %#x b %#x", a, b);
			ok(seq_before(a, b));
			no(seq_before(b, a));
			ok(seq_after(b, a));
			no(seq_after(a, b));
			ok(seq_leq(a, b));
			no(seq_leq(b, a));
			ok(seq_geq(b, a));
			no(seq_geq(a, b));
			is(seq_max(a, b), b);
			is(seq_max(b, a), b);
		}
	}
}

/* U-6 */
TEST(u6_number_neither_before_nor_after_itself)
{
	u32 i;

	for (i = 0; i < ARRAY_SIZE(points); i++) {
		u32 a = points[i];

		at("a %#x", a);
		no(seq_before(a, a));
		no(seq_after(a, a));
		ok(seq_leq(a, a));
		ok(seq_geq(a, a));
		is(seq_max(a, a), a);
	}
}

/* U-6 */
TEST(u6_before_and_after_across_wrap)
{
	ok(seq_before(0xffffffff, 0));
	ok(seq_after(0, 0xffffffff));
	no(seq_after(0xffffffff, 0));
	no(seq_before(0, 0xffffffff));
	ok(seq_leq(0xffffff00, 0x100));
	ok(seq_geq(0x100, 0xffffff00));
	is(seq_max(0xffffff00, 0x100), 0x100);
}

/* U-6 */
TEST(u6_between_includes_both_ends)
{
	u32 i, j;

	for (i = 0; i < ARRAY_SIZE(points); i++) {
		for (j = 0; j < ARRAY_SIZE(ahead); j++) {
			u32 low = points[i];
			u32 high = low + ahead[j];

			at("low %#x high %#x", low, high);
			ok(seq_between(low, low, high));
			ok(seq_between(high, low, high));
			ok(seq_between(low + ahead[j] / 2, low, high));
			no(seq_between(low - 1, low, high));
			no(seq_between(high + 1, low, high));
		}
		at("one number, %#x", points[i]);
		ok(seq_between(points[i], points[i], points[i]));
		no(seq_between(points[i] + 1, points[i], points[i]));
		no(seq_between(points[i] - 1, points[i], points[i]));
	}
}

/* U-6 */
TEST(u6_between_over_more_than_2_31)
{
	ok(seq_between(0xc0000000, 0x10, 0xf0000000));
	ok(seq_between(0x80000010, 0x10, 0xf0000000));
	no(seq_between(0xf0000001, 0x10, 0xf0000000));
	no(seq_between(0xf, 0x10, 0xf0000000));
}
