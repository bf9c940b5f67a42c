/* SPDX-License-Identifier: GPL-2.0 */
/* Predicates on a run and its first difference, for the rules. */
#ifndef XTCP_DIFFER_FACTS_H
#define XTCP_DIFFER_FACTS_H

#include "comparer.h"

const struct step *step_of(const struct run *r, const struct finding *f);
/* The step is a segment with ACK, without RST and SYN. */
bool is_segment(const struct run *r, const struct finding *f);
/* The step is this getsockopt(). */
bool asks(const struct run *r, const struct finding *f, int level, int opt);
bool is_reset(const struct run *r, const struct finding *f);
/*
 * Time, length, sequence number or flags of a segment differ, or only one stack
 * has sent it.
 */
bool is_sending(const struct finding *f);
/* A pure ACK that the kernel's TCP has not sent in this step. */
bool only_xtcp_acks(const struct finding *f);
/* A pure ACK that XTCP has not sent in this step. */
bool only_kernel_acks(const struct finding *f);
/*
 * State before the step: of the socket that the segment or ICMP error is for,
 * for other steps of any socket with a connection. 0: no such socket.
 */
int state_before(const struct run *r, const struct finding *f);
/* A connection of this flow had a socket before step @at. */
bool has_socket(const struct run *r, int flow, int at);
/* A segment up to this step had one of these flags. */
bool had_flag(const struct run *r, const struct finding *f, int flag);
bool had_icmp(const struct run *r, const struct finding *f, int what);
/* poll() differs, and only in the events of @mask. */
bool only_polls(const struct run *r, const struct finding *f, int mask);
/* An earlier step set this option, or step @at. */
bool was_set_before(const struct run *r, int at, int opt);
bool was_set(const struct run *r, const struct finding *f, int opt);
/* Of the options only TSecr differs. */
bool only_echo(const struct seen *a, const struct seen *b);

#endif
