/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The user timeout option of the peer (RFC 5482).
 */
#ifndef XTCP_CORE_UTO_H
#define XTCP_CORE_UTO_H

#include "types.h"

/* RFC 5482 3: one bit for the unit minutes, 15 bits of time. */
#define XTCP_UTO_MINUTES	0x8000u
#define XTCP_UTO_VALUE		0x7fffu

u32 xtcp_uto_adopt(u16 field, u32 low, u32 high);

#endif /* XTCP_CORE_UTO_H */
