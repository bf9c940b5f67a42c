/* SPDX-License-Identifier: GPL-2.0 */
/*
 * HyStart++: the end of slow start before a loss (RFC 9406).
 */
#ifndef XTCP_CORE_HYSTART_H
#define XTCP_CORE_HYSTART_H

#include "types.h"

/* RFC 9406 4.3; times in us. */
#define XTCP_HYSTART_MIN_THRESH	4000u
#define XTCP_HYSTART_MAX_THRESH	16000u
#define XTCP_HYSTART_DIVISOR	8
#define XTCP_HYSTART_SAMPLES	8
#define XTCP_HYSTART_CSS_GROWTH	4
#define XTCP_HYSTART_CSS_ROUNDS	5
/* Segments per ACK, without pacing. */
#define XTCP_HYSTART_L		8

/**
 * struct xtcp_hystart - state, with the names of RFC 9406
 * @last_min: lastRoundMinRTT, us; ~0: infinity
 * @current_min: currentRoundMinRTT, us; ~0: infinity
 * @css_baseline: cssBaselineMinRtt, us
 * @samples: rttSampleCount, up to XTCP_HYSTART_SAMPLES
 * @css: conservative slow start
 * @css_rounds: complete rounds in it
 */
struct xtcp_hystart {
	u32 last_min;
	u32 current_min;
	u32 css_baseline;
	u8 samples;
	u8 css_rounds;
	bool css;
};

void xtcp_hystart_init(struct xtcp_hystart *h);
bool xtcp_hystart_ack(struct xtcp_hystart *h, u32 rtt, bool round_start);
u32 xtcp_hystart_growth(const struct xtcp_hystart *h, u32 acked, u32 mss);

#endif /* XTCP_CORE_HYSTART_H */
