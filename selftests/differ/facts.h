/* SPDX-License-Identifier: GPL-2.0 */
/* Predicates on a run and its first difference, for the rules. */
#ifndef XTCP_DIFFER_FACTS_H
#define XTCP_DIFFER_FACTS_H

#include "comparer.h"

const struct step *step_of(const struct run *r, const struct finding *f);
/* A segment with ACK, and without RST and SYN. */
bool is_segment(const struct run *r, const struct finding *f);
/* The step is this getsockopt(). */
bool asks(const struct run *r, const struct finding *f, int level, int opt);
bool is_reset(const struct run *r, const struct finding *f);
/* The time or length of a segment differs, or it exists on one side only. */
bool is_sending(const struct finding *f);
bool only_xtcp_acks(const struct finding *f);
/* A pure ACK of the kernel's TCP, where XTCP sent none or an earlier one. */
bool only_kernel_acks(const struct finding *f);
/* State of the socket that the segment is for, or of any socket; 0: no socket. */
int state_before(const struct run *r, const struct finding *f);
/* A connection of this flow has a socket, or had it before the step. */
bool has_socket(const struct run *r, int flow, int at);
/* A segment up to this step had one of these flags. */
bool had_flag(const struct run *r, const struct finding *f, int flag);
bool had_icmp(const struct run *r, const struct finding *f, int what);
/* poll() differs in exactly these events. */
bool only_polls(const struct run *r, const struct finding *f, int mask);
bool was_set_before(const struct run *r, int at, int opt);
bool was_set(const struct run *r, const struct finding *f, int opt);
bool only_echo(const struct seen *a, const struct seen *b);

#endif
