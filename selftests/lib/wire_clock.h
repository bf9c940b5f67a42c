/* SPDX-License-Identifier: GPL-2.0 */
/* The clock of the tests. */
#ifndef XTCP_TEST_WIRE_CLOCK_H
#define XTCP_TEST_WIRE_CLOCK_H

#include <stdint.h>

int64_t wire_now_us(void);
void wire_sleep(int ms);

#endif
