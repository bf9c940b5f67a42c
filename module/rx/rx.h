/* SPDX-License-Identifier: GPL-2.0 */
/*
 * The receive path: the protocol handlers, in front of those of the kernel's
 * TCP.
 */
#ifndef XTCP_RX_H
#define XTCP_RX_H

int xtcp_inet_init(void);
void xtcp_inet_exit(void);

#endif /* XTCP_RX_H */
