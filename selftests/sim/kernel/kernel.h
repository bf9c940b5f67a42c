/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The part of the kernel that the module's files use, for the host. The
 * Makefile generates a file for each header of the kernel that they include
 * (<linux/skbuff.h>, ...), and each of these files includes only this one.
 *
 * There is one CPU, and nothing is preempted: locks and barriers do nothing.
 */
#ifndef XTCP_SIM_KERNEL_H
#define XTCP_SIM_KERNEL_H

#include "basics.h"
#include "list.h"
#include "rbtree.h"
#include "hrtimer.h"
#include "net.h"
#include "skbuff.h"
#include "sock.h"
#include "stream.h"
#include "tracepoint.h"

#endif /* XTCP_SIM_KERNEL_H */
