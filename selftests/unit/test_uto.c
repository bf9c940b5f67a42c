// SPDX-License-Identifier: GPL-2.0
/*
 * The user timeout option: RFC 5482.
 */
#include "tap.h"
#include "uto.h"

/* UT-1 */
TEST(ut1_granularity)
{
	is(xtcp_uto_adopt(0x0001, 0, 1000000000), 1);
	is(xtcp_uto_adopt(0x7fff, 0, 1000000000), 32767);
	is(xtcp_uto_adopt(0x8001, 0, 1000000000), 60);
	is(xtcp_uto_adopt(0xffff, 0, 1000000000), 32767 * 60);
}

/* UT-1: the time 0 is reserved */
TEST(ut1_zero_is_ignored)
{
	is(xtcp_uto_adopt(0x0000, 100, 3600), 0);
	is(xtcp_uto_adopt(0x8000, 100, 3600), 0);
}

/* UT-2 */
TEST(ut2_limits)
{
	is(xtcp_uto_adopt(99, 100, 3600), 100);
	is(xtcp_uto_adopt(100, 100, 3600), 100);
	is(xtcp_uto_adopt(101, 100, 3600), 101);
	is(xtcp_uto_adopt(3600, 100, 3600), 3600);
	is(xtcp_uto_adopt(3601, 100, 3600), 3600);
	is(xtcp_uto_adopt(0x8000 | 60, 100, 3600), 3600);
	is(xtcp_uto_adopt(0x8000 | 1, 100, 3600), 100);
	/* the upper limit takes precedence */
	is(xtcp_uto_adopt(500, 1000, 300), 300);
}
