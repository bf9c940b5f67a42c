/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The bytes of a stream: each is a function of its position.
 */
#ifndef XTCP_SIM_PAYLOAD_H
#define XTCP_SIM_PAYLOAD_H

#include "core/types.h"

/* A prime that is no multiple of 256, so that a shift by a page is noticed. */
static inline u8 payload_byte(u32 position)
{
	return position % 251;
}

#endif /* XTCP_SIM_PAYLOAD_H */
