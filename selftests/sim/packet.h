/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Packets in the network, and the elements of a path that they pass.
 */
#ifndef XTCP_SIM_PACKET_H
#define XTCP_SIM_PACKET_H

#include "core/segment.h"
#include "event.h"

struct element;
struct endpoint;

/* The IP-ECN field. */
#define ECN_NOT_ECT	0
#define ECN_ECT_1	1
#define ECN_ECT_0	2
#define ECN_CE		3

/* Number of flow that a packet of no connection has. */
#define FLOW_CROSS	255

/**
 * struct packet - a packet on its way
 * @event: when it leaves the element that delays it
 * @next: in a queue
 * @at: the element that delays it
 * @to: its destination, NULL: it vanishes at the end of the path
 * @queued_at: when it entered the queue of the bottleneck, ns
 * @size: bytes, IP and TCP headers included
 * @position: position of its payload in the stream
 * @len: payload, bytes
 * @flow: number of its flow, or FLOW_CROSS
 * @ecn: the IP-ECN field
 * @resent: it was sent as a retransmission
 * @hdr_len: length of @header, bytes
 * @header: the TCP header
 */
struct packet {
	struct event event;
	struct packet *next;
	struct element *at;
	struct endpoint *to;
	u64 queued_at;
	u32 size;
	u32 position;
	u32 len;
	u8 flow;
	u8 ecn;
	bool resent;
	u8 hdr_len;
	u8 header[XTCP_HDR_MAX];
};

/**
 * struct element - a part of a path
 * @take: a packet arrives; the element passes it on, now or later, or frees it
 * @next: the next part; NULL for the last
 */
struct element {
	void (*take)(struct element *element, struct packet *packet);
	struct element *next;
};

static inline void element_pass(struct element *element, struct packet *packet)
{
	element->next->take(element->next, packet);
}

/**
 * struct packet_queue - packets in the order of their arrival
 * @head: first, NULL if it is empty
 * @tail: last
 * @packets: number of packets
 * @bytes: sum of their sizes
 */
struct packet_queue {
	struct packet *head;
	struct packet *tail;
	u32 packets;
	u64 bytes;
};

struct packet *packet_new(void);
struct packet *packet_copy(const struct packet *packet);
void packet_free(struct packet *packet);
void packet_push(struct packet_queue *q, struct packet *packet);
struct packet *packet_pop(struct packet_queue *q);

#endif /* XTCP_SIM_PACKET_H */
