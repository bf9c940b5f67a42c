// SPDX-License-Identifier: GPL-2.0
/*
 * Flows: programs that call sendmsg() and recvmsg() without blocking, as soon
 * as they are woken, or at a rate.
 */
#include "check.h"
#include "flow.h"
#include "toy.h"
#include "user/stream.h"

/* A program with a rate runs this often, ns. */
#define TURN		10000000ull
/* Bytes of one call. */
#define CALL		65536

static const struct scenario *scenario;
static u32 handshake_rtt;

/* Bytes that a program with @rate has in one turn; at least 1. */
static u64 per_turn(u64 rate)
{
	return rate ? max_t(u64, 1, rate * TURN / 8 / NSEC_PER_SEC) : ~0ull;
}

static void close_stream(struct flow *flow)
{
	struct sock *sk = endpoint_sk(&flow->from);

	flow->closed = true;
	WRITE_ONCE(sk->sk_shutdown, sk->sk_shutdown | SEND_SHUTDOWN);
	flow->from.xs.now = event_now;
	xtcp_state_event(sk, XTCP_EV_CLOSE);
}

static void writes(struct event *event)
{
	struct flow *flow = container_of(event, struct flow, writer);
	struct sock *sk = endpoint_sk(&flow->from);
	u64 left = per_turn(flow->write_rate);
	int n = 0;

	if (flow->closed || sk->sk_state == TCP_CLOSE)
		return;
	if (flow->bytes)
		left = min(left, flow->bytes - flow->written);
	while (left) {
		struct msghdr msg = {
			.msg_iter.count = min_t(u64, left, CALL),
			.msg_flags = MSG_DONTWAIT,
		};

		n = xtcp_sendmsg(sk, &msg, msg.msg_iter.count);
		if (n <= 0)
			break;
		flow->written += n;
		left -= n;
	}
	if (flow->bytes && flow->written == flow->bytes)
		close_stream(flow);
	else if (flow->write_rate)
		event_at(event, event_now + TURN);
}

static void reads(struct event *event)
{
	struct flow *flow = container_of(event, struct flow, reader);
	struct sock *sk = endpoint_sk(&flow->to);
	u64 left = per_turn(flow->read_rate);
	int n = 0;

	while (left) {
		struct msghdr msg = {
			.msg_iter = {
				.count = min_t(u64, left, CALL),
				.position = flow->read,
			},
			.msg_flags = MSG_DONTWAIT,
		};

		n = xtcp_recvmsg(sk, &msg, msg.msg_iter.count, MSG_DONTWAIT);
		if (n <= 0)
			break;
		check_that(!msg.msg_iter.bad &&
			   msg.msg_iter.position == (u32)(flow->read + n),
			   &flow->to, "the program reads other bytes");
		flow->read += n;
		left -= n;
		check_that(flow->read <= flow->written, &flow->to,
			   "the program reads more than was written");
	}
	if (!n && !flow->done_at) {
		check_that(flow->closed && flow->read == flow->written,
			   &flow->to, "the stream ends too early");
		flow->done_at = event_now;
	}
	if (flow->read_rate && !flow->done_at)
		event_at(event, event_now + TURN);
}

/* A socket wakes the program: it runs after the socket has done its work. */
static void wake_writer(void *program)
{
	struct flow *flow = program;

	if (!flow->write_rate && !event_pending(&flow->writer))
		event_at(&flow->writer, event_now);
}

static void wake_reader(struct sock *sk)
{
	struct flow *flow = container_of((struct endpoint *)sk, struct flow,
					 to);

	if (!flow->read_rate && !event_pending(&flow->reader))
		event_at(&flow->reader, event_now);
}

static void starts(struct event *event)
{
	struct flow *flow = container_of(event, struct flow, start);

	endpoint_connect(&flow->from, &flow->to, scenario, handshake_rtt);
	check_connected(&flow->from);
	flow->started_at = event_now;
	event_at(&flow->writer, event_now);
	if (flow->read_rate)
		event_at(&flow->reader, event_now);
}

static const struct xtcp_cc_ops *find_cc(const char *name)
{
	return strcmp(name, toy.name) ? xtcp_cc_find(name) : &toy;
}

/* A flow that starts when the scenario says so; @rtt: of its handshake, us. */
void flow_setup(struct flow *flow, const struct scenario *s, u8 index,
		struct element *forward, struct element *back, u32 rtt)
{
	const struct xtcp_cc_ops *cc =
		find_cc(scenario_ccs[index & 1 ? s->cc2 : s->cc]);

	scenario = s;
	handshake_rtt = rtt;
	memset(flow, 0, sizeof(*flow));
	flow->bytes = s->bytes;
	flow->write_rate = s->write;
	flow->read_rate = s->read;
	flow->from.flow = index;
	flow->from.sender = true;
	flow->from.out = forward;
	flow->to.flow = index;
	flow->to.out = back;
	endpoint_setup(&flow->from, s, cc);
	endpoint_setup(&flow->to, s, cc);
	flow->from.socket.wq.wait.wake = wake_writer;
	flow->from.socket.wq.wait.program = flow;
	endpoint_sk(&flow->to)->sk_data_ready = wake_reader;
	endpoint_sk(&flow->to)->sk_state_change = wake_reader;
	event_setup(&flow->writer, writes);
	event_setup(&flow->reader, reads);
	event_setup(&flow->start, starts);
	event_at(&flow->start, s->stagger * index);
}
