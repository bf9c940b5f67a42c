// SPDX-License-Identifier: GPL-2.0
/*
 * A record of a run: seq.csv (each data packet), cwnd.csv (at each ACK), and
 * queue.csv and rate.csv (at intervals).
 */
#include "check.h"
#include "trace.h"

enum { SEQ, CWND, QUEUE, RATE, FILES };

static const struct {
	const char *name;
	const char *columns;
} files[FILES] = {
	[SEQ] = { "seq.csv", "time_s,flow,kind,position" },
	[CWND] = { "cwnd.csv",
		   "time_s,flow,cwnd,ssthresh,pipe,srtt_us,recovery" },
	[QUEUE] = { "queue.csv", "time_s,packets,bytes,drops,marks" },
	[RATE] = { "rate.csv", "time_s,flow,bit_per_s" },
};

static FILE *file[FILES];
static u64 read_before[SCENARIO_FLOWS_MAX];
static u64 sampled_at;

static double seconds(void)
{
	return event_now / 1e9;
}

/* Return: 0 or -errno, with a message. */
int trace_open(const char *directory)
{
	char path[4096];
	int i;

	for (i = 0; i < FILES; i++) {
		snprintf(path, sizeof(path), "%s/%s", directory,
			 files[i].name);
		file[i] = fopen(path, "w");
		if (!file[i]) {
			fprintf(stderr, "sim: %s: %s\n", path, strerror(errno));
			return -errno;
		}
		fprintf(file[i], "%s\n", files[i].columns);
	}
	return 0;
}

/* @e sends @packet; check_sent() has seen it. */
void trace_sent(const struct endpoint *e, const struct packet *packet)
{
	if (!file[SEQ] || !e->sender || !packet->len)
		return;
	fprintf(file[SEQ], "%.6f,%u,%s,%u\n", seconds(), e->flow,
		packet->resent ? "retransmit" : "send", packet->position);
}

/* @e has processed @seg. */
void trace_received(const struct endpoint *e, const struct xtcp_segment *seg)
{
	const struct xtcp_tcb *tcb = &e->xs.tcb;

	if (!file[CWND] || !e->sender)
		return;
	fprintf(file[SEQ], "%.6f,%u,ack,%u\n", seconds(), e->flow,
		seg->ack - tcb->iss - 1);
	fprintf(file[CWND], "%.6f,%u,%u,%u,%u,%u,%u\n", seconds(), e->flow,
		tcb->cc.cwnd, tcb->cc.ssthresh, xtcp_pipe(tcb),
		xtcp_rtt_srtt(&tcb->rtt), tcb->recovery);
}

/* Called at intervals: the queue, and what the programs have read since. */
void trace_sample(const struct link *link, const struct flow *flows, u32 n)
{
	u64 passed = event_now - sampled_at;
	u32 i;

	if (!file[QUEUE])
		return;
	fprintf(file[QUEUE], "%.6f,%u,%llu,%llu,%llu\n", seconds(),
		link->queue.count, (unsigned long long)link->queue.bytes,
		(unsigned long long)link->queue.drops,
		(unsigned long long)link->queue.marks);
	for (i = 0; passed && i < n; i++) {
		u64 bytes = flows[i].read - read_before[i];

		fprintf(file[RATE], "%.6f,%u,%.0f\n", seconds(), i,
			bytes * 8e9 / passed);
		read_before[i] = flows[i].read;
	}
	sampled_at = event_now;
}

/* Return: 0, or -EIO with a message if a file is not complete. */
int trace_close(void)
{
	int i, bad = 0;

	for (i = 0; i < FILES; i++)
		if (file[i])
			bad |= ferror(file[i]) | fclose(file[i]);
	if (bad)
		fprintf(stderr, "sim: the CSV files cannot be written\n");
	return bad ? -EIO : 0;
}
