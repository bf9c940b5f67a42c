/* SPDX-License-Identifier: GPL-2.0 */
/* Packets: see wire_packet.c */
#ifndef XTCP_TEST_WIRE_PACKET_H
#define XTCP_TEST_WIRE_PACKET_H

#include "wire_notation.h"
#include "wire_types.h"

#define WIRE_MAX_SEG	65536
#define WIRE_ROOM	(WIRE_MAX_SEG + 100)	/* with headers */

uint32_t wire_sum_add(uint32_t sum, const uint8_t *p, size_t len);
uint16_t wire_sum_fold(uint32_t sum);
/* with the pseudo-header: 0 if the checksum in the segment is correct */
uint16_t wire_sum(bool v6, const uint8_t *ip, int proto, const uint8_t *p, size_t len);
/* parses the IP header: returns the protocol; *paylen: payload of IP, bytes */
int wire_read_ip(struct wire_seg *g, int *paylen);
void wire_read_tcp(struct wire_seg *g);
/* builds into g->pkt, which has room: 0, or -1 for an invalid segment */
int wire_build(struct wire_flow *f, struct wire_spec *p, struct wire_seg *g);
void wire_build_icmp(struct wire_flow *f, struct wire_seg *g, enum wire_icmp what,
		     uint32_t seq, unsigned int mtu, int quoted);
/* sends the packet as fragments of @size payload bytes, in order */
int wire_send_fragments(struct wire_flow *f, const struct wire_seg *g, int size);

#endif
