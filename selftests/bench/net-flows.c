// SPDX-License-Identifier: GPL-2.0
/*
 * net-flows - TCP flows through a bottleneck, measured at the receiver
 *
 * Usage: net-flows [-o FILE] bulk MBIT SECONDS PAIR...
 *        net-flows [-o FILE] short COUNT BYTES PAIR
 *
 * One process has both ends, so one clock measures all. It opens the senders in the
 * network namespace "net-sender", the receivers in "net-receiver". The bottleneck is the
 * leaf 1:1 of the device "rr" in "net-router"; its rate is MBIT. scripts/bench-net lays
 * this path.
 *
 * PAIR: the stacks of sender and receiver, each xtcp or tcp, such as xtcp-tcp.
 *
 * bulk: a flow for each PAIR, the next one second after the last; all are measured
 * for SECONDS after the last one is established. Prints lines METRIC VALUE, separated
 * by a tab:
 *
 *	goodput	Mbit/s read by the receiver; a line for each flow
 *	again	bytes that arrived although the receiver had them, per million bytes read:
 *		the DSACKs that it sent
 *	retrans	bytes retransmitted, per million bytes sent; a line for each flow
 *	queue	mean delay in the queue of the bottleneck, ms
 *	cpu	load of the processor, per cent: at 100 it limits the rate
 *
 * -o: also writes seconds, flow, Mbit/s, cwnd (segments), RTT (ms), retransmitted
 * segments (total), and queue (ms) every 100 ms to FILE.
 *
 * short: COUNT flows, one after the other. The time of a flow begins when the sender is
 * connected (a lost SYN costs 1 s on any stack, and would decide the 99th percentile)
 * and ends when the receiver has read BYTES. Prints mean, p99 (the 99th percentile), and
 * slowest, the mean of the slowest 2 %; ms. -o: also writes the time of each flow and the
 * segments that it retransmitted to FILE.
 */
#include "../lib/stack.h"

#include <err.h>
#include <fcntl.h>
#include <linux/gen_stats.h>
#include <linux/netlink.h>
#include <linux/pkt_sched.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sched.h>

#define ADDRESS		"10.1.2.1"
#define PORT		5001
#define MAX_FLOWS	8
/* As iperf3 writes. */
#define CHUNK		131072
#define MSS		1448
/* Between calls of send() and recv(), and samples of the queue; s. */
#define TICK		0.001
/* Between lines of -o; s. */
#define LINE		0.1
/* Between short flows: what is left of one does not disturb the next; s. */
#define GAP		0.1

/* TCP_INFO as the kernel has it; the C library's ends before these fields. */
struct info {
	struct tcp_info old;
	uint64_t pacing_rate;
	uint64_t max_pacing_rate;
	uint64_t bytes_acked;
	uint64_t bytes_received;
	uint32_t segs_out;
	uint32_t segs_in;
	uint32_t notsent_bytes;
	uint32_t min_rtt;
	uint32_t data_segs_in;
	uint32_t data_segs_out;
	uint64_t delivery_rate;
	uint64_t busy_time;
	uint64_t rwnd_limited;
	uint64_t sndbuf_limited;
	uint32_t delivered;
	uint32_t delivered_ce;
	uint64_t bytes_sent;
	uint64_t bytes_retrans;
};

struct flow {
	bool tx_tcp;
	bool rx_tcp;
	int listener;
	int sender;
	int receiver;
	bool established;
	uint64_t read;
	uint64_t at_begin;
	uint64_t at_line;
};

static struct flow flows[MAX_FLOWS];
static int count;
static char buffer[CHUNK];
static int netlink;
static unsigned int bottleneck;
static FILE *lines;

static void enter(const char *name)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/run/netns/%s", name);
	fd = open(path, O_RDONLY);
	if (fd < 0 || setns(fd, CLONE_NEWNET))
		err(1, "%s", path);
	close(fd);
}

static bool is_tcp(const char *name, size_t len)
{
	if (len == 3 && !strncmp(name, "tcp", 3))
		return true;
	if (len == 4 && !strncmp(name, "xtcp", 4))
		return false;
	errx(2, "%s: no stack; xtcp or tcp", name);
}

static void parse_pair(struct flow *f, const char *pair)
{
	const char *dash = strchr(pair, '-');

	if (!dash)
		errx(2, "%s: not SENDER-RECEIVER", pair);
	f->tx_tcp = is_tcp(pair, dash - pair);
	f->rx_tcp = is_tcp(dash + 1, strlen(dash + 1));
	f->sender = -1;
	f->receiver = -1;
}

static void listen_for(struct flow *f, int port)
{
	struct sockaddr_storage ss;
	socklen_t len = stack_address(&ss, false, ADDRESS, port);
	int one = 1;

	enter("net-receiver");
	f->listener = stack_socket(f->rx_tcp, false, SOCK_NONBLOCK);
	if (f->listener < 0)
		err(1, "socket");
	setsockopt(f->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(f->listener, (struct sockaddr *)&ss, len) || listen(f->listener, 16))
		err(1, "listen");
}

static void connect_to(struct flow *f, int port, int flags)
{
	struct sockaddr_storage ss;
	socklen_t len = stack_address(&ss, false, ADDRESS, port);

	enter("net-sender");
	f->sender = stack_socket(f->tx_tcp, false, flags);
	if (f->sender < 0)
		err(1, "socket");
	if (connect(f->sender, (struct sockaddr *)&ss, len) && errno != EINPROGRESS)
		err(1, "connect");
}

/* The value of "group: ... name ..." in a file of the format of /proc/net/netstat. */
static uint64_t counter(const char *file, const char *group, const char *name)
{
	static char keys[16384], values[16384];
	char *key, *value, *at_key, *at_value;
	FILE *f = fopen(file, "r");

	if (!f)
		return 0;
	while (fgets(keys, sizeof(keys), f) && fgets(values, sizeof(values), f)) {
		key = strtok_r(keys, "\n ", &at_key);
		value = strtok_r(values, "\n ", &at_value);
		if (!key || strcmp(key, group))
			continue;
		while (key && value && strcmp(key, name)) {
			key = strtok_r(NULL, "\n ", &at_key);
			value = strtok_r(NULL, "\n ", &at_value);
		}
		fclose(f);
		return value ? strtoull(value, NULL, 10) : 0;
	}
	fclose(f);
	return 0;
}

/* Segments that arrived at the receivers although they had them. */
static uint64_t duplicates(void)
{
	const char *kernel = "/proc/self/net/netstat", *xtcp = "/proc/self/net/xtcp_netstat";

	enter("net-receiver");
	return counter(kernel, "TcpExt:", "TCPDSACKOldSent") +
	       counter(kernel, "TcpExt:", "TCPDSACKOfoSent") +
	       counter(xtcp, "XTcpExt:", "DSACKOldSent") +
	       counter(xtcp, "XTcpExt:", "DSACKOfoSent");
}

static void open_bottleneck(void)
{
	enter("net-router");
	netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	bottleneck = if_nametoindex("rr");
	if (netlink < 0 || !bottleneck)
		err(1, "net-router: rr");
}

static struct rtattr *attribute(struct rtattr *a, int len, int type)
{
	for (; RTA_OK(a, len); a = RTA_NEXT(a, len))
		if ((a->rta_type & NLA_TYPE_MASK) == type)
			return a;
	errx(1, "rr: no statistics");
}

/* Bytes in the queue of the bottleneck. */
static uint32_t backlog(void)
{
	struct {
		struct nlmsghdr h;
		struct tcmsg tc;
	} request = {
		.h = {
			.nlmsg_len = sizeof(request),
			.nlmsg_type = RTM_GETQDISC,
			/* Without NLM_F_ECHO only listeners of a group get the answer. */
			.nlmsg_flags = NLM_F_REQUEST | NLM_F_ECHO,
		},
		.tc = { .tcm_ifindex = bottleneck, .tcm_parent = TC_H_MAKE(1 << 16, 1) },
	};
	static char answer[8192] __attribute__((aligned(8)));
	struct nlmsghdr *h = (struct nlmsghdr *)answer;
	struct rtattr *a;

	if (send(netlink, &request, sizeof(request), 0) < 0 ||
	    recv(netlink, answer, sizeof(answer), 0) < (ssize_t)sizeof(*h))
		err(1, "rr");
	if (h->nlmsg_type != RTM_NEWQDISC)
		errx(1, "rr has no queue 1:1");
	a = (struct rtattr *)((char *)NLMSG_DATA(h) + NLMSG_ALIGN(sizeof(struct tcmsg)));
	a = attribute(a, h->nlmsg_len - NLMSG_SPACE(sizeof(struct tcmsg)), TCA_STATS2);
	a = attribute(RTA_DATA(a), RTA_PAYLOAD(a), TCA_STATS_QUEUE);
	return ((struct gnet_stats_queue *)RTA_DATA(a))->backlog;
}

static struct info info_of(int fd)
{
	struct info info = { 0 };
	socklen_t len = sizeof(info);

	if (getsockopt(fd, SOL_TCP, TCP_INFO, &info, &len))
		err(1, "TCP_INFO");
	return info;
}

static void receive_all(struct flow *f)
{
	ssize_t n;

	while ((n = recv(f->receiver, buffer, sizeof(buffer), MSG_DONTWAIT)) > 0)
		f->read += n;
	if (n == 0 || errno != EAGAIN)
		err(1, "recv");
}

/* Fills the send buffer; before the connection is established it takes nothing. */
static void send_all(struct flow *f)
{
	ssize_t n;

	while ((n = send(f->sender, buffer, sizeof(buffer), MSG_DONTWAIT | MSG_NOSIGNAL)) > 0)
		f->established = true;
	if (errno != EAGAIN)
		err(1, "send");
}

static void serve(struct flow *f)
{
	if (f->sender >= 0)
		send_all(f);
	if (f->receiver < 0)
		f->receiver = accept4(f->listener, NULL, NULL, SOCK_NONBLOCK);
	if (f->receiver >= 0)
		receive_all(f);
}

static void sleep_until(double when)
{
	struct timespec ts = { .tv_sec = when };

	ts.tv_nsec = (when - ts.tv_sec) * 1e9;
	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL) == EINTR)
		;
}

static void print_lines(double since, double queue)
{
	struct info info;
	int i;

	for (i = 0; lines && i < count; i++) {
		struct flow *f = &flows[i];

		if (!f->established)
			continue;
		info = info_of(f->sender);
		fprintf(lines, "%.3f\t%d\t%.3f\t%u\t%.2f\t%u\t%.2f\n", since, i + 1,
			(f->read - f->at_line) * 8 / LINE / 1e6, info.old.tcpi_snd_cwnd,
			info.old.tcpi_rtt / 1e3, info.old.tcpi_total_retrans, queue);
		f->at_line = f->read;
	}
}

/*
 * Serves all flows every TICK until a time. To wake for each segment would take more
 * instructions than to forward it. Returns the mean queue, bytes.
 */
static double run(double from, double until, double mbit)
{
	double tick = seconds(), line = tick + LINE, sum = 0;
	uint32_t queue, ticks = 0;
	int i;

	while (tick < until) {
		sleep_until(tick);
		for (i = 0; i < count; i++)
			serve(&flows[i]);
		queue = backlog();
		sum += queue;
		ticks++;
		if (tick >= line) {
			print_lines(tick - from, queue * 8 / mbit / 1e3);
			line += LINE;
		}
		/* A tick that is late is not made up for. */
		while (tick <= seconds())
			tick += TICK;
	}
	return sum / ticks;
}

static double cpu(void)
{
	uint64_t user, nice, system, idle, iowait, irq, softirq;
	FILE *f = fopen("/proc/stat", "r");

	if (!f || fscanf(f, "cpu %lu %lu %lu %lu %lu %lu %lu", &user, &nice, &system, &idle,
			 &iowait, &irq, &softirq) != 7)
		err(1, "/proc/stat");
	fclose(f);
	return (double)(idle + iowait) / sysconf(_SC_CLK_TCK);
}

static void bulk(double mbit, double duration)
{
	double from = seconds(), begin, elapsed, queue, idle;
	uint64_t again, total = 0;
	int i;

	open_bottleneck();
	for (i = 0; i < count; i++)
		listen_for(&flows[i], PORT + i);
	for (i = 0; i < count; i++) {
		connect_to(&flows[i], PORT + i, SOCK_NONBLOCK);
		if (i + 1 < count)
			run(from, from + i + 1, mbit);
	}
	while (!flows[count - 1].established)
		run(from, seconds() + TICK, mbit);
	begin = seconds();
	idle = cpu();
	again = duplicates();
	for (i = 0; i < count; i++)
		flows[i].at_begin = flows[i].read;
	queue = run(from, begin + duration, mbit);
	elapsed = seconds() - begin;
	idle = cpu() - idle;
	again = duplicates() - again;
	for (i = 0; i < count; i++) {
		struct info info = info_of(flows[i].sender);

		total += flows[i].read - flows[i].at_begin;
		printf("goodput\t%.3f\n",
		       (flows[i].read - flows[i].at_begin) * 8 / elapsed / 1e6);
		printf("retrans\t%.1f\n", info.bytes_sent ?
		       1e6 * info.bytes_retrans / info.bytes_sent : 0);
	}
	printf("again\t%.1f\n", total ? 1e6 * again * MSS / total : 0);
	printf("queue\t%.3f\n", queue * 8 / mbit / 1e3);
	printf("cpu\t%.0f\n", 100 * (1 - idle / elapsed));
}

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

/* ms until BYTES of one flow were read */
static double one_short(struct flow *f, uint64_t bytes)
{
	uint64_t sent = 0;
	double begin;
	ssize_t n;

	f->read = 0;
	f->receiver = -1;
	connect_to(f, PORT, 0);
	begin = seconds();
	while (f->read < bytes) {
		struct pollfd fds[] = {
			{ sent < bytes ? f->sender : -1, POLLOUT, 0 },
			{ f->receiver < 0 ? f->listener : f->receiver, POLLIN, 0 },
		};

		if (poll(fds, 2, 300000) <= 0)
			errx(1, "no progress in 300 s");
		if (fds[0].revents) {
			n = bytes - sent < CHUNK ? bytes - sent : CHUNK;
			n = send(f->sender, buffer, n, MSG_DONTWAIT | MSG_NOSIGNAL);
			if (n < 0 && errno != EAGAIN)
				err(1, "send");
			sent += n > 0 ? n : 0;
		}
		if (fds[1].revents && f->receiver < 0)
			f->receiver = accept(f->listener, NULL, NULL);
		else if (fds[1].revents)
			receive_all(f);
	}
	begin = seconds() - begin;
	if (lines)
		fprintf(lines, "%.3f\t%u\n", begin * 1e3,
			info_of(f->sender).old.tcpi_total_retrans);
	close(f->sender);
	close(f->receiver);
	usleep(GAP * 1e6);
	return begin * 1e3;
}

static void series(int times, uint64_t bytes)
{
	double *time = calloc(times, sizeof(*time)), sum = 0;
	int slow = times / 50 ? times / 50 : 1, i;

	listen_for(&flows[0], PORT);
	for (i = 0; i < times; i++)
		sum += time[i] = one_short(&flows[0], bytes);
	qsort(time, times, sizeof(*time), by_value);
	printf("mean\t%.3f\n", sum / times);
	printf("p99\t%.3f\n", time[(times - 1) * 99 / 100]);
	for (sum = 0, i = times - slow; i < times; i++)
		sum += time[i];
	printf("slowest\t%.3f\n", sum / slow);
	free(time);
}

int main(int argc, char **argv)
{
	const char *usage = "Usage: net-flows [-o FILE] bulk MBIT SECONDS PAIR...\n"
			    "       net-flows [-o FILE] short COUNT BYTES PAIR";
	int i;

	if (argc > 2 && !strcmp(argv[1], "-o")) {
		lines = fopen(argv[2], "w");
		if (!lines)
			err(1, "%s", argv[2]);
		argv += 2;
		argc -= 2;
	}
	if (argc < 5 || argc > 4 + MAX_FLOWS || atof(argv[2]) <= 0 || atof(argv[3]) <= 0)
		errx(2, "%s", usage);
	for (i = 4; i < argc; i++)
		parse_pair(&flows[count++], argv[i]);
	if (!strcmp(argv[1], "bulk"))
		bulk(atof(argv[2]), atof(argv[3]));
	else if (!strcmp(argv[1], "short") && count == 1)
		series(atoi(argv[2]), atoi(argv[3]));
	else
		errx(2, "%s", usage);
	return 0;
}
