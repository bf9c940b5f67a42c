/* SPDX-License-Identifier: GPL-2.0 */
/* What the rules ask of a run and of where it parted. */
#ifndef XTCP_DIFFER_FACTS_H
#define XTCP_DIFFER_FACTS_H

#include "comparer.h"

const struct step *step_of(const struct run *r, const struct finding *f);
/* A segment with ACK, and without RST and SYN. */
bool is_segment(const struct run *r, const struct finding *f);
/* This getsockopt(). */
bool asks(const struct run *r, const struct finding *f, int level, int opt);
bool is_reset(const struct run *r, const struct finding *f);
/* A segment, when or how much: not what it says beside that. */
bool is_sending(const struct finding *f);
bool only_xtcp_acks(const struct finding *f);
/* A pure ACK, of the kernel's TCP, and what XTCP sent is an older matter. */
bool only_kernel_acks(const struct finding *f);
/* Of the socket that a segment is for, or of any: what it was in; 0: of none. */
int state_before(const struct run *r, const struct finding *f);
/* A connection of this flow has one, or had it before the step. */
bool has_socket(const struct run *r, int flow, int at);
/* A segment had one of these flags, up to this step. */
bool had_flag(const struct run *r, const struct finding *f, int flag);
bool had_icmp(const struct run *r, const struct finding *f, int what);
/* What differs is just this in what poll() says. */
bool only_polls(const struct run *r, const struct finding *f, int mask);
bool was_set_before(const struct run *r, int at, int opt);
bool was_set(const struct run *r, const struct finding *f, int opt);
bool only_echo(const struct seen *a, const struct seen *b);

#endif
