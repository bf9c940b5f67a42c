// SPDX-License-Identifier: GPL-2.0
/*
 * What every file may ask of the module, its namespaces and a socket.
 */
#include "sock.h"

int xtcp_family __read_mostly = AF_XTCP;
unsigned int xtcp_net_id __read_mostly;
