// SPDX-License-Identifier: GPL-2.0
/*
 * The state by segment matrix: each case of matrix.tsv, which matrix/generate.py
 * writes, brings a connection into a state, injects a segment, and compares the
 * answer and the resulting state with the oracle. -h lists the options.
 */
#define _GNU_SOURCE
#define XTCP_NO_HARNESS
#include "lib/xtcp_test.h"

#include <getopt.h>
#include <libgen.h>
#include <limits.h>

#include "kselftest.h"
#include "lib/wire.h"

#define HELD_PORT	9878	/* bound, no listener: CLOSED */
#define PEER_WINDOW	60
#define SILENCE_MS	60	/* longer than a delayed ACK, shorter than an RTO */
#define SHOWN		20	/* failures printed in full, one per point */
#define COLUMNS		17

/* Input, and expected output. */
struct step {
	char *in, *out, *next;
	int bytes;
	int eof;		/* -1: not compared */
	int error;
};

struct matrix_case {
	char *id, *state;
	uint32_t isn;
	int window;
	int steps;
	struct step step[2];
};

struct matrix {
	struct wire w;
	int lfd, held;
	int rfc1337;		/* /proc/sys/net/xtcp/rfc1337 */
	struct wire_flow *f;
	int fd;
	int received;		/* unread bytes after the set-up */
	uint32_t rcv_nxt;	/* latest ACK number of the stack */
	int shown;
	bool log;
};

#define TRY(condition) do {						\
	if (!(condition)) {						\
		fprintf(stderr, "# line %d: %s\n", __LINE__, #condition); \
		return -1;						\
	}								\
} while (0)

/* Segments, and the latest ACK number of the stack */

static int expect_one(struct matrix *m, const char *segment)
{
	if (wire_expect(m->f, "%s", segment))
		return -1;
	if (m->f->last.flags & WF_ACK && !(m->f->last.flags & WF_RST))
		m->rcv_nxt = m->f->last.ack;
	return 0;
}

static int inject_one(struct matrix *m, const char *segment)
{
	return wire_inject(m->f, "%s", segment);
}

/*
 * Expects segments, separated by "|". A new incarnation has an ISN beyond all
 * numbers of the old one (RFC 9293 3.6.1 (1)).
 */
static int expect_all(struct matrix *m, const char *segments)
{
	char room[256], *rest = room, *one;
	struct wire_seg *last = &m->f->last;

	if (!strcmp(segments, "-"))
		return 0;
	snprintf(room, sizeof(room), "%s", segments);
	while ((one = strsep(&rest, "|"))) {
		TRY(!expect_one(m, one));
		if (strchr(one, '*'))
			TRY((int32_t)(last->seq - m->f->iss) > 92);
	}
	return 0;
}

/* The states, by the names in matrix.tsv. */

static int window_is(struct matrix *m, int window)
{
	if (m->f->last.win == window)
		return 0;
	fprintf(stderr, "# the window is %u, and the cases are made for %d\n",
		m->f->last.win, window);
	return -1;
}

static int set_window(int fd, int window)
{
	return set_int(fd, SOL_SOCKET, SO_RCVBUF, window);
}

static int closed(struct matrix *m, const struct matrix_case *c)
{
	m->f->lport = HELD_PORT;
	return 0;
}

static int listening(struct matrix *m, const struct matrix_case *c)
{
	return 0;
}

static int syn_sent(struct matrix *m, const struct matrix_case *c)
{
	m->f->lport = 0;
	m->fd = wire_socket(&m->w);
	TRY(m->fd >= 0 && !set_window(m->fd, c->window));
	TRY(wire_connect(m->f, m->fd) == -EINPROGRESS);
	return expect_one(m, "S 0:0(0) <...>");
}

static int syn_received_active(struct matrix *m, const struct matrix_case *c)
{
	TRY(!syn_sent(m, c));
	TRY(!inject_one(m, "S 0:0(0) win 60 <mss 1460>"));
	TRY(!expect_one(m, "S. 0:0(0) ack 1 <...>"));
	return window_is(m, c->window);
}

static int syn_received_passive(struct matrix *m, const struct matrix_case *c)
{
	TRY(!inject_one(m, "S 0:0(0) win 60 <mss 1460>"));
	TRY(!expect_one(m, "S. 0:0(0) ack 1 <...>"));
	return window_is(m, c->window);
}

/*
 * 60 bytes are acknowledged, so an old ACK is for data that was sent; 30 are in
 * flight.
 */
static int established(struct matrix *m, const struct matrix_case *c)
{
	TRY(!syn_received_passive(m, c));
	TRY(!inject_one(m, ". 1:1(0) ack 1"));
	m->fd = wire_accept(m->lfd);
	TRY(m->fd >= 0);
	TRY(wire_write(m->f, m->fd, 60) == 60);
	TRY(!expect_one(m, "P. 1:61(60) ack 1"));
	TRY(!inject_one(m, ". 1:1(0) ack 61"));
	TRY(wire_write(m->f, m->fd, 30) == 30);
	return expect_one(m, "P. 61:91(30) ack 1");
}

static int established_full(struct matrix *m, const struct matrix_case *c)
{
	char acked[80];

	TRY(!established(m, c));
	TRY(!wire_inject(m->f, "P. 1:1(%d) ack 61", c->window));
	snprintf(acked, sizeof(acked), "+0ms..60ms . 91:91(0) ack %d win 0", c->window + 1);
	m->received = c->window;
	return expect_one(m, acked);
}

static int fin_wait_1(struct matrix *m, const struct matrix_case *c)
{
	TRY(!established(m, c));
	TRY(!shutdown(m->fd, SHUT_WR));
	return expect_one(m, "F. 91:91(0) ack 1");
}

static int fin_wait_2(struct matrix *m, const struct matrix_case *c)
{
	TRY(!fin_wait_1(m, c));
	return inject_one(m, ". 1:1(0) ack 92");
}

static int close_wait(struct matrix *m, const struct matrix_case *c)
{
	TRY(!established(m, c));
	TRY(!inject_one(m, "F. 1:1(0) ack 61"));
	return expect_one(m, "+0ms..60ms . 91:91(0) ack 2");
}

static int closing(struct matrix *m, const struct matrix_case *c)
{
	TRY(!fin_wait_1(m, c));
	TRY(!inject_one(m, "F. 1:1(0) ack 61"));
	return expect_one(m, "+0ms..60ms . 92:92(0) ack 2");
}

static int last_ack(struct matrix *m, const struct matrix_case *c)
{
	TRY(!close_wait(m, c));
	TRY(!shutdown(m->fd, SHUT_WR));
	return expect_one(m, "F. 91:91(0) ack 2");
}

static int time_wait(struct matrix *m, const struct matrix_case *c)
{
	TRY(!fin_wait_2(m, c));
	TRY(!inject_one(m, "F. 1:1(0) ack 92"));
	return expect_one(m, "+0ms..60ms . 92:92(0) ack 2");
}

static const struct state {
	const char *name;
	int (*bring)(struct matrix *m, const struct matrix_case *c);
	int number;		/* in TCP_INFO; 0: no socket */
	int proc;		/* afterwards, in /proc/net/xtcp; 0: no line */
} states[] = {
	{ "CLOSED",		 closed,	       0,		0 },
	{ "LISTEN",		 listening,	       0,		0 },
	{ "SYN-SENT",		 syn_sent,	       TCP_SYN_SENT,	0 },
	{ "SYN-RECEIVED/passive", syn_received_passive, 0,		TCP_SYN_RECV },
	{ "SYN-RECEIVED/active", syn_received_active,  TCP_SYN_RECV,	0 },
	{ "ESTABLISHED",	 established,	       TCP_ESTABLISHED,	0 },
	{ "ESTABLISHED/full",	 established_full,     0,		0 },
	{ "FIN-WAIT-1",		 fin_wait_1,	       TCP_FIN_WAIT1,	0 },
	{ "FIN-WAIT-2",		 fin_wait_2,	       TCP_FIN_WAIT2,	0 },
	{ "CLOSE-WAIT",		 close_wait,	       TCP_CLOSE_WAIT,	0 },
	{ "CLOSING",		 closing,	       TCP_CLOSING,	0 },
	{ "LAST-ACK",		 last_ack,	       TCP_LAST_ACK,	0 },
	{ "TIME-WAIT",		 time_wait,	       0,		TCP_TIME_WAIT },
};

static const struct state *state_named(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(states); i++)
		if (!strcmp(states[i].name, name))
			return &states[i];
	return NULL;
}

/* The resulting state */

static int in_proc(struct matrix *m)
{
	return proc_state(XTCP, m->w.v6 ? AF_INET6 : AF_INET, m->f->lport, m->f->pport);
}

static int state_is(struct matrix *m, const struct state *want)
{
	int fd = m->fd < 0 ? wire_accept(m->lfd) : m->fd;
	int is = fd < 0 ? TCP_CLOSE : wire_state(fd);
	int wanted = want->number ?: TCP_CLOSE;

	m->fd = fd < 0 ? -1 : fd;
	if (is != wanted) {
		fprintf(stderr, "# state: wanted %s (%d), is %d\n", want->name, wanted, is);
		return -1;
	}
	is = want->number ? 0 : in_proc(m);
	if (is != want->proc)
		fprintf(stderr, "# /proc/net/xtcp: wanted %s (%d), is %d\n", want->name,
			want->proc, is);
	return is == want->proc ? 0 : -1;
}

static int user_is_told(struct matrix *m, const struct step *s)
{
	int error, bytes, end;

	if (m->fd < 0)
		return 0;
	error = wire_error(m->fd);
	if (error != s->error) {
		fprintf(stderr, "# SO_ERROR: wanted %d, is %d\n", s->error, error);
		return -1;
	}
	bytes = wire_read_sum(m->f, m->fd, 1 << 20);
	if (bytes != m->received + s->bytes) {
		fprintf(stderr, "# readable: wanted %d, is %d\n", m->received + s->bytes,
			bytes);
		return -1;
	}
	end = !wire_read(m->f, m->fd, 1);
	if (s->eof < 0 || s->eof == end)
		return 0;
	fprintf(stderr, "# end of file: wanted %d, is %d\n", s->eof, end);
	return -1;
}

static int take_step(struct matrix *m, const struct step *s)
{
	TRY(!inject_one(m, s->in));
	TRY(!expect_all(m, s->out));
	TRY(!wire_expect_none(m->f, SILENCE_MS));
	return state_is(m, state_named(s->next));
}

/* One case, from a new connection to its end */

static int run(struct matrix *m, const struct matrix_case *c)
{
	m->f = wire_flow(&m->w, WIRE_PORT);
	m->f->isn = c->isn;
	m->f->win = PEER_WINDOW;
	m->fd = -1;
	m->received = 0;
	if (state_named(c->state)->bring(m, c)) {
		fprintf(stderr, "# the state %s was not reached\n", c->state);
		return -1;
	}
	for (int i = 0; i < c->steps; i++)
		TRY(!take_step(m, &c->step[i]));
	TRY(!user_is_told(m, &c->step[c->steps - 1]));
	if (m->w.strays)
		fprintf(stderr, "# segments that belong to no connection\n");
	return m->w.failed || m->w.strays ? -1 : 0;
}

static void rfc1337(struct matrix *m, const char *value)
{
	if (pwrite(m->rfc1337, value, 1, 0) != 1)
		ksft_exit_fail_msg("net.xtcp.rfc1337: %s\n", strerror(errno));
}

/*
 * Ends the connection of a case. If it has no socket, a RST ends it; rfc1337
 * would ignore the RST in TIME-WAIT.
 */
static void clean_up(struct matrix *m)
{
	if (m->fd >= 0)
		wire_abort(m->fd);
	if (in_proc(m) > 0) {
		rfc1337(m, "0");
		wire_inject(m->f, "R =%u(0)", m->rcv_nxt);
		rfc1337(m, "1");
	}
	wire_forget(&m->w);
	m->w.failed = 0;
	m->w.strays = 0;
	m->w.nlog = 0;
}

/* Prints the output of a case only if it fails: all (@show), or one line. */
static int run_quietly(struct matrix *m, const struct matrix_case *c, bool show)
{
	FILE *real = stderr;
	char *said = NULL;
	size_t size;
	int failed;

	stderr = open_memstream(&said, &size);
	failed = run(m, c);
	if (m->log)
		wire_dump(&m->w);
	fclose(stderr);
	stderr = real;
	clean_up(m);
	if (failed && show && m->shown++ < SHOWN)
		printf("# %s %s\n# %s -> %s\n%s", m->w.v6 ? "v6" : "v4", c->id,
		       c->step[0].in, c->step[0].out, said);
	else if (failed)
		printf("# %s %s\n# %.*s\n", m->w.v6 ? "v6" : "v4", c->id,
		       (int)strcspn(said + 2, "\n"), said + 2);
	else if (m->log)
		fputs(said, stdout);
	free(said);
	return failed;
}

/* The file of cases */

static int error_named(const char *name)
{
	static const struct {
		const char *name;
		int number;
	} errors[] = {
		{ "-", 0 }, { "ECONNREFUSED", ECONNREFUSED },
		{ "ECONNRESET", ECONNRESET }, { "EPIPE", EPIPE },
	};

	for (size_t i = 0; i < ARRAY_SIZE(errors); i++)
		if (!strcmp(errors[i].name, name))
			return errors[i].number;
	ksft_exit_fail_msg("unknown error in the matrix: %s\n", name);
}

static void read_step(struct step *s, char **column)
{
	s->in = column[0];
	s->out = column[1];
	s->next = column[2];
	s->bytes = atoi(column[3]);
	s->eof = *column[4] == '-' ? -1 : atoi(column[4]);
	s->error = error_named(column[5]);
	if (!state_named(s->next))
		ksft_exit_fail_msg("unknown state in the matrix: %s\n", s->next);
}

static void read_case(struct matrix_case *c, char *line)
{
	char *column[COLUMNS], *one;
	int n = 0;

	line[strcspn(line, "\n")] = 0;
	while (n < COLUMNS && (one = strsep(&line, "\t")))
		column[n++] = one;
	if (n != COLUMNS || line)
		ksft_exit_fail_msg("wrong number of columns in the matrix\n");
	c->id = column[0];
	c->state = column[1];
	c->isn = strtoul(column[2], NULL, 0);
	c->window = atoi(column[3]);
	read_step(&c->step[0], column + 4);
	c->steps = strcmp(column[10], "-") ? 2 : 1;
	if (c->steps == 2)
		read_step(&c->step[1], column + 10);
}

/* The selected cases, in memory before the first one starts. */
static int read_matrix(const char *path, const char *only, bool exact,
		       struct matrix_case **cases)
{
	FILE *in = fopen(path, "r");
	char *line = NULL;
	size_t room = 0;
	int n = 0;

	if (!in)
		ksft_exit_fail_msg("%s: %s: make -C selftests writes it\n", path,
				   strerror(errno));
	*cases = NULL;
	for (bool head = true; getline(&line, &room, in) > 0; head = false) {
		size_t len = strcspn(line, "\t");

		if (head || strncmp(line, only, strlen(only)) ||
		    (exact && len != strlen(only)))
			continue;
		if (!(n & (n - 1)))
			*cases = realloc(*cases, 2 * (n + 1) * sizeof(**cases));
		read_case(&(*cases)[n++], strdup(line));
	}
	free(line);
	fclose(in);
	if (!n)
		ksft_exit_fail_msg("%s has no case %s\n", path, only);
	return n;
}

/* A point is all cases of one state and one kind of segment: STATE:SEGMENT:... */

static int length_of_point(const struct matrix_case *c)
{
	return strchr(strchr(c->id, ':') + 1, ':') - c->id;
}

static bool same_point(const struct matrix_case *a, const struct matrix_case *b)
{
	int n = length_of_point(a);

	return n == length_of_point(b) && !strncmp(a->id, b->id, n);
}

static int points(const struct matrix_case *cases, int n)
{
	int count = n > 0;

	for (int i = 1; i < n; i++)
		count += !same_point(&cases[i - 1], &cases[i]);
	return count;
}

static void run_all(struct matrix *m, const struct matrix_case *cases, int n)
{
	for (int i = 0, first, failed; i < n;) {
		failed = 0;
		for (first = i; i < n && same_point(&cases[first], &cases[i]); i++)
			failed += !!run_quietly(m, &cases[i], !failed);
		ksft_test_result(!failed, "matrix.%s.%.*s: %d of %d cases\n",
				 m->w.v6 ? "v6" : "v4", length_of_point(&cases[first]),
				 cases[first].id, i - first - failed, i - first);
	}
}

static void start(struct matrix *m, bool v6, int window)
{
	if (wire_start(&m->w, v6))
		ksft_exit_fail_msg("no tun device: run it as root, with xtcp.ko and tun loaded\n");
	m->rfc1337 = open("/proc/sys/net/xtcp/rfc1337", O_WRONLY);
	if (m->rfc1337 < 0)
		ksft_exit_fail_msg("net.xtcp.rfc1337: %s\n", strerror(errno));
	m->held = wire_socket(&m->w);
	m->lfd = wire_socket(&m->w);
	if (m->held < 0 || m->lfd < 0 || wire_bind(&m->w, m->held, HELD_PORT) ||
	    set_window(m->lfd, window) || wire_bind(&m->w, m->lfd, WIRE_PORT) ||
	    listen(m->lfd, 8))
		ksft_exit_fail_msg("no listener: %s\n", strerror(errno));
}

static void stop(struct matrix *m)
{
	close(m->held);
	close(m->lfd);
	close(m->rfc1337);
	wire_stop(&m->w);
}

static void usage(FILE *to)
{
	fputs("Usage: wire_matrix [-4 | -6] [-f FILE] [-c ID | -g BEGINNING]\n\n"
	      "Runs the cases of the state by segment matrix, STATE:SEGMENT:SEQ:ACK.\n"
	      "  -4, -6        one family only\n"
	      "  -f FILE       the matrix (default: matrix.tsv beside the program)\n"
	      "  -c ID         this case, and show its segments\n"
	      "  -g BEGINNING  all cases whose names begin with it, e.g. LAST-ACK:RST\n"
	      "Exit status: 0 if all cases match the oracle.\n", to);
}

static const char *beside_program(void)
{
	static char path[PATH_MAX + 20];
	ssize_t n = readlink("/proc/self/exe", path, PATH_MAX);

	path[n < 0 ? 0 : n] = 0;
	return strcat(dirname(path), "/matrix.tsv");
}

int main(int argc, char **argv)
{
	static struct matrix m;
	const char *file = NULL, *only = "";
	struct matrix_case *cases;
	int opt, n, plan, families = 3;

	while ((opt = getopt(argc, argv, "46f:c:g:h")) != -1) {
		switch (opt) {
		case '4':
		case '6':
			families = opt == '4' ? 1 : 2;
			break;
		case 'f':
			file = optarg;
			break;
		case 'c':
			m.log = true;
			only = optarg;
			break;
		case 'g':
			only = optarg;
			break;
		default:
			usage(opt == 'h' ? stdout : stderr);
			return opt == 'h' ? 0 : 2;
		}
	}
	ksft_print_header();
	if (!file)
		file = beside_program();
	n = read_matrix(file, only, m.log, &cases);
	plan = points(cases, n);
	if (families == 3)
		plan *= 2;
	ksft_set_plan(plan);
	for (int v6 = 0; v6 < 2; v6++) {
		if (!(families & (1 << v6)))
			continue;
		start(&m, v6, cases[0].window);
		run_all(&m, cases, n);
		stop(&m);
	}
	ksft_finished();
}
