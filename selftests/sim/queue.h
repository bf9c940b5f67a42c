/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Queues of a bottleneck, and their management.
 */
#ifndef XTCP_SIM_QUEUE_H
#define XTCP_SIM_QUEUE_H

#include "packet.h"
#include "random.h"

struct queue;

/**
 * struct queue_ops - how a queue is managed
 * @push: a packet arrives; it is queued, marked or dropped
 * @pop: the next packet to send, or NULL; it may drop others
 */
struct queue_ops {
	void (*push)(struct queue *q, struct packet *packet);
	struct packet *(*pop)(struct queue *q);
};

/* State of RFC 8289 for one queue; the names are those of its section 5. */
struct codel {
	u64 first_above_time;
	u64 drop_next;
	u32 count;
	u32 lastcount;
	bool dropping;
};

#define FQ_BUCKETS	64

/* One queue of fq_codel. */
struct fq_bucket {
	struct packet_queue packets;
	struct codel codel;
	struct fq_bucket *next;
	int deficit;
	bool listed;
};

/* A list of the queues of fq_codel. */
struct fq_list {
	struct fq_bucket *head;
	struct fq_bucket *tail;
};

struct fq {
	struct fq_bucket buckets[FQ_BUCKETS];
	struct fq_list new;
	struct fq_list old;
};

/* State of RFC 9332; the names are those of its appendix A. */
struct dualpi2 {
	struct packet_queue l;
	struct random random;
	struct event update;
	double p_prime;
	u64 prev_delay;
	double credit;
};

/**
 * struct queue - the queue of a link
 * @ops: its management
 * @limit: packets
 * @mark: step: queueing delay from which on ECT packets get CE, ns
 * @rate: of the link, bit/s
 * @packets: the packets; fq_codel and DualPI2 have more queues
 * @count: packets in all of its queues
 * @bytes: their size
 * @drops: packets dropped so far
 * @marks: packets marked so far
 * @codel: for CoDel
 * @fq: for fq_codel
 * @dualpi2: for DualPI2
 */
struct queue {
	const struct queue_ops *ops;
	u64 limit;
	u64 mark;
	u64 rate;
	struct packet_queue packets;
	u32 count;
	u64 bytes;
	u64 drops;
	u64 marks;
	struct codel codel;
	struct fq fq;
	struct dualpi2 dualpi2;
};

extern const struct queue_ops queue_fifo;
extern const struct queue_ops queue_step;
extern const struct queue_ops queue_codel;
extern const struct queue_ops queue_fq_codel;
extern const struct queue_ops queue_dualpi2;

void queue_drop(struct queue *q, struct packet *packet);
bool queue_mark(struct queue *q, struct packet *packet);
bool queue_admit(struct queue *q, struct packet_queue *to,
		 struct packet *packet);
struct packet *queue_take(struct queue *q, struct packet_queue *from);
struct packet *codel_pop(struct queue *q, struct packet_queue *from,
			 struct codel *c);
void dualpi2_setup(struct queue *q, u64 seed);

#endif /* XTCP_SIM_QUEUE_H */
