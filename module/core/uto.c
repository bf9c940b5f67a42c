// SPDX-License-Identifier: GPL-2.0
#include "uto.h"

/**
 * xtcp_uto_adopt() - the user timeout for a received option
 * @field: granularity and time, as received
 * @low: L_LIMIT, seconds
 * @high: U_LIMIT, seconds
 *
 * USER_TIMEOUT = min(U_LIMIT, max(ADV_UTO, REMOTE_UTO, L_LIMIT)). We do not
 * send the option, so there is no ADV_UTO.
 *
 * Source: RFC 5482 3.1; 3: a time of 0 is ignored.
 *
 * Return: seconds; 0: ignore the option.
 */
u32 xtcp_uto_adopt(u16 field, u32 low, u32 high)
{
	u32 secs = field & XTCP_UTO_VALUE;

	if (!secs)
		return 0;
	if (field & XTCP_UTO_MINUTES)
		secs *= 60;
	return min_t(u32, high, max_t(u32, secs, low));
}
