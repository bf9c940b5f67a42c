/* SPDX-License-Identifier: GPL-2.0 */
/* The format of TCP segments: options, flags, bytes in network order. */
#ifndef XTCP_TEST_WIRE_FORMAT_H
#define XTCP_TEST_WIRE_FORMAT_H

#include <stdbool.h>
#include <stdint.h>

enum wire_option {
	OPT_EOL,
	OPT_NOP,
	OPT_MSS,
	OPT_WS,
	OPT_SACKOK,
	OPT_SACK,
	OPT_TS = 8,
	OPT_FO = 34,
	OPT_RAW = 255,	/* for injected options given as hex bytes */
};

/* The letters of the flags, from the lowest bit up. */
#define WIRE_FLAG_LETTERS	"FSRP.UEW"

static inline uint16_t get16(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

static inline uint32_t get32(const uint8_t *p)
{
	return (uint32_t)get16(p) << 16 | get16(p + 2);
}

static inline void put16(uint8_t *p, uint16_t v)
{
	p[0] = v >> 8;
	p[1] = v;
}

static inline void put32(uint8_t *p, uint32_t v)
{
	put16(p, v >> 16);
	put16(p + 2, v);
}

static inline bool before(uint32_t a, uint32_t b)
{
	return (int32_t)(a - b) < 0;
}

#endif
