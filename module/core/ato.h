/* SPDX-License-Identifier: GPL-2.0 */
/*
 * How long an ACK may be delayed (RFC 9293 3.8.6.3, RFC 5681 4.2). Pure: times come
 * from the caller.
 */
#ifndef XTCP_CORE_ATO_H
#define XTCP_CORE_ATO_H

#include "types.h"

/*
 * ns. RFC 9293 3.8.6.3, MUST-40: below 0.5 s. As in the kernel's TCP: at least the
 * first, at most the second.
 */
#define XTCP_ATO_MIN	40000000u
#define XTCP_ATO_MAX	200000000u

/* An ACK that has nothing to wait for, ns. */
#define XTCP_ATO_SOON	1000000u

/*
 * Number of ACKs that are sent without delay while the peer is, or may be, in
 * slow start: each ACK lets its cwnd grow.
 */
#define XTCP_QUICK_ACKS	16

/**
 * struct xtcp_ato - when an ACK of in-order data is sent
 * @delay: estimate of the time until a reply or the next segment, ns, at most
 *	XTCP_ATO_MAX; 0 before the first data
 * @quick: ACKs that may still be sent without delay, 0 to XTCP_QUICK_ACKS
 * @pingpong: interactive: requests and replies alternate, so a reply is expected
 *	to carry the ACK
 */
struct xtcp_ato {
	u32 delay;
	u8 quick;
	bool pingpong;
};

void xtcp_ato_data(struct xtcp_ato *ato, u64 gap, u64 rto, u32 window, u32 mss);
void xtcp_ato_quick(struct xtcp_ato *ato, u32 window, u32 mss);
void xtcp_ato_sent(struct xtcp_ato *ato);
void xtcp_ato_expired(struct xtcp_ato *ato, u64 rto);
u32 xtcp_ato_delay(const struct xtcp_ato *ato, u64 srtt, u64 rto_min);

/**
 * xtcp_ato_reply() - data is sent: if it follows received data soon, it is a reply
 * @ato: the estimate
 * @gap: time since data arrived, ns
 */
static inline void xtcp_ato_reply(struct xtcp_ato *ato, u64 gap)
{
	if (gap < ato->delay)
		ato->pingpong = true;
}

/**
 * xtcp_ato_at_once() - is an ACK of in-order data sent without delay
 * @ato: the estimate
 *
 * Return: true if so.
 */
static inline bool xtcp_ato_at_once(const struct xtcp_ato *ato)
{
	return ato->quick && !ato->pingpong;
}

#endif /* XTCP_CORE_ATO_H */
