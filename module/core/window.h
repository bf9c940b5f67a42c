/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Windows: which window to advertise, how to process the peer's window, and
 * when to send a segment (RFC 9293 3.8.6, RFC 7323 2).
 */
#ifndef XTCP_CORE_WINDOW_H
#define XTCP_CORE_WINDOW_H

#include "tcb.h"

u8 xtcp_wscale_for(u32 space);
void xtcp_wscale_agree(struct xtcp_tcb *tcb, const struct xtcp_options *peer);
u32 xtcp_window_offer(const struct xtcp_tcb *tcb, u32 space, u32 full);
u32 xtcp_window_follow(const struct xtcp_tcb *tcb, u32 space, u32 full);
u16 xtcp_window_advertise(struct xtcp_tcb *tcb, u32 wnd, bool syn);
bool xtcp_window_update_possible(const struct xtcp_tcb *tcb, u32 full);
bool xtcp_window_update_due(const struct xtcp_tcb *tcb, u32 offer, u32 full);
bool xtcp_window_rcv(struct xtcp_tcb *tcb, const struct xtcp_segment *seg);
u32 xtcp_bound_to_window(const struct xtcp_tcb *tcb, u32 len);
void xtcp_mss_set(struct xtcp_tcb *tcb, u16 mss);
void xtcp_window_reduce_estimate(struct xtcp_tcb *tcb);
u32 xtcp_usable_window(const struct xtcp_tcb *tcb);
bool xtcp_may_send(const struct xtcp_tcb *tcb, u32 len, u32 usable,
		   bool fin);
bool xtcp_may_fill_window(const struct xtcp_tcb *tcb, u32 n);

#endif /* XTCP_CORE_WINDOW_H */
